package pages

import (
	"slices"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Receipt is the page behind the link in a receipt's email: what was shared, and how it
// stands now.
type Receipt struct {
	Frame
	Name     string // whose it is
	Business string // the agency's Business Manager; empty: no Facebook
	At       onboarding.Timestamp
	Until    onboarding.Timestamp // how long its link works
	Now      onboarding.Timestamp // of the file: when it was made
	Number   string
	Items    []ReceiptItem // of this part
	Rest     []Line        // what was asked for and not shared
	From     int           // the place of the first one of Items, from 1
	Total    int           // of all parts
	Before   string        // address of the part before; empty: there is none
	After    string        // of the one behind
	Services []onboarding.Service
	History  ReceiptHistory
	Keep     string // address of the file; empty: this is the file
	// WithdrawAll is the address that asks before everything is withdrawn; empty: there are
	// not several things to withdraw.
	WithdrawAll string
}

// ReceiptItem is one thing that was shared.
type ReceiptItem struct {
	onboarding.Item
	Title  string // "Page Harbour & Pine", an account's name
	Detail string // what the account is, and the level
	Shared ReceiptShare
	Again  ReceiptShare // who has connected it again since; zero: nobody
	Why    string       // why it waits, or does not work; one sentence
	Theirs bool         // that is something for the client to mend
	Left   string       // what is left for the client after its end; empty: nothing
	// Withdraw is the address that asks before it is withdrawn; empty: it cannot be.
	Withdraw string
}

// ReceiptShare is that somebody shared a thing.
type ReceiptShare struct {
	By string // empty: not known any more
	At onboarding.Timestamp
}

// ReceiptHistory is the client's part of a request's history.
type ReceiptHistory struct {
	HistoryCode
	Whole   bool           // nothing was removed or changed
	Entries []HistoryEntry // the client's own, newest first
	Older   int            // others of the client's own
	Others  int            // of others, and of the agency
	// FetchedDays is on how many days computers of the agency fetched the access.
	FetchedDays int
}

// HistoryEntry is an entry about what the client did, or what became of it.
type HistoryEntry struct {
	At   onboarding.Timestamp
	Kind onboarding.EventKind
	Who  string // a client's name; empty: unknown
	Name string // of the thing
	// Typed is what the client had typed for it; empty: nothing, or it is not known any more.
	Typed string
	// Service is what was left out; empty: it is not of this client’s part.
	Service onboarding.Service
}

// IsReceiptEvent reports whether the entries of a kind can be a client's own.
func IsReceiptEvent(kind onboarding.EventKind) bool { return receiptEventID(kind) != "" }

// receiptEventID is the message of a kind of entry; empty: clients do not read it.
func receiptEventID(kind onboarding.EventKind) string {
	return map[onboarding.EventKind]string{
		onboarding.EventStarted:         "receipt_history.started",
		onboarding.EventItemConnected:   "receipt_history.item_connected",
		onboarding.EventItemWaiting:     "receipt_history.item_waiting",
		onboarding.EventItemFailed:      "receipt_history.item_failed",
		onboarding.EventItemNamed:       "receipt_history.item_named",
		onboarding.EventItemUnnamed:     "receipt_history.item_unnamed",
		onboarding.EventItemFound:       "receipt_history.item_found",
		onboarding.EventMatchUndone:     "receipt_history.match_undone",
		onboarding.EventItemConfirmed:   "receipt_history.item_confirmed",
		onboarding.EventUnconfirmed:     "receipt_history.unconfirmed",
		onboarding.EventSkipped:         "receipt_history.skipped",
		onboarding.EventHandedOver:      "receipt_history.handed_over",
		onboarding.EventHandedMore:      "receipt_history.handed_more",
		onboarding.EventFinishedPart:    "receipt_history.finished_part",
		onboarding.EventRepaired:        "receipt_history.repaired",
		onboarding.EventDeclined:        "receipt_history.declined",
		onboarding.EventFinished:        "receipt_history.finished",
		onboarding.EventFinishedWaiting: "receipt_history.finished_waiting",
		onboarding.EventFinishedEmpty:   "receipt_history.finished_empty",
		onboarding.EventCompleted:       "receipt_history.completed",
		onboarding.EventAccessBroken:    "receipt_history.access_broken",
		onboarding.EventAccessWorks:     "receipt_history.access_works",
		onboarding.EventAccessEnded:     "receipt_history.access_ended",
		onboarding.EventClientEnded:     "receipt_history.client_ended",
		onboarding.EventAccessWithdrawn: "receipt_history.access_withdrawn",
		onboarding.EventWithdrawalDone:  "receipt_history.withdrawal_done",
		onboarding.EventUnawaited:       "receipt_history.unawaited",
	}[kind]
}

func (p Receipt) layout(r *Renderer) layout {
	return layout{title: r.Text("receipt.tab"), ends: true}
}

// IsFile reports whether it is the file to keep: it has no links to this receipt.
func (p Receipt) IsFile() bool { return p.Keep == "" }

// Lead says what the page is for.
func (p Receipt) Lead(r *Renderer) string {
	if p.IsFile() {
		return r.Text("receipt_page.as_of", "When", r.catalog.DateTime(p.Now))
	}
	return r.Text("receipt_page.lead", "When", r.catalog.Date(p.Until))
}

// TakeBack are the services that something was shared at.
func (p Receipt) TakeBack(r *Renderer) []catalog.Service { return inOrder(r, p.Services) }

// part says which part of the things this is.
func (p Receipt) part(r *Renderer) string {
	return r.Text("receipt_page.part", "From", r.print.Number(int64(p.From)),
		"To", r.print.Number(int64(p.From+len(p.Items)-1)), "Total", r.print.Number(int64(p.Total)))
}

// receiptState is how one thing stands.
type receiptState string

const (
	receiptWorks   receiptState = "works"
	receiptShared  receiptState = "shared" // not checked yet
	receiptWaiting receiptState = "waiting"
	receiptBroken  receiptState = "broken"
	receiptGoing   receiptState = "withdrawn" // and not ended yet
	receiptEnded   receiptState = "ended"
)

func (i ReceiptItem) state() receiptState {
	access := i.Access.State
	switch {
	case i.State == onboarding.ItemEnded:
		return receiptEnded
	case i.Withdrawn != 0:
		return receiptGoing
	case access == onboarding.AccessBroken:
		return receiptBroken
	case i.State == onboarding.ItemWaiting, access == onboarding.AccessWaiting:
		return receiptWaiting
	case access == onboarding.AccessWorks:
		return receiptWorks
	}
	return receiptShared
}

// receiptLook is how a state is shown: never by colour alone.
type receiptLook struct {
	class string
	icon  drawing
	word  string
}

func (i ReceiptItem) look(r *Renderer) receiptLook {
	switch i.state() {
	case receiptWorks:
		return receiptLook{"status text-success", iconOk, r.Text("receipt_page.state_works")}
	case receiptShared:
		return receiptLook{"status text-success", iconOk, r.Text("receipt_page.state_shared")}
	case receiptWaiting:
		return receiptLook{"status text-waiting", iconWait, r.Text("receipt_page.state_waiting")}
	case receiptGoing:
		return receiptLook{"status text-waiting", iconWait, r.Text("receipt_page.state_withdrawn")}
	case receiptEnded:
		word := r.Text("receipt_page.state_ended")
		if i.neverArrived() {
			word = r.Text("receipt_page.state_never")
		}
		return receiptLook{"status status--skipped", iconDone, word}
	}
	if i.Theirs {
		return receiptLook{"status text-error", iconBad, r.Text("receipt_page.state_broken")}
	}
	return receiptLook{"status text-waiting", iconWait, r.Text("receipt_page.state_broken")}
}

// notes say what is behind the state, a sentence each.
func (i ReceiptItem) notes(r *Renderer, company string) []string {
	platform := r.catalog.Service(i.Service).Name
	checked := ""
	if i.Access.Checked != 0 {
		checked = r.Text("receipt_page.checked", "When", r.catalog.DateTime(i.Access.Checked))
	}
	var all []string
	switch i.state() {
	case receiptEnded:
		all = []string{
			r.Text(i.endedID(), "Company", company, "When", r.catalog.DateTime(i.Ended), "Platform", platform), i.Left,
		}
	case receiptGoing:
		all = []string{
			r.Text("receipt_page.withdrawn", "Company", company, "When", r.catalog.DateTime(i.Withdrawn)),
			r.Text("receipt_page.withdrawn_wait", "Platform", platform),
		}
	case receiptShared:
		all = []string{r.Text("receipt_page.not_checked")}
	case receiptWaiting, receiptBroken:
		all = []string{i.Why, checked}
	default:
		all = []string{checked}
	}
	return slices.DeleteFunc(all, func(note string) bool { return note == "" })
}

// neverArrived reports whether it was named, and ended before anybody found it.
func (i ReceiptItem) neverArrived() bool {
	return i.State == onboarding.ItemEnded && i.Failure == string(catalog.NeverArrived)
}

// endedID is the message about an end: it promises nothing that was not done.
func (i ReceiptItem) endedID() string {
	switch {
	case i.neverArrived() && i.Withdrawn != 0:
		return "receipt_page.never_withdrawn"
	case i.neverArrived():
		return "receipt_page.never"
	case i.EndedProven:
		return "receipt_page.ended_proven"
	case i.Kind.IsShared() && i.Failure != "":
		return "receipt_page.ended_business"
	case i.EndedBy == "": // by nobody: no computer could
		return "receipt_page.ended_no_computer"
	}
	return "receipt_page.ended"
}

// Entry is the text of an entry.
func (e HistoryEntry) Entry(r *Renderer, company string) string {
	who := e.Who
	if who == "" {
		who = r.Text("receipt_history.somebody")
	}
	id := receiptEventID(e.Kind)
	if e.Kind == onboarding.EventItemFound && e.Typed != "" && e.Typed != e.Name {
		id = "receipt_history.item_found_as"
	}
	if e.Kind == onboarding.EventSkipped && e.Service == "" {
		id = "receipt_history.skipped_some"
	}
	return r.Text(id, "Who", who, "Name", e.Name, "Typed", e.Typed, "Company", company,
		"Service", r.catalog.Service(e.Service).Name)
}

// WithdrawAccess asks before a client withdraws what they shared: what ends, and what
// stays.
type WithdrawAccess struct {
	Frame
	Titles   []string             // what it is about
	More     int                  // others
	Services []onboarding.Service // of all of them
	Facebook bool                 // something is at Facebook, and the agency can have it removed there
	Unable   bool                 // something is at Facebook, and nobody of the agency can have it removed
	Kept     []string             // what that is
	Unseen   bool                 // something was only named, and the agency has not found it
	Others   bool                 // something is not
	Rest     bool                 // the client has shared more than this
	Post     string
	Back     string
}

func (p WithdrawAccess) layout(r *Renderer) layout {
	return layout{title: r.Text("withdraw.tab"), ends: true}
}

// Title asks.
func (p WithdrawAccess) Title(r *Renderer) string {
	if len(p.Titles) == 1 && p.More == 0 {
		return r.Text("withdraw.title", "Name", p.Titles[0])
	}
	return r.print.Plural("withdraw.title_all", int64(len(p.Titles)+p.More))
}

// isUnseen reports whether nothing of it is at the agency, as far as anybody there has found.
func (p WithdrawAccess) isUnseen() bool { return p.Unseen && !p.Facebook && !p.Unable && !p.Others }

// keptNames lists what stays at Facebook.
func (p WithdrawAccess) keptNames(r *Renderer) string {
	var names []string
	for _, name := range p.Kept {
		names = append(names, bidi.Isolate(name))
	}
	return r.catalog.List(names)
}

// LeadID is the message about what happens next.
func (p WithdrawAccess) LeadID() string {
	switch {
	case p.isUnseen():
		return "withdraw.lead_unseen"
	case p.Unable && !p.Facebook && !p.Others:
		return "withdraw.lead_unable"
	case p.Unable:
		return "withdraw.lead_some"
	}
	return "withdraw.lead"
}

// Ends says what is over.
func (p WithdrawAccess) Ends(r *Renderer) []string {
	var ends []string
	if p.Unseen {
		ends = append(ends, r.Text("withdraw.ends_looking", "Company", p.Company))
	}
	if p.Facebook || p.Unable || p.Others {
		ends = append(ends, r.Text("withdraw.ends_use", "Company", p.Company))
	}
	switch {
	case p.Facebook && p.Unable:
		ends = append(ends, r.Text("withdraw.ends_facebook_some", "Company", p.Company, "Names", p.keptNames(r)))
	case p.Facebook:
		ends = append(ends, r.Text("withdraw.ends_facebook", "Company", p.Company))
	}
	if p.Others {
		ends = append(ends, r.Text("withdraw.ends_credential", "Company", p.Company))
	}
	if asked := p.services(r, false); len(asked) > 0 {
		ends = append(ends, r.Text("withdraw.ends_platform", "Platforms", r.catalog.List(asked)))
	}
	return ends
}

// Stays says what does not end by it.
func (p WithdrawAccess) Stays(r *Renderer) []string {
	var stays []string
	for _, name := range p.services(r, true) {
		stays = append(stays, r.Text("withdraw.stays_by_hand", "Platform", name))
	}
	switch {
	case p.Facebook && p.Unable:
		stays = append(stays, r.Text("withdraw.stays_facebook_some", "Company", p.Company, "Names", p.keptNames(r)))
	case p.Unable:
		stays = append(stays, r.Text("withdraw.stays_facebook", "Company", p.Company))
	}
	if p.Unseen {
		stays = append(stays, r.Text("withdraw.stays_unseen", "Company", p.Company))
	}
	if !p.isUnseen() {
		stays = append(stays, r.Text("withdraw.stays_done", "Company", p.Company))
	}
	if p.Rest {
		stays = append(stays, r.Text("withdraw.stays_rest"))
	}
	return append(stays, r.Text("withdraw.stays_account"))
}

// services are the names of those that let an app end an access, or of those that do not.
func (p WithdrawAccess) services(r *Renderer, byHand bool) (names []string) {
	for _, service := range inOrder(r, p.Services) {
		if service.ID == onboarding.Facebook && !p.Facebook && !byHand {
			continue // nobody there is asked
		}
		if service.ByHand == byHand {
			names = append(names, service.Name)
		}
	}
	return names
}

// ReceiptOver is what a receipt's link shows after its year, and when it was deleted, with
// 410.
type ReceiptOver struct {
	Frame
	Services []onboarding.Service // that something was shared at; nil: not known any more
}

func (p ReceiptOver) layout(r *Renderer) layout {
	return layout{title: r.Text("receipt_over.tab"), ends: true}
}

// TakeBack are the services that the page explains.
func (p ReceiptOver) TakeBack(r *Renderer) []catalog.Service {
	return Help{Services: p.Services}.TakeBack(r)
}
