package wizard_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func TestAClientSharesAdAccountsAndPages(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	var chosen []string
	for _, box := range v.Page.Boxes() {
		v.Tick(box)
	}
	v.Press("Connect Assets")
	v.Reads("8 ad accounts and 9 Pages connected")
	v.Follow("Next Step")
	v.Press("Finish")
	v.Reads("8 ad accounts", "9 Pages")
	s.Sync()
	for _, item := range s.Details(id).Items {
		chosen = append(chosen, item.Name)
	}
	if len(chosen) != 17 {
		t.Fatalf("the hub has %d items, want 17: %v", len(chosen), chosen)
	}
	v.Reads(chosen...) // the receipt leaves none out
	v.Reads("Harbour & Pine EU, Harbour & Pine Nordics, Harbour & Pine UK, Harbour Café Ads")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	receipt, err := s.World.Mail.Await(
		ctx, func(m sandbox.Message) bool { return strings.HasPrefix(m.Subject, "Your receipt") },
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range chosen {
		if !strings.Contains(receipt.Text, name) {
			t.Errorf("the receipt %q lacks %q:\n%s", receipt.Subject, name, receipt.Text)
		}
	}
}
