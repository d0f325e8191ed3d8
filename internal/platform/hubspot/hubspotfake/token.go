package hubspotfake

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// appID is the number of the registered app.
const appID = 3047712

// tokenCall is the token endpoint. It refuses the grant client_credentials,
// which some versions have for webhooks.
func (f *Fake) tokenCall(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	if f.env.IsOn("throttled", "") {
		return busy()
	}
	form, refused := f.readForm(e, r)
	if refused != nil {
		return *refused
	}
	v1 := strings.Contains(e.Path, "/v1/")
	switch form.Get("grant_type") {
	case "authorization_code":
		if form.Get("redirect_uri") == "" || form.Get("code") == "" || form.Has("refresh_token") {
			return f.tokenError(badRequest,
				"authorization_code takes code and redirect_uri, and no refresh_token")
		}
		c, err := f.env.TakeCode(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
		if errors.Is(err, sandbox.ErrCodeRedirect) {
			return f.tokenError(badRedirect,
				"redirect_uri does not match the one the code was issued for")
		}
		if err != nil {
			return f.tokenError(badCode, "The authorization code cannot be used: "+err.Error())
		}
		hub, _ := strconv.ParseInt(c.Account, 10, 64) // formatted from a number
		in := &install{person: c.Person, portal: f.state.portals[hub], scopes: c.Scopes}
		return f.tokens(in, f.refreshToken(in), v1)
	case "refresh_token":
		if form.Get("refresh_token") == "" || form.Has("code") || form.Has("redirect_uri") ||
			form.Has("code_verifier") {
			return f.tokenError(badRequest,
				"refresh_token takes the refresh_token, and neither code nor redirect_uri")
		}
		return f.renew(form.Get("refresh_token"), v1)
	}
	return f.tokenError(badRequest, "grant_type is authorization_code or refresh_token")
}

func (f *Fake) renew(value string, v1 bool) sandbox.Response {
	token := f.state.refresh[value]
	if token == nil || token.revoked || token.install.dead || f.env.IsOn("token_revoked",
		token.install.person) {
		return f.tokenError(badRefresh, "missing or unknown refresh token")
	}
	if token.spent {
		// Reuse of a rotated token means theft, or two writers: end the
		// connection.
		token.install.dead = true
		return f.tokenError(badRefresh, "refresh token was used before; the grant is revoked")
	}
	if f.env.IsOn("rotates", token.install.person) {
		token.spent = true
		value = f.refreshToken(token.install)
	}
	return f.tokens(token.install, value, v1)
}

func (f *Fake) refreshToken(in *install) string {
	value := "na1-" + sandbox.RandomHex(18)
	f.state.refresh[value] = &issuedToken{install: in}
	return value
}

func (f *Fake) tokens(in *install, refresh string, v1 bool) sandbox.Response {
	access := "CPf" + sandbox.RandomHex(160) // real ones have more than 300 characters, too
	f.state.access[access] = &issuedToken{install: in, ends: f.env.Now().Add(accessLife)}
	body := map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "bearer",
		"expires_in": int(accessLife.Seconds())}
	if !v1 {
		body["token_use"] = "access_token"
		body["hub_id"] = in.portal.id
		body["user_id"] = f.state.people[in.person].userID
		body["scopes"] = in.scopes
	}
	return sandbox.JSON(http.StatusOK, body)
}

// readForm parses an app's call: a form with the app's credentials and only
// known parameters.
func (f *Fake) readForm(e sandbox.Endpoint, r *http.Request) (url.Values, *sandbox.Response) {
	refuse := func(a sandbox.Response) (url.Values, *sandbox.Response) { return nil, &a }
	form, bad := e.Read(r)
	switch {
	case bad != nil && bad.Reason == sandbox.BodyEncoding:
		return refuse(errorBody(http.StatusUnsupportedMediaType, "VALIDATION_ERROR",
			"The body has to be application/x-www-form-urlencoded", nil))
	case bad != nil && (bad.Name == "client_id" || bad.Name == "client_secret") && bad.Reason == sandbox.ParamMissing:
		return refuse(f.tokenError(badClient, "missing or unknown "+bad.Name))
	case bad != nil:
		return refuse(f.tokenError(badRequest, bad.Error()))
	case form.Has("client_assertion"), form.Has("client_assertion_type"):
		return refuse(f.tokenError(badClient, "the app has no key for a client_assertion"))
	case form.Get("client_id") != f.env.App().ID:
		return refuse(f.tokenError(badClient, "missing or unknown client id"))
	case !sandbox.SecretsEqual(form.Get("client_secret"), f.env.App().Secret):
		return refuse(f.tokenError(badClient, "missing or invalid client secret"))
	}
	return form, nil
}

// tokenFailure is HubSpot's name for a refusal of the token endpoint.
type tokenFailure string

// Only BAD_REFRESH_TOKEN is documented; the others are named like it.
// https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses
const (
	badRequest  tokenFailure = "BAD_REQUEST"
	badClient   tokenFailure = "BAD_CLIENT_SECRET"
	badRedirect tokenFailure = "BAD_REDIRECT_URI"
	badRefresh  tokenFailure = "BAD_REFRESH_TOKEN"
	badCode     tokenFailure = "BAD_AUTH_CODE"
)

// oauth is OAuth's name for it.
func (b tokenFailure) oauth() string {
	switch b {
	case badRequest:
		return "invalid_request"
	case badClient:
		return "invalid_client"
	}
	return "invalid_grant"
}

// tokenError is an error of the token endpoint: one body with OAuth's and
// HubSpot's fields. shifting_errors alternates with the older forms.
func (f *Fake) tokenError(bad tokenFailure, message string) sandbox.Response {
	body := map[string]string{"error": bad.oauth(), "error_description": message, "status": string(bad),
		"message": message}
	if f.env.IsOn("shifting_errors", "") {
		f.state.worded++
		switch f.state.worded % 3 {
		case 1:
			return errorBody(http.StatusBadRequest, "VALIDATION_ERROR", message, nil)
		case 2:
			body = map[string]string{"status": string(bad), "message": message}
		default:
			body = map[string]string{"error": bad.oauth(), "error_description": message}
		}
	}
	return sandbox.JSON(http.StatusBadRequest, body)
}

func (f *Fake) introspect(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	form, refused := f.readForm(e, r)
	if refused != nil {
		return *refused
	}
	value := form.Get("token")
	token, use := f.state.access[value], "access_token"
	if token == nil {
		token, use = f.state.refresh[value], "refresh_token"
	}
	if token == nil || !f.isAlive(token) {
		return sandbox.JSON(http.StatusOK, map[string]any{"active": false})
	}
	person := f.state.people[token.install.person]
	body := map[string]any{
		"active": true, "token": value, "token_use": use, "token_type": "bearer",
		"client_id": f.env.App().ID, "app_id": appID,
		"hub_id": token.install.portal.id, "hub_domain": token.install.portal.domain,
		"user": person.email, "user_id": person.userID, "scopes": token.install.scopes,
	}
	if use == "access_token" {
		body["expires_in"] = int(token.ends.Sub(f.env.Clock()).Seconds())
		body["is_private_distribution"] = false
		body["signed_access_token"] = f.signedToken(token)
	}
	return sandbox.JSON(http.StatusOK, body)
}

// signedToken is HubSpot's signed description of an access token, with the
// fields of its API specification.
func (f *Fake) signedToken(token *issuedToken) map[string]any {
	user := f.state.people[token.install.person].userID
	return map[string]any{
		"appId": appID, "appInstallId": strconv.FormatInt(token.install.portal.id, 36), "audience": "",
		"hubId": token.install.portal.id, "hublet": "na1", "expiresAt": token.ends.UnixMilli(),
		"userId": user, "installingUserId": user,
		"isPrivateDistribution": false, "isServiceAccount": false, "isUserLevel": false,
		"scopes": "BwAAAA==", "scopeToScopeGroupPks": "AQAAAA==", "trialScopes": "", "trialScopeToScopeGroupPks": "",
		"signature": "c2lnbmF0dXJl", "newSignature": "c2lnbmF0dXJl",
	}
}

// revoke revokes a refresh token. Access tokens stay valid until they expire:
// HubSpot does not document otherwise.
func (f *Fake) revoke(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	form, refused := f.readForm(e, r)
	if refused != nil {
		return *refused
	}
	token := f.state.refresh[form.Get("token")]
	if token == nil {
		return f.tokenError(badRefresh, "missing or unknown refresh token")
	}
	token.revoked = true
	return sandbox.Response{Status: http.StatusNoContent}
}

func (f *Fake) isAlive(token *issuedToken) bool {
	return !token.install.dead && !token.revoked && !token.spent &&
		(token.ends.IsZero() || f.env.Clock().Before(token.ends)) &&
		!f.env.IsOn("token_revoked", token.install.person)
}

func (f *Fake) v1Access(_ sandbox.Endpoint, r *http.Request) sandbox.Response {
	value := r.PathValue("token")
	token := f.state.access[value]
	if token == nil || !f.isAlive(token) {
		return sandbox.JSON(http.StatusBadRequest, map[string]string{"status": "error",
			"message": "access token is not valid"})
	}
	person := f.state.people[token.install.person]
	return sandbox.JSON(http.StatusOK, map[string]any{
		"token": value, "user": person.email, "user_id": person.userID,
		"hub_domain": token.install.portal.domain, "hub_id": token.install.portal.id,
		"app_id": appID, "scopes": token.install.scopes, "token_type": "access", "is_private_distribution": false,
		"expires_in": int(token.ends.Sub(f.env.Clock()).Seconds()), "signed_access_token": f.signedToken(token),
	})
}

func (f *Fake) v1Refresh(_ sandbox.Endpoint, r *http.Request) sandbox.Response {
	value := r.PathValue("token")
	token := f.state.refresh[value]
	if token == nil || !f.isAlive(token) {
		return sandbox.JSON(http.StatusBadRequest, map[string]string{"status": "error",
			"message": "refresh token is not valid"})
	}
	person := f.state.people[token.install.person]
	return sandbox.JSON(http.StatusOK, map[string]any{
		"token": value, "user": person.email, "user_id": person.userID,
		"hub_domain": token.install.portal.domain, "hub_id": token.install.portal.id,
		"client_id": f.env.App().ID, "scopes": token.install.scopes, "token_type": "refresh",
	})
}

func (f *Fake) v1Delete(_ sandbox.Endpoint, r *http.Request) sandbox.Response {
	token := f.state.refresh[r.PathValue("token")]
	if token == nil {
		return sandbox.JSON(http.StatusNotFound, map[string]string{"status": "error",
			"message": "refresh token is not known"})
	}
	token.revoked = true
	return sandbox.Response{Status: http.StatusNoContent}
}
