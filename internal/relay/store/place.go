package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// ErrPutBack is a PostgreSQL database whose tables are not those that the relay wrote last:
// pg_restore made them anew, and nobody said so by `latchkey-relay restored`. Emails that
// wait in it may have been sent.
var ErrPutBack = errors.New("the database was put back, and `latchkey-relay restored` was not run")

const metadataPlace = "place" // which tables the relay wrote last

// CheckPlace returns ErrPutBack where the database was put back without MarkRestored. The
// first call for a database remembers its tables. SQLite has nothing to tell them by.
func (s *Store) CheckPlace(ctx context.Context) error {
	place, err := s.handle.readPlace(ctx)
	if err != nil || place == "" {
		return err
	}
	known, err := s.Metadata(ctx, metadataPlace, func() string { return place })
	if err != nil {
		return err
	}
	if !isSamePlace(known, place) {
		return ErrPutBack
	}
	return s.handle.rememberEmails(ctx)
}

// RecordPlace makes the tables as they are count as the relay's.
func (s *Store) RecordPlace(ctx context.Context) error {
	place, err := s.handle.readPlace(ctx)
	if err != nil || place == "" {
		return err
	}
	return s.setMetadata(ctx, metadataPlace, place)
}

// readPlace names the cluster, the database and a table in it: pg_restore changes one of
// them at least. It is empty on SQLite.
func (h *handle) readPlace(ctx context.Context) (place string, err error) {
	if h.db.Engine() != sqldb.PostgreSQL {
		return "", nil
	}
	const tables = `SELECT d.oid::text || ' ' || 'emails'::regclass::oid::text || ' ' || 'metadata'::regclass::oid::text
		FROM pg_database d WHERE d.datname = current_database()`
	if err := h.db.QueryRowContext(ctx, tables).Scan(&place); err != nil {
		return "", fmt.Errorf("reading which database this is: %w", err)
	}
	var cluster string
	err = h.db.QueryRowContext(ctx, `SELECT system_identifier::text FROM pg_control_system()`).Scan(&cluster)
	if sqldb.IsFunctionWithheld(err) { // some hosts do not say it: the rest tells most databases apart
		cluster = unknownCluster
	} else if err != nil {
		return "", fmt.Errorf("reading which server this is: %w", err)
	}
	return cluster + " " + place, nil
}

const unknownCluster = "-"

// isSamePlace compares what readPlace returned at two times. A cluster that was unknown at one
// of them may be the same: the right to ask for it was given or taken in between.
func isSamePlace(a, b string) bool {
	clusterA, tablesA, _ := strings.Cut(a, " ")
	clusterB, tablesB, _ := strings.Cut(b, " ")
	return tablesA == tablesB && (clusterA == clusterB || clusterA == unknownCluster || clusterB == unknownCluster)
}

const emailsTable = `SELECT 'emails'::regclass::oid::bigint`

func (h *handle) rememberEmails(ctx context.Context) error {
	var table int64
	if err := h.db.QueryRowContext(ctx, emailsTable).Scan(&table); err != nil {
		return fmt.Errorf("reading which database this is: %w", err)
	}
	h.emailsTable.CompareAndSwap(0, table)
	return nil
}

// verifyEmailsTable returns ErrPutBack where the table of emails is not that of the start: it
// was put back under a relay that runs.
func (h *handle) verifyEmailsTable(ctx context.Context, tx *sqldb.Tx) error {
	known := h.emailsTable.Load()
	if known == 0 {
		return nil
	}
	var table int64
	if err := tx.QueryRowContext(ctx, emailsTable).Scan(&table); err != nil {
		return err
	}
	if table != known {
		return ErrPutBack
	}
	return nil
}
