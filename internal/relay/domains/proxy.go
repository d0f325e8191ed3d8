package domains

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ProofPath is where a relay shows at an agency's domain that it serves it.
const ProofPath = "/.well-known/latchkey"

// askTimeout is how long a proxy may take.
const askTimeout = 15 * time.Second

// AskProxy is a Preparer for a relay behind a proxy: it asks for the domain as a browser
// does, where the relay's own address leads. So nothing else is called, wherever the domain
// leads meanwhile.
func (s *Service) AskProxy(ctx context.Context, d onboarding.Domain) (onboarding.DomainProblem, string) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	port := s.address.Port()
	if port == "" {
		port = s.address.Scheme // net knows the ports of http and https
	}
	dialer := &net.Dialer{}
	client := &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, net.JoinHostPort(s.records.relay, port))
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Origin(d.Name)+ProofPath, nil)
	if err != nil {
		return onboarding.DomainUnreachable, ""
	}
	answer, err := client.Do(request)
	if err != nil {
		return onboarding.DomainUnreachable, ""
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxFound))
	if err != nil || answer.StatusCode != http.StatusOK || strings.TrimSpace(string(text)) != d.Token {
		return onboarding.DomainUnreachable, ""
	}
	return "", ""
}

// HandleProof shows the token of the domain that a browser asks at: whoever can read it in
// the DNS may read it here.
func (s *Service) HandleProof(w http.ResponseWriter, r *http.Request) {
	agency, found := s.AgencyAt(r.Context(), r.Host)
	d, err := s.store.Domains.Get(r.Context(), agency)
	if !found || err != nil || d.Name != HostOf(r.Host) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, d.Token+"\n") // the caller has gone
}

// HandleAllowed answers a proxy that asks whether it may fetch a certificate for a name:
// 200, or 404. trusted reports whether a request comes from the proxy itself.
func (s *Service) HandleAllowed(trusted func(r *http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("domain")
		if _, found := s.AgencyAt(r.Context(), name); !found || !trusted(r) {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(http.StatusOK)
	}
}
