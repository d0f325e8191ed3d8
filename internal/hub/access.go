package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// accessToken is kept in memory only.
type accessToken struct {
	secret  onboarding.Secret
	version int64 // of the credential it came from, or that came with it
	until   onboarding.Moment
}

const (
	// accessMargin is how long before its end an access token is no longer used.
	accessMargin = time.Minute
	// accessLife is assumed where a platform does not say.
	accessLife = 15 * time.Minute
	// renewTries bounds how often a renewal waits for another hub's, or for a
	// newer version.
	renewTries = 8
	renewPause = 500 * time.Millisecond
)

// use gives what calls an item's platform: an access token, renewed through
// the relay when needed, or the lasting secret itself. The lasting credential
// is never older than the access token. A credential that the platform no
// longer takes is ErrRefused, with a *wire.RefusedError where the relay knows
// what that means; one that is not on this computer is errNotHere.
func (h *Hub) use(ctx context.Context, item onboarding.Item) (onboarding.Secret, platform.Credential, error) {
	defer h.alone(item.ID)()
	for try := range renewTries {
		k, lasting, err := h.heldCredential(ctx, subjectItem+item.ID)
		if err != nil {
			return onboarding.Secret{}, lasting, err
		}
		if lasting.Kind != platform.RefreshToken {
			return lasting.Secret, lasting, nil
		}
		if token, ok := h.remembered(item.ID); ok {
			return h.withNewest(ctx, item, token, k, lasting)
		}
		a, err := session.Call(ctx, h.session, wire.RenewCredential, wire.RenewCredentialQ{
			Item: item.ID, Version: k.Version, Refresh: wire.Carry(lasting.Secret), Proof: lasting.Proof, Address: lasting.Address,
		})
		switch {
		case errors.Is(err, onboarding.ErrFetchFirst):
			// Another hub has renewed it: the newer version lies in the deliveries.
			if err := h.fetchNow(ctx); err != nil {
				return onboarding.Secret{}, lasting, err
			}
			if try == 0 {
				continue
			}
			if err := pause(ctx, renewPause); err != nil {
				return onboarding.Secret{}, lasting, err
			}
			continue
		case errors.Is(err, onboarding.ErrBusy):
			if err := pause(ctx, renewPause); err != nil {
				return onboarding.Secret{}, lasting, err
			}
			continue
		case err != nil:
			return onboarding.Secret{}, lasting, fmt.Errorf("renewing the credential of item %s: %w", item.ID, err)
		}
		token := accessToken{a.Access.Secret(), a.Version, a.Expires}
		h.rememberAccess(item.ID, token)
		return h.withNewest(ctx, item, token, k, lasting)
	}
	return onboarding.Secret{}, platform.Credential{}, fmt.Errorf("renewing the credential of item %s: %w", item.ID, onboarding.ErrBusy)
}

// withNewest gives an access token with the credential that it came from, or
// that came with it: that one lies sealed in the deliveries until this computer
// has taken it. Where it does not come, as on a computer that is entitled to it
// no more, it is the older one.
func (h *Hub) withNewest(
	ctx context.Context, item onboarding.Item, token accessToken, k kept, lasting platform.Credential,
) (onboarding.Secret, platform.Credential, error) {
	if token.version <= k.Version {
		return token.secret, lasting, nil
	}
	if err := h.fetchNow(ctx); err != nil {
		return onboarding.Secret{}, lasting, err
	}
	_, newest, err := h.heldCredential(ctx, subjectItem+item.ID)
	if err != nil {
		return onboarding.Secret{}, lasting, err
	}
	return token.secret, newest, nil
}

// fetchNow takes what lies in the deliveries.
func (h *Hub) fetchNow(ctx context.Context) error {
	_, client, err := h.session.Client()
	if err != nil {
		return err
	}
	return h.fetchDeliveries(ctx, client)
}

// withAccess calls an item's platform. A session that the platform has ended
// before its time is renewed once, and the call made again.
func (h *Hub) withAccess(ctx context.Context, item onboarding.Item, call func(access onboarding.Secret, lasting platform.Credential) error) error {
	for renewed := false; ; renewed = true {
		access, lasting, err := h.use(ctx, item)
		if err != nil {
			return err
		}
		err = call(access, lasting)
		var failure *platform.Failure
		if renewed || lasting.Kind != platform.RefreshToken || !errors.As(err, &failure) || failure.What != catalog.SessionEnded {
			return err
		}
		h.dropAccess(item.ID, access)
	}
}

// dropAccess forgets an access token, if it is still the one that is remembered.
func (h *Hub) dropAccess(item string, access onboarding.Secret) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.access[item].secret == access {
		delete(h.access, item)
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hub) remembered(item string) (accessToken, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.access[item]
	if !ok || h.now().Add(accessMargin) >= t.until {
		return accessToken{}, false
	}
	return t, true
}

func (h *Hub) rememberAccess(item string, token accessToken) {
	if token.until == 0 {
		token.until = h.now().Add(accessLife)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.access[item] = token
}

// alone lets one caller at a time renew an item; what it gives lets in the next.
func (h *Hub) alone(item string) func() {
	h.mu.Lock()
	turn := h.renewing[item]
	if turn == nil {
		turn = new(sync.Mutex)
		h.renewing[item] = turn
	}
	h.mu.Unlock()
	turn.Lock()
	return turn.Unlock
}

// forgetAccess drops the access token that came from an older version of a
// credential.
func (h *Hub) forgetAccess(subject string, version int64) {
	item, ok := cut(subject, subjectItem)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.access[item].version < version {
		delete(h.access, item)
	}
}

// connectionCredential gives that of an agency's own user, if this computer has it.
func (h *Hub) connectionCredential(ctx context.Context, connection string) (platform.Credential, error) {
	_, lasting, err := h.heldCredential(ctx, subjectConnection+connection)
	return lasting, err
}

// Credential gives what calls the platform of an item with the client's or the
// agency's own rights. Where this computer has none it is ErrNoDevice, where
// the platform no longer takes it ErrRefused.
func (h *Hub) Credential(ctx context.Context, item string) (access onboarding.Secret, lasting platform.Credential, err error) {
	i, err := readItem(ctx, h.db, item)
	if err != nil {
		return access, lasting, err
	}
	access, lasting, err = h.use(ctx, i)
	if errors.Is(err, errNotHere) {
		return access, lasting, fmt.Errorf("using item %s: its credential is not on this computer: %w", item, onboarding.ErrNoDevice)
	}
	return access, lasting, err
}

// RenewCredential gets a new access token for an item, whether or not the last
// one still works.
func (h *Hub) RenewCredential(ctx context.Context, item string) error {
	h.mu.Lock()
	delete(h.access, item)
	h.mu.Unlock()
	_, _, err := h.Credential(ctx, item)
	return err
}
