package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// OAuthStates are the sign-ins under way at platforms.
type OAuthStates struct{ *handle }

// OAuthState is a person who is at a platform now, and for whom.
type OAuthState struct {
	StateHash     []byte
	Visit         string // a client's, or
	Connection    string // an agency's own
	Platform      onboarding.Platform
	TokenEndpoint string
	Verifier      string
	Purpose       string // the wizard's: what the visitor was doing
	Expires       onboarding.Timestamp
}

// Create remembers a sign-in.
func (s *OAuthStates) Create(ctx context.Context, i OAuthState) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO oauth_states (state_hash, visit, connection, platform, token_endpoint, verifier, purpose, expires_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			i.StateHash, i.Visit, i.Connection, i.Platform, i.TokenEndpoint, i.Verifier, i.Purpose, i.Expires)
		return err
	})
	if err != nil {
		return fmt.Errorf("starting a sign-in: %w", err)
	}
	return nil
}

// Take gives a sign-in and forgets it: of two calls one gets it, the
// other ErrNotFound. One that is too old is ErrNotFound too, and gone.
func (s *OAuthStates) Take(ctx context.Context, stateHash []byte) (OAuthState, error) {
	var i OAuthState
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return tx.QueryRowContext(ctx, `
			DELETE FROM oauth_states WHERE state_hash = $1
			RETURNING state_hash, visit, connection, platform, token_endpoint, verifier, purpose, expires_ms`, stateHash).
			Scan(&i.StateHash, &i.Visit, &i.Connection, &i.Platform, &i.TokenEndpoint, &i.Verifier, &i.Purpose, &i.Expires)
	})
	if err := wrapNotFound(err, "ending a sign-in"); err != nil {
		return OAuthState{}, err
	}
	if i.Expires <= s.timestamp() {
		return OAuthState{}, fmt.Errorf("ending a sign-in that is too old: %w", onboarding.ErrNotFound)
	}
	return i, nil
}

// Peek gives a sign-in that nobody came back from yet, and leaves it.
func (s *OAuthStates) Peek(ctx context.Context, stateHash []byte) (OAuthState, error) {
	i := OAuthState{StateHash: stateHash}
	err := s.db.QueryRowContext(ctx, `
		SELECT visit, connection, platform, purpose, expires_ms FROM oauth_states
		WHERE state_hash = $1 AND expires_ms > $2`, stateHash, s.timestamp()).
		Scan(&i.Visit, &i.Connection, &i.Platform, &i.Purpose, &i.Expires)
	return i, wrapNotFound(err, "finding a sign-in")
}
