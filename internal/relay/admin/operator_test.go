package admin_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// rowsWith lists the tables that have a row with one of the texts.
func rowsWith(t *testing.T, db *sqldb.DB, texts ...string) (found []string) {
	t.Helper()
	read := func(query string) (lines []string) {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }() // its error is rows.Err
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for n := range values {
				into[n] = &values[n]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, strings.Trim(fmt.Sprint(values), "[]"))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return lines
	}
	tables := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if db.Engine() != sqldb.SQLite {
		tables = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	for _, table := range read(tables) {
		for _, line := range read(`SELECT * FROM ` + table) {
			for _, text := range texts {
				if strings.Contains(line, text) {
					found = append(found, table)
				}
			}
		}
	}
	return found
}

func TestARemovedAgencyLeavesNothingBehind(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		rl := relaytest.Start(t, relaytest.Config{Source: source, Idle: true})
		c := &relaytest.Team{Relay: rl, Ana: rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)}
		ctx := t.Context()
		stays := rl.AddAgency(t, "Other Ltd", "Bo Lind <bo@other.example>")
		item := c.Portal(t)
		request := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
		relaytest.Call(t, c.Ana, wire.SendRequest, wire.SendRequestParams{
			ID: request.ID, Recipients: []wire.NewRecipient{{ID: store.NewID(), Address: "lena@harbour.example"}},
		})
		texts := []string{c.Ana.Agency.ID, item.ID, request.ID, "Acme Media", "ana@acme.example", "lena@harbour.example"}
		if found := rowsWith(t, rl.DB, texts...); len(found) < 10 {
			t.Fatalf("before it is in %v only", found)
		}
		agency, size, err := rl.Admin.FindAgency(ctx, "acme media")
		if err != nil || size.Requests != 2 || size.Accounts != 1 || size.EmailsWaiting != 1 || size.Computers != 1 {
			t.Errorf("the operator reads %+v and %v", size, err)
		}
		for range 2 { // a repeat changes nothing
			if err := rl.Admin.RemoveAgency(ctx, agency.ID); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range rowsWith(t, rl.DB, texts...) {
			if table != "operations" { // the operator's own record, with the id
				t.Errorf("the table %s still has something of it", table)
			}
		}
		relaytest.Refused(t, c.Ana, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrUnauthenticated)
		answer, err := http.Get(request.Link)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close() // it was not read
		if answer.StatusCode != http.StatusGone {
			t.Errorf("its link answers %d", answer.StatusCode)
		}
		revoked, err := rl.Store.Devices.Revoked(ctx, []string{c.Ana.ID})
		if err != nil || len(revoked) != 1 {
			t.Errorf("its streams do not end: %v and %v", revoked, err)
		}
		if list, err := rl.Admin.ListAgencies(ctx); err != nil || len(list) != 1 || list[0].ID != stays.ID {
			t.Errorf("left are %+v and %v", list, err)
		}
	})
}

func TestTheOperatorRemovesAMemberAndTheMainUsersReadOfIt(t *testing.T) {
	c := relaytest.NewTeam(t)
	ctx := t.Context()
	ben := c.Invite(t, c.Ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	owned := relaytest.Call(t, ben, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	for _, wrong := range [][3]string{
		{"Acme Media", "ana@acme.example", ""}, // the last main user
		{"Acme Media", "ana@acme.example", "ben@acme.example"},
		{"Acme Media", "ben@acme.example", "nobody@acme.example"},
		{"Acme Media", "ben@acme.example", "ben@acme.example"},
	} {
		if _, err := c.Admin.PrepareRemoval(ctx, wrong[0], wrong[1], wrong[2]); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%q: got %v", wrong, err)
		}
	}
	if _, err := c.Admin.PrepareRemoval(ctx, "", "nobody@acme.example", ""); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("of nobody: got %v", err)
	}
	removal, err := c.Admin.PrepareRemoval(ctx, "acme media", "BEN@acme.example", "")
	if err != nil || removal.Successor.ID != c.Ana.Member.ID || removal.Computers != 1 || removal.Owned.Requests != 1 {
		t.Fatalf("prepared as %+v and %v", removal, err)
	}
	if err := c.Admin.RemoveMember(ctx, removal); err != nil {
		t.Fatal(err)
	}
	relaytest.Refused(t, ben, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrRevoked)
	changes := relaytest.Call(t, c.Ana, wire.ReadChanges, wire.ChangesParams{})
	acts := changes.Agency.OperatorActs
	if len(acts) != 1 || acts[0].Kind != onboarding.OperatorRemovedMember || acts[0].Name != "Ben Okoro" {
		t.Errorf("the main user reads %+v", acts)
	}
	if len(changes.Requests) != 1 || changes.Requests[0].ID != owned.ID || changes.Requests[0].Owner != c.Ana.Member.ID {
		t.Errorf("his request: %+v", changes.Requests)
	}
	if list, err := c.Admin.ListMembers(ctx, "Acme Media"); err != nil || len(list) != 1 || len(list[0].Devices) != 1 {
		t.Errorf("listed as %+v and %v", list, err)
	}
	if checked, failed, err := c.Admin.VerifyAgencies(ctx, ""); err != nil || checked != 1 || len(failed) != 0 {
		t.Errorf("its rows do not verify: %v and %v", failed, err)
	}
}

func TestARenamedAgencyIsCalledSoAndOnlyMainUsersReadOfIt(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true}) // it logs nothing by itself
	c := &relaytest.Team{Relay: rl, Ana: rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)}
	ctx := t.Context()
	c.AddAgency(t, "Other Ltd", "Bo Lind <bo@other.example>")
	ben := c.Invite(t, c.Ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	for _, wrong := range []string{"", "Other  Ltd", "Facebook"} {
		if _, _, err := c.Admin.RenameAgency(ctx, "Acme Media", wrong); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%q: got %v", wrong, err)
		}
	}
	if _, now, err := c.Admin.RenameAgency(ctx, "acme media", "ACME  Media"); err != nil || now != "ACME Media" {
		t.Fatalf("renamed to %q and %v", now, err)
	}
	for who, want := range map[string]int{"ana": 1, "ben": 0} {
		d := c.Ana
		if who == "ben" {
			d = ben
		}
		agency := relaytest.Call(t, d, wire.ReadChanges, wire.ChangesParams{}).Agency
		if agency.Name != "ACME Media" || len(agency.OperatorActs) != want {
			t.Errorf("%s reads %q and %+v", who, agency.Name, agency.OperatorActs)
		}
	}
	done, err := c.Store.Operations.TakeUnlogged(ctx)
	if err != nil || len(done) != 3 || done[2].Command != "agency rename" || done[2].Agency != c.Ana.Agency.ID {
		t.Errorf("to be logged: %+v and %v", done, err)
	}
	if again, err := c.Store.Operations.TakeUnlogged(ctx); err != nil || len(again) != 0 {
		t.Errorf("logged twice: %+v and %v", again, err)
	}
}
