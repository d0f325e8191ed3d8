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
)

// readers is how many queries run beside the writer on one SQLite file.
const readers = 8

func openSQLite(ctx context.Context, path string, ephemeral bool) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the database file: %w", err)
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	// Half the waiting of a commit on a journaling file system, and no less
	// durable; where there is no fdatasync, fsync goes on.
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
			"fullfsync(1)", // macOS: through the drive's own cache too
			"foreign_keys(1)",
			"secure_delete(1)",
			"temp_store(2)",               // in memory: no copy of a row in a file nobody sweeps
			"journal_size_limit(8388608)", // a log that grew once shrinks again
		},
	})
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	reader, err := openFile(path, url.Values{"mode": {"ro"}, "_pragma": {"temp_store(2)"}})
	if err != nil {
		_ = pool.Close() // it has not connected yet
		return nil, err
	}
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)

	db := &DB{engine: SQLite, path: path, pool: pool, reader: reader}
	// An immediate transaction on an unreadable or unwritable file fails here
	// and not under the first caller.
	if err := db.probeWrite(ctx); err != nil {
		_ = db.Close() // the first error is the one to report
		if isDamage(err) {
			return nil, fmt.Errorf("opening %s: %w (%v)", path, ErrDamaged, err)
		}
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return db, nil
}

// probeWrite begins to write and stops, until nobody else is turning the same
// new file into one with a write-ahead log: SQLite says "busy" to that at once,
// however long one waits.
func (db *DB) probeWrite(ctx context.Context) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		tx, err := db.pool.BeginTx(ctx, nil) // immediate
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

// makePrivate lets nobody else read the database. SQLite gives its -wal and
// -shm the mode of the file itself.
func makePrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the database's folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return file.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
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
		if info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if err := os.Chmod(name, info.Mode().Perm()&0o700); err != nil {
			return fmt.Errorf("closing the database file to others: %w", err)
		}
	}
	return nil
}

func openFile(path string, values url.Values) (*sql.DB, error) {
	values.Set("_busy_timeout", strconv.FormatInt(busyTimeout.Milliseconds(), 10))
	values.Set("_dqs", "0") // "a" is a column, as in PostgreSQL, and never a text
	values.Set("_defensive", "1")

	name := filepath.ToSlash(path)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // C:/… as file:///C:/…
	}
	address := url.URL{Scheme: "file", Path: name, RawQuery: values.Encode()}
	connector, err := sqlite.NewConnector(address.String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return sql.OpenDB(connector), nil
}

// Backup writes a copy of the whole database, as of one moment, to a new file
// (0600) while others go on reading and writing. The file appears under its
// name only when it is whole and on the disk; an existing one is refused.
// PostgreSQL has pg_dump: there it returns ErrNoBackup.
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
	if err := makePrivate(part); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part) // what is left of a failure is of no use
		}
	}()
	conn, err := db.reader.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reading for a backup: %w", err)
	}
	defer func() { _ = conn.Close() }() // back into the pool; nothing was written on it
	if err := conn.Raw(func(driverConn any) error { return copyPages(ctx, driverConn, part) }); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("naming the backup: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	return nil
}

func copyPages(ctx context.Context, driverConn any, part string) error {
	source, ok := driverConn.(interface {
		NewBackup(string) (*sqlite.Backup, error)
	})
	if !ok {
		return fmt.Errorf("a connection of type %T makes no backups", driverConn)
	}
	backup, err := source.NewBackup(part)
	if err != nil {
		return err
	}
	// All pages in one step are one moment of the database; in WAL mode the
	// writer does not wait for it.
	_, stepErr := backup.Step(-1)
	if err := backup.Finish(); err != nil {
		return err
	}
	if stepErr != nil {
		return stepErr
	}
	return ctx.Err()
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		_ = file.Close() // the first error is the one to report
		return err
	}
	return file.Close()
}

// Check reads the whole database and returns ErrDamaged when a page, an index
// or a reference in it is broken. PostgreSQL checks its pages itself: there it
// asks only whether the server answers.
func (db *DB) Check(ctx context.Context) error {
	if db.engine != SQLite {
		if err := db.reader.PingContext(ctx); err != nil {
			return fmt.Errorf("asking the database: %w", err)
		}
		return nil
	}
	var verdict string
	// Past db's own queries: this one is long, and ends with its context.
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

// Checkpoint moves SQLite's log into the file and empties it, so that what
// was deleted is in neither. While a reader still needs the log it returns an
// error that IsUnavailable knows. On PostgreSQL it does nothing.
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
