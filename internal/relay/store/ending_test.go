package store_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// TestAForgottenPersonsAccessMayHangOnAnyGrant: who connected it is no longer
// known, and ending a grant too many cannot be undone.
func TestAForgottenPersonsAccessMayHangOnAnyGrant(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "first", "ana")
		s.save(t, "second", "ana")
		connect := func(request, account, by, email string) onboarding.Item {
			t.Helper()
			plan, err := s.Items.Plan(t.Context(), s.agency, store.ItemKey{
				Request: request, Owner: "ana", Service: onboarding.GoogleSheets, Kind: onboarding.Sheet, Account: account,
			})
			must(t, err)
			i, err := s.Items.Put(t.Context(), s.agency, store.SharedItem{Item: onboarding.Item{
				ID: plan.ID, Version: plan.Version, Request: request, Service: onboarding.GoogleSheets, Kind: onboarding.Sheet,
				Account: account, Name: account, State: onboarding.ItemConnected, PlatformBy: by,
				By: onboarding.Person{Name: "Lena Park", Email: email},
			}})
			must(t, err)
			return i
		}
		shares := func(i onboarding.Item, want bool, when string) {
			t.Helper()
			account, person, err := s.Items.SharedGrant(t.Context(), s.agency, i, nil)
			must(t, err)
			if account || person != want {
				t.Errorf("%s: account %v, person %v, want person %v", when, account, person, want)
			}
		}
		mine := connect("first", "leads", "lars@harbour.example", "lars@harbour.example")
		other := connect("second", "waiting list", "mina@harbour.example", "mina@harbour.example")
		shares(mine, false, "beside another person's")
		if n, err := s.People.Forget(t.Context(), "mina@harbour.example"); err != nil || n != 1 {
			t.Fatalf("forgetting: %d requests, %v", n, err)
		}
		shares(mine, true, "beside that of a forgotten person")
		other, err := s.Items.Get(t.Context(), s.agency, other.ID)
		must(t, err)
		shares(other, true, "that of the forgotten person")
		_, err = s.Items.EndAccess(t.Context(), s.agency, other.ID,
			store.Ending{By: "Ana Ruiz", Remaining: "withdraw_by_hand"})
		must(t, err)
		shares(mine, false, "after that one has ended")
	})
}
