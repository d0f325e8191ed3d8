package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Enrol uses a code up and creates the device. With the same code and the same key
// it gives the device of that code a new token, until the device has called with
// its own: a public key is no secret. ErrNotFound: the code does not exist, has
// expired or was withdrawn; ErrConflict: another device used it. A device beyond
// maxDevices of the member is an InvalidError.
func (s *Devices) Enrol(ctx context.Context, hash []byte, name, publicKey string, tokenHash []byte) (Device, error) {
	const find = `
		SELECT ` + codeColumns + `, public_key FROM codes WHERE hash = $1 AND expires_ms > $2 AND withdrawn_ms = 0`
	var code Code
	var codeKey string
	fields := []any{&code.ID, &code.Agency, &code.Member, &code.Expires, &code.Device, &codeKey}
	err := s.db.QueryRowContext(ctx, find, hash, s.timestamp()).Scan(fields...)
	if err := wrapNotFound(err, "finding a code"); err != nil {
		return Device{}, err
	}
	var device Device
	err = s.changeRoster(ctx, code.Agency, func(c *changeTx, r roster) error {
		err := c.row(find, hash, c.now).Scan(fields...)
		if err := wrapNotFound(err, "finding a code"); err != nil {
			return err
		}
		if r.agency.Suspended {
			return onboarding.ErrSuspended
		}
		member, _, err := memberAndMainUsers(c, code.Member)
		if err != nil {
			return err
		}
		if code.Device != "" {
			if codeKey != publicKey {
				return onboarding.ErrConflict
			}
			device, err = replaceToken(c, code.Device, tokenHash)
			return err
		}
		if err := r.checkDeviceLimit(code.Member); err != nil {
			return err
		}
		if device, err = insertDevice(c, Device{Agency: c.agency, TokenHash: tokenHash, Device: onboarding.Device{
			ID: NewID(), Member: code.Member, Name: name, PublicKey: publicKey, Created: c.now, LastSeen: c.now,
		}}); err != nil {
			return err
		}
		if err := c.exec(`
			UPDATE codes SET device = $1, public_key = $2 WHERE hash = $3`, device.ID, publicKey, hash); err != nil {
			return err
		}
		if err := enqueueDeviceReady(c, r.agency, member); err != nil {
			return err
		}
		return c.bump(kindDevice, device.ID, device.Member, audienceManagers)
	})
	if err != nil {
		return Device{}, fmt.Errorf("enrolling a device: %w", err)
	}
	return device, nil
}

// The devices of a member: at a time, and with those that were revoked.
const (
	maxDevices     = 50
	maxDevicesEver = 500
)

// checkDeviceLimit returns an InvalidError if a member has as many devices as they may.
func (r roster) checkDeviceLimit(member string) error {
	live, ever := 0, 0
	for _, d := range r.devices {
		if d.Member == member {
			ever++
			if d.Revoked == 0 {
				live++
			}
		}
	}
	if live >= maxDevices || ever >= maxDevicesEver {
		return onboarding.Invalid("code", fmt.Sprintf(
			"A member has at most %d computers. Revoke one that is not used any more, or ask whoever runs the relay.",
			maxDevices))
	}
	return nil
}

// replaceToken gives a device that has not called yet a new token. ErrConflict: it
// has called, so the caller with the code is another one.
func replaceToken(c *changeTx, id string, tokenHash []byte) (Device, error) {
	device, err := scanDevice(c.row(`
		SELECT `+deviceColumns+` FROM devices WHERE id = $1 AND revoked_ms = 0`, id))
	if err := wrapNotFound(err, "finding the device"); err != nil {
		return device, err
	}
	if device.LastSeen != device.Created {
		return device, onboarding.ErrConflict
	}
	device.TokenHash = tokenHash
	return device, c.exec(`UPDATE devices SET token_hash = $1 WHERE id = $2`, tokenHash, id)
}

// insertDevice stores a device. It is approved if there is no older credential that
// it could receive: then nobody has to compare its key.
func insertDevice(c *changeTx, d Device) (Device, error) {
	var older int64
	if err := c.row(`
		SELECT CASE WHEN EXISTS (`+mayHave+`) THEN 1 ELSE 0 END`, c.agency, d.Member).Scan(&older); err != nil {
		return d, err
	}
	if older == 0 {
		d.Approved = c.now
	}
	return d, c.execNamed(`
		INSERT INTO devices (id, agency, member, name, public_key, token_hash, created_ms, last_seen_ms,
			approved_ms, revoked_ms)
		VALUES (@id, @agency, @member, @name, @public_key, @token_hash, @created, @last_seen, @approved, 0)`, named{
		"id":         d.ID,
		"agency":     c.agency,
		"member":     d.Member,
		"name":       d.Name,
		"public_key": d.PublicKey,
		"token_hash": d.TokenHash,
		"created":    d.Created,
		"last_seen":  d.LastSeen,
		"approved":   d.Approved,
	})
}
