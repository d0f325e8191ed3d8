package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The pages of Mailchimp's documentation that the operations come from.
const (
	mailchimpGuide     = "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/"
	mailchimpReference = "https://mailchimp.com/developer/marketing/api/"
)

// mailchimpEndpoints lists every call that is answered.
func mailchimpEndpoints() []Endpoint {
	return []Endpoint{
		mailchimpTokenEndpoint(), mailchimpMetadataEndpoint(),
		mailchimpPingEndpoint(), mailchimpRootEndpoint(), mailchimpListsEndpoint(),
	}
}

func mailchimpTokenEndpoint() Endpoint {
	return Endpoint{
		Method: http.MethodPost, Path: "/oauth2/token", Page: mailchimpGuide, Bodies: []BodyType{FormBody},
		Params: []Param{
			{Name: "grant_type", In: InBody, Required: true, Example: "authorization_code"},
			{Name: "client_id", In: InBody, Required: true, Example: "318204771956"},
			{Name: "client_secret", In: InBody, Required: true, Example: "b41f7c09e6d85a2378ce01f4d9ab6e5270c3f81d94be62a05d"},
			{Name: "redirect_uri", In: InBody, Required: true, Example: "http://127.0.0.1:7420/callback/mailchimp"},
			{Name: "code", In: InBody, Required: true, Example: "2c7d41e90ab8"},
		},
	}
}

func mailchimpMetadataEndpoint() Endpoint {
	return Endpoint{Method: http.MethodGet, Path: "/oauth2/metadata", Page: mailchimpGuide}
}

func mailchimpPingEndpoint() Endpoint {
	return Endpoint{Method: http.MethodGet, Path: "/3.0/ping", Page: mailchimpReference + "ping/ping/"}
}

func mailchimpRootEndpoint() Endpoint {
	return Endpoint{
		Method: http.MethodGet, Path: "/3.0/{$}", Page: mailchimpReference + "root/list-api-root-resources/",
		Params: []Param{{Name: "fields", Example: "account_id,account_name"}, {Name: "exclude_fields", Example: "contact"}},
	}
}

func mailchimpListsEndpoint() Endpoint {
	return Endpoint{
		Method: http.MethodGet, Path: "/3.0/lists", Page: mailchimpReference + "lists/get-lists-info/",
		Params: []Param{
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

// mailchimpServe answers one operation with what serve makes of its parameters.
func (w *World) mailchimpServe(
	mux *http.ServeMux, e Endpoint, serve func(r *http.Request, params url.Values, bad *ParamError) Response,
) {
	mux.Handle(e.Method+" "+e.Path, w.answering(func(r *http.Request) Response {
		params, bad := e.Read(r)
		return serve(r, params, bad)
	}))
}

// mailchimpTokenCall exchanges a code. The token has no end, no scope and no
// refresh token beside it.
func (w *World) mailchimpTokenCall(_ *http.Request, form url.Values, bad *ParamError) Response {
	switch {
	case bad != nil:
		return mailchimpTokenError("invalid_request", bad.Error())
	case form.Get("client_id") != app(platformMailchimp).ID, !SecretsEqual(form.Get("client_secret"), app(platformMailchimp).Secret):
		return mailchimpTokenError("invalid_client", "The client is not known, or its secret is wrong.")
	case form.Get("grant_type") != "authorization_code":
		return mailchimpTokenError("unsupported_grant_type", "The only grant_type is authorization_code.")
	}
	c, err := w.takeCode(platformMailchimp, form.Get("code"), form.Get("redirect_uri"), "")
	if errors.Is(err, ErrCodeRedirect) {
		return mailchimpTokenError("redirect_uri_mismatch", err.Error())
	}
	if err != nil {
		return mailchimpTokenError("invalid_grant", err.Error())
	}
	i := slices.IndexFunc(w.mailchimp.accounts, func(a *mailchimpAccount) bool { return a.id == c.Account })
	if i < 0 {
		return mailchimpTokenError("invalid_grant", "The account is gone.")
	}
	value := RandomHex(16)
	w.mailchimp.tokens[value] = &mailchimpToken{person: c.Person, account: w.mailchimp.accounts[i]}
	return JSON(http.StatusOK, map[string]any{"access_token": value, "expires_in": 0, "scope": nil})
}

func mailchimpTokenError(name, text string) Response {
	return JSON(http.StatusBadRequest, map[string]string{"error": name, "error_description": text})
}

// mailchimpAlive is a token that still works; nil: it does not, or never did.
func (w *World) mailchimpAlive(r *http.Request) *mailchimpToken {
	token := w.mailchimp.tokens[mailchimpCredential(r)]
	if token == nil || token.dead || w.isOn(platformMailchimp, "token_revoked", token.person) {
		return nil
	}
	return token
}

// mailchimpMetadata says whose a token is and where its account lives. A token
// that does not work is no failure of the call: the status is 200.
func (w *World) mailchimpMetadata(r *http.Request, _ url.Values, bad *ParamError) Response {
	if bad != nil {
		return JSON(http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": bad.Error()})
	}
	token := w.mailchimpAlive(r)
	if token == nil {
		return JSON(http.StatusOK, map[string]string{"error": "invalid_token"})
	}
	person, account := w.mailchimp.people[token.person], token.account
	seat, _ := w.mailchimp.seatIn(token.person, account)
	api := "https://" + account.dc + mailchimpAPI
	if w.isOn(platformMailchimp, "other_address", token.person) {
		api = "https://" + account.dc + ".api.mailchimp.example"
	}
	return JSON(http.StatusOK, map[string]any{
		"dc": account.dc, "role": seat.role, "accountname": account.name, "user_id": account.userID,
		"login": map[string]any{
			"email": person.email, "avatar": nil, "login_id": person.loginID,
			"login_name": strings.ToLower(person.first + "." + person.last), "login_email": person.email,
		},
		"login_url": "https://" + mailchimpLogin, "api_endpoint": api,
	})
}

// mailchimpCall checks whose call it is and whether it is at the right address,
// then lets it be served.
func (w *World) mailchimpCall(
	serve func(*World, *mailchimpToken, url.Values) Response,
) func(*http.Request, url.Values, *ParamError) Response {
	return func(r *http.Request, params url.Values, bad *ParamError) Response {
		token := w.mailchimpAlive(r)
		if token == nil {
			return mailchimpProblem(http.StatusUnauthorized, "API Key Invalid",
				"Your API key may be invalid, or you've attempted to access the wrong datacenter.")
		}
		if refused := w.mailchimpRefuses(token, mailchimpDC(r.Host)); refused != nil {
			return *refused
		}
		if bad != nil {
			return mailchimpProblem(http.StatusBadRequest, "Invalid Resource", bad.Error())
		}
		return serve(w, token, params)
	}
}

// mailchimpRefuses says why a token that works may not do this; nil: it may.
func (w *World) mailchimpRefuses(token *mailchimpToken, dc string) *Response {
	on := func(fault string) bool { return w.isOn(platformMailchimp, fault, token.person) }
	seat, has := w.mailchimp.seatIn(token.person, token.account)
	var a Response
	switch {
	case on("overloaded"):
		a = RawPage(http.StatusForbidden, "403 Forbidden")
	case on("throttled"):
		a = mailchimpTooMany()
	case dc != token.account.dc:
		a = mailchimpProblem(http.StatusForbidden, "WrongDatacenter", "The API key provided is linked to a different datacenter.")
	case on("user_disabled"), w.mailchimp.people[token.person].disabled:
		a = mailchimpProblem(http.StatusForbidden, "User Disabled", "This account has been deactivated.")
	case on("compliance"):
		a = mailchimpProblem(http.StatusInternalServerError, "Compliance Related", "This method has been disabled.")
	case token.account.closed, !has, seat.role == "viewer", seat.role == "author":
		a = mailchimpProblem(http.StatusForbidden, "Forbidden", "You are not permitted to access this resource.")
	default:
		return nil
	}
	return &a
}

// mailchimpProblem is the shape of every error of the API.
// https://mailchimp.com/developer/marketing/docs/errors/
func mailchimpProblem(status int, title, detail string) Response {
	id := RandomHex(16)
	return JSON(status, map[string]any{
		"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status, "detail": detail,
		"instance": id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:],
	}).With("Content-Type", "application/problem+json; charset=utf-8")
}

// mailchimpTooMany carries neither Retry-After nor any other header about rates.
func mailchimpTooMany() Response {
	return mailchimpProblem(http.StatusTooManyRequests, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections.")
}

func (w *World) mailchimpPing(*mailchimpToken, url.Values) Response {
	return JSON(http.StatusOK, map[string]string{"health_status": "Everything's Chimpy!"})
}

func (w *World) mailchimpRoot(token *mailchimpToken, params url.Values) Response {
	person, account := w.mailchimp.people[token.person], token.account
	seat, _ := w.mailchimp.seatIn(token.person, account)
	total := 0
	for _, a := range account.audiences {
		total += a.members
	}
	return JSON(http.StatusOK, pickFields(map[string]any{
		"account_id": account.id, "login_id": strconv.FormatInt(person.loginID, 10), "account_name": account.name,
		"email": person.email, "first_name": person.first, "last_name": person.last,
		"username": strings.ToLower(person.first + "." + person.last), "role": seat.role,
		"pricing_plan_type": "monthly", "account_timezone": "Europe/Stockholm",
		"contact":           map[string]any{"company": account.name, "country": "SE"},
		"total_subscribers": total, "_links": []any{},
	}, params))
}

func (w *World) mailchimpLists(token *mailchimpToken, params url.Values) Response {
	count, offset := 10, 0
	for name, into := range map[string]*int{"count": &count, "offset": &offset} {
		text := params.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || name == "count" && n > 1000 {
			return mailchimpProblem(http.StatusBadRequest, "Invalid Resource", fmt.Sprintf("%q is no valid %s.", text, name))
		}
		*into = n
	}
	all := token.account.audiences
	if params.Get("email") != "" {
		all = nil // nobody is listed by name in the sandbox
	}
	from := min(offset, len(all))
	lists := []any{}
	for _, a := range all[from:min(from+count, len(all))] {
		stats := map[string]any{"member_count": a.members, "unsubscribe_count": a.members / 40, "cleaned_count": a.members / 90}
		if params.Get("include_total_contacts") == "true" {
			stats["total_contacts"] = a.members + a.members/40 + a.members/90
		}
		lists = append(lists, map[string]any{
			"id": a.id, "web_id": a.webID, "name": a.name, "stats": stats,
			"date_created": "2024-03-02T09:30:00+00:00", "_links": []any{},
		})
	}
	return JSON(http.StatusOK, pickFields(map[string]any{"lists": lists, "total_items": len(all), "_links": []any{}}, params))
}

// pickFields keeps of a result what "fields" names, and drops what
// "exclude_fields" names: comma-separated, members of objects by dots.
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

// pick keeps the members that the paths lead to, or all others.
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
