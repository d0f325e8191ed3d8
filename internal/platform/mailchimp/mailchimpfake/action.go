package mailchimpfake

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func actions() []sandbox.ActionSpec {
	return []sandbox.ActionSpec{
		{
			Action: "disconnect",
			Says:   "The app is revoked under Registered apps of an account: its tokens die",
			Needs:  []string{"asset"},
			May:    []string{"person"},
		},
		{Action: "make_viewer", Says: "A person becomes a Viewer of all their accounts", Needs: []string{"person"}},
		{Action: "make_manager", Says: "A person becomes a Manager of all their accounts", Needs: []string{"person"}},
		{Action: "disable_user", Says: "A person’s user is disabled", Needs: []string{"person"}},
		{Action: "enable_user", Says: "A person’s user is enabled again", Needs: []string{"person"}},
		{Action: "remove_user", Says: "A person is removed from an account", Needs: []string{"person", "asset"}},
		{Action: "close_account", Says: "An account is deactivated", Needs: []string{"asset"}},
		{Action: "move_account", Says: "An account moves to another data centre", Needs: []string{"asset"}},
	}
}

// Trigger runs an action.
func (f *Fake) Trigger(action sandbox.Action) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var account *customer
	if action.Asset != "" {
		i := slices.IndexFunc(f.state.accounts, func(one *customer) bool { return one.id == action.Asset })
		if i < 0 {
			return "", fmt.Errorf("finding account %s: %w", action.Asset, sandbox.ErrUnknown)
		}
		account = f.state.accounts[i]
	}
	person := f.state.people[action.Person] // nil without a person
	switch action.Action {
	case "disconnect":
		n := 0
		for _, token := range f.state.tokens {
			if token.account == account && !token.dead && (action.Person == "" || token.person == action.Person) {
				token.dead = true
				n++
			}
		}
		return fmt.Sprintf("%d connections ended.", n), nil
	case "make_viewer", "make_manager":
		role := map[string]string{"make_viewer": "viewer", "make_manager": "manager"}[action.Action]
		for i := range person.seats {
			person.seats[i].role = role
		}
	case "disable_user", "enable_user":
		person.disabled = action.Action == "disable_user"
	case "remove_user":
		person.seats = slices.DeleteFunc(person.seats, func(s membership) bool { return s.account == account })
	case "close_account":
		account.closed = true
	case "move_account":
		account.dc = "us30"
	}
	return "Done.", nil
}

// Targets lists the accounts.
func (f *Fake) Targets() (assets, businesses []sandbox.Target) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, account := range f.state.accounts {
		assets = append(assets, sandbox.Target{ID: account.id, Name: account.name})
	}
	return assets, nil
}

// AddClient makes a client's person the owner of its accounts.
func (f *Fake) AddClient(key string, c sandbox.Client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var seats []membership
	for i, name := range c.Accounts {
		account := f.state.found(name, "us12", 2400+710*(i+len(name)), 180+31*len(name))
		seats = append(seats, membership{account, "owner"})
	}
	f.state.hire(key, c.Person, c.Email, seats...)
}

// Accounts names a person's accounts, as the chooser shows them.
func (f *Fake) Accounts(key string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	person := f.state.people[key]
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

// View lists the app's connections.
type View struct {
	Connections []Connection `json:"connections"`
}

// Connection is one consent: the app in one account, by one person.
type Connection struct {
	Account string `json:"account"`
	Name    string `json:"name"`
	DC      string `json:"dc"`
	Person  string `json:"person"`
	Alive   bool   `json:"alive"`
}

// View lists the app's connections. The caller holds the lock.
func (f *Fake) View() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	view := View{Connections: []Connection{}}
	for _, token := range f.state.tokens {
		view.Connections = append(view.Connections, Connection{
			Account: token.account.id,
			Name:    token.account.name,
			DC:      token.account.dc,
			Person:  token.person,
			Alive:   !token.dead,
		})
	}
	slices.SortFunc(view.Connections, func(a, b Connection) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Person, b.Person))
	})
	return view
}
