package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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
		ON CONFLICT (visit) DO NOTHING`
	return c.exec(insert, v.ID, v.Request, link.NewID(), boolToInt(whole), c.now)
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
// once for one who connected something before that. asked is false if the visit
// gets no receipt. Asking again changes nothing.
func (s *Receipts) Ask(ctx context.Context, v Visit) (asked bool, err error) {
	err = s.plainChange(ctx, v.Agency, v.Request, "mailing a receipt of", func(c *changeTx, r Request) error {
		asked = false
		state, err := receiptState(ctx, c, v, r.Finished)
		if err != nil {
			return err
		}
		asked = state != ReceiptNone
		if state != ReceiptOpen {
			return errUnchanged
		}
		if err := insertReceipt(c, v, false); err != nil {
			return err
		}
		return enqueue(c.agencyTx, Email{Kind: EmailReceipt, Request: r.ID, Visit: v.ID})
	})
	return asked, err
}

// ReceiptState is whether a visit can get its receipt.
type ReceiptState int

// The states of a visit's receipt.
const (
	ReceiptNone  ReceiptState = iota // it gets none
	ReceiptOpen                      // it can ask for it
	ReceiptAsked                     // it has asked, as often as it may
)

// State reports whether a visit can get its receipt. finished is when its request was
// finished; zero: it was not.
func (s *Receipts) State(ctx context.Context, v Visit, finished onboarding.Timestamp) (ReceiptState, error) {
	state, err := receiptState(ctx, s.db, v, finished)
	if err != nil {
		return ReceiptNone, fmt.Errorf("looking up a receipt: %w", err)
	}
	return state, nil
}

func receiptState(
	ctx context.Context, db sqldb.Queryer, v Visit, finished onboarding.Timestamp,
) (ReceiptState, error) {
	if finished == 0 {
		return ReceiptNone, nil
	}
	theirs := func(addresses []string) (n int) {
		for _, address := range addresses {
			if onboarding.SameAddress(address, v.Email) {
				n++
			}
		}
		return n
	}
	// By address: anyone with the link can start many visits in one name.
	rows, err := db.QueryContext(ctx, `
		SELECT x.email FROM emails l JOIN visits x ON x.id = l.visit
		WHERE l.request = $1 AND l.kind = $2`, v.Request, EmailReceipt)
	mailed, err := scanAll(rows, err, scanText)
	if err != nil {
		return ReceiptNone, err
	}
	var whole bool
	err = db.QueryRowContext(ctx, `SELECT is_whole FROM receipts WHERE visit = $1`, v.ID).Scan(&whole)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ReceiptNone, err
	}
	limit := maxReceipts
	if !whole { // another client finished
		rows, err := db.QueryContext(ctx, `
			SELECT connected_by_email FROM items WHERE request = $1 AND state IN ('connected', 'waiting')`, v.Request)
		own, err := scanAll(rows, err, scanText)
		if err != nil || theirs(own) == 0 {
			return ReceiptNone, err
		}
		limit--
	}
	if theirs(mailed) >= limit {
		return ReceiptAsked, nil
	}
	return ReceiptOpen, nil
}
