package meta

import (
	"embed"
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

//go:embed icon.svg
var icon []byte

// Service has the catalog's texts and properties of Facebook.
func Service() catalog.ServiceInfo {
	return catalog.ServiceInfo{
		ID:       onboarding.Facebook,
		Messages: messages,
		Icon:     icon,
		Host:     "www.facebook.com",
		Grant:    catalog.GrantOfAccount,
		Manage:   "https://business.facebook.com/settings",
		Help:     "https://www.facebook.com/business/help/708679622611131",

		VersionEnded: strconv.Itoa(endedVersion),
		AppRefused:   []string{dialogAppRefused, strconv.Itoa(appUnknown)},
		ProofRefused: proofRefused,
	}
}
