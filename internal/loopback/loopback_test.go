package loopback

import "testing"

func TestOnlyThisComputerIsOnLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "10.0.0.1": false, "localhost.example": false, "127.0.0.1.example": false, "127.1": false, "::2": false,
	} {
		if got := Host(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}
