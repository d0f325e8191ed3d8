package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// People are clients by their address, wherever they appear.
type People struct{ *handle }

// Mention is one appearance of an address.
type Mention struct {
	Agency  string
	Request string
	// What is "recipient", "asked a colleague", "visit", "started", "completed by", "connected an
	// item", "repair link" or "member".
	What string
	Name string
	At   onboarding.Timestamp
}

// Mentions lists where an address appears.
func (s *People) Mentions(ctx context.Context, email string) ([]Mention, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT q.agency, q.id, 'recipient', '', r.sent_ms, r.address FROM recipients r
		JOIN requests q ON q.id = r.request WHERE `+mayMatchAddress("r.address")+`
		UNION ALL SELECT q.agency, q.id, 'asked a colleague', r.handed_by_name, r.handed_ms, r.handed_by_email
		FROM recipients r JOIN requests q ON q.id = r.request WHERE `+mayMatchAddress("r.handed_by_email")+`
		UNION ALL SELECT v.agency, v.request, 'visit', v.name, v.created_ms, v.email FROM visits v WHERE `+
		mayMatchAddress("v.email")+`
		UNION ALL SELECT q.agency, q.id, 'completed by', q.completed_by_name, q.finished_ms, q.completed_by_email
		FROM requests q WHERE `+mayMatchAddress("q.completed_by_email")+`
		UNION ALL SELECT i.agency, i.request, 'connected ' || i.name, i.connected_by_name, i.created_ms,
		i.connected_by_email FROM items i WHERE `+mayMatchAddress("i.connected_by_email")+`
		UNION ALL SELECT q.agency, q.id, 'repair link', '', p.created_ms, p.address FROM repairs p
		JOIN requests q ON q.id = p.request WHERE `+mayMatchAddress("p.address")+`
		UNION ALL SELECT q.agency, e.request, 'started', e.who, e.at_ms, e.detail FROM events e
		JOIN requests q ON q.id = e.request WHERE e.kind = 'started' AND e.detail <> '' AND `+
		mayMatchAddress("e.detail")+` AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.request = e.request AND
		v.email = e.detail)
		UNION ALL SELECT m.agency, '', 'member', m.name, m.created_ms, m.email FROM members m WHERE `+
		mayMatchAddress("m.email")+`
		ORDER BY 1, 2, 5`, onboarding.AddressKey(email))
	var list []Mention
	_, err = scanAll(rows, err, func(row scanner) (struct{}, error) {
		var m Mention
		var address string
		err := row.Scan(&m.Agency, &m.Request, &m.What, &m.Name, &m.At, &address)
		if err == nil && onboarding.SameAddress(address, email) {
			list = append(list, m)
		}
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("looking up a person: %w", err)
	}
	return list, nil
}

// Forget deletes a client's name and address from every request that has them, and
// returns the number of those requests. What the client shared stays; members are
// not forgotten this way.
func (s *People) Forget(ctx context.Context, email string) (int, error) {
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
		_, err := s.requestChange(ctx, m.Agency, m.Request, "forgetting a person in", func(c *changeTx, r Request) error {
			if err := forgetPersonIn(c, r, email); err != nil {
				return err
			}
			return bumpRequestAndItems(c, r)
		})
		if err != nil {
			return 0, err
		}
	}
	return len(done), nil
}

func forgetPersonIn(c *changeTx, r Request, email string) error {
	written, err := c.texts(`SELECT address FROM recipients WHERE request = $1
		UNION SELECT handed_by_email FROM recipients WHERE request = $1
		UNION SELECT email FROM visits WHERE request = $1
		UNION SELECT completed_by_email FROM requests WHERE id = $1
		UNION SELECT connected_by_email FROM items WHERE request = $1
		UNION SELECT address FROM repairs WHERE request = $1
		UNION SELECT detail FROM events WHERE request = $1`, r.ID)
	if err != nil {
		return err
	}
	written = slices.DeleteFunc(written, func(text string) bool {
		address, _ := onboarding.Event{Detail: text}.HandedTo()
		return !onboarding.SameAddress(address, email)
	})
	if len(written) == 0 { // another call was faster
		return nil
	}
	list, args := inClause(written, r.ID)
	names, err := c.texts(`SELECT name FROM visits WHERE request = $1 AND email `+list+`
		UNION SELECT handed_by_name FROM recipients WHERE request = $1 AND handed_by_email `+list+`
		UNION SELECT completed_by_name FROM requests WHERE id = $1 AND completed_by_email `+list+`
		UNION SELECT connected_by_name FROM items WHERE request = $1 AND connected_by_email `+list+`
		UNION SELECT who FROM events WHERE request = $1 AND kind = 'started' AND detail `+list, args...)
	if err != nil {
		return err
	}
	if err := forgetNamed(c, r, names, written); err != nil {
		return err
	}
	if err := forgetNames(c, r, names); err != nil {
		return err
	}
	for _, query := range []string{
		`UPDATE events SET detail = '', detail_salt = substr(detail_salt, 1, 0) WHERE request = $1 AND detail ` + list,
		`UPDATE requests SET completed_by_name = '', completed_by_email = '' WHERE id = $1 AND completed_by_email ` + list,
		`
			UPDATE items SET connected_by_name = '', connected_by_email = '', platform_by = ''
			WHERE request = $1 AND connected_by_email ` + list,
		`
			DELETE FROM emails WHERE request = $1 AND (recipient IN (SELECT id FROM recipients
			WHERE request = $1 AND address ` + list + `)
			OR visit IN (SELECT id FROM visits WHERE request = $1 AND email ` + list + `))`,
		`DELETE FROM emails WHERE request = $1 AND kind = 'repair' AND address ` + list,
		`UPDATE repairs SET address = '', email_state = '' WHERE request = $1 AND address ` + list,
		`DELETE FROM recipients WHERE request = $1 AND address ` + list,
		`UPDATE recipients SET handed_by_name = '', handed_by_email = '' WHERE request = $1 AND handed_by_email ` + list,
		`DELETE FROM oauth_states WHERE visit IN (SELECT id FROM visits WHERE request = $1 AND email ` + list + `)`,
		`DELETE FROM receipts WHERE visit IN (SELECT id FROM visits WHERE request = $1 AND email ` + list + `)`,
		`DELETE FROM visits WHERE request = $1 AND email ` + list,
	} {
		if err := c.exec(query, args...); err != nil {
			return err
		}
	}
	if err := forgetItemUsers(c, r.ID); err != nil {
		return err
	}
	return recordEvent(c, r.ID, onboarding.EventPeopleForgotten, "", "")
}

// forgetNamed deletes what a person typed to name an account that was not found yet, and
// from the history what they or others have typed of it, also where it was found or ended
// since.
func forgetNamed(c *changeTx, r Request, names, written []string) error {
	list, args := inClause(written, r.ID)
	typed, err := c.texts(`
		SELECT name FROM items WHERE request = $1 AND account LIKE 'named:%' AND connected_by_email `+list, args...)
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	if len(names) > 0 {
		in, values := inClause(names, r.ID)
		theirs, err := c.texts(`SELECT detail FROM events WHERE request = $1 AND kind = 'item_named' AND who `+in, values...)
		if err != nil {
			return err
		}
		typed = append(typed, theirs...)
		in, values = inClause(names, r.ID, []byte{})
		if err := c.exec(`
			UPDATE events SET detail = '', detail_salt = $2
			WHERE  request = $1 AND kind IN ('item_named', 'item_unnamed') AND who `+in, values...); err != nil {
			return err
		}
	}
	isTheirs := func(by onboarding.Person) bool { return slices.Contains(written, by.Email) }
	if err := forgetMatched(c, r, typed, isTheirs); err != nil {
		return err
	}
	return c.exec(`
		UPDATE items SET name = '' WHERE request = $1 AND account LIKE 'named:%' AND connected_by_email `+list, args...)
}

// forgetTyped deletes what clients typed to name accounts from all events about items: each
// has an item's name of its time.
func forgetTyped(c *changeTx, r Request, typed []string) error {
	typed = slices.DeleteFunc(slices.Clone(typed), func(text string) bool { return text == "" })
	if len(typed) == 0 {
		return nil
	}
	matches, err := c.texts(`
		SELECT DISTINCT detail FROM events WHERE request = $1 AND kind IN ('item_found', 'match_undone')`, r.ID)
	if err != nil {
		return err
	}
	for _, detail := range matches {
		if _, text := onboarding.ItemNames(detail); slices.Contains(typed, text) {
			typed = append(typed, detail)
		}
	}
	in, values := inClause(typed, r.ID, []byte{})
	return c.exec(`
		UPDATE events SET detail = '', detail_salt = $2
		WHERE  request = $1 AND kind `+inKinds(onboarding.ItemEvents())+` AND detail `+in, values...)
}

// forgetNames deletes names from a request's history, and from who declined it.
func forgetNames(c *changeTx, r Request, names []string) error {
	for _, name := range names {
		if name == "" {
			continue
		}
		if err := c.exec(`
			UPDATE events SET who = '', who_salt = $3, detail = CASE WHEN kind = 'error_page' AND detail LIKE 'other %'
				THEN 'other' ELSE detail END, detail_salt = CASE WHEN kind = 'error_page' AND detail LIKE 'other %'
				THEN $3 ELSE detail_salt END
			WHERE  request = $1 AND who = $2`, r.ID, name, []byte{}); err != nil {
			return err
		}
		if err := c.exec(`
			UPDATE requests SET declined_by = '', declined_visit = '', decline_reason = ''
			WHERE  id = $1 AND declined_by = $2`, r.ID, name); err != nil {
			return err
		}
	}
	return nil
}
