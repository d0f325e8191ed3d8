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

// probeDataDir says whether lockDataDir would succeed in a folder that is there; it makes no
// file.
func probeDataDir(dir string) error {
	path := filepath.Join(dir, "in-use")
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return fmt.Errorf("looking at the lock of the data folder: %w", err)
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ,
		syscall.FILE_SHARE_READ|syscall.FILE_SHARE_WRITE|syscall.FILE_SHARE_DELETE, nil,
		syscall.OPEN_EXISTING, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, sharingViolation):
		return errDataDirInUse
	case errors.Is(err, syscall.ERROR_FILE_NOT_FOUND):
		return nil
	case err != nil:
		return &os.PathError{Op: "looking at", Path: path, Err: err}
	}
	return syscall.CloseHandle(handle)
}
