package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// The errors of Open, Check and Backup. If a PostgreSQL server refuses, Open
// returns a *ServerError.
var (
	ErrNewerSchema = errors.New("the database was written by a newer version of this program: update the program")
	ErrDamaged     = errors.New("the database file is damaged: restore a backup")
	ErrNoBackup    = errors.New("a PostgreSQL database is backed up with pg_dump")

	errReaderInLog = errors.New("a reader still needs it")
)

// SQLite's result codes, which never change (sqlite.org/rescode.html): primary
// ones, and extended ones of constraints.
const (
	codePermission   = 3
	codeBusy         = 5
	codeLocked       = 6
	codeNoMemory     = 7
	codeReadOnly     = 8
	codeIOError      = 10
	codeCorrupt      = 11
	codeFull         = 13
	codeCannotOpen   = 14
	codeProtocol     = 15
	codeNotADatabase = 26
)

// Refusal is the reason why a PostgreSQL database was not opened.
type Refusal int

// The reasons that an operator can fix.
const (
	OtherReason    Refusal = iota
	BadAddress             // not a postgres:// address
	Unreachable            // no server replies
	LoginRefused           // wrong user or password
	NoSuchDatabase         // the server has no database of that name
	NotAllowed             // the user may not create tables
)

// ServerError is the error of Open for a PostgreSQL database.
type ServerError struct {
	Why   Refusal
	Words string // the server's or the network's message, in one line; without passwords
	err   error
}

func (e *ServerError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *ServerError) Unwrap() error { return e.err }

func serverError(err error) error {
	described := &ServerError{err: err}
	var said *pgconn.PgError
	var address *pgconn.ParseConfigError
	var name *net.DNSError
	var network *net.OpError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &said):
		described.Words = said.Message
		switch pgState(err) {
		case "28000", "28P01":
			described.Why = LoginRefused
		case "3D000":
			described.Why = NoSuchDatabase
		case "42501":
			described.Why = NotAllowed
		}
	case errors.As(err, &address):
		described.Why, described.Words = BadAddress, address.Error()
	case errors.As(err, &name):
		described.Why, described.Words = Unreachable, name.Error()
	case errors.As(err, &network):
		described.Why, described.Words = Unreachable, network.Error()
	case errors.As(err, &connect):
		described.Why, described.Words = Unreachable, connect.Unwrap().Error()
	default:
		described.Words = err.Error()
	}
	described.Words = strings.Join(strings.Fields(described.Words), " ")
	return described
}

// IsUnwritable reports whether err is about characters that the database cannot
// store: PostgreSQL requires UTF-8 without NUL, SQLite stores all.
func IsUnwritable(err error) bool {
	state := pgState(err)
	return state == "22021" || state == "22P05"
}

// IsFunctionWithheld reports whether err means that PostgreSQL has no such function, or that
// this user may not call it.
func IsFunctionWithheld(err error) bool {
	state := pgState(err)
	return state == "42883" || state == "42501"
}

// IsUnavailable reports whether err has a cause outside of the query (a full or
// read-only disk, an unreachable or overloaded server), so that the same call
// may succeed later. It is false for invalid queries and for a cancelled
// context.
func IsUnavailable(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if errors.Is(err, errReaderInLog) || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	if code, ok := sqliteCode(err); ok {
		switch code & 0xff { // the primary code of an extended one
		case codeFull, codeIOError, codeReadOnly, codeCannotOpen,
			codePermission, codeBusy, codeLocked, codeNoMemory, codeProtocol:
			return true
		}
		return false
	}
	if state := pgState(err); state != "" {
		switch state[:2] {
		case "08", // connection
			"40", // serialization failure, deadlock
			"53", // no memory, disk or connection left
			"57", // shutdown, or cancelled by an administrator
			"58": // system error of the server
			return true
		}
		return state == "25006" // read-only: a standby
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// IsDamaged reports whether err means that a page of the SQLite file is not as it was
// written, also where Open did not read it.
func IsDamaged(err error) bool {
	code, ok := sqliteCode(err)
	return errors.Is(err, ErrDamaged) || ok && (code&0xff == codeCorrupt || code&0xff == codeNotADatabase)
}

// IsFull reports whether err means that the database's disk is full.
func IsFull(err error) bool {
	code, ok := sqliteCode(err)
	return ok && code&0xff == codeFull || pgState(err) == "53100"
}

// IsClosed reports whether err means that the process has no permission for the
// database file or its folder.
func IsClosed(err error) bool {
	code, ok := sqliteCode(err)
	return ok && (code&0xff == codeCannotOpen || code&0xff == codePermission)
}

// IsReadOnly reports whether err means that the database cannot be written: a
// read-only disk, the file's mode, or a PostgreSQL standby.
func IsReadOnly(err error) bool {
	code, ok := sqliteCode(err)
	return ok && code&0xff == codeReadOnly || pgState(err) == "25006"
}

// isSerializationFailure reports whether a concurrent transaction made this one
// fail, with nothing written.
func isSerializationFailure(err error) bool {
	switch pgState(err) {
	case "40001", "40P01": // serialization failure, deadlock
		return true
	}
	return false
}

func isDamage(err error) bool {
	code, ok := sqliteCode(err)
	return ok && (code&0xff == codeCorrupt || code&0xff == codeNotADatabase)
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
