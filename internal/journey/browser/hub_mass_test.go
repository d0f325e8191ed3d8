//go:build browser && linux

package browser

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain/system"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// much is the number of the hub's requests.
const much = 100_000

// order is a list as SQL sorts it, without the hub: the expected rows at some
// positions.
type order struct {
	Column    string            `json:"column"` // the header to click; empty: the initial order
	Ascending bool              `json:"ascending"`
	Clients   map[string]string `json:"clients"` // the client's name by position, from 1
}

func TestAHundredThousandRequestsAreScrolledSearchedAndSorted(t *testing.T) {
	environment := journey.Session(t)
	for _, entry := range environment {
		if address, found := strings.CutPrefix(entry, "DBUS_SESSION_BUS_ADDRESS="); found {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address) // the hub reads its key from this keychain
		}
	}
	data := filepath.Join(t.TempDir(), "data")
	began := time.Now()
	hubtest.Fill(t, data, system.New(system.Config{}), much)
	t.Logf("filled in %s", time.Since(began).Round(time.Second))

	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: filepath.Join(data, "hub.db")})
	if err != nil {
		t.Fatal(err)
	}
	total := number(t, db, `SELECT COUNT(*) FROM requests WHERE list_state = 0`)
	facts := map[string]any{
		"total":     total,
		"pending":   number(t, db, `SELECT COUNT(*) FROM requests WHERE list_state = 0 AND status = 'pending'`),
		"attention": number(t, db, `SELECT COUNT(*) FROM requests WHERE list_state = 0 AND attention = 1`),
		"hotels":    number(t, db, `SELECT COUNT(*) FROM requests WHERE list_state = 0 AND search_text LIKE '%hotels%'`),
		"accounts":  number(t, db, `SELECT COUNT(*) FROM items WHERE listed = 1`),
		"needle":    hubtest.ClientName(54_321),
		"ad": word(t, db, `
			SELECT payload ->> 'name' FROM items JOIN item_payloads USING (seq) WHERE kind = 'ad_account' AND rank = 2
			ORDER BY name_key LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM items WHERE kind = 'ad_account' AND rank = 2)`),
	}
	var orders []order
	for _, o := range []struct {
		column, sql string
		ascending   bool
	}{
		{"", "seq DESC", false}, {"Client", "client_key ASC, seq ASC", true}, {"Client", "client_key DESC, seq DESC", false},
		{"Recipient", "recipient_key ASC, seq ASC", true},
		{"Status", "status ASC, seq ASC", true}, {"Request date", "seq ASC", true},
	} {
		all := order{Column: o.column, Ascending: o.ascending, Clients: map[string]string{}}
		for _, place := range []int{1, 2, 777, total / 3, total / 2, total - 1, total} {
			var client string
			row := db.QueryRowContext(t.Context(), `
				SELECT payload ->> 'client' FROM requests JOIN request_payloads USING (seq) WHERE list_state = 0
				ORDER BY `+o.sql+` LIMIT 1 OFFSET $1`, place-1)
			if err := row.Scan(&client); err != nil {
				t.Fatal(err)
			}
			all.Clients[strconv.Itoa(place)] = client
		}
		orders = append(orders, all)
	}
	facts["orders"] = orders
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	hub, _ := journey.StartHub(t, environment, "--data", data)
	check(t, 15*time.Minute, "hub-mass", staff{
		URL: hub.URL, Key: hub.Key(t), Mass: facts, Pictures: pictureFolder("hub-mass"),
	})
}

func word(t *testing.T, db *sqldb.DB, query string) string {
	t.Helper()
	var found string
	if err := db.QueryRowContext(t.Context(), query).Scan(&found); err != nil {
		t.Fatal(err)
	}
	return found
}

func number(t *testing.T, db *sqldb.DB, query string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
