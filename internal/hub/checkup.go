package hub

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Checkup is how the relay is, for main users: what its operator has to look after.
type Checkup struct {
	session *session.Session
	replica *replica.Replica
}

// CheckupView has a line for each check.
type CheckupView struct {
	Lines   []onboarding.CheckupLine `json:"lines"`
	Checked onboarding.Timestamp     `json:"checked"` // zero: the relay is older, and examines nothing
}

// Read asks the relay, unless it is an older one that does not examine itself.
func (c *Checkup) Read(ctx context.Context) (CheckupView, error) {
	relay, err := c.replica.Relay(ctx)
	if err != nil || !relay.Checkup {
		return CheckupView{Lines: []onboarding.CheckupLine{}}, err
	}
	result, err := session.Call(ctx, c.session, wire.ReadCheckup, wire.Empty{})
	if err != nil {
		return CheckupView{}, err
	}
	return CheckupView{Lines: result.Lines, Checked: result.Checked}, nil
}
