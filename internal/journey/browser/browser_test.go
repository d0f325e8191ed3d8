//go:build browser

// Package browser runs journeys in Chromium: the gallery, and what only a real
// browser shows. Go starts the programs; the checks are in the specs of this
// folder, which Playwright runs.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

// email is an email in the mailbox.
type email struct {
	To      []string `json:"to"`
	Subject string   `json:"subject"`
}

func mailbox(t *testing.T, address string) []email {
	t.Helper()
	answer, err := http.Get(address + "/api/messages")
	if err != nil {
		t.Fatalf("reading the mailbox: %v", err)
	}
	defer func() { _ = answer.Body.Close() }()
	var emails []email
	if err := json.NewDecoder(answer.Body).Decode(&emails); err != nil {
		t.Fatalf("reading the mailbox: %v", err)
	}
	return emails
}

// report is a result of Playwright's runner.
type report struct {
	Suites []suite   `json:"suites"`
	Errors []failure `json:"errors"` // outside of any check
}

type suite struct {
	Specs  []spec  `json:"specs"`
	Suites []suite `json:"suites"`
}

type spec struct {
	Title string `json:"title"`
	OK    bool   `json:"ok"`
	Tests []struct {
		Results []struct {
			Status string    `json:"status"`
			Errors []failure `json:"errors"`
		} `json:"results"`
	} `json:"tests"`
}

type failure struct {
	Message string `json:"message"`
}

// check runs a spec of this folder with its input as JSON. Each of its checks
// is a subtest. The traces of failures are in build/traces.
func check(t *testing.T, limit time.Duration, name string, told any) {
	t.Helper()
	input, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit+20*time.Second)
	defer cancel()
	results := filepath.Join(t.TempDir(), "report.json")
	traces := filepath.Join(journey.Root(t), "build", "traces", strings.ReplaceAll(t.Name(), "/", "-")+"-"+name)
	command := exec.CommandContext(ctx, "node", "node_modules/@playwright/test/cli.js", "test", "/"+name+".spec.ts")
	command.Env = append(os.Environ(), "FORCE_COLOR=0", "LATCHKEY_CHECK="+string(input), "LATCHKEY_REPORT="+results,
		"LATCHKEY_TRACES="+traces, "LATCHKEY_LIMIT_MS="+strconv.FormatInt(limit.Milliseconds(), 10))
	// After an interrupt, Playwright closes its browser.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	output, runErr := command.CombinedOutput()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Errorf("%s took longer than %s", name, limit)
	}
	text, err := os.ReadFile(results)
	if err != nil {
		t.Fatalf("%s: %v; there is no report\n%s", name, runErr, output)
	}
	var found report
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatalf("reading the report of %s: %v\n%s", name, err, output)
	}
	checks := 0
	for _, s := range found.Suites {
		checks += s.report(t)
	}
	if len(found.Errors) > 0 || checks == 0 || runErr != nil && !t.Failed() {
		t.Errorf("%s: %d checks, %v, %v\n%s", name, checks, runErr, found.Errors, output)
	}
}

// report makes each check a subtest, and returns their number.
func (s suite) report(t *testing.T) int {
	t.Helper()
	for _, one := range s.Specs {
		t.Run(one.Title, func(t *testing.T) {
			for _, run := range one.Tests {
				for _, result := range run.Results {
					for _, wrong := range result.Errors {
						t.Error(wrong.Message)
					}
				}
			}
			if !one.OK && !t.Failed() {
				t.Errorf("it did not pass, and says no more: %+v", one.Tests)
			}
		})
	}
	checks := len(s.Specs)
	for _, inner := range s.Suites {
		checks += inner.report(t)
	}
	return checks
}
