package relay

import (
	"context"
	"time"

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

// listens reports whether PostgreSQL says what other relays write.
func (s *Relay) listens() bool { return s.db.Engine() == sqldb.PostgreSQL && s.source != "" }

// watchChanges publishes what other processes wrote.
func (s *Relay) watchChanges(ctx context.Context) {
	interval := pollInterval
	if s.listens() {
		interval = pollIntervalListening
	}
	s.broker.PollChanges(ctx, s.store, interval)
}

func (s *Relay) listenForChanges(ctx context.Context) {
	if s.listens() {
		s.broker.ListenPostgres(ctx, pubsub.ListenConfig{
			Source: s.source, Channel: store.NewsChannel, Store: s.store, Publish: s.publish, Log: s.log,
		})
	}
}

// watchKeyset notices when another process has rotated the keys.
func (s *Relay) watchKeyset(ctx context.Context) {
	ticker := time.NewTicker(keysetRefreshInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.keys.RefreshIfChanged()
		}
	}
}
