package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// entitlementCase is who asks for the credential of what.
type entitlementCase struct {
	role    onboarding.Role
	removed bool
	own     bool   // the member asks for what is their own, not another one's
	subject string // what the credential is of, a key of makeSubject
}

func entitlementCases() []entitlementCase {
	var cases []entitlementCase
	both := []bool{false, true}
	for _, role := range []onboarding.Role{onboarding.MainUser, onboarding.SubUser} {
		for _, removed := range both {
			for _, own := range both {
				for subject := range makeSubject() {
					cases = append(cases, entitlementCase{role: role, removed: removed, own: own, subject: subject})
				}
			}
		}
	}
	return cases
}

// subject is what a credential is of, with what the rule reads of it.
type subject struct {
	id            string
	isItem        bool
	ownership     onboarding.Ownership
	hasCredential bool
}

func ofItem(i onboarding.Item) subject {
	return subject{id: i.ID, isItem: true, ownership: i.Ownership(), hasCredential: i.HasCredential()}
}

// makeSubject has each kind of subject, by name.
func makeSubject() map[string]func(t *testing.T, s *scene, owner string) subject {
	clientsAccount := func(t *testing.T, s *scene, owner string) onboarding.Item {
		s.save(t, "request of "+s.agency, owner)
		i, err := s.Items.Put(t.Context(), s.agency, store.SharedItem{Item: onboarding.Item{
			ID: "item of " + s.agency, Version: 1, Request: "request of " + s.agency, Service: onboarding.HubSpot,
			Kind: onboarding.CRMAccount, Account: "1", Name: "Portal", State: onboarding.ItemConnected,
		}})
		must(t, err)
		return i
	}
	connection := func(t *testing.T, s *scene, owner string) string {
		id, until := "connection of "+s.agency, s.Now().Add(time.Minute)
		must(t, s.Connections.Start(t.Context(), store.PendingConnection{
			ID: id, Agency: s.agency, Member: owner, Device: "d", Platform: onboarding.Meta, Challenge: "challenge",
			StartHash: []byte(id), Expires: until,
		}))
		must(t, s.Connections.StoreResult(t.Context(), id, []byte("code"), store.PendingResult{
			Connection: onboarding.Connection{User: onboarding.Account{ID: "7", Name: "Ana"}},
		}, until))
		_, err := s.Connections.Finish(t.Context(), s.agency, "d", id, []byte("code"), "challenge")
		must(t, err)
		return id
	}
	readConnection := func(t *testing.T, s *scene, id string) subject {
		x, err := s.Connections.Get(t.Context(), s.agency, id)
		must(t, err)
		return subject{id: x.ID, ownership: x.Ownership(), hasCredential: x.HasCredential()}
	}
	return map[string]func(t *testing.T, s *scene, owner string) subject{
		"a client's account": func(t *testing.T, s *scene, owner string) subject {
			return ofItem(clientsAccount(t, s, owner))
		},
		"a client's account that was ended": func(t *testing.T, s *scene, owner string) subject {
			i, err := s.Items.EndAccess(t.Context(), s.agency, clientsAccount(t, s, owner).ID, store.Ending{Proven: true})
			must(t, err)
			return ofItem(i)
		},
		"a client's Page": func(t *testing.T, s *scene, owner string) subject {
			s.save(t, "request of "+s.agency, owner)
			pages, err := s.Items.StartSharing(t.Context(), s.agency, "request of "+s.agency, []onboarding.Item{{
				Service: onboarding.Facebook, Kind: onboarding.Page, Account: "1", Name: "Page",
			}})
			must(t, err)
			return ofItem(pages[0])
		},
		"an own account": func(t *testing.T, s *scene, owner string) subject {
			i, err := s.Items.PutOwn(t.Context(), s.agency, store.SharedItem{Item: onboarding.Item{
				ID: "item of " + s.agency, Version: 1, Owner: owner, Service: onboarding.HubSpot,
				Kind: onboarding.CRMAccount, Account: "1", Name: "Portal", State: onboarding.ItemConnected,
			}})
			must(t, err)
			return ofItem(i)
		},
		"a Connection": func(t *testing.T, s *scene, owner string) subject {
			return readConnection(t, s, connection(t, s, owner))
		},
		"a Connection that was ended": func(t *testing.T, s *scene, owner string) subject {
			id := connection(t, s, owner)
			must(t, s.Connections.End(t.Context(), s.agency, id))
			return readConnection(t, s, id)
		},
	}
}

// TestWhoMayHaveACredentialIsTheSameInGoAndInSQL asks every place that decides who
// sees a thing or gets its credential, over the same rows, in each combination.
func TestWhoMayHaveACredentialIsTheSameInGoAndInSQL(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.signer.trusts = true
		for n, c := range entitlementCases() {
			t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) { s.checkEntitlement(t, fmt.Sprintf("agency%d", n), c) })
		}
	})
}

func (s *scene) checkEntitlement(t *testing.T, id string, c entitlementCase) {
	ctx := t.Context()
	s.agency = id
	other := onboarding.Member{ID: id + " other", Email: "other@acme.example", Role: onboarding.MainUser}
	member := onboarding.Member{ID: id + " member", Email: "member@acme.example", Role: c.role}
	must(t, s.Agencies.Add(ctx, onboarding.Agency{ID: id, Name: id}, other))
	must(t, s.Members.Invite(ctx, id, member))
	approved, pending := s.device(t, member.ID, id+" approved"), s.device(t, member.ID, id+" pending")
	revoked, others := s.device(t, member.ID, id+" revoked"), s.device(t, other.ID, id+" others")
	s.exec(t, `UPDATE devices SET approved_ms = 0 WHERE id = $1`, pending.ID)
	s.exec(t, `UPDATE devices SET revoked_ms = 1 WHERE id = $1`, revoked.ID)
	owner := other.ID
	if c.own {
		owner = member.ID
	}
	of := makeSubject()[c.subject](t, s, owner)
	devices := []string{approved.ID, pending.ID, revoked.ID, others.ID}
	for _, shares := range []bool{false, true} {
		agency, err := s.Agencies.Update(ctx, id, func(a *onboarding.Agency) error {
			a.ShareRequests = shares
			return nil
		})
		must(t, err)
		s.exec(t, `UPDATE members SET removed_ms = 0 WHERE id = $1`, member.ID)
		devices = append(devices, s.checkNewDevice(t, agency, member, of))
		if c.removed {
			s.exec(t, `UPDATE members SET removed_ms = 1 WHERE id = $1`, member.ID)
		}
		s.checkDevices(t, agency, devices, of)
		now, err := s.Members.Get(ctx, id, member.ID)
		must(t, err)
		s.checkChanges(t, agency, now, devices, of)
	}
}

// checkNewDevice enrols a device. Somebody has to approve it if there is a credential
// that it may have.
func (s *scene) checkNewDevice(t *testing.T, a onboarding.Agency, m onboarding.Member, of subject) (id string) {
	t.Helper()
	d := s.device(t, m.ID, fmt.Sprintf("%s, new, shared %v", a.ID, a.ShareRequests))
	want := a.MayHold(m, d.Device, of.ownership) && of.hasCredential
	if got := d.Approved == 0; got != want {
		t.Errorf("shared %v, a new device waits for its approval: %v, and may have a credential: %v",
			a.ShareRequests, got, want)
	}
	return d.ID
}

// checkDevices asks for which devices a new credential is sealed, and what each one
// waits for and fetches.
func (s *scene) checkDevices(t *testing.T, a onboarding.Agency, devices []string, of subject) {
	t.Helper()
	entitled, err := s.Devices.ListEntitled(t.Context(), a.ID, of.ownership)
	must(t, err)
	for _, device := range devices {
		d, _, err := s.Devices.Get(t.Context(), a.ID, device)
		must(t, err)
		m, err := s.Members.Get(t.Context(), a.ID, d.Member)
		must(t, err)
		holds := a.MayHold(m, d.Device, of.ownership)
		if got := slices.ContainsFunc(entitled, func(e store.Device) bool { return e.ID == d.ID }); got != holds {
			t.Errorf("shared %v, sealed for %s: %v, and it may hold it: %v", a.ShareRequests, d.Name, got, holds)
		}
		waiting, fetched := s.waitingFor(t, d, of)
		if want := holds && of.hasCredential; waiting != want || fetched != want {
			t.Errorf("shared %v, %s waits for it: %v, fetches it: %v, and may have it: %v",
				a.ShareRequests, d.Name, waiting, fetched, want)
		}
	}
}

// waitingFor reports whether a device waits for a credential, and whether it gets a
// delivery of it.
func (s *scene) waitingFor(t *testing.T, d store.Device, of subject) (waiting, fetched bool) {
	t.Helper()
	count, err := s.Devices.Credentials(t.Context(), d.Agency, d.ID, d.Member)
	must(t, err)
	isItem := 0
	if of.isItem {
		isItem = 1
	}
	s.exec(t, `
		INSERT INTO deliveries (id, device, subject, is_item, version, sealed, created_ms, mac)
		VALUES ($1, $1, $2, $3, 1, $4, 1, $4)`, d.ID, of.id, isItem, []byte("sealed"))
	deliveries, err := s.Deliveries.List(t.Context(), d.Agency, d.Member, d.ID, "")
	must(t, err)
	s.exec(t, `DELETE FROM deliveries WHERE device = $1`, d.ID)
	return count.Waiting > 0, len(deliveries) > 0
}

// checkChanges asks whether a member's hub reads of what they may see, of the devices
// that they may manage, and of nothing else.
func (s *scene) checkChanges(
	t *testing.T, a onboarding.Agency, m onboarding.Member, devices []string, of subject,
) {
	t.Helper()
	page, err := s.Changes.After(t.Context(), a.ID, m, store.Cursor{})
	must(t, err)
	seen := append(
		ids(page.Items, func(i onboarding.Item) string { return i.ID }),
		ids(page.Connections, func(x onboarding.Connection) string { return x.ID })...)
	if got, want := slices.Contains(seen, of.id), a.MaySee(m, of.ownership); got != want {
		t.Errorf("shared %v, the member reads of it: %v, and may see it: %v", a.ShareRequests, got, want)
	}
	for _, request := range page.Requests {
		if !a.MaySee(m, request.Ownership()) {
			t.Errorf("shared %v, the member reads of a request that they may not see", a.ShareRequests)
		}
	}
	seen = ids(page.Devices, func(d store.Device) string { return d.ID })
	for _, device := range devices {
		d, _, err := s.Devices.Get(t.Context(), a.ID, device)
		must(t, err)
		if got, want := slices.Contains(seen, d.ID), m.MayManage(d.Member); got != want {
			t.Errorf("shared %v, the member reads of %s: %v, and may manage it: %v", a.ShareRequests, d.Name, got, want)
		}
	}
}

func (s *scene) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	must(t, s.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), query, args...)
		return err
	}))
}
