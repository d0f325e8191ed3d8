package wizard

import (
	"sync"
)

// inFlightItems are the items that this process is sharing now, so that a double
// click shares nothing twice, and those that were found to be shared before.
type inFlightItems struct {
	mu      sync.Mutex
	running map[string]bool
	over    map[string]bool // this process has ended them
	shared  map[string]bool
}

const maxRuns = 20_000

func newInFlightItems() *inFlightItems {
	return &inFlightItems{running: map[string]bool{}, over: map[string]bool{}, shared: map[string]bool{}}
}

// claim takes an item; false: another call has it.
func (r *inFlightItems) claim(item string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[item] {
		return false
	}
	r.running[item] = true
	delete(r.over, item)
	delete(r.shared, item)
	return true
}

func (r *inFlightItems) release(item string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, item)
	note(r.over, item)
}

func (r *inFlightItems) has(item string) bool { return r.in(r.running, item) }

func (r *inFlightItems) ended(item string) bool { return r.in(r.over, item) }

func (r *inFlightItems) wasShared(item string) bool { return r.in(r.shared, item) }

func (r *inFlightItems) noteShared(item string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	note(r.shared, item)
}

func (r *inFlightItems) in(set map[string]bool, item string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return set[item]
}

// note adds an item to a set. A full set is cleared first: pages are less precise then.
func note(set map[string]bool, item string) {
	if len(set) >= maxRuns {
		clear(set)
	}
	set[item] = true
}
