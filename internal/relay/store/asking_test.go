package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// expire lets the month of every link pass.
func (s *scene) expire(t *testing.T) {
	t.Helper()
	s.advance(32 * 24 * time.Hour)
	s.runJobs(t)
}

// invited lists to whom of a request emails of a kind are queued, oldest first.
func (s *scene) invited(t *testing.T, request string, kind store.EmailKind) []string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `
		SELECT recipient FROM emails WHERE request = $1 AND kind = $2 AND state = 'queued' ORDER BY created_ms, recipient`,
		request, kind)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	recipients := []string{}
	for rows.Next() {
		var id string
		must(t, rows.Scan(&id))
		recipients = append(recipients, id)
	}
	must(t, rows.Err())
	return recipients
}

func TestAskingForALinkTellsTheOwnerOnceADay(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(t.Context(), s.agency, "r1",
			[]store.NewRecipient{to("p", "lena@harbour.example")}, onboarding.Limits{})
		must(t, err)
		ask := func() {
			t.Helper()
			must(t, s.Requests.AskLink(t.Context(), s.agency, "r1", store.OldLink{Version: 1, Number: 1}))
		}
		ask()
		if r := s.asKnown(t, "r1"); r.LinkAsked != 0 {
			t.Error("a link that works was asked for")
		}
		s.expire(t)
		before := len(s.mails(t, store.EmailLinkAsked))
		asked := s.Now()
		for range 100 {
			ask()
			s.advance(time.Minute)
		}
		r := s.asKnown(t, "r1")
		if r.LinkAsked != asked || s.events(t, "r1", onboarding.EventLinkAsked) != 1 {
			t.Errorf("asked at %d, want %d, in %d events", r.LinkAsked, asked, s.events(t, "r1", onboarding.EventLinkAsked))
		}
		if n := len(s.mails(t, store.EmailLinkAsked)) - before; n != 1 {
			t.Errorf("a hundred questions are %d emails, want 1", n)
		}
		for _, c := range []struct {
			after time.Duration
			want  onboarding.Timestamp
		}{{0, asked}, {24 * time.Hour, 0}} {
			s.advance(c.after)
			if got, err := s.Requests.LinkAsked(t.Context(), "r1"); err != nil || got != c.want {
				t.Errorf("after %v the page says that it was asked for at %d, want %d: %v", c.after, got, c.want, err)
			}
		}
		ask()
		s.wantMails(t, store.EmailLinkAsked, "ana", "ana")
		if last := r.Events[len(r.Events)-1]; last.Detail != "lena@harbour.example" {
			t.Errorf("the event names %q, want whose link it was", last.Detail)
		}
	})
}

func TestNobodyAsksForALinkThatIsOver(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "done", "ana")
		v := s.visit(t, "done", "v1")
		s.portal(t, "done", "p1", onboarding.ItemConnected)
		_, err := s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		s.save(t, "gone", "ana")
		_, err = s.Requests.Withdraw(t.Context(), s.agency, "gone", "Ana")
		must(t, err)
		s.expire(t)
		for id, want := range map[string]error{"done": onboarding.ErrCompleted, "gone": onboarding.ErrWithdrawn} {
			wants(t, s.Requests.AskLink(t.Context(), s.agency, id, store.OldLink{Version: 1}), want)
			if n := s.events(t, id, onboarding.EventLinkAsked); n != 0 {
				t.Errorf("%s: asked %d times", id, n)
			}
		}
	})
}

func TestANewLinkGoesToWhoWasInvitedAndWantsEmails(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(t.Context(), s.agency, "r1", []store.NewRecipient{
			to("lena", "lena@harbour.example"), to("omar", "omar@harbour.example"), to("stop", "stop@harbour.example"),
		}, onboarding.Limits{})
		must(t, err)
		must(t, s.Emails.Suppress(t.Context(), s.agency, "stop@harbour.example", hashed("stop@harbour.example")[0]))
		s.expire(t)
		must(t, s.Requests.AskLink(t.Context(), s.agency, "r1", store.OldLink{Version: 1}))
		renew := func(send string) (store.Request, error) {
			return s.Requests.Renew(t.Context(), s.agency, "r1", store.NewLink{
				From: 1, Who: "Ana", Send: send, Hashes: hashed, Limits: onboarding.Limits{AgencyAddressesPerDay: 2},
			})
		}
		s.save(t, "other", "ana")
		_, err = s.Requests.Send(t.Context(), s.agency, "other",
			[]store.NewRecipient{to("x", "x@harbour.example")}, onboarding.Limits{})
		must(t, err)
		_, err = renew("one")
		wants(t, err, onboarding.ErrRateLimited)
		if r := s.asKnown(t, "r1"); r.LinkVersion != 1 || len(s.invited(t, "r1", store.EmailInvitation)) != 0 {
			t.Errorf("beyond the limits the link has version %d and emails are queued", r.LinkVersion)
		}
		s.advance(25 * time.Hour)
		for range 3 { // a hub that has lost the answer asks again
			r, err := renew("one")
			must(t, err)
			if r.LinkVersion != 2 || r.LinkAsked != 0 {
				t.Errorf("renewed it has version %d and is asked for at %d", r.LinkVersion, r.LinkAsked)
			}
		}
		if got := s.invited(t, "r1", store.EmailInvitation); !slices.Equal(got, []string{"lena", "omar"}) {
			t.Errorf("the new link goes to %v, want lena and omar, once each", got)
		}
	})
}

func TestAnOlderLinkIsSentAgainToItsOwnRecipientAndNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(t.Context(), s.agency, "r1", []store.NewRecipient{
			to("lena", "lena@harbour.example"), to("omar", "omar@harbour.example"),
		}, onboarding.Limits{})
		must(t, err)
		s.expire(t)
		again := func(number int) error {
			return s.Requests.SendNewest(
				t.Context(), s.agency, "r1", store.OldLink{Version: 1, Number: number}, hashed, onboarding.Limits{},
			)
		}
		wants(t, again(1), onboarding.ErrExpired)
		_, err = s.Requests.Renew(t.Context(), s.agency, "r1", store.NewLink{From: 1, Who: "Ana"})
		must(t, err)
		wants(t, again(0), onboarding.ErrNotFound)
		wants(t, again(9), onboarding.ErrNotFound)
		for n := range 6 {
			s.advance(2 * time.Minute)
			want := map[bool]error{true: nil, false: onboarding.ErrRateLimited}[n < 3]
			wants(t, again(1), want)
			wants(t, again(1), onboarding.ErrRateLimited) // within the minute
		}
		if got := s.invited(t, "r1", store.EmailLinkAgain); fmt.Sprint(got) != "[lena lena lena]" {
			t.Errorf("it went to %v, want lena three times a day", got)
		}
		must(t, s.Emails.Suppress(t.Context(), s.agency, "omar@harbour.example", hashed("omar@harbour.example")[0]))
		wants(t, again(2), onboarding.ErrNotFound)
	})
}

func TestWhoHasTheNewestCopiedLinkWaitsForNone(t *testing.T) {
	for name, c := range map[string]struct {
		opened int // the number in the newest link that is opened
		waits  bool
	}{
		"the newest copied link is opened": {opened: 0},
		"a colleague opens an emailed one": {opened: 1, waits: true},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *scene) {
				s.invite(t, "r1", "lena")
				s.expire(t)
				_, err := s.Requests.Renew(t.Context(), s.agency, "r1", store.NewLink{From: 1, Who: "Ana"})
				must(t, err)
				must(t, s.Requests.AskLink(t.Context(), s.agency, "r1", store.OldLink{Version: 1}))
				must(t, s.Requests.MarkOpened(t.Context(), s.agency, "r1", c.opened))
				if r := s.asKnown(t, "r1"); (r.LinkAsked != 0) != c.waits {
					t.Errorf("asked for at %d, want that somebody waits: %t", r.LinkAsked, c.waits)
				}
			})
		})
	}
}
