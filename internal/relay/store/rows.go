package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// queryer is the database, a snapshot of it, or a transaction.
type queryer = sqldb.Queryer

// scanner is an sql.Row, or one row of sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// named are the parameters of a statement that writes them @name. A name that is
// missing, or that the statement does not use, is an error.
type named = pgx.StrictNamedArgs

// execNamed runs a statement with named parameters. Neither driver has them, so
// pgx's rewriter turns them into $1, $2 … for both.
func execNamed(ctx context.Context, tx *sqldb.Tx, query string, params named) error {
	query, args, err := params.RewriteQuery(ctx, nil, query, nil)
	if err != nil {
		return fmt.Errorf("naming parameters: %w", err)
	}
	_, err = tx.ExecContext(ctx, query, args...)
	return err
}

// scanAll reads every row with scan.
func scanAll[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var list []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// scanText reads a row with one text column.
func scanText(row scanner) (string, error) {
	var text string
	err := row.Scan(&text)
	return text, err
}

// read runs a query and reads every row with scan.
func read[T any](
	ctx context.Context, db queryer, query string, args []any, scan func(scanner) (T, error),
) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	return scanAll(rows, err, scan)
}

// wrapNotFound maps sql.ErrNoRows to ErrNotFound and adds context.
func wrapNotFound(err error, doing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", doing, onboarding.ErrNotFound)
	} else if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// boolToInt maps a bool to its column: 1 or 0.
func boolToInt(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// nonNil maps nil to an empty slice: the columns are NOT NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// joinList encodes a list for its column: a JSON array.
func joinList[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(list) // it cannot fail: the lists hold texts, numbers and times
	return string(text)
}

// splitList decodes a column of joinList. The list is never nil: the wire has []
// for an empty one.
func splitList[T any](text string) ([]T, error) {
	list := []T{}
	if text == "[]" {
		return list, nil
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("reading a list: %w", err)
	}
	return list, nil
}

// inClause returns the condition to be one of the ids, and the arguments:
// before, then the ids. The text is the same for any number of them, so that a
// query is prepared once. The ids are the keys of a JSON object: both engines
// read those by the same name.
func inClause(ids []string, before ...any) (string, []any) {
	keys := map[string]bool{}
	for _, id := range ids {
		keys[id] = true
	}
	object, _ := json.Marshal(keys) // it cannot fail: the keys are texts
	return fmt.Sprintf("IN (SELECT key FROM json_each($%d))", len(before)+1), append(before, string(object))
}

// mayMatchAddress is the condition that an address may be the one in $1, which
// is an onboarding.AddressKey. The engines differ in how they lower other than
// ASCII characters, so such rows match too: the caller compares with
// onboarding.SameAddress.
func mayMatchAddress(column string) string {
	return "(lower(" + column + ") = $1 OR octet_length(" + column + ") <> length(" + column + "))"
}

// NewID returns a random key of at least 128 bits, in letters and digits.
func NewID() string { return strings.ToLower(rand.Text()) }
