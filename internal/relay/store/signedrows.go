package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// signedTable is a table whose rows are each under a MAC.
type signedTable struct {
	name    string
	columns string   // of scan
	from    string   // the table, with what names the agency
	agency  string   // the expression of the row's agency
	keys    []string // its primary key
	scan    func(row scanner) (signedRow, error)
}

// signedRow is a row of a signedTable.
type signedRow struct {
	table   signedTable
	agency  string
	key     []any // by the table's keys
	id      string
	mac     []byte
	columns []string          // that the MAC covers
	values  map[string]string // for people to read; nil: the row has what the relay never writes
	signed  string            // the table's name in the MAC
}

// isSignIn reports whether the rows of a table are sign-ins under way, which end within
// minutes anyhow.
func isSignIn(table string) bool { return table == "oauth_states" || table == "pending_connections" }

// accept signs a row as it is. A sign-in under way ends instead.
func (r signedRow) accept(c *changeTx) error {
	args := slices.Clone(r.key)
	query := `DELETE FROM ` + r.table.name
	if !isSignIn(r.table.name) {
		query = fmt.Sprintf(`UPDATE %s SET mac = $%d`, r.table.name, len(args)+1)
		args = append(args, c.signer.SignRow(r.signed, r.columns...))
	}
	if err := c.exec(query+r.table.where(), args...); err != nil {
		return fmt.Errorf("accepting a row of %s: %w", r.table.name, err)
	}
	return nil
}

// where selects a row by its key, whose columns are the first arguments.
func (t signedTable) where() string {
	var where []string
	for n, key := range t.keys {
		where = append(where, fmt.Sprintf("%s = $%d", key, n+1))
	}
	return ` WHERE ` + strings.Join(where, " AND ")
}

// tampered returns the rows that do not verify, of one agency or of all.
func (t signedTable) tampered(
	ctx context.Context, q queryer, signer Signer, agency string,
) ([]signedRow, error) {
	return t.list(ctx, q, agency, func(row signedRow) bool {
		return !signer.VerifyRow(row.mac, row.signed, row.columns...)
	})
}

// list returns the rows that are wanted, of one agency or of all, and those that cannot be
// read.
func (t signedTable) list(
	ctx context.Context, q queryer, agency string, wanted func(row signedRow) bool,
) (list []signedRow, err error) {
	query, args := `SELECT `+t.agency+`, `+t.columns+` FROM `+t.from, []any(nil)
	if agency != "" {
		query, args = query+` WHERE `+t.agency+` = $1`, []any{agency}
	}
	rows, err := q.QueryContext(ctx, query+` ORDER BY 1, 2`, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the table %s: %w", t.name, err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	for rows.Next() {
		var of string
		row, err := t.scan(behind{rows, []any{&of}})
		if err != nil { // what the relay never writes: it is named by its key
			if of, row, err = t.unreadable(rows); err != nil {
				return nil, fmt.Errorf("reading the table %s: %w", t.name, err)
			}
		} else if !wanted(row) {
			continue
		}
		row.table, row.agency = t, of
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the table %s: %w", t.name, err)
	}
	return list, nil
}

// found is what people read of the row.
func (r signedRow) found() TamperedRow {
	state := RowUnverified
	if r.values == nil {
		state = RowUnreadable
	}
	return TamperedRow{Table: r.table.name, ID: r.id, State: state, Found: r.values}
}

// behind scans columns before those that a scan function reads.
type behind struct {
	scanner
	first []any
}

func (b behind) Scan(dest ...any) error { return b.scanner.Scan(append(b.first, dest...)...) }

// unreadable reads agency and key of a row whatever is in it.
func (t signedTable) unreadable(rows *sql.Rows) (agency string, row signedRow, err error) {
	names, err := rows.Columns()
	if err != nil {
		return "", row, err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for n := range values {
		into[n] = &values[n]
	}
	if err := rows.Scan(into...); err != nil {
		return "", row, err
	}
	row.key = values[1 : 1+len(t.keys)]
	var id []string
	for _, value := range row.key {
		if bytes, isBytes := value.([]byte); isBytes {
			value = fingerprint(bytes)
		}
		id = append(id, fmt.Sprint(value))
	}
	row.id = strings.Join(id, " ")
	return fmt.Sprint(values[0]), row, nil
}

// isUnreadableRow reports whether an error is of a value that the relay never writes, not
// of the database.
func isUnreadableRow(err error) bool {
	return err != nil &&
		(strings.Contains(err.Error(), "sql: Scan error") || strings.Contains(err.Error(), "reading a list"))
}

// signedTables are all tables whose rows are each under a MAC. The roster's are under one
// together.
func signedTables() []signedTable {
	return []signedTable{
		{name: "connections", columns: connectionColumns + `, agency, mac`, agency: "agency", keys: []string{"id"},
			from: "connections", scan: signedConnection},
		{name: "requests", columns: requestColumns, agency: "agency", keys: []string{"id"},
			from: "requests", scan: signedRequest},
		{name: "items", columns: itemColumns + `, agency, mac`, agency: "agency", keys: []string{"id"},
			from: "items", scan: signedItem},
		{name: "recipients", columns: signedRecipientColumns, agency: "COALESCE(q.agency, '')", keys: []string{"id"},
			from: `recipients r LEFT JOIN requests q ON q.id = r.request`, scan: signedRecipient},
		{name: "visits", columns: visitColumns, agency: "agency", keys: []string{"id"},
			from: "visits", scan: signedVisit},
		{name: "repairs", columns: repairColumns, agency: "r.agency", keys: []string{"item"},
			from: "repairs p JOIN requests r ON r.id = p.request", scan: signedRepair},
		{name: "pending_connections", columns: pendingColumns, agency: "agency", keys: []string{"id"},
			from: "pending_connections", scan: signedPending},
		{name: "oauth_states", columns: `s.state_hash, s.visit, s.connection, s.platform, s.purpose, s.expires_ms, s.mac`,
			agency: "COALESCE(v.agency, p.agency, '')", keys: []string{"state_hash"}, scan: signedState,
			from: `oauth_states s LEFT JOIN visits v ON v.id = s.visit
				LEFT JOIN pending_connections p ON p.id = s.connection`},
		{name: "domains", columns: domainColumns, agency: "agency", keys: []string{"agency", "name"},
			from: "domains", scan: signedDomain},
		{name: "reviews", columns: reviewColumns, agency: "agency", keys: []string{"agency"},
			from: "reviews", scan: signedReview},
		receivers("deliveries"), receivers("device_credentials"),
	}
}

// receivers is a table of devices that get, or have, a credential.
func receivers(table string) signedTable {
	return signedTable{
		name: table, columns: `w.device, w.subject, w.mac`, agency: "COALESCE(d.agency, '')",
		from: table + ` w LEFT JOIN devices d ON d.id = w.device`, keys: []string{"device", "subject"},
		scan: func(row scanner) (r signedRow, err error) {
			var device, subject string
			err = row.Scan(&device, &subject, &r.mac)
			r.id, r.key, r.signed = device+" "+subject, []any{device, subject}, "deliveries"
			r.columns = []string{device, subject}
			r.values = map[string]string{"device": device, "subject": subject}
			return r, err
		},
	}
}

func signedConnection(row scanner) (signedRow, error) {
	var agency string
	r := signedRow{signed: "connections"}
	x, err := scanConnection(also{row, []any{&agency, &r.mac}})
	r.id, r.key, r.columns = x.ID, []any{x.ID}, connectionColumnsSigned(agency, x)
	r.values = map[string]string{
		"member": x.Member, "platform": string(x.Platform), "user_id": x.User.ID, "user_name": x.User.Name,
		"businesses": businessList(x.Businesses),
	}
	return r, err
}

func businessList(businesses []onboarding.Business) string {
	var list []string
	for _, b := range businesses {
		list = append(list, fmt.Sprintf("%s (%s)", b.Name, b.ID))
	}
	return strings.Join(list, ", ")
}

func signedRequest(row scanner) (signedRow, error) {
	r := signedRow{signed: "requests"}
	request, err := scanRequest(row)
	r.id, r.key, r.mac, r.columns = request.ID, []any{request.ID}, request.mac, requestColumnsSigned(request)
	var services []string
	for _, service := range request.Services {
		services = append(services, string(service))
	}
	r.values = map[string]string{
		"owner": request.Owner, "client": request.Client, "services": strings.Join(services, ", "),
		"user_id": request.FacebookUser.ID, "user_name": request.FacebookUser.Name,
		"business_id": request.Business.ID, "business_name": request.Business.Name,
	}
	return r, err
}

func signedItem(row scanner) (signedRow, error) {
	var agency string
	r := signedRow{signed: "items"}
	i, err := scanItem(also{row, []any{&agency, &r.mac}})
	r.id, r.key, r.columns = i.ID, []any{i.ID}, itemColumnsSigned(agency, i)
	r.values = map[string]string{
		"owner": i.Owner, "service": string(i.Service), "account": i.Account, "name": i.Name, "request": i.Request,
	}
	return r, err
}

const signedRecipientColumns = `r.id, r.request, r.number, r.services, r.scoped, r.mac`

func signedRecipient(row scanner) (signedRow, error) {
	r := signedRow{signed: "recipients"}
	var to onboarding.Recipient
	var request, services string
	if err := row.Scan(&to.ID, &request, &to.Number, &services, &to.Scoped, &r.mac); err != nil {
		return r, err
	}
	var err error
	to.Services, err = splitList[onboarding.Service](services)
	r.id, r.key, r.columns = to.ID, []any{to.ID}, recipientColumnsSigned(request, to)
	r.values = map[string]string{
		"request": request, "number": strconv.Itoa(to.Number), "services": services, "scoped": strconv.FormatBool(to.Scoped),
	}
	return r, err
}

func signedVisit(row scanner) (signedRow, error) {
	r := signedRow{signed: "visits"}
	v, err := scanVisit(row)
	r.id, r.key, r.mac, r.columns = v.ID, []any{v.ID}, v.mac, visitColumnsSigned(v)
	r.values = map[string]string{"name": v.Name, "email": v.Email, "request": v.Request}
	return r, err
}

func signedPending(row scanner) (signedRow, error) {
	r := signedRow{signed: "pending_connections"}
	t, err := scanPending(row)
	r.id, r.key, r.mac, r.columns = t.ID, []any{t.ID}, t.mac, t.signed()
	r.values = map[string]string{"member": t.Member, "platform": string(t.Platform)}
	return r, err
}

func signedState(row scanner) (signedRow, error) {
	r := signedRow{signed: "oauth_states"}
	state, err := scanOAuthState(row)
	r.id, r.key, r.mac, r.columns = fingerprint(state.StateHash), []any{state.StateHash}, state.mac,
		oauthStateColumnsSigned(state)
	r.values = map[string]string{"platform": string(state.Platform)}
	return r, err
}
