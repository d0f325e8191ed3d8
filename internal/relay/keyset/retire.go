package keyset

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Why a key cannot be retired.
var (
	ErrSigns    = errors.New("this key signs: add another one first, with `latchkey-relay keys rotate`")
	ErrTooFresh = errors.New("the newest key is younger than a minute, and a relay that runs may not have read it yet")
	ErrNoKey    = errors.New("there is no key of this number")
)

// Settled is how long after a key was made every relay on its file signs with it.
const Settled = time.Minute

// FindRetirable finds a key that can be retired, or is, and when the next one was made.
func FindRetirable(path string, number byte, now time.Time) (key Entry, next onboarding.Timestamp, err error) {
	keys, err := List(path)
	if err != nil {
		return key, 0, err
	}
	at := slices.IndexFunc(keys, func(e Entry) bool { return e.Number == number })
	switch {
	case at < 0:
		return key, 0, fmt.Errorf("finding key %d: %w", number, ErrNoKey)
	case keys[at].Signs:
		return key, 0, fmt.Errorf("retiring key %d: %w", number, ErrSigns)
	case now.Before(keys[len(keys)-1].Made.Time().Add(Settled)):
		return key, 0, fmt.Errorf("retiring key %d: %w", number, ErrTooFresh)
	}
	return keys[at], keys[at+1].Made, nil
}

// Retire ends a key: from now on it verifies no link, row or code, and makes hashes alone.
// What it signed has to be signed anew before. Again it changes nothing. A relay that runs
// notices by itself.
func Retire(path string, number byte, now time.Time) error {
	if _, _, err := FindRetirable(path, number, now); err != nil {
		return err
	}
	text, _, err := readKeys(path)
	if err != nil {
		return fmt.Errorf("reading the key file: %w", err)
	}
	for n := range text.Keys {
		if key := &text.Keys[n]; key.Number == number {
			if key.Retired != 0 {
				return nil
			}
			key.Retired = onboarding.TimestampOf(now)
		}
	}
	if err := writeKeys(path, text, false); err != nil {
		return fmt.Errorf("retiring key %d: %w", number, err)
	}
	return nil
}
