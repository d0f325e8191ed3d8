package wizard

import (
	"encoding/hex"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// visitState is what the wizard stores of a visit beside its items.
type visitState struct {
	// how the last try ended, when it did not work
	Failures map[onboarding.Service]failure          `json:"failures,omitempty"`
	Result   map[onboarding.Service]connectedAccount `json:"result,omitempty"` // the newest account of each CRM
	// the newest sign-in that came back and worked
	Callbacks map[onboarding.Platform]string `json:"callbacks,omitempty"`
	// Look again was pressed and something still waits
	RecheckedAt onboarding.Timestamp `json:"rechecked_at,omitempty"`
	// Connect Assets was pressed with nothing ticked
	NothingSelected bool `json:"nothing_selected,omitempty"`
	// Finish was pressed with nothing connected
	FinishedEmptyAt onboarding.Timestamp `json:"empty,omitempty"`
	// it began by I cannot do this
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

// failed stores how an attempt ended; an empty code removes the last one.
func (c *visitState) failed(service onboarding.Service, t failure) {
	if t.Code == "" {
		delete(c.Failures, service)
		return
	}
	if c.Failures == nil {
		c.Failures = map[onboarding.Service]failure{}
	}
	c.Failures[service] = t
}

func (c *visitState) connected(service onboarding.Service, done connectedAccount) {
	if c.Result == nil {
		c.Result = map[onboarding.Service]connectedAccount{}
	}
	c.Result[service] = done
	c.failed(service, failure{})
}

func (c *visitState) cameBack(from onboarding.Platform, stateHash []byte) {
	if c.Callbacks == nil {
		c.Callbacks = map[onboarding.Platform]string{}
	}
	c.Callbacks[from] = hex.EncodeToString(stateHash)
}
