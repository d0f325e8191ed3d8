package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Status is how much there is, and what waits.
type Status struct {
	Agencies      int                  `json:"agencies"`
	Computers     int                  `json:"computers"` // that belong to an agency
	OpenRequests  int                  `json:"open_requests"`
	EmailsWaiting int                  `json:"emails_waiting"`
	OldestEmail   onboarding.Timestamp `json:"oldest_email_ms"` // that waits; zero: none does
	EmailsFailed  int                  `json:"emails_failed"`   // of those that wait: tried, and not taken
	WebhooksOpen  int                  `json:"webhook_deliveries_waiting"`
	LastEmail     onboarding.Timestamp `json:"last_email_ms"` // that the mail server took; zero: none of the last weeks
}

// ReadStatus counts, for the operator.
func (s *Store) ReadStatus(ctx context.Context) (Status, error) {
	var status Status
	err := s.handle.db.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM agencies WHERE id NOT IN (SELECT agency FROM reviews)),
		       (SELECT count(*) FROM devices WHERE revoked_ms = 0 AND agency NOT IN (SELECT agency FROM reviews)),
		       (SELECT count(*) FROM requests WHERE status = 'pending' AND finished_ms = 0 AND withdrawn_ms = 0
		        AND  expires_ms > $1),
		       (SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'),
		       (SELECT COALESCE(max(finished_ms), 0) FROM emails WHERE state = 'accepted')`, s.Now()).
		Scan(&status.Agencies, &status.Computers, &status.OpenRequests, &status.WebhooksOpen, &status.LastEmail)
	if err == nil {
		err = s.handle.db.QueryRowContext(ctx, `
			SELECT count(*), COALESCE(min(created_ms), 0), COALESCE(sum(CASE WHEN server_reply <> '' THEN 1 ELSE 0 END), 0)
			FROM   emails WHERE state IN ('queued', 'sending')`).
			Scan(&status.EmailsWaiting, &status.OldestEmail, &status.EmailsFailed)
	}
	if err != nil {
		return Status{}, fmt.Errorf("counting what there is: %w", err)
	}
	return status, nil
}
