package sandbox

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// salesforceOperation is one call that Salesforce takes.
type salesforceOperation struct {
	endpoint Endpoint
	answer   func(w *World, r *http.Request, e Endpoint) Response
}

func salesforceEndpoints() []Endpoint {
	var list []Endpoint
	for _, op := range salesforceOperations() {
		list = append(list, op.endpoint)
	}
	return list
}

func salesforceOperations() []salesforceOperation {
	return slices.Concat(salesforceTokenCalls(), salesforceDataCalls())
}

const salesforceHelp = "https://help.salesforce.com/s/articleView?id=xcloud."

// salesforceTokenCalls are the OAuth calls and the identity address.
func salesforceTokenCalls() []salesforceOperation {
	form := []BodyType{FormBody}
	id := Param{Name: "client_id", In: InBody, Required: true, Example: "3MVG9"}
	secret := Param{Name: "client_secret", In: InBody, Example: "8C21F4"}
	token := Param{Name: "token", In: InBody, Required: true, Example: "5Aep861"}
	return []salesforceOperation{
		{Endpoint{
			Method: "POST", Path: "/services/oauth2/token", Page: salesforceHelp + "remoteaccess_oauth_web_server_flow.htm", Bodies: form,
			Params: []Param{
				{Name: "grant_type", In: InBody, Required: true, Example: "authorization_code"}, id, secret,
				{Name: "code", In: InBody, Example: "aPrx"}, {Name: "redirect_uri", In: InBody, Example: "https://example.com/callback"},
				{Name: "code_verifier", In: InBody, Example: "0123456789012345678901234567890123456789012"},
				{Name: "refresh_token", In: InBody, Example: "5Aep861"}, {Name: "format", In: InBody, Example: "json"},
			},
		}, (*World).salesforceTokenCall},
		{Endpoint{
			Method: "POST", Path: "/services/oauth2/revoke", Page: salesforceHelp + "remoteaccess_revoke_token.htm", Bodies: form,
			Params: []Param{token},
		}, (*World).salesforceRevoke},
		{Endpoint{
			Method: "POST", Path: "/services/oauth2/introspect", Page: salesforceHelp + "remoteaccess_oidc_token_introspection.htm", Bodies: form,
			Params: []Param{token, {Name: "token_type_hint", In: InBody, Example: "access_token"}, {Name: "client_id", In: InBody, Example: "3MVG9"}, secret},
		}, (*World).salesforceIntrospect},
		{Endpoint{
			Method: "GET", Path: "/id/{org}/{user}", Page: salesforceHelp + "remoteaccess_using_openid.htm",
			Params: []Param{{Name: "version", Example: "latest"}, {Name: "format", Example: "json"}},
		}, (*World).salesforceIdentity},
	}
}

// salesforceRefused is an error of the token endpoint.
func salesforceRefused(code, description string) Response {
	return JSON(http.StatusBadRequest, map[string]string{"error": code, "error_description": description})
}

func (w *World) salesforceTokenCall(r *http.Request, e Endpoint) Response {
	form, bad := e.Read(r)
	switch {
	case bad != nil:
		return salesforceRefused("invalid_request", bad.Error())
	case form.Get("client_id") != app(platformSalesforce).ID:
		return salesforceRefused("invalid_client_id", "client identifier invalid")
	case !SecretsEqual(form.Get("client_secret"), app(platformSalesforce).Secret):
		return salesforceRefused("invalid_client", "invalid client credentials")
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return w.salesforceExchange(r.Host, form)
	case "refresh_token":
		return w.salesforceRenew(r.Host, form)
	}
	return salesforceRefused("unsupported_grant_type", "grant type not supported")
}

func (w *World) salesforceExchange(host string, form url.Values) Response {
	if form.Get("redirect_uri") == "" || form.Get("code") == "" {
		return salesforceRefused("invalid_request", "authorization_code takes code and redirect_uri")
	}
	if form.Has("refresh_token") {
		return salesforceRefused("invalid_request", "authorization_code takes no refresh_token")
	}
	c, err := w.takeCode(platformSalesforce, form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	switch {
	case errors.Is(err, ErrCodeExpired):
		return salesforceRefused("invalid_grant", "expired authorization code")
	case errors.Is(err, ErrCodeRedirect):
		return salesforceRefused("redirect_uri_mismatch", "redirect_uri must match configuration")
	case errors.Is(err, ErrCodeVerifier) && form.Get("code_verifier") == "":
		return salesforceRefused("invalid_grant", "missing code verifier")
	case errors.Is(err, ErrCodeVerifier):
		return salesforceRefused("invalid_request", "invalid code verifier")
	case err != nil:
		return salesforceRefused("invalid_grant", "invalid authorization code")
	}
	i := slices.IndexFunc(w.salesforce.users, func(u *salesforceUser) bool { return u.id == c.Account })
	user := w.salesforce.users[i] // users are never removed
	if !user.org.tokensAt(host) {
		return salesforceRefused("invalid_grant", "invalid authorization code")
	}
	if no := w.salesforceShut(user); no != nil {
		return *no
	}
	if !user.org.installed {
		return salesforceRefused("invalid_client", "app must be installed into org")
	}
	return w.salesforceTokens(w.salesforceGrant(user, c.Scopes))
}

// salesforceShut is why nobody gets a token for a user now; nil: they do.
func (w *World) salesforceShut(user *salesforceUser) *Response {
	var a Response
	switch {
	case user.inactive:
		a = salesforceRefused("inactive_user", "user is inactive")
	case w.isOn(platformSalesforce, "ip_restricted", user.person):
		a = salesforceRefused("invalid_grant", "ip restricted")
	default:
		return nil
	}
	return &a
}

// salesforceGrant keeps a new consent. A user has five at most for an app.
func (w *World) salesforceGrant(user *salesforceUser, scopes []string) *salesforceGrant {
	var living []*salesforceGrant
	for _, g := range w.salesforce.grants {
		if g.user == user && !g.dead {
			living = append(living, g)
		}
	}
	if len(living) >= salesforceGrants {
		living[0].dead = true
	}
	g := &salesforceGrant{user: user, scopes: scopes}
	w.salesforce.grants = append(w.salesforce.grants, g)
	return g
}

// salesforceRenew gives new tokens for a refresh token, which is dead from then
// on. Whoever comes with a dead one ends the whole grant: it is a thief, or a
// second writer.
func (w *World) salesforceRenew(host string, form url.Values) Response {
	if form.Get("refresh_token") == "" || form.Has("code") || form.Has("redirect_uri") || form.Has("code_verifier") {
		return salesforceRefused("invalid_request", "refresh_token takes the refresh_token, and neither code nor redirect_uri")
	}
	expired := salesforceRefused("invalid_grant", "expired access/refresh token")
	token := w.salesforce.refresh[form.Get("refresh_token")]
	if token == nil || !token.grant.user.org.tokensAt(host) {
		return expired
	}
	if token.spent {
		token.grant.dead = true
	}
	user := token.grant.user
	if no := w.salesforceShut(user); no != nil {
		return *no
	}
	if token.grant.dead || w.isOn(platformSalesforce, "token_revoked", user.person) {
		return expired
	}
	token.spent = true
	return w.salesforceTokens(token.grant)
}

// salesforceTokens is the token answer. The life of the access token is not in it.
func (w *World) salesforceTokens(g *salesforceGrant) Response {
	user, now := g.user, w.clock(platformSalesforce)
	access := user.org.id[:15] + "!AQ" + RandomHex(46)
	w.salesforce.access[access] = &salesforceToken{grant: g, ends: now.Add(salesforceSession)}
	body := map[string]any{
		"access_token": access,
		"signature":    base64.StdEncoding.EncodeToString([]byte(RandomHex(16))),
		"scope":        strings.Join(g.scopes, " "),
		"instance_url": "https://" + user.org.domain,
		"id":           user.identity(),
		"token_type":   "Bearer",
		"issued_at":    strconv.FormatInt(now.UnixMilli(), 10),
	}
	if slices.Contains(g.scopes, "refresh_token") || slices.Contains(g.scopes, "offline_access") {
		refresh := "5Aep861" + RandomHex(40)
		w.salesforce.refresh[refresh] = &salesforceToken{grant: g}
		body["refresh_token"] = refresh
	}
	return JSON(http.StatusOK, body)
}

// salesforceAlive says whether an access token is taken.
func (w *World) salesforceAlive(token *salesforceToken) bool {
	return token != nil && !token.grant.dead && !token.grant.user.inactive && w.clock(platformSalesforce).Before(token.ends) &&
		!w.isOn(platformSalesforce, "token_revoked", token.grant.user.person)
}

// salesforceRevoke ends one access token, or with a refresh token the grant. Its
// errors are forms.
func (w *World) salesforceRevoke(r *http.Request, e Endpoint) Response {
	refuse := func(code, description string) Response {
		a := Text(http.StatusBadRequest, url.Values{"error": {code}, "error_description": {description}}.Encode())
		return a.With("Content-Type", "application/x-www-form-urlencoded")
	}
	form, bad := e.Read(r)
	if bad != nil {
		return refuse("invalid_request", bad.Error())
	}
	value := form.Get("token")
	access, refresh := w.salesforce.access[value], w.salesforce.refresh[value]
	switch {
	case refresh != nil && !refresh.spent && !refresh.grant.dead && refresh.grant.user.org.tokensAt(r.Host):
		refresh.grant.dead = true
	case w.salesforceAlive(access) && access.grant.user.org.tokensAt(r.Host):
		access.ends = time.Time{}
	default:
		return refuse("invalid_token", "the token was invalid")
	}
	return Response{Status: http.StatusOK}
}

// salesforceIntrospect tells the app about a token of its own: when it ends.
func (w *World) salesforceIntrospect(r *http.Request, e Endpoint) Response {
	form, bad := e.Read(r)
	if bad != nil {
		return salesforceRefused("invalid_request", bad.Error())
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if id != app(platformSalesforce).ID || !SecretsEqual(secret, app(platformSalesforce).Secret) {
		return salesforceRefused("invalid_client", "invalid client credentials").WithStatus(http.StatusUnauthorized)
	}
	token, kind := w.salesforce.access[form.Get("token")], "access_token"
	alive := w.salesforceAlive(token)
	if token == nil {
		token, kind = w.salesforce.refresh[form.Get("token")], "refresh_token"
		alive = token != nil && !token.spent && !token.grant.dead
	}
	if !alive || !token.grant.user.org.tokensAt(r.Host) {
		return JSON(http.StatusOK, map[string]any{"active": false})
	}
	user, now := token.grant.user, w.clock(platformSalesforce)
	body := map[string]any{
		"active": true, "scope": strings.Join(token.grant.scopes, " "), "client_id": id, "username": user.username,
		"sub": user.identity(), "token_type": kind, "iat": now.Unix(), "nbf": now.Unix(),
	}
	if kind == "access_token" {
		body["exp"], body["iat"], body["nbf"] = token.ends.Unix(), token.ends.Add(-salesforceSession).Unix(), token.ends.Add(-salesforceSession).Unix()
	}
	return JSON(http.StatusOK, body)
}

// salesforceIdentity names the user and the organisation of a token.
func (w *World) salesforceIdentity(r *http.Request, e Endpoint) Response {
	if _, bad := e.Read(r); bad != nil {
		return Text(http.StatusBadRequest, bad.Error())
	}
	token := w.salesforce.access[BearerToken(r)]
	switch {
	case BearerToken(r) == "":
		return Text(http.StatusForbidden, "Missing_OAuth_Token")
	case !w.salesforceAlive(token):
		return Text(http.StatusForbidden, "Bad_OAuth_Token")
	}
	user := token.grant.user
	if r.PathValue("org") != user.org.id || r.PathValue("user") != user.id || !user.org.signsInAt(r.Host) {
		return Text(http.StatusNotFound, "Bad_Id")
	}
	base, version := "https://"+user.org.domain, "{version}"
	if r.URL.Query().Get("version") == "latest" {
		version = salesforceNewest
	}
	return JSON(http.StatusOK, map[string]any{
		"id": user.identity(), "asserted_user": true, "user_id": user.id, "organization_id": user.org.id, "username": user.username,
		"nick_name": strings.SplitN(user.username, "@", 2)[0], "display_name": nameOf(platformSalesforce, user.person), "email": user.username,
		"email_verified": true, "active": true, "user_type": "STANDARD", "language": "en_US", "locale": "en_GB", "utcOffset": 3600000,
		"photos": map[string]string{"picture": base + "/profilephoto/005/F", "thumbnail": base + "/profilephoto/005/T"},
		"urls": map[string]string{
			"rest": base + "/services/data/v" + version + "/", "sobjects": base + "/services/data/v" + version + "/sobjects/",
			"query": base + "/services/data/v" + version + "/query/", "profile": base + "/" + user.id,
		},
	})
}
