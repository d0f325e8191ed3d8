//go:build browser && engines

package browser

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

// Debian packages both engines; without them this test is left out.
func TestInFirefoxAndWebKitTheStoryComesBack(t *testing.T) {
	demo, _ := journey.StartDemo(t)
	a := join(t, demo)
	for _, engine := range []string{"firefox", "webkit"} {
		t.Run(engine, func(t *testing.T) {
			to := "mina@" + engine + ".example"
			_, link := a.invite(t, to)
			check(t, 6*time.Minute, "elsewhere", visit{
				Relay: demo.Relay, Mailbox: demo.Mailbox, To: to, Link: link, Account: demo.Accounts[0], Script: true,
				Engine: engine,
			})
			a.emails(t, to)
		})
	}
}
