package worker

import (
	"context"
	"errors"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// open is the address of the page that opens something in the hub.
func (s *composer) open(route string) string { return s.links.OpenURL(route) }

// openRequest opens a request; without one, what is the agency's own.
func (s *composer) openRequest(request string) string {
	if request == "" {
		return s.open(link.OpenAccounts)
	}
	return s.open(link.OpenRequest + request)
}

// needsAttention lists what stopped working since shortly before the email was queued,
// and does not work now.
func (s *composer) needsAttention(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	items, more, err := s.store.News.BrokenSince(ctx, email.Agency, email.Request, email.Member, email.Created)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errSkipEmail // they work again
	}
	return mail.NeedsAttention{
		Envelope: a.head, Client: a.request.Client, Items: items, More: more, Open: s.openRequest(email.Request),
	}, nil
}

// skipped names what a client does not provide, unless they have finished or declined
// meanwhile: then another email says it.
func (s *composer) skipped(ctx context.Context, a emailContext) (mail.Email, error) {
	if len(a.request.Skipped) == 0 || a.request.Declined != 0 || a.request.LinkState(s.store.Now()) != nil {
		return nil, errSkipEmail
	}
	items, err := s.store.Items.ListByRequest(ctx, a.request.ID)
	if err != nil {
		return nil, err
	}
	return mail.Skipped{
		Envelope: a.head, Client: a.request.Client, Skipped: a.request.Skipped, Items: items, Asked: len(a.request.Services),
		Expires: a.request.Expires, Open: s.openRequest(a.request.ID),
	}, nil
}

func (s *composer) declined(a emailContext) (mail.Email, error) {
	if a.request.Declined == 0 || a.request.LinkState(s.store.Now()) != nil {
		return nil, errSkipEmail // somebody could do it after all, or it is over
	}
	return mail.Declined{
		Envelope: a.head, Client: a.request.Client, At: a.request.Declined, Expires: a.request.Expires,
		Open: s.openRequest(a.request.ID),
	}, nil
}

// accessWithdrawn lists what a client withdrew since the email was queued.
func (s *composer) accessWithdrawn(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	items, more, err := s.store.News.WithdrawnSince(ctx, email.Agency, email.Request, email.Created)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errSkipEmail // they connected it again
	}
	return mail.AccessWithdrawn{
		Envelope: a.head, Client: a.request.Client, Items: items, More: more, Open: s.openRequest(email.Request),
	}, nil
}

// repairAsked tells that a client asked for a new link to repair an account, unless one was
// made since, or none is needed.
func (s *composer) repairAsked(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	p, err := s.store.Repairs.Get(ctx, email.Item)
	if err != nil {
		return nil, err
	}
	if !errors.Is(p.State(p.Version, s.store.Now()), onboarding.ErrExpired) {
		return nil, errSkipEmail
	}
	item, err := s.store.Items.Get(ctx, email.Agency, email.Item)
	if err != nil {
		return nil, err
	}
	return mail.LinkAsked{
		Envelope: a.head, Client: a.request.Client, At: email.Created, Ended: p.Expires, Asset: s.nameOf(item),
		Open: s.openRequest(a.request.ID),
	}, nil
}

// linkAsked tells that a client asked for a new link, unless one was made or sent since.
func (s *composer) linkAsked(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	if email.Item != "" {
		return s.repairAsked(ctx, email, a)
	}
	if a.request.LinkAsked == 0 || a.request.Withdrawn != 0 {
		return nil, errSkipEmail
	}
	asked := mail.LinkAsked{
		Envelope: a.head, Client: a.request.Client, At: a.request.LinkAsked, Ended: a.request.Expires,
		Expired: a.request.LinkState(s.store.Now()) != nil, Open: s.openRequest(a.request.ID),
	}
	for _, r := range a.request.Recipients {
		if r.Stopped == 0 {
			asked.Invited++
		}
	}
	return asked, nil
}

func (s *composer) requestExpiring(a emailContext) (mail.Email, error) {
	if a.request.LinkState(s.store.Now()) != nil {
		return nil, errSkipEmail // finished, withdrawn or over meanwhile
	}
	return mail.RequestExpiring{
		Envelope: a.head, Client: a.request.Client, Opened: a.request.Opened != 0, Ends: a.request.Expires,
		Open: s.openRequest(a.request.ID),
	}, nil
}

func (s *composer) signInEnds(
	ctx context.Context, email store.Email, to onboarding.Member, a emailContext,
) (mail.Email, error) {
	x, err := s.store.Connections.Get(ctx, email.Agency, email.Connection)
	if err != nil {
		return nil, err
	}
	if over, err := s.isOver(ctx, email.Agency, x, email.Failure); err != nil {
		return nil, err
	} else if over {
		return nil, errSkipEmail
	}
	owner, err := s.store.Members.Get(ctx, email.Agency, x.Member)
	if err != nil {
		return nil, err
	}
	service, _ := s.serviceAt(x.Platform) // a Connection's platform has one
	return mail.SignInEnds{
		Envelope: a.head, Service: service, User: x.User.Name, Member: owner.Name, Own: owner.ID == to.ID,
		Ends: x.Ends, Failure: catalog.FailureCode(email.Failure), Code: email.Code, Since: email.Created,
		Now: s.store.Now(), Open: s.open(link.OpenFacebook),
	}, nil
}

// isOver reports whether news of a sign-in are no longer so: it was ended or renewed,
// or works again after the failure.
func (s *composer) isOver(ctx context.Context, agency string, x onboarding.Connection, failure string) (bool, error) {
	switch {
	case x.Ended != 0:
		return true, nil
	case failure == "":
		return s.store.News.IsReplaced(ctx, x, agency)
	}
	lasts, err := s.store.Outages.Lasts(ctx, agency, onboarding.OutageConnection+x.ID)
	return !lasts, err
}

// serviceAt is the service of a platform.
func (s *composer) serviceAt(of onboarding.Platform) (onboarding.Service, bool) {
	for _, service := range s.catalog.IDs() {
		if service.Platform() == of {
			return service, true
		}
	}
	return onboarding.Facebook, false
}

// summary lists a day's news. What was deleted meanwhile, or is no longer so, is left
// out.
func (s *composer) summary(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	list, more, err := s.store.News.OfSummary(ctx, email.Member, email.ID)
	if err != nil {
		return nil, err
	}
	settings, err := s.store.News.Settings(ctx, email.Member)
	if err != nil {
		return nil, err
	}
	made := mail.Summary{
		Envelope: a.head, More: more, UTCOffset: settings.UTCOffset, Open: s.open(link.OpenHome),
	}
	for _, news := range list {
		line, err := s.summaryLine(ctx, news)
		if errors.Is(err, onboarding.ErrNotFound) || errors.Is(err, errSkipEmail) {
			continue
		} else if err != nil {
			return nil, err
		}
		made.Lines = append(made.Lines, line)
	}
	if len(made.Lines)+more == 0 {
		return nil, errSkipEmail
	}
	return made, nil
}

// isPast reports whether news of a request are no longer so.
func (s *composer) isPast(news store.News, r store.Request) bool {
	switch news.Kind {
	case onboarding.NewsExpiring:
		return news.Item == "" && r.LinkState(s.store.Now()) != nil
	case onboarding.NewsLinkAsked:
		return news.Item == "" && r.LinkAsked == 0
	case onboarding.NewsDeclined:
		return r.Declined == 0
	}
	return false
}

// summaryLine is the line of one piece of news; errSkipEmail: it is no longer so.
func (s *composer) summaryLine(ctx context.Context, news store.News) (mail.SummaryLine, error) {
	line := mail.SummaryLine{
		Kind: news.Kind, Service: news.Service, At: news.Created, Open: s.openRequest(news.Request),
	}
	if news.Request != "" {
		r, err := s.store.Requests.Get(ctx, news.Agency, news.Request)
		if err != nil {
			return line, err
		}
		if s.isPast(news, r) {
			return line, errSkipEmail
		}
		line.Subject = r.Client
		if news.Kind == onboarding.NewsCompleted {
			line.Waiting = r.Completed == 0 || r.Completed > news.Created
			items, err := s.store.Items.ListByRequest(ctx, news.Request)
			if err != nil {
				return line, err
			}
			line.Unchecked = len(onboarding.ConfirmedBy(items)) > 0
			_, awaited := onboarding.CountArrived(items)
			line.Part = awaited > 0
		}
	}
	var err error
	switch {
	case news.Item != "":
		err = s.aboutAccount(ctx, news, &line)
	case news.Connection != "":
		err = s.aboutSignIn(ctx, news, &line)
	case news.Kind == onboarding.NewsAttention:
		err = s.appLasts(ctx, news.Agency, news.Service)
	}
	return line, err
}

func (s *composer) aboutAccount(ctx context.Context, news store.News, line *mail.SummaryLine) error {
	i, err := s.store.Items.Get(ctx, news.Agency, news.Item)
	if err != nil {
		return err
	}
	line.Service, line.Account = i.Service, s.nameOf(i)
	switch {
	case news.Kind == onboarding.NewsWithdrawn:
		return nil
	case i.State == onboarding.ItemEnded:
		return errSkipEmail
	case news.Kind == onboarding.NewsAttention && i.Access.State != onboarding.AccessBroken:
		return errSkipEmail
	case news.Kind != onboarding.NewsExpiring:
		return nil
	}
	known, err := s.store.Credentials.Get(ctx, i.ID)
	if err == nil && (known.IdleLimit == 0 || known.Renewed > news.Created) {
		return errSkipEmail
	}
	return err
}

func (s *composer) aboutSignIn(ctx context.Context, news store.News, line *mail.SummaryLine) error {
	x, err := s.store.Connections.Get(ctx, news.Agency, news.Connection)
	if err != nil {
		return err
	}
	line.Service, _ = s.serviceAt(x.Platform)
	line.Account, line.Open = x.User.Name, s.open(link.OpenFacebook)
	over, err := s.isOver(ctx, news.Agency, x, news.Failure)
	if err == nil && over {
		return errSkipEmail
	}
	return err
}

// appLasts returns errSkipEmail when the relay's app at a service works again.
func (s *composer) appLasts(ctx context.Context, agency string, of onboarding.Service) error {
	lasts, err := s.store.Outages.Lasts(ctx, agency, onboarding.OutageApp+string(of.Platform()))
	if err == nil && !lasts {
		return errSkipEmail
	}
	return err
}

// webhooksOff lists the webhooks that the relay switched off since the email was queued,
// and that are off now.
func (s *composer) webhooksOff(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	all, err := s.store.Webhooks.List(ctx, email.Agency)
	if err != nil {
		return nil, err
	}
	made := mail.WebhooksOff{Envelope: a.head, Open: s.open(link.OpenHome)}
	for _, w := range all {
		if w.Off != "" && w.OffSince >= email.Created {
			made.Webhooks = append(made.Webhooks, w.Webhook)
		}
	}
	if len(made.Webhooks) == 0 {
		return nil, errSkipEmail
	}
	return made, nil
}

// ownDomain completes an email about the agency's own domain with what is still so.
func ownDomain(ctx context.Context, of *store.Store, email store.Email, made mail.OwnDomain) (mail.Email, error) {
	d, err := of.Domains.Get(ctx, email.Agency)
	if errors.Is(err, onboarding.ErrNotFound) || err == nil && d.Name != email.About {
		return nil, errSkipEmail
	} else if err != nil {
		return nil, err
	}
	made.Domain, made.Records = d.Name, d.State == onboarding.DomainLost
	made.Works = d.State == onboarding.DomainVerified && d.Ready != 0
	if made.Works != (email.Kind == store.EmailDomainWorks) {
		return nil, errSkipEmail
	}
	return made, nil
}

func (s *composer) appProblem(
	ctx context.Context, email store.Email, to onboarding.Member, a emailContext,
) (mail.Email, error) {
	if err := s.appLasts(ctx, email.Agency, email.Service); err != nil {
		return nil, err
	}
	return mail.AppProblem{
		Envelope: a.head, Alone: to.Role != onboarding.MainUser, Service: email.Service,
		Failure: catalog.FailureCode(email.Failure), Code: email.Code, Since: email.Created, Open: s.open(link.OpenAccounts),
	}, nil
}
