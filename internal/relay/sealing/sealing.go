// Package sealing seals what clients share for the devices that may open it, and a
// client's Facebook token under the key in their cookie.
//
// It opens that token and no credential: only devices can. It stores nothing itself.
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

// EntitledDevices lists the entitled devices. The next version of a credential is for
// those that were approved or got a version of it before: a device that was not
// approved must not get an older credential by waiting for its renewal.
// store.ErrTampered: a row that decides it is not as the relay wrote it.
func (s *Sealer) EntitledDevices(ctx context.Context, to Target) ([]store.Device, error) {
	devices, err := s.entitledDevices(ctx, to)
	if errors.Is(err, store.ErrTampered) {
		s.log.ErrorContext(ctx, "sealed nothing: a row that decides who gets a credential is not as the relay wrote it",
			"agency", to.Agency, "request", to.Request, "error", err)
	}
	return devices, err
}

func (s *Sealer) entitledDevices(ctx context.Context, to Target) ([]store.Device, error) {
	if to.Request != "" {
		of, err := s.store.Requests.Ownership(ctx, to.Agency, to.Request)
		if err != nil {
			return nil, err
		}
		if of != to.Of {
			return nil, fmt.Errorf("sealing for the owner of request %s: %w", to.Request, store.ErrTampered)
		}
	}
	devices, err := s.store.Devices.ListEntitled(ctx, to.Agency, to.Of)
	if err != nil || !to.Renewal {
		return devices, err
	}
	receivers, err := s.store.Devices.ListReceivers(ctx, to.Agency, to.Subject)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(devices, func(d store.Device) bool {
		return d.Approved == 0 && !slices.Contains(receivers, d.ID)
	}), nil
}

// Seal seals a credential once for each entitled device. refreshHash is what is stored
// of it: nil, unless it can be renewed.
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
	defer clear(plain)
	var failed error
	for _, d := range devices {
		sealed, err := seal.Seal(names, plain, d.PublicKey)
		if err != nil { // one bad key keeps the credential from no other device
			failed = fmt.Errorf("sealing for device %s: %w", d.ID, err)
			s.log.ErrorContext(ctx, "sealed nothing for a device", "agency", to.Agency, "device", d.ID, "error", failed)
			continue
		}
		deliveries = append(deliveries, store.Delivery{
			Device: d.ID, Subject: to.Subject, IsItem: to.OfItem, Version: to.Version, Sealed: sealed,
		})
	}
	if len(deliveries) == 0 {
		return nil, nil, failed
	}
	if credential.Kind == platform.RefreshToken {
		refreshHash = s.keys.RefreshHash(to.Subject, credential.Secret)
	}
	return deliveries, refreshHash, nil
}

// RequireEntitledDevice returns ErrNoDevice if Seal would find no device.
func (s *Sealer) RequireEntitledDevice(ctx context.Context, to Target) error {
	devices, err := s.EntitledDevices(ctx, to)
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

// NewLostKey makes the public key of a computer that nobody has: what is sealed for it
// nobody opens.
func NewLostKey() (public string, err error) {
	if _, public, err = seal.NewKey(); err != nil {
		return "", fmt.Errorf("making the key that nobody has: %w", err)
	}
	return public, nil
}

// ValidatePublicKey refuses what is no device's key.
func ValidatePublicKey(public string) error {
	if err := seal.ValidatePublicKey(public); err != nil {
		return errors.Join(onboarding.Invalid("public_key", "This is not a device's key."), err)
	}
	return nil
}
