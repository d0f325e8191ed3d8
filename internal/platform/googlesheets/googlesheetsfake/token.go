package googlesheetsfake

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// oauthPage documents the token endpoint, the authorize address and the revoke endpoint.
const oauthPage = "https://developers.google.com/identity/protocols/oauth2/web-server"

func exchangeEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{
		Method: http.MethodPost, Path: "/token", Page: oauthPage, Bodies: []sandbox.BodyType{sandbox.FormBody},
		Params: []sandbox.Param{
			{Name: "grant_type", In: sandbox.InBody, Required: true, Example: "authorization_code"},
			{Name: "client_id", In: sandbox.InBody, Required: true, Example: "1.apps.googleusercontent.com"},
			{Name: "client_secret", In: sandbox.InBody, Required: true, Example: "GOCSPX-1"},
			{Name: "code", In: sandbox.InBody, Required: true, Example: "4/0A"},
			{Name: "redirect_uri", In: sandbox.InBody, Required: true, Example: "https://access.example/callback/googlesheets"},
			{Name: "code_verifier", In: sandbox.InBody, Why: "the verifier of PKCE: the page on native apps names it"},
		},
	}
}

func refreshEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{
		Method: http.MethodPost, Path: "/token", Page: oauthPage + "#offline", Bodies: []sandbox.BodyType{sandbox.FormBody},
		Params: []sandbox.Param{
			{Name: "grant_type", In: sandbox.InBody, Required: true, Example: "refresh_token"},
			{Name: "client_id", In: sandbox.InBody, Required: true, Example: "1.apps.googleusercontent.com"},
			{Name: "client_secret", In: sandbox.InBody, Required: true, Example: "GOCSPX-1"},
			{Name: "refresh_token", In: sandbox.InBody, Required: true, Example: "1//0g"},
		},
	}
}

// tokenError is an error of the token endpoint.
func tokenError(status int, name, description string, more ...string) sandbox.Response {
	body := map[string]string{"error": name, "error_description": description}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	return sandbox.JSON(status, body)
}

// tokenCall is the token endpoint: an exchange or a refresh, by grant_type.
func (f *Fake) tokenCall(r *http.Request) sandbox.Response {
	if f.env.IsOn("throttled", "") {
		return tokenError(http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit exceeded")
	}
	call := exchangeEndpoint()
	switch r.PostForm.Get("grant_type") {
	case "refresh_token":
		call = refreshEndpoint()
	case "", "authorization_code":
	default:
		text := "Invalid grant_type: " + r.PostForm.Get("grant_type")
		return tokenError(http.StatusBadRequest, "unsupported_grant_type", text)
	}
	form, bad := call.Read(r)
	if bad != nil {
		return tokenError(http.StatusBadRequest, "invalid_request", bad.Error())
	}
	switch {
	case form.Get("client_id") != f.env.App().ID:
		return tokenError(http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
	case f.env.IsOn("client_disabled", ""):
		return tokenError(http.StatusUnauthorized, "disabled_client", "The OAuth client was disabled.")
	case !sandbox.SecretsEqual(form.Get("client_secret"), f.env.App().Secret):
		return tokenError(http.StatusUnauthorized, "invalid_client", "The provided client secret is invalid.")
	case form.Get("grant_type") == "refresh_token":
		return f.refresh(form.Get("refresh_token"))
	}
	return f.exchange(form)
}

func (f *Fake) exchange(form url.Values) sandbox.Response {
	c, err := f.env.TakeCode(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	switch {
	case errors.Is(err, sandbox.ErrCodeRedirect):
		return tokenError(http.StatusBadRequest, "redirect_uri_mismatch", "Bad Request")
	case errors.Is(err, sandbox.ErrCodeVerifier):
		return tokenError(http.StatusBadRequest, "invalid_grant", "Invalid code verifier.")
	case err != nil:
		return tokenError(http.StatusBadRequest, "invalid_grant", "Bad Request")
	}
	body := map[string]any{"token_type": "Bearer", "scope": strings.Join(c.Scopes, " ")}
	grant := f.state.granted(c.Person)
	if c.Account == "offline" {
		ends := time.Time{}
		if f.env.IsOn("testing", "") {
			ends = f.env.Now().Add(testingLife)
			body["refresh_token_expires_in"] = int(testingLife.Seconds()) - 1
		}
		body["refresh_token"] = f.state.newRefresh(grant, f.env.Now(), ends)
	}
	return f.access(grant, len(c.Scopes) > 0, body)
}

// access adds an access token to a response, of two kilobytes, the documented
// maximum.
func (f *Fake) access(grant *consentGrant, scoped bool, body map[string]any) sandbox.Response {
	value := "ya29.a0" + sandbox.RandomHex(1018)
	token := &issuedToken{grant: grant, ends: f.env.Now().Add(accessLife), dead: !scoped}
	f.state.access[value] = token
	body["access_token"], body["expires_in"] = value, int(accessLife.Seconds())
	return sandbox.JSON(http.StatusOK, body)
}

// refresh issues an access token for a refresh token, which stays the same.
func (f *Fake) refresh(value string) sandbox.Response {
	token := f.state.refresh[value]
	gone := tokenError(http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
	switch {
	case token == nil:
		return tokenError(http.StatusBadRequest, "invalid_grant", "Bad Request")
	case !f.isAlive(token) || f.env.Clock().Sub(token.used) > idleLife:
		return gone
	case f.env.IsOn("session_rule", token.grant.person):
		return tokenError(http.StatusBadRequest, "invalid_grant", "reauth related error (invalid_rapt)",
			"error_uri", "https://support.google.com/a/answer/9368756", "error_subtype", "invalid_rapt")
	}
	token.used = f.env.Now()
	body := map[string]any{"token_type": "Bearer", "scope": driveScope}
	if !token.ends.IsZero() {
		body["refresh_token_expires_in"] = int(token.ends.Sub(f.env.Clock()).Seconds())
	}
	return f.access(token.grant, true, body)
}

// isAlive reports whether a token is valid.
func (f *Fake) isAlive(token *issuedToken) bool {
	return !token.dead && !token.grant.dead &&
		(token.ends.IsZero() || f.env.Clock().Before(token.ends)) &&
		!f.env.IsOn("token_revoked", token.grant.person)
}

// revoke revokes everything that the token's person has granted to the app:
// https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
func (f *Fake) revoke(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	values, bad := call.Read(r)
	if bad != nil {
		return tokenError(http.StatusBadRequest, "invalid_request", bad.Error())
	}
	if f.env.IsOn("throttled", "") {
		return tokenError(http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit exceeded")
	}
	token := f.state.refresh[values.Get("token")]
	if token == nil {
		token = f.state.access[values.Get("token")]
	}
	if token == nil || !f.isAlive(token) {
		return tokenError(http.StatusBadRequest, "invalid_token", "Token expired or revoked")
	}
	if !f.env.IsOn("slow_revoke", "") {
		token.grant.end()
	}
	return sandbox.JSON(http.StatusOK, map[string]any{})
}

func (g *consentGrant) end() { g.dead, g.live = true, nil }

// tokenInfo describes an access token.
func (f *Fake) tokenInfo(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	values, bad := call.Read(r)
	if bad != nil {
		return tokenError(http.StatusBadRequest, "invalid_request", bad.Error())
	}
	token := f.state.access[values.Get("access_token")]
	if token == nil || !f.isAlive(token) {
		return tokenError(http.StatusBadRequest, "invalid_token", "Invalid Value")
	}
	left := int(token.ends.Sub(f.env.Clock()).Seconds())
	return sandbox.JSON(http.StatusOK, map[string]any{
		"azp": f.env.App().ID, "aud": f.env.App().ID, "scope": driveScope,
		"exp": token.ends.Unix(), "expires_in": left, "access_type": "offline",
	})
}

// userInfo needs openid, which a token for drive.file lacks.
func (f *Fake) userInfo(call sandbox.Endpoint, r *http.Request) sandbox.Response {
	if _, bad := call.Read(r); bad != nil {
		return tokenError(http.StatusBadRequest, "invalid_request", bad.Error())
	}
	return tokenError(http.StatusUnauthorized, "invalid_request", "Invalid Credentials")
}

// caller returns the grant of a call's token, or the refusal.
func (f *Fake) caller(r *http.Request) (*consentGrant, *sandbox.Response) {
	refuse := func(a sandbox.Response) (*consentGrant, *sandbox.Response) { return nil, &a }
	token := f.state.access[sandbox.BearerToken(r)]
	if token == nil || !f.isAlive(token) {
		return refuse(apiError(http.StatusUnauthorized, "UNAUTHENTICATED", "authError",
			"Request had invalid authentication credentials. Expected OAuth 2 access token.").
			With("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="invalid_token"`))
	}
	person := token.grant.person
	switch {
	case f.env.IsOn("api_disabled", ""):
		return refuse(apiError(http.StatusForbidden, "PERMISSION_DENIED", "accessNotConfigured",
			"The API has not been used in this project before or it is disabled.", "SERVICE_DISABLED"))
	case f.env.IsOn("scope_lost", person):
		return refuse(apiError(http.StatusForbidden, "PERMISSION_DENIED", "insufficientPermissions",
			"Request had insufficient authentication scopes.", "ACCESS_TOKEN_SCOPE_INSUFFICIENT").
			With("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="insufficient_scope"`))
	case r.Host == "www.googleapis.com" && f.env.IsOn("throttled", person):
		return refuse(apiError(http.StatusForbidden, "", "userRateLimitExceeded", "User Rate Limit Exceeded"))
	case r.Host == "sheets.googleapis.com" && !f.counted(person):
		return refuse(apiError(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "rateLimitExceeded",
			"Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'.",
			"RATE_LIMIT_EXCEEDED"))
	}
	return token.grant, nil
}

// counted counts a call to the Sheets API; false: the limit is exceeded.
func (f *Fake) counted(person string) bool {
	if f.env.IsOn("throttled", person) {
		return false
	}
	by, now := f.state.people[person], time.Now() // rate limits use real time: callers wait
	by.calls = slices.DeleteFunc(by.calls, func(at time.Time) bool { return now.Sub(at) > callWindow })
	if len(by.calls) >= callLimit {
		return false
	}
	by.calls = append(by.calls, now)
	return true
}

// apiError is an API's refusal: the reason is in errors and, with a detail, in
// details, too.
func apiError(status int, name, reason, message string, detail ...string) sandbox.Response {
	body := map[string]any{
		"code": status, "message": message,
		"errors": []map[string]string{{"message": message, "domain": "global", "reason": reason}},
	}
	if name != "" {
		body["status"] = name
	}
	if len(detail) > 0 {
		body["details"] = []map[string]string{{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": detail[0], "domain": "googleapis.com",
		}}
	}
	return sandbox.JSON(status, map[string]any{"error": body})
}
