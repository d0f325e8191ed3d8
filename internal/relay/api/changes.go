package api

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func (s *requests) readChanges(ctx context.Context, p wire.ChangesParams) (wire.ChangesResult, error) {
	c := principalFrom(ctx)
	page, err := s.store.Changes.After(ctx, c.Agency.ID, c.Member, store.Cursor(p.After))
	if err != nil {
		return wire.ChangesResult{}, err
	}
	answer := wire.ChangesResult{
		Reset: page.Reset, Agency: page.Agency, Members: page.Members, Connections: page.Connections, Items: page.Items,
		Next: wire.Cursor(page.Next), More: page.More, Restored: c.Restored,
		MailFails: s.mailFailsSince(),
	}
	for _, d := range page.Devices {
		answer.Devices = append(answer.Devices, d.Device)
	}
	links, err := s.agencyLinks(ctx, c.Agency.ID)
	if err != nil {
		return wire.ChangesResult{}, err
	}
	for _, one := range page.Requests {
		request, err := s.toWireRequest(one, links)
		if err != nil {
			return wire.ChangesResult{}, err
		}
		answer.Requests = append(answer.Requests, request)
	}
	for n, item := range answer.Items {
		if p, open := page.Repairs[item.ID]; open {
			if answer.Items[n].Repair, err = toWireRepair(p, links); err != nil {
				return wire.ChangesResult{}, err
			}
		}
	}
	for _, g := range page.Deleted {
		answer.Deleted = append(answer.Deleted, wire.Tombstone(g))
	}
	return answer, nil
}
