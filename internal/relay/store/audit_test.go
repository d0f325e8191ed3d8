package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// audited is what is found in a request's history.
func (s *scene) audited(t *testing.T, request string) string {
	t.Helper()
	chain, err := s.Requests.Audit(t.Context(), request, 0, 5000)
	must(t, err)
	return fmt.Sprint(chain.Verify())
}

// tamper runs statements that the relay would not, and returns what is found then. They
// are undone.
func (s *scene) tamper(t *testing.T, statements ...string) (found string) {
	t.Helper()
	const events = `id, request, at_ms, kind, who, detail, service, number, who_salt, who_hash, detail_salt,
		detail_hash, dropped, hash`
	for name, columns := range map[string]string{"events": events, "event_chains": `request, length, hash, mac`} {
		s.exec(t, `CREATE TABLE copy_of_`+name+` AS SELECT * FROM `+name)
		defer func() {
			s.exec(t, `DELETE FROM `+name)
			s.exec(t, `INSERT INTO `+name+` (`+columns+`) SELECT `+columns+` FROM copy_of_`+name)
			s.exec(t, `DROP TABLE copy_of_`+name)
		}()
	}
	for _, statement := range statements {
		s.exec(t, statement)
	}
	return s.audited(t, "r1")
}

func TestTheHistoryOfARequestShowsWhatSomethingElseHasWritten(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "other", "ana")
		s.save(t, "r1", "ana")
		s.visit(t, "r1", "v1")
		s.portal(t, "r1", "1", onboarding.ItemConnected)
		_, err := s.Requests.Withdraw(ctx, s.agency, "r1", "Ana Ruiz")
		must(t, err)
		n := s.count(t, `SELECT count(*) FROM events WHERE request = 'r1'`)
		if n < 3 || s.audited(t, "r1") != "[]" || s.audited(t, "other") != "[]" {
			t.Fatalf("%d events, of which %s is found", n, s.audited(t, "r1"))
		}
		if head := s.asKnown(t, "r1").Audit; head.Length != n || len(head.Hash) == 0 {
			t.Errorf("hubs read the head %+v of %d events", head, n)
		}
		for _, statement := range []string{
			`UPDATE events SET at_ms = at_ms + 1 WHERE request = 'r1' AND number = 2`,
			`UPDATE events SET kind = 'opened' WHERE request = 'r1' AND number = 2`,
			`UPDATE events SET who = 'Mo' WHERE request = 'r1' AND number = 2`,
			`UPDATE events SET detail = 'x' WHERE request = 'r1' AND number = 2`,
			`UPDATE events SET service = 'mailchimp' WHERE request = 'r1' AND number = 2`,
			`UPDATE events SET dropped = 1 WHERE request = 'r1' AND number = 2`,
			`UPDATE events SET number = number + 100 WHERE request = 'r1'`,
			`UPDATE events SET hash = who_hash WHERE request = 'r1' AND number = 2`,
			`DELETE FROM events WHERE request = 'r1' AND number = 1`,
			`DELETE FROM events WHERE request = 'r1' AND number = 2`,
			`DELETE FROM events WHERE request = 'r1' AND number = (SELECT max(number) FROM events WHERE request = 'r1')`,
			`DELETE FROM events WHERE request = 'r1'`,
			`DELETE FROM event_chains WHERE request = 'r1'`,
			`UPDATE event_chains SET length = length - 1 WHERE request = 'r1'`,
			`UPDATE event_chains SET hash = mac WHERE request = 'r1'`,
			`UPDATE events SET request = 'r1', number = 50 WHERE request = 'other'`,
			`UPDATE events SET request = 'r1', number = 0 WHERE request = 'other'`,
			`UPDATE events SET request = 'r1', number = -7 WHERE request = 'other'`,
		} {
			if found := s.tamper(t, statement); found == "[]" {
				t.Errorf("%s: nothing is found", statement)
			}
		}
		if found := s.tamper(t, `DELETE FROM events WHERE request = 'r1'`,
			`DELETE FROM event_chains WHERE request = 'r1'`); found != "[{unsigned 0 0}]" {
			t.Errorf("the whole history was deleted: found %s", found)
		}
		if found := s.audited(t, "r1"); found != "[]" {
			t.Errorf("everything undone: found %s", found)
		}
	})
}

func TestAHistoryThatWasDeletedDoesNotBeginAnew(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		s.exec(t, `DELETE FROM events WHERE request = 'r1'`)
		s.exec(t, `DELETE FROM event_chains WHERE request = 'r1'`)
		s.skipService(t, "r1", 1)
		if found := s.audited(t, "r1"); found != "[{unsigned 1 1}]" {
			t.Errorf("found %s", found)
		}
	})
}

func TestATimelineHasTheOrderOfItsChainAndNothingOutsideOfIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "other", "ana")
		s.save(t, "r1", "ana")
		s.skipService(t, "r1", 2)
		s.exec(t, `UPDATE events SET request = 'r1', number = 0 WHERE request = 'other'`)
		events := s.asKnown(t, "r1").Events
		if len(events) != 3 || events[0].Kind != onboarding.EventSaved || events[2].Kind != onboarding.EventSkipped {
			t.Errorf("hubs read %+v", events)
		}
	})
}

func TestWhatTheRelayAddsToATamperedHistorySignsNothingAgain(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		s.visit(t, "r1", "v1")
		for _, statement := range []string{
			`DELETE FROM events WHERE request = 'r1' AND number = 2`,
			`UPDATE event_chains SET length = 1, hash = (SELECT hash FROM events WHERE request = 'r1' AND number = 1)
				WHERE request = 'r1'`,
		} {
			s.exec(t, statement)
		}
		s.skipService(t, "r1", 1)
		if found := s.audited(t, "r1"); found == "[]" {
			t.Error("the last event was removed, the next one hides it")
		}
	})
}

func TestAHistoryStaysWholeWhateverTheRelayDeletesFromIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.visit(t, "r1", "v1")
		_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("a", "lena@harbour.example")},
			onboarding.Limits{})
		must(t, err)
		if _, err := s.People.Forget(ctx, "lena@harbour.example"); err != nil {
			t.Fatal(err)
		}
		if found := s.audited(t, "r1"); found != "[]" {
			t.Errorf("a person was forgotten: found %s", found)
		}
		if n := s.count(t, `SELECT count(*) FROM events WHERE detail = 'lena@harbour.example'`); n != 0 {
			t.Errorf("%d events have the address", n)
		}
		s.skipService(t, "r1", onboarding.MaxEvents+20)
		if found := s.audited(t, "r1"); found != "[]" {
			t.Errorf("more events than are kept: found %s", found)
		}
		if n := s.count(t, `SELECT count(*) FROM events WHERE dropped = 1 AND (who <> '' OR detail <> '')`); n != 0 {
			t.Errorf("%d dropped events have their texts", n)
		}
		// The database's writer hides the agency's first entry, and the relay goes on.
		s.exec(t, `UPDATE events SET dropped = 1, who = '', detail = '' WHERE request = 'r1' AND number = 1`)
		for range 2 {
			if found := s.audited(t, "r1"); !strings.HasPrefix(found, "[{changed 1 1}") {
				t.Errorf("an entry was hidden: found %s", found)
			}
			s.skipService(t, "r1", 1)
		}
	})
}

func TestWhatARestoreLostIsAcceptedOnceAndOnlyOfAHistoryThatIsWhole(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		accept := func(code string) error {
			_, err := s.Requests.AcceptHistory(t.Context(), s.agency, "r1", "Ana Ruiz", code)
			return err
		}
		code := func(n int) string { return onboarding.AuditCode([]byte(fmt.Sprintf("%015d", n))) }
		for range 2 {
			must(t, accept(code(1)))
		}
		must(t, accept(onboarding.AuditCode(s.asKnown(t, "r1").Audit.Hash))) // nothing is lost
		if n := s.events(t, "r1", onboarding.EventHistoryAccepted); n != 1 || s.audited(t, "r1") != "[]" {
			t.Errorf("%d events say that it was accepted; found %s", n, s.audited(t, "r1"))
		}
		for n := 2; n <= 10; n++ {
			must(t, accept(code(n)))
		}
		wants(t, accept(code(11)), onboarding.ErrRateLimited)
		s.exec(t, `UPDATE events SET at_ms = at_ms + 1 WHERE number = 1`)
		wants(t, accept(code(12)), onboarding.ErrConflict)
	})
}
