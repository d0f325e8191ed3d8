// Package activecampaignfake is the fake ActiveCampaign: its API, its pages and its people.
//
// It imports only the sandbox of this module, so that it tests the driver
// independently.
package activecampaignfake

import (
	"net/http"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const platformName = "activecampaign"

// Fake is the fake ActiveCampaign.
type Fake struct {
	env *sandbox.Env
	now func() time.Time // for the rate limit: real time, since callers wait

	mu    sync.Mutex // guards state
	state *state
}

// New returns a ActiveCampaign in its initial state.
func New(env *sandbox.Env) sandbox.Platform { return &Fake{env: env, now: time.Now, state: newState()} }

// Info describes the platform.
func (f *Fake) Info() sandbox.Info {
	return sandbox.Info{
		Name:      platformName,
		Title:     "ActiveCampaign",
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
