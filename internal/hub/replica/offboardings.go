package replica

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Offboarding is the end of all that the agency has of a client: what is to be done,
// what has been done, and in the end the report of it. It is on the computer that
// does it, and nowhere else.
type Offboarding struct {
	ID      string               `json:"id"`
	Client  string               `json:"client"`
	Agency  string               `json:"agency"` // as clients read it
	By      string               `json:"by"`     // the member
	Started onboarding.Timestamp `json:"started"`
	Ended   onboarding.Timestamp `json:"ended"` // zero: it goes on
	Links   []OffboardedLink     `json:"links"`
	Items   []OffboardedItem     `json:"items"`
	Devices []OffboardedDevice   `json:"devices"`
	Listed  bool                 `json:"listed"` // Devices has who held a credential before
	// OwnDevices means that the member sees their own computers alone: Devices has no others.
	OwnDevices bool                 `json:"own_devices"`
	Problem    Problem              `json:"problem"`  // why it does not go on for now
	Next       onboarding.Timestamp `json:"next_try"` // when it goes on by itself, if it has a problem
}

// Problem is an error as the screens have it: its code, and a sentence where the code
// is not enough. The zero value is none.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// OffboardedLink is a request of the client.
type OffboardedLink struct {
	Request string               `json:"request"`
	Created onboarding.Timestamp `json:"created"`
	State   OffboardedLinkState  `json:"state"`
	Done    onboarding.Timestamp `json:"done"` // zero: it is still to be withdrawn
	// Of its history, as it was at the end.
	Length int64  `json:"length"` // zero: it was not read
	Code   string `json:"code"`
	Whole  bool   `json:"whole"`
}

// OffboardedLinkState is what becomes of a request.
type OffboardedLinkState string

// The states of a request's link.
const (
	LinkOpen      OffboardedLinkState = "open"      // it is withdrawn
	LinkWithdrawn OffboardedLinkState = "withdrawn" // it was
	LinkOver      OffboardedLinkState = "over"      // it had ended before
	LinkUnknown   OffboardedLinkState = "unknown"   // this computer no longer sees the request
	LinkRefused   OffboardedLinkState = "refused"   // the relay has not withdrawn it
)

// OffboardedItem is an account or asset of the client.
type OffboardedItem struct {
	ID        string               `json:"id"`
	Request   string               `json:"request"`
	Service   onboarding.Service   `json:"service"`
	Platform  onboarding.Platform  `json:"platform"`
	Kind      onboarding.Kind      `json:"kind"`
	Account   string               `json:"account"`
	Name      string               `json:"name"`
	Detail    string               `json:"detail"`
	Connected onboarding.Timestamp `json:"connected"`
	// Alone means that the platform is not asked: this computer cannot, or the user
	// went on without it.
	Alone bool `json:"alone"`
	// Half means that sharing it was begun and not finished: something may be at the platform.
	Half bool `json:"half"`
	// Tried is when the platform was first asked. A call whose answer was lost may have
	// ended the access.
	Tried   onboarding.Timestamp `json:"tried"`
	Asked   *PlatformAnswer      `json:"asked,omitempty"`    // nil: the platform has not answered yet
	Outcome OffboardedOutcome    `json:"outcome" ts:"empty"` // empty: it is not done yet
	Done    onboarding.Timestamp `json:"done"`
	DoneBy  string               `json:"done_by"` // who had ended it before; may be empty
	// Withdrawn is when its client had withdrawn it before; zero: they had not.
	Withdrawn onboarding.Timestamp `json:"withdrawn"`
	// Of an outcome: sentences of the catalog.
	Title   string   `json:"title"`
	Message string   `json:"message"`
	Who     string   `json:"who"` // who ends what remains
	Next    string   `json:"next"`
	Note    string   `json:"note"`
	NoteFor string   `json:"note_for"`
	Steps   []string `json:"steps"`
	Open    string   `json:"open"`
	KeptFor []string `json:"kept_for"` // what else uses the grant, as far as the member may see it
	Erased  bool     `json:"erased"`   // its credential is not on this computer
	Problem Problem  `json:"problem"`  // why it is not done yet
}

// PlatformAnswer is what a platform answered when it was asked to end an access.
type PlatformAnswer struct {
	At        onboarding.Timestamp `json:"at"`
	Proven    bool                 `json:"proven"`    // a call verified that the access is gone
	Remaining string               `json:"remaining"` // a code of the catalog; empty: nothing
	Code      string               `json:"code"`      // the platform's own
}

// OffboardedOutcome is what became of an access.
type OffboardedOutcome string

// The outcomes.
const (
	OutcomeProven      OffboardedOutcome = "proven"       // a call verified that it is gone
	OutcomeRemains     OffboardedOutcome = "remains"      // a user at the platform has to end it
	OutcomeKept        OffboardedOutcome = "kept"         // another account uses the same grant
	OutcomeLeft        OffboardedOutcome = "left"         // the user left it as it is
	OutcomeEndedBefore OffboardedOutcome = "ended_before" // it had ended before, and a call had verified it
	OutcomeNothing     OffboardedOutcome = "nothing"      // it was only named, and nobody had found it
	OutcomeUnknown     OffboardedOutcome = "unknown"      // this computer no longer sees it: nobody proved anything
)

// OffboardedDevice is a computer that had credentials of the client.
type OffboardedDevice struct {
	ID     string               `json:"id"`
	Name   string               `json:"name"`
	Member string               `json:"member"`
	Here   bool                 `json:"here"`   // this computer
	Erased bool                 `json:"erased"` // it has none any more; else it erases them when it is next online
	Seen   onboarding.Timestamp `json:"seen"`   // its last contact, when this was last asked
}

// StoreOffboarding stores an offboarding as it is now.
func StoreOffboarding(ctx context.Context, r *Replica, o Offboarding) error {
	return r.Update(ctx, func(tx *Tx) error { return storeOffboarding(ctx, tx, o) })
}

func storeOffboarding(ctx context.Context, tx *Tx, o Offboarding) error {
	text, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("storing offboarding %s: %w", o.ID, err)
	}
	requests := idList{}
	for _, link := range o.Links {
		requests = append(requests, link.Request)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO offboardings (id, started_ms, ended_ms, requests, offboarding) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET ended_ms = excluded.ended_ms, requests = excluded.requests,
		offboarding = excluded.offboarding`, o.ID, o.Started, o.Ended, requests, string(text))
	if err != nil {
		return fmt.Errorf("storing offboarding %s: %w", o.ID, err)
	}
	tx.Change.Offboardings = true
	return nil
}

// ReadOffboarding reads an offboarding, or ErrNotFound.
func ReadOffboarding(ctx context.Context, q sqldb.Queryer, id string) (Offboarding, error) {
	all, err := readRows[Offboarding](ctx, q, `SELECT offboarding FROM offboardings WHERE id = $1`, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("reading offboarding %s: %w", id, onboarding.ErrNotFound)
	}
	if err != nil {
		return Offboarding{}, err
	}
	return all[0], nil
}

// ReadUnfinishedOffboardings lists what goes on, the oldest first.
func ReadUnfinishedOffboardings(ctx context.Context, q sqldb.Queryer) ([]Offboarding, error) {
	return readRows[Offboarding](ctx, q, `
		SELECT offboarding FROM offboardings WHERE ended_ms = 0 ORDER BY started_ms, id`)
}

// ReadOffboardingsOf lists those of any of some requests, the newest first.
func ReadOffboardingsOf(ctx context.Context, q sqldb.Queryer, requests []string) ([]Offboarding, error) {
	return readRows[Offboarding](ctx, q, `
		SELECT offboarding FROM offboardings
		WHERE EXISTS (SELECT 1 FROM json_each(requests) WHERE value IN (SELECT value FROM json_each($1)))
		ORDER BY started_ms DESC, id`, idList(requests))
}

// IsOffboarded reports whether the end of a request's client goes on.
func IsOffboarded(ctx context.Context, q sqldb.Queryer, request string) (bool, error) {
	all, err := ReadOffboardingsOf(ctx, q, []string{request})
	return slices.ContainsFunc(all, func(o Offboarding) bool { return o.Ended == 0 }), err
}

// DeleteOffboarding deletes a report. One that goes on is ErrConflict.
func DeleteOffboarding(ctx context.Context, r *Replica, id string) error {
	return r.Update(ctx, func(tx *Tx) error {
		var ended onboarding.Timestamp
		err := tx.QueryRowContext(ctx, `SELECT ended_ms FROM offboardings WHERE id = $1`, id).Scan(&ended)
		if err == nil && ended == 0 {
			err = onboarding.ErrConflict
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM offboardings WHERE id = $1`, id)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("deleting offboarding %s: %w", id, err)
		}
		tx.Change.Offboardings = true
		return nil
	})
}

// ForgetOffboardings deletes the reports about a request whose client is deleted, here or
// by another computer, once no other request of theirs is left. What goes on stays.
func ForgetOffboardings(ctx context.Context, tx *Tx, request string) error {
	_, err := tx.ExecContext(ctx, `
		DELETE FROM offboardings
		WHERE  ended_ms > 0 AND EXISTS (SELECT 1 FROM json_each(requests) WHERE value = $1)
		AND    NOT EXISTS (SELECT 1 FROM json_each(offboardings.requests) AS j JOIN requests ON requests.id = j.value
		                   WHERE requests.id <> $1)`, request)
	if err != nil {
		return fmt.Errorf("forgetting the reports about request %s: %w", request, err)
	}
	tx.Change.Offboardings = true
	return nil
}

// forgetContacts deletes the sentences that name a client's people from the reports about
// requests whose people were forgotten since.
func forgetContacts(ctx context.Context, tx *Tx, requests []onboarding.Request) error {
	for _, r := range requests {
		var forgotten onboarding.Timestamp
		for _, e := range r.Events {
			if e.Kind == onboarding.EventPeopleForgotten {
				forgotten = max(forgotten, e.At)
			}
		}
		if forgotten == 0 {
			continue
		}
		reports, err := ReadOffboardingsOf(ctx, tx.Tx, []string{r.ID})
		if err != nil {
			return err
		}
		for _, report := range reports {
			if err := forgetContactsIn(ctx, tx, report, r.ID, forgotten); err != nil {
				return err
			}
		}
	}
	return nil
}

func forgetContactsIn(
	ctx context.Context, tx *Tx, report Offboarding, request string, forgotten onboarding.Timestamp,
) error {
	changed := false
	for n := range report.Items {
		i := &report.Items[n]
		if i.Request != request || i.Done == 0 || i.Done > forgotten || i.Next+i.Note+i.NoteFor == "" {
			continue
		}
		i.Next, i.Note, i.NoteFor = "", "", ""
		changed = true
	}
	if !changed {
		return nil
	}
	return storeOffboarding(ctx, tx, report)
}

// IsSameClient reports whether two names are of one client: case does not count. Rose and
// Rosé are two.
func IsSameClient(a, b string) bool {
	return collation.FoldCase(strings.TrimSpace(a)) == collation.FoldCase(strings.TrimSpace(b))
}

// IsTyped reports whether a user has typed a client's name: a keyboard may lack its
// accents.
func IsTyped(typed, client string) bool {
	return collation.Fold(strings.TrimSpace(typed)) == collation.Fold(strings.TrimSpace(client))
}

// ReadClient reads all requests of a client that this member sees, withdrawn ones too,
// the oldest first.
func ReadClient(ctx context.Context, q sqldb.Queryer, client string) ([]RequestState, error) {
	type row struct{ id, client string }
	all, err := scanRows(ctx, q, func(rows *sql.Rows, r *row) error { return rows.Scan(&r.id, &r.client) },
		`SELECT id, client FROM requests ORDER BY seq`)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r row) bool { return !IsSameClient(r.client, client) })
	ids := make([]string, len(all))
	for n, r := range all {
		ids[n] = r.id
	}
	return loadRequests(ctx, q, ids, nil)
}

// ReadSameGrant lists the items in Accounts that may depend on the grant of an item, as
// the relay does it, without some.
func ReadSameGrant(
	ctx context.Context, q sqldb.Queryer, i onboarding.Item, without []string,
) ([]onboarding.Item, error) {
	all, err := ReadListedItems(ctx, q, i.Service.Platform())
	return slices.DeleteFunc(all, func(other onboarding.Item) bool {
		if other.ID == i.ID || other.Service != i.Service || slices.Contains(without, other.ID) {
			return true
		}
		same := other.Kind == i.Kind && other.Account == i.Account
		return !same && (i.Kind.IsShared() || i.PlatformBy == "" || other.PlatformBy != i.PlatformBy)
	}), err
}
