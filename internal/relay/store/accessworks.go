package store

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxPromised bounds the emails of one promise: whoever has the link types
// what address they like.
const maxAccessWorks = 5

// enqueueAccessWorks writes to the people of a request who were told that the problem
// is on the agency's side and that somebody writes when it is fixed: once for
// each time the agency was told of it, and only while their link works.
func enqueueAccessWorks(c *changeTx, q Request, item string) error {
	if q.LinkState(c.now) != nil {
		return nil
	}
	var told, kept onboarding.Timestamp
	var service onboarding.Service
	err := c.row(`
		SELECT created_ms, service FROM emails WHERE request = $1 AND kind IN ('no_device', 'agency_side')
		ORDER BY created_ms DESC, id LIMIT 1`, q.ID).Scan(&told, &service)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	if err := c.row(`
		SELECT COALESCE(max(created_ms), 0) FROM emails
		WHERE request = $1 AND kind = 'access_works'`, q.ID).Scan(&kept); err != nil || kept >= told {
		return err
	}
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+visitColumns+` FROM visits WHERE request = $1 AND ended_ms = 0 ORDER BY created_ms DESC, id`, q.ID)
	visits, err := scanAll(rows, err, scanVisit)
	if err != nil {
		return err
	}
	written := map[string]bool{}
	for _, v := range visits { // of one person's visits the newest
		address := strings.ToLower(v.Email)
		if written[address] || len(written) == maxAccessWorks {
			continue
		}
		written[address] = true
		if err := enqueue(c, Email{
			Kind: EmailAccessWorks, Request: q.ID, Visit: v.ID, Item: item, Service: service,
		}); err != nil {
			return err
		}
	}
	return nil
}

// enqueueDeviceReady writes to the clients who could not go on because no
// computer could receive what they would give.
func enqueueDeviceReady(c *changeTx, member string) error {
	requests, err := c.texts(`
		SELECT DISTINCT q.id FROM emails l JOIN requests q ON q.id = l.request JOIN agencies a ON a.id = q.agency
		WHERE l.agency = $1 AND l.kind = 'no_device' AND (q.owner = $2 OR a.share_requests = 1)`, c.agency, member)
	if err != nil {
		return err
	}
	for _, id := range requests {
		q, there, err := findRequest(c, id)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if err := enqueueAccessWorks(c, q, ""); err != nil {
			return err
		}
	}
	return nil
}
