package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Reviews are the reviews of the operator's apps at platforms. Each has an agency of its
// own, which exists for it alone and has no hub: what is sealed for it nobody opens.
type Reviews struct{ *handle }

// Review is a row.
type Review struct {
	Agency   string
	App      string // its name at the platform
	Service  onboarding.Service
	Member   string             // whose its requests are
	Business onboarding.Account // with which a reviewer shares at Facebook
	LinkID   []byte
	Created  onboarding.Timestamp
	Ends     onboarding.Timestamp

	Started     int                  // requests that reviewers began
	LastStarted onboarding.Timestamp // zero: none

	mac []byte
}

// How long requests of a review are stored, and how many a day its link begins: who has the
// link can press its button without end.
const (
	ReviewRetention        = 7 * day
	ReviewRequestsPerDay   = 30
	reviewInterval         = 6 * hour
	reviewRequestsPerSweep = 50
)

const reviewColumns = `agency, app, service, member, business_id, business_name, link_id, created_ms, ends_ms, started,
	started_ms, mac`

func scanReview(row scanner) (Review, error) {
	var r Review
	err := row.Scan(&r.Agency, &r.App, &r.Service, &r.Member, &r.Business.ID, &r.Business.Name, &r.LinkID, &r.Created,
		&r.Ends, &r.Started, &r.LastStarted, &r.mac)
	return r, err
}

// reviewColumnsSigned are what decides who gets what a reviewer shares, and what is deleted
// with the review.
func reviewColumnsSigned(r Review) []string {
	return []string{
		r.Agency, r.App, string(r.Service), r.Member, r.Business.ID, r.Business.Name, string(r.LinkID),
		formatTimestamp(r.Ends),
	}
}

func signedReview(row scanner) (signedRow, error) {
	signed := signedRow{signed: "reviews"}
	r, err := scanReview(row)
	signed.id, signed.key, signed.mac, signed.columns = r.Agency, []any{r.Agency}, r.mac, reviewColumnsSigned(r)
	signed.values = map[string]string{
		"app": r.App, "service": string(r.Service), "business_id": r.Business.ID, "business_name": r.Business.Name,
		"ends_ms": formatTimestamp(r.Ends),
	}
	return signed, err
}

// NewReview is a review with what it is made of.
type NewReview struct {
	Review
	Name   string            // of the agency
	Member onboarding.Member // of whom nobody gets emails of news
	Device Device            // that nobody has: without one no sign-in begins
}

// Start creates a review with its agency.
func (s *Reviews) Start(ctx context.Context, n NewReview) error {
	r := n.Review
	r.Member = n.Member.ID
	var off []onboarding.NewsChoice
	for _, kind := range onboarding.AllNewsKinds() {
		off = append(off, onboarding.NewsChoice{Kind: kind, Mode: onboarding.NewsOff})
	}
	choices, err := json.Marshal(off)
	if err != nil {
		return fmt.Errorf("starting a review: %w", err)
	}
	err = s.addAgency(ctx, onboarding.Agency{ID: r.Agency, Name: n.Name}, func(c *changeTx) error {
		if err := insertMember(c, n.Member); err != nil {
			return err
		}
		n.Device.Member, n.Device.Created, n.Device.LastSeen = r.Member, c.now, c.now
		if _, err := insertDevice(c, n.Device); err != nil {
			return err
		}
		if err := c.exec(`INSERT INTO news_settings (member, modes, utc_offset_min) VALUES ($1, $2, 0)`,
			r.Member, string(choices)); err != nil {
			return err
		}
		if err := schedule(c.agencyTx, JobReview, r.Agency, min(c.now+reviewInterval, r.Ends)); err != nil {
			return err
		}
		return insertReview(c, r)
	})
	if err != nil {
		return fmt.Errorf("starting a review: %w", err)
	}
	return nil
}

func insertReview(c *changeTx, r Review) error {
	return c.execNamed(`
		INSERT INTO reviews (`+reviewColumns+`)
		VALUES (@agency, @app, @service, @member, @business_id, @business_name, @link_id, @created, @ends, 0, 0, @mac)`,
		named{
			"agency":        r.Agency,
			"app":           r.App,
			"service":       r.Service,
			"member":        r.Member,
			"business_id":   r.Business.ID,
			"business_name": r.Business.Name,
			"link_id":       r.LinkID,
			"created":       c.now,
			"ends":          r.Ends,
			"mac":           c.signer.SignRow("reviews", reviewColumnsSigned(r)...),
		})
}

// readReview reads the review of a condition with one argument. ErrNotFound: there is none,
// or it is over; ErrTampered: it is not as the relay wrote it.
func (h *handle) readReview(ctx context.Context, q queryer, where string, arg any) (Review, error) {
	r, err := scanReview(q.QueryRowContext(ctx, `SELECT `+reviewColumns+` FROM reviews WHERE `+where, arg))
	if err := wrapNotFound(err, "finding a review"); err != nil {
		return Review{}, err
	}
	if err := verifyRow(h.signer, r.mac, "reviews", r.Agency, reviewColumnsSigned(r)); err != nil {
		return Review{}, err
	}
	if h.timestamp() >= r.Ends {
		return Review{}, fmt.Errorf("finding a review that is not over: %w", onboarding.ErrNotFound)
	}
	return r, nil
}

// GetByLink returns the review of a link by the link's random id. ErrNotFound: it is over.
func (s *Reviews) GetByLink(ctx context.Context, linkID []byte) (Review, error) {
	return s.readReview(ctx, s.db, `link_id = $1`, linkID)
}

// List lists the reviews, also those that are over and not deleted yet, oldest first.
func (s *Reviews) List(ctx context.Context) ([]Review, error) {
	list, err := read(ctx, s.db, `SELECT `+reviewColumns+` FROM reviews ORDER BY created_ms, agency`, nil, scanReview)
	if err != nil {
		return nil, fmt.Errorf("listing reviews: %w", err)
	}
	return list, nil
}

// StartRequest saves a request that a reviewer begins: each begins one of their own.
// ErrNotFound: the review is over; ErrRateLimited: there were too many within a day.
func (s *Reviews) StartRequest(ctx context.Context, agency string, n NewRequest) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		r, err := s.readReview(ctx, c, `agency = $1`, agency)
		if err != nil {
			return err
		}
		var today int
		if err := c.row(`SELECT count(*) FROM requests WHERE agency = $1 AND accepted_ms > $2`, agency, c.now-day).
			Scan(&today); err != nil {
			return err
		}
		if today >= ReviewRequestsPerDay {
			return onboarding.ErrRateLimited
		}
		n.Owner, n.Services, n.Business = r.Member, []onboarding.Service{r.Service}, r.Business
		if r.Service == onboarding.Facebook {
			n.User.Name = r.App
		}
		if err := insertRequest(c, n.request(agency, c.now)); err != nil {
			return err
		}
		if err := recordEvent(c, n.ID, onboarding.EventSaved, n.Who, ""); err != nil {
			return err
		}
		if err := scheduleEnd(c.agencyTx, n.ID, onboarding.LinkEnds(c.now)); err != nil {
			return err
		}
		if err := c.exec(`UPDATE reviews SET started = started + 1, started_ms = $1 WHERE agency = $2`,
			c.now, agency); err != nil {
			return err
		}
		return c.bump(kindRequest, n.ID, n.Owner, audienceOwner)
	})
	if err != nil {
		return fmt.Errorf("starting a request of a review: %w", err)
	}
	return nil
}

// End deletes a review with its agency and everything of it. ErrNotFound: there is none.
func (s *Reviews) End(ctx context.Context, agency string) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		if _, err := reviewOf(c); err != nil {
			return err
		}
		return deleteAgency(c)
	})
	if err != nil {
		return fmt.Errorf("ending a review: %w", err)
	}
	return nil
}

// endRestored ends every review of a database that was restored: some have ended since.
func (s *Reviews) endRestored(ctx context.Context) error {
	list, err := s.List(ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		if !s.signer.VerifyRow(r.mac, "reviews", reviewColumnsSigned(r)...) {
			continue // on its word no agency is deleted
		}
		if err := s.End(ctx, r.Agency); err != nil {
			return err
		}
	}
	return nil
}

// reviewOf is the review that a transaction's agency exists for, also one that is over.
// ErrNotFound: it exists for none; ErrTampered: the row is not as the relay wrote it.
func reviewOf(c *changeTx) (Review, error) {
	r, err := scanReview(c.row(`SELECT `+reviewColumns+` FROM reviews WHERE agency = $1`, c.agency))
	if err := wrapNotFound(err, "finding the agency's review"); err != nil {
		return Review{}, err
	}
	return r, verifyRow(c.signer, r.mac, "reviews", r.Agency, reviewColumnsSigned(r))
}

// sweepReview deletes requests of a review that are old, and a review that is over.
func sweepReview(c *changeTx) error {
	r, err := reviewOf(c)
	if err != nil {
		return err
	}
	if c.now >= r.Ends {
		return deleteAgency(c)
	}
	old, err := c.texts(`SELECT id FROM requests WHERE agency = $1 AND accepted_ms <= $2 ORDER BY accepted_ms LIMIT $3`,
		c.agency, c.now-ReviewRetention, reviewRequestsPerSweep)
	if err != nil {
		return err
	}
	for _, id := range old {
		request, exists, err := findRequest(c, id)
		if err != nil || !exists {
			return err
		}
		if err := deleteRequest(c, request); err != nil {
			return err
		}
	}
	next := c.now + reviewInterval
	if len(old) == reviewRequestsPerSweep {
		next = c.now
	}
	return schedule(c.agencyTx, JobReview, r.Agency, min(next, r.Ends))
}
