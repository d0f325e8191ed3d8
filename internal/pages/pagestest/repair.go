package pagestest

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// repairs shows what the link to repair one account opens, for each failure that appears
// later, and how it ends.
func (g *gallery) repairs() {
	type example struct {
		code    catalog.FailureCode
		service onboarding.Service
		title   string
		row     string
	}
	for _, one := range []example{
		{code: catalog.CredentialRefused, service: onboarding.HubSpot, title: "withdrawn there", row: "F51"},
		{code: catalog.SessionLimited, service: onboarding.Salesforce, title: "a company’s rule", row: "F51"},
		{code: catalog.ShareRemoved, service: onboarding.Facebook, title: "the share was removed", row: "F53"},
		{code: catalog.LevelLowered, service: onboarding.Facebook, title: "made read-only", row: "F54"},
		{code: catalog.UserInactive, service: onboarding.Salesforce, title: "who connected it left", row: "F55"},
		{code: catalog.CredentialLost, service: onboarding.Mailchimp, title: "the agency lost a computer"},
		{code: catalog.PermissionUnticked, service: onboarding.GoogleSheets, title: "a permission is missing"},
		{code: catalog.MayNotConnect, service: onboarding.GoogleSheets, title: "apps are kept out", row: "F35"},
		{code: catalog.ProductNotInPlan, service: onboarding.HubSpot, title: "the plan has less", row: "F39"},
		{code: catalog.RoleTooLow, service: onboarding.Mailchimp, title: "a role that is too low", row: "F40"},
		{code: catalog.AdminMustInstall, service: onboarding.Salesforce, title: "the app is not installed", row: "F41"},
		{code: catalog.AdminMustApprove, service: onboarding.Salesforce, title: "the app is not allowed", row: "F41"},
		{code: catalog.NoAPIAccess, service: onboarding.Salesforce, title: "no access for apps", row: "F43"},
		{code: catalog.KeyRefused, service: onboarding.ActiveCampaign, title: "the key was reset", row: "F45"},
		{code: catalog.KeySeesNothing, service: onboarding.ActiveCampaign, title: "the key sees nothing"},
	} {
		kind, name := onboarding.CRMAccount, "Harbour & Pine AB"
		switch one.service {
		case onboarding.Facebook:
			kind, name = onboarding.AdAccount, "Harbour & Pine Sweden"
		case onboarding.GoogleSheets:
			kind, name = onboarding.Sheet, "Leads autumn campaign"
		}
		item := onboarding.Item{
			Name: name, Service: one.service, Kind: kind, PlatformBy: "Lars Holm",
			Access: onboarding.Access{State: onboarding.AccessBroken, Failure: string(one.code), Since: at(23, 14, 32)},
		}
		page := pages.Repair{
			Frame: Branded(pages.StepAllDone), Client: client, Service: one.service, Kind: kind, Asset: name,
			Failure: catalog.DescribeRepair(g.catalog, item, company, catalog.Asked{}), Since: at(23, 14, 32), Post: "/r/x",
			ByHand: one.code == catalog.LevelLowered,
		}
		page.Steps = nil
		g.add("repair-"+string(one.code), "Repair: "+one.title, page, rowsOf(one.row)...)
	}
	addRepairByHand(g)
	done := pages.Repaired{
		Frame: bare(), Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Asset: "Harbour & Pine AB", Again: "/w/x",
	}
	g.add("repaired", "Repaired, and being checked", done)
	done.Email = pages.ReceiptEmail{State: pages.ReceiptQueued}
	g.add("repaired-receipt", "Repaired, and its receipt is on its way", done)
	done.Email = pages.ReceiptEmail{State: pages.ReceiptRefused, Ask: "/w/x/receipt"}
	g.add("repaired-receipt-refused", "Repaired, and its receipt was refused", done)
	done.Waiting = true
	g.add("repaired-waiting", "Repaired, and waiting for an approval", done)
	addNotRepairable(g)
	addRepairEnds(g)
}

func addRepairEnds(g *gallery) {
	end := pages.RepairEnd{Frame: bare(), Asset: "Harbour & Pine AB", At: at(23, 14, 32)}
	for _, state := range []pages.RepairState{
		pages.RepairWorks, pages.RepairWithdrawn, pages.RepairExpired, pages.RepairOlder,
	} {
		end.State, end.Ask = state, ""
		if state == pages.RepairExpired {
			end.Ask = "/r/x/ask"
		}
		g.add("repair-end-"+string(state), "The end of a repair link: "+string(state), end)
	}
}

// addNotRepairable shows the link while something else is wrong than what it is for.
func addNotRepairable(g *gallery) {
	page := pages.NotRepairable{Frame: bare(), Asset: "Harbour & Pine AB", Again: "/r/x", Expires: at(23, 14, 32)}
	g.add("not-repairable-agency", "Repair: the agency has to fix something first", page)
	item := onboarding.Item{
		Name: page.Asset, Service: onboarding.ActiveCampaign, Kind: onboarding.CRMAccount,
		Access: onboarding.Access{State: onboarding.AccessBroken, Failure: string(catalog.AccountUnpaid)},
	}
	page.Failure = catalog.DescribeBroken(g.catalog, item, company, catalog.Asked{})
	g.add("not-repairable-client", "Repair: something else is wrong at the client", page)
	item = onboarding.Item{
		Name: "Leads 2026", Service: onboarding.GoogleSheets, Kind: onboarding.Sheet,
		Access: onboarding.Access{State: onboarding.AccessBroken, Failure: string(catalog.InTrash)},
	}
	page.Asset, page.Failure = item.Name, catalog.DescribeBroken(g.catalog, item, company, catalog.Asked{})
	g.add("not-repairable-in-trash", "Repair: the sheet is in the bin", page, "F53")
}

func rowsOf(row string) []string {
	if row == "" {
		return nil
	}
	return []string{row}
}

// addRepairByHand adds the repair of what was shared without a sign-in.
func addRepairByHand(g *gallery) {
	item := onboarding.Item{
		Name: "Harbour & Pine Sweden", Service: onboarding.Facebook, Kind: onboarding.AdAccount,
		Access: onboarding.Access{
			State: onboarding.AccessBroken, Failure: string(catalog.ShareRemoved), Since: at(23, 14, 32),
		},
	}
	page := pages.Repair{
		Frame: Branded(pages.StepAllDone), Client: client, Service: item.Service, Kind: item.Kind, Asset: item.Name,
		Failure: catalog.DescribeRepair(g.catalog, item, company, catalog.Asked{}), Since: at(23, 14, 32), Post: "/r/x",
		ByHand: true, Partner: &pages.ByHand{Business: manager, BusinessID: "118420903317552", Only: item.Kind},
	}
	page.Steps = nil
	g.add("repair-by-hand", "Repair: the share was removed that was made by hand", page, "F53")
}
