package relay

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/api"
	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/wizard"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// routes is the whole relay: hubs under /api/, everything else is the wizard's.
func routes(
	gate *ingress.Gate, hubs *api.Server, clients *wizard.Server, ready *readiness, proxies ingress.Proxies, https bool,
) http.Handler {
	of := ready.store
	mux := http.NewServeMux()
	mux.Handle("/api/", hubs)
	mux.HandleFunc("GET /healthz", showHealth(of.DB()))
	mux.Handle("GET /readyz", ready)
	mux.Handle("GET /checkup/{code}", doctor.Handler(of, proxies, clients))
	mux.Handle("/", clients)
	busy := http.NewServeMux()
	busy.HandleFunc("/api/", hubs.Busy)
	busy.HandleFunc("/", clients.Busy)
	return securityHeaders(gate.Handler(mux, busy), https)
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
