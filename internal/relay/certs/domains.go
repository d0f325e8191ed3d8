package certs

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/caddyserver/certmagic"
)

// Obtain has a certificate for an agency's domain: the one in the database, or another one,
// also where that has run out. From then on it is renewed.
func (m *Manager) Obtain(ctx context.Context, name string) error {
	if !m.isDomain(ctx, name) {
		return fmt.Errorf("fetching a certificate for %s: it is no agency's domain", name)
	}
	if err := m.magic.ManageSync(ctx, []string{name}); err != nil {
		return err
	}
	now := time.Now()
	for _, has := range m.cache.AllMatchingCertificates(name) {
		if has.Leaf != nil && now.Before(has.Leaf.NotAfter) {
			return nil
		}
	}
	return fmt.Errorf("the certificate for %s has run out, and is not renewed", name)
}

// certificate finds the certificate of a handshake. That of a domain may have been fetched
// by another relay on the database: then it is loaded. No authority is asked in a handshake.
func (m *Manager) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := nameOf(hello.ServerName)
	isChallenge := slices.Contains(hello.SupportedProtos, challengeProtocol)
	if !isChallenge && !m.answers(hello.ServerName) && len(m.cache.AllMatchingCertificates(name)) == 0 {
		_, err := m.magic.CacheManagedCertificate(hello.Context(), name)
		if errors.Is(err, fs.ErrNotExist) {
			var none *tls.Certificate
			return none, nil
		} else if err != nil {
			return nil, err
		}
	}
	return m.magic.GetCertificate(hello)
}

// watchDomains ends the renewal of certificates for what is no agency's domain any more, and
// deletes them.
func (m *Manager) watchDomains(ctx context.Context) {
	if m.domains == nil {
		return
	}
	ticker := time.NewTicker(cmp.Or(m.checkEvery, certmagic.DefaultRenewCheckInterval))
	defer ticker.Stop()
	for {
		if err := m.dropFormer(ctx); err != nil && ctx.Err() == nil {
			m.log.WarnContext(ctx, "deleting the certificates of former domains: it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (m *Manager) dropFormer(ctx context.Context) error {
	stored, err := m.storage.List(ctx, certmagic.StorageKeys.CertsPrefix(m.issuer.IssuerKey()), false)
	if err != nil {
		return err
	}
	served, err := m.domains.Names(ctx) // after the list: whose certificate is in it was served before
	if err != nil {
		return err
	}
	for _, key := range stored {
		name := path.Base(key)
		if name == m.host || slices.Contains(served, name) {
			continue
		}
		m.cache.RemoveManaged([]certmagic.SubjectIssuer{{Subject: name}})
		if err := m.storage.Delete(ctx, key); err != nil {
			return err
		}
		m.log.InfoContext(ctx, "a former domain's certificate was deleted", "host", name)
	}
	return nil
}
