package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func hubspotActions() []ActionSpec {
	return []ActionSpec{
		{"uninstall", "The app is removed from a portal: all its tokens die", []string{"asset"}, nil},
		{"revoke", "Every token that a person gave is revoked", []string{"person"}, nil},
		{"expire_access", "Access tokens end now; refresh tokens live on", nil, []string{"person"}},
		{"lose_admin", "A person is no longer Super Admin", []string{"person"}, nil},
		{"gain_admin", "A person becomes Super Admin", []string{"person"}, nil},
	}
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

// hubspotNameable lists the portals.
func (w *World) hubspotNameable() (assets, businesses []Target) {
	for _, id := range slices.Sorted(maps.Keys(w.hubspot.portals)) {
		assets = append(assets, Target{strconv.FormatInt(id, 10), w.hubspot.portals[id].name})
	}
	return assets, nil
}

// hubspotSettle makes a client's person the Super Admin of its portals.
func (w *World) hubspotSettle(key string, c Client) {
	staff := &hubspotPerson{userID: 52000000 + int64(len(w.hubspot.people)), email: c.Email, admin: true}
	_, domain, _ := strings.Cut(c.Email, "@")
	for _, name := range c.Accounts {
		id := 40100000 + int64(len(w.hubspot.portals))*1713
		w.hubspot.portals[id] = &portal{id: id, name: name, domain: domain, contacts: contacts("customers." + domain), lists: contactLists()}
		staff.portals = append(staff.portals, id)
	}
	w.hubspot.people[key] = staff
}

// hubspotPortals names a person's portals, as the chooser shows them.
func (w *World) hubspotPortals(key string) []string {
	person := w.hubspot.people[key]
	if person == nil {
		return nil
	}
	var names []string
	for _, id := range person.portals {
		names = append(names, w.hubspot.portals[id].name)
	}
	slices.Sort(names)
	return names
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

// hubspotView lists the app's connections; the caller has the lock.
func (w *World) hubspotView() HubSpotView {
	view := HubSpotView{Installs: []InstallView{}}
	seen := map[*install]bool{}
	for _, token := range w.hubspot.refresh {
		if in := token.install; !seen[in] {
			seen[in] = true
			view.Installs = append(view.Installs, InstallView{in.portal.id, in.person, in.scopes, !in.dead && !token.revoked})
		}
	}
	slices.SortFunc(view.Installs, func(a, b InstallView) int {
		return slices.Compare([]string{strconv.FormatInt(a.Portal, 10), a.Person}, []string{strconv.FormatInt(b.Portal, 10), b.Person})
	})
	return view
}
