package checks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// CampaignForm is the input for a campaign.
type CampaignForm struct {
	AdAccount string `json:"ad_account"` // an item's id
	Page      string `json:"page"`       // an item's id
	Name      string `json:"name"`
	Objective string `json:"objective"` // as the platform writes it
}

// CreateCampaign creates a paused campaign as the platform user to whom the ad
// account is assigned. Items whose access is broken or pending are refused
// before any call. A refusal of the platform is an InvalidError with the
// catalog's message. The campaign is stored: see Replica.Campaigns.
func (c *Checks) CreateCampaign(ctx context.Context, form CampaignForm) (replica.Campaign, error) {
	made, err := c.createCampaign(ctx, form)
	if err != nil {
		return replica.Campaign{}, fmt.Errorf("creating a campaign: %w", err)
	}
	return made, nil
}

func (c *Checks) createCampaign(ctx context.Context, form CampaignForm) (replica.Campaign, error) {
	name, err := onboarding.ValidateLine("name", form.Name, onboarding.MaxName, "Give the campaign a name.")
	if err != nil {
		return replica.Campaign{}, err
	}
	account, err := c.usable(ctx, "ad_account", form.AdAccount, onboarding.AdAccount)
	if err != nil {
		return replica.Campaign{}, err
	}
	page, err := c.usable(ctx, "page", form.Page, onboarding.Page)
	if err != nil {
		return replica.Campaign{}, err
	}
	driver, err := platform.Find(c.config.Drivers, account.Service.Platform())
	if err != nil {
		return replica.Campaign{}, err
	}
	campaigner, able := driver.(platform.Campaigner)
	if !able {
		return replica.Campaign{}, onboarding.ErrNotOffered
	}
	connection, _, _, err := c.config.Credentials.SharedWith(ctx, account)
	if errors.Is(err, credentials.ErrNoCredential) {
		return replica.Campaign{}, onboarding.Invalid(
			"ad_account",

			"The Facebook user whom this was given to is not connected on this computer. Connect that user here, or make the "+
				"campaign where they are.",
		)
	} else if err != nil {
		return replica.Campaign{}, err
	}
	credential, err := c.config.Credentials.ConnectionCredential(ctx, connection.ID)
	if err != nil {
		return replica.Campaign{}, err
	}
	id, err := campaigner.Campaign(ctx, credential, platform.CampaignParams{AdAccount: account.Account,
		Page: page.Account, Name: name, Objective: form.Objective})
	var failure *platform.Failure
	if errors.As(err, &failure) {
		if failure.Asset == page.Account {
			return replica.Campaign{}, c.describe(ctx, failure, page)
		}
		return replica.Campaign{}, c.describe(ctx, failure, account)
	} else if err != nil {
		return replica.Campaign{}, err
	}
	made := replica.Campaign{ID: id, Name: name, Objective: form.Objective, AdAccount: account.Name, Page: page.Name,
		User: connection.User.Name, At: c.now(),
		Open: "https://adsmanager.facebook.com/adsmanager/manage/campaigns?act=" + trimAct(account.Account) +
			"&selected_campaign_ids=" + id}
	if err := c.config.Replica.StoreCampaign(ctx, made); err != nil {
		// The campaign exists: an error would make the user create another.
		c.config.Log.Error("a campaign was made and is not in the list", "campaign", id, "error", err)
	}
	return made, nil
}

func trimAct(account string) string {
	if number, found := strings.CutPrefix(account, "act_"); found {
		return number
	}
	return account
}

// usable reads an item and refuses one that no campaign can use.
func (c *Checks) usable(ctx context.Context, field, id string, kind onboarding.Kind) (onboarding.Item, error) {
	item, err := replica.ReadItem(ctx, c.config.Replica.DB(), id)
	if errors.Is(err, onboarding.ErrNotFound) || err == nil && item.Kind != kind {
		return item, onboarding.Invalid(field, "Choose one from the list.")
	}
	if err != nil {
		return item, err
	}
	if !replica.IsUsable(item) {
		return item, onboarding.Invalid(field, fmt.Sprintf("%s cannot be used now.", item.Name))
	}
	asked, err := replica.ReadRequest(ctx, c.config.Replica.DB(), item.Request)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) { // the agency's own items have no request
		return item, err
	}
	if asked.Level == onboarding.LevelView || len(item.Tasks) > 0 && !slices.Contains(item.Tasks,
		onboarding.TaskAdvertise) {
		return item, onboarding.Invalid(field, item.Name+" can be used to see results only. Ask for the right to run ads "+
			"with it.")
	}
	return item, nil
}

// describe turns a platform's refusal into the catalog's message, with the
// platform's code.
func (c *Checks) describe(ctx context.Context, failure *platform.Failure, item onboarding.Item) error {
	if failure.Code == catalog.PlatformDown || failure.Code == catalog.PlatformBusy {
		return fmt.Errorf("%w: %w", onboarding.ErrPlatformDown, failure)
	}
	agency, err := replica.ReadAgency(ctx, c.config.Replica.DB())
	if err != nil {
		return err
	}
	words := c.config.Catalog.Describe(failure.Code, catalog.Args{Agency: agency.CompanyName(), Asset: item.Name,
		Service: item.Service, Account: item.Name})
	sentence := words.ForAgency
	if failure.PlatformCode != "" {
		sentence += " (" + c.config.Catalog.Service(item.Service).Name + " says " + failure.PlatformCode + ".)"
	}
	return onboarding.Invalid("campaign", sentence)
}
