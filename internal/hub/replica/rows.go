package replica

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// ServiceCell is one requested service of a row and its result.
type ServiceCell struct {
	Service   onboarding.Service  `json:"service"`
	Platform  onboarding.Platform `json:"platform"`
	Connected int                 `json:"connected"` // what has arrived
	Waiting   int                 `json:"waiting"`   // what is still awaited
	Attention bool                `json:"attention"`
	Skipped   bool                `json:"skipped"`
	Names     []string            `json:"names"`           // of what has arrived
	Kinds     []onboarding.Kind   `json:"kinds,omitempty"` // of each of them
	Gives     string              `json:"gives"`           // their access in one line; may be empty
}

// Phase refines a request's status.
type Phase string

// The phases, the most urgent first. The first that applies counts.
const (
	PhaseRefused         Phase = "refused"          // by the relay; see RefusalCode
	PhaseDeleting        Phase = "deleting"         // queued, or being sent
	PhaseSaving          Phase = "saving"           // the relay has not stored it yet
	PhaseSending         Phase = "sending"          // another change is queued
	PhaseEmailRefused    Phase = "email_refused"    // by a mail server
	PhaseAttention       Phase = "attention"        // access to something shared is broken
	PhaseAwaiting        Phase = "awaiting"         // it is connected, and something is still awaited
	PhaseConnected       Phase = "connected"        // and nothing is awaited
	PhaseFinishedWaiting Phase = "finished_waiting" // the client has finished; nothing has arrived yet
	PhaseLinkAsked       Phase = "link_asked"       // it expired, and a client asks for a new link
	PhaseExpired         Phase = "expired"          //
	PhaseDeclined        Phase = "declined"         // a client cannot do any of it
	PhasePartly          Phase = "partly"           // something has arrived
	PhaseStarted         Phase = "started"          // a client gave their name
	PhaseOpened          Phase = "opened"           //
	PhaseNotSent         Phase = "not_sent"         // the relay cancelled an email, and the link is valid
	PhaseSent            Phase = "sent"             // a mail server accepted an email
	PhaseQueued          Phase = "queued"           // an email is queued
	PhaseLinkOnly        Phase = "link_only"        // not sent by email
)

// RequestRow is a request in a list.
type RequestRow struct {
	ID      string `json:"id"`
	Client  string `json:"client"`
	OwnerID string `json:"owner_id"`
	Owner   string `json:"owner"`
	// Recipient is the first address; of a request that no email was sent for: of who identified themselves.
	Recipient      string               `json:"recipient"`
	RecipientName  string               `json:"recipient_name"`
	MoreRecipients int                  `json:"more_recipients"`
	LinkOnly       bool                 `json:"link_only"` // no email was sent
	Status         onboarding.Status    `json:"status"`
	Phase          Phase                `json:"phase"`
	Created        onboarding.Timestamp `json:"created"`
	Changed        onboarding.Timestamp `json:"changed"`
	Sent           onboarding.Timestamp `json:"sent"` // when a mail server last accepted an email
	Opened         onboarding.Timestamp `json:"opened"`
	Expires        onboarding.Timestamp `json:"expires"`
	LinkAsked      onboarding.Timestamp `json:"link_asked"` // a client asks for a new link; zero: nobody does
	Reminds        onboarding.Timestamp `json:"reminds"`    // when the next recipient is reminded; zero: nobody is
	Finished       onboarding.Timestamp `json:"finished"`
	Completed      onboarding.Timestamp `json:"completed"`
	CompletedBy    string               `json:"completed_by"`
	ConfirmedBy    string               `json:"confirmed_by"`    // who confirmed all that arrived, without a check
	Asked          int                  `json:"asked"`           // number of services
	ConnectedCount int                  `json:"connected_count"` // services with something connected: "2 of 3 connected"
	Received       int                  `json:"received"`        // accounts
	Awaited        int                  `json:"awaited"`         // accounts that are still to come: it is not all there
	Services       []ServiceCell        `json:"services"`
	Attention      bool                 `json:"attention"`
	Archived       bool                 `json:"archived"`
	RefusalCode    string               `json:"refusal_code"` // of the last refusal by the relay
	// the relay's limits delay emails until then
	DelayedUntil onboarding.Timestamp `json:"delayed_until"`
	Can          Actions              `json:"can"`
}

// Actions are the actions that a request permits now.
type Actions struct {
	Edit     bool `json:"edit"`
	Send     bool `json:"send"`
	Resend   bool `json:"resend"`
	CopyLink bool `json:"copy_link"` // false while the relay has not returned the link
	Delete   bool `json:"delete"`
	Renew    bool `json:"renew"`
	Reopen   bool `json:"reopen"`
	Archive  bool `json:"archive"`
	// SendLink is that a new link can be mailed: somebody was invited who wants emails.
	SendLink bool `json:"send_link"`
}

func memberNames(ctx context.Context, q sqldb.Queryer) (map[string]string, error) {
	members, err := readRows[onboarding.Member](ctx, q, `SELECT payload FROM members`)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(members))
	for _, m := range members {
		names[m.ID] = m.Name
	}
	return names, nil
}

func (r RequestState) row(texts *catalog.Catalog, now onboarding.Timestamp, members map[string]string) RequestRow {
	row := RequestRow{
		ID: r.ID, Client: r.Client, OwnerID: r.Owner, Owner: members[r.Owner], Status: r.Status,
		Created: r.Created, Changed: r.changed(), Opened: r.Opened, Expires: r.Expires, Finished: r.Finished,
		Completed: r.Completed, CompletedBy: r.CompletedBy.Name, Asked: len(r.Services), Attention: r.attention(),
		Archived:  r.Archived != 0,
		LinkAsked: r.linkAsked(), Services: []ServiceCell{},
	}
	open := r.Known && r.LinkState(now) == nil
	invited := 0
	for _, to := range r.Recipients {
		if !to.Scoped { // who was only asked by a client is none of the agency's
			if invited++; invited == 1 {
				row.Recipient = to.Address
			}
		}
		row.Sent = max(row.Sent, to.Sent)
		if reminds := remindsAt(to, open); reminds != 0 && (row.Reminds == 0 || reminds < row.Reminds) {
			row.Reminds = reminds
		}
	}
	row.LinkOnly, row.MoreRecipients = invited == 0, max(invited-1, 0)
	row.RecipientName = r.nameOf(row.Recipient)
	if people := r.byLink(); row.LinkOnly && len(people) > 0 {
		row.Recipient, row.RecipientName, row.MoreRecipients = people[0].Email, people[0].Name, len(people)-1
	}
	for _, service := range r.Services {
		cell := r.cell(texts, service)
		if cell.Connected > 0 {
			row.ConnectedCount++
		}
		row.Services = append(row.Services, cell)
	}
	for _, e := range r.Entries {
		if e.Refused != 0 {
			row.RefusalCode = e.Code
		} else if e.Code == wire.Code(onboarding.ErrRateLimited) {
			row.DelayedUntil = e.NotBefore
		}
	}
	row.Received, row.Awaited = onboarding.CountArrived(r.Items)
	row.ConfirmedBy = texts.List(onboarding.ConfirmedBy(r.Items))
	row.Phase = r.phase(now, row)
	row.Can = r.actions(now)
	return row
}

// nameOf is the name that the person at an address has given; empty: none yet.
func (r RequestState) nameOf(address string) string {
	if address != "" && onboarding.SameAddress(r.CompletedBy.Email, address) {
		return r.CompletedBy.Name
	}
	for _, who := range r.People() {
		if address != "" && onboarding.SameAddress(who.Email, address) {
			return who.Name
		}
	}
	return ""
}

// People are those who identified themselves in the wizard: first who
// completed the request, then who connected something, then who began.
func (r RequestState) People() []onboarding.Person {
	var people []onboarding.Person
	add := func(who onboarding.Person) {
		known := slices.ContainsFunc(people, func(p onboarding.Person) bool {
			if who.Email == "" || p.Email == "" { // a relay before this version tells the name of who began
				return p.Name == who.Name
			}
			return onboarding.SameAddress(p.Email, who.Email)
		})
		if !known && who != (onboarding.Person{}) {
			people = append(people, who)
		}
	}
	add(r.CompletedBy)
	for _, i := range r.Items {
		add(i.By)
	}
	for _, e := range r.Events {
		if e.Kind == onboarding.EventStarted {
			add(onboarding.Person{Name: e.Who, Email: e.Detail})
		}
	}
	return people
}

// byLink are the people who identified themselves and whom no email was sent.
func (r RequestState) byLink() []onboarding.Person {
	return slices.DeleteFunc(r.People(), func(who onboarding.Person) bool {
		return slices.ContainsFunc(r.Recipients, func(to onboarding.Recipient) bool {
			return onboarding.SameAddress(to.Address, who.Email)
		})
	})
}

func (r RequestState) cell(texts *catalog.Catalog, service onboarding.Service) ServiceCell {
	cell := ServiceCell{Service: service, Platform: service.Platform(), Names: []string{}}
	var of []onboarding.Item
	for _, i := range r.Items {
		if i.Service != service {
			continue
		}
		of = append(of, i)
		cell.Attention = cell.Attention || IsBroken(i)
		if i.State == onboarding.ItemConnected && !i.IsAwaited() {
			cell.Names, cell.Kinds = append(cell.Names, i.Name), append(cell.Kinds, i.Kind)
		}
	}
	cell.Connected, cell.Waiting = onboarding.CountArrived(of)
	cell.Gives = texts.CapabilitySummary(of)
	cell.Skipped = slices.ContainsFunc(r.Skipped, func(s onboarding.Skip) bool { return s.Service == service })
	return cell
}

func (r RequestState) phase(now onboarding.Timestamp, row RequestRow) Phase {
	started := slices.ContainsFunc(r.Events, func(e onboarding.Event) bool { return e.Kind == onboarding.EventStarted })
	anyEmail := func(state onboarding.EmailState) bool {
		return slices.ContainsFunc(r.Recipients, func(to onboarding.Recipient) bool { return to.EmailState == state })
	}
	for _, rule := range []struct {
		phase   Phase
		applies bool
	}{
		{PhaseRefused, row.RefusalCode != ""},
		{PhaseDeleting, r.HasQueued(EntryWithdraw, EntryDeleteClient)},
		{PhaseSaving, !r.Known},
		{PhaseSending, r.HasQueued(EntryEdit, EntrySend, EntryResend, EntryRenew, EntryReopen, EntryResubmit)},
		{PhaseEmailRefused, r.Status == onboarding.Pending && len(r.refused()) > 0},
		{PhaseAttention, row.Attention},
		{PhaseAwaiting, r.Status == onboarding.Connected && row.Awaited > 0},
		{PhaseConnected, r.Status == onboarding.Connected},
		{PhaseFinishedWaiting, r.Finished != 0},
		{PhaseLinkAsked, row.LinkAsked != 0 && errors.Is(r.LinkState(now), onboarding.ErrExpired)},
		{PhaseExpired, errors.Is(r.LinkState(now), onboarding.ErrExpired)},
		{PhaseDeclined, r.Declined != 0},
		{PhasePartly, row.Received > 0},
		{PhaseStarted, started},
		{PhaseOpened, r.Opened != 0},
		{PhaseNotSent, slices.ContainsFunc(r.Recipients, isNotSent)},
		{PhaseSent, slices.ContainsFunc(r.Recipients, isSent)},
		{PhaseQueued, anyEmail(onboarding.EmailQueued) || anyEmail(onboarding.EmailSending) || anyEmail("")},
	} {
		if rule.applies {
			return rule.phase
		}
	}
	return PhaseLinkOnly
}

// isSent reports whether somebody has got an email. If one was cancelled after that, it
// was a reminder.
func isSent(to onboarding.Recipient) bool {
	return to.EmailState == onboarding.EmailAccepted ||
		to.EmailState == onboarding.EmailCancelled && to.Sent != 0 && to.Stopped == 0
}

// isNotSent reports whether the relay cancelled the email to somebody who did not
// ask for that, and who has got none before.
func isNotSent(to onboarding.Recipient) bool {
	return to.EmailState == onboarding.EmailCancelled && to.Stopped == 0 && !isSent(to)
}

// actions predicts which actions the relay would accept.
func (r RequestState) actions(now onboarding.Timestamp) Actions {
	if r.HasQueued(EntryWithdraw, EntryDeleteClient) || r.Withdrawn != 0 {
		return Actions{}
	}
	open := r.CanSend(now) == nil
	link := r.LinkState(now)
	return Actions{
		Edit:     r.Editable(),
		Send:     open,
		Resend:   open && len(r.Recipients) > 0,
		CopyLink: open,
		Delete:   r.Status == onboarding.Pending,
		Renew:    r.Known && errors.Is(link, onboarding.ErrExpired) && !r.HasQueued(EntryRenew),
		Reopen:   r.Known && errors.Is(link, onboarding.ErrCompleted) && !r.HasQueued(EntryReopen),
		Archive:  r.Known && link != nil,
		SendLink: slices.ContainsFunc(r.Recipients, func(to onboarding.Recipient) bool {
			return to.Stopped == 0 && !to.IsOnlyTyped()
		}),
	}
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
	Failure   string                 `json:"failure"`   // the catalog's code of the failure, or of what is pending
	Code      string                 `json:"code"`      // the platform's own
	Title     string                 `json:"title"`     // what failed, from the catalog
	Message   string                 `json:"message"`
	Who       string                 `json:"who"`            // who can fix it, as text
	ByClient  bool                   `json:"by_client"`      // the client can fix it
	Next      string                 `json:"next"`           // what to do
	Fix       catalog.Fix            `json:"fix" ts:"empty"` // the action that the screens offer
	Note      string                 `json:"note"`           // a text to send to them; may be empty
	NoteFor   string                 `json:"note_for"`
	Open      string                 `json:"open"` // the platform's page for the fix; may be empty
	Since     onboarding.Timestamp   `json:"since"`
	Checked   onboarding.Timestamp   `json:"checked"`
	NextCheck onboarding.Timestamp   `json:"next_check"`
	Tasks     []string               `json:"tasks"`
	Gives     string                 `json:"gives"`  // from the last successful check, in one line; may be empty
	Checks    []CheckRow             `json:"checks"` // the last three, newest first
	By        string                 `json:"by"`
	ByEmail   string                 `json:"by_email"`
	Connected onboarding.Timestamp   `json:"connected"`
	Endable   bool                   `json:"endable"` // its access can be ended
	Ended     onboarding.Timestamp   `json:"ended"`
	EndedBy   string                 `json:"ended_by"`
	Proven    bool                   `json:"proven"`    // a call verified that the ended access is gone
	Withdrawn onboarding.Timestamp   `json:"withdrawn"` // by the client; the hub ends the access
	Named     bool                   `json:"named"`     // the client only named it: which account it is was not found yet
	// Confirmed is when a member confirmed without a check that it has arrived; zero: nobody did.
	Confirmed   onboarding.Timestamp `json:"confirmed"`
	ConfirmedBy string               `json:"confirmed_by"`
	// Namings are what clients typed for it before it was found, which can be undone.
	Namings   []onboarding.Naming `json:"namings"`
	Here      bool                `json:"here"` // its credential is on this computer, or it needs none
	Reference string              `json:"reference"`
	// Repair is the open link by which the client repairs it; nil: there is none.
	Repair *RepairRow `json:"repair,omitempty"`
	// Unchecked is why it could not be checked since Checked; nil: it was.
	Unchecked *CauseView `json:"unchecked,omitempty"`
}

// RepairRow is the open repair link of an item.
type RepairRow struct {
	Address string                `json:"address"` // whom it was emailed to; empty: nobody
	State   onboarding.EmailState `json:"state"`   // of that email
	Created onboarding.Timestamp  `json:"created"`
	Sent    onboarding.Timestamp  `json:"sent"`
	Opened  onboarding.Timestamp  `json:"opened"` // by a client
	Expires onboarding.Timestamp  `json:"expires"`
}

func repairRow(p *onboarding.Repair) *RepairRow {
	if p == nil {
		return nil
	}
	return &RepairRow{
		Address: p.Address, State: p.EmailState, Created: p.Created, Sent: p.Sent, Opened: p.Opened, Expires: p.Expires,
	}
}

// IsRepairable reports whether the client repairs an item by connecting or sharing it again,
// which a link to it alone is for.
func IsRepairable(i onboarding.Item) bool {
	return i.Request != "" && i.State == onboarding.ItemConnected && i.Withdrawn == 0 &&
		i.Access.State == onboarding.AccessBroken &&
		catalog.FailureCode(i.Access.Failure).IsRepairable()
}

// ReadItemRows reads items in the order of the ids.
func ReadItemRows(ctx context.Context, q sqldb.Queryer, texts *catalog.Catalog, ids []string) ([]ItemRow, error) {
	rows := []ItemRow{}
	if len(ids) == 0 {
		return rows, nil
	}
	agency, err := ReadAgency(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		item, err := ReadItem(ctx, q, id)
		if errors.Is(err, onboarding.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		row, err := DescribeItem(ctx, q, texts, item, agency)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// undoable are the matches of an item that can be undone.
func undoable(i onboarding.Item) []onboarding.Naming {
	if i.State == onboarding.ItemEnded || i.Withdrawn != 0 {
		return []onboarding.Naming{}
	}
	return append([]onboarding.Naming{}, i.Namings...)
}

func DescribeItem(
	ctx context.Context, q sqldb.Queryer, texts *catalog.Catalog, i onboarding.Item, agency onboarding.Agency,
) (ItemRow, error) {
	row := ItemRow{
		ID: i.ID, Request: i.Request, Service: i.Service, Platform: i.Service.Platform(), Kind: i.Kind, Account: i.Account,
		Name:    i.Name,
		Detail:  texts.Service(i.Service).DetailOf(i),
		Managed: i.Request == "", State: i.State, Access: i.Access.State, Attention: IsBroken(i),
		Waiting: i.IsAwaited() && !IsBroken(i),
		Code:    i.Access.Code, Since: i.Access.Since, Checked: i.Access.Checked, Tasks: i.Tasks, By: i.By.Name,
		ByEmail:   i.By.Email,
		Connected: i.Connected, Reference: i.Reference, Endable: IsEndable(i), Ended: i.Ended, EndedBy: i.EndedBy,
		Proven: i.EndedProven, Withdrawn: i.Withdrawn, Repair: repairRow(i.Repair),
		Named: i.IsNamed(), Confirmed: i.Confirmed, ConfirmedBy: i.ConfirmedBy,
		Namings: undoable(i),
	}
	if row.Named {
		row.Account = "" // which one it is was not found yet
	}
	if row.Tasks == nil {
		row.Tasks = []string{}
	}
	var held, due int64
	var cause string
	if err := q.QueryRowContext(ctx, `SELECT
		COALESCE((SELECT payload ->> 'client' FROM requests JOIN request_payloads USING (seq) WHERE id = $1), ''),
		COALESCE((SELECT version FROM credentials WHERE subject = $2 AND delete_after_ms = 0), 0),
		COALESCE((SELECT due_ms FROM checks WHERE item = $3), 0),
		COALESCE((SELECT cause FROM checks WHERE item = $3), '')`, i.Request, SubjectItem+i.ID,
		i.ID).Scan(&row.Client, &held, &due, &cause); err != nil {
		return row, fmt.Errorf("reading item %s: %w", i.ID, err)
	}
	unchecked, err := readCauseOf(ctx, q, texts, i.ID, cause)
	if err != nil {
		return row, err
	}
	row.Unchecked = unchecked
	if row.Managed {
		row.Client = agency.Name
	}
	row.Here = i.Version == 0 || held > 0
	row.NextCheck = onboarding.Timestamp(due)
	row.Failure = failureOf(i)
	facts, err := ItemFacts(ctx, q, i, row, agency)
	if err != nil {
		return row, err
	}
	row.Gives, row.Checks = gives(texts, i), checkRows(texts, i, facts)
	if row.Failure == "" || !row.Attention && !row.Waiting && i.State != onboarding.ItemEnded {
		return row, nil
	}
	row.Since = facts.When
	said := texts.DescribeForAgency(catalog.FailureCode(row.Failure), facts)
	row.Title, row.Message, row.Who, row.Next = said.Title, said.Message, said.FixedBy, said.NextStep
	row.ByClient = said.ByClient
	row.Fix, row.Note, row.NoteFor, row.Open = said.Fix, said.Note, said.NoteFor, said.Open.URL
	if IsRepairable(i) {
		row.Fix = catalog.FixRepair
	}
	return row, nil
}

// failureOf is the catalog's code of an item's failure, or of what is pending.
func failureOf(i onboarding.Item) string {
	if i.State != onboarding.ItemEnded && i.Access.Failure != "" {
		return i.Access.Failure
	}
	return i.Failure
}
