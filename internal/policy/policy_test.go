package policy

import (
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestTheFirstPlaceThatSetsAValueCounts(t *testing.T) {
	policies := place{"policies", map[string]any{
		"RelayURL": " Access.example.com/ ", "AllowDemo": false, "AllowedRelays": []string{}, "LogLevel": "info"}}
	presets := place{"presets", map[string]any{
		"RelayURL": "https://preset.example.com", "AllowDemo": true, "AllowCsvExport": false, "LogLevel": "  "}}
	got, err := merge([]place{policies, presets})
	if err != nil {
		t.Fatal(err)
	}
	want := Policy{RelayURL: "https://access.example.com", LogLevel: slog.LevelInfo, NoDemo: true, NoCSVExport: true,
		Managed: []string{"RelayURL", "AllowDemo", "AllowCsvExport", "LogLevel"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	got, err = merge(nil)
	if err != nil || !reflect.DeepEqual(got, Policy{}) {
		t.Errorf("with nothing set: got %+v, %v", got, err)
	}
}

func TestAValueThatIsNotInOrderStopsTheStartWithASentence(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"RelayURL", "http://access.example.com", "must be the address of a relay"},
		{"RelayURL", true, "must be a text"},
		{"AllowedRelays", "https://access.example.com", "must be a list of addresses"},
		{"AllowedRelays", []string{"https://access.example.com", "ftp://x"}, "must be the address of a relay"},
		{"AllowDemo", "no", "must be true or false"},
		{"AllowCsvExport", 2.0, "must be true or false"},
		{"Proxy", "proxy.example.com", "must be system, direct, or the address of a proxy"},
		{"Proxy", "http://anna:canary@proxy.example.com:3128", "must not hold an account"},
		{"ExtraCA", "ca.pem", "must be the whole path of a file"},
		{"CheckForUpdates", "off", "must be true or false"},
		{"LogLevel", "loud", "must be debug, info, warn or error"},
		{"LogLevel", "info+2", "must be debug, info, warn or error"},
	} {
		_, err := merge([]place{{"/etc/latchkey/policy.json", map[string]any{c.name: c.value}}})
		want := "Latchkey does not start: " + c.name + " in /etc/latchkey/policy.json " + c.want
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s = %v: got %v, want %s", c.name, c.value, err, want)
		}
	}
	_, err := merge([]place{{"x", map[string]any{
		"RelayURL": "https://a.example", "AllowedRelays": []string{"https://b.example"}}}})
	if err == nil || !strings.Contains(err.Error(), "https://a.example, which AllowedRelays does not allow") {
		t.Errorf("a relay that is set and not allowed: got %v", err)
	}
	relay := place{"first", map[string]any{"RelayURL": "https://a.example"}}
	allowed := place{"second", map[string]any{"AllowedRelays": []string{"https://b.example"}}}
	for _, c := range []struct {
		places []place
		want   Policy
	}{
		{[]place{relay, allowed}, Policy{RelayURL: "https://a.example", Managed: []string{"RelayURL"}}},
		{[]place{allowed, relay}, Policy{AllowedRelays: []string{"https://b.example"}, Managed: []string{"AllowedRelays"}}},
	} {
		if got, err := merge(c.places); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("where %s comes first: got %+v, %v", c.places[0].name, got, err)
		}
	}
}

func TestThePolicySaysHowCallsLeave(t *testing.T) {
	target := &url.URL{Scheme: "https", Host: "access.example.com"}
	t.Setenv("HTTPS_PROXY", "http://environment.example.com:3128")
	for value, want := range map[string]string{
		"direct": "", "http://proxy.example.com:3128": "http://proxy.example.com:3128",
	} {
		p, err := merge([]place{{"x", map[string]any{"Proxy": value}}})
		if err != nil {
			t.Fatal(err)
		}
		route, err := p.Route()
		if err != nil {
			t.Fatal(err)
		}
		proxy, err := route.Proxy(target)
		got := ""
		if proxy != nil {
			got = proxy.String()
		}
		if err != nil || got != want {
			t.Errorf("%s: got %s and %v", value, got, err)
		}
	}
	var wrong *Error
	_, err := Policy{ExtraCA: filepath.Join(t.TempDir(), "ca.pem")}.Route()
	if !errors.As(err, &wrong) || wrong.Name != "ExtraCA" || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a file that is not there: got %v", err)
	}
	p, err := merge([]place{{"x", map[string]any{"CheckForUpdates": false, "Proxy": "system"}}})
	if err != nil || !p.NoUpdates || p.Proxy != "" || len(p.Managed) != 2 {
		t.Errorf("got %+v and %v", p, err)
	}
}

func TestOnlyAllowedRelaysAreJoined(t *testing.T) {
	set := Policy{RelayURL: "https://access.example.com"}
	some := Policy{AllowedRelays: []string{"https://access.example.com", "https://access.example.org"}}
	for _, c := range []struct {
		policy  Policy
		address string
		want    string // of the sentence; empty: allowed
	}{
		{Policy{}, "not an address", ""},
		{set, "ACCESS.example.com", ""},
		{set, "https://access.example.com:8443", "has set another relay: https://access.example.com."},
		{some, "https://access.example.org/", ""},
		{some, "https://access.example.org.evil.example", "allows https://access.example.com, https://access.example.org."},
		{some, "http://access.example.org", "starts with https://"},
	} {
		err := c.policy.CheckRelay(c.address)
		var invalid *onboarding.InvalidError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: got %v, want allowed", c.address, err)
		case c.want != "" && (!errors.As(err, &invalid) || !strings.Contains(invalid.Message, c.want)):
			t.Errorf("%s: got %v, want %q", c.address, err, c.want)
		}
	}
}

func TestEverySettingTakesItsExampleAndDescribesItself(t *testing.T) {
	for _, s := range Settings() {
		var p Policy
		if reason := s.apply(&p, s.Example); reason != "" {
			t.Errorf("%s refuses its example: %s", s.Name, reason)
		}
		if reflect.DeepEqual(p, Policy{}) {
			t.Errorf("%s: its example sets nothing", s.Name)
		}
		if s.Title == "" || !strings.HasSuffix(s.Explanation, ".") || !strings.HasSuffix(s.Unset, ".") {
			t.Errorf("%s is not described: %+v", s.Name, s)
		}
	}
}

func TestAFileOfPoliciesIsRead(t *testing.T) {
	got, err := readJSON(strings.NewReader(
		`{"AllowDemo": 0, "AllowCsvExport": true, "AllowedRelays": ["https://a.example"], "LogLevel": "debug"}`))
	want := map[string]any{"AllowDemo": false, "AllowCsvExport": true,
		"AllowedRelays": []string{"https://a.example"}, "LogLevel": "debug"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for text, want := range map[string]string{
		`{"AllowDemos": false}`:     `sets "AllowDemos", which is none of Latchkey's settings`,
		`{"AllowDemo": false`:       "is not a JSON object",
		`["AllowDemo"]`:             "is not a JSON object",
		`{"AllowDemo": false} more`: "has text behind its JSON object",
		``:                          "is not a JSON object",
	} {
		if _, err := readJSON(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	values, err := readJSON(strings.NewReader(`{"AllowedRelays": ["https://a.example", 1]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := merge([]place{{"x", values}}); err == nil {
		t.Error("a list with a number was taken")
	}
}

func TestTheExampleOfAFileIsTaken(t *testing.T) {
	file, err := os.Open("../../build/policies/policy.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it is only read
	values, err := readJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := merge([]place{{"the example", values}})
	if err != nil || len(p.Managed) != len(Settings()) {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestAProfileOfMacOSIsRead(t *testing.T) {
	file, err := os.ReadFile("../../build/policies/latchkey.mobileconfig")
	if err != nil {
		t.Fatal(err)
	}
	// What the system writes for a profile is the payload, with names of its own.
	_, payload, _ := strings.Cut(string(file), "<array>\n")
	payload, _, _ = strings.Cut(payload, "  </array>\n</dict>")
	payload = strings.Replace(payload, "<dict>", "<dict><key>PayloadDate</key><date>2026-11-30T00:00:00Z</date>", 1)
	text := []byte(`<?xml version="1.0"?><plist version="1.0">` + payload + `</plist>`)
	values, err := readPlist(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := merge([]place{{"the profile", values}})
	if err != nil || len(p.Managed) != len(Settings()) {
		t.Errorf("got %+v, %v", p, err)
	}
	if _, err := readPlist([]byte("<plist><dict><key>AllowDemo</key></plist>")); err == nil {
		t.Error("half a property list was taken")
	}
	values, err = readPlist([]byte("<plist><dict><key>AllowDemo</key><integer>0</integer></dict></plist>"))
	if err != nil || values["AllowDemo"] != false {
		t.Errorf("a number for a flag: got %v, %v", values, err)
	}
}
