package hub

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Preflight checks what a request needs before it is sent. It changes nothing.
type Preflight struct {
	session     *session.Session
	replica     *replica.Replica
	credentials *credentials.Credentials
	drivers     []platform.Driver
	now         func() time.Time
	log         *slog.Logger
	find        func(ctx context.Context, address string) (RelayProbe, error)
}

// PreflightRow is a line with what its sentence names.
type PreflightRow struct {
	onboarding.PreflightLine
	User     string               `json:"user"`     // the request's Facebook user
	Business string               `json:"business"` // its Business Manager
	Until    onboarding.Timestamp `json:"until"`    // when the sign-in ends
	Address  string               `json:"address"`  // where the link leads
}

// PreflightView has every check of a request, in the order of lists.
type PreflightView struct {
	Lines []PreflightRow `json:"lines"`
	Stops bool           `json:"stops"` // an invitation would lead nowhere
}

// preflightTimeout bounds all checks, which run at once.
const preflightTimeout = 10 * time.Second

// Run checks a request now. Without the relay it has one line, which says so.
func (p *Preflight) Run(ctx context.Context, request string) (PreflightView, error) {
	state, err := replica.ReadRequestState(ctx, p.replica.DB(), request)
	if err != nil {
		return PreflightView{}, err
	}
	r := state.Request
	ctx, cancel := context.WithTimeout(ctx, preflightTimeout)
	defer cancel()
	var parts [3][]PreflightRow
	var failed [3]error
	var checks sync.WaitGroup
	checks.Go(func() { parts[0], failed[0] = p.facebook(ctx, r) })
	checks.Go(func() { parts[1] = p.relay(ctx, r) })
	checks.Go(func() { parts[2], failed[2] = p.address(ctx) })
	checks.Wait()
	view := PreflightView{Lines: slices.Concat(parts[0], parts[1], parts[2])}
	order := onboarding.PreflightChecks()
	slices.SortStableFunc(view.Lines, func(a, b PreflightRow) int {
		return slices.Index(order, a.Check) - slices.Index(order, b.Check)
	})
	view.Stops = slices.ContainsFunc(view.Lines, func(row PreflightRow) bool {
		return row.State == onboarding.PreflightStop
	})
	return view, errors.Join(failed[:]...)
}

// relay asks the relay. A relay that is older than this program cannot check. What it is
// not set up for stops a request as long as that can be changed, or asks for nothing else.
func (p *Preflight) relay(ctx context.Context, r onboarding.Request) []PreflightRow {
	err := onboarding.ErrUnavailable // without a network nobody waits for what cannot be asked
	var result wire.PreflightResult
	if p.session.Online() {
		params := wire.PreflightParams{Request: r.ID, Services: r.Services, ByHand: r.ByHand}
		result, err = session.Call(ctx, p.session, wire.Preflight, params)
	}
	if err != nil {
		p.log.Info("the relay did not check a request before it is sent", "request", r.ID, "error", err)
		return []PreflightRow{{PreflightLine: onboarding.PreflightLine{
			Check: onboarding.PreflightAddress, State: onboarding.PreflightUnknown, Reason: onboarding.ReasonOffline,
		}}}
	}
	var rows []PreflightRow
	missing := 0
	for _, line := range result.Lines {
		rows = append(rows, PreflightRow{PreflightLine: line})
		if line.Reason == onboarding.ReasonNotOffered {
			missing++
		}
	}
	if r.IsChangeable() || missing == len(r.Services) {
		return rows
	}
	for n := range rows {
		if rows[n].Reason == onboarding.ReasonNotOffered {
			rows[n].State = onboarding.PreflightWarning
		}
	}
	return rows
}

// address checks that the link leads to this relay. A network may keep this computer from
// an address that clients reach: only what answers in the relay's place is certain.
func (p *Preflight) address(ctx context.Context) ([]PreflightRow, error) {
	description, err := p.replica.Relay(ctx)
	if err != nil || description.Address == "" || !p.session.Online() {
		return nil, err
	}
	row := PreflightRow{Address: description.Address, PreflightLine: onboarding.PreflightLine{
		Check: onboarding.PreflightAddress, State: onboarding.PreflightOK,
	}}
	found, err := p.find(ctx, description.Address)
	if err != nil {
		found.State = RelaySilent
	}
	row.State, row.Reason = addressState(found.State)
	return []PreflightRow{row}, nil
}

// addressState is what a probe of the relay's address says of it. A strange certificate
// may be this network's, which looks into what goes through it.
func addressState(found RelayState) (onboarding.PreflightState, onboarding.PreflightReason) {
	switch found {
	case RelayFound:
		return onboarding.PreflightOK, ""
	case RelayOther, RelayElsewhere:
		return onboarding.PreflightStop, onboarding.ReasonOtherRelay
	case RelayCertificate, RelayInspected:
		return onboarding.PreflightWarning, onboarding.ReasonCertificate
	}
	return onboarding.PreflightWarning, onboarding.ReasonUnreachable
}

// facebook checks the Facebook user and the Business Manager of a request.
func (p *Preflight) facebook(ctx context.Context, r onboarding.Request) ([]PreflightRow, error) {
	if !r.HasService(onboarding.Facebook) {
		return nil, nil
	}
	if r.ByHand {
		return p.byHand(ctx, r)
	}
	row := PreflightRow{User: r.FacebookUser.Name, Business: r.Business.Name}
	row.State = onboarding.PreflightOK
	admin, signIn := row, row
	admin.Check, signIn.Check = onboarding.PreflightAdmin, onboarding.PreflightSignIn
	user, err := p.signedIn(ctx, r)
	if err != nil {
		return nil, err
	}
	signIn.State, signIn.Reason = p.signInState(user, r)
	signIn.Until = user.Ends
	if signIn.State == onboarding.PreflightStop {
		return []PreflightRow{signIn}, nil // until then nobody can ask for the role
	}
	ended := false
	if admin.State, admin.Reason, ended = p.role(ctx, r); ended {
		signIn.State, signIn.Reason = onboarding.PreflightStop, onboarding.ReasonSignInEnded
		return []PreflightRow{signIn}, nil
	}
	return []PreflightRow{admin, signIn}, nil
}

// byHand checks a request whose client shares by themselves: that works without a user of
// the agency, but then nobody can look what has arrived.
func (p *Preflight) byHand(ctx context.Context, r onboarding.Request) ([]PreflightRow, error) {
	row := PreflightRow{Business: r.Business.Name}
	row.Check, row.State = onboarding.PreflightSignIn, onboarding.PreflightOK
	connection, _, err := p.credentials.AdminOf(ctx, r.Business.ID)
	if errors.Is(err, credentials.ErrNoCredential) {
		row.State, row.Reason = onboarding.PreflightWarning, onboarding.ReasonNoUser
		return []PreflightRow{row}, nil
	}
	row.User = connection.User.Name
	return []PreflightRow{row}, err
}

// signedIn is the newest sign-in of a request's Facebook user; zero: there is none.
func (p *Preflight) signedIn(ctx context.Context, r onboarding.Request) (onboarding.Connection, error) {
	users, err := replica.ReadConnections(ctx, p.replica.DB())
	if err != nil {
		return onboarding.Connection{}, err
	}
	at := slices.IndexFunc(users, func(c onboarding.Connection) bool {
		return c.Ended == 0 && c.Platform == onboarding.Meta && c.User.ID == r.FacebookUser.ID
	})
	if at < 0 {
		return onboarding.Connection{}, nil
	}
	return users[at], nil
}

// signInState compares a sign-in with the link, which lives for a month.
func (p *Preflight) signInState(
	user onboarding.Connection, r onboarding.Request,
) (onboarding.PreflightState, onboarding.PreflightReason) {
	now := onboarding.TimestampOf(p.now())
	linkEnds := r.Expires
	if linkEnds <= now {
		linkEnds = onboarding.LinkEnds(now)
	}
	switch {
	case user.ID == "", endsSignIn(user.Outage), user.Ends != 0 && user.Ends <= now:
		return onboarding.PreflightStop, onboarding.ReasonSignInEnded
	case user.Ends != 0 && user.Ends < linkEnds:
		return onboarding.PreflightWarning, onboarding.ReasonSignInEnds
	}
	return onboarding.PreflightOK, ""
}

// endsSignIn reports whether an outage is one of the sign-in. Missing rights are those in a
// single Business Manager: role asks for that of the request.
func endsSignIn(o *onboarding.Outage) bool {
	return o != nil && !catalog.FailureCode(o.Failure).LacksRights()
}

// whyNotHere is why this computer has not the token of a Facebook user.
func whyNotHere(err error) onboarding.PreflightReason {
	switch {
	case errors.Is(err, credentials.ErrNoCredential):
		return onboarding.ReasonElsewhere
	case keychain.ReasonOf(err) != keychain.OK:
		return onboarding.ReasonKeychain
	}
	return onboarding.ReasonRoleUnknown
}

// role asks Facebook for the user's role in the request's Business Manager. ended: it
// says that the sign-in has ended.
func (p *Preflight) role(ctx context.Context, r onboarding.Request) (
	state onboarding.PreflightState, reason onboarding.PreflightReason, ended bool,
) {
	driver, err := platform.Find(p.drivers, onboarding.Meta)
	reader, able := driver.(platform.RoleReader)
	if err != nil || !able {
		return onboarding.PreflightUnknown, onboarding.ReasonElsewhere, false
	}
	if !p.session.Online() {
		return onboarding.PreflightUnknown, onboarding.ReasonOffline, false
	}
	var credential platform.Credential
	connection, _, err := p.credentials.SignedIn(ctx, r.FacebookUser.ID, "")
	if err == nil {
		credential, err = p.credentials.ConnectionCredential(ctx, connection.ID)
	}
	if err != nil {
		p.log.Info("this computer cannot read the role of a Facebook user", "user", r.FacebookUser.ID, "error", err)
		return onboarding.PreflightUnknown, whyNotHere(err), false
	}
	role, err := reader.Role(ctx, credential, r.Business.ID)
	if err != nil {
		p.log.Info("the role of a Facebook user was not read", "user", r.FacebookUser.ID, "error", err)
		ended = platform.AsFailure(err).Code.EndsSignIn()
		return onboarding.PreflightWarning, onboarding.ReasonRoleUnknown, ended
	}
	switch role {
	case platform.RoleAdmin:
		return onboarding.PreflightOK, "", false
	case platform.RoleNone:
		return onboarding.PreflightStop, onboarding.ReasonNoBusiness, false
	case platform.RoleOther:
		return onboarding.PreflightStop, onboarding.ReasonNotAdmin, false
	}
	return onboarding.PreflightWarning, onboarding.ReasonRoleUnknown, false
}
