package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
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

// The codes of a member: how many may wait for a computer at a time, and how many
// that were used or withdrawn are remembered besides.
const (
	maxOpenCodes = 10
	maxDeadCodes = 50
)

// Add stores a code by its keyed hash. Beyond maxOpenCodes of its member it is an
// InvalidError.
func (s *Codes) Add(ctx context.Context, hash []byte, code Code) error {
	err := s.changeRoster(ctx, code.Agency, func(c *changeTx, r roster) error {
		if r.openCodes(code.Member, c.now) >= maxOpenCodes {
			return onboarding.Invalid("code", fmt.Sprintf(
				"There are %d codes for this member that nobody has used. Withdraw one, then issue another.", maxOpenCodes))
		}
		if err := c.exec(`
			DELETE FROM codes WHERE hash IN (
				SELECT hash FROM codes WHERE agency = $1 AND member = $2 AND (device <> '' OR withdrawn_ms <> 0)
				ORDER BY expires_ms DESC, hash LIMIT $3 OFFSET $4)`,
			code.Agency, code.Member, maxDeadCodes, maxDeadCodes); err != nil {
			return err
		}
		return c.exec(`
			INSERT INTO codes (hash, id, agency, member, expires_ms, device, public_key, withdrawn_ms)
			VALUES ($1, $2, $3, $4, $5, '', '', 0)`,
			hash, code.ID, code.Agency, code.Member, code.Expires)
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
	err := s.changeRoster(ctx, agency, func(c *changeTx, _ roster) error {
		var withdrawn onboarding.Timestamp
		err := c.row(`
			SELECT withdrawn_ms FROM codes WHERE agency = $1 AND id = $2 AND device = ''`, agency, id).Scan(&withdrawn)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return onboarding.ErrConflict
		case err != nil:
			return err
		case withdrawn != 0:
			return errUnchanged
		}
		return c.exec(`UPDATE codes SET withdrawn_ms = $1 WHERE agency = $2 AND id = $3`, c.now, agency, id)
	})
	if err != nil {
		return fmt.Errorf("withdrawing code %s: %w", id, err)
	}
	return nil
}

// sweep deletes the codes that are over. What is wrong with one agency's roster stops
// no other's.
func (s *Codes) sweep(ctx context.Context) error {
	now := s.timestamp()
	rows, err := s.db.QueryContext(ctx, `SELECT DISTINCT agency FROM codes WHERE expires_ms <= $1`, now)
	agencies, err := scanAll(rows, err, scanText)
	if err != nil {
		return fmt.Errorf("sweeping codes: %w", err)
	}
	var failed []error
	for _, agency := range agencies {
		if err := s.changeRoster(ctx, agency, func(c *changeTx, _ roster) error {
			return c.exec(`DELETE FROM codes WHERE agency = $1 AND expires_ms <= $2`, agency, now)
		}); err != nil {
			failed = append(failed, fmt.Errorf("sweeping the codes of agency %s: %w", agency, err))
		}
	}
	return errors.Join(failed...)
}
