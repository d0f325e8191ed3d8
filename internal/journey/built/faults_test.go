//go:build built && faults

package built

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestFaultsAThousandKills(t *testing.T) { killing(t, "", 1000) }

func TestFaultsAThousandKillsOnPostgreSQL(t *testing.T) { killing(t, sqldbtest.PostgreSQL(t), 1000) }

func TestFaultsOnTwoHundredLinksOneOfFiftyFinishes(t *testing.T) {
	s := newSite(t, "", "")
	s.start()
	crowds(t, s, 200)
}
