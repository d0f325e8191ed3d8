//go:build unix

package sqldb_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

const childDisk = "LATCHKEY_SQLDB_DISK"

// fillDisk writes until the disk is full, verifies that a failed commit left
// nothing, frees space and writes on.
func fillDisk(ctx context.Context, db *sqldb.DB) int {
	signal.Ignore(syscall.SIGXFSZ) // so that the write fails instead of the process
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	small := syscall.Rlimit{Cur: 200_000, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	written, failed := 0, 0
	for n := 0; failed < 10 && n < 1000; n++ {
		err := execute(ctx, db, insertCounter, strconv.Itoa(n), n, make([]byte, 3000))
		switch {
		case err == nil && failed > 0:
			fmt.Fprintln(os.Stderr, "a write succeeded on a full disk")
			return 1
		case err == nil:
			written++
		case !sqldb.IsUnavailable(err):
			fmt.Fprintln(os.Stderr, "not known as unavailable:", err)
			return 1
		default:
			failed++
		}
		var there int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM counters`).Scan(&there); err != nil || there != written {
			fmt.Fprintf(os.Stderr, "%d rows are there, %d were told as written: %v\n", there, written, err)
			return 1
		}
	}
	if failed == 0 {
		fmt.Fprintln(os.Stderr, "the disk never was full")
		return 1
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := execute(ctx, db, insertCounter, "again", 0, make([]byte, 3000)); err != nil {
		fmt.Fprintln(os.Stderr, "with space again:", err)
		return 1
	}
	if err := db.Check(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := db.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func TestAFullDiskRefusesWritesAndRecovers(t *testing.T) {
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), childSource+"="+sqldbtest.SQLite(t), childFrom+"=0", childDisk+"=1")
	if out, err := writer.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
