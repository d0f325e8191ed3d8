package wizard_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func TestAClientConnectsHubSpotFromLinkToReceipt(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
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

	other := s.Browser()
	other.Open(link)
	other.Sees(http.StatusGone)
	other.Reads("Lars has finished this")

	s.Sync()
	d := s.Details(id)
	if d.Status != onboarding.Connected || len(d.Items) != 2 {
		t.Fatalf("the hub has the request as %s with %d items", d.Status, len(d.Items))
	}
	for _, item := range d.Items {
		if access, _, err := hubtest.Credential(t.Context(), s.Hub, item.ID); err != nil || access.Empty() {
			t.Errorf("using %s: %v", item.Name, err)
		}
	}
}

func TestAReceiptStaysReadableAsLongAsItsRequest(t *testing.T) {
	s := relaytest.NewScene(t)
	_, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.ConnectHubSpot(link)
	v.Follow("Next Step")
	v.Press("Finish")
	done := v.Page.URL.String()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	email, err := s.World.Mail.Await(
		ctx, func(m sandbox.Message) bool { return strings.HasPrefix(m.Subject, "Your receipt") },
	)
	if err != nil {
		t.Fatal(err)
	}
	addresses := regexp.MustCompile(
		regexp.QuoteMeta(s.URL)+`/(r/[A-Za-z0-9_-]+|l/[A-Za-z0-9_-]+/[a-z-]+)`,
	).FindAllString(email.Text, -1)
	if len(addresses) != 4 {
		t.Fatalf("the receipt's email leads to %v, want the receipt and three pages below it", addresses)
	}
	s.Pass(20 * 24 * time.Hour)
	if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, address := range append(addresses, done) {
		v.Open(address)
		v.Sees(http.StatusOK)
	}
	s.Pass(400 * 24 * time.Hour) // its people are forgotten by then
	if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		v.Open(address)
		v.Sees(http.StatusGone)
	}
}
