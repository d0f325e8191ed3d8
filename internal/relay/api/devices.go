package api

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// devices are the members' computers.
type devices struct{ *core }

func (s *devices) listDevices(ctx context.Context, _ wire.Empty) (wire.DevicesResult, error) {
	c := principalFrom(ctx)
	devices, err := s.store.Devices.List(ctx, c.Agency.ID)
	if err != nil {
		return wire.DevicesResult{}, err
	}
	result := wire.DevicesResult{Devices: []wire.DeviceView{}}
	for _, d := range devices {
		if !c.Member.MayManage(d.Member) {
			continue
		}
		count, err := s.store.Devices.Credentials(ctx, c.Agency.ID, d.ID, d.Member)
		if err != nil {
			return wire.DevicesResult{}, err
		}
		result.Devices = append(result.Devices, wire.DeviceView{
			Device: d.Device, CredentialCount: count.Holds, Waiting: count.Waiting,
		})
	}
	return result, nil
}

func (s *devices) readDeviceCredentials(
	ctx context.Context, p wire.DeviceParams,
) (wire.DeviceCredentialsResult, error) {
	d, err := s.deviceToManage(ctx, p.ID)
	if err != nil {
		return wire.DeviceCredentialsResult{}, err
	}
	items, connections, err := s.store.Devices.CredentialSubjects(ctx, d.ID)
	if err != nil {
		return wire.DeviceCredentialsResult{}, err
	}
	result := wire.DeviceCredentialsResult{
		Items: append([]string{}, items...), Connections: append([]string{}, connections...),
	}
	if d.Revoked != 0 {
		result.Lost, err = s.store.Repairs.WithoutReceiver(ctx, d.Agency, items)
	}
	return result, err
}

// deviceToManage returns a device that the caller may manage: their own, or, as
// a main user, anybody's. Others do not exist for them.
func (s *devices) deviceToManage(ctx context.Context, id string) (store.Device, error) {
	c := principalFrom(ctx)
	d, _, err := s.store.Devices.Get(ctx, c.Agency.ID, id)
	if err != nil {
		return store.Device{}, err
	}
	if !c.Member.MayManage(d.Member) {
		return store.Device{}, onboarding.ErrNotFound
	}
	return d, nil
}

// deviceToTrust is a device that the caller's own may vouch for: another one,
// that lives.
func (s *devices) deviceToTrust(ctx context.Context, id string) (store.Device, error) {
	d, err := s.deviceToManage(ctx, id)
	if err != nil {
		return store.Device{}, err
	}
	c := principalFrom(ctx)
	switch {
	case d.Revoked != 0:
		return store.Device{}, onboarding.ErrNotFound
	case d.ID == c.Device.ID, c.Device.Approved == 0:
		return store.Device{}, onboarding.ErrForbidden
	}
	return d, nil
}

func (s *devices) approve(ctx context.Context, p wire.DeviceParams) (wire.Empty, error) {
	if err := s.requireSynced(ctx); err != nil {
		return wire.Empty{}, err
	}
	d, err := s.deviceToTrust(ctx, p.ID)
	if err != nil {
		return wire.Empty{}, err
	}
	return wire.Empty{}, s.store.Devices.Approve(ctx, d.Agency, d.ID)
}

func (s *devices) revoke(ctx context.Context, p wire.DeviceParams) (wire.RevokeResult, error) {
	d, err := s.deviceToManage(ctx, p.ID)
	if err != nil {
		return wire.RevokeResult{}, err
	}
	held, err := s.store.Devices.Revoke(ctx, d.Agency, d.ID)
	if err != nil {
		return wire.RevokeResult{}, err
	}
	s.broker.CloseDevices(d.ID)
	if held == nil {
		held = []string{}
	}
	return wire.RevokeResult{Credentials: held}, nil
}
