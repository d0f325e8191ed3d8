package certs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/caddyserver/certmagic"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// Sealer encrypts under the key file. purpose is authenticated. OpenSecret returns
// onboarding.ErrUnavailable for a secret whose key it does not have, or not yet.
type Sealer interface {
	SealSecret(purpose string, secret onboarding.Secret) ([]byte, error)
	OpenSecret(purpose string, sealed []byte) (onboarding.Secret, error)
}

const (
	lockLease  = 2 * time.Minute // a relay that was killed is waited for so long
	extendLock = 30 * time.Second
	lockPoll   = time.Second
)

// storage is certmagic's storage in the relay's database: every value is sealed for
// its name, and locks are leases, so that a relay that was killed keeps nobody waiting.
type storage struct {
	files  *store.Certificates
	sealer Sealer
	owner  store.LeaseOwner
	now    func() onboarding.Timestamp
	log    *slog.Logger
	poll   time.Duration
	extend time.Duration

	held atomic.Int64 // how many locks
}

var _ certmagic.Storage = (*storage)(nil)

// errStorage is what keeps the relay from a file that may be as it has to be: an error of
// the database, or a key that this relay does not have yet.
var errStorage = errors.New("the database's certificate files cannot be used now")

func unusable(err error) error { return fmt.Errorf("%w: %w", errStorage, err) }

// writeLimit is how long a write may take. It goes on when the relay ends: a certificate
// is three files, and one of them alone is of no use.
const writeLimit = 5 * time.Second

// Store seals a value and stores it.
func (s *storage) Store(ctx context.Context, name string, value []byte) error {
	sealed, err := s.sealer.SealSecret(store.CertificatePurpose(name), onboarding.NewSecret(string(value)))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeLimit)
	defer cancel()
	return s.files.Put(ctx, name, sealed)
}

// Load returns fs.ErrNotExist also for a value that the key file does not open: it is
// deleted, so that another one is fetched. What another relay sealed with a key that
// this one does not have yet stays.
func (s *storage) Load(ctx context.Context, name string) ([]byte, error) {
	value, _, err := s.read(ctx, name)
	return value, err
}

func (s *storage) read(ctx context.Context, name string) ([]byte, onboarding.Timestamp, error) {
	file, err := s.files.Get(ctx, name)
	if err != nil {
		return nil, 0, notExist(err)
	}
	secret, err := s.sealer.OpenSecret(store.CertificatePurpose(name), file.Sealed)
	if errors.Is(err, onboarding.ErrUnavailable) {
		return nil, 0, unusable(err)
	}
	if err != nil {
		s.log.WarnContext(ctx, "a certificate file of the database is not as the relay wrote it: it is deleted",
			"name", name, "error", err)
		if err := s.Delete(ctx, name); err != nil {
			return nil, 0, unusable(err)
		}
		return nil, 0, fmt.Errorf("opening the certificate file %s: %w", name, fs.ErrNotExist)
	}
	return []byte(secret.Reveal()), file.Modified, nil
}

func notExist(err error) error {
	if errors.Is(err, onboarding.ErrNotFound) {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return unusable(err)
}

// Delete deletes a value and all below its name.
func (s *storage) Delete(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeLimit)
	defer cancel()
	return s.files.Delete(ctx, name)
}

// Exists reports whether there is a value of this name or below it.
func (s *storage) Exists(ctx context.Context, name string) bool {
	names, err := s.files.Names(ctx, name)
	return err == nil && len(names) > 0
}

// List are the names below one: all of them, or the next parts alone.
func (s *storage) List(ctx context.Context, name string, recursive bool) ([]string, error) {
	names, err := s.files.Names(ctx, name)
	if err != nil {
		return nil, err
	}
	var list []string
	seen := map[string]bool{}
	for _, found := range names {
		rest, isBelow := strings.CutPrefix(found, name+"/")
		if !isBelow {
			continue
		}
		parent := name
		for part := range strings.SplitSeq(rest, "/") {
			parent += "/" + part
			if !seen[parent] {
				seen[parent] = true
				list = append(list, parent)
			}
			if !recursive {
				break
			}
		}
	}
	return list, nil
}

// Stat describes a value, or what is only the first parts of names.
func (s *storage) Stat(ctx context.Context, name string) (certmagic.KeyInfo, error) {
	value, modified, err := s.read(ctx, name)
	if err == nil {
		return certmagic.KeyInfo{Key: name, Modified: modified.Time(), Size: int64(len(value)), IsTerminal: true}, nil
	}
	if errors.Is(err, fs.ErrNotExist) && s.Exists(ctx, name) {
		return certmagic.KeyInfo{Key: name}, nil
	}
	return certmagic.KeyInfo{}, err
}

// Lock waits for a lock until ctx ends. keepLocks then extends its lease.
func (s *storage) Lock(ctx context.Context, name string) error {
	ticker := time.NewTicker(s.poll)
	defer ticker.Stop()
	for {
		locked, err := s.files.Lock(ctx, name, s.owner, s.now().Add(lockLease))
		if err != nil {
			return err
		}
		if locked {
			s.held.Add(1)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// Unlock ends a lock.
func (s *storage) Unlock(ctx context.Context, name string) error {
	defer s.held.Add(-1)
	return s.files.Unlock(ctx, name, s.owner)
}

// keepLocks extends the leases of what is locked until ctx ends; then it waits a moment
// for what is under way, and ends the rest.
func (s *storage) keepLocks(ctx context.Context) {
	ticker := time.NewTicker(s.extend)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if s.held.Load() == 0 {
				continue
			}
			if err := s.files.ExtendLocks(ctx, s.owner, s.now().Add(lockLease)); err != nil {
				s.log.WarnContext(ctx, "extending the locks of the certificates", "error", err)
			}
		case <-ctx.Done():
			s.unlockAll(context.WithoutCancel(ctx))
			return
		}
	}
}

func (s *storage) unlockAll(ctx context.Context) {
	limit, cancel := context.WithTimeout(ctx, shutdownGrace)
	defer cancel()
	ticker := time.NewTicker(releasePoll)
	defer ticker.Stop()
	for s.held.Load() > 0 && limit.Err() == nil {
		select {
		case <-ticker.C:
		case <-limit.Done():
		}
	}
	if err := s.files.UnlockAll(ctx, s.owner); err != nil {
		s.log.WarnContext(ctx, "ending the locks of the certificates", "error", err) // they run out
	}
}

const (
	shutdownGrace = 2 * time.Second // an end waits so long for a certificate that is being fetched
	releasePoll   = 20 * time.Millisecond
)
