// Package keyset holds the relay's keys, in a file of their own: it signs and
// verifies links, rows and proofs, and hashes codes and addresses.
//
// It never reads or writes the database, and hands no key out.
package keyset

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/filemode"
	"github.com/latchkeyhq/latchkey/internal/fsync"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Keyset holds the relay's keys. They are in a file of their own and never in
// the database, so that neither opens anything without the other. Several keys
// may read; the newest signs. It is safe for concurrent use, and notices when
// another process has rotated or retired keys.
type Keyset struct {
	path string
	now  func() time.Time

	mu      sync.RWMutex
	id      string
	keys    []derivedKeys // by number, the newest last
	stamp   time.Time
	checked time.Time
	failure error // why the file, as it was when checked, cannot be read
}

// derivedKeys is one key with what is derived from it, each for one purpose.
type derivedKeys struct {
	number   byte
	retired  bool // it makes the hashes of before, and verifies nothing
	links    []byte
	codes    []byte
	refresh  []byte
	unwanted []byte
	accepted []byte
	users    []byte
	rows     []byte
	secrets  []byte
}

// keysetText is the file's content.
type keysetText struct {
	ID   string    `json:"id"` // not secret: the database has it too, to detect a wrong file
	Keys []keyText `json:"keys"`
}

type keyText struct {
	Number  byte                 `json:"number"`
	Key     string               `json:"key"` // 32 bytes, base64url
	Made    onboarding.Timestamp `json:"made"`
	Retired onboarding.Timestamp `json:"retired,omitempty"`
}

const (
	keySize  = 32
	maxKeys  = 255
	reloadAt = 2 * time.Second // the file is checked this often, at most
)

// Open reads a key file, and makes one (0600) where there is none.
func Open(path string, now func() time.Time) (*Keyset, error) {
	k := &Keyset{path: path, now: now}
	err := k.read()
	if errors.Is(err, fs.ErrNotExist) {
		fresh, makeErr := newKey(1, now())
		if makeErr != nil {
			return nil, makeErr
		}
		err = writeKeys(path, keysetText{ID: rand.Text(), Keys: []keyText{fresh}}, true)
		if err == nil || errors.Is(err, fs.ErrExist) { // another relay was first
			err = k.read()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening the key file: %w", err)
	}
	return k, nil
}

// Rotate adds a key that signs from now on. What older ones have signed
// stays valid. A relay that runs notices by itself.
func Rotate(path string, now time.Time) error {
	text, _, err := readKeys(path)
	if err != nil {
		return fmt.Errorf("reading the key file: %w", err)
	}
	newest := text.Keys[len(text.Keys)-1].Number
	if newest == maxKeys {
		return errors.New("rotating the keys: there is no number left for another one")
	}
	fresh, err := newKey(newest+1, now)
	if err != nil {
		return err
	}
	text.Keys = append(text.Keys, fresh)
	if err := writeKeys(path, text, false); err != nil {
		return fmt.Errorf("rotating the keys: %w", err)
	}
	return nil
}

// Entry describes one key of a file, without it.
type Entry struct {
	Number  byte
	Made    onboarding.Timestamp
	Retired onboarding.Timestamp // zero: it verifies
	Signs   bool                 // the others only verify
}

// List describes the keys of a file, the oldest first.
func List(path string) ([]Entry, error) {
	text, _, err := readKeys(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key file: %w", err)
	}
	var list []Entry
	for n, key := range text.Keys {
		list = append(list, Entry{
			Number: key.Number, Made: key.Made, Retired: key.Retired, Signs: n == len(text.Keys)-1,
		})
	}
	return list, nil
}

func newKey(number byte, now time.Time) (keyText, error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return keyText{}, fmt.Errorf("making a key: %w", err)
	}
	return keyText{Number: number, Key: base64.RawURLEncoding.EncodeToString(key), Made: onboarding.TimestampOf(now)}, nil
}

// writeKeys writes the file whole or not at all, and durably: links will be
// signed with its keys. first refuses to replace one.
func writeKeys(path string, text keysetText, first bool) error {
	content, err := json.MarshalIndent(text, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // CreateTemp gives 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // fails after the rename
	if _, err := part.Write(append(content, '\n')); err != nil {
		_ = part.Close() // the first error is the one to report
		return err
	}
	if err := part.Sync(); err != nil {
		_ = part.Close() // the first error is the one to report
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	if !first {
		return fsync.Rename(part.Name(), path)
	}
	if err := os.Link(part.Name(), path); err != nil { // another process was first
		return err
	}
	return fsync.Folder(filepath.Dir(path))
}

func readKeys(path string) (keysetText, time.Time, error) {
	info, err := os.Stat(path)
	if err != nil {
		return keysetText{}, time.Time{}, err
	}
	if filemode.IsOpenTo(info, 0o077) {
		return keysetText{}, time.Time{}, fmt.Errorf("others can read %s: its mode has to be 0600", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return keysetText{}, time.Time{}, err
	}
	var text keysetText
	if err := json.Unmarshal(content, &text); err != nil || text.ID == "" || len(text.Keys) == 0 {
		return keysetText{}, time.Time{}, fmt.Errorf("%s is not a key file", path) // the content is not quoted
	}
	return text, info.ModTime(), nil
}

// read takes the file's keys.
func (k *Keyset) read() error {
	text, stamp, err := readKeys(k.path)
	if err != nil {
		return err
	}
	var keys []derivedKeys
	for i, entry := range text.Keys {
		key, err := base64.RawURLEncoding.Strict().DecodeString(entry.Key)
		inOrder := entry.Number != 0 && (i == 0 || entry.Number > text.Keys[i-1].Number)
		signs := i == len(text.Keys)-1
		if err != nil || len(key) != keySize || !inOrder || signs && entry.Retired != 0 {
			return fmt.Errorf("%s is not a key file", k.path)
		}
		set, err := deriveKeys(entry.Number, key)
		if err != nil {
			return err
		}
		set.retired = entry.Retired != 0
		keys = append(keys, set)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.id, k.keys, k.stamp = text.ID, keys, stamp
	return nil
}

func deriveKeys(number byte, key []byte) (derivedKeys, error) {
	set := derivedKeys{number: number}
	for label, into := range map[string]*[]byte{
		"links": &set.links, "codes": &set.codes, "rows": &set.rows, "secrets": &set.secrets,
		"refresh tokens": &set.refresh, "unwanted addresses": &set.unwanted, "accepted": &set.accepted,
		"users": &set.users,
	} {
		sub, err := hkdf.Key(sha256.New, key, nil, "latchkey "+label, keySize)
		if err != nil {
			return set, fmt.Errorf("deriving a key: %w", err)
		}
		*into = sub
	}
	return set, nil
}

// ID tells one key file from another; it is no secret.
func (k *Keyset) ID() string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.id
}

// ErrMismatch: the database was made with another key file: its
// links, codes and devices would all be refused.
var ErrMismatch = errors.New("the key file is not the one this database was made with")

// Verify makes sure that the keys are those of a database. metadata reads a
// value that the database keeps by its name, and keeps what initial makes if
// it has none.
func (k *Keyset) Verify(
	ctx context.Context, metadata func(ctx context.Context, name string, initial func() string) (string, error),
) error {
	id, err := metadata(ctx, "key file", k.ID)
	if err != nil {
		return err
	}
	if id != k.ID() {
		return ErrMismatch
	}
	return nil
}

// Path is where the file is.
func (k *Keyset) Path() string { return k.path }

// newest is the key that signs.
func (k *Keyset) newest() derivedKeys {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys[len(k.keys)-1]
}

// all are the keys that ever signed, the newest first. They make hashes, which cannot be
// made anew: of addresses, users and refresh tokens. Nothing else is verified with them.
func (k *Keyset) all() []derivedKeys {
	k.mu.RLock()
	defer k.mu.RUnlock()
	keys := make([]derivedKeys, 0, len(k.keys))
	for i := len(k.keys) - 1; i >= 0; i-- {
		keys = append(keys, k.keys[i])
	}
	return keys
}

// verifying are the keys that verify links, rows and codes, the newest first.
func (k *Keyset) verifying() []derivedKeys {
	return slices.DeleteFunc(k.all(), func(key derivedKeys) bool { return key.retired })
}

// byNumber is the key of a number that verifies.
func (k *Keyset) byNumber(number byte) (derivedKeys, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for i := len(k.keys) - 1; i >= 0; i-- {
		if k.keys[i].number == number && !k.keys[i].retired {
			return k.keys[i], true
		}
	}
	return derivedKeys{}, false
}

// RefreshIfChanged reads the file again when another process has written it.
// A file that cannot be read leaves the keys as they are, and every call fails
// until it can.
func (k *Keyset) RefreshIfChanged() error {
	now := k.now()
	k.mu.Lock()
	wait := now.Sub(k.checked) < reloadAt && !now.Before(k.checked)
	if !wait {
		k.checked = now
	}
	stamp, failure := k.stamp, k.failure
	k.mu.Unlock()
	if wait {
		return failure
	}
	info, err := os.Stat(k.path)
	if err == nil && !info.ModTime().Equal(stamp) {
		err = k.read() // half-written files do not exist: writeKeys renames
	}
	if err != nil {
		err = fmt.Errorf("reading the key file again: %w: %w", onboarding.ErrUnavailable, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failure = err
	return err
}

// hmacParts is an HMAC over parts that cannot run into each other.
func hmacParts[T string | []byte](key []byte, parts ...T) []byte {
	mac := hmac.New(sha256.New, key)
	var next []byte
	for _, part := range parts {
		n := len(part)
		next = append(next[:0], byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		next = append(next, part...)
		_, _ = mac.Write(next) // a hash takes everything
	}
	return mac.Sum(nil)
}
