package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestASignInAgainByAColleagueReplacesWhatTheyBothUse(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		broken := func(id string) onboarding.Outage {
			return onboarding.Outage{
				Subject: onboarding.OutageConnection + id, Service: onboarding.Facebook, Failure: "sign_in_ended",
			}
		}
		s.signInOf(t, "ana", "of ana", 0)
		s.advance(time.Minute)
		s.signInOf(t, "ben", "of ben", 0)
		must(t, s.Outages.Begin(t.Context(), s.agency, s.ana, broken("of ana")))
		must(t, s.Outages.Begin(t.Context(), s.agency, s.ana, broken("of ben")))
		s.advance(time.Minute)
		s.signInOf(t, "ana", "of ana again", 0)
		if got := s.outage(t, s.ana, "of ana"); got != nil {
			t.Errorf("her own earlier sign-in: %+v", got)
		}
		if got := s.outage(t, s.ana, "of ben"); got == nil {
			t.Error("a sub-user does not get a main user's sign-in, and yet theirs counts as replaced by it")
		}
		must(t, s.Outages.Begin(t.Context(), s.agency, s.ana, broken("of ana again")))
		s.advance(time.Minute)
		s.signInOf(t, "ben", "of ben again", 0)
		if got := s.outage(t, s.ana, "of ana again"); got != nil {
			t.Errorf("a main user gets a sub-user's sign-in, and yet theirs does not count as replaced by it: %+v", got)
		}
		for id, want := range map[string]bool{"of ana": true, "of ben": true, "of ben again": false} {
			x, err := s.Connections.Get(t.Context(), s.agency, id)
			must(t, err)
			if replaced, err := s.News.IsReplaced(t.Context(), x, s.agency); err != nil || replaced != want {
				t.Errorf("%s is replaced: %t, %v; want %t", id, replaced, err, want)
			}
		}
	})
}

// apps reads the outages of the relay's apps as a member's hubs do.
func (s *scene) apps(t *testing.T, m onboarding.Member) []onboarding.Outage {
	t.Helper()
	changes, err := s.Changes.After(t.Context(), s.agency, m, store.Cursor{})
	must(t, err)
	return changes.Agency.Outages
}

func TestASubUsersWordAloneAlarmsNobodyElse(t *testing.T) {
	app := onboarding.Outage{
		Subject: onboarding.OutageApp + "hubspot", Service: onboarding.HubSpot, Failure: "not_configured",
	}
	cleo := onboarding.Member{ID: "cleo", Name: "Cleo Park", Email: "cleo@acme.example", Role: onboarding.SubUser}
	for name, c := range map[string]struct {
		by    string
		after time.Duration
		told  []string // besides Ben
	}{
		"he finds it again":                {by: "ben"},
		"he finds it again two days later": {by: "ben", after: 48 * time.Hour},
		"a colleague finds it too":         {by: "cleo", told: []string{"ana"}},
		"a colleague does two days later":  {by: "cleo", told: []string{"cleo"}, after: 48 * time.Hour},
		"a main user finds it too":         {by: "ana", told: []string{"ana"}},
		"a main user does two days later":  {by: "ana", told: []string{"ana"}, after: 48 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *scene) {
				must(t, s.Members.Invite(t.Context(), s.agency, cleo))
				_, err := s.Webhooks.Save(t.Context(), store.Webhook{Agency: s.agency, Sealed: []byte("sealed"),
					Webhook: onboarding.Webhook{ID: "w1", Name: "News", Form: onboarding.WebhookSlack, Host: "acme.example",
						Owner: "ana", On: true, Kinds: onboarding.AllNewsKinds()}})
				must(t, err)
				posted := func() int {
					log, err := s.Webhooks.Log(t.Context(), s.agency, "w1")
					must(t, err)
					return len(log)
				}
				must(t, s.Outages.Begin(t.Context(), s.agency, s.ben, app))
				s.wantMails(t, store.EmailAppProblem, "ben")
				if mine, others := s.apps(t, s.ben), s.apps(t, s.ana); len(mine) != 1 || len(others) != 0 || posted() != 0 {
					t.Errorf("at first Ben reads %+v, Ana %+v, and %d are posted", mine, others, posted())
				}
				s.advance(c.after + time.Minute)
				members := map[string]onboarding.Member{"ana": s.ana, "ben": s.ben, "cleo": cleo}
				must(t, s.Outages.Begin(t.Context(), s.agency, members[c.by], app))
				s.wantMails(t, store.EmailAppProblem, append([]string{"ben"}, c.told...)...)
				confirmed := slices.Equal(c.told, []string{"ana"})
				if got := s.apps(t, s.ana); (len(got) == 1) != confirmed || (posted() == 1) != confirmed {
					t.Errorf("then Ana reads %+v, and %d are posted", got, posted())
				}
				other := app
				other.Failure, other.Code = "app_disabled", "42"
				must(t, s.Outages.Begin(t.Context(), s.agency, s.ben, other))
				if got := s.apps(t, s.ana); confirmed && (len(got) != 1 || got[0].Failure != app.Failure) {
					t.Errorf("after Ben's other reason Ana reads %+v", got)
				}
				must(t, s.Outages.End(t.Context(), s.agency, app.Subject))
				if got := s.apps(t, s.ben); len(got) != 0 {
					t.Errorf("afterwards Ben reads %+v", got)
				}
			})
		})
	}
}

func TestAnAppsOutageEndsWithTheLastAccountThatItConcerns(t *testing.T) {
	for name, remove := range map[string]func(t *testing.T, s *scene, item onboarding.Item) error{
		"its client is deleted": func(t *testing.T, s *scene, item onboarding.Item) error {
			return s.Requests.DeleteClient(t.Context(), s.agency, item.Request)
		},
		"its access is ended": func(t *testing.T, s *scene, item onboarding.Item) error {
			_, err := s.Items.EndAccess(t.Context(), s.agency, item.ID, store.Ending{By: "Ana Ruiz"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *scene) {
				var items []onboarding.Item
				for _, request := range []string{"r1", "r2"} {
					s.save(t, request, "ana")
					items = append(items, s.portal(t, request, "portal of "+request, onboarding.ItemConnected))
				}
				for _, subject := range []string{"hubspot", "mailchimp"} {
					must(t, s.Outages.Begin(t.Context(), s.agency, s.ana, onboarding.Outage{
						Subject: onboarding.OutageApp + subject, Service: onboarding.Service(subject), Failure: "not_configured",
					}))
				}
				must(t, remove(t, s, items[0]))
				if got := s.apps(t, s.ana); len(got) != 1 || got[0].Service != onboarding.HubSpot {
					t.Errorf("with one account left at HubSpot, Ana reads %+v", got)
				}
				for n, may := range []bool{true, false} {
					if got, err := s.Outages.MayReport(t.Context(), s.agency, "ana", "hubspot"); err != nil || got != may {
						t.Errorf("after %d Ana may report: %t, %v", n+1, got, err)
					}
					if may, err := s.Outages.MayReport(t.Context(), s.agency, "ben", "hubspot"); err != nil || may {
						t.Errorf("Ben, who sees none of them, may report: %t, %v", may, err)
					}
					if n == 0 {
						must(t, remove(t, s, items[1]))
					}
				}
				if got := s.apps(t, s.ana); len(got) != 0 {
					t.Errorf("with no account left, Ana reads %+v", got)
				}
			})
		})
	}
}
