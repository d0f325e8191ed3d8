package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// touched fills a scene with everything that a MAC covers. It returns Ben's computer, which
// was revoked.
func touched(t *testing.T, s *scene) string {
	t.Helper()
	ctx := t.Context()
	laptop, old := s.device(t, "ana", "laptop"), s.device(t, "ben", "old")
	_, err := s.Devices.Revoke(ctx, s.agency, old.ID)
	must(t, err)
	must(t, s.Codes.Add(ctx, []byte("open"), store.Code{
		ID: "open", Agency: s.agency, Member: "ben", Expires: s.Now().Add(store.CodeTTL),
	}))
	s.save(t, "r", "ben")
	s.visit(t, "r", "v")
	s.portal(t, "r", "1", onboarding.ItemConnected)
	must(t, s.OAuthStates.Create(ctx, store.OAuthState{
		StateHash: []byte("state"), Visit: "v", Platform: onboarding.HubSpot.Platform(), Expires: s.Now().Add(time.Hour),
	}))
	must(t, s.Connections.Start(ctx, store.PendingConnection{
		ID: "sign-in", Agency: s.agency, Member: "ana", Device: laptop.ID, Platform: onboarding.Meta, Challenge: "c",
		Loopback: "http://127.0.0.1:1/", StartHash: []byte("start"), Expires: s.Now().Add(time.Hour),
	}))
	return old.ID
}

// checked is what a check finds of the scene's agency.
func (s *scene) checked(t *testing.T) store.AgencyCheck {
	t.Helper()
	checks, err := s.Integrity.Check(t.Context(), "")
	must(t, err)
	if len(checks) == 0 || checks[0].ID != s.agency {
		t.Fatalf("found %+v", checks)
	}
	return checks[0]
}

func TestARowThatSomebodyWroteIsFoundWithWhatTheRelayWrote(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		touched(t, s)
		if found := s.checked(t); found.RosterTampered || len(found.Rows) != 0 {
			t.Fatalf("untouched, it finds %+v", found)
		}
		for _, c := range []struct {
			change, undo string
			want         store.TamperedRow // its state, and the values of one column
		}{
			{
				change: `UPDATE members SET role = 'main' WHERE id = 'ben'`,
				undo:   `UPDATE members SET role = 'sub' WHERE id = 'ben'`,
				want: store.TamperedRow{Table: "members", ID: "ben", State: store.RowChanged,
					Recorded: map[string]string{"role": "sub"}, Found: map[string]string{"role": "main"}},
			},
			{
				change: `UPDATE devices SET approved_ms = approved_ms + 7 WHERE name = 'Computer old'`,
				undo:   `UPDATE devices SET approved_ms = approved_ms - 7 WHERE name = 'Computer old'`,
				want:   store.TamperedRow{Table: "devices", State: store.RowChanged},
			},
			{
				change: `UPDATE agencies SET share_requests = 1`,
				undo:   `UPDATE agencies SET share_requests = 0`,
				want: store.TamperedRow{Table: "agencies", ID: "acme", State: store.RowChanged,
					Recorded: map[string]string{"share_requests": "false"}, Found: map[string]string{"share_requests": "true"}},
			},
			{
				change: `UPDATE agencies SET roster_version = roster_version - 1`,
				undo:   `UPDATE agencies SET roster_version = roster_version + 1`,
				want: store.TamperedRow{Table: "agencies", ID: "acme", State: store.RowUnverified,
					Found: map[string]string{"suspended": "false"}},
			},
			{
				change: `UPDATE devices SET member = 'ana' WHERE name = 'Computer old'`,
				undo:   `UPDATE devices SET member = 'ben' WHERE name = 'Computer old'`,
				want: store.TamperedRow{Table: "devices", State: store.RowChanged,
					Recorded: map[string]string{"member": "ben"}, Found: map[string]string{"member": "ana"}},
			},
			{
				change: `INSERT INTO members (id, agency, name, email, role, visibility, created_ms, removed_ms)
					VALUES ('eve', 'acme', 'Eve', 'eve@other.example', 'main', 0, 0, 0)`,
				undo: `DELETE FROM members WHERE id = 'eve'`,
				want: store.TamperedRow{Table: "members", ID: "eve", State: store.RowAdded,
					Found: map[string]string{"role": "main"}},
			},
			{
				change: `UPDATE members SET id = 'away' WHERE id = 'ben'`,
				undo:   `UPDATE members SET id = 'ben' WHERE id = 'away'`,
				want: store.TamperedRow{Table: "members", ID: "ben", State: store.RowMissing,
					Recorded: map[string]string{"email": "ben@acme.example"}},
			},
			{
				change: `UPDATE requests SET owner = 'ana'`, undo: `UPDATE requests SET owner = 'ben'`,
				want: store.TamperedRow{Table: "requests", ID: "r", State: store.RowUnverified,
					Found: map[string]string{"owner": "ana"}},
			},
			{
				change: `UPDATE requests SET services = 'none of a list'`,
				undo:   `UPDATE requests SET services = '["facebook","hubspot"]'`,
				want:   store.TamperedRow{Table: "requests", ID: "r", State: store.RowUnreadable},
			},
			{
				change: `UPDATE items SET owner = 'ana'`, undo: `UPDATE items SET owner = 'ben'`,
				want: store.TamperedRow{Table: "items", State: store.RowUnverified, Found: map[string]string{"owner": "ana"}},
			},
			{
				change: `UPDATE visits SET version = version + 1`, undo: `UPDATE visits SET version = version - 1`,
				want: store.TamperedRow{Table: "visits", ID: "v", State: store.RowUnverified,
					Found: map[string]string{"request": "r"}},
			},
			{
				change: `UPDATE oauth_states SET purpose = 'x'`, undo: `UPDATE oauth_states SET purpose = ''`,
				want: store.TamperedRow{Table: "oauth_states", State: store.RowUnverified,
					Found: map[string]string{"platform": "hubspot"}},
			},
			{
				change: `UPDATE pending_connections SET member = 'ben'`, undo: `UPDATE pending_connections SET member = 'ana'`,
				want: store.TamperedRow{Table: "pending_connections", ID: "sign-in", State: store.RowUnverified,
					Found: map[string]string{"member": "ben"}},
			},
		} {
			s.exec(t, c.change)
			found := s.checked(t).Rows
			at := slices.IndexFunc(found, func(row store.TamperedRow) bool {
				return row.Table == c.want.Table && row.State == c.want.State && (c.want.ID == "" || row.ID == c.want.ID)
			})
			if at < 0 {
				t.Errorf("%s: found %+v", c.change, found)
				at = 0
			}
			for column, value := range c.want.Recorded {
				if got := found[at].Recorded[column]; got != value {
					t.Errorf("%s: the relay wrote %s %q, want %q", c.change, column, got, value)
				}
			}
			for column, value := range c.want.Found {
				if got := found[at].Found[column]; got != value {
					t.Errorf("%s: found %s %q, want %q", c.change, column, got, value)
				}
			}
			s.exec(t, c.undo)
			if left := s.checked(t); left.RosterTampered || len(left.Rows) != 0 {
				t.Fatalf("%s: undone, it finds %+v", c.change, left)
			}
		}
	})
}

func TestARecordThatSomebodyWroteIsNotBelieved(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		touched(t, s)
		must(t, s.Agencies.Add(t.Context(), onboarding.Agency{ID: "other", Name: "Other"}, onboarding.Member{
			ID: "eve", Name: "Eve", Email: "eve@other.example", Role: onboarding.MainUser,
		}))
		s.exec(t, `UPDATE members SET role = 'main' WHERE id = 'ben'`)
		for _, change := range []string{
			`UPDATE rosters SET content = (SELECT content FROM rosters WHERE agency = 'other'),
				mac = (SELECT mac FROM rosters WHERE agency = 'other') WHERE agency = 'acme'`,
			`UPDATE rosters SET content = '{}' WHERE agency = 'acme'`,
			`DELETE FROM rosters WHERE agency = 'acme'`,
		} {
			s.exec(t, change)
			found := s.checked(t)
			if !found.RosterTampered || found.RosterWritten != 0 || len(found.Rows) < 5 || found.Rows[0].Table != "rosters" {
				t.Errorf("%s: found %+v", change, found)
			}
		}
		must(t, s.Integrity.Accept(t.Context(), s.checked(t)))
		if found := s.checked(t); found.RosterTampered {
			t.Errorf("accepted, it finds %+v", found)
		}
	})
}

func TestAcceptedRowsWorkOnceAMainUsersHubHasSynced(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		old := touched(t, s)
		own := onboarding.Ownership{Member: "ben"}
		_, err := s.Devices.ListEntitled(ctx, s.agency, own) // this process has met the newest roster
		must(t, err)
		before, err := s.Changes.After(ctx, s.agency, s.ana, store.Cursor{})
		must(t, err)
		for _, change := range []string{
			`UPDATE devices SET revoked_ms = 0, approved_ms = 7 WHERE name = 'Computer old'`,
			`UPDATE agencies SET roster_version = 0`, `DELETE FROM rosters`,
			`UPDATE requests SET client = 'Harbour Ltd', business_id = '7'`, `UPDATE items SET owner = 'ana'`,
			`UPDATE visits SET version = version + 1`, `UPDATE oauth_states SET purpose = 'x'`,
			`UPDATE pending_connections SET member = 'ben'`,
		} {
			s.exec(t, change)
		}
		shown := s.checked(t)
		s.exec(t, `UPDATE members SET role = 'main' WHERE id = 'ben'`)
		wants(t, s.Integrity.Accept(ctx, shown), onboarding.ErrConflict)
		s.exec(t, `UPDATE members SET role = 'sub' WHERE id = 'ben'`)
		s.exec(t, `UPDATE requests SET business_id = '8'`)
		wants(t, s.Integrity.Accept(ctx, shown), onboarding.ErrConflict)
		s.exec(t, `UPDATE requests SET business_id = '7'`)
		s.advance(time.Minute)
		must(t, s.Integrity.Accept(ctx, shown))
		if found := s.checked(t); found.RosterTampered || len(found.Rows) != 0 {
			t.Errorf("accepted, it finds %+v", found)
		}
		if _, err := s.Requests.Ownership(ctx, s.agency, "r"); err != nil {
			t.Errorf("the request: %v", err)
		}
		if _, err := s.Visits.Get(ctx, "v"); err != nil {
			t.Errorf("the visit: %v", err)
		}
		_, err = s.OAuthStates.Peek(ctx, []byte("state"))
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Connections.PendingByID(ctx, "sign-in")
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Devices.Enrol(ctx, []byte("open"), "Laptop", "key", []byte("token"))
		wants(t, err, onboarding.ErrNotFound)
		if changes, err := s.Changes.After(ctx, s.agency, s.ana, before.Next); err != nil || !changes.Reset {
			t.Errorf("hubs do not read everything again: %v", err)
		}
		if devices, err := s.Devices.ListEntitled(ctx, s.agency, own); err != nil || len(devices) != 0 {
			t.Errorf("before a hub has synced, things are sealed for %d devices, %v", len(devices), err)
		}
		restored, _, err := s.Agencies.Restored(ctx, s.agency)
		must(t, err)
		must(t, s.Agencies.NameConfirmer(ctx, s.agency, "ana"))
		_, err = s.Devices.Revoke(ctx, s.agency, old) // as Ana's hub does, which knows it
		must(t, err)
		must(t, s.Agencies.ConfirmRestored(ctx, s.agency, "ana", restored))
		if devices, err := s.Devices.ListEntitled(ctx, s.agency, own); err != nil || len(devices) != 0 {
			t.Errorf("the revoked computer is among %d devices, %v", len(devices), err)
		}
		if devices, err := s.Devices.ListEntitled(ctx, s.agency, onboarding.Ownership{Member: "ana"}); err != nil ||
			len(devices) != 1 {
			t.Errorf("things of Ana are sealed for %d devices, %v", len(devices), err)
		}
	})
}

func TestRowsAreAcceptedWithoutAWaitWhereTheRosterIsTheRelays(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		touched(t, s)
		s.exec(t, `UPDATE requests SET owner = 'ana'`)
		must(t, s.Integrity.Accept(t.Context(), s.checked(t)))
		restored, _, err := s.Agencies.Restored(t.Context(), s.agency)
		if err != nil || restored != 0 {
			t.Errorf("the agency waits since %d, %v", restored, err)
		}
		if of, err := s.Requests.Ownership(t.Context(), s.agency, "r"); err != nil || of.Member != "ana" {
			t.Errorf("the request is %+v, %v", of, err)
		}
	})
}

func TestARowThatCannotBeReadIsNotAccepted(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		touched(t, s)
		s.exec(t, `UPDATE requests SET services = 'none of a list'`)
		wants(t, s.Integrity.Accept(t.Context(), s.checked(t)), store.ErrTampered)
		s.exec(t, `UPDATE requests SET services = '["facebook","hubspot"]'`)
		s.exec(t, `UPDATE pending_connections SET result = 'none', mac = '' WHERE id = 'sign-in'`)
		must(t, s.Integrity.Accept(t.Context(), s.checked(t))) // it ends
		if found := s.checked(t); len(found.Rows) != 0 {
			t.Errorf("accepted, it finds %+v", found)
		}
	})
}
