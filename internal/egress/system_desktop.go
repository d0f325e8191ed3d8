//go:build windows || darwin

package egress

import (
	"net/http"
	"net/url"

	"github.com/mattn/go-ieproxy"
)

// System chooses what the environment says, else what the system's settings say as they are
// at the start: a proxy, or a script that chooses one.
func System() Chooser {
	choose := ieproxy.GetProxyFunc()
	return remembered(func(target *url.URL) (*url.URL, error) { return choose(&http.Request{URL: target}) })
}
