package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// graphEdge is one operation of the Graph API: an endpoint, on which kind of
// node it is, and what serves it.
type graphEdge struct {
	Endpoint
	node      string // as the platform names its kinds in errors: "AdAccount"
	edge      string // "" is the node itself
	marketing bool   // it belongs to the Marketing API: its versions end earlier
	serve     edgeServer
}

// edgeServer answers a call whose parameters are in order.
type edgeServer func(*World, *graphCall) (Response, *graphFault)

// The kinds of nodes.
const (
	userNode     = "User"
	businessNode = "Business"
	accountNode  = "AdAccount"
	pageNode     = "Page"
	campaignNode = "Campaign"
)

const (
	metaReference = "https://developers.facebook.com/docs/graph-api/reference/"
	metaMarketing = "https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/"
)

// callParams are what every call of the Graph API takes: who calls, if that is
// not in the header, and the proof.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests
func callParams() []Param {
	return []Param{{Name: "access_token", In: InQueryOrBody}, {Name: "appsecret_proof", In: InQueryOrBody}}
}

// graphBodies are the encodings of a body: curl -F, forms, and what the SDKs send.
func graphBodies() []BodyType { return []BodyType{FormBody, MultipartBody, JSONBody} }

// edgeOf makes a row. What the SDKs add to every POST and DELETE is taken.
func edgeOf(method, node, edge, page string, serve edgeServer, params ...Param) graphEdge {
	path := "/{version}/{" + strings.ToLower(node) + "}"
	if edge != "" {
		path += "/" + edge
	}
	row := graphEdge{
		Endpoint:  Endpoint{Method: method, Path: path, Page: page, Params: append(callParams(), params...)},
		node:      node,
		edge:      edge,
		marketing: node == accountNode || node == campaignNode || strings.HasSuffix(edge, "adaccounts"),
		serve:     serve,
	}
	if strings.HasSuffix(edge, "ad_accounts") {
		row.marketing = true
	}
	if method != http.MethodGet {
		row.Bodies = graphBodies()
		row.Params = append(row.Params, Param{Name: "id", In: InQueryOrBody, Why: "the SDKs send the node's id again"})
	}
	return row
}

// listOf is edgeOf for GET of a list.
// https://developers.facebook.com/docs/graph-api/results/
func listOf(node, edge, page string, serve edgeServer, params ...Param) graphEdge {
	for _, name := range []string{"fields", "limit", "after", "before", "summary"} {
		params = append(params, Param{Name: name})
	}
	return edgeOf(http.MethodGet, node, edge, page, serve, params...)
}

// graphEdges is every operation. A new kind of asset is new rows here.
func graphEdges() []graphEdge {
	return slices.Concat(userEdges(), businessEdges(), accountEdges(), pageEdges(), extraEdges(), campaignEdges())
}

func userEdges() []graphEdge {
	user := metaReference + "user/"
	permissions := metaReference + "user/permissions/"
	return []graphEdge{
		edgeOf("GET", userNode, "", user, (*World).graphMe, Param{Name: "fields"}),
		listOf(userNode, "permissions", permissions, (*World).listPermissions),
		edgeOf("DELETE", userNode, "permissions", permissions, (*World).metaForget, Param{Name: "permission", In: InQueryOrBody}),
		edgeOf("DELETE", userNode, "permissions/{permission}", permissions, (*World).metaForget),
		listOf(userNode, "businesses", metaReference+"user/businesses/", (*World).listBusinesses),
		listOf(userNode, "business_users", metaMarketing+"business-user", (*World).listOwnBusinessUsers),
		listOf(userNode, "adaccounts", metaReference+"user/adaccounts/", (*World).listOwnAccounts),
		listOf(userNode, "accounts", metaReference+"user/accounts/", (*World).listOwnPages, Param{Name: "is_promotable"}),
	}
}

func businessEdges() []graphEdge {
	page := func(edge string) string { return metaMarketing + "business/" + edge }
	partner := Param{Name: "business", In: InQueryOrBody, Required: true, Example: "118420903317552"}
	search := Param{Name: "search_query"}
	return []graphEdge{
		edgeOf("GET", businessNode, "", metaReference+"business/", (*World).graphBusiness, Param{Name: "fields"}),
		listOf(businessNode, "owned_ad_accounts", page("owned_ad_accounts"), (*World).listOwned, search,
			Param{Name: "include_shared_ad_accounts"}),
		listOf(businessNode, "owned_pages", page("owned_pages"), (*World).listOwned),
		listOf(businessNode, "client_ad_accounts", page("client_ad_accounts"), (*World).listClient, search),
		listOf(businessNode, "client_pages", page("client_pages"), (*World).listClient),
		listOf(businessNode, "pending_client_ad_accounts", page("pending_client_ad_accounts"), (*World).listPending),
		listOf(businessNode, "pending_client_pages", page("pending_client_pages"), (*World).listPending),
		listOf(businessNode, "business_users", page("business_users"), (*World).listBusinessUsers),
		listOf(businessNode, "agencies", page("agencies"), (*World).listPartners),
		listOf(businessNode, "clients", page("clients"), (*World).listClients),
		edgeOf("DELETE", businessNode, "agencies", page("agencies"), (*World).dropPartner, partner),
		edgeOf("DELETE", businessNode, "clients", page("clients"), (*World).dropClient, partner),
		edgeOf("POST", businessNode, "client_ad_accounts", page("client_ad_accounts"), (*World).askForAsset,
			Param{Name: "adaccount_id", In: InQueryOrBody, Required: true, Example: "act_44712096118"},
			tasksParam("permitted_tasks")),
		edgeOf("POST", businessNode, "client_pages", page("client_pages"), (*World).askForAsset,
			Param{Name: "page_id", In: InQueryOrBody, Required: true, Example: "10482277001"}, tasksParam("permitted_tasks")),
		edgeOf("DELETE", businessNode, "ad_accounts", page("ad_accounts"), (*World).letGo,
			Param{Name: "adaccount_id", In: InQueryOrBody, Required: true, Example: "act_44712096118"}),
		edgeOf("DELETE", businessNode, "pages", page("pages"), (*World).letGo,
			Param{Name: "page_id", In: InQueryOrBody, Required: true, Example: "10482277001"}),
	}
}

// tasksParam is a list of tasks; the platform asks for it although its
// specification calls it optional.
func tasksParam(name string) Param {
	return Param{Name: name, In: InQueryOrBody, Required: true, List: true, Example: `["ADVERTISE","ANALYZE"]`}
}

// assetEdges are what ad accounts and Pages have in common.
func assetEdges(node, agencies, assigned string) []graphEdge {
	business := Param{Name: "business", In: InQueryOrBody, Required: true, Example: "118420903317552"}
	user := Param{Name: "user", In: InQueryOrBody, Required: true, Example: "122100007919"}
	return []graphEdge{
		edgeOf("GET", node, "", strings.TrimSuffix(assigned, "assigned_users/"), (*World).graphAsset, Param{Name: "fields"}),
		listOf(node, "agencies", agencies, (*World).listAgencies),
		edgeOf("POST", node, "agencies", agencies, (*World).shareAsset, business, tasksParam("permitted_tasks")),
		edgeOf("DELETE", node, "agencies", agencies, (*World).unshareAsset, business),
		listOf(node, "assigned_users", assigned, (*World).listAssigned,
			Param{Name: "business", Required: true, Example: "118420903317552"}),
		edgeOf("POST", node, "assigned_users", assigned, (*World).assign,
			user, tasksParam("tasks"), Param{Name: "business", In: InQueryOrBody}),
		edgeOf("DELETE", node, "assigned_users", assigned, (*World).unassign, user, Param{Name: "business", In: InQueryOrBody}),
	}
}

func accountEdges() []graphEdge {
	campaigns := metaReference + "adcampaigngroup/"
	create := []Param{
		{Name: "name", In: InQueryOrBody, Required: true, Example: "Winter"},
		{Name: "objective", In: InQueryOrBody, Required: true, Example: "OUTCOME_TRAFFIC"},
		{Name: "status", In: InQueryOrBody, Required: true, Example: "PAUSED"},
		{Name: "special_ad_categories", In: InQueryOrBody, Required: true, List: true, Example: "[]"},
		{Name: "special_ad_category_country", In: InQueryOrBody, List: true},
	}
	for _, name := range []string{
		"is_adset_budget_sharing_enabled", "daily_budget", "lifetime_budget", "buying_type", "bid_strategy",
	} {
		create = append(create, Param{Name: name, In: InQueryOrBody})
	}
	return append(assetEdges(accountNode, metaMarketing+"ad-account/agencies", metaReference+"ad-account/assigned_users/"),
		listOf(accountNode, "campaigns", campaigns, (*World).listCampaigns, Param{Name: "effective_status", List: true}),
		edgeOf("POST", accountNode, "campaigns", campaigns, (*World).newCampaign, create...),
		listOf(accountNode, "promote_pages", metaMarketing+"ad-account/promote_pages", (*World).listPromoted),
	)
}

func pageEdges() []graphEdge {
	return assetEdges(pageNode, metaReference+"page/agencies/", metaReference+"page/assigned_users/")
}

func campaignEdges() []graphEdge {
	page := metaReference + "adcampaigngroup/"
	return []graphEdge{
		edgeOf("GET", campaignNode, "", page, (*World).graphCampaign, Param{Name: "fields"}),
		edgeOf("DELETE", campaignNode, "", page, (*World).deleteCampaign),
	}
}

// metaDebugEndpoint inspects a token.
func metaDebugEndpoint() Endpoint {
	return Endpoint{
		Method: http.MethodGet, Path: "/{version}/debug_token",
		Page: "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging",
		Params: append(callParams(), Param{Name: "input_token", Required: true, Example: "EAAU"},
			Param{Name: "fields", Why: "sent by the SDKs; the whole is answered"}),
	}
}

// metaTokenEndpoints exchange a code, or a token for a longer one.
func metaTokenEndpoints() []Endpoint {
	params := []Param{
		{Name: "client_id", In: InQueryOrBody, Required: true, Example: "1407652894713382"},
		{Name: "client_secret", In: InQueryOrBody, Required: true, Example: "5d1f"},
	}
	for _, name := range []string{"redirect_uri", "code", "code_verifier", "grant_type", "fb_exchange_token"} {
		params = append(params, Param{Name: name, In: InQueryOrBody})
	}
	get := Endpoint{
		Method: http.MethodGet, Path: "/{version}/oauth/access_token", Params: params,
		Page: "https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow",
	}
	post := get
	post.Method, post.Bodies = http.MethodPost, graphBodies()
	return []Endpoint{get, post}
}

// metaEndpoints is every call that the platform's API takes.
func metaEndpoints() []Endpoint {
	all := append(metaTokenEndpoints(), metaDebugEndpoint())
	for _, row := range graphEdges() {
		all = append(all, row.Endpoint)
	}
	return all
}

// findEdge answers the row of an edge; of "permissions/email" that of "permissions/{permission}".
func findEdge(method, node, edge string) (graphEdge, bool) {
	if first, _, more := strings.Cut(edge, "/"); more {
		edge = first + "/{" + strings.TrimSuffix(first, "s") + "}"
	}
	rows := graphEdges()
	i := slices.IndexFunc(rows, func(row graphEdge) bool {
		return row.Method == method && row.node == node && row.edge == edge
	})
	if i < 0 {
		return graphEdge{}, false
	}
	return rows[i], true
}
