package hub

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed" // for returnedPage
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// SignInStarted is a sign-in of the agency itself that waits for the browser.
type SignInStarted struct {
	ID      string               `json:"id"`      // of the sign-in, and of the Connection that it creates
	Address string               `json:"address"` // for the system browser; valid once
	Until   onboarding.Timestamp `json:"until"`
}

// signIn is a sign-in in progress: a loopback listener that waits for the
// browser's redirect.
type signIn struct {
	hub      *Hub
	id       string
	platform onboarding.Platform
	listener net.Listener
	path     string
	verifier onboarding.Secret

	cancel context.CancelFunc
	done   chan struct{} // closed when the sign-in has ended; result and err are set then
	result onboarding.Connection
	item   onboarding.Item // set if the sign-in created an account
	left   string          // what was picked and is not connected, in words
	err    error
}

func (s *signIn) hasEnded() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// signInWait is a little longer than the relay's own limit for a sign-in.
const signInWait = 6 * time.Minute

// StartConnection begins a sign-in of the agency itself: of a Facebook user,
// which creates a Connection, or at a CRM, which creates an account in Accounts
// with Managed = Yes. The caller opens the address in the system browser; the
// result comes from WaitConnection and as a Change. The browser is redirected
// to a loopback port (RFC 8252), with the sign-in's id as state and a code
// bound to this hub's verifier (PKCE).
func (h *Hub) StartConnection(ctx context.Context, platform onboarding.Platform) (SignInStarted, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return SignInStarted{}, fmt.Errorf("waiting for the browser: %w", err)
	}
	verifier := onboarding.NewSecret(oauth2.GenerateVerifier())
	path := "/" + rand.Text()
	id := rand.Text()
	result, err := session.Call(ctx, h.session, wire.StartConnection, wire.StartConnectionParams{
		ID: id, Platform: platform, Challenge: oauth2.S256ChallengeFromVerifier(verifier.Reveal()),
		Loopback: "http://" + listener.Addr().String() + path,
	})
	if err != nil {
		_ = listener.Close() // the address was not published yet
		return SignInStarted{}, err
	}
	waiting, cancel := context.WithTimeout(h.ended, signInWait)
	s := &signIn{
		hub: h, id: id, platform: platform, listener: listener, path: path, verifier: verifier,
		cancel: cancel, done: make(chan struct{}),
	}
	h.mu.Lock()
	if h.ended.Err() != nil {
		h.mu.Unlock()
		cancel()
		_ = listener.Close() // no connection was accepted yet
		return SignInStarted{}, fmt.Errorf("waiting for the browser: the hub was closed: %w", onboarding.ErrUnavailable)
	}
	// No maps.DeleteFunc: its type arguments make the linker keep every method of Hub in the relay, too.
	for name, earlier := range h.signIns {
		if earlier.hasEnded() {
			delete(h.signIns, name)
		}
	}
	h.signIns[id] = s
	h.loops.Add(1) // under the lock: Close calls loops.Wait after it
	h.mu.Unlock()
	go func() {
		defer h.loops.Done()
		defer cancel()
		s.err = s.finish(waiting)
		close(s.done)
		if s.err != nil {
			h.log.Info("a sign-in of the agency's own user ended without a result", "platform", platform, "error", s.err)
		}
	}()
	return SignInStarted{ID: id, Address: result.Address, Until: result.Until}, nil
}

// WaitConnection waits until a sign-in has ended. A cancelled one is ErrExpired,
// and ErrNotFound once another has begun. One that the user declined, that the platform refused or that
// timed out is an InvalidError with the catalog's message. If the sign-in
// created an account, the Connection has no id and its User is the account: see
// WaitAccount.
func (h *Hub) WaitConnection(ctx context.Context, id string) (onboarding.Connection, error) {
	s, err := h.awaitSignIn(ctx, id)
	if err != nil {
		return onboarding.Connection{}, err
	}
	return s.result, s.err
}

// WaitAccount is WaitConnection for a sign-in that creates accounts. It returns
// the first of them, and what was picked and is not connected, each with its
// reason; empty: nothing.
func (h *Hub) WaitAccount(ctx context.Context, id string) (first onboarding.Item, leftOut string, err error) {
	s, err := h.awaitSignIn(ctx, id)
	if err != nil {
		return onboarding.Item{}, "", err
	}
	return s.item, s.left, s.err
}

func (h *Hub) awaitSignIn(ctx context.Context, id string) (*signIn, error) {
	h.mu.Lock()
	s := h.signIns[id]
	h.mu.Unlock()
	if s == nil {
		return nil, fmt.Errorf("waiting for a sign-in: %w", onboarding.ErrNotFound)
	}
	select {
	case <-s.done:
		return s, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a sign-in: %w", ctx.Err())
	}
}

// CancelConnection stops waiting for the browser.
func (h *Hub) CancelConnection(id string) {
	h.mu.Lock()
	s := h.signIns[id]
	h.mu.Unlock()
	if s != nil {
		s.cancel()
		<-s.done
	}
}

// finish waits for the authorization code and exchanges it.
func (s *signIn) finish(ctx context.Context) error {
	back, err := s.awaitReturn(ctx)
	if err != nil {
		return err
	}
	if back.failed.code != "" {
		return back.failed.message(s.hub.config.Catalog, s.platform)
	}
	result, err := s.exchange(ctx, wire.FinishConnectionParams{
		ID: s.id, Code: wire.NewSecretText(back.code), Verifier: wire.NewSecretText(s.verifier),
	})
	if err != nil {
		return err
	}
	if err := s.hub.Replica.Update(ctx, func(tx *replica.Tx) error {
		for _, item := range result.Items {
			if err := tx.StoreItem(ctx, item); err != nil {
				return err
			}
		}
		if len(result.Items) > 0 {
			return nil
		}
		return tx.StoreConnection(ctx, result.Connection)
	}); err != nil {
		return err
	}
	if err := s.accept(ctx, result); err != nil {
		return err
	}
	signal(s.hub.syncCh)
	s.result = result.Connection
	if len(result.Items) > 0 {
		first := result.Items[0]
		s.item, s.left = first, s.hub.config.Catalog.LeftOut(result.LeftOut)
		s.result = onboarding.Connection{
			Member: first.Owner, Platform: first.Service.Platform(), Created: first.Created,
			User: onboarding.Account{ID: first.Account, Name: first.Name},
		}
	}
	return nil
}

// accept stores the credentials of a sign-in and acknowledges them. They are
// ordinary deliveries: if the first reply was lost, the sync loop may have
// stored and acknowledged them already.
func (s *signIn) accept(ctx context.Context, result wire.FinishConnectionResult) error {
	var stored []string
	for _, delivery := range result.Deliveries {
		kept, err := s.hub.Credentials.Accept(ctx, delivery)
		if err != nil {
			return err
		}
		if !kept {
			return fmt.Errorf("finishing a sign-in: the token was not for this computer: %w", onboarding.ErrPlatformRefused)
		}
		stored = append(stored, delivery.ID)
	}
	if len(stored) == 0 {
		return s.hasCredentials(ctx, result)
	}
	if _, err := session.Call(ctx, s.hub.session, wire.Acknowledge, wire.AcknowledgeParams{IDs: stored}); err != nil {
		s.hub.log.Info("a token is acknowledged in the next round", "error", err)
	}
	return nil
}

// hasCredentials fails if this computer lacks a credential of the sign-in.
func (s *signIn) hasCredentials(ctx context.Context, result wire.FinishConnectionResult) error {
	subjects := []string{replica.SubjectConnection + result.Connection.ID}
	if len(result.Items) > 0 {
		subjects = nil
		for _, item := range result.Items {
			subjects = append(subjects, replica.SubjectItem+item.ID)
		}
	}
	for _, subject := range subjects {
		if has, err := s.hub.Credentials.Has(ctx, subject); err != nil {
			return err
		} else if !has {
			return fmt.Errorf("finishing a sign-in: the relay sent no token: %w", onboarding.ErrPlatformRefused)
		}
	}
	return nil
}

// exchange redeems the code. It retries while the relay is unreachable: the
// code is valid for some minutes.
func (s *signIn) exchange(
	ctx context.Context, params wire.FinishConnectionParams,
) (wire.FinishConnectionResult, error) {
	for {
		result, err := session.Call(ctx, s.hub.session, wire.FinishConnection, params)
		if err == nil || !errors.Is(err, onboarding.ErrUnavailable) {
			return result, err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return result, err
		}
	}
}

// signInFailure holds the error parameters of the relay's redirect. They select
// a message of the catalog; no text of the address is shown.
type signInFailure struct {
	code      catalog.FailureCode
	platform  string // the platform's own code; may be empty
	reference string // of the relay's log
}

func (f signInFailure) message(texts *catalog.Catalog, of onboarding.Platform) error {
	service := of.Service()
	said := texts.Describe(f.code, catalog.Args{Service: service})
	sentence := said.ForAgency
	if f.platform != "" && f.code != catalog.SignInCancelled {
		sentence += " (" + texts.Service(service).Name + " says " + f.platform + ".)"
	}
	if f.code == catalog.Unexpected && f.reference != "" {
		sentence += " (Reference " + f.reference + ".)"
	}
	return fmt.Errorf("waiting for the browser: %w", onboarding.Invalid("sign_in", sentence))
}

// wordOf returns value if it has the form of a code, else nothing: it comes
// from an address.
func wordOf(value string) string {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/."
	if len(value) > 60 || strings.Trim(value, allowed) != "" {
		return ""
	}
	return value
}

// signInReturn is what the browser brought from the relay: a code, or why there is none.
type signInReturn struct {
	code   onboarding.Secret
	failed signInFailure
}

// readReturn reads the relay's redirect. False: it is not this sign-in's, or is empty. Whatever else is open in
// the browser, or looks at addresses ahead of it, can make such a request; only the relay has the state.
func readReturn(r *http.Request, host, path, state string) (signInReturn, bool) {
	query := r.URL.Query()
	// Another Host header is a request of a foreign page (DNS rebinding).
	if r.Host != host || r.Method != http.MethodGet || !equal(r.URL.Path, path) ||
		len(query["state"]) != 1 || !equal(query.Get("state"), state) {
		return signInReturn{}, false
	}
	if code := query.Get("code"); code != "" {
		return signInReturn{code: onboarding.NewSecret(code)}, true
	}
	failed := signInFailure{
		catalog.FailureCode(wordOf(query.Get("error"))),
		wordOf(query.Get("platform_code")), wordOf(query.Get("reference")),
	}
	if failed.code == "" {
		failed.code = catalog.Unexpected
	}
	return signInReturn{failed: failed}, query.Has("error")
}

// equal compares in constant time.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// serveReturn answers at the redirect address. The first return of this sign-in goes to came; anything else uses
// nothing up.
func (s *signIn) serveReturn(came chan<- signInReturn) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		back, known := readReturn(r, s.listener.Addr().String(), s.path, s.id)
		if !known {
			showReturned(w, http.StatusNotFound, "This page ends no sign-in",
				"It was opened without what a sign-in brings. A sign-in that is under way goes on in its own tab.")
			return
		}
		if back.failed.code == "" {
			showReturned(w, http.StatusOK, "Signed in", "You can close this tab and go back to Latchkey.")
		} else {
			showReturned(w, http.StatusOK, "Nothing was connected",
				"Latchkey says why. You can close this tab and try again there.")
		}
		select {
		case came <- back:
		default: // a repeated redirect: the first counts
		}
	}
}

// awaitReturn serves the redirect address until the browser returns from this sign-in.
func (s *signIn) awaitReturn(ctx context.Context) (signInReturn, error) {
	came := make(chan signInReturn, 1)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: s.serveReturn(came)}
	served := make(chan struct{})
	var serveErr error // set when served is closed
	go func() {
		defer close(served)
		serveErr = server.Serve(s.listener)
	}()
	var back signInReturn
	var err error
	select {
	case back = <-came:
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			back.failed.code = catalog.SignInTooLate
		} else {
			err = fmt.Errorf("waiting for the browser: %w", onboarding.ErrExpired)
		}
	case <-served:
		return signInReturn{}, fmt.Errorf("waiting for the browser: %w", serveErr)
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		_ = server.Close() // closes what Shutdown left open
	}
	<-served
	return back, err
}

// returnedPage is the last page of a sign-in, in the hub's colours.
//
//go:embed returned.html
var returnedPage string

func showReturned(w http.ResponseWriter, status int, title, sentence string) {
	nonce := rand.Text()
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	page := template.Must(template.New("returned").Parse(returnedPage))
	_ = page.Execute(w, map[string]string{"Nonce": nonce, "Title": title, "Sentence": sentence}) // the tab may be closed
}

// EndConnection disconnects a platform user of the agency. It needs the relay.
func (h *Hub) EndConnection(ctx context.Context, id string) error {
	if _, err := session.Call(ctx, h.session, wire.EndConnection, wire.ConnectionParams{ID: id}); err != nil {
		return err
	}
	signal(h.syncCh)
	return nil
}
