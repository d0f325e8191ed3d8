package relay

import (
	"context"
	"errors"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func (s *Relay) listDevices(ctx context.Context, _ wire.Empty) (wire.DevicesResult, error) {
	c := caller(ctx)
	devices, err := s.store.Devices(ctx, c.Agency.ID)
	if err != nil {
		return wire.DevicesResult{}, err
	}
	answer := wire.DevicesResult{Devices: []wire.DeviceView{}}
	for _, d := range devices {
		if d.Member != c.Member.ID && c.Member.Role != onboarding.MainUser {
			continue
		}
		holding, err := s.store.Holdings(ctx, c.Agency.ID, d.ID, d.Member)
		if err != nil {
			return wire.DevicesResult{}, err
		}
		view := wire.DeviceView{Device: d.Device, CredentialCount: holding.Holds, Waiting: holding.Waiting}
		if d.Revoked != 0 {
			view.Waiting = 0
		}
		answer.Devices = append(answer.Devices, view)
	}
	return answer, nil
}

func (s *Relay) readHoldings(ctx context.Context, q wire.DeviceParams) (wire.DeviceCredentialsResult, error) {
	d, err := s.deviceToManage(ctx, q.ID)
	if err != nil {
		return wire.DeviceCredentialsResult{}, err
	}
	items, connections, err := s.store.Held(ctx, d.ID)
	if err != nil {
		return wire.DeviceCredentialsResult{}, err
	}
	return wire.DeviceCredentialsResult{Items: append([]string{}, items...), Connections: append([]string{}, connections...)}, nil
}

// deviceToManage gives a device that the caller may manage: their own, or, as
// a main user, anybody's. Others do not exist for them.
func (s *Relay) deviceToManage(ctx context.Context, id string) (store.Device, error) {
	c := caller(ctx)
	d, err := s.store.Device(ctx, c.Agency.ID, id)
	if err != nil {
		return store.Device{}, err
	}
	if d.Member != c.Member.ID && c.Member.Role != onboarding.MainUser {
		return store.Device{}, onboarding.ErrNotFound
	}
	return d, nil
}

// deviceToTrust is a device that the caller's own may vouch for: another one,
// that lives.
func (s *Relay) deviceToTrust(ctx context.Context, id string) (store.Device, error) {
	d, err := s.deviceToManage(ctx, id)
	if err != nil {
		return store.Device{}, err
	}
	c := caller(ctx)
	switch {
	case d.Revoked != 0, !s.keys.VerifyDevice(sealing.SignedDevice(d), d.MAC):
		return store.Device{}, onboarding.ErrNotFound
	case d.ID == c.Device.ID, c.Device.Approved == 0:
		return store.Device{}, onboarding.ErrForbidden
	}
	return d, nil
}

func (s *Relay) approve(ctx context.Context, q wire.DeviceParams) (wire.Empty, error) {
	d, err := s.deviceToTrust(ctx, q.ID)
	if err != nil {
		return wire.Empty{}, err
	}
	return wire.Empty{}, s.store.Approve(ctx, d.Agency, d.ID)
}

func (s *Relay) revoke(ctx context.Context, q wire.DeviceParams) (wire.RevokeResult, error) {
	d, err := s.deviceToManage(ctx, q.ID)
	if err != nil {
		return wire.RevokeResult{}, err
	}
	held, err := s.store.Revoke(ctx, d.Agency, d.ID)
	if err != nil {
		return wire.RevokeResult{}, err
	}
	s.broker.CloseDevices(d.ID)
	if held == nil {
		held = []string{}
	}
	return wire.RevokeResult{Credentials: held}, nil
}

func (s *Relay) readDeliveries(ctx context.Context, q wire.DeliveriesParams) (wire.DeliveriesResult, error) {
	c := caller(ctx)
	waiting, err := s.store.Deliveries(ctx, c.Agency.ID, c.Member.ID, c.Device.ID, q.After)
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
	if d.OfItem {
		answer.Item = d.Subject
	} else {
		answer.Connection = d.Subject
	}
	return answer
}

// maxBatch bounds lists in a question.
const maxBatch = 1000

func (s *Relay) acknowledge(ctx context.Context, q wire.AcknowledgeParams) (wire.Empty, error) {
	if len(q.IDs) > maxBatch {
		return wire.Empty{}, onboarding.Invalid("ids", "These are too many at once.")
	}
	return wire.Empty{}, s.store.Acknowledge(ctx, caller(ctx).Device.ID, q.IDs)
}

// maxSealed bounds one sealed credential, in bytes.
const maxSealed = 64 << 10

// sealForDevice passes credentials on to a device that a person compared. The
// relay cannot read them; it sees to it that they are current ones which the
// other device's member may have.
func (s *Relay) sealForDevice(ctx context.Context, q wire.SealForDeviceParams) (wire.Empty, error) {
	if len(q.Deliveries) > maxBatch {
		return wire.Empty{}, onboarding.Invalid("deliveries", "These are too many at once.")
	}
	d, err := s.deviceToTrust(ctx, q.Device)
	if err != nil {
		return wire.Empty{}, err
	}
	member, err := s.store.Member(ctx, d.Agency, d.Member)
	if err != nil {
		return wire.Empty{}, err
	}
	var passed []store.Delivery
	for _, one := range q.Deliveries {
		delivery, current, err := s.passable(ctx, member, d, one)
		if err != nil {
			return wire.Empty{}, err
		}
		if current {
			passed = append(passed, delivery)
		}
	}
	return wire.Empty{}, s.store.PassOn(ctx, d.Agency, d.ID, d.Member, passed)
}

// passable checks one credential that is passed on. An older version, or one
// of something that is gone, is left out: a newer one is on its way.
func (s *Relay) passable(ctx context.Context, to onboarding.Member, d store.Device, one wire.Delivery) (store.Delivery, bool, error) {
	c := caller(ctx)
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
	delivery.Subject, delivery.OfItem = i.ID, true
	return delivery, i.Version == one.Version && i.State != onboarding.ItemEnded && maySeeItem(c.Agency, to, i), nil
}
