// Package relaytest is a whole relay for tests: a real database, a real HTTP
// server, the fake platforms and a real mail server. Nothing in it is
// mocked.
//
// It is for tests alone: it never appears in a program.
package relaytest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/relay/webhook"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// MailFrom is the address that a test's relay writes from.
const MailFrom = "access@ops.example"

// Clock is a clock that only a test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at a moment in the past that is the same for every test.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

// Now is the time on the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Config is what a test's relay is made of; its zero value is a relay on
// SQLite with the system's clock, a world and its mail server.
type Config struct {
	// Source is where the database is; empty: a file that goes with the test.
	Source string
	// KeysetFile is where the keys are; empty: a file that goes with the test.
	KeysetFile string
	// Listener is where it answers; nil: a free port of loopback.
	Listener net.Listener
	// Now is the clock of relay and world; nil: the system's.
	Now func() time.Time
	// World is outside; nil: one of its own.
	World *sandbox.World
	// Limits bound the emails; zero: the usual ones.
	Limits onboarding.Limits
	// Ingress bounds what one address may ask for; zero: the usual limits.
	Ingress ingress.Limits
	// TrustedProxy are the proxies in front; none by default.
	TrustedProxy ingress.Proxies
	// Idle keeps jobs and emails from running by themselves.
	Idle bool
	// NoMail starts a relay without a mail server.
	NoMail bool
	// Log gets the relay's log; nil: nothing does.
	Log *slog.Logger
	// Apps changes the relay's apps before its drivers are built; nil: they are
	// as Apps answers them.
	Apps func(map[onboarding.Platform]platform.App)
	// Domains lets agencies have domains of their own; nil: they have none.
	Domains *relay.DomainsConfig
	// NewestHub is the version of the hub that is announced; nil: none.
	NewestHub *wire.HubRelease
	// HubChanged is called after each change in a hub; nil: no calls.
	HubChanged func(replica.Change)
	// HubKeychain is the keychain of the only hub; nil: each has one of its own.
	HubKeychain keychain.Keychain
}

// Relay is a relay that answers at URL until the test ends.
type Relay struct {
	URL        string
	Relay      *relay.Relay
	Admin      *admin.Admin
	Store      *store.Store
	DB         *sqldb.DB
	World      *sandbox.World
	KeysetFile string
	Source     string

	now  func() time.Time
	apps func(map[onboarding.Platform]platform.App)

	hubChanged  func(replica.Change)
	hubKeychain keychain.Keychain

	server *http.Server
	cancel context.CancelFunc
	ended  chan struct{}
	once   sync.Once
}

// New starts a relay with everything usual.
func New(t testing.TB) *Relay {
	t.Helper()
	return Start(t, Config{})
}

// Start starts a relay.
func Start(t testing.TB, config Config) *Relay {
	t.Helper()
	if config.Source == "" {
		config.Source = filepath.Join(t.TempDir(), "relay.db")
	}
	if config.KeysetFile == "" {
		config.KeysetFile = filepath.Join(t.TempDir(), "relay.key")
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.World == nil {
		config.World = NewWorld(t, config.Now)
	}
	if config.Listener == nil {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatalf("listening: %v", err)
		}
		config.Listener = listener
	}
	rl := &Relay{
		World: config.World, KeysetFile: config.KeysetFile, Source: config.Source, now: config.Now, apps: config.Apps,
		hubChanged: config.HubChanged, hubKeychain: config.HubKeychain, ended: make(chan struct{}),
	}
	_, port, err := net.SplitHostPort(config.Listener.Addr().String())
	if err != nil {
		t.Fatalf("reading the listener's address: %v", err)
	}
	rl.URL = "http://localhost:" + port
	rl.World.SetCallbacks(string(onboarding.Meta), sandbox.Callbacks{
		Deauthorize: rl.URL + "/deauthorize/meta", Deletion: rl.URL + "/data-deletion/meta",
	})
	rl.start(t, config)
	t.Cleanup(func() { rl.Stop(t) })
	return rl
}

// NewWorld starts the fake platforms and their mail server.
func NewWorld(t testing.TB, now func() time.Time) *sandbox.World {
	t.Helper()
	world, err := sandbox.New(sandbox.Config{Platforms: all.Fakes(), Now: now})
	if err != nil {
		t.Fatalf("starting the world: %v", err)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Errorf("ending the world: %v", err)
		}
	})
	return world
}

func (rl *Relay) start(t testing.TB, config Config) {
	t.Helper()
	var err error
	rl.DB, err = sqldb.Open(t.Context(), sqldb.Config{
		Source: config.Source, Migrations: store.Migrations(), Ephemeral: true, // no test cuts the power
	})
	if err != nil {
		t.Fatalf("opening the database: %v", err)
	}
	keys, err := keyset.Open(config.KeysetFile, config.Now)
	if err != nil {
		t.Fatalf("opening the key file: %v", err)
	}
	drivers, err := all.ForRelay(rl.changedApps(), config.Now)
	if err != nil {
		t.Fatalf("building the drivers: %v", err)
	}
	sender, err := mail.NewSender(mail.Config{URL: "smtp://" + rl.World.Mail.SMTPAddr(), From: MailFrom})
	if err != nil {
		t.Fatalf("setting up mail: %v", err)
	}
	made := relay.Config{
		Catalog: catalogtest.New(t),
		URL:     rl.URL, DB: rl.DB, Source: config.Source, Keyset: keys, Operator: "Example Operations",
		OperatorContact: onboarding.Contact{Email: "help@ops.example"},
		Mailer:          sender, MailFrom: MailFrom, Drivers: drivers, Now: config.Now, Limits: config.Limits,
		Instance: config.Listener.Addr().String(), Log: config.Log, Ingress: config.Ingress,
		TrustedProxy: config.TrustedProxy, Webhooks: webhook.Loopback, Domains: config.Domains,
		NewestHub: config.NewestHub,
	}
	if config.NoMail {
		made.Mailer = nil
	}
	if rl.Relay, err = relay.New(made); err != nil {
		t.Fatalf("starting the relay: %v", err)
	}
	rl.Store = rl.Relay.Store()
	rl.Admin, err = admin.New(admin.Config{
		DB: rl.DB, Keyset: keys, Services: catalogtest.New(t).ServiceNames(), Now: config.Now,
	})
	if err != nil {
		t.Fatalf("starting the operator's side: %v", err)
	}
	rl.server = rl.Relay.HTTPServer()
	rl.server.Addr = config.Listener.Addr().String()
	go func() {
		if err := rl.server.Serve(rl.Relay.Listen(config.Listener)); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serving: %v", err)
		}
	}()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	rl.cancel = cancel
	if config.Idle {
		close(rl.ended)
		return
	}
	go func() {
		defer close(rl.ended)
		if err := rl.Relay.Run(ctx); err != nil {
			t.Errorf("running: %v", err)
		}
	}()
}

// Apps registers the relay with the world's platforms, as its operator would.
func Apps(world *sandbox.World, address string) map[onboarding.Platform]platform.App {
	apps := map[onboarding.Platform]platform.App{}
	for _, name := range world.Platforms() {
		at := world.Server(name).URL()
		world.AllowRedirect(address + "/callback/" + name)
		apps[onboarding.Platform(name)] = platform.App{
			ClientID: world.ClientID(name), ClientSecret: onboarding.NewSecret(world.ClientSecret(name)),
			Endpoints: platform.Endpoints{Auth: at, Token: at, API: at}, Settings: world.Settings(name),
		}
	}
	return apps
}

// changedApps are the apps as Config.Apps leaves them.
func (rl *Relay) changedApps() map[onboarding.Platform]platform.App {
	apps := Apps(rl.World, rl.URL)
	if rl.apps != nil {
		rl.apps(apps)
	}
	return apps
}

// HubAddresses are where a hub finds the world's platforms.
func HubAddresses(world *sandbox.World) map[onboarding.Platform]platform.Endpoints {
	addresses := map[onboarding.Platform]platform.Endpoints{}
	for of, app := range Apps(world, "http://localhost:1") {
		addresses[of] = app.Endpoints
	}
	return addresses
}

// Stop ends the relay as a SIGTERM does. Stopping again does nothing.
func (rl *Relay) Stop(t testing.TB) {
	t.Helper()
	rl.once.Do(func() {
		rl.cancel()
		<-rl.ended
		rl.Relay.CloseStreams() // first: a server that shuts down waits for them
		ctx, cancel := context.WithTimeout(context.Background(), relay.ShutdownTimeout)
		defer cancel()
		if err := rl.server.Shutdown(ctx); err != nil {
			_ = rl.server.Close() // whoever still hangs on is cut off
		}
		rl.Relay.Close(ctx)
		if err := rl.DB.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
}

// Agency is an agency with the code for its first main user's first device.
type Agency struct {
	onboarding.Agency
	Main onboarding.Member
	Code onboarding.Secret
}

// AddAgency adds an agency as its operator does.
func (rl *Relay) AddAgency(t testing.TB, name, main string) Agency {
	t.Helper()
	added, err := rl.Admin.AddAgency(t.Context(), name, main)
	if err != nil {
		t.Fatalf("adding the agency %s: %v", name, err)
	}
	return Agency{Agency: added.Agency, Main: added.Member, Code: added.Code.Code}
}

// Device is an enrolled computer: the bare wire, for tests of the API itself.
// Journeys use Hub.
type Device struct {
	*wire.Client
	ID     string
	Key    onboarding.Secret
	Public string // the public half of Key
	Token  onboarding.Secret
	Member onboarding.Member
	Agency onboarding.Agency
}

// Enrol makes a device with a code.
func (rl *Relay) Enrol(t testing.TB, code onboarding.Secret) Device {
	t.Helper()
	key, public, err := seal.NewKey()
	if err != nil {
		t.Fatalf("making a key: %v", err)
	}
	nobody, err := wire.NewClient(wire.ClientConfig{Relay: rl.URL})
	if err != nil {
		t.Fatalf("calling %s: %v", rl.URL, err)
	}
	enrolled, err := wire.Call(t.Context(), nobody, wire.Enrol, wire.EnrolParams{
		Code: wire.NewSecretText(code), PublicKey: public, Name: "Test computer",
	})
	if err != nil {
		t.Fatalf("enrolling: %v", err)
	}
	return Device{
		Client: rl.Client(t, enrolled.Token.Secret()), ID: enrolled.Device.ID, Key: key, Public: public,
		Token:  enrolled.Token.Secret(),
		Member: enrolled.Member, Agency: enrolled.Agency,
	}
}

// Client is the wire with a token.
func (rl *Relay) Client(t testing.TB, token onboarding.Secret) *wire.Client {
	t.Helper()
	c, err := wire.NewClient(wire.ClientConfig{Relay: rl.URL, Token: token})
	if err != nil {
		t.Fatalf("calling %s: %v", rl.URL, err)
	}
	return c
}

// Invite adds a member and enrols their first device.
func (rl *Relay) Invite(t testing.TB, by Device, name, email string, role onboarding.Role) Device {
	t.Helper()
	code, err := wire.Call(t.Context(), by.Client, wire.InviteMember, wire.InviteMemberParams{
		ID: store.NewID(), Name: name, Email: email, Role: role,
	})
	if err != nil {
		t.Fatalf("inviting %s: %v", name, err)
	}
	return rl.Enrol(t, code.Code.Secret())
}

// Drivers builds the drivers of a hub of this relay.
func (rl *Relay) Drivers(t testing.TB) []platform.Driver {
	t.Helper()
	drivers, err := all.ForHub(HubAddresses(rl.World))
	if err != nil {
		t.Fatalf("building the hub's drivers: %v", err)
	}
	return drivers
}

// Hub opens a hub with a keychain and a folder of its own, and enrols it.
func (rl *Relay) Hub(t testing.TB, code onboarding.Secret) *hub.Hub {
	t.Helper()
	secrets := rl.hubKeychain
	if secrets == nil {
		secrets = keychain.NewMemory()
	}
	h, err := hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t),
		Dir:     filepath.Join(t.TempDir(), "hub"), Keychain: secrets, Drivers: rl.Drivers(t), Now: rl.now,
		Changed: rl.hubChanged,
	})
	if err != nil {
		t.Fatalf("opening a hub: %v", err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("closing a hub: %v", err)
		}
	})
	if err := h.Enrol(t.Context(), rl.URL, code, "Test computer"); err != nil {
		t.Fatalf("enrolling a hub: %v", err)
	}
	return h
}

// AddPortal stores a connected HubSpot portal of a request, as if its client had connected
// it.
func (rl *Relay) AddPortal(t testing.TB, agency, request, account string) onboarding.Item {
	t.Helper()
	item, err := rl.Store.Items.Put(t.Context(), agency, store.SharedItem{Item: onboarding.Item{
		ID: store.NewID(), Request: request, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: account,
		State: onboarding.ItemConnected,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return item
}

// ReportBroken stores that a check found an item broken, as a hub reports it.
func (rl *Relay) ReportBroken(t testing.TB, agency, item, failure string) {
	t.Helper()
	if _, err := rl.Store.Items.ReportAccess(t.Context(), agency, item, store.AccessReport{
		Access: onboarding.Access{State: onboarding.AccessBroken, Failure: failure},
	}); err != nil {
		t.Fatal(err)
	}
}
