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

// MarkOpened notes that Grant Permission Now was pressed: the first time on
// the request, and on the recipient whose email it was.
func (s *Requests) MarkOpened(ctx context.Context, agency, id string, recipient int) error {
	return s.plainChange(ctx, agency, id, "opening", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		if recipient != 0 {
			if err := c.exec(`
				UPDATE recipients SET opened_ms = $1
				WHERE request = $2 AND number = $3 AND opened_ms = 0`, c.now, id, recipient); err != nil {
				return err
			}
		}
		if q.Opened != 0 {
			return nil
		}
		if err := c.exec(`UPDATE requests SET opened_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		return recordEvent(c, id, onboarding.EventOpened, "", "")
	})
}

// Skip keeps why a service is not provided. An empty reason is one too.
func (s *Requests) Skip(ctx context.Context, agency, id, who string, skip onboarding.Skip) error {
	_, err := s.requestChange(ctx, agency, id, "skipping a service of", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		for _, old := range q.Skipped {
			if old == skip {
				return nil
			}
		}
		if err := c.exec(`INSERT INTO skipped_services (request, service, reason) VALUES ($1, $2, $3)
			ON CONFLICT (request, service) DO UPDATE SET reason = excluded.reason`, id, skip.Service, skip.Reason); err != nil {
			return err
		}
		return recordEvent(c, id, onboarding.EventSkipped, who, string(skip.Service))
	})
	return err
}

// Unskip takes a skip back: the client does provide the service after all.
func (s *Requests) Unskip(ctx context.Context, agency, id string, service onboarding.Service) error {
	return s.plainChange(ctx, agency, id, "providing a service of", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		return c.exec(`DELETE FROM skipped_services WHERE request = $1 AND service = $2`, id, service)
	})
}

// Finish is how a finish ended, and the request after it.
type Finish struct {
	Outcome Outcome
	Request Request
}

// Outcome is how a finish ended.
type Outcome string

// The outcomes of a finish.
const (
	FinishedConnected Outcome = "connected"
	FinishedWaiting   Outcome = "waiting"
	FinishedEmpty     Outcome = "empty"
)

// Finish closes the request in one person's name, with what is connected and
// waiting at that moment. The first call wins: every later one returns
// onboarding.ErrCompleted and changes nothing. With nothing connected or
// waiting the requester is told and the link lives on.
func (s *Requests) Finish(ctx context.Context, v Visit) (Finish, error) {
	var f Finish
	q, err := s.requestChange(ctx, v.Agency, v.Request, "finishing", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		if v.Version != q.LinkVersion {
			return onboarding.ErrLinkSuperseded
		}
		connected, waiting, err := countItems(c, q.ID)
		if err != nil {
			return err
		}
		confirmed, err := confirmsAddress(c, v)
		if err != nil {
			return err
		}
		switch {
		case connected > 0:
			f.Outcome = FinishedConnected
		case waiting > 0:
			f.Outcome = FinishedWaiting
		default:
			f.Outcome = FinishedEmpty
			return finishEmpty(c, q, v)
		}
		var won string
		err = c.row(`UPDATE requests SET finished_ms = $1, completed_by_name = $2, completed_by_email = $3, confirmed = $4
			WHERE id = $5 AND status = 'pending' AND finished_ms = 0 AND withdrawn_ms = 0 RETURNING id`, c.now, v.Name, v.Email,
			boolToInt(confirmed), q.ID).Scan(&won)
		if err != nil {
			return wrapNotFound(err, "winning the finish")
		}
		if err := endVisits(c, q.ID); err != nil {
			return err
		}
		if err := c.exec(`DELETE FROM jobs WHERE subject = $1`, q.ID); err != nil {
			return err
		}
		if err := insertReceipt(c, v, true); err != nil {
			return err
		}
		if err := enqueue(c, Email{Kind: EmailReceipt, Request: q.ID, Visit: v.ID}); err != nil {
			return err
		}
		if f.Outcome == FinishedWaiting {
			if err := recordEvent(c, q.ID, onboarding.EventFinishedWaiting, v.Name, ""); err != nil {
				return err
			}
			if err := schedule(c, JobForget, q.ID, forgetConnected(c.now)); err != nil {
				return err
			}
			return enqueue(c, Email{Kind: EmailFinishedWaiting, Request: q.ID, Member: q.Owner})
		}
		if err := recordEvent(c, q.ID, onboarding.EventFinished, v.Name, ""); err != nil {
			return err
		}
		return completeRequest(c, q)
	})
	if err != nil {
		return Finish{}, err
	}
	f.Request = q
	return f, nil
}

// confirmsAddress says whether the visit began from the email to the address that
// was typed.
func confirmsAddress(c *changeTx, v Visit) (bool, error) {
	if v.Recipient == 0 {
		return false, nil
	}
	addresses, err := c.texts(`SELECT address FROM recipients WHERE request = $1 AND number = $2`, v.Request, v.Recipient)
	return len(addresses) == 1 && onboarding.SameAddress(addresses[0], v.Email), err
}

// emptyADay bounds how often a requester is written to about one request that
// somebody finished with nothing: whoever has the link can do that many times.
const maxEmptyPerDay = 3

// finishEmpty tells the requester, once a visit.
func finishEmpty(c *changeTx, q Request, v Visit) error {
	var told int64
	if err := c.row(`
		SELECT count(*) FROM emails WHERE kind = $1 AND visit = $2`, EmailNothingConnected, v.ID).Scan(&told); err != nil {
		return err
	}
	if told > 0 {
		return nil
	}
	if err := recordEvent(c, q.ID, onboarding.EventFinishedEmpty, v.Name, ""); err != nil {
		return err
	}
	if err := c.row(`
		SELECT count(*) FROM emails
		WHERE kind = $1 AND request = $2 AND created_ms > $3`, EmailNothingConnected, q.ID,
		c.now-day).Scan(&told); err != nil {
		return err
	}
	if told >= maxEmptyPerDay {
		return nil // the history has it
	}
	return enqueue(c, Email{Kind: EmailNothingConnected, Request: q.ID, Member: q.Owner, Visit: v.ID})
}

// receipts is how often a visit's receipt is mailed: when it finishes the
// request, and once more when it is asked for.
const maxReceipts = 2

// Ask mails a visit its receipt: once more to the one who finished the
// request, once to whoever connected something before that. asked is false for
// who has none to get. Asking again changes nothing.
func (s *Receipts) Ask(ctx context.Context, v Visit) (asked bool, err error) {
	err = s.plainChange(ctx, v.Agency, v.Request, "mailing a receipt of", func(c *changeTx, q Request) error {
		asked = false
		state, err := receiptState(ctx, c, q, v)
		if err != nil || state == ReceiptNone {
			return err
		}
		if asked = true; state == ReceiptAsked {
			return nil
		}
		if err := insertReceipt(c, v, false); err != nil {
			return err
		}
		return enqueue(c, Email{Kind: EmailReceipt, Request: q.ID, Visit: v.ID})
	})
	return asked, err
}

// ReceiptState says whether a visit can be mailed its receipt.
type ReceiptState int

// The states of a visit's receipt.
const (
	ReceiptNone  ReceiptState = iota // it gets none
	ReceiptOpen                      // it can be asked for
	ReceiptAsked                     // it is on its way, or was
)

// State says whether a visit can be mailed its receipt.
func (s *Receipts) State(ctx context.Context, q Request, v Visit) (ReceiptState, error) {
	state, err := receiptState(ctx, s.db, q, v)
	if err != nil {
		return ReceiptNone, fmt.Errorf("looking for a receipt: %w", err)
	}
	return state, nil
}

func receiptState(ctx context.Context, db sqldb.Queryer, q Request, v Visit) (ReceiptState, error) {
	if q.Finished == 0 {
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
	// By the address: whoever has the link can begin many visits in one name.
	rows, err := db.QueryContext(ctx, `
		SELECT x.email FROM emails l JOIN visits x ON x.id = l.visit
		WHERE l.request = $1 AND l.kind = $2`, q.ID, EmailReceipt)
	mailed, err := scanAll(rows, err, scanText)
	if err != nil {
		return ReceiptNone, err
	}
	var whole bool
	err = db.QueryRowContext(ctx, `SELECT is_whole FROM receipts WHERE visit = $1`, v.ID).Scan(&whole)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ReceiptNone, err
	}
	most := maxReceipts
	if !whole { // somebody else finished
		rows, err := db.QueryContext(ctx, `
			SELECT connected_by_email FROM items WHERE request = $1 AND state IN ('connected', 'waiting')`, q.ID)
		own, err := scanAll(rows, err, scanText)
		if err != nil || theirs(own) == 0 {
			return ReceiptNone, err
		}
		most--
	}
	if theirs(mailed) >= most {
		return ReceiptAsked, nil
	}
	return ReceiptOpen, nil
}

// completeRequest makes the request connected: at its finish, or when the first item
// of a finished, waiting one arrives. One winner.
func completeRequest(c *changeTx, q Request) error {
	var won string
	err := c.row(`
		UPDATE requests SET status = 'connected', completed_ms = $1
		WHERE id = $2 AND status = 'pending' AND withdrawn_ms = 0 RETURNING id`, c.now, q.ID).Scan(&won)
	if err != nil {
		return wrapNotFound(err, "completing the request")
	}
	if err := recordEvent(c, q.ID, onboarding.EventCompleted, "", ""); err != nil {
		return err
	}
	if err := schedule(c, JobForget, q.ID, forgetConnected(c.now)); err != nil {
		return err
	}
	return enqueue(c, Email{Kind: EmailCompletion, Request: q.ID, Member: q.Owner})
}

// Receipt is a visit's receipt.
type Receipt struct {
	Visit   string
	Request string
	LinkID  []byte // random, in the receipt's own link
	Whole   bool   // of who finished the request, and so about all of it; any other is about what its person connected
	Made    onboarding.Timestamp
}

func insertReceipt(c *changeTx, v Visit, whole bool) error {
	const insert = `
		INSERT INTO receipts (visit, request, link_id, is_whole, created_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (visit) DO NOTHING`
	return c.exec(insert, v.ID, v.Request, link.NewID(), boolToInt(whole), c.now)
}

// GetByVisit gives the receipt of a visit.
func (s *Receipts) GetByVisit(ctx context.Context, visit string) (Receipt, error) {
	return s.receipt(ctx, `visit = $1`, visit)
}

// GetByLink finds the receipt of a link by its random id.
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
