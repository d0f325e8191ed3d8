//go:build !unix

package sqldbtest

import (
	"errors"
	"os/exec"
)

// disown refuses: on Windows the tests run in WSL.
func disown(*exec.Cmd, string) error {
	return errors.New("the tests start PostgreSQL on Unix only: set " + Variable)
}
