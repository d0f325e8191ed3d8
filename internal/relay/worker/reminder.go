package worker

import (
	"context"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// reminder says how far the request is, to a recipient who has not finished it.
func (s *composer) reminder(
	ctx context.Context, a emailContext, to onboarding.Recipient, invitation mail.Invitation,
) (mail.Email, error) {
	if a.request.Declined != 0 {
		return nil, errSkipEmail
	}
	items, err := s.store.Items.ListByRequest(ctx, a.request.ID)
	if err != nil {
		return nil, err
	}
	reminder := mail.Reminder{Invitation: invitation, Asked: len(a.request.Services)}
	for _, service := range a.request.Services {
		if slices.ContainsFunc(items, func(i onboarding.Item) bool {
			return i.Service == service && i.State == onboarding.ItemConnected
		}) {
			reminder.Connected++
		}
	}
	switch {
	case to.Opened != 0:
		reminder.Progress = mail.BegunByThem
	case a.request.Opened != 0:
		reminder.Progress = mail.BegunByAnother
	}
	return reminder, nil
}
