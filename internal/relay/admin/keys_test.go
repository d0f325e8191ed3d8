package admin_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// rotated is a relay with everything that its first key signed, and a second key.
type rotated struct {
	*relaytest.Team
	clock *relaytest.Clock
	item  onboarding.Item
	open  onboarding.Request // its link is of the first key
	code  onboarding.Secret  // likewise
	mac   []byte             // of its row, likewise
	posts atomic.Int64       // to the agency's webhook
}

func newRotated(t *testing.T, source string) *rotated {
	t.Helper()
	k := &rotated{clock: relaytest.NewClock()}
	rl := relaytest.Start(t, relaytest.Config{Source: source, Now: k.clock.Now})
	code := rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code
	k.Team = &relaytest.Team{Relay: rl, Ana: rl.Enrol(t, code)}
	k.item = k.Portal(t)
	k.open = relaytest.Call(t, k.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	k.code = relaytest.Call(t, k.Ana, wire.IssueCode, wire.IssueCodeParams{}).Code.Secret()
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { k.posts.Add(1) }))
	t.Cleanup(hook.Close)
	relaytest.Call(t, k.Ana, wire.SaveWebhook, wire.SaveWebhookParams{
		ID: "H1", Name: "News", Form: onboarding.WebhookProgram, Address: wire.SecretText(hook.URL),
		Kinds: onboarding.AllNewsKinds(), On: true,
	})
	keys := k.keys(t)
	if err := rl.Store.Emails.Suppress(t.Context(), k.Ana.Agency.ID, "lena@harbour.example",
		keys.HashAddress("lena@harbour.example")); err != nil {
		t.Fatal(err)
	}
	sealed, err := keys.SealSecret(store.CertificatePurpose("c"), onboarding.NewSecret("a certificate"))
	if err == nil {
		err = rl.Store.Certificates.Put(t.Context(), "c", sealed)
	}
	if err == nil {
		err = rl.DB.QueryRowContext(t.Context(), `SELECT mac FROM requests WHERE id = $1`, k.open.ID).Scan(&k.mac)
	}
	if err == nil {
		err = keyset.Rotate(rl.KeysetFile, k.clock.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// keys are those of the file as it is.
func (k *rotated) keys(t *testing.T) *keyset.Keyset {
	t.Helper()
	keys, err := keyset.Open(k.KeysetFile, k.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// command is what the operator's next command works with.
func (k *rotated) command(t *testing.T) *admin.Admin {
	t.Helper()
	a, err := admin.New(admin.Config{DB: k.DB, Keyset: k.keys(t), Now: k.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// await waits for what a relay notices by itself.
func (k *rotated) await(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !happened(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
		k.clock.Advance(time.Second)
	}
}

// link is the open request's link as hubs read it.
func (k *rotated) link(t *testing.T) string {
	t.Helper()
	for _, r := range relaytest.Call(t, k.Ana, wire.ReadChanges, wire.ChangesParams{}).Requests {
		if r.ID == k.open.ID {
			return r.Link
		}
	}
	t.Fatal("the request is gone")
	return ""
}

func (k *rotated) status(t *testing.T, link string) int {
	t.Helper()
	answer, _ := relaytest.Do(t, nil, http.MethodGet, link, nil, nil)
	return answer.StatusCode
}

func (k *rotated) failed(t *testing.T) []admin.TamperedAgency {
	t.Helper()
	_, failed, err := k.command(t).VerifyAgencies(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return failed
}

func (k *rotated) putBack(t *testing.T, mac []byte) {
	t.Helper()
	err := k.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE requests SET mac = $1 WHERE id = $2`, mac, k.open.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARetiredKeyEndsAndAllElseGoesOn(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		k, ctx := newRotated(t, source), t.Context()
		if _, err := k.command(t).PlanRetirement(ctx, 1); !errors.Is(err, keyset.ErrTooFresh) {
			t.Errorf("at once: got %v", err)
		}
		k.clock.Advance(2 * time.Minute)
		k.await(t, "the relay signs with the new key", func() bool { return k.link(t) != k.open.Link })
		k.refusesTampered(t)

		operator := k.command(t)
		plan, err := operator.PlanRetirement(ctx, 1)
		if total, reviews := plan.Total(); err != nil || total.Requests != 2 || total.Codes != 1 || reviews != 0 {
			t.Fatalf("it would end %+v and %v", plan, err)
		}
		// Interrupted at any point, all goes on, and a repeat ends it.
		stopped, stop := context.WithCancel(ctx)
		stop()
		if err := operator.RetireKey(stopped, plan); err == nil {
			t.Error("it ended although it was interrupted")
		}
		if _, err := k.Store.Resigning.Resign(ctx, k.keys(t), 0); err != nil {
			t.Fatal(err)
		}
		if status := k.status(t, k.open.Link); status != http.StatusOK || len(k.failed(t)) > 0 {
			t.Errorf("half-way the old link answers %d, and %v fail", status, k.failed(t))
		}
		if err := operator.RetireKey(ctx, plan); err != nil {
			t.Fatal(err)
		}
		k.await(t, "the old link ends", func() bool { return k.status(t, k.open.Link) == http.StatusNotFound })
		k.goesOn(t)

		forged := k.mac // of the same row, under the key that may have leaked
		k.putBack(t, forged)
		if failed := k.failed(t); len(failed) != 1 || failed[0].Rows[0].ID != k.open.ID {
			t.Errorf("a row that the retired key signed is found as %+v", failed)
		}
		again, err := k.command(t).PlanRetirement(ctx, 1)
		if err != nil || again.Done == 0 {
			t.Errorf("again: %+v and %v", again, err)
		}
	})
}

// refusesTampered makes sure that nothing is signed anew that does not verify.
func (k *rotated) refusesTampered(t *testing.T) {
	t.Helper()
	before, err := k.command(t).PlanRetirement(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	k.putBack(t, []byte("nobody’s"))
	if _, err := k.command(t).PlanRetirement(t.Context(), 1); !errors.Is(err, store.ErrTampered) {
		t.Errorf("beside a row that does not verify: got %v", err)
	}
	if err := k.command(t).RetireKey(t.Context(), before); !errors.Is(err, store.ErrTampered) {
		t.Errorf("a row that was changed after the question: got %v", err)
	}
	k.putBack(t, k.mac)
	if keys, err := keyset.List(k.KeysetFile); err != nil || keys[0].Retired != 0 {
		t.Errorf("the keys are %+v and %v", keys, err)
	}
}

// goesOn makes sure that what is not the first key's alone works as before.
func (k *rotated) goesOn(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	if link := k.link(t); k.status(t, link) != http.StatusOK {
		t.Errorf("the new link %s does not open", link)
	}
	if failed := k.failed(t); len(failed) > 0 {
		t.Errorf("rows do not verify: %+v", failed)
	}
	report, err := k.command(t).VerifyAudit(ctx, "", "")
	if err != nil || report.Requests != 2 || len(report.Found) > 0 {
		t.Errorf("the histories: %+v and %v", report, err)
	}
	if credential, _ := k.Opened(t, k.Ana, k.item); credential.Secret.Empty() {
		t.Error("the credential of before is not delivered")
	}
	_, err = wire.Call(ctx, k.Client(t, onboarding.Secret{}), wire.Enrol, wire.EnrolParams{
		Code: wire.NewSecretText(k.code), Name: "iMac", PublicKey: k.Ana.Public,
	})
	if !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("a code of the retired key: got %v", err)
	}
	k.Another(t, k.Ana)
	sent := relaytest.Call(t, k.Ana, wire.SendRequest, wire.SendRequestParams{ID: k.open.ID,
		Recipients: []wire.NewRecipient{{ID: store.NewID(), Address: "lena@harbour.example"}}}).Request
	if sent.Recipients[0].Stopped == 0 {
		t.Error("who asked for no more emails is written to")
	}
	file, err := k.Store.Certificates.Get(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := k.keys(t).OpenSecret(store.CertificatePurpose("c"), file.Sealed); err != nil ||
		!bytes.Equal([]byte(secret.Reveal()), []byte("a certificate")) {
		t.Errorf("the certificate: %v", err)
	}
	for _, state := range []onboarding.AccessState{onboarding.AccessWorks, onboarding.AccessBroken} {
		k.clock.Advance(time.Second)
		relaytest.Call(t, k.Ana, wire.ReportAccess, wire.ReportAccessParams{Item: k.item.ID, Access: onboarding.Access{
			State: state, Failure: "access_revoked", Checked: onboarding.TimestampOf(k.clock.Now()),
		}})
	}
	k.await(t, "the webhook posts", func() bool { return k.posts.Load() > 0 })
}
