package wizard

import (
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
)

// rejectToken answers a token that is none of ours. Only these count against an
// address: a client with a valid link is never delayed.
func (s *core) rejectToken(w http.ResponseWriter, r *http.Request) {
	if !s.guesses.allow(ingress.Network(s.proxies.ClientAddr(r))) {
		s.render(w, r, http.StatusTooManyRequests, pages.TryLater{Frame: s.neutralFrame(r), TooOften: true})
		return
	}
	s.render(w, r, http.StatusNotFound, pages.NotFound{Frame: s.neutralFrame(r)})
}
