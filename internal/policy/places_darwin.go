package policy

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
)

// domain is the file name of the settings: the id of the program.
const domain = "com.latchkeyhq.latchkey.plist"

// places are what a configuration profile manages for the user and for the computer, and
// what an administrator preset with `defaults write`.
func places() ([]place, error) {
	const managed = "/Library/Managed Preferences"
	var list []place
	files := []string{filepath.Join(managed, domain), filepath.Join("/Library/Preferences", domain)}
	if person, err := user.Current(); err == nil {
		files = append([]string{filepath.Join(managed, person.Username, domain)}, files...)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, &Error{Place: path, Reason: "cannot be read"}
		}
		values, err := readPlist(text)
		if err != nil {
			return nil, &Error{Place: path, Reason: err.Error()}
		}
		list = append(list, place{path, values})
	}
	return list, nil
}
