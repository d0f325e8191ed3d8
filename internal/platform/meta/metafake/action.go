package metafake

import (
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func actions() []sandbox.ActionSpec {
	return []sandbox.ActionSpec{
		{
			Action: "withdraw",
			Says:   "The client takes an asset back from an agency's business",
			Needs:  []string{"asset"},
			May:    []string{"business"},
		},
		{
			Action: "share",
			Says:   "The client shares an asset by hand, in Business settings",
			Needs:  []string{"asset", "business"},
		},
		{Action: "own", Says: "A business gets an asset of its own", Needs: []string{"asset", "business"}},
		{Action: "approve", Says: "An admin approves what is pending", Needs: []string{"asset"}, May: []string{"business"}},
		{Action: "appear", Says: "Delayed shares appear on the agency's side now", May: []string{"asset"}},
		{
			Action: "lower",
			Says:   "The client leaves the agency analysing only",
			Needs:  []string{"asset"},
			May:    []string{"business"},
		},
		{Action: "unassign", Says: "The agency takes an asset from one of its people", Needs: []string{"asset", "person"}},
		{
			Action: "lose_admin",
			Says:   "A person becomes an employee of a business",
			Needs:  []string{"person"},
			May:    []string{"business"},
		},
		{
			Action: "gain_admin",
			Says:   "A person becomes an admin of a business",
			Needs:  []string{"person"},
			May:    []string{"business"},
		},
		{
			Action: "full_control",
			Says:   "A person gets full control of an asset, and of its business",
			Needs:  []string{"asset", "person"},
		},
		{Action: "found", Says: "A person founds a business for what is their own", Needs: []string{"person"}},
		{Action: "leave_business", Says: "A person leaves a business", Needs: []string{"person", "business"}},
		{
			Action: "remove_app",
			Says:   "A person removes the app: all their tokens die (190/458), and the app is told",
			Needs:  []string{"person"},
		},
		{
			Action: "ask_deletion",
			Says:   "A person who removed the app asks it to delete their data",
			Needs:  []string{"person"},
		},
		{Action: "expire_tokens", Says: "A person's tokens end now (190/463)", Needs: []string{"person"}},
		{Action: "disable", Says: "Facebook disables an ad account", Needs: []string{"asset"}},
		{Action: "close", Says: "An ad account is closed", Needs: []string{"asset"}},
		{Action: "enable", Says: "Facebook enables an ad account", Needs: []string{"asset"}},
	}
}

// Targets lists assets and Business Managers; shared assets first.
func (f *Fake) Targets() (assets, businesses []sandbox.Target) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, given := range []bool{true, false} {
		for _, a := range f.state.assets {
			if given == (len(a.agencies) > 0) {
				assets = append(assets, sandbox.Target{ID: a.id, Name: a.name})
			}
		}
	}
	for _, b := range f.state.businesses {
		businesses = append(businesses, sandbox.Target{ID: b.id, Name: b.name})
	}
	return assets, businesses
}

// Trigger runs an action on an asset or a person.
func (f *Fake) Trigger(a sandbox.Action) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	on := f.state.byID[a.Asset]
	if a.Asset != "" && on == nil {
		return "", fmt.Errorf("finding asset %s: %w", a.Asset, sandbox.ErrUnknown)
	}
	in := f.state.business(a.Business)
	if a.Business != "" && in == nil {
		return "", fmt.Errorf("finding business %s: %w", a.Business, sandbox.ErrUnknown)
	}
	if a.Action == "ask_deletion" {
		return appCallbacks{f.env}.askDeletion(f.state.people[a.Person])
	}
	change := f.changePerson
	switch a.Action {
	case "withdraw", "approve", "lower":
		change = f.changeShares
	case "share", "own", "appear", "unassign", "full_control", "disable", "close", "enable":
		change = f.changeAssets
	}
	n, err := change(happening{Action: a, asset: on, business: in, person: f.state.people[a.Person]})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Done, %d changed.", n), nil
}

// happening is an action with its subjects; nil: not named.
type happening struct {
	sandbox.Action
	asset    *asset
	business *business
	person   *profile
}

// isIn reports whether a business is meant: the named one, or any.
func (h happening) isIn(b *business) bool { return h.business == nil || h.business == b }

// changeShares changes the shares of an asset, and counts them.
func (f *Fake) changeShares(h happening) (n int, err error) {
	for b, shared := range h.asset.agencies {
		if !h.isIn(b) {
			continue
		}
		n++
		switch h.Action.Action {
		case "withdraw":
			h.asset.unshare(b)
		case "approve":
			shared.pending, shared.since = false, f.env.Now()
		case "lower":
			shared.tasks = []string{"ANALYZE"}
		}
	}
	return n, nil
}

// changeAssets runs the other actions on assets, and counts them.
func (f *Fake) changeAssets(h happening) (n int, err error) {
	on := h.asset
	switch h.Action.Action {
	case "share":
		if on.owner == nil || on.owner == h.business {
			return 0, fmt.Errorf("sharing %s with %s: its owner cannot do that", on.id, h.business.id)
		}
		now := f.env.Now()
		on.agencies[h.business] = &share{tasks: []string{"ADVERTISE", "ANALYZE"}, since: now, visible: now}
		return 1, nil
	case "own":
		on.moveTo(h.business)
		return 1, nil
	case "full_control":
		if on.owner != nil {
			if u := on.owner.user(h.person); u != nil {
				u.role = "ADMIN"
			}
		}
		on.all(h.person)
		return 1, nil
	case "appear":
		return f.showShares(on), nil
	case "unassign":
		for u := range on.assigned {
			if u.person == h.person && u.business != on.owner {
				delete(on.assigned, u)
				n++
			}
		}
		return n, nil
	}
	if !on.isAccount() {
		return 0, fmt.Errorf("changing %s: it is not an ad account", on.id)
	}
	on.status = map[string]int{"disable": 2, "close": 101, "enable": 1}[h.Action.Action]
	return 1, nil
}

// moveTo makes a business the owner of an asset.
func (a *asset) moveTo(b *business) {
	a.owner, a.personal = b, nil
	for _, u := range b.users {
		if tasks, has := a.roles[u.person]; has {
			a.assigned[u] = tasks
		}
	}
}

// foundBusiness makes a person's business, which owns what was theirs alone, and counts that.
func (s *state) foundBusiness(by *profile) (n int) {
	b := s.found(fmt.Sprint(440118990000000+len(s.businesses)), by.name, by.key, "ADMIN")
	for _, one := range s.assets {
		if _, has := one.roles[by]; has && one.owner == nil {
			one.moveTo(b)
			n++
		}
	}
	return n
}

// showShares ends the delay of an asset's shares, or of all.
func (f *Fake) showShares(on *asset) (n int) {
	for _, one := range f.state.assets {
		for _, s := range one.agencies {
			if (on == nil || one == on) && s.visible.After(f.env.Now()) {
				s.visible = f.env.Now()
				n++
			}
		}
	}
	return n
}

// changePerson runs an action on a person, and counts the changes.
func (f *Fake) changePerson(h happening) (n int, err error) {
	switch h.Action.Action {
	case "lose_admin", "gain_admin":
		role := map[string]string{"lose_admin": "EMPLOYEE", "gain_admin": "ADMIN"}[h.Action.Action]
		for _, b := range f.state.businesses {
			if u := b.user(h.person); u != nil && h.isIn(b) {
				u.role = role
				n++
			}
		}
	case "found":
		n = f.state.foundBusiness(h.person)
	case "leave_business":
		u := h.business.user(h.person)
		if u == nil {
			return 0, fmt.Errorf("finding %s in %s: %w", h.person.key, h.business.id, sandbox.ErrUnknown)
		}
		h.business.users = slices.DeleteFunc(h.business.users, func(one *businessUser) bool { return one == u })
		for _, one := range f.state.assets {
			delete(one.assigned, u)
		}
		n = 1
	case "remove_app":
		if h.person.grant == nil {
			return 0, nil
		}
		h.person.grant, h.person.removedApp = nil, true
		return 1, appCallbacks{f.env}.removed(h.person)
	case "expire_tokens":
		for _, t := range f.state.tokens {
			if t.person == h.person && !t.expired {
				t.expired = true
				n++
			}
		}
	}
	return n, nil
}

// AddClient gives a client a Business Manager with its ad accounts and Pages.
func (f *Fake) AddClient(key string, c sandbox.Client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.state
	person := &profile{key: key, id: s.nextID("1016"), name: c.Person, email: c.Email}
	s.people[key] = person
	owner := s.found(s.nextID("44012"), c.Business, key, "Admin")
	for _, name := range c.AdAccounts {
		s.account(s.nextID("66"), name, "EUR", owner, 1).all(person)
	}
	for i, name := range c.Pages {
		s.page(s.nextID("51"), name, "Local business", 800+311*(i+len(name)), owner).all(person)
	}
}

// Accounts is empty: at Facebook a person chooses assets, not an account.
func (f *Fake) Accounts(string) []string { return nil }

// View lists the shares and campaigns at Facebook.
type View struct {
	Shares    []ShareView    `json:"shares"`
	Campaigns []CampaignView `json:"campaigns"`
}

// ShareView is one asset shared with an agency's business.
type ShareView struct {
	Asset    string   `json:"asset"`
	Name     string   `json:"name"`
	Business string   `json:"business"`
	By       string   `json:"by,omitempty"` // a person; empty: shared by hand
	Tasks    []string `json:"tasks"`
	Pending  bool     `json:"pending"`
	Visible  bool     `json:"visible"` // the agency can see it
	Assigned []string `json:"assigned"`
}

// CampaignView is one campaign.
type CampaignView struct {
	ID        string `json:"id"`
	Account   string `json:"account"`
	Name      string `json:"name"`
	Objective string `json:"objective"`
	Status    string `json:"status"`
	By        string `json:"by"`
}

// View lists the shares and campaigns.
func (f *Fake) View() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	view := View{Shares: []ShareView{}, Campaigns: []CampaignView{}}
	for _, a := range f.state.assets {
		for _, b := range f.state.businesses {
			s := a.agencies[b]
			if s == nil {
				continue
			}
			row := ShareView{
				Asset:    a.id,
				Name:     a.name,
				Business: b.id,
				Tasks:    slices.Clone(s.tasks),
				Pending:  s.pending,
				Visible:  f.live(s),
				Assigned: []string{},
			}
			if s.by != nil {
				row.By = s.by.key
			}
			for _, u := range b.users {
				if len(a.assigned[u]) > 0 {
					row.Assigned = append(row.Assigned, u.person.key)
				}
			}
			view.Shares = append(view.Shares, row)
		}
	}
	for _, c := range f.state.campaigns {
		view.Campaigns = append(view.Campaigns, CampaignView{
			ID:        c.id,
			Account:   c.account.id,
			Name:      c.name,
			Objective: c.objective,
			Status:    c.status,
			By:        c.by.key,
		})
	}
	return view
}
