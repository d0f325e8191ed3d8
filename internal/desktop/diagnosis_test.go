package desktop

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/egress/egresstest"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/policy"
)

func TestADiagnosisSaysWhatHelpsAndNothingSecret(t *testing.T) {
	home := filepath.Join(t.TempDir(), "canary-user")
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	dir := filepath.Join(home, "data")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	secrets := keychain.NewMemory()
	config := Config{
		Dir: dir, Catalog: catalogtest.New(t), Keychain: secrets, Version: "0.1.0 (canary-free)",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if text := Diagnose(t.Context(), config); !strings.Contains(text, "Relay: this computer has joined none\n") {
		t.Errorf("before it has joined: %s", text)
	}
	relay := hubtest.Fill(t, dir, secrets, 3)
	config.Route = egress.New(egress.Config{Proxy: egress.Fixed(&url.URL{
		Scheme: "http", Host: "proxy.example:3128", User: url.UserPassword("canary-account", "canary-password"),
	})})
	config.Policy = policy.Policy{ExtraCA: filepath.Join(home, "ca.pem"), Managed: []string{"Proxy", "ExtraCA"}}
	text := Diagnose(t.Context(), config)
	for _, want := range []string{
		"Latchkey: 0.1.0 (canary-free)\n", "Data folder: " + filepath.Join("~", "data") + "\n", "Keychain: opens\n",
		"Relay: " + relay.URL + ": ", "Proxy: none\n", "Policies: Proxy, ExtraCA\n",
		"Trusted authorities: the system's, and those of " + filepath.Join("~", "ca.pem") + "\n", "Web view: ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	lock, err := lockDataDir(dir) // as an open Latchkey does
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	text += Diagnose(t.Context(), config) + diagnose(t.Context(), config, "https://access.example", "")
	if !strings.Contains(text, "data (in use)\n") || !strings.Contains(text, "Proxy: http://proxy.example:3128\n") {
		t.Errorf("beside an open one: %s", text)
	}
	for _, secret := range []string{
		"canary-user", "canary-account", "canary-password", "Ana", "ana@northlight.example", "Northlight",
		"a token that this relay believes", "AGE-SECRET-KEY",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("it has %s:\n%s", secret, text)
		}
	}
}

func TestADiagnosisNamesWhatIsOnTheWay(t *testing.T) {
	n := egresstest.New(t, map[string]http.Handler{
		"access.example": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"operator":"Acme","address":"https://access.example"}`) // the test's own server
		}),
	})
	probe := func(route *egress.Route) string { return probeRelay(t.Context(), route, "https://access.example") }
	if got := probe(egress.New(egress.Config{Proxy: egress.Fixed(n.Proxy)})); !strings.Contains(got, "does not know") {
		t.Errorf("an authority that is not known: %s", got)
	}
	if got := probe(n.Route(t)); got != "reached" {
		t.Errorf("a relay: %s", got)
	}
	n.RequireSignIn("anna:pw")
	if got := probe(n.Route(t)); got != "the proxy asks for a sign-in" {
		t.Errorf("a proxy that wants a sign-in: %s", got)
	}
}

func TestADiagnosisChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	config := Config{Dir: dir, Catalog: catalogtest.New(t), Keychain: keychain.NewMemory()}
	if text := Diagnose(t.Context(), config); !strings.Contains(text, "data (not there yet)\n") {
		t.Errorf("of a folder that is not there: %s", text)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it made the folder: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if text := Diagnose(t.Context(), config); !strings.Contains(text, "data\n") {
		t.Errorf("of an empty folder: %s", text)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("it made %v; %v", files, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	config.Dir = filepath.Join(dir, "file")
	if text := Diagnose(t.Context(), config); !strings.Contains(text, "file (cannot be used)\n") {
		t.Errorf("of a file: %s", text)
	}
}

// The policy names a proxy and a file of authorities that cannot be read.
func TestADiagnosisTakesNoWayThatThePolicyDidNotSet(t *testing.T) {
	var calls atomic.Int64
	relay := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer relay.Close()
	config := Config{Dir: t.TempDir(), Keychain: keychain.NewMemory(), Policy: policy.Policy{
		ExtraCA: filepath.Join(t.TempDir(), "gone.pem"), Managed: []string{"ExtraCA"},
	}}
	config.Route, config.PolicyError = config.Policy.Route()
	if config.PolicyError == nil {
		t.Fatal("the file was read")
	}
	text := diagnose(t.Context(), config, relay.URL, "")
	for _, want := range []string{
		"Relay: " + relay.URL + ": not looked at", "Proxy: not looked at", "Trusted authorities: not looked at",
		"Policies: not in order: ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if calls.Load() != 0 {
		t.Error("it called the relay")
	}
}
