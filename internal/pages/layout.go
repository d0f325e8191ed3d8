package pages

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
)

// layout is what a page tells the frame about itself.
type layout struct {
	template string // which template fills the middle; not asked when the page writes it itself
	title    string // in the browser's tab, before the brand's name
	class    string // of main: how wide it is and where it stands
	refresh  int    // script looks again after so many seconds; zero: never
	inert    bool   // a dialog lies over everything: frame and list cannot be used
	ends     bool   // an end page: the expiry date says nothing any more
	full     bool   // the page needs the whole window, or names the address for questions itself: the foot is the quiet line alone
}

// frame gives the page's own frame; every page has it by embedding Frame.
func (f Frame) frame() *Frame { return &f }

// The classes of main.
const (
	narrow = ""    // 760, the step pages
	middle = " m8" // 860
	wide   = " wd" // 1000
	centre = " mc" // one card in the middle of the page: end pages
)

func (p Landing) layout() layout {
	return layout{title: "Onboarding Request", class: wide + " hi"}
}
func (p ContinueAs) layout() layout {
	return layout{template: "continue", title: "Welcome back", class: wide + " hi"}
}
func (p AboutYou) layout() layout { return layout{template: "about", title: "Who is granting access?"} }
func (p FacebookStart) layout() layout {
	return layout{template: "fbstart", title: "Connect Facebook", class: middle}
}
func (p Leaving) layout() layout {
	return layout{template: "leaving", title: "Sign in at " + catalog.Of(p.Service).Name, class: middle}
}
func (p FacebookAssets) layout() layout {
	said := layout{title: "Choose what to share", class: wide + " as", full: true}
	if p.Sharing {
		said.refresh = 3
	}
	return said
}
func (p ByHand) layout() layout {
	return layout{template: "byhand", title: p.Title(), class: wide + " as", refresh: 60, full: true}
}
func (p CRMList) layout() layout {
	return layout{template: "crmlist", title: "Connect your other platforms"}
}
func (p CRMResult) layout() layout {
	return layout{template: "crmresult", title: p.Title(), inert: true}
}
func (p BeforeForm) layout() layout {
	return layout{template: "beforeform", title: "Connect " + p.Service.Name(), class: middle}
}
func (p KeyForm) layout() layout {
	return layout{template: "keyform", title: "Connect " + p.Service.Name(), class: middle}
}
func (p Skip) layout() layout { return layout{template: "skip", title: "Skip this"} }
func (p Summary) layout() layout {
	return layout{template: "summary", title: "Check and finish", class: middle}
}
func (p Done) layout() layout {
	return layout{template: "done", title: "Your receipt", class: middle, ends: !p.Empty}
}
func (p Expired) layout() layout {
	return layout{template: "end", title: "This link has expired", class: centre, ends: true, full: true}
}
func (p Withdrawn) layout() layout {
	return layout{template: "end", title: "Withdrawn", class: centre, ends: true, full: true}
}
func (p Completed) layout() layout {
	return layout{template: "end", title: "Finished", class: centre, ends: true, full: true}
}
func (p OlderLink) layout() layout {
	return layout{template: "end", title: "There is a newer link", class: centre, ends: true, full: true}
}
func (p Paused) layout() layout {
	return layout{template: "end", title: "This request rests", class: centre, ends: true, full: true}
}
func (p PhoneRefused) layout() layout {
	return layout{template: "phone", title: "Please open this on a computer", class: " ph", ends: true}
}
func (p NotFound) layout() layout {
	return layout{template: "end", title: "Not found", class: centre, ends: true, full: true}
}
func (p Problem) layout() layout { return layout{template: "problem", title: p.Trouble.Title} }
func (p Genuine) layout() layout {
	return layout{template: "genuine", title: "Is this genuine?", class: middle}
}
func (p Help) layout() layout   { return layout{template: "help", title: "Help"} }
func (p Report) layout() layout { return layout{template: "report", title: "Report"} }
func (p NotForMe) layout() layout {
	return layout{template: "notforme", title: "Not meant for you", class: centre, ends: true, full: true}
}
func (p TryLater) layout() layout {
	return layout{template: "end", title: "Try again in a moment", class: centre, full: true}
}
func (p RefusedPost) layout() layout {
	return layout{template: "end", title: "This came from somewhere else", class: centre, full: true}
}
func (p AgencySignIn) layout() layout {
	return layout{template: "agency", title: "Connect " + catalog.Of(p.Service).Name, class: middle}
}
func (p AgencySignInEnd) layout() layout {
	return layout{template: "end", title: "You can close this tab", class: centre}
}

// Title says how much is left to do at Facebook.
func (p ByHand) Title() string {
	switch len(p.Waiting()) {
	case 0:
		return "Everything has arrived"
	case len(p.toWait()):
		return "Facebook takes its time"
	case 1:
		return "One thing is left to do at Facebook"
	}
	return catalog.Count(len(p.Waiting()), "thing", "things") + " are left to do at Facebook"
}

// Title says what became of the connection.
func (p CRMResult) Title() string {
	if p.Failed != nil {
		return p.Failed.Title
	}
	if len(p.Also) > 0 {
		return catalog.CountKind(1+len(p.Also), p.Kind) + " connected"
	}
	return catalog.Of(p.Service).Name + " is connected"
}
