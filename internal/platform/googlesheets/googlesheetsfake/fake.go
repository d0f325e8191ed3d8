// Package googlesheetsfake is the fake Google: its API, its pages and its people.
//
// It imports only the sandbox of this module, so that it tests the driver
// independently.
package googlesheetsfake

import (
	"embed"
	"net/http"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

//go:embed templates
var templates embed.FS

const platformName = "googlesheets"

// Fake is the fake Google.
type Fake struct {
	env *sandbox.Env

	mu    sync.Mutex // guards state
	state *state
}

// New returns a Google in its initial state.
func New(env *sandbox.Env) sandbox.Platform { return &Fake{env: env, state: newState()} }

// Info describes the platform.
func (f *Fake) Info() sandbox.Info {
	return sandbox.Info{
		Name:  platformName,
		Title: "Google",
		App: sandbox.Credentials{
			ID:     "584219307762-k3v9q1m7pd2s5t8w0x4y6z.apps.googleusercontent.com",
			Secret: "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",
		},
		Rules:     sandbox.OAuthRules{HTTPHosts: []string{"localhost"}},
		Templates: templates,
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
