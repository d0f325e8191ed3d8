package hub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// EntryKind is what an entry of the outbox wants of the relay.
type EntryKind string

// The kinds of entries.
const (
	EntrySave         EntryKind = "save"
	EntryEdit         EntryKind = "edit"
	EntryOffer        EntryKind = "offer" // a request that a restored relay has lost
	EntrySend         EntryKind = "send"
	EntryResend       EntryKind = "resend"
	EntryRenew        EntryKind = "renew"
	EntryReopen       EntryKind = "reopen"
	EntryWithdraw     EntryKind = "withdraw"
	EntryArchive      EntryKind = "archive"
	EntryDeleteClient EntryKind = "delete_client"
	EntryEndAccess    EntryKind = "end_access" // it has ended at the platform, while the relay was away
	EntrySaveBrand    EntryKind = "save_brand"
	EntrySwitchBrand  EntryKind = "switch_brand"
	EntryShare        EntryKind = "share_requests"
	EntryApprove      EntryKind = "approve" // pass credentials on to a device whose number a person compared
)

// entry is one thing that a person decided and the relay has to learn. It is
// written before anything is sent and removed with the relay's answer, in the
// transaction that stores it; every method is harmless to repeat. So a stop at
// any point loses nothing and does nothing twice.
type entry struct {
	Seq       int64
	Subject   string // a request's id, or one of the subjects below
	Kind      EntryKind
	Title     string
	Question  string
	Made      onboarding.Moment
	Tries     int
	Next      onboarding.Moment // not before
	Refused   onboarding.Moment
	Code      string
	Field     string
	Sentence  string
	Reference string
}

// Subjects that are no request.
const (
	subjectAgency = "agency"
	subjectDevice = "device:"
)

// savedWish is the question of a save or an edit, with the names that the wire
// leaves out.
type savedWish struct {
	Wish         wire.RequestWish   `json:"wish"`
	Owner        string             `json:"owner"`
	FacebookUser onboarding.Account `json:"facebook_user"`
	Business     onboarding.Account `json:"business"`
}

type approval struct {
	Device    string `json:"device"`
	PublicKey string `json:"public_key"` // that a person compared
}

const (
	entryColumns = `seq, subject, kind, title, question, made_ms, tries, next_ms, refused_ms, code, field, sentence, reference`

	countOutbox = `SELECT COALESCE(SUM(refused_ms = 0), 0), COALESCE(SUM(refused_ms > 0), 0) FROM outbox`

	// An entry waits for the earlier ones of its subject. A refused one lets the
	// later ones pass, unless it is the one that makes the request.
	nextEntry = `
		WHERE refused_ms = 0 AND next_ms <= $1 AND NOT EXISTS (
			SELECT 1 FROM outbox before WHERE before.subject = outbox.subject
			AND (before.ahead, before.seq) < (outbox.ahead, outbox.seq)
			AND (before.refused_ms = 0 OR before.kind = 'save'))
		ORDER BY ahead, seq LIMIT 1`
)

func readEntries(ctx context.Context, q sqldb.Queryer, where string, args ...any) ([]entry, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+entryColumns+` FROM outbox `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var all []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.Seq, &e.Subject, &e.Kind, &e.Title, &e.Question, &e.Made, &e.Tries, &e.Next, &e.Refused, &e.Code, &e.Field, &e.Sentence, &e.Reference); err != nil {
			return nil, fmt.Errorf("reading the outbox: %w", err)
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	return all, nil
}

func readEntry(ctx context.Context, q sqldb.Queryer, where string, args ...any) (entry, error) {
	all, err := readEntries(ctx, q, where, args...)
	if err != nil {
		return entry{}, err
	}
	if len(all) == 0 {
		return entry{}, fmt.Errorf("reading the outbox: %w", onboarding.ErrNotFound)
	}
	return all[0], nil
}

// enqueue writes what is to be sent, and what the copy shows meanwhile.
func (s *storing) enqueue(ctx context.Context, subject string, kind EntryKind, title string, question any) error {
	text, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	ahead := 1
	if kind == EntryOffer {
		ahead = 0
	}
	_, err = s.tx.ExecContext(ctx, `
		INSERT INTO outbox (ahead, subject, kind, title, question, made_ms, tries, next_ms, refused_ms, code, field, sentence, reference)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, '', '', '', '')`, ahead, subject, string(kind), title, string(text), s.h.now())
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	s.changedSubject(subject, kind)
	return nil
}

func (s *storing) changedSubject(subject string, kind EntryKind) {
	s.change.Standing = true
	switch {
	case subject == subjectAgency:
		s.change.Agency = true
	case strings.HasPrefix(subject, subjectItem):
		s.change.Items = append(s.change.Items, subject[len(subjectItem):])
	case kind == EntryApprove:
		s.change.Devices = append(s.change.Devices, subject[len(subjectDevice):])
	default:
		s.touch[subject] = true
	}
}

func (s *storing) removeEntry(ctx context.Context, e entry) error {
	if _, err := s.tx.ExecContext(ctx, `DELETE FROM outbox WHERE seq = $1`, e.Seq); err != nil {
		return fmt.Errorf("removing from the outbox: %w", err)
	}
	s.changedSubject(e.Subject, e.Kind)
	return nil
}

// store runs fn in a transaction and tells what it changed.
func (h *Hub) store(ctx context.Context, fn func(s *storing) error) error {
	var change Change
	err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		s, err := h.storing(ctx, tx)
		if err != nil {
			return err
		}
		if err := fn(s); err != nil {
			return err
		}
		if err := s.finish(ctx); err != nil {
			return err
		}
		change = s.change
		return nil
	})
	if err != nil {
		return err
	}
	h.tell(change)
	return nil
}

// lay lays what waits in the outbox over the relay's request.
func (r *held) lay() error {
	for _, e := range r.entries {
		switch e.Kind {
		case EntrySave, EntryEdit:
			var saved savedWish
			if err := json.Unmarshal([]byte(e.Question), &saved); err != nil {
				return fmt.Errorf("reading the outbox: %w", err)
			}
			w := saved.Wish
			r.Client, r.Message, r.Services, r.Connection = w.Client, w.Message, w.Services, w.Connection
			r.FacebookUser, r.Business, r.Kinds, r.Level = saved.FacebookUser, saved.Business, w.Kinds, w.Level
			if !r.known {
				r.Owner, r.Created, r.Status = saved.Owner, w.Created, onboarding.Pending
			}
		case EntrySend:
			var q wire.SendRequestQ
			if err := json.Unmarshal([]byte(e.Question), &q); err != nil {
				return fmt.Errorf("reading the outbox: %w", err)
			}
			for _, to := range q.Recipients {
				if !r.wrote(to.ID) {
					r.Recipients = append(r.Recipients, onboarding.Recipient{ID: to.ID, Address: to.Address})
				}
			}
		case EntryArchive:
			var q wire.ArchiveRequestQ
			if err := json.Unmarshal([]byte(e.Question), &q); err != nil {
				return fmt.Errorf("reading the outbox: %w", err)
			}
			r.Archived = 0
			if q.On {
				r.Archived = e.Made
			}
		}
	}
	return nil
}

func (r *held) wrote(recipient string) bool {
	for _, to := range r.Recipients {
		if to.ID == recipient {
			return true
		}
	}
	return false
}

func (r *held) waits(kinds ...EntryKind) bool {
	for _, e := range r.entries {
		for _, kind := range kinds {
			if e.Kind == kind && e.Refused == 0 {
				return true
			}
		}
	}
	return false
}

// sendOutbox sends what can go, one after the other. It stops at the first
// call that did not reach the relay; what the relay refuses for good stays
// where it is, with the reason.
func (h *Hub) sendOutbox(ctx context.Context, client *wire.Client) error {
	for {
		e, err := h.takeEntry(ctx)
		if errors.Is(err, onboarding.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		answer, err := h.send(ctx, client, e)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		h.session.RecordOutcome(ctx, err)
		if err != nil {
			if err := h.unsent(ctx, e, err); err != nil {
				return err
			}
			continue
		}
		if err := h.store(ctx, func(s *storing) error {
			if err := s.removeEntry(ctx, e); err != nil {
				return err
			}
			return answer(s)
		}); err != nil {
			return err
		}
	}
}

// takeEntry gives the next entry that may go. Its try is counted before it is
// sent: from then on nobody knows whether it arrived.
func (h *Hub) takeEntry(ctx context.Context) (entry, error) {
	now := h.now()
	if _, err := readEntry(ctx, h.db, nextEntry, now); err != nil {
		return entry{}, err // nothing to send: nothing to write
	}
	var e entry
	err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var err error
		if e, err = readEntry(ctx, tx, nextEntry, now); err != nil {
			return err
		}
		e.Tries++
		if _, err := tx.ExecContext(ctx, `UPDATE outbox SET tries = $1 WHERE seq = $2`, e.Tries, e.Seq); err != nil {
			return fmt.Errorf("counting a try: %w", err)
		}
		return nil
	})
	return e, err
}

// longestWait is how long an entry waits at most before it is tried again.
const longestWait = 15 * time.Minute

// unsent decides what becomes of an entry after an error. It returns an error
// when nothing else can be sent either.
func (h *Hub) unsent(ctx context.Context, e entry, cause error) error {
	var reference *wire.ReferenceError
	reached := errors.As(cause, &reference)
	switch {
	case errors.Is(cause, onboarding.ErrRevoked), errors.Is(cause, onboarding.ErrNotSignedIn),
		errors.Is(cause, onboarding.ErrUpdateNeeded), errors.Is(cause, onboarding.ErrSuspended):
		return cause
	case errors.Is(cause, onboarding.ErrUnavailable) && !reached:
		return cause
	case errors.Is(cause, onboarding.ErrNotFound) && e.Tries < 3 && e.Kind != EntryOffer:
		// A relay that was restored has to be read, and to be offered what it
		// lost, before it can know what this is about.
		return h.later(ctx, e, time.Second, cause)
	case errors.Is(cause, onboarding.ErrUnavailable), errors.Is(cause, onboarding.ErrBusy):
		// Its database was away for a moment, more often than for an hour.
		return h.later(ctx, e, min(time.Second<<min(e.Tries, 10), longestWait), cause)
	case errors.Is(cause, onboarding.ErrTooOften), errors.Is(cause, onboarding.ErrPlatformDown):
		return h.later(ctx, e, min(time.Duration(e.Tries)*time.Minute, longestWait), cause)
	}
	if done, err := h.overtaken(ctx, e, cause); done || err != nil {
		return err
	}
	code, field, sentence := "", "", ""
	var wrong *onboarding.InvalidError
	if errors.As(cause, &wrong) {
		field, sentence = wrong.Field, wrong.Sentence
	}
	code = wire.Code(cause)
	ref := ""
	if reached {
		ref = reference.Reference
	}
	h.log.Warn("the relay refuses an entry of the outbox", "kind", e.Kind, "subject", e.Subject, "code", code, "reference", ref)
	return h.store(ctx, func(s *storing) error {
		_, err := s.tx.ExecContext(ctx, `UPDATE outbox SET refused_ms = $1, code = $2, field = $3, sentence = $4, reference = $5 WHERE seq = $6`,
			h.now(), code, field, sentence, ref, e.Seq)
		if err != nil {
			return fmt.Errorf("keeping a refusal: %w", err)
		}
		s.changedSubject(e.Subject, e.Kind)
		s.happened(Happened{What: EntryRefused, Request: e.Subject, Client: e.Title})
		return nil
	})
}

// overtaken says that an entry has nothing left to do: what it wanted is so.
func (h *Hub) overtaken(ctx context.Context, e entry, cause error) (bool, error) {
	gone := errors.Is(cause, onboarding.ErrNotFound)
	switch {
	case e.Kind == EntryWithdraw && (gone || errors.Is(cause, onboarding.ErrWithdrawn)):
	case e.Kind == EntryDeleteClient && gone:
	case e.Kind == EntryEndAccess && gone: // the item was deleted meanwhile
	case e.Kind == EntryApprove && gone: // the device was removed meanwhile
	case e.Kind == EntryOffer && gone: // deleted on purpose: it stays deleted
	default:
		return false, nil
	}
	return true, h.store(ctx, func(s *storing) error {
		if err := s.removeEntry(ctx, e); err != nil {
			return err
		}
		if !gone || e.Kind == EntryApprove || e.Kind == EntryEndAccess {
			return nil
		}
		return s.forget(ctx, e.Subject)
	})
}

// forget drops a request that no longer exists, with the items that came by it
// and what waits for it.
func (s *storing) forget(ctx context.Context, id string) error {
	items, err := readRows[onboarding.Item](ctx, s.tx, `SELECT truth FROM items JOIN item_truths USING (seq) WHERE request = $1`, id)
	if err != nil {
		return err
	}
	for _, i := range items {
		if err := s.dropItem(ctx, i.ID, s.h.now()); err != nil {
			return err
		}
	}
	if _, err := s.tx.ExecContext(ctx, `DELETE FROM outbox WHERE subject = $1`, id); err != nil {
		return fmt.Errorf("emptying the outbox of %s: %w", id, err)
	}
	s.change.Standing = true
	return s.dropRequest(ctx, id)
}

func (h *Hub) later(ctx context.Context, e entry, wait time.Duration, cause error) error {
	h.log.Info("an entry of the outbox waits", "kind", e.Kind, "subject", e.Subject, "tries", e.Tries, "wait", wait, "error", cause)
	return h.store(ctx, func(s *storing) error {
		if _, err := s.tx.ExecContext(ctx, `UPDATE outbox SET next_ms = $1, code = $2 WHERE seq = $3`, h.now().Add(wait), wire.Code(cause), e.Seq); err != nil {
			return fmt.Errorf("putting off an entry of the outbox: %w", err)
		}
		s.changedSubject(e.Subject, e.Kind)
		return nil
	})
}

// send asks the relay for what an entry wants, and gives what is to be stored.
func (h *Hub) send(ctx context.Context, client *wire.Client, e entry) (func(*storing) error, error) {
	switch e.Kind {
	case EntrySave:
		return sendRequest(ctx, client, wire.SaveRequest, e, wishQuestion)
	case EntryEdit:
		return sendRequest(ctx, client, wire.EditRequest, e, wishQuestion)
	case EntryOffer:
		return sendRequest(ctx, client, wire.OfferRequest, e, asWritten)
	case EntrySend:
		return sendRequest(ctx, client, wire.SendRequest, e, asWritten)
	case EntryResend:
		return sendRequest(ctx, client, wire.ResendRequest, e, asWritten)
	case EntryRenew:
		return sendRequest(ctx, client, wire.RenewRequest, e, asWritten)
	case EntryReopen:
		return sendRequest(ctx, client, wire.ReopenRequest, e, asWritten)
	case EntryWithdraw:
		return sendRequest(ctx, client, wire.WithdrawRequest, e, asWritten)
	case EntryArchive:
		return sendRequest(ctx, client, wire.ArchiveRequest, e, asWritten)
	case EntryDeleteClient:
		q, err := asWritten[wire.RequestQ](e)
		if err != nil {
			return nil, err
		}
		if _, err := wire.Call(ctx, client, wire.DeleteClient, q); err != nil {
			return nil, err
		}
		return func(s *storing) error { return s.forget(ctx, e.Subject) }, nil
	case EntryEndAccess:
		q, err := asWritten[wire.EndAccessParams](e)
		if err != nil {
			return nil, err
		}
		answer, err := wire.Call(ctx, client, wire.EndAccess, q)
		return func(s *storing) error { return s.ended(ctx, answer.Item) }, err
	case EntrySaveBrand:
		return sendAgency(ctx, client, wire.SaveBrand, e)
	case EntrySwitchBrand:
		return sendAgency(ctx, client, wire.SwitchBrand, e)
	case EntryShare:
		return sendAgency(ctx, client, wire.ShareRequests, e)
	case EntryApprove:
		q, err := asWritten[approval](e)
		if err != nil {
			return nil, err
		}
		return func(*storing) error { return nil }, h.passOn(ctx, client, q)
	}
	return nil, fmt.Errorf("sending an entry of kind %q: %w", e.Kind, onboarding.ErrInvalid)
}

func asWritten[Q any](e entry) (Q, error) {
	var q Q
	if err := json.Unmarshal([]byte(e.Question), &q); err != nil {
		return q, fmt.Errorf("reading the outbox: %w", err)
	}
	return q, nil
}

func wishQuestion(e entry) (wire.SaveRequestQ, error) {
	saved, err := asWritten[savedWish](e)
	return wire.SaveRequestQ{Request: saved.Wish}, err
}

func sendRequest[Q any](ctx context.Context, client *wire.Client, m wire.Method[Q, wire.RequestA], e entry, question func(entry) (Q, error)) (func(*storing) error, error) {
	q, err := question(e)
	if err != nil {
		return nil, err
	}
	a, err := wire.Call(ctx, client, m, q)
	if err != nil {
		return nil, err
	}
	return func(s *storing) error { return s.request(ctx, a.Request) }, nil
}

func sendAgency[Q any](ctx context.Context, client *wire.Client, m wire.Method[Q, wire.AgencyA], e entry) (func(*storing) error, error) {
	q, err := asWritten[Q](e)
	if err != nil {
		return nil, err
	}
	a, err := wire.Call(ctx, client, m, q)
	if err != nil {
		return nil, err
	}
	return func(s *storing) error {
		s.change.Agency = true
		return writeJSONFact(ctx, s.tx, factAgency, a.Agency)
	}, nil
}

// nextSend is when an entry that waits may go; zero: none does.
func nextSend(ctx context.Context, q sqldb.Queryer) (onboarding.Moment, error) {
	var next sql.NullInt64
	if err := q.QueryRowContext(ctx, `SELECT MIN(next_ms) FROM outbox WHERE refused_ms = 0 AND next_ms > 0`).Scan(&next); err != nil {
		return 0, fmt.Errorf("reading the outbox: %w", err)
	}
	return onboarding.Moment(next.Int64), nil
}
