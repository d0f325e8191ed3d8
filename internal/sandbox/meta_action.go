package sandbox

import (
	"fmt"
	"slices"
)

func metaActions() []ActionSpec {
	return []ActionSpec{
		{"withdraw", "The client takes an asset back from an agency's business", []string{"asset"}, []string{"business"}},
		{"share", "The client shares an asset by hand, in Business settings", []string{"asset", "business"}, nil},
		{"approve", "An admin approves what is pending", []string{"asset"}, []string{"business"}},
		{"appear", "Delayed shares appear on the agency's side now", nil, []string{"asset"}},
		{"lower", "The client leaves the agency analysing only", []string{"asset"}, []string{"business"}},
		{"unassign", "The agency takes an asset from one of its people", []string{"asset", "person"}, nil},
		{"lose_admin", "A person becomes an employee of a business", []string{"person"}, []string{"business"}},
		{"gain_admin", "A person becomes an admin of a business", []string{"person"}, []string{"business"}},
		{"leave_business", "A person leaves a business", []string{"person", "business"}, nil},
		{"remove_app", "A person removes the app: all their tokens die (190/458)", []string{"person"}, nil},
		{"expire_tokens", "A person's tokens end now (190/463)", []string{"person"}, nil},
		{"disable", "Facebook disables an ad account", []string{"asset"}, nil},
		{"enable", "Facebook enables an ad account", []string{"asset"}, nil},
	}
}

// metaNameable lists assets and Business Managers; what an agency has been
// given comes first.
func (w *World) metaNameable() (assets, businesses []Target) {
	for _, given := range []bool{true, false} {
		for _, a := range w.meta.assets {
			if given == (len(a.agencies) > 0) {
				assets = append(assets, Target{a.id, a.name})
			}
		}
	}
	for _, b := range w.meta.businesses {
		businesses = append(businesses, Target{b.id, b.name})
	}
	return assets, businesses
}

func (w *World) metaAct(a Action) (string, error) {
	var on *asset
	if a.Asset != "" {
		if on = w.meta.byID[a.Asset]; on == nil {
			return "", fmt.Errorf("finding asset %s: %w", a.Asset, ErrUnknown)
		}
	}
	var in *business
	if a.Business != "" {
		if in = w.meta.business(a.Business); in == nil {
			return "", fmt.Errorf("finding business %s: %w", a.Business, ErrUnknown)
		}
	}
	person := w.meta.people[a.Person]
	n := 0
	shares := func(change func(*business, *share)) {
		for b, shared := range on.agencies {
			if in == nil || b == in {
				change(b, shared)
				n++
			}
		}
	}
	switch a.Action {
	case "withdraw":
		shares(func(b *business, _ *share) { on.unshare(b) })
	case "approve":
		shares(func(_ *business, s *share) { s.pending, s.since = false, w.now() })
	case "lower":
		shares(func(_ *business, s *share) { s.tasks = []string{"ANALYZE"} })
	case "share":
		if on.owner == nil || on.owner == in {
			return "", fmt.Errorf("sharing %s with %s: its owner cannot do that", a.Asset, a.Business)
		}
		on.agencies[in] = &share{tasks: []string{"ADVERTISE", "ANALYZE"}, since: w.now(), visible: w.now()}
		n = 1
	case "appear":
		for _, one := range w.meta.assets {
			for _, s := range one.agencies {
				if (on == nil || one == on) && s.visible.After(w.now()) {
					s.visible = w.now()
					n++
				}
			}
		}
	case "unassign":
		for u := range on.assigned {
			if u.person == person && u.business != on.owner {
				delete(on.assigned, u)
				n++
			}
		}
	case "lose_admin", "gain_admin":
		role := map[string]string{"lose_admin": "EMPLOYEE", "gain_admin": "ADMIN"}[a.Action]
		for _, b := range w.meta.businesses {
			if u := b.user(person); u != nil && (in == nil || b == in) {
				u.role = role
				n++
			}
		}
	case "leave_business":
		u := in.user(person)
		if u == nil {
			return "", fmt.Errorf("finding %s in %s: %w", a.Person, a.Business, ErrUnknown)
		}
		in.users = slices.DeleteFunc(in.users, func(one *businessUser) bool { return one == u })
		for _, one := range w.meta.assets {
			delete(one.assigned, u)
		}
		n = 1
	case "remove_app":
		if person.grant != nil {
			person.grant, n = nil, 1
		}
	case "expire_tokens":
		for _, t := range w.meta.tokens {
			if t.person == person && !t.expired {
				t.expired = true
				n++
			}
		}
	case "disable", "enable":
		if !on.isAccount() {
			return "", fmt.Errorf("changing %s: it is not an ad account", a.Asset)
		}
		on.status, n = map[string]int{"disable": 2, "enable": 1}[a.Action], 1
	}
	return fmt.Sprintf("Done, %d changed.", n), nil
}

// MetaView lists what is shared and made at Facebook.
type MetaView struct {
	Shares    []ShareView    `json:"shares"`
	Campaigns []CampaignView `json:"campaigns"`
}

// ShareView is one asset in the hands of an agency's business.
type ShareView struct {
	Asset    string   `json:"asset"`
	Name     string   `json:"name"`
	Business string   `json:"business"`
	By       string   `json:"by,omitempty"` // a person, or nobody when it was shared by hand
	Tasks    []string `json:"tasks"`
	Pending  bool     `json:"pending"`
	Visible  bool     `json:"visible"` // the agency sees it
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

func (w *World) metaView() MetaView {
	v := MetaView{Shares: []ShareView{}, Campaigns: []CampaignView{}}
	for _, a := range w.meta.assets {
		for _, b := range w.meta.businesses {
			s := a.agencies[b]
			if s == nil {
				continue
			}
			row := ShareView{Asset: a.id, Name: a.name, Business: b.id, Tasks: slices.Clone(s.tasks), Pending: s.pending, Visible: w.live(s), Assigned: []string{}}
			if s.by != nil {
				row.By = s.by.key
			}
			for _, u := range b.users {
				if len(a.assigned[u]) > 0 {
					row.Assigned = append(row.Assigned, u.person.key)
				}
			}
			v.Shares = append(v.Shares, row)
		}
	}
	for _, c := range w.meta.campaigns {
		v.Campaigns = append(v.Campaigns, CampaignView{ID: c.id, Account: c.account.id, Name: c.name, Objective: c.objective, Status: c.status, By: c.by.key})
	}
	return v
}
