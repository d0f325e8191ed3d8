package hub_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// wrong lists what a request's checks found, as check/state/reason, but for what is in order.
func wrong(t testing.TB, h *hub.Hub, request string) string {
	t.Helper()
	view, err := h.Preflight.Run(t.Context(), request)
	must(t, err)
	found, stops := []string{}, false
	for _, line := range view.Lines {
		if line.State != onboarding.PreflightOK {
			found = append(found, fmt.Sprintf("%s/%s/%s", line.Check, line.State, line.Reason))
		}
		stops = stops || line.State == onboarding.PreflightStop
	}
	if view.Stops != stops {
		t.Errorf("stops is %t for %+v", view.Stops, view.Lines)
	}
	return strings.Join(found, " ")
}

// expect waits as long as what was found before counts, and checks again.
func expect(t testing.TB, s *relaytest.Scene, request, doing, want string) {
	t.Helper()
	s.Pass(2 * time.Minute)
	if got := wrong(t, s.Hub, request); got != want {
		t.Errorf("%s: found %q, want %q", doing, got, want)
	}
}

func TestEachCheckBeforeSendingFindsWhatIsWrongAndThatItIsMended(t *testing.T) {
	s := relaytest.NewScene(t)
	request, _ := s.Request(onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign)
	view, err := s.Hub.Preflight.Run(t.Context(), request)
	must(t, err)
	var checked []onboarding.PreflightCheck
	for _, line := range view.Lines {
		checked = append(checked, line.Check)
	}
	if all := slices.Compact(checked); !slices.Equal(all, onboarding.PreflightChecks()) || len(checked) != 8 {
		t.Errorf("checked %v", checked)
	}
	expect(t, s, request, "in order", "")

	must(t, s.World.SetFault("hubspot", "down", true))
	expect(t, s, request, "HubSpot is down", "platform/warning/platform_down")
	must(t, s.World.SetFault("hubspot", "down", false))
	expect(t, s, request, "HubSpot answers", "")

	must(t, s.World.Mail.SetFaults(sandbox.MailFaults{Down: true}))
	expect(t, s, request, "the mail server is down", "mail/warning/mail_down")
	must(t, s.World.Mail.SetFaults(sandbox.MailFaults{}))
	expect(t, s, request, "the mail server answers", "")

	act := func(action, business string) {
		_, err := s.World.Trigger(sandbox.Action{
			Platform: "meta", Action: action, Person: "ana-ruiz", Business: business,
		})
		must(t, err)
	}
	act("lose_admin", relaytest.Business)
	expect(t, s, request, "Ana is an employee", "admin/stop/not_admin")
	act("gain_admin", relaytest.Business)
	expect(t, s, request, "Ana is an admin", "")

	s.Pass(35 * 24 * time.Hour) // a sign-in lives for sixty days
	s.Sync()
	expect(t, s, request, "the sign-in ends before the link", "sign_in/warning/sign_in_ends")
	act("expire_tokens", "")
	expect(t, s, request, "the sign-in has ended", "sign_in/stop/sign_in_ended")
	s.ConnectFacebookAnew()
	expect(t, s, request, "signed in again", "")
	act("leave_business", relaytest.Business)
	expect(t, s, request, "Ana has left", "admin/stop/no_business")
	info, err := s.Hub.SessionInfo(t.Context())
	must(t, err)
	users, err := replica.ReadConnections(t.Context(), s.Hub.Replica.DB())
	must(t, err)
	must(t, s.Store.Outages.Begin(t.Context(), info.AgencyID, onboarding.Member{ID: info.MemberID, Role: info.Role},
		onboarding.Outage{
			Subject: onboarding.OutageConnection + users[len(users)-1].ID, Service: onboarding.Facebook,
			Failure: string(catalog.AgencySide), Code: "100/33",
		}))
	s.Sync()
	expect(t, s, request, "a check has found that Ana has left", "admin/stop/no_business")
}

// lockable is a keychain that can be locked.
type lockable struct {
	keychain.Keychain
	locked atomic.Bool
}

func (l *lockable) Get(ctx context.Context, name string) (onboarding.Secret, error) {
	if l.locked.Load() {
		return onboarding.Secret{}, keychain.ErrLocked
	}
	return l.Keychain.Get(ctx, name)
}

func TestALockedKeychainIsNotCalledAnotherComputer(t *testing.T) {
	secrets := &lockable{Keychain: keychain.NewMemory()}
	s := relaytest.NewSceneOn(t, relaytest.Config{HubKeychain: secrets})
	request, _ := s.Request(onboarding.Facebook)
	secrets.locked.Store(true)
	expect(t, s, request, "locked", "admin/unknown/keychain")
	secrets.locked.Store(false)
	expect(t, s, request, "unlocked", "")
}

func TestAMemberWhoSeesARequestOfAnotherChecksWhatTheirComputerCan(t *testing.T) {
	s := relaytest.NewScene(t)
	request, _ := s.Request(onboarding.Facebook)
	must(t, s.Hub.Outbox.ShareRequests(t.Context(), true))
	s.Sync()
	code, err := s.Hub.InviteMember(t.Context(), "Ben Okoro", "ben@northlight.example", onboarding.SubUser)
	must(t, err)
	ben := s.Relay.Hub(t, code.Code.Secret())
	must(t, ben.Sync(t.Context()))
	const elsewhere = "admin/unknown/elsewhere" // Ana's token is on her computer
	if got := wrong(t, ben, request); got != elsewhere {
		t.Errorf("found %q", got)
	}
	info, err := ben.SessionInfo(t.Context())
	must(t, err)
	member := onboarding.Member{ID: info.MemberID, Role: info.Role}
	must(t, s.Store.Outages.Begin(t.Context(), info.AgencyID, member, onboarding.Outage{
		Subject: onboarding.OutageApp + string(onboarding.Meta), Service: onboarding.Facebook, Failure: "not_configured",
	}))
	for name, c := range map[string]struct {
		hub  *hub.Hub
		want string
	}{"Ben": {ben, elsewhere + " platform/warning/app_broken"}, "Ana, who is not told": {s.Hub, ""}} {
		if got := wrong(t, c.hub, request); got != c.want {
			t.Errorf("once Ben's computer alone has found that the app is broken, %s reads %q, want %q", name, got, c.want)
		}
	}
}

func TestWithoutTheRelayNothingIsCheckedAndNothingStops(t *testing.T) {
	s := relaytest.NewScene(t)
	request, _ := s.Request(onboarding.Facebook)
	s.Stop(t)
	if err := s.Hub.Sync(t.Context()); err == nil {
		t.Fatal("the relay is still there")
	}
	if got := wrong(t, s.Hub, request); got != "admin/unknown/offline address/unknown/offline" {
		t.Errorf("found %q", got)
	}
}

func TestAnInvitationThatWouldLeadNowhereIsRefusedAndGoesOutOnceThatIsMended(t *testing.T) {
	missing := []onboarding.Platform{}
	s := relaytest.NewSceneOn(t, relaytest.Config{Apps: func(apps map[onboarding.Platform]platform.App) {
		for _, of := range missing {
			delete(apps, of)
		}
	}})
	request, _ := s.Request(onboarding.HubSpot)
	missing = []onboarding.Platform{onboarding.HubSpot.Platform()}
	s.Restart()
	s.Sync()
	expect(t, s, request, "the app is gone", "platform/stop/not_offered")
	must(t, s.Hub.Outbox.Send(t.Context(), request, []string{"kim@harbour.example"}))
	s.Sync()
	d := s.Details(request)
	if len(d.Outbox) != 1 || d.Outbox[0].Refused == 0 || !strings.Contains(d.Outbox[0].Message, "HubSpot") {
		t.Fatalf("the outbox has %+v", d.Outbox)
	}
	if n := s.Emails(request, "invitation"); n != 0 {
		t.Errorf("%d invitations were queued", n)
	}
	missing = nil
	s.Restart()
	must(t, s.Hub.Outbox.RetryEntry(t.Context(), d.Outbox[0].Seq))
	s.Sync()
	if n := s.Emails(request, "invitation"); n != 1 {
		t.Errorf("%d invitations once the app is there, want 1", n)
	}
	missing = []onboarding.Platform{onboarding.HubSpot.Platform()}
	s.Restart() // sent once, the request asks for nothing else: it cannot be changed
	s.Sync()
	expect(t, s, request, "the app is gone again", "platform/stop/not_offered")
	_, err := s.Hub.Outbox.Resend(t.Context(), request, nil)
	must(t, err)
	s.Pass(2 * time.Minute)
	s.Sync()
	if d := s.Details(request); len(d.Outbox) != 1 || d.Outbox[0].Refused == 0 {
		t.Errorf("the outbox has %+v", d.Outbox)
	}
	link := s.LinkOf(request)
	s.Pass(32 * 24 * time.Hour) // a new link that is mailed would lead nowhere either
	for _, c := range []struct{ send, made bool }{{true, false}, {false, true}} {
		must(t, s.Hub.Outbox.DiscardEntry(t.Context(), s.Details(request).Outbox[0].Seq))
		must(t, s.Hub.Outbox.Renew(t.Context(), request, c.send))
		s.Sync()
		if made := s.LinkOf(request) != link; made != c.made || s.Emails(request, "invitation") != 1 {
			t.Errorf("mailed %t, the link is new: %t, and the outbox has %+v", c.send, made, s.Details(request).Outbox)
		}
	}
}

func TestWithoutAMailServerOnlyTheLinkGoesOut(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{NoMail: true})
	request, link := s.Request(onboarding.HubSpot)
	expect(t, s, request, "no mail server", "mail/stop/no_mail")
	must(t, s.Hub.Outbox.Send(t.Context(), request, []string{"kim@harbour.example"}))
	s.Sync()
	if d := s.Details(request); len(d.Outbox) != 1 || d.Outbox[0].Refused == 0 || link == "" {
		t.Errorf("the outbox has %+v", d.Outbox)
	}
}
