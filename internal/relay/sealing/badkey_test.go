package sealing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestAKeyThatNothingCanBeSealedForKeepsItFromNoOtherDevice(t *testing.T) {
	v := newVault(t)
	to := sealing.Target{
		Agency: "acme", Of: onboarding.Ownership{Member: "ben"}, Request: "of ben", Subject: "new", OfItem: true,
		Account: "1",
	}
	before, _, err := v.sealer.Seal(t.Context(), to, credential())
	must(t, err)
	must(t, v.store.Codes.Add(t.Context(), []byte("another"), store.Code{
		ID: "another", Agency: "acme", Member: "ben", Expires: v.store.Now().Add(time.Hour),
	}))
	_, err = v.store.Devices.Enrol(t.Context(), []byte("another"), "bad", "age1pqbad", []byte("token of bad"))
	must(t, err)
	v.log.Reset()
	after, hash, err := v.sealer.Seal(t.Context(), to, credential())
	if err != nil || len(after) != len(before) || len(before) == 0 || len(hash) == 0 {
		t.Errorf("sealed for %d devices, then for %d, %v", len(before), len(after), err)
	}
	if said := v.log.String(); !strings.Contains(said, "level=ERROR") ||
		!strings.Contains(said, "sealed nothing for a device") {
		t.Errorf("the log says %q", said)
	}
	for _, name := range []string{"ben", "ben's spare", "ben's second"} {
		_, err := v.store.Devices.Revoke(t.Context(), "acme", v.devices[name])
		must(t, err)
	}
	if none, _, err := v.sealer.Seal(t.Context(), to, credential()); err == nil || len(none) != 0 {
		t.Errorf("with the bad one alone, sealed for %d devices, %v", len(none), err)
	}
}
