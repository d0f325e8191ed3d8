package logs

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// book is a log that a test waits for.
type book struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) lines() []map[string]any {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []map[string]any
	for line := range strings.Lines(b.text.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			fields = map[string]any{"msg": "no JSON: " + line}
		}
		lines = append(lines, fields)
	}
	return lines
}

// waitFor waits until the log has a line with a message.
func (b *book) waitFor(t *testing.T, message string) map[string]any {
	t.Helper()
	for {
		for _, line := range b.lines() {
			if line["msg"] == message {
				return line
			}
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("the log never says %q", message)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestRepeatsAreCountedAndOtherLinesAreNot(t *testing.T) {
	b := &book{}
	handler := Bound(slog.NewJSONHandler(b, nil), Limits{Lines: 2, Window: time.Hour})
	log := slog.New(handler)
	other := log.With("part", "other")
	for n := range 1000 {
		log.Info("refusing a call", "reference", n)
		other.Info("refusing a call", "reference", n)
	}
	log.Error("refusing a call")
	log.Info("something else")
	handler.(*bounded).repeats.flush() // as the window's end does
	again := b.waitFor(t, "the same message again")
	if again["message"] != "refusing a call" || again["count"] != 1998.0 || again["level"] != "INFO" {
		t.Errorf("the repeats are summed up as %v", again)
	}
	if lines := b.lines(); len(lines) != 5 {
		t.Errorf("%d lines, want two of the repeated, two others and the sum: %v", len(lines), lines)
	}
	log.Info("refusing a call") // in the next window
	if lines := b.lines(); len(lines) != 6 {
		t.Errorf("%d lines after a line of the next window", len(lines))
	}
}

func TestAWindowEndsByItself(t *testing.T) {
	b := &book{}
	log := slog.New(Bound(slog.NewJSONHandler(b, nil), Limits{Lines: 1, Window: time.Millisecond}))
	tally := NewTally(log, time.Millisecond)
	tally.Count("unauthenticated")
	b.waitFor(t, "refused strangers")
	for len(b.lines()) < 10 {
		log.Info("refusing a call")
	}
	b.waitFor(t, "the same message again")
}

func TestWhatStrangersCauseIsOneLineAWindow(t *testing.T) {
	b := &book{}
	tally := NewTally(slog.New(slog.NewJSONHandler(b, nil)), time.Hour)
	for range 1000 {
		tally.Count("unauthenticated")
	}
	tally.Count("requests_of_address")
	tally.Flush()
	line := b.waitFor(t, "refused strangers")
	counts, _ := line["counts"].(map[string]any)
	if len(b.lines()) != 1 || counts["unauthenticated"] != 1000.0 || counts["requests_of_address"] != 1.0 {
		t.Errorf("the log has %v", b.lines())
	}
	tally.Flush()
	if len(b.lines()) != 1 {
		t.Error("nothing was counted, and it is logged")
	}
	tally.Count("revoked")
	tally.Flush()
	if len(b.lines()) != 2 {
		t.Error("what was counted is not logged at the end")
	}
}

func TestLinesOfNetHTTPAreJSON(t *testing.T) {
	b := &book{}
	counted := ""
	lines := ForHTTP(slog.New(slog.NewJSONHandler(b, nil)), func(reason string) { counted += reason })
	lines.Printf("http: panic serving %s: %v\ngoroutine 1", "1.2.3.4:5", "no")
	written := b.lines()
	if len(written) != 1 || written[0]["msg"] != "serving HTTP" ||
		written[0]["error"] != "http: panic serving 1.2.3.4:5: no\ngoroutine 1" || counted != "" {
		t.Errorf("the log has %v", written)
	}
	lines.Printf("http: TLS handshake error from %s: %v", "1.2.3.4:5", "EOF")
	if len(b.lines()) != 1 || counted != "tls_handshake" {
		t.Errorf("a handshake that failed is in the log: %v, counted as %q", b.lines(), counted)
	}
}
