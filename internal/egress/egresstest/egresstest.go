// Package egresstest is a network whose only way out is a proxy, for tests.
package egresstest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/egress"
)

// Network has hosts that only its proxy reaches, with certificates of an authority that
// nobody else knows.
type Network struct {
	Proxy  *url.URL
	CAFile string // the authority, in PEM form

	inside string // where the hosts are served
	hosts  map[string]http.Handler

	mu      sync.Mutex
	account string   // as "user:password": what the proxy wants; empty: nothing
	asked   []string // hosts that the proxy was asked for
	past    []string // addresses that were dialled past the proxy
}

// New serves hosts by their names, on port 443, until the test ends.
func New(t testing.TB, hosts map[string]http.Handler) *Network {
	t.Helper()
	n := &Network{hosts: hosts}
	var names []string
	for name := range hosts {
		names = append(names, name)
	}
	pair := n.certify(t, names)
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts[r.Host].ServeHTTP(w, r)
	}))
	inside.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	inside.StartTLS()
	n.inside = inside.Listener.Addr().String()
	proxy := httptest.NewServer(n)
	t.Cleanup(func() {
		inside.CloseClientConnections() // an event stream ends only with its connection
		inside.Close()
		proxy.Close()
	})
	var err error
	if n.Proxy, err = url.Parse(proxy.URL); err != nil {
		t.Fatal(err)
	}
	return n
}

// certify makes an authority and a certificate of it.
func (n *Network) certify(t testing.TB, names []string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: authority.NotBefore, NotAfter: authority.NotAfter, DNSNames: names,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	root, err := x509.CreateCertificate(rand.Reader, authority, authority, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	n.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root})
	if err := os.WriteFile(n.CAFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}
}

// Route leaves through the proxy and trusts the network's authority. Nothing but the proxy
// can be dialled.
func (n *Network) Route(t testing.TB) *egress.Route {
	t.Helper()
	roots, err := egress.ReadRoots(n.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	return egress.New(egress.Config{Proxy: egress.Fixed(n.Proxy), Roots: roots, Control: n.OnlyProxy})
}

// OnlyProxy refuses every address but the proxy's, and notes it.
func (n *Network) OnlyProxy(_ context.Context, _, address string, _ syscall.RawConn) error {
	if address == n.Proxy.Host {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.past = append(n.past, address)
	return errors.New("this network lets nothing out but through its proxy")
}

// RequireSignIn has the proxy connect nobody but an account, "user:password".
func (n *Network) RequireSignIn(account string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.account = account
}

// Asked are the hosts that the proxy was asked for, each once.
func (n *Network) Asked() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := slices.Clone(n.asked)
	slices.Sort(list)
	return slices.Compact(list)
}

// Past are the addresses that somebody tried to call without the proxy.
func (n *Network) Past() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.past)
}

// ServeHTTP is the proxy.
func (n *Network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	host, port, err := net.SplitHostPort(r.Host)
	n.mu.Lock()
	n.asked = append(n.asked, host)
	account := n.account
	n.mu.Unlock()
	if account != "" && !signedIn(r, account) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if _, isThere := n.hosts[host]; err != nil || !isThere || port != "443" {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	to, err := net.Dial("tcp", n.inside)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = to.Close() }() // it may be closed already
	w.WriteHeader(http.StatusOK)
	from, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the caller has gone
	}
	defer func() { _ = from.Close() }() // it may be closed already
	go func() {
		_, _ = io.Copy(to, buffered) // ends with the connection
		_ = to.Close()               // which ends the other direction
	}()
	_, _ = io.Copy(from, to) // ends with the connection
}

func signedIn(r *http.Request, account string) bool {
	asBasic := http.Request{Header: http.Header{"Authorization": r.Header.Values("Proxy-Authorization")}}
	user, password, ok := asBasic.BasicAuth()
	return ok && user+":"+password == account
}
