package api_test

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
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestTwoComputersRenewARotatingCredentialAndNobodyLosesIt(t *testing.T) {
	c := relaytest.NewTeam(t)
	second := c.Another(t, c.Ana)
	if err := c.World.SetFault("hubspot", "rotates", true); err != nil {
		t.Fatal(err)
	}
	item := c.Portal(t)
	type keeper struct {
		relaytest.Device
		credential platform.Credential
		version    int64
	}
	keepers := []*keeper{{Device: c.Ana}, {Device: second}}
	for round := range 10 {
		var both sync.WaitGroup
		for _, k := range keepers {
			if credential, version := c.Opened(t, k.Device, item); version > k.version {
				k.credential, k.version = credential, version
			}
			both.Go(func() {
				p := wire.RenewCredentialParams{Item: item.ID, Version: k.version, Refresh: wire.NewSecretText(k.credential.Secret)}
				_, err := wire.Call(t.Context(), k.Client, wire.RenewCredential, p)
				if err != nil && !errors.Is(err, onboarding.ErrBusy) && !errors.Is(err, onboarding.ErrStaleVersion) {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		both.Wait()
	}
	for _, k := range keepers {
		if credential, version := c.Opened(t, k.Device, item); version > k.version {
			k.credential, k.version = credential, version
		}
		a := relaytest.Call(t, k.Device, wire.RenewCredential, wire.RenewCredentialParams{
			Item: item.ID, Version: k.version, Refresh: wire.NewSecretText(k.credential.Secret),
		})
		if a.Access.Secret().Empty() || a.Version != k.version+1 {
			t.Errorf("in the end: version %d of %d", a.Version, k.version)
		}
		for _, other := range keepers { // the next one fetches first
			if credential, version := c.Opened(t, other.Device, item); version > other.version {
				other.credential, other.version = credential, version
			}
		}
	}
}

func TestOnlyTheCredentialThatIsKeptIsRenewed(t *testing.T) {
	c := relaytest.NewTeam(t)
	item := c.Portal(t)
	credential, version := c.Opened(t, c.Ana, item)
	good := wire.RenewCredentialParams{Item: item.ID, Version: version, Refresh: wire.NewSecretText(credential.Secret)}
	for name, spoil := range map[string]func(*wire.RenewCredentialParams){
		"another token":   func(p *wire.RenewCredentialParams) { p.Refresh = "stolen elsewhere" },
		"a later version": func(p *wire.RenewCredentialParams) { p.Version++ },
	} {
		p := good
		spoil(&p)
		if _, err := wire.Call(t.Context(), c.Ana.Client, wire.RenewCredential, p); !errors.Is(err, onboarding.ErrForbidden) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	old := good
	old.Version--
	relaytest.Refused(t, c.Ana, wire.RenewCredential, old, onboarding.ErrStaleVersion)
	if a := relaytest.Call(t, c.Ana, wire.RenewCredential, good); a.Access.Secret().Empty() || a.Version != version {
		t.Errorf("the right one: %+v", a)
	}

	// The history says that the platform refuses, and that it no longer does; that it is down
	// says nothing.
	for _, fault := range []string{"down", "token_revoked"} {
		if err := c.World.SetFault("hubspot", fault, true); err != nil {
			t.Fatal(err)
		}
		if _, err := wire.Call(t.Context(), c.Ana.Client, wire.RenewCredential, good); err == nil {
			t.Errorf("%s: it was renewed", fault)
		}
		if err := c.World.SetFault("hubspot", fault, false); err != nil {
			t.Fatal(err)
		}
		relaytest.Call(t, c.Ana, wire.RenewCredential, good)
	}
	var kinds []onboarding.EventKind
	history := relaytest.Call(t, c.Ana, wire.ReadAudit, wire.ReadAuditParams{Request: item.Request})
	for _, e := range history.Chain.Entries {
		if slices.Contains(onboarding.RoutineEvents(), e.Kind) {
			kinds = append(kinds, e.Kind)
		}
	}
	if want := []onboarding.EventKind{
		onboarding.EventCredentialFetched, onboarding.EventRenewalFailed, onboarding.EventRenewalWorks,
	}; !slices.Equal(kinds, want) {
		t.Errorf("the history has %v", kinds)
	}
}

func TestASecondComputerGetsOlderCredentialsFromTheFirstOnly(t *testing.T) {
	c := relaytest.NewTeam(t)
	item := c.Portal(t)
	credential, version := c.Opened(t, c.Ana, item)
	second := c.Another(t, c.Ana)
	view := func() wire.DeviceView {
		for _, d := range relaytest.Call(t, c.Ana, wire.ListDevices, wire.Empty{}).Devices {
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
	relaytest.Refused(t, second, wire.Approve, wire.DeviceParams{ID: second.ID}, onboarding.ErrForbidden)
	relaytest.Refused(t, second, wire.SealForDevice, wire.SealForDeviceParams{Device: c.Ana.ID}, onboarding.ErrForbidden)

	plain, err := credential.Plain()
	if err != nil {
		t.Fatal(err)
	}
	names := seal.Binding{
		Relay: c.Relay.Relay.ID(), Agency: c.Ana.Agency.ID, Request: item.Request, Item: item.ID, Account: item.Account,
		Version: version,
	}
	sealed, err := seal.Seal(names, plain, second.Public)
	if err != nil {
		t.Fatal(err)
	}
	pass := func(d wire.Delivery) wire.SealForDeviceParams {
		return wire.SealForDeviceParams{Device: second.ID, Deliveries: []wire.Delivery{d}}
	}
	// no current version: left out
	relaytest.Call(t, c.Ana, wire.SealForDevice, pass(wire.Delivery{Item: item.ID, Version: version + 1, Sealed: sealed}))
	relaytest.Call(t, c.Ana, wire.SealForDevice, pass(wire.Delivery{Item: "unknown", Version: 1, Sealed: sealed}))
	if waiting := relaytest.Call(t, second, wire.ReadDeliveries, wire.DeliveriesParams{}); len(waiting.Deliveries) != 0 {
		t.Errorf("what is not current was passed on: %+v", waiting)
	}
	relaytest.Refused(t, c.Ana, wire.SealForDevice, pass(wire.Delivery{Item: item.ID, Version: version}),
		onboarding.ErrInvalid)
	relaytest.Call(t, c.Ana, wire.SealForDevice, pass(wire.Delivery{Item: item.ID, Version: version, Sealed: sealed}))
	relaytest.Call(t, c.Ana, wire.Approve, wire.DeviceParams{ID: second.ID})
	if got, _ := c.Opened(t, second, item); got.Secret.Reveal() != credential.Secret.Reveal() {
		t.Error("the second computer opened something else")
	}
	if d := view(); d.Approved == 0 || d.Waiting != 0 || d.CredentialCount != 1 {
		t.Errorf("in the end: %+v", d)
	}
}

func TestAComputerThatNobodyApprovedGetsNoRenewedCredential(t *testing.T) {
	c := relaytest.NewTeam(t)
	if err := c.World.SetFault("hubspot", "rotates", true); err != nil {
		t.Fatal(err)
	}
	item := c.Portal(t)
	second := c.Another(t, c.Ana)
	renew := func() {
		credential, version := c.Opened(t, c.Ana, item)
		relaytest.Call(t, c.Ana, wire.RenewCredential, wire.RenewCredentialParams{
			Item: item.ID, Version: version, Refresh: wire.NewSecretText(credential.Secret),
		})
	}
	renew()
	if got := relaytest.Call(t, second, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries; len(got) != 0 {
		t.Errorf("before anybody approved it, it gets %d deliveries", len(got))
	}
	relaytest.Call(t, c.Ana, wire.Approve, wire.DeviceParams{ID: second.ID})
	renew()
	if got := relaytest.Call(t, second, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries; len(got) != 1 {
		t.Errorf("once approved, it gets %d deliveries, want the next version", len(got))
	}
}

func TestARevokedComputerGetsNothingMore(t *testing.T) {
	c := relaytest.NewTeam(t)
	lost := c.Another(t, c.Ana)
	item := c.Portal(t)
	c.Opened(t, lost, item)
	heard := make(chan struct{}, 10)
	ended := make(chan error, 1)
	go func() { ended <- wire.Subscribe(t.Context(), lost.Client, func() { heard <- struct{}{} }, func() {}) }()
	<-heard // the line stands
	before := relaytest.Call(t, c.Ana, wire.ReadDeviceCredentials, wire.DeviceParams{ID: lost.ID})
	if !slices.Equal(before.Items, []string{item.ID}) || len(before.Connections) != 0 {
		t.Errorf("before, it holds %+v", before)
	}
	relaytest.Refused(
		t, c.Enrol(t, c.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code), wire.ReadDeviceCredentials,
		wire.DeviceParams{ID: lost.ID}, onboarding.ErrNotFound,
	)
	for range 2 {
		if held := relaytest.Call(t, c.Ana, wire.Revoke, wire.DeviceParams{ID: lost.ID}).Credentials; len(held) != 1 ||
			held[0] != item.ID {
			t.Errorf("it held %v", held)
		}
	}
	select {
	case err := <-ended:
		t.Logf("its stream ended: %v", err)
	case <-time.After(10 * time.Second):
		t.Error("its stream of news goes on")
	}
	if after := relaytest.Call(
		t, c.Ana, wire.ReadDeviceCredentials, wire.DeviceParams{ID: lost.ID},
	); !slices.Equal(after.Items, before.Items) {
		t.Errorf("afterwards, it held %+v", after)
	}
	relaytest.Refused(t, lost, wire.ReadDeviceCredentials, wire.DeviceParams{ID: lost.ID}, onboarding.ErrRevoked)
	relaytest.Refused(t, lost, wire.ReadDeliveries, wire.DeliveriesParams{}, onboarding.ErrRevoked)
	relaytest.Refused(t, lost, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrRevoked)
	c.Portal(t)
	if rows, err := c.Store.Deliveries.List(t.Context(), c.Ana.Agency.ID, c.Ana.Member.ID, lost.ID, ""); err != nil ||
		len(rows) != 0 {
		t.Errorf("something was sealed for it: %d and %v", len(rows), err)
	}
}

func TestADeviceWrittenIntoTheDatabaseGetsNothing(t *testing.T) {
	c := relaytest.NewTeam(t)
	thief := c.Another(t, c.Ana)
	_, public, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	devices, err := c.Store.Devices.List(t.Context(), c.Ana.Agency.ID)
	if err != nil {
		t.Fatal(err)
	}
	write := func(key string) {
		t.Helper()
		if err := c.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), `UPDATE devices SET public_key = $1 WHERE id = $2`, key, thief.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	write(public)
	// Not that it was revoked: a computer of the agency would wipe itself.
	for _, who := range []relaytest.Device{thief, c.Ana} {
		relaytest.Refused(t, who, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrUnavailable)
		relaytest.Refused(t, who, wire.Approve, wire.DeviceParams{ID: thief.ID}, onboarding.ErrUnavailable)
	}
	own := onboarding.Ownership{Member: c.Ana.Member.ID}
	entitled, err := c.Store.Devices.ListEntitled(t.Context(), c.Ana.Agency.ID, own)
	if !errors.Is(err, store.ErrTampered) {
		t.Errorf("sealed for %d devices and %v, want %v", len(entitled), err, store.ErrTampered)
	}
	for _, d := range devices { // undone, everything goes on
		if d.ID == thief.ID {
			write(d.PublicKey)
		}
	}
	relaytest.Call(t, c.Ana, wire.ReadChanges, wire.ChangesParams{})
	c.Portal(t)
	if rows, err := c.Store.Deliveries.List(
		t.Context(), c.Ana.Agency.ID, c.Ana.Member.ID, thief.ID, "",
	); err != nil || len(rows) != 1 {
		t.Errorf("sealed for the computer as it was: %d and %v", len(rows), err)
	}
}

func TestNewsReachesTheAgencysComputersAndNoOthers(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true}) // nothing looks for what other processes wrote, and rings
	c := &relaytest.Team{Relay: rl, Ana: rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)}
	second := c.Another(t, c.Ana)
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
	rings := func(whose string, bell chan struct{}) {
		t.Helper()
		select {
		case <-bell:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s computer heard nothing", whose)
		}
	}
	hers, theirs := listen(second), listen(stranger)
	for range 10 {
		relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID()))
		rings("her other", hers)
	}
	// The stranger's own news comes behind whatever was sent to them before.
	relaytest.Call(t, stranger, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID()))
	rings("the stranger's", theirs)
	if more := len(theirs); more > 0 {
		t.Errorf("the stranger's computer heard %d times more than of its own news", more)
	}
	if _, err := c.Admin.SuspendAgency(t.Context(), "Other Ltd", true); err != nil {
		t.Fatal(err)
	}
	relaytest.Refused(t, stranger, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrSuspended)
}

// openCodes are those that a device lists.
func openCodes(t *testing.T, of relaytest.Device) []wire.OpenCode {
	t.Helper()
	return relaytest.Call(t, of, wire.ListCodes, wire.Empty{}).Codes
}

func TestAWithdrawnCodeIsOneThatNeverWas(t *testing.T) {
	c := relaytest.NewTeam(t)
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
	elin := relaytest.Call(t, c.Ana, wire.InviteMember, wire.InviteMemberParams{
		ID: store.NewID(), Name: "Elin Strand", Email: "elin@acme.example", Role: onboarding.SubUser,
	})
	if open := openCodes(t, c.Ana); len(open) != 1 || open[0].ID != elin.ID || open[0].Until != elin.Until {
		t.Fatalf("the open codes are %+v, want %s", open, elin.ID)
	}

	relaytest.Call(t, c.Ana, wire.WithdrawCode, wire.CodeParams{ID: elin.ID})
	relaytest.Call(t, c.Ana, wire.WithdrawCode, wire.CodeParams{ID: elin.ID}) // twice is harmless
	if open := openCodes(t, c.Ana); len(open) != 0 {
		t.Errorf("withdrawn, the open codes are %+v", open)
	}
	got := try(elin.Code)
	if !errors.Is(got, onboarding.ErrInvalid) || got.Error() != never.Error() {
		t.Errorf("showing a withdrawn code: got %v, want what a code that never was gets: %v", got, never)
	}
}

func TestACodeThatWasUsedCannotBeWithdrawn(t *testing.T) {
	c := relaytest.NewTeam(t)
	code := relaytest.Call(t, c.Ana, wire.IssueCode, wire.IssueCodeParams{})
	second := c.Enrol(t, code.Code.Secret())
	if open := openCodes(t, c.Ana); len(open) != 0 {
		t.Errorf("used, the open codes are %+v", open)
	}
	relaytest.Refused(t, c.Ana, wire.WithdrawCode, wire.CodeParams{ID: code.ID}, onboarding.ErrInvalid)
	relaytest.Call(t, second, wire.ReadChanges, wire.ChangesParams{}) // its computer works on
}

func TestCodesAreSeenByThoseWhoMayIssueThem(t *testing.T) {
	c := relaytest.NewTeam(t)
	ben := c.Invite(t, c.Ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	dan := c.Invite(t, c.Ana, "Dan Wu", "dan@acme.example", onboarding.SubUser)
	bens := relaytest.Call(t, ben, wire.IssueCode, wire.IssueCodeParams{})
	dans := relaytest.Call(t, c.Ana, wire.IssueCode, wire.IssueCodeParams{Member: dan.Member.ID})
	anas := relaytest.Call(t, c.Ana, wire.IssueCode, wire.IssueCodeParams{})
	for _, who := range []struct {
		name   string
		device relaytest.Device
		want   []string
	}{
		{"the main user", c.Ana, []string{bens.ID, anas.ID, dans.ID}},
		{"Ben", ben, []string{bens.ID}},
		{"Dan", dan, []string{dans.ID}},
	} {
		var got []string
		for _, code := range openCodes(t, who.device) {
			got = append(got, code.ID)
		}
		slices.Sort(got)
		slices.Sort(who.want)
		if !slices.Equal(got, who.want) {
			t.Errorf("%s sees the codes %v, want %v", who.name, got, who.want)
		}
	}
	relaytest.Refused(t, ben, wire.IssueCode, wire.IssueCodeParams{Member: dan.Member.ID}, onboarding.ErrForbidden)
	relaytest.Refused(t, ben, wire.WithdrawCode, wire.CodeParams{ID: dans.ID}, onboarding.ErrNotFound)
	relaytest.Refused(t, ben, wire.WithdrawCode, wire.CodeParams{ID: anas.ID}, onboarding.ErrNotFound)
	relaytest.Refused(t, ben, wire.WithdrawCode, wire.CodeParams{ID: "none"}, onboarding.ErrNotFound)
	relaytest.Call(t, dan, wire.WithdrawCode, wire.CodeParams{ID: dans.ID})
	relaytest.Call(t, c.Ana, wire.WithdrawCode, wire.CodeParams{ID: bens.ID})
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
	relaytest.Refused(
		t, relaytest.Device{Client: rl.Client(t, onboarding.Secret{})}, wire.Enrol,
		wire.EnrolParams{Code: wire.NewSecretText(agency.Code), PublicKey: public, Name: "Laptop"}, onboarding.ErrSuspended,
	)
	suspend(false)
	rl.Enrol(t, agency.Code) // another key: nobody has used it
}
