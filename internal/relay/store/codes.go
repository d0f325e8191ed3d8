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

// AddCode keeps the keyed hash of a code that enrols a device of the member.
func (s *Store) AddCode(ctx context.Context, hash []byte, agency, member string, until onboarding.Moment) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO codes (hash, agency, member, until_ms, device, public_key) VALUES ($1, $2, $3, $4, '', '')`,
			hash, agency, member, until)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a code for member %s: %w", member, err)
	}
	return nil
}

// Enrolment is a code as Enrol finds it.
type Enrolment struct {
	Agency string
	Member string
	Device string // the device that used the code; empty: nobody has
}

// Enrol uses a code up and makes the device, or gives the one that was made
// with the same code and the same key a new token, until that device has once
// called with its own: a public key is no secret. seal makes the device's
// token hash and MAC once its id and member are known. ErrNotFound: there is
// no such code, or it has ended; ErrConflict: somebody else used it.
func (s *Store) Enrol(ctx context.Context, hash []byte, name, publicKey string, seal func(Device) Device) (Device, error) {
	var agency string
	err := s.db.QueryRowContext(ctx, `SELECT agency FROM codes WHERE hash = $1 AND until_ms > $2`, hash, s.Now()).Scan(&agency)
	if err := missing(err, "finding a code"); err != nil {
		return Device{}, err
	}
	var device Device
	err = s.change(ctx, agency, func(c *changing) error {
		var e Enrolment
		var key string
		err := c.row(`SELECT agency, member, device, public_key FROM codes WHERE hash = $1 AND until_ms > $2`, hash, c.now).Scan(&e.Agency, &e.Member, &e.Device, &key)
		if err := missing(err, "finding a code"); err != nil {
			return err
		}
		if a, err := c.agencyRow(); err != nil {
			return err
		} else if a.Suspended {
			return onboarding.ErrSuspended
		}
		if _, _, err := c.memberAmong(e.Member); err != nil {
			return err
		}
		if e.Device != "" {
			if key != publicKey {
				return onboarding.ErrConflict
			}
			device, err = scanDevice(c.row(`SELECT `+deviceColumns+` FROM devices WHERE id = $1 AND revoked_ms = 0`, e.Device))
			if err := missing(err, "finding the device"); err != nil {
				return err
			}
			if device.LastSeen != device.Created { // it has its token: whoever shows the code now is somebody else
				return onboarding.ErrConflict
			}
			device = seal(device)
			return c.exec(`UPDATE devices SET token_hash = $1, mac = $2 WHERE id = $3`, device.TokenHash, device.MAC, device.ID)
		}
		device = seal(Device{Agency: agency, Device: onboarding.Device{ID: NewID(), Member: e.Member, Name: name, PublicKey: publicKey, Created: c.now, LastSeen: c.now}})
		var older int64
		if err := c.row(entitledCount, agency, e.Member).Scan(&older); err != nil {
			return err
		}
		if older == 0 { // nothing to pass on, so nobody has to compare keys
			device.Approved = c.now
		}
		if err := c.exec(`INSERT INTO devices (id, agency, member, name, public_key, token_hash, mac, created_ms, last_seen_ms, approved_ms, revoked_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, 0)`, device.ID, agency, device.Member, name, publicKey, device.TokenHash, device.MAC, c.now, device.Approved); err != nil {
			return err
		}
		if err := c.exec(`UPDATE codes SET device = $1, public_key = $2 WHERE hash = $3`, device.ID, publicKey, hash); err != nil {
			return err
		}
		if err := c.deviceArrived(device.Member); err != nil {
			return err
		}
		return c.touch(kindDevice, device.ID, device.Member, theMains)
	})
	if err != nil {
		return Device{}, fmt.Errorf("enrolling a device: %w", err)
	}
	return device, nil
}

// replyTries is how often a wrong code may be typed.
const replyTries = 5

// ProposeReplyTo keeps the address that waits for its mailed code, and queues
// the letter; the code itself is made when that is sent.
func (s *Store) ProposeReplyTo(ctx context.Context, agency, member, address string, allowed func(letters int) error) (onboarding.Agency, error) {
	var a onboarding.Agency
	err := s.change(ctx, agency, func(c *changing) error {
		if address == "" {
			if err := c.exec(`UPDATE agencies SET reply_to = '', pending_reply_to = '' WHERE id = $1`, agency); err != nil {
				return err
			}
		} else {
			var today int
			if err := c.row(`SELECT count(*) FROM letters WHERE agency = $1 AND kind = $2 AND created_ms > $3`, agency, LetterReplyTo, c.now-day).Scan(&today); err != nil {
				return err
			}
			if err := allowed(today); err != nil {
				return err
			}
			if err := c.exec(`UPDATE agencies SET pending_reply_to = $1 WHERE id = $2`, address, agency); err != nil {
				return err
			}
			if err := c.queue(Letter{Kind: LetterReplyTo, Member: member}); err != nil {
				return err
			}
		}
		if err := c.exec(`DELETE FROM reply_codes WHERE agency = $1`, agency); err != nil {
			return err
		}
		if err := c.touch(kindAgency, agency, "", everybody); err != nil {
			return err
		}
		var err error
		a, err = c.agencyRow()
		return err
	})
	if err != nil {
		return onboarding.Agency{}, fmt.Errorf("proposing a reply-to: %w", err)
	}
	return a, nil
}

// KeepReplyCode keeps the keyed hash of the code that is being mailed to the
// agency's pending address. A newer one replaces an older one.
func (s *Store) KeepReplyCode(ctx context.Context, agency, address string, hash []byte, until onboarding.Moment) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO reply_codes (agency, address, hash, until_ms, tries) VALUES ($1, $2, $3, $4, 0)
			ON CONFLICT (agency) DO UPDATE SET address = excluded.address, hash = excluded.hash, until_ms = excluded.until_ms, tries = 0`, agency, address, hash, until)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a code for the reply-to: %w", err)
	}
	return nil
}

// ConfirmReplyTo makes the pending address the reply-to when the code's hash
// is right. Each wrong one counts; after five, or ten minutes, the code is
// dead: ErrNotFound. A wrong one before that is ErrNotAllowed.
func (s *Store) ConfirmReplyTo(ctx context.Context, agency string, hash []byte) (onboarding.Agency, error) {
	var a onboarding.Agency
	var verdict error
	err := s.change(ctx, agency, func(c *changing) error {
		verdict = nil
		var address string
		var want []byte
		var tries int
		err := c.row(`UPDATE reply_codes SET tries = tries + 1 WHERE agency = $1 AND until_ms > $2 RETURNING address, hash, tries`, agency, c.now).Scan(&address, &want, &tries)
		switch {
		case errors.Is(err, sql.ErrNoRows), err == nil && tries > replyTries:
			verdict = onboarding.ErrNotFound
			return nil
		case err != nil:
			return err
		case subtle.ConstantTimeCompare(want, hash) != 1:
			verdict = onboarding.ErrNotAllowed
			return nil // the try is counted
		}
		if err := c.exec(`DELETE FROM reply_codes WHERE agency = $1`, agency); err != nil {
			return err
		}
		if err := c.exec(`UPDATE agencies SET reply_to = $1, pending_reply_to = '' WHERE id = $2 AND pending_reply_to = $1`, address, agency); err != nil {
			return err
		}
		if err := c.touch(kindAgency, agency, "", everybody); err != nil {
			return err
		}
		a, err = c.agencyRow()
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
