//go:build !quick

package certs

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/certs/certstest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// numbers give each relay of these tests a name of its own: certmagic remembers by its
// name what an authority of this process waits for.
var numbers atomic.Int32

type relayUnderTest struct {
	*Manager
	shared
	pebble  *certstest.Authority
	written *certstest.Book
	at      string // where it has TLS
	plain   string
	config  Config
	running context.CancelFunc
	ended   chan struct{}
}

// wish is what a test wants of its relay and its authority.
type wish struct {
	source    string
	validity  time.Duration
	only      string // the one challenge that is answered; empty: both
	accounts  map[string]string
	authority func(a *Authority)
}

// newRelay makes a relay on loopback that has not begun to fetch.
func newRelay(t *testing.T, want wish) *relayUnderTest {
	t.Helper()
	if want.source == "" {
		want.source = sqldbtest.SQLite(t)
	}
	own := newShared(t, want.source)
	at, plain := listenOnLoopback(t), listenOnLoopback(t)
	p := certstest.New(t, certstest.Config{
		TLS: at.Addr().String(), HTTP: plain.Addr().String(), Validity: want.validity, Accounts: want.accounts,
	})
	written := newBook(t)
	config := Config{
		Address:   fmt.Sprintf("https://access%d.agency.example", numbers.Add(1)),
		Authority: Authority{Directory: p.Directory, Roots: p.Roots, Email: "operator@agency.example"},
		Files:     own.store.Certificates, Sealer: own.keys,
		Owner: store.LeaseOwner{Instance: t.Name(), Run: store.NewID()},
		TLS:   at.Addr().String(), HTTP: plain.Addr().String(), CheckEvery: 300 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(written, nil)),
	}
	if want.authority != nil {
		want.authority(&config.Authority)
	}
	m, err := New(config)
	must(t, err)
	m.issuer.DisableTLSALPNChallenge = want.only == "http-01"
	m.issuer.DisableHTTPChallenge = m.issuer.DisableHTTPChallenge || want.only == "tls-alpn-01"
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	serveAll(t, at, plain, m.TLSConfig(), m.Handler(hello), m.HTTPHandler())
	return &relayUnderTest{
		Manager: m, shared: own, pebble: p, written: written, config: config,
		at: at.Addr().String(), plain: plain.Addr().String(),
	}
}

func (r *relayUnderTest) start(t *testing.T) *relayUnderTest {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r.running, r.ended = cancel, make(chan struct{})
	go func() {
		defer close(r.ended)
		r.Run(ctx)
	}()
	t.Cleanup(r.stop)
	return r
}

func (r *relayUnderTest) stop() {
	r.running()
	<-r.ended
}

// served waits until the relay serves a certificate that is not before.
func (r *relayUnderTest) served(t *testing.T, before *x509.Certificate) *x509.Certificate {
	t.Helper()
	for {
		got, err := handshake(r.at, r.host, r.pebble.Issued)
		if err == nil && (before == nil || !got.Equal(before)) {
			return got
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("no certificate is served: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestACertificateIsFetchedByEachChallengeAndServedAfterARestart(t *testing.T) {
	const id = "account-1"
	key := base64.RawURLEncoding.EncodeToString([]byte("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajV"))
	for challenge, want := range map[string]wish{
		"http-01": {only: "http-01"},
		// This authority wants an account that the operator has.
		"tls-alpn-01": {only: "tls-alpn-01", accounts: map[string]string{id: key}, authority: func(a *Authority) {
			a.AccountKeyID, a.AccountKey = id, onboarding.NewSecret(key)
		}},
	} {
		t.Run(challenge, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t, want)
			if _, err := handshake(r.at, r.host, r.pebble.Issued); err == nil {
				t.Error("a certificate is served before one was fetched")
			}
			r.start(t)
			first := r.served(t, nil)
			if len(first.DNSNames) != 1 || first.DNSNames[0] != r.host {
				t.Errorf("the certificate is for %v", first.DNSNames)
			}
			client := &http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: r.pebble.Issued, MinVersion: tls.VersionTLS12},
				DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, r.at)
				},
			}}
			page, err := client.Get("https://" + r.host + "/")
			must(t, err)
			_ = page.Body.Close() // it is not read
			if page.StatusCode != http.StatusOK || page.ProtoMajor != 1 {
				t.Errorf("the page has status %d and HTTP/%d", page.StatusCode, page.ProtoMajor)
			}
			r.stop()

			again, err := New(r.config)
			must(t, err)
			must(t, again.load(t.Context()))
			hello := &tls.ClientHelloInfo{ServerName: r.host, SupportedVersions: []uint16{tls.VersionTLS13}}
			served, err := again.TLSConfig().GetCertificate(hello)
			must(t, err)
			if !served.Leaf.Equal(first) || r.pebble.Orders() != 1 {
				t.Errorf("after a restart another certificate is served, after %d orders", r.pebble.Orders())
			}
			again.cache.Stop()
		})
	}
}

func TestACertificateIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	r := newRelay(t, wish{validity: 30 * time.Second})
	r.magic.RenewalWindowRatio, r.magic.DisableARI = 0.95, true // after a second and a half
	r.start(t)
	first := r.served(t, nil)
	second := r.served(t, first)
	if time.Now().After(first.NotAfter) {
		t.Errorf("it was renewed after its end, %s", first.NotAfter)
	}
	if !second.NotAfter.After(first.NotAfter) {
		t.Errorf("the next certificate ends at %s, the first at %s", second.NotAfter, first.NotAfter)
	}
}

// The second relay is a process of its own.
func TestOfTwoRelaysOnOneDatabaseOneFetches(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		t.Parallel()
		r := newRelay(t, wish{source: source, only: "http-01"})
		fetched := r.startOther(t)
		got := r.start(t).served(t, nil)
		if other := fetched(); got.SerialNumber.String() != other || r.pebble.Orders() != 1 {
			t.Errorf("this relay serves %s, the other %s, after %d orders", got.SerialNumber, other, r.pebble.Orders())
		}
	})
}

func TestAnAuthorityMayReachAnotherRelayThanTheOneThatAsked(t *testing.T) {
	t.Parallel()
	r := newRelay(t, wish{only: "http-01"})
	fetched := r.startOther(t)() // nobody reaches it
	if got := r.start(t).served(t, nil); got.SerialNumber.String() != fetched || r.pebble.Orders() != 1 {
		t.Errorf("this relay serves %s, the other fetched %s", got.SerialNumber, fetched)
	}
}

// startOther starts a second relay on the database. What it returns waits for the number
// of its certificate, and ends it.
func (r *relayUnderTest) startOther(t *testing.T) (fetched func() string) {
	t.Helper()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	must(t, os.WriteFile(roots, r.pebble.RootsPEM, 0o600))
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	other.Env = append(os.Environ(), otherRelay+"="+r.source, otherKeys+"="+r.keys.Path(),
		otherDirectory+"="+r.pebble.Directory, otherRoots+"="+roots, otherHost+"="+r.host)
	other.Stderr = newBook(t)
	out, err := other.StdoutPipe()
	must(t, err)
	must(t, other.Start())
	return func() string {
		t.Helper()
		serial, err := bufio.NewReader(out).ReadString('\n')
		must(t, err)
		must(t, other.Wait())
		return strings.TrimSpace(serial)
	}
}

func TestAnAuthorityThatIsDownIsNamedInTheLogAndNothingIsServed(t *testing.T) {
	t.Parallel()
	r := newRelay(t, wish{authority: func(a *Authority) { a.Directory = "https://127.0.0.1:1/dir" }})
	failed := make(chan error, 1)
	r.magic.OnEvent = func(ctx context.Context, event string, data map[string]any) error {
		if err, has := data["error"].(error); has && event == "cert_failed" {
			failed <- err
		}
		return r.report(ctx, event, data)
	}
	r.start(t)
	if err := <-failed; !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("the error does not name the authority: %v", err)
	}
	waitFor(t, func() bool {
		return strings.Contains(r.written.String(), "see that this machine reaches the authority")
	})
	if _, err := handshake(r.at, r.host, nil); err == nil {
		t.Error("something is served")
	}
	began := time.Now()
	r.stop() // it waits for its next attempt
	if time.Since(began) > shutdownGrace {
		t.Errorf("the end took %s", time.Since(began))
	}
	if locked, err := r.store.Certificates.Lock(t.Context(), "issue_cert_"+r.host, store.LeaseOwner{Instance: "other"},
		r.store.Now().Add(time.Minute)); err != nil || !locked {
		t.Errorf("the lock is still there after the end (%v)", err)
	}
}

func TestNoNameButTheRelaysOwnReachesTheAuthority(t *testing.T) {
	t.Parallel()
	r := newRelay(t, wish{}).start(t)
	r.served(t, nil)
	for _, name := range []string{"other.example", "www." + r.host, "agency.example", "xn--80ak6aa92e.com", "127.0.0.1"} {
		got, err := handshake(r.at, name, r.pebble.Issued)
		if name == "127.0.0.1" { // without a name in the handshake
			if got == nil && !strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("a call of the address gets %v", err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
			t.Errorf("%s: got %v, want that the name is not known", name, err)
		}
	}
	if orders := r.pebble.Orders(); orders != 1 {
		t.Errorf("%d certificates were ordered", orders)
	}
}

// Whoever writes into the database can end the relay's TLS for a moment, and give it no
// certificate or key of theirs.
func TestNoPrivateKeyIsInTheClearAndARowThatWasChangedIsFetchedAgain(t *testing.T) {
	t.Parallel()
	r := newRelay(t, wish{}).start(t)
	first := r.served(t, nil)
	r.wantNoKeyInTheClear(t)
	r.stop()
	must(t, r.db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `
			UPDATE certificate_files SET sealed = (SELECT sealed FROM certificate_files WHERE name LIKE '%.crt')
			WHERE name LIKE 'certificates/%.key'`)
		return err
	}))
	second := r.fetchedAgain(t, first, 2)
	// A renewal that was cut short leaves the key of the next certificate.
	must(t, r.storage.Store(t.Context(), certmagic.StorageKeys.SitePrivateKey(r.issuer.IssuerKey(), r.host),
		certstest.NewPair(t, time.Hour, r.host).Key))
	r.fetchedAgain(t, second, 3)
}

// fetchedAgain is what a relay that starts anew on the database serves.
func (r *relayUnderTest) fetchedAgain(t *testing.T, before *x509.Certificate, orders int) *x509.Certificate {
	t.Helper()
	again, err := New(r.config)
	must(t, err)
	r.Manager = again
	must(t, again.load(t.Context()))
	hello := &tls.ClientHelloInfo{ServerName: r.host, SupportedVersions: []uint16{tls.VersionTLS13}}
	served, err := again.TLSConfig().GetCertificate(hello)
	must(t, err)
	if served.Leaf.Equal(before) || r.pebble.Orders() != orders {
		t.Errorf("no other certificate was fetched: %d orders, want %d", r.pebble.Orders(), orders)
	}
	again.cache.Stop()
	return served.Leaf
}

// The database and a backup have the private keys only as the key file sealed them.
func (r *relayUnderTest) wantNoKeyInTheClear(t *testing.T) {
	t.Helper()
	all, err := r.db.QueryContext(t.Context(), `SELECT name, sealed FROM certificate_files`)
	must(t, err)
	var parts [][]byte
	for all.Next() {
		var name string
		var sealed []byte
		must(t, all.Scan(&name, &sealed))
		value, err := r.storage.Load(t.Context(), name)
		must(t, err)
		if block, _ := pem.Decode(value); strings.HasSuffix(name, ".key") && block != nil {
			parts = append(parts, block.Bytes[len(block.Bytes)/2:], value[len(value)/3:len(value)/2])
		}
		if bytes.Contains(sealed, value) {
			t.Errorf("%s is in the clear", name)
		}
	}
	must(t, all.Err())
	if len(parts) != 4 { // the certificate's key and the account's
		t.Fatalf("found %d parts of keys", len(parts))
	}
	operator, err := admin.New(admin.Config{DB: r.db, Keyset: r.keys, Now: time.Now})
	must(t, err)
	backup := filepath.Join(t.TempDir(), "backup")
	must(t, operator.Backup(t.Context(), backup))
	for _, file := range []string{r.source, r.source + "-wal", backup} {
		content, err := os.ReadFile(file)
		must(t, err)
		for _, part := range parts {
			if bytes.Contains(content, part) {
				t.Errorf("%s has a private key in the clear", filepath.Base(file))
			}
		}
		if bytes.Contains(content, []byte("PRIVATE KEY")) {
			t.Errorf("%s has a private key in PEM form", filepath.Base(file))
		}
	}
}
