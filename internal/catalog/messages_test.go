package catalog

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func ownCatalog(t *testing.T) *Catalog {
	t.Helper()
	c, err := New(i18n.English)
	if err != nil {
		t.Fatalf("reading the catalog: %v", err)
	}
	return c
}

// described are the fields of a failure's texts.
func described() []string {
	return []string{"title", "short", "message", "explanation", "next", "steps", "link", "note", "for_agency"}
}

func TestEachTextOfAFailureIsOneThatIsShown(t *testing.T) {
	c := ownCatalog(t)
	for key, variants := range c.variants {
		fields := described()
		if key.group == "for_agency" {
			fields = []string{"title", "message", "who", "next", "open", "note"}
		}
		if !slices.Contains(fields, key.field) {
			t.Errorf("%s: nothing shows the text %s", key.code, key.field)
		}
		conditional := []string{"short", "next", "link", "message", "for_agency"}
		if key.group == "for_agency" {
			conditional = fields
		}
		if variants[len(variants)-1].conditions != 0 && !slices.Contains(conditional, key.field) {
			t.Errorf("%s: the text %s is there under conditions only", key.code, key.field)
		}
	}
	for code := range c.failures {
		for _, field := range []string{"title", "message"} {
			if len(c.variants[textKey{group: "failure", code: code, field: field}]) == 0 {
				t.Errorf("%s has no %s", code, field)
			}
		}
	}
}

func TestEachPlaceholderIsOneThatTheArgumentsGive(t *testing.T) {
	c := ownCatalog(t)
	for _, variants := range c.variants {
		for _, v := range variants {
			names, isPlural := c.print.Placeholders(v.id)
			for _, name := range names {
				if c.placeholders[name] == nil && (!isPlural || name != "Count") {
					t.Errorf("%s: nothing stands for %s", v.id, name)
				}
			}
			code := FailureCode(strings.Split(v.id, ".")[1])
			if isPlural != (isPlural && c.failures[code].count != nil) {
				t.Errorf("%s has plural forms, and nothing says of what", v.id)
			}
		}
	}
	for name := range c.placeholders {
		if !usesPlaceholder(c, name) {
			t.Errorf("no text has the placeholder %s", name)
		}
	}
}

func usesPlaceholder(c *Catalog, name string) bool {
	return slices.ContainsFunc(c.print.IDs(), func(id string) bool {
		names, _ := c.print.Placeholders(id)
		return slices.Contains(names, name)
	})
}

// The other texts are named in the code, or built from the values of a type.
func TestEachOtherTextIsUsed(t *testing.T) {
	known := map[string]bool{
		"for_agency_otherwise.next": true, "named_kind": true, "default_message": true, "neutral_title": true,
	}
	add := func(prefix string, names ...string) {
		for _, name := range names {
			known[prefix+name] = true
		}
	}
	for _, kind := range onboarding.Kinds() {
		add("kind."+string(kind)+".", "name", "title", "indefinite", "singular", "plural", "none", "count", "explained")
	}
	for _, party := range []Party{You, Colleague, TheAgency, Platform, Nobody} {
		add("party.", string(party))
	}
	add("state.", "sharing", "connected", "waiting", "failed", "ended", "none")
	add(
		"neutral.", "agency", "agency_start", "asset", "asset_start", "client", "client_start", "platform", "platform_start",
		"platform_noun",
	)
	add("unknown_service.", "sign", "account", "accounts")
	add("greeting.", "named", "nameless")
	add("try_again.", "after", "minutes", "hours")
	add(
		"ending.", "leaves_business", "credential_deleted", "platform_asked", "leaves_accounts", "leaves_accounts_own",
		"by_hand", "shared", "asset_shared", "named", "unawaited",
	)
	add("ended.", "title", "message")
	add("several.", "differ", "not_all_write")
	add("unread_list.", "own", "owned", "given")
	add("left_out.", "in_trash", "nothing_picked", "share_removed", "nameless")
	for _, what := range []string{"only_read", "only_write", "not_write"} {
		add("several."+what+".", "both", "all", "some")
	}
	c := ownCatalog(t)
	for _, id := range c.print.IDs() {
		group, _, _ := strings.Cut(id, ".")
		switch group {
		case "failure", "for_agency", "date", "list", "number":
			continue
		case "capability":
			if noun, ok := nounOf(onboarding.CapabilityName(strings.Split(id, ".")[1])); !ok || noun.name == "" {
				t.Errorf("%s is of nothing that an item gives", id)
			}
			continue
		case "can":
			if !regexp.MustCompile(`^can\.(only_read|not_\w+|(read|write|read_change)(_not_\w+)?)$`).MatchString(id) {
				t.Errorf("nothing shows %s", id)
			}
			continue
		}
		if !known[id] {
			t.Errorf("nothing shows %s", id)
		}
	}
	for id := range known {
		optional := strings.HasSuffix(id, ".indefinite") || strings.HasSuffix(id, ".explained")
		if !optional && !c.print.Has(id) {
			t.Errorf("the text %s is missing", id)
		}
	}
}

func TestEachAbilityHasItsText(t *testing.T) {
	c := ownCatalog(t)
	levels := []onboarding.CapabilityLevel{
		onboarding.CanRead, onboarding.CanWrite, onboarding.CanChange, onboarding.CanNot,
	}
	for _, noun := range nouns() {
		name := noun.name
		for _, level := range levels {
			for _, rest := range [][]onboarding.Capability{nil, {{Name: name, Level: onboarding.CanNot}}} {
				text := c.CapabilityText(append([]onboarding.Capability{{Name: name, Level: level}}, rest...))
				if text == "" || strings.Contains(text, "capability.") || strings.Contains(text, "an.") {
					t.Errorf("%s at %s: got %q", name, level, text)
				}
			}
		}
		for _, n := range []int64{0, 1, 2} {
			if text := c.CapabilityText([]onboarding.Capability{{Name: name, Count: n}}); strings.Contains(text, "apability.") {
				t.Errorf("%d %s: got %q", n, name, text)
			}
		}
	}
}

func TestAMessageOfNoFailureOrConditionIsRefused(t *testing.T) {
	for _, id := range []string{
		"failure.nothing.title", "failure.link_expired.whenever.title", "for_agency.title", "failure.x",
	} {
		if _, err := variantsOf([]string{id}); err == nil {
			t.Errorf("%s was accepted", id)
		}
	}
}
