package wizard_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

const colleague = "lars@harbourpine.example"

// linkTo waits for the email with a subject to an address, and returns the link in it.
func linkTo(t *testing.T, s *relaytest.Scene, address, subject string) (link, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	m, err := s.World.Mail.Await(ctx, func(m sandbox.Message) bool {
		return len(m.To) == 1 && m.To[0] == address && strings.HasSuffix(m.Subject, subject)
	})
	if err != nil {
		t.Fatalf("waiting for the email %q to %s: %v", subject, address, err)
	}
	link = regexp.MustCompile(regexp.QuoteMeta(s.URL) + `/r/[A-Za-z0-9_-]+`).FindString(m.Text)
	if link == "" {
		t.Fatalf("the email %q has no link: %s", subject, m.Text)
	}
	return link, m.Text
}

func TestF8AColleagueDoesTheirPartAndBothSeeEachOther(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot, onboarding.Salesforce)
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{"marta@harbourpine.example"}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	invited, _ := linkTo(t, s, "marta@harbourpine.example", "Onboarding Request: Northlight Media")

	marta := s.Browser()
	marta.Enter(invited, "Marta <b>Lind</b>", "marta@harbourpine.example")
	visit := visitOf(marta)
	marta.Open(visit + "/skip/salesforce")
	marta.Fill("Reason", "We left it")
	marta.Press("Skip it")
	marta.Open(visit + "/platforms")
	marta.Follow("Someone else looks after this (HubSpot)")
	marta.Reads("Who looks after HubSpot?")
	marta.Fill("Your colleague’s email", "MARTA@harbourpine.example")
	marta.Press("Send it to them")
	marta.Reads("This address has the request already")
	marta.Fill("Your colleague’s email", colleague)
	marta.Press("Send it to them")
	marta.Reads("A colleague looks after HubSpot", colleague+" was asked on")

	link, text := linkTo(t, s, colleague, "needs your part")
	if !strings.Contains(text, "marta@harbourpine.example") || strings.Contains(text, "Lind") ||
		!strings.Contains(text, "HubSpot") || strings.Contains(text, "Salesforce") {
		t.Errorf("the colleague's email is: %s", text)
	}
	marta.Follow("Next Step")
	marta.Reads("Is this everything of your part?", "Still open: HubSpot")
	marta.Press("Finish my part")
	marta.Reads("Your part is done", "Still open: HubSpot")

	lars := s.Browser()
	lars.Open(link)
	lars.Reads("asks you to look after HubSpot")
	if lars.Page.Has("Salesforce") || lars.Page.Has("I cannot do this") {
		t.Errorf("the colleague's page has more than their part: %s", lars.Page.Text())
	}
	onlyTheirPart(t, s, lars, link)
	s.Pass(2 * time.Minute) // an address gets one email a minute
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{colleague}); err != nil {
		t.Fatal(err) // the agency invites him to all of it
	}
	s.Sync()
	all, _ := linkTo(t, s, colleague, "Onboarding Request: Northlight Media")
	invitee := s.Browser()
	invitee.Open(all)
	invitee.Reads("Salesforce", "HubSpot", "I cannot do this")
	lars.Open(link) // the part is what it was
	if lars.Page.Has("Salesforce Not") || !lars.Page.Has("Continue as Lars") {
		t.Errorf("the link to a part leads to %s", lars.Page.Text())
	}
	lars.Follow("Continue as Lars")
	lars.Press("Add HubSpot")
	lars.Follow("Proceed")
	lars.Press("Lars Holm")
	lars.Press("Harbour & Pine AB")
	lars.Press("Allow")
	lars.Follow("Close")
	marta.Open(invited)
	marta.Reads("So far", "harbourpine.example Connected") // she sees it; nothing ended her visit
	lars.Follow("Next Step")
	lars.Reads("What your colleagues look after", "Salesforce")
	lars.Press("Finish my part")
	lars.Reads("You are done")
	s.Sync()
	if d := s.Details(id); d.Status != onboarding.Connected || d.CompletedBy != "Lars Holm" {
		t.Errorf("with all parts done it is %s, completed by %q", d.Status, d.CompletedBy)
	}
}

// onlyTheirPart asks for everything that is not in a part: whole steps, and what is about
// all of the request.
func onlyTheirPart(t *testing.T, s *relaytest.Scene, v *relaytest.Browser, link string) {
	t.Helper()
	v.Enter(link, "Lars Holm", colleague)
	visit := visitOf(v)
	cookies := cookiesOf(t, s, v)
	ask := func(method, address string, form url.Values) int {
		answer, _ := relaytest.Do(t, nil, method, address, form,
			map[string]string{"Sec-Fetch-Site": "same-origin", "Cookie": cookies})
		return answer.StatusCode
	}
	for _, row := range wizardRows() {
		foreign := strings.Contains(row.at, "salesforce") || strings.Contains(row.at, "/facebook") ||
			strings.Contains(row.at, "/decline") || strings.Contains(row.at, "activecampaign")
		if !foreign || row.door == apart || strings.HasSuffix(row.at, "/sent") {
			continue
		}
		method, base := http.MethodGet, visit
		if row.form != nil {
			method = http.MethodPost
		}
		if row.door == ofLink {
			base = link
		}
		if status := ask(method, base+strings.ReplaceAll(row.at, "{sign}", "x"), row.form); status != http.StatusNotFound {
			t.Errorf("%s with a link to HubSpot alone: status %d, want 404", row.route, status)
		}
	}
	widen := func(services string) {
		if err := s.Store.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), `UPDATE recipients SET services = $1 WHERE scoped = 1`, services)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	widen(`["hubspot","salesforce"]`)
	for _, address := range []string{link, visit + "/platforms"} {
		if status := ask(http.MethodGet, address, nil); status < http.StatusInternalServerError {
			t.Errorf("with a part that was widened in the database %s answers %d", address, status)
		}
	}
	widen(`["hubspot"]`)
}

// TestSeveralServicesGoToAColleagueByOneEmail: one gesture is one of the three.
func TestSeveralServicesGoToAColleagueByOneEmail(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.ActiveCampaign, onboarding.HubSpot, onboarding.Mailchimp, onboarding.Salesforce)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	visit := visitOf(v)
	v.Open(visit + "/skip/mailchimp")
	v.Fill("Reason", "We left it")
	v.Press("Skip it")
	v.Open(visit + "/hand-over/hubspot")
	v.Reads("Do they look after more?", "ActiveCampaign", "Salesforce")
	if v.Page.Has("Mailchimp") {
		t.Errorf("it offers what was skipped: %s", v.Page.Text())
	}
	v.Tick("Salesforce")
	v.Fill("Your colleague’s email", "lars@harbourpine")
	v.Press("Send it to them")
	v.Reads("is not a full address")
	v.Fill("Your colleague’s email", colleague) // the tick is kept
	v.Press("Send it to them")
	v.Reads("A colleague looks after Salesforce and HubSpot", colleague+" was asked on")
	theirs, text := linkTo(t, s, colleague, "needs your part")
	if !strings.Contains(text, "Salesforce and HubSpot") || strings.Contains(text, "ActiveCampaign") {
		t.Errorf("the email is %s", text)
	}
	lars := s.Browser()
	lars.Open(theirs)
	lars.Reads("asks you to look after Salesforce and HubSpot")

	v.Open(visit + "/hand-over/activecampaign")
	v.Reads("2 more times")
	// What is settled, and what the request does not ask for, cannot be sent along.
	answer, _ := relaytest.Do(t, v.Jar(), http.MethodPost, visit+"/hand-over/activecampaign",
		url.Values{"email": {"eva@harbourpine.example"}, "also": {"mailchimp", "salesforce", "facebook", "x"}},
		relaytest.SameOrigin())
	if answer.StatusCode != http.StatusSeeOther || s.Emails(id, store.EmailHandOver) != 2 {
		t.Errorf("the second one: status %d, %d emails", answer.StatusCode, s.Emails(id, store.EmailHandOver))
	}
	handed, err := s.Store.Requests.HandOvers(t.Context(), id)
	if err != nil || handed.Left != 1 || len(handed.To) != 2 ||
		!slices.Equal(handed.To[1].Services, []onboarding.Service{onboarding.ActiveCampaign}) {
		t.Errorf("handed over are %+v and %v", handed, err)
	}

	lars.Enter(theirs, "Lars Holm", colleague)
	lars.Press("Add HubSpot")
	lars.Follow("Proceed")
	lars.Press("Lars Holm")
	lars.Press("Harbour & Pine AB")
	lars.Press("Allow")
	v.Open(visit + "/summary")
	v.Reads("Still open: Salesforce and ActiveCampaign") // what is connected is not, though he is at work
}

func TestAHandOverIsNotForPhonesAndEndsAfterThree(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	at := visitOf(v) + "/hand-over/hubspot"
	answer, _ := relaytest.Do(t, v.Jar(), http.MethodPost, at, url.Values{"email": {colleague}},
		map[string]string{"User-Agent": relaytest.IPhone, "Sec-Fetch-Site": "same-origin"})
	if answer.StatusCode != http.StatusForbidden || s.Emails(id, store.EmailHandOver) != 0 {
		t.Errorf("a phone hands over: status %d, %d emails", answer.StatusCode, s.Emails(id, store.EmailHandOver))
	}
	for _, address := range []string{"a@x.example", "b@x.example", "c@x.example"} {
		v.Open(at)
		v.Fill("Your colleague’s email", address)
		v.Press("Send it to them")
		v.Reads(address + " was asked on")
	}
	v.Open(at)
	v.Reads("sent to colleagues three times")
	answer, _ = relaytest.Do(t, v.Jar(), http.MethodPost, at, url.Values{"email": {"d@x.example"}}, relaytest.SameOrigin())
	if answer.StatusCode != http.StatusUnprocessableEntity || s.Emails(id, store.EmailHandOver) != 3 {
		t.Errorf("a fourth one: status %d, %d emails", answer.StatusCode, s.Emails(id, store.EmailHandOver))
	}
}

// Who was asked and is asked for more has one email: its link opens that, too.
func TestAFurtherServiceIsOpenedByTheLinkThatAColleagueHas(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook, onboarding.Mailchimp, onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	asks := func(service string, also ...string) {
		t.Helper()
		v.Open(visitOf(v) + "/hand-over/" + service)
		for _, box := range also {
			v.Tick(box)
		}
		v.Fill("Your colleague’s email", colleague)
		v.Press("Send it to them")
	}
	asks("hubspot", "Facebook")
	theirs, _ := linkTo(t, s, colleague, "needs your part")
	for range 2 { // the same again changes nothing
		asks("mailchimp")
		v.Reads("A colleague looks after Facebook, Mailchimp and HubSpot", colleague+" was asked on", "opens all of it")
	}
	lars := s.Browser()
	lars.Open(theirs)
	lars.Reads("asks you to look after Facebook, Mailchimp and HubSpot")
	if n := s.Emails(id, store.EmailHandOver); n != 1 {
		t.Errorf("%d emails went to the colleague, want 1", n)
	}
	s.Sync()
	var told []string
	for _, e := range s.Details(id).Events {
		if e.Kind == onboarding.EventHandedOver || e.Kind == onboarding.EventHandedMore {
			address, services := e.HandedTo()
			told = append(told, fmt.Sprint(e.Kind, " ", address, " ", services))
		}
	}
	slices.Sort(told)
	want := []string{
		"handed_more " + colleague + " [mailchimp]", "handed_over " + colleague + " [hubspot facebook]",
	}
	if !slices.Equal(told, want) {
		t.Errorf("the hub reads %q, want %q", told, want)
	}
}

// At the limit no further colleague can be asked, but one who was gets more.
func TestWhoWasAskedGetsMoreAtTheLimit(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Mailchimp, onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	visit := visitOf(v)
	asks := func(service, address string) {
		t.Helper()
		v.Open(visit + "/hand-over/" + service)
		v.Fill("Your colleague’s email", address)
		v.Press("Send it to them")
	}
	for _, address := range []string{"a@x.example", "b@x.example", "c@x.example"} {
		asks("hubspot", address)
		v.Reads(address + " was asked on")
	}
	asks("mailchimp", "d@x.example")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("sent to colleagues three times", "their link opens Mailchimp, too", "No further email about this request")
	asks("mailchimp", "b@x.example")
	v.Reads("A colleague looks after Mailchimp", "b@x.example was asked on")
	if n := s.Emails(id, store.EmailHandOver); n != 3 {
		t.Errorf("%d emails went to colleagues, want 3", n)
	}
}

// At the limit the page offers those who were asked only while they can be asked for more:
// with an email of today, or once they have opened theirs.
func TestTheLimitOffersOnlyColleaguesWhoTakeMore(t *testing.T) {
	s := relaytest.NewScene(t)
	_, link := s.Request(onboarding.Mailchimp, onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	visit := visitOf(v)
	const offer = "their link opens Mailchimp, too"
	for _, address := range []string{"a@x.example", "b@x.example", colleague} {
		v.Open(visit + "/hand-over/hubspot")
		v.Fill("Your colleague’s email", address)
		v.Press("Send it to them")
	}
	theirs, _ := linkTo(t, s, colleague, "needs your part")
	v.Open(visit + "/hand-over/mailchimp")
	v.Reads(offer)
	s.Pass(25 * time.Hour)
	v.Open(link)
	v.Follow("Continue as Marta")
	v.Open(visit + "/hand-over/mailchimp")
	v.Reads("sent to colleagues three times")
	if strings.Contains(v.Page.Text(), offer) {
		t.Errorf("a day later the page offers whom the relay refuses: %s", v.Page.Text())
	}
	lars := s.Browser()
	lars.Enter(theirs, "Lars Holm", colleague)
	v.Open(visit + "/hand-over/mailchimp")
	v.Reads(offer)
	v.Fill("Your colleague’s email", colleague)
	v.Press("Send it to them")
	v.Reads("A colleague looks after Mailchimp", colleague+" was asked on")
}
