package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// OAuthStates are the sign-ins under way at platforms.
type OAuthStates struct{ *handle }

// OAuthState is a sign-in under way at a platform.
type OAuthState struct {
	StateHash  []byte
	Visit      string // a client's, or
	Connection string // an agency's own
	Platform   onboarding.Platform
	Purpose    string // the wizard's: what the visitor signs in for
	Expires    onboarding.Timestamp

	mac []byte
}

const oauthStateColumns = `state_hash, visit, connection, platform, purpose, expires_ms, mac`

func scanOAuthState(row scanner) (OAuthState, error) {
	var state OAuthState
	err := row.Scan(
		&state.StateHash, &state.Visit, &state.Connection, &state.Platform, &state.Purpose, &state.Expires, &state.mac,
	)
	return state, err
}

func (s *OAuthStates) verify(state OAuthState) error {
	return verifyRow(s.signer, state.mac, "oauth_states", "a sign-in", oauthStateColumnsSigned(state))
}

// maxOAuthStates bounds the open sign-ins of one visit, and of one Connection.
const maxOAuthStates = 20

// Create stores a sign-in. Of the same visit or Connection the newest maxOAuthStates
// stay.
func (s *OAuthStates) Create(ctx context.Context, state OAuthState) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			DELETE FROM oauth_states WHERE state_hash IN (
				SELECT state_hash FROM oauth_states WHERE visit = $1 AND connection = $2
				ORDER BY expires_ms DESC, state_hash LIMIT $3 OFFSET $4)`,
			state.Visit, state.Connection, maxOAuthStates, maxOAuthStates-1); err != nil {
			return err
		}
		return execNamed(ctx, tx, `
			INSERT INTO oauth_states (state_hash, visit, connection, platform, purpose, expires_ms, mac)
			VALUES (@state_hash, @visit, @connection, @platform, @purpose, @expires, @mac)`, named{
			"state_hash": state.StateHash,
			"visit":      state.Visit,
			"connection": state.Connection,
			"platform":   state.Platform,
			"purpose":    state.Purpose,
			"expires":    state.Expires,
			"mac":        s.signer.SignRow("oauth_states", oauthStateColumnsSigned(state)...),
		})
	})
	if err != nil {
		return fmt.Errorf("starting a sign-in: %w", err)
	}
	return nil
}

// Take deletes a sign-in and returns it: of two calls one gets it, the other
// ErrNotFound. An expired one is deleted and is ErrNotFound too, one that is not as the
// relay wrote it is ErrTampered.
func (s *OAuthStates) Take(ctx context.Context, stateHash []byte) (OAuthState, error) {
	var state OAuthState
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) (err error) {
		state, err = scanOAuthState(tx.QueryRowContext(ctx, `
			DELETE FROM oauth_states WHERE state_hash = $1 RETURNING `+oauthStateColumns, stateHash))
		return err
	})
	if err := wrapNotFound(err, "ending a sign-in"); err != nil {
		return OAuthState{}, err
	}
	if err := s.verify(state); err != nil {
		return OAuthState{}, err
	}
	if state.Expires <= s.timestamp() {
		return OAuthState{}, fmt.Errorf("ending a sign-in that is too old: %w", onboarding.ErrNotFound)
	}
	return state, nil
}

// Peek returns an open sign-in, without deleting it.
func (s *OAuthStates) Peek(ctx context.Context, stateHash []byte) (OAuthState, error) {
	state, err := scanOAuthState(s.db.QueryRowContext(ctx, `
		SELECT `+oauthStateColumns+` FROM oauth_states WHERE state_hash = $1 AND expires_ms > $2`,
		stateHash, s.timestamp()))
	if err := wrapNotFound(err, "finding a sign-in"); err != nil {
		return OAuthState{}, err
	}
	return state, s.verify(state)
}

// IsOpen reports whether a visit has an open sign-in at a platform.
func (s *OAuthStates) IsOpen(ctx context.Context, visit string, of onboarding.Platform) (bool, error) {
	var open bool
	err := s.db.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM oauth_states WHERE visit = $1 AND platform = $2 AND expires_ms > $3)`,
		visit, of, s.timestamp()).Scan(&open)
	if err != nil {
		return false, fmt.Errorf("looking for an open sign-in: %w", err)
	}
	return open, nil
}
