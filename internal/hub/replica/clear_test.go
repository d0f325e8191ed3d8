package replica

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A table that nobody empties keeps a former agency's data on a computer that was revoked.
func TestEveryTableIsEmptiedWithTheAgency(t *testing.T) {
	r := filled(t, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	rows, err := r.db.QueryContext(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // only read
	apart := []string{
		"metadata", "credentials", "request_payloads", "item_payloads", "goose_db_version", "sqlite_sequence",
	}
	var found []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(apart, name) && !strings.Contains(name, "_fts") {
			found = append(found, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	want := agencyTables()
	slices.Sort(found)
	slices.Sort(want)
	if !slices.Equal(found, want) {
		t.Errorf("there are %v, and %v are emptied", found, want)
	}
}
