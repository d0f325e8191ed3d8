package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// review starts one of ten days.
func (s *scene) review(t *testing.T) store.Review {
	t.Helper()
	r := store.Review{
		Agency: "reviewed", App: "Kestrel", Service: onboarding.Facebook, LinkID: []byte("link of the review"),
		Business: onboarding.Account{ID: "4711", Name: "Kestrel AB"}, Ends: s.Now().Add(10 * 24 * time.Hour),
	}
	must(t, s.Reviews.Start(t.Context(), store.NewReview{
		Review: r, Name: "Kestrel Review",
		Member: onboarding.Member{ID: "kim", Name: "Kestrel", Email: "help@kestrel.example", Role: onboarding.MainUser},
		Device: store.Device{TokenHash: []byte("nobody's"), Device: onboarding.Device{ID: "nowhere", PublicKey: "lost"}},
	}))
	return r
}

// begin is what a reviewer does with the link.
func (s *scene) begin(t *testing.T, id string) error {
	t.Helper()
	return s.Reviews.StartRequest(t.Context(), "reviewed", store.NewRequest{
		ID: id, Client: "Test client", LinkID: []byte("link of " + id), Who: "Kestrel", Created: s.Now(),
	})
}

func TestEachStartOfAReviewIsARequestOfItsOwnUntilItIsOver(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		made := s.review(t)
		devices, err := s.Devices.ListEntitled(t.Context(), "reviewed", onboarding.Ownership{Member: "kim"})
		must(t, err)
		if len(devices) != 1 || devices[0].Approved == 0 {
			t.Errorf("nobody's computer is entitled: %+v", devices)
		}
		must(t, s.begin(t, "first"))
		must(t, s.begin(t, "second"))
		r, err := s.Requests.Get(t.Context(), "reviewed", "second")
		must(t, err)
		if r.Business != made.Business || r.Owner != "kim" || r.FacebookUser.Name != "Kestrel" || r.ByHand ||
			len(r.Services) != 1 || r.Services[0] != onboarding.Facebook {
			t.Errorf("a reviewer's request is %+v", r)
		}
		s.advance(8 * 24 * time.Hour)
		must(t, s.begin(t, "late"))
		s.runJobs(t)
		if left := s.count(t, `SELECT count(*) FROM requests WHERE agency = 'reviewed'`); left != 1 {
			t.Errorf("after 8 days %d requests are left, want the newest", left)
		}
		found, err := s.Reviews.GetByLink(t.Context(), made.LinkID)
		must(t, err)
		if found.Started != 3 || found.LastStarted != s.Now() {
			t.Errorf("the review counts %+v", found)
		}
		s.advance(2 * 24 * time.Hour)
		_, err = s.Reviews.GetByLink(t.Context(), made.LinkID)
		wants(t, err, onboarding.ErrNotFound) // before the job comes
		wants(t, s.begin(t, "too late"), onboarding.ErrNotFound)
		s.runJobs(t)
		if left := s.count(t, `SELECT count(*) FROM agencies WHERE id = 'reviewed'`); left != 0 {
			t.Error("the agency of a review that is over is still there")
		}
	})
}

func TestALinkForReviewersBeginsOnlySoManyRequestsADay(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.review(t)
		for n := range store.ReviewRequestsPerDay {
			must(t, s.begin(t, fmt.Sprint(n)))
		}
		wants(t, s.begin(t, "one more"), onboarding.ErrRateLimited)
		s.advance(24*time.Hour + time.Minute)
		must(t, s.begin(t, "tomorrow"))
	})
}

func TestTheEndOfAReviewLeavesNothingOfIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "theirs", "ben")
		before := s.count(t, `SELECT count(*) FROM requests`)
		jobs := s.count(t, `SELECT count(*) FROM jobs`)
		s.review(t)
		must(t, s.begin(t, "r"))
		v := store.Visit{ID: "v", Request: "r", Agency: "reviewed", CookieHash: []byte("c"), Version: 1, Name: "Eve Moss"}
		must(t, s.Visits.Start(t.Context(), v))
		must(t, s.OAuthStates.Create(t.Context(), store.OAuthState{
			StateHash: []byte("state"), Visit: "v", Platform: onboarding.Meta, Expires: s.Now().Add(time.Hour),
		}))
		s.exec(t, `UPDATE jobs SET due_ms = due_ms + 1 WHERE agency = 'reviewed'`)
		must(t, s.Reviews.End(t.Context(), "reviewed"))
		for _, where := range []string{
			`agencies WHERE id = 'reviewed'`, `members WHERE agency = 'reviewed'`, `devices WHERE agency = 'reviewed'`,
			`visits WHERE agency = 'reviewed'`, `oauth_states`, `reviews`, `news_settings`,
			`changes WHERE agency = 'reviewed'`, `emails WHERE agency = 'reviewed'`,
		} {
			if left := s.count(t, `SELECT count(*) FROM `+where); left != 0 {
				t.Errorf("%d rows are left of %s", left, where)
			}
		}
		if s.count(t, `SELECT count(*) FROM requests`) != before || s.count(t, `SELECT count(*) FROM jobs`) != jobs {
			t.Error("the end of a review changed what is another agency's")
		}
		wants(t, s.Reviews.End(t.Context(), "reviewed"), onboarding.ErrNotFound)
		wants(t, s.Reviews.End(t.Context(), s.agency), onboarding.ErrNotFound) // it is no review's
	})
}

func TestARestoredDatabaseHasNoReviews(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		r := s.review(t)
		restored, err := s.Agencies.MarkRestored(t.Context())
		must(t, err)
		if len(restored) != 1 || restored[0].Agency.ID != s.agency {
			t.Errorf("it restored %+v", restored)
		}
		_, err = s.Reviews.GetByLink(t.Context(), r.LinkID)
		wants(t, err, onboarding.ErrNotFound)
	})
}

func TestAReviewThatSomebodyWroteDeletesAndDivertsNothing(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		r := s.review(t)
		for _, c := range []struct{ change, undo string }{
			{`UPDATE reviews SET business_id = '1'`, `UPDATE reviews SET business_id = '4711'`},
			{`UPDATE reviews SET ends_ms = ends_ms + 1`, `UPDATE reviews SET ends_ms = ends_ms - 1`},
			{`UPDATE reviews SET service = 'hubspot'`, `UPDATE reviews SET service = 'facebook'`},
			{`UPDATE reviews SET member = 'ana'`, `UPDATE reviews SET member = 'kim'`},
			{`UPDATE reviews SET app = 'x'`, `UPDATE reviews SET app = 'Kestrel'`},
			{`UPDATE reviews SET agency = 'acme'`, `UPDATE reviews SET agency = 'reviewed'`},
		} {
			s.exec(t, c.change)
			_, err := s.Reviews.GetByLink(t.Context(), r.LinkID)
			wants(t, err, store.ErrTampered)
			checks, err := s.Integrity.Check(t.Context(), "")
			must(t, err)
			found := 0
			for _, check := range checks {
				for _, row := range check.Rows {
					if row.Table == "reviews" {
						found++
					}
				}
			}
			if found != 1 {
				t.Errorf("%s: the check finds %+v", c.change, checks)
			}
			s.exec(t, c.undo)
		}
		s.exec(t, `UPDATE reviews SET agency = 'acme'`)
		wants(t, s.Reviews.End(t.Context(), s.agency), store.ErrTampered)
		_, err := s.Agencies.MarkRestored(t.Context())
		must(t, err)
		if s.count(t, `SELECT count(*) FROM agencies`) != 2 {
			t.Error("an agency was deleted on the word of a row that somebody wrote")
		}
	})
}
