package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Deliveries are credentials that wait, sealed, for a device.
type Deliveries struct{ *handle }

// Delivery is one version of a credential, sealed for one device.
type Delivery struct {
	ID      string `json:"id"`
	Device  string `json:"device"`
	Subject string `json:"subject"` // an item's id, or a Connection's
	IsItem  bool   `json:"is_item"`
	Version int64  `json:"version"`
	Sealed  []byte `json:"sealed"`
}

const deliveryColumns = `id, device, subject, is_item, version, sealed`

func scanDelivery(row scanner) (Delivery, error) {
	var d Delivery
	err := row.Scan(&d.ID, &d.Device, &d.Subject, &d.IsItem, &d.Version, &d.Sealed)
	return d, err
}

// maxDeliveries is how many deliveries List returns.
const maxDeliveries = 100

// List returns the deliveries that wait for a member's device after one of them,
// oldest first, at most maxDeliveries: those that the member is entitled to now. If
// after no longer waits, it starts at the oldest.
func (s *Deliveries) List(ctx context.Context, agency, member, device, after string) ([]Delivery, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+deliveryColumns+` FROM deliveries w
		WHERE  device IN (SELECT d.id FROM devices d WHERE d.id = $3 AND d.revoked_ms = 0)
		  AND  subject IN (`+mayHave+`)
		  AND  NOT EXISTS (
			SELECT 1 FROM deliveries p
			WHERE  p.id = $4 AND p.device = w.device
			  AND  (p.created_ms > w.created_ms OR p.created_ms = w.created_ms AND p.id >= w.id))
		ORDER BY created_ms, id LIMIT $5`, agency, member, device, after, maxDeliveries)
	list, err := scanAll(rows, err, scanDelivery)
	if err != nil {
		return nil, fmt.Errorf("listing deliveries: %w", err)
	}
	return list, nil
}

// storeDeliveries stores deliveries for those of their devices that are not revoked.
// A newer version replaces an older one that was not fetched.
func storeDeliveries(c *changeTx, deliveries []Delivery) error {
	for _, d := range deliveries {
		var live int64
		if err := c.row(`
			SELECT count(*) FROM devices
			WHERE id = $1 AND agency = $2 AND revoked_ms = 0`, d.Device, c.agency).Scan(&live); err != nil {
			return err
		}
		if live == 0 {
			continue
		}
		if err := c.exec(`
			INSERT INTO deliveries (id, device, subject, is_item, version, sealed, created_ms, mac)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (device, subject) DO UPDATE
			SET id = excluded.id, version = excluded.version, sealed = excluded.sealed, created_ms = excluded.created_ms,
			    mac = excluded.mac
			WHERE excluded.version >= deliveries.version`,
			NewID(), d.Device, d.Subject, boolToInt(d.IsItem), d.Version, d.Sealed, c.now,
			signReceiver(c.signer, d.Device, d.Subject)); err != nil {
			return fmt.Errorf("storing a delivery: %w", err)
		}
	}
	return nil
}

// StoreResealed stores credentials that one device sealed for another one, as a
// change for the agency's hubs.
func (s *Deliveries) StoreResealed(ctx context.Context, agency, device, member string, deliveries []Delivery) error {
	if len(deliveries) == 0 {
		return nil
	}
	err := s.change(ctx, agency, func(c *changeTx) error {
		if err := storeDeliveries(c, deliveries); err != nil {
			return err
		}
		if err := recordPassedOn(c, member, deliveries); err != nil {
			return err
		}
		return c.bump(kindDevice, device, member, audienceManagers)
	})
	if err != nil {
		return fmt.Errorf("resealing credentials for device %s: %w", device, err)
	}
	return nil
}

// Acknowledge deletes deliveries that are in the device's keychain, and records that
// the device has them. Unknown ones are ignored: they were acknowledged before, or
// replaced by a newer version.
func (s *Deliveries) Acknowledge(ctx context.Context, agency, device string, ids []string) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		for _, id := range ids {
			if err := acknowledge(c, device, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("acknowledging deliveries: %w", err)
	}
	return nil
}

func acknowledge(c *changeTx, device, id string) error {
	var mac []byte
	d, err := scanDelivery(also{c.row(`
		DELETE FROM deliveries WHERE id = $1 AND device = $2 RETURNING `+deliveryColumns+`, mac`, id, device),
		[]any{&mac}})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	var had int
	if err := c.row(`
		SELECT count(*) FROM device_credentials WHERE device = $1 AND subject = $2`, device, d.Subject).
		Scan(&had); err != nil {
		return err
	}
	if err := c.exec(`
		INSERT INTO device_credentials (device, subject, is_item, version, mac) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (device, subject) DO UPDATE SET version = excluded.version, mac = excluded.mac
		WHERE excluded.version > device_credentials.version`,
		device, d.Subject, boolToInt(d.IsItem), d.Version, mac); err != nil {
		return err
	}
	if !d.IsItem {
		return nil
	}
	return recordFetched(c, device, d.Subject, had == 0)
}
