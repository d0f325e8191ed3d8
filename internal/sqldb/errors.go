package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What Open, Check and Backup can say.
var (
	ErrNewerSchema = errors.New("the database was written by a newer version of this program: update the program")
	ErrDamaged     = errors.New("the database file is damaged: restore a backup")
	ErrNoBackup    = errors.New("a PostgreSQL database is backed up with pg_dump")

	errReaderInLog = errors.New("a reader still needs it")
)

// IsUnique reports whether err says that a row with this key is there already.
func IsUnique(err error) bool {
	if code, ok := sqliteCode(err); ok {
		return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || code == sqlite3.SQLITE_CONSTRAINT_ROWID
	}
	return pgState(err) == "23505"
}

// IsUnwritable reports whether err says that a text has characters the
// database does not take: PostgreSQL wants UTF-8 without NUL, SQLite takes all.
func IsUnwritable(err error) bool {
	state := pgState(err)
	return state == "22021" || state == "22P05"
}

// IsUnavailable reports whether err lies with the database's surroundings (a
// full or read-only disk, a server that is away, too many at once), so that
// the same call may succeed later. It is never about what was asked, and not
// about a caller that went away.
func IsUnavailable(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if errors.Is(err, errReaderInLog) || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	if code, ok := sqliteCode(err); ok {
		switch code & 0xff { // the primary code of an extended one
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
			sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
			return true
		}
		return false
	}
	if state := pgState(err); state != "" {
		switch state[:2] {
		case "08", // connection
			"40", // lost to other transactions, again and again
			"53", // no memory, disk or connection left
			"57", // shutting down, or cancelled by an administrator
			"58": // the system under the server
			return true
		}
		return state == "25006" // read-only: a standby
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// IsFull reports whether err says that the disk under the database is full.
func IsFull(err error) bool {
	code, ok := sqliteCode(err)
	return ok && code&0xff == sqlite3.SQLITE_FULL || pgState(err) == "53100"
}

// IsReadOnly reports whether err says that the database can only be read: the
// disk, the file's mode, or a PostgreSQL standby.
func IsReadOnly(err error) bool {
	code, ok := sqliteCode(err)
	return ok && code&0xff == sqlite3.SQLITE_READONLY || pgState(err) == "25006"
}

// lostToAnother reports whether a transaction failed only because another ran
// at the same time, with nothing written.
func lostToAnother(err error) bool {
	switch pgState(err) {
	case "40001", "40P01": // serialization failure, deadlock
		return true
	}
	return false
}

func isDamage(err error) bool {
	code, ok := sqliteCode(err)
	return ok && (code&0xff == sqlite3.SQLITE_CORRUPT || code&0xff == sqlite3.SQLITE_NOTADB)
}

func sqliteCode(err error) (code int, ok bool) {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code(), true
	}
	return 0, false
}

func pgState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) && len(e.Code) == 5 {
		return e.Code
	}
	return ""
}
