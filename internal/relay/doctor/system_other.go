//go:build !linux

package doctor

// clockSynchronised is known on Linux alone.
func clockSynchronised() (synchronised, known bool) { return false, false }

// freeSpace is known on Linux alone.
func freeSpace(string) (free int64, known bool) { return 0, false }
