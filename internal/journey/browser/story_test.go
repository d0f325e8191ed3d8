//go:build browser

package browser

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
)

// visit is the input of a script.
type visit struct {
	Relay    string `json:"relay"`
	Mailbox  string `json:"mailbox"`
	To       string `json:"to"`
	Link     string `json:"link"`
	Account  any    `json:"account"`
	Strict   bool   `json:"strict"`
	Script   bool   `json:"script"`
	Pictures string `json:"pictures,omitempty"`
	Engine   string `json:"engine,omitempty"`
}

// agency is a computer of Ana's besides the running demo.
type agency struct {
	*hub.Hub
	demo journey.Demo
}

func join(t *testing.T, demo journey.Demo) agency {
	t.Helper()
	addresses := map[onboarding.Platform]platform.Endpoints{}
	for name, at := range demo.Platforms {
		addresses[onboarding.Platform(name)] = platform.Endpoints{Auth: at, Token: at, API: at}
	}
	drivers, err := all.ForHub(addresses)
	if err != nil {
		t.Fatal(err)
	}
	h, err := hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t), Dir: filepath.Join(t.TempDir(), "hub"), Keychain: keychain.NewMemory(), Drivers: drivers,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("closing the hub: %v", err)
		}
	})
	if err := h.Enrol(t.Context(), demo.Relay, onboarding.NewSecret(demo.EnrolmentCode), "Ana's laptop"); err != nil {
		t.Fatalf("enrolling: %v", err)
	}
	return agency{h, demo}
}

// connection waits until the office computer has resealed the demo's Facebook
// user.
func (a agency) connection(t *testing.T) (id, business string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if err := a.Sync(ctx); err != nil {
			t.Fatalf("waiting to be let in: %v", err)
		}
		connections, err := a.Replica.Connections(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range connections {
			for _, b := range c.Businesses {
				if c.Here && b.Admin {
					return c.ID, b.ID
				}
			}
		}
		select {
		case <-ctx.Done():
			t.Fatal("the computer at the office has passed nothing on")
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// invite saves and sends a request, and waits until the email arrives.
func (a agency) invite(t *testing.T, to string) (id, link string) {
	t.Helper()
	connection, business := a.connection(t)
	id, err := a.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
		Client: "Harbour & Pine", Services: a.Replica.Catalog().IDs(),
		Connection: connection, Business: business,
	})
	if err != nil {
		t.Fatalf("saving a request: %v", err)
	}
	if err := a.Outbox.Send(t.Context(), id, []string{to}); err != nil {
		t.Fatalf("sending it: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if err := a.Sync(ctx); err != nil {
			t.Fatalf("waiting for the email: %v", err)
		}
		d, err := a.Replica.Request(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Recipients) == 1 && d.Recipients[0].State == replica.RecipientSent {
			return id, d.Link
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func pictureFolder(name string) string {
	if folder := os.Getenv(pictures); folder != "" {
		return filepath.Join(folder, name)
	}
	return ""
}

// One demo serves all subtests: seeding it takes a while.
func TestInChromium(t *testing.T) {
	demo, _ := journey.StartDemo(t)
	a := join(t, demo)
	visit := func(to string) (string, visit) {
		id, link := a.invite(t, to)
		return id, visit{
			Relay: demo.Relay, Mailbox: demo.Mailbox, To: to, Link: link, Account: demo.Accounts[0], Script: true,
		}
	}
	t.Run("the story by its labels", func(t *testing.T) {
		id, v := visit("mina@harbourpine.example")
		v.Pictures = pictureFolder("story")
		check(t, 6*time.Minute, "story", v)
		a.hasEverything(t, id)
		a.emails(t, v.To)
	})
	t.Run("the story without script", func(t *testing.T) {
		id, v := visit("mina.ito@harbourpine.example")
		v.Script = false
		check(t, 6*time.Minute, "story", v)
		a.hasEverything(t, id)
		a.emails(t, v.To)
	})
	t.Run("with a strict cookie the story fails", func(t *testing.T) {
		_, v := visit("m.ito@harbourpine.example")
		v.Strict = true
		check(t, 6*time.Minute, "story", v)
	})
	t.Run("phones and tablets get no step", func(t *testing.T) {
		_, v := visit("ito@harbourpine.example")
		v.Pictures = pictureFolder("phone")
		check(t, 6*time.Minute, "phone", v)
	})
}

// hasEverything checks that everything shared in the story works.
func (a agency) hasEverything(t *testing.T, id string) {
	t.Helper()
	for _, step := range []func(context.Context) error{
		a.Sync, func(ctx context.Context) error { return a.Checks.CheckNow(ctx) }, a.Sync,
	} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	d, err := a.Replica.Request(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if d.Status != onboarding.Connected || len(d.Items) != 10 {
		t.Errorf("the hub has it as %s with %d items", d.Status, len(d.Items))
	}
	for _, item := range d.Items {
		if item.Access != onboarding.AccessWorks {
			t.Errorf("%s: access %q: %s", item.Name, item.Access, item.Message)
		}
		if gives := item.Gives; gives == "" {
			t.Errorf("%s: nothing says what it gives", item.Name)
		}
		if !item.Kind.IsShared() {
			if access, _, err := hubtest.Credential(t.Context(), a.Hub, item.ID); err != nil || access.Empty() {
				t.Errorf("using %s: %v", item.Name, err)
			}
		}
	}
}

// emails expects the notice and the receipt.
func (a agency) emails(t *testing.T, client string) {
	t.Helper()
	var wanted = map[string]string{"ana@northlight.example": "Harbour & Pine: connected", client: "Your receipt"}
	deadline := time.Now().Add(time.Minute)
	for len(wanted) > 0 {
		for _, email := range mailbox(t, a.demo.Mailbox) {
			for to, subject := range wanted {
				if slices.Contains(email.To, to) && strings.Contains(email.Subject, subject) {
					delete(wanted, to)
				}
			}
		}
		if len(wanted) > 0 && time.Now().After(deadline) {
			t.Fatalf("these emails are missing: %v", wanted)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
