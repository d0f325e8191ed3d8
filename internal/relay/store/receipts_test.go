package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// finished is a visit that has finished a request of its own.
func (s *scene) finished(t *testing.T, request string, limits onboarding.Limits) (store.Visit, store.Mailbox) {
	t.Helper()
	s.save(t, request, "ana")
	v := s.visit(t, request, "visit of "+request)
	s.portal(t, request, request, onboarding.ItemConnected)
	mailbox := store.Mailbox{Hashes: hashed(v.Email), Limits: limits}
	_, err := s.Requests.Finish(t.Context(), v, mailbox)
	must(t, err)
	return v, mailbox
}

// send sends the next due email, with a result.
func (s *scene) send(t *testing.T, state onboarding.EmailState) {
	t.Helper()
	email := s.claim(t, store.LeaseOwner{Instance: "here", Run: "1"})
	must(t, s.Emails.Finish(t.Context(), email, store.EmailResult{State: state}))
}

func TestWhatBecameOfAReceiptsEmailIsKnown(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		two := onboarding.Limits{AddressEmails: 2}
		v, mailbox := s.finished(t, "r1", two)
		is := func(of store.Visit, want store.ReceiptState) {
			t.Helper()
			want.Gets = true
			got, err := s.Receipts.State(ctx, of, mailbox)
			if want.Due == 0 {
				got.Due = 0
			}
			if err != nil || got != want {
				t.Errorf("got %+v and %v, want %+v", got, err, want)
			}
		}
		// ask reports whether it queued an email.
		ask := func(of store.Visit) bool {
			t.Helper()
			before := s.mailed(t, of.Request, store.EmailReceipt)
			gets, err := s.Receipts.Ask(ctx, of, mailbox)
			if err != nil || !gets {
				t.Fatalf("asking: %v, %v", gets, err)
			}
			return s.mailed(t, of.Request, store.EmailReceipt) > before
		}
		first := s.Now()
		is(v, store.ReceiptState{Email: onboarding.EmailQueued, Due: first, Ask: true})
		s.drop(t, store.EmailCompletion)
		s.send(t, onboarding.EmailRefused)
		is(v, store.ReceiptState{Email: onboarding.EmailRefused, Ask: true})
		if !ask(v) { // within the minute: it is sent when that is over
			t.Error("a second one is not queued")
		}
		is(v, store.ReceiptState{Email: onboarding.EmailQueued, Due: first.Add(time.Minute), Blocked: store.BlockLimit})
		s.advance(time.Minute)
		s.send(t, onboarding.EmailAccepted)
		is(v, store.ReceiptState{Email: onboarding.EmailAccepted, Blocked: store.BlockLimit})

		// Another request of the same client on the same day.
		other, _ := s.finished(t, "r2", two)
		s.drop(t, store.EmailCompletion)
		is(other, store.ReceiptState{Blocked: store.BlockLimit})
		if ask(other) {
			t.Error("a receipt beyond the limit is queued")
		}
		s.advance(25 * time.Hour)
		is(other, store.ReceiptState{Ask: true})
		if !ask(other) {
			t.Error("a day later no receipt is queued")
		}
		s.send(t, onboarding.EmailCancelled) // as by a restore
		is(other, store.ReceiptState{Ask: true})

		_, err := s.Agencies.Update(ctx, s.agency, func(a *onboarding.Agency) error { a.Suspended = true; return nil })
		must(t, err)
		is(other, store.ReceiptState{Blocked: store.BlockSuspended})
		_, err = s.Agencies.Update(ctx, s.agency, func(a *onboarding.Agency) error { a.Suspended = false; return nil })
		must(t, err)
		must(t, s.Emails.Suppress(ctx, s.agency, v.Email, hashed(v.Email)[0]))
		is(other, store.ReceiptState{Blocked: store.BlockSuppressed})
		if ask(other) {
			t.Error("a receipt to a suppressed address is queued")
		}
	})
}

// drop cancels the queued emails of a kind.
func (s *scene) drop(t *testing.T, kind store.EmailKind) {
	t.Helper()
	must(t, s.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE emails SET state = 'cancelled' WHERE kind = $1`, kind)
		return err
	}))
}

func TestAnAgencyThatWroteToEnoughAddressesMailsNoReceiptToAnother(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		one := onboarding.Limits{AgencyAddressesPerDay: 1}
		s.save(t, "r0", "ana")
		_, err := s.Requests.Send(t.Context(), s.agency, "r0", []store.NewRecipient{to("a", "max@harbour.example")}, one)
		must(t, err)
		v, mailbox := s.finished(t, "r1", one)
		state, err := s.Receipts.State(t.Context(), v, mailbox)
		if err != nil || state != (store.ReceiptState{Gets: true, Blocked: store.BlockLimit}) {
			t.Errorf("got %+v and %v", state, err)
		}
	})
}

func TestWhatAClientCausesDelaysAnInvitationAndRefusesNone(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		var v store.Visit
		for n := range 4 {
			v, _ = s.finished(t, fmt.Sprint("r", n), onboarding.Limits{})
		}
		_, err := s.Requests.Send(t.Context(), s.agency, s.save(t, "new", "ana").ID,
			[]store.NewRecipient{to("a", v.Email)}, onboarding.Limits{})
		must(t, err)
		var due onboarding.Timestamp
		must(t, s.DB().QueryRowContext(t.Context(), `SELECT not_before_ms FROM emails WHERE recipient = 'a'`).Scan(&due))
		if want := s.Now().Add(4 * time.Minute); due != want {
			t.Errorf("the invitation is due at %d, want %d: a minute behind the last of four receipts", due, want)
		}
	})
}

func TestACodeIsProposedOnlyToAnAddressThatGetsIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		propose := func(address string, limits onboarding.Limits) error {
			_, err := s.Agencies.ProposeReplyTo(ctx, s.agency, "ana", to("", address), limits)
			return err
		}
		must(t, s.Emails.Suppress(ctx, s.agency, "no@acme.example", hashed("no@acme.example")[0]))
		wants(t, propose("no@acme.example", onboarding.Limits{}), onboarding.ErrInvalid)
		one := onboarding.Limits{AddressEmails: 1}
		must(t, propose("hello@acme.example", one))
		wants(t, propose("hello@acme.example", one), onboarding.ErrRateLimited) // counted, though not sent yet
		wants(t, propose("new@acme.example", onboarding.Limits{AgencyAddressesPerDay: 1}), onboarding.ErrRateLimited)
		a, err := s.Agencies.Get(ctx, s.agency)
		if err != nil || a.Brand.PendingReplyTo != "hello@acme.example" {
			t.Errorf("pending is %q and %v", a.Brand.PendingReplyTo, err)
		}
	})
}

// TestARequestIsForgottenAfterTheYearOfItsReceipts: its link was withdrawn after it was
// finished, so nothing else keeps it.
func TestARequestIsForgottenAfterTheYearOfItsReceipts(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		s.portal(t, "r1", "p1", onboarding.ItemWaiting)
		_, err := s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		_, err = s.Requests.Withdraw(t.Context(), s.agency, "r1", "Ana Ruiz")
		must(t, err)
		s.exec(t, `DELETE FROM items`)
		for _, days := range []int{91, 273, 3} {
			_, err := s.Requests.Get(t.Context(), s.agency, "r1")
			must(t, err)
			s.advance(time.Duration(days) * 24 * time.Hour)
			s.runJobs(t)
		}
		if _, err := s.Requests.Get(t.Context(), s.agency, "r1"); !errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("after the year of its receipt: %v", err)
		}
	})
}
