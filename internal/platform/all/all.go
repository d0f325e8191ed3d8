// Package all lists the platforms, each with its drivers and its fake, so that
// the programs and the demo name them in one place. A new platform is one folder
// beside this one and a line here.
package all

import (
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/activecampaign"
	"github.com/latchkeyhq/latchkey/internal/platform/activecampaign/activecampaignfake"
	"github.com/latchkeyhq/latchkey/internal/platform/googlesheets"
	"github.com/latchkeyhq/latchkey/internal/platform/googlesheets/googlesheetsfake"
	"github.com/latchkeyhq/latchkey/internal/platform/hubspot"
	"github.com/latchkeyhq/latchkey/internal/platform/hubspot/hubspotfake"
	"github.com/latchkeyhq/latchkey/internal/platform/mailchimp"
	"github.com/latchkeyhq/latchkey/internal/platform/mailchimp/mailchimpfake"
	"github.com/latchkeyhq/latchkey/internal/platform/meta"
	"github.com/latchkeyhq/latchkey/internal/platform/meta/metafake"
	"github.com/latchkeyhq/latchkey/internal/platform/salesforce"
	"github.com/latchkeyhq/latchkey/internal/platform/salesforce/salesforcefake"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// platforms are the platforms, in the order in which a client meets them.
func platforms() []entry {
	return []entry{
		withApp(meta.Service(), meta.NewForRelay, meta.NewForHub, metafake.New, meta.Settings()...),
		withApp(mailchimp.Service(), mailchimp.NewForRelay, mailchimp.NewForHub, mailchimpfake.New),
		withApp(salesforce.Service(), salesforce.NewForRelay, salesforce.NewForHub, salesforcefake.New,
			salesforce.Settings()...),
		withApp(googlesheets.Service(), googlesheets.NewForRelay, googlesheets.NewForHub, googlesheetsfake.New),
		withApp(hubspot.Service(), hubspot.NewForRelay, hubspot.NewForHub, hubspotfake.New),
		withKey(activecampaign.Service(), activecampaign.New, activecampaignfake.New),
	}
}

// entry is how the driver of one platform is built, for either side, and its fake.
type entry struct {
	service  catalog.ServiceInfo
	platform onboarding.Platform
	app      bool // it signs in by an app that the operator registers there
	settings []platform.Setting
	forRelay func(platform.App) (platform.Driver, error)
	forHub   func(platform.Endpoints) (platform.Driver, error)
	fake     newFake
}

// newFake makes the fake of a platform, for the demo and for tests.
type newFake = func(*sandbox.Env) sandbox.Platform

// withApp is a platform to sign in at: the relay's driver has the app's secret.
func withApp[R relayDriver, H platform.Driver](
	service catalog.ServiceInfo,
	forRelay func(platform.App) (R, error),
	forHub func(platform.Endpoints) (H, error),
	fake newFake,
	settings ...platform.Setting,
) entry {
	return entry{
		service:  service,
		platform: service.ID.Platform(),
		app:      true,
		settings: settings,
		forRelay: func(app platform.App) (platform.Driver, error) { return forRelay(app) },
		forHub:   func(at platform.Endpoints) (platform.Driver, error) { return forHub(at) },
		fake:     fake,
	}
}

// withKey is a platform that takes an address and a key: there is no app, and
// the driver is the same on both sides.
func withKey[D keyDriver](
	service catalog.ServiceInfo, build func(platform.Endpoints) (D, error), fake newFake,
) entry {
	return entry{
		service:  service,
		platform: service.ID.Platform(),
		forRelay: func(app platform.App) (platform.Driver, error) { return build(app.Endpoints) },
		forHub:   func(at platform.Endpoints) (platform.Driver, error) { return build(at) },
		fake:     fake,
	}
}

type relayDriver interface {
	platform.Driver
	platform.SignIn
}

type keyDriver interface {
	platform.Driver
	platform.KeyTaker
}

// Catalog is the catalog of the services of all platforms, in English.
func Catalog() (*catalog.Catalog, error) {
	var services []catalog.ServiceInfo
	for _, e := range platforms() {
		services = append(services, e.service)
	}
	return catalog.New(i18n.English, services...)
}

// Platforms lists every platform, in the order in which a client meets them.
func Platforms() []onboarding.Platform {
	var list []onboarding.Platform
	for _, e := range platforms() {
		list = append(list, e.platform)
	}
	return list
}

// TakesApp says whether the operator registers an app at the platform. It is
// true of one that has no driver yet.
func TakesApp(of onboarding.Platform) bool {
	for _, e := range platforms() {
		if e.platform == of {
			return e.app
		}
	}
	return true
}

// Settings lists what the operator can set for a platform beside its app.
func Settings(of onboarding.Platform) []platform.Setting {
	for _, e := range platforms() {
		if e.platform == of {
			return e.settings
		}
	}
	return nil
}

// Apps lists the platforms at which the operator registers an app.
func Apps() []onboarding.Platform {
	var list []onboarding.Platform
	for _, e := range platforms() {
		if e.app {
			list = append(list, e.platform)
		}
	}
	return list
}

// ForRelay builds the drivers of the platforms that the operator has an app
// for, and of those that need none.
func ForRelay(apps map[onboarding.Platform]platform.App, now func() time.Time) ([]platform.Driver, error) {
	var drivers []platform.Driver
	for _, e := range platforms() {
		app := apps[e.platform]
		if e.app && app.ClientID == "" {
			continue
		}
		app.Now = now
		driver, err := e.forRelay(app)
		if err != nil {
			return nil, err
		}
		drivers = append(drivers, driver)
	}
	return drivers, nil
}

// ForHub builds every driver without an app's secret. Addresses are empty but
// in the demo: a hub takes no platform's address from its relay.
func ForHub(addresses map[onboarding.Platform]platform.Endpoints) ([]platform.Driver, error) {
	var drivers []platform.Driver
	for _, e := range platforms() {
		driver, err := e.forHub(addresses[e.platform])
		if err != nil {
			return nil, err
		}
		drivers = append(drivers, driver)
	}
	return drivers, nil
}

// Fakes make the fake platforms, for a sandbox.Config.
func Fakes() []func(*sandbox.Env) sandbox.Platform {
	var fakes []func(*sandbox.Env) sandbox.Platform
	for _, e := range platforms() {
		fakes = append(fakes, e.fake)
	}
	return fakes
}
