package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Config is what a Server needs.
type Config struct {
	// Authenticate finds the device of a token and adds it to the context. Its
	// errors are ErrUnauthenticated and ErrRevoked. It is not called for
	// methods with AuthNone.
	Authenticate func(ctx context.Context, token onboarding.Secret) (context.Context, error)
	// MainUser reports whether the context's principal is a main user.
	MainUser func(ctx context.Context) bool
	// Log gets each failure with its reference; never params or results.
	Log *slog.Logger
	// Refused counts the calls of those whom no token proves, by the error's
	// code; nil: nobody counts. They are not logged: anybody can make them.
	Refused func(code string)
	// Minimum is the oldest version served; zero: Minimum.
	Minimum int
}

// Server serves methods. It is an http.Handler for everything under /api/.
type Server struct {
	config Config
	mux    *http.ServeMux
	known  map[string]bool
	served map[string]bool
}

// NewServer returns a server without methods: add them with Handle.
func NewServer(config Config) *Server {
	if config.Minimum == 0 {
		config.Minimum = Minimum
	}
	if config.Refused == nil {
		config.Refused = func(string) {}
	}
	s := &Server{config: config, mux: http.NewServeMux(), known: map[string]bool{}, served: map[string]bool{}}
	for _, m := range All() {
		s.known[m.Path] = true
	}
	return s
}

// Missing lists the methods without a handler.
func (s *Server) Missing() []string {
	var missing []string
	for _, m := range All() {
		if !s.served[m.Path] {
			missing = append(missing, m.Path)
		}
	}
	return missing
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Handle registers a method's handler. It panics for a method that All does not
// list: the authorization tests would miss it.
func Handle[P, R any](s *Server, m Method[P, R], answer func(context.Context, P) (R, error)) {
	if !s.known[m.Path] {
		panic("wire: " + m.Path + " is not in All")
	}
	s.served[m.Path] = true
	s.mux.HandleFunc("POST "+m.Path, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > m.maxParams() {
			s.Refuse(w, errTooLarge())
			return
		}
		ctx, err := s.admit(r, m.Auth)
		if err != nil {
			s.turnAway(w, r, m.Path, err)
			return
		}
		p, err := readParams[P](w, r, m.maxParams())
		if err != nil {
			s.fail(w, r, m.Path, err)
			return
		}
		a, err := answer(ctx, p)
		if err != nil {
			s.fail(w, r, m.Path, err)
			return
		}
		s.write(w, http.StatusOK, a)
	})
}

// HandleStream serves the event stream, whose events only signal a change.
// subscribe returns a channel that gets a value for each change visible to the
// principal, and a function that unsubscribes. The stream ends when the channel
// is closed.
func HandleStream(
	s *Server, subscribe func(context.Context) (<-chan struct{}, func(), error), heartbeat func() <-chan struct{},
) {
	s.mux.HandleFunc("GET "+streamPath, func(w http.ResponseWriter, r *http.Request) {
		ctx, err := s.admit(r, AuthMember)
		if err != nil {
			s.turnAway(w, r, streamPath, err)
			return
		}
		news, end, err := subscribe(ctx)
		if err != nil {
			s.fail(w, r, streamPath, err)
			return
		}
		defer end()
		serveStream(ctx, w, news, heartbeat)
	})
}

func (s *Server) admit(r *http.Request, by Auth) (context.Context, error) {
	version, err := strconv.Atoi(r.Header.Get(versionHeader))
	if err != nil {
		return nil, fmt.Errorf("%w: the header %s is missing", onboarding.ErrUpdateNeeded, versionHeader)
	}
	if version < s.config.Minimum {
		return nil, onboarding.ErrUpdateNeeded
	}
	if by == AuthNone {
		return r.Context(), nil
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return nil, onboarding.ErrUnauthenticated
	}
	ctx, err := s.config.Authenticate(r.Context(), onboarding.NewSecret(token))
	if err != nil {
		return nil, err
	}
	if by == AuthMainUser && !s.config.MainUser(ctx) {
		return nil, onboarding.ErrForbidden
	}
	return ctx, nil
}

// maxObjects bounds what a call takes in memory: an object of two bytes, {}, becomes a
// value of hundreds. The largest call, a request with all that belongs to it, has fewer.
const maxObjects = 50_000

func errTooLarge() error { return onboarding.Invalid("", "This is more than such a call may hold.") }

// readParams reads exactly one JSON value of at most so many bytes, without
// unknown fields.
func readParams[P any](w http.ResponseWriter, r *http.Request, maxBytes int64) (P, error) {
	var p P
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return p, onboarding.Invalid("", "A call is JSON.")
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBytes))
	if errors.As(err, new(*http.MaxBytesError)) || bytes.Count(content, []byte("{")) > maxObjects {
		return p, errTooLarge()
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err = errors.Join(err, decoder.Decode(&p)); err != nil {
		return p, onboarding.Invalid(
			"", "This call cannot be read. The program that sent it may be newer than the relay.",
		)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return p, onboarding.Invalid("", "There is something after the call's JSON.")
	}
	return p, nil
}

// turnAway refuses a caller. One whom no token proves is counted, and not
// logged.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, path string, err error) {
	for _, stranger := range []error{
		onboarding.ErrUnauthenticated, onboarding.ErrRevoked, onboarding.ErrSuspended, onboarding.ErrUpdateNeeded,
	} {
		if errors.Is(err, stranger) {
			s.config.Refused(Code(err))
			s.Refuse(w, err)
			return
		}
	}
	s.fail(w, r, path, err)
}

// Refuse answers a call with an error, and logs nothing.
func (s *Server) Refuse(w http.ResponseWriter, err error) {
	f, status := encode(err, "")
	s.write(w, status, f)
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, path string, err error) {
	reference := rand.Text()[:8]
	f, status := encode(err, reference)
	if f.Reference != "" {
		level := slog.LevelInfo
		if status >= http.StatusInternalServerError && r.Context().Err() == nil { // the client is gone: no failure
			level = slog.LevelError
		}
		s.config.Log.Log(
			r.Context(), level, "refusing a call", "method", path, "code", f.Code, "reference", reference, "error", err,
		)
	}
	s.write(w, status, f)
}

func (s *Server) write(w http.ResponseWriter, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		s.config.Log.Error("writing an answer", "error", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone and will retry
}
