package system

import (
	"errors"
	"os/exec"

	"github.com/latchkeyhq/latchkey/internal/keychain"
)

// overwrites is zero: this system keeps nothing of what is deleted.
const overwrites = 0

func reachable() error { return nil }

// sentinelFor maps the exit code of /usr/bin/security: the last byte of the
// Security framework's result.
func sentinelFor(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return keychain.ErrAbsent
	}
	switch exit.ExitCode() {
	case 36: // errSecInteractionNotAllowed
		return keychain.ErrLocked
	case 51, 128: // errSecAuthFailed, userCanceled
		return keychain.ErrDenied
	}
	return keychain.ErrAbsent
}
