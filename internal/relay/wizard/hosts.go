package wizard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/pages"
)

// Domains knows the agencies that are served at domains of their own.
type Domains interface {
	// AgencyAt is the agency whose domain a Host header names; false: it is none's.
	AgencyAt(ctx context.Context, header string) (agency string, found bool)
	// Origin is the address of a domain, without a slash at its end.
	Origin(name string) string
}

// noDomains: no agency has one.
type noDomains struct{}

func (noDomains) AgencyAt(context.Context, string) (string, bool) { return "", false }
func (noDomains) Origin(string) string                            { return "" }

// hostScope is the address at which a browser asks.
type hostScope struct {
	agency string // whose domain it is; empty: it is the relay's own address
	origin string // without a slash at its end
	host   string // as the address bar shows it
	name   string // the domain; empty: it is the relay's own address
}

type hostScopeKey struct{}

// at is the address at which a browser asks.
func (s *core) at(r *http.Request) hostScope {
	if scope, known := r.Context().Value(hostScopeKey{}).(hostScope); known {
		return scope
	}
	return hostScope{origin: s.origin, host: s.host}
}

// serves reports whether what is an agency's can be opened at the address at which a browser
// asks: an agency's own domain opens nothing of another.
func (s *core) serves(r *http.Request, agency string) bool {
	at := s.at(r)
	return at.agency == "" || at.agency == agency
}

// ofDomains are the first parts of the paths that exist at an agency's own domain.
func ofDomains() []string {
	return []string{
		"/r/", "/w/", "/l/", "/callback/", assetsPath, brandPath, logoPath, touchPath, touchPath + ".css", "/help",
		robotsPath,
	}
}

// scopeHost finds whose domain a browser asks at. There, nothing exists but pages of links.
func (s *core) scopeHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agency, found := s.domains.AgencyAt(r.Context(), r.Host)
		if !found {
			next.ServeHTTP(w, r)
			return
		}
		scope := hostScope{agency: agency, name: hostName(r.Host)}
		scope.origin = s.domains.Origin(scope.name)
		if u, err := url.Parse(scope.origin); err == nil {
			scope.host = u.Host
		}
		r = r.WithContext(context.WithValue(r.Context(), hostScopeKey{}, scope))
		exists := func(path string) bool {
			return r.URL.Path == path || strings.HasSuffix(path, "/") && strings.HasPrefix(r.URL.Path, path)
		}
		if !slices.ContainsFunc(ofDomains(), exists) {
			s.render(w, r, http.StatusNotFound, pages.NotFound{Frame: s.neutralFrame(r)})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName is the domain that a Host header names, which is one.
func hostName(header string) string {
	name, _, _ := strings.Cut(header, ":")
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// documents are the operator's texts below a page. They are at the relay's own address.
func (s *core) documents(at hostScope) []pages.DocumentLink {
	documents := pages.Documents()
	if at.agency != "" {
		for i := range documents {
			documents[i].Address = s.origin + documents[i].Address
		}
	}
	return documents
}

// withOrigin makes a path of a visit an address at the domain that the visit is at.
func withOrigin(origin, path string) string {
	if path == "" {
		return ""
	}
	return origin + path
}
