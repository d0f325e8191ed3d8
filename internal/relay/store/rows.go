package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// queryer is the database, a snapshot of it, or a transaction.
type queryer = sqldb.Queryer

// scanner is a row, alone or among others.
type scanner interface{ Scan(dest ...any) error }

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

// scanText reads a row of one text.
func scanText(r scanner) (string, error) {
	var text string
	err := r.Scan(&text)
	return text, err
}

func read[T any](
	ctx context.Context, db queryer, query string, args []any, scan func(scanner) (T, error),
) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	return scanAll(rows, err, scan)
}

// wrapNotFound turns "no rows" into ErrNotFound and adds what was done.
func wrapNotFound(err error, doing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", doing, onboarding.ErrNotFound)
	} else if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// boolToInt is how a column stores yes or no.
func boolToInt(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// nonNil makes an empty slice of nil: the columns take no NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// joinList and splitList store a list in one column, as a JSON array. What is
// read is never nil: the wire has [] for an empty list.
func joinList[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(list) // it cannot fail: the lists hold texts, numbers and times
	return string(text)
}

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

// inClause writes "IN ($n, …)" for the ids and gives them as arguments after before.
func inClause(ids []string, before ...any) (string, []any) {
	var list strings.Builder
	list.WriteString("IN (")
	for i, id := range ids {
		if i > 0 {
			list.WriteString(", ")
		}
		fmt.Fprintf(&list, "$%d", len(before)+1)
		before = append(before, id)
	}
	list.WriteString(")")
	return list.String(), before
}

// mayMatchAddress is the condition that an address may be the one in $1, written in
// lower case. What is not ASCII each engine lowers in its own way, or not at
// all, so such rows are read too: onboarding.SameAddress has the last word.
func mayMatchAddress(column string) string {
	return "(lower(" + column + ") = $1 OR octet_length(" + column + ") <> length(" + column + "))"
}

// NewID makes a key: 128 random bits and a little more, in letters and digits.
func NewID() string { return strings.ToLower(rand.Text()) }
