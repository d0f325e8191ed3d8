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
	all sync.WaitGroup // and leases that are given back

	mu    sync.Mutex
	items map[string]int // how many are under way, by item
}

// begin notes a renewal of an item; the caller calls end once.
func (r *renewals) begin(item string) (end func()) {
	r.all.Add(1)
	r.count(item, 1)
	return func() {
		r.count(item, -1)
		r.all.Done()
	}
}

func (r *renewals) count(item string, by int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.items == nil {
		r.items = map[string]int{}
	}
	if r.items[item] += by; r.items[item] == 0 {
		delete(r.items, item)
	}
}

// wait returns when no renewal is under way, or when ctx ends: then with the
// items of those that still are.
func (r *renewals) wait(ctx context.Context) []string {
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
