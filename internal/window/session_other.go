//go:build !web && (!linux || bindings)

package window

import (
	"context"
	"errors"
	"fmt"

	"github.com/wailsapp/wails/v2/pkg/options"
	wailsruntime "github.com/wailsapp/wails/v2/pkg/runtime"
)

// session is empty: Wails covers the user's session here.
type session struct{}

func join(*wailsWindow) (*session, error) { return &session{}, nil }

func (s *session) lock(d *wailsWindow) *options.SingleInstanceLock {
	return &options.SingleInstanceLock{
		UniqueId: instance,
		OnSecondInstanceLaunch: func(second options.SecondInstanceData) {
			d.Focus()
			d.onSecondInstance(second.Args)
		},
	}
}

func (s *session) stands(d *wailsWindow) {
	if err := wailsruntime.InitializeNotifications(d.ctx); err != nil {
		d.config.Log.Warn("readying notifications", "error", err)
		return
	}
	wailsruntime.OnNotificationResponse(d.ctx, func(result wailsruntime.NotificationResult) {
		if result.Error == nil && d.config.OnNotificationClick != nil {
			d.config.OnNotificationClick(result.Response.ID)
		}
	})
	go func() { // macOS asks the user once
		if _, err := wailsruntime.RequestNotificationAuthorization(d.ctx); err != nil {
			d.config.Log.Warn("asking to show notifications", "error", err)
		}
	}()
}

func (s *session) notify(ctx context.Context, n Notification) error {
	if !wailsruntime.IsNotificationAvailable(ctx) {
		return errors.New("this system shows no notifications")
	}
	if err := wailsruntime.SendNotification(
		ctx,
		wailsruntime.NotificationOptions{ID: n.ID, Title: n.Title, Body: n.Body},
	); err != nil {
		return fmt.Errorf("notifying: %w", err)
	}
	return nil
}

func (s *session) leave() {}
