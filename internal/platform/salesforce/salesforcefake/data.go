package salesforcefake

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// The available API versions. Earlier ones are retired.
const (
	oldest = 31
	latest = 68
	newest = "68.0"
)

const guide = "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/"

// dataCalls are the REST calls.
func dataCalls() []operation {
	return []operation{
		{sandbox.Endpoint{
			Method: "GET",
			Path:   "/services/data/{$}",
			Page:   guide + "resources_versions.htm",
		}, (*Fake).versions},
		{sandbox.Endpoint{
			Method: "GET",
			Path:   "/services/data/{version}/{$}",
			Page:   guide + "resources_discoveryresource.htm",
		}, (*Fake).resources},
		{sandbox.Endpoint{
			Method: "GET", Path: "/services/data/{version}/query", Page: guide + "resources_query.htm",
			Params: []sandbox.Param{{Name: "q", Required: true, Example: "SELECT Id FROM Contact"}},
		}, (*Fake).query},
		{sandbox.Endpoint{
			Method: "GET",
			Path:   "/services/data/{version}/sobjects/{object}/describe",
			Page:   guide + "resources_sobject_describe.htm",
		}, (*Fake).describe},
		{
			sandbox.Endpoint{Method: "GET", Path: "/services/data/{version}/limits", Page: guide + "resources_limits.htm"},
			(*Fake).limits,
		},
	}
}

// apiError is the form of every REST refusal: a list.
func apiError(status int, code, message string) sandbox.Response {
	return sandbox.JSON(status, []map[string]string{{"message": message, "errorCode": code}})
}

// versions needs no token.
func (f *Fake) versions(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	if _, bad := e.Read(r); bad != nil {
		return apiError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER", bad.Error())
	}
	var list []map[string]string
	for v := oldest; v <= latest; v++ {
		release := v - oldest // 31.0 was Summer '14; three releases a year
		label := fmt.Sprintf("%s '%02d", []string{"Summer", "Winter", "Spring"}[release%3], 14+(release+2)/3)
		number := strconv.Itoa(v) + ".0"
		list = append(list, map[string]string{"label": label, "url": "/services/data/v" + number, "version": number})
	}
	return sandbox.JSON(http.StatusOK, list)
}

// caller checks a call's version and token, and counts it.
func (f *Fake) caller(r *http.Request, e sandbox.Endpoint) (*orgUser, url.Values, *sandbox.Response) {
	refuse := func(status int, code, message string) (*orgUser, url.Values, *sandbox.Response) {
		a := apiError(status, code, message)
		return nil, nil, &a
	}
	token := f.state.access[sandbox.BearerToken(r)]
	if !f.alive(token) || r.Host != token.grant.user.org.domain {
		return refuse(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	}
	user := token.grant.user
	number, isVersion := strings.CutSuffix(strings.TrimPrefix(r.PathValue("version"), "v"), ".0")
	switch v, err := strconv.Atoi(number); {
	case err != nil || !isVersion || v > latest:
		return refuse(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	case v < oldest:
		return refuse(http.StatusNotFound, "UNSUPPORTED_API_VERSION", "The requested API version is retired")
	case user.org.noAPI || user.noAPI:
		return refuse(http.StatusForbidden, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
	case !slices.Contains(token.grant.scopes, "api"):
		return refuse(http.StatusForbidden, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
	case user.org.calls >= dailyCalls || f.env.IsOn("throttled", user.person):
		return refuse(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	}
	user.org.calls++
	values, bad := e.Read(r)
	if bad != nil {
		a := user.org.counted(apiError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER", bad.Error()))
		return nil, nil, &a
	}
	return user, values, nil
}

// counted adds the usage of the day's calls to a response.
func (org *organisation) counted(a sandbox.Response) sandbox.Response {
	return a.With("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", org.calls, dailyCalls))
}

func (f *Fake) resources(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	user, _, refused := f.caller(r, e)
	if refused != nil {
		return *refused
	}
	base := "/services/data/" + r.PathValue("version")
	return user.org.counted(sandbox.JSON(http.StatusOK, map[string]string{
		"identity": user.identity(), "limits": base + "/limits", "query": base + "/query", "sobjects": base + "/sobjects",
	}))
}

func (f *Fake) limits(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	user, _, refused := f.caller(r, e)
	if refused != nil {
		return *refused
	}
	return user.org.counted(sandbox.JSON(http.StatusOK, map[string]any{
		"DailyApiRequests": map[string]int{"Max": dailyCalls, "Remaining": dailyCalls - user.org.calls},
	}))
}

// objectFields are the fields of each object that queries can select.
func objectFields() map[string][]string {
	return map[string][]string{
		"Organization":   {"Id", "Name", "OrganizationType", "IsSandbox"},
		"Lead":           {"Id", "FirstName", "LastName", "Email", "Company", "Status"},
		"Contact":        {"Id", "FirstName", "LastName", "Email"},
		"CampaignMember": {"Id", "CampaignId", "LeadId", "ContactId", "Status"},
	}
}

// soql parses the supported part of the query language: fields, object, limit.
func soql(query string) []string {
	form := regexp.MustCompile(`(?i)^SELECT ([A-Za-z]+(?: ?, ?[A-Za-z]+)*) FROM ([A-Za-z]+)(?: LIMIT ([0-9]+))?$`)
	return form.FindStringSubmatch(strings.Join(strings.Fields(query), " "))
}

// query serves fields of one object, without conditions.
func (f *Fake) query(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	user, values, refused := f.caller(r, e)
	if refused != nil {
		return *refused
	}
	refuse := func(code, message string) sandbox.Response {
		return user.org.counted(apiError(http.StatusBadRequest, code, message))
	}
	parts := soql(values.Get("q"))
	if parts == nil {
		return refuse("MALFORMED_QUERY", "The sandbox takes SELECT fields FROM object [LIMIT n]")
	}
	object := parts[2]
	if object == "Organization" && f.env.IsOn("organisation_hidden", user.person) {
		return user.org.counted(apiError(http.StatusForbidden, "INSUFFICIENT_ACCESS", "insufficient access rights"))
	}
	known, is := objectFields()[object]
	if !is || !f.mayRead(user, object) {
		return refuse("INVALID_TYPE", fmt.Sprintf("sObject type '%s' is not supported.", object))
	}
	fields := strings.Split(strings.ReplaceAll(parts[1], " ", ""), ",")
	for _, field := range fields {
		if !slices.Contains(known, field) {
			return refuse("INVALID_FIELD", fmt.Sprintf("No such column '%s' on entity '%s'.", field, object))
		}
	}
	rows := user.org.rows(object)
	if parts[3] != "" {
		limit, err := strconv.Atoi(parts[3])
		if err != nil {
			return refuse("MALFORMED_QUERY", "The limit is no number")
		}
		rows = rows[:min(limit, len(rows))]
	}
	records := []map[string]any{}
	for _, row := range rows {
		id, _ := row["Id"].(string)
		record := map[string]any{"attributes": map[string]string{
			"type": object, "url": "/services/data/" + r.PathValue("version") + "/sobjects/" + object + "/" + id,
		}}
		for _, field := range fields {
			record[field] = row[field]
		}
		records = append(records, record)
	}
	return user.org.counted(sandbox.JSON(http.StatusOK, map[string]any{
		"totalSize": len(records), "done": true, "records": records,
	}))
}

// mayRead reports whether an object is there for a user.
func (f *Fake) mayRead(user *orgUser, object string) bool {
	if object == "Organization" {
		return !f.env.IsOn("organisation_unsupported", user.person)
	}
	return user.rights[object].read
}

// rows are an object's records.
func (org *organisation) rows(object string) []map[string]any {
	if object == "Organization" {
		return []map[string]any{{"Id": org.id, "Name": org.name, "OrganizationType": org.edition, "IsSandbox": org.sandbox}}
	}
	prefix := map[string]string{"Lead": "00Q", "Contact": "003", "CampaignMember": "00v"}[object]
	var rows []map[string]any
	for i, name := range []string{"Maria Engel", "Jonas Weber", "Aiko Tanaka", "Pedro Costa", "Lena Fuchs"} {
		first, last, _ := strings.Cut(name, " ")
		rows = append(rows, map[string]any{
			"Id": longID(fmt.Sprintf("%s5e00000%05d", prefix, 40000+i)), "FirstName": first, "LastName": last,
			"Email": strings.ToLower(first) + "@" + slug(org.name) + "-customers.example", "Company": org.name,
			"Status": "Open - Not Contacted",
		})
	}
	return rows
}

// describe serves the user's rights to an object. A hidden one does not exist.
func (f *Fake) describe(r *http.Request, e sandbox.Endpoint) sandbox.Response {
	user, _, refused := f.caller(r, e)
	if refused != nil {
		return *refused
	}
	object := r.PathValue("object")
	rights := user.rights[object]
	switch {
	case f.env.IsOn("no_access", user.person):
		return user.org.counted(apiError(http.StatusForbidden, "INSUFFICIENT_ACCESS",
			"insufficient access rights on cross-reference id"))
	case object == "Organization":
		rights = objectRights{read: true}
	case !rights.visible():
		return user.org.counted(apiError(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist"))
	}
	var fields []map[string]any
	for _, name := range objectFields()[object] {
		fields = append(fields, map[string]any{"name": name, "type": "string", "createable": rights.create && name != "Id"})
	}
	return user.org.counted(sandbox.JSON(http.StatusOK, map[string]any{
		"name": object, "label": object, "custom": false, "createable": rights.create, "updateable": rights.create,
		"deletable": false,
		"queryable": rights.read, "retrieveable": rights.read, "searchable": rights.read, "fields": fields,
	}))
}
