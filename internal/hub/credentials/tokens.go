package credentials

import (
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// cachedToken is an access token.
type cachedToken struct {
	secret  onboarding.Secret
	version int64 // of the credential that it came from or with
	until   onboarding.Timestamp
}

const (
	// accessMargin is how long before its expiry a token is no longer used.
	accessMargin = time.Minute
	// accessLife is assumed if a platform gives no expiry.
	accessLife = 15 * time.Minute
)

// tokenCache holds the access tokens of items, in memory only.
type tokenCache struct {
	now func() time.Time

	mu     sync.Mutex // guards the fields below
	byItem map[string]cachedToken
	locks  map[string]*sync.Mutex
}

func newTokenCache(now func() time.Time) *tokenCache {
	return &tokenCache{
		now:    now,
		byItem: map[string]cachedToken{},
		locks:  map[string]*sync.Mutex{},
	}
}

// get returns an item's token if it has not expired.
func (t *tokenCache) get(item string) (cachedToken, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	token, ok := t.byItem[item]
	if !ok || onboarding.TimestampOf(t.now()).Add(accessMargin) >= token.until {
		return cachedToken{}, false
	}
	return token, true
}

func (t *tokenCache) put(item string, token cachedToken) {
	if token.until == 0 {
		token.until = onboarding.TimestampOf(t.now()).Add(accessLife)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byItem[item] = token
}

// drop removes an item's token.
func (t *tokenCache) drop(item string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byItem, item)
}

// dropSecret removes an item's token if it is still this one.
func (t *tokenCache) dropSecret(item string, secret onboarding.Secret) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byItem[item].secret == secret {
		delete(t.byItem, item)
	}
}

// dropOlder removes an item's token if it came from an older version of the
// credential.
func (t *tokenCache) dropOlder(item string, version int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byItem[item].version < version {
		delete(t.byItem, item)
	}
}

func (t *tokenCache) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byItem = map[string]cachedToken{}
}

// lock serialises renewals of one item and returns the unlock function.
func (t *tokenCache) lock(item string) func() {
	t.mu.Lock()
	lock := t.locks[item]
	if lock == nil {
		lock = new(sync.Mutex)
		t.locks[item] = lock
	}
	t.mu.Unlock()
	lock.Lock()
	return lock.Unlock
}
