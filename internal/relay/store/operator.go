package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxOperatorActs is how many acts of the operator an agency's main users are shown.
const maxOperatorActs = 5

// addOperatorAct lets the agency's main users read what the operator did.
func addOperatorAct(c *changeTx, kind onboarding.OperatorActKind, name string) error {
	a, err := currentAgency(c)
	if err != nil {
		return err
	}
	acts := append([]onboarding.OperatorAct{{At: c.now, Kind: kind, Name: name}}, a.OperatorActs...)
	if err := c.exec(`UPDATE agencies SET operator_acts = $1 WHERE id = $2`,
		joinList(acts[:min(len(acts), maxOperatorActs)]), c.agency); err != nil {
		return fmt.Errorf("telling the agency what the operator did: %w", err)
	}
	return c.bump(kindAgency, c.agency, "", audienceAll)
}

// RecordOperatorAct lets the agency's main users read what the operator did.
func (s *Agencies) RecordOperatorAct(
	ctx context.Context, agency string, kind onboarding.OperatorActKind, name string,
) error {
	return s.change(ctx, agency, func(c *changeTx) error { return addOperatorAct(c, kind, name) })
}

// Rename gives an agency another name, which its main users are told.
func (s *Agencies) Rename(ctx context.Context, id, name string) error {
	err := s.change(ctx, id, func(c *changeTx) error {
		a, err := currentAgency(c)
		if err != nil {
			return err
		}
		if a.Name == name {
			return errUnchanged
		}
		if err := c.exec(`UPDATE agencies SET name = $1 WHERE id = $2`, name, id); err != nil {
			return err
		}
		return addOperatorAct(c, onboarding.OperatorRenamed, a.Name)
	})
	if err != nil {
		return fmt.Errorf("renaming agency %s: %w", id, err)
	}
	return nil
}

// AgencySize is how much there is of an agency.
type AgencySize struct {
	Members, Computers int
	Requests           int
	OpenRequests       int // whose link works
	Accounts           int // that clients shared, or that are the agency's own, and that have not ended
	EmailsWaiting      int
	Webhooks           int
	Domain             string // of its own; empty: none
}

// Size counts what Remove would delete.
func (s *Agencies) Size(ctx context.Context, id string) (size AgencySize, err error) {
	err = s.db.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM members WHERE agency = $1 AND removed_ms = 0),
		       (SELECT count(*) FROM devices WHERE agency = $1 AND revoked_ms = 0),
		       (SELECT count(*) FROM requests WHERE agency = $1),
		       (SELECT count(*) FROM requests WHERE agency = $1 AND status = 'pending' AND finished_ms = 0
		        AND  withdrawn_ms = 0 AND expires_ms > $2),
		       (SELECT count(*) FROM items WHERE agency = $1 AND ended_ms = 0),
		       (SELECT count(*) FROM emails WHERE agency = $1 AND state IN ('queued', 'sending')),
		       (SELECT count(*) FROM webhooks WHERE agency = $1),
		       (SELECT COALESCE(max(name), '') FROM domains WHERE agency = $1 AND left_ms = 0)`, id, s.timestamp()).
		Scan(&size.Members, &size.Computers, &size.Requests, &size.OpenRequests, &size.Accounts, &size.EmailsWaiting,
			&size.Webhooks, &size.Domain)
	return size, wrapNotFound(err, "counting what an agency has")
}

// Remove deletes an agency with all that is its: members, computers, requests with their
// clients, accounts, sealed credentials, emails, webhooks, domains and logo. A repeat
// changes nothing. What its roster says does not matter.
func (s *Agencies) Remove(ctx context.Context, id string) error {
	err := s.change(ctx, id, func(c *changeTx) error {
		if err := deleteAgency(c); err != nil {
			return err
		}
		return c.notify(s.db.Engine())
	})
	if errors.Is(err, onboarding.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("removing agency %s: %w", id, err)
	}
	s.onChange(id)
	return nil
}

// deleteAgency deletes the agency of a transaction with all that is its. No change is
// numbered: nobody can read it.
func deleteAgency(c *changeTx) error {
	for _, query := range []string{
		`DELETE FROM oauth_states WHERE visit IN (SELECT id FROM visits WHERE agency = $1)
			OR connection IN (SELECT id FROM pending_connections WHERE agency = $1)`,
		`DELETE FROM emails WHERE agency = $1`,
		`DELETE FROM jobs WHERE agency = $1`,
		`DELETE FROM agencies WHERE id = $1`, // the rest goes with it
	} {
		if err := c.exec(query, c.agency); err != nil {
			return err
		}
	}
	return nil
}
