package relay_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func TestMainUsersReadHowTheirRelayIsAndNothingThatItsOperatorAloneMayKnow(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Apps: func(apps map[onboarding.Platform]platform.App) {
		app := apps[onboarding.Meta]
		app.ClientSecret = onboarding.NewSecret("canary")
		apps[onboarding.Meta] = app
	}})
	state := func(check onboarding.CheckupCheck, service onboarding.Service) onboarding.CheckupState {
		t.Helper()
		view, err := s.Hub.Checkup.Read(t.Context())
		if err != nil || view.Checked == 0 {
			t.Fatalf("the hub shows %+v, %v", view, err)
		}
		n := slices.IndexFunc(view.Lines, func(line onboarding.CheckupLine) bool {
			return line.Check == check && line.Service == service
		})
		if text, _ := json.Marshal(view); n < 0 || strings.Contains(string(text), "canary") ||
			strings.Contains(string(text), "127.0.0.1") || strings.Contains(string(text), "relay.db") {
			t.Fatalf("the hub reads %s", text)
		}
		return view.Lines[n].State
	}
	for _, want := range []struct {
		check   onboarding.CheckupCheck
		service onboarding.Service
		state   onboarding.CheckupState
	}{
		{onboarding.CheckupDatabase, "", onboarding.CheckupOK},
		{onboarding.CheckupKeyFile, "", onboarding.CheckupOK},
		{onboarding.CheckupMail, "", onboarding.CheckupOK},
		{onboarding.CheckupBackup, "", onboarding.CheckupWarning},
		{onboarding.CheckupApp, onboarding.Facebook, onboarding.CheckupFailed},
		{onboarding.CheckupApp, onboarding.HubSpot, onboarding.CheckupOK},
	} {
		if got := state(want.check, want.service); got != want.state {
			t.Errorf("%s %s is %s, want %s", want.check, want.service, got, want.state)
		}
	}
	if err := s.Store.RecordBackup(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := state(onboarding.CheckupBackup, ""); got != onboarding.CheckupWarning {
		t.Errorf("asked again at once it is examined again: %s", got)
	}
	s.Pass(11 * time.Minute)
	if got := state(onboarding.CheckupBackup, ""); got != onboarding.CheckupOK {
		t.Errorf("ten minutes later the backup is %s", got)
	}
}
