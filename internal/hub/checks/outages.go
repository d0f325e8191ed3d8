package checks

import (
	"context"
	"maps"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// isOutage reports whether a cause belongs to the agency, and not to this computer, the
// relay or a platform that does not answer.
func isOutage(subject string) bool {
	return strings.HasPrefix(subject, replica.SubjectConnection) || strings.HasPrefix(subject, replica.SubjectApp)
}

// outages returns what the round has found about sign-ins and apps: causes that nothing
// contradicts, and the subjects that work.
func (r *round) outages() (failing map[string]replica.Cause, working map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	failing = maps.Clone(r.failing)
	for subject := range r.working { // of an app that failed for one account only, nothing is known
		delete(failing, subject)
	}
	working = maps.Clone(r.working)
	for subject := range r.failing {
		delete(working, subject)
	}
	return failing, working
}

// reportOutages tells the relay what the round has found about sign-ins and apps, so
// that the agency's other hubs show it and its members get an email. What the relay
// knows already is not sent again. A call that fails is made again by the next round
// that finds the same.
func (c *Checks) reportOutages(ctx context.Context, r *round) {
	failing, working := r.outages()
	known, err := replica.ReadOutages(ctx, c.config.Replica.DB())
	if err != nil {
		c.config.Log.Info("reading what does not work", "error", err)
		return
	}
	report := func(p wire.ReportCauseParams) {
		if _, err := session.Call(ctx, c.config.Session, wire.ReportCause, p); err != nil && ctx.Err() == nil {
			c.config.Log.Info("what does not work was not reported", "subject", p.Outage.Subject, "error", err)
		}
	}
	for subject, cause := range failing {
		if o := known[subject]; o.Failure == string(cause.Failure) && o.Code == cause.Code {
			continue
		}
		report(wire.ReportCauseParams{Outage: onboarding.Outage{
			Subject: subject, Service: cause.Service, Failure: string(cause.Failure), Code: cause.Code,
		}})
	}
	for subject := range working {
		if _, lasts := known[subject]; lasts {
			report(wire.ReportCauseParams{Outage: onboarding.Outage{Subject: subject}, Works: true})
		}
	}
}
