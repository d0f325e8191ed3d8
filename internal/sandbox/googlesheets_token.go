package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// googleOAuthPage documents the token endpoint, the authorize address and the revoke endpoint.
const googleOAuthPage = "https://developers.google.com/identity/protocols/oauth2/web-server"

func googleExchangeEndpoint() Endpoint {
	return Endpoint{
		Method: http.MethodPost, Path: "/token", Page: googleOAuthPage, Bodies: []BodyType{FormBody},
		Params: []Param{
			{Name: "grant_type", In: InBody, Required: true, Example: "authorization_code"},
			{Name: "client_id", In: InBody, Required: true, Example: "1.apps.googleusercontent.com"},
			{Name: "client_secret", In: InBody, Required: true, Example: "GOCSPX-1"},
			{Name: "code", In: InBody, Required: true, Example: "4/0A"},
			{Name: "redirect_uri", In: InBody, Required: true, Example: "https://access.example/callback/googlesheets"},
			{Name: "code_verifier", In: InBody, Why: "the verifier of PKCE: the page on native apps names it"},
		},
	}
}

func googleRefreshEndpoint() Endpoint {
	return Endpoint{
		Method: http.MethodPost, Path: "/token", Page: googleOAuthPage + "#offline", Bodies: []BodyType{FormBody},
		Params: []Param{
			{Name: "grant_type", In: InBody, Required: true, Example: "refresh_token"},
			{Name: "client_id", In: InBody, Required: true, Example: "1.apps.googleusercontent.com"},
			{Name: "client_secret", In: InBody, Required: true, Example: "GOCSPX-1"},
			{Name: "refresh_token", In: InBody, Required: true, Example: "1//0g"},
		},
	}
}

// googleTokenError is the shape of the token endpoint's refusals.
func googleTokenError(status int, name, description string, more ...string) Response {
	body := map[string]string{"error": name, "error_description": description}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	return JSON(status, body)
}

// googleToken is the token endpoint: an exchange or a refresh, by grant_type.
func (w *World) googleToken(r *http.Request) Response {
	if w.isOn(platformGoogleSheets, "throttled", "") {
		return googleTokenError(http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit exceeded")
	}
	call := googleExchangeEndpoint()
	switch r.PostForm.Get("grant_type") {
	case "refresh_token":
		call = googleRefreshEndpoint()
	case "", "authorization_code":
	default:
		text := "Invalid grant_type: " + r.PostForm.Get("grant_type")
		return googleTokenError(http.StatusBadRequest, "unsupported_grant_type", text)
	}
	form, bad := call.Read(r)
	if bad != nil {
		return googleTokenError(http.StatusBadRequest, "invalid_request", bad.Error())
	}
	switch {
	case form.Get("client_id") != app(platformGoogleSheets).ID:
		return googleTokenError(http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
	case w.isOn(platformGoogleSheets, "client_disabled", ""):
		return googleTokenError(http.StatusUnauthorized, "disabled_client", "The OAuth client was disabled.")
	case !SecretsEqual(form.Get("client_secret"), app(platformGoogleSheets).Secret):
		return googleTokenError(http.StatusUnauthorized, "invalid_client", "The provided client secret is invalid.")
	case form.Get("grant_type") == "refresh_token":
		return w.googleRefresh(form.Get("refresh_token"))
	}
	return w.googleExchange(form)
}

func (w *World) googleExchange(form url.Values) Response {
	c, err := w.takeCode(platformGoogleSheets, form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	switch {
	case errors.Is(err, ErrCodeRedirect):
		return googleTokenError(http.StatusBadRequest, "redirect_uri_mismatch", "Bad Request")
	case errors.Is(err, ErrCodeVerifier):
		return googleTokenError(http.StatusBadRequest, "invalid_grant", "Invalid code verifier.")
	case err != nil:
		return googleTokenError(http.StatusBadRequest, "invalid_grant", "Bad Request")
	}
	body := map[string]any{"token_type": "Bearer", "scope": strings.Join(c.Scopes, " ")}
	grant := w.google.granted(c.Person)
	if c.Account == "offline" {
		ends := time.Time{}
		if w.isOn(platformGoogleSheets, "testing", "") {
			ends = w.now().Add(googleTestingLife)
			body["refresh_token_expires_in"] = int(googleTestingLife.Seconds()) - 1
		}
		body["refresh_token"] = w.google.newRefresh(grant, w.now(), ends)
	}
	return w.googleAccess(grant, len(c.Scopes) > 0, body)
}

// googleAccess adds an access token to a token's answer, two kilobytes long as
// they may be.
func (w *World) googleAccess(grant *googleGrant, scoped bool, body map[string]any) Response {
	value := "ya29.a0" + RandomHex(1018)
	token := &googleToken{grant: grant, ends: w.now().Add(googleAccessLife), dead: !scoped}
	w.google.access[value] = token
	body["access_token"], body["expires_in"] = value, int(googleAccessLife.Seconds())
	return JSON(http.StatusOK, body)
}

// googleRefresh gives an access token for a refresh token, which stays as it is.
func (w *World) googleRefresh(value string) Response {
	token := w.google.refresh[value]
	gone := googleTokenError(http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
	switch {
	case token == nil:
		return googleTokenError(http.StatusBadRequest, "invalid_grant", "Bad Request")
	case !w.googleLives(token) || w.clock(platformGoogleSheets).Sub(token.used) > googleIdleLife:
		return gone
	case w.isOn(platformGoogleSheets, "session_rule", token.grant.person):
		return googleTokenError(http.StatusBadRequest, "invalid_grant", "reauth related error (invalid_rapt)",
			"error_uri", "https://support.google.com/a/answer/9368756", "error_subtype", "invalid_rapt")
	}
	token.used = w.now()
	body := map[string]any{"token_type": "Bearer", "scope": googleScope}
	if !token.ends.IsZero() {
		body["refresh_token_expires_in"] = int(token.ends.Sub(w.clock(platformGoogleSheets)).Seconds())
	}
	return w.googleAccess(token.grant, true, body)
}

// googleLives says whether a token is still good.
func (w *World) googleLives(token *googleToken) bool {
	return !token.dead && !token.grant.dead &&
		(token.ends.IsZero() || w.clock(platformGoogleSheets).Before(token.ends)) &&
		!w.isOn(platformGoogleSheets, "token_revoked", token.grant.person)
}

// googleRevoke ends everything that the token's person has given to the app,
// whoever holds it: https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
func (w *World) googleRevoke(call Endpoint, r *http.Request) Response {
	values, bad := call.Read(r)
	if bad != nil {
		return googleTokenError(http.StatusBadRequest, "invalid_request", bad.Error())
	}
	if w.isOn(platformGoogleSheets, "throttled", "") {
		return googleTokenError(http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit exceeded")
	}
	token := w.google.refresh[values.Get("token")]
	if token == nil {
		token = w.google.access[values.Get("token")]
	}
	if token == nil || !w.googleLives(token) {
		return googleTokenError(http.StatusBadRequest, "invalid_token", "Token expired or revoked")
	}
	if !w.isOn(platformGoogleSheets, "slow_revoke", "") {
		token.grant.end()
	}
	return JSON(http.StatusOK, map[string]any{})
}

func (g *googleGrant) end() { g.dead, g.live = true, nil }

// googleTokenInfo says what an access token is good for.
func (w *World) googleTokenInfo(call Endpoint, r *http.Request) Response {
	values, bad := call.Read(r)
	if bad != nil {
		return googleTokenError(http.StatusBadRequest, "invalid_request", bad.Error())
	}
	token := w.google.access[values.Get("access_token")]
	if token == nil || !w.googleLives(token) {
		return googleTokenError(http.StatusBadRequest, "invalid_token", "Invalid Value")
	}
	left := int(token.ends.Sub(w.clock(platformGoogleSheets)).Seconds())
	return JSON(http.StatusOK, map[string]any{
		"azp": app(platformGoogleSheets).ID, "aud": app(platformGoogleSheets).ID, "scope": googleScope,
		"exp": token.ends.Unix(), "expires_in": left, "access_type": "offline",
	})
}

// googleUserInfo needs openid, which a token for drive.file has not.
func (w *World) googleUserInfo(call Endpoint, r *http.Request) Response {
	if _, bad := call.Read(r); bad != nil {
		return googleTokenError(http.StatusBadRequest, "invalid_request", bad.Error())
	}
	return googleTokenError(http.StatusUnauthorized, "invalid_request", "Invalid Credentials")
}

// googleCaller is whose token a call carries, or why the call is refused.
func (w *World) googleCaller(r *http.Request) (*googleGrant, *Response) {
	refuse := func(a Response) (*googleGrant, *Response) { return nil, &a }
	token := w.google.access[BearerToken(r)]
	if token == nil || !w.googleLives(token) {
		return refuse(googleError(http.StatusUnauthorized, "UNAUTHENTICATED", "authError",
			"Request had invalid authentication credentials. Expected OAuth 2 access token.").
			With("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="invalid_token"`))
	}
	person := token.grant.person
	switch {
	case w.isOn(platformGoogleSheets, "api_disabled", ""):
		return refuse(googleError(http.StatusForbidden, "PERMISSION_DENIED", "accessNotConfigured",
			"The API has not been used in this project before or it is disabled.", "SERVICE_DISABLED"))
	case w.isOn(platformGoogleSheets, "scope_lost", person):
		return refuse(googleError(http.StatusForbidden, "PERMISSION_DENIED", "insufficientPermissions",
			"Request had insufficient authentication scopes.", "ACCESS_TOKEN_SCOPE_INSUFFICIENT").
			With("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="insufficient_scope"`))
	case r.Host == "www.googleapis.com" && w.isOn(platformGoogleSheets, "throttled", person):
		return refuse(googleError(http.StatusForbidden, "", "userRateLimitExceeded", "User Rate Limit Exceeded"))
	case r.Host == "sheets.googleapis.com" && !w.googleCounted(person):
		return refuse(googleError(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "rateLimitExceeded",
			"Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'.",
			"RATE_LIMIT_EXCEEDED"))
	}
	return token.grant, nil
}

// googleCounted counts a call to the Sheets API; false: it is one too many.
func (w *World) googleCounted(person string) bool {
	if w.isOn(platformGoogleSheets, "throttled", person) {
		return false
	}
	by, now := w.google.people[person], time.Now() // a limit on calls is real time: callers wait in it
	by.calls = slices.DeleteFunc(by.calls, func(at time.Time) bool { return now.Sub(at) > googleWindow })
	if len(by.calls) >= googleCalls {
		return false
	}
	by.calls = append(by.calls, now)
	return true
}

// googleError is the shape of an API's refusal: the reason stands in errors, and
// where there is a detail, in details too.
func googleError(status int, name, reason, message string, detail ...string) Response {
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
	return JSON(status, map[string]any{"error": body})
}
