package wizard_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestF6APhoneGetsTheWayToAComputerAndNoStep(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot)
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{"marta@harbourpine.example"}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	link := s.LinkOf(id)
	for _, browser := range []string{relaytest.IPhone, relaytest.Pixel, relaytest.Tablet, relaytest.OldIPad} {
		v := s.Browser()
		v.UserAgent = browser
		v.Open(link)
		v.Reads("Please open this on a computer")
		if v.Page.Has("Grant Permission Now") {
			t.Errorf("%s is offered a step", browser)
		}
		for _, path := range []string{"", "/about", "/someone-else"} {
			answer, _ := relaytest.Do(t, v.Jar(), http.MethodPost, link+path, url.Values{"name": {"Marta"}, "email": {
				"marta@harbourpine.example",
			}},
				map[string]string{"User-Agent": browser, "Sec-Fetch-Site": "same-origin"})
			if answer.StatusCode != http.StatusForbidden {
				t.Errorf("POST %s from %s: status %d", path, browser, answer.StatusCode)
			}
		}
	}
	v := s.Browser()
	v.Header = http.Header{"Sec-Ch-Ua-Mobile": {"?1"}}
	v.Open(link)
	v.Reads("Please open this on a computer")
	s.Sync()
	if d := s.Details(id); d.Opened != 0 {
		t.Error("a phone has opened the request")
	}
}

func TestAPhoneAsksForTheLinkAndLearnsNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot)
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{"marta@harbourpine.example"}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	s.Pass(2 * time.Minute) // one email a minute to an address
	var answers []string
	for _, address := range []string{" MARTA@harbourpine.example\u200b", "stranger@elsewhere.example"} {
		v := s.Browser()
		v.UserAgent = relaytest.IPhone
		v.Open(s.LinkOf(id))
		v.Fill("Your email", address)
		v.Press("Email me the link")
		answers = append(answers, v.Page.Text())
	}
	if answers[0] != answers[1] {
		t.Errorf("the answers differ:\n%s\n%s", answers[0], answers[1])
	}
	if sent := s.Emails(id, store.EmailPhoneLink); sent != 1 {
		t.Errorf("%d emails with the link, want one to the recipient", sent)
	}
	copied := s.Browser()
	copied.UserAgent = relaytest.IPhone
	copied.Open(s.Link(onboarding.HubSpot))
	if copied.Page.Has("Email me the link") {
		t.Error("mail is offered for a request without recipients")
	}
}

// A recipient in a domain of their own script gets the link in whichever form
// they write their address.
func TestAPhoneIsSentTheLinkHoweverItsAddressIsWritten(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot)
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{"marta@bücher.example"}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	for n, address := range []string{
		"Marta@xn--bcher-kva.example", "marta@BÜCHER.example", "marta@bu\u0308cher.example",
	} {
		s.Pass(2 * time.Minute) // one email a minute to an address
		v := s.Browser()
		v.UserAgent = relaytest.IPhone
		v.Open(s.LinkOf(id))
		v.Fill("Your email", address)
		v.Press("Email me the link")
		want := min(n+1, 3)
		if sent := s.Emails(id, store.EmailPhoneLink); sent != want {
			t.Errorf("%s: %d emails with the link, want %d", address, sent, want)
		}
	}
}

func TestATabletThatSaysItIsAMacIsFoundByItsStyleSheet(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	v := s.Browser()
	v.UserAgent = relaytest.MacSafari
	v.Open(link)
	v.Reads("Grant Permission Now")
	if !strings.Contains(v.Page.HTML, "/touch.css") {
		t.Error("a Macintosh does not load the style sheet that finds tablets")
	}
	answer, _ := relaytest.Do(t, v.Jar(), http.MethodGet, s.URL+"/touch", nil,
		map[string]string{"User-Agent": relaytest.MacSafari})
	if answer.StatusCode != http.StatusNoContent {
		t.Errorf("what the style sheet fetches: status %d", answer.StatusCode)
	}
	v.Open(link)
	v.Reads("Please open this on a computer")

	laptop := s.Browser()
	laptop.Open(link)
	if strings.Contains(laptop.Page.HTML, "/touch.css") {
		t.Error("a Windows laptop is asked about its pointer")
	}
	// a laptop with a touch screen may ask all the same
	_, _ = relaytest.Do(t, laptop.Jar(), http.MethodGet, s.URL+"/touch", nil, nil)
	laptop.Open(link)
	laptop.Reads("Grant Permission Now")
	fox := s.Browser()
	fox.UserAgent = relaytest.Firefox
	fox.Open(link)
	fox.Reads("Grant Permission Now")
}

func TestABackAndADoubleClickDoWhatAPersonExpects(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.ConnectHubSpot(link)
	list := v.Page.URL.String()
	visit := strings.Split(list, "/platforms")[0]
	for range 2 { // the form of the name page, sent twice
		answer, _ := relaytest.Do(
			t, v.Jar(), http.MethodPost, link+"/about", url.Values{"name": {"Lars Holm"}, "email": {"lars@harbourpine.example"}},
			relaytest.SameOrigin(),
		)
		if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != strings.TrimPrefix(visit, s.URL) {
			t.Errorf("the same person again: status %d to %s", answer.StatusCode, answer.Header.Get("Location"))
		}
	}
	v.Open(link)
	v.Reads("Go on where you stopped?", "l•••@harbourpine.example")
	v.Follow("Continue as Lars")
	v.Open(list)
	v.Follow("Next Step")
	for range 2 {
		answer, _ := relaytest.Do(t, v.Jar(), http.MethodPost, visit+"/finish", url.Values{}, relaytest.SameOrigin())
		if answer.StatusCode != http.StatusSeeOther || !strings.HasSuffix(answer.Header.Get("Location"), "/done") {
			t.Errorf("Finish, pressed twice: status %d to %s", answer.StatusCode, answer.Header.Get("Location"))
		}
	}
	v.Open(visit + "/done")
	v.Sees(http.StatusOK)
	v.Open(list)
	v.Sees(http.StatusGone)
	s.Sync()
	d := s.Details(id)
	finished := 0
	for _, e := range d.Events {
		if e.Kind == onboarding.EventFinished {
			finished++
		}
	}
	if finished != 1 || d.CompletedBy != "Lars Holm" {
		t.Errorf("finished %d times, by %q", finished, d.CompletedBy)
	}
}

func TestNextDayOnlyTheSignInIsLost(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	s.Pass(26 * time.Hour)
	v.Open(link)
	v.Reads("Go on where you stopped?", "1 ad account", "Facebook signs you out here after an hour")
	v.Follow("Continue as Marta")
	v.Reads("Is this everything?")
	v.Open(strings.Replace(v.Page.URL.String(), "/summary", "/facebook/assets", 1))
	v.Reads("Harbour & Pine EU", "Connected")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press("Allow")
	v.Reads("Choose what to share")
}

func TestAnotherNameAtTheSameBrowserDropsTheOthersSignIn(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	before, err := s.Store.Visits.ListByRequest(t.Context(), id)
	if err != nil || len(before) != 1 || len(before[0].SealedToken) == 0 {
		t.Fatalf("visits: %+v, %v", before, err)
	}
	v.Open(link + "/about")
	v.Fill("Your name", "Lars Holm")
	v.Fill("Your work email", "lars@harbourpine.example")
	v.Press("View request")
	v.Reads("Add")
	old, err := s.Store.Visits.Get(t.Context(), before[0].ID)
	if err != nil || old.Ended == 0 || len(old.SealedToken) != 0 {
		t.Errorf("the visit before is %+v, %v", old, err)
	}
}

// What a colleague skipped, this person may be the one for.
func TestWhoComesAfterASkipIsAskedAllTheSame(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	marta := s.Browser()
	marta.Enter(link, "Marta Lind", "marta@harbourpine.example")
	marta.Follow("Skip the rest")
	marta.Fill("Reason", "Lars looks after HubSpot.")
	marta.Press("Skip it")
	marta.Reads("Nothing is connected yet")
	lars := s.Browser()
	lars.Enter(link, "Lars Holm", "lars@harbourpine.example")
	lars.Reads("Connect your other platforms", "You said: “Lars looks after HubSpot.”")
	lars.Press("Add HubSpot")
	lars.Reads("What Northlight Media can do in HubSpot")
}

func TestALostCookieLosesASignInAndNothingElse(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.ConnectHubSpot(link)
	again := s.Browser()
	again.Enter(link, "Lars Holm", "lars@harbourpine.example")
	again.Reads("Portal 26114873", "Connected")
	again.Press("Finish")
	again.Sees(http.StatusOK)
	s.Sync()
	if d := s.Details(id); d.Status != onboarding.Connected {
		t.Errorf("the request is %s", d.Status)
	}
}

func TestOfManyWhoFinishAtOnceOneWins(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	first := s.Browser()
	first.ConnectHubSpot(link)
	const many = 50
	visits, jars := make([]string, many), make([]http.CookieJar, many)
	for i := range many {
		v := s.Browser()
		v.Enter(link, "Person "+string(rune('A'+i%26)), "person"+string(rune('a'+i%26))+"@harbourpine.example")
		visits[i], jars[i] = strings.Split(v.Page.URL.String(), "/summary")[0], v.Jar()
		visits[i] = strings.Split(visits[i], "/platforms")[0]
	}
	statuses := make([]int, many)
	var group sync.WaitGroup
	for i := range many {
		group.Go(func() {
			answer, _ := relaytest.Do(t, jars[i], http.MethodPost, visits[i]+"/finish", url.Values{}, relaytest.SameOrigin())
			statuses[i] = answer.StatusCode
		})
	}
	group.Wait()
	won := 0
	for _, status := range statuses {
		switch status {
		case http.StatusSeeOther:
			won++
		case http.StatusGone:
		default:
			t.Errorf("a finish was answered %d", status)
		}
	}
	if won != 1 {
		t.Errorf("%d finishes won", won)
	}
	s.Sync()
	if d := s.Details(id); d.Status != onboarding.Connected {
		t.Errorf("the request is %s", d.Status)
	}
}

func TestAFinishWithNothingLeavesTheLinkOpenAndTellsTheRequester(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Follow("Skip HubSpot")
	v.Press("Skip")
	v.Sees(http.StatusUnprocessableEntity)
	v.Fill("Reason", "Lars looks after it")
	v.Press("Skip")
	v.Reads("Lars looks after it")
	v.Press("Finish")
	v.Sees(http.StatusOK)
	other := s.Browser()
	other.Open(link)
	other.Sees(http.StatusOK)
	s.Sync()
	d := s.Details(id)
	if d.Status != onboarding.Pending || len(d.Skipped) != 1 || d.Skipped[0].Reason != "Lars looks after it" {
		t.Errorf("the hub has it as %s, skipped %v", d.Status, d.Skipped)
	}
	if s.Emails(id, store.EmailNothingConnected) == 0 {
		t.Error("the requester is not told")
	}
}

func TestSkippingTakesAReasonAndTheSummaryRepeatsIt(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot, onboarding.ActiveCampaign)
	v := s.Browser()
	v.ConnectHubSpot(link)
	v.Follow("Skip the rest")
	v.Reads("ActiveCampaign")
	v.Fill("Reason", "We left it last year")
	v.Press("Skip")
	v.Reads("We left it last year", "Portal 26114873")
	v.Press("Finish")
	v.Reads("We left it last year")
	s.Sync()
	if d := s.Details(id); d.Status != onboarding.Connected || len(d.Skipped) != 1 {
		t.Errorf("the hub has it as %s, skipped %v", d.Status, d.Skipped)
	}
}

func TestTheAgencysBrandIsOnEveryPageWhenItIsOn(t *testing.T) {
	s := relaytest.NewScene(t)
	picture := image.NewNRGBA(image.Rect(0, 0, 200, 60))
	for i := range 60 {
		picture.Set(i, i, color.NRGBA{R: 200, G: 10, B: 10, A: 255})
	}
	var logo bytes.Buffer
	if err := png.Encode(&logo, picture); err != nil {
		t.Fatal(err)
	}
	link := s.Link(onboarding.HubSpot)
	v := s.Browser()
	v.Open(link)
	if strings.Contains(v.Page.HTML, "/logo/") || strings.Contains(v.Page.HTML, "/brand/") || v.Page.Says("Ana Ruiz") {
		t.Error("the brand shows while it is off")
	}
	if err := s.Hub.Outbox.SaveBrand(t.Context(), wire.SaveBrandParams{
		Company: "Northlight Studio", Logo: logo.Bytes(), Colour: "#aa3311", ShowRequester: true,
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Hub.Outbox.SwitchBrand(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	v.Open(link)
	v.Reads("Northlight Studio asks for access", "Ana Ruiz", "For Northlight Media, through")
	for _, part := range []string{"/brand/aa3311.css", "/logo/"} {
		at := strings.Index(v.Page.HTML, part)
		if at < 0 {
			t.Fatalf("the page does not load %s", part)
		}
		address := v.Page.HTML[at:]
		address = address[:strings.IndexAny(address, `"'`)]
		answer, body := relaytest.Do(t, v.Jar(), http.MethodGet, s.URL+address, nil, nil)
		if answer.StatusCode != http.StatusOK || !strings.Contains(answer.Header.Get("Cache-Control"), "immutable") ||
			len(body) == 0 {
			t.Errorf("%s: status %d, %q", address, answer.StatusCode, answer.Header.Get("Cache-Control"))
		}
	}
	if strings.Contains(strings.ToLower(v.Page.Text()), "latchkey") {
		t.Error("our own name is on a white-label page")
	}
}

func TestADoubleConnectSharesEachAssetOnce(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Sam Xu")
	s.Fault("meta", "slow", true)
	var accounts []string
	for i := range 5 {
		accounts = append(
			accounts, "act_"+[]string{"60310077000", "60310077011", "60310077022", "60310077033", "60310077044"}[i],
		)
	}
	visit := strings.Split(v.Page.URL.String(), "/facebook")[0]
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			answer, _ := relaytest.Do(t, v.Jar(), http.MethodPost, visit+"/facebook/connect",
				url.Values{"ad_account": accounts}, relaytest.SameOrigin())
			if answer.StatusCode != http.StatusSeeOther {
				t.Errorf("status %d", answer.StatusCode)
			}
		})
	}
	group.Wait()
	s.Fault("meta", "slow", false)
	deadline := time.Now().Add(20 * time.Second)
	for {
		items, err := s.Store.Items.ListByRequest(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		done := slices.IndexFunc(items, func(i onboarding.Item) bool { return i.State != onboarding.ItemConnected }) < 0
		if len(items) == 5 && done {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d items: %+v", len(items), items)
		}
		time.Sleep(100 * time.Millisecond)
	}
	v.Open(visit + "/facebook/assets")
	v.Reads("Connected")
}

func TestAnInterruptedSharingIsSaidTheNextDayToo(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	if _, err := s.Store.Items.StartSharing(t.Context(), s.Agency.ID, id, []onboarding.Item{{
		Service: onboarding.Facebook, Kind: onboarding.AdAccount, Account: "act_44712096118", Name: "Harbour & Pine EU",
	}}); err != nil {
		t.Fatal(err)
	}
	s.Pass(26 * time.Hour)
	if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	items, err := s.Store.Items.ListByRequest(t.Context(), id)
	if err != nil || len(items) != 1 || items[0].Failure != string(catalog.SharingInterrupted) {
		t.Fatalf("items: %+v, %v", items, err)
	}
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Reads("Not finished. Connect it once more.")
	v.Press("Connect Assets") // it is ticked
	v.Reads("Harbour & Pine EU 4471 2096 118 · EUR Connected")
}

func TestAnInterruptedSharingGoesOnWhereItStopped(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	// As a relay leaves it that stopped between the two writes.
	if _, err := s.Store.Items.StartSharing(t.Context(), s.Agency.ID, id, []onboarding.Item{{
		Service: onboarding.Facebook, Kind: onboarding.AdAccount, Account: "act_44712096118", Name: "Harbour & Pine EU",
	}}); err != nil {
		t.Fatal(err)
	}
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets") // on a page of before: nobody shares it a second time
	v.Reads("Harbour & Pine EU 4471 2096 118 · EUR Sharing")
	s.Pass(store.SharingTimeout)
	v.Reload()
	v.Reads("Sharing") // another relay may be at it
	s.Pass(store.SharingInterruptedAfter - store.SharingTimeout)
	v.Reload()
	v.Press("Connect Assets") // it is ticked
	v.Reads("Harbour & Pine EU 4471 2096 118 · EUR Connected")
	items, err := s.Store.Items.ListByRequest(t.Context(), id)
	if err != nil || len(items) != 1 || items[0].State != onboarding.ItemConnected {
		t.Errorf("items: %+v, %v", items, err)
	}
}

// awaitEmailed opens a page again until it says that the receipt was emailed. Before, it
// says that it is on its way.
func awaitEmailed(t *testing.T, v *relaytest.Browser) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !v.Page.Says("Your receipt was emailed to you"); {
		if !v.Page.Says("Your receipt is on its way") || time.Now().After(deadline) {
			t.Fatalf("the page says:\n%s", v.Page.Text())
		}
		time.Sleep(20 * time.Millisecond)
		v.Open(v.Page.URL.String())
	}
}

func TestAPageNeverSaysOfAReceiptBeyondTheLimitThatItGoesOut(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Limits: onboarding.Limits{AddressEmails: 1}})
	finish := func() *relaytest.Browser {
		v := s.Browser()
		v.ConnectHubSpot(s.Link(onboarding.HubSpot))
		v.Follow("Next Step")
		v.Press("Finish")
		return v
	}
	first, second := finish(), finish()
	first.Reads("this receipt goes to your inbox too")
	second.Reads("You can close this page.", "Your receipt is not emailed: too many emails went out today.",
		"Print this page, or open it again tomorrow and ask for the email.")
	for _, untrue := range []string{"inbox", "on its way", "Email me my receipt"} {
		if second.Page.Says(untrue) {
			t.Errorf("the page says %q", untrue)
		}
	}
	awaitReceipts(t, s, "lars@harbourpine.example", 1)
	asked, _ := relaytest.Do(t, second.Jar(), http.MethodPost,
		strings.TrimSuffix(second.Page.URL.String(), "done")+"receipt", url.Values{}, relaytest.SameOrigin())
	if asked.StatusCode != http.StatusSeeOther {
		t.Errorf("asking beyond the limit: status %d", asked.StatusCode)
	}
	s.Pass(25 * time.Hour)
	second.Open(second.Page.URL.String())
	second.Press("Email me my receipt")
	awaitEmailed(t, second)
	awaitReceipts(t, s, "lars@harbourpine.example", 2)
}

// awaitReceipts waits until a person has so many receipts, and gives how many each has.
func awaitReceipts(t *testing.T, s *relaytest.Scene, address string, want int) map[string]int {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		mailed := map[string]int{}
		for _, m := range s.World.Mail.Messages() {
			if strings.HasPrefix(m.Subject, "Your receipt") {
				mailed[m.To[0]]++
			}
		}
		if mailed[address] == want {
			return mailed
		}
	}
	t.Fatalf("%s has not got %d receipts", address, want)
	return nil
}

// The one who finished is mailed the receipt at once, and once more when they
// ask; whoever connected something before is mailed theirs, and reads nothing
// of the others' there.
func TestEverybodyGetsTheReceiptOfWhatTheyDid(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot, onboarding.ActiveCampaign)
	nadia, lars, idle := s.Browser(), s.Browser(), s.Browser()
	idle.Enter(link, "Ida Berg", "ida@harbourpine.example")
	account := s.World.Keys("activecampaign")[0]
	nadia.Enter(link, "Nadia Berger", "nadia@northwind.example")
	nadia.Press("Add ActiveCampaign")
	nadia.Fill("API URL", account.URL)
	nadia.Fill("API key", account.Key)
	nadia.Press("Connect")
	lars.ConnectHubSpot(link)
	lars.Follow("Next Step")
	lars.Press("Finish")
	lars.Reads("northwind", "Portal 26114873")
	awaitReceipts(t, s, "lars@harbourpine.example", 1)
	s.Pass(time.Minute) // before that no second one goes to the same mailbox
	lars.Press("Email the receipt again")
	awaitEmailed(t, lars)
	lars.Open(link)
	lars.Sees(http.StatusGone)
	lars.Reads("You finished this")
	lars.Follow("Show my receipt")
	lars.Reads("You are done")

	nadia.Open(link)
	nadia.Sees(http.StatusGone)
	nadia.Reads("Lars has finished this")
	nadia.Press("Email me my receipt")
	nadia.Sees(http.StatusGone)
	awaitEmailed(t, nadia)
	again, _ := relaytest.Do(
		t, nadia.Jar(), http.MethodPost, strings.TrimSuffix(nadia.Page.URL.String(),
			"/")+"/receipt", url.Values{}, relaytest.SameOrigin(),
	)
	if again.StatusCode != http.StatusSeeOther {
		t.Errorf("asking twice: status %d", again.StatusCode)
	}
	idle.Open(link)
	if idle.Page.Says("receipt") {
		t.Error("a receipt is offered to somebody who connected nothing")
	}
	refused, _ := relaytest.Do(
		t, idle.Jar(), http.MethodPost, strings.Replace(nadia.Page.URL.String(), "/w/", "/w/x", 1)+"/receipt", url.Values{},
		relaytest.SameOrigin(),
	)
	if refused.StatusCode < 400 {
		t.Errorf("somebody else's receipt: status %d", refused.StatusCode)
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	hers, err := s.World.Mail.Await(ctx, func(m sandbox.Message) bool {
		return strings.HasPrefix(m.Subject, "Your receipt") && m.To[0] == "nadia@northwind.example"
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(hers.Text, "northwind") || strings.Contains(hers.Text, "harbourpine.example") ||
		strings.Contains(hers.Text, "HubSpot") {
		t.Errorf("her receipt says:\n%s", hers.Text)
	}
	mailed := awaitReceipts(t, s, "lars@harbourpine.example", 2)
	if len(mailed) != 2 || mailed["lars@harbourpine.example"] != 2 || mailed["nadia@northwind.example"] != 1 {
		t.Errorf("receipts were mailed to %v", mailed)
	}
	reader := s.Browser()
	for _, word := range strings.Fields(hers.Text) {
		if strings.Contains(word, "/r/") {
			reader.Open(word)
			break
		}
	}
	reader.Sees(http.StatusOK)
	reader.Reads("northwind")
	address := reader.Page.URL.String()
	for _, item := range s.Details(id).Items {
		want := http.StatusNotFound // it is not hers
		if item.Service == onboarding.ActiveCampaign {
			want = http.StatusOK
		}
		for _, method := range []string{http.MethodGet, http.MethodPost}[:1+want/http.StatusNotFound] {
			answer, _ := relaytest.Do(t, nil, method, address+"/withdraw/"+item.ID, url.Values{}, relaytest.SameOrigin())
			if answer.StatusCode != want {
				t.Errorf("%s: withdrawing %s by her receipt: status %d, want %d", method, item.Name, answer.StatusCode, want)
			}
		}
	}
	if reader.Page.Says("HubSpot") || reader.Page.Says("26114873") {
		t.Errorf("her receipt's page says: %s", reader.Page.Text())
	}
}
