package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// age makes the keys of a file older.
func (p place) age(t *testing.T, by time.Duration) {
	t.Helper()
	content, err := os.ReadFile(p.file("relay.key"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		ID   string           `json:"id"`
		Keys []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	for n := range file.Keys {
		made, isNumber := file.Keys[n]["made"].(float64)
		if !isNumber {
			t.Fatalf("the key file has %v", file.Keys[n]["made"])
		}
		file.Keys[n]["made"] = int64(made) - by.Milliseconds()
	}
	if content, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.file("relay.key"), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// operations are what the operator did, as the log will have it.
func (p place) operations(t *testing.T) string {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: p.file("relay.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was read
	rows, err := db.QueryContext(t.Context(), `SELECT command, detail FROM operations ORDER BY at_ms, id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var list []string
	for rows.Next() {
		var command, detail string
		if err := rows.Scan(&command, &detail); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s (%s)", command, detail))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, "\n")
}

func TestAKeyIsRetiredAfterSayingWhatEnds(t *testing.T) {
	p := founded(t)
	p.refuses(t, "Key 1 is the newest", "keys", "retire", "1")
	for _, number := range []string{"7", "0", "700"} {
		p.refuses(t, "There is no key "+number, "keys", "retire", number)
	}
	p.does(t, "keys", "rotate")
	p.refuses(t, "less than a minute ago", "keys", "retire", "1")
	p.age(t, 2*time.Minute)
	p.tamper(t, `UPDATE members SET name = 'Eve'`)
	p.refuses(t, "`latchkey-relay agency verify` names them", "keys", "retire", "1")
	p.tamper(t, `UPDATE members SET name = 'Ana Ruiz'`)
	if _, said, code := p.runs(t, "keys", "retire", "1"); code != 1 || !strings.Contains(said, "give --yes") {
		t.Errorf("without an answer it ended with %d: %s", code, said)
	}
	if listed := p.does(t, "keys", "list"); strings.Contains(listed, "retired") {
		t.Errorf("without an answer it was retired: %q", listed)
	}

	out := p.typing("yes\n").does(t, "keys", "retire", "1")
	holds(t, "retired", out, "What this ends:",
		"Key 1 is retired", "No link of an open request ended.", "a backup of before needs the key file of before")
	holds(t, "list", p.does(t, "keys", "list"), "nothing but hashes of before: retired on ", "sign and verify")
	var line keyLine
	first, _, _ := strings.Cut(p.does(t, "keys", "list", "--json"), "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil || line.Number != 1 || line.Retired == 0 || line.Signs {
		t.Errorf("as JSON %q, %v", first, err)
	}
	holds(t, "again", p.does(t, "keys", "retire", "1", "--yes"), "Key 1 was retired on ")
	holds(t, "verify", p.does(t, "agency", "verify"), "as the relay wrote them (one agency)")
	holds(t, "the log", p.operations(t), "keys rotate (key 2)", "keys retire (key 1, links of 0 open requests, 0 codes)")
}
