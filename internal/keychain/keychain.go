// Package keychain stores this computer's secrets: in the system's keychain
// (package system), or in memory, for the demo.
//
// It never writes a secret to a file: without a keychain it returns an error.
package keychain

import (
	"context"
	"errors"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The errors of a keychain. Detail returns the system's own message.
var (
	ErrNotFound = errors.New("not in the keychain")
	ErrAbsent   = errors.New("this system has no keychain that answers")
	ErrLocked   = errors.New("the keychain is locked")
	ErrDenied   = errors.New("the keychain refuses this program")
	ErrTimeout  = errors.New("the keychain does not answer in time")
)

// Keychain stores secrets by name. Names are printable ASCII.
type Keychain interface {
	// Get returns a secret, or ErrNotFound.
	Get(ctx context.Context, name string) (onboarding.Secret, error)
	// Set stores a secret and replaces an older one. A crash leaves either of
	// the two, never a mixture.
	Set(ctx context.Context, name string, secret onboarding.Secret) error
	// Delete removes a secret. A missing one is ErrNotFound.
	Delete(ctx context.Context, name string) error
}

// WithDetail wraps a sentinel error with the operating system's text.
func WithDetail(means error, said string) error { return &detailError{means, said} }

// detailError is a sentinel error with the system's message.
type detailError struct {
	sentinel error
	detail   string
}

func (e *detailError) Error() string { return e.sentinel.Error() + ": " + e.detail }
func (e *detailError) Unwrap() error { return e.sentinel }

// Detail returns the system's message, for the details that the user can copy.
// It contains no secret and no name.
func Detail(err error) string {
	var said *detailError
	if errors.As(err, &said) {
		return said.detail
	}
	return ""
}

// Reason is why a keychain is unavailable. The screens have a sentence for
// each.
type Reason string

const (
	Absent   Reason = "absent"
	Locked   Reason = "locked"
	Denied   Reason = "denied"
	TimedOut Reason = "timeout" // no reply in time
	OK       Reason = ""        // the keychain is not the cause
)

// ReasonOf returns the reason of an error.
func ReasonOf(err error) Reason {
	switch {
	case errors.Is(err, ErrAbsent):
		return Absent
	case errors.Is(err, ErrLocked):
		return Locked
	case errors.Is(err, ErrDenied):
		return Denied
	case errors.Is(err, ErrTimeout):
		return TimedOut
	}
	return OK
}

// Memory is a Keychain in memory.
type Memory struct {
	mu      sync.Mutex
	secrets map[string]onboarding.Secret
}

func NewMemory() *Memory { return &Memory{secrets: map[string]onboarding.Secret{}} }

// Get returns a secret, or ErrNotFound.
func (m *Memory) Get(_ context.Context, name string) (onboarding.Secret, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	secret, ok := m.secrets[name]
	if !ok {
		return onboarding.Secret{}, ErrNotFound
	}
	return secret, nil
}

// Set stores a secret.
func (m *Memory) Set(_ context.Context, name string, secret onboarding.Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[name] = secret
	return nil
}

// Delete removes a secret. A missing one is ErrNotFound.
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.secrets[name]; !ok {
		return ErrNotFound
	}
	delete(m.secrets, name)
	return nil
}
