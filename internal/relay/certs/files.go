package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/latchkeyhq/latchkey/internal/filemode"
)

// FilesConfig is what Files need.
type FilesConfig struct {
	// Address is the relay's public address.
	Address string
	// Certificate is the file of the certificate and those above it, PrivateKey that of its
	// key, both in PEM form.
	Certificate, PrivateKey string
	// CheckEvery is how often the files are looked at; zero: 10 seconds.
	CheckEvery time.Duration
	// Log gets what happens; nil: nothing.
	Log *slog.Logger
}

// Files serve a certificate of two files, and read them again when they change. It
// is safe for concurrent use.
type Files struct {
	site
	config  FilesConfig
	current atomic.Pointer[tls.Certificate]
	// Run alone uses these: the stamp of the files that are served, and what was logged of
	// those that cannot be.
	stamp, logged string
}

// FileError is what is wrong with one of the two files: a clause that names it.
type FileError struct {
	// OfKey: it is the private key's file, else the certificate's.
	OfKey bool
	What  string
}

func (e *FileError) Error() string {
	if e.OfKey {
		return "the private key " + e.What
	}
	return "the certificate " + e.What
}

// NewFiles reads both files. What is wrong with one is a FileError.
func NewFiles(config FilesConfig) (*Files, error) {
	site, err := newSite(config.Address)
	if err != nil {
		return nil, err
	}
	if config.CheckEvery == 0 {
		config.CheckEvery = 10 * time.Second
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	f := &Files{site: site, config: config, stamp: stampOf(config.Certificate) + stampOf(config.PrivateKey)}
	certificate, err := f.load()
	if err != nil {
		return nil, err
	}
	f.current.Store(certificate)
	return f, nil
}

// maxFile is the size of the longest file that is read, in bytes.
const maxFile = 256 << 10

func (f *Files) load() (*tls.Certificate, error) {
	chain, err := readFile(f.config.Certificate, false)
	if err != nil {
		return nil, err
	}
	key, err := readFile(f.config.PrivateKey, true)
	if err != nil {
		return nil, err
	}
	certificate, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, f.explain(chain, err)
	}
	if err := certificate.Leaf.VerifyHostname(f.host); err != nil {
		return nil, &FileError{What: fmt.Sprintf("names %s, whose certificate is not for %s, the host of the relay's "+
			"address", f.config.Certificate, f.host)}
	}
	return &certificate, nil
}

// explain says which of the two files does not do.
func (f *Files) explain(chain []byte, err error) error {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(chain) {
		return &FileError{What: fmt.Sprintf("names %s, which holds no certificate in PEM form", f.config.Certificate)}
	}
	if strings.Contains(err.Error(), "does not match") { // crypto/tls has no value for it
		return &FileError{OfKey: true, What: fmt.Sprintf("names %s, which is not the key of the certificate in %s",
			f.config.PrivateKey, f.config.Certificate)}
	}
	return &FileError{OfKey: true, What: fmt.Sprintf("names %s, which holds no private key in PEM form that can be used "+
		"without a password", f.config.PrivateKey)}
}

func readFile(path string, ofKey bool) ([]byte, error) {
	wrong := func(what string) error { return &FileError{OfKey: ofKey, What: "names " + path + ", which " + what} }
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, wrong("does not exist")
	case err != nil:
		return nil, wrong("cannot be read")
	case info.IsDir():
		return nil, wrong("is a folder")
	case ofKey && filemode.IsOpenTo(info, 0o007):
		return nil, wrong("every user of this machine can read; run chmod o= on it")
	case info.Size() > maxFile:
		return nil, wrong("is too long")
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, wrong("cannot be read")
	}
	return content, nil
}

// TLSConfig serves the certificate as the files have it.
func (f *Files) TLSConfig() *tls.Config {
	return f.tlsConfig(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.current.Load(), nil })
}

// HTTPHandler leads to the same page with TLS.
func (f *Files) HTTPHandler() http.Handler { return http.HandlerFunc(f.redirect) }

// Run reads the files again when they change, until ctx ends. Files that cannot be
// used change nothing: a program that renews them may be between the two.
func (f *Files) Run(ctx context.Context) {
	f.report(ctx)
	ticker := time.NewTicker(f.config.CheckEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f.reload(ctx)
		}
	}
}

func (f *Files) reload(ctx context.Context) {
	stamp := stampOf(f.config.Certificate) + stampOf(f.config.PrivateKey)
	if stamp == f.stamp {
		return
	}
	certificate, err := f.load() // each time: the stamp has no rights, of the folders neither
	if err != nil {
		failure := stamp + err.Error()
		if failure == f.logged {
			return
		}
		f.logged = failure
		f.config.Log.ErrorContext(ctx, "the certificate's files have changed and cannot be used; the one before is served on",
			"error", err)
		return
	}
	f.stamp, f.logged = stamp, ""
	f.current.Store(certificate)
	f.report(ctx)
}

func (f *Files) report(ctx context.Context) {
	until := f.current.Load().Leaf.NotAfter
	if time.Now().After(until) {
		f.config.Log.ErrorContext(ctx, "the certificate of the files has ended: browsers and hubs refuse it", "until", until)
		return
	}
	f.config.Log.InfoContext(ctx, "serving the certificate of the files", "host", f.host, "until", until)
}

// stampOf changes when a file does.
func stampOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "|"
	}
	return fmt.Sprintf("%d %d|", info.ModTime().UnixNano(), info.Size())
}
