package api

import (
	"context"
	"errors"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// brand is how an agency's pages and emails look.
type brand struct{ *core }

func agencyResult(a onboarding.Agency, err error) (wire.AgencyResult, error) {
	return wire.AgencyResult{Agency: a}, err
}

// saveBrand is Apply Settings: it neither switches the brand on nor touches
// the reply-to.
func (s *brand) saveBrand(ctx context.Context, p wire.SaveBrandParams) (wire.AgencyResult, error) {
	company, err := onboarding.ValidateCompany(p.Company, s.catalog.ServiceNames())
	if err != nil {
		return wire.AgencyResult{}, err
	}
	if p.Colour != "" {
		if _, err := onboarding.DerivePalettes(p.Colour); err != nil {
			return wire.AgencyResult{}, onboarding.Invalid("colour", "Choose a colour, as #0f5c66.")
		}
	}
	var logo []byte
	if len(p.Logo) > 0 {
		if logo, err = s.logos.Fit(ctx, p.Logo); err != nil {
			return wire.AgencyResult{}, err
		}
	}
	return agencyResult(s.store.Agencies.Update(ctx, principalFrom(ctx).Agency.ID, func(a *onboarding.Agency) error {
		b := &a.Brand
		switch {
		case logo != nil:
			b.Logo = logo
		case !p.KeepLogo && b.On:
			return onboarding.Invalid(
				"logo", "The brand is on and needs a logo. Upload another one, or switch the brand off first.",
			)
		case !p.KeepLogo:
			b.Logo = nil
		}
		b.Company, b.Colour, b.ShowRequester = company, strings.ToLower(p.Colour), p.ShowRequester
		return nil
	}))
}

func (s *brand) switchBrand(ctx context.Context, p wire.SwitchParams) (wire.AgencyResult, error) {
	return agencyResult(s.store.Agencies.Update(ctx, principalFrom(ctx).Agency.ID, func(a *onboarding.Agency) error {
		if p.On && len(a.Brand.Logo) == 0 {
			return onboarding.Invalid("logo", "Upload a logo before you switch the brand on.")
		}
		a.Brand.On = p.On
		return nil
	}))
}

// proposeReplyTo mails a code to an address; it is used once the code came back.
func (s *brand) proposeReplyTo(ctx context.Context, p wire.AddressParams) (wire.AgencyResult, error) {
	c := principalFrom(ctx)
	var to store.NewRecipient
	if p.Address != "" {
		address, err := onboarding.ValidateTypedAddress("address", p.Address)
		if err != nil {
			return wire.AgencyResult{}, err
		}
		to = store.NewRecipient{Address: address, Hashes: s.keys.HashAddresses(address)}
	}
	return agencyResult(s.store.Agencies.ProposeReplyTo(ctx, c.Agency.ID, c.Member.ID, to, s.limits))
}

func (s *brand) confirmReplyTo(ctx context.Context, p wire.ConfirmReplyToParams) (wire.AgencyResult, error) {
	a, err := s.store.Agencies.ConfirmReplyTo(
		ctx, principalFrom(ctx).Agency.ID, s.keys.HashCode(keyset.NormalizeCode(p.Code.Secret())),
	)
	switch {
	case errors.Is(err, onboarding.ErrForbidden):
		return wire.AgencyResult{}, onboarding.Invalid("code", "This is not the code. Look at the email again.")
	case errors.Is(err, onboarding.ErrNotFound):
		return wire.AgencyResult{}, onboarding.Invalid("code", "This code is no longer valid. Ask for a new one.")
	}
	return agencyResult(a, err)
}

// shareRequests lets every member see every request, or only their own again.
// Each hub reads all again.
func (s *brand) shareRequests(ctx context.Context, p wire.SwitchParams) (wire.AgencyResult, error) {
	if p.On { // to take away is always allowed
		if err := s.requireSynced(ctx); err != nil {
			return wire.AgencyResult{}, err
		}
	}
	return agencyResult(s.store.Agencies.Update(ctx, principalFrom(ctx).Agency.ID, func(a *onboarding.Agency) error {
		a.ShareRequests = p.On
		return nil
	}))
}

// confirmRestore lets things be sealed for the agency again, after a backup was
// restored.
func (s *brand) confirmRestore(ctx context.Context, p wire.ConfirmRestoreParams) (wire.Empty, error) {
	c := principalFrom(ctx)
	if c.Device.Approved == 0 {
		return wire.Empty{}, onboarding.ErrForbidden
	}
	if err := s.store.Agencies.ConfirmRestored(ctx, c.Agency.ID, c.Member.ID, p.Restored); err != nil {
		return wire.Empty{}, err
	}
	s.log.InfoContext(ctx, "the hub of the main user who was named has synced since the restore: things are sealed again",
		"agency", c.Agency.ID, "device", c.Device.ID)
	return wire.Empty{}, nil
}
