package hub

import (
	"context"
	"crypto/rand"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// ProposeReplyTo has a code emailed to an address. An empty address removes the
// current one. It needs the relay.
func (h *Hub) ProposeReplyTo(ctx context.Context, address string) error {
	result, err := session.Call(ctx, h.session, wire.ProposeReplyTo, wire.AddressParams{Address: address})
	if err != nil {
		return err
	}
	return h.keepAgency(ctx, result.Agency)
}

// ConfirmReplyTo confirms the address with the emailed code. It needs the
// relay.
func (h *Hub) ConfirmReplyTo(ctx context.Context, code onboarding.Secret) error {
	result, err := session.Call(ctx, h.session, wire.ConfirmReplyTo, wire.ConfirmReplyToParams{
		Code: wire.NewSecretText(code),
	})
	if err != nil {
		return err
	}
	return h.keepAgency(ctx, result.Agency)
}

func (h *Hub) keepAgency(ctx context.Context, agency onboarding.Agency) error {
	return h.Replica.Update(ctx, func(tx *replica.Tx) error {
		return replica.StoreAgency(ctx, tx, agency)
	})
}

// InviteMember adds a member and returns the code for their first computer. It
// needs the relay: the code is shown only once.
func (h *Hub) InviteMember(ctx context.Context, name, email string, role onboarding.Role) (wire.CodeResult, error) {
	result, err := session.Call(ctx, h.session, wire.InviteMember, wire.InviteMemberParams{
		ID: rand.Text(), Name: name, Email: email, Role: role,
	})
	signal(h.syncCh)
	return result, err
}

// ChangeMember changes a member's name or role. It needs the relay.
func (h *Hub) ChangeMember(ctx context.Context, id, name string, role onboarding.Role) error {
	_, err := session.Call(ctx, h.session, wire.ChangeMember, wire.ChangeMemberParams{ID: id, Name: name, Role: role})
	signal(h.syncCh)
	return err
}

// RemoveMember ends a member's access; successor takes over their requests. It
// needs the relay.
func (h *Hub) RemoveMember(ctx context.Context, id, successor string) error {
	_, err := session.Call(ctx, h.session, wire.RemoveMember, wire.RemoveMemberParams{ID: id, Successor: successor})
	signal(h.syncCh)
	return err
}

// IssueCode returns a code for another computer of the caller (empty member)
// or, for main users, of another member. It needs the relay.
func (h *Hub) IssueCode(ctx context.Context, member string) (wire.CodeResult, error) {
	return session.Call(ctx, h.session, wire.IssueCode, wire.IssueCodeParams{Member: member})
}

// OpenCodes lists unused codes: the caller's own, for main users everyone's. It
// needs the relay.
func (h *Hub) OpenCodes(ctx context.Context) ([]wire.OpenCode, error) {
	result, err := session.Call(ctx, h.session, wire.ListCodes, wire.Empty{})
	return result.Codes, err
}

// WithdrawCode invalidates an unused code. It needs the relay.
func (h *Hub) WithdrawCode(ctx context.Context, code string) error {
	_, err := session.Call(ctx, h.session, wire.WithdrawCode, wire.CodeParams{ID: code})
	return err
}

// readRelayInfo stores what the relay publishes about itself.
func (h *Hub) readRelayInfo(ctx context.Context, client *wire.Client) error {
	result, err := wire.Call(ctx, client, wire.ReadRelay, wire.Empty{})
	h.session.RecordOutcome(ctx, err)
	if err != nil {
		return err
	}
	if err := h.Replica.Update(
		ctx, func(tx *replica.Tx) error { return tx.WriteMetadataJSON(ctx, replica.MetaRelay, result) },
	); err != nil {
		return err
	}
	useVersions(h.config.Drivers, result)
	h.mu.Lock()
	h.askedRelay = h.now() // set last, so that a failed call is repeated
	h.mu.Unlock()
	return nil
}
