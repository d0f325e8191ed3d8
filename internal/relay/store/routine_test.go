package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// credential connects an item with a credential for devices, and the next version after that.
func (s *scene) credential(t *testing.T, version int64, devices ...string) {
	t.Helper()
	shared := store.SharedItem{Item: onboarding.Item{
		ID: "i1", Version: version, Request: "r1", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
		Account: "1", Name: "Portal", State: onboarding.ItemConnected,
	}, RefreshHash: []byte("hash")}
	for _, id := range devices {
		shared.Deliveries = append(shared.Deliveries, store.Delivery{
			Device: id, Subject: "i1", IsItem: true, Version: version, Sealed: []byte("sealed"),
		})
	}
	if version == 1 {
		_, err := s.Items.Put(t.Context(), s.agency, shared)
		must(t, err)
		return
	}
	must(t, s.Credentials.StoreRenewed(t.Context(), s.agency, "i1",
		store.Credential{Version: version, RefreshHash: []byte("hash")}, shared.Deliveries))
}

// fetch acknowledges what waits for a device.
func (s *scene) fetch(t *testing.T, d store.Device) {
	t.Helper()
	waiting, err := s.Deliveries.List(t.Context(), s.agency, d.Member, d.ID, "")
	must(t, err)
	all := ids(waiting, func(w store.Delivery) string { return w.ID })
	must(t, s.Deliveries.Acknowledge(t.Context(), s.agency, d.ID, all))
}

// routine is what computers did with credentials, as the history has it.
func (s *scene) routine(t *testing.T, request string) (list []string) {
	t.Helper()
	for _, e := range s.asKnown(t, request).Events {
		if slices.Contains(onboarding.RoutineEvents(), e.Kind) {
			list = append(list, fmt.Sprint(e.Kind, " ", e.Who, " ", e.Detail))
		}
	}
	return list
}

func TestTheHistorySaysWhichComputersFetchedACredential(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		first, second := s.device(t, "ana", "first"), s.device(t, "ana", "second")
		s.save(t, "r1", "ana")
		s.credential(t, 1, first.ID, second.ID)
		s.fetch(t, first)
		s.fetch(t, first) // again: nothing waits
		s.fetch(t, second)
		want := []string{"credential_fetched Ana Ruiz Portal", "credential_fetched Ana Ruiz Portal"}
		if got := s.routine(t, "r1"); !slices.Equal(got, want) {
			t.Fatalf("two computers have fetched it: %q", got)
		}

		// A platform that rotates gives several versions a day.
		for version := range int64(3) {
			s.credential(t, version+2, first.ID, second.ID)
			s.fetch(t, first)
			s.fetch(t, second)
		}
		if got := s.routine(t, "r1"); len(got) != 2 {
			t.Errorf("newer versions on the same day: %q", got)
		}
		s.advance(24 * time.Hour)
		for version := range int64(2) {
			s.credential(t, version+5, first.ID, second.ID)
			s.fetch(t, first)
			s.fetch(t, second)
		}
		if got := s.routine(t, "r1"); len(got) != 3 {
			t.Errorf("newer versions on the next day: %q", got)
		}

		third := s.device(t, "ana", "third")
		passed := store.Delivery{Device: third.ID, Subject: "i1", IsItem: true, Version: 6, Sealed: []byte("x")}
		for range 2 { // a call whose answer was lost comes again
			must(t, s.Deliveries.StoreResealed(ctx, s.agency, third.ID, "ana", []store.Delivery{passed}))
		}
		s.fetch(t, third)
		want = []string{"credential_passed_on Ana Ruiz Portal", "credential_fetched Ana Ruiz Portal"}
		if got := s.routine(t, "r1"); len(got) != 5 || !slices.Equal(got[3:], want) {
			t.Errorf("it was passed on to a third one: %q", got)
		}
		if found := s.audited(t, "r1"); found != "[]" {
			t.Errorf("the history has faults: %s", found)
		}
	})
}

func TestTheHistorySaysThatAPlatformRefusesToRenewAndDoesItAgain(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.credential(t, 1, s.device(t, "ana", "first").ID)
		record := func(refused bool) {
			t.Helper()
			must(t, s.Credentials.RecordRenewal(ctx, s.agency, "i1", refused))
		}
		record(false)
		record(true)
		record(true)
		if known, err := s.Credentials.Get(ctx, "i1"); err != nil || !known.IsFailing {
			t.Errorf("it is known as %+v, %v", known, err)
		}
		record(false)
		record(false)
		for range 3 { // it comes and goes
			record(true)
			record(false)
		}
		want := []string{"renewal_failed  Portal", "renewal_works  Portal"}
		if got := s.routine(t, "r1"); !slices.Equal(got, want) {
			t.Errorf("on one day: %q", got)
		}
		s.advance(24 * time.Hour)
		record(true)
		s.credential(t, 2) // the platform renews it, and rotates
		record(false)
		if got := s.routine(t, "r1"); !slices.Equal(got, slices.Concat(want, want)) {
			t.Errorf("on two days: %q", got)
		}
	})
}

func TestRoutineEntriesLoseTheirTextsFirst(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		s.visit(t, "r1", "v1")
		before := len(s.asKnown(t, "r1").Events)
		s.credential(t, 1, s.device(t, "ana", "first").ID)
		for range onboarding.MaxEvents {
			must(t, s.Credentials.RecordRenewal(t.Context(), s.agency, "i1", true))
			s.advance(24 * time.Hour)
			must(t, s.Credentials.RecordRenewal(t.Context(), s.agency, "i1", false))
		}
		kept := s.asKnown(t, "r1").Events
		if len(kept) != onboarding.MaxEvents || slices.Contains(onboarding.RoutineEvents(), kept[before-1].Kind) {
			t.Errorf("%d entries have their texts, and the first of them are not the old ones", len(kept))
		}
		if found := s.audited(t, "r1"); found != "[]" {
			t.Errorf("a verifier finds %s", found)
		}
	})
}
