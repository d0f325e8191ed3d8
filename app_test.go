package main

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

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
	protocols := project.Info.Protocols
	if len(protocols) != 1 || protocols[0].Scheme != "latchkey" || project.OutputFilename != "latchkey" {
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
		if kind == ".css" && strings.HasPrefix(path, "frontend/src/styles/") && strings.HasSuffix(path, ".module.css") {
			return err // the parts of one of Mantine's controls: the theme wears such a sheet as a whole
		}
		if kind == ".css" {
			styles += string(text)
		} else if !strings.HasSuffix(strings.TrimSuffix(path, "x"), ".test.ts") {
			for _, found := range word.FindAllString(string(text), -1) {
				worn[found] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatalf("reading the screens: %v", err)
	}
	styles = regexp.MustCompile(`(?s)/\*.*?\*/|@import [^;]*;`).ReplaceAllString(styles, "")
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
