package replica

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// The names of metadata and the types of their values.
const (
	MetaIdentity  = "identity"   // JSON: session.Identity
	MetaEnrolling = "enrolling"  // JSON: the enrolment in progress
	MetaCursor    = "cursor"     // JSON: wire.Cursor, the last position read
	MetaReadUntil = "read_until" // a timestamp: the last complete sync
	MetaAgency    = "agency"     // JSON: onboarding.Agency
	MetaRelay     = "relay"      // JSON: wire.RelayResult, the relay's description of itself
	MetaWiping    = "wiping"     // the agency's name, during a wipe
	MetaRevoked   = "revoked"    // the agency's name, after a wipe
	MetaUTCOffset = "utc_offset" // a number: the minutes that the relay was told

	// MetaMailFails is a timestamp: since when an email waits while the relay's mail server takes none.
	MetaMailFails = "mail_fails"

	metaGeneration = "generation" // the number of the last full read
	metaFullRead   = "full_read"  // the reason, during a full read
	metaLost       = "lost"       // JSON: []LostItem, what a restored relay has lost
	metaEndings    = "endings"    // JSON: []Ending, what a restored relay has to end again
	metaRestored   = "restored"   // a timestamp: the restore to confirm
	metaProjection = "projection"
)

// projectionVersion identifies the columns and fields that this version stores.
// Another one triggers a full read, since an older version drops fields that it
// does not declare.
const projectionVersion = "8"

// ReadMetadata reads a value; empty if missing.
func ReadMetadata(ctx context.Context, q sqldb.Queryer, name string) (string, error) {
	var value string
	err := q.QueryRowContext(ctx, `SELECT value FROM metadata WHERE name = $1`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the metadata %s: %w", name, err)
	}
	return value, nil
}

// WriteMetadata stores a value by its name.
func (s *Tx) WriteMetadata(ctx context.Context, name, value string) error {
	_, err := s.ExecContext(ctx, `
		INSERT INTO metadata (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fmt.Errorf("writing the metadata %s: %w", name, err)
	}
	return nil
}

// DeleteMetadata deletes a value. A missing one is no error.
func (s *Tx) DeleteMetadata(ctx context.Context, name string) error {
	if _, err := s.ExecContext(ctx, `DELETE FROM metadata WHERE name = $1`, name); err != nil {
		return fmt.Errorf("dropping the metadata %s: %w", name, err)
	}
	return nil
}

// ReadMetadataJSON leaves into unchanged if the value is missing.
func ReadMetadataJSON(ctx context.Context, q sqldb.Queryer, name string, into any) error {
	value, err := ReadMetadata(ctx, q, name)
	if err != nil || value == "" {
		return err
	}
	if err := json.Unmarshal([]byte(value), into); err != nil {
		return fmt.Errorf("reading the metadata %s: %w", name, err)
	}
	return nil
}

// WriteMetadataJSON stores a value as JSON.
func (s *Tx) WriteMetadataJSON(ctx context.Context, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing the metadata %s: %w", name, err)
	}
	return s.WriteMetadata(ctx, name, string(text))
}

func readMetadataNumber(ctx context.Context, q sqldb.Queryer, name string) (int64, error) {
	value, err := ReadMetadata(ctx, q, name)
	if err != nil || value == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the metadata %s: %w", name, err)
	}
	return n, nil
}

// ReadMetadataTime reads a time; zero if missing.
func ReadMetadataTime(ctx context.Context, q sqldb.Queryer, name string) (onboarding.Timestamp, error) {
	n, err := readMetadataNumber(ctx, q, name)
	return onboarding.Timestamp(n), err
}

func (s *Tx) writeMetadataNumber(ctx context.Context, name string, n int64) error {
	return s.WriteMetadata(ctx, name, strconv.FormatInt(n, 10))
}

// ReadUTCOffset reads the minutes east of UTC that the relay was told; nil: none.
func ReadUTCOffset(ctx context.Context, q sqldb.Queryer) (*int, error) {
	value, err := ReadMetadata(ctx, q, MetaUTCOffset)
	if err != nil || value == "" {
		return nil, err
	}
	minutes, err := strconv.Atoi(value)
	if err != nil {
		return nil, fmt.Errorf("reading the metadata %s: %w", MetaUTCOffset, err)
	}
	return &minutes, nil
}

func ReadCursor(ctx context.Context, q sqldb.Queryer) (wire.Cursor, error) {
	var c wire.Cursor
	err := ReadMetadataJSON(ctx, q, MetaCursor, &c)
	return c, err
}

func ReadAgency(ctx context.Context, q sqldb.Queryer) (onboarding.Agency, error) {
	var a onboarding.Agency
	err := ReadMetadataJSON(ctx, q, MetaAgency, &a)
	return a, err
}

// ReadStored reads a JSON value of the replica in a data folder, which may be open elsewhere.
// A missing one leaves into unchanged.
func ReadStored(ctx context.Context, dir, name string, into any) (err error) {
	db, err := sqldb.OpenToRead(filepath.Join(dir, fileName))
	if err != nil {
		return fmt.Errorf("opening the hub's data to read it: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Read(ctx, func(q sqldb.Queryer) error { return ReadMetadataJSON(ctx, q, name, into) })
}
