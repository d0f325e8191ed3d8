package mail

import (
	"cmp"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxRows keeps an email about 500 accounts short: the page has them all.
const maxRows = 40

// row is one line of a list: what on the left, its state as a word on the right.
type row struct {
	Name   string
	Detail string
	State  string
	Tone   string // of the state: "ok", "wait", "fail" or "rest"
	Action *button
}

// group is a run of items that share a row.
type group struct {
	service onboarding.Service
	kind    onboarding.Kind
	state   onboarding.ItemState
	failure string
	named   bool // clients typed their names, which no email carries
	// confirmer confirmed that they have arrived, without a check; empty: nobody had to
	confirmer string
	names     []string
	items     []onboarding.Item
}

// gather groups items by service, kind, state and reason, services in the catalog's order
// and names as people look for them. What is being shared at this moment
// is left out: an email cannot be corrected.
func (c *Composer) gather(items []onboarding.Item) []group {
	items = slices.Clone(items)
	collation.SortStable(items, func(i onboarding.Item) string { return i.Name })
	states := []onboarding.ItemState{onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemFailed}
	var groups []group
	for _, service := range c.catalog.IDs() {
		for _, kind := range onboarding.Kinds() {
			for _, state := range states {
				groups = append(groups, c.byReason(items, service, kind, state)...)
			}
		}
	}
	return groups
}

// byReason groups the items of one service, kind and state by their failure.
func (c *Composer) byReason(
	items []onboarding.Item, service onboarding.Service, kind onboarding.Kind, state onboarding.ItemState,
) []group {
	var groups []group
	for _, item := range items {
		if item.Service != service || item.Kind != kind || item.State != state {
			continue
		}
		failure := string(catalog.WhyNotConnected(item))
		if state == onboarding.ItemConnected {
			failure = ""
		}
		confirmer := ""
		if item.IsConfirmed() {
			confirmer = c.confirmer(item)
		}
		at := slices.IndexFunc(groups, func(g group) bool {
			return g.failure == failure && g.named == item.IsNamed() && g.confirmer == confirmer
		})
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{
				service: service, kind: kind, state: state, failure: failure, named: item.IsNamed(), confirmer: confirmer,
			})
		}
		groups[at].names = append(groups[at].names, untrustedName(item.Name))
		groups[at].items = append(groups[at].items, item)
	}
	return groups
}

// nameOf is an item's name. What a client typed is in no email: a stranger with the link may
// have.
func (c *Composer) nameOf(i onboarding.Item) string {
	if i.IsNamed() {
		return c.catalog.Kind(i.Kind)
	}
	return untrustedName(i.Name)
}

// kinds counts a kind: "2 ad accounts", "1 Page".
func (g group) kinds(c *Composer) string { return c.catalog.CountKind(len(g.names), g.kind) }

func (g group) tone() string {
	switch g.state {
	case onboarding.ItemConnected:
		return "ok"
	case onboarding.ItemWaiting:
		return "wait"
	}
	return "fail"
}

// details sets the parts of a row's second line beside each other.
func details(parts ...string) string {
	var isolated []string
	for _, part := range parts {
		isolated = append(isolated, bidi.Isolate(part))
	}
	return strings.Join(isolated, " · ")
}

// firstRows are as many rows as an email shows, and one that counts the rest.
func (c *Composer) firstRows(b block) []row {
	shown := min(len(b.Rows), maxRows)
	more := len(b.Rows) - shown + b.More
	if more == 0 {
		return b.Rows
	}
	return append(b.Rows[:shown:shown], row{
		Name: c.print.Plural("rows.more", int64(more)), Detail: cmp.Or(b.Rest, c.print.Text("rows.rest")), Tone: "rest",
	})
}

// rows list by name what a client gave, for the client. Each leads to its
// place in the receipt.
func (e Receipt) rows(c *Composer) []row {
	var rows []row
	for _, g := range c.gather(e.Items) {
		rows = append(rows, e.row(c, g))
	}
	for _, skip := range e.Skipped {
		rows = append(rows, row{
			Name: c.skippedName(skip.Service, e.Items), Detail: c.print.Text("rows.not_shared"),
			State: c.print.Text("rows.skipped"), Tone: "rest",
		})
	}
	return rows
}

func (e Receipt) row(c *Composer, g group) row {
	service := c.catalog.ServiceFor(e.Asked, g.service)
	name, parts := e.named(c, g, service.Name)
	made := row{Name: name, State: c.catalog.State(g.state), Tone: g.tone()}
	if g.confirmer != "" { // who that was is the agency's matter
		made.State = c.print.Text("receipt.state_shared")
	}
	help := e.Link.Reveal() + "#take-back-" + string(g.service)
	if g.state != onboarding.ItemFailed { // what waits can be taken back, too
		made.Action = &button{Label: c.print.Text("receipt.withdraw"), URL: help}
	}
	if g.state == onboarding.ItemConnected {
		made.Detail = details(append(parts, service.LevelOf(g.items))...)
		return made
	}
	failure := c.catalog.Describe(catalog.FailureCode(g.failure), catalog.Args{
		Agency: sanitizeLine(e.Agency.CompanyName()), Service: g.service, Asked: e.Asked,
	})
	made.Detail = details(append(parts, strings.TrimSuffix(failure.Short, "."))...)
	return made
}

// named are a group's names, and what they are; of many, how many they are,
// and their names.
func (e Receipt) named(c *Composer, g group, service string) (name string, parts []string) {
	isFacebook := g.service == onboarding.Facebook
	switch {
	case g.named:
		return g.kinds(c), nil
	case len(g.names) > fewNames && isFacebook:
		return g.kinds(c), []string{c.listNames(g.names)}
	case len(g.names) > fewNames:
		return g.kinds(c), []string{service, c.listNames(g.names)}
	}
	name = c.enumerate(g.names)
	switch {
	case isFacebook && len(g.names) > 1:
		return name, []string{g.kinds(c)}
	case isFacebook:
		return name, []string{c.catalog.Kind(g.kind)}
	case len(g.names) > 1:
		return name, []string{c.enumerate([]string{service, g.kinds(c)})}
	}
	return name, []string{service}
}

// counted lists by service and number what a client gave, for the requester:
// names and credentials are in the hub.
func (c *Composer) counted(items []onboarding.Item, skipped []onboarding.Skip, business string) []row {
	var rows []row
	for _, g := range c.gather(items) {
		made := row{
			Name: c.catalog.Service(g.service).Name, Detail: g.kinds(c), State: c.catalog.State(g.state), Tone: g.tone(),
		}
		last := len(rows) - 1
		switch {
		case g.confirmer != "":
			made.State, made.Tone = c.print.Text("confirmed.state"), "wait"
			made.Detail = details(made.Detail, c.print.Text("confirmed.by", "Who", g.confirmer))
		case g.state != onboarding.ItemConnected:
			made.Detail = details(made.Detail, c.waitsFor(g))
		case last >= 0 && rows[last].Name == made.Name && rows[last].Tone == "ok":
			rows[last].Detail = c.enumerate([]string{rows[last].Detail, made.Detail})
			continue
		}
		rows = append(rows, made)
	}
	facebook := c.catalog.Service(onboarding.Facebook).Name
	for i := range rows {
		if rows[i].Tone == "ok" && rows[i].Name == facebook && business != "" {
			rows[i].Detail = details(rows[i].Detail, sanitizeLine(business))
		}
	}
	return append(rows, c.skippedRows(skipped, items)...)
}

// skippedRows tell the requester what was skipped, and whether a reason was given.
func (c *Composer) skippedRows(skipped []onboarding.Skip, items []onboarding.Item) []row {
	var rows []row
	for _, skip := range skipped {
		detail := "rows.no_reason"
		if strings.TrimSpace(skip.Reason) != "" {
			detail = "rows.reason"
		}
		rows = append(rows, row{
			Name: c.skippedName(skip.Service, items), Detail: c.print.Text(detail),
			State: c.print.Text("rows.skipped"), Tone: "rest",
		})
	}
	return rows
}

// skippedName is what was skipped: a service, or what is left of one that gave something.
func (c *Composer) skippedName(service onboarding.Service, items []onboarding.Item) string {
	name := c.catalog.Service(service).Name
	for _, item := range items {
		if item.Service == service && (item.State == onboarding.ItemConnected || item.State == onboarding.ItemWaiting) {
			return c.print.Text("rows.rest_of", "Name", name)
		}
	}
	return name
}

// waitsFor tells the agency who has to do something. What and why is in the
// hub, with the item.
func (c *Composer) waitsFor(g group) string {
	t := c.texts("Service", c.catalog.Service(g.service).Name)
	code := catalog.FailureCode(g.failure)
	if code == catalog.ManualShare || code == catalog.NamedByClient {
		return t.text("waits_for.they_share")
	}
	switch c.catalog.Describe(code, catalog.Args{Service: g.service}).FixedBy {
	case catalog.Colleague:
		return t.text("waits_for.their_admin")
	case catalog.TheAgency:
		return t.text("waits_for.agency")
	case catalog.Platform, catalog.Nobody:
		return t.text("waits_for.platform")
	}
	if g.state == onboarding.ItemWaiting {
		return t.text("waits_for.client")
	}
	return t.text("waits_for.failed")
}

// fewNames is how many names stand in a row's title: more stand below it.
const fewNames = 4

// maxNames keeps an email about 500 accounts short.
const maxNames = 100

// listNames names them all, or the first maxNames.
func (c *Composer) listNames(names []string) string {
	if len(names) <= maxNames {
		return c.catalog.List(names)
	}
	return c.print.Plural("rows.names_more", int64(len(names)-maxNames), "Names", c.enumerate(names[:maxNames]))
}

func count(items []onboarding.Item, state onboarding.ItemState) int {
	n := 0
	for _, item := range items {
		if item.State == state {
			n++
		}
	}
	return n
}
