package replica

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// ftsQueue collects the changes of the full-text indexes until the end of a
// transaction: FTS5 writes its segments before every statement that could roll
// back.
type ftsQueue []ftsUpdate

// ftsUpdate is a changed search text. An empty text before or after means no
// entry.
type ftsUpdate struct {
	index         string // request_fts or item_fts
	seq           int64
	before, after string
}

func (f *ftsQueue) add(index string, seq int64, before, after string) {
	if before != after {
		*f = append(*f, ftsUpdate{index: index, seq: seq, before: before, after: after})
	}
}

// flush applies the changes in their order.
func (f *ftsQueue) flush(ctx context.Context, tx *sqldb.Tx) error {
	for _, u := range *f {
		if u.before != "" {
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO `+u.index+` (`+u.index+`, rowid, search_text) VALUES ('delete', $1, $2)`, u.seq, u.before); err != nil {
				return fmt.Errorf("removing a search text from %s: %w", u.index, err)
			}
		}
		if u.after != "" {
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO `+u.index+` (rowid, search_text) VALUES ($1, $2)`, u.seq, u.after); err != nil {
				return fmt.Errorf("adding a search text to %s: %w", u.index, err)
			}
		}
	}
	*f = nil
	return nil
}
