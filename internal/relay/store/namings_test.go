package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// matches is what the history says of matches, oldest first.
func (s *scene) matches(t *testing.T, request string) (list []string) {
	t.Helper()
	for _, e := range s.asKnown(t, request).Events {
		if e.Kind == onboarding.EventItemFound || e.Kind == onboarding.EventMatchUndone {
			name, typed := onboarding.ItemNames(e.Detail)
			list = append(list, fmt.Sprintf("%s %s: %s is %s", e.Kind, e.Who, typed, name))
		}
	}
	return list
}

// unmatch undoes what was typed for an item.
func (s *scene) unmatch(t *testing.T, item onboarding.Item, text string) store.Unmatched {
	t.Helper()
	undone, err := s.Items.Unmatch(t.Context(), s.agency, item.ID, onboarding.NamedAsset{
		Kind: onboarding.AdAccount, Name: text,
	}, "named_by_client", "Bea")
	must(t, err)
	return undone
}

func TestAWrongMatchIsUndone(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.saveFor(t, "r1", "118401", true)
		v := s.visit(t, "r1", "v1")
		one := s.named(t, v, "Alp")
		_, err := s.Requests.Finish(ctx, v, box(v))
		must(t, err)
		_, err = s.Items.Find(ctx, s.agency, one.ID, found("act_1", "Ana"))
		must(t, err)
		_, err = s.Items.ReportAccess(ctx, s.agency, one.ID, store.AccessReport{
			Access: onboarding.Access{State: onboarding.AccessWorks},
		})
		must(t, err)
		if r := s.asKnown(t, "r1"); r.Status != onboarding.Connected {
			t.Fatalf("its request is %s", r.Status)
		}
		for range 2 { // a call whose answer was lost comes again
			undone := s.unmatch(t, one, "Alp")
			kept, err := s.Items.Get(ctx, s.agency, one.ID)
			must(t, err)
			if undone.Kept != nil || undone.Named.ID != one.ID || !kept.IsNamed() || kept.Name != "Alp" ||
				kept.State != onboarding.ItemWaiting || kept.Connected != 0 || kept.Access.State != "" ||
				kept.Failure != "named_by_client" || kept.By != one.By || len(kept.Namings) != 0 {
				t.Errorf("undone it is %+v and %+v", undone, kept)
			}
		}
		if r := s.asKnown(t, "r1"); r.Status != onboarding.Pending || r.Completed != 0 {
			t.Errorf("its request is %s", r.Status)
		}
		_, err = s.Items.Find(ctx, s.agency, one.ID, found("act_1", ""))
		wants(t, err, onboarding.ErrConflict) // no hub is certain of that any more
		kept, err := s.Items.Find(ctx, s.agency, one.ID, found("act_1", "Ana"))
		if err != nil || kept.Account != "act_1" {
			t.Errorf("a member chose it all the same: %+v, %v", kept, err)
		}
		want := []string{
			"item_found Ana: Alp is Alpenblick", "match_undone Bea: Alp is Alpenblick", "item_found Ana: Alp is Alpenblick",
		}
		if got := s.matches(t, "r1"); !slices.Equal(got, want) {
			t.Errorf("the history says %q", got)
		}
		_, err = s.Items.EndAccess(ctx, s.agency, one.ID, store.Ending{By: "Ana"})
		must(t, err)
		_, err = s.Items.Unmatch(ctx, s.agency, one.ID, onboarding.NamedAsset{
			Kind: onboarding.AdAccount, Name: "Alp",
		}, "", "Bea")
		wants(t, err, onboarding.ErrConflict)
	})
}

// The client typed one account in two ways. Each of them can be taken back, in any order.
func TestTwoNamesBecomeOneAccount(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for n, first := range []string{"Alp", "The mountain"} {
			id := fmt.Sprint("r", n)
			s.saveFor(t, id, "118401", true)
			v := s.visit(t, id, "v"+id)
			one, two := s.named(t, v, "Alp"), s.named(t, v, "The mountain")
			account := fmt.Sprint("act_", n)
			_, err := s.Items.Find(ctx, s.agency, one.ID, found(account, "Ana"))
			must(t, err)
			_, err = s.Items.Find(ctx, s.agency, two.ID, found(account, "Ana"))
			wants(t, err, onboarding.ErrConflict) // who does not say so means another one
			same := found(account, "Ana")
			same.Same = true
			kept, err := s.Items.Find(ctx, s.agency, two.ID, same)
			if err != nil || kept.ID != one.ID || len(kept.Namings) != 2 {
				t.Fatalf("both are %+v, %v", kept, err)
			}
			second := map[string]string{"Alp": "The mountain", "The mountain": "Alp"}[first]
			for range 2 {
				undone := s.unmatch(t, kept, first)
				if undone.Kept == nil || undone.Kept.Account != account || len(undone.Kept.Namings) != 1 ||
					undone.Named.Name != first || !undone.Named.IsNamed() || undone.Named.By != one.By {
					t.Errorf("%s taken back: %+v", first, undone)
				}
			}
			if undone := s.unmatch(t, kept, second); undone.Kept != nil || undone.Named.Name != second {
				t.Errorf("%s taken back: %+v", second, undone)
			}
			items, err := s.Items.ListByRequest(ctx, id)
			must(t, err)
			names := ids(items, func(i onboarding.Item) string { return i.Name + " " + string(i.State) })
			slices.Sort(names)
			if !slices.Equal(names, []string{"Alp waiting", "The mountain waiting"}) {
				t.Errorf("in the end there is %q", names)
			}
			if got := s.matches(t, id); len(got) != 4 || s.audited(t, id) != "[]" {
				t.Errorf("the history says %q, and has the faults %s", got, s.audited(t, id))
			}
		}
	})
}

// What a member said that it is not stays so, whatever it is joined with in between.
func TestARejectedAccountIsNeverTakenByItself(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.saveFor(t, "r1", "118401", true)
		v := s.visit(t, "r1", "v1")
		one, other := s.named(t, v, "Alp"), s.named(t, v, "Berg")
		_, err := s.Items.Find(ctx, s.agency, other.ID, found("act_2", "Ana"))
		must(t, err)
		_, err = s.Items.Find(ctx, s.agency, one.ID, found("act_1", "Ana"))
		must(t, err)
		s.unmatch(t, one, "Alp")
		same := found("act_2", "Ana")
		same.Same = true
		kept, err := s.Items.Find(ctx, s.agency, one.ID, same)
		must(t, err)
		s.named(t, v, "Alp") // typed again meanwhile
		waits := s.unmatch(t, kept, "Alp").Named
		for _, account := range []string{"act_1", "act_2"} {
			_, err = s.Items.Find(ctx, s.agency, waits.ID, found(account, ""))
			wants(t, err, onboarding.ErrConflict)
		}
		if berg := s.unmatch(t, kept, "Berg").Named; !slices.Equal(berg.NotAccounts, []string{"act_2"}) {
			t.Errorf("the other one is not %q", berg.NotAccounts)
		}
	})
}

func TestAnAccountHasManyNamesAndRefusesTheNextOne(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.saveFor(t, "r1", "118401", true)
		v := s.visit(t, "r1", "v1")
		same := found("act_1", "Ana")
		same.Same = true
		for n := range onboarding.MaxNamed {
			_, err := s.Items.Find(ctx, s.agency, s.named(t, v, fmt.Sprint("name ", n)).ID, same)
			must(t, err)
		}
		last := s.named(t, v, "one more")
		_, err := s.Items.Find(ctx, s.agency, last.ID, same)
		wants(t, err, onboarding.ErrInvalid)
		if kept, err := s.Items.Get(ctx, s.agency, last.ID); err != nil || !kept.IsNamed() {
			t.Errorf("it is lost: %+v, %v", kept, err)
		}
	})
}

func TestWhatWasTypedIsForgottenWithItsPerson(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.saveFor(t, "r1", "118401", true)
		v := s.visit(t, "r1", "v1")
		one := s.named(t, v, "Lena's own")
		_, err := s.Items.Find(t.Context(), s.agency, one.ID, found("act_1", "Ana"))
		must(t, err)
		_, err = s.People.Forget(t.Context(), v.Email)
		must(t, err)
		kept, err := s.Items.Get(t.Context(), s.agency, one.ID)
		must(t, err)
		if len(kept.Namings) != 0 || s.count(t, `SELECT count(*) FROM events WHERE detail LIKE '%Lena%'`) != 0 {
			t.Errorf("it has %+v, and the history has it", kept.Namings)
		}
		if found := s.audited(t, "r1"); found != "[]" {
			t.Errorf("the history has faults: %s", found)
		}
	})
}
