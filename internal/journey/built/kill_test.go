//go:build built

package built

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

const (
	walkers = 16
	hands   = 4 // emails that a relay sends concurrently: the maximum that a kill interrupts
)

// walk is a client on one link while the relay is killed: it reads the page,
// takes the next step, and opens the link again if there is no response.
type walk struct {
	*journey.Actor
	request string
	link    string
	steps   *atomic.Int64 // of all clients

	told     bool // the client has read that HubSpot is connected
	done     bool // the client has read that they are done
	retried  int
	stranded string // a page without a way on
}

func (w *walk) run(deadline time.Time) {
	err := w.Open(w.link)
	for !w.done {
		if time.Now().After(deadline) {
			w.stranded = fmt.Sprintf("at %q (%d, %v): %.600s", w.Page.Title(), w.Page.Status, err, w.Page.Text())
			return
		}
		w.steps.Add(1)
		if err == nil && w.Page.Status < http.StatusInternalServerError {
			err = w.next()
			continue
		}
		w.retried++
		time.Sleep(20 * time.Millisecond)
		err = w.Open(w.link)
	}
}

// next takes the step that the page offers.
func (w *walk) next() error {
	page := w.Page
	first, _, _ := strings.Cut(w.Name, " ")
	switch {
	case page.Says("You are done."), page.Status == http.StatusGone && page.Says("You finished this"):
		w.done = true
		return nil
	case page.Says("HubSpot is connected") && page.Has("Close"):
		w.told = true
		return w.Follow("Close")
	case page.Has("Continue as " + first):
		return w.Follow("Continue as " + first)
	case page.Has("Grant Permission Now"):
		return w.Press("Grant Permission Now")
	case page.Has("View request"):
		if err := w.Fill("Your name", w.Name); err != nil {
			return err
		}
		if err := w.Fill("Your work email", w.Email); err != nil {
			return err
		}
		return w.Press("View request")
	case page.Has("Finish"):
		return w.Press("Finish")
	case page.Has("Next Step"):
		return w.Follow("Next Step")
	case page.Has("Proceed"):
		return w.Follow("Proceed")
	case page.Has("Allow"):
		return w.Press("Allow")
	case page.Has("Add HubSpot"):
		return w.Press("Add HubSpot")
	case page.Has("Close"): // a failed try shows a message, which is closed
		return w.Follow("Close")
	}
	return fmt.Errorf("the page %q (%d) offers nothing to go on with", page.Title(), page.Status)
}

func TestKilledFiftyTimesTheRelayKeepsWhatItSaid(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killing(t, "", 50) })
	t.Run("postgres", func(t *testing.T) { killing(t, sqldbtest.PostgreSQL(t), 15) })
}

// hangUps are how often the database ends its connections.
const hangUps = 15

// The database ends its connections while the relay runs: the relay reconnects.
func TestARelayWhoseDatabaseHangsUpKeepsWhatItSaid(t *testing.T) {
	source := sqldbtest.PostgreSQL(t)
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	ended := 0
	withFaults(t, source, hangUps, func(*site) {
		rows, err := db.QueryContext(t.Context(), `
			SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		must(t, err)
		for rows.Next() {
			ended++
		}
		must(t, rows.Close())
	})
	if ended < hangUps {
		t.Errorf("only %d connections were ended", ended)
	}
}

// killing kills the relay at random moments while clients use it. It must
// restart without help; the time is reported, not judged: test machines are
// busy.
func killing(t *testing.T, source string, times int) {
	slowest := time.Duration(0)
	withFaults(t, source, times, func(s *site) {
		s.running.Kill()
		slowest = max(slowest, s.start())
	})
	t.Logf("I7: the slowest restart took %s", slowest)
}

// withFaults has clients use the relay while faults happen to it, and then
// checks the data: everything that a client was told is stored, once.
func withFaults(t *testing.T, source string, times int, inject func(s *site)) {
	s := newSite(t, source, "")
	s.start()
	h := s.hub()
	keys := make([]string, walkers)
	for n := range keys {
		keys[n] = s.world.AddClient(sandbox.Client{
			Person: fmt.Sprintf("Owner %d", n), Email: fmt.Sprintf("owner%d@client.example", n),
			Business: fmt.Sprintf("Client %d", n), Accounts: []string{fmt.Sprintf("Portal %d", n)},
		})
	}

	// The agency keeps saving requests as they are used up.
	links := make(chan [2]string)
	end := make(chan struct{})
	var saved atomic.Int64
	var agency, clients sync.WaitGroup
	agency.Go(func() {
		defer close(links)
		for {
			var ids []string
			for range walkers {
				id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
					Client: fmt.Sprintf("Client %d", saved.Add(1)), Services: []onboarding.Service{onboarding.HubSpot},
				})
				if err != nil {
					t.Errorf("saving a request: %v", err)
					return
				}
				ids = append(ids, id)
			}
			for len(ids) > 0 {
				_ = h.Sync(t.Context()) // the relay may be down: the outbox is sent later
				d, err := h.Replica.Request(t.Context(), ids[0])
				if err != nil {
					t.Errorf("reading a request: %v", err)
					return
				}
				if d.Link == "" {
					continue
				}
				select {
				case links <- [2]string{ids[0], d.Link}:
					ids = ids[1:]
				case <-end:
					return
				}
			}
		}
	})
	var mu sync.Mutex
	var walks []*walk
	var steps atomic.Int64
	for n := range walkers {
		clients.Go(func() {
			for round := 0; ; round++ {
				at, more := <-links
				if !more {
					return
				}
				// A mailbox for each: one gets few emails a day that clients cause.
				w := &walk{
					Actor: journey.NewClient(
						fmt.Sprintf("Walker%d Round%d", n, round), fmt.Sprintf("walker%d.%d@client.example", n, round)),
					request: at[0], link: at[1], steps: &steps,
				}
				if err := s.world.SignIn(w.Jar(), keys[n]); err != nil {
					t.Error(err)
					return
				}
				w.run(time.Now().Add(2 * time.Minute))
				mu.Lock()
				walks = append(walks, w)
				mu.Unlock()
			}
		})
	}

	for n := range times {
		// On a busy machine, wait for progress since the last kill.
		before := steps.Load()
		soon(t, "clients walk", time.Minute, func() bool { return steps.Load() > before })
		// At a random moment; every second time late enough for some progress.
		time.Sleep(time.Duration(5+rand.IntN(146)+n%2*rand.IntN(500)) * time.Millisecond)
		inject(s)
	}
	time.Sleep(time.Second)
	soon(t, "as many requests as walkers are at their end", time.Minute, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(walks) >= walkers
	})
	close(end)
	agency.Wait()
	clients.Wait()
	soon(t, "nothing waits in the outbox", time.Minute, func() bool {
		must(t, h.Sync(t.Context()))
		info, err := h.SessionInfo(t.Context())
		must(t, err)
		return info.Waiting == 0
	})
	emails(t, s, times, walks)
	check(t, s, h, walks)
	if source == "" { // the file is read while nothing writes it
		must(t, s.running.Stop())
		db, err := sqldb.Open(t.Context(), sqldb.Config{Source: filepath.Join(s.dir, "relay.db"), Migrations: nil})
		if err == nil {
			err = db.Check(t.Context())
			must(t, db.Close())
		}
		if err != nil {
			t.Errorf("I6: %v", err)
		}
	}
	retried := 0
	for _, w := range walks {
		retried += w.retried
	}
	t.Logf("%d times, %d requests walked to their end, %d pages asked for again", times, len(walks), retried)
	if len(walks) < walkers || retried == 0 {
		t.Errorf("%d requests were walked, %d pages asked for again: the kills hit nobody", len(walks), retried)
	}
}

// check compares what clients were told with the hub's data.
func check(t *testing.T, s *site, h *hub.Hub, walks []*walk) {
	t.Helper()
	for _, w := range walks {
		if w.stranded != "" {
			t.Errorf("I8: %s stays %s", w.Name, w.stranded)
			continue
		}
		d, err := h.Replica.Request(t.Context(), w.request)
		if err != nil {
			t.Errorf("I2: the request of %s: %v", w.Name, err)
			continue
		}
		if d.Status != onboarding.Connected || d.CompletedBy != w.Name {
			t.Errorf("I1: %s was told to be done, the hub has it %s by %q", w.Name, d.Status, d.CompletedBy)
		}
		if len(d.Items) != 1 || d.Items[0].State != onboarding.ItemConnected {
			t.Errorf("I2, I8: %s connected one portal, the hub has %d items", w.Name, len(d.Items))
			continue
		}
		access, _, err := hubtest.Credential(t.Context(), h, d.Items[0].ID)
		for end := time.Now().Add(30 * time.Second); errors.Is(err, onboarding.ErrBusy) && time.Now().Before(end); {
			time.Sleep(200 * time.Millisecond) // the hub's own renewal may be in progress
			access, _, err = hubtest.Credential(t.Context(), h, d.Items[0].ID)
		}
		if err != nil || access.Empty() {
			t.Errorf("I2: the credential of %s does not open: %v", w.Name, err)
		}
		seen, completed := map[string]bool{}, 0
		for _, event := range d.Events {
			if seen[event.ID] {
				t.Errorf("I4: the hub has the event %s twice", event.ID)
			}
			seen[event.ID] = true
			if event.Kind == onboarding.EventCompleted {
				completed++
			}
		}
		if completed != 1 {
			t.Errorf("I1: the request of %s was completed %d times", w.Name, completed)
		}
	}
}

// The emails of a day: a member is told of so many requests, and an agency's emails go
// to so many addresses outside.
const (
	noticesADay  = 100
	receiptsADay = 300
)

// emails counts: each notice and each receipt must exist, up to what goes out in a day;
// a duplicate only where a kill came before the relay could record the acceptance.
func emails(t *testing.T, s *site, kills int, walks []*walk) {
	t.Helper()
	want := min(len(walks), noticesADay) + min(len(walks), receiptsADay)
	// An email may wait for its back-off.
	soon(t, "every email has arrived", 2*time.Minute, func() bool { return len(distinct(s.mail.Messages())) >= want })
	all := s.mail.Messages()
	once := distinct(all)
	if len(once) != want {
		t.Errorf("%d requests were finished, and there are %d different emails, want %d", len(walks), len(once), want)
	}
	twins := len(all) - len(once)
	// the record of an accepted email is one small write with priority
	if most := hands * kills / 4; twins > most {
		t.Errorf("%d emails came twice, with %d kills", twins, kills)
	}
	t.Logf("%d emails, %d of them twins", len(once), twins)
}

func distinct(emails []sandbox.Message) []string {
	var ids []string
	for _, email := range emails {
		for name, id := range email.Headers {
			if strings.EqualFold(name, "Message-Id") {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
