package onboarding

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// chainOf makes a chain as the relay does.
func chainOf(kinds ...EventKind) AuditChain {
	chain := AuditChain{Request: "r1", Signed: true}
	for n, kind := range kinds {
		e := AuditEntry{
			Number: int64(n + 1), ID: fmt.Sprint("e", n), At: Timestamp(1000 + n), Kind: kind, Service: HubSpot,
			Who: "Lena Park", Detail: "lena@harbour.example", WhoSalt: bytes.Repeat([]byte{1}, 16),
			DetailSalt: bytes.Repeat([]byte{2}, 16),
		}
		chain.Entries = append(chain.Entries, e)
	}
	rechain(&chain)
	return chain
}

// rechain gives each entry of a chain the hashes of its texts and of the one before.
func rechain(chain *AuditChain) {
	chain.Head = AuditHead{}
	for n := range chain.Entries {
		e := &chain.Entries[n]
		e.WhoHash, e.DetailHash = HashAuditText(e.WhoSalt, "who", e.Who), HashAuditText(e.DetailSalt, "detail", e.Detail)
		e.Hash = e.ChainHash(chain.Request, chain.Head.Hash)
		chain.Head = AuditHead{Length: e.Number, Hash: e.Hash}
	}
}

func TestWhateverIsChangedInAHistoryIsFound(t *testing.T) {
	change := func(n int, fn func(e *AuditEntry)) func(*AuditChain) {
		return func(c *AuditChain) { fn(&c.Entries[n]) }
	}
	forge := func(c *AuditChain, n int) { // with its own hash, as somebody who knows the format
		e := &c.Entries[n]
		e.WhoHash, e.DetailHash = HashAuditText(e.WhoSalt, "who", e.Who), HashAuditText(e.DetailSalt, "detail", e.Detail)
		var previous []byte
		if n > 0 {
			previous = c.Entries[n-1].Hash
		}
		e.Hash = e.ChainHash(c.Request, previous)
	}
	for name, c := range map[string]struct {
		tamper func(c *AuditChain)
		want   string
	}{
		"nothing":           {func(*AuditChain) {}, "[]"},
		"the time":          {change(1, func(e *AuditEntry) { e.At++ }), "[{changed 2 2}]"},
		"the kind":          {change(1, func(e *AuditEntry) { e.Kind = EventFinished }), "[{changed 2 2}]"},
		"the service":       {change(1, func(e *AuditEntry) { e.Service = Mailchimp }), "[{changed 2 2}]"},
		"the id":            {change(1, func(e *AuditEntry) { e.ID = "x" }), "[{changed 2 2}]"},
		"who":               {change(1, func(e *AuditEntry) { e.Who = "Mo" }), "[{changed 2 2}]"},
		"the detail":        {change(1, func(e *AuditEntry) { e.Detail = "" }), "[{changed 2 2}]"},
		"a salt":            {change(1, func(e *AuditEntry) { e.WhoSalt[0]++ }), "[{changed 2 2}]"},
		"a text's hash":     {change(1, func(e *AuditEntry) { e.DetailHash = e.WhoHash }), "[{changed 2 2}]"},
		"the hash":          {change(1, func(e *AuditEntry) { e.Hash = e.WhoHash }), "[{changed 2 2} {changed 3 3}]"},
		"who, without salt": {change(1, func(e *AuditEntry) { e.Who, e.WhoSalt = "", nil }), "[{changed 2 2}]"},
		"dropped by hand": {change(1, func(e *AuditEntry) {
			e.Who, e.Detail, e.Dropped = "", "", true
		}), "[{changed 2 2}]"},
		"one with its hash": {func(c *AuditChain) { c.Entries[1].Who = "Mo"; forge(c, 1) }, "[{changed 3 3}]"},
		"all with their hashes": {func(c *AuditChain) {
			c.Entries[0].Who = "Mo"
			for n := range c.Entries {
				forge(c, n)
			}
		}, "[{changed 4 4}]"},
		"all, and the head": {func(c *AuditChain) {
			c.Entries[0].Who = "Mo"
			for n := range c.Entries {
				forge(c, n)
			}
			c.Head.Hash, c.Signed = c.Entries[3].Hash, false // only the relay signs
		}, "[{unsigned 4 4}]"},
		"the first removed":  {func(c *AuditChain) { c.Entries = c.Entries[1:] }, "[{removed 1 1}]"},
		"two removed":        {func(c *AuditChain) { c.Entries = slices.Delete(c.Entries, 1, 3) }, "[{removed 2 3}]"},
		"the last removed":   {func(c *AuditChain) { c.Entries = c.Entries[:3] }, "[{removed 4 4}]"},
		"all removed":        {func(c *AuditChain) { c.Entries = nil }, "[{removed 1 4}]"},
		"two exchanged":      {func(c *AuditChain) { c.Entries[1], c.Entries[2] = c.Entries[2], c.Entries[1] }, ""},
		"one twice":          {func(c *AuditChain) { c.Entries = slices.Insert(c.Entries, 1, c.Entries[0]) }, ""},
		"of another request": {func(c *AuditChain) { c.Request = "r2" }, ""},
		"a longer head":      {func(c *AuditChain) { c.Head.Length++ }, "[{removed 5 5}]"},
		"a shorter head":     {func(c *AuditChain) { c.Head.Length-- }, "[{changed 4 4}]"},
	} {
		chain := chainOf(EventSaved, EventSent, EventOpened, EventStarted)
		c.tamper(&chain)
		found := chain.Verify()
		if got := fmt.Sprint(found); got != c.want && (c.want != "" || len(found) == 0) {
			t.Errorf("%s: found %s, want %s", name, got, c.want)
		}
	}
}

func TestAHistoryStaysWholeWhenPeopleAreForgottenAndNotWithoutThat(t *testing.T) {
	chain := chainOf(EventSaved, EventSent, EventPeopleForgotten, EventWithdrawn)
	forget := func(n int) { chain.Entries[n].Who, chain.Entries[n].WhoSalt = "", nil }
	forget(0)
	forget(1)
	chain.Entries[1].Detail, chain.Entries[1].DetailSalt = "", nil
	if found := chain.Verify(); len(found) != 0 {
		t.Errorf("forgotten as planned: found %v", found)
	}
	chain.Entries[1].Detail = "mo@harbour.example"
	if found := chain.Verify(); len(found) != 1 {
		t.Errorf("another text in the place of a forgotten one: found %v", found)
	}
	chain.Entries[1].Detail = ""
	forget(3)
	if found := chain.Verify(); len(found) != 1 {
		t.Errorf("forgotten after the last entry that says so: found %v", found)
	}
}

func TestAHistoryHasToGoOnFromWhatWasSeen(t *testing.T) {
	chain := chainOf(EventSaved, EventSent, EventOpened)
	seenOf := func(c AuditChain, n int, at Timestamp) SeenHead {
		return SeenHead{AuditHead: AuditHead{Length: int64(n), Hash: c.Entries[n-1].Hash}, Seen: at}
	}
	given := func(code string) AuditChain {
		back := chainOf(EventSaved, EventStarted, EventResubmitted, EventOpened)
		back.Entries[2].Detail = code
		rechain(&back)
		return back
	}
	code := AuditCode(chain.Head.Hash)
	back, accepted := given(code), given(code)
	accepted.Entries[2].Kind = EventHistoryAccepted
	rechain(&accepted)
	const was, whole = "[{resubmitted 3 3}]", "[]"
	for name, c := range map[string]struct {
		chain AuditChain
		seen  []SeenHead
		want  string
	}{
		"it goes on":   {chain, []SeenHead{seenOf(chain, 1, 5), seenOf(chain, 3, 6), {}}, whole},
		"another":      {chainOf(EventSaved, EventOpened), []SeenHead{seenOf(chain, 2, 5)}, "[{rewritten 2 2}]"},
		"an older one": {chainOf(EventSaved), []SeenHead{seenOf(chain, 3, 5)}, "[{rewritten 3 3}]"},
		"given back":   {back, []SeenHead{seenOf(chain, 3, 0)}, was},
		"accepted":     {accepted, []SeenHead{seenOf(chain, 2, 4), seenOf(chain, 3, 0)}, "[{accepted 3 3}]"},
		"accepted, and lost again": {
			accepted, []SeenHead{seenOf(chain, 3, 5), seenOf(chainOf(EventSaved, EventEdited), 2, 6)}, "[{rewritten 2 2}]",
		},
		"and seen earlier": {back, []SeenHead{seenOf(chain, 2, 4), seenOf(chain, 3, 5), seenOf(back, 4, 0)}, was},
		"of another code":  {given("7QKM"), []SeenHead{seenOf(chain, 3, 0)}, "[{rewritten 3 3}]"},
		"of no code":       {given(""), []SeenHead{seenOf(chain, 3, 0)}, "[{rewritten 3 3}]"},
		"by a computer that had seen less": {
			given(AuditCode(chain.Entries[1].Hash)), []SeenHead{seenOf(chain, 2, 4), seenOf(chain, 3, 5)},
			"[{rewritten 3 3}]",
		},
		"written anew behind it": {
			back, []SeenHead{seenOf(chain, 3, 5), seenOf(chainOf(EventSaved, EventStarted, EventSent), 3, 6)},
			"[{rewritten 3 3}]",
		},
		"written anew behind it, now": {
			back, []SeenHead{seenOf(chain, 3, 5), seenOf(chainOf(EventSaved, EventEdited), 2, 0)},
			"[{rewritten 2 2}]",
		},
	} {
		found := c.chain.Verify(c.seen...)
		if got := fmt.Sprint(found); got != c.want || c.want == was && found[0].IsFault() {
			t.Errorf("%s: found %s, want %s", name, got, c.want)
		}
		lost, found2 := c.chain.Lost(c.seen...)
		if isLost := strings.Contains(c.want, "rewritten"); found2 != isLost ||
			isLost && c.want != fmt.Sprintf("[{rewritten %d %[1]d}]", lost.Length) {
			t.Errorf("%s: lost is %+v, %v", name, lost, found2)
		}
	}
	changed := chainOf(EventSaved)
	changed.Entries[0].At++
	if lost, found := changed.Lost(seenOf(chain, 3, 5)); found {
		t.Errorf("of a chain that was changed %+v can be accepted", lost)
	}
}

func TestOnlyTheTextsThatTheRelayDeletesMayLack(t *testing.T) {
	kinds := []EventKind{EventSaved, EventStarted, EventEdited, EventSent}
	for range MaxEvents - 1 {
		kinds = append(kinds, EventEdited)
	}
	drop := func(numbers ...int) AuditChain {
		chain := chainOf(kinds...)
		for _, n := range numbers {
			e := &chain.Entries[n-1]
			e.Who, e.Detail, e.Dropped = "", "", true
		}
		return chain
	}
	for name, c := range map[string]struct {
		chain AuditChain
		want  string
	}{
		"as the relay does":    {drop(2, 4, 1), "[]"},
		"one of the agency's":  {drop(2, 4, 5), "[{changed 1 1} {changed 5 5}]"},
		"one more":             {drop(1, 2, 3, 4), "[{changed 3 3}]"},
		"the agency's instead": {drop(1, 3, 5), "[{changed 2 2} {changed 3 3} {changed 4 4} {changed 5 5}]"},
	} {
		if got := fmt.Sprint(c.chain.Verify()); got != c.want {
			t.Errorf("%s: found %s, want %s", name, got, c.want)
		}
	}
}

func TestACodeIsReadAloudWithoutLettersThatLookAlike(t *testing.T) {
	code := AuditCode(chainOf(EventSaved).Head.Hash)
	if len(code) != 29 || bytes.ContainsAny([]byte(code), "ILOU") || AuditCode(nil) != "" {
		t.Errorf("the code is %q", code)
	}
}

func TestTheDocumentNamesTheKindsWhoseTextsGoFirst(t *testing.T) {
	text, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`clients can cause again and again \(([^)]*)\)`).FindSubmatch(text)
	if list == nil {
		t.Fatal("docs/audit.md has no list of the kinds that clients can cause again and again")
	}
	var named []EventKind
	for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllSubmatch(list[1], -1) {
		named = append(named, EventKind(name[1]))
	}
	kinds := VisitorEvents()
	slices.Sort(named)
	slices.Sort(kinds)
	if !slices.Equal(named, kinds) {
		t.Errorf("the document names %v, a verifier needs %v", named, kinds)
	}
}
