// Package certs serves the relay's own TLS: with certificates that it fetches from
// a certificate authority and stores in the relay's database, or with those of files.
//
// A private key is in the database only as the key file sealed it. No authority is
// asked for a name other than the relay's own, and those of agencies that were verified.
package certs

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// challengeProtocol is what an authority asks for when it looks at a certificate to
// see whose the name is (RFC 8737).
const challengeProtocol = "acme-tls/1"

// Domains knows the agencies' own domains: each is served with a certificate of its own.
type Domains interface {
	// AgencyAt is the agency whose domain a Host header names; false: it is none's.
	AgencyAt(ctx context.Context, header string) (agency string, found bool)
	// Origin is the address of a domain.
	Origin(name string) string
	// Names are all domains.
	Names(ctx context.Context) ([]string, error)
}

// site is the public address that is served.
type site struct {
	host    string  // as browsers send it: ASCII, without a port
	base    string  // https://host, with a port that is not the usual one
	domains Domains // served beside it; nil: none
}

// isDomain reports whether a Host header names an agency's domain.
func (s site) isDomain(ctx context.Context, header string) bool {
	if s.domains == nil {
		return false
	}
	_, found := s.domains.AgencyAt(ctx, header)
	return found
}

func newSite(address string) (site, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return site{}, fmt.Errorf("serving %s with TLS: it is no https address", address)
	}
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return site{}, fmt.Errorf("serving %s with TLS: %w", address, err)
	}
	base := "https://" + bracketed(host)
	if port := u.Port(); port != "" && port != "443" {
		base += ":" + port
	}
	return site{host: host, base: base}, nil
}

// CheckAddress returns an error for an address that cannot be served with TLS.
func CheckAddress(address string) error {
	_, err := newSite(address)
	return err
}

// asciiHost is a host as it is in certificates and in what browsers send.
func asciiHost(host string) (string, error) {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if net.ParseIP(host) != nil {
		return host, nil
	}
	return idna.Lookup.ToASCII(host)
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// isOwn reports whether a Host header names this site, with whatever port.
func (s site) isOwn(header string) bool { return nameOf(header) == s.host }

// nameOf is the host that a Host header names.
func nameOf(header string) string {
	host := header
	if h, _, err := net.SplitHostPort(header); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// answers reports whether a handshake is for this site. Without a name it is: who
// calls an IP address sends none.
func (s site) answers(serverName string) bool {
	return serverName == "" || strings.EqualFold(serverName, s.host)
}

// tlsConfig serves what certificate returns. For another site it must return neither
// a certificate nor an error: Go then answers that it does not know the name.
func (s site) tlsConfig(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1", challengeProtocol},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			var none *tls.Certificate
			if !s.answers(hello.ServerName) && !s.isDomain(hello.Context(), hello.ServerName) {
				return none, nil
			}
			return certificate(hello)
		},
	}
}

// Handler answers 421 to a request for another host, and passes on what is for this
// site or for an agency's domain, over a connection to that same name. What asks whether
// the relay works may use any name.
func (s site) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isDomain := s.isDomain(r.Context(), r.Host)
		if isDomain && r.TLS != nil && nameOf(r.TLS.ServerName) != nameOf(r.Host) {
			isDomain = false
		}
		if !isDomain && !s.isOwn(r.Host) && r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
			http.Error(w, "This relay does not serve that address.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// redirect leads from plain HTTP to the same page with TLS. A form is not sent on:
// what it holds has travelled in the clear already.
func (s site) redirect(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	base := s.base
	isDomain := s.isDomain(r.Context(), r.Host)
	if isDomain {
		base = s.domains.Origin(nameOf(r.Host))
	}
	if !isDomain && !s.isOwn(r.Host) || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "There is no page here. Use the https:// address.", http.StatusNotFound)
		return
	}
	page := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", base+"/"+strings.TrimPrefix(page.String(), "/"))
	w.WriteHeader(http.StatusPermanentRedirect)
}
