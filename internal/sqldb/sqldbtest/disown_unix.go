//go:build unix

package sqldbtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// disown runs cmd as another user if this process is root, and in another
// process group: an interrupt at the keyboard reaches only the tests, which
// then stop the server.
func disown(cmd *exec.Cmd, folder string) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return nil
	}
	other, err := user.Lookup("postgres")
	if err != nil {
		other, err = user.Lookup("nobody")
	}
	if err != nil {
		return fmt.Errorf("finding a user for the test cluster: %w", err)
	}
	uid, err := strconv.ParseUint(other.Uid, 10, 32)
	if err != nil {
		return fmt.Errorf("reading the number of the user %s: %w", other.Username, err)
	}
	gid, err := strconv.ParseUint(other.Gid, 10, 32)
	if err != nil {
		return fmt.Errorf("reading the group of the user %s: %w", other.Username, err)
	}
	if err := os.Chown(folder, int(uid), int(gid)); err != nil {
		return fmt.Errorf("giving the test cluster its folder: %w", err)
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return nil
}
