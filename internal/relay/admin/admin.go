// Package admin does what the operator of a relay does by command, also beside
// a relay that serves: that one notices within seconds.
//
// It answers no request and sends no email.
package admin

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Config is the relay's data that an Admin works on.
type Config struct {
	// DB is open, with store.Migrations. It is not closed.
	DB *sqldb.DB
	// Keyset is the relay's.
	Keyset *keyset.Keyset
	// Services are names that no agency may bear.
	Services []string
	// By is the system's user who runs the commands, for the log.
	By string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Admin works on a relay's database and keys.
type Admin struct {
	db    *sqldb.DB
	store *store.Store
	keys  *keyset.Keyset

	services []string // names that no agency may bear
	by       string
}

// New refuses keys that are not this database's with keyset.ErrMismatch.
func New(config Config) (*Admin, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	ctx := context.Background()
	db, err := store.New(ctx, store.Config{DB: config.DB, Signer: config.Keyset, Now: config.Now})
	if err != nil {
		return nil, fmt.Errorf("reading the relay's database: %w", err)
	}
	if err := config.Keyset.Verify(ctx, db.Metadata); err != nil {
		return nil, err
	}
	return &Admin{db: config.DB, store: db, keys: config.Keyset, services: config.Services, by: config.By}, nil
}

// NewAgency is an agency that was added, with the code for its first device.
type NewAgency struct {
	Agency onboarding.Agency
	Member onboarding.Member
	Code   EnrolmentCode
}

// EnrolmentCode enrols a member's device once.
type EnrolmentCode struct {
	Code  onboarding.Secret // in groups of four
	Until onboarding.Timestamp
}

func (s *Admin) issueCode(ctx context.Context, agency, member string) (EnrolmentCode, error) {
	code := keyset.NewCode()
	kept := store.Code{ID: store.NewID(), Agency: agency, Member: member, Expires: s.store.Now().Add(store.CodeTTL)}
	err := s.store.Codes.Add(ctx, s.keys.HashCode(keyset.NormalizeCode(code)), kept)
	return EnrolmentCode{Code: code, Until: kept.Expires}, err
}

// AddAgency makes an agency. main is its first main user, as in a mail:
// "Ana Ruiz <ana@acme.example>".
func (s *Admin) AddAgency(ctx context.Context, name, main string) (NewAgency, error) {
	name, err := s.validateName(ctx, name, "")
	if err != nil {
		return NewAgency{}, err
	}
	person, err := netmail.ParseAddress(onboarding.TrimPasted(main))
	if err != nil || person.Name == "" {
		return NewAgency{}, onboarding.Invalid("main", `Name the first main user as "Ana Ruiz <ana@acme.example>".`)
	}
	m := onboarding.Member{ID: store.NewID(), Role: onboarding.MainUser}
	m.Name, err = onboarding.ValidateMemberName(person.Name, s.services)
	if err != nil {
		return NewAgency{}, err
	}
	if m.Email, err = onboarding.ValidateAddress("email", person.Address); err != nil {
		return NewAgency{}, err
	}
	a := onboarding.Agency{ID: store.NewID(), Name: name}
	if err := s.store.Agencies.Add(ctx, a, m); err != nil {
		return NewAgency{}, err
	}
	code, err := s.issueCode(ctx, a.ID, m.ID)
	return NewAgency{Agency: a, Member: m, Code: code}, errors.Join(err, s.record(ctx, "agency add", a.ID, ""))
}

// validateName returns a name as an agency may bear it: none that another one has, or that
// looks like it. of is the id of the agency that is renamed.
func (s *Admin) validateName(ctx context.Context, name, of string) (string, error) {
	name, err := onboarding.ValidateName("name", name, onboarding.MaxCompany, "Give the agency a name.")
	if err != nil {
		return "", err
	}
	if name, err = onboarding.ValidateCompany(name, s.services); err != nil {
		return "", err
	}
	agencies, err := s.store.Agencies.List(ctx)
	if err != nil {
		return "", err
	}
	reviews, err := s.reviewAgencies(ctx)
	if err != nil {
		return "", err
	}
	for _, there := range agencies {
		if there.ID != of && !reviews[there.ID] && onboarding.LookAlike(there.Name, name) {
			return "", onboarding.Invalid("name", fmt.Sprintf("There is an agency %s already.", there.Name))
		}
	}
	return name, nil
}

// ListedAgency is an agency with its people.
type ListedAgency struct {
	onboarding.Agency
	Members []onboarding.Member // removed ones are left out
	Devices int                 // that live
	// Restored is when a backup was restored; zero: that is confirmed.
	Restored onboarding.Timestamp
	// Confirmer is the main user whose hub confirms it; the zero value: nobody was named.
	Confirmer onboarding.Member
	Tampered  bool // the rows of who belongs to it are not as the relay wrote them
}

// ListAgencies lists all agencies but those that exist for a review, oldest first.
func (s *Admin) ListAgencies(ctx context.Context) ([]ListedAgency, error) {
	agencies, err := s.store.Agencies.List(ctx)
	if err != nil {
		return nil, err
	}
	reviews, err := s.reviewAgencies(ctx)
	if err != nil {
		return nil, err
	}
	var list []ListedAgency
	for _, a := range agencies {
		if reviews[a.ID] {
			continue
		}
		listed := ListedAgency{Agency: a}
		members, err := s.store.Members.List(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if m.Removed == 0 {
				listed.Members = append(listed.Members, m)
			}
		}
		devices, err := s.store.Devices.List(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range devices {
			if d.Revoked == 0 {
				listed.Devices++
			}
		}
		listed.Restored, listed.Confirmer, err = s.store.Agencies.Restored(ctx, a.ID)
		if listed.Tampered = errors.Is(err, store.ErrTampered); err != nil && !listed.Tampered {
			return nil, err
		}
		list = append(list, listed)
	}
	return list, nil
}

// findAgency takes an agency's id or its name. One that exists for a review is found where no
// other is meant.
func (s *Admin) findAgency(ctx context.Context, named string) (onboarding.Agency, error) {
	agencies, err := s.store.Agencies.List(ctx)
	if err != nil {
		return onboarding.Agency{}, err
	}
	reviews, err := s.reviewAgencies(ctx)
	if err != nil {
		return onboarding.Agency{}, err
	}
	for _, ofReview := range []bool{false, true} {
		for _, a := range agencies {
			if isCalled(a, named) && reviews[a.ID] == ofReview {
				return a, nil
			}
		}
	}
	return onboarding.Agency{}, fmt.Errorf("finding the agency %q: %w", named, onboarding.ErrNotFound)
}

// isCalled reports whether a text is an agency's id or its name.
func isCalled(a onboarding.Agency, named string) bool {
	named = onboarding.CleanLine(named)
	return a.ID == named || strings.EqualFold(a.Name, named)
}

// SuspendAgency stops an agency's hubs, links, emails and webhooks, or lets them go on.
func (s *Admin) SuspendAgency(ctx context.Context, named string, on bool) (onboarding.Agency, error) {
	a, err := s.findAgency(ctx, named)
	if err != nil {
		return onboarding.Agency{}, err
	}
	a, err = s.store.Agencies.Update(ctx, a.ID, func(a *onboarding.Agency) error {
		a.Suspended = on
		return nil
	})
	if err != nil {
		return a, err
	}
	command := "agency suspend"
	if !on {
		command = "agency suspend --end"
	}
	return a, s.record(ctx, command, a.ID, "")
}

// ConfirmAgency names the main user whose hub confirms what a backup brought back.
// ErrConflict: nothing waits for that; ErrNotFound: there is no such agency or main user.
func (s *Admin) ConfirmAgency(
	ctx context.Context, named, email string,
) (a onboarding.Agency, main onboarding.Member, err error) {
	if a, err = s.findAgency(ctx, named); err != nil {
		return a, main, err
	}
	members, err := s.store.Members.List(ctx, a.ID)
	if err != nil {
		return a, main, err
	}
	at := slices.IndexFunc(members, func(m onboarding.Member) bool {
		return m.Removed == 0 && onboarding.SameAddress(m.Email, email)
	})
	if at < 0 {
		return a, main, fmt.Errorf("finding the member %s: %w", email, onboarding.ErrNotFound)
	}
	if err := s.store.Agencies.NameConfirmer(ctx, a.ID, members[at].ID); err != nil {
		return a, members[at], err
	}
	return a, members[at], s.record(ctx, "agency confirm", a.ID, "member "+members[at].ID)
}

// PersonShow lists where an address appears, with the agencies' names in place
// of their ids.
func (s *Admin) PersonShow(ctx context.Context, email string) ([]store.Mention, error) {
	email, err := onboarding.ValidateAddress("email", email)
	if err != nil {
		return nil, err
	}
	mentions, err := s.store.People.Mentions(ctx, email)
	if err != nil {
		return nil, err
	}
	agencies, err := s.store.Agencies.List(ctx)
	if err != nil {
		return nil, err
	}
	for i := range mentions {
		isIts := func(a onboarding.Agency) bool { return a.ID == mentions[i].Agency }
		if at := slices.IndexFunc(agencies, isIts); at >= 0 {
			mentions[i].Agency = agencies[at].Name
		}
	}
	return mentions, nil
}

// PersonForget takes a client's name and address out of every request, and
// describes how many.
func (s *Admin) PersonForget(ctx context.Context, email string) (int, error) {
	email, err := onboarding.ValidateAddress("email", email)
	if err != nil {
		return 0, err
	}
	n, err := s.store.People.Forget(ctx, email)
	if err != nil {
		return n, err
	}
	if err := s.record(ctx, "person forget", "", fmt.Sprintf("out of %d requests", n)); err != nil {
		return n, err
	}
	return n, s.emptyLog(ctx)
}

// emptyLog empties SQLite's log, which has what was deleted. A relay beside this command may
// keep it from doing so; then it does so itself within the hour.
func (s *Admin) emptyLog(ctx context.Context) error {
	if err := s.db.Checkpoint(ctx); err != nil && !sqldb.IsUnavailable(err) {
		return err
	}
	return nil
}

// record has a relay log what a command did. The detail has ids and numbers alone.
func (s *Admin) record(ctx context.Context, command, agency, detail string) error {
	return s.store.Operations.Record(ctx, store.Operation{Command: command, Agency: agency, Detail: detail, By: s.by})
}
