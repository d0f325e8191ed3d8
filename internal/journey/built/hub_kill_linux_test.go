//go:build built

package built

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/keychain/system"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// faultProxy is a proxy between hub and relay. It injects a fault when a chosen
// call reaches a chosen point: requested (the call has not reached the relay),
// processed (the relay is done, the hub has no reply) or received (the hub has
// just begun to handle the reply).
type faultProxy struct {
	relay *httputil.ReverseProxy
	to    *url.URL

	onPoint func(point) // called for each call at each point; may be nil

	mu       sync.Mutex
	at       point
	inject   func()
	injected map[point]int
}

type point struct{ path, moment string }

// points are where the hub is killed, besides random moments: around each kind
// of outbox entry, around a page of changes, and when a delivery is received,
// stored (and acknowledged next) or acknowledged.
func points() []point {
	var found []point
	for _, path := range []string{
		wire.SaveRequest.Path, wire.SendRequest.Path, wire.WithdrawRequest.Path, wire.EditRequest.Path, wire.ReadChanges.Path,
		wire.ReadDeliveries.Path, wire.Acknowledge.Path,
	} {
		for _, moment := range []string{"requested", "processed", "received"} {
			found = append(found, point{path, moment})
		}
	}
	return found
}

// newFaultProxy listens at an address of its own.
func newFaultProxy(t testing.TB) (p *faultProxy, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	p = &faultProxy{injected: map[point]int{}}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends with the test
	t.Cleanup(func() { _ = server.Close() })
	return p, "http://localhost:" + port
}

func (p *faultProxy) lead(to string) {
	p.to = &url.URL{Scheme: "http", Host: to}
	// a killed hub gets no reply
	p.relay = &httputil.ReverseProxy{FlushInterval: -1, ErrorHandler: func(http.ResponseWriter, *http.Request, error) {},
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(p.to); r.Out.Host = r.In.Host }}
}

// arm injects a fault into the next call at a point, once.
func (p *faultProxy) arm(at point, inject func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.inject = at, inject
}

func (p *faultProxy) pass(device string, at point) {
	if p.onPoint != nil {
		p.onPoint(at)
	}
	p.mu.Lock()
	inject := p.inject
	if inject == nil || p.at != at || device == "" {
		p.mu.Unlock()
		return
	}
	p.inject = nil
	p.injected[at]++
	p.mu.Unlock()
	inject()
}

func (p *faultProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if !strings.HasPrefix(path, "/api/") || r.Method != http.MethodPost {
		p.relay.ServeHTTP(w, r)
		return
	}
	device := r.Header.Get("Authorization")
	question, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.pass(device, point{path, "requested"})
	ask, err := http.NewRequest(http.MethodPost, p.to.JoinPath(path).String(), strings.NewReader(string(question)))
	if err != nil {
		return
	}
	ask.Header, ask.Host = r.Header.Clone(), r.Host
	answer, err := http.DefaultTransport.RoundTrip(ask)
	if err != nil {
		http.Error(w, "", http.StatusBadGateway)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		http.Error(w, "", http.StatusBadGateway)
		return
	}
	p.pass(device, point{path, "processed"})
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(said) // a killed hub reads nothing
	_ = http.NewResponseController(w).Flush()
	p.pass(device, point{path, "received"})
}

// staffMember works at a hub that is repeatedly killed, and records what the
// hub confirmed.
type staffMember struct {
	t    *testing.T
	site *site
	gate *faultProxy
	data string
	env  []string

	mu        sync.Mutex
	saved     map[string]string // the client's name by the request's id
	asked     map[string]bool   // clients whose saving was begun
	edited    map[string]string // the message of confirmed edits
	editing   map[string]string // the message of begun edits
	sent      map[string]string // addresses with confirmed sending, and their request
	sending   map[string]bool   // addresses with begun sending
	busy      map[string]bool   // requests with further work to do
	withdrawn map[string]bool
	removing  map[string]bool // withdrawing was begun
	cursor    wire.Cursor
}

// mostSent stays below an agency's daily limit of addresses.
const mostSent = 280

// work acts until the hub is gone. With little work it continues only after the
// relay has stored the previous change, so that each kind of entry is sent.
func (d *staffMember) work(c *journey.BridgeClient, life int, much bool) {
	arrived := func() bool {
		if much {
			time.Sleep(50 * time.Millisecond)
			return true
		}
		return d.call(c, "sync", nil, nil) == nil
	}
	for n := 0; much || n < 4; n++ {
		client := fmt.Sprintf("Client %d.%d", life, n)
		form := outbox.RequestForm{Client: client, Services: []onboarding.Service{onboarding.HubSpot}}
		d.note(func() { d.asked[client] = true })
		var id string
		if d.call(c, "saveRequest", form, &id) != nil {
			return
		}
		d.note(func() { d.saved[id], d.busy[id] = client, n%4 != 0 })
		if n%4 >= 2 && !arrived() { // unsent changes are edited and withdrawn locally
			return
		}
		var err error
		switch n % 4 {
		case 1:
			address := fmt.Sprintf("p%d.%d@client.example", life, n)
			if d.full(address) {
				continue
			}
			if err = d.call(c, "send", params{"id": id, "addresses": []string{address}}, nil); err == nil {
				d.note(func() { d.sent[address] = id })
			}
		case 2:
			d.note(func() { d.removing[id] = true })
			if err = d.call(c, "withdraw", params{"id": id}, nil); err == nil {
				d.note(func() { d.withdrawn[id] = true })
			}
		case 3:
			form.ID, form.Message = id, "Edited in life "+fmt.Sprint(life)
			d.note(func() { d.editing[id] = form.Message })
			if err = d.call(c, "editRequest", form, nil); err == nil {
				d.note(func() { d.edited[id] = form.Message })
			}
		}
		if err != nil {
			return
		}
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	}
}

func (d *staffMember) note(what func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	what()
}

func (d *staffMember) full(address string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.sending) >= mostSent {
		return true
	}
	d.sending[address] = true
	return false
}

// params are the params of a bridge call.
type params map[string]any

// call makes a call; a CallError fails the test.
func (d *staffMember) call(c *journey.BridgeClient, method string, given, into any) error {
	err := c.Call(d.t.Context(), method, given, into)
	var told *journey.CallError
	if errors.As(err, &told) {
		d.t.Errorf("%s is refused: %v", method, told)
	}
	return err
}

// live starts the hub, works at it, and kills it: at a random moment, during
// the start, or at a point.
func (d *staffMember) live(life int, at point, renew func()) {
	d.t.Helper()
	if at.moment == "starting" {
		running := journey.LaunchHub(d.t, d.env, "--data", d.data)
		time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
		running.Kill()
		return
	}
	screens, running := journey.RunHub(d.t, d.env, "--data", d.data)
	c := screens.BridgeClient(d.t)
	limit := 20 * time.Second // if the point is not reached: kill it then
	if at.path == "" {
		limit = time.Duration(5+rand.IntN(400)) * time.Millisecond
	} else {
		d.gate.arm(at, running.Kill)
	}
	late := time.AfterFunc(limit, running.Kill)
	defer late.Stop()
	var others sync.WaitGroup
	others.Go(renew)
	d.work(c, life, at.path == "")
	for !running.Ended() {
		time.Sleep(5 * time.Millisecond)
	}
	d.gate.arm(point{}, nil)
	others.Wait()
	if strings.Contains(running.Log.String(), "panic") {
		d.t.Errorf("life %d panicked:\n%s", life, running.Log)
	}
}

// look reads a copy of the data after the kill: it is intact, nothing saved is
// missing, and the cursor has not gone back.
func (d *staffMember) look(life int) {
	d.t.Helper()
	folder := d.t.TempDir()
	for _, name := range []string{"hub.db", "hub.db-wal"} {
		content, err := os.ReadFile(filepath.Join(d.data, name))
		if errors.Is(err, os.ErrNotExist) && name != "hub.db" {
			continue
		}
		must(d.t, err)
		must(d.t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	db, err := sqldb.Open(d.t.Context(), sqldb.Config{Source: filepath.Join(folder, "hub.db")})
	must(d.t, err)
	defer func() { must(d.t, db.Close()); must(d.t, os.RemoveAll(folder)) }()
	if err := db.Check(d.t.Context()); err != nil {
		d.t.Errorf("after life %d: %v", life, err)
	}
	var text string
	var cursor wire.Cursor
	must(d.t, db.QueryRowContext(d.t.Context(), `SELECT value FROM metadata WHERE name = 'cursor'`).Scan(&text))
	must(d.t, json.Unmarshal([]byte(text), &cursor))
	if cursor.Seq < d.cursor.Seq || cursor.Visibility < d.cursor.Visibility {
		d.t.Errorf("after life %d the cursor went back from %+v to %+v", life, d.cursor, cursor)
	}
	d.cursor = cursor
	there := d.clients(db, `SELECT id, client FROM requests`)
	for id, client := range d.saved {
		if !d.removing[id] && there[id] == "" {
			d.t.Errorf("after life %d the request for %s is lost", life, client)
		}
	}
}

func (d *staffMember) clients(db *sqldb.DB, query string) map[string]string {
	d.t.Helper()
	rows, err := db.QueryContext(d.t.Context(), query)
	must(d.t, err)
	defer func() { _ = rows.Close() }() // its error is rows.Err
	found := map[string]string{}
	for rows.Next() {
		var id, client string
		must(d.t, rows.Scan(&id, &client))
		found[id] = client
	}
	must(d.t, rows.Err())
	return found
}

func TestKilledFiftyTimesTheHubLosesNothingAndDoesNothingTwice(t *testing.T) { hubKilling(t, 50) }

// hubKilling kills the shipped hub, with a real keychain, while it sends, reads
// and stores credentials; then it compares the data of both sides.
func hubKilling(t *testing.T, times int) {
	g, front := newFaultProxy(t)
	s := newSite(t, "", front)
	g.lead(s.listen)
	s.start()
	must(t, s.world.SetFault("hubspot", "rotates", true))

	// Ana's first computer does not use the proxy: it stays connected.
	first := s.openHub(keychain.NewMemory())
	must(
		t,

		first.Enrol(t.Context(), "http://"+strings.Replace(s.listen, "127.0.0.1", "localhost", 1), s.addAgency(),
			"Ana's computer at work"),
	)
	must(t, first.Sync(t.Context()))
	_, link := save(t, first, outbox.RequestForm{Client: "The first", Services: []onboarding.Service{onboarding.HubSpot}})
	walk := func(n int, link string) {
		owner := s.owner(n)
		for _, step := range []func() error{func() error { return owner.Enter(link) },
			func() error { return owner.ConnectHubSpot("", "") }, owner.NextStep, owner.Finish} {
			must(t, step())
		}
	}
	walk(0, link)
	must(t, first.Sync(t.Context()))
	accounts, err := first.Replica.Accounts(t.Context(), replica.AccountsParams{})
	must(t, err)
	item := accounts.Accounts[0].ID

	// The second one is killed.
	d := &staffMember{t: t, site: s, gate: g, data: filepath.Join(t.TempDir(), "data"), env: journey.Session(t),
		saved: map[string]string{}, asked: map[string]bool{}, edited: map[string]string{}, editing: map[string]string{},
		sent: map[string]string{}, sending: map[string]bool{},
		busy: map[string]bool{}, withdrawn: map[string]bool{}, removing: map[string]bool{}}
	for name, at := range s.platforms() {
		prefix := "LATCHKEY_" + strings.ToUpper(name) + "_"
		d.env = append(d.env, prefix+"API_URL="+at, prefix+"TOKEN_URL="+at)
	}
	screens, running := journey.RunHub(t, d.env, "--data", d.data)
	joinOther(t, screens.BridgeClient(t), first, front)
	must(t, running.Stop())

	named := points()
	began, next := time.Now(), 0
	for life := range times {
		var at point // a random moment
		switch {
		case life%5 == 2:
			at = point{moment: "starting"}
		case life%5 != 0:
			at = named[next%len(named)]
			next++
		}
		var waiting string
		if life%6 == 5 { // meanwhile a client connects an account: a new credential
			must(t, first.Sync(t.Context()))
			if id := d.free(first); id != "" {
				details, err := first.Replica.Request(t.Context(), id)
				must(t, err)
				waiting = details.Link
			}
		}
		d.live(life, at, func() {
			if err := hubtest.Renew(t.Context(), first, item); err != nil { // a newer version for the killed hub
				t.Errorf("renewing at the other computer: %v", err)
			}
			if waiting != "" {
				walk(life+1, waiting)
			}
		})
		d.look(life)
		if t.Failed() {
			return
		}
	}
	took := time.Since(began)
	d.settle(first)
	for _, at := range named[:min(next, len(named))] {
		if g.injected[at] == 0 {
			t.Errorf("it was never killed with %s %s", at.path, at.moment)
		}
	}
	struck := 0
	for _, n := range g.injected {
		struck += n
	}
	t.Logf("%d kills in %s, %d of them at a point; %d requests, %d sent, %d withdrawn, %d edited", times,
		took.Round(time.Second), struck, len(d.saved), len(d.sent), len(d.withdrawn), len(d.edited))
}

// free returns a request that is not in use, and that stays.
func (d *staffMember) free(first *hub.Hub) string {
	page, err := first.Replica.Requests(d.t.Context(), replica.ListParams{Filter: replica.PendingRequests, Limit: 500})
	must(d.t, err)
	for _, r := range page.Requests {
		if d.saved[r.ID] != "" && !d.busy[r.ID] && r.ConnectedCount == 0 {
			return r.ID
		}
	}
	return ""
}

// joinOther enrols a hub as another computer of Ana's, and approves it on the
// first one.
func joinOther(t testing.TB, c *journey.BridgeClient, first *hub.Hub, front string) {
	t.Helper()
	code, err := first.IssueCode(t.Context(), "")
	must(t, err)
	must(t, c.Call(t.Context(), "enrol", params{"address": front, "code": code.Code.Secret().Reveal(),
		"name": "Ana's laptop"}, nil))
	var info hub.SessionInfo
	must(t, c.Call(t.Context(), "session", nil, &info))
	if info.Fingerprint == "" {
		return // there is nothing to reseal
	}
	must(t, first.Sync(t.Context()))
	must(t, first.Credentials.Approve(t.Context(), info.Device, info.Fingerprint))
	must(t, first.Sync(t.Context()))
	soon(t, "the other computer is approved", time.Minute, func() bool {
		must(t, c.Call(t.Context(), "session", nil, &info))
		return info.Fingerprint == ""
	})
}

// settle lets the hub run until its outbox is empty, and compares the data of
// both sides with what was confirmed.
func (d *staffMember) settle(first *hub.Hub) {
	t, s := d.t, d.site
	screens, running := journey.RunHub(t, d.env, "--data", d.data)
	c := screens.BridgeClient(t)
	var info hub.SessionInfo
	soon(t, "nothing waits any more", 2*time.Minute, func() bool {
		must(t, c.Call(t.Context(), "sync", nil, nil))
		must(t, c.Call(t.Context(), "session", nil, &info))
		return info.Waiting == 0
	})
	if info.Refused != 0 || info.State != session.Enrolled {
		t.Errorf("%d entries were refused; the hub is %s", info.Refused, info.State)
	}
	must(t, running.Stop())

	// The relay's data.
	must(t, first.Sync(t.Context()))
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: filepath.Join(s.dir, "relay.db")})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	there := d.clients(db, `SELECT id, client FROM requests WHERE withdrawn_ms = 0 AND client <> 'The first'`)
	messages := d.clients(db, `SELECT id, message FROM requests`)
	once := map[string]bool{}
	for id, client := range there {
		if once[client] {
			t.Errorf("%s was asked twice", client)
		}
		once[client] = true
		if !d.asked[client] || d.withdrawn[id] {
			t.Errorf("the relay has %s, which was withdrawn or never asked for", client)
		}
	}
	for id, client := range d.saved {
		if there[id] != client && !d.removing[id] {
			t.Errorf("the request for %s is lost", client)
		}
		if want := d.edited[id]; want != "" && messages[id] != want {
			t.Errorf("%s was edited to %q and has %q", client, want, messages[id])
		}
	}
	rows, err := db.QueryContext(t.Context(), `SELECT address, COUNT(*) FROM recipients GROUP BY address`)
	must(t, err)
	written := map[string]int{}
	for rows.Next() {
		var address string
		var n int
		must(t, rows.Scan(&address, &n))
		written[address] = n
	}
	must(t, rows.Err())
	must(t, rows.Close())
	for address, n := range written {
		if n != 1 || !d.sending[address] {
			t.Errorf("%s is a recipient %d times", address, n)
		}
	}
	for address, id := range d.sent {
		if written[address] != 1 {
			t.Errorf("sending %s to %s was answered and is lost", d.saved[id], address)
		}
	}
	soon(t, "every email has arrived", 2*time.Minute,
		func() bool { return len(invited(s.mail.Messages(), d.sending)) >= len(written) })
	for address, n := range invited(s.mail.Messages(), d.sending) {
		if n != 1 {
			t.Errorf("%s got %d emails", address, n)
		}
	}
	d.credentials(first)
}

func invited(emails []sandbox.Message, addresses map[string]bool) map[string]int {
	got := map[string]int{}
	for _, email := range emails {
		if to := strings.Join(email.To, " "); addresses[to] {
			got[to]++
		}
	}
	return got
}

// credentials opens the killed hub's data in this process, with the surviving
// keychain: every credential that the first computer can use is there and
// usable.
func (d *staffMember) credentials(first *hub.Hub) {
	t := d.t
	for _, entry := range d.env {
		if address, found := strings.CutPrefix(entry, "DBUS_SESSION_BUS_ADDRESS="); found {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		}
	}
	addresses := map[onboarding.Platform]platform.Endpoints{}
	for name, at := range d.site.platforms() {
		addresses[onboarding.Platform(name)] = platform.Endpoints{Auth: at, Token: at, API: at}
	}
	drivers, err := all.ForHub(addresses)
	must(t, err)
	h, err := hub.Open(t.Context(), hub.Config{Catalog: catalogtest.New(t), Dir: d.data,
		Keychain: system.New(system.Config{}), Drivers: drivers})
	must(t, err)
	defer func() { must(t, h.Close()) }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must(t, h.Sync(ctx))
	ids := func(h *hub.Hub) []string {
		var found []string
		for p := (replica.AccountsParams{Limit: 500}); ; {
			page, err := h.Replica.Accounts(t.Context(), p)
			must(t, err)
			for _, i := range page.Accounts {
				found = append(found, i.ID)
			}
			if p.After = page.Next; p.After == "" {
				slices.Sort(found)
				return found
			}
		}
	}
	here := ids(h)
	if there := ids(first); !slices.Equal(here, there) || len(here) < 2 {
		t.Errorf("this computer has the accounts %v, the first one %v", here, there)
	}
	for _, id := range here {
		if access, lasting, err := hubtest.Credential(ctx, h, id); err != nil || access.Empty() || lasting.Empty() {
			t.Errorf("the credential of %s does not open: %v", id, err)
		}
	}
	if refused, err := h.Replica.RejectedCredentials(ctx, 10); err != nil || len(refused) != 0 {
		t.Errorf("deliveries were refused: %+v, %v", refused, err)
	}
}
