package credentials

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

const (
	// renewTries bounds the retries while another hub renews or a newer version
	// is delivered.
	renewTries = 8
	renewPause = 500 * time.Millisecond
)

// TokenFor returns what calls an item's platform: an access token, renewed
// through the relay when needed, or the lasting secret itself. The lasting
// credential is never older than the access token. A credential that the
// platform no longer accepts is ErrPlatformRefused, with a *wire.RefusedError
// if the relay has the reason; one that is not on this computer is
// ErrNoCredential.
func (c *Credentials) TokenFor(
	ctx context.Context, item onboarding.Item,
) (onboarding.Secret, platform.Credential, error) {
	defer c.tokens.lock(item.ID)()
	for try := range renewTries {
		stored, credential, err := c.storedCredential(ctx, replica.SubjectItem+item.ID)
		if err != nil {
			return onboarding.Secret{}, credential, err
		}
		if credential.Kind != platform.RefreshToken {
			return credential.Secret, credential, nil
		}
		if token, ok := c.tokens.get(item.ID); ok {
			return c.withNewest(ctx, item, token, stored, credential)
		}
		result, err := session.Call(ctx, c.config.Session, wire.RenewCredential, wire.RenewCredentialParams{
			Item: item.ID, Version: stored.Version, Refresh: wire.NewSecretText(credential.Secret), Proof: credential.Proof,
			Address: credential.Address, Ending: item.Withdrawn != 0,
		})
		switch {
		case errors.Is(err, onboarding.ErrStaleVersion):
			// Another hub has renewed it: fetch the newer version.
			if err := c.fetchNow(ctx); err != nil {
				return onboarding.Secret{}, credential, err
			}
			if try == 0 {
				continue
			}
			if err := pause(ctx, renewPause); err != nil {
				return onboarding.Secret{}, credential, err
			}
			continue
		case errors.Is(err, onboarding.ErrBusy):
			if err := pause(ctx, renewPause); err != nil {
				return onboarding.Secret{}, credential, err
			}
			continue
		case err != nil:
			return onboarding.Secret{}, credential, fmt.Errorf("renewing the credential of item %s: %w", item.ID, err)
		}
		token := cachedToken{secret: result.Access.Secret(), version: result.Version, until: result.Expires}
		c.tokens.put(item.ID, token)
		return c.withNewest(ctx, item, token, stored, credential)
	}
	return onboarding.Secret{}, platform.Credential{}, fmt.Errorf(
		"renewing the credential of item %s: %w", item.ID, onboarding.ErrBusy,
	)
}

// withNewest returns an access token with the credential version that it
// belongs to, which may still be a delivery. If none arrives, because this
// device is no longer entitled, it returns the older credential.
func (c *Credentials) withNewest(
	ctx context.Context, item onboarding.Item, token cachedToken, k storedCredential, credential platform.Credential,
) (onboarding.Secret, platform.Credential, error) {
	if token.version <= k.Version {
		return token.secret, credential, nil
	}
	if err := c.fetchNow(ctx); err != nil {
		return onboarding.Secret{}, credential, err
	}
	_, newest, err := c.storedCredential(ctx, replica.SubjectItem+item.ID)
	if err != nil {
		return onboarding.Secret{}, credential, err
	}
	return token.secret, newest, nil
}

// fetchNow fetches pending deliveries.
func (c *Credentials) fetchNow(ctx context.Context) error {
	_, client, err := c.config.Session.Client()
	if err != nil {
		return err
	}
	return c.Fetch(ctx, client)
}

// WithAccess calls an item's platform. If the platform has ended the session
// early, it renews once and repeats the call.
func (c *Credentials) WithAccess(
	ctx context.Context, item onboarding.Item, call func(access onboarding.Secret, credential platform.Credential) error,
) error {
	for renewed := false; ; renewed = true {
		access, credential, err := c.TokenFor(ctx, item)
		if err != nil {
			return err
		}
		err = call(access, credential)
		var failure *platform.Failure
		if renewed || credential.Kind != platform.RefreshToken || !errors.As(err, &failure) ||
			failure.Code != catalog.SessionEnded {
			return err
		}
		c.tokens.dropSecret(item.ID, access)
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

// ConnectionCredential returns the credential of a platform user of the agency,
// if this computer has it.
func (c *Credentials) ConnectionCredential(ctx context.Context, connection string) (platform.Credential, error) {
	_, credential, err := c.storedCredential(ctx, replica.SubjectConnection+connection)
	return credential, err
}

// Has reports whether this computer has the credential of a subject.
func (c *Credentials) Has(ctx context.Context, subject string) (bool, error) {
	_, _, err := c.storedCredential(ctx, subject)
	if errors.Is(err, ErrNoCredential) {
		return false, nil
	}
	return err == nil, err
}
