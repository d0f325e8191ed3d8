package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// ListedMember is a member of an agency with what is theirs.
type ListedMember struct {
	onboarding.Member
	Agency  string         // its name
	Devices []store.Device // that live, the oldest first
	Codes   []store.Code   // that no computer has used
}

// LastSeen is when a computer of theirs asked the relay last; zero: none has.
func (m ListedMember) LastSeen() (last onboarding.Timestamp) {
	for _, d := range m.Devices {
		last = max(last, d.LastSeen)
	}
	return last
}

// ListMembers lists the members of an agency, or with an empty name of all agencies, who
// were not removed.
func (s *Admin) ListMembers(ctx context.Context, named string) ([]ListedMember, error) {
	agencies, err := s.store.Agencies.List(ctx)
	if err != nil {
		return nil, err
	}
	reviews, err := s.reviewAgencies(ctx)
	if err != nil {
		return nil, err
	}
	var list []ListedMember
	found := named == ""
	for _, a := range agencies {
		if reviews[a.ID] || named != "" && !isCalled(a, named) {
			continue
		}
		found = true
		some, err := s.listMembers(ctx, a)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	if !found {
		return nil, fmt.Errorf("finding the agency %q: %w", named, onboarding.ErrNotFound)
	}
	return list, nil
}

func (s *Admin) listMembers(ctx context.Context, a onboarding.Agency) (list []ListedMember, err error) {
	members, err := s.store.Members.List(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	devices, err := s.store.Devices.List(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	codes, err := s.store.Codes.ListOpen(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		if m.Removed != 0 {
			continue
		}
		listed := ListedMember{Member: m, Agency: a.Name}
		for _, d := range devices {
			if d.Member == m.ID && d.Revoked == 0 {
				listed.Devices = append(listed.Devices, d)
			}
		}
		for _, code := range codes {
			if code.Member == m.ID {
				listed.Codes = append(listed.Codes, code)
			}
		}
		list = append(list, listed)
	}
	return list, nil
}

// findMember finds a member by their address. agency may be empty where the address is one
// agency's only.
func (s *Admin) findMember(
	ctx context.Context, agency, email string,
) (of onboarding.Agency, m onboarding.Member, err error) {
	agencies, err := s.ListAgencies(ctx)
	if err != nil {
		return of, m, err
	}
	for _, a := range agencies {
		if agency != "" && !isCalled(a.Agency, agency) {
			continue
		}
		at := slices.IndexFunc(a.Members, func(m onboarding.Member) bool { return onboarding.SameAddress(m.Email, email) })
		if at < 0 {
			continue
		}
		if of.ID != "" {
			several := fmt.Sprintf("%s is a member of several agencies. Name one.", email)
			return of, m, onboarding.Invalid("agency", several)
		}
		of, m = a.Agency, a.Members[at]
	}
	if of.ID == "" {
		return of, m, fmt.Errorf("finding the member %s: %w", email, onboarding.ErrNotFound)
	}
	return of, m, nil
}

// MemberCode creates a new code for a member, which the agency's main users are told. agency
// may be empty where the address is one agency's only.
func (s *Admin) MemberCode(ctx context.Context, agency, email string) (onboarding.Member, EnrolmentCode, error) {
	of, m, err := s.findMember(ctx, agency, email)
	if err != nil {
		return m, EnrolmentCode{}, err
	}
	code, err := s.issueCode(ctx, of.ID, m.ID)
	if err != nil {
		return m, EnrolmentCode{}, err
	}
	return m, code, errors.Join(
		s.store.Agencies.RecordOperatorAct(ctx, of.ID, onboarding.OperatorIssuedCode, m.Name),
		s.record(ctx, "member code", of.ID, "member "+m.ID),
	)
}

// MemberRemoval is a member who is to be removed, and who takes over.
type MemberRemoval struct {
	Agency    onboarding.Agency
	Member    onboarding.Member
	Successor onboarding.Member
	Computers int
	Owned     store.Owned
}

// PrepareRemoval finds a member, and who takes over what is theirs: the member with the
// address successor, or, where that is empty, the one main user whom the agency has
// besides. An InvalidError says why the member cannot be removed.
func (s *Admin) PrepareRemoval(ctx context.Context, agency, email, successor string) (r MemberRemoval, err error) {
	if r.Agency, r.Member, err = s.findMember(ctx, agency, email); err != nil {
		return r, err
	}
	members, err := s.listMembers(ctx, r.Agency)
	if err != nil {
		return r, err
	}
	var mains, named []onboarding.Member
	for _, m := range members {
		switch {
		case m.ID == r.Member.ID:
			r.Computers = len(m.Devices)
			continue
		case m.Role == onboarding.MainUser:
			mains = append(mains, m.Member)
		}
		if successor != "" && onboarding.SameAddress(m.Email, successor) {
			named = append(named, m.Member)
		}
	}
	switch {
	case r.Member.Role == onboarding.MainUser && len(mains) == 0:
		return r, onboarding.Invalid("member", fmt.Sprintf(
			"%s is the last main user of %s, who cannot be removed. Have a main user named in the hub first, or remove the "+
				"agency.", r.Member.Name, r.Agency.Name))
	case successor != "" && len(named) == 0:
		return r, onboarding.Invalid("successor", fmt.Sprintf("%s has no other member %s.", r.Agency.Name, successor))
	case successor != "":
		r.Successor = named[0]
	case len(mains) == 1:
		r.Successor = mains[0]
	default:
		return r, onboarding.Invalid("successor", fmt.Sprintf(
			"%s has several main users. Name the one who takes over by --successor ADDRESS.", r.Agency.Name))
	}
	r.Owned, err = s.store.Members.Owned(ctx, r.Agency.ID, r.Member.ID)
	return r, err
}

// RemoveMember removes a member as a main user does in the hub, and tells the agency's main
// users. It is an InvalidError if the agency has changed in the meantime.
func (s *Admin) RemoveMember(ctx context.Context, r MemberRemoval) error {
	err := s.store.Members.Remove(ctx, r.Agency.ID, r.Member.ID, r.Successor.ID)
	if errors.Is(err, onboarding.ErrConflict) {
		return onboarding.Invalid("member", r.Member.Name+" has become the last main user, who cannot be removed.")
	}
	if err != nil {
		return err
	}
	return errors.Join(
		s.store.Agencies.RecordOperatorAct(ctx, r.Agency.ID, onboarding.OperatorRemovedMember, r.Member.Name),
		s.record(ctx, "member remove", r.Agency.ID, "member "+r.Member.ID+", successor "+r.Successor.ID),
	)
}
