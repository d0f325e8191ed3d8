package system

import (
	"errors"
	"syscall"

	"github.com/latchkeyhq/latchkey/internal/keychain"
)

// overwrites is zero: this system keeps nothing of what is deleted.
const overwrites = 0

func reachable() error { return nil }

// sentinelFor maps the error codes of the Credential Manager.
func sentinelFor(err error) error {
	var code syscall.Errno
	if errors.As(err, &code) && code == syscall.ERROR_ACCESS_DENIED {
		return keychain.ErrDenied
	}
	return keychain.ErrAbsent
}
