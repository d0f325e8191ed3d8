package pagestest

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// colleague is who looks after HubSpot.
const colleague = "lars.holm@harbourpine.example"

// handed is the colleague, as who asked them sees it.
func handed() pages.HandedTo { return pages.HandedTo{Address: colleague, At: at(23, 14, 20)} }

// handOvers are the pages about a colleague who looks after a part, for who asks and for who
// is asked.
func (g *gallery) handOvers() {
	form := pages.HandOver{
		Frame: Branded(pages.StepPlatforms), Services: []onboarding.Service{onboarding.HubSpot}, Left: 3,
		Post: "/w/x/hand-over/hubspot", Back: "/w/x/platforms", Skip: "/w/x/skip/hubspot",
	}
	g.add("hand-over", "Hand HubSpot over", form, "F8")
	wrong := form
	wrong.Email, wrong.Error, wrong.Left = "lars.holm@harbourpine", "lars.holm@harbourpine is not a full address.", 1
	wrong.Services = []onboarding.Service{onboarding.Mailchimp, onboarding.HubSpot}
	wrong.Others = []onboarding.Service{onboarding.Facebook, onboarding.Salesforce}
	wrong.Also = wrong.Others[1:]
	g.add("hand-over-wrong", "Hand two platforms over and tick a third, with an error", wrong, "F8")
	used := form
	used.Left = 0
	g.add("hand-over-limit", "Handed over three times: no more", used, "F8")
	used.CanAskBefore = true
	g.add("hand-over-limit-more", "Handed over three times: more for who was asked", used, "F8")

	sent := pages.HandedOver{
		Frame: Branded(pages.StepPlatforms), Services: form.Services, To: handed(), Next: "/w/x/summary",
		Back: "/w/x/platforms",
	}
	g.add("hand-over-sent", "Handed over", sent, "F8")
	sent.To.Undelivered, sent.Next = true, ""
	g.add("hand-over-refused", "Handed over, and the email was refused", sent, "F8")
	sent.To.Undelivered, sent.To.Declined = false, true
	g.add("hand-over-declined", "Handed over, and not meant for them", sent, "F8")

	opened := handed()
	opened.Opened = true
	list := pages.CRMList{Frame: Branded(pages.StepPlatforms), Next: "/w/x/summary", Back: "/w/x/facebook"}
	list.Rows = []pages.CRMRow{crmRows()[0], {Service: onboarding.HubSpot, Add: "/w/x/hubspot", Handed: opened}}
	g.add("platforms-handed", "Other platforms, one with a colleague", list, "F8")
	g.handedParts(opened)
}

// handedParts are the pages of a request that two people do.
func (g *gallery) handedParts(opened pages.HandedTo) {
	rest := []pages.ServiceProgress{
		{Service: onboarding.Facebook, State: onboarding.ItemConnected, Colleagues: true},
		{Service: onboarding.Mailchimp, Colleagues: true},
	}
	landing := pages.Landing{
		Frame: bare(), Client: client, Message: message, Services: []onboarding.Service{onboarding.HubSpot}, Post: "/r/x",
		HandedBy: person,
	}
	g.add("landing-handed", "Landing of a part that a colleague handed over", landing, "F8")
	again := pages.ContinueAs{
		Frame: bare(), Client: client, Name: person, Email: email, Started: at(20, 13, 51), Continue: "/w/x",
		SomeoneElse: "/w/x/else", Progress: []pages.ServiceProgress{
			{Service: onboarding.Facebook, Detail: "2 ad accounts and 2 Pages", State: onboarding.ItemConnected},
			{Service: onboarding.HubSpot, Handed: opened},
		},
	}
	g.add("continue-handed", "Welcome back, a part is with a colleague", again, "F8")

	summary := pages.Summary{
		Frame: Branded(pages.StepSummary), Client: client, Post: "/w/x/finish", Back: "/w/x/platforms",
		Lines: append(lines()[:2:2], pages.Line{
			Service: onboarding.HubSpot, Title: "HubSpot", Handed: opened, Fix: "/w/x/platforms",
		}),
		Awaited: []onboarding.Service{onboarding.HubSpot},
	}
	g.add("summary-handed", "Summary with a part at a colleague", summary, "F8")
	empty := summary
	empty.Lines, empty.Empty = summary.Lines[2:], true
	g.add("summary-handed-empty", "Summary, all of it is with a colleague", empty, "F8")
	part := summary
	part.Lines, part.Part, part.Rest = []pages.Line{{
		Service: onboarding.HubSpot, Title: "Harbour & Pine AB", Detail: "Full access to one account",
		State: onboarding.ItemConnected,
	}}, true, rest
	part.Awaited = []onboarding.Service{onboarding.Mailchimp}
	g.add("summary-part", "Summary of a part that was handed over", part, "F8")
	done := pages.Done{
		Frame: Branded(pages.StepAllDone), Name: person, At: at(23, 14, 32), Lines: summary.Lines, Receipt: "7QK-204-91",
		Part: true, Awaited: summary.Awaited, Back: "/w/x", Business: manager,
		Email: pages.ReceiptEmail{State: pages.ReceiptQueued},
	}
	g.add("done-part", "A part is done, a colleague has the rest", done, "F8")
	none := done
	none.Lines, none.Business = summary.Lines[2:], ""
	g.add("done-part-handed", "All of the request is with a colleague", none, "F8")
	done.Lines, done.Awaited, done.Rest, done.Business = part.Lines, nil, rest[:1], ""
	g.add("done-part-last", "The handed part is done, somebody is at the rest", done, "F8")
}
