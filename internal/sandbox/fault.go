package sandbox

import (
	"fmt"
	"slices"
	"time"
)

// skew is how far a platform's clock is ahead while its fault "clock_skew" is on.
const skew = 10 * time.Minute

type switchKey struct{ platform, fault string }

// Fault is one thing that can be made to go wrong at a platform.
type Fault struct {
	Name      string
	Says      string
	PerPerson bool // it can be switched on for one person alone
}

// TransportFaults are the faults of any platform's line, whoever calls.
func TransportFaults() []Fault {
	return []Fault{
		{"down", "Every call is answered 503 and every page says sorry", false},
		{"slow", "Every answer takes some seconds", false},
		{"malformed", "Answers are cut off in the middle of their JSON", false},
		{"huge", "Answers are 64 MB long", false},
		{"stall", "Calls are accepted and never answered", false},
		{"reset", "The line is cut before an answer", false},
		{"clock_skew", "The platform's clock is ten minutes ahead", false},
		{"throttled", "Too many calls: wait and try later", true},
		{"token_revoked", "Tokens and keys are no longer accepted", true},
	}
}

// SignInFaults are the faults of the way through a platform's sign-in and back.
func SignInFaults() []Fault {
	return []Fault{
		{"scope_unticked", "Allow grants less than was asked", true},
		{"state_changed", "The way back carries another state", true},
		{"code_spent", "The way back carries a code that was used before", true},
	}
}

// SetFault switches a fault of a platform on or off for everybody. Off also
// ends it for single people. ErrUnknown when there is no such fault.
func (w *World) SetFault(platform, fault string, on bool) error {
	return w.SetFaultFor(platform, fault, "", on)
}

// SetFaultFor switches a fault for one person, named as in Faults; an empty
// person is everybody.
func (w *World) SetFaultFor(platform, name, person string, on bool) error {
	e := w.env(platform)
	faults := e.info.Faults
	i := slices.IndexFunc(faults, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return fmt.Errorf("switching %s of %s: %w", name, platform, ErrUnknown)
	}
	if person != "" {
		if !faults[i].PerPerson {
			return fmt.Errorf("switching %s of %s for one person: it is everybody's: %w", name, platform, ErrUnknown)
		}
		if e.NameOf(person) == "" {
			return fmt.Errorf("switching %s of %s for %s: %w", name, platform, person, ErrUnknown)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	key := switchKey{platform, name}
	switch {
	case on && w.switches[key] == nil:
		w.switches[key] = map[string]bool{person: true}
	case on:
		w.switches[key][person] = true
	case person == "":
		delete(w.switches, key)
	default:
		delete(w.switches[key], person)
		if len(w.switches[key]) == 0 {
			delete(w.switches, key)
		}
	}
	return nil
}

// PlatformStatus is one row of the control server's list.
type PlatformStatus struct {
	Platform string       `json:"platform"` // "meta"
	Name     string       `json:"name"`     // "Facebook"
	URL      string       `json:"url"`
	People   []Person     `json:"people"`
	Switches []Switch     `json:"switches"`
	Actions  []ActionSpec `json:"actions"`
}

// Person is somebody who can sign in, or who owns a key.
type Person struct {
	Person string `json:"person"` // "mina-ito"
	Name   string `json:"name"`   // "Mina Ito"
	Says   string `json:"says"`   // "Admin, everything in order"
}

// Switch is one fault and for whom it is on.
type Switch struct {
	Fault  string   `json:"fault"`
	Says   string   `json:"says"`
	On     bool     `json:"on"`               // for everybody
	For    []string `json:"for,omitempty"`    // for these people
	Person bool     `json:"person,omitempty"` // it can be switched for one person
}

// Faults lists platforms, their people, what can be switched and what is on.
func (w *World) Faults() []PlatformStatus {
	var list []PlatformStatus
	for _, e := range w.envs {
		row := PlatformStatus{
			Platform: e.info.Name,
			Name:     e.info.Title,
			URL:      e.server.URL(),
			People:   e.info.People,
			Actions:  e.info.Actions,
		}
		w.mu.Lock()
		for _, f := range e.info.Faults {
			s := Switch{Fault: f.Name, Says: f.Says, Person: f.PerPerson}
			for person := range w.switches[switchKey{e.info.Name, f.Name}] {
				if person == "" {
					s.On = true
				} else {
					s.For = append(s.For, person)
				}
			}
			slices.Sort(s.For)
			row.Switches = append(row.Switches, s)
		}
		w.mu.Unlock()
		list = append(list, row)
	}
	return list
}
