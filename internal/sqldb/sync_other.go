//go:build !unix

package sqldb

// syncFolder does nothing where a folder cannot be synced: Windows writes
// renames through its own journal.
func syncFolder(string) error { return nil }
