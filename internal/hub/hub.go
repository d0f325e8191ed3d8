// Package hub is the agency's side without a window: it synchronises a replica
// of the relay's data, sends queued changes, opens the credentials
// sealed for this computer, and checks shared access against the platforms.
//
// Everything can be read and prepared offline. It shows nothing, never holds a
// platform's app secret, and stores credentials in the system's keychain alone.
// Links are in its database: they can be copied offline.
package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/logo"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Config is what a hub needs.
type Config struct {
	// Dir is the data folder (0700). It is created if missing.
	Dir string
	// Keychain stores this computer's key, its token and the credentials.
	Keychain keychain.Keychain
	// Drivers are the hub's half of the platforms. A platform without one is
	// neither checked nor used.
	Drivers []platform.Driver
	// Catalog has the texts of services and failures.
	Catalog *catalog.Catalog
	// Now is the clock; nil: the system's.
	Now func() time.Time
	// Log gets details for support; nil: no log.
	Log *slog.Logger
	// SortKey makes the sort keys of names; nil: collation.FoldKey. Data that was
	// sorted by another one is in no order.
	SortKey func(text string) []byte
	// Changed is called after a change is committed: one call at a time, from
	// its own goroutine. It may call the hub, but not Close. Nil: no calls.
	Changed func(replica.Change)
	// Wiped is called after everything of the agency was deleted from this computer; nil: no
	// call.
	Wiped func()
	// Poll is the interval of syncs while no change arrives on the stream;
	// zero: a minute.
	Poll time.Duration
	// Version is the wire version that the hub sends; zero: wire.Version.
	Version int
	// Route is how calls of the relay leave this computer; nil: directly. Drivers have their own.
	Route *egress.Route
	// CheckRelay fails with an InvalidError if the relay at an address may not be joined, or
	// called; nil: all may.
	CheckRelay func(address string) error
}

// ErrRelayNotAllowed means that this computer has joined a relay that it may not call.
var ErrRelayNotAllowed = errors.New("the relay is not allowed")

// Hub is the agency's side on one computer. It is safe for concurrent use. A
// data folder has one Hub.
type Hub struct {
	// Replica is the copy of the relay's data: lists, searches, views.
	Replica *replica.Replica
	// Outbox queues the user's changes for the relay.
	Outbox *outbox.Outbox
	// Credentials are the credentials of this computer and how they are shared.
	Credentials *credentials.Credentials
	// News is how the member gets news by email.
	News *News
	// Checks verify, use and end the access that clients share.
	Checks *checks.Checks
	// Arrivals find what clients named and share by hand.
	Arrivals *checks.Arrivals
	// Webhooks are where the relay posts the agency's news.
	Webhooks *Webhooks
	// Domains are the domain of the agency's own.
	Domains *Domains
	// Preflight checks a request before it is sent.
	Preflight *Preflight
	// Checkup is how the relay is.
	Checkup *Checkup
	// Audit verifies the histories of requests.
	Audit *Audit
	// Offboardings end all that the agency has of a client.
	Offboardings *Offboardings
	// Repairs prepare links by which clients repair what they shared.
	Repairs *Repairs

	config   Config
	log      *slog.Logger
	session  *session.Session
	pages    *pages.Renderer // for previews
	composer *mail.Composer
	logos    *logo.Fitter

	syncCh    chan struct{} // wakes the sync loop
	end       context.CancelFunc
	ended     context.Context // done when the hub is closed
	loops     sync.WaitGroup
	enrolling sync.Mutex // one enrolment, or leaving, at a time

	mu           sync.Mutex           // guards the fields below
	signIns      map[string]*signIn   // by id; an ended one until another begins
	cancelStream context.CancelFunc   // ends the current event stream
	askedRelay   onboarding.Timestamp // when the relay last described itself
	round        int64                // finished sync rounds
	roundErr     error                // of the last round
	roundEnded   chan struct{}        // closed and replaced after each round
}

// Open opens the data folder and, on an enrolled computer, starts the loops. It
// does not access the keychain: a locked one delays the loops, not the screens.
// The caller calls Close.
func Open(ctx context.Context, config Config) (*Hub, error) {
	if config.Keychain == nil {
		return nil, errors.New("opening the hub: it needs a keychain")
	}
	if config.Catalog == nil {
		return nil, errors.New("opening the hub: it needs a catalog")
	}
	config.setDefaults()
	renderer, err := pages.New(pages.Config{Catalog: config.Catalog})
	if err != nil {
		return nil, err
	}
	composer, err := mail.NewComposer(config.Catalog)
	if err != nil {
		return nil, err
	}
	copied, err := openReplica(ctx, config)
	if err != nil {
		return nil, err
	}
	hub := &Hub{
		Replica:    copied,
		config:     config,
		log:        config.Log,
		pages:      renderer,
		composer:   composer,
		logos:      logo.NewFitter(),
		syncCh:     make(chan struct{}, 1),
		signIns:    map[string]*signIn{},
		roundEnded: make(chan struct{}),
	}
	hub.addParts()
	if err := hub.loadIdentity(ctx); err != nil {
		_ = copied.Close() // the first error is the one to report
		return nil, err
	}
	if relay, err := hub.Replica.Relay(ctx); err == nil {
		useVersions(config.Drivers, relay)
	} else { // the sync loop reads it again
		hub.log.Warn("what the relay described last cannot be read", "error", err)
	}
	useLog(config.Drivers, config.Log)
	hub.ended, hub.end = context.WithCancel(context.Background())
	hub.loops.Go(func() { detectResume(hub.ended, hub.Resume) })
	hub.loops.Go(hub.syncLoop)
	hub.loops.Go(func() { hub.Replica.PublishLoop(hub.ended) })
	hub.loops.Go(func() { hub.Checks.Run(hub.ended) })
	hub.loops.Go(func() { hub.Offboardings.run(hub.ended) })
	return hub, nil
}

func (c *Config) setDefaults() {
	if c.Wiped == nil {
		c.Wiped = func() {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Poll == 0 {
		c.Poll = time.Minute
	}
	if c.Version == 0 {
		c.Version = wire.Version
	}
	if c.CheckRelay == nil {
		c.CheckRelay = func(string) error { return nil }
	}
}

// openReplica opens the replica in the data folder, which other users of the
// computer may not read.
func openReplica(ctx context.Context, config Config) (*replica.Replica, error) {
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	if err := os.Chmod(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("closing the data folder to others: %w", err)
	}
	return replica.Open(ctx, replica.Config{
		Dir:      config.Dir,
		Catalog:  config.Catalog,
		Now:      config.Now,
		Log:      config.Log,
		SortKey:  config.SortKey,
		OnChange: config.Changed,
	})
}

// addParts makes the parts that work on the replica, and connects them.
func (h *Hub) addParts() {
	wakeSync := func() { signal(h.syncCh) }
	h.session = session.New(session.Config{
		Version:   h.config.Version,
		Route:     h.config.Route,
		Token:     credentials.ReadToken(h.config.Keychain),
		Log:       h.log,
		OnChange:  func() { h.Replica.Publish(replica.Change{Session: true}) },
		OnRevoked: wakeSync, // the sync loop wipes
	})
	h.Webhooks = &Webhooks{session: h.session}
	h.Checkup = &Checkup{session: h.session, replica: h.Replica}
	h.Domains = &Domains{session: h.session}
	h.News = &News{session: h.session, replica: h.Replica, now: h.config.Now}
	h.Credentials = credentials.New(credentials.Config{
		Catalog:  h.config.Catalog,
		Replica:  h.Replica,
		Session:  h.session,
		Keychain: h.config.Keychain,
		Drivers:  h.config.Drivers,
		Now:      h.config.Now,
		Log:      h.log,
		OnQueued: wakeSync,
		OnDue:    func() { h.Checks.Signal() },
	})
	h.Repairs = &Repairs{session: h.session, replica: h.Replica, onDone: wakeSync}
	h.Audit = &Audit{session: h.session, replica: h.Replica, now: h.config.Now}
	h.Preflight = &Preflight{
		session: h.session, replica: h.Replica, credentials: h.Credentials, drivers: h.config.Drivers, now: h.config.Now,
		log: h.log, find: h.FindRelay,
	}
	h.Outbox = outbox.New(outbox.Config{
		Logos:    h.logos,
		Replica:  h.Replica,
		Session:  h.session,
		Now:      h.config.Now,
		Log:      h.log,
		Reseal:   h.Credentials.Reseal,
		OnQueued: wakeSync,
	})
	h.Checks = checks.New(checks.Config{
		Catalog:     h.config.Catalog,
		Replica:     h.Replica,
		Session:     h.session,
		Credentials: h.Credentials,
		Drivers:     h.config.Drivers,
		Now:         h.config.Now,
		Log:         h.log,
		OnQueued:    wakeSync,
	})
	h.Arrivals = h.Checks.Arrivals
	h.Offboardings = &Offboardings{
		session: h.session, replica: h.Replica, outbox: h.Outbox, credentials: h.Credentials, checks: h.Checks,
		audit: h.Audit, now: h.config.Now, log: h.log, sync: h.Sync, store: replica.StoreOffboarding,
		due: make(chan struct{}, 1),
	}
}

func useLog(drivers []platform.Driver, log *slog.Logger) {
	for _, driver := range drivers {
		if taker, able := driver.(platform.LogTaker); able {
			taker.UseLog(log)
		}
	}
}

// loadIdentity loads this computer's identity and finishes an interrupted wipe.
func (h *Hub) loadIdentity(ctx context.Context) error {
	if wiping, err := replica.ReadMetadata(ctx, h.Replica.DB(), replica.MetaWiping); err != nil {
		return err
	} else if wiping != "" {
		h.session.Revoke()
		return nil // the sync loop retries
	}
	if revoked, err := replica.ReadMetadata(ctx, h.Replica.DB(), replica.MetaRevoked); err != nil {
		return err
	} else if revoked != "" {
		h.session.Revoke()
		h.session.Forget(revoked)
	}
	var id session.Identity
	if err := replica.ReadMetadataJSON(ctx, h.Replica.DB(), replica.MetaIdentity, &id); err != nil {
		return err
	}
	if id.Device == "" {
		return nil
	}
	if err := h.config.CheckRelay(id.Address); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrRelayNotAllowed, id.Address, err)
	}
	h.session.Enrol(id)
	return nil
}

// Close stops the loops, waits for them and closes the database. Interrupted
// work is repeated after the next start.
func (h *Hub) Close() error {
	h.mu.Lock()
	h.end()
	h.mu.Unlock()
	h.loops.Wait()
	return h.Replica.Close()
}

func (h *Hub) now() onboarding.Timestamp { return onboarding.TimestampOf(h.config.Now()) }

// signal wakes a loop without blocking; signals coalesce.
func signal(loop chan struct{}) {
	select {
	case loop <- struct{}{}:
	default:
	}
}

// Resume is called when the computer wakes from sleep or a network returns: the
// hub syncs, reconnects its event stream, and runs overdue checks. detectResume
// calls it within seconds by itself.
func (h *Hub) Resume() {
	h.mu.Lock()
	cut := h.cancelStream
	h.mu.Unlock()
	if cut != nil {
		cut() // a dead connection may look open; runStream reconnects
	}
	signal(h.syncCh)
	h.Checks.Signal()
}

// SessionInfo describes this computer's session with the relay.
type SessionInfo struct {
	State       session.State        `json:"state"`
	Detail      string               `json:"detail"`              // more about the state, for details to copy
	Keychain    keychain.Reason      `json:"keychain"`            // why it is unavailable; empty: available
	Online      bool                 `json:"online"`              // whether the last call reached the relay
	Obstacle    wire.Obstacle        `json:"obstacle" ts:"empty"` // why it did not; empty: it did, or there was none
	Relay       string               `json:"relay"`               // its address
	AgencyID    string               `json:"agency_id"`
	Agency      string               `json:"agency"` // the company name that clients read
	MemberID    string               `json:"member_id"`
	Member      string               `json:"member"`
	Email       string               `json:"email"`
	Role        onboarding.Role      `json:"role" ts:"empty"`
	Device      string               `json:"device"`
	Fingerprint string               `json:"fingerprint"` // of this computer's key, while it waits for approval
	ReadUntil   onboarding.Timestamp `json:"read_until"`  // last complete sync; zero: never
	MailFails   onboarding.Timestamp `json:"mail_fails"`  // since when emails wait for the relay's mail server
	Waiting     int                  `json:"waiting"`     // queued outbox entries
	Refused     int                  `json:"refused"`     // refused entries, neither retried nor discarded
}

// SessionInfo returns the state of the session and of the outbox.
func (h *Hub) SessionInfo(ctx context.Context) (SessionInfo, error) {
	info := h.session.Info()
	id := info.Identity
	view := SessionInfo{State: info.State, Detail: info.Detail, Keychain: info.Keychain}
	view.Online, view.Obstacle = info.Online, info.Obstacle
	view.Relay, view.AgencyID, view.MemberID, view.Device = id.Address, id.Agency, id.Member, id.Device
	err := h.Replica.DB().Read(ctx, func(q sqldb.Queryer) error {
		agency, err := replica.ReadAgency(ctx, q)
		if err != nil {
			return err
		}
		view.Agency = agency.CompanyName()
		member, err := replica.ReadMember(ctx, q, id.Member)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		view.Member, view.Email, view.Role = member.Name, member.Email, member.Role
		device, err := replica.ReadDevice(ctx, q, id.Device)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if device.ID != "" && device.Approved == 0 {
			view.Fingerprint = credentials.Fingerprint(id.PublicKey)
		}
		if view.ReadUntil, err = replica.ReadMetadataTime(ctx, q, replica.MetaReadUntil); err != nil {
			return err
		}
		if view.MailFails, err = replica.ReadMetadataTime(ctx, q, replica.MetaMailFails); err != nil {
			return err
		}
		view.Waiting, view.Refused, err = replica.CountOutbox(ctx, q)
		return err
	})
	if err != nil {
		return SessionInfo{}, fmt.Errorf("reading where this computer stands: %w", err)
	}
	return view, nil
}

// useVersions sets the platforms' API versions that the relay's operator
// configured. A driver without one uses its default.
func useVersions(drivers []platform.Driver, relay wire.RelayResult) {
	for _, driver := range drivers {
		versioned, able := driver.(platform.Versioned)
		if !able {
			continue
		}
		version := ""
		for _, offered := range relay.Platforms {
			if offered.Platform == driver.Platform() {
				version = offered.Version
			}
		}
		versioned.UseVersion(version)
	}
}
