package wizard_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

const reviewOver = "This review is over"

// reviewLink starts the review of an app, and gives its link.
func reviewLink(t *testing.T, s *relaytest.Scene, of onboarding.Service) string {
	t.Helper()
	n := admin.NewReview{Service: of, App: "Kestrel", Days: 60, Contact: "help@kestrel.example", Base: s.URL}
	if of == onboarding.Facebook {
		n.Business = onboarding.Account{ID: relaytest.Business, Name: "Kestrel AB"}
	}
	review, err := s.Admin.StartReview(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return review.Link.Reveal()
}

func TestASecondReviewerWalksThroughLikeTheFirst(t *testing.T) {
	s := relaytest.NewScene(t)
	link := reviewLink(t, s, onboarding.HubSpot)
	seen := map[string]bool{}
	for range 2 {
		v := s.Browser()
		v.Open(link)
		v.Reads("Review of Kestrel", "HubSpot", "a key that nobody has", "deleted after 7 days")
		v.Press("Start the Review")
		request := v.Page.URL.String()
		if seen[request] {
			t.Error("two reviewers have one request")
		}
		seen[request] = true
		v.Reads("Kestrel Review", "belongs to the review of Kestrel", "Test client")
		v.ConnectHubSpot(request)
		v.Follow("Next Step")
		v.Press("Finish")
		v.Reads("Kestrel Review")
	}
	reviews, err := s.Store.Reviews.List(t.Context())
	if err != nil || len(reviews) != 1 || reviews[0].Started != 2 {
		t.Fatalf("the reviews are %+v, %v", reviews, err)
	}
	agency := reviews[0].Agency
	devices, err := s.Store.Devices.List(t.Context(), agency)
	if err != nil || len(devices) != 1 {
		t.Fatalf("the review's computers are %+v, %v", devices, err)
	}
	// It was sealed for that computer alone, and no code adds another.
	waiting, err := s.Store.Devices.Credentials(t.Context(), agency, devices[0].ID, reviews[0].Member)
	if err != nil || waiting.Waiting != 0 {
		t.Errorf("the computer that nobody has waits for %+v, %v", waiting, err)
	}
	items, _, err := s.Store.Devices.CredentialSubjects(t.Context(), devices[0].ID)
	if err != nil || len(items) == 0 {
		t.Errorf("sealed for it: %v, %v", items, err)
	}
	if _, _, err := s.Admin.MemberCode(t.Context(), "", "help@kestrel.example"); err == nil {
		t.Error("a code adds a computer to a review")
	}
	listed, err := s.Admin.ListAgencies(t.Context())
	if err != nil || slices.ContainsFunc(listed, func(a admin.ListedAgency) bool { return a.ID == agency }) {
		t.Errorf("a review is listed among the agencies: %v", err)
	}

	s.Pass(8 * 24 * time.Hour)
	if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	for request := range seen {
		v := s.Browser()
		v.Open(request)
		v.Sees(http.StatusGone)
	}
	if err := s.Admin.EndReview(t.Context(), onboarding.HubSpot); err != nil {
		t.Fatal(err)
	}
	v := s.Browser()
	v.Open(link)
	v.Sees(http.StatusGone)
	v.Reads(reviewOver)
}

func TestAReviewerSharesWithTheBusinessOfTheReview(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.Browser()
	v.Open(reviewLink(t, s, onboarding.Facebook))
	v.Reads("goes to the business", "Kestrel AB")
	v.Press("Start the Review")
	v.SignInAtFacebook(v.Page.URL.String(), "Mina Ito")
	v.Reads("Kestrel AB")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Reads("Connected")
}

// The link of a review has one page: no other address below it opens anything.
func TestEveryAddressForClientsKnowsTheLinkOfAReview(t *testing.T) {
	s := relaytest.NewScene(t)
	link := reviewLink(t, s, onboarding.HubSpot)
	before := relaytest.SettledDigest(t, s)
	for _, row := range wizardRows() {
		if row.door != ofLink && row.door != anywhere || row.at == "" {
			continue
		}
		method := http.MethodGet
		if row.form != nil {
			method = http.MethodPost
		}
		answer, _ := relaytest.Do(t, nil, method, link+row.at, row.form, relaytest.SameOrigin())
		if answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want %d", row.route, answer.StatusCode, http.StatusNotFound)
		}
	}
	below := strings.Replace(link, "/r/", "/l/", 1)
	for at, want := range map[string]int{
		link: http.StatusOK, below + "/genuine": http.StatusNotFound, below + "/report": http.StatusNotFound,
	} {
		answer, _ := relaytest.Do(t, nil, http.MethodGet, at, nil, relaytest.SameOrigin())
		if answer.StatusCode != want {
			t.Errorf("%s: status %d, want %d", at, answer.StatusCode, want)
		}
	}
	for method, status := range map[string]int{http.MethodGet: http.StatusOK, http.MethodPost: http.StatusForbidden} {
		phone := relaytest.SameOrigin()
		phone["User-Agent"] = relaytest.IPhone
		answer, text := relaytest.Do(t, nil, method, link, url.Values{}, phone)
		if answer.StatusCode != status || !strings.Contains(text, onAComputer) {
			t.Errorf("%s on a phone: status %d, want %d", method, answer.StatusCode, status)
		}
	}
	crossSite, _ := relaytest.Do(t, nil, http.MethodPost, link, url.Values{}, map[string]string{
		"Sec-Fetch-Site": "cross-site",
	})
	if crossSite.StatusCode != http.StatusForbidden {
		t.Errorf("another site starts a review: status %d", crossSite.StatusCode)
	}
	if after := relaytest.DatabaseDigest(t, s); after != before {
		t.Error("looking at the link of a review has changed the database")
	}
	for range store.ReviewRequestsPerDay {
		relaytest.Do(t, nil, http.MethodPost, link, url.Values{}, relaytest.SameOrigin())
	}
	answer, _ := relaytest.Do(t, nil, http.MethodPost, link, url.Values{}, relaytest.SameOrigin())
	if answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one start too many: status %d", answer.StatusCode)
	}
}
