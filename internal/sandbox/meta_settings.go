package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Business settings are where a client does by hand what an app was refused:
// give a partner's business an asset, approve what is pending, take it back.

type settingsPage struct {
	Frame
	Head       string
	Person     string
	Next       string
	Done       string // what the form before this did
	Businesses []settingsBusiness
}

type settingsBusiness struct {
	ID      string
	Name    string
	Admin   bool
	Shared  []settingsShare
	Assets  BoxGroup
	Nothing bool // it owns nothing that could be shared
}

type settingsShare struct {
	Asset, AssetName string
	Partner, Name    string
	Says             string
	Pending          bool
}

func (w *World) settingsPages(mux *http.ServeMux) {
	mux.Handle("GET /settings/partners", w.answering(func(r *http.Request) Response { return w.metaSettings(r, http.StatusOK, "") }))
	mux.Handle("POST /settings/share", w.answering(w.metaShareByHand))
	mux.Handle("POST /settings/decide", w.answering(w.metaDecideByHand))
}

func (w *World) metaSettings(r *http.Request, status int, done string) Response {
	person := w.meta.people[w.signedIn(platformMeta, r)]
	if person == nil {
		return w.signIn(platformMeta, "/settings/partners", "")
	}
	p := settingsPage{Frame: w.frame(platformMeta, "Business settings"), Head: "Business settings", Person: person.name, Next: "/settings/partners", Done: done}
	for _, b := range w.meta.businesses {
		if b.user(person) == nil {
			continue
		}
		row := settingsBusiness{ID: b.id, Name: b.name, Admin: b.admin(person), Assets: BoxGroup{Name: "asset"}}
		for _, a := range slices.Concat(w.meta.assets, w.meta.extras) {
			if a.owner != b {
				continue
			}
			row.Assets.Boxes = append(row.Assets.Boxes, Box{Value: a.id, Label: a.name, Says: a.kindInWords() + " · " + strings.TrimPrefix(a.id, "act_")})
			for _, partner := range w.meta.businesses {
				if s := a.agencies[partner]; s != nil {
					says := "Shared with " + partner.name
					switch {
					case s.asked:
						says = partner.name + " asks for it"
					case s.pending:
						says = "Waits for approval, for " + partner.name
					}
					row.Shared = append(row.Shared, settingsShare{Asset: a.id, AssetName: a.name, Partner: partner.id, Name: partner.name, Says: says, Pending: s.pending})
				}
			}
		}
		row.Nothing = len(row.Assets.Boxes) == 0
		p.Businesses = append(p.Businesses, row)
	}
	return w.page(status, "settings.html", p)
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

// metaShareByHand gives a partner assets. No app is asked, and no second admin.
func (w *World) metaShareByHand(r *http.Request) Response {
	person := w.meta.people[w.signedIn(platformMeta, r)]
	own := w.meta.business(r.PostFormValue("business"))
	partner := w.meta.business(strings.Join(strings.Fields(r.PostFormValue("partner")), ""))
	switch {
	case person == nil:
		return Redirect("/settings/partners")
	case own == nil || !own.admin(person):
		return w.metaSettings(r, http.StatusForbidden, "Only an admin of the business can do that.")
	case partner == nil || partner == own:
		return w.metaSettings(r, http.StatusBadRequest, "No partner has this business id.")
	case len(r.PostForm["asset"]) == 0:
		return w.metaSettings(r, http.StatusBadRequest, "Nothing was ticked.")
	}
	for _, id := range r.PostForm["asset"] {
		a := w.meta.byID[id]
		if a == nil || a.owner != own {
			return w.metaSettings(r, http.StatusForbidden, "Only the business that owns an asset can share it.")
		}
		tasks := []string{"ADVERTISE", "ANALYZE"}
		if a.extra == catalogNode {
			tasks = []string{"ADVERTISE"}
		}
		a.agencies[partner] = &share{by: person, tasks: tasks, since: w.now(), visible: w.now()}
	}
	return w.metaSettings(r, http.StatusOK, fmt.Sprintf("%d shared with %s.", len(r.PostForm["asset"]), partner.name))
}

// metaDecideByHand approves what is pending, or takes back what is shared.
func (w *World) metaDecideByHand(r *http.Request) Response {
	person := w.meta.people[w.signedIn(platformMeta, r)]
	a, partner := w.meta.byID[r.PostFormValue("asset")], w.meta.business(r.PostFormValue("partner"))
	if person == nil {
		return Redirect("/settings/partners")
	}
	if a == nil || a.owner == nil || !a.owner.admin(person) || partner == nil || a.agencies[partner] == nil {
		return w.metaSettings(r, http.StatusForbidden, "Only an admin of the business that owns it can do that.")
	}
	verb := r.PostFormValue("do")
	if !slices.Contains([]string{"approve", "remove"}, verb) {
		return w.metaSettings(r, http.StatusBadRequest, "This button is not known.")
	}
	if verb == "remove" {
		a.unshare(partner)
		return w.metaSettings(r, http.StatusOK, a.name+" is no longer shared with "+partner.name+".")
	}
	s := a.agencies[partner]
	s.pending, s.asked, s.since = false, false, w.now()
	return w.metaSettings(r, http.StatusOK, a.name+" is shared with "+partner.name+" now.")
}
