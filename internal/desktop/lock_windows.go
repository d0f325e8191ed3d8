package desktop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// sharingViolation is the error for a file that is open without sharing.
const sharingViolation = syscall.Errno(32)

// lockDataDir locks a data folder for this process, until the file is closed or
// the process ends, however it ends. If another process has the lock, it is
// errDataDirInUse.
func lockDataDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	path := filepath.Join(dir, "in-use")
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, errDataDirInUse
	}
	if err != nil {
		return nil, &os.PathError{Op: "locking", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}
