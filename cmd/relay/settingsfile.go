package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// settingsFile is where the packages and docs/start.md put the settings.
const settingsFile = "/etc/latchkey/relay.env"

// maxSettingsFile bounds what is read, in bytes.
const maxSettingsFile = 1 << 20

// readSettingsFile adds the settings of a file to those of the environment, which go
// before them. The file is that of --env, or of LATCHKEY_ENV, or else settingsFile,
// where the environment has no setting of its own.
func (s *env) readSettingsFile() error {
	if s.fileRead {
		return nil
	}
	named, _ := s.lookup("LATCHKEY_ENV")
	path := s.file
	if path == "" {
		path = named
	}
	isDefault := path == ""
	if isDefault {
		if s.defaultFile == "" || slices.ContainsFunc(s.all, isSetting) {
			return nil
		}
		path = s.defaultFile
	}
	set, err := parseSettingsFile(path)
	if isDefault && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return explainSettingsFile(path, err)
	}
	environment := s.lookup
	s.lookup = func(name string) (string, bool) {
		if value, ok := environment(name); ok {
			return value, true
		}
		value, ok := set[name]
		return value, ok
	}
	for name, value := range set {
		s.all = append(s.all, name+"=")
		if _, there := environment(name); !there && !strings.HasPrefix(name, "LATCHKEY_") && s.setenv != nil {
			s.setenv(name, value) // HTTPS_PROXY, SSL_CERT_FILE and the like, which Go's libraries read there
		}
	}
	s.file, s.fileRead = path, true
	return nil
}

// readSettings reads all settings, of the file and of the environment.
func (s *env) readSettings() (settings, error) {
	if err := s.readSettingsFile(); err != nil {
		return settings{}, err
	}
	return readSettings(s.lookup, s.all)
}

// readPlace reads only where database and key file are.
func (s *env) readPlace() (settings, error) {
	if err := s.readSettingsFile(); err != nil {
		return settings{}, err
	}
	return readPlace(s.lookup, s.all)
}

// isSetting reports whether an entry of the environment is a setting of the relay.
func isSetting(entry string) bool {
	name, _, _ := strings.Cut(entry, "=")
	return strings.HasPrefix(name, "LATCHKEY_") && !strings.HasPrefix(name, "LATCHKEY_TEST_") &&
		name != "LATCHKEY_HUB_DATA" && name != "LATCHKEY_ENV"
}

func explainSettingsFile(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return configErrorf("There is no file of settings at %s.", path)
	case errors.Is(err, fs.ErrPermission):
		return configErrorf(
			"The settings at %s are closed to %s, who runs this command. Run it as the relay's user: sudo -u latchkey "+
				"latchkey-relay …", path, whoRuns(),
		)
	}
	var line *settingsLineError
	if errors.As(err, &line) {
		return configErrorf("Line %d of %s %s.", line.number, path, line.what)
	}
	return configErrorf("The settings at %s cannot be read.", path)
}

// settingsLineError is a line that systemd and the relay might read differently, or that
// neither can read. It does not hold the line: that may have a secret.
type settingsLineError struct {
	number int
	what   string
}

func (e *settingsLineError) Error() string { return fmt.Sprintf("line %d %s", e.number, e.what) }

// parseSettingsFile reads lines of NAME=value, as systemd's EnvironmentFile does. Empty
// lines and those that begin with # or ; mean nothing, and quotes around a whole value
// are taken off.
//
// https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=
func parseSettingsFile(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSettingsFile {
		return nil, errors.New("not a file of settings")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set := map[string]string{}
	for i, line := range strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t\"'$") {
			return nil, &settingsLineError{i + 1, "is not NAME=value; a comment has a line of its own that begins with #"}
		}
		if value, ok = unquote(strings.TrimSpace(value)); !ok {
			return nil, &settingsLineError{
				i + 1, "has a backslash or an unfinished quote in its value; a secret with one has a file of its own, which " +
					"the name with _FILE behind it names",
			}
		}
		if _, twice := set[name]; twice {
			return nil, &settingsLineError{i + 1, "sets " + name + " once more; keep one"}
		}
		set[name] = value
	}
	return set, nil
}

// unquote takes off quotes that are around a whole value. It fails for what systemd
// would change further.
func unquote(value string) (string, bool) {
	for _, quote := range []string{`"`, `'`} {
		inside, quoted := strings.CutPrefix(value, quote)
		if !quoted {
			continue
		}
		inside, ended := strings.CutSuffix(inside, quote)
		return inside, ended && !strings.ContainsAny(inside, quote+`\`)
	}
	return value, !strings.Contains(value, `\`)
}
