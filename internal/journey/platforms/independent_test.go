//go:build !quick

package platforms

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"

	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// independent is a third-party OAuth server, at HubSpot's paths. It requires
// PKCE and rotates refresh tokens. HubSpot's own token description is added.
func independent(t *testing.T, clientID, secret string, domain func() string) *httptest.Server {
	t.Helper()
	manager := manage.NewDefaultManager()
	manager.SetAuthorizeCodeTokenCfg(&manage.Config{AccessTokenExp: 30 * time.Minute, IsGenerateRefresh: true})
	manager.SetRefreshTokenCfg(&manage.RefreshingConfig{
		AccessTokenExp: 30 * time.Minute, IsGenerateRefresh: true, IsRemoveAccess: true, IsRemoveRefreshing: true,
	})
	manager.MustTokenStorage(store.NewMemoryTokenStore())
	manager.SetValidateURIHandler(func(_, redirect string) error {
		if redirect != domain()+"/callback/hubspot" {
			return http.ErrNotSupported
		}
		return nil
	})
	clients := store.NewClientStore()
	if err := clients.Set(clientID, &models.Client{ID: clientID, Secret: secret, Domain: "http://localhost"}); err != nil {
		t.Fatal(err)
	}
	manager.MapClientStorage(clients)
	srv := server.NewServer(&server.Config{
		TokenType:                   "Bearer",
		AllowedResponseTypes:        []oauth2.ResponseType{oauth2.Code},
		AllowedGrantTypes:           []oauth2.GrantType{oauth2.AuthorizationCode, oauth2.Refreshing},
		AllowedCodeChallengeMethods: []oauth2.CodeChallengeMethod{oauth2.CodeChallengeS256},
		ForcePKCE:                   true,
	}, manager)
	srv.SetClientInfoHandler(server.ClientFormHandler)
	srv.SetUserAuthorizationHandler(
		func(http.ResponseWriter, *http.Request) (string, error) { return "lars.holm@harbourpine.example", nil },
	)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth/authorize", func(w http.ResponseWriter, r *http.Request) {
		if err := srv.HandleAuthorizeRequest(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("POST /oauth/2026-03/token", func(w http.ResponseWriter, r *http.Request) {
		if err := srv.HandleTokenRequest(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("POST /oauth/2026-03/token/introspect", func(w http.ResponseWriter, r *http.Request) {
		told := map[string]any{"active": false}
		if info, err := manager.LoadAccessToken(r.Context(), r.PostFormValue("token")); err == nil {
			told = map[string]any{
				"active": true, "hub_id": 26114873, "hub_domain": "harbourpine.example", "user": info.GetUserID(),
				"scopes": strings.Fields(info.GetScope()),
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(told) // the caller may have disconnected
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// TestADriverSignsInAtAnOAuthServerOfOthers connects and renews at a server of
// a public module, by the operator's addresses alone.
func TestADriverSignsInAtAnOAuthServerOfOthers(t *testing.T) {
	var s *relaytest.Scene
	id, secret := "b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945", "a secret of ours"
	others := independent(t, id, secret, func() string { return s.URL })
	s = relaytest.NewSceneOn(t, relaytest.Config{Apps: func(apps map[onboarding.Platform]platform.App) {
		apps[onboarding.HubSpot.Platform()] = platform.App{
			ClientID: id, ClientSecret: onboarding.NewSecret(secret),
			Endpoints: platform.Endpoints{Auth: others.URL, Token: others.URL, API: others.URL},
		}
	}})
	request, link := s.Request(onboarding.HubSpot)
	st := &stage{Scene: s, rehearsal: hubspotRehearsal(), person: s.Browser()}
	v := st.enter(link)
	address := st.leave(v)
	if !strings.HasPrefix(address, others.URL) {
		t.Fatalf("the client is led to %s", address)
	}
	back := st.walk(t, st.person, address, nil)
	if back == nil {
		t.Fatalf("the server sent nobody back: %s", st.person.Page.Text())
	}
	v.Open(back.String())
	v.Reads("is connected", "harbourpine.example")
	s.HasItems(request, 1)

	if stripped := st.walk(
		t, s.Browser(), changed(st.leaveAgain(v), func(v url.Values) { v.Del("code_challenge") }), nil,
	); stripped != nil && stripped.Query().Get("code") != "" {
		t.Error("the server gave a code without a challenge")
	}
	item := s.Details(request).Items[0].ID
	_, before, err := hubtest.Credential(t.Context(), s.Hub, item)
	if err != nil {
		t.Fatalf("using what was connected: %v", err)
	}
	if err := hubtest.Renew(t.Context(), s.Hub, item); err != nil {
		t.Fatalf("renewing: %v", err)
	}
	s.Sync()
	_, after, err := hubtest.Credential(t.Context(), s.Hub, item)
	if err != nil {
		t.Fatalf("using what was renewed: %v", err)
	}
	if after.Empty() || after.Secret.Reveal() == before.Secret.Reveal() {
		t.Error("the server's other refresh token was not kept")
	}
}

// leaveAgain goes from the page of a connected account to the platform again.
func (st *stage) leaveAgain(v *relaytest.Browser) string {
	v.Follow("Close")
	return st.leave(v)
}

// TestNoProgramHoldsTheOAuthServer checks the programs' dependencies.
func TestNoProgramHoldsTheOAuthServer(t *testing.T) {
	for _, program := range []string{"github.com/latchkeyhq/latchkey", "github.com/latchkeyhq/latchkey/cmd/relay"} {
		text, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "web", program).Output()
		if err != nil {
			t.Fatalf("listing what %s is made of: %v", program, err)
		}
		if !strings.Contains(string(text), "golang.org/x/oauth2") {
			t.Errorf("%s: the list is not whole", program)
		}
		if strings.Contains(string(text), "go-oauth2") {
			t.Errorf("%s holds the tests' OAuth server", program)
		}
	}
}
