package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Principal is who makes an API call: a device with its member and agency.
type Principal struct {
	Device Device
	Member onboarding.Member
	Agency onboarding.Agency
}

// PrincipalByToken returns the device of a token, also a revoked one and one of a
// removed member: the caller decides.
func (s *Devices) PrincipalByToken(ctx context.Context, tokenHash []byte) (Principal, error) {
	var p Principal
	var err error
	p.Device, err = scanDevice(s.db.QueryRowContext(ctx, `
		SELECT `+deviceColumns+` FROM devices WHERE token_hash = $1`, tokenHash))
	if err := wrapNotFound(err, "finding a device"); err != nil {
		return Principal{}, err
	}
	if p.Member, err = memberByID(ctx, s.db, p.Device.Agency, p.Device.Member); err != nil {
		return Principal{}, err
	}
	if p.Agency, err = agencyByID(ctx, s.db, p.Device.Agency); err != nil {
		return Principal{}, err
	}
	return p, nil
}
