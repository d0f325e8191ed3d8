//go:build unix

package sqldb

import "os"

// syncFolder makes a rename in the folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := folder.Sync(); err != nil {
		_ = folder.Close() // the first error is the one to report
		return err
	}
	return folder.Close()
}
