package store_test

import (
	"fmt"
	"testing"
	"time"

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

// saveFor saves a request for a Business Manager.
func (s *scene) saveFor(t *testing.T, id, business string, byHand bool) {
	t.Helper()
	_, err := s.Requests.Save(t.Context(), s.agency, store.NewRequest{
		ID: id, Owner: "ana", Client: "Harbour & Pine", Services: []onboarding.Service{onboarding.Facebook},
		LinkID: []byte("link of " + id), Who: "Ana Ruiz", ByHand: byHand, Business: onboarding.Account{ID: business},
	})
	must(t, err)
}

func found(account, chosen string) store.FoundItem {
	return store.FoundItem{
		Kind: onboarding.AdAccount, Account: account, Name: "Alpenblick", Detail: "EUR", Chosen: chosen,
	}
}

func TestWhatAClientNamedIsFoundOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.saveFor(t, "r1", "118401", true)
		s.saveFor(t, "r2", "118402", true)
		v1, v2 := s.visit(t, "r1", "v1"), s.visit(t, "r2", "v2")
		one := s.named(t, v1, "Alpenblick")
		again := s.named(t, v1, "Alpenblick")
		if again.ID != one.ID || !one.IsNamed() || one.State != onboarding.ItemWaiting {
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
		events := s.events(t, "r2", onboarding.EventItemFound)
		twice := s.named(t, v2, "the same again")
		same := found("act_1", "Ana")
		same.Name = twice.Name
		kept, err = s.Items.Find(ctx, s.agency, twice.ID, same)
		if err != nil || kept.ID != taken.ID {
			t.Errorf("two lines of one request for one account became %+v, %v", kept, err)
		}
		if events != 1 || s.events(t, "r2", onboarding.EventItemFound) != 2 {
			t.Errorf("what was typed in another way is not in the history: %d events before", events)
		}
		onceMore := s.named(t, v2, "the same again")
		_, err = s.Items.Find(ctx, s.agency, onceMore.ID, same)
		must(t, err)
		if got := s.events(t, "r2", onboarding.EventItemFound); got != 2 {
			t.Errorf("what was typed before is found anew: %d events", got)
		}
		_, err = s.Items.Find(ctx, s.agency, twice.ID, same)
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
		if r := s.asKnown(t, "r1"); r.Status != onboarding.Pending || r.Finished == 0 || r.Completed != 0 ||
			r.CompletedBy.Name == "" {
			t.Errorf("its request is %s, finished at %d, completed at %d", r.Status, r.Finished, r.Completed)
		}
		_, err = s.Items.Confirm(ctx, s.agency, one.ID, "Ana")
		must(t, err)
		if r := s.asKnown(t, "r1"); r.Status != onboarding.Connected || s.events(t, "r1", onboarding.EventCompleted) != 2 {
			t.Errorf("confirmed once more its request is %s", r.Status)
		}
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

// What else has arrived keeps a request complete, also what has ended since.
func TestTakingAConfirmationBackLeavesWhatArrived(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		one, other := s.named(t, v, "Alpenblick"), s.named(t, v, "Seeblick")
		for _, id := range []string{one.ID, other.ID} {
			_, err := s.Items.Confirm(ctx, s.agency, id, "Ana")
			must(t, err)
		}
		_, err := s.Requests.Finish(ctx, v, box(v))
		must(t, err)
		_, err = s.Items.EndAccess(ctx, s.agency, other.ID, store.Ending{By: "Ana"})
		must(t, err)
		_, err = s.Items.Unconfirm(ctx, s.agency, one.ID, "share_by_hand", "Ana")
		must(t, err)
		if r := s.asKnown(t, "r1"); r.Status != onboarding.Connected || r.Completed == 0 {
			t.Errorf("its request is %s, completed at %d", r.Status, r.Completed)
		}
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

// What was named anew waits again, whatever had become of it.
func TestWhatIsFoundAgainIsNotLost(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for n, set := range []string{
			`state = 'ended', ended_ms = 5, ended_by = 'Ana', access_state = 'works',
				confirmed_ms = 3, confirmed_by = 'Ana'`,
			`state = 'connected', access_state = 'broken', connected_ms = 5`,
			`state = 'failed', failure = 'share_refused'`,
		} {
			id := fmt.Sprint("r", n)
			s.save(t, id, "ana")
			v := s.visit(t, id, "v"+id)
			first := s.named(t, v, "Alpenblick")
			account := fmt.Sprint("act_", n)
			_, err := s.Items.Find(ctx, s.agency, first.ID, found(account, "Ana"))
			must(t, err)
			s.exec(t, `UPDATE items SET `+set+` WHERE id = $1`, first.ID)
			if n == 1 {
				must(t, s.Items.Withdraw(ctx, s.agency, id, "Lars Holm", []string{first.ID}))
				s.advance(time.Second)
			}
			again := s.named(t, v, "Alpenblick Zurich")
			kept, err := s.Items.Find(ctx, s.agency, again.ID, found(account, "Ana"))
			must(t, err)
			if got := s.events(t, id, onboarding.EventItemFound); got != 2 {
				t.Errorf("%s: it was found %d times", set, got)
			}
			if kept.ID != first.ID || kept.State != onboarding.ItemWaiting || kept.Withdrawn != 0 || kept.Ended != 0 ||
				kept.EndedBy != "" || kept.Failure != "" || kept.Access.State != "" || kept.By.Name != v.Name ||
				kept.IsConfirmed() || kept.ConfirmedBy != "" {
				t.Errorf("%s: found again it is %+v", set, kept)
			}
			if _, err := s.Items.Get(ctx, s.agency, first.ID); err != nil {
				t.Errorf("%s: %v", set, err)
			}
		}
	})
}

// What became of an account since it was named stays: nobody has acted anew.
func TestWhatIsFoundLaterDoesNotUndoAnEnd(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		first, withdrawn := s.named(t, v, "Alpenblick"), s.named(t, v, "Seeblick")
		for account, item := range map[string]onboarding.Item{"act_1": first, "act_2": withdrawn} {
			_, err := s.Items.Find(ctx, s.agency, item.ID, found(account, "Ana"))
			must(t, err)
		}
		named := map[string]onboarding.Item{
			first.ID: s.named(t, v, "Alpenblick Zurich"), withdrawn.ID: s.named(t, v, "Seeblick Zurich"),
		}
		s.advance(time.Second)
		_, err := s.Items.EndAccess(ctx, s.agency, first.ID, store.Ending{By: "Ana", Proven: true})
		must(t, err)
		s.exec(t, `UPDATE items SET state = 'connected' WHERE id = $1`, withdrawn.ID)
		s.signIn(t, "c1", 0)
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{withdrawn.ID}))
		for _, account := range []string{"act_1", "act_2"} {
			same := map[string]string{"act_1": first.ID, "act_2": withdrawn.ID}[account]
			before, err := s.Items.Get(ctx, s.agency, same)
			must(t, err)
			kept, err := s.Items.Find(ctx, s.agency, named[same].ID, found(account, "Ana"))
			must(t, err)
			if kept.ID != same || kept.State != before.State || kept.Withdrawn != before.Withdrawn ||
				kept.Ended != before.Ended || kept.EndedProven != before.EndedProven {
				t.Errorf("found again %s is %+v, was %+v", account, kept, before)
			}
			_, err = s.Items.Get(ctx, s.agency, named[same].ID)
			wants(t, err, onboarding.ErrNotFound)
		}
	})
}

// Two people name one account: both receipts have it, and what a member has confirmed stays.
func TestWhatTwoPeopleNamedIsOfBoth(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		lena, mina := s.enter(t, "r1", "lena", ""), s.enter(t, "r1", "mina", "")
		one := s.named(t, lena, "Alpenblick")
		two := s.named(t, mina, "Alpenblick Zurich")
		_, err := s.Items.Find(ctx, s.agency, two.ID, found("act_1", "Ana"))
		must(t, err)
		confirmed, err := s.Items.Confirm(ctx, s.agency, one.ID, "Ana")
		must(t, err)
		s.advance(time.Second)
		kept, err := s.Items.Find(ctx, s.agency, one.ID, found("act_1", ""))
		must(t, err)
		if kept.ID != two.ID || kept.State != onboarding.ItemConnected || kept.Confirmed != confirmed.Confirmed ||
			kept.ConfirmedBy != "Ana" || kept.Connected != confirmed.Connected {
			t.Errorf("what was confirmed is %+v, was %+v", kept, confirmed)
		}
		for _, v := range []store.Visit{lena, mina} {
			if names := s.listed(t, v); len(names) != 1 {
				t.Errorf("the receipt of %s has %v", v.Name, names)
			}
		}
	})
}

// A member who chooses an account that the request has already does not erase what else the
// client named.
func TestWhatTheRequestHasIsNotChosenForSomethingElse(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		_, err := s.Items.Find(ctx, s.agency, s.named(t, v, "alpenblick").ID, found("act_1", "Ana"))
		must(t, err)
		other := s.named(t, v, "Fresh Eyes Ads")
		_, err = s.Items.Find(ctx, s.agency, other.ID, found("act_1", "Ana"))
		wants(t, err, onboarding.ErrConflict)
		if kept, err := s.Items.Get(ctx, s.agency, other.ID); err != nil || !kept.IsNamed() {
			t.Errorf("what else was named is %+v, %v", kept, err)
		}
	})
}

// What was withdrawn, or has ended, is the same item when the client names it once more.
func TestWhatIsNamedOnceMoreKeepsItsHistory(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.signIn(t, "c1", 0)
		v := s.visit(t, "r1", "v1")
		item := s.named(t, v, "Alpenblick")
		for _, end := range []func(){
			func() { must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{item.ID})) },
			func() {
				_, err := s.Items.EndAccess(ctx, s.agency, item.ID, store.Ending{By: "Ana", Remaining: "withdraw_by_hand"})
				must(t, err)
			},
		} {
			_, err := s.Items.Confirm(ctx, s.agency, item.ID, "Ana")
			must(t, err)
			end()
			s.advance(time.Second)
			again := s.named(t, v, "Alpenblick")
			kept, err := s.Items.Get(ctx, s.agency, again.ID)
			must(t, err)
			if kept.ID != item.ID || kept.State != onboarding.ItemWaiting || kept.Failure != "share_by_hand" ||
				kept.Withdrawn != 0 || kept.Ended != 0 || kept.EndedBy != "" || kept.IsConfirmed() || kept.Connected != 0 ||
				kept.Created <= item.Created {
				t.Errorf("named once more it is %+v, was %+v", kept, item)
			}
		}
		if n := s.events(t, "r1", onboarding.EventItemNamed); n != 3 {
			t.Errorf("the history has %d times that it was named", n)
		}
	})
}

// Whoever holds a link could name what another client has shared and not named yet: also
// one who signs in, and one who has shared something else.
func TestWhatAnotherClientMayHaveSharedIsAsked(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for _, id := range []string{"r1", "r2"} {
			s.saveFor(t, id, "118401", id == "r1")
			known, err := s.Requests.HasBusiness(ctx, s.agency, "118401")
			if err != nil || !known {
				t.Errorf("its Business Manager is not known: %v", err)
			}
		}
		if known, err := s.Requests.HasBusiness(ctx, s.agency, "118402"); err != nil || known {
			t.Errorf("another Business Manager is known: %v", err)
		}
		one := s.named(t, s.visit(t, "r1", "v1"), "Alpenblick")
		_, err := s.Items.Find(ctx, s.agency, one.ID, found("act_1", ""))
		wants(t, err, onboarding.ErrConflict)
		v2 := s.visit(t, "r2", "v2")
		s.named(t, v2, "Seeblick")
		_, err = s.Items.Find(ctx, s.agency, one.ID, found("act_1", ""))
		wants(t, err, onboarding.ErrConflict)
		_, err = s.Requests.Finish(ctx, v2, box(v2))
		must(t, err)
		kept, err := s.Items.Find(ctx, s.agency, one.ID, found("act_1", ""))
		must(t, err)
		if kept.Account != "act_1" || kept.Failure != "" {
			t.Errorf("it was found as %+v", kept)
		}
	})
}

// Also what was confirmed and ended, or found since, leaves no text; nor does it after the
// year, when everyone is forgotten.
func TestWhatAPersonTypedIsForgottenWithThem(t *testing.T) {
	for name, forget := range map[string]func(t *testing.T, s *scene, v store.Visit){
		"asked": func(t *testing.T, s *scene, v store.Visit) {
			for range 2 {
				_, err := s.People.Forget(t.Context(), v.Email)
				must(t, err)
			}
		},
		"later": func(t *testing.T, s *scene, v store.Visit) {
			_, err := s.Requests.Withdraw(t.Context(), s.agency, v.Request, "Ana Ruiz")
			must(t, err)
			for range 2 { // a year for the receipts
				s.advance(400 * 24 * time.Hour)
				s.runJobs(t)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *scene) {
				ctx := t.Context()
				s.save(t, "r1", "ana")
				v := s.visit(t, "r1", "v1")
				one, ended := s.named(t, v, "Marta's shop"), s.named(t, v, "Marta's inn")
				gone, arrived := s.named(t, v, "Marta's garden"), s.named(t, v, "Marta's cafe")
				must(t, s.Items.RemoveNamed(ctx, v, gone.ID))
				for _, item := range []onboarding.Item{ended, arrived} {
					_, err := s.Items.Confirm(ctx, s.agency, item.ID, "Ana Ruiz")
					must(t, err)
				}
				_, err := s.Items.EndAccess(ctx, s.agency, ended.ID, store.Ending{By: "Ana Ruiz"})
				must(t, err)
				_, err = s.Items.Find(ctx, s.agency, arrived.ID, found("act_1", "Ana Ruiz"))
				must(t, err)
				forget(t, s, v)
				for _, id := range []string{one.ID, ended.ID} {
					if kept, err := s.Items.Get(ctx, s.agency, id); err != nil || kept.Name != "" {
						t.Errorf("the item is %+v, %v", kept, err)
					}
				}
				if left := s.count(t, `
					SELECT count(*) FROM events WHERE detail LIKE 'Marta%' OR kind IN ('item_named', 'item_unnamed',
					'item_confirmed', 'access_ended') AND length(detail_salt) > 0`); left != 0 {
					t.Errorf("%d events have what was typed", left)
				}
			})
		})
	}
}
