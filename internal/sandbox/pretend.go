package sandbox

import (
	"net/http"
	"time"
)

// pretend is one pretend platform: what the rest of the sandbox knows of it.
type pretend struct {
	name      string            // as the configuration writes it: "meta"
	title     string            // as people know it: "Facebook"
	app       Credentials       // of the one app that is registered there; zero: it has no apps
	settings  map[string]string // what an operator sets for the app beside it, by the setting's name; nil: nothing
	rules     OAuthRules        // of its authorize address
	endpoints func() []Endpoint // every call that its API takes, as documented
	serves    func(*World, *Server) http.Handler
	reset     func(*World) // puts its state back to the start; the caller has the lock

	people  func() []Person // in the order of its sign-in page: they are never added or renamed
	faults  func() []Fault  // in the order of the control page
	actions func() []ActionSpec
	act     func(*World, Action) (string, error) // does one of actions; the caller has the lock

	// nameable lists what an act can be about. nil: nothing is named. The
	// caller has the lock.
	nameable func(*World) (assets, businesses []Target)
	// settle gives a client its accounts. nil: it is no CRM to sign in at. The
	// caller has the lock.
	settle func(w *World, key string, c Client)
	// accounts names what a person has there. nil as settle. The caller has
	// the lock.
	accounts func(w *World, key string) []string
	// keys lists what its accounts are connected by. nil: by a sign-in. The
	// caller has the lock.
	keys func(*World) []Key
}

// signInRules are what platforms' authorize addresses differ in.
type OAuthRules struct {
	HTTPHosts []string // hosts of a plain-http way back; none: https alone
	Challenge ChallengeRule
	CodeLife  time.Duration // how long a code can be exchanged; zero: a minute
}

// challengeRule is what a platform makes of a PKCE challenge.
type ChallengeRule int

// challengeOptional is the zero value: with S256 named, or none at all.
const (
	ChallengeOptional ChallengeRule = iota
	ChallengeNone                   // the parameters are not known
	ChallengeRequired               // there has to be one; the method may be left out
)

// Key is an address and a key, as the owner of an account copies them.
type Key struct {
	URL  string `json:"url"`
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Keys lists addresses and keys that a platform accepts; none where one signs in.
func (w *World) Keys(platform string) []Key {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := find(platform); p.keys != nil {
		return p.keys(w)
	}
	return nil
}

// credentials are a client id and its secret. They are fixed, so that they can
// stand in a configuration file.
type Credentials struct{ ID, Secret string }

// Settings are what an operator sets for the app that is registered at a platform,
// beside its id and secret, by the settings' names.
func (w *World) Settings(platform string) map[string]string { return find(platform).settings }

// find answers the pretend platform of a name; the zero value is none.
func find(platform string) pretend {
	for _, p := range pretends() {
		if p.name == platform {
			return p
		}
	}
	return pretend{title: platform}
}

func app(platform string) Credentials { return find(platform).app }

// title is a platform's name as people know it.
func title(platform string) string { return find(platform).title }

// faultsOf lists what can be switched at a platform.
func faultsOf(platform string) []Fault {
	if p := find(platform); p.faults != nil {
		return p.faults()
	}
	return nil
}

func peopleOf(platform string) []Person {
	if p := find(platform); p.people != nil {
		return p.people()
	}
	return nil
}

func actionsOf(platform string) []ActionSpec {
	if p := find(platform); p.actions != nil {
		return p.actions()
	}
	return nil
}
