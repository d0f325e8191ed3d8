//go:build !quick

package sqldb_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestABackupOfPostgreSQLNamesItsTool(t *testing.T) {
	db := open(t, sqldbtest.PostgreSQL(t))
	if err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db")); !errors.Is(err, sqldb.ErrNoBackup) {
		t.Errorf("got %v, want ErrNoBackup", err)
	}
}

func TestAServerSaysWhyItLetsNobodyIn(t *testing.T) {
	source := sqldbtest.PostgreSQL(t)
	poor := "poor_" + strings.ToLower(rand.Text())
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // nothing was written
	exec1(t, db, `CREATE ROLE `+poor+` LOGIN`)
	t.Cleanup(func() {
		if err := execute(context.Background(), db, `DROP ROLE `+poor); err != nil {
			t.Errorf("dropping the role: %v", err)
		}
	})
	exec1(t, db, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	with := func(change func(*url.URL)) string {
		address, err := url.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		change(address)
		return address.String()
	}
	for name, c := range map[string]struct {
		source string
		why    sqldb.Refusal
	}{
		"a database there is not": {with(func(u *url.URL) { u.Path = "/nothing" }), sqldb.NoSuchDatabase},

		"a user there is not": {with(func(u *url.URL) { u.User = url.UserPassword("nobody_"+poor, "hunter2") }),
			sqldb.LoginRefused},
		"a user who may make no tables": {with(func(u *url.URL) { u.User = url.User(poor) }), sqldb.NotAllowed},
		"a server there is not":         {"postgres://u:hunter2@/x?host=" + t.TempDir(), sqldb.Unreachable},
		"a name there is not":           {"postgres://u:hunter2@nowhere.invalid/x", sqldb.Unreachable},
		"no address":                    {"postgres://u:%zzhunter2@h/x", sqldb.BadAddress},
	} {
		_, err := sqldb.Open(t.Context(), sqldb.Config{Source: c.source, Migrations: schema(first)})
		var told *sqldb.ServerError
		if !errors.As(err, &told) || told.Why != c.why || told.Words == "" {
			t.Errorf("%s: got %#v (%v), want reason %d", name, told, err, c.why)
		} else if strings.Contains(told.Words, "hunter2") || strings.Contains(told.Words, "\n") {
			t.Errorf("%s: the words are %q", name, told.Words)
		}
	}
}
