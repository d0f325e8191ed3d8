package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestADeclineIsToldAndUndoneByAConnection(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		s.invite(t, "r1", "lena")
		v := s.visit(t, "r1", "v1")
		const reason = "We left both in May"
		for range 2 { // a double click
			must(t, s.Requests.Decline(t.Context(), v, reason))
		}
		r := s.asKnown(t, "r1")
		if r.Declined != s.Now() || r.DeclinedBy != v.Name || r.DeclineReason != reason || len(r.Skipped) != 2 {
			t.Errorf("declined it is %+v", r.Request)
		}
		s.wantMails(t, store.EmailDeclined, "ana")
		s.wantMails(t, store.EmailSkipped)
		if n := s.events(t, "r1", onboarding.EventDeclined); n != 1 {
			t.Errorf("%d events say that it was declined, want 1", n)
		}
		if got := s.walk(t, 1, 5, nil); len(got) != 0 || s.asKnown(t, "r1").Recipients[0].Reminds != 0 {
			t.Errorf("reminded of what was declined are %v", got)
		}
		s.portal(t, "r1", "p1", onboarding.ItemConnected)
		r = s.asKnown(t, "r1")
		if r.Declined != 0 || r.DeclineReason != "" || len(r.Skipped) != 1 {
			t.Errorf("with something connected it is %+v", r.Request)
		}
		if got := s.walk(t, 6, 12, nil); !slices.Equal(got, []string{"10 lena"}) {
			t.Errorf("and reminded are %v, want lena on the tenth day", got)
		}
	})
}

func TestManyDeclinesAreThreeEmailsADay(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		for n := range 20 {
			s.advance(time.Minute)
			must(t, s.Requests.Decline(t.Context(), v, "reason "+string(rune('a'+n))))
		}
		s.wantMails(t, store.EmailDeclined, "ana", "ana", "ana")
		if r := s.asKnown(t, "r1"); r.DeclineReason != "reason t" {
			t.Errorf("the reason is %q, want the newest", r.DeclineReason)
		}
		older := v
		older.Version = 0
		wants(t, s.Requests.Decline(t.Context(), older, "late"), onboarding.ErrLinkSuperseded)
		_, err := s.Requests.Withdraw(t.Context(), s.agency, "r1", "Ana")
		must(t, err)
		wants(t, s.Requests.Decline(t.Context(), v, "late"), onboarding.ErrWithdrawn)
	})
}

func TestServicesThatAreSkippedTogetherAreOneEmail(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		skip := func(service onboarding.Service, reason string) {
			t.Helper()
			must(t, s.Requests.Skip(t.Context(), s.agency, "r1", "Lena", onboarding.Skip{Service: service, Reason: reason}))
		}
		skip(onboarding.HubSpot, "Lars has the login")
		skip(onboarding.Facebook, "We have none")
		skip(onboarding.HubSpot, "Lars has the login")
		s.wantMails(t, store.EmailSkipped, "ana")
		if got := s.news(t, "r1"); len(got) != 2 {
			t.Errorf("two skipped services are the news %v", got)
		}
		s.advance(time.Hour)
		for _, reason := range []string{"one", "two", "three"} { // the same service, again and again
			skip(onboarding.HubSpot, reason)
		}
		s.wantMails(t, store.EmailSkipped, "ana")
		s.advance(25 * time.Hour)
		skip(onboarding.HubSpot, "on the next day")
		s.wantMails(t, store.EmailSkipped, "ana", "ana")
	})
}

func TestAFinishThatNamesTheSkippedServiceTakesThePlaceOfItsEmail(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		skip := onboarding.Skip{Service: onboarding.HubSpot, Reason: "We stopped using it"}
		must(t, s.Requests.Skip(t.Context(), s.agency, "r1", v.Name, skip))
		_, err := s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		s.advance(time.Hour)
		var waiting int
		must(t, s.DB().QueryRowContext(t.Context(), `
			SELECT count(*) FROM emails WHERE request = 'r1' AND kind = 'skipped' AND state = 'queued'`).Scan(&waiting))
		if waiting != 0 {
			t.Errorf("%d emails about the skipped service go out beside the one about the finish", waiting)
		}
	})
}
