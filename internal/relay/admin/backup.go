package admin

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/latchkeyhq/latchkey/internal/fsync"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// ErrNotABackup is a file that Restore cannot read to its end as a backup.
var ErrNotABackup = errors.New("this is not a backup, or not a whole one")

// The parts of a backup.
const (
	backupAbout = "backup.json"
	backupKeys  = "relay.key"
	backupDB    = "relay.db"
)

// backupText describes a backup.
type backupText struct {
	Latchkey string               `json:"latchkey"`
	Relay    string               `json:"relay"`
	Made     onboarding.Timestamp `json:"made"`
}

// Backup writes database and key file into one new file (0600), as of one
// moment, while the relay goes on. That file is enough to make links. It gets its
// name once it was read back as Restore would. With PostgreSQL it is
// sqldb.ErrNoBackup: there, pg_dump and the key file.
func (s *Admin) Backup(ctx context.Context, path string) (err error) {
	if s.db.Engine() != sqldb.SQLite {
		return sqldb.ErrNoBackup
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("backing up to %s: %w", path, fs.ErrExist)
	}
	about := backupText{Latchkey: "relay backup 1", Made: s.store.Now()}
	if about.Relay, err = s.store.Metadata(ctx, "relay", store.NewID); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	// A folder that only this user can enter: nobody plants a file or a link in it.
	work, err := os.MkdirTemp(filepath.Dir(path), ".latchkey-backup-*")
	if err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	archive := filepath.Join(work, "backup")
	if err := s.writeBackup(ctx, archive, about); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	if err := readBack(ctx, archive, about, s.store.Now); err != nil {
		return fmt.Errorf("reading the backup at %s: %w", path, err)
	}
	return fsync.Rename(archive, path)
}

// RecordBackup stores that a backup was written just now.
func (s *Admin) RecordBackup(ctx context.Context) error {
	return errors.Join(s.store.RecordBackup(ctx), s.record(ctx, "backup", "", ""))
}

// LastBackup is when a backup was written last; zero: never.
func (s *Admin) LastBackup(ctx context.Context) (onboarding.Timestamp, error) {
	return s.store.LastBackup(ctx)
}

// ReadStatus counts what there is, and what waits.
func (s *Admin) ReadStatus(ctx context.Context) (store.Status, error) { return s.store.ReadStatus(ctx) }

// BeginCheckup makes a code by which the relay knows the operator's doctor.
func (s *Admin) BeginCheckup(ctx context.Context) (code string, err error) {
	return s.store.BeginCheckup(ctx)
}

func (s *Admin) writeBackup(ctx context.Context, path string, about backupText) error {
	description, err := json.Marshal(about)
	if err != nil {
		return fmt.Errorf("describing the backup: %w", err)
	}
	copied := path + ".db"
	if err := s.db.Backup(ctx, copied); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(file)
	return errors.Join(
		addToBackup(archive, backupAbout, int64(len(description)), bytes.NewReader(description)),
		addFileToBackup(archive, backupKeys, s.keys.Path()),
		addFileToBackup(archive, backupDB, copied),
		archive.Close(),
		file.Sync(),
		file.Close(),
		os.Remove(copied),
	)
}

// readBack unpacks a backup beside it, and makes sure that its database is sound and
// belongs to its key file and to this relay.
func readBack(ctx context.Context, archive string, want backupText, now func() onboarding.Timestamp) (err error) {
	database, keys := archive+".read.db", archive+".read.key"
	about, err := unpack(archive, database, keys)
	if err != nil {
		return err
	}
	if about != want {
		return fmt.Errorf("%w: it describes itself as %+v", ErrNotABackup, about)
	}
	clock := func() time.Time { return now().Time() }
	opened, err := openUnpacked(ctx, database, keys, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.db.Close()) }()
	if err := opened.db.Check(ctx); err != nil {
		return err
	}
	relay, err := opened.store.Metadata(ctx, "relay", func() string { return "" })
	if err == nil && relay != want.Relay {
		err = fmt.Errorf("%w: its database is that of another relay", ErrNotABackup)
	}
	return err
}

// openUnpacked opens a database and a key file as they were in a backup. The caller
// closes the Admin's database.
func openUnpacked(ctx context.Context, database, keyFile string, now func() time.Time) (*Admin, error) {
	keys, err := keyset.Open(keyFile, now)
	if err != nil {
		return nil, err
	}
	db, err := sqldb.Open(ctx, sqldb.Config{Source: database, Migrations: store.Migrations()})
	if err != nil {
		return nil, err
	}
	opened, err := New(Config{DB: db, Keyset: keys, Now: now})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return opened, nil
}

func addFileToBackup(archive *tar.Writer, name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return addToBackup(archive, name, info.Size(), file)
}

func addToBackup(archive *tar.Writer, name string, size int64, content io.Reader) error {
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size}); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}

// VerifyBackup reads a backup as Restore would, into a folder beside it that goes at the
// end, and returns when it was made. ErrNotABackup: it cannot be restored.
func VerifyBackup(ctx context.Context, backup string, now func() time.Time) (made onboarding.Timestamp, err error) {
	work, err := os.MkdirTemp(filepath.Dir(backup), ".latchkey-verify-*")
	if err != nil {
		return 0, fmt.Errorf("verifying %s: %w", backup, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	database, keys := filepath.Join(work, backupDB), filepath.Join(work, backupKeys)
	about, err := unpack(backup, database, keys)
	if err != nil {
		return 0, fmt.Errorf("verifying %s: %w", backup, err)
	}
	opened, err := openUnpacked(ctx, database, keys, now)
	if err == nil {
		err = errors.Join(opened.db.Check(ctx), opened.db.Close())
	}
	if errors.Is(err, sqldb.ErrDamaged) || errors.Is(err, keyset.ErrMismatch) { // of the backup, not of the relay
		return 0, fmt.Errorf("verifying %s: %w: %s", backup, ErrNotABackup, err)
	}
	return about.Made, err
}

// Restored is what Restore did.
type Restored struct {
	Made      onboarding.Timestamp // when the backup was made
	Cancelled int64                // emails that will not go out again
	// Agencies are as the backup had them. Nothing is sealed for one until the hub
	// of a main user has synced and ended again what had ended since.
	Agencies []store.RestoredAgency
}

// Restore writes a backup's database and key file to places where there are
// none yet. Emails that waited in it are cancelled: some have gone out since.
// Every hub notices that the database is an older one, reads all again and
// offers what is missing, and what has ended. Until the hub of the main user who is named
// by ConfirmAgency has done so, nothing is sealed for the agency.
// After an error nothing is left there. A file that is no backup is
// ErrNotABackup, a PostgreSQL address is sqldb.ErrNoBackup.
func Restore(ctx context.Context, backup, database, keyFile string, now func() time.Time) (_ Restored, err error) {
	if sqldb.IsPostgreSQL(database) {
		return Restored{}, sqldb.ErrNoBackup
	}
	// A log left beside the database would be played over the restored one.
	places := []string{database, keyFile, database + "-wal", database + "-shm"}
	for _, path := range places {
		if _, err := os.Lstat(path); err == nil {
			return Restored{}, fmt.Errorf("restoring to %s: %w: move it away first", path, fs.ErrExist)
		}
	}
	defer func() {
		for _, path := range places {
			if err != nil {
				_ = os.Remove(path) // what is left of a failure would be in the way
			}
		}
	}()
	about, err := unpack(backup, database, keyFile)
	if err != nil {
		return Restored{}, fmt.Errorf("restoring %s: %w", backup, err)
	}
	s, err := openUnpacked(ctx, database, keyFile, now)
	if err != nil {
		return Restored{}, err
	}
	defer func() { _ = s.db.Close() }() // everything was committed
	return s.markRestored(ctx, about.Made)
}

// MarkRestored does to the database what Restore does after it was written: one that
// was put back in another way, by pg_restore, a copy of the file, or a snapshot of the
// machine. The relay must not be running.
func (s *Admin) MarkRestored(ctx context.Context) (Restored, error) {
	return s.markRestored(ctx, s.store.Now())
}

// MarkMoved says that the database is as the relay left it, on another server or with other
// numbers of its tables: nothing was lost, so nothing is cancelled.
func (s *Admin) MarkMoved(ctx context.Context) error {
	if err := s.store.RecordPlace(ctx); err != nil {
		return err
	}
	return s.record(ctx, "restored --moved", "", "")
}

// CheckPlace returns store.ErrPutBack where the database was put back and MarkRestored was
// not called.
func (s *Admin) CheckPlace(ctx context.Context) error { return s.store.CheckPlace(ctx) }

func (s *Admin) markRestored(ctx context.Context, made onboarding.Timestamp) (done Restored, err error) {
	done.Made = made
	if done.Cancelled, err = s.store.Emails.CancelBefore(ctx, made); err != nil {
		return Restored{}, err
	}
	if err := s.store.Webhooks.CancelBefore(ctx, made); err != nil {
		return Restored{}, err
	}
	if err := s.store.News.CancelBefore(ctx, made); err != nil {
		return Restored{}, err
	}
	if err := s.store.Changes.InvalidateCursors(ctx); err != nil {
		return Restored{}, err
	}
	if done.Agencies, err = s.store.Agencies.MarkRestored(ctx); err != nil {
		return done, err
	}
	if err := s.store.RecordPlace(ctx); err != nil {
		return done, err
	}
	return done, s.record(ctx, "restored", "", fmt.Sprintf("%d emails cancelled", done.Cancelled))
}

func unpack(backup, database, keys string) (backupText, error) {
	var about backupText
	file, err := os.Open(backup)
	if err != nil {
		return about, err
	}
	defer func() { _ = file.Close() }() // it was only read
	archive := tar.NewReader(file)
	places := map[string]string{backupKeys: keys, backupDB: database}
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return about, ErrNotABackup
		}
		if header.Name == backupAbout {
			if err := json.NewDecoder(io.LimitReader(archive, 4<<10)).Decode(&about); err != nil {
				return about, ErrNotABackup
			}
			continue
		}
		place, expected := places[header.Name]
		if !expected || about.Latchkey == "" {
			return about, ErrNotABackup
		}
		delete(places, header.Name)
		if err := writePart(place, archive); errors.Is(err, io.ErrUnexpectedEOF) {
			return about, ErrNotABackup
		} else if err != nil {
			return about, err
		}
	}
	if len(places) > 0 {
		return about, ErrNotABackup
	}
	return about, nil
}

func writePart(path string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, content); err != nil {
		_ = file.Close() // the first error is the one to report
		return err
	}
	return errors.Join(file.Sync(), file.Close(), fsync.Folder(filepath.Dir(path)))
}
