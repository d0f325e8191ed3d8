package relay

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/pubsub"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// How often the database is asked what other processes wrote: the operator's
// commands beside SQLite, and, should the listening fail, other relays.
const (
	pollInterval          = 3 * time.Second
	pollIntervalListening = 30 * time.Second
	keysetRefreshInterval = 3 * time.Second
)

// changeFeed notices what other processes do: the changes that they write, and
// the keys that they rotate.
type changeFeed struct {
	db      *sqldb.DB
	source  string // of db, to listen at; empty: polling alone
	store   *store.Store
	keys    *keyset.Keyset
	broker  *pubsub.Broker
	publish func(agency string)
	log     *slog.Logger
}

// run polls and listens until ctx ends.
func (s *changeFeed) run(ctx context.Context) {
	var parts sync.WaitGroup
	for _, part := range []func(context.Context){s.poll, s.listen, s.watchKeyset, s.logOperations} {
		parts.Go(func() { part(ctx) })
	}
	parts.Wait()
}

// listens reports whether PostgreSQL notifies of what other relays write.
func (s *changeFeed) listens() bool { return s.db.Engine() == sqldb.PostgreSQL && s.source != "" }

func (s *changeFeed) poll(ctx context.Context) {
	interval := pollInterval
	if s.listens() {
		interval = pollIntervalListening
	}
	s.broker.PollChanges(ctx, s.store.Agencies, s.store.Devices, interval)
}

func (s *changeFeed) listen(ctx context.Context) {
	if s.listens() {
		s.broker.ListenPostgres(ctx, pubsub.ListenConfig{
			Source: s.source, Channel: store.ChangesChannel, Devices: s.store.Devices, Publish: s.publish, Log: s.log,
		})
	}
}

// operationsInterval is how soon what the operator did by a command is in the log.
const operationsInterval = 3 * time.Second

// logOperations logs what the operator did by commands. What cannot be read now is read later.
func (s *changeFeed) logOperations(ctx context.Context) {
	ticker := time.NewTicker(operationsInterval)
	defer ticker.Stop()
	for {
		done, err := s.store.Operations.TakeUnlogged(ctx)
		for _, o := range done {
			s.log.InfoContext(ctx, "the operator ran a command", "command", o.Command, "agency", o.Agency, "detail", o.Detail,
				"user", o.By, "at", o.At.Time().UTC())
		}
		if err != nil && ctx.Err() == nil {
			s.log.DebugContext(ctx, "reading what the operator did", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// watchKeyset notices when another process has rotated the keys. A file that
// cannot be read is logged once, not at each poll.
func (s *changeFeed) watchKeyset(ctx context.Context) {
	ticker := time.NewTicker(keysetRefreshInterval)
	defer ticker.Stop()
	logged := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			switch err := s.keys.RefreshIfChanged(); {
			case err == nil:
				logged = ""
			case err.Error() != logged:
				logged = err.Error()
				s.log.ErrorContext(ctx, "the key file cannot be read: links that a newer key signed do not open", "error", err)
			}
		}
	}
}
