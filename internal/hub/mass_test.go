package hub

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// BenchmarkLists reads lists of 100,000 requests: each keystroke and each
// scroll is one of these.
func BenchmarkLists(b *testing.B) {
	h, err := Open(b.Context(), Config{Dir: b.TempDir(), Keychain: keychain.NewMemory(), Poll: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	begun := time.Now()
	const total, perPage = 100_000, 500
	for from := 0; from < total; from += perPage {
		var all []onboarding.Request
		for n := from; n < from+perPage; n++ {
			r := pending(fmt.Sprintf("r%06d", n), fmt.Sprintf("Client %06d %s", n, []string{"Bikes", "Hotels", "Dental"}[n%3]), onboarding.Moment(1_700_000_000_000+60_000*int64(n)))
			r.Recipients = []onboarding.Recipient{{ID: r.ID, Address: fmt.Sprintf("person%d@example%d.example", n, n%1000), Letter: onboarding.LetterAccepted}}
			if n%2 == 0 {
				r.Status, r.Completed = onboarding.Connected, r.Created+1000
			}
			all = append(all, r)
		}
		cursor, err := readCursor(b.Context(), h.db)
		if err != nil {
			b.Fatal(err)
		}
		if err := h.storePage(b.Context(), cursor, wire.ChangesA{Requests: all, More: from+perPage < total, Next: wire.Cursor{N: int64(from + perPage), Mark: "m"}}); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("stored in %s", time.Since(begun))
	lists := map[string]ListQ{
		"newest":            {},
		"pending":           {Filter: PendingRequests},
		"attention":         {Filter: NeedingAttention},
		"by client":         {Sort: ByClient, Ascending: true},
		"by status":         {Sort: ByStatus},
		"by end":            {Sort: ByEnd, Ascending: true},
		"service":           {Service: onboarding.HubSpot},
		"no service":        {Service: onboarding.Mailchimp},
		"rare word":         {Search: "054321"},
		"common word":       {Search: "hotels"},
		"two letters":       {Search: "ho"},
		"no match":          {Search: "zz"},
		"common, by client": {Search: "hotels", Sort: ByClient},
	}
	for name, q := range lists {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := h.Requests(b.Context(), q); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
	b.Run("totals", func(b *testing.B) {
		for b.Loop() {
			if _, err := h.Totals(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
