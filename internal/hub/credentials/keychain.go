package credentials

import (
	"context"
	"errors"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
)

// KeychainHeld counts the credentials on this computer. It fails if the
// keychain is unavailable.
func (c *Credentials) KeychainHeld(ctx context.Context) (int, error) {
	stored, err := replica.ReadStoredCredentials(ctx, c.config.Replica.DB())
	if err != nil {
		return 0, err
	}
	held := 0
	for _, entry := range stored {
		_, err := c.secret.credential(ctx, entry.Name)
		switch {
		case err == nil:
			held++
		case !errors.Is(err, keychain.ErrNotFound):
			return held, err
		}
	}
	return held, nil
}
