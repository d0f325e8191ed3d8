package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// CapabilityText describes what one item gives, in one line: what was counted
// first, then what can be done, as in "3 audiences, 41,207 contacts" and "Leads
// can be written, contacts can be read". Unknown names and levels are left
// out: a newer relay may have more than an older hub. Nothing is "".
func (c *Catalog) CapabilityText(all []onboarding.Capability) string {
	var counts, abilities []string
	for n, has := range all {
		noun, known := nounOf(has.Name)
		switch {
		case !known:
		case isCount(has):
			counts = append(counts, c.countOf(has, noun))
		case has.Level == onboarding.CanNot && named(all[:n], has.Name):
			// It is in the clause of what can be done: see ability.
		default:
			if clause := c.ability(noun, has, all[n+1:]); clause != "" {
				abilities = append(abilities, clause)
			}
		}
	}
	return grapheme.Capitalize(c.enumerate(append(counts, abilities...)))
}

// CapabilitySummary describes what several items of one service give together:
// "2 sheets, one can only be read", "2 accounts, 5 audiences, 82,414 contacts".
// For one item it is CapabilityText. Only items that are connected count; none
// is "".
func (c *Catalog) CapabilitySummary(items []onboarding.Item) string {
	items = slices.DeleteFunc(slices.Clone(items), func(i onboarding.Item) bool {
		return i.State != onboarding.ItemConnected
	})
	if len(items) == 1 {
		return c.CapabilityText(items[0].Access.Capabilities)
	}
	if len(items) == 0 {
		return ""
	}
	parts := append(c.kindCounts(items), c.sums(items)...)
	return c.enumerate(append(parts, c.comparisons(items)...))
}

// enumerate sets parts beside each other, without an "and".
func (c *Catalog) enumerate(parts []string) string {
	return strings.Join(parts, c.print.Text("list.between"))
}

// noun is something that an item gives. How it is called is in the messages
// under capability.<name>.
type noun struct {
	name   onboarding.CapabilityName
	denied string // what cannot be done with it where it was not given: "read", "write", "change", "use"
	lone   string // the same where nothing else can be done with it either; empty: denied
	whole  bool   // it is the item itself: a sheet's rows
	apart  bool   // its counts are not added up over several items
}

func nouns() []noun {
	return []noun{
		{name: onboarding.Audiences, denied: "change"},
		{name: onboarding.Contacts, denied: "write", lone: "read"},
		{name: onboarding.Lists, denied: "read"}, // nobody asks to change one
		{name: onboarding.Leads, denied: "write"},
		{name: onboarding.CampaignMembers, denied: "write"},
		{name: onboarding.SheetTabs, denied: "read", apart: true},
		{name: onboarding.Rows, denied: "write", whole: true, apart: true},
		{name: onboarding.DaysLeft, denied: "use", apart: true},
		{name: onboarding.Ads, denied: "change"},
		{name: onboarding.Results, denied: "read"},
	}
}

func nounOf(name onboarding.CapabilityName) (of noun, known bool) {
	all := nouns()
	if at := slices.IndexFunc(all, func(n noun) bool { return n.name == name }); at >= 0 {
		return all[at], true
	}
	return noun{}, false
}

func named(all []onboarding.Capability, name onboarding.CapabilityName) bool {
	return slices.ContainsFunc(all, func(c onboarding.Capability) bool { return c.Name == name && !isCount(c) })
}

// isCount reports whether a capability is a count, or stands where one failed.
func isCount(c onboarding.Capability) bool { return c.Level == "" || c.Level == onboarding.NotCounted }

// ability is a clause: "contacts can be read". What was asked for and not given
// of the same thing, among the rest, is in it: "but not written".
func (c *Catalog) ability(n noun, has onboarding.Capability, rest []onboarding.Capability) string {
	things := c.print.Text(capabilityID(n, "plural"))
	clause := func(id string) string { return c.print.Text("can."+id, "Things", things) }
	does := doesOf(has.Level)
	denied := slices.ContainsFunc(rest, func(r onboarding.Capability) bool {
		return r.Name == has.Name && r.Level == onboarding.CanNot
	})
	switch {
	case has.Level == onboarding.CanNot:
		return clause("not_" + cmp.Or(n.lone, n.denied))
	case len(does) == 0:
		return ""
	case denied && !slices.Contains(does, n.denied):
		return clause(strings.Join(does, "_") + "_not_" + n.denied)
	case n.whole && has.Level == onboarding.CanRead:
		return clause("only_read")
	}
	return clause(strings.Join(does, "_"))
}

// doesOf is what a level allows.
func doesOf(level onboarding.CapabilityLevel) []string {
	switch level {
	case onboarding.CanRead:
		return []string{"read"}
	case onboarding.CanWrite:
		return []string{"write"}
	case onboarding.CanChange:
		return []string{"read", "change"}
	}
	return nil
}

func (c *Catalog) countOf(has onboarding.Capability, of noun) string {
	switch {
	case has.Level == onboarding.NotCounted:
		return c.print.Text("can.not_count", "Things", c.print.Text(capabilityID(of, "plural")))
	case has.Count == 0:
		return c.print.Text(capabilityID(of, "none"))
	}
	return c.print.Plural(capabilityID(of, "count"), has.Count)
}

// capabilityID is the id of a text about what an item gives.
func capabilityID(of noun, text string) string { return "capability." + string(of.name) + "." + text }

// kindCounts counts items by their kind, in the order in which they came.
func (c *Catalog) kindCounts(items []onboarding.Item) []string {
	var kinds []onboarding.Kind
	counts := map[onboarding.Kind]int{}
	for _, i := range items {
		if counts[i.Kind] == 0 {
			kinds = append(kinds, i.Kind)
		}
		counts[i.Kind]++
	}
	var parts []string
	for _, kind := range kinds {
		parts = append(parts, c.CountKind(counts[kind], kind))
	}
	return parts
}

// sums adds up what each of the items counted. What only some of them have
// counted is left out: a sum of it would be too small. A count that failed is named.
func (c *Catalog) sums(items []onboarding.Item) []string {
	var parts []string
	for _, name := range namesOf(items) {
		noun, known := nounOf(name)
		if !known || noun.apart {
			continue
		}
		var sum onboarding.Capability
		counted := 0
		for _, i := range items {
			for _, has := range i.Access.Capabilities {
				if has.Name != name || !isCount(has) {
					continue
				}
				sum.Count += has.Count
				counted++
				if has.Level == onboarding.NotCounted {
					sum.Level = has.Level
				}
			}
		}
		if counted == len(items) {
			parts = append(parts, c.countOf(sum, noun))
		}
	}
	return parts
}

// comparisons describe what can be done: all of it where the items do not differ,
// and else only which of them can no more than be read.
func (c *Catalog) comparisons(items []onboarding.Item) []string {
	parts := c.wholes(items)
	first, same, reading, writing := c.clausesOf(items[0]), true, 0, 0
	for _, i := range items {
		clauses := c.clausesOf(i)
		if len(clauses) == 0 {
			return parts // nothing is known of it
		}
		same = same && slices.Equal(clauses, first)
		switch reads, writes := canDo(i); {
		case writes:
			writing++
		case reads:
			reading++
		}
	}
	switch {
	case same:
		return append(parts, first...)
	case writing == len(items) || writing == 0:
		return append(parts, c.print.Text("several.differ"))
	case writing+reading == len(items):
		return append(parts, c.someOf("only_read", reading, len(items)))
	}
	return append(parts, c.print.Text("several.not_all_write"))
}

// clausesOf are what can be done with an item's parts, in the order of names.
func (c *Catalog) clausesOf(i onboarding.Item) []string {
	var clauses []string
	all := i.Access.Capabilities
	for n, has := range all {
		noun, known := nounOf(has.Name)
		if !known || noun.whole || isCount(has) || has.Level == onboarding.CanNot && named(all[:n], has.Name) {
			continue
		}
		if clause := c.ability(noun, has, all[n+1:]); clause != "" {
			clauses = append(clauses, clause)
		}
	}
	slices.Sort(clauses)
	return clauses
}

func canDo(i onboarding.Item) (reads, writes bool) {
	for _, c := range i.Access.Capabilities {
		reads = reads || c.Level == onboarding.CanRead
		writes = writes || c.Level == onboarding.CanWrite || c.Level == onboarding.CanChange
	}
	return reads, writes
}

// wholes describe with how many of the items themselves less can be done than was
// asked for.
func (c *Catalog) wholes(items []onboarding.Item) []string {
	can := map[onboarding.CapabilityLevel]int{}
	for _, i := range items {
		for _, has := range i.Access.Capabilities {
			if noun, known := nounOf(has.Name); known && noun.whole {
				can[has.Level]++
			}
		}
	}
	var parts []string
	if n := can[onboarding.CanWrite]; n > 0 {
		parts = append(parts, c.someOf("only_write", n, len(items)))
	}
	if n := can[onboarding.CanRead]; n > 0 {
		parts = append(parts, c.someOf("only_read", n, len(items)))
	}
	if n := can[onboarding.CanNot]; n > 0 {
		parts = append(parts, c.someOf("not_write", n, len(items)))
	}
	return parts
}

// someOf counts, in words, the items of which something is true.
func (c *Catalog) someOf(id string, number, of int) string {
	id = "several." + id
	switch {
	case number == of && of == 2:
		return c.print.Text(id + ".both")
	case number == of:
		return c.print.Text(id + ".all")
	}
	return c.print.Plural(id+".some", int64(number))
}

func namesOf(items []onboarding.Item) []onboarding.CapabilityName {
	var names []onboarding.CapabilityName
	for _, i := range items {
		for _, c := range i.Access.Capabilities {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	return names
}
