package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// ownScene is an agency with a main user and a sub-user.
func ownScene(t *testing.T) (rl *relaytest.Relay, ana, ben relaytest.Device) {
	t.Helper()
	rl = relaytest.Start(t, relaytest.Config{Idle: true})
	ana = rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	return rl, ana, rl.Invite(t, ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
}

func planned(t *testing.T, d relaytest.Device, account string) wire.PlanAccountResult {
	t.Helper()
	plan, err := wire.Call(t.Context(), d.Client, wire.PlanAccount, wire.PlanAccountParams{
		Service: onboarding.ActiveCampaign, Account: account,
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func asPlanned(plan wire.PlanAccountResult, account string, devices ...string) wire.SaveAccountParams {
	p := wire.SaveAccountParams{
		Item: plan.Item, Version: plan.Version, Service: onboarding.ActiveCampaign, Account: account, Name: account,
	}
	for _, device := range devices {
		p.Sealed = append(p.Sealed, wire.SealedFor{Device: device, Sealed: []byte("sealed for " + device)})
	}
	return p
}

func TestAKeyGoesToTheDevicesThatMayHaveItAndToNoOther(t *testing.T) {
	rl, ana, ben := ownScene(t)
	dan := rl.Invite(t, ana, "Dan Wu", "dan@acme.example", onboarding.SubUser)
	stranger := rl.Enrol(t, rl.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	plan := planned(t, ben, "acme")
	may := map[string]bool{}
	for _, d := range plan.Devices {
		may[d.ID] = true
	}
	if len(may) != 2 || !may[ana.ID] || !may[ben.ID] {
		t.Fatalf("the plan is for %v, want the main user's and their own", plan.Devices)
	}
	if _, err := wire.Call(
		t.Context(), ben.Client, wire.SaveAccount, asPlanned(plan, "acme", dan.ID, stranger.ID),
	); !errors.Is(err, onboarding.ErrNoDevice) {
		t.Errorf("sealed for nobody who may have it: got %v", err)
	}
	if _, err := wire.Call(
		t.Context(), ben.Client, wire.SaveAccount, asPlanned(plan, "acme", ana.ID, ben.ID, dan.ID, stranger.ID),
	); err != nil {
		t.Fatal(err)
	}
	for _, d := range []relaytest.Device{ana, ben, dan, stranger} {
		a, err := wire.Call(t.Context(), d.Client, wire.ReadDeliveries, wire.DeliveriesParams{})
		if err != nil {
			t.Fatal(err)
		}
		if (len(a.Deliveries) == 1) != may[d.ID] || may[d.ID] && string(a.Deliveries[0].Sealed) != "sealed for "+d.ID {
			t.Errorf("%s gets %+v", d.Member.Name, a.Deliveries)
		}
	}
}

func TestAnAccountThatIsNotAsPlannedIsRefused(t *testing.T) {
	rl, ana, ben := ownScene(t)
	plan := planned(t, ben, "acme")
	save := func(p wire.SaveAccountParams) error {
		_, err := wire.Call(t.Context(), ben.Client, wire.SaveAccount, p)
		return err
	}
	right := asPlanned(plan, "acme", ben.ID)
	for name, spoil := range map[string]func(*wire.SaveAccountParams){
		"no id":                func(p *wire.SaveAccountParams) { p.Item = "" },
		"an id that is none":   func(p *wire.SaveAccountParams) { p.Item = "../x" },
		"no account":           func(p *wire.SaveAccountParams) { p.Account = "" },
		"no name":              func(p *wire.SaveAccountParams) { p.Name = "" },
		"no version":           func(p *wire.SaveAccountParams) { p.Version = 0 },
		"nothing sealed":       func(p *wire.SaveAccountParams) { p.Sealed[0].Sealed = nil },
		"more than a key":      func(p *wire.SaveAccountParams) { p.Sealed[0].Sealed = make([]byte, 65<<10) },
		"more devices than is": func(p *wire.SaveAccountParams) { p.Sealed = make([]wire.SealedFor, 1001) },
	} {
		p := asPlanned(plan, "acme", ben.ID)
		spoil(&p)
		if err := save(p); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, service := range []onboarding.Service{
		onboarding.HubSpot, onboarding.Facebook, onboarding.Salesforce, "nothing",
	} {
		p := right
		p.Service = service
		if err := save(p); !errors.Is(err, onboarding.ErrNotOffered) {
			t.Errorf("a key for %q: got %v", service, err)
		}
		if _, err := wire.Call(t.Context(), ben.Client, wire.PlanAccount, wire.PlanAccountParams{
			Service: service, Account: "acme",
		}); !errors.Is(err, onboarding.ErrNotOffered) {
			t.Errorf("planning a key for %q: got %v", service, err)
		}
	}
	if err := save(
		asPlanned(wire.PlanAccountResult{Item: plan.Item, Version: 2}, "acme", ben.ID),
	); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("a version that skips one: got %v", err)
	}
	if err := save(right); err != nil {
		t.Fatal(err)
	}
	if err := save(right); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("the same plan twice: got %v", err)
	}
	if again := planned(t, ben, "acme"); again.Item != plan.Item || again.Version != 2 {
		t.Errorf("planned again it is %+v", again)
	}
	if theirs := planned(t, ana, "acme"); theirs.Item == plan.Item || theirs.Version != 1 {
		t.Errorf("the same account of another member is planned as %+v", theirs)
	}
	// Somebody else's id is nobody's plan.
	if _, err := wire.Call(
		t.Context(), ana.Client, wire.SaveAccount,
		asPlanned(wire.PlanAccountResult{Item: plan.Item, Version: 2}, "acme", ana.ID),
	); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("another member's item: got %v", err)
	}
	stranger := rl.Enrol(t, rl.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	if _, err := wire.Call(
		t.Context(), stranger.Client, wire.SaveAccount, asPlanned(plan, "acme", stranger.ID),
	); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("another agency's item: got %v", err)
	}
}

func TestWhatCameByARequestIsNotRemovedAsAnAccount(t *testing.T) {
	rl, ana, _ := ownScene(t)
	saved, err := wire.Call(t.Context(), ana.Client, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID()))
	if err != nil {
		t.Fatal(err)
	}
	item, err := rl.Store.Items.Put(t.Context(), ana.Agency.ID, store.SharedItem{Item: onboarding.Item{
		ID: store.NewID(), Request: saved.Request.ID, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: "1",
		Name: "Portal", State: onboarding.ItemConnected,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.Call(
		t.Context(), ana.Client, wire.RemoveAccount, wire.ItemParams{ID: item.ID},
	); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if _, err := rl.Store.Items.Get(t.Context(), ana.Agency.ID, item.ID); err != nil {
		t.Errorf("the item: %v", err)
	}
}

func TestOnlyWhatAnAgencysUserHasAtFacebookIsPicked(t *testing.T) {
	w := newMatrixWorld(t, "")
	ana := w.callers["main, owner"]
	connection := w.connection(t, ana.Member)
	for name, asset := range map[string]wire.PickedAsset{
		"a CRM's account": {Kind: onboarding.CRMAccount, Account: "1", Name: "x"},
		"no kind":         {Account: "1", Name: "x"},
		"no account":      {Kind: onboarding.Page, Name: "x"},
		"no name":         {Kind: onboarding.Page, Account: "1"},
	} {
		if _, err := wire.Call(t.Context(), ana.Client, wire.PickAssets, wire.PickAssetsParams{
			Connection: connection, Assets: []wire.PickedAsset{asset},
		}); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	pick := wire.PickAssetsParams{Connection: connection, Assets: []wire.PickedAsset{
		{Kind: onboarding.Page, Account: "1", Name: "Acme"}, {Kind: onboarding.AdAccount, Account: "act_1", Name: "Acme"},
	}}
	first, err := wire.Call(t.Context(), ana.Client, wire.PickAssets, pick)
	if err != nil {
		t.Fatal(err)
	}
	pick.Assets[0].Name = "Acme Media"
	again, err := wire.Call(t.Context(), ana.Client, wire.PickAssets, pick)
	if err != nil || len(again.Items) != 2 || again.Items[0].ID != first.Items[0].ID ||
		again.Items[0].Name != "Acme Media" || again.Items[0].Request != "" || again.Items[0].Connection != connection {
		t.Errorf("picked again: %+v, %v", again.Items, err)
	}
	if _, err := wire.Call(
		t.Context(), ana.Client, wire.EndConnection, wire.ConnectionParams{ID: connection},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.Items.Get(t.Context(), w.agency, again.Items[0].ID); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("what was picked of an ended user: %v", err)
	}
	if _, err := wire.Call(t.Context(), ana.Client, wire.PickAssets, pick); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("picking of an ended user: got %v", err)
	}
}

func TestAFinishedSignInAtACRMGivesTheSameAccountAgain(t *testing.T) {
	rl, ana, _ := ownScene(t)
	ctx := t.Context()
	id, item := store.NewID(), store.NewID()
	sum := sha256.Sum256([]byte("verifier"))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	until := rl.Store.Now() + 60_000
	bring := func(version int64) {
		t.Helper()
		start := store.PendingConnection{
			ID: id, Agency: ana.Agency.ID, Member: ana.Member.ID, Device: ana.ID, Platform: onboarding.HubSpot.Platform(),
			Challenge: challenge, StartHash: []byte(id), Expires: until,
		}
		shared := store.SharedItem{
			Item: onboarding.Item{
				ID: item, Version: version, Owner: ana.Member.ID, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
				Account: "1", Name: "Portal", State: onboarding.ItemConnected,
			},
			RefreshHash: []byte("hash"),

			Deliveries: []store.Delivery{{Device: ana.ID, Subject: item, IsItem: true, Version: version,
				Sealed: []byte("sealed")}},
		}
		if err := errors.Join(
			rl.Store.Connections.Start(ctx, start),
			rl.Store.Connections.StoreResult(ctx, id, []byte("code"),
				store.PendingResult{Accounts: []store.SharedItem{shared}}, until),
		); err != nil {
			t.Fatal(err)
		}
	}
	finish := func() (store.FinishedConnection, error) {
		return rl.Store.Connections.Finish(ctx, ana.Agency.ID, ana.ID, id, []byte("code"), challenge)
	}
	bring(1)
	if _, err := rl.Store.Items.Get(ctx, ana.Agency.ID, item); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("before the code came: %v", err)
	}
	for range 2 {
		f, err := finish()
		if err != nil || len(f.Accounts) != 1 || f.Accounts[0].ID != item || f.Accounts[0].Version != 1 ||
			f.Connection.ID != "" || len(f.Deliveries) != 1 || string(f.Deliveries[0].Sealed) != "sealed" {
			t.Fatalf("got %+v, %v", f, err)
		}
	}
	// Planned on a version that is no longer the newest: nothing is kept.
	id = store.NewID()
	bring(1)
	if _, err := finish(); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("an old plan: got %v", err)
	}
	if i, err := rl.Store.Items.Get(ctx, ana.Agency.ID, item); err != nil || i.Version != 1 {
		t.Errorf("the account is %+v, %v", i, err)
	}
}
