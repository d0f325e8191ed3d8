package api

import (
	"context"
	"errors"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// deliveries bring devices what was sealed for them.
type deliveries struct {
	*core
	devices *devices
}

func (s *deliveries) readDeliveries(ctx context.Context, p wire.DeliveriesParams) (wire.DeliveriesResult, error) {
	c := principalFrom(ctx)
	if c.Restored != 0 { // what waited in the backup is for devices that may have been revoked since
		return wire.DeliveriesResult{Deliveries: []wire.Delivery{}}, nil
	}
	waiting, err := s.store.Deliveries.List(ctx, c.Agency.ID, c.Member.ID, c.Device.ID, p.After)
	if err != nil {
		return wire.DeliveriesResult{}, err
	}
	answer := wire.DeliveriesResult{Deliveries: []wire.Delivery{}}
	for _, d := range waiting {
		answer.Deliveries = append(answer.Deliveries, delivered(d))
	}
	return answer, nil
}

func delivered(d store.Delivery) wire.Delivery {
	answer := wire.Delivery{ID: d.ID, Version: d.Version, Sealed: d.Sealed}
	if d.IsItem {
		answer.Item = d.Subject
	} else {
		answer.Connection = d.Subject
	}
	return answer
}

func (s *deliveries) acknowledge(ctx context.Context, p wire.AcknowledgeParams) (wire.Empty, error) {
	if len(p.IDs) > maxBatch {
		return wire.Empty{}, onboarding.Invalid("ids", "These are too many at once.")
	}
	by := principalFrom(ctx)
	return wire.Empty{}, s.store.Deliveries.Acknowledge(ctx, by.Agency.ID, by.Device.ID, p.IDs)
}

// sealForDevice passes credentials on to a device that a person compared. The
// relay cannot read them; it sees to it that they are current ones which the
// other device's member may have.
func (s *deliveries) sealForDevice(ctx context.Context, p wire.SealForDeviceParams) (wire.Empty, error) {
	if err := s.requireSynced(ctx); err != nil {
		return wire.Empty{}, err
	}
	if len(p.Deliveries) > maxBatch {
		return wire.Empty{}, onboarding.Invalid("deliveries", "These are too many at once.")
	}
	d, err := s.devices.deviceToTrust(ctx, p.Device)
	if err != nil {
		return wire.Empty{}, err
	}
	_, member, err := s.store.Devices.Get(ctx, d.Agency, d.ID)
	if err != nil {
		return wire.Empty{}, err
	}
	var resealed []store.Delivery
	for _, sealed := range p.Deliveries {
		subject, passed, err := s.resealSubject(ctx, member, d, sealed)
		if err != nil {
			return wire.Empty{}, err
		}
		if passed {
			resealed = append(resealed, store.Delivery{
				Device: d.ID, Subject: subject, IsItem: sealed.Item != "", Version: sealed.Version, Sealed: sealed.Sealed,
			})
		}
	}
	return wire.Empty{}, s.store.Deliveries.StoreResealed(ctx, d.Agency, d.ID, d.Member, resealed)
}

// resealSubject returns the id of what a resealed credential is of. passed is false
// for an older version, and for what is gone or not for the device: it is left out.
func (s *deliveries) resealSubject(
	ctx context.Context, to onboarding.Member, d store.Device, sealed wire.Delivery,
) (subject string, passed bool, err error) {
	if len(sealed.Sealed) == 0 || len(sealed.Sealed) > maxSealed || (sealed.Item == "") == (sealed.Connection == "") {
		return "", false, onboarding.Invalid("deliveries", "This is not a sealed credential.")
	}
	var of onboarding.Ownership
	if sealed.Connection != "" {
		var x onboarding.Connection
		x, err = s.visibleConnection(ctx, sealed.Connection)
		subject, of, passed = x.ID, x.Ownership(), x.HasCredential()
	} else {
		var i onboarding.Item
		i, err = s.visibleItem(ctx, sealed.Item)
		subject, of, passed = i.ID, i.Ownership(), i.HasCredential() && i.Version == sealed.Version
	}
	switch {
	case errors.Is(err, onboarding.ErrNotFound):
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	return subject, passed && principalFrom(ctx).Agency.MayHold(to, d.Device, of), nil
}
