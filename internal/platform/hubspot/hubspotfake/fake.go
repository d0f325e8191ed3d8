// Package hubspotfake is the fake HubSpot: its API, its pages and its people.
//
// It imports only the sandbox of this module, so that it tests the driver
// independently.
package hubspotfake

import (
	"net/http"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const platformName = "hubspot"

// Fake is the fake HubSpot.
type Fake struct {
	env *sandbox.Env

	mu    sync.Mutex // guards state
	state *state
}

// New returns a HubSpot in its initial state.
func New(env *sandbox.Env) sandbox.Platform { return &Fake{env: env, state: newState()} }

// Info describes the platform.
func (f *Fake) Info() sandbox.Info {
	return sandbox.Info{
		Name:  platformName,
		Title: "HubSpot",
		App: sandbox.Credentials{
			ID:     "b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945",
			Secret: "71e4a0d8-96b3-4c2f-8e15-d03a7b9f6c24",
		},
		Rules:     sandbox.OAuthRules{HTTPHosts: []string{"localhost"}},
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
