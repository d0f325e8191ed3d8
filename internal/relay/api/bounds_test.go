package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Whoever asks, what is too large for a method is refused by its length alone:
// nothing of it is sent here.
func TestEachMethodRefusesTooMuchBeforeItIsSent(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	for _, m := range wire.All() {
		if m.MaxParams > 16<<10 && m.Auth == wire.AuthNone {
			t.Errorf("%s takes %d bytes from anybody", m.Path, m.MaxParams)
		}
		line, err := net.Dial("tcp", strings.TrimPrefix(rl.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if err := line.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(
			line, "POST %s HTTP/1.1\r\nHost: relay\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"+
				"Connection: close\r\n\r\n", m.Path, m.MaxParams+1,
		); err != nil {
			t.Fatal(err)
		}
		reply, err := http.ReadResponse(bufio.NewReader(line), nil)
		if err != nil {
			t.Fatalf("%s: %v", m.Path, err)
		}
		if reply.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d for %d bytes", m.Path, reply.StatusCode, m.MaxParams+1)
		}
		_ = reply.Body.Close() // its status is enough
		_ = line.Close()       // the same
	}
}
