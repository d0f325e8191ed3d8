package keychain

import (
	"errors"
	"syscall"
)

func reachable() error { return nil }

// meaning reads the codes of the Credential Manager.
func meaning(err error) error {
	var code syscall.Errno
	if errors.As(err, &code) && code == syscall.ERROR_ACCESS_DENIED {
		return ErrDenied
	}
	return ErrAbsent
}
