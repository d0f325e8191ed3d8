//go:build !quick

package journey_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func TestAHubCanAskTheRelayAsSoonAsItIsEnrolled(t *testing.T) {
	s := relaytest.Begin(t)
	for range 8 {
		_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
		must(t, err)
		if _, err := s.Relay.Hub(t, code.Code).Credentials.Devices(t.Context()); err != nil {
			t.Fatalf("asking right after the enrolment: %v", err)
		}
	}
}
