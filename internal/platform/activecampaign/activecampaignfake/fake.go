// Package activecampaignfake is the fake ActiveCampaign: its API, its pages and its people.
//
// It imports nothing of ours but the sandbox, so that it stays an independent
// witness of what the driver does.
package activecampaignfake

import (
	"net/http"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const platformName = "activecampaign"

// Fake is the fake ActiveCampaign.
type Fake struct {
	env *sandbox.Env

	mu    sync.Mutex // guards state
	state *state
}

// New makes a ActiveCampaign as at the start.
func New(env *sandbox.Env) sandbox.Platform { return &Fake{env: env, state: newState()} }

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

// Reset puts the state back to the start.
func (f *Fake) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = newState()
}

// serve serves what respond returns, with the state locked meanwhile.
func (f *Fake) serve(respond func(*http.Request) sandbox.Response) http.HandlerFunc {
	return f.env.Serve(&f.mu, respond)
}
