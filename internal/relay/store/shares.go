package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Share is that somebody shared an item: first, or again after it had stopped working.
type Share struct {
	By onboarding.Person
	At onboarding.Timestamp
}

// recordShare records who made an item connected or waiting, in each visit of theirs. What
// waited and is approved was shared before.
func recordShare(c *changeTx, old, i onboarding.Item, became onboarding.ItemState) error {
	if became != onboarding.ItemConnected && became != onboarding.ItemWaiting || old.State == onboarding.ItemWaiting {
		return nil
	}
	return c.exec(`
		INSERT INTO shares (item, visit, at_ms)
		SELECT $1, id, $2 FROM visits WHERE request = $3 AND email = $4 ON CONFLICT DO NOTHING`,
		i.ID, c.now, i.Request, i.By.Email)
}

// Shares lists who shared what of a request, by item, the first one first. It has only
// those whose visit is still known.
func (s *Receipts) Shares(ctx context.Context, request string) (map[string][]Share, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT s.item, v.name, v.email, s.at_ms FROM shares s JOIN visits v ON v.id = s.visit
		WHERE  v.request = $1 ORDER BY s.at_ms, v.created_ms, v.id`, request)
	shares := map[string][]Share{}
	_, err = scanAll(rows, err, func(row scanner) (struct{}, error) {
		var item string
		var share Share
		err := row.Scan(&item, &share.By.Name, &share.By.Email, &share.At)
		shares[item] = append(shares[item], share)
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading who shared what of request %s: %w", request, err)
	}
	return shares, nil
}

// SharedBy lists what the person with this address has shared, also what somebody else has
// connected again since, and what has ended.
func SharedBy(items []onboarding.Item, shares map[string][]Share, email string) []onboarding.Item {
	var own, unknown []onboarding.Item
	for _, i := range items {
		if len(shares[i.ID]) == 0 {
			unknown = append(unknown, i)
		} else if slices.ContainsFunc(shares[i.ID], func(s Share) bool { return onboarding.SameAddress(s.By.Email, email) }) {
			own = append(own, i)
		}
	}
	return append(own, onboarding.ItemsBy(unknown, email)...)
}

// readSharers reads who shared what is connected or waits, the first ones first.
func readSharers(r agencyRead, request string) ([]onboarding.Person, error) {
	return readSharersOf(r, request, ``)
}

// readProvenSharers leaves out what was only named: whoever holds a link can type a name,
// and any address for themselves.
func readProvenSharers(r agencyRead, request string) ([]onboarding.Person, error) {
	return readSharersOf(r, request, ` AND (i.state = 'connected' OR i.account NOT LIKE 'named:%')`)
}

func readSharersOf(r agencyRead, request, which string) ([]onboarding.Person, error) {
	rows, err := r.q.QueryContext(r.ctx, `
		SELECT v.name, v.email, s.at_ms, s.item, v.id FROM shares s
		JOIN visits v ON v.id = s.visit JOIN items i ON i.id = s.item
		WHERE  i.request = $1 AND i.state IN ('connected', 'waiting') AND i.withdrawn_ms = 0`+which+`
		UNION ALL
		SELECT i.connected_by_name, i.connected_by_email, i.created_ms, i.id, '' FROM items i
		WHERE  i.request = $1 AND i.state IN ('connected', 'waiting') AND i.withdrawn_ms = 0
		AND    i.connected_by_email <> ''`+which+`
		AND    NOT EXISTS (SELECT 1 FROM shares s WHERE s.item = i.id)
		ORDER BY 3, 4, 5`, request)
	return scanAll(rows, err, func(row scanner) (p onboarding.Person, err error) {
		var at onboarding.Timestamp
		var item, visit string
		return p, row.Scan(&p.Name, &p.Email, &at, &item, &visit)
	})
}

// giveReceipts gives those who shared something a receipt, now that the request's link has
// ended without a finish. Who only named what they share can ask for theirs. Who has one
// keeps it: its page shows how things stand.
func giveReceipts(c *changeTx, r Request) error {
	sharers, err := readProvenSharers(c.reads(), r.ID)
	if err != nil || len(sharers) == 0 {
		return err
	}
	visits, err := read(c.ctx, c, `
		SELECT `+visitColumns+` FROM visits WHERE request = $1 AND repair = '' ORDER BY created_ms DESC, id`,
		[]any{r.ID}, scanVisit)
	if err != nil {
		return err
	}
	served, err := c.texts(`SELECT visit FROM receipts WHERE request = $1`, r.ID)
	if err != nil {
		return err
	}
	for _, p := range sharers {
		own := slices.DeleteFunc(slices.Clone(visits), func(v Visit) bool { return !isSame(p, v) })
		has := slices.ContainsFunc(own, func(v Visit) bool { return slices.Contains(served, v.ID) })
		// One for each who was asked, and for who asked, as when parts are finished.
		if has || len(own) == 0 || len(served) > MaxHandOvers {
			continue
		}
		if err := insertReceipt(c, own[0], false); err != nil {
			return err
		}
		if err := enqueue(c.agencyTx, Email{Kind: EmailReceipt, Request: r.ID, Visit: own[0].ID}); err != nil {
			return err
		}
		served = append(served, own[0].ID)
	}
	return nil
}
