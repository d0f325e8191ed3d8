// Package wizard serves clients' browsers: every page behind a link, the platforms'
// callbacks, and the agency's own sign-in.
//
// It holds no key: what it seals, signs or hashes goes through its Config.
package wizard

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// routes lists every address for clients, once.
func (s *Server) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	s.routeLinks(mux)
	s.routeSteps(mux)
	s.routeEnds(mux)
	s.routeRest(mux)
	s.legal.route(mux)
	s.calls.route(mux)
	mux.HandleFunc("/", s.unknown(mux))

	checked, err := s.crossOriginProtection(mux)
	if err != nil {
		return nil, err
	}
	calls := http.NewServeMux()
	s.calls.routeCalls(calls)
	calls.Handle("/", checked)
	return compress(s.pagePolicy(s.logAndRecover(s.scopeHost(tidyLinks(s.rejectInvalidPaths(calls))))))
}

func (s *Server) routeLinks(mux *http.ServeMux) {
	// The link itself, and what belongs to it before there is a visit.
	live, withLink := s.links.requireLiveLink, s.links.withLink
	mux.Handle("GET /r/{token}", live(s.links.showLanding))
	mux.Handle("POST /r/{token}", live(s.links.grantPermission))
	mux.Handle("GET /r/{token}/about", live(s.links.showAboutYou))
	mux.Handle("POST /r/{token}/about", live(s.links.startVisit))
	mux.Handle("GET /r/{token}/decline", live(onWholeLink(s.links.showWhoDeclines)))
	mux.Handle("POST /r/{token}/decline", live(onWholeLink(s.links.startDeclining)))
	mux.Handle("GET /r/{token}/started", live(s.links.showStarted))
	mux.Handle("POST /r/{token}/someone-else", live(ofRequest(s.links.someoneElse)))
	mux.Handle("POST /r/{token}/email-me", withLink(ofRequest(s.links.emailMe)))
	mux.Handle("POST /r/{token}/ask", withLink(onEndedLink(s.expired.ask)))
	mux.Handle("POST /r/{token}/send-again", withLink(onEndedLink(s.expired.sendAgain)))
	receipts := s.links.receipts
	mux.Handle("GET /r/{token}/keep", withLink(receipts.onReceipt(receipts.keep)))
	mux.Handle("GET /r/{token}/withdraw/{item}", withLink(receipts.onReceipt(receipts.askWithdraw)))
	mux.Handle("POST /r/{token}/withdraw/{item}", withLink(receipts.onReceipt(receipts.withdraw)))
	mux.Handle("GET /r/{token}/genuine", withLink(onLink(s.help.showGenuine)))
	mux.Handle("GET /r/{token}/help", withLink(onLink(s.help.showHelp)))
	mux.Handle("GET /r/{token}/report", withLink(onLink(s.help.showReport)))
	mux.Handle("POST /r/{token}/report", withLink(onLink(s.help.report)))

	// What stands below every email.
	mux.Handle("GET /l/{token}/genuine", s.help.withEmail(onEmail(s.help.showGenuine)))
	mux.Handle("GET /l/{token}/report", s.help.withEmail(onEmail(s.help.showReport)))
	mux.Handle("POST /l/{token}/report", s.help.withEmail(onEmail(s.help.report)))
	mux.Handle("GET /l/{token}/not-for-me", s.help.withEmail(s.help.showSuppress))
	mux.Handle("POST /l/{token}/not-for-me", s.help.withEmail(s.help.suppress))
}

func (s *Server) routeSteps(mux *http.ServeMux) {
	live := s.visits.requireLiveVisit

	// The steps. They mean nothing without the visit's cookie.
	mux.Handle("GET /w/{visit}", live(s.steps.showNextStep))
	mux.Handle("GET /w/{visit}/facebook", live(onFacebook(s.facebook.showFacebook)))
	mux.Handle("POST /w/{visit}/facebook/add", live(onFacebook(s.facebook.addFacebook)))
	mux.Handle("GET /w/{visit}/facebook/error-page", live(onFacebook(s.facebook.askErrorPage)))
	mux.Handle("POST /w/{visit}/facebook/error-page", live(onFacebook(s.facebook.takeErrorPage)))
	mux.Handle("GET /w/{visit}/facebook/error-page/{said}", live(onFacebook(s.facebook.showAdvice)))
	mux.Handle("POST /w/{visit}/facebook/again", live(onFacebook(s.facebook.addFacebookAgain)))
	mux.Handle("POST /w/{visit}/facebook/not-you", live(onFacebook(s.facebook.notThisUser)))
	mux.Handle("POST /w/{visit}/facebook/reload", live(onFacebook(s.facebook.reloadAssets)))
	mux.Handle("GET /w/{visit}/facebook/leaving/{sign}", live(onFacebook(s.facebook.showLeavingForFacebook)))
	mux.Handle("GET /w/{visit}/facebook/assets", live(onFacebook(s.facebook.showAssets)))
	mux.Handle("POST /w/{visit}/facebook/connect", live(onFacebook(s.facebook.connectAssets)))
	mux.Handle("GET /w/{visit}/facebook/why/{asset}", live(onFacebook(s.facebook.showWhy)))
	mux.Handle("GET /w/{visit}/facebook/by-hand", live(onFacebook(s.facebook.showManualShare)))
	mux.Handle("GET /w/{visit}/facebook/partner", live(onFacebook(s.byHand.show)))
	mux.Handle("POST /w/{visit}/facebook/partner", live(onFacebook(s.byHand.add)))
	mux.Handle("POST /w/{visit}/facebook/partner/{item}/remove", live(onFacebook(s.byHand.remove)))
	mux.Handle("POST /w/{visit}/facebook/look", live(onFacebook(s.facebook.recheck)))
	mux.Handle("GET /w/{visit}/platforms", live(s.crm.showPlatforms))
	mux.Handle("POST /w/{visit}/platforms/{service}/add", live(s.crm.addPlatform))
	mux.Handle("GET /w/{visit}/platforms/{service}/before", live(s.crm.showBefore))
	mux.Handle("POST /w/{visit}/platforms/{service}/before", live(s.crm.answerBefore))
	mux.Handle("GET /w/{visit}/platforms/{service}/leaving/{sign}", live(s.crm.showLeavingForPlatform))
	mux.Handle("GET /w/{visit}/platforms/{service}/result", live(s.crm.showResult))
	mux.Handle("GET /w/{visit}/platforms/{service}/error-page", live(s.crm.askErrorPage))
	mux.Handle("POST /w/{visit}/platforms/{service}/error-page", live(s.crm.takeErrorPage))
	mux.Handle("GET /w/{visit}/platforms/{service}/error-page/{said}", live(s.crm.showAdvice))
	mux.Handle("GET /w/{visit}/platforms/{service}/key", live(s.crm.showKeyForm))
	mux.Handle("POST /w/{visit}/platforms/{service}/key", live(s.crm.tryKey))
}

func (s *Server) routeEnds(mux *http.ServeMux) {
	live, withVisit := s.visits.requireLiveVisit, s.visits.withVisit
	mux.Handle("GET /w/{visit}/skip/{what}", live(s.steps.showSkip))
	mux.Handle("POST /w/{visit}/skip/{what}", live(s.steps.skip))
	mux.Handle("GET /w/{visit}/hand-over/{what}", live(s.handOver.show))
	mux.Handle("POST /w/{visit}/hand-over/{what}", live(s.handOver.handOver))
	mux.Handle("GET /w/{visit}/hand-over/{what}/sent", live(s.handOver.showSent))
	mux.Handle("GET /w/{visit}/decline", live(onWholeVisit(s.steps.showDecline)))
	mux.Handle("POST /w/{visit}/decline", live(onWholeVisit(s.steps.decline)))
	mux.Handle("GET /w/{visit}/summary", live(s.steps.showSummary))
	mux.Handle("POST /w/{visit}/finish", withVisit(s.steps.finish))
	mux.Handle("GET /w/{visit}/done", withVisit(s.steps.showDone))
	mux.Handle("POST /w/{visit}/receipt", withVisit(s.steps.mailReceipt))
	mux.Handle("POST /w/{visit}/ask", withVisit(onEndedVisit(s.expired.ask)))
	mux.Handle("POST /w/{visit}/send-again", withVisit(onEndedVisit(s.expired.sendAgain)))
	mux.Handle("GET /w/{visit}/genuine", withVisit(onVisit(s.help.showGenuine)))
	mux.Handle("GET /w/{visit}/help", withVisit(onVisit(s.help.showHelp)))
	mux.Handle("GET /w/{visit}/report", withVisit(onVisit(s.help.showReport)))
	mux.Handle("POST /w/{visit}/report", withVisit(onVisit(s.help.report)))
}

func (s *Server) routeRest(mux *http.ServeMux) {
	// The one GET that changes state: a platform sends people back here.
	mux.HandleFunc("GET /callback/{platform}", s.callbacks.serveCallback)
	mux.HandleFunc("GET "+leavingPath+"{platform}", s.callbacks.leaving.show)

	// An agency's own sign-in.
	mux.HandleFunc("GET /connect/{code}", s.connect.showConnect)
	mux.HandleFunc("POST /connect/{code}", s.connect.startConnect)
	mux.HandleFunc("GET /connect/{code}/leaving", s.connect.showConnectLeaving)

	// What belongs to no link.
	mux.HandleFunc("GET /help", s.help.showHelpOutside)
	mux.HandleFunc("GET /open/{route...}", s.help.showOpen)
	for _, file := range s.pages.Files() {
		mux.Handle("GET "+file.Address, serveFile(file))
	}
	mux.HandleFunc("GET "+brandPath+"{file}", s.serveBrandStyle)
	mux.HandleFunc("GET "+logoPath+"{agency}/{file}", s.serveLogo)
	mux.HandleFunc("GET "+touchPath+".css", s.serveTouchStyle)
	mux.HandleFunc("GET "+touchPath, s.storeTouch)
}

// unknown answers what no route is for: an address that does not exist, or one
// that is asked in a way it does not serve.
func (s *Server) unknown(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusNotFound
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "/" && method != r.Method {
				w.Header().Add("Allow", method)
				status = http.StatusMethodNotAllowed
			}
		}
		s.render(w, r, status, pages.NotFound{Frame: s.neutralFrame(r)})
	}
}

// Config is what a Server needs.
type Config struct {
	Store    *store.Store
	Keys     Keys
	Sealer   *sealing.Sealer
	Drivers  []platform.Driver
	Log      *slog.Logger
	Public   *url.URL // scheme and host
	Operator string
	Contact  onboarding.Contact // of the operator
	Legal    LegalTexts
	Domains  Domains // nil: no agency has one
	Proxies  ingress.Proxies
	Limits   onboarding.Limits
	Catalog  *catalog.Catalog
	Demo     bool
	Refused  func(reason string) // counts what strangers cause
}

// Server answers browsers.
type Server struct {
	*core
	visits    *visits
	links     *linkPages
	steps     *visitPages
	handOver  *handOverPages
	facebook  *facebookSteps
	byHand    *byHandPages
	crm       *crmSteps
	connect   *connectPages
	callbacks *callbacks
	help      *helpPages
	expired   *expiredPages
	legal     *legalPages
	calls     *platformCalls
	handler   http.Handler
}

// New makes a Server.
func New(config Config) (*Server, error) {
	c, err := newCore(config)
	if err != nil {
		return nil, err
	}
	v := &visits{core: c}
	failures := &failureReporter{core: c, visits: v}
	in := &signIns{core: c, failures: failures}
	s := &Server{
		core:     c,
		visits:   v,
		links:    &linkPages{core: c, visits: v, receipts: &receiptPages{core: c}, reviews: &reviewPages{core: c}},
		steps:    &visitPages{core: c, visits: v},
		handOver: &handOverPages{core: c, visits: v},
		facebook: &facebookSteps{core: c, visits: v, failures: failures, signIns: in, inFlight: newInFlightItems()},
		byHand:   &byHandPages{core: c, visits: v},
		crm:      &crmSteps{core: c, visits: v, failures: failures, signIns: in},
		connect:  &connectPages{core: c, signIns: in},
		help:     &helpPages{core: c},
		expired:  &expiredPages{core: c, visits: v},
		legal:    &legalPages{core: c, texts: config.Legal, contact: config.Contact},
		calls:    &platformCalls{core: c, contact: config.Contact},
	}
	s.callbacks = &callbacks{
		core:     c,
		visits:   v,
		failures: failures,
		signIns:  in,
		facebook: s.facebook,
		crm:      s.crm,
		connect:  s.connect,
		leaving:  &leavingPages{core: c, visits: v, signIns: in},
	}
	s.handler, err = s.routes()
	return s, err
}

// ServeHTTP answers a browser.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Busy answers a browser that gets no turn.
func (s *Server) Busy(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusTooManyRequests, pages.TryLater{Frame: s.neutralFrame(r), TooOften: true})
}

// maxGuessesPerMinute is how many wrong tokens an address may try in a minute.
const maxGuessesPerMinute = 20

// newCore makes what all pages share.
func newCore(config Config) (*core, error) {
	renderer, err := pages.New(pages.Config{Base: assetsPath, Catalog: config.Catalog})
	if err != nil {
		return nil, err
	}
	if config.Domains == nil {
		config.Domains = noDomains{}
	}
	return &core{
		store:    config.Store,
		keys:     config.Keys,
		sealer:   config.Sealer,
		drivers:  config.Drivers,
		pages:    renderer,
		log:      config.Log,
		origin:   config.Public.Scheme + "://" + config.Public.Host,
		host:     config.Public.Host,
		secure:   config.Public.Scheme == "https",
		operator: config.Operator,
		limits:   config.Limits,
		domains:  config.Domains,
		proxies:  config.Proxies,
		catalog:  config.Catalog,
		demo:     config.Demo,
		guesses:  newRateLimiter[netip.Prefix](config.Store.Now, maxGuessesPerMinute, time.Minute),
		rates:    newRateLimits(config.Store.Now),
		refused:  config.Refused,
		assets:   newAssetCache(config.Store.Now),
	}, nil
}
