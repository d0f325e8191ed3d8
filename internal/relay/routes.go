package relay

import (
	"context"
	"maps"
	"net/http"
	"net/netip"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/wizard"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// routes is the whole relay: hubs under /api/, everything else is the wizard's. At an
// agency's own domain all is the wizard's.
func (s *Relay) routes(clients *wizard.Server, proxies ingress.Proxies, https bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/", s.api)
	mux.HandleFunc("GET /healthz", showHealth(s.store.DB()))
	mux.Handle("GET /readyz", s.ready)
	mux.Handle("GET /checkup/{code}", doctor.Handler(s.store, proxies, clients))
	if s.domains != nil {
		mux.HandleFunc("GET /domain-allowed", s.domains.HandleAllowed(func(r *http.Request) bool {
			return isProxy(proxies, r)
		}))
	}
	mux.Handle("/", clients)
	busy := http.NewServeMux()
	busy.HandleFunc("/api/", s.api.Busy)
	busy.HandleFunc("/", clients.Busy)
	return securityHeaders(s.gate.Handler(
		s.byHost(mux, clients), s.byHost(busy, http.HandlerFunc(clients.Busy)),
	), https)
}

// byHost has a handler of its own answer at the agencies' domains.
func (s *Relay) byHost(own, ofDomains http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, found := s.domains.AgencyAt(r.Context(), r.Host)
		switch {
		case found && r.URL.Path == domains.ProofPath && r.Method == http.MethodGet:
			s.domains.HandleProof(w, r)
		case found:
			ofDomains.ServeHTTP(w, r)
		default:
			own.ServeHTTP(w, r)
		}
	})
}

// isProxy reports whether a request comes from a proxy in front, or from this machine, for
// itself and not for a browser.
func isProxy(proxies ingress.Proxies, r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || r.Header.Get("X-Forwarded-For") != "" {
		return false
	}
	return peer.Addr().Unmap().IsLoopback() || proxies.Trust(peer.Addr().Unmap())
}

// showHealth replies ok while the database works, and nothing more: a load
// balancer passes over one that cannot serve.
func showHealth(db *sqldb.DB) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		var one int
		if err := db.QueryRowContext(ctx, `SELECT 1`).Scan(&one); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("not ok\n")) // the client has disconnected
			return
		}
		_, _ = w.Write([]byte("ok\n")) // the client has disconnected
	}
}

// securityHeaders has every response carry what keeps it safe, also those to
// hubs, and the redirects and refusals of Go's own routing. Only pages may load
// anything: they have a policy of their own.
func securityHeaders(next http.Handler, https bool) http.Handler {
	headers := http.Header{
		"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
		"Referrer-Policy":              {"same-origin"},
		"Cache-Control":                {"no-store"},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), microphone=(), geolocation=(), payment=()"},
		"X-Robots-Tag":                 {"noindex, nofollow"},
	}
	if https {
		headers.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// All responses share the values: Set and Add replace them, and never write into one.
		maps.Copy(w.Header(), headers)
		next.ServeHTTP(w, r)
	})
}
