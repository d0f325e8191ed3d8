package store

import (
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// recordEvent records what happened in a request's timeline.
func recordEvent(c *changeTx, request string, kind onboarding.EventKind, who, detail string) error {
	return insertEvent(c, request, onboarding.Event{Kind: kind, Who: who, Detail: detail})
}

// recordItemEvent records what happened to an item in its request's timeline.
func recordItemEvent(c *changeTx, i onboarding.Item, kind onboarding.EventKind, who string) error {
	return insertEvent(c, i.Request, onboarding.Event{Kind: kind, Who: who, Detail: i.Name, Service: i.Service})
}

// insertEvent records an event; without a time it happens now.
func insertEvent(c *changeTx, request string, e onboarding.Event) error {
	if e.At == 0 {
		e.At = c.now
	}
	seq := c.firstSeq*eventsPerChange + c.events
	c.events++
	err := c.exec(`
		INSERT INTO events (id, request, at_ms, seq, kind, who, detail, service) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		NewID(), request, e.At, seq, e.Kind, e.Who, e.Detail, e.Service)
	if err == nil {
		err = pruneEvents(c, request)
	}
	if err != nil {
		return fmt.Errorf("recording %s: %w", e.Kind, err)
	}
	return nil
}

// pruneEvents keeps the last onboarding.MaxEvents events of a request. What visitors
// can cause again and again goes first: it must not push the agency's own out.
func pruneEvents(c *changeTx, request string) error {
	var count int
	if err := c.row(`SELECT count(*) FROM events WHERE request = $1`, request).Scan(&count); err != nil {
		return err
	}
	if count <= onboarding.MaxEvents {
		return nil
	}
	const prune = `
		DELETE FROM events WHERE id IN (
			SELECT id FROM events WHERE request = $1
			ORDER BY CASE WHEN kind IN ($2, $3, $4, $5, $6, $7, $8, $9) THEN 0 ELSE 1 END, seq, id LIMIT $10)`
	return c.exec(prune, request, onboarding.EventSkipped, onboarding.EventStarted, onboarding.EventItemFailed,
		onboarding.EventFinishedEmpty, onboarding.EventReported, onboarding.EventErrorPage,
		onboarding.EventLinkAsked, onboarding.EventLinkSentAgain, count-onboarding.MaxEvents)
}
