package api

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// accounts are an agency's own.
type accounts struct{ *core }

// pickAssets puts ad accounts and Pages of a Connection's user into Accounts.
// Nothing of it is taken on trust later: the hub's checks try each of them.
func (s *accounts) pickAssets(ctx context.Context, p wire.PickAssetsParams) (wire.ItemsResult, error) {
	if len(p.Assets) > maxBatch {
		return wire.ItemsResult{}, onboarding.Invalid("assets", "These are too many at once.")
	}
	c := principalFrom(ctx)
	x, err := s.visibleConnection(ctx, p.Connection)
	switch {
	case err != nil:
		return wire.ItemsResult{}, err
	case !c.Member.MayManage(x.Member):
		return wire.ItemsResult{}, onboarding.ErrForbidden
	case x.Ended != 0 || x.Platform != onboarding.Meta:
		return wire.ItemsResult{}, onboarding.ErrConflict
	}
	var picked []onboarding.Item
	for _, asset := range p.Assets {
		if asset.Kind != onboarding.AdAccount && asset.Kind != onboarding.Page {
			return wire.ItemsResult{}, onboarding.Invalid("assets", "Only ad accounts and Pages can be picked.")
		}
		if err := validateNames(asset.Account, asset.Name, asset.Detail); err != nil {
			return wire.ItemsResult{}, err
		}
		picked = append(picked, onboarding.Item{
			Service: onboarding.Facebook, Kind: asset.Kind, Account: asset.Account, Name: asset.Name, Detail: asset.Detail,
			By: c.Member.Person(),
		})
	}
	kept, err := s.store.Items.Pick(ctx, c.Agency.ID, x.ID, picked)
	if kept == nil {
		kept = []onboarding.Item{}
	}
	return wire.ItemsResult{Items: kept}, err
}

// validateNames bounds the names that a hub gives an account.
func validateNames(account, name, detail string) error {
	if account == "" || len(account) > 200 {
		return onboarding.Invalid("account", "This is not an account.")
	}
	if name == "" || len(name) > 500 || len(detail) > 500 {
		return onboarding.Invalid("name", "This is no name of an account.")
	}
	return nil
}

// keyTaker finds the driver of a service that a hub may connect by a key.
func (s *accounts) keyTaker(service onboarding.Service) error {
	driver, err := s.driverOf(service.Platform())
	if err != nil {
		return err
	}
	if _, takes := driver.(platform.KeyTaker); !takes {
		return onboarding.ErrNotOffered
	}
	return nil
}

// planAccount returns what has to stand inside a key that the hub seals, and for
// whom: the devices for which the relay itself would seal the agency's own.
func (s *accounts) planAccount(ctx context.Context, p wire.PlanAccountParams) (wire.PlanAccountResult, error) {
	c := principalFrom(ctx)
	if err := s.keyTaker(p.Service); err != nil {
		return wire.PlanAccountResult{}, err
	}
	if err := validateNames(p.Account, "a name", ""); err != nil {
		return wire.PlanAccountResult{}, err
	}
	plan, err := s.store.Items.Plan(ctx, c.Agency.ID, store.ItemKey{
		Owner: c.Member.ID, Service: p.Service, Kind: onboarding.CRMAccount, Account: p.Account,
	})
	if err != nil {
		return wire.PlanAccountResult{}, err
	}
	devices, err := s.ownAccountDevices(ctx)
	if err != nil {
		return wire.PlanAccountResult{}, err
	}
	answer := wire.PlanAccountResult{Item: plan.ID, Version: plan.Version, Devices: []wire.DeviceKey{}}
	for _, d := range devices {
		answer.Devices = append(answer.Devices, wire.DeviceKey{ID: d.ID, PublicKey: d.PublicKey})
	}
	return answer, nil
}

// ownAccountDevices lists the devices for the credential of an account that the
// caller connects.
func (s *accounts) ownAccountDevices(ctx context.Context) ([]store.Device, error) {
	c := principalFrom(ctx)
	return s.sealer.EntitledDevices(ctx, sealing.Target{
		Agency: c.Agency.ID, Of: onboarding.Ownership{Member: c.Member.ID, Agency: true},
	})
}

// saveAccount stores an account that a hub connected by a key, which the relay
// cannot read. It goes to devices that may have it and to no others; those
// that came since the plan ask a person, as every new device does.
func (s *accounts) saveAccount(ctx context.Context, p wire.SaveAccountParams) (wire.ItemResult, error) {
	principal := principalFrom(ctx)
	if err := s.keyTaker(p.Service); err != nil {
		return wire.ItemResult{}, err
	}
	if err := validateID("item", p.Item); err != nil {
		return wire.ItemResult{}, err
	}
	if err := validateNames(p.Account, p.Name, p.Detail); err != nil {
		return wire.ItemResult{}, err
	}
	if p.Version < 1 || len(p.PlatformBy) > 500 || len(p.Sealed) > maxBatch {
		return wire.ItemResult{}, onboarding.Invalid("sealed", "This is not an account as planned.")
	}
	devices, err := s.ownAccountDevices(ctx)
	if err != nil {
		return wire.ItemResult{}, err
	}
	entitled := map[string]bool{}
	for _, d := range devices {
		entitled[d.ID] = true
	}
	shared := store.SharedItem{Item: onboarding.Item{
		ID: p.Item, Version: p.Version, Owner: principal.Member.ID, Service: p.Service, Kind: onboarding.CRMAccount,
		Account: p.Account, Name: p.Name, Detail: p.Detail, PlatformBy: p.PlatformBy, By: principal.Member.Person(),
		State: onboarding.ItemConnected,
	}}
	for _, one := range p.Sealed {
		if len(one.Sealed) == 0 || len(one.Sealed) > maxSealed {
			return wire.ItemResult{}, onboarding.Invalid("sealed", "This is not a sealed credential.")
		}
		if entitled[one.Device] {
			shared.Deliveries = append(shared.Deliveries, store.Delivery{
				Device: one.Device, Subject: p.Item, IsItem: true, Version: p.Version, Sealed: one.Sealed,
			})
		}
	}
	if len(shared.Deliveries) == 0 {
		return wire.ItemResult{}, onboarding.ErrNoDevice
	}
	kept, err := s.store.Items.PutOwn(ctx, principal.Agency.ID, shared)
	return wire.ItemResult{Item: kept}, err
}

// removeAccount takes an account of the agency itself out of Accounts. What a
// client shared stays: it goes with its request.
func (s *accounts) removeAccount(ctx context.Context, p wire.ItemParams) (wire.Empty, error) {
	c := principalFrom(ctx)
	i, err := s.visibleItem(ctx, p.ID)
	switch {
	case err != nil:
		return wire.Empty{}, err
	case i.Request != "":
		return wire.Empty{}, onboarding.ErrConflict
	case !c.Member.MayManage(i.Owner):
		return wire.Empty{}, onboarding.ErrForbidden
	}
	return wire.Empty{}, s.store.Items.DropOwn(ctx, c.Agency.ID, i.ID)
}
