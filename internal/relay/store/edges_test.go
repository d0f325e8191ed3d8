package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// asKnown is a request as the store has it now.
func (s *scene) asKnown(t *testing.T, id string) store.Request {
	t.Helper()
	r, err := s.Requests.Get(t.Context(), s.agency, id)
	must(t, err)
	return r
}

// events counts the events of a kind in a request's history.
func (s *scene) events(t *testing.T, request string, kind onboarding.EventKind) (n int) {
	t.Helper()
	r, err := s.Requests.Get(t.Context(), s.agency, request)
	must(t, err)
	for _, e := range r.Events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// emails lists of a request's emails what they are about, oldest first.
func (s *scene) emails(t *testing.T, request string) []store.Email {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `
		SELECT kind, service, visit, address FROM emails WHERE request = $1 ORDER BY created_ms, id`, request)
	must(t, err)
	var list []store.Email
	for rows.Next() {
		var email store.Email
		must(t, rows.Scan(&email.Kind, &email.Service, &email.Visit, &email.Address))
		list = append(list, email)
	}
	must(t, errors.Join(rows.Err(), rows.Close()))
	return list
}

// mailed counts the emails of a kind about a request.
func (s *scene) mailed(t *testing.T, request string, kind store.EmailKind) (n int) {
	t.Helper()
	for _, email := range s.emails(t, request) {
		if email.Kind == kind {
			n++
		}
	}
	return n
}

func TestWhatASignInBroughtGoesToItsDeviceWithItsCodeAndItsVerifier(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		device, other := s.device(t, "ana", "d1"), s.device(t, "ana", "d2")
		eve := onboarding.Member{ID: "eve", Email: "eve@other.example"}
		must(t, s.Agencies.Add(ctx, onboarding.Agency{ID: "other", Name: "Other"}, eve))
		start := func(id string) {
			must(t, s.Connections.Start(ctx, store.PendingConnection{
				ID: id, Agency: s.agency, Member: "ana", Device: device.ID, Platform: onboarding.Meta,
				Challenge: "challenge", StartHash: []byte("start of " + id), Expires: s.Now().Add(time.Minute),
			}))
		}
		start("x")
		code, until := []byte("code"), s.Now().Add(time.Minute)
		finish := func(agency, device, id string, code []byte, challenge string) error {
			_, err := s.Connections.Finish(ctx, agency, device, id, code, challenge)
			return err
		}
		wants(t, finish(s.agency, device.ID, "x", []byte{}, "challenge"), onboarding.ErrNotFound) // nothing has come back
		must(t, s.Connections.UsePending(ctx, "x", []byte("cookie"), until))
		wants(t, s.Connections.UsePending(ctx, "x", []byte("cookie"), until), onboarding.ErrConflict)
		wants(t, finish(s.agency, device.ID, "x", []byte{}, "challenge"), onboarding.ErrNotFound)
		result := store.PendingResult{
			Connection: onboarding.Connection{User: onboarding.Account{ID: "7", Name: "Ana"}},
			Deliveries: []store.Delivery{{Device: device.ID, Subject: "x", Version: 1, Sealed: []byte("sealed")}},
		}
		must(t, s.Connections.StoreResult(ctx, "x", code, result, until))
		wants(t, s.Connections.StoreResult(ctx, "x", []byte("later"), result, until), onboarding.ErrNotFound)
		start("y")
		for name, err := range map[string]error{
			"another agency":     finish("other", device.ID, "x", code, "challenge"),
			"another device":     finish(s.agency, other.ID, "x", code, "challenge"),
			"another sign-in":    finish(s.agency, device.ID, "y", code, "challenge"),
			"the wrong code":     finish(s.agency, device.ID, "x", []byte("edoc"), "challenge"),
			"the wrong verifier": finish(s.agency, device.ID, "x", code, "other"),
		} {
			t.Run(name, func(t *testing.T) { wants(t, err, onboarding.ErrNotFound) })
		}
		must(t, finish(s.agency, device.ID, "x", code, "challenge"))
		must(t, finish(s.agency, device.ID, "x", code, "challenge")) // an answer that was lost
		taken := store.PendingConnection{
			ID: "x", Agency: s.agency, Device: device.ID, StartHash: []byte("again"), Expires: until,
		}
		wants(t, s.Connections.Start(ctx, taken), onboarding.ErrConflict)
		taken.ID, taken.Device = "y", other.ID
		wants(t, s.Connections.Start(ctx, taken), onboarding.ErrConflict)
		s.advance(time.Minute)
		wants(t, finish(s.agency, device.ID, "x", code, "challenge"), onboarding.ErrNotFound)
		_, err := s.Connections.PendingByCode(ctx, []byte("start of y"))
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Connections.PendingByID(ctx, "y")
		wants(t, err, onboarding.ErrNotFound)
		wants(t, s.Connections.UsePending(ctx, "y", []byte("cookie"), s.Now().Add(time.Minute)), onboarding.ErrNotFound)
	})
}

// A call that was let in before its member was removed finds them gone.
func TestWhoWasRemovedMeanwhileLeavesNothingThatNobodyOwns(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		device, until := s.device(t, "ben", "d1"), s.Now().Add(time.Minute)
		must(t, s.Connections.Start(ctx, store.PendingConnection{
			ID: "x", Agency: s.agency, Member: "ben", Device: device.ID, Platform: onboarding.Meta,
			Challenge: "challenge", StartHash: []byte("start"), Expires: until,
		}))
		must(t, s.Connections.StoreResult(ctx, "x", []byte("code"), store.PendingResult{
			Connection: onboarding.Connection{User: onboarding.Account{ID: "7", Name: "Ben"}},
		}, until))
		must(t, s.Codes.Add(ctx, []byte("hash"), store.Code{
			ID: "code", Agency: s.agency, Member: "ben", Expires: s.Now().Add(store.CodeTTL),
		}))
		must(t, s.Members.Remove(ctx, s.agency, "ben", "ana"))
		_, err := s.Connections.Finish(ctx, s.agency, device.ID, "x", []byte("code"), "challenge")
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Requests.Save(ctx, s.agency, store.NewRequest{
			ID: "late", Owner: "ben", Client: "Harbour", Services: []onboarding.Service{onboarding.HubSpot},
			LinkID: []byte("0123456789abcdef"), Created: s.Now(),
		})
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Devices.Enrol(ctx, []byte("hash"), "Late", "key", []byte("token"))
		wants(t, err, onboarding.ErrNotFound)
	})
}

// TestAFinishedSignInIsToldAgainWithoutWhatTheDeviceHas: the answer to the
// first call may be lost after the device's other call acknowledged all.
func TestAFinishedSignInIsToldAgainWithoutWhatTheDeviceHas(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		device := s.device(t, "ana", "d1")
		until := s.Now().Add(time.Minute)
		must(t, s.Connections.Start(ctx, store.PendingConnection{
			ID: "x", Agency: s.agency, Member: "ana", Device: device.ID, Platform: onboarding.Meta,
			Challenge: "challenge", StartHash: []byte("start"), Expires: until,
		}))
		must(t, s.Connections.StoreResult(ctx, "x", []byte("code"), store.PendingResult{
			Connection: onboarding.Connection{User: onboarding.Account{ID: "7", Name: "Ana"}},
			Deliveries: []store.Delivery{{Device: device.ID, Subject: "x", Version: 1, Sealed: []byte("sealed")}},
		}, until))
		first, err := s.Connections.Finish(ctx, s.agency, device.ID, "x", []byte("code"), "challenge")
		must(t, err)
		if len(first.Deliveries) != 1 {
			t.Fatalf("the device is given %+v", first.Deliveries)
		}
		must(t, s.Deliveries.Acknowledge(ctx, s.agency, device.ID, []string{first.Deliveries[0].ID}))
		again, err := s.Connections.Finish(ctx, s.agency, device.ID, "x", []byte("code"), "challenge")
		must(t, err)
		if !reflect.DeepEqual(again.Connection, first.Connection) || len(again.Deliveries) != 0 {
			t.Errorf("asked again it is %+v, want %+v without its delivery", again, first)
		}
	})
}

func TestAnAddressBelongsToOneMemberAndAnIDToOnePerson(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		eve := onboarding.Member{ID: "eve", Name: "Eve Moss", Email: "eve@other.example", Role: onboarding.MainUser}
		must(t, s.Agencies.Add(ctx, onboarding.Agency{ID: "other", Name: "Other"}, eve))
		again := s.ben
		again.Name, again.Email = "Renamed", "elsewhere@acme.example"
		must(t, s.Members.Invite(ctx, s.agency, again))
		kept, err := s.Members.Get(ctx, s.agency, "ben")
		if err != nil || kept.Name != s.ben.Name || kept.Email != s.ben.Email {
			t.Errorf("invited again he became %+v, %v", kept, err)
		}
		double := onboarding.Member{ID: "new", Name: "New", Email: "BEN@acme.example", Role: onboarding.SubUser}
		wants(t, s.Members.Invite(ctx, s.agency, double), onboarding.ErrInvalid)
		theirs := onboarding.Member{ID: "eve", Name: "New", Email: "new@acme.example", Role: onboarding.SubUser}
		wants(t, s.Members.Invite(ctx, s.agency, theirs), onboarding.ErrConflict)
		must(t, s.Members.Remove(ctx, s.agency, "ben", "ana"))
		wants(t, s.Members.Invite(ctx, s.agency, s.ben), onboarding.ErrConflict)
		must(t, s.Members.Invite(ctx, s.agency, double)) // the address is free again
	})
}

func TestOneMainUserStays(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		wants(t, s.Members.Update(ctx, s.agency, "ana", "Ana", onboarding.SubUser), onboarding.ErrConflict)
		wants(t, s.Members.Remove(ctx, s.agency, "ana", "ben"), onboarding.ErrConflict)
		must(t, s.Members.Update(ctx, s.agency, "ana", "Ana", onboarding.MainUser)) // a name is free
		must(t, s.Members.Update(ctx, s.agency, "ben", "Ben", onboarding.SubUser))  // so is a sub-user's
		wants(t, s.Members.Remove(ctx, s.agency, "ben", "ben"), onboarding.ErrInvalid)
		wants(t, s.Members.Remove(ctx, s.agency, "ben", "nobody"), onboarding.ErrInvalid)
		wants(t, s.Members.Remove(ctx, s.agency, "nobody", "ana"), onboarding.ErrNotFound)
		must(t, s.Members.Update(ctx, s.agency, "ben", "Ben", onboarding.MainUser))
		must(t, s.Members.Update(ctx, s.agency, "ana", "Ana", onboarding.SubUser))
		must(t, s.Members.Remove(ctx, s.agency, "ana", "ben"))
		must(t, s.Members.Remove(ctx, s.agency, "ana", "ben"))
		wants(t, s.Members.Update(ctx, s.agency, "ana", "Ana", onboarding.SubUser), onboarding.ErrNotFound)
	})
}

func TestACodeEnrolsNobodyWhoMayNotJoin(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		enrol := func(code, key string) (store.Device, error) {
			return s.Devices.Enrol(ctx, []byte(code), "Laptop", key, []byte("token of "+code+key))
		}
		add := func(code, member string) {
			kept := store.Code{ID: code, Agency: s.agency, Member: member, Expires: s.Now().Add(time.Minute)}
			must(t, s.Codes.Add(ctx, []byte(code), kept))
		}
		suspend := func(on bool) {
			_, err := s.Agencies.Update(ctx, s.agency, func(a *onboarding.Agency) error { a.Suspended = on; return nil })
			must(t, err)
		}
		add("c", "ben")
		suspend(true)
		_, err := enrol("c", "key")
		wants(t, err, onboarding.ErrSuspended)
		suspend(false)
		first, err := enrol("c", "key")
		if err != nil || first.Approved == 0 {
			t.Fatalf("his first computer: %+v and %v", first, err)
		}
		_, err = enrol("c", "other key")
		wants(t, err, onboarding.ErrConflict)
		if again, err := enrol("c", "key"); err != nil || again.ID != first.ID {
			t.Errorf("an answer that was lost: %+v and %v", again, err)
		}
		s.advance(time.Second)
		must(t, s.Devices.MarkSeen(ctx, first.ID))
		s.advance(time.Second)
		_, err = enrol("c", "key")
		wants(t, err, onboarding.ErrConflict)
		s.save(t, "r1", "ben")
		_, err = s.Items.Put(ctx, s.agency, store.SharedItem{
			Item: onboarding.Item{
				ID: "item", Version: 1, Request: "r1", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: "1",
				Name: "Portal", State: onboarding.ItemConnected,
			},
			Deliveries: []store.Delivery{{Device: first.ID, Subject: "item", IsItem: true, Version: 1, Sealed: []byte("s")}},
		})
		must(t, err)
		add("second", "ben")
		add("late", "ben")
		add("gone", "ben")
		if second, err := enrol("second", "key 2"); err != nil || second.Approved != 0 {
			t.Errorf("a second computer, which somebody has to approve: %+v and %v", second, err)
		}
		must(t, s.Codes.Withdraw(ctx, s.agency, "gone"))
		_, err = enrol("gone", "key 3")
		wants(t, err, onboarding.ErrNotFound)
		before := s.count(t, `SELECT count(*) FROM devices`)
		s.advance(time.Minute)
		_, err = enrol("late", "key 3")
		wants(t, err, onboarding.ErrNotFound)
		add("ana's", "ben")
		must(t, s.Members.Remove(ctx, s.agency, "ben", "ana"))
		_, err = enrol("ana's", "key 4")
		wants(t, err, onboarding.ErrNotFound)
		if s.count(t, `SELECT count(*) FROM devices`) != before {
			t.Error("there is a computer of who may not join")
		}
	})
}

func TestAShareBeginsAnewOnlyWhereItFailed(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		asset := func(account string) onboarding.Item {
			return onboarding.Item{Service: onboarding.Facebook, Kind: onboarding.Page, Account: account, Name: "now " + account,
				Failure: "left over", Reference: "R", By: onboarding.Person{Name: "Lena"}}
		}
		all := []onboarding.Item{asset("connected"), asset("waiting"), asset("failed")}
		kept, err := s.Items.StartSharing(ctx, s.agency, "r1", all)
		must(t, err)
		for n, state := range []onboarding.ItemState{
			onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemFailed,
		} {
			if kept[n].State != onboarding.ItemSharing || kept[n].Failure != "" || kept[n].Reference != "" {
				t.Errorf("at first: %+v", kept[n])
			}
			kept[n].State, kept[n].Failure, kept[n].Reference = state, "code", "ref"
			_, err := s.Items.EndSharing(ctx, s.agency, kept[n])
			must(t, err)
		}
		for n := range all {
			all[n].Name = "later"
		}
		again, err := s.Items.StartSharing(ctx, s.agency, "r1", all)
		must(t, err)
		want := []onboarding.ItemState{onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemSharing}
		for n, item := range again {
			fresh := want[n] == onboarding.ItemSharing
			if item.State != want[n] || item.ID != kept[n].ID ||
				(item.Failure == "") != fresh || (item.Name == "later") != fresh {
				t.Errorf("shared again: %+v", item)
			}
		}
		_, err = s.Requests.Withdraw(ctx, s.agency, "r1", "Ana")
		must(t, err)
		_, err = s.Items.StartSharing(ctx, s.agency, "r1", all)
		wants(t, err, onboarding.ErrWithdrawn)
	})
}

func TestAShareThatFailsDoesNotBringBackWhatHadEnded(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		share := func(state onboarding.ItemState) onboarding.Item {
			t.Helper()
			begun, err := s.Items.StartSharing(ctx, s.agency, "r1", []onboarding.Item{{
				Service: onboarding.Facebook, Kind: onboarding.Page, Account: "page", Name: "Page",
				By: onboarding.Person{Name: "Lena"},
			}})
			must(t, err)
			begun[0].State = state
			ended, err := s.Items.EndSharing(ctx, s.agency, begun[0])
			must(t, err)
			return ended
		}
		item := share(onboarding.ItemConnected)
		_, err := s.Items.ReportAccess(ctx, s.agency, item.ID, store.AccessReport{Access: onboarding.Access{
			State: onboarding.AccessBroken, Failure: "share_removed", Checked: s.Now(),
		}})
		must(t, err)
		_, err = s.Items.EndAccess(ctx, s.agency, item.ID, store.Ending{By: "Ana", Proven: true})
		must(t, err)
		if again := share(onboarding.ItemFailed); again.State != onboarding.ItemFailed || again.Connected != 0 {
			t.Errorf("a new share of it failed: %+v", again)
		}
	})
}

func TestALateItemCompletesOnlyWhatWaitsForIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for name, c := range map[string]struct {
			withdraw bool
			state    onboarding.ItemState
			status   onboarding.Status
		}{
			"connected":            {false, onboarding.ItemConnected, onboarding.Connected},
			"failed":               {false, onboarding.ItemFailed, onboarding.Pending},
			"of a withdrawn one":   {true, onboarding.ItemConnected, onboarding.Pending},
			"of one that waits on": {false, onboarding.ItemWaiting, onboarding.Pending},
		} {
			s.save(t, name, "ana")
			v := s.visit(t, name, "visit of "+name)
			item := s.portal(t, name, "1 "+name, onboarding.ItemWaiting)
			ended, err := s.Requests.Finish(ctx, v, box(v))
			if err != nil || ended.Outcome != store.FinishedWaiting {
				t.Fatalf("%s: finished as %s, %v", name, ended.Outcome, err)
			}
			if c.withdraw {
				_, err := s.Requests.Withdraw(ctx, s.agency, name, "Ana")
				must(t, err)
			}
			item.State = c.state
			_, err = s.Items.EndSharing(ctx, s.agency, item)
			must(t, err)
			if r := s.asKnown(t, name); r.Status != c.status || (r.Completed != 0) != (c.status == onboarding.Connected) {
				t.Errorf("%s: the request is %s, completed %d", name, r.Status, r.Completed)
			}
			if n := s.mailed(t, name, store.EmailCompletion); (n == 1) != (c.status == onboarding.Connected) {
				t.Errorf("%s: %d emails say that it is complete", name, n)
			}
		}
	})
}

func TestAFinishIsOfThisLinkAndKnowsItsEmail(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for name, c := range map[string]struct {
			number    int
			email     string
			confirmed bool
		}{
			"from their email":               {1, "Lena@harbour.example", true},
			"from a copied link":             {0, "lena@harbour.example", false},
			"from somebody else's email":     {2, "lena@harbour.example", false},
			"from an email that is not sent": {9, "lena@harbour.example", false},
		} {
			r := s.save(t, name, "ana")
			_, err := s.Requests.Send(ctx, s.agency, name, []store.NewRecipient{
				to(name+"1", "lena@harbour.example"), to(name+"2", name[:4]+"other@harbour.example"),
			}, onboarding.Limits{AgencyAddressesPerDay: 1000, RequestAddresses: 1000, AddressEmails: 1000}.OrDefault())
			must(t, err)
			s.advance(2 * time.Minute)
			v := store.Visit{
				ID: "v" + name, Request: name, Agency: s.agency, CookieHash: []byte(name), Version: r.LinkVersion,
				Recipient: c.number, Name: "Lena Park", Email: c.email,
			}
			must(t, s.Visits.Start(ctx, v))
			s.portal(t, name, "1", onboarding.ItemConnected)
			older := v
			older.Version++
			_, err = s.Requests.Finish(ctx, older, box(older))
			wants(t, err, onboarding.ErrLinkSuperseded)
			ended, err := s.Requests.Finish(ctx, v, box(v))
			must(t, err)
			if ended.Outcome != store.FinishedConnected || ended.Request.Confirmed != c.confirmed {
				t.Errorf("%s: %s, confirmed %v, want %v", name, ended.Outcome, ended.Request.Confirmed, c.confirmed)
			}
		}
	})
}

func TestAReceiptIsForWhoConnectedSomethingOnceEach(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		r := s.save(t, "r1", "ana")
		enter := func(id, email string) store.Visit {
			v := store.Visit{
				ID: id, Request: "r1", Agency: s.agency, CookieHash: []byte(id), Version: r.LinkVersion, Name: id, Email: email,
			}
			must(t, s.Visits.Start(ctx, v))
			return v
		}
		state := func(v store.Visit, want store.ReceiptState) {
			t.Helper()
			got, err := s.Receipts.State(ctx, v, box(v))
			want.Due = got.Due
			if err != nil || got != want {
				t.Errorf("the receipt of %s: got %+v and %v, want %+v", v.Name, got, err, want)
			}
		}
		none, open := store.ReceiptState{}, store.ReceiptState{Gets: true, Ask: true}
		again := store.ReceiptState{Gets: true, Ask: true, Email: onboarding.EmailQueued}
		asked := store.ReceiptState{Gets: true, Email: onboarding.EmailQueued}
		helped, idle := enter("Lena", "LENA@harbour.example"), enter("Otto", "otto@harbour.example")
		last := enter("Mina", "mina@harbour.example")
		s.portal(t, "r1", "1", onboarding.ItemConnected) // by lena@
		if asked, err := s.Receipts.Ask(ctx, helped, box(helped)); asked || err != nil {
			t.Errorf("asked for before the finish: %v, %v", asked, err)
		}
		s.advance(time.Minute)
		_, err := s.Requests.Finish(ctx, last, box(last))
		must(t, err)
		s.advance(time.Minute)
		state(helped, open)
		state(idle, none)
		state(last, again) // one went by itself, one more may be asked for
		for _, v := range []store.Visit{helped, last} {
			for range 2 {
				if asked, err := s.Receipts.Ask(ctx, v, box(v)); !asked || err != nil {
					t.Errorf("%s asks: %v, %v", v.Name, asked, err)
				}
				state(v, asked)
			}
		}
		if asked, err := s.Receipts.Ask(ctx, idle, box(idle)); asked || err != nil {
			t.Errorf("who connected nothing asks: %v, %v", asked, err)
		}
		if n := s.mailed(t, "r1", store.EmailReceipt); n != 3 {
			t.Errorf("%d receipts are mailed, want 3", n)
		}
	})
}

func TestOpeningAndSkippingAreNotedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		two := []store.NewRecipient{to("a", "a@x.example"), to("b", "b@x.example")}
		_, err := s.Requests.Send(ctx, s.agency, "r1", two, onboarding.Limits{}.OrDefault())
		must(t, err)
		must(t, s.Requests.MarkOpened(ctx, s.agency, "r1", 0))
		at := s.Now()
		s.advance(time.Minute)
		must(t, s.Requests.MarkOpened(ctx, s.agency, "r1", 2))
		s.advance(time.Minute)
		must(t, s.Requests.MarkOpened(ctx, s.agency, "r1", 2))
		r, err := s.Requests.Get(ctx, s.agency, "r1")
		must(t, err)
		if r.Opened != at || r.Recipients[0].Opened != 0 || r.Recipients[1].Opened != at.Add(time.Minute) ||
			s.events(t, "r1", onboarding.EventOpened) != 1 {
			t.Errorf("opened three times: %+v", r)
		}
		skip := onboarding.Skip{Service: onboarding.HubSpot, Reason: "no"}
		for range 2 {
			must(t, s.Requests.Skip(ctx, s.agency, "r1", "Lena", skip))
		}
		if n := s.events(t, "r1", onboarding.EventSkipped); n != 1 {
			t.Errorf("the same skip twice is %d events", n)
		}
		skip.Reason = "never"
		must(t, s.Requests.Skip(ctx, s.agency, "r1", "Lena", skip))
		s.portal(t, "r1", "1", onboarding.ItemFailed)
		if skips, err := s.Requests.Skips(ctx, "r1"); err != nil || !slices.Equal(skips, []onboarding.Skip{skip}) {
			t.Errorf("after a failure the skips are %v, %v", skips, err)
		}
		s.portal(t, "r1", "2", onboarding.ItemWaiting)
		if skips, err := s.Requests.Skips(ctx, "r1"); err != nil || len(skips) != 0 {
			t.Errorf("what is provided stays skipped: %v, %v", skips, err)
		}
		must(t, s.Requests.Skip(ctx, s.agency, "r1", "Lena", skip)) // the rest of the service
		s.portal(t, "r1", "2", onboarding.ItemConnected)
		if skips, err := s.Requests.Skips(ctx, "r1"); err != nil || !slices.Equal(skips, []onboarding.Skip{skip}) {
			t.Errorf("once what waited is approved the skips are %v, %v", skips, err)
		}
		_, err = s.Requests.Withdraw(ctx, s.agency, "r1", "Ana")
		must(t, err)
		wants(t, s.Requests.MarkOpened(ctx, s.agency, "r1", 1), onboarding.ErrWithdrawn)
		wants(t, s.Requests.Skip(ctx, s.agency, "r1", "Lena", skip), onboarding.ErrWithdrawn)
	})
}

func TestACheckIsActedOnWhenItFindsSomethingElse(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		i := s.portal(t, "r1", "1", onboarding.ItemConnected)
		report := func(state onboarding.AccessState, failure string, tell bool) onboarding.Access {
			t.Helper()
			s.advance(time.Minute)
			found := onboarding.Access{State: state, Failure: failure, Code: failure}
			got, err := s.Items.ReportAccess(ctx, s.agency, i.ID, store.AccessReport{Access: found, EmailOwner: tell})
			must(t, err)
			return got
		}
		expect := func(what string, broken, works, emails int) {
			t.Helper()
			if b, w, l := s.events(t, "r1", onboarding.EventAccessBroken), s.events(t, "r1", onboarding.EventAccessWorks),
				s.mailed(t, "r1", store.EmailAgencySideProblem); b != broken || w != works || l != emails {
				t.Errorf("%s: broken %d, works %d, emails %d, want %d, %d, %d", what, b, w, l, broken, works, emails)
			}
		}
		first := report(onboarding.AccessWorks, "", true)
		if first.Failure != "" || first.Since != s.Now() {
			t.Errorf("what works from the start: %+v", first)
		}
		if again := report(onboarding.AccessWorks, "", true); again.Since != first.Since || again.Checked != s.Now() {
			t.Errorf("still working: %+v", again)
		}
		lacks := report(onboarding.AccessWorks, "account_restricted", false)
		if lacks.Failure != "account_restricted" || lacks.Code != "account_restricted" || lacks.Since != s.Now() {
			t.Errorf("what works with a failure: %+v", lacks)
		}
		if solved := report(onboarding.AccessWorks, "", true); solved.Failure != "" || solved.Since != s.Now() {
			t.Errorf("after that was solved: %+v", solved)
		}
		expect("it works all the time", 0, 0, 0)
		since := report(onboarding.AccessBroken, "one", true).Since
		expect("it broke", 1, 0, 1)
		report(onboarding.AccessBroken, "one", true)
		expect("it is broken still", 1, 0, 1)
		if other := report(onboarding.AccessBroken, "two", true); other.Since == since {
			t.Error("another failure is as old as the first")
		}
		expect("for another reason", 1, 0, 1)
		report(onboarding.AccessWorks, "", true)
		expect("it works again", 1, 1, 1)
		report(onboarding.AccessBroken, "one", false)
		expect("it broke, and nobody is told", 2, 1, 1)
		_, err := s.Items.EndAccess(ctx, s.agency, i.ID, store.Ending{By: "Ana", Proven: true})
		must(t, err)
		works := store.AccessReport{Access: onboarding.Access{State: onboarding.AccessWorks}}
		_, err = s.Items.ReportAccess(ctx, s.agency, i.ID, works)
		wants(t, err, onboarding.ErrConflict)
	})
}

func TestClientsReadThatAServiceWorksWhenTheAgencyFixedThatOne(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		s.visit(t, "r1", "v1")
		problem := func(kind store.EmailKind, service onboarding.Service, failure string) {
			t.Helper()
			s.advance(time.Minute)
			must(t, s.Emails.Enqueue(ctx, store.Email{
				Agency: s.agency, Kind: kind, Request: "r1", Member: "ana", Service: service, Failure: failure,
			}, s.Now().Add(-time.Hour)))
		}
		works := func(item onboarding.Item) {
			t.Helper()
			for _, state := range []onboarding.AccessState{onboarding.AccessWaiting, onboarding.AccessWorks} {
				s.advance(time.Minute)
				_, err := s.Items.ReportAccess(ctx, s.agency, item.ID, store.AccessReport{
					Access: onboarding.Access{State: state},
				})
				must(t, err)
			}
		}
		expect := func(what string, want ...onboarding.Service) {
			t.Helper()
			var got []onboarding.Service
			for _, email := range s.emails(t, "r1") {
				if email.Kind == store.EmailAccessWorks {
					got = append(got, email.Service)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: the client reads that %v can be connected, want %v", what, got, want)
			}
		}
		hubspot := s.portal(t, "r1", "1", onboarding.ItemConnected)
		problem(store.EmailAgencySideProblem, "mailchimp", "app_not_approved")
		works(hubspot)
		expect("another service works")
		problem(store.EmailAgencySideProblem, onboarding.HubSpot, "app_not_approved")
		problem(store.EmailAgencySideProblem, "mailchimp", "agency_side")
		works(hubspot)
		expect("HubSpot works", onboarding.HubSpot)
		works(hubspot)
		expect("HubSpot works once more", onboarding.HubSpot)
		s.device(t, "ana", "d1")
		expect("a device joins that nobody missed", onboarding.HubSpot)
		problem(store.EmailNoDevice, onboarding.Facebook, "")
		problem(store.EmailNoDevice, "mailchimp", "") // the same thing
		problem(store.EmailAgencySideProblem, onboarding.HubSpot, "app_not_approved")
		s.advance(time.Minute)
		s.device(t, "ana", "d2")
		expect("a device joins", onboarding.HubSpot, onboarding.Facebook)
		works(hubspot)
		expect("HubSpot works again", onboarding.HubSpot, onboarding.Facebook, onboarding.HubSpot)
	})
}

// visitAs is a visit whose client typed an address.
func (s *scene) visitAs(t *testing.T, request, id, address string) {
	t.Helper()
	r, err := s.Requests.Get(t.Context(), s.agency, request)
	must(t, err)
	must(t, s.Visits.Start(t.Context(), store.Visit{
		ID: id, Request: request, Agency: s.agency, CookieHash: []byte("cookie of " + id), Version: r.LinkVersion,
		Name: "Lena Park", Email: address,
	}))
}

func TestAccessThatWorksAgainAndAgainIsToldToFewAddressesThatWereOnlyTyped(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.invite(t, "r1", "lena")
		portal := s.portal(t, "r1", "1", onboarding.ItemConnected)
		for round := range 3 {
			for n := range 4 {
				s.visitAs(t, "r1", fmt.Sprint("v", round, n), fmt.Sprintf("victim%d%d@x.example", round, n))
			}
			s.visitAs(t, "r1", fmt.Sprint("lena", round), "Lena@harbour.example")
			s.advance(time.Minute)
			must(t, s.Emails.Enqueue(t.Context(), store.Email{
				Agency: s.agency, Kind: store.EmailAgencySideProblem, Request: "r1", Member: "ana",
				Service: onboarding.HubSpot, Failure: "app_not_approved",
			}, s.Now().Add(-time.Hour)))
			for _, state := range []onboarding.AccessState{onboarding.AccessWaiting, onboarding.AccessWorks} {
				s.advance(time.Minute)
				_, err := s.Items.ReportAccess(t.Context(), s.agency, portal.ID, store.AccessReport{
					Access: onboarding.Access{State: state},
				})
				must(t, err)
			}
		}
		victims, lenas := map[string]bool{}, 0
		for _, email := range s.emails(t, "r1") {
			if email.Kind != store.EmailAccessWorks {
				continue
			}
			if strings.HasPrefix(email.Visit, "lena") {
				lenas++
			} else {
				victims[email.Visit] = true
			}
		}
		if len(victims) != 5 || lenas != 3 {
			t.Errorf("%d addresses that were only typed were written to, want 5; who was invited was told %d times, want 3",
				len(victims), lenas)
		}
	})
}

func TestTheAgencyReadsOfEachServiceThatItHasToFixOnceADay(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		enqueue := func(service onboarding.Service, failure string) {
			t.Helper()
			must(t, s.Emails.Enqueue(t.Context(), store.Email{
				Agency: s.agency, Kind: store.EmailAgencySideProblem, Request: "r1", Member: "ana", Service: service,
				Failure: failure,
			}, s.Now().Add(-24*time.Hour)))
		}
		for range 2 {
			enqueue(onboarding.HubSpot, "app_not_approved")
			enqueue(onboarding.HubSpot, "agency_side")
			enqueue("mailchimp", "app_not_approved")
		}
		if n := s.mailed(t, "r1", store.EmailAgencySideProblem); n != 3 {
			t.Errorf("the agency got %d emails about three problems", n)
		}
		s.advance(25 * time.Hour)
		enqueue("mailchimp", "app_not_approved")
		if n := s.mailed(t, "r1", store.EmailAgencySideProblem); n != 4 {
			t.Errorf("a day later the agency has %d emails, want one more", n)
		}
	})
}

func TestAVisitThatHasEndedKeepsNothingMore(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		until := s.Now().Add(2 * time.Hour)
		for _, id := range []string{"ended", "idle", "used", "over"} {
			s.visit(t, "r1", id)
			must(t, s.Visits.StoreToken(ctx, id, onboarding.Account{ID: "7", Name: "Mina"}, []byte("sealed"), until))
		}
		must(t, s.Visits.End(ctx, "ended"))
		ends := s.Now()
		s.advance(time.Hour)
		must(t, s.Visits.End(ctx, "ended"))
		must(t, s.Visits.StoreToken(ctx, "ended", onboarding.Account{ID: "8"}, []byte("sealed"), until))
		must(t, s.Visits.SaveState(ctx, "ended", "{}"))
		v, err := s.Visits.Get(ctx, "ended")
		if err != nil || v.Ended != ends || len(v.SealedToken) != 0 || v.User.ID != "" || v.State != "" {
			t.Errorf("an ended visit is %+v, %v", v, err)
		}
		must(t, s.Visits.UseToken(ctx, "used"))
		must(t, s.Visits.StoreToken(ctx, "over", onboarding.Account{ID: "7"}, []byte("sealed"), s.Now()))
		must(t, s.Visits.DropIdleTokens(ctx, s.Now().Add(-time.Hour)))
		for id, kept := range map[string]bool{"idle": false, "used": true, "over": false} {
			if v, err := s.Visits.Get(ctx, id); err != nil || (len(v.SealedToken) > 0) != kept {
				t.Errorf("%s: the sign-in is kept %v, want %v (%v)", id, len(v.SealedToken) > 0, kept, err)
			}
		}
		if visits, err := s.Visits.ListByRequest(ctx, "r1"); err != nil || len(visits) != 3 {
			t.Errorf("%d visits go on, want 3 (%v)", len(visits), err)
		}
	})
}

func TestALinkIsRenewedWhenItIsOverAndOnlyThen(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		r := s.save(t, "r1", "ana")
		renew := func(from int) error {
			_, err := s.Requests.Renew(ctx, s.agency, "r1", store.NewLink{From: from, Who: "Ana"})
			return err
		}
		s.advance(time.Duration(r.Expires-s.Now()-1) * time.Millisecond)
		wants(t, renew(1), onboarding.ErrConflict)
		s.advance(time.Millisecond)
		must(t, renew(1))
		must(t, renew(1)) // another hub's, at the same moment
		if now := s.asKnown(t, "r1"); now.LinkVersion != 2 || s.events(t, "r1", onboarding.EventRenewed) != 1 {
			t.Errorf("renewed twice from one version: %+v", now)
		}
		wants(t, renew(2), onboarding.ErrConflict)
		_, err := s.Requests.Archive(ctx, s.agency, "r1", true)
		wants(t, err, onboarding.ErrConflict)
		_, err = s.Requests.Withdraw(ctx, s.agency, "r1", "Ana")
		must(t, err)
		wants(t, renew(2), onboarding.ErrWithdrawn)
		_, err = s.Requests.Reopen(ctx, s.agency, "r1", store.NewLink{From: 2, Who: "Ana"})
		wants(t, err, onboarding.ErrWithdrawn)
		hidden, err := s.Requests.Archive(ctx, s.agency, "r1", true)
		must(t, err)
		at := s.Now()
		s.advance(time.Hour)
		again, err := s.Requests.Archive(ctx, s.agency, "r1", true)
		if err != nil || hidden.Archived != at || again.Archived != at {
			t.Errorf("archived at %d and %d, want %d (%v)", hidden.Archived, again.Archived, at, err)
		}
		if shown, err := s.Requests.Archive(ctx, s.agency, "r1", false); err != nil || shown.Archived != 0 {
			t.Errorf("shown again it is archived at %d (%v)", shown.Archived, err)
		}
	})
}

// TestOneReceiptIsWholeWhoeverAsksInTheSameMillisecond: the clock does not
// move between the finish and another client's question.
func TestOneReceiptIsWholeWhoeverAsksInTheSameMillisecond(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "r1", "ana")
		first, second := s.visit(t, "r1", "v1"), s.visit(t, "r1", "v2")
		second.Email = "omar@harbour.example"
		for _, by := range []string{first.Email, second.Email} {
			plan, err := s.Items.Plan(t.Context(), s.agency, store.ItemKey{
				Request: "r1", Owner: "ana", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: by,
			})
			must(t, err)
			_, err = s.Items.Put(t.Context(), s.agency, store.SharedItem{Item: onboarding.Item{
				ID: plan.ID, Version: plan.Version, Request: "r1", Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
				Account: by, Name: by, State: onboarding.ItemConnected, By: onboarding.Person{Name: by, Email: by},
			}})
			must(t, err)
		}
		_, err := s.Requests.Finish(t.Context(), first, box(first))
		must(t, err)
		asked, err := s.Receipts.Ask(t.Context(), second, box(second))
		must(t, err)
		if !asked {
			t.Fatal("who connected something gets no receipt")
		}
		whole := func(visit string, want bool) {
			t.Helper()
			receipt, err := s.Receipts.GetByVisit(t.Context(), visit)
			must(t, err)
			if receipt.Whole != want {
				t.Errorf("the receipt of %s is whole: %v, want %v", visit, receipt.Whole, want)
			}
		}
		whole("v1", true)
		whole("v2", false)
		_, err = s.Requests.Reopen(t.Context(), s.agency, "r1", store.NewLink{From: 1, Who: "Ana Ruiz"})
		must(t, err)
		whole("v1", false)
	})
}
