package journey

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Screens is what the hub for a browser says of itself: where its screens are
// and, on the demo, what the demo says.
type Screens struct {
	URL string `json:"url"`
	Demo
}

// StartHub starts the hub as `make web` builds it, with this environment
// alone, and waits until its screens are served.
func StartHub(t testing.TB, environment []string, arguments ...string) (Screens, *Running) {
	t.Helper()
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("finding this file")
	}
	program := filepath.Join(filepath.Dir(here), "..", "..", "build", "bin", "latchkey-web")
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("the hub is not built, `make web` does that: %v", err)
	}
	command := exec.Command(program, append([]string{"--addr", "127.0.0.1:0", "--json"}, arguments...)...)
	command.Env = environment
	log := &Log{}
	command.Stderr = log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan []byte, 1)
	running := start(t, command, log)
	go func() {
		said, _ := bufio.NewReader(out).ReadBytes('\n') // without a line, what comes is no JSON
		first <- said
	}()
	t.Cleanup(func() {
		if err := running.Stop(); err != nil {
			t.Errorf("ending the hub: %v\n%s", err, log)
		}
	})
	var screens Screens
	select {
	case said := <-first:
		if err := json.Unmarshal(said, &screens); err != nil {
			t.Fatalf("reading what the hub says: %v: %s\n%s", err, said, log)
		}
	case <-time.After(2 * time.Minute):
		t.Fatalf("the hub says nothing within two minutes\n%s", log)
	}
	return screens, running
}
