package mailchimp

import (
	"context"
	"errors"
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	// maxCount is Mailchimp's maximum of audiences per call.
	maxCount = 1000
	// maxPages bounds the calls of one check, far above any real account.
	maxPages = 50
)

// Check counts the account's audiences and contacts, GET /3.0/lists. 401 is
// CredentialRefused: the client has disconnected the app. 403 is RoleTooLow if
// the metadata names such a role, else UserInactive. An account that has moved
// to another data centre is checked there. Temporary refusals (429, 503, a 403
// without a problem document) are errors without a result.
// https://mailchimp.com/developer/marketing/api/lists/get-lists-info/
func (h *Hub) Check(ctx context.Context, p platform.CheckParams) (platform.CheckResult, error) {
	gives, err := h.count(ctx, p.Credential)
	if errors.Is(err, errWrongDataCentre) {
		gives, err = h.countWhereItIs(ctx, p.Credential)
	}
	if errors.Is(err, errForbidden) {
		err = h.whyForbidden(ctx, p.Credential, err)
	}
	if err == nil {
		return platform.CheckResult{State: onboarding.AccessWorks, Capabilities: gives}, nil
	}
	failure := platform.AsFailure(err)
	switch failure.Code {
	case catalog.CredentialRefused, catalog.RoleTooLow, catalog.UserInactive:
		return platform.Broken(failure), nil
	}
	return platform.CheckResult{}, failure
}

// Withdraw cannot end the access: Mailchimp has no call for it. It reports
// whether the client has ended it already, which a 401 proves.
// https://mailchimp.com/developer/marketing/api/authorized-apps/
func (h *Hub) Withdraw(ctx context.Context, p platform.WithdrawParams) (platform.Withdrawal, error) {
	finding, err := h.Check(ctx, platform.CheckParams{Item: p.Item, Access: p.Access, Credential: p.Credential})
	if err != nil {
		return platform.Withdrawal{}, platform.AsFailure(err)
	}
	if finding.Failure == catalog.CredentialRefused {
		return platform.Withdrawal{Ended: true, Code: finding.Code}, nil
	}
	return platform.Withdrawal{Remaining: catalog.WithdrawByHand, Code: finding.Code}, nil
}

// count adds up all audiences of the account, page by page.
func (h *Hub) count(ctx context.Context, credential platform.Credential) ([]onboarding.Capability, error) {
	var audiences, seen, contacts int64
	for range maxPages {
		var page struct {
			Lists []struct {
				Stats struct {
					Members int64 `json:"member_count"`
				} `json:"stats"`
			} `json:"lists"`
			Total int64 `json:"total_items"`
		}
		path := "/3.0/lists?count=" + strconv.Itoa(maxCount) + "&offset=" + strconv.FormatInt(seen, 10) +
			"&fields=lists.id,lists.name,lists.stats.member_count,total_items"
		if err := h.read(ctx, credential, path, &page); err != nil {
			return nil, err
		}
		for _, list := range page.Lists {
			contacts += list.Stats.Members
		}
		audiences, seen = page.Total, seen+int64(len(page.Lists))
		if len(page.Lists) == 0 || seen >= page.Total {
			return []onboarding.Capability{
				{Name: onboarding.Audiences, Count: max(audiences, seen)},
				{Name: onboarding.Contacts, Count: contacts},
			}, nil
		}
	}
	return nil, platform.Down(errors.New("the list of audiences does not end"))
}

// countWhereItIs counts at the address that the metadata names now: the
// credential's data centre is outdated.
func (h *Hub) countWhereItIs(
	ctx context.Context, credential platform.Credential,
) ([]onboarding.Capability, error) {
	about, err := h.about(ctx, credential.Secret)
	if err != nil {
		return nil, err
	}
	if about.Address == credential.Address {
		return nil, platform.Down(errors.New("the account is not in the data centre that its metadata names"))
	}
	credential.Address = about.Address
	return h.count(ctx, credential)
}

// whyForbidden distinguishes a role that is too low from an inactive account:
// Mailchimp refuses both alike. If the role suffices, it returns forbidden.
func (h *Hub) whyForbidden(ctx context.Context, credential platform.Credential, forbidden error) error {
	about, err := h.about(ctx, credential.Secret)
	if err != nil {
		return err
	}
	if about.mayNot() {
		return &platform.Failure{Code: catalog.RoleTooLow, PlatformCode: about.Role}
	}
	return forbidden
}
