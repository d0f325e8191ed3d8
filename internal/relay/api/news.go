package api

import (
	"context"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// news is what members hear of.
type news struct{ *core }

func (s *news) handle(api *wire.Server) {
	wire.Handle(api, wire.ReadNews, mapDBErrors(s.readNews))
	wire.Handle(api, wire.SaveNews, mapDBErrors(s.saveNews))
	wire.Handle(api, wire.ReportOutage, mapDBErrors(s.reportOutage))
}

func (s *news) readNews(ctx context.Context, _ wire.Empty) (wire.NewsResult, error) {
	settings, err := s.store.News.Settings(ctx, principalFrom(ctx).Member.ID)
	return wire.NewsResult{Settings: settings}, err
}

func (s *news) saveNews(ctx context.Context, p wire.SaveNewsParams) (wire.NewsResult, error) {
	if err := onboarding.ValidateNews(p.Settings); err != nil {
		return wire.NewsResult{}, err
	}
	c := principalFrom(ctx)
	settings, err := s.store.News.SaveSettings(ctx, c.Agency.ID, c.Member.ID, p.Settings)
	return wire.NewsResult{Settings: settings}, err
}

// maxPlatformCode bounds a platform's own code, as a hub reports it.
const maxPlatformCode = 100

// reportOutage stores why a hub cannot check what depends on a sign-in or an app. It
// takes only what the caller's hub can have met, and what belongs there.
func (s *news) reportOutage(ctx context.Context, p wire.ReportOutageParams) (wire.Empty, error) {
	if err := s.validateOutage(ctx, p); err != nil {
		return wire.Empty{}, err
	}
	c := principalFrom(ctx)
	if p.Works {
		return wire.Empty{}, s.store.Outages.End(ctx, c.Agency.ID, p.Outage.Subject)
	}
	return wire.Empty{}, s.store.Outages.Begin(ctx, c.Agency.ID, c.Member, p.Outage)
}

func (s *news) validateOutage(ctx context.Context, p wire.ReportOutageParams) error {
	outage, scope := p.Outage, catalog.ScopeApp
	id, isConnection := strings.CutPrefix(outage.Subject, onboarding.OutageConnection)
	of, isApp := strings.CutPrefix(outage.Subject, onboarding.OutageApp)
	var at onboarding.Platform
	switch {
	case isConnection:
		x, err := s.visibleConnection(ctx, id)
		if err != nil {
			return err
		}
		if err := s.requireCurrent(ctx, x, p.Works); err != nil {
			return err
		}
		scope, at = catalog.ScopeSignIn, x.Platform
	case isApp:
		at = onboarding.Platform(of)
		if err := s.requireAccountAt(ctx, at); err != nil {
			return err
		}
	default:
		return onboarding.Invalid("subject", "This is neither a sign-in nor an app.")
	}
	isAt := func(service onboarding.Service) bool { return service.Platform() == at }
	switch {
	case !slices.ContainsFunc(s.catalog.IDs(), isAt):
		return onboarding.Invalid("subject", "This is not a platform.")
	case p.Works:
		return nil
	case !slices.Contains(s.catalog.IDs(), outage.Service) || !isAt(outage.Service):
		return onboarding.Invalid("service", "This is no service of the platform.")
	case len(outage.Code) > maxPlatformCode || strings.ContainsFunc(outage.Code, isControl):
		return onboarding.Invalid("code", "This is no code of a platform.")
	case catalog.ScopeOf(s.catalog, catalog.FailureCode(outage.Failure), outage.Service, outage.Code) != scope:
		return onboarding.Invalid("failure", "This does not belong to the subject.")
	}
	return nil
}

// requireCurrent refuses a sign-in that was ended. Of one that a newer one replaces it
// matters to nobody that it does not work.
func (s *news) requireCurrent(ctx context.Context, x onboarding.Connection, works bool) error {
	if x.Ended != 0 {
		return onboarding.ErrConflict
	}
	if works {
		return nil
	}
	replaced, err := s.store.News.IsReplaced(ctx, x, principalFrom(ctx).Agency.ID)
	if err == nil && replaced {
		return onboarding.ErrConflict
	}
	return err
}

// requireAccountAt refuses a word about a platform at which the caller has no account: it
// can have checked none.
func (s *news) requireAccountAt(ctx context.Context, of onboarding.Platform) error {
	c := principalFrom(ctx)
	may, err := s.store.Outages.MayReport(ctx, c.Agency.ID, c.Member.ID, of)
	if err == nil && !may {
		return onboarding.Invalid("subject", "You have no account at this platform.")
	}
	return err
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }
