package replica

import (
	"context"
	"fmt"
	"time"

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
	AwaitedRequests   Filter = "awaited"  // accounts of them are still to come, whatever the status
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

// aWeek is how many days the filter ExpiringRequests looks ahead, and "newly
// connected" back: calendar days, as the screens count them.
const aWeek = 7

// DayAt returns the beginning of the day that is some days from now, in the
// clock's time zone. Days there have 23 to 25 hours.
func DayAt(now time.Time, days int) onboarding.Timestamp {
	year, month, day := now.Date()
	return onboarding.TimestampOf(time.Date(year, month, day+days, 0, 0, 0, 0, now.Location()))
}

// Requests reads a page of requests.
func (r *Replica) Requests(ctx context.Context, p ListParams) (RequestPage, error) {
	column, ok := map[Sort]string{
		ByDate: "", ByClient: "client_key", ByRecipient: "recipient_key", ByStatus: "status", ByChange: "changed_ms",
		ByEnd: "link_ends_ms",
	}[p.Sort]
	if !ok {
		return RequestPage{}, fmt.Errorf("reading requests: the order %q: %w", p.Sort, onboarding.ErrInvalid)
	}
	now := r.now()
	requests := listing{table: "requests", fts: "request_fts", column: column, ascending: p.Ascending}
	page := RequestPage{Requests: []RequestRow{}}
	err := r.db.Read(ctx, func(q sqldb.Queryer) error {
		rows := span{after: p.After, skip: p.Skip, limit: p.Limit}
		ids, next, err := requests.page(ctx, q, p.conditions(r.config.Now()), rows)
		if err != nil {
			return err
		}
		page.Next = next
		all, err := loadRequests(ctx, q, ids, nil)
		if err != nil {
			return err
		}
		names, err := memberNames(ctx, q)
		if err != nil {
			return err
		}
		for _, state := range all {
			page.Requests = append(page.Requests, state.row(r.config.Catalog, now, names))
		}
		return nil
	})
	if err != nil {
		return RequestPage{}, err
	}
	return page, nil
}

func (p ListParams) conditions(now time.Time) query {
	var filter query
	place := placeListed
	if p.Filter == ArchivedRequests {
		place, filter.narrow = placeArchived, true
	}
	filter.where(`requests.list_state = ?`, place)
	switch p.Filter {
	case PendingRequests:
		filter.narrow = true
		filter.where(`requests.status = 'pending'`)
	case ConnectedRequests:
		filter.narrow = true
		filter.where(`requests.status = 'connected'`)
	case NeedingAttention:
		filter.narrow = true
		filter.where(`requests.attention = 1`)
	case AwaitedRequests:
		filter.narrow = true
		filter.where(`requests.awaited > 0`)
	case ExpiringRequests:
		filter.narrow = true
		filter.where(
			`requests.link_ends_ms > ? AND requests.link_ends_ms < ?`,
			onboarding.TimestampOf(now), DayAt(now, aWeek+1),
		)
	}
	if p.Service != "" {
		filter.where(`instr(requests.services, ?) > 0`, ","+string(p.Service)+",")
	}
	if p.Since != 0 {
		filter.where(`requests.created_ms >= ?`, p.Since)
	}
	if p.Until != 0 {
		filter.where(`requests.created_ms < ?`, p.Until)
	}
	filter.search(p.Search, "requests")
	return filter
}

// CountRequests counts the requests of all pages of a list.
func (r *Replica) CountRequests(ctx context.Context, p ListParams) (int, error) {
	return listing{table: "requests", fts: "request_fts"}.count(ctx, r.db, p.conditions(r.config.Now()))
}

// Totals are the counts above the lists.
type Totals struct {
	All          int `json:"all"`
	Pending      int `json:"pending"`
	Connected    int `json:"connected"`
	Attention    int `json:"attention"`
	Awaited      int `json:"awaited"`        // with accounts that are still to come
	Expiring     int `json:"expiring"`       // within seven days
	NewlyDone    int `json:"newly_done"`     // connected in the last seven days
	Archived     int `json:"archived"`       //
	BrokenItems  int `json:"broken_items"`   // accounts with a red dot
	WaitingItems int `json:"waiting_items"`  //
	Accounts     int `json:"accounts"`       //
	Waiting      int `json:"waiting"`        // to send
	Refused      int `json:"refused"`        // by the relay
	DevicesToSee int `json:"devices_to_see"` // devices that wait for approval; the hub counts them

	NextCheck onboarding.Timestamp `json:"next_check"` // of any account
}

// Totals counts requests, accounts and outbox entries.
func (r *Replica) Totals(ctx context.Context) (Totals, error) {
	var t Totals
	clock := r.config.Now()
	now := onboarding.TimestampOf(clock)
	err := r.db.Read(ctx, func(q sqldb.Queryer) error {
		if err := q.QueryRowContext(ctx, `
			SELECT (SELECT COUNT(*) FROM requests WHERE list_state = 0 AND status = 'pending'), (SELECT COUNT(*)
			FROM requests WHERE list_state = 0 AND status = 'connected'),
				(SELECT COUNT(*) FROM requests WHERE list_state = 0 AND attention = 1), (SELECT COUNT(*) FROM requests
				WHERE list_state = 0 AND awaited > 0), (SELECT COUNT(*) FROM requests
				WHERE list_state = 0 AND link_ends_ms > $1 AND link_ends_ms < $2),
				(SELECT COUNT(*) FROM requests INDEXED BY requests_completed WHERE list_state = 0 AND completed_ms > 0
				AND completed_ms >= $3)`, now, DayAt(clock, aWeek+1), DayAt(clock, -aWeek)).
			Scan(&t.Pending, &t.Connected, &t.Attention, &t.Awaited, &t.Expiring, &t.NewlyDone); err != nil {
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
			SELECT COALESCE(MIN(due_ms), 0) FROM checks WHERE due_ms > $1`, now).Scan(&t.NextCheck)
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
func (r *Replica) Accounts(ctx context.Context, p AccountsParams) (AccountPage, error) {
	column, ok := map[Sort]string{
		ByDate: "name_key", ByName: "name_key", ByClient: "client_key", ByState: "rank", ByCheck: "checked_ms",
	}[p.Sort]
	if !ok {
		return AccountPage{}, fmt.Errorf("reading accounts: the order %q: %w", p.Sort, onboarding.ErrInvalid)
	}
	items := listing{table: "items", fts: "item_fts", column: column, ascending: !p.Descending}
	page := AccountPage{Accounts: []ItemRow{}}
	err := r.db.Read(ctx, func(q sqldb.Queryer) error {
		ids, next, err := items.page(ctx, q, p.conditions(), span{after: p.After, skip: p.Skip, limit: p.Limit})
		if err != nil {
			return err
		}
		page.Next = next
		page.Accounts, err = ReadItemRows(ctx, q, r.config.Catalog, ids)
		return err
	})
	if err != nil {
		return AccountPage{}, err
	}
	return page, nil
}

// mayAdvertise excludes items of requests with the level "view", and items
// whose last check found no right to advertise. It keeps unchecked items.
const mayAdvertise = `NOT EXISTS (SELECT 1 FROM requests JOIN request_payloads USING (seq)
		WHERE requests.id = items.request AND payload ->> 'level' = 'view')
	AND EXISTS (SELECT 1 FROM item_payloads WHERE item_payloads.seq = items.seq
		AND (COALESCE(payload ->> 'tasks', '[]') = '[]' OR instr(payload ->> 'tasks', '"` + onboarding.TaskAdvertise +
	`"') > 0))`

// isFound excludes what a client only named, and what no check but a person has confirmed.
const isFound = `NOT EXISTS (SELECT 1 FROM item_payloads WHERE item_payloads.seq = items.seq
	AND (COALESCE(payload ->> 'confirmed', 0) > 0 OR payload ->> 'account' LIKE 'named:%'))`

func (p AccountsParams) conditions() query {
	var filter query
	filter.where(`items.listed = 1`)
	if p.Platform != "" {
		filter.where(`items.platform = ?`, string(p.Platform))
	}
	if p.Kind != "" {
		filter.where(`items.kind = ?`, string(p.Kind))
	}
	if p.Advertise || p.Results {
		filter.where(isFound)
	}
	if p.Advertise {
		filter.where(mayAdvertise)
	}
	if p.Results {
		filter.where(`NOT (` + mayAdvertise + `)`)
	}
	switch p.Managed {
	case "yes":
		filter.where(`items.request = ''`)
		filter.index = "items_request"
	case "no":
		filter.where(`items.request <> ''`)
	}
	if p.Attention {
		filter.where(`items.rank = ?`, rankAttention)
		filter.index = "items_rank"
	}
	filter.search(p.Search, "items")
	return filter
}

// SearchResult holds the first matches of each kind.
type SearchResult struct {
	Requests []RequestRow `json:"requests"`
	Accounts []ItemRow    `json:"accounts"`
}

// Search searches requests and accounts, for the command palette.
func (r *Replica) Search(ctx context.Context, typed string) (SearchResult, error) {
	const limit = 5
	requests, err := r.Requests(ctx, ListParams{Search: typed, Limit: limit})
	if err != nil {
		return SearchResult{}, err
	}
	accounts, err := r.Accounts(ctx, AccountsParams{Search: typed, Limit: limit})
	if err != nil {
		return SearchResult{}, err
	}
	return SearchResult{requests.Requests, accounts.Accounts}, nil
}

// CountAccounts counts the accounts of all pages of a list.
func (r *Replica) CountAccounts(ctx context.Context, p AccountsParams) (int, error) {
	return listing{table: "items", fts: "item_fts", column: "name_key"}.count(ctx, r.db, p.conditions())
}
