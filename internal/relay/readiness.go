package relay

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// readyFor is how long an answer of /readyz holds: however often it is asked, the database
// is written that often at most.
const readyFor = 2 * time.Second

// readiness is whether this relay can serve: to be asked by a load balancer and a monitor.
type readiness struct {
	store          *store.Store
	log            *slog.Logger
	mailFailsSince func() onboarding.Timestamp
	ending         atomic.Bool

	mu  sync.Mutex
	at  time.Time
	err error
}

var errEnding = errors.New("the relay is ending")

// check returns an error while the relay cannot serve.
func (s *readiness) check(ctx context.Context) error {
	if s.ending.Load() {
		return errEnding
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.at) < readyFor {
		return s.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // others wait for the same answer
	defer cancel()
	before := s.err
	s.err, s.at = s.store.CheckReady(ctx), time.Now()
	switch {
	case s.err != nil && before == nil:
		s.log.Error("the relay is not ready to serve", "error", s.err)
	case s.err == nil && before != nil:
		s.log.Info("the relay is ready again")
	}
	return s.err
}

// ServeHTTP replies ready, degraded or not ready, and which part it is. The log has why.
func (s *readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := "ready\n"
	switch err := s.check(r.Context()); {
	case errors.Is(err, errEnding):
		text = "not ready: it is ending\n"
		w.WriteHeader(http.StatusServiceUnavailable)
	case errors.Is(err, sqldb.ErrOlderSchema):
		text = "not ready: the database has an older schema than this program needs\n"
		w.WriteHeader(http.StatusServiceUnavailable)
	case errors.Is(err, store.ErrPutBack):
		text = "not ready: the database was put back, and latchkey-relay restored was not run\n"
		w.WriteHeader(http.StatusServiceUnavailable)
	case err != nil:
		text = "not ready: the database cannot be written\n"
		w.WriteHeader(http.StatusServiceUnavailable)
	case s.mailFailsSince() != 0:
		text = "degraded: emails are not delivered\n"
	}
	_, _ = w.Write([]byte(text)) // the client has disconnected
}
