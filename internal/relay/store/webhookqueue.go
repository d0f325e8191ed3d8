package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// WebhookDelivery is a row of the queue, and of the log.
type WebhookDelivery struct {
	onboarding.WebhookDelivery
	Webhook    string
	Agency     string
	Request    string
	Item       string
	Connection string
	Service    onboarding.Service
}

// DeliveryResult is the result of an attempt.
type DeliveryResult struct {
	State     onboarding.DeliveryState
	Status    int
	Error     onboarding.DeliveryError
	Reply     string
	NotBefore onboarding.Timestamp // of the next attempt
	// Blameless: the receiver has no part in it. It counts for nothing.
	Blameless bool
}

// The bounds of the queue.
const (
	maxWaitingDeliveries = 1000    // of a webhook
	maxTestsPerMinute    = 10      // of an agency
	webhookOffAfter      = 3 * day // without a success
	webhooksOffDelay     = minute  // for which the email about one waits for others
)

const webhookDeliveryColumns = `id, webhook, agency, kind, request, item, connection, service, state, attempts, status,
	error, reply, not_before_ms, tried_ms, created_ms`

func scanWebhookDelivery(row scanner) (WebhookDelivery, error) {
	var d WebhookDelivery
	err := row.Scan(&d.ID, &d.Webhook, &d.Agency, &d.Kind, &d.Request, &d.Item, &d.Connection, &d.Service, &d.State,
		&d.Attempts, &d.Status, &d.Error, &d.Reply, &d.Next, &d.Tried, &d.Created)
	if d.State != onboarding.DeliveryWaiting {
		d.Next = 0
	}
	return d, err
}

// queueDeliveries queues news for each webhook that wants them, in the transaction of
// the change that causes them. A webhook gets what its owner may see.
func queueDeliveries(t *agencyTx, news News) error {
	hooks, err := listWebhooks(t.ctx, t, t.agency)
	if err != nil {
		return err
	}
	for _, w := range hooks {
		if !w.On || !slices.Contains(w.Kinds, news.Kind) {
			continue
		}
		agency, err := agencyByID(t.ctx, t, t.agency)
		if err != nil {
			return err
		}
		owner, err := memberByID(t.ctx, t, t.agency, w.Owner)
		if err != nil {
			return err
		}
		if !agency.MaySee(owner, onboarding.Ownership{Member: news.Owner, Agency: news.Request == ""}) {
			continue
		}
		d := WebhookDelivery{
			Webhook: w.ID, Request: news.Request, Item: news.Item, Connection: news.Connection, Service: news.Service,
		}
		d.Kind, d.State = string(news.Kind), onboarding.DeliveryWaiting
		if err := insertDelivery(t, d, LeaseOwner{}); err != nil {
			return fmt.Errorf("queueing the news %s: %w", news.Kind, err)
		}
	}
	return nil
}

// insertDelivery queues a delivery, leased for a minute if it has an owner.
func insertDelivery(t *agencyTx, d WebhookDelivery, owner LeaseOwner) error {
	var waiting int64
	if err := t.row(`SELECT count(*) FROM webhook_deliveries WHERE webhook = $1 AND state = 'waiting'`, d.Webhook).
		Scan(&waiting); err != nil {
		return err
	}
	finished, leased := onboarding.Timestamp(0), onboarding.Timestamp(0)
	if waiting >= maxWaitingDeliveries {
		d.State, d.Error, finished = onboarding.DeliveryFailed, onboarding.DeliveryTooMany, t.now
	}
	if owner.Run != "" {
		d.Tried, leased = t.now, t.now+minute
	}
	if d.ID == "" {
		d.ID = NewID()
	}
	return t.execNamed(`
		INSERT INTO webhook_deliveries (`+webhookDeliveryColumns+`, lease_until_ms, lease_instance, lease_run, finished_ms)
		VALUES (@id, @webhook, @agency, @kind, @request, @item, @connection, @service, @state, 0, 0, @error, '', @now,
			@tried, @now, @leased, @instance, @run, @finished)`, named{
		"id":         d.ID,
		"webhook":    d.Webhook,
		"agency":     t.agency,
		"kind":       d.Kind,
		"request":    d.Request,
		"item":       d.Item,
		"connection": d.Connection,
		"service":    d.Service,
		"state":      d.State,
		"error":      d.Error,
		"now":        t.now,
		"tried":      d.Tried,
		"leased":     leased,
		"instance":   owner.Instance,
		"run":        owner.Run,
		"finished":   finished,
	})
}

// ClaimTest queues a test of a webhook and leases it, for the caller to send.
// ErrRateLimited: the agency sent enough of them within the last minute.
func (s *Webhooks) ClaimTest(ctx context.Context, agency, webhook string, owner LeaseOwner) (WebhookDelivery, error) {
	d := WebhookDelivery{Webhook: webhook, Agency: agency}
	d.ID, d.Kind, d.State = NewID(), onboarding.WebhookTest, onboarding.DeliveryWaiting
	err := s.inAgencyTx(ctx, agency, func(t *agencyTx) error {
		var tests int64
		if err := t.row(`
			SELECT count(*) FROM webhook_deliveries WHERE agency = $1 AND kind = $2 AND tried_ms > $3`,
			agency, onboarding.WebhookTest, t.now-minute).Scan(&tests); err != nil {
			return err
		}
		if tests >= maxTestsPerMinute {
			return onboarding.ErrRateLimited
		}
		d.Created, d.Tried = t.now, t.now
		return insertDelivery(t, d, owner)
	})
	if err != nil {
		return WebhookDelivery{}, fmt.Errorf("testing webhook %s: %w", webhook, err)
	}
	return d, nil
}

// Log lists the newest deliveries of a webhook, the newest first.
func (s *Webhooks) Log(ctx context.Context, agency, webhook string) ([]WebhookDelivery, error) {
	list, err := read(ctx, s.db, `
		SELECT `+webhookDeliveryColumns+` FROM webhook_deliveries WHERE agency = $1 AND webhook = $2
		ORDER BY created_ms DESC, id DESC LIMIT $3`, []any{agency, webhook, onboarding.MaxWebhookLog}, scanWebhookDelivery)
	if err != nil {
		return nil, fmt.Errorf("reading the log of webhook %s: %w", webhook, err)
	}
	return list, nil
}

// Resend queues a delivery once more, under its id. One that waits is due now.
func (s *Webhooks) Resend(ctx context.Context, agency, webhook, delivery string) error {
	err := s.inAgencyTx(ctx, agency, func(t *agencyTx) error {
		var id string
		return t.row(`
			UPDATE webhook_deliveries
			SET    state = 'waiting', attempts = CASE WHEN state = 'waiting' THEN attempts ELSE 0 END,
			       not_before_ms = CASE WHEN lease_until_ms > $1 THEN not_before_ms ELSE $1 END, finished_ms = 0
			WHERE  agency = $2 AND webhook = $3 AND id = $4 RETURNING id`, t.now, agency, webhook, delivery).Scan(&id)
	})
	if err := wrapNotFound(err, "sending delivery "+delivery+" again"); err != nil {
		return err
	}
	s.onQueued()
	return nil
}

// Claim leases the delivery that is due first: of the agencies that have none in
// flight, else of the others. ErrNotFound: none is due. inFlight are the deliveries of
// this run, with their agencies. An agency that sent enough within the last minute
// waits for a minute. ErrPutBack: those that are due may have been posted.
func (s *Webhooks) Claim(
	ctx context.Context, owner LeaseOwner, inFlight map[string]string, until onboarding.Timestamp,
) (WebhookDelivery, error) {
	var d WebhookDelivery
	found := false
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := s.verifyEmailsTable(ctx, tx); err != nil {
			return err
		}
		now := s.timestamp()
		for found = false; !found; {
			var err error
			d, err = nextDelivery(ctx, tx, now, owner, inFlight)
			if errors.Is(err, sql.ErrNoRows) {
				return nil // what was put off stays so
			} else if err != nil {
				return err
			}
			if found, err = mayPost(ctx, tx, d.Agency, now); err != nil {
				return err
			}
		}
		d.Tried = now
		_, err := tx.ExecContext(ctx, `
			UPDATE webhook_deliveries
			SET    lease_until_ms = $1, lease_instance = $2, lease_run = $3, tried_ms = $4
			WHERE  id = $5`, until, owner.Instance, owner.Run, now, d.ID)
		return err
	})
	if err == nil && !found {
		err = sql.ErrNoRows
	}
	return d, wrapNotFound(err, "claiming a delivery")
}

// mayPost reports whether an agency may post now. If it sent enough within the last
// minute, what waits is put off for a minute.
func mayPost(ctx context.Context, tx *sqldb.Tx, agency string, now onboarding.Timestamp) (bool, error) {
	var sent int64
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM webhook_deliveries WHERE agency = $1 AND tried_ms > $2`,
		agency, now-minute).Scan(&sent); err != nil {
		return false, err
	}
	if sent < onboarding.MaxWebhookPerMin {
		return true, nil
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE webhook_deliveries SET not_before_ms = $1
		WHERE  agency = $2 AND state = 'waiting' AND not_before_ms < $1`, now+minute, agency)
	return false, err
}

func nextDelivery(
	ctx context.Context, tx *sqldb.Tx, now onboarding.Timestamp, owner LeaseOwner, inFlight map[string]string,
) (WebhookDelivery, error) {
	mine, args := inClause(slices.Collect(maps.Keys(inFlight)), now, owner.Instance, owner.Run)
	busy, args := inClause(slices.Collect(maps.Values(inFlight)), args...)
	return scanWebhookDelivery(tx.QueryRowContext(ctx, `
		SELECT `+webhookDeliveryColumns+` FROM webhook_deliveries
		WHERE  state = 'waiting' AND not_before_ms <= $1 AND (`+due+`
		   OR  (lease_instance = $2 AND lease_run = $3 AND lease_until_ms > $1 AND NOT id `+mine+` AND kind <> 'test'))
		ORDER BY CASE WHEN agency `+busy+` THEN 1 ELSE 0 END, not_before_ms, created_ms, id LIMIT 1`, args...))
}

// NextDue is when the next delivery is due; zero: none waits.
func (s *Webhooks) NextDue(ctx context.Context) (onboarding.Timestamp, error) {
	var next onboarding.Timestamp
	err := s.db.QueryRowContext(ctx, `
		SELECT COALESCE(min(CASE WHEN not_before_ms > lease_until_ms THEN not_before_ms ELSE lease_until_ms END), 0)
		FROM   webhook_deliveries WHERE state = 'waiting'`).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("finding the next delivery: %w", err)
	}
	return next, nil
}

// Finish stores the result of an attempt. A webhook that answers that it is gone is
// switched off, and so is one that fails since three days when a delivery has used up
// its attempts: days without news say nothing. The main users are told. A delivery that
// another run has leased by now stays as it is.
func (s *Webhooks) Finish(ctx context.Context, d WebhookDelivery, owner LeaseOwner, result DeliveryResult) error {
	err := s.change(ctx, d.Agency, func(c *changeTx) error {
		finished := c.now
		if result.State == onboarding.DeliveryWaiting {
			finished = 0
		}
		var id string
		err := c.row(`
			UPDATE webhook_deliveries
			SET    state = $1, attempts = attempts + $10, status = $2, error = $3, reply = $4, not_before_ms = $5,
			       finished_ms = $6, lease_until_ms = 0, lease_instance = '', lease_run = ''
			WHERE  id = $7 AND lease_instance = $8 AND lease_run = $9 AND state = 'waiting' RETURNING id`,
			result.State, result.Status, result.Error, result.Reply, result.NotBefore, finished, d.ID, owner.Instance,
			owner.Run, boolToInt(!result.Blameless || finished != 0)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return errUnchanged
		} else if err != nil {
			return err
		}
		if d.Kind != onboarding.WebhookTest && !result.Blameless {
			if err := judge(c, d.Webhook, result); err != nil {
				return err
			}
		}
		return pruneDeliveries(c, d.Webhook)
	})
	if err != nil {
		return fmt.Errorf("finishing delivery %s: %w", d.ID, err)
	}
	return nil
}

// judge records what an attempt says of its webhook.
func judge(c *changeTx, webhook string, result DeliveryResult) error {
	if result.State == onboarding.DeliveryDelivered {
		return c.exec(`UPDATE webhooks SET failing_ms = 0 WHERE id = $1`, webhook)
	}
	if err := c.exec(`UPDATE webhooks SET failing_ms = $1 WHERE id = $2 AND failing_ms = 0`, c.now, webhook); err != nil {
		return err
	}
	w, err := scanWebhook(c.row(`SELECT `+webhookColumns+` FROM webhooks WHERE id = $1`, webhook))
	switch {
	case err != nil:
		return err
	case !w.On:
		return nil
	case result.Error == onboarding.DeliveryGone:
		return switchOff(c, w, onboarding.DeliveryGone)
	case result.State == onboarding.DeliveryFailed && w.Failing <= c.now-webhookOffAfter:
		return switchOff(c, w, onboarding.DeliveryFailing)
	}
	return nil
}

// switchOffRestored switches the webhooks of a restored agency off: one that was deleted
// after the backup would post again.
func switchOffRestored(c *changeTx) error {
	hooks, err := listWebhooks(c.ctx, c, c.agency)
	if err != nil {
		return err
	}
	for _, w := range hooks {
		if !w.On {
			continue
		}
		if err := switchOff(c, w, onboarding.DeliveryRestored); err != nil {
			return err
		}
	}
	return nil
}

func switchOff(c *changeTx, w Webhook, why onboarding.DeliveryError) error {
	const off = `UPDATE webhooks SET enabled = 0, off_error = $1, off_ms = $2 WHERE id = $3`
	if err := c.exec(off, why, c.now, w.ID); err != nil {
		return err
	}
	if err := failWaiting(c, w.ID, onboarding.DeliverySwitched); err != nil {
		return err
	}
	if err := emailOff(c); err != nil {
		return err
	}
	return publishOff(c)
}

// emailOff queues the email to the main users about what was switched off. One that waits
// names this webhook too.
func emailOff(c *changeTx) error {
	members, err := c.texts(`
		SELECT id FROM members
		WHERE  agency = $1 AND removed_ms = 0 AND role = $2 AND id NOT IN (
		       SELECT member FROM emails WHERE agency = $1 AND kind = $3 AND state = 'queued' AND not_before_ms > $4)
		ORDER BY id`, c.agency, onboarding.MainUser, EmailWebhooksOff, c.now)
	if err != nil {
		return err
	}
	for _, member := range members {
		email := Email{Kind: EmailWebhooksOff, Member: member, NotBefore: c.now + webhooksOffDelay}
		if err := enqueue(c.agencyTx, email); err != nil {
			return err
		}
	}
	return nil
}

// pruneDeliveries keeps the log of a webhook short. What was tried within the last
// minute stays: it is counted.
func pruneDeliveries(c *changeTx, webhook string) error {
	return c.exec(`
		DELETE FROM webhook_deliveries
		WHERE  webhook = $1 AND state <> 'waiting' AND tried_ms <= $2 AND id NOT IN (
		       SELECT id FROM webhook_deliveries WHERE webhook = $1 ORDER BY created_ms DESC, id DESC LIMIT $3)`,
		webhook, c.now-minute, onboarding.MaxWebhookLog)
}

// CancelBefore ends the deliveries that were queued before a timestamp and not sent:
// a restored backup must not send them again.
func (s *Webhooks) CancelBefore(ctx context.Context, before onboarding.Timestamp) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE webhook_deliveries SET state = 'failed', error = $1, finished_ms = $2, not_before_ms = 0
			WHERE  state = 'waiting' AND created_ms <= $3`, onboarding.DeliveryRestored, s.timestamp(), before)
		return err
	})
	if err != nil {
		return fmt.Errorf("ending deliveries: %w", err)
	}
	return nil
}
