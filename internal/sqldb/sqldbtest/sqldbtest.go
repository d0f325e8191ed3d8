// Package sqldbtest gives tests fresh databases on SQLite and PostgreSQL.
//
// It never connects to a PostgreSQL that was not made for tests: a cluster
// comes from LATCHKEY_TEST_POSTGRES, or is started here and ends with the
// tests. With the tag quick and without that variable, SQLite is the only
// engine.
package sqldbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Variable names a PostgreSQL cluster in which tests may create and drop
// databases: postgres://user@/postgres?host=/socket/folder.
const Variable = "LATCHKEY_TEST_POSTGRES"

// Main runs the tests of a package that uses PostgreSQL and returns the exit
// code. It starts a cluster unless Variable names one:
//
//	func TestMain(m *testing.M) { os.Exit(sqldbtest.Main(m)) }
func Main(m *testing.M) int {
	if os.Getenv(Variable) != "" || quick {
		code := m.Run()
		if err := shared.drop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return code
	}
	cluster, err := StartCluster()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Setenv(Variable, cluster.Source); err != nil {
		fmt.Fprintln(os.Stderr, "naming the test cluster:", err)
		return 1
	}
	code := m.Run()
	if err := cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Each runs test once per engine, each with its own database.
func Each(t *testing.T, test func(t *testing.T, source string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	if os.Getenv(Variable) == "" && quick {
		return
	}
	t.Run("postgres", func(t *testing.T) { test(t, PostgreSQL(t)) })
}

// EachShared is Each for tests that only read and write the tables of one schema, which
// all tests of the package share: a PostgreSQL database costs more than most tests, so it
// is emptied and passed on to the next. Its first user migrates it.
func EachShared(t *testing.T, test func(t *testing.T, source string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	if os.Getenv(Variable) == "" && quick {
		return
	}
	t.Run("postgres", func(t *testing.T) { test(t, shared.borrow(t)) })
}

// SQLite returns the path of a missing file in the test's temporary folder.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data", "latchkey.db")
}

// PostgreSQL creates an empty database. The test's end drops it, with any open
// connections. It needs Main, or Variable.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	address := createDatabase(t)
	t.Cleanup(func() { must(t, dropDatabase(address)) })
	return address
}

func createDatabase(t testing.TB) (address string) {
	t.Helper()
	cluster := os.Getenv(Variable)
	if cluster == "" {
		t.Fatalf("no PostgreSQL for this test: give its package a TestMain that calls sqldbtest.Main, or set %s", Variable)
	}
	parsed, err := url.Parse(cluster)
	if err != nil {
		t.Fatalf("reading %s: %v", Variable, err)
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // documented never to fail
	name := "latchkey_" + hex.EncodeToString(random[:])
	must(t, run(cluster, "CREATE DATABASE "+name+" TEMPLATE template0"))
	parsed.Path = "/" + name
	return parsed.String()
}

func dropDatabase(address string) error {
	parsed, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("reading the address of a test database: %w", err)
	}
	return run(os.Getenv(Variable), "DROP DATABASE "+strings.TrimPrefix(parsed.Path, "/")+" WITH (FORCE)")
}

func run(cluster, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := sql.Open("pgx", cluster)
	if err != nil {
		return fmt.Errorf("opening the test cluster: %w", err)
	}
	defer func() { _ = db.Close() }() // all writes are done
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
