package hub_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// connectPortal connects the agency's own HubSpot, as Ana in her browser.
func connectPortal(t *testing.T, s *relaytest.Scene, h *hub.Hub) (onboarding.Connection, onboarding.Item) {
	t.Helper()
	started, err := h.StartConnection(t.Context(), onboarding.HubSpot.Platform())
	if err != nil {
		t.Fatal(err)
	}
	v := s.Browser()
	v.Open(started.Address)
	v.Reads("HubSpot", "Northlight Media")
	v.Press("Continue")
	v.Follow("Proceed")
	v.Press("Ana Ruiz")
	v.Press("Allow")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	connection, err := h.WaitConnection(ctx, started.ID)
	if err != nil {
		t.Fatalf("waiting: %v\nthe browser shows: %.800s", err, v.Page.Text())
	}
	item, left, err := h.WaitAccount(ctx, started.ID)
	if err != nil || left != "" {
		t.Fatalf("left out is %q, %v", left, err)
	}
	return connection, item
}

func checkAndSync(t *testing.T, s *relaytest.Scene, h *hub.Hub) {
	t.Helper()
	if err := h.Checks.CheckNow(t.Context()); err != nil {
		t.Fatalf("checking: %v", err)
	}
	s.Sync()
}

// works returns the row in Accounts of an item of the agency that a check found
// working.
func works(t *testing.T, s *relaytest.Scene, name string) replica.ItemRow {
	t.Helper()
	row := listed(t, s, name)
	if !row.Managed || row.Request != "" || row.Client != "Northlight Media" || row.State != onboarding.ItemConnected ||
		row.Access != onboarding.AccessWorks || !row.Here {
		t.Errorf("Accounts has %+v", row)
	}
	return row
}

func absent(t *testing.T, h *hub.Hub, name string) {
	t.Helper()
	found, err := h.Replica.Accounts(t.Context(), replica.AccountsParams{Search: name})
	if err != nil || len(found.Accounts) != 0 {
		t.Errorf("Accounts still has %+v, %v", found.Accounts, err)
	}
}

func TestAnOwnPortalIsManagedCheckedRenewedAndConnectedAgain(t *testing.T) {
	s := relaytest.NewScene(t)
	connection, item := connectPortal(t, s, s.Hub)
	if connection.ID != "" || connection.User.Name != item.Name || item.Request != "" || item.Version != 1 ||
		item.By.Email != "ana@northlight.example" {
		t.Fatalf("got %+v and %+v", connection, item)
	}
	checkAndSync(t, s, s.Hub)
	row := works(t, s, item.Name)
	if row.ID != item.ID {
		t.Errorf("Accounts has %s, want %s", row.ID, item.ID)
	}
	if connected, err := s.Hub.Replica.Connections(t.Context()); err != nil || len(connected) != 0 {
		t.Errorf("an account is among the connected users: %+v, %v", connected, err)
	}
	for _, managed := range []string{"yes", "no"} {
		found, err := s.Hub.Replica.Accounts(t.Context(), replica.AccountsParams{Managed: managed})
		if err != nil || (len(found.Accounts) == 1) != (managed == "yes") {
			t.Errorf("with Managed %s: %+v, %v", managed, found.Accounts, err)
		}
	}
	if err := hubtest.Renew(t.Context(), s.Hub, item.ID); err != nil {
		t.Errorf("renewing: %v", err)
	}

	// The app is uninstalled at HubSpot: the dot turns red until the same
	// portal is connected again.
	if _, err := s.World.Trigger(sandbox.Action{
		Platform: "hubspot", Action: "uninstall", Asset: item.Account,
	}); err != nil {
		t.Fatal(err)
	}
	if err := hubtest.Renew(t.Context(), s.Hub, item.ID); !errors.Is(err, onboarding.ErrPlatformRefused) {
		t.Errorf("renewing what was uninstalled: got %v", err)
	}
	checkAndSync(t, s, s.Hub)
	if row := listed(t, s, item.Name); !row.Attention {
		t.Errorf("what was uninstalled is shown as %+v", row)
	}
	_, again := connectPortal(t, s, s.Hub)
	if again.ID != item.ID || again.Version <= item.Version {
		t.Errorf("connected again it is %+v", again)
	}
	checkAndSync(t, s, s.Hub)
	works(t, s, item.Name)

	if err := s.Hub.Credentials.RemoveAccount(t.Context(), item.ID); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	absent(t, s.Hub, item.Name)
	if held, err := hubtest.CountCredentials(t.Context(), s.Hub); err != nil || held != 0 {
		t.Errorf("%d credentials are still in the keychain, %v", held, err)
	}
}

// losesFirstReply proxies to a relay. It drops the first reply of a method
// after before has run.
func losesFirstReply(t *testing.T, relay, method string, before func()) (address string, lost *atomic.Bool) {
	t.Helper()
	to, err := url.Parse(relay)
	must(t, err)
	lost = new(atomic.Bool)
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.FlushInterval = -1
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.URL.Path != method || r.StatusCode != http.StatusOK || !lost.CompareAndSwap(false, true) {
			return nil
		}
		before()
		return errors.New("the reply is lost")
	}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL, lost
}

func TestASignInSucceedsThoughTheRelaysFirstReplyToItWasLost(t *testing.T) {
	s := relaytest.NewScene(t)
	code, err := s.Hub.InviteMember(t.Context(), "Ben Okoro", "ben@northlight.example", onboarding.SubUser)
	must(t, err)
	h := newComputer(t).open(t, s)
	defer closed(t, h)
	address, lost := losesFirstReply(t, s.URL, wire.FinishConnection.Path, func() {
		// The credential arrives as an ordinary delivery.
		if err := h.Sync(t.Context()); err != nil {
			t.Errorf("syncing: %v", err)
		}
	})
	must(t, h.Enrol(t.Context(), address, code.Code.Secret(), "Laptop"))
	_, item := connectPortal(t, s, h)
	if !lost.Load() {
		t.Error("no reply was lost")
	}
	if _, lasting, err := hubtest.Credential(t.Context(), h, item.ID); err != nil || lasting.Empty() {
		t.Errorf("the account cannot be used: %v", err)
	}
}

func TestAnOwnAccountGoesToTheMainUsersAndToNoOtherSubUser(t *testing.T) {
	s := relaytest.NewScene(t)
	invite := func(name, email string, role onboarding.Role) *hub.Hub {
		t.Helper()
		code, err := s.Hub.InviteMember(t.Context(), name, email, role)
		if err != nil {
			t.Fatal(err)
		}
		return s.Relay.Hub(t, code.Code.Secret())
	}
	ben := invite("Ben Okoro", "ben@northlight.example", onboarding.SubUser)
	dan := invite("Dan Wu", "dan@northlight.example", onboarding.SubUser)
	_, portal := connectPortal(t, s, ben)
	account := s.World.Keys("activecampaign")[0]
	mails, err := ben.Credentials.ConnectKey(
		t.Context(), onboarding.ActiveCampaign, account.URL, onboarding.NewSecret(account.Key),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []*hub.Hub{s.Hub, dan} {
		if err := h.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{portal.ID, mails.ID} {
		if _, lasting, err := hubtest.Credential(t.Context(), s.Hub, id); err != nil || lasting.Empty() {
			t.Errorf("the main user cannot use %s: %v", id, err)
		}
		if _, _, err := hubtest.Credential(t.Context(), dan, id); !errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("another sub-user with %s: got %v", id, err)
		}
		if err := dan.Credentials.RemoveAccount(t.Context(), id); err != nil {
			t.Errorf("removing what is not there for them: %v", err)
		}
		if _, _, err := hubtest.Credential(t.Context(), ben, id); err != nil {
			t.Errorf("who connected %s has lost it: %v", id, err)
		}
	}
}

func TestAKeyIsTriedHereAndTheRelayNeverSeesIt(t *testing.T) {
	s := relaytest.NewScene(t)
	account := s.World.Keys("activecampaign")[0]
	for _, wrong := range []struct{ field, address, key, words string }{
		{field: "address", address: "northwind", key: account.Key, words: "https://yourname.api-us1.com"},
		{
			field: "address", address: strings.Replace(account.URL, ".api-us1.com", ".app-us1.com", 1), key: account.Key,
			words: "Use " + account.URL,
		},
		{field: "address", address: "https://127.0.0.1", key: account.Key, words: "https://yourname.api-us1.com"},
		{field: "key", address: account.URL, key: "0000", words: "rejected this key"},
		{field: "key", address: account.URL, words: "rejected this key"},
		{
			field: "key", address: account.URL, key: account.Key[:9] + "\u200b" + account.Key[9:],
			words: "an invisible character inside: zero width space (U+200B)",
		},
		{
			field: "address", address: strings.Replace(account.URL, "api", "a\u00adpi", 1), key: account.Key,
			words: "an invisible character inside: soft hyphen (U+00AD)",
		},
	} {
		_, err := s.Hub.Credentials.ConnectKey(
			t.Context(), onboarding.ActiveCampaign, wrong.address, onboarding.NewSecret(wrong.key),
		)
		var invalid *onboarding.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != wrong.field || !strings.Contains(invalid.Message, wrong.words) {
			t.Errorf("%s with %q: got %v", wrong.address, wrong.key, err)
		}
	}
	if _, suggestion, err := s.Hub.Credentials.CorrectAddress(
		t.Context(), onboarding.ActiveCampaign, strings.Replace(account.URL, ".api-us1.com", ".app-us1.com/dashboard", 1),
	); err == nil || suggestion != account.URL {
		t.Errorf("an address of the app: got the suggestion %q, %v", suggestion, err)
	}
	for service, want := range map[onboarding.Service]error{
		onboarding.HubSpot: onboarding.ErrNotOffered, onboarding.Facebook: onboarding.ErrNotOffered,
	} {
		if _, err := s.Hub.Credentials.ConnectKey(
			t.Context(), service, account.URL, onboarding.NewSecret(account.Key),
		); !errors.Is(err, want) {
			t.Errorf("a key for %s: got %v", service, err)
		}
	}

	account = s.World.Keys("activecampaign")[1] // each key permits five calls a second
	var ids []string
	name := ""
	for range 2 {
		item, err := s.Hub.Credentials.ConnectKey(
			t.Context(), onboarding.ActiveCampaign, "\ufeff "+account.URL+"/api/3/ \u200b",
			onboarding.NewSecret("\u200b"+account.Key+"\u00a0\n"),
		)
		if err != nil {
			t.Fatal(err)
		}
		ids, name = append(ids, item.ID), item.Name
	}
	checkAndSync(t, s, s.Hub)
	works(t, s, name)
	if ids[0] != ids[1] {
		t.Errorf("the same account twice is %v", ids)
	}
	for _, name := range []string{s.Source, s.Source + "-wal"} {
		text, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if strings.Contains(string(text), account.Key) {
			t.Errorf("the key is in the clear in %s", name)
		}
	}
	if strings.Contains(s.Log.String(), account.Key) {
		t.Error("the key is in the relay's log")
	}
}

func TestPickedAssetsAreManagedCheckedAndUsableForACampaign(t *testing.T) {
	s := relaytest.NewScene(t)
	connection := s.ConnectFacebook()
	shownAs := func(name string) credentials.OwnAsset {
		t.Helper()
		shown, err := s.Hub.Credentials.OwnAssets(t.Context(), connection)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range shown.Assets {
			if o.Name == name {
				return o
			}
		}
		t.Fatalf("%s is not among %+v", name, shown.Assets)
		return credentials.OwnAsset{}
	}
	account, page := shownAs("Northlight House Ads"), shownAs("Northlight Media")
	if !account.Usable || !page.Usable || account.Picked || page.Picked || account.Business != "Northlight – Clients" {
		t.Errorf("shown are %+v and %+v", account, page)
	}
	if err := s.Hub.Credentials.PickAssets(t.Context(), connection, []string{
		account.Account, "act_1",
	}); !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("picking what is not there: got %v", err)
	}
	for range 2 {
		if err := s.Hub.Credentials.PickAssets(t.Context(), connection, []string{account.Account, page.Account}); err != nil {
			t.Fatal(err)
		}
	}
	checkAndSync(t, s, s.Hub)
	ad, media := works(t, s, account.Name), works(t, s, page.Name)
	if o := shownAs(account.Name); !o.Picked || o.Item != ad.ID {
		t.Errorf("what was picked is shown as %+v", o)
	}
	if made, err := s.Hub.Checks.CreateCampaign(t.Context(), checks.CampaignForm{
		AdAccount: ad.ID, Page: media.ID, Name: "House", Objective: "OUTCOME_TRAFFIC",
	}); err != nil || made.User != "Ana Ruiz" {
		t.Errorf("a campaign with the agency's own: %+v, %v", made, err)
	}

	if err := s.Hub.Credentials.PickAssets(t.Context(), connection, []string{page.Account}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	absent(t, s.Hub, account.Name)
	works(t, s, page.Name)

	// The same user connects again, then the first connection ends: picked
	// assets still work.
	first := connection
	s.ConnectFacebookAnew()
	if err := s.Hub.EndConnection(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	checkAndSync(t, s, s.Hub)
	works(t, s, page.Name)
	connected, err := s.Hub.Replica.Connections(t.Context())
	if err != nil || len(connected) != 1 {
		t.Fatalf("connected are %+v, %v", connected, err)
	}
	if err := s.Hub.EndConnection(t.Context(), connected[0].ID); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	absent(t, s.Hub, page.Name)
	if _, err := s.Hub.Credentials.OwnAssets(t.Context(), connected[0].ID); err == nil {
		t.Error("an ended user's assets are listed")
	}
}

// Nobody can untick what is not shown.
func TestWhatFacebookDoesNotShowStaysInAccounts(t *testing.T) {
	s := relaytest.NewScene(t)
	connection := s.ConnectFacebook()
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	relaytest.Call(t, s.Enrol(t, code.Code), wire.PickAssets, wire.PickAssetsParams{
		Connection: connection,
		Assets:     []wire.PickedAsset{{Kind: onboarding.Page, Account: "1178", Name: "Harbour Outlet"}},
	})
	s.Sync()
	for _, refused := range []bool{true, false} {
		must(t, s.World.SetFault("meta", "client_pages_refused", refused))
		list, err := s.Hub.Credentials.OwnAssets(t.Context(), connection)
		must(t, err)
		if says := strings.Contains(list.Unread, "the Pages that others gave to "); says != refused {
			t.Errorf("a list was refused: %t; it says %q", refused, list.Unread)
		}
		must(t, s.Hub.Credentials.PickAssets(t.Context(), connection, nil))
		s.Sync()
		kept, err := replica.ReadPickedItems(t.Context(), s.Hub.Replica.DB(), connection)
		must(t, err)
		if stays := len(kept) == 1; stays != refused {
			t.Errorf("a list was refused: %t; Accounts has %+v", refused, kept)
		}
	}
}

func TestWhatAClientSharedIsNeitherPickedNorRemoved(t *testing.T) {
	s := relaytest.NewScene(t)
	account, page := shared(t, s)
	shown, err := s.Hub.Credentials.OwnAssets(t.Context(), s.ConnectFacebook())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range shown.Assets {
		if o.Account == account.Account || o.Account == page.Account {
			t.Errorf("%s came by a request and can be picked: %+v", o.Name, o)
		}
	}
	if err := s.Hub.Credentials.RemoveAccount(t.Context(), account.ID); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("removing what a client shared: got %v", err)
	}
	if row := listed(t, s, account.Name); row.Managed {
		t.Errorf("Accounts has %+v", row)
	}
}
