package sqldb_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestMain(m *testing.M) {
	if source := os.Getenv(childSource); source != "" {
		os.Exit(child(source))
	}
	os.Exit(sqldbtest.Main(m))
}

func schema(files ...string) fstest.MapFS {
	migrations := fstest.MapFS{}
	for i, text := range files {
		name := fmt.Sprintf("migrations/%05d_step.sql", i+1)
		migrations[name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + text)}
	}
	return migrations
}

const (
	first  = `CREATE TABLE counters (id TEXT PRIMARY KEY, n BIGINT NOT NULL, secret BYTEA);`
	second = `CREATE TABLE notes (id TEXT PRIMARY KEY, counter TEXT NOT NULL REFERENCES counters (id), body TEXT NOT NULL);
		CREATE INDEX notes_counter ON notes (counter);`
)

func open(t *testing.T, source string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: schema(first, second)})
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return db
}

func exec1(t *testing.T, db *sqldb.DB, query string, args ...any) {
	t.Helper()
	if err := execute(t.Context(), db, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func execute(ctx context.Context, db *sqldb.DB, query string, args ...any) error {
	return db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

func number(t *testing.T, q sqldb.Queryer, query string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := q.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

const insertCounter = `INSERT INTO counters (id, n, secret) VALUES ($1, $2, $3)`

func TestWhatWasCommittedIsThereAfterOpeningAgain(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 1<<40, []byte{0, 255, 7})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db = open(t, source)
		var secret []byte
		var n int64
		if err := db.QueryRowContext(t.Context(), `
			SELECT n, secret FROM counters WHERE id = $1`, "a").Scan(&n, &secret); err != nil {
			t.Fatal(err)
		}
		if n != 1<<40 || string(secret) != "\x00\xff\x07" {
			t.Errorf("read back %d and %x", n, secret)
		}
	})
}

func TestReadThenWriteByManyLosesNothing(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 0, nil)
		const writers, times = 16, 10
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range times {
					err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
						var n int64
						if err := tx.QueryRowContext(t.Context(), `SELECT n FROM counters WHERE id = $1`, "a").Scan(&n); err != nil {
							return err
						}
						_, err := tx.ExecContext(t.Context(), `UPDATE counters SET n = $1 WHERE id = $2`, n+1, "a")
						return err
					})
					if err != nil {
						t.Errorf("counting: %v", err)
					}
				}
			})
		}
		wg.Wait()
		if n := number(t, db, `SELECT n FROM counters WHERE id = $1`, "a"); n != writers*times {
			t.Errorf("counted %d of %d", n, writers*times)
		}
	})
}

// Serializability across processes: no write skew, though neither transaction
// writes what the other wrote.
func TestTransactionsRunAsIfOneAfterTheOther(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		one, other := open(t, source), open(t, source)
		for round := range 10 {
			var wg sync.WaitGroup
			for who, db := range map[string]*sqldb.DB{"one": one, "other": other} {
				wg.Go(func() {
					err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
						var taken int
						if err := tx.QueryRowContext(t.Context(), `
							SELECT count(*) FROM counters WHERE n = $1`, round).Scan(&taken); err != nil || taken > 0 {
							return err
						}
						_, err := tx.ExecContext(t.Context(), insertCounter, fmt.Sprint(who, round), round, nil)
						return err
					})
					if err != nil {
						t.Errorf("round %d: %v", round, err)
					}
				})
			}
			wg.Wait()
			if n := number(t, one, `SELECT count(*) FROM counters WHERE n = $1`, round); n != 1 {
				t.Errorf("round %d: %d took it, want 1", round, n)
			}
		}
	})
}

// A priority write passes all queued ones, but not the running one.
func TestAWriteAheadPassesThoseThatWait(t *testing.T) {
	synctest.Test(t, testWriteAhead)
}

func testWriteAhead(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	running, goOn := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.InTx(t.Context(), func(*sqldb.Tx) error { close(running); <-goOn; return nil }); err != nil {
			t.Errorf("the one that runs: %v", err)
		}
	})
	<-running
	var before atomic.Int64
	for n := range 20 {
		wg.Go(func() {
			err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.ExecContext(t.Context(), insertCounter, fmt.Sprint(n), n, nil)
				return err
			})
			if err != nil {
				t.Errorf("one that waits: %v", err)
			}
			before.Add(1)
		})
	}
	passed := make(chan int64, 1)
	synctest.Wait() // they are queued
	wg.Go(func() {
		err := db.InTxPriority(t.Context(), func(tx *sqldb.Tx) error {
			passed <- before.Load()
			_, err := tx.ExecContext(t.Context(), insertCounter, "ahead", 1, nil)
			return err
		})
		if err != nil {
			t.Errorf("the one ahead: %v", err)
		}
	})
	synctest.Wait() // and so is this one
	close(goOn)
	if n := <-passed; n > 1 {
		t.Errorf("%d writes that waited came before the one ahead", n)
	}
	wg.Wait()
	if n := number(t, db, `SELECT count(*) FROM counters`); n != 21 {
		t.Errorf("%d rows, want 21", n)
	}
}

func TestAnErrorOrAPanicLeavesNothing(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		own := errors.New("no")
		err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			if _, err := tx.ExecContext(t.Context(), insertCounter, "a", 1, nil); err != nil {
				return err
			}
			return own
		})
		if !errors.Is(err, own) {
			t.Errorf("got %v, want the function's own error", err)
		}
		func() {
			defer func() { _ = recover() }() // the test's own panic
			_ = db.InTx(t.Context(), func(tx *sqldb.Tx) error {
				if _, err := tx.ExecContext(t.Context(), insertCounter, "b", 1, nil); err != nil {
					t.Errorf("inserting: %v", err)
				}
				panic("no")
			})
		}()
		if n := number(t, db, `SELECT count(*) FROM counters`); n != 0 {
			t.Errorf("%d rows of failed transactions are there", n)
		}
		exec1(t, db, insertCounter, "c", 1, nil) // the writer is free again
	})
}

func TestACallerThatGoesAwayLeavesNothing(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		ctx, cancel := context.WithCancel(t.Context())
		err := db.InTx(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(ctx, insertCounter, "a", 1, nil)
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want a cancelled context", err)
		}
		if sqldb.IsUnavailable(err) {
			t.Error("a caller that went away counts as a database that is away")
		}
		if n := number(t, db, `SELECT count(*) FROM counters`); n != 0 {
			t.Errorf("%d rows are there", n)
		}
		exec1(t, db, insertCounter, "a", 1, nil)
	})
}

func TestASnapshotSeesOneState(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		err := db.Read(t.Context(), func(q sqldb.Queryer) error {
			before := number(t, q, `SELECT count(*) FROM counters`)
			exec1(t, db, insertCounter, "a", 1, nil)
			if after := number(t, q, `SELECT count(*) FROM counters`); after != before {
				t.Errorf("the snapshot saw %d rows and then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := number(t, db, `SELECT count(*) FROM counters`); n != 1 {
			t.Errorf("afterwards there are %d rows, want 1", n)
		}
	})
}

func TestAFailedStatementIsNoUnavailableDatabase(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 1, nil)
		for name, c := range map[string]struct {
			query string
			args  []any
		}{
			"a key that is there": {insertCounter, []any{"a", 1, nil}},
			"a reference to nothing": {`
				INSERT INTO notes (id, counter, body) VALUES ($1, $2, $3)`, []any{"n", "nobody", ""}},
			"a null where none may be":    {insertCounter, []any{"b", nil, nil}},
			"no such table":               {`DELETE FROM nothing`, nil},
			"a text in double quotes":     {`UPDATE counters SET id = "nothing"`, nil},
			"a transaction inside of one": {`BEGIN IMMEDIATE`, nil},
		} {
			err := execute(t.Context(), db, c.query, c.args...)
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			if sqldb.IsUnavailable(err) {
				t.Errorf("%s: counts as a database that is away: %v", name, err)
			}
		}
		if sqldb.IsUnavailable(nil) {
			t.Error("no error counts as one")
		}
	})
}

func TestANewerSchemaIsRefusedByName(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		_ = open(t, source)
		_, err := sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: schema(first)})
		if !errors.Is(err, sqldb.ErrNewerSchema) {
			t.Fatalf("got %v, want ErrNewerSchema", err)
		}
		for _, part := range []string{"schema 2", "up to 1"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
	})
}

func TestAFailedMigrationLeavesTheOneBefore(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		_, err := sqldb.Open(t.Context(), sqldb.Config{
			Source: source, Migrations: schema(first, `CREATE TABLE half (id TEXT); CREATE TABLE half (id TEXT);`),
		})
		if err == nil {
			t.Fatal("a migration that fails was taken")
		}
		db := open(t, source) // the correct second migration
		exec1(t, db, insertCounter, "a", 1, nil)
		if err := execute(t.Context(), db, `DELETE FROM half`); err == nil {
			t.Error("the failed migration left its table")
		}
	})
}

func TestManyProgramsMayOpenANewDatabaseAtOnce(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: schema(first, second)})
				if err != nil {
					t.Errorf("opening: %v", err)
					return
				}
				if err := db.Close(); err != nil {
					t.Errorf("closing: %v", err)
				}
			})
		}
		wg.Wait()
	})
}

func TestASoundDatabasePassesItsCheck(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 1, nil)
		if err := db.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if err := db.Checkpoint(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// childSource makes the test binary a writer that can be killed.
const childSource = "LATCHKEY_SQLDB_CHILD"

// child writes rows one by one and prints each number after its commit.
func child(source string) int {
	ctx := context.Background()
	db, err := sqldb.Open(ctx, sqldb.Config{Source: source, Migrations: schema(first, second)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	from, err := strconv.ParseInt(os.Getenv(childFrom), 10, 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if os.Getenv(childDisk) != "" {
		return fillDisk(ctx, db)
	}
	for n := from; ; n++ {
		if err := execute(ctx, db, insertCounter, strconv.FormatInt(n, 10), n, nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(n)
	}
}

const childFrom = "LATCHKEY_SQLDB_FROM"

func TestAKilledWriterLosesNothingItWasToldIsWritten(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		told := int64(-1)
		for range 5 {
			from := number(t, db, `SELECT coalesce(max(n), -1) + 1 FROM counters`)
			writer := exec.Command(os.Args[0])
			writer.Env = append(os.Environ(),
				childSource+"="+source, childFrom+"="+strconv.FormatInt(from, 10), "PGAPPNAME="+writerSessions)
			writer.Stderr = os.Stderr
			out, err := writer.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := writer.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				if told, err = strconv.ParseInt(lines.Text(), 10, 64); err != nil {
					t.Fatal(err)
				}
				if told == from+20 {
					time.AfterFunc(time.Duration(told%7)*time.Millisecond, func() {
						_ = writer.Process.Kill() // an error means that it is dead
					})
				}
			}
			_ = writer.Wait() // it was killed
			if told < from+20 {
				t.Fatalf("the writer ended by itself at %d", told)
			}
			waitForSessions(t, db)
			if n := number(t, db, `SELECT count(*) FROM counters WHERE n <= $1`, told); n != told+1 {
				t.Errorf("%d rows of %d that were told as written are there", n, told+1)
			}
			if err := db.Check(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// writerSessions is the application name of the child's sessions on PostgreSQL.
const writerSessions = "killed-writer"

// waitForSessions waits until PostgreSQL has ended the sessions of a killed
// child: until then its last row may still be committed.
func waitForSessions(t *testing.T, db *sqldb.DB) {
	t.Helper()
	if db.Engine() != sqldb.PostgreSQL {
		return // the engine died with the child
	}
	const sessions = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`
	for deadline := time.Now().Add(time.Minute); number(t, db, sessions, writerSessions) > 0; {
		if time.Now().After(deadline) {
			t.Fatal("the sessions of a killed writer did not end within a minute")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	source := sqldbtest.SQLite(t)
	if err := os.MkdirAll(filepath.Dir(filepath.Dir(source)), 0o700); err != nil {
		t.Fatal(err)
	}
	db := open(t, source)
	exec1(t, db, insertCounter, "a", 1, nil)
	for name, want := range map[string]os.FileMode{
		filepath.Dir(source): 0o700, source: 0o600, source + "-wal": 0o600, source + "-shm": 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(source, 0o644); err != nil {
		t.Fatal(err)
	}
	_ = open(t, source)
	if info, err := os.Stat(source); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a file that was open to others still is: %v %v", info.Mode(), err)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	rows, err := db.QueryContext(t.Context(), insertCounter+` RETURNING id`, "a", 1, nil)
	if err == nil {
		for rows.Next() {
		}
		err = errors.Join(rows.Err(), rows.Close())
	}
	if err == nil {
		t.Error("a reader wrote")
	}
	if n := number(t, db, `SELECT count(*) FROM counters`); n != 0 {
		t.Errorf("a reader wrote %d rows", n)
	}
}

func TestOddNamesAreOnlyNames(t *testing.T) {
	for _, name := range []string{
		"a b.db", "50%.db", "what?mode=memory.db", "#1.db", "é.db", "a&_pragma=foreign_keys(0).db",
	} {
		source := filepath.Join(t.TempDir(), name)
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 1, nil)
		if _, err := os.Stat(source); err != nil {
			t.Errorf("%q: the database is elsewhere: %v", name, err)
		}
		if err := execute(t.Context(), db, `INSERT INTO notes (id, counter, body) VALUES ('n', 'nobody', '')`); err == nil {
			t.Errorf("%q: references are not kept", name)
		}
	}
}

func TestWhatWasDeletedIsInNoFile(t *testing.T) {
	source := sqldbtest.SQLite(t)
	db := open(t, source)
	const canary = "the-canary-that-sings-once"
	exec1(t, db, insertCounter, "a", 1, []byte(strings.Repeat(canary, 500)))
	exec1(t, db, `DELETE FROM counters`)
	if err := db.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(source + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("looking for the files: %v %v", files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), canary) {
			t.Errorf("%s still has what was deleted", filepath.Base(name))
		}
	}
}

func TestABackupIsTheWholeOfOneMoment(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			err := db.InTx(ctx, func(tx *sqldb.Tx) error {
				if _, err := tx.ExecContext(ctx, insertCounter, strconv.Itoa(n), n, nil); err != nil {
					return err
				}
				_, err := tx.ExecContext(ctx, `INSERT INTO notes (id, counter, body) VALUES ($1, $1, '')`, strconv.Itoa(n))
				return err
			})
			if err != nil && ctx.Err() == nil {
				t.Errorf("writing beside a backup: %v", err)
			}
		}
	})
	for i := range 3 {
		time.Sleep(20 * time.Millisecond)
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := db.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the backup's file: %v %v", info, err)
		}
		if err := db.Backup(t.Context(), path); !errors.Is(err, os.ErrExist) {
			t.Errorf("a second backup to the same name: got %v", err)
		}
		if left, _ := filepath.Glob(path + ".part*"); len(left) > 0 {
			t.Errorf("the backup left %v", left)
		}
		copied := open(t, path)
		if err := copied.Check(t.Context()); err != nil {
			t.Error(err)
		}
		counters, notes := number(t, copied, `SELECT count(*) FROM counters`), number(t, copied, `SELECT count(*) FROM notes`)
		if counters != notes {
			t.Errorf("backup %d has %d counters and %d notes", i, counters, notes)
		}
	}
	stop()
	wg.Wait()
}

func TestADamagedFileIsRefusedInOneLine(t *testing.T) {
	sound := sqldbtest.SQLite(t)
	db := open(t, sound)
	err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		for n := range 200 {
			if _, err := tx.ExecContext(t.Context(), insertCounter, strconv.Itoa(n), n, make([]byte, 500)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"another file":   func([]byte) []byte { return []byte(strings.Repeat("not a database. ", 1000)) },
		"header flipped": func(b []byte) []byte { b[3] ^= 0xff; return b },
		"cut in half":    func(b []byte) []byte { return b[:len(b)/2] },
		"pages zeroed":   func(b []byte) []byte { clear(b[4096 : 4096*8]); return b },
	} {
		path := filepath.Join(t.TempDir(), "damaged.db")
		if err := os.WriteFile(path, damage(append([]byte(nil), content...)), 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sqldb.Open(t.Context(), sqldb.Config{Source: path, Migrations: schema(first, second)})
		if err == nil {
			err = db.Check(t.Context())
			_ = db.Close() // the check is what counts
		}
		if !errors.Is(err, sqldb.ErrDamaged) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want ErrDamaged in one line", name, err)
		}
	}
}

func TestAServerThatIsAwayIsUnavailable(t *testing.T) {
	_, err := sqldb.Open(t.Context(), sqldb.Config{Source: "postgres://nobody:hunter2@/x?host=" + t.TempDir()})
	if !sqldb.IsUnavailable(err) {
		t.Errorf("got %v, want an error that IsUnavailable knows", err)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error tells the password: %v", err)
	}
}
