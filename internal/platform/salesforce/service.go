package salesforce

import (
	"embed"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

//go:embed icon.svg
var icon []byte

// Service has the catalog's texts and properties of Salesforce.
func Service() catalog.ServiceInfo {
	return catalog.ServiceInfo{
		ID:       onboarding.Salesforce,
		Messages: messages,
		Icon:     icon,
		Host:     "login.salesforce.com",
		Manage:   "https://login.salesforce.com/",
		Help:     "https://help.salesforce.com/s/articleView?id=sf.distribution_installing_packages.htm",
		Before: []catalog.OptionInfo{
			{ID: "domain", Input: true},
			{ID: "production"},
			{ID: "sandbox"},
		},
		Role: &catalog.RoleInfo{Means: catalog.AdminMustInstall},
	}
}
