package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// CapabilityWords describes what one item gives, in one line: what was counted
// first, then what can be done, as in "3 audiences, 41,207 contacts" and "Leads
// can be written, contacts can be read". Names and levels that it does not know
// are left out: a newer relay may know more than an older hub. Nothing is "".
func CapabilityWords(all []onboarding.Capability) string {
	var counts, abilities []string
	for n, c := range all {
		noun, known := nounOf(c.Name)
		switch {
		case !known:
		case c.Level == "":
			counts = append(counts, countOf(c.Count, noun))
		case c.Level == onboarding.CanNot && named(all[:n], c.Name):
			// Said with what can be done with it: see ability.
		default:
			if clause := ability(noun, c, all[n+1:]); clause != "" {
				abilities = append(abilities, clause)
			}
		}
	}
	return capital(strings.Join(append(counts, abilities...), ", "))
}

// CapabilitySummary describes what several items of one service give together:
// "2 sheets, one can only be read", "2 accounts, 5 audiences, 82,414 contacts".
// For one item it is CapabilityWords. Only items that are connected count; none
// is "".
func CapabilitySummary(items []onboarding.Item) string {
	items = slices.DeleteFunc(slices.Clone(items), func(i onboarding.Item) bool {
		return i.State != onboarding.ItemConnected
	})
	if len(items) == 1 {
		return CapabilityWords(items[0].Access.Capabilities)
	}
	if len(items) == 0 {
		return ""
	}
	parts := append(kindCounts(items), sums(items)...)
	return strings.Join(append(parts, comparisons(items)...), ", ")
}

// noun is how something that an item gives is called.
type noun struct {
	one, many string
	denied    string // what cannot be done with it where it was not given
	lone      string // the same where nothing else can be done with it either; empty: denied
	whole     bool   // it is the item itself: a sheet's rows
	apart     bool   // its counts are not added up over several items
}

func nounOf(name string) (noun, bool) {
	switch name {
	case "audiences":
		return noun{one: "audience", many: "audiences", denied: "changed"}, true
	case "contacts":
		return noun{one: "contact", many: "contacts", denied: "written", lone: "read"}, true
	case "lists":
		return noun{one: "list", many: "lists", denied: "read"}, true // nobody asks to change one
	case "leads":
		return noun{one: "lead", many: "leads", denied: "written"}, true
	case "campaign_members":
		return noun{one: "campaign member", many: "campaign members", denied: "written"}, true
	case "sheet_tabs":
		return noun{one: "tab", many: "tabs", denied: "read", apart: true}, true
	case "rows":
		return noun{one: "row", many: "rows", denied: "written", whole: true, apart: true}, true
	case "days_left":
		return noun{one: "day until it ends", many: "days until it ends", denied: "used", apart: true}, true
	case "ads":
		return noun{one: "ad", many: "ads", denied: "changed"}, true
	case "results":
		return noun{one: "result", many: "results", denied: "read"}, true
	}
	return noun{}, false
}

func named(all []onboarding.Capability, name string) bool {
	return slices.ContainsFunc(all, func(c onboarding.Capability) bool { return c.Name == name && c.Level != "" })
}

// ability is a clause: "contacts can be read". What was asked for and not given
// of the same thing, among the rest, is in it: "but not written".
func ability(n noun, c onboarding.Capability, rest []onboarding.Capability) string {
	verbs := verbsOf(c.Level)
	denied := slices.ContainsFunc(rest, func(r onboarding.Capability) bool {
		return r.Name == c.Name && r.Level == onboarding.CanNot
	})
	switch {
	case c.Level == onboarding.CanNot:
		return n.many + " cannot be " + cmp.Or(n.lone, n.denied)
	case verbs == "":
		return ""
	case denied && !strings.Contains(verbs, n.denied):
		return n.many + " can be " + verbs + " but not " + n.denied
	case n.whole && c.Level == onboarding.CanRead:
		return n.many + " can only be read"
	}
	return n.many + " can be " + verbs
}

func verbsOf(level onboarding.CapabilityLevel) string {
	switch level {
	case onboarding.CanRead:
		return "read"
	case onboarding.CanWrite:
		return "written"
	case onboarding.CanChange:
		return "read and changed"
	}
	return ""
}

func countOf(n int64, of noun) string {
	switch n {
	case 0:
		return "no " + of.many
	case 1:
		return "1 " + of.one
	}
	return Thousands(n) + " " + of.many
}

// kindCounts counts items by their kind, in the order in which they came.
func kindCounts(items []onboarding.Item) []string {
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
		parts = append(parts, CountKind(counts[kind], kind))
	}
	return parts
}

// sums adds up what each of the items counted. What only some of them have
// counted is left out: a sum of it would be too small.
func sums(items []onboarding.Item) []string {
	var parts []string
	for _, name := range namesOf(items) {
		noun, known := nounOf(name)
		if !known || noun.apart {
			continue
		}
		var sum int64
		counted := 0
		for _, i := range items {
			for _, c := range i.Access.Capabilities {
				if c.Name == name && c.Level == "" {
					sum += c.Count
					counted++
				}
			}
		}
		if counted == len(items) {
			parts = append(parts, countOf(sum, noun))
		}
	}
	return parts
}

// comparisons say what can be done: all of it where the items do not differ,
// and else only which of them can no more than be read.
func comparisons(items []onboarding.Item) []string {
	parts := wholes(items)
	first, same, reading, writing := clausesOf(items[0]), true, 0, 0
	for _, i := range items {
		clauses := clausesOf(i)
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
		return append(parts, "not all give the same")
	case writing+reading == len(items):
		return append(parts, someOf(reading, len(items))+" can only be read")
	}
	return append(parts, "not all can be written")
}

// clausesOf are what can be done with an item's parts, in the order of names.
func clausesOf(i onboarding.Item) []string {
	var clauses []string
	all := i.Access.Capabilities
	for n, c := range all {
		noun, known := nounOf(c.Name)
		if !known || noun.whole || c.Level == "" || c.Level == onboarding.CanNot && named(all[:n], c.Name) {
			continue
		}
		if clause := ability(noun, c, all[n+1:]); clause != "" {
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

// wholes say with how many of the items themselves less can be done than was
// asked for.
func wholes(items []onboarding.Item) []string {
	can := map[onboarding.CapabilityLevel]int{}
	for _, i := range items {
		for _, c := range i.Access.Capabilities {
			if noun, known := nounOf(c.Name); known && noun.whole {
				can[c.Level]++
			}
		}
	}
	var parts []string
	if n := can[onboarding.CanWrite]; n > 0 {
		parts = append(parts, someOf(n, len(items))+" can only be written")
	}
	if n := can[onboarding.CanRead]; n > 0 {
		parts = append(parts, someOf(n, len(items))+" can only be read")
	}
	if n := can[onboarding.CanNot]; n > 0 {
		parts = append(parts, someOf(n, len(items))+" cannot be written")
	}
	return parts
}

func someOf(number, of int) string {
	switch {
	case number == of && of == 2:
		return "both"
	case number == of:
		return "all"
	case number == 1:
		return "one"
	}
	return strconv.Itoa(number)
}

func namesOf(items []onboarding.Item) []string {
	var names []string
	for _, i := range items {
		for _, c := range i.Access.Capabilities {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// Thousands writes a number as people read it: "41,207".
func Thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func capital(line string) string {
	first, size := utf8.DecodeRuneInString(line)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + line[size:]
}
