package relay_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// isReady asserts what a relay answers a load balancer.
func isReady(t *testing.T, rl *relaytest.Relay, status int, text string) {
	t.Helper()
	answer := httptest.NewRecorder()
	rl.Relay.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if answer.Code != status || answer.Body.String() != text+"\n" {
		t.Errorf("/readyz answers %d %q, want %d %q", answer.Code, answer.Body.String(), status, text)
	}
}

func TestARelayIsReadyWhileItCanWriteAndDoesNotEnd(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		rl := relaytest.Start(t, relaytest.Config{Source: source, Idle: true})
		isReady(t, rl, http.StatusOK, "ready")
		rl.Relay.BeginShutdown()
		isReady(t, rl, http.StatusServiceUnavailable, "not ready: it is ending")
		if err := rl.Relay.Ready(t.Context()); err == nil {
			t.Error("a relay that is ending counts as ready")
		}
	})
}

func TestARelayIsNotReadyWithAnOlderSchema(t *testing.T) {
	source := filepath.Join(t.TempDir(), "relay.db")
	rl := relaytest.Start(t, relaytest.Config{Source: source, Idle: true})
	change := func(version string) {
		t.Helper()
		err := rl.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), `UPDATE goose_db_version SET version_id = `+version+` WHERE version_id > 0`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change("999") // of a newer program beside this one
	isReady(t, rl, http.StatusOK, "ready")
	change("0")
	time.Sleep(2100 * time.Millisecond) // an answer holds for two seconds
	isReady(t, rl, http.StatusServiceUnavailable, "not ready: the database has an older schema than this program needs")
}

func TestARelayIsNotReadyWithoutItsDatabase(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	if err := rl.DB.Close(); err != nil {
		t.Fatal(err)
	}
	isReady(t, rl, http.StatusServiceUnavailable, "not ready: the database cannot be written")
}

func TestMailThatFailsIsToldOnceAndSoIsItsEnd(t *testing.T) {
	clock, written := relaytest.NewClock(), &bytes.Buffer{}
	rl := relaytest.Start(t, relaytest.Config{
		Now: clock.Now, Idle: true, Log: slog.New(slog.NewTextHandler(written, &slog.HandlerOptions{Level: slog.LevelInfo})),
	})
	p := &relaytest.MailRelay{Relay: rl, Clock: clock}
	p.Ana = p.Enrol(t, p.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	look := func(text string, failing, working int) {
		t.Helper()
		if err := rl.Relay.RunDueJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		isReady(t, rl, http.StatusOK, text)
		fails := relaytest.Call(t, p.Ana, wire.ReadChanges, wire.ChangesParams{}).MailFails
		if (fails != 0) != (text != "ready") {
			t.Errorf("hubs read that mail fails since %d, want it as %q", fails, text)
		}
		if n := strings.Count(written.String(), "no email was delivered"); n != failing {
			t.Errorf("the log says %d times that mail fails, want %d", n, failing)
		}
		if n := strings.Count(written.String(), "delivered again"); n != working {
			t.Errorf("the log says %d times that mail works again, want %d", n, working)
		}
	}
	to := p.Send(t, p.Save(t, p.Ana).ID, "lena@harbour.example")
	runUntil := func(want func(onboarding.Recipient) bool) {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- rl.Relay.Run(ctx) }()
		p.AwaitState(t, to.ID, want)
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(16 * time.Minute)
	look("ready", 0, 0) // it was not tried: that is not the mail server's fault

	if err := p.World.Mail.SetFaults(sandbox.MailFaults{Greylist: 1}); err != nil {
		t.Fatal(err)
	}
	runUntil(func(r onboarding.Recipient) bool { return r.ServerReply != "" })
	look("ready", 0, 0) // one receiver's own server delays it

	clock.Advance(16 * time.Minute)
	if err := p.World.Mail.SetFaults(sandbox.MailFaults{Down: true}); err != nil {
		t.Fatal(err)
	}
	runUntil(func(r onboarding.Recipient) bool { return strings.Contains(r.ServerReply, "does not answer") })
	look("degraded: emails are not delivered", 1, 0)
	look("degraded: emails are not delivered", 1, 0)

	if err := p.World.Mail.SetFaults(sandbox.MailFaults{}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	runUntil(func(r onboarding.Recipient) bool { return r.EmailState == onboarding.EmailAccepted })
	look("ready", 1, 1)
}
