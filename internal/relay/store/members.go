package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Members are the people of the agencies.
type Members struct{ *handle }

const memberColumns = `id, name, email, role, created_ms, removed_ms`

func scanMember(row scanner) (onboarding.Member, error) {
	var m onboarding.Member
	err := row.Scan(&m.ID, &m.Name, &m.Email, &m.Role, &m.Created, &m.Removed)
	return m, err
}

// Get returns one member of the agency, removed ones too.
func (s *Members) Get(ctx context.Context, agency, id string) (onboarding.Member, error) {
	return memberByID(ctx, s.db, agency, id)
}

func memberByID(ctx context.Context, q sqldb.Queryer, agency, id string) (onboarding.Member, error) {
	const query = `SELECT ` + memberColumns + ` FROM members WHERE agency = $1 AND id = $2`
	m, err := scanMember(q.QueryRowContext(ctx, query, agency, id))
	return m, wrapNotFound(err, "reading member "+id)
}

// List lists an agency's members, removed ones too.
func (s *Members) List(ctx context.Context, agency string) ([]onboarding.Member, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+memberColumns+` FROM members WHERE agency = $1 ORDER BY created_ms, id`, agency)
	list, err := scanAll(rows, err, scanMember)
	if err != nil {
		return nil, fmt.Errorf("listing members: %w", err)
	}
	return list, nil
}

func liveMembers(c *changeTx) ([]onboarding.Member, error) {
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+memberColumns+` FROM members WHERE agency = $1 AND removed_ms = 0`, c.agency)
	return scanAll(rows, err, scanMember)
}

func insertMember(c *changeTx, m onboarding.Member) error {
	err := c.exec(`
		INSERT INTO members (id, agency, name, email, role, visibility, created_ms, removed_ms)
		VALUES ($1, $2, $3, $4, $5, 1, $6, 0)`,
		m.ID, c.agency, m.Name, m.Email, m.Role, c.now)
	if err != nil {
		return err
	}
	return c.bump(kindMember, m.ID, "", audienceAll)
}

// The members of an agency: at a time, and with those who were removed.
const (
	maxMembers     = 500
	maxMembersEver = 5000
)

// Invite adds a member. A repeat changes nothing; the address of another member who
// was not removed is an InvalidError.
func (s *Members) Invite(ctx context.Context, agency string, member onboarding.Member) error {
	err := s.changeRoster(ctx, agency, func(c *changeTx, r roster) error {
		present, err := liveMembers(c)
		if err != nil {
			return err
		}
		for _, p := range present {
			if p.ID == member.ID {
				return errUnchanged
			}
			if onboarding.SameAddress(p.Email, member.Email) {
				return onboarding.Invalid("email", fmt.Sprintf("%s has this address already.", p.Name))
			}
		}
		var taken int64
		if err := c.row(`SELECT count(*) FROM members WHERE id = $1`, member.ID).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return onboarding.ErrConflict
		}
		if len(present) >= maxMembers || len(r.members) >= maxMembersEver {
			return onboarding.Invalid("email", fmt.Sprintf(
				"An agency has at most %d members. Remove one who has left, or ask whoever runs the relay.", maxMembers))
		}
		return insertMember(c, member)
	})
	if err != nil {
		return fmt.Errorf("inviting member %s: %w", member.ID, err)
	}
	return nil
}

// Update gives a member another name or role. The agency's last main
// user stays one: ErrConflict.
func (s *Members) Update(ctx context.Context, agency, id, name string, role onboarding.Role) error {
	err := s.changeRoster(ctx, agency, func(c *changeTx, _ roster) error {
		m, mains, err := memberAndMainUsers(c, id)
		if err != nil {
			return err
		}
		if m.Role == onboarding.MainUser && role != onboarding.MainUser && mains == 1 {
			return onboarding.ErrConflict
		}
		if m.Name == name && m.Role == role {
			return errUnchanged
		}
		if err := c.exec(`
			UPDATE members SET name = $1, role = $2, visibility = visibility + $3
			WHERE id = $4`, name, role, boolToInt(role != m.Role), id); err != nil {
			return err
		}
		return c.bump(kindMember, id, "", audienceAll)
	})
	if err != nil {
		return fmt.Errorf("changing member %s: %w", id, err)
	}
	return nil
}

func memberAndMainUsers(c *changeTx, id string) (found onboarding.Member, mains int, err error) {
	present, err := liveMembers(c)
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

// Remove ends a member: their devices are revoked, and the successor owns their
// requests, items and connections. The last main user cannot be removed:
// ErrConflict. A repeat changes nothing.
func (s *Members) Remove(ctx context.Context, agency, id, successor string) error {
	err := s.changeRoster(ctx, agency, func(c *changeTx, r roster) error {
		switch stored, exists := r.member(id); {
		case !exists:
			return fmt.Errorf("finding the member: %w", onboarding.ErrNotFound)
		case stored.Removed != 0:
			return errUnchanged
		}
		m, mains, err := memberAndMainUsers(c, id)
		if err != nil {
			return err
		}
		if m.Role == onboarding.MainUser && mains == 1 {
			return onboarding.ErrConflict
		}
		if _, _, err := memberAndMainUsers(c, successor); err != nil || successor == id {
			return onboarding.Invalid("successor", "Choose who takes over the requests.")
		}
		if err := c.exec(`UPDATE members SET removed_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		if err := c.bump(kindMember, id, "", audienceAll); err != nil {
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
			if err := revokeDevice(c, device, id); err != nil {
				return err
			}
		}
		return transferOwnership(c, id, successor)
	})
	if err != nil {
		return fmt.Errorf("removing member %s: %w", id, err)
	}
	return nil
}

// transferOwnership gives the successor what the member owned. Of an own account that
// both had connected, the successor's stays.
func transferOwnership(c *changeTx, from, successor string) error {
	const giveWebhooks = `UPDATE webhooks SET owner = $1 WHERE agency = $2 AND owner = $3`
	if err := c.exec(giveWebhooks, successor, c.agency, from); err != nil {
		return err
	}
	doubles, err := c.texts(`
		SELECT a.id FROM items a JOIN items b ON b.agency = a.agency AND b.request = a.request AND b.service = a.service
		AND b.kind = a.kind AND b.account = a.account
		WHERE a.agency = $1 AND a.owner = $2 AND b.owner = $3`, c.agency, from, successor)
	if err != nil {
		return err
	}
	for _, id := range doubles {
		if err := deleteItem(c, id); err != nil {
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
		for _, id := range ids {
			if err := c.setOwner(kind.name, id, successor); err != nil {
				return err
			}
			audience := audienceOwner
			if kind.name == kindConnection {
				audience = audienceOwnerAndMains
			}
			if kind.name == kindItem {
				if audience, err = audienceOfItem(c, id); err != nil {
					return err
				}
			}
			if err := c.bump(kind.name, id, successor, audience); err != nil {
				return err
			}
		}
	}
	return nil
}

// setOwner gives a request, an item or a Connection another owner. A row that was
// tampered with gets no new MAC.
func (c *changeTx) setOwner(kind, id, owner string) error {
	switch kind {
	case kindRequest:
		r, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE id = $1`, id))
		if err != nil {
			return err
		}
		if verifyRow(c.signer, r.mac, "requests", id, requestColumnsSigned(r)) == nil {
			r.Owner = owner
			r.mac = c.signer.SignRow("requests", requestColumnsSigned(r)...)
		}
		return c.exec(`UPDATE requests SET owner = $1, mac = $2 WHERE id = $3`, owner, r.mac, id)
	case kindItem:
		var mac []byte
		i, err := scanItem(also{c.row(`SELECT `+itemColumns+`, mac FROM items WHERE id = $1`, id), []any{&mac}})
		if err != nil {
			return err
		}
		if verifyRow(c.signer, mac, "items", id, itemColumnsSigned(c.agency, i)) == nil {
			i.Owner = owner
			mac = c.signer.SignRow("items", itemColumnsSigned(c.agency, i)...)
		}
		return c.exec(`UPDATE items SET owner = $1, mac = $2 WHERE id = $3`, owner, mac, id)
	}
	var mac []byte
	x, err := scanConnection(also{
		c.row(`SELECT `+connectionColumns+`, mac FROM connections WHERE id = $1`, id), []any{&mac},
	})
	if err != nil {
		return err
	}
	if verifyRow(c.signer, mac, "connections", id, connectionColumnsSigned(c.agency, x)) == nil {
		x.Member = owner
		mac = c.signer.SignRow("connections", connectionColumnsSigned(c.agency, x)...)
	}
	return c.exec(`UPDATE connections SET member = $1, mac = $2 WHERE id = $3`, owner, mac, id)
}

// Owned is what a member owns.
type Owned struct {
	Requests, Accounts, SignIns, Webhooks int
}

// Owned counts what a successor would take over.
func (s *Members) Owned(ctx context.Context, agency, id string) (owned Owned, err error) {
	err = s.db.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM requests WHERE agency = $1 AND owner = $2),
		       (SELECT count(*) FROM items WHERE agency = $1 AND owner = $2),
		       (SELECT count(*) FROM connections WHERE agency = $1 AND member = $2),
		       (SELECT count(*) FROM webhooks WHERE agency = $1 AND owner = $2)`, agency, id).
		Scan(&owned.Requests, &owned.Accounts, &owned.SignIns, &owned.Webhooks)
	return owned, wrapNotFound(err, "counting what a member owns")
}
