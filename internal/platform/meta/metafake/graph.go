package metafake

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// graphFault is a refusal of the Graph API: a code, mostly with a subcode, and
// a text that clients must not parse.
type graphFault struct {
	code, subcode int
	message       string
	title, says   string // for the user
	usage         string // X-Business-Use-Case-Usage
}

func refuse(code, subcode int, format string, more ...any) *graphFault {
	return &graphFault{code: code, subcode: subcode, message: fmt.Sprintf("(#%d) ", code) + fmt.Sprintf(format, more...)}
}

func (g *graphFault) answer() sandbox.Response {
	body := map[string]any{
		"message": g.message, "type": "OAuthException", "code": g.code, "fbtrace_id": "A" + sandbox.RandomHex(11),
	}
	if g.subcode != 0 {
		body["error_subcode"] = g.subcode
	}
	if g.title != "" {
		body["error_user_title"], body["error_user_msg"] = g.title, g.says
	}
	if g.code == 1 || g.code == 2 || g.code == 4 || g.code == 17 {
		body["is_transient"] = true
	}
	a := sandbox.JSON(g.status(), map[string]any{"error": body})
	if g.usage != "" {
		a = a.With("X-Business-Use-Case-Usage", g.usage)
	}
	return a
}

// status is the HTTP status of the code.
func (g *graphFault) status() int {
	switch {
	case g.code == 1 || g.code == 2:
		return http.StatusInternalServerError
	case g.code == 190 || g.code == 102:
		return http.StatusUnauthorized
	case g.code == 3 || g.code == 10 || g.code >= 200 && g.code < 300:
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

// noSuch is the refusal that hides whether an object exists.
func noSuch(method, id string) *graphFault {
	failure := refuse(100, 33, "")
	failure.message = fmt.Sprintf("Unsupported %s request. Object with ID '%s' does not exist, cannot be loaded due to "+
		"missing permissions, or does not support this operation", strings.ToLower(method), id)
	return failure
}

// graphCall is one call of the Graph API with its caller and node.
type graphCall struct {
	method  string
	version graphVersion
	parts   []string   // of the path, without the version
	form    url.Values // query and body, without the caller's parameters
	token   string
	person  *profile
	grant   *permissionGrant
	page    *asset // of a Page token
	most    int    // entries that a page of a list may have; zero: no bound

	row      graphEdge
	asset    *asset    // the node, if it is one
	business *business // the node, if it is one
	campaign *campaign // the node, if it is one
}

func (c *graphCall) needs(scopes ...string) *graphFault {
	for _, scope := range scopes {
		if !c.grant.has(scope) {
			return refuse(200, 0, "Requires %s permission to manage the object", scope)
		}
	}
	return nil
}

// graph serves every call of the Graph API.
func (f *Fake) graph(r *http.Request) sandbox.Response {
	version, parts, ok := f.graphPath(r.URL.Path)
	var a sandbox.Response
	if ok {
		a = f.graphAnswer(r, version, parts)
	} else {
		a = (&graphFault{code: 2500, message: "Unknown path components: " + r.URL.Path}).answer()
	}
	return a.With("X-App-Usage", `{"call_count":3,"total_time":2,"total_cputime":1}`).
		With("Facebook-API-Version", version.name()).With("X-FB-Trace-Id", "A"+sandbox.RandomHex(11)).With("X-FB-Request-Id",
		sandbox.RandomHex(16))
}

func (f *Fake) graphAnswer(r *http.Request, version graphVersion, parts []string) sandbox.Response {
	form, bad := peekParams(r)
	if bad != nil {
		return refuse(100, 0, "%s", bad.Error()).answer()
	}
	if feature := closedFeature(form); feature != "" {
		return refuse(100, 0, "%s is closed to new uses since 4 November 2026", feature).answer()
	}
	if len(parts) == 0 || parts[0] == "" {
		return (&graphFault{code: 2500, message: "Unknown path components: " + r.URL.Path}).answer()
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodDelete {
		return (&graphFault{code: 100, message: "(#100) Unsupported method"}).answer()
	}
	path := strings.Join(parts, "/")
	if path == "oauth/access_token" {
		return f.tokenCall(r)
	}
	c := &graphCall{method: r.Method, version: version, parts: parts, form: form}
	if fault := f.graphCaller(c, r); fault != nil {
		return fault.answer()
	}
	if path == "debug_token" {
		return f.debug(c, r)
	}
	if c.person == nil {
		return (&graphFault{code: 102, message: "(#102) A user access token is required"}).answer()
	}
	if fault := f.graphWeather(c, path); fault != nil {
		return fault.answer()
	}
	if fault := f.graphRoute(c); fault != nil {
		return fault.answer()
	}
	return f.serveEdge(c, r)
}

// serveEdge parses a call's parameters by its row, and serves it.
func (f *Fake) serveEdge(call *graphCall, r *http.Request) sandbox.Response {
	warning, fault := f.endedVersion(call.version, call.row)
	if fault != nil {
		return fault.answer()
	}
	form, bad := call.row.Read(r)
	if bad != nil {
		return refuse(100, 0, "%s", bad.Error()).answer()
	}
	for _, p := range append(callParams(), sandbox.Param{Name: "id"}) {
		form.Del(p.Name)
	}
	call.form = form
	a, fault := call.row.serve(edges{f}, call)
	if fault != nil {
		a = fault.answer()
	}
	if warning != "" {
		a = a.With("X-Ad-Api-Version-Warning", warning)
	}
	if call.row.marketing && a.Header["X-Business-Use-Case-Usage"] == "" {
		a = a.With("X-Business-Use-Case-Usage", usage(call.parts[0], 2, 0))
	}
	return a
}

// usage is X-Business-Use-Case-Usage: the used part of an object's calls, in
// percent, and the minutes until it is free again.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting/
func usage(object string, percent, minutes int) string {
	return fmt.Sprintf(`{%q:[{"type":"ads_management","call_count":%d,"total_cputime":%d,"total_time":%d,`+
		`"estimated_time_to_regain_access":%d,"ads_api_access_tier":"development_access"}]}`,
		strings.TrimPrefix(object, "act_"), percent, percent/4, percent/3, minutes)
}

// peekParams reads query and body before the call is known: either may have the
// token. The body can be read again.
func peekParams(r *http.Request) (url.Values, *sandbox.ParamError) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, &sandbox.ParamError{Name: "", Reason: sandbox.BodyUnreadable}
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	body, bad := sandbox.Endpoint{Bodies: graphBodies()}.ReadBody(r)
	r.Body = io.NopCloser(bytes.NewReader(text))
	all := r.URL.Query()
	for name, values := range body {
		all[name] = append(all[name], values...)
	}
	return all, bad
}

// closedFeature is the removed feature that a call uses; empty: none.
// https://developers.facebook.com/blog/post/2026/11/04/introducing-graph-api-v27-and-marketing-api-v27/
func closedFeature(form url.Values) string {
	for name, feature := range map[string]string{
		"ids": "Asking for several ids in one call", "date_format": "Date formatting", "method": "Overriding the HTTP method",
		"callback": "JSONP", "asyncbatch": "The asynchronous batch",
	} {
		if form.Has(name) {
			return feature
		}
	}
	if strings.Contains(form.Get("fields"), ".as(") {
		return "Giving fields an alias"
	}
	return ""
}

// graphCaller identifies the caller.
func (f *Fake) graphCaller(call *graphCall, r *http.Request) *graphFault {
	call.token = sandbox.BearerToken(r)
	if given := call.form["access_token"]; len(given) > 0 {
		if call.token != "" && call.token != given[0] || len(given) > 1 {
			return refuse(190, 0, "Two access tokens")
		}
		call.token = given[0]
	}
	proof := call.form.Get("appsecret_proof")
	if call.token == "" {
		return refuse(104, 0, "An access token is required to request this resource.")
	}
	secret := f.env.App().Secret
	if proof != "" && !sandbox.SecretsEqual(proof, digest(secret, call.token)) {
		return refuse(100, 0, "Invalid appsecret_proof provided in the API argument")
	}
	if sandbox.SecretsEqual(call.token, f.env.App().ID+"|"+secret) {
		return nil
	}
	if proof == "" && f.env.IsOn("require_appsecret_proof", "") {
		return refuse(100, 0, "API calls from the server require an appsecret_proof argument")
	}
	token := f.state.tokens[call.token]
	if token == nil {
		return &graphFault{code: 190, message: "Invalid OAuth access token - Cannot parse access token"}
	}
	if fault := f.tokenFault(token); fault != nil {
		return fault
	}
	call.person, call.grant, call.page = token.person, token.grant, token.page
	if f.env.IsOn("too_much_data", call.person.key) {
		call.most = 10
	}
	return nil
}

// tokenFault returns why a token is invalid; nil: it is valid.
func (f *Fake) tokenFault(t *issuedToken) *graphFault {
	switch {
	case t.grant == nil || t.person.grant != t.grant:
		return &graphFault{
			code:    190,
			subcode: 458,
			message: "Error validating access token: The user has not authorized application " + f.env.App().ID + ".",
		}
	case f.env.IsOn("checkpoint", t.person.key):
		failure := &graphFault{code: 190, subcode: 459, message: "Error validating access token: You cannot access the app " +
			"till you log in to www.facebook.com and follow the instructions given."}
		failure.title, failure.says = "Confirm your identity", "Log in at www.facebook.com and follow the instructions."
		return failure
	case f.env.IsOn("token_revoked", t.person.key):
		return &graphFault{code: 190, subcode: 460, message: "Error validating access token: The session has been " +
			"invalidated because the user changed their password or Facebook has changed the session for security reasons."}
	case t.expired || !f.env.Clock().Before(t.ends):
		return &graphFault{
			code:    190,
			subcode: 463,
			message: "Error validating access token: Session has expired.",
			title:   "Session expired",
			says:    "Please log in again.",
		}
	case t.page != nil && len(f.tasksOf(t.person, t.page)) == 0:
		return &graphFault{code: 190, subcode: 492, message: "Error validating access token: Session does not match " +
			"current stored session. The user has no role on the Page any more."}
	}
	return nil
}

// graphWeather applies the faults that affect every call.
func (f *Fake) graphWeather(call *graphCall, path string) *graphFault {
	key := call.person.key
	if f.env.IsOn("throttled", key) {
		first, _, _ := strings.Cut(path, "/")
		if call.page != nil {
			return refuse(80001, 0, "There have been too many calls to this Page account. Wait a bit and try again.")
		}
		if first == "me" {
			return refuse(17, 2446079, "User request limit reached")
		}
		failure := refuse(80004, 2446079, "There have been too many calls to this ad-account. Wait a bit and try again.")
		failure.usage = usage(first, 100, 19)
		return failure
	}
	f.state.calls++
	if f.env.IsOn("transient", key) || f.env.IsOn("transient_once", key) && f.state.calls%2 == 1 {
		return refuse(2, 0, "Service temporarily unavailable")
	}
	return nil
}

// tokenCall exchanges a code, or a token for a long-lived one.
func (f *Fake) tokenCall(r *http.Request) sandbox.Response {
	calls := tokenEndpoints()
	i := slices.IndexFunc(calls, func(e sandbox.Endpoint) bool { return e.Method == r.Method })
	if i < 0 {
		return tokenFailure(100, 0, "(#100) Unsupported method")
	}
	query, bad := calls[i].Read(r)
	switch {
	case bad != nil && *bad == sandbox.ParamError{Name: "client_id", Reason: sandbox.ParamMissing}:
		return tokenFailure(101, 0, "Missing client_id parameter.")
	case bad != nil && *bad == sandbox.ParamError{Name: "client_secret", Reason: sandbox.ParamMissing}:
		return tokenFailure(1, 0, "Missing client_secret parameter.")
	case bad != nil:
		return tokenFailure(100, 0, "(#100) "+bad.Error())
	}
	if query.Get("client_id") != f.env.App().ID {
		return tokenFailure(101, 0, "Error validating application. Cannot get application info due to a system error.")
	}
	if !sandbox.SecretsEqual(query.Get("client_secret"), f.env.App().Secret) {
		return tokenFailure(1, 0, "Error validating client secret.")
	}
	switch query.Get("grant_type") {
	case "fb_exchange_token":
		return f.lengthen(query)
	case "", "authorization_code":
	default:
		return tokenFailure(100, 0, "(#100) Unsupported grant_type")
	}
	return f.exchange(query)
}

// tokenFailure is a refusal of the token endpoint.
func tokenFailure(code, subcode int, message string) sandbox.Response {
	return (&graphFault{code: code, subcode: subcode, message: message}).answer()
}

// exchange redeems a code for a token.
func (f *Fake) exchange(query url.Values) sandbox.Response {
	if query.Get("redirect_uri") == "" || query.Get("code") == "" || query.Has("fb_exchange_token") {
		return tokenFailure(100, 0, "(#100) The parameters redirect_uri and code are required")
	}
	c, err := f.env.TakeCode(query.Get("code"), query.Get("redirect_uri"), query.Get("code_verifier"))
	switch {
	case errors.Is(err, sandbox.ErrCodeUsed):
		return tokenFailure(100, 36009, "This authorization code has been used.")
	case errors.Is(err, sandbox.ErrCodeExpired):
		return tokenFailure(100, 36007, "This authorization code has expired.")
	case errors.Is(err, sandbox.ErrCodeRedirect):
		return tokenFailure(100, 36008,
			"Error validating verification code. Please make sure your redirect_uri is identical to "+
				"the one you used in the OAuth dialog request")
	case err != nil:
		return tokenFailure(100, 0, "Invalid verification code format.")
	}
	value, life := f.newToken(f.state.people[c.Person], false)
	return sandbox.JSON(http.StatusOK, map[string]any{"access_token": value, "token_type": "bearer", "expires_in": life})
}

func (f *Fake) lengthen(query url.Values) sandbox.Response {
	if query.Has("code") || query.Has("redirect_uri") || query.Has("code_verifier") ||
		query.Get("fb_exchange_token") == "" {
		return (&graphFault{
			code:    100,
			message: "(#100) fb_exchange_token takes the token, and neither code nor redirect_uri",
		}).answer()
	}
	token := f.state.tokens[query.Get("fb_exchange_token")]
	if token == nil || token.page != nil {
		return (&graphFault{code: 190, message: "Invalid OAuth access token - Cannot parse access token"}).answer()
	}
	if fault := f.tokenFault(token); fault != nil {
		return fault.answer()
	}
	value, life := f.newToken(token.person, true)
	return sandbox.JSON(http.StatusOK, map[string]any{"access_token": value, "token_type": "bearer", "expires_in": life})
}

// debug inspects a token, for the app or for the token's user.
func (f *Fake) debug(call *graphCall, r *http.Request) sandbox.Response {
	if call.method != http.MethodGet {
		return refuse(100, 0, "Unsupported method").answer()
	}
	form, bad := debugEndpoint().Read(r)
	if bad != nil {
		return refuse(100, 0, "%s", bad.Error()).answer()
	}
	input := form.Get("input_token")
	if call.person != nil && input != call.token {
		return refuse(100, 0,
			"You must provide an app access token, or a user access token that is an owner or developer of the app").answer()
	}
	token := f.state.tokens[input]
	if token == nil {
		return sandbox.JSON(http.StatusOK, map[string]any{"data": map[string]any{
			"is_valid": false, "scopes": []string{},
			"error": map[string]any{"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"},
		}})
	}
	kind := "USER"
	data := map[string]any{
		"app_id": f.env.App().ID, "application": sandbox.AppName, "is_valid": true, "user_id": token.person.id,
		"expires_at": token.ends.Unix(), "data_access_expires_at": token.issued.Add(dataLife).Unix(),
	}
	if token.page != nil {
		kind = "PAGE"
		data["profile_id"] = token.page.id
	}
	data["type"] = kind
	if token.long {
		data["issued_at"] = token.issued.Unix()
	}
	data["scopes"], data["granular_scopes"] = token.grant.scopes()
	if fault := f.tokenFault(token); fault != nil {
		data["is_valid"] = false
		data["error"] = map[string]any{"code": fault.code, "subcode": fault.subcode, "message": fault.message}
	}
	return sandbox.JSON(http.StatusOK, map[string]any{"data": data})
}

// scopes lists the granted scopes, and their assets.
func (g *permissionGrant) scopes() (scopes []string, granular []map[string]any) {
	scopes, granular = []string{}, []map[string]any{}
	if g == nil {
		return scopes, granular
	}
	for _, scope := range allScopes() {
		if !g.has(scope) {
			continue
		}
		scopes = append(scopes, scope)
		if scope == "public_profile" || scope == "email" {
			continue
		}
		row := map[string]any{"scope": scope}
		if ticked := g.ticked(scope); ticked != nil {
			ids := []string{}
			for id := range ticked {
				ids = append(ids, strings.TrimPrefix(id, "act_"))
			}
			slices.Sort(ids)
			row["target_ids"] = ids
		}
		granular = append(granular, row)
	}
	return scopes, granular
}

// ticked are the assets for which a permission is granted; nil: all.
func (g *permissionGrant) ticked(scope string) map[string]bool {
	switch scope {
	case "business_management":
		return g.businesses
	case "ads_management", "ads_read":
		return g.accounts
	}
	return g.pages
}

// node is an object of the graph: all its fields by name. A nil field exists
// but is empty: Graph omits it.
type node map[string]any

// wanted is one entry of a fields parameter.
type wanted struct {
	name string
	sub  []wanted
}

// readFields parses "id,name,business{id,name}".
func readFields(text string) ([]wanted, bool) {
	fields, rest, ok := fieldList(text)
	return fields, ok && rest == ""
}

func fieldList(text string) (fields []wanted, rest string, ok bool) {
	for {
		end := strings.IndexAny(text, ",{}")
		if end < 0 {
			end = len(text)
		}
		field := wanted{name: strings.TrimSpace(text[:end])}
		if !regexp.MustCompile(`^[a-z_]+$`).MatchString(field.name) {
			return nil, text, false
		}
		text = text[end:]
		if strings.HasPrefix(text, "{") {
			if field.sub, text, ok = fieldList(text[1:]); !ok || !strings.HasPrefix(text, "}") {
				return nil, text, false
			}
			text = text[1:]
		}
		fields = append(fields, field)
		if !strings.HasPrefix(text, ",") {
			return fields, text, true
		}
		text = text[1:]
	}
}

// pick selects the requested fields. An unknown field is an error.
func (n node) pick(kind string, fields []wanted) (node, *graphFault) {
	picked := node{}
	for _, field := range fields {
		value, exists := n[field.name]
		if !exists {
			return nil, refuse(100, 0, "Tried accessing nonexistent field (%s) on node type (%s)", field.name, kind)
		}
		inner, isNode := value.(node)
		switch {
		case value == nil:
		case field.sub != nil && !isNode:
			return nil, refuse(100, 0, "Subfields were asked of %s, which has none", field.name)
		case isNode && field.sub != nil:
			chosen, fault := inner.pick(field.name, field.sub)
			if fault != nil {
				return nil, fault
			}
			picked[field.name] = chosen
		default:
			picked[field.name] = value
		}
	}
	if id, ok := n["id"]; ok {
		picked["id"] = id // always included
	}
	return picked, nil
}

// graphOne serves a single node.
func (c *graphCall) graphOne(kind string, n node, defaults string) (sandbox.Response, *graphFault) {
	fields, fault := c.fields(defaults)
	if fault != nil {
		return sandbox.Response{}, fault
	}
	picked, fault := n.pick(kind, fields)
	if fault != nil {
		return sandbox.Response{}, fault
	}
	return sandbox.JSON(http.StatusOK, picked), nil
}

func (c *graphCall) fields(defaults string) ([]wanted, *graphFault) {
	text := c.form.Get("fields")
	if text == "" {
		text = defaults
	}
	fields, ok := readFields(text)
	if !ok {
		return nil, refuse(2500, 0, "Syntax error in the fields %q", text)
	}
	return fields, nil
}

// shortPage is the size of a longer list's first page, whatever the limit.
const shortPage = 25

// pageBounds are the bounds of a page.
type pageBounds struct {
	from, to, limit int
	empty           bool // the page after the short one
}

// pageBounds parses limit and cursors, for a list of this length.
func (c *graphCall) pageBounds(length int) (at pageBounds, fault *graphFault) {
	at.limit = 25
	if text := c.form.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return at, refuse(100, 0, "Param limit must be an integer greater than or equal to 1")
		}
		at.limit = min(n, 100)
	}
	if text := c.form.Get("after"); text != "" {
		if at.from, at.empty = readCursor(text); at.from < 0 {
			return at, refuse(100, 0, "The after cursor specified is not valid")
		}
	} else if text := c.form.Get("before"); text != "" {
		if at.from, _ = readCursor(text); at.from < 0 {
			return at, refuse(100, 0, "The before cursor specified is not valid")
		}
		at.from = max(0, at.from-at.limit)
	}
	at.from = min(at.from, length)
	at.to = min(at.from+at.limit, length)
	switch {
	case at.empty:
		at.to = at.from
	case at.from == 0:
		at.to = min(at.to, shortPage)
	}
	return at, nil
}

// paging is the part of a list with the links to other pages.
func (c *graphCall) paging(at pageBounds, length int) map[string]any {
	after := cursor(at.to, at.from == 0 && !at.empty && at.to < length)
	paging := map[string]any{"cursors": map[string]string{"before": cursor(at.from, false), "after": after}}
	if at.to < length {
		paging["next"] = c.address(at.limit, "after", after)
	}
	if at.from > 0 {
		paging["previous"] = c.address(at.limit, "before", cursor(at.from, false))
	}
	return paging
}

// graphList serves an edge, page by page. A longer list's first page is short
// and its second empty: only a missing next ends it.
func (c *graphCall) graphList(kind string, nodes []node, defaults string) (sandbox.Response, *graphFault) {
	fields, fault := c.fields(defaults)
	if fault != nil {
		return sandbox.Response{}, fault
	}
	at, fault := c.pageBounds(len(nodes))
	if fault != nil {
		return sandbox.Response{}, fault
	}
	if c.most > 0 && at.limit > c.most {
		return sandbox.Response{}, &graphFault{
			code: 1, message: "Please reduce the amount of data you're asking for, then retry your request",
		}
	}
	data := []node{}
	for _, n := range nodes[at.from:at.to] {
		picked, fault := n.pick(kind, fields)
		if fault != nil {
			return sandbox.Response{}, fault
		}
		data = append(data, picked)
	}
	body := map[string]any{"data": data}
	if len(nodes) > 0 {
		body["paging"] = c.paging(at, len(nodes))
	}
	if summary := c.form.Get("summary"); summary == "total_count" || summary == "true" || summary == "1" {
		body["summary"] = map[string]int{"total_count": len(nodes)}
	}
	return sandbox.JSON(http.StatusOK, body), nil
}

// address is the URL of a next page in Graph's form: with its own host, the
// called version, and the token.
func (c *graphCall) address(limit int, direction, at string) string {
	query := url.Values{}
	for name, values := range c.form {
		query[name] = values
	}
	query.Del("after")
	query.Del("before")
	query.Set("access_token", c.token)
	query.Set("limit", strconv.Itoa(limit))
	query.Set(direction, at)
	return "https://graph.facebook.com/" + c.version.name() + "/" + strings.Join(c.parts, "/") + "?" + query.Encode()
}

func cursor(at int, emptyFirst bool) string {
	text := strconv.Itoa(at)
	if emptyFirst {
		text = "e" + text
	}
	return "QVFI" + base64.RawURLEncoding.EncodeToString([]byte(text))
}

func readCursor(text string) (at int, empty bool) {
	encoded, ok := strings.CutPrefix(text, "QVFI")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return -1, false
	}
	number, empty := strings.CutPrefix(string(raw), "e")
	at, err = strconv.Atoi(number)
	if err != nil || at < 0 {
		return -1, false
	}
	return at, empty
}

// readList parses a JSON list of strings in a form value.
func readList(text string) ([]string, bool) {
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, false
	}
	return list, len(list) > 0
}

// digest is the lower-case hex HMAC-SHA256: appsecret_proof.
func digest(key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return hex.EncodeToString(mac.Sum(nil))
}
