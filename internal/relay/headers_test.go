package relay_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// However a page is asked for, it carries each of its headers, and each once.
func TestAPageCarriesItsHeadersOnceHoweverItIsAskedFor(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Idle: true})
	link, err := url.Parse(s.Link(onboarding.HubSpot))
	if err != nil {
		t.Fatal(err)
	}
	for _, asked := range []struct {
		first, more string
		closes      bool
	}{
		{"GET " + link.Path + " HTTP/1.1", "", false},
		{"HEAD " + link.Path + " HTTP/1.1", "", false},
		{"GET " + link.Path + " HTTP/1.1", "Connection: close\r\n", true},
		{"GET " + link.Path + " HTTP/1.0", "", true},
		{"GET " + link.Path + "x HTTP/1.1", "", false}, // no link of ours
	} {
		conn, err := net.Dial("tcp", link.Host)
		if err != nil {
			t.Fatal(err)
		}
		answers := bufio.NewReader(conn)
		method, _, _ := strings.Cut(asked.first, " ")
		times := 2 // on one connection
		if asked.closes {
			times = 1
		}
		for range times {
			if _, err := fmt.Fprintf(
				conn, "%s\r\nHost: %s\r\nUser-Agent: %s\r\n%s\r\n", asked.first, link.Host, webtest.DesktopBrowser, asked.more,
			); err != nil {
				t.Fatal(err)
			}
			answer, err := http.ReadResponse(answers, &http.Request{Method: method})
			if err != nil {
				t.Fatalf("%s: %v", asked.first, err)
			}
			if _, err := io.Copy(io.Discard, answer.Body); err != nil {
				t.Errorf("%s: %v", asked.first, err)
			}
			for _, name := range []string{
				"Content-Security-Policy", "Referrer-Policy", "Cache-Control", "X-Content-Type-Options", "X-Frame-Options",
				"Cross-Origin-Opener-Policy",
				"Cross-Origin-Resource-Policy", "Permissions-Policy", "X-Robots-Tag", "Content-Type", "Content-Length", "Date",
			} {
				if got := answer.Header.Values(name); name != "Content-Length" && len(got) != 1 || answer.ContentLength < 1000 {
					t.Errorf("%s: %s is %q, the length %d", asked.first, name, got, answer.ContentLength)
				}
			}
		}
		if asked.closes {
			if _, err := answers.ReadByte(); err != io.EOF {
				t.Errorf("%s: the connection goes on: %v", asked.first, err)
			}
		}
		_ = conn.Close() // all was read
	}
}
