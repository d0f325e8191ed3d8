package relay

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// news tells the open streams of an agency that there is something to read.
type news struct {
	mu       sync.Mutex
	byAgency map[string]map[*stream]bool
}

// stream is one open stream of a device.
type stream struct {
	agency string
	device string
	bell   chan struct{} // of one: a bell that rang is not rung again
	closed bool
}

func newNews() *news { return &news{byAgency: map[string]map[*stream]bool{}} }

func (n *news) open(agency, device string) *stream {
	n.mu.Lock()
	defer n.mu.Unlock()
	st := &stream{agency: agency, device: device, bell: make(chan struct{}, 1)}
	if n.byAgency[agency] == nil {
		n.byAgency[agency] = map[*stream]bool{}
	}
	n.byAgency[agency][st] = true
	return st
}

func (n *news) tell(agency string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for st := range n.byAgency[agency] {
		select {
		case st.bell <- struct{}{}:
		default:
		}
	}
}

// close ends one stream; closing twice is harmless.
func (n *news) close(st *stream) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drop(st)
}

func (n *news) drop(st *stream) {
	if st.closed {
		return
	}
	st.closed = true
	close(st.bell)
	delete(n.byAgency[st.agency], st)
	if len(n.byAgency[st.agency]) == 0 {
		delete(n.byAgency, st.agency)
	}
}

// end ends every stream of the devices.
func (n *news) end(devices ...string) {
	gone := map[string]bool{}
	for _, id := range devices {
		gone[id] = true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, streams := range n.byAgency {
		for st := range streams {
			if gone[st.device] {
				n.drop(st)
			}
		}
	}
}

func (n *news) endAll() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, streams := range n.byAgency {
		for st := range streams {
			n.drop(st)
		}
	}
}

// devices lists who listens.
func (n *news) devices() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	seen := map[string]bool{}
	var ids []string
	for _, streams := range n.byAgency {
		for st := range streams {
			if !seen[st.device] {
				seen[st.device] = true
				ids = append(ids, st.device)
			}
		}
	}
	return ids
}

// subscribe opens the caller's stream.
func (s *Relay) subscribe(ctx context.Context) (<-chan struct{}, func(), error) {
	c := caller(ctx)
	st := s.news.open(c.Agency.ID, c.Device.ID)
	return st.bell, func() { s.news.close(st) }, nil
}

// heartbeat rings once, in time for proxies that close quiet lines.
func heartbeat() <-chan struct{} {
	beat := make(chan struct{}, 1)
	time.AfterFunc(25*time.Second, func() { beat <- struct{}{} })
	return beat
}

// endRevoked ends the streams of devices that get nothing more.
func (s *Relay) endRevoked(ctx context.Context) {
	const atOnce = 500
	for devices := s.news.devices(); len(devices) > 0; {
		some := devices[:min(atOnce, len(devices))]
		devices = devices[len(some):]
		gone, err := s.store.RevokedDevices(ctx, some)
		if err != nil {
			return // the next look finds them: authenticate refuses them anyway
		}
		s.news.end(gone...)
	}
}

// How often the database is asked what other processes wrote: the operator's
// commands beside SQLite, and, should the listening fail, other relays.
const (
	lookEvery          = 3 * time.Second
	lookBesideListener = 30 * time.Second
)

// watch notices what other processes wrote, while anybody listens.
func (s *Relay) watch(ctx context.Context) {
	every := lookEvery
	if s.db.Engine() == sqldb.PostgreSQL && s.source != "" {
		every = lookBesideListener
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	known := map[string]int64{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		s.keys.RefreshIfChanged()
		if len(s.news.devices()) == 0 {
			continue
		}
		numbers, err := s.store.Numbers(ctx)
		if err != nil {
			continue // asked again at the next tick
		}
		for agency, n := range numbers {
			if known[agency] != n {
				known[agency] = n
				s.news.tell(agency)
			}
		}
		s.endRevoked(ctx)
	}
}

// listen hears from PostgreSQL which agencies have news, on a connection of
// its own; a line that breaks is made again.
func (s *Relay) listen(ctx context.Context) {
	if s.db.Engine() != sqldb.PostgreSQL || s.source == "" {
		return
	}
	for ctx.Err() == nil {
		if err := s.listenOnce(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("listening for other relays' news", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

func (s *Relay) listenOnce(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.source)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing was written on it
	if _, err := conn.Exec(ctx, `LISTEN `+store.NewsChannel); err != nil {
		return err
	}
	for {
		told, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		s.tell(told.Payload)
		s.endRevoked(ctx)
	}
}
