package replica

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"

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

// StoreVerifiedHead replaces the heads of a history by one that has been found to go on
// from all of them.
func StoreVerifiedHead(ctx context.Context, s *Tx, request string, head onboarding.AuditHead) error {
	_, err := s.ExecContext(ctx, `DELETE FROM audit_heads WHERE request = $1 AND length < $2`, request, head.Length)
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
