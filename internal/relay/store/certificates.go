package store

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Certificates has the files of the relay's own TLS, sealed by the caller, and the
// locks by which one of several relays fetches a certificate. A name has its parts
// between slashes, as of a path.
type Certificates struct{ *handle }

// CertificateFile is one file. Only the caller can open it.
type CertificateFile struct {
	Name     string
	Sealed   []byte
	Modified onboarding.Timestamp
}

// CertificatePurpose is what a file is sealed for.
func CertificatePurpose(name string) string { return "certificate " + name }

// Put stores a file. One of that name is replaced.
func (s *Certificates) Put(ctx context.Context, name string, sealed []byte) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO certificate_files (name, sealed, modified_ms) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, modified_ms = excluded.modified_ms`,
			name, sealed, s.timestamp())
		return err
	})
	if err != nil {
		return fmt.Errorf("storing the certificate file %s: %w", name, err)
	}
	return nil
}

// Get returns a file, or ErrNotFound.
func (s *Certificates) Get(ctx context.Context, name string) (CertificateFile, error) {
	file := CertificateFile{Name: name}
	err := s.db.QueryRowContext(ctx, `
		SELECT sealed, modified_ms FROM certificate_files WHERE name = $1`, name).Scan(&file.Sealed, &file.Modified)
	return file, wrapNotFound(err, "reading a certificate file")
}

// below selects a name and all names that have it as their first parts. Its
// arguments are those of nameAndBelow.
const below = `(name = $1 OR substr(name, 1, $2) = $3)`

func nameAndBelow(name string) []any {
	return []any{name, utf8.RuneCountInString(name) + 1, name + "/"}
}

// Delete deletes a file, and those below its name. A file that there is not is
// no error.
func (s *Certificates) Delete(ctx context.Context, name string) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM certificate_files WHERE `+below, nameAndBelow(name)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("deleting the certificate file %s: %w", name, err)
	}
	return nil
}

// Names are the names of a file and of those below it, in order.
func (s *Certificates) Names(ctx context.Context, name string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT name FROM certificate_files WHERE `+below+` ORDER BY name`, nameAndBelow(name)...)
	names, err := scanAll(rows, err, scanText)
	if err != nil {
		return nil, fmt.Errorf("listing the certificate files of %s: %w", name, err)
	}
	return names, nil
}

// Lock leases a lock until a time. It reports false while another run, or another
// part of this one, has it.
func (s *Certificates) Lock(
	ctx context.Context, name string, owner LeaseOwner, until onboarding.Timestamp,
) (bool, error) {
	locked := false
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM certificate_locks WHERE `+due+` AND name = $4`,
			s.timestamp(), owner.Instance, owner.Run, name)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			INSERT INTO certificate_locks (name, lease_until_ms, lease_instance, lease_run) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO NOTHING`, name, until, owner.Instance, owner.Run)
		if err != nil {
			return err
		}
		inserted, err := result.RowsAffected()
		locked = inserted == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("locking %s: %w", name, err)
	}
	return locked, nil
}

// ExtendLocks leases every lock of a run until a time.
func (s *Certificates) ExtendLocks(ctx context.Context, owner LeaseOwner, until onboarding.Timestamp) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE certificate_locks SET lease_until_ms = $1 WHERE lease_instance = $2 AND lease_run = $3`,
			until, owner.Instance, owner.Run)
		return err
	})
	if err != nil {
		return fmt.Errorf("extending locks: %w", err)
	}
	return nil
}

// Unlock ends a lock of a run. One that another run has by now stays.
func (s *Certificates) Unlock(ctx context.Context, name string, owner LeaseOwner) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			DELETE FROM certificate_locks WHERE name = $1 AND lease_instance = $2 AND lease_run = $3`,
			name, owner.Instance, owner.Run)
		return err
	})
	if err != nil {
		return fmt.Errorf("unlocking %s: %w", name, err)
	}
	return nil
}

// UnlockAll ends every lock of a run.
func (s *Certificates) UnlockAll(ctx context.Context, owner LeaseOwner) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			DELETE FROM certificate_locks WHERE lease_instance = $1 AND lease_run = $2`, owner.Instance, owner.Run)
		return err
	})
	if err != nil {
		return fmt.Errorf("unlocking what this run locked: %w", err)
	}
	return nil
}
