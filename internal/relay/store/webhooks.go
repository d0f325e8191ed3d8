package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Webhooks are where the agencies' news is posted.
type Webhooks struct{ *handle }

// Webhook is a row: what people read, and what only the key file opens.
type Webhook struct {
	onboarding.Webhook
	Agency string
	Sealed []byte // its address and secrets
}

// WebhookPurpose is what a webhook's address and secrets are sealed for.
func WebhookPurpose(agency, id string) string { return "webhook " + id + " of agency " + agency }

const webhookColumns = `id, agency, owner, name, form, kinds, host, sealed, enabled, off_error, off_ms, failing_ms,
	created_ms`

func scanWebhook(row scanner) (Webhook, error) {
	var w Webhook
	var kinds string
	err := row.Scan(&w.ID, &w.Agency, &w.Owner, &w.Name, &w.Form, &kinds, &w.Host, &w.Sealed, &w.On, &w.Off, &w.OffSince,
		&w.Failing, &w.Created)
	if err == nil {
		w.Kinds, err = splitList[onboarding.NewsKind](kinds)
	}
	return w, err
}

func listWebhooks(ctx context.Context, q sqldb.Queryer, agency string) ([]Webhook, error) {
	return read(ctx, q, `
		SELECT `+webhookColumns+` FROM webhooks WHERE agency = $1 ORDER BY created_ms, id`, []any{agency}, scanWebhook)
}

// List lists an agency's webhooks, oldest first.
func (s *Webhooks) List(ctx context.Context, agency string) ([]Webhook, error) {
	list, err := listWebhooks(ctx, s.db, agency)
	if err != nil {
		return nil, fmt.Errorf("listing webhooks: %w", err)
	}
	return list, nil
}

// Get returns one webhook of the agency.
func (s *Webhooks) Get(ctx context.Context, agency, id string) (Webhook, error) {
	w, err := scanWebhook(s.db.QueryRowContext(ctx, `
		SELECT `+webhookColumns+` FROM webhooks WHERE agency = $1 AND id = $2`, agency, id))
	return w, wrapNotFound(err, "reading webhook "+id)
}

// Save adds a webhook, or changes it. What it was switched off for is forgotten once
// it is on. ErrConflict: the id is another agency's. One webhook more than there may
// be is an InvalidError.
func (s *Webhooks) Save(ctx context.Context, w Webhook) (Webhook, error) {
	err := s.change(ctx, w.Agency, func(c *changeTx) error {
		present, err := listWebhooks(ctx, c, w.Agency)
		if err != nil {
			return err
		}
		w.Created, w.Off, w.OffSince, w.Failing = c.now, "", 0, 0
		known := false
		for _, p := range present {
			if p.ID == w.ID {
				known, w.Created = true, p.Created
				if !w.On {
					w.Off, w.OffSince = p.Off, p.OffSince
				}
			}
		}
		if !known && len(present) >= onboarding.MaxWebhooks {
			return onboarding.Invalid("name", fmt.Sprintf(
				"An agency has at most %d webhooks. Delete one that is no longer needed.", onboarding.MaxWebhooks))
		}
		var foreign int64
		if err := c.row(`SELECT count(*) FROM webhooks WHERE id = $1 AND agency <> $2`, w.ID, w.Agency).
			Scan(&foreign); err != nil {
			return err
		}
		if foreign > 0 {
			return onboarding.ErrConflict
		}
		if err := putWebhook(c, w); err != nil {
			return err
		}
		if !w.On {
			if err := failWaiting(c, w.ID, onboarding.DeliverySwitched); err != nil {
				return err
			}
		}
		return publishOff(c)
	})
	if err != nil {
		return Webhook{}, fmt.Errorf("saving webhook %s: %w", w.ID, err)
	}
	return w, nil
}

func putWebhook(c *changeTx, w Webhook) error {
	return c.execNamed(`
		INSERT INTO webhooks (`+webhookColumns+`)
		VALUES (@id, @agency, @owner, @name, @form, @kinds, @host, @sealed, @on, @off, @off_since, 0, @created)
		ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, name = excluded.name, form = excluded.form,
		kinds = excluded.kinds, host = excluded.host, sealed = excluded.sealed, enabled = excluded.enabled,
		off_error = excluded.off_error, off_ms = excluded.off_ms, failing_ms = 0`, named{
		"id":        w.ID,
		"agency":    w.Agency,
		"owner":     w.Owner,
		"name":      w.Name,
		"form":      w.Form,
		"kinds":     joinList(w.Kinds),
		"host":      w.Host,
		"sealed":    w.Sealed,
		"on":        boolToInt(w.On),
		"off":       w.Off,
		"off_since": w.OffSince,
		"created":   w.Created,
	})
}

// Delete deletes a webhook and its log. A repeat changes nothing.
func (s *Webhooks) Delete(ctx context.Context, agency, id string) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		if err := c.exec(`DELETE FROM webhooks WHERE agency = $1 AND id = $2`, agency, id); err != nil {
			return err
		}
		return publishOff(c)
	})
	if err != nil {
		return fmt.Errorf("deleting webhook %s: %w", id, err)
	}
	return nil
}

// publishOff has the agency's row name the webhooks that the relay switched off, so
// that the hubs show them.
func publishOff(c *changeTx) error {
	names, err := c.texts(`
		SELECT name FROM webhooks WHERE agency = $1 AND off_error <> '' ORDER BY created_ms, id`, c.agency)
	if err != nil {
		return err
	}
	var before string
	if err := c.row(`SELECT webhooks_off FROM agencies WHERE id = $1`, c.agency).Scan(&before); err != nil {
		return err
	}
	if before == joinList(names) {
		return nil
	}
	if err := c.exec(`UPDATE agencies SET webhooks_off = $1 WHERE id = $2`, joinList(names), c.agency); err != nil {
		return err
	}
	return c.bump(kindAgency, c.agency, "", audienceAll)
}

// failWaiting ends what waits for a webhook.
func failWaiting(c *changeTx, webhook string, why onboarding.DeliveryError) error {
	return c.exec(`
		UPDATE webhook_deliveries
		SET    state = 'failed', error = $1, not_before_ms = 0, finished_ms = $2, lease_until_ms = 0,
		       lease_instance = '', lease_run = ''
		WHERE  webhook = $3 AND state = 'waiting'`, why, c.now, webhook)
}
