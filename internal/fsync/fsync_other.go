//go:build !unix

package fsync

// Folder does nothing: Windows journals renames and cannot sync a folder.
func Folder(string) error { return nil }
