package hub_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// full opens a hub that has read the given number of requests.
func full(t testing.TB, requests int) (*hub.Hub, *hubtest.Relay) {
	t.Helper()
	secrets, dir := keychain.NewMemory(), filepath.Join(t.TempDir(), "hub")
	began, cpu := time.Now(), processor()
	relay := hubtest.Fill(t, dir, secrets, requests)
	t.Logf(
		"read %d requests in %s, %s of it at work", requests, time.Since(began).Round(time.Millisecond),
		(processor() - cpu).Round(time.Millisecond),
	)
	h, err := hub.Open(t.Context(), hub.Config{Catalog: catalogtest.New(t), Dir: dir, Keychain: secrets, Poll: time.Hour})
	must(t, err)
	t.Cleanup(func() { closed(t, h) })
	return h, relay
}

// lists are typical lists of the screens.
func lists() map[string]replica.ListParams {
	return map[string]replica.ListParams{
		"newest":            {},
		"pending":           {Filter: replica.PendingRequests},
		"attention":         {Filter: replica.NeedingAttention},
		"expiring":          {Filter: replica.ExpiringRequests, Sort: replica.ByEnd, Ascending: true},
		"archived":          {Filter: replica.ArchivedRequests},
		"by client":         {Sort: replica.ByClient, Ascending: true},
		"by recipient":      {Sort: replica.ByRecipient, Ascending: true},
		"by status":         {Sort: replica.ByStatus},
		"by end":            {Sort: replica.ByEnd, Ascending: true},
		"service":           {Service: onboarding.HubSpot},
		"no service":        {Service: onboarding.Mailchimp},
		"rare word":         {Search: "4321@"},
		"common word":       {Search: "hotels"},
		"every word":        {Search: "example"},
		"two words":         {Search: "harbour hotels"},
		"two emails":        {Search: "ho"},
		"one email":         {Search: "ö"},
		"no match":          {Search: "zz"},
		"no long match":     {Search: "zzzz"},
		"common, by client": {Search: "hotels", Sort: replica.ByClient},
		"every, by client":  {Search: "example", Sort: replica.ByClient, Ascending: true},
		"pending, common":   {Filter: replica.PendingRequests, Search: "hotels"},
		"last 90 days":      {Since: onboarding.TimestampOf(time.Now().AddDate(0, 0, -90)), Service: onboarding.Facebook},
	}
}

// BenchmarkMass reads from 100,000 requests: each keystroke and each scroll is
// one of these calls. It measures CPU time, independent of other load.
func BenchmarkMass(b *testing.B) {
	h, _ := full(b, 100_000)
	ctx := b.Context()
	var days []onboarding.Timestamp
	for n := -29; n <= 1; n++ {
		days = append(days, replica.DayAt(time.Now(), n))
	}
	calls := map[string]func() error{
		"totals":    func() error { _, err := h.Totals(ctx); return err },
		"session":   func() error { _, err := h.SessionInfo(ctx); return err },
		"todos":     func() error { _, err := h.Todos(ctx, 50); return err },
		"recent":    func() error { _, err := h.Replica.Recent(ctx, 0, 8); return err },
		"days":      func() error { _, err := h.Replica.Days(ctx, days); return err },
		"find word": func() error { _, err := h.Replica.Search(ctx, "hotels"); return err },
		"find two":  func() error { _, err := h.Replica.Search(ctx, "ho"); return err },
		"find none": func() error { _, err := h.Replica.Search(ctx, "zz"); return err },
		"find one":  func() error { _, err := h.Replica.Search(ctx, "h"); return err },
	}
	for name, params := range lists() {
		calls["requests "+name] = func() error { _, err := h.Replica.Requests(ctx, params); return err }
		calls["count "+name] = func() error { _, err := h.Replica.CountRequests(ctx, params); return err }
	}
	for name, params := range map[string]replica.AccountsParams{
		"by name": {}, "by client": {Sort: replica.ByClient}, "by state": {Sort: replica.ByState},
		"by check":    {Sort: replica.ByCheck, Descending: true},
		"ad accounts": {Kind: onboarding.AdAccount, Limit: 50}, "managed": {Managed: "yes"}, "attention": {Attention: true},
		"platform": {Platform: onboarding.ActiveCampaign.Platform()},
		"rare":     {Search: "4321@"}, "common": {Search: "hotels"}, "every": {Search: "example"},
		"two emails": {Search: "ho"},
		"none":       {Search: "zz"},
	} {
		calls["accounts "+name] = func() error { _, err := h.Replica.Accounts(ctx, params); return err }
		calls["count accounts "+name] = func() error { _, err := h.Replica.CountAccounts(ctx, params); return err }
	}
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		b.Run(strings.ReplaceAll(name, ", ", " and "), func(b *testing.B) {
			var took []time.Duration
			cpu := processor()
			for b.Loop() {
				start := time.Now()
				must(b, calls[name]())
				took = append(took, time.Since(start))
			}
			own := (processor() - cpu) / time.Duration(len(took))
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(own.Microseconds())/1000, "own-ms")
		})
	}
}
