package api

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Whoever mends something looks at once whether it helped.
func TestWhatFailsIsExaminedAgainSooner(t *testing.T) {
	for state, sooner := range map[onboarding.CheckupState]bool{
		"ok": false, "unknown": false, onboarding.CheckupWarning: true, onboarding.CheckupFailed: true,
	} {
		lines := []onboarding.CheckupLine{{State: "ok"}, {State: state}}
		if life := lifeOf(wire.CheckupResult{Lines: lines}); (life == checkupWrong) != sooner {
			t.Errorf("with %s the result counts for %s", state, life)
		}
	}
}
