package replica

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Filter selects the requests of a list.
type Filter string

// The filters. Only Archived includes archived requests.
const (
	AllRequests       Filter = ""
	PendingRequests   Filter = "pending"
	ConnectedRequests Filter = "connected"
	NeedingAttention  Filter = "attention"
	ExpiringRequests  Filter = "expiring" // within seven days
	ArchivedRequests  Filter = "archived"
)

// Sort is the order of a list.
type Sort string

// The orders of requests and of accounts.
const (
	ByDate      Sort = ""
	ByClient    Sort = "client"
	ByRecipient Sort = "recipient"
	ByStatus    Sort = "status"
	ByChange    Sort = "change"
	ByEnd       Sort = "end"
	ByName      Sort = "name"
	ByState     Sort = "state"
	ByCheck     Sort = "check"
)

// pageSize is the default number of rows of a page, MaxPageSize the maximum.
const (
	pageSize    = 50
	MaxPageSize = 500
)

// ListParams selects a page of requests. The zero ListParams selects the
// newest.
type ListParams struct {
	Filter    Filter               `json:"filter"`
	Search    string               `json:"search"` // words that must all occur: in clients, addresses, accounts
	Service   onboarding.Service   `json:"service" ts:"empty"`
	Since     onboarding.Timestamp `json:"since"` // the request's date
	Until     onboarding.Timestamp `json:"until"`
	Sort      Sort                 `json:"sort"`
	Ascending bool                 `json:"ascending"` // else descending
	After     string               `json:"after"`     // Next of the page before
	Skip      int                  `json:"skip"`      // offset in rows, for a scrollbar
	Limit     int                  `json:"limit"`     // zero: 50
}

// RequestPage is one page of a list. Next is empty at its end.
type RequestPage struct {
	Requests []RequestRow `json:"requests"`
	Next     string       `json:"next"`
}

// expiringSoon is the period of the filter ExpiringRequests, in ms.
const expiringSoon = 7 * 24 * 3600 * 1000

// key is the last row of a page. The next page starts after it, whatever was
// inserted before it meanwhile.
type key struct {
	Value any   `json:"v"`
	Seq   int64 `json:"s"`
}

func (k key) text() (string, error) {
	text, err := json.Marshal(k)
	if err != nil {
		return "", fmt.Errorf("writing where a page ends: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

func readKey(after string) (key, error) {
	var k key
	text, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil {
		return k, fmt.Errorf("reading where a page ends: %w", onboarding.ErrInvalid)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&k); err != nil {
		return k, fmt.Errorf("reading where a page ends: %w", onboarding.ErrInvalid)
	}
	if n, ok := k.Value.(json.Number); ok {
		if k.Value, err = n.Int64(); err != nil {
			return k, fmt.Errorf("reading where a page ends: %w", onboarding.ErrInvalid)
		}
	}
	return k, nil
}

// query collects a statement's conditions and arguments.
type query struct {
	conditions []string
	args       []any
	match      string // the FTS5 expression; empty: none
	narrow     bool   // an index selects few rows
	index      string // that index, where SQLite would choose another
}

func (q *query) where(condition string, args ...any) {
	q.conditions = append(q.conditions, condition)
	q.args = append(q.args, args...)
}

func (q *query) text() string {
	if len(q.conditions) == 0 {
		return "1"
	}
	return strings.Join(q.conditions, " AND ")
}

// search selects rows in which every word occurs. The trigram index finds words
// of at least three characters; shorter ones need a scan.
func (q *query) search(typed, table string) {
	var long []string
	for _, word := range strings.Fields(strings.ToLower(typed)) {
		if !utf8.ValidString(word) {
			word = strings.ToValidUTF8(word, "")
		}
		if utf8.RuneCountInString(word) >= 3 {
			long = append(long, `"`+strings.ReplaceAll(word, `"`, `""`)+`"`)
			continue
		}
		if word != "" {
			q.where(`instr(`+table+`.search_text, ?) > 0`, word)
		}
	}
	if len(long) > 0 {
		q.match = strings.Join(long, " AND ")
	}
}

// manyFound is the number of matches from which sorting them is slower than
// filtering along the order's index.
const manyFound = 2000

// from returns the FROM clause and the column of the row number, such that few
// more rows are read than shown:
//
//   - A search by date reads the full-text index, whose rows are ordered by
//     number, which grows with the date.
//   - A search in another order sorts its matches or, if there are many,
//     reads along the order's index and tests each row for a match.
//   - Everything by date reads the rows themselves.
func from(
	ctx context.Context, db sqldb.Queryer, table, index, column string, q *query,
) (source, seq string, err error) {
	if q.match == "" && q.index != "" {
		return table + ` INDEXED BY ` + q.index, table + `.seq`, nil
	}
	if q.match == "" {
		if column == "" && !q.narrow {
			return table + ` NOT INDEXED`, table + `.seq`, nil
		}
		return table, table + `.seq`, nil
	}
	if column != "" {
		var found int
		err := db.QueryRowContext(ctx, `
			SELECT COUNT(*) FROM (SELECT 1 FROM `+index+` WHERE `+index+` MATCH ? LIMIT ?)`, q.match, manyFound).Scan(&found)
		if err != nil {
			return "", "", fmt.Errorf("searching %s: %w", table, err)
		}
		if found == manyFound {
			q.where(table+`.seq IN (SELECT rowid FROM `+index+` WHERE `+index+` MATCH ?)`, q.match)
			return table + ` INDEXED BY ` + table + `_` + strings.TrimSuffix(column, "_ms"), table + `.seq`, nil
		}
	}
	q.where(index+` MATCH ?`, q.match)
	return index + ` CROSS JOIN ` + table + ` ON ` + table + `.seq = ` + index + `.rowid`, index + `.rowid`, nil
}

// page reads one row more than the limit, to detect whether there is a next
// page.
func page(
	ctx context.Context, q sqldb.Queryer, table, index, column string, conditions query, ascending bool, after string,
	skip, limit int,
) (ids []string, next string, err error) {
	if limit <= 0 {
		limit = pageSize
	}
	limit = min(limit, MaxPageSize)
	source, seq, err := from(ctx, q, table, index, column, &conditions)
	if err != nil {
		return nil, "", err
	}
	direction, than := "DESC", "<"
	if ascending {
		direction, than = "ASC", ">"
	}
	order := seq + " " + direction
	if column != "" {
		order = table + "." + column + " " + direction + ", " + order
	}
	value := "0"
	if column != "" {
		value = table + "." + column
	}
	var k key
	switch {
	case after != "":
		if k, err = readKey(after); err != nil {
			return nil, "", err
		}
	case skip > 0:
		// Find the key in a covering index; the page's rows follow it.
		along := source
		if column == "" && conditions.match == "" {
			along = strings.TrimSuffix(source, " NOT INDEXED")
		}
		err := q.QueryRowContext(ctx, `
			SELECT `+seq+`, `+value+` FROM `+along+` WHERE `+conditions.text()+` ORDER BY `+order+` LIMIT 1 OFFSET ?`,
			append(slices.Clone(conditions.args), skip-1)...).Scan(&k.Seq, &k.Value)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, "", nil // the list has become shorter
		}
		if err != nil {
			return nil, "", fmt.Errorf("finding a page of %s: %w", table, err)
		}
	}
	if after != "" || skip > 0 {
		if column == "" {
			conditions.where(seq+` `+than+` ?`, k.Seq)
		} else {
			conditions.where(`(`+table+`.`+column+`, `+seq+`) `+than+` (?, ?)`, k.Value, k.Seq)
		}
	}
	rows, err := q.QueryContext(ctx, `
		SELECT `+table+`.id, `+seq+`, `+value+` FROM `+source+` WHERE `+conditions.text()+` ORDER BY `+order+` LIMIT ?`,
		append(conditions.args, limit+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("reading a page of %s: %w", table, err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var last key
	for rows.Next() {
		if len(ids) == limit {
			if next, err = last.text(); err != nil {
				return nil, "", err
			}
			break
		}
		var id string
		last = key{}
		if err := rows.Scan(&id, &last.Seq, &last.Value); err != nil {
			return nil, "", fmt.Errorf("reading a page of %s: %w", table, err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("reading a page of %s: %w", table, err)
	}
	return ids, next, nil
}

// Requests reads a page of requests.
func (r *Replica) Requests(ctx context.Context, q ListParams) (RequestPage, error) {
	column, ok := map[Sort]string{
		ByDate: "", ByClient: "client", ByRecipient: "recipient", ByStatus: "status", ByChange: "changed_ms",
		ByEnd: "link_ends_ms",
	}[q.Sort]
	if !ok {
		return RequestPage{}, fmt.Errorf("reading requests: the order %q: %w", q.Sort, onboarding.ErrInvalid)
	}
	now := r.now()
	conditions := r.conditions(q, now)
	found := RequestPage{Requests: []RequestRow{}}
	err := r.db.Read(ctx, func(db sqldb.Queryer) error {
		ids, next, err := page(ctx, db, "requests", "request_fts", column, conditions, q.Ascending, q.After, q.Skip, q.Limit)
		if err != nil {
			return err
		}
		found.Next = next
		all, err := loadRequests(ctx, db, ids, nil)
		if err != nil {
			return err
		}
		names, err := memberNames(ctx, db)
		if err != nil {
			return err
		}
		for _, state := range all {
			found.Requests = append(found.Requests, state.row(r.config.Catalog, now, names))
		}
		return nil
	})
	if err != nil {
		return RequestPage{}, err
	}
	return found, nil
}

func (r *Replica) conditions(q ListParams, now onboarding.Timestamp) query {
	var c query
	place := placeListed
	if q.Filter == ArchivedRequests {
		place, c.narrow = placeArchived, true
	}
	c.where(`requests.list_state = ?`, place)
	switch q.Filter {
	case PendingRequests:
		c.narrow = true
		c.where(`requests.status = 'pending'`)
	case ConnectedRequests:
		c.narrow = true
		c.where(`requests.status = 'connected'`)
	case NeedingAttention:
		c.narrow = true
		c.where(`requests.attention = 1`)
	case ExpiringRequests:
		c.narrow = true
		c.where(`requests.link_ends_ms > ? AND requests.link_ends_ms <= ?`, now, now+expiringSoon)
	}
	if q.Service != "" {
		c.where(`instr(requests.services, ?) > 0`, ","+string(q.Service)+",")
	}
	if q.Since != 0 {
		c.where(`requests.created_ms >= ?`, q.Since)
	}
	if q.Until != 0 {
		c.where(`requests.created_ms < ?`, q.Until)
	}
	c.search(q.Search, "requests")
	return c
}

// CountRequests counts the requests of all pages of a list.
func (r *Replica) CountRequests(ctx context.Context, q ListParams) (int, error) {
	c := r.conditions(q, r.now())
	var n int
	source, _, err := from(ctx, r.db, "requests", "request_fts", "", &c)
	if err != nil {
		return 0, err
	}
	if err := r.db.QueryRowContext(ctx, `
		SELECT COUNT(*)
		FROM `+strings.TrimSuffix(source, " NOT INDEXED")+` WHERE `+c.text(), c.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting requests: %w", err)
	}
	return n, nil
}

// Totals are the counts above the lists.
type Totals struct {
	All           int `json:"all"`
	Pending       int `json:"pending"`
	Connected     int `json:"connected"`
	Attention     int `json:"attention"`
	Expiring      int `json:"expiring"`       // within seven days
	NewlyDone     int `json:"newly_done"`     // connected in the last seven days
	Archived      int `json:"archived"`       //
	BrokenItems   int `json:"broken_items"`   // accounts with a red dot
	WaitingItems  int `json:"waiting_items"`  //
	Accounts      int `json:"accounts"`       //
	Waiting       int `json:"waiting"`        // to send
	Refused       int `json:"refused"`        // by the relay
	DevicesToSee  int `json:"devices_to_see"` // devices that wait for approval; the hub counts them
	RefusedSealed int `json:"refused_sealed"` // rejected deliveries

	NextCheck onboarding.Timestamp `json:"next_check"` // of any account
}

// Totals counts requests, accounts and outbox entries.
func (r *Replica) Totals(ctx context.Context) (Totals, error) {
	var t Totals
	now := r.now()
	err := r.db.Read(ctx, func(q sqldb.Queryer) error {
		if err := q.QueryRowContext(ctx, `
			SELECT (SELECT COUNT(*) FROM requests WHERE list_state = 0 AND status = 'pending'), (SELECT COUNT(*)
			FROM requests WHERE list_state = 0 AND status = 'connected'),
				(SELECT COUNT(*) FROM requests WHERE list_state = 0 AND attention = 1), (SELECT COUNT(*) FROM requests
				WHERE list_state = 0 AND link_ends_ms > $1 AND link_ends_ms <= $2),
				(SELECT COUNT(*) FROM requests INDEXED BY requests_completed WHERE list_state = 0 AND completed_ms > 0
				AND completed_ms > $3)`, now, now+expiringSoon, now-expiringSoon).
			Scan(&t.Pending, &t.Connected, &t.Attention, &t.Expiring, &t.NewlyDone); err != nil {
			return err
		}
		t.All = t.Pending + t.Connected
		if err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM requests WHERE list_state = 1`).Scan(&t.Archived); err != nil {
			return err
		}
		if err := q.QueryRowContext(ctx, `
			SELECT (SELECT COUNT(*) FROM items WHERE listed = 1), (SELECT COUNT(*) FROM items WHERE listed = 1 AND rank = 0),
			(SELECT COUNT(*) FROM items WHERE listed = 1 AND rank = 1)`).
			Scan(&t.Accounts, &t.BrokenItems, &t.WaitingItems); err != nil {
			return err
		}
		if err := q.QueryRowContext(ctx, countOutbox).Scan(&t.Waiting, &t.Refused); err != nil {
			return err
		}
		return q.QueryRowContext(ctx, `
			SELECT (SELECT COUNT(*) FROM rejected_deliveries), (SELECT COALESCE(MIN(due_ms), 0) FROM checks
			WHERE due_ms > $1)`, now).Scan(&t.RefusedSealed, &t.NextCheck)
	})
	if err != nil {
		return Totals{}, fmt.Errorf("counting: %w", err)
	}
	return t, nil
}

// AccountsParams selects a page of Accounts. The zero AccountsParams selects
// all, by name.
type AccountsParams struct {
	Search     string              `json:"search"`
	Platform   onboarding.Platform `json:"platform" ts:"empty"`
	Managed    string              `json:"managed"`   // "yes", "no"; empty: both
	Attention  bool                `json:"attention"` // only items that need attention
	Kind       onboarding.Kind     `json:"kind" ts:"empty"`
	Advertise  bool                `json:"advertise"` // only items with the right to advertise
	Results    bool                `json:"results"`   // only items with the right to see results alone
	Sort       Sort                `json:"sort"`      // ByName, ByClient, ByState, ByCheck
	Descending bool                `json:"descending"`
	After      string              `json:"after"`
	Skip       int                 `json:"skip"`
	Limit      int                 `json:"limit"`
}

// AccountPage is one page of Accounts.
type AccountPage struct {
	Accounts []ItemRow `json:"accounts"`
	Next     string    `json:"next"`
}

// Accounts reads a page of what clients shared and what the agency connected
// itself.
func (r *Replica) Accounts(ctx context.Context, q AccountsParams) (AccountPage, error) {
	column, ok := map[Sort]string{
		ByDate: "name", ByName: "name", ByClient: "client", ByState: "rank", ByCheck: "checked_ms",
	}[q.Sort]
	if !ok {
		return AccountPage{}, fmt.Errorf("reading accounts: the order %q: %w", q.Sort, onboarding.ErrInvalid)
	}
	c := accountConditions(q)
	found := AccountPage{Accounts: []ItemRow{}}
	err := r.db.Read(ctx, func(db sqldb.Queryer) error {
		ids, next, err := page(ctx, db, "items", "item_fts", column, c, !q.Descending, q.After, q.Skip, q.Limit)
		if err != nil {
			return err
		}
		found.Next = next
		found.Accounts, err = ReadItemRows(ctx, db, r.config.Catalog, ids)
		return err
	})
	if err != nil {
		return AccountPage{}, err
	}
	return found, nil
}

// mayAdvertise excludes items of requests with the level "view", and items
// whose last check found no right to advertise. It keeps unchecked items.
const mayAdvertise = `NOT EXISTS (SELECT 1 FROM requests JOIN request_payloads USING (seq)
		WHERE requests.id = items.request AND payload ->> 'level' = 'view')
	AND EXISTS (SELECT 1 FROM item_payloads WHERE item_payloads.seq = items.seq
		AND (COALESCE(payload ->> 'tasks', '[]') = '[]' OR instr(payload ->> 'tasks', '"` + onboarding.TaskAdvertise +
	`"') > 0))`

func accountConditions(q AccountsParams) query {
	var c query
	c.where(`items.listed = 1`)
	if q.Platform != "" {
		c.where(`items.platform = ?`, string(q.Platform))
	}
	if q.Kind != "" {
		c.where(`items.kind = ?`, string(q.Kind))
	}
	if q.Advertise {
		c.where(mayAdvertise)
	}
	if q.Results {
		c.where(`NOT (` + mayAdvertise + `)`)
	}
	switch q.Managed {
	case "yes":
		c.where(`items.request = ''`)
		c.index = "items_request"
	case "no":
		c.where(`items.request <> ''`)
	}
	if q.Attention {
		c.where(`items.rank = ?`, rankAttention)
		c.index = "items_rank"
	}
	c.search(q.Search, "items")
	return c
}

// SearchResult holds the first matches of each kind.
type SearchResult struct {
	Requests []RequestRow `json:"requests"`
	Accounts []ItemRow    `json:"accounts"`
}

// Search searches requests and accounts, for the command palette.
func (r *Replica) Search(ctx context.Context, typed string) (SearchResult, error) {
	const most = 5
	requests, err := r.Requests(ctx, ListParams{Search: typed, Limit: most})
	if err != nil {
		return SearchResult{}, err
	}
	accounts, err := r.Accounts(ctx, AccountsParams{Search: typed, Limit: most})
	if err != nil {
		return SearchResult{}, err
	}
	return SearchResult{requests.Requests, accounts.Accounts}, nil
}

// CountAccounts counts the accounts of all pages of a list.
func (r *Replica) CountAccounts(ctx context.Context, q AccountsParams) (int, error) {
	c := accountConditions(q)
	source, _, err := from(ctx, r.db, "items", "item_fts", "name", &c)
	if err != nil {
		return 0, err
	}
	var n int
	if err := r.db.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM `+source+` WHERE `+c.text(), c.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting accounts: %w", err)
	}
	return n, nil
}
