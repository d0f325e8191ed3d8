package hub_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// pickedSheets has a client pick sheets at Google, and returns the request
// after all of them were checked.
func pickedSheets(t testing.TB, s *relaytest.Scene, person string, titles ...string) (request string) {
	t.Helper()
	return pickedSheetsOf(t, s, "", person, titles...)
}

// pickedSheetsOf is pickedSheets of a client.
func pickedSheetsOf(t testing.TB, s *relaytest.Scene, client, person string, titles ...string) (request string) {
	t.Helper()
	request = s.Save(outbox.RequestForm{Client: client, Services: []onboarding.Service{onboarding.GoogleSheets}})
	v := s.Browser()
	v.Enter(s.LinkOf(request), person, strings.ToLower(strings.ReplaceAll(person, " ", "."))+"@harbourpine.example")
	v.Press("Add Google Sheets")
	if strings.Contains(v.Page.Text(), "Continue") {
		v.Press("Continue")
	}
	v.Follow("Proceed")
	v.Press(person)
	v.Press("Allow")
	for _, title := range titles {
		v.Tick(title)
	}
	v.Press("Select")
	worksAll(t, s, request, len(titles))
	return request
}

// worksAll waits until all items of a request work.
func worksAll(t testing.TB, s *relaytest.Scene, request string, want int) {
	t.Helper()
	until(t, "the first checks", func() bool {
		s.Sync()
		works := 0
		for _, i := range s.Details(request).Items {
			if i.Access == onboarding.AccessWorks {
				works++
			}
		}
		return works == want
	})
}

// itemOf finds an item of a request by its name.
func itemOf(t testing.TB, s *relaytest.Scene, request, name string) replica.ItemRow {
	t.Helper()
	for _, i := range s.Details(request).Items {
		if i.Name == name {
			return i
		}
	}
	t.Fatalf("there is no %q in %+v", name, s.Details(request).Items)
	return replica.ItemRow{}
}

func ends(t testing.TB, s *relaytest.Scene, item string) checks.EndingResult {
	t.Helper()
	result, err := s.Hub.Checks.EndAccess(t.Context(), item)
	must(t, err)
	return result
}

func inAccounts(t testing.TB, s *relaytest.Scene) int {
	t.Helper()
	n, err := s.Hub.Replica.CountAccounts(t.Context(), replica.AccountsParams{})
	must(t, err)
	return n
}

// TestTwoSheetsOfOnePersonAreEndedAtGoogleWithTheLast: revoking the grant for
// the first sheet would end the second, so the hub does not revoke it and
// reports that.
func TestTwoSheetsOfOnePersonAreEndedAtGoogleWithTheLast(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickedSheets(t, s, "Lars Holm", "Leads autumn campaign", "Newsletter sign-ups")
	others := pickedSheets(t, s, "Priya Nair", "Waiting list")
	first, second := itemOf(t, s, request, "Leads autumn campaign"), itemOf(t, s, request, "Newsletter sign-ups")
	_, lasting, err := hubtest.Credential(t.Context(), s.Hub, second.ID)
	must(t, err)

	plan, err := s.Hub.Checks.PlanEnding(t.Context(), first.ID)
	must(t, err)
	if len(plan.Ends) < 2 || len(plan.Steps) == 0 || len(plan.Stays) != 1 ||
		!strings.Contains(plan.Stays[0], "Another account") {
		t.Errorf("the plan is %+v", plan)
	}
	if done := ends(t, s, first.ID); done.Proven || done.Next == "" || done.Queued {
		t.Errorf("the first ended as %+v", done)
	}
	must(t, s.Hub.Checks.CheckNow(t.Context(), second.ID))
	if s.Sync(); itemOf(t, s, request, "Newsletter sign-ups").Access != onboarding.AccessWorks {
		t.Error("the second no longer works")
	}

	done := ends(t, s, second.ID)
	if !done.Proven || done.Next != "" {
		t.Errorf("the second ended as %+v", done)
	}
	refusedAtGoogle(t, s, lasting)
	s.Sync()
	i := itemOf(t, s, request, "Newsletter sign-ups")
	if i.State != onboarding.ItemEnded || i.Ended == 0 || i.EndedBy != "Ana Ruiz" || !i.Proven || i.Attention ||
		i.Endable {
		t.Errorf("it is %+v", i)
	}
	newest := s.Details(request).Events[0]
	if newest.Kind != onboarding.EventAccessEnded || newest.Who != "Ana Ruiz" || newest.Detail != i.Name {
		t.Errorf("the timeline says %+v", newest)
	}
	// Another person's sheet is untouched and the only one left in Accounts.
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	s.Sync()
	if worksAll(t, s, others, 1); inAccounts(t, s) != 1 {
		t.Errorf("%d items are in Accounts", inAccounts(t, s))
	}
	if again := ends(t, s, second.ID); again != done {
		t.Errorf("ended again: %+v", again)
	}
}

// refusedAtGoogle renews a credential at Google, as the relay would, and
// expects a refusal.
func refusedAtGoogle(t testing.TB, s *relaytest.Scene, lasting platform.Credential) {
	t.Helper()
	if err := renews(t, s, onboarding.GoogleSheets, lasting); !errors.Is(err, onboarding.ErrPlatformRefused) {
		t.Errorf("renewing what was ended: %v", err)
	}
}

// TestAPortalIsEndedAtHubSpotAndNothingElseIs ends the only portal that a
// client connected: the hub uninstalls the app there.
func TestAPortalIsEndedAtHubSpotAndNothingElseIs(t *testing.T) {
	s := relaytest.NewScene(t)
	others := pickedSheets(t, s, "Priya Nair", "Waiting list")
	request, link := s.Request(onboarding.HubSpot)
	s.Browser().ConnectHubSpot(link)
	worksAll(t, s, request, 1)
	item := s.Details(request).Items[0]
	_, lasting, err := hubtest.Credential(t.Context(), s.Hub, item.ID)
	must(t, err)
	must(t, renews(t, s, onboarding.HubSpot, lasting))
	if done := ends(t, s, item.ID); !done.Proven || done.Next != "" || done.Queued {
		t.Fatalf("it ended as %+v", done)
	}
	if err := renews(t, s, onboarding.HubSpot, lasting); !errors.Is(err, onboarding.ErrPlatformRefused) {
		t.Errorf("renewing what was ended: %v", err)
	}
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	worksAll(t, s, others, 1)
	if i := s.Details(request).Items[0]; i.State != onboarding.ItemEnded || !i.Proven || i.Attention {
		t.Errorf("it is %+v", i)
	}
	// The client can connect it again.
	s.Browser().ConnectHubSpot(link)
	worksAll(t, s, request, 1)
	if i := s.Details(request).Items[0]; i.State != onboarding.ItemConnected || i.Ended != 0 || i.ID != item.ID {
		t.Errorf("connected again it is %+v", i)
	}
}

func TestAPageIsGivenUpAtFacebookAndLeavesThePickers(t *testing.T) {
	s := relaytest.NewScene(t)
	request := share(t, s, "Harbour Garden")
	worksAll(t, s, request, 1)
	item := s.Details(request).Items[0]
	if done := ends(t, s, item.ID); !done.Proven {
		t.Fatalf("it ended as %+v", done)
	}
	if inAccounts(t, s) != 0 {
		t.Error("it is still in Accounts, and in the pickers of a campaign")
	}
	// OwnAssets lists what Facebook returns for the agency's user.
	shown, err := s.Hub.Credentials.OwnAssets(t.Context(), s.Details(request).ConnectionID)
	must(t, err)
	for _, asset := range shown.Assets {
		if asset.Account == item.Account {
			t.Errorf("Facebook still gives %s", asset.Name)
		}
	}
}

// TestAKeyIsDeletedAndItsResetIsLeftToItsUser: ActiveCampaign has no call that
// revokes a key.
func TestAKeyIsDeletedAndItsResetIsLeftToItsUser(t *testing.T) {
	s := relaytest.NewScene(t)
	request, link := s.Request(onboarding.ActiveCampaign)
	key := s.World.Keys("activecampaign")[0]
	v := s.Browser()
	v.Enter(link, "Nadia Berger", "nadia@northwind.example")
	v.Press("Add ActiveCampaign")
	v.Fill("API URL", key.URL)
	v.Fill("API key", key.Key)
	v.Press("Connect")
	worksAll(t, s, request, 1)
	item := s.Details(request).Items[0]
	plan, err := s.Hub.Checks.PlanEnding(t.Context(), item.ID)
	must(t, err)
	if len(plan.Stays) != 1 || len(plan.Steps) == 0 {
		t.Errorf("the plan is %+v", plan)
	}
	done := ends(t, s, item.ID)
	if done.Proven || !strings.Contains(done.Message, "lets no app end an access") || done.NoteFor != "Nadia" {
		t.Errorf("it ended as %+v", done)
	}
	if _, _, err := hubtest.Credential(t.Context(), s.Hub, item.ID); !errors.Is(err, onboarding.ErrNoDevice) {
		t.Errorf("using it: %v", err)
	}
}

func TestAnEndedCredentialLeavesEveryComputer(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickedSheets(t, s, "Priya Nair", "Waiting list")
	item := itemOf(t, s, request, "Waiting list")
	other := s.Relay.Hub(t, issued(t, s))
	synced(t, other)
	before, err := hubtest.CountCredentials(t.Context(), s.Hub)
	must(t, err)
	ends(t, s, item.ID)
	if held, err := hubtest.CountCredentials(t.Context(), s.Hub); err != nil || held != before-1 {
		t.Errorf("%d credentials are kept here, of %d: %v", held, before, err)
	}
	if _, _, err := hubtest.Credential(t.Context(), s.Hub, item.ID); !errors.Is(err, onboarding.ErrNoDevice) {
		t.Errorf("using it: %v", err)
	}
	synced(t, other)
	if i, err := other.Replica.Item(t.Context(), item.ID); err != nil || i.State != onboarding.ItemEnded ||
		i.EndedBy != "Ana Ruiz" {
		t.Errorf("on the other computer it is %+v, %v", i, err)
	}
	if held, err := hubtest.CountCredentials(t.Context(), other); err != nil || held != 0 {
		t.Errorf("the other computer keeps %d credentials: %v", held, err)
	}
}

func TestNothingIsEndedOrQueuedOffline(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickedSheets(t, s, "Priya Nair", "Waiting list")
	item := itemOf(t, s, request, "Waiting list")
	_, lasting, err := hubtest.Credential(t.Context(), s.Hub, item.ID)
	must(t, err)
	s.Stop(t)
	if _, err := s.Hub.Checks.PlanEnding(t.Context(), item.ID); !errors.Is(err, onboarding.ErrUnavailable) {
		t.Errorf("planning offline: %v", err)
	}
	if _, err := s.Hub.Checks.EndAccess(t.Context(), item.ID); !errors.Is(err, onboarding.ErrUnavailable) {
		t.Errorf("ending offline: %v", err)
	}
	if waits, err := s.Hub.Replica.Outbox(t.Context()); err != nil || len(waits) != 0 {
		t.Errorf("the outbox holds %+v, %v", waits, err)
	}
	must(t, renews(t, s, onboarding.GoogleSheets, lasting))
	if i := itemOf(t, s, request, "Waiting list"); i.State != onboarding.ItemConnected || !i.Endable {
		t.Errorf("it is %+v", i)
	}
}

func TestAPlatformThatIsAwayEndsNothingAndARepeatDoes(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickedSheets(t, s, "Priya Nair", "Waiting list")
	item := itemOf(t, s, request, "Waiting list")
	s.Fault("googlesheets", "down", true)
	if _, err := s.Hub.Checks.EndAccess(t.Context(), item.ID); !errors.Is(err, onboarding.ErrPlatformDown) {
		t.Errorf("ending while it is down: %v", err)
	}
	s.Sync()
	if i := itemOf(t, s, request, "Waiting list"); i.State != onboarding.ItemConnected {
		t.Errorf("it is %s", i.State)
	}
	s.Fault("googlesheets", "down", false)
	if done := ends(t, s, item.ID); !done.Proven {
		t.Errorf("the repeat ended as %+v", done)
	}
}

// door is a proxy before a relay. Shut, it drops each call that reports an
// ended access before it reaches the relay.
type door struct {
	*httptest.Server
	shut atomic.Bool
}

func newDoor(t testing.TB, relay string) *door {
	t.Helper()
	to, err := url.Parse(relay)
	must(t, err)
	through := httputil.NewSingleHostReverseProxy(to)
	through.FlushInterval = -1 // the event stream must not be buffered
	d := &door{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.shut.Load() && r.URL.Path == wire.EndAccess.Path {
			panic(http.ErrAbortHandler)
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { d.CloseClientConnections(); d.Close() })
	return d
}

// renews gets a new access token from a platform, with the relay's driver.
func renews(t testing.TB, s *relaytest.Scene, service onboarding.Service, lasting platform.Credential) error {
	t.Helper()
	drivers, err := all.ForRelay(relaytest.Apps(s.World, s.URL), s.Now)
	must(t, err)
	driver, err := platform.Find(drivers, service.Platform())
	must(t, err)
	_, err = driver.(platform.Renewer).Renew(t.Context(), lasting)
	return err
}

func TestARelayThatIsAwayAfterThePlatformHasEndedItIsToldLater(t *testing.T) {
	s := relaytest.Begin(t)
	door := newDoor(t, s.URL)
	s.Hub = newComputer(t).open(t, s)
	defer closed(t, s.Hub)
	must(t, s.Hub.Enrol(t.Context(), door.URL, s.Agency.Code, "Laptop"))
	s.Sync()
	request := pickedSheets(t, s, "Priya Nair", "Waiting list")
	item := itemOf(t, s, request, "Waiting list")
	door.shut.Store(true)
	done := ends(t, s, item.ID)
	if !done.Proven || !done.Queued {
		t.Fatalf("it ended as %+v", done)
	}
	if waits, err := s.Hub.Replica.Outbox(t.Context()); err != nil || len(waits) != 1 ||
		waits[0].Kind != replica.EntryEndAccess {
		t.Errorf("the outbox holds %+v, %v", waits, err)
	}
	door.shut.Store(false)
	until(
		t, "the relay to be told", func() bool { return itemOf(t, s, request, "Waiting list").State == onboarding.ItemEnded },
	)
}

func TestWhatAColleagueEndedIsGivenAsItWasEnded(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickedSheets(t, s, "Priya Nair", "Waiting list")
	item := itemOf(t, s, request, "Waiting list")
	byHand := wire.EndAccessParams{Item: item.ID, Remaining: "withdraw_by_hand"}
	_, err := wire.Call(t.Context(), anotherComputer(t, s).Client, wire.EndAccess, byHand)
	must(t, err)
	s.Sync()
	if done := ends(t, s, item.ID); done.Proven || !strings.HasPrefix(done.Note, "Hello Priya, we no longer work with ") {
		t.Errorf("it is given as %+v", done)
	}
	i := itemOf(t, s, request, "Waiting list")
	if i.Proven || i.Title == "" || i.Note == "" || i.Attention {
		t.Errorf("it is shown as %+v", i)
	}
	if _, err := s.Hub.Checks.PlanEnding(t.Context(), item.ID); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("planning to end it again: %v", err)
	}
}

// issued returns a code for another computer of the scene's main user.
func issued(t testing.TB, s *relaytest.Scene) onboarding.Secret {
	t.Helper()
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	return code.Code
}

// TestWhatAClientWithdrawsEndsByItself: from the page of their receipt, of which looking
// changes nothing. The receipt then says how it was proven, or what is left to do there.
func TestWhatAClientWithdrawsEndsByItself(t *testing.T) {
	s := relaytest.NewScene(t)
	request, link := s.Request(onboarding.HubSpot, onboarding.ActiveCampaign)
	lars := s.Browser()
	lars.ConnectHubSpot(link)
	account := s.World.Keys("activecampaign")[0]
	lars.Press("Add ActiveCampaign")
	lars.Fill("API URL", account.URL)
	lars.Fill("API key", account.Key)
	lars.Press("Connect")
	lars.Follow("Next Step")
	lars.Press("Finish")
	worksAll(t, s, request, 2)
	portal := s.Details(request).Items[0]
	for _, i := range s.Details(request).Items {
		if i.Service == onboarding.HubSpot {
			portal = i
		}
	}
	_, lasting, err := hubtest.Credential(t.Context(), s.Hub, portal.ID)
	must(t, err)

	receipt := receiptLink(t, s, "lars@harbourpine.example")
	lars.Open(receipt)
	lars.Reads("What you shared with", "Works", "Checked on")
	lars.Follow("Withdraw : harbourpine.example")
	lars.Reads("What ends", "The access is ended at HubSpot", "What stays", "Everything else that you shared.")
	lars.Follow("Cancel")
	if s.Sync(); itemOf(t, s, request, portal.Name).Withdrawn != 0 {
		t.Fatal("looking has withdrawn it")
	}
	lars.Follow("Withdraw : harbourpine.example")
	lars.Press("Withdraw")
	lars.Reads("Withdrawn", "was told, and its access ends", "withdrew harbourpine.example")
	until(t, "the hub ends it", func() bool {
		s.Sync()
		return itemOf(t, s, request, portal.Name).State == onboarding.ItemEnded
	})
	if i := itemOf(t, s, request, portal.Name); !i.Proven || i.Withdrawn == 0 || i.Attention {
		t.Errorf("it ended as %+v", i)
	}
	if err := renews(t, s, onboarding.HubSpot, lasting); !errors.Is(err, onboarding.ErrPlatformRefused) {
		t.Errorf("renewing what was withdrawn: %v", err)
	}
	lars.Reload()
	lars.Reads("HubSpot was asked once more: the access is gone.", "none was removed or changed", "as it was withdrawn")
	if !slices.ContainsFunc(s.Details(request).Events, func(e onboarding.Event) bool {
		return e.Kind == onboarding.EventWithdrawalDone && e.Who == "Ana Ruiz" && e.Detail == portal.Name
	}) {
		t.Errorf("the timeline does not say why it ended: %+v", s.Details(request).Events)
	}

	key := itemOf(t, s, request, portal.Name)
	for _, i := range s.Details(request).Items {
		if i.Service == onboarding.ActiveCampaign {
			key = i
		}
	}
	lars.Follow("Withdraw : " + key.Name)
	lars.Reads("ActiveCampaign lets no app end an access")
	lars.Press("Withdraw")
	until(t, "the hub deletes the key", func() bool {
		s.Sync()
		return itemOf(t, s, request, key.Name).State == onboarding.ItemEnded
	})
	lars.Reload()
	lars.Reads("deleted its credential", "A user at ActiveCampaign has to end the access there.")
	if n := inAccounts(t, s); n != 0 {
		t.Errorf("%d items are still in Accounts", n)
	}
	if n := s.Emails(request, "access_withdrawn"); n != 1 {
		t.Errorf("%d emails were written about it, want one for both", n)
	}
}

// TestWhatNoComputerCanEndLeadsToAWayOut: the only computer with the credentials is off. At
// Facebook the same user signs in again; everything else ends without its platform.
func TestWhatNoComputerCanEndLeadsToAWayOut(t *testing.T) {
	s := relaytest.Begin(t)
	s.Hub = computer{filepath.Join(t.TempDir(), "off"), keychain.NewMemory(), 0}.open(t, s)
	must(t, s.Hub.Enrol(t.Context(), s.URL, s.Agency.Code, "Studio"))
	s.Sync()
	sheets, shared := pickedSheets(t, s, "Lars Holm", "Newsletter sign-ups"), share(t, s, "Harbour Garden")
	worksAll(t, s, shared, 1)
	sheet, page := itemOf(t, s, sheets, "Newsletter sign-ups"), onlyItem(t, s, shared)
	if _, err := s.Hub.Checks.EndWithout(t.Context(), sheet.ID); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("ending what nobody withdrew without its platform: %v", err)
	}
	closed(t, s.Hub)
	must(t, s.Store.Items.Withdraw(t.Context(), s.Agency.ID, sheets, "Lars Holm", []string{sheet.ID}))
	must(t, s.Store.Items.Withdraw(t.Context(), s.Agency.ID, shared, "Mina Ito", []string{page.ID}))
	s.Hub = s.Relay.Hub(t, issued(t, s))
	s.Pass(2 * time.Hour)
	ways := func() map[string]hub.WithdrawnWay {
		t.Helper()
		s.Sync()
		todos, err := s.Hub.Todos(t.Context(), 10)
		must(t, err)
		found := map[string]hub.WithdrawnWay{}
		for _, todo := range todos {
			if todo.Kind == hub.TodoWithdrawn {
				found[todo.Item.Name+" "+todo.User] = todo.Way
			}
		}
		return found
	}
	if got, want := ways(), map[string]hub.WithdrawnWay{
		"Newsletter sign-ups ": hub.WayWithout, "Harbour Garden Ana Ruiz": hub.WaySignIn,
	}; !maps.Equal(got, want) {
		t.Errorf("Home offers %v, want %v", got, want)
	}
	s.ConnectFacebookAnew()
	until(t, "the end at Facebook", func() bool {
		s.Sync()
		return onlyItem(t, s, shared).Proven
	})
	done, err := s.Hub.Checks.EndWithout(t.Context(), sheet.ID)
	must(t, err)
	if i := itemOf(t, s, sheets, sheet.Name); done.Proven || done.Next == "" || i.State != onboarding.ItemEnded {
		t.Errorf("without its platform it ended as %+v, %+v", done, i)
	}
	if left := ways(); len(left) != 0 {
		t.Errorf("Home still offers %v", left)
	}
}

// receiptLink is the link in the receipt that an address got.
func receiptLink(t testing.TB, s *relaytest.Scene, address string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	email, err := s.World.Mail.Await(ctx, func(m sandbox.Message) bool {
		return strings.HasPrefix(m.Subject, "Your receipt") && m.To[0] == address
	})
	must(t, err)
	return regexp.MustCompile(regexp.QuoteMeta(s.URL) + `/r/[A-Za-z0-9_-]+`).FindString(email.Text)
}
