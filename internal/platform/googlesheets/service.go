package googlesheets

import (
	"embed"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

//go:embed icon.svg
var icon []byte

// Service has the catalog's texts and properties of Google Sheets.
func Service() catalog.ServiceInfo {
	return catalog.ServiceInfo{
		ID:       onboarding.GoogleSheets,
		Messages: messages,
		Icon:     icon,
		Host:     "accounts.google.com",
		Grant:    catalog.GrantOfPerson,
		Manage:   "https://myaccount.google.com/connections",
		Help:     "https://support.google.com/accounts/answer/13533235",
		Before: []catalog.OptionInfo{
			{ID: "pick"},
			{ID: "new"},
		},
		Role: &catalog.RoleInfo{},
	}
}
