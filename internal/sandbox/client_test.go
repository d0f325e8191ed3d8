package sandbox_test

import (
	"net/url"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

func TestAClientIsOnNoSignInPageAndCanAllowAllTheSame(t *testing.T) {
	w, _ := sandboxtest.New(t, all.Fakes()...)
	key := w.AddClient(sandbox.Client{
		Person:     "Julie Moreau",
		Email:      "julie@maisonclaire.example",
		Business:   "Maison Claire",
		AdAccounts: []string{"Maison Claire"},
		Pages:      []string{"Maison Claire"},
		Accounts:   []string{"Maison Claire"},
	})
	address := w.Server("hubspot").URL() + "/oauth/authorize?" + url.Values{
		"client_id": {w.ClientID("hubspot")}, "redirect_uri": {sandboxtest.Callback}, "state": {"s1"},
		"response_type": {"code"},
		"scope":         {"oauth crm.objects.contacts.read"},
	}.Encode()
	stranger := webtest.New()
	if err := stranger.Open(address); err != nil {
		t.Fatal(err)
	}
	if stranger.Page.Says("Julie Moreau") || stranger.Page.Has("Allow") {
		t.Errorf("a stranger is offered %q", stranger.Page.Buttons())
	}
	julie := webtest.New()
	if err := w.SignIn(julie.Jar(), key); err != nil {
		t.Fatal(err)
	}
	if err := julie.Open(address); err != nil {
		t.Fatal(err)
	}
	if !julie.Page.Has("Allow") || !julie.Page.Says("Maison Claire") {
		t.Errorf("Julie sees %q with %q", julie.Page.Title(), julie.Page.Buttons())
	}
	if err := julie.Open(w.Server("meta").URL() + "/v25.0/dialog/oauth?" + url.Values{
		"client_id": {w.ClientID("meta")}, "redirect_uri": {sandboxtest.Callback}, "state": {"s1"}, "response_type": {"code"},
		"scope": {"business_management"},
	}.Encode()); err != nil {
		t.Fatal(err)
	}
	if !julie.Page.Has("Allow") {
		t.Errorf("at Facebook Julie sees %q with %q", julie.Page.Title(), julie.Page.Buttons())
	}
}
