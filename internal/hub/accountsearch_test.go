package hub

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestAccountsAreSearchedForAnythingThatIsTypedToo(t *testing.T) {
	h := offline(t, t.TempDir())
	account := onboarding.Item{
		ID: "i", Owner: "ana", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: "1",
		State: onboarding.ItemConnected, Name: `Çedar "Dental" AND NOT (x*)`,
	}
	page1(t, h, wire.ChangesResult{Items: []onboarding.Item{account}})
	for typed, want := range map[string]int{
		"": 1, `cedar`: 1, `"dental"`: 1, `AND NOT`: 1, `(x*)`: 1, `ÇEDAR`: 1, `d"`: 0, `"`: 1, `'`: 0, `*`: 1, "a": 1,
		"\x00": 0, "\xff\xfe": 0, "dental cedar": 1, "nobody": 0, "100%": 0, "_": 0, "cedar nobody": 0,
	} {
		p, err := h.Replica.Accounts(t.Context(), replica.AccountsParams{Search: typed})
		if err != nil || len(p.Accounts) != want {
			t.Errorf("searching accounts for %q found %d, want %d (%v)", typed, len(p.Accounts), want, err)
		}
		if found, err := h.Replica.Search(t.Context(), typed); err != nil || len(found.Accounts) != want {
			t.Errorf("searching everything for %q found %d accounts, want %d (%v)", typed, len(found.Accounts), want, err)
		}
	}
	for _, params := range []replica.AccountsParams{{Sort: "nonsense"}, {After: "nonsense"}} {
		if _, err := h.Replica.Accounts(t.Context(), params); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%+v: got %v", params, err)
		}
	}
}

func TestEachFilterOfAListLeavesOutItsNeighbours(t *testing.T) {
	h := offline(t, t.TempDir())
	now := h.now()
	ending := func(id string, in time.Duration) onboarding.Request {
		r := pending(id, id, 1000)
		r.Expires = now.Add(in)
		return r
	}
	later := pending("later", "later", 2000)
	later.Services = []onboarding.Service{onboarding.Salesforce}
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{
		ending("over", -time.Minute), ending("soon", 6*24*time.Hour), ending("far", 8*24*time.Hour), later,
	}})
	for name, c := range map[string]struct {
		q    replica.ListParams
		want int
	}{
		"expiring":           {replica.ListParams{Filter: replica.ExpiringRequests}, 1},
		"pending":            {replica.ListParams{Filter: replica.PendingRequests}, 4},
		"connected":          {replica.ListParams{Filter: replica.ConnectedRequests}, 0},
		"archived":           {replica.ListParams{Filter: replica.ArchivedRequests}, 0},
		"a service":          {replica.ListParams{Service: onboarding.Salesforce}, 1},
		"since then":         {replica.ListParams{Since: 2000}, 1},
		"since just after":   {replica.ListParams{Since: 2001}, 0},
		"until then":         {replica.ListParams{Until: 2000}, 3},
		"until just after":   {replica.ListParams{Until: 2001}, 4},
		"between":            {replica.ListParams{Since: 1000, Until: 2000}, 3},
		"a service nobody's": {replica.ListParams{Service: "sales"}, 0},
	} {
		if got := clients(t, h, c.q); len(got) != c.want {
			t.Errorf("%s: got %v, want %d", name, got, c.want)
		}
		if n, err := h.Replica.CountRequests(t.Context(), c.q); err != nil || n != c.want {
			t.Errorf("%s: counted %d, want %d (%v)", name, n, c.want, err)
		}
	}
}
