package main

import (
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// beside is a place with a mail server and the fake platforms, where the relay may call.
func beside(t *testing.T) place {
	t.Helper()
	mailbox, err := sandbox.NewMail(sandbox.MailConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mailbox.Close() })
	world, err := sandbox.New(sandbox.Config{Platforms: all.Fakes()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.Close() })
	p := newPlace(t)
	p.set["LATCHKEY_SMTP"] = "smtp://" + mailbox.SMTPAddr()
	for _, name := range world.Platforms() {
		prefix := "LATCHKEY_" + strings.ToUpper(name) + "_"
		for _, kind := range []string{"AUTH_URL", "TOKEN_URL", "API_URL"} {
			p.set[prefix+kind] = world.Server(name).URL()
		}
		world.AllowRedirect(p.set["LATCHKEY_URL"] + "/callback/" + name)
		if world.ClientID(name) != "" {
			p.set[prefix+"CLIENT_ID"], p.set[prefix+"CLIENT_SECRET"] = world.ClientID(name), world.ClientSecret(name)
		}
		for setting, value := range world.Settings(name) {
			p.set[prefix+setting] = value
		}
	}
	return p
}

// examined is the report of a place's doctor, by check.
func (p place) examined(t *testing.T, arguments ...string) (report map[string]doctor.Finding, code int) {
	t.Helper()
	out, said, code := p.runs(t, append([]string{"doctor", "--json"}, arguments...)...)
	var lines []doctor.Finding
	if err := json.Unmarshal([]byte(out), &lines); err != nil {
		t.Fatalf("%v: %s%s", err, out, said)
	}
	report = map[string]doctor.Finding{}
	for _, line := range lines {
		report[line.Check] = line
	}
	return report, code
}

func TestTheDoctorTellsEachPlatformsAppFromAWrongOne(t *testing.T) {
	p := beside(t)
	_, _, stop := serving(t, p)
	defer stop()
	right, _ := p.examined(t)
	for _, of := range all.Apps() {
		name := "app " + string(of)
		if right[name].State != doctor.OK || !strings.Contains(right[name].Text, "/callback/"+string(of)) {
			t.Errorf("%+v, want ok with the callback's address", right[name])
		}
		wrong, code := p.with("LATCHKEY_"+strings.ToUpper(string(of))+"_CLIENT_SECRET", "canary-of-a-secret").examined(t)
		if wrong[name].State != doctor.Failed || code != 1 || !strings.Contains(wrong[name].Fix, "_CLIENT_ID") {
			t.Errorf("with a wrong secret: %+v, code %d, want failed", wrong[name], code)
		}
	}
	if line := right["app activecampaign"]; line.State != doctor.OK {
		t.Errorf("where clients enter a key: %+v", line)
	}
	down, _ := p.with("LATCHKEY_HUBSPOT_TOKEN_URL", "http://127.0.0.1:1").examined(t)
	if line := down["app hubspot"]; line.State != doctor.Unknown {
		t.Errorf("of a platform that does not answer: %+v", line)
	}
}

func TestTheDoctorLooksAtMailAndData(t *testing.T) {
	p := beside(t)
	report, code := p.examined(t)
	line := report["database"]
	if line.State != doctor.Failed || code != 1 || !strings.Contains(line.Text, "no database at") {
		t.Errorf("before the first start: %+v, code %d", line, code)
	}
	_, _, stop := serving(t, p)
	defer stop()
	report, _ = p.examined(t, "--send-to", "ops@example.net")
	for _, check := range []string{"settings", "database", "key file", "mail server", "test email"} {
		if report[check].State != doctor.OK {
			t.Errorf("%s: %+v", check, report[check])
		}
	}
	if line := report["backup"]; line.State != doctor.Warning {
		t.Errorf("without a backup: %+v", line)
	}
	p.does(t, "backup", filepath.Join(t.TempDir(), "relay.backup"))
	report, _ = p.with("LATCHKEY_SMTP", "smtp://127.0.0.1:1").examined(t)
	if line := report["backup"]; line.State != doctor.OK {
		t.Errorf("after a backup: %+v", line)
	}
	if line := report["mail server"]; line.State != doctor.Failed || line.Fix == "" {
		t.Errorf("without a mail server: %+v", line)
	}
}

func TestTheDoctorSaysWhatIsWrongWithTheSettingsAndLooksAtTheRest(t *testing.T) {
	p := founded(t)
	report, code := p.with("LATCHKEY_OPERATOR", "").examined(t)
	line := report["settings"]
	if line.State != doctor.Failed || code != 1 || !strings.Contains(line.Text, "LATCHKEY_OPERATOR") {
		t.Errorf("got %+v, code %d", line, code)
	}
	if line := report["database"]; line.State != doctor.OK {
		t.Errorf("the database: %+v", line)
	}
	out, said, code := p.runs(t, "doctor")
	if code != 1 || !strings.Contains(out, "ok       database: ") || !strings.Contains(said, "FAILED") {
		t.Errorf("for reading: %d, %s%s", code, out, said)
	}
	p.refuses(t, "no email at", "doctor", "--received", filepath.Join(t.TempDir(), "none.eml"))
	large := filepath.Join(t.TempDir(), "large.eml")
	if err := os.WriteFile(large, make([]byte, maxReceived+1), 0o600); err != nil {
		t.Fatal(err)
	}
	p.refuses(t, "larger than 1 MB", "doctor", "--received", large)
	p.refuses(t, "address", "doctor", "--send-to", "nobody")
}

func TestTheDoctorTrustsForTheAddressWhatClientsBrowsersTrust(t *testing.T) {
	var config doctor.Config
	set := settings{egress: egressSettings{roots: x509.NewCertPool()}}
	set.smtp, set.mailFrom = "smtp://127.0.0.1:25", "access@example.com"
	if err := addServices(&config, set); err != nil || config.Roots != nil {
		t.Errorf("got %v and %v, want the system's authorities alone", config.Roots, err)
	}
}
