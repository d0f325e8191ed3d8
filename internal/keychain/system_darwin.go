package keychain

import (
	"errors"
	"os/exec"
)

func reachable() error { return nil }

// meaning reads the exit codes of /usr/bin/security: the last byte of the
// Security framework's result.
func meaning(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return ErrAbsent
	}
	switch exit.ExitCode() {
	case 36: // errSecInteractionNotAllowed
		return ErrLocked
	case 51, 128: // errSecAuthFailed, the person said no
		return ErrDenied
	}
	return ErrAbsent
}
