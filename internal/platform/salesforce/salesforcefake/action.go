package salesforcefake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func actions() []sandbox.ActionSpec {
	return []sandbox.ActionSpec{
		{Action: "install", Says: "An admin installs the app in an organisation", Needs: []string{"asset"}},
		{
			Action: "uninstall",
			Says:   "An admin uninstalls the app: every token of the organisation dies",
			Needs:  []string{"asset"},
		},
		{Action: "deactivate", Says: "A person's user is switched off", Needs: []string{"person"}},
		{Action: "activate", Says: "A person's user is switched on again", Needs: []string{"person"}},
		{Action: "revoke", Says: "Every token that a person gave is revoked", Needs: []string{"person"}},
		{Action: "end_sessions", Says: "Access tokens end now; refresh tokens live on", May: []string{"person"}},
		{Action: "use_up_calls", Says: "An organisation has used up the calls of its day", Needs: []string{"asset"}},
		{Action: "free_calls", Says: "The calls of an organisation are free again", Needs: []string{"asset"}},
		{
			Action: "move",
			Says:   "An organisation gets another My Domain; the old one only leads there",
			Needs:  []string{"asset"},
		},
		{Action: "lose_rights", Says: "A person may see neither leads nor contacts any more", Needs: []string{"person"}},
		{Action: "gain_rights", Says: "A person may read and add leads and contacts", Needs: []string{"person"}},
	}
}

// Trigger runs an action.
func (f *Fake) Trigger(action sandbox.Action) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if action.Asset != "" {
		org := f.orgByID(action.Asset)
		if org == nil {
			return "", fmt.Errorf("finding the organisation %s: %w", action.Asset, sandbox.ErrUnknown)
		}
		return f.orgAct(action.Action, org), nil
	}
	switch action.Action {
	case "revoke":
		return f.endGrants(func(u *orgUser) bool { return u.person == action.Person }), nil
	case "end_sessions":
		n := 0
		for _, token := range f.state.access {
			if (action.Person == "" || token.grant.user.person == action.Person) && token.ends.After(f.env.Now()) {
				token.ends = time.Time{}
				n++
			}
		}
		return fmt.Sprintf("%d sessions ended.", n), nil
	}
	all := objectRights{action.Action == "gain_rights", action.Action == "gain_rights"}
	for _, user := range f.state.users {
		switch {
		case user.person != action.Person:
		case strings.HasSuffix(action.Action, "activate"):
			user.inactive = action.Action == "deactivate"
		default:
			user.rights = map[string]objectRights{"Lead": all, "Contact": all, "CampaignMember": all}
		}
	}
	return "Done.", nil
}

func (f *Fake) orgAct(action string, org *organisation) string {
	switch action {
	case "install":
		org.installed = true
	case "uninstall":
		org.installed = false
		return f.endGrants(func(u *orgUser) bool { return u.org == org })
	case "use_up_calls":
		org.calls = dailyCalls
	case "free_calls":
		org.calls = 0
	case "move":
		org.former = append(org.former, org.domain)
		name, under, _ := strings.Cut(org.domain, ".")
		org.domain = name + "-group." + under
		return "It is at " + org.domain + " now."
	}
	return "Done."
}

// endGrants revokes the grants of the matching users, and returns how many were
// valid.
func (f *Fake) endGrants(matches func(*orgUser) bool) string {
	n := 0
	for _, g := range f.state.grants {
		if !g.dead && matches(g.user) {
			g.dead = true
			n++
		}
	}
	return fmt.Sprintf("%d connections ended.", n)
}

// Targets lists the organisations.
func (f *Fake) Targets() (assets, businesses []sandbox.Target) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, org := range f.state.orgs {
		name := org.name
		if org.sandbox {
			name += " (sandbox)"
		}
		assets = append(assets, sandbox.Target{ID: org.id, Name: name})
	}
	return assets, nil
}

// AddClient makes a client's person the admin of its organisations.
func (f *Fake) AddClient(key string, c sandbox.Client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range c.Accounts {
		domain := fmt.Sprintf("%s-%d.my.salesforce.com", slug(name), len(f.state.orgs))
		org := f.state.found(name, "Enterprise Edition", domain)
		f.state.hire(key, fmt.Sprintf("%s.%d", c.Email, len(f.state.users)), org).admin = true
	}
}

// Accounts names a person's organisations, as the chooser shows them.
func (f *Fake) Accounts(key string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, user := range f.state.users {
		if user.person == key {
			names = append(names, user.org.name)
		}
	}
	slices.Sort(names)
	return names
}

// View lists the app's grants.
type View struct {
	Grants []GrantView `json:"grants"`
}

// GrantView is one grant of a user to the app.
type GrantView struct {
	Organisation string   `json:"organisation"`
	Username     string   `json:"username"`
	Scopes       []string `json:"scopes"`
	Alive        bool     `json:"alive"`
}

// View lists the app's grants. The caller holds the lock.
func (f *Fake) View() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	view := View{Grants: []GrantView{}}
	for _, g := range f.state.grants {
		view.Grants = append(view.Grants, GrantView{
			Organisation: g.user.org.id,
			Username:     g.user.username,
			Scopes:       g.scopes,
			Alive:        !g.dead,
		})
	}
	slices.SortStableFunc(view.Grants, func(a, b GrantView) int {
		return cmp.Or(cmp.Compare(a.Organisation, b.Organisation), cmp.Compare(a.Username, b.Username))
	})
	return view
}

// packageLink is the install link of the registered app's package.
func packageLink() string {
	return "https://" + login + "/packaging/installPackage.apexp?p0=" + packageVersion
}
