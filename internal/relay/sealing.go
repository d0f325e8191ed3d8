package relay

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/seal"
)

// recipients says whose devices a credential is for, and what it is of. All of
// it but the owner is inside what is sealed.
type recipients struct {
	agency  string
	owner   string // the member it belongs to
	own     bool   // the agency's own: main users get it too
	renewal bool   // a later version: not for devices that nobody compared
	request string // empty: none
	subject string // the item's id, or the Connection's
	ofItem  bool
	account string // the platform's id of it
	version int64
}

// devicesFor lists the entitled devices whose rows are genuine.
func (s *Relay) devicesFor(ctx context.Context, to recipients) ([]store.Device, error) {
	var rows []store.Device
	var err error
	if to.renewal {
		rows, err = s.store.RenewalDevices(ctx, to.agency, to.owner, to.own, to.subject)
	} else {
		rows, err = s.store.EntitledDevices(ctx, to.agency, to.owner, to.own)
	}
	if err != nil {
		return nil, err
	}
	var devices []store.Device
	for _, d := range rows {
		if s.keys.VerifyDevice(signedDevice(d), d.MAC) {
			devices = append(devices, d)
			continue
		}
		s.log.Error("passing over a device whose row these keys have not signed", "device", d.ID, "agency", d.Agency)
	}
	return devices, nil
}

// sealFor seals a credential once for each entitled device whose row is
// genuine. refreshHash is what is kept of it: nil, unless it can be renewed.
// ErrNoDevice: nobody could open it.
func (s *Relay) sealFor(ctx context.Context, to recipients, credential platform.Credential) (deliveries []store.Delivery, refreshHash []byte, err error) {
	devices, err := s.devicesFor(ctx, to)
	if err != nil {
		return nil, nil, err
	}
	if len(devices) == 0 {
		return nil, nil, onboarding.ErrNoDevice
	}
	if credential.Kind == platform.RefreshToken {
		credential.Proof = s.keys.VersionProof(to.agency, to.subject, to.version, credential.Secret)
	}
	plain, err := credential.Plain()
	if err != nil {
		return nil, nil, err
	}
	names := seal.Names{Relay: s.id, Agency: to.agency, Request: to.request, Item: to.subject, Account: to.account, Version: to.version}
	for _, d := range devices {
		sealed, err := seal.Seal(names, plain, d.PublicKey)
		if err != nil {
			return nil, nil, fmt.Errorf("sealing for device %s: %w", d.ID, err)
		}
		deliveries = append(deliveries, store.Delivery{Device: d.ID, Subject: to.subject, OfItem: to.ofItem, Version: to.version, Sealed: sealed})
	}
	clear(plain)
	if credential.Kind == platform.RefreshToken {
		refreshHash = s.keys.RefreshHash(to.subject, credential.Secret)
	}
	return deliveries, refreshHash, nil
}

// live says whether sealFor would find a device: ErrNoDevice, if not.
func (s *Relay) live(ctx context.Context, agency, owner string, own bool) error {
	devices, err := s.devicesFor(ctx, recipients{agency: agency, owner: owner, own: own})
	if err != nil {
		return err
	}
	if len(devices) == 0 {
		return onboarding.ErrNoDevice
	}
	return nil
}

// idleLimitOf is how long a platform lets a credential live unused.
func idleLimitOf(driver platform.Driver) onboarding.Moment {
	renewer, able := driver.(platform.Renewer)
	if !able {
		return 0
	}
	return onboarding.Moment(renewer.IdleLimit().Milliseconds())
}

// checkPublicKey refuses what is no device's key.
func checkPublicKey(public string) error {
	if err := seal.CheckPublic(public); err != nil {
		return errors.Join(onboarding.Invalid("public_key", "This is not a device's key."), err)
	}
	return nil
}

// signedDevice is what a device's MAC covers of its row.
func signedDevice(d store.Device) keyset.Device {
	return keyset.Device{ID: d.ID, Agency: d.Agency, Member: d.Member, PublicKey: d.PublicKey, TokenHash: d.TokenHash}
}
