package hub

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestOnlyWhatAnswersInTheRelaysPlaceStopsARequest(t *testing.T) {
	for found, want := range map[RelayState]onboarding.PreflightState{
		RelayFound:       onboarding.PreflightOK,
		RelayOther:       onboarding.PreflightStop,
		RelayElsewhere:   onboarding.PreflightStop,
		RelayCertificate: onboarding.PreflightWarning,
		RelayInspected:   onboarding.PreflightWarning, // a network that inspects gives its own
		RelaySilent:      onboarding.PreflightWarning,
		RelayClock:       onboarding.PreflightWarning,
		RelayProxy:       onboarding.PreflightWarning,
		RelayGateway:     onboarding.PreflightWarning,
		RelayBusy:        onboarding.PreflightWarning,
	} {
		if got, _ := addressState(found); got != want {
			t.Errorf("what is %s at the address gives %s, want %s", found, got, want)
		}
	}
}
