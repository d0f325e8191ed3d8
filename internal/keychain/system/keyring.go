//go:build !linux

package system

import (
	"errors"

	"github.com/zalando/go-keyring"

	"github.com/latchkeyhq/latchkey/internal/keychain"
)

// keyringEntries are the entries of one service name in the keychain of macOS or
// Windows.
type keyringEntries struct{ service string }

type backend struct{}

func (backend) open(service string) (entries, error) { return keyringEntries{service}, nil }

func (keyringEntries) close() {}

func (k keyringEntries) get(name string) (string, error) {
	value, err := keyring.Get(k.service, name)
	return value, entryError(err)
}

func (k keyringEntries) set(name, value string) error {
	return entryError(keyring.Set(k.service, name, value))
}

func (k keyringEntries) delete(name string) error {
	return entryError(keyring.Delete(k.service, name))
}

func entryError(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return keychain.ErrNotFound
	}
	return err
}
