package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"strings"
	"syscall"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// userError is written for the person at the terminal already.
type userError string

func (e userError) Error() string { return string(e) }

func userErrorf(format string, args ...any) error { return userError(fmt.Sprintf(format, args...)) }

// configError is what a person has to mend before the same command can succeed.
type configError struct{ userError }

func (e configError) Unwrap() error { return e.userError }

func configErrorf(format string, args ...any) error {
	return configError{userError(fmt.Sprintf(format, args...))}
}

// The exit codes. exitConfig is EX_CONFIG of sysexits.h: the unit does not start a relay
// again that ended with it.
const (
	exitFailed = 1
	exitUsage  = 2
	exitConfig = 78
)

// exitCode tells a configuration that a person has to mend from all else, which may
// have passed when the command is run again.
func exitCode(err error) int {
	var server *sqldb.ServerError
	var file *fs.PathError
	switch {
	case errors.As(err, &server):
		if server.Why == sqldb.OtherReason || server.Why == sqldb.Unreachable {
			return exitFailed
		}
		return exitConfig
	case errors.As(err, new(mistakes)), errors.As(err, new(configError)), errors.Is(err, keyset.ErrMismatch),
		errors.Is(err, store.ErrTampered), errors.Is(err, store.ErrPutBack), errors.Is(err, sqldb.ErrNewerSchema),
		sqldb.IsDamaged(err),
		errors.As(err, &file) && (errors.Is(file, fs.ErrPermission) || errors.Is(file, syscall.ENOTDIR)):
		return exitConfig
	}
	return exitFailed
}

// explain is what a person at the terminal reads of an error: what is wrong,
// and what to do. What has no sentence of its own is shown in one line.
func explain(err error) string {
	var lines mistakes
	var ready userError
	var wrong *onboarding.InvalidError
	switch {
	case errors.As(err, &lines):
		return lines.Error()
	case errors.As(err, &ready):
		return ready.Error()
	case errors.As(err, &wrong):
		return wrong.Message
	}
	oneLine := strings.Join(strings.Fields(err.Error()), " ")
	for _, e := range explanations() {
		if !e.fits(err) {
			continue
		}
		if e.detailed {
			return e.text + " (" + oneLine + ")"
		}
		return e.text
	}
	var server *sqldb.ServerError
	var file *fs.PathError
	text := ""
	switch {
	case errors.As(err, &server) && server.Why != sqldb.OtherReason:
		text = explainServerError(server.Why) + " (" + server.Words + ")"
	case errors.As(err, &file) && explainPathError(file) != "":
		text = explainPathError(file)
	case sqldb.IsClosed(err):
		text = fmt.Sprintf(
			"The database file, or its folder, is closed to %s, who runs this command. Run it as the user that owns the "+
				"relay's files. (%s)",
			whoRuns(), oneLine,
		)
	}
	return cmp.Or(text, oneLine)
}

// explanation is the text for one kind of error.
type explanation struct {
	fits     func(error) bool
	text     string
	detailed bool // the error itself follows
}

func explanations() []explanation {
	is := func(kind error) func(error) bool {
		return func(err error) bool { return errors.Is(err, kind) }
	}
	return []explanation{
		{
			fits: is(keyset.ErrMismatch),
			text: "LATCHKEY_KEY_FILE is not the key file this database was made with. Name the right one, or restore the " +
				"backup that has both.",
		},
		{
			fits: is(store.ErrTampered),
			text: "Rows that decide who gets a credential were changed by something else than the relay. " +
				"`latchkey-relay agency verify` names them. Undo the change, restore a backup, or accept them with " +
				"`latchkey-relay agency accept`.",
		},
		{
			fits: is(store.ErrPutBack),
			text: "This database was put back from a backup, and emails that wait in it may have been sent since. Run " +
				"`latchkey-relay restored` first. If nothing was lost, as after a move to another server, run " +
				"`latchkey-relay restored --moved`.",
		},
		{
			fits: is(sqldb.ErrNoBackup),
			text: "A PostgreSQL database is backed up with pg_dump and restored with pg_restore; keep the key file with it.",
		},
		{
			fits: is(sqldb.ErrNewerSchema), detailed: true,
			text: "Another version of this program has used this database, and this one cannot read it. " +
				"Run that version, or restore a backup of this one.",
		},
		{
			fits: is(admin.ErrNotABackup),
			text: "This is not a backup that `latchkey-relay backup write` wrote, or not the whole of it, or it is damaged.",
		},
		{
			fits: sqldb.IsDamaged, detailed: true,
			text: "The database file is damaged. Stop the relay, move the file away (with its -wal and -shm files, where they " +
				"are) and restore a backup.",
		},
		{
			fits:     func(err error) bool { return errors.Is(err, syscall.ENOSPC) || sqldb.IsFull(err) },
			detailed: true,
			text:     "The disk is full. Make room and try again; nothing that was kept is lost.",
		},
		{
			fits:     func(err error) bool { return errors.Is(err, syscall.EROFS) || sqldb.IsReadOnly(err) },
			detailed: true,
			text:     "The data can only be read. Mount the disk read-write, or correct the owner of the files.",
		},
	}
}

// explainPathError explains why a file was not opened or made. It returns nothing
// for a cause that has no sentence.
func explainPathError(err *fs.PathError) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf(
			"%s is closed to %s, who runs this command. Run it as the user that owns the relay's files.", err.Path, whoRuns(),
		)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Sprintf("%s is below a file, where there can be no folder. Set LATCHKEY_DATA to a folder.", err.Path)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("There is no %s, and it cannot be made.", err.Path)
	case errors.Is(err, fs.ErrExist):
		return fmt.Sprintf("There is a %s already.", err.Path)
	}
	return ""
}

// explainServerError explains why PostgreSQL was not opened, and what to do.
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
	if name := userName(); name != "" {
		return "the user " + name
	}
	return "the user"
}

// userName is who runs this process; empty: the system does not say.
func userName() string {
	me, err := user.Current()
	if err != nil {
		return ""
	}
	return me.Username
}
