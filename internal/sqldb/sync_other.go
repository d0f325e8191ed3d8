//go:build !unix

package sqldb

// syncFolder does nothing: Windows journals renames and cannot sync a folder.
func syncFolder(string) error { return nil }
