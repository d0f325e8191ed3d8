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

// What the hub is called on the D-Bus session. A running program is spoken to
// as every desktop does it: org.freedesktop.Application.
const (
	instancePath = dbus.ObjectPath("/com/latchkeyhq/latchkey")
	application  = "org.freedesktop.Application"

	notifications     = "org.freedesktop.Notifications"
	notificationsPath = dbus.ObjectPath("/org/freedesktop/Notifications")
	defaultAction     = "default" // a click on the notification itself
)

// answerIn bounds how long another program of the session may take.
const answerIn = 5 * time.Second

// session is the person's D-Bus session. It is Linux's alone, because there
// Wails lets a second start open everything before it looks for the first one,
// takes a notification that was waved away for one that was clicked, and gives
// a client's name to the daemon as if it were markup.
type session struct {
	bus   *dbus.Conn // nil: there is no session
	log   *slog.Logger
	stood chan struct{} // closed when the window stands

	mu    sync.Mutex
	shown map[uint32]string // by the daemon's number
}

// join makes this the one hub of the session, or hands over what this start
// should open to the one that runs, and says so by ErrAlreadyRunning. Without a
// session there is neither.
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

// sessionThere spares the D-Bus library its search for a bus: where none is
// named it would start one of its own, which outlives the program.
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

// primaryInstance is what another start, or the desktop, can ask of this one.
type primaryInstance struct {
	session *session
	desktop *wailsWindow
}

func (r primaryInstance) Activate(map[string]dbus.Variant) *dbus.Error {
	return r.Open(nil, nil)
}

func (r primaryInstance) Open(links []string, _ map[string]dbus.Variant) *dbus.Error {
	go func() { // whoever asks need not wait for the window
		<-r.session.stood
		r.desktop.Focus()
		r.desktop.onSecondInstance(links)
	}()
	return nil
}

func (r primaryInstance) ActivateAction(string, []dbus.Variant, map[string]dbus.Variant) *dbus.Error {
	return dbus.MakeFailedError(errors.New("there are no actions"))
}

// lock is Wails' way, which is not taken here.
func (s *session) lock(*wailsWindow) *options.SingleInstanceLock { return nil }

// stands readies notifications, once the window can be brought to the front.
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

// handleSignal says which notification was clicked, if one was.
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
	delete(s.shown, number) // it goes either way
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
	defer s.mu.Unlock() // a click is looked up after its notification is noted
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

// leave ends the part in the session: the next start is a first one.
func (s *session) leave() {
	if s.bus != nil {
		_ = s.bus.Close() // what was said is said
	}
}
