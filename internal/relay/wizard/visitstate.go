package wizard

import (
	"encoding/hex"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// visitState is what the wizard stores of a visit beside its items.
type visitState struct {
	// Failures are how the last try at each service ended, if it did not work.
	Failures map[onboarding.Service]failure          `json:"failures,omitempty"`
	Result   map[onboarding.Service]connectedAccount `json:"result,omitempty"` // the newest account of each CRM
	// Callbacks are the newest sign-ins that worked.
	Callbacks map[onboarding.Platform]string `json:"callbacks,omitempty"`
	// RecheckedAt is when "Look again" was pressed and something still waited.
	RecheckedAt onboarding.Timestamp `json:"rechecked_at,omitempty"`
	// NothingSelected: "Connect Assets" was pressed with nothing ticked.
	NothingSelected bool `json:"nothing_selected,omitempty"`
	// FinishedEmptyAt is when "Finish" was pressed with nothing connected.
	FinishedEmptyAt onboarding.Timestamp `json:"finished_empty_at,omitempty"`
	// Declines: the visit began by "I cannot do this".
	Declines bool `json:"declines,omitempty"`
}

// declining is the state of a visit that began by I cannot do this.
const declining = `{"declines":true}`

// failure is a try that did not work, as the next page shows it.
type failure struct {
	Code      catalog.FailureCode  `json:"code"`
	Platform  string               `json:"platform,omitempty"` // its own code
	Reference string               `json:"reference,omitempty"`
	Name      string               `json:"name,omitempty"`
	Until     onboarding.Timestamp `json:"until,omitempty"`
	LeftOut   []onboarding.LeftOut `json:"left_out,omitempty"`
}

// connectedAccount is an account of a CRM that was connected just now.
type connectedAccount struct {
	Item      string               `json:"item"`
	Also      []string             `json:"also,omitempty"`      // further items of the same sign-in
	Refreshed bool                 `json:"refreshed,omitempty"` // it was in the list already
	Missing   []string             `json:"missing,omitempty"`   // optional scopes that were not granted
	LeftOut   []onboarding.LeftOut `json:"left_out,omitempty"`
}

// setFailure stores how an attempt ended; an empty code removes the last one.
func (s *visitState) setFailure(service onboarding.Service, f failure) {
	if f.Code == "" {
		delete(s.Failures, service)
		return
	}
	if s.Failures == nil {
		s.Failures = map[onboarding.Service]failure{}
	}
	s.Failures[service] = f
}

func (s *visitState) setConnected(service onboarding.Service, done connectedAccount) {
	if s.Result == nil {
		s.Result = map[onboarding.Service]connectedAccount{}
	}
	s.Result[service] = done
	s.setFailure(service, failure{})
}

func (s *visitState) recordCallback(from onboarding.Platform, stateHash []byte) {
	if s.Callbacks == nil {
		s.Callbacks = map[onboarding.Platform]string{}
	}
	s.Callbacks[from] = hex.EncodeToString(stateHash)
}
