package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The screens name the methods of App in one file, by hand.
func TestScreensCallWhatAppHasAndNothingElse(t *testing.T) {
	text, err := os.ReadFile("frontend/src/bridge.ts")
	if err != nil {
		t.Fatalf("reading the bridge: %v", err)
	}
	var named []string
	for _, found := range regexp.MustCompile(`call<[^(]*>\("([A-Za-z]+)"`).FindAllStringSubmatch(string(text), -1) {
		named = append(named, found[1])
	}
	var bound []string
	app := reflect.TypeFor[*App]()
	for i := range app.NumMethod() {
		bound = append(bound, app.Method(i).Name)
	}
	slices.Sort(named)
	slices.Sort(bound)
	if !slices.Equal(named, bound) {
		t.Errorf("the bridge calls %v, App has %v", named, bound)
	}
}

// Wails waits for ever for a method with more than an answer and an error.
func TestEveryMethodGivesAtMostAnAnswerAndAnError(t *testing.T) {
	app := reflect.TypeFor[*App]()
	for i := range app.NumMethod() {
		m := app.Method(i)
		out := m.Type.NumOut()
		if out == 0 || out > 2 || m.Type.Out(out-1) != reflect.TypeFor[error]() {
			t.Errorf("%s gives %s: want an answer and an error, or an error", m.Name, m.Type)
		}
	}
}

// What the keychain's system says in its own words is for the log: a person
// gets a sentence, which the screens have under the error's code.
func TestAClosedKeychainIsToldInASentence(t *testing.T) {
	words, err := os.ReadFile("frontend/src/words/words.ts")
	if err != nil {
		t.Fatal(err)
	}
	const raw = "failed to unlock correct collection '/org/freedesktop/secrets/collection/login'"
	for _, means := range []error{keychain.ErrAbsent, keychain.ErrLocked, keychain.ErrDenied, keychain.ErrTimeout} {
		var log strings.Builder
		a := NewApp(Config{Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(&log, nil))})
		told := a.tell("Enrol", fmt.Errorf("writing to the keychain: %w", keychain.Said(means, raw)))
		if strings.Contains(told.Error(), "freedesktop") || !strings.Contains(log.String(), "freedesktop") {
			t.Errorf("%v: the screens are told %v, the log has %s", means, told, &log)
		}
		why := string(keychain.Why(means))
		if !strings.Contains(told.Error(), `"code":"keychain_`+why+`"`) || !regexp.MustCompile(`(?m)^\s+keychain_`+why+`:\s+"`).Match(words) || !regexp.MustCompile(`(?m)^\s+`+why+`:\s+"`).Match(words) {
			t.Errorf("%v: the screens have no sentence for %v", means, told)
		}
	}
}

// Who packages the program for macOS or Windows does so by wails.json, for
// Linux by the entry in the menu.
func TestPackagesOpenLatchkeysLinks(t *testing.T) {
	text, err := os.ReadFile("wails.json")
	if err != nil {
		t.Fatal(err)
	}
	var project struct {
		Name, OutputFilename string
		Info                 struct{ Protocols []struct{ Scheme string } }
	}
	if err := json.Unmarshal(text, &project); err != nil {
		t.Fatalf("reading wails.json: %v", err)
	}
	if len(project.Info.Protocols) != 1 || project.Info.Protocols[0].Scheme != "latchkey" || project.OutputFilename != "latchkey" {
		t.Errorf("wails.json says %+v", project)
	}
	entry, err := os.ReadFile("build/linux/latchkey.desktop")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"MimeType=x-scheme-handler/latchkey;", "Exec=latchkey %u", "Icon=latchkey"} {
		if !slices.Contains(strings.Split(string(entry), "\n"), line) {
			t.Errorf("the entry in the menu has no line %s", line)
		}
	}
}

// The screens say while something is typed what the relay would refuse.
func TestScreensKnowTheLimitsOfWhatIsTyped(t *testing.T) {
	text, err := os.ReadFile("frontend/src/state/limits.ts")
	if err != nil {
		t.Fatalf("reading the limits: %v", err)
	}
	said := map[string]int{}
	for _, found := range regexp.MustCompile(`(?m)^\s+(\w+): (\d+),`).FindAllStringSubmatch(string(text), -1) {
		said[found[1]], err = strconv.Atoi(found[2])
		if err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]int{"message": onboarding.MaxMessage, "name": onboarding.MaxName, "client": onboarding.MaxClient, "company": onboarding.MaxCompany, "recipients": onboarding.MaxRecipients}
	if !maps.Equal(said, want) {
		t.Errorf("the screens say %v, the rules %v", said, want)
	}
}

// A style that nothing wears is either left over, or was forgotten where it
// belongs.
func TestEveryStyleOfTheScreensIsWorn(t *testing.T) {
	worn, styles := map[string]bool{}, ""
	word := regexp.MustCompile(`[\w-]+`)
	err := filepath.WalkDir("frontend/src", func(path string, _ fs.DirEntry, err error) error {
		kind := filepath.Ext(path)
		if err != nil || kind != ".css" && kind != ".ts" && kind != ".tsx" {
			return err
		}
		text, err := os.ReadFile(path)
		if kind == ".css" {
			styles += string(text)
		} else if !strings.HasSuffix(path, ".test.ts") {
			for _, found := range word.FindAllString(string(text), -1) {
				worn[found] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatalf("reading the screens: %v", err)
	}
	styles = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(styles, "")
	classes := map[string]bool{}
	for _, rule := range regexp.MustCompile(`([^{}]+)\{`).FindAllStringSubmatch(styles, -1) {
		for _, class := range regexp.MustCompile(`\.([A-Za-z_][\w-]*)`).FindAllStringSubmatch(rule[1], -1) {
			classes[class[1]] = true
		}
	}
	if len(classes) < 100 || len(worn) < 1000 {
		t.Fatalf("found %d classes and %d words: this test reads something else", len(classes), len(worn))
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		if !worn[class] && !strings.HasPrefix(class, "mantine-") {
			t.Errorf("nothing wears the style .%s", class)
		}
	}
}
