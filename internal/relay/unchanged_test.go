package relay_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/webtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// idleVisit is a visit on a relay that does nothing by itself, for an agency
// without a hub.
func idleVisit(t *testing.T) (s *relaytest.Scene, ana relaytest.Device, v *webtest.Browser, link, visit string) {
	t.Helper()
	s = relaytest.BeginOn(t, relaytest.Config{Idle: true})
	ana = s.Enrol(t, s.Agency.Code)
	request := relaytest.HubSpotRequest(store.NewID())
	request.Request.Services = append(request.Request.Services, onboarding.ActiveCampaign)
	id := relaytest.Call(t, ana, wire.SaveRequest, request).Request.ID
	link = relaytest.Call(t, ana, wire.SendRequest, wire.SendRequestParams{ID: id, Recipients: []wire.NewRecipient{
		{ID: store.NewID(), Address: "lars@harbourpine.example"},
	}}).Request.Link
	v = webtest.New()
	for _, step := range []func() error{
		func() error { return v.Open(link) },
		func() error { return v.Press("Grant Permission Now") },
		func() error { return v.Fill("Your name", "Lars Holm") },
		func() error { return v.Fill("Your work email", "lars@harbourpine.example") },
		func() error { return v.Press("View request") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return s, ana, v, link, v.Page.URL.String()[:len(s.URL)+len("/w/")+len(store.NewID())]
}

func TestAPressThatChangesNothingWritesNothing(t *testing.T) {
	s, _, v, link, visit := idleVisit(t)
	for _, press := range []struct {
		address string
		form    url.Values
	}{
		{link, nil},
		{link + "/about", url.Values{"name": {"Lars Holm"}, "email": {"lars@harbourpine.example"}}},
		{link + "/about", url.Values{"name": {""}, "email": {"nobody"}}},
		{link + "/email-me", url.Values{"email": {"stranger@elsewhere.example"}}},
		{link + "/email-me", url.Values{"email": {"lars@harbourpine.example"}}}, // one a minute
		{link + "/report", url.Values{"text": {"This is fraud"}}},
		{visit + "/report", url.Values{"text": {"This is fraud"}}},
		{visit + "/skip/hubspot", url.Values{"reason": {"We use another one"}}},
		{visit + "/skip/platforms", url.Values{"reason": {"We use others"}}},
		{visit + "/finish", nil},
		{visit + "/receipt", nil},
		{visit + "/platforms/activecampaign/add", nil},
		{visit + "/platforms/activecampaign/key", url.Values{"api_url": {"nonsense"}, "api_key": {"x"}}},
		{visit + "/facebook/not-you", nil},
		{visit + "/facebook/look", nil},
		{link + "/someone-else", nil},
	} {
		var digest [2]string
		for n := range digest {
			answer, _ := relaytest.Do(t, v.Jar(), http.MethodPost, press.address, press.form, relaytest.SameOrigin())
			if answer.StatusCode >= http.StatusInternalServerError {
				t.Fatalf("%s: status %d", press.address, answer.StatusCode)
			}
			digest[n] = relaytest.DatabaseDigest(t, s)
		}
		if digest[0] != digest[1] {
			t.Errorf("%s with %v once more changes the database", press.address, press.form)
		}
	}
}

func TestACallThatChangesNothingWritesNothing(t *testing.T) {
	s, ana, _, _, _ := idleVisit(t)
	ben := s.Invite(t, ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	second := s.Enrol(t, relaytest.Call(t, ana, wire.IssueCode, wire.IssueCodeParams{}).Code.Secret())
	code := relaytest.Call(t, ana, wire.IssueCode, wire.IssueCodeParams{}).ID
	newRequest := func() onboarding.Request {
		return relaytest.Call(t, ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	}
	edited, sent, withdrawn, archived, deleted := newRequest(), newRequest(), newRequest(), newRequest(), newRequest()
	relaytest.Call(t, ana, wire.WithdrawRequest, wire.RequestParams{ID: archived.ID})
	recipients := []wire.NewRecipient{{ID: store.NewID(), Address: "mina@harbourpine.example"}}
	resend := wire.ResendRequestParams{ID: sent.ID, Send: store.NewID(), Recipients: []string{recipients[0].ID}}
	for _, asked := range []struct {
		what string
		call func()
	}{
		{"saving", again(t, ana, wire.SaveRequest, relaytest.HubSpotRequest(sent.ID))},
		{"editing", again(t, ana, wire.EditRequest, relaytest.HubSpotRequest(edited.ID))},
		{"sending", again(t, ana, wire.SendRequest, wire.SendRequestParams{ID: sent.ID, Recipients: recipients})},
		{"sending again", again(t, ana, wire.ResendRequest, resend)},
		{"withdrawing", again(t, ana, wire.WithdrawRequest, wire.RequestParams{ID: withdrawn.ID})},
		{"archiving", again(t, ana, wire.ArchiveRequest, wire.ArchiveRequestParams{ID: archived.ID, On: true})},
		{"showing", again(t, ana, wire.ArchiveRequest, wire.ArchiveRequestParams{ID: sent.ID})},
		{"deleting", again(t, ana, wire.DeleteClient, wire.RequestParams{ID: deleted.ID})},
		{"renaming", again(t, ana, wire.ChangeMember, wire.ChangeMemberParams{
			ID: ben.Member.ID, Name: "Ben O.", Role: onboarding.SubUser,
		})},
		{"a brand", again(t, ana, wire.SaveBrand, wire.SaveBrandParams{Company: "Acme", KeepLogo: true})},
		{"a brand's switch", again(t, ana, wire.SwitchBrand, wire.SwitchParams{})},
		{"sharing requests", again(t, ana, wire.ShareRequests, wire.SwitchParams{On: true})},
		{"no reply-to", again(t, ana, wire.ProposeReplyTo, wire.AddressParams{})},
		{"a wrong code", again(t, ana, wire.ConfirmReplyTo, wire.ConfirmReplyToParams{Code: "00000000"})},
		{"approving", again(t, ana, wire.Approve, wire.DeviceParams{ID: second.ID})},
		{"a code's withdrawal", again(t, ana, wire.WithdrawCode, wire.CodeParams{ID: code})},
		{"acknowledging", again(t, ana, wire.Acknowledge, wire.AcknowledgeParams{IDs: []string{"unknown"}})},
		{"sealing nothing", again(t, ana, wire.SealForDevice, wire.SealForDeviceParams{Device: second.ID})},
		{"reading", again(t, ana, wire.ReadChanges, wire.ChangesParams{})},
	} {
		s.Pass(2 * time.Minute) // one email a minute
		unchanged(t, s, asked.what, asked.call)
	}
	unchanged(t, s, "revoking", again(t, ana, wire.Revoke, wire.DeviceParams{ID: second.ID}))
	unchanged(t, s, "removing", again(t, ana, wire.RemoveMember, wire.RemoveMemberParams{
		ID: ben.Member.ID, Successor: ana.Member.ID,
	}))
}

// again is a call that may be refused: only what it writes counts.
func again[P, R any](t *testing.T, d relaytest.Device, m wire.Method[P, R], p P) func() {
	return func() { _ = call(t, d, m, p) } // only what it writes counts
}

// unchanged calls twice: the second time nothing is left to write.
func unchanged(t *testing.T, s *relaytest.Scene, what string, call func()) {
	t.Helper()
	call()
	once := relaytest.DatabaseDigest(t, s)
	call()
	if relaytest.DatabaseDigest(t, s) != once {
		t.Errorf("%s once more changes the database", what)
	}
}
