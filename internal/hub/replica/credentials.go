package replica

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Subjects of credentials; the id follows.
const (
	SubjectItem       = "item:"
	SubjectConnection = "connection:"
)

// KeychainEntry is a credential in the keychain.
type KeychainEntry struct {
	Subject string
	Name    string // in the keychain
}

// ReadKeychainEntries lists all credentials that may be in the keychain.
func ReadKeychainEntries(ctx context.Context, q sqldb.Queryer) ([]KeychainEntry, error) {
	return readKeychainEntries(ctx, q, ``)
}

// ReadStoredCredentials lists the credentials that this computer has.
func ReadStoredCredentials(ctx context.Context, q sqldb.Queryer) ([]KeychainEntry, error) {
	return readKeychainEntries(ctx, q, `WHERE delete_after_ms = 0 AND version > 0 ORDER BY subject`)
}

// ReadDiscardedCredentials lists the credentials that have to leave the keychain.
func ReadDiscardedCredentials(
	ctx context.Context, q sqldb.Queryer, now onboarding.Timestamp,
) ([]KeychainEntry, error) {
	return readKeychainEntries(ctx, q, `WHERE delete_after_ms > 0 AND delete_after_ms <= $1`, now)
}

func readKeychainEntries(ctx context.Context, q sqldb.Queryer, where string, args ...any) ([]KeychainEntry, error) {
	return scanRows(ctx, q, func(rows *sql.Rows, e *KeychainEntry) error { return rows.Scan(&e.Subject, &e.Name) },
		`SELECT subject, name FROM credentials `+where, args...)
}

// ReadCredentialName reads under which name the credential of a subject is in
// the keychain. A missing or discarded one is ErrNotFound.
func ReadCredentialName(ctx context.Context, q sqldb.Queryer, subject string) (string, error) {
	var name string
	err := q.QueryRowContext(ctx, `
		SELECT name FROM credentials WHERE subject = $1 AND delete_after_ms = 0`, subject).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading the credential of %s: %w", subject, onboarding.ErrNotFound)
	}
	if err != nil {
		return "", fmt.Errorf("reading the credential of %s: %w", subject, err)
	}
	return name, nil
}

// NoteCredential notes that a credential is about to be in the keychain, and
// returns under which name: an earlier one stays. It is no longer discarded.
func (r *Replica) NoteCredential(ctx context.Context, subject, name string) (string, error) {
	err := r.Update(ctx, func(tx *Tx) error {
		return tx.QueryRowContext(ctx, `
			INSERT INTO credentials (subject, name, version, stored_ms, delete_after_ms) VALUES ($1, $2, 0, $3, 0)
			ON CONFLICT (subject) DO UPDATE SET delete_after_ms = 0 RETURNING name`, subject, name, tx.Now()).Scan(&name)
	})
	if err != nil {
		return "", fmt.Errorf("noting the credential of %s: %w", subject, err)
	}
	return name, nil
}

// RecordCredential stores the version that is in the keychain; before is the one
// that was there. It makes the item's check due if the credential is the first,
// or the access is broken. Other renewals do not: each check may renew, which
// would never end.
func (r *Replica) RecordCredential(ctx context.Context, subject string, before, version int64) error {
	return r.Update(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE credentials SET version = $1, stored_ms = $2 WHERE subject = $3`, version, tx.Now(), subject)
		if err != nil {
			return fmt.Errorf("noting the credential of %s: %w", subject, err)
		}
		if version <= before {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM rejected_deliveries WHERE subject = $1`, subject); err != nil {
			return fmt.Errorf("forgetting the rejected deliveries of %s: %w", subject, err)
		}
		if item, ok := strings.CutPrefix(subject, SubjectItem); ok {
			tx.Change.Items = append(tx.Change.Items, item)
			return tx.checkItemSoon(ctx, item, before == 0)
		}
		connection := strings.TrimPrefix(subject, SubjectConnection)
		tx.Change.Connections = append(tx.Change.Connections, connection)
		return tx.checkConnectionSoon(ctx, connection)
	})
}

// ForgetCredential removes a credential that has left the keychain, unless it is
// no longer discarded.
func (r *Replica) ForgetCredential(ctx context.Context, subject string) error {
	err := r.Update(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM credentials WHERE subject = $1 AND delete_after_ms > 0`, subject)
		return err
	})
	if err != nil {
		return fmt.Errorf("forgetting the credential of %s: %w", subject, err)
	}
	return nil
}

// RejectedDelivery is a delivery for another device, or with a wrong binding.
type RejectedDelivery struct {
	Delivery string
	Subject  string
	Reason   string
	At       onboarding.Timestamp
}

// RecordRejection stores why a delivery was not accepted. The first reason
// stays.
func (r *Replica) RecordRejection(ctx context.Context, d RejectedDelivery) error {
	return r.Update(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO rejected_deliveries (delivery, subject, reason, at_ms) VALUES ($1, $2, $3, $4)
			ON CONFLICT (delivery) DO NOTHING`, d.Delivery, d.Subject, d.Reason, d.At)
		if err != nil {
			return fmt.Errorf("storing why a delivery was rejected: %w", err)
		}
		tx.Change.Session = true
		return nil
	})
}

// RejectedCredential is a credential of an account that did not pass the check when
// it arrived, and of which none has arrived since.
type RejectedCredential struct {
	Request string               `json:"request"` // empty: of the agency's own
	Client  string               `json:"client"`
	Name    string               `json:"name"` // of the account, or of a Connection's user
	At      onboarding.Timestamp `json:"at"`
}

// RejectedCredentials lists what was rejected of the accounts and Connections that
// still exist, the newest first.
func (r *Replica) RejectedCredentials(ctx context.Context, limit int) ([]RejectedCredential, error) {
	return scanRows(ctx, r.db, func(rows *sql.Rows, d *RejectedCredential) error {
		return rows.Scan(&d.Request, &d.Client, &d.Name, &d.At)
	}, `
		SELECT i.request, i.client, p.payload ->> 'name', max(d.at_ms)
		FROM   rejected_deliveries d JOIN items i ON d.subject = 'item:' || i.id JOIN item_payloads p ON p.seq = i.seq
		GROUP  BY i.id
		UNION ALL
		SELECT '', '', c.payload -> 'user' ->> 'name', max(d.at_ms)
		FROM   rejected_deliveries d JOIN connections c ON d.subject = 'connection:' || c.id GROUP BY c.id
		ORDER BY 4 DESC LIMIT $1`, limit)
}
