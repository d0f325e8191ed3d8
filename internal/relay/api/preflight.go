package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// MailCheck reports whether emails can be sent now: an error, and what the mail server
// replied, if it did.
type MailCheck func(ctx context.Context) (reply string, err error)

// preflight checks what a request needs before it is sent.
type preflight struct {
	*core
	mail      *probe // nil: the relay has no mail server
	platforms map[onboarding.Platform]*probe
}

func newPreflight(c *core, mail MailCheck) *preflight {
	p := &preflight{core: c, platforms: map[onboarding.Platform]*probe{}}
	if mail != nil {
		p.mail = &probe{now: c.store.Now, ask: mail}
	}
	for _, driver := range c.drivers {
		if pinger, able := driver.(platform.Pinger); able {
			p.platforms[driver.Platform()] = &probe{now: c.store.Now, ask: func(ctx context.Context) (string, error) {
				return "", pinger.Ping(ctx)
			}}
		}
	}
	return p
}

func (s *preflight) handle(api *wire.Server) {
	wire.Handle(api, wire.Preflight, mapDBErrors(s.run))
}

// run answers all checks that the relay can make, at once: each takes probeTimeout at most.
func (s *preflight) run(ctx context.Context, p wire.PreflightParams) (wire.PreflightResult, error) {
	of, err := s.ownership(ctx, p.Request)
	if err != nil {
		return wire.PreflightResult{}, err
	}
	services := s.catalog.Sort(slices.DeleteFunc(slices.Clone(p.Services), func(service onboarding.Service) bool {
		return !s.catalog.Known(service) || p.ByHand && service == onboarding.Facebook
	}))
	lines, failed := make([]onboarding.PreflightLine, len(services)+2), make([]error, len(services)+1)
	var checks sync.WaitGroup
	for n, service := range services {
		checks.Go(func() { lines[n], failed[n] = s.checkPlatform(ctx, service) })
	}
	checks.Go(func() { lines[len(services)] = s.checkMail(ctx) })
	lines[len(services)+1], failed[len(services)] = s.checkDevice(ctx, of)
	checks.Wait()
	return wire.PreflightResult{Lines: lines}, errors.Join(failed...)
}

// ownership is whose a request is; one that the relay does not have yet is the caller's.
func (s *preflight) ownership(ctx context.Context, request string) (onboarding.Ownership, error) {
	c := principalFrom(ctx)
	of, err := s.store.Requests.Ownership(ctx, c.Agency.ID, request)
	switch {
	case errors.Is(err, onboarding.ErrNotFound):
		return onboarding.Ownership{Member: c.Member.ID}, nil
	case err == nil && !c.Agency.MaySee(c.Member, of):
		return of, onboarding.ErrNotFound
	}
	return of, err
}

func (s *preflight) checkPlatform(
	ctx context.Context, service onboarding.Service,
) (onboarding.PreflightLine, error) {
	line := onboarding.PreflightLine{
		Check: onboarding.PreflightPlatform, Service: service, State: onboarding.PreflightOK,
	}
	of := service.Platform()
	if _, err := s.driverOf(of); err != nil {
		line.State, line.Reason = onboarding.PreflightStop, onboarding.ReasonNotOffered
		return line, nil
	}
	c := principalFrom(ctx)
	broken, err := s.store.Outages.IsTold(ctx, c.Agency.ID, onboarding.OutageApp+string(of), c.Member.ID)
	if err == nil && broken {
		line.State, line.Reason = onboarding.PreflightWarning, onboarding.ReasonAppBroken
		return line, nil
	}
	if p := s.platforms[of]; p != nil && err == nil {
		if _, err := p.result(ctx); err != nil {
			line.State, line.Reason = onboarding.PreflightWarning, onboarding.ReasonPlatformDown
		}
	}
	return line, err
}

func (s *preflight) checkMail(ctx context.Context) onboarding.PreflightLine {
	line := onboarding.PreflightLine{Check: onboarding.PreflightMail, State: onboarding.PreflightOK}
	if s.mail == nil {
		line.State, line.Reason = onboarding.PreflightStop, onboarding.ReasonNoMail
		return line
	}
	reply, err := s.mail.result(ctx)
	if err != nil {
		line.State, line.Reason, line.Detail = onboarding.PreflightWarning, onboarding.ReasonMailDown, reply
	}
	return line
}

func (s *preflight) checkDevice(ctx context.Context, of onboarding.Ownership) (onboarding.PreflightLine, error) {
	line := onboarding.PreflightLine{Check: onboarding.PreflightDevice, State: onboarding.PreflightOK}
	err := s.requireDevice(ctx, of)
	switch {
	case err == nil:
		return line, nil
	case !errors.Is(err, onboarding.ErrNoDevice):
		return line, err
	}
	line.State, line.Reason = onboarding.PreflightStop, onboarding.ReasonNoDevice
	if principalFrom(ctx).Restored != 0 {
		line.Reason = onboarding.ReasonRestored
	}
	return line, nil
}

// requireDevice returns ErrNoDevice unless a device could receive what is shared for a
// request that is so owned.
func (s *preflight) requireDevice(ctx context.Context, of onboarding.Ownership) error {
	return s.sealer.RequireEntitledDevice(ctx, sealing.Target{Agency: principalFrom(ctx).Agency.ID, Of: of})
}

// requireSendable refuses an invitation that would lead nowhere, or that no email can bring.
func (s *preflight) requireSendable(ctx context.Context, id string) error {
	r, err := s.store.Requests.Get(ctx, principalFrom(ctx).Agency.ID, id)
	if err != nil {
		return err
	}
	if r.LinkState(s.store.Now()) != nil {
		return nil // which the store refuses with its own reason
	}
	if s.mail == nil {
		return onboarding.Invalid("recipients", "This relay has no mail server, so it sends no email. Copy the link instead.")
	}
	return s.requireUseful(ctx, r)
}

// requireRenewable does the same for a new link that is to be mailed, of a request whose
// link has ended as it says.
func (s *preflight) requireRenewable(ctx context.Context, p wire.NewLinkParams, ended error) error {
	if p.Send == "" {
		return nil
	}
	r, err := s.store.Requests.Get(ctx, principalFrom(ctx).Agency.ID, p.ID)
	if err != nil {
		return err
	}
	mailed := slices.ContainsFunc(r.Recipients, func(to onboarding.Recipient) bool { return to.Stopped == 0 })
	if !mailed || r.LinkVersion > p.LinkVersion || !errors.Is(r.LinkState(s.store.Now()), ended) {
		return nil // nobody gets it, it is a repeat, or the store refuses it with its own reason
	}
	if s.mail == nil {
		return onboarding.Invalid("send", "This relay has no mail server, so it sends no email. "+
			"Make the new link without sending it, then copy it.")
	}
	return s.requireUseful(ctx, r)
}

// requireUseful refuses an invitation to a request if no device could receive what is
// shared, or a service is no longer set up. The first invitation needs every service:
// until then the request can be changed.
func (s *preflight) requireUseful(ctx context.Context, r store.Request) error {
	if err := s.requireOffered(r.Request, r.IsChangeable()); err != nil {
		return err
	}
	c := principalFrom(ctx)
	err := s.requireDevice(ctx, r.Ownership())
	switch {
	case errors.Is(err, onboarding.ErrNoDevice) && c.Restored != 0:
		return nil // until a hub confirms the backup, which it does after it has sent what waits
	case errors.Is(err, onboarding.ErrNoDevice):
		return errors.Join(onboarding.Invalid("recipients",
			"No computer could receive what the client shares. Enrol one, then send again."), err)
	}
	return err
}

// requireOffered refuses a request for what the relay is no longer set up for: of a first
// invitation any service, of a later one all of them.
func (s *preflight) requireOffered(r onboarding.Request, first bool) error {
	var missing []string
	for _, service := range r.Services {
		if r.ByHand && service == onboarding.Facebook {
			continue // it needs no app
		}
		if _, err := s.driverOf(service.Platform()); err != nil {
			missing = append(missing, s.catalog.Service(service).Name)
		}
	}
	if len(missing) == 0 || !first && len(missing) < len(r.Services) {
		return nil
	}
	return onboarding.Invalid("services", fmt.Sprintf("This relay is no longer set up for %s. "+
		"Take it out of the request, or ask whoever runs the relay to switch it on.", missing[0]))
}

// How long a probe may take, and for how long its result counts: one that failed is
// soon asked again, since somebody mends it.
const (
	probeTimeout = 5 * time.Second
	probeGood    = time.Minute
	probeBad     = 3 * time.Second
)

// probe asks whether something outside answers, for many hubs at once. It is safe for
// concurrent use.
type probe struct {
	now func() onboarding.Timestamp
	ask func(ctx context.Context) (reply string, err error)

	mu    sync.Mutex           // one question at a time
	asked onboarding.Timestamp // zero: never
	reply string
	err   error
}

// result is the newest answer. A caller that gives up does not end the question: others
// wait for it.
func (p *probe) result(ctx context.Context) (reply string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	valid := probeGood
	if p.err != nil {
		valid = probeBad
	}
	if age := p.asked.Since(p.now()); p.asked != 0 && age >= 0 && age < valid {
		return p.reply, p.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
	defer cancel()
	p.reply, p.err = p.ask(ctx)
	p.asked = p.now()
	return p.reply, p.err
}
