package sandbox

import (
	"fmt"
	"slices"
	"strconv"
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

// Doable is an action that can be posted, and what it needs.
type Doable struct {
	Action string   `json:"action"`
	Says   string   `json:"says"`
	Needs  []string `json:"needs,omitempty"`
	May    []string `json:"may,omitempty"` // narrows it; without it all are meant
}

func actionsOf(platform string) []Doable {
	switch platform {
	case platformMeta:
		return metaActions()
	case platformHubSpot:
		return []Doable{
			{"uninstall", "The app is removed from a portal: all its tokens die", []string{"asset"}, nil},
			{"revoke", "Every token that a person gave is revoked", []string{"person"}, nil},
			{"expire_access", "Access tokens end now; refresh tokens live on", nil, []string{"person"}},
			{"lose_admin", "A person is no longer Super Admin", []string{"person"}, nil},
			{"gain_admin", "A person becomes Super Admin", []string{"person"}, nil},
		}
	case platformActiveCampaign:
		return []Doable{
			{"revoke", "A person's key is no longer accepted", []string{"person"}, nil},
			{"restore", "A person's key is accepted again", []string{"person"}, nil},
		}
	}
	return nil
}

// Act lets an action happen and says in a sentence what it did. ErrUnknown when
// what it names is not there.
func (w *World) Act(a Action) (string, error) {
	actions := actionsOf(a.Platform)
	i := slices.IndexFunc(actions, func(d Doable) bool { return d.Action == a.Action })
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
	if a.Person != "" && nameOf(a.Platform, a.Person) == "" {
		return "", fmt.Errorf("finding %s at %s: %w", a.Person, a.Platform, ErrUnknown)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch a.Platform {
	case platformMeta:
		return w.metaAct(a)
	case platformHubSpot:
		return w.hubspotAct(a)
	}
	return w.campaignAct(a)
}

func (w *World) hubspotAct(a Action) (string, error) {
	switch a.Action {
	case "lose_admin", "gain_admin":
		w.hubspot.people[a.Person].admin = a.Action == "gain_admin"
		return "Done.", nil
	case "uninstall":
		hub, err := strconv.ParseInt(a.Asset, 10, 64)
		if err != nil || w.hubspot.portals[hub] == nil {
			return "", fmt.Errorf("finding portal %s: %w", a.Asset, ErrUnknown)
		}
		n := w.endInstalls(func(in *install) bool { return in.portal.id == hub })
		return fmt.Sprintf("%d connections ended.", n), nil
	case "revoke":
		n := w.endInstalls(func(in *install) bool { return in.person == a.Person })
		return fmt.Sprintf("%d connections ended.", n), nil
	}
	n := 0
	for _, token := range w.hubspot.access {
		if (a.Person == "" || token.install.person == a.Person) && token.ends.After(w.now()) {
			token.ends = w.now()
			n++
		}
	}
	return fmt.Sprintf("%d access tokens ended.", n), nil
}

// endInstalls kills the connections that match; it counts those that were alive.
func (w *World) endInstalls(matches func(*install) bool) int {
	n := 0
	for _, token := range w.hubspot.refresh {
		if in := token.install; !in.dead && matches(in) {
			in.dead = true
			n++
		}
	}
	return n
}

func (w *World) campaignAct(a Action) (string, error) {
	for _, account := range w.campaign.accounts {
		for i := range account.keys {
			if account.keys[i].person == a.Person {
				account.keys[i].revoked = a.Action == "revoke"
			}
		}
	}
	return "Done.", nil
}

// State is what the platforms hold now, for a test or a page to look at. It
// carries no token and no key.
type State struct {
	Meta    MetaView    `json:"meta"`
	HubSpot HubSpotView `json:"hubspot"`
}

// HubSpotView lists the app's connections.
type HubSpotView struct {
	Installs []InstallView `json:"installs"`
}

// InstallView is one connection of the app to a portal.
type InstallView struct {
	Portal int64    `json:"portal"`
	Person string   `json:"person"`
	Scopes []string `json:"scopes"`
	Alive  bool     `json:"alive"`
}

// State answers what the platforms hold now.
func (w *World) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := State{Meta: w.metaView(), HubSpot: HubSpotView{Installs: []InstallView{}}}
	seen := map[*install]bool{}
	for _, token := range w.hubspot.refresh {
		if in := token.install; !seen[in] {
			seen[in] = true
			s.HubSpot.Installs = append(s.HubSpot.Installs, InstallView{in.portal.id, in.person, in.scopes, !in.dead && !token.revoked})
		}
	}
	slices.SortFunc(s.HubSpot.Installs, func(a, b InstallView) int {
		return slices.Compare([]string{strconv.FormatInt(a.Portal, 10), a.Person}, []string{strconv.FormatInt(b.Portal, 10), b.Person})
	})
	return s
}
