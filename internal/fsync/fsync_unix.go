//go:build unix

package fsync

import "os"

// Folder makes the names in a folder durable: what was created, linked, renamed
// or removed there.
func Folder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return syncAndClose(folder)
}
