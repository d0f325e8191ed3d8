package wizard

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/pages"
)

// visitorIP is the address a request comes from. X-Forwarded-For counts only as
// far as proxies are trusted.
func (s *core) visitorIP(r *http.Request) netip.Addr {
	peer := netip.Addr{}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil {
			peer = ip.Unmap()
		}
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(peer); i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = ip.Unmap()
	}
	return peer
}

func (s *core) trusted(ip netip.Addr) bool {
	for _, proxy := range s.proxies {
		if proxy.Contains(ip) {
			return true
		}
	}
	return false
}

// rejectToken answers a token that is none of ours. Only these count against an
// address: a client with a valid link is never delayed.
func (s *core) rejectToken(w http.ResponseWriter, r *http.Request) {
	if !s.guesses.allow(s.visitorIP(r)) {
		s.render(w, r, http.StatusTooManyRequests, pages.TryLater{Frame: s.neutralFrame(r), TooOften: true})
		return
	}
	s.render(w, r, http.StatusNotFound, pages.NotFound{Frame: s.neutralFrame(r)})
}
