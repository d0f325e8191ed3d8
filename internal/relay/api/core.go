package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/logo"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/pubsub"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Operator runs the relay, as members read it.
type Operator struct {
	Name    string
	Contact onboarding.Contact
	From    string // the bare address that emails come from
}

// core is what all nouns share.
type core struct {
	store    *store.Store
	catalog  *catalog.Catalog
	logos    *logo.Fitter
	keys     *keyset.Keyset
	sealer   *sealing.Sealer
	links    link.Links
	broker   *pubsub.Broker
	drivers  []platform.Driver
	log      *slog.Logger
	limits   onboarding.Limits
	id       string // the relay's
	public   *url.URL
	operator Operator
	refused  func(code string)
	domains  *domains.Service // nil: the relay serves none of agencies' own

	mailFailsSince func() onboarding.Timestamp // zero: mail works

	byHandFirst bool // new requests ask for Facebook by hand

	newestHub *wire.HubRelease // nil: none is announced
}

// requireVisible returns ErrNotFound unless the caller may act on a request: others
// do not exist for them.
func (s *core) requireVisible(ctx context.Context, request string) error {
	c := principalFrom(ctx)
	of, err := s.store.Requests.Ownership(ctx, c.Agency.ID, request)
	if err != nil {
		return err
	}
	if !c.Agency.MaySee(c.Member, of) {
		return onboarding.ErrNotFound
	}
	return nil
}

// visibleItem returns an item that the caller may act on.
func (s *core) visibleItem(ctx context.Context, id string) (onboarding.Item, error) {
	c := principalFrom(ctx)
	i, err := s.store.Items.Get(ctx, c.Agency.ID, id)
	if err != nil {
		return onboarding.Item{}, err
	}
	if !c.Agency.MaySee(c.Member, i.Ownership()) {
		return onboarding.Item{}, onboarding.ErrNotFound
	}
	return i, nil
}

// validateID refuses what a hub would not make as an id.
func validateID(field, id string) error {
	if id == "" || len(id) > 64 ||
		strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return onboarding.Invalid(field, "This is not an id.")
	}
	return nil
}

// visibleConnection returns a Connection that the caller may use. Others do not
// exist for them.
func (s *core) visibleConnection(ctx context.Context, id string) (onboarding.Connection, error) {
	c := principalFrom(ctx)
	x, err := s.store.Connections.Get(ctx, c.Agency.ID, id)
	if err != nil {
		return onboarding.Connection{}, err
	}
	if !c.Agency.MaySee(c.Member, x.Ownership()) {
		return onboarding.Connection{}, onboarding.ErrNotFound
	}
	return x, nil
}

// maxBatch bounds lists in a question.
const maxBatch = 1000

// maxSealed bounds one sealed credential, in bytes.
const maxSealed = 64 << 10

// driverOf finds the driver of a platform, if the operator configured it.
func (s *core) driverOf(of onboarding.Platform) (platform.Driver, error) {
	return platform.Find(s.drivers, of)
}

// requireSynced refuses what gives somebody access while the agency waits for a main
// user's hub, after a backup was restored: the caller may be one who was removed since.
func (s *core) requireSynced(ctx context.Context) error {
	if principalFrom(ctx).Restored == 0 {
		return nil
	}
	return fmt.Errorf("%w: a backup was restored, and that is not confirmed", onboarding.ErrUnavailable)
}

// agencyLinks are an agency's links for clients: at its own domain, or at the relay's address.
func (s *core) agencyLinks(ctx context.Context, agency string) (link.Links, error) {
	base, err := s.domains.BaseFor(ctx, agency)
	return s.links.At(base), err
}
