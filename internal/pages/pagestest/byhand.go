package pagestest

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// addByHand adds the pages for who shares at Facebook without a sign-in.
func addByHand(g *gallery) {
	hand := pages.ByHand{
		Frame:      Branded(pages.StepFacebook),
		Business:   manager,
		BusinessID: "118420903317552",
		Post:       "/w/x/facebook/partner",
		Skip:       "/w/x/skip/facebook",
		HandOver:   "/w/x/hand-over/facebook",
	}
	g.add("partner", "Facebook by hand, before anything is named", hand)
	wrong := hand
	wrong.Kind, wrong.Error = onboarding.Page, "Enter the name or the id, as Facebook shows it."
	g.add("partner-missing", "Facebook by hand, nothing was typed", wrong)
	named := hand
	named.Next, named.Skip = "/w/x/platforms", ""
	named.Kind, named.Again, named.Added = onboarding.Page, true, true
	named.Choices = []pages.NamedChoice{
		{Choice: pages.Choice{Name: "Harbour & Pine Ads", Kind: onboarding.AdAccount, State: onboarding.ItemWaiting,
			Failure: catalog.NamedByClient}, Remove: "/w/x/facebook/partner/1/remove"},
		{Choice: pages.Choice{Name: "Harbour & Pine", Kind: onboarding.Page, State: onboarding.ItemConnected}},
	}
	named.Asked = catalog.Asked{Level: onboarding.LevelView, Kinds: []onboarding.Kind{onboarding.Catalogue}}
	g.add("partner-named", "Facebook by hand, to see results, two things are named and one has arrived", named)
	full := named
	full.Full, full.Asked = true, catalog.Asked{}
	g.add("partner-full", "Facebook by hand, as much is named as one request takes", full)
	refused := hand
	refused.SignIn = "/w/x/facebook"
	refused.Skipped = "Lars looks after Facebook, he is back on Monday."
	g.add("partner-instead", "Facebook by hand, instead of a sign-in that Facebook refuses", refused, "F29")
	start := pages.FacebookStart{
		Frame: Branded(pages.StepFacebook), Client: client, User: User, Business: manager,
		Add: "/w/x/facebook", Skip: "/w/x/skip",
	}
	start.Failure = g.failureView(catalog.AppNotApproved, facts())
	start.Failure.Skip, start.Failure.ByHand = "", "/w/x/facebook/partner"
	g.add("facebook-start-refused", "Facebook, the app may not do it", start, "F29")
}
