// Package loopbacktest finds addresses for tests, on which a program listens later.
package loopbacktest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Linux gives outgoing connections ports from 32768 on, macOS and Windows from 49152.
const (
	firstPort = 20_000
	ports     = 12_000
)

// FreeAddress returns an address of this computer that is not in use. Its port is
// below those that the system gives to outgoing connections: one of these could
// take it before the program listens there.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+rand.IntN(ports)))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			continue // another program listens there
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return address
	}
	t.Fatal("a hundred ports are in use")
	return ""
}
