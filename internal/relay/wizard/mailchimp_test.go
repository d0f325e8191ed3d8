package wizard_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/mailchimp/mailchimpfake"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// atMailchimp is Marta at the fake Mailchimp's question whether the app may, as
// one of its people.
func atMailchimp(s *relaytest.Scene, link string, presses ...string) *relaytest.Browser {
	v := s.Browser()
	v.Enter(link, "Marta Lindqvist", "marta@harbourpine.example")
	v.Press("Add Mailchimp")
	v.Follow("Proceed")
	for _, words := range presses {
		v.Press(words)
	}
	return v
}

// connectedMailchimp finishes a request with one account of Mailchimp, and gives
// the item's id.
func connectedMailchimp(t *testing.T, s *relaytest.Scene) (item string) {
	t.Helper()
	id, link := s.Request(onboarding.Mailchimp)
	v := atMailchimp(s, link, "Marta Lindqvist", "Allow")
	v.Follow("Close")
	v.Follow("Next Step")
	v.Press("Finish")
	s.HasItems(id, 1)
	return s.Details(id).Items[0].ID
}

// check has the hub try an item, and read what the relay makes of it.
func check(t *testing.T, s *relaytest.Scene, item string) {
	t.Helper()
	if err := s.Hub.Checks.CheckNow(t.Context(), item); err != nil {
		t.Fatalf("checking: %v", err)
	}
	s.Sync()
}

func mailchimpAct(t *testing.T, s *relaytest.Scene, a sandbox.Action) {
	t.Helper()
	a.Platform = "mailchimp"
	if _, err := s.World.Trigger(a); err != nil {
		t.Fatal(err)
	}
}

func TestAMailchimpAccountIsConnectedAndFinished(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Mailchimp)
	v := s.Browser()
	v.Enter(link, "Marta Lindqvist", "marta@harbourpine.example")
	v.Press("Add Mailchimp")
	v.Reads(
		"What Northlight Media can do in Mailchimp", "Read and update your audiences and their contacts",
		"You need to be a Manager, Admin or Owner of the account",
	)
	v.Follow("Proceed")
	v.Press("Marta Lindqvist")
	v.Press("Allow")
	v.Reads(
		"Mailchimp is connected", "Harbour & Pine, marta.lindqvist@harbourpine.example · Owner", "Full access to one account",
	)
	v.Follow("Close")
	v.Follow("Next Step")
	v.Press("Finish")
	v.Reads("Harbour & Pine", "Registered apps")
	s.HasItems(id, 1)
	if d := s.Details(id); d.Status != onboarding.Connected || d.Items[0].Name != "Harbour & Pine" {
		t.Errorf("the hub has %s with %+v", d.Status, d.Items[0])
	}
}

func TestWhatLastsOfMailchimpIsItsTokenWithTheAddress(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectedMailchimp(t, s)
	access, lasting, err := hubtest.Credential(t.Context(), s.Hub, item)
	if err != nil || lasting.Kind != platform.Token || lasting.Address != "https://us6.api.mailchimp.com" ||
		access != lasting.Secret {
		t.Errorf("the hub holds a %s at %s (%v)", lasting.Kind, lasting.Address, err)
	}
	check(t, s, item)
	if got, err := s.Hub.Replica.Item(t.Context(), item); err != nil || got.Attention || got.Failure != "" {
		t.Errorf("checked it is %+v (%v)", got, err)
	}
}

func TestOneMailchimpSignInConnectsTheAccountThatIsChosen(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Mailchimp)
	v := atMailchimp(s, link, "Lars Holm", "Harbour & Pine Outlet", "Allow")
	v.Reads("Harbour & Pine Outlet", "Wrong account? Close, then choose Add to pick another.")
	v.Follow("Close")
	v.Press("Add Mailchimp")
	v.Follow("Proceed")
	v.Press("Harbour & Pine")
	v.Press("Allow")
	v.Follow("Close")
	v.Press("Add Mailchimp")
	v.Follow("Proceed")
	v.Press("Harbour & Pine")
	v.Press("Allow")
	v.Reads("It is counted once")
	s.HasItems(id, 2)
}

func TestF40ARoleThatIsTooLowIsNamed(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Mailchimp)
	for person, role := range map[string]string{"Ida Berg": "Viewer", "Tom Becker": "Author"} {
		v := atMailchimp(s, link, person, "Allow")
		v.Reads("Your role at Mailchimp is "+role+", and Manager, Admin or Owner is needed", "Nothing was connected",
			"Can you open the request and connect Mailchimp, or give me a higher role there?")
		if !v.Page.Has("Try again") {
			t.Errorf("%s cannot try again: %q", person, v.Page.Text())
		}
		v.Follow("Skip, I cannot do this")
		v.Reads("What prevents you from doing this?")
	}
	s.HasItems(id, 0)
}

func TestASignInThatIsCancelledAtMailchimpSharesNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Mailchimp)
	v := atMailchimp(s, link, "Marta Lindqvist", "Cancel")
	v.Reads("The sign-in at Mailchimp was cancelled", "Nothing was shared")
	s.HasItems(id, 0)
}

func TestABusyMailchimpIsWaitedForAndNotBlamedOnAnybody(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Mailchimp)
	s.Fault("mailchimp", "overloaded", true)
	v := atMailchimp(s, link, "Marta Lindqvist", "Allow")
	v.Reads("Mailchimp is busy", "Try again in a minute.", "What you did is saved")
	s.HasItems(id, 0)
	s.Fault("mailchimp", "overloaded", false)
	v.Press("Try again")
	v.Follow("Proceed")
	v.Press("Allow")
	v.Reads("Mailchimp is connected")
}

func TestACodeOfMailchimpThatComesTwiceConnectsOnce(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Mailchimp)
	v := atMailchimp(s, link, "Marta Lindqvist")
	var back *url.URL
	v.OnRedirect(func(to *url.URL) bool {
		if strings.Contains(to.Path, "/callback/") {
			back = to
		}
		return true
	})
	v.Press("Allow")
	v.Reads("Mailchimp is connected")
	v.Open(back.String())
	v.Reads("Mailchimp is connected") // a reload is no other sign-in
	s.HasItems(id, 1)
}

func TestWhatIsEndedAtMailchimpIsSaidAtTheNextCheck(t *testing.T) {
	for name, c := range map[string]struct {
		happens sandbox.Action
		failure catalog.FailureCode
		title   string
	}{
		"the client disconnects the app": {
			sandbox.Action{Action: "disconnect"}, catalog.CredentialRefused,
			"Mailchimp no longer accepts the access to Harbour & Pine",
		},
		"the user is disabled": {
			sandbox.Action{Action: "disable_user", Person: "marta-lindqvist"}, catalog.UserInactive,
			"The user who connected Harbour & Pine is switched off",
		},
		"the role is lowered": {
			sandbox.Action{Action: "make_viewer", Person: "marta-lindqvist"}, catalog.RoleTooLow,
			"The role of Marta Lindqvist at Mailchimp is too low",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := relaytest.NewScene(t)
			item := connectedMailchimp(t, s)
			if c.happens.Action == "disconnect" {
				c.happens.Asset = s.World.State()["mailchimp"].(mailchimpfake.View).Connections[0].Account
			}
			mailchimpAct(t, s, c.happens)
			check(t, s, item)
			got, err := s.Hub.Replica.Item(t.Context(), item)
			if err != nil || !got.Attention || got.Failure != string(c.failure) || got.Title != c.title || got.Who == "" ||
				got.Next == "" {
				t.Errorf("got %+v (%v)", got, err)
			}
		})
	}
}

func TestABusyMailchimpLeavesWhatIsKnownOfAnAccount(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectedMailchimp(t, s)
	check(t, s, item)
	s.Fault("mailchimp", "throttled", true)
	if err := s.Hub.Checks.CheckNow(t.Context(), item); !errors.Is(err, onboarding.ErrPlatformDown) {
		t.Errorf("checking: got %v", err)
	}
	s.Sync()
	row, err := s.Hub.Replica.Item(t.Context(), item)
	if err != nil || row.Attention {
		t.Errorf("after a check that could not be made: %+v, %v", row, err)
	}
}
