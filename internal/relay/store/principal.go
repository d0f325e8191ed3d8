package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Principal is who makes an API call: a device with its member and agency.
type Principal struct {
	Device Device
	Member onboarding.Member
	Agency onboarding.Agency
	// Restored is when a backup was restored; zero: that is confirmed.
	Restored onboarding.Timestamp
}

const agencyOfToken = `SELECT id, agency FROM devices WHERE token_hash = $1`

// PrincipalByToken returns the device of a token, also a revoked one and one of a
// removed member: the caller decides. ErrTampered: the agency's roster is not as the
// relay wrote it.
func (s *Devices) PrincipalByToken(ctx context.Context, tokenHash []byte) (Principal, error) {
	var id, agency string
	err := s.db.QueryRowContext(ctx, agencyOfToken, tokenHash).Scan(&id, &agency)
	if err := wrapNotFound(err, "finding a device"); err != nil {
		return Principal{}, err
	}
	r, err := s.roster(ctx, agency)
	if err != nil {
		return Principal{}, err
	}
	device, exists := r.device(id)
	member, isMember := r.member(device.Member)
	if !exists || !isMember || !bytes.Equal(device.TokenHash, tokenHash) { // deleted in the meantime
		return Principal{}, fmt.Errorf("finding a device: %w", onboarding.ErrNotFound)
	}
	return Principal{Device: device, Member: member, Agency: r.agency, Restored: r.restored}, nil
}
