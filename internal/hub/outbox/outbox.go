// Package outbox queues the user's changes and sends them to the relay in
// order, each exactly once, across crashes and lost replies.
//
// The table belongs to the replica, since every list overlays queued changes;
// this package only sends.
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
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Config is what an outbox needs.
type Config struct {
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
	config Config
}

// New returns the outbox of one computer.
func New(config Config) *Outbox { return &Outbox{config: config} }

func (o *Outbox) now() onboarding.Timestamp { return onboarding.TimestampOf(o.config.Now()) }

// Flush sends due entries in order. It stops at the first call that did not
// reach the relay. An entry that the relay refuses for good stays, with the
// reason.
func (o *Outbox) Flush(ctx context.Context, client *wire.Client) error {
	for {
		e, err := o.claimNext(ctx)
		if errors.Is(err, onboarding.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		answer, err := o.send(ctx, client, e)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		o.config.Session.RecordOutcome(ctx, err)
		if err != nil {
			if err := o.handleFailure(ctx, e, err); err != nil {
				return err
			}
			continue
		}
		if err := o.config.Replica.Update(ctx, func(s *replica.Tx) error {
			if err := s.RemoveEntry(ctx, e); err != nil {
				return err
			}
			return answer(s)
		}); err != nil {
			return err
		}
	}
}

// claimNext returns the next due entry. It counts the attempt before it is
// sent: afterwards the outcome may be unknown.
func (o *Outbox) claimNext(ctx context.Context) (replica.Entry, error) {
	now := o.now()
	if _, err := replica.ReadEntry(ctx, o.config.Replica.DB(), replica.NextEntryQuery, now); err != nil {
		return replica.Entry{}, err // nothing due: skip the write transaction
	}
	var e replica.Entry
	err := o.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		var err error
		if e, err = replica.ReadEntry(ctx, tx, replica.NextEntryQuery, now); err != nil {
			return err
		}
		e.Attempts++
		if _, err := tx.ExecContext(ctx, `UPDATE outbox SET attempts = $1 WHERE seq = $2`, e.Attempts, e.Seq); err != nil {
			return fmt.Errorf("counting a try: %w", err)
		}
		return nil
	})
	return e, err
}

// maxWait bounds the back-off of an entry.
const maxWait = 15 * time.Minute

// handleFailure decides what becomes of an entry after an error. It returns an
// error if no other entry can be sent either.
func (o *Outbox) handleFailure(ctx context.Context, e replica.Entry, cause error) error {
	var reference *wire.ReferenceError
	reached := errors.As(cause, &reference)
	switch {
	case errors.Is(cause, onboarding.ErrRevoked), errors.Is(cause, onboarding.ErrUnauthenticated),
		errors.Is(cause, onboarding.ErrUpdateNeeded), errors.Is(cause, onboarding.ErrSuspended):
		return cause
	case errors.Is(cause, onboarding.ErrUnavailable) && !reached:
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
	if done, err := o.isObsolete(ctx, e, cause); done || err != nil {
		return err
	}
	code, field, sentence := "", "", ""
	var wrong *onboarding.InvalidError
	if errors.As(cause, &wrong) {
		field, sentence = wrong.Field, wrong.Message
	}
	code = wire.Code(cause)
	ref := ""
	if reached {
		ref = reference.Reference
	}
	o.config.Log.Warn(
		"the relay refuses an entry of the outbox", "kind", e.Kind, "subject", e.Subject, "code", code, "reference", ref,
	)
	return o.config.Replica.Update(ctx, func(s *replica.Tx) error {
		_, err := s.Tx.ExecContext(ctx, `
			UPDATE outbox SET refused_ms = $1, code = $2, field = $3, message = $4, reference = $5 WHERE seq = $6`,
			o.now(), code, field, sentence, ref, e.Seq)
		if err != nil {
			return fmt.Errorf("keeping a refusal: %w", err)
		}
		s.MarkChanged(e.Subject, e.Kind)
		s.Alert(replica.Alert{Kind: replica.EntryRefused, Request: e.Subject, Client: e.Title})
		return nil
	})
}

// isObsolete reports whether the entry's goal is already reached.
func (o *Outbox) isObsolete(ctx context.Context, e replica.Entry, cause error) (bool, error) {
	gone := errors.Is(cause, onboarding.ErrNotFound)
	switch {
	case e.Kind == replica.EntryWithdraw && (gone || errors.Is(cause, onboarding.ErrWithdrawn)):
	case e.Kind == replica.EntryDeleteClient && gone:
	case e.Kind == replica.EntryEndAccess && gone: // the item was deleted meanwhile
	case e.Kind == replica.EntryApprove && gone: // the device was removed meanwhile
	case e.Kind == replica.EntryResubmit && gone: // deleted on purpose: do not restore it
	default:
		return false, nil
	}
	return true, o.config.Replica.Update(ctx, func(s *replica.Tx) error {
		if err := s.RemoveEntry(ctx, e); err != nil {
			return err
		}
		if !gone || e.Kind == replica.EntryApprove || e.Kind == replica.EntryEndAccess {
			return nil
		}
		return s.DeleteLocal(ctx, e.Subject)
	})
}

func (o *Outbox) reschedule(ctx context.Context, e replica.Entry, wait time.Duration, cause error) error {
	o.config.Log.Info(
		"an entry of the outbox waits", "kind", e.Kind, "subject", e.Subject, "tries", e.Attempts, "wait", wait, "error",
		cause,
	)
	return o.config.Replica.Update(ctx, func(s *replica.Tx) error {
		if _, err := s.Tx.ExecContext(ctx, `
			UPDATE outbox SET not_before_ms = $1, code = $2
			WHERE seq = $3`, o.now().Add(wait), wire.Code(cause), e.Seq); err != nil {
			return fmt.Errorf("putting off an entry of the outbox: %w", err)
		}
		s.MarkChanged(e.Subject, e.Kind)
		return nil
	})
}

// send calls the relay for an entry and returns the function that stores the
// result.
func (o *Outbox) send(ctx context.Context, client *wire.Client, e replica.Entry) (func(*replica.Tx) error, error) {
	switch e.Kind {
	case replica.EntrySave:
		return sendRequest(ctx, client, wire.SaveRequest, e, requestParams)
	case replica.EntryEdit:
		return sendRequest(ctx, client, wire.EditRequest, e, requestParams)
	case replica.EntryResubmit:
		return sendRequest(ctx, client, wire.ResubmitRequest, e, decodeParams)
	case replica.EntrySend:
		return sendRequest(ctx, client, wire.SendRequest, e, decodeParams)
	case replica.EntryResend:
		return sendRequest(ctx, client, wire.ResendRequest, e, decodeParams)
	case replica.EntryRenew:
		return sendRequest(ctx, client, wire.RenewRequest, e, decodeParams)
	case replica.EntryReopen:
		return sendRequest(ctx, client, wire.ReopenRequest, e, decodeParams)
	case replica.EntryWithdraw:
		return sendRequest(ctx, client, wire.WithdrawRequest, e, decodeParams)
	case replica.EntryArchive:
		return sendRequest(ctx, client, wire.ArchiveRequest, e, decodeParams)
	case replica.EntryDeleteClient:
		q, err := decodeParams[wire.RequestParams](e)
		if err != nil {
			return nil, err
		}
		if _, err := wire.Call(ctx, client, wire.DeleteClient, q); err != nil {
			return nil, err
		}
		return func(s *replica.Tx) error { return s.DeleteLocal(ctx, e.Subject) }, nil
	case replica.EntryEndAccess:
		q, err := decodeParams[wire.EndAccessParams](e)
		if err != nil {
			return nil, err
		}
		answer, err := wire.Call(ctx, client, wire.EndAccess, q)
		return func(s *replica.Tx) error { return s.StoreEnded(ctx, answer.Item) }, err
	case replica.EntrySaveBrand:
		return sendAgency(ctx, client, wire.SaveBrand, e)
	case replica.EntrySwitchBrand:
		return sendAgency(ctx, client, wire.SwitchBrand, e)
	case replica.EntryShare:
		return sendAgency(ctx, client, wire.ShareRequests, e)
	case replica.EntryApprove:
		return func(*replica.Tx) error { return nil }, o.config.Reseal(ctx, client, e)
	}
	return nil, fmt.Errorf("sending an entry of kind %q: %w", e.Kind, onboarding.ErrInvalid)
}

func decodeParams[Q any](e replica.Entry) (Q, error) {
	var q Q
	if err := json.Unmarshal([]byte(e.Params), &q); err != nil {
		return q, fmt.Errorf("reading the outbox: %w", err)
	}
	return q, nil
}

func requestParams(e replica.Entry) (wire.SaveRequestParams, error) {
	saved, err := decodeParams[replica.SavedInput](e)
	return wire.SaveRequestParams{Request: saved.Input}, err
}

func sendRequest[Q any](
	ctx context.Context, client *wire.Client, m wire.Method[Q, wire.RequestResult], e replica.Entry,
	question func(replica.Entry) (Q, error),
) (func(*replica.Tx) error, error) {
	q, err := question(e)
	if err != nil {
		return nil, err
	}
	a, err := wire.Call(ctx, client, m, q)
	if err != nil {
		return nil, err
	}
	return func(s *replica.Tx) error { return s.StoreRequest(ctx, a.Request) }, nil
}

func sendAgency[Q any](
	ctx context.Context, client *wire.Client, m wire.Method[Q, wire.AgencyResult], e replica.Entry,
) (func(*replica.Tx) error, error) {
	q, err := decodeParams[Q](e)
	if err != nil {
		return nil, err
	}
	a, err := wire.Call(ctx, client, m, q)
	if err != nil {
		return nil, err
	}
	return func(s *replica.Tx) error {
		s.Change.Agency = true
		return s.WriteMetadataJSON(ctx, replica.MetaAgency, a.Agency)
	}, nil
}
