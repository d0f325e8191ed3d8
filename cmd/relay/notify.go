package main

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/latchkeyhq/latchkey/internal/relay"
)

// notify tells systemd that the relay serves, and then, as often as its watchdog wants,
// that it has not hung, until ctx ends. Without systemd it does nothing.
//
// https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
func notify(ctx context.Context, rl *relay.Relay) {
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady) // without systemd there is nobody to tell
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return
	}
	for wait(ctx, every/3) {
		// A database that is away is no reason: a relay that was started again would lack it, too.
		_ = rl.Ready(ctx)
		_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog)
	}
}

// wait reports whether ctx lasted that long.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
