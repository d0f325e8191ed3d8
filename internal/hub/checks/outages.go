package checks

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// isOutage reports whether a cause belongs to the agency, and not to this computer, the
// relay or a platform that does not answer. When a platform asks to wait, nobody has
// anything to do.
func isOutage(cause replica.Cause) bool {
	return cause.Failure != catalog.TemporarilyBlocked && (isSignIns(cause) ||
		strings.HasPrefix(cause.Subject, replica.SubjectApp))
}

func isSignIns(cause replica.Cause) bool {
	return strings.HasPrefix(cause.Subject, replica.SubjectConnection)
}

// isContradicted reports whether other accounts show that a cause is not one of the
// whole sign-in or app: a client's own rule refuses the relay's app for one account,
// and a Business Manager the agency's user for what is in it.
func (c *Checks) isContradicted(ctx context.Context, cause replica.Cause) (bool, error) {
	if cause.Failure == catalog.NotConfigured || isSignIns(cause) && !cause.Failure.LacksRights() {
		return false, nil
	}
	stopped, others, err := replica.ReadUnaffected(ctx, c.config.Replica.DB(), cause.Subject, cause.Service.Platform())
	if err != nil || !isSignIns(cause) {
		return stopped < stopsAfter && len(others) > 0, err
	}
	for _, id := range others {
		item, err := replica.ReadItem(ctx, c.config.Replica.DB(), id)
		if err != nil {
			return false, err
		}
		user, _, _, err := c.config.Credentials.SharedWith(ctx, item)
		switch {
		case errors.Is(err, credentials.ErrNoCredential):
		case err != nil:
			return false, err
		case replica.SubjectConnection+user.ID == cause.Subject:
			return true, nil
		}
	}
	return false, nil
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
// has already is not sent again. A call that fails is made again by the next round
// that finds the same.
func (c *Checks) reportOutages(ctx context.Context, r *round) {
	failing, working := r.outages()
	known, err := replica.ReadOutages(ctx, c.config.Replica.DB())
	if err != nil {
		c.config.Log.Info("reading what does not work", "error", err)
		return
	}
	report := func(p wire.ReportOutageParams) {
		if _, err := session.Call(ctx, c.config.Session, wire.ReportOutage, p); err != nil && ctx.Err() == nil {
			c.config.Log.Info("what does not work was not reported", "subject", p.Outage.Subject, "error", err)
		}
	}
	for subject, cause := range failing {
		if o := known[subject]; o.Failure == string(cause.Failure) && o.Code == cause.Code {
			continue
		}
		if contradicted, err := c.isContradicted(ctx, cause); err != nil || contradicted {
			c.config.Log.Info("what does not work was not reported", "subject", subject, "error", err)
			continue
		}
		report(wire.ReportOutageParams{Outage: onboarding.Outage{
			Subject: subject, Service: cause.Service, Failure: string(cause.Failure), Code: cause.Code,
		}})
	}
	for subject := range working {
		if _, lasts := known[subject]; lasts {
			report(wire.ReportOutageParams{Outage: onboarding.Outage{Subject: subject}, Works: true})
		}
	}
}
