package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// repairs are the links by which clients repair what they shared.
type repairs struct {
	*core
	preflight *preflight
}

func (s *repairs) handle(api *wire.Server) {
	wire.Handle(api, wire.PrepareRepairs, mapDBErrors(s.prepare))
	wire.Handle(api, wire.CloseRepair, mapDBErrors(s.closeRepair))
}

// toWireRepair is a repair as a hub gets it, with its link.
func toWireRepair(p store.Repair, links link.Links) (*onboarding.Repair, error) {
	address, err := links.URL(link.Link{Kind: link.KindRepair, Version: p.Version, ID: p.LinkID})
	if err != nil {
		return nil, err
	}
	p.Link = address.Reveal()
	return &p.Repair, nil
}

// repairGroup are items of one request whose links go to one address.
type repairGroup struct {
	request string
	address string
	items   []store.RepairItem
}

func (s *repairs) prepare(ctx context.Context, p wire.PrepareRepairsParams) (wire.RepairsResult, error) {
	groups, err := s.groups(ctx, p)
	if err != nil {
		return wire.RepairsResult{}, err
	}
	c := principalFrom(ctx)
	result := wire.RepairsResult{Items: []onboarding.Item{}, Unsent: []wire.UnsentRepair{}}
	for n, group := range groups {
		prepared, err := s.store.Repairs.Prepare(ctx, c.Agency.ID, group.request, store.NewRepair{
			Items: group.items, Lost: p.Lost, Address: group.address, Send: fmt.Sprintf("%s-%d", p.Send, n),
			Hashes: s.keys.HashAddresses, Who: c.Member.Name, Limits: s.limits, Repairable: catalog.IsRepairable,
		})
		if err != nil && !errors.Is(err, onboarding.ErrConflict) {
			return wire.RepairsResult{}, err
		}
		for _, wanted := range group.items {
			item, err := s.withRepair(ctx, wanted.ID)
			if err != nil {
				return wire.RepairsResult{}, err
			}
			result.Items = append(result.Items, item)
			if why := whyUnsent(item, prepared); why != "" {
				result.Unsent = append(result.Unsent, wire.UnsentRepair{Item: item.ID, Why: why})
			}
		}
	}
	return result, nil
}

// whyUnsent is why an item's link is not emailed; empty: it is, or the item works.
func whyUnsent(i onboarding.Item, prepared store.PreparedRepairs) string {
	switch {
	case slices.Contains(prepared.Items, i.ID):
		switch prepared.Blocked {
		case "":
			return ""
		case store.BlockSuppressed:
			return wire.UnsentSuppressed
		}
		return wire.UnsentLimit
	case i.State == onboarding.ItemEnded || i.Withdrawn != 0:
		return wire.UnsentEnded
	case i.Access.State == onboarding.AccessBroken:
		return wire.UnsentNotTheirs
	}
	return ""
}

// groups validates what is asked for, and puts the links of a request that go to one
// address together: they come in one email.
func (s *repairs) groups(ctx context.Context, p wire.PrepareRepairsParams) ([]repairGroup, error) {
	if err := validateID("send", p.Send); err != nil {
		return nil, err
	}
	if len(p.Repairs) == 0 || len(p.Repairs) > wire.MaxRepairs {
		return nil, onboarding.Invalid("repairs", fmt.Sprintf("Choose one to %d accounts.", wire.MaxRepairs))
	}
	var groups []repairGroup
	mailed := false
	for _, wanted := range p.Repairs {
		item, err := s.visibleItem(ctx, wanted.Item)
		if err != nil {
			return nil, err
		}
		if item.Request == "" {
			return nil, onboarding.Invalid("repairs", "This account is your own. Connect it again.")
		}
		address := ""
		if wanted.Address != "" {
			if address, err = onboarding.ValidateAddress("address", wanted.Address); err != nil {
				return nil, err
			}
		}
		mailed = mailed || address != ""
		at := slices.IndexFunc(groups, func(g repairGroup) bool {
			return g.request == item.Request && onboarding.AddressKey(g.address) == onboarding.AddressKey(address)
		})
		if at < 0 {
			at = len(groups)
			groups = append(groups, repairGroup{request: item.Request, address: address})
		}
		groups[at].items = append(groups[at].items, store.RepairItem{ID: item.ID, LinkID: link.NewID()})
	}
	if mailed && s.preflight.mail == nil {
		return nil, onboarding.Invalid("address",
			"This relay has no mail server, so it sends no email. Copy the link instead.")
	}
	return groups, nil
}

// withRepair is an item with its open repair, as a hub gets it.
func (s *repairs) withRepair(ctx context.Context, id string) (onboarding.Item, error) {
	item, err := s.visibleItem(ctx, id)
	if err != nil {
		return item, err
	}
	p, err := s.store.Repairs.Get(ctx, id)
	if errors.Is(err, onboarding.ErrNotFound) || err == nil && p.Closed != 0 {
		return item, nil
	} else if err != nil {
		return item, err
	}
	links, err := s.agencyLinks(ctx, principalFrom(ctx).Agency.ID)
	if err != nil {
		return item, err
	}
	item.Repair, err = toWireRepair(p, links)
	return item, err
}

func (s *repairs) closeRepair(ctx context.Context, p wire.ItemParams) (wire.Empty, error) {
	item, err := s.visibleItem(ctx, p.ID)
	if err != nil {
		return wire.Empty{}, err
	}
	if item.Request == "" {
		return wire.Empty{}, onboarding.ErrNotFound
	}
	c := principalFrom(ctx)
	return wire.Empty{}, s.store.Repairs.Close(ctx, c.Agency.ID, item.ID, c.Member.Name)
}

// resubmittedRepairs are the open repairs of the items that a hub gives back. Their links
// are this relay's own.
func (s *requests) resubmittedRepairs(items []onboarding.Item) ([]store.Repair, error) {
	var list []store.Repair
	for n := range items {
		had := items[n].Repair
		if had == nil {
			continue
		}
		items[n].Repair = nil
		token, isLink := linkToken(had.Link)
		if !isLink {
			continue // a new one is one click
		}
		opened, err := s.keys.VerifyLink(token)
		if errors.Is(err, onboarding.ErrNotFound) {
			continue // of before the relay got other keys: a new one is one click
		}
		if err != nil {
			return nil, err
		}
		if opened.Kind != link.KindRepair {
			return nil, onboarding.Invalid("items", "A repair link is not of this relay.")
		}
		if had.Address != "" {
			if _, err := onboarding.ValidateAddress("items", had.Address); err != nil {
				return nil, err
			}
		}
		if len(had.By)+len(had.EmailState) > maxStoredText {
			return nil, onboarding.Invalid("items", "This is more than a repair can hold.")
		}
		list = append(list, store.Repair{
			Repair: *had, Item: items[n].ID, LinkID: opened.ID, Version: opened.Version, ItemVersion: items[n].Version,
		})
	}
	return list, nil
}
