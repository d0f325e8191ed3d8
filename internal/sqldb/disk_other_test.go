//go:build !unix

package sqldb_test

import (
	"context"
	"fmt"
	"os"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

const childDisk = "LATCHKEY_SQLDB_DISK"

// fillDisk needs a limit on the size of a process's files.
func fillDisk(context.Context, *sqldb.DB) int {
	fmt.Fprintln(os.Stderr, "this system limits no process's files")
	return 1
}
