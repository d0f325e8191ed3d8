package internal_test

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
)

// docs/reviews.md quotes labels of the wizard and the hub in italics, with … for
// a value: operators paste them into forms, and reviewers look for them.
func TestTheReviewKitsQuoteLabelsAsTheyAre(t *testing.T) {
	kits := texts(t, ".md")["docs/reviews.md"]
	labels := shownLabels(t)
	quoted := quotedLabels(kits)
	if len(quoted) == 0 {
		t.Fatal("docs/reviews.md quotes no label")
	}
	for _, label := range quoted {
		if !labels[label] {
			t.Errorf("docs/reviews.md quotes *%s*, which neither the wizard nor the hub shows", label)
		}
	}
	for _, service := range catalogtest.New(t).Services() {
		if !strings.Contains(kits, "\n## "+service.Name) {
			t.Errorf("docs/reviews.md has no review kit for %s", service.Name)
		}
	}
}

// quotedLabels are what a document has in italics. Code and bold text are not.
func quotedLabels(document string) []string {
	document = regexp.MustCompile("`[^`\n]*`|\\*\\*[^*\n]*\\*\\*").ReplaceAllString(document, "")
	var labels []string
	for _, m := range regexp.MustCompile(`\*([^*\n]+)\*`).FindAllStringSubmatch(document, -1) {
		labels = append(labels, m[1])
	}
	return labels
}

// shownLabels are the texts of the wizard's message files, line by line, and of
// the hub's strings.
func shownLabels(t *testing.T) map[string]bool {
	t.Helper()
	labels := map[string]bool{}
	hidden := regexp.MustCompile(`<hidden>.*?</hidden>|<[^>]*>`)
	value := regexp.MustCompile(`{{[^}]*}}|\${[^}]*}`)
	add := func(text string) {
		for line := range strings.SplitSeq(text, "\n") {
			line = hidden.ReplaceAllString(line, "")
			labels[strings.TrimSpace(value.ReplaceAllString(line, "…"))] = true
		}
	}
	for file, text := range texts(t, ".toml") {
		if path.Base(path.Dir(file)) == "messages" {
			var messages map[string]any
			if _, err := toml.Decode(text, &messages); err != nil {
				t.Fatalf("reading %s: %v", file, err)
			}
			addMessages(messages, add)
		}
	}
	quoted := regexp.MustCompile("\"((?:[^\"\\\\\n]|\\\\.)*)\"|`([^`]*)`")
	for _, m := range quoted.FindAllStringSubmatch(texts(t, ".ts")["frontend/src/strings/en.ts"], -1) {
		add(m[1] + m[2])
	}
	return labels
}

func addMessages(messages map[string]any, add func(string)) {
	for _, message := range messages {
		switch message := message.(type) {
		case string:
			add(message)
		case map[string]any:
			addMessages(message, add)
		}
	}
}
