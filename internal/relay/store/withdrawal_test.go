package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// TestWhatAClientWithdrawsIsMarkedAndToldOnce: everything withdrawn in one go is one email,
// and once more changes nothing.
func TestWhatAClientWithdrawsIsMarkedAndToldOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.save(t, "r2", "ana")
		first, second := s.portal(t, "r1", "p1", onboarding.ItemConnected), s.portal(t, "r1", "p2", onboarding.ItemWaiting)
		failed, other := s.portal(t, "r1", "p3", onboarding.ItemFailed), s.portal(t, "r2", "p1", onboarding.ItemConnected)
		s.exec(t, `INSERT INTO jobs (kind, subject, agency, due_ms, lease_until_ms, lease_instance, lease_run)
			VALUES ('idle', $1, $2, 1, 0, '', '')`, first.ID, s.agency)
		since := s.asKnown(t, "r1").Accepted

		if err := s.Items.Withdraw(ctx, s.agency, "r1", "Lars", []string{first.ID, other.ID}); !errors.Is(
			err, onboarding.ErrNotFound) {
			t.Errorf("withdrawing what another request has: %v", err)
		}
		for range 2 {
			must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{first.ID, second.ID, failed.ID}))
			s.advance(time.Minute)
		}
		for id, want := range map[string]bool{first.ID: true, second.ID: true, failed.ID: false, other.ID: false} {
			i, err := s.Items.Get(ctx, s.agency, id)
			must(t, err)
			if (i.Withdrawn != 0) != want || i.State == onboarding.ItemEnded {
				t.Errorf("%s is %+v, want withdrawn: %v", id, i, want)
			}
		}
		if n := s.events(t, "r1", onboarding.EventAccessWithdrawn); n != 2 {
			t.Errorf("%d entries of the history are about it, want 2", n)
		}
		s.wantMails(t, store.EmailAccessWithdrawn, "ana")
		listed, more, err := s.News.WithdrawnSince(ctx, s.agency, "r1", since)
		must(t, err)
		if len(listed) != 2 || more != 0 {
			t.Errorf("the email lists %d and %d more", len(listed), more)
		}
		var jobs int
		must(t, s.DB().QueryRowContext(ctx, `SELECT count(*) FROM jobs WHERE subject = $1`, first.ID).Scan(&jobs))
		if jobs != 1 {
			t.Errorf("%d jobs are left: that its credential expires unused is no news", jobs)
		}
		// That it stops working is no news, and what is connected again is not withdrawn.
		s.check(t, first.ID, onboarding.AccessBroken, "access_revoked")
		s.wantMails(t, store.EmailNeedsAttention)
		if again := s.portal(t, "r1", "p1", onboarding.ItemConnected); again.Withdrawn != 0 {
			t.Errorf("connected again it is %+v", again)
		}
		// Another thing of the same grant is no reason to keep it: it was withdrawn, too.
		second, err = s.Items.Get(ctx, s.agency, second.ID)
		must(t, err)
		second.Account = "p1"
		if account, _, err := s.Items.SharedGrant(ctx, s.agency, second, nil); err != nil || !account {
			t.Errorf("beside one that works: %v, %v", account, err)
		}
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{first.ID}))
		must(t, s.Items.Withdraw(ctx, s.agency, "r2", "Lars Holm", []string{other.ID}))
		if account, _, err := s.Items.SharedGrant(ctx, s.agency, second, nil); err != nil || account {
			t.Errorf("beside one that was withdrawn: %v, %v", account, err)
		}
		// What is withdrawn later is in an email of its own, and nothing of it counts any more.
		s.advance(3 * time.Minute)
		late := s.portal(t, "r1", "p4", onboarding.ItemConnected)
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{late.ID}))
		if listed, _, err = s.News.WithdrawnSince(ctx, s.agency, "r1", since); err != nil ||
			slices.ContainsFunc(listed, func(i onboarding.Item) bool { return i.ID == late.ID }) {
			t.Errorf("the first email lists what was withdrawn after it: %v", err)
		}
		// A restored relay marks it again, and nobody is told once more.
		before := len(s.mails(t, store.EmailAccessWithdrawn))
		other = s.portal(t, "r2", "p1", onboarding.ItemConnected)
		for range 2 {
			if marked, err := s.Items.WithdrawAgain(ctx, s.agency, other.ID); err != nil || marked.Withdrawn == 0 {
				t.Errorf("withdrawn again it is %+v, %v", marked, err)
			}
		}
		if n := s.events(t, "r2", onboarding.EventAccessWithdrawn); n != 2 ||
			len(s.mails(t, store.EmailAccessWithdrawn)) != before {
			t.Errorf("withdrawn again, the history has it %d times, and somebody was told", n)
		}
	})
}

// TestWhatNoComputerHasEndsAtOnce: nobody could end it at the platform. Where a computer
// has the credential, that one ends it, and no other gets it any more.
func TestWhatNoComputerHasEndsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		item := s.portal(t, "r1", "p1", onboarding.ItemConnected)
		s.exec(t, `UPDATE items SET version = 1 WHERE id = $1`, item.ID)
		has, waits := s.device(t, "ana", "has").ID, s.device(t, "ana", "waits").ID
		for _, device := range []string{has, waits} {
			s.exec(t, `INSERT INTO deliveries (id, device, subject, is_item, version, sealed, created_ms, mac)
				VALUES ($1, $1, $2, 1, 1, $3, 1, $3)`, device, item.ID, []byte("x"))
		}
		must(t, s.Deliveries.Acknowledge(ctx, s.agency, has, []string{has}))
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{item.ID}))
		left, err := s.Deliveries.List(ctx, s.agency, "ana", waits, "")
		must(t, err)
		kept, err := s.Items.Get(ctx, s.agency, item.ID)
		must(t, err)
		if len(left) != 0 || kept.State != onboarding.ItemConnected {
			t.Errorf("%d deliveries wait, and it is %s", len(left), kept.State)
		}

		// The computer that was to end it is lost; of another account none has a credential.
		_, err = s.Devices.Revoke(ctx, s.agency, has)
		must(t, err)
		other := s.portal(t, "r1", "p2", onboarding.ItemConnected)
		s.exec(t, `UPDATE items SET version = 1 WHERE id = $1`, other.ID)
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{other.ID}))
		for _, id := range []string{item.ID, other.ID} {
			kept, err = s.Items.Get(ctx, s.agency, id)
			must(t, err)
			if kept.State != onboarding.ItemEnded || kept.EndedProven || kept.Failure != "withdraw_by_hand" {
				t.Errorf("without a computer that has it, it is %+v", kept)
			}
		}
	})
}

// What was only named, and nobody has found, has no access that could end: it is over at once,
// whoever could end a share. The history says because of whom an access ended.
func TestWhatHadNotArrivedIsOverAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.saveFor(t, "r1", "118401", true)
		s.signInTo(t, "ana", "c1", 0, []onboarding.Business{{ID: "118401", Admin: true}})
		v := s.visit(t, "r1", "v1")
		named, told := s.named(t, v, "Alpenblick"), s.named(t, v, "Seeblick")
		left, by := s.named(t, v, "Bergblick"), s.named(t, v, "Talblick")
		_, err := s.Items.Confirm(ctx, s.agency, told.ID, "Ana Ruiz")
		must(t, err)
		_, err = s.Items.Find(ctx, s.agency, by.ID, found("act_1", "Ana Ruiz"))
		must(t, err)
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{named.ID, told.ID, by.ID}))
		_, err = s.Items.EndAccess(ctx, s.agency, left.ID, store.Ending{By: "Ana Ruiz", Remaining: "never_arrived"})
		must(t, err)
		kept, err := s.Items.Get(ctx, s.agency, named.ID)
		if err != nil || kept.State != onboarding.ItemEnded || kept.Failure != "never_arrived" || kept.EndedBy != "" {
			t.Errorf("what had not arrived is %+v, %v", kept, err)
		}
		for _, item := range []onboarding.Item{told, by} { // a computer of the agency sees what it can do
			kept, err := s.Items.Get(ctx, s.agency, item.ID)
			if err != nil || kept.State == onboarding.ItemEnded {
				t.Errorf("what is there is %+v, %v", kept, err)
			}
			_, err = s.Items.EndAccess(ctx, s.agency, item.ID, store.Ending{By: "Ana Ruiz", Remaining: "withdraw_by_hand"})
			must(t, err)
		}
		for kind, want := range map[onboarding.EventKind]int{
			onboarding.EventAccessWithdrawn: 3, onboarding.EventWithdrawalDone: 2, onboarding.EventUnawaited: 1,
			onboarding.EventAccessEnded: 0,
		} {
			if n := s.events(t, "r1", kind); n != want {
				t.Errorf("%d entries of %s, want %d", n, kind, want)
			}
		}
	})
}

// TestWhatIsWithdrawnDoesNotWaitForEver: after a month it ends without the hubs, whose
// deliveries are swept away, too; what is shared at Facebook ends with the last sign-in of
// the request's user. What was shared anew meanwhile goes on.
func TestWhatIsWithdrawnDoesNotWaitForEver(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.signIn(t, "c1", 0)
		s.signInOf(t, "ana", "c2", 0)
		s.save(t, "r1", "ana")
		item, again := s.portal(t, "r1", "p1", onboarding.ItemConnected), s.portal(t, "r1", "p2", onboarding.ItemConnected)
		s.exec(t, `UPDATE items SET version = 1 WHERE id = $1`, item.ID)
		device := s.device(t, "ana", "waits").ID
		s.exec(t, `INSERT INTO deliveries (id, device, subject, is_item, version, sealed, created_ms, mac)
			VALUES ($1, $1, $2, 1, 1, $3, 1, $3)`, device, item.ID, []byte("x"))
		shared, err := s.Items.StartSharing(ctx, s.agency, "r1", []onboarding.Item{
			{Service: onboarding.Facebook, Kind: onboarding.Page, Account: "1", Name: "Harbour"},
		})
		must(t, err)
		page := shared[0]
		page.State = onboarding.ItemConnected
		_, err = s.Items.EndSharing(ctx, s.agency, page)
		must(t, err)
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{item.ID, again.ID, page.ID}))
		again = s.portal(t, "r1", "p2", onboarding.ItemConnected)

		is := func(when, id string, want onboarding.ItemState) {
			t.Helper()
			kept, err := s.Items.Get(ctx, s.agency, id)
			must(t, err)
			if kept.State != want || want == onboarding.ItemEnded && (kept.EndedProven || kept.Failure == "") {
				t.Errorf("%s %s is %+v, want %s", when, kept.Name, kept, want)
			}
		}
		must(t, s.Connections.End(ctx, s.agency, "c1"))
		is("with another sign-in of the user", page.ID, onboarding.ItemConnected)
		must(t, s.Connections.End(ctx, s.agency, "c2"))
		is("without the user", page.ID, onboarding.ItemEnded)
		must(t, s.Sweep(ctx)) // its delivery is too old
		s.advance(29 * 24 * time.Hour)
		s.runJobs(t)
		is("before the month is over", item.ID, onboarding.ItemConnected)
		s.advance(25 * time.Hour)
		s.runJobs(t)
		is("after a month", item.ID, onboarding.ItemEnded)
		is("after a month", again.ID, onboarding.ItemConnected)
	})
}

// TestWhatIsSharedByHandIsLeftToAnAdmin: the member typed the Business Manager, so it is no
// Facebook user's; whoever is its admin can end what was shared with it.
func TestWhatIsSharedByHandIsLeftToAnAdmin(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		withdrawn := func(request string) onboarding.Item {
			t.Helper()
			item := s.named(t, s.visit(t, request, "v of "+request), "Alpenblick")
			_, err := s.Items.Find(ctx, s.agency, item.ID, found("act_"+request, "Ana"))
			must(t, err)
			must(t, s.Items.Withdraw(ctx, s.agency, request, "Lars Holm", []string{item.ID}))
			return item
		}
		is := func(when string, item onboarding.Item, want onboarding.ItemState) {
			t.Helper()
			if kept, err := s.Items.Get(ctx, s.agency, item.ID); err != nil || kept.State != want {
				t.Errorf("%s it is %+v, %v, want %s", when, kept, err, want)
			}
		}
		for _, id := range []string{"r1", "r2", "r3"} {
			s.saveFor(t, id, "118401", true)
		}
		admin := []onboarding.Business{{ID: "118401", Admin: true}}
		s.signInTo(t, "ben", "c1", 0, []onboarding.Business{{ID: "118401"}, {ID: "118402", Admin: true}})
		is("without an admin", withdrawn("r1"), onboarding.ItemEnded)
		s.signInTo(t, "ana", "c2", 0, admin)
		s.signInTo(t, "ben", "c3", 0, admin)
		item := withdrawn("r2")
		is("with an admin", item, onboarding.ItemWaiting)
		must(t, s.Connections.End(ctx, s.agency, "c3"))
		is("with another admin", item, onboarding.ItemWaiting)
		must(t, s.Connections.End(ctx, s.agency, "c2"))
		is("without the last admin", item, onboarding.ItemEnded)
		is("after that", withdrawn("r3"), onboarding.ItemEnded)
	})
}

// TestWhatIsWithdrawnCountsForNothing: it completes no request, neither by itself nor by a
// check of a computer that has not heard of it, and it can be shared anew.
func TestWhatIsWithdrawnCountsForNothing(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.signIn(t, "c1", 0)
		s.save(t, "r1", "ana")
		page := onboarding.Item{Service: onboarding.Facebook, Kind: onboarding.Page, Account: "1", Name: "Harbour"}
		share := func() onboarding.Item {
			begun, err := s.Items.StartSharing(ctx, s.agency, "r1", []onboarding.Item{page})
			must(t, err)
			return begun[0]
		}
		looked := share()
		looked.State = onboarding.ItemWaiting
		_, err := s.Items.EndSharing(ctx, s.agency, looked)
		must(t, err)
		v := s.visit(t, "r1", "v1")
		_, err = s.Requests.Finish(ctx, v, box(v))
		must(t, err)
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lena Park", []string{looked.ID}))
		s.check(t, looked.ID, onboarding.AccessWorks, "")
		kept, err := s.Items.Get(ctx, s.agency, looked.ID)
		must(t, err)
		if r := s.asKnown(t, "r1"); r.Status != onboarding.Pending || kept.State != onboarding.ItemWaiting {
			t.Errorf("after a late check the request is %s, and what was withdrawn %s", r.Status, kept.State)
		}

		late := looked // a look that began before it was withdrawn
		late.State = onboarding.ItemConnected
		kept, err = s.Items.EndSharing(ctx, s.agency, late)
		must(t, err)
		if kept.Withdrawn == 0 || kept.State != onboarding.ItemWaiting {
			t.Errorf("after a late look it is %+v", kept)
		}
		if listed, err := s.Items.ListByRequest(ctx, "r1"); err != nil || len(listed) != 0 {
			t.Errorf("its client sees %v, %v", listed, err)
		}

		s.save(t, "r2", "ana")
		only := s.portal(t, "r2", "p1", onboarding.ItemConnected)
		must(t, s.Items.Withdraw(ctx, s.agency, "r2", "Lena Park", []string{only.ID}))
		v = s.visit(t, "r2", "v2")
		if finish, err := s.Requests.Finish(ctx, v, box(v)); err != nil || finish.Outcome != store.FinishedEmpty {
			t.Errorf("finishing with nothing else is %v, %v", finish.Outcome, err)
		}

		v = s.visit(t, "r2", "v3")
		must(t, s.Requests.Decline(ctx, v, "We left HubSpot"))
		skips, err := s.Requests.Skips(ctx, "r2")
		must(t, err)
		if !slices.ContainsFunc(skips, func(k onboarding.Skip) bool { return k.Service == onboarding.HubSpot }) {
			t.Errorf("declined after it was withdrawn, what is left out is %v", skips)
		}
		state, err := s.Receipts.State(ctx, v, box(v))
		must(t, err)
		if state.Gets {
			t.Error("who has withdrawn all gets another receipt")
		}

		_, err = s.Requests.Reopen(ctx, s.agency, "r1", store.NewLink{From: 1, Who: "Ana Ruiz"})
		must(t, err)
		if again := share(); again.State != onboarding.ItemSharing || again.Withdrawn != 0 {
			t.Errorf("shared anew it is %+v", again)
		}
		_, err = s.Items.EndSharing(ctx, s.agency, late)
		must(t, err)
		_, err = s.Items.EndAccess(ctx, s.agency, late.ID, store.Ending{By: "Ana Ruiz", Proven: true})
		must(t, err)
		if kept, err = s.Items.EndSharing(ctx, s.agency, late); err != nil || kept.State != onboarding.ItemEnded {
			t.Errorf("after a late look what was ended is %s, %v", kept.State, err)
		}
	})
}

// TestWithdrawingEverythingLeavesTheAgencysOwnEntries: what a client withdraws may be
// hundreds of things.
func TestWithdrawingEverythingLeavesTheAgencysOwnEntries(t *testing.T) {
	if !slices.Contains(onboarding.VisitorEvents(), onboarding.EventAccessWithdrawn) {
		t.Error("the texts of what was withdrawn are deleted after the agency's own")
	}
}

// TestAHundredWithdrawnThingsAreOnePieceOfNews: the second is in another transaction.
func TestAHundredWithdrawnThingsAreOnePieceOfNews(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		all := slices.Repeat([]string{s.portal(t, "r1", "p1", onboarding.ItemConnected).ID}, 100)
		all = append(all, s.portal(t, "r1", "p2", onboarding.ItemConnected).ID)
		must(t, s.Items.Withdraw(t.Context(), s.agency, "r1", "Lars Holm", all))
		if n := s.count(t, `SELECT count(*) FROM news WHERE request = 'r1' AND kind = 'withdrawn'`); n != 1 {
			t.Errorf("%d pieces of news are about it", n)
		}
	})
}

// TestWhatIsWithdrawnIsNotRepaired: its link closes, and none is made.
func TestWhatIsWithdrawnIsNotRepaired(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		item := s.portal(t, "r1", "p1", onboarding.ItemConnected)
		s.check(t, item.ID, onboarding.AccessBroken, "share_removed")
		repair := store.NewRepair{Items: []store.RepairItem{{ID: item.ID, LinkID: []byte("repair")}}, Who: "Ana Ruiz"}
		_, err := s.Repairs.Prepare(ctx, s.agency, "r1", repair)
		must(t, err)
		must(t, s.Items.Withdraw(ctx, s.agency, "r1", "Lars Holm", []string{item.ID}))
		closed, err := s.Repairs.Get(ctx, item.ID)
		must(t, err)
		if closed.ClosedWhy != store.RepairEnded {
			t.Errorf("its repair is %+v", closed)
		}
		_, err = s.Repairs.Prepare(ctx, s.agency, "r1", repair)
		wants(t, err, onboarding.ErrConflict)
	})
}
