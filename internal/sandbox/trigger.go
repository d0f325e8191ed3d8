package sandbox

import (
	"fmt"
	"slices"
)

// Action is something that happens at a platform without anybody calling it:
// a client takes back a share, an admin approves, a person loses a role.
type Action struct {
	Platform string `json:"platform"`
	Action   string `json:"action"`
	Person   string `json:"person,omitempty"`   // as in Faults: "mina-ito"
	Asset    string `json:"asset,omitempty"`    // "act_…", a Page's id, a portal's id, an account's host
	Business string `json:"business,omitempty"` // a Business Manager's id
}

// ActionSpec is an action that can be posted, and what it needs.
type ActionSpec struct {
	Action string   `json:"action"`
	Says   string   `json:"says"`
	Needs  []string `json:"needs,omitempty"`
	May    []string `json:"may,omitempty"` // narrows it; without it all are meant
}

// Trigger lets an action happen and describes in a sentence what it did. ErrUnknown when
// what it names is not there.
func (w *World) Trigger(a Action) (string, error) {
	e := w.env(a.Platform)
	actions := e.info.Actions
	i := slices.IndexFunc(actions, func(d ActionSpec) bool { return d.Action == a.Action })
	if i < 0 {
		return "", fmt.Errorf("doing %q at %q: %w", a.Action, a.Platform, ErrUnknown)
	}
	given := map[string]string{"person": a.Person, "asset": a.Asset, "business": a.Business}
	for name, value := range given {
		needed, allowed := slices.Contains(actions[i].Needs, name), slices.Contains(actions[i].May, name)
		if needed && value == "" {
			return "", fmt.Errorf("doing %s at %s: %s is required", a.Action, a.Platform, name)
		}
		if value != "" && !needed && !allowed {
			return "", fmt.Errorf("doing %s at %s: it takes no %s", a.Action, a.Platform, name)
		}
	}
	if a.Person != "" && e.NameOf(a.Person) == "" {
		return "", fmt.Errorf("finding %s at %s: %w", a.Person, a.Platform, ErrUnknown)
	}
	return e.platform.Trigger(a)
}
