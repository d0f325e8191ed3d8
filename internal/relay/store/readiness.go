package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

const metadataReady = "ready_ms" // when a relay last tried whether it can write

// CheckReady writes a row, and returns an error while the database cannot be written, was
// put back without MarkRestored, or its schema is older than this program needs.
func (s *Store) CheckReady(ctx context.Context) error {
	if err := s.handle.db.CheckSchema(ctx); err != nil {
		return err
	}
	if err := s.CheckPlace(ctx); err != nil {
		return err
	}
	return s.setMetadata(ctx, metadataReady, strconv.FormatInt(int64(s.Now()), 10))
}

// Backlog is what the mail server has not taken yet.
type Backlog struct {
	Waiting int
	Oldest  onboarding.Timestamp // when the oldest of them was queued; zero: none waits
}

// ReadBacklog counts the emails that were queued before a time and that the mail server
// did not take when they were tried last. It counts none where it has taken any email since.
func (s *Emails) ReadBacklog(ctx context.Context, since onboarding.Timestamp) (Backlog, error) {
	var b Backlog
	err := s.db.QueryRowContext(ctx, `
		SELECT count(*), COALESCE(min(created_ms), 0) FROM emails
		WHERE  state IN ('queued', 'sending') AND server_reply <> '' AND created_ms <= $1
		  AND  NOT EXISTS (SELECT 1 FROM emails WHERE state = 'accepted' AND finished_ms > $1)`, since).
		Scan(&b.Waiting, &b.Oldest)
	if err != nil {
		return Backlog{}, fmt.Errorf("counting the emails that wait: %w", err)
	}
	return b, nil
}
