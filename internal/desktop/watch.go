package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/latchkeyhq/latchkey/internal/collation/rootorder"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// WatchStatus is what watch writes of itself, every few seconds.
type WatchStatus struct {
	PID       int                  `json:"pid"`
	Window    bool                 `json:"window"` // a window has the data folder; watch goes on after it
	State     session.State        `json:"state"`
	Keychain  keychain.Reason      `json:"keychain"` // why it is unavailable; empty: available
	Online    bool                 `json:"online"`
	Obstacle  wire.Obstacle        `json:"obstacle"` // between it and the relay; empty: none is known
	Relay     string               `json:"relay"`
	Agency    string               `json:"agency"`
	Member    string               `json:"member"`
	Number    string               `json:"number"`     // to compare, while this computer waits for approval
	ReadUntil onboarding.Timestamp `json:"read_until"` // last complete sync; zero: never
	Accounts  int                  `json:"accounts"`
	Attention int                  `json:"attention"` // accounts that need it
	Waiting   int                  `json:"waiting"`   // changes to send
	Refused   int                  `json:"refused"`   // changes that the relay refused
	Started   onboarding.Timestamp `json:"started"`
	Written   onboarding.Timestamp `json:"written"`
}

// Problem explains in a sentence what keeps the hub from its work, and what to do;
// empty: it works.
func (s WatchStatus) Problem() string {
	switch s.State {
	case "":
		return "It is starting."
	case session.NotEnrolled:
		return "This computer has joined no agency yet. Run: latchkey watch --enrol"
	case session.EnrolAgain:
		return "This computer has lost its key. Get a new code from a main user, and run: latchkey watch --enrol"
	case session.KeychainAway:
		return keychainProblem(s.Keychain)
	case session.UpdateNeeded:
		return "The relay needs a newer Latchkey. Install it; what waits to be sent is kept."
	case session.Suspended:
		return "The relay's operator has paused this agency. What waits to be sent is kept."
	case session.Revoked:
		return "A main user has removed this computer, and it has wiped itself. With a new code it can join again: " +
			"latchkey watch --enrol"
	}
	if !s.Online && s.Obstacle == "" { // its first call has not ended yet
		return "It is starting."
	}
	if !s.Online {
		return "The relay " + s.Relay + " cannot be reached. It is tried again by itself."
	}
	return ""
}

// keychainProblem explains what to do about a keychain: secrets are stored in no
// other place.
func keychainProblem(reason keychain.Reason) string {
	const nowhereElse = " Latchkey stores secrets nowhere else."
	switch reason {
	case keychain.Locked:
		return "The keychain is locked. Unlock it, for example by signing in to the desktop; it is tried again by " +
			"itself." + nowhereElse
	case keychain.Denied:
		return "The keychain refuses Latchkey. Allow it there; it is tried again by itself." + nowhereElse
	case keychain.TimedOut:
		return "The keychain does not answer in time. It may wait for its password on a screen." + nowhereElse
	}
	return "No keychain answers. On Linux without a desktop, start a Secret Service, such as gnome-keyring-daemon, on " +
		"the D-Bus of this user's session: docs/hub.md, \"On a server\", shows how." + nowhereElse
}

// watcher is the hub without screens.
type watcher struct {
	config  Config
	started onboarding.Timestamp
	changed chan struct{} // something to write or to log
	last    WatchStatus
	logged  string // the problem that was logged last
	handed  bool   // a window has the folder, and that was logged
}

// Watch keeps the hub of the data folder at work until ctx ends, without a
// window: it syncs, checks, reports and renews. A window that is opened
// meanwhile gets the folder; watch goes on after it. A second watch fails.
func Watch(ctx context.Context, config Config) error {
	w := &watcher{config: config, started: onboarding.TimestampOf(time.Now()), changed: make(chan struct{}, 1)}
	if status, live := readWatchStatus(config.Dir, time.Now()); live && status.PID != os.Getpid() {
		if lock, err := lockDataDir(config.Dir); err == nil { // it was killed
			_ = lock.Close() // nothing was written
		} else if errors.Is(err, errDataDirInUse) {
			return explainStartup(config.Dir, errWatchRuns)
		}
	}
	if config.PolicyError != nil {
		return explainStartup(config.Dir, config.PolicyError)
	}
	defer w.removeStatus()
	for ctx.Err() == nil {
		lock, err := w.acquire(ctx)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return explainStartup(config.Dir, err)
		}
		w.last = WatchStatus{}
		w.write() // a window that opens now finds who has the folder
		if err := errors.Join(w.work(ctx), lock.Close()); err != nil {
			return explainStartup(config.Dir, err)
		}
	}
	config.Log.Info("watch has ended")
	return nil
}

// removeStatus removes what this watch wrote of itself, and nothing of another one.
func (w *watcher) removeStatus() {
	if status, _ := readWatchStatus(w.config.Dir, time.Now()); status.PID == os.Getpid() {
		_ = os.Remove(filepath.Join(w.config.Dir, statusFile)) // an old one is ignored
	}
}

// errWatchRuns means that another watch has the data folder.
var errWatchRuns = errors.New("another watch has the data folder")

// acquire locks the data folder, and waits for a window that has it.
func (w *watcher) acquire(ctx context.Context) (*os.File, error) {
	for {
		if !isWanted(w.config.Dir, time.Now()) {
			lock, err := lockDataDir(w.config.Dir)
			if !errors.Is(err, errDataDirInUse) {
				w.handed = false
				return lock, err
			}
		}
		if !w.handed {
			w.handed, w.last.Window = true, true
			w.write()
			w.config.Log.Info("a window of Latchkey has the data folder and does the work; watch goes on when it is closed")
		}
		if onboarding.TimestampOf(time.Now())-w.last.Written > onboarding.Timestamp(statusInterval.Milliseconds()) {
			w.write()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// work runs the hub until ctx ends or a window wants the folder.
func (w *watcher) work(ctx context.Context) (err error) {
	drivers, err := all.ForHub(all.WithRoute(w.config.Addresses, w.config.Route))
	if err != nil {
		return err
	}
	h, err := hub.Open(ctx, hub.Config{
		Dir: w.config.Dir, Catalog: w.config.Catalog, Keychain: w.config.Keychain, Drivers: drivers, Log: w.config.Log,
		SortKey: rootorder.New().Key, Changed: w.onChange, Wiped: w.config.OnWiped,
		CheckRelay: w.config.Policy.CheckRelay, Route: w.config.Route,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	w.config.Log.Info("watch has opened the hub", "folder", w.config.Dir)
	w.last.Written = 0 // a status that names the window is old now
	poll := time.NewTicker(handoverPoll)
	defer poll.Stop()
	for {
		due := onboarding.TimestampOf(time.Now())-w.last.Written > onboarding.Timestamp(statusInterval.Milliseconds())
		select {
		case <-ctx.Done():
			return nil
		case <-w.changed:
			due = true
		case <-poll.C:
		}
		if isWanted(w.config.Dir, time.Now()) {
			return nil
		}
		if due {
			w.describe(ctx, h)
		}
	}
}

// onChange logs what is worth a notification, and has the rest described.
func (w *watcher) onChange(c replica.Change) {
	for _, alert := range c.Alerts {
		level := slog.LevelWarn
		switch alert.Kind {
		case replica.RequestConnected, replica.LinkAsked, replica.RequestSkipped, replica.RequestDeclined,
			replica.ItemWithdrawn, replica.RequestHandedOver:
			level = slog.LevelInfo
		}
		w.config.Log.Log(context.Background(), level, "news", "kind", alert.Kind, "client", alert.Client,
			"request", alert.Request, "account", alert.Name, "title", alert.Title)
	}
	select {
	case w.changed <- struct{}{}:
	default: // it is described already
	}
}

// describe writes the status, and logs what is new in it.
func (w *watcher) describe(ctx context.Context, h *hub.Hub) {
	info, err := h.SessionInfo(ctx)
	if err != nil {
		w.config.Log.Warn("reading the session", "error", err)
		return
	}
	totals, err := h.Replica.Totals(ctx)
	if err != nil {
		w.config.Log.Warn("reading the totals", "error", err)
		return
	}
	before := w.last
	w.last = WatchStatus{
		State: info.State, Keychain: info.Keychain, Online: info.Online, Obstacle: info.Obstacle, Relay: info.Relay,
		Agency: info.Agency, Member: info.Member, Number: info.Fingerprint, ReadUntil: info.ReadUntil,
		Accounts: totals.Accounts, Attention: totals.BrokenItems, Waiting: info.Waiting, Refused: info.Refused,
	}
	w.write()
	w.logProblem(info)
	if w.last.Accounts != before.Accounts || w.last.Attention != before.Attention {
		w.config.Log.Info("accounts", "accounts", w.last.Accounts, "need_attention", w.last.Attention)
	}
	if w.last.Number != before.Number && w.last.Number != "" {
		w.config.Log.Warn("this computer waits for approval: compare the number in another hub", "number", w.last.Number)
	}
}

// logProblem logs once that watch works, or what keeps it from that.
func (w *watcher) logProblem(info hub.SessionInfo) {
	problem := w.last.Problem()
	if problem == "" {
		problem = works
	}
	calling := info.State == session.Enrolled && !info.Online && info.Obstacle == "" // its first call has not ended yet
	if problem == w.logged || calling {
		return
	}
	w.logged = problem
	if problem == works {
		w.config.Log.Info("connected", "relay", info.Relay, "agency", info.Agency, "member", info.Member)
		return
	}
	w.config.Log.Error("watch cannot work", "problem", problem, "state", info.State, "detail", info.Detail)
}

// works is in the place of a problem.
const works = "works"

func (w *watcher) write() {
	w.last.PID, w.last.Started, w.last.Written = os.Getpid(), w.started, onboarding.TimestampOf(time.Now())
	if err := writeWatchStatus(w.config.Dir, w.last); err != nil {
		w.config.Log.Warn("the status was not written", "error", err)
	}
}

// ReadWatch describes the watch of a data folder, in a sentence or two. err is
// why it does not work.
func ReadWatch(dir string) (status WatchStatus, text string, err error) {
	now := time.Now()
	status, live := readWatchStatus(dir, now)
	if live && status.Window {
		return status, "Latchkey watch runs, and waits: a window of Latchkey has the data folder and does the work.", nil
	}
	if _, missing := os.Stat(dir); missing == nil {
		lock, err := lockDataDir(dir)
		switch {
		case err == nil: // nobody has it: what was written is of a watch that was killed
			live = false
			_ = lock.Close() // nothing was written
		case errors.Is(err, errDataDirInUse) && !live:
			return status, "", errors.New("watch does not run. A window of Latchkey has the data folder and does the work")
		}
	}
	if !live {
		return WatchStatus{}, "", errors.New("watch does not run. Start it with: latchkey watch")
	}
	if problem := status.Problem(); problem != "" {
		return status, "", errors.New("watch runs, and cannot work. " + problem)
	}
	text = fmt.Sprintf("Latchkey watch works: connected to %s for %s, as %s.\n%d accounts, %d need attention; "+
		"%d changes wait to be sent.\nLast read from the relay: %s.", status.Relay, status.Agency, status.Member,
		status.Accounts, status.Attention, status.Waiting, status.ReadUntil.Time().Local().Format(time.RFC1123))
	if status.Number != "" {
		text += "\nIt waits for approval: compare this number in another hub: " + status.Number
	}
	return status, text, nil
}
