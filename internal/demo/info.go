package demo

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// collectInfo collects what somebody outside needs to join in.
func (d *Demo) collectInfo(ctx context.Context) error {
	code, err := d.Code(ctx)
	if err != nil {
		return err
	}
	d.info = Info{
		Relay: d.URL, Mailbox: d.World.Mail.URL(), Control: d.World.Control.URL(), EnrolmentCode: code.Reveal(),
		Platforms: map[string]string{}, Accounts: d.World.Keys(string(onboarding.ActiveCampaign.Platform())),
	}
	for _, name := range d.World.Platforms() {
		d.info.Platforms[name] = d.World.Server(name).URL()
	}
	d.info.Links = append(d.info.Links, d.withdrawn...) // a hub's list does not have them
	for _, filter := range []replica.Filter{replica.AllRequests, replica.ArchivedRequests} {
		if err := d.collectLinks(ctx, filter); err != nil {
			return fmt.Errorf("listing the demo's links: %w", err)
		}
	}
	return nil
}

func (d *Demo) collectLinks(ctx context.Context, filter replica.Filter) error {
	for after := ""; ; {
		page, err := d.office.Replica.Requests(ctx, replica.ListParams{Filter: filter, After: after})
		if err != nil {
			return err
		}
		for _, row := range page.Requests {
			details, err := d.office.Replica.Request(ctx, row.ID)
			if err != nil {
				return err
			}
			link := Link{Client: row.Client, State: stateOf(row), URL: details.Link}
			for _, service := range row.Services {
				link.Services = append(link.Services, service.Service)
			}
			d.info.Links = append(d.info.Links, link)
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// stateOf is what a request's link does, in one word.
func stateOf(row replica.RequestRow) string {
	if row.Phase == replica.PhaseExpired {
		return "expired"
	}
	if row.Finished != 0 || row.Status == onboarding.Connected {
		return "connected"
	}
	return "pending"
}
