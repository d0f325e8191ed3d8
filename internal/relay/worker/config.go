package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/jobs"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Keys is what emails need of the relay's keys.
type Keys interface {
	// HashCode is the keyed hash of a one-time code.
	HashCode(code onboarding.Secret) []byte
	// HashAddresses are the keyed hashes of an address, under each key.
	HashAddresses(address string) [][]byte
}

// Bases knows at which address an agency's links open.
type Bases interface {
	// BaseFor is that address, without a slash at its end; empty: the relay's own.
	BaseFor(ctx context.Context, agency string) (string, error)
}

// Mailer hands one email to a mail server. mail.Sender is one; its errors are
// those that mail names.
type Mailer interface {
	Send(ctx context.Context, message *mail.Message) error
}

// retryDelay is the pause after a database that is away.
const retryDelay = time.Second

// Config is what a Worker needs.
type Config struct {
	Store *store.Store
	DB    *sqldb.DB
	Keys  Keys
	Links link.Links
	// Bases knows at which address an agency's links open; nil: all at the relay's own.
	Bases Bases
	// NewCode makes the code that is sent to a proposed reply-to address.
	NewCode func() onboarding.Secret
	// Mailer sends; nil: emails stay queued.
	Mailer Mailer
	// MailChanged is called when mail begins to fail, and when it works again; nil: no calls.
	MailChanged func()
	// Deliverer posts to webhooks.
	Deliverer Deliverer
	Composer  *mail.Composer
	Catalog   *catalog.Catalog // what can be asked for
	Operator  mail.Operator
	// Limits bound the emails; zero: the usual ones.
	Limits onboarding.Limits
	// Owner of the leases on emails and jobs.
	Owner store.LeaseOwner
	// TokenIdle is how long a client's unused token is stored.
	TokenIdle time.Duration
	Now       func() time.Time
	Log       *slog.Logger
}

// clock is the relay's.
type clock struct{ now func() time.Time }

// until is how long it is until next; zero: nothing is due. With an error it
// is not long.
func (c clock) until(next onboarding.Timestamp, err error) time.Duration {
	switch {
	case err != nil:
		return retryDelay
	case next == 0:
		return time.Hour // more than a loop sleeps
	}
	return max(0, next.Time().Sub(c.now()))
}

// noneDue is how a loop hears that the store has nothing to do.
func noneDue(err error) error {
	if errors.Is(err, onboarding.ErrNotFound) {
		return jobs.ErrNoneDue
	}
	return err
}
