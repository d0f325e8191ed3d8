package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Operations are what the operator did by commands. A relay that runs, or the next that
// starts, logs each once.
type Operations struct{ *handle }

// Operation is one command that changed something.
type Operation struct {
	ID      string
	At      onboarding.Timestamp
	Command string // as "agency remove"
	Agency  string // its id; empty: of the whole relay
	Detail  string // ids and numbers; no name and no address of a person
	By      string // the system's user who ran it
}

// operationRetention is how long an operation is kept that was logged.
const operationRetention = 90 * day

// Record stores an operation, to be logged.
func (s *Operations) Record(ctx context.Context, o Operation) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO operations (id, at_ms, command, agency, detail, by_user, logged_ms)
			VALUES ($1, $2, $3, $4, $5, $6, 0)`,
			NewID(), s.timestamp(), o.Command, o.Agency, o.Detail, o.By)
		return err
	})
	if err != nil {
		return fmt.Errorf("recording %s: %w", o.Command, err)
	}
	return nil
}

// TakeUnlogged returns the operations that nobody has logged, the oldest first, and marks
// them: of several relays one gets each.
func (s *Operations) TakeUnlogged(ctx context.Context) ([]Operation, error) {
	var count int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM operations WHERE logged_ms = 0`).Scan(&count)
	if err != nil || count == 0 {
		return nil, wrapNotFound(err, "reading what the operator did")
	}
	var list []Operation
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			SELECT id, at_ms, command, agency, detail, by_user FROM operations WHERE logged_ms = 0 ORDER BY at_ms, id`)
		list, err = scanAll(rows, err, func(row scanner) (o Operation, err error) {
			err = row.Scan(&o.ID, &o.At, &o.Command, &o.Agency, &o.Detail, &o.By)
			return o, err
		})
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE operations SET logged_ms = $1 WHERE logged_ms = 0`, s.timestamp())
		return err
	})
	return list, wrapNotFound(err, "reading what the operator did")
}
