package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Credentials are what the relay stores about credentials, without their values.
type Credentials struct{ *handle }

// Credential is what the relay stores about an item's credential, without its value.
type Credential struct {
	Version     int64
	RefreshHash []byte // keyed; nil: nothing to renew
	Renewed     onboarding.Timestamp
	IdleLimit   onboarding.Timestamp // how long it is valid unused; zero: for ever
	IsFailing   bool                 // the history says that the platform refuses to renew it
}

// Get returns what is stored about an item's credential.
func (s *Credentials) Get(ctx context.Context, item string) (Credential, error) {
	var k Credential
	var failing int
	err := s.db.QueryRowContext(ctx, `
		SELECT version, refresh_hash, renewed_ms, idle_limit_ms, is_failing FROM credentials
		WHERE item = $1`, item).Scan(&k.Version, &k.RefreshHash, &k.Renewed, &k.IdleLimit, &failing)
	k.IsFailing = failing != 0
	return k, wrapNotFound(err, "reading a credential's row")
}

// Adopt stores a version that a restored database has lost, as a device that has it
// reports it, and returns what is stored then. A version that is not newer changes
// nothing.
func (s *Credentials) Adopt(ctx context.Context, agency, item string, adopted Credential) (Credential, error) {
	err := s.change(ctx, agency, func(c *changeTx) error {
		i, err := itemByID(c, item)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if i.State == onboarding.ItemEnded {
			return onboarding.ErrConflict
		}
		var newest int64
		err = c.row(`SELECT version FROM credentials WHERE item = $1`, item).Scan(&newest)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err == nil && newest >= adopted.Version {
			return nil
		}
		if err := storeVersion(c, item, adopted); err != nil {
			return err
		}
		return bumpItem(c, i)
	})
	if err != nil {
		return Credential{}, fmt.Errorf("adopting a credential of item %s: %w", item, err)
	}
	return s.Get(ctx, item)
}

// storeVersion stores a new version of a credential, renewed now, and ends its
// lease.
func storeVersion(c *changeTx, item string, credential Credential) error {
	if err := c.exec(`
		INSERT INTO credentials (item, version, refresh_hash, renewed_ms, idle_limit_ms, lease_until_ms, lease_owner)
		VALUES ($1, $2, $3, $4, $5, 0, '')
		ON CONFLICT (item) DO UPDATE
		SET version = excluded.version, refresh_hash = excluded.refresh_hash, renewed_ms = excluded.renewed_ms,
		    idle_limit_ms = excluded.idle_limit_ms, lease_until_ms = 0, lease_owner = ''`,
		item, credential.Version, nonNil(credential.RefreshHash), c.now, credential.IdleLimit); err != nil {
		return err
	}
	if err := c.exec(`
		UPDATE items SET version = $1, changed_ms = $2 WHERE id = $3`, credential.Version, c.now, item); err != nil {
		return err
	}
	return scheduleIdle(c.agencyTx, item, credential.IdleLimit)
}

// scheduleIdle makes the job due at three quarters of the time that a credential is
// valid unused: an open hub renews it at half.
func scheduleIdle(t *agencyTx, item string, idle onboarding.Timestamp) error {
	if idle == 0 {
		return nil
	}
	return schedule(t, JobIdle, item, t.now+idle*3/4)
}

// Lease reserves the renewal of a version until the timestamp. ErrStaleVersion:
// there is a newer version. ErrBusy: another caller has the lease.
func (s *Credentials) Lease(
	ctx context.Context, item string, version int64, by string, until onboarding.Timestamp,
) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var newest int64
		var leased onboarding.Timestamp
		err := tx.QueryRowContext(ctx, `
			SELECT version, lease_until_ms FROM credentials WHERE item = $1`, item).Scan(&newest, &leased)
		switch {
		case err != nil:
			return wrapNotFound(err, "finding the credential")
		case newest != version:
			return onboarding.ErrStaleVersion
		case leased > s.timestamp():
			return onboarding.ErrBusy
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE credentials SET lease_until_ms = $1, lease_owner = $2 WHERE item = $3`, until, by, item)
		return err
	})
	if err != nil {
		return fmt.Errorf("leasing the credential of item %s: %w", item, err)
	}
	return nil
}

// ReleaseFormerLeases frees the credentials that a former run of this relay was
// renewing when it was killed.
func (s *Credentials) ReleaseFormerLeases(ctx context.Context, owner LeaseOwner) error {
	if owner.Instance == "" {
		return nil
	}
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE credentials SET lease_until_ms = 0, lease_owner = ''
			WHERE substr(lease_owner, 1, length($1)) = $1 AND substr(lease_owner, 1, length($2)) <> $2`, owner.Instance+" ",
			owner.Lease(""))
		return err
	})
	if err != nil {
		return fmt.Errorf("ending the leases of a former run: %w", err)
	}
	return nil
}

// Release ends a lease without a new version. renewed: the credential was used, so
// its idle time starts again.
func (s *Credentials) Release(ctx context.Context, agency, item, by string, renewed bool) error {
	err := s.inAgencyTx(ctx, agency, func(t *agencyTx) error {
		if err := t.exec(`
			UPDATE credentials SET lease_until_ms = 0, lease_owner = ''
			WHERE item = $1 AND lease_owner = $2`, item, by); err != nil || !renewed {
			return err
		}
		var idle onboarding.Timestamp
		if err := t.row(`
			UPDATE credentials SET renewed_ms = $1 WHERE item = $2
			RETURNING idle_limit_ms`, t.now, item).Scan(&idle); err != nil {
			return wrapNotFound(err, "finding the credential")
		}
		return scheduleIdle(t, item, idle)
	})
	if err != nil {
		return fmt.Errorf("releasing the credential of item %s: %w", item, err)
	}
	return nil
}

// RecordRenewal records in the history that a platform refused to renew an item's credential,
// or does it again. The same once more changes nothing.
func (s *Credentials) RecordRenewal(ctx context.Context, agency, item string, refused bool) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		if refused {
			return recordRenewalFailed(c, item)
		}
		return recordRenewalWorks(c, item)
	})
	if err != nil {
		return fmt.Errorf("recording a renewal of item %s: %w", item, err)
	}
	return nil
}

// StoreRenewed stores the next version of a credential, sealed for its devices, and
// ends the lease. It does so without the lease too: the platform accepts only the
// new version by then. ErrConflict: another version was stored in the meantime.
func (s *Credentials) StoreRenewed(
	ctx context.Context, agency, item string, renewed Credential, deliveries []Delivery,
) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		var newest int64
		if err := wrapNotFound(c.row(`
			SELECT version FROM credentials WHERE item = $1`, item).Scan(&newest), "finding the credential"); err != nil {
			return err
		}
		if newest+1 != renewed.Version {
			return onboarding.ErrConflict
		}
		i, err := itemByID(c, item)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if err := storeVersion(c, item, renewed); err != nil {
			return err
		}
		if err := storeDeliveries(c, deliveries); err != nil {
			return err
		}
		return bumpItem(c, i)
	})
	if err != nil {
		return fmt.Errorf("storing a renewed credential of item %s: %w", item, err)
	}
	return nil
}
