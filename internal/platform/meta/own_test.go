package meta

import (
	"net/http"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func TestARefusalSaysWhetherItIsAboutTheSignInTheAppOrThePlatform(t *testing.T) {
	for body, want := range map[string]struct {
		code catalog.FailureCode
		said string
	}{
		`{"error":{"code":100,"message":"API calls from the server require an appsecret_proof argument"}}`: {
			catalog.SignInEnded, "100/appsecret_proof",
		},
		`{"error":{"code":100,"message":"Invalid appsecret_proof provided in the API argument"}}`: {
			catalog.SignInEnded, "100/appsecret_proof",
		},
		`{"error":{"code":100,"message":"Tried accessing nonexisting field (x)"}}`: {catalog.Unexpected, "100"},
		`{"error":{"code":101,"message":"Error validating application."}}`:         {catalog.AgencySide, "101"},
		`{"error":{"code":190,"message":"Session has expired","error_subcode":463}}`: {
			catalog.SignInExpired, "190/463",
		},
		`{"error":{"code":4,"message":"Application request limit reached"}}`:     {catalog.PlatformBusy, "4"},
		`{"error":{"code":17,"message":"User request limit reached"}}`:           {catalog.PlatformBusy, "17"},
		`{"error":{"code":32,"message":"Page request limit reached"}}`:           {catalog.PlatformBusy, "32"},
		`{"error":{"code":613,"message":"Calls to this api have exceeded"}}`:     {catalog.PlatformBusy, "613"},
		`{"error":{"code":2,"message":"An unexpected error","error_subcode":5}}`: {catalog.PlatformDown, "2/5"},
		`<html>502 Bad Gateway</html>`:                                           {catalog.PlatformDown, ""},
	} {
		got := platform.AsFailure(failed(platform.Reply{Status: http.StatusBadRequest, Body: []byte(body)}))
		if got.Code != want.code || got.PlatformCode != want.said {
			t.Errorf("%s: got %s (%s), want %s (%s)", body, got.Code, got.PlatformCode, want.code, want.said)
		}
	}
}

func TestACheckWithASignInThatIsRefusedSaysNothingAboutTheAsset(t *testing.T) {
	for name, c := range map[string]struct {
		action sandbox.Action
		fault  string
		want   catalog.FailureCode
	}{
		"expired":       {action: sandbox.Action{Action: "expire_tokens", Person: "ana-ruiz"}, want: catalog.SignInExpired},
		"removed":       {action: sandbox.Action{Action: "remove_app", Person: "ana-ruiz"}, want: catalog.AppRemoved},
		"left":          {action: sandbox.Action{Action: "leave_business", Person: "ana-ruiz"}, want: catalog.AgencySide},
		"password":      {fault: "token_revoked", want: catalog.SignInEnded},
		"security":      {fault: "checkpoint", want: catalog.SecurityCheck},
		"without proof": {fault: "require_appsecret_proof", want: catalog.SignInEnded},
	} {
		s := newScene(t)
		credential, business := s.agency(t)
		item, _, err := s.shared(t, onboarding.AdAccount, "Harbour & Pine EU", business)
		if err != nil {
			t.Fatal(err)
		}
		item.Access.State = onboarding.AccessWorks
		if c.fault != "" {
			s.Fault(c.fault)
			credential.AppProof = onboarding.Secret{} // a sign-in from before proofs were kept
		} else {
			if c.action.Action == "leave_business" {
				c.action.Business = business.ID
			}
			s.Act(c.action)
		}
		finding, err := s.hub.Check(t.Context(), platform.CheckParams{
			Item: item, Business: onboarding.Account{ID: business.ID}, Access: credential.Secret, Credential: credential,
		})
		if failure := platform.AsFailure(err); err == nil || failure.Code != c.want || finding.State != "" {
			t.Errorf("%s: got %+v and %v, want %s", name, finding, err, c.want)
		}
	}
}

func TestATaskOfANewPageIsTheSameTask(t *testing.T) {
	wanted := []string{"ADVERTISE", "ANALYZE"}
	for _, c := range []struct {
		there []string
		want  bool
	}{
		{[]string{"ADVERTISE", "ANALYZE"}, true},
		{[]string{"PROFILE_PLUS_ANALYZE", "PROFILE_PLUS_ADVERTISE", "PROFILE_PLUS_MESSAGING"}, true},
		{[]string{"PROFILE_PLUS_ANALYZE"}, false},
		{[]string{"PROFILE_PLUS_ADVERTISE"}, false},
		{nil, false},
	} {
		if got := hasAll(c.there, wanted); got != c.want {
			t.Errorf("%v has %v: got %v", c.there, wanted, got)
		}
	}
}
