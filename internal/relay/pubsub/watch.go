package pubsub

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// Agencies is what a Broker asks the database about agencies.
type Agencies interface {
	// Sequences are the agencies' newest change numbers.
	Sequences(ctx context.Context) (map[string]int64, error)
}

// Devices is what a Broker asks the database about devices.
type Devices interface {
	// Revoked are those of devices that are revoked.
	Revoked(ctx context.Context, devices []string) ([]string, error)
}

// CloseRevoked ends the subscriptions of devices that get nothing more.
func (b *Broker) CloseRevoked(ctx context.Context, store Devices) {
	const batch = 500
	for devices := b.devices(); len(devices) > 0; {
		some := devices[:min(batch, len(devices))]
		devices = devices[len(some):]
		revoked, err := store.Revoked(ctx, some)
		if err != nil {
			return // the next call finds them: the API refuses them anyway
		}
		b.CloseDevices(revoked...)
	}
}

// PollChanges publishes what other processes wrote, while there are
// subscribers, until ctx ends.
func (b *Broker) PollChanges(ctx context.Context, agencies Agencies, devices Devices, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	known := map[string]int64{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if len(b.devices()) == 0 {
			continue
		}
		numbers, err := agencies.Sequences(ctx)
		if err != nil {
			continue // asked again at the next tick
		}
		for agency, n := range numbers {
			if known[agency] != n {
				known[agency] = n
				b.Publish(agency)
			}
		}
		b.CloseRevoked(ctx, devices)
	}
}

// ListenConfig is where ListenPostgres listens.
type ListenConfig struct {
	Source  string // the database
	Channel string // of its notifications: their payload is an agency
	Devices Devices
	// Publish is called for each; Broker.Publish, or what calls it too.
	Publish func(agency string)
	Log     *slog.Logger
}

// reconnectDelay is the time between two connections.
const reconnectDelay = 2 * time.Second

// ListenPostgres hears from PostgreSQL which agencies have changes, on a
// connection of its own, until ctx ends. A lost connection is made again.
func (b *Broker) ListenPostgres(ctx context.Context, config ListenConfig) {
	for ctx.Err() == nil {
		if err := b.listen(ctx, config); err != nil && ctx.Err() == nil {
			config.Log.Warn("listening for changes of other relays", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(reconnectDelay):
		}
	}
}

func (b *Broker) listen(ctx context.Context, config ListenConfig) error {
	conn, err := pgx.Connect(ctx, config.Source)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing was written on it
	if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{config.Channel}.Sanitize()); err != nil {
		return err
	}
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		config.Publish(notification.Payload)
		b.CloseRevoked(ctx, config.Devices)
	}
}
