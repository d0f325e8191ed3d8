package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Repairs are the links by which clients repair what they shared: each leads to one item.
type Repairs struct{ *handle }

// Repair is a repair with what only the relay has of it. An item has one at a time.
type Repair struct {
	onboarding.Repair
	Item        string
	Request     string
	Agency      string
	LinkID      []byte
	Version     int
	ItemVersion int64 // of the item's credential, when the repair was prepared
	ClosedWhy   RepairEnd

	mac []byte
}

// RepairEnd is why a repair is closed.
type RepairEnd string

// The reasons.
const (
	RepairWorks     RepairEnd = "works"     // a check has passed
	RepairWithdrawn RepairEnd = "withdrawn" // by a member
	RepairEnded     RepairEnd = "ended"     // the access to the item was ended
)

const repairColumns = `p.item, p.request, r.agency, p.link_id, p.version, p.address, p.email_state, p.made_by, p.lost,
	p.item_version, p.created_ms, p.expires_ms, p.sent_ms, p.opened_ms, p.closed_ms, p.closed_why, p.mac`

const repairsFrom = `SELECT ` + repairColumns + ` FROM repairs p JOIN requests r ON r.id = p.request `

func scanRepair(row scanner) (Repair, error) {
	var p Repair
	err := row.Scan(
		&p.Item, &p.Request, &p.Agency, &p.LinkID, &p.Version, &p.Address, &p.EmailState, &p.By, &p.Lost,
		&p.ItemVersion, &p.Created, &p.Expires, &p.Sent, &p.Opened, &p.Closed, &p.ClosedWhy, &p.mac,
	)
	return p, err
}

// repairColumnsSigned are what a link leads to, and whether it works: one that was closed is
// not opened by the database.
func repairColumnsSigned(p Repair) []string {
	return []string{
		p.Agency, p.Item, p.Request, string(p.LinkID), strconv.Itoa(p.Version), formatTimestamp(p.Expires),
		formatTimestamp(p.Closed), string(p.ClosedWhy), strconv.FormatBool(p.Lost), strconv.FormatInt(p.ItemVersion, 10),
	}
}

func signedRepair(row scanner) (signedRow, error) {
	r := signedRow{signed: "repairs"}
	p, err := scanRepair(row)
	r.id, r.key, r.mac, r.columns = p.Item, []any{p.Item}, p.mac, repairColumnsSigned(p)
	r.values = map[string]string{"request": p.Request, "address": p.Address}
	return r, err
}

// State returns the state of a repair's link of a version: nil while it works, else
// ErrCompleted for a check that has passed, ErrWithdrawn, ErrLinkSuperseded or
// ErrExpired.
func (p Repair) State(version int, now onboarding.Timestamp) error {
	switch {
	case p.Closed != 0 && p.ClosedWhy == RepairWorks:
		return onboarding.ErrCompleted
	case p.Closed != 0:
		return onboarding.ErrWithdrawn
	case version < p.Version:
		return onboarding.ErrLinkSuperseded
	case now >= p.Expires:
		return onboarding.ErrExpired
	}
	return nil
}

// IsNeeded reports whether the client has something to do about an item. repairable reports
// whether they repair a failure by connecting or sharing it again; nil: each.
func (p Repair) IsNeeded(i onboarding.Item, repairable func(failure string) bool) bool {
	return p.isLost(i) || isBroken(i) && (repairable == nil || repairable(i.Access.Failure))
}

// isLost reports whether the credential of an item is still the one that was lost.
func (p Repair) isLost(i onboarding.Item) bool { return p.Lost && i.Version <= p.ItemVersion }

// GetByLink returns the repair of a link by the link's random id. ErrTampered: it is not as
// the relay wrote it.
func (s *Repairs) GetByLink(ctx context.Context, linkID []byte) (Repair, error) {
	return s.verified(scanRepair(s.db.QueryRowContext(ctx, repairsFrom+`WHERE p.link_id = $1`, linkID)))
}

// Get returns the repair of an item. ErrTampered: it is not as the relay wrote it.
func (s *Repairs) Get(ctx context.Context, item string) (Repair, error) {
	return s.verified(scanRepair(s.db.QueryRowContext(ctx, repairsFrom+`WHERE p.item = $1`, item)))
}

func (s *Repairs) verified(p Repair, err error) (Repair, error) {
	if err := wrapNotFound(err, "finding a repair"); err != nil {
		return Repair{}, err
	}
	return p, verifyRow(s.signer, p.mac, "repairs", p.Item, repairColumnsSigned(p))
}

// ListByAddress lists the open repairs of a request whose links go to an address.
func (s *Repairs) ListByAddress(ctx context.Context, request, address string) ([]Repair, error) {
	list, err := read(ctx, s.db, repairsFrom+`
		WHERE p.request = $1 AND p.address = $2 AND p.closed_ms = 0 AND p.expires_ms > $3
		ORDER BY p.created_ms, p.item`, []any{request, address, s.timestamp()}, scanRepair)
	if err != nil {
		return nil, fmt.Errorf("listing repairs: %w", err)
	}
	for _, p := range list {
		if _, err := s.verified(p, nil); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// readOpenRepairs reads the repairs of items that are not closed, by the item.
func readOpenRepairs(ctx context.Context, q queryer, items []onboarding.Item) (map[string]Repair, error) {
	repairs := map[string]Repair{}
	if len(items) == 0 {
		return repairs, nil
	}
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	list, args := inClause(ids)
	found, err := read(ctx, q, repairsFrom+`WHERE p.closed_ms = 0 AND p.item `+list, args, scanRepair)
	if err != nil {
		return nil, fmt.Errorf("reading repairs: %w", err)
	}
	for _, p := range found {
		repairs[p.Item] = p
	}
	return repairs, nil
}

func repairOf(c *changeTx, item string) (p Repair, exists bool, err error) {
	p, err = scanRepair(c.row(repairsFrom+`WHERE p.item = $1`, item))
	if errors.Is(err, sql.ErrNoRows) {
		return Repair{}, false, nil
	}
	if err != nil {
		return p, false, err
	}
	return p, true, verifyRow(c.signer, p.mac, "repairs", item, repairColumnsSigned(p))
}

// mayVisit refuses a visit whose link does not work.
func mayVisit(c *changeTx, r Request, v Visit) error {
	if v.Repair != "" {
		p, err := openRepair(c, r, v.Repair)
		if err != nil {
			return err
		}
		return p.State(v.Version, c.now)
	}
	if err := r.LinkState(c.now); err != nil {
		return err
	}
	if v.Version != r.LinkVersion {
		return onboarding.ErrLinkSuperseded
	}
	return nil
}

// mayWrite refuses what a client does in a request whose link does not work or, in a visit
// that repairs an item, whose repair is not open. A repair writes no other item.
func mayWrite(c *changeTx, r Request, repair, item string) error {
	if repair == "" {
		return r.LinkState(c.now)
	}
	if item != repair {
		return onboarding.ErrNotFound
	}
	p, err := openRepair(c, r, repair)
	if err != nil {
		return err
	}
	return p.State(p.Version, c.now)
}

func openRepair(c *changeTx, r Request, item string) (Repair, error) {
	p, exists, err := repairOf(c, item)
	if err == nil && (!exists || p.Request != r.ID) {
		err = onboarding.ErrNotFound
	}
	return p, err
}

// MarkOpened records that a repair's link was opened.
func (s *Repairs) MarkOpened(ctx context.Context, p Repair) error {
	return s.plainChange(ctx, p.Agency, p.Request, "opening a repair of", func(c *changeTx, r Request) error {
		stored, err := openRepair(c, r, p.Item)
		if err != nil {
			return err
		}
		if err := stored.State(stored.Version, c.now); err != nil {
			return err
		}
		if stored.Opened != 0 {
			return errUnchanged
		}
		if err := c.exec(`UPDATE repairs SET opened_ms = $1 WHERE item = $2`, c.now, p.Item); err != nil {
			return err
		}
		return bumpRepaired(c, p.Item)
	})
}

// Ask records that the client asks for a new link to repair an item, since theirs has
// expired, and tells the item's owner: once a day, however often it is asked.
func (s *Repairs) Ask(ctx context.Context, p Repair, who string) error {
	return s.plainChange(ctx, p.Agency, p.Request, "asking for a repair of", func(c *changeTx, r Request) error {
		stored, err := openRepair(c, r, p.Item)
		if err != nil {
			return err
		}
		switch err := stored.State(stored.Version, c.now); {
		case err == nil:
			return errUnchanged // a new one was made a moment ago
		case !errors.Is(err, onboarding.ErrExpired):
			return err
		}
		if asked, err := repairAsked(c.ctx, c, p.Item, c.now); err != nil || asked != 0 {
			return cmp.Or(err, errUnchanged)
		}
		i, err := itemByID(c, p.Item)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if err := recordEvent(c, r.ID, onboarding.EventLinkAsked, who, stored.Address); err != nil {
			return err
		}
		return recordNews(c, News{
			Kind: onboarding.NewsLinkAsked, Request: r.ID, Item: i.ID, Owner: r.Owner, Service: i.Service,
		})
	})
}

// Asked is when the client asked for a new link to repair an item; zero: nobody did, or so
// long ago that they may ask again.
func (s *Repairs) Asked(ctx context.Context, item string) (onboarding.Timestamp, error) {
	return repairAsked(ctx, s.db, item, s.timestamp())
}

func repairAsked(
	ctx context.Context, q queryer, item string, now onboarding.Timestamp,
) (asked onboarding.Timestamp, err error) {
	err = q.QueryRowContext(ctx, `
		SELECT COALESCE(max(n.created_ms), 0) FROM news n JOIN items i ON i.id = n.item
		WHERE  n.agency = i.agency AND i.id = $1 AND n.kind = $2 AND n.created_ms > $3`,
		item, onboarding.NewsLinkAsked, now-askedCounts).Scan(&asked)
	if err != nil {
		return 0, fmt.Errorf("reading whether a repair link was asked for: %w", err)
	}
	return asked, nil
}

func bumpRepaired(c *changeTx, item string) error {
	i, err := itemByID(c, item)
	if err != nil {
		return err
	}
	return bumpItem(c, i)
}

// closeRepair closes the open repair of an item, if it has one, and ends its visits.
func closeRepair(c *changeTx, i onboarding.Item, why RepairEnd, who string) error {
	p, exists, err := repairOf(c, i.ID)
	if err != nil || !exists || p.Closed != 0 {
		return err
	}
	p.Closed, p.ClosedWhy = c.now, why
	if err := c.exec(`UPDATE repairs SET closed_ms = $1, closed_why = $2, mac = $3 WHERE item = $4`,
		p.Closed, p.ClosedWhy, c.signer.SignRow("repairs", repairColumnsSigned(p)...), i.ID); err != nil {
		return err
	}
	if err := endRepairVisits(c, i.ID); err != nil {
		return err
	}
	if err := cancelRepairEmails(c, i.Request); err != nil {
		return err
	}
	kind := onboarding.EventRepairWithdrawn
	if why == RepairWorks {
		kind = onboarding.EventRepaired
	}
	if err := recordItemEvent(c, i, kind, who); err != nil {
		return err
	}
	return bumpItem(c, i)
}

// closeWorkingRepair closes the open repair of an item whose check has passed. Access that
// the client has not repaired yet, since its credential was lost, was not checked.
func closeWorkingRepair(c *changeTx, i onboarding.Item) (closed bool, err error) {
	p, exists, err := repairOf(c, i.ID)
	if err != nil || !exists || p.Closed != 0 || p.isLost(i) {
		return false, err
	}
	return true, closeRepair(c, i, RepairWorks, "")
}

func hasOpenRepair(c *changeTx, i onboarding.Item) (bool, error) {
	p, exists, err := repairOf(c, i.ID)
	return exists && p.Closed == 0, err
}

// Recheck records that a client has done at the platform by hand what an item's repair asks
// for: the next check is made at once.
func (s *Repairs) Recheck(ctx context.Context, p Repair) error {
	return s.plainChange(ctx, p.Agency, p.Request, "rechecking a repair of", func(c *changeTx, r Request) error {
		if err := mayWrite(c, r, p.Item, p.Item); err != nil {
			return err
		}
		if err := c.exec(`UPDATE repairs SET opened_ms = $1 WHERE item = $2 AND opened_ms = 0`, c.now, p.Item); err != nil {
			return err
		}
		if err := clearBroken(c, p.Item); err != nil {
			return err
		}
		return bumpRepaired(c, p.Item)
	})
}

func endRepairVisits(c *changeTx, item string) error {
	if err := c.exec(`
		DELETE FROM oauth_states WHERE visit IN (SELECT id FROM visits WHERE repair = $1)`, item); err != nil {
		return err
	}
	return c.exec(`
		UPDATE visits SET ended_ms = $1, sealed_token = $2, token_used_ms = 0
		WHERE repair = $3 AND ended_ms = 0`, c.now, []byte{}, item)
}

// cancelRepairEmails cancels the queued emails of a request that no open repair needs.
func cancelRepairEmails(c *changeTx, request string) error {
	return c.exec(`
		UPDATE emails SET state = $1, finished_ms = $2
		WHERE  request = $3 AND kind = $4 AND state = $5 AND attempts = 0 AND address NOT IN (
		       SELECT address FROM repairs WHERE request = $3 AND closed_ms = 0)`,
		onboarding.EmailCancelled, c.now, request, EmailRepair, onboarding.EmailQueued)
}

// Close closes the open repair of an item: its link no longer works.
func (s *Repairs) Close(ctx context.Context, agency, item, who string) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		i, err := itemByID(c, item)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if err := closeRepair(c, i, RepairWithdrawn, who); err != nil {
			return err
		}
		return bumpRequestOf(c, i)
	})
	if err != nil {
		return fmt.Errorf("closing the repair of item %s: %w", item, err)
	}
	return nil
}

func bumpRequestOf(c *changeTx, i onboarding.Item) error {
	var owner string
	if err := c.row(`SELECT owner FROM requests WHERE id = $1`, i.Request).Scan(&owner); err != nil {
		return err
	}
	return c.bump(kindRequest, i.Request, owner, audienceOwner)
}

// NewRepair asks for links to repair items of a request.
type NewRepair struct {
	Items   []RepairItem
	Lost    bool   // their credentials were only on a computer that is gone
	Address string // whom the links are emailed to; empty: nobody
	Send    string // the id of the email: the same once more changes nothing
	Hashes  func(address string) [][]byte
	Who     string // the member's name
	Limits  onboarding.Limits
	// Repairable reports whether a client repairs a failure by connecting or sharing the item
	// again; nil: each.
	Repairable func(failure string) bool
}

// RepairItem is an item to repair, and the random id of its link, if it has none yet.
type RepairItem struct {
	ID     string
	LinkID []byte
}

// PreparedRepairs is what became of links that were asked for.
type PreparedRepairs struct {
	Items   []string   // that have an open link now
	Blocked EmailBlock // why no email goes to the address; the links are prepared all the same
}

// maxRepairEmails is how many emails a day take an item's link to somebody.
const maxRepairEmails = 3

// Prepare opens a repair of each item, and emails the links to one address. An item whose
// repair is open keeps its link. One that works, has ended or was withdrawn gets none, and so
// does one that its client cannot repair. ErrConflict: none needs any.
func (s *Repairs) Prepare(
	ctx context.Context, agency, request string, n NewRepair,
) (prepared PreparedRepairs, err error) {
	err = s.plainChange(ctx, agency, request, "preparing repairs of", func(c *changeTx, r Request) error {
		prepared, err = prepareRepairs(c, r, n)
		return err
	})
	return prepared, err
}

func prepareRepairs(c *changeTx, r Request, n NewRepair) (prepared PreparedRepairs, err error) {
	if sent, err := isRepairSent(c, n); err != nil {
		return prepared, err
	} else if sent {
		if prepared.Items, err = openRepairsOf(c, n.Items); err != nil {
			return prepared, err
		}
		return prepared, errUnchanged
	}
	if prepared.Blocked, err = repairBlock(c, r, n); err != nil {
		return prepared, err
	}
	if prepared.Blocked != "" {
		n.Address = ""
	}
	if err := spellAddress(c, r, n.Address); err != nil {
		return prepared, err
	}
	for _, wanted := range n.Items {
		needed, err := prepareRepair(c, r, wanted, n)
		if err != nil {
			return prepared, err
		}
		if needed {
			prepared.Items = append(prepared.Items, wanted.ID)
		}
	}
	if len(prepared.Items) == 0 {
		return prepared, onboarding.ErrConflict
	}
	if err := remember(c, r); err != nil || n.Address == "" {
		return prepared, err
	}
	until, err := checkAddressLimits(c.reads(), EmailRepair, n.Hashes(n.Address), n.Limits)
	if err != nil {
		return prepared, err
	}
	email := Email{
		ID: n.Send, Kind: EmailRepair, Request: r.ID, Item: n.Items[0].ID, Address: n.Address, NotBefore: until,
	}
	if err := enqueueCounted(c, email, n.Hashes(n.Address)); err != nil {
		return prepared, err
	}
	return prepared, checkAgencyLimit(c.agencyTx, n.Limits)
}

// isRepairSent reports whether the email of a send is queued already, or has gone out: its
// answer was lost on the way to the hub.
func isRepairSent(c *changeTx, n NewRepair) (bool, error) {
	if n.Send == "" {
		return false, nil
	}
	var sent int64
	err := c.row(`SELECT count(*) FROM emails WHERE id = $1`, n.Send).Scan(&sent)
	return sent > 0, err
}

func openRepairsOf(c *changeTx, items []RepairItem) ([]string, error) {
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	list, args := inClause(ids)
	return c.texts(`SELECT item FROM repairs WHERE closed_ms = 0 AND item `+list+` ORDER BY item`, args...)
}

// spellAddress has the open repairs of a request that go to an address spell it as it was
// entered last: one email has the links of all of them.
func spellAddress(c *changeTx, r Request, address string) error {
	if address == "" {
		return nil
	}
	spellings, err := c.texts(`
		SELECT DISTINCT address FROM repairs WHERE request = $1 AND address <> $2 AND closed_ms = 0`, r.ID, address)
	if err != nil {
		return err
	}
	for _, other := range spellings {
		if !onboarding.SameAddress(other, address) {
			continue
		}
		if err := c.exec(`UPDATE repairs SET address = $1 WHERE request = $2 AND address = $3 AND closed_ms = 0`,
			address, r.ID, other); err != nil {
			return err
		}
	}
	return nil
}

// repairBlock is why no email with a request's repair links goes to an address.
func repairBlock(c *changeTx, r Request, n NewRepair) (EmailBlock, error) {
	if n.Address == "" {
		return "", nil
	}
	block, _, err := emailBlockOf(c.reads(), EmailRepair, Mailbox{Hashes: n.Hashes(n.Address), Limits: n.Limits})
	if err != nil || block != "" {
		return block, err
	}
	var today int
	if err := c.row(`
		SELECT count(*) FROM emails WHERE request = $1 AND kind = $2 AND item = $3 AND created_ms > $4`,
		r.ID, EmailRepair, n.Items[0].ID, c.now-day).Scan(&today); err != nil {
		return "", err
	}
	if today >= maxRepairEmails {
		return BlockLimit, nil
	}
	return "", nil
}

// remember has the names in a request that were forgotten kept again for as long as after
// its completion: a repair brings new ones.
func remember(c *changeTx, r Request) error {
	if r.Forgotten == 0 {
		return nil
	}
	if err := c.exec(`UPDATE requests SET forgotten_ms = 0 WHERE id = $1`, r.ID); err != nil {
		return err
	}
	return schedule(c.agencyTx, JobForget, r.ID, forgetConnected(c.now))
}

// prepareRepair opens the repair of an item that needs one.
func prepareRepair(c *changeTx, r Request, wanted RepairItem, n NewRepair) (needed bool, err error) {
	i, err := itemByID(c, wanted.ID)
	if err := wrapNotFound(err, "finding the item"); err != nil {
		return false, err
	}
	if i.Request != r.ID {
		return false, onboarding.ErrNotFound
	}
	if i.State == onboarding.ItemEnded || i.Withdrawn != 0 {
		return false, nil
	}
	old, exists, err := repairOf(c, i.ID)
	if err != nil {
		return false, err
	}
	p := Repair{
		Item: i.ID, Request: r.ID, Agency: c.agency, LinkID: wanted.LinkID, Version: old.Version + 1, ItemVersion: i.Version,
		Repair: onboarding.Repair{
			Address: n.Address, By: n.Who, Lost: n.Lost && i.Version > 0, Created: c.now, Expires: onboarding.LinkEnds(c.now),
		},
	}
	if exists {
		p.LinkID = old.LinkID
	}
	isOpen := exists && old.State(old.Version, c.now) == nil
	if isOpen {
		p.goOnFrom(old, i)
	}
	if !p.IsNeeded(i, n.Repairable) {
		return false, nil
	}
	if !isOpen {
		if err := endRepairVisits(c, i.ID); err != nil {
			return false, err
		}
	}
	if n.Address != "" {
		p.EmailState = onboarding.EmailQueued
	}
	if err := writeRepair(c, p); err != nil {
		return false, err
	}
	return true, recordPrepared(c, i, p)
}

// recordPrepared records that a repair was opened, unless it was open before.
func recordPrepared(c *changeTx, i onboarding.Item, p Repair) error {
	if p.Created == c.now {
		if err := recordItemEvent(c, i, onboarding.EventRepairPrepared, p.By); err != nil {
			return err
		}
	}
	return bumpItem(c, i)
}

// goOnFrom keeps the link of the open repair of an item that p takes the place of.
func (p *Repair) goOnFrom(old Repair, i onboarding.Item) {
	p.Version, p.Created, p.Expires, p.Opened = old.Version, old.Created, old.Expires, old.Opened
	if old.isLost(i) || !p.Lost {
		p.Lost, p.ItemVersion = old.Lost, old.ItemVersion
	}
	if p.Address == "" || onboarding.SameAddress(p.Address, old.Address) {
		p.Address, p.EmailState, p.Sent = old.Address, old.EmailState, old.Sent
	}
}

func writeRepair(c *changeTx, p Repair) error {
	p.Closed, p.ClosedWhy = 0, ""
	return c.execNamed(`
		INSERT INTO repairs (item, request, link_id, version, address, email_state, made_by, lost, item_version,
			created_ms, expires_ms, sent_ms, opened_ms, closed_ms, closed_why, mac)
		VALUES (@item, @request, @link_id, @version, @address, @email_state, @by, @lost, @item_version,
			@created, @expires, @sent, @opened, 0, '', @mac)
		ON CONFLICT (item) DO UPDATE
		SET version = excluded.version, address = excluded.address, email_state = excluded.email_state,
		    made_by = excluded.made_by, lost = excluded.lost, item_version = excluded.item_version,
		    created_ms = excluded.created_ms, expires_ms = excluded.expires_ms, sent_ms = excluded.sent_ms,
		    opened_ms = excluded.opened_ms, closed_ms = 0, closed_why = '', mac = excluded.mac`, named{
		"item":         p.Item,
		"request":      p.Request,
		"link_id":      p.LinkID,
		"version":      p.Version,
		"address":      p.Address,
		"email_state":  p.EmailState,
		"by":           p.By,
		"lost":         boolToInt(p.Lost),
		"item_version": p.ItemVersion,
		"created":      p.Created,
		"expires":      p.Expires,
		"sent":         p.Sent,
		"opened":       p.Opened,
		"mac":          c.signer.SignRow("repairs", repairColumnsSigned(p)...),
	})
}

// finishRepairEmail stores the result of an attempt at an email with repair links in the
// repairs that it is about.
func finishRepairEmail(c *changeTx, email Email, result EmailResult) error {
	items, err := c.texts(`
		UPDATE repairs SET email_state = $1, sent_ms = CASE WHEN $1 = 'accepted' THEN $2 ELSE sent_ms END
		WHERE  request = $3 AND address = $4 AND closed_ms = 0 RETURNING item`,
		result.State, c.now, email.Request, email.Address)
	if err != nil || len(items) == 0 {
		return err
	}
	for _, item := range items {
		if err := bumpRepaired(c, item); err != nil {
			return err
		}
	}
	kind := onboarding.EventRepairSent
	switch result.State {
	case onboarding.EmailAccepted:
	case onboarding.EmailRefused:
		kind = onboarding.EventEmailRefused
	default:
		return nil
	}
	if err := recordEvent(c, email.Request, kind, "", email.Address); err != nil {
		return err
	}
	return bumpRequestOf(c, onboarding.Item{Request: email.Request})
}

// WithoutReceiver lists, of items, those with a credential that no computer has any more,
// and that is on its way to none.
func (s *Repairs) WithoutReceiver(ctx context.Context, agency string, items []string) ([]string, error) {
	if len(items) == 0 {
		return nil, nil
	}
	list, args := inClause(items, agency)
	var lost []string
	err := s.db.Read(ctx, func(q sqldb.Queryer) error {
		rows, err := q.QueryContext(ctx, `
			SELECT i.id FROM items i WHERE i.agency = $1 AND i.request <> '' AND i.state <> 'ended'
			  AND  i.version > 0 AND i.withdrawn_ms = 0
			  AND  i.id `+list+`
			  AND  NOT EXISTS (SELECT 1 FROM device_credentials h JOIN devices d ON d.id = h.device
			       WHERE h.subject = i.id AND d.revoked_ms = 0)
			  AND  NOT EXISTS (SELECT 1 FROM deliveries w JOIN devices d ON d.id = w.device
			       WHERE w.subject = i.id AND d.revoked_ms = 0)
			ORDER BY i.id`, args...)
		lost, err = scanAll(rows, err, scanText)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing what no computer has: %w", err)
	}
	return lost, nil
}
