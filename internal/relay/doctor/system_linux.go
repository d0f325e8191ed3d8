package doctor

import "syscall"

// timeError is what adjtimex returns while the clock is not synchronised.
// https://man7.org/linux/man-pages/man2/adjtimex.2.html
const timeError = 5

// clockSynchronised reports whether the system's clock follows a time server.
func clockSynchronised() (synchronised, known bool) {
	state, err := syscall.Adjtimex(&syscall.Timex{})
	return state != timeError, err == nil
}

// freeSpace is how many bytes the relay's user can still write in a folder.
func freeSpace(folder string) (free int64, known bool) {
	var space syscall.Statfs_t
	if err := syscall.Statfs(folder, &space); err != nil {
		return 0, false
	}
	return int64(space.Bavail) * space.Bsize, true
}
