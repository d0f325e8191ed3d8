package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// wizard is what clients meet: every page behind a link, the platforms'
// callbacks, and the agency's own sign-in. It answers to browsers only.
type wizard struct {
	store    *store.Store
	keys     keys
	sealer   *sealing.Sealer
	drivers  []platform.Driver
	pages    *pages.Renderer
	log      *slog.Logger
	origin   string // the public address, without a slash at its end
	host     string
	secure   bool // the public address is https
	operator string
	contact  string // the operator's, where reports go
	proxies  []netip.Prefix
	limits   onboarding.Limits
	demo     bool

	misses *misses
	lists  *lists
	runs   *runs
}

// keys is what the wizard needs of the relay's keys.
type keys interface {
	// VerifyLink reads a link's token. What is not exactly one of ours is ErrNotFound.
	VerifyLink(token string) (link.Link, error)
	// HashCode is the keyed hash of a one-time code.
	HashCode(code onboarding.Secret) []byte
	// HashAddress is the keyed hash of an email address.
	HashAddress(address string) []byte
	// HashAddresses are those under each key that reads, the newest first.
	HashAddresses(address string) [][]byte
}

// wizardConfig is what newWizard needs.
type wizardConfig struct {
	store    *store.Store
	keys     keys
	sealer   *sealing.Sealer
	drivers  []platform.Driver
	log      *slog.Logger
	public   *url.URL // scheme and host
	operator string
	contact  string // the operator's, where reports go
	proxies  []netip.Prefix
	limits   onboarding.Limits
	demo     bool
}

// newWizard builds the wizard's handler: every address for clients.
func newWizard(config wizardConfig) (http.Handler, error) {
	z := &wizard{
		store: config.store, keys: config.keys, sealer: config.sealer, drivers: config.drivers, log: config.log,
		pages:    pages.New(pages.Config{Base: assetsPath}),
		origin:   config.public.Scheme + "://" + config.public.Host,
		host:     config.public.Host,
		secure:   config.public.Scheme == "https",
		operator: config.operator, contact: config.contact, proxies: config.proxies, limits: config.limits, demo: config.demo,
		misses: newMisses(config.store.Now),
		lists:  newLists(config.store.Now),
		runs:   newRuns(),
	}
	return z.handler()
}

// handler lists every address for clients, once.
func (z *wizard) handler() (http.Handler, error) {
	mux := http.NewServeMux()

	// The link itself, and what belongs to it before there is a visit.
	mux.Handle("GET /r/{token}", z.link(z.showLanding))
	mux.Handle("POST /r/{token}", z.link(z.grantPermission))
	mux.Handle("GET /r/{token}/about", z.link(z.showAboutYou))
	mux.Handle("POST /r/{token}/about", z.link(z.viewRequest))
	mux.Handle("POST /r/{token}/someone-else", z.link(z.someoneElse))
	mux.Handle("POST /r/{token}/email-me", z.anywhere(z.emailMe))
	mux.Handle("GET /r/{token}/genuine", z.anywhere(z.showGenuine))
	mux.Handle("GET /r/{token}/help", z.anywhere(z.showHelp))
	mux.Handle("GET /r/{token}/report", z.anywhere(z.showReport))
	mux.Handle("POST /r/{token}/report", z.anywhere(z.report))

	// What stands below every letter.
	mux.Handle("GET /l/{token}/genuine", z.letter(z.showLetterGenuine))
	mux.Handle("GET /l/{token}/report", z.letter(z.showLetterReport))
	mux.Handle("POST /l/{token}/report", z.letter(z.reportLetter))
	mux.Handle("GET /l/{token}/not-for-me", z.letter(z.showNotForMe))
	mux.Handle("POST /l/{token}/not-for-me", z.letter(z.notForMe))

	// The steps. They mean nothing without the visit's cookie.
	mux.Handle("GET /w/{visit}", z.step(z.showNextStep))
	mux.Handle("GET /w/{visit}/facebook", z.step(z.showFacebook))
	mux.Handle("POST /w/{visit}/facebook/add", z.step(z.addFacebook))
	mux.Handle("POST /w/{visit}/facebook/stopped", z.step(z.stoppedAtFacebook))
	mux.Handle("POST /w/{visit}/facebook/again", z.step(z.addFacebookAgain))
	mux.Handle("POST /w/{visit}/facebook/not-you", z.step(z.notThisUser))
	mux.Handle("POST /w/{visit}/facebook/reload", z.step(z.readAgain))
	mux.Handle("GET /w/{visit}/facebook/leaving/{sign}", z.step(z.showLeavingForFacebook))
	mux.Handle("GET /w/{visit}/facebook/assets", z.step(z.showAssets))
	mux.Handle("POST /w/{visit}/facebook/connect", z.step(z.connectAssets))
	mux.Handle("GET /w/{visit}/facebook/why/{asset}", z.step(z.showWhy))
	mux.Handle("GET /w/{visit}/facebook/by-hand", z.step(z.showByHand))
	mux.Handle("POST /w/{visit}/facebook/look", z.step(z.lookAgain))
	mux.Handle("GET /w/{visit}/platforms", z.step(z.showPlatforms))
	mux.Handle("POST /w/{visit}/platforms/{service}/add", z.step(z.addPlatform))
	mux.Handle("GET /w/{visit}/platforms/{service}/before", z.step(z.showBefore))
	mux.Handle("POST /w/{visit}/platforms/{service}/before", z.step(z.answerBefore))
	mux.Handle("GET /w/{visit}/platforms/{service}/leaving/{sign}", z.step(z.showLeavingForPlatform))
	mux.Handle("GET /w/{visit}/platforms/{service}/result", z.step(z.showResult))
	mux.Handle("GET /w/{visit}/platforms/{service}/error-page", z.step(z.showErrorPage))
	mux.Handle("GET /w/{visit}/platforms/{service}/key", z.step(z.showKeyForm))
	mux.Handle("POST /w/{visit}/platforms/{service}/key", z.step(z.tryKey))
	mux.Handle("GET /w/{visit}/skip/{what}", z.step(z.showSkip))
	mux.Handle("POST /w/{visit}/skip/{what}", z.step(z.skip))
	mux.Handle("GET /w/{visit}/summary", z.step(z.showSummary))
	mux.Handle("POST /w/{visit}/finish", z.visited(z.finish))
	mux.Handle("GET /w/{visit}/done", z.visited(z.showDone))
	mux.Handle("POST /w/{visit}/receipt", z.visited(z.mailReceipt))
	mux.Handle("GET /w/{visit}/genuine", z.visited(z.showGenuineInside))
	mux.Handle("GET /w/{visit}/help", z.visited(z.showHelpInside))
	mux.Handle("GET /w/{visit}/report", z.visited(z.showReportInside))
	mux.Handle("POST /w/{visit}/report", z.visited(z.reportInside))

	// The one GET that changes state: a platform sends people back here.
	mux.HandleFunc("GET /callback/{platform}", z.callback)

	// An agency's own sign-in.
	mux.HandleFunc("GET /connect/{code}", z.showConnect)
	mux.HandleFunc("POST /connect/{code}", z.startConnect)
	mux.HandleFunc("GET /connect/{code}/leaving", z.showConnectLeaving)

	// What belongs to no link.
	mux.HandleFunc("GET /help", z.showHelpOutside)
	for _, file := range z.pages.Files() {
		mux.Handle("GET "+file.Address, serveFile(file))
	}
	mux.HandleFunc("GET "+brandPath+"{file}", z.serveBrandStyle)
	mux.HandleFunc("GET "+logoPath+"{agency}/{file}", z.serveLogo)
	mux.HandleFunc("GET "+touchPath+".css", z.serveTouchStyle)
	mux.HandleFunc("GET "+touchPath, z.noteTouch)
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprint(w, "User-agent: *\nDisallow: /\n") // the caller has gone: nobody to tell
	})
	mux.HandleFunc("/", z.unknown(mux))

	checked, err := z.crossOriginProtection(mux)
	if err != nil {
		return nil, err
	}
	return compress(pagePolicy(z.logAndRecover(z.rejectInvalidPaths(checked))))
}

// unknown answers what no route is for: an address that does not exist, or one
// that is asked in a way it does not serve.
func (z *wizard) unknown(mux *http.ServeMux) http.HandlerFunc {
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
		z.show(w, r, status, pages.NotFound{Frame: z.neutral(r)})
	}
}

// linked is a link that was opened: what it leads to, and how its pages look.
type linked struct {
	link.Link
	*store.ClientView
	token   string
	receipt store.Receipt // of a receipt's link
	Frame   pages.Frame
}

// path is an address of the link's own.
func (l *linked) path(rest string) string {
	if rest == "" {
		return "/r/" + l.token
	}
	return "/r/" + l.token + "/" + rest
}

type linkHandler func(w http.ResponseWriter, r *http.Request, l *linked) error

// anywhere opens the link of an address and lets the handler answer, also on a
// phone, and whatever became of the request.
func (z *wizard) anywhere(handle linkHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.PathValue("token")
		opened, err := z.keys.VerifyLink(token)
		if err != nil {
			z.miss(w, r)
			return
		}
		shown, receipt, err := z.shown(r.Context(), opened)
		if errors.Is(err, onboarding.ErrNotFound) { // it was ours: the request is gone
			z.show(w, r, http.StatusGone, pages.Expired{Frame: z.neutral(r)})
			return
		} else if err != nil {
			z.fail(w, r, z.neutral(r), err)
			return
		}
		l := &linked{Link: opened, ClientView: shown, token: token, receipt: receipt}
		l.Frame = z.frame(r, shown, "/r/"+token)
		if err := handle(w, r, l); err != nil {
			z.failLinked(w, r, l, err)
		}
	})
}

// shown reads what a link leads to. A letter's own link leads to none.
func (z *wizard) shown(ctx context.Context, opened link.Link) (shown *store.ClientView, receipt store.Receipt, err error) {
	switch opened.Kind {
	case link.KindRequest:
		shown, err = z.store.ClientViewByLink(ctx, opened.ID)
	case link.KindReceipt:
		if receipt, err = z.store.LinkedReceipt(ctx, opened.ID); err == nil {
			shown, err = z.store.ClientView(ctx, receipt.Request)
		}
	default:
		err = onboarding.ErrNotFound
	}
	return shown, receipt, err
}

// link is anywhere for the wizard's own pages: on a computer, while the link works.
func (z *wizard) link(handle linkHandler) http.Handler {
	return z.anywhere(func(w http.ResponseWriter, r *http.Request, l *linked) error {
		if l.Kind == link.KindReceipt {
			return z.showReceipt(w, r, l)
		}
		if err := z.alive(l.ClientView, l.Version); err != nil {
			return err
		}
		if z.isPhone(r) {
			z.refusePhone(w, r, l)
			return nil
		}
		return handle(w, r, l)
	})
}

// alive says why a link of this version no longer works; nil: it does.
func (z *wizard) alive(shown *store.ClientView, version int) error {
	if shown.Agency.Suspended {
		return onboarding.ErrSuspended
	}
	err := shown.Request.LinkState(z.store.Now())
	older := version < shown.Request.LinkVersion
	if older && (err == nil || errors.Is(err, onboarding.ErrExpired)) {
		return onboarding.ErrLinkSuperseded
	}
	return err
}

// miss answers a token that is none of ours. Only these count against an
// address: whoever has a right link is never kept waiting.
func (z *wizard) miss(w http.ResponseWriter, r *http.Request) {
	if !z.misses.allow(z.visitorIP(r)) {
		z.show(w, r, http.StatusTooManyRequests, pages.TryLater{Frame: z.neutral(r), TooOften: true})
		return
	}
	z.show(w, r, http.StatusNotFound, pages.NotFound{Frame: z.neutral(r)})
}

// neutral is the frame of a page that belongs to no agency.
func (z *wizard) neutral(r *http.Request) pages.Frame {
	f := pages.Frame{Host: z.host, Operator: z.operator, Help: "/help", Demo: z.demo}
	if isMacintosh(r.UserAgent()) {
		f.Touch = touchPath + ".css"
	}
	return f
}

// frame is how a request's pages look. base is where its own help lives.
func (z *wizard) frame(r *http.Request, shown *store.ClientView, base string) pages.Frame {
	f := z.agencyFrame(r, shown.Agency, shown.LogoETag, base)
	f.Expires = shown.Request.Expires
	return f
}

// agencyFrame is how an agency's pages look.
func (z *wizard) agencyFrame(r *http.Request, a onboarding.Agency, logoETag, base string) pages.Frame {
	f := z.neutral(r)
	f.Company, f.Agency = a.CompanyName(), a.Name
	f.Help, f.Genuine, f.Report = base+"/help", base+"/genuine", base+"/report"
	f.ReplyTo = a.Brand.ReplyTo
	if a.Brand.On {
		f.Branded = true
		if logoETag != "" {
			f.Logo = logoPath + a.ID + "/" + logoETag + ".png"
		}
		f.Style = brandStyle(a.Brand.Colour)
	}
	return f
}

// Sentinels of the wizard alone.
var (
	errTooLong   = errors.New("the form is too long")
	errElsewhere = errors.New("this browser has no visit here")
)

// harmless says that an error means only: not now, and nobody has to know.
func harmless(err error) bool {
	return errors.Is(err, onboarding.ErrRateLimited) || errors.Is(err, onboarding.ErrNotFound)
}

// sentenceOf is what a form says beside the field; empty for other errors.
func sentenceOf(err error) string {
	var wrong *onboarding.InvalidError
	if errors.As(err, &wrong) {
		return wrong.Message
	}
	return ""
}

// failLinked answers an error on a page of a request: the end pages for a dead
// link, else as fail does.
func (z *wizard) failLinked(w http.ResponseWriter, r *http.Request, l *linked, err error) {
	if page := z.endPage(r, l.ClientView, l.Frame, err); page != nil {
		z.show(w, r, http.StatusGone, page)
		return
	}
	z.fail(w, r, l.Frame, err)
}

// endPage is what stands where the wizard was; nil: err is about something else.
func (z *wizard) endPage(r *http.Request, shown *store.ClientView, frame pages.Frame, err error) pages.Page {
	q := shown.Request
	switch {
	case errors.Is(err, onboarding.ErrSuspended):
		return pages.Paused{Frame: frame}
	case errors.Is(err, onboarding.ErrWithdrawn):
		return pages.Withdrawn{Frame: frame, TakeBack: frame.Help + "#take-back"}
	case errors.Is(err, onboarding.ErrCompleted):
		return z.completedPage(r, q, frame)
	case errors.Is(err, onboarding.ErrLinkSuperseded):
		return pages.OlderLink{Frame: frame, Newer: q.Renewed}
	case errors.Is(err, onboarding.ErrExpired):
		return pages.Expired{Frame: frame, On: q.Expires}
	}
	return nil
}

// completedPage is the same for everybody, but for the browser of somebody who
// has a receipt to get: the one who finished, or who connected something.
func (z *wizard) completedPage(r *http.Request, q store.Request, frame pages.Frame) pages.Page {
	page := pages.Completed{Frame: frame, By: q.CompletedBy.Name, At: max(q.Finished, q.Completed)}
	p, found := z.passOf(r, q.ID)
	if !found {
		return page
	}
	visit, err := z.store.VisitByCookie(r.Context(), p.lookUp())
	if err != nil || visit.Request != q.ID {
		return page // a courtesy: the page is complete without it
	}
	v := &visitor{ClientView: &store.ClientView{Request: q}, visit: visit}
	if own, err := z.ownReceipt(r, v); err == nil && own {
		page.Show = v.path("done")
		return page
	}
	switch state, err := z.store.ReceiptState(r.Context(), q, visit); {
	case err != nil:
	case state == store.ReceiptOpen:
		page.Receipt = v.path("receipt")
	case state == store.ReceiptAsked:
		page.Sent = true
	}
	return page
}

// fail answers an error with a page: a sentence and what to do. The log gets
// the error, both get the same reference.
func (z *wizard) fail(w http.ResponseWriter, r *http.Request, frame pages.Frame, err error) {
	if goneAway(r.Context(), err) {
		return
	}
	switch {
	case errors.Is(err, onboarding.ErrNotFound), errors.Is(err, onboarding.ErrNotOffered):
		z.show(w, r, http.StatusNotFound, pages.NotFound{Frame: frame})
		return
	case errors.Is(err, errElsewhere):
		z.show(w, r, http.StatusForbidden, pages.Problem{Frame: frame, Trouble: pages.Trouble{Failure: catalog.Say(catalog.SignInElsewhere, catalog.Facts{Agency: frame.Company})}})
		return
	case errors.Is(err, onboarding.ErrRateLimited):
		z.show(w, r, http.StatusTooManyRequests, pages.TryLater{Frame: frame, TooOften: true})
		return
	}
	reference := newReference()
	status, level := http.StatusInternalServerError, slog.LevelError
	var trouble pages.Page = pages.TryLater{Frame: frame, Reference: reference}
	switch {
	case errors.Is(err, onboarding.ErrUnavailable), sqldb.IsUnavailable(err), errors.Is(err, context.DeadlineExceeded):
		status = http.StatusServiceUnavailable
	case errors.Is(err, errTooLong):
		status, level = http.StatusRequestEntityTooLarge, slog.LevelInfo
		trouble = z.problem(frame, catalog.Unexpected, reference)
	case errors.Is(err, onboarding.ErrInvalid):
		status, level = http.StatusBadRequest, slog.LevelInfo
		trouble = z.problem(frame, catalog.Unexpected, reference)
	}
	z.log.Log(r.Context(), level, "refusing a page", "route", r.Pattern, "reference", reference, logAttr(err))
	z.show(w, r, status, trouble)
}

func (z *wizard) problem(frame pages.Frame, code catalog.FailureCode, reference string) pages.Problem {
	return pages.Problem{Frame: frame, Trouble: pages.Trouble{Failure: catalog.Say(code, catalog.Facts{Agency: frame.Company}), Reference: reference}}
}

// seeOther answers a form: the next page is an address of its own.
func seeOther(w http.ResponseWriter, r *http.Request, address string) error {
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// lasting keeps what a platform is in the middle of doing from ending with
// the browser's patience.
func lasting(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}
