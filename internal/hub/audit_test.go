package hub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

func TestTheHubSaysWhetherAHistoryIsWholeAndExportsIt(t *testing.T) {
	s := relaytest.NewScene(t)
	request, _ := s.Request(onboarding.HubSpot)
	sendAndAwait(t, s, request)
	view, err := s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	if !view.Whole || len(view.Findings) != 0 || view.Length == 0 || view.Since == 0 || view.Code == "" {
		t.Fatalf("untouched: %+v", view)
	}
	text, err := s.Hub.Audit.Export(t.Context(), request)
	must(t, err)
	var exported hub.AuditExport
	must(t, json.Unmarshal(text, &exported))
	if exported.Format != "latchkey-audit-1" || exported.Client != "Harbour & Pine" || exported.Code != view.Code ||
		len(exported.Findings) != 0 || int64(len(exported.Entries)) != view.Length {
		t.Errorf("exported %+v", exported)
	}
	chain := exported.AuditChain
	for _, e := range exported.Entries {
		chain.Entries = append(chain.Entries, e.AuditEntry)
	}
	if found := chain.Verify(); len(found) != 0 || exported.Entries[view.Length-1].Code != view.Code {
		t.Errorf("what was exported: found %v", found)
	}
	chain.Entries[0].Who = "Mo"
	if found := chain.Verify(); len(found) == 0 {
		t.Error("what was exported and changed: nothing is found")
	}
	exec(t, s, `UPDATE events SET at_ms = at_ms + 1 WHERE number = 1`)
	view, err = s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	if view.Whole || len(view.Findings) != 1 || view.Findings[0].Kind != onboarding.AuditChanged {
		t.Errorf("an entry was changed: %+v", view)
	}
}

// Somebody who has the relay's key can write a history that is whole. It is another one
// than the hub has seen.
func TestTheHubNoticesAHistoryThatWasWrittenAnew(t *testing.T) {
	s := relaytest.NewScene(t)
	request, _ := s.Request(onboarding.HubSpot)
	seen, err := s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	other, _ := s.Request(onboarding.HubSpot)
	sendAndAwait(t, s, request)
	// The relay's own row of another moment: an older end, signed by the relay.
	exec(t, s, `DELETE FROM events WHERE request = '`+request+`'`)
	exec(t, s, `DELETE FROM event_chains WHERE request = '`+request+`'`)
	must(t, s.Hub.Outbox.Withdraw(t.Context(), request))
	s.Sync()
	view, err := s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	kinds := map[onboarding.AuditFindingKind]hub.AuditFindingView{}
	for _, finding := range view.Findings {
		kinds[finding.Kind] = finding
	}
	rewritten, found := kinds[onboarding.AuditRewritten]
	if view.Whole || !found || rewritten.From != seen.Length || rewritten.At == 0 {
		t.Errorf("written anew: %+v; seen %+v", view, seen)
	}
	if view, err := s.Hub.Audit.Verify(t.Context(), other); err != nil || !view.Whole {
		t.Errorf("another request: %+v, %v", view, err)
	}
}

func TestARequestThatAHubGaveBackSaysSoInItsHistory(t *testing.T) {
	s := relaytest.NewScene(t)
	request, _ := s.Request(onboarding.HubSpot)
	seen, err := s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	exec(t, s, `DELETE FROM changes WHERE id = '`+request+`'`)
	exec(t, s, `DELETE FROM requests WHERE id = '`+request+`'`)
	must(t, s.Store.Changes.InvalidateCursors(t.Context()))
	s.Sync()
	s.Sync()
	view, err := s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	if !view.Whole || len(view.Findings) != 1 || view.Findings[0].Kind != onboarding.AuditResubmitted ||
		view.Findings[0].At == 0 || view.Length != seen.Length+1 {
		t.Errorf("given back: %+v; seen %+v", view, seen)
	}
	events := s.Details(request).Events
	newest := events[0]
	if newest.Kind != onboarding.EventResubmitted || newest.Detail != seen.Code || newest.Who == "" {
		t.Errorf("the newest event is %+v", newest)
	}
	// What is written anew behind that entry is noticed as before.
	sendAndAwait(t, s, request)
	view, err = s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	if !view.Whole || len(view.Findings) != 0 {
		t.Errorf("it went on: %+v", view)
	}
	exec(t, s, `UPDATE events SET hash = detail_hash WHERE request = '`+request+`' AND number = `+fmt.Sprint(view.Length))
	view, err = s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	if last := view.Findings[len(view.Findings)-1]; view.Whole || last.Kind != onboarding.AuditRewritten {
		t.Errorf("written anew behind it: %+v", view)
	}
}

// A relay restored from Monday lacks what the hub saw on Tuesday. A main user looks at what is
// missing and accepts it: the hub and the relay's operator read who did, and nothing else
// can be accepted.
func TestAMainUserAcceptsWhatARestoreLostOfAHistory(t *testing.T) {
	s := relaytest.NewScene(t)
	request, _ := s.Request(onboarding.HubSpot)
	if _, err := s.Hub.Audit.Accept(t.Context(), request); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("accepting a history that is whole: %v", err)
	}
	exec(t, s, `CREATE TABLE monday AS SELECT * FROM events`)
	exec(t, s, `CREATE TABLE mondays_end AS SELECT * FROM event_chains`)
	sendAndAwait(t, s, request)
	_, err := s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	for _, statement := range []string{
		`DELETE FROM events`, `INSERT INTO events SELECT * FROM monday`,
		`DELETE FROM event_chains`, `INSERT INTO event_chains SELECT * FROM mondays_end`,
	} {
		exec(t, s, statement)
	}
	must(t, s.Store.Changes.InvalidateCursors(t.Context()))
	until(t, "the older copy", func() bool { s.Sync(); return len(s.Details(request).Events) == 1 })
	view, err := s.Hub.Audit.Verify(t.Context(), request)
	must(t, err)
	if view.Whole || !view.Acceptable || len(view.Lost) != 1 || view.Lost[0].Kind != onboarding.EventSent ||
		view.Lost[0].Detail != "" {
		t.Fatalf("restored: %+v", view)
	}
	view, err = s.Hub.Audit.Accept(t.Context(), request)
	must(t, err)
	if !view.Whole || view.Acceptable || len(view.Findings) != 1 || view.Findings[0].Kind != onboarding.AuditAccepted ||
		view.Findings[0].Who != "Ana Ruiz" || view.Findings[0].At == 0 {
		t.Errorf("accepted: %+v", view)
	}
	s.Sync()
	if newest := s.Details(request).Events[0]; newest.Kind != onboarding.EventHistoryAccepted || newest.Who != "Ana Ruiz" {
		t.Errorf("the newest event is %+v", newest)
	}
	must(t, s.Hub.Outbox.Withdraw(t.Context(), request))
	s.Sync()
	if view, err = s.Hub.Audit.Verify(t.Context(), request); err != nil || !view.Whole {
		t.Errorf("it went on: %+v, %v", view, err)
	}
	exec(t, s, `UPDATE events SET at_ms = at_ms + 1 WHERE number = 1`)
	if _, err := s.Hub.Audit.Accept(t.Context(), request); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("accepting a history that was changed: %v", err)
	}
}

// sendAndAwait sends a request and waits for the entry that says so: the relay writes it
// when its worker has handed the email over, and nothing comes after it.
func sendAndAwait(t testing.TB, s *relaytest.Scene, request string) {
	t.Helper()
	must(t, s.Hub.Outbox.Send(t.Context(), request, []string{"kim@harbour.example"}))
	until(t, "the email is sent", func() bool {
		s.Sync()
		return slices.ContainsFunc(s.Details(request).Events, func(e onboarding.Event) bool {
			return e.Kind == onboarding.EventSent
		})
	})
}

// exec changes the relay's database as its operator could.
func exec(t testing.TB, s *relaytest.Scene, statement string) {
	t.Helper()
	must(t, s.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), statement)
		return err
	}))
}
