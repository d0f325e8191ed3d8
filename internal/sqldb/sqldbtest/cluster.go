package sqldbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Cluster is a temporary PostgreSQL server on a socket in a temporary folder.
// It never syncs to the disk.
type Cluster struct {
	// Source is the address of a database from which others can be created.
	Source string

	lifeline io.Closer
	keeper   *exec.Cmd
}

// keep runs the server until standard input ends, which also happens when the
// tests are killed; then it stops the server and removes its folder.
const keep = `
"$1/initdb" --no-sync --auth=trust --username=latchkey --encoding=UTF8 --locale=C --pgdata="$2/data" \
	>"$2/initdb.log" 2>&1 || {
	cat "$2/initdb.log" >&2
	rm -rf "$2"
	exit 1
}
"$1/postgres" -D "$2/data" -c listen_addresses= -c unix_socket_directories="$2" -c max_connections=300 \
	-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=64MB >"$2/server.log" 2>&1 &
server=$!
read -r _
kill -INT $server
wait $server
rm -rf "$2"
`

// StartCluster creates and starts a server. initdb refuses root: for root it
// runs as the user postgres or, without one, as nobody.
func StartCluster() (*Cluster, error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "latchkey-pg-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the test cluster: %w", err)
	}
	keeper := exec.Command("/bin/sh", "-c", keep, "keep", programs, folder)
	keeper.Dir = "/"
	keeper.Stderr = os.Stderr
	if err := disown(keeper, folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	lifeline, err := keeper.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := keeper.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the test cluster: %w", err), os.RemoveAll(folder))
	}
	source := url.URL{
		Scheme: "postgres", User: url.User("latchkey"), Path: "/postgres", RawQuery: url.Values{"host": {folder}}.Encode(),
	}
	cluster := &Cluster{Source: source.String(), lifeline: lifeline, keeper: keeper}
	if err := cluster.answer(time.Minute); err != nil {
		return nil, errors.Join(err, cluster.Stop())
	}
	return cluster, nil
}

// Stop stops the server and removes its files.
func (c *Cluster) Stop() error {
	if err := c.lifeline.Close(); err != nil {
		return fmt.Errorf("stopping the test cluster: %w", err)
	}
	if err := c.keeper.Wait(); err != nil {
		return fmt.Errorf("stopping the test cluster: %w", err)
	}
	return nil
}

func (c *Cluster) answer(limit time.Duration) error {
	db, err := sql.Open("pgx", c.Source)
	if err != nil {
		return fmt.Errorf("opening the test cluster: %w", err)
	}
	defer func() { _ = db.Close() }() // all writes are done
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waiting for the test cluster: %w", err)
		}
	}
}

// findPrograms returns the folder of initdb and postgres: Debian does not put
// it into PATH.
func findPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	var found []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin/initdb", "/opt/homebrew/opt/postgresql@*/bin/initdb",
		"/usr/local/opt/postgresql@*/bin/initdb",
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return "", fmt.Errorf("looking for initdb: %w", err)
		}
		found = append(found, paths...)
	}
	if len(found) == 0 {
		return "", errors.New(
			"the tests need PostgreSQL: install it (Debian: postgresql, macOS: brew install postgresql@17), or set " + Variable,
		)
	}
	newest := slices.MaxFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b) // 9 before 15
		}
		return strings.Compare(a, b)
	})
	return filepath.Dir(newest), nil
}
