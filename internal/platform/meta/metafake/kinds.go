package metafake

import (
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// The kinds of nodes besides ad accounts and Pages.
const (
	pixelNode     = "AdsPixel"
	catalogNode   = "ProductCatalog"
	instagramNode = "InstagramBusinessAsset"
)

// extraTasks are the possible tasks on an asset of a kind.
func extraTasks(node string) []string {
	switch node {
	case pixelNode:
		return []string{"ADVERTISE", "ANALYZE", "EDIT", "UPLOAD"}
	case catalogNode:
		return []string{"AA_ANALYZE", "ADVERTISE", "MANAGE", "MANAGE_AR"}
	}
	return []string{"ADVERTISE", "ANALYZE", "COMMUNITY_ACTIVITY", "CONTENT", "MESSAGES"}
}

// extraEdges are the operations on datasets, catalogues and Instagram accounts.
func extraEdges() []graphEdge {
	page := func(edge string) string { return marketing + "business/" + edge }
	rows := []graphEdge{}
	for _, edge := range []string{
		"owned_pixels", "client_pixels", "owned_product_catalogs", "client_product_catalogs",
		"owned_instagram_assets", "client_instagram_assets",
	} {
		rows = append(rows, listOf(businessNode, edge, page(edge), edges.listExtra))
	}
	business := sandbox.Param{Name: "business", In: sandbox.InQueryOrBody, Required: true, Example: "118420903317552"}
	user := sandbox.Param{Name: "user", In: sandbox.InQueryOrBody, Required: true, Example: "122100007919"}
	for node, docs := range map[string]string{
		pixelNode: marketing + "ads-pixel/", catalogNode: marketing + "product-catalog/",
		instagramNode: reference + "instagram-business-asset/",
	} {
		rows = append(rows,
			edgeOf("GET", node, "", docs, edges.graphExtra, sandbox.Param{Name: "fields"}),
			edgeOf("POST", node, "agencies", docs+"agencies", edges.shareExtra, business, tasksParam("permitted_tasks")),
			edgeOf("DELETE", node, "agencies", docs+"agencies", edges.unshareExtra, business),
			listOf(node, "agencies", docs+"agencies", edges.listExtraAgencies),
			listOf(node, "assigned_users", docs+"assigned_users", edges.listExtraAssigned, business),
			edgeOf("POST", node, "assigned_users", docs+"assigned_users", edges.assignExtra, user, tasksParam("tasks")),
		)
		if node != pixelNode { // the specification has no DELETE for pixels
			rows = append(rows, edgeOf("DELETE", node, "assigned_users", docs+"assigned_users", edges.unassign, user))
		}
	}
	return rows
}

// extra creates an asset of a kind besides ad accounts and Pages.
func (s *state) extra(id, name, node string, owner *business) *asset {
	a := s.add(&asset{id: id, name: name, extra: node, owner: owner})
	s.assets = s.assets[:len(s.assets)-1]
	s.extras = append(s.extras, a)
	return a
}

// settleExtras creates datasets, Instagram accounts and catalogues.
func (s *state) settleExtras() {
	pine, kontor := s.business("447120001180233"), s.business("229017733405516")
	s.extra("771204418802", "Harbour & Pine website", pixelNode, pine)
	s.extra("771204418817", "Harbour & Pine shop", pixelNode, pine)
	s.extra("664100220915", "Furniture 2026", catalogNode, pine)
	s.extra("553017720041", "harbourandpine", instagramNode, pine)
	agency := &share{tasks: []string{"ADVERTISE", "ANALYZE"}}
	s.extra("553017720058", "harbourcafe", instagramNode, kontor).agencies[pine] = agency
	for _, b := range s.businesses { // non-admins get an asset that only an admin can share
		if u := b.user(s.people["ed-novak"]); u != nil && !u.admin() {
			a := s.extra("7712044"+b.id[:5], b.name+" website", pixelNode, b)
			a.assigned[u] = []string{"ANALYZE"}
		}
	}
}

func (e edges) extraNode(a *asset, shared *share) node {
	n := node{"id": a.id, "name": a.name, "owner_business": nil}
	if a.owner != nil {
		n["owner_business"] = node{"id": a.owner.id, "name": a.owner.name}
	}
	switch a.extra {
	case instagramNode: // it has neither tasks nor a name
		return node{"id": a.id, "ig_user_id": "178414" + a.id[6:], "ig_username": a.name}
	case catalogNode:
		n["vertical"], n["product_count"] = "commerce", 214
	}
	return n
}

// listExtra lists what a business owns, or was given, of one kind.
func (e edges) listExtra(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	of := map[string]string{"pixels": pixelNode, "product_catalogs": catalogNode, "instagram_assets": instagramNode}
	which, kind, _ := strings.Cut(call.row.edge, "_")
	var rows []node
	for _, a := range e.state.extras {
		shared := a.agencies[call.business]
		mine := which == "owned" && a.owner == call.business || which == "client" && e.live(shared)
		if a.extra == of[kind] && mine && e.reaches(call.person, a) {
			rows = append(rows, e.extraNode(a, shared))
		}
	}
	return call.graphList(of[kind], rows, "id,name,ig_username")
}

func (e edges) graphExtra(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs("business_management"); fault != nil {
		return sandbox.Response{}, fault
	}
	return call.graphOne(call.asset.extra, e.extraNode(call.asset, nil), "id,name,ig_username")
}

// extraPermissions are the permissions for sharing an asset of a kind.
func extraPermissions(node string) []string {
	switch node {
	case pixelNode:
		return []string{"business_management", "ads_management", "pages_read_engagement", "pages_show_list"}
	case catalogNode:
		return []string{"catalog_management"}
	}
	return []string{"business_management"}
}

// mayShareExtra requires an admin of the owning business.
func (e edges) mayShareExtra(call *graphCall) *graphFault {
	if fault := call.needs(extraPermissions(call.asset.extra)...); fault != nil {
		return fault
	}
	if !call.asset.owner.admin(call.person) {
		return refuse(200, 0, "Only an admin of the business that owns it can share it")
	}
	return nil
}

func (e edges) shareExtra(call *graphCall) (sandbox.Response, *graphFault) {
	a := call.asset
	if fault := e.sharingWeather(call, false); fault != nil {
		return sandbox.Response{}, fault
	}
	if fault := e.mayShareExtra(call); fault != nil {
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
	if a.extra == pixelNode && slices.Contains(tasks, "EDIT") {
		return sandbox.Response{}, refuse(10, 0, "EDIT is restricted to apps on a list")
	}
	if fault := alreadyShared(a, agency); fault != nil {
		return sandbox.Response{}, fault
	}
	shared := &share{by: call.person, tasks: tasks, since: e.env.Now(), visible: e.env.Now()}
	body := map[string]any{"success": true}
	if a.extra == pixelNode && e.env.IsOn("pixel_request", call.person.key) {
		shared.pending = true
		body["pending_request_id"] = "88" + a.id
	}
	if e.env.IsOn("delayed", call.person.key) {
		shared.visible = e.env.Now().Add(e.env.ShareDelay())
	}
	a.agencies[agency] = shared
	return sandbox.JSON(200, body), nil
}

func (e edges) unshareExtra(call *graphCall) (sandbox.Response, *graphFault) {
	agency := e.state.business(call.form.Get("business"))
	if agency == nil || call.asset.agencies[agency] == nil {
		return sandbox.Response{}, refuse(100, 0, "Param business must be an agency of this asset")
	}
	if fault := e.mayShareExtra(call); fault != nil {
		return sandbox.Response{}, fault
	}
	call.asset.unshare(agency)
	return done(), nil
}

func (e edges) listExtraAgencies(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := e.mayShareExtra(call); fault != nil {
		return sandbox.Response{}, fault
	}
	var rows []node
	for _, b := range e.state.businesses {
		if call.asset.agencies[b] != nil {
			rows = append(rows, b.node())
		}
	}
	return call.graphList(businessNode, rows, "id,name")
}

// listExtraAssigned lists a business's users with access to an asset. An
// Instagram account's rows omit the possible tasks.
func (e edges) listExtraAssigned(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs(extraPermissions(call.asset.extra)...); fault != nil {
		return sandbox.Response{}, fault
	}
	b := e.state.business(call.form.Get("business"))
	if b == nil || b.user(call.person) == nil {
		return sandbox.Response{}, refuse(100, 0, "Param business must be a business of the user")
	}
	var rows []node
	for _, u := range b.users {
		shared := call.asset.agencies[b]
		if tasks := call.asset.assigned[u]; len(tasks) > 0 && (b == call.asset.owner || e.live(shared)) {
			row := u.node(false)
			row["tasks"], row["permitted_tasks"] = tasks, nil
			if call.asset.extra != instagramNode && shared != nil {
				row["permitted_tasks"] = shared.tasks
			}
			rows = append(rows, row)
		}
	}
	return call.graphList("AssignedUser", rows, "id,name,tasks")
}

func (e edges) assignExtra(call *graphCall) (sandbox.Response, *graphFault) {
	if fault := call.needs(extraPermissions(call.asset.extra)...); fault != nil {
		return sandbox.Response{}, fault
	}
	return e.assign(call)
}
