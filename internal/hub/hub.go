// Package hub is the agency's side without a window: it keeps a copy of what
// the relay has, sends what a person decided in the order in which they
// decided it, opens the credentials sealed for this computer, and tries for
// real what clients share.
//
// Everything can be read and prepared offline. It shows nothing, never holds a
// platform's app secret, and keeps no secret outside the system's keychain.
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
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Config is what a hub needs.
type Config struct {
	// Dir is the data folder (0700). It is made when it is missing.
	Dir string
	// Keychain keeps this computer's key, its token and the credentials.
	Keychain keychain.Keychain
	// Drivers are the hub's half of the platforms. A platform without one is
	// neither checked nor used.
	Drivers []platform.Driver
	// Catalog has the texts of services and failures.
	Catalog *catalog.Catalog
	// Now is the clock; nil: the system's.
	Now func() time.Time
	// Log gets what a person need not read; nil: nothing.
	Log *slog.Logger
	// Changed is told what has changed, after it is on the disk: one call at a
	// time, from a goroutine of its own. It may call the hub, but not Close.
	// Nil: nobody is told.
	Changed func(replica.Change)
	// Poll is how often the relay is asked when no news arrives; zero: a minute.
	Poll time.Duration
	// Version is what the hub names as its wire version; zero: wire.Version.
	Version int
}

// Hub is the agency's side on one computer. All of its methods may be called
// concurrently. There is one Hub for a data folder.
type Hub struct {
	// Replica is the copy of what the relay has: lists, searches, views.
	Replica *replica.Replica
	// Outbox is what the user decided and the relay has to learn.
	Outbox *outbox.Outbox
	// Credentials are what this computer can open, and who else gets it.
	Credentials *credentials.Credentials
	// Checks try what clients share, use it and end it.
	Checks *checks.Checks

	config   Config
	log      *slog.Logger
	session  *session.Session
	pages    *pages.Renderer // for previews
	composer *mail.Composer

	syncCh chan struct{} // there may be something to send or to read
	end    context.CancelFunc
	ended  context.Context // of everything that the hub itself runs
	loops  sync.WaitGroup
	asking sync.Mutex // one enrolment of this computer at a time

	mu           sync.Mutex           // guards what follows
	signIns      map[string]*signIn   // Connections being made, by id
	cancelStream context.CancelFunc   // ends the line of news that stands
	askedRelay   onboarding.Timestamp // about itself
	round        int64                // cycles finished
	roundErr     error                // of the newest one
	rounds       chan struct{}        // closed and replaced after each cycle
}

// Open opens the data folder and, on an enrolled computer, begins to work.
// It asks the keychain for nothing before it returns: a locked one holds up
// the loops, not the screens. Close ends it.
func Open(ctx context.Context, config Config) (*Hub, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Poll == 0 {
		config.Poll = time.Minute
	}
	if config.Version == 0 {
		config.Version = wire.Version
	}
	if config.Keychain == nil {
		return nil, errors.New("opening the hub: it needs a keychain")
	}
	if config.Catalog == nil {
		return nil, errors.New("opening the hub: it needs a catalog")
	}
	renderer, err := pages.New(pages.Config{Catalog: config.Catalog})
	if err != nil {
		return nil, err
	}
	composer, err := mail.NewComposer(config.Catalog)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	if err := os.Chmod(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("closing the data folder to others: %w", err)
	}
	copied, err := replica.Open(ctx, replica.Config{
		Dir:      config.Dir,
		Catalog:  config.Catalog,
		Now:      config.Now,
		Log:      config.Log,
		OnChange: config.Changed,
	})
	if err != nil {
		return nil, err
	}
	h := &Hub{
		Replica:  copied,
		config:   config,
		log:      config.Log,
		pages:    renderer,
		composer: composer,
		syncCh:   make(chan struct{}, 1),
		signIns:  map[string]*signIn{},
		rounds:   make(chan struct{}),
	}
	h.session = session.New(session.Config{
		Version:   config.Version,
		Token:     credentials.ReadToken(config.Keychain),
		Log:       config.Log,
		OnChange:  func() { h.Replica.Publish(replica.Change{Session: true}) },
		OnRevoked: func() { signal(h.syncCh) }, // the loop wipes
	})
	h.Credentials = credentials.New(credentials.Config{
		Catalog:  config.Catalog,
		Replica:  h.Replica,
		Session:  h.session,
		Keychain: config.Keychain,
		Drivers:  config.Drivers,
		Now:      config.Now,
		Log:      config.Log,
		OnQueued: func() { signal(h.syncCh) },
		OnDue:    func() { h.Checks.Signal() },
	})
	h.Outbox = outbox.New(outbox.Config{
		Replica:  h.Replica,
		Session:  h.session,
		Now:      config.Now,
		Log:      config.Log,
		Reseal:   h.Credentials.Reseal,
		OnQueued: func() { signal(h.syncCh) },
	})
	h.Checks = checks.New(checks.Config{
		Catalog:     config.Catalog,
		Replica:     h.Replica,
		Session:     h.session,
		Credentials: h.Credentials,
		Drivers:     config.Drivers,
		Now:         config.Now,
		Log:         config.Log,
		OnQueued:    func() { signal(h.syncCh) },
	})
	h.ended, h.end = context.WithCancel(context.Background())
	if err := h.remember(ctx); err != nil {
		_ = copied.Close() // the first error is the one to report
		return nil, err
	}
	if said, err := h.Replica.Relay(ctx); err == nil {
		useVersions(h.config.Drivers, said)
	} else { // the relay is asked again anyway
		h.log.Warn("what the relay said last cannot be read", "error", err)
	}
	for _, driver := range config.Drivers {
		if taker, able := driver.(platform.LogTaker); able {
			taker.UseLog(config.Log)
		}
	}
	h.loops.Add(4)
	go h.detectResume()
	go func() {
		defer h.loops.Done()
		h.Replica.PublishLoop(h.ended)
	}()
	go h.syncLoop()
	go func() {
		defer h.loops.Done()
		h.Checks.Run(h.ended)
	}()
	return h, nil
}

// remember reads who this computer is, and finishes a wiping that was cut off.
func (h *Hub) remember(ctx context.Context) error {
	if wiping, err := replica.ReadMetadata(ctx, h.Replica.DB(), replica.MetaWiping); err != nil {
		return err
	} else if wiping != "" {
		h.session.Revoke()
		return nil // the loop goes on with it
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
	if id.Device != "" {
		h.session.Enrol(id)
	}
	return nil
}

// Close ends all that runs, waits for it and closes the data. What a call was
// doing when the hub was closed is done again next time.
func (h *Hub) Close() error {
	h.mu.Lock()
	h.end()
	h.mu.Unlock()
	h.loops.Wait()
	return h.Replica.Close()
}

func (h *Hub) now() onboarding.Timestamp { return onboarding.TimestampOf(h.config.Now()) }

// signal makes the loop that a channel belongs to look again; a loop that is
// about to look anyway looks once.
func signal(loop chan struct{}) {
	select {
	case loop <- struct{}{}:
	default:
	}
}

// Resume is for a computer that comes back from sleep, or a network that came
// back: the hub asks the relay, listens anew, and makes the checks that fell
// due meanwhile. It notices by itself within seconds that the computer slept.
func (h *Hub) Resume() {
	h.mu.Lock()
	cut := h.cancelStream
	h.mu.Unlock()
	if cut != nil {
		cut() // it may be dead without knowing; another one stands at once
	}
	signal(h.syncCh)
	h.Checks.Signal()
}

// SessionInfo is where this computer stands.
type SessionInfo struct {
	State       session.State        `json:"state"`
	Detail      string               `json:"detail"`   // more about the state, for details to copy
	Keychain    keychain.Reason      `json:"keychain"` // why it does not open; empty: it does
	Online      bool                 `json:"online"`   // the newest call reached the relay
	Relay       string               `json:"relay"`    // its address
	AgencyID    string               `json:"agency_id"`
	Agency      string               `json:"agency"` // the company name that clients read
	MemberID    string               `json:"member_id"`
	Member      string               `json:"member"`
	Email       string               `json:"email"`
	Role        onboarding.Role      `json:"role" ts:"empty"`
	Device      string               `json:"device"`
	Fingerprint string               `json:"fingerprint"` // this computer's number, while it waits to be approved
	ReadUntil   onboarding.Timestamp `json:"read_until"`  // the copy was complete then; zero: never yet
	Waiting     int                  `json:"waiting"`     // entries of the outbox that are to go
	Refused     int                  `json:"refused"`     // entries that the relay refused and nobody has answered
}

// SessionInfo says where this computer stands.
func (h *Hub) SessionInfo(ctx context.Context) (SessionInfo, error) {
	info := h.session.Info()
	id := info.Identity
	s := SessionInfo{State: info.State, Detail: info.Detail, Keychain: info.Keychain, Online: info.Online}
	s.Relay, s.AgencyID, s.MemberID, s.Device = id.Address, id.Agency, id.Member, id.Device
	err := h.Replica.DB().Read(ctx, func(q sqldb.Queryer) error {
		agency, err := replica.ReadAgency(ctx, q)
		if err != nil {
			return err
		}
		s.Agency = agency.CompanyName()
		member, err := replica.ReadMember(ctx, q, id.Member)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		s.Member, s.Email, s.Role = member.Name, member.Email, member.Role
		device, err := replica.ReadDevice(ctx, q, id.Device)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if device.ID != "" && device.Approved == 0 {
			s.Fingerprint = credentials.Fingerprint(id.PublicKey)
		}
		if s.ReadUntil, err = replica.ReadMetadataTime(ctx, q, replica.MetaReadUntil); err != nil {
			return err
		}
		s.Waiting, s.Refused, err = replica.CountOutbox(ctx, q)
		return err
	})
	if err != nil {
		return SessionInfo{}, fmt.Errorf("reading where this computer stands: %w", err)
	}
	return s, nil
}
