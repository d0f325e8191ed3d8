package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// waitingPage finishes a request with a Page that waits at Facebook.
func (s *scene) waitingPage(t *testing.T, failure string) onboarding.Item {
	t.Helper()
	v := s.visit(t, "r1", "v1")
	plan, err := s.Items.Plan(t.Context(), s.agency, store.ItemKey{
		Request: "r1", Owner: "ana", Service: onboarding.Facebook, Kind: onboarding.Page, Account: "p1",
	})
	must(t, err)
	i, err := s.Items.Put(t.Context(), s.agency, store.SharedItem{Item: onboarding.Item{
		ID: plan.ID, Version: plan.Version, Request: "r1", Service: onboarding.Facebook, Kind: onboarding.Page,
		Account: "p1", Name: "Harbour Café", State: onboarding.ItemWaiting, Failure: failure,
		By: onboarding.Person{Name: v.Name, Email: v.Email},
	}})
	must(t, err)
	_, err = s.Requests.Finish(t.Context(), v, box(v))
	must(t, err)
	s.deliver(t)
	return i
}

// Who shared what an admin of theirs has to approve is reminded on the days of the request's
// reminders, until it is approved (F20).
func TestWhoSharedWhatWaitsForAnAdminIsReminded(t *testing.T) {
	const approval, nobody = "approve_in_business", "new_page_admin"
	type on func(t *testing.T, s *scene, item string)
	for name, c := range map[string]struct {
		failure string
		days    []int
		fifth   on // the fifth day
		want    []int
	}{
		"nobody approves":  {failure: approval, days: []int{3, 10, 21}, want: []int{3, 10, 21}},
		"other days":       {failure: "approved_elsewhere", days: []int{1, 8}, want: []int{1, 8}},
		"off":              {failure: approval, days: []int{}},
		"it is Facebook’s": {failure: nobody, days: []int{3, 10}},
		"by hand":          {failure: "manual_share", days: []int{3, 10}},
		"approved": {failure: approval, days: []int{3, 10, 21}, want: []int{3},
			fifth: func(t *testing.T, s *scene, item string) { s.check(t, item, onboarding.AccessWorks, "") }},
		"a check finds that": {failure: nobody, days: []int{3, 10, 21}, want: []int{10, 21},
			fifth: func(t *testing.T, s *scene, item string) { s.check(t, item, onboarding.AccessWaiting, approval) }},
		"the agency withdrew": {failure: approval, days: []int{3, 10}, want: []int{3},
			fifth: func(t *testing.T, s *scene, _ string) {
				_, err := s.Requests.Withdraw(t.Context(), s.agency, "r1", "ana")
				must(t, err)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *scene) {
				s.atTen(t)
				s.save(t, "r1", "ana")
				s.remindOn(t, "r1", c.days...)
				item := s.waitingPage(t, c.failure)
				var got []int
				for day := 1; day <= 30; day++ {
					s.advance(24 * time.Hour)
					if day == 5 && c.fifth != nil {
						c.fifth(t, s, item.ID)
					}
					before := s.mailed(t, "r1", store.EmailApproval)
					s.runJobs(t)
					s.runJobs(t)
					if s.mailed(t, "r1", store.EmailApproval) > before {
						got = append(got, day)
					}
					s.deliver(t)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("reminded on the days %v, want %v", got, c.want)
				}
				if n := s.events(t, "r1", onboarding.EventReminded); n != len(c.want) {
					t.Errorf("the timeline has %d reminders, want %d", n, len(c.want))
				}
			})
		})
	}
}

func TestAReminderToWhoWasForgottenMeanwhileIsNoEntry(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		s.save(t, "r1", "ana")
		s.remindOn(t, "r1", 3)
		s.waitingPage(t, "approve_in_business")
		s.advance(3 * 24 * time.Hour)
		s.runJobs(t)
		s.exec(t, `DELETE FROM visits`)
		s.deliver(t)
		if n := s.events(t, "r1", onboarding.EventReminded); n != 0 {
			t.Errorf("the timeline has %d reminders to nobody", n)
		}
	})
}

func TestARestoredDatabaseRemindsOfNoApprovalTwice(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		s.save(t, "r1", "ana")
		s.waitingPage(t, "approve_in_business")
		s.advance(5 * 24 * time.Hour) // the third day's went out after the backup
		_, err := s.Agencies.MarkRestored(t.Context())
		must(t, err)
		s.runJobs(t)
		if n := s.mailed(t, "r1", store.EmailApproval); n != 0 {
			t.Errorf("%d reminders went out once more", n)
		}
		s.advance(5 * 24 * time.Hour)
		s.runJobs(t)
		if n := s.mailed(t, "r1", store.EmailApproval); n != 1 {
			t.Errorf("on the tenth day there are %d reminders, want 1", n)
		}
	})
}
