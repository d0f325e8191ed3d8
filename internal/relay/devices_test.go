package relay_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/webtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// crew is an agency whose main user has computers, without a hub: what the
// relay promises to any caller that speaks the wire.
type crew struct {
	*relaytest.Relay
	ana relaytest.Device
}

func newCrew(t *testing.T) *crew {
	t.Helper()
	rl := relaytest.New(t)
	return &crew{Relay: rl, ana: rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)}
}

// another is one more computer of a device's member.
func (c *crew) another(t *testing.T, of relaytest.Device) relaytest.Device {
	t.Helper()
	return c.Enrol(t, asks(t, of, wire.IssueCode, wire.IssueCodeParams{}).Code.Secret())
}

func asks[Q, A any](t *testing.T, d relaytest.Device, m wire.Method[Q, A], q Q) A {
	t.Helper()
	a, err := wire.Call(t.Context(), d.Client, m, q)
	if err != nil {
		t.Fatalf("asking %s: %v", m.Path, err)
	}
	return a
}

func refused[Q, A any](t *testing.T, d relaytest.Device, m wire.Method[Q, A], q Q, want error) {
	t.Helper()
	if _, err := wire.Call(t.Context(), d.Client, m, q); !errors.Is(err, want) {
		t.Errorf("asking %s: got %v, want %v", m.Path, err, want)
	}
}

// portal has a client connect a HubSpot portal, and gives its item.
func (c *crew) portal(t *testing.T) onboarding.Item {
	t.Helper()
	answer := asks(t, c.ana, wire.SaveRequest, wish(cell{}, store.NewID()))
	v := webtest.New()
	for _, step := range []func() error{
		func() error { return v.Open(answer.Request.Link) },
		func() error { return v.Press("Grant Permission Now") },
		func() error { return v.Fill("Your name", "Lars Holm") },
		func() error { return v.Fill("Your work email", "lars@harbourpine.example") },
		func() error { return v.Press("View request") },
		func() error { return v.Press("Add HubSpot") },
		func() error { return v.Follow("Proceed") },
		func() error { return v.Press("Lars Holm") },
		func() error { return v.Press("Harbour & Pine AB") },
		func() error { return v.Press("Allow") },
	} {
		if err := step(); err != nil {
			t.Fatalf("%v\nthe page: %.800s", err, v.Page.Text())
		}
	}
	changes := asks(t, c.ana, wire.ReadChanges, wire.ChangesParams{})
	if len(changes.Items) == 0 {
		t.Fatalf("nothing arrived; the page: %.800s", v.Page.Text())
	}
	return changes.Items[len(changes.Items)-1]
}

// opened is what a device was sent for an item: the newest version of its
// credential, acknowledged.
func (c *crew) opened(t *testing.T, d relaytest.Device, i onboarding.Item) (platform.Credential, int64) {
	t.Helper()
	var credential platform.Credential
	var version int64
	for _, one := range asks(t, d, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries {
		if one.Item != i.ID || one.Version < version {
			continue
		}
		names := seal.Binding{
			Relay: c.Relay.Relay.ID(), Agency: d.Agency.ID, Request: i.Request, Item: i.ID, Account: i.Account,
			Version: one.Version,
		}
		plain, err := seal.Open(d.Key, names, one.Sealed)
		if err != nil {
			t.Fatalf("opening a delivery: %v", err)
		}
		if credential, err = platform.ReadCredential(plain); err != nil {
			t.Fatal(err)
		}
		version = one.Version
		asks(t, d, wire.Acknowledge, wire.AcknowledgeParams{IDs: []string{one.ID}})
	}
	return credential, version
}

func TestTwoComputersRenewARotatingCredentialAndNobodyLosesIt(t *testing.T) {
	c := newCrew(t)
	second := c.another(t, c.ana)
	if err := c.World.SetFault("hubspot", "rotates", true); err != nil {
		t.Fatal(err)
	}
	item := c.portal(t)
	type keeper struct {
		relaytest.Device
		credential platform.Credential
		version    int64
	}
	keepers := []*keeper{{Device: c.ana}, {Device: second}}
	for round := range 10 {
		var both sync.WaitGroup
		for _, k := range keepers {
			if credential, version := c.opened(t, k.Device, item); version > k.version {
				k.credential, k.version = credential, version
			}
			both.Go(func() {
				q := wire.RenewCredentialParams{Item: item.ID, Version: k.version, Refresh: wire.NewSecretText(k.credential.Secret)}
				_, err := wire.Call(t.Context(), k.Client, wire.RenewCredential, q)
				if err != nil && !errors.Is(err, onboarding.ErrBusy) && !errors.Is(err, onboarding.ErrStaleVersion) {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		both.Wait()
	}
	for _, k := range keepers {
		if credential, version := c.opened(t, k.Device, item); version > k.version {
			k.credential, k.version = credential, version
		}
		a := asks(t, k.Device, wire.RenewCredential, wire.RenewCredentialParams{
			Item: item.ID, Version: k.version, Refresh: wire.NewSecretText(k.credential.Secret),
		})
		if a.Access.Secret().Empty() || a.Version != k.version+1 {
			t.Errorf("in the end: version %d of %d", a.Version, k.version)
		}
		for _, other := range keepers { // the next one fetches first
			if credential, version := c.opened(t, other.Device, item); version > other.version {
				other.credential, other.version = credential, version
			}
		}
	}
}

func TestOnlyTheCredentialThatIsKeptIsRenewed(t *testing.T) {
	c := newCrew(t)
	item := c.portal(t)
	credential, version := c.opened(t, c.ana, item)
	good := wire.RenewCredentialParams{Item: item.ID, Version: version, Refresh: wire.NewSecretText(credential.Secret)}
	for name, spoil := range map[string]func(*wire.RenewCredentialParams){
		"another token":   func(q *wire.RenewCredentialParams) { q.Refresh = "stolen elsewhere" },
		"a later version": func(q *wire.RenewCredentialParams) { q.Version++ },
	} {
		q := good
		spoil(&q)
		if _, err := wire.Call(t.Context(), c.ana.Client, wire.RenewCredential, q); !errors.Is(err, onboarding.ErrForbidden) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	old := good
	old.Version--
	refused(t, c.ana, wire.RenewCredential, old, onboarding.ErrStaleVersion)
	if a := asks(t, c.ana, wire.RenewCredential, good); a.Access.Secret().Empty() || a.Version != version {
		t.Errorf("the right one: %+v", a)
	}
}

func TestASecondComputerGetsOlderCredentialsFromTheFirstOnly(t *testing.T) {
	c := newCrew(t)
	item := c.portal(t)
	credential, version := c.opened(t, c.ana, item)
	second := c.another(t, c.ana)
	view := func() wire.DeviceView {
		for _, d := range asks(t, c.ana, wire.ListDevices, wire.Empty{}).Devices {
			if d.ID == second.ID {
				return d
			}
		}
		t.Fatal("the second computer is not listed")
		return wire.DeviceView{}
	}
	if d := view(); d.Approved != 0 || d.Waiting != 1 || d.CredentialCount != 0 {
		t.Errorf("at first: %+v", d)
	}
	refused(t, second, wire.Approve, wire.DeviceParams{ID: second.ID}, onboarding.ErrForbidden)
	refused(t, second, wire.SealForDevice, wire.SealForDeviceParams{Device: c.ana.ID}, onboarding.ErrForbidden)

	public, err := seal.PublicOf(second.Key)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := credential.Plain()
	if err != nil {
		t.Fatal(err)
	}
	names := seal.Binding{
		Relay: c.Relay.Relay.ID(), Agency: c.ana.Agency.ID, Request: item.Request, Item: item.ID, Account: item.Account,
		Version: version,
	}
	sealed, err := seal.Seal(names, plain, public)
	if err != nil {
		t.Fatal(err)
	}
	pass := func(d wire.Delivery) wire.SealForDeviceParams {
		return wire.SealForDeviceParams{Device: second.ID, Deliveries: []wire.Delivery{d}}
	}
	// no current version: left out
	asks(t, c.ana, wire.SealForDevice, pass(wire.Delivery{Item: item.ID, Version: version + 1, Sealed: sealed}))
	asks(t, c.ana, wire.SealForDevice, pass(wire.Delivery{Item: "unknown", Version: 1, Sealed: sealed}))
	if waiting := asks(t, second, wire.ReadDeliveries, wire.DeliveriesParams{}); len(waiting.Deliveries) != 0 {
		t.Errorf("what is not current was passed on: %+v", waiting)
	}
	refused(t, c.ana, wire.SealForDevice, pass(wire.Delivery{Item: item.ID, Version: version}), onboarding.ErrInvalid)
	asks(t, c.ana, wire.SealForDevice, pass(wire.Delivery{Item: item.ID, Version: version, Sealed: sealed}))
	asks(t, c.ana, wire.Approve, wire.DeviceParams{ID: second.ID})
	if got, _ := c.opened(t, second, item); got.Secret.Reveal() != credential.Secret.Reveal() {
		t.Error("the second computer opened something else")
	}
	if d := view(); d.Approved == 0 || d.Waiting != 0 || d.CredentialCount != 1 {
		t.Errorf("in the end: %+v", d)
	}
}

func TestARevokedComputerGetsNothingMore(t *testing.T) {
	c := newCrew(t)
	lost := c.another(t, c.ana)
	item := c.portal(t)
	c.opened(t, lost, item)
	heard := make(chan struct{}, 10)
	ended := make(chan error, 1)
	go func() { ended <- wire.Subscribe(t.Context(), lost.Client, func() { heard <- struct{}{} }, func() {}) }()
	<-heard // the line stands
	before := asks(t, c.ana, wire.ReadDeviceCredentials, wire.DeviceParams{ID: lost.ID})
	if !slices.Equal(before.Items, []string{item.ID}) || len(before.Connections) != 0 {
		t.Errorf("before, it holds %+v", before)
	}
	refused(
		t, c.Enrol(t, c.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code), wire.ReadDeviceCredentials,
		wire.DeviceParams{ID: lost.ID}, onboarding.ErrNotFound,
	)
	for range 2 {
		if held := asks(t, c.ana, wire.Revoke, wire.DeviceParams{ID: lost.ID}).Credentials; len(held) != 1 ||
			held[0] != item.ID {
			t.Errorf("it held %v", held)
		}
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("its stream of news goes on")
	}
	if after := asks(
		t, c.ana, wire.ReadDeviceCredentials, wire.DeviceParams{ID: lost.ID},
	); !slices.Equal(after.Items, before.Items) {
		t.Errorf("afterwards, it held %+v", after)
	}
	refused(t, lost, wire.ReadDeviceCredentials, wire.DeviceParams{ID: lost.ID}, onboarding.ErrRevoked)
	refused(t, lost, wire.ReadDeliveries, wire.DeliveriesParams{}, onboarding.ErrRevoked)
	refused(t, lost, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrRevoked)
	c.portal(t)
	if rows, err := c.Store.Deliveries.List(t.Context(), c.ana.Agency.ID, c.ana.Member.ID, lost.ID, ""); err != nil ||
		len(rows) != 0 {
		t.Errorf("something was sealed for it: %d and %v", len(rows), err)
	}
}

func TestADeviceWrittenIntoTheDatabaseGetsNothing(t *testing.T) {
	c := newCrew(t)
	thief := c.another(t, c.ana)
	_, public, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	err = c.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(
			t.Context(), `UPDATE devices SET public_key = $1, approved_ms = 1 WHERE id = $2`, public, thief.ID,
		)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, thief, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrUnauthenticated)
	c.portal(t)
	if rows, err := c.Store.Deliveries.List(t.Context(), c.ana.Agency.ID, c.ana.Member.ID, thief.ID, ""); err != nil ||
		len(rows) != 0 {
		t.Errorf("something was sealed for it: %d and %v", len(rows), err)
	}
	refused(t, c.ana, wire.Approve, wire.DeviceParams{ID: thief.ID}, onboarding.ErrNotFound)
}

func TestNewsReachesTheAgencysComputersAndNoOthers(t *testing.T) {
	c := newCrew(t)
	second := c.another(t, c.ana)
	stranger := c.Enrol(t, c.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	listen := func(d relaytest.Device) chan struct{} {
		bell := make(chan struct{}, 100)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = wire.Subscribe(ctx, d.Client, func() { bell <- struct{}{} }, func() {}) // it always ends with an error
		}()
		t.Cleanup(func() { cancel(); <-ended })
		<-bell // the line stands
		return bell
	}
	hers, theirs := listen(second), listen(stranger)
	asks(t, c.ana, wire.SaveRequest, wish(cell{}, store.NewID()))
	select {
	case <-hers:
	case <-time.After(5 * time.Second):
		t.Error("her other computer heard nothing")
	}
	// The look at what other processes wrote rings once for whoever listens.
	select {
	case <-theirs:
	case <-time.After(100 * time.Millisecond):
	}
	if _, err := c.Admin.SuspendAgency(t.Context(), "Other Ltd", true); err != nil {
		t.Fatal(err)
	}
	refused(t, stranger, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrSuspended)
}

// openCodes are those that a device lists.
func (c *crew) openCodes(t *testing.T, of relaytest.Device) []wire.OpenCode {
	t.Helper()
	return asks(t, of, wire.ListCodes, wire.Empty{}).Codes
}

func TestAWithdrawnCodeIsOneThatNeverWas(t *testing.T) {
	c := newCrew(t)
	_, public, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	try := func(code wire.SecretText) error {
		_, err := wire.Call(t.Context(), c.Client(t, onboarding.Secret{}), wire.Enrol, wire.EnrolParams{
			Code: code, PublicKey: public, Name: "Laptop",
		})
		return err
	}
	never := try("AAAA-AAAA-AAAA-AAAA-AAAA")
	elin := asks(t, c.ana, wire.InviteMember, wire.InviteMemberParams{
		ID: store.NewID(), Name: "Elin Strand", Email: "elin@acme.example", Role: onboarding.SubUser,
	})
	if open := c.openCodes(t, c.ana); len(open) != 1 || open[0].ID != elin.ID || open[0].Until != elin.Until {
		t.Fatalf("the open codes are %+v, want %s", open, elin.ID)
	}

	asks(t, c.ana, wire.WithdrawCode, wire.CodeParams{ID: elin.ID})
	asks(t, c.ana, wire.WithdrawCode, wire.CodeParams{ID: elin.ID}) // twice is harmless
	if open := c.openCodes(t, c.ana); len(open) != 0 {
		t.Errorf("withdrawn, the open codes are %+v", open)
	}
	got := try(elin.Code)
	if !errors.Is(got, onboarding.ErrInvalid) || got.Error() != never.Error() {
		t.Errorf("showing a withdrawn code: got %v, want what a code that never was gets: %v", got, never)
	}
}

func TestACodeThatWasUsedCannotBeWithdrawn(t *testing.T) {
	c := newCrew(t)
	code := asks(t, c.ana, wire.IssueCode, wire.IssueCodeParams{})
	second := c.Enrol(t, code.Code.Secret())
	if open := c.openCodes(t, c.ana); len(open) != 0 {
		t.Errorf("used, the open codes are %+v", open)
	}
	refused(t, c.ana, wire.WithdrawCode, wire.CodeParams{ID: code.ID}, onboarding.ErrInvalid)
	asks(t, second, wire.ReadChanges, wire.ChangesParams{}) // its computer works on
}

func TestCodesAreSeenByThoseWhoMayIssueThem(t *testing.T) {
	c := newCrew(t)
	ben := c.Invite(t, c.ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	dan := c.Invite(t, c.ana, "Dan Wu", "dan@acme.example", onboarding.SubUser)
	bens := asks(t, ben, wire.IssueCode, wire.IssueCodeParams{})
	dans := asks(t, c.ana, wire.IssueCode, wire.IssueCodeParams{Member: dan.Member.ID})
	anas := asks(t, c.ana, wire.IssueCode, wire.IssueCodeParams{})
	for _, who := range []struct {
		name   string
		device relaytest.Device
		want   []string
	}{
		{"the main user", c.ana, []string{bens.ID, anas.ID, dans.ID}},
		{"Ben", ben, []string{bens.ID}},
		{"Dan", dan, []string{dans.ID}},
	} {
		var got []string
		for _, code := range c.openCodes(t, who.device) {
			got = append(got, code.ID)
		}
		slices.Sort(got)
		slices.Sort(who.want)
		if !slices.Equal(got, who.want) {
			t.Errorf("%s sees the codes %v, want %v", who.name, got, who.want)
		}
	}
	refused(t, ben, wire.IssueCode, wire.IssueCodeParams{Member: dan.Member.ID}, onboarding.ErrForbidden)
	refused(t, ben, wire.WithdrawCode, wire.CodeParams{ID: dans.ID}, onboarding.ErrNotFound)
	refused(t, ben, wire.WithdrawCode, wire.CodeParams{ID: anas.ID}, onboarding.ErrNotFound)
	refused(t, ben, wire.WithdrawCode, wire.CodeParams{ID: "none"}, onboarding.ErrNotFound)
	asks(t, dan, wire.WithdrawCode, wire.CodeParams{ID: dans.ID})
	asks(t, c.ana, wire.WithdrawCode, wire.CodeParams{ID: bens.ID})
}

func TestACodeOutlivesASuspension(t *testing.T) {
	rl := relaytest.New(t)
	agency := rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>")
	suspend := func(on bool) {
		t.Helper()
		if _, err := rl.Admin.SuspendAgency(t.Context(), agency.ID, on); err != nil {
			t.Fatal(err)
		}
	}
	_, public, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	suspend(true)
	refused(
		t, relaytest.Device{Client: rl.Client(t, onboarding.Secret{})}, wire.Enrol,
		wire.EnrolParams{Code: wire.NewSecretText(agency.Code), PublicKey: public, Name: "Laptop"}, onboarding.ErrSuspended,
	)
	suspend(false)
	rl.Enrol(t, agency.Code) // another key: nobody has used it
}
