// Package wizard is what clients meet: every page behind a link, the platforms'
// callbacks, and the agency's own sign-in. It answers to browsers only.
//
// It holds no key: what it seals, signs or hashes goes through its Config.
package wizard

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// Config is what a Server needs.
type Config struct {
	Store    *store.Store
	Keys     Keys
	Sealer   *sealing.Sealer
	Drivers  []platform.Driver
	Log      *slog.Logger
	Public   *url.URL // scheme and host
	Operator string
	Contact  string // the operator's, where reports go
	Proxies  []netip.Prefix
	Limits   onboarding.Limits
	Demo     bool
}

// Server answers browsers.
type Server struct {
	*core
	visits    *visits
	links     *linkPages
	steps     *visitPages
	facebook  *facebookSteps
	crm       *crmSteps
	connect   *connectPages
	callbacks *callbacks
	help      *helpPages
	handler   http.Handler
}

// New makes a Server.
func New(config Config) (*Server, error) {
	c := newCore(config)
	v := &visits{core: c}
	in := &signIns{failureReporter: &failureReporter{visits: v}}
	s := &Server{
		core:     c,
		visits:   v,
		links:    &linkPages{visits: v, limits: config.Limits},
		steps:    &visitPages{visits: v},
		facebook: &facebookSteps{signIns: in, inFlight: newInFlightItems()},
		crm:      &crmSteps{signIns: in},
		connect:  &connectPages{signIns: in},
		help:     &helpPages{core: c},
	}
	s.callbacks = &callbacks{signIns: in, facebook: s.facebook, crm: s.crm, connect: s.connect}
	var err error
	s.handler, err = s.routes()
	return s, err
}

// ServeHTTP answers a browser.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// newCore makes what all pages share.
func newCore(config Config) *core {
	return &core{
		store:    config.Store,
		keys:     config.Keys,
		sealer:   config.Sealer,
		drivers:  config.Drivers,
		pages:    pages.New(pages.Config{Base: assetsPath}),
		log:      config.Log,
		origin:   config.Public.Scheme + "://" + config.Public.Host,
		host:     config.Public.Host,
		secure:   config.Public.Scheme == "https",
		operator: config.Operator,
		contact:  config.Contact,
		proxies:  config.Proxies,
		demo:     config.Demo,
		guesses:  newRateLimiter(config.Store.Now),
		assets:   newAssetCache(config.Store.Now),
	}
}
