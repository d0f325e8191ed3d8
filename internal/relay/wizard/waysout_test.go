package wizard_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// stuck is a client before what did not work, with their ways out. Each is walked to
// its end: the reason in the hub, the words of the note, the account that is connected.
type stuck struct {
	code    catalog.FailureCode // what it is
	service onboarding.Service
	told    store.EmailKind // that the agency gets at once; empty: none
	fault   string          // of the platform, while they get there
	at      func(walk)      // from the first step to the page that says it
	reads   string          // on that page
	note    string          // for a colleague; empty: it has none
	again   string          // the button or link that tries again
	mends   *sandbox.Action // at the platform, before; nil: only the fault ends
	connect func(walk)      // from what it leads to, to connected
}

// walk is a walk to a page: whose it is, and what makes it go wrong.
type walk struct {
	*relaytest.Browser
	t     *testing.T
	scene *relaytest.Scene
	fault func() // begins the case's fault
}

// acts does something at a platform, behind the client's back.
func (w walk) acts(action sandbox.Action) {
	if _, err := w.scene.World.Trigger(action); err != nil {
		w.t.Error(err)
	}
}

func (w walk) try(words string) {
	if slices.Contains(w.Page.Links(), words) {
		w.Follow(words)
		return
	}
	w.Press(words)
}

// atFacebook is before the lists, signed in at Facebook as this person.
func atFacebook(person string) func(walk) {
	return func(w walk) {
		w.Press("Add Facebook")
		w.Follow("Log In")
		w.Press(person)
		w.Press("Allow")
	}
}

// atGuide is before more about an asset that cannot be shared, or not as it is.
func atGuide(person, asset string) func(walk) {
	return func(w walk) {
		atFacebook(person)(w)
		links := w.Page.Links()
		n := slices.IndexFunc(links, func(words string) bool { return strings.HasSuffix(words, " for "+asset) })
		if n < 0 {
			w.Reads("a guide for " + asset)
		}
		w.Follow(links[n])
	}
}

// atSharing has chosen an asset of Mina's, which Facebook does not share.
func atSharing(asset string) func(walk) {
	return func(w walk) {
		atFacebook("Mina Ito")(w)
		w.fault()
		w.Tick(asset)
		w.Press("Connect Assets")
	}
}

// atEnding has chosen an asset of Mina's, whose sign-in ends meanwhile.
func atEnding(action, asset string) func(walk) {
	return func(w walk) {
		atFacebook("Mina Ito")(w)
		w.acts(sandbox.Action{Platform: "meta", Action: action, Person: "mina-ito"})
		choosing(asset)(w)
	}
}

// choosing chooses an asset at the lists and shares it.
func choosing(asset string) func(walk) {
	return func(w walk) {
		w.Tick(asset)
		w.Press("Connect Assets")
	}
}

// signingIn goes to Facebook again, and shares what is chosen still.
func signingIn(w walk) {
	w.Follow("Log In")
	w.Press("Allow")
	w.Press("Connect Assets")
}

// adding goes to a platform and presses these there.
func adding(name string, presses ...string) func(walk) {
	return func(w walk) {
		w.fault()
		w.Press("Add " + name)
		proceeding(presses...)(w)
	}
}

func proceeding(presses ...string) func(walk) {
	return func(w walk) {
		w.Follow("Proceed")
		for _, words := range presses {
			w.Press(words)
		}
	}
}

// stopped is left on a page of the platform, and says what it said.
func stopped(to func(walk), presses []string, said string) func(walk) {
	return func(w walk) {
		to(w)
		leaving := w.Page.URL.String()
		for _, link := range []string{"Proceed", "Log In"} {
			if slices.Contains(w.Page.Links(), link) {
				w.Follow(link)
			}
		}
		for _, words := range presses {
			w.Press(words)
		}
		w.Open(leaving)
		w.Follow("I saw an error page there")
		w.Tick(said)
		w.Press("What can I do?")
	}
}

// stateOf is the state of the sign-in that the page leads to.
func stateOf(w walk) string {
	to, err := url.Parse(w.Page.Target("Proceed"))
	if err != nil {
		return ""
	}
	return to.Query().Get("state")
}

// salesforceAt has answered where they sign in to Salesforce.
func salesforceAt(host string, presses ...string) func(walk) {
	return func(w walk) {
		w.fault()
		w.Press("Add Salesforce")
		answering(host, presses...)(w)
	}
}

func answering(host string, presses ...string) func(walk) {
	return func(w walk) {
		w.Fill("Your Salesforce address", host)
		w.Press("Continue")
		if len(presses) > 0 {
			proceeding(presses...)(w)
		}
	}
}

// sheetsAt is at Google, and does this there.
func sheetsAt(presses ...string) func(walk) {
	return func(w walk) {
		w.fault()
		w.Press("Add Google Sheets")
		picking(presses...)(w)
	}
}

// Sheets at Google's picker.
const (
	leadsSheet      = "Leads autumn campaign"
	newsletterSheet = "Newsletter sign-ups"
)

// picking answers what is connected and does this at Google: what is no button is a box.
func picking(presses ...string) func(walk) {
	return func(w walk) {
		w.Tick("Pick sheets I have")
		w.Press("Continue")
		if len(presses) == 0 {
			return
		}
		w.Follow("Proceed")
		for _, words := range presses {
			if slices.Contains(w.Page.Boxes(), words) || words == leadsSheet || words == newsletterSheet {
				w.Tick(words)
			} else {
				w.Press(words)
			}
		}
	}
}

// typing has entered an address and a key of ActiveCampaign; an empty one is the right one.
func typing(address, key string) func(walk) {
	return func(w walk) {
		w.fault()
		w.Press("Add ActiveCampaign")
		retyping(address, key)(w)
	}
}

func retyping(address, key string) func(walk) {
	return func(w walk) {
		account := w.scene.World.Keys(string(onboarding.ActiveCampaign.Platform()))[0]
		if address == "" {
			address = account.URL
		}
		if key == "" {
			key = account.Key
		}
		w.Fill("API URL", address)
		w.Fill("API key", key)
		w.Press("Connect")
	}
}

func facebookCases() map[string]stuck {
	const (
		leads, lead = "Can you open the request and connect Facebook?", "Can you tell me who looks after our Business Manager"
	)
	return map[string]stuck{
		"F8": {
			code: catalog.WrongPerson,
			at:   atFacebook("Ed Novak"), reads: "does not let Ed Novak share any", note: leads, again: "Look again",
			mends:   &sandbox.Action{Platform: "meta", Action: "gain_admin", Person: "ed-novak"},
			connect: choosing("Novak Rental"),
		},
		"F13": {
			code: catalog.SignInCancelled,
			at: func(w walk) {
				w.Press("Add Facebook")
				w.Follow("Log In")
				w.Press("Mina Ito")
				w.Press("Cancel")
			},
			reads: "was cancelled", again: "Try again",
			connect: func(w walk) { w.Follow("Log In"); w.Press("Allow"); choosing("Harbour Trade Fair Event")(w) },
		},
		"F14": {
			code: catalog.NotInBusinessManager,
			at:   atGuide("Mina Ito", "Mina private"), reads: "Add Mina private to your Business Manager first",
			note: "Can you add Mina private to our Business Manager", again: "Look again",
			mends: &sandbox.Action{
				Platform: "meta", Action: "own", Asset: "act_10294410093", Business: "447120001180233",
			},
			connect: choosing("Mina private"),
		},
		"F15": {
			code: catalog.NoBusinessManager,
			at:   atFacebook("Noor Haddad"), reads: "you have none yet", note: lead, again: "Look again",
			mends:   &sandbox.Action{Platform: "meta", Action: "found", Person: "noor-haddad"},
			connect: choosing("Haddad Bakery"),
		},
		"F16": {
			code: catalog.OtherOwner,
			at:   atGuide("Olga Lind", "Lind Keramik Outlet"), reads: "belongs to another business",
			note:    "your Business Manager Alte Werft Media still owns Lind Keramik Outlet. Can you remove it",
			again:   "Look again",
			mends:   &sandbox.Action{Platform: "meta", Action: "own", Asset: "40911400015", Business: "440118831550682"},
			connect: choosing("Lind Keramik Outlet"),
		},
		"F17": {
			code: catalog.PartialAccess,
			at:   atGuide("Pia Berg", "Berg Optik"), reads: "Somebody else has to share Berg Optik",
			note: "Can you open the request and share Berg Optik, or give me full control", again: "Try again",
			mends:   &sandbox.Action{Platform: "meta", Action: "full_control", Asset: "act_55500918842", Person: "pia-berg"},
			connect: choosing("Berg Optik"),
		},
		"F18": {
			code: catalog.NotBusinessAdmin,
			at:   atGuide("Tomas Rey", "Costa Azul Hotels"), reads: "One of two permissions is missing",
			note: "make me an admin of our Business Manager Costa Azul Hotels", again: "Try again",
			mends:   &sandbox.Action{Platform: "meta", Action: "gain_admin", Person: "tomas-rey"},
			connect: choosing("Costa Azul Hotels"),
		},
		"F23": {
			code:  catalog.ListCut,
			fault: "client_pages_refused", at: func(w walk) { w.fault(); atFacebook("Mina Ito")(w) },
			reads: "Facebook did not show the Pages that others gave to Harbour & Pine", again: "Try again",
			connect: choosing("Harbour Café Ads"),
		},
		"F25": {
			code:  catalog.TwoFactorNeeded,
			fault: "two_factor_required", at: atSharing("Harbour & Pine EU"), reads: "Your business asks for two-factor sign-in",
			again: "Connect Assets", connect: func(walk) {},
		},
		"F26": {
			code: catalog.AccountRestricted,
			at:   atGuide("Dirk Maas", "Maas Fietsen Verhuur"), reads: "Facebook has restricted", again: "Go on",
			connect: choosing("Maas Fietsen Verhuur"),
		},
		"F26 unpaid": {
			code: catalog.PaymentOverdue,
			at:   atGuide("Mina Ito", "Harbour Workshop Ads"), reads: "A payment for Harbour Workshop Ads is overdue",
			again: "Go on", connect: choosing("Harbour Workshop Ads"),
		},
		"F28": {
			code:  catalog.TemporarilyBlocked,
			fault: "blocked", at: atSharing("Harbour & Pine Nordics 4471"), reads: "Facebook asks to wait",
			again: "Connect Assets", connect: func(walk) {},
		},
		"F29": {
			code: catalog.AppNotApproved, told: store.EmailAgencySideProblem,
			fault: "app_inactive", at: func(w walk) { w.Press("Add Facebook"); w.fault(); w.Follow("Log In") },
			reads: "Facebook has not opened this to Northlight Media yet", again: "Try again",
			connect: func(w walk) {
				w.Follow("Log In")
				w.Press("Mina Ito")
				w.Press("Allow")
				choosing("Harbour & Pine UK 4471")(w)
			},
		},
		"F29 page": {
			code: catalog.PageSaidUnavailable, told: store.EmailAgencySideProblem,
			at:    stopped(func(w walk) { w.Press("Add Facebook") }, nil, "The app is not active or not available"),
			reads: "not your fault", again: "Try again",
			connect: func(w walk) { w.Follow("Log In"); w.Press("Mina Ito"); w.Press("Allow"); choosing("Pine Kids 4471")(w) },
		},
		"F48 lists": {
			code:  catalog.PlatformDown,
			fault: "down", at: func(w walk) {
				w.Press("Add Facebook")
				w.Follow("Log In")
				w.Press("Sam Xu")
				w.OnRedirect(func(to *url.URL) bool { // signed in; then the lists cannot be read
					if strings.HasSuffix(to.Path, "/facebook/assets") {
						w.fault()
					}
					return true
				})
				w.Press("Allow")
				w.OnRedirect(nil)
			},
			reads: "Facebook does not answer", again: "Try again", connect: choosing("Xu Aachen"),
		},
		"F49": {
			code:  catalog.SignInEnded,
			fault: "token_revoked", at: atSharing("Harbour Garden"), reads: "Facebook ended this sign-in", again: "Try again",
			connect: signingIn,
		},
		"F49 check": {
			code:  catalog.SecurityCheck,
			fault: "checkpoint", at: atSharing("Harbour Kitchens"), reads: "Facebook wants to know that it is really you",
			again: "Try again", connect: signingIn,
		},
		"F50": {
			code: catalog.SignInExpired,
			at:   atEnding("expire_tokens", "Harbour Workshop Craft"), reads: "has ended", again: "Try again",
			connect: signingIn,
		},
		"F55 app": {
			code: catalog.AppRemoved,
			at:   atEnding("remove_app", "Harbour & Pine Outlet"), reads: "removed", again: "Try again",
			connect: func(w walk) { // Facebook told the relay at once: nothing was shared
				signingIn(w)
				choosing("Harbour & Pine Outlet")(w)
			},
		},
	}
}

// crmCases are those of HubSpot, Mailchimp and ActiveCampaign.
func crmCases() map[string]stuck {
	hubspot, mailchimp, campaigns := onboarding.HubSpot, onboarding.Mailchimp, onboarding.ActiveCampaign
	hubspotAgain := proceeding("Lars Holm", "Harbour & Pine AB", "Allow")
	addHubSpot := func(w walk) { w.Press("Add HubSpot") }
	return map[string]stuck{
		"F29 page": {
			code: catalog.PageSaidUnavailable, told: store.EmailAgencySideProblem,
			service: hubspot, at: stopped(addHubSpot, nil, "The app is not active or not available"),
			reads: "not your fault", again: "Try again", connect: hubspotAgain,
		},
		"F37": {
			code:    catalog.MayNotConnect,
			service: hubspot, at: stopped(addHubSpot, []string{"Marta Lindqvist"}, "I may not do this"),
			reads: "HubSpot lets only some people connect apps", note: "Can you open the request and connect HubSpot, or",
			again: "Try again", mends: &sandbox.Action{Platform: "hubspot", Action: "gain_admin", Person: "marta-lindqvist"},
			connect: proceeding("Allow"),
		},
		"F39": {
			code: catalog.ProductNotInPlan, told: store.EmailAgencySideProblem,
			service: hubspot, at: func(w walk) {
				addHubSpot(w)
				w.Open(w.scene.URL + "/callback/hubspot?error=invalid_scope&state=" + stateOf(w))
			},
			reads: "Your plan does not include this", again: "Try again", connect: hubspotAgain,
		},
		"F40": {
			code:    catalog.RoleTooLow,
			service: mailchimp, at: adding("Mailchimp", "Ida Berg", "Allow"), reads: "Your role at Mailchimp is Viewer",
			note:  "Can you open the request and connect Mailchimp, or give me a higher role there?",
			again: "Try again", mends: &sandbox.Action{Platform: "mailchimp", Action: "make_manager", Person: "ida-berg"},
			connect: proceeding("Allow"),
		},
		"F44 app": {
			code:    catalog.AddressOfApp,
			service: campaigns, at: typing("https://northwind.app-us1.com/app/settings", ""), reads: "This is a page of the app",
			again: "Use https://northwind.api-us1.com", connect: func(walk) {},
		},
		"F44 https": {
			code:    catalog.AddressNotHTTPS,
			service: campaigns, at: typing("http://northwind.api-us1.com", ""), reads: "The API URL begins with https://",
			again: "Use https://northwind.api-us1.com", connect: func(walk) {},
		},
		"F44 unknown": {
			code:    catalog.AddressUnknown,
			service: campaigns, at: typing("https://nobody.api-us1.com", ""), reads: "answers at this address",
			again: "Connect", connect: retyping("", ""),
		},
		"F45": {
			code:    catalog.KeyRefused,
			service: campaigns, at: typing("", strings.Repeat("7", 72)), reads: "ActiveCampaign rejected this key",
			again: "Connect", connect: retyping("", ""),
		},
		"F45 unpaid": {
			code:    catalog.AccountUnpaid,
			service: campaigns, fault: "unpaid", at: typing("", ""), reads: "its plan has ended, or a payment is due",
			note: "Can you look there, under billing", again: "Connect", connect: retyping("", ""),
		},
		"F48": {
			code:    catalog.PlatformBusy,
			service: mailchimp, fault: "overloaded", at: adding("Mailchimp", "Marta Lindqvist", "Allow"),
			reads: "Mailchimp is busy", again: "Try again", connect: proceeding("Allow"),
		},
		"F48 page": {
			code:    catalog.PageSaidLater,
			service: hubspot, at: stopped(addHubSpot, nil, "Something went wrong"),
			reads: "HubSpot", again: "Try again", connect: hubspotAgain,
		},
		"F55": {
			code:    catalog.UserInactive,
			service: mailchimp, fault: "user_disabled", at: adding("Mailchimp", "Marta Lindqvist", "Allow"),
			reads: "This user of Mailchimp is switched off", note: "A note to copy", again: "Try again",
			connect: proceeding("Allow"),
		},
	}
}

// adminCases are those of Salesforce and Google Sheets.
func adminCases() map[string]stuck {
	salesforce, sheets := onboarding.Salesforce, onboarding.GoogleSheets
	const (
		newsletter  = "1Hp4NewsletterSignups-k3Vq9TmXb2RwLc7ZsYdJ5nE"
		lumenDomain = "lumenoptics.my.salesforce.com"
		lumen       = "00D5e0000010429EAA"
	)
	connected := picking("Lars Holm", "Allow", leadsSheet, "Select")
	tom := func(w walk) { w.Press("Add Google Sheets"); picking()(w) }
	return map[string]stuck{
		"F27": {
			code: catalog.AgencySide, told: store.EmailAgencySideProblem,
			service: salesforce, fault: "ip_restricted", at: salesforceAt(harbourDomain, "Lars Holm", "Allow"),
			reads: "the side of Northlight Media", again: "Try again", connect: answering(harbourDomain, "Allow"),
		},
		"F33": {
			code:    catalog.PermissionUnticked,
			service: sheets, fault: "scope_unticked", at: sheetsAt("Lars Holm", "Allow"),
			reads: "One permission was left out", again: "Try again", connect: connected,
		},
		"F35": {
			code:    catalog.MayNotConnect,
			service: sheets, at: stopped(tom, []string{"Tom Becker"}, "I may not do this"),
			reads: "an admin of their Google Workspace has allowed", note: "Can you open the request and connect Google Sheets",
			again: "Try again", mends: &sandbox.Action{Platform: "googlesheets", Action: "allow_app", Person: "tom-becker"},
			connect: func(w walk) {
				w.Tick("Make a new sheet for the leads")
				w.Press("Continue")
				proceeding("Tom Becker", "Allow")(w)
			},
		},
		"F36": {
			code:    catalog.NothingPicked,
			service: sheets, at: sheetsAt("Lars Holm", "Allow", "Select"), reads: "You picked no sheet",
			note: "Can you share the sheet with me at Google Sheets", again: "Try again", connect: connected,
		},
		"F36 left out": {
			code:    catalog.LeftOut,
			service: sheets, at: func(w walk) {
				w.acts(sandbox.Action{Platform: "googlesheets", Action: "restore", Asset: newsletter})
				sheetsAt("Lars Holm", "Allow", newsletterSheet)(w)
				onTheWayBack(w.t, w.scene, w.Browser, sandbox.Action{
					Platform: "googlesheets", Action: "trash", Asset: newsletter,
				})
				w.Press("Select")
				w.OnRedirect(nil)
			},
			reads: "Its owner can restore what is in the bin", again: "Try again",
			mends:   &sandbox.Action{Platform: "googlesheets", Action: "restore", Asset: newsletter},
			connect: picking("Lars Holm", "Allow", newsletterSheet, "Select"),
		},
		"F41 install": {
			code:    catalog.AdminMustInstall,
			service: salesforce, at: func(w walk) {
				w.acts(sandbox.Action{Platform: "salesforce", Action: "uninstall", Asset: lumen})
				salesforceAt(lumenDomain, "Priya Nair")(w)
			},
			reads: "Your Salesforce admin installs the app once", note: "Can you install the app in our", again: "Look again",
			mends:   &sandbox.Action{Platform: "salesforce", Action: "install", Asset: lumen},
			connect: answering(lumenDomain, "Allow"),
		},
		"F41 approve": {
			code:    catalog.AdminMustApprove,
			service: salesforce, fault: "not_approved", at: salesforceAt(harbourDomain, "Lars Holm"),
			reads: "admin has to allow this app",
			note:  "Can you let my user sign in to the app that connects Northlight Media", again: "Try again",
			connect: answering(harbourDomain, "Allow"),
		},
		"F42 app": {
			code:    catalog.SignInAddressOfApp,
			service: salesforce, at: salesforceAt("https://harbourpine.lightning.force.com/lightning/page/home"),
			reads: "This is a page inside Salesforce", again: "Use " + harbourDomain, connect: proceeding("Lars Holm", "Allow"),
		},
		"F42 unknown": {
			code:    catalog.SignInAddressUnknown,
			service: salesforce, at: salesforceAt("evil.example"), reads: "Nobody signs in to Salesforce at this address",
			again: "Continue", connect: answering(harbourDomain, "Lars Holm", "Allow"),
		},
		"F43": {
			code:    catalog.NoAPIAccess,
			service: salesforce, at: salesforceAt(harbourDomain, "Kim Olsen", "Allow"),
			reads: "This Salesforce cannot be connected yet", note: "Can you look in Setup of our", again: "Try again",
			connect: answering(harbourDomain, "Log out, I am someone else", "Lars Holm", "Allow"),
		},
	}
}

// TestEachFailureIsSkippedAndTriedAgainFromWhereItIsSaid: a reason is in the hub, and what
// is mended is connected.
func TestEachFailureIsSkippedAndTriedAgainFromWhereItIsSaid(t *testing.T) {
	s, walked := relaytest.NewScene(t), map[catalog.FailureCode]bool{catalog.WrongFacebookUser: true}
	for _, cases := range []map[string]stuck{facebookCases(), crmCases(), adminCases()} {
		for name, c := range cases {
			if walked[c.code] = true; c.service == "" {
				c.service = onboarding.Facebook
			}
			t.Run(string(c.service.Platform())+" "+name, func(t *testing.T) { c.walkOut(t, s, name) })
		}
	}
	// Who sees nothing of theirs (F24) has a test of their own.
	known := catalogtest.New(t)
	for _, code := range catalog.Codes() {
		failure := known.Describe(code, catalog.Args{})
		if failure.Row != "" && slices.Contains(failure.Recovery, catalog.RecoverSkip) && !walked[code] {
			t.Errorf("%s, %s: nobody walks its ways out", failure.Row, code)
		}
	}
}

func (c stuck) begin(t *testing.T, s *relaytest.Scene) (w walk, id string) {
	t.Helper()
	fault := func(on bool) {
		if c.fault != "" {
			s.Fault(string(c.service.Platform()), c.fault, on)
		}
	}
	defer fault(false)
	id, link := s.Request(c.service)
	w = walk{Browser: s.BrowserIn(t), t: t, scene: s, fault: func() { fault(true) }}
	w.Enter(link, "Marta Lind", "marta@harbourpine.example")
	c.at(w)
	w.Reads(c.reads)
	return w, id
}

// handOver sends it to a colleague from the page that says it, if the failure's ways have
// that: those for which a colleague gets a note.
func (c stuck) handOver(t *testing.T, s *relaytest.Scene, name string) {
	t.Helper()
	w, id := c.begin(t, s)
	to := strings.ReplaceAll(strings.ToLower(name), " ", "-") + "@harbourpine.example"
	w.Follow("Send it to a colleague")
	w.Fill("Your colleague’s email", to)
	w.Press("Send it to them")
	w.Reads(to + " was asked on")
	if n := s.Emails(id, store.EmailHandOver); n != 1 {
		t.Errorf("%d emails go to the colleague, want 1", n)
	}
}

func (c stuck) walkOut(t *testing.T, s *relaytest.Scene, name string) {
	t.Helper()
	if c.note != "" {
		c.handOver(t, s, name)
	}
	w, id := c.begin(t, s)
	if c.note != "" {
		w.Reads("A note to copy", c.note)
	}
	const reason = "Ida does this, she is back on Monday."
	w.Follow("Skip, I cannot do this")
	w.Fill("Reason", reason)
	w.Press("Skip it")
	w.Reads("You said: “" + reason + "”")
	s.Sync()
	if got := s.Details(id).Skipped; len(got) != 1 || got[0] != (onboarding.Skip{Service: c.service, Reason: reason}) {
		t.Errorf("the hub has the reasons %+v", got)
	}
	if n := s.Emails(id, store.EmailSkipped); n != 1 {
		t.Errorf("%d emails tell the requester, want 1", n)
	}
	if n := s.Emails(id, c.told); c.told != "" && n != 1 {
		t.Errorf("%d emails tell the agency what stopped them, want 1", n)
	}
	w, id = c.begin(t, s)
	if c.mends != nil {
		w.acts(*c.mends)
	}
	if c.again != "Connect" { // else it is what connect presses
		w.try(c.again)
	}
	c.connect(w)
	s.Sync()
	if d := s.Details(id); len(d.Items) != 1 || d.Items[0].State != onboarding.ItemConnected {
		t.Errorf("the hub has %+v, and the page says %.600s", d.Items, w.Page.Text())
	}
}
