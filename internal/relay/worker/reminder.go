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
	reminder := mail.Reminder{Invitation: invitation, Asked: len(invitation.Services)}
	for _, service := range invitation.Services {
		if slices.ContainsFunc(items, func(i onboarding.Item) bool {
			return i.Service == service && i.State == onboarding.ItemConnected
		}) {
			reminder.Connected++
		}
	}
	reminder.Progress = progressOf(a.request.Opened, to.Opened, items)
	return reminder, nil
}

// progressOf is how far a request is, to a recipient who opened it or not. That somebody
// opened it is forgotten with each new link; what was connected before is kept.
func progressOf(opened, byThem onboarding.Timestamp, items []onboarding.Item) mail.ReminderProgress {
	kept := slices.ContainsFunc(items, func(i onboarding.Item) bool {
		return i.State == onboarding.ItemConnected || i.State == onboarding.ItemWaiting
	})
	switch {
	case byThem != 0:
		return mail.BegunByThem
	case opened != 0 || kept:
		return mail.BegunByAnother
	}
	return mail.NotBegun
}
