package hub

import (
	"context"
	"crypto/rand"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// ProposeReplyTo has a code mailed to an address; empty goes back to none.
// It needs the relay now.
func (h *Hub) ProposeReplyTo(ctx context.Context, address string) error {
	a, err := session.Call(ctx, h.session, wire.ProposeReplyTo, wire.AddressParams{Address: address})
	if err != nil {
		return err
	}
	return h.keepAgency(ctx, a.Agency)
}

// ConfirmReplyTo shows the mailed code. It needs the relay now.
func (h *Hub) ConfirmReplyTo(ctx context.Context, code onboarding.Secret) error {
	a, err := session.Call(ctx, h.session, wire.ConfirmReplyTo, wire.ConfirmReplyToParams{Code: wire.NewSecretText(code)})
	if err != nil {
		return err
	}
	return h.keepAgency(ctx, a.Agency)
}

func (h *Hub) keepAgency(ctx context.Context, agency onboarding.Agency) error {
	return h.Replica.Update(ctx, func(s *replica.Tx) error {
		s.Change.Agency = true
		return s.WriteMetadataJSON(ctx, replica.MetaAgency, agency)
	})
}

// InviteMember adds a member and gives the code for their first computer. It
// needs the relay now: the code is shown once.
func (h *Hub) InviteMember(ctx context.Context, name, email string, role onboarding.Role) (wire.CodeResult, error) {
	a, err := session.Call(ctx, h.session, wire.InviteMember, wire.InviteMemberParams{
		ID: rand.Text(), Name: name, Email: email, Role: role,
	})
	signal(h.syncCh)
	return a, err
}

// ChangeMember gives a member another name or role. It needs the relay now.
func (h *Hub) ChangeMember(ctx context.Context, id, name string, role onboarding.Role) error {
	_, err := session.Call(ctx, h.session, wire.ChangeMember, wire.ChangeMemberParams{ID: id, Name: name, Role: role})
	signal(h.syncCh)
	return err
}

// RemoveMember ends a member's access; successor takes over their requests. It
// needs the relay now.
func (h *Hub) RemoveMember(ctx context.Context, id, successor string) error {
	_, err := session.Call(ctx, h.session, wire.RemoveMember, wire.RemoveMemberParams{ID: id, Successor: successor})
	signal(h.syncCh)
	return err
}

// IssueCode gives a code for another computer of one's own (member empty), or
// by a main user for another member. It needs the relay now.
func (h *Hub) IssueCode(ctx context.Context, member string) (wire.CodeResult, error) {
	return session.Call(ctx, h.session, wire.IssueCode, wire.IssueCodeParams{Member: member})
}

// OpenCodes lists the codes that nobody has used yet: one's own, for main users
// everyone's. It needs the relay.
func (h *Hub) OpenCodes(ctx context.Context) ([]wire.OpenCode, error) {
	a, err := session.Call(ctx, h.session, wire.ListCodes, wire.Empty{})
	return a.Codes, err
}

// WithdrawCode ends a code that nobody has used. It needs the relay now.
func (h *Hub) WithdrawCode(ctx context.Context, code string) error {
	_, err := session.Call(ctx, h.session, wire.WithdrawCode, wire.CodeParams{ID: code})
	return err
}

// askRelay keeps what the relay says about itself.
func (h *Hub) askRelay(ctx context.Context, client *wire.Client) error {
	a, err := wire.Call(ctx, client, wire.ReadRelay, wire.Empty{})
	h.session.RecordOutcome(ctx, err)
	if err != nil {
		return err
	}
	if err := h.Replica.Update(
		ctx, func(tx *replica.Tx) error { return tx.WriteMetadataJSON(ctx, replica.MetaRelay, a) },
	); err != nil {
		return err
	}
	useVersions(h.config.Drivers, a)
	h.mu.Lock()
	h.askedRelay = h.now() // not before: an answer that was cut off is asked for again
	h.mu.Unlock()
	return nil
}

// useVersions has the drivers call the versions of the platforms' APIs that
// the relay's operator wants. Where the relay names none, each calls its own.
func useVersions(drivers []platform.Driver, said wire.RelayResult) {
	for _, driver := range drivers {
		versioned, able := driver.(platform.Versioned)
		if !able {
			continue
		}
		version := ""
		for _, offered := range said.Platforms {
			if offered.Platform == driver.Platform() {
				version = offered.Version
			}
		}
		versioned.UseVersion(version)
	}
}
