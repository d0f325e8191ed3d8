package api

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// renewals are those under way: a platform may have rotated a credential that
// the database does not have yet.
type renewals struct {
	all sync.WaitGroup // these, and what releases their leases

	mu      sync.Mutex     // guards the fields below
	waiting bool           // nobody waits for what begins now
	items   map[string]int // how many are under way, by item
}

// begin notes a renewal of an item; the caller calls end once.
func (r *renewals) begin(item string) (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting {
		return func() {}
	}
	if r.items == nil {
		r.items = map[string]int{}
	}
	r.items[item]++
	r.all.Add(1)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.items[item]--; r.items[item] == 0 {
			delete(r.items, item)
		}
		r.all.Done()
	}
}

// release releases a renewal's lease, beside the call that began it.
func (r *renewals) release(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting {
		go do()
		return
	}
	r.all.Go(do)
}

// wait returns when no renewal is under way, or when ctx ends: then with the
// items of those that still are.
func (r *renewals) wait(ctx context.Context) []string {
	r.mu.Lock()
	r.waiting = true
	r.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		r.all.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.items))
}
