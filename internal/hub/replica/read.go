package replica

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// readRow reads the payload of a row by its id, or ErrNotFound.
func readRow[T any](ctx context.Context, q sqldb.Queryer, table, id string) (T, error) {
	var row T
	var payload string
	err := q.QueryRowContext(ctx, `SELECT payload FROM `+table+` WHERE id = $1`, id).Scan(&payload)
	table, _, _ = strings.Cut(table, " ") // the first table of a join, for the error
	if errors.Is(err, sql.ErrNoRows) {
		return row, fmt.Errorf("reading %s %s: %w", table, id, onboarding.ErrNotFound)
	}
	if err != nil {
		return row, fmt.Errorf("reading %s %s: %w", table, id, err)
	}
	if err := json.Unmarshal([]byte(payload), &row); err != nil {
		return row, fmt.Errorf("reading %s %s: %w", table, id, err)
	}
	return row, nil
}

// scanRows reads the rows of a query; scan fills one.
func scanRows[T any](
	ctx context.Context, q sqldb.Queryer, scan func(rows *sql.Rows, row *T) error, query string, args ...any,
) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading rows: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var all []T
	for rows.Next() {
		var row T
		if err := scan(rows, &row); err != nil {
			return nil, fmt.Errorf("reading rows: %w", err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading rows: %w", err)
	}
	return all, nil
}

// readRows decodes the payloads that a query returns as its only column.
func readRows[T any](ctx context.Context, q sqldb.Queryer, query string, args ...any) ([]T, error) {
	return scanRows(ctx, q, func(rows *sql.Rows, row *T) error {
		var payload []byte
		if err := rows.Scan(&payload); err != nil {
			return err
		}
		return json.Unmarshal(payload, row)
	}, query, args...)
}

// readTexts reads the only column of a query.
func readTexts(ctx context.Context, q sqldb.Queryer, query string, args ...any) ([]string, error) {
	return scanRows(ctx, q, func(rows *sql.Rows, text *string) error { return rows.Scan(text) }, query, args...)
}

// ReadRequest reads the relay's request; an unsent one is ErrNotFound.
func ReadRequest(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Request, error) {
	return readRow[onboarding.Request](ctx, q, "requests JOIN request_payloads USING (seq)", id)
}

func ReadMember(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Member, error) {
	return readRow[onboarding.Member](ctx, q, "members", id)
}

func ReadDevice(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Device, error) {
	return readRow[onboarding.Device](ctx, q, "devices", id)
}

func ReadItem(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Item, error) {
	return readRow[onboarding.Item](ctx, q, "items JOIN item_payloads USING (seq)", id)
}

func ReadConnection(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Connection, error) {
	return readRow[onboarding.Connection](ctx, q, "connections", id)
}

// ReadDevices lists the devices, the oldest first.
func ReadDevices(ctx context.Context, q sqldb.Queryer) ([]onboarding.Device, error) {
	return readRows[onboarding.Device](ctx, q, `SELECT payload FROM devices ORDER BY payload ->> 'created', id`)
}

// ReadConnections lists the platform users of the agency, the newest first.
func ReadConnections(ctx context.Context, q sqldb.Queryer) ([]onboarding.Connection, error) {
	return readRows[onboarding.Connection](ctx, q, `
		SELECT payload FROM connections ORDER BY payload ->> 'created' DESC, id`)
}

// ReadListedItems lists the items of a platform that are in Accounts.
func ReadListedItems(
	ctx context.Context, q sqldb.Queryer, platform onboarding.Platform,
) ([]onboarding.Item, error) {
	return readRows[onboarding.Item](ctx, q, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE platform = $1 AND listed = 1`, string(platform))
}

// ReadListedIDs lists the ids of the items in Accounts, the most urgent first.
func ReadListedIDs(ctx context.Context, q sqldb.Queryer) ([]string, error) {
	return readTexts(ctx, q, `SELECT id FROM items WHERE listed = 1 ORDER BY rank, checked_ms`)
}

// ReadPickedItems lists the agency's own items that were picked from the assets
// of a connection.
func ReadPickedItems(ctx context.Context, q sqldb.Queryer, connection string) ([]onboarding.Item, error) {
	return readRows[onboarding.Item](ctx, q, `
		SELECT payload FROM items JOIN item_payloads USING (seq)
		WHERE request = '' AND payload ->> 'connection' = $1`, connection)
}

// readItemsOf lists the items of a request.
func readItemsOf(ctx context.Context, q sqldb.Queryer, request string) ([]onboarding.Item, error) {
	return readRows[onboarding.Item](ctx, q, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE request = $1`, request)
}
