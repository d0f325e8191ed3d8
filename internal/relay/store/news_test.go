package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// news lists the kinds of the news about a request, oldest first.
func (s *scene) news(t *testing.T, request string) []string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `
		SELECT kind FROM news WHERE agency = $1 AND request = $2 ORDER BY created_ms, id`, s.agency, request)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	kinds := []string{}
	for rows.Next() {
		var kind string
		must(t, rows.Scan(&kind))
		kinds = append(kinds, kind)
	}
	must(t, rows.Err())
	return kinds
}

// check reports a check of an item, a second after the one before.
func (s *scene) check(t *testing.T, item string, state onboarding.AccessState, failure string) {
	t.Helper()
	s.advance(time.Second)
	_, err := s.Items.ReportAccess(t.Context(), s.agency, item, store.AccessReport{
		Access: onboarding.Access{State: state, Failure: failure, Checked: s.Now()},
	})
	must(t, err)
}

func TestEachThingIsNewsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		for range 2 { // a second press of Finish
			_, err := s.Requests.Finish(t.Context(), v, box(v))
			must(t, err)
		}
		i := s.portal(t, "r1", "p1", onboarding.ItemConnected)
		s.advance(time.Second)
		_, err := s.Requests.Finish(t.Context(), v, box(v))
		must(t, err)
		s.check(t, i.ID, onboarding.AccessWorks, "")
		s.check(t, i.ID, onboarding.AccessBroken, "credential_refused")
		s.check(t, i.ID, onboarding.AccessBroken, "credential_refused")
		s.check(t, i.ID, onboarding.AccessWorks, "")
		s.check(t, i.ID, onboarding.AccessBroken, "credential_refused")

		want := []string{"nothing_connected", "completed", "needs_attention", "needs_attention"}
		if got := s.news(t, "r1"); !slices.Equal(got, want) {
			t.Errorf("the news are %v, want %v", got, want)
		}
		must(t, s.Requests.DeleteClient(t.Context(), s.agency, "r1"))
		if got := s.news(t, "r1"); len(got) != 0 {
			t.Errorf("with the client deleted there are the news %v", got)
		}
	})
}
