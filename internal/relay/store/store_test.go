package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { os.Exit(sqldbtest.Main(m)) }

// scene is a store with one agency: Ana, a main user, and Ben, a sub-user.
type scene struct {
	*store.Store
	mu     sync.Mutex
	now    time.Time
	told   []string
	agency string
	ana    onboarding.Member
	ben    onboarding.Member
	signer *signer
}

// signer stands for the relay's key file. While it trusts, a row that a test wrote by
// hand counts as the relay's.
type signer struct{ trusts bool }

func (*signer) SignRow(table string, columns ...string) []byte {
	digest := sha256.Sum256(fmt.Appendf(nil, "%q %q", table, columns))
	return digest[:]
}

func (s *signer) VerifyRow(mac []byte, table string, columns ...string) bool {
	return s.trusts || bytes.Equal(mac, s.SignRow(table, columns...))
}

func (*signer) HashUsers(at onboarding.Platform, number string) [][]byte {
	digest := sha256.Sum256(fmt.Appendf(nil, "%q %q", at, number))
	return [][]byte{digest[:]}
}

func (s *scene) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *scene) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// each runs a test on both engines.
func each(t *testing.T, test func(t *testing.T, s *scene)) {
	sqldbtest.EachShared(t, func(t *testing.T, source string) {
		db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: store.Migrations(), Ephemeral: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		s := &scene{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), agency: "acme", signer: &signer{}}
		told := func(agency string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.told = append(s.told, agency)
		}
		s.Store, err = store.New(t.Context(), store.Config{DB: db, Signer: s.signer, Now: s.clock, OnChange: told})
		must(t, err)
		s.ana = onboarding.Member{ID: "ana", Name: "Ana Ruiz", Email: "ana@acme.example", Role: onboarding.MainUser}
		s.ben = onboarding.Member{ID: "ben", Name: "Ben Okoro", Email: "ben@acme.example", Role: onboarding.SubUser}
		must(t, s.Agencies.Add(t.Context(), onboarding.Agency{ID: s.agency, Name: "Acme Media"}, s.ana))
		must(t, s.Members.Invite(t.Context(), s.agency, s.ben))
		test(t, s)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// to is a recipient to be; hashed stands for the relay's keyed hash.
func to(id, address string) store.NewRecipient {
	return store.NewRecipient{ID: id, Address: address, Hashes: hashed(address)}
}

func resend(id string, recipients ...string) store.Resend {
	return store.Resend{ID: id, Recipients: recipients, Hashes: hashed}
}

// box is the mailbox of a visit's address.
func box(v store.Visit) store.Mailbox { return store.Mailbox{Hashes: hashed(v.Email)} }

func hashed(address string) [][]byte { return [][]byte{[]byte("hash of " + strings.ToLower(address))} }

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// mark marks an email as being sent, to an address of its own.
func (s *scene) mark(t *testing.T, email store.Email, owner store.LeaseOwner) error {
	t.Helper()
	address := store.NewRecipient{Address: email.ID + "@x.example", Hashes: [][]byte{[]byte(email.ID)}}
	_, err := s.Emails.MarkSending(t.Context(), email, owner, address, onboarding.Limits{})
	return err
}

func (s *scene) save(t *testing.T, id, owner string) store.Request {
	t.Helper()
	r, err := s.Requests.Save(t.Context(), s.agency, store.NewRequest{
		ID: id, Owner: owner, Client: "Harbour & Pine",
		Services: []onboarding.Service{onboarding.Facebook, onboarding.HubSpot},
		LinkID:   []byte("link of " + id), Who: "Ana Ruiz", User: onboarding.Account{ID: "77"},
	})
	must(t, err)
	return r
}

func (s *scene) visit(t *testing.T, request, id string) store.Visit {
	t.Helper()
	r, err := s.Requests.Get(t.Context(), s.agency, request)
	must(t, err)
	v := store.Visit{
		ID: id, Request: request, Agency: s.agency, CookieHash: []byte("cookie of " + id), Version: r.LinkVersion,
		Name: "Lena Park", Email: "lena@harbour.example",
	}
	must(t, s.Visits.Start(t.Context(), v))
	return v
}

func (s *scene) portal(t *testing.T, request, account string, state onboarding.ItemState) onboarding.Item {
	t.Helper()
	plan, err := s.Items.Plan(t.Context(), s.agency, store.ItemKey{
		Request: request, Owner: "ana", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: account,
	})
	must(t, err)
	i, err := s.Items.Put(t.Context(), s.agency, store.SharedItem{Item: onboarding.Item{
		ID: plan.ID, Version: plan.Version, Request: request, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
		Account: account, Name: "Portal " + account, State: state,
		By: onboarding.Person{Name: "Lena Park", Email: "lena@harbour.example"},
	}})
	must(t, err)
	return i
}

func (s *scene) device(t *testing.T, member, id string) store.Device {
	t.Helper()
	must(
		t,

		s.Codes.Add(t.Context(), []byte("code of "+id), store.Code{ID: "code of " + id, Agency: s.agency, Member: member,
			Expires: s.Now().Add(time.Hour)}),
	)
	d, err := s.Devices.Enrol(t.Context(), []byte("code of "+id), "Computer "+id, "key of "+id, []byte("token of "+id))
	must(t, err)
	return d
}

func ids[T any](list []T, id func(T) string) []string {
	var found []string
	for _, one := range list {
		found = append(found, id(one))
	}
	slices.Sort(found)
	return found
}

func requestIDs(c store.Changes) []string {
	return ids(c.Requests, func(r store.Request) string { return r.ID })
}

func TestARequestIsKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		first := s.save(t, "r1", "ana")
		if first.Status != onboarding.Pending || first.LinkVersion != 1 || first.Expires != onboarding.LinkEnds(s.Now()) ||
			len(first.Events) != 1 {
			t.Errorf("saved as %+v", first)
		}
		s.advance(time.Hour)
		again := s.save(t, "r1", "ana")
		if again.Accepted != first.Accepted || len(again.Events) != 1 {
			t.Errorf("saved again it became %+v", again)
		}
		_, err := s.Requests.Save(t.Context(), s.agency, store.NewRequest{ID: "r1", Owner: "ben", LinkID: []byte("other")})
		wants(t, err, onboarding.ErrConflict)
		found, err := s.Requests.ClientViewByLink(t.Context(), []byte("link of r1"))
		must(t, err)
		if found.Request.ID != "r1" || !slices.Equal(found.Request.Services, []onboarding.Service{onboarding.Facebook,
			onboarding.HubSpot}) {
			t.Errorf("by its link: %+v", found)
		}
	})
}

func TestARequestKeepsWhatItAsksForAtFacebook(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		usual := s.save(t, "r1", "ana")
		if len(usual.Kinds) != 0 || usual.Level != onboarding.LevelAdvertise {
			t.Errorf("without a choice it asks for %v, to %s", usual.Kinds, usual.Level)
		}
		kinds := []onboarding.Kind{onboarding.Dataset, onboarding.Catalogue}
		n := store.NewRequest{ID: "r2", Owner: "ana", Client: "Harbour & Pine",
			Services: []onboarding.Service{onboarding.Facebook},
			LinkID:   []byte("link of r2"), Kinds: kinds, Level: onboarding.LevelView}
		saved, err := s.Requests.Save(t.Context(), s.agency, n)
		must(t, err)
		n.Kinds, n.Level = []onboarding.Kind{onboarding.InstagramAccount}, onboarding.LevelAdvertise
		edited, err := s.Requests.Edit(t.Context(), s.agency, n)
		must(t, err)
		if !slices.Equal(saved.Kinds, kinds) || saved.Level != onboarding.LevelView {
			t.Errorf("saved it asks for %v, to %s", saved.Kinds, saved.Level)
		}
		if !slices.Equal(edited.Kinds, n.Kinds) || edited.Level != onboarding.LevelAdvertise {
			t.Errorf("edited it asks for %v, to %s", edited.Kinds, edited.Level)
		}
	})
}

func TestOnlyARequestNobodySawIsEdited(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		edit := store.NewRequest{ID: "r1", Client: "Renamed", Services: []onboarding.Service{onboarding.HubSpot}}
		r, err := s.Requests.Edit(t.Context(), s.agency, edit)
		if err != nil || r.Client != "Renamed" {
			t.Fatalf("got %+v and %v", r, err)
		}
		must(t, s.Requests.MarkOpened(t.Context(), s.agency, "r1", 0))
		_, err = s.Requests.Edit(t.Context(), s.agency, edit)
		wants(t, err, onboarding.ErrConflict)
		s.save(t, "r2", "ana")
		_, err = s.Requests.Send(t.Context(), s.agency, "r2", []store.NewRecipient{to("x", "a@x.example")},
			onboarding.Limits{})
		must(t, err)
		edit.ID = "r2"
		_, err = s.Requests.Edit(t.Context(), s.agency, edit)
		wants(t, err, onboarding.ErrConflict)
	})
}

func TestOneOfFiftyFinishesWins(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		var visits []store.Visit
		for n := range 50 {
			visits = append(visits, s.visit(t, "r1", fmt.Sprintf("v%02d", n)))
		}
		s.portal(t, "r1", "1", onboarding.ItemConnected)
		results := make(chan error, len(visits))
		var all sync.WaitGroup
		for _, v := range visits {
			all.Go(func() {
				_, err := s.Requests.Finish(t.Context(), v, box(v))
				results <- err
			})
		}
		all.Wait()
		close(results)
		won := 0
		for err := range results {
			if err == nil {
				won++
			} else if !errors.Is(err, onboarding.ErrCompleted) {
				t.Errorf("a loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d won, want 1", won)
		}
		r, err := s.Requests.Get(t.Context(), s.agency, "r1")
		must(t, err)
		emails := s.emails(t, "r1")
		kinds := ids(emails, func(l store.Email) string { return string(l.Kind) })
		if r.Status != onboarding.Connected || r.CompletedBy.Name != "Lena Park" ||
			!slices.Equal(kinds, []string{"completion", "receipt"}) {
			t.Errorf("status %s by %v, emails %v", r.Status, r.CompletedBy, kinds)
		}
		if last := r.Events[len(r.Events)-2:]; last[0].Kind != onboarding.EventFinished ||
			last[1].Kind != onboarding.EventCompleted {
			t.Errorf("the last events are %v and %v", last[0].Kind, last[1].Kind)
		}
	})
}

func TestAFinishWithNothingLeavesTheLinkAlive(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		for range 2 {
			f, err := s.Requests.Finish(t.Context(), v, box(v))
			must(t, err)
			if f.Outcome != store.FinishedEmpty || f.Request.LinkState(s.Now()) != nil {
				t.Errorf("got %s, link %v", f.Outcome, f.Request.LinkState(s.Now()))
			}
		}
		emails := s.emails(t, "r1")
		if len(emails) != 1 || emails[0].Kind != store.EmailNothingConnected {
			t.Errorf("the requester got %v, want one email", emails)
		}
	})
}

func TestAFinishedWaitingRequestCompletesWithItsFirstItem(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		i := s.portal(t, "r1", "1", onboarding.ItemWaiting)
		f, err := s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		if f.Outcome != store.FinishedWaiting || f.Request.Status != onboarding.Pending {
			t.Fatalf("got %s with status %s", f.Outcome, f.Request.Status)
		}
		s.advance(200 * 24 * time.Hour)
		r, err := s.Requests.Get(t.Context(), s.agency, "r1")
		must(t, err)
		wants(t, r.LinkState(s.Now()), onboarding.ErrCompleted)
		_, err = s.Items.ReportAccess(t.Context(), s.agency, i.ID, store.AccessReport{
			Access: onboarding.Access{State: onboarding.AccessWorks}, Tasks: []string{"ADVERTISE", "ANALYZE"},
		})
		must(t, err)
		r, err = s.Requests.Get(t.Context(), s.agency, "r1")
		must(t, err)
		if r.Status != onboarding.Connected || r.Completed != s.Now() {
			t.Errorf("got status %s, completed %d", r.Status, r.Completed)
		}
	})
}

func TestAClockThatWasPutBackTakesNewChecks(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		i := s.portal(t, "r1", "1", onboarding.ItemConnected)
		works := onboarding.Access{State: onboarding.AccessWorks}
		_, err := s.Items.ReportAccess(t.Context(), s.agency, i.ID, store.AccessReport{Access: works})
		must(t, err)
		s.advance(-time.Hour)
		broken := onboarding.Access{State: onboarding.AccessBroken, Failure: "share_removed"}
		got, err := s.Items.ReportAccess(t.Context(), s.agency, i.ID, store.AccessReport{Access: broken})
		if err != nil || got.State != onboarding.AccessBroken || got.Checked != s.Now() {
			t.Errorf("kept as %+v and %v", got, err)
		}
	})
}

func TestTheLastThreeChecksOfAnItemAreKeptWithWhatItGave(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		i := s.portal(t, "r1", "1", onboarding.ItemConnected)
		contacts := func(n int64) []onboarding.Capability {
			return []onboarding.Capability{{Name: "contacts", Count: n}, {Name: "leads", Level: onboarding.CanWrite}}
		}
		report := func(found onboarding.Access) {
			t.Helper()
			_, err := s.Items.ReportAccess(t.Context(), s.agency, i.ID, store.AccessReport{Access: found})
			must(t, err)
		}
		report(onboarding.Access{State: onboarding.AccessWorks, Capabilities: contacts(1)})
		for n := range int64(2) {
			s.advance(time.Minute)
			report(onboarding.Access{State: onboarding.AccessWorks, Capabilities: contacts(2 + n)})
		}
		s.advance(time.Minute)
		broken := onboarding.Access{State: onboarding.AccessBroken, Failure: "share_removed", Code: "401", Checked: s.Now()}
		report(broken)
		report(broken) // the same report, repeated
		report(onboarding.Access{State: onboarding.AccessWorks, Checked: s.Now() - 1000, Capabilities: contacts(9)})

		kept, err := s.Items.Get(t.Context(), s.agency, i.ID)
		must(t, err)
		want := []onboarding.CheckRecord{
			{Checked: s.Now(), State: onboarding.AccessBroken, Failure: "share_removed", Code: "401"},
			{Checked: s.Now() - 60_000, State: onboarding.AccessWorks, Capabilities: contacts(3)},
			{Checked: s.Now() - 120_000, State: onboarding.AccessWorks, Capabilities: contacts(2)},
		}
		if !reflect.DeepEqual(kept.Checks, want) || kept.Access.Capabilities != nil {
			t.Errorf("kept %+v with %v, want %+v", kept.Checks, kept.Access.Capabilities, want)
		}
		s.advance(time.Minute)
		report(onboarding.Access{State: onboarding.AccessWorks, Capabilities: contacts(4)})
		if kept, err = s.Items.Get(t.Context(), s.agency, i.ID); err != nil || !reflect.DeepEqual(kept.Access.Capabilities,
			contacts(4)) {
			t.Errorf("gives %v, %v", kept.Access.Capabilities, err)
		}
	})
}

func TestTheNewestCheckIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		i := s.portal(t, "r1", "1", onboarding.ItemConnected)
		now := s.Now()
		broken := onboarding.Access{State: onboarding.AccessBroken, Failure: "share_removed", Code: "100/33", Checked: now}
		got, err := s.Items.ReportAccess(t.Context(), s.agency, i.ID, store.AccessReport{Access: broken})
		must(t, err)
		if got.Since != now {
			t.Errorf("broken since %d, want %d", got.Since, now)
		}
		older := onboarding.Access{State: onboarding.AccessWorks, Checked: now - 1000}
		if got, err = s.Items.ReportAccess(t.Context(), s.agency, i.ID, store.AccessReport{Access: older}); err != nil ||
			got.State != onboarding.AccessBroken {
			t.Errorf("an older check was taken: %+v and %v", got, err)
		}
		s.advance(time.Minute)
		fromTheFuture := onboarding.Access{State: onboarding.AccessBroken, Failure: "share_removed", Checked: s.Now() + 1e9}
		got, err = s.Items.ReportAccess(t.Context(), s.agency, i.ID, store.AccessReport{Access: fromTheFuture})
		if err != nil ||
			got.Checked != s.Now() || got.Since != now {
			t.Errorf("a hub whose clock is ahead: %+v and %v", got, err)
		}
		longAgo := onboarding.Access{State: onboarding.AccessBroken, Failure: "share_removed", Checked: s.Now() - 1e9}
		got, err = s.Items.ReportAccess(t.Context(), s.agency, i.ID, store.AccessReport{Access: longAgo})
		if err != nil || got.Checked != s.Now() {
			t.Errorf("a hub whose clock is slow: %+v and %v", got, err)
		}
		r, err := s.Requests.Get(t.Context(), s.agency, "r1")
		must(t, err)
		broke := 0
		for _, e := range r.Events {
			if e.Kind == onboarding.EventAccessBroken {
				broke++
			}
		}
		if broke != 1 {
			t.Errorf("%d events of breaking, want 1", broke)
		}
		for _, e := range r.Events {
			want := onboarding.Service("")
			if e.Kind == onboarding.EventItemConnected || e.Kind == onboarding.EventAccessBroken {
				want = onboarding.HubSpot
			}
			if e.Service != want {
				t.Errorf("the event %s is of the service %q, want %q", e.Kind, e.Service, want)
			}
		}
	})
}

func TestWithdrawRenewReopenArchive(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "running", "ana")
		_, err := s.Requests.Renew(ctx, s.agency, "running", store.NewLink{From: 1, Who: "Ana"})
		wants(t, err, onboarding.ErrConflict)
		_, err = s.Requests.Reopen(ctx, s.agency, "running", store.NewLink{From: 1, Who: "Ana"})
		wants(t, err, onboarding.ErrConflict)
		_, err = s.Requests.Archive(ctx, s.agency, "running", true)
		wants(t, err, onboarding.ErrConflict)

		s.advance(40 * 24 * time.Hour)
		for range 2 { // asked twice it makes one new link
			r, err := s.Requests.Renew(ctx, s.agency, "running", store.NewLink{From: 1, Who: "Ana"})
			must(t, err)
			if r.LinkVersion != 2 || r.Expires != onboarding.LinkEnds(s.Now()) || r.LinkState(s.Now()) != nil {
				t.Errorf("renewed to %+v", r.Request)
			}
		}
		v := s.visit(t, "running", "v1")
		s.portal(t, "running", "1", onboarding.ItemConnected)
		_, err = s.Requests.Finish(ctx, v, box(v))
		must(t, err)
		_, err = s.Requests.Withdraw(ctx, s.agency, "running", "Ana")
		wants(t, err, onboarding.ErrConflict)
		_, err = s.Requests.Send(ctx, s.agency, "running", []store.NewRecipient{to("x", "a@x.example")},
			onboarding.Limits{})
		wants(t, err, onboarding.ErrCompleted)
		r, err := s.Requests.Archive(ctx, s.agency, "running", true)
		if err != nil || r.Archived == 0 {
			t.Errorf("archived: %+v and %v", r.Archived, err)
		}
		r, err = s.Requests.Reopen(ctx, s.agency, "running", store.NewLink{From: 2, Who: "Ana"})
		must(t, err)
		if r.LinkVersion != 3 || r.Status != onboarding.Pending || r.Completed != 0 || r.Archived != 0 {
			t.Errorf("reopened to %+v", r.Request)
		}
		for range 2 {
			r, err = s.Requests.Withdraw(ctx, s.agency, "running", "Ana")
			must(t, err)
			wants(t, r.LinkState(s.Now()), onboarding.ErrWithdrawn)
		}
		_, err = s.Requests.Reopen(ctx, s.agency, "running", store.NewLink{From: 3, Who: "Ana"})
		wants(t, err, onboarding.ErrWithdrawn)
		items, err := s.Items.ListByRequest(ctx, "running")
		if err != nil || len(items) != 1 {
			t.Errorf("a withdrawn request's items: %v and %v", items, err)
		}
	})
}

func TestEmailsAreLimited(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		var many []store.NewRecipient
		for n := range 21 {
			many = append(many, to(fmt.Sprintf("p%d", n), fmt.Sprintf("p%d@x.example", n)))
		}
		_, err := s.Requests.Send(ctx, s.agency, "r1", many, onboarding.Limits{})
		wants(t, err, onboarding.ErrRateLimited)
		r, err := s.Requests.Send(ctx, s.agency, "r1", many[:20], onboarding.Limits{})
		must(t, err)
		if len(r.Recipients) != 20 || r.Recipients[19].Number != 20 {
			t.Fatalf("%d recipients, the last has number %d", len(r.Recipients), r.Recipients[len(r.Recipients)-1].Number)
		}
		_, err = s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("other", "P3@x.example")},
			onboarding.Limits{})
		must(t, err) // the same address: nothing is sent
		_, err = s.Requests.Resend(ctx, s.agency, "r1", resend("send1", "p0"), onboarding.Limits{})
		wants(t, err, onboarding.ErrRateLimited) // within the minute
		for n := range 5 {
			s.advance(2 * time.Minute)
			send := fmt.Sprintf("send%d", n+2)
			for range 2 { // the same send twice is one email
				_, err = s.Requests.Resend(ctx, s.agency, "r1", resend(send, "p0"), onboarding.Limits{})
				must(t, err)
			}
		}
		s.advance(2 * time.Minute)
		_, err = s.Requests.Resend(ctx, s.agency, "r1", resend("send9", "p0"), onboarding.Limits{})
		wants(t, err, onboarding.ErrInvalid) // six in all
		if n := len(s.emails(t, "r1")); n != 25 {
			t.Errorf("%d emails, want 25", n)
		}
		s.save(t, "r2", "ana")
		_, err = s.Requests.Send(ctx, s.agency, "r2", many[:10], onboarding.Limits{})
		wants(t, err, onboarding.ErrConflict) // the ids are another request's recipients
		for n := range 11 {
			many[n] = to(fmt.Sprintf("r2p%d", n), fmt.Sprintf("other%d@x.example", n))
		}
		_, err = s.Requests.Send(ctx, s.agency, "r2", many[:11], onboarding.Limits{AgencyAddressesPerDay: 30})
		wants(t, err, onboarding.ErrRateLimited)
		_, err = s.Requests.Send(ctx, s.agency, "r2", many[:10], onboarding.Limits{AgencyAddressesPerDay: 30})
		must(t, err)
	})
}

// What an address gets is counted for the agency, not for a request: neither
// another request nor a deleted one lets more through.
func TestAnAddressIsNotFloodedByManyRequests(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		send := func(n int, address string) error {
			id := fmt.Sprintf("r%d", n)
			s.save(t, id, "ana")
			_, err := s.Requests.Send(ctx, s.agency, id, []store.NewRecipient{to("p"+id, address)}, onboarding.Limits{})
			return err
		}
		must(t, send(1, "lena@harbour.example"))
		wants(t, send(2, "Lena@harbour.example"), onboarding.ErrRateLimited) // within the minute
		must(t, send(3, "max@harbour.example"))
		for n := 4; n < 9; n++ {
			s.advance(2 * time.Minute)
			must(t, send(n, "lena@harbour.example"))
			must(t, s.Requests.DeleteClient(ctx, s.agency, fmt.Sprintf("r%d", n)))
		}
		s.advance(2 * time.Minute)
		wants(t, send(9, "lena@harbour.example"), onboarding.ErrRateLimited) // six today
		_, err := s.Requests.Resend(ctx, s.agency, "r1", resend("again", "pr1"), onboarding.Limits{})
		wants(t, err, onboarding.ErrRateLimited)
		must(t, send(10, "max@harbour.example"))
		s.advance(25 * time.Hour)
		must(t, send(11, "lena@harbour.example"))

		// The addresses of a day are counted, deleted or not.
		few := onboarding.Limits{AgencyAddressesPerDay: 3}
		s.save(t, "r12", "ana")
		_, err = s.Requests.Send(ctx, s.agency, "r12", []store.NewRecipient{to("a", "a@x.example"),
			to("b", "b@x.example")}, few)
		must(t, err)
		must(t, s.Requests.DeleteClient(ctx, s.agency, "r12"))
		s.save(t, "r13", "ana")
		_, err = s.Requests.Send(ctx, s.agency, "r13", []store.NewRecipient{to("c", "c@x.example")}, few)
		wants(t, err, onboarding.ErrRateLimited)
	})
}

// Whoever has the link asks for emails on their own account: they neither use
// up what the agency may send, nor get more than three a day.
func TestAskingForTheLinkHasACountOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		lena := to("p", "lena@harbour.example")
		_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{lena}, onboarding.Limits{})
		must(t, err)
		links := func() int { return s.mailed(t, "r1", store.EmailPhoneLink) }
		must(t, s.Requests.SendLink(ctx, s.agency, "r1", lena, onboarding.Limits{}))
		if n := links(); n != 0 {
			t.Errorf("within the minute of the request's email: %d emails with the link", n)
		}
		for range 5 {
			s.advance(2 * time.Minute)
			must(t, s.Requests.SendLink(ctx, s.agency, "r1", to("", "LENA@harbour.example"), onboarding.Limits{}))
		}
		if n := links(); n != 3 {
			t.Errorf("%d emails with the link in a day, want 3", n)
		}
		for n := range 5 { // with the first: six
			s.advance(2 * time.Minute)
			_, err := s.Requests.Resend(ctx, s.agency, "r1", resend(fmt.Sprintf("send%d", n), "p"), onboarding.Limits{})
			must(t, err)
		}
		s.advance(25 * time.Hour)
		must(t, s.Requests.SendLink(ctx, s.agency, "r1", lena, onboarding.Limits{}))
		if n := links(); n != 4 {
			t.Errorf("on the next day: %d emails with the link, want 4", n)
		}
		s.advance(2 * time.Minute)
		_, err = s.Requests.Resend(ctx, s.agency, "r1", resend("more", "p"), onboarding.Limits{})
		wants(t, err, onboarding.ErrInvalid) // six of one request in all
	})
}

// A lease without an owner, because the database went away in the commit, does
// not hold the email up.
func TestAnEmailThatNobodyLeasesIsNotWaitedFor(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("p", "lena@harbour.example"),
			to("q", "max@harbour.example")}, onboarding.Limits{})
		must(t, err)
		life := store.LeaseOwner{Instance: "here", Run: "1"}
		one, err := s.Emails.Claim(ctx, life, nil, s.Now().Add(time.Hour))
		must(t, err)
		two, err := s.Emails.Claim(ctx, life, map[string]string{one.ID: s.agency}, s.Now().Add(time.Hour))
		must(t, err)
		if one.ID == two.ID {
			t.Fatal("two hands have one email")
		}
		_, err = s.Emails.Claim(ctx, life, map[string]string{one.ID: s.agency, two.ID: s.agency}, s.Now().Add(time.Hour))
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Emails.Claim(ctx, store.LeaseOwner{Instance: "elsewhere", Run: "2"}, nil, s.Now().Add(time.Hour))
		wants(t, err, onboarding.ErrNotFound)
		again, err := s.Emails.Claim(ctx, life, map[string]string{two.ID: s.agency}, s.Now().Add(time.Hour))
		must(t, err)
		if again.ID != one.ID {
			t.Errorf("claimed %s, want %s, which no hand has", again.ID, one.ID)
		}
	})
}

// Whoever has the link can begin many visits in one name: the address gets no
// more emails by it, and the requester no flood.
func TestManyVisitsInOneNameAreNotManyEmails(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		count := func(request string, kind store.EmailKind) int { return s.mailed(t, request, kind) }
		s.save(t, "r1", "ana")
		var visits []store.Visit
		for n := range 6 {
			v := s.visit(t, "r1", fmt.Sprintf("v%d", n))
			visits = append(visits, v)
			ended, err := s.Requests.Finish(ctx, v, box(v))
			must(t, err)
			if ended.Outcome != store.FinishedEmpty {
				t.Fatalf("it ended as %v", ended.Outcome)
			}
		}
		if n := count("r1", store.EmailNothingConnected); n != 3 {
			t.Errorf("the requester gets %d emails of a day with nothing connected, want 3", n)
		}
		winner := store.Visit{ID: "max", Request: "r1", Agency: s.agency, CookieHash: []byte("cookie of max"), Version: 1,
			Name: "Max Holt", Email: "max@harbour.example"}
		must(t, s.Visits.Start(ctx, winner))
		_, err := s.Items.Put(ctx, s.agency, store.SharedItem{Item: onboarding.Item{ID: "i1", Request: "r1",
			Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
			Account: "1", Name: "Portal", State: onboarding.ItemConnected, By: onboarding.Person{Name: "Lena Park",
				Email: "lena@harbour.example"}}})
		must(t, err)
		_, err = s.Requests.Finish(ctx, winner, box(winner))
		must(t, err)
		for _, v := range visits {
			asked, err := s.Receipts.Ask(ctx, v, box(v))
			must(t, err)
			if !asked {
				t.Errorf("%s connected something and gets no receipt", v.ID)
			}
		}
		if n := count("r1", store.EmailReceipt); n != 2 {
			t.Errorf("%d receipts were mailed, want one to who finished and one to who connected", n)
		}
	})
}

// The mail server's word is kept by itself: a stop right behind it sends
// nothing again, and the recipient reads of it in the next life.
func TestAnAcceptedEmailIsNotSentAgain(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("p", "lena@harbour.example")},
			onboarding.Limits{})
		must(t, err)
		first := store.LeaseOwner{Instance: "here", Run: "1"}
		l, err := s.Emails.Claim(ctx, first, nil, s.Now().Add(time.Minute))
		must(t, err)
		must(t, s.mark(t, l, first))
		must(t, s.Emails.MarkAccepted(ctx, l.ID))

		second := store.LeaseOwner{Instance: "here", Run: "2"}
		again, err := s.Emails.Claim(ctx, second, nil, s.Now().Add(time.Minute))
		must(t, err)
		if again.ID != l.ID || !again.IsAccepted() {
			t.Errorf("the next life claims %+v", again)
		}
		wants(t, s.mark(t, l, second), onboarding.ErrConflict)
		must(t, s.Emails.Finish(ctx, again, store.EmailResult{State: onboarding.EmailAccepted}))
		request, err := s.Requests.Get(ctx, s.agency, "r1")
		must(t, err)
		if r := request.Recipients[0]; r.EmailState != onboarding.EmailAccepted || r.Count != 1 {
			t.Errorf("the recipient reads %+v", r)
		}
		_, err = s.Emails.Claim(ctx, second, nil, s.Now().Add(time.Minute))
		wants(t, err, onboarding.ErrNotFound)
	})
}

func TestWhoSaysNotForMeGetsNothingMore(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(ctx, s.agency, "r1",
			[]store.NewRecipient{{ID: "p", Address: "p@x.example", Hashes: [][]byte{[]byte("h")}}}, onboarding.Limits{})
		must(t, err)
		must(t, s.Emails.Suppress(ctx, s.agency, "p@x.example", []byte("h")))
		must(t, s.Emails.Suppress(ctx, s.agency, "p@x.example", []byte("h")))
		_, err = s.Emails.Claim(ctx, store.LeaseOwner{}, nil, s.Now().Add(time.Minute))
		wants(t, err, onboarding.ErrNotFound)
		s.advance(time.Hour)
		_, err = s.Requests.Resend(ctx, s.agency, "r1", resend("send", "p"), onboarding.Limits{})
		wants(t, err, onboarding.ErrInvalid)
		s.save(t, "r2", "ana")
		r, err := s.Requests.Send(ctx, s.agency, "r2",
			[]store.NewRecipient{{ID: "p2", Address: "p@x.example", Hashes: [][]byte{[]byte("newer key"), []byte("h")}}},
			onboarding.Limits{})
		must(t, err)
		if r.Recipients[0].EmailState != onboarding.EmailCancelled || r.Recipients[0].Stopped == 0 {
			t.Errorf("another request's email is %s", r.Recipients[0].EmailState)
		}
	})
}

func TestNotForMeCountsForEveryRequestThatNamesTheAddress(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for _, id := range []string{"r1", "r2"} {
			s.save(t, id, "ana")
			_, err := s.Requests.Send(ctx, s.agency, id, []store.NewRecipient{to("p"+id, "P@x.example"),
				to("q"+id, "q@x.example")}, onboarding.Limits{})
			must(t, err)
			s.advance(2 * time.Minute)
		}
		must(t, s.Emails.Suppress(ctx, s.agency, "p@x.example", []byte("h")))
		for _, id := range []string{"r1", "r2"} {
			r, err := s.Requests.Get(ctx, s.agency, id)
			must(t, err)
			if p := r.Recipients[0]; p.Stopped == 0 || p.EmailState != onboarding.EmailCancelled {
				t.Errorf("%s still writes to the address: %+v", id, p)
			}
			if other := r.Recipients[1]; other.Stopped != 0 || other.EmailState != onboarding.EmailQueued {
				t.Errorf("%s no longer writes to somebody else: %+v", id, other)
			}
			if last := r.Events[len(r.Events)-1]; last.Kind != onboarding.EventSuppressed {
				t.Errorf("the timeline of %s ends with %s", id, last.Kind)
			}
		}
	})
}

func TestMembersSeeTheirOwnChangesAndAllWhenShared(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "anas", "ana")
		s.save(t, "bens", "ben")
		mine, err := s.Changes.After(ctx, s.agency, s.ana, store.Cursor{})
		must(t, err)
		if got := requestIDs(mine); !slices.Equal(got, []string{"anas"}) || mine.Agency == nil || len(mine.Members) != 2 ||
			mine.Reset || mine.More {
			t.Errorf("Ana reads %v, %+v", got, mine)
		}
		his, err := s.Changes.After(ctx, s.agency, s.ben, store.Cursor{})
		must(t, err)
		if got := requestIDs(his); !slices.Equal(got, []string{"bens"}) {
			t.Errorf("Ben reads %v", got)
		}
		_, err = s.Agencies.Update(ctx, s.agency, func(a *onboarding.Agency) error { a.ShareRequests = true; return nil })
		must(t, err)
		for _, m := range []onboarding.Member{s.ana, s.ben} {
			after, err := s.Changes.After(ctx, s.agency, m, mine.Next)
			must(t, err)
			if got := requestIDs(after); !after.Reset || !slices.Equal(got, []string{"anas", "bens"}) {
				t.Errorf("shared, %s reads %v, reset %v", m.Name, got, after.Reset)
			}
		}
	})
}

func TestDeletionsAreReadAsGone(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		i := s.portal(t, "r1", "1", onboarding.ItemConnected)
		page, err := s.Changes.After(ctx, s.agency, s.ana, store.Cursor{})
		must(t, err)
		must(t, s.Requests.DeleteClient(ctx, s.agency, "r1"))
		after, err := s.Changes.After(ctx, s.agency, s.ana, page.Next)
		must(t, err)
		if len(after.Deleted) != 2 || after.Reset || !slices.Contains(after.Deleted,
			store.Tombstone{Kind: "item", ID: i.ID}) {
			t.Errorf("got %+v", after.Deleted)
		}
		bens, err := s.Changes.After(ctx, s.agency, s.ben, store.Cursor{Seq: 1, CommitID: page.Next.CommitID,
			Visibility: page.Next.Visibility})
		must(t, err)
		if len(bens.Deleted) != 0 {
			t.Errorf("Ben learns of %v", bens.Deleted)
		}
		fresh, err := s.Changes.After(ctx, s.agency, s.ana, store.Cursor{})
		must(t, err)
		if len(fresh.Deleted)+len(fresh.Requests)+len(fresh.Items) != 0 {
			t.Errorf("whoever reads from the start gets %+v", fresh)
		}
		_, err = s.Requests.Resubmit(ctx, store.Request{Agency: s.agency, LinkID: []byte("x"),
			Request: onboarding.Request{ID: "r1", Owner: "ana", Status: onboarding.Pending, LinkVersion: 1}},
			nil, nil, "Ana Ruiz")
		wants(t, err, onboarding.ErrNotFound)
		there := s.save(t, "r3", "ana")
		_, err = s.Requests.Resubmit(ctx, store.Request{Agency: s.agency, LinkID: there.LinkID,
			Request: onboarding.Request{ID: "r4", Owner: "ana", Status: onboarding.Pending, LinkVersion: 1}},
			nil, nil, "Ana Ruiz")
		wants(t, err, onboarding.ErrConflict) // the link is another request's
	})
}

func TestPagesOfChangesMissNothing(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for n := range 450 {
			s.save(t, fmt.Sprintf("r%03d", n), "ana")
		}
		seen := map[string]bool{}
		var cursor store.Cursor
		for pages := 1; ; pages++ {
			page, err := s.Changes.After(ctx, s.agency, s.ana, cursor)
			must(t, err)
			if page.Reset || page.Next.Seq < cursor.Seq || pages > 10 {
				t.Fatalf("page %d: reset %v, from %v to %v", pages, page.Reset, cursor, page.Next)
			}
			for _, r := range page.Requests {
				seen[r.ID] = true
			}
			if pages == 1 { // a row that changes while somebody reads comes again
				_, err := s.Requests.Withdraw(ctx, s.agency, "r000", "Ana")
				must(t, err)
				delete(seen, "r000")
			}
			cursor = page.Next
			if !page.More {
				break
			}
		}
		if len(seen) != 450 {
			t.Errorf("read %d requests, want 450", len(seen))
		}
	})
}

func TestACursorTheDatabaseDoesNotKnowReadsAllAgain(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		page, err := s.Changes.After(ctx, s.agency, s.ana, store.Cursor{})
		must(t, err)
		for name, cursor := range map[string]store.Cursor{
			"another mark":   {Seq: page.Next.Seq, CommitID: "nonsense", Visibility: page.Next.Visibility},
			"another view":   {Seq: page.Next.Seq, CommitID: page.Next.CommitID, Visibility: page.Next.Visibility + 1},
			"a later number": {Seq: page.Next.Seq + 1, CommitID: page.Next.CommitID, Visibility: page.Next.Visibility},
		} {
			after, err := s.Changes.After(ctx, s.agency, s.ana, cursor)
			must(t, err)
			if !after.Reset || len(after.Requests) != 1 {
				t.Errorf("%s: reset %v with %d requests", name, after.Reset, len(after.Requests))
			}
		}
		must(t, s.Changes.InvalidateCursors(ctx))
		after, err := s.Changes.After(ctx, s.agency, s.ana, page.Next)
		must(t, err)
		if !after.Reset {
			t.Error("after a restore the old cursor still works")
		}
		s.advance(91 * 24 * time.Hour)
		current := after.Next
		s.save(t, "r2", "ana")
		must(t, s.Sweep(ctx))
		old, err := s.Changes.After(ctx, s.agency, s.ana, current)
		must(t, err)
		if !old.Reset {
			t.Error("a cursor of 91 days ago still works")
		}
		if fresh, err := s.Changes.After(ctx, s.agency, s.ana, old.Next); err != nil || fresh.Reset {
			t.Errorf("the cursor of after that: reset %v and %v", fresh.Reset, err)
		}
	})
}

func TestRemovingAMemberHandsEverythingOn(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		wants(t, s.Members.Remove(ctx, s.agency, "ana", "ben"), onboarding.ErrConflict) // the last main user
		wants(t, s.Members.Update(ctx, s.agency, "ana", "Ana", onboarding.SubUser), onboarding.ErrConflict)
		wants(t, s.Members.Remove(ctx, s.agency, "ben", "nobody"), onboarding.ErrInvalid)
		s.save(t, "bens", "ben")
		d := s.device(t, "ben", "laptop")
		before, err := s.Changes.After(ctx, s.agency, s.ana, store.Cursor{})
		must(t, err)
		must(t, s.Members.Remove(ctx, s.agency, "ben", "ana"))
		must(t, s.Members.Remove(ctx, s.agency, "ben", "ana"))
		after, err := s.Changes.After(ctx, s.agency, s.ana, before.Next)
		must(t, err)
		if got := requestIDs(after); !slices.Equal(got, []string{"bens"}) || after.Requests[0].Owner != "ana" {
			t.Errorf("Ana now reads %v", got)
		}
		gone, _, err := s.Devices.Get(ctx, s.agency, d.ID)
		must(t, err)
		if gone.Revoked == 0 {
			t.Error("the removed member's computer still works")
		}
	})
}

func TestACodeWorksOnceForOneKey(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		token := func() []byte { return []byte(store.NewID()) }
		must(t, s.Codes.Add(ctx, []byte("c"), store.Code{ID: "c", Agency: s.agency, Member: "ben",
			Expires: s.Now().Add(time.Hour)}))
		first, err := s.Devices.Enrol(ctx, []byte("c"), "Laptop", "key", token())
		must(t, err)
		again, err := s.Devices.Enrol(ctx, []byte("c"), "Laptop", "key", token())
		must(t, err)
		if again.ID != first.ID || string(again.TokenHash) == string(first.TokenHash) {
			t.Errorf("asked again: device %s, want %s with a new token", again.ID, first.ID)
		}
		must(t, s.Devices.MarkSeen(ctx, first.ID))
		_, err = s.Devices.Enrol(ctx, []byte("c"), "Thief", "key", token())
		wants(t, err, onboarding.ErrConflict) // the device has its token
		_, err = s.Devices.Enrol(ctx, []byte("c"), "Thief", "other key", token())
		wants(t, err, onboarding.ErrConflict)
		_, err = s.Devices.Enrol(ctx, []byte("wrong"), "Thief", "key", token())
		wants(t, err, onboarding.ErrNotFound)
		must(t, s.Codes.Add(ctx, []byte("late"), store.Code{ID: "late", Agency: s.agency, Member: "ben",
			Expires: s.Now().Add(time.Hour)}))
		s.advance(2 * time.Hour)
		_, err = s.Devices.Enrol(ctx, []byte("late"), "Laptop", "key 2", token())
		wants(t, err, onboarding.ErrNotFound)
	})
}

// A database of before the schema was made anew counts as one of another
// version of the program: it is refused, and left as it is.
func TestADatabaseOfBeforeIsRefusedAndLeftAsItIs(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		before := fstest.MapFS{}
		for n, name := range []string{"00001_relay", "00002_written", "00003_codes"} {
			text := fmt.Sprintf("-- +goose Up\nCREATE TABLE before_%d (id TEXT PRIMARY KEY);\n", n)
			before["migrations/"+name+".sql"] = &fstest.MapFile{Data: []byte(text)}
		}
		old, err := sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: before})
		must(t, err)
		must(t, old.Close())
		db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: store.Migrations()})
		if err == nil {
			must(t, db.Close())
		}
		wants(t, err, sqldb.ErrNewerSchema)
		old, err = sqldb.Open(t.Context(), sqldb.Config{Source: source, Migrations: before})
		if err != nil {
			t.Fatalf("the program of before cannot open it any more: %v", err)
		}
		if _, err := old.QueryContext(t.Context(), `SELECT id FROM agencies`); err == nil {
			t.Error("there are tables of the new schema in it")
		}
		must(t, old.Close())
	})
}

func TestCredentialsReachWhoMayHaveThem(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		anas, bens := s.device(t, "ana", "anas"), s.device(t, "ben", "bens")
		deviceIDs := func(owner string, own bool) []string {
			list, err := s.Devices.ListEntitled(ctx, s.agency, onboarding.Ownership{Member: owner, Agency: own})
			must(t, err)
			return ids(list, func(d store.Device) string { return d.Name })
		}
		if got := deviceIDs("ben", false); !slices.Equal(got, []string{"Computer bens"}) {
			t.Errorf("a sub-user's item goes to %v", got)
		}
		if got := deviceIDs("ben", true); !slices.Equal(got, []string{"Computer anas", "Computer bens"}) {
			t.Errorf("an own account goes to %v", got)
		}
		s.save(t, "r1", "ana")
		item := onboarding.Item{ID: "i1", Version: 1, Request: "r1", Service: onboarding.HubSpot,
			Kind: onboarding.CRMAccount, Account: "1", Name: "P", State: onboarding.ItemConnected}
		delivery := store.Delivery{Device: anas.ID, Subject: "i1", IsItem: true, Version: 1, Sealed: []byte("sealed")}
		kept, err := s.Items.Put(ctx, s.agency, store.SharedItem{Item: item, RefreshHash: []byte("h"),
			Deliveries: []store.Delivery{delivery}})
		must(t, err)
		if kept.Version != 1 || kept.State != onboarding.ItemConnected {
			t.Errorf("kept as %+v", kept)
		}
		_, err = s.Items.Put(ctx, s.agency, store.SharedItem{Item: item,
			Deliveries: []store.Delivery{delivery}}) // the plan is old by now
		wants(t, err, onboarding.ErrConflict)

		h, err := s.Devices.Credentials(ctx, s.agency, anas.ID, "ana")
		if err != nil || h != (store.DeviceCredentials{}) {
			t.Errorf("before fetching: %+v and %v", h, err)
		}
		waiting, err := s.Deliveries.List(ctx, s.agency, anas.Member, anas.ID, "")
		if err != nil || len(waiting) != 1 || string(waiting[0].Sealed) != "sealed" {
			t.Fatalf("waiting: %+v and %v", waiting, err)
		}
		if past, err := s.Deliveries.List(ctx, s.agency, anas.Member, anas.ID, waiting[0].ID); err != nil || len(past) != 0 {
			t.Errorf("past it: %+v and %v", past, err)
		}
		must(t, s.Deliveries.Acknowledge(ctx, s.agency, bens.ID, []string{waiting[0].ID})) // not Ben's to acknowledge
		must(t, s.Deliveries.Acknowledge(ctx, s.agency, anas.ID, []string{waiting[0].ID, "unknown"}))
		if left, err := s.Deliveries.List(ctx, s.agency, anas.Member, anas.ID, ""); err != nil || len(left) != 0 {
			t.Errorf("after acknowledging: %+v and %v", left, err)
		}
		if h, err = s.Devices.Credentials(ctx, s.agency, anas.ID, "ana"); err != nil || h.Holds != 1 || h.Waiting != 0 {
			t.Errorf("after acknowledging: %+v and %v", h, err)
		}

		second := s.device(t, "ana", "second")
		if second.Approved != 0 {
			t.Error("a second computer is approved by itself although there is something to pass on")
		}
		if h, err = s.Devices.Credentials(ctx, s.agency, second.ID, "ana"); err != nil || h.Waiting != 1 {
			t.Errorf("the second computer: %+v and %v", h, err)
		}
		receivers, err := s.Devices.ListReceivers(ctx, s.agency, "i1")
		if err != nil || !slices.Equal(receivers, []string{anas.ID}) {
			t.Errorf("its versions went to %v and %v", receivers, err)
		}
		must(t, s.Devices.Approve(ctx, s.agency, second.ID))

		held, err := s.Devices.Revoke(ctx, s.agency, anas.ID)
		if err != nil || !slices.Equal(held, []string{"i1"}) {
			t.Errorf("the revoked one held %v and %v", held, err)
		}
		delivery.Version, item.Version = 2, 2
		if _, err = s.Items.Put(ctx, s.agency, store.SharedItem{Item: item,
			Deliveries: []store.Delivery{delivery}}); err != nil {
			t.Fatal(err)
		}
		if left, err := s.Deliveries.List(ctx, s.agency, anas.Member, anas.ID, ""); err != nil || len(left) != 0 {
			t.Errorf("a revoked computer gets %+v and %v", left, err)
		}
	})
}

func TestADeliveryWaitsOnlyForWhoMayHaveItNow(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		bens := s.device(t, "ben", "bens")
		share := func(on bool) {
			t.Helper()
			_, err := s.Agencies.Update(ctx, s.agency, func(a *onboarding.Agency) error { a.ShareRequests = on; return nil })
			must(t, err)
		}
		share(true)
		s.save(t, "r1", "ana")
		item := onboarding.Item{ID: "i1", Version: 1, Request: "r1", Service: onboarding.HubSpot,
			Kind: onboarding.CRMAccount, Account: "1", State: onboarding.ItemConnected}
		_, err := s.Items.Put(ctx, s.agency, store.SharedItem{Item: item,
			Deliveries: []store.Delivery{{Device: bens.ID, Subject: "i1", IsItem: true, Version: 1, Sealed: []byte("sealed")}}})
		must(t, err)
		for _, on := range []bool{true, false, true} {
			share(on)
			waiting, err := s.Deliveries.List(ctx, s.agency, "ben", bens.ID, "")
			must(t, err)
			if (len(waiting) == 1) != on {
				t.Errorf("with Share requests %v Ben gets %d deliveries of Ana's request", on, len(waiting))
			}
		}
	})
}

func TestAShareThatNobodyEndedFailsByItself(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		s.portal(t, "r1", "1", onboarding.ItemConnected)
		begun, err := s.Items.StartSharing(ctx, s.agency, "r1", []onboarding.Item{
			{Service: onboarding.Facebook, Kind: onboarding.Page, Account: "1", Name: "Ended"},
			{Service: onboarding.Facebook, Kind: onboarding.Page, Account: "2", Name: "Cut off"},
		})
		must(t, err)
		begun[0].State = onboarding.ItemConnected
		_, err = s.Items.EndSharing(ctx, s.agency, begun[0])
		must(t, err)
		_, err = s.Requests.Finish(ctx, v, box(v))
		must(t, err)
		life := store.LeaseOwner{Instance: "here", Run: "1"}
		_, err = s.Jobs.Claim(ctx, life, s.Now().Add(time.Minute))
		wants(t, err, onboarding.ErrNotFound) // it may still be under way
		s.advance(time.Hour)
		job, err := s.Jobs.Claim(ctx, life, s.Now().Add(time.Minute))
		must(t, err)
		must(t, s.Jobs.Run(ctx, job))
		_, err = s.Jobs.Claim(ctx, life, s.Now().Add(time.Minute))
		wants(t, err, onboarding.ErrNotFound)
		items, err := s.Items.ListByRequest(ctx, "r1")
		must(t, err)
		for _, i := range items {
			if want := map[string]onboarding.ItemState{"Ended": onboarding.ItemConnected, "Cut off": onboarding.ItemFailed,
				"Portal 1": onboarding.ItemConnected}[i.Name]; i.State != want {
				t.Errorf("%s is %s, want %s", i.Name, i.State, want)
			}
		}
	})
}

func TestOneRenewalAtATime(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		d := s.device(t, "ana", "anas")
		s.save(t, "r1", "ana")
		item := onboarding.Item{ID: "i1", Version: 1, Request: "r1", Service: onboarding.HubSpot,
			Kind: onboarding.CRMAccount, Account: "1", State: onboarding.ItemConnected}
		delivery := store.Delivery{Device: d.ID, Subject: "i1", IsItem: true, Version: 1, Sealed: []byte("1")}
		_, err := s.Items.Put(ctx, s.agency, store.SharedItem{Item: item, RefreshHash: []byte("h1"), IdleLimit: 1000 * 3600,
			Deliveries: []store.Delivery{delivery}})
		must(t, err)
		until := s.Now().Add(time.Minute)
		must(t, s.Credentials.Lease(ctx, "i1", 1, "a", until))
		wants(t, s.Credentials.Lease(ctx, "i1", 1, "b", until), onboarding.ErrBusy)
		must(t, s.Credentials.Release(ctx, s.agency, "i1", "b", false)) // not b's to release
		wants(t, s.Credentials.Lease(ctx, "i1", 1, "b", until), onboarding.ErrBusy)
		delivery.Version, delivery.Sealed = 2, []byte("2")
		renewed := store.Credential{Version: 2, RefreshHash: []byte("h2")}
		must(t, s.Credentials.StoreRenewed(ctx, s.agency, "i1", renewed, []store.Delivery{delivery}))
		wants(t, s.Credentials.StoreRenewed(ctx, s.agency, "i1", renewed, []store.Delivery{delivery}),
			onboarding.ErrConflict)
		wants(t, s.Credentials.Lease(ctx, "i1", 1, "b", until), onboarding.ErrStaleVersion)
		must(t, s.Credentials.Lease(ctx, "i1", 2, "b", until))
		waiting, err := s.Deliveries.List(ctx, s.agency, d.Member, d.ID, "")
		if err != nil || len(waiting) != 1 || waiting[0].Version != 2 {
			t.Errorf("waiting: %+v and %v, want the newest alone", waiting, err)
		}
		s.advance(2 * time.Minute)
		must(t, s.Credentials.Lease(ctx, "i1", 2, "c", s.Now().Add(time.Minute))) // b's ran out

		// A relay that was killed holds nothing in its next life; another relay does.
		before, after, other := store.LeaseOwner{Instance: "here", Run: "1"}, store.LeaseOwner{Instance: "here", Run: "2"},
			store.LeaseOwner{Instance: "there", Run: "3"}
		s.advance(2 * time.Minute)
		until = s.Now().Add(time.Minute)
		must(t, s.Credentials.Lease(ctx, "i1", 2, before.Lease("x"), until))
		must(t, s.Credentials.ReleaseFormerLeases(ctx, before))
		must(t, s.Credentials.ReleaseFormerLeases(ctx, other))
		must(t, s.Credentials.ReleaseFormerLeases(ctx, store.LeaseOwner{Run: "4"}))
		wants(t, s.Credentials.Lease(ctx, "i1", 2, "d", until), onboarding.ErrBusy)
		must(t, s.Credentials.ReleaseFormerLeases(ctx, after))
		must(t, s.Credentials.Lease(ctx, "i1", 2, after.Lease("y"), until))
	})
}

func TestASignInIsTakenOnceAndInTime(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		row := store.OAuthState{StateHash: []byte("s"), Visit: "v", Platform: "hubspot",
			Expires: s.Now().Add(10 * time.Minute)}
		must(t, s.OAuthStates.Create(ctx, row))
		got, err := s.OAuthStates.Take(ctx, []byte("s"))
		if err != nil || got.Visit != "v" || got.Platform != "hubspot" {
			t.Errorf("got %+v and %v", got, err)
		}
		_, err = s.OAuthStates.Take(ctx, []byte("s"))
		wants(t, err, onboarding.ErrNotFound)
		must(t, s.OAuthStates.Create(ctx, row))
		s.advance(11 * time.Minute)
		_, err = s.OAuthStates.Take(ctx, []byte("s"))
		wants(t, err, onboarding.ErrNotFound)
	})
}

func TestAnEmailOfAFormerRunIsDueAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		recipients := []store.NewRecipient{to("p", "p@x.example")}
		_, err := s.Requests.Send(ctx, s.agency, "r1", recipients, onboarding.Limits{})
		must(t, err)
		first, other, second := store.LeaseOwner{Instance: "A", Run: "1"}, store.LeaseOwner{Instance: "B", Run: "1"},
			store.LeaseOwner{Instance: "A", Run: "2"}
		lease := s.Now().Add(time.Hour)
		l, err := s.Emails.Claim(ctx, first, nil, lease)
		must(t, err)
		must(t, s.mark(t, l, first))
		_, err = s.Emails.Claim(ctx, other, nil, lease)
		wants(t, err, onboarding.ErrNotFound)
		again, err := s.Emails.Claim(ctx, second, nil, lease)
		if err != nil || again.ID != l.ID || again.MessageID != l.MessageID || again.State != onboarding.EmailSending {
			t.Errorf("the next life got %+v and %v", again, err)
		}
		wants(t, s.mark(t, l, first), onboarding.ErrConflict)
		must(t, s.mark(t, l, second))
		must(t, s.Emails.Finish(ctx, again, store.EmailResult{State: onboarding.EmailAccepted}))
		request, err := s.Requests.Get(ctx, s.agency, "r1")
		must(t, err)
		if r := request.Recipients[0]; r.EmailState != onboarding.EmailAccepted || r.Count != 1 || r.Sent != s.Now() {
			t.Errorf("the recipient is %+v", r)
		}
	})
}

func TestWhatIsOldIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "expired", "ana")
		s.save(t, "done", "ana")
		_, err := s.Requests.Send(ctx, s.agency, "done", []store.NewRecipient{to("p", "lena@harbour.example")},
			onboarding.Limits{})
		must(t, err)
		v := s.visit(t, "done", "v1")
		s.portal(t, "done", "1", onboarding.ItemConnected)
		_, err = s.Requests.Finish(ctx, v, box(v))
		must(t, err)
		runJobs := func() {
			for {
				d, err := s.Jobs.Claim(ctx, store.LeaseOwner{Instance: "A", Run: "1"}, s.Now().Add(time.Minute))
				if errors.Is(err, onboarding.ErrNotFound) {
					return
				}
				must(t, err)
				must(t, s.Jobs.Run(ctx, d))
			}
		}
		s.advance(32 * 24 * time.Hour)
		runJobs()
		r, err := s.Requests.Get(ctx, s.agency, "expired")
		must(t, err)
		// The job came days after the link had ended.
		if last := r.Events[len(r.Events)-1]; last.Kind != onboarding.EventExpired || last.At != r.Expires {
			t.Errorf("the last event is %s at %d, the link ended at %d", last.Kind, last.At, r.Expires)
		}
		s.advance(91 * 24 * time.Hour)
		runJobs()
		_, err = s.Requests.Get(ctx, s.agency, "expired")
		wants(t, err, onboarding.ErrNotFound)
		if mentions, err := s.People.Mentions(ctx, "Lena@Harbour.example"); err != nil || len(mentions) < 3 {
			t.Errorf("before thirteen months: %+v and %v", mentions, err)
		}
		s.advance(300 * 24 * time.Hour)
		runJobs()
		r, err = s.Requests.Get(ctx, s.agency, "done")
		must(t, err)
		if r.CompletedBy != (onboarding.Person{}) || len(r.Recipients) != 0 ||
			r.Events[len(r.Events)-1].Kind != onboarding.EventPeopleForgotten {
			t.Errorf("after thirteen months: %+v", r)
		}
		if mentions, err := s.People.Mentions(ctx, "lena@harbour.example"); err != nil || len(mentions) != 0 {
			t.Errorf("after thirteen months: %+v and %v", mentions, err)
		}
		if items, err := s.Items.ListByRequest(ctx, "done"); err != nil || len(items) != 1 {
			t.Errorf("its items: %+v and %v", items, err)
		}
	})
}

func TestAPersonIsForgottenOnDemand(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("p", "lena@harbour.example"),
			to("q", "max@harbour.example")}, onboarding.Limits{})
		must(t, err)
		s.visit(t, "r1", "v1")
		s.portal(t, "r1", "1", onboarding.ItemConnected)
		n, err := s.People.Forget(ctx, "LENA@harbour.example")
		if err != nil || n != 1 {
			t.Fatalf("got %d and %v", n, err)
		}
		r, err := s.Requests.Get(ctx, s.agency, "r1")
		must(t, err)
		for _, e := range r.Events {
			named := e.Kind == onboarding.EventStarted && e.Who+e.Detail != ""
			if named || e.Who == "Lena Park" || e.Detail == "lena@harbour.example" {
				t.Errorf("the event %+v names her", e)
			}
		}
		if len(r.Recipients) != 1 || r.Recipients[0].Address != "max@harbour.example" {
			t.Errorf("recipients are %+v", r.Recipients)
		}
		items, err := s.Items.ListByRequest(ctx, "r1")
		if err != nil || len(items) != 1 || items[0].By != (onboarding.Person{}) {
			t.Errorf("items are %+v and %v", items, err)
		}
	})
}

func TestAnAddressIsFoundInWhicheverCaseItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(ctx, s.agency, "r1", []store.NewRecipient{to("p", "José@harbour.example"),
			to("q", "josefa@harbour.example")}, onboarding.Limits{})
		must(t, err)
		r, err := s.Requests.Get(ctx, s.agency, "r1")
		must(t, err)
		must(t, s.Visits.Start(ctx, store.Visit{ID: "v1", Request: "r1", Agency: s.agency, CookieHash: []byte("cookie"),
			Version: r.LinkVersion, Name: "José Prat", Email: "JOSÉ@harbour.example"}))
		_, err = s.Items.Put(ctx, s.agency, store.SharedItem{Item: onboarding.Item{ID: "i1", Request: "r1",
			Service: onboarding.Facebook, Kind: onboarding.Page,
			Account: "1", Name: "Page", State: onboarding.ItemConnected, By: onboarding.Person{Name: "José Prat",
				Email: "JoSé@harbour.example"}}})
		must(t, err)
		for _, typed := range []string{"JOSÉ@harbour.example", "josé@harbour.example"} {
			mentions, err := s.People.Mentions(ctx, typed)
			must(t, err)
			var what []string
			for _, m := range mentions {
				what = append(what, m.What)
			}
			slices.Sort(what)
			if want := []string{"connected Page", "recipient", "visit"}; !slices.Equal(what, want) {
				t.Errorf("%s is found as %q, want %q", typed, what, want)
			}
		}
		must(t, s.Emails.Suppress(ctx, s.agency, "JOSÉ@harbour.example", []byte("h")))
		stopped, err := s.Requests.Get(ctx, s.agency, "r1")
		must(t, err)
		if stopped.Recipients[0].Stopped == 0 || stopped.Recipients[1].Stopped != 0 {
			t.Errorf("JOSÉ wants no emails: %+v", stopped.Recipients)
		}

		n, err := s.People.Forget(ctx, "JOSÉ@harbour.example")
		if err != nil || n != 1 {
			t.Fatalf("forgetting: got %d and %v", n, err)
		}
		after, err := s.Requests.Get(ctx, s.agency, "r1")
		must(t, err)
		if len(after.Recipients) != 1 || after.Recipients[0].Address != "josefa@harbour.example" {
			t.Errorf("recipients are %+v", after.Recipients)
		}
		for _, e := range after.Events {
			if e.Who == "José Prat" || onboarding.SameAddress(e.Detail, "josé@harbour.example") {
				t.Errorf("the event %+v names him", e)
			}
		}
		items, err := s.Items.ListByRequest(ctx, "r1")
		if err != nil || len(items) != 1 || items[0].By != (onboarding.Person{}) {
			t.Errorf("items are %+v and %v", items, err)
		}
		if mentions, err := s.People.Mentions(ctx, "josé@harbour.example"); err != nil || len(mentions) != 0 {
			t.Errorf("forgotten, he is found: %+v and %v", mentions, err)
		}
	})
}

func TestAReplyToIsConfirmedByItsCode(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		propose := func() {
			_, err := s.Agencies.ProposeReplyTo(ctx, s.agency, "ana", to("", "hello@acme.example"), onboarding.Limits{})
			must(t, err)
			must(t, s.Agencies.StoreReplyToCode(
				ctx, s.agency, "hello@acme.example", []byte("right"), s.Now().Add(10*time.Minute)))
		}
		propose()
		for range 5 {
			_, err := s.Agencies.ConfirmReplyTo(ctx, s.agency, []byte("wrong"))
			wants(t, err, onboarding.ErrForbidden)
		}
		_, err := s.Agencies.ConfirmReplyTo(ctx, s.agency, []byte("right"))
		wants(t, err, onboarding.ErrNotFound) // five tries are over
		propose()
		s.advance(11 * time.Minute)
		_, err = s.Agencies.ConfirmReplyTo(ctx, s.agency, []byte("right"))
		wants(t, err, onboarding.ErrNotFound)
		propose()
		a, err := s.Agencies.ConfirmReplyTo(ctx, s.agency, []byte("right"))
		if err != nil || a.Brand.ReplyTo != "hello@acme.example" || a.Brand.PendingReplyTo != "" {
			t.Errorf("got %+v and %v", a.Brand, err)
		}
	})
}

func TestAStoppedShareGoesOnWhereItStopped(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		asset := onboarding.Item{Service: onboarding.Facebook, Kind: onboarding.AdAccount, Account: "act_1", Name: "Main"}
		first, err := s.Items.StartSharing(ctx, s.agency, "r1", []onboarding.Item{asset})
		must(t, err)
		again, err := s.Items.StartSharing(ctx, s.agency, "r1", []onboarding.Item{asset})
		must(t, err)
		if again[0].ID != first[0].ID || again[0].State != onboarding.ItemSharing {
			t.Errorf("got %+v, want the same item", again[0])
		}
		_, err = s.Requests.Withdraw(ctx, s.agency, "r1", "Ana")
		must(t, err)
		result := first[0]
		result.State = onboarding.ItemConnected
		kept, err := s.Items.EndSharing(ctx, s.agency, result) // the platform has done it: it counts
		if err != nil || kept.State != onboarding.ItemConnected || kept.Connected == 0 {
			t.Errorf("got %+v and %v", kept, err)
		}
		_, err = s.Items.StartSharing(ctx, s.agency, "r1", []onboarding.Item{asset})
		wants(t, err, onboarding.ErrWithdrawn)
	})
}

func TestParallelChangesTakeNumbersInOrder(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		before := s.numberOf(t)
		var all sync.WaitGroup
		for n := range 40 {
			all.Go(func() {
				_, err := s.Requests.Save(context.WithoutCancel(t.Context()), s.agency,
					store.NewRequest{ID: fmt.Sprintf("r%d", n), Owner: "ana", LinkID: []byte(fmt.Sprint(n))})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if after := s.numberOf(t); after != before+40 {
			t.Errorf("the number went from %d to %d, want 40 more", before, after)
		}
	})
}

func (s *scene) numberOf(t *testing.T) int64 {
	t.Helper()
	numbers, err := s.Agencies.Sequences(t.Context())
	must(t, err)
	return numbers[s.agency]
}
