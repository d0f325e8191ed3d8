package api

import (
	"context"
	"errors"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/relay/webhook"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// webhooks are where an agency's news is posted.
type webhooks struct {
	*core
	owner     store.LeaseOwner
	deliverer *webhook.Deliverer
}

// handle lists the addresses of webhooks.
func (s *webhooks) handle(api *wire.Server) {
	wire.Handle(api, wire.ListWebhooks, mapDBErrors(s.listWebhooks))
	wire.Handle(api, wire.SaveWebhook, mapDBErrors(s.saveWebhook))
	wire.Handle(api, wire.DeleteWebhook, mapDBErrors(s.deleteWebhook))
	wire.Handle(api, wire.TestWebhook, mapDBErrors(s.testWebhook))
	wire.Handle(api, wire.ReadWebhookLog, mapDBErrors(s.readWebhookLog))
	wire.Handle(api, wire.ResendWebhook, mapDBErrors(s.resendWebhook))
}

func (s *webhooks) listWebhooks(ctx context.Context, _ wire.Empty) (wire.WebhooksResult, error) {
	list, err := s.store.Webhooks.List(ctx, principalFrom(ctx).Agency.ID)
	result := wire.WebhooksResult{Webhooks: []onboarding.Webhook{}, Off: !s.deliverer.Sender().Enabled()}
	for _, w := range list {
		result.Webhooks = append(result.Webhooks, w.Webhook)
	}
	return result, err
}

// saveWebhook gives the webhook's secret if it is a new one, for an agency's own
// program: Slack and Teams check none.
func (s *webhooks) saveWebhook(ctx context.Context, p wire.SaveWebhookParams) (wire.WebhooksResult, error) {
	if err := s.requireSynced(ctx); err != nil {
		return wire.WebhooksResult{}, err
	}
	if !s.deliverer.Sender().Enabled() {
		return wire.WebhooksResult{}, onboarding.Invalid("", "Whoever runs your relay allows no webhooks.")
	}
	w, err := s.validateWebhook(p)
	if err != nil {
		return wire.WebhooksResult{}, err
	}
	c := principalFrom(ctx)
	w.Agency, w.Owner = c.Agency.ID, c.Member.ID
	to, err := s.target(ctx, p, w)
	if err != nil {
		return wire.WebhooksResult{}, err
	}
	fresh := to.Secret.Empty() || p.NewSecret
	if fresh {
		s.deliverer.ReplaceSecret(&to)
	}
	w.Host = webhook.Host(to.Address)
	if w.Sealed, err = s.deliverer.Seal(w.Agency, w.ID, to); err != nil {
		return wire.WebhooksResult{}, err
	}
	if _, err := s.store.Webhooks.Save(ctx, w); err != nil {
		return wire.WebhooksResult{}, err
	}
	result, err := s.listWebhooks(ctx, wire.Empty{})
	if fresh && w.Form == onboarding.WebhookProgram {
		result.Secret = wire.NewSecretText(to.Secret)
	}
	return result, err
}

func (s *webhooks) validateWebhook(p wire.SaveWebhookParams) (store.Webhook, error) {
	w := store.Webhook{Webhook: onboarding.Webhook{ID: p.ID, Form: p.Form, On: p.On}}
	if err := validateID("id", p.ID); err != nil {
		return w, err
	}
	var err error
	w.Name, err = onboarding.ValidateName("name", p.Name, onboarding.MaxName,
		"Give it a name, such as the channel that the news go to.")
	if err != nil {
		return w, err
	}
	switch p.Form {
	case onboarding.WebhookSlack, onboarding.WebhookTeams, onboarding.WebhookProgram:
	default:
		return w, onboarding.Invalid("form", "Choose Slack, Teams or your own program.")
	}
	for _, kind := range onboarding.AllNewsKinds() {
		if slices.Contains(p.Kinds, kind) {
			w.Kinds = append(w.Kinds, kind)
		}
	}
	if len(w.Kinds) == 0 {
		return w, onboarding.Invalid("kinds", "Choose at least one kind of news.")
	}
	return w, nil
}

// target is where the webhook leads: as typed, or as before.
func (s *webhooks) target(ctx context.Context, p wire.SaveWebhookParams, w store.Webhook) (webhook.Target, error) {
	var to webhook.Target
	former, err := s.store.Webhooks.Get(ctx, w.Agency, w.ID)
	switch {
	case errors.Is(err, onboarding.ErrNotFound):
	case err != nil:
		return to, err
	default:
		if to, err = s.deliverer.Open(former); err != nil && p.Address == "" {
			return to, onboarding.Invalid("address", "The relay cannot read this address any more. Paste it again.")
		}
	}
	if p.Address == "" && !to.Address.Empty() {
		return to, s.deliverer.Sender().CheckForm(p.Form, to.Address)
	}
	to.Address, err = s.deliverer.Sender().ValidateFor(p.Form, p.Address.Secret().Reveal())
	return to, err
}

func (s *webhooks) deleteWebhook(ctx context.Context, p wire.WebhookParams) (wire.WebhookLogResult, error) {
	err := s.store.Webhooks.Delete(ctx, principalFrom(ctx).Agency.ID, p.ID)
	return wire.WebhookLogResult{Deliveries: []onboarding.WebhookDelivery{}}, err
}

// testWebhook posts a test at once, and returns with its answer.
func (s *webhooks) testWebhook(ctx context.Context, p wire.WebhookParams) (wire.WebhookLogResult, error) {
	if err := s.requireSynced(ctx); err != nil {
		return wire.WebhookLogResult{}, err
	}
	agency := principalFrom(ctx).Agency.ID
	if _, err := s.store.Webhooks.Get(ctx, agency, p.ID); err != nil {
		return wire.WebhookLogResult{}, err
	}
	d, err := s.store.Webhooks.ClaimTest(ctx, agency, p.ID, s.owner)
	if err != nil {
		return wire.WebhookLogResult{}, err
	}
	ctx = context.WithoutCancel(ctx) // the log gets the answer, also if the hub hangs up
	result, err := s.deliverer.Deliver(ctx, d)
	if err != nil {
		return wire.WebhookLogResult{}, err
	}
	if err := s.store.Webhooks.Finish(ctx, d, s.owner, result); err != nil {
		return wire.WebhookLogResult{}, err
	}
	return s.readWebhookLog(ctx, p)
}

func (s *webhooks) readWebhookLog(ctx context.Context, p wire.WebhookParams) (wire.WebhookLogResult, error) {
	result := wire.WebhookLogResult{Deliveries: []onboarding.WebhookDelivery{}}
	agency := principalFrom(ctx).Agency.ID
	if _, err := s.store.Webhooks.Get(ctx, agency, p.ID); err != nil {
		return result, err
	}
	list, err := s.store.Webhooks.Log(ctx, agency, p.ID)
	for _, d := range list {
		result.Deliveries = append(result.Deliveries, d.WebhookDelivery)
	}
	return result, err
}

func (s *webhooks) resendWebhook(ctx context.Context, p wire.WebhookParams) (wire.WebhookLogResult, error) {
	if err := s.requireSynced(ctx); err != nil {
		return wire.WebhookLogResult{}, err
	}
	agency := principalFrom(ctx).Agency.ID
	w, err := s.store.Webhooks.Get(ctx, agency, p.ID)
	if err != nil {
		return wire.WebhookLogResult{}, err
	}
	if !w.On {
		return wire.WebhookLogResult{}, onboarding.Invalid("", "Switch the webhook on first: then it is sent again.")
	}
	if err := s.store.Webhooks.Resend(ctx, agency, p.ID, p.Delivery); err != nil {
		return wire.WebhookLogResult{}, err
	}
	return s.readWebhookLog(ctx, p)
}
