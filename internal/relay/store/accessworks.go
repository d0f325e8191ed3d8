package store

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxAccessWorks bounds the emails to the clients of one request: anyone with the
// link can type any address.
const maxAccessWorks = 5

// enqueueAccessWorks writes to the clients of a request who were shown that the
// agency has to fix the problem and that they get an email then: once for each
// time the agency got an email about it, and only while the link works.
func enqueueAccessWorks(c *changeTx, q Request, item string) error {
	if q.LinkState(c.now) != nil {
		return nil
	}
	var asked, answered onboarding.Timestamp
	var service onboarding.Service
	err := c.row(`
		SELECT created_ms, service FROM emails WHERE request = $1 AND kind IN ('no_device', 'agency_side_problem')
		ORDER BY created_ms DESC, id LIMIT 1`, q.ID).Scan(&asked, &service)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	if err := c.row(`
		SELECT COALESCE(max(created_ms), 0) FROM emails
		WHERE request = $1 AND kind = 'access_works'`, q.ID).Scan(&answered); err != nil || answered >= asked {
		return err
	}
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+visitColumns+` FROM visits WHERE request = $1 AND ended_ms = 0 ORDER BY created_ms DESC, id`, q.ID)
	visits, err := scanAll(rows, err, scanVisit)
	if err != nil {
		return err
	}
	written := map[string]bool{}
	for _, v := range visits { // the newest of each address
		address := strings.ToLower(v.Email)
		if written[address] || len(written) == maxAccessWorks {
			continue
		}
		written[address] = true
		if err := enqueue(c.agencyTx, Email{
			Kind: EmailAccessWorks, Request: q.ID, Visit: v.ID, Item: item, Service: service,
		}); err != nil {
			return err
		}
	}
	return nil
}

// enqueueDeviceReady writes to the clients who could not continue because no device
// could receive access, where a device of the member can.
func enqueueDeviceReady(c *changeTx, agency onboarding.Agency, member onboarding.Member) error {
	requests, err := c.texts(`
		SELECT DISTINCT request FROM emails WHERE agency = $1 AND kind = 'no_device'`, c.agency)
	if err != nil {
		return err
	}
	for _, id := range requests {
		request, exists, err := findRequest(c, id)
		if err != nil {
			return err
		}
		if !exists || !agency.MaySee(member, request.Ownership()) {
			continue
		}
		if err := enqueueAccessWorks(c, request, ""); err != nil {
			return err
		}
	}
	return nil
}
