package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestARequestThatLacksAnEndingIsReplacedByTheHubsCopy(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for name, end := range map[string]func(r *store.Request){
			"a finish":          func(r *store.Request) { r.Finished, r.CompletedBy.Name = s.Now(), "Lena Park" },
			"a withdrawal":      func(r *store.Request) { r.Withdrawn = s.Now() },
			"a newer link":      func(r *store.Request) { r.LinkVersion, r.Renewed = 2, s.Now() },
			"an email unwanted": func(r *store.Request) { r.Recipients[0].Stopped = s.Now() },
		} {
			id := "of " + name
			s.save(t, id, "ana")
			_, err := s.Requests.Send(ctx, s.agency, id, []store.NewRecipient{to("to "+id, id+"@harbour.example")},
				onboarding.Limits{})
			must(t, err)
			v := s.visit(t, id, "visit "+id)
			restored := s.asKnown(t, id)
			must(t, s.Changes.InvalidateCursors(ctx))
			offered := s.asKnown(t, id)
			end(&offered)
			unwanted := map[string][]byte{}
			if offered.Recipients[0].Stopped != 0 {
				unwanted[offered.Recipients[0].ID] = hashed(id + "@harbour.example")[0]
			}
			same, err := s.Requests.Resubmit(ctx, restored, nil, nil, "Ana Ruiz")
			must(t, err)
			if same.IsAheadOf(restored.Request) || restored.IsAheadOf(same.Request) {
				t.Errorf("%s: offered as it is, it changed", name)
			}
			got, err := s.Requests.Resubmit(ctx, offered, nil, unwanted, "Ana Ruiz")
			must(t, err)
			if offered.IsAheadOf(got.Request) || len(got.Recipients) != 1 {
				t.Errorf("%s did not come back: %+v", name, got.Request)
			}
			_, err = s.Visits.Get(ctx, v.ID)
			wants(t, err, onboarding.ErrNotFound)
			older, err := s.Requests.Resubmit(ctx, restored, nil, nil, "Ana Ruiz")
			if err != nil || offered.IsAheadOf(older.Request) {
				t.Errorf("%s: an older copy took its place: %v", name, err)
			}
			if unwanted[offered.Recipients[0].ID] != nil {
				if stopped, err := s.Emails.IsSuppressed(ctx, s.agency, hashed(id+"@harbour.example")); err != nil || !stopped {
					t.Errorf("%s: the address gets emails again: %v", name, err)
				}
			}
		}
	})
}

func TestAHistoryGoesOnWhenAHubGivesAnEndingBack(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		s.save(t, "r1", "ana")
		before, err := s.Requests.Audit(ctx, "r1", 0, 10)
		must(t, err)
		offered := s.asKnown(t, "r1")
		offered.Withdrawn = s.Now()
		offered.Audit.Hash = []byte(strings.Repeat("x", 32))
		offered.Events = []onboarding.Event{{ID: "e9", At: s.Now(), Kind: onboarding.EventWithdrawn, Who: "Ana Ruiz"}}
		same, err := s.Requests.Resubmit(ctx, offered, nil, nil, "Ana Ruiz")
		must(t, err)
		if same.Withdrawn != 0 || same.Audit.Length != before.Head.Length {
			t.Errorf("nothing was restored, and it became %+v", same.Request)
		}
		must(t, s.Changes.InvalidateCursors(ctx))
		got, err := s.Requests.Resubmit(ctx, offered, nil, nil, "Ana Ruiz")
		must(t, err)
		after, err := s.Requests.Audit(ctx, "r1", 0, 10)
		must(t, err)
		if found := after.Verify(onboarding.SeenHead{AuditHead: before.Head, Seen: 1}); len(found) != 0 {
			t.Errorf("found %v", found)
		}
		var kinds []onboarding.EventKind
		for _, e := range got.Events {
			kinds = append(kinds, e.Kind)
		}
		last := got.Events[len(got.Events)-1]
		if !slices.Equal(kinds, []onboarding.EventKind{
			onboarding.EventSaved, onboarding.EventWithdrawn, onboarding.EventResubmitted,
		}) || last.Who != "Ana Ruiz" || last.Detail != onboarding.AuditCode(offered.Audit.Hash) || got.Withdrawn == 0 {
			t.Errorf("it came back with %+v", got.Events)
		}
		s.advance(time.Hour)
		s.save(t, "r2", "ana") // after the restore: it lacks nothing
		later := s.asKnown(t, "r2")
		later.Withdrawn = s.Now()
		if r, err := s.Requests.Resubmit(ctx, later, nil, nil, "Ana Ruiz"); err != nil || r.Withdrawn != 0 {
			t.Errorf("a request of after the restore became %+v, %v", r.Request, err)
		}
	})
}

func TestARestoredAgencysWebhooksAreOff(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for id, on := range map[string]bool{"used": true, "used too": true, "switched off": false} {
			_, err := s.Webhooks.Save(ctx, store.Webhook{Agency: s.agency, Sealed: []byte("sealed"), Webhook: onboarding.Webhook{
				ID: id, Name: "News " + id, Form: onboarding.WebhookProgram, Host: "acme.example", Owner: "ana", On: on,
				Kinds: onboarding.AllNewsKinds(),
			}})
			must(t, err)
		}
		_, err := s.Agencies.MarkRestored(ctx)
		must(t, err)
		s.wantMails(t, store.EmailWebhooksOff, "ana") // one names them all
		for id, off := range map[string]onboarding.DeliveryError{
			"used": onboarding.DeliveryRestored, "used too": onboarding.DeliveryRestored, "switched off": "",
		} {
			if w, err := s.Webhooks.Get(ctx, s.agency, id); err != nil || w.On || w.Off != off {
				t.Errorf("%s: it is %+v, %v", id, w.Webhook, err)
			}
		}
		changes, err := s.Changes.After(ctx, s.agency, s.ana, store.Cursor{})
		must(t, err)
		if got := changes.Agency.WebhooksOff; !slices.Equal(got, []string{"News used", "News used too"}) {
			t.Errorf("the hubs read %v", got)
		}
		changes, err = s.Changes.After(ctx, s.agency, s.ben, store.Cursor{})
		must(t, err)
		if got := changes.Agency.WebhooksOff; len(got) != 0 {
			t.Errorf("the hubs of a sub-user read %v", got)
		}
	})
}

func TestARestoredAgencyWaitsUntilTheNewestRestoreIsConfirmed(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		must(t, s.Codes.Add(ctx, []byte("open"), store.Code{
			ID: "open", Agency: s.agency, Member: "ben", Expires: s.Now().Add(store.CodeTTL),
		}))
		must(t, s.Agencies.StoreReplyToCode(ctx, s.agency, "ana@acme.example", []byte("used"), s.Now().Add(time.Hour)))
		d := s.device(t, "ana", "laptop")
		own := onboarding.Ownership{Member: "ana"}
		entitled := func() int {
			devices, err := s.Devices.ListEntitled(ctx, s.agency, own)
			must(t, err)
			return len(devices)
		}
		must(t, s.Agencies.ConfirmRestored(ctx, s.agency, "ana", 7)) // there is nothing to confirm
		first, err := s.Agencies.MarkRestored(ctx)
		must(t, err)
		if len(first) != 1 || first[0].Codes != 1 || len(first[0].Devices) != 1 || first[0].Devices[0].ID != d.ID {
			t.Errorf("it came back as %+v", first)
		}
		_, err = s.Agencies.ConfirmReplyTo(ctx, s.agency, []byte("used"))
		wants(t, err, onboarding.ErrNotFound)
		older, _, err := s.Agencies.Restored(ctx, s.agency)
		must(t, err)
		must(t, s.Agencies.NameConfirmer(ctx, s.agency, "ana"))
		s.advance(store.CodeTTL / 7)
		_, err = s.Agencies.MarkRestored(ctx)
		must(t, err)
		wants(t, s.Agencies.ConfirmRestored(ctx, s.agency, "ana", older), onboarding.ErrConflict)
		if n := entitled(); n != 0 {
			t.Errorf("something is sealed for %d devices", n)
		}
		newest, confirmer, err := s.Agencies.Restored(ctx, s.agency)
		if err != nil || confirmer.ID != "" {
			t.Errorf("restored again, %q was named and %v", confirmer.ID, err)
		}
		wants(t, s.Agencies.ConfirmRestored(ctx, s.agency, "ana", newest), onboarding.ErrForbidden)
		s.exec(t, `UPDATE agencies SET restored_by = 'ana'`)
		wants(t, s.Agencies.ConfirmRestored(ctx, s.agency, "ana", newest), store.ErrTampered)
		s.exec(t, `UPDATE agencies SET restored_by = ''`)
		for _, other := range []string{"ben", "nobody"} { // a sub-user, and nobody
			wants(t, s.Agencies.NameConfirmer(ctx, s.agency, other), onboarding.ErrNotFound)
		}
		must(t, s.Agencies.NameConfirmer(ctx, s.agency, "ana"))
		wants(t, s.Agencies.ConfirmRestored(ctx, s.agency, "ben", newest), onboarding.ErrForbidden)
		s.exec(t, `UPDATE agencies SET restored_ms = 0`)
		_, err = s.Devices.ListEntitled(ctx, s.agency, own)
		wants(t, err, store.ErrTampered)
		s.exec(t, `UPDATE agencies SET restored_ms = $1`, newest)
		must(t, s.Agencies.ConfirmRestored(ctx, s.agency, "ana", newest))
		must(t, s.Agencies.ConfirmRestored(ctx, s.agency, "ana", newest))
		wants(t, s.Agencies.NameConfirmer(ctx, s.agency, "ana"), onboarding.ErrConflict)
		if n := entitled(); n != 1 {
			t.Errorf("confirmed, things are sealed for %d devices", n)
		}
		_, err = s.Devices.Enrol(ctx, []byte("open"), "Laptop", "key", []byte("token"))
		wants(t, err, onboarding.ErrNotFound)
		s.exec(t, `UPDATE members SET role = 'main' WHERE id = 'ben'`)
		if last, err := s.Agencies.MarkRestored(ctx); err != nil || !last[0].Tampered {
			t.Errorf("of changed rows the operator reads %+v and %v", last, err)
		}
	})
}
