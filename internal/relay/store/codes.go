package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Codes enrol devices.
type Codes struct{ *handle }

// CodeTTL is how long a code works that enrols somebody else.
const CodeTTL = 7 * 24 * time.Hour

// Code is a code that enrols a device of a member, without its text.
type Code struct {
	ID      string
	Agency  string
	Member  string
	Expires onboarding.Timestamp
	Device  string // that used it; empty: none has
}

// Add stores a code by its keyed hash.
func (s *Codes) Add(ctx context.Context, hash []byte, code Code) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO codes (hash, id, agency, member, expires_ms, device, public_key, withdrawn_ms)
			VALUES ($1, $2, $3, $4, $5, '', '', 0)`,
			hash, code.ID, code.Agency, code.Member, code.Expires)
		return err
	})
	if err != nil {
		return fmt.Errorf("storing a code for member %s: %w", code.Member, err)
	}
	return nil
}

const codeColumns = `id, agency, member, expires_ms, device`

func scanCode(row scanner) (Code, error) {
	var code Code
	err := row.Scan(&code.ID, &code.Agency, &code.Member, &code.Expires, &code.Device)
	return code, err
}

// Get returns one code of the agency, withdrawn ones too.
func (s *Codes) Get(ctx context.Context, agency, id string) (Code, error) {
	code, err := scanCode(s.db.QueryRowContext(ctx, `
		SELECT `+codeColumns+` FROM codes WHERE agency = $1 AND id = $2`, agency, id))
	return code, wrapNotFound(err, "reading code "+id)
}

// ListOpen lists the agency's codes that still work, by their end.
func (s *Codes) ListOpen(ctx context.Context, agency string) ([]Code, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+codeColumns+` FROM codes
		WHERE  agency = $1 AND device = '' AND withdrawn_ms = 0 AND expires_ms > $2
		ORDER BY expires_ms, id`, agency, s.timestamp())
	list, err := scanAll(rows, err, scanCode)
	if err != nil {
		return nil, fmt.Errorf("listing codes: %w", err)
	}
	return list, nil
}

// Withdraw ends a code: from then on it works as little as one that never was. A
// repeat changes nothing. ErrConflict: a device has used it.
func (s *Codes) Withdraw(ctx context.Context, agency, id string) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		row := tx.QueryRowContext(ctx, `
			UPDATE codes SET withdrawn_ms = $1 WHERE agency = $2 AND id = $3 AND device = '' RETURNING id`,
			s.timestamp(), agency, id)
		if err := row.Scan(&id); errors.Is(err, sql.ErrNoRows) {
			return onboarding.ErrConflict
		} else if err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("withdrawing code %s: %w", id, err)
	}
	return nil
}
