package catalog

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// textKey names a text of a failure.
type textKey struct {
	group string // "failure" or "for_agency"
	code  FailureCode
	field string // "title", "message", …
}

// variant is a message with the conditions under which it is taken.
type variant struct {
	conditions uint64 // a bit for each, the lowest for the first
	id         string
}

// variantsOf sorts the messages about failures by their text. An id is
// failure.<code>.<condition>….<field>.
func variantsOf(ids []string) (map[textKey][]variant, error) {
	bit := map[string]uint64{}
	for i, c := range conditions() {
		bit[c.name] = 1 << i
	}
	codes := Codes()
	variants := map[textKey][]variant{}
	for _, id := range ids {
		parts := strings.Split(id, ".")
		if parts[0] != "failure" && parts[0] != "for_agency" {
			continue
		}
		if len(parts) < 3 || !slices.Contains(codes, FailureCode(parts[1])) {
			return nil, fmt.Errorf("the message %s is of no failure", id)
		}
		last := len(parts) - 1
		v := variant{id: id}
		for _, name := range parts[2:last] {
			if bit[name] == 0 {
				return nil, fmt.Errorf("the message %s depends on an unknown condition", id)
			}
			v.conditions |= bit[name]
		}
		key := textKey{group: parts[0], code: FailureCode(parts[1]), field: parts[last]}
		variants[key] = append(variants[key], v)
	}
	for _, list := range variants {
		slices.SortFunc(list, compareVariants)
	}
	return variants, nil
}

// compareVariants sorts more conditions before fewer, and then earlier before later.
func compareVariants(a, b variant) int {
	if more := bits.OnesCount64(b.conditions) - bits.OnesCount64(a.conditions); more != 0 {
		return more
	}
	return bits.TrailingZeros64(a.conditions) - bits.TrailingZeros64(b.conditions)
}

// failureTexts are the texts of one failure for some arguments.
type failureTexts struct {
	c      *Catalog
	info   failureInfo
	values *values
	held   uint64 // which conditions hold
}

func (c *Catalog) textsOf(code FailureCode, args Args) failureTexts {
	info, known := c.failures[code]
	if !known {
		info = c.failures[Unexpected]
	}
	texts := failureTexts{c: c, info: info, values: &values{c: c, args: args}}
	if args.Service != "" {
		texts.values.service = c.ServiceFor(args.Asked, args.Service)
	} else {
		texts.values.service = c.unknownService("")
	}
	for i, condition := range c.conditions {
		if condition.holds(texts.values) {
			texts.held |= 1 << i
		}
	}
	return texts
}

func (t failureTexts) holds(name string) bool {
	for i, condition := range t.c.conditions {
		if condition.name == name {
			return t.held&(1<<i) != 0
		}
	}
	return false
}

// client is what clients read; empty: there is no such text.
func (t failureTexts) client(field string) string {
	return t.text(textKey{group: "failure", code: t.info.code, field: field})
}

// agency is what the agency reads in the hub; empty: there is no such text.
func (t failureTexts) agency(field string) string {
	return t.text(textKey{group: "for_agency", code: t.info.code, field: field})
}

func (t failureTexts) text(key textKey) string {
	for _, v := range t.c.variants[key] {
		if v.conditions&t.held != v.conditions {
			continue
		}
		n := 0
		if t.info.count != nil {
			n = t.info.count(t.values.args)
		}
		return t.c.print.PluralOf(v.id, int64(n), t.values)
	}
	return ""
}
