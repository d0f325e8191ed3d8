//go:build !quick

package journey_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// notifications collects what a computer would show.
type notifications struct {
	mu  sync.Mutex
	all []replica.Alert
}

func (n *notifications) add(c replica.Change) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, c.Alerts...)
}

// ofTrouble lists the titles of those about checks and accounts.
func (n *notifications) ofTrouble() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	titles := []string{}
	for _, alert := range n.all {
		if alert.Kind == replica.ChecksStopped || alert.Kind == replica.ItemBroke {
			titles = append(titles, alert.Title+alert.Name)
		}
	}
	return titles
}

// desk is a member at their computer.
type desk struct {
	scene
	shown *notifications
	email string
}

// colleague invites a member, who enrols a computer of their own.
func (s scene) colleague(name, email string, role onboarding.Role) desk {
	s.t.Helper()
	code, err := s.Hub.InviteMember(s.t.Context(), name, email, role)
	must(s.t, err)
	shown := &notifications{}
	c := &computer{t: s.t, scene: s, dir: s.t.TempDir(), keychain: keychain.NewMemory(), changed: shown.add}
	c.open(0)
	s.t.Cleanup(c.close)
	must(s.t, c.Enrol(s.t.Context(), s.URL, code.Code.Secret(), name+"’s computer"))
	theirs := *s.Scene
	theirs.Hub = c.Hub
	d := desk{scene: scene{&theirs, s.t}, shown: shown, email: email}
	d.Sync()
	return d
}

// causes lists what keeps accounts from being checked: as Home shows it, and the Facebook
// users whose line shows it.
func (d desk) causes() (home, users []string) {
	d.t.Helper()
	todos, err := d.Hub.Todos(d.t.Context(), 50)
	must(d.t, err)
	for _, todo := range todos {
		if todo.Kind == hub.TodoCause || todo.Kind == hub.TodoItem {
			home = append(home, string(todo.Kind)+" "+todo.Cause.Title)
		}
	}
	connections, err := d.Hub.Replica.Connections(d.t.Context())
	must(d.t, err)
	for _, c := range connections {
		if c.Cause != nil {
			users = append(users, c.MemberName+": "+c.Cause.Title)
		}
	}
	return home, users
}

func (d desk) events(request string) []onboarding.Event {
	d.t.Helper()
	d.Sync()
	return d.Details(request).Events
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waiting in vain: %s", what)
		}
	}
}

// emailsAbout counts the emails to each address whose subject has a text.
func (s scene) emailsAbout(subject string) map[string]int {
	sent := map[string]int{}
	for _, m := range s.World.Mail.Messages() {
		if strings.Contains(m.Subject, subject) {
			sent[strings.Join(m.To, " ")]++
		}
	}
	return sent
}

const (
	endedTitle   = "Your user’s sign-in at Facebook has ended"
	endedSubject = "sign-in at Facebook has ended"
)

// Two computers of an agency: what the check of one finds out about the agency's own
// sign-in is on the other's screens at once, and goes away there with the next sign-in.
func TestTheEndOfASignInIsSeenOnEveryComputerThatItConcerns(t *testing.T) {
	for name, c := range map[string]struct {
		role        onboarding.Role
		shared      bool // requests are shared with the team
		byColleague bool // the colleague, not Ana, has signed in and checks
		onTheOther  bool // who only sees it signs in again
	}{
		"of two main users": {role: onboarding.MainUser, shared: true},
		"of two main users, and the other signs in again": {role: onboarding.MainUser, shared: true, onTheOther: true},
		"of a sub-user and a main user":                   {role: onboarding.SubUser, byColleague: true},
	} {
		t.Run(name, func(t *testing.T) {
			seen := &notifications{}
			s := scene{relaytest.NewSceneOn(t, relaytest.Config{Source: sqldbtest.SQLite(t), HubChanged: seen.add}), t}
			if c.shared {
				must(t, s.Hub.Outbox.ShareRequests(t.Context(), true))
				s.Sync()
			}
			checks := desk{scene: s, shown: seen, email: ana}
			sees := s.colleague("Ben Okoro", "ben@northlight.example", c.role)
			if c.byColleague {
				checks, sees = sees, checks
			}
			request, link := checks.Request(onboarding.Facebook)
			mina := journey.NewClient("Mina Ito", "mina@harbourpine.example")
			must(t, mina.Enter(link))
			must(t, mina.SignInAtFacebook("Mina Ito"))
			must(t, mina.Share("Harbour & Pine EU", "Harbour Café Ads", "Harbour Garden"))
			checks.Sync()
			must(t, checks.Hub.Checks.CheckNow(t.Context()))
			before := checks.events(request)
			sees.Sync()

			_, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: "expire_tokens", Person: "ana-ruiz"})
			must(t, err)
			if err := checks.Hub.Checks.CheckNow(t.Context()); err == nil {
				t.Fatal("a check with a token that has ended says nothing")
			}
			ended := onboarding.TimestampOf(s.Now())
			owner := map[bool]string{false: "Ana Ruiz", true: "Ben Okoro"}[c.byColleague]
			eventually(t, "the other computer shows it", func() bool { home, _ := sees.causes(); return len(home) > 0 })
			_ = sees.Hub.Checks.CheckNow(t.Context()) // it meets the same, where it may check
			for who, d := range map[string]desk{"which checked": checks, "which only sees": sees} {
				d.Sync()
				home, users := d.causes()
				if !slices.Equal(home, []string{"cause " + endedTitle}) ||
					!slices.Equal(users, []string{owner + ": " + endedTitle}) {
					t.Errorf("the computer %s shows %q, and of the users %q", who, home, users)
				}
				if got := d.shown.ofTrouble(); !slices.Equal(got, []string{endedTitle}) {
					t.Errorf("the computer %s notifies of %q", who, got)
				}
			}
			if after := checks.events(request); !slices.Equal(after, before) {
				t.Errorf("the client's timeline has %+v, want %+v", after, before)
			}
			for _, d := range []desk{checks, sees} {
				s.email(d.email, endedSubject)
			}
			if sent := s.emailsAbout(endedSubject); len(sent) != 2 || sent[checks.email] != 1 || sent[sees.email] != 1 {
				t.Errorf("emails about it: %v", sent)
			}

			s.Pass(time.Minute)
			if c.onTheOther {
				sees.ConnectFacebookAnew()
			} else {
				checks.ConnectFacebookAnew()
			}
			for who, d := range map[string]desk{"which checked": checks, "which only saw": sees} {
				eventually(t, "the computer "+who+" is clear", func() bool {
					home, users := d.causes()
					return len(home)+len(users) == 0
				})
			}
			eventually(t, "the checks by themselves", func() bool {
				return !slices.ContainsFunc(checks.Details(request).Items, func(i replica.ItemRow) bool {
					return i.Unchecked != nil || i.Checked <= ended || i.Access != onboarding.AccessWorks
				})
			})
			_, err = sees.Hub.Replica.Request(t.Context(), request)
			if c.byColleague != errors.Is(err, onboarding.ErrNotFound) {
				t.Errorf("reading the request on the other computer: %v", err)
			}
			if after := checks.events(request); !slices.Equal(after, before) {
				t.Errorf("afterwards the client's timeline has %+v, want %+v", after, before)
			}
			if sent := s.emailsAbout("Facebook"); len(sent) != 2 || sent[checks.email] != 1 {
				t.Errorf("emails about Facebook in all: %v", sent)
			}
		})
	}
}
