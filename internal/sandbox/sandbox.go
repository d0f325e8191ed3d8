// Package sandbox runs the fake platforms, with their people and their assets, and a
// mail server, on loopback. Callers use HTTP and SMTP only.
//
// A fake platform is never kinder than the real one. What is required there
// is refused here when it is missing, what is unknown is refused too, codes work
// once, scopes are enforced on each call. State is real: what is shared appears
// on the other side, what is revoked stops working. Faults are switched on for a
// platform, or for one of its people, from the control server.
//
// It imports no other package of ours and never leaves the computer.
package sandbox

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"sync"
	"time"
)

//go:embed templates static
var files embed.FS

// ErrUnknown means that a platform, fault, person, action or asset was named
// that the sandbox does not have.
var ErrUnknown = errors.New("not known to the sandbox")

// Config describes what a World is made of. The zero value works.
type Config struct {
	// Platforms make the fake platforms, in the order of the control page. A
	// platform that is not among them is not known to the world.
	Platforms []func(*Env) Platform

	// Now is the platforms' clock: it ends codes, tokens and waiting times.
	// Zero: time.Now. What a caller feels (slowness, rate limits) runs on the
	// real clock always, because a caller waits in real time.
	Now func() time.Time

	// Listen opens the listener of a server: a platform's by its name,
	// "control", "mailbox", "smtp". Zero: a free port of 127.0.0.1 for each.
	Listen func(name string) (net.Listener, error)

	// Redirects are the redirect addresses registered with the simulated apps.
	// They are compared exactly. World.AllowRedirect adds to them.
	Redirects []string

	// SlowBy is how long a platform takes while its fault "slow" is on.
	// Zero: four seconds.
	SlowBy time.Duration

	// AppearsAfter is how long a new share stays unseen by the agency while
	// Meta's fault "delayed" is on. Zero: ten minutes.
	AppearsAfter time.Duration

	// MailDir is a folder in which emails outlive the program. Empty: they
	// are kept in memory.
	MailDir string
}

// World is everything outside, running. It is safe for concurrent use.
//
// The address of a platform's server is what its AUTH_URL, TOKEN_URL and
// API_URL are set to: the browser opens it as it is, a call goes there with the
// platform's own host name in Host.
type World struct {
	Control *Server
	Mail    *Mail

	now          func() time.Time
	listen       func(name string) (net.Listener, error)
	slowBy       time.Duration
	appearsAfter time.Duration
	pages        *template.Template
	closed       chan struct{}
	closeOnce    sync.Once
	servers      []*Server
	envs         []*Env // one for each platform

	mu        sync.Mutex // guards all that follows
	redirects map[string]bool
	sessions  map[string]session
	codes     map[string]*Code
	switches  map[switchKey]map[string]bool
	clients   int // added so far
	callbacks map[string]Callbacks
}

// New starts every server of the world. On an error none is left running.
func New(cfg Config) (*World, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Listen == nil {
		cfg.Listen = func(string) (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
	}
	if cfg.SlowBy == 0 {
		cfg.SlowBy = 4 * time.Second
	}
	if cfg.AppearsAfter == 0 {
		cfg.AppearsAfter = 10 * time.Minute
	}
	w := &World{
		now:          cfg.Now,
		listen:       cfg.Listen,
		slowBy:       cfg.SlowBy,
		appearsAfter: cfg.AppearsAfter,
		closed:       make(chan struct{}),
		redirects:    map[string]bool{},
		sessions:     map[string]session{},
		codes:        map[string]*Code{},
		switches:     map[switchKey]map[string]bool{},
		callbacks:    map[string]Callbacks{},
	}
	for _, uri := range cfg.Redirects {
		w.redirects[uri] = true
	}
	for _, build := range cfg.Platforms {
		w.envs = append(w.envs, w.newEnv(build))
	}
	if err := w.readTemplates(); err != nil {
		return nil, err
	}
	if err := errors.Join(w.startMail(cfg.MailDir), w.start()); err != nil {
		_ = w.Close() // what was started goes down with the rest; the first error counts
		return nil, err
	}
	return w, nil
}

// readTemplates reads the shared pages and those of the platforms.
func (w *World) readTemplates() (err error) {
	if w.pages, err = template.New("").ParseFS(files, "templates/*.html"); err != nil {
		return fmt.Errorf("reading the sandbox's templates: %w", err)
	}
	for _, e := range w.envs {
		if e.info.Templates == nil {
			continue
		}
		if _, err := w.pages.ParseFS(e.info.Templates, "templates/*.html"); err != nil {
			return fmt.Errorf("reading the templates of %s: %w", e.info.Name, err)
		}
	}
	return nil
}

// startMail opens the mail server and its mailbox.
func (w *World) startMail(dir string) error {
	smtp, err := w.listen("smtp")
	if err != nil {
		return fmt.Errorf("listening as smtp: %w", err)
	}
	mailbox, err := w.listen("mailbox")
	if err != nil {
		return errors.Join(fmt.Errorf("listening as mailbox: %w", err), smtp.Close())
	}
	w.Mail, err = NewMail(MailConfig{Now: w.now, SMTP: smtp, HTTP: mailbox, Dir: dir})
	return err
}

// start opens every server and then serves: their pages link to each other.
func (w *World) start() (err error) {
	if w.Control, err = w.open("control", w.controlHandler); err != nil {
		return err
	}
	for _, e := range w.envs {
		handler := func(s *Server) http.Handler {
			e.server = s
			return e.platform.Handler()
		}
		if _, err := w.open(e.info.Name, handler); err != nil {
			return err
		}
	}
	for _, s := range w.servers {
		go func() { _ = s.http.Serve(s.listener) }() // it ends with Close, and its error is only that
	}
	return nil
}

// Platforms lists the platforms, by the names the configuration uses.
func (w *World) Platforms() []string {
	var names []string
	for _, e := range w.envs {
		names = append(names, e.info.Name)
	}
	return names
}

// Server answers the server of a platform; nil when there is no such platform.
func (w *World) Server(platform string) *Server { return w.env(platform).server }

// Inside is the address of the page where a person of a platform manages what they have there.
func (w *World) Inside(platform string) string {
	e := w.env(platform)
	return e.server.URL() + cmp.Or(e.info.Inside, "/")
}

// open readies one HTTP server of the world. Close ends it.
func (w *World) open(name string, handler func(*Server) http.Handler) (*Server, error) {
	listener, err := w.listen(name)
	if err != nil {
		return nil, fmt.Errorf("listening as %s: %w", name, err)
	}
	s := &Server{name: name, host: listener.Addr().String(), listener: listener}
	s.http = &http.Server{Handler: handler(s), ReadHeaderTimeout: 10 * time.Second}
	w.servers = append(w.servers, s)
	return s, nil
}

// Close ends every server and every call that is still waiting for an answer.
func (w *World) Close() error {
	var errs []error
	w.closeOnce.Do(func() {
		close(w.closed)
		for _, s := range w.servers {
			errs = append(errs, s.http.Close())
			_ = s.listener.Close() // for a server that did not come to serve; else it is closed
		}
		if w.Mail != nil {
			errs = append(errs, w.Mail.Close())
		}
	})
	return errors.Join(errs...)
}

// AllowRedirect registers a redirect address with the simulated apps, as an
// operator does in a platform's developer pages.
func (w *World) AllowRedirect(uri string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.redirects[uri] = true
}

// Callbacks are where a platform calls the app about its people, as an operator enters it in
// the platform's developer pages. Empty: it does not call.
type Callbacks struct {
	Deauthorize string // a person has removed the app
	Deletion    string // a person asks for the deletion of their data
}

// SetCallbacks registers where a platform calls the app.
func (w *World) SetCallbacks(platform string, c Callbacks) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.callbacks[platform] = c
}

// ClientID answers the client id of the app that is registered at a platform;
// empty where a platform has no apps.
func (w *World) ClientID(platform string) string { return w.env(platform).info.App.ID }

// ClientSecret answers the secret that belongs to ClientID.
func (w *World) ClientSecret(platform string) string { return w.env(platform).info.App.Secret }

// State is what the platforms hold now, by their names, for a test or a page
// to look at: the view of each that has one. It carries no token and no key.
func (w *World) State() map[string]any {
	state := map[string]any{}
	for _, e := range w.envs {
		if viewer, ok := e.platform.(Viewer); ok {
			state[e.info.Name] = viewer.View()
		}
	}
	return state
}

// AppName is how the platforms' consent pages call the registered app.
const AppName = "Latchkey"

// Server is one HTTP server of the world.
type Server struct {
	name     string
	host     string
	http     *http.Server
	listener net.Listener
}

// URL is the server's address on this computer, without a slash at its end.
func (s *Server) URL() string { return "http://" + s.host }

// RandomHex answers n random bytes in hex.
func RandomHex(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // it never fails: crypto/rand stops the program instead
	return hex.EncodeToString(raw)
}

// SecretsEqual compares two secrets without telling how far they agree.
func SecretsEqual(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
