//go:build sdk

// Package sdk has the platforms' own client libraries call the fake platforms,
// which must accept documented calls of official clients.
//
// ActiveCampaign has no client for the API that we call: its npm package uses
// only the older one.
package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
)

// signedIn signs in at a platform and returns the access token.
func signedIn(
	t *testing.T, of onboarding.Platform, target string, presses ...string,
) (*platformtest.Scene, platform.Grant) {
	t.Helper()
	s := platformtest.New(t, of, all.Fakes()...)
	s.Target = target
	drivers, err := all.ForRelay(map[onboarding.Platform]platform.App{of: s.App}, s.App.Now)
	if err != nil {
		t.Fatal(err)
	}
	driver, err := platform.Find(drivers, of)
	if err != nil {
		t.Fatal(err)
	}
	grant, err := s.SignIn(driver.(platform.SignIn), presses...)
	if err != nil {
		t.Fatalf("signing in: %v", err)
	}
	return s, grant
}

// named is a proxy to a fake platform under a host name of the platform.
func named(t *testing.T, s *platformtest.Scene, host string) string {
	t.Helper()
	to, err := url.Parse(s.App.API)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = host
	}})
	t.Cleanup(server.Close)
	return server.URL
}

// node runs a script of this folder and reads the JSON that it prints.
func node(t *testing.T, script string, env map[string]string, result any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, "node", script)
	command.Env = os.Environ()
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	var out, failed bytes.Buffer
	command.Stdout, command.Stderr = &out, &failed
	if err := command.Run(); err != nil {
		t.Fatalf("%s: %v\n%.3000s", script, err, failed.Bytes())
	}
	if err := json.Unmarshal(out.Bytes(), result); err != nil {
		t.Fatalf("%s printed %q: %v", script, out.Bytes(), err)
	}
}

func TestMetasSDKIsAnswered(t *testing.T) {
	s, grant := signedIn(t, onboarding.Meta, "", "Mina Ito", "Allow")
	var got struct {
		Own, Ended, Name, Currency string
		Accounts, Roles            []string
	}
	node(
		t, "meta.mjs",
		map[string]string{"BASE": named(t, s, "graph.facebook.com"), "TOKEN": grant.Access.Reveal(), "VERSION": "v27.0"},
		&got,
	)
	if got.Name != "Mina Ito" || len(got.Accounts) < 9 || got.Currency == "" || len(got.Roles) == 0 {
		t.Errorf("got %+v", got)
	}
	// The platform serves reads at an ended version by a newer one.
	if got.Own != "v24.0" || got.Ended != "" {
		t.Errorf("at the SDK's own version %s: %q, want reads to be served", got.Own, got.Ended)
	}
}

func TestHubSpotsSDKIsAnswered(t *testing.T) {
	s, grant := signedIn(t, onboarding.HubSpot.Platform(), "", "Lars Holm", "Harbour & Pine AB", "Allow")
	var got struct {
		Hub            int64
		Scopes, Emails []string
		More           int
	}
	node(t, "hubspot.mjs", map[string]string{"BASE": named(t, s, "api.hubapi.com"), "TOKEN": grant.Access.Reveal()}, &got)
	if got.Hub != 26114873 || len(got.Scopes) == 0 || len(got.Emails) != 3 || got.Emails[0] == "" || got.More != 3 {
		t.Errorf("got %+v", got)
	}
}

func TestMailchimpsSDKIsAnswered(t *testing.T) {
	s, grant := signedIn(t, onboarding.Mailchimp.Platform(), "", "Marta Lindqvist", "Allow")
	var got struct {
		Health, Account string
		Lists           []string
		Total           int
	}
	host := strings.TrimPrefix(grant.Credential.Address, "https://")
	node(t, "mailchimp.mjs", map[string]string{"BASE": named(t, s, host), "TOKEN": grant.Credential.Secret.Reveal()}, &got)
	if got.Health == "" || got.Account == "" || len(got.Lists) != 3 || got.Total != 3 {
		t.Errorf("got %+v", got)
	}
}

func TestJsforceIsAnswered(t *testing.T) {
	s, grant := signedIn(t, onboarding.Salesforce.Platform(), "harbourpine.my.salesforce.com", "Lars Holm", "Allow")
	var got struct {
		Organisation string
		Lead, Calls  bool
	}
	host := strings.TrimPrefix(grant.Credential.Address, "https://")
	node(t, "salesforce.mjs", map[string]string{"BASE": named(t, s, host), "TOKEN": grant.Access.Reveal()}, &got)
	if got.Organisation != "Harbour & Pine AB" || !got.Lead || !got.Calls {
		t.Errorf("got %+v", got)
	}
}

func TestGooglesSDKsAreAnswered(t *testing.T) {
	s, grant := signedIn(t, onboarding.GoogleSheets.Platform(), "new", "Marta Lindqvist", "Allow")
	var got struct {
		User, Title string
		Edits       bool
		Rows        [][]string
	}
	node(t, "googlesheets.mjs", map[string]string{
		"BASE": named(t, s, "sheets.googleapis.com"), "DRIVE": named(t, s, "www.googleapis.com"),
		"SHEET": grant.Items[0].Account.ID, "TOKEN": grant.Access.Reveal(),
	}, &got)
	last := []string{}
	if len(got.Rows) > 0 {
		last = got.Rows[len(got.Rows)-1]
	}
	if got.User != "marta.lindqvist@mail.example" || got.Title == "" || !got.Edits ||
		strings.Join(last, " ") != "Maria Engel maria@customers.example" {
		t.Errorf("got %+v", got)
	}
}

// An SDK reports a refusal by its own error type.
func TestAnSDKWithAnEndedTokenIsRefused(t *testing.T) {
	s, _ := signedIn(t, onboarding.HubSpot.Platform(), "", "Lars Holm", "Harbour & Pine AB", "Allow")
	command := exec.CommandContext(t.Context(), "node", "hubspot.mjs")
	command.Env = append(os.Environ(), "BASE="+named(t, s, "api.hubapi.com"), "TOKEN=ended")
	if text, err := command.CombinedOutput(); err == nil ||
		!strings.Contains(string(text), http.StatusText(http.StatusNotFound)) &&
			!strings.Contains(string(text), "HTTP-Code: 4") {
		t.Errorf("got %v: %.500s", err, text)
	}
}
