package worker

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// repair lists what an address is to repair of a request: what works meanwhile, or what
// they cannot repair, is left out.
func (s *composer) repair(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	if err := s.checkNotSuppressed(ctx, email.Agency, email.Address); err != nil {
		return nil, err
	}
	repairs, err := s.store.Repairs.ListByAddress(ctx, a.request.ID, email.Address)
	if err != nil {
		return nil, err
	}
	a.head.To = email.Address
	made := mail.Repair{Envelope: a.head, Requester: a.requester, Asked: catalog.AskedBy(a.request.Request)}
	for _, p := range repairs {
		item, err := s.store.Items.Get(ctx, email.Agency, p.Item)
		if err != nil {
			return nil, err
		}
		if !p.IsNeeded(item, catalog.IsRepairable) {
			continue
		}
		address, err := a.links.URL(link.Link{Kind: link.KindRepair, Version: p.Version, ID: p.LinkID})
		if err != nil {
			return nil, err
		}
		made.Items = append(made.Items, mail.RepairItem{Item: item, Link: address})
		if made.Expires == 0 || p.Expires < made.Expires {
			made.Expires = p.Expires
		}
	}
	if len(made.Items) == 0 {
		return nil, errSkipEmail
	}
	return made, nil
}
