// Package catalog holds what can be asked for and what can go wrong, as data:
// services, failures, and the texts of both by id.
//
// Wizard, emails, receipt and hub take their texts from here, so each is
// written once. All texts are plain: who shows one escapes it. A platform's own
// texts are in the platform's folder. Of the platforms the package names only
// Facebook, where assets are shared and not signed in to: that fails in ways of
// its own. It decides nothing and reads no request.
package catalog

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

// Catalog is all services and failures, in one language. It is made by a
// program and handed down; it never changes and is safe for concurrent use.
type Catalog struct {
	print        *i18n.Printer
	platforms    map[onboarding.Service]platformTexts
	order        []onboarding.Service
	usual        map[onboarding.Service]Service // as most requests ask for them
	failures     map[FailureCode]failureInfo
	variants     map[textKey][]variant
	conditions   []condition
	placeholders map[string]func(*values) string
	place        func(address string) string // where the platforms' pages are; nil: where they say
}

// New reads the texts of a language, and those of the services in the order in
// which a client meets them.
func New(lang string, services ...ServiceInfo) (*Catalog, error) {
	printer, err := i18n.New(lang, messages)
	if err != nil {
		return nil, fmt.Errorf("reading the catalog's messages: %w", err)
	}
	loaded := &Catalog{
		print:        printer,
		platforms:    map[onboarding.Service]platformTexts{},
		failures:     map[FailureCode]failureInfo{},
		conditions:   conditions(),
		placeholders: placeholders(),
	}
	for _, info := range failures() {
		loaded.failures[info.code] = info
	}
	if loaded.variants, err = variantsOf(printer.IDs()); err != nil {
		return nil, fmt.Errorf("reading the catalog's messages: %w", err)
	}
	for _, info := range services {
		texts, err := i18n.New(lang, info.Messages)
		if err != nil {
			return nil, fmt.Errorf("reading the messages of %s: %w", info.ID, err)
		}
		loaded.platforms[info.ID] = platformTexts{info: info, print: texts}
		loaded.order = append(loaded.order, info.ID)
	}
	describeUsual(loaded)
	return loaded, nil
}

func describeUsual(c *Catalog) {
	c.usual = map[onboarding.Service]Service{}
	for _, id := range c.order {
		c.usual[id] = c.describe(c.platforms[id], Asked{})
	}
}

// WithPlaces returns a copy of a catalog whose links to pages of the platforms lead where place says, which
// gets the real address: the demo has pages of its own. Links to instructions stay.
func WithPlaces(c *Catalog, place func(address string) string) *Catalog {
	moved := *c
	moved.place = place
	describeUsual(&moved)
	return &moved
}

// placed is a link to a page of a platform; place may be nil.
func placed(place func(address string) string, label, address string) Link {
	if place != nil && address != "" {
		address = place(address)
	}
	return Link{Label: label, URL: address}
}

// Printer prints lists, dates and numbers in the catalog's language.
func (c *Catalog) Printer() *i18n.Printer { return c.print }

// DefaultMessage is the message of a request if the requester wrote none.
func (c *Catalog) DefaultMessage() string { return c.print.Text("default_message") }

// NeutralTitle stands in place of a company's name that is not shown.
func (c *Catalog) NeutralTitle() string { return c.print.Text("neutral_title") }

// Services lists every service in the order in which a client meets them.
func (c *Catalog) Services() []Service {
	list := make([]Service, 0, len(c.order))
	for _, id := range c.order {
		list = append(list, c.usual[id])
	}
	return list
}

// IDs lists the ids of Services.
func (c *Catalog) IDs() []onboarding.Service { return slices.Clone(c.order) }

// ServiceNames lists the names of Services.
func (c *Catalog) ServiceNames() []string { return c.Names(c.order) }

// Known reports whether id is one of Services.
func (c *Catalog) Known(id onboarding.Service) bool { return slices.Contains(c.order, id) }

// Sort gives services in the order in which a client meets them, each once; one
// that is not known is left out.
func (c *Catalog) Sort(asked []onboarding.Service) []onboarding.Service {
	ordered := make([]onboarding.Service, 0, len(asked))
	for _, id := range c.order {
		if slices.Contains(asked, id) {
			ordered = append(ordered, id)
		}
	}
	return ordered
}

// Service gives the texts of one service. An unknown one has its id for a name
// and nothing else: a newer relay may have more than an older hub.
func (c *Catalog) Service(id onboarding.Service) Service { return c.ServiceFor(Asked{}, id) }

// ServiceFor gives the texts of one service as a request asks for it.
func (c *Catalog) ServiceFor(asked Asked, id onboarding.Service) Service {
	texts, known := c.platforms[id]
	if !known {
		return c.unknownService(id)
	}
	if asked.Usual() {
		return c.usual[id]
	}
	return c.describe(texts, asked)
}

// Icon is the SVG file with a service's mark; nil: it is not known here.
func (c *Catalog) Icon(id onboarding.Service) []byte { return c.platforms[id].info.Icon }

// Names are the names of services, as in a sentence.
func (c *Catalog) Names(services []onboarding.Service) []string {
	names := make([]string, 0, len(services))
	for _, id := range services {
		names = append(names, c.Service(id).Name)
	}
	return names
}

// Asked is what a request asks for at Facebook: beside ad accounts and Pages,
// and to what end. The zero Asked is neither more nor less than the usual.
type Asked struct {
	Level onboarding.AccessLevel
	Kinds []onboarding.Kind
}

// AskedBy is what a request asks for at Facebook.
func AskedBy(r onboarding.Request) Asked { return Asked{Level: r.Level, Kinds: r.Kinds} }

// Usual reports whether it is what every request asks for.
func (a Asked) Usual() bool {
	return a.Level.OrDefault() == onboarding.LevelAdvertise && len(a.Kinds) == 0
}

// All lists the kinds that are asked for, ad accounts and Pages first.
func (a Asked) All() []onboarding.Kind {
	return append([]onboarding.Kind{onboarding.AdAccount, onboarding.Page}, onboarding.SortKinds(a.Kinds)...)
}

// Things names what is asked for: "ad accounts, Pages and datasets".
func (c *Catalog) Things(a Asked) string {
	var names []string
	for _, kind := range a.All() {
		names = append(names, c.KindPlural(kind))
	}
	return c.List(names)
}

// UnreadList names a list that a platform refused: of a business, what it owns or
// what others gave to it; without one, the user's own.
func (c *Catalog) UnreadList(kind onboarding.Kind, business string, given bool) string {
	id := "unread_list.owned"
	switch {
	case business == "":
		id = "unread_list.own"
	case given:
		id = "unread_list.given"
	}
	return c.print.Text(id, "Kinds", c.KindPlural(kind), "Business", business)
}

// LeftOut names what was picked and is not connected, each with the reason.
func (c *Catalog) LeftOut(items []onboarding.LeftOut) string {
	var names []string
	nameless := 0
	for _, item := range items {
		id := "left_out." + item.Why
		switch {
		case item.Name == "":
			nameless++
			continue
		case !c.print.Has(id):
			id = "left_out.share_removed"
		}
		names = append(names, c.print.Text(id, "Name", item.Name))
	}
	if nameless > 0 {
		names = append(names, c.print.Plural("left_out.nameless", int64(nameless)))
	}
	return c.List(names)
}

// Kind names a kind of item, as a title: "Ad account".
func (c *Catalog) Kind(kind onboarding.Kind) string { return c.print.Text(c.kindID(kind, "name")) }

// NamedKind names an item with its kind: "Page Harbour & Pine".
func (c *Catalog) NamedKind(kind onboarding.Kind, name string) string {
	return c.print.Text("named_kind", "Kind", c.Kind(kind), "Name", name)
}

// KindTitle names several of a kind, as a title and in Facebook's menus: "Ad accounts".
func (c *Catalog) KindTitle(kind onboarding.Kind) string {
	return c.print.Text(c.kindID(kind, "title"))
}

// KindSingular is what one of a kind is called in the middle of a sentence.
func (c *Catalog) KindSingular(kind onboarding.Kind) string {
	return c.print.Text(c.kindID(kind, "singular"))
}

// KindPlural is what several of a kind are called in the middle of a sentence.
func (c *Catalog) KindPlural(kind onboarding.Kind) string {
	return c.print.Text(c.kindID(kind, "plural"))
}

// CountKind is a number of items of a kind, in words: "2 ad accounts", "1 Page", "no sheets".
func (c *Catalog) CountKind(n int, kind onboarding.Kind) string {
	if n == 0 {
		return c.print.Text(c.kindID(kind, "none"))
	}
	return c.print.Plural(c.kindID(kind, "count"), int64(n))
}

// kindID is the id of a text about a kind; one that is not known is an account.
func (c *Catalog) kindID(kind onboarding.Kind, text string) string {
	if !slices.Contains(onboarding.Kinds(), kind) {
		kind = onboarding.CRMAccount
	}
	return "kind." + string(kind) + "." + text
}

// State is the one word for an item's state.
func (c *Catalog) State(state onboarding.ItemState) string {
	if id := "state." + string(state); c.print.Has(id) {
		return c.print.Text(id)
	}
	return c.print.Text("state.none")
}

// Date is a day as clients read it. Never is "".
func (c *Catalog) Date(m onboarding.Timestamp) string {
	if m == 0 {
		return ""
	}
	return c.print.Date(m.Time())
}

// DateTime is a timestamp as clients read it, with weekday and time zone. Never
// is "".
func (c *Catalog) DateTime(m onboarding.Timestamp) string {
	if m == 0 {
		return ""
	}
	return c.print.DateTime(m.Time())
}

// Time is a time of day with its zone: "14:32 UTC". Never is "".
func (c *Catalog) Time(m onboarding.Timestamp) string {
	if m == 0 {
		return ""
	}
	return c.print.Time(m.Time())
}

// List joins names as in a sentence: "Facebook, X and Y".
func (c *Catalog) List(names []string) string { return c.print.List(names) }

// GroupDigits sets a long number in groups of four, so that it can be compared
// by eye: "1184 2090 3317 552". What is not all digits stays as it is.
func GroupDigits(id string) string {
	if len(id) <= 4 || strings.Trim(id, "0123456789") != "" {
		return id
	}
	var grouped strings.Builder
	for i, digit := range id {
		if i > 0 && i%4 == 0 {
			grouped.WriteByte(' ')
		}
		grouped.WriteRune(digit)
	}
	return grouped.String()
}

// FirstName is how a person is greeted: the first word of what they typed.
func FirstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
