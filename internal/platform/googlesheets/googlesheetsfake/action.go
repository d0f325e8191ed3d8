package googlesheetsfake

import (
	"fmt"
	"maps"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func actions() []sandbox.ActionSpec {
	return []sandbox.ActionSpec{
		{Action: "revoke", Says: "A person removes the app from their account: every token dies", Needs: []string{"person"}},
		{Action: "expire_access", Says: "Access tokens end now; refresh tokens live on", May: []string{"person"}},
		{
			Action: "unshare",
			Says:   "A sheet is taken from all but its owner, or from one person",
			Needs:  []string{"asset"},
			May:    []string{"person"},
		},
		{
			Action: "make_read_only",
			Says:   "A sheet can only be read from now on",
			Needs:  []string{"asset"},
			May:    []string{"person"},
		},
		{Action: "make_editable", Says: "A sheet can be changed again", Needs: []string{"asset"}, May: []string{"person"}},
		{Action: "trash", Says: "A sheet is put into the bin", Needs: []string{"asset"}},
		{Action: "restore", Says: "A sheet is taken out of the bin", Needs: []string{"asset"}},
		{Action: "delete", Says: "A sheet is deleted for ever", Needs: []string{"asset"}},
		{Action: "block_app", Says: "The admin of a person’s Workspace blocks the app", Needs: []string{"person"}},
		{Action: "allow_app", Says: "The admin of a person’s Workspace allows the app", Needs: []string{"person"}},
	}
}

// Trigger runs an action.
func (f *Fake) Trigger(action sandbox.Action) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch action.Action {
	case "revoke":
		grant := f.state.grants[action.Person]
		if grant == nil || grant.dead {
			return "0 grants ended.", nil
		}
		grant.end()
		return "1 grant ended.", nil
	case "expire_access":
		n := 0
		for _, token := range f.state.access {
			if (action.Person == "" || token.grant.person == action.Person) && token.ends.After(f.env.Now()) {
				token.ends = f.env.Now()
				n++
			}
		}
		return fmt.Sprintf("%d access tokens ended.", n), nil
	case "block_app", "allow_app":
		f.state.people[action.Person].blocked = action.Action == "block_app"
		return "Done.", nil
	}
	file := f.state.files[action.Asset]
	if file == nil {
		return "", fmt.Errorf("finding the sheet %s: %w", action.Asset, sandbox.ErrUnknown)
	}
	f.fileAct(action, file)
	return "Done.", nil
}

// fileAct runs an action on one sheet.
func (f *Fake) fileAct(a sandbox.Action, file *spreadsheet) {
	switch a.Action {
	case "trash", "restore":
		file.trashed = a.Action == "trash"
	case "delete":
		delete(f.state.files, file.id)
	case "unshare":
		maps.DeleteFunc(file.shared, func(person string, _ bool) bool {
			return a.Person == "" && person != file.owner || person == a.Person
		})
	case "make_read_only", "make_editable":
		for person := range file.shared {
			if a.Person == "" || a.Person == person {
				file.shared[person] = a.Action == "make_editable"
			}
		}
	}
}

// Targets lists the sheets.
func (f *Fake) Targets() (assets, businesses []sandbox.Target) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(f.state.files)) {
		assets = append(assets, sandbox.Target{ID: id, Name: f.state.files[id].title})
	}
	return assets, nil
}
