package hub_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func TestARelayThatThePolicyDoesNotAllowIsNeitherAskedNorJoinedNorCalled(t *testing.T) {
	s := relaytest.Begin(t)
	dir, secrets := filepath.Join(t.TempDir(), "hub"), keychain.NewMemory()
	open := func(allowed string) (*hub.Hub, error) {
		return hub.Open(t.Context(), hub.Config{
			Catalog: catalogtest.New(t), Dir: dir, Keychain: secrets, CheckRelay: func(address string) error {
				if address != allowed {
					return onboarding.Invalid("address", "It allows "+allowed+".")
				}
				return nil
			},
		})
	}
	const other = "https://access.example.com"
	h, err := open(other)
	must(t, err)
	var invalid *onboarding.InvalidError
	if _, err := h.FindRelay(t.Context(), s.URL); !errors.As(err, &invalid) || invalid.Field != "address" {
		t.Errorf("looking for it: got %v", err)
	}
	err = h.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop")
	if !errors.As(err, &invalid) || invalid.Field != "address" {
		t.Errorf("joining it: got %v", err)
	}
	closed(t, h)

	// The code was not used up.
	h, err = open(s.URL)
	must(t, err)
	must(t, h.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"))
	closed(t, h)

	if h, err = open(other); !errors.Is(err, hub.ErrRelayNotAllowed) {
		t.Errorf("opening a computer that has joined it: got %v", err)
	}
	if h != nil {
		closed(t, h)
	}
	h, err = open(s.URL)
	must(t, err)
	synced(t, h) // nothing was deleted
	closed(t, h)
}
