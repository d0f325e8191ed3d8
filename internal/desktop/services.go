package desktop

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ServiceView is a service for the screens. It includes the icon, so that the
// first screen needs no further call.
type ServiceView struct {
	ID       onboarding.Service  `json:"id"`
	Platform onboarding.Platform `json:"platform"`
	Name     string              `json:"name"`
	Level    string              `json:"level"` // what was granted, if the platform names no tasks
	Icon     string              `json:"icon"`  // an SVG; a monogram if the platform's mark must not be shown
	Key      *KeyView            `json:"key"`   // the fields instead of a sign-in
}

// KeyView describes where the user finds an address and a key.
type KeyView struct {
	Place   string `json:"place"`   // a sentence
	Example string `json:"example"` // an example of the address
}

// services lists every service, in the order of the wizard.
func services(texts *catalog.Catalog) []ServiceView {
	list := []ServiceView{}
	for _, s := range texts.Services() {
		view := ServiceView{
			ID:       s.ID,
			Platform: s.ID.Platform(),
			Name:     s.Name,
			Level:    s.Agency.Level,
			Icon:     string(texts.Icon(s.ID)),
		}
		if s.Key != nil {
			view.Key = &KeyView{Place: s.Agency.KeyPlace, Example: s.Agency.KeyExample}
		}
		list = append(list, view)
	}
	return list
}
