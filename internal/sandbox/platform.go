package sandbox

import (
	"io/fs"
	"net/http"
	"time"
)

// Platform is one fake platform. It owns its state and the lock that guards
// it; the world never calls it with a lock of its own held.
type Platform interface {
	// Info describes it. It is asked once and never changes.
	Info() Info

	// Handler serves calls and pages, made by Env.Route. It is asked once.
	Handler() http.Handler

	// Reset puts the state back to the start.
	Reset()

	// Trigger lets one of Info's actions happen, and describes in a sentence
	// what it did. What the action needs has been checked to be there; an
	// asset that does not exist is ErrUnknown.
	Trigger(a Action) (string, error)
}

// Info describes a fake platform to the world.
type Info struct {
	Name      string            // as the configuration writes it: "meta"
	Title     string            // the name in pages: "Facebook"
	App       Credentials       // of the one app that is registered there; zero: it has no apps
	Settings  map[string]string // what an operator sets for the app beside it, by the setting's name
	Rules     OAuthRules        // of its authorize address
	Endpoints []Endpoint        // every call that its API takes, as documented
	People    []Person          // in the order of its sign-in page: they are never added or renamed
	Faults    []Fault           // in the order of the control page
	Actions   []ActionSpec
	Inside    string // the address of what a person has there; empty: nothing is shown
	Templates fs.FS  // pages of its own, beside the shared ones: "templates/*.html"; nil: none
}

// A Platform may have these abilities too.
type (
	// TargetLister lists what an action can be about, for the control page.
	TargetLister interface {
		Targets() (assets, businesses []Target)
	}

	// ClientHolder takes clients of World.AddClient.
	ClientHolder interface {
		// AddClient gives a client its accounts. The person signs in by key.
		AddClient(key string, c Client)

		// Accounts names what a person has there, as its chooser shows them.
		Accounts(key string) []string
	}

	// KeyIssuer is a platform whose accounts are connected by a key.
	KeyIssuer interface {
		Keys() []Key
	}

	// Viewer shows what a platform holds now, for World.State. A view carries
	// no token and no key, and shares nothing with the state.
	Viewer interface {
		View() any
	}
)

// OAuthRules are what platforms' authorize addresses differ in.
type OAuthRules struct {
	HTTPHosts []string // hosts of a plain-http way back; none: https alone
	Challenge ChallengeRule
	CodeLife  time.Duration // how long a code can be exchanged; zero: a minute
}

// ChallengeRule is what a platform makes of a PKCE challenge.
type ChallengeRule int

// ChallengeOptional is the zero value: with S256 named, or none at all.
const (
	ChallengeOptional ChallengeRule = iota
	ChallengeNone                   // the parameters are not known
	ChallengeRequired               // there has to be one; the method may be left out
)

// Credentials are a client id and its secret. They are fixed, so that they can
// stand in a configuration file.
type Credentials struct{ ID, Secret string }

// Target is an asset or a business that an action can be about.
type Target struct{ ID, Name string }

// Key is an address and a key, as the owner of an account copies them.
type Key struct {
	URL  string `json:"url"`
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Keys lists addresses and keys that a platform accepts; none where one signs in.
func (w *World) Keys(platform string) []Key {
	if issuer, ok := w.env(platform).platform.(KeyIssuer); ok {
		return issuer.Keys()
	}
	return nil
}

// Settings are what an operator sets for the app that is registered at a platform,
// beside its id and secret, by the settings' names.
func (w *World) Settings(platform string) map[string]string { return w.env(platform).info.Settings }

// Platform is a platform by its name; nil when there is no such platform.
func (w *World) Platform(name string) Platform { return w.env(name).platform }

// env is what a platform was made with; of a name that is not known, one
// without a platform.
func (w *World) env(platform string) *Env {
	for _, e := range w.envs {
		if e.info.Name == platform {
			return e
		}
	}
	return &Env{world: w, info: Info{Name: platform, Title: platform}}
}
