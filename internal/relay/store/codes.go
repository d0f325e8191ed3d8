package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Code is a code that enrols a device of a member, without what it opens with.
type Code struct {
	ID      string
	Agency  string
	Member  string
	Expires onboarding.Timestamp
	Device  string // the device that used it; empty: nobody has
}

// Add keeps a code by its keyed hash.
func (s *Codes) Add(ctx context.Context, hash []byte, code Code) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO codes (hash, id, agency, member, expires_ms, device, public_key, withdrawn_ms)
			VALUES ($1, $2, $3, $4, $5, '', '', 0)`,
			hash, code.ID, code.Agency, code.Member, code.Expires)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a code for member %s: %w", code.Member, err)
	}
	return nil
}

const codeColumns = `id, agency, member, expires_ms, device`

func scanCode(r scanner) (Code, error) {
	var code Code
	err := r.Scan(&code.ID, &code.Agency, &code.Member, &code.Expires, &code.Device)
	return code, err
}

// Get gives one code of the agency, withdrawn ones too.
func (s *Codes) Get(ctx context.Context, agency, id string) (Code, error) {
	code, err := scanCode(s.db.QueryRowContext(ctx, `
		SELECT `+codeColumns+` FROM codes WHERE agency = $1 AND id = $2`, agency, id))
	return code, wrapNotFound(err, "reading code "+id)
}

// ListOpen lists the agency's codes that still work, those that end first
// first.
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

// Withdraw ends a code that nobody has used: from then on it opens as
// little as one that never was. Withdrawing it twice is harmless; ErrConflict:
// it was used before.
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

// Enrol uses a code up and makes the device, or gives the one that was made
// with the same code and the same key a new token, until that device has once
// called with its own: a public key is no secret. seal makes the device's
// token hash and MAC once its id and member are known. ErrNotFound: there is
// no such code, or it has ended or was withdrawn; ErrConflict: somebody else
// used it.
func (s *Devices) Enrol(
	ctx context.Context, hash []byte, name, publicKey string, seal func(Device) Device,
) (Device, error) {
	const find = `
		SELECT ` + codeColumns + `, public_key FROM codes WHERE hash = $1 AND expires_ms > $2 AND withdrawn_ms = 0`
	var code Code
	var key string
	fields := []any{&code.ID, &code.Agency, &code.Member, &code.Expires, &code.Device, &key}
	err := s.db.QueryRowContext(ctx, find, hash, s.timestamp()).Scan(fields...)
	if err := wrapNotFound(err, "finding a code"); err != nil {
		return Device{}, err
	}
	var device Device
	agency := code.Agency
	err = s.change(ctx, agency, func(c *changeTx) error {
		err := c.row(find, hash, c.now).Scan(fields...)
		if err := wrapNotFound(err, "finding a code"); err != nil {
			return err
		}
		if a, err := currentAgency(c); err != nil {
			return err
		} else if a.Suspended {
			return onboarding.ErrSuspended
		}
		if _, _, err := memberAndMainUsers(c, code.Member); err != nil {
			return err
		}
		if code.Device != "" {
			if key != publicKey {
				return onboarding.ErrConflict
			}
			device, err = scanDevice(c.row(`
				SELECT `+deviceColumns+` FROM devices WHERE id = $1 AND revoked_ms = 0`, code.Device))
			if err := wrapNotFound(err, "finding the device"); err != nil {
				return err
			}
			if device.LastSeen != device.Created { // it has its token: whoever shows the code now is somebody else
				return onboarding.ErrConflict
			}
			device = seal(device)
			return c.exec(`UPDATE devices SET token_hash = $1, mac = $2 WHERE id = $3`, device.TokenHash, device.MAC, device.ID)
		}
		device = seal(Device{Agency: agency, Device: onboarding.Device{
			ID: NewID(), Member: code.Member, Name: name, PublicKey: publicKey, Created: c.now, LastSeen: c.now,
		}})
		var older int64
		if err := c.row(entitledCount, agency, code.Member).Scan(&older); err != nil {
			return err
		}
		if older == 0 { // nothing to pass on, so nobody has to compare keys
			device.Approved = c.now
		}
		if err := c.exec(`
			INSERT INTO devices (id, agency, member, name, public_key, token_hash, mac, created_ms, last_seen_ms, approved_ms,
			revoked_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, 0)`, device.ID, agency, device.Member, name, publicKey,
			device.TokenHash, device.MAC, c.now, device.Approved); err != nil {
			return err
		}
		if err := c.exec(`
			UPDATE codes SET device = $1, public_key = $2 WHERE hash = $3`, device.ID, publicKey, hash); err != nil {
			return err
		}
		if err := enqueueDeviceReady(c, device.Member); err != nil {
			return err
		}
		return c.bump(kindDevice, device.ID, device.Member, audienceMainUsers)
	})
	if err != nil {
		return Device{}, fmt.Errorf("enrolling a device: %w", err)
	}
	return device, nil
}

// replyTries is how often a wrong code may be typed.
const maxReplyAttempts = 5

// ProposeReplyTo keeps the address that waits for its mailed code, and queues
// the email; the code itself is made when that is sent.
func (s *Agencies) ProposeReplyTo(
	ctx context.Context, agency, member, address string, allowed func(letters int) error,
) (onboarding.Agency, error) {
	var a onboarding.Agency
	err := s.change(ctx, agency, func(c *changeTx) error {
		if address == "" {
			if err := c.exec(`UPDATE agencies SET reply_to = '', pending_reply_to = '' WHERE id = $1`, agency); err != nil {
				return err
			}
		} else {
			var today int
			if err := c.row(`
				SELECT count(*) FROM emails
				WHERE agency = $1 AND kind = $2 AND created_ms > $3`, agency, EmailReplyTo, c.now-day).Scan(&today); err != nil {
				return err
			}
			if err := allowed(today); err != nil {
				return err
			}
			if err := c.exec(`UPDATE agencies SET pending_reply_to = $1 WHERE id = $2`, address, agency); err != nil {
				return err
			}
			if err := enqueue(c, Email{Kind: EmailReplyTo, Member: member}); err != nil {
				return err
			}
		}
		if err := c.exec(`DELETE FROM reply_to_codes WHERE agency = $1`, agency); err != nil {
			return err
		}
		if err := c.bump(kindAgency, agency, "", audienceAll); err != nil {
			return err
		}
		var err error
		a, err = currentAgency(c)
		return err
	})
	if err != nil {
		return onboarding.Agency{}, fmt.Errorf("proposing a reply-to: %w", err)
	}
	return a, nil
}

// StoreReplyToCode keeps the keyed hash of the code that is being mailed to the
// agency's pending address. A newer one replaces an older one.
func (s *Agencies) StoreReplyToCode(
	ctx context.Context, agency, address string, hash []byte, until onboarding.Timestamp,
) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO reply_to_codes (agency, address, hash, expires_ms, tries) VALUES ($1, $2, $3, $4, 0)
			ON CONFLICT (agency) DO UPDATE SET address = excluded.address, hash = excluded.hash,
			expires_ms = excluded.expires_ms, tries = 0`, agency, address, hash, until)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a code for the reply-to: %w", err)
	}
	return nil
}

// ConfirmReplyTo makes the pending address the reply-to when the code's hash
// is right. Each wrong one counts; after five, or ten minutes, the code is
// dead: ErrNotFound. A wrong one before that is ErrForbidden.
func (s *Agencies) ConfirmReplyTo(ctx context.Context, agency string, hash []byte) (onboarding.Agency, error) {
	var a onboarding.Agency
	var verdict error
	err := s.change(ctx, agency, func(c *changeTx) error {
		verdict = nil
		var address string
		var want []byte
		var tries int
		err := c.row(`
			UPDATE reply_to_codes SET tries = tries + 1 WHERE agency = $1 AND expires_ms > $2
			RETURNING address, hash, tries`, agency, c.now).Scan(&address, &want, &tries)
		switch {
		case errors.Is(err, sql.ErrNoRows), err == nil && tries > maxReplyAttempts:
			verdict = onboarding.ErrNotFound
			return nil
		case err != nil:
			return err
		case subtle.ConstantTimeCompare(want, hash) != 1:
			verdict = onboarding.ErrForbidden
			return nil // the try is counted
		}
		if err := c.exec(`DELETE FROM reply_to_codes WHERE agency = $1`, agency); err != nil {
			return err
		}
		if err := c.exec(`
			UPDATE agencies SET reply_to = $1, pending_reply_to = ''
			WHERE id = $2 AND pending_reply_to = $1`, address, agency); err != nil {
			return err
		}
		if err := c.bump(kindAgency, agency, "", audienceAll); err != nil {
			return err
		}
		a, err = currentAgency(c)
		return err
	})
	if err == nil {
		err = verdict
	}
	if err != nil {
		return onboarding.Agency{}, fmt.Errorf("confirming the reply-to: %w", err)
	}
	return a, nil
}
