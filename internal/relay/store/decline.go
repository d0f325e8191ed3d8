package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Decline records that a client cannot do any of a request, and why, and tells the
// requester. What has nothing yet is skipped for the same reason; the link goes on
// working, as a colleague may be able to do it, and connecting something undoes it. The
// same once more changes nothing.
func (s *Requests) Decline(ctx context.Context, v Visit, reason string) error {
	return s.plainChange(ctx, v.Agency, v.Request, "declining", func(c *changeTx, r Request) error {
		if err := r.LinkState(c.now); err != nil {
			return err
		}
		if v.Version != r.LinkVersion {
			return onboarding.ErrLinkSuperseded
		}
		if r.Declined != 0 && r.DeclineReason == reason {
			return errUnchanged
		}
		if err := skipOpen(c, r, reason); err != nil {
			return err
		}
		if err := cancelSkipped(c, r.ID); err != nil {
			return err
		}
		if err := c.exec(`
			UPDATE requests SET declined_ms = $1, declined_by = $2, declined_visit = $3, decline_reason = $4
			WHERE  id = $5`, c.now, v.Name, v.ID, reason, r.ID); err != nil {
			return err
		}
		r.Declined = c.now
		if err := planReminders(c, r); err != nil {
			return err
		}
		if err := recordEvent(c, r.ID, onboarding.EventDeclined, v.Name, ""); err != nil {
			return err
		}
		return recordFewNews(c, News{Kind: onboarding.NewsDeclined, Request: r.ID, Owner: r.Owner}, maxDeclinesPerDay)
	})
}

// How often a day a request's owner is told of the same thing: the link's visitors can do
// it again and again. The timeline has it each time.
const (
	maxDeclinesPerDay = 3
	maxSkipsPerDay    = 1 // of a service
)

// recordFewNews records news unless there were as many of the same kind, request and
// service within a day.
func recordFewNews(c *changeTx, news News, most int) error {
	var today int
	if err := c.row(`
		SELECT count(*) FROM news WHERE request = $1 AND kind = $2 AND service = $3 AND created_ms > $4`,
		news.Request, news.Kind, news.Service, c.now-day).Scan(&today); err != nil || today >= most {
		return err
	}
	return recordNews(c, news)
}

// cancelSkipped cancels an email about skipped services that still waits: the one about
// how the client ended names them, too.
func cancelSkipped(c *changeTx, request string) error {
	return c.exec(`
		UPDATE emails SET state = $1, finished_ms = $2
		WHERE  request = $3 AND kind = $4 AND state = $5 AND attempts = 0`,
		onboarding.EmailCancelled, c.now, request, EmailSkipped, onboarding.EmailQueued)
}

// skipOpen skips every service of a request that has nothing connected or waiting.
func skipOpen(c *changeTx, r Request, reason string) error {
	have, err := c.texts(`
		SELECT DISTINCT service FROM items WHERE request = $1 AND state IN ('connected', 'waiting', 'sharing')
		AND withdrawn_ms = 0`, r.ID)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, service := range have {
		given[service] = true
	}
	for _, service := range r.Services {
		if given[string(service)] {
			continue
		}
		if err := c.exec(`INSERT INTO skipped_services (request, service, reason) VALUES ($1, $2, $3)
			ON CONFLICT (request, service) DO UPDATE SET reason = excluded.reason`, r.ID, service, reason); err != nil {
			return err
		}
	}
	return nil
}

// clearDeclined undoes that a request was declined: something was connected.
func clearDeclined(c *changeTx, r Request) error {
	if r.Declined == 0 {
		return nil
	}
	if err := c.exec(`
		UPDATE requests SET declined_ms = 0, declined_by = '', declined_visit = '', decline_reason = ''
		WHERE  id = $1`, r.ID); err != nil {
		return err
	}
	if r.LinkState(c.now) != nil {
		return nil
	}
	r.Declined = 0
	return planReminders(c, r)
}

// Declined returns who declined a request, and why, if it was this visit: a colleague's
// reason is theirs. ErrNotFound: nobody did.
func (s *Requests) Declined(ctx context.Context, v Visit) (by, reason string, err error) {
	err = s.db.QueryRowContext(ctx, `
		SELECT declined_by, CASE WHEN declined_visit = $1 THEN decline_reason ELSE '' END
		FROM   requests WHERE id = $2 AND declined_ms > 0`, v.ID, v.Request).Scan(&by, &reason)
	return by, reason, wrapNotFound(err, "reading whether a request was declined")
}
