package pages

// layout is what a page tells the frame about itself.
type layout struct {
	title   string // in the browser's tab, before the brand's name
	class   string // of main, where it is not the column of the steps
	refresh int    // script looks again after so many seconds; zero: never
	inert   bool   // a dialog lies over everything: frame and list cannot be used
	ends    bool   // an end page: the expiry date means nothing any more
	// full: the page needs the whole window, or names the address for questions
	// itself: the foot has only the footer line.
	full bool
	// indexed: search engines and the platforms' reviewers may read it.
	indexed bool
}

// frame gives the page's own frame; every page has it by embedding Frame.
func (f Frame) frame() *Frame { return &f }

// title is what stands for the agency in the bar and in the browser's tab.
func (f *Frame) title(r *Renderer) string {
	if f.Branded && f.Company != "" {
		return f.Company
	}
	return r.catalog.NeutralTitle()
}

// expires reports whether the foot shows when the link ends.
func (f *Frame) expires(look layout) bool { return !look.ends && f.Expires != 0 }

// centre is the class of main where one card stands in the middle of the page.
const centre = "page--card"

func (p Landing) layout(r *Renderer) layout {
	return layout{title: r.Text("landing.tab"), class: "page--raised"}
}
func (p ContinueAs) layout(r *Renderer) layout {
	return layout{title: r.Text("continue.tab"), class: "page--raised"}
}
func (p AboutYou) layout(r *Renderer) layout { return layout{title: r.Text("about_you.title")} }
func (p FacebookStart) layout(r *Renderer) layout {
	return layout{title: r.Text("facebook.title")}
}
func (p Leaving) layout(r *Renderer) layout {
	return layout{title: r.Text("leaving.tab", "Service", r.catalog.Service(p.Service).Name)}
}
func (p FacebookAssets) layout(r *Renderer) layout {
	look := layout{title: r.Text("assets.title"), class: "page--compact", full: true}
	if p.Sharing {
		look.refresh = 3
	}
	return look
}
func (p ManualShare) layout(r *Renderer) layout {
	return layout{title: p.Title(r), class: "page--compact", refresh: 60, full: true}
}
func (p CRMList) layout(r *Renderer) layout {
	return layout{title: r.Text("platforms.title")}
}
func (p CRMResult) layout(r *Renderer) layout {
	return layout{title: p.Title(r), inert: true}
}
func (p BeforeForm) layout(r *Renderer) layout {
	return layout{title: r.Text("connect.title", "Service", r.catalog.Service(p.Service).Name)}
}
func (p KeyForm) layout(r *Renderer) layout {
	return layout{title: r.Text("connect.title", "Service", r.catalog.Service(p.Service).Name)}
}
func (p Skip) layout(r *Renderer) layout { return layout{title: r.Text("skip.tab")} }

func (p Decline) layout(r *Renderer) layout { return layout{title: r.Text("decline.tab")} }

func (p Declined) layout(r *Renderer) layout {
	return layout{title: r.Text("declined.tab"), class: centre, full: true}
}

func (p ErrorPage) layout(r *Renderer) layout { return layout{title: r.Text("error_page.tab")} }
func (p Summary) layout(r *Renderer) layout {
	return layout{title: r.Text("summary.tab")}
}
func (p Done) layout(r *Renderer) layout {
	return layout{title: r.Text("receipt.tab"), ends: !p.Empty && !p.Part}
}
func (p Expired) layout(r *Renderer) layout {
	return layout{title: r.Text("end.expired.tab"), class: centre, ends: true, full: true}
}
func (p Withdrawn) layout(r *Renderer) layout {
	return layout{title: r.Text("end.withdrawn.tab"), class: centre, ends: true, full: true}
}
func (p Completed) layout(r *Renderer) layout {
	return layout{title: r.Text("end.completed.tab"), class: centre, ends: true, full: true}
}
func (p OlderLink) layout(r *Renderer) layout {
	return layout{title: r.Text("end.superseded.tab"), class: centre, ends: true, full: true}
}
func (p Paused) layout(r *Renderer) layout {
	return layout{title: r.Text("end.paused.tab"), class: centre, ends: true, full: true}
}
func (p PhoneRefused) layout(r *Renderer) layout {
	return layout{title: r.Text("phone.title"), class: "page--phone", ends: true}
}
func (p NotFound) layout(r *Renderer) layout {
	return layout{title: r.Text("end.not_found.tab"), class: centre, ends: true, full: true}
}
func (p Problem) layout(r *Renderer) layout { return layout{title: p.Failure.Title} }
func (p Genuine) layout(r *Renderer) layout {
	return layout{title: r.Text("genuine.title")}
}
func (p Help) layout(r *Renderer) layout   { return layout{title: r.Text("help.title")} }
func (p Report) layout(r *Renderer) layout { return layout{title: r.Text("report.tab")} }
func (p Suppress) layout(r *Renderer) layout {
	return layout{title: r.Text("suppress.tab"), class: centre, ends: true, full: true}
}
func (p TryLater) layout(r *Renderer) layout {
	return layout{title: r.Text("end.try_later.title"), class: centre, full: true}
}
func (p RefusedPost) layout(r *Renderer) layout {
	return layout{title: r.Text("end.refused_post.tab"), class: centre, full: true}
}
func (p AgencySignIn) layout(r *Renderer) layout {
	return layout{title: r.Text("connect.title", "Service", r.catalog.Service(p.Service).Name)}
}
func (p AgencySignInEnd) layout(r *Renderer) layout {
	return layout{title: r.Text("agency_sign_in.tab_end"), class: centre}
}

// Title is the text for how much is left to do at Facebook.
func (p ManualShare) Title(r *Renderer) string {
	switch len(p.Waiting()) {
	case 0:
		return r.Text("manual_share.arrived")
	case len(p.toWait()):
		return r.Text("manual_share.takes_time")
	}
	return r.print.Plural("manual_share.title", int64(len(p.Waiting())))
}

// Title is the text for what became of the connection.
func (p CRMResult) Title(r *Renderer) string {
	if p.Failed != nil {
		return p.Failed.Title
	}
	if len(p.Also) > 0 {
		return r.Text("state.connected", "Things", r.catalog.CountKind(1+len(p.Also), p.Kind))
	}
	return r.Text("result.connected", "Service", r.catalog.Service(p.Service).Name)
}
