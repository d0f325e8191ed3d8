package desktop

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/policy"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// The keychain's own message is for the log: the user reads the screens'
// sentence for the error's code.
func TestAClosedKeychainIsToldInASentence(t *testing.T) {
	const raw = "failed to unlock correct collection '/org/freedesktop/secrets/collection/login'"
	for _, means := range []error{keychain.ErrAbsent, keychain.ErrLocked, keychain.ErrDenied, keychain.ErrTimeout} {
		var log strings.Builder
		a, err := New(Config{Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		e := a.toCallError("enrol", fmt.Errorf("writing to the keychain: %w", keychain.WithDetail(means, raw)))
		if strings.Contains(e.Error(), "freedesktop") || !strings.Contains(log.String(), "freedesktop") {
			t.Errorf("%v: the screens get %v, the log has %s", means, e, &log)
		}
		if want := "keychain_" + string(keychain.ReasonOf(means)); e.Code != want {
			t.Errorf("%v: got code %q, want %q", means, e.Code, want)
		}
	}
}

func TestAScreenThatFailsIsLoggedUnderTheReferenceItGets(t *testing.T) {
	var log strings.Builder
	a, err := New(Config{Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	reference, err := a.reportError(ErrorReport{
		Message: "a list of nothing\nlevel=INFO", Stack: strings.Repeat("at Screen ", maxReported), Route: "#/accounts",
	})
	if err != nil || len(reference) != 8 {
		t.Fatalf("got the reference %q, %v", reference, err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 1 || len(lines[0]) > 2*maxReported {
		t.Fatalf("the log has %d lines, the first of %d bytes", len(lines), len(lines[0]))
	}
	for _, want := range []string{reference, "a list of nothing", "#/accounts", "at Screen"} {
		if !strings.Contains(lines[0], want) {
			t.Errorf("the log has no %q: %.300s", want, lines[0])
		}
	}
}

func TestTheDataOfAnEarlyVersionIsExplainedWithWhatToDo(t *testing.T) {
	err := explainStartup("/home/ana/latchkey", fmt.Errorf("opening the hub's data: %w", replica.ErrForeignSchema))
	for _, part := range []string{"/home/ana/latchkey was written by an early version", "Move the folder away"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("it lacks %q: %s", part, err)
		}
	}
}

func TestEachAlertIsANotificationThatSaysWhatAndWhereToLook(t *testing.T) {
	all := Preferences{NotifyConnected: true, NotifyBroken: true, NotifyClients: true, NotifyDevices: true}
	for _, alert := range []replica.Alert{
		{Kind: replica.RequestConnected, Request: "r", Client: "Café"},
		{Kind: replica.RequestConnected, Request: "r", Client: "Café", ConfirmedBy: "Ana Ruiz"},
		{Kind: replica.RequestConnected, Request: "r", Client: "Café", Received: 1, Awaited: 2},
		{Kind: replica.RequestConnected, Request: "r", Client: "Café", Received: 1, Awaited: 2, ConfirmedBy: "Ana Ruiz"},
		{Kind: replica.RequestSkipped, Request: "r", Client: "Café"},
		{Kind: replica.RequestDeclined, Request: "r", Client: "Café"},
		{Kind: replica.RequestFinishedEmpty, Request: "r", Client: "Café"},
		{Kind: replica.RequestHandedOver, Request: "r", Client: "Café"},
		{Kind: replica.LinkAsked, Request: "r", Client: "Café"},
		{Kind: replica.ItemWithdrawn, Request: "r", Client: "Café"},
		{Kind: replica.ItemBroke, Request: "r", Client: "Café", Name: "Page"},
		{Kind: replica.ItemBroke, Name: "Page"},
		{Kind: replica.ChecksStopped, Title: "Your user’s sign-in has ended", Connection: "c"},
		{Kind: replica.ChecksStopped}, // the keychain: no platform says anything
		{Kind: replica.DeviceWaits, Name: "Laptop"},
		{Kind: replica.EntryRefused, Request: "r", Client: "Café"},
		{Kind: replica.EntryRefused},
	} {
		n, wanted := notificationFor(alert, all)
		if !wanted || n.Title == "" || n.Body == "" || n.ID == "" {
			t.Errorf("%s is shown (%t) as %+v", alert.Kind, wanted, n)
		}
		if of := "1 of 3 accounts"; strings.Contains(n.Title, of) != (alert.Awaited > 0) {
			t.Errorf("%d accounts are still awaited, and it says %+v", alert.Awaited, n)
		}
		if alert.Client != "" && !strings.Contains(n.Title+n.Body, alert.Client) {
			t.Errorf("%s does not name the client: %+v", alert.Kind, n)
		}
		if _, wanted := notificationFor(alert, Preferences{}); wanted && alert.Kind != replica.EntryRefused {
			t.Errorf("%s is shown although it was switched off", alert.Kind)
		}
	}
}

func TestANameInANotificationTurnsNothingRound(t *testing.T) {
	preferences := Preferences{NotifyConnected: true, NotifyBroken: true}
	for _, c := range []struct{ name, shown string }{
		{"\u202eevil", "evil"}, {"\u2069\u202eevil", "evil"}, {"שלום", "\u2068שלום\u2069"}, {"Café", "Café"},
	} {
		connected, _ := notificationFor(replica.Alert{Kind: replica.RequestConnected, Client: c.name}, preferences)
		if want := c.shown + " is connected"; connected.Title != want {
			t.Errorf("got the title %q, want %q", connected.Title, want)
		}
		alert := replica.Alert{Kind: replica.ItemBroke, Request: "r", Client: c.name, Name: c.name}
		broke, _ := notificationFor(alert, preferences)
		if broke.Title != c.shown+" needs attention" || broke.Body != "Open the request of "+c.shown+" to see why." {
			t.Errorf("got %q, %q of %q", broke.Title, broke.Body, c.name)
		}
	}
}

func TestOnlyANewerVersionIsAnnouncedAndOnlyAtAnAddressThatMayBeOpened(t *testing.T) {
	at := "https://downloads.example.com"
	for _, c := range []struct {
		newest *wire.HubRelease
		want   bool
	}{
		{nil, false}, // an older relay, or an operator who names none
		{&wire.HubRelease{Version: "1.5.0", URL: at}, true},
		{&wire.HubRelease{Version: "1.4.0", URL: at}, false},
		{&wire.HubRelease{Version: "1.3.9", URL: at}, false},
		{&wire.HubRelease{Version: "2.0.0 <b>", URL: at}, false},
		{&wire.HubRelease{Version: "1.5.0", URL: "file:///etc/passwd"}, false},
	} {
		if update(policy.Policy{NoUpdates: true}, c.newest, "1.4.0") != nil {
			t.Errorf("%+v is announced where the policy announces nothing", c.newest)
		}
		if got := update(policy.Policy{}, c.newest, "1.4.0"); (got != nil) != c.want {
			t.Errorf("%+v is announced: %v, want %v", c.newest, got != nil, c.want)
		}
	}
}
