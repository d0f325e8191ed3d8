package hub_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// reply is what stands between hub and relay replies; zero: it passes the call
// on; aborted: it cuts the connection.
type reply struct {
	status int
	body   string
}

const aborted = -1

// firewall stands between a hub and its relay. It replies to calls whose body
// contains a text, or to all calls.
type firewall struct {
	*httptest.Server
	all    atomic.Pointer[reply]
	open   atomic.Bool // it blocks nothing any more
	blocks map[string]reply

	streams atomic.Int64 // event streams that were passed on
	refused atomic.Int64 // calls that were not
}

func newFirewall(t testing.TB, relay string, blocks map[string]reply) *firewall {
	t.Helper()
	to, err := url.Parse(relay)
	must(t, err)
	through := httputil.NewSingleHostReverseProxy(to)
	through.FlushInterval = -1 // the event stream must not be buffered
	f := &firewall{blocks: blocks}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the hub has gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := f.all.Load()
		for text, block := range f.blocks {
			if !f.open.Load() && strings.Contains(string(body), text) {
				answer = &block
			}
		}
		switch {
		case answer == nil:
			if strings.HasSuffix(r.URL.Path, "/stream") {
				f.streams.Add(1)
			}
			through.ServeHTTP(w, r)
		case answer.status == aborted:
			panic(http.ErrAbortHandler)
		default:
			f.refused.Add(1)
			w.Header().Set("Location", "http://portal.example/")
			w.WriteHeader(answer.status)
			_, _ = io.WriteString(w, answer.body) // the hub may have gone
		}
	}))
	t.Cleanup(func() { f.CloseClientConnections(); f.Close() })
	return f
}

func saves(t testing.TB, h *hub.Hub, client, message string) (id string) {
	t.Helper()
	id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
		Client: client, Message: message, Services: hubSpot(),
	})
	must(t, err)
	return id
}

// entryOf returns the entry of a request that has one.
func entryOf(t testing.TB, h *hub.Hub, id string) replica.EntryRow {
	t.Helper()
	d, err := h.Replica.Request(t.Context(), id)
	must(t, err)
	if len(d.Outbox) != 1 {
		t.Fatalf("%s has the entries %+v, want one", d.Client, d.Outbox)
	}
	return d.Outbox[0]
}

func TestAChangeThatAFirewallRefusesIsSetAsideAndTheRestGoesOn(t *testing.T) {
	const page = "<html>Access denied. Attack ID 20000051"
	s := relaytest.Begin(t)
	wall := newFirewall(t, s.URL, map[string]reply{
		"UNION SELECT":     {http.StatusForbidden, page},
		"onerror=alert":    {http.StatusNotAcceptable, page},
		"../../etc/passwd": {http.StatusOK, page},
		"DROP TABLE":       {http.StatusOK, `{"supportID":"42"}`},
		"viagra":           {http.StatusFound, ""},
		"casino":           {http.StatusUnavailableForLegalReasons, page},
		"forbidden words":  {http.StatusUnauthorized, `{"code":401,"message":"blocked"}`},
		"a long message":   {http.StatusRequestEntityTooLarge, page},
	})
	h := newComputer(t).open(t, s)
	defer closed(t, h)
	must(t, h.Enrol(t.Context(), wall.URL, s.Agency.Code, "Laptop"))
	synced(t, h)

	blocked := map[string]string{} // the request by the code of its refusal
	for text, block := range wall.blocks {
		id := saves(t, h, "Blocked", "Please connect "+text+" soon.")
		must(t, h.Outbox.Send(t.Context(), id, []string{strings.ToLower(id) + "@blocked.example"}))
		blocked[id] = map[int]string{
			http.StatusOK: "page", http.StatusFound: "page", http.StatusRequestEntityTooLarge: "size",
		}[block.status]
		if blocked[id] == "" {
			blocked[id] = "filter"
		}
	}
	behind := saves(t, h, "Behind", "Hello.")
	synced(t, h)

	if d, err := h.Replica.Request(t.Context(), behind); err != nil || d.Link == "" || len(d.Outbox) != 0 {
		t.Errorf("what is behind the refused ones did not leave: %+v, %v", d, err)
	}
	st, err := h.SessionInfo(t.Context())
	if err != nil || !st.Online || st.Obstacle != "" || st.State != session.Enrolled || st.Refused != len(blocked) {
		t.Errorf("the session is %+v, %v", st, err)
	}
	for id, code := range blocked {
		d, err := h.Replica.Request(t.Context(), id)
		must(t, err)
		if d.Phase != replica.PhaseRefused || d.RefusalCode != code || len(d.Outbox) != 2 || d.Outbox[0].Refused == 0 {
			t.Errorf("%q: got %+v, want it refused as %s", d.Message, d, code)
		}
	}

	// One is written anew, one sent again, the others are dropped.
	var ids []string
	for id := range blocked {
		ids = append(ids, id)
	}
	must(t, h.Outbox.EditRequest(t.Context(), outbox.RequestForm{
		ID: ids[0], Client: "Edited", Message: "Please connect.", Services: hubSpot(),
	}))
	wall.open.Store(true)
	d, err := h.Replica.Request(t.Context(), ids[1])
	must(t, err)
	must(t, h.Outbox.RetryEntry(t.Context(), d.Outbox[0].Seq))
	for _, id := range ids[2:] {
		d, err := h.Replica.Request(t.Context(), id)
		must(t, err)
		must(t, h.Outbox.DiscardEntry(t.Context(), d.Outbox[0].Seq))
	}
	synced(t, h)
	for _, id := range ids[:2] {
		if d, err := h.Replica.Request(t.Context(), id); err != nil || d.Link == "" || len(d.Outbox) != 0 ||
			len(d.Recipients) != 1 {
			t.Errorf("%q did not leave: %+v, %v", d.Message, d, err)
		}
	}
	if st, err := h.SessionInfo(t.Context()); err != nil || st.Refused != 0 || st.Waiting != 0 {
		t.Errorf("the outbox holds %d and %d, %v", st.Waiting, st.Refused, err)
	}
}

func TestAChangeThatBreaksTheConnectionEachTimeWaitsAndIsSetAsideAtLast(t *testing.T) {
	s := relaytest.Begin(t)
	wall := newFirewall(t, s.URL, map[string]reply{
		"UNION SELECT": {status: aborted}, "OR 1=1": {status: http.StatusBadGateway},
	})
	h := newComputer(t).open(t, s)
	defer closed(t, h)
	must(t, h.Enrol(t.Context(), wall.URL, s.Agency.Code, "Laptop"))
	synced(t, h)
	cut, failing := saves(t, h, "Cut", "UNION SELECT"), saves(t, h, "Failing", "OR 1=1")
	for n := 1; ; n++ {
		behind := saves(t, h, "Behind", "Hello.")
		synced(t, h)
		if d, err := h.Replica.Request(t.Context(), behind); err != nil || d.Link == "" {
			t.Fatalf("what is behind did not leave: %+v, %v", d, err)
		}
		if st, err := h.SessionInfo(t.Context()); err != nil || !st.Online {
			t.Fatalf("the session is %+v, %v", st, err)
		}
		first, second := entryOf(t, h, cut), entryOf(t, h, failing)
		if first.Code != "silence" || second.Code != "gateway" {
			t.Fatalf("the entries are %+v and %+v", first, second)
		}
		if first.Refused != 0 && second.Refused != 0 {
			if n < 5 {
				t.Errorf("it was given up after %d attempts", n)
			}
			return
		}
		if n > 20 {
			t.Fatalf("after %d attempts it is not set aside: %+v and %+v", n, first, second)
		}
		s.Pass(time.Minute)
	}
}

func TestOfflineIsSaidOnlyWhenNothingAnswers(t *testing.T) {
	s := relaytest.Begin(t)
	wall := newFirewall(t, s.URL, nil)
	h := newComputer(t).open(t, s)
	defer closed(t, h)
	must(t, h.Enrol(t.Context(), wall.URL, s.Agency.Code, "Laptop"))
	synced(t, h)
	for _, c := range []struct {
		all  reply
		want wire.Obstacle
	}{
		{reply{http.StatusOK, "<html>Welcome to our hotel"}, wire.ObstaclePage},
		{reply{http.StatusFound, ""}, wire.ObstaclePage},
		{reply{http.StatusNetworkAuthenticationRequired, "<html>"}, wire.ObstaclePage},
		{reply{http.StatusProxyAuthRequired, "<html>"}, wire.ObstacleProxy},
		{reply{http.StatusForbidden, "<html>"}, wire.ObstacleFilter},
		{reply{http.StatusUnauthorized, `{"message":"Unauthorized"}`}, wire.ObstacleFilter},
		{reply{http.StatusNotFound, "404 page not found"}, wire.ObstacleFilter},
		{reply{http.StatusBadGateway, "<html>"}, wire.ObstacleGateway},
		{reply{http.StatusServiceUnavailable, ""}, wire.ObstacleGateway},
		{reply{aborted, ""}, wire.ObstacleSilence},
	} {
		wall.all.Store(&c.all)
		wall.CloseClientConnections() // the event stream too
		if err := h.Sync(t.Context()); err == nil {
			t.Fatalf("%+v: a round succeeded", c.all)
		}
		id := saves(t, h, "Waits", "Hello.")
		if err := h.Sync(t.Context()); err == nil {
			t.Fatalf("%+v: a round succeeded", c.all)
		}
		st, err := h.SessionInfo(t.Context())
		if err != nil || st.Online || st.Obstacle != c.want || st.State != session.Enrolled || st.Refused != 0 {
			t.Errorf("%+v: got %+v, %v; want %s", c.all, st, err, c.want)
		}
		wall.all.Store(nil)
		synced(t, h)
		if d, err := h.Replica.Request(t.Context(), id); err != nil || d.Link == "" {
			t.Errorf("%+v: what waited did not leave: %+v, %v", c.all, d, err)
		}
		if st, err := h.SessionInfo(t.Context()); err != nil || !st.Online || st.Obstacle != "" {
			t.Errorf("%+v: afterwards got %+v, %v", c.all, st, err)
		}
	}
}

func TestAnAddressWithoutARelayNamesItsReason(t *testing.T) {
	s := relaytest.Begin(t)
	wall := newFirewall(t, s.URL, nil)
	h := newComputer(t).open(t, s)
	defer closed(t, h)
	for status, want := range map[int]hub.RelayState{
		http.StatusOK: hub.RelayOther, http.StatusFound: hub.RelayOther, http.StatusForbidden: hub.RelayOther,
		http.StatusProxyAuthRequired: hub.RelayProxy, http.StatusBadGateway: hub.RelayGateway,
		aborted: hub.RelaySilent,
	} {
		wall.all.Store(&reply{status, "<html>"})
		if at, err := h.FindRelay(t.Context(), wall.URL); err != nil || at.State != want {
			t.Errorf("%d: got %+v, %v; want %s", status, at, err, want)
		}
		err := h.Enrol(t.Context(), wall.URL, onboarding.NewSecret("ABCD-EFGH"), "Laptop")
		if obstacle := wire.ObstacleOf(err); obstacle == "" {
			t.Errorf("%d: enrolling gives %v", status, err)
		}
	}
}
