package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Principal is who asks: a device with its member and agency.
type Principal struct {
	Device Device
	Member onboarding.Member
	Agency onboarding.Agency
}

// PrincipalByToken finds the device of a token, revoked ones and those of removed
// members too: the caller of this method decides. It notes when it was seen,
// to the quarter of an hour.
func (s *Devices) PrincipalByToken(ctx context.Context, tokenHash []byte) (Principal, error) {
	var c Principal
	var err error
	c.Device, err = scanDevice(s.db.QueryRowContext(ctx, `
		SELECT `+deviceColumns+` FROM devices WHERE token_hash = $1`, tokenHash))
	if err := wrapNotFound(err, "finding a device"); err != nil {
		return Principal{}, err
	}
	if c.Member, err = memberByID(ctx, s.db, c.Device.Agency, c.Device.Member); err != nil {
		return Principal{}, err
	}
	if c.Agency, err = agencyByID(ctx, s.db, c.Device.Agency); err != nil {
		return Principal{}, err
	}
	return c, nil
}
