package relay

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	listsLast = 5 * time.Minute
	maxLists  = 300
)

// lists keeps what Facebook shows to a visitor for some minutes, so that
// searching and ticking do not read sixty pages again. It is in memory only,
// bounded, and holds no token.
type lists struct {
	now func() onboarding.Timestamp

	mu sync.Mutex
	of map[string]*list // by visit
}

type list struct {
	read   chan struct{} // closed when assets or err are there
	made   onboarding.Timestamp
	assets platform.Assets
	err    error
}

func newLists(now func() onboarding.Timestamp) *lists {
	return &lists{now: now, of: map[string]*list{}}
}

// get gives the visit's lists; load reads them, once for all who ask meanwhile.
func (l *lists) get(ctx context.Context, visit string, load func(context.Context) (platform.Assets, error)) (platform.Assets, error) {
	l.mu.Lock()
	kept := l.of[visit]
	if kept == nil || kept.made.Since(l.now()) >= listsLast {
		kept = &list{read: make(chan struct{}), made: l.now()}
		l.makeRoom()
		l.of[visit] = kept
		go l.load(ctx, visit, kept, load)
	}
	l.mu.Unlock()
	select {
	case <-kept.read:
		return kept.assets, kept.err
	case <-ctx.Done():
		return platform.Assets{}, ctx.Err()
	}
}

// load outlives the one who asked first: others may wait for the same.
func (l *lists) load(ctx context.Context, visit string, kept *list, load func(context.Context) (platform.Assets, error)) {
	ctx, cancel := lasting(ctx, 2*time.Minute)
	defer cancel()
	func() {
		defer close(kept.read)
		defer func() { // beside the page nobody else would catch it
			if fault := recover(); fault != nil {
				kept.err = fmt.Errorf("reading the lists: %v: %s", fault, debug.Stack())
			}
		}()
		kept.assets, kept.err = load(ctx)
	}()
	if kept.err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.of[visit] == kept {
			delete(l.of, visit)
		}
	}
}

// makeRoom drops what is old, and the oldest when that is not enough.
func (l *lists) makeRoom() {
	oldest := ""
	for visit, kept := range l.of {
		if kept.made.Since(l.now()) >= listsLast {
			delete(l.of, visit)
		} else if oldest == "" || kept.made < l.of[oldest].made {
			oldest = visit
		}
	}
	if len(l.of) >= maxLists {
		delete(l.of, oldest)
	}
}

// forget drops a visit's lists.
func (l *lists) forget(visit string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, visit)
}

// runs knows which items this process is sharing now, so that a double click
// shares nothing twice, and which it found to be shared before.
type runs struct {
	mu      sync.Mutex
	running map[string]bool
	over    map[string]bool // this process has ended them
	shared  map[string]bool
}

const maxRuns = 20_000

func newRuns() *runs {
	return &runs{running: map[string]bool{}, over: map[string]bool{}, shared: map[string]bool{}}
}

// claim takes an item; false: somebody has it.
func (r *runs) claim(item string) bool {
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

func (r *runs) release(item string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, item)
	note(r.over, item)
}

func (r *runs) has(item string) bool       { return r.in(r.running, item) }
func (r *runs) ended(item string) bool     { return r.in(r.over, item) }
func (r *runs) wasShared(item string) bool { return r.in(r.shared, item) }

func (r *runs) noteShared(item string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	note(r.shared, item)
}

func (r *runs) in(set map[string]bool, item string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return set[item]
}

// note bounds a set: what it forgets is said a little less exactly.
func note(set map[string]bool, item string) {
	if len(set) >= maxRuns {
		clear(set)
	}
	set[item] = true
}
