package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// connectedBy connects a portal in the name of a visit's client.
func (s *scene) connectedBy(t *testing.T, v store.Visit, account string) onboarding.Item {
	t.Helper()
	plan, err := s.Items.Plan(t.Context(), s.agency, store.ItemKey{
		Request: v.Request, Owner: "ana", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: account,
	})
	must(t, err)
	i, err := s.Items.Put(t.Context(), s.agency, store.SharedItem{Repair: v.Repair, Item: onboarding.Item{
		ID: plan.ID, Version: plan.Version, Request: v.Request, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
		Account: account, Name: "Portal " + account, State: onboarding.ItemConnected,
		By: onboarding.Person{Name: v.Name, Email: v.Email},
	}})
	must(t, err)
	return i
}

// enter begins a visit in a name of its own; repair: of the link that repairs an item.
func (s *scene) enter(t *testing.T, request, name, repair string) store.Visit {
	t.Helper()
	v := store.Visit{
		ID: request + name + repair, Request: request, Agency: s.agency, CookieHash: []byte(request + name + repair),
		Version: 1, Name: name, Email: name + "@harbour.example", Repair: repair,
	}
	must(t, s.Visits.Start(t.Context(), v))
	return v
}

// listed are the names of what a client's receipt lists.
func (s *scene) listed(t *testing.T, v store.Visit) (names []string) {
	t.Helper()
	items, err := s.Items.ListShared(t.Context(), v.Request)
	must(t, err)
	shares, err := s.Receipts.Shares(t.Context(), v.Request)
	must(t, err)
	for _, i := range store.SharedBy(items, shares, v.Email) {
		names = append(names, i.Name)
	}
	return names
}

// receipts are the visits that receipts are mailed to.
func (s *scene) receipts(t *testing.T, request string) (visits []string) {
	t.Helper()
	for _, email := range s.emails(t, request) {
		if email.Kind == store.EmailReceipt {
			visits = append(visits, email.Visit)
		}
	}
	slices.Sort(visits)
	return visits
}

func TestWhoSharedSomethingKeepsItInTheirReceiptAndWhoRepairsItGetsOne(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		lena, mina := s.enter(t, "r1", "lena", ""), s.enter(t, "r1", "mina", "")
		item := s.connectedBy(t, lena, "p1")
		s.advance(time.Minute)
		_, err := s.Requests.Finish(ctx, mina, box(mina))
		must(t, err)
		s.check(t, item.ID, onboarding.AccessBroken, "share_removed")
		_, err = s.repair(t, "r1", "", "", item)
		must(t, err)
		s.advance(time.Minute)
		nora, idle := s.enter(t, "r1", "nora", item.ID), s.enter(t, "r1", "otto", item.ID)
		s.connectedBy(t, nora, "p1")
		s.advance(time.Minute)
		for _, c := range []struct {
			visit store.Visit
			lists []string
		}{{lena, []string{"Portal p1"}}, {nora, []string{"Portal p1"}}, {idle, nil}, {mina, nil}} {
			if got := s.listed(t, c.visit); !slices.Equal(got, c.lists) {
				t.Errorf("the receipt of %s lists %v, want %v", c.visit.Name, got, c.lists)
			}
		}
		for _, c := range []struct {
			visit store.Visit
			gets  bool
		}{{nora, true}, {nora, true}, {idle, false}, {lena, true}} {
			gets, err := s.Receipts.Ask(ctx, c.visit, box(c.visit))
			if err != nil || gets != c.gets {
				t.Errorf("%s gets a receipt: %v, %v", c.visit.Name, gets, err)
			}
		}
		if got, want := s.receipts(t, "r1"), []string{lena.ID, mina.ID, nora.ID}; !slices.Equal(got, want) {
			t.Errorf("receipts are mailed to %v, want %v", got, want)
		}

		shares, err := s.Receipts.Shares(ctx, "r1")
		must(t, err)
		var by []string
		for _, share := range shares[item.ID] {
			by = append(by, share.By.Name)
		}
		if !slices.Equal(by, []string{"lena", "nora"}) {
			t.Errorf("it was shared by %v", by)
		}
		_, err = s.People.Forget(ctx, lena.Email)
		must(t, err)
		if shares, err = s.Receipts.Shares(ctx, "r1"); err != nil || len(shares[item.ID]) != 1 {
			t.Errorf("of who was forgotten there is %+v, %v", shares, err)
		}
	})
}

func TestWhoSharedSomethingGetsAReceiptWhenTheLinkEndsWithoutAFinish(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		ends := map[string]func(request string){
			"expired": func(string) { s.advance(31 * 24 * time.Hour); s.runJobs(t) },
			"withdrawn": func(request string) {
				for range 2 {
					_, err := s.Requests.Withdraw(ctx, s.agency, request, "Ana Ruiz")
					must(t, err)
				}
			},
		}
		for _, request := range []string{"withdrawn", "expired"} {
			s.save(t, request, "ana")
			lena, idle := s.enter(t, request, "lena", ""), s.enter(t, request, "otto", "")
			for _, stranger := range []string{"x", "y", "z"} { // who named something has proved nothing
				s.named(t, s.enter(t, request, stranger, ""), "Alpenblick "+stranger)
			}
			s.advance(time.Minute)
			s.connectedBy(t, lena, "1")
			for _, name := range []string{"a", "b", "c", "d", "e", "f"} { // one after the other in the same account
				s.advance(time.Minute)
				s.connectedBy(t, s.enter(t, request, name, ""), "1")
			}
			ends[request](request)
			want := []string{request + "a", request + "b", request + "c", request + "lena"}
			if got := s.receipts(t, request); !slices.Equal(got, want) {
				t.Errorf("%s: receipts are mailed to %v, want %v", request, got, want)
			}
			for _, visit := range want {
				if r, err := s.Receipts.GetByVisit(ctx, visit); err != nil || r.Whole {
					t.Errorf("%s: the receipt of %s is %+v, %v", request, visit, r, err)
				}
			}
			s.advance(25 * time.Hour)
			if gets, err := s.Receipts.Ask(ctx, idle, box(idle)); gets || err != nil {
				t.Errorf("%s: who shared nothing gets a receipt: %v, %v", request, gets, err)
			}
		}
		s.advance(200 * 24 * time.Hour)
		s.runJobs(t)
		if r := s.asKnown(t, "withdrawn"); r.ID == "" || r.Forgotten != 0 {
			t.Errorf("within the year of its receipts it is %+v", r)
		}
	})
}

// Whoever has the link can connect one account in many names.
func TestARequestHasSoManyReceiptsByAsking(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		var visits []store.Visit
		for n := range 24 {
			visits = append(visits, s.enter(t, "r1", string(rune('a'+n)), ""))
			s.connectedBy(t, visits[n], "1")
		}
		_, err := s.Requests.Withdraw(t.Context(), s.agency, "r1", "Ana Ruiz")
		must(t, err)
		for _, v := range visits {
			s.advance(time.Hour)
			_, err := s.Receipts.Ask(t.Context(), v, box(v))
			must(t, err)
		}
		if got := len(s.receipts(t, "r1")); got != 20 {
			t.Errorf("%d receipts are mailed, want 20", got)
		}
	})
}
