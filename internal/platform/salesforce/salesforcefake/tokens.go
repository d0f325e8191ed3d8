package salesforcefake

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// operation is one API call.
type operation struct {
	endpoint sandbox.Endpoint
	answer   func(f *Fake, r *http.Request, e sandbox.Endpoint) sandbox.Response
}

func endpoints() []sandbox.Endpoint {
	var list []sandbox.Endpoint
	for _, op := range operations() {
		list = append(list, op.endpoint)
	}
	return list
}

func operations() []operation {
	return slices.Concat(tokenCalls(), dataCalls())
}

const help = "https://help.salesforce.com/s/articleView?id=xcloud."

// tokenCalls are the OAuth calls and the identity URL.
func tokenCalls() []operation {
	form := []sandbox.BodyType{sandbox.FormBody}
	id := sandbox.Param{Name: "client_id", In: sandbox.InBody, Required: true, Example: "3MVG9"}
	secret := sandbox.Param{Name: "client_secret", In: sandbox.InBody, Example: "8C21F4"}
	token := sandbox.Param{Name: "token", In: sandbox.InBody, Required: true, Example: "5Aep861"}
	return []operation{
		{sandbox.Endpoint{
			Method: "POST", Path: "/services/oauth2/token", Page: help + "remoteaccess_oauth_web_server_flow.htm", Bodies: form,
			Params: []sandbox.Param{
				{Name: "grant_type", In: sandbox.InBody, Required: true, Example: "authorization_code"}, id, secret,
				{Name: "code", In: sandbox.InBody, Example: "aPrx"},
				{Name: "redirect_uri", In: sandbox.InBody, Example: "https://example.com/callback"},
				{Name: "code_verifier", In: sandbox.InBody, Example: "0123456789012345678901234567890123456789012"},
				{Name: "refresh_token", In: sandbox.InBody, Example: "5Aep861"},
				{Name: "format", In: sandbox.InBody, Example: "json"},
			},
		}, (*Fake).tokenCall},
		{sandbox.Endpoint{
			Method: "POST", Path: "/services/oauth2/revoke", Page: help + "remoteaccess_revoke_token.htm", Bodies: form,
			Params: []sandbox.Param{token},
		}, (*Fake).revoke},
		{sandbox.Endpoint{
			Method: "POST", Path: "/services/oauth2/introspect", Page: help + "remoteaccess_oidc_token_introspection.htm",
			Bodies: form,
			Params: []sandbox.Param{
				token, {Name: "token_type_hint", In: sandbox.InBody, Example: "access_token"},
				{Name: "client_id", In: sandbox.InBody, Example: "3MVG9"}, secret,
			},
		}, (*Fake).introspect},
		{sandbox.Endpoint{
			Method: "GET", Path: "/id/{org}/{user}", Page: help + "remoteaccess_using_openid.htm",
			Params: []sandbox.Param{{Name: "version", Example: "latest"}, {Name: "format", Example: "json"}},
		}, (*Fake).identity},
	}
}

// tokenError is an error of the token endpoint.
func tokenError(code, description string) sandbox.Response {
	return sandbox.JSON(http.StatusBadRequest, map[string]string{"error": code, "error_description": description})
}

func (f *Fake) tokenCall(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	form, bad := e.Read(r)
	switch {
	case bad != nil:
		return tokenError("invalid_request", bad.Error())
	case form.Get("client_id") != f.env.App().ID:
		return tokenError("invalid_client_id", "client identifier invalid")
	case !sandbox.SecretsEqual(form.Get("client_secret"), f.env.App().Secret):
		return tokenError("invalid_client", "invalid client credentials")
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return f.exchange(r.Host, form)
	case "refresh_token":
		return f.renew(r.Host, form)
	}
	return tokenError("unsupported_grant_type", "grant type not supported")
}

func (f *Fake) exchange(host string, form url.Values) sandbox.Response {
	if form.Get("redirect_uri") == "" || form.Get("code") == "" {
		return tokenError("invalid_request", "authorization_code takes code and redirect_uri")
	}
	if form.Has("refresh_token") {
		return tokenError("invalid_request", "authorization_code takes no refresh_token")
	}
	c, err := f.env.TakeCode(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	switch {
	case errors.Is(err, sandbox.ErrCodeExpired):
		return tokenError("invalid_grant", "expired authorization code")
	case errors.Is(err, sandbox.ErrCodeRedirect):
		return tokenError("redirect_uri_mismatch", "redirect_uri must match configuration")
	case errors.Is(err, sandbox.ErrCodeVerifier) && form.Get("code_verifier") == "":
		return tokenError("invalid_grant", "missing code verifier")
	case errors.Is(err, sandbox.ErrCodeVerifier):
		return tokenError("invalid_request", "invalid code verifier")
	case err != nil:
		return tokenError("invalid_grant", "invalid authorization code")
	}
	i := slices.IndexFunc(f.state.users, func(u *orgUser) bool { return u.id == c.Account })
	user := f.state.users[i] // users are never removed
	if !user.org.tokensAt(host) {
		return tokenError("invalid_grant", "invalid authorization code")
	}
	if no := f.shut(user); no != nil {
		return *no
	}
	if !user.org.installed {
		return tokenError("invalid_client", "app must be installed into org")
	}
	return f.tokens(f.grantTo(user, c.Scopes))
}

// shut returns why a user gets no token now; nil: they do.
func (f *Fake) shut(user *orgUser) *sandbox.Response {
	var a sandbox.Response
	switch {
	case user.inactive:
		a = tokenError("inactive_user", "user is inactive")
	case f.env.IsOn("ip_restricted", user.person):
		a = tokenError("invalid_grant", "ip restricted")
	default:
		return nil
	}
	return &a
}

// grantTo stores a new consent. A user has at most five per app.
func (f *Fake) grantTo(user *orgUser, scopes []string) *consentGrant {
	var living []*consentGrant
	for _, g := range f.state.grants {
		if g.user == user && !g.dead {
			living = append(living, g)
		}
	}
	if len(living) >= grants {
		living[0].dead = true
	}
	g := &consentGrant{user: user, scopes: scopes}
	f.state.grants = append(f.state.grants, g)
	return g
}

// renew issues new tokens for a refresh token, which becomes invalid. Reusing
// it revokes the grant: it means theft, or two writers.
func (f *Fake) renew(host string, form url.Values) sandbox.Response {
	if form.Get("refresh_token") == "" || form.Has("code") || form.Has("redirect_uri") || form.Has("code_verifier") {
		return tokenError("invalid_request", "refresh_token takes the refresh_token, and neither code nor redirect_uri")
	}
	expired := tokenError("invalid_grant", "expired access/refresh token")
	token := f.state.refresh[form.Get("refresh_token")]
	if token == nil || !token.grant.user.org.tokensAt(host) {
		return expired
	}
	if token.spent {
		token.grant.dead = true
	}
	user := token.grant.user
	if no := f.shut(user); no != nil {
		return *no
	}
	if token.grant.dead || f.env.IsOn("token_revoked", user.person) {
		return expired
	}
	token.spent = true
	return f.tokens(token.grant)
}

// tokens is the token response. It has no expiry.
func (f *Fake) tokens(g *consentGrant) sandbox.Response {
	user, now := g.user, f.env.Clock()
	access := user.org.id[:15] + "!AQ" + sandbox.RandomHex(46)
	f.state.access[access] = &issuedToken{grant: g, ends: now.Add(session)}
	body := map[string]any{
		"access_token": access,
		"signature":    base64.StdEncoding.EncodeToString([]byte(sandbox.RandomHex(16))),
		"scope":        strings.Join(g.scopes, " "),
		"instance_url": "https://" + user.org.domain,
		"id":           user.identity(),
		"token_type":   "Bearer",
		"issued_at":    strconv.FormatInt(now.UnixMilli(), 10),
	}
	if slices.Contains(g.scopes, "refresh_token") || slices.Contains(g.scopes, "offline_access") {
		refresh := "5Aep861" + sandbox.RandomHex(40)
		f.state.refresh[refresh] = &issuedToken{grant: g}
		body["refresh_token"] = refresh
	}
	return sandbox.JSON(http.StatusOK, body)
}

// alive reports whether an access token is valid.
func (f *Fake) alive(token *issuedToken) bool {
	return token != nil && !token.grant.dead && !token.grant.user.inactive && f.env.Clock().Before(token.ends) &&
		!f.env.IsOn("token_revoked", token.grant.user.person)
}

// revoke revokes an access token or, by a refresh token, the grant. Its errors
// are forms.
func (f *Fake) revoke(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	refuse := func(code, description string) sandbox.Response {
		a := sandbox.Text(http.StatusBadRequest, url.Values{"error": {code}, "error_description": {description}}.Encode())
		return a.With("Content-Type", "application/x-www-form-urlencoded")
	}
	form, bad := e.Read(r)
	if bad != nil {
		return refuse("invalid_request", bad.Error())
	}
	value := form.Get("token")
	access, refresh := f.state.access[value], f.state.refresh[value]
	switch {
	case refresh != nil && !refresh.spent && !refresh.grant.dead && refresh.grant.user.org.tokensAt(r.Host):
		refresh.grant.dead = true
	case f.alive(access) && access.grant.user.org.tokensAt(r.Host):
		access.ends = time.Time{}
	default:
		return refuse("invalid_token", "the token was invalid")
	}
	return sandbox.Response{Status: http.StatusOK}
}

// introspect returns to the app when one of its tokens expires.
func (f *Fake) introspect(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	form, bad := e.Read(r)
	if bad != nil {
		return tokenError("invalid_request", bad.Error())
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if id != f.env.App().ID || !sandbox.SecretsEqual(secret, f.env.App().Secret) {
		return tokenError("invalid_client", "invalid client credentials").WithStatus(http.StatusUnauthorized)
	}
	token, kind := f.state.access[form.Get("token")], "access_token"
	alive := f.alive(token)
	if token == nil {
		token, kind = f.state.refresh[form.Get("token")], "refresh_token"
		alive = token != nil && !token.spent && !token.grant.dead
	}
	if !alive || !token.grant.user.org.tokensAt(r.Host) {
		return sandbox.JSON(http.StatusOK, map[string]any{"active": false})
	}
	user, now := token.grant.user, f.env.Clock()
	body := map[string]any{
		"active": true, "scope": strings.Join(token.grant.scopes, " "), "client_id": id, "username": user.username,
		"sub": user.identity(), "token_type": kind, "iat": now.Unix(), "nbf": now.Unix(),
	}
	if kind == "access_token" {
		begins := token.ends.Add(-session).Unix()
		body["exp"], body["iat"], body["nbf"] = token.ends.Unix(), begins, begins
	}
	return sandbox.JSON(http.StatusOK, body)
}

// identity serves the user and the organisation of a token.
func (f *Fake) identity(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	if _, bad := e.Read(r); bad != nil {
		return sandbox.Text(http.StatusBadRequest, bad.Error())
	}
	token := f.state.access[sandbox.BearerToken(r)]
	switch {
	case sandbox.BearerToken(r) == "":
		return sandbox.Text(http.StatusForbidden, "Missing_OAuth_Token")
	case !f.alive(token):
		return sandbox.Text(http.StatusForbidden, "Bad_OAuth_Token")
	}
	user := token.grant.user
	if r.PathValue("org") != user.org.id || r.PathValue("user") != user.id || !user.org.signsInAt(r.Host) {
		return sandbox.Text(http.StatusNotFound, "Bad_Id")
	}
	base, version := "https://"+user.org.domain, "{version}"
	if r.URL.Query().Get("version") == "latest" {
		version = newest
	}
	return sandbox.JSON(http.StatusOK, map[string]any{
		"id": user.identity(), "asserted_user": true, "user_id": user.id, "organization_id": user.org.id,
		"username":  user.username,
		"nick_name": strings.SplitN(user.username, "@", 2)[0], "display_name": f.env.NameOf(user.person),
		"email":          user.username,
		"email_verified": true, "active": true, "user_type": "STANDARD", "language": "en_US", "locale": "en_GB",
		"utcOffset": 3600000,
		"photos":    map[string]string{"picture": base + "/profilephoto/005/F", "thumbnail": base + "/profilephoto/005/T"},
		"urls": map[string]string{
			"rest": base + "/services/data/v" + version + "/", "sobjects": base + "/services/data/v" + version + "/sobjects/",
			"query": base + "/services/data/v" + version + "/query/", "profile": base + "/" + user.id,
		},
	})
}
