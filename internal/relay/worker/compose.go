package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// replyCodeTTL is how long a code for a reply-to address works.
const replyCodeTTL = 10 * time.Minute

// composer makes emails out of their rows.
type composer struct {
	store    *store.Store
	keys     Keys
	links    link.Links // at the relay's own address; those for clients are emailContext.links
	bases    Bases
	makeCode func() onboarding.Secret
	operator mail.Operator
	catalog  *catalog.Catalog
}

// errSkipEmail: the receiver asked for no emails, or was deleted, or what the email
// reports is no longer true.
var errSkipEmail = errors.New("this email has no receiver any more")

// errSuspended: the receiver's agency is suspended, and the email waits.
var errSuspended = errors.New("the agency is suspended")

// emailContext is what an email is made of.
type emailContext struct {
	agency    onboarding.Agency
	request   store.Request
	requester onboarding.Member
	head      mail.Envelope
	links     link.Links // at the agency's domain, or at the relay's own address
}

// compose makes an email out of its row: links, codes and words exist from
// here until it is handed over. ErrNotFound: its subject was deleted.
func (s *composer) compose(ctx context.Context, email store.Email) (mail.Email, error) {
	a, err := s.loadContext(ctx, email)
	if err != nil {
		return nil, err
	}
	switch email.Kind {
	case store.EmailInvitation, store.EmailHandOver, store.EmailPhoneLink, store.EmailLinkAgain, store.EmailReminder:
		return s.invitation(ctx, email, a)
	case store.EmailRepair:
		return s.repair(ctx, email, a)
	case store.EmailReceipt:
		return s.receipt(ctx, email, a)
	case store.EmailApproval:
		return s.approval(ctx, email, a)
	case store.EmailAccessWorks:
		return s.accessWorks(ctx, email, a)
	case store.EmailReplyTo:
		return s.replyToCode(ctx, a)
	case store.EmailReport:
		return s.reportEmail(ctx, email, a)
	}
	return s.memberEmail(ctx, email, a)
}

func (s *composer) loadContext(ctx context.Context, email store.Email) (emailContext, error) {
	var a emailContext
	var err error
	if a.agency, err = s.store.Agencies.Get(ctx, email.Agency); err != nil {
		return a, err
	}
	switch {
	case !a.agency.Suspended || email.Kind == store.EmailReport:
	case email.IsToClient() || email.Kind == store.EmailReplyTo:
		return a, errSkipEmail
	default: // its members read their news once it goes on
		return a, errSuspended
	}
	if email.Request != "" {
		if a.request, err = s.store.Requests.Get(ctx, email.Agency, email.Request); err != nil {
			return a, err
		}
		if a.requester, err = s.store.Members.Get(ctx, email.Agency, a.request.Owner); err != nil {
			return a, err
		}
	}
	if a.links, err = s.linksOf(ctx, email.Agency); err != nil {
		return a, err
	}
	pages, err := s.footerLinks(email, a.links)
	a.head = mail.Envelope{ID: email.MessageID, Date: email.Created, Agency: a.agency, Operator: s.operator, Footer: pages}
	return a, err
}

// linksOf are an agency's links for clients.
func (s *composer) linksOf(ctx context.Context, agency string) (link.Links, error) {
	if s.bases == nil {
		return s.links, nil
	}
	base, err := s.bases.BaseFor(ctx, agency)
	return s.links.At(base), err
}

// footerLinks are an email's own pages. They open no request.
func (s *composer) footerLinks(email store.Email, links link.Links) (mail.FooterLinks, error) {
	address, err := links.URL(link.Link{Kind: link.KindEmail, Version: 1, ID: email.LinkID})
	if err != nil {
		return mail.FooterLinks{}, err
	}
	base := address.Reveal()
	return mail.FooterLinks{Genuine: base + "/genuine", Report: base + "/report", Suppress: base + "/not-for-me"}, nil
}

func (s *composer) invitation(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	if a.request.LinkState(s.store.Now()) != nil {
		return nil, errSkipEmail // the link would lead to its end page
	}
	r, err := s.store.Requests.Recipient(ctx, email.Recipient)
	if err != nil {
		return nil, err
	}
	if r.Stopped != 0 {
		return nil, errSkipEmail
	}
	if err := s.checkNotSuppressed(ctx, email.Agency, r.Address); err != nil {
		return nil, err
	}
	address, err := a.links.URL(recipientLink(a.request, r.Number, r.Scoped))
	if err != nil {
		return nil, err
	}
	a.head.To = r.Address
	invitation := mail.Invitation{
		Envelope: a.head, Requester: a.requester, Message: a.request.Message, Services: r.Scope(a.request.Services),
		Asked: catalog.AskedBy(a.request.Request), Expires: a.request.Expires, Link: address,
		Handed: r.Scoped,
	}
	switch email.Kind {
	case store.EmailHandOver:
		return s.handOver(ctx, email, a, r, invitation)
	case store.EmailPhoneLink:
		return mail.PhoneLink{Invitation: invitation}, nil
	case store.EmailLinkAgain:
		return mail.LinkAgain{Invitation: invitation}, nil
	case store.EmailReminder:
		return s.reminder(ctx, a, r, invitation)
	}
	return invitation, nil
}

// toVisitor is the visit whose client an email is for; errSkipEmail when they
// want no mail of this agency.
func (s *composer) toVisitor(ctx context.Context, email store.Email) (store.Visit, error) {
	visit, err := s.store.Visits.Get(ctx, email.Visit)
	if err != nil {
		return store.Visit{}, err
	}
	return visit, s.checkNotSuppressed(ctx, email.Agency, visit.Email)
}

// checkNotSuppressed returns errSkipEmail if an address asked for no emails of the
// agency.
func (s *composer) checkNotSuppressed(ctx context.Context, agency, address string) error {
	suppressed, err := s.store.Emails.IsSuppressed(ctx, agency, s.keys.HashAddresses(address))
	if err == nil && suppressed {
		return errSkipEmail
	}
	return err
}

func (s *composer) receipt(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	visit, err := s.toVisitor(ctx, email)
	if err != nil {
		return nil, err
	}
	receipt, address, err := s.receiptOf(ctx, visit, a)
	if err != nil {
		return nil, err
	}
	items, all, err := s.receiptItems(ctx, receipt, visit)
	if err != nil {
		return nil, err
	}
	skipped := a.request.Skipped
	if !all {
		if skipped = nil; len(items) == 0 {
			return nil, errSkipEmail // all of it was withdrawn, or has ended
		}
	}
	a.head.To = visit.Email
	made := mail.Receipt{
		Envelope: a.head, Requester: a.requester, Items: items, Skipped: skipped, Business: a.request.Business.Name,
		Asked: catalog.AskedBy(a.request.Request), Finished: receipt.Made, Number: onboarding.ReceiptNumber(a.request.ID),
		Link: address, History: a.request.Audit,
	}
	if visit.Repair != "" || a.request.Finished != 0 {
		return made, nil
	}
	switch err := a.request.LinkState(s.store.Now()); {
	case errors.Is(err, onboarding.ErrWithdrawn):
		made.Over, made.Finished = mail.OverWithdrawn, a.request.Withdrawn
	case errors.Is(err, onboarding.ErrExpired):
		made.Over, made.Finished = mail.OverExpired, a.request.Expires
	}
	return made, nil
}

// accessWorks keeps the promise to write when a problem on the agency's side
// is fixed.
func (s *composer) accessWorks(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	visit, err := s.toVisitor(ctx, email)
	if err != nil {
		return nil, err
	}
	if a.request.LinkState(s.store.Now()) != nil {
		return nil, errSkipEmail
	}
	var item onboarding.Item
	if email.Item != "" {
		if item, err = s.store.Items.Get(ctx, email.Agency, email.Item); err != nil {
			return nil, err
		}
	}
	address, err := a.links.URL(recipientLink(a.request, visit.Recipient, visit.Scoped))
	if err != nil {
		return nil, err
	}
	a.head.To = visit.Email
	return mail.AccessWorks{
		Envelope: a.head, Requester: a.requester, Service: serviceOf(email, a.request, item), Expires: a.request.Expires,
		Link: address,
	}, nil
}

// recipientLink is a request's link for a recipient's number: to all of it, or to the part
// that a colleague handed to them.
func recipientLink(r store.Request, recipient int, scoped bool) link.Link {
	kind := link.KindRequest
	if scoped {
		kind = link.KindHandOver
	}
	return link.Link{Kind: kind, Version: r.LinkVersion, Recipient: recipient, ID: r.LinkID}
}

// replyToCode makes the code now: it was never anywhere before, and only its
// hash is kept. An attempt that is repeated replaces it.
func (s *composer) replyToCode(ctx context.Context, a emailContext) (mail.Email, error) {
	address := a.agency.Brand.PendingReplyTo
	if address == "" {
		return nil, errSkipEmail
	}
	if err := s.checkNotSuppressed(ctx, a.agency.ID, address); err != nil {
		return nil, err
	}
	code, ends := s.makeCode(), s.store.Now().Add(replyCodeTTL)
	if err := s.store.Agencies.StoreReplyToCode(ctx, a.agency.ID, address, s.keys.HashCode(code), ends); err != nil {
		return nil, err
	}
	a.head.To = address
	return mail.ReplyToCode{Envelope: a.head, Code: code, Ends: ends}, nil
}

// nameOf is what an email calls an account. A text that a client typed is in none.
func (s *composer) nameOf(i onboarding.Item) string {
	if i.IsNamed() {
		return s.catalog.Kind(i.Kind)
	}
	return i.Name
}

// memberEmail is for the requester, or for the owner of the item.
func (s *composer) memberEmail(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	var item onboarding.Item
	if email.Item != "" {
		var err error
		if item, err = s.store.Items.Get(ctx, email.Agency, email.Item); err != nil {
			return nil, err
		}
	}
	to, err := s.receiver(ctx, email, item, a)
	if err != nil {
		return nil, err
	}
	if to.Removed != 0 {
		return nil, errSkipEmail
	}
	if err := s.checkNotSuppressed(ctx, email.Agency, to.Email); err != nil {
		return nil, err
	}
	a.head.To = to.Email
	switch email.Kind {
	case store.EmailCompletion, store.EmailFinishedWaiting, store.EmailNothingConnected:
		return s.outcomeEmail(ctx, email, a)
	case store.EmailNoDevice:
		return mail.NoDevice{
			Envelope: a.head, Client: a.request.Client, Service: serviceOf(email, a.request, item), Since: email.Created,
			Open: s.openRequest(a.request.ID),
		}, nil
	case store.EmailAgencySideProblem:
		return mail.AgencySideProblem{
			Envelope: a.head, Client: a.request.Client, Service: serviceOf(email, a.request, item),
			Failure: failureOf(email, item),
			User:    a.request.FacebookUser.Name, Asset: s.nameOf(item),
			Code: cmp.Or(email.Code, item.Access.Code), Since: email.Created,
			Open: s.openRequest(a.request.ID),
		}, nil
	case store.EmailStillWaiting:
		return s.stillWaiting(ctx, a)
	case store.EmailCredentialExpiring:
		return s.expiring(ctx, a, item)
	}
	return s.newsEmail(ctx, email, to, a)
}

// receiver is the member whom an email is for: a request's or an account's owner of
// today, whoever that was when it was queued.
func (s *composer) receiver(
	ctx context.Context, email store.Email, item onboarding.Item, a emailContext,
) (onboarding.Member, error) {
	switch {
	case email.Request != "":
		return a.requester, nil
	case item.ID != "":
		return s.store.Members.Get(ctx, email.Agency, item.Owner)
	}
	return s.store.Members.Get(ctx, email.Agency, email.Member)
}

// newsEmail makes the emails that are about news alone.
func (s *composer) newsEmail(
	ctx context.Context, email store.Email, to onboarding.Member, a emailContext,
) (mail.Email, error) {
	switch email.Kind {
	case store.EmailNeedsAttention:
		email.Member = to.ID
		return s.needsAttention(ctx, email, a)
	case store.EmailRequestExpiring:
		return s.requestExpiring(a)
	case store.EmailPartFinished:
		return s.partFinished(ctx, a)
	case store.EmailSkipped:
		return s.skipped(ctx, a)
	case store.EmailDeclined:
		return s.declined(a)
	case store.EmailLinkAsked:
		return s.linkAsked(ctx, email, a)
	case store.EmailAccessWithdrawn:
		return s.accessWithdrawn(ctx, email, a)
	case store.EmailSignInEnds:
		return s.signInEnds(ctx, email, to, a)
	case store.EmailAppProblem:
		return s.appProblem(ctx, email, to, a)
	case store.EmailWebhooksOff:
		return s.webhooksOff(ctx, email, a)
	case store.EmailDomainLost, store.EmailDomainWorks:
		return ownDomain(ctx, s.store, email, mail.OwnDomain{Envelope: a.head, Open: s.open(link.OpenHome)})
	case store.EmailSummary:
		return s.summary(ctx, email, a)
	}
	return nil, fmt.Errorf("writing the email %s: unknown kind", email.Kind)
}

func (s *composer) outcomeEmail(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	if email.Kind == store.EmailCompletion && isTakenBack(a.request) {
		return nil, errSkipEmail
	}
	items, err := s.store.Items.ListByRequest(ctx, a.request.ID)
	if err != nil {
		return nil, err
	}
	outcome := mail.Outcome{
		Client: a.request.Client, Items: items, Skipped: a.request.Skipped, Business: a.request.Business.Name,
		Finished: a.request.Finished, Completed: a.request.Completed,
		Open: s.openRequest(a.request.ID),
	}
	if a.request.Confirmed {
		outcome.Invited = a.request.CompletedBy.Email
	}
	switch email.Kind {
	case store.EmailFinishedWaiting:
		return mail.FinishedWaiting{Envelope: a.head, Outcome: outcome}, nil
	case store.EmailNothingConnected:
		outcome.Finished = email.Created
		return mail.NothingConnected{Envelope: a.head, Outcome: outcome, Expires: a.request.Expires}, nil
	}
	return mail.CompletionNotice{Envelope: a.head, Outcome: outcome}, nil
}

// isTakenBack reports whether a request that was completed waits again: a member took back
// that its first account has arrived.
func isTakenBack(r store.Request) bool { return r.Finished != 0 && r.Status != onboarding.Connected }

func (s *composer) stillWaiting(ctx context.Context, a emailContext) (mail.Email, error) {
	items, err := s.store.Items.ListByRequest(ctx, a.request.ID)
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
		return nil, errSkipEmail
	}
	return mail.StillWaiting{Envelope: a.head, Client: a.request.Client, Items: waiting, Seen: seen,
		Open: s.openRequest(a.request.ID),
	}, nil
}

func (s *composer) expiring(ctx context.Context, a emailContext, item onboarding.Item) (mail.Email, error) {
	known, err := s.store.Credentials.Get(ctx, item.ID)
	if err != nil {
		return nil, err
	}
	if known.IdleLimit == 0 {
		return nil, errSkipEmail
	}
	return mail.CredentialExpiring{
		Envelope: a.head, Client: a.request.Client, Service: item.Service, Account: s.nameOf(item),
		Ends: known.Renewed + known.IdleLimit, Open: s.openRequest(a.request.ID),
	}, nil
}

func (s *composer) reportEmail(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	to := s.operator.Contact.Email
	if to == "" {
		return nil, errSkipEmail // the operator has a web page for it: the log has the report
	}
	if err := s.checkNotSuppressed(ctx, email.Agency, to); err != nil {
		return nil, err
	}
	a.head.To = to
	return mail.Report{
		Envelope: a.head, About: email.About, Request: email.Request, Reported: email.Created, Reference: email.Reference,
	}, nil
}

// serviceOf is the service an email is about: its own, its item's, else the
// request's first.
func serviceOf(email store.Email, r store.Request, i onboarding.Item) onboarding.Service {
	switch {
	case email.Service != "":
		return email.Service
	case i.Service != "":
		return i.Service
	case len(r.Services) > 0:
		return r.Services[0]
	}
	return onboarding.Facebook
}

// failureOf is what stopped the client: the email's own, else the newest word
// on its item.
func failureOf(email store.Email, i onboarding.Item) catalog.FailureCode {
	for _, code := range []string{email.Failure, i.Access.Failure, i.Failure} {
		if code != "" {
			return catalog.FailureCode(code)
		}
	}
	return catalog.AgencySide
}
