package admin_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestTheServedDomainsAreListedWithTheirAgency(t *testing.T) {
	c := relaytest.NewTeam(t)
	ctx := t.Context()
	agencies, err := c.Store.Agencies.List(ctx)
	if err != nil || len(agencies) != 1 {
		t.Fatalf("the agencies are %+v and %v", agencies, err)
	}
	d, err := c.Store.Domains.Propose(ctx, agencies[0].ID, "access.acme.example", "token")
	if err != nil {
		t.Fatal(err)
	}
	if list, err := c.Admin.Domains(ctx); err != nil || len(list) != 0 {
		t.Errorf("one that is only proposed: %+v and %v", list, err)
	}
	if _, err := c.Store.Domains.RecordCheck(ctx, d, store.DomainCheck{Ready: true}); err != nil {
		t.Fatal(err)
	}
	list, err := c.Admin.Domains(ctx)
	if err != nil || len(list) != 1 || list[0].Name != "access.acme.example" || list[0].AgencyName != "Acme Media" {
		t.Errorf("listed as %+v and %v", list, err)
	}
}
