package desktop

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The files that start watch by itself are well-formed, and start it.
func TestTheFilesThatStartWatchAreWellFormed(t *testing.T) {
	for name, starts := range map[string]string{
		"darwin/example.latchkey.watch.plist": "/latchkey watch 2&gt;&gt;",
		"windows/latchkey-watch.xml":          "<Arguments>watch</Arguments>",
		"linux/latchkey-watch.service":        "/latchkey watch\n",
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "build", name))
		if err != nil {
			t.Errorf("reading %s: %v", name, err)
			continue
		}
		if !strings.Contains(string(text), starts) {
			t.Errorf("%s does not have %q", name, starts)
		}
		if strings.HasSuffix(name, ".service") {
			continue
		}
		decoder := xml.NewDecoder(strings.NewReader(string(text)))
		for {
			if _, err = decoder.Token(); err != nil {
				break
			}
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s is not well-formed: %v", name, err)
		}
	}
}

// Where systemd is, it reads the unit without a complaint.
func TestSystemdTakesTheUnit(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // no systemd on this system
	}
	home := t.TempDir()
	path := filepath.Join(home, ".local", "bin", "latchkey")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, "--user", "--man=no", "verify",
		filepath.Join("..", "..", "build", "linux", "latchkey-watch.service"))
	command.Env = []string{"HOME=" + home, "XDG_RUNTIME_DIR=" + home, "PATH=" + os.Getenv("PATH")}
	said, err := command.CombinedOutput()
	if err != nil || strings.Contains(string(said), "latchkey-watch") {
		t.Errorf("systemd says: %v: %s", err, said)
	}
}
