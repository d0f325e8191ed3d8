package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"modernc.org/sqlite"

	"github.com/latchkeyhq/latchkey/internal/filemode"
	"github.com/latchkeyhq/latchkey/internal/fsync"
)

// readers is the number of concurrent queries on one SQLite file.
const readers = 8

func openSQLite(ctx context.Context, path string, ephemeral bool) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the database file: %w", err)
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	// fdatasync halves a commit's time on a journaling file system and is as
	// durable; without it SQLite uses fsync.
	_, _ = sqlite.Fdatasync(true)

	synchronous := "synchronous(FULL)"
	if ephemeral {
		synchronous = "synchronous(OFF)"
	}
	pool, err := openFile(path, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			"journal_mode(WAL)",
			synchronous,
			"fullfsync(1)", // macOS: flush the drive's cache, too
			"foreign_keys(1)",
			"secure_delete(1)",
			"temp_store(2)",               // in memory: no rows in temporary files
			"journal_size_limit(8388608)", // truncate a log that once grew
		},
	})
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	reader, err := openFile(path, url.Values{"mode": {"ro"}, "_pragma": {"temp_store(2)"}})
	if err != nil {
		_ = pool.Close() // not connected yet
		return nil, err
	}
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)

	db := &DB{engine: SQLite, path: path, pool: pool, reader: reader}
	// Fail here, not in the first call, if the file is unreadable or read-only.
	if err := db.probeWrite(ctx); err != nil {
		_ = db.Close() // the first error is the one to report
		if isDamage(err) {
			return nil, fmt.Errorf("opening %s: %w (%v)", path, ErrDamaged, err)
		}
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return db, nil
}

// OpenToRead opens a SQLite file that exists, to read it alone. Another process may have it
// open.
func OpenToRead(path string) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the database file: %w", err)
	}
	reader, err := openFile(path, url.Values{"mode": {"ro"}, "_pragma": {"temp_store(2)"}})
	if err != nil {
		return nil, err
	}
	return &DB{engine: SQLite, path: path, pool: reader, reader: reader}, nil
}

// probeWrite begins a write transaction and retries while another process
// switches the same new file to WAL: SQLite returns "busy" for that at once,
// without the busy timeout.
func (db *DB) probeWrite(ctx context.Context) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		tx, err := db.pool.BeginTx(ctx, nil) // BEGIN IMMEDIATE
		if err == nil {
			return struct{}{}, tx.Rollback()
		}
		if code, ok := sqliteCode(err); !ok || code&0xff != codeBusy {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval:     15 * time.Millisecond,
		RandomizationFactor: 0.6,
		Multiplier:          1,
		MaxInterval:         15 * time.Millisecond,
	}), backoff.WithMaxElapsedTime(busyTimeout))
	return err
}

// makePrivate creates the file with mode 0600. SQLite gives its -wal and -shm
// the mode of the file.
func makePrivate(path string) error {
	if err := createPrivate(path); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the database file: %w", err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("looking at the database file: %w", err)
		}
		if info.IsDir() {
			return fmt.Errorf("opening %s: it is a folder", name)
		}
		if !filemode.IsOpenTo(info, 0o077) {
			continue
		}
		if err := os.Chmod(name, info.Mode().Perm()&0o700); err != nil {
			return fmt.Errorf("closing the database file to others: %w", err)
		}
	}
	return nil
}

// createPrivate creates a file (0600) and its folder (0700). It neither opens what is
// there already nor follows a link.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func openFile(path string, values url.Values) (*sql.DB, error) {
	values.Set("_busy_timeout", strconv.FormatInt(busyTimeout.Milliseconds(), 10))
	values.Set("_dqs", "0") // "a" is a column, as in PostgreSQL, never a string
	values.Set("_defensive", "1")

	connector, err := sqlite.NewConnector(fileURL(path, values))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return sql.OpenDB(connector), nil
}

// fileURL returns an absolute path as SQLite reads it back: it takes every name for
// a URL, so that "why?.db" would be the file "why" (sqlite.org/uri.html).
func fileURL(path string, values url.Values) string {
	name := filepath.ToSlash(path)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // C:/… as file:///C:/…
	}
	address := url.URL{Scheme: "file", Path: name, RawQuery: values.Encode()}
	return address.String()
}

// Backup writes a consistent copy of the database to a new file (0600),
// concurrently with reads and writes. The file gets its name only when it is
// complete, synced and was read back; an existing one is refused. PostgreSQL has
// pg_dump: there it returns ErrNoBackup.
func (db *DB) Backup(ctx context.Context, path string) (err error) {
	if db.engine != SQLite {
		return ErrNoBackup
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("finding the backup's folder: %w", err)
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("backing up to %s: %w", path, fs.ErrExist)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing an unfinished backup: %w", err)
	}
	if err := createPrivate(part); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part) // remove the incomplete copy
		}
	}()
	if err := db.copyTo(ctx, part); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	if err := fsync.File(part); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	if err := db.readBack(ctx, part); err != nil {
		return fmt.Errorf("reading the backup at %s: %w", path, err)
	}
	if err := fsync.Rename(part, path); err != nil {
		return fmt.Errorf("naming the backup: %w", err)
	}
	return nil
}

// copyTo copies all pages into a file.
func (db *DB) copyTo(ctx context.Context, path string) error {
	conn, err := db.reader.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // back into the pool; nothing was written on it
	return conn.Raw(func(driverConn any) error { return copyPages(ctx, driverConn, path) })
}

func copyPages(ctx context.Context, driverConn any, path string) error {
	source, ok := driverConn.(interface {
		NewBackup(string) (*sqlite.Backup, error)
	})
	if !ok {
		return fmt.Errorf("a connection of type %T makes no backups", driverConn)
	}
	backup, err := source.NewBackup(fileURL(path, nil))
	if err != nil {
		return err
	}
	// One step copies all pages from one snapshot; in WAL mode it does not
	// block the writer.
	_, stepErr := backup.Step(-1)
	if err := backup.Finish(); err != nil {
		return err
	}
	if stepErr != nil {
		return stepErr
	}
	return ctx.Err()
}

// readBack makes sure that a copy is sound and has the tables of the database.
func (db *DB) readBack(ctx context.Context, path string) error {
	reader, err := openFile(path, url.Values{"mode": {"ro"}, "immutable": {"1"}, "_pragma": {"temp_store(2)"}})
	if err != nil {
		return err
	}
	copied := &DB{engine: SQLite, path: path, pool: reader, reader: reader}
	defer func() { _ = copied.Close() }() // it was only read
	if err := copied.Check(ctx); err != nil {
		return err
	}
	const tables = `SELECT count(*) FROM sqlite_schema`
	var want, got int
	if err := db.QueryRowContext(ctx, tables).Scan(&want); err != nil {
		return err
	}
	if err := copied.QueryRowContext(ctx, tables).Scan(&got); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%w (the copy has %d of %d tables and indexes)", ErrDamaged, got, want)
	}
	return nil
}

// Check reads the whole database and returns ErrDamaged if a page, an index or
// a foreign key is broken. PostgreSQL verifies its pages itself: there it only
// pings the server.
func (db *DB) Check(ctx context.Context) error {
	if db.engine != SQLite {
		if err := db.reader.PingContext(ctx); err != nil {
			return fmt.Errorf("asking the database: %w", err)
		}
		return nil
	}
	var verdict string
	// Not by QueryRowContext: this one is long and must be cancellable.
	if err := db.reader.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		if isDamage(err) {
			return fmt.Errorf("checking %s: %w (%v)", db.path, ErrDamaged, err)
		}
		return fmt.Errorf("checking %s: %w", db.path, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("checking %s: %w (%s)", db.path, ErrDamaged, strings.Join(strings.Fields(verdict), " "))
	}
	rows, err := db.reader.QueryContext(ctx, `PRAGMA foreign_key_check`)
	if err != nil {
		return fmt.Errorf("checking the references of %s: %w", db.path, err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	if rows.Next() {
		return fmt.Errorf("checking the references of %s: %w", db.path, ErrDamaged)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("checking the references of %s: %w", db.path, err)
	}
	return nil
}

// Checkpoint moves SQLite's log into the file and truncates it, so that deleted
// data is in neither. While a reader uses the log, the error satisfies
// IsUnavailable. On PostgreSQL it does nothing.
func (db *DB) Checkpoint(ctx context.Context) error {
	if db.engine != SQLite {
		return nil
	}
	var busy, frames, moved int64
	if err := db.pool.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return fmt.Errorf("emptying the database's log: %w", err)
	}
	if busy != 0 {
		return fmt.Errorf("emptying the database's log: %w", errReaderInLog)
	}
	return nil
}
