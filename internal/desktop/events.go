package desktop

import (
	"net/url"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/window"
)

// events is everything that the screens are told of.
func events() []bridge.EventInfo {
	return []bridge.EventInfo{changedEvent().Info(), showEvent().Info(), commandEvent().Info()}
}

// changedEvent says what changed in the hub.
func changedEvent() bridge.Event[replica.Change] {
	return bridge.Event[replica.Change]{Name: "hub:changed"}
}

// showEvent says that takeDeepLink has somewhere to go.
func showEvent() bridge.Event[bridge.None] { return bridge.Event[bridge.None]{Name: "hub:show"} }

// commandEvent carries the name of a menu's command.
func commandEvent() bridge.Event[string] { return bridge.Event[string]{Name: "hub:command"} }

// emit publishes an event to the screens; without a window there are none.
func emit[T any](a *App, event bridge.Event[T], data T) {
	if w, open := a.openWindow(); open {
		w.Emit(event.Name, event.Payload(data))
	}
}

// openWindow is the window, once it is open.
func (a *App) openWindow() (w window.Window, open bool) {
	select {
	case <-a.windowOpen:
		return a.window, true
	default:
		return nil, false
	}
}

// publish tells the screens what changed. They get empty lists, not null.
func (a *App) publish(c replica.Change) {
	for _, ids := range []*[]string{&c.Requests, &c.Items, &c.Members, &c.Devices, &c.Connections} {
		if *ids == nil {
			*ids = []string{}
		}
	}
	if c.Alerts == nil {
		c.Alerts = []replica.Alert{}
	}
	emit(a, changedEvent(), c)
}

// onChange tells the screens what changed, and shows the system's notifications
// where the user wants them.
func (a *App) onChange(c replica.Change) {
	a.publish(c)
	a.mu.Lock()
	preferences := a.ui.Preferences
	a.mu.Unlock()
	w, open := a.openWindow()
	if !open {
		return
	}
	for _, alert := range c.Alerts {
		n, wanted := notificationFor(alert, preferences)
		if !wanted {
			continue
		}
		if err := w.Notify(n); err != nil {
			a.config.Log.Info("a notification was not shown", "error", err)
		}
	}
}

func notificationFor(alert replica.Alert, preferences Preferences) (n window.Notification, wanted bool) {
	n.ID = linkRequest + alert.Request
	switch alert.Kind {
	case replica.RequestConnected:
		n.Title, n.Body = alert.Client+" is connected", "Open the request to see what was shared."
		return n, preferences.NotifyConnected
	case replica.ItemBroke:
		n.Title, n.Body = alert.Name+" needs attention", "Access for "+alert.Client+" stopped working."
		if alert.Request == "" { // the agency's own
			n.ID, n.Body = linkAccounts, "Access stopped working."
		}
		return n, preferences.NotifyBroken
	case replica.DeviceWaits:
		n.ID, n.Title = linkTeam, "Another computer waits for credentials"
		n.Body = "Compare one number on both screens."
		return n, preferences.NotifyDevices
	}
	return n, false
}

// Where a notification or a link can lead to.
const (
	linkRequest  = "request/" // and its id
	linkAccounts = "accounts"
	linkTeam     = "team"
)

// show has the screens go somewhere. They ask where by takeDeepLink, also when
// they are loaded later.
func (a *App) show(deepLink string) {
	a.mu.Lock()
	a.deepLink = deepLink
	a.mu.Unlock()
	emit(a, showEvent(), bridge.None{})
}

// takeDeepLink is where a notification or a link leads, once: "request/" and its
// id, "accounts", "team", or nowhere.
func (a *App) takeDeepLink() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	link := a.deepLink
	a.deepLink = ""
	return link, nil
}

// OnNotificationClick shows what a notification was about.
func (a *App) OnNotificationClick(id string) {
	if w, open := a.openWindow(); open {
		w.Focus()
	}
	a.show(id)
}

// OnMenu passes a menu's command on.
func (a *App) OnMenu(command string) { emit(a, commandEvent(), command) }

// OnSecondInstance gets the arguments of a second start.
func (a *App) OnSecondInstance(arguments []string) { a.openLinks(arguments) }

// openLinks goes where a latchkey:// link leads. A link never acts.
func (a *App) openLinks(arguments []string) {
	for _, argument := range arguments {
		u, err := url.Parse(argument)
		if err != nil || u.Scheme != "latchkey" {
			continue
		}
		switch u.Host {
		case "enrol":
			a.mu.Lock()
			a.link = enrolLink{relay: u.Query().Get("relay"), code: u.Query().Get("code")}
			a.mu.Unlock()
			a.publish(replica.Change{Session: true})
		case "request":
			a.show(linkRequest + strings.Trim(u.Path, "/"))
		}
	}
}
