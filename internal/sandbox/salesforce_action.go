package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

func salesforceActions() []ActionSpec {
	return []ActionSpec{
		{"install", "An admin installs the app in an organisation", []string{"asset"}, nil},
		{"uninstall", "An admin uninstalls the app: every token of the organisation dies", []string{"asset"}, nil},
		{"deactivate", "A person's user is switched off", []string{"person"}, nil},
		{"activate", "A person's user is switched on again", []string{"person"}, nil},
		{"revoke", "Every token that a person gave is revoked", []string{"person"}, nil},
		{"end_sessions", "Access tokens end now; refresh tokens live on", nil, []string{"person"}},
		{"use_up_calls", "An organisation has used up the calls of its day", []string{"asset"}, nil},
		{"free_calls", "The calls of an organisation are free again", []string{"asset"}, nil},
		{"move", "An organisation gets another My Domain; the old one only leads there", []string{"asset"}, nil},
		{"lose_rights", "A person may see neither leads nor contacts any more", []string{"person"}, nil},
		{"gain_rights", "A person may read and add leads and contacts", []string{"person"}, nil},
	}
}

func (w *World) salesforceAct(a Action) (string, error) {
	if a.Asset != "" {
		org := w.salesforceOrg(a.Asset)
		if org == nil {
			return "", fmt.Errorf("finding the organisation %s: %w", a.Asset, ErrUnknown)
		}
		return w.salesforceOrgAct(a.Action, org), nil
	}
	switch a.Action {
	case "revoke":
		return w.endSalesforce(func(u *salesforceUser) bool { return u.person == a.Person }), nil
	case "end_sessions":
		n := 0
		for _, token := range w.salesforce.access {
			if (a.Person == "" || token.grant.user.person == a.Person) && token.ends.After(w.now()) {
				token.ends = time.Time{}
				n++
			}
		}
		return fmt.Sprintf("%d sessions ended.", n), nil
	}
	all := salesforceRights{a.Action == "gain_rights", a.Action == "gain_rights"}
	for _, user := range w.salesforce.users {
		switch {
		case user.person != a.Person:
		case strings.HasSuffix(a.Action, "activate"):
			user.inactive = a.Action == "deactivate"
		default:
			user.rights = map[string]salesforceRights{"Lead": all, "Contact": all, "CampaignMember": all}
		}
	}
	return "Done.", nil
}

func (w *World) salesforceOrgAct(action string, org *salesforceOrg) string {
	switch action {
	case "install":
		org.installed = true
	case "uninstall":
		org.installed = false
		return w.endSalesforce(func(u *salesforceUser) bool { return u.org == org })
	case "use_up_calls":
		org.calls = salesforceCalls
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

// endSalesforce kills the grants of the users that match, and says how many were alive.
func (w *World) endSalesforce(matches func(*salesforceUser) bool) string {
	n := 0
	for _, g := range w.salesforce.grants {
		if !g.dead && matches(g.user) {
			g.dead = true
			n++
		}
	}
	return fmt.Sprintf("%d connections ended.", n)
}

// salesforceNameable lists the organisations.
func (w *World) salesforceNameable() (assets, businesses []Target) {
	for _, org := range w.salesforce.orgs {
		name := org.name
		if org.sandbox {
			name += " (sandbox)"
		}
		assets = append(assets, Target{org.id, name})
	}
	return assets, nil
}

// salesforceSettle makes a client's person the admin of its organisations.
func (w *World) salesforceSettle(key string, c Client) {
	for _, name := range c.Accounts {
		domain := fmt.Sprintf("%s-%d.my.salesforce.com", slug(name), len(w.salesforce.orgs))
		w.salesforce.hire(key, fmt.Sprintf("%s.%d", c.Email, len(w.salesforce.users)), w.salesforce.found(name, "Enterprise Edition", domain)).admin = true
	}
}

// salesforceAccounts names a person's organisations, as the chooser shows them.
func (w *World) salesforceAccounts(key string) []string {
	var names []string
	for _, user := range w.salesforce.users {
		if user.person == key {
			names = append(names, user.org.name)
		}
	}
	slices.Sort(names)
	return names
}

// SalesforceView lists the app's grants.
type SalesforceView struct {
	Grants []SalesforceGrantView `json:"grants"`
}

// SalesforceGrantView is one grant of a user to the app.
type SalesforceGrantView struct {
	Organisation string   `json:"organisation"`
	Username     string   `json:"username"`
	Scopes       []string `json:"scopes"`
	Alive        bool     `json:"alive"`
}

// salesforceView lists the app's grants; the caller has the lock.
func (w *World) salesforceView() SalesforceView {
	view := SalesforceView{Grants: []SalesforceGrantView{}}
	for _, g := range w.salesforce.grants {
		view.Grants = append(view.Grants, SalesforceGrantView{g.user.org.id, g.user.username, g.scopes, !g.dead})
	}
	slices.SortStableFunc(view.Grants, func(a, b SalesforceGrantView) int {
		return cmp.Or(cmp.Compare(a.Organisation, b.Organisation), cmp.Compare(a.Username, b.Username))
	})
	return view
}

// salesforcePackageLink is the install link of the registered app's package.
func salesforcePackageLink() string {
	return "https://" + salesforceLogin + "/packaging/installPackage.apexp?p0=" + salesforcePackage
}
