package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"strings"
	"syscall"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// userError is written for the person at the terminal already.
type userError string

func (e userError) Error() string { return string(e) }

func userErrorf(format string, args ...any) error { return userError(fmt.Sprintf(format, args...)) }

// explain is what a person at the terminal reads of an error: what is wrong,
// and what to do. What has no sentence of its own is shown in one line.
func explain(err error) string {
	var wrong *onboarding.InvalidError
	var ready userError
	var lines mistakes
	var file *fs.PathError
	var server *sqldb.ServerError
	oneLine := strings.Join(strings.Fields(err.Error()), " ")
	switch {
	case errors.As(err, &lines):
		return lines.Error()
	case errors.As(err, &ready):
		return ready.Error()
	case errors.As(err, &wrong):
		return wrong.Message
	case errors.Is(err, keyset.ErrMismatch):
		return "LATCHKEY_KEY_FILE is not the key file this database was made with. Name the right one, or restore the " +
			"backup that has both."
	case errors.Is(err, sqldb.ErrNoBackup):
		return "A PostgreSQL database is backed up with pg_dump and restored with pg_restore; keep the key file with it."
	case errors.Is(err, sqldb.ErrNewerSchema):
		return "Another version of this program has used this database, and this one cannot read it. " +
			"Run that version, or restore a backup of this one. (" + oneLine + ")"
	case errors.Is(err, admin.ErrNotABackup):
		return "This is not a backup that `latchkey-relay backup` wrote, or not the whole of it. (" + oneLine + ")"
	case errors.Is(err, sqldb.ErrDamaged):
		return "The database file is damaged. Move it away and restore a backup. (" + oneLine + ")"
	case errors.Is(err, syscall.ENOSPC), sqldb.IsFull(err):
		return "The disk is full. Make room and try again; nothing that was kept is lost. (" + oneLine + ")"
	case errors.Is(err, syscall.EROFS), sqldb.IsReadOnly(err):
		return "The data can only be read. Mount the disk read-write, or correct the owner of the files. (" + oneLine + ")"
	case errors.As(err, &server) && server.Why != sqldb.OtherReason:
		return explainServerError(server.Why) + " (" + server.Words + ")"
	case errors.Is(err, fs.ErrPermission) && errors.As(err, &file):
		return fmt.Sprintf(
			"%s is closed to %s, who runs this command. Run it as the user that owns the relay's files.", file.Path, whoRuns(),
		)
	case sqldb.IsClosed(err):
		return fmt.Sprintf(
			"The database file, or its folder, is closed to %s, who runs this command. Run it as the user that owns the "+
				"relay's files. (%s)",
			whoRuns(), oneLine,
		)
	case errors.Is(err, syscall.ENOTDIR) && errors.As(err, &file):
		return fmt.Sprintf("%s is below a file, where there can be no folder. Set LATCHKEY_DATA to a folder.", file.Path)
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &file):
		return fmt.Sprintf("There is no %s, and it cannot be made.", file.Path)
	case errors.Is(err, fs.ErrExist) && errors.As(err, &file):
		return fmt.Sprintf("There is a %s already.", file.Path)
	}
	return oneLine
}

// explainServerError says why PostgreSQL was not opened, and what to do.
func explainServerError(why sqldb.Refusal) string {
	switch why {
	case sqldb.BadAddress:
		return "LATCHKEY_DB is no address of a database, as postgres://user:password@host/database is; signs that an " +
			"address may not hold are written %XX."
	case sqldb.Unreachable:
		return "LATCHKEY_DB names a PostgreSQL server that cannot be reached. See that it runs, and that this machine may " +
			"connect to it."
	case sqldb.LoginRefused:
		return "The PostgreSQL server does not let in the user of LATCHKEY_DB. Mend the user or the password there."
	case sqldb.NoSuchDatabase:
		return "The PostgreSQL server has no database of the name in LATCHKEY_DB. Make it first, with that user as its owner."
	case sqldb.NotAllowed:
		return "The user of LATCHKEY_DB may not work in that database. Make the user its owner."
	}
	return ""
}

func whoRuns() string {
	if me, err := user.Current(); err == nil && me.Username != "" {
		return "the user " + me.Username
	}
	return "the user"
}
