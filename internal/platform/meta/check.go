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

// Assign gives the Business Manager's user the asset with ADVERTISE and
// ANALYZE, POST /{asset}/assigned_users: without it a shared asset is of no use
// to them. Twice is as once. Tasks that cannot be given (2620), and a user who
// may not give them (200 to 299), are NotAssigned.
// https://developers.facebook.com/docs/graph-api/reference/ad-account/ (assigned_users)
func (h *Hub) Assign(ctx context.Context, credential platform.Credential, p platform.AssignParams) error {
	var answer struct {
		Success bool `json:"success"`
	}
	err := h.graph.post(ctx, callerOf(credential), p.Item.Account+"/assigned_users", url.Values{
		"user": {p.Business.User}, "tasks": {tasksParameter(tasks(p.Level))},
	}, &answer)
	var failure *platform.Failure
	if errors.As(err, &failure) && (failure.Code == "2620" || failure.What == catalog.AppNotApproved) {
		failure.What = catalog.NotAssigned
	}
	return err
}

// Check looks the asset up among those that were given to the agency's
// Business Manager, GET /{business}/client_ad_accounts or client_pages, and then
// tries it with the agency's own rights, GET /{asset}. An asset that is not
// there is looked for among those that wait for the client's approval. What
// nobody may see (100/33) is NotAssigned where it is there, and the agency's own
// matter where its user may not look into its Business Manager.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_ad_accounts
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_pages
func (h *Hub) Check(ctx context.Context, q platform.CheckQ) (platform.Finding, error) {
	if q.Business.ID == "" {
		return h.checkOwn(ctx, q)
	}
	edge, pending, fields := "client_ad_accounts", "pending_client_ad_accounts", "id,ad_account{id}"
	if q.Item.Kind == onboarding.Page {
		edge, pending, fields = "client_pages", "pending_client_pages", "id,page{id}"
	}
	type given struct {
		ID    string   `json:"id"`
		Tasks []string `json:"permitted_tasks"`
	}
	all, err := list[given](ctx, h.graph, checkCaller(q), q.Business.ID+"/"+edge, url.Values{"fields": {"id,name,permitted_tasks"}})
	if err != nil {
		return found(err)
	}
	at := slices.IndexFunc(all, func(g given) bool { return g.ID == q.Item.Account })
	if at < 0 {
		return h.absent(ctx, q, pending, fields)
	}
	granted := all[at].Tasks
	if !hasAll(granted, tasks(q.Level)) {
		return platform.Finding{State: onboarding.AccessBroken, Failure: catalog.LevelLowered, Tasks: granted}, nil
	}
	return h.try(ctx, q, granted)
}

// checkCaller is the agency's own user.
func checkCaller(q platform.CheckQ) caller { return caller{token: q.Access, proof: q.Lasting.AppProof} }

// try uses the asset as the agency's user.
func (h *Hub) try(ctx context.Context, q platform.CheckQ, granted []string) (platform.Finding, error) {
	fields := "id,name,user_tasks"
	if q.Item.Kind == onboarding.Page {
		fields = "id,name"
	}
	var seen struct {
		ID    string   `json:"id"`
		Tasks []string `json:"user_tasks"`
	}
	err := h.graph.get(ctx, checkCaller(q), q.Item.Account, url.Values{"fields": {fields}}, &seen)
	switch {
	case hidden(err), err == nil && q.Item.Kind == onboarding.AdAccount && !hasAll(seen.Tasks, tasks(q.Level)):
		return platform.Finding{State: onboarding.AccessBroken, Failure: catalog.NotAssigned, Tasks: granted}, nil
	case err != nil:
		return found(err)
	}
	if granted == nil {
		granted = seen.Tasks
	}
	return platform.Finding{State: onboarding.AccessWorks, Tasks: granted}, nil
}

// hasAll says whether everything that is wanted is there.
func hasAll(there, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(task string) bool { return !slices.Contains(there, task) })
}

// checkOwn tries an asset of the agency itself, which nobody shared: its user
// still has to see it, and may advertise with it.
func (h *Hub) checkOwn(ctx context.Context, q platform.CheckQ) (platform.Finding, error) {
	finding, err := h.try(ctx, q, nil)
	if finding.Failure == catalog.NotAssigned {
		finding.Failure = catalog.AgencySide
	}
	return finding, err
}

// absent tells what is still awaited from what was taken away: an asset that
// has worked before was. It asks GET /{business}/pending_client_ad_accounts or
// pending_client_pages.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/pending_client_ad_accounts
func (h *Hub) absent(ctx context.Context, q platform.CheckQ, edge, fields string) (platform.Finding, error) {
	if q.Item.Access.State == onboarding.AccessWorks || q.Item.Access.State == onboarding.AccessBroken {
		return platform.Finding{State: onboarding.AccessBroken, Failure: catalog.ShareRemoved}, nil
	}
	type entry struct {
		AdAccount onboarding.Account `json:"ad_account"`
		Page      onboarding.Account `json:"page"`
	}
	waiting, err := list[entry](ctx, h.graph, checkCaller(q), q.Business.ID+"/"+edge, url.Values{"fields": {fields}})
	if err != nil {
		return found(err)
	}
	why := catalog.FailureCode(q.Item.Failure)
	if slices.ContainsFunc(waiting, func(e entry) bool { return e.AdAccount.ID == q.Item.Account || e.Page.ID == q.Item.Account }) {
		why = catalog.ApproveInBusiness
	}
	if why == "" {
		why = catalog.ApproveInBusiness
	}
	return platform.Finding{State: onboarding.AccessWaiting, Failure: why}, nil
}

// found tells a refusal that says something about the access from a platform
// that was not there.
func found(err error) (platform.Finding, error) {
	failure := platform.AsFailure(err)
	if errors.Is(failure, onboarding.ErrPlatformDown) || failure.What == catalog.TemporarilyBlocked {
		return platform.Finding{}, failure
	}
	what := failure.What
	if what == catalog.AppNotApproved || hidden(err) {
		what = catalog.AgencySide // the agency's user may not look into its own Business Manager
	}
	return platform.Finding{State: onboarding.AccessBroken, Failure: what, Code: failure.Code}, nil
}
