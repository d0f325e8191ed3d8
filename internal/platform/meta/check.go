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

// Assign assigns the asset to the Business Manager's user with ADVERTISE and
// ANALYZE, POST /{asset}/assigned_users: without it the user cannot use a
// shared asset. A repeat is harmless. Tasks that cannot be given (2620), and a
// caller who may not give them (200 to 299), are NotAssigned.
// https://developers.facebook.com/docs/graph-api/reference/ad-account/ (assigned_users)
func (h *Hub) Assign(ctx context.Context, credential platform.Credential, p platform.AssignParams) error {
	if edges, extra := extraOf(p.Item.Kind); extra && edges.byHand {
		return nil // the Graph API does not let the app do it: an admin of the agency does it in Business settings
	}
	var answer struct {
		Success bool `json:"success"`
	}
	err := h.graph.post(ctx, callerOf(credential), p.Item.Account+"/assigned_users", url.Values{
		"user": {p.Business.User}, "tasks": {tasksParameter(tasks(p.Level))},
	}, &answer)
	var failure *platform.Failure
	if errors.As(err, &failure) && (failure.PlatformCode == "2620" || failure.Code == catalog.AppNotApproved) {
		failure.Code = catalog.NotAssigned
	}
	return err
}

// Check searches the asset among those given to the agency's Business Manager,
// and then reads it with the agency's own rights, GET /{asset}. A missing one
// is searched among those that wait for the client's approval. A hidden asset
// (100/33) that is in the list is NotAssigned. Any refusal that is not about the
// asset is an error: AgencySide if the agency's user may not read its Business
// Manager.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_ad_accounts
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_pages
func (h *Hub) Check(ctx context.Context, p platform.CheckParams) (platform.CheckResult, error) {
	if p.Business.ID == "" {
		return h.checkOwn(ctx, p)
	}
	if edges, extra := extraOf(p.Item.Kind); extra {
		return h.checkExtra(ctx, p, edges)
	}
	got, there, err := h.given(ctx, checkCaller(p), p.Business.ID, p.Item)
	if err != nil {
		return platform.CheckResult{}, notTried(err)
	}
	if !there {
		return h.absent(ctx, p)
	}
	granted := got.Tasks
	if !hasAll(granted, tasks(p.Level)) {
		return platform.CheckResult{
			State: onboarding.AccessBroken, Failure: catalog.LevelLowered, Tasks: granted,
			Capabilities: capabilities(granted, p.Level),
		}, nil
	}
	return h.try(ctx, p, granted)
}

// checkCaller is the agency's own user.
func checkCaller(p platform.CheckParams) caller {
	return caller{token: p.Access, proof: p.Credential.AppProof}
}

// try reads the asset as the agency's user. An ad account that can be reached, but
// not be used as it should, works with a failure (F26).
func (h *Hub) try(ctx context.Context, p platform.CheckParams, granted []string) (platform.CheckResult, error) {
	fields := "id,name,user_tasks,account_status"
	if p.Item.Kind == onboarding.Page {
		fields = "id,name"
	}
	var seen struct {
		ID     string        `json:"id"`
		Tasks  []string      `json:"user_tasks"`
		Status accountStatus `json:"account_status"`
	}
	err := h.graph.get(ctx, checkCaller(p), p.Item.Account, url.Values{"fields": {fields}}, &seen)
	switch {
	case hidden(err), err == nil && p.Item.Kind == onboarding.AdAccount && !hasAll(seen.Tasks, tasks(p.Level)):
		return platform.CheckResult{
			State: onboarding.AccessBroken, Failure: catalog.NotAssigned, Bare: hidden(err), Tasks: granted,
		}, nil
	case err != nil && platform.AsFailure(err).Code == catalog.AppNotApproved:
		return h.forbidden(ctx, p, granted, platform.AsFailure(err))
	case err != nil:
		return platform.CheckResult{}, err
	}
	if granted == nil {
		granted = seen.Tasks
	}
	usable := granted
	if p.Item.Kind == onboarding.AdAccount {
		usable = seen.Tasks // given to the business, and by it to this user
	}
	return platform.CheckResult{
		State:        onboarding.AccessWorks,
		Failure:      seen.Status.failure(),
		Code:         seen.Status.code(),
		Tasks:        granted,
		Capabilities: capabilities(usable, p.Level),
	}, nil
}

// forbidden is the result for an asset that the agency's user may not read (3,
// 10, 200 to 299): NotAssigned, if the user has granted the app all that it
// needs. Otherwise no asset can be read: PermissionUnticked.
func (h *Hub) forbidden(
	ctx context.Context, p platform.CheckParams, granted []string, refused *platform.Failure,
) (platform.CheckResult, error) {
	if err := h.checkScopes(ctx, checkCaller(p), scopes(true)); err != nil {
		return platform.CheckResult{}, err
	}
	return platform.CheckResult{
		State: onboarding.AccessBroken, Failure: catalog.NotAssigned, Code: refused.PlatformCode, Tasks: granted,
	}, nil
}

// capabilities turns tasks into capabilities: advertising, if requested, and
// seeing results.
func capabilities(granted []string, asked onboarding.AccessLevel) []onboarding.Capability {
	var all []onboarding.Capability
	results := slices.Contains(granted, "ANALYZE") || slices.Contains(granted, "PROFILE_PLUS_ANALYZE")
	switch {
	case mayAdvertise(granted):
		all = append(all, onboarding.Capability{Name: onboarding.Ads, Level: onboarding.CanChange})
	case results && mayAdvertise(tasks(asked)):
		all = append(all, onboarding.Capability{Name: onboarding.Ads, Level: onboarding.CanNot})
	}
	if results {
		all = append(all, onboarding.Capability{Name: onboarding.Results, Level: onboarding.CanRead})
	}
	return all
}

// hasAll reports whether there contains everything in wanted. A Page of the new kind names
// its tasks otherwise.
func hasAll(there, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(task string) bool {
		return !slices.Contains(there, task) && !slices.Contains(there, "PROFILE_PLUS_"+task)
	})
}

// checkOwn checks an asset of the agency itself: its user must still see it,
// and may advertise with it.
func (h *Hub) checkOwn(ctx context.Context, p platform.CheckParams) (platform.CheckResult, error) {
	finding, err := h.try(ctx, p, nil)
	if finding.Failure == catalog.NotAssigned {
		finding.Failure = catalog.ShareRemoved
	}
	return finding, err
}

// absent distinguishes pending assets from removed ones: an asset that has worked
// before was removed. The lists show somebody who is not Admin of the Business Manager
// only what is assigned to them: then it is not known, and the error is NotAssigned.
func (h *Hub) absent(ctx context.Context, p platform.CheckParams) (platform.CheckResult, error) {
	switch role, err := h.Role(ctx, p.Credential, p.Business.ID); {
	case err != nil:
		return platform.CheckResult{}, notTried(err)
	case role == platform.RoleOther, role == platform.RoleNone:
		return platform.CheckResult{}, &platform.Failure{Code: catalog.NotAssigned}
	}
	if p.Item.Access.State == onboarding.AccessWorks || p.Item.Access.State == onboarding.AccessBroken {
		return platform.CheckResult{State: onboarding.AccessBroken, Failure: catalog.ShareRemoved}, nil
	}
	waits, err := h.pending(ctx, checkCaller(p), p.Business.ID, p.Item)
	if err != nil {
		return platform.CheckResult{}, notTried(err)
	}
	why := catalog.FailureCode(p.Item.Failure)
	if why == "" || waits && why != catalog.NewPageAdmin { // which is on the same list, and nobody's to approve
		why = catalog.ApproveInBusiness
	}
	return platform.CheckResult{State: onboarding.AccessWaiting, Failure: why}, nil
}

// notTried is the error of a check that learned nothing about the asset. A
// refusal to read the Business Manager is AgencySide: the role there, not the
// app, decides about it.
func notTried(err error) error {
	failure := platform.AsFailure(err)
	if failure.Code == catalog.AppNotApproved || hidden(err) {
		failure.Code = catalog.AgencySide
	}
	return failure
}
