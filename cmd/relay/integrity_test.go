package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// tamper writes into the relay's database as somebody else does.
func (p place) tamper(t *testing.T, queries ...string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: p.file("relay.db")})
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range queries {
		err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), query)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func (p place) typing(text string) place { return place{set: p.set, in: text} }

// holds reports the words that a text lacks.
func holds(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%s: printed %q, want %q in it", what, text, word)
		}
	}
}

func TestTheOperatorSeesWhatWasChangedBeforeItIsAccepted(t *testing.T) {
	p := founded(t)
	p.does(t, "agency", "add", "Other", "--main", "Bo <bo@other.example>")
	holds(t, "untouched", p.does(t, "agency", "verify"), "as the relay wrote them (2 agencies)")
	holds(t, "untouched", p.does(t, "agency", "accept", "Other"), "nothing to accept")
	p.tamper(t,
		`UPDATE members SET role = 'sub' WHERE name = 'Ana Ruiz'`,
		`INSERT INTO members (id, agency, name, email, role, visibility, created_ms, removed_ms)
			SELECT 'eve', id, 'Eve' || char(27) || '[2K' || char(8238), 'eve@other.example', 'main', 0, 0, 0
			FROM agencies WHERE name = 'Acme Media'`,
		`INSERT INTO devices (id, agency, member, name, public_key, token_hash, created_ms, last_seen_ms, approved_ms,
			revoked_ms) SELECT 'd', id, 'eve', 'Laptop', 'key', 'token', 7, 0, 7, 0 FROM agencies WHERE name = 'Acme Media'`,
	)
	out, said, code := p.runs(t, "agency", "verify")
	if code != 1 {
		t.Errorf("verify ended with %d", code)
	}
	shown := []string{
		`"Acme Media"`, `members "`, `The member "Ana Ruiz" <ana@acme.example> (main): ` +
			`now the role "sub" (the relay wrote: the role "main").`,
		`The relay did not write it: the member "Eve\x1b[2K\u202e" <eve@other.example> (main).`,
		`The relay did not write it: the computer "Laptop" of "Eve\x1b[2K\u202e" <eve@other.example> (approved).`,
	}
	holds(t, "verify", out, shown...)
	document, _, code := p.runs(t, "agency", "verify", "--json")
	var verified verifiedRows
	if err := json.Unmarshal([]byte(document), &verified); err != nil || code != 1 || verified.Checked != 2 ||
		len(verified.Failed) != 1 || len(verified.Failed[0].Rows) != 3 || verified.Failed[0].RosterWritten == 0 {
		t.Errorf("as JSON it ended with %d and printed %q: %v", code, document, err)
	}
	holds(t, "verify", said, "Not as the relay wrote them: 3 rows of one agency.", "latchkey-relay agency accept AGENCY")
	if strings.Contains(out, "Other") || strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("verify printed %q", out)
	}
	holds(t, "list", p.does(t, "agency", "list"), "stopped: see `latchkey-relay agency verify`")
	p.refuses(t, "`latchkey-relay agency verify` names them", "agency", "suspend", "Acme Media")
	p.refuses(t, "There is no agency", "agency", "accept", "Nobody")

	for typed, words := range map[string]string{
		"": "In a script, give --yes", "no\n": "Nothing was changed", "y\n": "Nothing was changed",
	} {
		out, said, code := p.typing(typed).runs(t, "agency", "accept", "Acme Media")
		if code != 1 {
			t.Errorf("typed %q, it ended with %d", typed, code)
		}
		holds(t, "asked", said, words)
		holds(t, "asked", out, append(shown, "Who may get its credentials then:",
			`"Eve\x1b[2K\u202e" <eve@other.example> (main): "Laptop" (approved, added on 1 January 1970`,
			`"Ana Ruiz" <ana@acme.example> (sub): no computer`)...)
		holds(t, "asked", said, "Type yes: ")
	}
	if _, _, code := p.runs(t, "agency", "verify", "Acme Media"); code != 1 {
		t.Error("it was accepted without a yes")
	}
	out, said, code = p.typing("yes\n").runs(t, "agency", "accept", "Acme Media")
	if code != 0 {
		t.Fatalf("accepting ended with %d: %s", code, said)
	}
	holds(t, "accepted", out, "nothing is sealed for Acme Media until", "latchkey-relay agency confirm AGENCY ADDRESS")
	holds(t, "accepted", p.does(t, "agency", "verify"), "as the relay wrote them")
	holds(t, "accepted", p.does(t, "agency", "list"), "restored: waits for")
}

func TestAScriptAcceptsWithoutAQuestion(t *testing.T) {
	p := founded(t)
	p.tamper(t, `UPDATE members SET name = 'Ana Lopez'`, `DELETE FROM rosters`)
	out := p.does(t, "agency", "accept", "Acme Media", "--yes")
	holds(t, "accepted", out, "What the relay wrote last was changed too",
		`What the relay wrote is not known. Now it is the member "Ana Lopez" <ana@acme.example> (main).`, "Accepted.")
	if strings.Contains(out, "Type yes") {
		t.Errorf("a script is asked: %q", out)
	}
}
