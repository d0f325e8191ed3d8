//go:build unix

package main

import (
	"os"
	"testing"
)

func TestRootWritesNothingThatTheRelaysOwnUserCannotRead(t *testing.T) {
	p := founded(t)
	p.does(t, "keys", "rotate") // its own
	const other = 12345
	if err := os.Chown(p.file("relay.key"), other, -1); err != nil {
		if os.Geteuid() == 0 {
			t.Fatal(err)
		}
		return // nobody but root can be in that place
	}
	p.refuses(t, "sudo -u #12345", "keys", "rotate")
	p.does(t, "agency", "list")
	empty := newPlace(t)
	if err := os.Mkdir(empty.file(""), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(empty.file(""), other, -1); err != nil {
		t.Fatal(err)
	}
	empty.refuses(t, "sudo -u #12345", "agency", "add", "Acme", "--new", "--main", "Ana <ana@acme.example>")
}
