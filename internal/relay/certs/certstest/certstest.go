// Package certstest runs a certificate authority for tests: pebble, the test server of
// the people who wrote ACME, with its usual unkindness. It refuses a part of all nonces.
//
// Names lead to this computer; nothing outside of it is called.
package certstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

// Config is what a test wants of its authority.
type Config struct {
	// TLS and HTTP are the addresses where it looks at a name, host:port.
	TLS, HTTP string
	// Validity is how long a certificate is good; zero: 90 days. Pebble may ask for a renewal
	// at any time within two days, and so at once.
	Validity time.Duration
	// Accounts are those that it gives certificates to, by id with their keys; none: it
	// gives them to everybody.
	Accounts map[string]string
}

// Authority is a running one. Its test's end ends it.
type Authority struct {
	// Directory is its address.
	Directory string
	// RootsPEM and Roots are trusted in calls to it.
	RootsPEM []byte
	Roots    *x509.CertPool
	// Issued is what its certificates are trusted by.
	Issued *x509.CertPool

	orders atomic.Int32
}

// Orders is how often a certificate was ordered.
func (a *Authority) Orders() int { return int(a.orders.Load()) }

// New starts an authority.
func New(t testing.TB, config Config) *Authority {
	t.Helper()
	if config.Validity == 0 {
		config.Validity = 90 * 24 * time.Hour
	}
	must(t, os.Setenv("PEBBLE_VA_NOSLEEP", "1")) // pebble has no other way; it is the same for all tests
	written := &Book{}
	written.ShowIfFailed(t)
	logger := log.New(written, "pebble: ", 0)
	memory := db.NewMemoryStore()
	for id, key := range config.Accounts {
		must(t, memory.AddExternalAccountKeyByID(id, key))
	}
	authority := ca.New(logger, memory, "", "ecdsa", 0, 1, map[string]ca.Profile{
		"default": {Description: "as long as the test wants", ValidityPeriod: uint64(config.Validity / time.Second)},
	})
	validator := va.New(logger, portOf(t, config.HTTP), portOf(t, config.TLS), true, nameServer(t), memory)
	wantsAccount := len(config.Accounts) > 0
	front := wfe.New(logger, memory, validator, authority, []string{"pebble.example"}, true, wantsAccount, 1, 1)
	a := &Authority{Issued: x509.NewCertPool()}
	a.Issued.AppendCertsFromPEM(authority.GetRootCert(0).PEM())
	a.serve(t, front.Handler(), logger)
	return a
}

// serve serves the authority's interface with a certificate of its own.
func (a *Authority) serve(t testing.TB, handler http.Handler, logger *log.Logger) {
	own := NewPair(t, time.Hour, "localhost")
	certificate, err := tls.X509KeyPair(own.Cert, own.Key)
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{
		ReadHeaderTimeout: time.Minute, ErrorLog: logger,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			status := &statusOf{ResponseWriter: w}
			handler.ServeHTTP(status, r)
			if r.URL.Path == "/order-plz" && status.code == http.StatusCreated {
				a.orders.Add(1)
			}
		}),
	}
	go func() { _ = server.ServeTLS(listener, "", "") }() // it ends with the test
	t.Cleanup(func() { _ = server.Close() })
	a.Directory = "https://" + listener.Addr().String() + "/dir"
	a.RootsPEM, a.Roots = own.Cert, own.Root
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func portOf(t testing.TB, address string) int {
	t.Helper()
	resolved, err := net.ResolveTCPAddr("tcp", address)
	must(t, err)
	return resolved.Port
}

// statusOf remembers the status of a reply.
type statusOf struct {
	http.ResponseWriter
	code int
}

func (s *statusOf) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// nameServer answers every name with this computer.
func nameServer(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		reply := new(dns.Msg).SetReply(q)
		if len(q.Question) == 1 && q.Question[0].Qtype == dns.TypeA {
			reply.Answer = append(reply.Answer, &dns.A{A: net.IPv4(127, 0, 0, 1), Hdr: dns.RR_Header{
				Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET,
			}})
		}
		_ = w.WriteMsg(reply) // pebble asks again
	})}
	go func() { _ = server.ActivateAndServe() }() // it ends with the test
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// Pair is a certificate that signs itself, and its key, as PEM.
type Pair struct {
	Cert, Key []byte
	Root      *x509.CertPool
}

// NewPair makes one for hosts and for 127.0.0.1. It ends after a time; less than zero: it
// has ended.
func NewPair(t testing.TB, until time.Duration, hosts ...string) Pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(until), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	p := Pair{
		Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}),
		Root: x509.NewCertPool(),
	}
	p.Root.AppendCertsFromPEM(p.Cert)
	return p
}

// Book is a log. What ends after its test may write into it.
type Book struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write adds to the log.
func (b *Book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *Book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// ShowIfFailed shows the log at the end of a test that failed.
func (b *Book) ShowIfFailed(t testing.TB) {
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(b.String())
		}
	})
}
