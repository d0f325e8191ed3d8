package pages

import (
	"fmt"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// State is one page in one state, for pictures and for the checks that read
// every page.
type State struct {
	Name  string   // for a file: lower case and dashes
	Title string   // for a person
	Rows  []string // the rows of the failures' table that it shows
	Page  Page
}

// Brand of the gallery: the style sheets and the logo it refers to. Whoever
// writes the gallery to disk puts these files beside it.
const (
	GalleryLogo  = "/assets/northlight.png"
	GalleryStyle = "/assets/northlight.css"
)

// Gallery lists every page in every state, and every failure of the catalog
// in the place where a client meets it.
func Gallery() []State {
	g := gallery{}
	g.starts()
	g.facebook()
	g.platforms()
	g.finishes()
	g.ends()
	g.others()
	g.failures()
	return g.states
}

type gallery struct{ states []State }

func (g *gallery) add(name, title string, page Page, rows ...string) {
	g.states = append(g.states, State{Name: name, Title: title, Rows: rows, Page: page})
}

// The gallery's people are the pictures' people.
const (
	company = "Northlight Media"
	client  = "Harbour & Pine"
	person  = "Marta Lindqvist"
	email   = "marta.lindqvist@harbourpine.example"
	user    = "Ana Ruiz"
	manager = "Northlight – Clients"
	message = "Hello Marta, to plan the winter campaign we need access to your ad accounts, your Pages and your customer lists. It takes about five minutes."
)

func at(day, hour, minute int) onboarding.Moment {
	return onboarding.At(time.Date(2026, time.November, day, hour, minute, 0, 0, time.UTC))
}

func services() []onboarding.Service {
	return []onboarding.Service{onboarding.Facebook, onboarding.Mailchimp, onboarding.HubSpot}
}

func everything() []onboarding.Service { return onboarding.Services() }

// branded is a page of an agency with its own brand.
func branded(now StepName) Frame {
	return Frame{
		Company: company, Branded: true, Logo: GalleryLogo, Style: GalleryStyle, Host: "access.northlight.example",
		Help: "/r/help", Genuine: "/r/genuine", Report: "/r/report",
		Agency: company, Operator: "Kestrel Hosting", Expires: at(35, 14, 32), ReplyTo: "hello@northlight.example",
		Steps: Progress(services(), now),
	}
}

func bare() Frame { f := branded(StepAllDone); f.Steps = nil; return f }

// neutral is the same without white-label.
func neutral(now StepName) Frame {
	f := branded(now)
	f.Branded = false
	return f
}

// relay is a page that knows no agency.
func relay() Frame {
	return Frame{Host: "access.northlight.example", Operator: "Kestrel Hosting", Report: "/report"}
}

const (
	longName = "Übersee-Handelsgesellschaft für nachhaltige Wohn- und Gartenmöbel Harbour & Pine Deutschland Süd mbH & Co. KG, Zweigniederlassung Kempten"
	arabic   = "شركة الميناء والصنوبر للأثاث المنزلي"
)

func (g *gallery) starts() {
	landing := Landing{Frame: bare(), Client: client, Requester: user, Message: message, Services: services(), Post: "/r/x"}
	g.add("landing", "Landing", landing, "F1")

	plain := landing
	plain.Frame, plain.Requester = neutral(StepAllDone), ""
	plain.Frame.Steps = nil
	g.add("landing-neutral", "Landing, white-label off, requester not shown", plain)

	all := landing
	all.Services, all.Requester, all.Frame.Demo = everything(), "", true
	g.add("landing-everything", "Landing of the demo with all six services", all)

	long := landing
	long.Client, long.Requester = longName, longName
	long.Frame.Company, long.Frame.Agency, long.Frame.Operator, long.Frame.Logo = longName, longName, longName, ""
	long.Message = strings.Repeat("To plan the campaigns we need access to your ad accounts. ", 84) + strings.Repeat("x", 128)
	g.add("landing-long", "Landing with long names, 5,000 characters and no logo", long)

	rtl := landing
	rtl.Client, rtl.Requester, rtl.Frame.Company, rtl.Frame.Agency = arabic, "ليلى حداد", arabic, arabic
	rtl.Message = "مرحبا، نحتاج إلى الوصول إلى حساباتكم الإعلانية وصفحاتكم.\n\nيستغرق الأمر نحو خمس دقائق."
	g.add("landing-rtl", "Landing in a script from right to left", rtl)

	again := ContinueAs{
		Frame: bare(), Client: client, Name: person, Email: email, Started: at(20, 13, 51), Continue: "/w/x", SomeoneElse: "/w/x/else", SignedOut: true,
		SoFar: []SoFar{
			{Service: onboarding.Facebook, Detail: "2 ad accounts and 2 Pages", State: onboarding.ItemWaiting, Waiting: 1},
			{Service: onboarding.Mailchimp, Detail: "Harbour & Pine Newsletter", State: onboarding.ItemConnected},
			{Service: onboarding.HubSpot},
		},
	}
	g.add("continue", "Welcome back", again)
	fresh := again
	fresh.SignedOut = false
	fresh.SoFar = []SoFar{{Service: onboarding.Facebook}, {Service: onboarding.Mailchimp, Detail: "Lars does this.", Skipped: true}, {Service: onboarding.HubSpot}}
	g.add("continue-nothing-yet", "Welcome back, nothing connected", fresh)

	about := AboutYou{Frame: branded(StepAboutYou), Services: services(), Post: "/r/x/you"}
	g.add("about-you", "About you", about)
	wrong := about
	wrong.Name, wrong.Email = "", "office@harbourpine"
	wrong.NameError, wrong.EmailError = "Enter your name.", "office@harbourpine is not a full address."
	g.add("about-you-wrong", "About you, with errors", wrong)
	two := about
	two.Name, two.Email, two.Frame.Also = person, email, "Lars"
	g.add("about-you-two-people", "About you, a colleague has started", two, "F7")
	two.Frame.Also, two.Frame.AlsoSome = "", true
	g.add("about-you-somebody", "About you, somebody has started", two, "F7")
}

func (g *gallery) facebook() {
	start := FacebookStart{Frame: branded(StepFacebook), Client: client, User: user, Business: manager, Add: "/w/x/facebook", Back: "/r/x/you", Skip: "/w/x/skip"}
	g.add("facebook-start", "Facebook, before the sign-in", start)
	some := start
	some.Choices = choices()
	some.Next = "/w/x/crm"
	g.add("facebook-start-connected", "Facebook, something is connected already", some)
	skipped := start
	skipped.Skipped, skipped.Next = "Lars looks after Facebook, he is back on Monday.", "/w/x/crm"
	g.add("facebook-start-skipped", "Facebook, skipped with a reason", skipped)
	cancelled := start
	cancelled.Trouble = trouble(catalog.SignInCancelled, facts())
	cancelled.Trouble.Skip = ""
	g.add("facebook-start-cancelled", "Facebook, the sign-in was cancelled", cancelled, "F13")

	g.add("leaving-facebook", "Leaving for Facebook", Leaving{Frame: branded(StepFacebook), Service: onboarding.Facebook, Client: client,
		Host: "www.facebook.com", Link: "https://www.facebook.com/v27.0/dialog/oauth?state=x", Back: "/w/x/facebook", Skip: "/w/x/skip", Stopped: "/w/x/facebook/stopped"}, "F29")
	g.add("leaving-crm", "Leaving for HubSpot, on a page of its own", Leaving{Frame: branded(StepPlatforms), Service: onboarding.HubSpot, Client: client,
		Host: "app.hubspot.com", Link: "https://app.hubspot.com/oauth/authorize?state=x", Back: "/w/x/crm", Skip: "/w/x/skip"})

	assets := FacebookAssets{
		Frame: branded(StepFacebook), User: user, Business: manager, SignedInAs: person,
		AdAccounts: AssetList{Assets: adAccounts()}, Pages: AssetList{Assets: pages()},
		Connect: "/w/x/facebook/connect", Search: "/w/x/facebook", Again: "/w/x/facebook/again", NotYou: "/w/x/facebook/leave", Skip: "/w/x/skip",
	}
	g.add("assets", "Choose what to share", assets, "F14", "F16", "F17", "F18", "F22", "F26")

	nothing := assets
	nothing.AdAccounts.Assets, nothing.Pages.Assets, nothing.Nothing = unticked(adAccounts()), unticked(pages()), true
	g.add("assets-nothing-chosen", "Connect Assets without a choice", nothing)

	found := assets
	found.AdAccounts.Query, found.Pages.Query = "outlet", "nothing like this"
	found.Pages.Assets = unticked(found.Pages.Assets)
	g.add("assets-searched", "Searched without script", found)

	done := assets
	done.AdAccounts.Assets, done.Pages.Assets = afterSharing(adAccounts()), afterSharing(pages())
	done.Next = "/w/x/crm"
	done.Trouble = trouble(catalog.PartlyDone, catalog.Facts{Agency: company, Asset: "Harbour & Pine Outlet", Done: 2, Waits: 1, Of: 4,
		Reason: catalog.Say(catalog.PlatformDown, catalog.Facts{Service: onboarding.Facebook}).Sentence})
	done.Trouble.Again, done.Trouble.On, done.Trouble.Skip = "", "", ""
	g.add("assets-partly-done", "A result in every row", done, "F30", "F31")

	all := assets
	all.AdAccounts.Assets, all.Pages.Assets, all.Next = allShared(adAccounts()), allShared(pages()), "/w/x/facebook/by-hand"
	g.add("assets-connected", "Everything chosen is connected or waits", all)

	failed := assets
	failed.AdAccounts.Assets, failed.Pages.Assets = allFailed(adAccounts()), allFailed(pages())
	failed.Trouble = trouble(catalog.TemporarilyBlocked, catalog.Facts{Agency: company, Service: onboarding.Facebook})
	failed.Trouble.Again, failed.Trouble.Skip = "", ""
	g.add("assets-none-worked", "None of the chosen assets worked", failed, "F28")

	barred := assets
	barred.AdAccounts.Assets = []Asset{{ID: "1", Name: "Harbour Café Ads", Detail: "4471 2180 554 · SEK", Failure: failure(catalog.PartialAccess, "Harbour Café Ads"), Guide: "/w/x/why/1"}}
	barred.Pages.Assets = []Asset{{ID: "2", Name: "Harbour Holding", Detail: "Holding · 12 followers", Failure: failure(catalog.NotBusinessAdmin, "Harbour Holding"), Guide: "/w/x/why/2"}}
	barred.Trouble = trouble(catalog.WrongPerson, facts())
	barred.Trouble.Skip = ""
	g.add("assets-nothing-to-share", "A Facebook user who may share nothing", barred, "F8", "F17", "F18")

	homeless := barred
	homeless.AdAccounts.Assets = []Asset{{ID: "1", Name: "Marta private", Detail: "1029 4410 093 · EUR", Failure: failure(catalog.NotInBusinessManager, "Marta private"), Guide: "/w/x/why/1"}}
	homeless.Pages.Assets = []Asset{{ID: "2", Name: "Harbour Bakery", Detail: "Bakery · 812 followers", Failure: failure(catalog.NotInBusinessManager, "Harbour Bakery"), Guide: "/w/x/why/2"}}
	homeless.Trouble = trouble(catalog.NoBusinessManager, facts())
	homeless.Trouble.Skip = ""
	g.add("assets-no-business", "A client without a Business Manager", homeless, "F15")

	sharing := assets
	sharing.AdAccounts.Assets, sharing.Pages.Assets, sharing.Sharing = sharingNow(adAccounts()), sharingNow(pages()), true
	g.add("assets-sharing", "While Facebook works", sharing)

	many := assets
	many.AdAccounts, many.Pages = AssetList{Assets: plenty("Ad account", 500)}, AssetList{Assets: plenty("Page", 60)}
	g.add("assets-many", "60 Pages and 500 ad accounts", many, "F23")

	more := assets
	more.Asked = catalog.Asked{Level: onboarding.LevelView, Kinds: onboarding.ExtraKinds()}
	more.More = []AssetList{
		{Kind: onboarding.Dataset, Assets: []Asset{{ID: "771204418802", Name: "Harbour & Pine website", Detail: "7712 0441 8802", Chosen: true}}},
		{Kind: onboarding.InstagramAccount, Assets: []Asset{{ID: "553017720041", Name: "@harbourandpine", Detail: "5530 1772 0041"}}},
		{Kind: onboarding.Catalogue},
	}
	g.add("assets-more-kinds", "Datasets, Instagram accounts and catalogues, to see results only", more, "F32")

	empty := assets
	empty.AdAccounts, empty.Pages = AssetList{}, AssetList{}
	empty.Trouble = trouble(catalog.WrongFacebookUser, facts())
	empty.Trouble.Skip = ""
	g.add("assets-none", "A Facebook user who sees nothing", empty, "F24")

	cut := assets
	cut.Trouble = trouble(catalog.ListCut, facts())
	cut.Trouble.Skip = ""
	g.add("assets-cut", "Facebook stopped before the end of the list", cut, "F23")

	names := assets
	names.Frame.Company, names.Business, names.User, names.SignedInAs = longName, longName, longName, longName
	names.AdAccounts.Assets = append([]Asset{{ID: "1", Name: longName, Detail: "1029 4410 093 · EUR", Failure: failure(catalog.OtherOwner, longName)}, {ID: "2", Name: arabic, Detail: "3 · SAR", Chosen: true}}, names.AdAccounts.Assets...)
	g.add("assets-long-names", "Choose, with long names and right to left", names)

	hand := ByHand{Frame: branded(StepFacebook), Business: manager, BusinessID: "118420903317552", Client: client, Choices: choices(), Look: "/w/x/facebook/look", Back: "/w/x/facebook", Next: "/w/x/crm"}
	g.add("by-hand", "One thing to share by hand", hand, "D10")
	approve := hand
	approve.Choices = choices()
	approve.Choices[3].Failure, approve.Choices[3].Other = catalog.ApproveInBusiness, "Harbour & Pine AB"
	g.add("approve", "An admin has to approve", approve, "F20")
	approve.Stayed = true
	g.add("approve-still-waiting", "Looked again, it still waits", approve, "F21")
	mixed := hand
	mixed.Choices = append(choices(), Choice{Name: "Harbour Trade Fair", Kind: onboarding.AdAccount, State: onboarding.ItemWaiting, Failure: catalog.ShareByHand},
		Choice{Name: "Pine Kids", Kind: onboarding.Page, State: onboarding.ItemWaiting, Failure: catalog.NewPageAdmin},
		Choice{Name: "Harbour Workshop", Kind: onboarding.Page, State: onboarding.ItemWaiting, Failure: catalog.ApproveInBusiness, Other: "Harbour & Pine AB"})
	g.add("by-hand-mixed", "Several things wait for different reasons", mixed, "D10", "F19", "F20")
	week := hand
	week.Choices = choices()
	week.Choices[3].Failure = catalog.NewPageAdmin
	g.add("seven-days", "A new admin of a Page", week, "F19")
	arrived := hand
	arrived.Choices = choices()
	arrived.Choices[3].State, arrived.Choices[3].Failure = onboarding.ItemConnected, ""
	g.add("by-hand-arrived", "Everything has arrived", arrived)
}

func exampleBefore() catalog.Before { return *catalog.Of(onboarding.Salesforce).Before }

func (g *gallery) platforms() {
	list := CRMList{Frame: branded(StepPlatforms), Rows: crmRows(), Back: "/w/x/facebook", SkipAll: "/w/x/skip"}
	first := list
	first.Rows = []CRMRow{{Service: onboarding.Mailchimp, Add: "/w/x/mailchimp"}, {Service: onboarding.HubSpot, Add: "/w/x/hubspot"}, {Service: onboarding.ActiveCampaign, Add: "/w/x/activecampaign"}}
	g.add("platforms-empty", "Other platforms, nothing yet", first)
	list.Next = "/w/x/summary"
	g.add("platforms", "Other platforms", list)
	open := list
	open.Open = &CRMOpen{Service: onboarding.HubSpot, Host: "app.hubspot.com", Link: "https://app.hubspot.com/oauth/authorize?state=x", Cancel: "/w/x/crm", Skip: "/w/x/skip"}
	g.add("platforms-proceed", "Other platforms, before HubSpot", open)
	atSalesforce := catalog.Facts{Agency: company, Service: onboarding.Salesforce, Install: "https://login.salesforce.com/packaging/installPackage.apexp?p0=04t5e000000LtKyAAK"}
	install := list
	install.Rows = []CRMRow{{Service: onboarding.Salesforce, Add: "/w/x/salesforce"}, {Service: onboarding.HubSpot, Add: "/w/x/hubspot"}}
	install.Open = &CRMOpen{
		Service: onboarding.Salesforce, Host: "harbourpine.my.salesforce.com", Link: "https://harbourpine.my.salesforce.com/services/oauth2/authorize?state=x",
		Cancel: "/w/x/crm", Stopped: "/w/x/stopped", Skip: "/w/x/skip", Install: failureOf(catalog.AdminMustInstall, atSalesforce),
	}
	g.add("platforms-install", "Other platforms, before Salesforce", install, "F41")
	states := list
	states.Rows = []CRMRow{
		{Service: onboarding.Mailchimp, Add: "/w/x/mailchimp", Skipped: "We no longer use it."},
		{Service: onboarding.Salesforce, Failure: failure(catalog.AgencySide, "")},
		{Service: onboarding.GoogleSheets, Failure: func() *catalog.Failure {
			f := catalog.Say(catalog.NotConfigured, catalog.Facts{Agency: company, Service: onboarding.GoogleSheets})
			return &f
		}()},
		{Service: onboarding.HubSpot, Add: "/w/x/hubspot", Accounts: []CRMAccount{
			{Name: longName, Detail: "portal 26114873", State: onboarding.ItemConnected},
			{Name: "Pine Kids AB", Detail: "portal 26114990", State: onboarding.ItemConnected, Note: catalog.Say(catalog.AccountRefreshed, catalog.Facts{}).Sentence},
			{Name: "Old portal", Detail: "portal 1200", State: onboarding.ItemFailed}}},
		{Service: onboarding.ActiveCampaign, Add: "/w/x/activecampaign"},
	}
	states.Trouble = trouble(catalog.PlatformDown, catalog.Facts{Agency: company, Service: onboarding.HubSpot})
	g.add("platforms-states", "Other platforms in every state", states, "F27", "F47", "F48")

	result := CRMResult{CRMList: list, Service: onboarding.HubSpot, Account: "Harbour & Pine AB, portal 26114873", SignedIn: "lars.holm@harbourpine.example", Close: "/w/x/crm"}
	result.Notes = []catalog.Failure{*failureOf(catalog.WhichAccount, catalog.Facts{Service: onboarding.HubSpot, Account: result.Account})}
	g.add("result", "HubSpot is connected", result, "F38")
	same := result
	same.Notes = []catalog.Failure{*failureOf(catalog.AccountRefreshed, catalog.Facts{Account: result.Account})}
	g.add("result-same-account", "The same account again", same, "F47")
	failed := result
	failed.Rows = first.Rows
	failed.Notes, failed.Next = nil, ""
	failed.Failed = trouble(catalog.MayNotConnect, catalog.Facts{Agency: company, Service: onboarding.HubSpot})
	g.add("result-failed", "HubSpot did not let them", failed, "F37")

	failed.Service, failed.Rows = onboarding.Salesforce, install.Rows
	failed.Failed = trouble(catalog.AdminMustInstall, atSalesforce)
	g.add("result-not-installed", "Salesforce, the app is not installed", failed, "F41")
	failed.Failed = trouble(catalog.NoAPIAccess, atSalesforce)
	g.add("result-no-api", "Salesforce has no access for apps", failed, "F43")
	failed.Service, failed.Rows = onboarding.HubSpot, first.Rows
	failed.Failed = trouble(catalog.PlatformDown, catalog.Facts{Agency: company, Service: onboarding.HubSpot})
	g.add("result-down", "HubSpot does not answer", failed, "F48")

	several := result
	several.Service, several.Kind, several.SignedIn = onboarding.GoogleSheets, onboarding.Sheet, "nadia@northwind.example"
	several.Account, several.Also, several.Notes = "Leads 2026", []string{"Customer list", longName}, nil
	g.add("result-several", "Three sheets by one sign-in", several, "F34")
	sheets := failed
	sheets.Service = onboarding.GoogleSheets
	sheets.Failed = trouble(catalog.NothingPicked, catalog.Facts{Agency: company, Service: onboarding.GoogleSheets})
	g.add("result-no-sheet", "No sheet was picked", sheets, "F36")
	sheets.Failed = trouble(catalog.PermissionUnticked, catalog.Facts{Agency: company, Service: onboarding.GoogleSheets})
	g.add("result-unticked", "A box at Google was left unticked", sheets, "F33")
	g.add("workspace-blocks", "A Google Workspace lets only known apps in", Problem{
		Frame: branded(StepPlatforms), Service: onboarding.GoogleSheets, Back: "/w/x/crm", Trouble: *trouble(catalog.MayNotConnect, catalog.Facts{
			Agency: company, Service: onboarding.GoogleSheets, App: "584219307762-k3v9q1m7pd2s5t8w0x4y6z.apps.googleusercontent.com",
		}),
	}, "F35")

	before := BeforeForm{
		Frame: branded(StepPlatforms), Service: onboarding.Salesforce, Choosing: Choosing{Before: exampleBefore()},
		Post: "/w/x/before", Cancel: "/w/x/crm", Skip: "/w/x/skip",
	}
	g.add("before", "What is asked before the client leaves", before, "F42")
	pick := before
	pick.Service, pick.Choosing = onboarding.GoogleSheets, Choosing{Before: *catalog.Of(onboarding.GoogleSheets).Before}
	g.add("before-sheets", "Picking sheets, or making one", pick)
	wrong := before
	wrong.Chosen, wrong.Typed, wrong.Repair = "domain", "northwind.lightning.force.com", "northwind.my.salesforce.com"
	wrong.Error = failureOf(catalog.SignInAddressOfApp, catalog.Facts{Service: onboarding.Salesforce, Address: wrong.Repair})
	g.add("before-wrong", "An address that is not the one to sign in at", wrong, "F42")

	form := KeyForm{Frame: branded(StepPlatforms), Service: onboarding.ActiveCampaign, Post: "/w/x/activecampaign", Cancel: "/w/x/crm", Skip: "/w/x/skip"}
	g.add("activecampaign", "ActiveCampaign", form, "F46")
	address := form
	address.URL, address.Key, address.Repair = "https://pacificroast.activehosted.com/app", strings.Repeat("7c1f", 18), "https://pacificroast.activehosted.com"
	address.URLError = failureOf(catalog.AddressOfApp, catalog.Facts{Address: address.Repair})
	g.add("activecampaign-address", "ActiveCampaign, the address of the app", address, "F44")
	insecure := address
	insecure.URL, insecure.Repair = "http://northwind.api-us1.com", "https://northwind.api-us1.com"
	insecure.URLError = failureOf(catalog.AddressNotHTTPS, catalog.Facts{Address: insecure.Repair})
	g.add("activecampaign-not-https", "ActiveCampaign, an address without https", insecure, "F44")
	unknown := address
	unknown.URL, unknown.Repair, unknown.URLError = "https://activecampaign.example.com", "", failureOf(catalog.AddressUnknown, catalog.Facts{Service: onboarding.ActiveCampaign})
	g.add("activecampaign-unknown", "ActiveCampaign, an address that is none", unknown, "F44")
	key := form
	key.URL, key.KeyError = "https://northwind.api-us1.com", failureOf(catalog.KeyRefused, catalog.Facts{Service: onboarding.ActiveCampaign})
	g.add("activecampaign-key", "ActiveCampaign, the key was refused", key, "F45")
	down := form
	down.URL, down.Key = "https://northwind.api-us1.com", strings.Repeat("7c1f", 18)
	down.Trouble = trouble(catalog.PlatformDown, catalog.Facts{Agency: company, Service: onboarding.ActiveCampaign})
	down.Trouble.Again, down.Trouble.Skip = "", ""
	down.Accounts = []CRMAccount{{Name: "northwind", Detail: "northwind.api-us1.com", State: onboarding.ItemConnected}}
	g.add("activecampaign-down", "ActiveCampaign does not answer", down, "F48")
	g.mailchimp(list)
}

// mailchimp shows the platform without scopes, where a role can be too low.
func (g *gallery) mailchimp(list CRMList) {
	open := list
	open.Open = &CRMOpen{
		Service: onboarding.Mailchimp, Host: "login.mailchimp.com",
		Link: "https://login.mailchimp.com/oauth2/authorize?state=x", Cancel: "/w/x/crm", Skip: "/w/x/skip",
	}
	g.add("mailchimp-proceed", "Other platforms, before Mailchimp", open)
	result := CRMResult{
		CRMList: list, Service: onboarding.Mailchimp, Close: "/w/x/crm",
		Account: "Harbour & Pine, marta@harbourpine.example · Owner", SignedIn: "marta@harbourpine.example",
	}
	g.add("mailchimp-result", "Mailchimp is connected", result, "F38")
	failed := result
	failed.Rows, failed.Next = []CRMRow{{Service: onboarding.Mailchimp, Add: "/w/x/mailchimp"}}, ""
	facts := catalog.Facts{Agency: company, Service: onboarding.Mailchimp, Code: "viewer"}
	for _, state := range []struct {
		name, title string
		code        catalog.FailureCode
		row         string
	}{
		{"mailchimp-role", "A role at Mailchimp that is too low", catalog.RoleTooLow, "F40"},
		{"mailchimp-inactive", "A user who is switched off at Mailchimp", catalog.UserInactive, "F55"},
		{"mailchimp-busy", "Mailchimp takes no more calls", catalog.PlatformBusy, "F48"},
	} {
		facts.Wait = 0
		if state.code == catalog.PlatformBusy {
			facts.Wait = 30 * time.Second
		}
		failed.Failed = trouble(state.code, facts)
		g.add(state.name, state.title, failed, state.row)
	}
}

func (g *gallery) finishes() {
	skip := Skip{Frame: branded(StepFacebook), Services: []onboarding.Service{onboarding.Facebook}, Post: "/w/x/skip", Back: "/w/x/facebook"}
	g.add("skip", "Skip Facebook", skip)
	skip.Services, skip.Error = []onboarding.Service{onboarding.Mailchimp, onboarding.HubSpot}, "Say in a few words what keeps you from it."
	g.add("skip-wrong", "Skip the rest, without a reason", skip)

	summary := Summary{Frame: branded(StepSummary), Client: client, Lines: lines(), Post: "/w/x/finish", Back: "/w/x/crm"}
	g.add("summary", "Summary", summary)
	empty := summary
	empty.Empty = true
	empty.Lines = []Line{{Service: onboarding.Facebook, Title: "Facebook", Skipped: "Lars looks after it."}, {Service: onboarding.Mailchimp, Title: "Mailchimp", Missing: true, Fix: "/w/x/crm"}, {Service: onboarding.HubSpot, Title: "HubSpot", State: onboarding.ItemFailed, Detail: "Needs a Super Admin.", Fix: "/w/x/crm"}}
	g.add("summary-empty", "Summary with nothing connected", empty)

	done := Done{Frame: branded(StepAllDone), Name: person, Email: email, Business: manager, At: at(23, 14, 32), Lines: lines(), Receipt: "7QK-204-91", Again: "/w/x/receipt"}
	g.add("done", "Receipt", done)
	done.Sent = true
	g.add("done-sent-again", "Receipt, sent again", done)
	waiting := done
	waiting.Sent, waiting.Waiting = false, true
	waiting.Lines = lines()[2:3]
	g.add("done-waiting", "Receipt with only waiting items", waiting)
	none := done
	none.Sent, none.Empty, none.Lines, none.Back, none.Again, none.Email = false, true, empty.Lines, "/w/x", "", ""
	g.add("done-empty", "Finished with nothing: the link stays open", none)
	long := done
	long.Name, long.Business, long.Frame.Company = longName, longName, longName
	long.Lines = append([]Line{{Service: onboarding.Facebook, Title: longName, Detail: longName + " · run ads, see results", State: onboarding.ItemConnected}, {Service: onboarding.Mailchimp, Title: arabic, Skipped: strings.Repeat("long reason ", 40)}}, done.Lines...)
	g.add("done-long", "Receipt with long names", long)
}

func (g *gallery) ends() {
	g.add("expired", "Expired", Expired{Frame: bare(), On: at(5, 9, 0)}, "F2")
	g.add("withdrawn", "Withdrawn", Withdrawn{Frame: bare(), TakeBack: "/r/help#take-back"}, "F3")
	g.add("completed", "Completed by a colleague", Completed{Frame: bare(), By: person, At: at(23, 14, 32), Receipt: "/r/receipt"}, "F4")
	g.add("completed-own", "Completed, in the browser that finished", Completed{Frame: bare(), By: person, At: at(23, 14, 32), Show: "/w/x/done"}, "F4")
	g.add("completed-sent", "Completed, receipt sent", Completed{Frame: bare(), By: person, At: at(23, 14, 32), Sent: true}, "F4")
	g.add("completed-neutral", "Completed, white-label off, name gone", Completed{Frame: func() Frame { f := neutral(""); f.Steps = nil; f.ReplyTo = ""; return f }(), At: at(23, 14, 32)}, "F4")
	g.add("older-link", "An older link", OlderLink{Frame: bare(), Newer: at(21, 8, 5)}, "F5")
	g.add("paused", "The agency is suspended", Paused{Frame: bare()})
	phone := PhoneRefused{Frame: bare(), Link: "https://access.northlight.example/r/x", Post: "/r/x/phone"}
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
	g.add("not-found", "Not found", NotFound{Frame: relay()})
	g.add("try-later", "The relay cannot just now", TryLater{Frame: bare(), Reference: "R7KQ-20419", Again: "/r/x"})
	g.add("too-often", "Too often", TryLater{Frame: relay(), TooOften: true})
	g.add("refused-post", "A form from elsewhere", RefusedPost{Frame: bare(), Back: "/r/x"})
	g.add("not-for-me", "This was not meant for me", NotForMe{Frame: bare(), Email: email, Post: "/n/x"})
	g.add("not-for-me-done", "No more mail", NotForMe{Frame: bare(), Email: email, Done: true})
}

func (g *gallery) others() {
	g.add("genuine", "Is this genuine?", Genuine{Frame: bare(), Words: []string{"copper", "lantern", "meadow", "seven"}, Back: "/r/x"}, "F9")
	g.add("genuine-relay", "Is this genuine? Without a request", Genuine{Frame: relay()}, "F9")
	g.add("help", "Help", Help{Frame: bare(), Services: services(), Back: "/r/x"})
	g.add("help-relay", "Help of the relay", Help{Frame: relay()})
	report := Report{Frame: bare(), Post: "/r/report", Back: "/r/x"}
	g.add("report", "Report", report)
	report.Error = "Say in a few words what seems wrong."
	g.add("report-wrong", "Report, empty", report)
	report.Sent = true
	g.add("report-sent", "Report, sent", report)
	own := relay()
	own.Agency = company
	sign := AgencySignIn{Frame: own, Service: onboarding.Facebook, Member: user, Post: "/connect/x"}
	g.add("agency-sign-in", "The agency’s own sign-in", sign)
	sign.Post, sign.Link, sign.Host = "", "https://www.facebook.com/v27.0/dialog/oauth?state=x", "www.facebook.com"
	g.add("agency-sign-in-leaving", "The agency’s own sign-in, leaving", sign)
	g.add("agency-sign-in-crm", "The agency’s own HubSpot", AgencySignIn{Frame: own, Service: onboarding.HubSpot, Member: user, Post: "/connect/x"})
	asks := AgencySignIn{Frame: own, Service: onboarding.Salesforce, Member: user, Post: "/connect/x"}
	asks.Asks = &Choosing{Before: exampleBefore()}
	g.add("agency-sign-in-asks", "The agency’s own Salesforce", asks)
	g.add("agency-sign-in-done", "The agency’s own sign-in, done", AgencySignInEnd{Frame: own, Service: onboarding.Facebook})
	g.add("agency-sign-in-failed", "The agency’s own sign-in, cancelled", AgencySignInEnd{Frame: own, Service: onboarding.Facebook, Trouble: trouble(catalog.SignInCancelled, facts())})
}

// failures shows each code of the catalog on a page of its own, with every
// fact known and with none.
func (g *gallery) failures() {
	for _, code := range catalog.Codes() {
		full := facts()
		switch code {
		case catalog.MayNotConnect, catalog.WhichAccount:
			full.Service = onboarding.HubSpot
		case catalog.AddressOfApp, catalog.AddressNotHTTPS, catalog.AddressUnknown, catalog.KeyRefused, catalog.KeyIsPersonal:
			full.Service = onboarding.ActiveCampaign
		case catalog.NothingPicked, catalog.TooManyPicked, catalog.InTrash, catalog.SessionLimited:
			full.Service, full.Asset = onboarding.GoogleSheets, "Leads 2026"
		}
		page := Problem{Frame: branded(StepFacebook), Service: full.Service, Trouble: *trouble(code, full), Back: "/w/x"}
		page.Trouble.Platform, page.Trouble.Reference = "190/460", "R7KQ-20419"
		g.add("problem-"+strings.ReplaceAll(string(code), "_", "-"), "Problem: "+page.Trouble.Title, page, rowOf(page.Trouble)...)
	}
	bare := Problem{Frame: neutral(StepFacebook), Trouble: *trouble(catalog.OtherOwner, catalog.Facts{})}
	g.add("problem-nothing-known", "Problem with no fact known", bare, "F16")
}

func rowOf(t Trouble) []string {
	if t.Row == "" {
		return nil
	}
	return []string{t.Row}
}

func facts() catalog.Facts {
	return catalog.Facts{
		Agency: company, Name: person, Asset: "Harbour Café", Other: "Kontor Werbung", People: []string{"Lars Holm"}, Service: onboarding.Facebook,
		When: at(23, 15, 10), Account: "Harbour & Pine AB, portal 26114873", Address: "https://northwind.api-us1.com", Reason: "Facebook does not answer right now.", Feature: "custom objects", Done: 2, Of: 3,
	}
}

func trouble(code catalog.FailureCode, known catalog.Facts) *Trouble {
	return &Trouble{Failure: catalog.Say(code, known), Again: "/w/x/again", AgainPost: true, Skip: "/w/x/skip", On: "/w/x/next"}
}

func failureOf(code catalog.FailureCode, known catalog.Facts) *catalog.Failure {
	said := catalog.Say(code, known)
	return &said
}

func failure(code catalog.FailureCode, asset string) *catalog.Failure {
	known := facts()
	known.Asset = asset
	return failureOf(code, known)
}

func adAccounts() []Asset {
	return []Asset{
		{ID: "act_44712096118", Name: "Harbour & Pine EU", Detail: "4471 2096 118 · EUR", Chosen: true},
		{ID: "act_44712096402", Name: "Harbour & Pine Nordics", Detail: "4471 2096 402 · SEK", Chosen: true},
		{ID: "act_10294410093", Name: "Marta private", Detail: "1029 4410 093 · EUR", Failure: failure(catalog.NotInBusinessManager, "Marta private"), Guide: "/w/x/why/1"},
		{ID: "act_44820031555", Name: "HP Outlet Test", Detail: "4482 0031 555 · EUR", Failure: failure(catalog.AccountRestricted, "HP Outlet Test")},
		{ID: "act_44712099871", Name: "Harbour & Pine UK", Detail: "4471 2099 871 · GBP"},
		{ID: "act_44712101206", Name: "Harbour Trade Fair", Detail: "4471 2101 206 · EUR"},
		{ID: "act_44712177030", Name: "Pine Kids", Detail: "4471 2177 030 · EUR"},
		{ID: "act_44712177031", Name: "Harbour Holding", Detail: "4471 2177 031 · EUR", Failure: failure(catalog.NotBusinessAdmin, "Harbour Holding"), Guide: "/w/x/why/2"},
		{ID: "act_44712177032", Name: "Pine Garden", Detail: "4471 2177 032 · EUR"},
	}
}

func pages() []Asset {
	return []Asset{
		{ID: "1001", Name: "Harbour & Pine", Detail: "Furniture · 84,210 followers", Chosen: true},
		{ID: "1002", Name: "Harbour & Pine Outlet", Detail: "Outlet · 12,904 followers", Chosen: true},
		{ID: "1003", Name: "Harbour & Pine Deutschland", Detail: "Furniture · 9,377 followers", Failure: failure(catalog.OtherOwner, "Harbour & Pine Deutschland"), Guide: "/w/x/why/3"},
		{ID: "1004", Name: "Pine Kids", Detail: "Children’s furniture · 3,118 followers"},
		{ID: "1005", Name: "Harbour Café", Detail: "Café · 2,046 followers", Failure: failure(catalog.PartialAccess, "Harbour Café"), Guide: "/w/x/why/4"},
		{ID: "1006", Name: "Harbour Workshop", Detail: "Craft · 1,530 followers"},
		{ID: "1007", Name: "Pine Journal", Detail: "Magazine · 988 followers"},
	}
}

func unticked(from []Asset) []Asset {
	assets := append([]Asset(nil), from...)
	for i := range assets {
		assets[i].Chosen = false
	}
	return assets
}

func afterSharing(assets []Asset) []Asset {
	states := []onboarding.ItemState{onboarding.ItemConnected, onboarding.ItemConnected}
	codes := []catalog.FailureCode{"", catalog.AlreadyShared}
	if assets[0].ID == "1001" {
		states, codes = []onboarding.ItemState{onboarding.ItemWaiting, onboarding.ItemFailed}, []catalog.FailureCode{catalog.ShareByHand, catalog.PlatformDown}
	}
	for i := range states {
		assets[i].State, assets[i].Chosen = states[i], states[i] == onboarding.ItemFailed
		if codes[i] != "" {
			assets[i].Failure = failure(codes[i], assets[i].Name)
		}
	}
	return assets
}

func allShared(assets []Asset) []Asset {
	assets = unticked(assets)
	for i := range assets {
		if assets[i].Failure == nil {
			assets[i].State = onboarding.ItemConnected
		}
	}
	assets[1].State, assets[1].Failure, assets[1].Guide = onboarding.ItemWaiting, failure(catalog.ApproveInBusiness, assets[1].Name), "/w/x/facebook/by-hand"
	return assets
}

func allFailed(assets []Asset) []Asset {
	for i := range assets {
		if assets[i].Chosen {
			assets[i].State, assets[i].Failure = onboarding.ItemFailed, failureOf(catalog.TemporarilyBlocked, catalog.Facts{Agency: company})
		}
	}
	return assets
}

func sharingNow(assets []Asset) []Asset {
	assets[0].State, assets[1].State = onboarding.ItemConnected, onboarding.ItemSharing
	return unticked(assets)
}

func plenty(what string, n int) []Asset {
	assets := make([]Asset, n)
	for i := range assets {
		assets[i] = Asset{ID: fmt.Sprintf("44710000%d", i), Name: fmt.Sprintf("%s %d of Harbour & Pine", what, i+1), Detail: catalog.Grouped(fmt.Sprintf("44710000%d", i)) + " · EUR", Chosen: i%9 == 0}
		if i%7 == 3 {
			assets[i].Failure, assets[i].Guide = failure(catalog.PartialAccess, assets[i].Name), "/w/x/why/5"
		}
	}
	return assets
}

func choices() []Choice {
	return []Choice{
		{Name: "Harbour & Pine EU", Kind: onboarding.AdAccount, State: onboarding.ItemConnected},
		{Name: "Harbour & Pine Nordics", Kind: onboarding.AdAccount, State: onboarding.ItemConnected},
		{Name: "Harbour & Pine", Kind: onboarding.Page, State: onboarding.ItemConnected},
		{Name: "Harbour & Pine Outlet", Kind: onboarding.Page, State: onboarding.ItemWaiting, Failure: catalog.ShareByHand},
	}
}

func crmRows() []CRMRow {
	return []CRMRow{
		{Service: onboarding.Mailchimp, Add: "/w/x/mailchimp", Accounts: []CRMAccount{{Name: "Harbour & Pine Newsletter", Detail: "marta@harbourpine.example", State: onboarding.ItemConnected}}},
		{Service: onboarding.HubSpot, Add: "/w/x/hubspot"},
	}
}

func lines() []Line {
	return []Line{
		{Service: onboarding.Facebook, Title: "2 ad accounts", Detail: "Harbour & Pine EU, Harbour & Pine Nordics · run ads, see results", State: onboarding.ItemConnected},
		{Service: onboarding.Facebook, Title: "Page Harbour & Pine", Detail: "Run ads, see results", State: onboarding.ItemConnected},
		{Service: onboarding.Facebook, Title: "Page Harbour & Pine Outlet", Detail: "Approve it in Business Manager, under Requests. We keep checking.", State: onboarding.ItemWaiting, Fix: "/w/x/facebook", FixWord: "Show me where"},
		{Service: onboarding.Mailchimp, Title: "Harbour & Pine Newsletter", Detail: "Mailchimp · full access to one account", State: onboarding.ItemConnected},
		{Service: onboarding.HubSpot, Title: "HubSpot", Skipped: "Lars is our Super Admin, he is back on Monday."},
	}
}
