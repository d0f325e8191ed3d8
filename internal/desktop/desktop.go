// Package desktop is the desktop app without its window: one hub at a time, the
// calls of the screens, and the data that this computer stores for them.
//
// It never calls a relay or a platform itself.
package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation/rootorder"
	"github.com/latchkeyhq/latchkey/internal/demo"
	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/policy"
	"github.com/latchkeyhq/latchkey/internal/window"
)

// Config is what an App needs.
type Config struct {
	Dir      string            // the data folder
	Catalog  *catalog.Catalog  // the texts of services and failures
	Demo     bool              // starts with the demo, without the data folder
	Keychain keychain.Keychain // the demo has its own
	Log      *slog.Logger
	OnWiped  func()   // is called after everything of the agency was deleted; nil: no call
	Links    []string // latchkey:// links of this start
	Version  string   // of the program, for error details
	Policy   policy.Policy
	// PolicyError is why the policy could not be read: then nothing starts. Nil: it was read.
	PolicyError error
	// Route is how calls leave this computer; nil: directly. The demo's never leave it.
	Route *egress.Route
	// Addresses override the platforms' hosts; empty: their own.
	Addresses map[onboarding.Platform]platform.Endpoints
}

// App is the desktop app. It has one hub at a time: the real one, or the
// demo's.
type App struct {
	config  Config
	bridge  *bridge.Bridge
	ctx     context.Context // of all background work
	cancel  context.CancelFunc
	ready   chan struct{} // closed when the first hub is open or has failed to open
	working sync.WaitGroup

	// window is set once, before windowOpen is closed, and read only after it.
	window     window.Window
	windowOpen chan struct{}

	switching sync.Mutex // held while the hub is replaced

	mu       sync.Mutex // guards the fields below
	hub      *hub.Hub
	previews *hub.Previews
	demo     *demo.Demo
	demoDir  string
	dirLock  *os.File // held while the hub of the data folder is open
	failed   *StartupError
	link     enrolLink
	deepLink string // where the screens should navigate
	ui       uiState
}

// enrolLink is the content of a latchkey://enrol link. It only fills the form.
type enrolLink struct{ relay, code string }

// New starts nothing before the window is open. It fails if the table of
// methods is invalid.
func New(config Config) (*App, error) {
	a := &App{config: config, ready: make(chan struct{}), windowOpen: make(chan struct{})}
	var err error
	a.bridge, err = bridge.New(bridge.Config{Methods: a.methods(), Convert: a.toCallError, Log: config.Log})
	if err != nil {
		return nil, err
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.ui = loadUIState(config.Dir)
	return a, nil
}

// Call calls a method of the bridge, after the window has opened.
func (a *App) Call(name string, params json.RawMessage) (any, error) {
	return a.bridge.Call(a.ctx, name, params)
}

// Handler serves the bridge's calls to a browser.
func (a *App) Handler() http.Handler { return a.bridge.Handler(a.ctx) }

// opened waits until the window is open.
func (a *App) opened(ctx context.Context) (*App, error) {
	select {
	case <-a.windowOpen:
		return a, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// currentHub fails before a hub is open.
func (a *App) currentHub(context.Context) (*hub.Hub, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hub == nil {
		return nil, errNoHub
	}
	return a.hub, nil
}

// errNoHub is the error of calls before a hub is open.
var errNoHub = fmt.Errorf("the hub is not open yet: %w", onboarding.ErrUnavailable)

// OnOpen runs once, when the window is open.
func (a *App) OnOpen(w window.Window) {
	a.window = w
	close(a.windowOpen)
	a.openLinks(a.config.Links)
	a.working.Go(func() {
		defer close(a.ready)
		var err error
		if a.config.Demo {
			err = a.openDemoHub(a.ctx)
		} else {
			err = a.openOwnHub(a.ctx)
		}
		if err != nil && !w.IsWeb() { // in the web build the program prints it
			a.config.Log.Error("opening the hub", "error", err)
		}
		a.publish(replica.Change{All: true, Session: true})
	})
}

// Started waits until a hub is open, and describes the demo if it is one.
func (a *App) Started(ctx context.Context) (*demo.Info, error) {
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
	facts := a.demo.Info()
	return &facts, nil
}

// Close closes the hub and the demo, after the window has closed.
func (a *App) Close() error {
	a.cancel()
	a.working.Wait()
	a.switching.Lock()
	defer a.switching.Unlock()
	return a.closeHub()
}

// closeHub closes the open hub and the demo. The caller holds switching.
func (a *App) closeHub() error {
	a.mu.Lock()
	h, d, dir, lock := a.hub, a.demo, a.demoDir, a.dirLock
	a.hub, a.previews, a.demo, a.demoDir, a.dirLock = nil, nil, nil, "", nil
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
	if lock != nil {
		errs = append(errs, lock.Close())
	}
	return errors.Join(errs...)
}

func (a *App) newHub(ctx context.Context, dir string, texts *catalog.Catalog, chain keychain.Keychain,
	addresses map[onboarding.Platform]platform.Endpoints, checkRelay func(address string) error,
) (*hub.Hub, error) {
	drivers, err := all.ForHub(all.WithRoute(addresses, a.config.Route))
	if err != nil {
		return nil, err
	}
	return hub.Open(ctx, hub.Config{
		Dir:        dir,
		Catalog:    texts,
		Keychain:   chain,
		Drivers:    drivers,
		Log:        a.config.Log,
		Wiped:      a.config.OnWiped,
		SortKey:    rootorder.New().Key,
		Changed:    a.onChange,
		Route:      a.config.Route,
		CheckRelay: checkRelay,
	})
}

func (a *App) setHub(h *hub.Hub, d *demo.Demo, dir string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hub, a.previews, a.demo, a.demoDir, a.failed = h, hub.NewPreviews(h), d, dir, nil
	// The draft of one hub must not appear in the other.
	if d != nil {
		a.ui.Draft = outbox.RequestForm{}
	} else {
		a.ui = loadUIState(a.config.Dir)
	}
}

// openOwnHub opens the hub in the data folder.
func (a *App) openOwnHub(ctx context.Context) error {
	a.switching.Lock()
	defer a.switching.Unlock()
	if err := a.config.PolicyError; err != nil {
		a.fail(err)
		return err
	}
	err := a.closeHub()
	if err != nil {
		a.config.Log.Warn("closing the previous hub", "error", err)
	}
	lock, err := takeDataDir(ctx, a.config.Dir)
	if err != nil {
		a.fail(err)
		return err
	}
	h, err := a.newHub(ctx, a.config.Dir, a.config.Catalog, a.config.Keychain, a.config.Addresses,
		a.config.Policy.CheckRelay)
	if err != nil {
		a.fail(err)
		return errors.Join(err, lock.Close())
	}
	a.setHub(h, nil, "")
	a.mu.Lock()
	a.dirLock = lock
	a.mu.Unlock()
	return nil
}

// openDemoHub starts the demo and enrols in it like any computer.
func (a *App) openDemoHub(ctx context.Context) (err error) {
	a.switching.Lock()
	defer a.switching.Unlock()
	if err := requireDemoAllowed(a.config); err != nil {
		a.mu.Lock()
		isFirst := a.hub == nil
		a.mu.Unlock()
		if isFirst {
			a.fail(err)
		}
		return err
	}
	d, err := demo.Start(ctx, demo.Config{Catalog: a.config.Catalog, Log: a.config.Log})
	if err != nil {
		return a.demoFailed(err)
	}
	dir, err := os.MkdirTemp("", "latchkey-hub-")
	if err != nil {
		return a.demoFailed(errors.Join(err, d.Close()))
	}
	// The demo's relay is this computer's own: AllowDemo alone decides about it.
	h, err := a.newHub(ctx, dir, d.Catalog(), keychain.NewMemory(), d.Addresses(), nil)
	if err != nil {
		return a.demoFailed(errors.Join(err, d.Close(), os.RemoveAll(dir)))
	}
	if err = a.join(ctx, h, d); err != nil {
		return a.demoFailed(errors.Join(err, h.Close(), d.Close(), os.RemoveAll(dir)))
	}
	if err := a.closeHub(); err != nil {
		a.config.Log.Warn("closing the previous hub", "error", err)
	}
	a.setHub(h, d, dir)
	return nil
}

// requireDemoAllowed fails with an InvalidError if the policy does not allow the demo, or
// could not be read.
func requireDemoAllowed(config Config) error {
	switch {
	case config.PolicyError != nil:
		return config.PolicyError
	case config.Policy.NoDemo:
		return onboarding.Invalid("demo", "Your organisation does not allow the demo on this computer.")
	}
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

// errDemo means that the demo did not start.
var errDemo = errors.New("the demo did not start")

func (a *App) demoFailed(cause error) error {
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
	a.failed = explainStartup(a.config.Dir, err)
}

func computerName() string {
	name, err := os.Hostname()
	if err != nil || strings.TrimSpace(name) == "" {
		return "This computer"
	}
	return name
}

// PreviewHandler serves the previews of the open hub.
func (a *App) PreviewHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		previews := a.previews
		a.mu.Unlock()
		if previews == nil {
			http.NotFound(w, r)
			return
		}
		previews.ServeHTTP(w, r)
	})
}

// Bounds are the window's last bounds.
func (a *App) Bounds() window.Bounds {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ui.Bounds
}

// OnClose stores the window's bounds.
func (a *App) OnClose(bounds window.Bounds) {
	if a.config.Demo {
		return // the demo stores nothing
	}
	a.mu.Lock()
	if a.failed != nil {
		a.mu.Unlock()
		return // the folder is unusable or in use
	}
	state := a.ui
	if a.demo != nil {
		state = loadUIState(a.config.Dir)
	}
	state.Bounds = bounds
	a.mu.Unlock()
	if err := state.save(a.config.Dir); err != nil {
		a.config.Log.Warn("storing the window's bounds", "error", err)
	}
}
