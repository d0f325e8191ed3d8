package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// deliver sends what is due, as a mail server that takes everything, and returns to whom
// the reminders among it went.
func (s *scene) deliver(t *testing.T) (reminded []string) {
	t.Helper()
	owner := store.LeaseOwner{Instance: "here", Run: "1"}
	for {
		email, err := s.Emails.Claim(t.Context(), owner, nil, s.Now().Add(time.Hour))
		if errors.Is(err, onboarding.ErrNotFound) {
			return reminded
		}
		must(t, err)
		must(t, s.mark(t, email, owner))
		must(t, s.Emails.Finish(t.Context(), email, store.EmailResult{State: onboarding.EmailAccepted}))
		if email.Kind == store.EmailReminder {
			reminded = append(reminded, email.Recipient)
		}
	}
}

// walk lets days pass, at ten in the morning each, and lists who is reminded on which.
func (s *scene) walk(t *testing.T, from, to int, on func(day int)) []string {
	t.Helper()
	list := []string{}
	for day := from; day <= to; day++ {
		s.advance(24 * time.Hour)
		if on != nil {
			on(day)
		}
		s.runJobs(t)
		s.runJobs(t) // another relay finds nothing more to do
		for _, recipient := range s.deliver(t) {
			list = append(list, fmt.Sprint(day, " ", recipient))
		}
	}
	return list
}

// invite saves a request and sends it to these.
func (s *scene) invite(t *testing.T, id string, recipients ...string) {
	t.Helper()
	s.save(t, id, "ana")
	var list []store.NewRecipient
	for _, r := range recipients {
		list = append(list, to(r, r+"@harbour.example"))
	}
	_, err := s.Requests.Send(t.Context(), s.agency, id, list, onboarding.Limits{})
	must(t, err)
	s.deliver(t)
}

// atTen moves the clock to ten in the morning.
func (s *scene) atTen(t *testing.T) {
	t.Helper()
	now := s.Now().Time()
	next := time.Date(now.Year(), now.Month(), now.Day()+1, 10, 0, 0, 0, time.UTC)
	s.advance(next.Sub(now))
}

func TestWhoHasNotFinishedIsRemindedOnTheChosenDays(t *testing.T) {
	for name, c := range map[string]struct {
		on   func(t *testing.T, s *scene, day int)
		want []string
	}{
		"nobody does anything": {nil, []string{"3 lena", "3 omar", "10 lena", "10 omar", "21 lena", "21 omar"}},
		"off from the start": {func(t *testing.T, s *scene, day int) {
			if day == 1 {
				s.remindOn(t, "r1")
			}
		}, []string{}},
		"other days, after the first": {func(t *testing.T, s *scene, day int) {
			if day == 5 {
				s.remindOn(t, "r1", 4, 6, 28)
			}
		}, []string{"3 lena", "3 omar", "6 lena", "6 omar", "28 lena", "28 omar"}},
		"one says that it was not meant for them": {func(t *testing.T, s *scene, day int) {
			if day == 5 {
				must(t, s.Emails.Suppress(t.Context(), s.agency, "omar@harbour.example", hashed("omar@harbour.example")[0]))
			}
		}, []string{"3 lena", "3 omar", "10 lena", "21 lena"}},
		"somebody finishes": {func(t *testing.T, s *scene, day int) {
			if day == 5 {
				v := s.visit(t, "r1", "v1")
				s.portal(t, "r1", "p1", onboarding.ItemConnected)
				_, err := s.Requests.Finish(t.Context(), v, box(v))
				must(t, err)
			}
		}, []string{"3 lena", "3 omar"}},
		"one finishes their part, by the copied link": {func(t *testing.T, s *scene, day int) {
			if day == 5 {
				v := s.visit(t, "r1", "v1")
				s.portal(t, "r1", "p1", onboarding.ItemConnected)
				must(t, s.handOver(t, v, "kim", "kim@harbour.example", onboarding.Facebook))
				_, err := s.Requests.Finish(t.Context(), v, box(v))
				must(t, err)
			}
		}, []string{"3 lena", "3 omar", "10 omar", "21 omar"}},
		"it is withdrawn": {func(t *testing.T, s *scene, day int) {
			if day == 5 {
				_, err := s.Requests.Withdraw(t.Context(), s.agency, "r1", "Ana")
				must(t, err)
			}
		}, []string{"3 lena", "3 omar"}},
		"the agency is suspended for a while": {func(t *testing.T, s *scene, day int) {
			if day == 2 || day == 5 {
				_, err := s.Agencies.Update(t.Context(), s.agency, func(a *onboarding.Agency) error {
					a.Suspended = day == 2
					return nil
				})
				must(t, err)
			}
		}, []string{"5 lena", "5 omar", "10 lena", "10 omar", "21 lena", "21 omar"}},
		"the agency wrote itself on that morning": {func(t *testing.T, s *scene, day int) {
			if day == 10 {
				s.advance(-90 * time.Minute)
				_, err := s.Requests.Resend(t.Context(), s.agency, "r1", resend("again", "lena"), onboarding.Limits{})
				must(t, err)
				s.deliver(t)
				s.advance(90 * time.Minute)
			}
		}, []string{"3 lena", "3 omar", "10 omar", "21 lena", "21 omar"}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *scene) {
				s.atTen(t)
				s.invite(t, "r1", "lena", "omar")
				got := s.walk(t, 1, 40, func(day int) {
					if c.on != nil {
						c.on(t, s, day)
					}
				})
				slices.SortStableFunc(got, byDay)
				if !slices.Equal(got, c.want) {
					t.Errorf("reminded are %v, want %v", got, c.want)
				}
			})
		})
	}
}

func byDay(a, b string) int {
	var day, other int
	var who, whom string
	_, _ = fmt.Sscan(a, &day, &who)    // as it was printed above
	_, _ = fmt.Sscan(b, &other, &whom) // as well
	if day != other {
		return day - other
	}
	return slices.Compare([]byte(who), []byte(whom))
}

func (s *scene) remindOn(t *testing.T, request string, days ...int) {
	t.Helper()
	_, err := s.Requests.SetReminders(t.Context(), s.agency, request, days)
	must(t, err)
}

func TestARelayThatWasDownSendsTheNewestReminderAtNine(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		s.invite(t, "r1", "lena")
		s.remindOn(t, "r1", 2, 3, 4, 20)
		s.advance(4*24*time.Hour + 17*time.Hour) // at three in the night of the fifth day
		s.runJobs(t)
		if got := s.deliver(t); len(got) != 0 {
			t.Errorf("in the night %v are reminded", got)
		}
		s.advance(6 * time.Hour)
		s.runJobs(t)
		if got := s.deliver(t); !slices.Equal(got, []string{"lena"}) {
			t.Errorf("in the morning %v are reminded, want lena once", got)
		}
		r := s.asKnown(t, "r1")
		if next := r.Recipients[0].Reminds.Time(); next.Day() != r.Recipients[0].Invited.Time().AddDate(0, 0, 20).Day() {
			t.Errorf("the next is on %v", next)
		}
	})
}

func TestRemindersOfConsecutiveDaysAllGoOut(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		s.advance(13 * time.Hour) // invited late in the evening, ten hours before the first
		s.invite(t, "r1", "lena")
		s.remindOn(t, "r1", 1, 2, 3)
		for day := 1; day <= 3; day++ {
			s.advance(s.asKnown(t, "r1").Recipients[0].Reminds.Time().Sub(s.Now().Time()))
			s.runJobs(t)
			s.advance(5 * time.Second) // which the mail server takes
			if got := s.deliver(t); !slices.Equal(got, []string{"lena"}) {
				t.Errorf("day %d reminds %v, want lena", day, got)
			}
		}
	})
}

func TestAReminderThatWaitsLeavesWhatTheRecipientGot(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		s.invite(t, "r1", "lena")
		s.advance(3 * 24 * time.Hour)
		s.runJobs(t)
		owner := store.LeaseOwner{Instance: "here", Run: "1"}
		email, err := s.Emails.Claim(t.Context(), owner, nil, s.Now().Add(time.Hour))
		must(t, err)
		must(t, s.mark(t, email, owner))
		for _, state := range []onboarding.EmailState{onboarding.EmailQueued, onboarding.EmailCancelled} {
			must(t, s.Emails.Finish(t.Context(), email, store.EmailResult{State: state, ServerReply: "451 later"}))
			if r := s.asKnown(t, "r1").Recipients[0]; email.Kind != store.EmailReminder ||
				r.EmailState != onboarding.EmailAccepted || r.ServerReply != "" {
				t.Errorf("after the %s was %s: %+v", email.Kind, state, r)
			}
		}
	})
}

func TestASuspensionIsNoAttemptAtAnEmail(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(t.Context(), s.agency, "r1",
			[]store.NewRecipient{to("lena", "lena@harbour.example")}, onboarding.Limits{})
		must(t, err)
		owner := store.LeaseOwner{Instance: "here", Run: "1"}
		claim := func() store.Email {
			t.Helper()
			email, err := s.Emails.Claim(t.Context(), owner, nil, s.Now().Add(time.Hour))
			must(t, err)
			return email
		}
		for _, c := range []struct {
			held     time.Duration
			attempts int
			age      time.Duration
		}{{96 * time.Hour, 0, 0}, {0, 1, time.Hour}, {time.Hour, 1, time.Hour}} {
			next := max(c.held, time.Hour)
			must(t, s.Emails.Finish(t.Context(), claim(), store.EmailResult{
				State: onboarding.EmailQueued, NotBefore: s.Now().Add(next), Held: c.held,
			}))
			s.advance(next)
			if email := claim(); email.Attempts != c.attempts || email.Age(s.Now()) != c.age {
				t.Errorf("held for %v: %d attempts in %v, want %d in %v", c.held, email.Attempts, email.Age(s.Now()),
					c.attempts, c.age)
			}
		}
	})
}

func TestReminderCountsFromTheNewestLink(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		s.invite(t, "r1", "lena")
		s.walk(t, 1, 33, nil)
		if r := s.asKnown(t, "r1"); r.Recipients[0].Reminds != 0 {
			t.Errorf("after the link has ended the next reminder is at %v", r.Recipients[0].Reminds.Time())
		}
		_, err := s.Requests.Renew(t.Context(), s.agency, "r1", store.NewLink{From: 1, Who: "Ana"})
		must(t, err)
		if got := s.walk(t, 1, 12, nil); len(got) != 0 {
			t.Errorf("a link that nobody was sent reminds %v", got)
		}
		_, err = s.Requests.Resend(t.Context(), s.agency, "r1", resend("again", "lena"), onboarding.Limits{})
		must(t, err)
		s.deliver(t)
		if got := s.walk(t, 1, 12, nil); !slices.Equal(got, []string{"3 lena", "10 lena"}) {
			t.Errorf("with the new link reminded are %v", got)
		}
	})
}

func TestARestoredDatabaseRemindsNobodyTwice(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.atTen(t)
		s.invite(t, "r1", "lena")
		s.advance(4 * 24 * time.Hour) // the reminder of the third day went out after the backup
		_, err := s.Agencies.MarkRestored(t.Context())
		must(t, err)
		if got := s.walk(t, 5, 12, nil); !slices.Equal(got, []string{"10 lena"}) {
			t.Errorf("after the restore reminded are %v, want lena on the tenth day", got)
		}
	})
}

func TestRemindersOfWhatIsOverAreNotChanged(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "gone", "ana")
		_, err := s.Requests.Withdraw(t.Context(), s.agency, "gone", "Ana")
		must(t, err)
		_, err = s.Requests.SetReminders(t.Context(), s.agency, "gone", []int{1})
		wants(t, err, onboarding.ErrWithdrawn)
		s.save(t, "done", "ana")
		v := s.visit(t, "done", "v1")
		s.portal(t, "done", "p1", onboarding.ItemConnected)
		_, err = s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		_, err = s.Requests.SetReminders(t.Context(), s.agency, "done", []int{1})
		wants(t, err, onboarding.ErrCompleted)
	})
}
