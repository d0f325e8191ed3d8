package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// deletion starts the deletion of the user 77 of Meta.
func (s *scene) deletion(t *testing.T, asked onboarding.Timestamp) store.Deletion {
	t.Helper()
	d, err := s.Users.StartDeletion(t.Context(), onboarding.Meta, "77", asked,
		func(user []byte, received onboarding.Timestamp) []byte {
			return append([]byte(received.Time().String()), user...)
		})
	must(t, err)
	return d
}

func (s *scene) deleted(t *testing.T, d store.Deletion) store.Deletion {
	t.Helper()
	code := append([]byte(d.Received.Time().String()), d.UserHash...)
	found, err := s.Users.Deletion(t.Context(), [][]byte{[]byte("of another key"), code})
	must(t, err)
	return found
}

func TestADeletionOfAPlatformsUserIsFinishedAndEndsWhatTheyConnectedBefore(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		user := onboarding.Account{ID: "77", Name: "Mina Ito"}
		must(t, s.Visits.StoreToken(t.Context(), v.ID, user, []byte("sealed"), s.Now()+1000))
		must(t, s.Visits.SaveState(t.Context(), v.ID, `{"declines":true,"failures":{"facebook":{"name":"Mina Ito"}}}`))
		v.User = user
		shared, err := s.Items.StartRepair(t.Context(), v, []onboarding.Item{{
			Service: onboarding.Facebook, Kind: onboarding.Page, Account: "9", Name: "Pine", PlatformBy: "Mina Ito",
		}})
		must(t, err)
		s.signInOf(t, "ben", "before", 0)
		s.advance(time.Second)
		asked := s.Now()
		s.advance(time.Second)
		s.signInOf(t, "ben", "after", 0)

		d := s.deletion(t, asked) // the relay is killed here
		if got := s.deleted(t, d); got.Done != 0 {
			t.Fatalf("a deletion that was not made is done: %+v", got)
		}
		must(t, s.Sweep(t.Context()))
		if got := s.deleted(t, d); got.Done == 0 || got.SignIns != 1 || got.Accounts != 1 || got.Connections != 1 {
			t.Errorf("the deletion is %+v", got)
		}
		visit, err := s.Visits.Get(t.Context(), v.ID)
		must(t, err)
		if visit.User != (onboarding.Account{}) || len(visit.SealedToken) > 0 || visit.State != `{"declines":true}` {
			t.Errorf("the visit is %+v", visit)
		}
		item, err := s.Items.Get(t.Context(), s.agency, shared[0].ID)
		must(t, err)
		if item.PlatformBy != "" || item.Name != "Pine" {
			t.Errorf("the item is %+v", item)
		}
		for id, ended := range map[string]bool{"before": true, "after": false} {
			x, err := s.Connections.Get(t.Context(), s.agency, id) // verifies
			must(t, err)
			if (x.Ended != 0) != ended || (x.User.ID == "") != ended {
				t.Errorf("%s the deletion was asked for it is %+v", id, x)
			}
		}
		s.advance(time.Hour)
		if again := s.deletion(t, asked); again.Received != d.Received {
			t.Error("asked again within a day it is another deletion")
		}
		must(t, s.Sweep(t.Context()))
		if got := s.deleted(t, d); got.SignIns != 1 || got.Done == 0 {
			t.Errorf("after the second time it is %+v", got)
		}
		s.advance(24 * time.Hour)
		if later := s.deletion(t, asked); later.Received == d.Received {
			t.Error("asked again the next day it is the same deletion")
		}
		s.advance(366 * 24 * time.Hour)
		must(t, s.Sweep(t.Context()))
		must(t, s.Sweep(t.Context()))
		if _, err := s.Users.Deletion(t.Context(), [][]byte{
			append([]byte(d.Received.Time().String()), d.UserHash...),
		}); !errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("after a year its page shows %v", err)
		}
	})
}

func TestADeletionSignsNoRowThatTheRelayDidNotWrite(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.signInOf(t, "ben", "x", 0)
		must(t, s.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), `UPDATE connections SET member = 'ana'`)
			return err
		}))
		d := s.deletion(t, s.Now())
		must(t, s.Users.FinishDeletion(t.Context(), d))
		if _, err := s.Connections.Get(t.Context(), s.agency, "x"); !errors.Is(err, store.ErrTampered) {
			t.Errorf("the changed row reads %v", err)
		}
		if got := s.deleted(t, d); got.Done == 0 || got.Connections != 1 {
			t.Errorf("the deletion is %+v", got)
		}
	})
}

func TestThatAUserRemovedTheAppIsToldOnceAndOnlyOfSignInsBefore(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.signInOf(t, "ben", "before", 0)
		s.advance(time.Second)
		when := s.Now()
		for range 2 {
			must(t, s.Users.RemovedApp(t.Context(), onboarding.Meta, "77", when, "app_removed"))
		}
		if o := s.outage(t, s.ben, "before"); o == nil || o.Failure != "app_removed" {
			t.Errorf("the sign-in's outage is %+v", o)
		}
		s.advance(time.Second)
		s.signInOf(t, "ben", "after", 0)
		must(t, s.Users.RemovedApp(t.Context(), onboarding.Meta, "77", when, "app_removed")) // late, once more
		must(t, s.Users.RemovedApp(t.Context(), onboarding.Meta, "78", s.Now(), "app_removed"))
		if o := s.outage(t, s.ben, "after"); o != nil {
			t.Errorf("the sign-in that came after has %+v", o)
		}
		var told int
		must(t, s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM news WHERE kind = 'sign_in_ends'`).Scan(&told))
		if told != 1 {
			t.Errorf("it was news %d times", told)
		}
	})
}

func TestThatAUserRemovedTheAppLeavesALaterSignInOfAClient(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		user := onboarding.Account{ID: "77", Name: "Mina Ito"}
		for _, late := range []bool{false, true} {
			must(t, s.Visits.StoreToken(t.Context(), v.ID, user, []byte("sealed"), s.Now()+1000))
			when := s.Now()
			if late { // a call that comes once more
				when--
			}
			must(t, s.Users.RemovedApp(t.Context(), onboarding.Meta, "77", when, "app_removed"))
			if visit, err := s.Visits.Get(t.Context(), v.ID); err != nil || (visit.User == user) != late {
				t.Errorf("late: %v: the visit is of %+v, %v", late, visit.User, err)
			}
		}
	})
}

func TestADeletionWhileAnItemIsSharedStays(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		v := s.visit(t, "r1", "v1")
		v.User = onboarding.Account{ID: "77", Name: "Mina Ito"}
		begun, err := s.Items.StartRepair(t.Context(), v, []onboarding.Item{{
			Service: onboarding.Facebook, Kind: onboarding.Page, Account: "9", Name: "Pine", PlatformBy: "Mina Ito",
		}})
		must(t, err)
		must(t, s.Users.FinishDeletion(t.Context(), s.deletion(t, s.Now())))
		result := begun[0]
		result.State = onboarding.ItemConnected
		kept, err := s.Items.EndSharing(t.Context(), s.agency, result)
		must(t, err)
		if kept.PlatformBy != "" || kept.State != onboarding.ItemConnected {
			t.Errorf("after the deletion the share ends as %+v", kept)
		}
	})
}
