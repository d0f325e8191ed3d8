package credentials

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// OwnAsset is an ad account or Page of a platform user of the agency. Picked
// ones are in Accounts with Managed = Yes.
type OwnAsset struct {
	Kind     onboarding.Kind `json:"kind"`
	Account  string          `json:"account"`
	Name     string          `json:"name"`
	Detail   string          `json:"detail"`
	Business string          `json:"business"` // its Business Manager; empty: none
	Item     string          `json:"item"`     // its id in Accounts; empty: not picked
	Picked   bool            `json:"picked"`
	Usable   bool            `json:"usable"`
	Message  string          `json:"message"` // why it cannot be picked
}

// OwnAssetList is what a platform user of the agency has.
type OwnAssetList struct {
	Assets []OwnAsset `json:"assets"`
	Unread string     `json:"unread"` // the lists that the platform refused, in a sentence; empty: none
}

// OwnAssets lists a Facebook user's assets as Facebook returns them now, ad
// accounts first. It leaves out those that a client shared: their Managed stays
// No. A refusal by Facebook is an InvalidError with the catalog's message.
func (c *Credentials) OwnAssets(ctx context.Context, connection string) (OwnAssetList, error) {
	list, err := c.ownAssets(ctx, connection)
	if err != nil {
		return OwnAssetList{}, fmt.Errorf("listing what a connected user has: %w", err)
	}
	return list, nil
}

func (c *Credentials) ownAssets(ctx context.Context, connection string) (OwnAssetList, error) {
	user, err := replica.ReadConnection(ctx, c.config.Replica.DB(), connection)
	if err != nil {
		return OwnAssetList{}, err
	}
	assets, unread, err := c.listAssets(ctx, user)
	if err != nil {
		return OwnAssetList{}, err
	}
	listed, err := replica.ReadListedItems(ctx, c.config.Replica.DB(), user.Platform)
	if err != nil {
		return OwnAssetList{}, err
	}
	agency, err := replica.ReadAgency(ctx, c.config.Replica.DB())
	if err != nil {
		return OwnAssetList{}, err
	}
	shown := []OwnAsset{}
	for _, asset := range assets {
		item, shared := findAsset(listed, asset, user.ID)
		if shared && item == "" {
			continue
		}
		own := OwnAsset{
			Kind:     asset.Kind,
			Account:  asset.ID,
			Name:     asset.Name,
			Detail:   asset.Detail,
			Business: asset.Business.Name,
			Item:     item,
			Picked:   item != "",
			Usable:   asset.Barrier == "",
		}
		if !own.Usable {
			own.Message = c.config.Catalog.Describe(asset.Barrier, catalog.Args{
				Agency: agency.CompanyName(), Asset: asset.Name, Service: onboarding.Facebook,
			}).ForAgency
		}
		shown = append(shown, own)
	}
	return OwnAssetList{Assets: shown, Unread: c.nameUnread(unread)}, nil
}

func (c *Credentials) nameUnread(lists []platform.UnreadList) string {
	var names []string
	for _, list := range lists {
		names = append(names, c.config.Catalog.UnreadList(list.Kind, list.Business.Name, list.Given))
	}
	return c.config.Catalog.List(names)
}

// listAssets asks the platform for a user's assets.
func (c *Credentials) listAssets(
	ctx context.Context, user onboarding.Connection,
) ([]platform.Asset, []platform.UnreadList, error) {
	driver, err := platform.Find(c.config.Drivers, user.Platform)
	if err != nil {
		return nil, nil, err
	}
	lister, able := driver.(platform.OwnAssets)
	if !able {
		return nil, nil, onboarding.ErrNotOffered
	}
	credential, err := c.ConnectionCredential(ctx, user.ID)
	if errors.Is(err, ErrNoCredential) {
		return nil, nil, onboarding.Invalid(
			"connection",
			fmt.Sprintf("%s is connected on another computer. Choose there, or connect this user here.", user.User.Name),
		)
	} else if err != nil {
		return nil, nil, err
	}
	assets, unread, err := lister.OwnAssets(ctx, credential)
	if err != nil {
		return nil, nil, c.Describe(ctx, "connection", onboarding.Facebook, user.User.Name, err)
	}
	return assets, unread, nil
}

// findAsset finds an asset in Accounts: its item if it was picked of the Connection,
// and whether a client shared it.
func findAsset(listed []onboarding.Item, asset platform.Asset, connection string) (picked string, shared bool) {
	for _, item := range listed {
		switch {
		case item.Kind != asset.Kind || item.Account != asset.ID:
		case item.Request != "":
			shared = true
		case item.Connection == connection:
			picked = item.ID
		}
	}
	return picked, shared
}

// PickAssets puts exactly these ad accounts and Pages of a Facebook user, by
// the platform's ids, into Accounts and removes its others. It needs the relay
// and Facebook.
func (c *Credentials) PickAssets(ctx context.Context, connection string, accounts []string) error {
	if err := c.pickAssets(ctx, connection, accounts); err != nil {
		return fmt.Errorf("picking what a connected user has: %w", err)
	}
	return nil
}

func (c *Credentials) pickAssets(ctx context.Context, connection string, accounts []string) error {
	list, err := c.ownAssets(ctx, connection)
	if err != nil {
		return err
	}
	p := wire.PickAssetsParams{Connection: connection}
	found := 0
	for _, o := range list.Assets {
		if !slices.Contains(accounts, o.Account) {
			continue
		}
		found++
		if !o.Usable && !o.Picked {
			return onboarding.Invalid("accounts", o.Message)
		}
		p.Assets = append(p.Assets, wire.PickedAsset{Kind: o.Kind, Account: o.Account, Name: o.Name, Detail: o.Detail})
	}
	if found != len(accounts) {
		return onboarding.Invalid("accounts", "Something that was chosen is no longer there. Load the list again.")
	}
	a, err := session.Call(ctx, c.config.Session, wire.PickAssets, p)
	if err != nil {
		return err
	}
	for _, i := range a.Items {
		if err := c.storeOwn(ctx, i); err != nil {
			return err
		}
	}
	if err := c.removeUnpicked(ctx, connection, accounts, list); err != nil {
		return err
	}
	c.config.OnDue()
	return nil
}

// removeUnpicked removes the items of a Connection that are picked no longer. The list lacks
// assets that the user has lost: the picked ones are read from the replica. If the platform
// refused a part of the list, nobody could see what is missing: that stays.
func (c *Credentials) removeUnpicked(
	ctx context.Context, connection string, accounts []string, list OwnAssetList,
) error {
	picked, err := replica.ReadPickedItems(ctx, c.config.Replica.DB(), connection)
	if err != nil {
		return err
	}
	for _, i := range picked {
		wasShown := func(o OwnAsset) bool { return o.Account == i.Account }
		if slices.Contains(accounts, i.Account) || list.Unread != "" && !slices.ContainsFunc(list.Assets, wasShown) {
			continue
		}
		if err := c.RemoveAccount(ctx, i.ID); err != nil {
			return err
		}
	}
	return nil
}

// storeOwn stores an item of the agency from the relay's result, before the
// change arrives, so that its check begins at once.
func (c *Credentials) storeOwn(ctx context.Context, i onboarding.Item) error {
	return c.config.Replica.Update(ctx, func(tx *replica.Tx) error { return tx.StoreItem(ctx, i) })
}

// RemoveAccount removes an account of the agency from Accounts, and its
// credential from all devices. An account that a client shared is ErrConflict:
// it is deleted with its request. It needs the relay.
func (c *Credentials) RemoveAccount(ctx context.Context, item string) error {
	_, err := session.Call(ctx, c.config.Session, wire.RemoveAccount, wire.ItemParams{ID: item})
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return fmt.Errorf("removing account %s: %w", item, err)
	}
	err = c.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		if err := tx.StoreDeleted(ctx, "item", item); err != nil {
			return err
		}
		return tx.DropItem(ctx, item, c.now())
	})
	c.config.OnQueued()
	return err
}

// CorrectAddress normalizes an account's address. It may return a suggestion,
// which the user has to accept. An invalid address is an InvalidError.
func (c *Credentials) CorrectAddress(
	ctx context.Context, service onboarding.Service, typed string,
) (address, suggestion string, err error) {
	taker, err := c.keyTaker(service)
	if err != nil {
		return "", "", err
	}
	if typed, err = onboarding.ValidatePasted("address", typed); err != nil {
		return "", "", err
	}
	address, err = taker.NormalizeAddress(typed)
	if err != nil {
		return "", platform.AsFailure(err).Suggestion, c.Describe(ctx, "address", service, "", err)
	}
	return address, "", nil
}

func (c *Credentials) keyTaker(service onboarding.Service) (platform.KeyTaker, error) {
	driver, err := platform.Find(c.config.Drivers, service.Platform())
	if err != nil {
		return nil, err
	}
	taker, able := driver.(platform.KeyTaker)
	if !able {
		return nil, onboarding.ErrNotOffered
	}
	return taker, nil
}

// maxPlanTries bounds the retries when another hub connects the same account
// concurrently.
const maxPlanTries = 4

// ConnectKey connects an account of the agency by its address and a key. This
// computer verifies both at the platform and seals the key for the entitled
// devices: those of this member and of the main users. So the relay never sees
// the key. The relay names those devices: a compromised relay could name its
// own, but only before the key is sealed. An invalid value is an InvalidError
// of the field "address" or "key".
func (c *Credentials) ConnectKey(
	ctx context.Context, service onboarding.Service, address string, key onboarding.Secret,
) (onboarding.Item, error) {
	i, err := c.connectKey(ctx, service, address, key)
	if err != nil {
		return onboarding.Item{}, fmt.Errorf("connecting an account of %s: %w", service, err)
	}
	return i, nil
}

func (c *Credentials) connectKey(
	ctx context.Context, service onboarding.Service, address string, key onboarding.Secret,
) (onboarding.Item, error) {
	taker, err := c.keyTaker(service)
	if err != nil {
		return onboarding.Item{}, err
	}
	if address, err = onboarding.ValidatePasted("address", address); err != nil {
		return onboarding.Item{}, err
	}
	typed, err := onboarding.ValidatePasted("key", key.Reveal())
	if err != nil {
		return onboarding.Item{}, err
	}
	if address, err = taker.NormalizeAddress(address); err != nil {
		return onboarding.Item{}, c.Describe(ctx, "address", service, "", err)
	}
	grant, err := taker.VerifyKey(ctx, address, onboarding.NewSecret(typed))
	if err != nil {
		field := "address"
		if what := platform.AsFailure(err).Code; what == catalog.KeyRefused || what == catalog.KeySeesNothing {
			field = "key"
		}
		return onboarding.Item{}, c.Describe(ctx, field, service, "", err)
	}
	for try := 0; ; try++ {
		i, err := c.saveAccount(ctx, service, grant)
		if errors.Is(err, onboarding.ErrConflict) && try < maxPlanTries {
			continue
		}
		if err != nil {
			return i, err
		}
		if err := c.storeOwn(ctx, i); err != nil {
			return i, err
		}
		if _, client, err := c.config.Session.Client(); err == nil {
			if err := c.Fetch(ctx, client); err != nil {
				c.config.Log.Info("a key is fetched in the next round", "error", err)
			}
		}
		c.config.OnQueued()
		return i, nil
	}
}

// saveAccount seals an account's credential as planned by the relay.
func (c *Credentials) saveAccount(
	ctx context.Context, service onboarding.Service, grant platform.Grant,
) (onboarding.Item, error) {
	plan, err := session.Call(ctx, c.config.Session, wire.PlanAccount, wire.PlanAccountParams{
		Service: service, Account: grant.Account.ID,
	})
	if err != nil {
		return onboarding.Item{}, err
	}
	plain, err := grant.Credential.Plain()
	if err != nil {
		return onboarding.Item{}, err
	}
	id := c.config.Session.Identity()
	p := wire.SaveAccountParams{
		Item: plan.Item, Version: plan.Version, Service: service,
		Account: grant.Account.ID, Name: grant.Account.Name, Detail: grant.Detail, PlatformBy: grant.User,
	}
	names := seal.Binding{
		Relay: id.Relay, Agency: id.Agency, Item: plan.Item, Account: grant.Account.ID, Version: plan.Version,
	}
	for _, d := range plan.Devices {
		if d.ID == id.Device && d.PublicKey != id.PublicKey {
			return onboarding.Item{}, fmt.Errorf(
				"sealing a key: the relay has another key of this computer: %w", onboarding.ErrConflict,
			)
		}
		sealed, err := seal.Seal(names, plain, d.PublicKey)
		if err != nil {
			return onboarding.Item{}, fmt.Errorf("sealing a key for device %s: %w", d.ID, err)
		}
		p.Sealed = append(p.Sealed, wire.SealedFor{Device: d.ID, Sealed: sealed})
	}
	a, err := session.Call(ctx, c.config.Session, wire.SaveAccount, p)
	return a.Item, err
}

// Describe turns a platform's refusal into the catalog's message for a field.
// An unreachable platform is not an error of the field.
func (c *Credentials) Describe(
	ctx context.Context, field string, service onboarding.Service, asset string, refused error,
) error {
	var failure *platform.Failure
	if !errors.As(refused, &failure) {
		return refused
	}
	if errors.Is(failure, onboarding.ErrPlatformDown) {
		return fmt.Errorf("%w: %w", onboarding.ErrPlatformDown, failure)
	}
	agency, err := replica.ReadAgency(ctx, c.config.Replica.DB())
	if err != nil {
		return err
	}
	said := c.config.Catalog.Describe(failure.Code, catalog.Args{
		Agency: agency.CompanyName(), Asset: asset, Service: service, Address: failure.Suggestion,
	})
	sentence := said.Message
	if said.FixedBy == catalog.TheAgency {
		sentence = said.ForAgency
	}
	return onboarding.Invalid(field, strings.TrimSpace(sentence+" "+said.NextStep))
}
