package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Outages are the agency's own sign-ins, and the relay's apps, that do not work.
type Outages struct{ *handle }

const outageColumns = `subject, service, failure, platform_code, since_ms`

func scanOutage(row scanner) (onboarding.Outage, error) {
	var o onboarding.Outage
	err := row.Scan(&o.Subject, &o.Service, &o.Failure, &o.Code, &o.Since)
	return o, err
}

// Begin stores that something does not work, as a hub has found. The members
// whom it concerns read of it once, whichever hubs report it, and of one that ends and
// begins again a few times a day.
func (s *Outages) Begin(ctx context.Context, agency string, o onboarding.Outage) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		var stored onboarding.Outage
		var ended onboarding.Timestamp
		err := c.row(`
			SELECT failure, platform_code, since_ms, ended_ms FROM outages
			WHERE  agency = $1 AND subject = $2`, agency, o.Subject).
			Scan(&stored.Failure, &stored.Code, &stored.Since, &ended)
		lasts := err == nil && ended == 0
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		case lasts && stored.Failure == o.Failure && stored.Code == o.Code:
			return errUnchanged
		}
		if o.Since = c.now; lasts {
			o.Since = stored.Since
		}
		if err := storeOutage(c, o); err != nil {
			return err
		}
		err = nil
		if !lasts {
			err = recordOutage(c, o)
		}
		return errors.Join(err, bumpOutage(c, o.Subject))
	})
	if err != nil {
		return fmt.Errorf("storing the outage of %s: %w", o.Subject, err)
	}
	return nil
}

func storeOutage(c *changeTx, o onboarding.Outage) error {
	return c.execNamed(`
		INSERT INTO outages (agency, `+outageColumns+`, ended_ms)
		VALUES (@agency, @subject, @service, @failure, @code, @since, 0)
		ON CONFLICT (agency, subject) DO UPDATE SET service = excluded.service, failure = excluded.failure,
		platform_code = excluded.platform_code, since_ms = excluded.since_ms, ended_ms = 0`, named{
		"agency":  c.agency,
		"subject": o.Subject,
		"service": o.Service,
		"failure": o.Failure,
		"code":    o.Code,
		"since":   o.Since,
	})
}

// recordOutage makes news of an outage: of a sign-in that has ended, or of an app,
// unless it was news often enough within a day.
func recordOutage(c *changeTx, o onboarding.Outage) error {
	news := News{Kind: onboarding.NewsAttention, Service: o.Service, Failure: o.Failure, Code: o.Code}
	if id, ok := strings.CutPrefix(o.Subject, onboarding.OutageConnection); ok {
		x, err := connectionByID(c, id)
		if err != nil {
			return err
		}
		news.Kind, news.Connection, news.Owner = onboarding.NewsSignIn, x.ID, x.Member
	}
	var told int64
	if err := c.row(`
		SELECT count(*) FROM news
		WHERE  request = '' AND kind = $1 AND agency = $2 AND item = '' AND connection = $3 AND service = $4
		  AND  failure <> '' AND created_ms > $5`,
		news.Kind, c.agency, news.Connection, news.Service, c.now-day).Scan(&told); err != nil || told >= maxToldPerDay {
		return err
	}
	return recordNews(c, news)
}

// End stores that something works again. One that works anyway changes nothing.
func (s *Outages) End(ctx context.Context, agency, subject string) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		ended, err := c.texts(`
			UPDATE outages SET ended_ms = $1 WHERE agency = $2 AND subject = $3 AND ended_ms = 0 RETURNING subject`,
			c.now, agency, subject)
		if err != nil {
			return err
		}
		if len(ended) == 0 {
			return errUnchanged
		}
		return bumpOutage(c, subject)
	})
	if err != nil {
		return fmt.Errorf("ending the outage of %s: %w", subject, err)
	}
	return nil
}

// Lasts reports whether something does not work now.
func (s *Outages) Lasts(ctx context.Context, agency, subject string) (bool, error) {
	var lasting int64
	err := s.db.QueryRowContext(ctx, `
		SELECT count(*) FROM outages WHERE agency = $1 AND subject = $2 AND ended_ms = 0`, agency, subject).Scan(&lasting)
	if err != nil {
		return false, fmt.Errorf("reading the outage of %s: %w", subject, err)
	}
	return lasting > 0, nil
}

// bumpOutage numbers the row with which hubs read the outage.
func bumpOutage(c *changeTx, subject string) error {
	id, ok := strings.CutPrefix(subject, onboarding.OutageConnection)
	if !ok {
		return c.bump(kindAgency, c.agency, "", audienceAll)
	}
	x, err := connectionByID(c, id)
	if err != nil {
		return err
	}
	return c.bump(kindConnection, x.ID, x.Member, audienceOwnerAndMains)
}

func connectionByID(c *changeTx, id string) (onboarding.Connection, error) {
	x, err := scanConnection(c.row(`
		SELECT `+connectionColumns+` FROM connections WHERE agency = $1 AND id = $2`, c.agency, id))
	return x, wrapNotFound(err, "finding the connection")
}

// endOutagesBefore ends the outages of a member's earlier sign-ins as the same user:
// they are replaced by this one.
func endOutagesBefore(c *changeTx, x onboarding.Connection) error {
	earlier, err := c.texts(`
		SELECT id FROM connections WHERE agency = $1 AND member = $2 AND platform = $3 AND user_id = $4 AND id <> $5`,
		c.agency, x.Member, x.Platform, x.User.ID, x.ID)
	if err != nil {
		return err
	}
	for _, id := range earlier {
		subject := onboarding.OutageConnection + id
		ended, err := c.texts(`
			UPDATE outages SET ended_ms = $1 WHERE agency = $2 AND subject = $3 AND ended_ms = 0 RETURNING subject`,
			c.now, c.agency, subject)
		if err == nil && len(ended) > 0 {
			err = bumpOutage(c, subject)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fillOutages reads which of the Connections do not work.
func fillOutages(ctx context.Context, db queryer, connections []onboarding.Connection) error {
	subjects := make([]string, len(connections))
	for n, x := range connections {
		subjects[n] = onboarding.OutageConnection + x.ID
	}
	list, args := inClause(subjects)
	found, err := read(ctx, db, `SELECT `+outageColumns+` FROM outages WHERE ended_ms = 0 AND subject `+list, args,
		scanOutage)
	if err != nil {
		return err
	}
	for _, o := range found {
		for n := range connections {
			if o.Subject == onboarding.OutageConnection+connections[n].ID {
				connections[n].Outage = &o
			}
		}
	}
	return nil
}

// fillAppOutages reads which of the relay's apps do not work for an agency.
func fillAppOutages(ctx context.Context, db queryer, a *onboarding.Agency) (err error) {
	a.Outages, err = read(ctx, db, `SELECT `+outageColumns+` FROM outages
		WHERE agency = $1 AND ended_ms = 0 AND subject LIKE 'app:%' ORDER BY subject`, []any{a.ID}, scanOutage)
	return err
}
