package relay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

const (
	letterLease   = 6 * time.Minute // longer than one attempt can take
	letterHands   = 4               // letters at once: a slow server holds up the others no longer
	letterGrace   = 10 * time.Second
	giveUpAfter   = 3 * 24 * time.Hour
	replyCodeLife = 10 * time.Minute
)

// runLetters sends what is queued until ctx ends. Several relays may run it on
// one database.
func (s *Relay) runLetters(ctx context.Context) {
	if s.mailer == nil {
		return
	}
	var hands sync.WaitGroup
	for range letterHands {
		hands.Go(func() { s.sendLetters(ctx) })
	}
	hands.Wait()
}

func (s *Relay) sendLetters(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.sendOne(ctx)
		switch {
		case err == nil:
		case errors.Is(err, onboarding.ErrNotFound):
			s.rest(ctx, s.untilLetter(ctx))
		default:
			if ctx.Err() == nil {
				s.log.Error("sending a letter", "error", err)
			}
			s.rest(ctx, shortPause)
		}
	}
}

// rest is nap, until somebody queues a letter.
func (s *Relay) rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(max(d, 50*time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-s.wake:
	}
}

func (s *Relay) untilLetter(ctx context.Context) time.Duration {
	next, err := s.store.NextLetter(ctx)
	if err != nil {
		return shortPause
	}
	return s.until(next)
}

// sendOne sends the letter that is due first. ErrNotFound: none is.
func (s *Relay) sendOne(ctx context.Context) error {
	l, release, err := s.takeInHand(ctx)
	if err != nil {
		return err
	}
	defer release()
	s.nudge() // there may be more: wake another hand
	// What was begun is ended, also while the relay stops.
	ctx, cancel := graceful(ctx, letterGrace)
	defer cancel()
	if l.Taken() { // by the mail server, in a life that ended there
		return s.keepResult(context.WithoutCancel(ctx), l, store.LetterResult{State: onboarding.EmailAccepted})
	}
	result, err := s.attempt(ctx, l)
	if errors.Is(err, onboarding.ErrConflict) {
		return nil // cancelled meanwhile, or another relay's by now: theirs is the last word
	} else if err != nil {
		return err
	}
	return s.keepResult(context.WithoutCancel(ctx), l, result)
}

// takeInHand claims a letter and remembers that one of the hands has it, one
// hand after the other: what the database says is leased and no hand has is
// nobody's.
func (s *Relay) takeInHand(ctx context.Context) (l store.Letter, release func(), err error) {
	s.hands.Lock()
	defer s.hands.Unlock()
	if l, err = s.store.ClaimLetter(ctx, s.life, slices.Collect(maps.Keys(s.inHand)), s.store.Now().Add(letterLease)); err != nil {
		return l, nil, err
	}
	s.inHand[l.ID] = true
	return l, func() {
		s.hands.Lock()
		defer s.hands.Unlock()
		delete(s.inHand, l.ID)
	}, nil
}

// graceful is a context that ends a while after ctx does.
func graceful(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}

// keepResult keeps how an attempt ended, and insists: a letter that was taken
// and not noted would go out twice.
func (s *Relay) keepResult(ctx context.Context, l store.Letter, result store.LetterResult) error {
	ctx, cancel := context.WithTimeout(ctx, letterLease/2)
	defer cancel()
	for {
		err := s.store.EndLetter(ctx, l, result)
		if err == nil || errors.Is(err, onboarding.ErrNotFound) || ctx.Err() != nil {
			return err
		}
		s.log.Error("noting how a letter went: trying again", "letter", l.ID, "error", err)
		s.nap(ctx, shortPause)
	}
}

// attempt hands one letter to the mail server. ErrConflict: it is no longer
// this relay's to send.
func (s *Relay) attempt(ctx context.Context, l store.Letter) (result store.LetterResult, err error) {
	defer func() { // one letter that cannot be made must not end the relay, again at each start
		if fault := recover(); fault != nil {
			s.log.Error("recovering a letter", "letter", l.ID, "kind", l.Kind, "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
			result, err = store.LetterResult{State: onboarding.EmailRefused, Words: unwritten}, nil
		}
	}()
	letter, err := s.letterOf(ctx, l)
	switch {
	case errors.Is(err, onboarding.ErrNotFound), errors.Is(err, errNotWanted):
		return store.LetterResult{State: onboarding.EmailCancelled}, nil // what it is about is gone
	case err != nil:
		return store.LetterResult{}, err
	}
	message, err := mail.Compose(letter)
	if err != nil {
		s.log.Error("composing a letter", "letter", l.ID, "kind", l.Kind, "error", err)
		return store.LetterResult{State: onboarding.EmailRefused, Words: unwritten}, nil
	}
	if err := s.store.SendingLetter(ctx, l.ID, s.life); err != nil {
		return store.LetterResult{}, err
	}
	result = s.resultOf(l, s.mailer.Send(ctx, message))
	if result.State == onboarding.EmailAccepted {
		if err := s.store.TakenLetter(context.WithoutCancel(ctx), l.ID); err != nil {
			s.log.Warn("noting that a letter was taken", "letter", l.ID, "error", err) // keepResult insists on more
		}
	}
	return result, nil
}

// unwritten is what the agency reads of a letter that could not be made.
const unwritten = "This letter could not be written. The relay's log says why."

// resultOf turns a sender's answer into what is kept.
func (s *Relay) resultOf(l store.Letter, err error) store.LetterResult {
	var refused *mail.RefusedError
	var postponed *mail.PostponedError
	switch {
	case err == nil:
		return store.LetterResult{State: onboarding.EmailAccepted}
	case errors.As(err, &refused):
		return store.LetterResult{State: onboarding.EmailRefused, Words: clip(refused.Words)}
	}
	words := "The line to the mail server broke before it answered."
	if errors.As(err, &postponed) {
		words = clip(postponed.Words)
	}
	s.log.Warn("a letter has to wait", "letter", l.ID, "kind", l.Kind, "attempt", l.Attempts+1, "error", err)
	now := s.store.Now()
	next := now.Add(backOff(l.Attempts))
	if l.Created.Since(next) > giveUpAfter {
		return store.LetterResult{State: onboarding.EmailRefused, Words: words}
	}
	return store.LetterResult{State: onboarding.EmailQueued, Words: words, Next: next}
}

// backOff is how long to wait after so many attempts.
func backOff(attempts int) time.Duration {
	waits := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
	return waits[min(attempts, len(waits)-1)]
}

// clip bounds the mail server's words.
func clip(words string) string {
	const most = 500
	if runes := []rune(words); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return words
}

// errNotWanted says that the receiver asked for no letters, or that nobody is
// left to write to.
var errNotWanted = errors.New("nobody wants this letter")

// about is what a letter is made of.
type about struct {
	agency    onboarding.Agency
	request   store.Request
	requester onboarding.Member
	head      mail.Head
}

// letterOf makes a letter out of its row: links, codes and words exist from
// here until it is handed over. ErrNotFound: what it is about is gone.
func (s *Relay) letterOf(ctx context.Context, l store.Letter) (mail.Letter, error) {
	a, err := s.aboutOf(ctx, l)
	if err != nil {
		return nil, err
	}
	switch l.Kind {
	case store.LetterRequest, store.LetterLink:
		return s.invitation(ctx, l, a)
	case store.LetterReceipt:
		return s.receipt(ctx, l, a)
	case store.LetterAccessWorks:
		return s.accessWorks(ctx, l, a)
	case store.LetterReplyTo:
		return s.replyToCode(ctx, a)
	case store.LetterReport:
		return s.reportLetter(ctx, l, a)
	}
	return s.memberLetter(ctx, l, a)
}

func (s *Relay) aboutOf(ctx context.Context, l store.Letter) (about, error) {
	var a about
	var err error
	if a.agency, err = s.store.Agency(ctx, l.Agency); err != nil {
		return a, err
	}
	if a.agency.Suspended && l.Kind != store.LetterReport {
		return a, errNotWanted
	}
	if l.Request != "" {
		if a.request, err = s.store.Request(ctx, l.Agency, l.Request); err != nil {
			return a, err
		}
		if a.requester, err = s.store.Member(ctx, l.Agency, a.request.Owner); err != nil {
			return a, err
		}
	}
	pages, err := s.pagesBelow(l)
	a.head = mail.Head{ID: l.MessageID, Date: l.Created, Agency: a.agency, Operator: s.operator, Pages: pages}
	return a, err
}

// pagesBelow are a letter's own pages. They open no request.
func (s *Relay) pagesBelow(l store.Letter) (mail.Pages, error) {
	address, err := s.links.URL(link.Link{Kind: link.KindEmail, Version: 1, ID: l.LinkID})
	if err != nil {
		return mail.Pages{}, err
	}
	base := address.Reveal()
	return mail.Pages{Genuine: base + "/genuine", Report: base + "/report", NotForMe: base + "/not-for-me"}, nil
}

func (s *Relay) invitation(ctx context.Context, l store.Letter, a about) (mail.Letter, error) {
	if a.request.LinkState(s.store.Now()) != nil {
		return nil, errNotWanted // the link would lead to its end page
	}
	r, err := s.store.Recipient(ctx, l.Recipient)
	if err != nil {
		return nil, err
	}
	if r.Stopped != 0 {
		return nil, errNotWanted
	}
	if err := s.wanted(ctx, l.Agency, r.Address); err != nil {
		return nil, err
	}
	address, err := s.links.URL(linkTo(a.request, r.Number))
	if err != nil {
		return nil, err
	}
	a.head.To = r.Address
	letter := mail.Invitation{
		Head: a.head, Requester: a.requester, Message: a.request.Message, Services: a.request.Services,
		Asked: catalog.AskedBy(a.request.Request), Expires: a.request.Expires, Link: address,
	}
	if l.Kind == store.LetterLink {
		return mail.PhoneLink{Invitation: letter}, nil
	}
	return letter, nil
}

// toVisitor is the visit whose client a letter is for; errNotWanted when they
// want no mail of this agency.
func (s *Relay) toVisitor(ctx context.Context, l store.Letter) (store.Visit, error) {
	visit, err := s.store.Visit(ctx, l.Visit)
	if err != nil {
		return store.Visit{}, err
	}
	return visit, s.wanted(ctx, l.Agency, visit.Email)
}

// wanted is errNotWanted when an address wants no mail of the agency.
func (s *Relay) wanted(ctx context.Context, agency, address string) error {
	unwanted, err := s.store.Unwanted(ctx, agency, s.keys.HashAddresses(address))
	if err == nil && unwanted {
		return errNotWanted
	}
	return err
}

func (s *Relay) receipt(ctx context.Context, l store.Letter, a about) (mail.Letter, error) {
	visit, err := s.toVisitor(ctx, l)
	if err != nil {
		return nil, err
	}
	receipt, err := s.store.ReceiptOf(ctx, visit.ID)
	if err != nil {
		return nil, err
	}
	address, err := s.links.URL(link.Link{Kind: link.KindReceipt, Version: 1, ID: receipt.LinkID})
	if err != nil {
		return nil, err
	}
	items, err := s.store.Items(ctx, a.request.ID)
	if err != nil {
		return nil, err
	}
	skipped := a.request.Skipped
	if !receipt.Whole(a.request) {
		items, skipped = onboarding.ItemsBy(items, visit.Email), nil
	}
	a.head.To = visit.Email
	return mail.Receipt{
		Head: a.head, Requester: a.requester, Items: items, Skipped: skipped, Business: a.request.Business.Name,
		Asked: catalog.AskedBy(a.request.Request), Finished: receipt.Made, Number: onboarding.ReceiptNumber(a.request.ID), Link: address,
	}, nil
}

// accessWorks keeps the promise to write when a problem on the agency's side
// is fixed.
func (s *Relay) accessWorks(ctx context.Context, l store.Letter, a about) (mail.Letter, error) {
	visit, err := s.toVisitor(ctx, l)
	if err != nil {
		return nil, err
	}
	if a.request.LinkState(s.store.Now()) != nil {
		return nil, errNotWanted
	}
	var item onboarding.Item
	if l.Item != "" {
		if item, err = s.store.Item(ctx, l.Agency, l.Item); err != nil {
			return nil, err
		}
	}
	address, err := s.links.URL(linkTo(a.request, visit.Recipient))
	if err != nil {
		return nil, err
	}
	a.head.To = visit.Email
	return mail.AccessWorks{Head: a.head, Requester: a.requester, Service: serviceOf(l, a.request, item), Expires: a.request.Expires, Link: address}, nil
}

// replyToCode makes the code now: it was never anywhere before, and only its
// hash is kept. An attempt that is repeated replaces it.
func (s *Relay) replyToCode(ctx context.Context, a about) (mail.Letter, error) {
	address := a.agency.Brand.PendingReplyTo
	if address == "" {
		return nil, errNotWanted
	}
	if err := s.wanted(ctx, a.agency.ID, address); err != nil {
		return nil, err
	}
	code, ends := keyset.NewNumericCode(), s.store.Now().Add(replyCodeLife)
	if err := s.store.KeepReplyCode(ctx, a.agency.ID, address, s.keys.HashCode(code), ends); err != nil {
		return nil, err
	}
	a.head.To = address
	return mail.ReplyToCode{Head: a.head, Code: code, Ends: ends}, nil
}

// memberLetter is for the requester, or for whoever owns the item.
func (s *Relay) memberLetter(ctx context.Context, l store.Letter, a about) (mail.Letter, error) {
	var item onboarding.Item
	if l.Item != "" {
		var err error
		if item, err = s.store.Item(ctx, l.Agency, l.Item); err != nil {
			return nil, err
		}
	}
	to := a.requester
	if l.Request == "" {
		var err error
		if to, err = s.store.Member(ctx, l.Agency, item.Owner); err != nil {
			return nil, err
		}
	}
	if to.Removed != 0 {
		return nil, errNotWanted
	}
	if err := s.wanted(ctx, l.Agency, to.Email); err != nil {
		return nil, err
	}
	a.head.To = to.Email
	switch l.Kind {
	case store.LetterCompleted, store.LetterFinishedWaiting, store.LetterFinishedEmpty:
		return s.outcomeLetter(ctx, l, a)
	case store.LetterNoDevice:
		return mail.NoDevice{Head: a.head, Client: a.request.Client, Service: serviceOf(l, a.request, item), Since: l.Created}, nil
	case store.LetterAgencySide:
		return mail.AgencySideProblem{
			Head: a.head, Client: a.request.Client, Service: serviceOf(l, a.request, item), Failure: failureOf(l, item),
			User: a.request.FacebookUser.Name, Asset: item.Name, Code: item.Access.Code, Since: l.Created,
		}, nil
	case store.LetterUnchecked:
		return s.stillWaiting(ctx, a)
	case store.LetterIdle:
		return s.expiring(ctx, a, item)
	}
	return nil, fmt.Errorf("writing the letter %s: nobody knows this kind", l.Kind)
}

func (s *Relay) outcomeLetter(ctx context.Context, l store.Letter, a about) (mail.Letter, error) {
	items, err := s.store.Items(ctx, a.request.ID)
	if err != nil {
		return nil, err
	}
	outcome := mail.Outcome{
		Client: a.request.Client, Items: items, Skipped: a.request.Skipped, Business: a.request.Business.Name,
		Finished: a.request.Finished, Completed: a.request.Completed,
	}
	if a.request.Confirmed {
		outcome.Invited = a.request.CompletedBy.Email
	}
	switch l.Kind {
	case store.LetterFinishedWaiting:
		return mail.FinishedWaiting{Head: a.head, Outcome: outcome}, nil
	case store.LetterFinishedEmpty:
		outcome.Finished = l.Created
		return mail.NothingConnected{Head: a.head, Outcome: outcome, Expires: a.request.Expires}, nil
	}
	return mail.CompletionNotice{Head: a.head, Outcome: outcome}, nil
}

func (s *Relay) stillWaiting(ctx context.Context, a about) (mail.Letter, error) {
	items, err := s.store.Items(ctx, a.request.ID)
	if err != nil {
		return nil, err
	}
	var waiting []onboarding.Item
	var seen onboarding.Timestamp
	for _, i := range items {
		if i.State == onboarding.ItemWaiting || i.Access.State == onboarding.AccessWaiting {
			waiting = append(waiting, i)
			seen = max(seen, i.Access.Checked)
		}
	}
	if len(waiting) == 0 {
		return nil, errNotWanted
	}
	return mail.StillWaiting{Head: a.head, Client: a.request.Client, Items: waiting, Seen: seen}, nil
}

func (s *Relay) expiring(ctx context.Context, a about, item onboarding.Item) (mail.Letter, error) {
	known, err := s.store.Credential(ctx, item.ID)
	if err != nil {
		return nil, err
	}
	if known.IdleLimit == 0 {
		return nil, errNotWanted
	}
	return mail.CredentialExpiring{Head: a.head, Client: a.request.Client, Service: item.Service, Account: item.Name, Ends: known.Renewed + known.IdleLimit}, nil
}

func (s *Relay) reportLetter(ctx context.Context, l store.Letter, a about) (mail.Letter, error) {
	to, err := onboarding.ValidateAddress("contact", s.operator.Contact)
	if err != nil {
		return nil, errNotWanted // the operator has a web page for it: the log has the report
	}
	if err := s.wanted(ctx, l.Agency, to); err != nil {
		return nil, err
	}
	a.head.To = to
	return mail.Report{Head: a.head, About: l.About, Request: l.Request, Reported: l.Created, Reference: l.Reference}, nil
}

// serviceOf is the service a letter is about: its own, its item's, else the
// request's first.
func serviceOf(l store.Letter, q store.Request, i onboarding.Item) onboarding.Service {
	switch {
	case l.Service != "":
		return l.Service
	case i.Service != "":
		return i.Service
	case len(q.Services) > 0:
		return q.Services[0]
	}
	return onboarding.Facebook
}

// failureOf is what stopped somebody: the letter's own, else the newest word
// on its item.
func failureOf(l store.Letter, i onboarding.Item) catalog.FailureCode {
	for _, code := range []string{l.Failure, i.Access.Failure, i.Failure} {
		if code != "" {
			return catalog.FailureCode(code)
		}
	}
	return catalog.AgencySide
}
