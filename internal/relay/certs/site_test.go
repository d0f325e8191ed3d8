package certs

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/certs/certstest"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestPlainHTTPLeadsToTheSamePageWithTLSAndNowhereElse(t *testing.T) {
	for _, c := range []struct{ address, method, target, host, want string }{
		{address: "https://a.example", method: "GET", target: "/r/token?x=1", host: "a.example",
			want: "https://a.example/r/token?x=1"},
		{address: "https://a.example", method: "HEAD", target: "/", host: "A.Example.:80",
			want: "https://a.example/"},
		{address: "https://a.example:8443", method: "GET", target: "/r/t%2Fx", host: "a.example:8080",
			want: "https://a.example:8443/r/t%2Fx"},
		{address: "https://a.example", method: "GET", target: "//evil.example/x", host: "a.example",
			want: "https://a.example//evil.example/x"},
		{address: "https://a.example", method: "GET", target: "/\\evil.example", host: "a.example",
			want: "https://a.example/%5Cevil.example"},
		{address: "https://bücher.example", method: "GET", target: "/x", host: "xn--bcher-kva.example",
			want: "https://xn--bcher-kva.example/x"},
		{address: "https://[::1]:8443", method: "GET", target: "/x", host: "[::1]:80",
			want: "https://[::1]:8443/x"},
		{address: "https://a.example", method: "GET", target: "/x", host: "evil.example", want: ""},
		{address: "https://a.example", method: "GET", target: "/x", host: "a.example.evil.example", want: ""},
		{address: "https://a.example", method: "GET", target: "/x", host: "", want: ""},
		{address: "https://a.example", method: "POST", target: "/w/x", host: "a.example", want: ""},
		{address: "https://a.example", method: "PUT", target: "/w/x", host: "a.example", want: ""},
	} {
		s, err := newSite(c.address)
		must(t, err)
		r := httptest.NewRequest(c.method, "http://x/", nil)
		must(t, parseTarget(r, c.target))
		r.Host = c.host
		w := httptest.NewRecorder()
		s.redirect(w, r)
		want := http.StatusPermanentRedirect
		if c.want == "" {
			want = http.StatusNotFound
		}
		if w.Code != want || w.Header().Get("Location") != c.want {
			t.Errorf("%s %s of %q at %s: status %d to %q, want %q", c.method, c.target, c.host, c.address, w.Code,
				w.Header().Get("Location"), c.want)
		}
	}
}

// parseTarget reads a target as net/http's server does.
func parseTarget(r *http.Request, target string) error {
	read, err := r.URL.Parse("http://x" + target)
	if err != nil {
		return err
	}
	r.URL, r.RequestURI = read, target
	r.URL.Scheme, r.URL.Host = "", ""
	return nil
}

func TestARequestForAnotherHostIsMisdirected(t *testing.T) {
	s, err := newSite("https://a.example:8443")
	must(t, err)
	handler := s.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for _, c := range []struct {
		host, path string
		want       int
	}{
		{"a.example:8443", "/r/x", 200},
		{"a.example", "/api/probe", 200},
		{"evil.example", "/r/x", 421},
		{"evil.example", "/api/probe", 421},
		{"127.0.0.1:8443", "/", 421},
		{"127.0.0.1:8443", "/healthz", 200},
		{"127.0.0.1:8443", "/readyz", 200},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://x"+c.path, nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s of %s: status %d, want %d", c.path, c.host, w.Code, c.want)
		}
	}
}

func TestAnAddressWithoutTLSIsRefused(t *testing.T) {
	for _, address := range []string{"http://a.example", "a.example", "https://", "https://a b.example", "://"} {
		if _, err := newSite(address); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
}

// filesOf writes a certificate and its key.
func filesOf(t *testing.T, p certstest.Pair) FilesConfig {
	t.Helper()
	dir := t.TempDir()
	config := FilesConfig{
		Address: "https://" + host, Certificate: filepath.Join(dir, "cert.pem"), PrivateKey: filepath.Join(dir, "key.pem"),
		CheckEvery: 5 * time.Millisecond,
	}
	write(t, config, p)
	return config
}

func write(t *testing.T, config FilesConfig, p certstest.Pair) {
	t.Helper()
	must(t, os.WriteFile(config.Certificate, p.Cert, 0o600))
	must(t, os.WriteFile(config.PrivateKey, p.Key, 0o600))
}

func TestFilesAreServedAndReadAgainWhenTheyChange(t *testing.T) {
	first, second := certstest.NewPair(t, time.Hour, host), certstest.NewPair(t, 2*time.Hour, host)
	config := filesOf(t, first)
	written := newBook(t)
	config.Log = slog.New(slog.NewTextHandler(written, nil))
	f, err := NewFiles(config)
	must(t, err)
	at, plain := listenOnLoopback(t), listenOnLoopback(t)
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	serveAll(t, at, plain, f.TLSConfig(), f.Handler(hello), f.HTTPHandler())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Run(ctx)
	}()
	served := func(roots *x509.CertPool) error {
		_, err := handshake(at.Addr().String(), host, roots)
		return err
	}
	must(t, served(first.Root))
	if _, err := handshake(at.Addr().String(), "other.example", first.Root); err == nil ||
		!strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("a handshake for another name: got %v", err)
	}

	// Between its two files a renewal is seen, and changes nothing.
	must(t, os.WriteFile(config.Certificate, second.Cert, 0o600))
	waitFor(t, func() bool { return strings.Contains(written.String(), "which is not the key of the certificate in") })
	must(t, served(first.Root))
	write(t, config, second)
	waitFor(t, func() bool { return served(second.Root) == nil })
	must(t, os.Remove(config.PrivateKey))
	waitFor(t, func() bool { return strings.Contains(written.String(), "which does not exist") })
	must(t, served(second.Root))
	cancel()
	<-ended
}

func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	for !holds() {
		select {
		case <-t.Context().Done():
			t.Fatal("it never happened")
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func TestWhatIsWrongWithAFileIsNamed(t *testing.T) {
	good := certstest.NewPair(t, time.Hour, host)
	for want, spoil := range map[string]func(c FilesConfig){
		"the certificate names {cert}, which does not exist": func(c FilesConfig) { must(t, os.Remove(c.Certificate)) },
		"the private key names {key}, which does not exist":  func(c FilesConfig) { must(t, os.Remove(c.PrivateKey)) },
		"the private key names {key}, which every user of this machine can read; run chmod o= on it": func(c FilesConfig) {
			must(t, os.Chmod(c.PrivateKey, 0o604))
		},
		"the certificate names {cert}, which holds no certificate in PEM form": func(c FilesConfig) {
			must(t, os.WriteFile(c.Certificate, []byte("canary"), 0o600))
		},
		"the private key names {key}, which holds no private key in PEM form that can be used without a password": func(
			c FilesConfig,
		) {
			must(t, os.WriteFile(c.PrivateKey, []byte("canary"), 0o600))
		},
		"the private key names {key}, which is not the key of the certificate in {cert}": func(c FilesConfig) {
			must(t, os.WriteFile(c.PrivateKey, certstest.NewPair(t, time.Hour, host).Key, 0o600))
		},
		"the certificate names {cert}, whose certificate is not for " + host +
			", the host of the relay's address": func(c FilesConfig) {
			write(t, c, certstest.NewPair(t, time.Hour, "other.example"))
		},
		"the certificate names {cert}, which is too long": func(c FilesConfig) {
			must(t, os.WriteFile(c.Certificate, make([]byte, maxFile+1), 0o600))
		},
		"the private key names {key}, which is a folder": func(c FilesConfig) {
			must(t, os.Remove(c.PrivateKey))
			must(t, os.Mkdir(c.PrivateKey, 0o700))
		},
	} {
		config := filesOf(t, good)
		spoil(config)
		_, err := NewFiles(config)
		want = strings.NewReplacer("{cert}", config.Certificate, "{key}", config.PrivateKey).Replace(want)
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// Who starts a relay with an old certificate sees why nobody trusts it.
func TestACertificateThatHasEndedIsServedAndLogged(t *testing.T) {
	config := filesOf(t, certstest.NewPair(t, -time.Hour, host))
	written := newBook(t)
	config.Log = slog.New(slog.NewTextHandler(written, nil))
	f, err := NewFiles(config)
	must(t, err)
	f.report(t.Context())
	if !strings.Contains(written.String(), "the certificate of the files has ended") {
		t.Errorf("the log has %s", written)
	}
}

// A relay that waits for its next attempt keeps its lock for longer than a lease.
func TestALeaseIsExtendedUntilTheEndAndThenGone(t *testing.T) {
	own := newShared(t, sqldbtest.SQLite(t))
	s := &storage{
		files: own.store.Certificates, sealer: own.keys, owner: store.LeaseOwner{Instance: "one", Run: "1"},
		now: own.store.Now, log: slog.New(slog.DiscardHandler), poll: time.Millisecond, extend: time.Millisecond,
	}
	until := func() (at int64) {
		must(t, own.db.QueryRowContext(t.Context(), `
			SELECT COALESCE(max(lease_until_ms), 0) FROM certificate_locks`).Scan(&at))
		return at
	}
	must(t, s.Lock(t.Context(), "fetch"))
	first := until()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.keepLocks(ctx)
	}()
	waitFor(t, func() bool { return until() > first })
	waiting, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Lock(waiting, "fetch"); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for a lock beyond the context: got %v", err)
	}
	must(t, s.Unlock(t.Context(), "fetch"))
	must(t, s.Lock(t.Context(), "another"))
	cancel()
	must(t, s.Unlock(t.Context(), "another"))
	<-ended
	if until() != 0 {
		t.Error("a lock is left")
	}
}

func TestTheStorageIsAFolderOfSealedFiles(t *testing.T) {
	ctx := t.Context()
	own := newShared(t, sqldbtest.SQLite(t))
	s := &storage{files: own.store.Certificates, sealer: own.keys, log: slog.New(slog.DiscardHandler)}
	must(t, s.Store(ctx, "a/b/c.key", []byte("canary")))
	must(t, s.Store(ctx, "a/d.crt", []byte("other")))
	value, err := s.Load(ctx, "a/b/c.key")
	if err != nil || string(value) != "canary" {
		t.Errorf("loading it: %q, %v", value, err)
	}
	if _, err := s.Load(ctx, "a/b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("loading a folder: %v", err)
	}
	for recursive, want := range map[bool]string{false: "a/b a/d.crt", true: "a/b a/b/c.key a/d.crt"} {
		list, err := s.List(ctx, "a", recursive)
		if got := strings.Join(list, " "); err != nil || got != want {
			t.Errorf("listing: %q (%v), want %q", got, err, want)
		}
	}
	file, err := s.Stat(ctx, "a/b/c.key")
	if err != nil || !file.IsTerminal || file.Size != int64(len("canary")) || file.Modified.IsZero() {
		t.Errorf("a file is %+v (%v)", file, err)
	}
	folder, err := s.Stat(ctx, "a/b")
	if err != nil || folder.IsTerminal {
		t.Errorf("a folder is %+v (%v)", folder, err)
	}
	if _, err := s.Stat(ctx, "a/x"); !errors.Is(err, fs.ErrNotExist) || s.Exists(ctx, "a/x") {
		t.Errorf("what there is not: %v", err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	must(t, s.Store(ended, "a/e.json", []byte("last"))) // the other two are stored
	must(t, s.Delete(ended, "a"))
	if s.Exists(ctx, "a") || s.Exists(ctx, "a/b/c.key") {
		t.Error("something is left")
	}
}

// Of several relays one has the new key a moment before the others.
func TestWhatAnotherRelaySealedWithANewKeyStays(t *testing.T) {
	ctx := t.Context()
	own := newShared(t, sqldbtest.SQLite(t))
	content, err := os.ReadFile(own.keys.Path())
	must(t, err)
	path := filepath.Join(t.TempDir(), "relay.key")
	must(t, os.WriteFile(path, content, 0o600))
	must(t, keyset.Rotate(path, time.Now()))
	rotated, err := keyset.Open(path, time.Now)
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	first := &storage{files: own.store.Certificates, sealer: rotated, log: log}
	second := &storage{files: own.store.Certificates, sealer: own.keys, log: log}
	must(t, first.Store(ctx, "a.key", []byte("canary")))
	if _, err := second.Load(ctx, "a.key"); !errors.Is(err, errStorage) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the key: %v", err)
	}
	if value, err := first.Load(ctx, "a.key"); err != nil || string(value) != "canary" {
		t.Errorf("it is gone: %q, %v", value, err)
	}
}

// Who mends the rights of a key does not write it again.
func TestFilesThatWereRefusedAreReadAgainWithoutAChange(t *testing.T) {
	config := filesOf(t, certstest.NewPair(t, time.Hour, host))
	written := newBook(t)
	config.Log = slog.New(slog.NewTextHandler(written, nil))
	f, err := NewFiles(config)
	must(t, err)
	before := f.current.Load()
	must(t, os.Chmod(config.PrivateKey, 0o604))
	write(t, config, certstest.NewPair(t, 2*time.Hour, host))
	f.reload(t.Context())
	f.reload(t.Context())
	if lines := strings.Count(written.String(), "cannot be used"); lines != 1 || f.current.Load() != before {
		t.Errorf("the log has %d lines: %s", lines, written)
	}
	must(t, os.Chmod(config.PrivateKey, 0o600))
	f.reload(t.Context())
	if f.current.Load() == before {
		t.Errorf("the certificate before is still served: %s", written)
	}
}

func TestAStrangersChallengeIsNotLogged(t *testing.T) {
	written := newBook(t)
	log := newZap(slog.New(slog.NewTextHandler(written, nil)), &atomic.Bool{})
	log.Error("tls-alpn challenge")
	if got := written.String(); got != "" {
		t.Errorf("the log has %s", got)
	}
	log.Error("another step")
	if got := written.String(); !strings.Contains(got, "another step") {
		t.Errorf("the log has %q", got)
	}
}

func TestTheEndDoesNotWaitForACallThatHangs(t *testing.T) {
	hangs := make(chan struct{})
	defer close(hangs)
	within(time.Millisecond, func() { <-hangs })
}

// An authority's responder that does not answer must not keep the certificate.
func TestNoResponderIsAskedAboutACertificate(t *testing.T) {
	m, err := New(Config{Address: "https://" + host})
	must(t, err)
	defer m.cache.Stop()
	if !m.magic.OCSP.DisableStapling {
		t.Error("responders are asked")
	}
}
