package hub_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

const harbour = "Harbour & Pine"

// portal has Lars connect his HubSpot portal for a new request of the client.
func portal(t testing.TB, s *relaytest.Scene) (request string) {
	t.Helper()
	request, link := s.Request(onboarding.HubSpot)
	s.Browser().ConnectHubSpot(link)
	worksAll(t, s, request, 1)
	return request
}

// begun starts to end the client of a request, with all their accesses.
func begun(t testing.TB, h *hub.Hub, request string) (id string) {
	t.Helper()
	plan, err := h.Offboardings.Plan(t.Context(), hub.OffboardingParams{Request: request})
	must(t, err)
	p := hub.StartOffboardingParams{Request: request, Typed: plan.Client}
	for _, item := range plan.Items {
		p.Items = append(p.Items, item.ID)
	}
	id, err = h.Offboardings.Start(t.Context(), p)
	must(t, err)
	return id
}

// offboarded waits for the report.
func offboarded(t testing.TB, h *hub.Hub, id string) replica.Offboarding {
	t.Helper()
	var report replica.Offboarding
	until(t, "the report", func() bool {
		var err error
		report, err = h.Offboardings.Read(t.Context(), id)
		must(t, err)
		return report.Ended != 0
	})
	return report
}

// outcomes are how the accesses of a report ended, by their services.
func outcomes(report replica.Offboarding) map[onboarding.Service]replica.OffboardedOutcome {
	all := map[onboarding.Service]replica.OffboardedOutcome{}
	for _, item := range report.Items {
		all[item.Service] = item.Outcome
	}
	return all
}

// TestAClientEndsEverywhere: a Page, two sheets of one person, one portal in two
// requests, and an open request end; the old credentials open nothing, and no computer
// has one. Another client's access works on.
func TestAClientEndsEverywhere(t *testing.T) {
	s := relaytest.NewScene(t)
	colleague := s.Relay.Hub(t, issued(t, s))
	share(t, s, "Harbour Garden")
	sheets := pickedSheets(t, s, "Lars Holm", "Leads autumn campaign", "Newsletter sign-ups")
	first, second := portal(t, s), portal(t, s)
	open, link := s.Request(onboarding.Mailchimp)
	others := pickedSheetsOf(t, s, "Northwind", "Priya Nair", "Waiting list")
	synced(t, colleague)
	_, sheet, err := hubtest.Credential(t.Context(), s.Hub, itemOf(t, s, sheets, "Newsletter sign-ups").ID)
	must(t, err)
	var portals []platform.Credential
	for _, request := range []string{first, second} {
		_, credential, err := hubtest.Credential(t.Context(), s.Hub, s.Details(request).Items[0].ID)
		must(t, err)
		portals = append(portals, credential)
	}

	id := begun(t, s.Hub, open)
	report := offboarded(t, s.Hub, id)
	if report.Client != harbour || report.By != "Ana Ruiz" || report.Agency == "" || len(report.Items) != 5 {
		t.Fatalf("the report is %+v", report)
	}
	for _, item := range report.Items {
		if item.Outcome != replica.OutcomeProven || !item.Erased || item.Asked == nil || item.Title == "" {
			t.Errorf("%s, %s: %+v", item.Service, item.Name, item)
		}
	}
	for _, l := range report.Links {
		if l.State != replica.LinkWithdrawn || l.Done == 0 || l.Code == "" || !l.Whole {
			t.Errorf("the link is %+v", l)
		}
	}
	page := s.Browser()
	page.Open(link)
	page.Sees(http.StatusGone)
	for _, request := range []string{open, first} {
		events := s.Details(request).Events
		at := slices.IndexFunc(events, func(e onboarding.Event) bool { return e.Kind == onboarding.EventClientEnded })
		if at < 0 || events[at].Who != "Ana Ruiz" {
			t.Errorf("the history has %+v", events)
		}
	}
	refusedAtGoogle(t, s, sheet)
	for _, credential := range portals {
		if err := renews(t, s, onboarding.HubSpot, credential); !errors.Is(err, onboarding.ErrPlatformRefused) {
			t.Errorf("renewing what was ended: %v", err)
		}
	}
	synced(t, colleague)
	for name, h := range map[string]*hub.Hub{"this": s.Hub, "the colleague's": colleague} {
		for _, item := range report.Items {
			if _, _, err := hubtest.Credential(t.Context(), h, item.ID); !errors.Is(err, onboarding.ErrNoDevice) {
				t.Errorf("%s computer, using %s: %v", name, item.Name, err)
			}
		}
	}
	if len(report.Devices) != 2 || !report.Devices[0].Erased || !report.Devices[1].Erased {
		t.Errorf("the computers are %+v", report.Devices)
	}
	for _, table := range []string{"deliveries", "device_credentials"} {
		var n int
		row := s.DB.QueryRowContext(t.Context(), `SELECT count(*) FROM `+table+` WHERE subject IN (
			SELECT id FROM items WHERE request <> '`+others+`')`)
		must(t, row.Scan(&n))
		if n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	if worksAll(t, s, others, 1); inAccounts(t, s) != 1 {
		t.Errorf("%d items are in Accounts", inAccounts(t, s))
	}
	plan, err := s.Hub.Offboardings.Plan(t.Context(), hub.OffboardingParams{Request: sheets})
	must(t, err)
	if len(plan.Items) != 0 || len(plan.Reports) != 1 || plan.Reports[0].ID != id {
		t.Errorf("afterwards the plan is %+v", plan)
	}
}

// TestWhatAnotherClientUsesIsKeptAndNamed: one person picked sheets for two clients.
func TestWhatAnotherClientUsesIsKeptAndNamed(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickedSheets(t, s, "Lars Holm", "Leads autumn campaign")
	others := pickedSheetsOf(t, s, "Northwind", "Lars Holm", "Newsletter sign-ups")
	plan, err := s.Hub.Offboardings.Plan(t.Context(), hub.OffboardingParams{Request: request})
	must(t, err)
	if len(plan.Items) != 1 || plan.Items[0].Way != hub.WayKept ||
		!slices.Equal(plan.Items[0].KeptFor, []string{"Newsletter sign-ups, Northwind"}) {
		t.Errorf("the plan is %+v", plan.Items)
	}
	report := offboarded(t, s.Hub, begun(t, s.Hub, request))
	item := report.Items[0]
	if item.Outcome != replica.OutcomeKept || !item.Erased || item.Next == "" || len(item.Steps) == 0 ||
		!slices.Equal(item.KeptFor, []string{"Newsletter sign-ups, Northwind"}) {
		t.Errorf("it ended as %+v", item)
	}
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	worksAll(t, s, others, 1)
}

// TestAPageOfTwoClientsStaysInTheBusinessManager: ending it for one would end it for
// the other, too.
func TestAPageOfTwoClientsStaysInTheBusinessManager(t *testing.T) {
	s := relaytest.NewScene(t)
	request := share(t, s, "Harbour Garden")
	worksAll(t, s, request, 1)
	others := s.Save(outbox.RequestForm{Client: "Northwind", Services: []onboarding.Service{onboarding.Facebook}})
	v := s.Browser()
	v.SignInAtFacebook(s.LinkOf(others), "Mina Ito")
	v.Tick("Harbour Garden")
	v.Press("Connect Assets")
	worksAll(t, s, others, 1)
	report := offboarded(t, s.Hub, begun(t, s.Hub, request))
	if item := report.Items[0]; item.Outcome != replica.OutcomeKept ||
		!strings.Contains(item.Title, "keeps it for another request") {
		t.Errorf("it ended as %+v", item)
	}
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	worksAll(t, s, others, 1)
	if report = offboarded(t, s.Hub, begun(t, s.Hub, others)); report.Items[0].Outcome != replica.OutcomeProven {
		t.Errorf("the last one ended as %+v", report.Items[0])
	}
	// What was kept before is in a later report, and is not counted as gone.
	_, _ = s.Request(onboarding.HubSpot)
	s.Sync()
	if report = offboarded(t, s.Hub, begun(t, s.Hub, request)); len(report.Items) != 1 ||
		report.Items[0].Outcome != replica.OutcomeKept || report.Items[0].Next == "" {
		t.Errorf("the later report has %+v", report.Items)
	}
}

// TestAnEndGoesOnAfterAStopAtAnyStep stops the hub behind some write of an end and
// starts it again: before anything was done, after a platform has ended an access and
// before its answer is stored, before the relay has the report, and before the last
// questions.
func TestAnEndGoesOnAfterAStopAtAnyStep(t *testing.T) {
	s := relaytest.Begin(t)
	c := newComputer(t)
	s.Hub = c.open(t, s)
	t.Cleanup(func() { closed(t, s.Hub) })
	must(t, s.Hub.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"))
	s.Sync()
	for _, stop := range []int{1, 4, 5, 9} {
		form := outbox.RequestForm{Client: fmt.Sprint("Client ", stop), Services: []onboarding.Service{onboarding.HubSpot}}
		var request string
		for range 2 { // one portal, in two requests
			request = s.Save(form)
			s.Browser().ConnectHubSpot(s.LinkOf(request))
		}
		open := s.Save(form)
		stopped := hub.StopOffboardingAt(s.Hub, stop)
		id := begun(t, s.Hub, request)
		until(t, "the stop", stopped)
		closed(t, s.Hub)
		s.Hub = c.open(t, s)
		report := offboarded(t, s.Hub, id)
		for _, item := range report.Items {
			if item.Outcome != replica.OutcomeProven || !item.Erased {
				t.Errorf("stopped at %d, %s ended as %+v, %+v", stop, item.Name, item, item.Asked)
			}
		}
		if s.Sync(); len(report.Items) != 2 || len(report.Links) != 3 {
			t.Errorf("stopped at %d, the report has %d items and %d links", stop, len(report.Items), len(report.Links))
		}
		for _, l := range report.Links {
			if l.Request == open && l.State != replica.LinkWithdrawn {
				t.Errorf("stopped at %d, the open link is %+v", stop, l)
			}
		}
	}
}

// TestAPlatformThatIsAwayDelaysItsAccountAlone, and the user can go on without it.
func TestAPlatformThatIsAwayDelaysItsAccountAlone(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickedSheets(t, s, "Lars Holm", "Leads autumn campaign")
	portal(t, s)
	s.Fault("googlesheets", "down", true)
	id := begun(t, s.Hub, request)
	var ends replica.Offboarding
	until(t, "the problem", func() bool {
		var err error
		ends, err = s.Hub.Offboardings.Read(t.Context(), id)
		must(t, err)
		return ends.Problem.Code != ""
	})
	if got := outcomes(ends); got[onboarding.HubSpot] != replica.OutcomeProven ||
		got[onboarding.GoogleSheets] != "" || ends.Problem.Code != "platform_down" || ends.Next == 0 {
		t.Errorf("while it is away: %v, %+v", got, ends.Problem)
	}
	todos, err := s.Hub.Todos(t.Context(), 10)
	must(t, err)
	if len(todos) == 0 || todos[0].Kind != hub.TodoEnding || todos[0].Ending.ID != id ||
		todos[0].Ending.Done != todos[0].Ending.Total-1 {
		t.Errorf("Home lists %+v", todos)
	}
	if err := s.Hub.Offboardings.Delete(t.Context(), id); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("deleting it while it goes on: %v", err)
	}
	if again := begun(t, s.Hub, request); again != id {
		t.Errorf("starting again gives another one")
	}
	var invalid *onboarding.InvalidError
	if err := s.Hub.Outbox.DeleteClient(t.Context(), request); !errors.As(err, &invalid) {
		t.Errorf("deleting the client while it goes on: %v", err)
	}
	must(t, s.Hub.Offboardings.GoOnWithout(t.Context(), id, itemOf(t, s, request, "Leads autumn campaign").ID))
	report := offboarded(t, s.Hub, id)
	for _, item := range report.Items {
		if item.Service == onboarding.GoogleSheets && (item.Outcome != replica.OutcomeRemains || !item.Erased ||
			item.Next == "" || len(item.Steps) == 0) {
			t.Errorf("without the platform it ended as %+v", item)
		}
	}
	must(t, s.Hub.Outbox.DeleteClient(t.Context(), request))
	if _, err := s.Hub.Offboardings.Read(t.Context(), id); err != nil {
		t.Errorf("with another request of the client left: %v", err)
	}
	must(t, s.Hub.Offboardings.Delete(t.Context(), id))
	if _, err := s.Hub.Offboardings.Read(t.Context(), id); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("a deleted report: %v", err)
	}
}

// TestAClientEndsByNameAndOnlyWhatWasTicked: the typed name decides, and what was left
// works on.
func TestAClientEndsByNameAndOnlyWhatWasTicked(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickedSheets(t, s, "Lars Holm", "Leads autumn campaign")
	portals := portal(t, s)
	p := hub.StartOffboardingParams{
		Request: request, Typed: "Harbour", Items: []string{itemOf(t, s, request, "Leads autumn campaign").ID},
	}
	var invalid *onboarding.InvalidError
	if _, err := s.Hub.Offboardings.Start(t.Context(), p); !errors.As(err, &invalid) || invalid.Field != "typed" {
		t.Errorf("with another name: %v", err)
	}
	p.Typed = " harbour & pine"
	id, err := s.Hub.Offboardings.Start(t.Context(), p)
	must(t, err)
	report := offboarded(t, s.Hub, id)
	if got := outcomes(report); got[onboarding.GoogleSheets] != replica.OutcomeProven ||
		got[onboarding.HubSpot] != replica.OutcomeLeft {
		t.Errorf("it ended as %v", got)
	}
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	worksAll(t, s, portals, 1)
	p.Items = nil
	if _, err := s.Hub.Offboardings.Start(t.Context(), p); !errors.As(err, &invalid) || invalid.Field != "items" {
		t.Errorf("with nothing to end: %v", err)
	}
}

// TestWhatIsWithdrawnInOneRequestStaysForAnother: a Page is in one Business Manager for both.
func TestWhatIsWithdrawnInOneRequestStaysForAnother(t *testing.T) {
	s := relaytest.NewScene(t)
	withdraws := func(request string) (ended replica.ItemRow) {
		t.Helper()
		ids := []string{onlyItem(t, s, request).ID}
		must(t, s.Store.Items.Withdraw(t.Context(), s.Agency.ID, request, "Mina Ito", ids))
		until(t, "the hub ends it", func() bool {
			s.Sync()
			ended = onlyItem(t, s, request)
			return ended.State == onboarding.ItemEnded
		})
		return ended
	}
	first := share(t, s, "Harbour Garden")
	worksAll(t, s, first, 1)
	second, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour Garden")
	v.Press("Connect Assets")
	worksAll(t, s, second, 1)
	if ended := withdraws(first); ended.Proven || !strings.Contains(ended.Title, "keeps it for another request") {
		t.Errorf("in the first request it ended as %+v", ended)
	}
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	worksAll(t, s, second, 1)
	if ended := withdraws(second); !ended.Proven {
		t.Errorf("in the last request it ended as %+v", ended)
	}
}

// TestAPortalThatIsWithdrawnInTwoRequestsIsGoneForBoth: the first end uninstalls the app.
func TestAPortalThatIsWithdrawnInTwoRequestsIsGoneForBoth(t *testing.T) {
	s := relaytest.NewScene(t)
	requests := []string{portal(t, s), portal(t, s)}
	s.Pass(2 * time.Hour)            // no access token is left
	s.Fault("hubspot", "down", true) // until both are withdrawn
	var ids []string
	for _, request := range requests {
		ids = append(ids, onlyItem(t, s, request).ID)
		must(t, s.Store.Items.Withdraw(t.Context(), s.Agency.ID, request, "Lars Holm", ids[len(ids)-1:]))
	}
	s.Sync()
	s.Fault("hubspot", "down", false)
	for _, request := range requests {
		until(t, "the end", func() bool {
			must(t, s.Hub.Checks.CheckNow(t.Context(), ids...))
			s.Sync()
			return onlyItem(t, s, request).State == onboarding.ItemEnded
		})
		if ended := onlyItem(t, s, request); !ended.Proven {
			t.Errorf("it ended as %+v", ended)
		}
	}
}

// TestForgettingReachesTheReports, also what another computer or the operator does. A
// sub-user's report does not speak of computers that a sub-user does not see.
func TestForgettingReachesTheReports(t *testing.T) {
	s := relaytest.NewScene(t)
	invited, err := s.Hub.InviteMember(t.Context(), "Ben Okoro", "ben@northlight.example", onboarding.SubUser)
	must(t, err)
	ben := s.Relay.Hub(t, invited.Code.Secret())
	colleague := s.Relay.Hub(t, issued(t, s))
	open, err := ben.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Fjord", Services: hubSpot()})
	must(t, err)
	synced(t, ben)
	if report := offboarded(t, ben, begun(t, ben, open)); !report.OwnDevices || len(report.Devices) != 0 {
		t.Errorf("the sub-user's report is %+v", report)
	}

	request, link := s.Request(onboarding.ActiveCampaign)
	v, account := s.Browser(), s.World.Keys("activecampaign")[0]
	v.Enter(link, "Nadia Berger", "nadia@northwind.example")
	v.Press("Add ActiveCampaign")
	v.Fill("API URL", account.URL)
	v.Fill("API key", account.Key)
	v.Press("Connect")
	v.Follow("Next Step")
	v.Press("Finish")
	worksAll(t, s, request, 1)
	id := begun(t, s.Hub, request)
	report := offboarded(t, s.Hub, id)
	if report.OwnDevices || !strings.Contains(report.Items[0].Next, "Nadia") {
		t.Fatalf("the report is %+v", report)
	}
	_, err = s.Admin.PersonForget(t.Context(), "nadia@northwind.example")
	must(t, err)
	until(t, "that the report forgets her", func() bool {
		s.Sync()
		report, err = s.Hub.Offboardings.Read(t.Context(), id)
		must(t, err)
		return report.Items[0].Next+report.Items[0].Note+report.Items[0].NoteFor == ""
	})
	synced(t, colleague)
	must(t, colleague.Outbox.DeleteClient(t.Context(), request))
	until(t, "that the report is gone", func() bool {
		s.Sync()
		_, err := s.Hub.Offboardings.Read(t.Context(), id)
		return errors.Is(err, onboarding.ErrNotFound)
	})
}
