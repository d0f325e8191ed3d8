package wizard

import (
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
)

// tidyLinks redirects a link to which a sentence, a mail program or a tracker added
// characters to the link without them. A redirect counts as no guess.
func tidyLinks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			if tidy, changed := tidyPath(r.URL.Path); changed {
				_ = seeOther(w, r, tidy) // it never fails
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// rejectToken answers a token that is none of ours. Only these count against an
// address: a client with a valid link is never delayed.
func (s *core) rejectToken(w http.ResponseWriter, r *http.Request) {
	if !s.guesses.allow(ingress.Network(s.proxies.ClientAddr(r))) {
		s.render(w, r, http.StatusTooManyRequests, pages.TryLater{Frame: s.neutralFrame(r), TooOften: true})
		return
	}
	s.render(w, r, http.StatusNotFound, pages.NotFound{Frame: s.neutralFrame(r)})
}
