package hub

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

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
func (h *Hub) SaveRequest(ctx context.Context, form RequestForm) (string, error) {
	if form.ID == "" {
		form.ID = rand.Text()
	}
	err := h.store(ctx, func(s *storing) error {
		if s.me.Device == "" {
			return fmt.Errorf("saving a request: %w", onboarding.ErrNotSignedIn)
		}
		saved, err := s.wish(ctx, form)
		if err != nil {
			return err
		}
		r, err := readHeld(ctx, s.tx, form.ID)
		if err == nil {
			return s.rewrite(ctx, r, saved)
		}
		if !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if _, err := s.numberRequest(ctx, form.ID, saved.Wish.Created); err != nil {
			return fmt.Errorf("saving a request: %w", err)
		}
		return s.enqueue(ctx, form.ID, EntrySave, saved.Wish.Client, saved)
	})
	if err != nil {
		return "", err
	}
	wake(h.kick)
	return form.ID, nil
}

// EditRequest changes a request that nobody was sent and nobody has opened;
// any other is ErrConflict.
func (h *Hub) EditRequest(ctx context.Context, form RequestForm) error {
	return h.decide(ctx, form.ID, func(s *storing, r held) error {
		saved, err := s.wish(ctx, form)
		if err != nil {
			return err
		}
		return s.rewrite(ctx, r, saved)
	})
}

// rewrite gives a request another wish. What was never sent, or was refused
// when it was, is simply written anew: the relay knows nothing of it.
func (s *storing) rewrite(ctx context.Context, r held, saved savedWish) error {
	if !r.editable() {
		return fmt.Errorf("editing request %s: %w", r.ID, onboarding.ErrConflict)
	}
	saved.Wish.Created, saved.Owner = r.Created, r.Owner
	for _, e := range r.entries {
		if (e.Kind == EntrySave || e.Kind == EntryEdit) && (e.Refused != 0 || e.Tries == 0) {
			text, err := json.Marshal(saved)
			if err != nil {
				return fmt.Errorf("writing to the outbox: %w", err)
			}
			_, err = s.tx.ExecContext(ctx, `UPDATE outbox SET question = $1, title = $2, tries = 0, next_ms = 0, refused_ms = 0, code = '', field = '', sentence = '', reference = ''
				WHERE seq = $3`, string(text), saved.Wish.Client, e.Seq)
			if err != nil {
				return fmt.Errorf("writing to the outbox: %w", err)
			}
			s.changedSubject(r.ID, e.Kind)
			return nil
		}
	}
	return s.enqueue(ctx, r.ID, EntryEdit, saved.Wish.Client, saved)
}

// wish checks a form and looks up the names that the copy knows.
func (s *storing) wish(ctx context.Context, form RequestForm) (savedWish, error) {
	client, err := onboarding.OneLine("client", form.Client, onboarding.MaxClient, "Enter the client's name.")
	if err != nil {
		return savedWish{}, err
	}
	saved := savedWish{Owner: s.me.Member, Wish: wire.RequestWish{
		ID: form.ID, Client: client, Message: strings.TrimSpace(form.Message),
		Services: onboarding.InOrder(form.Services), Created: s.h.now(),
	}}
	check := onboarding.Request{ID: form.ID, Client: client, Message: saved.Wish.Message, Services: form.Services,
		Connection: form.Connection, Business: onboarding.Account{ID: form.Business},
		Kinds: form.Kinds, Level: form.Level}
	if err := onboarding.CheckRequest(check); err != nil {
		return savedWish{}, err
	}
	if !check.Asks(onboarding.Facebook) {
		return saved, nil
	}
	c, err := readConnection(ctx, s.tx, form.Connection)
	if err != nil || c.Ended != 0 || c.Platform != onboarding.Meta {
		return savedWish{}, onboarding.Invalid("connection", "This Facebook user is not connected any more. Choose another one.")
	}
	for _, b := range c.Businesses {
		if b.ID == form.Business && b.Admin {
			saved.Wish.Connection, saved.Wish.Business = c.ID, b.ID
			saved.Wish.Kinds, saved.Wish.Level = onboarding.KindsInOrder(form.Kinds), form.Level.OrDefault()
			saved.FacebookUser, saved.Business = c.User, onboarding.Account{ID: b.ID, Name: b.Name}
			return saved, nil
		}
	}
	return savedWish{}, onboarding.Invalid("business", fmt.Sprintf("%s is not an admin of this Business Manager. Choose one where the role is Admin.", c.User.Name))
}

// decide puts a person's decision about a request into the outbox, and wakes
// the loop that sends it.
func (h *Hub) decide(ctx context.Context, id string, fn func(s *storing, r held) error) error {
	err := h.store(ctx, func(s *storing) error {
		r, err := readHeld(ctx, s.tx, id)
		if err != nil {
			return err
		}
		return fn(s, r)
	})
	if err != nil {
		return err
	}
	wake(h.kick)
	return nil
}

// Send adds addresses to a request and writes to each. Invalid and double ones
// are an InvalidError before anything is kept.
func (h *Hub) Send(ctx context.Context, id string, addresses []string) error {
	return h.decide(ctx, id, func(s *storing, r held) error {
		if err := r.open(s.h.now()); err != nil {
			return err
		}
		q := wire.SendRequestQ{ID: id}
		taken := map[string]bool{}
		for _, to := range r.Recipients {
			taken[strings.ToLower(to.Address)] = true
		}
		for _, typed := range addresses {
			address, err := onboarding.Address("recipients", typed)
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
			return onboarding.Invalid("recipients", fmt.Sprintf("A request goes to at most %d addresses.", onboarding.MaxRecipients))
		}
		return s.enqueue(ctx, id, EntrySend, r.Client, q)
	})
}

// Resent says what becomes of letters that are sent once more.
type Resent struct {
	Letters int               `json:"letters"`
	Waits   onboarding.Moment `json:"waits"` // they do not go before; zero: at once
}

// Resend writes once more to recipients of a request that can still be
// completed; none named means all who did not stop the letters. What the relay
// would hold back, for an address gets one letter a minute, goes by itself when
// that is over.
func (h *Hub) Resend(ctx context.Context, id string, recipients []string) (Resent, error) {
	var resent Resent
	err := h.decide(ctx, id, func(s *storing, r held) error {
		now := s.h.now()
		if err := r.open(now); err != nil {
			return err
		}
		if len(r.Recipients) == 0 {
			return onboarding.Invalid("recipients", "Nobody was sent this request yet. Enter an email address.")
		}
		q := wire.ResendRequestQ{ID: id, Send: rand.Text()}
		var waits onboarding.Moment
		for _, to := range r.Recipients {
			if len(recipients) == 0 && to.Stopped == 0 || contains(recipients, to.ID) {
				q.Recipients = append(q.Recipients, to.ID)
				waits = max(waits, nextLetter(to, now))
			}
		}
		if len(q.Recipients) == 0 || len(recipients) > len(q.Recipients) {
			return onboarding.Invalid("recipients", "They asked for no more letters. Copy the link instead.")
		}
		if r.waits(EntrySend, EntryResend) {
			waits = max(waits, now.Add(time.Minute))
		}
		resent = Resent{Letters: len(q.Recipients), Waits: waits}
		return s.enqueue(ctx, id, EntryResend, r.Client, q)
	})
	return resent, err
}

// nextLetter is when a recipient can get another letter; zero: now.
func nextLetter(to onboarding.Recipient, now onboarding.Moment) onboarding.Moment {
	if to.Letter == onboarding.LetterQueued && to.Words == "" {
		return now.Add(time.Minute)
	}
	if next := to.Sent.Add(time.Minute); to.Sent != 0 && next > now {
		return next
	}
	return 0
}

// Renew begins a new month with a new link, for a request whose link has
// expired; any other is ErrConflict.
func (h *Hub) Renew(ctx context.Context, id string) error {
	return h.decide(ctx, id, func(s *storing, r held) error {
		if !r.known || r.waits(EntryRenew) || !errors.Is(r.LinkState(s.h.now()), onboarding.ErrExpired) {
			return fmt.Errorf("renewing request %s: %w", id, onboarding.ErrConflict)
		}
		return s.enqueue(ctx, id, EntryRenew, r.Client, wire.NewLinkQ{ID: id, LinkVersion: r.LinkVersion})
	})
}

// Reopen gives a finished request a new link; its items stay. Any other is
// ErrConflict.
func (h *Hub) Reopen(ctx context.Context, id string) error {
	return h.decide(ctx, id, func(s *storing, r held) error {
		if !r.known || r.waits(EntryReopen) || !errors.Is(r.LinkState(s.h.now()), onboarding.ErrCompleted) {
			return fmt.Errorf("reopening request %s: %w", id, onboarding.ErrConflict)
		}
		return s.enqueue(ctx, id, EntryReopen, r.Client, wire.NewLinkQ{ID: id, LinkVersion: r.LinkVersion})
	})
}

// Withdraw deletes a request that is not connected. Until the relay knows, it
// is shown as deleting; what a client shared by it stays. One that the relay
// never saw is gone at once.
func (h *Hub) Withdraw(ctx context.Context, id string) error {
	return h.decide(ctx, id, func(s *storing, r held) error {
		if r.Status == onboarding.Connected {
			return fmt.Errorf("withdrawing request %s: %w", id, onboarding.ErrCompleted)
		}
		if r.Withdrawn != 0 || r.waits(EntryWithdraw) {
			return nil
		}
		if r.unsent() {
			return s.forget(ctx, id)
		}
		if err := s.overtake(ctx, r); err != nil {
			return err
		}
		return s.enqueue(ctx, id, EntryWithdraw, r.Client, wire.RequestQ{ID: id})
	})
}

// Archive hides a request that is over, or shows it again. A pending one whose
// link works is ErrConflict.
func (h *Hub) Archive(ctx context.Context, id string, on bool) error {
	return h.decide(ctx, id, func(s *storing, r held) error {
		if !r.known || on && r.LinkState(s.h.now()) == nil {
			return fmt.Errorf("archiving request %s: %w", id, onboarding.ErrConflict)
		}
		if (r.Archived != 0) == on {
			return nil
		}
		return s.enqueue(ctx, id, EntryArchive, r.Client, wire.ArchiveRequestQ{ID: id, On: on})
	})
}

// DeleteClient deletes everything about the client of a request, here and at
// the relay: the request, its people, its items and their credentials.
func (h *Hub) DeleteClient(ctx context.Context, id string) error {
	return h.decide(ctx, id, func(s *storing, r held) error {
		if r.unsent() {
			return s.forget(ctx, id)
		}
		if r.waits(EntryDeleteClient) {
			return nil
		}
		if err := s.overtake(ctx, r); err != nil {
			return err
		}
		return s.enqueue(ctx, id, EntryDeleteClient, r.Client, wire.RequestQ{ID: id})
	})
}

// overtake drops what waits for a request that is about to end: a letter that
// the relay put off must not hold up the end of the link.
func (s *storing) overtake(ctx context.Context, r held) error {
	for _, e := range r.entries {
		if e.Kind == EntrySave || e.Kind == EntryOffer {
			continue // without it the relay would not know what to end
		}
		if err := s.removeEntry(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// RetryEntry sends again what the relay refused.
func (h *Hub) RetryEntry(ctx context.Context, seq int64) error {
	return h.answer(ctx, seq, func(s *storing, e entry) error {
		if _, err := s.tx.ExecContext(ctx, `UPDATE outbox SET refused_ms = 0, next_ms = 0, code = '', field = '', sentence = '', reference = '' WHERE seq = $1`, seq); err != nil {
			return fmt.Errorf("sending again: %w", err)
		}
		s.changedSubject(e.Subject, e.Kind)
		return nil
	})
}

// DiscardEntry gives up what the relay refused. With the entry that makes a
// request goes the request, and what waits for it.
func (h *Hub) DiscardEntry(ctx context.Context, seq int64) error {
	return h.answer(ctx, seq, func(s *storing, e entry) error {
		if e.Kind == EntrySave || e.Kind == EntryOffer {
			return s.forget(ctx, e.Subject)
		}
		return s.removeEntry(ctx, e)
	})
}

func (h *Hub) answer(ctx context.Context, seq int64, fn func(s *storing, e entry) error) error {
	err := h.store(ctx, func(s *storing) error {
		e, err := readEntry(ctx, s.tx, `WHERE seq = $1`, seq)
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
	wake(h.kick)
	return nil
}

// editable says whether the wish may still change: nobody was sent it, nobody
// opened it.
func (r held) editable() bool {
	return len(r.Recipients) == 0 && r.Opened == 0 && r.Status == onboarding.Pending && r.Finished == 0 && r.Withdrawn == 0 &&
		!r.waits(EntryWithdraw, EntryDeleteClient)
}

// unsent says that the relay cannot know the request.
func (r held) unsent() bool {
	if r.known {
		return false
	}
	for _, e := range r.entries {
		if e.Kind == EntrySave && e.Tries > 0 && e.Refused == 0 {
			return false
		}
	}
	return true
}

// open says whether the request can be sent: nil, or why not. The relay's
// clock decides; this only spares a way.
func (r held) open(now onboarding.Moment) error {
	if r.waits(EntryWithdraw, EntryDeleteClient) {
		return fmt.Errorf("sending request %s: %w", r.ID, onboarding.ErrWithdrawn)
	}
	if !r.known || r.waits(EntryRenew, EntryReopen) {
		return nil
	}
	if err := r.LinkState(now); err != nil {
		return fmt.Errorf("sending request %s: %w", r.ID, err)
	}
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
