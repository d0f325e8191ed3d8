package system

import (
	"errors"
	"syscall"

	"github.com/latchkeyhq/latchkey/internal/keychain"
)

func reachable() error { return nil }

// meaning reads the codes of the Credential Manager.
func meaning(err error) error {
	var code syscall.Errno
	if errors.As(err, &code) && code == syscall.ERROR_ACCESS_DENIED {
		return keychain.ErrDenied
	}
	return keychain.ErrAbsent
}
