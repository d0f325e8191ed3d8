package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// settingsIn writes a file of settings.
func settingsIn(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "relay.env")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryCommandFindsTheSettingsFile(t *testing.T) {
	p := founded(t)
	lines := []string{"# the relay of the test", ""}
	for name, value := range p.set {
		lines = append(lines, name+`="`+value+`"`)
	}
	path := settingsIn(t, lines...)
	works := "Works on http://localhost:8080, database " + p.file("relay.db") + ", by the settings of " + path + "."
	for name, c := range map[string]struct {
		in    place
		asked []string
	}{
		"by the flag":     {place{}, []string{"agency", "list", "--env", path}},
		"by its variable": {place{set: map[string]string{"LATCHKEY_ENV": path}}, []string{"agency", "list"}},
		"where it is":     {place{settings: path}, []string{"agency", "list"}},
	} {
		out, said, code := c.in.runs(t, c.asked...)
		if code != 0 || !strings.Contains(out, "Acme Media") || said != works+"\n" {
			t.Errorf("%s: ended with %d, printed %q and said %q", name, code, out, said)
		}
	}

	// The environment goes before the file, and a file that nothing names is not read beside it.
	other := newPlace(t)
	mixed := place{set: map[string]string{"LATCHKEY_DATA": other.set["LATCHKEY_DATA"]}, settings: path}
	mixed.refuses(t, "There is no database at "+other.file("relay.db"), "agency", "list", "--env", path)
	mixed.refuses(t, "There is no database at "+other.file("relay.db"), "agency", "list")
	beside := mixed.with("LATCHKEY_DATA", p.set["LATCHKEY_DATA"])
	_, said, _ := beside.runs(t, "agency", "list")
	if !strings.HasPrefix(said, "Works on") || strings.Contains(said, path) {
		t.Errorf("the file was read beside the environment: %s", said)
	}
	place{settings: path + "-missing"}.refuses(t, "There is no database at ", "agency", "list")
	place{settings: path}.does(t, "version")
}

func TestASettingsFileThatCannotBeReadIsNamed(t *testing.T) {
	p := newPlace(t)
	for words, path := range map[string]string{
		"There is no file of settings at":        filepath.Join(t.TempDir(), "missing"),
		"cannot be read.":                        t.TempDir(),
		"Line 2 of":                              settingsIn(t, "LATCHKEY_DATA=a", "canary"),
		"is not NAME=value":                      settingsIn(t, "export LATCHKEY_DATA=canary"),
		"has a backslash or an unfinished quote": settingsIn(t, `LATCHKEY_SMTP_PASSWORD=can\ary`),
		"Line 1 of":                              settingsIn(t, `LATCHKEY_DATA="canary`),
		"sets LATCHKEY_DATA once more":           settingsIn(t, "LATCHKEY_DATA=canary", " LATCHKEY_DATA = b"),
		"LATCHKEY_DTAA is not a setting":         settingsIn(t, "LATCHKEY_DTAA=canary"),
	} {
		place{}.refuses(t, words, "agency", "list", "--env", path)
		if _, _, code := p.runs(t, "serve", "--env", path); code != exitConfig {
			t.Errorf("%s: serve ended with %d", words, code)
		}
	}
}

func TestValuesOfASettingsFileAreReadAsSystemdReadsThem(t *testing.T) {
	set, err := parseSettingsFile(settingsIn(
		t, "A=b c ", "  B = $HOME #5", `C="x y"`, `D='x y'`, "E=", "; F=g", "#G=h", `H=it's "so"`,
	))
	want := map[string]string{"A": "b c", "B": "$HOME #5", "C": "x y", "D": "x y", "E": "", "H": `it's "so"`}
	if err != nil || !maps.Equal(set, want) {
		t.Errorf("read %v and %v, want %v", set, err, want)
	}
}

func TestWhatARestartDoesNotMendEndsWithItsOwnCode(t *testing.T) {
	p := founded(t)
	for _, c := range []struct {
		in   place
		want int
	}{
		{p.with("LATCHKEY_URL", "http://access.example.com"), exitConfig},
		{p.with("LATCHKEY_KEY_FILE", filepath.Join(t.TempDir(), "none")), exitConfig},
		{p.with("LATCHKEY_KEY_FILE", founded(t).file("relay.key")), exitConfig},
		{p.with("LATCHKEY_DB", "postgres://relay@127.0.0.1:1/relay"), exitFailed},
	} {
		if _, said, code := c.in.runs(t, "serve"); code != c.want {
			t.Errorf("serve ended with %d, want %d, and said %s", code, c.want, said)
		}
	}
}
