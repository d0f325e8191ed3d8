// Package fsync makes files and their names survive a power failure.
//
// It never writes any content.
package fsync

import (
	"os"
	"path/filepath"
)

// File makes what was written to a file durable, whoever wrote it.
func File(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return syncAndClose(file)
}

// Rename gives a synced file another name, durably.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return Folder(filepath.Dir(to))
}

func syncAndClose(file *os.File) error {
	if err := file.Sync(); err != nil {
		_ = file.Close() // the first error is the one to report
		return err
	}
	return file.Close()
}
