package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

func googleActions() []ActionSpec {
	return []ActionSpec{
		{"revoke", "A person removes the app from their account: every token dies", []string{"person"}, nil},
		{"expire_access", "Access tokens end now; refresh tokens live on", nil, []string{"person"}},
		{"unshare", "A sheet is taken from all but its owner, or from one person", []string{"asset"}, []string{"person"}},
		{"make_read_only", "A sheet can only be read from now on", []string{"asset"}, []string{"person"}},
		{"make_editable", "A sheet can be changed again", []string{"asset"}, []string{"person"}},
		{"trash", "A sheet is put into the bin", []string{"asset"}, nil},
		{"restore", "A sheet is taken out of the bin", []string{"asset"}, nil},
		{"delete", "A sheet is deleted for ever", []string{"asset"}, nil},
		{"block_app", "The admin of a person’s Workspace blocks the app", []string{"person"}, nil},
		{"allow_app", "The admin of a person’s Workspace allows the app", []string{"person"}, nil},
	}
}

func (w *World) googleAct(a Action) (string, error) {
	switch a.Action {
	case "revoke":
		grant := w.google.grants[a.Person]
		if grant == nil || grant.dead {
			return "0 grants ended.", nil
		}
		grant.end()
		return "1 grant ended.", nil
	case "expire_access":
		n := 0
		for _, token := range w.google.access {
			if (a.Person == "" || token.grant.person == a.Person) && token.ends.After(w.now()) {
				token.ends = w.now()
				n++
			}
		}
		return fmt.Sprintf("%d access tokens ended.", n), nil
	case "block_app", "allow_app":
		w.google.people[a.Person].blocked = a.Action == "block_app"
		return "Done.", nil
	}
	f := w.google.files[a.Asset]
	if f == nil {
		return "", fmt.Errorf("finding the sheet %s: %w", a.Asset, ErrUnknown)
	}
	w.googleFileAct(a, f)
	return "Done.", nil
}

// googleFileAct does what happens to one sheet.
func (w *World) googleFileAct(a Action, f *googleFile) {
	switch a.Action {
	case "trash", "restore":
		f.trashed = a.Action == "trash"
	case "delete":
		delete(w.google.files, f.id)
	case "unshare":
		maps.DeleteFunc(f.shared, func(person string, _ bool) bool {
			return a.Person == "" && person != f.owner || person == a.Person
		})
	case "make_read_only", "make_editable":
		for person := range f.shared {
			if a.Person == "" || a.Person == person {
				f.shared[person] = a.Action == "make_editable"
			}
		}
	}
}

// googleNameable lists the sheets.
func (w *World) googleNameable() (assets, businesses []Target) {
	for _, id := range slices.Sorted(maps.Keys(w.google.files)) {
		assets = append(assets, Target{id, w.google.files[id].title})
	}
	return assets, nil
}
