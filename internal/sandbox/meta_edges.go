package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// graphRoute finds what a path means: who, a business, an asset, a campaign,
// and the edge of it.
func (w *World) graphRoute(c *graphCall, parts []string) (answer, *graphFault) {
	edge := strings.Join(parts[1:], "/")
	id := parts[0]
	if id == "me" && c.page != nil {
		id = c.page.id
	}
	if id == "me" || id == c.person.id {
		return w.graphMe(c, append([]string{"me"}, parts[1:]...), edge)
	}
	if len(parts) > 2 {
		return answer{}, &graphFault{code: 2500, message: "Unknown path components: /" + edge}
	}
	if a := w.meta.byID[id]; a != nil {
		if !w.reaches(c.person, a) || !c.grant.sees(a) || c.page != nil && c.page != a {
			return answer{}, noSuch(c.method, id)
		}
		return w.graphAsset(c, a, parts, edge)
	}
	if b := w.meta.business(id); b != nil {
		if b.user(c.person) == nil || c.grant.businesses != nil && !c.grant.businesses[id] || c.page != nil {
			return answer{}, noSuch(c.method, id)
		}
		return w.graphBusiness(c, b, parts, edge)
	}
	for _, one := range w.meta.campaigns {
		if one.id == id && edge == "" && w.reaches(c.person, one.account) && c.grant.sees(one.account) {
			return w.graphCampaign(c, one)
		}
	}
	return answer{}, noSuch(c.method, id)
}

func unknownEdge(c *graphCall, kind, edge string) *graphFault {
	if c.method == http.MethodGet {
		return refuse(100, 0, "Tried accessing nonexisting field (%s) on node type (%s)", edge, kind)
	}
	return &graphFault{code: 100, subcode: 33, message: "Unsupported " + strings.ToLower(c.method) + " request."}
}

func (w *World) graphMe(c *graphCall, parts []string, edge string) (answer, *graphFault) {
	first, permission, _ := strings.Cut(edge, "/")
	if c.method == http.MethodDelete && first == "permissions" {
		return w.metaForget(c, permission)
	}
	if c.method != http.MethodGet {
		return answer{}, unknownEdge(c, "User", edge)
	}
	p := c.person
	switch edge {
	case "":
		me := node{"id": p.id, "name": p.name, "email": nil, "first_name": strings.Fields(p.name)[0], "last_name": strings.Fields(p.name)[1]}
		if c.grant.has("email") {
			me["email"] = p.email
		}
		return c.graphOne("User", me, "id,name")
	case "permissions":
		var rows []node
		for _, scope := range metaScopes() {
			if status := c.grant.status[scope]; status != "" {
				rows = append(rows, node{"permission": scope, "status": status})
			}
		}
		return c.graphList(parts, "Permission", rows, "permission,status")
	case "businesses":
		if fault := c.needs("business_management"); fault != nil {
			return answer{}, fault
		}
		var rows []node
		for _, b := range w.businessesOf(c) {
			rows = append(rows, b.node())
		}
		return c.graphList(parts, "Business", rows, "id,name")
	case "business_users":
		if fault := c.needs("business_management"); fault != nil {
			return answer{}, fault
		}
		var rows []node
		for _, b := range w.businessesOf(c) {
			rows = append(rows, b.user(p).node(true))
		}
		return c.graphList(parts, "BusinessUser", rows, "id,name,business")
	case "adaccounts":
		if !c.grant.has("ads_read") {
			if fault := c.needs("ads_management"); fault != nil {
				return answer{}, fault
			}
		}
		var rows []node
		for _, a := range w.meta.assets {
			if a.isAccount() && c.grant.sees(a) && len(w.tasksOf(p, a)) > 0 {
				rows = append(rows, w.assetNode(c, a, nil))
			}
		}
		return c.graphList(parts, "AdAccount", rows, "account_id,id")
	case "accounts":
		if fault := c.needs("pages_show_list"); fault != nil {
			return answer{}, fault
		}
		var rows []node
		for _, a := range w.meta.assets {
			if !a.isAccount() && c.grant.sees(a) && len(w.tasksOf(p, a)) > 0 {
				rows = append(rows, w.assetNode(c, a, nil))
			}
		}
		return c.graphList(parts, "Page", rows, "access_token,category,name,id,tasks")
	}
	return answer{}, unknownEdge(c, "User", edge)
}

func (w *World) businessesOf(c *graphCall) []*business {
	var list []*business
	for _, b := range w.meta.businesses {
		if b.user(c.person) != nil && (c.grant.businesses == nil || c.grant.businesses[b.id]) {
			list = append(list, b)
		}
	}
	return list
}

// metaForget takes back one permission, or all of them: then the app is out.
func (w *World) metaForget(c *graphCall, permission string) (answer, *graphFault) {
	if fault := c.takes("permission"); fault != nil {
		return answer{}, fault
	}
	if permission == "" {
		permission = c.form.Get("permission")
	}
	switch {
	case permission == "":
		c.person.grant = nil
	case c.grant.has(permission) && permission != "public_profile":
		c.grant.status[permission] = "declined"
	default:
		return answer{}, refuse(100, 0, "The permission %s was not granted", permission)
	}
	return jsonAnswer(http.StatusOK, map[string]bool{"success": true}), nil
}

func (b *business) node() node {
	return node{
		"id": b.id, "name": b.name, "verification_status": b.verified, "two_factor_type": "none", "link": "https://www.facebook.com/" + b.id,
		"primary_page": nil, "timezone_id": 1, "created_time": "2021-04-12T07:30:00+0000",
	}
}

func (u *businessUser) node(withEmail bool) node {
	n := node{"id": u.id, "name": u.person.name, "role": u.role, "business": node{"id": u.business.id, "name": u.business.name}, "email": nil, "title": nil}
	if withEmail {
		n["email"] = u.person.email
	}
	return n
}

// assetNode is an ad account or a Page as this caller sees it; shared is set on
// the edges of an agency's business.
func (w *World) assetNode(c *graphCall, a *asset, shared *share) node {
	var owner any
	if a.owner != nil {
		owner = node{"id": a.owner.id, "name": a.owner.name}
	}
	var permitted any
	if shared != nil {
		permitted = shared.tasks
	}
	tasks := w.tasksOf(c.person, a)
	if !a.isAccount() {
		n := node{
			"id": a.id, "name": a.name, "category": a.category, "followers_count": a.fans, "fan_count": a.fans, "link": "https://www.facebook.com/" + a.id,
			"is_published": true, "verification_status": "not_verified", "business": owner, "owner_business": owner, "access_token": nil, "tasks": nil,
		}
		if shared != nil {
			n["permitted_tasks"] = permitted
		}
		if len(tasks) > 0 {
			n["tasks"] = tasks
			if asked := c.form.Get("fields"); c.grant.has("pages_show_list") && (asked == "" || strings.Contains(asked, "access_token")) {
				n["access_token"] = w.pageToken(c, a)
			}
		}
		return n
	}
	n := node{
		"id": a.id, "account_id": strings.TrimPrefix(a.id, "act_"), "name": a.name, "currency": a.currency, "timezone_name": "Europe/Stockholm", "timezone_id": 125,
		"account_status": a.status, "disable_reason": 0, "business": owner, "owner_business": owner, "owner": nil, "user_tasks": tasks, "funding_source": nil,
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

// pageToken is a Page's own token for this person. It lives as long as the
// token it was asked with.
func (w *World) pageToken(c *graphCall, a *asset) string {
	from := w.meta.tokens[c.token]
	if from.page != nil {
		return c.token
	}
	key := pageTokenKey{c.token, a.id}
	if value, ok := w.meta.pageTokens[key]; ok {
		return value
	}
	value := "EAAUP" + random(96)
	w.meta.tokens[value] = &metaToken{person: from.person, grant: from.grant, page: a, issued: from.issued, ends: from.ends, long: from.long}
	w.meta.pageTokens[key] = value
	return value
}

func (w *World) graphBusiness(c *graphCall, b *business, parts []string, edge string) (answer, *graphFault) {
	if fault := c.needs("business_management"); fault != nil {
		return answer{}, fault
	}
	admin := b.admin(c.person)
	if c.method != http.MethodGet {
		return w.changeBusiness(c, b, edge, admin)
	}
	accounts := strings.HasSuffix(edge, "ad_accounts")
	switch edge {
	case "":
		return c.graphOne("Business", b.node(), "id,name")
	case "owned_ad_accounts", "owned_pages":
		if fault := c.seesKind(accounts); fault != nil {
			return answer{}, fault
		}
		var rows []node
		for _, a := range w.meta.assets {
			if a.owner == b && a.isAccount() == accounts && c.grant.sees(a) && w.reaches(c.person, a) {
				rows = append(rows, w.assetNode(c, a, nil))
			}
		}
		return c.graphList(parts, kindOf(accounts), rows, defaultsOf(accounts))
	case "client_ad_accounts", "client_pages":
		if fault := c.seesKind(accounts); fault != nil {
			return answer{}, fault
		}
		var rows []node
		for _, a := range w.meta.assets {
			if shared := a.agencies[b]; a.isAccount() == accounts && w.live(shared) && c.grant.sees(a) && w.reaches(c.person, a) {
				rows = append(rows, w.assetNode(c, a, shared))
			}
		}
		return c.graphList(parts, kindOf(accounts), rows, defaultsOf(accounts))
	case "pending_client_ad_accounts", "pending_client_pages":
		if !admin {
			return answer{}, refuse(200, 0, "Requires an admin of the business")
		}
		var rows []node
		for _, a := range w.meta.assets {
			if shared := a.agencies[b]; a.isAccount() == accounts && shared != nil && shared.pending && shared.asked {
				row := node{"id": "99" + strings.TrimPrefix(a.id, "act_"), "permitted_tasks": shared.tasks}
				row[map[bool]string{true: "ad_account", false: "page"}[accounts]] = node{"id": a.id, "name": a.name}
				rows = append(rows, row)
			}
		}
		return c.graphList(parts, "BusinessRequest", rows, "id")
	case "business_users":
		var rows []node
		for _, u := range b.users {
			rows = append(rows, u.node(admin))
		}
		return c.graphList(parts, "BusinessUser", rows, "id,name,business")
	case "agencies":
		if !admin {
			return answer{}, refuse(200, 0, "Requires an admin of the business")
		}
		var rows []node
		for _, agency := range w.meta.businesses {
			if slices.ContainsFunc(w.meta.assets, func(a *asset) bool { return a.owner == b && a.agencies[agency] != nil }) {
				rows = append(rows, agency.node())
			}
		}
		return c.graphList(parts, "Business", rows, "id,name")
	case "clients":
		var rows []node
		for _, client := range w.meta.businesses {
			if slices.ContainsFunc(w.meta.assets, func(a *asset) bool { return a.owner == client && w.live(a.agencies[b]) }) {
				rows = append(rows, client.node())
			}
		}
		return c.graphList(parts, "Business", rows, "id,name")
	}
	return answer{}, unknownEdge(c, "Business", edge)
}

// seesKind wants the permission that listing ad accounts or Pages takes.
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

// changeBusiness is the agency asking for an asset, or the client dropping an
// agency altogether.
func (w *World) changeBusiness(c *graphCall, b *business, edge string, admin bool) (answer, *graphFault) {
	if !admin {
		return answer{}, refuse(200, 0, "Requires an admin of the business")
	}
	done := jsonAnswer(http.StatusOK, map[string]bool{"success": true})
	switch c.method + " " + edge {
	case "DELETE agencies":
		if fault := c.takes("business"); fault != nil {
			return answer{}, fault
		}
		agency := w.meta.business(c.form.Get("business"))
		if agency == nil {
			return answer{}, refuse(100, 0, "The parameter business is required")
		}
		for _, a := range w.meta.assets {
			if a.owner == b {
				a.unshare(agency)
			}
		}
		return done, nil
	case "POST client_ad_accounts", "POST client_pages":
		if fault := w.sharingWeather(c, edge == "client_ad_accounts"); fault != nil {
			return answer{}, fault
		}
		param := map[string]string{"client_ad_accounts": "adaccount_id", "client_pages": "page_id"}[edge]
		if fault := c.takes(param, "permitted_tasks"); fault != nil {
			return answer{}, fault
		}
		a := w.meta.byID[c.form.Get(param)]
		if a == nil || a.isAccount() != (edge == "client_ad_accounts") {
			return answer{}, refuse(100, 0, "The parameter %s is required, and has to be the id of one", param)
		}
		tasks, fault := c.tasks(a, "permitted_tasks")
		if fault != nil {
			return answer{}, fault
		}
		if a.owner == nil {
			return answer{}, refuse(200, 0, "Only what a business owns can be asked for")
		}
		if fault := alreadyShared(a, b); fault != nil {
			return answer{}, fault
		}
		a.agencies[b] = &share{by: c.person, tasks: tasks, pending: true, asked: true, since: w.now(), visible: w.now()}
		return jsonAnswer(http.StatusOK, map[string]string{"access_status": "PENDING"}), nil
	}
	return answer{}, unknownEdge(c, "Business", edge)
}

// sharingWeather is what the switches do to a call that shares.
func (w *World) sharingWeather(c *graphCall, account bool) *graphFault {
	key := c.person.key
	switch {
	case w.isOn(platformMeta, "blocked", key):
		f := refuse(368, 0, "The action attempted has been deemed abusive or is otherwise disallowed")
		f.title, f.says = "You are temporarily blocked", "You used this feature too often in a short time. Try again later."
		return f
	case w.isOn(platformMeta, "limited", key) && account:
		return refuse(3, 0, "Application does not have the capability to make this API call.")
	case w.isOn(platformMeta, "limited", key):
		return refuse(200, 2655040, "Permissions error")
	case w.isOn(platformMeta, "app_not_approved", key):
		return refuse(10, 0, "Application does not have permission for this action")
	case w.isOn(platformMeta, "two_factor_required", key):
		f := refuse(415, 0, "Two factor authentication required.")
		f.title, f.says = "Two-factor authentication required", "Your business wants you to switch on two-factor authentication."
		return f
	}
	return nil
}

func (c *graphCall) tasks(a *asset, param string) ([]string, *graphFault) {
	list, ok := readList(c.form.Get(param))
	if !ok {
		return nil, refuse(100, 0, "The parameter %s is required and has to be a JSON list", param)
	}
	known := pageTasks()
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

// unshare takes an asset from an agency, and from everybody it was given to there.
func (a *asset) unshare(agency *business) {
	delete(a.agencies, agency)
	for u := range a.assigned {
		if u.business == agency {
			delete(a.assigned, u)
		}
	}
}

func (w *World) graphAsset(c *graphCall, a *asset, parts []string, edge string) (answer, *graphFault) {
	if a.isAccount() && c.page != nil {
		return answer{}, noSuch(c.method, a.id)
	}
	kind := kindOf(a.isAccount())
	read := "ads_management"
	if !a.isAccount() {
		read = "pages_read_engagement"
	}
	switch c.method + " " + edge {
	case "GET ":
		if !a.isAccount() || !c.grant.has("ads_read") {
			if fault := c.needs(read); fault != nil {
				return answer{}, fault
			}
		}
		return c.graphOne(kind, w.assetNode(c, a, nil), defaultsOf(a.isAccount()))
	case "GET agencies":
		return w.listAgencies(c, a, parts)
	case "POST agencies":
		return w.shareAsset(c, a)
	case "DELETE agencies":
		return w.unshareAsset(c, a)
	case "GET assigned_users":
		return w.listAssigned(c, a, parts)
	case "POST assigned_users":
		return w.assign(c, a)
	case "DELETE assigned_users":
		return w.unassign(c, a)
	}
	if a.isAccount() {
		switch c.method + " " + edge {
		case "GET campaigns":
			if !c.grant.has("ads_read") {
				if fault := c.needs("ads_management"); fault != nil {
					return answer{}, fault
				}
			}
			if !slices.Contains(w.tasksOf(c.person, a), "ANALYZE") {
				return answer{}, refuse(200, 0, "Ad account owner has NOT granted ads_management or ads_read permission")
			}
			var rows []node
			for _, one := range w.meta.campaigns {
				if one.account == a {
					rows = append(rows, one.node())
				}
			}
			return c.graphList(parts, "Campaign", rows, "id")
		case "POST campaigns":
			return w.newCampaign(c, a)
		case "GET promote_pages":
			if fault := c.needs("ads_management", "pages_show_list"); fault != nil {
				return answer{}, fault
			}
			var rows []node
			for _, p := range w.meta.assets {
				if !p.isAccount() && c.grant.sees(p) && slices.Contains(w.tasksOf(c.person, p), "ADVERTISE") {
					rows = append(rows, w.assetNode(c, p, nil))
				}
			}
			return c.graphList(parts, "Page", rows, "id,name")
		}
	}
	return answer{}, unknownEdge(c, kind, edge)
}

// mayShare checks who shares an asset: with the right token, full control of
// the asset, and as an admin of the business that owns it.
func (w *World) mayShare(c *graphCall, a *asset) *graphFault {
	if a.isAccount() {
		if fault := c.needs("ads_management", "business_management"); fault != nil {
			return fault
		}
		if a.owner == nil {
			return refuse(200, 0, "The ad account is not in a business")
		}
		if !slices.Contains(w.tasksOf(c.person, a), "MANAGE") {
			return refuse(273, 0, "The user is not an admin of the ad account")
		}
	} else {
		if c.page == nil {
			return &graphFault{code: 190, subcode: 2069032, message: "User Access Token Is Not Supported: A Page access token is required for this call."}
		}
		if fault := c.needs("pages_show_list", "pages_manage_metadata", "business_management"); fault != nil {
			return fault
		}
		if a.owner == nil {
			return refuse(200, 0, "The Page is not in a business")
		}
		tasks := w.tasksOf(c.person, a)
		if !slices.Contains(tasks, "MANAGE") && !slices.Contains(tasks, "PROFILE_PLUS_FULL_CONTROL") {
			return refuse(200, 0, "The user has no full control of the Page")
		}
	}
	if !a.owner.admin(c.person) {
		return refuse(200, 0, "Only an admin of the business that owns it can share it")
	}
	return nil
}

func (w *World) shareAsset(c *graphCall, a *asset) (answer, *graphFault) {
	if fault := c.takes("business", "permitted_tasks"); fault != nil {
		return answer{}, fault
	}
	if fault := w.sharingWeather(c, a.isAccount()); fault != nil {
		return answer{}, fault
	}
	if fault := w.mayShare(c, a); fault != nil {
		return answer{}, fault
	}
	if c.form.Get("business") == "" {
		return answer{}, refuse(100, 0, "The parameter business is required")
	}
	agency := w.meta.business(c.form.Get("business"))
	if agency == nil {
		return answer{}, refuse(100, 0, "Param business must be a valid business id")
	}
	tasks, fault := c.tasks(a, "permitted_tasks")
	if fault != nil {
		return answer{}, fault
	}
	if fault := alreadyShared(a, agency); fault != nil {
		return answer{}, fault
	}
	shared := &share{by: c.person, tasks: tasks, since: w.now(), visible: w.now()}
	body := map[string]any{"success": true}
	switch {
	case w.isOn(platformMeta, "requires_admin_approval", c.person.key):
		shared.pending = true
		body["requires_admin_approval"] = true
	case !a.isAccount() && (a.newAdmins[c.person] || w.isOn(platformMeta, "page_pending", c.person.key)):
		shared.pending = true
		body["access_status"] = "PENDING"
	}
	if w.isOn(platformMeta, "delayed", c.person.key) {
		shared.visible = w.now().Add(w.appearsAfter)
	}
	a.agencies[agency] = shared
	return jsonAnswer(http.StatusOK, body), nil
}

func (w *World) unshareAsset(c *graphCall, a *asset) (answer, *graphFault) {
	if fault := c.takes("business"); fault != nil {
		return answer{}, fault
	}
	agency := w.meta.business(c.form.Get("business"))
	if agency == nil || a.agencies[agency] == nil {
		return answer{}, refuse(100, 0, "Param business must be an agency of this asset")
	}
	// The owner takes it back; an agency may let go of it, too.
	if fault := w.mayShare(c, a); fault != nil && !agency.admin(c.person) {
		return answer{}, fault
	}
	a.unshare(agency)
	return jsonAnswer(http.StatusOK, map[string]bool{"success": true}), nil
}

func (w *World) listAgencies(c *graphCall, a *asset, parts []string) (answer, *graphFault) {
	if !a.isAccount() && c.page == nil {
		return answer{}, &graphFault{code: 190, subcode: 2069032, message: "User Access Token Is Not Supported: A Page access token is required for this call."}
	}
	if fault := c.needs("business_management"); fault != nil {
		return answer{}, fault
	}
	var rows []node
	for _, b := range w.meta.businesses {
		shared := a.agencies[b]
		if shared == nil {
			continue
		}
		status := "CONFIRMED"
		if shared.pending {
			status = "PENDING"
		}
		row := b.node()
		row["access_status"], row["access_requested_time"], row["access_updated_time"], row["permitted_tasks"] = status, shared.since.UTC().Format("2006-01-02T15:04:05-0700"), shared.since.UTC().Format("2006-01-02T15:04:05-0700"), shared.tasks
		rows = append(rows, row)
	}
	return c.graphList(parts, "Business", rows, "id,name,access_status,permitted_tasks")
}

func (w *World) listAssigned(c *graphCall, a *asset, parts []string) (answer, *graphFault) {
	if fault := c.needs("business_management"); fault != nil {
		return answer{}, fault
	}
	b := w.meta.business(c.form.Get("business"))
	if b == nil {
		return answer{}, refuse(100, 0, "The parameter business is required")
	}
	if b.user(c.person) == nil {
		return answer{}, noSuch(c.method, b.id)
	}
	var rows []node
	for _, u := range b.users {
		if tasks := a.assigned[u]; len(tasks) > 0 && (b == a.owner || w.live(a.agencies[b])) {
			row := u.node(false)
			row["tasks"] = tasks
			rows = append(rows, row)
		}
	}
	return c.graphList(parts, "AssignedUser", rows, "id,name,tasks", "business")
}

// assignee finds the business user an assignment is about, and whether the
// caller may decide about them.
func (w *World) assignee(c *graphCall, a *asset) (*businessUser, *graphFault) {
	if fault := c.needs("business_management"); fault != nil {
		return nil, fault
	}
	for _, b := range w.meta.businesses {
		for _, u := range b.users {
			if u.id != c.form.Get("user") {
				continue
			}
			if b != a.owner && !w.live(a.agencies[b]) {
				return nil, refuse(100, 0, "The user's business has no access to this asset")
			}
			if !b.admin(c.person) {
				return nil, refuse(200, 0, "Requires an admin of the business")
			}
			return u, nil
		}
	}
	return nil, refuse(100, 0, "Param user must be the id of a business user")
}

func (w *World) assign(c *graphCall, a *asset) (answer, *graphFault) {
	if fault := c.takes("user", "tasks", "business"); fault != nil {
		return answer{}, fault
	}
	u, fault := w.assignee(c, a)
	if fault != nil {
		return answer{}, fault
	}
	tasks, fault := c.tasks(a, "tasks")
	if fault != nil {
		return answer{}, fault
	}
	for _, task := range tasks {
		if u.business != a.owner && !slices.Contains(a.agencies[u.business].tasks, task) {
			return answer{}, refuse(2620, 0, "Invalid call to update account permissions: %s was not given to the business", task)
		}
	}
	a.assigned[u] = tasks
	return jsonAnswer(http.StatusOK, map[string]bool{"success": true}), nil
}

func (w *World) unassign(c *graphCall, a *asset) (answer, *graphFault) {
	if fault := c.takes("user", "business"); fault != nil {
		return answer{}, fault
	}
	u, fault := w.assignee(c, a)
	if fault != nil {
		return answer{}, fault
	}
	if a.assigned[u] == nil {
		return answer{}, refuse(457, 0, "The user is not assigned to this asset")
	}
	delete(a.assigned, u)
	return jsonAnswer(http.StatusOK, map[string]bool{"success": true}), nil
}

func (one *campaign) node() node {
	return node{
		"id": one.id, "name": one.name, "objective": one.objective, "status": one.status, "effective_status": one.status,
		"account_id": strings.TrimPrefix(one.account.id, "act_"), "created_time": one.created.UTC().Format("2006-01-02T15:04:05-0700"), "special_ad_categories": []string{},
	}
}

// newCampaign makes a campaign, paused. The caller has to be assigned to the
// account: that the account is shared with their business is not enough.
func (w *World) newCampaign(c *graphCall, a *asset) (answer, *graphFault) {
	if fault := c.takes("name", "objective", "status", "special_ad_categories", "special_ad_category_country", "is_adset_budget_sharing_enabled", "daily_budget", "lifetime_budget", "buying_type", "bid_strategy"); fault != nil {
		return answer{}, fault
	}
	if fault := c.needs("ads_management"); fault != nil {
		return answer{}, fault
	}
	if !slices.Contains(w.tasksOf(c.person, a), "ADVERTISE") {
		return answer{}, refuse(200, 0, "Ad account owner has NOT granted ads_management or ads_read permission")
	}
	if a.status != 1 && a.status != 9 {
		f := refuse(100, 0, "The ad account is not active")
		f.title, f.says = "Ad account disabled", "This ad account cannot create ads. Look at account quality."
		return answer{}, f
	}
	if strings.TrimSpace(c.form.Get("name")) == "" {
		return answer{}, refuse(100, 0, "The parameter name is required")
	}
	objectives := []string{"OUTCOME_AWARENESS", "OUTCOME_TRAFFIC", "OUTCOME_ENGAGEMENT", "OUTCOME_LEADS", "OUTCOME_APP_PROMOTION", "OUTCOME_SALES"}
	if !slices.Contains(objectives, c.form.Get("objective")) {
		return answer{}, refuse(100, 0, "Param objective must be one of {%s}", strings.Join(objectives, ", "))
	}
	if c.form.Get("status") != "PAUSED" {
		return answer{}, refuse(100, 0, "Param status must be PAUSED: nothing runs in the sandbox")
	}
	categories := []string{"NONE", "EMPLOYMENT", "HOUSING", "CREDIT", "ISSUES_ELECTIONS_POLITICS", "ONLINE_GAMBLING_AND_GAMING", "FINANCIAL_PRODUCTS_SERVICES"}
	given, ok := readList(c.form.Get("special_ad_categories"))
	if !ok && strings.TrimSpace(c.form.Get("special_ad_categories")) != "[]" || slices.ContainsFunc(given, func(one string) bool { return !slices.Contains(categories, one) }) {
		return answer{}, refuse(100, 0, "The parameter special_ad_categories is required and has to be a JSON list")
	}
	if sharing := c.form.Get("is_adset_budget_sharing_enabled"); !c.form.Has("daily_budget") && !c.form.Has("lifetime_budget") {
		if sharing != "true" && sharing != "false" {
			f := refuse(100, 4834011, "Invalid parameter")
			f.title, f.says = "Must specify True or False in is_adset_budget_sharing_enabled field", "You must specify True or False in is_adset_budget_sharing_enabled if you are not using campaign budget."
			return answer{}, f
		}
	}
	one := &campaign{
		id: "1202146088" + strconv.Itoa(31070000+len(w.meta.campaigns)*10), account: a, by: c.person, name: c.form.Get("name"),
		objective: c.form.Get("objective"), status: "PAUSED", created: w.now(),
	}
	w.meta.campaigns = append(w.meta.campaigns, one)
	return jsonAnswer(http.StatusOK, map[string]string{"id": one.id}), nil
}

func (w *World) graphCampaign(c *graphCall, one *campaign) (answer, *graphFault) {
	if fault := c.needs("ads_management"); fault != nil {
		return answer{}, fault
	}
	switch c.method {
	case http.MethodGet:
		return c.graphOne("Campaign", one.node(), "id")
	case http.MethodDelete:
		if fault := c.takes(); fault != nil {
			return answer{}, fault
		}
		if !slices.Contains(w.tasksOf(c.person, one.account), "ADVERTISE") {
			return answer{}, refuse(200, 0, "Permissions error")
		}
		// The id stays taken: ids are never given twice.
		one.status = "DELETED"
		return jsonAnswer(http.StatusOK, map[string]bool{"success": true}), nil
	}
	return answer{}, unknownEdge(c, "Campaign", "")
}
