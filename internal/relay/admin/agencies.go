package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// RenameAgency gives an agency another name, by which clients read of it from then on. Its
// main users are told. It returns the agency as it was, and the name as it was stored.
func (s *Admin) RenameAgency(
	ctx context.Context, named, name string,
) (before onboarding.Agency, now string, err error) {
	if before, err = s.findAgency(ctx, named); err != nil {
		return before, "", err
	}
	if now, err = s.validateName(ctx, name, before.ID); err != nil {
		return before, "", err
	}
	if now == before.Name {
		return before, now, nil
	}
	if err := s.store.Agencies.Rename(ctx, before.ID, now); err != nil {
		return before, "", err
	}
	return before, now, s.record(ctx, "agency rename", before.ID, "")
}

// FindAgency finds an agency by its name or id, and counts what it has.
func (s *Admin) FindAgency(ctx context.Context, named string) (onboarding.Agency, store.AgencySize, error) {
	a, err := s.findAgency(ctx, named)
	if err != nil {
		return a, store.AgencySize{}, err
	}
	size, err := s.store.Agencies.Size(ctx, a.ID)
	return a, size, err
}

// RemoveAgency deletes the agency with this id and all that is its. At the platforms
// nothing changes.
func (s *Admin) RemoveAgency(ctx context.Context, id string) error {
	size, err := s.store.Agencies.Size(ctx, id)
	if err != nil {
		return err
	}
	if err := s.store.Agencies.Remove(ctx, id); err != nil {
		return err
	}
	detail := fmt.Sprintf("%d members, %d requests, %d accounts", size.Members, size.Requests, size.Accounts)
	return errors.Join(s.record(ctx, "agency remove", id, detail), s.emptyLog(ctx))
}
