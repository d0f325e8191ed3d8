package meta

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

func TestACheckSaysWhatFacebookSaysOfTheAdAccount(t *testing.T) {
	for status, want := range map[int]struct {
		failure catalog.FailureCode
		code    string
	}{
		0: {}, 1: {}, 201: {}, // not told; active; only a filter
		2:   {catalog.AccountRestricted, "DISABLED"},
		3:   {catalog.AccountRestricted, "UNSETTLED"},
		7:   {catalog.AccountRestricted, "PENDING_RISK_REVIEW"},
		8:   {catalog.AccountRestricted, "PENDING_SETTLEMENT"},
		9:   {catalog.PaymentOverdue, "IN_GRACE_PERIOD"},
		100: {catalog.AccountClosed, "PENDING_CLOSURE"},
		101: {catalog.AccountClosed, "CLOSED"},
	} {
		account := map[string]any{"id": "act_1", "permitted_tasks": []string{"ADVERTISE", "ANALYZE"}}
		relay, _ := stubbed(t, func(path string, query url.Values) (int, string) {
			if path == "act_1" {
				return http.StatusOK, fmt.Sprintf(
					`{"id":"act_1","user_tasks":["ADVERTISE","ANALYZE"],"account_status":%d}`, status)
			}
			return http.StatusOK, graphList(t, []map[string]any{account}, query)
		})
		for _, business := range []string{"b1", ""} { // a client's, and the agency's own
			got, err := relay.Check(t.Context(), platform.CheckParams{
				Item:     onboarding.Item{Kind: onboarding.AdAccount, Account: "act_1"},
				Business: onboarding.Account{ID: business},
			})
			if err != nil || got.State != onboarding.AccessWorks || got.Failure != want.failure || got.Code != want.code {
				t.Errorf("status %d, business %q: got %+v, %v", status, business, got, err)
			}
		}
	}
}

func TestTheChoiceWarnsOfWhatFacebookSaysOfAnAdAccount(t *testing.T) {
	for status, want := range map[int]catalog.FailureCode{
		0: "", 1: "", 2: catalog.AccountRestricted, 3: catalog.AccountRestricted, 7: catalog.AccountRestricted,
		8: catalog.AccountRestricted, 9: catalog.PaymentOverdue,
	} {
		lists := assetLists{roles: map[string]businessUser{"b1": {Role: "ADMIN"}}}
		got := lists.accountAsset(adAccount{
			ID: "act_1", Status: accountStatus(status), Business: onboarding.Account{ID: "b1"},
		})
		if got.Barrier != "" || got.Warning != want {
			t.Errorf("status %d: got %+v", status, got)
		}
	}
}
