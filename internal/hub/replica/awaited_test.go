package replica_test

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestARequestIsNotCompleteWhileAccountsAreAwaited(t *testing.T) {
	arrived, named := namedItem("1", "Harbour EU"), namedItem("2", "Harbour US")
	arrived.Account, arrived.State = "act_1", onboarding.ItemConnected
	approval := onboarding.Item{
		ID: "3", Request: "r1", Owner: "ana", Service: onboarding.Facebook, Kind: onboarding.Page, Account: "3", Name: "Pine",
		State: onboarding.ItemWaiting, Failure: "approve_in_business",
	}
	checked := approval
	checked.State, checked.Access.State = onboarding.ItemConnected, onboarding.AccessWaiting
	confirmed := checked
	confirmed.Confirmed, confirmed.ConfirmedBy = 1, "Ana"
	withdrawn := named
	withdrawn.Withdrawn = 1
	done := onboarding.Request{
		ID: "r1", Owner: "ana", Client: "Harbour", Services: []onboarding.Service{onboarding.Facebook}, Accepted: 1,
		Status: onboarding.Connected, Finished: 1, Completed: 1, Expires: onboarding.TimestampOf(time.Now().Add(time.Hour)),
	}
	reopened := done
	reopened.Status, reopened.Finished, reopened.Completed = onboarding.Pending, 0, 0
	waiting := reopened
	waiting.Finished = 1
	for name, c := range map[string]struct {
		request          onboarding.Request
		items            []onboarding.Item
		phase            replica.Phase
		arrived, awaited int
	}{
		"all of it arrived": {request: done, items: []onboarding.Item{arrived}, phase: replica.PhaseConnected, arrived: 1},
		"two of three named are missing": {
			request: done, items: []onboarding.Item{arrived, named, namedItem("4", "Harbour UK")},
			phase: replica.PhaseAwaiting, arrived: 1, awaited: 2,
		},
		"a Page waits for an approval": {
			request: done, items: []onboarding.Item{arrived, approval}, phase: replica.PhaseAwaiting, arrived: 1, awaited: 1,
		},
		"by the last check it waits": {
			request: done, items: []onboarding.Item{arrived, checked}, phase: replica.PhaseAwaiting, arrived: 1, awaited: 1,
		},
		"a person confirmed it": {
			request: done, items: []onboarding.Item{arrived, confirmed}, phase: replica.PhaseConnected, arrived: 2,
		},
		"the client took it back": {
			request: done, items: []onboarding.Item{arrived, withdrawn}, phase: replica.PhaseConnected, arrived: 1,
		},
		"it was reopened": {
			request: reopened, items: []onboarding.Item{arrived, named, approval}, phase: replica.PhasePartly,
			arrived: 1, awaited: 2,
		},
		"nothing has arrived": {
			request: waiting, items: []onboarding.Item{named}, phase: replica.PhaseFinishedWaiting, awaited: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := replica.Open(t.Context(), replica.Config{Catalog: catalogtest.New(t), Dir: t.TempDir(), Now: time.Now})
			must(t, err)
			t.Cleanup(func() { must(t, r.Close()) })
			must(t, r.Update(t.Context(), func(tx *replica.Tx) error {
				for _, i := range c.items {
					if err := tx.StoreItem(t.Context(), i); err != nil {
						return err
					}
				}
				return tx.StoreRequest(t.Context(), c.request)
			}))
			all, err := r.Requests(t.Context(), replica.ListParams{})
			must(t, err)
			row := all.Requests[0]
			if row.Phase != c.phase || row.Received != c.arrived || row.Awaited != c.awaited || row.Status != c.request.Status {
				t.Errorf("%s, %s: %d arrived, %d awaited", row.Status, row.Phase, row.Received, row.Awaited)
			}
			cell := row.Services[0]
			if cell.Connected != c.arrived || cell.Waiting != c.awaited || len(cell.Names) != c.arrived {
				t.Errorf("its service has %+v", cell)
			}
			found, err := r.CountRequests(t.Context(), replica.ListParams{Filter: replica.AwaitedRequests})
			must(t, err)
			totals, err := r.Totals(t.Context())
			must(t, err)
			if want := min(1, c.awaited); found != want || totals.Awaited != want {
				t.Errorf("the filter finds %d, the totals count %d; want %d", found, totals.Awaited, want)
			}
		})
	}
}
