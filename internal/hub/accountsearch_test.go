package hub

import (
	"errors"
	"fmt"
	"slices"
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
		"cedar\x00dental": 0, manyWords(5000): 0,
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

func TestADomainIsFoundInEitherForm(t *testing.T) {
	h := offline(t, t.TempDir())
	shown := pending("shown", "Shown", 1000)
	shown.Recipients = []onboarding.Recipient{{Address: "lena@bücher.example"}}
	ascii := pending("ascii", "Ascii", 2000)
	ascii.Recipients = []onboarding.Recipient{{Address: "lena@xn--bcher-kva.example"}}
	other := pending("other", "Other", 3000)
	other.Recipients = []onboarding.Recipient{{Address: "lena@harbour.example"}}
	account := onboarding.Item{
		ID: "i", Owner: "ana", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: "1",
		State: onboarding.ItemConnected, Name: "日本語.example", By: onboarding.Person{Email: "lena@xn--bcher-kva.example"},
	}
	page1(t, h, wire.ChangesResult{
		Requests: []onboarding.Request{shown, ascii, other}, Items: []onboarding.Item{account},
	})
	for typed, want := range map[string][2]int{
		"bücher.example": {2, 1}, "BÜCHER": {2, 1}, "bucher": {2, 1}, "xn--bcher-kva.example": {2, 1},
		"lena@xn--bcher-kva.example": {2, 1}, "lena@bücher.example": {2, 1}, "XN--BCHER": {2, 1},
		"xn--wgv71a119e.example": {0, 1}, "日本語": {0, 1}, "harbour": {1, 0}, "xn--": {2, 1},
	} {
		found, err := h.Replica.Search(t.Context(), typed)
		if err != nil || len(found.Requests) != want[0] || len(found.Accounts) != want[1] {
			t.Errorf("%q: %d requests and %d accounts, want %v, %v", typed, len(found.Requests), len(found.Accounts), want, err)
		}
		list, err := h.Replica.Requests(t.Context(), replica.ListParams{Search: typed})
		if err != nil || len(list.Requests) != want[0] {
			t.Errorf("%q: the list has %d, want %d, %v", typed, len(list.Requests), want[0], err)
		}
		accounts, err := h.Replica.Accounts(t.Context(), replica.AccountsParams{Search: typed})
		if err != nil || len(accounts.Accounts) != want[1] {
			t.Errorf("%q: Accounts has %d, want %d, %v", typed, len(accounts.Accounts), want[1], err)
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

func TestTheListsAreSearchedAsTextsAreFolded(t *testing.T) {
	h := offline(t, t.TempDir())
	item := onboarding.Item{
		ID: "i", Owner: "ana", Request: "r", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: "1",
		State: onboarding.ItemConnected, Name: "Groß & Łódź ﬁnance",
	}
	page1(t, h, wire.ChangesResult{
		Requests: []onboarding.Request{pending("r", "ＡＢＣ商事", 1000)}, Items: []onboarding.Item{item},
	})
	for typed, want := range map[string]int{
		"abc": 1, "AB": 1, "ａｂｃ": 1, "商": 1, "GROSS": 1, "groß": 1, "lodz": 1, "FINANCE": 1, "abc ﬁn": 1, "abd": 0, "grob": 0,
	} {
		found, err := h.Replica.Search(t.Context(), typed)
		if err != nil || len(found.Requests) != want || len(found.Accounts) != want {
			t.Errorf("%q finds %d requests and %d accounts, want %d (%v)", typed, len(found.Requests), len(found.Accounts), want,
				err)
		}
	}
	// A new name replaces the old one in every index.
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", "Ørsted", 1000)}})
	for typed, want := range map[string]int{"abc": 0, "orsted": 1, "商": 0} {
		found, err := h.Replica.Search(t.Context(), typed)
		if err != nil || len(found.Requests) != want || len(found.Accounts) != want {
			t.Errorf("renamed: %q finds %d requests and %d accounts, want %d (%v)", typed, len(found.Requests),
				len(found.Accounts), want, err)
		}
	}
}

func TestTheListsAreOrderedAsReadersLookForNames(t *testing.T) {
	h := offline(t, t.TempDir())
	want := []string{"2 Doors", "Aachen", "Äpfel", "apple", "Apple", "Éclair", "Łódź", "Ørsted", "Zebra", "Яблоко", "日本"}
	var page wire.ChangesResult
	for n, name := range want {
		r := pending(fmt.Sprintf("r%02d", (n*7)%len(want)), name, 1000)
		page.Requests = append(page.Requests, r)
		page.Items = append(page.Items, onboarding.Item{
			ID: "i" + r.ID, Owner: "ana", Request: r.ID, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: "1",
			State: onboarding.ItemConnected, Name: name,
		})
	}
	page1(t, h, page)
	var names []string
	params := replica.AccountsParams{Limit: 3}
	for {
		p, err := h.Replica.Accounts(t.Context(), params)
		if err != nil {
			t.Fatalf("reading accounts: %v", err)
		}
		for _, i := range p.Accounts {
			names = append(names, i.Name)
		}
		if params.After = p.Next; params.After == "" {
			break
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("accounts by name, three at a time: got %q, want %q", names, want)
	}
	if got := clients(t, h, replica.ListParams{Sort: replica.ByClient, Ascending: true}); !slices.Equal(got, want) {
		t.Errorf("requests by client: got %q, want %q", got, want)
	}
	byClient, err := h.Replica.Accounts(t.Context(), replica.AccountsParams{Sort: replica.ByClient})
	if err != nil {
		t.Fatalf("reading accounts: %v", err)
	}
	for n, i := range byClient.Accounts {
		if i.Client != want[n] {
			t.Errorf("account %d by client is of %q, want %q", n, i.Client, want[n])
		}
	}
}

func TestMembersAreOrderedAsReadersLookForNames(t *testing.T) {
	h := offline(t, t.TempDir())
	page1(t, h, wire.ChangesResult{Members: []onboarding.Member{
		{ID: "m1", Name: "Zoë", Role: onboarding.MainUser}, {ID: "m2", Name: "aaron", Role: onboarding.MainUser, Removed: 1},
		{ID: "m3", Name: "Özil", Role: onboarding.MainUser}, {ID: "m4", Name: "Paul", Role: onboarding.MainUser},
		{ID: "ana", Name: "ana", Role: onboarding.MainUser},
	}})
	members, err := h.Replica.Members(t.Context())
	if err != nil {
		t.Fatalf("reading members: %v", err)
	}
	var names []string
	for _, m := range members {
		names = append(names, m.Name)
	}
	if want := []string{"ana", "Özil", "Paul", "Zoë", "aaron"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q: former members come last", names, want)
	}
}
