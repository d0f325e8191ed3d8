// Package metafake is the fake Facebook: its API, its pages and its people.
//
// It imports only the sandbox of this module, so that it tests the driver
// independently.
package metafake

import (
	"embed"
	"net/http"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

//go:embed templates
var templates embed.FS

const platformName = "meta"

// Fake is the fake Facebook.
type Fake struct {
	env *sandbox.Env

	mu    sync.Mutex // guards state
	state *state
}

// New returns a Facebook in its initial state.
func New(env *sandbox.Env) sandbox.Platform { return &Fake{env: env, state: newState()} }

// Info describes the platform.
func (f *Fake) Info() sandbox.Info {
	return sandbox.Info{
		Name:      platformName,
		Title:     "Facebook",
		App:       sandbox.Credentials{ID: "1407652894713382", Secret: "5d1f0c9be27a4386b1c4d97e60a3f852"},
		Rules:     sandbox.OAuthRules{HTTPHosts: []string{"localhost"}},
		Inside:    "/settings/partners",
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
