package store_test

import (
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// A platform's names are nobody's here, so nobody can be asked to type them again.
func TestAPlatformsNameOfMarksOrOfAnyLengthIsClipped(t *testing.T) {
	long := strings.Repeat("a", 30_000)
	pile, want := "H"+strings.Repeat("\u0347", 40)+long, "H"+strings.Repeat("\u0347", 4)+long[:200-6]+"…"
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		plan, err := s.Items.Plan(t.Context(), s.agency, store.ItemKey{
			Request: "r1", Owner: "ana", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: "1",
		})
		must(t, err)
		account := onboarding.Item{
			ID: plan.ID, Version: plan.Version, Request: "r1", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
			Account: "1", Name: pile, Detail: pile, PlatformBy: pile, State: onboarding.ItemConnected,
		}
		kept, err := s.Items.Put(t.Context(), s.agency, store.SharedItem{Item: account})
		must(t, err)
		shared, err := s.Items.StartSharing(t.Context(), s.agency, "r1", []onboarding.Item{{
			Service: onboarding.Facebook, Kind: onboarding.Page, Account: "2", Name: pile, Detail: pile, PlatformBy: pile,
		}})
		must(t, err)
		result := shared[0]
		result.Name, result.State = pile, onboarding.ItemConnected
		ended, err := s.Items.EndSharing(t.Context(), s.agency, result)
		must(t, err)
		for of, i := range map[string]onboarding.Item{"put": kept, "started": shared[0], "ended": ended} {
			stored, err := s.Items.Get(t.Context(), s.agency, i.ID)
			must(t, err)
			for _, name := range []string{i.Name, i.Detail, i.PlatformBy, stored.Name, stored.Detail, stored.PlatformBy} {
				if name != want {
					t.Errorf("%s: the name is %+q", of, name)
				}
			}
		}
	})
}

// A hub of before sends a platform's name as it is.
func TestAnAssetThatIsPickedAgainUnderItsPileOfMarksIsNoNews(t *testing.T) {
	pile := "H" + strings.Repeat("\u0347", 40) + "arbour"
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		must(t, s.Connections.Start(ctx, store.PendingConnection{
			ID: "x", Agency: s.agency, Member: "ana", Device: "d", Platform: onboarding.Meta, Challenge: "c",
			StartHash: []byte("start"), Expires: s.Now() + 60_000,
		}))
		must(t, s.Connections.StoreResult(ctx, "x", []byte("code"), store.PendingResult{
			Connection: onboarding.Connection{User: onboarding.Account{ID: "7", Name: pile}},
		}, s.Now()+60_000))
		_, err := s.Connections.Finish(ctx, s.agency, "d", "x", []byte("code"), "c")
		must(t, err)
		x, err := s.Connections.Get(ctx, s.agency, "x")
		if must(t, err); x.User.Name != "H"+strings.Repeat("\u0347", 4)+"arbour" {
			t.Errorf("the connection is of %+q", x.User.Name)
		}
		page := []onboarding.Item{{
			Service: onboarding.Facebook, Kind: onboarding.Page, Account: "2", Name: pile, Detail: pile,
		}}
		first, err := s.Items.Pick(ctx, s.agency, "x", page)
		must(t, err)
		before := s.numberOf(t)
		again, err := s.Items.Pick(ctx, s.agency, "x", page)
		must(t, err)
		if first[0].ID != again[0].ID || again[0].Name != first[0].Name || s.numberOf(t) != before {
			t.Errorf("picked again it is %+v and change %d, was %+v and change %d", again[0], s.numberOf(t), first[0], before)
		}
	})
}
