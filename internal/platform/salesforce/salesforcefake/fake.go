// Package salesforcefake is the fake Salesforce: its API, its pages and its people.
//
// It imports only the sandbox of this module, so that it tests the driver
// independently.
package salesforcefake

import (
	"net/http"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const platformName = "salesforce"

// Fake is the fake Salesforce.
type Fake struct {
	env *sandbox.Env

	mu    sync.Mutex // guards state
	state *state
}

// New returns a Salesforce in its initial state.
func New(env *sandbox.Env) sandbox.Platform { return &Fake{env: env, state: newState()} }

// Info describes the platform.
func (f *Fake) Info() sandbox.Info {
	return sandbox.Info{
		Name:  platformName,
		Title: "Salesforce",
		App: sandbox.Credentials{
			ID:     "3MVG9pHRjzOBdkd9vQ2sLm7XcTa4Ry1KfWn8JeUo6GzBhDi5PqAx",
			Secret: "8C21F4A97B0D5E36C8F1A2B49D7E60358FA1C2D4E6B7908153AC7E9D2F4B6081",
		},
		Settings: map[string]string{"INSTALL_URL": packageLink()},
		Rules: sandbox.OAuthRules{
			HTTPHosts: []string{"localhost"},
			Challenge: sandbox.ChallengeRequired,
			CodeLife:  15 * time.Minute,
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
