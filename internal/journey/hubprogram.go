package journey

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Screens is the output of the web build: the screens' address and, for the
// demo, its description.
type Screens struct {
	URL string `json:"url"`
	Demo
}

// StartHub starts the hub as built by `make web`, with only this environment,
// and waits until its screens are served. When the test ends it is stopped, and
// must exit cleanly.
func StartHub(t testing.TB, environment []string, arguments ...string) (Screens, *Running) {
	t.Helper()
	screens, running := RunHub(t, environment, arguments...)
	t.Cleanup(func() {
		if err := running.Stop(); err != nil {
			t.Errorf("ending the hub: %v\n%s", err, running.Log)
		}
	})
	return screens, running
}

// LaunchHub starts the hub without waiting for it.
func LaunchHub(t testing.TB, environment []string, arguments ...string) *Running {
	t.Helper()
	command, log := hubCommand(t, environment, arguments)
	return start(t, command, log)
}

// HubProgram is the hub for a browser, as built.
func HubProgram(t testing.TB) string {
	t.Helper()
	program := filepath.Join(Root(t), "build", "bin", "latchkey-web")
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("the hub is not built, `make web` does that: %v", err)
	}
	return program
}

func hubCommand(t testing.TB, environment, arguments []string) (*exec.Cmd, *Log) {
	t.Helper()
	command := exec.Command(HubProgram(t), append([]string{"--addr", "127.0.0.1:0", "--json"}, arguments...)...)
	command.Env = environment
	log := &Log{}
	command.Stderr = log
	return command, log
}

// RunHub is StartHub for a hub that the test may kill.
func RunHub(t testing.TB, environment []string, arguments ...string) (Screens, *Running) {
	t.Helper()
	command, log := hubCommand(t, environment, arguments)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan []byte, 1)
	running := start(t, command, log)
	go func() {
		said, _ := bufio.NewReader(out).ReadBytes('\n') // without a line, parsing fails below
		first <- said
	}()
	var screens Screens
	select {
	case said := <-first:
		if err := json.Unmarshal(said, &screens); err != nil {
			t.Fatalf("reading what the hub says: %v: %s\n%s", err, said, log)
		}
	case <-time.After(5 * time.Minute):
		t.Fatalf("the hub says nothing within five minutes\n%s", log)
	}
	return screens, running
}

// BridgeClient calls the bridge like the screens' script.
type BridgeClient struct {
	base, key string
	client    *http.Client
}

// Key exchanges the key of the screens' address, which works once, for the key
// of calls.
func (s Screens) Key(t testing.TB) string {
	t.Helper()
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+at.Host+"/bridge/key", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimPrefix(at.Fragment, "key="))
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("opening the screens: %v", err)
	}
	defer func() { _ = reply.Body.Close() }()
	key, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusOK {
		t.Fatalf("opening the screens: %s, %v", reply.Status, err)
	}
	return string(key)
}

// BridgeClient opens the screens, in the place of a browser.
func (s Screens) BridgeClient(t testing.TB) *BridgeClient {
	t.Helper()
	return s.BridgeClientWith(t, s.Key(t))
}

// BridgeClientWith is a BridgeClient with a key that a browser has as well.
func (s Screens) BridgeClientWith(t testing.TB, key string) *BridgeClient {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	base, _, _ := strings.Cut(s.URL, "#")
	return &BridgeClient{base: base, key: key, client: client}
}

// CallError is an error from the bridge.
type CallError struct {
	Code      string `json:"code"`
	Field     string `json:"field"`
	Message   string `json:"message"`
	Reference string `json:"reference"`
}

func (e *CallError) Error() string { return e.Code + ": " + e.Message }

// Call makes one call. params and into may be nil. Any other error than a
// CallError means that the hub did not respond.
func (c *BridgeClient) Call(ctx context.Context, method string, params, into any) error {
	if params == nil {
		params = struct{}{}
	}
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"bridge/call/"+method, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.key)
	reply, err := c.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = reply.Body.Close() }()
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  *CallError      `json:"error"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&answer); err != nil {
		return fmt.Errorf("reading the answer of %s (%s): %w", method, reply.Status, err)
	}
	if answer.Error != nil {
		return answer.Error
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, into)
}
