package store_test

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// TestMainUsersReadOnceThatADomainIsLostAndThatItWorksAgain plays what checks of a domain meet.
func TestMainUsersReadOnceThatADomainIsLostAndThatItWorksAgain(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		const name = "access.acme.example"
		_, err := s.Domains.Propose(t.Context(), s.agency, name, "token")
		must(t, err)
		check := func(problem onboarding.DomainProblem) {
			t.Helper()
			d, err := s.Domains.Get(t.Context(), s.agency)
			must(t, err)
			_, err = s.Domains.RecordCheck(t.Context(), d, store.DomainCheck{Problem: problem, Ready: true})
			must(t, err)
		}
		certificate := func(problem onboarding.DomainProblem) {
			t.Helper()
			d, err := s.Domains.Get(t.Context(), s.agency)
			must(t, err)
			_, err = s.Domains.RecordReady(t.Context(), d, problem, "")
			must(t, err)
		}
		wants := func(what string, lost, works int64) {
			t.Helper()
			for kind, want := range map[store.EmailKind]int64{store.EmailDomainLost: lost, store.EmailDomainWorks: works} {
				got := s.count(t, `SELECT count(*) FROM emails WHERE kind = $1 AND member = 'ana' AND about = $2`, kind, name)
				if got != want {
					t.Errorf("%s: %d emails %s, want %d", what, got, kind, want)
				}
			}
		}
		check("")
		wants("it works for the first time", 0, 0)
		check(onboarding.DomainWrongProof)
		s.advance(23 * time.Hour)
		check(onboarding.DomainWrongProof)
		wants("its records are wrong for less than a day", 0, 0)
		s.advance(2 * time.Hour)
		check(onboarding.DomainWrongProof)
		check(onboarding.DomainWrongProof)
		wants("it is lost", 1, 0)
		s.advance(time.Hour)
		check("")
		check("")
		wants("it works again", 1, 1)
		certificate(onboarding.DomainCertificate)
		certificate(onboarding.DomainCertificate)
		wants("its certificate fails on the same day", 1, 1)
		certificate("")
		wants("and comes soon", 1, 1)
		s.advance(25 * time.Hour)
		certificate(onboarding.DomainCertificate)
		wants("its certificate fails", 2, 1)
		certificate("")
		wants("and comes before the email has gone out", 2, 1)
		must(t, s.Domains.Remove(t.Context(), s.agency, name))
		wants("the agency removes it", 2, 1)
		if n := s.count(t, `SELECT count(*) FROM emails WHERE member = 'ben'`); n != 0 {
			t.Errorf("a sub-user gets %d emails", n)
		}
	})
}
