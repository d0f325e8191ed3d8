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
