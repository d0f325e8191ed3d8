package worker_test

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// Nobody is asked to repair what the agency has to fix: the email with the link is not sent.
func TestARepairEmailIsNotSentWhileTheAgencyHasToFixSomething(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	r := p.Save(t, p.Ana)
	broken := func(account string, failure catalog.FailureCode) store.RepairItem {
		item, err := p.Store.Items.Put(t.Context(), p.Ana.Agency.ID, store.SharedItem{Item: onboarding.Item{
			ID: store.NewID(), Request: r.ID, Owner: r.Owner, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
			Account: account, Name: account, State: onboarding.ItemConnected,
		}})
		if err == nil {
			_, err = p.Store.Items.ReportAccess(t.Context(), p.Ana.Agency.ID, item.ID, store.AccessReport{
				Access: onboarding.Access{State: onboarding.AccessBroken, Failure: string(failure)},
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		return store.RepairItem{ID: item.ID, LinkID: []byte("the repair of " + account)[:16]}
	}
	theirs, ours := broken("one", catalog.CredentialRefused), broken("two", catalog.AgencySide)
	state := func(of store.RepairItem, address string) onboarding.EmailState {
		t.Helper()
		_, err := p.Store.Repairs.Prepare(t.Context(), p.Ana.Agency.ID, r.ID, store.NewRepair{
			Items: []store.RepairItem{of}, Address: address, Send: store.NewID(), Who: "Ana",
			Hashes: func(address string) [][]byte { return [][]byte{[]byte(address)} },
		})
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			repair, err := p.Store.Repairs.Get(t.Context(), of.ID)
			if err != nil {
				t.Fatal(err)
			}
			if repair.EmailState != onboarding.EmailQueued || time.Now().After(deadline) {
				return repair.EmailState
			}
		}
	}
	if got := state(ours, "lena@harbour.example"); got != onboarding.EmailCancelled {
		t.Errorf("about what the agency has to fix the email is %s", got)
	}
	if got := state(theirs, "lars@harbour.example"); got != onboarding.EmailAccepted {
		t.Errorf("about what its client can repair the email is %s", got)
	}
}
