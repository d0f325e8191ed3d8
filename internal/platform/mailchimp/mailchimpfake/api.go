package mailchimpfake

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// The documentation pages of the operations.
const (
	guide     = "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/"
	reference = "https://mailchimp.com/developer/marketing/api/"
)

// endpoints lists every served call.
func endpoints() []sandbox.Endpoint {
	return []sandbox.Endpoint{
		tokenEndpoint(), metadataEndpoint(),
		pingEndpoint(), rootEndpoint(), listsEndpoint(),
	}
}

func tokenEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{
		Method: http.MethodPost, Path: "/oauth2/token", Page: guide, Bodies: []sandbox.BodyType{sandbox.FormBody},
		Params: []sandbox.Param{
			{Name: "grant_type", In: sandbox.InBody, Required: true, Example: "authorization_code"},
			{Name: "client_id", In: sandbox.InBody, Required: true, Example: "318204771956"},
			{
				Name:     "client_secret",
				In:       sandbox.InBody,
				Required: true,
				Example:  "b41f7c09e6d85a2378ce01f4d9ab6e5270c3f81d94be62a05d",
			},
			{Name: "redirect_uri", In: sandbox.InBody, Required: true, Example: "http://127.0.0.1:7420/callback/mailchimp"},
			{Name: "code", In: sandbox.InBody, Required: true, Example: "2c7d41e90ab8"},
		},
	}
}

func metadataEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{Method: http.MethodGet, Path: "/oauth2/metadata", Page: guide}
}

func pingEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{Method: http.MethodGet, Path: "/3.0/ping", Page: reference + "ping/ping/"}
}

func rootEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{
		Method: http.MethodGet, Path: "/3.0/{$}", Page: reference + "root/list-api-root-resources/",
		Params: []sandbox.Param{
			{Name: "fields", Example: "account_id,account_name"}, {Name: "exclude_fields", Example: "contact"},
		},
	}
}

func listsEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{
		Method: http.MethodGet, Path: "/3.0/lists", Page: reference + "lists/get-lists-info/",
		Params: []sandbox.Param{
			{Name: "fields", Example: "lists.id,lists.stats.member_count,total_items"},
			{Name: "exclude_fields", Example: "_links"},
			{Name: "count", Example: "1000"},
			{Name: "offset", Example: "0"},
			{Name: "email", Example: "maria@harbourpine-customers.example"},
			{Name: "sort_field", Example: "date_created"},
			{Name: "sort_dir", Example: "ASC"},
			{Name: "include_total_contacts", Example: "true"},
		},
	}
}

// serveCall parses an operation's parameters and serves it.
func (f *Fake) serveCall(
	mux *http.ServeMux, e sandbox.Endpoint,
	serve func(r *http.Request, params url.Values, bad *sandbox.ParamError) sandbox.Response,
) {
	mux.Handle(e.Method+" "+e.Path, f.serve(func(r *http.Request) sandbox.Response {
		params, bad := e.Read(r)
		return serve(r, params, bad)
	}))
}

// tokenCall exchanges a code. The token has no expiry, no scope and no refresh
// token.
func (f *Fake) tokenCall(_ *http.Request, form url.Values, bad *sandbox.ParamError) sandbox.Response {
	switch {
	case bad != nil:
		return tokenError("invalid_request", bad.Error())
	case form.Get("client_id") != f.env.App().ID, !sandbox.SecretsEqual(form.Get("client_secret"), f.env.App().Secret):
		return tokenError("invalid_client", "The client is not known, or its secret is wrong.")
	case form.Get("grant_type") != "authorization_code":
		return tokenError("unsupported_grant_type", "The only grant_type is authorization_code.")
	}
	c, err := f.env.TakeCode(form.Get("code"), form.Get("redirect_uri"), "")
	if errors.Is(err, sandbox.ErrCodeRedirect) {
		return tokenError("redirect_uri_mismatch", err.Error())
	}
	if err != nil {
		return tokenError("invalid_grant", err.Error())
	}
	i := slices.IndexFunc(f.state.accounts, func(a *customer) bool { return a.id == c.Account })
	if i < 0 {
		return tokenError("invalid_grant", "The account is gone.")
	}
	value := sandbox.RandomHex(16)
	f.state.tokens[value] = &issuedToken{person: c.Person, account: f.state.accounts[i]}
	return sandbox.JSON(http.StatusOK, map[string]any{"access_token": value, "expires_in": 0, "scope": nil})
}

func tokenError(name, text string) sandbox.Response {
	return sandbox.JSON(http.StatusBadRequest, map[string]string{"error": name, "error_description": text})
}

// alive returns a call's valid token; nil: it is invalid.
func (f *Fake) alive(r *http.Request) *issuedToken {
	token := f.state.tokens[credential(r)]
	if token == nil || token.dead || f.env.IsOn("token_revoked", token.person) {
		return nil
	}
	return token
}

// metadata serves a token's user and data centre. An invalid token gets status
// 200, too.
func (f *Fake) metadata(r *http.Request, _ url.Values, bad *sandbox.ParamError) sandbox.Response {
	if bad != nil {
		return sandbox.JSON(http.StatusBadRequest, map[string]string{
			"error": "invalid_request", "error_description": bad.Error(),
		})
	}
	token := f.alive(r)
	if token == nil {
		return sandbox.JSON(http.StatusOK, map[string]string{"error": "invalid_token"})
	}
	person, account := f.state.people[token.person], token.account
	seat, _ := f.state.seatIn(token.person, account)
	api := "https://" + account.dc + apiURL
	if f.env.IsOn("other_address", token.person) {
		api = "https://" + account.dc + ".api.mailchimp.example"
	}
	return sandbox.JSON(http.StatusOK, map[string]any{
		"dc": account.dc, "role": seat.role, "accountname": account.name, "user_id": account.userID,
		"login": map[string]any{
			"email": person.email, "avatar": nil, "login_id": person.loginID,
			"login_name": strings.ToLower(person.first + "." + person.last), "login_email": person.email,
		},
		"login_url": "https://" + loginURL, "api_endpoint": api,
	})
}

// call checks the token and the host of a call before it is served.
func (f *Fake) call(
	serve func(*Fake, *issuedToken, url.Values) sandbox.Response,
) func(*http.Request, url.Values, *sandbox.ParamError) sandbox.Response {
	return func(r *http.Request, params url.Values, bad *sandbox.ParamError) sandbox.Response {
		token := f.alive(r)
		if token == nil {
			return problem(http.StatusUnauthorized, "API Key Invalid",
				"Your API key may be invalid, or you've attempted to access the wrong datacenter.")
		}
		if refused := f.refuses(token, dataCenter(r.Host)); refused != nil {
			return *refused
		}
		if bad != nil {
			return problem(http.StatusBadRequest, "Invalid Resource", bad.Error())
		}
		return serve(f, token, params)
	}
}

// refuses returns why a valid token may not make this call; nil: it may.
func (f *Fake) refuses(token *issuedToken, dc string) *sandbox.Response {
	on := func(fault string) bool { return f.env.IsOn(fault, token.person) }
	seat, has := f.state.seatIn(token.person, token.account)
	var a sandbox.Response
	switch {
	case on("overloaded"):
		a = sandbox.RawPage(http.StatusForbidden, "403 Forbidden")
	case on("throttled"):
		a = tooMany()
	case dc != token.account.dc:
		a = problem(http.StatusForbidden, "WrongDatacenter", "The API key provided is linked to a different datacenter.")
	case on("user_disabled"), f.state.people[token.person].disabled:
		a = problem(http.StatusForbidden, "User Disabled", "This account has been deactivated.")
	case on("compliance"):
		a = problem(http.StatusInternalServerError, "Compliance Related", "This method has been disabled.")
	case token.account.closed, !has, seat.role == "viewer", seat.role == "author":
		a = problem(http.StatusForbidden, "Forbidden", "You are not permitted to access this resource.")
	default:
		return nil
	}
	return &a
}

// problem is the form of every API error.
// https://mailchimp.com/developer/marketing/docs/errors/
func problem(status int, title, detail string) sandbox.Response {
	id := sandbox.RandomHex(16)
	return sandbox.JSON(status, map[string]any{
		"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status, "detail": detail,
		"instance": id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:],
	}).With("Content-Type", "application/problem+json; charset=utf-8")
}

// tooMany has neither Retry-After nor any other rate header.
func tooMany() sandbox.Response {
	return problem(http.StatusTooManyRequests, "Too Many Requests",
		"You have exceeded the limit of 10 simultaneous connections.")
}

func (f *Fake) ping(*issuedToken, url.Values) sandbox.Response {
	return sandbox.JSON(http.StatusOK, map[string]string{"health_status": "Everything's Chimpy!"})
}

func (f *Fake) root(token *issuedToken, params url.Values) sandbox.Response {
	person, account := f.state.people[token.person], token.account
	seat, _ := f.state.seatIn(token.person, account)
	total := 0
	for _, a := range account.audiences {
		total += a.members
	}
	return sandbox.JSON(http.StatusOK, pickFields(map[string]any{
		"account_id": account.id, "login_id": strconv.FormatInt(person.loginID, 10), "account_name": account.name,
		"email": person.email, "first_name": person.first, "last_name": person.last,
		"username": strings.ToLower(person.first + "." + person.last), "role": seat.role,
		"pricing_plan_type": "monthly", "account_timezone": "Europe/Stockholm",
		"contact":           map[string]any{"company": account.name, "country": "SE"},
		"total_subscribers": total, "_links": []any{},
	}, params))
}

func (f *Fake) lists(token *issuedToken, params url.Values) sandbox.Response {
	count, offset := 10, 0
	for name, into := range map[string]*int{"count": &count, "offset": &offset} {
		text := params.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || name == "count" && n > 1000 {
			return problem(http.StatusBadRequest, "Invalid Resource", fmt.Sprintf("%q is no valid %s.", text, name))
		}
		*into = n
	}
	all := token.account.audiences
	if params.Get("email") != "" {
		all = nil // no member is listed here
	}
	from := min(offset, len(all))
	lists := []any{}
	for _, a := range all[from:min(from+count, len(all))] {
		stats := map[string]any{
			"member_count": a.members, "unsubscribe_count": a.members / 40, "cleaned_count": a.members / 90,
		}
		if params.Get("include_total_contacts") == "true" {
			stats["total_contacts"] = a.members + a.members/40 + a.members/90
		}
		lists = append(lists, map[string]any{
			"id": a.id, "web_id": a.webID, "name": a.name, "stats": stats,
			"date_created": "2024-03-02T09:30:00+00:00", "_links": []any{},
		})
	}
	return sandbox.JSON(http.StatusOK,
		pickFields(map[string]any{"lists": lists, "total_items": len(all), "_links": []any{}}, params))
}

// pickFields keeps the fields named in "fields" and drops those in
// "exclude_fields": comma-separated, nested ones by dots.
func pickFields(v map[string]any, params url.Values) any {
	paths := func(name string) [][]string {
		var list [][]string
		for _, field := range strings.FieldsFunc(params.Get(name), func(r rune) bool { return r == ',' }) {
			list = append(list, strings.Split(strings.TrimSpace(field), "."))
		}
		return list
	}
	var picked any = v
	if only := paths("fields"); len(only) > 0 {
		picked = pick(picked, only, true)
	}
	if never := paths("exclude_fields"); len(never) > 0 {
		picked = pick(picked, never, false)
	}
	return picked
}

// pick keeps the fields at the paths, or all others.
func pick(v any, paths [][]string, keep bool) any {
	switch at := v.(type) {
	case []any:
		list := []any{}
		for _, one := range at {
			list = append(list, pick(one, paths, keep))
		}
		return list
	case map[string]any:
		picked := map[string]any{}
		for name, value := range at {
			var deeper [][]string
			whole := false
			for _, path := range paths {
				if path[0] == name {
					whole = whole || len(path) == 1
					deeper = append(deeper, path[1:])
				}
			}
			switch {
			case whole:
				if keep {
					picked[name] = value
				}
			case len(deeper) > 0:
				picked[name] = pick(value, deeper, keep)
			case !keep:
				picked[name] = value
			}
		}
		return picked
	}
	return v
}
