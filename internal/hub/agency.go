package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// SaveBrand keeps the form of Collaboration Settings, for main users. It
// switches nothing on. What the relay would refuse is an InvalidError at once:
// whoever filled the form in may be gone when it is sent.
func (h *Hub) SaveBrand(ctx context.Context, q wire.SaveBrandQ) error {
	if _, err := onboarding.CheckCompany(q.Company); err != nil {
		return err
	}
	if q.Colour != "" {
		if _, err := onboarding.DerivePalettes(q.Colour); err != nil {
			return err
		}
	}
	if len(q.Logo) > 0 {
		if _, err := onboarding.FitLogo(q.Logo); err != nil {
			return err
		}
	} else if !q.KeepLogo {
		agency, err := readAgency(ctx, h.db)
		if err != nil {
			return err
		}
		if agency.Brand.On {
			return onboarding.Invalid("logo", "The brand is on and needs a logo. Choose another one, or switch the brand off first.")
		}
	}
	return h.settle(ctx, EntrySaveBrand, q)
}

// SwitchBrand turns the brand on or off, for main users. It cannot be on
// without a logo.
func (h *Hub) SwitchBrand(ctx context.Context, on bool) error {
	return h.settle(ctx, EntrySwitchBrand, wire.SwitchQ{On: on})
}

// ShareRequests lets every member see every request, or not, for main users.
func (h *Hub) ShareRequests(ctx context.Context, on bool) error {
	return h.settle(ctx, EntryShare, wire.SwitchQ{On: on})
}

// settle puts a change of the agency's settings into the outbox. Of two that
// wait the newer one counts.
func (h *Hub) settle(ctx context.Context, kind EntryKind, question any) error {
	err := h.store(ctx, func(s *storing) error {
		me, err := readMember(ctx, s.tx, s.me.Member)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if me.Role != onboarding.MainUser {
			return fmt.Errorf("changing the agency's settings: %w", onboarding.ErrNotAllowed)
		}
		if _, err := s.tx.ExecContext(ctx, `DELETE FROM outbox WHERE subject = $1 AND kind = $2`, subjectAgency, string(kind)); err != nil {
			return fmt.Errorf("changing the agency's settings: %w", err)
		}
		return s.enqueue(ctx, subjectAgency, kind, "", question)
	})
	if err != nil {
		return err
	}
	wake(h.kick)
	return nil
}

// ProposeReplyTo has a code mailed to an address; empty goes back to none.
// It needs the relay now.
func (h *Hub) ProposeReplyTo(ctx context.Context, address string) error {
	a, err := session.Call(ctx, h.session, wire.ProposeReplyTo, wire.AddressQ{Address: address})
	if err != nil {
		return err
	}
	return h.keepAgency(ctx, a.Agency)
}

// ConfirmReplyTo shows the mailed code. It needs the relay now.
func (h *Hub) ConfirmReplyTo(ctx context.Context, code onboarding.Secret) error {
	a, err := session.Call(ctx, h.session, wire.ConfirmReplyTo, wire.ConfirmReplyToQ{Code: wire.Carry(code)})
	if err != nil {
		return err
	}
	return h.keepAgency(ctx, a.Agency)
}

func (h *Hub) keepAgency(ctx context.Context, agency onboarding.Agency) error {
	return h.store(ctx, func(s *storing) error {
		s.change.Agency = true
		return writeJSONFact(ctx, s.tx, factAgency, agency)
	})
}

// Agency is the copy of the agency, brand included.
func (h *Hub) Agency(ctx context.Context) (onboarding.Agency, error) {
	return readAgency(ctx, h.db)
}

// Members lists the agency's people, those who left last.
func (h *Hub) Members(ctx context.Context) ([]onboarding.Member, error) {
	return readRows[onboarding.Member](ctx, h.db, `SELECT truth FROM members ORDER BY truth ->> 'removed' > 0, truth ->> 'name', id`)
}

// InviteMember adds a member and gives the code for their first computer. It
// needs the relay now: the code is shown once.
func (h *Hub) InviteMember(ctx context.Context, name, email string, role onboarding.Role) (wire.CodeA, error) {
	a, err := session.Call(ctx, h.session, wire.InviteMember, wire.InviteMemberQ{ID: rand.Text(), Name: name, Email: email, Role: role})
	wake(h.kick)
	return a, err
}

// ChangeMember gives a member another name or role. It needs the relay now.
func (h *Hub) ChangeMember(ctx context.Context, id, name string, role onboarding.Role) error {
	_, err := session.Call(ctx, h.session, wire.ChangeMember, wire.ChangeMemberQ{ID: id, Name: name, Role: role})
	wake(h.kick)
	return err
}

// RemoveMember ends a member's access; heir takes over their requests. It
// needs the relay now.
func (h *Hub) RemoveMember(ctx context.Context, id, heir string) error {
	_, err := session.Call(ctx, h.session, wire.RemoveMember, wire.RemoveMemberQ{ID: id, Heir: heir})
	wake(h.kick)
	return err
}

// IssueCode gives a code for another computer of one's own (member empty), or
// by a main user for another member. It needs the relay now.
func (h *Hub) IssueCode(ctx context.Context, member string) (wire.CodeA, error) {
	return session.Call(ctx, h.session, wire.IssueCode, wire.IssueCodeQ{Member: member})
}

// OpenCodes lists the codes that nobody has used yet: one's own, for main users
// everyone's. It needs the relay.
func (h *Hub) OpenCodes(ctx context.Context) ([]wire.OpenCode, error) {
	a, err := session.Call(ctx, h.session, wire.ListCodes, wire.Nothing{})
	return a.Codes, err
}

// WithdrawCode ends a code that nobody has used. It needs the relay now.
func (h *Hub) WithdrawCode(ctx context.Context, code string) error {
	_, err := session.Call(ctx, h.session, wire.WithdrawCode, wire.CodeQ{ID: code})
	return err
}

// Relay is what the relay said about itself last: which platforms it offers,
// where its letters come from. Zero before the first time.
func (h *Hub) Relay(ctx context.Context) (wire.RelayA, error) {
	var a wire.RelayA
	err := readJSONFact(ctx, h.db, factRelay, &a)
	return a, err
}

// askRelay keeps what the relay says about itself.
func (h *Hub) askRelay(ctx context.Context, client *wire.Client) error {
	a, err := wire.Call(ctx, client, wire.ReadRelay, wire.Nothing{})
	h.session.RecordOutcome(ctx, err)
	if err != nil {
		return err
	}
	if err := h.db.InTx(ctx, func(tx *sqldb.Tx) error { return writeJSONFact(ctx, tx, factRelay, a) }); err != nil {
		return err
	}
	h.useVersions(a)
	h.mu.Lock()
	h.askedRelay = h.now() // not before: an answer that was cut off is asked for again
	h.mu.Unlock()
	return nil
}

// useVersions has the drivers call the versions of the platforms' APIs that
// the relay's operator wants. Where the relay names none, each calls its own.
func (h *Hub) useVersions(said wire.RelayA) {
	for _, driver := range h.config.Drivers {
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
