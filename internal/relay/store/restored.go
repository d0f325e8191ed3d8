package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// RestoredAgency is an agency as a backup had it: some of it has ended since.
type RestoredAgency struct {
	Agency   onboarding.Agency
	Members  []onboarding.Member // that had not been removed
	Devices  []Device            // that had not been revoked
	Links    int64               // that work
	Codes    int                 // that worked, and are withdrawn now
	Tampered bool                // the rows of who belongs to it were not as the relay wrote them
}

// MarkRestored makes every agency wait for the hub of a main user whom the operator
// names: a database that was restored from a backup has devices, members and links that
// have ended since, and only hubs have them. Until then nothing is sealed. Codes and
// sign-ins end: some of them were used. Webhooks are switched off: some were deleted. Domains
// are checked anew: some have become another's. Reviews end.
func (s *Agencies) MarkRestored(ctx context.Context) ([]RestoredAgency, error) {
	if err := (&Reviews{s.handle}).endRestored(ctx); err != nil {
		return nil, err
	}
	agencies, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	var restored []RestoredAgency
	for _, a := range agencies {
		one, err := s.markRestored(ctx, a)
		if err != nil {
			return nil, fmt.Errorf("marking agency %s as restored: %w", a.ID, err)
		}
		restored = append(restored, one)
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, query := range []string{
			`DELETE FROM oauth_states`, `DELETE FROM pending_connections`, `DELETE FROM reply_to_codes`,
		} {
			if _, err := tx.ExecContext(ctx, query); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ending sign-ins of before: %w", err)
	}
	return restored, nil
}

func (s *Agencies) markRestored(ctx context.Context, agency onboarding.Agency) (RestoredAgency, error) {
	restored := RestoredAgency{Agency: agency}
	if err := s.db.QueryRowContext(ctx, `
		SELECT count(*) FROM requests
		WHERE  agency = $1 AND status = 'pending' AND withdrawn_ms = 0 AND finished_ms = 0 AND expires_ms > $2`,
		agency.ID, s.timestamp()).Scan(&restored.Links); err != nil {
		return restored, err
	}
	for _, end := range []func(*changeTx) error{switchOffRestored, skipMissedReminders, skipMissedApprovals} {
		if err := s.change(ctx, agency.ID, end); err != nil {
			return restored, err
		}
	}
	if err := (&Domains{s.handle}).proposeRestored(ctx, agency.ID); err != nil {
		return restored, err
	}
	err := s.changeRoster(ctx, agency.ID, func(c *changeTx, r roster) error {
		restored.Members, restored.Devices, restored.Codes = nil, nil, 0
		for _, m := range r.members {
			if m.Removed == 0 {
				restored.Members = append(restored.Members, m)
				restored.Codes += r.openCodes(m.ID, c.now)
			}
		}
		for _, d := range r.devices {
			if d.Revoked == 0 {
				restored.Devices = append(restored.Devices, d)
			}
		}
		const wait = `UPDATE agencies SET restored_ms = $1, restored_by = '' WHERE id = $2`
		if err := c.exec(wait, c.now, agency.ID); err != nil {
			return err
		}
		return c.exec(`UPDATE codes SET withdrawn_ms = $1 WHERE agency = $2 AND withdrawn_ms = 0 AND device = ''`,
			c.now, agency.ID)
	})
	if errors.Is(err, ErrTampered) {
		restored.Tampered = true
		return restored, nil
	}
	return restored, err
}

// NameConfirmer names the main user whose hub confirms the restore: the database has
// no record of who was removed after the backup. Their hubs are told. ErrConflict: the agency
// waits for nobody; ErrNotFound: it has no such main user.
func (s *Agencies) NameConfirmer(ctx context.Context, agency, member string) error {
	err := s.changeRoster(ctx, agency, func(c *changeTx, r roster) error {
		m, exists := r.member(member)
		switch {
		case r.restored == 0:
			return onboarding.ErrConflict
		case !exists || m.Removed != 0 || m.Role != onboarding.MainUser:
			return onboarding.ErrNotFound
		}
		if err := c.exec(`UPDATE agencies SET restored_by = $1 WHERE id = $2`, member, agency); err != nil {
			return err
		}
		return c.bump(kindAgency, agency, "", audienceAll)
	})
	if err != nil {
		return fmt.Errorf("naming who confirms the restore of agency %s: %w", agency, err)
	}
	return nil
}

// ConfirmRestored ends the agency's waiting since a restore: the hub of a member has
// synced and ended again what had ended. Clients who could not continue are written
// to. A repeat changes nothing; another restore than the newest is ErrConflict, another
// member than the operator named ErrForbidden.
func (s *Agencies) ConfirmRestored(ctx context.Context, agency, member string, restored onboarding.Timestamp) error {
	err := s.changeRoster(ctx, agency, func(c *changeTx, r roster) error {
		switch {
		case r.restored == 0:
			return errUnchanged
		case r.restored != restored:
			return onboarding.ErrConflict
		case r.restoredBy != member:
			return onboarding.ErrForbidden
		}
		if err := c.exec(`UPDATE agencies SET restored_ms = 0, restored_by = '' WHERE id = $1`, agency); err != nil {
			return err
		}
		for _, m := range r.members {
			if m.Removed != 0 {
				continue
			}
			if err := enqueueDeviceReady(c, r.agency, m); err != nil {
				return err
			}
		}
		return c.bump(kindAgency, agency, "", audienceAll)
	})
	if err != nil {
		return fmt.Errorf("confirming the restore of agency %s: %w", agency, err)
	}
	return nil
}

// Restored is when a backup was restored that is not confirmed, and the member who was
// named to confirm it; zero and empty: there is none. ErrTampered: the agency's roster is
// not as the relay wrote it.
func (s *Agencies) Restored(
	ctx context.Context, agency string,
) (at onboarding.Timestamp, confirmer onboarding.Member, err error) {
	r, err := s.roster(ctx, agency)
	confirmer, _ = r.member(r.restoredBy)
	return r.restored, confirmer, err
}
