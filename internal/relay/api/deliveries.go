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

func (s *deliveries) readDeliveries(ctx context.Context, q wire.DeliveriesParams) (wire.DeliveriesResult, error) {
	c := principalFrom(ctx)
	waiting, err := s.store.Deliveries.List(ctx, c.Agency.ID, c.Member.ID, c.Device.ID, q.After)
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

func (s *deliveries) acknowledge(ctx context.Context, q wire.AcknowledgeParams) (wire.Empty, error) {
	if len(q.IDs) > maxBatch {
		return wire.Empty{}, onboarding.Invalid("ids", "These are too many at once.")
	}
	return wire.Empty{}, s.store.Deliveries.Acknowledge(ctx, principalFrom(ctx).Device.ID, q.IDs)
}

// sealForDevice passes credentials on to a device that a person compared. The
// relay cannot read them; it sees to it that they are current ones which the
// other device's member may have.
func (s *deliveries) sealForDevice(ctx context.Context, q wire.SealForDeviceParams) (wire.Empty, error) {
	if len(q.Deliveries) > maxBatch {
		return wire.Empty{}, onboarding.Invalid("deliveries", "These are too many at once.")
	}
	d, err := s.devices.deviceToTrust(ctx, q.Device)
	if err != nil {
		return wire.Empty{}, err
	}
	member, err := s.store.Members.Get(ctx, d.Agency, d.Member)
	if err != nil {
		return wire.Empty{}, err
	}
	var passed []store.Delivery
	for _, one := range q.Deliveries {
		delivery, current, err := s.resealTargets(ctx, member, d, one)
		if err != nil {
			return wire.Empty{}, err
		}
		if current {
			passed = append(passed, delivery)
		}
	}
	return wire.Empty{}, s.store.Deliveries.StoreResealed(ctx, d.Agency, d.ID, d.Member, passed)
}

// resealTargets checks one credential that is passed on. An older version, or one
// of something that is gone, is left out: a newer one is on its way.
func (s *deliveries) resealTargets(
	ctx context.Context, to onboarding.Member, d store.Device, one wire.Delivery,
) (store.Delivery, bool, error) {
	c := principalFrom(ctx)
	delivery := store.Delivery{Device: d.ID, Version: one.Version, Sealed: one.Sealed}
	if len(one.Sealed) == 0 || len(one.Sealed) > maxSealed || (one.Item == "") == (one.Connection == "") {
		return delivery, false, onboarding.Invalid("deliveries", "This is not a sealed credential.")
	}
	if one.Connection != "" {
		x, err := s.visibleConnection(ctx, one.Connection)
		if errors.Is(err, onboarding.ErrNotFound) {
			return delivery, false, nil
		} else if err != nil {
			return delivery, false, err
		}
		delivery.Subject = x.ID
		return delivery, x.Ended == 0 && maySeeOwn(c.Agency, to, x.Member), nil
	}
	i, err := s.visibleItem(ctx, one.Item)
	if errors.Is(err, onboarding.ErrNotFound) {
		return delivery, false, nil
	} else if err != nil {
		return delivery, false, err
	}
	delivery.Subject, delivery.IsItem = i.ID, true
	return delivery, i.Version == one.Version && i.State != onboarding.ItemEnded && maySeeItem(c.Agency, to, i), nil
}
