package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// flakyProxy simulates a failing network: while it is bad, it resets each
// connection after some bytes in either direction, or some time.
type flakyProxy struct {
	to       string
	listener net.Listener
	bad      atomic.Bool
	cuts     atomic.Int64
	failed   chan struct{} // closed by turnBad
}

func newFlakyProxy(t testing.TB, relay string) *flakyProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	f := &flakyProxy{to: strings.TrimPrefix(relay, "http://"), listener: listener, failed: make(chan struct{})}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go f.join(conn)
		}
	}()
	return f
}

func (f *flakyProxy) address() string { return "http://" + f.listener.Addr().String() }

// turnBad resets what is open, so that nothing goes on through a connection of before.
func (f *flakyProxy) turnBad() {
	f.bad.Store(true)
	close(f.failed)
}

func (f *flakyProxy) join(near net.Conn) {
	far, err := net.Dial("tcp", f.to)
	if err != nil {
		_ = near.Close()
		return
	}
	ended := make(chan struct{}, 2)
	bytes := int64(1 << 40)
	var late <-chan time.Time
	failed := f.failed
	select {
	case <-failed:
		failed = nil // it is open since
	default:
	}
	if f.bad.Load() {
		bytes = rand.Int64N(1 + 1<<(4+rand.IntN(11))) // as often in the headers as deep in the body
		late = time.After(rand.N(400 * time.Millisecond))
	}
	pipe := func(to, from net.Conn) {
		_, _ = io.CopyN(to, from, bytes)
		ended <- struct{}{}
	}
	go pipe(far, near)
	go pipe(near, far)
	select {
	case <-ended:
	case <-late:
	case <-failed:
	}
	if f.bad.Load() {
		f.cuts.Add(1)
	}
	for _, conn := range []net.Conn{near, far} {
		_ = conn.(*net.TCPConn).SetLinger(0) // RST instead of FIN
		_ = conn.Close()
	}
}

func TestANetworkThatIsCutAgainAndAgainLosesNothingAndDoesNothingTwice(t *testing.T) {
	const cuts = 50
	s := relaytest.NewSceneOn(t, relaytest.Config{Limits: onboarding.Limits{AgencyAddressesPerDay: 1_000_000}})
	must(t, s.World.SetFault("hubspot", "rotates", true))
	_, item := connect(t, s, "Priya Nair")
	network := newFlakyProxy(t, s.URL)
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	c := newComputer(t)
	h := c.open(t, s)
	defer closed(t, h)
	must(t, h.Enrol(t.Context(), network.address(), code.Code.Secret(), "Laptop"))
	synced(t, h)
	st, err := h.SessionInfo(t.Context())
	must(t, err)
	s.Sync()
	must(t, s.Hub.Credentials.Approve(t.Context(), st.Device, st.Fingerprint))
	s.Sync()
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: filepath.Join(c.dir, "hub.db")})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	var before wire.Cursor
	cursor := func() {
		t.Helper()
		var text string
		var now wire.Cursor
		must(t, db.QueryRowContext(t.Context(), `SELECT value FROM metadata WHERE name = 'cursor'`).Scan(&text))
		must(t, json.Unmarshal([]byte(text), &now))
		if now.Seq < before.Seq {
			t.Errorf("the cursor went back from %d to %d", before.Seq, now.Seq)
		}
		before = now
	}

	network.turnBad()
	h.Resume() // the event stream reconnects through the bad network
	want := map[string]bool{}
	sent := 0
	for n := 0; network.cuts.Load() < cuts; n++ {
		here, there := fmt.Sprintf("here %d", n), fmt.Sprintf("there %d", n)
		id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: here, Services: hubSpot()})
		must(t, err)
		if n%2 == 0 {
			must(t, h.Outbox.Send(t.Context(), id, []string{fmt.Sprintf("p%d@client.example", n)}))
			sent++
		}
		_, err = s.Hub.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: there, Services: hubSpot()})
		must(t, err)
		want[here], want[there] = true, true
		if n%5 == 0 { // a newer version, to be delivered despite the resets
			must(t, hubtest.Renew(t.Context(), s.Hub, item))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_ = h.Sync(ctx) // may fail
		cancel()
		cursor()
	}
	network.bad.Store(false)
	until(t, "sending all that waits", func() bool {
		h.Resume()
		st, err := h.SessionInfo(t.Context())
		return err == nil && st.Waiting == 0
	})
	s.Sync()
	synced(t, h)
	cursor()
	for name, side := range map[string]*hub.Hub{"this hub": h, "the other hub": s.Hub} {
		got := map[string]int{}
		for params := (replica.ListParams{Limit: 500}); ; {
			page, err := side.Replica.Requests(t.Context(), params)
			must(t, err)
			for _, r := range page.Requests {
				got[r.Client]++
			}
			if params.After = page.Next; params.After == "" {
				break
			}
		}
		for client := range want {
			if got[client] != 1 {
				t.Errorf("%s has the request for %s %d times", name, client, got[client])
			}
		}
	}
	until(t, "the emails", func() bool { return len(s.World.Mail.Messages()) >= sent })
	for _, email := range s.World.Mail.Messages() {
		if to := strings.Join(email.To, " "); strings.HasPrefix(to, "p") {
			want[to] = !want[to]
			if !want[to] {
				t.Errorf("%s got two emails", to)
			}
		}
	}
	if st, err := h.SessionInfo(t.Context()); err != nil || st.Refused != 0 {
		t.Errorf("%d entries were refused, %v", st.Refused, err)
	}
	if _, _, err := hubtest.Credential(t.Context(), h, item); err != nil {
		t.Errorf("using the credential: %v", err)
	}
	t.Logf("%d cuts, %d requests, %d emails", network.cuts.Load(), len(want)-sent, sent)
}
