package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// SignIn is a person who is at a platform now, and for whom.
type SignIn struct {
	StateHash     []byte
	Visit         string // a client's, or
	Connection    string // an agency's own
	Platform      onboarding.Platform
	TokenEndpoint string
	Verifier      string
	Extra         string // the wizard's: what the visitor was doing
	Until         onboarding.Timestamp
}

// StartSignIn remembers a sign-in.
func (s *OAuthStates) StartSignIn(ctx context.Context, i SignIn) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO oauth_states (state_hash, visit, connection, platform, token_endpoint, verifier, purpose, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			i.StateHash, i.Visit, i.Connection, i.Platform, i.TokenEndpoint, i.Verifier, i.Extra, i.Until)
		return err
	})
	if err != nil {
		return fmt.Errorf("starting a sign-in: %w", err)
	}
	return nil
}

// TakeSignIn gives a sign-in and forgets it: of two calls one gets it, the
// other ErrNotFound. One that is too old is ErrNotFound too, and gone.
func (s *OAuthStates) TakeSignIn(ctx context.Context, stateHash []byte) (SignIn, error) {
	var i SignIn
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return tx.QueryRowContext(ctx, `DELETE FROM oauth_states WHERE state_hash = $1 RETURNING state_hash, visit, connection, platform, token_endpoint, verifier, purpose, expires_ms`, stateHash).
			Scan(&i.StateHash, &i.Visit, &i.Connection, &i.Platform, &i.TokenEndpoint, &i.Verifier, &i.Extra, &i.Until)
	})
	if err := wrapNotFound(err, "ending a sign-in"); err != nil {
		return SignIn{}, err
	}
	if i.Until <= s.Now() {
		return SignIn{}, fmt.Errorf("ending a sign-in that is too old: %w", onboarding.ErrNotFound)
	}
	return i, nil
}
