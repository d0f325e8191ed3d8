package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

const (
	metadataCheckup = "checkup"   // the hash of a checkup's code, and when it ends
	metadataBackup  = "backup_ms" // when the last backup was written
)

// checkupLife is how long a checkup's code is good for.
const checkupLife = time.Minute

// BeginCheckup makes a code by which the relays on this database know the operator's
// doctor. There is one at a time; it is stored as a hash.
func (s *Store) BeginCheckup(ctx context.Context) (code string, err error) {
	code = NewID()
	err = s.setMetadata(ctx, metadataCheckup, fmt.Sprintf("%s %d", hashOfCheckup(code), s.Now().Add(checkupLife)))
	return code, err
}

// IsCheckup reports whether a code is that of the checkup that is under way.
func (s *Store) IsCheckup(ctx context.Context, code string) (bool, error) {
	value, err := s.metadata(ctx, metadataCheckup)
	hash, until, found := strings.Cut(value, " ")
	if err != nil || !found {
		return false, err
	}
	end, err := strconv.ParseInt(until, 10, 64)
	is := subtle.ConstantTimeCompare([]byte(hash), []byte(hashOfCheckup(code))) == 1
	return is && err == nil && s.Now() < onboarding.Timestamp(end), nil
}

func hashOfCheckup(code string) string {
	hash := sha256.Sum256([]byte(code))
	return hex.EncodeToString(hash[:])
}

// RecordBackup stores that a backup was written just now.
func (s *Store) RecordBackup(ctx context.Context) error {
	return s.setMetadata(ctx, metadataBackup, strconv.FormatInt(int64(s.Now()), 10))
}

// LastBackup is when a backup was written last; zero: never.
func (s *Store) LastBackup(ctx context.Context) (onboarding.Timestamp, error) {
	value, err := s.metadata(ctx, metadataBackup)
	if err != nil || value == "" {
		return 0, err
	}
	at, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the metadata %s: %w", metadataBackup, err)
	}
	return onboarding.Timestamp(at), nil
}

// metadata returns a value of this database by its name; empty: there is none.
func (s *Store) metadata(ctx context.Context, name string) (value string, err error) {
	err = s.handle.db.QueryRowContext(ctx, `SELECT value FROM metadata WHERE name = $1`, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading the metadata %s: %w", name, err)
	}
	return value, nil
}

func (s *Store) setMetadata(ctx context.Context, name, value string) error {
	err := s.handle.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO metadata (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			name, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("storing the metadata %s: %w", name, err)
	}
	return nil
}
