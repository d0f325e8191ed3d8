package hubtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// Credential returns the credential that calls an item's platform with the
// client's or the agency's rights. A missing one is ErrNoDevice, one that the
// platform no longer accepts ErrPlatformRefused.
func Credential(
	ctx context.Context, h *hub.Hub, item string,
) (access onboarding.Secret, lasting platform.Credential, err error) {
	i, err := replica.ReadItem(ctx, h.Replica.DB(), item)
	if err != nil {
		return access, lasting, err
	}
	access, lasting, err = h.Credentials.TokenFor(ctx, i)
	if errors.Is(err, credentials.ErrNoCredential) {
		return access, lasting, fmt.Errorf(
			"using item %s: its credential is not on this computer: %w", item, onboarding.ErrNoDevice,
		)
	}
	return access, lasting, err
}

// CountCredentials counts the credentials on a hub's computer. It fails if the
// keychain is unavailable.
func CountCredentials(ctx context.Context, h *hub.Hub) (int, error) {
	stored, err := replica.ReadStoredCredentials(ctx, h.Replica.DB())
	if err != nil {
		return 0, err
	}
	count := 0
	for _, entry := range stored {
		has, err := h.Credentials.Has(ctx, entry.Subject)
		if err != nil {
			return count, err
		}
		if has {
			count++
		}
	}
	return count, nil
}
