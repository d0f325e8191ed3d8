package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// The states a request can be in, in the order of a row's outcomes.
var requestStates = []string{"pending", "opened", "expired", "withdrawn", "connected", "waiting", "archived"}

// matrixCallers are everybody who can ask.
var matrixCallers = []string{
	"nobody", "nonsense", "revoked", "suspended", "stranger", "sub, not owner", "sub, owner", "main, not owner",
	"main, owner",
}

// outcomes are what the requester gets, a state each.
type outcomes [7]error

// inEachState names the outcomes by the request's state.
func inEachState(pending, opened, expired, withdrawn, connected, waiting, archived error) outcomes {
	return [7]error{pending, opened, expired, withdrawn, connected, waiting, archived}
}

func always(err error) outcomes {
	var all outcomes
	for i := range all {
		all[i] = err
	}
	return all
}

var (
	ok         = always(nil)
	notFound   = always(onboarding.ErrNotFound)
	notAllowed = always(onboarding.ErrForbidden)
	conflict   = always(onboarding.ErrConflict)
)

// cell is one question: who asks, and about what.
type cell struct {
	key     string           // of what it is about
	device  relaytest.Device // who asks
	owner   onboarding.Member
	request onboarding.Request
	item    string
	target  string // another device of the owner's
	member  string // a member of the owner's agency
	connect string // a Connection of the owner's
	own     string // an account of the agency itself that the owner connected
	code    string // a code for the owner that nobody has used
}

// row is how a method answers. Who has no row of their own gets what the
// owner gets (stranger: of another agency, in which they are a main user).
type row struct {
	ask                 func(t *testing.T, x cell) error
	owner               outcomes
	stranger, sub, main *outcomes // not the owner
	subOwner            *outcomes // the owner, as a sub-user
	subShared           *outcomes // not the owner, as a sub-user, with Share requests on
	shared              bool      // with Share requests on, everybody is as good as the owner
	everyState          bool      // the request's state matters
	recipient           bool      // the request was sent to somebody

	needsTarget, needsMember, needsConnection, needsOwn, needsCode bool
}

func call[Q, A any](m wire.Method[Q, A], question func(x cell) Q) func(*testing.T, cell) error {
	return func(t *testing.T, x cell) error {
		_, err := wire.Call(t.Context(), x.device.Client, m, question(x))
		return err
	}
}

// aboutARequest is a row for what only those who see a request can do with it.
func aboutARequest(ask func(*testing.T, cell) error, owner outcomes) row {
	return row{
		ask: ask, owner: owner, stranger: &notFound, sub: &notFound, main: &notFound, shared: true, everyState: true,
	}
}

// forMainUsers is a row for what concerns the caller's own agency.
func forMainUsers(ask func(*testing.T, cell) error, main outcomes) row {
	return row{ask: ask, owner: main, sub: &notAllowed, subOwner: &notAllowed}
}

func theRequest(x cell) wire.RequestParams { return wire.RequestParams{ID: x.request.ID} }
func theLink(x cell) wire.NewLinkParams {
	return wire.NewLinkParams{ID: x.request.ID, LinkVersion: x.request.LinkVersion}
}
func nothing(cell) wire.Empty { return wire.Empty{} }

// aDomain is one at a relay that serves none.
func aDomain(cell) wire.DomainParams { return wire.DomainParams{Name: "access.agency.example"} }

func theDevice(x cell) wire.DeviceParams {
	return wire.DeviceParams{ID: x.target}
}

// matrix has a row for every method of the wire.
func matrix() map[string]row {
	var (
		no        = onboarding.ErrConflict
		expired   = onboarding.ErrExpired
		withdrawn = onboarding.ErrWithdrawn
		completed = onboarding.ErrCompleted
		whileOpen = inEachState(nil, nil, expired, withdrawn, completed, completed, completed)
		ownDevice = row{stranger: &notFound, sub: &notFound, needsTarget: true}
		sending   = func(x cell) wire.SendRequestParams {
			return wire.SendRequestParams{ID: x.request.ID, Recipients: []wire.NewRecipient{{
				ID: store.NewID(), Address: store.NewID() + "@x.example",
			}}}
		}
	)
	withDevice := func(ask func(*testing.T, cell) error) row { r := ownDevice; r.ask = ask; return r }
	sent := func(r row) row { r.recipient = true; return r }
	ofMember := func(r row) row { r.needsMember, r.stranger = true, &notFound; return r }

	return map[string]row{
		wire.Enrol.Path: {ask: call(wire.Enrol, func(cell) wire.EnrolParams {
			_, public, _ := seal.NewKey() // it cannot fail
			return wire.EnrolParams{Code: "AAAA-AAAA-AAAA-AAAA-AAAA", PublicKey: public, Name: "x"}
		}), owner: always(onboarding.ErrInvalid)},
		wire.Probe.Path:     {ask: call(wire.Probe, nothing)},
		wire.ReadRelay.Path: {ask: call(wire.ReadRelay, nothing)},

		wire.InviteMember.Path: forMainUsers(call(wire.InviteMember, func(cell) wire.InviteMemberParams {
			return wire.InviteMemberParams{
				ID: store.NewID(), Name: "New", Email: store.NewID() + "@x.example", Role: onboarding.SubUser,
			}
		}), ok),
		wire.ChangeMember.Path: ofMember(forMainUsers(call(wire.ChangeMember, func(x cell) wire.ChangeMemberParams {
			return wire.ChangeMemberParams{ID: x.member, Name: "Renamed", Role: onboarding.SubUser}
		}), ok)),
		wire.RemoveMember.Path: ofMember(forMainUsers(call(wire.RemoveMember, func(x cell) wire.RemoveMemberParams {
			return wire.RemoveMemberParams{ID: x.member, Successor: x.owner.ID}
		}), ok)),
		wire.IssueCode.Path: {ask: call(wire.IssueCode, func(cell) wire.IssueCodeParams { return wire.IssueCodeParams{} })},
		wire.ListCodes.Path: {ask: call(wire.ListCodes, nothing)},
		wire.WithdrawCode.Path: {
			ask:      call(wire.WithdrawCode, func(x cell) wire.CodeParams { return wire.CodeParams{ID: x.code} }),
			stranger: &notFound, sub: &notFound, needsCode: true},
		wire.ListDevices.Path:           {ask: call(wire.ListDevices, nothing)},
		wire.ReadDeviceCredentials.Path: withDevice(call(wire.ReadDeviceCredentials, theDevice)),
		wire.Approve.Path:               withDevice(call(wire.Approve, theDevice)),
		wire.Revoke.Path:                withDevice(call(wire.Revoke, theDevice)),

		wire.StartConnection.Path: {ask: call(wire.StartConnection, func(cell) wire.StartConnectionParams {
			sum := sha256.Sum256([]byte("verifier"))
			return wire.StartConnectionParams{
				ID: store.NewID(), Platform: onboarding.Meta, Challenge: base64.RawURLEncoding.EncodeToString(sum[:]),
				Loopback: "http://127.0.0.1:4711/back",
			}
		})},
		wire.FinishConnection.Path: {ask: call(wire.FinishConnection, func(x cell) wire.FinishConnectionParams {
			return wire.FinishConnectionParams{ID: x.connect, Code: "wrong", Verifier: "wrong"}
		}), owner: notFound, needsConnection: true},
		wire.EndConnection.Path: {
			ask: call(
				wire.EndConnection, func(x cell) wire.ConnectionParams { return wire.ConnectionParams{ID: x.connect} },
			),
			stranger: &notFound, sub: &notFound, subShared: &notAllowed, needsConnection: true},

		wire.ReadNews.Path: {ask: call(wire.ReadNews, nothing)},
		wire.SaveNews.Path: {ask: call(wire.SaveNews, func(cell) wire.SaveNewsParams { return wire.SaveNewsParams{} })},
		wire.ReportOutage.Path: {ask: call(wire.ReportOutage, func(x cell) wire.ReportOutageParams {
			return wire.ReportOutageParams{Outage: onboarding.Outage{
				Subject: onboarding.OutageConnection + x.connect, Service: onboarding.Facebook,
				Failure: string(catalog.SignInEnded),
			}}
		}), stranger: &notFound, sub: &notFound, shared: true, needsConnection: true},

		wire.ReadAudit.Path: aboutARequest(call(wire.ReadAudit, func(x cell) wire.ReadAuditParams {
			return wire.ReadAuditParams{Request: x.request.ID}
		}), ok),
		wire.AcceptHistory.Path: {ask: call(wire.AcceptHistory, func(x cell) wire.AcceptHistoryParams {
			return wire.AcceptHistoryParams{Request: x.request.ID, Code: onboarding.AuditCode(make([]byte, 32))}
		}), owner: ok, stranger: &notFound, sub: &notAllowed, main: &notFound, subOwner: &notAllowed,
			subShared: &notAllowed, shared: true, everyState: true},
		wire.Preflight.Path: {ask: call(wire.Preflight, func(x cell) wire.PreflightParams {
			return wire.PreflightParams{Request: x.request.ID, Services: x.request.Services}
		}), sub: &notFound, main: &notFound, shared: true, everyState: true},

		wire.PrepareRepairs.Path: aboutARequest(call(wire.PrepareRepairs, func(x cell) wire.PrepareRepairsParams {
			return wire.PrepareRepairsParams{Send: store.NewID(), Repairs: []wire.RepairInput{{Item: x.item}}}
		}), ok),
		wire.CloseRepair.Path: aboutARequest(call(wire.CloseRepair, func(x cell) wire.ItemParams {
			return wire.ItemParams{ID: x.item}
		}), ok),

		wire.FindItem.Path: aboutARequest(call(wire.FindItem, func(x cell) wire.FindItemParams {
			return wire.FindItemParams{Item: x.item, Kind: onboarding.Page, Account: "1", Name: "Acme", Chosen: true}
		}), conflict),
		wire.ConfirmItem.Path: aboutARequest(call(wire.ConfirmItem, func(x cell) wire.ConfirmItemParams {
			return wire.ConfirmItemParams{Item: x.item, On: true}
		}), conflict),
		wire.UnmatchItem.Path: aboutARequest(call(wire.UnmatchItem, func(x cell) wire.UnmatchItemParams {
			return wire.UnmatchItemParams{Item: x.item, Kind: onboarding.Page, Name: "Acme"}
		}), conflict),

		wire.PickAssets.Path: {ask: call(wire.PickAssets, func(x cell) wire.PickAssetsParams {
			return wire.PickAssetsParams{Connection: x.connect, Assets: []wire.PickedAsset{{
				Kind: onboarding.Page, Account: store.NewID(), Name: "Acme",
			}}}
		}), stranger: &notFound, sub: &notFound, subShared: &notAllowed, needsConnection: true},
		wire.PlanAccount.Path: {ask: call(wire.PlanAccount, func(cell) wire.PlanAccountParams {
			return wire.PlanAccountParams{Service: onboarding.ActiveCampaign, Account: "acme"}
		})},
		wire.SaveAccount.Path: {ask: call(wire.SaveAccount, func(x cell) wire.SaveAccountParams {
			return wire.SaveAccountParams{
				Item: store.NewID(), Version: 1, Service: onboarding.ActiveCampaign, Account: store.NewID(), Name: "acme",
				Sealed: []wire.SealedFor{{Device: x.device.ID, Sealed: []byte("sealed")}}}
		})},
		wire.RemoveAccount.Path: {
			ask:      call(wire.RemoveAccount, func(x cell) wire.ItemParams { return wire.ItemParams{ID: x.own} }),
			stranger: &notFound, sub: &notFound, subShared: &notAllowed, needsOwn: true},

		wire.SaveRequest.Path: {
			ask: call(wire.SaveRequest,
				func(x cell) wire.SaveRequestParams { return relaytest.HubSpotRequest(x.request.ID) }),
			stranger: &conflict, sub: &conflict, main: &conflict, everyState: true},

		wire.EditRequest.Path: aboutARequest(call(wire.EditRequest,
			func(x cell) wire.SaveRequestParams { return relaytest.HubSpotRequest(x.request.ID) }),
			inEachState(nil, no, expired, withdrawn, completed, completed, completed)),
		wire.ResubmitRequest.Path: {ask: call(wire.ResubmitRequest,
			func(x cell) wire.ResubmitRequestParams { return wire.ResubmitRequestParams{Request: x.request} }),
			stranger: &notAllowed, sub: &notAllowed, main: &notAllowed, everyState: true},
		wire.SendRequest.Path: aboutARequest(call(wire.SendRequest, sending), whileOpen),
		wire.ResendRequest.Path: sent(aboutARequest(call(wire.ResendRequest, func(x cell) wire.ResendRequestParams {
			return wire.ResendRequestParams{ID: x.request.ID, Send: store.NewID(),
				Recipients: []string{x.request.Recipients[0].ID}}
		}), whileOpen)),
		wire.RenewRequest.Path: aboutARequest(call(wire.RenewRequest, theLink),
			inEachState(no, no, nil, withdrawn, completed, completed, completed)),
		wire.ReopenRequest.Path: aboutARequest(call(wire.ReopenRequest, theLink),
			inEachState(no, no, no, withdrawn, nil, nil, nil)),
		wire.SetReminders.Path: aboutARequest(call(wire.SetReminders, func(x cell) wire.SetRemindersParams {
			return wire.SetRemindersParams{ID: x.request.ID, Days: []int{5}}
		}), inEachState(nil, nil, nil, withdrawn, completed, completed, completed)),
		wire.WithdrawRequest.Path: aboutARequest(call(wire.WithdrawRequest, theRequest),
			inEachState(nil, nil, nil, nil, no, nil, no)),
		wire.RecordClientEnd.Path: aboutARequest(call(wire.RecordClientEnd, theRequest), ok),
		wire.ArchiveRequest.Path: aboutARequest(call(wire.ArchiveRequest, func(x cell) wire.ArchiveRequestParams {
			return wire.ArchiveRequestParams{ID: x.request.ID, On: true}
		}), inEachState(no, no, nil, nil, nil, nil, nil)),
		wire.DeleteClient.Path: aboutARequest(call(wire.DeleteClient, theRequest), ok),

		wire.ConfirmRestore.Path: forMainUsers(call(wire.ConfirmRestore, func(cell) wire.ConfirmRestoreParams {
			return wire.ConfirmRestoreParams{Restored: 7}
		}), ok), // no backup was restored: nothing is to be confirmed
		wire.ReadChanges.Path: {ask: call(wire.ReadChanges, func(cell) wire.ChangesParams { return wire.ChangesParams{} })},

		wire.ReadDeliveries.Path: {ask: call(wire.ReadDeliveries,
			func(cell) wire.DeliveriesParams { return wire.DeliveriesParams{} })},
		wire.Acknowledge.Path: {ask: call(wire.Acknowledge,
			func(cell) wire.AcknowledgeParams { return wire.AcknowledgeParams{IDs: []string{"x"}} })},
		wire.SealForDevice.Path: withDevice(call(wire.SealForDevice,
			func(x cell) wire.SealForDeviceParams { return wire.SealForDeviceParams{Device: x.target} })),
		wire.RenewCredential.Path: aboutARequest(call(wire.RenewCredential, func(x cell) wire.RenewCredentialParams {
			return wire.RenewCredentialParams{Item: x.item, Version: 1, Refresh: "not the one that is kept"}
		}), notAllowed),
		wire.ReportAccess.Path: aboutARequest(call(wire.ReportAccess, func(x cell) wire.ReportAccessParams {
			return wire.ReportAccessParams{Item: x.item, Access: onboarding.Access{State: onboarding.AccessWorks}}
		}), ok),

		wire.ReadSharedGrant.Path: aboutARequest(call(wire.ReadSharedGrant, func(x cell) wire.SharedGrantParams {
			return wire.SharedGrantParams{ID: x.item}
		}), ok),
		wire.EndAccess.Path: aboutARequest(call(wire.EndAccess, func(x cell) wire.EndAccessParams {
			return wire.EndAccessParams{Item: x.item, Proven: true}
		}), ok),

		wire.SaveBrand.Path: forMainUsers(call(wire.SaveBrand,
			func(cell) wire.SaveBrandParams { return wire.SaveBrandParams{Company: "Acme", KeepLogo: true} }), ok),
		wire.SwitchBrand.Path: forMainUsers(call(wire.SwitchBrand,
			func(cell) wire.SwitchParams { return wire.SwitchParams{} }), ok),
		wire.ProposeReplyTo.Path: forMainUsers(call(wire.ProposeReplyTo,
			func(cell) wire.AddressParams { return wire.AddressParams{} }), ok),
		wire.ConfirmReplyTo.Path: forMainUsers(call(wire.ConfirmReplyTo,
			func(cell) wire.ConfirmReplyToParams { return wire.ConfirmReplyToParams{Code: "00000000"} }),
			always(onboarding.ErrInvalid)),

		wire.ReadCheckup.Path:   forMainUsers(call(wire.ReadCheckup, nothing), ok),
		wire.ReadDomain.Path:    forMainUsers(call(wire.ReadDomain, nothing), ok),
		wire.ProposeDomain.Path: forMainUsers(call(wire.ProposeDomain, aDomain), always(onboarding.ErrInvalid)),
		wire.CheckDomain.Path:   forMainUsers(call(wire.CheckDomain, aDomain), always(onboarding.ErrInvalid)),
		wire.RemoveDomain.Path:  forMainUsers(call(wire.RemoveDomain, aDomain), ok),

		wire.ListWebhooks.Path: forMainUsers(call(wire.ListWebhooks, nothing), ok),
		wire.SaveWebhook.Path: forMainUsers(call(wire.SaveWebhook, func(cell) wire.SaveWebhookParams {
			return wire.SaveWebhookParams{ID: "W1", Name: "News", Form: onboarding.WebhookSlack}
		}), always(onboarding.ErrInvalid)), // no kind is chosen
		wire.DeleteWebhook.Path:  forMainUsers(call(wire.DeleteWebhook, noWebhook), ok),
		wire.TestWebhook.Path:    forMainUsers(call(wire.TestWebhook, noWebhook), notFound),
		wire.ReadWebhookLog.Path: forMainUsers(call(wire.ReadWebhookLog, noWebhook), notFound),
		wire.ResendWebhook.Path:  forMainUsers(call(wire.ResendWebhook, noWebhook), notFound),
	}
}

func noWebhook(cell) wire.WebhookParams { return wire.WebhookParams{ID: "W0"} }

// askedApart are methods that change what the other cells see: share asks them.
var askedApart = []string{wire.ShareRequests.Path}

func TestEveryMethodKnowsWhoMayAskAndWhen(t *testing.T) {
	rows := matrix()
	for _, m := range wire.All() {
		if _, has := rows[m.Path]; !has && !slices.Contains(askedApart, m.Path) {
			t.Errorf("%s has no row: say who may ask it, and in which states", m.Path)
		}
	}
	sqldbtest.Each(t, func(t *testing.T, source string) {
		w := newMatrixWorld(t, source)
		for _, shared := range []bool{false, true} {
			w.share(t, shared)
			for path, r := range rows {
				for _, who := range matrixCallers {
					for n, state := range requestStates {
						if n > 0 && (!r.everyState || slices.Contains(matrixCallers[:4], who)) {
							break // the state cannot matter
						}
						x := w.cell(t, who, state, r)
						got := r.ask(t, x)
						if got == nil {
							delete(w.made, x.key)
						}
						if want := r.want(path, who, n, shared); !errors.Is(got, want) || want == nil && got != nil {
							t.Errorf("%s by %s, request %s, shared %v: got %v, want %v", path, who, state, shared, got, want)
						}
					}
				}
			}
		}
	})
}

// want is what a cell has to answer.
func (r row) want(path, who string, state int, shared bool) error {
	if path != wire.Enrol.Path && path != wire.Probe.Path {
		switch who {
		case "nobody", "nonsense":
			return onboarding.ErrUnauthenticated
		case "revoked":
			return onboarding.ErrRevoked
		case "suspended":
			return onboarding.ErrSuspended
		}
	}
	own := map[string]*outcomes{"stranger": r.stranger, "sub, owner": r.subOwner}
	if !shared || !r.shared {
		own["sub, not owner"], own["main, not owner"] = r.sub, r.main
	}
	if shared && r.subShared != nil {
		own["sub, not owner"] = r.subShared
	}
	if special := own[who]; special != nil {
		return special[state]
	}
	return r.owner[state]
}

// matrixWorld is a relay with three agencies: one with four members, a
// stranger's, and one that is suspended.
type matrixWorld struct {
	*relaytest.Relay
	clock   *relaytest.Clock
	callers map[string]relaytest.Device
	owners  map[string]onboarding.Member // of the requests a caller asks about
	agency  string
	made    map[string]cell // what no question has changed so far: each was refused
}

func newMatrixWorld(t *testing.T, source string) *matrixWorld {
	t.Helper()
	clock := relaytest.NewClock()
	rl := relaytest.Start(t, relaytest.Config{Source: source, Now: clock.Now, Idle: true,
		Limits: onboarding.Limits{AgencyAddressesPerDay: 100_000}})
	acme := rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>")
	w := &matrixWorld{Relay: rl, clock: clock, agency: acme.ID, callers: map[string]relaytest.Device{},
		owners: map[string]onboarding.Member{}, made: map[string]cell{}}
	ana := rl.Enrol(t, acme.Code)
	ben := rl.Invite(t, ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	cleo := rl.Invite(t, ana, "Cleo Stern", "cleo@acme.example", onboarding.MainUser)
	dan := rl.Invite(t, ana, "Dan Wu", "dan@acme.example", onboarding.SubUser)
	w.callers["main, owner"], w.owners["main, owner"] = ana, ana.Member
	w.callers["sub, owner"], w.owners["sub, owner"] = ben, ben.Member
	w.callers["main, not owner"], w.owners["main, not owner"] = cleo, ana.Member
	w.callers["sub, not owner"], w.owners["sub, not owner"] = dan, ben.Member
	w.callers["stranger"] = rl.Enrol(t, rl.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	nobody := relaytest.Device{Client: rl.Client(t, onboarding.Secret{})}
	w.callers["nobody"] = nobody
	w.callers["nonsense"] = relaytest.Device{Client: rl.Client(t, onboarding.NewSecret("nonsense"))}

	revoked := rl.Invite(t, ana, "Fay Lund", "fay@acme.example", onboarding.MainUser)
	if _, err := wire.Call(t.Context(), ana.Client, wire.Revoke, wire.DeviceParams{ID: revoked.ID}); err != nil {
		t.Fatal(err)
	}
	w.callers["revoked"] = revoked
	w.callers["suspended"] = rl.Enrol(t, rl.AddAgency(t, "Paused GmbH", "Gus Bell <gus@paused.example>").Code)
	if _, err := rl.Admin.SuspendAgency(t.Context(), "Paused GmbH", true); err != nil {
		t.Fatal(err)
	}
	for _, who := range matrixCallers {
		if w.owners[who].ID == "" {
			w.owners[who] = ana.Member
		}
	}
	return w
}

func (w *matrixWorld) share(t *testing.T, on bool) {
	t.Helper()
	for who, want := range map[string]error{"sub, owner": onboarding.ErrForbidden,
		"nobody": onboarding.ErrUnauthenticated, "stranger": nil, "main, owner": nil} {
		if _, err := wire.Call(t.Context(), w.callers[who].Client, wire.ShareRequests,
			wire.SwitchParams{On: on}); !errors.Is(err, want) {
			t.Errorf("sharing by %s: got %v, want %v", who, err, want)
		}
	}
}

// cell returns a question: about what the last one was refused for, which therefore is as
// it was, else about something new.
func (w *matrixWorld) cell(t *testing.T, who, state string, r row) cell {
	t.Helper()
	owner := w.owners[who]
	if slices.Contains(matrixCallers[:4], who) {
		return cell{device: w.callers[who], owner: owner,
			request: onboarding.Request{Recipients: []onboarding.Recipient{{}}},
			item:    "x", target: "x", member: "x", connect: "x", own: "x", code: "x"}
	}
	key := fmt.Sprint(owner.ID, state, r.everyState, r.recipient, r.needsTarget, r.needsMember, r.needsConnection,
		r.needsOwn, r.needsCode)
	x, has := w.made[key]
	if !has {
		x = w.create(t, owner, state, r)
		x.key = key
		w.made[key] = x
	}
	x.device = w.callers[who]
	return x
}

// create makes what a question is about.
func (w *matrixWorld) create(t *testing.T, owner onboarding.Member, state string, r row) cell {
	t.Helper()
	x := cell{owner: owner, request: onboarding.Request{Recipients: []onboarding.Recipient{{}}},
		item: "x", target: "x", member: "x", connect: "x", own: "x", code: "x"}
	ctx := t.Context()
	if r.everyState {
		x.request, x.item = w.requestIn(t, owner, state, r.recipient)
	}
	if r.needsTarget || r.needsCode {
		ownersDevice := w.callers["main, owner"]
		if owner.Role == onboarding.SubUser {
			ownersDevice = w.callers["sub, owner"]
		}
		code, err := wire.Call(ctx, ownersDevice.Client, wire.IssueCode, wire.IssueCodeParams{})
		if err != nil {
			t.Fatal(err)
		}
		x.code = code.ID
		if r.needsTarget {
			x.target = w.Enrol(t, code.Code.Secret()).ID
		}
	}
	if r.needsMember {
		m := onboarding.Member{ID: store.NewID(), Name: "Somebody", Email: store.NewID() + "@acme.example",
			Role: onboarding.SubUser}
		if err := w.Store.Members.Invite(ctx, w.agency, m); err != nil {
			t.Fatal(err)
		}
		x.member = m.ID
	}
	if r.needsOwn {
		own, err := w.Store.Items.PutOwn(ctx, w.agency, store.SharedItem{Item: onboarding.Item{
			ID: store.NewID(), Owner: owner.ID, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
			Account: store.NewID(), Name: "Portal", State: onboarding.ItemConnected,
		}})
		if err != nil {
			t.Fatal(err)
		}
		x.own = own.ID
	}
	if r.needsConnection {
		x.connect = w.connection(t, owner)
	}
	return x
}

func (w *matrixWorld) connection(t *testing.T, owner onboarding.Member) string {
	t.Helper()
	ctx := t.Context()
	device := w.callers["main, owner"].ID
	if owner.Role == onboarding.SubUser {
		device = w.callers["sub, owner"].ID
	}
	id := store.NewID()
	until := w.Store.Now().Add(time.Minute)
	start := store.PendingConnection{ID: id, Agency: w.agency, Member: owner.ID, Device: device,
		Platform: onboarding.Meta, Challenge: "c", StartHash: []byte(id), Expires: until}
	result := store.PendingResult{
		// Of a user of its own: of two sign-ins of one user the newer replaces the older.
		Connection: onboarding.Connection{User: onboarding.Account{ID: id, Name: "Mina Ito"}},
		Deliveries: []store.Delivery{{Device: device, Subject: id, Version: 1, Sealed: []byte("sealed")}},
	}
	if err := errors.Join(
		w.Store.Connections.Start(ctx, start),
		w.Store.Connections.StoreResult(ctx, id, []byte("code"), result, until),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.Connections.Finish(ctx, w.agency, device, id, []byte("code"), "c"); err != nil {
		t.Fatal(err)
	}
	return id
}

// requestIn brings a request into a state, as members, clients and time do.
func (w *matrixWorld) requestIn(t *testing.T, owner onboarding.Member, state string,
	recipient bool) (onboarding.Request, string) {
	t.Helper()
	ctx := t.Context()
	const toExpire = 40 * 24 * time.Hour
	if state == "expired" {
		w.clock.Advance(-toExpire)
	}
	device := w.callers["main, owner"]
	if owner.Role == onboarding.SubUser {
		device = w.callers["sub, owner"]
	}
	id := store.NewID()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("making a request that is %s: %v", state, err)
		}
	}
	saved, err := wire.Call(ctx, device.Client, wire.SaveRequest, relaytest.HubSpotRequest(id))
	must(err)
	if recipient {
		_, err := w.Store.Requests.Send(ctx, w.agency, id,
			[]store.NewRecipient{{ID: store.NewID(), Address: id + "@harbour.example", Hashes: [][]byte{[]byte(id)}}},
			onboarding.Limits{AgencyAddressesPerDay: 100_000})
		must(err)
		w.clock.Advance(2 * time.Minute)
	}
	item := onboarding.Item{
		ID: store.NewID(), Version: 1, Request: id, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount,
		Account: store.NewID(), Name: "Portal", State: onboarding.ItemConnected,
	}
	if state == "waiting" {
		item.State = onboarding.ItemWaiting
	}
	delivery := store.Delivery{Device: device.ID, Subject: item.ID, IsItem: true, Version: 1, Sealed: []byte("sealed")}
	_, err = w.Store.Items.Put(ctx, w.agency, store.SharedItem{Item: item, RefreshHash: []byte("hash"),
		Deliveries: []store.Delivery{delivery}})
	must(err)
	switch state {
	case "opened":
		must(w.Store.Requests.MarkOpened(ctx, w.agency, id, 0))
	case "expired":
		w.clock.Advance(toExpire)
	case "withdrawn":
		_, err = w.Store.Requests.Withdraw(ctx, w.agency, id, "")
		must(err)
	case "connected", "waiting", "archived":
		v := store.Visit{ID: store.NewID(), Request: id, Agency: w.agency, CookieHash: []byte(store.NewID()), Version: 1,
			Name: "Lena Park", Email: "lena@harbour.example"}
		must(w.Store.Visits.Start(ctx, v))
		_, err = w.Store.Requests.Finish(ctx, v, store.Mailbox{Hashes: [][]byte{[]byte(v.Email)}})
		must(err)
	}
	if state == "archived" {
		_, err = w.Store.Requests.Archive(ctx, w.agency, id, true)
		must(err)
	}
	r, err := w.Store.Requests.Get(ctx, w.agency, id)
	must(err)
	r.Link, r.Proof = saved.Request.Link, saved.Request.Proof
	return r.Request, item.ID
}
