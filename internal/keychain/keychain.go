// Package keychain is where this computer keeps its secrets: the system's
// keychain (package system), or memory, for the demo.
//
// It never writes a secret into a file: where there is no keychain there is an
// error that says so.
package keychain

import (
	"context"
	"errors"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// What can be wrong with a keychain. Explain says what the system answered.
var (
	ErrNotFound = errors.New("not in the keychain")
	ErrAbsent   = errors.New("this system has no keychain that answers")
	ErrLocked   = errors.New("the keychain is locked")
	ErrDenied   = errors.New("the keychain refuses this program")
	ErrTimeout  = errors.New("the keychain does not answer in time")
)

// Keychain keeps secrets by name. Names are printable ASCII.
type Keychain interface {
	// Get gives a secret, or ErrNotFound.
	Get(ctx context.Context, name string) (onboarding.Secret, error)
	// Set keeps a secret in place of the older one. After a stop in the middle
	// the older one or the new one is there, never a mixture.
	Set(ctx context.Context, name string, secret onboarding.Secret) error
	// Delete removes a secret, or gives ErrNotFound.
	Delete(ctx context.Context, name string) error
}

// WithDetail is the error means, one of those above, with what the system answered.
func WithDetail(means error, said string) error { return &detailError{means, said} }

// detailError keeps what the system answered beside what it means.
type detailError struct {
	sentinel error
	detail   string
}

func (e *detailError) Error() string { return e.sentinel.Error() + ": " + e.detail }
func (e *detailError) Unwrap() error { return e.sentinel }

// Detail is what the system answered, in its own words, for the details that
// a person can copy. It holds no secret and no name.
func Detail(err error) string {
	var said *detailError
	if errors.As(err, &said) {
		return said.detail
	}
	return ""
}

// Reason says in a word why a keychain does not open.
type Reason string

// Why it does not open. Each has a sentence in the screens' words.
const (
	Absent   Reason = "absent"
	Locked   Reason = "locked"
	Denied   Reason = "denied"
	TimedOut Reason = "timeout" // it does not answer in time
	OK       Reason = ""        // it is not the keychain that failed
)

// ReasonOf gives the reason behind an error.
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

// Memory keeps secrets until the program ends.
type Memory struct {
	mu      sync.Mutex
	secrets map[string]onboarding.Secret
}

// NewMemory is empty.
func NewMemory() *Memory { return &Memory{secrets: map[string]onboarding.Secret{}} }

// Get gives a secret, or ErrNotFound.
func (m *Memory) Get(_ context.Context, name string) (onboarding.Secret, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	secret, ok := m.secrets[name]
	if !ok {
		return onboarding.Secret{}, ErrNotFound
	}
	return secret, nil
}

// Set keeps a secret.
func (m *Memory) Set(_ context.Context, name string, secret onboarding.Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[name] = secret
	return nil
}

// Delete removes a secret, or gives ErrNotFound.
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.secrets[name]; !ok {
		return ErrNotFound
	}
	delete(m.secrets, name)
	return nil
}
