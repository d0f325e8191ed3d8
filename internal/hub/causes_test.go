package hub_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// causesShown lists the causes among what needs the user.
func causesShown(t testing.TB, s *relaytest.Scene) []replica.CauseView {
	t.Helper()
	todos, err := s.Hub.Todos(t.Context(), 50)
	must(t, err)
	var all []replica.CauseView
	for _, todo := range todos {
		if todo.Kind == hub.TodoCause {
			all = append(all, *todo.Cause)
		}
	}
	return all
}

// alerts collects what would become notifications.
type alerts struct {
	mu  sync.Mutex
	all []replica.Alert
}

func (a *alerts) add(c replica.Change) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, c.Alerts...)
}

func (a *alerts) of(kind replica.AlertKind) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, alert := range a.all {
		if alert.Kind == kind {
			n++
		}
	}
	return n
}

// sharedAtFacebook has two clients share five assets, which all work.
func sharedAtFacebook(t testing.TB, s *relaytest.Scene) (requests []string) {
	t.Helper()
	for _, assets := range [][]string{{"Harbour Garden", "Harbour Kitchens", "Harbour & Pine EU"}, {"Harbour Café Ads"}} {
		request, link := s.Request(onboarding.Facebook)
		v := s.Browser()
		v.SignInAtFacebook(link, "Mina Ito")
		for _, asset := range assets {
			v.Tick(asset)
		}
		v.Press("Connect Assets")
		s.Sync()
		requests = append(requests, request)
	}
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	s.Sync()
	for _, request := range requests {
		for _, i := range s.Details(request).Items {
			if i.Access != onboarding.AccessWorks || i.Unchecked != nil {
				t.Fatalf("before: %s is %s, unchecked %+v", i.Name, i.Access, i.Unchecked)
			}
		}
	}
	return requests
}

// picture is what clients' accounts look like: everything that a failure of the
// agency's own side must leave as it was.
func picture(t testing.TB, s *relaytest.Scene, requests []string) (counts replica.Totals, events []onboarding.Event) {
	t.Helper()
	s.Sync()
	counts, err := s.Hub.Totals(t.Context())
	must(t, err)
	counts.NextCheck = 0
	for _, request := range requests {
		events = append(events, s.Details(request).Events...)
	}
	return counts, events
}

func TestTheEndOfTheAgencysOwnSignInIsShownOnceAndBlamesNoClient(t *testing.T) {
	for name, c := range map[string]struct {
		action, fault string
		title, code   string
	}{
		"its 60 days are over": {
			action: "expire_tokens", title: "Your user’s sign-in at Facebook has ended", code: "190/463",
		},
		"the app was removed": {
			action: "remove_app", title: "The app was removed from your user at Facebook", code: "190/458",
		},
		"a new password": {
			fault: "token_revoked", title: "Facebook ended your user’s sign-in", code: "190/460",
		},
		"a security check": {
			fault: "checkpoint", title: "Facebook wants your user to pass a security check", code: "190/459",
		},
		"it left the business": {
			action: "leave_business", title: "Your Facebook user may not do this", code: "100/33",
		},
	} {
		t.Run(name, func(t *testing.T) {
			seen := &alerts{}
			s := relaytest.NewSceneOn(t, relaytest.Config{HubChanged: seen.add})
			requests := sharedAtFacebook(t, s)
			counts, events := picture(t, s, requests)
			if c.fault != "" {
				s.Fault("meta", c.fault, true)
			} else {
				action := sandbox.Action{Platform: "meta", Action: c.action, Person: "ana-ruiz"}
				if c.action == "leave_business" {
					action.Business = relaytest.Business
				}
				_, err := s.World.Trigger(action)
				must(t, err)
			}
			for range 2 {
				var notTried *checks.NotTriedError
				err := s.Hub.Checks.CheckNow(t.Context())
				if !errors.As(err, &notTried) || !strings.HasPrefix(notTried.Message(catalogtest.New(t)), c.title+". ") {
					t.Errorf("checking says %v", err)
				}
			}
			after, afterwards := picture(t, s, requests)
			if after != counts || !slices.Equal(afterwards, events) {
				t.Errorf("counts are %+v, want %+v; events %+v, want %+v", after, counts, afterwards, events)
			}
			shown := causesShown(t, s)
			if len(shown) != 1 || shown[0].Title != c.title || shown[0].Code != c.code || shown[0].Items != 4 {
				t.Errorf("what needs the user: %+v", shown)
			}
			for _, request := range requests {
				for _, i := range s.Details(request).Items {
					if i.Access != onboarding.AccessWorks || i.Unchecked == nil || i.Unchecked.Title != c.title {
						t.Errorf("%s is %s, unchecked %+v", i.Name, i.Access, i.Unchecked)
					}
				}
			}
			until(t, "one notification", func() bool { return seen.of(replica.ChecksStopped) > 0 })
			if got := seen.of(replica.ChecksStopped) + seen.of(replica.ItemBroke); got != 1 {
				t.Errorf("%d notifications, want one", got)
			}
		})
	}
}

func TestAfterSigningInAgainEverythingIsCheckedAgainByItself(t *testing.T) {
	s := relaytest.NewScene(t)
	requests := sharedAtFacebook(t, s)
	counts, events := picture(t, s, requests)
	_, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: "expire_tokens", Person: "ana-ruiz"})
	must(t, err)
	if err := s.Hub.Checks.CheckNow(t.Context()); err == nil {
		t.Fatal("a check with a token that has ended says nothing")
	}
	ended := onboarding.TimestampOf(s.Now())
	connections, err := s.Hub.Replica.Connections(t.Context())
	if err != nil || len(connections) != 1 || connections[0].Cause == nil {
		t.Fatalf("the Connection is %+v, %v", connections, err)
	}
	s.Pass(time.Minute)
	s.ConnectFacebookAnew()
	until(t, "the checks by themselves", func() bool {
		for _, request := range requests {
			for _, i := range s.Details(request).Items {
				if i.Unchecked != nil || i.Checked <= ended || i.Access != onboarding.AccessWorks {
					return false
				}
			}
		}
		return true
	})
	if shown := causesShown(t, s); len(shown) != 0 {
		t.Errorf("afterwards needs the user: %+v", shown)
	}
	if after, afterwards := picture(t, s, requests); after != counts || !slices.Equal(afterwards, events) {
		t.Errorf("counts are %+v, want %+v; events %+v, want %+v", after, counts, afterwards, events)
	}
}

// What the agency's own user may not see or use is the agency's own side, also of an asset
// for which its client was asked to do something. lost: the list does not show it at all.
func TestWhatIsNotAssignedToTheAgencysUserIsShownOnceAndBlamesNoClient(t *testing.T) {
	for name, lost := range map[string]bool{"as an employee": true, "as an admin": false} {
		t.Run(name, func(t *testing.T) {
			s := relaytest.NewScene(t)
			requests := sharedAtFacebook(t, s)
			act := func(a sandbox.Action) {
				a.Platform, a.Person = "meta", "ana-ruiz"
				_, err := s.World.Trigger(a)
				must(t, err)
			}
			isMet := func(i replica.ItemRow) bool { return lost || i.Kind == onboarding.AdAccount } // an admin reads Pages
			met := 1
			if lost {
				met = 3
				act(sandbox.Action{Action: "lose_admin", Business: relaytest.Business})
			} else {
				s.Fault("meta", "assign_refused", true)
			}
			for _, i := range s.Details(requests[0]).Items {
				if !lost && isMet(i) { // its client has shared it again since
					s.ReportBroken(t, s.Agency.ID, i.ID, string(catalog.ShareRemoved))
				}
				act(sandbox.Action{Action: "unassign", Asset: i.Account})
			}
			s.Sync()
			if err := s.Hub.Checks.CheckNow(t.Context()); err == nil {
				t.Error("a check of what is not assigned says nothing")
			}
			s.Sync()
			shown := causesShown(t, s)
			if len(shown) != 1 || shown[0].Items != met || shown[0].Fix != catalog.FixOpen ||
				shown[0].Title != "Not all that was shared is assigned to your Facebook user" {
				t.Errorf("what needs the user: %+v", shown)
			}
			for n, request := range requests {
				for _, i := range s.Details(request).Items {
					if i.Access != onboarding.AccessWorks || i.Attention || (i.Unchecked != nil) != (n == 0 && isMet(i)) {
						t.Errorf("%s is %s with %q, attention %t, unchecked %+v", i.Name, i.Access, i.Failure, i.Attention, i.Unchecked)
					}
				}
			}
			s.Fault("meta", "assign_refused", false)
			act(sandbox.Action{Action: "gain_admin", Business: relaytest.Business})
			must(t, s.Hub.Checks.CheckNow(t.Context()))
			if shown := causesShown(t, s); len(shown) != 0 {
				t.Errorf("once the hub could assign it: %+v", shown)
			}
		})
	}
}

// Of a user who left the Business Manager and signed in again, the older sign-in asks
// nobody to sign in: not before it ends, and not after.
func TestAnOlderSignInOfWhoLeftTheBusinessAsksNobodyToSignIn(t *testing.T) {
	s := relaytest.NewScene(t)
	sharedAtFacebook(t, s)
	s.Pass(40 * 24 * time.Hour)
	_, err := s.World.Trigger(sandbox.Action{
		Platform: "meta", Action: "leave_business", Person: "ana-ruiz", Business: relaytest.Business,
	})
	must(t, err)
	again := s.ConnectFacebookAnew()
	for _, later := range []time.Duration{0, 10 * 24 * time.Hour, 15 * 24 * time.Hour} {
		s.Pass(later)
		s.Sync()
		if err := s.Hub.Checks.CheckNow(t.Context()); err == nil {
			t.Fatal("a check as a user who left the Business Manager says nothing")
		}
		shown := causesShown(t, s)
		if len(shown) != 1 || shown[0].Connection != again || shown[0].Fix != catalog.FixOpen || shown[0].Items != 4 {
			t.Errorf("%s later needs the user: %+v", later, shown)
		}
		todos, err := s.Hub.Todos(t.Context(), 50)
		must(t, err)
		if slices.ContainsFunc(todos, func(todo hub.Todo) bool { return todo.Kind == hub.TodoUser }) {
			t.Errorf("%s later a sign-in is to be renewed", later)
		}
		signIns, err := s.Hub.Replica.Connections(t.Context())
		must(t, err)
		for _, c := range signIns {
			if c.Replaced != (c.ID != again) {
				t.Errorf("%s later the sign-in %s of two is replaced: %t", later, c.ID, c.Replaced)
			}
		}
	}
	// A computer without the token of the newer sign-in uses the older one.
	must(t, s.Hub.Replica.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `DELETE FROM credentials WHERE subject = $1`, replica.SubjectConnection+again)
		return err
	}))
	signIns, err := s.Hub.Replica.Connections(t.Context())
	must(t, err)
	for _, c := range signIns {
		if c.Replaced || c.Here == (c.ID == again) {
			t.Errorf("without the newer one here the sign-in %s is here: %t, replaced: %t", c.ID, c.Here, c.Replaced)
		}
	}
}

func TestAPlatformThatCannotBeReachedLeavesItemsAsTheyWereUntilItAnswers(t *testing.T) {
	for _, fault := range []string{"down", "reset", "malformed", "throttled", "transient"} {
		t.Run(fault, func(t *testing.T) {
			s := relaytest.NewScene(t)
			requests := sharedAtFacebook(t, s)
			counts, events := picture(t, s, requests)
			s.Fault("meta", fault, true)
			var notTried *checks.NotTriedError
			if err := s.Hub.Checks.CheckNow(t.Context()); !errors.As(err, &notTried) || len(notTried.Causes) != 1 {
				t.Errorf("checking says %v", err)
			}
			if after, afterwards := picture(t, s, requests); after != counts || !slices.Equal(afterwards, events) {
				t.Errorf("counts are %+v, want %+v; events %+v, want %+v", after, counts, afterwards, events)
			}
			if shown := causesShown(t, s); len(shown) != 0 {
				t.Errorf("nobody can do anything, and yet needs the user: %+v", shown)
			}
			causes, err := s.Hub.Replica.Causes(t.Context())
			if err != nil || len(causes) != 1 || causes[0].Subject != "platform:meta" || causes[0].Items != 4 {
				t.Errorf("causes are %+v, %v", causes, err)
			}
			s.Fault("meta", fault, false)
			s.Pass(25 * time.Hour)
			s.Hub.Resume()
			until(t, "the checks by themselves", func() bool {
				causes, err := s.Hub.Replica.Causes(t.Context())
				return err == nil && len(causes) == 0
			})
		})
	}
}

func TestAnAnswerThatCouldBeAHiccupIsRedOnlyTenMinutesLater(t *testing.T) {
	s := relaytest.NewScene(t)
	request, link := s.Request(onboarding.ActiveCampaign)
	key := s.World.Keys("activecampaign")[0]
	v := s.Browser()
	v.Enter(link, "Nadia Berger", "nadia@northwind.example")
	v.Press("Add ActiveCampaign")
	v.Fill("API URL", key.URL)
	v.Fill("API key", key.Key)
	v.Press("Connect")
	s.HasItems(request, 1)
	item := s.Details(request).Items[0].ID
	look := func() replica.ItemRow {
		t.Helper()
		must(t, s.Hub.Checks.CheckNow(t.Context(), item))
		s.Sync()
		i, err := s.Hub.Replica.Item(t.Context(), item)
		must(t, err)
		return i
	}
	if i := look(); i.Access != onboarding.AccessWorks {
		t.Fatalf("before: %+v", i)
	}
	s.Fault("activecampaign", "wrong_host", true) // a page in place of the API, as a proxy answers
	for range 2 {
		if i := look(); i.Attention || i.Unchecked == nil || i.Unchecked.Subject != replica.SubjectUnclear {
			t.Errorf("at the first look: attention %t, unchecked %+v", i.Attention, i.Unchecked)
		}
		s.Pass(4 * time.Minute)
	}
	s.Fault("activecampaign", "wrong_host", false)
	if i := look(); i.Access != onboarding.AccessWorks || i.Unchecked != nil {
		t.Errorf("a hiccup left %s, unchecked %+v", i.Access, i.Unchecked)
	}
	s.Fault("activecampaign", "wrong_host", true)
	look()
	s.Pass(11 * time.Minute)
	if i := look(); !i.Attention || i.Access != onboarding.AccessBroken || i.Unchecked != nil {
		t.Errorf("ten minutes later: %s, unchecked %+v", i.Access, i.Unchecked)
	}
}

func TestAnAccountThatIsNotPaidIsRedUntilItIs(t *testing.T) {
	s := relaytest.NewScene(t)
	request, link := s.Request(onboarding.ActiveCampaign)
	key := s.World.Keys("activecampaign")[0]
	v := s.Browser()
	v.Enter(link, "Nadia Berger", "nadia@northwind.example")
	v.Press("Add ActiveCampaign")
	connect := func() {
		v.Fill("API URL", key.URL)
		v.Fill("API key", key.Key)
		v.Press("Connect")
	}
	s.Fault("activecampaign", "unpaid", true)
	connect()
	v.Reads("ActiveCampaign stops this account: its plan has ended, or a payment is due.", "Address and key are right.",
		"A note to copy")
	s.HasItems(request, 0)
	s.Fault("activecampaign", "unpaid", false)
	connect()
	s.HasItems(request, 1)
	item := s.Details(request).Items[0].ID
	for _, unpaid := range []bool{false, true, false} {
		s.Fault("activecampaign", "unpaid", unpaid)
		must(t, s.Hub.Checks.CheckNow(t.Context(), item))
		s.Sync()
		i, err := s.Hub.Replica.Item(t.Context(), item)
		must(t, err)
		if i.Attention != unpaid || unpaid && (i.Failure != "account_unpaid" || i.Code != "402" || i.Title == "") {
			t.Errorf("unpaid: %t, and the hub shows %s with %q, %s and %q", unpaid, i.Access, i.Failure, i.Code, i.Title)
		}
	}
}
