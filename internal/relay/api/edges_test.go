package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// told is a call's InvalidError and its field; another error is
// itself, and success is nothing.
func told[Q, A any](t *testing.T, d relaytest.Device, m wire.Method[Q, A], p Q) string {
	t.Helper()
	_, err := wire.Call(t.Context(), d.Client, m, p)
	var wrong *onboarding.InvalidError
	switch {
	case errors.As(err, &wrong):
		return wrong.Field + ": " + wrong.Message
	case err != nil:
		return err.Error()
	}
	return ""
}

const aReportTooLong = "access: This is longer than a check's outcome."

func TestAReportIsTakenToItsBoundsAndNoFurther(t *testing.T) {
	c := relaytest.NewTeam(t)
	i := c.Portal(t)
	long := strings.Repeat("x", 64)
	whole := wire.ReportAccessParams{
		Item: i.ID, Access: onboarding.Access{State: onboarding.AccessBroken, Failure: long, Code: long},
		Tasks: slices.Repeat([]string{long}, 20),
	}
	for name, x := range map[string]struct {
		change func(*wire.ReportAccessParams)
		want   string
	}{
		"at its longest": {func(*wire.ReportAccessParams) {}, ""},
		"waiting":        {func(p *wire.ReportAccessParams) { p.Access.State = onboarding.AccessWaiting }, ""},
		"working":        {func(p *wire.ReportAccessParams) { p.Access.State = onboarding.AccessWorks }, ""},
		"no state": {func(p *wire.ReportAccessParams) { p.Access.State = "" },
			"access: A check finds that it works, waits or is broken."},
		"a long failure": {func(p *wire.ReportAccessParams) { p.Access.Failure += "x" }, aReportTooLong},
		"a long code":    {func(p *wire.ReportAccessParams) { p.Access.Code += "x" }, aReportTooLong},
		"many tasks":     {func(p *wire.ReportAccessParams) { p.Tasks = append(p.Tasks, "x") }, aReportTooLong},

		"a long task": {func(p *wire.ReportAccessParams) { p.Tasks = []string{long + "x"} },
			"tasks: This is not a task."},
		"no task":          {func(p *wire.ReportAccessParams) { p.Tasks = []string{"A", ""} }, "tasks: This is not a task."},
		"two tasks in one": {func(p *wire.ReportAccessParams) { p.Tasks = []string{"A,B"} }, "tasks: This is not a task."},
		"gives of no name": {func(p *wire.ReportAccessParams) { p.Access.Capabilities = []onboarding.Capability{{}} },
			"access: This is not what an item can give."},
	} {
		p := whole
		p.Tasks = slices.Clone(whole.Tasks)
		x.change(&p)
		if got := told(t, c.Ana, wire.ReportAccess, p); got != x.want {
			t.Errorf("%s: got %q, want %q", name, got, x.want)
		}
	}
}

func TestAMemberIsRefusedForOneThingAtATime(t *testing.T) {
	_, ana, _ := ownScene(t)
	name, role := "name: Enter the person's name.", "role: Choose main user or sub-user."
	n := 0
	whole := func() wire.InviteMemberParams {
		n++
		return wire.InviteMemberParams{ID: store.NewID(), Name: "New", Email: fmt.Sprintf("n%d@acme.example", n),
			Role: onboarding.SubUser}
	}
	for want, change := range map[string]func(*wire.InviteMemberParams){
		"":                               func(p *wire.InviteMemberParams) { p.Role = onboarding.MainUser },
		"id: This is not an id.":         func(p *wire.InviteMemberParams) { p.ID = strings.Repeat("a", 65) },
		name:                             func(p *wire.InviteMemberParams) { p.Name = " " },
		role:                             func(p *wire.InviteMemberParams) { p.Role = "owner" },
		"email: Enter an email address.": func(p *wire.InviteMemberParams) { p.Email = "" },
		"email: Ana Ruiz has this address already.": func(p *wire.InviteMemberParams) { p.Email = "ANA@acme.example" },
	} {
		p := whole()
		change(&p)
		if got := told(t, ana, wire.InviteMember, p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for id, works := range map[string]bool{
		"": false, "a/b": false, "a b": false, "ä": false, "../x": false, strings.Repeat("a", 64): true, "aZ0-_": true,
	} {
		p := whole()
		p.ID = id
		if got := told(t, ana, wire.InviteMember, p); (got == "") != works {
			t.Errorf("the id %q: got %q", id, got)
		}
	}
	for want, p := range map[string]wire.ChangeMemberParams{
		name: {ID: ana.Member.ID, Role: onboarding.MainUser}, role: {ID: ana.Member.ID, Name: "Ana"},
		"": {ID: ana.Member.ID, Name: "Ana", Role: onboarding.MainUser},
	} {
		if got := told(t, ana, wire.ChangeMember, p); got != want {
			t.Errorf("changing: got %q, want %q", got, want)
		}
	}
}

func TestOnlyAMainUserMakesCodesForOthersAndForNobodyWhoIsGone(t *testing.T) {
	rl, ana, ben := ownScene(t)
	code := func(d relaytest.Device, member string, want error) {
		t.Helper()
		relaytest.Refused(t, d, wire.IssueCode, wire.IssueCodeParams{Member: member}, want)
	}
	for _, member := range []string{"", ben.Member.ID} { // one's own
		left := relaytest.Call(t, ben, wire.IssueCode,
			wire.IssueCodeParams{Member: member}).Until.Time().Sub(rl.Store.Now().Time())
		if left.Minutes() < 9 || left.Minutes() > 10 {
			t.Errorf("one's own code lives %s", left)
		}
	}
	theirs := relaytest.Call(t, ana, wire.IssueCode, wire.IssueCodeParams{Member: ben.Member.ID}).Until
	if left := theirs.Time().Sub(rl.Store.Now().Time()); left.Hours() < 167 || left.Hours() > 168 {
		t.Errorf("another's code lives %s", left)
	}
	code(ben, ana.Member.ID, onboarding.ErrForbidden)
	code(ana, "nobody", onboarding.ErrNotFound)
	relaytest.Call(t, ana, wire.RemoveMember, wire.RemoveMemberParams{ID: ben.Member.ID, Successor: ana.Member.ID})
	code(ana, ben.Member.ID, onboarding.ErrNotFound)
	code(ben, "", onboarding.ErrRevoked)
}

func TestWhatIsSealedForAnotherComputerIsBoundedAndCurrent(t *testing.T) {
	c := relaytest.NewTeam(t)
	item := c.Portal(t)
	second := c.Another(t, c.Ana)
	whole := wire.Delivery{Item: item.ID, Version: item.Version, Sealed: make([]byte, 64<<10)}
	whole.Sealed[0] = 1
	const none = "deliveries: This is not a sealed credential."
	give := func(change func(*wire.Delivery)) string {
		one := whole
		change(&one)
		return told(t, c.Ana, wire.SealForDevice, wire.SealForDeviceParams{Device: second.ID,
			Deliveries: []wire.Delivery{one}})
	}
	waits := func(want int, what string) {
		t.Helper()
		if got := len(relaytest.Call(t, second, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries); got != want {
			t.Errorf("%s: %d deliveries wait, want %d", what, got, want)
		}
	}
	for want, changes := range map[string][]func(*wire.Delivery){
		none: {
			func(d *wire.Delivery) { d.Sealed = nil }, func(d *wire.Delivery) { d.Sealed = make([]byte, 64<<10+1) },
			func(d *wire.Delivery) { d.Item = "" }, func(d *wire.Delivery) { d.Connection = "x" },
		},
		"": { // what is older or gone is passed over
			func(d *wire.Delivery) { d.Version-- }, func(d *wire.Delivery) { d.Version++ },
			func(d *wire.Delivery) { d.Item = "gone" }, func(d *wire.Delivery) { d.Item, d.Connection = "", "gone" },
		},
	} {
		for n, change := range changes {
			if got := give(change); got != want {
				t.Errorf("%d: got %q, want %q", n, got, want)
			}
		}
	}
	waits(0, "nothing that is current was given")
	many := wire.SealForDeviceParams{Device: second.ID, Deliveries: make([]wire.Delivery, 1001)}
	if got := told(t, c.Ana, wire.SealForDevice, many); got != "deliveries: These are too many at once." {
		t.Errorf("too many: got %q", got)
	}
	if got := told(t, c.Ana, wire.Acknowledge, wire.AcknowledgeParams{IDs: make([]string,
		1001)}); got != "ids: These are too many at once." {
		t.Errorf("too many to acknowledge: got %q", got)
	}
	relaytest.Call(t, c.Ana, wire.Acknowledge, wire.AcknowledgeParams{IDs: make([]string, 1000)})
	if got := give(func(*wire.Delivery) {}); got != "" {
		t.Errorf("the right one: got %q", got)
	}
	waits(1, "the right one was given")
	relaytest.Refused(t, c.Ana, wire.SealForDevice, wire.SealForDeviceParams{Device: c.Ana.ID}, onboarding.ErrForbidden)
}

func TestAnEndedItemIsPassedToNoOtherComputer(t *testing.T) {
	c := relaytest.NewTeam(t)
	item := c.Portal(t)
	second := c.Another(t, c.Ana)
	relaytest.Call(t, c.Ana, wire.EndAccess, wire.EndAccessParams{Item: item.ID, Proven: true})
	one := wire.Delivery{Item: item.ID, Version: item.Version, Sealed: []byte("sealed")}
	relaytest.Call(t, c.Ana, wire.SealForDevice, wire.SealForDeviceParams{Device: second.ID,
		Deliveries: []wire.Delivery{one}})
	if got := relaytest.Call(t, second, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries; len(got) != 0 {
		t.Errorf("it gets %d credentials of what has ended", len(got))
	}
}

func TestARequestsEmailsAreCountedAndItsWayBackChecked(t *testing.T) {
	c := relaytest.NewTeam(t)
	request := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	to := func(n int) (list []wire.NewRecipient) {
		for i := range n {
			list = append(list, wire.NewRecipient{ID: store.NewID(), Address: fmt.Sprintf("a%d@x.example", i)})
		}
		return list
	}
	bad := to(1)
	bad[0].Address = "nobody"
	nameless := to(1)
	nameless[0].ID = ""
	for want, list := range map[string][]wire.NewRecipient{
		"recipients: Enter one to 20 addresses.":    to(21),
		"recipients: nobody is not a full address.": bad,
		"recipients: This is not an id.":            nameless,
	} {
		if got := told(t, c.Ana, wire.SendRequest, wire.SendRequestParams{ID: request.ID, Recipients: list}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := told(t, c.Ana, wire.SendRequest,
		wire.SendRequestParams{ID: request.ID}); got != "recipients: Enter one to 20 addresses." {
		t.Errorf("to nobody: got %q", got)
	}
	sent := relaytest.Call(t, c.Ana, wire.SendRequest, wire.SendRequestParams{ID: request.ID, Recipients: to(20)}).Request
	if len(sent.Recipients) != 20 {
		t.Errorf("%d recipients", len(sent.Recipients))
	}
	whole := wire.ResendRequestParams{ID: request.ID, Send: store.NewID(), Recipients: []string{sent.Recipients[0].ID}}
	for want, change := range map[string]func(*wire.ResendRequestParams){
		"send: This is not an id.":                     func(p *wire.ResendRequestParams) { p.Send = "" },
		"recipients: Choose who gets the email again.": func(p *wire.ResendRequestParams) { p.Recipients = nil },
	} {
		p := whole
		change(&p)
		if got := told(t, c.Ana, wire.ResendRequest, p); got != want {
			t.Errorf("again: got %q, want %q", got, want)
		}
	}
	p := whole
	p.Recipients = make([]string, 1001)
	if got := told(t, c.Ana, wire.ResendRequest, p); got != "recipients: Choose who gets the email again." {
		t.Errorf("to too many again: got %q", got)
	}
	p.Recipients = []string{"somebody else's"}
	relaytest.Refused(t, c.Ana, wire.ResendRequest, p, onboarding.ErrNotFound)
}

// aLogo is a small PNG.
func aLogo(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 20, 8))); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestABrandIsRefusedForOneThingAtATime(t *testing.T) {
	_, ana, _ := ownScene(t)
	for want, p := range map[string]wire.SaveBrandParams{
		"": {Company: "Acme Group", Colour: "#0F5C66"},
		"company: Clients would take this for Facebook itself. Enter your own company's name.": {Company: "Faceb00k"},
		"colour: Choose a colour, as #0f5c66.":                                                 {Colour: "petrol"},
		"logo: This is no PNG, JPEG or WebP. Export the logo as PNG.":                          {Logo: []byte("x")},
	} {
		if got := told(t, ana, wire.SaveBrand, p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := told(t, ana, wire.SwitchBrand,
		wire.SwitchParams{On: true}); got != "logo: Upload a logo before you switch the brand on." {
		t.Errorf("on without a logo: got %q", got)
	}
	kept := relaytest.Call(t, ana, wire.SaveBrand, wire.SaveBrandParams{Company: "Acme Group", Logo: aLogo(t)}).Agency
	if !kept.Brand.On && len(kept.Brand.Logo) == 0 {
		t.Error("the logo was not kept")
	}
	relaytest.Call(t, ana, wire.SwitchBrand, wire.SwitchParams{On: true})
	if got := told(t, ana, wire.SaveBrand, wire.SaveBrandParams{}); !strings.HasPrefix(got,
		"logo: The brand is on and needs a logo.") {
		t.Errorf("without its logo: got %q", got)
	}
	if again := relaytest.Call(t, ana, wire.SaveBrand,
		wire.SaveBrandParams{KeepLogo: true}).Agency.Brand; len(again.Logo) == 0 ||
		!again.On {
		t.Error("a logo that is kept has gone")
	}
	relaytest.Call(t, ana, wire.SwitchBrand, wire.SwitchParams{})
	if off := relaytest.Call(t, ana, wire.SaveBrand, wire.SaveBrandParams{}).Agency.Brand; len(off.Logo) != 0 || off.On {
		t.Error("a logo that is not kept stays")
	}
	for n := range 10 {
		relaytest.Call(t, ana, wire.ProposeReplyTo, wire.AddressParams{Address: fmt.Sprintf("a%d@acme.example", n)})
	}
	relaytest.Refused(t, ana, wire.ProposeReplyTo, wire.AddressParams{Address: "b@acme.example"},
		onboarding.ErrRateLimited)
	if got := told(t, ana, wire.ProposeReplyTo,
		wire.AddressParams{Address: "b@acme"}); got != "address: b@acme is not a full address." {
		t.Errorf("half an address: got %q", got)
	}
}

func TestAComputersKeyAndNameAreChecked(t *testing.T) {
	rl, ana, _ := ownScene(t)
	nobody := relaytest.Device{Client: rl.Client(t, onboarding.Secret{})}
	_, public, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	code := relaytest.Call(t, ana, wire.IssueCode, wire.IssueCodeParams{}).Code
	noCode := "code: This code does not work. It may be mistyped, used, withdrawn or too old: ask for a new one."
	whole := wire.EnrolParams{Code: code, PublicKey: public, Name: "Laptop"}
	for want, change := range map[string]func(*wire.EnrolParams){
		"name: Give this computer a name.":        func(p *wire.EnrolParams) { p.Name = " " },
		"public_key: This is not a device's key.": func(p *wire.EnrolParams) { p.PublicKey = "key" },
		noCode: func(p *wire.EnrolParams) {
			p.Code = "AAAA-AAAA-AAAA-AAAA-AAAA"
		},
	} {
		p := whole
		change(&p)
		if got := told(t, nobody, wire.Enrol, p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	relaytest.Call(t, nobody, wire.Enrol, whole)
}

func TestWhatIsPickedIsBoundedAndOfALivingConnection(t *testing.T) {
	c := relaytest.NewTeam(t)
	x := connectFacebook(t, c)
	whole := wire.PickedAsset{Kind: onboarding.Page, Account: strings.Repeat("a", 200), Name: strings.Repeat("n", 500),
		Detail: strings.Repeat("d", 500)}
	const account, name = "account: This is not an account.", "name: This is no name of an account."
	for want, changes := range map[string][]func(*wire.PickedAsset){
		"":      {func(*wire.PickedAsset) {}, func(a *wire.PickedAsset) { a.Kind, a.Account = onboarding.AdAccount, "b" }},
		account: {func(a *wire.PickedAsset) { a.Account = "" }, func(a *wire.PickedAsset) { a.Account += "a" }},
		name: {
			func(a *wire.PickedAsset) { a.Name = "" }, func(a *wire.PickedAsset) { a.Name += "n" },
			func(a *wire.PickedAsset) { a.Detail += "d" },
		},
		"assets: Only ad accounts and Pages can be picked.": {
			func(a *wire.PickedAsset) { a.Kind = onboarding.Dataset },
			func(a *wire.PickedAsset) { a.Kind = onboarding.CRMAccount },
		},
	} {
		for n, change := range changes {
			one := whole
			change(&one)
			if got := told(t, c.Ana, wire.PickAssets, wire.PickAssetsParams{Connection: x,
				Assets: []wire.PickedAsset{one}}); got != want {
				t.Errorf("%d: got %q, want %q", n, got, want)
			}
		}
	}
	many := wire.PickAssetsParams{Connection: x, Assets: make([]wire.PickedAsset, 1001)}
	if got := told(t, c.Ana, wire.PickAssets, many); got != "assets: These are too many at once." {
		t.Errorf("too many: got %q", got)
	}
	relaytest.Call(t, c.Ana, wire.EndConnection, wire.ConnectionParams{ID: x})
	relaytest.Refused(t, c.Ana, wire.PickAssets, wire.PickAssetsParams{Connection: x}, onboarding.ErrConflict)
	wanted := wire.RequestInput{
		ID: store.NewID(), Client: "Harbour & Pine", Services: []onboarding.Service{onboarding.Facebook}, Connection: x,
		Business: "1",
	}
	if got := told(t, c.Ana, wire.SaveRequest,
		wire.SaveRequestParams{Request: wanted}); got != "connection: Choose a Facebook user who is connected here." {
		t.Errorf("a request for an ended one: got %q", got)
	}
}
