package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// hubspotAppID is the number of the registered app.
const hubspotAppID = 3047712

// hubspotTokenCall is the token endpoint. The grant client_credentials, which
// some versions know for webhooks, is not given to this app.
func (w *World) hubspotTokenCall(e Endpoint, r *http.Request) Response {
	if w.isOn(platformHubSpot, "throttled", "") {
		return hubspotBusy()
	}
	form, refused := w.hubspotForm(e, r)
	if refused != nil {
		return *refused
	}
	v1 := strings.Contains(e.Path, "/v1/")
	switch form.Get("grant_type") {
	case "authorization_code":
		if form.Get("redirect_uri") == "" || form.Get("code") == "" || form.Has("refresh_token") {
			return w.hubspotTokenError(hubspotBadRequest,
				"authorization_code takes code and redirect_uri, and no refresh_token")
		}
		c, err := w.takeCode(platformHubSpot, form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
		if errors.Is(err, ErrCodeRedirect) {
			return w.hubspotTokenError(hubspotBadRedirect,
				"redirect_uri does not match the one the code was issued for")
		}
		if err != nil {
			return w.hubspotTokenError(hubspotBadCode, "The authorization code cannot be used: "+err.Error())
		}
		hub, _ := strconv.ParseInt(c.Account, 10, 64) // it was written from a number
		in := &install{person: c.Person, portal: w.hubspot.portals[hub], scopes: c.Scopes}
		return w.hubspotTokens(in, w.hubspotRefreshToken(in), v1)
	case "refresh_token":
		if form.Get("refresh_token") == "" || form.Has("code") || form.Has("redirect_uri") ||
			form.Has("code_verifier") {
			return w.hubspotTokenError(hubspotBadRequest,
				"refresh_token takes the refresh_token, and neither code nor redirect_uri")
		}
		return w.hubspotRenew(form.Get("refresh_token"), v1)
	}
	return w.hubspotTokenError(hubspotBadRequest, "grant_type is authorization_code or refresh_token")
}

func (w *World) hubspotRenew(value string, v1 bool) Response {
	token := w.hubspot.refresh[value]
	if token == nil || token.revoked || token.install.dead || w.isOn(platformHubSpot, "token_revoked",
		token.install.person) {
		return w.hubspotTokenError(hubspotBadRefresh, "missing or unknown refresh token")
	}
	if token.spent {
		// A token that was rotated away is only in the hands of a thief or of a second writer: nobody keeps anything.
		token.install.dead = true
		return w.hubspotTokenError(hubspotBadRefresh, "refresh token was used before; the grant is revoked")
	}
	if w.isOn(platformHubSpot, "rotates", token.install.person) {
		token.spent = true
		value = w.hubspotRefreshToken(token.install)
	}
	return w.hubspotTokens(token.install, value, v1)
}

func (w *World) hubspotRefreshToken(in *install) string {
	value := "na1-" + RandomHex(18)
	w.hubspot.refresh[value] = &hubspotToken{install: in}
	return value
}

func (w *World) hubspotTokens(in *install, refresh string, v1 bool) Response {
	access := "CPf" + RandomHex(160) // real ones are longer than 300 characters, too
	w.hubspot.access[access] = &hubspotToken{install: in, ends: w.now().Add(hubspotAccessLife)}
	body := map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "bearer",
		"expires_in": int(hubspotAccessLife.Seconds())}
	if !v1 {
		body["token_use"] = "access_token"
		body["hub_id"] = in.portal.id
		body["user_id"] = w.hubspot.people[in.person].userID
		body["scopes"] = in.scopes
	}
	return JSON(http.StatusOK, body)
}

// hubspotForm reads a call of an app: a form in the body, with the app's
// credentials in it, and nothing that is not known.
func (w *World) hubspotForm(e Endpoint, r *http.Request) (url.Values, *Response) {
	refuse := func(a Response) (url.Values, *Response) { return nil, &a }
	form, bad := e.Read(r)
	switch {
	case bad != nil && bad.Reason == BodyEncoding:
		return refuse(hubspotError(http.StatusUnsupportedMediaType, "VALIDATION_ERROR",
			"The body has to be application/x-www-form-urlencoded", nil))
	case bad != nil && (bad.Name == "client_id" || bad.Name == "client_secret") && bad.Reason == ParamMissing:
		return refuse(w.hubspotTokenError(hubspotBadClient, "missing or unknown "+bad.Name))
	case bad != nil:
		return refuse(w.hubspotTokenError(hubspotBadRequest, bad.Error()))
	case form.Has("client_assertion"), form.Has("client_assertion_type"):
		return refuse(w.hubspotTokenError(hubspotBadClient, "the app has no key for a client_assertion"))
	case form.Get("client_id") != app(platformHubSpot).ID:
		return refuse(w.hubspotTokenError(hubspotBadClient, "missing or unknown client id"))
	case !SecretsEqual(form.Get("client_secret"), app(platformHubSpot).Secret):
		return refuse(w.hubspotTokenError(hubspotBadClient, "missing or invalid client secret"))
	}
	return form, nil
}

// hubspotBad is what a token call is refused for, by HubSpot's own name.
type hubspotBad string

// Of these BAD_REFRESH_TOKEN stands in HubSpot's documentation; the others are
// named after it.
// https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses
const (
	hubspotBadRequest  hubspotBad = "BAD_REQUEST"
	hubspotBadClient   hubspotBad = "BAD_CLIENT_SECRET"
	hubspotBadRedirect hubspotBad = "BAD_REDIRECT_URI"
	hubspotBadRefresh  hubspotBad = "BAD_REFRESH_TOKEN"
	hubspotBadCode     hubspotBad = "BAD_AUTH_CODE"
)

// oauth is OAuth's name for it.
func (b hubspotBad) oauth() string {
	switch b {
	case hubspotBadRequest:
		return "invalid_request"
	case hubspotBadClient:
		return "invalid_client"
	}
	return "invalid_grant"
}

// hubspotTokenError words an error of the token endpoint: one body with the
// fields of OAuth and HubSpot's own. shifting_errors deals out the older shapes.
func (w *World) hubspotTokenError(bad hubspotBad, message string) Response {
	body := map[string]string{"error": bad.oauth(), "error_description": message, "status": string(bad),
		"message": message}
	if w.isOn(platformHubSpot, "shifting_errors", "") {
		w.hubspot.worded++
		switch w.hubspot.worded % 3 {
		case 1:
			return hubspotError(http.StatusBadRequest, "VALIDATION_ERROR", message, nil)
		case 2:
			body = map[string]string{"status": string(bad), "message": message}
		default:
			body = map[string]string{"error": bad.oauth(), "error_description": message}
		}
	}
	return JSON(http.StatusBadRequest, body)
}

func (w *World) hubspotIntrospect(e Endpoint, r *http.Request) Response {
	form, refused := w.hubspotForm(e, r)
	if refused != nil {
		return *refused
	}
	value := form.Get("token")
	token, use := w.hubspot.access[value], "access_token"
	if token == nil {
		token, use = w.hubspot.refresh[value], "refresh_token"
	}
	if token == nil || !w.hubspotAlive(token) {
		return JSON(http.StatusOK, map[string]any{"active": false})
	}
	person := w.hubspot.people[token.install.person]
	body := map[string]any{
		"active": true, "token": value, "token_use": use, "token_type": "bearer",
		"client_id": app(platformHubSpot).ID, "app_id": hubspotAppID,
		"hub_id": token.install.portal.id, "hub_domain": token.install.portal.domain,
		"user": person.email, "user_id": person.userID, "scopes": token.install.scopes,
	}
	if use == "access_token" {
		body["expires_in"] = int(token.ends.Sub(w.clock(platformHubSpot)).Seconds())
		body["is_private_distribution"] = false
		body["signed_access_token"] = w.hubspotSigned(token)
	}
	return JSON(http.StatusOK, body)
}

// hubspotSigned is what HubSpot says of an access token with its signature. The
// fields are those of its published API specification.
func (w *World) hubspotSigned(token *hubspotToken) map[string]any {
	user := w.hubspot.people[token.install.person].userID
	return map[string]any{
		"appId": hubspotAppID, "appInstallId": strconv.FormatInt(token.install.portal.id, 36), "audience": "",
		"hubId": token.install.portal.id, "hublet": "na1", "expiresAt": token.ends.UnixMilli(),
		"userId": user, "installingUserId": user,
		"isPrivateDistribution": false, "isServiceAccount": false, "isUserLevel": false,
		"scopes": "BwAAAA==", "scopeToScopeGroupPks": "AQAAAA==", "trialScopes": "", "trialScopeToScopeGroupPks": "",
		"signature": "c2lnbmF0dXJl", "newSignature": "c2lnbmF0dXJl",
	}
}

// hubspotRevoke revokes a refresh token. Access tokens live to their end: HubSpot
// does not document whether they do.
func (w *World) hubspotRevoke(e Endpoint, r *http.Request) Response {
	form, refused := w.hubspotForm(e, r)
	if refused != nil {
		return *refused
	}
	token := w.hubspot.refresh[form.Get("token")]
	if token == nil {
		return w.hubspotTokenError(hubspotBadRefresh, "missing or unknown refresh token")
	}
	token.revoked = true
	return Response{Status: http.StatusNoContent}
}

func (w *World) hubspotAlive(token *hubspotToken) bool {
	return !token.install.dead && !token.revoked && !token.spent &&
		(token.ends.IsZero() || w.clock(platformHubSpot).Before(token.ends)) &&
		!w.isOn(platformHubSpot, "token_revoked", token.install.person)
}

func (w *World) hubspotV1Access(_ Endpoint, r *http.Request) Response {
	value := r.PathValue("token")
	token := w.hubspot.access[value]
	if token == nil || !w.hubspotAlive(token) {
		return JSON(http.StatusBadRequest, map[string]string{"status": "error",
			"message": "access token is not valid"})
	}
	person := w.hubspot.people[token.install.person]
	return JSON(http.StatusOK, map[string]any{
		"token": value, "user": person.email, "user_id": person.userID,
		"hub_domain": token.install.portal.domain, "hub_id": token.install.portal.id,
		"app_id": hubspotAppID, "scopes": token.install.scopes, "token_type": "access", "is_private_distribution": false,
		"expires_in": int(token.ends.Sub(w.clock(platformHubSpot)).Seconds()), "signed_access_token": w.hubspotSigned(token),
	})
}

func (w *World) hubspotV1Refresh(_ Endpoint, r *http.Request) Response {
	value := r.PathValue("token")
	token := w.hubspot.refresh[value]
	if token == nil || !w.hubspotAlive(token) {
		return JSON(http.StatusBadRequest, map[string]string{"status": "error",
			"message": "refresh token is not valid"})
	}
	person := w.hubspot.people[token.install.person]
	return JSON(http.StatusOK, map[string]any{
		"token": value, "user": person.email, "user_id": person.userID,
		"hub_domain": token.install.portal.domain, "hub_id": token.install.portal.id,
		"client_id": app(platformHubSpot).ID, "scopes": token.install.scopes, "token_type": "refresh",
	})
}

func (w *World) hubspotV1Delete(_ Endpoint, r *http.Request) Response {
	token := w.hubspot.refresh[r.PathValue("token")]
	if token == nil {
		return JSON(http.StatusNotFound, map[string]string{"status": "error",
			"message": "refresh token is not known"})
	}
	token.revoked = true
	return Response{Status: http.StatusNoContent}
}
