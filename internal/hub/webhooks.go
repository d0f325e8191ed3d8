package hub

import (
	"context"
	"crypto/rand"

	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Webhooks are where the relay posts the agency's news. They are the main users', and
// need the relay: this computer has no copy.
type Webhooks struct{ session *session.Session }

// WebhookInput is a webhook as the user fills it in.
type WebhookInput struct {
	ID        string                 `json:"id"` // of a new one, the screen makes it; empty: the hub does
	Name      string                 `json:"name"`
	Form      onboarding.WebhookForm `json:"form"`
	Address   string                 `json:"address"` // empty: as before
	Kinds     []onboarding.NewsKind  `json:"kinds"`
	On        bool                   `json:"on"`
	NewSecret bool                   `json:"new_secret"` // replace the secret
}

// WebhookList has the agency's webhooks. Secret is shown this once.
type WebhookList struct {
	Webhooks []onboarding.Webhook `json:"webhooks"`
	Secret   string               `json:"secret"` // empty: there is no new one
	Off      bool                 `json:"off"`    // whoever runs the relay allows none
}

// List lists the webhooks.
func (w *Webhooks) List(ctx context.Context) (WebhookList, error) {
	return webhookList(session.Call(ctx, w.session, wire.ListWebhooks, wire.Empty{}))
}

// Save adds a webhook or changes it. Saved again under the same id, after an answer that
// did not arrive, it is one webhook.
func (w *Webhooks) Save(ctx context.Context, form WebhookInput) (WebhookList, error) {
	if form.ID == "" {
		form.ID = rand.Text()
	}
	return webhookList(session.Call(ctx, w.session, wire.SaveWebhook, wire.SaveWebhookParams{
		ID: form.ID, Name: form.Name, Form: form.Form, Address: wire.NewSecretText(onboarding.NewSecret(form.Address)),
		Kinds: form.Kinds, On: form.On, NewSecret: form.NewSecret,
	}))
}

func webhookList(result wire.WebhooksResult, err error) (WebhookList, error) {
	if err != nil {
		return WebhookList{}, err
	}
	return WebhookList{Webhooks: result.Webhooks, Secret: result.Secret.Secret().Reveal(), Off: result.Off}, nil
}

// Delete deletes a webhook and its log.
func (w *Webhooks) Delete(ctx context.Context, id string) error {
	_, err := session.Call(ctx, w.session, wire.DeleteWebhook, wire.WebhookParams{ID: id})
	return err
}

// Test posts a test, and returns the log with its answer first.
func (w *Webhooks) Test(ctx context.Context, id string) ([]onboarding.WebhookDelivery, error) {
	result, err := session.Call(ctx, w.session, wire.TestWebhook, wire.WebhookParams{ID: id})
	return result.Deliveries, err
}

// Log lists the last deliveries of a webhook, newest first.
func (w *Webhooks) Log(ctx context.Context, id string) ([]onboarding.WebhookDelivery, error) {
	result, err := session.Call(ctx, w.session, wire.ReadWebhookLog, wire.WebhookParams{ID: id})
	return result.Deliveries, err
}

// Resend posts a delivery of the log again.
func (w *Webhooks) Resend(ctx context.Context, id, delivery string) ([]onboarding.WebhookDelivery, error) {
	result, err := session.Call(ctx, w.session, wire.ResendWebhook, wire.WebhookParams{ID: id, Delivery: delivery})
	return result.Deliveries, err
}
