// Package filemode reads from a file's mode who may open it. Windows has access lists
// instead: there a mode says nothing, and the folder decides.
//
// It never changes a mode.
package filemode

import (
	"io/fs"
	"runtime"
)

// IsKnown reports whether modes say who may open a file.
func IsKnown() bool { return runtime.GOOS != "windows" }

// IsOpenTo reports whether a file's mode has any of the given rights, as 0o077 for all but
// its owner.
func IsOpenTo(info fs.FileInfo, rights fs.FileMode) bool {
	return IsKnown() && info.Mode().Perm()&rights != 0
}
