package hubspotfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// authorizeCall checks a call's token and scope, counts it, and parses its
// parameters.
func (f *Fake) authorizeCall(
	e sandbox.Endpoint, r *http.Request, scope string,
) (*install, url.Values, *sandbox.Response) {
	refuse := func(a sandbox.Response) (*install, url.Values, *sandbox.Response) { return nil, nil, &a }
	token := f.state.access[sandbox.BearerToken(r)]
	if token == nil || token.install.dead || token.revoked ||
		f.env.IsOn("token_revoked", token.install.person) {
		return refuse(errorBody(http.StatusUnauthorized, "INVALID_AUTHENTICATION",
			"Authentication credentials not found or not valid.", nil))
	}
	if !f.isAlive(token) {
		return refuse(errorBody(http.StatusUnauthorized, "EXPIRED_AUTHENTICATION",
			"The OAuth token used to make this call expired.", nil))
	}
	if !slices.Contains(token.install.scopes, scope) {
		return refuse(errorBody(http.StatusForbidden, "MISSING_SCOPES",
			"This app hasn't been granted all required scopes to make this call.",
			map[string][]string{"missingScopes": {scope}}))
	}
	now := time.Now() // rate limits use real time: callers wait
	to := token.install.portal
	to.calls = slices.DeleteFunc(to.calls, func(at time.Time) bool { return now.Sub(at) > window })
	if len(to.calls) >= callLimit || f.env.IsOn("throttled", token.install.person) {
		return refuse(busy())
	}
	to.calls = append(to.calls, now)
	values, bad := e.Read(r)
	if bad != nil {
		return refuse(to.counted(invalid(bad.Error())))
	}
	return token.install, values, nil
}

// invalid refuses a parameter.
func invalid(message string) sandbox.Response {
	return errorBody(http.StatusBadRequest, "VALIDATION_ERROR", message, nil)
}

func (to *portal) counted(a sandbox.Response) sandbox.Response {
	return a.With("X-HubSpot-RateLimit-Max", strconv.Itoa(callLimit)).
		With("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(window.Milliseconds(), 10)).
		With("X-HubSpot-RateLimit-Remaining", strconv.Itoa(callLimit-len(to.calls)))
}

func (f *Fake) accountDetails(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	in, _, refused := f.authorizeCall(e, r, "oauth")
	if refused != nil {
		return *refused
	}
	return in.portal.counted(sandbox.JSON(http.StatusOK, map[string]any{
		"portalId": in.portal.id, "accountType": "STANDARD", "timeZone": "Europe/Stockholm",
		"companyCurrency": "EUR", "additionalCurrencies": []string{},
		"utcOffset": "+01:00", "utcOffsetMilliseconds": 3600000,
		"uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
	}))
}

// uninstall removes the app from the token's portal: all connections to it end.
func (f *Fake) uninstall(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	in, _, refused := f.authorizeCall(e, r, "oauth")
	if refused != nil {
		return *refused
	}
	f.endInstalls(func(other *install) bool { return other.portal == in.portal })
	return in.portal.counted(sandbox.Response{Status: http.StatusNoContent})
}

// contactProperties are the properties of a contact, and whether they are
// returned by default.
func contactProperties() map[string]bool {
	return map[string]bool{
		"createdate": true, "email": true, "firstname": true, "hs_object_id": true,
		"lastmodifieddate": true, "lastname": true,
		"phone": false, "company": false, "jobtitle": false, "website": false, "lifecyclestage": false,
	}
}

// listContacts serves a page of contacts. It returns only requested properties
// and omits unknown ones.
func (f *Fake) listContacts(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	in, query, refused := f.authorizeCall(e, r, "crm.objects.contacts.read")
	if refused != nil {
		return *refused
	}
	history := separated(query["propertiesWithHistory"])
	most := 100
	if len(history) > 0 {
		most = 50
	}
	limit, after, wrong := pageBounds(query, most)
	if wrong != nil {
		return in.portal.counted(*wrong)
	}
	for _, kind := range separated(query["associations"]) {
		if !slices.Contains([]string{"companies", "deals", "tickets", "contacts", "notes", "calls", "emails",
			"meetings", "tasks"}, kind) {
			return in.portal.counted(invalid(fmt.Sprintf("Unable to infer object type from: %s", kind)))
		}
	}
	var found []int
	switch query.Get("archived") {
	case "", "false":
		for i := range in.portal.contacts {
			found = append(found, i)
		}
	case "true": // no contact here is archived
	default:
		return in.portal.counted(invalid("archived is true or false"))
	}
	body := in.portal.pageOf(found, limit, after, separated(query["properties"]), history)
	if next, more := body["paging"].(map[string]any); more {
		cursor := next["next"].(map[string]string)
		again := r.URL.Query()
		again.Set("after", cursor["after"])
		cursor["link"] = "https://api.hubapi.com" + r.URL.Path + "?" + again.Encode()
	}
	return in.portal.counted(sandbox.JSON(http.StatusOK, body))
}

// separated splits values that are repeated or separated by commas.
func separated(values []string) []string {
	var list []string
	for _, value := range values {
		for _, one := range strings.Split(value, ",") {
			if one = strings.TrimSpace(one); one != "" {
				list = append(list, one)
			}
		}
	}
	return list
}

// pageBounds parses limit and after; limit is at most most.
func pageBounds(query url.Values, most int) (limit, after int, wrong *sandbox.Response) {
	limit = 10
	for name, into := range map[string]*int{"limit": &limit, "after": &after} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || name == "limit" && (n < 1 || n > most) {
			a := invalid(fmt.Sprintf("%q is not a valid %s", text, name))
			return 0, 0, &a
		}
		*into = n
	}
	return limit, after, nil
}

// pageOf is a page of contacts, in the form of all lists.
func (to *portal) pageOf(found []int, limit, after int, properties, history []string) map[string]any {
	from, end := min(after, len(found)), min(after+limit, len(found))
	results := []map[string]any{}
	for _, i := range found[from:end] {
		results = append(results, to.record(i, properties, history))
	}
	body := map[string]any{"results": results}
	if end < len(found) {
		body["paging"] = map[string]any{"next": map[string]string{"after": strconv.Itoa(end)}}
	}
	return body
}

// record is one contact with the requested properties, or the default ones.
func (to *portal) record(i int, properties, history []string) map[string]any {
	c := to.contacts[i]
	created := c.created.UTC().Format(time.RFC3339)
	all := map[string]string{"createdate": created, "lastmodifieddate": created, "hs_object_id": strconv.Itoa(i + 101)}
	for name, value := range c.properties {
		all[name] = value
	}
	given, past := map[string]any{}, map[string]any{}
	for name, byDefault := range contactProperties() {
		if slices.Contains(properties, name) || len(properties) == 0 && byDefault {
			given[name] = nil
			if value, set := all[name]; set {
				given[name] = value
			}
		}
		if value, set := all[name]; set && slices.Contains(history, name) {
			past[name] = []map[string]string{{"value": value, "timestamp": created, "sourceType": "CRM_UI"}}
		}
	}
	record := map[string]any{"id": strconv.Itoa(i + 101), "createdAt": created, "updatedAt": created, "archived": false,
		"properties": given}
	if len(history) > 0 {
		record["propertiesWithHistory"] = past
	}
	return record
}

// createContact adds a contact. A duplicate address is refused.
func (f *Fake) createContact(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	in, query, refused := f.authorizeCall(e, r, "crm.objects.contacts.write")
	if refused != nil {
		return *refused
	}
	to := in.portal
	var properties map[string]string
	if err := json.Unmarshal([]byte(query.Get("properties")), &properties); err != nil {
		return to.counted(invalid("properties is an object of texts"))
	}
	var associations []json.RawMessage
	if text := query.Get("associations"); text != "" && json.Unmarshal([]byte(text), &associations) != nil {
		return to.counted(invalid("associations is a list"))
	}
	if len(associations) > 0 {
		return to.counted(errorBody(http.StatusNotFound, "OBJECT_NOT_FOUND",
			"The sandbox has contacts alone: there is nothing to associate one with.", nil))
	}
	for name := range properties {
		_, known := contactProperties()[name]
		if !known || slices.Contains([]string{"createdate", "lastmodifieddate", "hs_object_id"}, name) {
			return to.counted(invalid(fmt.Sprintf("Property %q does not exist or cannot be written", name)))
		}
	}
	for i, c := range to.contacts {
		if address := properties["email"]; address != "" && strings.EqualFold(c.properties["email"], address) {
			return to.counted(errorBody(http.StatusConflict, "CONFLICT",
				fmt.Sprintf("Contact already exists. Existing ID: %d", i+101), nil))
		}
	}
	to.contacts = append(to.contacts, contact{properties: properties, created: f.env.Clock()})
	return to.counted(sandbox.JSON(http.StatusCreated, to.record(len(to.contacts)-1, nil, nil)))
}

// contactQuery is the body of a search. The fake supports the operators EQ and
// HAS_PROPERTY, and no sorting.
type contactQuery struct {
	groups []struct {
		Filters []struct {
			PropertyName string `json:"propertyName"`
			Operator     string `json:"operator"`
			Value        string `json:"value"`
		} `json:"filters"`
	}
	text       string
	properties []string
}

func readQuery(values url.Values) (contactQuery, *sandbox.Response) {
	query := contactQuery{text: strings.ToLower(values.Get("query"))}
	var sorts []json.RawMessage
	for name, into := range map[string]any{"filterGroups": &query.groups, "properties": &query.properties,
		"sorts": &sorts} {
		if text := values.Get(name); text != "" && json.Unmarshal([]byte(text), into) != nil {
			a := invalid(name + " is not as documented")
			return query, &a
		}
	}
	for _, group := range query.groups {
		for _, filter := range group.Filters {
			if filter.PropertyName == "" || filter.Operator != "EQ" && filter.Operator != "HAS_PROPERTY" {
				a := invalid("The sandbox filters by a propertyName with EQ or HAS_PROPERTY; this is its own limit.")
				return query, &a
			}
		}
	}
	if len(sorts) > 0 {
		a := invalid("The sandbox does not sort; this is its own limit.")
		return query, &a
	}
	return query, nil
}

// finds reports whether a contact matches one of the groups, and the text.
func (query contactQuery) finds(c contact) bool {
	inGroup := len(query.groups) == 0
	for _, group := range query.groups {
		all := true
		for _, filter := range group.Filters {
			value, set := c.properties[filter.PropertyName]
			all = all && set && (filter.Operator == "HAS_PROPERTY" || value == filter.Value)
		}
		inGroup = inGroup || all
	}
	if query.text == "" || !inGroup {
		return inGroup
	}
	for _, name := range []string{"firstname", "lastname", "email", "phone", "company"} {
		if strings.Contains(strings.ToLower(c.properties[name]), query.text) {
			return true
		}
	}
	return false
}

// searchContacts serves the matching contacts and their total.
func (f *Fake) searchContacts(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	in, values, refused := f.authorizeCall(e, r, "crm.objects.contacts.read")
	if refused != nil {
		return *refused
	}
	query, wrong := readQuery(values)
	if wrong != nil {
		return in.portal.counted(*wrong)
	}
	limit, after, wrong := pageBounds(values, 200)
	if wrong != nil {
		return in.portal.counted(*wrong)
	}
	var found []int
	for i, c := range in.portal.contacts {
		if query.finds(c) {
			found = append(found, i)
		}
	}
	body := in.portal.pageOf(found, limit, after, query.properties, nil)
	body["total"] = len(found)
	return in.portal.counted(sandbox.JSON(http.StatusOK, body))
}

// listQuery is the body of a search for lists.
type listQuery struct {
	text, object  string
	ids, kinds    []string
	additional    []string
	count, offset int
}

func readListQuery(values url.Values) (listQuery, *sandbox.Response) {
	query := listQuery{text: strings.ToLower(values.Get("query")), object: values.Get("objectTypeId"), count: 20}
	for name, into := range map[string]*[]string{
		"listIds": &query.ids, "processingTypes": &query.kinds, "additionalProperties": &query.additional,
	} {
		if text := values.Get(name); text != "" && json.Unmarshal([]byte(text), into) != nil {
			a := invalid(name + " is a list of texts")
			return query, &a
		}
	}
	for name, into := range map[string]*int{"count": &query.count, "offset": &query.offset} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || name == "count" && n > 500 {
			a := invalid(fmt.Sprintf("%q is not a valid %s", text, name))
			return query, &a
		}
		*into = n
	}
	return query, nil
}

// finds reports whether a list matches. All lists here are manual, of contacts.
func (query listQuery) finds(id, name string) bool {
	return strings.Contains(strings.ToLower(name), query.text) &&
		(len(query.ids) == 0 || slices.Contains(query.ids, id)) &&
		(len(query.kinds) == 0 || slices.Contains(query.kinds, "MANUAL")) &&
		(query.object == "" || query.object == "0-1")
}

// searchLists searches the portal's lists by their names.
func (f *Fake) searchLists(e sandbox.Endpoint, r *http.Request) sandbox.Response {
	in, values, refused := f.authorizeCall(e, r, "crm.lists.read")
	if refused != nil {
		return *refused
	}
	query, wrong := readListQuery(values)
	if wrong != nil {
		return in.portal.counted(*wrong)
	}
	found := []map[string]any{}
	for i, name := range in.portal.lists {
		id := strconv.Itoa(i + 1)
		if !query.finds(id, name) {
			continue
		}
		found = append(found, map[string]any{
			"listId": id, "listVersion": 1, "name": name, "objectTypeId": "0-1",
			"processingStatus": "COMPLETE", "processingType": "MANUAL",
			"additionalProperties": map[string]string{"hs_list_size": strconv.Itoa(len(in.portal.contacts))},
		})
	}
	from, end := min(query.offset, len(found)), min(query.offset+query.count, len(found))
	return in.portal.counted(sandbox.JSON(http.StatusOK, map[string]any{
		"lists": found[from:end], "hasMore": end < len(found), "offset": end, "total": len(found),
	}))
}
