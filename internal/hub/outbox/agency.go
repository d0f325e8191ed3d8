package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// SaveBrand queues the form of Collaboration Settings, for main users. It
// switches nothing on. It validates now what the relay would refuse later.
func (o *Outbox) SaveBrand(ctx context.Context, p wire.SaveBrandParams) error {
	if _, err := onboarding.ValidateCompany(p.Company, o.config.Replica.Catalog().ServiceNames()); err != nil {
		return err
	}
	if p.Colour != "" {
		if _, err := onboarding.DerivePalettes(p.Colour); err != nil {
			return err
		}
	}
	if len(p.Logo) > 0 {
		if _, err := o.config.Logos.Fit(ctx, p.Logo); err != nil {
			return err
		}
	} else if !p.KeepLogo {
		agency, err := replica.ReadAgency(ctx, o.config.Replica.DB())
		if err != nil {
			return err
		}
		if agency.Brand.On {
			return onboarding.Invalid(
				"logo", "The brand is on and needs a logo. Choose another one, or switch the brand off first.",
			)
		}
	}
	return o.queueAgencyChange(ctx, replica.EntrySaveBrand, p)
}

// SwitchBrand turns the brand on or off, for main users. It cannot be on
// without a logo.
func (o *Outbox) SwitchBrand(ctx context.Context, on bool) error {
	return o.queueAgencyChange(ctx, replica.EntrySwitchBrand, wire.SwitchParams{On: on})
}

// ShareRequests sets whether every member sees every request, for main users.
func (o *Outbox) ShareRequests(ctx context.Context, on bool) error {
	return o.queueAgencyChange(ctx, replica.EntryShare, wire.SwitchParams{On: on})
}

// queueAgencyChange queues a change of the agency's settings. It replaces a queued one of
// the same kind.
func (o *Outbox) queueAgencyChange(ctx context.Context, kind replica.EntryKind, params any) error {
	err := o.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		me, err := replica.ReadMember(ctx, tx.Tx, tx.Self.Member)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if me.Role != onboarding.MainUser {
			return fmt.Errorf("changing the agency's settings: %w", onboarding.ErrForbidden)
		}
		if err := tx.RemoveEntries(ctx, replica.SubjectAgency, kind); err != nil {
			return err
		}
		return tx.Enqueue(ctx, replica.SubjectAgency, kind, "", params)
	})
	if err != nil {
		return err
	}
	o.config.OnQueued()
	return nil
}
