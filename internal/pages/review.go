package pages

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// Review is what the link of a review opens: from here each reviewer begins an onboarding of
// their own.
type Review struct {
	Frame
	App      string // its name at the platform
	Service  onboarding.Service
	Business string // the Business Manager with which a reviewer shares; empty: none
	Ends     onboarding.Timestamp
	Days     int    // for which what a reviewer leaves is stored
	Post     string // where the button posts
}

func (p Review) layout(r *Renderer) layout {
	return layout{title: r.Text("review.tab", "App", p.App)}
}

// ReviewOver is what the link of a review shows when that has ended, with 410.
type ReviewOver struct{ Frame }

func (p ReviewOver) layout(r *Renderer) layout {
	return layout{title: r.Text("review.over.title"), ends: true}
}

// Card says that the review has ended.
func (p ReviewOver) Card(r *Renderer) EndCard {
	return EndCard{
		Icon: iconExpired, Title: r.Text("review.over.title"), Lines: []string{r.Text("review.over.lead")},
	}
}
