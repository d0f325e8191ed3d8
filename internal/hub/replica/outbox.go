package replica

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// EntryKind is the call that an entry makes.
type EntryKind string

// The kinds of entries.
const (
	EntrySave         EntryKind = "save"
	EntryEdit         EntryKind = "edit"
	EntryResubmit     EntryKind = "resubmit" // a request that a restored relay has lost
	EntrySend         EntryKind = "send"
	EntryResend       EntryKind = "resend"
	EntryRenew        EntryKind = "renew"
	EntryReopen       EntryKind = "reopen"
	EntryReminders    EntryKind = "reminders"
	EntryWithdraw     EntryKind = "withdraw"
	EntryArchive      EntryKind = "archive"
	EntryDeleteClient EntryKind = "delete_client"
	EntryEndAccess    EntryKind = "end_access" // the access has ended at the platform; the report failed
	EntrySaveBrand    EntryKind = "save_brand"
	EntrySwitchBrand  EntryKind = "switch_brand"
	EntryShare        EntryKind = "share_requests"
	EntryApprove      EntryKind = "approve" // reseal credentials for a device whose number the user compared
)

// Entry is a queued change for the relay. It is committed before it is sent and
// deleted in the transaction that stores the relay's result. Every method is
// idempotent, so a crash at any point loses nothing and does nothing twice.
type Entry struct {
	Seq      int64
	Subject  string // a request's id, or one of the subjects below
	Kind     EntryKind
	Title    string
	Params   string
	Created  onboarding.Timestamp
	Attempts int
	Blocked  int // attempts that did not reach the relay while another call did
	Outcome
}

// Outcome is how the last attempt of an entry ended. The zero Outcome is none.
type Outcome struct {
	NotBefore onboarding.Timestamp // back-off; zero: none
	Refused   onboarding.Timestamp // for good
	Code      string               // of the error, as are the next three
	Field     string
	Message   string
	Reference string
}

// Subjects that are not requests.
const (
	SubjectAgency = "agency"
	SubjectDevice = "device:"
)

// SavedInput holds the params of a save or an edit, and names that the wire
// leaves out.
type SavedInput struct {
	Input        wire.RequestInput  `json:"wish"`
	Owner        string             `json:"owner"`
	FacebookUser onboarding.Account `json:"facebook_user"`
	Business     onboarding.Account `json:"business"`
}

const (
	entryColumns = `seq, subject, kind, title, params, created_ms, attempts, blocked, not_before_ms, refused_ms, code,
		field, message, reference`

	countOutbox = `SELECT COALESCE(SUM(refused_ms = 0), 0), COALESCE(SUM(refused_ms > 0), 0) FROM outbox`

	// An entry waits for earlier ones of its subject. A refused one does not
	// block later ones, unless it creates the request.
	nextEntry = `
		WHERE refused_ms = 0 AND not_before_ms <= $1 AND NOT EXISTS (
			SELECT 1 FROM outbox before WHERE before.subject = outbox.subject
			AND (before.priority, before.seq) < (outbox.priority, outbox.seq)
			AND (before.refused_ms = 0 OR before.kind = 'save'))
		ORDER BY priority, seq LIMIT 1`
)

func readEntries(ctx context.Context, q sqldb.Queryer, where string, args ...any) ([]Entry, error) {
	return scanRows(ctx, q, func(rows *sql.Rows, e *Entry) error {
		return rows.Scan(
			&e.Seq, &e.Subject, &e.Kind, &e.Title, &e.Params, &e.Created, &e.Attempts, &e.Blocked, &e.NotBefore, &e.Refused,
			&e.Code, &e.Field, &e.Message, &e.Reference,
		)
	}, `SELECT `+entryColumns+` FROM outbox `+where, args...)
}

func readEntry(ctx context.Context, q sqldb.Queryer, where string, args ...any) (Entry, error) {
	all, err := readEntries(ctx, q, where, args...)
	if err != nil {
		return Entry{}, err
	}
	if len(all) == 0 {
		return Entry{}, fmt.Errorf("reading the outbox: %w", onboarding.ErrNotFound)
	}
	return all[0], nil
}

// ReadEntry reads an entry, or ErrNotFound.
func ReadEntry(ctx context.Context, q sqldb.Queryer, seq int64) (Entry, error) {
	return readEntry(ctx, q, `WHERE seq = $1`, seq)
}

// NextEntry reads the entry to send next. ErrNotFound: none is due.
func NextEntry(ctx context.Context, q sqldb.Queryer, now onboarding.Timestamp) (Entry, error) {
	return readEntry(ctx, q, nextEntry, now)
}

// IsApproving reports whether the approval of a device is queued.
func IsApproving(ctx context.Context, q sqldb.Queryer, device string) (bool, error) {
	_, err := readEntry(ctx, q, `WHERE subject = $1 AND kind = 'approve' AND refused_ms = 0`, SubjectDevice+device)
	if errors.Is(err, onboarding.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Enqueue appends an entry to the outbox.
func (s *Tx) Enqueue(ctx context.Context, subject string, kind EntryKind, title string, params any) error {
	text, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	priority := 1 // the lower is sent first
	if kind == EntryResubmit {
		priority = 0
	}
	_, err = s.ExecContext(ctx, `
		INSERT INTO outbox (priority, subject, kind, title, params, created_ms, attempts, blocked, not_before_ms, refused_ms,
		code, field, message, reference)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, '', '', '', '')`,
		priority, subject, string(kind), title, string(text), s.Now())
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	s.MarkChanged(subject, kind)
	return nil
}

func (s *Tx) MarkChanged(subject string, kind EntryKind) {
	s.Change.Session = true
	switch {
	case subject == SubjectAgency:
		s.Change.Agency = true
	case strings.HasPrefix(subject, SubjectItem):
		s.Change.Items = append(s.Change.Items, subject[len(SubjectItem):])
	case kind == EntryApprove:
		s.Change.Devices = append(s.Change.Devices, subject[len(SubjectDevice):])
	default:
		s.touched[subject] = true
	}
}

// ClaimEntry returns the entry to send next and counts the attempt. ErrNotFound:
// none is due.
func (s *Tx) ClaimEntry(ctx context.Context, now onboarding.Timestamp) (Entry, error) {
	e, err := NextEntry(ctx, s.Tx, now)
	if err != nil {
		return Entry{}, err
	}
	e.Attempts++
	if _, err := s.ExecContext(ctx, `UPDATE outbox SET attempts = $1 WHERE seq = $2`, e.Attempts, e.Seq); err != nil {
		return Entry{}, fmt.Errorf("counting an attempt: %w", err)
	}
	return e, nil
}

// UpdateEntry stores an entry's title, params and outcome. It changes nothing if
// the entry is gone.
func (s *Tx) UpdateEntry(ctx context.Context, e Entry) error {
	_, err := s.ExecContext(ctx, `
		UPDATE outbox SET title = $1, params = $2, attempts = $3, blocked = $4, not_before_ms = $5, refused_ms = $6,
			code = $7, field = $8, message = $9, reference = $10
		WHERE seq = $11`,
		e.Title, e.Params, e.Attempts, e.Blocked, e.NotBefore, e.Refused, e.Code, e.Field, e.Message, e.Reference, e.Seq)
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	s.MarkChanged(e.Subject, e.Kind)
	return nil
}

// RemoveEntries deletes the entries of a subject and a kind.
func (s *Tx) RemoveEntries(ctx context.Context, subject string, kind EntryKind) error {
	_, err := s.ExecContext(ctx, `DELETE FROM outbox WHERE subject = $1 AND kind = $2`, subject, string(kind))
	if err != nil {
		return fmt.Errorf("removing from the outbox: %w", err)
	}
	return nil
}

func (s *Tx) RemoveEntry(ctx context.Context, e Entry) error {
	if _, err := s.ExecContext(ctx, `DELETE FROM outbox WHERE seq = $1`, e.Seq); err != nil {
		return fmt.Errorf("removing from the outbox: %w", err)
	}
	s.MarkChanged(e.Subject, e.Kind)
	return nil
}

// DeleteLocal deletes a request, its items and its queued entries from the
// replica.
func (s *Tx) DeleteLocal(ctx context.Context, id string) error {
	items, err := readItemsOf(ctx, s.Tx, id)
	if err != nil {
		return err
	}
	for _, i := range items {
		if err := s.DropItem(ctx, i.ID, s.Now()); err != nil {
			return err
		}
	}
	if _, err := s.ExecContext(ctx, `DELETE FROM outbox WHERE subject = $1`, id); err != nil {
		return fmt.Errorf("emptying the outbox of %s: %w", id, err)
	}
	s.Change.Session = true
	return s.dropRequest(ctx, id)
}

// NextSend is when the next entry is due; zero: none is queued.
func NextSend(ctx context.Context, q sqldb.Queryer) (onboarding.Timestamp, error) {
	var next sql.NullInt64
	if err := q.QueryRowContext(ctx, `
		SELECT MIN(not_before_ms) FROM outbox WHERE refused_ms = 0 AND not_before_ms > 0`).Scan(&next); err != nil {
		return 0, fmt.Errorf("reading the outbox: %w", err)
	}
	return onboarding.Timestamp(next.Int64), nil
}

// EntryRow is a queued or refused entry.
type EntryRow struct {
	Seq       int64                `json:"seq"`
	Request   string               `json:"request"` // empty: the agency's settings or a device
	Kind      EntryKind            `json:"kind"`
	Title     string               `json:"title"`
	Created   onboarding.Timestamp `json:"created"`
	Attempts  int                  `json:"attempts"`
	NotBefore onboarding.Timestamp `json:"not_before"` // of the next attempt; zero: as soon as the relay is reachable
	Refused   onboarding.Timestamp `json:"refused"`    // for good, by the relay or by something on the way
	Code      string               `json:"code"`
	Field     string               `json:"field"`
	Message   string               `json:"message"`
	Reference string               `json:"reference"`
}

func (e Entry) Row() EntryRow {
	request := e.Subject
	if e.Subject == SubjectAgency || strings.HasPrefix(e.Subject, SubjectDevice) ||
		strings.HasPrefix(e.Subject, SubjectItem) {
		request = ""
	}
	return EntryRow{
		Seq:       e.Seq,
		Request:   request,
		Kind:      e.Kind,
		Title:     e.Title,
		Created:   e.Created,
		Attempts:  e.Attempts,
		NotBefore: e.NotBefore,
		Refused:   e.Refused,
		Code:      e.Code,
		Field:     e.Field,
		Message:   e.Message,
		Reference: e.Reference,
	}
}

// Outbox lists queued and refused entries, oldest first.
func (r *Replica) Outbox(ctx context.Context) ([]EntryRow, error) {
	entries, err := readEntries(ctx, r.db, `ORDER BY seq LIMIT 1000`)
	if err != nil {
		return nil, err
	}
	rows := []EntryRow{}
	for _, e := range entries {
		rows = append(rows, e.Row())
	}
	return rows, nil
}

// CountOutbox counts queued entries, and refused ones that the user has neither
// retried nor discarded.
func CountOutbox(ctx context.Context, q sqldb.Queryer) (waiting, refused int, err error) {
	if err := q.QueryRowContext(ctx, countOutbox).Scan(&waiting, &refused); err != nil {
		return 0, 0, fmt.Errorf("counting what waits: %w", err)
	}
	return waiting, refused, nil
}
