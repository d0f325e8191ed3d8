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
		{catalog.CredentialRefused, onboarding.HubSpot, "withdrawn there", "F51"},
		{catalog.SessionLimited, onboarding.Salesforce, "a company’s rule", "F51"},
		{catalog.ShareRemoved, onboarding.Facebook, "the share was removed", "F53"},
		{catalog.LevelLowered, onboarding.Facebook, "made read-only", "F54"},
		{catalog.UserInactive, onboarding.Salesforce, "who connected it left", "F55"},
		{catalog.CredentialLost, onboarding.Mailchimp, "the agency lost a computer", ""},
		{catalog.PermissionUnticked, onboarding.GoogleSheets, "a permission is missing", ""},
		{catalog.MayNotConnect, onboarding.GoogleSheets, "apps are kept out", "F35"},
		{catalog.ProductNotInPlan, onboarding.HubSpot, "the plan has less", "F39"},
		{catalog.RoleTooLow, onboarding.Mailchimp, "a role that is too low", "F40"},
		{catalog.AdminMustInstall, onboarding.Salesforce, "the app is not installed", "F41"},
		{catalog.AdminMustApprove, onboarding.Salesforce, "the app is not allowed", "F41"},
		{catalog.NoAPIAccess, onboarding.Salesforce, "no access for apps", "F43"},
		{catalog.KeyRefused, onboarding.ActiveCampaign, "the key was reset", "F45"},
		{catalog.KeySeesNothing, onboarding.ActiveCampaign, "the key sees nothing", ""},
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
	done := pages.Repaired{
		Frame: bare(), Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Asset: "Harbour & Pine AB", Again: "/w/x",
	}
	g.add("repaired", "Repaired, and being checked", done)
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
		end.State = state
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
}

func rowsOf(row string) []string {
	if row == "" {
		return nil
	}
	return []string{row}
}
