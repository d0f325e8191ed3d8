package hub_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// foundRequest is the one request that the list finds by a text.
func foundRequest(t *testing.T, s *relaytest.Scene, search string) replica.RequestRow {
	t.Helper()
	page, err := s.Hub.Replica.Requests(t.Context(), replica.ListParams{Search: search})
	must(t, err)
	if len(page.Requests) != 1 {
		t.Fatalf("searching %q finds %d requests, want 1", search, len(page.Requests))
	}
	return page.Requests[0]
}

// S24: a request that is shared by its link is "Link only" until someone
// identifies (S33), also without connecting anything.
func TestWhoCameByACopiedLinkIsItsRecipient(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(hubSpot()...)
	if row := foundRequest(t, s, ""); !row.LinkOnly || row.Recipient != "" || row.RecipientName != "" {
		t.Errorf("before anybody came: %q %q, link only %v", row.Recipient, row.RecipientName, row.LinkOnly)
	}

	marta := onboarding.Person{Name: "Marta Lind", Email: "marta@harbourpine.example"}
	s.Browser().Enter(link, marta.Name, marta.Email)
	s.Sync()
	for _, search := range []string{"", "marta lind", "marta@harbourpine"} {
		if row := foundRequest(t, s, search); row.Recipient != marta.Email || row.RecipientName != marta.Name ||
			row.MoreRecipients != 0 {
			t.Errorf("searching %q: got %q %q and %d more", search, row.Recipient, row.RecipientName, row.MoreRecipients)
		}
	}

	v := s.Browser()
	v.ConnectHubSpot(link) // as Lars Holm
	v.Follow("Next Step")
	v.Press("Finish")
	s.Sync()
	row := foundRequest(t, s, "")
	if row.RecipientName != "Lars Holm" || row.Recipient != "lars@harbourpine.example" || row.MoreRecipients != 1 {
		t.Errorf("finished: got %q %q and %d more", row.Recipient, row.RecipientName, row.MoreRecipients)
	}
	lars := onboarding.Person{Name: "Lars Holm", Email: "lars@harbourpine.example"}
	if d := s.Details(id); len(d.ByLink) != 2 || d.ByLink[0] != lars || d.ByLink[1] != marta {
		t.Errorf("the details name %+v", d.ByLink)
	}
	must(t, s.Hub.Outbox.Reopen(t.Context(), id, false))
	s.Sync()
	if row := foundRequest(t, s, ""); row.RecipientName != "Lars Holm" || row.MoreRecipients != 1 {
		t.Errorf("reopened: got %q and %d more", row.RecipientName, row.MoreRecipients)
	}
}

func TestARecipientWhoIdentifiesDoesNotCountTwice(t *testing.T) {
	s := relaytest.NewScene(t)
	id := s.Save(outbox.RequestForm{Services: hubSpot()})
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"Marta@harbourpine.example"}))
	s.Sync()
	s.Browser().Enter(s.LinkOf(id), "Marta Lind", "marta@harbourpine.example")
	s.Sync()
	row := foundRequest(t, s, "marta lind")
	if row.LinkOnly || row.RecipientName != "Marta Lind" || row.MoreRecipients != 0 {
		t.Errorf("got %+v", row)
	}
	if d := s.Details(id); len(d.ByLink) != 0 {
		t.Errorf("the details name %+v beside the recipient", d.ByLink)
	}
}
