package outbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// RequestForm is the form of a request. An empty ID is a new request.
type RequestForm struct {
	ID         string               `json:"id"`
	Client     string               `json:"client"`
	Message    string               `json:"message"`
	Services   []onboarding.Service `json:"services"`
	Connection string               `json:"connection"` // the Facebook user who gets access
	Business   string               `json:"business"`   // the Business Manager's id
	// Kinds are Facebook asset kinds to request besides ad accounts and Pages.
	Kinds []onboarding.Kind `json:"kinds"`
	// Level is the requested access level at Facebook; empty: advertise.
	Level onboarding.AccessLevel `json:"level"`
	// ByHand: the client shares at Facebook without a sign-in. Without a Connection the member
	// types the Business Manager: its id is Business.
	ByHand       bool   `json:"by_hand"`
	BusinessName string `json:"business_name"`
}

// SaveRequest stores a new request, queues it, and returns its id. Saving again
// under the same id replaces an unsent form. What can be validated offline is
// an InvalidError now.
func (o *Outbox) SaveRequest(ctx context.Context, form RequestForm) (string, error) {
	if form.ID == "" {
		form.ID = rand.Text()
	}
	err := o.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		if tx.Self.Device == "" {
			return fmt.Errorf("saving a request: %w", onboarding.ErrUnauthenticated)
		}
		saved, err := o.savedInput(ctx, tx, form)
		if err != nil {
			return err
		}
		r, err := replica.ReadRequestState(ctx, tx.Tx, form.ID)
		if err == nil {
			return rewrite(ctx, tx, r, saved)
		}
		if !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if _, err := tx.ReserveSeq(ctx, form.ID, saved.Input.Created); err != nil {
			return fmt.Errorf("saving a request: %w", err)
		}
		return tx.Enqueue(ctx, form.ID, replica.EntrySave, saved.Input.Client, saved)
	})
	if err != nil {
		return "", err
	}
	o.config.OnQueued()
	return form.ID, nil
}

// EditRequest changes a request that was neither sent nor opened; any other is
// ErrConflict.
func (o *Outbox) EditRequest(ctx context.Context, form RequestForm) error {
	return o.queueRequestChange(ctx, form.ID, func(tx *replica.Tx, r replica.RequestState) error {
		saved, err := o.savedInput(ctx, tx, form)
		if err != nil {
			return err
		}
		return rewrite(ctx, tx, r, saved)
	})
}

// rewrite replaces a request's input. An unsent or refused entry is replaced in
// place: the relay has not stored it.
func rewrite(ctx context.Context, tx *replica.Tx, r replica.RequestState, saved replica.SavedInput) error {
	if !r.Editable() {
		return fmt.Errorf("editing request %s: %w", r.ID, onboarding.ErrConflict)
	}
	saved.Input.Created, saved.Owner = r.Created, r.Owner
	for _, e := range r.Entries {
		if (e.Kind == replica.EntrySave || e.Kind == replica.EntryEdit) && (e.Refused != 0 || e.Attempts == 0) {
			text, err := json.Marshal(saved)
			if err != nil {
				return fmt.Errorf("writing to the outbox: %w", err)
			}
			e.Outcome = replica.Outcome{}
			e.Title, e.Params, e.Attempts, e.Blocked = saved.Input.Client, string(text), 0, 0
			return tx.UpdateEntry(ctx, e)
		}
	}
	return tx.Enqueue(ctx, r.ID, replica.EntryEdit, saved.Input.Client, saved)
}

// savedInput validates a form and adds the names from the replica.
func (o *Outbox) savedInput(ctx context.Context, tx *replica.Tx, form RequestForm) (replica.SavedInput, error) {
	texts := o.config.Replica.Catalog()
	client, err := onboarding.ValidateClient(form.Client)
	if err != nil {
		return replica.SavedInput{}, err
	}
	saved := replica.SavedInput{Owner: tx.Self.Member, Input: wire.RequestInput{
		ID: form.ID, Client: client, Message: strings.TrimSpace(form.Message),
		Services: texts.Sort(form.Services), Created: tx.Now(),
	}}
	check := onboarding.Request{ID: form.ID, Client: client, Message: saved.Input.Message, Services: form.Services,
		Connection: form.Connection, Business: onboarding.Account{ID: form.Business},
		Kinds: form.Kinds, Level: form.Level, ByHand: form.ByHand}
	check.Business.Name = form.BusinessName
	if err := onboarding.ValidateRequest(check, texts.Known); err != nil {
		return replica.SavedInput{}, err
	}
	if !check.HasService(onboarding.Facebook) {
		return saved, nil
	}
	saved.Input.Kinds, saved.Input.Level = onboarding.SortKinds(form.Kinds), form.Level.OrDefault()
	saved.Input.ByHand = form.ByHand
	if form.ByHand && form.Connection == "" {
		saved.Business, err = onboarding.ValidateBusiness(check.Business)
		saved.Input.Business, saved.Input.BusinessName = saved.Business.ID, saved.Business.Name
		return saved, err
	}
	c, err := replica.ReadConnection(ctx, tx.Tx, form.Connection)
	if err != nil || c.Ended != 0 || c.Platform != onboarding.Meta {
		return replica.SavedInput{}, onboarding.Invalid(
			"connection", "This Facebook user is not connected any more. Choose another one.",
		)
	}
	for _, b := range c.Businesses {
		if b.ID != form.Business || !b.Admin && !form.ByHand {
			continue
		}
		saved.Input.Connection, saved.Input.Business = c.ID, b.ID
		saved.Business = onboarding.Account{ID: b.ID, Name: b.Name}
		if b.Admin { // otherwise staff confirm what arrives
			saved.FacebookUser = c.User
		}
		return saved, nil
	}
	return replica.SavedInput{}, onboarding.Invalid(
		"business",
		fmt.Sprintf("%s is not an admin of this Business Manager. Choose one where the role is Admin.", c.User.Name),
	)
}

// queueRequestChange queues the user's change of a request and wakes the sync loop.
func (o *Outbox) queueRequestChange(
	ctx context.Context, id string, fn func(tx *replica.Tx, r replica.RequestState) error,
) error {
	err := o.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		r, err := replica.ReadRequestState(ctx, tx.Tx, id)
		if err != nil {
			return err
		}
		return fn(tx, r)
	})
	if err != nil {
		return err
	}
	o.config.OnQueued()
	return nil
}

// Send adds addresses to a request and emails each. Invalid and duplicate ones
// are an InvalidError, and nothing is stored.
func (o *Outbox) Send(ctx context.Context, id string, addresses []string) error {
	return o.queueRequestChange(ctx, id, func(tx *replica.Tx, r replica.RequestState) error {
		if err := r.CanSend(tx.Now()); err != nil {
			return err
		}
		params := wire.SendRequestParams{ID: id}
		taken := map[string]bool{}
		known := 0
		for _, to := range r.Recipients {
			if !to.Scoped { // who was only asked by a client can be invited to all of it
				taken[onboarding.AddressKey(to.Address)] = true
				known++
			}
		}
		for _, typed := range addresses {
			address, err := onboarding.ValidateAddress("recipients", typed)
			if err != nil {
				return err
			}
			if key := onboarding.AddressKey(address); taken[key] {
				return onboarding.Invalid("recipients", fmt.Sprintf("%s is there already.", address))
			} else {
				taken[key] = true
			}
			params.Recipients = append(params.Recipients, wire.NewRecipient{ID: rand.Text(), Address: address})
		}
		if len(params.Recipients) == 0 {
			return onboarding.Invalid("recipients", "Enter an email address.")
		}
		if known+len(params.Recipients) > onboarding.MaxRecipients {
			return onboarding.Invalid(
				"recipients", fmt.Sprintf("A request goes to at most %d addresses.", onboarding.MaxRecipients),
			)
		}
		return tx.Enqueue(ctx, id, replica.EntrySend, r.Client, params)
	})
}

// ResendResult describes emails that are sent again.
type ResendResult struct {
	Emails    int                  `json:"emails"`
	NotBefore onboarding.Timestamp `json:"not_before"` // the earliest time of sending; zero: now
}

// Resend emails recipients of an open request again; no ids: all who did not unsubscribe,
// but nobody whom only a client named and who never opened their link. An address gets one
// email a minute: within that the new one waits until NotBefore.
func (o *Outbox) Resend(ctx context.Context, id string, recipients []string) (ResendResult, error) {
	var resent ResendResult
	err := o.queueRequestChange(ctx, id, func(tx *replica.Tx, r replica.RequestState) error {
		now := tx.Now()
		if err := r.CanSend(now); err != nil {
			return err
		}
		if len(r.Recipients) == 0 {
			return onboarding.Invalid("recipients", "Nobody was sent this request yet. Enter an email address.")
		}
		params := wire.ResendRequestParams{ID: id, Send: rand.Text()}
		var waits onboarding.Timestamp
		for _, to := range r.Recipients {
			if len(recipients) == 0 && to.Stopped == 0 && !to.IsOnlyTyped() || slices.Contains(recipients, to.ID) {
				params.Recipients = append(params.Recipients, to.ID)
				waits = max(waits, nextEmail(to, now))
			}
		}
		if len(params.Recipients) == 0 && slices.ContainsFunc(r.Recipients, onboarding.Recipient.IsOnlyTyped) {
			return onboarding.Invalid("recipients", "Nobody whom you invited can get it. Choose who shall get it.")
		}
		if len(params.Recipients) == 0 || len(recipients) > len(params.Recipients) {
			return onboarding.Invalid("recipients", "They asked for no more emails. Copy the link instead.")
		}
		if r.HasQueued(replica.EntrySend, replica.EntryResend) {
			waits = max(waits, now.Add(time.Minute))
		}
		resent = ResendResult{Emails: len(params.Recipients), NotBefore: waits}
		return tx.Enqueue(ctx, id, replica.EntryResend, r.Client, params)
	})
	return resent, err
}

// nextEmail is when a recipient can get another email; zero: now.
func nextEmail(to onboarding.Recipient, now onboarding.Timestamp) onboarding.Timestamp {
	if to.EmailState == onboarding.EmailQueued && to.ServerReply == "" {
		return now.Add(time.Minute)
	}
	if next := to.Sent.Add(time.Minute); to.Sent != 0 && next > now {
		return next
	}
	return 0
}

// Renew creates a new link, valid for a month, for a request whose link has
// expired; any other is ErrConflict. send mails it to the recipients who want emails.
func (o *Outbox) Renew(ctx context.Context, id string, send bool) error {
	return o.queueRequestChange(ctx, id, func(tx *replica.Tx, r replica.RequestState) error {
		if !r.Known || r.HasQueued(replica.EntryRenew) || !errors.Is(r.LinkState(tx.Now()), onboarding.ErrExpired) {
			return fmt.Errorf("renewing request %s: %w", id, onboarding.ErrConflict)
		}
		return tx.Enqueue(ctx, id, replica.EntryRenew, r.Client, newLink(r, send))
	})
}

// newLink are the params of a new link. Without an email they have no field that a relay
// before this version does not know.
func newLink(r replica.RequestState, send bool) wire.NewLinkParams {
	params := wire.NewLinkParams{ID: r.ID, LinkVersion: r.LinkVersion}
	if send {
		params.Send = rand.Text()
	}
	return params
}

// Reopen creates a new link for a finished request; its items stay. Any other
// is ErrConflict. send is as for Renew.
func (o *Outbox) Reopen(ctx context.Context, id string, send bool) error {
	return o.queueRequestChange(ctx, id, func(tx *replica.Tx, r replica.RequestState) error {
		if !r.Known || r.HasQueued(replica.EntryReopen) || !errors.Is(r.LinkState(tx.Now()), onboarding.ErrCompleted) {
			return fmt.Errorf("reopening request %s: %w", id, onboarding.ErrConflict)
		}
		return tx.Enqueue(ctx, id, replica.EntryReopen, r.Client, newLink(r, send))
	})
}

// SetReminders changes on which days after their invitation the recipients of a
// pending request are reminded; none: never. Any other is ErrConflict.
func (o *Outbox) SetReminders(ctx context.Context, id string, days []int) error {
	return o.queueRequestChange(ctx, id, func(tx *replica.Tx, r replica.RequestState) error {
		if r.Status == onboarding.Connected || r.Finished != 0 || r.Withdrawn != 0 {
			return fmt.Errorf("changing the reminders of request %s: %w", id, onboarding.ErrConflict)
		}
		if err := onboarding.ValidateReminders(days); err != nil {
			return err
		}
		if slices.Equal(days, r.Reminders) {
			return nil
		}
		params := wire.SetRemindersParams{ID: id, Days: append([]int{}, days...)}
		return tx.Enqueue(ctx, id, replica.EntryReminders, r.Client, params)
	})
}

// Withdraw deletes a request that is not connected. Until the relay confirms,
// it is shown as deleting; items that the client shared stay. An unsent one is
// deleted at once.
func (o *Outbox) Withdraw(ctx context.Context, id string) error {
	return o.queueRequestChange(ctx, id, func(tx *replica.Tx, r replica.RequestState) error {
		if r.Status == onboarding.Connected {
			return fmt.Errorf("withdrawing request %s: %w", id, onboarding.ErrCompleted)
		}
		if r.Withdrawn != 0 || r.HasQueued(replica.EntryWithdraw) {
			return nil
		}
		if r.Unsent() {
			return tx.DeleteLocal(ctx, id)
		}
		if err := dropObsolete(ctx, tx, r); err != nil {
			return err
		}
		return tx.Enqueue(ctx, id, replica.EntryWithdraw, r.Client, wire.RequestParams{ID: id})
	})
}

// Archive hides a finished request, or shows it again. A pending one with a
// valid link is ErrConflict.
func (o *Outbox) Archive(ctx context.Context, id string, on bool) error {
	return o.queueRequestChange(ctx, id, func(tx *replica.Tx, r replica.RequestState) error {
		if !r.Known || on && r.LinkState(tx.Now()) == nil {
			return fmt.Errorf("archiving request %s: %w", id, onboarding.ErrConflict)
		}
		if (r.Archived != 0) == on {
			return nil
		}
		return tx.Enqueue(ctx, id, replica.EntryArchive, r.Client, wire.ArchiveRequestParams{ID: id, On: on})
	})
}

// DeleteClient deletes everything about the client of a request, here and on
// the relay: the request, its recipients, its items and their credentials.
func (o *Outbox) DeleteClient(ctx context.Context, id string) error {
	return o.queueRequestChange(ctx, id, func(tx *replica.Tx, r replica.RequestState) error {
		// Deleting the credentials would keep the platforms from being asked.
		switch going, err := replica.IsOffboarded(ctx, tx.Tx, id); {
		case err != nil:
			return err
		case going:
			return onboarding.Invalid("client", "The end of this client is not finished. Delete the data after that.")
		}
		if err := replica.ForgetOffboardings(ctx, tx, id); err != nil {
			return err
		}
		if r.Unsent() {
			return tx.DeleteLocal(ctx, id)
		}
		if r.HasQueued(replica.EntryDeleteClient) {
			return nil
		}
		if err := dropObsolete(ctx, tx, r); err != nil {
			return err
		}
		return tx.Enqueue(ctx, id, replica.EntryDeleteClient, r.Client, wire.RequestParams{ID: id})
	})
}

// dropObsolete drops queued entries of a request that is about to end: a
// delayed email must not delay the end of the link.
func dropObsolete(ctx context.Context, tx *replica.Tx, r replica.RequestState) error {
	for _, e := range r.Entries {
		switch e.Kind {
		case replica.EntrySave, replica.EntryResubmit:
			continue // without it the relay could not identify the request to end
		case replica.EntryEndAccess:
			continue // the platform has ended it already
		}
		if err := tx.RemoveEntry(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// RetryEntry queues a refused entry again.
func (o *Outbox) RetryEntry(ctx context.Context, seq int64) error {
	return o.updateRefusedEntry(ctx, seq, func(tx *replica.Tx, e replica.Entry) error {
		e.Outcome, e.Blocked = replica.Outcome{}, 0
		return tx.UpdateEntry(ctx, e)
	})
}

// DiscardEntry deletes a refused entry. If the entry creates a request, the
// request and its other entries are deleted, too.
func (o *Outbox) DiscardEntry(ctx context.Context, seq int64) error {
	return o.updateRefusedEntry(ctx, seq, func(tx *replica.Tx, e replica.Entry) error {
		if e.Kind == replica.EntrySave || e.Kind == replica.EntryResubmit {
			return tx.DeleteLocal(ctx, e.Subject)
		}
		return tx.RemoveEntry(ctx, e)
	})
}

// updateRefusedEntry runs fn on a refused entry.
func (o *Outbox) updateRefusedEntry(
	ctx context.Context, seq int64, fn func(tx *replica.Tx, e replica.Entry) error,
) error {
	err := o.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		e, err := replica.ReadEntry(ctx, tx.Tx, seq)
		if err != nil {
			return err
		}
		if e.Refused == 0 {
			return fmt.Errorf("retrying or discarding an entry of the outbox that was not refused: %w", onboarding.ErrConflict)
		}
		return fn(tx, e)
	})
	if err != nil {
		return err
	}
	o.config.OnQueued()
	return nil
}
