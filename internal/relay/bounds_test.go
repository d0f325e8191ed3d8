package relay_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestWhatStrangersCauseIsCountedAndNotLogged(t *testing.T) {
	log := &relaytest.Log{}
	rl := relaytest.Start(t, relaytest.Config{Idle: true, Log: slog.New(slog.NewJSONHandler(log, nil))})
	ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	gone := rl.Enrol(t, relaytest.Call(t, ana, wire.IssueCode, wire.IssueCodeParams{}).Code.Secret())
	relaytest.Call(t, ana, wire.Revoke, wire.DeviceParams{ID: gone.ID})
	const json = "application/json"
	calls := map[string]string{"Latchkey-Wire": "1", "Content-Type": json}
	with := func(name, value string) map[string]string {
		return map[string]string{"Latchkey-Wire": "1", "Content-Type": json, name: value}
	}
	times := 30
	for range times {
		for _, asked := range []struct {
			method, path string
			header       map[string]string
		}{
			{http.MethodPost, "/api/v1/relay", calls},
			{http.MethodPost, "/api/v1/relay", with("Authorization", "Bearer made-up")},
			{http.MethodPost, "/api/v1/relay", with("Authorization", "Bearer "+gone.Token.Reveal())},
			{http.MethodPost, "/api/v1/relay", with("Latchkey-Wire", "none")},
			{http.MethodGet, "/api/v1/stream", calls},
			{http.MethodPost, "/api/v1/enrol", calls},
			{http.MethodPost, "/api/v1/probe", with("Content-Type", "text/plain")},
			{http.MethodGet, "/connect/MADE-UP", nil},
			{http.MethodPost, "/connect/MADE-UP", relaytest.SameOrigin()},
			{http.MethodGet, "/r/made-up", nil},
			{http.MethodGet, "/callback/hubspot?state=made-up", nil},
			{http.MethodGet, "/nothing", nil},
		} {
			relaytest.Do(t, nil, asked.method, rl.URL+asked.path, nil, asked.header)
		}
	}
	rl.Stop(t)
	text := log.String()
	if lines := strings.Count(text, "\n"); lines > 5 {
		t.Errorf("%d calls of strangers are %d lines: %.2000s", 12*times, lines, text)
	}
	for reason, count := range map[string]int{
		"unauthenticated": 3 * times, "revoked": times, "update_needed": times, "unknown_sign_in": 2 * times,
	} {
		if want := fmt.Sprintf(`"%s":%d`, reason, count); !strings.Contains(text, want) {
			t.Errorf("the log does not count %s: %.2000s", want, text)
		}
	}
}

func TestTheServerHasLimitsOfTimeAndSizeAndLogsJSON(t *testing.T) {
	log := &bytes.Buffer{}
	rl := relaytest.Start(t, relaytest.Config{Idle: true, Log: slog.New(slog.NewJSONHandler(log, nil))})
	server := rl.Relay.HTTPServer()
	for what, took := range map[string][2]time.Duration{
		"to send the head": {server.ReadHeaderTimeout, 5 * time.Second},
		"to send it all":   {server.ReadTimeout, 10 * time.Second},
		"for the reply":    {server.WriteTimeout, 2 * time.Minute},
		"idle":             {server.IdleTimeout, 20 * time.Second},
	} {
		if took[0] != took[1] {
			t.Errorf("%s: %v, want %v", what, took[0], took[1])
		}
	}
	if server.MaxHeaderBytes != 16<<10 {
		t.Errorf("a head may have %d bytes", server.MaxHeaderBytes)
	}
	server.ErrorLog.Print("http: something")
	if !strings.Contains(log.String(), `"error":"http: something"`) {
		t.Errorf("a line of net/http is %s", log)
	}
}
