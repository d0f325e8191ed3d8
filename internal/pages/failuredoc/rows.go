package main

import (
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// row is one situation of the failures' table: how it is recognised, and what
// has to stand there beside the catalog's words.
type row struct {
	name      string // "F14"
	situation string
	signal    string              // by what it is recognised, platform by platform
	service   onboarding.Service  // whose words the page shows; empty: of no platform
	also      catalog.FailureCode // a code of another row that is shown here too; empty: none
	note      string              // where it cannot happen, or what no platform tells; may be empty
}

// rows are all situations, in order.
func rows() []row {
	return slices.Concat(linkRows(), facebookRows(), crmRows(), accountRows(), keyRows(), laterRows(), endRows())
}

func linkRows() []row {
	return []row{
		{
			name:      "F1",
			situation: "A mail scanner or a chat preview opened the link first",
			signal:    "A GET or HEAD changes nothing; *opened* is set by the button.",
		},
		{name: "F2", situation: "The link has expired", signal: "The relay's clock."},
		{name: "F3", situation: "The link was withdrawn", signal: "The request's state."},
		{name: "F4", situation: "A colleague has completed it", signal: "The request's state."},
		{name: "F5", situation: "An older link was opened after a renewal", signal: "The version in the link."},
		{
			name:      "F6",
			situation: "Opened on a phone or tablet",
			signal:    "The server, by user agent, client hint and touch.",
		},
		{name: "F7", situation: "Two people work at the same time", signal: "A second visit."},
		{
			name:      "F8",
			situation: "The recipient is the wrong person",
			signal:    "Nothing can be shared by this user.",
			service:   onboarding.Facebook,
		},
		{name: "F9", situation: "The client suspects phishing", signal: "The link *Is this genuine?*."},
		{
			name:      "F10",
			situation: "The email was refused or never arrived",
			signal:    "The mail server's reply; not opened in three days.",
		},
		{
			name:      "F11",
			situation: "A pop-up was blocked",
			note:      "Cannot happen: every sign-in is a plain link in the same tab.",
		},
		{
			name:      "F12",
			situation: "Tracking protection stops Facebook's script",
			note:      "Cannot happen: no page loads a platform's script.",
		},
		{
			name:      "F13",
			situation: "The sign-in was closed early",
			signal: "`error=access_denied`, or a return without a code. A closed window cannot be told: the page " +
				"waits as it was.",
			service: onboarding.Facebook,
		},
	}
}

func facebookRows() []row {
	list := append(assetRows(), sharingRows()...)
	for i := range list {
		list[i].service = onboarding.Facebook
	}
	return list
}

func assetRows() []row {
	return []row{
		{name: "F14", situation: "The asset is in no Business Manager", signal: "The asset has no owning business."},
		{name: "F15", situation: "The client has no Business Manager", signal: "`/me/business_users` is empty."},
		{
			name:      "F16",
			situation: "The asset belongs to another business",
			signal:    "The owning business is none of the user's.",
		},
		{name: "F17", situation: "The user has partial access", signal: "The tasks lack MANAGE."},
		{
			name:      "F18",
			situation: "Full control, but no admin of the Business Manager",
			signal:    "The role in the owning business is not Admin.",
		},
		{
			name:      "F19",
			situation: "A Page admin for less than seven days",
			signal:    "The share answers `access_status: PENDING`.",
		},
		{name: "F20", situation: "A second admin has to approve", signal: "`requires_admin_approval`, or code 3936."},
		{
			name:      "F21",
			situation: "Approved in the wrong place",
			signal:    "Still pending after the client says it is approved.",
		},
		{
			name:      "F22",
			situation: "A box was left unticked in Facebook's dialog",
			signal:    "The Page is in the business, and not among the `granular_scopes` of `/debug_token`.",
		},
		{
			name:      "F23",
			situation: "Only a part of a list is shown",
			signal:    "A list that goes on without a cursor, or that Facebook refuses.",
			note:      "Lists are merged and read to their end; the one that is missing is named, the others are offered.",
		},
	}
}

func sharingRows() []row {
	return []row{
		{
			name:      "F24",
			situation: "Signed in with the wrong Facebook user",
			signal:    "Nothing that was asked for is visible.",
		},
		{name: "F25", situation: "Two-factor sign-in is required", signal: "Code 415."},
		{
			name:      "F26",
			situation: "The ad account is disabled, unpaid, restricted or closed",
			signal:    "`account_status` is 2, 3, 7, 8, 9, 100 or 101, at sharing and at each check.",
		},
		{
			name:      "F27",
			situation: "The agency's side cannot do its part",
			signal:    "A refusal of the agency's user, app or relay; no computer of the agency can receive access.",
		},
		{name: "F28", situation: "Facebook blocks the action for a time", signal: "Code 368."},
		{name: "F29", situation: "The app may not make this call", signal: "Codes 3, 10, 200 to 299."},
		{name: "F30", situation: "Already shared", signal: "Codes 3944, 3946, 3989, or the list."},
		{name: "F31", situation: "Only some of the chosen assets worked", signal: "A result for each asset."},
		{
			name:      "F32",
			situation: "A dataset, catalogue or Instagram account is expected",
			signal:    "A choice in the request, off by default.",
		},
	}
}

func crmRows() []row {
	return []row{
		{
			name:      "F33",
			situation: "Google: a permission was left unticked",
			signal:    "The granted `scope` is not the asked one.",
			service:   onboarding.GoogleSheets,
			also:      catalog.PermissionUnticked,
		},
		{
			name:      "F34",
			situation: "Google: the wrong account",
			signal:    "The address is shown before it counts; Google always asks which account.",
			service:   onboarding.GoogleSheets,
			note:      "Prevented, not recognised: `prompt=select_account`, and the result names the address.",
		},
		{
			name:      "F35",
			situation: "Google: the company's admin blocks the app",
			signal: "Google stops on a page of its own (`admin_policy_enforced`, `org_internal`); nobody comes back. " +
				"The client says so with *I saw an error page there*.",
			service: onboarding.GoogleSheets,
			also:    catalog.MayNotConnect,
		},
		{
			name:      "F36",
			situation: "Google: the sheet is somebody else's, or was not picked",
			signal: "404 for a sheet that was not picked, was deleted or is no longer shared; no picked sheet in the " +
				"return.",
			service: onboarding.GoogleSheets,
		},
		{
			name:      "F37",
			situation: "HubSpot: the user may not connect apps",
			signal: "HubSpot stops on a page of its own; nobody comes back. The client says so with *I saw an error " +
				"page there*.",
			service: onboarding.HubSpot,
		},
		{
			name:      "F38",
			situation: "HubSpot: several portals under one sign-in",
			signal:    "The portal is named in the result.",
			service:   onboarding.HubSpot,
		},
	}
}

func accountRows() []row {
	return []row{
		{
			name:      "F39",
			situation: "HubSpot: the plan lacks a product",
			signal:    "`MISSING_SCOPES`, or an optional scope that was not granted.",
			service:   onboarding.HubSpot,
		},
		{
			name:      "F40",
			situation: "Mailchimp: the role is Viewer or Author",
			signal:    "`role` of the metadata, at once; a 403 later.",
			service:   onboarding.Mailchimp,
		},
		{
			name:      "F41",
			situation: "Salesforce: the admin has to install or approve the app",
			signal: "`OAUTH_EC_APP_NOT_FOUND`, `OAUTH_APPROVAL_ERROR_GENERIC` at the return; or Salesforce stops on a " +
				"page of its own.",
			service: onboarding.Salesforce,
		},
		{
			name:      "F42",
			situation: "Salesforce: a sandbox or a company address",
			signal:    "Asked before the client leaves.",
			service:   onboarding.Salesforce,
		},
		{
			name:      "F43",
			situation: "Salesforce: no API access",
			signal:    "`API_DISABLED_FOR_ORG`, `API_CURRENTLY_DISABLED`.",
			service:   onboarding.Salesforce,
		},
	}
}

func keyRows() []row {
	return []row{
		{
			name:      "F44",
			situation: "ActiveCampaign: the address is not the API's",
			signal:    "The host; an answer that is not the API's.",
			service:   onboarding.ActiveCampaign,
		},
		{
			name:      "F45",
			situation: "ActiveCampaign: the key is wrong, or the account there is not paid",
			signal:    "To the first call: 401 or 403 for the key, 402 for the account.",
			service:   onboarding.ActiveCampaign,
		},
		{
			name:      "F46",
			situation: "ActiveCampaign: the key is personal",
			signal:    "Said with every key that is accepted.",
			service:   onboarding.ActiveCampaign,
		},
		{
			name:      "F47",
			situation: "The same account again",
			signal:    "The platform's id of the account.",
			service:   onboarding.HubSpot,
		},
		{
			name:      "F48",
			situation: "The platform is down or busy",
			signal:    "No answer, 5xx, 429 and each platform's own sign of too many calls.",
			service:   onboarding.HubSpot,
		},
	}
}

func laterRows() []row {
	return []row{
		{
			name:      "F49",
			situation: "Facebook ended the sign-in",
			signal:    "Code 190 with 458, 459, 460, 463, 464, 467.",
			service:   onboarding.Facebook,
		},
		{
			name:      "F50",
			situation: "The agency's Facebook sign-in reaches its end",
			signal:    "The date that Facebook gives with the token, about 60 days.",
			service:   onboarding.Facebook,
			also:      catalog.SignInEnded,
		},
		{
			name:      "F51",
			situation: "A renewal was refused",
			signal: "`invalid_grant` (Salesforce, Google), `BAD_REFRESH_TOKEN` (HubSpot), 401 *API Key Invalid* " +
				"(Mailchimp), 403 (ActiveCampaign).",
			service: onboarding.GoogleSheets,
		},
		{
			name:      "F52",
			situation: "The operator's Google project is in *Testing*",
			signal:    "`refresh_token_expires_in` in Google's answer.",
			service:   onboarding.GoogleSheets,
			note:      "docs/platforms.md tells the operator to publish the project first.",
		},
		{
			name:      "F53",
			situation: "The client removed the share",
			signal:    "The asset is missing in the agency's lists; 404 for a sheet.",
			service:   onboarding.Facebook,
		},
	}
}

func endRows() []row {
	return []row{
		{
			name:      "F54",
			situation: "The level was lowered",
			signal:    "The tasks, or the rights on an object, are fewer than asked for.",
			service:   onboarding.Facebook,
		},
		{
			name:      "F55",
			situation: "The person who connected it has left",
			signal: "Mailchimp: 403 *User Disabled*. Salesforce: `inactive_user`. Facebook: 190 with 459 or 464 for " +
				"the agency's own user.",
			service: onboarding.Mailchimp,
			note: "HubSpot, Google and ActiveCampaign do not tell that a user left: it shows as F51, F53 or F45 " +
				"there, with this among the likely causes. At Facebook the share does not hang on a person.",
		},
		{
			name:      "F56",
			situation: "Salesforce: the admin uninstalled the app",
			signal:    "`invalid_grant` *expired access/refresh token* at a renewal.",
			service:   onboarding.Salesforce,
			note:      "Salesforce answers a withdrawal and an uninstallation alike.",
		},
		{
			name:      "F57",
			situation: "Two programs renew one token at once",
			note:      "Cannot happen: the relay alone renews, under a lease, and stores the next version before it answers.",
		},
	}
}
