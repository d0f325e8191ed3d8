package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// benchStore is a store of one agency on SQLite: Ana, its main user.
func benchStore(b *testing.B) *store.Store {
	b.Helper()
	db, err := sqldb.Open(b.Context(), sqldb.Config{
		Source: b.TempDir() + "/relay.db", Migrations: store.Migrations(), Ephemeral: true,
	})
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	keys, err := keyset.Open(b.TempDir()+"/relay.key", time.Now)
	must(b, err)
	s, err := store.New(b.Context(), store.Config{DB: db, Signer: keys})
	must(b, err)
	must(b, s.Agencies.Add(b.Context(), onboarding.Agency{ID: "acme", Name: "Acme Media"},
		onboarding.Member{ID: "ana", Name: "Ana Ruiz", Email: "ana@acme.example", Role: onboarding.MainUser}))
	return s
}

// BenchmarkPrincipalByToken is what every API call reads first: here of an agency
// with ten members and twenty computers.
func BenchmarkPrincipalByToken(b *testing.B) {
	s := benchStore(b)
	for m := range 9 {
		id := fmt.Sprintf("member %d", m)
		must(b, s.Members.Invite(b.Context(), "acme", onboarding.Member{
			ID: id, Name: "Ben Okoro", Email: id + "@acme.example", Role: onboarding.SubUser,
		}))
	}
	for d := range 20 {
		code, member := fmt.Appendf(nil, "code %d", d), "ana"
		if d > 1 {
			member = fmt.Sprintf("member %d", d/2-1)
		}
		must(b, s.Codes.Add(b.Context(), code, store.Code{
			ID: string(code), Agency: "acme", Member: member, Expires: s.Now().Add(time.Hour),
		}))
		key := strings.Repeat("k", 1959) // as long as a post-quantum one
		_, err := s.Devices.Enrol(b.Context(), code, "Laptop", key, fmt.Appendf(nil, "token %d", d))
		must(b, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Devices.PrincipalByToken(b.Context(), []byte("token 7")); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkClientViewByLink is the query of the landing page, on SQLite.
func BenchmarkClientViewByLink(b *testing.B) {
	s := benchStore(b)
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
