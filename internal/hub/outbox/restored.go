package outbox

import (
	"context"
	"errors"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// ReportEndings ends again, at a relay that was restored from a backup, what had ended
// after it: revoked devices, removed members, withdrawn links, closed repairs, ended accesses, roles.
// What this member may not end is another hub's to report.
func (o *Outbox) ReportEndings(ctx context.Context, client *wire.Client) error {
	for {
		endings, err := replica.ReadEndings(ctx, o.config.Replica.DB())
		if err != nil || len(endings) == 0 {
			return err
		}
		err = o.endAgain(ctx, client, endings[0])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		o.config.Session.RecordOutcome(ctx, err)
		switch {
		case err == nil:
		case errors.Is(err, onboarding.ErrNotFound), errors.Is(err, onboarding.ErrForbidden),
			errors.Is(err, onboarding.ErrConflict), errors.Is(err, onboarding.ErrInvalid):
			o.config.Log.Warn("a restored relay does not end something again", "kind", endings[0].Kind, "id", endings[0].ID,
				"error", err)
		default:
			return err
		}
		if err := o.config.Replica.Update(ctx, func(tx *replica.Tx) error { return tx.DropEnding(ctx) }); err != nil {
			return err
		}
	}
}

func (o *Outbox) endAgain(ctx context.Context, client *wire.Client, ending replica.Ending) (err error) {
	switch ending.Kind {
	case replica.EndingDevice:
		_, err = wire.Call(ctx, client, wire.Revoke, wire.DeviceParams{ID: ending.ID})
	case replica.EndingMember:
		successor := ending.Successor
		if successor == "" {
			successor = o.config.Session.Identity().Member
		}
		_, err = wire.Call(ctx, client, wire.RemoveMember, wire.RemoveMemberParams{ID: ending.ID, Successor: successor})
	case replica.EndingConnection:
		_, err = wire.Call(ctx, client, wire.EndConnection, wire.ConnectionParams{ID: ending.ID})
	case replica.EndingItem:
		_, err = wire.Call(ctx, client, wire.EndAccess, wire.EndAccessParams{
			Item: ending.ID, Proven: ending.Proven, Remaining: ending.Remaining,
		})
	case replica.EndingWithdrawal:
		_, err = wire.Call(ctx, client, wire.EndAccess, wire.EndAccessParams{Item: ending.ID, Withdrawn: true})
	case replica.EndingOwnItem:
		_, err = wire.Call(ctx, client, wire.RemoveAccount, wire.ItemParams{ID: ending.ID})
	case replica.EndingRepair:
		_, err = wire.Call(ctx, client, wire.CloseRepair, wire.ItemParams{ID: ending.ID})
	case replica.EndingLink:
		_, err = wire.Call(ctx, client, wire.WithdrawRequest, wire.RequestParams{ID: ending.ID})
	case replica.EndingRequest:
		_, err = wire.Call(ctx, client, wire.DeleteClient, wire.RequestParams{ID: ending.ID})
	case replica.EndingShare:
		_, err = wire.Call(ctx, client, wire.ShareRequests, wire.SwitchParams{On: false})
	case replica.EndingRole:
		_, err = wire.Call(ctx, client, wire.ChangeMember, wire.ChangeMemberParams{
			ID: ending.ID, Name: ending.Name, Role: onboarding.SubUser,
		})
	}
	return err
}

// ConfirmRestore tells a restored relay that a main user's hub has read everything and
// ended again what had ended: from then on it seals for the agency. Other members'
// hubs, and one that still has requests to resubmit, do nothing. The relay refuses it until
// its operator has named this member, and tells the hubs then.
func (o *Outbox) ConfirmRestore(ctx context.Context, client *wire.Client) error {
	q := o.config.Replica.DB()
	restored, err := replica.ReadRestore(ctx, q)
	if err != nil || restored == 0 {
		return err
	}
	self, err := replica.ReadMember(ctx, q, o.config.Session.Identity().Member)
	if err != nil || self.Role != onboarding.MainUser {
		return err
	}
	if waits, err := replica.HasResubmits(ctx, q); err != nil || waits {
		return err
	}
	_, err = wire.Call(ctx, client, wire.ConfirmRestore, wire.ConfirmRestoreParams{Restored: restored})
	o.config.Session.RecordOutcome(ctx, err)
	if err != nil && !errors.Is(err, onboarding.ErrConflict) && !errors.Is(err, onboarding.ErrForbidden) {
		return err
	}
	return o.config.Replica.Update(ctx, func(tx *replica.Tx) error { return tx.DropRestore(ctx) })
}
