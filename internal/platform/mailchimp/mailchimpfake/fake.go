// Package mailchimpfake is the fake Mailchimp: its API, its pages and its people.
//
// It imports only the sandbox of this module, so that it tests the driver
// independently.
package mailchimpfake

import (
	"net/http"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const platformName = "mailchimp"

// Fake is the fake Mailchimp.
type Fake struct {
	env *sandbox.Env

	mu    sync.Mutex // guards state
	state *state
}

// New returns a Mailchimp in its initial state.
func New(env *sandbox.Env) sandbox.Platform { return &Fake{env: env, state: newState()} }

// Info describes the platform.
func (f *Fake) Info() sandbox.Info {
	return sandbox.Info{
		Name:  platformName,
		Title: "Mailchimp",
		App:   sandbox.Credentials{ID: "318204771956", Secret: "b41f7c09e6d85a2378ce01f4d9ab6e5270c3f81d94be62a05d"},
		// The guide recommends https and accepts both names of loopback.
		Rules: sandbox.OAuthRules{
			HTTPHosts: []string{"127.0.0.1", "localhost"},
			Challenge: sandbox.ChallengeNone,
		},
		Endpoints: endpoints(),
		People:    people(),
		Faults:    faults(),
		Actions:   actions(),
	}
}

// Reset restores the initial state.
func (f *Fake) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = newState()
}

// serve calls respond with the state locked.
func (f *Fake) serve(respond func(*http.Request) sandbox.Response) http.HandlerFunc {
	return f.env.Serve(&f.mu, respond)
}
