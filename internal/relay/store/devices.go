package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Devices are the members' computers.
type Devices struct{ *handle }

// Device is a device with what only the relay has of it.
type Device struct {
	onboarding.Device
	Agency    string
	TokenHash []byte
}

const deviceColumns = `id, member, name, public_key, created_ms, last_seen_ms, approved_ms, revoked_ms, agency,
	token_hash`

const listDevices = `SELECT ` + deviceColumns + ` FROM devices WHERE agency = $1 ORDER BY created_ms, id`

func scanDevice(row scanner) (Device, error) {
	var d Device
	err := row.Scan(
		&d.ID, &d.Member, &d.Name, &d.PublicKey, &d.Created, &d.LastSeen, &d.Approved, &d.Revoked, &d.Agency, &d.TokenHash,
	)
	return d, err
}

// Get returns one device of the agency with its member. ErrTampered: the agency's
// roster is not as the relay wrote it.
func (s *Devices) Get(ctx context.Context, agency, id string) (Device, onboarding.Member, error) {
	r, err := s.roster(ctx, agency)
	if err != nil {
		return Device{}, onboarding.Member{}, fmt.Errorf("reading device %s: %w", id, err)
	}
	d, exists := r.device(id)
	if !exists {
		return Device{}, onboarding.Member{}, fmt.Errorf("reading device %s: %w", id, onboarding.ErrNotFound)
	}
	m, _ := r.member(d.Member)
	return d, m, nil
}

// List lists an agency's devices, revoked ones too, oldest first.
func (s *Devices) List(ctx context.Context, agency string) ([]Device, error) {
	list, err := read(ctx, s.db, listDevices, []any{agency}, scanDevice)
	if err != nil {
		return nil, fmt.Errorf("listing devices: %w", err)
	}
	return list, nil
}

// MarkSeen records that a device has called, to the quarter of an hour. Hubs are not
// notified of it.
func (s *Devices) MarkSeen(ctx context.Context, device string) error {
	now := s.timestamp()
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE devices SET last_seen_ms = CASE WHEN $1 > created_ms THEN $1 ELSE created_ms + 1 END
			WHERE id = $2 AND (last_seen_ms <= $3 OR last_seen_ms = created_ms)`, now, device, now.Add(-15*time.Minute))
		return err
	})
	if err != nil {
		return fmt.Errorf("recording a call of device %s: %w", device, err)
	}
	return nil
}

// ListEntitled lists the devices that may have a credential that is so owned. There
// is none while the agency waits for a main user's hub, after a backup was restored.
// ErrTampered: the agency's roster is not as the relay wrote it.
func (s *Devices) ListEntitled(ctx context.Context, agency string, of onboarding.Ownership) ([]Device, error) {
	r, err := s.roster(ctx, agency)
	if err != nil {
		return nil, fmt.Errorf("listing entitled devices: %w", err)
	}
	if r.restored != 0 {
		return nil, nil
	}
	var entitled []Device
	for _, d := range r.devices {
		if m, exists := r.member(d.Member); exists && r.agency.MayHold(m, d.Device, of) {
			entitled = append(entitled, d)
		}
	}
	return entitled, nil
}

// ListReceivers lists the devices of the agency that have a version of an item's
// credential, or for which one waits. ErrTampered: the relay has not written that.
func (s *Devices) ListReceivers(ctx context.Context, agency, item string) ([]string, error) {
	devices, err := read(ctx, s.db, `
		SELECT h.device, h.mac FROM device_credentials h JOIN devices d ON d.id = h.device
		WHERE  d.agency = $1 AND h.subject = $2
		UNION
		SELECT w.device, w.mac FROM deliveries w JOIN devices d ON d.id = w.device
		WHERE  d.agency = $1 AND w.subject = $2`, []any{agency, item}, func(row scanner) (device string, err error) {
		var mac []byte
		if err := row.Scan(&device, &mac); err != nil {
			return "", err
		}
		return device, verifyRow(s.signer, mac, "deliveries", item, []string{device, item})
	})
	if err != nil {
		return nil, fmt.Errorf("listing the devices with the credential of item %s: %w", item, err)
	}
	return devices, nil
}

// DeviceCredentials counts the credentials that a device is entitled to.
type DeviceCredentials struct {
	Holds   int // acknowledged
	Waiting int // neither acknowledged nor on the way; of a revoked device none
}

// Credentials counts the credentials of a device and its member.
func (s *Devices) Credentials(ctx context.Context, agency, device, member string) (DeviceCredentials, error) {
	var h DeviceCredentials
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM device_credentials WHERE device = $1`, device).Scan(&h.Holds)
	if err != nil {
		return h, fmt.Errorf("counting the credentials of device %s: %w", device, err)
	}
	err = s.db.QueryRowContext(ctx, `
		SELECT count(*) FROM devices d JOIN (`+mayHave+`) AS e ON d.id = $3 AND d.revoked_ms = 0
		WHERE  NOT EXISTS (SELECT 1 FROM device_credentials h WHERE h.device = d.id AND h.subject = e.subject)
		  AND  NOT EXISTS (SELECT 1 FROM deliveries w WHERE w.device = d.id AND w.subject = e.subject)`,
		agency, member, device).Scan(&h.Waiting)
	if err != nil {
		return h, fmt.Errorf("counting what device %s waits for: %w", device, err)
	}
	return h, nil
}

// CredentialSubjects lists the items and the Connections whose credentials a device
// has, or that wait for it; of a revoked device, those that it had.
func (s *Devices) CredentialSubjects(ctx context.Context, device string) (items, connections []string, err error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT subject, is_item FROM device_credentials WHERE device = $1
		UNION SELECT subject, is_item FROM deliveries WHERE device = $1
		ORDER BY 1`, device)
	if err != nil {
		return nil, nil, fmt.Errorf("listing the credentials of device %s: %w", device, err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	for rows.Next() {
		var subject string
		var isItem int
		if err := rows.Scan(&subject, &isItem); err != nil {
			return nil, nil, fmt.Errorf("listing the credentials of device %s: %w", device, err)
		}
		if isItem == 1 {
			items = append(items, subject)
		} else {
			connections = append(connections, subject)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("listing the credentials of device %s: %w", device, err)
	}
	return items, connections, nil
}

// Approve records that a member compared the device's key.
func (s *Devices) Approve(ctx context.Context, agency, id string) error {
	err := s.changeRoster(ctx, agency, func(c *changeTx, _ roster) error {
		var member string
		var approved onboarding.Timestamp
		err := c.row(`
			SELECT member, approved_ms FROM devices
			WHERE agency = $1 AND id = $2 AND revoked_ms = 0`, agency, id).Scan(&member, &approved)
		if err := wrapNotFound(err, "finding the device"); err != nil {
			return err
		}
		if approved != 0 {
			return errUnchanged
		}
		if err := c.exec(`UPDATE devices SET approved_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		return c.bump(kindDevice, id, member, audienceManagers)
	})
	if err != nil {
		return fmt.Errorf("approving device %s: %w", id, err)
	}
	return nil
}

// Revoke ends a device: its token and its deliveries end with the commit. It returns
// the ids of the items whose credentials the device had, or could have fetched. A
// repeat returns the same.
func (s *Devices) Revoke(ctx context.Context, agency, id string) (items []string, err error) {
	err = s.changeRoster(ctx, agency, func(c *changeTx, _ roster) error {
		var member string
		var revoked onboarding.Timestamp
		if err := wrapNotFound(c.row(`
			SELECT member, revoked_ms FROM devices
			WHERE agency = $1 AND id = $2`, agency, id).Scan(&member, &revoked), "finding the device"); err != nil {
			return err
		}
		if revoked == 0 {
			if err := revokeDevice(c, id, member); err != nil {
				return err
			}
		}
		items, err = c.texts(`SELECT subject FROM device_credentials WHERE device = $1 AND is_item = 1 ORDER BY subject`, id)
		if err == nil && revoked != 0 {
			return errUnchanged
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("revoking device %s: %w", id, err)
	}
	return items, nil
}

func revokeDevice(c *changeTx, id, member string) error {
	if err := c.exec(`UPDATE devices SET revoked_ms = $1 WHERE id = $2`, c.now, id); err != nil {
		return err
	}
	// A delivery may have been fetched without being acknowledged.
	if err := c.exec(`
		INSERT INTO device_credentials (device, subject, is_item, version, mac)
		SELECT device, subject, is_item, version, mac FROM deliveries WHERE device = $1
		ON CONFLICT (device, subject) DO NOTHING`, id); err != nil {
		return err
	}
	if err := c.exec(`DELETE FROM deliveries WHERE device = $1`, id); err != nil {
		return err
	}
	if err := endWhatNobodyHas(c, id); err != nil {
		return err
	}
	return c.bump(kindDevice, id, member, audienceManagers)
}

// Revoked lists those of devices that are revoked, or of a suspended or removed agency.
func (s *Devices) Revoked(ctx context.Context, devices []string) ([]string, error) {
	if len(devices) == 0 {
		return nil, nil
	}
	list, args := inClause(devices)
	rows, err := s.db.QueryContext(ctx, `SELECT d.id FROM devices d JOIN agencies a ON a.id = d.agency
		WHERE d.revoked_ms = 0 AND a.suspended_ms = 0 AND d.id `+list, args...)
	served, err := scanAll(rows, err, scanText)
	if err != nil {
		return nil, fmt.Errorf("looking up revoked devices: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(devices), func(id string) bool { return slices.Contains(served, id) }), nil
}
