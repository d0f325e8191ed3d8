package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// records are the checked objects and their capabilities.
func records() []record {
	return []record{
		{"Lead", onboarding.Leads}, {"Contact", onboarding.Contacts}, {"CampaignMember", onboarding.CampaignMembers},
	}
}

type record struct {
	object     string
	capability onboarding.CapabilityName
}

// Check reads what the user may do with leads, contacts and campaign members,
// GET /services/data/v60.0/sobjects/{object}/describe. The item works if leads
// can be written or contacts can be read; everything else is in the
// capabilities. With neither it is LevelLowered. An ended session is
// SessionEnded, an error: the caller renews once. Exhausted daily calls are
// PlatformBusy, an error without a result.
// https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm
func (h *Hub) Check(ctx context.Context, p platform.CheckParams) (platform.CheckResult, error) {
	address, err := instance(p.Credential.Address)
	if err != nil {
		return platform.CheckResult{State: onboarding.AccessBroken, Failure: catalog.Unexpected}, nil
	}
	finding := platform.CheckResult{State: onboarding.AccessBroken, Failure: catalog.LevelLowered}
	for _, record := range records() {
		level, err := h.level(ctx, address, p.Access, record.object)
		failure := (*platform.Failure)(nil)
		switch {
		case err == nil:
		case errors.Is(err, onboarding.ErrPlatformDown):
			return platform.CheckResult{}, err
		default:
			failure = platform.AsFailure(err)
			if failure.Code == catalog.SessionEnded {
				return platform.CheckResult{}, failure
			}
			if failure.Code != catalog.LevelLowered {
				return platform.Broken(failure), nil
			}
			finding.Code = failure.PlatformCode
		}
		finding.Capabilities = append(finding.Capabilities, onboarding.Capability{Name: record.capability, Level: level})
	}
	if useful(finding.Capabilities) {
		finding.State, finding.Failure, finding.Code = onboarding.AccessWorks, "", ""
	}
	return finding, nil
}

// useful reports whether leads can be written or contacts can be read.
func useful(given []onboarding.Capability) bool {
	for _, one := range given {
		writes := one.Level == onboarding.CanWrite || one.Level == onboarding.CanChange
		reads := one.Level == onboarding.CanRead || one.Level == onboarding.CanChange
		if one.Name == onboarding.Leads && writes || one.Name == onboarding.Contacts && reads {
			return true
		}
	}
	return false
}

// level is what the user may do with one object.
func (h *Hub) level(
	ctx context.Context, address string, access onboarding.Secret, object string,
) (onboarding.CapabilityLevel, error) {
	reply, err := h.get(ctx, address+"/services/data/"+version+"/sobjects/"+object+"/describe", access)
	if err != nil {
		return "", err
	}
	if reply.Status != http.StatusOK {
		return onboarding.CanNot, answered(reply)
	}
	var about struct {
		Name       string `json:"name"`
		Queryable  bool   `json:"queryable"`
		Createable bool   `json:"createable"`
	}
	if err := reply.JSON(&about); err != nil {
		return "", err
	}
	switch {
	case about.Name != object:
		return "", platform.Down(errors.New("something else than the description asked for was answered"))
	case about.Queryable && about.Createable:
		return onboarding.CanChange, nil
	case about.Createable:
		return onboarding.CanWrite, nil
	case about.Queryable:
		return onboarding.CanRead, nil
	}
	return onboarding.CanNot, nil
}

// Withdraw revokes a grant, POST /services/oauth2/revoke with the refresh
// token, which also ends its access tokens. It verifies that the access token
// is refused or, without one, that revoking again fails. The app stays
// installed: only the client's admin can uninstall it.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_revoke_token.htm
func (h *Hub) Withdraw(ctx context.Context, p platform.WithdrawParams) (platform.Withdrawal, error) {
	address, err := instance(p.Credential.Address)
	if err != nil {
		return platform.Withdrawal{}, &platform.Failure{
			Code: catalog.Unexpected,
			Err:  fmt.Errorf("ending an access: %w", err),
		}
	}
	known, err := h.revoke(ctx, address, p.Credential.Secret)
	if err != nil {
		return platform.Withdrawal{}, err
	}
	if p.Access.Empty() {
		if known {
			known, err = h.revoke(ctx, address, p.Credential.Secret)
		}
		switch {
		case err != nil:
			return platform.Withdrawal{}, err
		case known:
			return platform.Withdrawal{}, &platform.Failure{
				Code: catalog.Unexpected,
				Err:  errors.New("a revoked token is still known"),
			}
		}
		return platform.Withdrawal{Ended: true}, nil
	}
	reply, err := h.get(ctx, address+"/services/data/"+version+"/", p.Access)
	if err != nil {
		return platform.Withdrawal{}, err
	}
	if reply.Status == http.StatusOK {
		var resources map[string]any
		if err := reply.JSON(&resources); err != nil {
			return platform.Withdrawal{}, err // the response is not Salesforce's
		}
		return platform.Withdrawal{}, &platform.Failure{
			Code: catalog.Unexpected,
			Err:  errors.New("the access token still works after it was revoked"),
		}
	}
	if failure := platform.AsFailure(answered(reply)); failure.Code != catalog.SessionEnded {
		return platform.Withdrawal{}, failure
	}
	return platform.Withdrawal{Ended: true}, nil
}

// revoke revokes a token. known reports whether it was valid before.
func (h *Hub) revoke(ctx context.Context, address string, token onboarding.Secret) (known bool, err error) {
	request, err := platform.Form(ctx, address+"/services/oauth2/revoke", url.Values{"token": {token.Reveal()}})
	if err != nil {
		return false, err
	}
	reply, err := platform.Do(h.client, request)
	switch {
	case err != nil:
		return false, err
	case reply.Status == http.StatusOK:
		return true, nil
	case reply.Status == http.StatusBadRequest && strings.Contains(string(reply.Body), "invalid_token"): // JSON or a form
		return false, nil
	}
	return false, answered(reply)
}

// get calls Salesforce's API with an access token.
func (h *Hub) get(ctx context.Context, address string, access onboarding.Secret) (platform.Reply, error) {
	request, err := platform.Get(ctx, address)
	if err != nil {
		return platform.Reply{}, err
	}
	request.Header.Set("Authorization", "Bearer "+access.Reveal())
	return platform.Do(h.client, request)
}
