package pages

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// layout is what a page tells the frame about itself.
type layout struct {
	title   string // in the browser's tab, before the brand's name
	class   string // of main: how wide it is and where it stands
	refresh int    // script looks again after so many seconds; zero: never
	inert   bool   // a dialog lies over everything: frame and list cannot be used
	ends    bool   // an end page: the expiry date says nothing any more
	// full: the page needs the whole window, or names the address for questions
	// itself: the foot has only the footer line.
	full bool
}

// frame gives the page's own frame; every page has it by embedding Frame.
func (f Frame) frame() *Frame { return &f }

// title is what stands for the agency in the bar and in the browser's tab.
func (f *Frame) title() string {
	if f.Branded && f.Company != "" {
		return f.Company
	}
	return onboarding.NeutralTitle
}

// expires reports whether the foot says when the link ends.
func (f *Frame) expires(look layout) bool { return !look.ends && f.Expires != 0 }

// The classes of main.
const (
	narrow = ""             // 760, the step pages
	middle = "page--medium" // 860
	wide   = "page--wide"   // 1000
	centre = "page--card"   // one card in the middle of the page: end pages
)

func (p Landing) layout(r *Renderer) layout {
	return layout{title: "Onboarding Request", class: wide + " page--raised"}
}
func (p ContinueAs) layout(r *Renderer) layout {
	return layout{title: "Welcome back", class: wide + " page--raised"}
}
func (p AboutYou) layout(r *Renderer) layout { return layout{title: "Who is granting access?"} }
func (p FacebookStart) layout(r *Renderer) layout {
	return layout{title: "Connect Facebook", class: middle}
}
func (p Leaving) layout(r *Renderer) layout {
	return layout{title: "Sign in at " + r.catalog.Service(p.Service).Name, class: middle}
}
func (p FacebookAssets) layout(r *Renderer) layout {
	said := layout{title: "Choose what to share", class: wide + " page--compact", full: true}
	if p.Sharing {
		said.refresh = 3
	}
	return said
}
func (p ByHand) layout(r *Renderer) layout {
	return layout{title: p.Title(r), class: wide + " page--compact", refresh: 60, full: true}
}
func (p CRMList) layout(r *Renderer) layout {
	return layout{title: "Connect your other platforms"}
}
func (p CRMResult) layout(r *Renderer) layout {
	return layout{title: p.Title(r), inert: true}
}
func (p BeforeForm) layout(r *Renderer) layout {
	return layout{title: "Connect " + r.catalog.Service(p.Service).Name, class: middle}
}
func (p KeyForm) layout(r *Renderer) layout {
	return layout{title: "Connect " + r.catalog.Service(p.Service).Name, class: middle}
}
func (p Skip) layout(r *Renderer) layout { return layout{title: "Skip this"} }
func (p Summary) layout(r *Renderer) layout {
	return layout{title: "Check and finish", class: middle}
}
func (p Done) layout(r *Renderer) layout {
	return layout{title: "Your receipt", class: middle, ends: !p.Empty}
}
func (p Expired) layout(r *Renderer) layout {
	return layout{title: "This link has expired", class: centre, ends: true, full: true}
}
func (p Withdrawn) layout(r *Renderer) layout {
	return layout{title: "Withdrawn", class: centre, ends: true, full: true}
}
func (p Completed) layout(r *Renderer) layout {
	return layout{title: "Finished", class: centre, ends: true, full: true}
}
func (p OlderLink) layout(r *Renderer) layout {
	return layout{title: "There is a newer link", class: centre, ends: true, full: true}
}
func (p Paused) layout(r *Renderer) layout {
	return layout{title: "This request rests", class: centre, ends: true, full: true}
}
func (p PhoneRefused) layout(r *Renderer) layout {
	return layout{title: "Please open this on a computer", class: "page--phone", ends: true}
}
func (p NotFound) layout(r *Renderer) layout {
	return layout{title: "Not found", class: centre, ends: true, full: true}
}
func (p Problem) layout(r *Renderer) layout { return layout{title: p.Trouble.Title} }
func (p Genuine) layout(r *Renderer) layout {
	return layout{title: "Is this genuine?", class: middle}
}
func (p Help) layout(r *Renderer) layout   { return layout{title: "Help"} }
func (p Report) layout(r *Renderer) layout { return layout{title: "Report"} }
func (p NotForMe) layout(r *Renderer) layout {
	return layout{title: "Not meant for you", class: centre, ends: true, full: true}
}
func (p TryLater) layout(r *Renderer) layout {
	return layout{title: "Try again in a moment", class: centre, full: true}
}
func (p RefusedPost) layout(r *Renderer) layout {
	return layout{title: "This came from somewhere else", class: centre, full: true}
}
func (p AgencySignIn) layout(r *Renderer) layout {
	return layout{title: "Connect " + r.catalog.Service(p.Service).Name, class: middle}
}
func (p AgencySignInEnd) layout(r *Renderer) layout {
	return layout{title: "You can close this tab", class: centre}
}

// Title says how much is left to do at Facebook.
func (p ByHand) Title(r *Renderer) string {
	switch len(p.Waiting()) {
	case 0:
		return "Everything has arrived"
	case len(p.toWait()):
		return "Facebook takes its time"
	}
	return r.print.Plural("manual_share.title", int64(len(p.Waiting())))
}

// Title says what became of the connection.
func (p CRMResult) Title(r *Renderer) string {
	if p.Failed != nil {
		return p.Failed.Title
	}
	if len(p.Also) > 0 {
		return r.catalog.CountKind(1+len(p.Also), p.Kind) + " connected"
	}
	return r.catalog.Service(p.Service).Name + " is connected"
}
