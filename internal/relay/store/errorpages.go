package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// RecordErrorPage records what a client says that a platform's error page said,
// while the link works. The same again within a day changes nothing.
func (s *Requests) RecordErrorPage(
	ctx context.Context, v Visit, service onboarding.Service, said string,
) error {
	id, who := v.Request, v.Name
	return s.plainChange(ctx, v.Agency, id, "recording an error page of", func(c *changeTx, r Request) error {
		if err := mayWrite(c, r, v.Repair, v.Repair); err != nil {
			return err
		}
		var same int
		if err := c.row(`
			SELECT count(*) FROM events
			WHERE  request = $1 AND kind = $2 AND who = $3 AND detail = $4 AND service = $5 AND at_ms > $6`,
			id, onboarding.EventErrorPage, who, said, service, c.now-day).Scan(&same); err != nil {
			return err
		}
		if same > 0 {
			return errUnchanged
		}
		return recordEventWith(c, id, onboarding.Event{
			Kind: onboarding.EventErrorPage, Who: who, Detail: said, Service: service,
		})
	})
}
