package worker

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

const (
	// MailStallsAfter is how long emails wait, and none is delivered, before mail counts as
	// failing.
	MailStallsAfter = 15 * time.Minute

	mailWatchInterval = time.Minute

	// manyWait are so many emails that it is not their receivers' servers that delay them.
	manyWait = 5
)

// mailWatch notices when emails wait and none is delivered, and tells the operator once,
// and once more when mail works again. It reads the queue that all relays on the
// database share.
type mailWatch struct {
	emails *store.Emails
	mailer Mailer
	log    *slog.Logger
	now    func() onboarding.Timestamp
	tell   func()       // is called when mail begins to fail, and when it works again
	since  atomic.Int64 // when the oldest email that waits was queued, in ms; zero: mail works
}

// run tries the login once, and then looks at the queue until ctx ends.
func (w *mailWatch) run(ctx context.Context) {
	if err := w.tryServer(ctx); err != nil && ctx.Err() == nil {
		w.log.Error("the mail server cannot be used: emails wait until it can", "error", err)
	}
	ticker := time.NewTicker(mailWatchInterval)
	defer ticker.Stop()
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// tryServer signs in at the mail server without sending anything.
func (w *mailWatch) tryServer(ctx context.Context) error {
	server, able := w.mailer.(interface {
		Ready(ctx context.Context) error
	})
	if !able {
		return nil
	}
	return server.Ready(ctx)
}

func (w *mailWatch) look(ctx context.Context) {
	backlog, err := w.emails.ReadBacklog(ctx, w.now().Add(-MailStallsAfter))
	if err != nil {
		return // the database is away: that is logged where it is needed
	}
	if backlog.Waiting > 0 && backlog.Waiting < manyWait && w.tryServer(ctx) == nil {
		backlog = store.Backlog{} // it works: a receiver's own server delays these
	}
	before := w.since.Swap(int64(backlog.Oldest))
	switch {
	case backlog.Waiting > 0 && before == 0:
		w.log.Error("no email was delivered for 15 minutes, and some wait", "waiting", backlog.Waiting,
			"since", backlog.Oldest.Time().UTC())
	case backlog.Waiting == 0 && before != 0:
		w.log.Info("emails are delivered again")
	default:
		return
	}
	w.tell()
}
