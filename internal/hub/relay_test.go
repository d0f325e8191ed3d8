package hub_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/loopback/loopbacktest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/webtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// computer is what a hub leaves behind: its folder and its keychain.
type computer struct {
	dir      string
	keychain keychain.Keychain
	version  int
}

func newComputer(t testing.TB) computer {
	return computer{dir: filepath.Join(t.TempDir(), "hub"), keychain: keychain.NewMemory()}
}

func (c computer) open(t testing.TB, s *relaytest.Scene) *hub.Hub {
	t.Helper()
	drivers, err := all.ForHub(relaytest.HubAddresses(s.World))
	must(t, err)
	// The poll interval is long: changes arrive by the event stream.
	h, err := hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t), Dir: c.dir, Keychain: c.keychain, Drivers: drivers, Now: s.Now, Version: c.version,
		Poll: time.Hour,
	})
	must(t, err)
	return h
}

func closed(t testing.TB, h *hub.Hub) {
	t.Helper()
	if err := h.Close(); err != nil {
		t.Errorf("closing a hub: %v", err)
	}
}

func synced(t testing.TB, h *hub.Hub) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	must(t, h.Sync(ctx))
}

// until waits for a condition.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: it does not come", what)
		}
	}
}

// cable is the network between a hub and its relay. A test can unplug it.
type cable struct {
	to       string
	listener net.Listener
	mu       sync.Mutex
	out      bool
	refused  int // attempts while unplugged
	lines    []net.Conn
}

func newCable(t testing.TB, relay string) *cable {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cable{to: strings.TrimPrefix(relay, "http://"), listener: listener}
	t.Cleanup(func() { _ = listener.Close(); c.pull() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.join(conn)
		}
	}()
	return c
}

func (c *cable) address() string { return "http://" + c.listener.Addr().String() }

func (c *cable) join(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out {
		c.refused++
		_ = conn.Close()
		return
	}
	far, err := net.Dial("tcp", c.to)
	if err != nil {
		_ = conn.Close()
		return
	}
	c.lines = append(c.lines, conn, far)
	pipe := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_, _ = to.Close(), from.Close()
	}
	go pipe(far, conn)
	go pipe(conn, far)
}

func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = true
	for _, line := range c.lines {
		_ = line.Close()
	}
	c.lines = nil
}

func (c *cable) refusals() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

func (c *cable) plug() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = false
}

func hubSpot() []onboarding.Service { return []onboarding.Service{onboarding.HubSpot} }

// connect has a client connect HubSpot for a new request, and returns both ids.
func connect(t testing.TB, s *relaytest.Scene, person string) (request, item string) {
	t.Helper()
	request, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, person, "client@harbourpine.example")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press(person)
	v.Press("Allow")
	v.Reads("HubSpot is connected")
	s.Sync()
	d := s.Details(request)
	if len(d.Items) != 1 || !d.Items[0].Here {
		t.Fatalf("the hub has %+v", d.Items)
	}
	return request, d.Items[0].ID
}

func TestWhatWasPreparedOfflineGoesOutOnceWhenTheNetworkIsBack(t *testing.T) {
	s := relaytest.Begin(t)
	network := newCable(t, s.URL)
	c := newComputer(t)
	h := c.open(t, s)
	must(t, h.Enrol(t.Context(), network.address(), s.Agency.Code, "Laptop"))
	synced(t, h)

	network.pull()
	until(t, "being offline", func() bool { st, err := h.SessionInfo(t.Context()); return err == nil && !st.Online })
	id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Fjord Bikes", Services: hubSpot()})
	must(t, err)
	must(t, h.Outbox.Send(t.Context(), id, []string{"oskar@fjordbikes.example", "lien@fjordbikes.example"}))
	closed(t, h)

	h = c.open(t, s) // still offline
	defer closed(t, h)
	d, err := h.Replica.Request(t.Context(), id)
	must(t, err)
	if d.Phase != replica.PhaseSaving || len(d.Outbox) != 2 {
		t.Fatalf("offline it is shown as %+v", d)
	}
	network.plug()
	until(t, "going out with the line that stands again", func() bool {
		d, err := h.Replica.Request(t.Context(), id)
		return err == nil && len(d.Outbox) == 0 && len(d.Recipients) == 2 && d.Recipients[0].State == replica.RecipientSent &&
			d.Recipients[1].State == replica.RecipientSent
	})
	if emails := s.World.Mail.Messages(); len(emails) != 2 {
		t.Errorf("there are %d emails, want 2", len(emails))
	}
}

func TestNewsComeWithTheNextLineAndNothingIsMissed(t *testing.T) {
	s := relaytest.Begin(t)
	network := newCable(t, s.URL)
	h := newComputer(t).open(t, s)
	defer closed(t, h)
	must(t, h.Enrol(t.Context(), network.address(), s.Agency.Code, "Laptop"))
	synced(t, h)
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	other := s.Relay.Hub(t, code.Code)
	synced(t, other)
	for range 3 {
		network.pull()
		until(t, "being offline", func() bool { st, err := h.SessionInfo(t.Context()); return err == nil && !st.Online })
		id, err := other.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Meanwhile", Services: hubSpot()})
		must(t, err)
		synced(t, other)
		before := network.refusals()
		until(t, "a try in vain", func() bool { return network.refusals() > before })
		network.plug()
		until(t, "the news", func() bool { _, err := h.Replica.Request(t.Context(), id); return err == nil })
	}
}

func TestAnEnrolmentThatWasCutOffGoesOnWithTheSameCode(t *testing.T) {
	s := relaytest.Begin(t)
	c := newComputer(t)
	broken := &breaking{Keychain: c.keychain, at: "/computer"}
	first := computer{c.dir, broken, 0}.open(t, s)
	if err := first.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"); !errors.Is(err, keychain.ErrLocked) {
		t.Fatalf("enrolling with a keychain that locks in the middle: %v", err)
	}
	if st, err := first.SessionInfo(t.Context()); err != nil || st.State != session.NotEnrolled {
		t.Errorf("it stands as %+v, %v", st, err)
	}
	closed(t, first)
	h := c.open(t, s)
	defer closed(t, h)
	must(t, h.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"))
	synced(t, h)
	devices, err := h.Credentials.Devices(t.Context())
	if err != nil || len(devices) != 1 {
		t.Errorf("there are %d devices, %v", len(devices), err)
	}
	if err := h.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("enrolling a computer that works: %v", err)
	}
}

// breaking is a keychain that locks when an entry whose name contains the text
// is set.
type breaking struct {
	keychain.Keychain
	at string
}

func (b *breaking) Set(ctx context.Context, name string, secret onboarding.Secret) error {
	if strings.Contains(name, b.at) {
		return keychain.ErrLocked
	}
	return b.Keychain.Set(ctx, name, secret)
}

func TestAComputerThatLostItsKeyEnrolsAgainAndKeepsWhatWaits(t *testing.T) {
	s := relaytest.Begin(t)
	c := newComputer(t)
	h := c.open(t, s)
	must(t, h.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"))
	synced(t, h)
	closed(t, h)

	h = computer{c.dir, keychain.NewMemory(), 0}.open(t, s)
	defer closed(t, h)
	until(t, "noticing", func() bool {
		st, err := h.SessionInfo(t.Context())
		return err == nil && st.State == session.EnrolAgain
	})
	id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Kept", Services: hubSpot()})
	must(t, err)
	stranger := s.AddAgency(t, "Other Agency", "Otto Berg <otto@other.example>")
	if err := h.Enrol(t.Context(), s.URL, stranger.Code, "Laptop"); !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("enrolling for somebody else with a full outbox: %v", err)
	}
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	must(t, h.Enrol(t.Context(), s.URL, code.Code, "Laptop"))
	synced(t, h)
	if d, err := h.Replica.Request(t.Context(), id); err != nil || d.Link == "" || len(d.Outbox) != 0 {
		t.Errorf("what waited: %+v, %v", d, err)
	}
}

func TestACodeThatWasWithdrawnLetsNobodyIn(t *testing.T) {
	s := relaytest.NewScene(t)
	code, err := s.Hub.InviteMember(t.Context(), "Elin Strand", "elin@acme.example", onboarding.SubUser)
	must(t, err)
	s.Sync()
	members, err := s.Hub.Replica.Members(t.Context())
	must(t, err)
	open, err := s.Hub.OpenCodes(t.Context())
	must(t, err)
	if len(open) != 1 || open[0].ID != code.ID ||
		!slices.ContainsFunc(
			members, func(m onboarding.Member) bool { return m.ID == open[0].Member && m.Name == "Elin Strand" },
		) {
		t.Fatalf("the open codes are %+v, want the one for Elin among %+v", open, members)
	}
	must(t, s.Hub.WithdrawCode(t.Context(), code.ID))
	if open, err := s.Hub.OpenCodes(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("withdrawn, the open codes are %+v, %v", open, err)
	}
	laptop := computer{filepath.Join(t.TempDir(), "laptop"), keychain.NewMemory(), 0}.open(t, s)
	defer closed(t, laptop)
	err = laptop.Enrol(t.Context(), s.URL, code.Code.Secret(), "Laptop")
	if told := (*onboarding.InvalidError)(nil); !errors.As(err, &told) || told.Field != "code" ||
		!strings.Contains(told.Message, "ask for a new one") {
		t.Errorf("enrolling with a withdrawn code: %v", err)
	}
}

func TestASecondComputerGetsTheCredentialsOfTheFirstOnceAPersonHasCompared(t *testing.T) {
	s := relaytest.NewScene(t)
	_, item := connect(t, s, "Priya Nair")
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	keys := keychain.NewMemory()
	second := computer{filepath.Join(t.TempDir(), "second"), keys, 0}.open(t, s)
	defer closed(t, second)
	must(t, second.Enrol(t.Context(), s.URL, code.Code.Secret(), "Laptop"))
	synced(t, second)
	if _, _, err := hubtest.Credential(t.Context(), second, item); !errors.Is(err, onboarding.ErrNoDevice) {
		t.Errorf("before it is approved: %v", err)
	}
	if i, err := second.Replica.Item(t.Context(), item); err != nil || i.Here {
		t.Errorf("before it is approved the item is %+v, %v", i, err)
	}
	st, err := second.SessionInfo(t.Context())
	must(t, err)
	s.Sync()
	pending, err := s.Hub.Credentials.PendingDevices(t.Context())
	must(t, err)
	if len(pending) != 1 || pending[0].Wants != 1 || pending[0].Fingerprint == "" ||
		pending[0].Fingerprint != st.Fingerprint || !pending[0].Own {
		t.Fatalf("waiting computers are %+v; the other screen shows %q", pending, st.Fingerprint)
	}
	if err := s.Hub.Credentials.Approve(
		t.Context(), pending[0].ID, "0000 0000 0000",
	); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("approving another number: %v", err)
	}
	if theirs, err := second.Credentials.PendingDevices(t.Context()); err != nil || len(theirs) != 0 {
		t.Errorf("a computer that waits vouches for %+v, %v", theirs, err)
	}
	must(t, s.Hub.Credentials.Approve(t.Context(), pending[0].ID, pending[0].Fingerprint))
	until(
		t, "the credential", func() bool { i, err := second.Replica.Item(t.Context(), item); return err == nil && i.Here },
	)
	if access, _, err := hubtest.Credential(t.Context(), second, item); err != nil || access.Empty() {
		t.Errorf("using it on the second computer: %v", err)
	}
	must(t, second.Checks.CheckNow(t.Context(), item))
	synced(t, second)
	if i, err := second.Replica.Item(t.Context(), item); err != nil || i.Access != onboarding.AccessWorks {
		t.Errorf("trying it from there: %+v, %v", i, err)
	}
	s.Sync()
	if pending, err := s.Hub.Credentials.PendingDevices(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("afterwards these wait: %+v, %v", pending, err)
	}

	holds := func() credentials.DeviceCredentials {
		t.Helper()
		h, err := s.Hub.Credentials.DeviceCredentials(t.Context(), st.Device)
		must(t, err)
		return h
	}
	before := holds()
	if len(before.Credentials) != 1 || before.Credentials[0].ID != item ||
		before.Credentials[0].Client != "Harbour & Pine" || before.Credentials[0].Name == "" || before.Hidden != 0 {
		t.Errorf("it holds %+v", before)
	}

	// A revoked hub wipes itself.
	held, err := s.Hub.Credentials.Revoke(t.Context(), st.Device)
	if err != nil || !slices.Equal(held, []string{item}) {
		t.Errorf("revoking says it held %v, %v", held, err)
	}
	if after := holds(); !slices.Equal(after.Credentials, before.Credentials) {
		t.Errorf("what it held is %+v", after)
	}
	until(t, "wiping", func() bool {
		st, err := second.SessionInfo(t.Context())
		return err == nil && st.State == session.Revoked && st.Detail == "Northlight Media"
	})
	if n, err := hubtest.CountCredentials(t.Context(), second); err != nil || n != 0 {
		t.Errorf("it still holds %d, %v", n, err)
	}
	if p, err := second.Replica.Requests(t.Context(), replica.ListParams{}); err != nil || len(p.Requests) != 0 {
		t.Errorf("it still shows %d requests, %v", len(p.Requests), err)
	}
	if _, err := second.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "A", Services: hubSpot()}); err == nil {
		t.Error("it still takes requests")
	}
}

func TestDeliveriesThatWereMovedAreRefusedAndStayWithTheRelay(t *testing.T) {
	s := relaytest.NewScene(t)
	_, one := connect(t, s, "Priya Nair")
	_, two := connect(t, s, "Ana Ruiz")
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	// The second computer sleeps before it is approved.
	c := newComputer(t)
	second := c.open(t, s)
	must(t, second.Enrol(t.Context(), s.URL, code.Code.Secret(), "Laptop"))
	synced(t, second)
	st, err := second.SessionInfo(t.Context())
	must(t, err)
	closed(t, second)
	s.Sync()
	must(t, s.Hub.Credentials.Approve(t.Context(), st.Device, st.Fingerprint))
	s.Sync()
	// Meanwhile a delivery is replaced in the relay's database.
	must(t, s.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		var a, b []byte
		for item, sealed := range map[string]*[]byte{one: &a, two: &b} {
			if err := tx.QueryRowContext(t.Context(), `
				SELECT sealed FROM deliveries WHERE device = $1 AND subject = $2`, st.Device, item).Scan(sealed); err != nil {
				return err
			}
		}
		for item, sealed := range map[string][]byte{one: b, two: a} {
			if _, err := tx.ExecContext(t.Context(), `
				UPDATE deliveries SET sealed = $1 WHERE device = $2 AND subject = $3`, sealed, st.Device, item); err != nil {
				return err
			}
		}
		return nil
	}))
	second = c.open(t, s)
	defer closed(t, second)
	synced(t, second)
	synced(t, second)
	todos, err := second.Todos(t.Context(), 10)
	must(t, err)
	todos = slices.DeleteFunc(todos, func(todo hub.Todo) bool { return todo.Kind != hub.TodoSealed })
	if len(todos) != 2 || todos[0].Sealed.Name == "" || todos[0].Client == "" || todos[0].Request == "" {
		t.Fatalf("refused are %+v", todos)
	}
	for _, item := range []string{one, two} {
		if i, err := second.Replica.Item(t.Context(), item); err != nil || i.Here {
			t.Errorf("it took %s: %+v, %v", item, i.Here, err)
		}
	}
	var waiting int
	must(t, s.DB.QueryRowContext(t.Context(), `
		SELECT COUNT(*) FROM deliveries WHERE device = $1`, st.Device).Scan(&waiting))
	if waiting != 2 {
		t.Errorf("%d of them are still with the relay, want 2", waiting)
	}
}

func TestTwoHubsRenewOneRotatingCredentialAndBothStillWork(t *testing.T) {
	s := relaytest.NewScene(t)
	must(t, s.World.SetFault("hubspot", "rotates", true))
	_, item := connect(t, s, "Priya Nair")
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	second := newComputer(t).open(t, s)
	defer closed(t, second)
	must(t, second.Enrol(t.Context(), s.URL, code.Code.Secret(), "Laptop"))
	synced(t, second)
	s.Sync()
	st, err := second.SessionInfo(t.Context())
	must(t, err)
	must(t, s.Hub.Credentials.Approve(t.Context(), st.Device, st.Fingerprint))
	until(
		t, "the credential", func() bool { i, err := second.Replica.Item(t.Context(), item); return err == nil && i.Here },
	)
	for round := range 10 {
		var both sync.WaitGroup
		errs := make([]error, 2)
		for n, h := range []*hub.Hub{s.Hub, second} {
			both.Go(func() { errs[n] = hubtest.Renew(t.Context(), h, item) })
		}
		both.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	for _, h := range []*hub.Hub{s.Hub, second} {
		must(t, h.Checks.CheckNow(t.Context(), item))
		synced(t, h)
		if i, err := h.Replica.Item(t.Context(), item); err != nil || i.Access != onboarding.AccessWorks {
			t.Errorf("afterwards: %+v, %v", i, err)
		}
	}
}

func TestAnItemThatStopsWorkingGetsItsDotAndLosesItAgain(t *testing.T) {
	s := relaytest.NewScene(t)
	_, item := connect(t, s, "Priya Nair")
	must(t, s.Hub.Checks.CheckNow(t.Context(), item))
	s.Sync()
	must(t, s.World.SetFault("hubspot", "token_revoked", true))
	must(t, s.Hub.Checks.CheckNow(t.Context(), item))
	s.Sync()
	i, err := s.Hub.Replica.Item(t.Context(), item)
	if err != nil || !i.Attention || i.Access != onboarding.AccessBroken || i.Title == "" || i.Next == "" {
		t.Errorf("a token that was revoked: %+v, %v", i, err)
	}
	if total, err := s.Hub.Totals(t.Context()); err != nil || total.BrokenItems != 1 || total.Attention != 1 {
		t.Errorf("totals are %+v, %v", total, err)
	}
	must(t, s.World.SetFault("hubspot", "token_revoked", false))
	must(t, s.Hub.Checks.CheckNow(t.Context(), item))
	s.Sync()
	if i, err := s.Hub.Replica.Item(t.Context(), item); err != nil || i.Attention || i.Access != onboarding.AccessWorks {
		t.Errorf("after it works again: %+v, %v", i, err)
	}
	// An unreachable platform does not change the item's state.
	must(t, s.World.SetFault("hubspot", "down", true))
	if err := s.Hub.Checks.CheckNow(t.Context(), item); err == nil {
		t.Error("a check that could not be made says nothing")
	}
	s.Sync()
	if i, err := s.Hub.Replica.Item(t.Context(), item); err != nil || i.Access != onboarding.AccessWorks {
		t.Errorf("while the platform is down: %+v, %v", i, err)
	}
}

func TestMembersSeeTheirOwnRequestsUnlessTheyAreShared(t *testing.T) {
	s := relaytest.NewScene(t)
	code, err := s.Hub.InviteMember(t.Context(), "Bo Lund", "bo@northlight.example", onboarding.SubUser)
	must(t, err)
	bo := s.Relay.Hub(t, code.Code.Secret())
	synced(t, bo)
	mine := s.Save(outbox.RequestForm{Client: "Ana's", Services: hubSpot()})
	theirs, err := bo.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Bo's", Services: hubSpot()})
	must(t, err)
	synced(t, bo)
	s.Sync()
	sees := func(h *hub.Hub, id string) bool { _, err := h.Replica.Request(t.Context(), id); return err == nil }
	if sees(bo, mine) || sees(s.Hub, theirs) || !sees(bo, theirs) {
		t.Error("requests are seen by the wrong member")
	}
	if err := bo.Outbox.ShareRequests(t.Context(), true); !errors.Is(err, onboarding.ErrForbidden) {
		t.Errorf("a sub-user shares: %v", err)
	}
	must(t, s.Hub.Outbox.ShareRequests(t.Context(), true))
	until(t, "the shared requests", func() bool { return sees(bo, mine) && sees(s.Hub, theirs) })
	must(t, s.Hub.Outbox.ShareRequests(t.Context(), false))
	until(t, "the own requests alone", func() bool { return !sees(bo, mine) && !sees(s.Hub, theirs) })
	if !sees(bo, theirs) || !sees(s.Hub, mine) {
		t.Error("one's own requests went, too")
	}
	if rows, err := s.Hub.Replica.Outbox(t.Context()); err != nil || len(rows) != 0 {
		t.Errorf("a request that may no longer be seen is offered: %+v, %v", rows, err)
	}
}

func TestAnOlderHubReadsOnKeepsItsOutboxAndSendsItAfterTheUpdate(t *testing.T) {
	s := relaytest.Begin(t)
	c := newComputer(t)
	h := c.open(t, s)
	must(t, h.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"))
	synced(t, h)
	closed(t, h)
	c.version = -1
	h = c.open(t, s)
	until(t, "noticing", func() bool {
		st, err := h.SessionInfo(t.Context())
		return err == nil && st.State == session.UpdateNeeded
	})
	id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Kept", Services: hubSpot()})
	must(t, err)
	closed(t, h)
	c.version = 0
	h = c.open(t, s)
	defer closed(t, h)
	until(t, "sending", func() bool { d, err := h.Replica.Request(t.Context(), id); return err == nil && d.Link != "" })
}

func TestARelayThatWasRestoredGetsItsRequestsBackWithTheirLinks(t *testing.T) {
	folder := t.TempDir()
	listener, err := net.Listen("tcp", loopbacktest.FreeAddress(t)) // it listens there again
	must(t, err)
	world := relaytest.NewWorld(t, time.Now)
	config := relaytest.Config{
		Source: filepath.Join(folder, "relay.db"), KeysetFile: filepath.Join(folder, "relay.key"), Listener: listener,
		World: world,
	}
	before := relaytest.Start(t, config)
	agency := before.AddAgency(t, "Northlight Media", "Ana Ruiz <ana@northlight.example>")
	drivers, err := all.ForHub(relaytest.HubAddresses(world))
	must(t, err)
	h, err := hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t), Dir: filepath.Join(folder, "hub"), Keychain: keychain.NewMemory(), Drivers: drivers,
	})
	must(t, err)
	defer closed(t, h)
	must(t, h.Enrol(t.Context(), before.URL, agency.Code, "Laptop"))
	save := func(client string) string {
		id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: client, Services: hubSpot()})
		must(t, err)
		synced(t, h)
		return id
	}
	old := save("In the backup")
	backup := filepath.Join(folder, "backup.db")
	must(t, before.DB.Backup(t.Context(), backup))
	lost := save("After the backup")
	must(t, h.Outbox.Send(t.Context(), lost, []string{"oskar@fjordbikes.example"}))
	synced(t, h)
	until(t, "the email", func() bool { return len(world.Mail.Messages()) == 1 })
	synced(t, h)
	link := func(id string) string {
		d, err := h.Replica.Request(t.Context(), id)
		must(t, err)
		return d.Link
	}
	links := []string{link(old), link(lost)}
	before.Stop(t)
	waits, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "While it was away", Services: hubSpot()})
	must(t, err)

	config.Source = backup
	if config.Listener, err = net.Listen("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	after := relaytest.Start(t, config)
	must(t, after.Store.Changes.InvalidateCursors(t.Context()))
	synced(t, h)
	synced(t, h)
	if rows, err := h.Replica.Outbox(t.Context()); err != nil || len(rows) != 0 {
		t.Fatalf("the outbox is %+v, %v", rows, err)
	}
	if got := []string{link(old), link(lost)}; !slices.Equal(got, links) {
		t.Errorf("the links became others: %v, were %v", got, links)
	}
	if link(waits) == "" {
		t.Error("what waited was not sent")
	}
	for _, link := range links {
		v := webtest.New()
		must(t, v.Open(link))
		must(t, v.Press("Grant Permission Now"))
	}
}

func TestWhatHadEndedEndsAgainAtARelayThatWasRestored(t *testing.T) {
	folder := t.TempDir()
	listener, err := net.Listen("tcp", loopbacktest.FreeAddress(t)) // it listens there again
	must(t, err)
	world := relaytest.NewWorld(t, time.Now)
	config := relaytest.Config{
		Source: filepath.Join(folder, "relay.db"), KeysetFile: filepath.Join(folder, "relay.key"), Listener: listener,
		World: world,
	}
	before := relaytest.Start(t, config)
	added := before.AddAgency(t, "Northlight Media", "Ana Ruiz <ana@northlight.example>")
	h := before.Hub(t, added.Code)
	save := func(client string) string {
		id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: client, Services: hubSpot()})
		must(t, err)
		synced(t, h)
		return id
	}
	withdrawn, deleted, kept := save("Withdrawn"), save("Deleted"), save("Kept")
	portal := before.AddPortal(t, added.ID, kept, "1")
	var links hub.RepairsInput
	for _, account := range []string{"2", "3"} {
		broken := before.AddPortal(t, added.ID, kept, account)
		before.ReportBroken(t, added.ID, broken.ID, string(catalog.CredentialRefused))
		links.Repairs = append(links.Repairs, hub.RepairInput{ID: broken.ID})
	}
	prepared, err := h.Repairs.Prepare(t.Context(), links)
	if err != nil || prepared.Prepared != 2 {
		t.Fatalf("preparing repairs: %+v, %v", prepared, err)
	}
	code, err := h.IssueCode(t.Context(), "")
	must(t, err)
	lost := before.Enrol(t, code.Code.Secret())
	invited, err := h.InviteMember(t.Context(), "Ben Okoro", "ben@northlight.example", onboarding.SubUser)
	must(t, err)
	ben := before.Enrol(t, invited.Code.Secret())
	second, err := h.InviteMember(t.Context(), "Cleo Brandt", "cleo@northlight.example", onboarding.MainUser)
	must(t, err)
	cleo := before.Enrol(t, second.Code.Secret())
	must(t, h.Outbox.ShareRequests(t.Context(), true))
	synced(t, h)
	backup := filepath.Join(folder, "backup")
	must(t, before.Admin.Backup(t.Context(), backup))
	must(t, h.Outbox.Withdraw(t.Context(), withdrawn))
	must(t, before.Store.Items.Withdraw(t.Context(), added.ID, kept, "Lars Holm", []string{portal.ID}))
	must(t, h.Outbox.DeleteClient(t.Context(), deleted))
	must(t, h.Repairs.Close(t.Context(), links.Repairs[0].ID))
	_, err = h.Credentials.Revoke(t.Context(), lost.ID)
	must(t, err)
	must(t, h.RemoveMember(t.Context(), ben.Member.ID, added.Main.ID))
	must(t, h.ChangeMember(t.Context(), cleo.Member.ID, "Cleo Brandt", onboarding.SubUser))
	must(t, h.Outbox.ShareRequests(t.Context(), false))
	synced(t, h)
	synced(t, h)
	before.Stop(t)

	config.Source, config.KeysetFile = filepath.Join(folder, "restored.db"), filepath.Join(folder, "restored.key")
	_, err = admin.Restore(t.Context(), backup, config.Source, config.KeysetFile, time.Now)
	must(t, err)
	if config.Listener, err = net.Listen("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	after := relaytest.Start(t, config)
	agency := lost.Agency.ID
	_, _, err = after.Admin.ConfirmAgency(t.Context(), agency, added.Main.Email)
	must(t, err)
	until(t, "that the hub confirms the restore", func() bool {
		restored, _, err := after.Store.Agencies.Restored(t.Context(), agency)
		return err == nil && restored == 0
	})
	for _, device := range []string{lost.ID, ben.ID} {
		if d, _, err := after.Store.Devices.Get(t.Context(), agency, device); err != nil || d.Revoked == 0 {
			t.Errorf("device %s is not revoked again: %v", device, err)
		}
	}
	if m, err := after.Store.Members.Get(t.Context(), agency, ben.Member.ID); err != nil || m.Removed == 0 {
		t.Errorf("Ben is a member again: %v", err)
	}
	if m, err := after.Store.Members.Get(t.Context(), agency, cleo.Member.ID); err != nil || m.Role != onboarding.SubUser {
		t.Errorf("Cleo is a main user again: %+v, %v", m, err)
	}
	if a, err := after.Store.Agencies.Get(t.Context(), agency); err != nil || a.ShareRequests {
		t.Errorf("requests are shared again: %v", err)
	}
	if r, err := after.Store.Requests.Get(t.Context(), agency, withdrawn); err != nil || r.Withdrawn == 0 {
		t.Errorf("a withdrawn link works again: %v", err)
	}
	if i, err := after.Store.Items.Get(t.Context(), agency, portal.ID); err != nil || i.Withdrawn == 0 {
		t.Errorf("what a client withdrew is used again: %+v, %v", i, err)
	}
	synced(t, h)
	if i, err := h.Replica.Item(t.Context(), portal.ID); err != nil || i.Withdrawn == 0 {
		t.Errorf("here it is %+v, %v", i, err)
	}
	for n, link := range links.Repairs {
		p, err := after.Store.Repairs.Get(t.Context(), link.ID)
		i, here := h.Replica.Item(t.Context(), link.ID)
		if open := n > 0; err != nil || here != nil || (p.Closed == 0) != open || (i.Repair != nil) != open {
			t.Errorf("the repair %d of which the first was withdrawn is %+v, %v, and here %+v, %v", n, p, err, i.Repair, here)
		}
	}
	if _, err := after.Store.Requests.Get(t.Context(), agency, deleted); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("a deleted client is there again: %v", err)
	}
	if r, err := after.Store.Requests.Get(t.Context(), agency, kept); err != nil || r.Withdrawn != 0 {
		t.Errorf("what had not ended: %v", err)
	}
	if waits, err := h.Replica.Outbox(t.Context()); err != nil || len(waits) != 0 {
		t.Errorf("the outbox is %+v, %v", waits, err)
	}
}

func TestWhatSomebodyBroughtBackInTheDatabaseEndsAgainOnceItIsAccepted(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{World: relaytest.NewWorld(t, time.Now)})
	added := rl.AddAgency(t, "Northlight Media", "Ana Ruiz <ana@northlight.example>")
	h := rl.Hub(t, added.Code)
	code, err := h.IssueCode(t.Context(), "")
	must(t, err)
	lost := rl.Enrol(t, code.Code.Secret())
	invited, err := h.InviteMember(t.Context(), "Cleo Brandt", "cleo@northlight.example", onboarding.SubUser)
	must(t, err)
	cleo := rl.Enrol(t, invited.Code.Secret())
	synced(t, h)
	_, err = h.Credentials.Revoke(t.Context(), lost.ID)
	must(t, err)
	synced(t, h)
	must(t, rl.Store.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
		for _, query := range []string{
			`UPDATE devices SET revoked_ms = 0, approved_ms = 1 WHERE id = '` + lost.ID + `'`,
			`UPDATE members SET role = 'main' WHERE id = '` + cleo.Member.ID + `'`,
		} {
			if _, err := tx.ExecContext(t.Context(), query); err != nil {
				return err
			}
		}
		return nil
	}))
	_, failed, err := rl.Admin.VerifyAgencies(t.Context(), "")
	if err != nil || len(failed) != 1 || len(failed[0].Rows) != 2 {
		t.Fatalf("found %+v, %v", failed, err)
	}
	must(t, rl.Admin.AcceptAgency(t.Context(), failed[0]))
	agency := lost.Agency.ID
	own := onboarding.Ownership{Member: added.Main.ID}
	if devices, err := rl.Store.Devices.ListEntitled(t.Context(), agency, own); err != nil || len(devices) != 0 {
		t.Errorf("accepted, things are sealed for %d computers at once, %v", len(devices), err)
	}
	_, _, err = rl.Admin.ConfirmAgency(t.Context(), agency, added.Main.Email)
	must(t, err)
	until(t, "that the hub confirms what was accepted", func() bool {
		restored, _, err := rl.Store.Agencies.Restored(t.Context(), agency)
		return err == nil && restored == 0
	})
	if d, _, err := rl.Store.Devices.Get(t.Context(), agency, lost.ID); err != nil || d.Revoked == 0 {
		t.Errorf("the computer is not revoked again: %v", err)
	}
	if m, err := rl.Store.Members.Get(t.Context(), agency, cleo.Member.ID); err != nil || m.Role != onboarding.SubUser {
		t.Errorf("Cleo is a main user: %+v, %v", m, err)
	}
	if devices, err := rl.Store.Devices.ListEntitled(t.Context(), agency, own); err != nil || len(devices) != 1 {
		t.Errorf("confirmed, things are sealed for %d computers, %v", len(devices), err)
	}
}

func TestWhatTheRelayRefusesStaysVisibleUntilSomebodyAnswers(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Apps: withoutMailchimp})
	other := s.Save(outbox.RequestForm{Services: hubSpot()})
	// The relay has no app for Mailchimp: the request can be saved all the
	// same.
	id, err := s.Hub.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
		Client: "Refused", Services: []onboarding.Service{onboarding.Mailchimp},
	})
	must(t, err)
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"a@client.example"}))
	s.Sync()
	d := s.Details(id)
	if d.Phase != replica.PhaseRefused || d.RefusalCode != "not_offered" || len(d.Outbox) != 2 {
		t.Fatalf("it is shown as %+v", d)
	}
	if todos, err := s.Hub.Todos(t.Context(), 5); err != nil || len(todos) != 1 || todos[0].Kind != hub.TodoEntry {
		t.Errorf("todos are %+v, %v", todos, err)
	}
	if s.LinkOf(other) == "" {
		t.Error("another request was held up")
	}
	must(t, s.Hub.Outbox.DiscardEntry(t.Context(), d.Outbox[0].Seq))
	if _, err := s.Hub.Replica.Request(t.Context(), id); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("given up, it is still there: %v", err)
	}
}

func TestARefusedRequestGoesOutCorrectedWithTheEmailsBehindIt(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Apps: withoutMailchimp})
	id, err := s.Hub.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
		Client: "Refused", Services: []onboarding.Service{onboarding.Mailchimp},
	})
	must(t, err)
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"a@client.example"}))
	s.Sync()
	if d := s.Details(id); d.Phase != replica.PhaseRefused {
		t.Fatalf("it is shown as %+v", d)
	}
	must(t, s.Hub.Outbox.EditRequest(t.Context(), outbox.RequestForm{ID: id, Client: "Corrected", Services: hubSpot()}))
	until(t, "the email", func() bool { return len(s.World.Mail.Messages()) == 1 })
	until(t, "an empty outbox", func() bool { return len(s.Details(id).Outbox) == 0 })
	if d := s.Details(id); d.Client != "Corrected" || d.RefusalCode != "" {
		t.Errorf("it is shown as %+v", d)
	}
}

func TestASecondResendWithinAMinuteSaysThatItWaitsAndGoesOutByItself(t *testing.T) {
	s := relaytest.NewScene(t)
	id := s.Save(outbox.RequestForm{Services: hubSpot()})
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"oskar@fjordbikes.example", "ida@fjordbikes.example"}))
	emails := func(n int) func() bool {
		return func() bool { return len(s.World.Mail.Messages()) == n }
	}
	// The hub also reads that each email was sent.
	known := func() bool {
		d := s.Details(id)
		return len(d.Outbox) == 0 && len(d.Recipients) == 2 &&
			!slices.ContainsFunc(d.Recipients, func(to replica.RecipientRow) bool { return to.State != replica.RecipientSent })
	}
	until(t, "the emails", emails(2))
	until(t, "the word that they were sent", known)
	s.Pass(2 * time.Minute)
	first, err := s.Hub.Outbox.Resend(t.Context(), id, nil)
	must(t, err)
	if first.Emails != 2 || first.NotBefore != 0 {
		t.Errorf("resending after two minutes: %+v, want two emails at once", first)
	}
	until(t, "the emails again", emails(4))
	until(t, "the word that they were sent again", known)

	before := onboarding.TimestampOf(s.Now())
	second, err := s.Hub.Outbox.Resend(t.Context(), id, []string{s.Details(id).Recipients[0].ID})
	must(t, err)
	if second.Emails != 1 || second.NotBefore <= before ||
		second.NotBefore > onboarding.TimestampOf(s.Now()).Add(time.Minute) {
		t.Errorf("resending within the minute: %+v, want one email that waits a minute from %d", second, before)
	}
	until(t, "the row says that it is held back", func() bool { return s.Details(id).DelayedUntil > before })
	if d := s.Details(id); d.Phase != replica.PhaseSending || d.Attention {
		t.Errorf("held back, the row is %+v", d.RequestRow)
	}
	if n := len(s.World.Mail.Messages()); n != 4 {
		t.Errorf("%d emails went out, want 4", n)
	}
	s.Pass(2 * time.Minute)
	s.Hub.Resume()
	until(t, "the email that waited", emails(5))
	s.Sync()
	if d := s.Details(id); d.DelayedUntil != 0 || d.Phase == replica.PhaseSending {
		t.Errorf("sent, the row is %+v", d.RequestRow)
	}
}

func TestAnEmailTooManyToAnAddressIsRefusedWithASentence(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Limits: onboarding.Limits{AddressEmails: 1}})
	id := s.Save(outbox.RequestForm{Services: hubSpot()})
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"oskar@fjordbikes.example"}))
	until(t, "the email", func() bool { return len(s.World.Mail.Messages()) == 1 })
	s.Pass(48 * time.Hour)
	_, err := s.Hub.Outbox.Resend(t.Context(), id, nil)
	must(t, err)
	until(t, "the refusal", func() bool { return s.Details(id).Phase == replica.PhaseRefused })
	if said := s.Details(id).Outbox[0].Message; !strings.Contains(said, "as many emails") ||
		!strings.Contains(said, "oskar@fjordbikes.example") {
		t.Errorf("it says %q", said)
	}
}

func TestTheLifeOfARequestFromTheHub(t *testing.T) {
	s := relaytest.NewScene(t)
	id := s.Save(outbox.RequestForm{Services: hubSpot()})
	first := s.LinkOf(id)
	must(t, s.Hub.Outbox.EditRequest(t.Context(), outbox.RequestForm{ID: id, Client: "Renamed", Services: hubSpot()}))
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"oskar@fjordbikes.example"}))
	s.Sync()
	until(t, "the email", func() bool { return len(s.World.Mail.Messages()) == 1 })
	s.Pass(2 * time.Minute)
	_, err := s.Hub.Outbox.Resend(t.Context(), id, nil)
	must(t, err)
	until(t, "the second email", func() bool { return len(s.World.Mail.Messages()) == 2 })
	s.Pass(32 * 24 * time.Hour)
	s.Hub.Resume()
	s.Sync()
	if d := s.Details(id); d.Phase != replica.PhaseExpired || !d.Can.Renew || d.Can.Resend || d.Client != "Renamed" {
		t.Fatalf("expired it is %+v", d.RequestRow)
	}
	must(t, s.Hub.Outbox.Renew(t.Context(), id, false))
	s.Sync()
	if d := s.Details(id); d.Link == first || d.Can.Renew || !d.Can.Resend {
		t.Errorf("renewed it is %+v", d)
	}
	must(t, s.Hub.Outbox.Withdraw(t.Context(), id))
	s.Sync()
	if p, err := s.Hub.Replica.Requests(t.Context(), replica.ListParams{}); err != nil || len(p.Requests) != 0 {
		t.Errorf("withdrawn, the list has %+v, %v", p.Requests, err)
	}
	v := s.Browser()
	v.Open(first)
	v.Sees(410)
}

func TestDeletingAClientLeavesNothingOfThemHere(t *testing.T) {
	s := relaytest.NewScene(t)
	id, item := connect(t, s, "Priya Nair")
	must(t, s.Hub.Outbox.DeleteClient(t.Context(), id))
	s.Sync()
	s.Sync()
	if _, err := s.Hub.Replica.Request(t.Context(), id); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("the request: %v", err)
	}
	if _, err := s.Hub.Replica.Item(t.Context(), item); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("the item: %v", err)
	}
	if n, err := hubtest.CountCredentials(t.Context(), s.Hub); err != nil || n != 0 {
		t.Errorf("credentials held: %d, %v", n, err)
	}
}

func TestLeavingGivesTheComputerBack(t *testing.T) {
	s := relaytest.NewScene(t)
	connect(t, s, "Priya Nair")
	must(t, s.Hub.Leave(t.Context()))
	st, err := s.Hub.SessionInfo(t.Context())
	if err != nil || st.State != session.NotEnrolled {
		t.Errorf("it stands as %+v, %v", st, err)
	}
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	must(t, s.Hub.Enrol(t.Context(), s.URL, code.Code, "Again"))
	s.Sync()
	devices, err := s.Hub.Credentials.Devices(t.Context())
	must(t, err)
	live := slices.DeleteFunc(devices, func(d wire.DeviceView) bool { return d.Revoked != 0 })
	if len(live) != 1 {
		t.Errorf("live devices: %+v", live)
	}
}

func TestATypedAddressIsLookedAtBeforeAnybodyJoins(t *testing.T) {
	s := relaytest.Begin(t)
	h := newComputer(t).open(t, s)
	defer closed(t, h)
	at, err := h.FindRelay(t.Context(), s.URL+"/")
	must(t, err)
	if at.State != hub.RelayFound || at.Address != s.URL || at.Operator == "" {
		t.Errorf("at the relay's own address: %+v", at)
	}

	u, err := url.Parse(s.URL)
	must(t, err)
	other := "http://127.0.0.1:" + u.Port()
	if u.Hostname() == "127.0.0.1" {
		other = "http://localhost:" + u.Port()
	}
	if at, err = h.FindRelay(t.Context(), other); err != nil || at.State != hub.RelayElsewhere || at.Address != s.URL {
		t.Errorf("at another name of it: %+v, %v", at, err)
	}

	old := computer{dir: filepath.Join(t.TempDir(), "old"), keychain: keychain.NewMemory(), version: -1}.open(t, s)
	defer closed(t, old)
	if at, err = old.FindRelay(t.Context(), s.URL); err != nil || at.State != hub.RelayTooNew {
		t.Errorf("for a program that is too old: %+v, %v", at, err)
	}

	site := httptest.NewServer(http.NotFoundHandler())
	if at, err = h.FindRelay(t.Context(), site.URL); err != nil || at.State != hub.RelayOther {
		t.Errorf("at another site: %+v, %v", at, err)
	}
	site.Close()
	if at, err = h.FindRelay(t.Context(), site.URL); err != nil || at.State != hub.RelaySilent {
		t.Errorf("where nobody is: %+v, %v", at, err)
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer secure.Close()
	if at, err = h.FindRelay(t.Context(), secure.URL); err != nil || at.State != hub.RelayInspected {
		t.Errorf("with a certificate of its own making: %+v, %v", at, err)
	}
	var wrong *onboarding.InvalidError
	if _, err = h.FindRelay(t.Context(), "http://access.example"); !errors.As(err, &wrong) || wrong.Field != "relay" {
		t.Errorf("without https: %v", err)
	}
}
