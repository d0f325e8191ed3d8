package system

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/keychain"
)

// overwrites is how often an entry is overwritten before it is deleted. KeePassXC
// moves what is deleted into its recycle bin, together with the last ten values
// of the entry, unless the user has set another number.
const overwrites = 12

// reachable fails if no session bus is configured: the D-Bus library would
// launch one, which outlives the program.
func reachable() error {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return nil
	}
	runtime := os.Getenv("XDG_RUNTIME_DIR")
	if runtime == "" {
		runtime = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	if _, err := os.Stat(filepath.Join(runtime, "bus")); err != nil {
		return keychain.WithDetail(keychain.ErrAbsent, "there is no D-Bus session")
	}
	return nil
}

// sentinelFor maps the errors of the Secret Service and D-Bus, which are text.
func sentinelFor(err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "unlock"),
		strings.Contains(text, "IsLocked"),
		strings.Contains(text, "Cannot create an item in a locked collection"):
		return keychain.ErrLocked
	case strings.Contains(text, "dismissed"), strings.Contains(text, "AccessDenied"), strings.Contains(text, "denied"):
		return keychain.ErrDenied
	}
	return keychain.ErrAbsent
}
