//go:build !quick

package journey_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// computer is a hub that can be closed and reopened: its folder and its
// keychain stay.
type computer struct {
	*hub.Hub
	t        testing.TB
	scene    scene
	dir      string
	keychain keychain.Keychain
	changed  func(replica.Change) // after each change; nil: no calls
}

func (s scene) computer() *computer {
	s.t.Helper()
	c := &computer{t: s.t, scene: s, dir: filepath.Join(s.t.TempDir(), "hub"), keychain: keychain.NewMemory()}
	c.open(0)
	s.t.Cleanup(c.close)
	return c
}

func (c *computer) open(version int) {
	c.t.Helper()
	drivers, err := all.ForHub(relaytest.HubAddresses(c.scene.World))
	must(c.t, err)
	c.Hub, err = hub.Open(c.t.Context(), hub.Config{
		Catalog: catalogtest.New(c.t), Dir: c.dir, Keychain: c.keychain, Drivers: drivers, Now: c.scene.Now, Version: version,
		Poll: time.Hour, Changed: c.changed,
	})
	must(c.t, err)
}

func (c *computer) close() {
	c.t.Helper()
	if c.Hub != nil {
		must(c.t, c.Close())
		c.Hub = nil
	}
}

// enrol enrols it as another computer of Ana's, at the relay's address or
// through a proxy.
func (c *computer) enrol(address string) {
	c.t.Helper()
	_, code, err := c.scene.Admin.MemberCode(c.t.Context(), c.scene.Agency.Name, ana)
	must(c.t, err)
	must(c.t, c.Enrol(c.t.Context(), address, code.Code, "Another computer"))
	must(c.t, c.Sync(c.t.Context()))
}

// letIn approves a waiting computer on a hub with the credentials, after
// comparing the numbers.
func letIn(t testing.TB, with *hub.Hub, waiting *hub.Hub) {
	t.Helper()
	must(t, waiting.Sync(t.Context()))
	must(t, with.Sync(t.Context()))
	info, err := waiting.SessionInfo(t.Context())
	must(t, err)
	pending, err := with.Credentials.PendingDevices(t.Context())
	must(t, err)
	for _, device := range pending {
		if device.ID != info.Device {
			continue
		}
		if device.Fingerprint != info.Fingerprint || info.Fingerprint == "" {
			t.Fatalf("the screens show %q and %q", device.Fingerprint, info.Fingerprint)
		}
		must(t, with.Credentials.Approve(t.Context(), device.ID, info.Fingerprint))
		must(t, with.Sync(t.Context()))
		must(t, waiting.Sync(t.Context()))
		return
	}
	t.Fatalf("the computer does not wait to be let in: %+v", pending)
}

// hubspotOf connects HubSpot for a request and returns its item.
func (s scene) hubspotOf(id string) replica.ItemRow {
	s.t.Helper()
	priya := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
	must(s.t, priya.Enter(s.LinkOf(id)))
	must(s.t, priya.ConnectHubSpot("Priya Nair", ""))
	s.Sync()
	d := s.Details(id)
	if len(d.Items) != 1 {
		s.t.Fatalf("the hub has %d items", len(d.Items))
	}
	return d.Items[0]
}

func TestThreeComputersShareOneRotatingCredential(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	must(t, s.World.SetFault("hubspot", "rotates", true))
	id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.HubSpot}})
	item := s.hubspotOf(id).ID
	second := s.computer()
	second.enrol(s.URL)
	letIn(t, s.Hub, second.Hub)

	// A reused refresh token would revoke everything: that both still work
	// proves that only the relay renewed, one at a time.
	for round := range 10 {
		var group errgroup.Group
		start := make(chan struct{})
		for _, h := range []*hub.Hub{s.Hub, second.Hub} {
			group.Go(func() error { <-start; return hubtest.Renew(t.Context(), h, item) })
		}
		close(start)
		if err := group.Wait(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	for name, h := range map[string]*hub.Hub{"first": s.Hub, "second": second.Hub} {
		if err := h.Checks.CheckNow(t.Context(), item); err != nil {
			t.Errorf("checking with the %s computer: %v", name, err)
		}
		if row, err := h.Replica.Item(t.Context(), item); err != nil || row.Access != onboarding.AccessWorks {
			t.Errorf("on the %s computer it is %q: %v", name, row.Access, err)
		}
	}

	// A third one, approved by the second, opens it.
	third := s.computer()
	third.enrol(s.URL)
	if _, _, err := hubtest.Credential(t.Context(), third.Hub, item); !errors.Is(err, onboarding.ErrNoDevice) {
		t.Errorf("before anybody let it in: got %v, want ErrNoDevice", err)
	}
	letIn(t, second.Hub, third.Hub)
	if access, _, err := hubtest.Credential(t.Context(), third.Hub, item); err != nil || access.Empty() {
		t.Errorf("opening it on the third computer: %v", err)
	}

	// The first is revoked. It wipes itself, and gets no later credential.
	before, err := s.Hub.SessionInfo(t.Context())
	must(t, err)
	held, err := second.Credentials.Revoke(t.Context(), before.Device)
	must(t, err)
	if len(held) != 1 || held[0] != item {
		t.Errorf("what it held is listed as %q, want %q", held, item)
	}
	later, err := second.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
		Client: "Lumen Optics", Services: []onboarding.Service{onboarding.HubSpot},
	})
	must(t, err)
	must(t, second.Sync(t.Context()))
	d, err := second.Replica.Request(t.Context(), later)
	must(t, err)
	lars := journey.NewClient("Lars Holm", "lars.holm@harbourpine.example")
	must(t, lars.Enter(d.Link))
	must(t, lars.ConnectHubSpot("Lars Holm", "Harbour & Pine AB"))
	for _, h := range []*hub.Hub{second.Hub, third.Hub} {
		must(t, h.Sync(t.Context()))
		d, err := h.Replica.Request(t.Context(), later)
		must(t, err)
		if access, _, err := hubtest.Credential(t.Context(), h, d.Items[0].ID); err != nil || access.Empty() {
			t.Errorf("the computers that stay cannot use what came later: %v", err)
		}
	}
	wiped(t, s.Hub, item, later)
	var deliveries int
	must(t, s.DB.QueryRowContext(t.Context(), `
		SELECT count(*) FROM deliveries WHERE device = $1`, before.Device).Scan(&deliveries))
	if deliveries != 0 {
		t.Errorf("%d deliveries wait for the revoked computer", deliveries)
	}
}

// wiped checks that a revoked hub has stored nothing.
func wiped(t *testing.T, h *hub.Hub, item, request string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		info, err := h.SessionInfo(ctx)
		must(t, err)
		held, err := hubtest.CountCredentials(ctx, h)
		if info.State == session.Revoked && err == nil && held == 0 {
			break
		}
		h.Resume()
		select {
		case <-ctx.Done():
			t.Fatalf("the revoked computer is %s and holds %d credentials: %v", info.State, held, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	if _, _, err := hubtest.Credential(t.Context(), h, item); err == nil {
		t.Error("the revoked computer still has the credential")
	}
	if _, err := h.Replica.Request(t.Context(), request); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("the revoked computer has read what came later: %v", err)
	}
}

func TestAnOlderHubKeepsWhatWaitsUntilItIsUpdated(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	c := s.computer()
	c.enrol(s.URL)
	known := s.Save(outbox.RequestForm{Client: "Known", Services: []onboarding.Service{onboarding.HubSpot}})
	must(t, c.Sync(t.Context()))
	c.close()

	c.open(-1) // below the minimum of any relay
	_ = c.Sync(t.Context())
	id, err := c.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
		Client: "Written by an older hub", Services: []onboarding.Service{onboarding.HubSpot},
	})
	must(t, err)
	must(t, c.Outbox.Send(t.Context(), id, []string{"oskar@fjordbikes.example"}))
	_ = c.Sync(t.Context())
	info, err := c.SessionInfo(t.Context())
	must(t, err)
	if info.State != session.UpdateNeeded || info.Waiting != 2 || info.Refused != 0 {
		t.Errorf("the older hub is %s, %d wait, %d were refused", info.State, info.Waiting, info.Refused)
	}
	if _, err := c.Replica.Request(t.Context(), known); err != nil {
		t.Errorf("it no longer reads what it has: %v", err)
	}
	c.close()

	c.open(0)
	must(t, c.Sync(t.Context()))
	if d, err := c.Replica.Request(t.Context(), id); err != nil || d.Link == "" {
		t.Errorf("after the update: %v, link %q", err, d.Link)
	}
	s.email("oskar@fjordbikes.example", "Onboarding Request")
}

func TestAHubThatWasOfflineForAHundredDaysLosesNothingOfItsOutbox(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	network := journey.NewNetworkLink(t, s.URL)
	away := s.computer()
	away.enrol(network.URL())
	letInLater := s.Save(outbox.RequestForm{Client: "Before", Services: []onboarding.Service{onboarding.HubSpot}})
	must(t, away.Sync(t.Context()))

	network.Cut()
	var wanted []string
	for n := range 5 {
		id, err := away.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
			Client: fmt.Sprintf("Written on the road %d", n), Services: []onboarding.Service{onboarding.HubSpot},
		})
		must(t, err)
		must(t, away.Outbox.Send(t.Context(), id, []string{fmt.Sprintf("person%d@road.example", n)}))
		wanted = append(wanted, id)
	}
	away.close()
	// Meanwhile a request is made and deleted, so that its tombstone expires
	// before the hub is back.
	gone := s.Save(outbox.RequestForm{Client: "Gone meanwhile", Services: []onboarding.Service{onboarding.HubSpot}})
	must(t, s.Hub.Outbox.DeleteClient(t.Context(), letInLater))
	must(t, s.Hub.Outbox.DeleteClient(t.Context(), gone))
	s.Sync()
	s.Pass(100 * 24 * time.Hour)
	must(t, s.Relay.Relay.RunDueJobs(t.Context()))

	away.open(0)
	info, err := away.SessionInfo(t.Context())
	must(t, err)
	if info.Waiting != 10 {
		t.Errorf("%d entries wait, want 10", info.Waiting)
	}
	network.Restore()
	must(t, away.Sync(t.Context()))
	must(t, away.Sync(t.Context()))
	for n, id := range wanted {
		if d, err := away.Replica.Request(t.Context(), id); err != nil || d.Link == "" || len(d.Outbox) != 0 {
			t.Errorf("request %d: %v, link %q, outbox %+v", n, err, d.Link, d.Outbox)
		}
		s.email(fmt.Sprintf("person%d@road.example", n), "Onboarding Request")
	}
	if _, err := away.Replica.Request(t.Context(), letInLater); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("what was deleted meanwhile is still there: %v", err)
	}
	// Each link's month begins when the relay accepts the request.
	d, err := away.Replica.Request(t.Context(), wanted[0])
	must(t, err)
	if left := d.Expires.Time().Sub(s.Now()); left < 27*24*time.Hour {
		t.Errorf("the link ends in %s", left)
	}
	visitor := journey.NewClient("Oskar Lien", "oskar@road.example")
	must(t, visitor.Open(d.Link))
	if visitor.Page.Status != http.StatusOK {
		t.Errorf("its link gets %d", visitor.Page.Status)
	}
}
