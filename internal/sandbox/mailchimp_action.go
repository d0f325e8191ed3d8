package sandbox

import (
	"cmp"
	"fmt"
	"slices"
)

func mailchimpActions() []ActionSpec {
	return []ActionSpec{
		{"disconnect", "The app is revoked under Registered apps of an account: its tokens die", []string{"asset"}, []string{"person"}},
		{"make_viewer", "A person becomes a Viewer of all their accounts", []string{"person"}, nil},
		{"make_manager", "A person becomes a Manager of all their accounts", []string{"person"}, nil},
		{"disable_user", "A person’s user is disabled", []string{"person"}, nil},
		{"enable_user", "A person’s user is enabled again", []string{"person"}, nil},
		{"remove_user", "A person is removed from an account", []string{"person", "asset"}, nil},
		{"close_account", "An account is deactivated", []string{"asset"}, nil},
		{"move_account", "An account moves to another data centre", []string{"asset"}, nil},
	}
}

func (w *World) mailchimpAct(a Action) (string, error) {
	var account *mailchimpAccount
	if a.Asset != "" {
		i := slices.IndexFunc(w.mailchimp.accounts, func(one *mailchimpAccount) bool { return one.id == a.Asset })
		if i < 0 {
			return "", fmt.Errorf("finding account %s: %w", a.Asset, ErrUnknown)
		}
		account = w.mailchimp.accounts[i]
	}
	person := w.mailchimp.people[a.Person] // nil where the action names nobody
	switch a.Action {
	case "disconnect":
		n := 0
		for _, token := range w.mailchimp.tokens {
			if token.account == account && !token.dead && (a.Person == "" || token.person == a.Person) {
				token.dead = true
				n++
			}
		}
		return fmt.Sprintf("%d connections ended.", n), nil
	case "make_viewer", "make_manager":
		role := map[string]string{"make_viewer": "viewer", "make_manager": "manager"}[a.Action]
		for i := range person.seats {
			person.seats[i].role = role
		}
	case "disable_user", "enable_user":
		person.disabled = a.Action == "disable_user"
	case "remove_user":
		person.seats = slices.DeleteFunc(person.seats, func(s mailchimpSeat) bool { return s.account == account })
	case "close_account":
		account.closed = true
	case "move_account":
		account.dc = "us30"
	}
	return "Done.", nil
}

// mailchimpNameable lists the accounts.
func (w *World) mailchimpNameable() (assets, businesses []Target) {
	for _, account := range w.mailchimp.accounts {
		assets = append(assets, Target{account.id, account.name})
	}
	return assets, nil
}

// mailchimpSettle makes a client's person the owner of its accounts.
func (w *World) mailchimpSettle(key string, c Client) {
	var seats []mailchimpSeat
	for i, name := range c.Accounts {
		account := w.mailchimp.found(name, "us12", 2400+710*(i+len(name)), 180+31*len(name))
		seats = append(seats, mailchimpSeat{account, "owner"})
	}
	w.mailchimp.hire(key, c.Person, c.Email, seats...)
}

// mailchimpAccounts names a person's accounts, as the chooser shows them.
func (w *World) mailchimpAccounts(key string) []string {
	person := w.mailchimp.people[key]
	if person == nil {
		return nil
	}
	var names []string
	for _, seat := range person.seats {
		names = append(names, seat.account.name)
	}
	slices.Sort(names)
	return names
}

// MailchimpView lists the app's connections.
type MailchimpView struct {
	Connections []MailchimpConnection `json:"connections"`
}

// MailchimpConnection is one consent: the app in one account, by one person.
type MailchimpConnection struct {
	Account string `json:"account"`
	Name    string `json:"name"`
	DC      string `json:"dc"`
	Person  string `json:"person"`
	Alive   bool   `json:"alive"`
}

// mailchimpView lists the app's connections; the caller has the lock.
func (w *World) mailchimpView() MailchimpView {
	view := MailchimpView{Connections: []MailchimpConnection{}}
	for _, token := range w.mailchimp.tokens {
		view.Connections = append(view.Connections, MailchimpConnection{
			Account: token.account.id,
			Name:    token.account.name,
			DC:      token.account.dc,
			Person:  token.person,
			Alive:   !token.dead,
		})
	}
	slices.SortFunc(view.Connections, func(a, b MailchimpConnection) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Person, b.Person))
	})
	return view
}
