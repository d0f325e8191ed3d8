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

func insertEvent(c *changeTx, request string, e onboarding.Event) error {
	seq := c.firstSeq*eventsPerChange + c.events
	c.events++
	err := c.exec(`
		INSERT INTO events (id, request, at_ms, seq, kind, who, detail, service) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		NewID(), request, c.now, seq, e.Kind, e.Who, e.Detail, e.Service)
	if err != nil {
		return fmt.Errorf("recording %s: %w", e.Kind, err)
	}
	return nil
}
