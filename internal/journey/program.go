package journey

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Root is the module's folder: tests run in their package's folder below it.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("finding the folder of this test: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			t.Fatal("no go.mod above this test's folder")
		}
		dir = above
	}
}

// Program is the relay as built by `make relay`.
func Program(t testing.TB) string {
	t.Helper()
	path := filepath.Join(Root(t), "build", "bin", "latchkey-relay")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the relay is not built, `make relay` does that: %v", err)
	}
	return path
}

// Running is a started program.
type Running struct {
	*exec.Cmd
	Log *Log

	ended chan struct{}
	err   error
}

// Log collects a program's standard error.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Log) Write(said []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(said)
}

// String returns the text so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Run starts the relay with only these settings and these arguments. It is
// stopped with the test.
func Run(t testing.TB, log *Log, settings []string, arguments ...string) *Running {
	t.Helper()
	command := exec.Command(Program(t), arguments...)
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir(),
	}, settings...)
	command.Stderr = log
	return start(t, command, log)
}

func start(t testing.TB, command *exec.Cmd, log *Log) *Running {
	t.Helper()
	r := &Running{Cmd: command, Log: log, ended: make(chan struct{})}
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", filepath.Base(command.Path), err)
	}
	go func() { r.err = command.Wait(); close(r.ended) }()
	t.Cleanup(func() { r.Kill() })
	return r
}

// Kill kills the process, like a power cut, and waits until it is gone.
func (r *Running) Kill() {
	_ = r.Process.Kill() // it may be gone already
	<-r.ended
}

// Stop terminates the process like a service manager, and returns its exit
// error.
func (r *Running) Stop() error {
	if err := r.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-r.ended:
		return r.err
	case <-time.After(20 * time.Second):
		r.Kill()
		return errors.New("it did not end within 20 seconds")
	}
}

// Ended reports whether the process has exited.
func (r *Running) Ended() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// Demo is the output of the demo.
type Demo struct {
	Relay         string            `json:"relay"`
	Mailbox       string            `json:"mailbox"`
	Control       string            `json:"control"`
	Platforms     map[string]string `json:"platforms"`
	EnrolmentCode string            `json:"enrolment_code"`
	Accounts      []Key             `json:"activecampaign_accounts"`
	Links         []struct {
		Client   string   `json:"client"`
		Services []string `json:"services"`
		State    string   `json:"state"`
		URL      string   `json:"url"`
	} `json:"links"`
}

// Key is a key of a platform without a sign-in.
type Key struct {
	URL string `json:"url"`
	Key string `json:"key"`
}

// StartDemo starts the demo as built, and waits until it listens.
func StartDemo(t testing.TB) (Demo, *Running) {
	t.Helper()
	log := &Log{}
	command := exec.Command(Program(t), "demo", "--json")
	command.Env = append(os.Environ(), "HOME="+t.TempDir())
	command.Stderr = log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	line := make(chan []byte, 1)
	running := start(t, command, log)
	go func() {
		first, _ := bufio.NewReader(out).ReadBytes('\n') // without a line, parsing fails below
		line <- first
	}()
	t.Cleanup(func() {
		if err := running.Stop(); err != nil {
			t.Errorf("ending the demo: %v\n%s", err, log)
		}
	})
	var demo Demo
	select {
	case first := <-line:
		if err := json.Unmarshal(first, &demo); err != nil {
			t.Fatalf("reading what the demo says: %v: %s\n%s", err, first, log)
		}
	case <-time.After(5 * time.Minute):
		t.Fatalf("the demo says nothing within five minutes\n%s", log)
	}
	return demo, running
}
