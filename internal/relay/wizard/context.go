package wizard

import (
	"context"
	"errors"
	"time"
)

// isClientGone reports whether a call failed since the client has disconnected.
func isClientGone(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && ctx.Err() != nil
}

// detached is ctx without its cancellation, with a time limit: a share at a platform
// does not end when the client disconnects.
func detached(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}
