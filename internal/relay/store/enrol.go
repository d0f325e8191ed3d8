package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

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
