package api

import (
	"context"
	"errors"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// members are the people of an agency, and the codes that enrol them.
type members struct{ *core }

// ownCodeTTL is how long a code for another computer of one's own works.
const ownCodeTTL = 10 * time.Minute

// issue creates a code for a member for a device. It is shown once.
func (s *members) issue(ctx context.Context, agency, member string, lives time.Duration) (wire.CodeResult, error) {
	code := keyset.NewCode()
	kept := store.Code{ID: store.NewID(), Agency: agency, Member: member, Expires: s.store.Now().Add(lives)}
	if err := s.store.Codes.Add(ctx, s.keys.HashCode(keyset.NormalizeCode(code)), kept); err != nil {
		return wire.CodeResult{}, err
	}
	return wire.CodeResult{ID: kept.ID, Code: wire.NewSecretText(code), Until: kept.Expires}, nil
}

func (s *members) inviteMember(ctx context.Context, p wire.InviteMemberParams) (wire.CodeResult, error) {
	if err := s.requireSynced(ctx); err != nil {
		return wire.CodeResult{}, err
	}
	m, err := s.validateMember(p.ID, p.Name, p.Email, p.Role)
	if err != nil {
		return wire.CodeResult{}, err
	}
	agency := principalFrom(ctx).Agency.ID
	if err := s.store.Members.Invite(ctx, agency, m); err != nil {
		return wire.CodeResult{}, err
	}
	return s.issue(ctx, agency, m.ID, store.CodeTTL)
}

// validateMember returns a member as typed, or what is wrong.
func (s *members) validateMember(id, name, email string, role onboarding.Role) (onboarding.Member, error) {
	if err := validateID("id", id); err != nil {
		return onboarding.Member{}, err
	}
	name, err := onboarding.ValidateMemberName(name, s.catalog.ServiceNames())
	if err != nil {
		return onboarding.Member{}, err
	}
	email, err = onboarding.ValidateTypedAddress("email", email)
	if err != nil {
		return onboarding.Member{}, err
	}
	if role != onboarding.MainUser && role != onboarding.SubUser {
		return onboarding.Member{}, onboarding.Invalid("role", "Choose main user or sub-user.")
	}
	return onboarding.Member{ID: id, Name: name, Email: email, Role: role}, nil
}

func (s *members) changeMember(ctx context.Context, p wire.ChangeMemberParams) (wire.Empty, error) {
	if p.Role != onboarding.SubUser { // to take away is always allowed
		if err := s.requireSynced(ctx); err != nil {
			return wire.Empty{}, err
		}
	}
	name, err := onboarding.ValidateMemberName(p.Name, s.catalog.ServiceNames())
	if err != nil {
		return wire.Empty{}, err
	}
	if p.Role != onboarding.MainUser && p.Role != onboarding.SubUser {
		return wire.Empty{}, onboarding.Invalid("role", "Choose main user or sub-user.")
	}
	return wire.Empty{}, s.store.Members.Update(ctx, principalFrom(ctx).Agency.ID, p.ID, name, p.Role)
}

func (s *members) removeMember(ctx context.Context, p wire.RemoveMemberParams) (wire.Empty, error) {
	err := s.store.Members.Remove(ctx, principalFrom(ctx).Agency.ID, p.ID, p.Successor)
	s.broker.CloseRevoked(ctx, s.store.Devices)
	return wire.Empty{}, err
}

func (s *members) issueCode(ctx context.Context, p wire.IssueCodeParams) (wire.CodeResult, error) {
	if err := s.requireSynced(ctx); err != nil {
		return wire.CodeResult{}, err
	}
	c := principalFrom(ctx)
	if p.Member == "" || p.Member == c.Member.ID {
		return s.issue(ctx, c.Agency.ID, c.Member.ID, ownCodeTTL)
	}
	if !c.Member.MayManage(p.Member) {
		return wire.CodeResult{}, onboarding.ErrForbidden
	}
	m, err := s.store.Members.Get(ctx, c.Agency.ID, p.Member)
	if err != nil {
		return wire.CodeResult{}, err
	}
	if m.Removed != 0 {
		return wire.CodeResult{}, onboarding.ErrNotFound
	}
	return s.issue(ctx, c.Agency.ID, m.ID, store.CodeTTL)
}

// listCodes lists the codes that still work: one's own, for main users
// everyone's.
func (s *members) listCodes(ctx context.Context, _ wire.Empty) (wire.CodesResult, error) {
	c := principalFrom(ctx)
	codes, err := s.store.Codes.ListOpen(ctx, c.Agency.ID)
	if err != nil {
		return wire.CodesResult{}, err
	}
	answer := wire.CodesResult{Codes: []wire.OpenCode{}}
	for _, code := range codes {
		if c.Member.MayManage(code.Member) {
			answer.Codes = append(answer.Codes, wire.OpenCode{ID: code.ID, Member: code.Member, Until: code.Expires})
		}
	}
	return answer, nil
}

func (s *members) withdrawCode(ctx context.Context, p wire.CodeParams) (wire.Empty, error) {
	c := principalFrom(ctx)
	code, err := s.store.Codes.Get(ctx, c.Agency.ID, p.ID)
	if err != nil {
		return wire.Empty{}, err
	}
	if !c.Member.MayManage(code.Member) {
		return wire.Empty{}, onboarding.ErrNotFound
	}
	err = s.store.Codes.Withdraw(ctx, c.Agency.ID, code.ID)
	if errors.Is(err, onboarding.ErrConflict) {
		err = onboarding.Invalid(
			"code", "This code was used already. If the computer that joined with it is none of yours, revoke it.",
		)
	}
	return wire.Empty{}, err
}

// enrol makes the caller's computer a device.
func (s *members) enrol(ctx context.Context, p wire.EnrolParams) (wire.EnrolResult, error) {
	wrong := onboarding.Invalid(
		"code", "This code does not work. It may be mistyped, used, withdrawn or too old: ask for a new one.",
	)
	name, err := onboarding.ValidateName("name", p.Name, onboarding.MaxName, "Give this computer a name.")
	if err != nil {
		return wire.EnrolResult{}, err
	}
	if err := sealing.ValidatePublicKey(p.PublicKey); err != nil {
		return wire.EnrolResult{}, err
	}
	token := keyset.NewToken()
	var device store.Device
	err = onboarding.ErrNotFound
	for _, hash := range s.keys.HashCodes(keyset.NormalizeCode(p.Code.Secret())) {
		device, err = s.store.Devices.Enrol(ctx, hash, name, p.PublicKey, keyset.HashToken(token))
		if !errors.Is(err, onboarding.ErrNotFound) {
			break
		}
	}
	switch {
	case errors.Is(err, onboarding.ErrNotFound), errors.Is(err, onboarding.ErrConflict):
		return wire.EnrolResult{}, wrong
	case err != nil:
		return wire.EnrolResult{}, err
	}
	agency, err := s.store.Agencies.Get(ctx, device.Agency)
	if err != nil {
		return wire.EnrolResult{}, err
	}
	member, err := s.store.Members.Get(ctx, device.Agency, device.Member)
	if err != nil {
		return wire.EnrolResult{}, err
	}
	return wire.EnrolResult{
		Token: wire.NewSecretText(token), Agency: agency.For(member), Member: member, Device: device.Device, Relay: s.id,
	}, nil
}
