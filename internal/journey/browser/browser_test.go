//go:build browser

// Package browser is walked by Chromium: the gallery, and the journeys that
// only a real browser can make. Each test is a script of this folder.
package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"
)

// letter is one of the mailbox.
type letter struct {
	To      []string `json:"to"`
	Subject string   `json:"subject"`
}

func mailbox(t *testing.T, address string) []letter {
	t.Helper()
	answer, err := http.Get(address + "/api/messages")
	if err != nil {
		t.Fatalf("reading the mailbox: %v", err)
	}
	defer answer.Body.Close()
	var letters []letter
	if err := json.NewDecoder(answer.Body).Decode(&letters); err != nil {
		t.Fatalf("reading the mailbox: %v", err)
	}
	return letters
}

// node runs a script of this folder. What it prints is what is wrong.
func node(t *testing.T, limit time.Duration, script string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	command := exec.CommandContext(ctx, "node", append([]string{script}, args...)...)
	// Asked to end, Playwright takes its browser along.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	err := command.Run()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Errorf("%s took longer than %s", script, limit)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", script, err, said.Bytes())
		return
	}
	t.Log(said.String())
}
