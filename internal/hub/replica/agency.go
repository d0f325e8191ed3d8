package replica

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// ConnectionView is a platform user of the agency.
type ConnectionView struct {
	onboarding.Connection
	MemberName string `json:"member_name"`
	Here       bool   `json:"here"` // its token is on this computer: it can be chosen and used
	// Cause is why nothing can be checked with its token; nil: it can.
	Cause *CauseView `json:"cause,omitempty"`
	// Replaced means that the same user has signed in again: that sign-in is used. On a
	// computer that has no token of it the older one is used yet.
	Replaced bool `json:"replaced,omitempty"`
}

// Connections lists the connected platform users of the agency.
func (r *Replica) Connections(ctx context.Context) ([]ConnectionView, error) {
	all, err := readRows[onboarding.Connection](ctx, r.db, `
		SELECT payload FROM connections ORDER BY payload ->> 'created', id`)
	if err != nil {
		return nil, err
	}
	causes, err := r.Causes(ctx)
	if err != nil {
		return nil, err
	}
	var views []ConnectionView
	newest := map[string]string{} // by the user, and whether its token is here: the newest one here is used
	held := map[string]bool{}
	for _, c := range all {
		if c.Ended != 0 {
			continue
		}
		if held[c.ID], err = isHere(ctx, r.db, c.ID); err != nil {
			return nil, err
		}
		newest[userKey(c, false)] = c.ID
		if held[c.ID] {
			newest[userKey(c, true)] = c.ID
		}
	}
	for _, c := range all {
		if c.Ended != 0 {
			continue
		}
		member, err := ReadMember(ctx, r.db, c.Member)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return nil, err
		}
		view := ConnectionView{
			Connection: c, MemberName: member.Name, Here: held[c.ID],
			Replaced: newest[userKey(c, held[c.ID])] != c.ID,
		}
		if at := slices.IndexFunc(causes, func(v CauseView) bool { return v.Connection == c.ID }); at >= 0 {
			view.Cause = &causes[at]
		}
		views = append(views, view)
	}
	return views, nil
}

// userKey is a platform user: of the sign-ins on this computer, or of all.
func userKey(c onboarding.Connection, here bool) string {
	return fmt.Sprint(c.Platform, " ", c.User.ID, " ", here)
}

// isHere reports whether a connection's token is on this computer.
func isHere(ctx context.Context, db sqldb.Queryer, connection string) (bool, error) {
	var here int
	if err := db.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM credentials
		WHERE subject = $1 AND version > 0 AND delete_after_ms = 0`, SubjectConnection+connection).Scan(&here); err != nil {
		return false, fmt.Errorf("reading what this computer holds: %w", err)
	}
	return here > 0, nil
}

// Agency is the copy of the agency, brand included.
func (r *Replica) Agency(ctx context.Context) (onboarding.Agency, error) {
	return ReadAgency(ctx, r.db)
}

// Members lists the agency's members, former ones last.
func (r *Replica) Members(ctx context.Context) ([]onboarding.Member, error) {
	members, err := readRows[onboarding.Member](ctx, r.db, `SELECT payload FROM members ORDER BY id`)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(members, func(a, b onboarding.Member) int {
		return cmp.Or(
			cmp.Compare(boolToInt(a.Removed > 0), boolToInt(b.Removed > 0)),
			bytes.Compare(r.config.SortKey(a.Name), r.config.SortKey(b.Name)),
		)
	})
	return members, nil
}

// Relay is the relay's last description of itself: the platforms it offers, the
// sender of its emails. Zero before the first sync.
func (r *Replica) Relay(ctx context.Context) (wire.RelayResult, error) {
	var result wire.RelayResult
	err := ReadMetadataJSON(ctx, r.db, MetaRelay, &result)
	return result, err
}
