package store_test

import (
	"fmt"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// BenchmarkClientViewByLink is the query of the landing page, on SQLite.
func BenchmarkClientViewByLink(b *testing.B) {
	db, err := sqldb.Open(b.Context(), sqldb.Config{
		Source: b.TempDir() + "/relay.db", Migrations: store.Migrations(), Ephemeral: true,
	})
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	s, err := store.New(b.Context(), store.Config{DB: db, Signer: &signer{}})
	must(b, err)
	must(b, s.Agencies.Add(b.Context(), onboarding.Agency{ID: "acme", Name: "Acme Media"},
		onboarding.Member{ID: "ana", Name: "Ana Ruiz", Email: "ana@acme.example", Role: onboarding.MainUser}))
	const requests = 10_000
	linkID := func(n int) []byte { return fmt.Appendf(nil, "link %011d", n) }
	for n := range requests {
		_, err := s.Requests.Save(b.Context(), "acme", store.NewRequest{
			ID: store.NewID(), Owner: "ana", Client: fmt.Sprintf("Client %d", n),
			Services: []onboarding.Service{onboarding.HubSpot}, LinkID: linkID(n),
		})
		must(b, err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		if _, err := s.Requests.ClientViewByLink(b.Context(), linkID(n*7919%requests)); err != nil {
			b.Fatal(err)
		}
	}
}
