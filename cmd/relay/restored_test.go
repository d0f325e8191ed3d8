//go:build !quick

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// queueEmail adds an email that waits.
func queueEmail(t *testing.T, db *sqldb.DB) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		now := time.Now().UnixMilli()
		_, err := tx.ExecContext(t.Context(), `
			INSERT INTO emails (id, agency, kind, request, recipient, member, visit, item, connection, service, failure,
			platform_code, about, reference, state, attempts, not_before_ms, lease_until_ms, lease_instance, lease_run,
			server_reply, message_id, link_id, address, created_ms, held_ms, finished_ms)
			VALUES ('e', 'a', 'completion', '', '', '', '', '', '', '', '', '', '', '', 'queued', 0, $1, 0, '', '', '',
			'm', $2, '', $1, 0, 0)`, now, []byte("0123456789abcdef"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestServeRefusesAPostgreSQLDatabaseThatWasPutBackUntilRestoredIsRun(t *testing.T) {
	source := sqldbtest.PostgreSQL(t)
	p := newPlace(t).with("LATCHKEY_DB", source)
	p.does(t, "agency", "add", "Acme Media", "--new", "--main", "Ana Ruiz <ana@acme.example>")
	_, _, stop := serving(t, p)
	if code := stop(); code != 0 {
		t.Fatalf("the first relay ended with %d", code)
	}
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was read
	queueEmail(t, db)
	keys, err := keyset.Open(p.file("relay.key"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	running, err := store.New(t.Context(), store.Config{DB: db, Signer: keys})
	if err == nil {
		err = running.CheckPlace(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	dump := filepath.Join(t.TempDir(), "relay.dump")
	for _, command := range [][]string{
		{"pg_dump", "-Fc", "-f", dump, source},
		{"pg_restore", "--clean", "--if-exists", "-d", source, dump},
	} {
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", command[0], err, out)
		}
	}
	// A relay that ran meanwhile sends, does and posts nothing of it.
	owner := store.LeaseOwner{Run: "r"}
	if _, err := running.Emails.Claim(t.Context(), owner, nil, running.Now()); !errors.Is(err, store.ErrPutBack) {
		t.Errorf("the relay that ran claims an email: %v", err)
	}
	if _, err := running.Jobs.Claim(t.Context(), owner, running.Now()); !errors.Is(err, store.ErrPutBack) {
		t.Errorf("the relay that ran claims a job: %v", err)
	}
	if _, err := running.Webhooks.Claim(t.Context(), owner, nil, running.Now()); !errors.Is(err, store.ErrPutBack) {
		t.Errorf("the relay that ran claims a delivery: %v", err)
	}
	p.refuses(t, "`latchkey-relay restored` first", "serve")
	if _, _, code := p.runs(t, "serve"); code != exitConfig {
		t.Errorf("serve ended with %d, want %d: the unit must not start it again", code, exitConfig)
	}
	if out, _, _ := p.runs(t, "doctor"); !strings.Contains(out, "was put back from a backup") {
		t.Errorf("doctor says %s", out)
	}
	if out := p.does(t, "restored"); !strings.Contains(out, "are not sent (1)") {
		t.Errorf("restored says %q", out)
	}
	_, _, stop = serving(t, p)
	if code := stop(); code != 0 {
		t.Errorf("after it the relay ended with %d", code)
	}
	// The same database on another server: nothing is cancelled.
	if out, err := exec.CommandContext(t.Context(), "pg_restore", "--clean", "--if-exists", "-d", source,
		dump).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out := p.does(t, "restored", "--moved"); !strings.Contains(out, "has to be started again") {
		t.Errorf("restored --moved says %q", out)
	}
	var waiting int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM emails WHERE state = 'queued'`).
		Scan(&waiting); err != nil || waiting != 1 {
		t.Errorf("%d emails wait after a move: %v", waiting, err)
	}
	_, _, stop = serving(t, p)
	stop()
}

// A server that does not say which it is, is known by its tables; one whose answer fails
// otherwise is asked again.
func TestOnlyAServerThatWithholdsItsNumberIsKnownByItsTables(t *testing.T) {
	source := sqldbtest.PostgreSQL(t)
	open := func() (*sqldb.DB, *store.Store) {
		db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: store.Migrations()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() }) // the test's database is dropped
		keys, err := keyset.Open(filepath.Join(t.TempDir(), "relay.key"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.New(t.Context(), store.Config{DB: db, Signer: keys})
		if err != nil {
			t.Fatal(err)
		}
		return db, s
	}
	db, s := open()
	if err := s.CheckPlace(t.Context()); err != nil {
		t.Fatal(err)
	}
	fails := func(state string) {
		for _, query := range []string{
			`CREATE OR REPLACE FUNCTION public.pg_control_system() RETURNS TABLE (system_identifier bigint) LANGUAGE plpgsql
			AS $$ BEGIN RAISE EXCEPTION 'it fails' USING ERRCODE = '` + state + `'; END $$`,
			`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$`,
		} {
			if err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.ExecContext(t.Context(), query)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	fails("57014")
	_, later := open()
	if err := later.CheckPlace(t.Context()); err == nil || errors.Is(err, store.ErrPutBack) {
		t.Errorf("while the answer fails: %v", err)
	}
	for _, state := range []string{"42501", "42883"} {
		fails(state)
		if err := later.CheckPlace(t.Context()); err != nil {
			t.Errorf("withheld by %s: %v", state, err)
		}
	}
}
