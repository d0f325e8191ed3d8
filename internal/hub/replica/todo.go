package replica

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// UndeliveredEmail is an email that failed, or was not opened for days.
type UndeliveredEmail struct {
	Request   string
	Client    string
	Recipient RecipientRow
	Since     onboarding.Timestamp
}

// BrokenItems lists items whose access is broken, newest first.
func (r *Replica) BrokenItems(ctx context.Context, limit int) ([]ItemRow, error) {
	return r.itemsByRank(ctx, rankAttention, limit)
}

// WaitingItems lists items that wait for the client, newest first.
func (r *Replica) WaitingItems(ctx context.Context, limit int) ([]ItemRow, error) {
	return r.itemsByRank(ctx, rankWaiting, limit)
}

// withdrawnAfter is how long hubs may take to end what a client has withdrawn before it
// becomes a todo.
const withdrawnAfter = time.Hour

// WithdrawnItems lists what clients withdrew and no hub could end for a while, newest first.
func WithdrawnItems(ctx context.Context, r *Replica, limit int) ([]ItemRow, error) {
	ids, err := readTexts(ctx, r.db, `
		SELECT id FROM items JOIN item_payloads USING (seq)
		WHERE  listed IN (0, 1) AND rank = $1 AND payload ->> 'withdrawn' <= $2
		ORDER  BY seq DESC LIMIT $3`, rankWithdrawn, r.now().Add(-withdrawnAfter), limit)
	if err != nil {
		return nil, err
	}
	return ReadItemRows(ctx, r.db, r.config.Catalog, ids)
}

func (r *Replica) itemsByRank(ctx context.Context, rank, limit int) ([]ItemRow, error) {
	ids, err := readTexts(ctx, r.db,
		`SELECT id FROM items WHERE listed IN (0, 1) AND rank = $1 ORDER BY seq DESC LIMIT $2`, rank, limit)
	if err != nil {
		return nil, err
	}
	return ReadItemRows(ctx, r.db, r.config.Catalog, ids)
}

// RefusedEmails lists emails of pending requests that a mail server rejected.
func (r *Replica) RefusedEmails(ctx context.Context, limit int) ([]UndeliveredEmail, error) {
	ids, err := readTexts(ctx, r.db,
		`SELECT id FROM requests WHERE list_state = 0 AND attention = 1 ORDER BY seq DESC LIMIT $1`, 4*limit)
	if err != nil {
		return nil, err
	}
	requests, err := loadRequests(ctx, r.db, ids, nil)
	if err != nil {
		return nil, err
	}
	now := r.now()
	var refused []UndeliveredEmail
	for _, request := range requests {
		if request.Status == onboarding.Connected {
			continue
		}
		for _, to := range request.refused() {
			if len(refused) < limit {
				refused = append(refused, UndeliveredEmail{
					Request:   request.ID,
					Client:    request.Client,
					Recipient: recipientRow(to, request.CanSend(now) == nil, now),
					Since:     request.changed(),
				})
			}
		}
	}
	return refused, nil
}

// AskedLinks lists the requests whose clients ask for a new link, who waits longest first.
// Archived ones are among them: their clients do not know.
func AskedLinks(ctx context.Context, r *Replica, limit int) ([]RequestRow, error) {
	ids, err := readTexts(ctx, r.db, `
		SELECT id FROM requests WHERE link_asked_ms > 0 AND list_state IN (0, 1)
		ORDER BY link_asked_ms, seq LIMIT $1`, limit)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return RequestRows(ctx, r, ids)
}

// RequestRows reads rows in the order of the ids and skips unknown ones.
func RequestRows(ctx context.Context, r *Replica, ids []string) ([]RequestRow, error) {
	requests, err := loadRequests(ctx, r.db, ids, nil)
	if err != nil {
		return nil, err
	}
	names, err := memberNames(ctx, r.db)
	if err != nil {
		return nil, err
	}
	now := r.now()
	var rows []RequestRow
	for _, request := range requests {
		rows = append(rows, request.row(r.config.Catalog, now, names))
	}
	return rows, nil
}

// unseenSearched bounds the pending requests that are searched for unopened
// emails, newest first.
const unseenSearched = 200

// UnseenEmails lists requests that were not opened for days, the longest
// waiting first, one line each, with the address that was written to last.
func (r *Replica) UnseenEmails(ctx context.Context, limit int) ([]UndeliveredEmail, error) {
	now := r.now()
	ids, err := readTexts(ctx, r.db, `SELECT id FROM requests
		WHERE list_state = 0 AND status = 'pending' AND link_ends_ms > $1 AND created_ms < $2
		ORDER BY seq DESC LIMIT $3`, now, now-unseenAfter, unseenSearched)
	if err != nil {
		return nil, err
	}
	requests, err := loadRequests(ctx, r.db, ids, nil)
	if err != nil {
		return nil, err
	}
	var quiet []UndeliveredEmail
	for _, request := range requests {
		open := request.CanSend(now) == nil
		at := slices.IndexFunc(request.Recipients, func(to onboarding.Recipient) bool {
			return unseen(to, open, now) && !request.reachedAfter(to.Invited)
		})
		if at < 0 || request.Opened != 0 {
			continue
		}
		row := recipientRow(request.Recipients[at], open, now)
		quiet = append(quiet, UndeliveredEmail{
			Request:   request.ID,
			Client:    request.Client,
			Recipient: row,
			Since:     row.At,
		})
	}
	slices.SortStableFunc(quiet, func(a, b UndeliveredEmail) int { return cmp.Compare(a.Since, b.Since) })
	return quiet[:min(limit, len(quiet))], nil
}

// RefusedEntries lists the entries that the relay refused, oldest first.
func (r *Replica) RefusedEntries(ctx context.Context, limit int) ([]EntryRow, error) {
	entries, err := readEntries(ctx, r.db, `WHERE refused_ms > 0 ORDER BY seq LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	rows := make([]EntryRow, len(entries))
	for n, e := range entries {
		rows[n] = e.Row()
	}
	return rows, nil
}
