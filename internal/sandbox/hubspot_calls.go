package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// hubspotDocs is where HubSpot documents its API.
const hubspotDocs = "https://developers.hubspot.com/docs/api-reference/"

// hubspotCall is one operation with its end and what serves it.
type hubspotCall struct {
	Endpoint
	ends   time.Time // it is gone from then on; zero: no end is known
	v1     bool      // the switch v1_deprecated ends it earlier
	serves func(*World, Endpoint, *http.Request) Response
}

// Paths of the first versions end before the dated ones.
// https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when
func hubspotOAuthV1Ends() time.Time { return time.Date(2027, 2, 16, 0, 0, 0, 0, time.UTC) }
func hubspotV3Ends() time.Time      { return time.Date(2027, 9, 1, 0, 0, 0, 0, time.UTC) }

// hubspotCalls are all operations, in every version that takes them.
func hubspotCalls() []hubspotCall {
	return slices.Concat(hubspotTokenCalls(), hubspotV1Calls(), hubspotCRMCalls())
}

func hubspotEndpoints() []Endpoint {
	var list []Endpoint
	for _, c := range hubspotCalls() {
		list = append(list, c.Endpoint)
	}
	return list
}

// hubspotServe serves a call until its end. HubSpot calls what has ended
// unsupported and does not say what is answered then: the sandbox refuses it.
func (w *World) hubspotServe(c hubspotCall, r *http.Request) Response {
	ended := !c.ends.IsZero() && !w.clock(platformHubSpot).Before(c.ends)
	if ended || c.v1 && w.isOn(platformHubSpot, "v1_deprecated", "") {
		return hubspotError(http.StatusGone, "DEPRECATED", c.Path+" has been removed. Use a path with a date.", nil)
	}
	a := c.serves(w, c.Endpoint, r)
	if a.Header[hubspotCorrelation] == "" {
		a = a.With(hubspotCorrelation, uuid())
	}
	return a
}

// versioned is an operation at each of its paths; one with v3 in it has an end.
func versioned(c hubspotCall, paths ...string) []hubspotCall {
	var list []hubspotCall
	for _, path := range paths {
		one := c
		one.Path = path
		if strings.Contains(path, "/v3") {
			one.ends = hubspotV3Ends()
		}
		list = append(list, one)
	}
	return list
}

func hubspotTokenCalls() []hubspotCall {
	app := []Param{
		{Name: "client_id", In: InBody, Required: true, Example: "b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945"},
		{Name: "client_secret", In: InBody, Required: true, Example: "secret"},
	}
	about := slices.Concat(app, []Param{
		{Name: "token", In: InBody, Required: true, Example: "na1-token"},
		{Name: "token_type_hint", In: InBody, Example: "access_token"},
	})
	call := func(page string, params []Param, serves func(*World, Endpoint, *http.Request) Response) hubspotCall {
		return hubspotCall{
			Endpoint: Endpoint{Method: http.MethodPost, Page: hubspotDocs + page, Bodies: []BodyType{FormBody},
				Params: params},
			serves: serves,
		}
	}
	token := call("2026-03/authentication/manage-oauth-tokens", slices.Concat(app, hubspotGrantParams()),
		(*World).hubspotTokenCall)
	introspect := call("2026-03/authentication/oauth-tokens/token-introspect", about, (*World).hubspotIntrospect)
	revoke := call("2026-03/authentication/manage-oauth-tokens", about, (*World).hubspotRevoke)
	return slices.Concat(
		versioned(token, "/oauth/2026-03/token", "/oauth/2026-09/token", "/oauth/v3/token"),
		versioned(introspect, "/oauth/2026-03/token/introspect", "/oauth/2026-09/token/introspect",
			"/oauth/v3/token/introspect"),
		versioned(revoke, "/oauth/2026-03/token/revoke", "/oauth/2026-09/token/revoke", "/oauth/v3/token/revoke"),
	)
}

// hubspotGrantParams are what the token endpoint takes beside the app.
func hubspotGrantParams() []Param {
	return []Param{
		{Name: "grant_type", In: InBody, Required: true, Example: "refresh_token"},
		{Name: "redirect_uri", In: InBody, Example: "https://access.example.com/callback/hubspot"},
		{Name: "code", In: InBody, Example: "code"},
		{Name: "refresh_token", In: InBody, Example: "na1-token"},
		{Name: "code_verifier", In: InBody, Example: "verifier"},
		{Name: "scope", In: InBody, Example: "oauth"},
		{Name: "client_assertion", In: InBody, Example: "assertion"},
		{Name: "client_assertion_type", In: InBody, Example: "type"},
	}
}

// hubspotV1Calls are the first OAuth paths, which the npm client still calls.
func hubspotV1Calls() []hubspotCall {
	page := hubspotDocs + "legacy/authentication/oauth-tokens/v1/guide"
	token := []Param{
		{Name: "client_id", In: InBody, Required: true, Example: "b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945"},
		{Name: "client_secret", In: InQueryOrBody, Required: true, Example: "secret"},
	}
	for _, p := range hubspotGrantParams() {
		switch p.Name {
		case "client_assertion", "client_assertion_type":
			continue
		case "refresh_token":
			p.In = InQueryOrBody
		}
		token = append(token, p)
	}
	list := []hubspotCall{
		{
			Endpoint: Endpoint{Method: http.MethodPost, Path: "/oauth/v1/token", Page: page,
				Bodies: []BodyType{FormBody}, Params: token},
			serves: (*World).hubspotTokenCall,
		},
		{Endpoint: Endpoint{Method: http.MethodGet, Path: "/oauth/v1/access-tokens/{token}", Page: page},
			serves: (*World).hubspotV1Access},
		{Endpoint: Endpoint{Method: http.MethodGet, Path: "/oauth/v1/refresh-tokens/{token}", Page: page},
			serves: (*World).hubspotV1Refresh},
		{Endpoint: Endpoint{Method: http.MethodDelete, Path: "/oauth/v1/refresh-tokens/{token}", Page: page},
			serves: (*World).hubspotV1Delete},
	}
	for i := range list {
		list[i].ends, list[i].v1 = hubspotOAuthV1Ends(), true
	}
	return list
}

func hubspotCRMCalls() []hubspotCall {
	call := func(method, page string, params []Param, serves func(*World, Endpoint, *http.Request) Response) hubspotCall {
		c := hubspotCall{Endpoint: Endpoint{Method: method, Page: hubspotDocs + page, Params: params}, serves: serves}
		if method == http.MethodPost {
			c.Bodies = []BodyType{JSONBody}
		}
		return c
	}
	read := call(http.MethodGet, "2026-03/crm/objects/contacts/get-contacts", []Param{
		{Name: "limit", Example: "10"},
		{Name: "after", Example: "10"},
		{Name: "properties", Repeated: true, Example: "email"},
		{Name: "propertiesWithHistory", Repeated: true, Example: "email"},
		{Name: "associations", Repeated: true, Example: "companies"},
		{Name: "archived", Example: "false"},
	}, (*World).hubspotContacts)
	create := call(http.MethodPost, "2026-03/crm/objects/contacts/create-contact", []Param{
		{Name: "properties", In: InBody, Required: true, Example: `{"email":"maria@example.com"}`},
		{Name: "associations", In: InBody, Example: "[]"},
	}, (*World).hubspotCreate)
	search := call(http.MethodPost, "2026-03/crm/search-the-crm", []Param{
		{Name: "filterGroups", In: InBody, Example: "[]"},
		{Name: "sorts", In: InBody, Example: "[]"},
		{Name: "query", In: InBody, Example: "maria"},
		{Name: "properties", In: InBody, Example: `["email"]`},
		{Name: "limit", In: InBody, Example: "10"},
		{Name: "after", In: InBody, Example: "0"},
	}, (*World).hubspotSearch)
	lists := call(http.MethodPost, "latest/crm/lists/search/search-lists", []Param{
		{Name: "additionalProperties", In: InBody, Example: "[]"},
		{Name: "listIds", In: InBody, Example: "[]"},
		{Name: "offset", In: InBody, Example: "0"},
		{Name: "processingTypes", In: InBody, Example: "[]"},
		{Name: "count", In: InBody, Example: "20"},
		{Name: "objectTypeId", In: InBody, Example: "0-1"},
		{Name: "query", In: InBody, Example: "news"},
		{Name: "sort", In: InBody, Example: "HS_LIST_ID"},
	}, (*World).hubspotLists)
	details := call(http.MethodGet, "2026-03/account/account-information/get-account-details", nil,
		(*World).hubspotDetails)
	uninstall := call(http.MethodDelete, "2026-03/app-management/app-uninstalls/uninstall-app", nil,
		(*World).hubspotUninstall)
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

// hubspotCorrelation is the header that names a call in HubSpot's own log.
const hubspotCorrelation = "X-Hubspot-Correlation-Id"

func uuid() string {
	id := RandomHex(16)
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}

// hubspotError is the shape of every refusal but the token endpoint's.
// https://developers.hubspot.com/docs/api-reference/error-handling
func hubspotError(status int, category, message string, context map[string][]string) Response {
	id := uuid()
	body := map[string]any{"status": "error", "message": message, "category": category, "correlationId": id}
	if context != nil {
		body["context"] = context
		body["errors"] = []map[string]any{{"message": message, "context": context}}
	}
	return JSON(status, body).With(hubspotCorrelation, id)
}

// hubspotBusy is what HubSpot says to a call too many. The field policyName
// names the limit.
// https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
func hubspotBusy() Response {
	id := uuid()
	return JSON(http.StatusTooManyRequests, map[string]string{
		"status": "error", "message": "You have reached your ten_secondly_rolling limit.", "errorType": "RATE_LIMIT",
		"category": "RATE_LIMITS", "correlationId": id, "policyName": "TEN_SECONDLY_ROLLING",
	}).With(hubspotCorrelation, id).With("Retry-After", "10").With("X-HubSpot-RateLimit-Remaining", "0")
}
