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
// CredentialRefused unless the access token alone has ended, 403 with
// MISSING_SCOPES ProductNotInPlan. A portal takes 110 calls in ten seconds from
// an app: 429 is PlatformBusy, which says nothing about the access.
//
// Nothing is written to prove that it could be: what may be changed is what was
// granted at the sign-in. A credential of before that was kept only shows what
// the calls show.
// https://developers.hubspot.com/docs/api-reference/2026-03/crm/objects/contacts/get-contacts
func (h *Hub) Check(ctx context.Context, q platform.CheckParams) (platform.CheckResult, error) {
	reply, err := h.call(ctx, http.MethodGet, contacts+"?limit=1&properties=hs_object_id", q.Access, nil)
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
		granted := strings.Fields(q.Credential.Scopes)
		return platform.CheckResult{
			State:        onboarding.AccessWorks,
			Tasks:        tasks(granted),
			Capabilities: h.capabilities(ctx, q.Access, granted),
		}, nil
	}
	failure := platform.AsFailure(refused(reply, catalog.CredentialRefused))
	if errors.Is(failure, onboarding.ErrPlatformDown) {
		return platform.CheckResult{}, failure
	}
	if accessEnded(reply.Status, failure) {
		return platform.CheckResult{}, platform.Down(errors.New("the access token has ended"))
	}
	return platform.CheckResult{State: onboarding.AccessBroken, Failure: failure.Code, Code: failure.PlatformCode}, nil
}

// accessEnded says whether a refusal is about the access token alone: its half
// hour is over, and nothing is known about the grant.
func accessEnded(status int, failure *platform.Failure) bool {
	return status == http.StatusUnauthorized && failure.PlatformCode == "EXPIRED_AUTHENTICATION"
}

// tasks are what was granted beside the sign-in, or what the check has shown.
func tasks(granted []string) []string {
	if len(granted) == 0 {
		return scopes()[1:]
	}
	return slices.DeleteFunc(slices.Clone(granted), func(scope string) bool { return scope == signIn })
}

// capabilities are what a portal gives whose contacts can be read. What a call
// that is for a number alone does not tell is left out.
func (h *Hub) capabilities(ctx context.Context, access onboarding.Secret, granted []string) []onboarding.Capability {
	given := []onboarding.Capability{{Name: "contacts", Level: onboarding.CanRead}}
	switch {
	case slices.Contains(granted, changeContacts):
		given[0].Level = onboarding.CanChange
	case len(granted) > 0: // asked for, and not given
		given = append(given, onboarding.Capability{Name: "contacts", Level: onboarding.CanNot})
	}
	if total, err := h.total(ctx, contacts+"/search", access, countContacts()); err == nil {
		given = append(given, onboarding.Capability{Name: "contacts", Count: total})
	}
	if len(granted) > 0 && !slices.Contains(granted, readLists) {
		return append(given, onboarding.Capability{Name: "lists", Level: onboarding.CanNot})
	}
	total, err := h.total(ctx, lists, access, countLists())
	switch {
	case err == nil:
		given = append(given, onboarding.Capability{Name: "lists", Level: onboarding.CanRead},
			onboarding.Capability{Name: "lists", Count: total})
	case len(granted) > 0 && platform.AsFailure(err).Code == catalog.ProductNotInPlan:
		given = append(given, onboarding.Capability{Name: "lists", Level: onboarding.CanNot})
	}
	return given
}

// countContacts asks for one contact's number and for how many there are: the
// list of contacts does not say that.
// https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm
func countContacts() any {
	return struct {
		FilterGroups []string `json:"filterGroups"`
		Sorts        []string `json:"sorts"`
		Properties   []string `json:"properties"`
		Limit        int      `json:"limit"`
		After        string   `json:"after"`
	}{[]string{}, []string{}, []string{"hs_object_id"}, 1, "0"}
}

// countLists asks for one list and for how many there are.
// https://developers.hubspot.com/docs/api-reference/latest/crm/lists/search/search-lists
func countLists() any {
	return struct {
		ListIDs              []string `json:"listIds"`
		ProcessingTypes      []string `json:"processingTypes"`
		AdditionalProperties []string `json:"additionalProperties"`
		Offset               int      `json:"offset"`
		Count                int      `json:"count"`
	}{[]string{}, []string{}, []string{}, 0, 1}
}

// total is how many a search finds. Its error is a *platform.Failure.
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
		return 0, platform.Down(errors.New("a search told no total"))
	}
	return *page.Total, nil
}

// Withdraw uninstalls the app from the item's portal with the portal's own
// access token, DELETE /appinstalls/2026-03/external-install, and proves by
// reading a contact that the access is gone. That ends every item of the portal,
// so it is not done while another one lives: GrantShared. HubSpot writes to the
// portal's Super Admins that the app was uninstalled.
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
		case reply.Status != http.StatusUnauthorized: // else it was gone before, which the proof will show
			return platform.Withdrawal{}, failure
		}
	}
	return h.proveGone(ctx, p.Access)
}

// proveGone reads a contact: 401 shows that the access is gone.
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
	question, err := http.NewRequestWithContext(ctx, method, address, sent)
	if err != nil {
		return platform.Reply{}, fmt.Errorf("readying a call: %w", platform.WithoutAddress(err))
	}
	question.Header.Set("Accept", "application/json")
	question.Header.Set("Authorization", "Bearer "+access.Reveal())
	if body != nil {
		question.Header.Set("Content-Type", "application/json")
	}
	return platform.Do(h.client, question)
}
