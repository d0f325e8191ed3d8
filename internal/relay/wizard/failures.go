package wizard

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// failureReporter shows, logs and reports what did not work at a platform.
type failureReporter struct {
	*core
	visits *visits
}

// installer is the driver of a service whose app an admin of the client installs.
func (s *failureReporter) installer(service onboarding.Service) (platform.Installer, bool) {
	driver, err := platform.Find(s.drivers, service.Platform())
	if err != nil {
		return nil, false
	}
	installer, able := driver.(platform.Installer)
	return installer, able
}

// args are the visit's, with what the service's driver has on the app.
func (s *failureReporter) args(v *visitScope, service onboarding.Service) catalog.Args {
	args := v.args(service)
	args.App = s.appID(service)
	if installer, able := s.installer(service); able {
		args.Install = installer.InstallAddress()
	}
	return args
}

// checkEntitledDevice returns ErrNoDevice when no device of a member who may have a
// credential could receive it. It then emails the agency.
func (s *failureReporter) checkEntitledDevice(ctx context.Context, v *visitScope, service onboarding.Service) error {
	err := s.sealer.RequireEntitledDevice(ctx, sealing.Target{
		Agency: v.Agency.ID, Of: v.Request.Ownership(), Request: v.Request.ID,
	})
	if errors.Is(err, onboarding.ErrNoDevice) {
		s.emailAgency(ctx, v, store.Email{Kind: store.EmailNoDevice, Service: service})
	}
	return err
}

// saveFailure stores why an attempt failed and redirects to its step.
func (s *failureReporter) saveFailure(
	w http.ResponseWriter, r *http.Request, v *visitScope, service onboarding.Service, err error,
) error {
	v.state.setFailure(service, s.reportFailure(r, v, service, err))
	delete(v.state.Result, service)
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	if service == onboarding.Facebook {
		return seeOther(w, r, v.path("facebook"))
	}
	return seeOther(w, r, v.path("platforms/"+string(service)+"/result"))
}

// reportFailure turns an error into what the next page shows. The log gets the
// rest under the same reference; where only the agency can help, it gets an email.
func (s *failureReporter) reportFailure(r *http.Request, v *visitScope, service onboarding.Service, err error) failure {
	s.emailIfAgencySide(r.Context(), v, service, err)
	return s.recordFailure(r, v, service, err)
}

// recordFailure is reportFailure without the email, for pages that are only read.
func (s *failureReporter) recordFailure(r *http.Request, v *visitScope, service onboarding.Service, err error) failure {
	found := platform.AsFailure(err)
	described := failure{Code: found.Code, Platform: found.PlatformCode, Reference: newReference(), LeftOut: found.LeftOut}
	if len(found.LeftOut) > 0 {
		described.Code = catalog.LeftOut // it names each with its own reason
	}
	if found.RetryAfter > 0 {
		described.Until = s.store.Now().Add(found.RetryAfter)
	}
	s.log.InfoContext(
		r.Context(), "a try at a platform did not work", "route", r.Pattern, "service", service, "failure", found.Code,
		"reference", described.Reference, logAttr(err),
	)
	return described
}

// emailIfAgencySide emails the agency about a failure that only it can fix.
func (s *failureReporter) emailIfAgencySide(ctx context.Context, v *visitScope, service onboarding.Service, err error) {
	if errors.Is(err, onboarding.ErrNoDevice) { // that has an email of its own
		return
	}
	found := platform.AsFailure(err)
	if s.catalog.Describe(found.Code, catalog.Args{}).FixedBy == catalog.TheAgency {
		s.emailAgency(ctx, v, store.Email{
			Kind: store.EmailAgencySideProblem, Service: service, Failure: string(found.Code), Code: found.PlatformCode,
		})
	}
}

// emailAgency writes to the requester, at most once a day about one thing.
func (s *failureReporter) emailAgency(ctx context.Context, v *visitScope, email store.Email) {
	email.Agency, email.Request, email.Member = v.Agency.ID, v.Request.ID, v.Request.Owner
	if err := s.store.Emails.Enqueue(ctx, email, s.store.Now().Add(-24*time.Hour)); err != nil {
		s.log.ErrorContext(ctx, "queueing an email to the agency", "email", email.Kind, logAttr(err))
	}
}

// until is from when on, and in how long, a try may work again.
func (s *failureReporter) until(args catalog.Args, t failure) catalog.Args {
	if args.When = t.Until; t.Until != 0 {
		args.Wait = max(s.store.Now().Since(t.Until), time.Second)
	}
	return args
}

// appID is what the platform's admins see the relay's app by, for the note to
// who has to allow it; empty: that is not said there.
func (s *failureReporter) appID(service onboarding.Service) string {
	driver, err := platform.Find(s.drivers, service.Platform())
	if err != nil {
		return ""
	}
	if named, has := driver.(platform.AppNamer); has {
		return named.AppID()
	}
	return ""
}

// failureView is the failure of a service as its page shows it; nil: there is none.
func (s *failureReporter) failureView(v *visitScope, service onboarding.Service, again string) *pages.FailureView {
	t, has := v.state.Failures[service]
	if !has {
		return nil
	}
	args := s.until(s.args(v, service), t)
	args.Name, args.Code, args.Lists = t.Name, t.Platform, s.catalog.LeftOut(t.LeftOut)
	if t.Code == catalog.OtherAccount {
		args.Account = t.Name
	}
	view := &pages.FailureView{
		Failure: s.catalog.Describe(t.Code, args), Platform: t.Platform, Reference: t.Reference,
		Again: again, AgainPost: true, Skip: v.skipPath(string(service)), HandOver: v.handOverPath(service),
	}
	if service == onboarding.Facebook {
		view.ByHand = v.byHandPath()
	}
	return view
}
