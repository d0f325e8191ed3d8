package sealing_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// vault is a relay's database that somebody can write into, and what is sealed by it.
//
// Acme has the main user Ana, the sub-user Ben with a request, two items and a computer
// that waits for its approval, Cleo, who was a main user and whose computer was revoked,
// and Dan, who was removed and whose request Ben took over. The first item has the link of
// a repair; that of the second was withdrawn. Of Ben's request, Bo was asked for HubSpot
// alone. Other is another agency.
type vault struct {
	db     *sqldb.DB
	keys   *keyset.Keyset
	store  *store.Store
	sealer *sealing.Sealer
	log    *bytes.Buffer

	devices map[string]string // their ids, by name
	item    string            // Ben's
	before  map[string][]row  // the rows of each table, before Cleo, Dan and the code ended
}

// tables are all that sealing reads.
func tables() []string {
	return []string{
		"agencies", "members", "devices", "codes", "requests", "items", "connections", "pending_connections", "visits",
		"oauth_states", "deliveries", "device_credentials", "metadata", "credentials", "recipients", "repairs",
	}
}

// row is a row of any table: its values by column.
type row struct {
	id     int64 // SQLite's rowid
	values map[string]any
}

func openVault(t *testing.T, source string) *vault {
	t.Helper()
	v := &vault{log: &bytes.Buffer{}, devices: map[string]string{}}
	var err error
	v.db, err = sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: store.Migrations(), Ephemeral: true})
	must(t, err)
	t.Cleanup(func() { must(t, v.db.Close()) })
	v.keys, err = keyset.Open(filepath.Join(filepath.Dir(source), "relay.key"), time.Now)
	must(t, err)
	v.restart(t)
	return v
}

// restart begins to serve on the database, as after a start of the relay.
func (v *vault) restart(t *testing.T) {
	t.Helper()
	var err error
	v.store, err = store.New(t.Context(), store.Config{DB: v.db, Signer: v.keys})
	must(t, err)
	v.sealer = sealing.New(v.store, v.keys, "relay", slog.New(slog.NewTextHandler(v.log, nil)))
}

func newVault(t *testing.T) *vault {
	t.Helper()
	ctx := t.Context()
	v := openVault(t, filepath.Join(t.TempDir(), "relay.db"))
	s := v.store
	member := func(id string, role onboarding.Role) onboarding.Member {
		return onboarding.Member{ID: id, Name: id, Email: id + "@acme.example", Role: role}
	}
	must(t, s.Agencies.Add(ctx, onboarding.Agency{ID: "acme", Name: "Acme"}, member("ana", onboarding.MainUser)))
	must(t, s.Agencies.Add(ctx, onboarding.Agency{ID: "other", Name: "Other"}, member("eve", onboarding.MainUser)))
	must(t, s.Members.Invite(ctx, "acme", member("ben", onboarding.SubUser)))
	must(t, s.Members.Invite(ctx, "acme", member("cleo", onboarding.MainUser)))
	must(t, s.Members.Invite(ctx, "acme", member("dan", onboarding.SubUser)))
	for _, member := range []string{"ana", "ben", "cleo", "dan"} {
		v.enrol(t, "acme", member, member)
	}
	v.enrol(t, "other", "eve", "eve")
	for _, owner := range []string{"ben", "dan"} {
		_, err := s.Requests.Save(ctx, "acme", store.NewRequest{
			ID: "of " + owner, Owner: owner, Client: "Harbour", LinkID: []byte("link of " + owner),
			Services: []onboarding.Service{onboarding.HubSpot, onboarding.Salesforce},
		})
		must(t, err)
	}
	visit := store.Visit{
		ID: "visit", Request: "of ben", Agency: "acme", CookieHash: []byte("cookie"), Version: 1, Name: "Lena",
	}
	must(t, s.Visits.Start(ctx, visit))
	must(t, s.Requests.HandOver(ctx, visit, store.HandOver{
		To:       store.NewRecipient{ID: "bo", Address: "bo@harbour.example", Hashes: [][]byte{[]byte("bo")}},
		Services: []onboarding.Service{onboarding.HubSpot},
	}, onboarding.Limits{}.OrDefault()))
	must(t, s.OAuthStates.Create(ctx, store.OAuthState{
		StateHash: []byte("state"), Visit: "visit", Platform: onboarding.HubSpot.Platform(), Expires: s.Now().Add(time.Hour),
	}))
	for _, who := range []string{"ana", "eve", "cleo"} {
		agency := map[string]string{"ana": "acme", "cleo": "acme", "eve": "other"}[who]
		must(t, s.Connections.Start(ctx, store.PendingConnection{
			ID: "sign-in of " + who, Agency: agency, Member: who, Device: v.devices[who], Platform: onboarding.Meta,
			Challenge: "c", Loopback: "http://127.0.0.1:1/", StartHash: []byte("start of " + who),
			Expires: s.Now().Add(time.Hour),
		}))
	}
	v.enrol(t, "acme", "ben", "ben's spare") // it is never opened: its delivery waits
	v.item = v.connectItem(t, "1")
	second := v.connectItem(t, "2")
	v.prepareRepair(t, v.item, "1")
	v.prepareRepair(t, second, "2")
	v.enrol(t, "acme", "ben", "ben's second") // it waits for its approval: there is an older credential
	must(t, s.Codes.Add(ctx, []byte("code"), store.Code{
		ID: "code", Agency: "acme", Member: "ben", Expires: s.Now().Add(time.Hour),
	}))
	v.before = v.rows(t)
	must(t, s.Members.Update(ctx, "acme", "cleo", "cleo", onboarding.SubUser))
	_, err := s.Devices.Revoke(ctx, "acme", v.devices["cleo"])
	must(t, err)
	must(t, s.Members.Remove(ctx, "acme", "dan", "ben"))
	must(t, s.Codes.Withdraw(ctx, "acme", "code"))
	must(t, s.Repairs.Close(ctx, "acme", second, "ben"))
	return v
}

func (v *vault) enrol(t *testing.T, agency, member, name string) {
	t.Helper()
	_, public, err := seal.NewKey()
	must(t, err)
	must(t, v.store.Codes.Add(t.Context(), []byte("code of "+name), store.Code{
		ID: "code of " + name, Agency: agency, Member: member, Expires: v.store.Now().Add(time.Hour),
	}))
	d, err := v.store.Devices.Enrol(t.Context(), []byte("code of "+name), name, public, []byte("token of "+name))
	must(t, err)
	v.devices[name] = d.ID
}

// connectItem stores an item of Ben's; Ben's computer has its credential.
func (v *vault) connectItem(t *testing.T, account string) string {
	t.Helper()
	plan, err := v.store.Items.Plan(t.Context(), "acme", store.ItemKey{
		Request: "of ben", Owner: "ben", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: account,
	})
	must(t, err)
	to := sealing.Target{
		Agency: "acme", Of: onboarding.Ownership{Member: "ben"}, Request: "of ben", Subject: plan.ID, OfItem: true,
		Account: account, Version: plan.Version,
	}
	deliveries, hash, err := v.sealer.Seal(t.Context(), to, credential())
	must(t, err)
	_, err = v.store.Items.Put(t.Context(), "acme", store.SharedItem{
		Deliveries: deliveries, RefreshHash: hash, Item: onboarding.Item{
			ID: plan.ID, Request: "of ben", Version: plan.Version, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
			Account: account, Name: "Portal", State: onboarding.ItemConnected,
		},
	})
	must(t, err)
	waiting, err := v.store.Deliveries.List(t.Context(), "acme", "ben", v.devices["ben"], "")
	must(t, err)
	must(t, v.store.Deliveries.Acknowledge(t.Context(), "acme", v.devices["ben"], []string{waiting[0].ID}))
	return plan.ID
}

// prepareRepair makes the link by which a client connects an item again, since its
// credential was lost.
func (v *vault) prepareRepair(t *testing.T, item, name string) {
	t.Helper()
	_, err := v.store.Repairs.Prepare(t.Context(), "acme", "of ben", store.NewRepair{
		Items: []store.RepairItem{{ID: item, LinkID: []byte("repair " + name)}}, Lost: true, Who: "ben",
	})
	must(t, err)
}

func credential() platform.Credential {
	return platform.Credential{Kind: platform.RefreshToken, Secret: onboarding.NewSecret("canary")}
}

// rows reads every table.
func (v *vault) rows(t *testing.T) map[string][]row {
	t.Helper()
	all := map[string][]row{}
	for _, table := range tables() {
		rows, err := v.db.QueryContext(t.Context(), `SELECT rowid, * FROM `+table)
		must(t, err)
		columns, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for n := range values {
				into[n] = &values[n]
			}
			must(t, rows.Scan(into...))
			read := row{id: values[0].(int64), values: map[string]any{}}
			for n, column := range columns[1:] {
				if b, isBytes := values[n+1].([]byte); isBytes && len(b) == 0 {
					values[n+1] = []byte{} // an empty one comes as a nil slice, which would be NULL
				}
				read.values[column] = values[n+1]
			}
			all[table] = append(all[table], read)
		}
		must(t, errors.Join(rows.Err(), rows.Close()))
	}
	return all
}

// write gives a row other values; an error: the database does not allow them.
func (v *vault) write(table string, id int64, values map[string]any) error {
	return v.db.InTx(context.Background(), func(tx *sqldb.Tx) error {
		for column, value := range values {
			if _, err := tx.ExecContext(context.Background(), fmt.Sprintf(
				`UPDATE %s SET %s = $1 WHERE rowid = $2`, table, column), value, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// attempt is one way to a sealed credential: the names of the devices that got it.
type attempt struct {
	name string
	run  func(ctx context.Context) ([]string, error)
	may  []string // who may get it
}

func (v *vault) attempts() []attempt {
	sealFor := func(ctx context.Context, to sealing.Target) ([]string, error) {
		devices, err := v.sealer.EntitledDevices(ctx, to) // Seal seals for these
		var got []string
		for _, d := range devices {
			got = append(got, d.ID)
		}
		return got, err
	}
	ofView := func(ctx context.Context, view *store.ClientView, err error) ([]string, error) {
		if err != nil {
			return nil, err
		}
		return sealFor(ctx, sealing.Target{
			Agency: view.Agency.ID, Of: view.Request.Ownership(), Request: view.Request.ID, Subject: "new", OfItem: true,
		})
	}
	ben := []string{v.devices["ben"], v.devices["ben's spare"], v.devices["ben's second"]}
	return []attempt{
		{"a client's sign-in", func(ctx context.Context) ([]string, error) {
			visit, err := v.store.Visits.GetByCookie(ctx, []byte("cookie"))
			if err != nil {
				return nil, err
			}
			view, err := v.store.Requests.ClientView(ctx, visit.Request)
			return ofView(ctx, view, err)
		}, ben},
		{"a client's callback", func(ctx context.Context) ([]string, error) {
			state, err := v.store.OAuthStates.Peek(ctx, []byte("state"))
			if err != nil {
				return nil, err
			}
			visit, err := v.store.Visits.Get(ctx, state.Visit)
			if err != nil {
				return nil, err
			}
			view, err := v.store.Requests.ClientView(ctx, visit.Request)
			return ofView(ctx, view, err)
		}, ben},
		{"a link", func(ctx context.Context) ([]string, error) {
			view, err := v.store.Requests.ClientViewByLink(ctx, []byte("link of ben"))
			return ofView(ctx, view, err)
		}, ben},
		{"a link of who was removed", func(ctx context.Context) ([]string, error) {
			view, err := v.store.Requests.ClientViewByLink(ctx, []byte("link of dan"))
			return ofView(ctx, view, err)
		}, ben},
		{"a link to repair", func(ctx context.Context) ([]string, error) {
			view, err := v.openRepair(ctx, "repair 1")
			return ofView(ctx, view, err)
		}, ben},
		{"a link to repair that was withdrawn", func(ctx context.Context) ([]string, error) {
			view, err := v.openRepair(ctx, "repair 2")
			return ofView(ctx, view, err)
		}, ben},
		{"a colleague's link at a service that they were not asked for", func(ctx context.Context) ([]string, error) {
			to, err := v.store.Requests.RecipientByNumber(ctx, "of ben", 1)
			if err != nil || to.Handed == 0 {
				return nil, err
			}
			view, err := v.store.Requests.ClientView(ctx, "of ben")
			if err == nil && !slices.Contains(to.Part(view.Request.Services), onboarding.Salesforce) {
				return nil, nil
			}
			return ofView(ctx, view, err)
		}, nil},
		{"a renewal", func(ctx context.Context) ([]string, error) {
			i, err := v.store.Items.Get(ctx, "acme", v.item)
			if err != nil {
				return nil, err
			}
			return sealFor(ctx, sealing.Target{
				Agency: "acme", Of: i.Ownership(), Request: i.Request, Renewal: true, Subject: i.ID, OfItem: true,
			})
		}, []string{v.devices["ben"], v.devices["ben's spare"]}},
		{"an own sign-in", func(ctx context.Context) ([]string, error) {
			start, err := v.store.Connections.PendingByCode(ctx, []byte("start of ana"))
			if err != nil {
				return nil, err
			}
			return sealFor(ctx, sealing.Target{
				Agency: start.Agency, Of: onboarding.Ownership{Member: start.Member, Agency: true}, Subject: start.ID,
			})
		}, []string{v.devices["ana"]}},
		{"a call of a revoked computer", func(ctx context.Context) ([]string, error) {
			p, err := v.store.Devices.PrincipalByToken(ctx, []byte("token of cleo"))
			if err != nil || p.Device.Revoked != 0 || p.Member.Removed != 0 {
				return nil, err
			}
			return []string{p.Device.ID}, nil
		}, nil},
		{"a call of a sub-user as a main user", func(ctx context.Context) ([]string, error) {
			p, err := v.store.Devices.PrincipalByToken(ctx, []byte("token of ben"))
			if err != nil || p.Member.Role != onboarding.MainUser {
				return nil, err
			}
			return []string{p.Device.ID}, nil
		}, nil},
	}
}

// openRepair reads the request of a link to repair, as the wizard does. ErrNotFound: the link
// does not work.
func (v *vault) openRepair(ctx context.Context, linkID string) (*store.ClientView, error) {
	p, err := v.store.Repairs.GetByLink(ctx, []byte(linkID))
	if err != nil {
		return nil, err
	}
	if p.State(p.Version, v.store.Now()) != nil {
		return nil, onboarding.ErrNotFound
	}
	item, err := v.store.Items.Get(ctx, p.Agency, p.Item)
	if err != nil {
		return nil, err
	}
	return v.store.Requests.ClientView(ctx, item.Request)
}

// check runs every attempt, and returns how many were refused because of what was
// changed.
func (v *vault) check(t *testing.T, changed string) (refused int) {
	t.Helper()
	for _, a := range v.attempts() {
		v.log.Reset()
		got, err := a.run(t.Context())
		for _, device := range got {
			if !slices.Contains(a.may, device) {
				t.Errorf("%s: %s reaches the device of another: %s of %v", changed, a.name, device, v.devices)
			}
		}
		switch {
		case errors.Is(err, store.ErrTampered):
			refused++
		case err == nil, errors.Is(err, onboarding.ErrNotFound), errors.Is(err, onboarding.ErrNoDevice):
		case strings.Contains(err.Error(), "sql: Scan error"), strings.Contains(err.Error(), "reading a list"),
			strings.Contains(err.Error(), "JSON"),
			strings.Contains(err.Error(), "reading the businesses"), strings.Contains(err.Error(), "reading a sign-in's result"):
			// what cannot even be read
		default:
			t.Errorf("%s: %s: unexpected error %v", changed, a.name, err)
		}
	}
	return refused
}

// candidates are other values for a column: what it has in other rows, now and before,
// and what would help somebody.
func (v *vault) candidates(column string, value any, rows []row) []any {
	var list []any
	switch value.(type) {
	case string:
		list = []any{""}
		switch column {
		case "role":
			list = []any{"main"}
		case "member", "owner":
			list = []any{"ana", "ben", "cleo", "dan", "eve"}
		case "agency":
			list = []any{"acme", "other"}
		case "request":
			list = []any{"of ben", "of dan"}
		case "services":
			list = []any{`["hubspot","salesforce"]`, `["salesforce"]`}
		case "device", "subject":
			list = []any{v.item}
			for _, id := range v.devices {
				list = append(list, id)
			}
		}
	case []byte:
		list = []any{[]byte{}, []byte("x")}
	case int64:
		list = []any{int64(0), int64(1), time.Now().UnixMilli()}
	}
	for _, r := range rows {
		list = append(list, r.values[column])
	}
	seen := map[string]bool{fmt.Sprint(value): true}
	return slices.DeleteFunc(list, func(one any) bool {
		text := fmt.Sprint(one)
		again := seen[text]
		seen[text] = true
		return again
	})
}

func TestNothingIsSealedForTheWrongDeviceWhicheverColumnIsChanged(t *testing.T) {
	v := newVault(t)
	if refused := v.check(t, "nothing"); refused != 0 {
		t.Fatalf("%d ways are refused before anything was changed", refused)
	}
	rows, tried, refused := v.rows(t), 0, map[string]int{}
	for _, table := range tables() {
		known := append(slices.Clone(rows[table]), v.before[table]...)
		for _, r := range rows[table] {
			for column, value := range r.values {
				for _, other := range v.candidates(column, value, known) {
					if v.write(table, r.id, map[string]any{column: other}) != nil {
						continue
					}
					tried++
					met := v.check(t, fmt.Sprintf("%s.%s of row %d is %q instead of %q", table, column, r.id, other, value))
					refused[table] += met
					refused[table+"."+column] += met
					must(t, v.write(table, r.id, map[string]any{column: value}))
				}
			}
		}
	}
	if again := v.check(t, "everything was put back"); again != 0 || tried < 300 {
		t.Errorf("%d changes were tried; then %d ways are refused", tried, again)
	}
	for _, table := range []string{
		"agencies", "members", "devices", "codes", "requests", "items", "pending_connections", "visits", "oauth_states",
		"deliveries", "device_credentials",
		"items.withdrawn_ms",                       // hubs end what was withdrawn
		"recipients.services", "recipients.scoped", // whose link opens what
		"repairs.request", "repairs.version", "repairs.lost", "repairs.item_version", "repairs.expires_ms",
		"repairs.closed_ms", "repairs.closed_why",
	} {
		if refused[table] == 0 {
			t.Errorf("no change of %s was met", table)
		}
	}
}

func TestNothingIsSealedForTheWrongDeviceWhenRowsAreExchangedOrPutBack(t *testing.T) {
	v := newVault(t)
	rows := v.rows(t)
	for _, table := range tables() {
		for _, r := range rows[table] {
			for _, other := range append(slices.Clone(rows[table]), v.before[table]...) {
				values := map[string]any{}
				for column, value := range other.values {
					if fmt.Sprint(value) != fmt.Sprint(r.values[column]) && column != "id" && column != "token_hash" &&
						column != "hash" && column != "cookie_hash" && column != "link_id" && column != "start_hash" {
						values[column] = value
					}
				}
				if len(values) == 0 || v.write(table, r.id, values) != nil {
					continue
				}
				v.check(t, fmt.Sprintf("row %d of %s is written over by row %d", r.id, table, other.id))
				must(t, v.write(table, r.id, r.values))
			}
		}
	}
	if again := v.check(t, "everything was put back"); again != 0 {
		t.Errorf("%d ways are refused", again)
	}
}

func TestNothingIsSealedForTheWrongDeviceWhenAllRowsArePutBack(t *testing.T) {
	v := newVault(t)
	v.check(t, "nothing")
	for _, table := range tables() {
		for _, r := range v.before[table] {
			_ = v.write(table, r.id, r.values) // what was deleted stays away
		}
	}
	if refused := v.check(t, "each row is as it was before the revocation"); refused == 0 {
		t.Error("nothing was refused")
	}
}

func TestNothingIsSealedForTheWrongDeviceWhenARowIsDeleted(t *testing.T) {
	base := newVault(t)
	for table, rows := range base.rows(t) {
		for _, r := range rows {
			copied := filepath.Join(t.TempDir(), "relay.db")
			must(t, base.db.Backup(t.Context(), copied))
			v := &vault{log: &bytes.Buffer{}, devices: base.devices, item: base.item, keys: base.keys}
			var err error
			v.db, err = sqldb.Open(t.Context(), sqldb.Config{Source: copied, Ephemeral: true})
			must(t, err)
			v.restart(t)
			must(t, v.db.InTx(t.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.ExecContext(t.Context(), `DELETE FROM `+table+` WHERE rowid = $1`, r.id)
				return err
			}))
			v.check(t, fmt.Sprintf("row %d of %s is deleted", r.id, table))
			must(t, v.db.Close())
		}
	}
}

func TestACodeThatWasChangedOrPutBackAddsNobody(t *testing.T) {
	v := newVault(t)
	enrol := func(changed string) {
		t.Helper()
		d, err := v.store.Devices.Enrol(t.Context(), []byte("code"), "thief", "key", []byte("token of a thief"))
		if err == nil {
			t.Fatalf("%s: it adds a computer of %s", changed, d.Member)
		}
	}
	enrol("withdrawn")
	for _, r := range v.rows(t)["codes"] {
		if r.values["id"] != "code" {
			continue
		}
		for column, values := range map[string][]any{
			"withdrawn_ms": {int64(0)}, "member": {"ana", "cleo"}, "expires_ms": {int64(1) << 50},
		} {
			for _, value := range values {
				changed := map[string]any{"withdrawn_ms": int64(0), column: value}
				must(t, v.write("codes", r.id, changed))
				enrol(fmt.Sprintf("not withdrawn, and %s is %v", column, value))
				must(t, v.write("codes", r.id, r.values))
			}
		}
	}
	// Another row of a code that was withdrawn or used: as it was before.
	for _, r := range v.before["codes"] {
		_ = v.write("codes", r.id, r.values) // one that was deleted stays away
	}
	enrol("each code is as it was before")
}

func TestTheOperatorReadsWhatWasChangedAndWhere(t *testing.T) {
	v := newVault(t)
	for name, change := range map[string]struct{ query, words string }{
		"two UPDATEs": {
			`UPDATE devices SET revoked_ms = 0, approved_ms = 1, member = 'ana' WHERE name = 'cleo'`,
			"who belongs to agency acme",
		},
		"another owner of a request": {`UPDATE requests SET owner = 'cleo'`, "from the table requests"},
	} {
		copied := filepath.Join(t.TempDir(), "relay.db")
		must(t, v.db.Backup(t.Context(), copied))
		c := &vault{log: &bytes.Buffer{}, devices: v.devices, item: v.item, keys: v.keys}
		var err error
		c.db, err = sqldb.Open(t.Context(), sqldb.Config{Source: copied, Ephemeral: true})
		must(t, err)
		c.restart(t)
		must(t, c.db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), change.query)
			return err
		}))
		err = c.sealer.RequireEntitledDevice(t.Context(), sealing.Target{
			Agency: "acme", Of: onboarding.Ownership{Member: "ben"}, Request: "of ben",
		})
		if !errors.Is(err, store.ErrTampered) || errors.Is(err, sql.ErrNoRows) {
			t.Errorf("%s: got %v, want %v", name, err, store.ErrTampered)
		}
		if said := c.log.String(); !strings.Contains(said, "level=ERROR") || !strings.Contains(said, change.words) ||
			!strings.Contains(said, "restore a backup") {
			t.Errorf("%s: the log says %q, want %q", name, said, change.words)
		}
		must(t, c.db.Close())
	}
}
