//go:build unix

package main

import (
	"net"
	"path/filepath"
	"testing"
	"time"
)

// systemd is told by datagrams on a socket when a service serves, and that it lives.
func TestSystemdIsToldWhatTheRelayDoes(t *testing.T) {
	address := &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"}
	socket, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	t.Setenv("NOTIFY_SOCKET", address.Name)
	t.Setenv("WATCHDOG_USEC", "60000")
	_, _, stop := serving(t, newPlace(t))
	reads := func(want string) {
		t.Helper()
		if err := socket.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		for text := make([]byte, 100); ; {
			n, err := socket.Read(text)
			if err != nil {
				t.Fatalf("waiting for %s: %v", want, err)
			}
			if string(text[:n]) == want {
				return
			}
		}
	}
	reads("READY=1")
	reads("WATCHDOG=1")
	reads("WATCHDOG=1")
	stopped := make(chan int, 1)
	go func() { stopped <- stop() }()
	reads("STOPPING=1")
	if code := <-stopped; code != 0 {
		t.Errorf("it ended with %d", code)
	}
}
