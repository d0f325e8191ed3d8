package api

import (
	"context"
	"regexp"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// byHand is about what clients share at Facebook by hand.
type byHand struct{ *core }

func (s *byHand) handle(api *wire.Server) {
	wire.Handle(api, wire.FindItem, mapDBErrors(s.find))
	wire.Handle(api, wire.ConfirmItem, mapDBErrors(s.confirm))
	wire.Handle(api, wire.UnmatchItem, mapDBErrors(s.unmatch))
}

// isAssetID matches the ids of Facebook's assets.
var isAssetID = regexp.MustCompile(`^(act_)?[0-9]{1,30}$`)

func (s *byHand) find(ctx context.Context, p wire.FindItemParams) (wire.ItemResult, error) {
	if _, err := s.visibleItem(ctx, p.Item); err != nil {
		return wire.ItemResult{}, err
	}
	name, err := onboarding.ValidateLine("name", p.Name, maxStoredText, "An account has a name.")
	if err != nil {
		return wire.ItemResult{}, err
	}
	if !p.Kind.IsShared() || !isAssetID.MatchString(p.Account) || len(p.Detail) > maxStoredText {
		return wire.ItemResult{}, onboarding.Invalid("account", "This is not an account at Facebook.")
	}
	c := principalFrom(ctx)
	found := store.FoundItem{
		Kind: p.Kind, Account: p.Account, Name: name, Detail: onboarding.CleanLine(p.Detail),
	}
	if p.Chosen {
		found.Chosen, found.Same = c.Member.Name, p.Same
	}
	item, err := s.store.Items.Find(ctx, c.Agency.ID, p.Item, found)
	return wire.ItemResult{Item: item}, err
}

func (s *byHand) confirm(ctx context.Context, p wire.ConfirmItemParams) (wire.ItemResult, error) {
	item, err := s.visibleItem(ctx, p.Item)
	if err != nil {
		return wire.ItemResult{}, err
	}
	c := principalFrom(ctx)
	if !p.On {
		waits := catalog.ManualShare
		if item.IsNamed() {
			waits = catalog.NamedByClient
		}
		item, err := s.store.Items.Unconfirm(ctx, c.Agency.ID, p.Item, string(waits), c.Member.Name)
		return wire.ItemResult{Item: item}, err
	}
	item, err = s.store.Items.Confirm(ctx, c.Agency.ID, p.Item, c.Member.Name)
	return wire.ItemResult{Item: item}, err
}

func (s *byHand) unmatch(ctx context.Context, p wire.UnmatchItemParams) (wire.UnmatchItemResult, error) {
	if _, err := s.visibleItem(ctx, p.Item); err != nil {
		return wire.UnmatchItemResult{}, err
	}
	c := principalFrom(ctx)
	result, err := s.store.Items.Unmatch(ctx, c.Agency.ID, p.Item, onboarding.NamedAsset{
		Kind: p.Kind, Name: p.Name,
	}, string(catalog.NamedByClient), c.Member.Name)
	return wire.UnmatchItemResult{Item: result.Named, Kept: result.Kept}, err
}

// validateFacebook completes what is asked for at Facebook with what the relay has of the
// Connection. By hand it can do without one: then the member has typed the Business Manager,
// or chosen one in which their Facebook user is no admin.
func (s *requests) validateFacebook(ctx context.Context, w wire.RequestInput, n *store.NewRequest) error {
	n.Kinds, n.Level, n.ByHand = onboarding.SortKinds(w.Kinds), w.Level.OrDefault(), w.ByHand
	if w.ByHand && w.Connection == "" {
		business, err := onboarding.ValidateBusiness(onboarding.Account{ID: w.Business, Name: w.BusinessName})
		n.Business = business
		if err != nil {
			return err
		}
		return s.mayShareWith(ctx, business.ID)
	}
	x, err := s.visibleConnection(ctx, w.Connection)
	if err != nil || x.Ended != 0 || x.Platform != onboarding.Meta {
		return onboarding.Invalid("connection", "Choose a Facebook user who is connected here.")
	}
	for _, b := range x.Businesses {
		if b.ID != w.Business {
			continue
		}
		if !b.Admin && w.ByHand { // nobody can look there: staff confirm what arrives
			n.Business = onboarding.Account{ID: b.ID, Name: b.Name}
			return nil
		}
		if !b.Admin {
			return onboarding.Invalid("business",
				x.User.Name+" is not an admin of "+strings.TrimSpace(b.Name)+". Choose a Business Manager where they are.")
		}
		n.Connection, n.User, n.Business = x.ID, x.User, onboarding.Account{ID: b.ID, Name: b.Name}
		return nil
	}
	return onboarding.Invalid("business", "Choose a Business Manager of this Facebook user.")
}

// mayShareWith refuses a Business Manager that only a user who is no main user has typed: a
// client would share with whoever has it.
func (s *requests) mayShareWith(ctx context.Context, business string) error {
	c := principalFrom(ctx)
	if c.Member.Role == onboarding.MainUser {
		return nil
	}
	if known, err := s.store.Requests.HasBusiness(ctx, c.Agency.ID, business); err != nil || known {
		return err
	}
	return onboarding.Invalid("business", "No request of your agency uses this Business Manager yet. "+
		"Ask a main user to send the first request with it, or choose a connected Facebook user.")
}
