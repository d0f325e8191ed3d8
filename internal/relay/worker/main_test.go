package worker_test

import (
	"os"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { os.Exit(sqldbtest.Main(m)) }
