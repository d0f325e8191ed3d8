package domains

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// readInterval is how long it may take until what another relay on the database wrote counts.
const readInterval = 5 * time.Second

// Hosts knows which agency is served at which host. It is safe for concurrent use.
type Hosts struct {
	store *store.Store
	relay string // its host, which no agency has
	log   *slog.Logger

	mu      sync.Mutex
	served  map[string]string // agencies by host
	read    time.Time
	reading bool
	failed  string // what the last read met; it is logged once
}

// AgencyAt is the agency whose domain a Host header names; false: it is none's.
func (h *Hosts) AgencyAt(ctx context.Context, header string) (agency string, found bool) {
	host := HostOf(header)
	if host == h.relay || host == "" {
		return "", false
	}
	h.mu.Lock()
	first := h.served == nil
	due := time.Since(h.read) >= readInterval && !h.reading
	h.reading = h.reading || due
	h.mu.Unlock()
	if due || first {
		h.Reload(ctx)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	agency, found = h.served[host]
	return agency, found
}

// Reload reads the hosts. Where the database does not answer, they stay as they were.
func (h *Hosts) Reload(ctx context.Context) {
	list, err := h.store.Domains.Served(context.WithoutCancel(ctx))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reading = false
	if err != nil {
		if err.Error() != h.failed {
			h.failed = err.Error()
			h.log.ErrorContext(ctx, "the agencies' domains cannot be read: they stay as they were", "error", err)
		}
		return
	}
	h.failed, h.read, h.served = "", time.Now(), map[string]string{}
	for _, d := range list {
		h.served[d.Name] = d.Agency
	}
}

// Names are the hosts that are served.
func (h *Hosts) Names(ctx context.Context) ([]string, error) {
	list, err := h.store.Domains.Served(ctx)
	var names []string
	for _, d := range list {
		names = append(names, d.Name)
	}
	return names, err
}
