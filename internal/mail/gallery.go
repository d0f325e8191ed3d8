package mail

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Example is a letter in one of its states, with made-up people.
type Example struct {
	Name   string // "Invitation: white-label"
	Letter Letter
}

// Gallery is every letter in every state, to be looked at and tested.
func Gallery() []Example {
	white, neutral := exampleAgency(), exampleAgency()
	neutral.Brand = onboarding.Brand{}
	named := exampleAgency()
	named.Brand.ShowRequester = true
	amber := exampleAgency()
	amber.Brand.Colour, amber.Brand.Company = "#F5B301", "Sólfinna – Miðlun & Ráðgjöf"

	const toClient = "marta.lindqvist@harbourpine.example"
	client := func(agency onboarding.Agency) Head { return exampleHead(agency, toClient) }
	ours := exampleHead(white, "ana@northlight.example")
	ana := onboarding.Member{ID: "ana", Name: "Ana Ruiz", Email: "ana@northlight.example", Role: onboarding.MainUser}

	invitation := Invitation{
		Head: client(white), Requester: ana,

		Message: "Hello Marta, to plan the winter campaign we need access to your ad accounts, your Pages and your " +
			"customer lists. It takes about five minutes.",
		Services: []onboarding.Service{onboarding.Facebook, onboarding.Mailchimp, onboarding.HubSpot},
		Expires:  exampleMoment(12, 5, 10, 2),
		Link:     exampleLink("request"),
	}
	with := func(change func(*Invitation)) Invitation {
		changed := invitation
		change(&changed)
		return changed
	}

	finished := exampleMoment(11, 23, 14, 32)
	skipped := []onboarding.Skip{{Service: onboarding.HubSpot, Reason: "Lars has the login"}}
	receipt := Receipt{
		Head: client(white), Requester: ana, Items: exampleItems(), Skipped: skipped,
		Business: "Northlight – Clients", Finished: finished, Number: "7QK-204-91", Link: exampleLink("receipt"),
	}
	waitingReceipt, longReceipt := receipt, receipt
	waitingReceipt.Items = exampleItems()[3:4]
	longReceipt.Items = manyItems()
	longReceipt.Skipped = nil

	outcome := Outcome{
		Client: "Harbour & Pine", Items: exampleItems(), Skipped: skipped, Business: "Northlight – Clients",
		Finished: finished, Invited: toClient, Open: "https://access.northlight.example/open/q8w2",
	}
	copied, later, waiting, nothing := outcome, outcome, outcome, outcome
	copied.Client, copied.Items, copied.Skipped, copied.Invited, copied.Open = "Lumen Optics", exampleItems()[4:], nil,
		"", ""
	later.Completed = exampleMoment(11, 25, 8, 15)
	later.Items, later.Skipped = exampleItems()[:3], nil
	waiting.Items, waiting.Skipped = exampleItems()[3:4], nil
	nothing.Items = nil
	nothing.Skipped = []onboarding.Skip{{Service: onboarding.Facebook, Reason: "I am not the admin"},
		{Service: onboarding.HubSpot}}

	problem := AgencySideProblem{
		Head: ours, Client: "Harbour & Pine", Service: onboarding.Facebook, Failure: catalog.AgencySide,
		User: "Ana Ruiz", Code: "10/1349125", Since: finished, Open: outcome.Open,
	}
	notApproved := problem
	notApproved.Failure, notApproved.Code, notApproved.Asset = catalog.AppNotApproved, "3", "Harbour & Pine EU"
	expiring := CredentialExpiring{
		Head: ours, Client: "Harbour & Pine", Service: onboarding.Salesforce, Account: "Harbour & Pine AB",
		Ends: exampleMoment(12, 7, 9, 0), Open: outcome.Open,
	}
	own := expiring
	own.Client, own.Account, own.Service = "", "Northlight Media", onboarding.Mailchimp

	helped := ours
	helped.Operator.Contact = "https://kestrel.example/help"

	return []Example{
		{"Invitation: white-label", with(func(*Invitation) {})},
		{"Invitation: white-label, with the requester’s name", with(func(l *Invitation) { l.Head = client(named) })},
		{"Invitation: neutral", with(func(l *Invitation) { l.Head = client(neutral) })},
		{"Invitation: a light colour, every service, the default message", with(func(l *Invitation) {
			l.Head, l.Message, l.Services = client(amber), "", onboarding.Services()
		})},
		{"Invitation: a long message", with(func(l *Invitation) {
			l.Message = strings.TrimSpace(strings.Repeat("Þetta er löng skilaboð með íslenskum stöfum, 日本語, and a "+
				"very-long-word-"+strings.Repeat("x", 60)+".\n\n", 30))
		})},
		{"Invitation: before it is sent", with(func(l *Invitation) { l.Expires = 0 })},
		{"PhoneLink", PhoneLink{invitation}},
		{"Receipt: connected, waiting and skipped", receipt},
		{"Receipt: only waiting", waitingReceipt},
		{"Receipt: many accounts", longReceipt},
		{"AccessWorks", AccessWorks{Head: client(white), Requester: ana, Service: onboarding.Facebook,
			Expires: invitation.Expires, Link: exampleLink("request")}},
		{"CompletionNotice: connected, waiting and skipped", CompletionNotice{ours, outcome}},
		{"CompletionNotice: by a copied link, without an address to show it", CompletionNotice{ours, copied}},
		{"CompletionNotice: after waiting", CompletionNotice{ours, later}},
		{"FinishedWaiting", FinishedWaiting{ours, waiting}},
		{"NothingConnected", NothingConnected{ours, nothing, invitation.Expires}},
		{"ReplyToCode", ReplyToCode{exampleHead(white, "hello@northlight.example"), onboarding.NewSecret("48392071"),
			exampleMoment(11, 5, 10, 12)}},
		{"NoDevice", NoDevice{ours, "Harbour & Pine", onboarding.HubSpot, finished, outcome.Open}},
		{"AgencySideProblem: the user may not", problem},
		{"AgencySideProblem: the app is not approved", notApproved},
		{"StillWaiting", StillWaiting{ours, "Harbour & Pine", exampleItems()[3:4], exampleMoment(11, 22, 9, 40),
			outcome.Open}},
		{"StillWaiting: nobody came yet", StillWaiting{ours, "Harbour & Pine", exampleItems()[3:4], 0, outcome.Open}},
		{"CredentialExpiring: a client’s", expiring},
		{"CredentialExpiring: the agency’s own, help on a page", func() Letter { own.Head = helped; return own }()},
		{"Report", Report{exampleHead(white, "help@kestrel.example"), "an invitation", "q8w2-77", invitation.Date, finished,
			"K4-7781"}},
	}
}

//go:embed example-logo.png
var exampleLogo []byte

func exampleAgency() onboarding.Agency {
	return onboarding.Agency{ID: "northlight", Name: "Northlight Media", Brand: onboarding.Brand{
		On: true, Logo: exampleLogo, Colour: "#7A2672", ReplyTo: "hello@northlight.example",
	}}
}

func exampleHead(agency onboarding.Agency, to string) Head {
	return Head{
		ID: "5QZ2M7R4", Date: exampleMoment(11, 5, 10, 2), To: to, Agency: agency,
		Operator: Operator{Name: "Kestrel Hosting", From: "requests@access.northlight.example",
			Contact: "help@kestrel.example"},
		Pages: Pages{
			Genuine:  "https://access.northlight.example/genuine/5QZ2M7R4",
			Report:   "https://access.northlight.example/report/5QZ2M7R4",
			NotForMe: "https://access.northlight.example/not-for-me/5QZ2M7R4",
		},
	}
}

func exampleLink(what string) onboarding.Secret {
	return onboarding.NewSecret("https://access.northlight.example/r/" + what + "-AQEAAQABf3c1Yk9wUjZ4T3ZQd2dYc0xhZ3B2Qm1ScU1Zc0E")
}

func exampleMoment(month time.Month, day, hour, minute int) onboarding.Timestamp {
	return onboarding.TimestampOf(time.Date(2026, month, day, hour, minute, 0, 0, time.UTC))
}

func exampleItems() []onboarding.Item {
	typed := onboarding.Person{Name: "Marta Lindqvist", Email: "marta.lindqvist@harbourpine.example"}
	item := func(service onboarding.Service, kind onboarding.Kind, name string, state onboarding.ItemState,
		failure catalog.FailureCode) onboarding.Item {
		return onboarding.Item{ID: name, Service: service, Kind: kind, Name: name, State: state, Failure: string(failure),
			By: typed}
	}
	return []onboarding.Item{
		item(onboarding.Facebook, onboarding.AdAccount, "Harbour & Pine EU", onboarding.ItemConnected, ""),
		item(onboarding.Facebook, onboarding.AdAccount, "Harbour & Pine Nordics", onboarding.ItemConnected, ""),
		item(onboarding.Facebook, onboarding.Page, "Harbour & Pine", onboarding.ItemConnected, ""),
		item(onboarding.Facebook, onboarding.Page, "Harbour & Pine Outlet", onboarding.ItemWaiting,
			catalog.ApproveInBusiness),
		item(onboarding.Mailchimp, onboarding.CRMAccount, "Harbour & Pine Newsletter", onboarding.ItemConnected, ""),
	}
}

func manyItems() []onboarding.Item {
	items := exampleItems()
	reasons := []catalog.FailureCode{catalog.OtherOwner, catalog.PartialAccess, catalog.TemporarilyBlocked}
	for i := range 60 {
		item := items[i%3]
		item.Name = fmt.Sprintf("%s %d", item.Name, i+1)
		if i%20 == 19 {
			item.State, item.Failure = onboarding.ItemFailed, string(reasons[i/20])
		}
		items = append(items, item)
	}
	for i := range 45 {
		items = append(items, onboarding.Item{Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
			State: onboarding.ItemConnected, Name: fmt.Sprintf("Shop %d", i+1)})
	}
	return items
}
