package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/alecthomas/kong"
)

// What docs/start.md tells a new operator to run and to set is what the program knows.
func TestTheFirstStepsNameWhatTheProgramKnows(t *testing.T) {
	page, err := os.ReadFile("../../docs/start.md")
	if err != nil {
		t.Fatal(err)
	}
	orders := regexp.MustCompile("(?m)(?:^|`)relay ((?:doctor|backup|agency)[^`\n]*)")
	told := orders.FindAllStringSubmatch(string(page), -1)
	if len(told) < 4 {
		t.Fatalf("the page has only %d commands", len(told))
	}
	for _, found := range told {
		parser, err := newParser(&commands{}, kong.Exit(func(int) {}))
		if err != nil {
			t.Fatal(err)
		}
		words := regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(found[1], -1)
		if _, err := parser.Parse(words); err != nil {
			t.Errorf("%s: %v", found[1], err)
		}
	}
	set := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^(LATCHKEY_\w+)=(.*)$`).FindAllStringSubmatch(string(page), -1) {
		set[line[1]] = line[2]
	}
	password := t.TempDir() + "/smtp-password"
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	set["LATCHKEY_SMTP_PASSWORD_FILE"] = password
	if _, err := read(set); err != nil || len(set) != 8 {
		t.Errorf("the settings of the page, %d: %v", len(set), err)
	}
}
