//go:build unix

package desktop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lockDataDir locks a data folder for this process, until the file is closed or
// the process ends, however it ends. If another process has the lock, it is
// errDataDirInUse. A file system without locks is used without.
func lockDataDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "in-use"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		_ = file.Close() // nothing was written
		return nil, errDataDirInUse
	}
	return file, nil
}

// probeDataDir says whether lockDataDir would succeed in a folder that is there; it makes no
// file. The lock it tries is a shared one, let go at once.
func probeDataDir(dir string) error {
	file, err := os.OpenFile(filepath.Join(dir, "in-use"), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		const readWriteEnter = 7
		return syscall.Access(dir, readWriteEnter)
	}
	if err != nil {
		return fmt.Errorf("looking at the lock of the data folder: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return errDataDirInUse
	}
	return nil
}
