package worker

import (
	"context"
	"errors"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// handOver asks a colleague for what a client handed to them. It says who that was only
// where the agency entered their address, and nothing that they typed.
func (s *composer) handOver(
	ctx context.Context, email store.Email, a emailContext, to onboarding.Recipient, invitation mail.Invitation,
) (mail.Email, error) {
	made := mail.HandOver{Invitation: invitation, Client: a.request.Client}
	made.Services = nil
	for _, service := range a.request.Services {
		if slices.Contains(to.Services, service) {
			made.Services = append(made.Services, service)
		}
	}
	visit, err := s.store.Visits.Get(ctx, email.Visit)
	if errors.Is(err, onboarding.ErrNotFound) { // deleted, and with it who it was
		return made, nil
	} else if err != nil {
		return nil, err
	}
	for _, r := range a.request.Recipients {
		if r.Number == visit.Recipient && !r.Scoped && onboarding.SameAddress(r.Address, visit.Email) {
			made.By = r.Address
		}
	}
	return made, nil
}

// partFinished names the colleagues with whom the rest of a request is, if none of them has
// opened it since: nobody reminds them.
func (s *composer) partFinished(ctx context.Context, a emailContext) (mail.Email, error) {
	if a.request.LinkState(s.store.Now()) != nil {
		return nil, errSkipEmail
	}
	handed, err := s.store.Requests.HandOvers(ctx, a.request.ID)
	if err != nil {
		return nil, err
	}
	items, err := s.store.Items.ListByRequest(ctx, a.request.ID)
	if err != nil {
		return nil, err
	}
	made := mail.PartFinished{
		Envelope: a.head, Client: a.request.Client, Expires: a.request.Expires, Open: s.openRequest(a.request.ID),
	}
	for _, h := range handed.To {
		awaits := func(service onboarding.Service) bool {
			return h.Awaits(service, items, slices.ContainsFunc(a.request.Skipped, func(skip onboarding.Skip) bool {
				return skip.Service == service
			}))
		}
		if !slices.ContainsFunc(a.request.Services, awaits) {
			continue
		}
		if h.HasOpened() {
			return nil, errSkipEmail
		}
		made.Colleagues = append(made.Colleagues, h.Address)
	}
	if len(made.Colleagues) == 0 {
		return nil, errSkipEmail
	}
	return made, nil
}
