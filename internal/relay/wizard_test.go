package relay_test

import (
	"net/http"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func TestAClientConnectsHubSpotFromLinkToReceipt(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Visitor()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Harbour & Pine AB")
	v.Press("Allow")
	v.Reads("HubSpot is connected", "portal 26114873", "Wrong portal? Close, then choose Add to pick another.")
	v.Follow("Close")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Harbour & Pine Outlet")
	v.Press("Allow")
	v.Reads("portal 26120447")
	v.Follow("Close")
	v.Reads("Portal 26114873", "Portal 26120447")
	v.Follow("Next Step")
	v.Reads("Portal 26114873", "Portal 26120447")
	v.Press("Finish")
	v.Reads("Lars", "26120447")
	v.Reload()
	v.Sees(http.StatusOK)

	other := s.Visitor()
	other.Open(link)
	other.Sees(http.StatusGone)
	other.Reads("Lars has finished this")

	s.Sync()
	d := s.Details(id)
	if d.Status != onboarding.Connected || len(d.Items) != 2 {
		t.Fatalf("the hub has the request as %s with %d items", d.Status, len(d.Items))
	}
	for _, item := range d.Items {
		if access, _, err := s.Hub.Credential(t.Context(), item.ID); err != nil || access.Empty() {
			t.Errorf("using %s: %v", item.Name, err)
		}
	}
}
