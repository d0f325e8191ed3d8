// Package session holds who this computer is for its relay, its client of the
// relay's API, and whether calls get through.
//
// It reads no secret but the token that it sends, and stores nothing.
package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// State is where this computer stands with its relay.
type State string

// The states. Offline is none of them: see Info.Online.
const (
	NotEnrolled  State = "not_enrolled"
	Enrolled     State = "enrolled"
	EnrolAgain   State = "enrol_again"   // the key or the token is gone; what waits is kept
	KeychainAway State = "keychain_away" // absent, locked or denied: nothing is sent until it is back
	UpdateNeeded State = "update_needed" // the relay no longer accepts this version; what waits is kept
	Suspended    State = "suspended"     // by the relay's operator; what waits is kept
	Revoked      State = "revoked"       // this computer was removed and has wiped itself
)

// Identity is who this computer is. It holds no secret.
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
	// Log gets what the user need not read.
	Log *slog.Logger
	// OnChange is called after the state or the reachability has changed. It
	// must not wait.
	OnChange func()
	// OnRevoked is called after the relay has refused this computer for good.
	// It must not wait.
	OnRevoked func()
}

// Session is this computer's session with its relay. All of its methods may be
// called concurrently.
type Session struct {
	config Config

	mu       sync.Mutex // guards what follows
	id       Identity   // zero: not enrolled
	client   *wire.Client
	state    State
	detail   string // more about the state: a sentence of the keychain's or the agency's name
	keychain keychain.Reason
	online   bool
}

// Info is a snapshot of a session.
type Info struct {
	Identity Identity
	State    State
	Detail   string          // more about the state, for details to copy
	Keychain keychain.Reason // why it does not open; empty: it does
	Online   bool            // the newest call reached the relay
}

// New makes a session of a computer that is not enrolled.
func New(config Config) *Session {
	return &Session{config: config, state: NotEnrolled}
}

// Info returns where this computer stands.
func (s *Session) Info() Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Info{
		Identity: s.id,
		State:    s.state,
		Detail:   s.detail,
		Keychain: s.keychain,
		Online:   s.online,
	}
}

// Identity returns who this computer is; zero: it is not enrolled.
func (s *Session) Identity() Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// Client returns the identity and the client that is connected. Without one it
// is ErrUnavailable, or what keeps this computer from calling.
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

// Online reports whether this computer is connected and its newest call
// reached the relay.
func (s *Session) Online() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client != nil && s.state == Enrolled && s.online
}

// Require is Client for a caller that waits for the result: just after a start
// or an enrolment it reads the token itself.
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

// Connect returns the client, and makes it with the token from the keychain
// when there is none.
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
	client, err = wire.NewClient(wire.ClientConfig{Relay: id.Address, Token: token, Version: s.config.Version})
	if err != nil {
		return nil, fmt.Errorf("reaching the relay: %w", err)
	}
	s.mu.Lock()
	if s.state == KeychainAway {
		s.state, s.detail, s.keychain = Enrolled, "", keychain.OK
	}
	if s.id == id && s.state != Revoked && s.state != EnrolAgain { // it may have enrolled anew meanwhile
		s.client = client
	}
	s.mu.Unlock()
	s.config.OnChange()
	return client, nil
}

// Enrol makes this computer another one: it connects anew.
func (s *Session) Enrol(id Identity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.client, s.state, s.detail, s.keychain = id, nil, Enrolled, "", keychain.OK
}

// Revoke ends the session for good. The identity stays until Forget: a wipe
// needs it.
func (s *Session) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.client = Revoked, nil
}

// Forget drops the identity of a revoked computer. The agency's name stays, as
// the detail.
func (s *Session) Forget(agency string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.client, s.detail = Identity{}, nil, agency
}

// Leave makes a revoked computer one that is not enrolled.
func (s *Session) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.detail, s.keychain = NotEnrolled, "", keychain.OK
}

// stateError is why this computer does not call. The caller holds the mutex.
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

// Call calls a method for a caller that waits for the result: what cannot be
// prepared offline. It records the outcome.
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

// RecordOutcome keeps what the outcome of a call says about this computer and
// its relay. The outcome of a call whose context has ended says nothing.
func (s *Session) RecordOutcome(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	before, wasOnline := s.state, s.online
	var reference *wire.ReferenceError
	s.online = !errors.Is(err, onboarding.ErrUnavailable) || errors.As(err, &reference)
	if s.state != Revoked && s.state != NotEnrolled {
		switch {
		case errors.Is(err, onboarding.ErrRevoked):
			s.state, s.client = Revoked, nil
		case errors.Is(err, onboarding.ErrUnauthenticated):
			s.state, s.client = EnrolAgain, nil
		case errors.Is(err, onboarding.ErrUpdateNeeded):
			s.state = UpdateNeeded
		case errors.Is(err, onboarding.ErrSuspended):
			s.state = Suspended
		case err == nil && (s.state == UpdateNeeded || s.state == Suspended):
			s.state = Enrolled
		}
	}
	changed := s.state != before || s.online != wasOnline
	revoked := s.state == Revoked && before != Revoked
	s.mu.Unlock()
	if revoked {
		s.config.OnRevoked()
	}
	if changed {
		s.config.OnChange()
	}
}

// RecordKeychainError keeps what a failure of the keychain means for this
// computer: without its key it has to enrol again, else it waits.
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
