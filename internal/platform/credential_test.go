package platform_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

func TestACredentialIsReadAsItWasWritten(t *testing.T) {
	want := platform.Credential{
		Kind:     platform.RefreshToken,
		Secret:   onboarding.NewSecret("na1-secret"),
		Address:  "https://a.example",
		Ends:     17,
		Proof:    "proof",
		AppProof: onboarding.NewSecret("app-proof"),
		Scopes:   "oauth crm.lists.read",
	}
	plain, err := want.Plain()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := platform.ReadCredential(plain); err != nil || got != want {
		t.Errorf("got %+v and %v", got, err)
	}
}

func TestACredentialWithoutScopesIsOlderAndStillRead(t *testing.T) {
	got, err := platform.ReadCredential([]byte(`{"kind":"refresh","secret":"na1-secret"}`))
	if err != nil || got.Scopes != "" || got.Secret.Reveal() != "na1-secret" {
		t.Errorf("got scopes %q and %v", got.Scopes, err)
	}
}

func TestACredentialWithoutTheAppsProofIsOlderAndStillRead(t *testing.T) {
	got, err := platform.ReadCredential([]byte(`{"kind":"token","secret":"EAAU"}`))
	if err != nil || !got.AppProof.Empty() || got.Secret.Reveal() != "EAAU" {
		t.Errorf("got %+v and %v", got, err)
	}
}
