package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestACertificateFileIsReplacedListedAndDeletedWithWhatIsBelow(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		for _, name := range []string{"a/b/one.key", "a/b/one.crt", "a/bc/two.crt", "a_b/three.crt"} {
			must(t, s.Certificates.Put(ctx, name, []byte("first")))
		}
		must(t, s.Certificates.Put(ctx, "a/b/one.key", []byte("second")))
		file, err := s.Certificates.Get(ctx, "a/b/one.key")
		must(t, err)
		if string(file.Sealed) != "second" || file.Modified != s.Now() {
			t.Errorf("the replaced file is %+v", file)
		}
		for of, want := range map[string][]string{
			"a": {"a/b/one.crt", "a/b/one.key", "a/bc/two.crt"}, "a/b": {"a/b/one.crt", "a/b/one.key"},
			"a/b/one.key": {"a/b/one.key"}, "a/": nil, "": nil, "%": nil, "a/b/one": nil,
		} {
			names, err := s.Certificates.Names(ctx, of)
			must(t, err)
			slices.Sort(names) // each engine has an order of its own
			if !slices.Equal(names, want) {
				t.Errorf("below %q there are %q, want %q", of, names, want)
			}
		}
		must(t, s.Certificates.Delete(ctx, "a/b"))
		must(t, s.Certificates.Delete(ctx, "a/b")) // there is nothing any more
		if _, err := s.Certificates.Get(ctx, "a/b/one.key"); !errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("reading a deleted file: got %v", err)
		}
		if _, err := s.Certificates.Get(ctx, "a/bc/two.crt"); err != nil {
			t.Errorf("a file beside the deleted ones is gone: %v", err)
		}
	})
}

func TestALockIsOneRunsUntilItEndsOrRunsOut(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		first, second := store.LeaseOwner{Instance: "one", Run: "1"}, store.LeaseOwner{Instance: "two", Run: "1"}
		lock := func(owner store.LeaseOwner, want bool, when string) {
			t.Helper()
			locked, err := s.Certificates.Lock(ctx, "fetch", owner, s.Now().Add(time.Minute))
			must(t, err)
			if locked != want {
				t.Errorf("%s: %s locks: %t", when, owner.Instance, locked)
			}
		}
		lock(first, true, "at first")
		lock(second, false, "while it is locked")
		lock(first, false, "a second time in one run")
		must(t, s.Certificates.Unlock(ctx, "fetch", second)) // it is not the second's
		lock(second, false, "after another's unlock")
		must(t, s.Certificates.Unlock(ctx, "fetch", first))
		lock(second, true, "after the end")
		s.now = s.now.Add(30 * time.Second)
		must(t, s.Certificates.ExtendLocks(ctx, second, s.Now().Add(time.Minute)))
		s.now = s.now.Add(45 * time.Second)
		lock(first, false, "after it was extended")
		s.now = s.now.Add(16 * time.Second)
		lock(first, true, "after it ran out")
		lock(store.LeaseOwner{Instance: "one", Run: "2"}, true, "after a restart of the same relay")
		lock(first, true, "the run before, which nobody started again")
		must(t, s.Certificates.UnlockAll(ctx, first))
		lock(second, true, "after everything was unlocked")
	})
}
