package wizard

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

// assetCache keeps what Facebook shows to a visitor for some minutes, so that
// searching and ticking do not read sixty pages again. It is in memory only,
// bounded, and holds no token.
type assetCache struct {
	now func() onboarding.Timestamp

	mu sync.Mutex
	of map[string]*assetList // by visit
}

type assetList struct {
	read   chan struct{} // closed when assets or err are there
	made   onboarding.Timestamp
	assets platform.Assets
	err    error
}

func newAssetCache(now func() onboarding.Timestamp) *assetCache {
	return &assetCache{now: now, of: map[string]*assetList{}}
}

// get gives the visit's lists; load reads them, once for all who ask meanwhile.
func (l *assetCache) get(
	ctx context.Context, visit string, load func(context.Context) (platform.Assets, error),
) (platform.Assets, error) {
	l.mu.Lock()
	kept := l.of[visit]
	if kept == nil || kept.made.Since(l.now()) >= listsLast {
		kept = &assetList{read: make(chan struct{}), made: l.now()}
		l.evict()
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
func (l *assetCache) load(
	ctx context.Context, visit string, kept *assetList, load func(context.Context) (platform.Assets, error),
) {
	ctx, cancel := detached(ctx, 2*time.Minute)
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

// evict drops what is old, and the oldest when that is not enough.
func (l *assetCache) evict() {
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
func (l *assetCache) forget(visit string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, visit)
}
