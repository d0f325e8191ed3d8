package certs

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

const (
	otherRelay     = "LATCHKEY_TEST_OTHER_RELAY"
	otherKeys      = "LATCHKEY_TEST_OTHER_KEYS"
	otherDirectory = "LATCHKEY_TEST_OTHER_DIRECTORY"
	otherRoots     = "LATCHKEY_TEST_OTHER_ROOTS"
	otherHost      = "LATCHKEY_TEST_OTHER_HOST"
)

// runOtherRelay is the second process: it fetches a certificate and prints its number.
func runOtherRelay(source string) int {
	if err := fetchInOtherRelay(source); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func fetchInOtherRelay(source string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	own, err := openShared(ctx, source, os.Getenv(otherKeys))
	if err != nil {
		return err
	}
	content, err := os.ReadFile(os.Getenv(otherRoots))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	m, err := New(Config{
		Address:   "https://" + os.Getenv(otherHost),
		Authority: Authority{Directory: os.Getenv(otherDirectory), Roots: roots, Email: "operator@agency.example"},
		Files:     own.store.Certificates, Sealer: own.keys, Owner: store.LeaseOwner{Instance: "other", Run: "1"},
		TLS: "127.0.0.1:0", HTTP: "127.0.0.1:0", // nobody reaches it there
	})
	if err != nil {
		return err
	}
	m.issuer.DisableTLSALPNChallenge = true
	if err := m.load(ctx); err != nil {
		return err
	}
	served, err := m.magic.CacheManagedCertificate(ctx, m.host)
	if err != nil {
		return err
	}
	_, err = fmt.Println(served.Leaf.SerialNumber)
	return err
}
