package metafake

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// edges serves the Graph API: a method for each edge of a node.
type edges struct{ *Fake }

// graphRoute resolves a path: a person, a business, an asset, a campaign, and
// the row of its edge.
func (f *Fake) graphRoute(call *graphCall) *graphFault {
	edge := strings.Join(call.parts[1:], "/")
	id := call.parts[0]
	if id == "me" && call.page != nil {
		id = call.page.id
	}
	node := f.graphNode(call, id)
	if node == "" {
		return noSuch(call.method, id)
	}
	row, ok := findEdge(call.method, node, edge)
	switch {
	case !ok && len(call.parts) > 2:
		return &graphFault{code: 2500, message: "Unknown path components: /" + edge}
	case !ok:
		return unknownEdge(call, node, edge)
	}
	call.row = row
	return nil
}

// graphNode finds a node and returns its kind; empty: it does not exist for the
// caller.
func (f *Fake) graphNode(call *graphCall, id string) string {
	if id == "me" || id == call.person.id {
		return userNode
	}
	if a := f.state.byID[id]; a != nil {
		if !f.reaches(call.person, a) || !call.grant.sees(a) || call.page != nil && call.page != a {
			return ""
		}
		call.asset = a
		if a.extra != "" {
			return a.extra
		}
		return kindOf(a.isAccount())
	}
	if b := f.state.business(id); b != nil {
		if !call.seesBusiness(b) {
			return ""
		}
		call.business = b
		return businessNode
	}
	if one := f.state.campaign(id); one != nil && f.reaches(call.person, one.account) && call.grant.sees(one.account) {
		call.campaign = one
		return campaignNode
	}
	return ""
}

// seesBusiness reports whether the caller has granted the app access to a
// business.
func (c *graphCall) seesBusiness(b *business) bool {
	return b.user(c.person) != nil && (c.grant.businesses == nil || c.grant.businesses[b.id]) && c.page == nil
}

func unknownEdge(call *graphCall, kind, edge string) *graphFault {
	if call.method == http.MethodGet {
		return refuse(100, 0, "Tried accessing nonexisting field (%s) on node type (%s)", edge, kind)
	}
	return &graphFault{code: 100, subcode: 33, message: "Unsupported " + strings.ToLower(call.method) + " request."}
}

func (e edges) graphMe(call *graphCall) (sandbox.Response, *graphFault) {
	p := call.person
	names := strings.Fields(p.name)
	me := node{"id": p.id, "name": p.name, "email": nil, "first_name": names[0], "last_name": names[1]}
	if call.grant.has("email") {
		me["email"] = p.email
	}
	return call.graphOne(userNode, me, "id,name")
}

func (e edges) listPermissions(call *graphCall) (sandbox.Response, *graphFault) {
	var rows []node
	for _, scope := range allScopes() {
		if status := call.grant.status[scope]; status != "" {
			rows = append(rows, node{"permission": scope, "status": status})
		}
	}
	return call.graphList("Permission", rows, "permission,status")
}

func (e edges) listBusinesses(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, b := range e.businessesOf(call) {
		rows = append(rows, b.node())
	}
	return call.graphList(businessNode, rows, "id,name")
}

func (e edges) listOwnBusinessUsers(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, b := range e.businessesOf(call) {
		rows = append(rows, b.user(call.person).node(true))
	}
	return call.graphList("BusinessUser", rows, "id,name,business")
}

func (e edges) listOwnAccounts(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.seesKind(true); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, a := range e.state.assets {
		if a.isAccount() && call.grant.sees(a) && len(e.tasksOf(call.person, a)) > 0 && !e.leftOut(call, a) {
			rows = append(rows, e.assetNode(call, a, nil))
		}
	}
	return call.graphList(accountNode, rows, "account_id,id")
}

// listOwnPages is GET /me/accounts. is_promotable restricts it to Pages for
// which the person may advertise.
func (e edges) listOwnPages(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("pages_show_list"); fault != nil {
		return sandbox.Response{}, fault
	}
	promotable, fault := call.boolean("is_promotable")
	if fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, a := range e.state.assets {
		tasks := e.tasksOf(call.person, a)
		if e.leftOut(call, a) || promotable && !slices.Contains(tasks, "ADVERTISE") {
			continue
		}
		if !a.isAccount() && call.grant.sees(a) && len(tasks) > 0 {
			rows = append(rows, e.assetNode(call, a, nil))
		}
	}
	return call.graphList(pageNode, rows, "access_token,category,name,id,tasks")
}

// leftOut reports whether a person's own list leaves an asset out, as it does
// with many that they reach through a business.
func (e edges) leftOut(call *graphCall, a *asset) bool {
	return a.owner != nil && a.owner.user(call.person) != nil && e.env.IsOn("own_lists_empty", call.person.key) ||
		!a.isAccount() && e.env.IsOn("no_page_tokens", call.person.key)
}

// boolean parses a boolean parameter; a missing one is false.
func (c *graphCall) boolean(name string) (bool, *graphFault) {
	switch c.form.Get(name) {
	case "true", "1":
		return true, nil
	case "false", "0", "":
		return false, nil
	}
	return false, refuse(100, 0, "Param %s must be a boolean", name)
}

func (f *Fake) businessesOf(call *graphCall) []*business {
	var list []*business
	for _, b := range f.state.businesses {
		if b.user(call.person) != nil && (call.grant.businesses == nil || call.grant.businesses[b.id]) {
			list = append(list, b)
		}
	}
	return list
}

// forget revokes one permission, or all of them: then the app is removed.
func (e edges) forget(call *graphCall) (sandbox.Response, *graphFault) {
	permission := call.form.Get("permission")
	if len(call.parts) > 2 {
		permission = call.parts[2]
	}
	switch {
	case permission == "":
		call.person.grant = nil
	case call.grant.has(permission) && permission != "public_profile":
		call.grant.status[permission] = "declined"
	default:
		return sandbox.Response{}, refuse(100, 0, "The permission %s was not granted", permission)
	}
	return done(), nil
}

func (b *business) node() node {
	return node{
		"id": b.id, "name": b.name, "verification_status": b.verified, "two_factor_type": "none",
		"link":         "https://www.facebook.com/" + b.id,
		"primary_page": nil, "timezone_id": 1, "created_time": "2021-04-12T07:30:00+0000",
	}
}

func (u *businessUser) node(withEmail bool) node {
	n := node{
		"id": u.id, "name": u.person.name, "role": u.role, "business": node{"id": u.business.id, "name": u.business.name},
		"email": nil, "title": nil,
	}
	if withEmail {
		n["email"] = u.person.email
	}
	return n
}

// assetNode is an ad account or a Page as this caller sees it; shared is set on
// the edges of an agency's business.
func (f *Fake) assetNode(call *graphCall, a *asset, shared *share) node {
	var owner any
	if a.owner != nil {
		owner = node{"id": a.owner.id, "name": a.owner.name}
	}
	var permitted any
	if shared != nil {
		permitted = shared.tasks
	}
	tasks := f.tasksOf(call.person, a)
	if !a.isAccount() {
		n := node{
			"id": a.id, "name": a.name, "category": a.category, "followers_count": a.fans, "fan_count": a.fans,
			"link":         "https://www.facebook.com/" + a.id,
			"is_published": true, "verification_status": "not_verified", "business": owner, "owner_business": owner,
			"access_token": nil, "tasks": nil,
		}
		if shared != nil {
			n["permitted_tasks"] = permitted
		}
		if len(tasks) > 0 {
			n["tasks"] = tasks
			if f.env.IsOn("profile_plus", call.person.key) {
				n["tasks"] = profilePlus(tasks)
			}
			if asked := call.form.Get("fields"); call.grant.has("pages_show_list") &&
				!f.env.IsOn("no_page_tokens", call.person.key) && (asked == "" || strings.Contains(asked, "access_token")) {
				n["access_token"] = f.pageToken(call, a)
			}
		}
		return n
	}
	n := node{
		"id": a.id, "account_id": strings.TrimPrefix(a.id, "act_"), "name": a.name, "currency": a.currency,
		"timezone_name": "Europe/Stockholm", "timezone_id": 125,
		"account_status": a.status, "disable_reason": 0, "business": owner, "owner_business": owner, "owner": nil,
		"user_tasks": tasks, "funding_source": nil,
		"is_personal": 0, "amount_spent": "0", "created_time": "2023-02-01T08:00:00+0100",
	}
	switch {
	case a.owner != nil:
		n["owner"] = a.owner.id
	case a.personal != nil:
		n["owner"], n["is_personal"] = a.personal.id, 1
	}
	if a.status == 2 {
		n["disable_reason"] = 1
	}
	if shared != nil {
		n["permitted_tasks"] = permitted
	}
	return n
}

// profilePlus maps tasks to those of the new Pages experience. Facebook
// publishes no such mapping: this one is the fake's.
func profilePlus(tasks []string) []string {
	var named []string
	for _, task := range tasks {
		if task == "MANAGE" {
			task = "FULL_CONTROL"
		}
		named = append(named, "PROFILE_PLUS_"+task)
	}
	return named
}

// pageToken is a Page token for this person. It expires with the token of the
// call.
func (f *Fake) pageToken(call *graphCall, a *asset) string {
	from := f.state.tokens[call.token]
	if from.page != nil {
		return call.token
	}
	key := pageTokenKey{call.token, a.id}
	if value, ok := f.state.pageTokens[key]; ok {
		return value
	}
	value := "EAAUP" + sandbox.RandomHex(96)
	f.state.tokens[value] = &issuedToken{
		person: from.person,
		grant:  from.grant,
		page:   a,
		issued: from.issued,
		ends:   from.ends,
		long:   from.long,
	}
	f.state.pageTokens[key] = value
	return value
}

func (e edges) graphBusiness(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	return call.graphOne(businessNode, call.business.node(), "id,name")
}

// mayList requires the permission to list a business's ad accounts or Pages,
// and returns which of the two an edge is about.
func (c *graphCall) mayList() (accounts bool, fault *graphFault) {
	accounts = strings.HasSuffix(c.row.edge, "ad_accounts")
	if fault := c.needs("business_management"); fault != nil {
		return accounts, fault
	}
	return accounts, c.seesKind(accounts)
}

// listOwned lists what a business owns and, with include_shared_ad_accounts,
// what it was given.
func (e edges) listOwned(call *graphCall) (sandbox.Response, *graphFault) {
	accounts, fault := call.mayList()
	if fault != nil {
		return sandbox.Response{}, fault
	}
	shared, fault := call.boolean("include_shared_ad_accounts")
	if fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, a := range e.state.assets {
		owned := a.owner == call.business || shared && e.live(a.agencies[call.business])
		if owned && a.isAccount() == accounts && call.grant.sees(a) && e.reaches(call.person, a) && call.finds(a) {
			rows = append(rows, e.assetNode(call, a, nil))
		}
	}
	return call.graphList(kindOf(accounts), rows, defaultsOf(accounts))
}

// listClient lists what a business was given.
func (e edges) listClient(call *graphCall) (sandbox.Response, *graphFault) {
	accounts, fault := call.mayList()
	if fault != nil {
		return sandbox.Response{}, fault
	}
	isFirst := slices.Index(e.businessesOf(call), call.business) == 0
	if !accounts && isFirst && e.env.IsOn("client_pages_refused", call.person.key) {
		return sandbox.Response{}, refuse(200, 0, "Permissions error")
	}
	var rows []node
	for _, a := range e.state.assets {
		shared := a.agencies[call.business]
		if a.isAccount() == accounts && e.live(shared) && call.grant.sees(a) && e.reaches(call.person, a) && call.finds(a) {
			rows = append(rows, e.assetNode(call, a, shared))
		}
	}
	return call.graphList(kindOf(accounts), rows, defaultsOf(accounts))
}

// finds reports whether an asset's name or id contains search_query.
func (c *graphCall) finds(a *asset) bool {
	text := strings.ToLower(c.form.Get("search_query"))
	return strings.Contains(strings.ToLower(a.name), text) || strings.Contains(a.id, text)
}

// listPending lists a business's unanswered requests.
func (e edges) listPending(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.asAdmin(); fault != nil {
		return sandbox.Response{}, fault
	}
	accounts := strings.HasSuffix(call.row.edge, "ad_accounts")
	name := "page"
	if accounts {
		name = "ad_account"
	}
	var rows []node
	for _, a := range e.state.assets {
		if shared := a.agencies[call.business]; a.isAccount() == accounts && shared != nil && shared.pending && shared.asked {
			rows = append(rows, node{
				"id": "99" + strings.TrimPrefix(a.id, "act_"), "permitted_tasks": shared.tasks,
				name: node{"id": a.id, "name": a.name},
			})
		}
	}
	return call.graphList("BusinessRequest", rows, "id")
}

// asAdmin requires an admin of the business.
func (c *graphCall) asAdmin() *graphFault {
	if fault := c.needs("business_management"); fault != nil {
		return fault
	}
	if !c.business.admin(c.person) {
		return refuse(200, 0, "Requires an admin of the business")
	}
	return nil
}

func (e edges) listBusinessUsers(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, u := range call.business.users {
		rows = append(rows, u.node(call.business.admin(call.person)))
	}
	return call.graphList("BusinessUser", rows, "id,name,business")
}

// listPartners lists the agencies with assets of a business.
func (e edges) listPartners(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.asAdmin(); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, agency := range e.state.businesses {
		if slices.ContainsFunc(e.state.assets,
			func(a *asset) bool { return a.owner == call.business && a.agencies[agency] != nil }) {
			rows = append(rows, agency.node())
		}
	}
	return call.graphList(businessNode, rows, "id,name")
}

// listClients lists the businesses that have shared assets with an agency.
func (e edges) listClients(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, client := range e.state.businesses {
		if slices.ContainsFunc(e.state.assets,
			func(a *asset) bool { return a.owner == client && e.live(a.agencies[call.business]) }) {
			rows = append(rows, client.node())
		}
	}
	return call.graphList(businessNode, rows, "id,name")
}

// seesKind requires the permission for listing ad accounts or Pages.
func (c *graphCall) seesKind(accounts bool) *graphFault {
	if !accounts {
		return c.needs("pages_show_list")
	}
	if c.grant.has("ads_read") {
		return nil
	}
	return c.needs("ads_management")
}

func kindOf(accounts bool) string {
	if accounts {
		return "AdAccount"
	}
	return "Page"
}

func defaultsOf(accounts bool) string {
	if accounts {
		return "account_id,id"
	}
	return "id,name"
}

// done is the response without a result.
func done() sandbox.Response { return sandbox.JSON(http.StatusOK, map[string]bool{"success": true}) }

// dropPartner removes an agency from a client's business, dropClient a client
// from an agency's business.
func (e edges) dropPartner(call *graphCall) (sandbox.Response, *graphFault) {
	return e.drop(call, func(other *business) (owner, agency *business) { return call.business, other })
}

func (e edges) dropClient(call *graphCall) (sandbox.Response, *graphFault) {
	return e.drop(call, func(other *business) (owner, agency *business) { return other, call.business })
}

func (e edges) drop(
	call *graphCall, sides func(other *business) (owner, agency *business),
) (sandbox.Response, *graphFault) {
	if fault := call.asAdmin(); fault != nil {
		return sandbox.Response{}, fault
	}
	other := e.state.business(call.form.Get("business"))
	if other == nil {
		return sandbox.Response{}, refuse(100, 0, "Param business must be a valid business id")
	}
	owner, agency := sides(other)
	for _, a := range slices.Concat(e.state.assets, e.state.extras) {
		if a.owner == owner {
			a.unshare(agency)
		}
	}
	return done(), nil
}

// namedAsset is the ad account or the Page in a call on a business.
func (e edges) namedAsset(call *graphCall) (*asset, *graphFault) {
	name := "page_id"
	accounts := strings.HasSuffix(call.row.edge, "ad_accounts")
	if accounts {
		name = "adaccount_id"
	}
	a := e.state.byID[call.form.Get(name)]
	if a == nil || a.extra != "" || a.isAccount() != accounts {
		return nil, refuse(100, 0, "The parameter %s has to be the id of one", name)
	}
	return a, nil
}

// askForAsset is an agency's request for an asset. A Page requires a permission
// of its own:
// https://developers.facebook.com/docs/marketing-api/business-manager/asset-management/pages
func (e edges) askForAsset(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.asAdmin(); fault != nil {
		return sandbox.Response{}, fault
	}
	a, fault := e.namedAsset(call)
	if fault != nil {
		return sandbox.Response{}, fault
	}
	if fault := e.sharingWeather(call, a.isAccount()); fault != nil {
		return sandbox.Response{}, fault
	}
	if !a.isAccount() {
		if fault := call.needs("pages_manage_metadata", "pages_show_list"); fault != nil {
			return sandbox.Response{}, fault
		}
	}
	tasks, fault := call.tasks(a, "permitted_tasks")
	if fault != nil {
		return sandbox.Response{}, fault
	}
	if a.owner == nil {
		return sandbox.Response{}, refuse(200, 0, "Only what a business owns can be asked for")
	}
	if fault := alreadyShared(a, call.business); fault != nil {
		return sandbox.Response{}, fault
	}
	a.agencies[call.business] = &share{
		by:      call.person,
		tasks:   tasks,
		pending: true,
		asked:   true,
		since:   e.env.Now(),
		visible: e.env.Now(),
	}
	return sandbox.JSON(http.StatusOK, map[string]string{"access_status": "PENDING"}), nil
}

// letGo gives up an asset that an agency's business was given. The fake refuses
// it for the business's own assets, which is stricter than documented.
func (e edges) letGo(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.asAdmin(); fault != nil {
		return sandbox.Response{}, fault
	}
	a, fault := e.namedAsset(call)
	if fault != nil {
		return sandbox.Response{}, fault
	}
	switch {
	case e.env.IsOn("limited", call.person.key):
		return sandbox.Response{}, refuse(3, 0, "Application does not have the capability to make this API call.")
	case e.env.IsOn("app_not_approved", call.person.key):
		return sandbox.Response{}, refuse(10, 0, "Application does not have permission for this action")
	case a.owner == call.business:
		return sandbox.Response{}, refuse(100, 0, "The business owns this asset")
	case a.agencies[call.business] == nil:
		return sandbox.Response{}, noSuch(call.method, a.id)
	}
	a.unshare(call.business)
	return done(), nil
}

// sharingWeather applies the faults to a call that shares.
func (e edges) sharingWeather(call *graphCall, account bool) *graphFault {
	key := call.person.key
	switch {
	case e.env.IsOn("blocked", key):
		failure := refuse(368, 0, "The action attempted has been deemed abusive or is otherwise disallowed")
		failure.title, failure.says = "You are temporarily blocked", "You used this feature too often in a short time. Try "+
			"again later."
		return failure
	case e.env.IsOn("limited", key) && account:
		return refuse(3, 0, "Application does not have the capability to make this API call.")
	case e.env.IsOn("limited", key):
		return refuse(200, 2655040, "Permissions error")
	case e.env.IsOn("app_not_approved", key):
		return refuse(10, 0, "Application does not have permission for this action")
	case e.env.IsOn("two_factor_required", key):
		failure := refuse(415, 0, "Two factor authentication required.")
		failure.title, failure.says = "Two-factor authentication required", "Your business wants you to switch on "+
			"two-factor authentication."
		return failure
	}
	return nil
}

func (c *graphCall) tasks(a *asset, param string) ([]string, *graphFault) {
	list, ok := readList(c.form.Get(param))
	if !ok {
		return nil, refuse(100, 0, "The parameter %s is required and has to be a JSON list", param)
	}
	known := pageTasks()
	if a.extra != "" {
		known = extraTasks(a.extra)
	}
	if a.isAccount() {
		known = accountTasks()
	}
	for _, task := range list {
		if !slices.Contains(known, task) {
			return nil, refuse(100, 0, "Param %s must be one of {%s}", param, strings.Join(known, ", "))
		}
	}
	return list, nil
}

func alreadyShared(a *asset, b *business) *graphFault {
	shared := a.agencies[b]
	switch {
	case a.owner == b:
		return refuse(3946, 0, "The business already owns this asset")
	case shared != nil && shared.pending:
		return refuse(3936, 0, "The business has already asked for this asset")
	case shared != nil && a.isAccount():
		return refuse(3944, 0, "The business already has access to this ad account")
	case shared != nil:
		return refuse(3989, 0, "The business already has access to this Page")
	}
	return nil
}

// unshare removes an asset from an agency, with all assignments there.
func (a *asset) unshare(agency *business) {
	delete(a.agencies, agency)
	for u := range a.assigned {
		if u.business == agency {
			delete(a.assigned, u)
		}
	}
}

func (e edges) graphAsset(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	if a.isAccount() {
		if call.page != nil {
			return sandbox.Response{}, noSuch(call.method, a.id)
		}
		if fault := call.seesKind(true); fault != nil {
			return sandbox.Response{}, fault
		}
	} else if fault := call.needs("pages_read_engagement"); fault != nil {
		return sandbox.Response{}, fault
	}
	return call.graphOne(kindOf(a.isAccount()), e.assetNode(call, a, nil), defaultsOf(a.isAccount()))
}

func (e edges) listCampaigns(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.seesKind(true); fault != nil {
		return sandbox.Response{}, fault
	}
	if !slices.Contains(e.tasksOf(call.person, call.asset), "ANALYZE") {
		return sandbox.Response{}, refuse(200, 0, "Ad account owner has NOT granted ads_management or ads_read permission")
	}
	var only []string
	if call.form.Has("effective_status") {
		var ok bool
		if only, ok = readList(call.form.Get("effective_status")); !ok {
			return sandbox.Response{}, refuse(100, 0, "Param effective_status must be a list of statuses")
		}
	}
	var rows []node
	for _, one := range e.state.campaigns {
		if one.account == call.asset && (only == nil && one.status != "DELETED" || slices.Contains(only, one.status)) {
			rows = append(rows, one.node())
		}
	}
	return call.graphList(campaignNode, rows, "id")
}

// listPromoted lists Pages that are promoted with an ad account: those of its
// own business. With "promote_pages_empty" a shared Page is missing although
// ads run in its name.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/ad-account/promote_pages
func (e edges) listPromoted(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("ads_management", "pages_show_list", "pages_manage_ads"); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, p := range e.state.assets {
		if p.isAccount() || p.owner != call.asset.owner || !call.grant.sees(p) ||
			!slices.Contains(e.tasksOf(call.person, p), "ADVERTISE") {
			continue
		}
		own := p.owner != nil && p.owner.user(call.person) != nil
		if own || !e.env.IsOn("promote_pages_empty", call.person.key) {
			rows = append(rows, e.assetNode(call, p, nil))
		}
	}
	return call.graphList(pageNode, rows, "id,name")
}

func pageTokenNeeded() *graphFault {
	return &graphFault{
		code: 190, subcode: 2069032,
		message: "User Access Token Is Not Supported: A Page access token is required for this call.",
	}
}

// mayShare requires the right token, full control of the asset, and an admin of
// the owning business. For a Page that a business owns, business_management is
// enough.
// https://developers.facebook.com/docs/graph-api/reference/page/agencies/
func (e edges) mayShare(call *graphCall, a *asset) *graphFault {
	if a.isAccount() {
		if fault := call.needs("ads_management", "business_management"); fault != nil {
			return fault
		}
		if a.owner == nil {
			return refuse(200, 0, "The ad account is not in a business")
		}
		if !slices.Contains(e.tasksOf(call.person, a), "MANAGE") {
			return refuse(273, 0, "The user is not an admin of the ad account")
		}
	} else {
		if call.page == nil {
			return pageTokenNeeded()
		}
		if a.owner == nil {
			return refuse(200, 0, "The Page is not in a business")
		}
		if fault := call.needs("business_management"); fault != nil {
			return fault
		}
		tasks := e.tasksOf(call.person, a)
		if !slices.Contains(tasks, "MANAGE") && !slices.Contains(tasks, "PROFILE_PLUS_FULL_CONTROL") {
			return refuse(200, 0, "The user has no full control of the Page")
		}
	}
	if !a.owner.admin(call.person) {
		return refuse(200, 0, "Only an admin of the business that owns it can share it")
	}
	return nil
}

func (e edges) shareAsset(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	if fault := e.sharingWeather(call, a.isAccount()); fault != nil {
		return sandbox.Response{}, fault
	}
	if fault := e.mayShare(call, a); fault != nil {
		return sandbox.Response{}, fault
	}
	agency := e.state.business(call.form.Get("business"))
	if agency == nil {
		return sandbox.Response{}, refuse(100, 0, "Param business must be a valid business id")
	}
	tasks, fault := call.tasks(a, "permitted_tasks")
	if fault != nil {
		return sandbox.Response{}, fault
	}
	if fault := alreadyShared(a, agency); fault != nil {
		return sandbox.Response{}, fault
	}
	shared := &share{by: call.person, tasks: tasks, since: e.env.Now(), visible: e.env.Now()}
	body := map[string]any{"success": true}
	switch {
	case e.env.IsOn("requires_admin_approval", call.person.key):
		shared.pending = true
		body["requires_admin_approval"] = true
	case !a.isAccount() && (a.newAdmins[call.person] || e.env.IsOn("page_pending", call.person.key)):
		shared.pending = true
		body["access_status"] = "PENDING"
	}
	if e.env.IsOn("delayed", call.person.key) {
		shared.visible = e.env.Now().Add(e.env.ShareDelay())
	}
	a.agencies[agency] = shared
	return sandbox.JSON(http.StatusOK, body), nil
}

func (e edges) unshareAsset(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	if !a.isAccount() && e.env.IsOn("page_unshare_refused", call.person.key) {
		return sandbox.Response{}, unknownEdge(call, pageNode, call.row.edge)
	}
	agency := e.state.business(call.form.Get("business"))
	if agency == nil || a.agencies[agency] == nil {
		return sandbox.Response{}, refuse(100, 0, "Param business must be an agency of this asset")
	}
	// The owner can unshare it, and so can the agency.
	if fault := e.mayShare(call, a); fault != nil && !agency.admin(call.person) {
		return sandbox.Response{}, fault
	}
	a.unshare(agency)
	return done(), nil
}

func (e edges) listAgencies(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	if !a.isAccount() && call.page == nil {
		return sandbox.Response{}, pageTokenNeeded()
	}
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, b := range e.state.businesses {
		shared := a.agencies[b]
		if shared == nil {
			continue
		}
		status := "CONFIRMED"
		if shared.pending {
			status = "PENDING"
		}
		row := b.node()
		since := shared.since.UTC().Format("2006-01-02T15:04:05-0700")
		row["access_status"], row["permitted_tasks"] = status, shared.tasks
		row["access_requested_time"], row["access_updated_time"] = since, since
		rows = append(rows, row)
	}
	return call.graphList(businessNode, rows, "id,name,access_status,permitted_tasks")
}

// listAssigned lists a business's users with access to an asset. For a Page it
// requires a Page token with full control, and a permission of its own.
// https://developers.facebook.com/docs/graph-api/reference/page/assigned_users
func (e edges) listAssigned(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	if !a.isAccount() {
		if call.page == nil {
			return sandbox.Response{}, pageTokenNeeded()
		}
		if fault := call.needs("pages_manage_metadata"); fault != nil {
			return sandbox.Response{}, fault
		}
		if !slices.Contains(e.tasksOf(call.person, a), "MANAGE") {
			return sandbox.Response{}, refuse(200, 0, "The user has no full control of the Page")
		}
	}
	b := e.state.business(call.form.Get("business"))
	if b == nil {
		return sandbox.Response{}, refuse(100, 0, "Param business must be a valid business id")
	}
	if b.user(call.person) == nil {
		return sandbox.Response{}, noSuch(call.method, b.id)
	}
	var rows []node
	for _, u := range b.users {
		if tasks := a.assigned[u]; len(tasks) > 0 && (b == a.owner || e.live(a.agencies[b])) {
			row := u.node(false)
			row["tasks"] = tasks
			rows = append(rows, row)
		}
	}
	return call.graphList("AssignedUser", rows, "id,name,tasks")
}

// assignee finds the business user of an assignment, and checks whether the
// caller may change it.
func (e edges) assignee(call *graphCall, a *asset) (*businessUser, *graphFault) {
	if fault := call.needs("business_management"); fault != nil {
		return nil, fault
	}
	for _, b := range e.state.businesses {
		for _, u := range b.users {
			if u.id != call.form.Get("user") {
				continue
			}
			if b != a.owner && !e.live(a.agencies[b]) {
				return nil, refuse(100, 0, "The user's business has no access to this asset")
			}
			if !b.admin(call.person) {
				return nil, refuse(200, 0, "Requires an admin of the business")
			}
			return u, nil
		}
	}
	return nil, refuse(100, 0, "Param user must be the id of a business user")
}

func (e edges) assign(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	u, fault := e.assignee(call, a)
	if fault != nil {
		return sandbox.Response{}, fault
	}
	tasks, fault := call.tasks(a, "tasks")
	if fault != nil {
		return sandbox.Response{}, fault
	}
	for _, task := range tasks {
		if u.business != a.owner && (e.env.IsOn("assign_refused", call.person.key) ||
			!slices.Contains(a.agencies[u.business].tasks, task)) {
			return sandbox.Response{}, refuse(2620, 0,
				"Invalid call to update account permissions: %s was not given to the business", task)
		}
	}
	a.assigned[u] = tasks
	return done(), nil
}

func (e edges) unassign(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	u, fault := e.assignee(call, a)
	if fault != nil {
		return sandbox.Response{}, fault
	}
	if a.assigned[u] == nil {
		return sandbox.Response{}, refuse(457, 0, "The user is not assigned to this asset")
	}
	delete(a.assigned, u)
	return done(), nil
}

func (one *campaign) node() node {
	return node{
		"id": one.id, "name": one.name, "objective": one.objective, "status": one.status, "effective_status": one.status,
		"account_id":   strings.TrimPrefix(one.account.id, "act_"),
		"created_time": one.created.UTC().Format("2006-01-02T15:04:05-0700"), "special_ad_categories": []string{},
	}
}

// newCampaign creates a campaign, paused. The caller must be assigned to the
// account: sharing it with their business is not enough.
func (e edges) newCampaign(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	if fault := call.needs("ads_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	if !slices.Contains(e.tasksOf(call.person, a), "ADVERTISE") {
		return sandbox.Response{}, refuse(200, 0, "Ad account owner has NOT granted ads_management or ads_read permission")
	}
	if a.status != 1 && a.status != 9 {
		failure := refuse(100, 0, "The ad account is not active")
		failure.title, failure.says = "Ad account disabled", "This ad account cannot create ads. Look at account quality."
		return sandbox.Response{}, failure
	}
	if strings.TrimSpace(call.form.Get("name")) == "" {
		return sandbox.Response{}, refuse(100, 0, "The parameter name is required")
	}
	objectives := []string{
		"OUTCOME_AWARENESS", "OUTCOME_TRAFFIC", "OUTCOME_ENGAGEMENT", "OUTCOME_LEADS", "OUTCOME_APP_PROMOTION",
		"OUTCOME_SALES",
	}
	if !slices.Contains(objectives, call.form.Get("objective")) {
		return sandbox.Response{}, refuse(100, 0, "Param objective must be one of {%s}", strings.Join(objectives, ", "))
	}
	if call.form.Get("status") != "PAUSED" {
		return sandbox.Response{}, refuse(100, 0, "Param status must be PAUSED: nothing runs in the sandbox")
	}
	categories := []string{
		"NONE", "EMPLOYMENT", "HOUSING", "CREDIT", "ISSUES_ELECTIONS_POLITICS", "ONLINE_GAMBLING_AND_GAMING",
		"FINANCIAL_PRODUCTS_SERVICES",
	}
	given, ok := readList(call.form.Get("special_ad_categories"))
	if !ok && strings.TrimSpace(call.form.Get("special_ad_categories")) != "[]" ||
		slices.ContainsFunc(given, func(one string) bool { return !slices.Contains(categories, one) }) {
		return sandbox.Response{}, refuse(100, 0, "The parameter special_ad_categories is required and has to be a JSON list")
	}
	if sharing := call.form.Get("is_adset_budget_sharing_enabled"); !call.form.Has("daily_budget") &&
		!call.form.Has("lifetime_budget") {
		if sharing != "true" && sharing != "false" {
			failure := refuse(100, 4834011, "Invalid parameter")
			failure.title, failure.says = "Must specify True or False in is_adset_budget_sharing_enabled "+
				"field", "You must specify True or False in is_adset_budget_sharing_enabled if you are not using campaign budget."
			return sandbox.Response{}, failure
		}
	}
	one := &campaign{
		id: "1202146088" + strconv.Itoa(31070000+len(e.state.campaigns)*10), account: a, by: call.person,
		name:      call.form.Get("name"),
		objective: call.form.Get("objective"), status: "PAUSED", created: e.env.Now(),
	}
	e.state.campaigns = append(e.state.campaigns, one)
	return sandbox.JSON(http.StatusOK, map[string]string{"id": one.id}), nil
}

func (e edges) graphCampaign(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("ads_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	return call.graphOne(campaignNode, call.campaign.node(), "id")
}

// deleteCampaign deletes a campaign. Its id is not reused.
func (e edges) deleteCampaign(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("ads_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	if !slices.Contains(e.tasksOf(call.person, call.campaign.account), "ADVERTISE") {
		return sandbox.Response{}, refuse(200, 0, "Permissions error")
	}
	call.campaign.status = "DELETED"
	return done(), nil
}
