package relay

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

// connectCookie is the cookie of an agency's own sign-in.
func (z *wizard) connectCookie() string {
	if z.secure {
		return "__Host-connect"
	}
	return "connect"
}

// starting is an agency's own sign-in as its pages see it.
type starting struct {
	store.Start
	agency onboarding.Agency
	member onboarding.Member
	code   string
}

// openStart finds the sign-in of a start address.
func (z *wizard) openStart(r *http.Request) (starting, error) {
	code := r.PathValue("code")
	row, err := z.store.StartByCode(r.Context(), z.keys.HashCode(onboarding.NewSecret(code)))
	if err != nil {
		return starting{}, err
	}
	return z.started(r.Context(), row, code)
}

func (z *wizard) started(ctx context.Context, row store.Start, code string) (starting, error) {
	s := starting{Start: row, code: code}
	var err error
	if s.agency, err = z.store.Agency(ctx, row.Agency); err != nil {
		return s, err
	}
	if s.agency.Suspended {
		return s, onboarding.ErrNotFound
	}
	s.member, err = z.store.Member(ctx, row.Agency, row.Member)
	return s, err
}

func (z *wizard) connectPage(r *http.Request, s starting) pages.AgencySignIn {
	page := pages.AgencySignIn{Frame: z.neutral(r), Service: s.Platform.Service(), Member: s.member.Name}
	page.Frame.Company, page.Frame.Agency = s.agency.Name, s.agency.Name
	return page
}

// asks is what the member is asked before they leave; nil: nothing.
func (z *wizard) asks(service onboarding.Service) *pages.Choosing {
	if _, takes := z.targetTaker(service); !takes {
		return nil
	}
	return &pages.Choosing{Before: *catalog.Of(service).Before}
}

// showConnect says who connects for which agency. The address works for the
// browser in which its button is pressed, and for no other.
func (z *wizard) showConnect(w http.ResponseWriter, r *http.Request) {
	s, err := z.openStart(r)
	if err != nil {
		z.failConnect(w, r, "", err)
		return
	}
	if len(s.CookieHash) > 0 {
		if _, err := z.connectPass(r, s.Start); err != nil {
			z.failConnect(w, r, s.Platform, err)
			return
		}
	}
	page := z.connectPage(r, s)
	page.Post, page.Asks = "/connect/"+s.code, z.asks(page.Service)
	z.show(w, r, http.StatusOK, page)
}

// connectPass is the cookie of the browser that pressed the button.
func (z *wizard) connectPass(r *http.Request, row store.Start) (pass, error) {
	cookie, err := r.Cookie(z.connectCookie())
	if err != nil {
		return pass{}, errElsewhere
	}
	p, valid := readPass(cookie.Value)
	if !valid || len(row.CookieHash) == 0 || subtle.ConstantTimeCompare(p.lookUp(), row.CookieHash) != 1 {
		return pass{}, errElsewhere
	}
	return p, nil
}

// startConnect binds the sign-in to this browser and leads to its last page.
func (z *wizard) startConnect(w http.ResponseWriter, r *http.Request) {
	s, err := z.openStart(r)
	if err != nil {
		z.failConnect(w, r, "", err)
		return
	}
	what := errand{Service: s.Platform.Service()}
	if asks := z.asks(what.Service); asks != nil {
		if err := form(w, r, maxForm); err != nil {
			z.failConnect(w, r, s.Platform, err)
			return
		}
		facts := catalog.Facts{Agency: s.agency.Name, Service: what.Service}
		if what.Target, err = z.chooseTarget(r, what.Service, asks, facts); err != nil {
			z.failConnect(w, r, s.Platform, err)
			return
		}
		if asks.Error != nil {
			page := z.connectPage(r, s)
			page.Post, page.Asks = "/connect/"+s.code, asks
			z.show(w, r, http.StatusUnprocessableEntity, page)
			return
		}
	}
	p, err := z.connectPass(r, s.Start)
	if err != nil { // not this browser's yet
		p = newPass()
		if err := z.store.UseStart(r.Context(), s.ID, p.lookUp(), z.store.Now().Add(signInLasts)); errors.Is(err, onboarding.ErrConflict) {
			z.failConnect(w, r, s.Platform, errElsewhere)
			return
		} else if err != nil {
			z.failConnect(w, r, s.Platform, err)
			return
		}
		z.setCookie(w, z.connectCookie(), p, z.store.Now().Add(signInLasts))
	}
	sign, err := z.startSignIn(r.Context(), p, store.SignIn{Connection: s.ID, Platform: s.Platform}, what)
	if err != nil {
		z.failConnect(w, r, s.Platform, err)
		return
	}
	_ = seeOther(w, r, "/connect/"+s.code+"/leaving?sign="+url.QueryEscape(sign)) // it never fails
}

func (z *wizard) showConnectLeaving(w http.ResponseWriter, r *http.Request) {
	s, err := z.openStart(r)
	if err != nil {
		z.failConnect(w, r, "", err)
		return
	}
	p, err := z.connectPass(r, s.Start)
	if err != nil {
		z.failConnect(w, r, s.Platform, err)
		return
	}
	what := errand{Sign: r.URL.Query().Get("sign")}
	row, err := z.store.OpenSignIn(r.Context(), stateHash(p.state(what.Sign)))
	if err != nil || row.Connection != s.ID {
		_ = seeOther(w, r, "/connect/"+s.code) // it never fails
		return
	}
	if what, err = readErrand(row); err != nil {
		z.failConnect(w, r, s.Platform, err)
		return
	}
	page := z.connectPage(r, s)
	if page.Link, page.Host, err = z.platformAddress(s.Platform, p, what, true); err != nil {
		z.failConnect(w, r, s.Platform, err)
		return
	}
	z.show(w, r, http.StatusOK, page)
}

// connectReturned ends an agency's own sign-in: what it brought waits, sealed,
// for the code that the browser takes to the hub.
func (z *wizard) connectReturned(w http.ResponseWriter, r *http.Request, row store.SignIn, what errand, back returned) {
	start, err := z.store.StartByID(r.Context(), row.Connection)
	if err != nil {
		z.failConnect(w, r, back.from, err)
		return
	}
	p, err := z.connectPass(r, start)
	if err != nil || subtle.ConstantTimeCompare([]byte(p.state(what.Sign)), []byte(back.state)) != 1 {
		z.failConnect(w, r, back.from, errors.Join(errElsewhere, err))
		return
	}
	to, err := loopback(start.Loopback)
	if err != nil {
		z.failConnect(w, r, back.from, err)
		return
	}
	ctx, cancel := lasting(r.Context(), 2*time.Minute)
	defer cancel()
	result, err := z.connect(ctx, r, start, p, what, back)
	if err != nil {
		z.tellHub(w, r, to, start, err)
		return
	}
	code := onboarding.NewSecret(store.NewID())
	if err := z.store.KeepStartResult(ctx, start.ID, z.keys.HashCode(code), result, z.store.Now().Add(connectWaits)); err != nil {
		z.tellHub(w, r, to, start, err)
		return
	}
	z.backToHub(w, r, to, url.Values{"id": {start.ID}, "code": {code.Reveal()}})
}

// backToHub ends an agency's own sign-in in this browser: it goes where the
// hub listens, with what came of it.
func (z *wizard) backToHub(w http.ResponseWriter, r *http.Request, to *url.URL, query url.Values) {
	to.RawQuery = query.Encode()
	z.clearCookie(w, z.connectCookie())
	_ = seeOther(w, r, to.String()) // it never fails
}

// tellHub brings the hub the failure's code instead of a sign-in, so that its
// screen says at once what happened. Nothing in it is secret.
func (z *wizard) tellHub(w http.ResponseWriter, r *http.Request, to *url.URL, start store.Start, err error) {
	if goneAway(r.Context(), err) {
		return
	}
	_, code, said := connectTrouble(err)
	z.log.InfoContext(r.Context(), "an agency's own sign-in did not work", "route", r.Pattern, "failure", code, "reference", said.Reference, logAttr(err))
	query := url.Values{"id": {start.ID}, "error": {string(code)}, "reference": {said.Reference}}
	if said.Platform != "" {
		query.Set("platform_code", said.Platform)
	}
	z.backToHub(w, r, to, query)
}

// connectWaits is how long what a sign-in brought waits for the hub.
const connectWaits = 5 * time.Minute

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
func (z *wizard) connect(ctx context.Context, r *http.Request, start store.Start, p pass, what errand, back returned) (store.StartResult, error) {
	grant, err := z.exchange(r, p, what, back, true)
	if err != nil {
		return store.StartResult{}, err
	}
	driver, err := platform.Find(z.drivers, back.from)
	if err != nil {
		return store.StartResult{}, err
	}
	reader, able := driver.(platform.Businesses)
	if !able {
		return z.ownAccounts(ctx, start, driver, grant)
	}
	connection := onboarding.Connection{ID: start.ID, Member: start.Member, Platform: back.from, User: grant.Account, Businesses: []onboarding.Business{}}
	if extender, able := driver.(platform.Extender); able {
		long, err := extender.Extend(ctx, grant.Access)
		if err != nil {
			return store.StartResult{}, err
		}
		grant.Access, grant.Expires, grant.Credential = long.Access, long.Expires, long.Credential
	}
	if connection.Businesses, err = reader.Businesses(ctx, grant.Access); err != nil {
		return store.StartResult{}, err
	}
	connection.Ends = grant.Credential.Ends
	deliveries, _, err := z.sealer.Seal(ctx, sealing.Target{
		Agency: start.Agency, Owner: start.Member, Own: true, Subject: start.ID, Account: grant.Account.ID, Version: 1,
	}, grant.Credential)
	if err != nil {
		return store.StartResult{}, fmt.Errorf("sealing a connection: %w", err)
	}
	return store.StartResult{Connection: connection, Deliveries: deliveries}, nil
}

// ownAccounts seals what opens each account for the devices of the member who
// connects it and of the main users. The same account again is one item with a
// newer credential.
func (z *wizard) ownAccounts(
	ctx context.Context, start store.Start, driver platform.Driver, grant platform.Grant,
) (store.StartResult, error) {
	member, err := z.store.Member(ctx, start.Agency, start.Member)
	if err != nil {
		return store.StartResult{}, err
	}
	service := driver.Platform().Service()
	var result store.StartResult
	for _, granted := range grantedItems(grant) {
		plan, err := z.store.PlanItem(ctx, start.Agency, "", start.Member, service, granted.Kind, granted.Account.ID)
		if err != nil {
			return store.StartResult{}, err
		}
		deliveries, refreshHash, err := z.sealer.Seal(ctx, sealing.Target{
			Agency: start.Agency, Owner: start.Member, Own: true,
			Subject: plan.ID, OfItem: true, Account: granted.Account.ID, Version: plan.Version,
		}, grant.Credential)
		if err != nil {
			return store.StartResult{}, fmt.Errorf("sealing an own account: %w", err)
		}
		item := onboarding.Item{
			ID: plan.ID, Owner: start.Member, Version: plan.Version, Service: service, Kind: granted.Kind,
			Account: granted.Account.ID, Name: granted.Account.Name, Detail: granted.Detail, PlatformBy: grant.User,
			By: member.Person(), State: onboarding.ItemConnected,
		}
		result.Accounts = append(result.Accounts, store.Shared{
			Item: item, Deliveries: deliveries, RefreshHash: refreshHash, IdleLimit: sealing.IdleLimit(driver),
		})
	}
	return result, nil
}

// failConnect ends an agency's own sign-in with a sentence. The person starts
// it again in their hub.
func (z *wizard) failConnect(w http.ResponseWriter, r *http.Request, of onboarding.Platform, err error) {
	if goneAway(r.Context(), err) {
		return
	}
	status, code, said := connectTrouble(err)
	z.log.InfoContext(r.Context(), "an agency's own sign-in did not work", "route", r.Pattern, "failure", code, "reference", said.Reference, logAttr(err))
	said.Failure = catalog.Say(code, catalog.Facts{Service: of.Service()})
	z.show(w, r, status, pages.AgencySignInEnd{Frame: z.neutral(r), Service: of.Service(), Trouble: &said})
}

// connectTrouble says what an error of an agency's own sign-in means.
func connectTrouble(err error) (status int, code catalog.FailureCode, said pages.Trouble) {
	status, code = http.StatusOK, catalog.Unexpected
	said.Reference = newReference()
	var failure *platform.Failure
	switch {
	case errors.As(err, &failure):
		code, said.Platform = failure.Code, failure.PlatformCode
	case errors.Is(err, onboarding.ErrNotFound):
		status, code = http.StatusGone, catalog.SignInTooLate
	case errors.Is(err, errElsewhere):
		status, code = http.StatusForbidden, catalog.SignInElsewhere
	case errors.Is(err, onboarding.ErrNotOffered):
		status, code = http.StatusNotFound, catalog.NotConfigured
	default:
		status = http.StatusInternalServerError
	}
	return status, code, said
}
