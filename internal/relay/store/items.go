package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Items are the accounts that clients, and the agency itself, connected.
type Items struct{ *handle }

const itemsByRequest = `SELECT ` + itemColumns + ` FROM items WHERE request = $1 AND state <> 'ended'
	AND withdrawn_ms = 0
	ORDER BY created_ms, id`

const itemColumns = `id, request, owner, connection, service, kind, account, name, detail, read_only,
	connected_by_name, connected_by_email, platform_by, state, failure, reference, tasks, access_state,
	access_failure, access_code, access_since_ms, access_checked_ms, access_capabilities, checks, version,
	created_ms, changed_ms, connected_ms, ended_ms, ended_by, ended_proven, withdrawn_ms, confirmed_ms, confirmed_by,
	namings, not_accounts`

func scanItem(row scanner) (onboarding.Item, error) {
	var i onboarding.Item
	var tasks, capabilities, checks, namings, not string
	err := row.Scan(
		&i.ID, &i.Request, &i.Owner, &i.Connection, &i.Service, &i.Kind, &i.Account, &i.Name, &i.Detail, &i.ReadOnly,
		&i.By.Name, &i.By.Email, &i.PlatformBy, &i.State, &i.Failure, &i.Reference, &tasks, &i.Access.State,
		&i.Access.Failure,
		&i.Access.Code, &i.Access.Since, &i.Access.Checked, &capabilities, &checks, &i.Version, &i.Created, &i.Changed,
		&i.Connected, &i.Ended, &i.EndedBy, &i.EndedProven, &i.Withdrawn, &i.Confirmed, &i.ConfirmedBy,
		&namings, &not,
	)
	if err != nil {
		return i, err
	}
	if i.Tasks, err = splitList[string](tasks); err != nil {
		return i, fmt.Errorf("reading the tasks of item %s: %w", i.ID, err)
	}
	capabilityList, err := splitList[onboarding.Capability](capabilities)
	if err != nil {
		return i, fmt.Errorf("reading the capabilities of item %s: %w", i.ID, err)
	}
	checkList, err := splitList[onboarding.CheckRecord](checks)
	if err != nil {
		return i, fmt.Errorf("reading the checks of item %s: %w", i.ID, err)
	}
	if err := readNamings(&i, namings, not); err != nil {
		return i, err
	}
	if len(capabilityList) > 0 { // the wire omits empty lists
		i.Access.Capabilities = capabilityList
	}
	if len(checkList) > 0 {
		i.Checks = checkList
	}
	return i, nil
}

// Get returns one item of the agency. ErrTampered: it is not as the relay wrote it.
func (s *Items) Get(ctx context.Context, agency, id string) (onboarding.Item, error) {
	var mac []byte
	row := s.db.QueryRowContext(ctx, `
		SELECT `+itemColumns+`, mac FROM items WHERE agency = $1 AND id = $2`, agency, id)
	i, err := scanItem(also{row, []any{&mac}})
	if err := wrapNotFound(err, "reading item "+id); err != nil {
		return onboarding.Item{}, err
	}
	return i, verifyRow(s.signer, mac, "items", id, itemColumnsSigned(agency, i))
}

// ListByRequest lists the items of a request whose access neither ended nor
// was withdrawn, oldest first.
func (s *Items) ListByRequest(ctx context.Context, request string) ([]onboarding.Item, error) {
	list, err := read(ctx, s.db, itemsByRequest, []any{request}, scanItem)
	if err != nil {
		return nil, fmt.Errorf("listing items: %w", err)
	}
	return list, nil
}

// ListShared lists what was shared by a request, also what has ended since, oldest first.
func (s *Items) ListShared(ctx context.Context, request string) ([]onboarding.Item, error) {
	list, err := read(ctx, s.db, `
		SELECT `+itemColumns+` FROM items WHERE request = $1 AND state IN ('connected', 'waiting', 'ended')
		ORDER BY created_ms, id`, []any{request}, scanItem)
	if err != nil {
		return nil, fmt.Errorf("listing what was shared: %w", err)
	}
	return list, nil
}

// PlannedItem is the id that an item will have, and the version of its next
// credential. Both are bound into what is sealed, before anything is written.
type PlannedItem struct {
	ID      string
	Version int64
	Known   bool // the account has an item already
}

// ItemKey identifies the item of an account. Request is empty for the agency's own
// items: those differ by their owner.
type ItemKey struct {
	Request string
	Owner   string
	Service onboarding.Service
	Kind    onboarding.Kind
	Account string
}

// Plan returns the id and the version that an account's item gets.
func (s *Items) Plan(ctx context.Context, agency string, key ItemKey) (PlannedItem, error) {
	var p PlannedItem
	err := s.db.QueryRowContext(ctx, `
		SELECT id, version FROM items
		WHERE agency = $1 AND request = $2 AND owner = $3 AND service = $4 AND kind = $5 AND account = $6`,
		agency, key.Request, key.Owner, key.Service, key.Kind, key.Account).Scan(&p.ID, &p.Version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return PlannedItem{ID: NewID(), Version: 1}, nil
	case err != nil:
		return PlannedItem{}, fmt.Errorf("looking up an account: %w", err)
	}
	p.Known = true
	p.Version++
	return p, nil
}

// SharedItem is an item with its credential, if it has one, sealed for each
// entitled device.
type SharedItem struct {
	// ID and Version are the planned ones; State, Failure and Reference the result.
	Item        onboarding.Item      `json:"item"`
	RefreshHash []byte               `json:"refresh_hash"` // keyed; nil: nothing to renew
	IdleLimit   onboarding.Timestamp `json:"idle_limit"`
	Deliveries  []Delivery           `json:"deliveries"` // nil: no credential, Version is ignored
	// Repair is the item that a visit repairs: no other may be written. Empty: it is of the
	// request's link.
	Repair string `json:"-"`
}

// Put stores an account that a client connected, and its credential, in one
// commit. ErrConflict: the plan is out of date; plan and seal again. A link that
// no longer works refuses new accounts with its state's error.
func (s *Items) Put(ctx context.Context, agency string, shared SharedItem) (onboarding.Item, error) {
	var kept onboarding.Item
	err := s.plainChange(ctx, agency, shared.Item.Request, "storing an item of", func(c *changeTx, r Request) error {
		if err := mayWrite(c, r, shared.Repair, shared.Item.ID); err != nil {
			return err
		}
		shared.Item.Owner = r.Owner
		var err error
		kept, err = upsertItem(c, &r, shared)
		return err
	})
	return kept, err
}

func upsertItem(c *changeTx, r *Request, shared SharedItem) (onboarding.Item, error) {
	item := readable(shared.Item)
	old, err := itemOfAccount(c, item)
	if err != nil {
		return item, err
	}
	switch {
	case old.ID == "" && (len(shared.Deliveries) == 0 || item.Version == 1):
		if err := checkItemLimit(c, item.Request); err != nil {
			return item, err
		}
		fresh := item
		fresh.State, fresh.Created, fresh.Changed, fresh.Version = onboarding.ItemSharing, c.now, c.now, 0
		if err := insertItem(c, fresh); err != nil {
			return item, err
		}
		old = fresh
	case old.ID != item.ID || len(shared.Deliveries) > 0 && old.Version+1 != item.Version:
		return item, onboarding.ErrConflict
	}
	if len(shared.Deliveries) > 0 {
		if err := storeVersion(c, item.ID, Credential{
			Version: item.Version, RefreshHash: shared.RefreshHash, IdleLimit: shared.IdleLimit,
		}); err != nil {
			return item, err
		}
		if err := storeDeliveries(c, shared.Deliveries); err != nil {
			return item, err
		}
		if err := clearBroken(c, item.ID); err != nil {
			return item, err
		}
	}
	if r == nil {
		r = &Request{}
	}
	return applyResult(c, *r, old, item)
}

// clearBroken forgets what the last check found broken, so that the next check is made at
// once: a new credential, or a new share, may have repaired it. It restarts what was ended.
// That the platform refused to renew the credential of before says nothing of a new one.
func clearBroken(c *changeTx, item string) error {
	if err := c.exec(`UPDATE credentials SET is_failing = 0 WHERE item = $1`, item); err != nil {
		return err
	}
	return c.exec(`
		UPDATE items
		SET    access_state = '', access_failure = '', access_code = '', access_since_ms = 0, access_capabilities = '[]',
		       access_checked_ms = CASE WHEN state = 'ended' THEN 0 ELSE access_checked_ms END
		WHERE  id = $1 AND (access_state = 'broken' OR state = 'ended')`, item)
}

// readable clips an item's names, which are a platform's: a pile of marks covers the lines
// above and below, and whoever has an account there may call it anything of any length.
func readable(i onboarding.Item) onboarding.Item {
	i.Name, i.Detail, i.PlatformBy = onboarding.ClipName(i.Name), onboarding.ClipName(i.Detail),
		onboarding.ClipName(i.PlatformBy)
	return i
}

// maxItems bounds the items of a request: anyone with the link can connect accounts
// of their own.
const maxItems = 1000

// checkItemLimit returns ErrRateLimited if a request has as many items as it may.
func checkItemLimit(c *changeTx, request string) error {
	if request == "" { // the agency's own
		return nil
	}
	var count int
	if err := c.row(`SELECT count(*) FROM items WHERE request = $1`, request).Scan(&count); err != nil {
		return err
	}
	if count >= maxItems {
		return fmt.Errorf("adding an item to request %s: %w", request, onboarding.ErrRateLimited)
	}
	return nil
}

// applyResult writes an item's state and its event, and completes its request if
// that was waiting for it.
func applyResult(c *changeTx, r Request, old, item onboarding.Item) (onboarding.Item, error) {
	became := item.State
	if became == onboarding.ItemFailed && old.Connected != 0 && isBroken(old) {
		item.State = onboarding.ItemConnected // and broken as before: only the attempt to repair it failed
	}
	if err := writeResult(c, old, item); err != nil {
		return item, err
	}
	if old.State == onboarding.ItemSharing {
		if err := endSharing(c, old, became); err != nil {
			return item, err
		}
	}
	kept, err := itemByID(c, old.ID)
	if err != nil {
		return item, err
	}
	if err := bumpItem(c, kept); err != nil {
		return item, err
	}
	if r.ID == "" || old.State == became && !isConnectedAgain(old, item) {
		return kept, nil
	}
	return kept, actOnResult(c, r, old, kept, item, became)
}

// actOnResult records what became of an item, and what follows for its request.
func actOnResult(c *changeTx, r Request, old, kept, item onboarding.Item, became onboarding.ItemState) error {
	if err := recordItemEvent(c, kept, eventOf(became), item.By.Name); err != nil {
		return err
	}
	if err := recordShare(c, old, kept, became); err != nil {
		return err
	}
	if old.State == became || became != onboarding.ItemConnected && became != onboarding.ItemWaiting {
		return nil
	}
	if err := recordGiven(c, r, old, item); err != nil {
		return err
	}
	return completeIfFinished(c, r, became, "")
}

// isConnectedAgain reports whether an item that is connected was repaired, or is now another
// person's: the history says who did it.
func isConnectedAgain(old, item onboarding.Item) bool {
	return item.State == onboarding.ItemConnected && item.By.Name != "" && (isBroken(old) || old.By != item.By)
}

// writeResult writes what became of an item.
func writeResult(c *changeTx, old, item onboarding.Item) error {
	connected := old.Connected
	if item.State == onboarding.ItemConnected && connected == 0 {
		connected = c.now
	}
	// What is connected anew is not withdrawn any more.
	if err := setWithdrawn(c, old.ID, item.Withdrawn); err != nil {
		return err
	}
	return c.execNamed(`
		UPDATE items
		SET    state = @state, failure = @failure, reference = @reference, name = @name, detail = @detail,
		       read_only = @read_only,
		       connected_by_name = @by_name, connected_by_email = @by_email, platform_by = @platform_by,
		       connection = @connection, changed_ms = @now, connected_ms = @connected,
		       ended_ms = 0, ended_by = '', ended_proven = 0
		WHERE  id = @id`, named{
		"id":          old.ID,
		"state":       item.State,
		"failure":     item.Failure,
		"reference":   item.Reference,
		"name":        item.Name,
		"detail":      item.Detail,
		"read_only":   boolToInt(item.ReadOnly),
		"by_name":     item.By.Name,
		"by_email":    item.By.Email,
		"platform_by": item.PlatformBy,
		"connection":  item.Connection,
		"now":         c.now,
		"connected":   connected,
	})
}

// endSharing ends that an item is being shared. What was shared anew is checked at once.
func endSharing(c *changeTx, old onboarding.Item, became onboarding.ItemState) error {
	err := c.exec(`DELETE FROM jobs WHERE kind = $1 AND subject = $2`, JobSharing, old.ID)
	if err != nil || became == onboarding.ItemFailed {
		return err
	}
	return clearBroken(c, old.ID)
}

// recordGiven undoes that the client does not provide an item's service.
func recordGiven(c *changeTx, r Request, old, item onboarding.Item) error {
	// What waited and is approved is nothing new: the reason for the rest stays.
	if old.State != onboarding.ItemWaiting {
		if err := c.exec(`
			DELETE FROM skipped_services WHERE request = $1 AND service = $2`, r.ID, item.Service); err != nil {
			return err
		}
	}
	return clearDeclined(c, r)
}

// completeIfFinished completes a request that was finished while it waited, with
// its first connected item.
func completeIfFinished(c *changeTx, r Request, state onboarding.ItemState, who string) error {
	if state != onboarding.ItemConnected || r.Finished == 0 || r.Withdrawn != 0 || r.Status == onboarding.Connected {
		return nil
	}
	return completeRequest(c, r, who)
}

func eventOf(state onboarding.ItemState) onboarding.EventKind {
	switch state {
	case onboarding.ItemConnected:
		return onboarding.EventItemConnected
	case onboarding.ItemWaiting:
		return onboarding.EventItemWaiting
	}
	return onboarding.EventItemFailed
}

func itemOfAccount(c *changeTx, i onboarding.Item) (onboarding.Item, error) {
	old, err := scanItem(c.row(`
		SELECT `+itemColumns+
		` FROM items WHERE agency = $1 AND request = $2 AND owner = $3 AND service = $4 AND kind = $5 AND account = $6`,
		c.agency, i.Request, i.Owner, i.Service, i.Kind, i.Account))
	if errors.Is(err, sql.ErrNoRows) {
		return onboarding.Item{}, nil
	}
	return old, err
}

func itemByID(c *changeTx, id string) (onboarding.Item, error) {
	return scanItem(c.row(`SELECT `+itemColumns+` FROM items WHERE agency = $1 AND id = $2`, c.agency, id))
}

func insertItem(c *changeTx, i onboarding.Item) error {
	return c.execNamed(`
		INSERT INTO items (id, agency, request, owner, connection, service, kind, account, name, detail,
			read_only,
			connected_by_name, connected_by_email, platform_by, state, failure, reference, tasks, access_state,
			access_failure, access_code, access_since_ms, access_checked_ms, access_capabilities, checks, version,
			created_ms, changed_ms, connected_ms, ended_ms, ended_by, ended_proven, withdrawn_ms,
			confirmed_ms, confirmed_by, namings, not_accounts, mac)
		VALUES (@id, @agency, @request, @owner, @connection, @service, @kind, @account, @name, @detail,
			@read_only,
			@connected_by_name, @connected_by_email, @platform_by, @state, @failure, @reference, @tasks, @access_state,
			@access_failure, @access_code, @access_since, @access_checked, @access_capabilities, @checks, @version,
			@created, @changed, @connected, @ended, @ended_by, @ended_proven, @withdrawn,
			@confirmed, @confirmed_by, @namings, @not_accounts, @mac)`, named{
		"id":                  i.ID,
		"agency":              c.agency,
		"request":             i.Request,
		"owner":               i.Owner,
		"connection":          i.Connection,
		"service":             i.Service,
		"kind":                i.Kind,
		"account":             i.Account,
		"name":                i.Name,
		"detail":              i.Detail,
		"read_only":           boolToInt(i.ReadOnly),
		"connected_by_name":   i.By.Name,
		"connected_by_email":  i.By.Email,
		"platform_by":         i.PlatformBy,
		"state":               i.State,
		"failure":             i.Failure,
		"reference":           i.Reference,
		"tasks":               joinList(i.Tasks),
		"access_state":        i.Access.State,
		"access_failure":      i.Access.Failure,
		"access_code":         i.Access.Code,
		"access_since":        i.Access.Since,
		"access_checked":      i.Access.Checked,
		"access_capabilities": joinList(i.Access.Capabilities),
		"checks":              joinList(i.Checks),
		"version":             i.Version,
		"created":             i.Created,
		"changed":             i.Changed,
		"connected":           i.Connected,
		"ended":               i.Ended,
		"ended_by":            i.EndedBy,
		"ended_proven":        boolToInt(i.EndedProven),
		"withdrawn":           i.Withdrawn,
		"confirmed":           i.Confirmed,
		"confirmed_by":        i.ConfirmedBy,
		"namings":             joinList(i.Namings),
		"not_accounts":        joinList(i.NotAccounts),
		"mac":                 c.signer.SignRow("items", itemColumnsSigned(c.agency, i)...),
	})
}

// itemAudience is who sees an item of a request; without one it is the agency's own.
func itemAudience(request string) Audience {
	if request == "" {
		return audienceOwnerAndMains
	}
	return audienceOwner
}

func audienceOfItem(c *changeTx, id string) (Audience, error) {
	var request string
	err := c.row(`SELECT request FROM items WHERE id = $1`, id).Scan(&request)
	return itemAudience(request), err
}

func bumpItem(c *changeTx, i onboarding.Item) error {
	return c.bump(kindItem, i.ID, i.Owner, itemAudience(i.Request))
}

func deleteItem(c *changeTx, id string) error {
	i, err := itemByID(c, id)
	if err := wrapNotFound(err, "finding the item"); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM deliveries WHERE subject = $1`,
		`DELETE FROM device_credentials WHERE subject = $1`,
		`DELETE FROM jobs WHERE subject = $1`,
		`DELETE FROM items WHERE id = $1`, // with its credential's row
	} {
		if err := c.exec(query, id); err != nil {
			return err
		}
	}
	if err := endUnneeded(c); err != nil {
		return err
	}
	return c.tombstone(kindItem, id, i.Owner, itemAudience(i.Request))
}

// countItems counts what of a request is connected or waits. usable: without what its
// client has withdrawn, which is there until a computer of the agency has ended it.
func countItems(c *changeTx, request string, usable bool) (connected, waiting int, err error) {
	err = c.row(`
		SELECT COALESCE(sum(CASE WHEN state = 'connected' THEN 1 ELSE 0 END), 0),
		       COALESCE(sum(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END), 0)
		FROM   items
		WHERE  agency = $1 AND request = $2 AND (withdrawn_ms = 0 OR $3 = 0)`,
		c.agency, request, boolToInt(usable)).Scan(&connected, &waiting)
	return connected, waiting, err
}
