package egress

import (
	"net/url"
	"strings"
	"sync"
	"time"
)

// rememberedFor is how long an answer of the system's is used: a script takes time, and
// looking for one that the network announces takes seconds.
const rememberedFor = time.Minute

// remembered asks once a minute for each host, without the rest of its address: a script that
// chooses the proxy is shown no path.
func remembered(choose Chooser) Chooser {
	type answer struct {
		proxy *url.URL
		until time.Time
	}
	var mu sync.Mutex
	answers := map[string]answer{}
	return func(target *url.URL) (*url.URL, error) {
		origin := url.URL{Scheme: target.Scheme, Host: target.Host, Path: "/"}
		mu.Lock()
		known, isKnown := answers[origin.String()]
		mu.Unlock()
		if isKnown && time.Now().Before(known.until) {
			return known.proxy, nil
		}
		proxy, err := choose(&origin)
		if err != nil {
			return nil, err
		}
		proxy = whole(proxy)
		mu.Lock()
		answers[origin.String()] = answer{proxy, time.Now().Add(rememberedFor)}
		mu.Unlock()
		return proxy, nil
	}
}

// whole is a proxy with its scheme. A system may name one by host and port alone, and more
// than one: then the first is used.
func whole(proxy *url.URL) *url.URL {
	if proxy == nil || proxy.Host == "" {
		return nil
	}
	first, _, _ := strings.Cut(proxy.Host, " ")
	first, _, _ = strings.Cut(first, ";")
	found := url.URL{Scheme: proxy.Scheme, User: proxy.User, Host: first}
	if found.Scheme == "" {
		found.Scheme = "http"
	}
	return &found
}
