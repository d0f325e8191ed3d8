package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// news lists the kinds of the news about a request, oldest first.
func (s *scene) news(t *testing.T, request string) []string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `
		SELECT kind FROM news WHERE agency = $1 AND request = $2 ORDER BY created_ms, id`, s.agency, request)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	kinds := []string{}
	for rows.Next() {
		var kind string
		must(t, rows.Scan(&kind))
		kinds = append(kinds, kind)
	}
	must(t, rows.Err())
	return kinds
}

// check reports a check of an item, a second after the one before.
func (s *scene) check(t *testing.T, item string, state onboarding.AccessState, failure string) {
	t.Helper()
	s.advance(time.Second)
	_, err := s.Items.ReportAccess(t.Context(), s.agency, item, store.AccessReport{
		Access: onboarding.Access{State: state, Failure: failure, Checked: s.Now()},
	})
	must(t, err)
}

func TestEachThingIsNewsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		for range 2 { // a second press of Finish
			_, err := s.Requests.Finish(t.Context(), v, box(v))
			must(t, err)
		}
		i := s.portal(t, "r1", "p1", onboarding.ItemConnected)
		s.advance(time.Second)
		_, err := s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		s.check(t, i.ID, onboarding.AccessWorks, "")
		s.check(t, i.ID, onboarding.AccessBroken, "credential_refused")
		s.check(t, i.ID, onboarding.AccessBroken, "credential_refused")
		s.check(t, i.ID, onboarding.AccessWorks, "")
		s.check(t, i.ID, onboarding.AccessBroken, "credential_refused")

		want := []string{"nothing_connected", "completed", "needs_attention", "needs_attention"}
		if got := s.news(t, "r1"); !slices.Equal(got, want) {
			t.Errorf("the news are %v, want %v", got, want)
		}
		must(t, s.Requests.DeleteClient(t.Context(), s.agency, "r1"))
		if got := s.news(t, "r1"); len(got) != 0 {
			t.Errorf("with the client deleted there are the news %v", got)
		}
	})
}

// mails lists the queued emails of a kind, by the members who get them.
func (s *scene) mails(t *testing.T, kind store.EmailKind) []string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `
		SELECT member FROM emails WHERE agency = $1 AND kind = $2 ORDER BY created_ms, member`, s.agency, kind)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	members := []string{}
	for rows.Next() {
		var member string
		must(t, rows.Scan(&member))
		members = append(members, member)
	}
	must(t, rows.Err())
	return members
}

func (s *scene) wantMails(t *testing.T, kind store.EmailKind, want ...string) {
	t.Helper()
	if got := s.mails(t, kind); !slices.Equal(got, want) {
		t.Errorf("emails %s go to %v, want %v", kind, got, want)
	}
}

// runJobs runs what is due.
func (s *scene) runJobs(t *testing.T) {
	t.Helper()
	for {
		job, err := s.Jobs.Claim(t.Context(), store.LeaseOwner{Instance: "i", Run: "r"}, s.Now().Add(time.Minute))
		if errors.Is(err, onboarding.ErrNotFound) {
			return
		}
		must(t, err)
		must(t, s.Jobs.Run(t.Context(), job))
	}
}

func (s *scene) choose(t *testing.T, member string, kind onboarding.NewsKind, mode onboarding.NewsMode, offset int) {
	t.Helper()
	_, err := s.News.SaveSettings(t.Context(), s.agency, member, onboarding.NewsSettings{
		Choices: []onboarding.NewsChoice{{Kind: kind, Mode: mode}}, UTCOffset: offset,
	})
	must(t, err)
}

// signIn connects a user of Ben's at Facebook, until a timestamp.
func (s *scene) signIn(t *testing.T, id string, ends onboarding.Timestamp) {
	t.Helper()
	s.signInOf(t, "ben", id, ends)
}

func (s *scene) signInOf(t *testing.T, member, id string, ends onboarding.Timestamp) {
	t.Helper()
	s.signInTo(t, member, id, ends, nil)
}

// signInTo is signInOf of a user who is in these Business Managers.
func (s *scene) signInTo(
	t *testing.T, member, id string, ends onboarding.Timestamp, businesses []onboarding.Business,
) {
	t.Helper()
	device := "device of " + id
	must(t, s.Connections.Start(t.Context(), store.PendingConnection{
		ID: id, Agency: s.agency, Member: member, Device: device, Platform: onboarding.Meta, Challenge: "challenge",
		StartHash: []byte("start " + id), Expires: s.Now().Add(time.Hour),
	}))
	result := store.PendingResult{Connection: onboarding.Connection{
		User: onboarding.Account{ID: "77", Name: "Ben at Facebook"}, Ends: ends, Businesses: businesses,
	}}
	must(t, s.Connections.StoreResult(t.Context(), id, []byte("code "+id), result, s.Now().Add(time.Hour)))
	_, err := s.Connections.Finish(t.Context(), s.agency, device, id, []byte("code "+id), "challenge")
	must(t, err)
}

func (s *scene) outage(t *testing.T, m onboarding.Member, connection string) *onboarding.Outage {
	t.Helper()
	changes, err := s.Changes.After(t.Context(), s.agency, m, store.Cursor{})
	must(t, err)
	for _, x := range changes.Connections {
		if x.ID == connection {
			return x.Outage
		}
	}
	t.Fatalf("%s does not see the connection %s", m.ID, connection)
	return nil
}

func TestAnOutageIsToldOnceWhicheverHubsFindIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.signIn(t, "c1", 0)
		broken := onboarding.Outage{
			Subject: onboarding.OutageConnection + "c1", Service: onboarding.Facebook, Failure: "sign_in_ended", Code: "190/463",
		}
		begin := func() { must(t, s.Outages.Begin(t.Context(), s.agency, s.ben, broken)) }
		end := func() { must(t, s.Outages.End(t.Context(), s.agency, broken.Subject)) }
		begin()
		since := s.Now()
		s.advance(time.Hour)
		begin() // by the second hub
		s.wantMails(t, store.EmailSignInEnds, "ana", "ben")
		for _, m := range []onboarding.Member{s.ana, s.ben} {
			if got := s.outage(t, m, "c1"); got == nil || got.Since != since || got.Failure != "sign_in_ended" {
				t.Errorf("%s reads %+v", m.ID, got)
			}
		}
		end()
		end()
		if got := s.outage(t, s.ana, "c1"); got != nil {
			t.Errorf("when it works, Ana reads %+v", got)
		}
		for range 4 { // it flaps: they read of it three times a day
			s.advance(time.Hour)
			begin()
			end()
		}
		s.wantMails(t, store.EmailSignInEnds, "ana", "ben", "ana", "ben", "ana", "ben")
		s.advance(24 * time.Hour)
		begin()
		s.wantMails(t, store.EmailSignInEnds, "ana", "ben", "ana", "ben", "ana", "ben", "ana", "ben")
		s.signIn(t, "c2", 0) // again, as the same user
		if got := s.outage(t, s.ana, "c1"); got != nil {
			t.Errorf("after signing in again, Ana reads %+v", got)
		}

		must(t, s.Outages.Begin(t.Context(), s.agency, s.ana, onboarding.Outage{
			Subject: onboarding.OutageApp + "meta", Service: onboarding.Facebook, Failure: "not_configured",
		}))
		s.wantMails(t, store.EmailAppProblem, "ana")
		changes, err := s.Changes.After(t.Context(), s.agency, s.ben, store.Cursor{})
		must(t, err)
		if len(changes.Agency.Outages) != 1 || changes.Agency.Outages[0].Failure != "not_configured" {
			t.Errorf("Ben reads of the apps %+v", changes.Agency.Outages)
		}
	})
}

func TestASignInThatEndsIsAnnouncedFourteenAndThreeDaysBefore(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		const day = 24 * time.Hour
		s.signIn(t, "c1", s.Now().Add(60*day))
		s.advance(time.Second)
		s.signIn(t, "unknown end", 0) // it replaces the other
		s.advance(46*day - time.Minute)
		s.runJobs(t)
		s.wantMails(t, store.EmailSignInEnds)
		s.advance(time.Minute)
		s.runJobs(t)
		s.wantMails(t, store.EmailSignInEnds)
	})
	each(t, func(t *testing.T, s *scene) {
		const day = 24 * time.Hour
		s.signIn(t, "c1", s.Now().Add(60*day))
		s.advance(46 * day)
		s.runJobs(t)
		s.wantMails(t, store.EmailSignInEnds, "ana", "ben")
		s.advance(10 * day)
		s.runJobs(t)
		s.wantMails(t, store.EmailSignInEnds, "ana", "ben")
		s.advance(day)
		s.runJobs(t)
		s.wantMails(t, store.EmailSignInEnds, "ana", "ben", "ana", "ben")
		s.advance(10 * day)
		s.runJobs(t)
		s.wantMails(t, store.EmailSignInEnds, "ana", "ben", "ana", "ben")
	})
	each(t, func(t *testing.T, s *scene) {
		const day = 24 * time.Hour
		s.signIn(t, "c1", s.Now().Add(60*day))
		s.advance(20 * day)
		s.signIn(t, "c2", s.Now().Add(60*day)) // again
		s.advance(40 * day)
		s.runJobs(t)
		s.wantMails(t, store.EmailSignInEnds)
	})
	each(t, func(t *testing.T, s *scene) {
		const day = 24 * time.Hour
		s.signIn(t, "c1", s.Now().Add(60*day))
		subject := onboarding.OutageConnection + "c1"
		ana := onboarding.Member{ID: "ana", Role: onboarding.MainUser}
		must(t, s.Outages.Begin(t.Context(), s.agency, ana, onboarding.Outage{
			Subject: subject, Service: onboarding.Facebook, Failure: "agency_side",
		}))
		told := len(s.mails(t, store.EmailSignInEnds))
		s.advance(46 * day) // nothing is said of its end while it does not work
		s.runJobs(t)
		must(t, s.Outages.End(t.Context(), s.agency, subject))
		s.advance(11 * day)
		s.runJobs(t)
		if got := len(s.mails(t, store.EmailSignInEnds)) - told; got != 2 {
			t.Errorf("three days before, %d emails went out, want 2", got)
		}
	})
}

func TestNewsGoOutAsTheMemberHasChosen(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		finish := func(request string) {
			s.save(t, request, "ana")
			s.portal(t, request, "portal of "+request, onboarding.ItemConnected)
			v := s.visit(t, request, "visit of "+request)
			_, err := s.Requests.Finish(t.Context(), v, box(v))
			must(t, err)
		}
		finish("r1")
		s.wantMails(t, store.EmailCompletion, "ana")

		s.choose(t, "ana", onboarding.NewsCompleted, onboarding.NewsOff, 0)
		finish("r2")
		s.choose(t, "ana", onboarding.NewsCompleted, onboarding.NewsDaily, 60) // it is ten o'clock there
		finish("r3")
		s.advance(time.Hour)
		finish("r4")
		s.wantMails(t, store.EmailCompletion, "ana")
		s.advance(20*time.Hour + 59*time.Minute)
		s.runJobs(t)
		s.wantMails(t, store.EmailSummary)
		s.advance(time.Minute) // eight
		s.runJobs(t)
		s.runJobs(t)
		s.wantMails(t, store.EmailSummary, "ana")
		var email string
		must(t, s.DB().QueryRowContext(t.Context(), `SELECT id FROM emails WHERE kind = 'summary'`).Scan(&email))
		listed, more, err := s.News.OfSummary(t.Context(), "ana", email)
		must(t, err)
		got := ids(listed, func(n store.News) string { return n.Request })
		if !slices.Equal(got, []string{"r3", "r4"}) || more != 0 {
			t.Errorf("the daily email is about %v and %d more", got, more)
		}
		if of, _, err := s.News.OfSummary(t.Context(), "ben", email); err != nil || len(of) != 0 {
			t.Errorf("Ben's is about %v, %v", of, err)
		}
		s.advance(48 * time.Hour) // nothing happens: no empty one
		s.runJobs(t)
		s.wantMails(t, store.EmailSummary, "ana")
	})
}

func TestTheDailyEmailMovesWithTheMembersClock(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.choose(t, "ana", onboarding.NewsNothing, onboarding.NewsDaily, 0)
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		_, err := s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		moved, err := s.News.SaveSettings(t.Context(), s.agency, "ana", onboarding.NewsSettings{UTCOffset: -5 * 60})
		must(t, err)
		if moved.ModeOf(onboarding.NewsNothing) != onboarding.NewsDaily {
			t.Errorf("with another time alone the choices are %+v", moved)
		}
		s.advance(3*time.Hour + 59*time.Minute) // nine in the morning, and five hours west: eight is at one
		s.runJobs(t)
		s.wantMails(t, store.EmailSummary)
		s.advance(time.Minute)
		s.runJobs(t)
		s.wantMails(t, store.EmailSummary, "ana")
	})
}

func TestNoNewsOfBeforeABackupAreListedAfterItWasRestored(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.choose(t, "ana", onboarding.NewsNothing, onboarding.NewsDaily, 0)
		finish := func(request string) {
			s.save(t, request, "ana")
			v := s.visit(t, request, "visit of "+request)
			_, err := s.Requests.Finish(t.Context(), v, box(v))
			must(t, err)
		}
		finish("r1")
		must(t, s.News.CancelBefore(t.Context(), s.Now()))
		s.advance(24 * time.Hour)
		s.runJobs(t)
		s.wantMails(t, store.EmailSummary)
		finish("r2")
		s.advance(24 * time.Hour)
		s.runJobs(t)
		s.wantMails(t, store.EmailSummary, "ana")
		var listed string
		must(t, s.DB().QueryRowContext(t.Context(), `
			SELECT request FROM news WHERE id IN (SELECT news FROM summary_news)`).Scan(&listed))
		if listed != "r2" {
			t.Errorf("the daily email is about %s, want r2", listed)
		}
	})
}

func TestAccountsThatStopTogetherAreOneEmail(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		var items []string
		for _, account := range []string{"p1", "p2", "p3"} {
			items = append(items, s.portal(t, "r1", account, onboarding.ItemConnected).ID)
		}
		for _, state := range []onboarding.AccessState{onboarding.AccessWorks, onboarding.AccessBroken} {
			for _, item := range items {
				s.check(t, item, state, "")
			}
		}
		s.wantMails(t, store.EmailNeedsAttention, "ana")
		broken, _, err := s.News.BrokenSince(t.Context(), s.agency, "r1", "ana", s.Now().Add(-time.Minute))
		must(t, err)
		if len(broken) != 3 {
			t.Errorf("it names %d accounts, want 3", len(broken))
		}
		s.check(t, items[0], onboarding.AccessWorks, "")
		broken, _, err = s.News.BrokenSince(t.Context(), s.agency, "r1", "ana", s.Now().Add(-time.Minute))
		must(t, err)
		if len(broken) != 2 {
			t.Errorf("with one that works again it names %d accounts, want 2", len(broken))
		}
	})
}

func TestAnAccountThatStopsAgainIsToldAgain(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		item, other := s.portal(t, "r1", "p1", onboarding.ItemConnected), s.portal(t, "r1", "p2", onboarding.ItemConnected)
		flap := func() {
			s.check(t, item.ID, onboarding.AccessWorks, "")
			s.check(t, item.ID, onboarding.AccessBroken, "access_revoked")
		}
		handled := func(state onboarding.EmailState) {
			s.exec(t, `UPDATE emails SET state = $1, finished_ms = 1 WHERE state = 'queued'`, state)
		}
		flap()
		flap() // before the email is written
		s.wantMails(t, store.EmailNeedsAttention, "ana")
		s.advance(11 * time.Minute)
		flap() // while the email may be being written
		s.wantMails(t, store.EmailNeedsAttention, "ana", "ana")
		handled(onboarding.EmailCancelled) // it worked again when they were written
		for range 4 {
			s.advance(11 * time.Minute)
			flap()
			handled(onboarding.EmailAccepted)
		}
		s.wantMails(t, store.EmailNeedsAttention, "ana", "ana", "ana", "ana", "ana")
		s.check(t, other.ID, onboarding.AccessWorks, "")
		s.check(t, other.ID, onboarding.AccessBroken, "access_revoked")
		s.wantMails(t, store.EmailNeedsAttention, "ana", "ana", "ana", "ana", "ana", "ana")
		var about string
		must(t, s.DB().QueryRowContext(t.Context(), `
			SELECT COALESCE(max(item), '') FROM emails WHERE kind = 'needs_attention'`).Scan(&about))
		if about != "" {
			t.Errorf("an email about all accounts that stopped is about %q", about)
		}
	})
}

func TestALinkThatNobodyUsedIsAnnouncedThreeDaysBeforeItEnds(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		r := s.save(t, "r1", "ana")
		s.save(t, "r2", "ana")
		_, err := s.Requests.Withdraw(t.Context(), s.agency, "r2", "Ana Ruiz")
		must(t, err)
		s.advance(r.Expires.Time().Add(-3*24*time.Hour - time.Minute).Sub(s.clock()))
		s.runJobs(t)
		s.wantMails(t, store.EmailRequestExpiring)
		s.advance(time.Minute)
		s.runJobs(t)
		s.wantMails(t, store.EmailRequestExpiring, "ana")
	})
}
