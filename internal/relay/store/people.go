package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Mention is a place in which a person appears.
type Mention struct {
	Agency  string
	Request string
	What    string // "recipient", "visit", "completed by", "connected an item", "member"
	Name    string
	At      onboarding.Moment
}

// Mentions lists every place in which an address appears.
func (s *Store) Mentions(ctx context.Context, email string) ([]Mention, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT q.agency, q.id, 'recipient', '', r.sent_ms FROM recipients r JOIN requests q ON q.id = r.request WHERE lower(r.address) = $1
		UNION ALL SELECT v.agency, v.request, 'visit', v.name, v.created_ms FROM visits v WHERE lower(v.email) = $1
		UNION ALL SELECT q.agency, q.id, 'completed by', q.by_name, q.finished_ms FROM requests q WHERE lower(q.by_email) = $1
		UNION ALL SELECT i.agency, i.request, 'connected ' || i.name, i.by_name, i.created_ms FROM items i WHERE lower(i.by_email) = $1
		UNION ALL SELECT m.agency, '', 'member', m.name, m.created_ms FROM members m WHERE lower(m.email) = $1
		ORDER BY 1, 2, 5`, strings.ToLower(email))
	list, err := all(rows, err, func(r scanner) (Mention, error) {
		var m Mention
		err := r.Scan(&m.Agency, &m.Request, &m.What, &m.Name, &m.At)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for a person: %w", err)
	}
	return list, nil
}

// ForgetPerson takes a client's name and address out of every request they
// appear in. What they shared stays; members are not forgotten this way. It
// gives how many requests that were.
func (s *Store) ForgetPerson(ctx context.Context, email string) (int, error) {
	mentions, err := s.Mentions(ctx, email)
	if err != nil {
		return 0, err
	}
	done := map[string]bool{}
	for _, m := range mentions {
		if m.Request == "" || done[m.Request] {
			continue
		}
		done[m.Request] = true
		_, err := s.requestChange(ctx, m.Agency, m.Request, "forgetting a person in", func(c *changing, q Request) error {
			if err := c.forgetPerson(q, strings.ToLower(email)); err != nil {
				return err
			}
			return c.touchRequestAndItems(q)
		})
		if err != nil {
			return 0, err
		}
	}
	return len(done), nil
}

func (c *changing) forgetPerson(q Request, email string) error {
	names, err := c.texts(`SELECT name FROM visits WHERE request = $1 AND lower(email) = $2
		UNION SELECT by_name FROM requests WHERE id = $1 AND lower(by_email) = $2
		UNION SELECT by_name FROM items WHERE request = $1 AND lower(by_email) = $2`, q.ID, email)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if err := c.exec(`UPDATE events SET who = '' WHERE request = $1 AND who = $2`, q.ID, name); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`UPDATE events SET detail = '' WHERE request = $1 AND lower(detail) = $2`,
		`UPDATE requests SET by_name = '', by_email = '' WHERE id = $1 AND lower(by_email) = $2`,
		`UPDATE items SET by_name = '', by_email = '', platform_by = '' WHERE request = $1 AND lower(by_email) = $2`,
		`DELETE FROM letters WHERE request = $1 AND (recipient IN (SELECT id FROM recipients WHERE request = $1 AND lower(address) = $2)
			OR visit IN (SELECT id FROM visits WHERE request = $1 AND lower(email) = $2))`,
		`DELETE FROM recipients WHERE request = $1 AND lower(address) = $2`,
		`DELETE FROM signins WHERE visit IN (SELECT id FROM visits WHERE request = $1 AND lower(email) = $2)`,
		`DELETE FROM receipts WHERE visit IN (SELECT id FROM visits WHERE request = $1 AND lower(email) = $2)`,
		`DELETE FROM visits WHERE request = $1 AND lower(email) = $2`,
	} {
		if err := c.exec(query, q.ID, email); err != nil {
			return err
		}
	}
	return c.event(q.ID, onboarding.EventPeopleForgotten, "", "")
}
