package meta

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// givenEdges are the edges of an agency's Business Manager for assets of one
// kind that it was given.
type givenEdges struct {
	client   string // GET: what it was given
	pending  string // GET: what waits for the client's approval
	fields   string // of the pending edge
	own      string // DELETE: gives the asset up
	ownParam string // the parameter that names the asset
}

// edgesOf lists the edges of a kind, from the SDKs' specification of a
// business.
// https://developers.facebook.com/docs/marketing-api/reference/business
func edgesOf(kind onboarding.Kind) givenEdges {
	if extra, ok := extraOf(kind); ok { // no edge gives these up: their owner does
		return givenEdges{client: extra.client}
	}
	if kind == onboarding.Page {
		return givenEdges{
			client: "client_pages", pending: "pending_client_pages", fields: "id,page{id}", own: "pages", ownParam: "page_id",
		}
	}
	return givenEdges{
		client: "client_ad_accounts", pending: "pending_client_ad_accounts", fields: "id,ad_account{id}",
		own: "ad_accounts", ownParam: "adaccount_id",
	}
}

// given is an asset that an agency's Business Manager was given.
type given struct {
	ID    string   `json:"id"`
	Tasks []string `json:"permitted_tasks"`
}

// given finds an asset among those that a Business Manager was given, GET
// /{business}/client_ad_accounts or client_pages. False: it is missing.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_ad_accounts
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_pages
func (h *Hub) given(ctx context.Context, by caller, business string, item onboarding.Item) (given, bool, error) {
	edge := business + "/" + edgesOf(item.Kind).client
	fields := "id,name,permitted_tasks"
	if extra, ok := extraOf(item.Kind); ok {
		fields = extra.fields
	}
	all, err := list[given](ctx, h.graph, by, edge, url.Values{"fields": {fields}})
	if err != nil {
		return given{}, false, err
	}
	at := slices.IndexFunc(all, func(g given) bool { return g.ID == item.Account })
	if at < 0 {
		return given{}, false, nil
	}
	return all[at], true, nil
}

// pending reports whether an asset waits for the client's approval, GET
// /{business}/pending_client_ad_accounts or pending_client_pages.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/pending_client_ad_accounts
func (h *Hub) pending(ctx context.Context, by caller, business string, item onboarding.Item) (bool, error) {
	type entry struct {
		AdAccount onboarding.Account `json:"ad_account"`
		Page      onboarding.Account `json:"page"`
	}
	edges := edgesOf(item.Kind)
	if edges.pending == "" {
		return false, nil
	}
	waiting, err := list[entry](ctx, h.graph, by, business+"/"+edges.pending, url.Values{"fields": {edges.fields}})
	return slices.ContainsFunc(waiting, func(e entry) bool {
		return e.AdAccount.ID == item.Account || e.Page.ID == item.Account
	}), err
}

// Withdraw unassigns the asset from the agency's own user, DELETE
// /{asset}/assigned_users, gives it up for the agency's Business Manager,
// DELETE /{business}/ad_accounts or /{business}/pages, and verifies that it is
// gone from client_ad_accounts or client_pages. If Facebook does not let the
// app do that (3, 10, 100, 200 to 299), and for a request that the client has
// not answered, an admin of the client has to do it: WithdrawByHand. The
// agency's own assets are not given up.
// https://developers.facebook.com/docs/marketing-api/reference/business
func (h *Hub) Withdraw(ctx context.Context, p platform.WithdrawParams) (platform.Withdrawal, error) {
	by := caller{token: p.Access, proof: p.Credential.AppProof}
	if p.Business.ID == "" {
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand}, nil
	}
	_, there, err := h.given(ctx, by, p.Business.ID, p.Item)
	if err != nil {
		return platform.Withdrawal{}, withdrawFailure(err)
	}
	code := ""
	if there {
		if code, err = h.giveUp(ctx, by, p); err != nil {
			return platform.Withdrawal{}, withdrawFailure(err)
		}
		if _, there, err = h.given(ctx, by, p.Business.ID, p.Item); err != nil {
			return platform.Withdrawal{}, withdrawFailure(err)
		}
	}
	if there {
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand, Code: code}, nil
	}
	waits, err := h.pending(ctx, by, p.Business.ID, p.Item)
	if err != nil {
		return platform.Withdrawal{}, withdrawFailure(err)
	}
	if waits {
		return platform.Withdrawal{Ended: true, Remaining: catalog.WithdrawByHand}, nil
	}
	return platform.Withdrawal{Ended: true}, nil
}

// giveUp makes the two calls. code is Facebook's if it refused the second.
func (h *Hub) giveUp(ctx context.Context, by caller, p platform.WithdrawParams) (code string, err error) {
	h.unassign(ctx, by, p)
	edges := edgesOf(p.Item.Kind)
	if edges.own == "" {
		return "", nil
	}
	err = h.graph.remove(ctx, by, p.Business.ID+"/"+edges.own, url.Values{edges.ownParam: {p.Item.Account}})
	var failure *platform.Failure
	if errors.As(err, &failure) && (failure.Code == catalog.AppNotApproved || failure.Code == catalog.Unexpected) {
		return failure.PlatformCode, nil
	}
	return "", err
}

// unassign unassigns the asset from the agency's own user. It ignores failures:
// the assignment ends with the asset, and 457 means that there was none.
// https://developers.facebook.com/docs/graph-api/reference/ad-account/ (assigned_users)
func (h *Hub) unassign(ctx context.Context, by caller, p platform.WithdrawParams) {
	users, err := list[businessUser](ctx, h.graph, by, "me/business_users", url.Values{"fields": {"id,business{id}"}})
	if err != nil {
		return
	}
	for _, user := range users {
		if user.Business.ID == p.Business.ID {
			_ = h.graph.remove(ctx, by, p.Item.Account+"/assigned_users", url.Values{"user": {user.ID}}) // see above
		}
	}
}

// withdrawFailure turns a refusal to read the agency's own Business Manager
// into AgencySide.
func withdrawFailure(err error) error {
	failure := platform.AsFailure(err)
	if failure.Code == catalog.AppNotApproved || hidden(err) {
		failure.Code = catalog.AgencySide
	}
	return failure
}
