package mail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxRows keeps a letter about 500 accounts a letter: the page has them all.
const maxRows = 40

// row is one line of a list: what on the left, its state as a word on the right.
type row struct {
	Name   string
	Detail string
	State  string
	Tone   string // of the state: "ok", "wait", "fail" or "rest"
	Action *button
}

// group is a run of items that are said together.
type group struct {
	service onboarding.Service
	kind    onboarding.Kind
	state   onboarding.ItemState
	failure string
	names   []string
	items   []onboarding.Item
}

// gather puts together what is of one service, kind and state and for one
// reason, services in the fixed order and names in the alphabet's. What is being shared at this very
// moment is not told: a letter cannot be corrected.
func gather(items []onboarding.Item) []group {
	var groups []group
	items = slices.SortedStableFunc(slices.Values(items), func(a, b onboarding.Item) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	for _, service := range onboarding.Services() {
		for _, kind := range onboarding.Kinds() {
			for _, state := range []onboarding.ItemState{
				onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemFailed,
			} {
				first := len(groups)
				for _, item := range items {
					if item.Service != service || item.Kind != kind || item.State != state {
						continue
					}
					failure := item.Failure
					if state == onboarding.ItemConnected {
						failure = ""
					}
					at := slices.IndexFunc(groups[first:], func(g group) bool { return g.failure == failure })
					if at < 0 {
						groups = append(groups, group{service: service, kind: kind, state: state, failure: failure})
						at = len(groups) - 1 - first
					}
					groups[first+at].names = append(groups[first+at].names, foreign(item.Name))
					groups[first+at].items = append(groups[first+at].items, item)
				}
			}
		}
	}
	return groups
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

// shared lists by name what a client gave, for the client. Each row leads to
// its place in the receipt.
func (l Receipt) shared(c *Composer) []row {
	var rows []row
	receipt := l.Link.Reveal()
	for _, g := range gather(l.Items) {
		service := c.catalog.ServiceFor(l.Asked, g.service)
		what := service.Name
		if g.service == onboarding.Facebook {
			what = c.catalog.Kind(g.kind)
			if len(g.names) > 1 {
				what = g.kinds(c)
			}
		} else if len(g.names) > 1 {
			what += ", " + g.kinds(c)
		}
		said := row{Name: strings.Join(g.names, ", "), State: c.catalog.State(g.state), Tone: g.tone()}
		if len(g.names) > fewNames {
			said.Name, what = g.kinds(c), c.most(g.names)
			if g.service != onboarding.Facebook {
				what = service.Name + " · " + what
			}
		}
		switch g.state {
		case onboarding.ItemConnected:
			said.Detail = what + " · " + service.LevelOf(g.items)
			said.Action = &button{Label: "How to withdraw", URL: receipt + "#take-back-" + string(g.service)}
		default:
			failure := c.catalog.Describe(catalog.FailureCode(g.failure), catalog.Args{
				Agency: line(l.Agency.CompanyName()), Service: g.service, Asked: l.Asked,
			})
			said.Detail = what + " · " + strings.TrimSuffix(failure.Short, ".")
			if g.state == onboarding.ItemWaiting {
				said.Action = &button{Label: "Show me where", URL: receipt + "#take-back-" + string(g.service)}
			}
		}
		rows = append(rows, said)
	}
	for _, skip := range l.Skipped {
		rows = append(rows, row{
			Name: c.catalog.Service(skip.Service).Name, Detail: "Not shared", State: "Skipped", Tone: "rest",
		})
	}
	return rows
}

// counted lists by service and number what a client gave, for the requester:
// names and credentials are in the hub.
func (c *Composer) counted(items []onboarding.Item, skipped []onboarding.Skip, business string) []row {
	var rows []row
	for _, g := range gather(items) {
		said := row{
			Name: c.catalog.Service(g.service).Name, Detail: g.kinds(c), State: c.catalog.State(g.state), Tone: g.tone(),
		}
		if g.state == onboarding.ItemConnected {
			if last := len(rows) - 1; last >= 0 && rows[last].Name == said.Name && rows[last].Tone == "ok" {
				rows[last].Detail += ", " + said.Detail
				continue
			}
		} else {
			said.Detail += " · " + c.waitsFor(g)
		}
		rows = append(rows, said)
	}
	for i := range rows {
		if rows[i].Tone == "ok" && rows[i].Name == c.catalog.Service(onboarding.Facebook).Name && business != "" {
			rows[i].Detail += " · " + line(business)
		}
	}
	for _, skip := range skipped {
		detail := "They gave no reason"
		if strings.TrimSpace(skip.Reason) != "" {
			detail = "They gave a reason; it is in Latchkey"
		}
		rows = append(rows, row{Name: c.catalog.Service(skip.Service).Name, Detail: detail, State: "Skipped", Tone: "rest"})
	}
	return rows
}

// waitsFor says to the agency who has to do something. What and why is in the
// hub, with the item.
func (c *Composer) waitsFor(g group) string {
	service := c.catalog.Service(g.service).Name
	code := catalog.FailureCode(g.failure)
	if code == catalog.ManualShare {
		return "they share it at " + service + " themselves"
	}
	switch c.catalog.Describe(code, catalog.Args{Service: g.service}).FixedBy {
	case catalog.Colleague:
		return "their admin must approve it"
	case catalog.TheAgency:
		return "it waits for you"
	case catalog.Platform, catalog.Nobody:
		return service + " makes them wait"
	}
	if g.state == onboarding.ItemWaiting {
		return "it waits for them"
	}
	return "it did not work; the reason is in Latchkey"
}

// fewNames is how many names stand in a row's title: more stand below it.
const fewNames = 4

// maxNames keeps a letter about 500 accounts a letter.
const maxNames = 100

// most names them all, as far as a letter goes.
func (c *Composer) most(names []string) string {
	if len(names) <= maxNames {
		return c.catalog.List(names)
	}
	return strings.Join(names[:maxNames], ", ") + fmt.Sprintf(
		" and %d more, named on the receipt’s page", len(names)-maxNames,
	)
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

func hasService(items []onboarding.Item, service onboarding.Service) bool {
	return slices.ContainsFunc(items, func(item onboarding.Item) bool { return item.Service == service })
}
