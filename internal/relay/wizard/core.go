package wizard

import (
	"log/slog"
	"net/netip"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// Keys is what the wizard needs of the relay's keys.
type Keys interface {
	// VerifyLink reads a link's token. What is not exactly one of ours is
	// ErrNotFound; another error means that it could not be verified.
	VerifyLink(token string) (link.Link, error)
	// SignLink makes a link's token.
	SignLink(l link.Link) (onboarding.Secret, error)
	// HashCode is the keyed hash of a one-time code.
	HashCode(code onboarding.Secret) []byte
	// DeletionCode is the code under which a user finds what became of their deletion.
	DeletionCode(userHash []byte, received onboarding.Timestamp) onboarding.Secret
	// HashDeletionCodes are the keyed hashes of such a code under each key.
	HashDeletionCodes(code onboarding.Secret) [][]byte
	// HashAddress is the keyed hash of an email address.
	HashAddress(address string) []byte
	// HashAddresses are those under each key, the newest first.
	HashAddresses(address string) [][]byte
}

// core is what all pages share.
type core struct {
	store    *store.Store
	keys     Keys
	sealer   *sealing.Sealer
	drivers  []platform.Driver
	pages    *pages.Renderer
	log      *slog.Logger
	origin   string // the relay's own public address, without a slash at its end; a browser asks at core.at
	host     string
	secure   bool // the public address is https
	operator string
	limits   onboarding.Limits // of the emails to clients
	domains  Domains
	proxies  ingress.Proxies
	catalog  *catalog.Catalog
	demo     bool
	guesses  *rateLimiter[netip.Prefix] // wrong tokens
	rates    *rateLimits
	refused  func(reason string) // counts what strangers cause
	assets   *assetCache
}
