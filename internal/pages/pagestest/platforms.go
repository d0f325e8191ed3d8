package pagestest

import (
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

func exampleBefore(g *gallery) catalog.Before {
	return *g.catalog.Service(onboarding.Salesforce).Before
}

func (g *gallery) platforms() {
	list := pages.CRMList{
		Frame:   Branded(pages.StepPlatforms),
		Rows:    crmRows(),
		Back:    "/w/x/facebook",
		SkipAll: "/w/x/skip",
	}
	first := list
	first.Rows = firstRows()
	g.add("platforms-empty", "Other platforms, nothing yet", first)
	list.Next = "/w/x/summary"
	g.add("platforms", "Other platforms", list)
	g.beforeCRM(list)
	g.crmStates(list)
	g.results(list)
	g.sheets(list)
	g.before()
	g.keyForm()
	g.mailchimp(list)
}

// firstRows are platforms without an account.
func firstRows() []pages.CRMRow {
	return []pages.CRMRow{
		{Service: onboarding.Mailchimp, Add: "/w/x/mailchimp", HandOver: "/w/x/hand-over"},
		{Service: onboarding.HubSpot, Add: "/w/x/hubspot", HandOver: "/w/x/hand-over"},
		{Service: onboarding.ActiveCampaign, Add: "/w/x/activecampaign", HandOver: "/w/x/hand-over"},
	}
}

// salesforceRows are the rows of a request for Salesforce.
func salesforceRows() []pages.CRMRow {
	return []pages.CRMRow{
		{Service: onboarding.Salesforce, Add: "/w/x/salesforce", HandOver: "/w/x/hand-over"},
		{Service: onboarding.HubSpot, Add: "/w/x/hubspot", HandOver: "/w/x/hand-over"},
	}
}

// atSalesforce are the arguments of failures at Salesforce.
func atSalesforce() catalog.Args {
	return catalog.Args{
		Agency:  company,
		Service: onboarding.Salesforce,
		Install: "https://login.salesforce.com/packaging/installPackage.apexp?p0=04t5e000000LtKyAAK",
	}
}

func (g *gallery) beforeCRM(list pages.CRMList) {
	open := list
	open.Open = &pages.CRMOpen{
		Service: onboarding.HubSpot,
		Host:    "app.hubspot.com",
		Link:    "https://app.hubspot.com/oauth/authorize?state=x",
		Cancel:  "/w/x/crm",
		Skip:    "/w/x/skip",
	}
	g.add("platforms-proceed", "Other platforms, before HubSpot", open)
	install := list
	install.Rows = salesforceRows()
	install.Open = &pages.CRMOpen{
		Service: onboarding.Salesforce,
		Host:    "harbourpine.my.salesforce.com",
		Link:    "https://harbourpine.my.salesforce.com/services/oauth2/authorize?state=x",
		Cancel:  "/w/x/crm",
		Stopped: "/w/x/stopped",
		Skip:    "/w/x/skip",
		Install: g.failureOf(catalog.AdminMustInstall, atSalesforce()),
	}
	g.add("platforms-install", "Other platforms, before Salesforce", install, "F41")
}

// errorPages asks what a platform's own page said.
func (g *gallery) errorPages() {
	page := pages.ErrorPage{
		Frame: Branded(pages.StepFacebook), Service: onboarding.Facebook, Post: "/w/x/facebook/error-page",
		Back: "/w/x/facebook",
	}
	g.add("error-page", "What a platform’s error page said", page, "F29")
	page.Error = "Choose what comes closest."
	g.add("error-page-missing", "What a platform’s error page said, nothing chosen", page)
	page.Error, page.Said, page.Text = "", onboarding.PageSaidOther, strings.Repeat("x", 501)
	page.TextError = "At most 500 characters."
	g.add("error-page-long", "What a platform’s error page said, too long", page)
}

func (g *gallery) crmStates(list pages.CRMList) {
	states := list
	states.Rows = []pages.CRMRow{
		{Service: onboarding.Mailchimp, Add: "/w/x/mailchimp", Skipped: "We no longer use it."},
		{Service: onboarding.Salesforce, Failure: g.failure(catalog.AgencySide, "")},
		{Service: onboarding.GoogleSheets, Failure: func() *catalog.Failure {
			f := g.catalog.Describe(catalog.NotConfigured, catalog.Args{Agency: company, Service: onboarding.GoogleSheets})
			return &f
		}()},
		{Service: onboarding.HubSpot, Add: "/w/x/hubspot", Accounts: []pages.CRMAccount{
			{Name: longName, Detail: "portal 26114873", State: onboarding.ItemConnected},
			{
				Name:   "Pine Kids AB",
				Detail: "portal 26114990",
				State:  onboarding.ItemConnected,
				Note:   g.catalog.Describe(catalog.AccountRefreshed, catalog.Args{}).Message,
			},
			{Name: "Old portal", Detail: "portal 1200", State: onboarding.ItemFailed},
		}},
		{Service: onboarding.ActiveCampaign, Add: "/w/x/activecampaign", HandOver: "/w/x/hand-over"},
	}
	states.Failure = g.failureView(catalog.PlatformDown, catalog.Args{Agency: company, Service: onboarding.HubSpot})
	g.add("platforms-states", "Other platforms in every state", states, "F27", "F47", "F48")
}

// hubSpotResult is the dialog after a connection.
func (g *gallery) hubSpotResult(list pages.CRMList) pages.CRMResult {
	result := pages.CRMResult{
		CRMList:  list,
		Service:  onboarding.HubSpot,
		Account:  "Harbour & Pine AB, portal 26114873",
		SignedIn: "lars.holm@harbourpine.example",
		Close:    "/w/x/crm",
	}
	result.Notes = []catalog.Failure{
		*g.failureOf(catalog.WhichAccount, catalog.Args{Service: onboarding.HubSpot, Account: result.Account}),
	}
	return result
}

func (g *gallery) results(list pages.CRMList) {
	result := g.hubSpotResult(list)
	g.add("result", "HubSpot is connected", result, "F38")
	same := result
	same.Notes = []catalog.Failure{*g.failureOf(catalog.AccountRefreshed, catalog.Args{Account: result.Account})}
	g.add("result-same-account", "The same account again", same, "F47")
	failed := result
	failed.Rows = firstRows()
	failed.Notes, failed.Next = nil, ""
	failed.Failed = g.failureView(catalog.MayNotConnect, catalog.Args{Agency: company, Service: onboarding.HubSpot})
	g.add("result-failed", "HubSpot did not let them", failed, "F37")

	failed.Service, failed.Rows = onboarding.Salesforce, salesforceRows()
	failed.Failed = g.failureView(catalog.AdminMustInstall, atSalesforce())
	g.add("result-not-installed", "Salesforce, the app is not installed", failed, "F41")
	failed.Failed = g.failureView(catalog.NoAPIAccess, atSalesforce())
	g.add("result-no-api", "Salesforce has no access for apps", failed, "F43")
	failed.Service, failed.Rows = onboarding.HubSpot, firstRows()
	failed.Failed = g.failureView(catalog.PlatformDown, catalog.Args{Agency: company, Service: onboarding.HubSpot})
	g.add("result-down", "HubSpot does not answer", failed, "F48")
}

// sheets shows what a sign-in at Google ends with.
func (g *gallery) sheets(list pages.CRMList) {
	several := g.hubSpotResult(list)
	several.Service, several.Kind = onboarding.GoogleSheets, onboarding.Sheet
	several.SignedIn = "nadia@northwind.example"
	several.Account, several.Also, several.Notes = "Leads 2026", []string{"Customer list", longName}, nil
	g.add("result-several", "Three sheets by one sign-in", several, "F34")
	sheets := g.hubSpotResult(list)
	sheets.Rows, sheets.Notes, sheets.Next = firstRows(), nil, ""
	sheets.Service = onboarding.GoogleSheets
	sheets.Failed = g.failureView(catalog.NothingPicked, catalog.Args{Agency: company, Service: onboarding.GoogleSheets})
	g.add("result-no-sheet", "No sheet was picked", sheets, "F36")
	sheets.Failed = g.failureView(
		catalog.PermissionUnticked,
		catalog.Args{Agency: company, Service: onboarding.GoogleSheets},
	)
	g.add("result-unticked", "A box at Google was left unticked", sheets, "F33")
	g.add("workspace-blocks", "A Google Workspace lets only known apps in", pages.Problem{
		Frame: Branded(
			pages.StepPlatforms,
		),
		Service: onboarding.GoogleSheets,
		Back:    "/w/x/crm",
		Failure: *g.failureView(catalog.MayNotConnect, catalog.Args{
			Agency:  company,
			Service: onboarding.GoogleSheets,
			App:     "584219307762-k3v9q1m7pd2s5t8w0x4y6z.apps.googleusercontent.com",
		}),
	}, "F35")
}

func (g *gallery) before() {
	before := pages.BeforeForm{
		Frame:    Branded(pages.StepPlatforms),
		Service:  onboarding.Salesforce,
		Choosing: pages.Choosing{Before: exampleBefore(g)},
		Post:     "/w/x/before",
		Cancel:   "/w/x/crm",
		Skip:     "/w/x/skip",
	}
	g.add("before", "What is asked before the client leaves", before, "F42")
	pick := before
	pick.Service, pick.Choosing = onboarding.GoogleSheets, pages.Choosing{
		Before: *g.catalog.Service(onboarding.GoogleSheets).Before,
	}
	g.add("before-sheets", "Picking sheets, or making one", pick)
	wrong := before
	wrong.Chosen, wrong.Typed, wrong.Repair = "domain", "northwind.lightning.force.com", "northwind.my.salesforce.com"
	wrong.Error = g.failureOf(
		catalog.SignInAddressOfApp,
		catalog.Args{Service: onboarding.Salesforce, Address: wrong.Repair},
	)
	g.add("before-wrong", "An address that is not the one to sign in at", wrong, "F42")
}

func (g *gallery) keyForm() {
	form := pages.KeyForm{
		Frame:   Branded(pages.StepPlatforms),
		Service: onboarding.ActiveCampaign,
		Post:    "/w/x/activecampaign",
		Cancel:  "/w/x/crm",
		Skip:    "/w/x/skip",
	}
	g.add("activecampaign", "ActiveCampaign", form, "F46")
	address := form
	address.URL, address.Key, address.Repair = "https://pacificroast.activehosted.com/app", strings.Repeat(
		"7c1f",
		18,
	), "https://pacificroast.activehosted.com"
	address.URLError = g.failureOf(catalog.AddressOfApp, catalog.Args{Address: address.Repair})
	g.add("activecampaign-address", "ActiveCampaign, the address of the app", address, "F44")
	insecure := address
	insecure.URL, insecure.Repair = "http://northwind.api-us1.com", "https://northwind.api-us1.com"
	insecure.URLError = g.failureOf(catalog.AddressNotHTTPS, catalog.Args{Address: insecure.Repair})
	g.add("activecampaign-not-https", "ActiveCampaign, an address without https", insecure, "F44")
	unknown := address
	unknown.URL, unknown.Repair, unknown.URLError = "https://activecampaign.example.com", "", g.failureOf(
		catalog.AddressUnknown,
		catalog.Args{Service: onboarding.ActiveCampaign},
	)
	g.add("activecampaign-unknown", "ActiveCampaign, an address that is none", unknown, "F44")
	key := form
	key.URL, key.KeyError = "https://northwind.api-us1.com", g.failureOf(
		catalog.KeyRefused,
		catalog.Args{Service: onboarding.ActiveCampaign},
	)
	g.add("activecampaign-key", "ActiveCampaign, the key was refused", key, "F45")
	unpaid := form
	unpaid.URL, unpaid.Key = "https://northwind.api-us1.com", strings.Repeat("7c1f", 18)
	unpaid.Failure = g.failureView(catalog.AccountUnpaid,
		catalog.Args{Agency: company, Service: onboarding.ActiveCampaign})
	unpaid.Failure.Again, unpaid.Failure.Skip = "", ""
	g.add("activecampaign-unpaid", "ActiveCampaign stops the account", unpaid, "F45")
	down := form
	down.URL, down.Key = "https://northwind.api-us1.com", strings.Repeat("7c1f", 18)
	down.Failure = g.failureView(catalog.PlatformDown, catalog.Args{Agency: company, Service: onboarding.ActiveCampaign})
	down.Failure.Again, down.Failure.Skip = "", ""
	down.Accounts = []pages.CRMAccount{
		{Name: "northwind", Detail: "northwind.api-us1.com", State: onboarding.ItemConnected},
	}
	g.add("activecampaign-down", "ActiveCampaign does not answer", down, "F48")
}

// mailchimp shows the platform without scopes, where a role can be too low.
func (g *gallery) mailchimp(list pages.CRMList) {
	open := list
	open.Open = &pages.CRMOpen{
		Service: onboarding.Mailchimp, Host: "login.mailchimp.com",
		Link: "https://login.mailchimp.com/oauth2/authorize?state=x", Cancel: "/w/x/crm", Skip: "/w/x/skip",
	}
	g.add("mailchimp-proceed", "Other platforms, before Mailchimp", open)
	result := pages.CRMResult{
		CRMList: list, Service: onboarding.Mailchimp, Close: "/w/x/crm",
		Account: "Harbour & Pine, marta@harbourpine.example · Owner", SignedIn: "marta@harbourpine.example",
	}
	g.add("mailchimp-result", "Mailchimp is connected", result, "F38")
	failed := result
	failed.Rows, failed.Next = firstRows()[:1], ""
	at := catalog.Args{Agency: company, Service: onboarding.Mailchimp, Code: "viewer"}
	failed.Failed = g.failureView(catalog.RoleTooLow, at)
	g.add("mailchimp-role", "A role at Mailchimp that is too low", failed, "F40")
	failed.Failed = g.failureView(catalog.UserInactive, at)
	g.add("mailchimp-inactive", "A user who is switched off at Mailchimp", failed, "F55")
	at.Wait = 30 * time.Second
	failed.Failed = g.failureView(catalog.PlatformBusy, at)
	g.add("mailchimp-busy", "Mailchimp takes no more calls", failed, "F48")
}

func crmRows() []pages.CRMRow {
	return []pages.CRMRow{
		{
			Service: onboarding.Mailchimp,
			Add:     "/w/x/mailchimp",
			Accounts: []pages.CRMAccount{
				{
					Name:   "Harbour & Pine Newsletter",
					Detail: "marta@harbourpine.example",
					State:  onboarding.ItemConnected,
				},
			},
		},
		{Service: onboarding.HubSpot, Add: "/w/x/hubspot", HandOver: "/w/x/hand-over"},
	}
}
