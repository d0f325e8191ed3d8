//go:build !windows && !darwin

package egress

import (
	"net/http"
	"net/url"
)

// System chooses what the environment says: HTTPS_PROXY and NO_PROXY, as they are at the
// first call.
func System() Chooser {
	return func(target *url.URL) (*url.URL, error) { return http.ProxyFromEnvironment(&http.Request{URL: target}) }
}
