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

// MarkRestored makes every agency wait for a main user's hub: a database that was
// restored from a backup has devices, members and links that have ended since, and
// only hubs know them. Until then nothing is sealed. Codes and sign-ins end: some of
// them were used.
func (s *Agencies) MarkRestored(ctx context.Context) ([]RestoredAgency, error) {
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
		for _, query := range []string{`DELETE FROM oauth_states`, `DELETE FROM pending_connections`} {
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

func (s *Agencies) markRestored(ctx context.Context, a onboarding.Agency) (RestoredAgency, error) {
	restored := RestoredAgency{Agency: a}
	if err := s.db.QueryRowContext(ctx, `
		SELECT count(*) FROM requests
		WHERE  agency = $1 AND status = 'pending' AND withdrawn_ms = 0 AND finished_ms = 0 AND expires_ms > $2`,
		a.ID, s.timestamp()).Scan(&restored.Links); err != nil {
		return restored, err
	}
	err := s.changeRoster(ctx, a.ID, func(c *changeTx, r roster) error {
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
		if err := c.exec(`UPDATE agencies SET restored_ms = $1 WHERE id = $2`, c.now, a.ID); err != nil {
			return err
		}
		return c.exec(`UPDATE codes SET withdrawn_ms = $1 WHERE agency = $2 AND withdrawn_ms = 0 AND device = ''`,
			c.now, a.ID)
	})
	if errors.Is(err, ErrTampered) {
		restored.Tampered = true
		return restored, nil
	}
	return restored, err
}

// ConfirmRestored ends the agency's waiting since a restore: a main user's hub has
// synced and ended again what had ended. Clients who could not continue are written
// to. A repeat changes nothing; another restore than the newest is ErrConflict.
func (s *Agencies) ConfirmRestored(ctx context.Context, agency string, restored onboarding.Timestamp) error {
	err := s.changeRoster(ctx, agency, func(c *changeTx, r roster) error {
		switch r.restored {
		case 0:
			return errUnchanged
		case restored:
		default:
			return onboarding.ErrConflict
		}
		if err := c.exec(`UPDATE agencies SET restored_ms = 0 WHERE id = $1`, agency); err != nil {
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

// Restored is when a backup was restored for which no main user's hub has synced since;
// zero: there is none. ErrTampered: the agency's roster is not as the relay wrote it.
func (s *Agencies) Restored(ctx context.Context, agency string) (onboarding.Timestamp, error) {
	r, err := s.roster(ctx, agency)
	return r.restored, err
}
