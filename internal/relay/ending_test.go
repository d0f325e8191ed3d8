package relay_test

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
	c := newCrew(t)
	i := c.portal(t)
	late := c.another(t, c.ana)
	credential, version := c.opened(t, c.ana, i)
	renew := wire.RenewCredentialParams{
		Item: i.ID, Version: version, Refresh: wire.NewSecretText(credential.Secret), Proof: credential.Proof,
	}
	asks(t, c.ana, wire.RenewCredential, renew)

	ended := asks(t, c.ana, wire.EndAccess, wire.EndAccessParams{Item: i.ID, Proven: true}).Item
	if ended.State != onboarding.ItemEnded || ended.Ended == 0 || ended.EndedBy != "Ana Ruiz" || !ended.EndedProven {
		t.Fatalf("it is %+v", ended)
	}
	if waits := asks(t, c.ana, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries; len(waits) > 0 {
		t.Errorf("%d deliveries still wait", len(waits))
	}
	// The proof of the version brings nothing back, nor does a colleague's computer.
	refused(t, c.ana, wire.RenewCredential, renew, onboarding.ErrConflict)
	asks(t, c.ana, wire.SealForDevice, wire.SealForDeviceParams{Device: late.ID, Deliveries: []wire.Delivery{
		{Item: i.ID, Version: i.Version, Sealed: []byte("sealed")},
	}})
	if waits := asks(t, late, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries; len(waits) > 0 {
		t.Error("a credential of it was passed on")
	}
	for _, d := range asks(t, c.ana, wire.ListDevices, wire.Empty{}).Devices {
		if d.Waiting != 0 {
			t.Errorf("%s waits for %d credentials", d.Name, d.Waiting)
		}
	}
	works := wire.ReportAccessParams{Item: i.ID, Access: onboarding.Access{State: onboarding.AccessWorks}}
	refused(t, c.ana, wire.ReportAccess, works, onboarding.ErrConflict)
	changes := asks(t, c.ana, wire.ReadChanges, wire.ChangesParams{})
	if got := changes.Items[len(changes.Items)-1]; got.State != onboarding.ItemEnded {
		t.Errorf("it is %s again", got.State)
	}
}

func TestTheFirstEndingCountsAndTheTimelineNamesWhoDidIt(t *testing.T) {
	c := newCrew(t)
	i := c.portal(t)
	byHand := wire.EndAccessParams{Item: i.ID, Remaining: "withdraw_by_hand"}
	first := asks(t, c.ana, wire.EndAccess, byHand).Item
	again := asks(t, c.another(t, c.ana), wire.EndAccess, wire.EndAccessParams{Item: i.ID, Proven: true}).Item
	if again.Ended != first.Ended || again.EndedProven || again.Failure != "withdraw_by_hand" {
		t.Errorf("ended twice it is %+v", again)
	}
	q := asks(t, c.ana, wire.ReadChanges, wire.ChangesParams{}).Requests[0]
	var said []onboarding.Event
	for _, e := range q.Events {
		if e.Kind == onboarding.EventAccessEnded {
			said = append(said, e)
		}
	}
	if len(said) != 1 || said[0].Who != "Ana Ruiz" || said[0].Detail != i.Name || said[0].Service != onboarding.HubSpot {
		t.Errorf("the timeline says %+v", said)
	}
}

func TestAnEndingThatCannotBeIsRefused(t *testing.T) {
	c := newCrew(t)
	i := c.portal(t)
	for name, p := range map[string]wire.EndAccessParams{
		"neither proved nor anything left": {Item: i.ID},
		"a novel in place of a code":       {Item: i.ID, Remaining: strings.Repeat("x", 65)},
		"a sentence in place of a code":    {Item: i.ID, Remaining: "Ask Ana\nfor it"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.ana, wire.EndAccess, p, onboarding.ErrInvalid) })
	}
	eve := c.Enrol(t, c.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	ben := c.Invite(t, c.ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	for _, d := range []relaytest.Device{eve, ben} {
		refused(t, d, wire.EndAccess, wire.EndAccessParams{Item: i.ID, Proven: true}, onboarding.ErrNotFound)
		refused(t, d, wire.ReadSharedGrant, wire.ItemParams{ID: i.ID}, onboarding.ErrNotFound)
	}
	lost := asks(t, c.ana, wire.SaveRequest, wish(cell{}, store.NewID())).Request
	c.lose(t, lost.ID)
	shares := asset("sharing", lost.ID, "7")
	shares.State = onboarding.ItemSharing
	asks(t, c.ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost, Items: []onboarding.Item{shares}})
	refused(t, c.ana, wire.EndAccess, wire.EndAccessParams{Item: shares.ID, Proven: true}, onboarding.ErrConflict)
}

func TestTheAgencysOwnIsEndedByWhoConnectedItAndLeavesAccounts(t *testing.T) {
	rl, ana, ben := ownScene(t)
	dan := rl.Invite(t, ana, "Dan Wu", "dan@acme.example", onboarding.SubUser)
	asks(t, ana, wire.ShareRequests, wire.SwitchParams{On: true})
	own := asks(t, ben, wire.SaveAccount, asPlanned(planned(t, ben, "acme"), "acme", ben.ID)).Item
	end := wire.EndAccessParams{Item: own.ID, Proven: true}
	refused(t, dan, wire.ReadSharedGrant, wire.ItemParams{ID: own.ID}, onboarding.ErrForbidden)
	refused(t, dan, wire.EndAccess, end, onboarding.ErrForbidden)
	after := asks(t, ana, wire.ReadChanges, wire.ChangesParams{}).Next
	if ended := asks(t, ben, wire.EndAccess, end).Item; ended.State != onboarding.ItemEnded {
		t.Errorf("it is %s", ended.State)
	}
	page := asks(t, ana, wire.ReadChanges, wire.ChangesParams{After: after})
	if !slices.Contains(page.Deleted, wire.Tombstone{Kind: "item", ID: own.ID}) {
		t.Errorf("the other hub reads %+v", page.Deleted)
	}
	refused(t, ben, wire.EndAccess, end, onboarding.ErrNotFound)
}

// TestWhatElseHangsOnAGrantIsFoundInEveryAgency connects accounts of one
// person, and of several, in two agencies of a relay.
func TestWhatElseHangsOnAGrantIsFoundInEveryAgency(t *testing.T) {
	rl, ana, ben := ownScene(t)
	eve := rl.Enrol(t, rl.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	connect := func(d relaytest.Device, account, person string) string {
		t.Helper()
		q := asPlanned(planned(t, d, account), account, d.ID)
		q.PlatformBy = person
		return asks(t, d, wire.SaveAccount, q).Item.ID
	}
	shared := func(d relaytest.Device, item string) wire.SharedGrantResult {
		t.Helper()
		return asks(t, d, wire.ReadSharedGrant, wire.ItemParams{ID: item})
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
	persons := connect(eve, "third", "lars@acme.example")
	asks(t, eve, wire.EndAccess, wire.EndAccessParams{Item: theirs, Proven: true})
	if got := shared(ana, first); got.Account || !got.Person {
		t.Errorf("the same person in another agency: %+v", got)
	}
	asks(t, eve, wire.EndAccess, wire.EndAccessParams{Item: persons, Proven: true})
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
	asks(t, eve, wire.EndAccess, wire.EndAccessParams{Item: forgotten, Proven: true})
	if got := shared(ana, first); got.Account || got.Person {
		t.Errorf("a forgotten person's item that was ended still counts: %+v", got)
	}
}
