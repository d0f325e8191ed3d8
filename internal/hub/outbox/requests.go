package outbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// RequestForm is what a requester fills in. An empty ID is a new request.
type RequestForm struct {
	ID         string               `json:"id"`
	Client     string               `json:"client"`
	Message    string               `json:"message"`
	Services   []onboarding.Service `json:"services"`
	Connection string               `json:"connection"` // whose Facebook user gets access
	Business   string               `json:"business"`   // the Business Manager's id
	// Kinds are asked for at Facebook beside ad accounts and Pages.
	Kinds []onboarding.Kind `json:"kinds"`
	// Level is what may be done at Facebook; empty: advertise.
	Level onboarding.AccessLevel `json:"level"`
}

// SaveRequest keeps a new request and sends it as soon as there is a network;
// it gives the request's id. Saved again under the same id before the relay has
// it, the newer form counts. What can be seen from here to be wrong is an
// InvalidError at once.
func (o *Outbox) SaveRequest(ctx context.Context, form RequestForm) (string, error) {
	if form.ID == "" {
		form.ID = rand.Text()
	}
	err := o.config.Replica.Update(ctx, func(s *replica.Tx) error {
		if s.Self.Device == "" {
			return fmt.Errorf("saving a request: %w", onboarding.ErrUnauthenticated)
		}
		saved, err := o.savedInput(ctx, s, form)
		if err != nil {
			return err
		}
		r, err := replica.ReadRequestState(ctx, s.Tx, form.ID)
		if err == nil {
			return rewrite(ctx, s, r, saved)
		}
		if !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if _, err := s.ReserveSeq(ctx, form.ID, saved.Input.Created); err != nil {
			return fmt.Errorf("saving a request: %w", err)
		}
		return s.Enqueue(ctx, form.ID, replica.EntrySave, saved.Input.Client, saved)
	})
	if err != nil {
		return "", err
	}
	o.config.OnQueued()
	return form.ID, nil
}

// EditRequest changes a request that nobody was sent and nobody has opened;
// any other is ErrConflict.
func (o *Outbox) EditRequest(ctx context.Context, form RequestForm) error {
	return o.decide(ctx, form.ID, func(s *replica.Tx, r replica.RequestState) error {
		saved, err := o.savedInput(ctx, s, form)
		if err != nil {
			return err
		}
		return rewrite(ctx, s, r, saved)
	})
}

// rewrite gives a request another wish. What was never sent, or was refused
// when it was, is simply written anew: the relay knows nothing of it.
func rewrite(ctx context.Context, s *replica.Tx, r replica.RequestState, saved replica.SavedInput) error {
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
			_, err = s.Tx.ExecContext(ctx, `
				UPDATE outbox SET params = $1, title = $2, attempts = 0, not_before_ms = 0, refused_ms = 0, code = '', field = '',
				message = '', reference = ''
				WHERE seq = $3`, string(text), saved.Input.Client, e.Seq)
			if err != nil {
				return fmt.Errorf("writing to the outbox: %w", err)
			}
			s.MarkChanged(r.ID, e.Kind)
			return nil
		}
	}
	return s.Enqueue(ctx, r.ID, replica.EntryEdit, saved.Input.Client, saved)
}

// savedInput checks a form and looks up the names that the copy knows.
func (o *Outbox) savedInput(ctx context.Context, s *replica.Tx, form RequestForm) (replica.SavedInput, error) {
	texts := o.config.Replica.Catalog()
	client, err := onboarding.ValidateLine("client", form.Client, onboarding.MaxClient, "Enter the client's name.")
	if err != nil {
		return replica.SavedInput{}, err
	}
	saved := replica.SavedInput{Owner: s.Self.Member, Input: wire.RequestInput{
		ID: form.ID, Client: client, Message: strings.TrimSpace(form.Message),
		Services: texts.Sort(form.Services), Created: s.Now(),
	}}
	check := onboarding.Request{ID: form.ID, Client: client, Message: saved.Input.Message, Services: form.Services,
		Connection: form.Connection, Business: onboarding.Account{ID: form.Business},
		Kinds: form.Kinds, Level: form.Level}
	if err := onboarding.ValidateRequest(check, texts.Known); err != nil {
		return replica.SavedInput{}, err
	}
	if !check.HasService(onboarding.Facebook) {
		return saved, nil
	}
	c, err := replica.ReadConnection(ctx, s.Tx, form.Connection)
	if err != nil || c.Ended != 0 || c.Platform != onboarding.Meta {
		return replica.SavedInput{}, onboarding.Invalid(
			"connection", "This Facebook user is not connected any more. Choose another one.",
		)
	}
	for _, b := range c.Businesses {
		if b.ID == form.Business && b.Admin {
			saved.Input.Connection, saved.Input.Business = c.ID, b.ID
			saved.Input.Kinds, saved.Input.Level = onboarding.SortKinds(form.Kinds), form.Level.OrDefault()
			saved.FacebookUser, saved.Business = c.User, onboarding.Account{ID: b.ID, Name: b.Name}
			return saved, nil
		}
	}
	return replica.SavedInput{}, onboarding.Invalid(
		"business",
		fmt.Sprintf("%s is not an admin of this Business Manager. Choose one where the role is Admin.", c.User.Name),
	)
}

// decide puts a person's decision about a request into the outbox, and wakes
// the loop that sends it.
func (o *Outbox) decide(ctx context.Context, id string, fn func(s *replica.Tx, r replica.RequestState) error) error {
	err := o.config.Replica.Update(ctx, func(s *replica.Tx) error {
		r, err := replica.ReadRequestState(ctx, s.Tx, id)
		if err != nil {
			return err
		}
		return fn(s, r)
	})
	if err != nil {
		return err
	}
	o.config.OnQueued()
	return nil
}

// Send adds addresses to a request and writes to each. Invalid and double ones
// are an InvalidError before anything is kept.
func (o *Outbox) Send(ctx context.Context, id string, addresses []string) error {
	return o.decide(ctx, id, func(s *replica.Tx, r replica.RequestState) error {
		if err := r.CanSend(s.Now()); err != nil {
			return err
		}
		q := wire.SendRequestParams{ID: id}
		taken := map[string]bool{}
		for _, to := range r.Recipients {
			taken[strings.ToLower(to.Address)] = true
		}
		for _, typed := range addresses {
			address, err := onboarding.ValidateAddress("recipients", typed)
			if err != nil {
				return err
			}
			if key := strings.ToLower(address); taken[key] {
				return onboarding.Invalid("recipients", fmt.Sprintf("%s is there already.", address))
			} else {
				taken[key] = true
			}
			q.Recipients = append(q.Recipients, wire.NewRecipient{ID: rand.Text(), Address: address})
		}
		if len(q.Recipients) == 0 {
			return onboarding.Invalid("recipients", "Enter an email address.")
		}
		if len(r.Recipients)+len(q.Recipients) > onboarding.MaxRecipients {
			return onboarding.Invalid(
				"recipients", fmt.Sprintf("A request goes to at most %d addresses.", onboarding.MaxRecipients),
			)
		}
		return s.Enqueue(ctx, id, replica.EntrySend, r.Client, q)
	})
}

// ResendResult says what becomes of emails that are sent once more.
type ResendResult struct {
	Emails    int                  `json:"emails"`
	NotBefore onboarding.Timestamp `json:"not_before"` // they do not go before; zero: at once
}

// Resend writes once more to recipients of a request that can still be
// completed; none named means all who did not stop the emails. What the relay
// would hold back, for an address gets one email a minute, goes by itself when
// that is over.
func (o *Outbox) Resend(ctx context.Context, id string, recipients []string) (ResendResult, error) {
	var resent ResendResult
	err := o.decide(ctx, id, func(s *replica.Tx, r replica.RequestState) error {
		now := s.Now()
		if err := r.CanSend(now); err != nil {
			return err
		}
		if len(r.Recipients) == 0 {
			return onboarding.Invalid("recipients", "Nobody was sent this request yet. Enter an email address.")
		}
		q := wire.ResendRequestParams{ID: id, Send: rand.Text()}
		var waits onboarding.Timestamp
		for _, to := range r.Recipients {
			if len(recipients) == 0 && to.Stopped == 0 || contains(recipients, to.ID) {
				q.Recipients = append(q.Recipients, to.ID)
				waits = max(waits, nextLetter(to, now))
			}
		}
		if len(q.Recipients) == 0 || len(recipients) > len(q.Recipients) {
			return onboarding.Invalid("recipients", "They asked for no more emails. Copy the link instead.")
		}
		if r.Waits(replica.EntrySend, replica.EntryResend) {
			waits = max(waits, now.Add(time.Minute))
		}
		resent = ResendResult{Emails: len(q.Recipients), NotBefore: waits}
		return s.Enqueue(ctx, id, replica.EntryResend, r.Client, q)
	})
	return resent, err
}

// nextLetter is when a recipient can get another email; zero: now.
func nextLetter(to onboarding.Recipient, now onboarding.Timestamp) onboarding.Timestamp {
	if to.EmailState == onboarding.EmailQueued && to.ServerReply == "" {
		return now.Add(time.Minute)
	}
	if next := to.Sent.Add(time.Minute); to.Sent != 0 && next > now {
		return next
	}
	return 0
}

// Renew begins a new month with a new link, for a request whose link has
// expired; any other is ErrConflict.
func (o *Outbox) Renew(ctx context.Context, id string) error {
	return o.decide(ctx, id, func(s *replica.Tx, r replica.RequestState) error {
		if !r.Known || r.Waits(replica.EntryRenew) || !errors.Is(r.LinkState(s.Now()), onboarding.ErrExpired) {
			return fmt.Errorf("renewing request %s: %w", id, onboarding.ErrConflict)
		}
		return s.Enqueue(ctx, id, replica.EntryRenew, r.Client, wire.NewLinkParams{ID: id, LinkVersion: r.LinkVersion})
	})
}

// Reopen gives a finished request a new link; its items stay. Any other is
// ErrConflict.
func (o *Outbox) Reopen(ctx context.Context, id string) error {
	return o.decide(ctx, id, func(s *replica.Tx, r replica.RequestState) error {
		if !r.Known || r.Waits(replica.EntryReopen) || !errors.Is(r.LinkState(s.Now()), onboarding.ErrCompleted) {
			return fmt.Errorf("reopening request %s: %w", id, onboarding.ErrConflict)
		}
		return s.Enqueue(ctx, id, replica.EntryReopen, r.Client, wire.NewLinkParams{ID: id, LinkVersion: r.LinkVersion})
	})
}

// Withdraw deletes a request that is not connected. Until the relay knows, it
// is shown as deleting; what a client shared by it stays. One that the relay
// never saw is gone at once.
func (o *Outbox) Withdraw(ctx context.Context, id string) error {
	return o.decide(ctx, id, func(s *replica.Tx, r replica.RequestState) error {
		if r.Status == onboarding.Connected {
			return fmt.Errorf("withdrawing request %s: %w", id, onboarding.ErrCompleted)
		}
		if r.Withdrawn != 0 || r.Waits(replica.EntryWithdraw) {
			return nil
		}
		if r.Unsent() {
			return s.DeleteLocal(ctx, id)
		}
		if err := dropObsolete(ctx, s, r); err != nil {
			return err
		}
		return s.Enqueue(ctx, id, replica.EntryWithdraw, r.Client, wire.RequestParams{ID: id})
	})
}

// Archive hides a request that is over, or shows it again. A pending one whose
// link works is ErrConflict.
func (o *Outbox) Archive(ctx context.Context, id string, on bool) error {
	return o.decide(ctx, id, func(s *replica.Tx, r replica.RequestState) error {
		if !r.Known || on && r.LinkState(s.Now()) == nil {
			return fmt.Errorf("archiving request %s: %w", id, onboarding.ErrConflict)
		}
		if (r.Archived != 0) == on {
			return nil
		}
		return s.Enqueue(ctx, id, replica.EntryArchive, r.Client, wire.ArchiveRequestParams{ID: id, On: on})
	})
}

// DeleteClient deletes everything about the client of a request, here and at
// the relay: the request, its people, its items and their credentials.
func (o *Outbox) DeleteClient(ctx context.Context, id string) error {
	return o.decide(ctx, id, func(s *replica.Tx, r replica.RequestState) error {
		if r.Unsent() {
			return s.DeleteLocal(ctx, id)
		}
		if r.Waits(replica.EntryDeleteClient) {
			return nil
		}
		if err := dropObsolete(ctx, s, r); err != nil {
			return err
		}
		return s.Enqueue(ctx, id, replica.EntryDeleteClient, r.Client, wire.RequestParams{ID: id})
	})
}

// dropObsolete drops what waits for a request that is about to end: an email that
// the relay put off must not hold up the end of the link.
func dropObsolete(ctx context.Context, s *replica.Tx, r replica.RequestState) error {
	for _, e := range r.Entries {
		if e.Kind == replica.EntrySave || e.Kind == replica.EntryResubmit {
			continue // without it the relay would not know what to end
		}
		if err := s.RemoveEntry(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// RetryEntry sends again what the relay refused.
func (o *Outbox) RetryEntry(ctx context.Context, seq int64) error {
	return o.answer(ctx, seq, func(s *replica.Tx, e replica.Entry) error {
		if _, err := s.Tx.ExecContext(ctx, `
			UPDATE outbox SET refused_ms = 0, not_before_ms = 0, code = '', field = '', message = '', reference = ''
			WHERE seq = $1`, seq); err != nil {
			return fmt.Errorf("sending again: %w", err)
		}
		s.MarkChanged(e.Subject, e.Kind)
		return nil
	})
}

// DiscardEntry gives up what the relay refused. With the entry that makes a
// request goes the request, and what waits for it.
func (o *Outbox) DiscardEntry(ctx context.Context, seq int64) error {
	return o.answer(ctx, seq, func(s *replica.Tx, e replica.Entry) error {
		if e.Kind == replica.EntrySave || e.Kind == replica.EntryResubmit {
			return s.DeleteLocal(ctx, e.Subject)
		}
		return s.RemoveEntry(ctx, e)
	})
}

func (o *Outbox) answer(ctx context.Context, seq int64, fn func(s *replica.Tx, e replica.Entry) error) error {
	err := o.config.Replica.Update(ctx, func(s *replica.Tx) error {
		e, err := replica.ReadEntry(ctx, s.Tx, `WHERE seq = $1`, seq)
		if err != nil {
			return err
		}
		if e.Refused == 0 {
			return fmt.Errorf("answering an entry of the outbox that was not refused: %w", onboarding.ErrConflict)
		}
		return fn(s, e)
	})
	if err != nil {
		return err
	}
	o.config.OnQueued()
	return nil
}

func contains(list []string, what string) bool {
	for _, entry := range list {
		if entry == what {
			return true
		}
	}
	return false
}
