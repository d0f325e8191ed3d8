package replica

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

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
	EntryResubmit     EntryKind = "resubmit" // a request that a restored relay has lost
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

// Entry is one thing that a person decided and the relay has to learn. It is
// written before anything is sent and removed with the relay's answer, in the
// transaction that stores it; every method is harmless to repeat. So a stop at
// any point loses nothing and does nothing twice.
type Entry struct {
	Seq       int64
	Subject   string // a request's id, or one of the subjects below
	Kind      EntryKind
	Title     string
	Params    string
	Created   onboarding.Timestamp
	Attempts  int
	NotBefore onboarding.Timestamp // not before
	Refused   onboarding.Timestamp
	Code      string
	Field     string
	Message   string
	Reference string
}

// Subjects that are no request.
const (
	SubjectAgency = "agency"
	SubjectDevice = "device:"
)

// Subjects of credentials.
const (
	SubjectItem       = "item:"
	SubjectConnection = "connection:"
)

// SavedInput is the question of a save or an edit, with the names that the wire
// leaves out.
type SavedInput struct {
	Input        wire.RequestInput  `json:"wish"`
	Owner        string             `json:"owner"`
	FacebookUser onboarding.Account `json:"facebook_user"`
	Business     onboarding.Account `json:"business"`
}

const (
	entryColumns = `seq, subject, kind, title, params, created_ms, attempts, not_before_ms, refused_ms, code, field,
		message, reference`

	countOutbox = `SELECT COALESCE(SUM(refused_ms = 0), 0), COALESCE(SUM(refused_ms > 0), 0) FROM outbox`

	// An entry waits for the earlier ones of its subject. A refused one lets the
	// later ones pass, unless it is the one that makes the request.
	NextEntryQuery = `
		WHERE refused_ms = 0 AND not_before_ms <= $1 AND NOT EXISTS (
			SELECT 1 FROM outbox before WHERE before.subject = outbox.subject
			AND (before.priority, before.seq) < (outbox.priority, outbox.seq)
			AND (before.refused_ms = 0 OR before.kind = 'save'))
		ORDER BY priority, seq LIMIT 1`
)

func ReadEntries(ctx context.Context, q sqldb.Queryer, where string, args ...any) ([]Entry, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+entryColumns+` FROM outbox `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var all []Entry
	for rows.Next() {
		var e Entry
		if err := rows.Scan(
			&e.Seq, &e.Subject, &e.Kind, &e.Title, &e.Params, &e.Created, &e.Attempts, &e.NotBefore, &e.Refused, &e.Code,
			&e.Field, &e.Message, &e.Reference,
		); err != nil {
			return nil, fmt.Errorf("reading the outbox: %w", err)
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	return all, nil
}

func ReadEntry(ctx context.Context, q sqldb.Queryer, where string, args ...any) (Entry, error) {
	all, err := ReadEntries(ctx, q, where, args...)
	if err != nil {
		return Entry{}, err
	}
	if len(all) == 0 {
		return Entry{}, fmt.Errorf("reading the outbox: %w", onboarding.ErrNotFound)
	}
	return all[0], nil
}

// Enqueue writes what is to be sent, and what the copy shows meanwhile.
func (s *Tx) Enqueue(ctx context.Context, subject string, kind EntryKind, title string, question any) error {
	text, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("writing to the outbox: %w", err)
	}
	ahead := 1
	if kind == EntryResubmit {
		ahead = 0
	}
	_, err = s.Tx.ExecContext(ctx, `
		INSERT INTO outbox (priority, subject, kind, title, params, created_ms, attempts, not_before_ms, refused_ms, code,
		field, message, reference)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, '', '', '', '')`, ahead, subject, string(kind), title, string(text), s.Now())
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

func (s *Tx) RemoveEntry(ctx context.Context, e Entry) error {
	if _, err := s.Tx.ExecContext(ctx, `DELETE FROM outbox WHERE seq = $1`, e.Seq); err != nil {
		return fmt.Errorf("removing from the outbox: %w", err)
	}
	s.MarkChanged(e.Subject, e.Kind)
	return nil
}

// DeleteLocal drops a request that no longer exists, with the items that came by it
// and what waits for it.
func (s *Tx) DeleteLocal(ctx context.Context, id string) error {
	items, err := ReadRows[onboarding.Item](ctx, s.Tx, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE request = $1`, id)
	if err != nil {
		return err
	}
	for _, i := range items {
		if err := s.DropItem(ctx, i.ID, s.Now()); err != nil {
			return err
		}
	}
	if _, err := s.Tx.ExecContext(ctx, `DELETE FROM outbox WHERE subject = $1`, id); err != nil {
		return fmt.Errorf("emptying the outbox of %s: %w", id, err)
	}
	s.Change.Session = true
	return s.dropRequest(ctx, id)
}

// NextSend is when an entry that waits may go; zero: none does.
func NextSend(ctx context.Context, q sqldb.Queryer) (onboarding.Timestamp, error) {
	var next sql.NullInt64
	if err := q.QueryRowContext(ctx, `
		SELECT MIN(not_before_ms) FROM outbox WHERE refused_ms = 0 AND not_before_ms > 0`).Scan(&next); err != nil {
		return 0, fmt.Errorf("reading the outbox: %w", err)
	}
	return onboarding.Timestamp(next.Int64), nil
}

// EntryRow is something that waits to be sent, or that the relay refused.
type EntryRow struct {
	Seq       int64                `json:"seq"`
	Request   string               `json:"request"` // empty: the agency's settings or a computer
	Kind      EntryKind            `json:"kind"`
	Title     string               `json:"title"`
	Created   onboarding.Timestamp `json:"created"`
	Attempts  int                  `json:"attempts"`
	NotBefore onboarding.Timestamp `json:"not_before"` // tried again then; zero: as soon as there is a network
	Refused   onboarding.Timestamp `json:"refused"`    // by the relay, for good
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
		e.Seq, request, e.Kind, e.Title, e.Created, e.Attempts, e.NotBefore, e.Refused, e.Code, e.Field, e.Message,
		e.Reference,
	}
}

// Outbox lists what waits to be sent and what the relay refused, oldest first.
func (r *Replica) Outbox(ctx context.Context) ([]EntryRow, error) {
	entries, err := ReadEntries(ctx, r.db, `ORDER BY seq LIMIT 1000`)
	if err != nil {
		return nil, err
	}
	rows := []EntryRow{}
	for _, e := range entries {
		rows = append(rows, e.Row())
	}
	return rows, nil
}

// CountOutbox counts the entries that are to go, and those that the relay
// refused and nobody has answered.
func CountOutbox(ctx context.Context, q sqldb.Queryer) (waiting, refused int, err error) {
	if err := q.QueryRowContext(ctx, countOutbox).Scan(&waiting, &refused); err != nil {
		return 0, 0, fmt.Errorf("counting what waits: %w", err)
	}
	return waiting, refused, nil
}
