package activecampaign

import (
	"embed"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

//go:embed icon.svg
var icon []byte

// Service has the catalog's texts and properties of ActiveCampaign.
func Service() catalog.ServiceInfo {
	return catalog.ServiceInfo{
		ID:       onboarding.ActiveCampaign,
		Messages: messages,
		Icon:     icon,
		ByHand:   true,
		Manage:   "https://www.activecampaign.com/login",
		Help:     "https://help.activecampaign.com/hc/en-us/articles/207317590-Getting-started-with-the-API",
		Advice:   catalog.KeyIsPersonal,
		Key:      true,
	}
}
