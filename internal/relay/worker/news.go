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
	items, err := s.store.News.BrokenSince(ctx, email.Agency, email.Request, email.Member, email.Created)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errSkipEmail // they work again
	}
	return mail.NeedsAttention{
		Envelope: a.head, Client: a.request.Client, Items: items, Open: s.openRequest(email.Request),
	}, nil
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
	if x.Ended != 0 {
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

// serviceAt is the service of a platform.
func (s *composer) serviceAt(of onboarding.Platform) (onboarding.Service, bool) {
	for _, service := range s.catalog.IDs() {
		if service.Platform() == of {
			return service, true
		}
	}
	return onboarding.Facebook, false
}

// summary lists a day's news. What was deleted meanwhile is left out.
func (s *composer) summary(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	list, err := s.store.News.OfSummary(ctx, email.ID)
	if err != nil {
		return nil, err
	}
	made := mail.Summary{Envelope: a.head, Open: s.open(link.OpenHome)}
	for _, news := range list {
		line, err := s.summaryLine(ctx, news)
		if errors.Is(err, onboarding.ErrNotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		made.Lines = append(made.Lines, line)
	}
	if len(made.Lines) == 0 {
		return nil, errSkipEmail
	}
	return made, nil
}

func (s *composer) summaryLine(ctx context.Context, news store.News) (mail.SummaryLine, error) {
	line := mail.SummaryLine{
		Kind: news.Kind, Service: news.Service, At: news.Created, Open: s.openRequest(news.Request),
	}
	if news.Request != "" {
		r, err := s.store.Requests.Get(ctx, news.Agency, news.Request)
		if err != nil {
			return line, err
		}
		line.Subject = r.Client
		line.Waiting = news.Kind == onboarding.NewsCompleted && (r.Completed == 0 || r.Completed > news.Created)
	}
	switch {
	case news.Item != "":
		i, err := s.store.Items.Get(ctx, news.Agency, news.Item)
		if err != nil {
			return line, err
		}
		line.Service, line.Account = i.Service, i.Name
	case news.Connection != "":
		x, err := s.store.Connections.Get(ctx, news.Agency, news.Connection)
		if err != nil {
			return line, err
		}
		line.Service, _ = s.serviceAt(x.Platform)
		line.Account, line.Open = x.User.Name, s.open(link.OpenFacebook)
	}
	return line, nil
}

func (s *composer) appProblem(email store.Email, a emailContext) mail.Email {
	return mail.AppProblem{
		Envelope: a.head, Service: email.Service, Failure: catalog.FailureCode(email.Failure), Code: email.Code,
		Since: email.Created, Open: s.open(link.OpenAccounts),
	}
}
