package policy

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAFileOfPoliciesThatOthersCanWriteIsRefused(t *testing.T) {
	me := uint32(os.Getuid())
	path := filepath.Join(t.TempDir(), "policy.json")
	if list, err := readFile(path, me); err != nil || list != nil {
		t.Errorf("without a file: got %v, %v", list, err)
	}
	write := func(text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(owner uint32, want string) {
		t.Helper()
		_, err := readFile(path, owner)
		if err == nil || !strings.HasPrefix(err.Error(), "Latchkey does not start: "+path+" "+want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	write(`{"AllowDemo": false}`, 0o644)
	list, err := readFile(path, me)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := merge(list); err != nil || !p.NoDemo {
		t.Errorf("got %+v, %v", p, err)
	}
	refused(me+1, "does not belong to root")
	write(`{"AllowDemo": false}`, 0o664)
	refused(me, "can be written by others")
	write(`{"AllowDemo": false}`, 0o646)
	refused(me, "can be written by others")
	write(`{"AllowDemo": "yes"}`, 0o644)
	if list, err = readFile(path, me); err != nil {
		t.Fatal(err)
	}
	if _, err := merge(list); err == nil {
		t.Error("a text was taken for true or false")
	}
	write(`{`, 0o644)
	refused(me, "is not a JSON object")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	// A reader of a FIFO would wait for a writer for ever.
	refused(me, "is not a file")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	refused(me, "is not a file")
}
