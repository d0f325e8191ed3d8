package pages

import "net/url"

// OpenTarget is what a link of an email to a member opens in Latchkey.
type OpenTarget string

// The targets.
const (
	OpenRequest  OpenTarget = "request"
	OpenFacebook OpenTarget = "facebook" // the agency's own users there
	OpenAccounts OpenTarget = "accounts"
	OpenHome     OpenTarget = "home"
)

// OpenHub leads a member from an email into Latchkey on their computer. It is the same
// for every request, and shows nothing of it.
type OpenHub struct {
	Frame
	What OpenTarget
	ID   string // of the request
}

// link is the hub's own.
func (p OpenHub) link() string {
	if p.What == OpenRequest {
		return "latchkey://request/" + url.PathEscape(p.ID)
	}
	return "latchkey://" + url.PathEscape(string(p.What))
}

func (p OpenHub) title(r *Renderer) string {
	switch p.What {
	case OpenRequest:
		return r.Text("open.request")
	case OpenFacebook:
		return r.Text("open.facebook")
	case OpenAccounts:
		return r.Text("open.accounts")
	}
	return r.Text("open.home")
}

func (p OpenHub) layout(r *Renderer) layout { return layout{title: p.title(r)} }
