// Package demo is a whole Latchkey in one process, on loopback: a relay on a
// database of its own, fake platforms and a mailbox, a believable agency
// with a past, and the second computer of its main user.
//
// Programs and tests use it like a real relay. It keeps its secrets in memory, shows that
// on every page, and forgets them when it ends.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/relay/webhook"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// The demo's agency and operator.
const (
	Agency   = "Northlight Media"
	Operator = "Kestrel Hosting"
	mainName = "Ana Ruiz"
	mainMail = "ana@northlight.example"
	mailFrom = "requests@access.northlight.example"
	contact  = "abuse@kestrel.example"

	firstPort = 7420
)

// Config is what a demo needs. The zero value works.
type Config struct {
	// Catalog has the texts of services and failures.
	Catalog *catalog.Catalog
	// Dir keeps the demo's data. Empty: a temporary folder that goes at the end.
	// Platforms and credentials are in memory in any case.
	Dir string
	// Source is the relay's database, as for serve. Empty: a file in Dir.
	Source string
	// Log gets the relay's log; nil: nothing does.
	Log *slog.Logger
	// Stderr gets a sentence for each part of the start; nil: nobody is told.
	Stderr func(sentence string)
}

// Demo is running until Close.
type Demo struct {
	World *sandbox.World
	Relay *relay.Relay
	// URL is the relay's address.
	URL string

	config    Config
	temporary string
	clock     *clock
	db        *sqldb.DB
	operator  *admin.Admin
	office    *hub.Hub // Ana's computer at the office, which has the credentials; nil: it sleeps
	secrets   *keychain.Memory
	addresses map[onboarding.Platform]platform.Endpoints
	server    *http.Server
	end       context.CancelFunc
	parts     sync.WaitGroup
	keys      map[string]string // of the clients' people at the platforms, by client
	withdrawn []Link
	asked     chan struct{} // something changed on the office's computer
	info      Info
}

// Info is what somebody outside needs to join in.
type Info struct {
	Relay         string            `json:"relay"`
	Mailbox       string            `json:"mailbox"`
	Control       string            `json:"control"`
	Platforms     map[string]string `json:"platforms"`
	EnrolmentCode string            `json:"enrolment_code"`
	Accounts      []sandbox.Key     `json:"activecampaign_accounts"` // with their keys
	Links         []Link            `json:"links"`
}

// Link is a request's link. Its state is pending as long as the link works.
type Link struct {
	Client   string               `json:"client"`
	Services []onboarding.Service `json:"services"`
	State    string               `json:"state"`
	URL      string               `json:"url"`
}

// Start builds everything and plays the past. It returns when every part
// answers. On an error nothing is left running.
func Start(ctx context.Context, config Config) (_ *Demo, err error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Stderr == nil {
		config.Stderr = func(string) {}
	}
	demo := &Demo{config: config, clock: &clock{}, asked: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, demo.Close())
		}
	}()
	if config.Dir == "" {
		if demo.temporary, err = os.MkdirTemp("", "latchkey-demo-"); err != nil {
			return nil, fmt.Errorf("making the demo's folder: %w", err)
		}
		demo.config.Dir = demo.temporary
	}
	config.Stderr("Starting fake platforms and a mailbox …")
	listener, err := demo.outside()
	if err != nil {
		return nil, err
	}
	demo.seedClients()
	config.Stderr("Starting a relay …")
	if err := demo.inside(ctx, listener); err != nil {
		_ = listener.Close() // it may be closed already
		return nil, err
	}
	agencies, err := demo.operator.ListAgencies(ctx)
	if err != nil {
		return nil, err
	}
	if len(agencies) == 0 {
		config.Stderr("Playing the past of " + Agency + " …")
		err = demo.seed(ctx)
	} else {
		config.Stderr("Going on with " + Agency + " …")
		err = demo.goOn(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := demo.collectInfo(ctx); err != nil {
		return nil, err
	}
	answering, stop := context.WithCancel(context.Background())
	end := demo.end
	demo.end = func() { stop(); end() }
	demo.parts.Go(func() { demo.autoApprove(answering) })
	return demo, nil
}

// Info is what somebody outside needs.
func (d *Demo) Info() Info { return d.info }

// Catalog has the texts with links to the simulated platforms' pages.
func (d *Demo) Catalog() *catalog.Catalog { return d.config.Catalog }

// Addresses are where a hub's drivers find the simulated platforms.
func (d *Demo) Addresses() map[onboarding.Platform]platform.Endpoints { return d.addresses }

// Code is a fresh one-time code for another computer of Ana's. Whoever joins
// with it is approved by the computer at the office.
func (d *Demo) Code(ctx context.Context) (onboarding.Secret, error) {
	_, code, err := d.operator.MemberCode(ctx, Agency, mainMail)
	return code.Code, err
}

// Close ends every part, the last started first.
func (d *Demo) Close() error {
	var failed []error
	if d.end != nil {
		d.end()
	}
	if d.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), relay.ShutdownTimeout)
		defer cancel()
		d.Relay.CloseStreams()
		failed = append(failed, d.server.Close())
		d.Relay.Close(ctx)
	}
	d.parts.Wait()
	if d.office != nil {
		failed = append(failed, d.office.Close())
	}
	if d.db != nil {
		failed = append(failed, d.db.Close())
	}
	if d.World != nil {
		failed = append(failed, d.World.Close())
	}
	if d.temporary != "" {
		failed = append(failed, os.RemoveAll(d.temporary))
	}
	return errors.Join(failed...)
}

// outside starts the platforms and the mailbox, and opens the relay's door.
func (d *Demo) outside() (net.Listener, error) {
	listen := portsFrom(firstPort)
	listener, err := listen("relay")
	if err != nil {
		return nil, fmt.Errorf("listening as the relay: %w", err)
	}
	// The platforms are at 127.0.0.1 and the relay is at localhost: other sites,
	// as in life, where a cookie does not travel from one to the other.
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("finding the relay's port: %w", err)
	}
	d.URL = "http://localhost:" + port
	d.World, err = sandbox.New(sandbox.Config{
		Platforms: all.Fakes(),
		Listen:    listen,
		MailDir:   filepath.Join(d.config.Dir, "mail"),
	})
	if err != nil {
		_ = listener.Close() // nothing was served
		return nil, err
	}
	d.World.SetCallbacks(string(onboarding.Meta), sandbox.Callbacks{
		Deauthorize: d.URL + "/deauthorize/meta", Deletion: d.URL + "/data-deletion/meta",
	})
	d.addresses = map[onboarding.Platform]platform.Endpoints{}
	for _, name := range d.World.Platforms() {
		d.World.AllowRedirect(d.URL + "/callback/" + name)
		at := d.World.Server(name).URL()
		d.addresses[onboarding.Platform(name)] = platform.Endpoints{Auth: at, Token: at, API: at}
	}
	d.config.Catalog = catalog.WithPlaces(d.config.Catalog, d.place())
	return listener, nil
}

// place gives the simulated platform's page for an address of the real one.
func (d *Demo) place() func(address string) string {
	places := map[string]string{} // by host
	for _, service := range d.config.Catalog.Services() {
		if manage, err := url.Parse(service.Manage.URL); err == nil {
			places[manage.Host] = d.World.Inside(string(service.ID.Platform()))
		}
	}
	places["www.facebook.com"] = d.World.Server(string(onboarding.Meta)).URL() + "/"
	return func(address string) string {
		if of, err := url.Parse(address); err == nil && places[of.Host] != "" {
			return places[of.Host]
		}
		return address
	}
}

// portsFrom gives the next ports, and any free one where the next is taken.
func portsFrom(port int) func(string) (net.Listener, error) {
	return func(string) (net.Listener, error) {
		listener, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		port++
		if err == nil {
			return listener, nil
		}
		return net.Listen("tcp", "127.0.0.1:0")
	}
}

// inside starts the relay and the computer at the office.
func (d *Demo) inside(ctx context.Context, listener net.Listener) error {
	source := d.config.Source
	if source == "" {
		source = filepath.Join(d.config.Dir, "relay.db")
	}
	var err error
	if d.db, err = sqldb.Open(ctx, sqldb.Config{
		Source: source, Migrations: store.Migrations(), Ephemeral: d.temporary != "",
	}); err != nil {
		return err
	}
	keys, err := keyset.Open(filepath.Join(d.config.Dir, "relay.key"), time.Now)
	if err != nil {
		return err
	}
	sender, err := mail.NewSender(mail.Config{URL: "smtp://" + d.World.Mail.SMTPAddr(), From: mailFrom})
	if err != nil {
		return err
	}
	apps := map[onboarding.Platform]platform.App{}
	for of, addresses := range d.addresses {
		apps[of] = platform.App{
			ClientID:     d.World.ClientID(string(of)),
			ClientSecret: onboarding.NewSecret(d.World.ClientSecret(string(of))),
			Endpoints:    addresses,
			Settings:     d.World.Settings(string(of)),
		}
	}
	// The platforms keep today's time, whatever the relay's clock shows while it plays the past.
	drivers, err := all.ForRelay(apps, time.Now)
	if err != nil {
		return err
	}
	d.Relay, err = relay.New(relay.Config{
		Catalog: d.config.Catalog, URL: d.URL, DB: d.db, Source: source, Keyset: keys,
		Operator: Operator, OperatorContact: onboarding.Contact{Email: contact}, Mailer: sender, MailFrom: mailFrom,
		Drivers: drivers, Now: d.clock.Now, Log: d.config.Log, Instance: "demo", Demo: true,
		Webhooks: webhook.Loopback,
		// The past holds more emails than an agency may send in the day it is played in.
		Limits: onboarding.Limits{AgencyAddressesPerDay: 5000},
	})
	if err != nil {
		return err
	}
	if d.operator, err = admin.New(admin.Config{
		DB: d.db, Keyset: keys, Services: d.config.Catalog.ServiceNames(), Now: d.clock.Now,
	}); err != nil {
		return err
	}
	running, end := context.WithCancel(context.Background())
	d.end = end
	d.server = d.Relay.HTTPServer()
	d.parts.Go(func() { _ = d.server.Serve(d.Relay.Listen(listener)) }) // it ends with Close, and its error is only that
	d.parts.Go(func() { _ = d.Relay.Run(running) })                     // the same
	return d.openOffice(ctx)
}

// openOffice starts Ana's computer at the office, or wakes it: what its
// keychain holds stays as long as the demo runs.
func (d *Demo) openOffice(ctx context.Context) error {
	drivers, err := all.ForHub(d.addresses)
	if err != nil {
		return err
	}
	folder := filepath.Join(d.config.Dir, "office")
	if d.secrets == nil {
		d.secrets = keychain.NewMemory()
		if err := os.RemoveAll(folder); err != nil { // its secrets were in memory: it begins anew
			return fmt.Errorf("clearing the office's computer: %w", err)
		}
	}
	office, err := hub.Open(ctx, hub.Config{
		Catalog: d.config.Catalog, Dir: folder, Keychain: d.secrets, Drivers: drivers, Now: d.clock.Now, Log: d.config.Log,
		Changed: d.officeChanged,
	})
	if err != nil {
		return err
	}
	d.office = office
	return nil
}

// closeOffice lets the office's computer sleep.
func (d *Demo) closeOffice() error {
	office := d.office
	d.office = nil
	return office.Close()
}

// clock is real time, moved back while the past is played.
type clock struct {
	mu   sync.Mutex
	back time.Duration
}

// Now is the demo's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(-c.back)
}

// Set moves the clock to so long ago.
func (c *clock) Set(ago time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.back = ago
}
