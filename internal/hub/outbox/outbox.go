// Package outbox queues the user's changes and sends them to the relay: in order for
// each request, at least once. Every call is idempotent: a repeat after a crash or a lost
// reply changes nothing.
//
// It decides what may be queued and sends it. The table is the replica's, whose
// lists overlay the queued changes. It never changes what the relay has stored
// but by the relay's result.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/logo"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Config is what an outbox needs.
type Config struct {
	// Logos checks a logo before it is queued.
	Logos   *logo.Fitter
	Replica *replica.Replica
	Session *session.Session
	// Now is the clock.
	Now func() time.Time
	// Log gets details for support.
	Log *slog.Logger
	// Reseal sends an entry of the kind replica.EntryApprove.
	Reseal func(ctx context.Context, client *wire.Client, entry replica.Entry) error
	// OnQueued is called after an entry was queued. It must not block.
	OnQueued func()
}

// Outbox is the outbox of one computer. All methods but Flush are safe for
// concurrent use.
type Outbox struct {
	config  Config
	senders map[replica.EntryKind]sender
}

// New returns the outbox of one computer.
func New(config Config) *Outbox { return &Outbox{config: config, senders: senders(config.Reseal)} }

func (o *Outbox) now() onboarding.Timestamp { return onboarding.TimestampOf(o.config.Now()) }

// Flush sends due entries in order. It stops once no call reaches the relay. An
// entry that the relay, or something on the way to it, refuses for good stays,
// with the reason.
func (o *Outbox) Flush(ctx context.Context, client *wire.Client) error {
	for {
		entry, err := o.claimNext(ctx)
		if errors.Is(err, onboarding.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		store, err := o.send(ctx, client, entry)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if wire.ObstacleOf(err) != "" {
			if err := o.handleObstacle(ctx, client, entry, err); err != nil {
				return err
			}
			continue
		}
		o.config.Session.RecordOutcome(ctx, err)
		if err != nil {
			if err := o.handleFailure(ctx, entry, err); err != nil {
				return err
			}
			continue
		}
		if err := o.config.Replica.Update(ctx, func(tx *replica.Tx) error {
			if err := tx.RemoveEntry(ctx, entry); err != nil {
				return err
			}
			return store(tx)
		}); err != nil {
			return err
		}
	}
}

// claimNext returns the next due entry. It counts the attempt before it is
// sent: afterwards the outcome may be unknown.
func (o *Outbox) claimNext(ctx context.Context) (replica.Entry, error) {
	now := o.now()
	if _, err := replica.NextEntry(ctx, o.config.Replica.DB(), now); err != nil {
		return replica.Entry{}, err // nothing due: skip the write transaction
	}
	var e replica.Entry
	err := o.config.Replica.Update(ctx, func(tx *replica.Tx) (err error) {
		e, err = tx.ClaimEntry(ctx, now)
		return err
	})
	return e, err
}

// maxWait bounds the back-off of an entry.
const maxWait = 15 * time.Minute

// maxBlocked is how often an entry may fail to pass, while another call does,
// before it is set aside: after some two minutes.
const maxBlocked = 10

// handleObstacle decides what becomes of an entry that did not reach the relay.
// If another call does, the entry is set aside, or waits while others go on:
// firewalls refuse, or cut off, what looks to them like an attack. It returns an
// error if no call reaches the relay.
func (o *Outbox) handleObstacle(ctx context.Context, client *wire.Client, e replica.Entry, cause error) error {
	_, err := wire.Call(ctx, client, wire.ReadRelay, wire.Empty{})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if wire.ObstacleOf(err) != "" {
		err = cause
	}
	o.config.Session.RecordOutcome(ctx, err)
	if err != nil {
		return err
	}
	e.Blocked++
	switch wire.ObstacleOf(cause) {
	case wire.ObstacleFilter, wire.ObstacleSize, wire.ObstaclePage:
		return o.refuse(ctx, e, cause)
	}
	if e.Blocked >= maxBlocked {
		return o.refuse(ctx, e, cause)
	}
	return o.reschedule(ctx, e, 2*time.Second*time.Duration(e.Blocked), cause)
}

// handleFailure decides what becomes of an entry after an error of the relay. It
// returns an error if no other entry can be sent either.
func (o *Outbox) handleFailure(ctx context.Context, e replica.Entry, cause error) error {
	switch {
	case errors.Is(cause, onboarding.ErrRevoked), errors.Is(cause, onboarding.ErrUnauthenticated),
		errors.Is(cause, onboarding.ErrUpdateNeeded), errors.Is(cause, onboarding.ErrSuspended):
		return cause
	case errors.Is(cause, onboarding.ErrNotFound) && e.Attempts < 3 && e.Kind != replica.EntryResubmit:
		// After a restore the relay lacks the subject until the hub has read
		// everything and resubmitted what was lost.
		return o.reschedule(ctx, e, time.Second, cause)
	case errors.Is(cause, onboarding.ErrUnavailable), errors.Is(cause, onboarding.ErrBusy):
		// The relay's database was briefly unavailable; handled by back-off.
		return o.reschedule(ctx, e, min(time.Second<<min(e.Attempts, 10), maxWait), cause)
	case errors.Is(cause, onboarding.ErrRateLimited), errors.Is(cause, onboarding.ErrPlatformDown):
		return o.reschedule(ctx, e, min(time.Duration(e.Attempts)*time.Minute, maxWait), cause)
	}
	if isObsolete(e.Kind, cause) {
		return o.config.Replica.Update(ctx, func(tx *replica.Tx) error { return finishObsolete(ctx, tx, e, cause) })
	}
	return o.refuse(ctx, e, cause)
}

// refuse stores why the relay, or something on the way, does not accept an entry.
func (o *Outbox) refuse(ctx context.Context, e replica.Entry, cause error) error {
	e.Refused, e.Code = o.now(), codeOf(cause)
	var invalid *onboarding.InvalidError
	if errors.As(cause, &invalid) {
		e.Field, e.Message = invalid.Field, invalid.Message
	}
	var reference *wire.ReferenceError
	if errors.As(cause, &reference) {
		e.Reference = reference.Reference
	}
	o.config.Log.Warn(
		"an entry of the outbox is refused", "kind", e.Kind, "subject", e.Subject, "code", e.Code,
		"reference", e.Reference, "error", cause,
	)
	return o.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		if err := tx.UpdateEntry(ctx, e); err != nil {
			return err
		}
		tx.Alert(replica.Alert{Kind: replica.EntryRefused, Request: e.Subject, Client: e.Title})
		return nil
	})
}

// codeOf is the code of an entry's error. The connection is cut for the entry
// alone: silence is no outage then.
func codeOf(cause error) string {
	if obstacle := wire.ObstacleOf(cause); obstacle != "" {
		return string(obstacle)
	}
	return wire.Code(cause)
}

// isObsolete reports whether the relay's error means that the goal of an entry
// of this kind is already reached.
func isObsolete(kind replica.EntryKind, cause error) bool {
	if errors.Is(cause, onboarding.ErrWithdrawn) {
		return kind == replica.EntryWithdraw
	}
	if !errors.Is(cause, onboarding.ErrNotFound) {
		return false
	}
	switch kind {
	case replica.EntryWithdraw, replica.EntryDeleteClient,
		replica.EntryEndAccess, // the item was deleted meanwhile
		replica.EntryApprove,   // the device was removed meanwhile
		replica.EntryResubmit:  // deleted on purpose: do not restore it
		return true
	}
	return false
}

// finishObsolete removes an entry whose goal is reached, and its request if that
// is what the relay no longer has.
func finishObsolete(ctx context.Context, tx *replica.Tx, e replica.Entry, cause error) error {
	if err := tx.RemoveEntry(ctx, e); err != nil {
		return err
	}
	if !errors.Is(cause, onboarding.ErrNotFound) || e.Kind == replica.EntryApprove || e.Kind == replica.EntryEndAccess {
		return nil
	}
	return tx.DeleteLocal(ctx, e.Subject)
}

func (o *Outbox) reschedule(ctx context.Context, e replica.Entry, wait time.Duration, cause error) error {
	o.config.Log.Info(
		"an entry of the outbox waits", "kind", e.Kind, "subject", e.Subject, "tries", e.Attempts, "wait", wait, "error",
		cause,
	)
	e.NotBefore, e.Code = o.now().Add(wait), codeOf(cause)
	return o.config.Replica.Update(ctx, func(tx *replica.Tx) error { return tx.UpdateEntry(ctx, e) })
}

func (o *Outbox) send(ctx context.Context, client *wire.Client, e replica.Entry) (func(*replica.Tx) error, error) {
	send, known := o.senders[e.Kind]
	if !known {
		return nil, fmt.Errorf("sending an entry of kind %q: %w", e.Kind, onboarding.ErrInvalid)
	}
	return send(ctx, client, e)
}

// A sender calls the relay for an entry and returns the function that stores the
// result.
type sender func(ctx context.Context, client *wire.Client, e replica.Entry) (func(*replica.Tx) error, error)

// senders are the calls by the kind of entry. reseal sends an approval.
func senders(reseal func(context.Context, *wire.Client, replica.Entry) error) map[replica.EntryKind]sender {
	return map[replica.EntryKind]sender{
		replica.EntrySave:         call(wire.SaveRequest, requestParams, storeRequest),
		replica.EntryEdit:         call(wire.EditRequest, requestParams, storeRequest),
		replica.EntryResubmit:     call(wire.ResubmitRequest, decodeParams, storeRequest),
		replica.EntrySend:         call(wire.SendRequest, decodeParams, storeRequest),
		replica.EntryResend:       call(wire.ResendRequest, decodeParams, storeRequest),
		replica.EntryRenew:        call(wire.RenewRequest, decodeParams, storeRequest),
		replica.EntryReopen:       call(wire.ReopenRequest, decodeParams, storeRequest),
		replica.EntryReminders:    call(wire.SetReminders, decodeParams, storeRequest),
		replica.EntryWithdraw:     call(wire.WithdrawRequest, decodeParams, storeRequest),
		replica.EntryArchive:      call(wire.ArchiveRequest, decodeParams, storeRequest),
		replica.EntryDeleteClient: call(wire.DeleteClient, decodeParams, deleteRequest),
		replica.EntryEndAccess:    call(wire.EndAccess, decodeParams, storeEnded),
		replica.EntrySaveBrand:    call(wire.SaveBrand, decodeParams, storeAgency),
		replica.EntrySwitchBrand:  call(wire.SwitchBrand, decodeParams, storeAgency),
		replica.EntryShare:        call(wire.ShareRequests, decodeParams, storeAgency),
		replica.EntryApprove: func(
			ctx context.Context, client *wire.Client, e replica.Entry,
		) (func(*replica.Tx) error, error) {
			return func(*replica.Tx) error { return nil }, reseal(ctx, client, e)
		},
	}
}

func call[P, R any](
	method wire.Method[P, R], paramsOf func(replica.Entry) (P, error),
	store func(context.Context, *replica.Tx, replica.Entry, R) error,
) sender {
	return func(ctx context.Context, client *wire.Client, e replica.Entry) (func(*replica.Tx) error, error) {
		params, err := paramsOf(e)
		if err != nil {
			return nil, err
		}
		result, err := wire.Call(ctx, client, method, params)
		if err != nil {
			return nil, err
		}
		return func(tx *replica.Tx) error { return store(ctx, tx, e, result) }, nil
	}
}

func decodeParams[P any](e replica.Entry) (P, error) {
	var params P
	if err := json.Unmarshal([]byte(e.Params), &params); err != nil {
		return params, fmt.Errorf("reading the outbox: %w", err)
	}
	return params, nil
}

func requestParams(e replica.Entry) (wire.SaveRequestParams, error) {
	saved, err := decodeParams[replica.SavedInput](e)
	return wire.SaveRequestParams{Request: saved.Input}, err
}

func storeRequest(ctx context.Context, tx *replica.Tx, _ replica.Entry, result wire.RequestResult) error {
	return tx.StoreRequest(ctx, result.Request)
}

func deleteRequest(ctx context.Context, tx *replica.Tx, e replica.Entry, _ wire.Empty) error {
	// A full read, as after a change of what members see, would not show it.
	if err := tx.StoreDeleted(ctx, "request", e.Subject); err != nil {
		return err
	}
	return tx.DeleteLocal(ctx, e.Subject)
}

func storeEnded(ctx context.Context, tx *replica.Tx, _ replica.Entry, result wire.ItemResult) error {
	return tx.StoreEnded(ctx, result.Item)
}

func storeAgency(ctx context.Context, tx *replica.Tx, _ replica.Entry, result wire.AgencyResult) error {
	return replica.StoreAgency(ctx, tx, result.Agency)
}
