package desktop

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/window"
)

// events lists all events for the screens.
func events() []bridge.EventInfo {
	return []bridge.EventInfo{changedEvent().Info(), showEvent().Info(), commandEvent().Info()}
}

// changedEvent has the changes in the hub.
func changedEvent() bridge.Event[replica.Change] {
	return bridge.Event[replica.Change]{Name: "hub:changed"}
}

// showEvent signals that takeDeepLink has a target.
func showEvent() bridge.Event[bridge.None] { return bridge.Event[bridge.None]{Name: "hub:show"} }

// commandEvent has the name of a menu command.
func commandEvent() bridge.Event[string] { return bridge.Event[string]{Name: "hub:command"} }

// emit sends an event to the screens; without a window it does nothing.
func emit[T any](a *App, event bridge.Event[T], data T) {
	if w, open := a.openWindow(); open {
		w.Emit(event.Name, event.Payload(data))
	}
}

// openWindow returns the window, once it is open.
func (a *App) openWindow() (w window.Window, open bool) {
	select {
	case <-a.windowOpen:
		return a.window, true
	default:
		return nil, false
	}
}

// publish sends a change to the screens, with empty lists instead of null.
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

// onChange publishes a change and shows its alerts as notifications, unless the
// user has turned them off.
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
	if n.Title, n.Body = saidByClient(alert); n.Title != "" {
		return n, preferences.NotifyClients
	}
	switch alert.Kind {
	case replica.RequestConnected:
		n.Title, n.Body = connected(alert)
		return n, preferences.NotifyConnected
	case replica.ItemBroke:
		n.Title = bidi.Isolate(alert.Name) + " needs attention"
		n.Body = "Open the request of " + bidi.Isolate(alert.Client) + " to see why."
		if alert.Request == "" { // the agency's own item
			n.ID, n.Body = linkAccounts, "Open Accounts to see why."
		}
		return n, preferences.NotifyBroken
	case replica.ChecksStopped:
		n.ID, n.Title = linkAccounts, alert.Title
		if alert.Connection != "" {
			n.ID = linkFacebook
		}
		n.Body = "Accounts there are not checked until then. What your clients shared stays shared."
		if alert.Title == "" { // no platform's fault
			n.Title = "This computer’s keychain does not open"
			n.Body = "Accounts are not checked until then. What your clients shared stays shared."
		}
		return n, preferences.NotifyBroken
	case replica.EntryRefused:
		n.ID, n.Title = linkHome, "A change was not sent"
		n.Body = "Your relay refused it. Open Latchkey to see why. What you entered is kept."
		if alert.Client != "" {
			n.Title += ": " + bidi.Isolate(alert.Client)
		}
		return n, true
	case replica.DeviceWaits:
		n.ID, n.Title = linkTeam, "Another computer waits for credentials"
		n.Body = "Compare one number on both screens."
		return n, preferences.NotifyDevices
	}
	return n, false
}

// connected is what has arrived of a request: all of it, or a part.
func connected(alert replica.Alert) (title, body string) {
	title, body = bidi.Isolate(alert.Client)+" is connected", "Open the request to see what was shared."
	if alert.Awaited > 0 {
		title = fmt.Sprintf("%s: %d of %d accounts connected", bidi.Isolate(alert.Client), alert.Received,
			alert.Received+alert.Awaited)
		body = "Open the request to see what is still awaited."
	}
	if alert.ConfirmedBy == "" {
		return title, body
	}
	if alert.Awaited > 0 {
		return title, bidi.Isolate(alert.ConfirmedBy) + " confirmed what has arrived, without a check. The rest is awaited."
	}
	return bidi.Isolate(alert.Client) + " is confirmed, not checked",
		bidi.Isolate(alert.ConfirmedBy) + " confirmed that what you asked for has arrived."
}

// saidByClient is what a client has said or done; empty: the alert is about something else.
func saidByClient(alert replica.Alert) (title, body string) {
	client := bidi.Isolate(alert.Client)
	switch alert.Kind {
	case replica.RequestSkipped:
		return client + " skipped a service", "Open the request to read why."
	case replica.RequestDeclined:
		return client + " declined your request", "Open the request to read why."
	case replica.RequestFinishedEmpty:
		return client + " finished with nothing connected", "Open the request to see what is missing."
	case replica.RequestHandedOver:
		return client + " asked a colleague", "Open the request to see who looks after what."
	case replica.LinkAsked:
		return client + " asks for a new link", "Open the request to renew and send it."
	case replica.ItemWithdrawn:
		return client + " withdrew access", "Latchkey ends it by itself at the next check."
	}
	return "", ""
}

// The targets of notifications and links.
const (
	linkRequest  = "request/" // followed by its id
	linkAccounts = "accounts"
	linkTeam     = "team"
	linkFacebook = "facebook" // the agency's own users there
	linkHome     = "home"
)

// show makes the screens navigate. They call takeDeepLink for the target, even
// if they load later.
func (a *App) show(deepLink string) {
	a.mu.Lock()
	a.deepLink = deepLink
	a.mu.Unlock()
	emit(a, showEvent(), bridge.None{})
}

// takeDeepLink returns the target of a notification or link, once: "request/"
// and its id, "accounts", "team", "facebook", "home", or "".
func (a *App) takeDeepLink() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	link := a.deepLink
	a.deepLink = ""
	return link, nil
}

// OnNotificationClick opens the subject of a notification.
func (a *App) OnNotificationClick(id string) {
	if w, open := a.openWindow(); open {
		w.Focus()
	}
	a.show(id)
}

// OnMenu forwards a menu command.
func (a *App) OnMenu(command string) { emit(a, commandEvent(), command) }

// OnSecondInstance handles the arguments of a second start.
func (a *App) OnSecondInstance(arguments []string) { a.openLinks(arguments) }

// openLinks navigates to the target of a latchkey:// link. A link never
// triggers an action.
func (a *App) openLinks(arguments []string) {
	for _, argument := range arguments {
		u, found := parseDeepLink(argument)
		if !found {
			continue
		}
		switch strings.ToLower(u.Host) {
		case "enrol":
			a.mu.Lock()
			code := strings.TrimFunc(u.Query().Get("code"), isPunctuation)
			a.link = enrolLink{relay: u.Query().Get("relay"), code: code}
			a.mu.Unlock()
			a.publish(replica.Change{Session: true})
		case linkAccounts, linkFacebook, linkTeam, linkHome:
			a.show(strings.ToLower(u.Host))
		case "request":
			if id := strings.FieldsFunc(u.Path, isPunctuation); len(id) > 0 {
				a.show(linkRequest + id[0])
			}
		}
	}
}

// parseDeepLink reads a latchkey:// link as people pass it on: with the brackets, the
// quotes or the full stop of its sentence, broken in two lines, and escaped for HTML.
func parseDeepLink(argument string) (link *url.URL, found bool) {
	text := strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || !unicode.IsGraphic(c) {
			return -1
		}
		return c
	}, argument)
	text = strings.ReplaceAll(strings.TrimFunc(text, isPunctuation), "&amp;", "&")
	u, err := url.Parse(text)
	return u, err == nil && u.Scheme == "latchkey"
}

// isPunctuation reports whether a character is in no id and no code.
func isPunctuation(c rune) bool {
	return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '-' && c != '_'
}
