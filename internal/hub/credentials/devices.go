package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// sealBatch bounds the credentials per reseal call.
const sealBatch = 20

// Fingerprint returns the number that both screens show for a public key; empty
// if the key is invalid.
func Fingerprint(publicKey string) string {
	number, err := seal.Fingerprint(publicKey)
	if err != nil {
		return ""
	}
	return number
}

// PendingDevice is another device that needs credentials of this one. The user
// approves it after comparing the numbers on both screens.
type PendingDevice struct {
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	MemberID    string               `json:"member_id"`
	Member      string               `json:"member"`
	Own         bool                 `json:"own"` // of the same member
	Created     onboarding.Timestamp `json:"created"`
	Fingerprint string               `json:"fingerprint"` // must equal the number on the other screen
	Wants       int                  `json:"wants"`       // credentials that this device can reseal for it
	InProgress  bool                 `json:"in_progress"` // approved, not resealed yet
}

// PendingDevices lists the devices that this one may approve and has credentials
// for, the member's own first.
func (c *Credentials) PendingDevices(ctx context.Context) ([]PendingDevice, error) {
	id := c.config.Session.Identity()
	var pending []PendingDevice
	err := c.config.Replica.DB().Read(ctx, func(q sqldb.Queryer) error {
		pending = nil
		devices, err := approvable(ctx, q, id)
		if err != nil {
			return err
		}
		for _, d := range devices {
			p, err := pendingDevice(ctx, q, id, d)
			switch {
			case err != nil:
				return err
			case p.Wants == 0:
			case p.Own:
				pending = slices.Insert(pending, 0, p)
			default:
				pending = append(pending, p)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the computers that wait: %w", err)
	}
	return pending, nil
}

// approvable lists the pending devices that this computer may approve: its member's
// own, for main users everyone's. A device that is itself pending approves none.
func approvable(ctx context.Context, q sqldb.Queryer, id session.Identity) ([]onboarding.Device, error) {
	this, err := replica.ReadDevice(ctx, q, id.Device)
	if errors.Is(err, onboarding.ErrNotFound) || err == nil && this.Approved == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	self, err := replica.ReadMember(ctx, q, id.Member)
	if err != nil {
		return nil, err
	}
	devices, err := replica.ReadDevices(ctx, q)
	return slices.DeleteFunc(devices, func(d onboarding.Device) bool {
		return d.ID == id.Device || d.Revoked != 0 || d.Approved != 0 || !self.MayManage(d.Member)
	}), err
}

// pendingDevice describes a device that waits for this computer. It wants nothing
// if its member is unknown here.
func pendingDevice(
	ctx context.Context, q sqldb.Queryer, id session.Identity, d onboarding.Device,
) (PendingDevice, error) {
	member, err := replica.ReadMember(ctx, q, d.Member)
	if errors.Is(err, onboarding.ErrNotFound) {
		return PendingDevice{}, nil
	}
	if err != nil {
		return PendingDevice{}, err
	}
	targets, err := resealable(ctx, q, id, member, d)
	if err != nil {
		return PendingDevice{}, err
	}
	approving, err := replica.IsApproving(ctx, q, d.ID)
	return PendingDevice{
		ID:          d.ID,
		Name:        d.Name,
		MemberID:    d.Member,
		Member:      member.Name,
		Own:         d.Member == id.Member,
		Created:     d.Created,
		Fingerprint: Fingerprint(d.PublicKey),
		Wants:       len(targets),
		InProgress:  approving,
	}, err
}

// resealTarget is a credential of this computer that another device may have.
type resealTarget struct {
	name     string        // of the keychain entry
	delivery wire.Delivery // not sealed yet
	binding  seal.Binding  // without the version
}

// resealable lists the credentials of this computer that a member's device may have.
func resealable(
	ctx context.Context, q sqldb.Queryer, id session.Identity, member onboarding.Member, d onboarding.Device,
) ([]resealTarget, error) {
	agency, err := replica.ReadAgency(ctx, q)
	if err != nil {
		return nil, err
	}
	stored, err := replica.ReadStoredCredentials(ctx, q)
	if err != nil {
		return nil, err
	}
	var targets []resealTarget
	for _, entry := range stored {
		expected, err := readExpectation(ctx, q, id, entry.Subject)
		if errors.Is(err, onboarding.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if expected.hasCredential && agency.MayHold(member, d, expected.ownership) {
			targets = append(targets, resealTarget{
				name: entry.Name, delivery: deliveryOf(entry.Subject), binding: expected.binding,
			})
		}
	}
	return targets, nil
}

// Approve queues the resealing of this computer's credentials for another
// device. Number is the fingerprint that the user compared: if the device's key
// has changed since, it is ErrConflict and nothing is sealed.
func (c *Credentials) Approve(ctx context.Context, device, number string) error {
	err := c.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		d, err := replica.ReadDevice(ctx, tx.Tx, device)
		if err != nil {
			return err
		}
		if shown := Fingerprint(d.PublicKey); shown == "" || shown != number || d.Revoked != 0 {
			return fmt.Errorf("approving device %s: the number is another one: %w", device, onboarding.ErrConflict)
		}
		if approving, err := replica.IsApproving(ctx, tx.Tx, device); approving || err != nil {
			return err
		}
		return tx.Enqueue(ctx, replica.SubjectDevice+device, replica.EntryApprove, d.Name, approval{
			Device: device, PublicKey: d.PublicKey,
		})
	})
	if err != nil {
		return err
	}
	c.config.OnQueued()
	return nil
}

// Reseal seals this computer's credentials for the key that the user compared,
// and then reports the approval. A repeat is harmless.
func (c *Credentials) Reseal(ctx context.Context, client *wire.Client, entry replica.Entry) error {
	var to approval
	if err := json.Unmarshal([]byte(entry.Params), &to); err != nil {
		return fmt.Errorf("reading the outbox: %w", err)
	}
	d, err := replica.ReadDevice(ctx, c.config.Replica.DB(), to.Device)
	if err != nil {
		return err
	}
	if d.PublicKey != to.PublicKey || d.Revoked != 0 {
		return fmt.Errorf(
			"passing credentials on to device %s: its key is not the one that was compared: %w", to.Device,
			onboarding.ErrConflict,
		)
	}
	member, err := replica.ReadMember(ctx, c.config.Replica.DB(), d.Member)
	if err != nil {
		return err
	}
	targets, err := resealable(ctx, c.config.Replica.DB(), c.config.Session.Identity(), member, d)
	if err != nil {
		return err
	}
	var deliveries []wire.Delivery
	for _, target := range targets {
		credential, err := c.secret.credential(ctx, target.name)
		if errors.Is(err, keychain.ErrNotFound) {
			continue // the user deleted it from the keychain
		}
		if err != nil {
			c.config.Session.RecordKeychainError(err)
			return fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
		}
		delivery, err := target.seal(credential, to.PublicKey)
		if err != nil {
			return err
		}
		deliveries = append(deliveries, delivery)
	}
	for batch := range slices.Chunk(deliveries, sealBatch) {
		if _, err := wire.Call(ctx, client, wire.SealForDevice, wire.SealForDeviceParams{
			Device: to.Device, Deliveries: batch,
		}); err != nil {
			return err
		}
	}
	_, err = wire.Call(ctx, client, wire.Approve, wire.DeviceParams{ID: to.Device})
	return err
}

// seal seals the credential for another device's key.
func (t resealTarget) seal(credential storedCredential, publicKey string) (wire.Delivery, error) {
	t.binding.Version = credential.Version
	sealed, err := seal.Seal(t.binding, []byte(credential.Plain), publicKey)
	if err != nil {
		return wire.Delivery{}, fmt.Errorf("passing a credential on: %w", err)
	}
	t.delivery.Version, t.delivery.Sealed = credential.Version, sealed
	return t.delivery, nil
}

// Devices lists the member's own devices, for main users everyone's, with their
// credentials and last contact. It needs the relay.
func (c *Credentials) Devices(ctx context.Context) ([]wire.DeviceView, error) {
	a, err := session.Call(ctx, c.config.Session, wire.ListDevices, wire.Empty{})
	return a.Devices, err
}

// DeviceCredentialRow is one credential on a device: of an account, or of a
// platform user.
type DeviceCredentialRow struct {
	ID      string             `json:"id"`
	Service onboarding.Service `json:"service"`
	User    bool               `json:"user"` // of a platform user
	Name    string             `json:"name"`
	Detail  string             `json:"detail"`
	Client  string             `json:"client"` // empty: the agency itself
	// Lost: of a revoked device, no other has it, so the client has to connect it again.
	Lost    bool               `json:"lost"`
	Address string             `json:"address"` // of who connected it; may be empty
	Repair  *replica.RepairRow `json:"repair,omitempty"`
}

// DeviceCredentials are the credentials on a device.
type DeviceCredentials struct {
	Credentials []DeviceCredentialRow `json:"credentials"`
	Hidden      int                   `json:"hidden"` // count of requests that this member may not see
}

// DeviceCredentials lists the credentials that a device has, or had before it
// was revoked. It needs the relay.
func (c *Credentials) DeviceCredentials(ctx context.Context, device string) (DeviceCredentials, error) {
	result, err := session.Call(ctx, c.config.Session, wire.ReadDeviceCredentials, wire.DeviceParams{ID: device})
	if err != nil {
		return DeviceCredentials{}, err
	}
	holdings := DeviceCredentials{Credentials: []DeviceCredentialRow{}}
	for _, id := range result.Connections {
		connection, err := replica.ReadConnection(ctx, c.config.Replica.DB(), id)
		if errors.Is(err, onboarding.ErrNotFound) {
			holdings.Hidden++
			continue
		}
		if err != nil {
			return DeviceCredentials{}, err
		}
		member, err := replica.ReadMember(ctx, c.config.Replica.DB(), connection.Member)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return DeviceCredentials{}, err
		}
		holdings.Credentials = append(holdings.Credentials, DeviceCredentialRow{
			ID: connection.ID, Service: connection.Platform.Service(), User: true, Name: connection.User.Name,
			Detail: member.Name,
		})
	}
	rows, err := replica.ReadItemRows(ctx, c.config.Replica.DB(), c.config.Catalog, result.Items)
	if err != nil {
		return DeviceCredentials{}, err
	}
	for _, i := range rows {
		row := DeviceCredentialRow{ID: i.ID, Service: i.Service, Name: i.Name, Detail: i.Detail}
		if !i.Managed {
			row.Client = i.Client
			row.Lost, row.Address, row.Repair = slices.Contains(result.Lost, i.ID), i.ByEmail, i.Repair
		}
		holdings.Credentials = append(holdings.Credentials, row)
	}
	holdings.Hidden += len(result.Items) - len(rows)
	return holdings, nil
}

// Revoke ends a device's access and returns the items whose credentials it had.
// It needs the relay. Revoking this computer wipes it.
func (c *Credentials) Revoke(ctx context.Context, device string) (held []string, err error) {
	a, err := session.Call(ctx, c.config.Session, wire.Revoke, wire.DeviceParams{ID: device})
	c.config.OnQueued()
	return a.Credentials, err
}

type approval struct {
	Device    string `json:"device"`
	PublicKey string `json:"public_key"` // that the user compared
}
