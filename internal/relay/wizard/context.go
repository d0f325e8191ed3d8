package wizard

import (
	"context"
	"errors"
	"time"
)

// goneAway says that nobody waits for the answer any more.
func goneAway(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && ctx.Err() != nil
}

// detached keeps what a platform is in the middle of doing from ending with
// the browser's patience.
func detached(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}
