package window

import (
	"errors"
	"net/url"

	"github.com/latchkeyhq/latchkey/internal/loopback"
)

// browsable permits only https, and http on loopback.
func browsable(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return errors.New("this is not an address to open in the browser")
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback.Host(u.Hostname()) {
		return nil
	}
	return errors.New("only https addresses are opened in the browser")
}
