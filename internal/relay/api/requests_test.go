package api_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// facebook gives Ana a connected user who is an admin of the one business, "1",
// and not of the other, "2".
func connectFacebook(t *testing.T, c *relaytest.Team) string {
	t.Helper()
	ctx := t.Context()
	id := store.NewID()
	until := c.Store.Now().Add(time.Minute)
	result := store.PendingResult{
		Connection: onboarding.Connection{
			User:       onboarding.Account{ID: "7", Name: "Ana Ruiz"},
			Businesses: []onboarding.Business{{ID: "1", Name: "Acme", Admin: true}, {ID: "2", Name: "Elsewhere"}},
		},
		Deliveries: []store.Delivery{{Device: c.Ana.ID, Subject: id, Version: 1, Sealed: []byte("sealed")}},
	}
	start := store.PendingConnection{
		ID: id, Agency: c.Ana.Agency.ID, Member: c.Ana.Member.ID, Device: c.Ana.ID, Platform: onboarding.Meta, Challenge: "c",
		StartHash: []byte("s"), Expires: until,
	}
	if err := errors.Join(
		c.Store.Connections.Start(ctx, start), c.Store.Connections.StoreResult(ctx, id, []byte("code"), result, until),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Store.Connections.Finish(ctx, c.Ana.Agency.ID, c.Ana.ID, id, []byte("code"), "c"); err != nil {
		t.Fatal(err)
	}
	return id
}

// lose takes a request out of the database, as a restored backup does that is
// older than it.
func loseRequest(t *testing.T, c *relaytest.Team, id string) {
	t.Helper()
	err := c.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		for _, query := range []string{
			`DELETE FROM requests WHERE id = $1`, `DELETE FROM items WHERE request = $1`, `DELETE FROM changes WHERE id = $1`,
		} {
			if _, err := tx.ExecContext(t.Context(), query, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A relay that lost a request believes no hub about it: only what it accepted
// comes back, for the agency and the member it accepted it from.
func TestOnlyWhatTheRelayAcceptedIsTakenBack(t *testing.T) {
	c := relaytest.NewTeam(t)
	connection := connectFacebook(t, c)
	lost := relaytest.Call(t, c.Ana, wire.SaveRequest, wire.SaveRequestParams{
		Request: wire.RequestInput{ID: store.NewID(), Client: "Harbour & Pine",
			Services: []onboarding.Service{onboarding.Facebook}, Connection: connection, Business: "1"}}).Request
	other := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	cleo := c.Invite(t, c.Ana, "Cleo Stern", "cleo@acme.example", onboarding.MainUser)
	eve := c.Enrol(t, c.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	loseRequest(t, c, lost.ID)
	loseRequest(t, c, other.ID)

	forged := func(change func(r *onboarding.Request)) wire.ResubmitRequestParams {
		r := lost
		change(&r)
		return wire.ResubmitRequestParams{Request: r}
	}
	for name, p := range map[string]wire.ResubmitRequestParams{
		"another Business Manager": forged(func(r *onboarding.Request) { r.Business.ID = "2" }),
		"another name of it":       forged(func(r *onboarding.Request) { r.Business.Name = "Harbour & Pine's own" }),
		"another Facebook user":    forged(func(r *onboarding.Request) { r.FacebookUser.ID = "8" }),
		"another name of them":     forged(func(r *onboarding.Request) { r.FacebookUser.Name = "Lena Park" }),
		"another Connection":       forged(func(r *onboarding.Request) { r.Connection = "x" }),
		"one service more": forged(func(r *onboarding.Request) {
			r.Services = []onboarding.Service{onboarding.Facebook, onboarding.HubSpot}
		}),
		"one kind more":           forged(func(r *onboarding.Request) { r.Kinds = []onboarding.Kind{onboarding.Dataset} }),
		"another level":           forged(func(r *onboarding.Request) { r.Level = onboarding.LevelView }),
		"a level nobody knows":    forged(func(r *onboarding.Request) { r.Level = "manage" }),
		"another request's link":  forged(func(r *onboarding.Request) { r.Link = other.Link }),
		"another request's proof": forged(func(r *onboarding.Request) { r.Proof = other.Proof }),
		"another id":              forged(func(r *onboarding.Request) { r.ID = store.NewID() }),
		"no proof":                forged(func(r *onboarding.Request) { r.Proof = "" }),
		"a proof that is cut":     forged(func(r *onboarding.Request) { r.Proof = r.Proof[:20] }),

		"an item twice": {Request: lost, Items: []onboarding.Item{asset("a", lost.ID, "1"),
			asset("b", lost.ID, "1")}},
		"an item of no kind": {Request: lost, Items: []onboarding.Item{{ID: "a", Request: lost.ID,
			Service: onboarding.Facebook, Account: "1", State: onboarding.ItemConnected}}},
		"an item in no state": {Request: lost, Items: []onboarding.Item{{ID: "a", Request: lost.ID,
			Service: onboarding.Facebook, Kind: onboarding.Page, Account: "1"}}},
		"an event without an id": forged(func(r *onboarding.Request) {
			r.Events = []onboarding.Event{{Kind: onboarding.EventSaved}}
		}),
		"an event of no service": forged(func(r *onboarding.Request) {
			r.Events = []onboarding.Event{{ID: "e", Kind: onboarding.EventSaved, Service: "myspace"}}
		}),
		"a skip of nothing": forged(func(r *onboarding.Request) { r.Skipped = []onboarding.Skip{{Reason: "x"}} }),
		"a recipient's long email": forged(func(r *onboarding.Request) {
			r.Recipients = []onboarding.Recipient{{ID: "r", Address: "a@x.example", Number: 1,
				ServerReply: strings.Repeat("x", 5000)}}
		}),
	} {
		t.Run(name, func(t *testing.T) { relaytest.Refused(t, c.Ana, wire.ResubmitRequest, p, onboarding.ErrInvalid) })
	}
	for name, somebody := range map[string]relaytest.Device{"a colleague": cleo, "another agency": eve} {
		r := lost
		r.Owner = somebody.Member.ID
		t.Run(name, func(t *testing.T) {
			relaytest.Refused(t, somebody, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: r}, onboarding.ErrInvalid)
			relaytest.Refused(t, somebody, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost},
				onboarding.ErrForbidden)
		})
	}

	// After a rotation the old key still verifies its own proof.
	if err := keyset.Rotate(c.KeysetFile, time.Now()); err != nil {
		t.Fatal(err)
	}
	stopped := lost
	stopped.Recipients = []onboarding.Recipient{{ID: store.NewID(), Address: "lena@harbour.example", Number: 1,
		EmailState: onboarding.EmailAccepted, Stopped: 1}}
	back := relaytest.Call(t, c.Ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: stopped,
		Items: []onboarding.Item{asset(store.NewID(), lost.ID, "1")}}).Request
	if back.Business.Name != "Acme" || back.FacebookUser.Name != "Ana Ruiz" || back.Link != lost.Link {
		t.Errorf("it came back as %+v", back)
	}
	// Who asked for no more emails is still heard, in every request.
	next := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	sent := relaytest.Call(t, c.Ana, wire.SendRequest, wire.SendRequestParams{ID: next.ID,
		Recipients: []wire.NewRecipient{{ID: store.NewID(), Address: "Lena@harbour.example"}}}).Request
	if sent.Recipients[0].Stopped == 0 {
		t.Errorf("who asked for no more emails is written to: %+v", sent.Recipients[0])
	}
}

func asset(id, request, account string) onboarding.Item {
	return onboarding.Item{ID: id, Request: request, Service: onboarding.Facebook, Kind: onboarding.Page,
		Account: account, Name: "Harbour", State: onboarding.ItemConnected}
}

func TestOnlyAnAdminsBusinessManagerCanBeChosen(t *testing.T) {
	c := relaytest.NewTeam(t)
	ctx := t.Context()
	id := connectFacebook(t, c)
	asking := func(connection, business string) wire.SaveRequestParams {
		return wire.SaveRequestParams{Request: wire.RequestInput{ID: store.NewID(), Client: "x",
			Services: []onboarding.Service{onboarding.Facebook}, Connection: connection, Business: business}}
	}
	for name, p := range map[string]wire.SaveRequestParams{
		"no admin there": asking(id, "2"), "unknown business": asking(id, "3"), "unknown connection": asking("other", "1"),
		"nothing chosen": asking("", ""),
	} {
		if _, err := wire.Call(ctx, c.Ana.Client, wire.SaveRequest, p); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	sub := c.Invite(t, c.Ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	relaytest.Refused(t, sub, wire.SaveRequest, asking(id, "1"), onboarding.ErrInvalid) // not his to choose
	saved := relaytest.Call(t, c.Ana, wire.SaveRequest, asking(id, "1")).Request
	if saved.Business.Name != "Acme" || saved.FacebookUser.Name != "Ana Ruiz" {
		t.Errorf("saved as %+v", saved)
	}
	hand := asking(id, "2")
	hand.Request.ByHand = true // nobody looks what arrives
	saved = relaytest.Call(t, c.Ana, wire.SaveRequest, hand).Request
	if !saved.ByHand || saved.Connection != "" || saved.FacebookUser.ID != "" || saved.Business.ID != "2" {
		t.Errorf("by hand, without an admin, it is saved as %+v", saved)
	}
	hand.Request.ID = store.NewID()
	relaytest.Refused(t, sub, wire.SaveRequest, hand, onboarding.ErrInvalid) // not his to choose
	hand.Request.Business = "3"
	relaytest.Refused(t, c.Ana, wire.SaveRequest, hand, onboarding.ErrInvalid) // nobody's here
	relaytest.Call(t, c.Ana, wire.EndConnection, wire.ConnectionParams{ID: id})
	relaytest.Refused(t, c.Ana, wire.SaveRequest, asking(id, "1"), onboarding.ErrInvalid)
}

func TestOnlyAMainUserTypesANewBusinessManager(t *testing.T) {
	c := relaytest.NewTeam(t)
	asking := func() wire.SaveRequestParams {
		return wire.SaveRequestParams{Request: wire.RequestInput{ID: store.NewID(), Client: "x", ByHand: true,
			Services: []onboarding.Service{onboarding.Facebook}, Business: "118420903317552", BusinessName: "Acme"}}
	}
	ben := c.Invite(t, c.Ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	relaytest.Refused(t, ben, wire.SaveRequest, asking(), onboarding.ErrInvalid)
	relaytest.Call(t, c.Ana, wire.SaveRequest, asking())
	relaytest.Call(t, ben, wire.SaveRequest, asking())
}

func TestWhatTheOperatorHasNoAppForCannotBeAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		apps func(map[onboarding.Platform]platform.App)
		want error
	}{
		"with an app": {nil, nil},
		"without one": {
			func(apps map[onboarding.Platform]platform.App) { delete(apps, onboarding.Mailchimp.Platform()) },
			onboarding.ErrNotOffered,
		},
	} {
		rl := relaytest.Start(t, relaytest.Config{Apps: c.apps, Idle: true})
		ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
		asking := wire.RequestInput{ID: store.NewID(), Client: "x", Services: []onboarding.Service{onboarding.Mailchimp}}
		_, err := wire.Call(t.Context(), ana.Client, wire.SaveRequest, wire.SaveRequestParams{Request: asking})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// However a domain is written, it is one person: on a request, and for the limits.
func TestTwoWritingsOfAnAddressAreOneRecipient(t *testing.T) {
	c := relaytest.NewTeam(t)
	first := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	params := wire.SendRequestParams{ID: first.ID}
	for _, address := range []string{
		"\u200blena@xn--bcher-kva.example", "lena@bücher.example", "Lena@BÜCHER.example", "lena@bu\u0308cher.example",
	} {
		params.Recipients = append(params.Recipients, wire.NewRecipient{ID: store.NewID(), Address: address})
	}
	sent := relaytest.Call(t, c.Ana, wire.SendRequest, params).Request
	if len(sent.Recipients) != 1 || sent.Recipients[0].Address != "lena@bücher.example" {
		t.Errorf("one person is %+v", sent.Recipients)
	}
	second := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	for _, again := range params.Recipients {
		again.ID = store.NewID()
		relaytest.Refused(t, c.Ana, wire.SendRequest, wire.SendRequestParams{
			ID: second.ID, Recipients: []wire.NewRecipient{again},
		}, onboarding.ErrRateLimited) // within the minute
	}
}

func TestNamesAreKeptWithoutWhatDeceives(t *testing.T) {
	c := relaytest.NewTeam(t)
	request := relaytest.HubSpotRequest(store.NewID())
	request.Request.Client = "\ufeffHarbour\u200b می\u200cخواهم 👩\u200d💻\u00a0"
	saved := relaytest.Call(t, c.Ana, wire.SaveRequest, request).Request
	if want := "Harbour می\u200cخواهم 👩\u200d💻"; saved.Client != want {
		t.Errorf("the client is called %+q, want %+q", saved.Client, want)
	}
	for _, name := range []string{"Nоrth", "=?utf-8?q?North?=", "\u3164"} {
		request.Request.ID, request.Request.Client = store.NewID(), name
		relaytest.Refused(t, c.Ana, wire.SaveRequest, request, onboarding.ErrInvalid)
	}
	for _, name := range []string{"Facebook Support", "Ｆａｃｅｂｏｏｋ", "𝗠𝗲𝘁𝗮", "Latchkey Team", "Αna"} {
		relaytest.Refused(t, c.Ana, wire.InviteMember, wire.InviteMemberParams{
			ID: store.NewID(), Name: name, Email: "new@acme.example", Role: onboarding.SubUser,
		}, onboarding.ErrInvalid)
		relaytest.Refused(t, c.Ana, wire.ChangeMember, wire.ChangeMemberParams{
			ID: c.Ana.Member.ID, Name: name, Role: onboarding.MainUser,
		}, onboarding.ErrInvalid)
		relaytest.Refused(t, c.Ana, wire.SaveBrand, wire.SaveBrandParams{Company: name + "!"}, onboarding.ErrInvalid)
	}
}
