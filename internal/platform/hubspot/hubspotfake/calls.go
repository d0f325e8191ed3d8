package hubspotfake

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// docsURL is the base of HubSpot's API documentation.
const docsURL = "https://developers.hubspot.com/docs/api-reference/"

// operation is an API operation, its end of life and its handler.
type operation struct {
	sandbox.Endpoint
	ends   time.Time // the end of life; zero: unknown
	v1     bool      // the fault v1_deprecated ends it earlier
	serves callServer
}

// callServer serves an operation.
type callServer func(*Fake, sandbox.Endpoint, *http.Request) sandbox.Response

// The first API versions end before the dated ones.
// https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when
func oauthV1Ends() time.Time { return time.Date(2027, 2, 16, 0, 0, 0, 0, time.UTC) }
func v3Ends() time.Time      { return time.Date(2027, 9, 1, 0, 0, 0, 0, time.UTC) }

// operations are all operations, in every version that has them.
func operations() []operation {
	return slices.Concat(tokenCalls(), v1Calls(), crmCalls())
}

func endpoints() []sandbox.Endpoint {
	var list []sandbox.Endpoint
	for _, c := range operations() {
		list = append(list, c.Endpoint)
	}
	return list
}

// serveCall serves a call until its end of life. HubSpot does not document the
// response after that: the fake refuses the call.
func (f *Fake) serveCall(c operation, r *http.Request) sandbox.Response {
	ended := !c.ends.IsZero() && !f.env.Clock().Before(c.ends)
	if ended || c.v1 && f.env.IsOn("v1_deprecated", "") {
		return errorBody(http.StatusGone, "DEPRECATED", c.Path+" has been removed. Use a path with a date.", nil)
	}
	a := c.serves(f, c.Endpoint, r)
	if a.Header[correlationHeader] == "" {
		a = a.With(correlationHeader, uuid())
	}
	return a
}

// versioned is an operation at each of its paths; v3 paths have an end of life.
func versioned(c operation, paths ...string) []operation {
	var list []operation
	for _, path := range paths {
		one := c
		one.Path = path
		if strings.Contains(path, "/v3") {
			one.ends = v3Ends()
		}
		list = append(list, one)
	}
	return list
}

func tokenCalls() []operation {
	app := []sandbox.Param{
		{Name: "client_id", In: sandbox.InBody, Required: true, Example: "b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945"},
		{Name: "client_secret", In: sandbox.InBody, Required: true, Example: "secret"},
	}
	about := slices.Concat(app, []sandbox.Param{
		{Name: "token", In: sandbox.InBody, Required: true, Example: "na1-token"},
		{Name: "token_type_hint", In: sandbox.InBody, Example: "access_token"},
	})
	call := func(page string, params []sandbox.Param, serves callServer) operation {
		return operation{
			Endpoint: sandbox.Endpoint{Method: http.MethodPost, Page: docsURL + page,
				Bodies: []sandbox.BodyType{sandbox.FormBody},
				Params: params},
			serves: serves,
		}
	}
	token := call("2026-03/authentication/manage-oauth-tokens", slices.Concat(app, grantParams()),
		(*Fake).tokenCall)
	introspect := call("2026-03/authentication/oauth-tokens/token-introspect", about, (*Fake).introspect)
	revoke := call("2026-03/authentication/manage-oauth-tokens", about, (*Fake).revoke)
	return slices.Concat(
		versioned(token, "/oauth/2026-03/token", "/oauth/2026-09/token", "/oauth/v3/token"),
		versioned(introspect, "/oauth/2026-03/token/introspect", "/oauth/2026-09/token/introspect",
			"/oauth/v3/token/introspect"),
		versioned(revoke, "/oauth/2026-03/token/revoke", "/oauth/2026-09/token/revoke", "/oauth/v3/token/revoke"),
	)
}

// grantParams are the parameters of the token endpoint besides the app's.
func grantParams() []sandbox.Param {
	return []sandbox.Param{
		{Name: "grant_type", In: sandbox.InBody, Required: true, Example: "refresh_token"},
		{Name: "redirect_uri", In: sandbox.InBody, Example: "https://access.example.com/callback/hubspot"},
		{Name: "code", In: sandbox.InBody, Example: "code"},
		{Name: "refresh_token", In: sandbox.InBody, Example: "na1-token"},
		{Name: "code_verifier", In: sandbox.InBody, Example: "verifier"},
		{Name: "scope", In: sandbox.InBody, Example: "oauth"},
		{Name: "client_assertion", In: sandbox.InBody, Example: "assertion"},
		{Name: "client_assertion_type", In: sandbox.InBody, Example: "type"},
	}
}

// v1Calls are the first OAuth paths, which the npm client still uses.
func v1Calls() []operation {
	page := docsURL + "legacy/authentication/oauth-tokens/v1/guide"
	token := []sandbox.Param{
		{Name: "client_id", In: sandbox.InBody, Required: true, Example: "b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945"},
		{Name: "client_secret", In: sandbox.InQueryOrBody, Required: true, Example: "secret"},
	}
	for _, p := range grantParams() {
		switch p.Name {
		case "client_assertion", "client_assertion_type":
			continue
		case "refresh_token":
			p.In = sandbox.InQueryOrBody
		}
		token = append(token, p)
	}
	list := []operation{
		{
			Endpoint: sandbox.Endpoint{Method: http.MethodPost, Path: "/oauth/v1/token", Page: page,
				Bodies: []sandbox.BodyType{sandbox.FormBody}, Params: token},
			serves: (*Fake).tokenCall,
		},
		{Endpoint: sandbox.Endpoint{Method: http.MethodGet, Path: "/oauth/v1/access-tokens/{token}", Page: page},
			serves: (*Fake).v1Access},
		{Endpoint: sandbox.Endpoint{Method: http.MethodGet, Path: "/oauth/v1/refresh-tokens/{token}", Page: page},
			serves: (*Fake).v1Refresh},
		{Endpoint: sandbox.Endpoint{Method: http.MethodDelete, Path: "/oauth/v1/refresh-tokens/{token}", Page: page},
			serves: (*Fake).v1Delete},
	}
	for i := range list {
		list[i].ends, list[i].v1 = oauthV1Ends(), true
	}
	return list
}

func crmCalls() []operation {
	call := func(method, page string, params []sandbox.Param, serves callServer) operation {
		c := operation{Endpoint: sandbox.Endpoint{Method: method, Page: docsURL + page, Params: params}, serves: serves}
		if method == http.MethodPost {
			c.Bodies = []sandbox.BodyType{sandbox.JSONBody}
		}
		return c
	}
	read := call(http.MethodGet, "2026-03/crm/objects/contacts/get-contacts", []sandbox.Param{
		{Name: "limit", Example: "10"},
		{Name: "after", Example: "10"},
		{Name: "properties", Repeated: true, Example: "email"},
		{Name: "propertiesWithHistory", Repeated: true, Example: "email"},
		{Name: "associations", Repeated: true, Example: "companies"},
		{Name: "archived", Example: "false"},
	}, (*Fake).listContacts)
	create := call(http.MethodPost, "2026-03/crm/objects/contacts/create-contact", []sandbox.Param{
		{Name: "properties", In: sandbox.InBody, Required: true, Example: `{"email":"maria@example.com"}`},
		{Name: "associations", In: sandbox.InBody, Example: "[]"},
	}, (*Fake).createContact)
	search := call(http.MethodPost, "2026-03/crm/search-the-crm", []sandbox.Param{
		{Name: "filterGroups", In: sandbox.InBody, Example: "[]"},
		{Name: "sorts", In: sandbox.InBody, Example: "[]"},
		{Name: "query", In: sandbox.InBody, Example: "maria"},
		{Name: "properties", In: sandbox.InBody, Example: `["email"]`},
		{Name: "limit", In: sandbox.InBody, Example: "10"},
		{Name: "after", In: sandbox.InBody, Example: "0"},
	}, (*Fake).searchContacts)
	lists := call(http.MethodPost, "latest/crm/lists/search/search-lists", []sandbox.Param{
		{Name: "additionalProperties", In: sandbox.InBody, Example: "[]"},
		{Name: "listIds", In: sandbox.InBody, Example: "[]"},
		{Name: "offset", In: sandbox.InBody, Example: "0"},
		{Name: "processingTypes", In: sandbox.InBody, Example: "[]"},
		{Name: "count", In: sandbox.InBody, Example: "20"},
		{Name: "objectTypeId", In: sandbox.InBody, Example: "0-1"},
		{Name: "query", In: sandbox.InBody, Example: "news"},
		{Name: "sort", In: sandbox.InBody, Example: "HS_LIST_ID"},
	}, (*Fake).searchLists)
	details := call(http.MethodGet, "2026-03/account/account-information/get-account-details", nil,
		(*Fake).accountDetails)
	uninstall := call(http.MethodDelete, "2026-03/app-management/app-uninstalls/uninstall-app", nil,
		(*Fake).uninstall)
	return slices.Concat(
		versioned(read, "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/contacts", "/crm/v3/objects/contacts"),
		versioned(create, "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/contacts", "/crm/v3/objects/contacts"),
		versioned(search, "/crm/objects/2026-03/contacts/search", "/crm/objects/2026-09/contacts/search",
			"/crm/v3/objects/contacts/search"),
		versioned(lists, "/crm/lists/2026-03/search", "/crm/lists/2026-09/search", "/crm/v3/lists/search"),
		versioned(details, "/account-info/2026-03/details", "/account-info/2026-09/details",
			"/account-info/v3/details"),
		versioned(uninstall, "/appinstalls/2026-03/external-install", "/appinstalls/2026-09/external-install",
			"/appinstalls/v3/external-install"),
	)
}

// correlationHeader has the id of a call in HubSpot's own log.
const correlationHeader = "X-Hubspot-Correlation-Id"

func uuid() string {
	id := sandbox.RandomHex(16)
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}

// errorBody is the form of every refusal but the token endpoint's.
// https://developers.hubspot.com/docs/api-reference/error-handling
func errorBody(status int, category, message string, context map[string][]string) sandbox.Response {
	id := uuid()
	body := map[string]any{"status": "error", "message": message, "category": category, "correlationId": id}
	if context != nil {
		body["context"] = context
		body["errors"] = []map[string]any{{"message": message, "context": context}}
	}
	return sandbox.JSON(status, body).With(correlationHeader, id)
}

// busy is the response to a rate-limited call. The field policyName names the
// limit.
// https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
func busy() sandbox.Response {
	id := uuid()
	return sandbox.JSON(http.StatusTooManyRequests, map[string]string{
		"status": "error", "message": "You have reached your ten_secondly_rolling limit.", "errorType": "RATE_LIMIT",
		"category": "RATE_LIMITS", "correlationId": id, "policyName": "TEN_SECONDLY_ROLLING",
	}).With(correlationHeader, id).With("Retry-After", "10").With("X-HubSpot-RateLimit-Remaining", "0")
}
