package store_test

import (
	"fmt"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// named has a client name an ad account in a visit, and returns its item.
func (s *scene) named(t *testing.T, v store.Visit, text string) onboarding.Item {
	t.Helper()
	must(t, s.Items.AddNamed(t.Context(), v, onboarding.Item{
		Service: onboarding.Facebook, Kind: onboarding.AdAccount, Account: onboarding.NamedAccount(text), Name: text,
		Failure: "share_by_hand", By: onboarding.Person{Name: v.Name, Email: v.Email},
	}))
	items, err := s.Items.ListByRequest(t.Context(), v.Request)
	must(t, err)
	for _, item := range items {
		if item.Name == text {
			return item
		}
	}
	t.Fatalf("%q is not among %v", text, items)
	return onboarding.Item{}
}

func found(account, chosen string) store.FoundItem {
	return store.FoundItem{
		Kind: onboarding.AdAccount, Account: account, Name: "Alpenblick", Detail: "EUR", Chosen: chosen,
	}
}

func TestWhatAClientNamedIsFoundOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.save(t, "r2", "ana")
		v1, v2 := s.visit(t, "r1", "v1"), s.visit(t, "r2", "v2")
		one := s.named(t, v1, "Alpenblick")
		if again := s.named(t, v1, "Alpenblick"); again.ID != one.ID || !one.IsNamed() || one.State != onboarding.ItemWaiting {
			t.Errorf("naming it twice: %+v, then %+v", one, again)
		}
		other := s.named(t, v2, "alpenblick")
		_, err := s.Items.Find(ctx, s.agency, one.ID, found("act_1", ""))
		wants(t, err, onboarding.ErrConflict) // another client named it as well
		must(t, s.Items.RemoveNamed(ctx, v1, other.ID))
		if kept := s.named(t, v2, "alpenblick"); kept.ID != other.ID {
			t.Error("one client removed what another has named")
		}
		must(t, s.Items.RemoveNamed(ctx, v2, other.ID))
		for range 2 { // the same once more changes nothing
			kept, err := s.Items.Find(ctx, s.agency, one.ID, found("act_1", ""))
			must(t, err)
			if kept.ID != one.ID || kept.Account != "act_1" || kept.IsNamed() || kept.Name != "Alpenblick" {
				t.Errorf("it was found as %+v", kept)
			}
		}
		if _, err := s.Items.Get(ctx, s.agency, one.ID); err != nil { // its row is signed anew
			t.Errorf("reading what was found: %v", err)
		}
		_, err = s.Items.Find(ctx, s.agency, one.ID, found("act_2", "Ana"))
		wants(t, err, onboarding.ErrConflict)
		must(t, s.Items.RemoveNamed(ctx, v1, one.ID)) // it is found: it stays
		if _, err := s.Items.Get(ctx, s.agency, one.ID); err != nil {
			t.Errorf("what was found is gone: %v", err)
		}

		taken := s.named(t, v2, "act 1")
		_, err = s.Items.Find(ctx, s.agency, taken.ID, found("act_1", ""))
		wants(t, err, onboarding.ErrConflict) // the first request has it
		kept, err := s.Items.Find(ctx, s.agency, taken.ID, found("act_1", "Ana"))
		if err != nil || kept.Account != "act_1" {
			t.Errorf("a member chose it: %+v, %v", kept, err)
		}
		twice := s.named(t, v2, "the same again")
		kept, err = s.Items.Find(ctx, s.agency, twice.ID, found("act_1", "Ana"))
		if err != nil || kept.ID != taken.ID {
			t.Errorf("two lines of one request for one account became %+v, %v", kept, err)
		}
		_, err = s.Items.Find(ctx, s.agency, twice.ID, found("act_1", "Ana"))
		wants(t, err, onboarding.ErrNotFound)
	})
}

func TestAMemberConfirmsWithoutACheck(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		one := s.named(t, v, "Alpenblick")
		_, err := s.Requests.Finish(ctx, v, box(v))
		must(t, err)
		wants(t, s.Items.AddNamed(ctx, v, one), onboarding.ErrCompleted)
		wants(t, s.Items.RemoveNamed(ctx, v, one.ID), onboarding.ErrCompleted)
		for range 2 {
			kept, err := s.Items.Confirm(ctx, s.agency, one.ID, "Ana")
			must(t, err)
			if kept.State != onboarding.ItemConnected || !kept.IsConfirmed() || kept.ConfirmedBy != "Ana" || !kept.IsNamed() {
				t.Errorf("confirmed it is %+v", kept)
			}
		}
		if r := s.asKnown(t, "r1"); r.Status != onboarding.Connected {
			t.Errorf("its request is %s", r.Status)
		}
		kept, err := s.Items.Unconfirm(ctx, s.agency, one.ID, "share_by_hand", "Ana")
		must(t, err)
		if kept.State != onboarding.ItemWaiting || kept.IsConfirmed() || kept.Connected != 0 {
			t.Errorf("taken back it is %+v", kept)
		}
		_, err = s.Items.Confirm(ctx, s.agency, one.ID, "Ana")
		must(t, err)
		_, err = s.Items.Find(ctx, s.agency, one.ID, found("act_1", ""))
		must(t, err)
		_, err = s.Items.ReportAccess(ctx, s.agency, one.ID, store.AccessReport{
			Access: onboarding.Access{State: onboarding.AccessWorks},
		})
		must(t, err)
		if kept, err := s.Items.Get(ctx, s.agency, one.ID); err != nil || kept.IsConfirmed() || kept.ConfirmedBy != "" {
			t.Errorf("after a check it is still only confirmed: %+v, %v", kept, err)
		}
		_, err = s.Items.Unconfirm(ctx, s.agency, one.ID, "share_by_hand", "Ana")
		wants(t, err, onboarding.ErrConflict)
		_, err = s.Items.Confirm(ctx, s.agency, one.ID, "Ana")
		wants(t, err, onboarding.ErrConflict)
	})
}

func TestARequestHasFiftyNamedItems(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		for n := range onboarding.MaxNamed {
			s.named(t, v, fmt.Sprint("Alpenblick ", n))
		}
		wants(t, s.Items.AddNamed(t.Context(), v, onboarding.Item{
			Service: onboarding.Facebook, Kind: onboarding.Page, Account: onboarding.NamedAccount("x"), Name: "x",
		}), onboarding.ErrRateLimited)
	})
}
