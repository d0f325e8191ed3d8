package wizard

import (
	"net/netip"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxGuessesPerMinute is how many wrong tokens an address may try in a minute.
const maxGuessesPerMinute = 20

// rateLimiter counts wrong tokens by address. It forgets every minute, and is
// bounded: with too many addresses at once, all the new ones share one count.
type rateLimiter struct {
	now func() onboarding.Timestamp

	mu     sync.Mutex
	minute onboarding.Timestamp
	count  map[netip.Prefix]int
}

func newRateLimiter(now func() onboarding.Timestamp) *rateLimiter {
	return &rateLimiter{now: now, count: map[netip.Prefix]int{}}
}

const maxAddresses = 50_000

// allow counts a miss and reports whether the address may go on guessing.
func (m *rateLimiter) allow(ip netip.Addr) bool {
	bits := 32
	if ip.Is6() {
		bits = 64 // one household or server has that many addresses to itself
	}
	key, err := ip.Prefix(bits)
	if err != nil {
		key = netip.Prefix{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	minute := m.now() / onboarding.Timestamp(time.Minute/time.Millisecond)
	if minute != m.minute {
		m.minute = minute
		clear(m.count)
	}
	if _, known := m.count[key]; !known && len(m.count) >= maxAddresses {
		key = netip.Prefix{}
	}
	m.count[key]++
	return m.count[key] <= maxGuessesPerMinute
}
