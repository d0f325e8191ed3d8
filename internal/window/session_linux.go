//go:build !web && !bindings

package window

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/wailsapp/wails/v2/pkg/options"
)

// The hub's names on the D-Bus session. A running instance has the interface
// org.freedesktop.Application.
const (
	instancePath = dbus.ObjectPath("/com/latchkeyhq/latchkey")
	application  = "org.freedesktop.Application"

	notifications     = "org.freedesktop.Notifications"
	notificationsPath = dbus.ObjectPath("/org/freedesktop/Notifications")
	defaultAction     = "default" // a click on the notification itself
)

// answerIn bounds calls to other programs of the session.
const answerIn = 5 * time.Second

// session is the user's D-Bus session. Only Linux uses it: there Wails starts
// everything before it detects a running instance, reports a dismissed
// notification as a click, and passes client names to the daemon as markup.
type session struct {
	bus   *dbus.Conn // nil: no session bus
	log   *slog.Logger
	stood chan struct{} // closed when the window is open

	mu    sync.Mutex
	shown map[uint32]string // by the daemon's id
}

// join makes this the session's only instance, or passes this start's links to
// the running one and returns ErrAlreadyRunning. Without a session bus it does
// neither.
func join(d *wailsWindow) (*session, error) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return nil, errors.New("there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are empty). " +
			"Start Latchkey from a desktop")
	}
	s := &session{log: d.config.Log, stood: make(chan struct{}), shown: map[uint32]string{}}
	if !sessionThere() {
		return s, nil
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		d.config.Log.Warn("joining the D-Bus session", "error", err)
		return s, nil
	}
	if err := bus.Export(primaryInstance{s, d}, instancePath, application); err != nil {
		return nil, fmt.Errorf("joining the D-Bus session: %w", errors.Join(err, bus.Close()))
	}
	reply, err := bus.RequestName(instance, dbus.NameFlagDoNotQueue)
	if err != nil {
		return nil, fmt.Errorf("joining the D-Bus session: %w", errors.Join(err, bus.Close()))
	}
	if reply == dbus.RequestNameReplyExists {
		err := handOver(bus, d.config.Links)
		return nil, errors.Join(err, bus.Close())
	}
	s.bus = bus
	return s, nil
}

// sessionThere fails if no session bus is configured: the D-Bus library would
// launch one, which outlives the program.
func sessionThere() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	folder := os.Getenv("XDG_RUNTIME_DIR")
	if folder == "" {
		folder = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	_, err := os.Stat(filepath.Join(folder, "bus"))
	return err == nil
}

func handOver(bus *dbus.Conn, links []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerIn)
	defer cancel()
	first, none := bus.Object(instance, instancePath), map[string]dbus.Variant{}
	var err error
	if len(links) > 0 {
		err = first.CallWithContext(ctx, application+".Open", 0, links, none).Err
	} else {
		err = first.CallWithContext(ctx, application+".Activate", 0, none).Err
	}
	if err != nil {
		return fmt.Errorf("the window that is open already does not answer. End that Latchkey, then start it again: %w", err)
	}
	return ErrAlreadyRunning
}

// primaryInstance is what other starts, and the desktop, can call.
type primaryInstance struct {
	session *session
	desktop *wailsWindow
}

func (r primaryInstance) Activate(map[string]dbus.Variant) *dbus.Error {
	return r.Open(nil, nil)
}

func (r primaryInstance) Open(links []string, _ map[string]dbus.Variant) *dbus.Error {
	go func() { // the D-Bus caller must not wait for the window
		<-r.session.stood
		r.desktop.Focus()
		r.desktop.onSecondInstance(links)
	}()
	return nil
}

func (r primaryInstance) ActivateAction(string, []dbus.Variant, map[string]dbus.Variant) *dbus.Error {
	return dbus.MakeFailedError(errors.New("there are no actions"))
}

// lock disables Wails' own single-instance lock.
func (s *session) lock(*wailsWindow) *options.SingleInstanceLock { return nil }

// stands enables notifications, once the window can be brought to the front.
func (s *session) stands(d *wailsWindow) {
	close(s.stood)
	if s.bus == nil {
		return
	}
	for _, member := range []string{"ActionInvoked", "NotificationClosed"} {
		err := s.bus.AddMatchSignal(dbus.WithMatchInterface(notifications),
			dbus.WithMatchObjectPath(notificationsPath), dbus.WithMatchMember(member))
		if err != nil {
			s.log.Warn("readying notifications", "error", err)
			return
		}
	}
	signals := make(chan *dbus.Signal, 16)
	s.bus.Signal(signals)
	go func() { // until the bus is closed
		for signal := range signals {
			if id, clicked := s.handleSignal(signal); clicked && d.config.OnNotificationClick != nil {
				d.config.OnNotificationClick(id)
			}
		}
	}()
}

// handleSignal returns the id of a notification if the signal is a click on it.
func (s *session) handleSignal(signal *dbus.Signal) (id string, clicked bool) {
	if len(signal.Body) != 2 {
		return "", false
	}
	number, ok := signal.Body[0].(uint32)
	if !ok {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ours := s.shown[number]
	if !ours {
		return "", false
	}
	delete(s.shown, number) // the notification closes in either case
	return id, signal.Name == notifications+".ActionInvoked" && signal.Body[1] == defaultAction
}

func (s *session) notify(_ context.Context, n Notification) error {
	if s.bus == nil {
		return errors.New("there is no D-Bus session to show notifications")
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerIn)
	defer cancel()
	daemon := s.bus.Object(notifications, notificationsPath)
	var can []string
	if err := daemon.CallWithContext(ctx, notifications+".GetCapabilities", 0).Store(&can); err != nil {
		return fmt.Errorf("finding who shows notifications: %w", err)
	}
	body := n.Body
	if slices.Contains(can, "body-markup") {
		body = html.EscapeString(body)
	}
	s.mu.Lock()
	defer s.mu.Unlock() // released after the id is stored, so that an early click finds it
	var number uint32
	err := daemon.CallWithContext(ctx, notifications+".Notify", 0, "Latchkey", uint32(0), "latchkey", n.Title, body,
		[]string{defaultAction, "Open"}, map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("latchkey")}, int32(-1),
	).Store(&number)
	if err != nil {
		return fmt.Errorf("notifying: %w", err)
	}
	s.shown[number] = n.ID
	return nil
}

// leave releases the name: the next start is a first one.
func (s *session) leave() {
	if s.bus != nil {
		_ = s.bus.Close() // all messages are sent
	}
}
