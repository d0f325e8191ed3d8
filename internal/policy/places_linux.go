package policy

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// File holds the policies. Only root may have written it.
const File = "/etc/latchkey/policy.json"

func places() ([]place, error) { return readFile(File, 0) }

// readFile reads a file of policies that must belong to owner. No file: nothing is set.
func readFile(path string, owner uint32) ([]place, error) {
	fail := func(reason string) ([]place, error) { return nil, &Error{Place: path, Reason: reason} }
	// A FIFO would hold up the start: it is opened without waiting for its writer.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return fail("cannot be read by the user (its mode must be 0644, its folder's 0755)")
	}
	defer func() { _ = file.Close() }() // it is only read
	info, err := file.Stat()
	if err != nil {
		return fail("cannot be read")
	}
	owned, isKnown := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.Mode().IsRegular():
		return fail("is not a file")
	case !isKnown || owned.Uid != owner:
		return fail("does not belong to root")
	case info.Mode().Perm()&0o022 != 0:
		return fail("can be written by others than root (its mode must be 0644)")
	}
	values, err := readJSON(file)
	if err != nil {
		return fail(err.Error())
	}
	return []place{{path, values}}, nil
}
