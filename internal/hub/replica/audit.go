package replica

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// storeSeenHeads stores the heads of requests whose copies are about to be replaced: the
// history that comes has to go on from them.
func storeSeenHeads(ctx context.Context, s *Tx, ids []string) error {
	_, err := s.ExecContext(ctx, `
		INSERT INTO audit_heads (request, length, hash, seen_ms)
		SELECT id, payload -> 'audit' ->> 'length', payload -> 'audit' ->> 'hash', $1
		FROM   requests JOIN request_payloads USING (seq)
		WHERE  id IN (SELECT value FROM json_each($2)) AND payload -> 'audit' ->> 'length' > 0
		ON CONFLICT DO NOTHING`, s.Now(), idList(ids))
	if err != nil {
		return fmt.Errorf("storing the heads of histories: %w", err)
	}
	return nil
}

// ReadSeenHeads reads the heads that this computer has seen of a request's history, the
// newest copy's among them.
func ReadSeenHeads(ctx context.Context, q sqldb.Queryer, request string) ([]onboarding.SeenHead, error) {
	heads, err := scanRows(ctx, q, func(rows *sql.Rows, h *onboarding.SeenHead) error {
		var hash string
		if err := rows.Scan(&h.Length, &hash, &h.Seen); err != nil {
			return err
		}
		var err error
		h.Hash, err = base64.StdEncoding.DecodeString(hash)
		return err
	}, `SELECT length, hash, seen_ms FROM audit_heads WHERE request = $1 ORDER BY length, seen_ms`, request)
	if err != nil {
		return nil, fmt.Errorf("reading the heads of the history of %s: %w", request, err)
	}
	r, err := ReadRequest(ctx, q, request)
	if err != nil {
		return nil, err
	}
	if r.Audit.Length > 0 {
		heads = append(heads, onboarding.SeenHead{AuditHead: r.Audit})
	}
	return heads, nil
}

// storeLostEvents stores what histories that come lack of those that this computer has: a
// restored relay has lost it. They end earlier, or otherwise.
func storeLostEvents(ctx context.Context, s *Tx, list []onboarding.Request) error {
	incoming := map[string]onboarding.Request{}
	for _, r := range list {
		incoming[r.ID] = r
	}
	heads, err := json.Marshal(incomingHeads(list))
	if err != nil {
		return err
	}
	older, err := scanRows(ctx, s, func(rows *sql.Rows, id *string) error { return rows.Scan(id) }, `
		SELECT requests.id FROM requests JOIN request_payloads USING (seq) JOIN json_each($1) h ON h.key = requests.id
		WHERE  payload -> 'audit' ->> 'length' > h.value ->> 'length' OR
		       payload -> 'audit' ->> 'length' = h.value ->> 'length' AND
		       payload -> 'audit' ->> 'hash' <> h.value ->> 'hash'`, string(heads))
	if err != nil {
		return fmt.Errorf("comparing histories: %w", err)
	}
	for _, id := range older {
		before, err := ReadRequest(ctx, s.Tx, id)
		if err != nil {
			return err
		}
		for _, e := range before.Events {
			has := slices.ContainsFunc(incoming[id].Events, func(other onboarding.Event) bool { return other.ID == e.ID })
			if has {
				continue
			}
			name := ""
			if e.Kind.IsOfItem() {
				name, _ = onboarding.ItemNames(e.Detail)
			}
			if _, err := s.ExecContext(ctx, `
				INSERT INTO lost_events (id, request, at_ms, kind, service, name) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT DO NOTHING`, e.ID, id, e.At, e.Kind, e.Service, name); err != nil {
				return fmt.Errorf("storing what the history of %s has lost: %w", id, err)
			}
		}
	}
	return nil
}

func incomingHeads(list []onboarding.Request) map[string]onboarding.AuditHead {
	heads := map[string]onboarding.AuditHead{}
	for _, r := range list {
		heads[r.ID] = r.Audit
	}
	return heads
}

// ReadLostEvents lists what a restored relay has lost of a request's history, the newest
// first, without the names of people.
func ReadLostEvents(ctx context.Context, q sqldb.Queryer, request string) ([]onboarding.Event, error) {
	events, err := scanRows(ctx, q, func(rows *sql.Rows, e *onboarding.Event) error {
		return rows.Scan(&e.ID, &e.At, &e.Kind, &e.Service, &e.Detail)
	}, `SELECT id, at_ms, kind, service, name FROM lost_events WHERE request = $1 ORDER BY at_ms DESC, id`, request)
	if err != nil {
		return nil, fmt.Errorf("reading what the history of %s has lost: %w", request, err)
	}
	return events, nil
}

// StoreVerifiedHead replaces the heads of a history by one that has been found to go on
// from all of them.
func StoreVerifiedHead(ctx context.Context, s *Tx, request string, head onboarding.AuditHead) error {
	_, err := s.ExecContext(ctx, `DELETE FROM audit_heads WHERE request = $1 AND length < $2`, request, head.Length)
	if err == nil {
		_, err = s.ExecContext(ctx, `DELETE FROM lost_events WHERE request = $1`, request)
	}
	if err == nil && head.Length > 0 {
		_, err = s.ExecContext(ctx, `
			INSERT INTO audit_heads (request, length, hash, seen_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			request, head.Length, base64.StdEncoding.EncodeToString(head.Hash), s.Now())
	}
	if err != nil {
		return fmt.Errorf("storing the head of the history of %s: %w", request, err)
	}
	return nil
}
