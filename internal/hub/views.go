package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Phase is the finer fact below a request's status.
type Phase string

// The phases, the most urgent first: a request is in the first that fits.
const (
	PhaseRefused         Phase = "refused"          // the relay refused something; see Trouble
	PhaseDeleting        Phase = "deleting"         // waits for the network, or is on its way
	PhaseSaving          Phase = "saving"           // the relay does not have it yet
	PhaseSending         Phase = "sending"          // something else waits
	PhaseLetterRefused   Phase = "letter_refused"   // a mail server did not take it
	PhaseAttention       Phase = "attention"        // something that was shared does not work
	PhaseConnected       Phase = "connected"        //
	PhaseFinishedWaiting Phase = "finished_waiting" // the client is done, nothing has arrived yet
	PhaseExpired         Phase = "expired"          //
	PhasePartly          Phase = "partly"           // some of what was asked is connected
	PhaseStarted         Phase = "started"          // a person gave their name
	PhaseOpened          Phase = "opened"           //
	PhaseSent            Phase = "sent"             // a letter was taken by its server
	PhaseQueued          Phase = "queued"           // a letter is on its way
	PhaseLinkOnly        Phase = "link_only"        // nobody was sent it
)

// ServiceCell is one asked service of a row: what has come of it.
type ServiceCell struct {
	Service   onboarding.Service  `json:"service"`
	Platform  onboarding.Platform `json:"platform"`
	Connected int                 `json:"connected"`
	Waiting   int                 `json:"waiting"`
	Attention bool                `json:"attention"`
	Skipped   bool                `json:"skipped"`
	Names     []string            `json:"names"` // of what is connected
	Gives     string              `json:"gives"` // what that gives together, in one line; may be empty
}

// RequestRow is a request in a list.
type RequestRow struct {
	ID             string            `json:"id"`
	Client         string            `json:"client"`
	OwnerID        string            `json:"owner_id"`
	Owner          string            `json:"owner"`
	Recipient      string            `json:"recipient"` // the first address
	RecipientName  string            `json:"recipient_name"`
	MoreRecipients int               `json:"more_recipients"`
	LinkOnly       bool              `json:"link_only"`
	Status         onboarding.Status `json:"status"`
	Phase          Phase             `json:"phase"`
	Created        onboarding.Moment `json:"created"`
	Changed        onboarding.Moment `json:"changed"`
	Sent           onboarding.Moment `json:"sent"` // the newest letter that a server took
	Opened         onboarding.Moment `json:"opened"`
	Expires        onboarding.Moment `json:"expires"`
	Finished       onboarding.Moment `json:"finished"`
	Completed      onboarding.Moment `json:"completed"`
	CompletedBy    string            `json:"completed_by"`
	Asked          int               `json:"asked"` // services
	Got            int               `json:"got"`   // of them with something connected: "2 of 3 connected"
	Services       []ServiceCell     `json:"services"`
	Attention      bool              `json:"attention"`
	Archived       bool              `json:"archived"`
	Trouble        string            `json:"trouble"` // the code of what the relay refused last
	Held           onboarding.Moment `json:"held"`    // the relay's limits hold letters back, which are tried again then
	Can            Actions           `json:"can"`
}

// Actions are what can be done with a request now.
type Actions struct {
	Edit     bool `json:"edit"`
	Send     bool `json:"send"`
	Resend   bool `json:"resend"`
	CopyLink bool `json:"copy_link"` // offline before the relay has it, the link is still empty
	Delete   bool `json:"delete"`
	Renew    bool `json:"renew"`
	Reopen   bool `json:"reopen"`
	Archive  bool `json:"archive"`
}

func memberNames(ctx context.Context, q sqldb.Queryer) (map[string]string, error) {
	members, err := readRows[onboarding.Member](ctx, q, `SELECT truth FROM members`)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(members))
	for _, m := range members {
		names[m.ID] = m.Name
	}
	return names, nil
}

func (r held) row(now onboarding.Moment, members map[string]string) RequestRow {
	row := RequestRow{
		ID: r.ID, Client: r.Client, OwnerID: r.Owner, Owner: members[r.Owner], Status: r.Status,
		Created: r.Created, Changed: r.changed(), Opened: r.Opened, Expires: r.Expires, Finished: r.Finished,
		Completed: r.Completed, CompletedBy: r.CompletedBy.Name, Asked: len(r.Services), Attention: r.attention(), Archived: r.Archived != 0,
		LinkOnly: len(r.Recipients) == 0, Services: []ServiceCell{},
	}
	for n, to := range r.Recipients {
		if n == 0 {
			row.Recipient = to.Address
		}
		row.Sent = max(row.Sent, to.Sent)
	}
	row.MoreRecipients = max(len(r.Recipients)-1, 0)
	row.RecipientName = r.nameOf(row.Recipient)
	for _, service := range r.Services {
		cell := r.cell(service)
		if cell.Connected > 0 {
			row.Got++
		}
		row.Services = append(row.Services, cell)
	}
	for _, e := range r.entries {
		if e.Refused != 0 {
			row.Trouble = e.Code
		} else if e.Code == wire.Code(onboarding.ErrTooOften) {
			row.Held = e.Next
		}
	}
	row.Phase = r.phase(now, row)
	row.Can = r.can(now)
	return row
}

// nameOf is the name of the person behind an address, once they have given it.
func (r held) nameOf(address string) string {
	if address != "" && onboarding.SameAddress(r.CompletedBy.Email, address) {
		return r.CompletedBy.Name
	}
	for _, i := range r.items {
		if address != "" && onboarding.SameAddress(i.By.Email, address) {
			return i.By.Name
		}
	}
	return ""
}

func (r held) cell(service onboarding.Service) ServiceCell {
	cell := ServiceCell{Service: service, Platform: service.Platform(), Names: []string{}}
	var of []onboarding.Item
	for _, i := range r.items {
		if i.Service != service {
			continue
		}
		of = append(of, i)
		switch {
		case broken(i):
			cell.Attention = true
		case waiting(i):
			cell.Waiting++
		}
		if i.State == onboarding.ItemConnected {
			cell.Connected++
			cell.Names = append(cell.Names, i.Name)
		}
	}
	cell.Gives = catalog.CapabilitySummary(of)
	cell.Skipped = slices.ContainsFunc(r.Skipped, func(s onboarding.Skip) bool { return s.Service == service })
	return cell
}

func (r held) phase(now onboarding.Moment, row RequestRow) Phase {
	started := slices.ContainsFunc(r.Events, func(e onboarding.Event) bool { return e.Kind == onboarding.EventStarted })
	letter := func(state onboarding.LetterState) bool {
		return slices.ContainsFunc(r.Recipients, func(to onboarding.Recipient) bool { return to.Letter == state })
	}
	link := r.LinkState(now)
	switch {
	case row.Trouble != "":
		return PhaseRefused
	case r.waits(EntryWithdraw, EntryDeleteClient):
		return PhaseDeleting
	case !r.known:
		return PhaseSaving
	case r.waits(EntryEdit, EntrySend, EntryResend, EntryRenew, EntryReopen, EntryOffer):
		return PhaseSending
	case r.Status == onboarding.Pending && letter(onboarding.LetterRefused):
		return PhaseLetterRefused
	case row.Attention:
		return PhaseAttention
	case r.Status == onboarding.Connected:
		return PhaseConnected
	case r.Finished != 0:
		return PhaseFinishedWaiting
	case errors.Is(link, onboarding.ErrExpired):
		return PhaseExpired
	case row.Got > 0:
		return PhasePartly
	case started:
		return PhaseStarted
	case r.Opened != 0:
		return PhaseOpened
	case letter(onboarding.LetterAccepted):
		return PhaseSent
	case len(r.Recipients) > 0:
		return PhaseQueued
	}
	return PhaseLinkOnly
}

// can says what the relay would let be done now, as far as this computer knows.
func (r held) can(now onboarding.Moment) Actions {
	if r.waits(EntryWithdraw, EntryDeleteClient) || r.Withdrawn != 0 {
		return Actions{}
	}
	open := r.open(now) == nil
	link := r.LinkState(now)
	return Actions{
		Edit:     r.editable(),
		Send:     open,
		Resend:   open && len(r.Recipients) > 0,
		CopyLink: open,
		Delete:   r.Status == onboarding.Pending,
		Renew:    r.known && errors.Is(link, onboarding.ErrExpired) && !r.waits(EntryRenew),
		Reopen:   r.known && errors.Is(link, onboarding.ErrCompleted) && !r.waits(EntryReopen),
		Archive:  r.known && link != nil,
	}
}

// RecipientState is how far a letter to one address has come, in one word.
type RecipientState string

// What can be said of an address.
const (
	RecipientWaiting RecipientState = "waiting" // the relay does not have it yet
	RecipientQueued  RecipientState = "queued"
	RecipientDelayed RecipientState = "delayed" // put off by their server; it is tried again
	RecipientSent    RecipientState = "sent"
	RecipientOpened  RecipientState = "opened"
	RecipientFailed  RecipientState = "failed"
	RecipientStopped RecipientState = "stopped" // "This was not meant for me"
)

// RecipientRow is one address of a request.
type RecipientRow struct {
	ID      string            `json:"id"`
	Address string            `json:"address"`
	State   RecipientState    `json:"state"`
	At      onboarding.Moment `json:"at"`    // since when, where that is known
	Words   string            `json:"words"` // their mail server's
	Count   int               `json:"count"` // letters that it took
	Resend  bool              `json:"resend"`
	Unseen  bool              `json:"unseen"` // sent days ago, and no sign that it arrived
}

// unseenAfter is how long a letter may lie unopened before a person looks into it.
const unseenAfter = 3 * 24 * 3600 * 1000

// unseen says whether nothing was heard of a letter for days, while its link
// still works.
func unseen(to onboarding.Recipient, open bool, now onboarding.Moment) bool {
	return open && to.Letter == onboarding.LetterAccepted && to.Opened == 0 && to.Stopped == 0 && to.Sent != 0 && now-to.Sent > unseenAfter
}

func recipientRow(to onboarding.Recipient, open bool, now onboarding.Moment) RecipientRow {
	row := RecipientRow{ID: to.ID, Address: to.Address, Words: to.Words, Count: to.Count}
	switch {
	case to.Stopped != 0:
		row.State, row.At = RecipientStopped, to.Stopped
	case to.Opened != 0:
		row.State, row.At = RecipientOpened, to.Opened
	case to.Letter == onboarding.LetterRefused:
		row.State = RecipientFailed
	case to.Letter == onboarding.LetterAccepted:
		row.State, row.At = RecipientSent, to.Sent
	case to.Letter == "":
		row.State = RecipientWaiting
	case to.Words != "":
		row.State = RecipientDelayed
	default:
		row.State = RecipientQueued
	}
	row.Resend = open && to.Stopped == 0 && to.Letter != ""
	row.Unseen = unseen(to, open, now)
	return row
}

// ItemRow is one account or asset, in Accounts and in a request's details.
type ItemRow struct {
	ID        string                 `json:"id"`
	Request   string                 `json:"request"`
	Client    string                 `json:"client"`
	Service   onboarding.Service     `json:"service"`
	Platform  onboarding.Platform    `json:"platform"`
	Kind      onboarding.Kind        `json:"kind"`
	Account   string                 `json:"account"`
	Name      string                 `json:"name"`
	Detail    string                 `json:"detail"`
	Managed   bool                   `json:"managed"`
	State     onboarding.ItemState   `json:"state"`
	Access    onboarding.AccessState `json:"access"`
	Attention bool                   `json:"attention"` // the red dot
	Waiting   bool                   `json:"waiting"`   // the ring
	Failure   string                 `json:"failure"`   // the catalog's code of what is wrong, or waited for
	Code      string                 `json:"code"`      // the platform's own
	Title     string                 `json:"title"`     // what failed, from the catalog
	Sentence  string                 `json:"sentence"`
	Who       string                 `json:"who"`            // who can fix it, in words
	Next      string                 `json:"next"`           // what to do
	Fix       catalog.Fix            `json:"fix" ts:"empty"` // what the screens offer for it
	Note      string                 `json:"note"`           // to copy for who can fix it; may be empty
	NoteFor   string                 `json:"note_for"`
	Open      string                 `json:"open"` // the platform's page on which it is fixed; may be empty
	Since     onboarding.Moment      `json:"since"`
	Checked   onboarding.Moment      `json:"checked"`
	NextCheck onboarding.Moment      `json:"next_check"`
	Tasks     []string               `json:"tasks"`
	Gives     string                 `json:"gives"`  // in one line, as the last check that works showed it; may be empty
	Checks    []CheckRow             `json:"checks"` // the last three, newest first
	By        string                 `json:"by"`
	ByEmail   string                 `json:"by_email"`
	Connected onboarding.Moment      `json:"connected"`
	Endable   bool                   `json:"endable"` // its access can be ended
	Ended     onboarding.Moment      `json:"ended"`
	EndedBy   string                 `json:"ended_by"`
	Proven    bool                   `json:"proven"` // a call has proved that the ended access is gone
	Here      bool                   `json:"here"`   // its credential is on this computer, or it needs none
	Reference string                 `json:"reference"`
}

// readItemRows reads items in the order of the ids.
func readItemRows(ctx context.Context, q sqldb.Queryer, ids []string) ([]ItemRow, error) {
	rows := []ItemRow{}
	if len(ids) == 0 {
		return rows, nil
	}
	agency, err := readAgency(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		item, err := readItem(ctx, q, id)
		if errors.Is(err, onboarding.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		row, err := itemRow(ctx, q, item, agency)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func itemRow(ctx context.Context, q sqldb.Queryer, i onboarding.Item, agency onboarding.Agency) (ItemRow, error) {
	row := ItemRow{
		ID: i.ID, Request: i.Request, Service: i.Service, Platform: i.Service.Platform(), Kind: i.Kind, Account: i.Account, Name: i.Name,
		Detail: i.Detail, Managed: i.Request == "", State: i.State, Access: i.Access.State, Attention: broken(i), Waiting: waiting(i) && !broken(i),
		Code: i.Access.Code, Since: i.Access.Since, Checked: i.Access.Checked, Tasks: i.Tasks, By: i.By.Name, ByEmail: i.By.Email,
		Connected: i.Connected, Reference: i.Reference, Endable: endable(i), Ended: i.Ended, EndedBy: i.EndedBy, Proven: i.EndedProven,
	}
	if row.Tasks == nil {
		row.Tasks = []string{}
	}
	var held, due int64
	if err := q.QueryRowContext(ctx, `SELECT
		COALESCE((SELECT truth ->> 'client' FROM requests JOIN request_truths USING (seq) WHERE id = $1), ''),
		COALESCE((SELECT version FROM credentials WHERE subject = $2 AND discard_ms = 0), 0),
		COALESCE((SELECT due_ms FROM checks WHERE item = $3), 0)`, i.Request, subjectItem+i.ID, i.ID).Scan(&row.Client, &held, &due); err != nil {
		return row, fmt.Errorf("reading item %s: %w", i.ID, err)
	}
	if row.Managed {
		row.Client = agency.Name
	}
	row.Here = i.Version == 0 || held > 0
	row.NextCheck = onboarding.Moment(due)
	row.Failure = i.Failure
	if i.State != onboarding.ItemEnded && i.Access.Failure != "" && (i.Access.State == onboarding.AccessBroken || i.Access.State == onboarding.AccessWaiting) {
		row.Failure = i.Access.Failure
	}
	facts, err := itemFacts(ctx, q, i, row, agency)
	if err != nil {
		return row, err
	}
	row.Gives, row.Checks = gives(i), checkRows(i, facts)
	if row.Failure == "" || !row.Attention && !row.Waiting && i.State != onboarding.ItemEnded {
		return row, nil
	}
	row.Since = facts.When
	said := catalog.SayToAgency(catalog.FailureCode(row.Failure), facts)
	row.Title, row.Sentence, row.Who, row.Next = said.Title, said.Sentence, said.Who, said.Next
	row.Fix, row.Note, row.NoteFor, row.Open = said.Fix, said.Note, said.NoteFor, said.Open.URL
	return row, nil
}

// EntryRow is something that waits to be sent, or that the relay refused.
type EntryRow struct {
	Seq       int64             `json:"seq"`
	Request   string            `json:"request"` // empty: the agency's settings or a computer
	Kind      EntryKind         `json:"kind"`
	Title     string            `json:"title"`
	Made      onboarding.Moment `json:"made"`
	Tries     int               `json:"tries"`
	Next      onboarding.Moment `json:"next"`    // tried again then; zero: as soon as there is a network
	Refused   onboarding.Moment `json:"refused"` // by the relay, for good
	Code      string            `json:"code"`
	Field     string            `json:"field"`
	Sentence  string            `json:"sentence"`
	Reference string            `json:"reference"`
}

func (e entry) row() EntryRow {
	request := e.Subject
	if e.Subject == subjectAgency || strings.HasPrefix(e.Subject, subjectDevice) || strings.HasPrefix(e.Subject, subjectItem) {
		request = ""
	}
	return EntryRow{e.Seq, request, e.Kind, e.Title, e.Made, e.Tries, e.Next, e.Refused, e.Code, e.Field, e.Sentence, e.Reference}
}

// Outbox lists what waits to be sent and what the relay refused, oldest first.
func (h *Hub) Outbox(ctx context.Context) ([]EntryRow, error) {
	entries, err := readEntries(ctx, h.db, `ORDER BY seq LIMIT 1000`)
	if err != nil {
		return nil, err
	}
	rows := []EntryRow{}
	for _, e := range entries {
		rows = append(rows, e.row())
	}
	return rows, nil
}

// RequestDetails is all about one request.
type RequestDetails struct {
	RequestRow
	Message      string            `json:"message"`
	Link         string            `json:"link"` // empty until the relay has the request
	ConnectionID string            `json:"connection_id"`
	FacebookUser string            `json:"facebook_user"`
	BusinessID   string            `json:"business_id"`
	Business     string            `json:"business"`
	Kinds        []onboarding.Kind `json:"kinds"` // asked for at Facebook beside ad accounts and Pages
	// Level is what is asked to be allowed at Facebook.
	Level      onboarding.AccessLevel `json:"level"`
	CheckWords []string               `json:"check_words"` // the four that the client finds below "Is this genuine?"
	Confirmed  bool                   `json:"confirmed"`   // CompletedBy came by the letter to that address
	Email      string                 `json:"email"`       // of who completed it
	Recipients []RecipientRow         `json:"recipients"`
	Items      []ItemRow              `json:"items"`
	Skipped    []onboarding.Skip      `json:"skipped"`
	Events     []onboarding.Event     `json:"events"` // newest first
	Outbox     []EntryRow             `json:"outbox"`
}

// Request reads all about one request.
func (h *Hub) Request(ctx context.Context, id string) (RequestDetails, error) {
	var d RequestDetails
	now := h.now()
	err := h.db.Read(ctx, func(q sqldb.Queryer) error {
		r, err := readHeld(ctx, q, id)
		if err != nil {
			return err
		}
		names, err := memberNames(ctx, q)
		if err != nil {
			return err
		}
		d = RequestDetails{
			RequestRow: r.row(now, names), Message: r.Message, Link: r.Link, ConnectionID: r.Connection, FacebookUser: r.FacebookUser.Name,
			BusinessID: r.Business.ID, Business: r.Business.Name,
			Kinds: append([]onboarding.Kind{}, r.Kinds...), Level: r.Level.OrDefault(), CheckWords: onboarding.CheckWords(r.ID), Confirmed: r.Confirmed, Email: r.CompletedBy.Email,
			Recipients: []RecipientRow{}, Items: []ItemRow{}, Skipped: []onboarding.Skip{}, Events: []onboarding.Event{}, Outbox: []EntryRow{},
		}
		d.Skipped = append(d.Skipped, r.Skipped...)
		for _, to := range r.Recipients {
			d.Recipients = append(d.Recipients, recipientRow(to, d.Can.Resend, now))
		}
		for _, e := range r.entries {
			d.Outbox = append(d.Outbox, e.row())
		}
		d.Events = append(d.Events, r.Events...)
		slices.Reverse(d.Events)
		agency, err := readAgency(ctx, q)
		if err != nil {
			return err
		}
		for _, i := range r.items {
			row, err := itemRow(ctx, q, i, agency)
			if err != nil {
				return err
			}
			d.Items = append(d.Items, row)
		}
		return nil
	})
	if err != nil {
		return RequestDetails{}, err
	}
	return d, nil
}

// Item reads one account or asset.
func (h *Hub) Item(ctx context.Context, id string) (ItemRow, error) {
	rows, err := readItemRows(ctx, h.db, []string{id})
	if err != nil {
		return ItemRow{}, err
	}
	if len(rows) == 0 {
		return ItemRow{}, fmt.Errorf("reading item %s: %w", id, onboarding.ErrNotFound)
	}
	return rows[0], nil
}

// EventRow is a line of the agency's history.
type EventRow struct {
	onboarding.Event
	Request string `json:"request"`
	Client  string `json:"client"`
}

// Recent reads the newest events of all requests, newest first; only those
// after since.
func (h *Hub) Recent(ctx context.Context, since onboarding.Moment, most int) ([]EventRow, error) {
	if most <= 0 {
		most = pageSize
	}
	// The newest events are in the requests that changed last: no others need reading.
	requests, err := readRows[onboarding.Request](ctx, h.db,
		`SELECT truth FROM requests JOIN request_truths USING (seq) WHERE place = 0 AND changed_ms > $1 ORDER BY changed_ms DESC, seq DESC LIMIT $2`, since, most)
	if err != nil {
		return nil, err
	}
	events := []EventRow{}
	for _, r := range requests {
		for _, e := range r.Events {
			if e.At > since {
				events = append(events, EventRow{e, r.ID, r.Client})
			}
		}
	}
	slices.SortStableFunc(events, func(a, b EventRow) int { return int(b.At - a.At) })
	return events[:min(most, len(events))], nil
}

// Day is what happened on one day, in UTC.
type Day struct {
	Day       onboarding.Moment `json:"day"` // its beginning
	Sent      int               `json:"sent"`
	Connected int               `json:"connected"`
}

const dayLength = 24 * 3600 * 1000

// Days counts what was asked and what was connected on each of the last days,
// oldest first.
func (h *Hub) Days(ctx context.Context, days int) ([]Day, error) {
	today := h.now() / dayLength
	first := today - onboarding.Moment(days) + 1
	all := make([]Day, days)
	for n := range all {
		all[n].Day = (first + onboarding.Moment(n)) * dayLength
	}
	count := func(column, since string, add func(*Day, int)) error {
		rows, err := h.db.QueryContext(ctx, `SELECT `+column+` / $1, COUNT(*) FROM requests WHERE place < 2 AND `+since+` GROUP BY 1`, dayLength, first*dayLength)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // its error is rows.Err
		for rows.Next() {
			var day onboarding.Moment
			var n int
			if err := rows.Scan(&day, &n); err != nil {
				return err
			}
			if at := int(day - first); at >= 0 && at < days {
				add(&all[at], n)
			}
		}
		return rows.Err()
	}
	if err := count("created_ms", fmt.Sprintf("seq >= $2 * %d", seqRoom), func(d *Day, n int) { d.Sent = n }); err != nil {
		return nil, fmt.Errorf("counting days: %w", err)
	}
	if err := count("completed_ms", "completed_ms > 0 AND completed_ms >= $2", func(d *Day, n int) { d.Connected = n }); err != nil {
		return nil, fmt.Errorf("counting days: %w", err)
	}
	return all, nil
}

// NeedKind is why something needs a person.
type NeedKind string

// What needs a person, worst first.
const (
	NeedItem    NeedKind = "item"    // an account does not work
	NeedLetter  NeedKind = "letter"  // a mail server refused a letter
	NeedEntry   NeedKind = "entry"   // the relay refused a change
	NeedDevice  NeedKind = "device"  // another computer wants credentials
	NeedLost    NeedKind = "lost"    // a restored relay no longer knows an own user or account
	NeedWaiting NeedKind = "waiting" // an account waits for somebody at the client
	NeedUnseen  NeedKind = "unseen"  // no sign that a letter arrived
	NeedUser    NeedKind = "user"    // a connected user has to sign in again soon
)

// Need is one thing for a person to do.
type Need struct {
	Kind      NeedKind          `json:"kind"`
	Request   string            `json:"request"`
	Client    string            `json:"client"`
	Item      *ItemRow          `json:"item,omitempty"`
	Recipient *RecipientRow     `json:"recipient,omitempty"`
	Entry     *EntryRow         `json:"entry,omitempty"`
	Device    *PendingDevice    `json:"device,omitempty"`
	Lost      *Lost             `json:"lost,omitempty"`
	User      string            `json:"user"` // a connected user's name
	Ends      onboarding.Moment `json:"ends"` // that user's sign-in
	Since     onboarding.Moment `json:"since"`
}

// NeedsYou lists what a person has to do, worst first, at most so many of each kind.
func (h *Hub) NeedsYou(ctx context.Context, most int) ([]Need, error) {
	needs := []Need{}
	items := func(kind NeedKind, rank int) error {
		ids, err := readTexts(ctx, h.db, `SELECT id FROM items WHERE listed IN (0, 1) AND rank = $1 ORDER BY seq DESC LIMIT $2`, rank, most)
		if err != nil {
			return err
		}
		rows, err := readItemRows(ctx, h.db, ids)
		if err != nil {
			return err
		}
		for _, row := range rows {
			needs = append(needs, Need{Kind: kind, Request: row.Request, Client: row.Client, Item: &row, Since: row.Since})
		}
		return nil
	}
	if err := items(NeedItem, rankAttention); err != nil {
		return nil, err
	}
	ids, err := readTexts(ctx, h.db, `SELECT id FROM requests WHERE place = 0 AND attention = 1 ORDER BY seq DESC LIMIT $1`, 4*most)
	if err != nil {
		return nil, err
	}
	requests, err := readHelds(ctx, h.db, ids, nil)
	if err != nil {
		return nil, err
	}
	var letters []Need
	for _, r := range requests {
		if r.Status == onboarding.Connected {
			continue
		}
		for _, to := range r.Recipients {
			if to.Letter == onboarding.LetterRefused && len(letters) < most {
				row := recipientRow(to, r.open(h.now()) == nil, h.now())
				letters = append(letters, Need{Kind: NeedLetter, Request: r.ID, Client: r.Client, Recipient: &row, Since: r.changed()})
			}
		}
	}
	needs = append(needs, letters...)
	entries, err := readEntries(ctx, h.db, `WHERE refused_ms > 0 ORDER BY seq LIMIT $1`, most)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		row := e.row()
		needs = append(needs, Need{Kind: NeedEntry, Request: row.Request, Client: row.Title, Entry: &row, Since: row.Refused})
	}
	devices, err := h.PendingDevices(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range devices {
		needs = append(needs, Need{Kind: NeedDevice, Device: &d, Since: d.Created})
	}
	lost, err := h.lost(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range lost {
		needs = append(needs, Need{Kind: NeedLost, Lost: &l, Since: l.At})
	}
	users, err := h.endingUsers(ctx)
	if err != nil {
		return nil, err
	}
	needs = append(needs, users...)
	if err := items(NeedWaiting, rankWaiting); err != nil {
		return nil, err
	}
	quiet, err := h.unseenLetters(ctx, most)
	return append(needs, quiet...), err
}

// endingSoon is how long before its end a user's sign-in is a person's business.
const endingSoon = 10 * 24 * 3600 * 1000

// endingUsers lists the connected users of this computer whose sign-in ends
// soon. One who was connected anew is the same user: the latest end counts.
func (h *Hub) endingUsers(ctx context.Context) ([]Need, error) {
	all, err := h.Connections(ctx)
	if err != nil {
		return nil, err
	}
	latest := map[string]onboarding.Moment{}
	for _, c := range all {
		latest[c.User.ID] = max(latest[c.User.ID], c.Ends)
	}
	var needs []Need
	for _, c := range all {
		if c.Here && c.Ends != 0 && c.Ends == latest[c.User.ID] && c.Ends-h.now() < endingSoon {
			needs = append(needs, Need{Kind: NeedUser, User: c.User.Name, Ends: c.Ends, Since: c.Ends})
		}
	}
	return needs, nil
}

// unseenMost is how many pending requests are looked through for letters of
// which nothing was heard: the newest.
const unseenMost = 200

// unseenLetters lists requests that nobody has opened for days, the one that
// waits longest first, one line each.
func (h *Hub) unseenLetters(ctx context.Context, most int) ([]Need, error) {
	now := h.now()
	ids, err := readTexts(ctx, h.db, `SELECT id FROM requests WHERE place = 0 AND status = 'pending' AND ends_ms > $1 AND created_ms < $2 ORDER BY seq DESC LIMIT $3`,
		now, now-unseenAfter, unseenMost)
	if err != nil {
		return nil, err
	}
	requests, err := readHelds(ctx, h.db, ids, nil)
	if err != nil {
		return nil, err
	}
	var needs []Need
	for _, r := range requests {
		open := r.open(now) == nil
		at := slices.IndexFunc(r.Recipients, func(to onboarding.Recipient) bool { return unseen(to, open, now) })
		if at < 0 || r.Opened != 0 {
			continue
		}
		row := recipientRow(r.Recipients[at], open, now)
		needs = append(needs, Need{Kind: NeedUnseen, Request: r.ID, Client: r.Client, Recipient: &row, Since: row.At})
	}
	slices.SortStableFunc(needs, func(a, b Need) int { return cmp.Compare(a.Since, b.Since) })
	return needs[:min(most, len(needs))], nil
}

func readTexts(ctx context.Context, q sqldb.Queryer, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading ids: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("reading ids: %w", err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading ids: %w", err)
	}
	return all, nil
}

// KeychainHeld says how many credentials are on this computer, and whether the
// keychain gives them.
func (h *Hub) KeychainHeld(ctx context.Context) (int, error) {
	names, err := readTexts(ctx, h.db, `SELECT name FROM credentials WHERE discard_ms = 0 AND version > 0`)
	if err != nil {
		return 0, err
	}
	held := 0
	for _, name := range names {
		_, err := h.secret.credential(ctx, name)
		switch {
		case err == nil:
			held++
		case !errors.Is(err, keychain.ErrNotFound):
			return held, err
		}
	}
	return held, nil
}
