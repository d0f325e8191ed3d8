package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Requests are what agencies asked clients for.
type Requests struct{ *handle }

// Request is a request with what only the relay has of it. Link is empty until
// the relay, which has the keys, fills it in.
type Request struct {
	onboarding.Request
	Agency    string
	LinkID    []byte               // random, in the link
	Forgotten onboarding.Timestamp // when the names of people in it were deleted
	Repairs   []Repair             // the open ones of its items, where a hub gives it back

	mac []byte
}

const requestColumns = `id, owner, client, message, services, connection, user_id, user_name, business_id,
	business_name, by_hand, kinds, level, status, created_ms, accepted_ms, expires_ms, link_id, link_version, renewed_ms,
	link_asked_ms, opened_ms, withdrawn_ms, finished_ms, completed_ms, completed_by_name, completed_by_email, confirmed,
	archived_ms, forgotten_ms, declined_ms, declined_by, decline_reason, reminders, agency, mac`

func scanRequest(row scanner) (Request, error) {
	var r Request
	var services, kinds, reminders string
	err := row.Scan(
		&r.ID, &r.Owner, &r.Client, &r.Message, &services, &r.Connection, &r.FacebookUser.ID, &r.FacebookUser.Name,
		&r.Business.ID, &r.Business.Name, &r.ByHand, &kinds, &r.Level, &r.Status, &r.Created, &r.Accepted, &r.Expires,
		&r.LinkID,
		&r.LinkVersion, &r.Renewed, &r.LinkAsked, &r.Opened, &r.Withdrawn, &r.Finished, &r.Completed,
		&r.CompletedBy.Name, &r.CompletedBy.Email, &r.Confirmed, &r.Archived, &r.Forgotten, &r.Declined, &r.DeclinedBy,
		&r.DeclineReason, &reminders, &r.Agency, &r.mac,
	)
	if err != nil {
		return r, err
	}
	if r.Services, r.Kinds, err = splitAsked(services, kinds); err != nil {
		return r, fmt.Errorf("reading request %s: %w", r.ID, err)
	}
	if r.Reminders, err = splitDays(reminders); err != nil {
		return r, fmt.Errorf("reading request %s: %w", r.ID, err)
	}
	return r, nil
}

// Get returns one request of the agency with its recipients, skips and events.
func (s *Requests) Get(ctx context.Context, agency, id string) (Request, error) {
	var r Request
	err := s.db.Read(ctx, func(db sqldb.Queryer) error {
		var err error
		r, err = wholeRequest(ctx, db, agency, id)
		return err
	})
	return r, err
}

func wholeRequest(ctx context.Context, db queryer, agency, id string) (Request, error) {
	r, err := scanRequest(db.QueryRowContext(ctx, `
		SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
	if err := wrapNotFound(err, "reading request "+id); err != nil {
		return r, err
	}
	list := []Request{r}
	if err := fillRequests(ctx, db, list); err != nil {
		return r, err
	}
	return list[0], nil
}

// Ownership returns whose a request of the agency is. ErrTampered: the request is not
// as the relay wrote it.
func (s *Requests) Ownership(ctx context.Context, agency, id string) (onboarding.Ownership, error) {
	r, err := scanRequest(s.db.QueryRowContext(ctx, `
		SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
	if err := wrapNotFound(err, "reading the owner of request "+id); err != nil {
		return onboarding.Ownership{}, err
	}
	return r.Ownership(), s.Verify(r)
}

// Business reads the Business Manager with which a request's client shares. ErrTampered: the
// request is not as the relay wrote it; nobody is sent to another's Business Manager.
func (s *Requests) Business(ctx context.Context, agency, id string) (onboarding.Account, error) {
	r, err := scanRequest(s.db.QueryRowContext(ctx, `
		SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
	if err := wrapNotFound(err, "reading the Business Manager of request "+id); err != nil {
		return onboarding.Account{}, err
	}
	return r.Business, s.Verify(r)
}

// HasBusiness reports whether a request of the agency asks for access for a Business Manager.
// One that is not as the relay wrote it does not count.
func (s *Requests) HasBusiness(ctx context.Context, agency, business string) (bool, error) {
	list, err := read(ctx, s.db, `
		SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND business_id = $2`, []any{agency, business}, scanRequest)
	if err != nil {
		return false, fmt.Errorf("looking for a Business Manager: %w", err)
	}
	return slices.ContainsFunc(list, func(r Request) bool { return s.Verify(r) == nil }), nil
}

// Verify returns ErrTampered unless a request that was read is as the relay wrote it:
// whose it is, its link, and what it asks for on whose behalf.
func (s *Requests) Verify(r Request) error {
	return verifyRow(s.signer, r.mac, "requests", r.ID, requestColumnsSigned(r))
}

// fillRequests reads the lists of many requests with three queries.
func fillRequests(ctx context.Context, db queryer, requests []Request) error {
	if len(requests) == 0 {
		return nil
	}
	at := make(map[string]*Request, len(requests))
	ids := make([]string, len(requests))
	for i := range requests {
		of := &requests[i]
		of.Recipients, of.Skipped, of.Events = []onboarding.Recipient{}, []onboarding.Skip{}, []onboarding.Event{}
		at[of.ID], ids[i] = of, of.ID
	}
	list, args := inClause(ids)
	rows, err := db.QueryContext(ctx, `
		SELECT `+recipientColumns+` FROM recipients WHERE request `+list+` ORDER BY request, number`, args...)
	_, err = scanAll(rows, err, func(row scanner) (struct{}, error) {
		o, err := scanRecipient(row)
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
	_, err = scanAll(rows, err, func(row scanner) (struct{}, error) {
		var request string
		var skip onboarding.Skip
		err := row.Scan(&request, &skip.Service, &skip.Reason)
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
		WHERE request `+list+` AND number > 0 AND dropped = 0 ORDER BY request, number`, args...)
	_, err = scanAll(rows, err, func(row scanner) (struct{}, error) {
		var request string
		var e onboarding.Event
		err := row.Scan(&request, &e.ID, &e.At, &e.Kind, &e.Who, &e.Detail, &e.Service)
		if err == nil {
			at[request].Events = append(at[request].Events, e)
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	return fillHeads(ctx, db, at, list, args)
}

// fillHeads reads the heads of the histories of requests.
func fillHeads(ctx context.Context, db queryer, at map[string]*Request, list string, args []any) error {
	rows, err := db.QueryContext(ctx, `SELECT request, length, hash FROM event_chains WHERE request `+list, args...)
	_, err = scanAll(rows, err, func(row scanner) (struct{}, error) {
		var request string
		var head onboarding.AuditHead
		err := row.Scan(&request, &head.Length, &head.Hash)
		if err == nil {
			at[request].Audit = head
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("reading the heads of histories: %w", err)
	}
	return nil
}

// NewRequest is what Save and Edit store.
type NewRequest struct {
	ID         string
	Owner      string
	Client     string
	Message    string
	Services   []onboarding.Service
	Connection string
	User       onboarding.Account
	Business   onboarding.Account
	ByHand     bool
	Kinds      []onboarding.Kind
	Level      onboarding.AccessLevel // empty: LevelAdvertise
	Created    onboarding.Timestamp
	LinkID     []byte
	Who        string // the requester's name, for the timeline
}

// Save accepts a request: its month begins. A repeat with the same id returns what
// was stored the first time; the id of another agency or owner is ErrConflict.
func (s *Requests) Save(ctx context.Context, agency string, n NewRequest) (Request, error) {
	full, err := s.isFull(ctx, agency)
	if err != nil {
		return Request{}, err
	}
	err = s.change(ctx, agency, func(c *changeTx) error {
		exists, err := requestExists(c, n.ID, n.Owner)
		switch {
		case err != nil:
			return err
		case exists:
			return errUnchanged
		case full:
			return onboarding.Invalid("", fmt.Sprintf(
				"Your agency has %d requests, as many as a relay keeps. Delete clients that you no longer need.", maxRequests,
			))
		}
		if _, _, err := memberAndMainUsers(c, n.Owner); err != nil {
			return err // removed meanwhile: nobody would take the request over
		}
		if err := insertRequest(c, n.request(agency, c.now)); err != nil {
			return err
		}
		if err := recordEvent(c, n.ID, onboarding.EventSaved, n.Who, ""); err != nil {
			return err
		}
		if err := scheduleEnd(c.agencyTx, n.ID, onboarding.LinkEnds(c.now)); err != nil {
			return err
		}
		return c.bump(kindRequest, n.ID, n.Owner, audienceOwner)
	})
	if err != nil {
		return Request{}, fmt.Errorf("saving request %s: %w", n.ID, err)
	}
	return s.Get(ctx, agency, n.ID)
}

// isAsked reports whether a request asks for the same already.
func (n NewRequest) isAsked(r Request) bool {
	return r.Client == n.Client && r.Message == n.Message && slices.Equal(r.Services, n.Services) &&
		r.Connection == n.Connection && r.FacebookUser == n.User && r.Business == n.Business && r.ByHand == n.ByHand &&
		slices.Equal(r.Kinds, n.Kinds) && r.Level == n.Level.OrDefault()
}

// maxRequests is how many requests an agency has at a time. Its hubs keep all of
// them.
const maxRequests = 100_000

// isFull reports whether an agency has as many requests as it may. It is asked
// outside of the transaction, so that nobody waits while they are counted.
func (s *Requests) isFull(ctx context.Context, agency string) (bool, error) {
	var count int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM requests WHERE agency = $1`, agency).Scan(&count)
	if err != nil {
		return false, fmt.Errorf("counting the requests: %w", err)
	}
	return count >= maxRequests, nil
}

// request is a new request as its row.
func (n NewRequest) request(agency string, now onboarding.Timestamp) Request {
	return Request{Agency: agency, LinkID: n.LinkID, Request: onboarding.Request{
		ID:           n.ID,
		Owner:        n.Owner,
		Client:       n.Client,
		Message:      n.Message,
		Services:     n.Services,
		Connection:   n.Connection,
		FacebookUser: n.User,
		Business:     n.Business,
		ByHand:       n.ByHand,
		Kinds:        n.Kinds,
		Level:        n.Level,
		Status:       onboarding.Pending,
		Created:      n.Created,
		Accepted:     now,
		Expires:      onboarding.LinkEnds(now),
		LinkVersion:  1,
		Reminders:    onboarding.DefaultReminders(),
	}}
}

// requestExists reports whether the agency's owner has a request with this id.
// One of another agency or owner is ErrConflict.
func requestExists(c *changeTx, id, owner string) (bool, error) {
	var itsAgency, itsOwner string
	err := c.row(`SELECT agency, owner FROM requests WHERE id = $1`, id).Scan(&itsAgency, &itsOwner)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, err
	case itsAgency != c.agency || itsOwner != owner:
		return false, onboarding.ErrConflict
	}
	return true, nil
}

func insertRequest(c *changeTx, r Request) error {
	c.inserted = r.ID
	return writeRequest(c, r, "")
}

// replaceRequest writes a request in the place of the one with its id.
func replaceRequest(c *changeTx, r Request) error {
	between := func(c rune) bool { return c == ',' || unicode.IsSpace(c) }
	var set []string
	for column := range strings.FieldsFuncSeq(insertedColumns, between) {
		if column == "last_number" { // the hub does not have who was forgotten
			continue
		}
		set = append(set, column+" = excluded."+column)
	}
	return writeRequest(c, r, " ON CONFLICT (id) DO UPDATE SET "+strings.Join(set, ", "))
}

const insertedColumns = `id, agency, owner, client, message, services, connection, user_id, user_name, business_id,
	business_name, by_hand, kinds, level, status, created_ms, accepted_ms, expires_ms, link_id, link_version, renewed_ms,
	link_asked_ms, opened_ms, withdrawn_ms, finished_ms, completed_ms, completed_by_name, completed_by_email, confirmed,
	archived_ms, forgotten_ms, declined_ms, declined_by, declined_visit, decline_reason, reminders, last_number,
	mac`

func writeRequest(c *changeTx, r Request, onConflict string) error {
	return c.execNamed(`
		INSERT INTO requests (`+insertedColumns+`)
		VALUES (@id, @agency, @owner, @client, @message, @services, @connection, @user_id, @user_name, @business_id,
			@business_name, @by_hand, @kinds, @level, @status, @created, @accepted, @expires, @link_id, @link_version, @renewed,
			@link_asked, @opened, @withdrawn, @finished, @completed, @completed_by_name, @completed_by_email, @confirmed,
			@archived, 0, @declined, @declined_by, '', @decline_reason, @reminders, 0, @mac)`+onConflict, named{
		"id":                 r.ID,
		"agency":             r.Agency,
		"owner":              r.Owner,
		"client":             r.Client,
		"message":            r.Message,
		"services":           joinList(r.Services),
		"connection":         r.Connection,
		"user_id":            r.FacebookUser.ID,
		"user_name":          r.FacebookUser.Name,
		"business_id":        r.Business.ID,
		"business_name":      r.Business.Name,
		"by_hand":            boolToInt(r.ByHand),
		"kinds":              joinList(r.Kinds),
		"level":              r.Level.OrDefault(),
		"status":             r.Status,
		"created":            r.Created,
		"accepted":           r.Accepted,
		"expires":            r.Expires,
		"link_id":            r.LinkID,
		"link_version":       r.LinkVersion,
		"renewed":            r.Renewed,
		"link_asked":         r.LinkAsked,
		"opened":             r.Opened,
		"withdrawn":          r.Withdrawn,
		"finished":           r.Finished,
		"completed":          r.Completed,
		"completed_by_name":  r.CompletedBy.Name,
		"completed_by_email": r.CompletedBy.Email,
		"confirmed":          boolToInt(r.Confirmed),
		"archived":           r.Archived,
		"declined":           r.Declined,
		"declined_by":        r.DeclinedBy,
		"decline_reason":     r.DeclineReason,
		"reminders":          joinDays(r.Reminders),
		"mac":                c.signer.SignRow("requests", requestColumnsSigned(r)...),
	})
}

// requestChange is plainChange, and returns the request with its lists as it is after
// the commit: nobody else waits for them to be read.
func (h *handle) requestChange(
	ctx context.Context, agency, id, doing string, fn func(c *changeTx, r Request) error,
) (Request, error) {
	if err := h.plainChange(ctx, agency, id, doing, fn); err != nil {
		return Request{}, err
	}
	return (&Requests{h}).Get(ctx, agency, id)
}

// plainChange runs fn on a request that was read in the same transaction, and numbers
// it. The request comes without its lists: all writers wait for a transaction, so it
// reads no more than it needs.
func (h *handle) plainChange(
	ctx context.Context, agency, id, doing string, fn func(c *changeTx, r Request) error,
) error {
	err := h.change(ctx, agency, func(c *changeTx) error {
		r, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
		if err := wrapNotFound(err, "reading the request"); err != nil {
			return err
		}
		if err := verifyRow(c.signer, r.mac, "requests", r.ID, requestColumnsSigned(r)); err != nil {
			return err
		}
		if err := fn(c, r); err != nil {
			return err
		}
		return c.bump(kindRequest, id, r.Owner, audienceOwner)
	})
	if err != nil {
		return fmt.Errorf("%s request %s: %w", doing, id, err)
	}
	return nil
}

// Edit changes a request that was neither sent nor opened. For any other the error
// is ErrConflict, or that of its link's state.
func (s *Requests) Edit(ctx context.Context, agency string, n NewRequest) (Request, error) {
	return s.requestChange(ctx, agency, n.ID, "editing", func(c *changeTx, r Request) error {
		if err := r.LinkState(c.now); err != nil {
			return err
		}
		var recipients int
		if err := c.row(`SELECT count(*) FROM recipients WHERE request = $1`, r.ID).Scan(&recipients); err != nil {
			return err
		}
		if r.Opened != 0 || recipients > 0 {
			return onboarding.ErrConflict
		}
		if n.isAsked(r) {
			return errUnchanged
		}
		edited := n.request(agency, c.now)
		edited.Owner, edited.LinkID = r.Owner, r.LinkID
		if err := c.execNamed(`
			UPDATE requests
			SET    client = @client, message = @message, services = @services, connection = @connection,
			       user_id = @user_id, user_name = @user_name, business_id = @business_id,
			       business_name = @business_name, by_hand = @by_hand, kinds = @kinds, level = @level, mac = @mac
			WHERE  id = @id`, named{
			"id":            n.ID,
			"client":        n.Client,
			"message":       n.Message,
			"services":      joinList(n.Services),
			"connection":    n.Connection,
			"user_id":       n.User.ID,
			"user_name":     n.User.Name,
			"business_id":   n.Business.ID,
			"business_name": n.Business.Name,
			"by_hand":       boolToInt(n.ByHand),
			"kinds":         joinList(n.Kinds),
			"level":         n.Level.OrDefault(),
			"mac":           c.signer.SignRow("requests", requestColumnsSigned(edited)...),
		}); err != nil {
			return err
		}
		return recordEvent(c, n.ID, onboarding.EventEdited, n.Who, "")
	})
}
