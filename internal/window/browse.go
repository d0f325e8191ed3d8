package window

import (
	"errors"
	"net"
	"net/url"
)

// browsable permits only https, and http on loopback.
func browsable(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return errors.New("this is not an address to open in the browser")
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return errors.New("only https addresses are opened in the browser")
}
