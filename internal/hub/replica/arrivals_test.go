package replica_test

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// The relay accepted the request at a time of its own clock, which says nothing about the
// lists that this computer reads.
func TestWhatIsNewIsToldByOneClock(t *testing.T) {
	const business, start = "118401", onboarding.Timestamp(1_700_000_000_000)
	for _, c := range []struct {
		name     string
		accepted onboarding.Timestamp
		back     time.Duration // by how much the clock is set back before the request is known
	}{
		{name: "as the relay's", accepted: start},
		{name: "ahead of the relay's", accepted: start.Add(-time.Hour)},
		{name: "behind the relay's", accepted: start.Add(time.Hour)},
		{name: "set back", accepted: start.Add(-time.Hour), back: 30 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := start
			r, err := replica.Open(t.Context(), replica.Config{
				Catalog: catalogtest.New(t), Dir: t.TempDir(), Now: func() time.Time { return now.Time() },
			})
			must(t, err)
			t.Cleanup(func() { must(t, r.Close()) })
			var shared []onboarding.Arrival
			read := func() {
				t.Helper()
				at, err := replica.ArrivalsTime(t.Context(), r, business)
				must(t, err)
				must(t, replica.StoreArrivals(t.Context(), r, business, onboarding.AdAccount, shared, at))
				now = now.Add(time.Second)
			}
			shares := func(account, name string) {
				shared = append(shared, onboarding.Arrival{Kind: onboarding.AdAccount, Account: account, Name: name})
			}
			read()
			shares("act_1", "Early")
			now = now.Add(-c.back)
			named := []onboarding.Item{namedItem("1", "Early"), namedItem("2", "Late")}
			must(t, r.Update(t.Context(), func(tx *replica.Tx) error {
				for _, item := range named {
					if err := tx.StoreItem(t.Context(), item); err != nil {
						return err
					}
				}
				return tx.StoreRequest(t.Context(), onboarding.Request{
					ID: "r1", Owner: "ana", Client: "Alpenblick", Services: []onboarding.Service{onboarding.Facebook},
					Status: onboarding.Pending, Accepted: c.accepted, Created: c.accepted, Expires: start.Add(240 * time.Hour),
					ByHand: true, Business: onboarding.Account{ID: business},
				})
			}))
			must(t, replica.NoteByHand(t.Context(), r))
			missing, err := replica.ReadBaselines(t.Context(), r.DB())
			must(t, err)
			if len(missing) != 2 {
				t.Errorf("still to read: %v", missing)
			}
			read()
			shares("act_2", "Late")
			read()
			set, err := replica.ReadArrivalSet(t.Context(), r.DB(), named[0])
			must(t, err)
			matches := onboarding.MatchArrivals(set.Named, set.Arrivals, set.Taken)
			m := matches["1"]
			if m.Account != "" || len(m.Candidates) == 0 || m.Candidates[0].Why != onboarding.CandidateBefore {
				t.Errorf("what was there before is %+v", m)
			}
			if m := matches["2"]; m.Account != "act_2" {
				t.Errorf("what came after is %+v", m)
			}
			found := namedItem("2", "Late")
			found.Account = "act_2"
			must(t, r.Update(t.Context(), func(tx *replica.Tx) error { return tx.StoreItem(t.Context(), found) }))
			set, err = replica.ReadArrivalSet(t.Context(), r.DB(), named[0])
			must(t, err)
			for _, c := range onboarding.MatchArrivals(set.Named, set.Arrivals, set.Taken)["1"].Candidates {
				isSame := c.Why == onboarding.CandidateSame
				if (c.Account == found.Account) != isSame || c.IsHint() == isSame {
					t.Errorf("what the request has is offered as %+v", c)
				}
			}
		})
	}
}

func namedItem(id, name string) onboarding.Item {
	return onboarding.Item{
		ID: id, Request: "r1", Owner: "ana", Service: onboarding.Facebook, Kind: onboarding.AdAccount, Name: name,
		Account: onboarding.NamedAccount(name), State: onboarding.ItemWaiting,
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestThatMailFailsIsKnownUntilItWorksAgain(t *testing.T) {
	r, err := replica.Open(t.Context(), replica.Config{
		Catalog: catalogtest.New(t), Dir: t.TempDir(), Now: time.Now,
	})
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	var cursor wire.Cursor
	for n, fails := range []onboarding.Timestamp{0, 1_700_000_000_000, 0} { // the later pages have nothing else
		next := wire.Cursor{Seq: 1, CommitID: "c", Visibility: 1}
		must(t, r.Apply(t.Context(), cursor, wire.ChangesResult{Next: next, MailFails: fails}))
		cursor = next
		known, err := replica.ReadMetadataTime(t.Context(), r.DB(), replica.MetaMailFails)
		if err != nil || known != fails {
			t.Errorf("page %d: known is %d and %v, want %d", n, known, err, fails)
		}
	}
}
