package hub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// The names of facts.
const (
	factIdentity  = "identity"
	factCursor    = "cursor"
	factSeen      = "seen"    // the number of the newest reading of everything
	factReading   = "reading" // set while that reading is under way: why
	factLost      = "lost"    // what a restored relay no longer knows
	factReadUntil = "read_until"
	factShape     = "shape"
	factAgency    = "agency"
	factRelay     = "relay"   // what the relay said about itself
	factWiping    = "wiping"  // the agency's name, while this computer wipes itself
	factRevoked   = "revoked" // the agency's name, after it has
	factOpened    = "opened"  // newest event that a person has seen
)

// copyShape names what this program keeps of each row. Another one reads
// everything again, since an older program has dropped what it did not know.
const copyShape = "2"

func readFact(ctx context.Context, q sqldb.Queryer, name string) (string, error) {
	var value string
	err := q.QueryRowContext(ctx, `SELECT value FROM facts WHERE name = $1`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the fact %s: %w", name, err)
	}
	return value, nil
}

func writeFact(ctx context.Context, tx *sqldb.Tx, name, value string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fmt.Errorf("writing the fact %s: %w", name, err)
	}
	return nil
}

func dropFact(ctx context.Context, tx *sqldb.Tx, name string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM facts WHERE name = $1`, name); err != nil {
		return fmt.Errorf("dropping the fact %s: %w", name, err)
	}
	return nil
}

// readJSONFact leaves into as it is when the fact is not there.
func readJSONFact(ctx context.Context, q sqldb.Queryer, name string, into any) error {
	value, err := readFact(ctx, q, name)
	if err != nil || value == "" {
		return err
	}
	if err := json.Unmarshal([]byte(value), into); err != nil {
		return fmt.Errorf("reading the fact %s: %w", name, err)
	}
	return nil
}

func writeJSONFact(ctx context.Context, tx *sqldb.Tx, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing the fact %s: %w", name, err)
	}
	return writeFact(ctx, tx, name, string(text))
}

func readNumberFact(ctx context.Context, q sqldb.Queryer, name string) (int64, error) {
	value, err := readFact(ctx, q, name)
	if err != nil || value == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the fact %s: %w", name, err)
	}
	return n, nil
}

func readMomentFact(ctx context.Context, q sqldb.Queryer, name string) (onboarding.Moment, error) {
	n, err := readNumberFact(ctx, q, name)
	return onboarding.Moment(n), err
}

func writeNumberFact(ctx context.Context, tx *sqldb.Tx, name string, n int64) error {
	return writeFact(ctx, tx, name, strconv.FormatInt(n, 10))
}

func readIdentity(ctx context.Context, q sqldb.Queryer) (session.Identity, error) {
	var id session.Identity
	err := readJSONFact(ctx, q, factIdentity, &id)
	return id, err
}

func readCursor(ctx context.Context, q sqldb.Queryer) (wire.Cursor, error) {
	var c wire.Cursor
	err := readJSONFact(ctx, q, factCursor, &c)
	return c, err
}

func readAgency(ctx context.Context, q sqldb.Queryer) (onboarding.Agency, error) {
	var a onboarding.Agency
	err := readJSONFact(ctx, q, factAgency, &a)
	return a, err
}

// readRow reads the truth of a row by its id, or ErrNotFound.
func readRow[T any](ctx context.Context, q sqldb.Queryer, table, id string) (T, error) {
	var row T
	var truth string
	err := q.QueryRowContext(ctx, `SELECT truth FROM `+table+` WHERE id = $1`, id).Scan(&truth)
	table, _, _ = strings.Cut(table, " ") // of a join, for the error
	if errors.Is(err, sql.ErrNoRows) {
		return row, fmt.Errorf("reading %s %s: %w", table, id, onboarding.ErrNotFound)
	}
	if err != nil {
		return row, fmt.Errorf("reading %s %s: %w", table, id, err)
	}
	if err := json.Unmarshal([]byte(truth), &row); err != nil {
		return row, fmt.Errorf("reading %s %s: %w", table, id, err)
	}
	return row, nil
}

// readRows reads every truth that a query gives as its only column.
func readRows[T any](ctx context.Context, q sqldb.Queryer, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading rows: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var all []T
	for rows.Next() {
		var truth string
		var row T
		if err := rows.Scan(&truth); err != nil {
			return nil, fmt.Errorf("reading rows: %w", err)
		}
		if err := json.Unmarshal([]byte(truth), &row); err != nil {
			return nil, fmt.Errorf("reading rows: %w", err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading rows: %w", err)
	}
	return all, nil
}

// readRequest reads the relay's request; one that the relay does not have yet
// is ErrNotFound.
func readRequest(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Request, error) {
	return readRow[onboarding.Request](ctx, q, "requests JOIN request_truths USING (seq)", id)
}

func readMember(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Member, error) {
	return readRow[onboarding.Member](ctx, q, "members", id)
}

func readDevice(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Device, error) {
	return readRow[onboarding.Device](ctx, q, "devices", id)
}

func readItem(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Item, error) {
	return readRow[onboarding.Item](ctx, q, "items JOIN item_truths USING (seq)", id)
}

func readConnection(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Connection, error) {
	return readRow[onboarding.Connection](ctx, q, "connections", id)
}
