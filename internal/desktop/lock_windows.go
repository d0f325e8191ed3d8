package desktop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// sharingViolation is what Windows answers for a file that its user shares
// with nobody.
const sharingViolation = syscall.Errno(32)

// lockDataDir makes this the one program that uses a data folder, until the file is
// closed or the program ends, however it ends. It is errDataDirInUse where another
// one does.
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
