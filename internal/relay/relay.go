// Package relay is the hosted side, put together: the API for hubs, the wizard
// for clients, the emails and the scheduled jobs.
//
// It holds a credential only while it seals it: never in its database, its log
// or an error. It renews for hubs and never uses what was shared.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/api"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/logs"
	"github.com/latchkeyhq/latchkey/internal/relay/pubsub"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/relay/webhook"
	"github.com/latchkeyhq/latchkey/internal/relay/wizard"
	"github.com/latchkeyhq/latchkey/internal/relay/worker"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

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
	OperatorContact onboarding.Contact
	// Legal are the operator's own texts about privacy and terms; zero: the relay's.
	Legal LegalTexts
	// Mailer sends; nil: emails stay queued.
	Mailer worker.Mailer
	// MailFrom is the bare address that emails come from.
	MailFrom string
	// Drivers are the platforms that the operator configured.
	Drivers []platform.Driver
	// Catalog has the texts of services and failures.
	Catalog *catalog.Catalog
	// Now is the relay's clock; nil: time.Now.
	Now func() time.Time
	// Log gets what happens, without secrets; nil: nothing.
	Log *slog.Logger
	// TrustedProxy are the addresses whose X-Forwarded-For is believed.
	TrustedProxy ingress.Proxies
	// Ingress bounds what one address may ask for; zero: the usual limits.
	Ingress ingress.Limits
	// Limits bound the emails; zero: the usual ones.
	Limits onboarding.Limits
	// Instance names this relay among those on one database, the same after a
	// restart: the address it listens on. Leases of its former run are then
	// due at once; empty: they run out first.
	Instance string
	// Webhooks are the networks that agencies' webhooks may lead to.
	Webhooks webhook.Networks
	// Route is how calls of webhooks leave this machine; nil: directly.
	Route *egress.Route
	// MetaInReview: Meta has not approved the relay's app yet, so new requests ask for Facebook
	// by hand. So they do without an app.
	MetaInReview bool
	// NewestHub is the version of the hub that hubs announce; nil: none.
	NewestHub *wire.HubRelease
	// Demo: every page shows that this is a demo.
	Demo bool
	// Domains: agencies may have their links at a domain of their own; nil: they may not.
	Domains *DomainsConfig
}

// DomainsConfig is how the domains of agencies' own are checked.
type DomainsConfig struct {
	// Resolver asks the DNS; nil: that of the system.
	Resolver domains.Resolver
}

// LegalTexts are an operator's own texts.
type LegalTexts = wizard.LegalTexts

// Relay is a whole relay but for the listener.
type Relay struct {
	store   *store.Store
	keys    *keyset.Keyset
	id      string // inside every sealed credential
	log     *slog.Logger
	owner   store.LeaseOwner
	broker  *pubsub.Broker
	worker  *worker.Worker
	feed    *changeFeed
	api     *api.Server
	tally   *logs.Tally
	gate    *ingress.Gate
	ready   *readiness
	domains *domains.Service // nil: none are served
	handler http.Handler
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Limits = c.Limits.OrDefault()
	return c
}

// New readies a relay on an open database. It changes nothing there but the
// relay's id, made once.
func New(config Config) (*Relay, error) {
	config = config.withDefaults()
	public, err := publicAddress(config.URL)
	if err != nil {
		return nil, err
	}
	relay := &Relay{
		keys: config.Keyset, log: config.Log,
		owner:  store.LeaseOwner{Instance: config.Instance, Run: store.NewID()},
		broker: pubsub.New(), tally: logs.NewTally(config.Log, 0),
	}
	relay.gate = ingress.New(ingress.Config{
		Proxies: config.TrustedProxy, Limits: config.Ingress, Count: relay.tally.Count,
	})
	ctx := context.Background()
	if err := relay.openStore(ctx, config); err != nil {
		return nil, err
	}
	relay.openDomains(config.Domains, public)
	links := link.Links{Signer: relay.keys, Base: public.String()}
	composer, err := mail.NewComposer(config.Catalog)
	if err != nil {
		return nil, err
	}
	deliverer, err := relay.newDeliverer(config, links)
	if err != nil {
		return nil, err
	}
	relay.worker = relay.newWorker(config, links, composer, deliverer)
	relay.feed = &changeFeed{
		db: config.DB, source: config.Source, store: relay.store, keys: relay.keys, broker: relay.broker,
		publish: relay.publish, log: relay.log,
	}
	sealer := sealing.New(relay.store, relay.keys, relay.id, relay.log)
	relay.api, err = api.New(api.Config{
		Catalog: config.Catalog,
		Store:   relay.store, Keys: relay.keys, Sealer: sealer, Links: links, Broker: relay.broker, Drivers: config.Drivers,
		Log: relay.log, Limits: config.Limits, ID: relay.id, Owner: relay.owner, Public: public,
		Operator: api.Operator{Name: config.Operator, Contact: config.OperatorContact, From: config.MailFrom},
		Mail:     mailCheck(config.Mailer), Deliverer: deliverer, Refused: relay.tally.Count,
		ByHandFirst: config.MetaInReview, NewestHub: config.NewestHub, Examine: relay.examine(config),
		Domains: relay.domains, MailFailsSince: relay.worker.MailFailsSince,
	})
	if err != nil {
		return nil, err
	}
	clients, err := relay.newWizard(config, public, sealer)
	if err != nil {
		return nil, err
	}
	relay.ready = &readiness{store: relay.store, log: relay.log, mailFailsSince: relay.worker.MailFailsSince}
	relay.handler = relay.routes(clients, config.TrustedProxy, public.Scheme == "https")
	relay.giveLog(config.Drivers)
	return relay, relay.retireDomains(ctx)
}

// newWizard makes what serves clients.
func (s *Relay) newWizard(config Config, public *url.URL, sealer *sealing.Sealer) (*wizard.Server, error) {
	forClients := wizard.Config{
		Store: s.store, Keys: s.keys, Sealer: sealer, Drivers: config.Drivers, Log: s.log, Public: public,
		Operator: config.Operator, Contact: config.OperatorContact, Legal: config.Legal, Proxies: config.TrustedProxy,
		Limits: config.Limits, Catalog: config.Catalog, Demo: config.Demo, Refused: s.tally.Count,
	}
	if s.domains != nil {
		forClients.Domains = s.domains
	}
	return wizard.New(forClients)
}

// openStore reads what identifies the relay. An error if the database was made with another
// key file, or was put back.
func (s *Relay) openStore(ctx context.Context, config Config) error {
	var err error
	s.store, err = store.New(ctx, store.Config{
		DB: config.DB, Signer: config.Keyset, Now: config.Now, OnChange: s.publish, OnQueued: s.wake,
	})
	if err != nil {
		return fmt.Errorf("reading the relay's database: %w", err)
	}
	if s.id, err = s.store.Metadata(ctx, "relay", store.NewID); err != nil {
		return err
	}
	if err := s.keys.Verify(ctx, s.store.Metadata); err != nil {
		return err
	}
	return s.store.CheckPlace(ctx)
}

// mailCheck asks the mail server whether it takes emails; nil: there is none.
func mailCheck(mailer worker.Mailer) api.MailCheck {
	if mailer == nil {
		return nil
	}
	return func(ctx context.Context) (string, error) {
		sender, able := mailer.(interface {
			Ready(ctx context.Context) error
		})
		if !able {
			return "", nil
		}
		err := sender.Ready(ctx)
		return mail.Reply(err), err
	}
}

// giveLog gives the drivers that log the relay's log.
func (s *Relay) giveLog(drivers []platform.Driver) {
	for _, driver := range drivers {
		if taker, able := driver.(platform.LogTaker); able {
			taker.UseLog(s.log)
		}
	}
}

func (s *Relay) newDeliverer(config Config, links link.Links) (*webhook.Deliverer, error) {
	writer, err := webhook.NewWriter(config.Catalog)
	if err != nil {
		return nil, err
	}
	return webhook.NewDeliverer(webhook.Config{
		Store: s.store, Keys: s.keys, Sender: webhook.NewSender(config.Webhooks, config.Route), Writer: writer,
		Link: links.OpenURL,
	}), nil
}

func (s *Relay) newWorker(
	config Config, links link.Links, composer *mail.Composer, deliverer *webhook.Deliverer,
) *worker.Worker {
	made := worker.Config{
		Deliverer: deliverer,
		Store:     s.store, DB: config.DB, Keys: s.keys, Links: links, NewCode: keyset.NewNumericCode, Mailer: config.Mailer,
		Composer: composer, Catalog: config.Catalog,
		Operator: mail.Operator{Name: config.Operator, From: config.MailFrom, Contact: config.OperatorContact},
		Limits:   config.Limits, MailChanged: s.broker.PublishAll,
		Owner: s.owner, TokenIdle: wizard.TokenIdleTimeout, Now: config.Now, Log: s.log,
	}
	if s.domains != nil {
		made.Bases = s.domains
	}
	return worker.New(made)
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

// HTTPServer is a server of Handler with its limits of time and size. What it
// serves on has to come from Listen.
func (s *Relay) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // with what is waited for at a platform; Listen ends it without progress
		IdleTimeout:       20 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          logs.ForHTTP(s.log, s.tally.Count),
	}
}

// Listen bounds the connections of a listener.
func (s *Relay) Listen(l net.Listener) net.Listener { return s.gate.Listen(l) }

// Store gives access to the database: to where certificates are stored, and for tests.
func (s *Relay) Store() *store.Store { return s.store }

// ID is inside every credential this relay seals.
func (s *Relay) ID() string { return s.id }

// publish is called after each commit that hubs care for.
func (s *Relay) publish(agency string) {
	s.broker.Publish(agency)
	s.wake()
}

// wake is called after each commit that queued an email.
func (s *Relay) wake() { s.worker.Wake() }

// Run runs the scheduled jobs, sends the emails, and reads what other
// processes write, until ctx ends. Running jobs finish; the rest is leased
// again after a restart.
func (s *Relay) Run(ctx context.Context) error {
	if err := s.store.Credentials.ReleaseFormerLeases(ctx, s.owner); err != nil {
		s.log.WarnContext(ctx, "releasing the leases of a former run", "error", err) // they run out
	}
	var parts sync.WaitGroup
	parts.Go(func() { s.worker.Run(ctx) })
	parts.Go(func() { s.feed.run(ctx) })
	if s.domains != nil {
		parts.Go(func() { s.domains.Run(ctx) })
	}
	parts.Wait()
	return nil
}

// RunDueJobs runs every job that is due and sweeps, once: for the operator and
// for tests with a clock of their own.
func (s *Relay) RunDueJobs(ctx context.Context) error {
	err := s.worker.RunDueJobs(ctx)
	if s.domains != nil {
		err = errors.Join(err, s.domains.CheckDue(ctx))
	}
	return err
}

// ShutdownTimeout is how long what was begun may take when a relay ends.
const ShutdownTimeout = 10 * time.Second

// Ready returns an error while the relay cannot serve: its database cannot be written, or
// it is ending.
func (s *Relay) Ready(ctx context.Context) error { return s.ready.check(ctx) }

// BeginShutdown makes /readyz say that the relay is ending.
func (s *Relay) BeginShutdown() { s.ready.ending.Store(true) }

// CloseStreams ends the event streams: they would not end by themselves.
func (s *Relay) CloseStreams() { s.broker.CloseAll() }

// Close ends the event streams and waits for what must not be lost, until ctx
// ends; what it then gives up, it logs. The listener has to be closed before.
func (s *Relay) Close(ctx context.Context) {
	s.CloseStreams()
	s.api.Close(ctx)
	s.tally.Flush()
}
