package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

const memberColumns = `id, name, email, role, created_ms, removed_ms`

func scanMember(r scanner) (onboarding.Member, error) {
	var m onboarding.Member
	err := r.Scan(&m.ID, &m.Name, &m.Email, &m.Role, &m.Created, &m.Removed)
	return m, err
}

// Member gives one member of the agency, removed ones too.
func (s *Store) Member(ctx context.Context, agency, id string) (onboarding.Member, error) {
	m, err := scanMember(s.db.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM members WHERE agency = $1 AND id = $2`, agency, id))
	return m, missing(err, "reading member "+id)
}

// Members lists an agency's members, removed ones too.
func (s *Store) Members(ctx context.Context, agency string) ([]onboarding.Member, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+memberColumns+` FROM members WHERE agency = $1 ORDER BY created_ms, id`, agency)
	list, err := all(rows, err, scanMember)
	if err != nil {
		return nil, fmt.Errorf("listing members: %w", err)
	}
	return list, nil
}

func (c *changing) members() ([]onboarding.Member, error) {
	rows, err := c.QueryContext(c.ctx, `SELECT `+memberColumns+` FROM members WHERE agency = $1 AND removed_ms = 0`, c.agency)
	return all(rows, err, scanMember)
}

func (c *changing) addMember(m onboarding.Member) error {
	err := c.exec(`INSERT INTO members (id, agency, name, email, role, view_n, created_ms, removed_ms) VALUES ($1, $2, $3, $4, $5, 1, $6, 0)`,
		m.ID, c.agency, m.Name, m.Email, m.Role, c.now)
	if err != nil {
		return err
	}
	return c.touch(kindMember, m.ID, "", everybody)
}

// InviteMember adds a member. The same one again changes nothing; another
// living member's address is an InvalidError.
func (s *Store) InviteMember(ctx context.Context, agency string, m onboarding.Member) error {
	err := s.change(ctx, agency, func(c *changing) error {
		present, err := c.members()
		if err != nil {
			return err
		}
		for _, p := range present {
			if p.ID == m.ID {
				return nil
			}
			if onboarding.SameAddress(p.Email, m.Email) {
				return onboarding.Invalid("email", fmt.Sprintf("%s has this address already.", p.Name))
			}
		}
		var taken int64
		if err := c.row(`SELECT count(*) FROM members WHERE id = $1`, m.ID).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return onboarding.ErrConflict
		}
		return c.addMember(m)
	})
	if err != nil {
		return fmt.Errorf("inviting member %s: %w", m.ID, err)
	}
	return nil
}

// ChangeMember gives a member another name or role. The agency's last main
// user stays one: ErrConflict.
func (s *Store) ChangeMember(ctx context.Context, agency, id, name string, role onboarding.Role) error {
	err := s.change(ctx, agency, func(c *changing) error {
		m, mains, err := c.memberAmong(id)
		if err != nil {
			return err
		}
		if m.Role == onboarding.MainUser && role != onboarding.MainUser && mains == 1 {
			return onboarding.ErrConflict
		}
		if err := c.exec(`UPDATE members SET name = $1, role = $2, view_n = view_n + $3 WHERE id = $4`, name, role, bit(role != m.Role), id); err != nil {
			return err
		}
		return c.touch(kindMember, id, "", everybody)
	})
	if err != nil {
		return fmt.Errorf("changing member %s: %w", id, err)
	}
	return nil
}

func (c *changing) memberAmong(id string) (found onboarding.Member, mains int, err error) {
	present, err := c.members()
	if err != nil {
		return found, 0, err
	}
	for _, m := range present {
		if m.Role == onboarding.MainUser {
			mains++
		}
		if m.ID == id {
			found = m
		}
	}
	if found.ID == "" {
		return found, mains, onboarding.ErrNotFound
	}
	return found, mains, nil
}

// RemoveMember ends a member: their devices are revoked, and the heir owns
// their requests, items and connections. The last main user cannot be removed:
// ErrConflict. Removing somebody twice is harmless.
func (s *Store) RemoveMember(ctx context.Context, agency, id, heir string) error {
	err := s.change(ctx, agency, func(c *changing) error {
		var removed onboarding.Moment
		if err := missing(c.row(`SELECT removed_ms FROM members WHERE agency = $1 AND id = $2`, agency, id).Scan(&removed), "finding the member"); err != nil {
			return err
		}
		if removed != 0 {
			return nil
		}
		m, mains, err := c.memberAmong(id)
		if err != nil {
			return err
		}
		if m.Role == onboarding.MainUser && mains == 1 {
			return onboarding.ErrConflict
		}
		if _, _, err := c.memberAmong(heir); err != nil || heir == id {
			return onboarding.Invalid("heir", "Choose who takes over the requests.")
		}
		if err := c.exec(`UPDATE members SET removed_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		if err := c.touch(kindMember, id, "", everybody); err != nil {
			return err
		}
		if err := c.exec(`DELETE FROM codes WHERE agency = $1 AND member = $2`, agency, id); err != nil {
			return err
		}
		devices, err := c.texts(`SELECT id FROM devices WHERE agency = $1 AND member = $2 AND revoked_ms = 0`, agency, id)
		if err != nil {
			return err
		}
		for _, device := range devices {
			if err := c.revoke(device, id); err != nil {
				return err
			}
		}
		return c.inherit(id, heir)
	})
	if err != nil {
		return fmt.Errorf("removing member %s: %w", id, err)
	}
	return nil
}

// inherit gives the heir what the member owned. Of an own account that both
// had connected, the heir's stays.
func (c *changing) inherit(from, heir string) error {
	doubles, err := c.texts(`
		SELECT a.id FROM items a JOIN items b ON b.agency = a.agency AND b.request = a.request AND b.service = a.service AND b.kind = a.kind AND b.account = a.account
		WHERE a.agency = $1 AND a.owner = $2 AND b.owner = $3`, c.agency, from, heir)
	if err != nil {
		return err
	}
	for _, id := range doubles {
		if err := c.deleteItem(id); err != nil {
			return err
		}
	}
	for _, kind := range []struct{ name, table, column string }{
		{kindRequest, "requests", "owner"}, {kindItem, "items", "owner"}, {kindConnection, "connections", "member"},
	} {
		ids, err := c.texts(`SELECT id FROM `+kind.table+` WHERE agency = $1 AND `+kind.column+` = $2`, c.agency, from)
		if err != nil {
			return err
		}
		if err := c.exec(`UPDATE `+kind.table+` SET `+kind.column+` = $1 WHERE agency = $2 AND `+kind.column+` = $3`, heir, c.agency, from); err != nil {
			return err
		}
		for _, id := range ids {
			audience := theOwner
			if kind.name == kindConnection {
				audience = theMains
			}
			if kind.name == kindItem {
				if audience, err = c.itemAudience(id); err != nil {
					return err
				}
			}
			if err := c.touch(kind.name, id, heir, audience); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *changing) texts(query string, args ...any) ([]string, error) {
	rows, err := c.QueryContext(c.ctx, query, args...)
	return all(rows, err, scanText)
}
