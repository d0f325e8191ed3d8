package certs

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// The directories of authorities that everybody trusts.
const (
	LetsEncrypt = certmagic.LetsEncryptProductionCA
	ZeroSSL     = certmagic.ZeroSSLProductionCA
)

// IsPublicName reports whether a public authority may give a certificate for a host.
func IsPublicName(host string) bool {
	return net.ParseIP(host) == nil && certmagic.SubjectQualifiesForPublicCert(host)
}

// Authority is who gives certificates.
type Authority struct {
	// Directory is the https address of its ACME directory.
	Directory string
	// Roots are trusted in calls to it; nil: the system's.
	Roots *x509.CertPool
	// AccountKey binds the account there to one that the operator has already; its
	// secret is base64url without padding. Empty: the authority wants none.
	AccountKeyID string
	AccountKey   onboarding.Secret
	// Email is where the authority writes to; it may be empty.
	Email string
}

// Config is what a Manager needs.
type Config struct {
	// Address is the relay's public address: https, with a name.
	Address   string
	Authority Authority
	// Files stores what is fetched, sealed by Sealer. All relays on the database
	// share it.
	Files  *store.Certificates
	Sealer Sealer
	// Owner is this run among those on the database.
	Owner store.LeaseOwner
	// TLS and HTTP are where the relay listens, host:port. Without HTTP the authority
	// looks at the TLS port alone.
	TLS, HTTP string
	// Domains are served too; nil: none are.
	Domains Domains
	// CheckEvery is how often it is seen whether the certificate has to be renewed;
	// zero: 10 minutes.
	CheckEvery time.Duration
	// Route is how calls of the authority leave this machine; nil: directly.
	Route *egress.Route
	// Log gets what happens; nil: nothing.
	Log *slog.Logger
}

// Manager fetches a certificate and renews it. It is safe for concurrent use.
type Manager struct {
	site
	log     *slog.Logger
	storage *storage
	cache   *certmagic.Cache
	magic   *certmagic.Config
	issuer  *certmagic.ACMEIssuer
	ended   *atomic.Bool

	checkEvery time.Duration
}

// New makes a Manager. It asks nobody before Run. The caller calls Run, which ends it.
func New(config Config) (*Manager, error) {
	site, err := newSite(config.Address)
	if err != nil {
		return nil, err
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	tlsHost, tlsPort, err := splitAddress(config.TLS)
	if err != nil {
		return nil, err
	}
	_, httpPort, err := splitAddress(config.HTTP)
	if err != nil {
		return nil, err
	}
	site.domains = config.Domains
	m := &Manager{site: site, log: config.Log, ended: &atomic.Bool{}, checkEvery: config.CheckEvery}
	m.storage = &storage{
		files: config.Files, sealer: config.Sealer, owner: config.Owner, log: config.Log, poll: lockPoll,
		extend: extendLock,
		now:    func() onboarding.Timestamp { return onboarding.TimestampOf(time.Now()) },
	}
	logger := newZap(config.Log, m.ended)
	m.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert:   func(certmagic.Certificate) (*certmagic.Config, error) { return m.magic, nil },
		RenewCheckInterval: cmp.Or(config.CheckEvery, certmagic.DefaultRenewCheckInterval),
		Logger:             logger,
	})
	m.magic = certmagic.New(m.cache, certmagic.Config{
		Storage: m.storage, OnEvent: m.report, DefaultServerName: site.host, Logger: logger,
		// Asking for one has no time limit, and few authorities still answer.
		OCSP:    certmagic.OCSPConfig{DisableStapling: true},
		Issuers: []certmagic.Issuer{}, // its own is added below: it needs the configuration
	})
	template := certmagic.ACMEIssuer{
		CA: config.Authority.Directory, Email: config.Authority.Email, Agreed: true,
		TrustedRoots: cmp.Or(config.Authority.Roots, config.Route.Roots()), ListenHost: tlsHost,
		AltTLSALPNPort: tlsPort, AltHTTPPort: httpPort,
		DisableHTTPChallenge: config.HTTP == "", Logger: logger,
	}
	if config.Route.HasProxy() { // else certmagic takes the environment's
		template.HTTPProxy = func(call *http.Request) (*url.URL, error) { return config.Route.Proxy(call.URL) }
	}
	if config.Authority.AccountKeyID != "" {
		template.ExternalAccount = &acme.EAB{
			KeyID: config.Authority.AccountKeyID, MACKey: config.Authority.AccountKey.Reveal(),
		}
	}
	m.issuer = certmagic.NewACMEIssuer(m.magic, template)
	m.magic.Issuers = []certmagic.Issuer{m.issuer}
	return m, nil
}

func splitAddress(address string) (host string, port int, err error) {
	if address == "" {
		return "", 0, nil
	}
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return "", 0, fmt.Errorf("reading where the relay listens: %w", err)
	}
	if resolved.IP != nil && !resolved.IP.IsUnspecified() {
		host = resolved.IP.String()
	}
	return host, resolved.Port, nil
}

// report writes what became of a certificate. An error would end what is under way.
func (m *Manager) report(ctx context.Context, event string, data map[string]any) error {
	switch event {
	case "cert_obtained":
		m.log.InfoContext(ctx, "a certificate was fetched", "host", data["identifier"], "authority", data["issuer"],
			"renewed", data["renewal"])
	case "cert_failed":
		if !m.ended.Load() {
			err, _ := data["error"].(error)
			m.log.ErrorContext(ctx, "no certificate was fetched; it is tried again", "host", data["identifier"],
				"what_to_do", advice(err), "error", err)
		}
	}
	return nil
}

// advice is what an operator can do when an authority gives no certificate.
func advice(err error) string {
	var problem acme.Problem
	switch {
	case !errors.As(err, &problem):
		return "see that this machine reaches the authority"
	case problem.Type == acme.ProblemTypeRateLimited:
		return "wait: a limit of the authority is used up"
	}
	return "see that the name leads to this relay, and that the authority reaches it there at port 80 or 443"
}

// TLSConfig serves the certificate. Until there is one, a handshake fails.
func (m *Manager) TLSConfig() *tls.Config { return m.tlsConfig(m.certificate) }

// HTTPHandler answers the authority, also for what another relay on the database has
// asked for, and leads everybody else to the same page with TLS.
func (m *Manager) HTTPHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (m.isOwn(r.Host) || m.isDomain(r.Context(), r.Host)) && m.issuer.HandleHTTPChallenge(w, r) {
			return
		}
		m.redirect(w, r)
	})
}

// Run fetches the certificate, or takes it from the database, and renews it until ctx
// ends. An authority that does not answer is asked again, less and less often.
func (m *Manager) Run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { m.ended.Store(true) })
	defer stop()
	var parts sync.WaitGroup
	parts.Go(func() { m.begin(ctx) })
	parts.Go(func() { m.watchDomains(ctx) })
	m.storage.keepLocks(ctx)
	parts.Wait()
	within(shutdownGrace, m.cache.Stop)
}

// within waits for a call, but not longer than a limit: an authority that is asked now
// and does not answer must not hold up the relay's end.
func within(limit time.Duration, call func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// How long the relay waits where certmagic has given up, or the database could not be
// read: each time twice as long.
const (
	beginAgain     = 10 * time.Second
	beginAgainMost = 10 * time.Minute
)

// begin loads the certificate, or fetches it. From then on the cache renews it.
func (m *Manager) begin(ctx context.Context) {
	for wait := beginAgain; ; wait = min(2*wait, beginAgainMost) {
		err := m.load(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		m.log.ErrorContext(ctx, "there is no certificate yet", "host", m.host, "again_in", wait.String(), "error", err)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

func (m *Manager) load(ctx context.Context) error {
	loaded, err := m.loadStored(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		// Only one relay on the database gets beyond the lock in here. The others wait, and
		// find what it fetched.
		if err := m.magic.ObtainCertAsync(ctx, m.host); err != nil {
			return err
		}
		loaded, err = m.magic.CacheManagedCertificate(ctx, m.host)
	}
	if err != nil {
		return err
	}
	m.log.InfoContext(ctx, "serving the certificate", "host", m.host, "until", loaded.Leaf.NotAfter)
	return m.cache.RenewManagedCertificates(ctx) // it may have ended while no relay ran
}

// loadStored takes the certificate from the database. One that cannot be used, such as
// one whose key is that of the next, is deleted: then there is none. Who writes one has
// the lock.
func (m *Manager) loadStored(ctx context.Context) (loaded certmagic.Certificate, err error) {
	loaded, err = m.magic.CacheManagedCertificate(ctx, m.host)
	if !isBroken(ctx, err) {
		return loaded, err
	}
	lock := "issue_cert_" + m.host // that of certmagic
	if err := m.storage.Lock(ctx, lock); err != nil {
		return loaded, unusable(err)
	}
	defer func() {
		if unlockErr := m.storage.Unlock(context.WithoutCancel(ctx), lock); unlockErr != nil && err == nil {
			err = unlockErr
		}
	}()
	loaded, err = m.magic.CacheManagedCertificate(ctx, m.host)
	if !isBroken(ctx, err) {
		return loaded, err
	}
	m.log.WarnContext(ctx, "the stored certificate cannot be used: another one is fetched", "host", m.host, "error", err)
	site := certmagic.StorageKeys.CertsSitePrefix(m.issuer.IssuerKey(), m.host)
	if err := m.storage.Delete(ctx, site); err != nil {
		return loaded, unusable(err)
	}
	return loaded, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
}

// isBroken reports whether an error is one of the stored certificate itself.
func isBroken(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errStorage)
}
