package replica

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The values of requests.list_state.
const (
	placeListed    = 0
	placeArchived  = 1
	placeWithdrawn = 2
)

// StoreRequest stores the relay's copy of a request. flush updates its columns.
func (s *Tx) StoreRequest(ctx context.Context, r onboarding.Request) error {
	return s.storeRequests(ctx, []onboarding.Request{r})
}

// storeRequests stores the relay's copies of requests. It looks up existing
// rows once for all.
func (s *Tx) storeRequests(ctx context.Context, list []onboarding.Request) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	for n, r := range list {
		ids[n] = r.ID
	}
	rows, err := s.markSeen(ctx, ids)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		if err := storeSeenHeads(ctx, s, ids); err != nil {
			return err
		}
		if err := storeLostEvents(ctx, s, list); err != nil {
			return err
		}
	}
	for _, r := range list {
		seq, known := rows[r.ID]
		if !known {
			if seq, err = s.ReserveSeq(ctx, r.ID, r.Created); err != nil {
				return err
			}
			rows[r.ID] = seq
		}
		if err := s.storePayload(ctx, r, seq); err != nil {
			return err
		}
	}
	return nil
}

// markSeen sets the generation of existing rows and returns their seqs.
func (s *Tx) markSeen(ctx context.Context, ids []string) (map[string]int64, error) {
	found, err := s.QueryContext(ctx, `
		UPDATE requests SET generation = $1 WHERE id IN (SELECT value FROM json_each($2))
		RETURNING id, seq`, s.generation, idList(ids))
	if err != nil {
		return nil, fmt.Errorf("storing requests: %w", err)
	}
	defer func() { _ = found.Close() }()
	rows := make(map[string]int64, len(ids))
	for found.Next() {
		var id string
		var seq int64
		if err := found.Scan(&id, &seq); err != nil {
			return nil, fmt.Errorf("storing requests: %w", err)
		}
		rows[id] = seq
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("storing requests: %w", err)
	}
	return rows, nil
}

// storePayload stores the relay's copy of a request in the row seq.
func (s *Tx) storePayload(ctx context.Context, r onboarding.Request, seq int64) error {
	var before onboarding.Request
	if !s.initialSync {
		var err error
		if before, err = ReadRequest(ctx, s.Tx, r.ID); err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
	}
	payload, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("storing request %s: %w", r.ID, err)
	}
	_, err = s.ExecContext(ctx, `
		INSERT INTO request_payloads (seq, payload) VALUES ($1, $2)
		ON CONFLICT (seq) DO UPDATE SET payload = excluded.payload`, seq, string(payload))
	if err != nil {
		return fmt.Errorf("storing request %s: %w", r.ID, err)
	}
	if kind, worth := saidByClient(before, r); worth {
		s.Alert(Alert{Kind: kind, Request: r.ID, Client: r.Client})
	}
	if before.Status == onboarding.Pending && r.Status == onboarding.Connected {
		s.Alert(Alert{Kind: RequestConnected, Request: r.ID, Client: r.Client})
	}
	s.payloads[r.ID] = r
	s.touched[r.ID] = true
	return nil
}

// countArrived sets in the alert to a request that is connected what has arrived, and who
// confirmed all of that without a check. Its items are stored after it.
func countArrived(s *Tx, r RequestState) {
	for n, alert := range s.Change.Alerts {
		if alert.Kind == RequestConnected && alert.Request == r.ID {
			s.Change.Alerts[n].Received, s.Change.Alerts[n].Awaited = onboarding.CountArrived(r.Items)
			s.Change.Alerts[n].ConfirmedBy = s.texts.List(onboarding.ConfirmedBy(r.Items))
		}
	}
}

// saidByClient is what a client has said since the copy that was stored before.
func saidByClient(before, r onboarding.Request) (kind AlertKind, worth bool) {
	switch {
	case before.ID == "" || r.Status == onboarding.Connected:
		return "", false
	case r.LinkAsked > before.LinkAsked:
		return LinkAsked, true
	case r.Declined > before.Declined:
		return RequestDeclined, true
	case lastFinishedEmpty(r) > lastFinishedEmpty(before):
		return RequestFinishedEmpty, true
	case lastHanded(r) > lastHanded(before):
		return RequestHandedOver, true
	case len(r.Skipped) > len(before.Skipped):
		return RequestSkipped, true
	}
	return "", false
}

// lastFinishedEmpty is when a client last finished with nothing connected; zero: never.
func lastFinishedEmpty(r onboarding.Request) (last onboarding.Timestamp) {
	for _, e := range r.Events {
		if e.Kind == onboarding.EventFinishedEmpty {
			last = max(last, e.At)
		}
	}
	return last
}

// lastHanded is when a client last asked a colleague; zero: never.
func lastHanded(r onboarding.Request) (last onboarding.Timestamp) {
	for _, to := range r.Recipients {
		last = max(last, to.Handed)
	}
	return last
}

// ReserveSeq assigns a new request its seq, which grows with its date, so that
// newest-first reads need no sorting. flush creates the row.
func (s *Tx) ReserveSeq(ctx context.Context, id string, created onboarding.Timestamp) (int64, error) {
	for base := min(max(int64(created), 0), 1<<50) * seqStride; ; base += seqStride {
		var next int64
		if err := s.QueryRowContext(ctx, `
			SELECT COALESCE(MAX(seq) + 1, $1) FROM requests
			WHERE seq >= $1 AND seq < $2`, base, base+seqStride).Scan(&next); err != nil {
			return 0, fmt.Errorf("numbering request %s: %w", id, err)
		}
		for s.usedSeqs[next] {
			next++
		}
		if next < base+seqStride {
			s.newRows[id], s.usedSeqs[next], s.touched[id] = next, true, true
			return next, nil
		}
	}
}

// dropRequest deletes a request. Its items have their own tombstones: they may
// outlive the request in Accounts.
func (s *Tx) dropRequest(ctx context.Context, id string) error {
	var gone int64
	var words string
	err := s.QueryRowContext(ctx, `
		DELETE FROM requests WHERE id = $1 RETURNING seq, search_text`, id).Scan(&gone, &words)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("dropping request %s: %w", id, err)
	}
	for _, query := range []string{
		`DELETE FROM audit_heads WHERE request = $1`, `DELETE FROM lost_events WHERE request = $1`,
	} {
		if _, err := s.ExecContext(ctx, query, id); err != nil {
			return fmt.Errorf("dropping request %s: %w", id, err)
		}
	}
	s.fts.add("request_fts", gone, words, "")
	if seq, fresh := s.newRows[id]; fresh {
		if _, err := s.ExecContext(ctx, `DELETE FROM request_payloads WHERE seq = $1`, seq); err != nil {
			return fmt.Errorf("dropping request %s: %w", id, err)
		}
	}
	delete(s.touched, id)
	delete(s.payloads, id)
	delete(s.newRows, id)
	s.Change.Requests = append(s.Change.Requests, id)
	return nil
}

// serviceList writes services between commas, for a search for one of them.
func serviceList(services []onboarding.Service) string {
	list := ","
	for _, service := range services {
		list += string(service) + ","
	}
	return list
}

// updateProjection writes the columns that lists and searches read: from the
// relay's payload, the queued changes, and the request's items.
func (s *Tx) updateProjection(ctx context.Context, r RequestState) error {
	place := placeListed
	switch {
	case r.Withdrawn != 0:
		place = placeWithdrawn
	case r.Archived != 0:
		place = placeArchived
	}
	recipient := ""
	words := []string{r.Client}
	for n, to := range r.Recipients {
		if n == 0 {
			recipient = to.Address
		}
		words = append(words, to.Address)
	}
	for n, who := range r.People() {
		if n == 0 && recipient == "" {
			recipient = cmp.Or(who.Email, who.Name)
		}
		words = append(words, who.Name, who.Email)
	}
	for _, i := range r.Items {
		words = append(words, i.Name, i.Account)
		if err := s.updateItemClient(ctx, i, r.Client); err != nil {
			return err
		}
	}
	said := searchText(words...)
	_, awaited := onboarding.CountArrived(r.Items)
	values := []any{
		r.Owner, place, string(r.Status), r.Client, s.sortKey(r.Client), s.sortKey(recipient), r.Created, r.changed(),
		r.ends(), r.Completed, r.linkAsked(), boolToInt(r.attention()), awaited, serviceList(r.Services), said,
	}
	seq, fresh := s.newRows[r.ID]
	var old string
	statement := `INSERT INTO requests (owner, list_state, status, client, client_key, recipient_key, created_ms,
		changed_ms, link_ends_ms, completed_ms, link_asked_ms, attention, awaited, services, search_text, seq, generation,
		id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`
	if fresh {
		values = append(values, seq, s.generation, r.ID)
	} else {
		err := s.QueryRowContext(ctx, `SELECT seq, search_text FROM requests WHERE id = $1`, r.ID).Scan(&seq, &old)
		if err != nil {
			return fmt.Errorf("refreshing request %s: %w", r.ID, err)
		}
		statement = `
			UPDATE requests SET owner = $1, list_state = $2, status = $3, client = $4, client_key = $5, recipient_key = $6,
			created_ms = $7, changed_ms = $8, link_ends_ms = $9, completed_ms = $10, link_asked_ms = $11,
			attention = $12, awaited = $13, services = $14, search_text = $15 WHERE seq = $16`
		values = append(values, seq)
	}
	if _, err := s.ExecContext(ctx, statement, values...); err != nil {
		return fmt.Errorf("refreshing request %s: %w", r.ID, err)
	}
	s.fts.add("request_fts", seq, old, said)
	return nil
}
