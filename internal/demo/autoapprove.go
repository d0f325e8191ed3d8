package demo

import (
	"context"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
)

// autoApprove stands in for whoever sits at the office: as soon as another
// computer of Ana's asks for the credentials, they compare the number on both
// screens and pass them on. In life a person does this, and nobody else can.
func (d *Demo) autoApprove(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.asked:
		case <-time.After(time.Minute): // what an error left over
		}
		pending, err := d.office.Credentials.PendingDevices(ctx)
		if err != nil {
			d.config.Log.Warn("looking for computers that wait", "error", err)
			continue
		}
		for _, device := range pending {
			if device.InProgress {
				continue
			}
			if err := d.office.Credentials.Approve(ctx, device.ID, device.Fingerprint); err != nil {
				d.config.Log.Warn("passing credentials on", "error", err)
			}
		}
	}
}

// officeChanged wakes autoApprove.
func (d *Demo) officeChanged(replica.Change) {
	select {
	case d.asked <- struct{}{}:
	default: // it is about to look anyway
	}
}
