// Package doctor examines a relay for whoever runs it: its address as clients reach it,
// its data, its mail and the platforms' apps. It says what is wrong and what to do. All
// that it writes is the hash of a code by which the relay knows it. It never shows a secret.
package doctor

import (
	"context"
	"crypto/x509"
	"net"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// State is how a thing stands.
type State string

const (
	OK      State = "ok"
	Warning State = "warning" // works, and needs care
	Failed  State = "failed"
	Unknown State = "unknown" // cannot be found out from here
)

// Finding is one line of the report.
type Finding struct {
	Check string `json:"check"` // what was looked at
	State State  `json:"state"`
	Text  string `json:"text"`
	Fix   string `json:"fix,omitempty"` // what to do; empty where nothing is to be done
}

// Config is what is examined. What is missing is left out of the report.
type Config struct {
	URL    string                                    // the public address
	Begun  func(ctx context.Context) (string, error) // begins a checkup and returns its code; nil: no address is asked
	Roots  *x509.CertPool                            // who may vouch for the address; nil: whom the system trusts
	DB     *sqldb.DB
	Source string               // the SQLite file, or PostgreSQL's address
	Keys   string               // the key file
	Backup onboarding.Timestamp // when the last backup was written; zero: never
	Sender *mail.Sender
	From   string // that emails come from
	// OnlyMailServer leaves the domain of From and what else takes a name server out.
	OnlyMailServer bool
	SendTo         string // gets a test email; empty: none is sent
	// Received is an email as it arrived, with all its headers; empty: there is none.
	Received []byte
	Selector string // of DKIM; empty: not known
	Drivers  []platform.Driver
	// Domains are the agencies' own that the relay serves. DomainProof is the path at which
	// it shows a domain's token.
	Domains     []Domain
	DomainProof string
	Resolver    Resolver // nil: the system's
	Now         func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// patience is how long each check may take.
const patience = 15 * time.Second

// Run makes all checks at once and returns their lines in the order in which they help.
func Run(ctx context.Context, c Config) []Finding {
	c = c.withDefaults()
	checks := []func(context.Context, Config) []Finding{
		checkAddress, checkDomains, checkClock, checkDatabase, checkKeyFile, checkDisk, checkBackup,
		checkMailServer, checkTestEmail, checkMailDomain, checkReceived, checkApps,
	}
	lines := make([][]Finding, len(checks))
	var running sync.WaitGroup
	for n, check := range checks {
		running.Go(func() {
			limited, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			lines[n] = check(limited, c)
		})
	}
	running.Wait()
	var all []Finding
	for _, part := range lines {
		all = append(all, part...)
	}
	return all
}

// Worst is the worst state of a report; Unknown counts as a Warning.
func Worst(lines []Finding) State {
	worst := OK
	for _, line := range lines {
		switch {
		case line.State == Failed:
			return Failed
		case line.State != OK:
			worst = Warning
		}
	}
	return worst
}
