// Package credentials owns what this computer can open: the keychain's entries,
// the deliveries that are sealed for it, the renewal of access tokens, and the
// sealing of credentials for other devices.
//
// A secret is in the keychain and, for access tokens, in memory: never on the
// disk, and never in a log.
package credentials

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// Config is what credentials need.
type Config struct {
	Replica  *replica.Replica
	Session  *session.Session
	Keychain keychain.Keychain
	// Drivers are the hub's half of the platforms.
	Drivers []platform.Driver
	// Catalog has the texts of services and failures.
	Catalog *catalog.Catalog
	// Now is the clock.
	Now func() time.Time
	// Log gets details for support.
	Log *slog.Logger
	// OnQueued is called after an entry was queued or a read became necessary.
	// It must not block.
	OnQueued func()
	// OnDue is called after an item's check has become due. It must not block.
	OnDue func()
}

// Credentials are the credentials of one computer. They are safe for concurrent
// use.
type Credentials struct {
	config Config
	secret secretStore
	tokens *tokenCache

	fetching sync.Mutex // serialises Fetch

	mu        sync.Mutex      // guards the fields below
	rejected  map[string]bool // deliveries rejected by this process
	postponed map[string]int  // attempts of deliveries that arrived before their item
}

// New returns the credentials of one computer.
func New(config Config) *Credentials {
	return &Credentials{
		config:    config,
		secret:    secretStore{config.Keychain},
		tokens:    newTokenCache(config.Now),
		rejected:  map[string]bool{},
		postponed: map[string]int{},
	}
}

func (c *Credentials) now() onboarding.Timestamp { return onboarding.TimestampOf(c.config.Now()) }

// Forget drops what is in memory, before an enrolment or a wipe.
func (c *Credentials) Forget() {
	c.tokens.clear()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rejected, c.postponed = map[string]bool{}, map[string]int{}
}

// ReadToken returns a reader of this computer's token, for its session.
func ReadToken(k keychain.Keychain) func(context.Context, session.Identity) (onboarding.Secret, error) {
	return secretStore{k}.token
}

// SaveDevice stores this computer's key and token in the keychain.
func (c *Credentials) SaveDevice(ctx context.Context, id session.Identity, secrets DeviceSecrets) error {
	return c.secret.setComputer(ctx, id, secrets)
}
