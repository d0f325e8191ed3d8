package all

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// A driver's interfaces match the catalog's entry of its platform.
func TestEveryDriverAgreesWithItsEntryInTheCatalog(t *testing.T) {
	texts, err := Catalog()
	if err != nil {
		t.Fatalf("reading the catalog: %v", err)
	}
	apps := map[onboarding.Platform]platform.App{}
	for _, of := range Apps() {
		apps[of] = platform.App{ClientID: "1001", ClientSecret: onboarding.NewSecret("s")}
	}
	forRelay, err := ForRelay(apps, time.Now)
	if err != nil {
		t.Fatalf("building the relay's drivers: %v", err)
	}
	forHub, err := ForHub(nil)
	if err != nil {
		t.Fatalf("building the hub's drivers: %v", err)
	}
	if len(forRelay) != len(forHub) || len(forHub) != len(platforms()) {
		t.Fatalf("the relay has %d drivers and the hub %d, want %d", len(forRelay), len(forHub), len(platforms()))
	}
	for i, driver := range forRelay {
		of := driver.Platform()
		if forHub[i].Platform() != of || platforms()[i].platform != of {
			t.Errorf("%s is listed as %s, and is the hub's %s", of, platforms()[i].platform, forHub[i].Platform())
		}
		if !texts.Known(of.Service()) {
			t.Errorf("%s answers for %s, which nobody can ask for", of, of.Service())
		}
		said := texts.Service(of.Service())
		_, keyed := driver.(platform.KeyTaker)
		if _, keyedAtHub := forHub[i].(platform.KeyTaker); keyed != keyedAtHub {
			t.Errorf("%s takes a key at one side only", of)
		}
		if keyed != (said.Key != nil) {
			t.Errorf("%s takes a key: %v; the catalog says what is typed: %v", of, keyed, said.Key != nil)
		}
		if _, signs := driver.(platform.SignIn); signs != (said.Host != "") {
			t.Errorf("%s is signed in at: %v; the catalog says where: %q", of, signs, said.Host)
		}
		if _, signs := forHub[i].(platform.SignIn); signs {
			t.Errorf("the hub's driver of %s signs in, which needs the app's secret", of)
		}
		if _, checks := forHub[i].(platform.Checker); !checks {
			t.Errorf("the hub cannot check what was given at %s", of)
		}
	}
}

func TestWithoutAnAppOnlyWhatNeedsNoneIsOffered(t *testing.T) {
	drivers, err := ForRelay(nil, time.Now)
	if err != nil {
		t.Fatalf("building the relay's drivers: %v", err)
	}
	for _, driver := range drivers {
		if TakesApp(driver.Platform()) {
			t.Errorf("%s is offered without an app", driver.Platform())
		}
	}
	if len(drivers)+len(Apps()) != len(platforms()) {
		t.Errorf("%d are offered and %d need an app, of %d", len(drivers), len(Apps()), len(platforms()))
	}
	if !TakesApp("from_a_newer_relay") {
		t.Error("a platform without a driver takes no app")
	}
}
