package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	contacts  = api + "/crm/objects/" + version + "/contacts"
	lists     = api + "/crm/lists/" + version + "/search"
	uninstall = api + "/appinstalls/" + version + "/external-install"
)

// Check reads one contact with the item's access token, GET
// /crm/objects/2026-03/contacts, and counts what can be read. 401 is
// CredentialRefused unless only the access token has expired, 403 with
// MISSING_SCOPES ProductNotInPlan. A portal allows an app 110 calls in ten
// seconds: 429 is PlatformBusy, an error without a result.
//
// It writes nothing to verify write access: that follows from the granted
// scopes. For a credential without stored scopes, only the calls count.
// https://developers.hubspot.com/docs/api-reference/2026-03/crm/objects/contacts/get-contacts
func (h *Hub) Check(ctx context.Context, p platform.CheckParams) (platform.CheckResult, error) {
	reply, err := h.call(ctx, http.MethodGet, contacts+"?limit=1&properties=hs_object_id", p.Access, nil)
	if err != nil {
		return platform.CheckResult{}, err
	}
	if reply.Status == http.StatusOK {
		var page struct {
			Results []json.RawMessage `json:"results"`
		}
		if err := reply.JSON(&page); err != nil {
			return platform.CheckResult{}, err
		}
		granted := strings.Fields(p.Credential.Scopes)
		return platform.CheckResult{
			State:        onboarding.AccessWorks,
			Tasks:        tasks(granted),
			Capabilities: h.capabilities(ctx, p.Access, granted),
		}, nil
	}
	failure := platform.AsFailure(refused(reply, catalog.CredentialRefused))
	if errors.Is(failure, onboarding.ErrPlatformDown) {
		return platform.CheckResult{}, failure
	}
	if accessEnded(reply.Status, failure) {
		return platform.CheckResult{}, platform.Down(errors.New("the access token has ended"))
	}
	return platform.Broken(failure), nil
}

// accessEnded reports whether only the access token was refused: it lives half
// an hour, and its refusal is no sign that the grant has ended.
func accessEnded(status int, failure *platform.Failure) bool {
	return status == http.StatusUnauthorized && failure.PlatformCode == "EXPIRED_AUTHENTICATION"
}

// tasks are the granted scopes without the sign-in's, or what the check has
// verified.
func tasks(granted []string) []string {
	if len(granted) == 0 {
		return scopes()[1:]
	}
	return slices.DeleteFunc(slices.Clone(granted), func(scope string) bool { return scope == scopeOAuth })
}

// capabilities describes the access of a portal whose contacts can be read. A count
// that fails is NotCounted.
func (h *Hub) capabilities(ctx context.Context, access onboarding.Secret, granted []string) []onboarding.Capability {
	given := []onboarding.Capability{{Name: onboarding.Contacts, Level: onboarding.CanRead}}
	switch {
	case slices.Contains(granted, changeContacts):
		given[0].Level = onboarding.CanChange
	case len(granted) > 0: // requested but not granted
		given = append(given, onboarding.Capability{Name: onboarding.Contacts, Level: onboarding.CanNot})
	}
	if total, err := h.total(ctx, contacts+"/search", access, countContacts()); err == nil {
		given = append(given, onboarding.Capability{Name: onboarding.Contacts, Count: total})
	} else {
		given = append(given, onboarding.Capability{Name: onboarding.Contacts, Level: onboarding.NotCounted})
	}
	if len(granted) > 0 && !slices.Contains(granted, readLists) {
		return append(given, onboarding.Capability{Name: onboarding.Lists, Level: onboarding.CanNot})
	}
	total, err := h.total(ctx, lists, access, countLists())
	switch {
	case err == nil:
		given = append(given, onboarding.Capability{Name: onboarding.Lists, Level: onboarding.CanRead},
			onboarding.Capability{Name: onboarding.Lists, Count: total})
	case len(granted) > 0 && platform.AsFailure(err).Code == catalog.ProductNotInPlan:
		given = append(given, onboarding.Capability{Name: onboarding.Lists, Level: onboarding.CanNot})
	case len(granted) > 0: // granted, but not counted now
		given = append(given, onboarding.Capability{Name: onboarding.Lists, Level: onboarding.NotCounted})
	}
	return given
}

// countContacts is a search for one contact: the result includes the total,
// which the list of contacts lacks.
// https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm
func countContacts() any {
	return struct {
		FilterGroups []string `json:"filterGroups"`
		Sorts        []string `json:"sorts"`
		Properties   []string `json:"properties"`
		Limit        int      `json:"limit"`
		After        string   `json:"after"`
	}{FilterGroups: []string{}, Sorts: []string{}, Properties: []string{"hs_object_id"}, Limit: 1, After: "0"}
}

// countLists is a search for one list: the result includes the total.
// https://developers.hubspot.com/docs/api-reference/latest/crm/lists/search/search-lists
func countLists() any {
	return struct {
		ListIDs              []string `json:"listIds"`
		ProcessingTypes      []string `json:"processingTypes"`
		AdditionalProperties []string `json:"additionalProperties"`
		Offset               int      `json:"offset"`
		Count                int      `json:"count"`
	}{ListIDs: []string{}, ProcessingTypes: []string{}, AdditionalProperties: []string{}, Count: 1}
}

// total is the total of a search. Its error is a *platform.Failure.
func (h *Hub) total(ctx context.Context, address string, access onboarding.Secret, search any) (int64, error) {
	reply, err := h.call(ctx, http.MethodPost, address, access, search)
	if err != nil {
		return 0, err
	}
	if reply.Status != http.StatusOK {
		return 0, refused(reply, catalog.Unexpected)
	}
	var page struct {
		Total *int64 `json:"total"`
	}
	if err := reply.JSON(&page); err != nil {
		return 0, err
	}
	if page.Total == nil {
		return 0, platform.Down(errors.New("a search gave no total"))
	}
	return *page.Total, nil
}

// Withdraw uninstalls the app from the item's portal with the portal's own
// access token, DELETE /appinstalls/2026-03/external-install, and verifies by
// reading a contact that the access is gone. That ends every item of the
// portal, so while there is another one it makes no call: GrantShared. HubSpot
// emails the portal's Super Admins about the uninstallation.
// https://developers.hubspot.com/docs/api-reference/2026-03/app-management/app-uninstalls/uninstall-app
func (h *Hub) Withdraw(ctx context.Context, p platform.WithdrawParams) (platform.Withdrawal, error) {
	if p.SharesGrant.Account {
		return platform.Withdrawal{Remaining: catalog.GrantShared}, nil
	}
	if p.Access.Empty() { // a 401 would prove nothing: the app may be what is refused
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand}, nil
	}
	reply, err := h.call(ctx, http.MethodDelete, uninstall, p.Access, nil)
	if err != nil {
		return platform.Withdrawal{}, err
	}
	if reply.Status != http.StatusNoContent {
		failure := platform.AsFailure(refused(reply, catalog.CredentialRefused))
		switch {
		case accessEnded(reply.Status, failure):
			return platform.Withdrawal{}, platform.Down(errors.New("the access token has ended"))
		case reply.Status != http.StatusUnauthorized: // 401: already uninstalled, verified below
			return platform.Withdrawal{}, failure
		}
	}
	return h.proveGone(ctx, p.Access)
}

// proveGone reads a contact: 401 proves that the access is gone.
func (h *Hub) proveGone(ctx context.Context, access onboarding.Secret) (platform.Withdrawal, error) {
	reply, err := h.call(ctx, http.MethodGet, contacts+"?limit=1&properties=hs_object_id", access, nil)
	switch {
	case err != nil:
		return platform.Withdrawal{}, err
	case reply.Status == http.StatusUnauthorized:
		failure := platform.AsFailure(refused(reply, catalog.CredentialRefused))
		return platform.Withdrawal{Ended: true, Code: failure.PlatformCode}, nil
	case reply.Status == http.StatusOK:
		return platform.Withdrawal{}, &platform.Failure{
			Code:       catalog.PlatformBusy,
			RetryAfter: time.Minute,
			Err:        errors.New("the token is still taken after the app was uninstalled"),
		}
	}
	return platform.Withdrawal{}, refused(reply, catalog.Unexpected)
}

// call makes one call with a portal's access token; a body is sent as JSON.
func (h *Hub) call(
	ctx context.Context, method, address string, access onboarding.Secret, body any,
) (platform.Reply, error) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return platform.Reply{}, fmt.Errorf("writing a call: %w", err)
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, sent)
	if err != nil {
		return platform.Reply{}, fmt.Errorf("readying a call: %w", platform.WithoutAddress(err))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Authorization", "Bearer "+access.Reveal())
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return platform.Do(h.client, request)
}
