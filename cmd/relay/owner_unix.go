//go:build unix

package main

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// isForeignDir refuses to let root write a file where another user's relay would
// then be unable to read it.
func isForeignDir(path string) error {
	info, err := os.Stat(path)
	for err != nil && filepath.Dir(path) != path { // not there yet: its folder's owner counts
		path = filepath.Dir(path)
		info, err = os.Stat(path)
	}
	if err != nil || os.Geteuid() != 0 {
		return nil // what anybody else may not do, the system refuses
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 {
		return nil
	}
	owner := strconv.FormatUint(uint64(stat.Uid), 10)
	name := "#" + owner
	if found, err := user.LookupId(owner); err == nil {
		name = found.Username
	}
	return configErrorf(
		"%s belongs to the user %s, whose relay could not read what root writes there. Run this as that user: sudo -u %s",
		path, name, name,
	)
}
