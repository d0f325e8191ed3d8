package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Receipts are the receipts of visits.
type Receipts struct{ *handle }

// Receipt is a visit's receipt.
type Receipt struct {
	Visit   string
	Request string
	LinkID  []byte // random, in the receipt's own link
	Whole   bool   // its visit finished the request: it lists all items, not only the client's own
	Made    onboarding.Timestamp
}

func insertReceipt(c *changeTx, v Visit, whole bool) error {
	const insert = `
		INSERT INTO receipts (visit, request, link_id, is_whole, created_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (visit) DO UPDATE SET is_whole = excluded.is_whole, created_ms = excluded.created_ms
		WHERE receipts.is_whole < excluded.is_whole`
	if err := c.exec(insert, v.ID, v.Request, link.NewID(), boolToInt(whole), c.now); err != nil {
		return err
	}
	_, made, err := receiptOf(c, v.ID)
	if err != nil {
		return err
	}
	r, _, err := findRequest(c, v.Request)
	if err != nil {
		return err
	}
	return planApproval(c, r, v, made)
}

// maxReceipts is how often a visit's receipt is sent: when it finishes the request,
// and once more when the client asks for it.
const maxReceipts = 2

// GetByVisit returns the receipt of a visit.
func (s *Receipts) GetByVisit(ctx context.Context, visit string) (Receipt, error) {
	return s.receipt(ctx, `visit = $1`, visit)
}

// GetByLink returns the receipt of a link by its random id.
func (s *Receipts) GetByLink(ctx context.Context, linkID []byte) (Receipt, error) {
	return s.receipt(ctx, `link_id = $1`, linkID)
}

func (s *Receipts) receipt(ctx context.Context, where string, arg any) (Receipt, error) {
	var r Receipt
	err := s.db.QueryRowContext(ctx, `
		SELECT visit, request, link_id, is_whole, created_ms FROM receipts WHERE `+where, arg).
		Scan(&r.Visit, &r.Request, &r.LinkID, &r.Whole, &r.Made)
	return r, wrapNotFound(err, "reading a receipt")
}

// Ask queues a visit's receipt: once more for the client who finished the request,
// once for one who connected something before that, or before its link ended, and for one
// who repaired something. gets is false if the visit gets no receipt. Asking again changes
// nothing, nor does it while no email goes to the address: State has the reason.
func (s *Receipts) Ask(ctx context.Context, v Visit, box Mailbox) (gets bool, err error) {
	err = s.plainChange(ctx, v.Agency, v.Request, "mailing a receipt of", func(c *changeTx, r Request) error {
		if v.Repair == "" && r.LinkState(c.now) == nil {
			return errUnchanged // they may yet finish
		}
		state, err := receiptState(c.reads(), v, box)
		if err != nil {
			return err
		}
		if gets = state.Gets; !state.Ask {
			return errUnchanged
		}
		if err := insertReceipt(c, v, false); err != nil {
			return err
		}
		return enqueueReceipt(c, v, box)
	})
	return gets, err
}

// receiptsEnd is how long the newest receipt of a request can be opened; zero: it has none.
func receiptsEnd(c *changeTx, request string) (onboarding.Timestamp, error) {
	var made onboarding.Timestamp
	err := c.row(`SELECT COALESCE(max(created_ms), 0) FROM receipts WHERE request = $1`, request).Scan(&made)
	if err != nil || made == 0 {
		return 0, err
	}
	return onboarding.ReceiptEnds(made), nil
}

// enqueueReceipt queues a visit's receipt and counts it, unless no email goes to the
// address now.
func enqueueReceipt(c *changeTx, v Visit, box Mailbox) error {
	block, until, err := emailBlockOf(c.reads(), EmailReceipt, box)
	if err != nil || block != "" {
		return err
	}
	return enqueueCounted(c, Email{Kind: EmailReceipt, Request: v.Request, Visit: v.ID, NotBefore: until}, box.Hashes)
}

// ReceiptState is what became of a visit's receipt.
type ReceiptState struct {
	Gets    bool                  // it gets one
	Email   onboarding.EmailState // of the newest one that was not cancelled; empty: there is none
	Due     onboarding.Timestamp  // of one that is queued: it is not sent before
	Blocked EmailBlock            // why no email goes to its address now
	Ask     bool                  // it can ask for one, or for another one
}

// State reports on a visit's receipt, once its client can do no more by its link.
func (s *Receipts) State(ctx context.Context, v Visit, box Mailbox) (state ReceiptState, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		state, err = receiptState(agencyRead{q: q, ctx: ctx, agency: v.Agency, now: s.timestamp()}, v, box)
		return err
	})
	if err != nil {
		return ReceiptState{}, fmt.Errorf("looking up a receipt: %w", err)
	}
	return state, nil
}

func receiptState(r agencyRead, v Visit, box Mailbox) (state ReceiptState, err error) {
	limit, err := receiptLimit(r, v)
	if err != nil || limit == 0 {
		return state, err
	}
	state.Gets = true
	// By address: anyone with the link can start many visits in one name.
	mailed, err := read(r.ctx, r.q, `
		SELECT x.email, l.state, l.not_before_ms FROM emails l JOIN visits x ON x.id = l.visit
		WHERE  l.request = $1 AND l.kind = $2 AND l.state <> $3
		ORDER BY l.created_ms, l.finished_ms = 0, l.finished_ms, l.not_before_ms`,
		[]any{v.Request, EmailReceipt, onboarding.EmailCancelled},
		func(row scanner) (m mailedReceipt, err error) { return m, row.Scan(&m.address, &m.state, &m.due) })
	if err != nil {
		return state, err
	}
	for _, m := range mailed {
		if onboarding.SameAddress(m.address, v.Email) {
			limit--
			state.Email, state.Due = m.state, m.due
		}
	}
	if state.Email == onboarding.EmailSending || state.Email == emailHandedOver {
		state.Email = onboarding.EmailQueued
	}
	if state.Blocked, _, err = emailBlockOf(r, EmailReceipt, box); err != nil {
		return state, err
	}
	if state.Blocked == "" {
		state.Blocked, err = partsBlock(r, v)
	}
	state.Ask = limit > 0 && state.Blocked == ""
	return state, err
}

// maxReceiptsAsked is how many receipts a request has before a further visit gets none by
// asking: anyone with the link can connect an account in many names.
const maxReceiptsAsked = 20

// partsBlock is why a visit without a receipt gets none beside the others of its request.
func partsBlock(r agencyRead, v Visit) (EmailBlock, error) {
	var others int
	err := r.row(`
		SELECT count(*) FROM receipts
		WHERE  request = $1 AND NOT EXISTS (SELECT 1 FROM receipts own WHERE own.visit = $2)`,
		v.Request, v.ID).Scan(&others)
	if err != nil || others < maxReceiptsAsked {
		return "", err
	}
	return BlockLimit, nil
}

// mailedReceipt is an email with a receipt.
type mailedReceipt struct {
	address string
	state   onboarding.EmailState
	due     onboarding.Timestamp
}

// receiptLimit is how often a visit's receipt is mailed to its address.
func receiptLimit(r agencyRead, v Visit) (int, error) {
	var whole bool
	err := r.row(`SELECT is_whole FROM receipts WHERE visit = $1`, v.ID).Scan(&whole)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if whole {
		return maxReceipts, nil
	}
	sharers, err := readSharers(r, v.Request)
	if err != nil || !slices.ContainsFunc(sharers, func(p onboarding.Person) bool { return isSame(p, v) }) {
		return 0, err
	}
	return maxReceipts - 1, nil
}

func isSame(p onboarding.Person, v Visit) bool { return onboarding.SameAddress(p.Email, v.Email) }
