package metafake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// settingsPage is Business settings, where a client does by hand what the API
// refuses: share an asset with a partner, approve a request, unshare.

type settingsPage struct {
	sandbox.Frame
	Head       string
	Person     string
	Next       string
	Done       string // the result of the previous form
	Businesses []settingsBusiness
}

type settingsBusiness struct {
	ID      string
	Name    string
	Admin   bool
	Shared  []settingsShare
	Assets  sandbox.BoxGroup
	Partner string // as typed, when it was refused
	Nothing bool   // it owns nothing to share
}

type settingsShare struct {
	Asset, AssetName string
	Partner, Name    string
	Says             string
	Pending          bool
}

func (f *Fake) settingsPages(mux *http.ServeMux) {
	mux.Handle("GET /settings/partners",
		f.serve(func(r *http.Request) sandbox.Response { return f.settings(r, http.StatusOK, "") }))
	mux.Handle("POST /settings/share", f.serve(f.shareByHand))
	mux.Handle("POST /settings/decide", f.serve(f.decideByHand))
}

func (f *Fake) settings(r *http.Request, status int, done string) sandbox.Response {
	person := f.state.people[f.env.SignedIn(r)]
	if person == nil {
		return f.env.SignIn("/settings/partners", "")
	}
	page := settingsPage{
		Frame:  f.env.Frame("Business settings"),
		Head:   "Business settings",
		Person: person.name,
		Next:   "/settings/partners",
		Done:   done,
	}
	for _, b := range f.state.businesses {
		if b.user(person) == nil {
			continue
		}
		row := settingsBusiness{ID: b.id, Name: b.name, Admin: b.admin(person), Assets: sandbox.BoxGroup{Name: "asset"}}
		refused := status != http.StatusOK && r.PostFormValue("business") == b.id
		if refused {
			row.Partner = r.PostFormValue("partner")
		}
		for _, a := range slices.Concat(f.state.assets, f.state.extras) {
			if a.owner != b {
				continue
			}
			row.Assets.Boxes = append(row.Assets.Boxes, sandbox.Box{
				Value:  a.id,
				Label:  a.name,
				Says:   a.kindInWords() + " · " + strings.TrimPrefix(a.id, "act_"),
				Ticked: refused && slices.Contains(r.PostForm["asset"], a.id),
			})
			for _, partner := range f.state.businesses {
				if s := a.agencies[partner]; s != nil {
					says := "Shared with " + partner.name
					switch {
					case s.asked:
						says = partner.name + " asks for it"
					case s.pending:
						says = "Waits for approval, for " + partner.name
					}
					row.Shared = append(row.Shared, settingsShare{
						Asset:     a.id,
						AssetName: a.name,
						Partner:   partner.id,
						Name:      partner.name,
						Says:      says,
						Pending:   s.pending,
					})
				}
			}
		}
		row.Nothing = len(row.Assets.Boxes) == 0
		page.Businesses = append(page.Businesses, row)
	}
	return f.env.Page(status, "settings.html", page)
}

func (a *asset) kindInWords() string {
	if a.isAccount() {
		return "Ad account"
	}
	switch a.extra {
	case pixelNode:
		return "Dataset"
	case catalogNode:
		return "Catalogue"
	case instagramNode:
		return "Instagram account"
	}
	return "Page"
}

// shareByHand shares assets with a partner, without an app or a second admin.
func (f *Fake) shareByHand(r *http.Request) sandbox.Response {
	person := f.state.people[f.env.SignedIn(r)]
	own := f.state.business(r.PostFormValue("business"))
	partner := f.state.business(strings.Join(strings.Fields(r.PostFormValue("partner")), ""))
	switch {
	case person == nil:
		return sandbox.Redirect("/settings/partners")
	case own == nil || !own.admin(person):
		return f.settings(r, http.StatusForbidden, "Only an admin of the business can do that.")
	case partner == nil || partner == own:
		return f.settings(r, http.StatusBadRequest, "No partner has this business id.")
	case len(r.PostForm["asset"]) == 0:
		return f.settings(r, http.StatusBadRequest, "Nothing was ticked.")
	}
	var names []string
	for _, id := range r.PostForm["asset"] {
		a := f.state.byID[id]
		if a == nil || a.owner != own {
			return f.settings(r, http.StatusForbidden, "Only the business that owns an asset can share it.")
		}
		tasks := []string{"ADVERTISE", "ANALYZE"}
		if a.extra == catalogNode {
			tasks = []string{"ADVERTISE"}
		}
		a.agencies[partner] = &share{by: person, tasks: tasks, since: f.env.Now(), visible: f.env.Now()}
		names = append(names, a.name)
	}
	return f.settings(r, http.StatusOK, fmt.Sprintf(
		"Shared with %s: %s. Go back to the page that asked you for it, and name it there.",
		partner.name, strings.Join(names, ", "),
	))
}

// decideByHand approves a pending request, or unshares.
func (f *Fake) decideByHand(r *http.Request) sandbox.Response {
	person := f.state.people[f.env.SignedIn(r)]
	a, partner := f.state.byID[r.PostFormValue("asset")], f.state.business(r.PostFormValue("partner"))
	if person == nil {
		return sandbox.Redirect("/settings/partners")
	}
	if a == nil || a.owner == nil || !a.owner.admin(person) || partner == nil || a.agencies[partner] == nil {
		return f.settings(r, http.StatusForbidden, "Only an admin of the business that owns it can do that.")
	}
	verb := r.PostFormValue("do")
	if !slices.Contains([]string{"approve", "remove"}, verb) {
		return f.settings(r, http.StatusBadRequest, "This button is not known.")
	}
	if verb == "remove" {
		a.unshare(partner)
		return f.settings(r, http.StatusOK, a.name+" is no longer shared with "+partner.name+".")
	}
	s := a.agencies[partner]
	s.pending, s.asked, s.since = false, false, f.env.Now()
	return f.settings(r, http.StatusOK, a.name+" is shared with "+partner.name+" now.")
}
