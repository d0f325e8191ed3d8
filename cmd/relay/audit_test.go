package main

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

func TestTheHistoriesOfRequestsAreVerifiedByACommand(t *testing.T) {
	p := founded(t)
	if out := p.does(t, "audit", "verify"); !strings.Contains(out, "0 requests with 0 entries: nothing was") {
		t.Errorf("without a request it prints %s", out)
	}
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: p.file("relay.db"), Migrations: store.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	keys, err := keyset.Open(p.file("relay.key"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := store.New(t.Context(), store.Config{DB: db, Signer: keys})
	if err != nil {
		t.Fatal(err)
	}
	agencies, err := stored.Agencies.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	members, err := stored.Members.List(t.Context(), agencies[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"r1", "r2"} {
		if _, err := stored.Requests.Save(t.Context(), agencies[0].ID, store.NewRequest{
			ID: id, Owner: members[0].ID, Client: "Harbour", Services: []onboarding.Service{onboarding.HubSpot},
			LinkID: []byte(id), Who: "Ana Ruiz",
		}); err != nil {
			t.Fatal(err)
		}
	}
	if out := p.does(t, "audit", "verify", "--agency", "Acme Media"); !strings.Contains(out, "2 requests with 2 entries") {
		t.Errorf("untouched it prints %s", out)
	}
	if _, err := stored.Requests.AcceptHistory(t.Context(), agencies[0].ID, "r1", "Ana Ruiz",
		onboarding.AuditCode(make([]byte, 32))); err != nil {
		t.Fatal(err)
	}
	if out := p.does(t, "audit", "verify"); !strings.Contains(out, "3 entries: nothing was removed") ||
		!strings.Contains(out, "Request r1 of Acme Media: what a restore had lost was accepted by Ana Ruiz on ") {
		t.Errorf("accepted, it prints %s", out)
	}
	if err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE events SET who = 'Mo' WHERE request = 'r2'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	out, said, code := p.runs(t, "audit", "verify")
	if code != 1 || !strings.Contains(out, "Acme Media  r2       1        changed") ||
		!strings.Contains(said, "1 of 2 requests") {
		t.Errorf("tampered with, it ends with %d, prints %s and says %s", code, out, said)
	}
	p.does(t, "audit", "verify", "--request", "r1")
	p.refuses(t, "There is no such request", "audit", "verify", "--request", "r3")
	p.refuses(t, "There is no agency", "audit", "verify", "--agency", "Nobody")
}
