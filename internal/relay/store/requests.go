package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Requests are what agencies asked clients for.
type Requests struct {
	*handle
	// Read for each page that a client opens.
	clientViewByLink *sqldb.Stmt
	clientViewByID   *sqldb.Stmt
}

// Request is a request with what the relay alone knows of it. Link is empty
// until the relay, which has the keys, fills it in.
type Request struct {
	onboarding.Request
	Agency    string
	LinkID    []byte               // random, in the link
	Forgotten onboarding.Timestamp // the names of people in it are gone
}

const requestColumns = `id, owner, client, message, services, connection, user_id, user_name, business_id,
	business_name, kinds, level, status,
	created_ms, accepted_ms, expires_ms, link_id, link_version, renewed_ms, opened_ms, withdrawn_ms, finished_ms,
	completed_ms,
	completed_by_name, completed_by_email, confirmed, archived_ms, forgotten_ms, agency`

func scanRequest(r scanner) (Request, error) {
	var q Request
	var services, kinds string
	err := r.Scan(&q.ID, &q.Owner, &q.Client, &q.Message, &services, &q.Connection,
		&q.FacebookUser.ID, &q.FacebookUser.Name, &q.Business.ID, &q.Business.Name, &kinds, &q.Level, &q.Status,
		&q.Created, &q.Accepted, &q.Expires, &q.LinkID, &q.LinkVersion, &q.Renewed, &q.Opened, &q.Withdrawn, &q.Finished,
		&q.Completed,
		&q.CompletedBy.Name, &q.CompletedBy.Email, &q.Confirmed, &q.Archived, &q.Forgotten, &q.Agency)
	if err != nil {
		return q, err
	}
	return q, q.setLists(services, kinds)
}

// setLists reads the columns that hold lists.
func (q *Request) setLists(services, kinds string) (err error) {
	if q.Services, err = splitList[onboarding.Service](services); err != nil {
		return fmt.Errorf("reading the services of request %s: %w", q.ID, err)
	}
	if q.Kinds, err = splitList[onboarding.Kind](kinds); err != nil {
		return fmt.Errorf("reading the kinds of request %s: %w", q.ID, err)
	}
	return nil
}

// Get gives one request of the agency with its recipients, skips and events.
func (s *Requests) Get(ctx context.Context, agency, id string) (Request, error) {
	var q Request
	err := s.db.Read(ctx, func(db sqldb.Queryer) error {
		var err error
		q, err = wholeRequest(ctx, db, agency, id)
		return err
	})
	return q, err
}

func wholeRequest(ctx context.Context, db queryer, agency, id string) (Request, error) {
	q, err := scanRequest(db.QueryRowContext(ctx, `
		SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
	if err := wrapNotFound(err, "reading request "+id); err != nil {
		return q, err
	}
	list := []Request{q}
	if err := fillRequests(ctx, db, list); err != nil {
		return q, err
	}
	return list[0], nil
}

// GetPlain gives one request without its lists: what a page of the wizard
// needs, in one look-up.
func (s *Requests) GetPlain(ctx context.Context, agency, id string) (Request, error) {
	q, err := scanRequest(s.db.QueryRowContext(ctx, `
		SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
	return q, wrapNotFound(err, "reading request "+id)
}

// GetByLink finds the request of a link by its random id, without its lists.
func (s *Requests) GetByLink(ctx context.Context, linkID []byte) (Request, error) {
	q, err := scanRequest(s.db.QueryRowContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE link_id = $1`, linkID))
	return q, wrapNotFound(err, "reading a link's request")
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
	list, args := inClause(ids)
	rows, err := db.QueryContext(ctx, `
		SELECT `+recipientColumns+` FROM recipients WHERE request `+list+` ORDER BY request, number`, args...)
	_, err = scanAll(rows, err, func(r scanner) (struct{}, error) {
		o, err := scanRecipient(r)
		if err == nil {
			at[o.request].Recipients = append(at[o.request].Recipients, o.Recipient)
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("reading recipients: %w", err)
	}
	rows, err = db.QueryContext(ctx, `
		SELECT request, service, reason FROM skipped_services WHERE request `+list+` ORDER BY request, service`, args...)
	_, err = scanAll(rows, err, func(r scanner) (struct{}, error) {
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
	rows, err = db.QueryContext(ctx, `
		SELECT request, id, at_ms, kind, who, detail, service FROM events
		WHERE request `+list+` ORDER BY request, seq, id`, args...)
	_, err = scanAll(rows, err, func(r scanner) (struct{}, error) {
		var request string
		var e onboarding.Event
		err := r.Scan(&request, &e.ID, &e.At, &e.Kind, &e.Who, &e.Detail, &e.Service)
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

// NewRequest is what Save keeps.
type NewRequest struct {
	ID         string
	Owner      string
	Client     string
	Message    string
	Services   []onboarding.Service
	Connection string
	User       onboarding.Account
	Business   onboarding.Account
	Kinds      []onboarding.Kind
	Level      onboarding.AccessLevel // empty: LevelAdvertise
	Created    onboarding.Timestamp
	LinkID     []byte
	Who        string // the requester's name, for the event
}

// Save accepts a request: its month begins. The same id again gives
// what was kept the first time; another agency's, or another owner's, is
// ErrConflict.
func (s *Requests) Save(ctx context.Context, agency string, n NewRequest) (Request, error) {
	var q Request
	err := s.change(ctx, agency, func(c *changeTx) error {
		var of, owner string
		err := c.row(`SELECT agency, owner FROM requests WHERE id = $1`, n.ID).Scan(&of, &owner)
		switch {
		case err == nil && (of != agency || owner != n.Owner):
			return onboarding.ErrConflict
		case err == nil:
			q, err = wholeRequest(ctx, c, agency, n.ID)
			return err
		}
		if err := insertRequest(c, Request{Agency: agency, LinkID: n.LinkID, Request: onboarding.Request{
			ID: n.ID, Owner: n.Owner, Client: n.Client, Message: n.Message, Services: n.Services, Connection: n.Connection,
			FacebookUser: n.User, Business: n.Business, Kinds: n.Kinds, Level: n.Level, Status: onboarding.Pending,
			Created:  n.Created,
			Accepted: c.now, Expires: onboarding.LinkEnds(c.now), LinkVersion: 1,
		}}); err != nil {
			return err
		}
		if err := recordEvent(c, n.ID, onboarding.EventSaved, n.Who, ""); err != nil {
			return err
		}
		if err := schedule(c, JobExpire, n.ID, onboarding.LinkEnds(c.now)); err != nil {
			return err
		}
		if err := c.bump(kindRequest, n.ID, n.Owner, audienceOwner); err != nil {
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

func insertRequest(c *changeTx, q Request) error {
	return c.exec(`
		INSERT INTO requests (id, owner, client, message, services, connection, user_id, user_name, business_id,
		business_name, kinds, level, status,
			created_ms, accepted_ms, expires_ms, link_id, link_version, renewed_ms, opened_ms, withdrawn_ms, finished_ms,
			completed_ms,
			completed_by_name, completed_by_email, confirmed, archived_ms, forgotten_ms, agency)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
		$24, $25, $26, $27, 0, $28)`,
		q.ID, q.Owner, q.Client, q.Message, joinList(q.Services), q.Connection, q.FacebookUser.ID, q.FacebookUser.Name,
		q.Business.ID, q.Business.Name,
		joinList(q.Kinds), q.Level.OrDefault(), q.Status,
		q.Created, q.Accepted, q.Expires, q.LinkID, q.LinkVersion, q.Renewed, q.Opened, q.Withdrawn, q.Finished, q.Completed,
		q.CompletedBy.Name, q.CompletedBy.Email, boolToInt(q.Confirmed), q.Archived, q.Agency)
}

// requestChange is how most methods change a request: read it inside the
// transaction, let fn decide and write, number it, and give it as it is then.
func (h *handle) requestChange(
	ctx context.Context, agency, id, doing string, fn func(c *changeTx, q Request) error,
) (Request, error) {
	var q Request
	err := h.change(ctx, agency, func(c *changeTx) error {
		before, err := wholeRequest(ctx, c, agency, id)
		if err != nil {
			return err
		}
		if err := fn(c, before); err != nil {
			return err
		}
		if err := c.bump(kindRequest, id, before.Owner, audienceOwner); err != nil {
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
func (h *handle) plainChange(
	ctx context.Context, agency, id, doing string, fn func(c *changeTx, q Request) error,
) error {
	err := h.change(ctx, agency, func(c *changeTx) error {
		q, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
		if err := wrapNotFound(err, "reading the request"); err != nil {
			return err
		}
		if err := fn(c, q); err != nil {
			return err
		}
		return c.bump(kindRequest, id, q.Owner, audienceOwner)
	})
	if err != nil {
		return fmt.Errorf("%s request %s: %w", doing, id, err)
	}
	return nil
}

// Edit changes a request that nobody was sent and nobody opened, else
// it is ErrConflict, or the error of its link's state.
func (s *Requests) Edit(ctx context.Context, agency string, n NewRequest) (Request, error) {
	return s.requestChange(ctx, agency, n.ID, "editing", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		if q.Opened != 0 || len(q.Recipients) > 0 {
			return onboarding.ErrConflict
		}
		if err := c.exec(`
			UPDATE requests SET client = $1, message = $2, services = $3, connection = $4, user_id = $5, user_name = $6,
			business_id = $7, business_name = $8,
				kinds = $9, level = $10
			WHERE id = $11`, n.Client, n.Message, joinList(n.Services), n.Connection, n.User.ID, n.User.Name, n.Business.ID,
			n.Business.Name,
			joinList(n.Kinds), n.Level.OrDefault(), n.ID); err != nil {
			return err
		}
		return recordEvent(c, n.ID, onboarding.EventEdited, n.Who, "")
	})
}
