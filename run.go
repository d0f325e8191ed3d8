package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/demo"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/window"
)

// Config is what an App needs.
type Config struct {
	Dir      string            // the data folder
	Demo     bool              // opens on the demo; the data folder is not touched
	Keychain keychain.Keychain // the demo has one of its own
	Log      *slog.Logger
	Links    []string // latchkey:// links of the start
	// Addresses are where the platforms are; empty: their own hosts.
	Addresses map[onboarding.Platform]platform.Addresses
}

// App is what the screens can call, and nothing else is exported. Behind it
// is one hub at a time: the real one, or the demo's.
type App struct {
	config  Config
	ctx     context.Context // of everything it starts
	cancel  context.CancelFunc
	ready   chan struct{} // closed when the first hub is open, or is not to be had
	turn    sync.Mutex    // one change of hubs at a time
	working sync.WaitGroup

	mu      sync.Mutex // guards what follows
	desk    window.Surroundings
	hub     *hub.Hub
	looks   *hub.Previews
	demo    *demo.Demo
	demoDir string
	claimed *os.File // held as long as the hub of the data folder is open
	failed  *startError
	enrol   enrolLink
	wanted  string // a place that the screens should go to
	screens kept
}

// enrolLink is what a latchkey://enrol link holds. It only fills the form.
type enrolLink struct{ Relay, Code string }

// NewApp does no work yet: that begins when the window stands.
func NewApp(config Config) *App {
	a := &App{config: config, ready: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.screens = readKept(config.Dir)
	return a
}

// open runs when the window stands.
func (a *App) open(desk window.Surroundings) {
	a.mu.Lock()
	a.desk = desk
	a.mu.Unlock()
	a.follow(a.config.Links)
	a.working.Go(func() {
		defer close(a.ready)
		var err error
		if a.config.Demo {
			err = a.enterDemo(a.ctx)
		} else {
			err = a.enterOwn(a.ctx)
		}
		if err != nil && !desk.Web() { // at a terminal it is the program's last word
			a.config.Log.Error("opening the hub", "error", err)
		}
		a.emit("hub:changed", hub.Change{All: true, Standing: true})
	})
}

// started waits until there is a hub, and gives the demo's facts where it is one.
func (a *App) started(ctx context.Context) (*demo.Facts, error) {
	select {
	case <-a.ready:
	case <-ctx.Done():
		return nil, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed != nil {
		return nil, a.failed
	}
	if a.demo == nil {
		return nil, nil
	}
	facts := a.demo.Facts()
	return &facts, nil
}

// end closes what is open, after the window has gone.
func (a *App) end() error {
	a.cancel()
	a.working.Wait()
	a.turn.Lock()
	defer a.turn.Unlock()
	return a.leaveHub()
}

// leaveHub closes the hub and the demo that are open. The caller has the turn.
func (a *App) leaveHub() error {
	a.mu.Lock()
	h, d, dir, claimed := a.hub, a.demo, a.demoDir, a.claimed
	a.hub, a.looks, a.demo, a.demoDir, a.claimed = nil, nil, nil, "", nil
	a.mu.Unlock()
	var errs []error
	if h != nil {
		errs = append(errs, h.Close())
	}
	if d != nil {
		errs = append(errs, d.Close())
	}
	if dir != "" {
		errs = append(errs, os.RemoveAll(dir))
	}
	if claimed != nil {
		errs = append(errs, claimed.Close())
	}
	return errors.Join(errs...)
}

func (a *App) openHub(ctx context.Context, dir string, chain keychain.Keychain, addresses map[onboarding.Platform]platform.Addresses) (*hub.Hub, error) {
	drivers, err := all.ForHub(addresses)
	if err != nil {
		return nil, err
	}
	return hub.Open(ctx, hub.Config{Dir: dir, Keychain: chain, Drivers: drivers, Log: a.config.Log, Changed: a.changed})
}

func (a *App) use(h *hub.Hub, d *demo.Demo, dir string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hub, a.looks, a.demo, a.demoDir, a.failed = h, hub.NewPreviews(h), d, dir, nil
	// What was being written in one is nothing to the other.
	if d != nil {
		a.screens.Draft = hub.RequestForm{}
	} else {
		a.screens = readKept(a.config.Dir)
	}
}

// enterOwn opens the hub in the data folder.
func (a *App) enterOwn(ctx context.Context) error {
	a.turn.Lock()
	defer a.turn.Unlock()
	err := a.leaveHub()
	if err != nil {
		a.config.Log.Warn("closing the hub before", "error", err)
	}
	claimed, err := claim(a.config.Dir)
	if err != nil {
		a.fail(err)
		return err
	}
	h, err := a.openHub(ctx, a.config.Dir, a.config.Keychain, a.config.Addresses)
	if err != nil {
		a.fail(err)
		return errors.Join(err, claimed.Close())
	}
	a.use(h, nil, "")
	a.mu.Lock()
	a.claimed = claimed
	a.mu.Unlock()
	return nil
}

// enterDemo starts the demo and joins it, as any computer would.
func (a *App) enterDemo(ctx context.Context) (err error) {
	a.turn.Lock()
	defer a.turn.Unlock()
	d, err := demo.Start(ctx, demo.Config{Log: a.config.Log})
	if err != nil {
		return a.noDemo(err)
	}
	dir, err := os.MkdirTemp("", "latchkey-hub-")
	if err != nil {
		return a.noDemo(errors.Join(err, d.Close()))
	}
	h, err := a.openHub(ctx, dir, keychain.NewMemory(), d.Addresses())
	if err != nil {
		return a.noDemo(errors.Join(err, d.Close(), os.RemoveAll(dir)))
	}
	if err = a.join(ctx, h, d); err != nil {
		return a.noDemo(errors.Join(err, h.Close(), d.Close(), os.RemoveAll(dir)))
	}
	if err := a.leaveHub(); err != nil {
		a.config.Log.Warn("closing the hub before", "error", err)
	}
	a.use(h, d, dir)
	return nil
}

func (a *App) join(ctx context.Context, h *hub.Hub, d *demo.Demo) error {
	code, err := d.Code(ctx)
	if err != nil {
		return err
	}
	if err := h.Enrol(ctx, d.URL, code, computerName()); err != nil {
		return err
	}
	return h.Sync(ctx)
}

// errDemo says that the demo did not start.
var errDemo = errors.New("the demo did not start")

func (a *App) noDemo(cause error) error {
	err := fmt.Errorf("%w: %w", errDemo, cause)
	a.mu.Lock()
	none := a.hub == nil
	a.mu.Unlock()
	if none {
		a.fail(err)
	}
	return err
}

func (a *App) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed = notStarted(a.config.Dir, err)
}

func computerName() string {
	name, err := os.Hostname()
	if err != nil || strings.TrimSpace(name) == "" {
		return "This computer"
	}
	return name
}

// previews passes on to whichever hub is open.
func (a *App) previews() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		looks := a.looks
		a.mu.Unlock()
		if looks == nil {
			http.NotFound(w, r)
			return
		}
		looks.ServeHTTP(w, r)
	})
}

func (a *App) emit(event string, data any) {
	a.mu.Lock()
	desk := a.desk
	a.mu.Unlock()
	if desk != nil {
		desk.Emit(event, data)
	}
}

// changed tells the screens, and the system where a person wants that.
func (a *App) changed(c hub.Change) {
	a.emit("hub:changed", c)
	a.mu.Lock()
	desk, wanted := a.desk, a.screens.Preferences
	a.mu.Unlock()
	if desk == nil {
		return
	}
	for _, what := range c.Happened {
		n := window.Notification{ID: placeRequest + what.Request}
		switch {
		case what.What == hub.RequestConnected && wanted.NotifyConnected:
			n.Title, n.Body = what.Client+" is connected", "Open the request to see what was shared."
		case what.What == hub.ItemBroke && wanted.NotifyBroken:
			n.Title, n.Body = what.Name+" needs attention", "Access for "+what.Client+" stopped working."
			if what.Request == "" { // the agency's own
				n.ID, n.Body = placeAccounts, "Access stopped working."
			}
		case what.What == hub.DeviceWaits && wanted.NotifyDevices:
			n.ID, n.Title, n.Body = placeTeam, "Another computer waits for credentials", "Compare one number on both screens."
		default:
			continue
		}
		if err := desk.Notify(n); err != nil {
			a.config.Log.Info("a notification was not shown", "error", err)
		}
	}
}

// The places that a notification or a link can lead to.
const (
	placeRequest  = "request/" // and its id
	placeAccounts = "accounts"
	placeTeam     = "team"
)

// show has the screens go somewhere. They ask where by Wanted, also when they
// come up later.
func (a *App) show(place string) {
	a.mu.Lock()
	a.wanted = place
	a.mu.Unlock()
	a.emit("hub:show", nil)
}

// clicked brings what a notification was about before a person.
func (a *App) clicked(id string) {
	a.mu.Lock()
	desk := a.desk
	a.mu.Unlock()
	if desk != nil {
		desk.Focus()
	}
	a.show(id)
}

func (a *App) chosen(command string) { a.emit("hub:command", command) }

// arrived gets the arguments of a second start.
func (a *App) arrived(arguments []string) { a.follow(arguments) }

// follow goes where a latchkey:// link leads. A link never acts.
func (a *App) follow(arguments []string) {
	for _, argument := range arguments {
		u, err := url.Parse(argument)
		if err != nil || u.Scheme != "latchkey" {
			continue
		}
		switch u.Host {
		case "enrol":
			a.mu.Lock()
			a.enrol = enrolLink{Relay: u.Query().Get("relay"), Code: u.Query().Get("code")}
			a.mu.Unlock()
			a.emit("hub:changed", hub.Change{Standing: true})
		case "request":
			a.show(placeRequest + strings.Trim(u.Path, "/"))
		}
	}
}

func (a *App) place() window.Place {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.screens.Place
}

func (a *App) closed(place window.Place) {
	if a.config.Demo {
		return // the demo leaves nothing behind
	}
	a.mu.Lock()
	if a.failed != nil {
		a.mu.Unlock()
		return // the folder is of no use, or another program's
	}
	text := a.screens
	if a.demo != nil {
		text = readKept(a.config.Dir)
	}
	text.Place = place
	a.mu.Unlock()
	if err := text.write(a.config.Dir); err != nil {
		a.config.Log.Warn("keeping the window's place", "error", err)
	}
}

// keptFile holds what the screens want to find again. It is no secret.
func keptFile(dir string) string { return filepath.Join(dir, "screens.json") }
