// Package all lists the platforms, each with its drivers and its fake, so that
// the programs and the demo name them in one place. A new platform is one
// folder beside this one and a line here.
//
// It never calls a platform.
package all

import (
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/egress"
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

// platforms lists the platforms, in the order of the wizard.
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

// entry has the constructors of a platform's drivers and fake.
type entry struct {
	service  catalog.ServiceInfo
	platform onboarding.Platform
	app      bool // the operator registers an app there
	settings []platform.Setting
	forRelay func(platform.App) (platform.Driver, error)
	forHub   func(platform.Endpoints) (platform.Driver, error)
	fake     newFake
}

// newFake makes a platform's fake, for the demo and for tests.
type newFake = func(*sandbox.Env) sandbox.Platform

// withApp is a platform with OAuth: only the relay's driver has the app's
// secret.
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

// withKey is a platform with an address and a key: without an app, and with the
// same driver on both sides.
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

// Catalog returns the catalog of all platforms' services, in English.
func Catalog() (*catalog.Catalog, error) {
	var services []catalog.ServiceInfo
	for _, e := range platforms() {
		services = append(services, e.service)
	}
	return catalog.New(i18n.English, services...)
}

// Platforms lists every platform, in the order of the wizard.
func Platforms() []onboarding.Platform {
	var list []onboarding.Platform
	for _, e := range platforms() {
		list = append(list, e.platform)
	}
	return list
}

// TakesApp reports whether the operator registers an app at the platform, even
// if none is registered.
func TakesApp(of onboarding.Platform) bool {
	for _, e := range platforms() {
		if e.platform == of {
			return e.app
		}
	}
	return true
}

// Settings lists the operator's settings for a platform beside its app.
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

// ForRelay builds the drivers of the platforms that have an app, and of those
// that need none.
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

// ForHub builds every driver, without app secrets. Addresses are empty except
// in the demo: a hub accepts no platform's address from its relay.
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

// WithRoute are addresses of platforms for ForHub, each called by a route.
func WithRoute(
	addresses map[onboarding.Platform]platform.Endpoints, route *egress.Route,
) map[onboarding.Platform]platform.Endpoints {
	routed := map[onboarding.Platform]platform.Endpoints{}
	for _, e := range platforms() {
		at := addresses[e.platform]
		at.Route = route
		routed[e.platform] = at
	}
	return routed
}

// Fakes returns the constructors of the fake platforms, for a sandbox.Config.
func Fakes() []func(*sandbox.Env) sandbox.Platform {
	var fakes []func(*sandbox.Env) sandbox.Platform
	for _, e := range platforms() {
		fakes = append(fakes, e.fake)
	}
	return fakes
}
