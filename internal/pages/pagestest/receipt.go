package pagestest

import (
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// receiptItem is something that works since it was shared.
func receiptItem(id, title, detail string, service onboarding.Service, kind onboarding.Kind) pages.ReceiptItem {
	return pages.ReceiptItem{
		Item: onboarding.Item{
			ID: id, Service: service, Kind: kind, State: onboarding.ItemConnected, By: onboarding.Person{Name: person},
			Connected: at(23, 14, 20), Access: onboarding.Access{State: onboarding.AccessWorks, Checked: at(29, 8, 15)},
		},
		Title: title, Detail: detail, Withdraw: "/r/x/withdraw/" + id,
		Shared: pages.ReceiptShare{By: person, At: at(23, 14, 20)},
	}
}

func receiptItems() []pages.ReceiptItem {
	return []pages.ReceiptItem{
		receiptItem("i1", "Ad account Harbour & Pine EU", "Run ads, see results", onboarding.Facebook, onboarding.AdAccount),
		receiptItem("i2", "Page Harbour & Pine", "Run ads, see results", onboarding.Facebook, onboarding.Page),
		receiptItem("i3", "Harbour & Pine Newsletter", "harbourpine · full access to one account", onboarding.Mailchimp,
			onboarding.CRMAccount),
	}
}

func receiptPage() pages.Receipt {
	return pages.Receipt{
		Frame: bare(), Name: person, Business: manager, At: at(23, 14, 32), Until: at(23+365, 14, 32), Now: at(30, 9, 0),
		Number: "7QK-204-91", Items: receiptItems(), From: 1, Total: 3, Services: services()[:2],
		Rest: []pages.Line{
			{Service: onboarding.HubSpot, Title: "HubSpot", Skipped: "Lars is our Super Admin, he is back on Monday."},
		},
		Keep: "/r/x/keep", WithdrawAll: "/r/x/withdraw/all",
		History: pages.ReceiptHistory{
			HistoryCode: pages.HistoryCode{Entry: 14, Code: "7QKM-4M2X-90BD-TRW3-1HNA-CVGE"}, Whole: true, Others: 6,
			FetchedDays: 3,
			Entries: []pages.HistoryEntry{
				{At: at(23, 14, 32), Kind: onboarding.EventFinished, Who: person},
				{At: at(23, 14, 31), Kind: onboarding.EventSkipped, Who: person, Service: onboarding.HubSpot},
				{At: at(23, 14, 30), Kind: onboarding.EventItemConnected, Who: person, Name: "Harbour & Pine Newsletter"},
				{At: at(23, 14, 20), Kind: onboarding.EventItemConnected, Who: person, Name: "Harbour & Pine"},
				{At: at(23, 14, 20), Kind: onboarding.EventItemConnected, Who: person, Name: "Harbour & Pine EU"},
				{At: at(23, 14, 15), Kind: onboarding.EventStarted, Who: person},
			},
		},
	}
}

// addReceiptByHand adds the receipt of what was shared by hand.
func addReceiptByHand(g *gallery) {
	confirmed := receiptPage()
	confirmed.Items, confirmed.Total, confirmed.Services = confirmed.Items[:1], 1, services()[:1]
	confirmed.Items[0].Title, confirmed.Items[0].Access = "Harbour & Pine EU", onboarding.Access{}
	confirmed.History.Entries = []pages.HistoryEntry{
		{At: at(24, 9, 12), Kind: onboarding.EventItemConfirmed, Name: "Harbour & Pine EU"},
		{At: at(24, 9, 10), Kind: onboarding.EventUnconfirmed, Name: "Harbour & Pine EU"},
		{At: at(24, 9, 8), Kind: onboarding.EventMatchUndone, Name: "Pine Kids", Typed: "Harbour & Pine EU"},
		{At: at(24, 9, 7), Kind: onboarding.EventItemFound, Name: "Pine Kids", Typed: "Harbour & Pine EU"},
		{At: at(23, 14, 22), Kind: onboarding.EventItemFound, Name: "Harbour & Pine"},
		{At: at(23, 14, 21), Kind: onboarding.EventItemUnnamed, Who: person, Name: "Harbour & Pine Old"},
		{At: at(23, 14, 20), Kind: onboarding.EventItemNamed, Who: person, Name: "Harbour & Pine EU"},
	}
	never := receiptPage()
	never.Items, never.Total, never.Services = never.Items[:1], 1, services()[:1]
	i := &never.Items[0]
	i.Title, i.State, i.Failure, i.Withdraw = "Harbour & Pine EU", onboarding.ItemEnded, string(catalog.NeverArrived), ""
	i.Withdrawn, i.Ended = at(25, 9, 12), at(25, 9, 12)
	said := g.failureOf(catalog.NeverArrived, facts())
	i.Left = said.Message + " " + said.NextStep
	never.History.Entries = []pages.HistoryEntry{
		{At: at(25, 9, 12), Kind: onboarding.EventAccessWithdrawn, Who: person, Name: "Harbour & Pine EU"},
		{At: at(25, 9, 11), Kind: onboarding.EventUnawaited, Name: "Harbour & Pine Old"},
		{At: at(25, 9, 10), Kind: onboarding.EventWithdrawalDone, Name: "Harbour & Pine"},
		{At: at(23, 14, 20), Kind: onboarding.EventItemNamed, Who: person, Name: "Harbour & Pine EU"},
	}
	g.add("receipt-page-never", "The receipt, what was named was withdrawn before it had arrived", never)
	g.add("receipt-page-confirmed", "The receipt, the agency has confirmed what was shared by hand", confirmed)
}

func (g *gallery) receiptPages() {
	g.add("receipt-page", "The receipt behind its link", receiptPage())
	addReceiptByHand(g)

	again := receiptPage()
	again.Items[2].Again = pages.ReceiptShare{By: "Lars Holm", At: at(28, 10, 5)}
	g.add("receipt-page-again", "The receipt, one thing was connected again by a colleague", again)

	waiting := receiptPage()
	outlet := receiptItem("i4", "Page Harbour & Pine Outlet", "Run ads, see results", onboarding.Facebook, onboarding.Page)
	outlet.State, outlet.Access = onboarding.ItemWaiting, onboarding.Access{}
	outlet.Why = "Approve it in Business Manager, under Requests. We keep checking."
	unchecked := receiptItem("i5", "HubSpot", "Portal 26114873 · contacts and lists", onboarding.HubSpot,
		onboarding.CRMAccount)
	unchecked.Access = onboarding.Access{}
	waiting.Items, waiting.Rest = append(waiting.Items[:2:2], outlet, unchecked), nil
	g.add("receipt-page-waiting", "The receipt, something waits", waiting, "F20")

	broken := receiptPage()
	for n, code := range []catalog.FailureCode{catalog.ShareRemoved, catalog.AgencySide, catalog.CredentialRefused} {
		known := facts()
		known.Service, known.Asset = broken.Items[n].Service, broken.Items[n].Title
		said := g.failureOf(code, known)
		broken.Items[n].Access.State, broken.Items[n].Why = onboarding.AccessBroken, said.Short
		broken.Items[n].Theirs = code != catalog.AgencySide
	}
	g.add("receipt-page-broken", "The receipt, things do not work", broken)

	g.endedReceipt()

	long := receiptPage()
	long.Rest, long.From, long.Total, long.Before, long.After = nil, 51, 1000, "/r/x?part=1", "/r/x?part=3"
	long.Items = nil
	for n := range 50 {
		long.Items = append(long.Items, receiptItem(fmt.Sprint("i", n), fmt.Sprint("Ad account ", longName, " ", 51+n),
			"Run ads, see results", onboarding.Facebook, onboarding.AdAccount))
	}
	long.History.Whole, long.History.Older = false, 980
	g.add("receipt-page-part", "A part of a long receipt, its history was changed", long)

	own := receiptPage()
	own.Items, own.Total, own.Rest, own.Frame = own.Items[2:], 1, nil, neutral("")
	own.Steps, own.Business, own.Services, own.Items[0].By = nil, "", services()[1:2], onboarding.Person{}
	own.History.Entries = []pages.HistoryEntry{{At: at(23, 14, 30), Kind: onboarding.EventItemConnected, Name: arabic}}
	g.add("receipt-page-own", "The receipt of a colleague, white-label off", own)

	file := receiptPage()
	file.Keep = ""
	g.add("receipt-page-file", "What the receipt's file shows", file)

	g.withdrawals()
	g.add("receipt-over", "The receipt after its year", pages.ReceiptOver{Frame: bare(), Services: services()[:2]})
	g.add("receipt-over-gone", "The receipt was deleted", pages.ReceiptOver{Frame: relay()})
}

func (g *gallery) endedReceipt() {
	ended := receiptPage()
	for n := range ended.Items {
		ended.Items[n].State, ended.Items[n].Ended = onboarding.ItemEnded, at(30, 8, 0)
		ended.Items[n].EndedProven, ended.Items[n].EndedBy, ended.Items[n].Withdraw = n == 0, "Ana Ruiz", ""
	}
	ended.WithdrawAll = ""
	known := facts()
	known.Service, known.Asset = onboarding.Mailchimp, ended.Items[2].Title
	ended.Items[2].Left = g.failureOf(catalog.WithdrawByHand, known).Message
	kept := facts()
	kept.Service, kept.Asset = onboarding.Facebook, ended.Items[1].Title
	ended.Items[1].Failure = string(catalog.GrantShared)
	ended.Items[1].Left = g.failureOf(catalog.GrantShared, kept).Message
	lost := ended.Items[2]
	lost.ID, lost.EndedBy = "i4", ""
	ended.Items, ended.Total = append(ended.Items, lost), 4
	g.add("receipt-page-ended", "The receipt, the access has ended", ended)
}

func (g *gallery) withdrawals() {
	one := pages.WithdrawAccess{
		Frame: bare(), Titles: []string{"Page Harbour & Pine"}, Services: services()[:1], Facebook: true, Rest: true,
		Post: "/r/x/withdraw/i2", Back: "/r/x",
	}
	g.add("receipt-withdraw", "Withdraw one thing?", one)
	unseen := one
	unseen.Titles, unseen.Facebook, unseen.Unseen, unseen.Rest = []string{"Harbour & Pine EU"}, false, true, false
	g.add("receipt-withdraw-unseen", "Withdraw what was named and had not arrived?", unseen)
	unable := unseen
	unable.Unseen, unable.Unable = false, true
	g.add("receipt-withdraw-unable", "Withdraw what nobody of the agency can have removed at Facebook?", unable)
	some := one
	some.Titles, some.Rest = []string{"Harbour & Pine EU", "Page Harbour & Pine"}, false
	some.Unable, some.Kept = true, some.Titles[:1]
	g.add("receipt-withdraw-some", "Withdraw what can be removed at Facebook, and what cannot?", some)
	all := one
	all.Titles, all.More = []string{"Ad account Harbour & Pine EU", "Leads 2026", longName}, 997
	all.Rest, all.Others = false, true
	all.Services = everything()
	g.add("receipt-withdraw-all", "Withdraw everything?", all)

	gone := receiptPage()
	for n := range gone.Items {
		gone.Items[n].Withdrawn, gone.Items[n].Withdraw = at(29, 16, 40), ""
	}
	gone.WithdrawAll = ""
	gone.History.Entries = append([]pages.HistoryEntry{
		{At: at(29, 16, 45), Kind: onboarding.EventClientEnded, Who: "Ana Ruiz"},
		{At: at(29, 16, 40), Kind: onboarding.EventAccessWithdrawn, Who: person, Name: "Harbour & Pine"},
	}, gone.History.Entries...)
	g.add("receipt-page-withdrawn", "The receipt, everything was withdrawn", gone)
}
