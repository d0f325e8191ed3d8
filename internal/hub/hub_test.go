package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/collation/rootorder"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// offline opens a hub that is enrolled at an unreachable relay.
func offline(t *testing.T, dir string) *Hub {
	t.Helper()
	h, err := Open(t.Context(), Config{
		Catalog: catalogtest.New(t), Dir: dir, Keychain: keychain.NewMemory(), Poll: time.Hour,
		SortKey: rootorder.New().Key,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		indexed(t, h)
		if err := h.Close(); err != nil {
			t.Errorf("closing the hub: %v", err)
		}
	})
	id := session.Identity{
		Address: "http://127.0.0.1:9", Relay: "relay", Agency: "acme", Member: "ana", Device: "laptop", PublicKey: "p",
	}
	member := onboarding.Member{ID: "ana", Name: "Ana Ruiz", Email: "ana@acme.example", Role: onboarding.MainUser}
	err = h.saveIdentity(
		t.Context(), id,

		wire.EnrolResult{Agency: onboarding.Agency{ID: "acme", Name: "Acme Media"}, Member: member,
			Device: onboarding.Device{ID: "laptop", Member: "ana"}},
		true,
	)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// indexed verifies, when the test ends, that the full-text index matches the
// rows.
func indexed(t *testing.T, h *Hub) {
	t.Helper()
	err := h.Replica.Update(context.Background(), func(tx *replica.Tx) error {
		for _, index := range []string{"request_fts", "item_fts"} {
			if _, err := tx.ExecContext(context.Background(), `
				INSERT INTO `+index+` (`+index+`, rank) VALUES ('integrity-check', 1)`); err != nil {
				return fmt.Errorf("%s: %w", index, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("the index of words is not what the rows say: %v", err)
	}
}

func page1(t *testing.T, h *Hub, result wire.ChangesResult) {
	t.Helper()
	cursor, err := replica.ReadCursor(t.Context(), h.Replica.DB())
	if err != nil {
		t.Fatal(err)
	}
	if result.Next == (wire.Cursor{}) {
		result.Next = wire.Cursor{Seq: cursor.Seq + 1, CommitID: "m", Visibility: 1}
	}
	if err := h.Replica.Apply(t.Context(), cursor, result); err != nil {
		t.Fatalf("storing a page: %v", err)
	}
}

func pending(id, client string, created onboarding.Timestamp) onboarding.Request {
	return onboarding.Request{ID: id, Owner: "ana", Client: client, Services: []onboarding.Service{onboarding.HubSpot},
		Status:  onboarding.Pending,
		Created: created, Accepted: created, Expires: onboarding.TimestampOf(time.Now()).Add(20 * 24 * time.Hour),
		LinkVersion: 1, Link: "https://relay.example/r/x"}
}

func clients(t *testing.T, h *Hub, params replica.ListParams) []string {
	t.Helper()
	p, err := h.Replica.Requests(t.Context(), params)
	if err != nil {
		t.Fatalf("reading requests: %v", err)
	}
	var names []string
	for _, r := range p.Requests {
		names = append(names, r.Client)
	}
	return names
}

func TestARequestMadeOfflineIsListedAndWaits(t *testing.T) {
	h := offline(t, t.TempDir())
	id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Fjord Bikes",
		Services: []onboarding.Service{onboarding.HubSpot}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Outbox.Send(t.Context(), id, []string{"oskar@fjordbikes.example"}); err != nil {
		t.Fatal(err)
	}
	d, err := h.Replica.Request(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if d.Phase != replica.PhaseSaving || d.Status != onboarding.Pending || d.Link != "" ||
		d.Recipients[0].State != replica.RecipientWaiting || d.Owner != "Ana Ruiz" {
		t.Errorf("the request is shown as %+v", d)
	}
	if got := clients(t, h, replica.ListParams{Search: "oskar@fjord"}); len(got) != 1 {
		t.Errorf("searching for the recipient found %v", got)
	}
	if s, err := h.SessionInfo(t.Context()); err != nil || s.Waiting != 2 || s.Online {
		t.Errorf("session is %+v, %v", s, err)
	}
}

func TestWhatAPersonDecidesSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	h, err := Open(t.Context(), Config{Catalog: catalogtest.New(t), Dir: dir, Keychain: keychain.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.saveIdentity(t.Context(), session.Identity{Address: "http://127.0.0.1:9", Relay: "r", Agency: "a",
		Member: "ana", Device: "d"},
		wire.EnrolResult{Agency: onboarding.Agency{ID: "a"}, Member: onboarding.Member{ID: "ana"},
			Device: onboarding.Device{ID: "d"}}, true); err != nil {
		t.Fatal(err)
	}
	id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Velvet",
		Services: []onboarding.Service{onboarding.HubSpot}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), Config{Catalog: catalogtest.New(t), Dir: dir, Keychain: keychain.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if d, err := again.Replica.Request(t.Context(), id); err != nil || d.Client != "Velvet" || len(d.Outbox) != 1 {
		t.Errorf("after reopening: %+v, %v", d, err)
	}
}

func TestFormsThatAreNotValidAreRefusedBeforeAnythingIsKept(t *testing.T) {
	h := offline(t, t.TempDir())
	for field, form := range map[string]outbox.RequestForm{
		"client":   {Services: []onboarding.Service{onboarding.HubSpot}},
		"services": {Client: "A"},
		"message": {Client: "A", Services: []onboarding.Service{onboarding.HubSpot},
			Message: strings.Repeat("x", onboarding.MaxMessage+1)},
		"business":   {Client: "A", Services: []onboarding.Service{onboarding.Facebook}},
		"connection": {Client: "A", Services: []onboarding.Service{onboarding.Facebook}, Connection: "gone", Business: "1"},
	} {
		_, err := h.Outbox.SaveRequest(t.Context(), form)
		var wrong *onboarding.InvalidError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("a form without a right %s: got %v", field, err)
		}
	}
	if got := clients(t, h, replica.ListParams{}); len(got) != 0 {
		t.Errorf("something was kept: %v", got)
	}
}

func TestOnlyABusinessWhereTheUserIsAdminCanBeChosen(t *testing.T) {
	h := offline(t, t.TempDir())
	page1(t, h, wire.ChangesResult{Connections: []onboarding.Connection{{ID: "c", Member: "ana",
		Platform: onboarding.Meta, User: onboarding.Account{ID: "7", Name: "Ana"},
		Businesses: []onboarding.Business{{ID: "1", Name: "Main", Admin: true}, {ID: "2", Name: "Other"}}}}})
	form := outbox.RequestForm{Client: "A", Services: []onboarding.Service{onboarding.Facebook}, Connection: "c",
		Business: "2"}
	if _, err := h.Outbox.SaveRequest(t.Context(), form); !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("a business where the user is no admin: got %v", err)
	}
	form.Business = "1"
	id, err := h.Outbox.SaveRequest(t.Context(), form)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := h.Replica.Request(t.Context(), id); err != nil || d.Business != "Main" || d.FacebookUser != "Ana" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestARequestThatNeverLeftIsEditedInPlaceAndDeletedAtOnce(t *testing.T) {
	h := offline(t, t.TempDir())
	id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "First",
		Services: []onboarding.Service{onboarding.HubSpot}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Outbox.EditRequest(t.Context(), outbox.RequestForm{ID: id, Client: "Second",
		Services: []onboarding.Service{onboarding.ActiveCampaign}}); err != nil {
		t.Fatal(err)
	}
	rows, err := h.Replica.Outbox(t.Context())
	if err != nil || len(rows) != 1 || rows[0].Title != "Second" {
		t.Fatalf("the outbox is %+v, %v", rows, err)
	}
	if err := h.Outbox.Withdraw(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Replica.Request(t.Context(), id); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("a deleted draft: got %v", err)
	}
	if rows, err := h.Replica.Outbox(t.Context()); err != nil || len(rows) != 0 {
		t.Errorf("the outbox is %+v, %v", rows, err)
	}
}

func TestInvalidAndDoubleAddressesAreRefused(t *testing.T) {
	h := offline(t, t.TempDir())
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", "Fjord", 1000)}})
	for _, addresses := range [][]string{{}, {"office@harbourpine"}, {"a@x.example", "A@x.example"},
		{"Ana <a@x.example>"}} {
		if err := h.Outbox.Send(t.Context(), "r", addresses); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("sending to %q: got %v", addresses, err)
		}
	}
	if err := h.Outbox.Send(t.Context(), "r", []string{"a@x.example"}); err != nil {
		t.Fatal(err)
	}
	if err := h.Outbox.Send(t.Context(), "r", []string{"a@X.example"}); !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("an address that is there already: got %v", err)
	}
	if err := h.Outbox.EditRequest(t.Context(), outbox.RequestForm{ID: "r", Client: "B",
		Services: []onboarding.Service{onboarding.HubSpot}}); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("editing what is being sent: got %v", err)
	}
}

func TestTheLineIsTriedAgainWithinTwoSecondsHoweverLongTheNetworkIsAway(t *testing.T) {
	wait := minReconnectDelay
	for try := range 1000 {
		var pause time.Duration
		pause, wait = reconnectPause(wait)
		if pause <= 0 || pause > 2*time.Second {
			t.Fatalf("before try %d it pauses for %s", try+2, pause)
		}
	}
	if wait != maxReconnectDelay {
		t.Errorf("it ends at %s, want %s: a relay that is away is not asked all the time", wait, maxReconnectDelay)
	}
}

func justTheError(_ outbox.ResendResult, err error) error { return err }

func TestActionsThatTheStateForbidsAreRefused(t *testing.T) {
	h := offline(t, t.TempDir())
	connected := pending("done", "Done", 1000)
	connected.Status, connected.Completed, connected.Finished = onboarding.Connected, 2000, 2000
	expired := pending("old", "Old", 1000)
	expired.Expires = 2000
	typed := pending("typed", "Typed", 1000) // by a client who hands over
	typed.Recipients = []onboarding.Recipient{{
		ID: "lars", Address: "lars@x.example", Number: 1, Scoped: true, EmailState: onboarding.EmailAccepted,
	}}
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{
		connected, expired, pending("open", "Open", 1000), typed,
	}})
	for name, err := range map[string]error{
		"withdraw connected": h.Outbox.Withdraw(t.Context(), "done"),
		"resend connected":   justTheError(h.Outbox.Resend(t.Context(), "done", nil)),
		"resend to a typed":  justTheError(h.Outbox.Resend(t.Context(), "typed", nil)),
		"send expired":       h.Outbox.Send(t.Context(), "old", []string{"a@x.example"}),
		"renew open":         h.Outbox.Renew(t.Context(), "open", false),
		"reopen open":        h.Outbox.Reopen(t.Context(), "open", false),
		"archive open":       h.Outbox.Archive(t.Context(), "open", true),
		"edit unknown": h.Outbox.EditRequest(t.Context(), outbox.RequestForm{ID: "nobody", Client: "A",
			Services: []onboarding.Service{onboarding.HubSpot}}),
	} {
		if err == nil {
			t.Errorf("%s: was accepted", name)
		}
	}
	if _, err := h.Outbox.Resend(t.Context(), "typed", []string{"lars"}); err != nil {
		t.Errorf("sending it again to somebody by name: %v", err)
	}
	defer func() { // whom only a client asked can be invited to all of it, once
		for _, want := range []bool{true, false} {
			if err := h.Outbox.Send(t.Context(), "typed", []string{"LARS@x.example"}); (err == nil) != want {
				t.Errorf("inviting whom a client asked: %v", err)
			}
		}
		d, err := h.Replica.Request(t.Context(), "typed")
		if err != nil || len(d.Recipients) != 1 || d.Recipients[0].Scoped || d.Recipient != "lars@x.example" || d.LinkOnly {
			t.Errorf("the invited colleague is %+v", d.Recipients)
		}
	}()
	if d, err := h.Replica.Request(t.Context(), "typed"); err != nil || d.Can.SendLink {
		t.Errorf("whose address a client typed gets a new link without being named: %+v, %v", d.Can, err)
	}
	if err := h.Outbox.Renew(t.Context(), "old", false); err != nil {
		t.Errorf("renewing an expired one: %v", err)
	}
	if err := h.Outbox.Renew(t.Context(), "old", false); err == nil {
		t.Error("renewing twice was accepted")
	}
	d, err := h.Replica.Request(t.Context(), "done")
	if err != nil || d.Can.Delete || d.Can.CopyLink || d.Can.Resend || !d.Can.Reopen || !d.Can.Archive {
		t.Errorf("a connected request can %+v, %v", d.Can, err)
	}
}

func TestWhatWaitsIsShownOverNewerData(t *testing.T) {
	h := offline(t, t.TempDir())
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", "Before", 1000)}})
	if err := h.Outbox.EditRequest(t.Context(), outbox.RequestForm{ID: "r", Client: "After",
		Services: []onboarding.Service{onboarding.HubSpot}}); err != nil {
		t.Fatal(err)
	}
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", "Before", 1000)}})
	if got := clients(t, h, replica.ListParams{Search: "after"}); len(got) != 1 {
		t.Errorf("the edit is not found over the relay's copy: %v", got)
	}
	if err := h.Outbox.Withdraw(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	if d, err := h.Replica.Request(t.Context(), "r"); err != nil || d.Phase != replica.PhaseDeleting ||
		d.Can != (replica.Actions{}) {
		t.Errorf("got %+v, %v", d.RequestRow, err)
	}
}

func TestItemsCountInTheirRequest(t *testing.T) {
	h := offline(t, t.TempDir())
	r := pending("r", "Harbour", 1000)
	r.Services = []onboarding.Service{onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign}
	item := func(id string, service onboarding.Service, state onboarding.ItemState,
		access onboarding.Access) onboarding.Item {
		return onboarding.Item{ID: id, Request: "r", Owner: "ana", Service: service, Kind: onboarding.Page, Account: id,
			Name: "Account " + id, State: state, Access: access}
	}
	works, waits := onboarding.Access{State: onboarding.AccessWorks}, onboarding.Access{State: onboarding.AccessWaiting}
	broken := onboarding.Access{State: onboarding.AccessBroken, Failure: "share_removed"}
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{r}, Items: []onboarding.Item{
		item("1", onboarding.Facebook, onboarding.ItemConnected, works),
		item("2", onboarding.Facebook, onboarding.ItemWaiting, waits),
		item("3", onboarding.HubSpot, onboarding.ItemConnected, broken),
	}})
	d, err := h.Replica.Request(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	if d.ConnectedCount != 2 || d.Asked != 3 || !d.Attention || d.Services[0].Waiting != 1 || !d.Services[1].Attention ||
		d.Services[2].Connected != 0 {
		t.Errorf("the row is %+v", d.RequestRow)
	}
	if d.Items[2].Title == "" || d.Items[2].Next == "" || !d.Items[2].Attention {
		t.Errorf("a broken item says %+v", d.Items[2])
	}
	total, err := h.Totals(t.Context())
	if err != nil || total.All != 1 || total.Attention != 1 || total.BrokenItems != 1 || total.WaitingItems != 1 ||
		total.Accounts != 3 {
		t.Errorf("totals are %+v, %v", total, err)
	}
	p, err := h.Replica.Accounts(t.Context(), replica.AccountsParams{Sort: replica.ByState})
	if err != nil || len(p.Accounts) != 3 || p.Accounts[0].ID != "3" || p.Accounts[0].Client != "Harbour" ||
		p.Accounts[0].Managed {
		t.Errorf("accounts are %+v, %v", p, err)
	}
	if p, err := h.Replica.Accounts(t.Context(), replica.AccountsParams{Search: "harbour acc"}); err != nil ||
		len(p.Accounts) != 3 {
		t.Errorf("searching accounts by client: %d, %v", len(p.Accounts), err)
	}
	todos, err := h.Todos(t.Context(), 5)
	if err != nil || len(todos) != 2 || todos[0].Kind != TodoItem || todos[1].Kind != TodoWaiting {
		t.Errorf("todos are %+v, %v", todos, err)
	}
}

func TestAReadingOfEverythingDropsWhatTheRelayNoLongerHasAndOffersOwnRequests(t *testing.T) {
	h := offline(t, t.TempDir())
	foreign := pending("theirs", "Theirs", 1000)
	foreign.Owner = "bo"
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("kept", "Kept", 1000),
		pending("lost", "Lost", 1000), foreign},
		Items: []onboarding.Item{{ID: "i", Request: "lost", State: onboarding.ItemConnected},
			{ID: "j", Request: "theirs", State: onboarding.ItemConnected}}})
	if _, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{ID: "draft", Client: "Draft",
		Services: []onboarding.Service{onboarding.HubSpot}}); err != nil {
		t.Fatal(err)
	}
	// Only the last page of a full read deletes rows.
	page1(t, h, wire.ChangesResult{Reset: true, More: true, Requests: []onboarding.Request{},
		Next: wire.Cursor{Seq: 1, CommitID: "other", Visibility: 1}})
	if got := clients(t, h, replica.ListParams{}); len(got) != 4 {
		t.Fatalf("before the last page there are %v", got)
	}
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("kept", "Kept", 1000)},
		Next: wire.Cursor{Seq: 2, CommitID: "other", Visibility: 1}})
	got := clients(t, h, replica.ListParams{Sort: replica.ByClient, Ascending: true})
	if strings.Join(got, " ") != "Draft Kept Lost" {
		t.Errorf("after it there are %v", got)
	}
	rows, err := h.Replica.Outbox(t.Context())
	if err != nil || len(rows) != 2 || rows[1].Kind != replica.EntryResubmit || rows[1].Request != "lost" {
		t.Errorf("the outbox is %+v, %v", rows, err)
	}
	if _, err := h.Replica.Item(t.Context(), "i"); err != nil {
		t.Errorf("the item of the offered request: %v", err)
	}
	if _, err := h.Replica.Item(t.Context(), "j"); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("the item of the dropped request: %v", err)
	}
	next, err := replica.NextEntry(t.Context(), h.Replica.DB(), h.now())
	if err != nil || next.Kind != replica.EntryResubmit {
		t.Errorf("the offer does not go first: %+v, %v", next, err)
	}
}

func TestGoneRequestsLeaveAndTheirItemsHaveTheirOwnMarks(t *testing.T) {
	h := offline(t, t.TempDir())
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", "Gone", 1000)},
		Items: []onboarding.Item{{ID: "i", Request: "r", Name: "Stays", State: onboarding.ItemConnected}}})
	page1(t, h, wire.ChangesResult{Deleted: []wire.Tombstone{{Kind: "request", ID: "r"}, {Kind: "planet", ID: "x"}}})
	if got := clients(t, h, replica.ListParams{Search: "gone"}); len(got) != 0 {
		t.Errorf("a gone request is found: %v", got)
	}
	if _, err := h.Replica.Item(t.Context(), "i"); err != nil {
		t.Errorf("its item: %v", err)
	}
	page1(t, h, wire.ChangesResult{Deleted: []wire.Tombstone{{Kind: "item", ID: "i"}}})
	if p, err := h.Replica.Accounts(t.Context(), replica.AccountsParams{Search: "stays"}); err != nil ||
		len(p.Accounts) != 0 {
		t.Errorf("a gone item is found: %+v, %v", p, err)
	}
}

func TestPagesByKeyShowEveryRequestOnceInEveryOrder(t *testing.T) {
	h := offline(t, t.TempDir())
	var all []onboarding.Request
	for n := range 237 {
		r := pending(fmt.Sprintf("r%03d", n), fmt.Sprintf("Client %d", n%7),
			onboarding.Timestamp(1000+n/3)) // equal dates and names occur
		r.Recipients = []onboarding.Recipient{{ID: r.ID, Address: fmt.Sprintf("p%d@x.example", n%5)}}
		all = append(all, r)
	}
	page1(t, h, wire.ChangesResult{Requests: all})
	for _, sort := range []replica.Sort{replica.ByDate, replica.ByClient, replica.ByRecipient, replica.ByStatus,
		replica.ByChange, replica.ByEnd} {
		for _, ascending := range []bool{false, true} {
			for _, search := range []string{"", "client", "x.example", "p1"} {
				params := replica.ListParams{Sort: sort, Ascending: ascending, Search: search, Limit: 20}
				want, err := h.Replica.CountRequests(t.Context(), params)
				if err != nil {
					t.Fatal(err)
				}
				seen := map[string]bool{}
				var order []string
				for {
					p, err := h.Replica.Requests(t.Context(), params)
					if err != nil {
						t.Fatal(err)
					}
					if len(p.Requests) > 20 {
						t.Fatalf("a page has %d rows", len(p.Requests))
					}
					for _, r := range p.Requests {
						if seen[r.ID] {
							t.Fatalf("order %q, search %q: %s comes twice", sort, search, r.ID)
						}
						seen[r.ID] = true
						order = append(order, r.ID)
					}
					if params.After = p.Next; params.After == "" {
						break
					}
				}
				if len(seen) != want || want == 0 {
					t.Errorf("order %q ascending %v, search %q: %d of %d rows", sort, ascending, search, len(seen), want)
				}
				for _, params.Skip = range []int{1, 20, want / 2, want - 1, want, want + 100} {
					p, err := h.Replica.Requests(t.Context(), params)
					if err != nil {
						t.Fatal(err)
					}
					part := order[min(params.Skip, len(order)):min(params.Skip+20, len(order))]
					if !slices.EqualFunc(p.Requests, part, func(r replica.RequestRow, id string) bool { return r.ID == id }) {
						t.Errorf("order %q ascending %v, search %q: after %d rows come %d others than %v", sort, ascending, search,
							params.Skip, len(p.Requests), part)
					}
				}
			}
		}
	}
	if _, err := h.Replica.Requests(t.Context(), replica.ListParams{After: "nonsense"}); !errors.Is(err,
		onboarding.ErrInvalid) {
		t.Errorf("a key that is none: got %v", err)
	}
}

func TestSearchTakesAnythingThatIsTyped(t *testing.T) {
	h := offline(t, t.TempDir())
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", `Çedar "Dental" AND NOT (x*)`, 1000)}})
	for typed, want := range map[string]int{
		`cedar`: 1, `"dental"`: 1, `AND NOT`: 1, `(x*)`: 1, `ÇEDAR`: 1, `d"`: 0, `"`: 1, `'`: 0, `*`: 1, "a": 1, "\x00": 0,
		"\xff\xfe": 0, "dental cedar": 1, "nobody": 0, "100%": 0, "_": 0, "cedar\x00dental": 0,
		strings.Repeat("cedar ", 5000): 1, manyWords(5000): 0,
	} {
		p, err := h.Replica.Requests(t.Context(), replica.ListParams{Search: typed})
		if err != nil || len(p.Requests) != want {
			t.Errorf("searching for %q found %d, want %d (%v)", typed, len(p.Requests), want, err)
		}
	}
}

// manyWords is a text of so many different words, as when a whole email is pasted.
func manyWords(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "word%d ", i)
	}
	return text.String()
}

func TestRecentEventsComeFromAllRequestsNewestFirst(t *testing.T) {
	h := offline(t, t.TempDir())
	var all []onboarding.Request
	for n := range 10 {
		r := pending(fmt.Sprint("r", n), fmt.Sprint("C", n), 1000)
		for e := range 5 {
			r.Events = append(r.Events, onboarding.Event{ID: fmt.Sprint(n, e), At: onboarding.Timestamp(2000 + 10*e + n),
				Kind: onboarding.EventSent})
		}
		// What computers do routinely is left out.
		r.Events = append(r.Events, onboarding.Event{ID: fmt.Sprint(n, "routine"), At: 3000,
			Kind: onboarding.EventCredentialFetched})
		all = append(all, r)
	}
	page1(t, h, wire.ChangesResult{Requests: all})
	events, err := h.Replica.Recent(t.Context(), 0, 7)
	if err != nil || len(events) != 7 {
		t.Fatalf("got %d events, %v", len(events), err)
	}
	for n, e := range events {
		if want := onboarding.Timestamp(2049 - n); e.At != want {
			t.Errorf("event %d is of %d, want %d", n, e.At, want)
		}
	}
	if events, err := h.Replica.Recent(t.Context(), 2047, 50); err != nil || len(events) != 2 {
		t.Errorf("since then: %d, %v", len(events), err)
	}
}

func TestReadingEverythingPutsOffWhatWasJustLookedAt(t *testing.T) {
	h := offline(t, t.TempDir())
	now := h.now()
	item := func(id string, state onboarding.AccessState, checked onboarding.Timestamp) onboarding.Item {
		return onboarding.Item{ID: id, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Name: id,
			State: onboarding.ItemConnected, Connected: 1,
			Access: onboarding.Access{State: state, Checked: checked}}
	}
	page1(t, h, wire.ChangesResult{Items: []onboarding.Item{
		item("young", onboarding.AccessWorks, now.Add(-time.Hour)), item("old", onboarding.AccessWorks,
			now.Add(-4*time.Hour)),
		item("waiting", onboarding.AccessWaiting, now.Add(-time.Minute)), item("new", onboarding.AccessUnknown, 0),
	}})
	for id, soon := range map[string]bool{"young": false, "old": true, "waiting": true, "new": true} {
		row, err := h.Replica.Item(t.Context(), id)
		if err != nil || (row.NextCheck <= h.now()) != soon {
			t.Errorf("%s is tried at %s, %v", id, row.NextCheck.Time(), err)
		}
	}
}

func TestADamagedDatabaseIsNamedSo(t *testing.T) {
	config := Config{Catalog: catalogtest.New(t), Dir: t.TempDir(), Keychain: keychain.NewMemory()}
	source := filepath.Join(config.Dir, "hub.db")
	for name, damage := range map[string]func([]byte) []byte{
		"another file": func([]byte) []byte { return []byte(strings.Repeat("not a database. ", 1000)) },
		"cut in half":  func(b []byte) []byte { return b[:len(b)/2] },
		"pages zeroed": func(b []byte) []byte { clear(b[4096 : 4096*8]); return b },
	} {
		_ = os.Remove(source) // of the case before
		h, err := Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(source, damage(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if h, err = Open(t.Context(), config); err == nil {
			_ = h.Close()
		}
		if !errors.Is(err, sqldb.ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", name, err)
		}
	}
}

// A database with the tables of an early version is refused and left unchanged,
// whatever its number.
func TestADatabaseOfBeforeIsRefusedAndLeftAsItIs(t *testing.T) {
	for _, versions := range []int{1, 2, 3} {
		source := filepath.Join(t.TempDir(), "hub.db")
		before := fstest.MapFS{}
		for n, name := range []string{"00001_hub", "00002_much", "00003_outbox"}[:versions] {
			text := fmt.Sprintf("-- +goose Up\nCREATE TABLE before_%d (id TEXT PRIMARY KEY);\n", n)
			before["migrations/"+name+".sql"] = &fstest.MapFile{Data: []byte(text)}
		}
		old, err := sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: before})
		if err != nil {
			t.Fatal(err)
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		h, err := Open(t.Context(), Config{
			Catalog: catalogtest.New(t), Dir: filepath.Dir(source), Keychain: keychain.NewMemory(),
		})
		if err == nil {
			_ = h.Close()
		}
		if !errors.Is(err, replica.ErrForeignSchema) {
			t.Fatalf("opening a database of version %d of before: got %v, want ErrForeignSchema", versions, err)
		}
		if old, err = sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: before}); err != nil {
			t.Fatalf("the program of before cannot open it any more: %v", err)
		}
		var tables int
		if err := old.QueryRowContext(t.Context(), `
			SELECT COUNT(*) FROM sqlite_master WHERE name = 'requests'`).Scan(&tables); err != nil || tables != 0 {
			t.Errorf("there are %d tables of the new schema in it, %v", tables, err)
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOtherWordsAreFoundAndTheOldOnesAreNot(t *testing.T) {
	h := offline(t, t.TempDir())
	item := onboarding.Item{ID: "i", Request: "r", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
		Account: "4711", Name: "Portal", State: onboarding.ItemConnected, Connected: 1}
	found := func(typed string, requests, accounts int) {
		t.Helper()
		got, err := h.Replica.Search(t.Context(), typed)
		if err != nil || len(got.Requests) != requests || len(got.Accounts) != accounts {
			t.Errorf("looking for %q: %d requests and %d accounts, %v; want %d and %d", typed, len(got.Requests),
				len(got.Accounts), err, requests, accounts)
		}
	}
	page1(t, h, wire.ChangesResult{Items: []onboarding.Item{item}}) // before its request
	found("portal", 0, 1)
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", "Fjord Bikes", 1000)}})
	found("fjord", 1, 1)
	found("portal", 1, 1)
	if err := h.Outbox.EditRequest(t.Context(), outbox.RequestForm{ID: "r", Client: "Velvet Kitchen",
		Services: []onboarding.Service{onboarding.HubSpot}}); err != nil {
		t.Fatal(err)
	}
	found("fjord", 0, 0)
	found("velvet", 1, 1)
	item.Name = "Warehouse"
	page1(t, h, wire.ChangesResult{Items: []onboarding.Item{item}})
	found("portal", 0, 0)
	found("velvet warehouse", 1, 1)
	page1(t, h, wire.ChangesResult{Deleted: []wire.Tombstone{{Kind: "item", ID: "i"}}})
	found("warehouse", 0, 0)
	indexed(t, h)
	if err := h.Replica.Update(t.Context(), func(tx *replica.Tx) error { return tx.Clear(t.Context()) }); err != nil {
		t.Fatal(err)
	}
	found("velvet", 0, 0)
}

// A member may have confirmed what arrived before the client finished, which completes the
// request in nobody's name.
func TestANotificationNamesWhoConfirmedWhatArrived(t *testing.T) {
	changes := make(chan replica.Change, 100)
	h, err := Open(t.Context(), Config{Catalog: catalogtest.New(t), Dir: t.TempDir(), Keychain: keychain.NewMemory(),
		Changed: func(c replica.Change) { changes <- c }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	r := pending("r", "Fjord", 1000)
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{r}})
	<-changes
	r.Status, r.Completed = onboarding.Connected, 3000
	r.Events = []onboarding.Event{{At: 3000, Kind: onboarding.EventCompleted}}
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{r}, Items: []onboarding.Item{{
		ID: "i", Request: "r", Service: onboarding.Facebook, Kind: onboarding.AdAccount, Name: "Fjord EU",
		State: onboarding.ItemConnected, Confirmed: 2000, ConfirmedBy: "Ana Ruiz",
	}, {
		ID: "j", Request: "r", Service: onboarding.Facebook, Kind: onboarding.Page, Name: "Fjord",
		State: onboarding.ItemWaiting,
	}}})
	if c := <-changes; len(c.Alerts) != 1 || c.Alerts[0].ConfirmedBy != "Ana Ruiz" || c.Alerts[0].Received != 1 ||
		c.Alerts[0].Awaited != 1 {
		t.Errorf("a completion of what was confirmed tells %+v", c.Alerts)
	}
}

func TestChangesAreToldByIdAndTheFirstReadingTellsNoNews(t *testing.T) {
	changes := make(chan replica.Change, 100)
	h, err := Open(t.Context(), Config{Catalog: catalogtest.New(t), Dir: t.TempDir(), Keychain: keychain.NewMemory(),
		Changed: func(c replica.Change) { changes <- c }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	r := pending("r", "Fjord", 1000)
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{r}})
	if c := <-changes; !c.All || len(c.Alerts) != 0 {
		t.Errorf("the first reading tells %+v", c)
	}
	r.Status, r.Completed = onboarding.Connected, 3000
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{r}})
	if c := <-changes; len(c.Requests) != 1 || c.Requests[0] != "r" || len(c.Alerts) != 1 ||
		c.Alerts[0].Kind != replica.RequestConnected {
		t.Errorf("a completion tells %+v", c)
	}
	item := onboarding.Item{ID: "i", Request: "r", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
		Name: "Portal", State: onboarding.ItemConnected}
	page1(t, h, wire.ChangesResult{Items: []onboarding.Item{item}})
	<-changes
	item.Access = onboarding.Access{State: onboarding.AccessBroken, Checked: 4000}
	page1(t, h, wire.ChangesResult{Items: []onboarding.Item{item}})
	if c := <-changes; len(c.Alerts) != 1 || c.Alerts[0] != (replica.Alert{Kind: replica.ItemBroke, Request: "r",
		Client: "Fjord", Item: "i", Name: "Portal"}) {
		t.Errorf("an item that broke tells %+v", c.Alerts)
	}
	item.Access = onboarding.Access{State: onboarding.AccessWorks, Checked: 5000}
	page1(t, h, wire.ChangesResult{Items: []onboarding.Item{item}})
	if c := <-changes; len(c.Alerts) != 0 {
		t.Errorf("an item that works again tells %+v", c.Alerts)
	}
	item.Access = onboarding.Access{State: onboarding.AccessWorks, Failure: "account_restricted", Checked: 6000}
	page1(t, h, wire.ChangesResult{Items: []onboarding.Item{item}})
	if c := <-changes; len(c.Alerts) != 1 || c.Alerts[0].Kind != replica.ItemBroke {
		t.Errorf("an item that the platform restricted tells %+v", c.Alerts)
	}
}

func TestAnotherShapeOfTheCopyReadsEverythingAgain(t *testing.T) {
	dir := t.TempDir()
	h, err := Open(t.Context(), Config{Catalog: catalogtest.New(t), Dir: dir, Keychain: keychain.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", "Fjord", 1000)}})
	if err := h.Replica.Update(t.Context(), func(tx *replica.Tx) error {
		return tx.WriteMetadata(context.Background(),
			"projection", "0")
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if h, err = Open(t.Context(), Config{Catalog: catalogtest.New(t), Dir: dir,
		Keychain: keychain.NewMemory()}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	if c, err := replica.ReadCursor(t.Context(), h.Replica.DB()); err != nil || c != (wire.Cursor{}) {
		t.Errorf("the cursor is %+v, %v", c, err)
	}
	if got := clients(t, h, replica.ListParams{}); len(got) != 1 {
		t.Errorf("meanwhile there are %v", got)
	}
}

func TestSettingsThatTheRelayWouldRefuseAreNotKeptForIt(t *testing.T) {
	h := offline(t, t.TempDir())
	branded := onboarding.Agency{ID: "acme", Name: "Acme Media", Brand: onboarding.Brand{On: true, Logo: []byte("png")}}
	page1(t, h, wire.ChangesResult{Agency: &branded,
		Members: []onboarding.Member{{ID: "ana", Name: "Ana Ruiz", Email: "ana@acme.example", Role: onboarding.MainUser}}})
	for name, params := range map[string]wire.SaveBrandParams{
		"a logo that is no picture":      {Logo: []byte("not a picture at all")},
		"a logo with script":             {Logo: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
		"no logo, with the brand on":     {},
		"a colour that is none":          {Colour: "red", KeepLogo: true},
		"a platform's name":              {Company: "Facebook", KeepLogo: true},
		"a company of a thousand emails": {Company: strings.Repeat("a", 1000), KeepLogo: true},
	} {
		if err := h.Outbox.SaveBrand(t.Context(), params); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if entries, err := h.Replica.Outbox(t.Context()); err != nil || len(entries) != 0 {
		t.Errorf("these wait: %+v, %v", entries, err)
	}
	if err := h.Outbox.SaveBrand(t.Context(), wire.SaveBrandParams{Company: "Acme", Colour: "#0f5c66",
		KeepLogo: true}); err != nil {
		t.Errorf("what is right: %v", err)
	}
}

// A reply to a call from before an enrolment is not stored after it.
func TestAPageIsStoredBehindItsCursorOnly(t *testing.T) {
	h := offline(t, t.TempDir())
	before, err := replica.ReadCursor(t.Context(), h.Replica.DB())
	if err != nil {
		t.Fatal(err)
	}
	page1(t, h, wire.ChangesResult{Requests: []onboarding.Request{pending("r", "Fjord", 1000)}})
	late := wire.ChangesResult{Requests: []onboarding.Request{pending("late", "Late", 1000)},
		Next: wire.Cursor{Seq: 100, CommitID: "m", Visibility: 1}}
	if err := h.Replica.Apply(t.Context(), before, late); !errors.Is(err, onboarding.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if got := clients(t, h, replica.ListParams{}); len(got) != 1 || got[0] != "Fjord" {
		t.Errorf("there are %v", got)
	}
}

func TestWhatTheOperatorDidAgainIsOneThingToDo(t *testing.T) {
	h := offline(t, t.TempDir())
	at := onboarding.TimestampOf(time.Now())
	code := onboarding.OperatorAct{At: at, Kind: onboarding.OperatorIssuedCode, Name: "Ana"}
	again, other := code, code
	again.At, other.Name = at-1000, "Ben"
	page1(t, h, wire.ChangesResult{Agency: &onboarding.Agency{
		ID: "a", OperatorActs: []onboarding.OperatorAct{code, again, other},
	}})
	todos, err := todoLists{h}.operatorActs(t.Context(), 10)
	if err != nil || len(todos) != 2 || todos[0].Times != 2 || todos[0].Since != at || todos[1].Times != 1 {
		t.Errorf("to do are %+v, %v", todos, err)
	}
}
