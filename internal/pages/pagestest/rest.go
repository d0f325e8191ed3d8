package pagestest

import (
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

func (g *gallery) finishes() {
	skip := pages.Skip{
		Frame:    Branded(pages.StepFacebook),
		Services: []onboarding.Service{onboarding.Facebook},
		Post:     "/w/x/skip",
		Back:     "/w/x/facebook",
		HandOver: "/w/x/hand-over",
	}
	g.add("skip", "Skip Facebook", skip)
	skip.Rest = true
	g.add("skip-rest", "Skip the rest of Facebook", skip)
	skip.Rest = false
	skip.Services, skip.Error = []onboarding.Service{
		onboarding.Mailchimp,
		onboarding.HubSpot,
	}, "Say in a few words what keeps you from it."
	g.add("skip-wrong", "Skip the rest, without a reason", skip)

	summary := pages.Summary{
		Frame:  Branded(pages.StepSummary),
		Client: client,
		Lines:  lines(),
		Post:   "/w/x/finish",
		Back:   "/w/x/crm",
	}
	g.add("summary", "Summary", summary)
	empty := summary
	empty.Empty = true
	empty.Lines = []pages.Line{
		{Service: onboarding.Facebook, Title: "Facebook", Skipped: "Lars looks after it."},
		{Service: onboarding.Mailchimp, Title: "Mailchimp", Missing: true, Fix: "/w/x/crm"},
		{
			Service: onboarding.HubSpot,
			Title:   "HubSpot",
			State:   onboarding.ItemFailed,
			Detail:  "Needs a Super Admin.",
			Fix:     "/w/x/crm",
		},
	}
	g.add("summary-empty", "Summary with nothing connected", empty)

	g.receipts(empty.Lines)
}

// receipts shows the last page; missing are the lines of one who connected nothing.
func (g *gallery) receipts(missing []pages.Line) {
	done := pages.Done{
		Frame:    Branded(pages.StepAllDone),
		Name:     person,
		Email:    pages.ReceiptEmail{State: pages.ReceiptSent, Ask: "/w/x/receipt"},
		Business: manager,
		At:       at(23, 14, 32),
		Lines:    lines(),
		Receipt:  "7QK-204-91",
		History:  pages.HistoryCode{Entry: 14, Code: "7QKM-4M2X-90BD-TRW3-1HNA-CVGE"},
	}
	g.add("done", "Receipt", done)
	for _, email := range receiptEmails() {
		done.Email = email
		g.add("done-"+string(email.State), "Receipt, its email "+string(email.State), done)
	}
	done.Email = pages.ReceiptEmail{State: pages.ReceiptQueued, Ask: "/w/x/receipt"}
	waiting := done
	waiting.Waiting = true
	waiting.Lines = lines()[2:3]
	g.add("done-waiting", "Receipt with only waiting items", waiting)
	none := done
	none.Empty, none.Lines, none.Back, none.Email = true, missing, "/w/x", pages.ReceiptEmail{}
	none.History = pages.HistoryCode{}
	g.add("done-empty", "Finished with nothing: the link stays open", none)
	long := done
	long.Name, long.Business, long.Company = longName, longName, longName
	long.Lines = append(
		[]pages.Line{
			{
				Service: onboarding.Facebook,
				Title:   longName,
				Detail:  longName + " · run ads, see results",
				State:   onboarding.ItemConnected,
			},
			{Service: onboarding.Mailchimp, Title: arabic, Skipped: strings.Repeat("long reason ", 40)},
			{Service: onboarding.Facebook, Title: "Facebook", Rest: true, Skipped: "Lars has the other Page."},
		},
		done.Lines...)
	g.add("done-long", "Receipt with long names", long)
}

// receiptEmails are those that cannot be asked for again.
func receiptEmails() (emails []pages.ReceiptEmail) {
	for _, state := range []pages.ReceiptEmailState{
		pages.ReceiptQueued, pages.ReceiptDelayed, pages.ReceiptSent, pages.ReceiptRefused, pages.ReceiptLimited,
		pages.ReceiptSuppressed, pages.ReceiptSuspended,
	} {
		emails = append(emails, pages.ReceiptEmail{State: state, At: at(23, 14, 33)})
	}
	return emails
}

func (g *gallery) ends() {
	addUnfinishedEnds(g)
	g.add(
		"completed",
		"Completed by a colleague",
		pages.Completed{Frame: bare(), By: person, At: at(23, 14, 32), Email: pages.ReceiptEmail{Ask: "/r/receipt"}},
		"F4",
	)
	g.add(
		"completed-own",
		"Completed, in the browser that finished",
		pages.Completed{Frame: bare(), By: person, At: at(23, 14, 32), Show: "/w/x/done"},
		"F4",
	)
	for _, email := range receiptEmails() {
		g.add(
			"completed-"+string(email.State),
			"Completed, its receipt's email "+string(email.State),
			pages.Completed{Frame: bare(), By: person, At: at(23, 14, 32), Email: email},
			"F4",
		)
	}
	g.add(
		"completed-neutral",
		"Completed, white-label off, name gone",
		pages.Completed{
			Frame: func() pages.Frame { f := neutral(""); f.Steps = nil; f.ReplyTo = ""; return f }(),
			At:    at(23, 14, 32),
		},
		"F4",
	)
	g.olderLinks()
	g.add("paused", "The agency is suspended", pages.Paused{Frame: bare()})
	phone := pages.PhoneRefused{Frame: bare(), Link: "https://access.northlight.example/r/x", Post: "/r/x/phone"}
	g.add("phone", "On a phone", phone, "F6")
	wrong := phone
	wrong.Email, wrong.Error = "marta@harbourpine", "marta@harbourpine is not a full address."
	g.add("phone-wrong", "On a phone, no full address", wrong, "F6")
	asked := phone
	asked.Asked = true
	g.add("phone-asked", "On a phone, the neutral answer", asked, "F6")
	alone := phone
	alone.Post = ""
	g.add("phone-no-recipients", "On a phone, shared by link only", alone, "F6")
	g.add("not-found", "Not found", pages.NotFound{Frame: relay()})
	g.add(
		"try-later",
		"The relay cannot just now",
		pages.TryLater{Frame: bare(), Reference: "R7KQ-20419", Again: "/r/x"},
	)
	g.add("too-often", "Too often", pages.TryLater{Frame: relay(), TooOften: true})
	g.add("refused-post", "A form from elsewhere", pages.RefusedPost{Frame: bare(), Back: "/r/x"})
	g.add("not-for-me", "This was not meant for me", pages.Suppress{Frame: bare(), Email: email, Post: "/n/x"})
	g.add("not-for-me-done", "No more mail", pages.Suppress{Frame: bare(), Email: email, Done: true})
}

func (g *gallery) olderLinks() {
	older := pages.OlderLink{Frame: bare(), Newer: at(21, 8, 5), Email: email, Send: "/r/x/send-again"}
	g.add("older-link", "An older link", older, "F5")
	sent, limited, copied := older, older, older
	sent.Sent, limited.Limited = true, true
	copied.Send, copied.Email, copied.Ask = "", "", "/r/x/ask"
	g.add("older-link-sent", "An older link, the newest was sent again", sent, "F5")
	g.add("older-link-limited", "An older link, enough was sent", limited, "F5")
	g.add("older-link-copied", "An older link that was copied", copied, "F5")
	copied.Asked = at(23, 14, 32)
	g.add("older-link-asked", "An older link that was copied, the newest was asked for", copied, "F5")
}

func (g *gallery) declines() {
	decline := pages.Decline{Frame: bare(), Post: "/w/x/decline", Back: "/w/x"}
	g.add("decline", "Decline the whole request", decline)
	decline.Error = "Say in a few words why, so that Northlight Media knows."
	g.add("decline-wrong", "Decline, without a reason", decline)
	until := bare()
	until.Expires = at(28, 9, 0)
	g.add("declined", "Declined", pages.Declined{Frame: until, Reason: "Lars looks after all of this.", Back: "/w/x"})
	g.add("declined-colleague", "Declined by a colleague", pages.Declined{Frame: until, By: person, Back: "/w/x"})
}

func (g *gallery) others() {
	g.declines()
	g.add(
		"genuine",
		"Is this genuine?",
		pages.Genuine{Frame: bare(), VerificationWords: []string{"copper", "lantern", "meadow", "seven"}, Back: "/r/x"},
		"F9",
	)
	g.add("genuine-relay", "Is this genuine? Without a request", pages.Genuine{Frame: relay()}, "F9")
	g.add("help", "Help", pages.Help{Frame: bare(), Services: services(), Back: "/r/x"})
	g.add("help-relay", "Help of the relay", pages.Help{Frame: relay()})
	g.add("open-request", "Open a request in Latchkey", pages.OpenHub{
		Frame: relay(), What: pages.OpenRequest, ID: "q8w2",
	})
	g.add("open-facebook", "Open a sign-in in Latchkey", pages.OpenHub{
		Frame: relay(), What: pages.OpenFacebook,
	})
	report := pages.Report{Frame: bare(), Post: "/r/report", Back: "/r/x"}
	g.add("report", "Report", report)
	report.TextError = "Say in a few words what seems wrong."
	g.add("report-wrong", "Report, empty", report)
	report.Sent = true
	g.add("report-sent", "Report, sent", report)
	own := relay()
	own.Agency = company
	sign := pages.AgencySignIn{Frame: own, Service: onboarding.Facebook, Member: User, Post: "/connect/x"}
	g.add("agency-sign-in", "The agency’s own sign-in", sign)
	sign.Post, sign.Link, sign.Host = "", "https://www.facebook.com/v27.0/dialog/oauth?state=x", "www.facebook.com"
	g.add("agency-sign-in-leaving", "The agency’s own sign-in, leaving", sign)
	g.add(
		"agency-sign-in-crm",
		"The agency’s own HubSpot",
		pages.AgencySignIn{Frame: own, Service: onboarding.HubSpot, Member: User, Post: "/connect/x"},
	)
	asks := pages.AgencySignIn{Frame: own, Service: onboarding.Salesforce, Member: User, Post: "/connect/x"}
	asks.Asks = &pages.Choosing{Before: exampleBefore(g)}
	g.add("agency-sign-in-asks", "The agency’s own Salesforce", asks)
	g.add(
		"agency-sign-in-done",
		"The agency’s own sign-in, done",
		pages.AgencySignInEnd{Frame: own, Service: onboarding.Facebook},
	)
	g.add(
		"agency-sign-in-failed",
		"The agency’s own sign-in, cancelled",
		pages.AgencySignInEnd{
			Frame:   own,
			Service: onboarding.Facebook,
			Failure: g.failureView(catalog.SignInCancelled, facts()),
		},
	)
}

// failures shows each code of the catalog on a page of its own, with every
// fact known and with none.
func (g *gallery) failures() {
	for _, code := range catalog.Codes() {
		full := facts()
		switch code {
		case catalog.MayNotConnect, catalog.WhichAccount:
			full.Service = onboarding.HubSpot
		case catalog.AddressOfApp,
			catalog.AddressNotHTTPS,
			catalog.AddressUnknown,
			catalog.KeyRefused,
			catalog.KeyIsPersonal,
			catalog.AccountUnpaid:
			full.Service = onboarding.ActiveCampaign
		case catalog.NothingPicked, catalog.TooManyPicked, catalog.LeftOut, catalog.InTrash, catalog.SessionLimited:
			full.Service, full.Asset = onboarding.GoogleSheets, "Leads 2026"
		}
		page := pages.Problem{
			Frame:   Branded(pages.StepFacebook),
			Service: full.Service,
			Failure: *g.failureView(code, full),
			Back:    "/w/x",
		}
		page.Failure.Platform, page.Failure.Reference = "190/460", "R7KQ-20419"
		g.add(
			"problem-"+strings.ReplaceAll(string(code), "_", "-"),
			"Problem: "+page.Failure.Title,
			page,
			rowOf(page.Failure)...)
	}
	bare := pages.Problem{Frame: neutral(pages.StepFacebook), Failure: *g.failureView(catalog.OtherOwner, catalog.Args{})}
	g.add("problem-nothing-known", "Problem with no fact known", bare, "F16")
}

func rowOf(t pages.FailureView) []string {
	if t.Row == "" {
		return nil
	}
	return []string{t.Row}
}

func facts() catalog.Args {
	return catalog.Args{
		Agency:  company,
		Name:    person,
		Asset:   "Harbour Café",
		Other:   "Kontor Werbung",
		People:  []string{"Lars Holm"},
		Service: onboarding.Facebook,
		When: at(
			23,
			15,
			10,
		),
		Account: "Harbour & Pine AB, portal 26114873",
		Address: "https://northwind.api-us1.com",
		Reason:  "Facebook does not answer right now.",
		Feature: "custom objects",
		Done:    2,
		Of:      3,
	}
}

func (g *gallery) failureView(code catalog.FailureCode, known catalog.Args) *pages.FailureView {
	return &pages.FailureView{
		Failure:   g.catalog.Describe(code, known),
		Again:     "/w/x/again",
		AgainPost: true,
		Skip:      "/w/x/skip",
		On:        "/w/x/next",
		HandOver:  "/w/x/hand-over",
	}
}

func (g *gallery) failureOf(code catalog.FailureCode, known catalog.Args) *catalog.Failure {
	said := g.catalog.Describe(code, known)
	return &said
}

func (g *gallery) failure(code catalog.FailureCode, asset string) *catalog.Failure {
	known := facts()
	known.Asset = asset
	return g.failureOf(code, known)
}

func lines() []pages.Line {
	return []pages.Line{
		{
			Service: onboarding.Facebook,
			Title:   "2 ad accounts",
			Detail:  "Harbour & Pine EU, Harbour & Pine Nordics · run ads, see results",
			State:   onboarding.ItemConnected,
		},
		{
			Service: onboarding.Facebook,
			Title:   "Page Harbour & Pine",
			Detail:  "Run ads, see results",
			State:   onboarding.ItemConnected,
		},
		{
			Service: onboarding.Facebook,
			Title:   "Page Harbour & Pine Outlet",
			Detail:  "Approve it in Business Manager, under Requests. We keep checking.",
			State:   onboarding.ItemWaiting,
			Fix:     "/w/x/facebook",
		},
		{
			Service: onboarding.Mailchimp,
			Title:   "Harbour & Pine Newsletter",
			Detail:  "Mailchimp · full access to one account",
			State:   onboarding.ItemConnected,
		},
		{Service: onboarding.HubSpot, Title: "HubSpot", Skipped: "Lars is our Super Admin, he is back on Monday."},
	}
}

// addUnfinishedEnds adds links that ended before anybody finished.
func addUnfinishedEnds(g *gallery) {
	expired := pages.Expired{Frame: bare(), On: at(5, 9, 0), Ask: "/r/x/ask"}
	g.add("expired", "Expired", expired, "F2")
	expired.Email = pages.ReceiptEmail{State: pages.ReceiptSent}
	g.add("expired-receipt", "Expired, and the client got a receipt", expired, "F2")
	expired.Asked = at(23, 14, 32)
	g.add("expired-asked", "Expired, a new link was asked for", expired, "F2")
	g.add("expired-gone", "Expired, and the request is deleted", pages.Expired{Frame: relay()}, "F2")
	g.add("withdrawn", "Withdrawn", pages.Withdrawn{Frame: bare(), TakeBack: "/r/help#take-back"}, "F3")
	g.add("withdrawn-receipt", "Withdrawn, and the client can have a receipt", pages.Withdrawn{
		Frame: bare(), TakeBack: "/r/help#take-back", Email: pages.ReceiptEmail{Ask: "/w/x/receipt"},
	}, "F3")
}
