package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay"
)

func good() map[string]string {
	return map[string]string{
		"LATCHKEY_URL": "https://access.example.com", "LATCHKEY_SMTP": "smtp://mail.example.com:587",
		"LATCHKEY_MAIL_FROM": "requests@access.example.com",
		"LATCHKEY_OPERATOR":  "Kestrel Hosting", "LATCHKEY_OPERATOR_CONTACT": "abuse@kestrel.example",
	}
}

func read(set map[string]string) (settings, error) {
	var environ []string
	for name, value := range set {
		environ = append(environ, name+"="+value)
	}
	return readSettings(func(name string) (string, bool) { value, ok := set[name]; return value, ok }, environ)
}

func TestAPlainConfigurationIsTaken(t *testing.T) {
	s, err := read(good())
	if err != nil {
		t.Fatal(err)
	}
	if s.url != "https://access.example.com" || s.keyFile != filepath.Join("latchkey-data", "relay.key") ||
		s.source != filepath.Join("latchkey-data", "relay.db") {
		t.Errorf("got %+v", s)
	}
}

func TestEachMistakeHasItsLine(t *testing.T) {
	dir := t.TempDir()
	readable, empty := filepath.Join(dir, "readable"), filepath.Join(dir, "empty")
	lines, long, path := filepath.Join(dir, "lines"), filepath.Join(dir, "long"), filepath.Join(dir, "path")
	hidden := filepath.Join(dir, "hidden")
	if err := errors.Join(os.WriteFile(
		readable, []byte("secret\n"), 0o644,
	), os.WriteFile(empty, nil, 0o600), os.Chmod(readable, 0o644),
		os.WriteFile(lines, []byte("canary\nand more\n"), 0o600),
		os.WriteFile(long, []byte(strings.Repeat("canary", 1000)), 0o600),
		os.WriteFile(hidden, []byte("can\u200bary\n"), 0o600),
		os.WriteFile(path, []byte("canary.db\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string][]string{
		"LATCHKEY_URL": {
			"", "http://access.example.com", "access.example.com", "https://a.example/path", "https://u@a.example",
			"ftp://a.example", "https://a.example:70000", "https://a.example:https",
		},
		"LATCHKEY_LISTEN":  {"8080", "localhost", "127.0.0.1:http", ":80000"},
		"LATCHKEY_DB":      {"mysql://x/y"},
		"LATCHKEY_DB_FILE": {path, lines, long},

		"LATCHKEY_SMTP": {"", "mail.example.com", "smtp://u:p@mail.example.com",
			"http://mail.example.com", "smtp://relay@mail.example.com", "smtp://mail.example.com:99999",
			"smtp://mail.example.com/x"},
		"LATCHKEY_MAIL_FROM":        {"", "requests", "Kestrel <a@b.example>", "req\u200buests@access.example.com"},
		"LATCHKEY_OPERATOR":         {"", "   ", "Kestrel\nHosting"},
		"LATCHKEY_OPERATOR_CONTACT": {"", "call us", "http://x.example"},
		"LATCHKEY_TRUSTED_PROXY":    {"nginx", "10.0.0.0/99"},
		"LATCHKEY_WEBHOOKS":         {"on", "loopback", "10.0.0.0/8"},
		"LATCHKEY_PROXY": {"proxy.example.com:3128", "http://proxy.example.com", "https://proxy.example.com:3128",
			"http://proxy.example.com:3128/x", "http://:3128", "socks5://proxy.example.com:1080"},
		"LATCHKEY_EXTRA_CA_FILE":            {filepath.Join(dir, "missing"), dir, empty, lines},
		"LATCHKEY_HUB_VERSION":              {"latest", "v1.4.0", "1.4"},
		"LATCHKEY_HUB_DOWNLOAD":             {"https://downloads.example.com"}, // of no version
		"LATCHKEY_META_CLIENT_ID":           {"1001"},
		"LATCHKEY_META_REVIEW":              {"Approved", "yes"},
		"LATCHKEY_HUBSPOT_CLIENT_SECRET":    {"alone"},
		"LATCHKEY_META_API_URL":             {"http://graph.example", "x"},
		"LATCHKEY_META_API_VERSION":         {"v26.0", "v27.1", "27", "v27", "latest", "v27.0/../v28.0", "v9999.0"},
		"LATCHKEY_SMTP_PASSWORD_FILE":       {filepath.Join(dir, "missing"), readable, empty, dir, lines, long, hidden},
		"LATCHKEY_SMTP_PASSWORD":            {"of nobody"},
		"LATCHKEY_SALESFORCE_INSTALL_URL":   {"https://evil.example/packaging/installPackage.apexp?p0=04t5e000000LtKyAAK"},
		"LATCHKEY_ACTIVECAMPAIGN_CLIENT_ID": {"1001"},
		"LATCHKEY_META_CLIENT_SECRET_FILE":  {filepath.Join(dir, "missing")},
		"LATCHKEY_OPERATER":                 {"Kestrel"},
	} {
		for _, value := range wrong {
			set := maps.Clone(good())
			set[name] = value
			_, err := read(set)
			var lines mistakes
			if !errors.As(err, &lines) || len(lines) == 0 || len(lines) > 2 || !strings.HasPrefix(lines[0],
				strings.TrimSuffix(strings.TrimSuffix(name, "_SECRET"), "_CLIENT_ID")) {
				t.Errorf("%s=%q: got %v, want one line about it", name, value, err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%s=%q: what the file holds is told: %v", name, value, err)
			}
		}
	}
	if _, err := read(nil); strings.Count(err.Error(), "\n") != 5 {
		t.Errorf("nothing set: got %v, want five lines", err)
	}
}

func TestASecretComesFromItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("\ufeffcanary\u200b\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	set := good()
	set["LATCHKEY_META_CLIENT_ID"], set["LATCHKEY_META_CLIENT_SECRET_FILE"] = "1001", file
	s, err := read(set)
	if err != nil || s.apps[onboarding.Meta].ClientSecret.Reveal() != "canary" {
		t.Fatalf("got %v", err)
	}
	set["LATCHKEY_META_CLIENT_SECRET"] = "other"
	if _, err := read(set); err == nil || strings.Contains(err.Error(), "canary") ||
		strings.Contains(err.Error(), "other.") {
		t.Errorf("both forms at once: got %v", err)
	}
}

// A setting that nobody can find, and one that does nothing, are both a fault
// of the page.
func TestThePageForOperatorsNamesEverySettingAndNoOther(t *testing.T) {
	r := &reader{lookup: func(name string) (string, bool) { value, ok := good()[name]; return value, ok }}
	if _, err := r.settings(nil); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "relay.md"))
	if err != nil {
		t.Fatal(err)
	}
	sample, err := os.ReadFile(filepath.Join("..", "..", "build", "relay.env"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range r.read {
		written := strings.Contains(string(page), "`"+name+"`") || strings.Contains(string(page), "`"+name+"_FILE`") ||
			strings.Contains(string(page), "`"+strings.TrimSuffix(name, "_FILE")+"`")
		for _, platform := range all.Platforms() { // what is alike at all platforms is written once, for Meta
			of := strings.ToUpper(string(platform))
			if end, ok := strings.CutPrefix(name, "LATCHKEY_"+of+"_"); ok && strings.Contains(string(page), "`"+of+"`") {
				written = written || strings.Contains(string(page), "LATCHKEY_META_"+end+"`") ||
					strings.Contains(string(page), "`…_"+end+"`") || strings.Contains(string(page), "LATCHKEY_META_"+end+"_FILE`")
			}
		}
		if !written {
			t.Errorf("%s is not on the page", name)
		}
	}
	for _, name := range regexp.MustCompile(`LATCHKEY_[A-Z_]+[A-Z]`).FindAllString(string(page)+string(sample), -1) {
		if !slices.Contains(r.read, name) && name != "LATCHKEY_ENV" { // which names where the settings are
			t.Errorf("%s is written, and no setting", name)
		}
	}
}

func TestTheHelpOfServeNamesWhatIsSetInLife(t *testing.T) {
	r := &reader{lookup: func(string) (string, bool) { return "", false }}
	_, _ = r.settings(nil) // only for the names
	help := serveCommand{}.Help()
	for _, name := range regexp.MustCompile(`LATCHKEY_[A-Z_]+[A-Z]`).FindAllString(help, -1) {
		if !slices.Contains(r.read, name) {
			t.Errorf("%s is in the help, and no setting", name)
		}
	}
	aside := regexp.MustCompile(`_FILE$|_(AUTH|TOKEN|API)_URL$`) // said in a sentence; for sandboxes
	for _, name := range r.read {
		if !aside.MatchString(name) && !regexp.MustCompile(`\b`+name+`\b`).MatchString(help) {
			t.Errorf("%s is a setting, and not in the help", name)
		}
	}
}

func TestTheUnitBoundsWhatTheRelayTakes(t *testing.T) {
	text, err := os.ReadFile("../../build/latchkey-relay.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := string(text)
	var gigabytes int64
	_, line, _ := strings.Cut(unit, "\nMemoryMax=")
	if _, err := fmt.Sscanf(line, "%dG\n", &gigabytes); err != nil || gigabytes<<30 < 2*softMemoryLimit {
		t.Errorf("systemd ends the relay at %d GB (%v), want twice its soft limit or more", gigabytes, err)
	}
	for _, bound := range []string{"TasksMax=256", "MemorySwapMax=0", "LimitCORE=0", "LimitNOFILE=65536"} {
		if !strings.Contains(unit, "\n"+bound+"\n") {
			t.Errorf("the unit has no %s", bound)
		}
	}
}

func TestTheUnitLeavesTheRelayTimeToEnd(t *testing.T) {
	unit, err := os.ReadFile("../../build/latchkey-relay.service")
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile("../../docs/relay.md")
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintf("%.0f seconds at most", relay.ShutdownTimeout.Seconds())
	for name, text := range map[string]string{
		"the unit": string(unit), "the manual": string(manual), "the help": serveCommand{}.Help(),
	} {
		if !strings.Contains(text, said) {
			t.Errorf("%s does not say %q", name, said)
		}
	}
	var kill int
	_, line, _ := strings.Cut(string(unit), "\nTimeoutStopSec=")
	if _, err := fmt.Sscan(line, &kill); err != nil || time.Duration(kill)*time.Second <= relay.ShutdownTimeout {
		t.Errorf("systemd kills after %d seconds (%v), want more than %v", kill, err, relay.ShutdownTimeout)
	}
}
