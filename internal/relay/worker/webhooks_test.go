package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// posted is one call of a receiver.
type posted struct {
	header http.Header
	body   []byte
}

// receiver is an agency's own program. Its answers are statuses, the last one for good.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int
	calls   []posted
}

func newReceiver(t *testing.T, answers ...int) *receiver {
	t.Helper()
	r := &receiver{answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, call *http.Request) {
		body, _ := io.ReadAll(call.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.calls = append(r.calls, posted{call.Header, body})
		if len(r.answers) > 0 {
			w.WriteHeader(r.answers[min(len(r.calls), len(r.answers))-1])
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) all() []posted {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// await waits until so many calls came.
func (r *receiver) await(t *testing.T, n int) []posted {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if calls := r.all(); len(calls) >= n {
			return calls
		} else if time.Now().After(deadline) {
			t.Fatalf("%d calls came, want %d", len(calls), n)
		}
	}
}

// hooked is an agency with a webhook and an account.
type hooked struct {
	*relaytest.Team
	clock  *relaytest.Clock
	item   onboarding.Item
	hook   string
	secret string
}

func newHooked(t *testing.T, config relaytest.Config, address string) *hooked {
	t.Helper()
	h := &hooked{clock: relaytest.NewClock(), hook: "H1"}
	config.Now = h.clock.Now
	rl := relaytest.Start(t, config)
	h.Team = &relaytest.Team{
		Relay: rl, Ana: rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code),
	}
	h.item = h.Portal(t)
	h.secret = string(relaytest.Call(t, h.Ana, wire.SaveWebhook, h.params(address)).Secret)
	return h
}

func (h *hooked) params(address string) wire.SaveWebhookParams {
	return wire.SaveWebhookParams{
		ID: h.hook, Name: "News", Form: onboarding.WebhookProgram, Address: wire.SecretText(address),
		Kinds: onboarding.AllNewsKinds(), On: true,
	}
}

// breaks has a hub report that the account does not work any more, as news are.
func (h *hooked) breaks(t *testing.T) {
	t.Helper()
	h.clock.Advance(time.Second)
	for _, state := range []onboarding.AccessState{onboarding.AccessWorks, onboarding.AccessBroken} {
		h.clock.Advance(time.Second)
		relaytest.Call(t, h.Ana, wire.ReportAccess, wire.ReportAccessParams{Item: h.item.ID, Access: onboarding.Access{
			State: state, Failure: "access_revoked", Checked: onboarding.TimestampOf(h.clock.Now()),
		}})
	}
}

func (h *hooked) log(t *testing.T) []onboarding.WebhookDelivery {
	t.Helper()
	return relaytest.Call(t, h.Ana, wire.ReadWebhookLog, wire.WebhookParams{ID: h.hook}).Deliveries
}

// awaitLog waits until the newest delivery is as wanted.
func (h *hooked) awaitLog(t *testing.T, want func(onboarding.WebhookDelivery) bool) onboarding.WebhookDelivery {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		log := h.log(t)
		if len(log) > 0 && want(log[0]) {
			return log[0]
		} else if time.Now().After(deadline) {
			t.Fatalf("the log stays %+v", log)
		}
	}
}

func tried(n int) func(onboarding.WebhookDelivery) bool {
	return func(d onboarding.WebhookDelivery) bool { return d.Attempts == n }
}

func verify(t *testing.T, secret string, call posted) {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.VerifyIgnoringTimestamp(call.body, call.header); err != nil {
		t.Error(err)
	}
}

func TestNewsArriveSignedAndAreTriedAgainAfterAFailure(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		r := newReceiver(t, http.StatusInternalServerError, http.StatusNoContent)
		h := newHooked(t, relaytest.Config{Source: source}, r.URL)
		h.breaks(t)
		failed := h.awaitLog(t, tried(1))
		if failed.State != onboarding.DeliveryWaiting || failed.Status != 500 || failed.Error != onboarding.DeliveryStatus ||
			failed.Next != failed.Tried.Add(5*time.Second) {
			t.Errorf("after a failure: %+v", failed)
		}
		h.clock.Advance(6 * time.Second)
		relaytest.Call(t, h.Ana, wire.ResendWebhook, wire.WebhookParams{ID: h.hook, Delivery: failed.ID}) // it wakes the loop
		calls := r.await(t, 2)
		done := h.awaitLog(t, tried(2))
		if done.State != onboarding.DeliveryDelivered || done.Status != 204 || done.Error != "" || done.Next != 0 {
			t.Errorf("after a success: %+v", done)
		}
		for _, call := range calls {
			verify(t, h.secret, call)
			if id := call.header.Get("webhook-id"); id != failed.ID {
				t.Errorf("the webhook-id is %s, want %s", id, failed.ID)
			}
		}
		var got struct {
			Type string            `json:"type"`
			Data map[string]string `json:"data"`
		}
		if err := json.Unmarshal(calls[1].body, &got); err != nil {
			t.Fatal(err)
		}
		if got.Type != "access.needs_attention" || got.Data["client"] != "Harbour & Pine" || got.Data["item"] != h.item.ID ||
			got.Data["link"] != h.URL+"/open/request/"+h.item.Request {
			t.Errorf("the body is %s", calls[1].body)
		}
		if text := string(calls[1].body); strings.Contains(text, "@") || strings.Contains(text, h.item.Name) {
			t.Errorf("the body says too much: %s", text)
		}
	})
}

func TestAWebhookThatIsGoneIsSwitchedOffAndTheHubsAreTold(t *testing.T) {
	r := newReceiver(t, http.StatusGone)
	h := newHooked(t, relaytest.Config{}, r.URL)
	h.breaks(t)
	d := h.awaitLog(t, tried(1))
	if d.State != onboarding.DeliveryFailed || d.Error != onboarding.DeliveryGone {
		t.Errorf("the delivery is %+v", d)
	}
	list := relaytest.Call(t, h.Ana, wire.ListWebhooks, wire.Empty{}).Webhooks
	if len(list) != 1 || list[0].On || list[0].Off != onboarding.DeliveryGone || list[0].OffSince == 0 {
		t.Errorf("the webhook is %+v", list)
	}
	changes := relaytest.Call(t, h.Ana, wire.ReadChanges, wire.ChangesParams{})
	if changes.Agency == nil || !slices.Equal(changes.Agency.WebhooksOff, []string{"News"}) {
		t.Errorf("the hubs read %+v", changes.Agency)
	}
	h.clock.Advance(2 * time.Minute)
	if err := h.Store.Webhooks.Resend(t.Context(), h.Ana.Agency.ID, h.hook, d.ID); err != nil { // it wakes the loop
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	m, err := h.World.Mail.Await(ctx, func(m sandbox.Message) bool {
		return m.Subject == "Latchkey: a webhook was switched off"
	})
	if err != nil || !slices.Equal(m.To, []string{"ana@acme.example"}) || !strings.Contains(m.Text, "News") ||
		!strings.Contains(m.Text, "(410)") || strings.Contains(m.Text, r.URL+"/") {
		t.Errorf("the email to %v says, with %v:\n%s", m.To, err, m.Text)
	}
	h.breaks(t)
	if calls, log := r.all(), h.log(t); len(calls) != 1 || len(log) != 1 {
		t.Errorf("%d calls, %d deliveries after it was switched off", len(calls), len(log))
	}
	relaytest.Call(t, h.Ana, wire.SaveWebhook, h.params(""))
	if changes := relaytest.Call(t, h.Ana, wire.ReadChanges, wire.ChangesParams{}); len(changes.Agency.WebhooksOff) != 0 {
		t.Errorf("once it is on again the hubs read %v", changes.Agency.WebhooksOff)
	}
}

func TestASuspendedAgencysNewsArriveAfterwards(t *testing.T) {
	r := newReceiver(t, http.StatusInternalServerError, http.StatusOK)
	h := newHooked(t, relaytest.Config{}, r.URL)
	h.breaks(t)
	d := h.awaitLog(t, tried(1))
	agency := h.Ana.Agency.ID
	suspend := func(on bool) {
		t.Helper()
		if _, err := h.Admin.SuspendAgency(t.Context(), "Acme Media", on); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(time.Hour + time.Minute)
		if err := h.Store.Webhooks.Resend(t.Context(), agency, h.hook, d.ID); err != nil { // it wakes the loop
			t.Fatal(err)
		}
	}
	suspend(true)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		log, err := h.Store.Webhooks.Log(t.Context(), agency, h.hook)
		if err != nil {
			t.Fatal(err)
		}
		if got := log[0]; got.Error == onboarding.DeliverySuspended {
			if got.State != onboarding.DeliveryWaiting || got.Attempts != 1 || got.Next != got.Tried.Add(time.Hour) {
				t.Errorf("while it is suspended: %+v", got.WebhookDelivery)
			}
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the delivery stays %+v", got.WebhookDelivery)
		}
	}
	if calls := r.all(); len(calls) != 1 {
		t.Errorf("%d calls of a suspended agency, want the one before", len(calls))
	}
	suspend(false)
	r.await(t, 2)
	if got := h.awaitLog(t, tried(2)); got.State != onboarding.DeliveryDelivered || got.ID != d.ID {
		t.Errorf("afterwards it is %+v", got)
	}
}

func TestAWebhookThatFailsForThreeDaysIsSwitchedOff(t *testing.T) {
	r := newReceiver(t, http.StatusInternalServerError)
	h := newHooked(t, relaytest.Config{}, r.URL)
	h.breaks(t)
	h.awaitLog(t, tried(1))
	h.clock.Advance(3*24*time.Hour + time.Hour) // without news
	h.breaks(t)
	for attempt := 1; attempt <= 7; attempt++ {
		d := h.awaitLog(t, tried(attempt))
		if attempt == 7 {
			break // the last one
		}
		list := relaytest.Call(t, h.Ana, wire.ListWebhooks, wire.Empty{}).Webhooks
		if !list[0].On || list[0].Failing == 0 {
			t.Fatalf("after attempt %d it is %+v", attempt, list[0])
		}
		relaytest.Call(t, h.Ana, wire.ResendWebhook, wire.WebhookParams{ID: h.hook, Delivery: d.ID}) // it is due now
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		w := relaytest.Call(t, h.Ana, wire.ListWebhooks, wire.Empty{}).Webhooks[0]
		if !w.On && w.Off == onboarding.DeliveryFailing {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("after three days it is %+v", w)
		}
	}
	for _, d := range h.log(t) {
		if d.State == onboarding.DeliveryWaiting {
			t.Errorf("a delivery still waits: %+v", d)
		}
	}
}

func TestADeliveryThatALostLifeHadLeasedGoesOnceUnderItsID(t *testing.T) {
	r := newReceiver(t)
	h := newHooked(t, relaytest.Config{Idle: true}, r.URL)
	h.breaks(t)
	former := store.LeaseOwner{Instance: strings.Replace(h.URL, "http://localhost", "127.0.0.1", 1), Run: "former"}
	d, err := h.Store.Webhooks.Claim(t.Context(), former, nil, h.Store.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Relay.Relay.Run(ctx) }()
	calls := r.await(t, 1)
	h.awaitLog(t, tried(1))
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(calls) != 1 || calls[0].header.Get("webhook-id") != d.ID {
		t.Errorf("%d calls, the first with the id %s, want one with %s", len(calls), calls[0].header.Get("webhook-id"), d.ID)
	}
	// What the former run still reports changes nothing.
	if err := h.Store.Webhooks.Finish(t.Context(), d, former, store.DeliveryResult{
		State: onboarding.DeliveryFailed, Error: onboarding.DeliveryTimeout,
	}); err != nil {
		t.Error(err)
	}
	if got := h.log(t)[0]; got.State != onboarding.DeliveryDelivered || got.Attempts != 1 {
		t.Errorf("afterwards it is %+v", got)
	}
}

func TestATestShowsItsAnswerAndTheLogKeepsTheLast(t *testing.T) {
	r := newReceiver(t, http.StatusTeapot)
	h := newHooked(t, relaytest.Config{}, r.URL)
	for range 10 {
		log := relaytest.Call(t, h.Ana, wire.TestWebhook, wire.WebhookParams{ID: h.hook}).Deliveries
		if d := log[0]; d.Kind != onboarding.WebhookTest || d.Status != http.StatusTeapot ||
			d.State != onboarding.DeliveryFailed || d.Next != 0 {
			t.Fatalf("the answer is %+v", d)
		}
	}
	relaytest.Refused(t, h.Ana, wire.TestWebhook, wire.WebhookParams{ID: h.hook}, onboarding.ErrRateLimited)
	for range 6 {
		h.clock.Advance(61 * time.Second)
		for range 10 {
			relaytest.Call(t, h.Ana, wire.TestWebhook, wire.WebhookParams{ID: h.hook})
		}
	}
	if log := h.log(t); len(log) != onboarding.MaxWebhookLog {
		t.Errorf("the log has %d deliveries, want %d", len(log), onboarding.MaxWebhookLog)
	}
	if w := relaytest.Call(t, h.Ana, wire.ListWebhooks, wire.Empty{}).Webhooks[0]; !w.On || w.Failing != 0 {
		t.Errorf("tests switched it to %+v", w)
	}
}

func TestTheDatabaseAloneGivesNeitherAddressNorSecret(t *testing.T) {
	r := newReceiver(t)
	address := r.URL + "/services/T0123/secret-part"
	h := newHooked(t, relaytest.Config{}, address)
	var row string
	if err := h.DB.Read(t.Context(), func(q sqldb.Queryer) error {
		var sealed []byte
		var host string
		err := q.QueryRowContext(t.Context(), `SELECT host, sealed FROM webhooks`).Scan(&host, &sealed)
		row = host + string(sealed)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(row, "secret-part") || strings.Contains(row, h.secret) || !strings.HasPrefix(h.secret, "whsec_") {
		t.Error("the row shows the address or the secret")
	}
	again := relaytest.Call(t, h.Ana, wire.SaveWebhook, h.params(""))
	if again.Secret != "" {
		t.Error("the secret is given out again")
	}
	replace := h.params("")
	replace.NewSecret = true
	fresh := string(relaytest.Call(t, h.Ana, wire.SaveWebhook, replace).Secret)
	relaytest.Call(t, h.Ana, wire.TestWebhook, wire.WebhookParams{ID: h.hook})
	call := r.await(t, 1)[0]
	for _, secret := range []string{fresh, h.secret} { // the former one signs for a day
		verify(t, secret, call)
	}
	// Replaced once more, and saved again: whichever of them the receiver has signs for
	// another day. The answer with the one in between may have been lost.
	h.clock.Advance(12 * time.Hour)
	between := fresh
	fresh = string(relaytest.Call(t, h.Ana, wire.SaveWebhook, replace).Secret)
	for n, after := range []time.Duration{0, 23 * time.Hour} {
		h.clock.Advance(after)
		relaytest.Call(t, h.Ana, wire.SaveWebhook, h.params(""))
		relaytest.Call(t, h.Ana, wire.TestWebhook, wire.WebhookParams{ID: h.hook})
		call = r.await(t, n+2)[n+1]
		for _, secret := range []string{fresh, between, h.secret} {
			verify(t, secret, call)
		}
	}
	h.clock.Advance(2 * time.Hour)
	relaytest.Call(t, h.Ana, wire.TestWebhook, wire.WebhookParams{ID: h.hook})
	call = r.await(t, 4)[3]
	verify(t, fresh, call)
	if strings.Contains(call.header.Get("webhook-signature"), " ") {
		t.Error("the former secret still signs after a day")
	}
	// A row into which another webhook's was copied opens nothing.
	other := h.params("http://localhost:1/")
	other.ID = "H2"
	relaytest.Call(t, h.Ana, wire.SaveWebhook, other)
	if err := h.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `
			UPDATE webhooks SET sealed = (SELECT sealed FROM webhooks WHERE id = 'H1') WHERE id = 'H2'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	log := relaytest.Call(t, h.Ana, wire.TestWebhook, wire.WebhookParams{ID: "H2"}).Deliveries
	if log[0].Error != onboarding.DeliveryUnreadable || len(r.all()) != 4 {
		t.Errorf("with a row that the relay did not write: %+v", log[0])
	}
}

func TestAWebhookGetsWhatItsOwnerMaySee(t *testing.T) {
	r := newReceiver(t)
	h := newHooked(t, relaytest.Config{}, r.URL)
	cleo := h.Invite(t, h.Ana, "Cleo Stern", "cleo@acme.example", onboarding.MainUser)
	relaytest.Call(t, cleo, wire.SaveWebhook, h.params("")) // Cleo saved it last, and Ana shares nothing
	h.breaks(t)
	if log := h.log(t); len(log) != 0 {
		t.Errorf("news of Ana's were queued for Cleo: %+v", log)
	}
	relaytest.Call(t, h.Ana, wire.ShareRequests, wire.SwitchParams{On: true})
	h.breaks(t)
	h.awaitLog(t, tried(1))
}

func TestAnAgencyPostsOnlySoManyAMinute(t *testing.T) {
	r := newReceiver(t)
	h := newHooked(t, relaytest.Config{Idle: true}, r.URL)
	for range onboarding.MaxWebhookPerMin + 5 {
		h.breaks(t)
	}
	owner := store.LeaseOwner{Instance: "here", Run: "1"}
	inFlight := map[string]string{}
	for {
		d, err := h.Store.Webhooks.Claim(t.Context(), owner, inFlight, h.Store.Now().Add(time.Minute))
		if errors.Is(err, onboarding.ErrNotFound) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		inFlight[d.ID] = d.Agency
	}
	if len(inFlight) != onboarding.MaxWebhookPerMin {
		t.Errorf("%d were claimed within a minute, want %d", len(inFlight), onboarding.MaxWebhookPerMin)
	}
	if next, err := h.Store.Webhooks.NextDue(t.Context()); err != nil || next <= h.Store.Now() {
		t.Errorf("the next is due at %v, now is %v: %v", next, h.Store.Now(), err)
	}
}

func TestAnAgencyHasAtMostTenWebhooks(t *testing.T) {
	h := newHooked(t, relaytest.Config{Idle: true}, "http://localhost:1/")
	for range onboarding.MaxWebhooks - 1 {
		p := h.params("http://localhost:1/")
		p.ID = store.NewID()
		relaytest.Call(t, h.Ana, wire.SaveWebhook, p)
	}
	p := h.params("http://localhost:1/")
	p.ID = store.NewID()
	relaytest.Refused(t, h.Ana, wire.SaveWebhook, p, onboarding.ErrInvalid)
	relaytest.Call(t, h.Ana, wire.DeleteWebhook, wire.WebhookParams{ID: h.hook})
	relaytest.Call(t, h.Ana, wire.SaveWebhook, p)
	for name, change := range map[string]func(*wire.SaveWebhookParams){
		"no kinds":  func(p *wire.SaveWebhookParams) { p.Kinds = nil },
		"no form":   func(p *wire.SaveWebhookParams) { p.Form = "pigeon" },
		"no name":   func(p *wire.SaveWebhookParams) { p.Name = " " },
		"a private": func(p *wire.SaveWebhookParams) { p.Address = "https://10.1.2.3/" },
	} {
		wrong := p
		change(&wrong)
		if _, err := wire.Call(t.Context(), h.Ana.Client, wire.SaveWebhook, wrong); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDeletingARequestDeletesWhatWaitsForWebhooks(t *testing.T) {
	h := newHooked(t, relaytest.Config{Idle: true}, "http://localhost:1/")
	h.breaks(t)
	if len(h.log(t)) != 1 {
		t.Fatal("no news were queued")
	}
	relaytest.Call(t, h.Ana, wire.DeleteClient, wire.RequestParams{ID: h.item.Request})
	if log := h.log(t); len(log) != 0 {
		t.Errorf("the log has %+v", log)
	}
}
