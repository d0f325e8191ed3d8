// Package mailtest holds every email in every state, with made-up people: for
// tests and for pictures. No program that is shipped imports it.
package mailtest

import (
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Example is an email in one of its states.
type Example struct {
	Name  string // "Invitation: white-label"
	Email mail.Email
}

const (
	clientAddress = "marta.lindqvist@harbourpine.example"
	memberAddress = "ana@northlight.example"
	openAddress   = "https://access.northlight.example/open/q8w2"
	clientName    = "Harbour & Pine"
)

// Gallery is every email in every state, to be looked at and tested.
func Gallery() []Example {
	var all []Example
	all = append(all, invitations()...)
	all = append(all, repairs()...)
	all = append(all, receipts()...)
	all = append(all, news()...)
	all = append(all, answers()...)
	all = append(all, outcomes()...)
	all = append(all, codes()...)
	all = append(all, problems()...)
	return append(all, expiring()...)
}

// Invitation is the first example, to be changed by a test.
func Invitation() mail.Invitation {
	return mail.Invitation{
		Envelope:  Envelope(Agency(), clientAddress),
		Requester: requester(),
		Message: "Hello Marta, to plan the winter campaign we need access to your ad accounts, your Pages and your " +
			"customer lists. It takes about five minutes.",
		Services: []onboarding.Service{onboarding.Facebook, onboarding.Mailchimp, onboarding.HubSpot},
		Expires:  timestamp(12, 5, 10, 2),
		Link:     Link("request"),
	}
}

func invitations() []Example {
	neutral, named, amber := Agency(), Agency(), Agency()
	neutral.Brand = onboarding.Brand{}
	named.Brand.ShowRequester = true
	amber.Brand.Colour, amber.Brand.Company = "#F5B301", "Sólfinna – Miðlun & Ráðgjöf"
	with := func(change func(*mail.Invitation)) mail.Invitation {
		changed := Invitation()
		change(&changed)
		return changed
	}
	long := strings.TrimSpace(strings.Repeat("Þetta er löng skilaboð með íslenskum stöfum, 日本語, and a "+
		"very-long-word-"+strings.Repeat("x", 60)+".\n\n", 30))
	return []Example{
		{"Invitation: white-label", Invitation()},
		{"Invitation: white-label, with the requester’s name", with(func(i *mail.Invitation) {
			i.Envelope = Envelope(named, clientAddress)
		})},
		{"Invitation: neutral", with(func(i *mail.Invitation) { i.Envelope = Envelope(neutral, clientAddress) })},
		{"Invitation: a light colour, every service, the default message", with(func(i *mail.Invitation) {
			i.Envelope, i.Message = Envelope(amber, clientAddress), ""
			i.Services = []onboarding.Service{onboarding.Facebook, onboarding.Mailchimp, onboarding.Salesforce,
				onboarding.GoogleSheets, onboarding.HubSpot, onboarding.ActiveCampaign}
		})},
		{"Invitation: a long message", with(func(i *mail.Invitation) { i.Message = long })},
		{"Invitation: before it is sent", with(func(i *mail.Invitation) { i.Expires = 0 })},
		{"PhoneLink", mail.PhoneLink{Invitation: Invitation()}},
		{"LinkAgain", mail.LinkAgain{Invitation: Invitation()}},
		{"HandOver: by somebody who was invited", handOver(func(h *mail.HandOver) { h.By = "marta@harbourpine.example" })},
		{"HandOver: by somebody with the link", handOver(nil)},
		{"HandOver: white-label off, several services", handOver(func(h *mail.HandOver) {
			h.Agency.Brand.On = false
			h.Services = []onboarding.Service{onboarding.Mailchimp, onboarding.HubSpot}
		})},
		{"Invitation: again, to a colleague who was asked", with(func(i *mail.Invitation) {
			i.Handed, i.Services = true, []onboarding.Service{onboarding.HubSpot}
		})},
		{"Reminder: of a part, not begun", mail.Reminder{Invitation: handOver(nil).Invitation, Asked: 1}},
		{"Reminder: nobody has begun", mail.Reminder{Invitation: Invitation(), Asked: 3}},
		{"Reminder: they have begun", mail.Reminder{
			Invitation: Invitation(), Progress: mail.BegunByThem, Connected: 2, Asked: 3,
		}},
		{"Reminder: a colleague has begun", mail.Reminder{
			Invitation: Invitation(), Progress: mail.BegunByAnother, Asked: 3,
		}},
	}
}

// handOver is what a colleague gets who looks after HubSpot.
func handOver(change func(*mail.HandOver)) mail.HandOver {
	h := mail.HandOver{Invitation: Invitation(), Client: "Harbour & Pine"}
	h.Handed, h.Services = true, []onboarding.Service{onboarding.HubSpot}
	if change != nil {
		change(&h)
	}
	return h
}

func repairs() []Example {
	one := func(name string, service onboarding.Service, failure catalog.FailureCode, link string) mail.RepairItem {
		return mail.RepairItem{Link: Link(link), Item: onboarding.Item{
			Name: name, Service: service, PlatformBy: "Lars Holm",
			Access: onboarding.Access{
				State: onboarding.AccessBroken, Failure: string(failure), Since: timestamp(11, 23, 14, 32),
			},
		}}
	}
	portal := one("Harbour & Pine AB", onboarding.HubSpot, catalog.CredentialRefused, "repair-1")
	account := one("Harbour & Pine Sweden", onboarding.Facebook, catalog.ShareRemoved, "repair-2")
	neutral := Agency()
	neutral.Brand = onboarding.Brand{}
	repair := mail.Repair{
		Envelope: Envelope(Agency(), clientAddress), Requester: requester(), Items: []mail.RepairItem{portal},
		Expires: timestamp(12, 23, 14, 32),
	}
	shared, several := repair, repair
	shared.Items, shared.Envelope = []mail.RepairItem{account}, Envelope(neutral, clientAddress)
	several.Items = []mail.RepairItem{portal, account}
	return []Example{
		{"Repair: an account", repair},
		{"Repair: an ad account, neutral", shared},
		{"Repair: several", several},
	}
}

func receipts() []Example {
	receipt := mail.Receipt{
		Envelope:  Envelope(Agency(), clientAddress),
		Requester: requester(),
		Items:     items(),
		Skipped:   []onboarding.Skip{{Service: onboarding.HubSpot, Reason: "Lars has the login"}},
		Business:  "Northlight – Clients",
		Finished:  timestamp(11, 23, 14, 32),
		Number:    "7QK-204-91",
		Link:      Link("receipt"),
		History:   onboarding.AuditHead{Length: 14, Hash: []byte("a hash of example data for a receipt")},
	}
	waiting, long := receipt, receipt
	waiting.Items = items()[3:4]
	long.Items, long.Skipped = manyItems(), nil
	expired, withdrawn := receipt, receipt
	expired.Items, expired.Skipped, expired.Over = items()[:2], nil, mail.OverExpired
	withdrawn.Items, withdrawn.Skipped, withdrawn.Over = items()[:2], nil, mail.OverWithdrawn
	return []Example{
		{"Receipt: the link has expired", expired},
		{"Receipt: the request was withdrawn", withdrawn},
		{"Receipt: connected, waiting and skipped", receipt},
		{"Receipt: only waiting", waiting},
		{"Receipt: many accounts", long},
		{"Approval: an account", mail.Approval{
			Envelope: receipt.Envelope, Requester: receipt.Requester, Items: items()[3:4], Link: receipt.Link,
		}},
		{"Approval: several", mail.Approval{
			Envelope: receipt.Envelope, Requester: receipt.Requester, Link: receipt.Link,
			Items: []onboarding.Item{items()[3], items()[3]},
		}},
		{"AccessWorks", mail.AccessWorks{
			Envelope:  receipt.Envelope,
			Requester: receipt.Requester,
			Service:   onboarding.Facebook,
			Expires:   timestamp(12, 5, 10, 2),
			Link:      Link("request"),
		}},
	}
}

func outcomes() []Example {
	outcome := mail.Outcome{
		Client:   clientName,
		Items:    items(),
		Skipped:  []onboarding.Skip{{Service: onboarding.HubSpot, Reason: "Lars has the login"}},
		Business: "Northlight – Clients",
		Finished: timestamp(11, 23, 14, 32),
		Invited:  clientAddress,
		Open:     openAddress,
	}
	copied, later, waiting, nothing, confirmed := outcome, outcome, outcome, outcome, outcome
	confirmed.Completed = timestamp(11, 25, 8, 15)
	confirmed.Items, confirmed.Skipped = items()[:1], nil
	confirmed.Items[0].Confirmed, confirmed.Items[0].ConfirmedBy = timestamp(11, 24, 16, 5), "Ana Ruiz"
	confirmedPart := confirmed
	confirmedPart.Items = append(confirmed.Items[:1:1], items()[3])
	copied.Client, copied.Items, copied.Skipped = "Lumen Optics", items()[4:], nil
	copied.Invited, copied.Open = "", ""
	later.Completed = timestamp(11, 25, 8, 15)
	later.Items, later.Skipped = items()[:3], nil
	waiting.Items, waiting.Skipped = items()[3:4], nil
	nothing.Items = nil
	nothing.Skipped = []onboarding.Skip{
		{Service: onboarding.Facebook, Reason: "I am not the admin"},
		{Service: onboarding.HubSpot},
	}
	to := Envelope(Agency(), memberAddress)
	return []Example{
		{"CompletionNotice: connected, waiting and skipped", mail.CompletionNotice{Envelope: to, Outcome: outcome}},
		{"CompletionNotice: by a copied link, without an address to show it",
			mail.CompletionNotice{Envelope: to, Outcome: copied}},
		{"CompletionNotice: after waiting", mail.CompletionNotice{Envelope: to, Outcome: later}},
		{"CompletionNotice: confirmed, not checked", mail.CompletionNotice{Envelope: to, Outcome: confirmed}},
		{"CompletionNotice: one confirmed, one awaited", mail.CompletionNotice{Envelope: to, Outcome: confirmedPart}},
		{"FinishedWaiting", mail.FinishedWaiting{Envelope: to, Outcome: waiting}},
		{"NothingConnected", mail.NothingConnected{Envelope: to, Outcome: nothing, Expires: timestamp(12, 5, 10, 2)}},
	}
}

func codes() []Example {
	return []Example{{"ReplyToCode", mail.ReplyToCode{
		Envelope: Envelope(Agency(), "hello@northlight.example"),
		Code:     onboarding.NewSecret("48392071"),
		Ends:     timestamp(11, 5, 10, 12),
	}}}
}

func problems() []Example {
	to, since := Envelope(Agency(), memberAddress), timestamp(11, 23, 14, 32)
	problem := mail.AgencySideProblem{
		Envelope: to,
		Client:   clientName,
		Service:  onboarding.Facebook,
		Failure:  catalog.AgencySide,
		User:     "Ana Ruiz",
		Code:     "10/1349125",
		Since:    since,
		Open:     openAddress,
	}
	notApproved := problem
	notApproved.Failure, notApproved.Code, notApproved.Asset = catalog.AppNotApproved, "3", "Harbour & Pine EU"
	waiting := mail.StillWaiting{
		Envelope: to,
		Client:   clientName,
		Items:    items()[3:4],
		Seen:     timestamp(11, 22, 9, 40),
		Open:     openAddress,
	}
	never := waiting
	never.Seen = 0
	return []Example{
		{"NoDevice", mail.NoDevice{
			Envelope: to,
			Client:   clientName,
			Service:  onboarding.HubSpot,
			Since:    since,
			Open:     openAddress,
		}},
		{"AgencySideProblem: the user may not", problem},
		{"AgencySideProblem: the app is not approved", notApproved},
		{"StillWaiting", waiting},
		{"StillWaiting: nobody came yet", never},
	}
}

func news() []Example {
	to, since := Envelope(Agency(), memberAddress), timestamp(11, 23, 14, 32)
	broken := items()[:2]
	for n := range broken {
		broken[n].Access = onboarding.Access{
			State: onboarding.AccessBroken, Failure: string(catalog.ShareRemoved), Since: since,
		}
	}
	soon := mail.SignInEnds{
		Envelope: to, Service: onboarding.Facebook, User: "Ana Ruiz", Member: "Ana Ruiz", Own: true,
		Ends: timestamp(12, 7, 9, 0), Now: since, Open: openAddress,
	}
	ended := soon
	ended.Own, ended.Failure, ended.Code, ended.Since = false, catalog.SignInEnded, "190/463", since
	stopped := ended
	stopped.Failure, stopped.Code = catalog.SecurityCheck, "190/459"
	roleLost := stopped
	roleLost.Own, roleLost.Failure, roleLost.Code = true, catalog.AgencySide, "100/33"
	return append([]Example{
		{"NeedsAttention: a client’s accounts", mail.NeedsAttention{
			Envelope: to, Client: clientName, Items: broken, Open: openAddress,
		}},
		{"NeedsAttention: an account of the agency’s own", mail.NeedsAttention{
			Envelope: to, Items: broken[:1], Open: openAddress,
		}},
		{"RequestExpiring: not opened", mail.RequestExpiring{
			Envelope: to, Client: clientName, Ends: timestamp(12, 5, 10, 2), Open: openAddress,
		}},
		{"RequestExpiring: opened", mail.RequestExpiring{
			Envelope: to, Client: clientName, Opened: true, Ends: timestamp(12, 5, 10, 2), Open: openAddress,
		}},
		{"PartFinished", mail.PartFinished{
			Envelope: to, Client: clientName, Colleagues: []string{"lars@harbourpine.example"},
			Expires: timestamp(12, 5, 10, 2), Open: openAddress,
		}},
		{"SignInEnds: soon, your own", soon},
		{"SignInEnds: ended, a colleague’s", ended},
		{"SignInEnds: does not work", stopped},
		{"SignInEnds: a role lost, your own", roleLost},
		{"AppProblem", mail.AppProblem{
			Envelope: to, Service: onboarding.Facebook, Failure: catalog.NotConfigured, Code: "100", Since: since,
			Open: openAddress,
		}},
		{"AppProblem: found by one sub-user alone", mail.AppProblem{
			Envelope: to, Alone: true, Service: onboarding.HubSpot, Failure: catalog.NotConfigured, Since: since,
			Open: openAddress,
		}},
		{"WebhooksOff: one", mail.WebhooksOff{Envelope: to, Open: openAddress, Webhooks: []onboarding.Webhook{
			{Name: "#clients", Host: "hooks.slack.example", Off: onboarding.DeliveryGone},
		}}},
		{"WebhooksOff: several", mail.WebhooksOff{Envelope: to, Open: openAddress, Webhooks: []onboarding.Webhook{
			{Name: "#clients", Host: "hooks.slack.example", Off: onboarding.DeliveryRestored},
			{Name: "Our CRM", Host: "crm.northlight.example", Off: onboarding.DeliveryFailing},
		}}},
		{"Summary", summary(to)},
	}, ownDomain(to)...)
}

func ownDomain(to mail.Envelope) []Example {
	return []Example{
		{"OwnDomain: lost", mail.OwnDomain{
			Envelope: to, Open: openAddress, Domain: "access.northlight.example", Records: true,
		}},
		{"OwnDomain: not served", mail.OwnDomain{Envelope: to, Open: openAddress, Domain: "access.northlight.example"}},
		{"OwnDomain: works again", mail.OwnDomain{
			Envelope: to, Open: openAddress, Domain: "access.northlight.example", Works: true,
		}},
	}
}

// answers are what clients say of a request.
func answers() []Example {
	to, since := Envelope(Agency(), memberAddress), timestamp(11, 23, 14, 32)
	asked := mail.LinkAsked{
		Envelope: to, Client: clientName, At: since, Ended: timestamp(11, 5, 10, 2), Expired: true, Invited: 2,
		Open: openAddress,
	}
	skipped := mail.Skipped{
		Envelope: to, Client: clientName, Asked: 2, Expires: timestamp(12, 5, 10, 2), Open: openAddress,
		Skipped: []onboarding.Skip{{Service: onboarding.HubSpot, Reason: "Lars has the login"}},
	}
	all := skipped
	all.Skipped = append(all.Skipped, onboarding.Skip{Service: onboarding.Mailchimp, Reason: "We do not use it"})
	all.Items = []onboarding.Item{{Service: onboarding.HubSpot, State: onboarding.ItemConnected}}
	withdrawn := []onboarding.Item{
		{Name: "Harbour & Pine EU", Service: onboarding.Facebook, State: onboarding.ItemConnected},
		{Name: "Harbour & Pine Newsletter", Service: onboarding.Mailchimp, State: onboarding.ItemEnded},
	}
	copied, older := asked, asked
	copied.Invited = 0
	older.Invited, older.Expired, older.Ended = 0, false, timestamp(12, 5, 10, 2)
	return []Example{
		{"Skipped: one of several", skipped},
		{"Skipped: all that was asked for", all},
		{"Declined", mail.Declined{
			Envelope: to, Client: clientName, At: since, Expires: timestamp(12, 5, 10, 2), Open: openAddress,
		}},
		{"LinkAsked: the link has expired", asked},
		{"AccessWithdrawn: one thing", mail.AccessWithdrawn{
			Envelope: to, Client: clientName, Items: withdrawn[:1], Open: openAddress,
		}},
		{"AccessWithdrawn: it had not arrived", mail.AccessWithdrawn{
			Envelope: to, Client: clientName, Items: endedAs(withdrawn[0], catalog.NeverArrived), Open: openAddress,
		}},
		{"AccessWithdrawn: nobody can end it there", mail.AccessWithdrawn{
			Envelope: to, Client: clientName, Items: endedAs(withdrawn[0], catalog.WithdrawByHand), Open: openAddress,
		}},
		{"AccessWithdrawn: everything, one has ended", mail.AccessWithdrawn{
			Envelope: to, Client: clientName, Items: withdrawn, More: 998, Open: openAddress,
		}},
		{"LinkAsked: a copied link", copied},
		{"LinkAsked: to repair an account", mail.LinkAsked{
			Envelope: to, Client: clientName, At: since, Ended: timestamp(11, 5, 10, 2), Asset: "Harbour & Pine AB",
			Open: openAddress,
		}},
		{"LinkAsked: an older link, nobody invited", older},
	}
}

// endedAs is an account that has ended, with what is left of it.
func endedAs(i onboarding.Item, left catalog.FailureCode) []onboarding.Item {
	i.State, i.Failure = onboarding.ItemEnded, string(left)
	return []onboarding.Item{i}
}

func summary(to mail.Envelope) mail.Summary {
	line := func(kind onboarding.NewsKind, subject, account string, hour int) mail.SummaryLine {
		return mail.SummaryLine{
			Kind: kind, Subject: subject, Account: account, Service: onboarding.Facebook,
			At: timestamp(11, 23, hour, 5), Open: openAddress,
		}
	}
	waiting := line(onboarding.NewsCompleted, "Lumen Optics", "", 11)
	confirmed := line(onboarding.NewsCompleted, "Lund", "", 11)
	part := line(onboarding.NewsCompleted, "Harvest Table", "", 11)
	waiting.Waiting, confirmed.Unchecked, part.Part = true, true, true
	both := line(onboarding.NewsCompleted, "Pine Outdoor", "", 11)
	both.Unchecked, both.Part = true, true
	return mail.Summary{Envelope: to, Open: openAddress, More: 12, UTCOffset: 60, Lines: []mail.SummaryLine{
		line(onboarding.NewsCompleted, clientName, "", 9),
		waiting, confirmed, part, both,
		line(onboarding.NewsNothing, "Fjord & Son", "", 12),
		line(onboarding.NewsSkipped, "Copper & Clay", "", 13),
		line(onboarding.NewsDeclined, "Brook & Sons", "", 13),
		line(onboarding.NewsLinkAsked, "Copper & Clay", "", 13),
		line(onboarding.NewsWithdrawn, clientName, "Harbour & Pine Nordics", 14),
		line(onboarding.NewsAttention, clientName, "Harbour & Pine EU", 14),
		line(onboarding.NewsExpiring, "Maple Dental", "", 15),
		line(onboarding.NewsSignIn, "", "Ana Ruiz", 16),
	}}
}

func expiring() []Example {
	clients := mail.CredentialExpiring{
		Envelope: Envelope(Agency(), memberAddress),
		Client:   clientName,
		Service:  onboarding.Salesforce,
		Account:  "Harbour & Pine AB",
		Ends:     timestamp(12, 7, 9, 0),
		Open:     openAddress,
	}
	own := clients
	own.Client, own.Account, own.Service = "", "Northlight Media", onboarding.Mailchimp
	own.Operator.Contact = onboarding.Contact{Page: "https://kestrel.example/help"}
	return []Example{
		{"CredentialExpiring: a client’s", clients},
		{"CredentialExpiring: the agency’s own, help on a page", own},
		{"Report", mail.Report{
			Envelope:  Envelope(Agency(), "help@kestrel.example"),
			About:     "an invitation",
			Request:   "q8w2-77",
			Sent:      timestamp(11, 5, 10, 2),
			Reported:  timestamp(11, 23, 14, 32),
			Reference: "K4-7781",
		}},
	}
}
