package admin

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
// moment, while the relay goes on. That file is enough to make links. With
// PostgreSQL it is sqldb.ErrNoBackup: there, pg_dump and the key file.
func (s *Admin) Backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("backing up to %s: %w", path, fs.ErrExist)
	}
	relayID, err := s.store.Metadata(ctx, "relay", store.NewID)
	if err != nil {
		return err
	}
	made := s.store.Now()
	copied := path + ".db"
	if err := s.db.Backup(ctx, copied); err != nil {
		return err
	}
	defer func() { _ = os.Remove(copied) }() // it is in the backup, or of no use
	about, err := json.Marshal(backupText{Latchkey: "relay backup 1", Relay: relayID, Made: made})
	if err != nil {
		return fmt.Errorf("describing the backup: %w", err)
	}
	if err := writeBackup(path, about, s.keys.Path(), copied); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	return nil
}

func writeBackup(path string, about []byte, keys, database string) error {
	part, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // renamed when all went well
	archive := tar.NewWriter(part)
	err = errors.Join(
		addToBackup(archive, backupAbout, int64(len(about)), strings.NewReader(string(about))),
		addFileToBackup(archive, backupKeys, keys),
		addFileToBackup(archive, backupDB, database),
		archive.Close(),
		part.Sync(),
		part.Close(),
	)
	if err != nil {
		return err
	}
	return fsync.Rename(part.Name(), path)
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

// Restored is what Restore did.
type Restored struct {
	Made      onboarding.Timestamp // when the backup was made
	Cancelled int64                // emails that will not go out again
}

// Restore writes a backup's database and key file to places where there are
// none yet. Emails that waited in it are cancelled: some have gone out since.
// Every hub notices that the database is an older one, reads all again and
// offers what is missing.
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
	db, err := sqldb.Open(ctx, sqldb.Config{Source: database, Migrations: store.Migrations()})
	if err != nil {
		return Restored{}, err
	}
	defer func() { _ = db.Close() }() // everything was committed
	keys, err := keyset.Open(keyFile, now)
	if err != nil {
		return Restored{}, err
	}
	s, err := New(Config{DB: db, Keyset: keys, Now: now})
	if err != nil {
		return Restored{}, err
	}
	done := Restored{Made: about.Made}
	if done.Cancelled, err = s.store.Emails.CancelBefore(ctx, about.Made); err != nil {
		return Restored{}, err
	}
	return done, s.store.Changes.InvalidateCursors(ctx)
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
