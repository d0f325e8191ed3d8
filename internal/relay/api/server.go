// Package api is what hubs call: one type for each noun.
//
// It opens no credential: it seals what is renewed and hands on what is sealed.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/logo"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/pubsub"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/relay/webhook"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// routes lists every address for hubs.
func (s *Server) routes() *wire.Server {
	api := wire.NewServer(wire.Config{
		Authenticate: s.authenticate, MainUser: isMainUser, Log: s.log, Refused: s.refused,
	})

	wire.Handle(api, wire.Probe, mapDBErrors(s.probe))
	wire.Handle(api, wire.Enrol, mapDBErrors(s.members.enrol))
	wire.Handle(api, wire.ReadRelay, mapDBErrors(s.readRelay))

	wire.Handle(api, wire.InviteMember, mapDBErrors(s.members.inviteMember))
	wire.Handle(api, wire.ChangeMember, mapDBErrors(s.members.changeMember))
	wire.Handle(api, wire.RemoveMember, mapDBErrors(s.members.removeMember))
	wire.Handle(api, wire.IssueCode, mapDBErrors(s.members.issueCode))
	wire.Handle(api, wire.ListCodes, mapDBErrors(s.members.listCodes))
	wire.Handle(api, wire.WithdrawCode, mapDBErrors(s.members.withdrawCode))
	wire.Handle(api, wire.ListDevices, mapDBErrors(s.devices.listDevices))
	wire.Handle(api, wire.ReadDeviceCredentials, mapDBErrors(s.devices.readDeviceCredentials))
	wire.Handle(api, wire.Approve, mapDBErrors(s.devices.approve))
	wire.Handle(api, wire.Revoke, mapDBErrors(s.devices.revoke))

	wire.Handle(api, wire.StartConnection, mapDBErrors(s.connections.startConnection))
	wire.Handle(api, wire.FinishConnection, mapDBErrors(s.connections.finishConnection))
	wire.Handle(api, wire.EndConnection, mapDBErrors(s.connections.endConnection))

	wire.Handle(api, wire.PickAssets, mapDBErrors(s.accounts.pickAssets))
	wire.Handle(api, wire.PlanAccount, mapDBErrors(s.accounts.planAccount))
	wire.Handle(api, wire.SaveAccount, mapDBErrors(s.accounts.saveAccount))
	wire.Handle(api, wire.RemoveAccount, mapDBErrors(s.accounts.removeAccount))

	s.requests.handle(api)

	wire.Handle(api, wire.ReadChanges, mapDBErrors(s.requests.readChanges))
	wire.Handle(api, wire.ConfirmRestore, mapDBErrors(s.brand.confirmRestore))

	wire.Handle(api, wire.ReadDeliveries, mapDBErrors(s.deliveries.readDeliveries))
	wire.Handle(api, wire.Acknowledge, mapDBErrors(s.deliveries.acknowledge))
	wire.Handle(api, wire.SealForDevice, mapDBErrors(s.deliveries.sealForDevice))
	wire.Handle(api, wire.RenewCredential, mapDBErrors(s.credentials.renewCredential))
	wire.Handle(api, wire.ReportAccess, mapDBErrors(s.credentials.reportAccess))
	wire.Handle(api, wire.ReadSharedGrant, mapDBErrors(s.credentials.readSharedGrant))
	wire.Handle(api, wire.EndAccess, mapDBErrors(s.credentials.endAccess))

	wire.Handle(api, wire.SaveBrand, mapDBErrors(s.brand.saveBrand))
	wire.Handle(api, wire.SwitchBrand, mapDBErrors(s.brand.switchBrand))
	wire.Handle(api, wire.ProposeReplyTo, mapDBErrors(s.brand.proposeReplyTo))
	wire.Handle(api, wire.ConfirmReplyTo, mapDBErrors(s.brand.confirmReplyTo))
	wire.Handle(api, wire.ShareRequests, mapDBErrors(s.brand.shareRequests))
	for _, part := range []interface{ handle(api *wire.Server) }{
		s.webhooks, s.news, s.preflight, s.checkup, &audit{s.core}, &repairs{core: s.core, preflight: s.preflight},
		&byHand{s.core}, &ownDomains{s.core},
	} {
		part.handle(api)
	}
	wire.HandleStream(api, s.subscribe, heartbeat)
	return api
}

// mapDBErrors makes a database that is away an ErrUnavailable, so that the hub asks
// again, and one that cannot take the question's characters an ErrInvalid.
func mapDBErrors[Q, A any](answer func(context.Context, Q) (A, error)) func(context.Context, Q) (A, error) {
	return func(ctx context.Context, p Q) (A, error) {
		a, err := answer(ctx, p)
		switch {
		case sqldb.IsUnavailable(err):
			err = fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
		case sqldb.IsUnwritable(err):
			err = errors.Join(onboarding.Invalid("", "This has characters that cannot be used here."), err)
		}
		return a, err
	}
}

// authenticate finds who asks. Where the rows that prove it are not as the relay wrote
// them, the answer is that the relay is unavailable: a hub must not wipe itself.
func (s *Server) authenticate(ctx context.Context, token onboarding.Secret) (context.Context, error) {
	c, err := s.store.Devices.PrincipalByToken(ctx, keyset.HashToken(token))
	switch {
	case errors.Is(err, onboarding.ErrNotFound):
		return nil, onboarding.ErrUnauthenticated
	case sqldb.IsUnavailable(err):
		return nil, fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
	case errors.Is(err, store.ErrTampered):
		s.log.ErrorContext(ctx, "answered no hub of an agency: the rows of who belongs to it are not as the relay wrote them",
			"error", err)
		return nil, fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
	case err != nil:
		return nil, err
	case c.Device.Revoked != 0, c.Member.Removed != 0:
		return nil, onboarding.ErrRevoked
	case c.Agency.Suspended:
		return nil, onboarding.ErrSuspended
	}
	if c.Device.LastSeen.Since(s.store.Now()) >= 15*time.Minute || c.Device.LastSeen == c.Device.Created {
		if err := s.store.Devices.MarkSeen(ctx, c.Device.ID); err != nil && !sqldb.IsUnavailable(err) {
			return nil, err
		}
	}
	return context.WithValue(ctx, principalKey{}, c), nil
}

// Config is what a Server needs.
type Config struct {
	Store    *store.Store
	Catalog  *catalog.Catalog // what can be asked for
	Keys     *keyset.Keyset
	Sealer   *sealing.Sealer
	Links    link.Links
	Broker   *pubsub.Broker
	Drivers  []platform.Driver
	Log      *slog.Logger
	Limits   onboarding.Limits
	ID       string           // the relay's
	Owner    store.LeaseOwner // of the leases on credentials
	Public   *url.URL
	Operator Operator
	// Mail checks the mail server; nil: there is none.
	Mail MailCheck
	// Examine examines the relay for main users; nil: nothing is examined.
	Examine Examine
	// Deliverer posts the tests of webhooks.
	Deliverer *webhook.Deliverer
	Refused   func(code string) // counts calls that no token proves
	// MailFailsSince is since when an email waits while the mail server takes none, zero while it
	// does; nil: always zero.
	MailFailsSince func() onboarding.Timestamp
	// ByHandFirst: new requests ask for Facebook by hand.
	ByHandFirst bool
	// NewestHub is the version of the hub that hubs announce; nil: none.
	NewestHub *wire.HubRelease
	// Domains checks the domains of agencies' own; nil: the relay serves none.
	Domains *domains.Service
}

// Server answers hubs.
type Server struct {
	*core
	requests    *requests
	members     *members
	devices     *devices
	deliveries  *deliveries
	credentials *credentials
	accounts    *accounts
	connections *connections
	brand       *brand
	webhooks    *webhooks
	news        *news
	preflight   *preflight
	checkup     *checkup
	handler     *wire.Server
}

// New makes a Server. It fails when a method of the API has no answer.
func New(config Config) (*Server, error) {
	c := &core{
		store: config.Store, catalog: config.Catalog, keys: config.Keys, sealer: config.Sealer, links: config.Links,
		broker: config.Broker, drivers: config.Drivers, log: config.Log, limits: config.Limits, id: config.ID,
		public: config.Public, operator: config.Operator, refused: config.Refused, logos: logo.NewFitter(),
		mailFailsSince: config.MailFailsSince, byHandFirst: config.ByHandFirst, newestHub: config.NewestHub,
		domains: config.Domains,
	}
	if c.mailFailsSince == nil {
		c.mailFailsSince = func() onboarding.Timestamp { return 0 }
	}
	d := &devices{c}
	checks := newPreflight(c, config.Mail)
	s := &Server{
		core:        c,
		requests:    &requests{core: c, preflight: checks},
		members:     &members{c},
		devices:     d,
		deliveries:  &deliveries{core: c, devices: d},
		credentials: &credentials{core: c, owner: config.Owner},
		accounts:    &accounts{c},
		connections: &connections{c},
		brand:       &brand{c},
		webhooks:    &webhooks{core: c, owner: config.Owner, deliverer: config.Deliverer},
		news:        &news{c},
		preflight:   checks,
		checkup:     &checkup{core: c, examine: config.Examine},
	}
	s.handler = s.routes()
	if missing := s.handler.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("serving the API: nothing answers %v", missing)
	}
	return s, nil
}

// ServeHTTP answers a hub.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Busy answers a hub whose call gets no turn: it calls again later.
func (s *Server) Busy(w http.ResponseWriter, _ *http.Request) {
	s.handler.Refuse(w, onboarding.ErrUnavailable)
}

// Close waits for renewals to be stored until ctx ends, and logs what it then
// gives up. The listener has to be closed before.
func (s *Server) Close(ctx context.Context) {
	for _, item := range s.credentials.renewals.wait(ctx) {
		s.log.ErrorContext(ctx, "ended before a renewed credential was stored: its account may have to be connected again",
			"item", item)
	}
}

// probe reports that a relay is here. It does not reveal its agencies.
func (s *Server) probe(context.Context, wire.Empty) (wire.ProbeResult, error) {
	return wire.ProbeResult{Operator: s.operator.Name, Address: s.public.String(), Version: wire.Version}, nil
}

func (s *Server) readRelay(ctx context.Context, _ wire.Empty) (wire.RelayResult, error) {
	c := principalFrom(ctx)
	answer := wire.RelayResult{
		Relay: s.id, Operator: s.operator.Name, Contact: s.operator.Contact.String(), Member: c.Member, Device: c.Device.ID,
		MailFrom: s.operator.From, Address: s.public.String(), Limits: s.limits, Checkup: true,
		NewestHub: s.newestHub,
	}
	for _, service := range s.catalog.IDs() {
		offered := wire.OfferedPlatform{Platform: service.Platform(), Offered: true}
		driver, err := s.driverOf(service.Platform())
		if err != nil {
			offered.Offered, offered.Why = false, s.notOffered()
		}
		if service == onboarding.Facebook {
			offered.ByHand, offered.ByHandFirst = true, err != nil || s.byHandFirst
		}
		if versioned, able := driver.(platform.Versioned); able {
			offered.Version = versioned.APIVersion()
		}
		answer.Platforms = append(answer.Platforms, offered)
	}
	return answer, nil
}

// notOffered is read in hubs that compose no sentence of their own.
func (s *Server) notOffered() string {
	text := "This relay is not set up for it. " + s.operator.Name + " runs the relay and can switch it on"
	if contact := s.operator.Contact.String(); contact != "" {
		text += ": " + contact
	}
	return text + "."
}

// subscribe opens the caller's stream. It does not count as one of the requests
// of its address: it lasts, and its device has a few of them only.
func (s *Server) subscribe(ctx context.Context) (<-chan struct{}, func(), error) {
	c := principalFrom(ctx)
	ingress.Leave(ctx)
	sub := s.broker.Subscribe(c.Agency.ID, c.Device.ID)
	return sub.C(), sub.Close, nil
}

// heartbeat rings once, in time for proxies that close idle connections.
func heartbeat() <-chan struct{} {
	beat := make(chan struct{}, 1)
	time.AfterFunc(25*time.Second, func() { beat <- struct{}{} })
	return beat
}
