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
	endpoint
	ends   time.Time // it is gone from then on; zero: no end is known
	v1     bool      // the switch v1_deprecated ends it earlier
	serves func(*World, endpoint, *http.Request) answer
}

// Paths of the first versions end before the dated ones.
// https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when
func hubspotOAuthV1Ends() time.Time { return time.Date(2027, 2, 16, 0, 0, 0, 0, time.UTC) }
func hubspotV3Ends() time.Time      { return time.Date(2027, 9, 1, 0, 0, 0, 0, time.UTC) }

// hubspotCalls are all operations, in every version that takes them.
func hubspotCalls() []hubspotCall {
	return slices.Concat(hubspotTokenCalls(), hubspotV1Calls(), hubspotCRMCalls())
}

func hubspotEndpoints() []endpoint {
	var list []endpoint
	for _, c := range hubspotCalls() {
		list = append(list, c.endpoint)
	}
	return list
}

// hubspotServe serves a call until its end. HubSpot calls what has ended
// unsupported and does not say what is answered then: the sandbox refuses it.
func (w *World) hubspotServe(c hubspotCall, r *http.Request) answer {
	ended := !c.ends.IsZero() && !w.clock(platformHubSpot).Before(c.ends)
	if ended || c.v1 && w.isOn(platformHubSpot, "v1_deprecated", "") {
		return hubspotError(http.StatusGone, "DEPRECATED", c.path+" has been removed. Use a path with a date.", nil)
	}
	a := c.serves(w, c.endpoint, r)
	if a.header[hubspotCorrelation] == "" {
		a = a.with(hubspotCorrelation, uuid())
	}
	return a
}

// versioned is an operation at each of its paths; one with v3 in it has an end.
func versioned(c hubspotCall, paths ...string) []hubspotCall {
	var list []hubspotCall
	for _, path := range paths {
		one := c
		one.path = path
		if strings.Contains(path, "/v3") {
			one.ends = hubspotV3Ends()
		}
		list = append(list, one)
	}
	return list
}

func hubspotTokenCalls() []hubspotCall {
	app := []param{
		{name: "client_id", in: inBody, required: true, example: "b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945"},
		{name: "client_secret", in: inBody, required: true, example: "secret"},
	}
	about := slices.Concat(app, []param{
		{name: "token", in: inBody, required: true, example: "na1-token"},
		{name: "token_type_hint", in: inBody, example: "access_token"},
	})
	call := func(page string, params []param, serves func(*World, endpoint, *http.Request) answer) hubspotCall {
		return hubspotCall{
			endpoint: endpoint{method: http.MethodPost, page: hubspotDocs + page, bodies: []bodyForm{formBody},
				params: params},
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
func hubspotGrantParams() []param {
	return []param{
		{name: "grant_type", in: inBody, required: true, example: "refresh_token"},
		{name: "redirect_uri", in: inBody, example: "https://access.example.com/callback/hubspot"},
		{name: "code", in: inBody, example: "code"},
		{name: "refresh_token", in: inBody, example: "na1-token"},
		{name: "code_verifier", in: inBody, example: "verifier"},
		{name: "scope", in: inBody, example: "oauth"},
		{name: "client_assertion", in: inBody, example: "assertion"},
		{name: "client_assertion_type", in: inBody, example: "type"},
	}
}

// hubspotV1Calls are the first OAuth paths, which the npm client still calls.
func hubspotV1Calls() []hubspotCall {
	page := hubspotDocs + "legacy/authentication/oauth-tokens/v1/guide"
	token := []param{
		{name: "client_id", in: inBody, required: true, example: "b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945"},
		{name: "client_secret", in: anywhere, required: true, example: "secret"},
	}
	for _, p := range hubspotGrantParams() {
		switch p.name {
		case "client_assertion", "client_assertion_type":
			continue
		case "refresh_token":
			p.in = anywhere
		}
		token = append(token, p)
	}
	list := []hubspotCall{
		{
			endpoint: endpoint{method: http.MethodPost, path: "/oauth/v1/token", page: page,
				bodies: []bodyForm{formBody}, params: token},
			serves: (*World).hubspotTokenCall,
		},
		{endpoint: endpoint{method: http.MethodGet, path: "/oauth/v1/access-tokens/{token}", page: page},
			serves: (*World).hubspotV1Access},
		{endpoint: endpoint{method: http.MethodGet, path: "/oauth/v1/refresh-tokens/{token}", page: page},
			serves: (*World).hubspotV1Refresh},
		{endpoint: endpoint{method: http.MethodDelete, path: "/oauth/v1/refresh-tokens/{token}", page: page},
			serves: (*World).hubspotV1Delete},
	}
	for i := range list {
		list[i].ends, list[i].v1 = hubspotOAuthV1Ends(), true
	}
	return list
}

func hubspotCRMCalls() []hubspotCall {
	call := func(method, page string, params []param, serves func(*World, endpoint, *http.Request) answer) hubspotCall {
		c := hubspotCall{endpoint: endpoint{method: method, page: hubspotDocs + page, params: params}, serves: serves}
		if method == http.MethodPost {
			c.bodies = []bodyForm{jsonBody}
		}
		return c
	}
	read := call(http.MethodGet, "2026-03/crm/objects/contacts/get-contacts", []param{
		{name: "limit", example: "10"},
		{name: "after", example: "10"},
		{name: "properties", repeated: true, example: "email"},
		{name: "propertiesWithHistory", repeated: true, example: "email"},
		{name: "associations", repeated: true, example: "companies"},
		{name: "archived", example: "false"},
	}, (*World).hubspotContacts)
	create := call(http.MethodPost, "2026-03/crm/objects/contacts/create-contact", []param{
		{name: "properties", in: inBody, required: true, example: `{"email":"maria@example.com"}`},
		{name: "associations", in: inBody, example: "[]"},
	}, (*World).hubspotCreate)
	search := call(http.MethodPost, "2026-03/crm/search-the-crm", []param{
		{name: "filterGroups", in: inBody, example: "[]"},
		{name: "sorts", in: inBody, example: "[]"},
		{name: "query", in: inBody, example: "maria"},
		{name: "properties", in: inBody, example: `["email"]`},
		{name: "limit", in: inBody, example: "10"},
		{name: "after", in: inBody, example: "0"},
	}, (*World).hubspotSearch)
	lists := call(http.MethodPost, "latest/crm/lists/search/search-lists", []param{
		{name: "additionalProperties", in: inBody, example: "[]"},
		{name: "listIds", in: inBody, example: "[]"},
		{name: "offset", in: inBody, example: "0"},
		{name: "processingTypes", in: inBody, example: "[]"},
		{name: "count", in: inBody, example: "20"},
		{name: "objectTypeId", in: inBody, example: "0-1"},
		{name: "query", in: inBody, example: "news"},
		{name: "sort", in: inBody, example: "HS_LIST_ID"},
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
	id := random(16)
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}

// hubspotError is the shape of every refusal but the token endpoint's.
// https://developers.hubspot.com/docs/api-reference/error-handling
func hubspotError(status int, category, message string, context map[string][]string) answer {
	id := uuid()
	body := map[string]any{"status": "error", "message": message, "category": category, "correlationId": id}
	if context != nil {
		body["context"] = context
		body["errors"] = []map[string]any{{"message": message, "context": context}}
	}
	return jsonAnswer(status, body).with(hubspotCorrelation, id)
}

// hubspotBusy is what HubSpot says to a call too many. The field policyName
// names the limit.
// https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
func hubspotBusy() answer {
	id := uuid()
	return jsonAnswer(http.StatusTooManyRequests, map[string]string{
		"status": "error", "message": "You have reached your ten_secondly_rolling limit.", "errorType": "RATE_LIMIT",
		"category": "RATE_LIMITS", "correlationId": id, "policyName": "TEN_SECONDLY_ROLLING",
	}).with(hubspotCorrelation, id).with("Retry-After", "10").with("X-HubSpot-RateLimit-Remaining", "0")
}
