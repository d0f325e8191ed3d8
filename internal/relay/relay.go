// Package relay is the hosted side: the API for hubs, the wizard for clients,
// the letters and the duties.
//
// It holds a credential for moments only, while it seals it: never in its
// database, its log or an error. It renews for hubs and never uses what was
// shared.
package relay

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/pubsub"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/relay/wizard"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Mailer hands one letter to a mail server. mail.Sender is one; its errors are
// those that mail names.
type Mailer interface {
	Send(ctx context.Context, message *mail.Message) error
}

// Config is what a Relay needs.
type Config struct {
	// URL is the public address: https, or http on loopback.
	URL string
	// DB is open, with store.Migrations. The Relay does not close it.
	DB *sqldb.DB
	// Source is where DB came from: with PostgreSQL a connection of its own
	// listens there for what other relays write. Empty: only polling.
	Source string
	// Keyset holds the keys; it has to be the one this database was made with.
	Keyset *keyset.Keyset
	// Operator and OperatorContact are shown to clients.
	Operator        string
	OperatorContact string
	// Mailer sends; nil: letters stay queued.
	Mailer Mailer
	// MailFrom is the bare address that letters come from.
	MailFrom string
	// Drivers are the platforms that the operator configured.
	Drivers []platform.Driver
	// Now is the relay's clock; nil: time.Now.
	Now func() time.Time
	// Log gets what happens, without secrets; nil: nothing.
	Log *slog.Logger
	// TrustedProxy are the addresses whose X-Forwarded-For is believed.
	TrustedProxy []netip.Prefix
	// Limits bound the letters; zero: the usual ones.
	Limits onboarding.Limits
	// Instance names this relay among those on one database, the same after a
	// restart: the address it listens on. Leases of its former life are then
	// due at once; empty: they run out first.
	Instance string
	// Demo says so on every page.
	Demo bool
}

// Relay is a whole relay but for the listener.
type Relay struct {
	store    *store.Store
	db       *sqldb.DB
	source   string
	keys     *keyset.Keyset
	links    link.Links
	id       string // of this relay: inside every sealed credential
	public   *url.URL
	operator mail.Operator
	mailer   Mailer
	drivers  []platform.Driver
	now      func() time.Time
	log      *slog.Logger
	limits   onboarding.Limits
	life     store.Life
	broker   *pubsub.Broker
	sealer   *sealing.Sealer
	wake     chan struct{} // a letter or duty may be due
	api      *wire.Server
	handler  http.Handler
	hands    sync.Mutex // of the letters: which of them are in hand
	inHand   map[string]bool
	renewals sync.WaitGroup // credentials that a platform has rotated and nothing keeps yet
}

// New readies a relay on an open database. It changes nothing there but the
// relay's id, made once.
func New(config Config) (*Relay, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	public, err := publicAddress(config.URL)
	if err != nil {
		return nil, err
	}
	s := &Relay{
		db: config.DB, source: config.Source, keys: config.Keyset, public: public, mailer: config.Mailer, drivers: config.Drivers,
		operator: mail.Operator{Name: config.Operator, From: config.MailFrom, Contact: config.OperatorContact},
		now:      config.Now, log: config.Log, limits: config.Limits.OrDefault(),
		life:   store.Life{Instance: config.Instance, ID: store.NewID()},
		broker: pubsub.New(), wake: make(chan struct{}, 1), inHand: map[string]bool{},
	}
	s.links = link.Links{Signer: s.keys, Base: public.String()}
	s.store, err = store.New(context.Background(), store.Config{DB: config.DB, Now: config.Now, News: s.publish, Queued: s.nudge})
	if err != nil {
		return nil, fmt.Errorf("reading the relay's database: %w", err)
	}
	if s.id, err = s.store.Fact(context.Background(), "relay", store.NewID); err != nil {
		return nil, err
	}
	if err := s.keys.Verify(context.Background(), s.store.Fact); err != nil {
		return nil, err
	}
	s.sealer = sealing.New(s.store, s.keys, s.id, s.log)
	s.api = s.newAPI()
	if missing := s.api.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("serving the API: nobody answers %v", missing)
	}
	clients, err := wizard.New(wizard.Config{
		Store: s.store, Keys: s.keys, Sealer: s.sealer, Drivers: s.drivers, Log: s.log, Public: s.public,
		Operator: config.Operator, Contact: config.OperatorContact, Proxies: config.TrustedProxy,
		Limits: s.limits, Demo: config.Demo,
	})
	if err != nil {
		return nil, err
	}
	s.handler = s.routes(clients)
	for _, driver := range s.drivers {
		if taker, able := driver.(platform.LogTaker); able {
			taker.UseLog(s.log)
		}
	}
	return s, nil
}

// publicAddress checks the address clients use: a scheme and a host.
func publicAddress(address string) (*url.URL, error) {
	checked, err := wire.RelayAddress(address)
	if err != nil {
		return nil, fmt.Errorf("reading the relay's public address: %w", err)
	}
	return url.Parse(checked)
}

// Handler answers hubs under /api/ and clients everywhere else.
func (s *Relay) Handler() http.Handler { return s.handler }

// Store is the relay's memory, for the operator's commands and for tests.
func (s *Relay) Store() *store.Store { return s.store }

// ID is inside every credential this relay seals.
func (s *Relay) ID() string { return s.id }

// publish is called after each commit that hubs care for.
func (s *Relay) publish(agency string) {
	s.broker.Publish(agency)
	s.nudge()
}

// nudge wakes the loop of letters and duties.
func (s *Relay) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run does the duties, sends the letters, and hears what other processes
// write, until ctx ends. What it was doing then is finished or left for the
// next life.
func (s *Relay) Run(ctx context.Context) error {
	if err := s.store.EndFormerLeases(ctx, s.life); err != nil {
		s.log.WarnContext(ctx, "freeing what a former life held", "error", err) // the leases run out
	}
	var parts sync.WaitGroup
	for _, part := range []func(context.Context){s.runDuties, s.runLetters, s.watchChanges, s.listenForChanges, s.watchKeyset} {
		parts.Go(func() { part(ctx) })
	}
	parts.Wait()
	return nil
}

// Close ends the streams of news and waits for what must not be lost. The
// listener has to be closed before.
func (s *Relay) Close() {
	s.broker.CloseAll()
	s.renewals.Wait()
}

// linkTo is a request's link for a recipient's number; zero: the one that is
// copied.
func linkTo(q store.Request, number int) link.Link {
	return link.Link{Kind: link.KindRequest, Version: q.LinkVersion, Number: number, ID: q.LinkID}
}

// driverOf finds the driver of a platform, if the operator configured it.
func (s *Relay) driverOf(of onboarding.Platform) (platform.Driver, error) {
	return platform.Find(s.drivers, of)
}
