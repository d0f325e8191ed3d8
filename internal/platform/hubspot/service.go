package hubspot

import (
	"embed"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

//go:embed icon.svg
var icon []byte

// Service has the catalog's texts and properties of HubSpot.
func Service() catalog.ServiceInfo {
	return catalog.ServiceInfo{
		ID:       onboarding.HubSpot,
		Messages: messages,
		Icon:     icon,
		Host:     "app.hubspot.com",
		Grant:    catalog.GrantOfAccount,
		Manage:   "https://app.hubspot.com/",
		Help:     "https://knowledge.hubspot.com/integrations/manage-connected-apps",
		Advice:   catalog.WhichAccount,
		Optional: []catalog.OptionalInfo{
			{Scope: "crm.objects.contacts.write", Feature: "contacts_write"},
			{Scope: "crm.schemas.contacts.read", Feature: "contacts_schema"},
			{Scope: "crm.lists.read", Feature: "lists_read"},
		},
		Role: &catalog.RoleInfo{},
	}
}
