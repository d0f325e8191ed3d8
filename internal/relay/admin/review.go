package admin

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// MaxReviewDays is how long a review may last: nobody looks after it.
const MaxReviewDays = 180

// ReviewDays is how long what a reviewer leaves is stored.
const ReviewDays = int(store.ReviewRetention / (24 * 60 * 60 * 1000))

// NewReview is what a review is started with.
type NewReview struct {
	Service  onboarding.Service
	App      string             // its name at the platform, as its reviewers know it
	Business onboarding.Account // with which a reviewer shares; at Facebook alone
	Days     int
	Contact  string // who is written to when something of the agency's side is wrong
	Base     string // the relay's public address
}

// Review is a review with its link.
type Review struct {
	store.Review
	Link onboarding.Secret
}

// StartReview makes an agency for the review of an app, and a link at which each reviewer
// begins a request of their own. The key of its only device is thrown away: what a reviewer
// connects opens nowhere.
func (s *Admin) StartReview(ctx context.Context, n NewReview) (Review, error) {
	review, err := s.validateReview(ctx, n)
	if err != nil {
		return Review{}, err
	}
	email, err := onboarding.ValidateAddress("contact", n.Contact)
	if err != nil {
		return Review{}, err
	}
	public, err := sealing.NewLostKey()
	if err != nil {
		return Review{}, err
	}
	review.Agency, review.LinkID = store.NewID(), link.NewID()
	review.Ends = s.store.Now().Add(time.Duration(n.Days) * 24 * time.Hour)
	nobody := make([]byte, 32)
	_, _ = rand.Read(nobody) // it cannot fail
	err = s.store.Reviews.Start(ctx, store.NewReview{
		Review: review,
		Name:   review.App + " Review",
		Member: onboarding.Member{ID: store.NewID(), Name: review.App, Email: email, Role: onboarding.MainUser},
		Device: store.Device{TokenHash: nobody, Device: onboarding.Device{
			ID: store.NewID(), Name: "nobody’s", PublicKey: public,
		}},
	})
	if err == nil {
		err = s.record(ctx, "review start", review.Agency, string(review.Service))
	}
	if err != nil {
		return Review{}, err
	}
	return s.withLink(review, n.Base)
}

func (s *Admin) validateReview(ctx context.Context, n NewReview) (review store.Review, err error) {
	review = store.Review{Service: n.Service, Business: n.Business}
	review.App, err = onboarding.ValidateName("app", n.App, onboarding.MaxCompany-len(" Review"),
		"Name the app as the platform knows it, with --app.")
	if err != nil {
		return review, err
	}
	if review.App, err = onboarding.ValidateCompany(review.App, s.services); err != nil {
		return review, err
	}
	if n.Days < 1 || n.Days > MaxReviewDays {
		return review, onboarding.Invalid("days", fmt.Sprintf("A review lasts 1 to %d days.", MaxReviewDays))
	}
	switch {
	case n.Service == onboarding.Facebook:
		if review.Business, err = onboarding.ValidateBusiness(n.Business); err != nil {
			return review, err
		}
	case n.Business != onboarding.Account{}:
		return review, onboarding.Invalid("business", "Only at Facebook something is shared with a Business Manager.")
	}
	list, err := s.store.Reviews.List(ctx)
	if err != nil {
		return review, err
	}
	if slices.ContainsFunc(list, func(r store.Review) bool { return r.Service == n.Service && r.Ends > s.store.Now() }) {
		return review, onboarding.Invalid("platform",
			"There is a review of this platform’s app already. `latchkey-relay review list` shows its link; end it before "+
				"you start another.")
	}
	return review, nil
}

func (s *Admin) withLink(review store.Review, base string) (Review, error) {
	address, err := link.Links{Signer: s.keys, Base: strings.TrimSuffix(base, "/")}.URL(link.Link{
		Kind: link.KindReview, Version: 1, ID: review.LinkID,
	})
	return Review{Review: review, Link: address}, err
}

// ListReviews lists the reviews that are not over, oldest first.
func (s *Admin) ListReviews(ctx context.Context, base string) ([]Review, error) {
	list, err := s.store.Reviews.List(ctx)
	if err != nil {
		return nil, err
	}
	var reviews []Review
	for _, r := range list {
		if r.Ends <= s.store.Now() { // it is deleted within hours
			continue
		}
		review, err := s.withLink(r, base)
		if err != nil {
			return nil, err
		}
		reviews = append(reviews, review)
	}
	return reviews, nil
}

// EndReview deletes the review of a platform's app, with everything that reviewers left.
// ErrNotFound: there is none.
func (s *Admin) EndReview(ctx context.Context, of onboarding.Service) error {
	list, err := s.store.Reviews.List(ctx)
	if err != nil {
		return err
	}
	ended := 0
	for _, r := range list {
		if r.Service != of {
			continue
		}
		if err := s.store.Reviews.End(ctx, r.Agency); err != nil {
			return err
		}
		if err := s.record(ctx, "review end", r.Agency, string(of)); err != nil {
			return err
		}
		ended++
	}
	if ended == 0 {
		return fmt.Errorf("ending the review of %s: %w", of, onboarding.ErrNotFound)
	}
	return s.emptyLog(ctx)
}

// reviewAgencies are the ids of the agencies that exist for a review alone.
func (s *Admin) reviewAgencies(ctx context.Context) (map[string]bool, error) {
	list, err := s.store.Reviews.List(ctx)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, r := range list {
		ids[r.Agency] = true
	}
	return ids, nil
}
