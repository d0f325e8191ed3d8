package desktop

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ServiceView is a service as the screens show it. Its mark is in the answer: it
// is there when the first screen is painted, and needs no address of its own.
type ServiceView struct {
	ID       onboarding.Service  `json:"id"`
	Platform onboarding.Platform `json:"platform"`
	Name     string              `json:"name"`
	Level    string              `json:"level"` // what was given, where the platform names no tasks
	Icon     string              `json:"icon"`  // an SVG file; where a mark is nobody's to show, it is a monogram
	Key      *KeyView            `json:"key"`   // what is typed in place of a sign-in
}

// KeyView says where an address and a key are found.
type KeyView struct {
	Place   string `json:"place"`   // a sentence
	Example string `json:"example"` // what the address looks like
}

// services lists every service, in the order in which a client meets them.
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
