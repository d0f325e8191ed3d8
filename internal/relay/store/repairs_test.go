package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// repairable stands for the catalog.
func repairable(failure string) bool { return failure == "share_removed" }

// brokenPortal is an account of a request that does not work any more.
func (s *scene) brokenPortal(t *testing.T, request, account, failure string) onboarding.Item {
	t.Helper()
	item := s.portal(t, request, account, onboarding.ItemConnected)
	s.check(t, item.ID, onboarding.AccessBroken, failure)
	return item
}

// repair asks for links, by an email to an address; empty: to nobody.
func (s *scene) repair(
	t *testing.T, request, send, address string, items ...onboarding.Item,
) (store.PreparedRepairs, error) {
	t.Helper()
	n := store.NewRepair{Send: send, Address: address, Hashes: hashed, Who: "Ana Ruiz", Repairable: repairable}
	for _, i := range items {
		n.Items = append(n.Items, store.RepairItem{ID: i.ID, LinkID: []byte("repair of " + i.ID)})
	}
	return s.Repairs.Prepare(t.Context(), s.agency, request, n)
}

func (s *scene) repairOf(t *testing.T, item string) store.Repair {
	t.Helper()
	p, err := s.Repairs.Get(t.Context(), item)
	must(t, err)
	return p
}

func TestALinkIsMadeForWhatItsClientCanRepair(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		removed := s.brokenPortal(t, "r1", "p1", "share_removed")
		unpaid := s.brokenPortal(t, "r1", "p2", "account_unpaid")
		ended := s.brokenPortal(t, "r1", "p3", "share_removed")
		_, err := s.Items.EndAccess(t.Context(), s.agency, ended.ID, store.Ending{By: "Ana Ruiz", Proven: true})
		must(t, err)
		works := s.portal(t, "r1", "p4", onboarding.ItemConnected)
		for _, item := range []onboarding.Item{unpaid, ended, works} {
			_, err := s.repair(t, "r1", "", "", item)
			wants(t, err, onboarding.ErrConflict)
		}
		prepared, err := s.repair(t, "r1", "", "", ended, unpaid, removed, works)
		must(t, err)
		if !slices.Equal(prepared.Items, []string{removed.ID}) {
			t.Errorf("of all of them links have %v, want the one that was removed: %s", prepared.Items, removed.ID)
		}
	})
}

// A failure that is not the client's is told while the link is open, and so is that their
// repair did not help; they cannot have it told without end.
func TestWhatGoesWrongWhileALinkIsOpenIsTold(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		item := s.brokenPortal(t, "r1", "p1", "share_removed")
		_, err := s.repair(t, "r1", "", "", item)
		must(t, err)
		told := func() (n int) {
			must(t, s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM news WHERE item = $1`, item.ID).Scan(&n))
			return n
		}
		s.check(t, item.ID, onboarding.AccessBroken, "share_removed")
		if n := told(); n != 1 {
			t.Errorf("before the client did anything there are %d news, want 1", n)
		}
		s.wantMails(t, store.EmailAgencySideProblem)
		for range 2 {
			_, err = s.Items.ReportAccess(t.Context(), s.agency, item.ID, store.AccessReport{
				Access:     onboarding.Access{State: onboarding.AccessBroken, Failure: "agency_side", Checked: s.Now()},
				EmailOwner: true,
			})
			must(t, err)
		}
		s.wantMails(t, store.EmailAgencySideProblem, "ana")

		for n, want := range []int{2, 3, 3, 3} {
			must(t, s.Repairs.Recheck(t.Context(), s.repairOf(t, item.ID)))
			s.check(t, item.ID, onboarding.AccessBroken, "share_removed")
			if got := told(); got != want {
				t.Errorf("after repair %d did not help there are %d news, want %d", n+1, got, want)
			}
		}
		if n := s.events(t, "r1", onboarding.EventAccessBroken); n != 3 {
			t.Errorf("%d events say that it broke, want 3", n)
		}
	})
}

// A send whose answer was lost is repeated by the hub.
func TestTheSameSendOfARepairLinkChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		first := s.brokenPortal(t, "r1", "p1", "share_removed")
		second := s.brokenPortal(t, "r1", "p2", "share_removed")
		_, err := s.repair(t, "r1", "send", "Lena@harbour.example", first)
		must(t, err)
		s.deliver(t)
		sent := s.repairOf(t, first.ID)
		if sent.EmailState != onboarding.EmailAccepted || sent.Sent == 0 {
			t.Fatalf("it was sent, and is %+v", sent)
		}
		s.advance(time.Hour)
		for range 4 { // more often than emails may go there
			prepared, err := s.repair(t, "r1", "send", "Lena@harbour.example", first)
			must(t, err)
			if !slices.Equal(prepared.Items, []string{first.ID}) || prepared.Blocked != "" {
				t.Errorf("repeated it prepared %+v", prepared)
			}
		}
		if again := s.repairOf(t, first.ID); fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", sent) {
			t.Errorf("repeated it is %+v, and was %+v", again, sent)
		}

		// the same address, entered in another spelling, gets one email with both links
		_, err = s.repair(t, "r1", "later", "lena@HARBOUR.example", second)
		must(t, err)
		listed, err := s.Repairs.ListByAddress(t.Context(), "r1", "lena@HARBOUR.example")
		must(t, err)
		s.deliver(t)
		if len(listed) != 2 || s.repairOf(t, second.ID).EmailState != onboarding.EmailAccepted {
			t.Errorf("in another spelling the email has %+v", listed)
		}
		s.advance(time.Hour)
		_, err = s.repair(t, "r1", "third", "lena@harbour.example", first)
		must(t, err)
		if s.deliver(t); s.repairOf(t, first.ID).Sent != s.Now() {
			t.Errorf("sent again in a third spelling it is %+v", s.repairOf(t, first.ID))
		}
		_, err = s.repair(t, "r1", "other", "omar@harbour.example", first)
		must(t, err)
		if p := s.repairOf(t, first.ID); p.EmailState != onboarding.EmailQueued || p.Sent != 0 {
			t.Errorf("on its way to somebody else it is %+v", p)
		}
	})
}

// A repair that is opened after the names of its request were deleted brings new ones: they
// are deleted a year later.
func TestWhoOpensALinkAfterTheYearIsForgottenToo(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		item := s.portal(t, "r1", "p1", onboarding.ItemConnected)
		_, err := s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		s.advance(395 * 24 * time.Hour)
		s.check(t, item.ID, onboarding.AccessBroken, "share_removed")
		_, err = s.repair(t, "r1", "", "", item)
		must(t, err)
		s.advance(3 * 24 * time.Hour)
		s.runJobs(t)
		if r := s.asKnown(t, "r1"); r.Forgotten == 0 {
			t.Fatalf("after its year it is %+v", r.Request)
		}
		must(t, s.Visits.Start(t.Context(), store.Visit{
			ID: "v2", Request: "r1", Agency: s.agency, CookieHash: []byte("c2"), Version: 1, Repair: item.ID,
			Name: "Nora Dahl", Email: "nora@harbour.example",
		}))
		s.advance(400 * 24 * time.Hour)
		s.runJobs(t)
		if found, err := s.People.Mentions(t.Context(), "nora@harbour.example"); err != nil || len(found) != 0 {
			t.Errorf("a year later she is in %+v, %v", found, err)
		}
	})
}

// The relay sends to the ASCII form of a domain; the repair keeps what was typed.
func TestARepairIsFoundByItsAddressAfterAFirstAttempt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		const typed, dialled = "ana@bücher.example", "ana@xn--bcher-kva.example"
		s.save(t, "r1", "ana")
		_, err := s.repair(t, "r1", "send 1", typed, s.brokenPortal(t, "r1", "p1", "share_removed"))
		must(t, err)
		owner := store.LeaseOwner{Instance: "here", Run: "1"}
		for {
			email := s.claim(t, owner)
			if email.Kind != store.EmailRepair {
				must(t, s.Emails.Finish(t.Context(), email, store.EmailResult{State: onboarding.EmailCancelled}))
				continue
			}
			to := store.NewRecipient{Address: dialled, Hashes: hashed(typed)}
			_, err := s.Emails.MarkSending(t.Context(), email, owner, to, onboarding.Limits{})
			must(t, err)
			break
		}
		for _, email := range s.emails(t, "r1") {
			if email.Kind != store.EmailRepair {
				continue
			}
			found, err := s.Repairs.ListByAddress(t.Context(), "r1", email.Address)
			if err != nil || len(found) != 1 {
				t.Errorf("by %q %d repairs are found, %v; want one", email.Address, len(found), err)
			}
		}
	})
}

// The database alone opens no link that was closed, and closes none.
func TestWhetherARepairIsOpenIsSigned(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		item := s.brokenPortal(t, "r1", "p1", "share_removed")
		_, err := s.repair(t, "r1", "", "", item)
		must(t, err)
		must(t, s.Repairs.Close(t.Context(), s.agency, item.ID, "Ana Ruiz"))
		wants(t, s.repairOf(t, item.ID).State(1, s.Now()), onboarding.ErrWithdrawn)
		for _, change := range []string{"closed_ms = 0", "closed_why = 'works'", "lost = 1", "item_version = 7"} {
			s.exec(t, `CREATE TABLE was AS SELECT * FROM repairs`)
			s.exec(t, `UPDATE repairs SET `+change)
			_, err := s.Repairs.Get(t.Context(), item.ID)
			wants(t, err, store.ErrTampered)
			s.exec(t, `DELETE FROM repairs`)
			s.exec(t, `INSERT INTO repairs SELECT * FROM was`)
			s.exec(t, `DROP TABLE was`)
		}
	})
}
