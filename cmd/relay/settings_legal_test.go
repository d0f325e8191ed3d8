package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnOperatorsOwnTextsAreRead(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		t.Helper()
		at := filepath.Join(dir, name)
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	set := good()
	set["LATCHKEY_PRIVACY_FILE"] = file("privacy.txt", "\ufeff# Privacy\r\n\tText\r\n")
	set["LATCHKEY_TERMS_URL"] = "https://kestrel.example/terms"
	s, err := read(set)
	if err != nil || s.legal.Privacy != "# Privacy\r\n\tText\r\n" || s.legal.TermsURL != "https://kestrel.example/terms" {
		t.Fatalf("got %+v, %v", s.legal, err)
	}

	const privacy, page, home = "LATCHKEY_PRIVACY_FILE", "LATCHKEY_PRIVACY_URL", "LATCHKEY_HOME_FILE"
	for _, c := range []struct{ name, value, says string }{
		{privacy, filepath.Join(dir, "missing"), "does not exist"},
		{privacy, dir, "is a folder"},
		{privacy, "/dev/null", "is no file of text"},
		{privacy, file("empty", " \n\ufeff"[:2]), "is empty"},
		{privacy, file("long", strings.Repeat("x", 64<<10+1)), "is longer than 64 KB"},
		{privacy, file("latin", "Datenschutzerkl\xe4rung"), "is not plain text in UTF-8"},
		{privacy, file("word", "PK\x03\x04"), "has a control character inside"},
		{home, file("html", "\n<!DOCTYPE html><p>Hi"), "begins with HTML"},
		{page, "http://kestrel.example/privacy", "is not the https:// address of a page"},
		{page, "kestrel.example/privacy", "is not the https:// address of a page"},
		{page, "https://u:p@kestrel.example/privacy", "is not the https:// address of a page"},
		{page, "https://Access.example.com/privacy", "is an address of this relay itself"},
	} {
		set := maps.Clone(good())
		set[c.name] = c.value
		if _, err := read(set); err == nil || !strings.Contains(err.Error(), c.name+" ") ||
			!strings.Contains(err.Error(), c.says) || strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("%s=%q: got %v, want one line: %s", c.name, c.value, err, c.says)
		}
	}
	set["LATCHKEY_PRIVACY_URL"] = "https://kestrel.example/privacy"
	if _, err := read(set); err == nil || !strings.Contains(err.Error(), "are both set; keep one") {
		t.Errorf("a file and an address: got %v", err)
	}
}
