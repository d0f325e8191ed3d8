package hub_test

import (
	"path/filepath"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// versionOf returns the API version that a hub's driver calls.
func versionOf(t *testing.T, drivers []platform.Driver) string {
	t.Helper()
	driver, err := platform.Find(drivers, onboarding.Meta)
	must(t, err)
	versioned, able := driver.(platform.Versioned)
	if !able {
		t.Fatal("the driver has no version")
	}
	return versioned.APIVersion()
}

func TestAHubCallsTheVersionThatItsRelaysOperatorSet(t *testing.T) {
	s := relaytest.BeginOn(t, relaytest.Config{Apps: func(apps map[onboarding.Platform]platform.App) {
		app := apps[onboarding.Meta]
		app.Settings = map[string]string{"API_VERSION": "v28.0"}
		apps[onboarding.Meta] = app
	}})
	must(t, s.World.SetFault("meta", "newer_version", true))
	dir, secrets := filepath.Join(t.TempDir(), "hub"), keychain.NewMemory()
	drivers := s.Drivers(t)
	if got := versionOf(t, drivers); got != "v27.0" {
		t.Errorf("before it has a relay it calls %s", got)
	}
	open := func(drivers []platform.Driver) *hub.Hub {
		h, err := hub.Open(t.Context(), hub.Config{
			Catalog: catalogtest.New(t), Dir: dir, Keychain: secrets, Drivers: drivers,
		})
		must(t, err)
		return h
	}
	h := open(drivers)
	must(t, h.Enrol(t.Context(), s.URL, s.Agency.Code, "Test computer"))
	until(t, "what the relay says about itself", func() bool { return versionOf(t, drivers) == "v28.0" })
	must(t, h.Close())

	// Offline, the last configured version counts.
	drivers = s.Drivers(t)
	h = open(drivers)
	defer func() { must(t, h.Close()) }()
	if got := versionOf(t, drivers); got != "v28.0" {
		t.Errorf("opened again it calls %s", got)
	}
}

func TestAHubKnowsTheNewestVersionThatItsRelaysOperatorAllows(t *testing.T) {
	newest := wire.HubRelease{Version: "9.0.0", URL: "https://downloads.example.com"}
	s := relaytest.NewSceneOn(t, relaytest.Config{NewestHub: &newest})
	relay, err := s.Hub.Replica.Relay(t.Context())
	must(t, err)
	if relay.NewestHub == nil || *relay.NewestHub != newest {
		t.Errorf("the hub knows %+v, want %+v", relay.NewestHub, newest)
	}
}

func TestSharedAssetsAreUsedWhileTheAppSecretIsRequired(t *testing.T) {
	s := relaytest.NewScene(t)
	must(t, s.World.SetFault("meta", "require_appsecret_proof", true))
	request := share(t, s, "Harbour Garden")
	until(t, "the check by itself", func() bool {
		d := s.Details(request)
		return len(d.Items) == 1 && d.Items[0].Access == onboarding.AccessWorks
	})
}
