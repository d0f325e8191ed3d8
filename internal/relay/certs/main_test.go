package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/certs/certstest"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// host is the relay's name in these tests.
const host = "access.agency.example"

func TestMain(m *testing.M) {
	if source := os.Getenv(otherRelay); source != "" {
		os.Exit(runOtherRelay(source))
	}
	os.Exit(sqldbtest.Main(m))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shared is what several relays on one database have in common.
type shared struct {
	source string
	db     *sqldb.DB
	store  *store.Store
	keys   *keyset.Keyset
}

// openShared opens a database and its key file, which it makes where there are none.
func openShared(ctx context.Context, source, keyFile string) (shared, error) {
	keys, err := keyset.Open(keyFile, time.Now)
	if err != nil {
		return shared{}, err
	}
	db, err := sqldb.Open(ctx, sqldb.Config{Source: source, Migrations: store.Migrations()})
	if err != nil {
		return shared{}, err
	}
	made, err := store.New(ctx, store.Config{DB: db, Signer: keys})
	if err != nil {
		return shared{}, errors.Join(err, db.Close())
	}
	return shared{source: source, db: db, store: made, keys: keys}, nil
}

func newShared(t *testing.T, source string) shared {
	t.Helper()
	opened, err := openShared(t.Context(), source, filepath.Join(t.TempDir(), "relay.key"))
	must(t, err)
	t.Cleanup(func() {
		if err := opened.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return opened
}

func newBook(t *testing.T) *certstest.Book {
	t.Helper()
	b := &certstest.Book{}
	b.ShowIfFailed(t)
	return b
}

// serveAll serves TLS and plain HTTP as the relay does, until the test ends.
func serveAll(t *testing.T, at net.Listener, plain net.Listener, config *tls.Config, handlers ...http.Handler) {
	t.Helper()
	for i, listener := range []net.Listener{tls.NewListener(at, config), plain} {
		server := &http.Server{Handler: handlers[i], ReadHeaderTimeout: time.Minute,
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
		go func() { _ = server.Serve(listener) }() // it ends with the test
		t.Cleanup(func() { _ = server.Close() })
	}
}

func listenOnLoopback(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() }) // the server may have closed it
	return listener
}

// handshake asks for a name, and returns the certificate that it gets.
func handshake(address, name string, roots *x509.CertPool) (*x509.Certificate, error) {
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: name, RootCAs: roots, MinVersion: tls.VersionTLS12})
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // it was only looked at
	return conn.ConnectionState().PeerCertificates[0], nil
}
