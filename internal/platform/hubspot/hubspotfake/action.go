package hubspotfake

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func actions() []sandbox.ActionSpec {
	return []sandbox.ActionSpec{
		{Action: "uninstall", Says: "The app is removed from a portal: all its tokens die", Needs: []string{"asset"}},
		{Action: "revoke", Says: "Every token that a person gave is revoked", Needs: []string{"person"}},
		{Action: "expire_access", Says: "Access tokens end now; refresh tokens live on", May: []string{"person"}},
		{Action: "lose_admin", Says: "A person is no longer Super Admin", Needs: []string{"person"}},
		{Action: "gain_admin", Says: "A person becomes Super Admin", Needs: []string{"person"}},
	}
}

// Trigger runs an action.
func (f *Fake) Trigger(a sandbox.Action) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch a.Action {
	case "lose_admin", "gain_admin":
		f.state.people[a.Person].admin = a.Action == "gain_admin"
		return "Done.", nil
	case "uninstall":
		hub, err := strconv.ParseInt(a.Asset, 10, 64)
		if err != nil || f.state.portals[hub] == nil {
			return "", fmt.Errorf("finding portal %s: %w", a.Asset, sandbox.ErrUnknown)
		}
		n := f.endInstalls(func(in *install) bool { return in.portal.id == hub })
		return fmt.Sprintf("%d connections ended.", n), nil
	case "revoke":
		n := f.endInstalls(func(in *install) bool { return in.person == a.Person })
		return fmt.Sprintf("%d connections ended.", n), nil
	}
	n := 0
	for _, token := range f.state.access {
		if (a.Person == "" || token.install.person == a.Person) && token.ends.After(f.env.Now()) {
			token.ends = f.env.Now()
			n++
		}
	}
	return fmt.Sprintf("%d access tokens ended.", n), nil
}

// endInstalls ends the matching connections and returns how many were active.
func (f *Fake) endInstalls(matches func(*install) bool) int {
	n := 0
	for _, token := range f.state.refresh {
		if in := token.install; !in.dead && matches(in) {
			in.dead = true
			n++
		}
	}
	return n
}

// Targets lists the portals.
func (f *Fake) Targets() (assets, businesses []sandbox.Target) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(f.state.portals)) {
		assets = append(assets, sandbox.Target{ID: strconv.FormatInt(id, 10), Name: f.state.portals[id].name})
	}
	return assets, nil
}

// AddClient makes a client's person the Super Admin of its portals.
func (f *Fake) AddClient(key string, c sandbox.Client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	staff := &portalUser{userID: 52000000 + int64(len(f.state.people)), email: c.Email, admin: true}
	_, domain, _ := strings.Cut(c.Email, "@")
	for _, name := range c.Accounts {
		id := 40100000 + int64(len(f.state.portals))*1713
		f.state.portals[id] = &portal{
			id:       id,
			name:     name,
			domain:   domain,
			contacts: contacts("customers." + domain),
			lists:    contactLists(),
		}
		staff.portals = append(staff.portals, id)
	}
	f.state.people[key] = staff
}

// Accounts names a person's portals, as the chooser shows them.
func (f *Fake) Accounts(key string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	person := f.state.people[key]
	if person == nil {
		return nil
	}
	var names []string
	for _, id := range person.portals {
		names = append(names, f.state.portals[id].name)
	}
	slices.Sort(names)
	return names
}

// View lists the app's connections.
type View struct {
	Installs []InstallView `json:"installs"`
}

// InstallView is one connection of the app to a portal.
type InstallView struct {
	Portal int64    `json:"portal"`
	Person string   `json:"person"`
	Scopes []string `json:"scopes"`
	Alive  bool     `json:"alive"`
}

// View lists the app's connections. The caller holds the lock.
func (f *Fake) View() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	view := View{Installs: []InstallView{}}
	seen := map[*install]bool{}
	for _, token := range f.state.refresh {
		if in := token.install; !seen[in] {
			seen[in] = true
			view.Installs = append(view.Installs, InstallView{
				Portal: in.portal.id,
				Person: in.person,
				Scopes: in.scopes,
				Alive:  !in.dead && !token.revoked,
			})
		}
	}
	slices.SortFunc(view.Installs, func(a, b InstallView) int {
		return slices.Compare([]string{
			strconv.FormatInt(a.Portal, 10), a.Person,
		}, []string{strconv.FormatInt(b.Portal, 10), b.Person})
	})
	return view
}
