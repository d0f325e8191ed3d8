package replica

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// RecipientState is the state of the emails to one address.
type RecipientState string

// The states of an address.
const (
	RecipientWaiting RecipientState = "waiting" // the relay has not stored it yet
	RecipientQueued  RecipientState = "queued"
	RecipientDelayed RecipientState = "delayed" // deferred by their mail server; will be retried
	RecipientSent    RecipientState = "sent"
	RecipientOpened  RecipientState = "opened"
	RecipientFailed  RecipientState = "failed"
	RecipientStopped RecipientState = "stopped" // "This was not meant for me"
	// RecipientNotSent is an email that the relay cancelled: it was restored or the
	// agency suspended, or the link ended first.
	RecipientNotSent RecipientState = "not_sent"
)

// RecipientRow is one address of a request.
type RecipientRow struct {
	ID          string               `json:"id"`
	Address     string               `json:"address"`
	State       RecipientState       `json:"state"`
	At          onboarding.Timestamp `json:"at"`           // since when; zero: unknown
	ServerReply string               `json:"server_reply"` // their mail server's
	Count       int                  `json:"count"`        // emails that it accepted
	Resend      bool                 `json:"resend"`
	Unseen      bool                 `json:"unseen"`  // sent days ago, not opened
	Reminds     onboarding.Timestamp `json:"reminds"` // when they are reminded next; zero: not any more
	// Services are what a colleague asked them to look after; none: nobody did. Scoped: their link opens those alone.
	Services []onboarding.Service `json:"services"`
	Scoped   bool                 `json:"scoped"`
	HandedBy string               `json:"handed_by"` // the colleague's name or address; empty: it was forgotten
}

// unseenAfter is how long an email may stay unopened before it becomes a todo,
// in ms.
const unseenAfter = 3 * 24 * 3600 * 1000

// unseen reports whether an email was not opened for days although its link is
// valid.
func unseen(to onboarding.Recipient, open bool, now onboarding.Timestamp) bool {
	return open && isSent(to) && to.Opened == 0 && to.Stopped == 0 && to.Sent != 0 &&
		now-to.Sent > unseenAfter
}

func recipientRow(to onboarding.Recipient, open bool, now onboarding.Timestamp) RecipientRow {
	row := RecipientRow{ID: to.ID, Address: to.Address, ServerReply: to.ServerReply, Count: to.Count}
	switch {
	case to.Stopped != 0:
		row.State, row.At = RecipientStopped, to.Stopped
	case to.Opened != 0:
		row.State, row.At = RecipientOpened, to.Opened
	case to.EmailState == onboarding.EmailRefused:
		row.State = RecipientFailed
	case isSent(to):
		row.State, row.At = RecipientSent, to.Sent
	case to.EmailState == onboarding.EmailCancelled:
		row.State = RecipientNotSent
	case to.EmailState == "":
		row.State = RecipientWaiting
	case to.ServerReply != "":
		row.State = RecipientDelayed
	default:
		row.State = RecipientQueued
	}
	row.Resend = open && to.Stopped == 0 && to.EmailState != ""
	row.Unseen = unseen(to, open, now)
	row.Reminds = remindsAt(to, open)
	row.Services, row.Scoped = append([]onboarding.Service{}, to.Services...), to.Scoped
	row.HandedBy = cmp.Or(to.HandedBy.Name, to.HandedBy.Email)
	return row
}

// remindsAt is when a recipient is reminded next; zero: not any more. Nobody is while the
// link does not work.
func remindsAt(to onboarding.Recipient, open bool) onboarding.Timestamp {
	if !open || to.Stopped != 0 || to.EmailState == onboarding.EmailRefused {
		return 0
	}
	return to.Reminds
}

// approvalReminds is when who finished the request is reminded next of what waits for an
// admin of theirs, by this computer's clock; zero: not any more.
func (r RequestState) approvalReminds(now onboarding.Timestamp) onboarding.Timestamp {
	waits := slices.ContainsFunc(r.Items, onboarding.Item.WaitsForApproval)
	if !waits || r.Finished == 0 || r.Withdrawn != 0 {
		return 0
	}
	_, seconds := now.Time().Local().Zone()
	return onboarding.NextReminder(r.Reminders, r.Finished, onboarding.ReceiptEnds(r.Finished), now, seconds/60)
}

// RequestDetails is the full view of a request.
type RequestDetails struct {
	RequestRow
	Message      string            `json:"message"`
	Link         string            `json:"link"` // empty until the relay has stored the request
	ConnectionID string            `json:"connection_id"`
	FacebookUser string            `json:"facebook_user"`
	BusinessID   string            `json:"business_id"`
	Business     string            `json:"business"`
	Kinds        []onboarding.Kind `json:"kinds"` // Facebook asset kinds besides ad accounts and Pages
	// Level is the requested access level at Facebook.
	Level onboarding.AccessLevel `json:"level"`
	// ByHand: the client shares at Facebook without a sign-in.
	ByHand bool `json:"by_hand"`
	// shown to the client below "Is this genuine?"
	VerificationWords []string           `json:"verification_words"`
	Confirmed         bool               `json:"confirmed"` // CompletedBy used the link from the email to that address
	Email             string             `json:"email"`     // of who completed it
	Recipients        []RecipientRow     `json:"recipients"`
	Items             []ItemRow          `json:"items"`
	Skipped           []onboarding.Skip  `json:"skipped"`
	Events            []onboarding.Event `json:"events"` // newest first
	Outbox            []EntryRow         `json:"outbox"`
	DeclinedBy        string             `json:"declined_by"`    // who cannot do any of it; empty: nobody said so
	DeclineReason     string             `json:"decline_reason"` // in their words
	Reminders         []int              `json:"reminders"`      // days after the invitation; none: nobody is reminded
	// Approval is when who finished it is reminded next of what an admin of theirs has to
	// approve; zero: not any more, or nothing waits for that.
	Approval onboarding.Timestamp `json:"approval"`
	// ByLink are who identified themselves in the wizard and are no recipients.
	ByLink []onboarding.Person `json:"by_link"`
}

// Request reads the full view of a request.
func (r *Replica) Request(ctx context.Context, id string) (RequestDetails, error) {
	var details RequestDetails
	now, texts := r.now(), r.config.Catalog
	err := r.db.Read(ctx, func(q sqldb.Queryer) error {
		r, err := ReadRequestState(ctx, q, id)
		if err != nil {
			return err
		}
		names, err := memberNames(ctx, q)
		if err != nil {
			return err
		}
		details = RequestDetails{
			RequestRow: r.row(texts, now, names), Message: r.Message, Link: r.Link, ConnectionID: r.Connection,
			FacebookUser: r.FacebookUser.Name,
			BusinessID:   r.Business.ID, Business: r.Business.Name,
			Kinds: append([]onboarding.Kind{}, r.Kinds...), Level: r.Level.OrDefault(), ByHand: r.ByHand,
			VerificationWords: onboarding.VerificationWords(r.ID), Confirmed: r.Confirmed, Email: r.CompletedBy.Email,
			Recipients: []RecipientRow{}, ByLink: append([]onboarding.Person{}, r.byLink()...), Items: []ItemRow{},
			Reminders:  append([]int{}, r.Reminders...),
			DeclinedBy: r.DeclinedBy, DeclineReason: r.DeclineReason, Approval: r.approvalReminds(now),
			Skipped: []onboarding.Skip{}, Events: []onboarding.Event{}, Outbox: []EntryRow{},
		}
		details.Skipped = append(details.Skipped, r.Skipped...)
		for _, to := range r.Recipients {
			details.Recipients = append(details.Recipients, recipientRow(to, details.Can.Resend, now))
		}
		for _, e := range r.Entries {
			details.Outbox = append(details.Outbox, e.Row())
		}
		details.Events = append(details.Events, r.Events...)
		slices.Reverse(details.Events)
		agency, err := ReadAgency(ctx, q)
		if err != nil {
			return err
		}
		for _, i := range r.Items {
			row, err := DescribeItem(ctx, q, texts, i, agency)
			if err != nil {
				return err
			}
			details.Items = append(details.Items, row)
		}
		return nil
	})
	if err != nil {
		return RequestDetails{}, err
	}
	return details, nil
}

// Item reads one account or asset.
func (r *Replica) Item(ctx context.Context, id string) (ItemRow, error) {
	rows, err := ReadItemRows(ctx, r.db, r.config.Catalog, []string{id})
	if err != nil {
		return ItemRow{}, err
	}
	if len(rows) == 0 {
		return ItemRow{}, fmt.Errorf("reading item %s: %w", id, onboarding.ErrNotFound)
	}
	return rows[0], nil
}

// EventRow is one event of the agency's history.
type EventRow struct {
	onboarding.Event
	Request string `json:"request"`
	Client  string `json:"client"`
}

// Recent reads the newest events of all requests after since, newest first, without what
// computers do routinely.
func (r *Replica) Recent(ctx context.Context, since onboarding.Timestamp, limit int) ([]EventRow, error) {
	if limit <= 0 {
		limit = pageSize
	}
	// The newest events belong to the requests that changed last. Among these are some that
	// changed only by a routine event.
	requests, err := readRows[onboarding.Request](ctx, r.db,
		`
			SELECT payload FROM requests JOIN request_payloads USING (seq) WHERE list_state = 0 AND changed_ms > $1
			ORDER BY changed_ms DESC, seq DESC LIMIT $2`, since, 4*limit)
	if err != nil {
		return nil, err
	}
	routine := onboarding.RoutineEvents()
	events := []EventRow{}
	for _, r := range requests {
		for _, e := range r.Events {
			if e.At > since && !slices.Contains(routine, e.Kind) {
				events = append(events, EventRow{e, r.ID, r.Client})
			}
		}
	}
	slices.SortStableFunc(events, func(a, b EventRow) int { return int(b.At - a.At) })
	return events[:min(limit, len(events))], nil
}

// Day counts the events of one day.
type Day struct {
	Day       onboarding.Timestamp `json:"day"` // its beginning
	Sent      int                  `json:"sent"`
	Connected int                  `json:"connected"`
}

// quarterHour parts every day of every time zone without a rest, in ms.
const quarterHour = 15 * 60 * 1000

// Days counts requests and connections of days. bounds are their beginnings in
// the user's time zone, oldest first, and the end of the last one: a day has 23
// to 25 hours.
func (r *Replica) Days(ctx context.Context, bounds []onboarding.Timestamp) ([]Day, error) {
	if len(bounds) < 2 || !slices.IsSorted(bounds) {
		return nil, fmt.Errorf("counting days: %w", onboarding.ErrInvalid)
	}
	all := make([]Day, len(bounds)-1)
	for n := range all {
		all[n].Day = bounds[n]
	}
	first, end := bounds[0], bounds[len(bounds)-1]
	count := func(column, since string, add func(*Day, int)) error {
		rows, err := r.db.QueryContext(ctx, `
			SELECT `+column+` / $1, COUNT(*) FROM requests WHERE list_state < 2 AND `+since+` AND `+column+` >= $2
			AND `+column+` < $3 GROUP BY 1`, quarterHour, first, end)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // its error is rows.Err
		for rows.Next() {
			var quarter onboarding.Timestamp
			var n int
			if err := rows.Scan(&quarter, &n); err != nil {
				return err
			}
			at, found := slices.BinarySearch(bounds, quarter*quarterHour)
			if !found {
				at--
			}
			add(&all[min(max(at, 0), len(all)-1)], n)
		}
		return rows.Err()
	}
	recent := fmt.Sprintf("seq >= $2 * %d", seqStride)
	if err := count("created_ms", recent, func(d *Day, n int) { d.Sent += n }); err != nil {
		return nil, fmt.Errorf("counting days: %w", err)
	}
	if err := count("completed_ms", "completed_ms > 0", func(d *Day, n int) { d.Connected += n }); err != nil {
		return nil, fmt.Errorf("counting days: %w", err)
	}
	return all, nil
}
