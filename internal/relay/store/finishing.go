package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// MarkOpened records that Grant Permission Now was pressed: on the recipient whose
// email it was and, the first time, on the request.
func (s *Requests) MarkOpened(ctx context.Context, agency, id string, recipient int) error {
	return s.plainChange(ctx, agency, id, "opening", func(c *changeTx, r Request) error {
		if err := r.LinkState(c.now); err != nil {
			return err
		}
		first, err := openRecipient(c, id, recipient)
		if err != nil {
			return err
		}
		if first {
			if err := remindColleague(c, id, recipient); err != nil {
				return err
			}
		}
		if r.Opened != 0 {
			if !first {
				return errUnchanged
			}
			return nil
		}
		if err := c.exec(`UPDATE requests SET opened_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		if recipient == 0 { // who asked with an older, copied link has got the newest from the agency
			if err := clearLinkAsked(c, r); err != nil {
				return err
			}
		}
		return recordEvent(c, id, onboarding.EventOpened, "", "")
	})
}

// openRecipient records that a recipient opened the request, and whether it is the
// first time. Number zero is no recipient.
func openRecipient(c *changeTx, request string, number int) (first bool, err error) {
	if number == 0 {
		return false, nil
	}
	opened, err := c.texts(`
		UPDATE recipients SET opened_ms = $1 WHERE request = $2 AND number = $3 AND opened_ms = 0 RETURNING id`,
		c.now, request, number)
	return len(opened) > 0, err
}

// Finish is the result of finishing, and the request after it.
type Finish struct {
	Outcome Outcome
	Request Request
}

// Outcome is what a request was finished with.
type Outcome string

// The outcomes of a finish.
const (
	FinishedPart      Outcome = "part" // others have the rest: the link goes on working
	FinishedConnected Outcome = "connected"
	FinishedWaiting   Outcome = "waiting"
	FinishedEmpty     Outcome = "empty"
)

// Finish closes the request in the name of one client, with what is connected and
// waiting at that time. The first call wins: every later one returns
// onboarding.ErrCompleted and changes nothing. With nothing connected or waiting
// the requester gets an email and the link keeps working. So it does while colleagues have
// services that are not done: then the client finishes their part.
// box is the mailbox of the visit's address.
func (s *Requests) Finish(ctx context.Context, visit Visit, box Mailbox) (Finish, error) {
	return s.finish(ctx, visit, box, false)
}

// FinishWithout is Finish without waiting for colleagues. Only a visit of the whole request
// can do so.
func (s *Requests) FinishWithout(ctx context.Context, visit Visit, box Mailbox) (Finish, error) {
	return s.finish(ctx, visit, box, !visit.Scoped)
}

func (s *Requests) finish(ctx context.Context, visit Visit, box Mailbox, without bool) (Finish, error) {
	var finish Finish
	r, err := s.requestChange(ctx, visit.Agency, visit.Request, "finishing", func(c *changeTx, r Request) error {
		if err := r.LinkState(c.now); err != nil {
			return err
		}
		if visit.Version != r.LinkVersion {
			return onboarding.ErrLinkSuperseded
		}
		wait, err := waitsForOthers(c, r, visit)
		if err != nil {
			return err
		}
		if (wait.undone || wait.atWork) && !without {
			finish.Outcome = FinishedPart
			return finishPart(c, r, visit, wait, box)
		}
		finish.Outcome, err = closeOrTell(c, r, visit, func(c *changeTx, _ Request) error {
			return enqueueReceipt(c, visit, box)
		})
		return err
	})
	if err != nil {
		return Finish{}, err
	}
	finish.Request = r
	return finish, nil
}

// closeOrTell closes a request in the name of a visit, or tells the agency that nothing is
// connected. mail queues the receipts.
func closeOrTell(
	c *changeTx, r Request, v Visit, mail func(c *changeTx, r Request) error,
) (outcome Outcome, err error) {
	connected, waiting, err := countItems(c, r.ID, true)
	if err != nil {
		return "", err
	}
	if connected+waiting == 0 {
		return FinishedEmpty, finishEmpty(c, r, v)
	}
	if err := closeRequest(c, r, v); err != nil {
		return "", err
	}
	if err := mail(c, r); err != nil {
		return "", err
	}
	if connected == 0 {
		return FinishedWaiting, finishWaiting(c, r, v)
	}
	if err := recordEvent(c, r.ID, onboarding.EventFinished, v.Name, ""); err != nil {
		return "", err
	}
	return FinishedConnected, completeRequest(c, r, "")
}

// closeRequest ends the request's visits in the name of the one that finished it, which has
// a receipt.
func closeRequest(c *changeTx, r Request, v Visit) error {
	confirmed, err := confirmsAddress(c, v)
	if err != nil {
		return err
	}
	var won string
	err = c.row(`
		UPDATE requests SET finished_ms = $1, completed_by_name = $2, completed_by_email = $3, confirmed = $4
		WHERE  id = $5 AND status = 'pending' AND finished_ms = 0 AND withdrawn_ms = 0 RETURNING id`,
		c.now, v.Name, v.Email, boolToInt(confirmed), r.ID).Scan(&won)
	if err != nil {
		return wrapNotFound(err, "finishing as the first")
	}
	if err := endVisits(c, r.ID); err != nil {
		return err
	}
	if err := c.exec(`DELETE FROM jobs WHERE subject = $1`, r.ID); err != nil {
		return err
	}
	if err := cancelSkipped(c, r.ID); err != nil {
		return err
	}
	return insertReceipt(c, v, true)
}

// finishWaiting writes to the requester that nothing is connected yet.
func finishWaiting(c *changeTx, r Request, v Visit) error {
	if err := recordEvent(c, r.ID, onboarding.EventFinishedWaiting, v.Name, ""); err != nil {
		return err
	}
	if err := schedule(c.agencyTx, JobForget, r.ID, forgetConnected(c.now)); err != nil {
		return err
	}
	// It is no news yet that the request is completed: that comes with its first account.
	waiting := News{
		ID: NewID(), Agency: c.agency, Kind: onboarding.NewsCompleted, Request: r.ID, Owner: r.Owner, Created: c.now,
		email: EmailFinishedWaiting,
	}
	if err := insertNews(c.agencyTx, waiting); err != nil {
		return err
	}
	return emailNews(c.agencyTx, waiting)
}

// confirmsAddress reports whether the visit started from the email to the address
// that the client typed.
func confirmsAddress(c *changeTx, v Visit) (bool, error) {
	if v.Recipient == 0 {
		return false, nil
	}
	addresses, err := c.texts(`SELECT address FROM recipients WHERE request = $1 AND number = $2`, v.Request, v.Recipient)
	return len(addresses) == 1 && onboarding.SameAddress(addresses[0], v.Email), err
}

// maxEmptyPerDay bounds the news about one request that was finished with
// nothing: anyone with the link can do that again and again.
const maxEmptyPerDay = 3

// finishEmpty records that nothing was connected, once a visit.
func finishEmpty(c *changeTx, r Request, v Visit) error {
	var sent int64
	if err := c.row(`
		SELECT count(*) FROM news WHERE request = $1 AND kind = $2 AND visit = $3`,
		r.ID, onboarding.NewsNothing, v.ID).Scan(&sent); err != nil {
		return err
	}
	if sent > 0 {
		return errUnchanged
	}
	if err := recordEvent(c, r.ID, onboarding.EventFinishedEmpty, v.Name, ""); err != nil {
		return err
	}
	if err := c.row(`
		SELECT count(*) FROM news
		WHERE kind = $1 AND request = $2 AND created_ms > $3`, onboarding.NewsNothing, r.ID,
		c.now-day).Scan(&sent); err != nil {
		return err
	}
	if sent >= maxEmptyPerDay {
		return nil // the timeline has it
	}
	if err := cancelSkipped(c, r.ID); err != nil {
		return err
	}
	return recordNews(c, News{Kind: onboarding.NewsNothing, Request: r.ID, Owner: r.Owner, Visit: v.ID})
}

// completeRequest makes the request connected: when it is finished or, if it was
// finished while it waited, with its first connected item. It happens once, unless what
// completed it is taken back. who is the member who confirmed that item without a check; empty:
// nobody had to.
func completeRequest(c *changeTx, r Request, who string) error {
	var won string
	err := c.row(`
		UPDATE requests SET status = 'connected', completed_ms = $1
		WHERE id = $2 AND status = 'pending' AND withdrawn_ms = 0 RETURNING id`, c.now, r.ID).Scan(&won)
	if err != nil {
		return wrapNotFound(err, "completing the request")
	}
	if err := recordEvent(c, r.ID, onboarding.EventCompleted, who, ""); err != nil {
		return err
	}
	if err := schedule(c.agencyTx, JobForget, r.ID, forgetConnected(c.now)); err != nil {
		return err
	}
	return recordNews(c, News{Kind: onboarding.NewsCompleted, Request: r.ID, Owner: r.Owner})
}
