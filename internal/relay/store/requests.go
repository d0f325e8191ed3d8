package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Request is a request with what the relay alone knows of it. Link is empty
// until the relay, which has the keys, fills it in.
type Request struct {
	onboarding.Request
	Agency    string
	LinkID    []byte            // random, in the link
	Forgotten onboarding.Moment // the names of people in it are gone
}

const requestColumns = `id, owner, client, message, services, connection, user_id, user_name, business_id, business_name, status,
	created_ms, accepted_ms, expires_ms, link_id, link_version, renewed_ms, opened_ms, withdrawn_ms, finished_ms, completed_ms,
	by_name, by_email, confirmed, archived_ms, forgotten_ms, agency`

func scanRequest(r scanner) (Request, error) {
	var q Request
	var services string
	err := r.Scan(&q.ID, &q.Owner, &q.Client, &q.Message, &services, &q.Connection, &q.FacebookUser.ID, &q.FacebookUser.Name, &q.Business.ID, &q.Business.Name, &q.Status,
		&q.Created, &q.Accepted, &q.Expires, &q.LinkID, &q.LinkVersion, &q.Renewed, &q.Opened, &q.Withdrawn, &q.Finished, &q.Completed,
		&q.CompletedBy.Name, &q.CompletedBy.Email, &q.Confirmed, &q.Archived, &q.Forgotten, &q.Agency)
	q.Services = split[onboarding.Service](services)
	return q, err
}

// queryer is the database, a snapshot of it, or a transaction.
type queryer = sqldb.Queryer

// Request gives one request of the agency with its recipients, skips and events.
func (s *Store) Request(ctx context.Context, agency, id string) (Request, error) {
	var q Request
	err := s.db.InSnapshot(ctx, func(db sqldb.Queryer) error {
		var err error
		q, err = wholeRequest(ctx, db, agency, id)
		return err
	})
	return q, err
}

func wholeRequest(ctx context.Context, db queryer, agency, id string) (Request, error) {
	q, err := scanRequest(db.QueryRowContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
	if err := missing(err, "reading request "+id); err != nil {
		return q, err
	}
	list := []Request{q}
	if err := fillRequests(ctx, db, list); err != nil {
		return q, err
	}
	return list[0], nil
}

// PlainRequest gives one request without its lists: what a page of the wizard
// needs, in one look-up.
func (s *Store) PlainRequest(ctx context.Context, agency, id string) (Request, error) {
	q, err := scanRequest(s.db.QueryRowContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
	return q, missing(err, "reading request "+id)
}

// LinkedRequest finds the request of a link by its random id, without its lists.
func (s *Store) LinkedRequest(ctx context.Context, linkID []byte) (Request, error) {
	q, err := scanRequest(s.db.QueryRowContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE link_id = $1`, linkID))
	return q, missing(err, "reading a link's request")
}

// Recipients lists a request's recipients in their order.
func (s *Store) Recipients(ctx context.Context, request string) ([]onboarding.Recipient, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+recipientColumns+` FROM recipients WHERE request = $1 ORDER BY number`, request)
	list, err := all(rows, err, func(r scanner) (onboarding.Recipient, error) {
		owned, err := scanRecipient(r)
		return owned.Recipient, err
	})
	if err != nil {
		return nil, fmt.Errorf("listing recipients: %w", err)
	}
	return list, nil
}

const recipientColumns = `request, id, address, number, letter, words, sent_ms, sent_count, opened_ms, stopped_ms`

type ownedRecipient struct {
	onboarding.Recipient
	request string
}

func scanRecipient(r scanner) (ownedRecipient, error) {
	var o ownedRecipient
	err := r.Scan(&o.request, &o.ID, &o.Address, &o.Number, &o.Letter, &o.Words, &o.Sent, &o.Count, &o.Opened, &o.Stopped)
	return o, err
}

// fillRequests reads the lists of many requests with three queries.
func fillRequests(ctx context.Context, db queryer, requests []Request) error {
	if len(requests) == 0 {
		return nil
	}
	at := make(map[string]*Request, len(requests))
	ids := make([]string, len(requests))
	for i := range requests {
		q := &requests[i]
		q.Recipients, q.Skipped, q.Events = []onboarding.Recipient{}, []onboarding.Skip{}, []onboarding.Event{}
		at[q.ID], ids[i] = q, q.ID
	}
	list, args := among(ids)
	rows, err := db.QueryContext(ctx, `SELECT `+recipientColumns+` FROM recipients WHERE request `+list+` ORDER BY request, number`, args...)
	_, err = all(rows, err, func(r scanner) (struct{}, error) {
		o, err := scanRecipient(r)
		if err == nil {
			at[o.request].Recipients = append(at[o.request].Recipients, o.Recipient)
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("reading recipients: %w", err)
	}
	rows, err = db.QueryContext(ctx, `SELECT request, service, reason FROM skips WHERE request `+list+` ORDER BY request, service`, args...)
	_, err = all(rows, err, func(r scanner) (struct{}, error) {
		var request string
		var skip onboarding.Skip
		err := r.Scan(&request, &skip.Service, &skip.Reason)
		if err == nil {
			at[request].Skipped = append(at[request].Skipped, skip)
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("reading skips: %w", err)
	}
	rows, err = db.QueryContext(ctx, `SELECT request, id, at_ms, kind, who, detail FROM events WHERE request `+list+` ORDER BY request, seq, id`, args...)
	_, err = all(rows, err, func(r scanner) (struct{}, error) {
		var request string
		var e onboarding.Event
		err := r.Scan(&request, &e.ID, &e.At, &e.Kind, &e.Who, &e.Detail)
		if err == nil {
			at[request].Events = append(at[request].Events, e)
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	for i := range requests {
		if extra := len(requests[i].Events) - onboarding.MaxEvents; extra > 0 {
			requests[i].Events = requests[i].Events[extra:]
		}
	}
	return nil
}

// NewRequest is what SaveRequest keeps.
type NewRequest struct {
	ID         string
	Owner      string
	Client     string
	Message    string
	Services   []onboarding.Service
	Connection string
	User       onboarding.Account
	Business   onboarding.Account
	Created    onboarding.Moment
	LinkID     []byte
	Who        string // the requester's name, for the event
}

// SaveRequest accepts a request: its month begins. The same id again gives
// what was kept the first time; another agency's, or another owner's, is
// ErrConflict.
func (s *Store) SaveRequest(ctx context.Context, agency string, n NewRequest) (Request, error) {
	var q Request
	err := s.change(ctx, agency, func(c *changing) error {
		var of, owner string
		err := c.row(`SELECT agency, owner FROM requests WHERE id = $1`, n.ID).Scan(&of, &owner)
		switch {
		case err == nil && (of != agency || owner != n.Owner):
			return onboarding.ErrConflict
		case err == nil:
			q, err = wholeRequest(ctx, c, agency, n.ID)
			return err
		}
		if err := c.insertRequest(Request{Agency: agency, LinkID: n.LinkID, Request: onboarding.Request{
			ID: n.ID, Owner: n.Owner, Client: n.Client, Message: n.Message, Services: n.Services, Connection: n.Connection,
			FacebookUser: n.User, Business: n.Business, Status: onboarding.Pending, Created: n.Created,
			Accepted: c.now, Expires: onboarding.LinkEnds(c.now), LinkVersion: 1,
		}}); err != nil {
			return err
		}
		if err := c.event(n.ID, onboarding.EventSaved, n.Who, ""); err != nil {
			return err
		}
		if err := c.duty(DutyExpire, n.ID, onboarding.LinkEnds(c.now)); err != nil {
			return err
		}
		if err := c.touch(kindRequest, n.ID, n.Owner, theOwner); err != nil {
			return err
		}
		q, err = wholeRequest(ctx, c, agency, n.ID)
		return err
	})
	if err != nil {
		return Request{}, fmt.Errorf("saving request %s: %w", n.ID, err)
	}
	return q, nil
}

func (c *changing) insertRequest(q Request) error {
	return c.exec(`INSERT INTO requests (id, owner, client, message, services, connection, user_id, user_name, business_id, business_name, status,
			created_ms, accepted_ms, expires_ms, link_id, link_version, renewed_ms, opened_ms, withdrawn_ms, finished_ms, completed_ms,
			by_name, by_email, confirmed, archived_ms, forgotten_ms, agency)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, 0, $26)`,
		q.ID, q.Owner, q.Client, q.Message, join(q.Services), q.Connection, q.FacebookUser.ID, q.FacebookUser.Name, q.Business.ID, q.Business.Name, q.Status,
		q.Created, q.Accepted, q.Expires, q.LinkID, q.LinkVersion, q.Renewed, q.Opened, q.Withdrawn, q.Finished, q.Completed,
		q.CompletedBy.Name, q.CompletedBy.Email, bit(q.Confirmed), q.Archived, q.Agency)
}

// OfferRequest puts back a request that a restored database lost, as the hub
// remembers it. One that is there stays as it is; one that was deleted here is
// ErrNotFound: it does not come back; a link that another request has is
// ErrConflict.
func (s *Store) OfferRequest(ctx context.Context, q Request, items []onboarding.Item) (Request, error) {
	var kept Request
	err := s.change(ctx, q.Agency, func(c *changing) error {
		var of, owner string
		err := c.row(`SELECT agency, owner FROM requests WHERE id = $1`, q.ID).Scan(&of, &owner)
		switch {
		case err == nil && (of != q.Agency || owner != q.Owner):
			return onboarding.ErrConflict
		case err == nil:
			kept, err = wholeRequest(ctx, c, q.Agency, q.ID)
			return err
		}
		var deleted int64
		if err := c.row(`SELECT count(*) FROM changes WHERE agency = $1 AND kind = $2 AND id = $3 AND gone_ms > 0`, q.Agency, kindRequest, q.ID).Scan(&deleted); err != nil {
			return err
		}
		if deleted > 0 {
			return onboarding.ErrNotFound
		}
		var linked int64 // somebody who has the link of another request is not its owner
		if err := c.row(`SELECT count(*) FROM requests WHERE link_id = $1`, q.LinkID).Scan(&linked); err != nil {
			return err
		}
		if linked > 0 {
			return onboarding.ErrConflict
		}
		if err := c.insertRequest(q); err != nil {
			return err
		}
		for _, r := range q.Recipients {
			if err := c.exec(`INSERT INTO recipients (id, request, address, number, letter, words, sent_ms, sent_count, opened_ms, stopped_ms)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`,
				r.ID, q.ID, r.Address, r.Number, r.Letter, r.Words, r.Sent, r.Count, r.Opened, r.Stopped); err != nil {
				return err
			}
		}
		for _, skip := range q.Skipped {
			if err := c.exec(`INSERT INTO skips (request, service, reason) VALUES ($1, $2, $3) ON CONFLICT (request, service) DO NOTHING`, q.ID, skip.Service, skip.Reason); err != nil {
				return err
			}
		}
		for _, e := range q.Events {
			if err := c.exec(`INSERT INTO events (id, request, at_ms, seq, kind, who, detail) VALUES ($1, $2, $3, 0, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
				e.ID, q.ID, e.At, e.Kind, e.Who, e.Detail); err != nil {
				return err
			}
		}
		for _, item := range items {
			var there int64
			if err := c.row(`SELECT count(*) FROM items WHERE id = $1`, item.ID).Scan(&there); err != nil {
				return err
			}
			if there > 0 {
				continue
			}
			item.Request, item.Owner = q.ID, q.Owner
			if err := c.insertItem(item); err != nil {
				return err
			}
			if err := c.touchItem(item); err != nil {
				return err
			}
		}
		if err := c.dutiesOf(q); err != nil {
			return err
		}
		if err := c.touch(kindRequest, q.ID, q.Owner, theOwner); err != nil {
			return err
		}
		kept, err = wholeRequest(ctx, c, q.Agency, q.ID)
		return err
	})
	if err != nil {
		return Request{}, fmt.Errorf("putting request %s back: %w", q.ID, err)
	}
	return kept, nil
}

// dutiesOf writes the duties that a request has in its state.
func (c *changing) dutiesOf(q Request) error {
	switch {
	case q.Completed != 0:
		return c.duty(DutyForget, q.ID, forgetConnected(q.Completed))
	case q.Withdrawn != 0:
		return c.duty(DutyForget, q.ID, q.Withdrawn+forgetDead)
	case q.Finished != 0:
		return c.duty(DutyForget, q.ID, forgetConnected(q.Finished))
	}
	return c.duty(DutyExpire, q.ID, q.Expires)
}

// requestChange is how most methods change a request: read it inside the
// transaction, let fn decide and write, number it, and give it as it is then.
func (s *Store) requestChange(ctx context.Context, agency, id, doing string, fn func(c *changing, q Request) error) (Request, error) {
	var q Request
	err := s.change(ctx, agency, func(c *changing) error {
		before, err := wholeRequest(ctx, c, agency, id)
		if err != nil {
			return err
		}
		if err := fn(c, before); err != nil {
			return err
		}
		if err := c.touch(kindRequest, id, before.Owner, theOwner); err != nil {
			return err
		}
		q, err = wholeRequest(ctx, c, agency, id)
		return err
	})
	if err != nil {
		return Request{}, fmt.Errorf("%s request %s: %w", doing, id, err)
	}
	return q, nil
}

// plainChange is requestChange for what needs the request without its lists,
// and for callers who wait: people in the wizard.
func (s *Store) plainChange(ctx context.Context, agency, id, doing string, fn func(c *changing, q Request) error) error {
	err := s.change(ctx, agency, func(c *changing) error {
		q, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
		if err := missing(err, "reading the request"); err != nil {
			return err
		}
		if err := fn(c, q); err != nil {
			return err
		}
		return c.touch(kindRequest, id, q.Owner, theOwner)
	})
	if err != nil {
		return fmt.Errorf("%s request %s: %w", doing, id, err)
	}
	return nil
}

// EditRequest changes a request that nobody was sent and nobody opened, else
// it is ErrConflict, or the error of its link's state.
func (s *Store) EditRequest(ctx context.Context, agency string, n NewRequest) (Request, error) {
	return s.requestChange(ctx, agency, n.ID, "editing", func(c *changing, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		if q.Opened != 0 || len(q.Recipients) > 0 {
			return onboarding.ErrConflict
		}
		if err := c.exec(`UPDATE requests SET client = $1, message = $2, services = $3, connection = $4, user_id = $5, user_name = $6, business_id = $7, business_name = $8
			WHERE id = $9`, n.Client, n.Message, join(n.Services), n.Connection, n.User.ID, n.User.Name, n.Business.ID, n.Business.Name, n.ID); err != nil {
			return err
		}
		return c.event(n.ID, onboarding.EventEdited, n.Who, "")
	})
}

// NewRecipient is an address to write to, with the hashes under which it may
// have said that it wants no letters.
type NewRecipient struct {
	ID, Address string
	Hashes      [][]byte // under each key that reads
}

// SendRequest adds recipients and queues a letter to each. An id, or an
// address, that the request has already changes nothing. What the limits do
// not allow is ErrTooOften, and nothing is sent then.
func (s *Store) SendRequest(ctx context.Context, agency, id, who string, recipients []NewRecipient, limits onboarding.Limits) (Request, error) {
	return s.requestChange(ctx, agency, id, "sending", func(c *changing, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		present := map[string]bool{}
		next := 1
		for _, r := range q.Recipients {
			present[r.ID], present[strings.ToLower(r.Address)] = true, true
			next = max(next, r.Number+1)
		}
		var added []NewRecipient
		for _, r := range recipients {
			if present[r.ID] || present[strings.ToLower(r.Address)] {
				continue
			}
			present[r.ID], present[strings.ToLower(r.Address)] = true, true
			added = append(added, r)
		}
		if len(added) == 0 {
			return nil
		}
		newcomers := make([]string, len(added))
		for n, r := range added {
			newcomers[n] = r.ID
		}
		var elsewhere int64
		list, args := among(newcomers)
		if err := c.row(`SELECT count(*) FROM recipients WHERE id `+list, args...).Scan(&elsewhere); err != nil {
			return err
		}
		if elsewhere > 0 {
			return onboarding.ErrConflict // another request's recipient has this id
		}
		if err := c.withinLimits(id, newcomers, limits); err != nil {
			return err
		}
		for _, r := range added {
			unwanted, err := c.unwanted(r.Hashes)
			if err != nil {
				return err
			}
			letter, stopped := onboarding.LetterQueued, onboarding.Moment(0)
			if unwanted {
				letter, stopped = onboarding.LetterCancelled, c.now
			}
			if err := c.exec(`INSERT INTO recipients (id, request, address, number, letter, words, sent_ms, sent_count, opened_ms, stopped_ms)
				VALUES ($1, $2, $3, $4, $5, '', 0, 0, 0, $6)`, r.ID, id, r.Address, next, letter, stopped); err != nil {
				return err
			}
			next++
			if unwanted {
				if err := c.event(id, onboarding.EventNotForMe, "", r.Address); err != nil {
					return err
				}
				continue
			}
			if err := c.queue(Letter{Kind: LetterRequest, Request: id, Recipient: r.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// ResendRequest queues another letter to recipients. The same send again
// changes nothing.
func (s *Store) ResendRequest(ctx context.Context, agency, id, send string, recipients []string, limits onboarding.Limits) (Request, error) {
	return s.requestChange(ctx, agency, id, "resending", func(c *changing, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		chosen := map[string]onboarding.Recipient{}
		for _, r := range q.Recipients {
			chosen[r.ID] = r
		}
		var again []string
		for _, rid := range recipients {
			r, there := chosen[rid]
			if !there {
				return onboarding.ErrNotFound
			}
			if r.Stopped != 0 {
				return onboarding.Invalid("recipients", fmt.Sprintf("%s asked for no more letters. Copy the link instead.", r.Address))
			}
			var asked int64
			if err := c.row(`SELECT count(*) FROM letters WHERE id = $1`, letterOfSend(send, rid)).Scan(&asked); err != nil {
				return err
			}
			if asked == 0 {
				again = append(again, rid)
			}
		}
		if len(again) == 0 {
			return nil
		}
		if err := c.withinLimits(id, again, limits); err != nil {
			return err
		}
		for _, rid := range again {
			if err := c.withinAddressLimits(rid, limits); err != nil {
				return err
			}
			if err := c.queue(Letter{ID: letterOfSend(send, rid), Kind: LetterRequest, Request: id, Recipient: rid}); err != nil {
				return err
			}
			if err := c.exec(`UPDATE recipients SET letter = $1, words = '' WHERE id = $2`, onboarding.LetterQueued, rid); err != nil {
				return err
			}
		}
		return nil
	})
}

// letterOfSend makes the same send of the same recipient the same letter.
func letterOfSend(send, recipient string) string { return send + "-" + recipient }

// withinLimits counts the recipients whom the agency, and the request, wrote
// to in a day: those of before and these, each once.
func (c *changing) withinLimits(request string, recipients []string, limits onboarding.Limits) error {
	limits = limits.OrDefault()
	var byAgency, byRequest int
	list, args := among(recipients, c.agency, LetterRequest, c.now-day)
	if err := c.row(`SELECT count(DISTINCT recipient) FROM letters WHERE agency = $1 AND kind = $2 AND created_ms > $3 AND NOT recipient `+list, args...).Scan(&byAgency); err != nil {
		return err
	}
	list, args = among(recipients, request, LetterRequest, c.now-day)
	if err := c.row(`SELECT count(DISTINCT recipient) FROM letters WHERE request = $1 AND kind = $2 AND created_ms > $3 AND NOT recipient `+list, args...).Scan(&byRequest); err != nil {
		return err
	}
	if byAgency+len(recipients) > limits.AgencyAddressesADay || byRequest+len(recipients) > limits.RequestAddresses {
		return onboarding.ErrTooOften
	}
	return nil
}

// withinAddressLimits allows one recipient a letter a minute, and so many in all.
func (c *changing) withinAddressLimits(recipient string, limits onboarding.Limits) error {
	var letters int
	var newest onboarding.Moment
	if err := c.row(`SELECT count(*), COALESCE(max(created_ms), 0) FROM letters WHERE recipient = $1`, recipient).Scan(&letters, &newest); err != nil {
		return err
	}
	if letters >= limits.OrDefault().AddressLetters || newest > c.now-minute {
		return onboarding.ErrTooOften
	}
	return nil
}

// SendLink queues a letter with the link to one recipient who asked for it on
// a telephone. Nobody learns whether the address is one of the request's.
func (s *Store) SendLink(ctx context.Context, agency, id, address string, limits onboarding.Limits) error {
	_, err := s.requestChange(ctx, agency, id, "mailing the link of", func(c *changing, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		for _, r := range q.Recipients {
			if !strings.EqualFold(r.Address, address) || r.Stopped != 0 {
				continue
			}
			if err := c.withinAddressLimits(r.ID, limits); err != nil {
				return nil // the same answer for everybody
			}
			return c.queue(Letter{Kind: LetterLink, Request: id, Recipient: r.ID})
		}
		return nil
	})
	return err
}

// RenewRequest starts a new month with a new version of the link, for a
// request that has expired. from is the version that ends: where a newer one
// is there already, nothing changes. One that still runs is ErrConflict.
func (s *Store) RenewRequest(ctx context.Context, agency, id string, from int, who string) (Request, error) {
	return s.requestChange(ctx, agency, id, "renewing", func(c *changing, q Request) error {
		switch {
		case q.LinkVersion > from:
			return nil
		case q.Withdrawn != 0:
			return onboarding.ErrWithdrawn
		case q.Status == onboarding.Connected, q.Finished != 0:
			return onboarding.ErrCompleted
		case c.now < q.Expires:
			return onboarding.ErrConflict
		}
		return c.newLink(q, who, onboarding.EventRenewed)
	})
}

// ReopenRequest makes a finished request pending again, with a new link. Its
// items stay. from is as for RenewRequest; one that is not finished is
// ErrConflict.
func (s *Store) ReopenRequest(ctx context.Context, agency, id string, from int, who string) (Request, error) {
	return s.requestChange(ctx, agency, id, "reopening", func(c *changing, q Request) error {
		switch {
		case q.LinkVersion > from:
			return nil
		case q.Withdrawn != 0:
			return onboarding.ErrWithdrawn
		case q.Status == onboarding.Pending && q.Finished == 0:
			return onboarding.ErrConflict
		}
		return c.newLink(q, who, onboarding.EventReopened)
	})
}

func (c *changing) newLink(q Request, who string, kind onboarding.EventKind) error {
	ends := onboarding.LinkEnds(c.now)
	if err := c.exec(`UPDATE requests SET status = 'pending', link_version = link_version + 1, renewed_ms = $1, expires_ms = $2,
			finished_ms = 0, completed_ms = 0, by_name = '', by_email = '', confirmed = 0, archived_ms = 0, opened_ms = 0 WHERE id = $3`, c.now, ends, q.ID); err != nil {
		return err
	}
	if err := c.endVisits(q.ID); err != nil {
		return err
	}
	if err := c.exec(`DELETE FROM duties WHERE subject = $1`, q.ID); err != nil {
		return err
	}
	if err := c.duty(DutyExpire, q.ID, ends); err != nil {
		return err
	}
	return c.event(q.ID, kind, who, "")
}

// WithdrawRequest ends a pending request's link. What was shared stays.
// Withdrawn again is harmless; a connected one is ErrConflict.
func (s *Store) WithdrawRequest(ctx context.Context, agency, id, who string) (Request, error) {
	return s.requestChange(ctx, agency, id, "withdrawing", func(c *changing, q Request) error {
		switch {
		case q.Withdrawn != 0:
			return nil
		case q.Status == onboarding.Connected:
			return onboarding.ErrConflict
		}
		if err := c.exec(`UPDATE requests SET withdrawn_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		if err := c.endVisits(id); err != nil {
			return err
		}
		if err := c.cancelLetters(id); err != nil {
			return err
		}
		if err := c.exec(`DELETE FROM duties WHERE subject = $1`, id); err != nil {
			return err
		}
		if err := c.duty(DutyForget, id, c.now+forgetDead); err != nil {
			return err
		}
		return c.event(id, onboarding.EventWithdrawn, who, "")
	})
}

// ArchiveRequest hides a request that is over, or shows it again. One whose
// link still works is ErrConflict.
func (s *Store) ArchiveRequest(ctx context.Context, agency, id string, on bool) (Request, error) {
	return s.requestChange(ctx, agency, id, "archiving", func(c *changing, q Request) error {
		if on && q.LinkState(c.now) == nil {
			return onboarding.ErrConflict
		}
		at := onboarding.Moment(0)
		if on {
			at = max(q.Archived, 1)
			if q.Archived == 0 {
				at = c.now
			}
		}
		return c.exec(`UPDATE requests SET archived_ms = $1 WHERE id = $2`, at, id)
	})
}

// DeleteClient deletes a request with everything that came by it: items,
// credentials on the way, letters. Deleted again is harmless.
func (s *Store) DeleteClient(ctx context.Context, agency, id string) error {
	err := s.change(ctx, agency, func(c *changing) error {
		q, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
		if err := missing(err, "finding the request"); err != nil {
			return err
		}
		return c.deleteRequest(q)
	})
	if err != nil {
		return fmt.Errorf("deleting the client of request %s: %w", id, err)
	}
	return nil
}

func (c *changing) deleteRequest(q Request) error {
	items, err := c.texts(`SELECT id FROM items WHERE agency = $1 AND request = $2`, c.agency, q.ID)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := c.deleteItem(item); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`DELETE FROM letters WHERE request = $1`,
		`DELETE FROM duties WHERE subject = $1`,
		`DELETE FROM signins WHERE visit IN (SELECT id FROM visits WHERE request = $1)`,
		`DELETE FROM requests WHERE id = $1`, // with its recipients, skips, events, visits, receipts
	} {
		if err := c.exec(query, q.ID); err != nil {
			return err
		}
	}
	return c.gone(kindRequest, q.ID, q.Owner, theOwner)
}

// MarkOpened notes that Grant Permission Now was pressed: the first time on
// the request, and on the recipient whose letter it was.
func (s *Store) MarkOpened(ctx context.Context, agency, id string, recipient int) error {
	return s.plainChange(ctx, agency, id, "opening", func(c *changing, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		if recipient != 0 {
			if err := c.exec(`UPDATE recipients SET opened_ms = $1 WHERE request = $2 AND number = $3 AND opened_ms = 0`, c.now, id, recipient); err != nil {
				return err
			}
		}
		if q.Opened != 0 {
			return nil
		}
		if err := c.exec(`UPDATE requests SET opened_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		return c.event(id, onboarding.EventOpened, "", "")
	})
}

// Skip keeps why a service is not provided. An empty reason is one too.
func (s *Store) Skip(ctx context.Context, agency, id, who string, skip onboarding.Skip) error {
	_, err := s.requestChange(ctx, agency, id, "skipping a service of", func(c *changing, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		for _, old := range q.Skipped {
			if old == skip {
				return nil
			}
		}
		if err := c.exec(`INSERT INTO skips (request, service, reason) VALUES ($1, $2, $3)
			ON CONFLICT (request, service) DO UPDATE SET reason = excluded.reason`, id, skip.Service, skip.Reason); err != nil {
			return err
		}
		return c.event(id, onboarding.EventSkipped, who, string(skip.Service))
	})
	return err
}

// Unskip takes a skip back: the client does provide the service after all.
func (s *Store) Unskip(ctx context.Context, agency, id string, service onboarding.Service) error {
	return s.plainChange(ctx, agency, id, "providing a service of", func(c *changing, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		return c.exec(`DELETE FROM skips WHERE request = $1 AND service = $2`, id, service)
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
func (s *Store) Finish(ctx context.Context, v Visit) (Finish, error) {
	var f Finish
	q, err := s.requestChange(ctx, v.Agency, v.Request, "finishing", func(c *changing, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		if v.Version != q.LinkVersion {
			return onboarding.ErrOlderLink
		}
		connected, waiting, err := c.itemsOf(q.ID)
		if err != nil {
			return err
		}
		confirmed, err := c.confirms(v)
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
			return c.finishedEmpty(q, v)
		}
		var won string
		err = c.row(`UPDATE requests SET finished_ms = $1, by_name = $2, by_email = $3, confirmed = $4
			WHERE id = $5 AND status = 'pending' AND finished_ms = 0 AND withdrawn_ms = 0 RETURNING id`, c.now, v.Name, v.Email, bit(confirmed), q.ID).Scan(&won)
		if err != nil {
			return missing(err, "winning the finish")
		}
		if err := c.endVisits(q.ID); err != nil {
			return err
		}
		if err := c.exec(`DELETE FROM duties WHERE subject = $1`, q.ID); err != nil {
			return err
		}
		if err := c.exec(`INSERT INTO receipts (visit, request, link_id, made_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (visit) DO NOTHING`, v.ID, q.ID, newLinkID(), c.now); err != nil {
			return err
		}
		if err := c.queue(Letter{Kind: LetterReceipt, Request: q.ID, Visit: v.ID}); err != nil {
			return err
		}
		if f.Outcome == FinishedWaiting {
			if err := c.event(q.ID, onboarding.EventFinishedWaiting, v.Name, ""); err != nil {
				return err
			}
			if err := c.duty(DutyForget, q.ID, forgetConnected(c.now)); err != nil {
				return err
			}
			return c.queue(Letter{Kind: LetterFinishedWaiting, Request: q.ID, Member: q.Owner})
		}
		if err := c.event(q.ID, onboarding.EventFinished, v.Name, ""); err != nil {
			return err
		}
		return c.complete(q)
	})
	if err != nil {
		return Finish{}, err
	}
	f.Request = q
	return f, nil
}

// confirms says whether the visit began from the letter to the address that
// was typed.
func (c *changing) confirms(v Visit) (bool, error) {
	if v.Recipient == 0 {
		return false, nil
	}
	addresses, err := c.texts(`SELECT address FROM recipients WHERE request = $1 AND number = $2`, v.Request, v.Recipient)
	return len(addresses) == 1 && strings.EqualFold(addresses[0], v.Email), err
}

// finishedEmpty tells the requester, once a visit.
func (c *changing) finishedEmpty(q Request, v Visit) error {
	var told int64
	if err := c.row(`SELECT count(*) FROM letters WHERE kind = $1 AND visit = $2`, LetterFinishedEmpty, v.ID).Scan(&told); err != nil {
		return err
	}
	if told > 0 {
		return nil
	}
	if err := c.event(q.ID, onboarding.EventFinishedEmpty, v.Name, ""); err != nil {
		return err
	}
	return c.queue(Letter{Kind: LetterFinishedEmpty, Request: q.ID, Member: q.Owner, Visit: v.ID})
}

// complete makes the request connected: at its finish, or when the first item
// of a finished, waiting one arrives. One winner.
func (c *changing) complete(q Request) error {
	var won string
	err := c.row(`UPDATE requests SET status = 'connected', completed_ms = $1 WHERE id = $2 AND status = 'pending' AND withdrawn_ms = 0 RETURNING id`, c.now, q.ID).Scan(&won)
	if err != nil {
		return missing(err, "completing the request")
	}
	if err := c.event(q.ID, onboarding.EventCompleted, "", ""); err != nil {
		return err
	}
	if err := c.duty(DutyForget, q.ID, forgetConnected(c.now)); err != nil {
		return err
	}
	return c.queue(Letter{Kind: LetterCompleted, Request: q.ID, Member: q.Owner})
}

// NotForMe stops all letters of the agency to an address: those that are
// queued to it as a recipient of any request, and any later one. hash is the
// address's keyed one, which outlives the requests. Again changes nothing.
func (s *Store) NotForMe(ctx context.Context, agency, address string, hash []byte) error {
	err := s.change(ctx, agency, func(c *changing) error {
		if err := c.exec(`INSERT INTO not_for_me (agency, address_hash, at_ms) VALUES ($1, $2, $3) ON CONFLICT (agency, address_hash) DO NOTHING`, agency, hash, c.now); err != nil {
			return err
		}
		rows, err := c.QueryContext(c.ctx, `SELECT `+recipientColumns+` FROM recipients WHERE lower(address) = $1 AND stopped_ms = 0
			AND request IN (SELECT id FROM requests WHERE agency = $2)`, strings.ToLower(address), agency)
		named, err := all(rows, err, scanRecipient)
		if err != nil {
			return err
		}
		for _, r := range named {
			if err := c.stop(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("stopping letters to an address: %w", err)
	}
	return nil
}

// stop ends the letters to one recipient.
func (c *changing) stop(r ownedRecipient) error {
	if err := c.exec(`UPDATE letters SET state = $1, ended_ms = $2 WHERE recipient = $3 AND state = $4`, onboarding.LetterCancelled, c.now, r.ID, onboarding.LetterQueued); err != nil {
		return err
	}
	if r.Letter == onboarding.LetterQueued {
		r.Letter = onboarding.LetterCancelled
	}
	if err := c.exec(`UPDATE recipients SET stopped_ms = $1, letter = $2 WHERE id = $3`, c.now, r.Letter, r.ID); err != nil {
		return err
	}
	if err := c.event(r.request, onboarding.EventNotForMe, "", r.Address); err != nil {
		return err
	}
	var owner string
	if err := c.row(`SELECT owner FROM requests WHERE id = $1`, r.request).Scan(&owner); err != nil {
		return err
	}
	return c.touch(kindRequest, r.request, owner, theOwner)
}

// Unwanted says whether an address, by its hashes under each key that reads,
// asked for no letters of this agency.
func (s *Store) Unwanted(ctx context.Context, agency string, hashes [][]byte) (bool, error) {
	found, err := anyUnwanted(ctx, s.db, agency, hashes)
	if err != nil {
		return false, fmt.Errorf("looking for an unwanted address: %w", err)
	}
	return found, nil
}

func (c *changing) unwanted(hashes [][]byte) (bool, error) {
	return anyUnwanted(c.ctx, c, c.agency, hashes)
}

func anyUnwanted(ctx context.Context, db queryer, agency string, hashes [][]byte) (bool, error) {
	for _, hash := range hashes {
		var n int64
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM not_for_me WHERE agency = $1 AND address_hash = $2`, agency, hash).Scan(&n); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// Receipt is a visit's receipt.
type Receipt struct {
	Visit   string
	Request string
	LinkID  []byte // random, in the receipt's own link
	Made    onboarding.Moment
}

// ReceiptOf gives the receipt of a visit.
func (s *Store) ReceiptOf(ctx context.Context, visit string) (Receipt, error) {
	return s.receipt(ctx, `visit = $1`, visit)
}

// LinkedReceipt finds the receipt of a link by its random id.
func (s *Store) LinkedReceipt(ctx context.Context, linkID []byte) (Receipt, error) {
	return s.receipt(ctx, `link_id = $1`, linkID)
}

func (s *Store) receipt(ctx context.Context, where string, arg any) (Receipt, error) {
	var r Receipt
	err := s.db.QueryRowContext(ctx, `SELECT visit, request, link_id, made_ms FROM receipts WHERE `+where, arg).Scan(&r.Visit, &r.Request, &r.LinkID, &r.Made)
	return r, missing(err, "reading a receipt")
}

// Note adds an event to a request.
func (s *Store) Note(ctx context.Context, agency, id string, kind onboarding.EventKind, who, detail string) error {
	return s.plainChange(ctx, agency, id, "noting an event of", func(c *changing, q Request) error {
		return c.event(id, kind, who, detail)
	})
}

func (c *changing) event(request string, kind onboarding.EventKind, who, detail string) error {
	seq := c.first*eventsPerChange + c.events
	c.events++
	err := c.exec(`INSERT INTO events (id, request, at_ms, seq, kind, who, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)`, NewID(), request, c.now, seq, kind, who, detail)
	if err != nil {
		return fmt.Errorf("noting %s: %w", kind, err)
	}
	return nil
}
