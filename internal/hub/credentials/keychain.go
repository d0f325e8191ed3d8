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
	names, err := replica.ReadTexts(ctx, c.config.Replica.DB(), `
		SELECT name FROM credentials WHERE delete_after_ms = 0 AND version > 0`)
	if err != nil {
		return 0, err
	}
	held := 0
	for _, name := range names {
		_, err := c.secret.credential(ctx, name)
		switch {
		case err == nil:
			held++
		case !errors.Is(err, keychain.ErrNotFound):
			return held, err
		}
	}
	return held, nil
}
