package wizard_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func TestAFormThatIsSentEmptySaysBesideEachFieldWhatBelongsThere(t *testing.T) {
	s := relaytest.NewScene(t)
	_, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Open(link + "/report")
	v.Press("Report")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("Say in a few words what seems wrong.")
	v.Fill("What seems wrong?", "odd")
	v.Fill("Your email, if you want an answer", "marta@harbourpine")
	v.Press("Report")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("marta@harbourpine is not a full address.", "odd")

	v = s.Browser()
	v.Open(link)
	v.Press("Grant Permission Now")
	v.Press("View request")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("Enter your name.", "Enter an email address.")

	v, account := s.AtKeyForm()
	v.Press("Connect")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("Enter the API URL.", "Enter the API key.")
	v.Fill("API URL", account.URL)
	v.Press("Connect")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("Enter the API key.")
	if strings.Contains(v.Page.Text(), "Enter the API URL.") {
		t.Error("an address that was typed is missed")
	}
	v.Fill("API key", account.Key)
	v.Press("Connect")
	v.Reads("ActiveCampaign is connected")
}
