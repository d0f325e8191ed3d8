//go:build !quick

package certs

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/certs/certstest"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
	"github.com/latchkeyhq/latchkey/internal/relay/domains/domainstest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// servedDomains are the domains of a relay under test, with a name server of their own.
type servedDomains struct {
	*domains.Service
	zone  *domainstest.Zone
	store *store.Store
}

func newServedDomains(t *testing.T, of shared, address string) *servedDomains {
	t.Helper()
	relay, err := url.Parse(address)
	must(t, err)
	zone := domainstest.New(t)
	zone.Set(relay.Hostname(), domainstest.Name{A: []string{"127.0.0.1"}})
	service := domains.New(domains.Config{
		Store: of.store, Relay: relay, Resolver: zone.Resolver(), Log: slog.New(slog.DiscardHandler),
	})
	must(t, of.store.Agencies.Add(t.Context(), onboarding.Agency{ID: "acme", Name: "Acme"}, onboarding.Member{
		ID: "ana", Name: "Ana", Email: "ana@acme.example", Role: onboarding.MainUser,
	}))
	return &servedDomains{Service: service, zone: zone, store: of.store}
}

// verify puts a domain's records into the DNS, and has them checked.
func (d *servedDomains) verify(t *testing.T, name string) onboarding.Domain {
	t.Helper()
	d.zone.Set(name, domainstest.Name{A: []string{"127.0.0.1"}})
	proposed, err := d.store.Domains.Propose(t.Context(), "acme", name, "token")
	must(t, err)
	d.zone.Set("_latchkey."+name, domainstest.Name{TXT: []string{"latchkey=" + proposed.Token}})
	must(t, d.CheckDue(t.Context()))
	now, err := d.store.Domains.Get(t.Context(), "acme")
	must(t, err)
	return now.Domain
}

// end has a domain be served no more, as two months after its agency removed it.
func (d *servedDomains) end(t *testing.T, name string) {
	t.Helper()
	must(t, d.store.Domains.Remove(t.Context(), "acme", name))
	must(t, d.store.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `DELETE FROM domains WHERE state = 'leaving'`)
		return err
	}))
	d.Reload(t.Context())
}

func TestACertificateIsFetchedForAVerifiedDomainAndForNoOtherName(t *testing.T) {
	t.Parallel()
	const name, proposed = "access.acme.example", "proposed.acme.example"
	own := newShared(t, sqldbtest.SQLite(t))
	at, plain := listenOnLoopback(t), listenOnLoopback(t)
	pebble := certstest.New(t, certstest.Config{TLS: at.Addr().String(), HTTP: plain.Addr().String()})
	config := Config{
		Address: "https://relay.domains.example", Authority: Authority{Directory: pebble.Directory, Roots: pebble.Roots},
		Files: own.store.Certificates, Sealer: own.keys, Owner: store.LeaseOwner{Instance: t.Name(), Run: store.NewID()},
		TLS: at.Addr().String(), HTTP: plain.Addr().String(), Log: slog.New(slog.NewTextHandler(newBook(t), nil)),
	}
	served := newServedDomains(t, own, config.Address)
	config.Domains = served
	m, err := New(config)
	must(t, err)
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	serveAll(t, at, plain, m.TLSConfig(), m.Handler(hello), m.HTTPHandler())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); m.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	served.UsePreparer(func(ctx context.Context, d onboarding.Domain) (onboarding.DomainProblem, string) {
		if err := m.Obtain(ctx, d.Name); err != nil {
			t.Errorf("fetching: %v", err)
			return onboarding.DomainCertificate, ""
		}
		return "", ""
	})

	if err := m.Obtain(ctx, name); err == nil {
		t.Error("a certificate was fetched for what is nobody's domain")
	}
	if d := served.verify(t, name); !d.IsUsed() {
		t.Fatalf("with its records it is %+v", d)
	}
	got, err := handshake(config.TLS, name, pebble.Issued)
	must(t, err)
	if len(got.DNSNames) != 1 || got.DNSNames[0] != name {
		t.Errorf("the certificate is for %v", got.DNSNames)
	}
	orders := pebble.Orders()
	served.zone.Set(proposed, domainstest.Name{A: []string{"127.0.0.1"}})
	for _, unknown := range []string{proposed, "unknown.example", "www." + name} {
		if _, err := handshake(config.TLS, unknown, pebble.Issued); err == nil {
			t.Errorf("%s is served", unknown)
		}
	}
	if pebble.Orders() != orders {
		t.Errorf("a handshake for an unknown name made an order")
	}
	m.checkHosts(t, hello, name)

	// Another relay on the database serves it without asking.
	other, err := New(config)
	must(t, err)
	t.Cleanup(other.cache.Stop)
	there, plainThere := listenOnLoopback(t), listenOnLoopback(t)
	serveAll(t, there, plainThere, other.TLSConfig(), other.Handler(hello), other.HTTPHandler())
	loaded, err := handshake(there.Addr().String(), name, pebble.Issued)
	if err != nil || !loaded.Equal(got) || pebble.Orders() != orders {
		t.Errorf("the other relay serves %v, %v after %d orders", loaded, err, pebble.Orders())
	}

	// Once the agency has it no more, nothing is served, and the key is gone.
	served.end(t, name)
	must(t, m.dropFormer(t.Context()))
	if _, err := handshake(config.TLS, name, pebble.Issued); err == nil {
		t.Error("a former domain is served")
	}
	names, err := own.store.Certificates.Names(t.Context(), "")
	must(t, err)
	if strings.Contains(strings.Join(names, " "), name) {
		t.Errorf("the database has %v", names)
	}
}

// checkHosts makes sure that what a browser calls itself to ask for has to be the name of
// the connection.
func (m *Manager) checkHosts(t *testing.T, page http.Handler, name string) {
	t.Helper()
	for _, c := range []struct {
		sni, host string
		want      int
	}{
		{name, name, http.StatusOK},
		{name, "ACCESS.acme.example.:443", http.StatusOK},
		{m.host, m.host, http.StatusOK},
		{m.host, name, http.StatusMisdirectedRequest},
		{"", name, http.StatusMisdirectedRequest},
		{name, "unknown.example", http.StatusMisdirectedRequest},
	} {
		r := httptest.NewRequest(http.MethodGet, "https://"+m.host+"/", nil)
		r.Host, r.TLS.ServerName = c.host, c.sni
		w := httptest.NewRecorder()
		m.Handler(page).ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("a connection for %q and a request for %q: got %d, want %d", c.sni, c.host, w.Code, c.want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://"+name+"/r/x?y=z", nil)
	w := httptest.NewRecorder()
	m.HTTPHandler().ServeHTTP(w, r)
	if to := w.Header().Get("Location"); to != "https://"+name+"/r/x?y=z" {
		t.Errorf("plain HTTP leads to %q", to)
	}
}
