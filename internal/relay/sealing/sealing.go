// Package sealing seals what clients share for the devices that may open it.
//
// It opens no credential: only devices can. It stores nothing itself.
package sealing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/seal"
)

// Target is whose devices a credential is for, and what it belongs to. All of
// it but the ownership is inside what is sealed.
type Target struct {
	Agency  string
	Of      onboarding.Ownership
	Renewal bool   // a later version: not for devices that were not approved
	Request string // empty: none
	Subject string // the item's id, or the Connection's
	OfItem  bool
	Account string // the platform's id of it
	Version int64
}

// Sealer seals with a relay's keys.
type Sealer struct {
	store *store.Store
	keys  *keyset.Keyset
	relay string // its id: inside everything that is sealed
	log   *slog.Logger
}

// New makes the Sealer of the relay with this id.
func New(db *store.Store, keys *keyset.Keyset, relay string, log *slog.Logger) *Sealer {
	return &Sealer{store: db, keys: keys, relay: relay, log: log}
}

// EntitledDevices lists the entitled devices whose rows are genuine. The next
// version of a credential is for those that were approved or got a version of it
// before: a device that was not approved must not get an older credential by waiting
// for its renewal.
func (s *Sealer) EntitledDevices(ctx context.Context, to Target) ([]store.Device, error) {
	rows, err := s.store.Devices.ListEntitled(ctx, to.Agency, to.Of)
	if err != nil {
		return nil, err
	}
	if to.Renewal {
		receivers, err := s.store.Devices.ListReceivers(ctx, to.Agency, to.Subject)
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(d store.Device) bool {
			return d.Approved == 0 && !slices.Contains(receivers, d.ID)
		})
	}
	var devices []store.Device
	for _, d := range rows {
		if s.keys.VerifyDevice(SignedDevice(d), d.MAC) {
			devices = append(devices, d)
			continue
		}
		s.log.Error("passing over a device whose row these keys have not signed", "device", d.ID, "agency", d.Agency)
	}
	return devices, nil
}

// Seal seals a credential once for each entitled device whose row is
// genuine. refreshHash is what is stored of it: nil, unless it can be renewed.
// ErrNoDevice: no device could open it.
func (s *Sealer) Seal(ctx context.Context, to Target, credential platform.Credential) (
	deliveries []store.Delivery, refreshHash []byte, err error,
) {
	devices, err := s.EntitledDevices(ctx, to)
	if err != nil {
		return nil, nil, err
	}
	if len(devices) == 0 {
		return nil, nil, onboarding.ErrNoDevice
	}
	if credential.Kind == platform.RefreshToken {
		credential.Proof = s.keys.VersionProof(to.Agency, to.Subject, to.Version, credential.Secret)
	}
	plain, err := credential.Plain()
	if err != nil {
		return nil, nil, err
	}
	names := seal.Binding{
		Relay: s.relay, Agency: to.Agency, Request: to.Request,
		Item: to.Subject, Account: to.Account, Version: to.Version,
	}
	for _, d := range devices {
		sealed, err := seal.Seal(names, plain, d.PublicKey)
		if err != nil {
			return nil, nil, fmt.Errorf("sealing for device %s: %w", d.ID, err)
		}
		deliveries = append(deliveries, store.Delivery{
			Device: d.ID, Subject: to.Subject, IsItem: to.OfItem, Version: to.Version, Sealed: sealed,
		})
	}
	clear(plain)
	if credential.Kind == platform.RefreshToken {
		refreshHash = s.keys.RefreshHash(to.Subject, credential.Secret)
	}
	return deliveries, refreshHash, nil
}

// HasEntitledDevice returns ErrNoDevice if Seal would find no device.
func (s *Sealer) HasEntitledDevice(ctx context.Context, agency string, of onboarding.Ownership) error {
	devices, err := s.EntitledDevices(ctx, Target{Agency: agency, Of: of})
	if err != nil {
		return err
	}
	if len(devices) == 0 {
		return onboarding.ErrNoDevice
	}
	return nil
}

// IdleLimit is how long a platform lets a credential live unused.
func IdleLimit(driver platform.Driver) onboarding.Timestamp {
	renewer, able := driver.(platform.Renewer)
	if !able {
		return 0
	}
	return onboarding.Timestamp(renewer.IdleLimit().Milliseconds())
}

// ValidatePublicKey refuses what is no device's key.
func ValidatePublicKey(public string) error {
	if err := seal.ValidatePublicKey(public); err != nil {
		return errors.Join(onboarding.Invalid("public_key", "This is not a device's key."), err)
	}
	return nil
}

// SignedDevice is what a device's MAC covers of its row.
func SignedDevice(d store.Device) keyset.Device {
	return keyset.Device{
		ID: d.ID, Agency: d.Agency, Member: d.Member, PublicKey: d.PublicKey, TokenHash: d.TokenHash,
	}
}
