package desktop

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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
