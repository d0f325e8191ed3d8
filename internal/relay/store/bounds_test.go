package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

func (s *scene) count(t *testing.T, query string, args ...any) (n int64) {
	t.Helper()
	must(t, s.DB().QueryRowContext(t.Context(), query, args...).Scan(&n))
	return n
}

// skip presses Skip for HubSpot, each time with another reason.
func (s *scene) skipService(t *testing.T, request string, times int) {
	t.Helper()
	for n := range times {
		must(t, s.Requests.Skip(t.Context(), s.agency, request, "Lena Park",
			onboarding.Skip{Service: onboarding.HubSpot, Reason: fmt.Sprintf("reason %d", n)}))
	}
}

func TestATimelineKeepsItsLastEventsAndTheAgencysBeforeTheClients(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "other", "ana")
		s.save(t, "r1", "ana")
		s.skipService(t, "r1", onboarding.MaxEvents+50)
		_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("a", "lena@harbour.example")},
			onboarding.Limits{})
		must(t, err)
		_, err = s.Requests.Withdraw(ctx, s.agency, "r1", "Ana Ruiz")
		must(t, err)
		kept := s.count(t, `SELECT count(*) FROM events WHERE request = 'r1' AND dropped = 0`)
		if kept != onboarding.MaxEvents {
			t.Errorf("%d events are stored, want %d", kept, onboarding.MaxEvents)
		}
		events := s.asKnown(t, "r1").Events
		first, last := events[0], events[len(events)-1]
		if len(events) != onboarding.MaxEvents || first.Kind != onboarding.EventSaved ||
			last.Kind != onboarding.EventWithdrawn {
			t.Errorf("%d events from %s to %s are shown", len(events), first.Kind, last.Kind)
		}
		if n := s.events(t, "other", onboarding.EventSaved); n != 1 {
			t.Errorf("another request has %d events, want 1", n)
		}
	})
}

func TestATimelineOfTheAgencysEventsAloneKeepsTheNewest(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		r := s.save(t, "r1", "ana")
		n := store.NewRequest{ID: "r1", Owner: "ana", Client: "Harbour", Services: r.Services, Who: "Ana Ruiz"}
		for i := range onboarding.MaxEvents {
			n.Client = fmt.Sprintf("Harbour %d", i)
			_, err := s.Requests.Edit(t.Context(), s.agency, n)
			must(t, err)
		}
		events := s.asKnown(t, "r1").Events
		if len(events) != onboarding.MaxEvents || events[0].Kind != onboarding.EventEdited {
			t.Errorf("%d events are kept, the first is %s", len(events), events[0].Kind)
		}
	})
}

func TestAPressThatChangesNothingWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("a", "lena@harbour.example")},
			onboarding.Limits{})
		must(t, err)
		v := s.visit(t, "r1", "v1")
		none := onboarding.Limits{LinkEmailsPerDay: 1, AddressEmails: 1}
		shared := []onboarding.Item{{Service: onboarding.Facebook, Kind: onboarding.Page, Account: "7", Name: "Page"}}
		for _, c := range []struct {
			name  string
			press func() error
		}{
			{"Grant Permission Now", func() error { return s.Requests.MarkOpened(ctx, s.agency, "r1", 1) }},
			{"the same of a copied link", func() error { return s.Requests.MarkOpened(ctx, s.agency, "r1", 0) }},
			{"Skip", func() error {
				return s.Requests.Skip(ctx, s.agency, "r1", "Lena", onboarding.Skip{Service: onboarding.HubSpot, Reason: "no"})
			}},
			{"Finish with nothing", func() error {
				_, err := s.Requests.Finish(ctx, v, box(v))
				return err
			}},
			{"a link to an address that is none of the request's", func() error {
				return s.Requests.SendLink(ctx, s.agency, "r1", to("", "nobody@harbour.example"), none)
			}},
			{"a link within the minute", func() error {
				return s.Requests.SendLink(ctx, s.agency, "r1", to("", "lena@harbour.example"), none)
			}},
			{"a receipt of a request that goes on", func() error {
				_, err := s.Receipts.Ask(ctx, v, box(v))
				return err
			}},
			{"saving a request again", func() error { s.save(t, "r1", "ana"); return nil }},
			{"sending it again", func() error {
				_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("a", "lena@harbour.example")},
					onboarding.Limits{})
				return err
			}},
			{"Connect Assets", func() error {
				items, err := s.Items.StartSharing(ctx, s.agency, "r1", shared)
				if err != nil || items[0].State == onboarding.ItemConnected {
					return err
				}
				items[0].State = onboarding.ItemConnected
				_, err = s.Items.EndSharing(ctx, s.agency, items[0])
				return err
			}},
		} {
			must(t, c.press())
			before, told := s.rows(t), len(s.told)
			must(t, c.press())
			if after := s.rows(t); !slices.Equal(before, after) || len(s.told) != told {
				t.Errorf("%s, pressed again: rows were %v and are %v, hubs were told %d times", c.name, before, after,
					len(s.told)-told)
			}
		}
		must(t, s.Emails.Suppress(ctx, s.agency, "lena@harbour.example", []byte("hash")))
		_, err = s.Requests.Withdraw(ctx, s.agency, "r1", "Ana Ruiz")
		must(t, err)
		before := s.rows(t)
		must(t, s.Emails.Suppress(ctx, s.agency, "Lena@harbour.example", []byte("hash")))
		_, err = s.Requests.Withdraw(ctx, s.agency, "r1", "Ana Ruiz")
		must(t, err)
		if after := s.rows(t); !slices.Equal(before, after) {
			t.Errorf("suppressed and withdrawn again: rows were %v and are %v", before, after)
		}
	})
}

// rows are the counts of what a press can add to, and the agency's newest number.
func (s *scene) rows(t *testing.T) (counts []int64) {
	t.Helper()
	for _, table := range []string{"commits", "changes", "events", "emails", "visits", "items", "suppressions"} {
		counts = append(counts, s.count(t, `SELECT count(*) FROM `+table))
	}
	return append(counts, s.count(t, `SELECT seq FROM agencies WHERE id = $1`, s.agency))
}

// addVisits writes visits of a request, as many days of starting them would.
func (s *scene) addVisits(t *testing.T, request, prefix string, count int) {
	t.Helper()
	must(t, s.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
		for n := range count {
			if _, err := tx.ExecContext(t.Context(), `
				INSERT INTO visits (id, request, agency, cookie_hash, version, recipient, scoped, repair, name, email, state,
					created_ms, seen_ms, ended_ms, part_ms, user_id, user_name, sealed_token, token_used_ms, token_expires_ms, mac)
				VALUES ($1, $2, $3, $4, 1, 0, 0, '', 'Lena Park', 'lena@harbour.example', '', $5, $6, 0, 0, '', '', $7, 0, 0, $7)`,
				fmt.Sprintf("%s %04d", prefix, n), request, s.agency, fmt.Appendf(nil, "%s %d", prefix, n), s.Now(),
				s.Now()+onboarding.Timestamp(n), []byte{}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestALinkKeepsAThousandVisitsAndThoseOfToday(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.addVisits(t, "r1", "old", 1000)
		s.signer.trusts = true // those visits have no MAC
		must(t, s.OAuthStates.Create(ctx, store.OAuthState{
			StateHash: []byte("state"), Visit: "old 0000", Expires: s.Now().Add(48 * time.Hour),
		}))
		start := func(id string) error {
			return s.Visits.Start(ctx, store.Visit{
				ID: id, Request: "r1", Agency: s.agency, CookieHash: []byte(id), Version: 1, Name: "Lena Park",
			})
		}
		wants(t, start("too many today"), onboarding.ErrRateLimited)
		s.advance(25 * time.Hour)
		must(t, start("new"))
		if n := s.count(t, `SELECT count(*) FROM visits`); n != 1000 {
			t.Errorf("%d visits are kept, want 1000", n)
		}
		_, err := s.Visits.Get(ctx, "old 0000")
		wants(t, err, onboarding.ErrNotFound)
		if _, err := s.Visits.Get(ctx, "old 0001"); err != nil {
			t.Errorf("more than the one that was seen longest ago went: %v", err)
		}
		_, err = s.OAuthStates.Peek(ctx, []byte("state"))
		wants(t, err, onboarding.ErrNotFound)
		listed, err := s.Visits.ListByRequest(ctx, "r1")
		must(t, err)
		if len(listed) != 50 || listed[49].ID != "new" || listed[48].Created > listed[49].Created {
			t.Errorf("%d visits are listed, the last is %s", len(listed), listed[len(listed)-1].ID)
		}
	})
}

func TestAVisitHasTwentyOpenSignIns(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		create := func(visit string, n int) {
			must(t, s.OAuthStates.Create(ctx, store.OAuthState{
				StateHash: fmt.Appendf(nil, "%s %d", visit, n), Visit: visit, Expires: s.Now() + onboarding.Timestamp(1000+n),
			}))
		}
		create("another", 0)
		for n := range 50 {
			create("v1", n)
		}
		if n := s.count(t, `SELECT count(*) FROM oauth_states WHERE visit = 'v1'`); n != 20 {
			t.Errorf("%d sign-ins are open, want 20", n)
		}
		for state, want := range map[string]error{
			"v1 49": nil, "v1 30": nil, "v1 29": onboarding.ErrNotFound, "another 0": nil,
		} {
			_, err := s.OAuthStates.Take(ctx, []byte(state))
			wants(t, err, want)
		}
	})
}

func TestARequestHasAThousandItems(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.portal(t, "r1", "first", onboarding.ItemConnected)
		must(t, s.DB().InTx(ctx, func(tx *sqldb.Tx) error {
			const copies = `
				INSERT INTO items (id, agency, request, owner, connection, service, kind, account, name, detail, read_only,
					connected_by_name, connected_by_email, platform_by, state, failure, reference, tasks, access_state,
					access_failure, access_code, access_since_ms, access_checked_ms, access_capabilities, checks, version,
					created_ms, changed_ms, connected_ms, ended_ms, ended_by, ended_proven, withdrawn_ms,
					confirmed_ms, confirmed_by, namings, not_accounts, mac)
				SELECT $1, agency, request, owner, connection, service, kind, $1, name, detail, read_only,
					connected_by_name, connected_by_email, platform_by, state, failure, reference, tasks, access_state,
					access_failure, access_code, access_since_ms, access_checked_ms, access_capabilities, checks, version,
					created_ms, changed_ms, connected_ms, ended_ms, ended_by, ended_proven, withdrawn_ms,
					confirmed_ms, confirmed_by, namings, not_accounts, mac
				FROM items WHERE account = 'first'`
			for n := range 999 {
				if _, err := tx.ExecContext(ctx, copies, fmt.Sprintf("copy %d", n)); err != nil {
					return err
				}
			}
			return nil
		}))
		_, err := s.Items.StartSharing(ctx, s.agency, "r1", []onboarding.Item{
			{Service: onboarding.Facebook, Kind: onboarding.Page, Account: "7", Name: "Page"},
		})
		wants(t, err, onboarding.ErrRateLimited)
		_, err = s.Items.Put(ctx, s.agency, store.SharedItem{Item: onboarding.Item{
			ID: "another", Request: "r1", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: "another",
			State: onboarding.ItemConnected,
		}})
		wants(t, err, onboarding.ErrRateLimited)
		s.portal(t, "r1", "first", onboarding.ItemConnected) // one that is there already
	})
}

func TestAnAgencyKeepsFiftyThousandCommits(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		newest := s.count(t, `SELECT seq FROM agencies WHERE id = $1`, s.agency)
		s.exec(t, `UPDATE agencies SET seq = $1 WHERE id = $2`, newest+49_999, s.agency)
		s.save(t, "r2", "ana")
		if oldest := s.count(t, `SELECT min(seq) FROM commits WHERE agency = $1`, s.agency); oldest != newest+50_000 {
			t.Errorf("the oldest commit is %d, want none up to %d", oldest, newest)
		}
	})
}

func TestSweepingDeletesInSmallTransactionsUntilNothingIsLeft(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.addVisits(t, "r1", "v", 1100)
		_, err := s.Requests.Withdraw(ctx, s.agency, "r1", "Ana Ruiz")
		must(t, err)
		s.advance(23 * time.Hour)
		must(t, s.Sweep(ctx))
		if n := s.count(t, `SELECT count(*) FROM visits`); n != 1100 {
			t.Errorf("within a day %d visits are left, want 1100", n)
		}
		s.advance(2 * time.Hour)
		must(t, s.Sweep(ctx))
		if n := s.count(t, `SELECT count(*) FROM visits`); n != 0 {
			t.Errorf("%d visits are left", n)
		}
	})
}

func TestCodesMembersAndComputersHaveACeiling(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.signer.trusts = true // of rows that this test writes by hand
		issue := func(id, member string) error {
			return s.Codes.Add(ctx, []byte(id), store.Code{
				ID: id, Agency: s.agency, Member: member, Expires: s.Now().Add(time.Hour),
			})
		}
		for n := range 10 {
			must(t, issue(fmt.Sprintf("code %d", n), "ben"))
		}
		wants(t, issue("one more", "ben"), onboarding.ErrInvalid)
		must(t, issue("of another member", "ana"))
		for n := range 200 { // withdrawn, another one takes its place
			must(t, s.Codes.Withdraw(ctx, s.agency, fmt.Sprintf("code %d", n)))
			must(t, issue(fmt.Sprintf("code %d", n+10), "ben"))
		}
		if kept := s.count(t, `SELECT count(*) FROM codes WHERE member = 'ben'`); kept != 10+50 {
			t.Errorf("%d codes of Ben are kept, want %d", kept, 10+50)
		}

		const computer = `
			INSERT INTO devices (id, agency, member, name, public_key, token_hash, created_ms, last_seen_ms, approved_ms,
				revoked_ms)
			VALUES ($1, $2, 'ben', '', '', $3, 1, 1, 1, $4)`
		addComputers := func(from, count, revoked int) {
			must(t, s.DB().InTx(ctx, func(tx *sqldb.Tx) error {
				for n := range count {
					id := fmt.Sprintf("computer %d", from+n)
					if _, err := tx.ExecContext(ctx, computer, id, s.agency, []byte(id), revoked); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		enrol := func(code string) error {
			_, err := s.Devices.Enrol(ctx, []byte(code), "Laptop", "key", []byte("token of "+code))
			return err
		}
		addComputers(0, 49, 0)
		must(t, enrol("code 205"))
		wants(t, enrol("code 206"), onboarding.ErrInvalid)
		_, err := s.Devices.Revoke(ctx, s.agency, "computer 0")
		must(t, err)
		must(t, enrol("code 206"))
		_, err = s.Devices.Revoke(ctx, s.agency, "computer 1")
		must(t, err)
		addComputers(1000, 500-51, 1)
		wants(t, enrol("code 207"), onboarding.ErrInvalid)

		must(t, s.DB().InTx(ctx, func(tx *sqldb.Tx) error {
			for n := range 498 {
				if _, err := tx.ExecContext(ctx, `
					INSERT INTO members (id, agency, name, email, role, visibility, created_ms, removed_ms)
					VALUES ($1, $2, $1, $1, 'sub', 1, 1, 0)`, fmt.Sprintf("member %d", n), s.agency); err != nil {
					return err
				}
			}
			return nil
		}))
		cleo := onboarding.Member{ID: "cleo", Name: "Cleo", Email: "cleo@acme.example", Role: onboarding.SubUser}
		wants(t, s.Members.Invite(ctx, s.agency, cleo), onboarding.ErrInvalid)
		must(t, s.Members.Remove(ctx, s.agency, "member 7", "ana"))
		must(t, s.Members.Invite(ctx, s.agency, cleo))
		must(t, s.Members.Invite(ctx, s.agency, cleo)) // a repeat of one who is there
	})
}
