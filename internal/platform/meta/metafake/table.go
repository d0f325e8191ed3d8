package metafake

import (
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// graphEdge is one operation of the Graph API: an endpoint, its kind of node,
// and its handler.
type graphEdge struct {
	sandbox.Endpoint
	node      string // the kind in Facebook's error messages: "AdAccount"
	edge      string // empty: the node itself
	marketing bool   // part of the Marketing API: its versions end earlier
	serve     edgeServer
}

// edgeServer serves a call with valid parameters.
type edgeServer func(edges, *graphCall) (sandbox.Response, *graphFault)

// The kinds of nodes.
const (
	userNode     = "User"
	businessNode = "Business"
	accountNode  = "AdAccount"
	pageNode     = "Page"
	campaignNode = "Campaign"
)

const (
	reference = "https://developers.facebook.com/docs/graph-api/reference/"
	marketing = "https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/"
)

// callParams are the parameters of every call: the token, if not in the header,
// and the proof.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests
func callParams() []sandbox.Param {
	return []sandbox.Param{
		{Name: "access_token", In: sandbox.InQueryOrBody}, {Name: "appsecret_proof", In: sandbox.InQueryOrBody},
	}
}

// graphBodies are the encodings of a body: curl -F, forms, and the SDKs'.
func graphBodies() []sandbox.BodyType {
	return []sandbox.BodyType{sandbox.FormBody, sandbox.MultipartBody, sandbox.JSONBody}
}

// edgeOf makes a row. It accepts the parameters that the SDKs add to every POST
// and DELETE.
func edgeOf(method, node, edge, page string, serve edgeServer, params ...sandbox.Param) graphEdge {
	path := "/{version}/{" + strings.ToLower(node) + "}"
	if edge != "" {
		path += "/" + edge
	}
	row := graphEdge{
		Endpoint:  sandbox.Endpoint{Method: method, Path: path, Page: page, Params: append(callParams(), params...)},
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
		row.Params = append(row.Params, sandbox.Param{
			Name: "id",
			In:   sandbox.InQueryOrBody,
			Why:  "the SDKs send the node's id again",
		})
	}
	return row
}

// listOf is edgeOf for a list.
// https://developers.facebook.com/docs/graph-api/results/
func listOf(node, edge, page string, serve edgeServer, params ...sandbox.Param) graphEdge {
	for _, name := range []string{"fields", "limit", "after", "before", "summary"} {
		params = append(params, sandbox.Param{Name: name})
	}
	return edgeOf(http.MethodGet, node, edge, page, serve, params...)
}

// graphEdges lists every operation. A new kind of asset is new rows here.
func graphEdges() []graphEdge {
	return slices.Concat(userEdges(), businessEdges(), accountEdges(), pageEdges(), extraEdges(), campaignEdges())
}

func userEdges() []graphEdge {
	user := reference + "user/"
	permissions := reference + "user/permissions/"
	return []graphEdge{
		edgeOf("GET", userNode, "", user, edges.graphMe, sandbox.Param{Name: "fields"}),
		listOf(userNode, "permissions", permissions, edges.listPermissions),
		edgeOf("DELETE", userNode, "permissions", permissions, edges.forget, sandbox.Param{
			Name: "permission",
			In:   sandbox.InQueryOrBody,
		}),
		edgeOf("DELETE", userNode, "permissions/{permission}", permissions, edges.forget),
		listOf(userNode, "businesses", reference+"user/businesses/", edges.listBusinesses),
		listOf(userNode, "business_users", marketing+"business-user", edges.listOwnBusinessUsers),
		listOf(userNode, "adaccounts", reference+"user/adaccounts/", edges.listOwnAccounts),
		listOf(userNode, "accounts", reference+"user/accounts/", edges.listOwnPages, sandbox.Param{Name: "is_promotable"}),
	}
}

func businessEdges() []graphEdge {
	page := func(edge string) string { return marketing + "business/" + edge }
	partner := sandbox.Param{Name: "business", In: sandbox.InQueryOrBody, Required: true, Example: "118420903317552"}
	search := sandbox.Param{Name: "search_query"}
	return []graphEdge{
		edgeOf("GET", businessNode, "", reference+"business/", edges.graphBusiness, sandbox.Param{Name: "fields"}),
		listOf(businessNode, "owned_ad_accounts", page("owned_ad_accounts"), edges.listOwned, search,
			sandbox.Param{Name: "include_shared_ad_accounts"}),
		listOf(businessNode, "owned_pages", page("owned_pages"), edges.listOwned),
		listOf(businessNode, "client_ad_accounts", page("client_ad_accounts"), edges.listClient, search),
		listOf(businessNode, "client_pages", page("client_pages"), edges.listClient),
		listOf(businessNode, "pending_client_ad_accounts", page("pending_client_ad_accounts"), edges.listPending),
		listOf(businessNode, "pending_client_pages", page("pending_client_pages"), edges.listPending),
		listOf(businessNode, "business_users", page("business_users"), edges.listBusinessUsers),
		listOf(businessNode, "agencies", page("agencies"), edges.listPartners),
		listOf(businessNode, "clients", page("clients"), edges.listClients),
		edgeOf("DELETE", businessNode, "agencies", page("agencies"), edges.dropPartner, partner),
		edgeOf("DELETE", businessNode, "clients", page("clients"), edges.dropClient, partner),
		edgeOf("POST", businessNode, "client_ad_accounts", page("client_ad_accounts"), edges.askForAsset,
			sandbox.Param{Name: "adaccount_id", In: sandbox.InQueryOrBody, Required: true, Example: "act_44712096118"},
			tasksParam("permitted_tasks")),
		edgeOf("POST", businessNode, "client_pages", page("client_pages"), edges.askForAsset,
			sandbox.Param{Name: "page_id", In: sandbox.InQueryOrBody, Required: true, Example: "10482277001"},
			tasksParam("permitted_tasks")),
		edgeOf("DELETE", businessNode, "ad_accounts", page("ad_accounts"), edges.letGo,
			sandbox.Param{Name: "adaccount_id", In: sandbox.InQueryOrBody, Required: true, Example: "act_44712096118"}),
		edgeOf("DELETE", businessNode, "pages", page("pages"), edges.letGo,
			sandbox.Param{Name: "page_id", In: sandbox.InQueryOrBody, Required: true, Example: "10482277001"}),
	}
}

// tasksParam is a list of tasks; Facebook requires it although its
// specification calls it optional.
func tasksParam(name string) sandbox.Param {
	return sandbox.Param{
		Name:     name,
		In:       sandbox.InQueryOrBody,
		Required: true,
		List:     true,
		Example:  `["ADVERTISE","ANALYZE"]`,
	}
}

// assetEdges are the common edges of ad accounts and Pages.
func assetEdges(node, agencies, assigned string) []graphEdge {
	business := sandbox.Param{Name: "business", In: sandbox.InQueryOrBody, Required: true, Example: "118420903317552"}
	user := sandbox.Param{Name: "user", In: sandbox.InQueryOrBody, Required: true, Example: "122100007919"}
	return []graphEdge{
		edgeOf("GET", node, "", strings.TrimSuffix(assigned, "assigned_users/"), edges.graphAsset,
			sandbox.Param{Name: "fields"}),
		listOf(node, "agencies", agencies, edges.listAgencies),
		edgeOf("POST", node, "agencies", agencies, edges.shareAsset, business, tasksParam("permitted_tasks")),
		edgeOf("DELETE", node, "agencies", agencies, edges.unshareAsset, business),
		listOf(node, "assigned_users", assigned, edges.listAssigned,
			sandbox.Param{Name: "business", Required: true, Example: "118420903317552"}),
		edgeOf("POST", node, "assigned_users", assigned, edges.assign,
			user, tasksParam("tasks"), sandbox.Param{Name: "business", In: sandbox.InQueryOrBody}),
		edgeOf("DELETE", node, "assigned_users", assigned, edges.unassign, user, sandbox.Param{
			Name: "business",
			In:   sandbox.InQueryOrBody,
		}),
	}
}

func accountEdges() []graphEdge {
	campaigns := reference + "adcampaigngroup/"
	create := []sandbox.Param{
		{Name: "name", In: sandbox.InQueryOrBody, Required: true, Example: "Winter"},
		{Name: "objective", In: sandbox.InQueryOrBody, Required: true, Example: "OUTCOME_TRAFFIC"},
		{Name: "status", In: sandbox.InQueryOrBody, Required: true, Example: "PAUSED"},
		{Name: "special_ad_categories", In: sandbox.InQueryOrBody, Required: true, List: true, Example: "[]"},
		{Name: "special_ad_category_country", In: sandbox.InQueryOrBody, List: true},
	}
	for _, name := range []string{
		"is_adset_budget_sharing_enabled", "daily_budget", "lifetime_budget", "buying_type", "bid_strategy",
	} {
		create = append(create, sandbox.Param{Name: name, In: sandbox.InQueryOrBody})
	}
	return append(assetEdges(accountNode, marketing+"ad-account/agencies", reference+"ad-account/assigned_users/"),
		listOf(accountNode, "campaigns", campaigns, edges.listCampaigns, sandbox.Param{
			Name: "effective_status",
			List: true,
		}),
		edgeOf("POST", accountNode, "campaigns", campaigns, edges.newCampaign, create...),
		listOf(accountNode, "promote_pages", marketing+"ad-account/promote_pages", edges.listPromoted),
	)
}

func pageEdges() []graphEdge {
	return assetEdges(pageNode, reference+"page/agencies/", reference+"page/assigned_users/")
}

func campaignEdges() []graphEdge {
	page := reference + "adcampaigngroup/"
	return []graphEdge{
		edgeOf("GET", campaignNode, "", page, edges.graphCampaign, sandbox.Param{Name: "fields"}),
		edgeOf("DELETE", campaignNode, "", page, edges.deleteCampaign),
	}
}

// debugEndpoint inspects a token.
func debugEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{
		Method: http.MethodGet, Path: "/{version}/debug_token",
		Page: "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging",
		Params: append(callParams(), sandbox.Param{Name: "input_token", Required: true, Example: "EAAU"},
			sandbox.Param{Name: "fields", Why: "sent by the SDKs; the whole is answered"}),
	}
}

// tokenEndpoints exchange a code, or a token for a long-lived one.
func tokenEndpoints() []sandbox.Endpoint {
	params := []sandbox.Param{
		{Name: "client_id", In: sandbox.InQueryOrBody, Required: true, Example: "1407652894713382"},
		{Name: "client_secret", In: sandbox.InQueryOrBody, Required: true, Example: "5d1f"},
	}
	for _, name := range []string{"redirect_uri", "code", "code_verifier", "grant_type", "fb_exchange_token"} {
		params = append(params, sandbox.Param{Name: name, In: sandbox.InQueryOrBody})
	}
	get := sandbox.Endpoint{
		Method: http.MethodGet, Path: "/{version}/oauth/access_token", Params: params,
		Page: "https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow",
	}
	post := get
	post.Method, post.Bodies = http.MethodPost, graphBodies()
	return []sandbox.Endpoint{get, post}
}

// endpoints lists every served call.
func endpoints() []sandbox.Endpoint {
	all := append(tokenEndpoints(), debugEndpoint())
	for _, row := range graphEdges() {
		all = append(all, row.Endpoint)
	}
	return all
}

// findEdge returns the row of an edge; "permissions/email" matches
// "permissions/{permission}".
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
