package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Skip records why the client does not provide a service, and tells the requester. The
// reason may be empty.
func (s *Requests) Skip(ctx context.Context, agency, id, who string, skip onboarding.Skip) error {
	return s.plainChange(ctx, agency, id, "skipping a service of", func(c *changeTx, r Request) error {
		if err := r.LinkState(c.now); err != nil {
			return err
		}
		var same int
		if err := c.row(`
			SELECT count(*) FROM skipped_services WHERE request = $1 AND service = $2 AND reason = $3`,
			id, skip.Service, skip.Reason).Scan(&same); err != nil {
			return err
		}
		if same > 0 {
			return errUnchanged
		}
		if err := c.exec(`INSERT INTO skipped_services (request, service, reason) VALUES ($1, $2, $3)
			ON CONFLICT (request, service) DO UPDATE SET reason = excluded.reason`, id, skip.Service, skip.Reason); err != nil {
			return err
		}
		if err := recordEvent(c, id, onboarding.EventSkipped, who, string(skip.Service)); err != nil {
			return err
		}
		return recordFewNews(c, News{
			Kind: onboarding.NewsSkipped, Request: id, Owner: r.Owner, Service: skip.Service,
		}, maxSkipsPerDay)
	})
}

const skipsByRequest = `SELECT service, reason FROM skipped_services WHERE request = $1 ORDER BY service`

// Skips lists the services that are not provided for a request.
func (s *Requests) Skips(ctx context.Context, request string) ([]onboarding.Skip, error) {
	list, err := read(ctx, s.db, skipsByRequest, []any{request}, func(row scanner) (onboarding.Skip, error) {
		var skip onboarding.Skip
		err := row.Scan(&skip.Service, &skip.Reason)
		return skip, err
	})
	if err != nil {
		return nil, fmt.Errorf("listing skipped services: %w", err)
	}
	return list, nil
}
