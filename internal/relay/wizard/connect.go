package wizard

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// connectPages are an agency's own sign-in, which its hub starts.
type connectPages struct {
	*core
	signIns *signIns
}

// connectCookie is the cookie of an agency's own sign-in.
func (c *connectPages) connectCookie() string {
	if c.secure {
		return "__Host-connect"
	}
	return "connect"
}

// pendingConnection is an agency's own sign-in as its pages see it.
type pendingConnection struct {
	store.PendingConnection
	agency onboarding.Agency
	member onboarding.Member
	code   string
}

// findPending finds the sign-in of a start address.
func (c *connectPages) findPending(r *http.Request) (pendingConnection, error) {
	code := r.PathValue("code")
	row, err := c.store.Connections.PendingByCode(r.Context(), c.keys.HashCode(onboarding.NewSecret(code)))
	if err != nil {
		return pendingConnection{}, err
	}
	return c.loadPending(r.Context(), row, code)
}

func (c *connectPages) loadPending(
	ctx context.Context, row store.PendingConnection, code string,
) (pendingConnection, error) {
	s := pendingConnection{PendingConnection: row, code: code}
	var err error
	if s.agency, err = c.store.Agencies.Get(ctx, row.Agency); err != nil {
		return s, err
	}
	if s.agency.Suspended {
		return s, onboarding.ErrNotFound
	}
	s.member, err = c.store.Members.Get(ctx, row.Agency, row.Member)
	return s, err
}

func (c *connectPages) connectPage(r *http.Request, s pendingConnection) pages.AgencySignIn {
	page := pages.AgencySignIn{Frame: c.neutralFrame(r), Service: s.Platform.Service(), Member: s.member.Name}
	page.Company, page.Agency = s.agency.Name, s.agency.Name
	return page
}

// asks is what the member is asked before they leave; nil: nothing.
func (c *connectPages) asks(service onboarding.Service) *pages.Choosing {
	if _, takes := c.targetTaker(service); !takes {
		return nil
	}
	return &pages.Choosing{Before: *c.catalog.Service(service).Before}
}

// showConnect shows who connects for which agency. The address works for the
// browser in which its button is pressed, and for no other.
func (c *connectPages) showConnect(w http.ResponseWriter, r *http.Request) {
	s, err := c.findPending(r)
	if err != nil {
		c.renderFailure(w, r, "", err)
		return
	}
	if len(s.CookieHash) > 0 {
		if _, err := c.browserKey(r, s.PendingConnection); err != nil {
			c.renderFailure(w, r, s.Platform, err)
			return
		}
	}
	page := c.connectPage(r, s)
	page.Post, page.Asks = "/connect/"+s.code, c.asks(page.Service)
	c.render(w, r, http.StatusOK, page)
}

// browserKey is in the cookie of the browser that pressed the button.
func (c *connectPages) browserKey(r *http.Request, row store.PendingConnection) (visitKey, error) {
	cookie, err := r.Cookie(c.connectCookie())
	if err != nil {
		return visitKey{}, errNoVisit
	}
	p, valid := parseVisitKey(cookie.Value)
	if !valid || len(row.CookieHash) == 0 || subtle.ConstantTimeCompare(p.cookieHash(), row.CookieHash) != 1 {
		return visitKey{}, errNoVisit
	}
	return p, nil
}

// startConnect binds the sign-in to this browser and leads to its last page.
func (c *connectPages) startConnect(w http.ResponseWriter, r *http.Request) {
	pending, err := c.findPending(r)
	if err != nil {
		c.renderFailure(w, r, "", err)
		return
	}
	if err := c.rates.checkForm(r, "connect "+pending.ID, ""); err != nil {
		c.renderError(w, r, c.neutralFrame(r), err)
		return
	}
	purpose := signInPurpose{Service: pending.Platform.Service()}
	if asks := c.asks(purpose.Service); asks != nil {
		if err := parseForm(w, r, maxForm); err != nil {
			c.renderFailure(w, r, pending.Platform, err)
			return
		}
		args := catalog.Args{Agency: pending.agency.Name, Service: purpose.Service}
		if purpose.Target, err = c.chooseTarget(r, purpose.Service, asks, args); err != nil {
			c.renderFailure(w, r, pending.Platform, err)
			return
		}
		if asks.Error != nil {
			page := c.connectPage(r, pending)
			page.Post, page.Asks = "/connect/"+pending.code, asks
			c.render(w, r, http.StatusUnprocessableEntity, page)
			return
		}
	}
	p, err := c.browserKey(r, pending.PendingConnection)
	if err != nil { // not this browser's yet
		p = newVisitKey()
		if err := c.store.Connections.UsePending(
			r.Context(), pending.ID, p.cookieHash(), c.store.Now().Add(signInTTL),
		); errors.Is(err, onboarding.ErrConflict) {
			c.renderFailure(w, r, pending.Platform, errNoVisit)
			return
		} else if err != nil {
			c.renderFailure(w, r, pending.Platform, err)
			return
		}
		c.setCookie(w, c.connectCookie(), p, c.store.Now().Add(signInTTL))
	}
	state := store.OAuthState{Connection: pending.ID, Platform: pending.Platform}
	signInID, err := c.signIns.beginSignIn(r.Context(), p, state, purpose)
	if err != nil {
		c.renderFailure(w, r, pending.Platform, err)
		return
	}
	_ = seeOther(w, r, "/connect/"+pending.code+"/leaving?sign="+url.QueryEscape(signInID)) // it never fails
}

func (c *connectPages) showConnectLeaving(w http.ResponseWriter, r *http.Request) {
	pending, err := c.findPending(r)
	if err != nil {
		c.renderFailure(w, r, "", err)
		return
	}
	p, err := c.browserKey(r, pending.PendingConnection)
	if err != nil {
		if _, missing := r.Cookie(c.connectCookie()); missing != nil { // it was given one on the way here
			err = &platform.Failure{Code: catalog.CookiesBlocked, Err: err}
		}
		c.renderFailure(w, r, pending.Platform, err)
		return
	}
	purpose := signInPurpose{SignInID: r.URL.Query().Get("sign")}
	row, err := c.store.OAuthStates.Peek(r.Context(), stateHash(p.state(purpose.SignInID)))
	if err != nil || row.Connection != pending.ID {
		_ = seeOther(w, r, "/connect/"+pending.code) // it never fails
		return
	}
	if purpose, err = parsePurpose(row); err != nil {
		c.renderFailure(w, r, pending.Platform, err)
		return
	}
	page := c.connectPage(r, pending)
	if page.Link, page.Host, err = c.signIns.platformAddress(pending.Platform, p, purpose, true); err != nil {
		c.renderFailure(w, r, pending.Platform, err)
		return
	}
	c.render(w, r, http.StatusOK, page)
}

// finishOwnSignIn ends an agency's own sign-in: what it brought waits, sealed,
// for the code that the browser takes to the hub.
func (c *connectPages) finishOwnSignIn(
	w http.ResponseWriter, r *http.Request, row store.OAuthState, purpose signInPurpose, back callbackParams,
) {
	start, err := c.store.Connections.PendingByID(r.Context(), row.Connection)
	if err != nil {
		c.renderFailure(w, r, back.from, err)
		return
	}
	p, err := c.browserKey(r, start)
	if err != nil || !isStateOf(p, purpose, back) {
		c.renderFailure(w, r, back.from, errors.Join(errNoVisit, err))
		return
	}
	if err := c.signIns.takeState(r, back); err != nil {
		c.renderFailure(w, r, back.from, err)
		return
	}
	to, err := loopback(start.Loopback)
	if err != nil {
		c.renderFailure(w, r, back.from, err)
		return
	}
	ctx, cancel := detached(r.Context(), 2*time.Minute)
	defer cancel()
	result, err := c.connect(ctx, r, start, p, purpose, back)
	if err != nil {
		c.redirectFailure(w, r, to, start, err)
		return
	}
	code := onboarding.NewSecret(store.NewID())
	if err := c.store.Connections.StoreResult(
		ctx, start.ID, c.keys.HashCode(code), result, c.store.Now().Add(connectTTL),
	); err != nil {
		c.redirectFailure(w, r, to, start, err)
		return
	}
	c.redirectToHub(w, r, to, url.Values{"state": {start.ID}, "code": {code.Reveal()}})
}

// redirectToHub ends an agency's own sign-in in this browser: it goes where the
// hub listens, with what came of it.
func (c *connectPages) redirectToHub(w http.ResponseWriter, r *http.Request, to *url.URL, query url.Values) {
	to.RawQuery = query.Encode()
	c.clearCookie(w, c.connectCookie())
	_ = seeOther(w, r, to.String()) // it never fails
}

// redirectFailure brings the hub the failure's code instead of a sign-in, so that its
// screen shows at once what happened. Nothing in it is secret.
func (c *connectPages) redirectFailure(
	w http.ResponseWriter, r *http.Request, to *url.URL, start store.PendingConnection, err error,
) {
	if isClientGone(r.Context(), err) {
		return
	}
	_, code, view := ownFailure(err)
	c.log.InfoContext(
		r.Context(), "an agency's own sign-in did not work", "route", r.Pattern, "failure", code, "reference", view.Reference,
		logAttr(err),
	)
	query := url.Values{"state": {start.ID}, "error": {string(code)}, "reference": {view.Reference}}
	if view.Platform != "" {
		query.Set("platform_code", view.Platform)
	}
	c.redirectToHub(w, r, to, query)
}

// connectTTL is how long what a sign-in brought waits for the hub.
const connectTTL = 5 * time.Minute

// loopback checks the hub's address once more: nothing else gets the code.
func loopback(address string) (*url.URL, error) {
	to, err := url.Parse(address)
	if err != nil || to.Scheme != "http" || to.User != nil {
		return nil, errors.New("the hub's address is none on loopback")
	}
	host, err := netip.ParseAddr(to.Hostname())
	if err != nil || !host.IsLoopback() {
		return nil, errors.New("the hub's address is none on loopback")
	}
	return to, nil
}

// connect exchanges the code, and makes a Connection of it where the platform
// has Business Managers, else an account of the agency itself.
func (c *connectPages) connect(
	ctx context.Context, r *http.Request, start store.PendingConnection, p visitKey, purpose signInPurpose,
	back callbackParams,
) (store.PendingResult, error) {
	grant, err := c.signIns.exchange(r, p, purpose, back, true)
	if err != nil {
		return store.PendingResult{}, err
	}
	driver, err := platform.Find(c.drivers, back.from)
	if err != nil {
		return store.PendingResult{}, err
	}
	reader, able := driver.(platform.Businesses)
	if !able {
		return c.ownAccounts(ctx, start, driver, grant)
	}
	connection := onboarding.Connection{
		ID: start.ID, Member: start.Member, Platform: back.from, User: grant.Account, Businesses: []onboarding.Business{},
	}
	if extender, able := driver.(platform.Extender); able {
		long, err := extender.Extend(ctx, grant.Access)
		if err != nil {
			return store.PendingResult{}, err
		}
		grant.Access, grant.Expires, grant.Credential = long.Access, long.Expires, long.Credential
	}
	if connection.Businesses, err = reader.Businesses(ctx, grant.Access); err != nil {
		return store.PendingResult{}, err
	}
	connection.Ends = grant.Credential.Ends
	deliveries, _, err := c.sealer.Seal(ctx, sealing.Target{
		Agency: start.Agency, Of: connection.Ownership(), Subject: start.ID, Account: grant.Account.ID, Version: 1,
	}, grant.Credential)
	if err != nil {
		return store.PendingResult{}, fmt.Errorf("sealing a connection: %w", err)
	}
	return store.PendingResult{Connection: connection, Deliveries: deliveries}, nil
}

// ownAccounts seals what opens each account for the devices of the member who
// connects it and of the main users. The same account again is one item with a
// newer credential.
func (c *connectPages) ownAccounts(
	ctx context.Context, start store.PendingConnection, driver platform.Driver, grant platform.Grant,
) (store.PendingResult, error) {
	member, err := c.store.Members.Get(ctx, start.Agency, start.Member)
	if err != nil {
		return store.PendingResult{}, err
	}
	service := driver.Platform().Service()
	result := store.PendingResult{LeftOut: grant.LeftOut}
	for _, granted := range grantedItems(grant) {
		plan, err := c.store.Items.Plan(ctx, start.Agency, store.ItemKey{
			Owner: start.Member, Service: service, Kind: granted.Kind, Account: granted.Account.ID,
		})
		if err != nil {
			return store.PendingResult{}, err
		}
		deliveries, refreshHash, err := c.sealer.Seal(ctx, sealing.Target{
			Agency: start.Agency, Of: onboarding.Ownership{Member: start.Member, Agency: true},
			Subject: plan.ID, OfItem: true, Account: granted.Account.ID, Version: plan.Version,
		}, grant.Credential)
		if err != nil {
			return store.PendingResult{}, fmt.Errorf("sealing an own account: %w", err)
		}
		item := onboarding.Item{
			ID: plan.ID, Owner: start.Member, Version: plan.Version, Service: service, Kind: granted.Kind,
			Account: granted.Account.ID, Name: granted.Account.Name, Detail: granted.Detail,
			ReadOnly: granted.ReadOnly, PlatformBy: grant.User,
			By: member.Person(), State: onboarding.ItemConnected,
		}
		result.Accounts = append(result.Accounts, store.SharedItem{
			Item: item, Deliveries: deliveries, RefreshHash: refreshHash, IdleLimit: sealing.IdleLimit(driver),
		})
	}
	return result, nil
}

// renderFailure ends an agency's own sign-in with a sentence. The person starts
// it again in their hub.
func (c *connectPages) renderFailure(w http.ResponseWriter, r *http.Request, of onboarding.Platform, err error) {
	if isClientGone(r.Context(), err) {
		return
	}
	status, code, view := ownFailure(err)
	if errors.Is(err, onboarding.ErrNotFound) { // anybody can make a code up
		c.refused("unknown_sign_in")
		view.Reference = ""
	} else {
		c.log.InfoContext(
			r.Context(), "an agency's own sign-in did not work", "route", r.Pattern, "failure", code,
			"reference", view.Reference, logAttr(err),
		)
	}
	view.Failure = c.catalog.Describe(code, catalog.Args{Service: of.Service(), Address: c.host, Own: true})
	c.render(w, r, status, pages.AgencySignInEnd{Frame: c.neutralFrame(r), Service: of.Service(), Failure: &view})
}

// ownFailure is what an error of an agency's own sign-in means.
func ownFailure(err error) (status int, code catalog.FailureCode, view pages.FailureView) {
	status, code = http.StatusOK, catalog.Unexpected
	view.Reference = newReference()
	var failure *platform.Failure
	switch {
	case errors.As(err, &failure):
		code, view.Platform = failure.Code, failure.PlatformCode
	case errors.Is(err, onboarding.ErrNotFound):
		status, code = http.StatusGone, catalog.SignInTooLate
	case errors.Is(err, errNoVisit):
		status, code = http.StatusForbidden, catalog.SignInElsewhere
	case errors.Is(err, onboarding.ErrNotOffered):
		status, code = http.StatusNotFound, catalog.NotConfigured
	default:
		status = http.StatusInternalServerError
	}
	return status, code, view
}
