package wizard

import (
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// rateLimiter counts by key, and forgets all counts at the end of each window.
// It is bounded: with too many keys at once, all the new ones share one count.
type rateLimiter[K comparable] struct {
	now    func() onboarding.Timestamp
	limit  int
	window time.Duration

	mu      sync.Mutex
	current onboarding.Timestamp // number of the window
	count   map[K]int
}

func newRateLimiter[K comparable](
	now func() onboarding.Timestamp, limit int, window time.Duration,
) *rateLimiter[K] {
	return &rateLimiter[K]{now: now, limit: limit, window: window, count: map[K]int{}}
}

const maxKeys = 50_000

// allow counts and reports whether the key is within its limit.
func (m *rateLimiter[K]) allow(key K) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if current := m.now() / onboarding.Timestamp(m.window.Milliseconds()); current != m.current {
		m.current = current
		clear(m.count)
	}
	if _, known := m.count[key]; !known && len(m.count) >= maxKeys {
		var shared K
		key = shared
	}
	m.count[key]++
	return m.count[key] <= m.limit
}
