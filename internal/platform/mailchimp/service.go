package mailchimp

import (
	"embed"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

//go:embed icon.svg
var icon []byte

// Service has the catalog's texts and properties of Mailchimp.
func Service() catalog.ServiceInfo {
	return catalog.ServiceInfo{
		ID:       onboarding.Mailchimp,
		Messages: messages,
		Icon:     icon,
		Host:     "login.mailchimp.com",
		ByHand:   true,
		Manage:   "https://login.mailchimp.com/",
		Help:     "https://mailchimp.com/help/manage-user-levels-in-your-account/",
		Advice:   catalog.WhichAccount,
	}
}
