package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

var hubSpot = []onboarding.Service{onboarding.HubSpot}

// handOver has a visit ask an address to look after services.
func (s *scene) handOver(
	t *testing.T, v store.Visit, id, address string, services ...onboarding.Service,
) error {
	t.Helper()
	h := store.HandOver{To: to(id, address), Services: services}
	return s.Requests.HandOver(t.Context(), v, h, onboarding.Limits{})
}

// part begins a visit of what was handed to a recipient.
func (s *scene) part(t *testing.T, request, id string, number int) (store.Visit, error) {
	t.Helper()
	r := s.asKnown(t, request)
	v := store.Visit{
		ID: id, Request: request, Agency: s.agency, CookieHash: []byte("cookie of " + id), Version: r.LinkVersion,
		Recipient: number, Scoped: true, Name: "Lars Holm", Email: "lars@harbour.example",
	}
	return v, s.Visits.Start(t.Context(), v)
}

func TestAHandOverWritesToThreeAddressesInARequestsLife(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		for n := range 3 {
			address := fmt.Sprintf("p%d@harbour.example", n)
			for range 2 { // a double click
				must(t, s.handOver(t, v, "c"+address, address, onboarding.HubSpot))
			}
		}
		s.wantMails(t, store.EmailHandOver, "", "", "")
		wants(t, s.handOver(t, v, "c4", "p4@harbour.example", onboarding.HubSpot), store.ErrHandOversUsed)

		_, err := s.Requests.Withdraw(t.Context(), s.agency, "r1", "Ana")
		must(t, err)
		wants(t, s.handOver(t, v, "c5", "p0@harbour.example", onboarding.Facebook), onboarding.ErrWithdrawn)

		s.save(t, "r2", "ana")
		v = s.visit(t, "r2", "v2")
		s.forget(t, "one@harbour.example", v)
		s.forget(t, "two@harbour.example", v)
		s.forget(t, "three@harbour.example", v)
		wants(t, s.handOver(t, v, "again", "four@harbour.example", onboarding.HubSpot), store.ErrHandOversUsed)
	})
}

// Several services to one colleague are one hand-over, one email and one entry of the history;
// three colleagues can be asked, whatever for.
func TestSeveralServicesAreOneHandOver(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		both := []onboarding.Service{onboarding.Facebook, onboarding.HubSpot}
		for n := range store.MaxHandOvers {
			address := fmt.Sprintf("p%d@harbour.example", n)
			for range 2 { // a double click
				must(t, s.handOver(t, v, "c"+address, address, both...))
			}
			got := s.asKnown(t, "r1").Recipients[n]
			if asked := got.AskedFor(onboarding.HubSpot); !slices.Equal(got.Services, both) || asked != s.Now() {
				t.Errorf("%s is asked for %v on %v", address, got.Services, got.Asked)
			}
		}
		s.wantMails(t, store.EmailHandOver, "", "", "")
		wants(t, s.handOver(t, v, "c4", "p4@harbour.example", both...), store.ErrHandOversUsed)
		var asked []string
		for _, e := range s.asKnown(t, "r1").Events {
			if address, services := e.HandedTo(); e.Kind == onboarding.EventHandedOver {
				asked = append(asked, fmt.Sprint(address, services, e.Service))
			}
		}
		slices.Sort(asked)
		want := []string{
			"p0@harbour.example[facebook hubspot]", "p1@harbour.example[facebook hubspot]",
			"p2@harbour.example[facebook hubspot]",
		}
		if !slices.Equal(asked, want) {
			t.Errorf("the history has %q, want %q", asked, want)
		}
	})
}

// A further service widens what a colleague's link opens, also when no further colleague can
// be asked. Who has not opened the email of today gets no other one; who has gets one.
func TestAFurtherServiceExtendsAHandOver(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		lars, kim := "lars@harbour.example", "kim@harbour.example"
		further := func(address string) {
			t.Helper()
			for range 2 {
				must(t, s.handOver(t, v, "unused", address, onboarding.Facebook, onboarding.HubSpot))
			}
		}
		must(t, s.handOver(t, v, "lars", lars, onboarding.HubSpot))
		must(t, s.handOver(t, v, "kim", kim, onboarding.HubSpot))
		must(t, s.handOver(t, v, "omar", "omar@harbour.example", onboarding.HubSpot))
		must(t, s.Requests.MarkOpened(t.Context(), s.agency, "r1", 2))
		first := s.Now()
		s.advance(time.Hour)
		s.portal(t, "r1", "p1", onboarding.ItemConnected)
		s.advance(time.Hour)
		further(lars)
		s.wantMails(t, store.EmailHandOver, "", "", "")
		further(kim)
		s.wantMails(t, store.EmailHandOver, "", "", "", "")
		r := s.asKnown(t, "r1")
		items, err := s.Items.ListByRequest(t.Context(), "r1")
		must(t, err)
		for _, to := range r.Recipients[:2] {
			if to.AskedFor(onboarding.HubSpot) != first || to.AskedFor(onboarding.Facebook) != s.Now() ||
				len(to.Scope(r.Services)) != 2 {
				t.Errorf("%s has %v, asked on %v", to.Address, to.Services, to.Asked)
			}
			h := store.HandedOver{Recipient: to}
			if h.Awaits(onboarding.HubSpot, items, false) || !h.Awaits(onboarding.Facebook, items, false) {
				t.Errorf("%s: what is connected is awaited, or what is not is not", to.Address)
			}
		}
		if n := s.events(t, "r1", onboarding.EventHandedMore); n != 2 {
			t.Errorf("%d entries say that a colleague was asked for more, want 2", n)
		}
		wants(t, s.handOver(t, v, "c4", "p4@harbour.example", onboarding.HubSpot), store.ErrHandOversUsed)
		asked, err := s.Requests.HandOvers(t.Context(), "r1")
		must(t, err)
		if asked.Left != 0 {
			t.Errorf("it can be handed over %d more times", asked.Left)
		}
		if _, err := s.People.Forget(t.Context(), lars); err != nil {
			t.Fatal(err)
		}
		for _, e := range s.asKnown(t, "r1").Events {
			if strings.Contains(e.Detail, lars) {
				t.Errorf("forgotten, Lars is in %+v", e)
			}
		}
	})
}

// Whoever has the link cannot have a stranger written to by asking them for more: a day
// later that is one of the emails of the request's life, and an address has its own limit.
func TestExtendingAHandOverWritesToNobodyWithoutEnd(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		stranger := "stranger@harbour.example"
		must(t, s.handOver(t, v, "stranger", stranger, onboarding.HubSpot))
		s.advance(25 * time.Hour)
		must(t, s.handOver(t, v, "unused", stranger, onboarding.Facebook))
		for range 3 { // the same day: nothing
			must(t, s.handOver(t, v, "unused", stranger, onboarding.HubSpot))
		}
		s.advance(25 * time.Hour)
		must(t, s.handOver(t, v, "unused", stranger, onboarding.HubSpot))
		s.advance(25 * time.Hour)
		wants(t, s.handOver(t, v, "unused", stranger, onboarding.HubSpot), store.ErrHandOversUsed)
		s.wantMails(t, store.EmailHandOver, "", "", "")

		s.save(t, "r2", "ana")
		v = s.visit(t, "r2", "v2")
		busy := to("busy", "busy@harbour.example")
		must(t, s.handOver(t, v, "busy", busy.Address, onboarding.HubSpot))
		must(t, s.Requests.MarkOpened(t.Context(), s.agency, "r2", 1))
		for n := range 5 {
			s.exec(t, `INSERT INTO send_log (email, agency, address_hash, kind, counted_by, at_ms)
				VALUES ($1, $2, $3, 'invitation', 'outside', $4)`, fmt.Sprint("e", n), s.agency, busy.Hashes[0], s.Now())
		}
		wants(t, s.handOver(t, v, "busy", busy.Address, onboarding.Facebook), onboarding.ErrRateLimited)
		if got := s.asKnown(t, "r2").Recipients[0]; !slices.Equal(got.Services, hubSpot) {
			t.Errorf("refused, the hand-over is %v", got.Services)
		}
	})
}

// A further hand-over sends no email only where the colleague has one of today whose link
// works: else nobody could open what they were asked for.
func TestAFurtherHandOverIsQuietOnlyBesideAnEmailThatWorks(t *testing.T) {
	lars := "lars@harbour.example"
	renew := func(t *testing.T, s *scene) {
		t.Helper()
		s.advance(time.Minute)
		s.exec(t, `UPDATE requests SET expires_ms = $1 WHERE id = 'r1'`, s.Now())
		n := store.NewLink{From: 1, Who: "Ana", Send: "send", Hashes: hashed}
		_, err := s.Requests.Renew(t.Context(), s.agency, "r1", n)
		must(t, err)
	}
	cancel := func(t *testing.T, s *scene) {
		t.Helper()
		_, err := s.Emails.CancelBefore(t.Context(), s.Now())
		must(t, err)
	}
	quietly := func(t *testing.T, s *scene) {
		t.Helper()
		s.advance(20 * time.Hour)
		must(t, s.handOver(t, s.visit(t, "r1", "later"), "unused", lars, onboarding.Facebook))
		s.wantMails(t, store.EmailHandOver, "")
		s.advance(5 * time.Hour)
	}
	for name, becomes := range map[string]func(*testing.T, *scene){
		"the link was renewed": renew, "the email was cancelled": cancel, "it was asked later without one": quietly,
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *scene) {
				s.save(t, "r1", "ana")
				must(t, s.handOver(t, s.visit(t, "r1", "v1"), "lars", lars, onboarding.HubSpot))
				mails := append(s.mails(t, store.EmailHandOver), "")
				becomes(t, s)
				s.advance(time.Minute)
				wantTold(t, s, false)
				v := s.visit(t, "r1", "v2")
				must(t, s.handOver(t, v, "unused", lars, onboarding.Facebook))
				s.wantMails(t, store.EmailHandOver, mails...)
				wantTold(t, s, true)
				must(t, s.handOver(t, v, "unused", lars, onboarding.HubSpot, onboarding.Facebook))
				s.wantMails(t, store.EmailHandOver, mails...)
				if n := s.events(t, "r1", onboarding.EventHandedOver); n != 2 {
					t.Errorf("%d hand-overs count, want 2: each had an email", n)
				}
			})
		})
	}
}

func wantTold(t *testing.T, s *scene, want bool) {
	t.Helper()
	asked, err := s.Requests.HandOvers(t.Context(), "r1")
	must(t, err)
	further := []onboarding.Service{onboarding.Mailchimp}
	if to := asked.To[0]; to.Told != want || to.TakesMore(further) != want || to.TakesMore(hubSpot) {
		t.Errorf("an email of today: %t, takes more: %t, want both %t; takes what they have: %t",
			to.Told, to.TakesMore(further), want, to.TakesMore(hubSpot))
	}
}

// Who wants no emails is asked as anybody else is: what the client reads tells nothing.
func TestAHandOverDoesNotTellWhoWantsNoEmails(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		lars := to("lars", "lars@harbour.example")
		s.exec(t, `INSERT INTO suppressions (agency, address_hash, at_ms) VALUES ($1, $2, $3)`,
			s.agency, lars.Hashes[0], s.Now())
		must(t, s.handOver(t, v, "lars", lars.Address, onboarding.HubSpot))
		wantTold(t, s, true)
		s.advance(time.Hour)
		must(t, s.handOver(t, v, "unused", lars.Address, onboarding.Facebook))
		s.wantMails(t, store.EmailHandOver)
		if n := s.events(t, "r1", onboarding.EventHandedMore); n != 1 {
			t.Errorf("%d entries of a further service, want 1", n)
		}
		s.exec(t, `DELETE FROM suppressions WHERE agency = $1`, s.agency) // they want emails again
		must(t, s.handOver(t, v, "unused", lars.Address, onboarding.Facebook))
		s.wantMails(t, store.EmailHandOver, "")
	})
}

// A link that was handed over to a stranger sends them nothing more, whoever asks for it or
// renews it, until they open theirs.
func TestAnAddressThatAClientTypedGetsOneEmailUntilItIsOpened(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		must(t, s.handOver(t, s.visit(t, "r1", "v1"), "lars", "lars@harbour.example", onboarding.HubSpot))
		write := func(from int) {
			t.Helper()
			s.advance(25 * time.Hour)
			lars := to("", "lars@harbour.example")
			must(t, s.Requests.SendLink(t.Context(), s.agency, "r1", lars, onboarding.Limits{}))
			s.advance(31 * 24 * time.Hour)
			n := store.NewLink{From: from, Who: "Ana", Send: fmt.Sprint("send", from), Hashes: hashed}
			_, err := s.Requests.Renew(t.Context(), s.agency, "r1", n)
			must(t, err)
		}
		write(1)
		s.wantMails(t, store.EmailPhoneLink)
		s.wantMails(t, store.EmailInvitation)
		must(t, s.Requests.MarkOpened(t.Context(), s.agency, "r1", 1))
		write(2)
		s.wantMails(t, store.EmailPhoneLink, "")
		s.wantMails(t, store.EmailInvitation, "")
	})
}

// forget hands over to an address, and forgets it: the hand-over counts all the same.
func (s *scene) forget(t *testing.T, address string, v store.Visit) {
	t.Helper()
	must(t, s.handOver(t, v, "to "+address, address, onboarding.HubSpot))
	if _, err := s.People.Forget(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	if r := s.asKnown(t, v.Request); len(r.Recipients) != 0 {
		t.Errorf("after it was forgotten the recipients are %+v", r.Recipients)
	}
}

func TestAHandOverIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		v := s.visit(t, "r1", "v1")
		wants(t, s.handOver(t, v, "own", "LENA@harbour.example", onboarding.HubSpot), store.ErrOwnAddress)
		wants(t, s.handOver(t, v, "foreign", "x@harbour.example", onboarding.Salesforce), onboarding.ErrNotFound)
		wants(t, s.handOver(t, v, "nothing", "x@harbour.example"), onboarding.ErrNotFound)
		older := v
		older.Version = 0
		wants(t, s.handOver(t, older, "older", "x@harbour.example", onboarding.HubSpot), onboarding.ErrLinkSuperseded)

		// an address gets no more than six emails a day, and the request changes nothing then
		busy := to("busy", "busy@harbour.example")
		for n := range 6 {
			s.exec(t, `INSERT INTO send_log (email, agency, address_hash, kind, counted_by, at_ms)
				VALUES ($1, $2, $3, 'invitation', 'outside', $4)`, fmt.Sprint("e", n), s.agency, busy.Hashes[0], s.Now())
		}
		wants(t, s.handOver(t, v, "busy", busy.Address, onboarding.HubSpot), onboarding.ErrRateLimited)
		s.wantMails(t, store.EmailHandOver)
		if n := s.events(t, "r1", onboarding.EventHandedOver); n != 0 {
			t.Errorf("%d refused hand-overs are in the history", n)
		}

		// who wants no emails gets none, and the client does not learn it
		must(t, s.Emails.Suppress(t.Context(), s.agency, "no@harbour.example", hashed("no@harbour.example")[0]))
		must(t, s.handOver(t, v, "no", "no@harbour.example", onboarding.HubSpot))
		s.wantMails(t, store.EmailHandOver)
		asked, err := s.Requests.HandOvers(t.Context(), "r1")
		must(t, err)
		if len(asked.To) != 1 || asked.Left != 2 || asked.To[0].Declined() ||
			!asked.To[0].Awaits(onboarding.HubSpot, nil, false) {
			t.Errorf("of who wants no emails the client sees %+v", asked)
		}
	})
}

func TestAColleagueHasWhatWasHandedToThemAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		v := s.visit(t, "r1", "v1")
		s.leaveOut(t, "r1", onboarding.HubSpot)
		must(t, s.handOver(t, v, "lars", "lars@harbour.example", onboarding.HubSpot))
		r := s.asKnown(t, "r1")
		lars := r.Recipients[1]
		if !slices.Equal(lars.Services, hubSpot) || !lars.Scoped || lars.HandedBy.Email != v.Email ||
			lars.Handed != s.Now() || len(r.Skipped) != 0 {
			t.Errorf("handed over is %+v", r.Request)
		}
		part, err := s.part(t, "r1", "v2", lars.Number)
		must(t, err)
		wants(t, s.handOver(t, part, "kim", "kim@harbour.example", onboarding.Facebook), onboarding.ErrNotFound)

		// a recipient of the whole request has no part, and a changed row opens nothing
		_, err = s.part(t, "r1", "v3", r.Recipients[0].Number)
		wants(t, err, onboarding.ErrNotFound)
		for _, change := range []string{
			`services = '["facebook","hubspot"]'`, `scoped = 0`, `number = 7`, `request = 'r0'`,
		} {
			s.save(t, "r0", "ana")
			s.exec(t, `UPDATE recipients SET `+change+` WHERE id = 'lars'`)
			_, err := s.Requests.Recipient(t.Context(), "lars")
			wants(t, err, store.ErrTampered)
			s.exec(t, `UPDATE recipients SET services = '["hubspot"]', scoped = 1, number = $1, request = 'r1'
				WHERE id = 'lars'`, lars.Number)
		}
		s.exec(t, `UPDATE visits SET scoped = 0 WHERE id = 'v2'`)
		_, err = s.Visits.Get(t.Context(), "v2")
		wants(t, err, store.ErrTampered)

		// somebody whom the agency invited keeps all of it
		must(t, s.handOver(t, v, "unused", "lars@harbour.example", onboarding.Facebook))
		_, err = s.Requests.Send(t.Context(), s.agency, "r1",
			[]store.NewRecipient{to("omar", "omar@harbour.example")}, onboarding.Limits{})
		must(t, err)
		must(t, s.handOver(t, v, "unused", "omar@harbour.example", onboarding.HubSpot))
		r = s.asKnown(t, "r1")
		if got := r.Recipients[1]; !slices.Equal(got.Scope(r.Services), r.Services) || !got.Scoped {
			t.Errorf("asked for the other service, too, Lars has %+v", got)
		}
		if got := r.Recipients[2]; got.Scoped || !slices.Equal(got.Services, hubSpot) {
			t.Errorf("who was invited and is asked has %+v", got)
		}
	})
}

// A part that is finished ends nobody's link; who finishes last, of many at once, closes
// the request.
func TestTheLastPartThatIsFinishedClosesTheRequest(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		parent := s.visit(t, "r1", "v1")
		parent.Recipient = 1
		must(t, s.handOver(t, parent, "lars", "lars@harbour.example", onboarding.HubSpot))
		part, err := s.part(t, "r1", "v2", 2)
		must(t, err)
		must(t, s.Requests.MarkOpened(t.Context(), s.agency, "r1", 2))
		s.leaveOut(t, "r1", onboarding.Facebook)
		s.exec(t, `UPDATE visits SET sealed_token = $1, token_used_ms = 1`, []byte("of Facebook"))

		for range 2 {
			f, err := s.Requests.Finish(t.Context(), parent, box(parent))
			must(t, err)
			if f.Outcome != store.FinishedPart || f.Request.LinkState(s.Now()) != nil {
				t.Fatalf("with HubSpot at a colleague it ended as %s: %+v", f.Outcome, f.Request)
			}
		}
		if n := s.events(t, "r1", onboarding.EventFinishedPart); n != 1 {
			t.Errorf("%d events say that the part is done, want 1", n)
		}
		var tokens int
		must(t, s.DB().QueryRowContext(t.Context(), `
			SELECT count(*) FROM visits WHERE length(sealed_token) > 0`).Scan(&tokens))
		if tokens != 1 {
			t.Errorf("%d visits keep a token, want that of the part that goes on", tokens)
		}
		s.portal(t, "r1", "p1", onboarding.ItemConnected)
		outcomes := map[store.Outcome]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				f, err := s.Requests.Finish(t.Context(), part, box(part))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					wants(t, err, onboarding.ErrCompleted)
					return
				}
				outcomes[f.Outcome]++
			})
		}
		all.Wait()
		if len(outcomes) != 1 || outcomes[store.FinishedConnected] != 1 {
			t.Errorf("50 times the last part ended as %v, want one that closes", outcomes)
		}
	})
}

// Who finished, and is asked for more, is awaited again, also on the same day.
func TestWhoHasFinishedCanBeAskedAgain(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		parent := s.visit(t, "r1", "v1")
		parent.Recipient = 1
		must(t, s.handOver(t, parent, "lars", "lars@harbour.example", onboarding.HubSpot))
		part, err := s.part(t, "r1", "v2", 2)
		must(t, err)
		finishes := func(v store.Visit, finished bool) {
			t.Helper()
			f, err := s.Requests.Finish(t.Context(), v, box(v))
			must(t, err)
			asked, err := s.Requests.HandOvers(t.Context(), "r1")
			must(t, err)
			if f.Outcome != store.FinishedPart || asked.To[0].Finished != finished {
				t.Errorf("it ended as %s, handed over is %+v, want finished %t", f.Outcome, asked.To, finished)
			}
		}
		for _, service := range []onboarding.Service{onboarding.HubSpot, onboarding.HubSpot, onboarding.Facebook} {
			must(t, s.handOver(t, parent, "unused", "lars@harbour.example", service))
			finishes(parent, false)
			finishes(part, true)
		}
	})
}

func TestAFinishWaitsForWhoeverIsAtIt(t *testing.T) {
	cases := map[string]struct {
		then func(s *scene, t *testing.T, request string)
		who  string // finishes
		want store.Outcome
	}{
		"the parent, while a colleague has HubSpot":  {nil, "parent", store.FinishedPart},
		"the parent, without them":                   {nil, "without", store.FinishedEmpty},
		"the colleague, while Facebook is open":      {nil, "part", store.FinishedPart},
		"the colleague cannot do without the others": {(*scene).connect, "part without", store.FinishedPart},
		"the parent, with the colleague still at it": {(*scene).connect, "parent", store.FinishedPart},
		"the parent, with the colleague away": {func(s *scene, t *testing.T, request string) {
			s.advance(time.Hour)
			s.connect(t, request)
		}, "parent", store.FinishedConnected},
		"the colleague, with the parent at it": {func(s *scene, t *testing.T, request string) {
			s.connect(t, request)
			s.named(t, s.visit(t, request, "parent of "+request), "Alpenblick")
		}, "part", store.FinishedPart},
		"the colleague, with a parent who has nothing left": {(*scene).settle, "part", store.FinishedConnected},
		"the parent, when it was not meant for the colleague": {func(s *scene, t *testing.T, request string) {
			address := request + "@harbour.example"
			must(t, s.Emails.Suppress(t.Context(), s.agency, address, hashed(address)[0]))
		}, "parent", store.FinishedEmpty},
		"the colleague, with the parent away": {func(s *scene, t *testing.T, request string) {
			s.advance(time.Hour)
			s.settle(t, request)
		}, "part", store.FinishedConnected},
	}
	each(t, func(t *testing.T, s *scene) {
		for name, c := range cases {
			request := "of " + name
			s.save(t, request, "ana")
			parent := s.visit(t, request, "parent "+name)
			must(t, s.handOver(t, parent, "lars "+name, request+"@harbour.example", onboarding.HubSpot))
			part, err := s.part(t, request, "part "+name, 1)
			must(t, err)
			s.advance(time.Minute)
			if c.then != nil {
				c.then(s, t, request)
			}
			finish, v := s.Requests.Finish, parent
			switch c.who {
			case "part":
				v = part
			case "without":
				finish = s.Requests.FinishWithout
			case "part without":
				finish, v = s.Requests.FinishWithout, part
			}
			f, err := finish(t.Context(), v, box(v))
			must(t, err)
			if f.Outcome != c.want {
				t.Errorf("%s: it ended as %s, want %s", name, f.Outcome, c.want)
			}
		}
	})
}

// Who is at it when the last part is finished, and leaves without a finish, keeps nothing open:
// neither a colleague nor who began. Each who shared something has a receipt.
func TestARequestIsFinishedOnceNobodyIsAtItAnyMore(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		for _, who := range []string{"parent", "part"} {
			request := "left by " + who
			s.invite(t, request, "lena "+who)
			parent := s.visit(t, request, "parent, "+who)
			must(t, s.handOver(t, parent, "lars "+who, request+"@harbour.example", onboarding.HubSpot))
			part, err := s.part(t, request, "part, "+who, 2)
			must(t, err)
			s.advance(time.Minute)
			s.portal(t, request, "p1", onboarding.ItemConnected)
			s.named(t, parent, "Alpenblick")
			last, other := part, parent
			if who == "part" {
				last, other = parent, part
			}
			f, err := s.Requests.Finish(t.Context(), last, box(last))
			must(t, err)
			if f.Outcome != store.FinishedPart {
				t.Fatalf("%s: with somebody at it, it ended as %s", request, f.Outcome)
			}
			s.advance(25 * time.Minute)
			must(t, s.Visits.SaveState(t.Context(), other.ID, "{}")) // they are still at it
			s.advance(10 * time.Minute)
			s.runJobs(t)
			if r := s.asKnown(t, request); r.Finished != 0 {
				t.Errorf("%s: it was finished while somebody was at it", request)
			}
			s.advance(time.Hour)
			s.runJobs(t)
			r := s.asKnown(t, request)
			if r.Status != onboarding.Connected || r.CompletedBy.Email != last.Email || s.events(t, request, "finished") != 1 {
				t.Errorf("%s: it is %s, by %s", request, r.Status, r.CompletedBy.Email)
			}
			s.runJobs(t)
			if n := s.count(t, `SELECT count(*) FROM receipts WHERE request = $1 AND is_whole = 1`, request); n != 1 {
				t.Errorf("%s: %d whole receipts, want 1", request, n)
			}
		}
	})
}

// What others still have to do is not finished for them.
func TestWhatIsUndoneIsNotFinishedForAnybody(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		parent := s.visit(t, "r1", "v1")
		must(t, s.handOver(t, parent, "lars", "lars@harbour.example", onboarding.HubSpot))
		part, err := s.part(t, "r1", "v2", 2)
		must(t, err)
		s.advance(time.Minute)
		s.connect(t, "r1")
		_, err = s.Requests.Finish(t.Context(), part, box(part))
		must(t, err)
		s.advance(2 * time.Hour)
		s.runJobs(t)
		if r := s.asKnown(t, "r1"); r.Finished != 0 {
			t.Errorf("with Facebook open it was finished")
		}
	})
}

// connect connects HubSpot.
func (s *scene) connect(t *testing.T, request string) {
	t.Helper()
	s.portal(t, request, "p1", onboarding.ItemConnected)
}

// settle leaves nothing of a request open.
func (s *scene) settle(t *testing.T, request string) {
	t.Helper()
	s.leaveOut(t, request, onboarding.Facebook)
	s.connect(t, request)
}

func (s *scene) leaveOut(t *testing.T, request string, service onboarding.Service) {
	t.Helper()
	skip := onboarding.Skip{Service: service, Reason: "no"}
	must(t, s.Requests.Skip(t.Context(), s.agency, request, "Lena", skip))
}

// A link lets nobody have strangers reminded: who only got the email of a client gets no
// other. Who opened it is, until they have finished.
func TestAColleagueIsRemindedOnceTheyHaveOpenedIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		for _, who := range []string{"never", "opens", "finishes", "resent"} {
			s.save(t, who, "ana")
			v := s.visit(t, who, "of "+who)
			must(t, s.handOver(t, v, who, who+"@harbour.example", onboarding.HubSpot))
		}
		s.deliver(t)
		got := s.walk(t, 1, 29, func(day int) {
			switch day {
			case 1:
				must(t, s.Requests.MarkOpened(t.Context(), s.agency, "opens", 1))
				must(t, s.Requests.MarkOpened(t.Context(), s.agency, "finishes", 1))
				_, err := s.Requests.Resend(t.Context(), s.agency, "resent", resend("again", "resent"), onboarding.Limits{})
				must(t, err)
			case 5:
				part, err := s.part(t, "finishes", "v2", 1)
				must(t, err)
				f, err := s.Requests.Finish(t.Context(), part, box(part))
				must(t, err)
				if f.Outcome != store.FinishedPart {
					t.Errorf("the part ended as %s", f.Outcome)
				}
			}
		})
		slices.Sort(got)
		want := []string{
			"11 opens", "11 resent", "22 opens", "22 resent", "4 finishes", "4 opens", "4 resent",
		}
		if !slices.Equal(got, want) {
			t.Errorf("reminded are %v, want %v", got, want)
		}
	})
}

func TestWhatWasHandedOverOutlivesLinksAndRestores(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		v := s.visit(t, "r1", "v1")
		must(t, s.handOver(t, v, "lars", "lars@harbour.example", onboarding.HubSpot))
		s.advance(40 * 24 * time.Hour)
		r, err := s.Requests.Renew(t.Context(), s.agency, "r1", store.NewLink{
			From: 1, Who: "Ana", Send: "again", Hashes: hashed,
		})
		must(t, err)
		if got := r.Recipients[1]; !got.Scoped || !slices.Equal(got.Services, hubSpot) {
			t.Errorf("renewed, Lars has %+v", got)
		}
		if r, err = s.Requests.Get(t.Context(), s.agency, "r1"); err != nil { // as the hub has it
			t.Fatal(err)
		}
		s.exec(t, `DELETE FROM requests WHERE id = 'r1'`)
		r.LinkID = []byte("link of r1")
		back, err := s.Requests.Resubmit(t.Context(), r, nil, nil, "Ana")
		must(t, err)
		if got := back.Recipients[1]; !got.Scoped || !slices.Equal(got.Services, hubSpot) ||
			got.HandedBy != r.Recipients[1].HandedBy {
			t.Errorf("given back, Lars has %+v", got)
		}
		if _, err := s.Requests.RecipientByNumber(t.Context(), "r1", 2); err != nil {
			t.Errorf("opening a link to what was given back: %v", err)
		}
	})
}

// Whom a client asked for a part, the agency can invite to all of it: once, by one email.
func TestWhomAClientAskedCanBeInvitedToAllOfIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		must(t, s.handOver(t, v, "lars", "lars@harbour.example", onboarding.HubSpot))
		for range 2 {
			invited := []store.NewRecipient{to("new", "LARS@harbour.example")}
			_, err := s.Requests.Send(t.Context(), s.agency, "r1", invited, onboarding.Limits{})
			must(t, err)
		}
		r := s.asKnown(t, "r1")
		if len(r.Recipients) != 1 || r.Recipients[0].Scoped || !slices.Equal(r.Recipients[0].Services, hubSpot) {
			t.Fatalf("invited, he is %+v", r.Recipients)
		}
		if got := s.invited(t, "r1", store.EmailInvitation); !slices.Equal(got, []string{"lars"}) {
			t.Errorf("invitations go to %v", got)
		}
		_, err := s.Requests.Recipient(t.Context(), "lars") // signed anew
		must(t, err)
		part, err := s.part(t, "r1", "v2", 1)
		must(t, err)
		wants(t, s.handOver(t, part, "kim", "kim@harbour.example", onboarding.Facebook), onboarding.ErrNotFound)
		s.exec(t, `UPDATE recipients SET scoped = 1 WHERE id = 'lars'`)
		_, err = s.Requests.Send(t.Context(), s.agency, "r1",
			[]store.NewRecipient{to("new", "lars@harbour.example")}, onboarding.Limits{})
		wants(t, err, store.ErrTampered)
	})
}

// An email to somebody who was forgotten must not open what a later colleague has.
func TestANumberIsNobodysTwice(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		v := s.visit(t, "r1", "v1")
		must(t, s.handOver(t, v, "lars", "lars@harbour.example", onboarding.HubSpot))
		forget := func() {
			t.Helper()
			_, err := s.People.Forget(t.Context(), "lars@harbour.example")
			must(t, err)
		}
		forget()
		must(t, s.handOver(t, v, "kim", "kim@harbour.example", onboarding.Facebook))
		_, err := s.part(t, "r1", "old", 2)
		wants(t, err, onboarding.ErrNotFound)

		r := s.asKnown(t, "r1") // as the hub has it, of a database that is lost
		s.exec(t, `DELETE FROM requests WHERE id = 'r1'`)
		r.LinkID = []byte("link of r1")
		r.Recipients = r.Recipients[:1]
		back, err := s.Requests.Resubmit(t.Context(), r, nil, nil, "Ana")
		must(t, err)
		_, err = s.Requests.Send(t.Context(), s.agency, "r1",
			[]store.NewRecipient{to("omar", "omar@harbour.example")}, onboarding.Limits{})
		must(t, err)
		if got := s.asKnown(t, "r1").Recipients; len(back.Recipients) != 1 || got[1].Number <= 2 {
			t.Errorf("after a restore the numbers are %+v", got)
		}
	})
}

// A hub before handing over gives a request back without what it does not know.
func TestAnOlderHubsRequestOpensNoMoreToAColleague(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		v := s.visit(t, "r1", "v1")
		must(t, s.handOver(t, v, "lars", "lars@harbour.example", onboarding.HubSpot))
		must(t, s.handOver(t, v, "kim", "kim@harbour.example", onboarding.Facebook, onboarding.HubSpot))
		must(t, s.handOver(t, v, "omar", "omar@harbour.example", onboarding.HubSpot))
		must(t, s.handOver(t, v, "unused", "omar@harbour.example", onboarding.Facebook))
		r := s.asKnown(t, "r1")
		s.exec(t, `DELETE FROM requests WHERE id = 'r1'`)
		r.LinkID = []byte("link of r1")
		for n := range r.Recipients {
			to := &r.Recipients[n]
			to.Services, to.Scoped, to.HandedBy, to.Handed, to.Asked = nil, false, onboarding.Person{}, 0, nil
		}
		for n, e := range r.Events {
			if e.Detail == "kim@harbour.example\nfacebook hubspot" { // a relay before this one kept that it was several
				r.Events[n].Detail = "kim@harbour.example"
			}
		}
		back, err := s.Requests.Resubmit(t.Context(), r, nil, nil, "Ana")
		must(t, err)
		for n, want := range [][]onboarding.Service{back.Services, hubSpot, hubSpot, back.Services} {
			if got := back.Recipients[n].Scope(back.Services); !slices.Equal(got, want) {
				t.Errorf("%s opens %v, want %v", back.Recipients[n].Address, got, want)
			}
		}
	})
}

// Who finishes part after part, in many names, has emails written to so many alone; and the
// requester is told once that the rest waits.
func TestPartsThatAreFinishedWriteToFew(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		item := s.portal(t, "r1", "p1", onboarding.ItemConnected)
		must(t, s.handOver(t, s.visit(t, "r1", "v0"), "lars", "lars@harbour.example", onboarding.Facebook))
		for n := range 7 {
			v := s.visit(t, "r1", fmt.Sprint("v", n+1))
			v.Email = fmt.Sprintf("victim%d@x.example", n)
			s.exec(t, `UPDATE items SET connected_by_email = $1 WHERE id = $2`, v.Email, item.ID)
			f, err := s.Requests.Finish(t.Context(), v, box(v))
			must(t, err)
			if f.Outcome != store.FinishedPart {
				t.Fatalf("part %d ended as %s", n, f.Outcome)
			}
		}
		if got := s.mails(t, store.EmailReceipt); len(got) != store.MaxHandOvers+1 {
			t.Errorf("%d receipts went out", len(got))
		}
		s.wantMails(t, store.EmailPartFinished, "ana")
	})
}
