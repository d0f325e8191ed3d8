// Package all lists the drivers, so that the programs and the demo name them
// in one place. A new platform is one folder beside this one and a line here.
package all

import (
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/activecampaign"
	"github.com/latchkeyhq/latchkey/internal/platform/hubspot"
	"github.com/latchkeyhq/latchkey/internal/platform/meta"
)

// ForRelay builds the drivers of the platforms that the operator has an app
// for. ActiveCampaign needs none.
func ForRelay(apps map[onboarding.Platform]platform.App, now func() time.Time) ([]platform.Driver, error) {
	var drivers []platform.Driver
	if app := apps[onboarding.Meta]; app.ClientID != "" {
		driver, err := meta.NewForRelay(app, now)
		if err != nil {
			return nil, err
		}
		drivers = append(drivers, driver)
	}
	if app := apps[onboarding.HubSpot.Platform()]; app.ClientID != "" {
		driver, err := hubspot.NewForRelay(app)
		if err != nil {
			return nil, err
		}
		drivers = append(drivers, driver)
	}
	driver, err := activecampaign.New(apps[onboarding.ActiveCampaign.Platform()].Addresses)
	if err != nil {
		return nil, err
	}
	return append(drivers, driver), nil
}

// ForHub builds every driver without an app's secret. Addresses are empty but
// in the demo: a hub takes no platform's address from its relay.
func ForHub(addresses map[onboarding.Platform]platform.Addresses) ([]platform.Driver, error) {
	facebook, err := meta.NewForHub(addresses[onboarding.Meta])
	if err != nil {
		return nil, err
	}
	portal, err := hubspot.NewForHub(addresses[onboarding.HubSpot.Platform()])
	if err != nil {
		return nil, err
	}
	campaign, err := activecampaign.New(addresses[onboarding.ActiveCampaign.Platform()])
	if err != nil {
		return nil, err
	}
	return []platform.Driver{facebook, portal, campaign}, nil
}
