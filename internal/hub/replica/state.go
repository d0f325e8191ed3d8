package replica

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// RequestState is a request on this computer: the relay's copy, overlaid with
// the queued changes, and its items.
type RequestState struct {
	onboarding.Request
	Known   bool    // the relay has stored it
	Entries []Entry // of the outbox, oldest first
	Items   []onboarding.Item
}

func ReadRequestState(ctx context.Context, q sqldb.Queryer, id string) (RequestState, error) {
	all, err := loadRequests(ctx, q, []string{id}, nil)
	if err != nil {
		return RequestState{}, err
	}
	if len(all) == 0 {
		return RequestState{}, fmt.Errorf("reading request %s: %w", id, onboarding.ErrNotFound)
	}
	return all[0], nil
}

// loadRequests reads requests in the order of the ids and skips unknown ones.
// payloads holds those that the caller has just stored.
func loadRequests(
	ctx context.Context, q sqldb.Queryer, ids []string, payloads map[string]onboarding.Request,
) ([]RequestState, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	requests := make(requestStates, len(ids))
	var unread []string
	for _, id := range ids {
		r, known := payloads[id]
		r.ID = id
		requests[id] = &RequestState{Request: r, Known: known}
		if !known {
			unread = append(unread, id)
		}
	}
	if err := requests.readPayloads(ctx, q, unread); err != nil {
		return nil, err
	}
	if err := requests.readEntries(ctx, q, ids); err != nil {
		return nil, err
	}
	if err := requests.readItems(ctx, q, ids); err != nil {
		return nil, err
	}
	all := make([]RequestState, 0, len(ids))
	for _, id := range ids {
		r := requests[id]
		if !r.Known && len(r.Entries) == 0 {
			continue
		}
		if err := r.applyPending(); err != nil {
			return nil, err
		}
		all = append(all, *r)
	}
	return all, nil
}

// requestStates are requests by their ids, while their parts are read.
type requestStates map[string]*RequestState

// among selects the rows of an idList. It is constant text, which the statement
// cache parses once.
const among = ` IN (SELECT value FROM json_each($1))`

// idList is passed to a statement as a JSON list.
type idList []string

// Value implements driver.Valuer.
func (l idList) Value() (driver.Value, error) {
	text, err := json.Marshal([]string(l))
	return string(text), err
}

func (s requestStates) readPayloads(ctx context.Context, q sqldb.Queryer, ids []string) error {
	stored, err := readRows[onboarding.Request](ctx, q, `
		SELECT payload FROM requests JOIN request_payloads USING (seq) WHERE id`+among, idList(ids))
	if err != nil {
		return err
	}
	for _, request := range stored {
		r := s[request.ID]
		r.Request, r.Known = request, true
	}
	return nil
}

func (s requestStates) readEntries(ctx context.Context, q sqldb.Queryer, ids []string) error {
	entries, err := readEntries(ctx, q, `WHERE subject`+among+` ORDER BY priority, seq`, idList(ids))
	if err != nil {
		return err
	}
	for _, e := range entries {
		r := s[e.Subject]
		r.Entries = append(r.Entries, e)
	}
	return nil
}

func (s requestStates) readItems(ctx context.Context, q sqldb.Queryer, ids []string) error {
	items, err := readRows[onboarding.Item](ctx, q, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE request`+among+` ORDER BY items.seq`, idList(ids))
	if err != nil {
		return err
	}
	for _, i := range items {
		r := s[i.Request]
		r.Items = append(r.Items, i)
	}
	return nil
}

// changed is the time of the newest event or entry.
func (r RequestState) changed() onboarding.Timestamp {
	newest := r.Created
	for _, e := range r.Events {
		newest = max(newest, e.At)
	}
	for _, e := range r.Entries {
		newest = max(newest, e.Created)
	}
	return newest
}

// ends is when the link expires; zero if it is invalid or does not expire.
func (r RequestState) ends() onboarding.Timestamp {
	if r.Withdrawn != 0 || r.Status == onboarding.Connected || r.Finished != 0 {
		return 0
	}
	return r.Expires
}

// linkAsked is when a client asked for a new link that nobody has made or sent yet;
// zero: nobody waits for one.
func (r RequestState) linkAsked() onboarding.Timestamp {
	if r.ends() == 0 || r.HasQueued(EntryRenew, EntrySend, EntryResend) {
		return 0
	}
	return r.LinkAsked
}

// attention reports whether the user has to do something about the request.
func (r RequestState) attention() bool {
	for _, i := range r.Items {
		if IsBroken(i) {
			return true
		}
	}
	for _, e := range r.Entries {
		if e.Refused != 0 {
			return true
		}
	}
	if r.Status == onboarding.Connected {
		return false
	}
	return len(r.refused()) > 0
}

// refused are the recipients whose address a mail server refused, until somebody who was
// invited after that has the link: it then was sent to a corrected address.
func (r RequestState) refused() []onboarding.Recipient {
	var refused []onboarding.Recipient
	for _, to := range r.Recipients {
		if to.EmailState == onboarding.EmailRefused && !r.reachedAfter(r.firstRefusal(to.Address)) {
			refused = append(refused, to)
		}
	}
	return refused
}

// firstRefusal is when a mail server first refused an address; zero: no event says so.
func (r RequestState) firstRefusal(address string) (first onboarding.Timestamp) {
	for _, e := range r.Events {
		if e.Kind == onboarding.EventEmailRefused && e.Detail == address && (first == 0 || e.At < first) {
			first = e.At
		}
	}
	return first
}

// reachedAfter reports whether a mail server took an email to somebody who was invited
// after a timestamp. Zero is not known: nobody was.
func (r RequestState) reachedAfter(at onboarding.Timestamp) bool {
	return at != 0 && slices.ContainsFunc(r.Recipients, func(to onboarding.Recipient) bool {
		return to.Added > at && to.Sent != 0 && to.EmailState != onboarding.EmailRefused
	})
}

// applyPending overlays queued edits on the relay's copy.
func (r *RequestState) applyPending() error {
	for _, e := range r.Entries {
		switch e.Kind {
		case EntrySave, EntryEdit:
			var saved SavedInput
			if err := json.Unmarshal([]byte(e.Params), &saved); err != nil {
				return fmt.Errorf("reading the outbox: %w", err)
			}
			w := saved.Input
			r.Client, r.Message, r.Services, r.Connection = w.Client, w.Message, w.Services, w.Connection
			r.FacebookUser, r.Business, r.Kinds, r.Level = saved.FacebookUser, saved.Business, w.Kinds, w.Level
			r.ByHand = w.ByHand
			if !r.Known {
				r.Owner, r.Created, r.Status = saved.Owner, w.Created, onboarding.Pending
				r.Reminders = onboarding.DefaultReminders()
			}
		case EntrySend:
			var params wire.SendRequestParams
			if err := json.Unmarshal([]byte(e.Params), &params); err != nil {
				return fmt.Errorf("reading the outbox: %w", err)
			}
			for _, to := range params.Recipients {
				r.invite(to)
			}
		case EntryReminders:
			var params wire.SetRemindersParams
			if err := json.Unmarshal([]byte(e.Params), &params); err != nil {
				return fmt.Errorf("reading the outbox: %w", err)
			}
			r.Reminders = params.Days
		case EntryArchive:
			var params wire.ArchiveRequestParams
			if err := json.Unmarshal([]byte(e.Params), &params); err != nil {
				return fmt.Errorf("reading the outbox: %w", err)
			}
			r.Archived = 0
			if params.On {
				r.Archived = e.Created
			}
		}
	}
	return nil
}

// invite shows somebody as a recipient of the whole request, also whom a client had asked
// for a part of it.
func (r *RequestState) invite(to wire.NewRecipient) {
	for n, known := range r.Recipients {
		if known.Scoped && onboarding.SameAddress(known.Address, to.Address) {
			r.Recipients = slices.Clone(r.Recipients)
			r.Recipients[n].Scoped = false
			return
		}
	}
	if !r.hasRecipient(to.ID) {
		r.Recipients = append(r.Recipients, onboarding.Recipient{ID: to.ID, Address: to.Address})
	}
}

func (r *RequestState) hasRecipient(recipient string) bool {
	for _, to := range r.Recipients {
		if to.ID == recipient {
			return true
		}
	}
	return false
}

// HasQueued reports whether an entry of one of these kinds is queued and not refused.
func (r *RequestState) HasQueued(kinds ...EntryKind) bool {
	for _, e := range r.Entries {
		for _, kind := range kinds {
			if e.Kind == kind && e.Refused == 0 {
				return true
			}
		}
	}
	return false
}

// Editable reports whether the request may still change: it was neither sent
// nor opened. One that was refused when it was saved may have recipients, whose
// emails wait behind it.
func (r RequestState) Editable() bool {
	return (len(r.Recipients) == 0 || r.saveRefused()) && r.Opened == 0 && r.Status == onboarding.Pending &&
		r.Finished == 0 && r.Withdrawn == 0 &&
		!r.HasQueued(EntryWithdraw, EntryDeleteClient)
}

// saveRefused reports whether the relay lacks the request since it was refused.
func (r RequestState) saveRefused() bool {
	return !r.Known && slices.ContainsFunc(r.Entries, func(e Entry) bool {
		return e.Kind == EntrySave && e.Refused != 0
	})
}

// Unsent reports whether the relay cannot have stored the request.
func (r RequestState) Unsent() bool {
	if r.Known {
		return false
	}
	for _, e := range r.Entries {
		if e.Kind == EntrySave && e.Attempts > 0 && e.Refused == 0 {
			return false
		}
	}
	return true
}

// CanSend returns why the request cannot be sent; nil: it can. The relay
// decides by its own clock; this check only avoids a futile call.
func (r RequestState) CanSend(now onboarding.Timestamp) error {
	if r.HasQueued(EntryWithdraw, EntryDeleteClient) {
		return fmt.Errorf("sending request %s: %w", r.ID, onboarding.ErrWithdrawn)
	}
	if !r.Known || r.HasQueued(EntryRenew, EntryReopen) {
		return nil
	}
	if err := r.LinkState(now); err != nil {
		return fmt.Errorf("sending request %s: %w", r.ID, err)
	}
	return nil
}
