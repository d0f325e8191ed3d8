package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// preparedReads are the queries of every page that a client opens. They are
// prepared once: SQLite parses any other query each time, which takes as long as
// running it.
type preparedReads struct {
	clientViewByLink *sqldb.Stmt
	clientViewByID   *sqldb.Stmt
	visitByID        *sqldb.Stmt
	visitsByRequest  *sqldb.Stmt
	itemsByRequest   *sqldb.Stmt
	skipsByRequest   *sqldb.Stmt
}

func (p *preparedReads) prepare(ctx context.Context, db *sqldb.DB) error {
	for _, read := range []struct {
		stmt  **sqldb.Stmt
		query string
	}{
		{&p.clientViewByLink, clientViewByLink},
		{&p.clientViewByID, clientViewByID},
		{&p.visitByID, visitByID},
		{&p.visitsByRequest, visitsByRequest},
		{&p.itemsByRequest, itemsByRequest},
		{&p.skipsByRequest, skipsByRequest},
	} {
		stmt, err := db.Prepare(ctx, read.query)
		if err != nil {
			return err
		}
		*read.stmt = stmt
	}
	return nil
}
