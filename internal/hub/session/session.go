// Package session holds this computer's identity, its client of the relay's
// API, and whether calls succeed.
//
// It reads no secret but the API token, and stores nothing.
package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// State is the state of this computer's session with its relay.
type State string

// The states. Being offline is no state: see Info.Online.
const (
	NotEnrolled  State = "not_enrolled"
	Enrolled     State = "enrolled"
	EnrolAgain   State = "enrol_again"   // the key or the token is missing; the outbox is kept
	KeychainAway State = "keychain_away" // absent, locked or denied: calls wait until it is available
	UpdateNeeded State = "update_needed" // the relay no longer accepts this version; the outbox is kept
	Suspended    State = "suspended"     // by the relay's operator; the outbox is kept
	Revoked      State = "revoked"       // this computer was removed and has wiped itself
)

// Identity identifies this computer. It holds no secret.
type Identity struct {
	Address   string `json:"address"` // of the relay
	Relay     string `json:"relay"`   // its id
	Agency    string `json:"agency"`
	Member    string `json:"member"`
	Device    string `json:"device"`
	PublicKey string `json:"public_key"`
}

// Config is what a session needs.
type Config struct {
	// Version is what the client names as its wire version.
	Version int
	// Token reads this computer's token; its errors are the keychain's.
	Token func(ctx context.Context, id Identity) (onboarding.Secret, error)
	// Route is how calls leave this computer; nil: directly.
	Route *egress.Route
	// Log gets details for support.
	Log *slog.Logger
	// OnChange is called after the state or the reachability has changed. It
	// must not block.
	OnChange func()
	// OnRevoked is called after the relay has refused this computer for good.
	// It must not block.
	OnRevoked func()
}

// Session is this computer's session with its relay. It is safe for concurrent
// use.
type Session struct {
	config Config

	mu       sync.Mutex // guards the fields below
	id       Identity   // zero: not enrolled
	client   *wire.Client
	state    State
	detail   string // the keychain's detail, or the agency's name
	keychain keychain.Reason
	called   bool          // a call has ended since the start
	obstacle wire.Obstacle // of the last call
}

// Info is a snapshot of a session.
type Info struct {
	Identity Identity
	State    State
	Detail   string          // more about the state, for details to copy
	Keychain keychain.Reason // why it is unavailable; empty: available
	Online   bool            // whether the last call reached the relay
	Obstacle wire.Obstacle   // why it did not; empty: it did, or there was none
}

// New returns the session of a computer that is not enrolled.
func New(config Config) *Session {
	return &Session{config: config, state: NotEnrolled}
}

// Info returns a snapshot.
func (s *Session) Info() Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Info{
		Identity: s.id,
		State:    s.state,
		Detail:   s.detail,
		Keychain: s.keychain,
		Online:   s.online(),
		Obstacle: s.obstacle,
	}
}

// Identity returns this computer's identity; zero: it is not enrolled.
func (s *Session) Identity() Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// Client returns the identity and the connected client. Without one it returns
// ErrUnavailable, or the state's error.
func (s *Session) Client() (Identity, *wire.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return s.id, nil, fmt.Errorf("reaching the relay: this computer is %s: %w", s.state, s.stateError())
	}
	return s.id, s.client, nil
}

// Connected reports whether there is a client and the relay accepts it.
func (s *Session) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client != nil && s.state == Enrolled
}

// Online reports whether this computer is connected and its last call reached
// the relay.
func (s *Session) Online() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client != nil && s.state == Enrolled && s.online()
}

// online reports whether the last call reached the relay. The caller holds the
// mutex.
func (s *Session) online() bool { return s.called && s.obstacle == "" }

// Require connects first if the sync loop has not done so yet.
func (s *Session) Require(ctx context.Context) (*wire.Client, error) {
	_, client, err := s.Client()
	s.mu.Lock()
	soon := s.client == nil && s.state == Enrolled
	s.mu.Unlock()
	if !soon {
		return client, err
	}
	if client, err = s.Connect(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
	}
	return client, nil
}

// Connect returns the client. It creates one with the token from the keychain
// if there is none.
func (s *Session) Connect(ctx context.Context) (*wire.Client, error) {
	s.mu.Lock()
	id, client := s.id, s.client
	s.mu.Unlock()
	if client != nil {
		return client, nil
	}
	token, err := s.config.Token(ctx, id)
	if err != nil {
		s.RecordKeychainError(err)
		return nil, err
	}
	client, err = wire.NewClient(wire.ClientConfig{
		Relay: id.Address, Token: token, Version: s.config.Version, Route: s.config.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("reaching the relay: %w", err)
	}
	s.mu.Lock()
	if s.state == KeychainAway {
		s.state, s.detail, s.keychain = Enrolled, "", keychain.OK
	}
	if s.id == id && s.state != Revoked && s.state != EnrolAgain { // skip if it has enrolled anew meanwhile
		s.client = client
	}
	s.mu.Unlock()
	s.config.OnChange()
	return client, nil
}

// Enrol replaces the identity and drops the client.
func (s *Session) Enrol(id Identity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.client, s.state, s.detail, s.keychain = id, nil, Enrolled, "", keychain.OK
}

// Revoke ends the session for good. It keeps the identity until Forget, for the
// wipe.
func (s *Session) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.client = Revoked, nil
}

// Forget drops the identity of a revoked computer and keeps the agency's name
// as the detail.
func (s *Session) Forget(agency string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.client, s.detail = Identity{}, nil, agency
}

// Leave resets a revoked session to not enrolled.
func (s *Session) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.detail, s.keychain = NotEnrolled, "", keychain.OK
}

// stateError returns why this computer cannot call. The caller holds the mutex.
func (s *Session) stateError() error {
	switch s.state {
	case NotEnrolled, EnrolAgain:
		return onboarding.ErrUnauthenticated
	case Revoked:
		return onboarding.ErrRevoked
	case UpdateNeeded:
		return onboarding.ErrUpdateNeeded
	case Suspended:
		return onboarding.ErrSuspended
	}
	return onboarding.ErrUnavailable
}

// Call makes a call that cannot be queued, connecting first if necessary. It
// records the outcome.
func Call[P, R any](ctx context.Context, s *Session, m wire.Method[P, R], p P) (R, error) {
	client, err := s.Require(ctx)
	if err != nil {
		var none R
		return none, err
	}
	result, err := wire.Call(ctx, client, m, p)
	s.RecordOutcome(ctx, err)
	return result, err
}

// after is the state that follows a call with the given error.
func (s State) after(err error) State {
	switch {
	case s == Revoked || s == NotEnrolled:
		return s
	case errors.Is(err, onboarding.ErrRevoked):
		return Revoked
	case errors.Is(err, onboarding.ErrUnauthenticated):
		return EnrolAgain
	case errors.Is(err, onboarding.ErrUpdateNeeded):
		return UpdateNeeded
	case errors.Is(err, onboarding.ErrSuspended):
		return Suspended
	case err == nil && (s == UpdateNeeded || s == Suspended):
		return Enrolled
	}
	return s
}

// RecordOutcome updates the session state from the result of a call. It ignores
// calls whose context has ended.
func (s *Session) RecordOutcome(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	before, wasOnline, wasObstacle := s.state, s.online(), s.obstacle
	s.called, s.obstacle = true, wire.ObstacleOf(err)
	s.state = before.after(err)
	if s.state == Revoked || s.state == EnrolAgain {
		s.client = nil
	}
	changed := s.state != before || s.online() != wasOnline || s.obstacle != wasObstacle
	revoked := s.state == Revoked && before != Revoked
	s.mu.Unlock()
	if revoked {
		s.config.OnRevoked()
	}
	if changed {
		s.config.OnChange()
	}
}

// RecordKeychainError updates the state after a keychain failure: without its
// key this computer has to enrol again; otherwise it retries.
func (s *Session) RecordKeychainError(err error) {
	s.mu.Lock()
	before, why := s.state, s.keychain
	if errors.Is(err, keychain.ErrNotFound) {
		s.state, s.detail, s.keychain = EnrolAgain, "", keychain.OK
	} else {
		s.state, s.detail, s.keychain = KeychainAway, keychain.Detail(err), keychain.ReasonOf(err)
	}
	s.client = nil
	state, changed := s.state, s.state != before || s.keychain != why
	s.mu.Unlock()
	if changed {
		s.config.Log.Warn("the keychain does not give this computer's key", "state", state, "error", err)
		s.config.OnChange()
	}
}
