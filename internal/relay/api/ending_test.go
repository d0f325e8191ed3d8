package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestAnEndedItemHasNoCredentialUnderWayAndIsRenewedNoMore(t *testing.T) {
	c := relaytest.NewTeam(t)
	i := c.Portal(t)
	late := c.Another(t, c.Ana)
	credential, version := c.Opened(t, c.Ana, i)
	renew := wire.RenewCredentialParams{
		Item: i.ID, Version: version, Refresh: wire.NewSecretText(credential.Secret), Proof: credential.Proof,
	}
	relaytest.Call(t, c.Ana, wire.RenewCredential, renew)

	ended := relaytest.Call(t, c.Ana, wire.EndAccess, wire.EndAccessParams{Item: i.ID, Proven: true}).Item
	if ended.State != onboarding.ItemEnded || ended.Ended == 0 || ended.EndedBy != "Ana Ruiz" || !ended.EndedProven {
		t.Fatalf("it is %+v", ended)
	}
	if waits := relaytest.Call(t, c.Ana, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries; len(waits) > 0 {
		t.Errorf("%d deliveries still wait", len(waits))
	}
	// The proof of the version brings nothing back, nor does a colleague's computer.
	relaytest.Refused(t, c.Ana, wire.RenewCredential, renew, onboarding.ErrConflict)
	relaytest.Call(t, c.Ana, wire.SealForDevice, wire.SealForDeviceParams{Device: late.ID, Deliveries: []wire.Delivery{
		{Item: i.ID, Version: i.Version, Sealed: []byte("sealed")},
	}})
	if waits := relaytest.Call(t, late, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries; len(waits) > 0 {
		t.Error("a credential of it was passed on")
	}
	for _, d := range relaytest.Call(t, c.Ana, wire.ListDevices, wire.Empty{}).Devices {
		if d.Waiting != 0 {
			t.Errorf("%s waits for %d credentials", d.Name, d.Waiting)
		}
	}
	works := wire.ReportAccessParams{Item: i.ID, Access: onboarding.Access{State: onboarding.AccessWorks}}
	relaytest.Refused(t, c.Ana, wire.ReportAccess, works, onboarding.ErrConflict)
	changes := relaytest.Call(t, c.Ana, wire.ReadChanges, wire.ChangesParams{})
	if got := changes.Items[len(changes.Items)-1]; got.State != onboarding.ItemEnded {
		t.Errorf("it is %s again", got.State)
	}
}

func TestTheFirstEndingCountsAndTheTimelineNamesWhoDidIt(t *testing.T) {
	c := relaytest.NewTeam(t)
	i := c.Portal(t)
	byHand := wire.EndAccessParams{Item: i.ID, Remaining: "withdraw_by_hand"}
	first := relaytest.Call(t, c.Ana, wire.EndAccess, byHand).Item
	again := relaytest.Call(t, c.Another(t, c.Ana), wire.EndAccess, wire.EndAccessParams{Item: i.ID, Proven: true}).Item
	if again.Ended != first.Ended || again.EndedProven || again.Failure != "withdraw_by_hand" {
		t.Errorf("ended twice it is %+v", again)
	}
	r := relaytest.Call(t, c.Ana, wire.ReadChanges, wire.ChangesParams{}).Requests[0]
	var said []onboarding.Event
	for _, e := range r.Events {
		if e.Kind == onboarding.EventAccessEnded {
			said = append(said, e)
		}
	}
	if len(said) != 1 || said[0].Who != "Ana Ruiz" || said[0].Detail != i.Name || said[0].Service != onboarding.HubSpot {
		t.Errorf("the timeline says %+v", said)
	}
}

func TestAnEndingThatCannotBeIsRefused(t *testing.T) {
	c := relaytest.NewTeam(t)
	i := c.Portal(t)
	for name, p := range map[string]wire.EndAccessParams{
		"neither proved nor anything left": {Item: i.ID},
		"a novel in place of a code":       {Item: i.ID, Remaining: strings.Repeat("x", 65)},
		"a sentence in place of a code":    {Item: i.ID, Remaining: "Ask Ana\nfor it"},
		"withdrawn and proved to be gone":  {Item: i.ID, Proven: true, Withdrawn: true},
	} {
		t.Run(name, func(t *testing.T) { relaytest.Refused(t, c.Ana, wire.EndAccess, p, onboarding.ErrInvalid) })
	}
	eve := c.Enrol(t, c.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	ben := c.Invite(t, c.Ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	for _, d := range []relaytest.Device{eve, ben} {
		relaytest.Refused(t, d, wire.EndAccess, wire.EndAccessParams{Item: i.ID, Proven: true}, onboarding.ErrNotFound)
		relaytest.Refused(t, d, wire.ReadSharedGrant, wire.SharedGrantParams{ID: i.ID}, onboarding.ErrNotFound)
	}
	lost := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	loseRequest(t, c, lost.ID)
	shares := asset("sharing", lost.ID, "7")
	shares.State = onboarding.ItemSharing
	shares.Repair = &onboarding.Repair{Link: "https://old.example/r/x"} // of before the relay moved: it is dropped
	relaytest.Call(t, c.Ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost,
		Items: []onboarding.Item{shares}})
	relaytest.Refused(t, c.Ana, wire.EndAccess, wire.EndAccessParams{Item: shares.ID, Proven: true},
		onboarding.ErrConflict)
}

func TestTheAgencysOwnIsEndedByWhoConnectedItAndLeavesAccounts(t *testing.T) {
	rl, ana, ben := ownScene(t)
	dan := rl.Invite(t, ana, "Dan Wu", "dan@acme.example", onboarding.SubUser)
	relaytest.Call(t, ana, wire.ShareRequests, wire.SwitchParams{On: true})
	own := relaytest.Call(t, ben, wire.SaveAccount, asPlanned(planned(t, ben, "acme"), "acme", ben.ID)).Item
	end := wire.EndAccessParams{Item: own.ID, Proven: true}
	relaytest.Refused(t, dan, wire.ReadSharedGrant, wire.SharedGrantParams{ID: own.ID}, onboarding.ErrForbidden)
	relaytest.Refused(t, dan, wire.EndAccess, end, onboarding.ErrForbidden)
	after := relaytest.Call(t, ana, wire.ReadChanges, wire.ChangesParams{}).Next
	if ended := relaytest.Call(t, ben, wire.EndAccess, end).Item; ended.State != onboarding.ItemEnded {
		t.Errorf("it is %s", ended.State)
	}
	page := relaytest.Call(t, ana, wire.ReadChanges, wire.ChangesParams{After: after})
	if !slices.Contains(page.Deleted, wire.Tombstone{Kind: "item", ID: own.ID}) {
		t.Errorf("the other hub reads %+v", page.Deleted)
	}
	relaytest.Refused(t, ben, wire.EndAccess, end, onboarding.ErrNotFound)
}

// TestWhatElseHangsOnAGrantIsFoundInEveryAgency connects accounts of one
// person, and of several, in two agencies of a relay.
func TestWhatElseHangsOnAGrantIsFoundInEveryAgency(t *testing.T) {
	rl, ana, ben := ownScene(t)
	eve := rl.Enrol(t, rl.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	connect := func(d relaytest.Device, account, person string) string {
		t.Helper()
		p := asPlanned(planned(t, d, account), account, d.ID)
		p.PlatformBy = person
		return relaytest.Call(t, d, wire.SaveAccount, p).Item.ID
	}
	shared := func(d relaytest.Device, item string) wire.SharedGrantResult {
		t.Helper()
		return relaytest.Call(t, d, wire.ReadSharedGrant, wire.SharedGrantParams{ID: item})
	}
	first := connect(ana, "acme", "lars@acme.example")
	if got := shared(ana, first); got.Account || got.Person {
		t.Errorf("alone: %+v", got)
	}
	connect(ben, "another", "somebody@acme.example")
	if got := shared(ana, first); got.Account || got.Person {
		t.Errorf("beside another account of another person: %+v", got)
	}
	theirs := connect(eve, "acme", "mina@other.example")
	if got := shared(ana, first); !got.Account || got.Person {
		t.Errorf("the same account in another agency: %+v", got)
	}
	besides := wire.SharedGrantParams{ID: first, Besides: []string{"other", theirs}}
	if got := relaytest.Call(t, ana, wire.ReadSharedGrant, besides); !got.Account {
		t.Errorf("another agency's account does not count, since it is named: %+v", got)
	}
	besides = wire.SharedGrantParams{ID: connect(ana, "second", "lars@acme.example"), Besides: []string{"other", first}}
	if got := relaytest.Call(t, ana, wire.ReadSharedGrant, besides); got.Person {
		t.Errorf("what ends together with it counts: %+v", got)
	}
	if got := shared(ana, besides.ID); !got.Person {
		t.Errorf("the same person's account beside it: %+v", got)
	}
	relaytest.Call(t, ana, wire.EndAccess, wire.EndAccessParams{Item: besides.ID, Proven: true})
	persons := connect(eve, "third", "lars@acme.example")
	relaytest.Call(t, eve, wire.EndAccess, wire.EndAccessParams{Item: theirs, Proven: true})
	if got := shared(ana, first); got.Account || !got.Person {
		t.Errorf("the same person in another agency: %+v", got)
	}
	relaytest.Call(t, eve, wire.EndAccess, wire.EndAccessParams{Item: persons, Proven: true})
	if got := shared(ana, first); got.Account || got.Person {
		t.Errorf("what was ended still counts: %+v", got)
	}
	// A forgotten person may be anyone.
	forgotten := connect(eve, "forgotten", "")
	if got := shared(ana, first); got.Account || !got.Person {
		t.Errorf("beside an item whose person is forgotten: %+v", got)
	}
	if got := shared(eve, forgotten); got.Account || !got.Person {
		t.Errorf("an item whose person is forgotten, beside another: %+v", got)
	}
	relaytest.Call(t, eve, wire.EndAccess, wire.EndAccessParams{Item: forgotten, Proven: true})
	if got := shared(ana, first); got.Account || got.Person {
		t.Errorf("a forgotten person's item that was ended still counts: %+v", got)
	}
}
