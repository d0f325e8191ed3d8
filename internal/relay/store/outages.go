package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
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

// Begin stores that something does not work, as a hub of a member has found. The members
// whom it concerns read of it once, whichever hubs report it, and of one that ends and
// begins again a few times a day. An app's outage is shown to everybody once a main user's
// hub, or a second member's, has met it; before that only to the sub-user whose hub did.
func (s *Outages) Begin(ctx context.Context, agency string, by onboarding.Member, o onboarding.Outage) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		stored, err := findOutage(c, o.Subject)
		if err != nil {
			return err
		}
		reporter, err := stored.reporterAlone(by, o, c.now)
		if err != nil {
			return err
		}
		published := stored.ongoing && stored.reporter == reporter
		if published && stored.Failure == o.Failure && stored.Code == o.Code {
			return errUnchanged
		}
		if o.Since = c.now; published || stored.ongoing && reporter == "" {
			o.Since = stored.Since
		}
		if err := storeOutage(c, o, reporter); err != nil {
			return err
		}
		if !published {
			err = recordOutage(c, o, reporter)
		}
		return errors.Join(err, bumpOutage(c, o.Subject))
	})
	if err != nil {
		return fmt.Errorf("storing the outage of %s: %w", o.Subject, err)
	}
	return nil
}

// storedOutage is the last outage of a subject.
type storedOutage struct {
	onboarding.Outage
	reporter string // the sub-user who alone has reported it, and reads of it
	ongoing  bool
}

func findOutage(c *changeTx, subject string) (o storedOutage, err error) {
	var ended onboarding.Timestamp
	err = c.row(`
		SELECT failure, platform_code, since_ms, ended_ms, reporter FROM outages
		WHERE  agency = $1 AND subject = $2`, c.agency, subject).
		Scan(&o.Failure, &o.Code, &o.Since, &ended, &o.reporter)
	if errors.Is(err, sql.ErrNoRows) {
		return storedOutage{}, nil
	}
	o.ongoing = err == nil && ended == 0
	return o, err
}

// reporterAlone is the sub-user who alone reports an app's outage; empty: everybody is told.
// errUnchanged: everybody has been told, and one sub-user's other reason is not everybody's.
func (o storedOutage) reporterAlone(
	by onboarding.Member, reported onboarding.Outage, now onboarding.Timestamp,
) (string, error) {
	switch {
	case !needsConfirmation(reported, by):
		return "", nil
	case o.ongoing && o.reporter == "":
		return "", errUnchanged
	case o.isConfirmedBy(by, now):
		return "", nil
	}
	return by.ID, nil
}

// needsConfirmation reports whether one member's report is not enough to tell everybody.
func needsConfirmation(o onboarding.Outage, by onboarding.Member) bool {
	return strings.HasPrefix(o.Subject, onboarding.OutageApp) && by.Role != onboarding.MainUser
}

// isConfirmedBy reports whether a member reports what a colleague has reported within a day.
func (o storedOutage) isConfirmedBy(by onboarding.Member, now onboarding.Timestamp) bool {
	return o.ongoing && (o.reporter == "" || o.reporter != by.ID && o.Since > now-day)
}

func storeOutage(c *changeTx, o onboarding.Outage, reporter string) error {
	return c.execNamed(`
		INSERT INTO outages (agency, `+outageColumns+`, ended_ms, reporter)
		VALUES (@agency, @subject, @service, @failure, @code, @since, 0, @reporter)
		ON CONFLICT (agency, subject) DO UPDATE SET service = excluded.service, failure = excluded.failure,
		platform_code = excluded.platform_code, since_ms = excluded.since_ms, ended_ms = 0,
		reporter = excluded.reporter`, named{
		"agency":   c.agency,
		"subject":  o.Subject,
		"service":  o.Service,
		"failure":  o.Failure,
		"code":     o.Code,
		"since":    o.Since,
		"reporter": reporter,
	})
}

// recordOutage makes news of an outage: of a sign-in that has ended, or of an app,
// unless it was news often enough within a day. Of what nobody has confirmed only its
// reporter is told.
func recordOutage(c *changeTx, o onboarding.Outage, reporter string) error {
	news := News{
		Kind: onboarding.NewsAttention, Service: o.Service, Failure: o.Failure, Code: o.Code, Owner: reporter,
		ownerOnly: reporter != "",
	}
	if id, ok := strings.CutPrefix(o.Subject, onboarding.OutageConnection); ok {
		x, err := connectionByID(c, id)
		if err != nil {
			return err
		}
		news.Kind, news.Connection, news.Owner = onboarding.NewsSignIn, x.ID, x.Member
	}
	var published int64
	if err := c.row(`
		SELECT count(*) FROM news
		WHERE  request = '' AND kind = $1 AND agency = $2 AND item = '' AND connection = $3 AND service = $4
		  AND  failure <> '' AND owner = $5 AND created_ms > $6`,
		news.Kind, c.agency, news.Connection, news.Service, news.Owner, c.now-day).Scan(&published); err != nil ||
		published >= maxToldPerDay {
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

// IsTold reports whether something does not work now, as far as a member is told: of what
// one member's hub alone has found, nobody else is.
func (s *Outages) IsTold(ctx context.Context, agency, subject, member string) (bool, error) {
	var lasting int64
	err := s.db.QueryRowContext(ctx, `
		SELECT count(*) FROM outages
		WHERE  agency = $1 AND subject = $2 AND ended_ms = 0 AND reporter IN ('', $3)`, agency, subject, member).
		Scan(&lasting)
	if err != nil {
		return false, fmt.Errorf("reading the outage of %s: %w", subject, err)
	}
	return lasting > 0, nil
}

// MayReport reports whether a member sees an account at a platform: only a hub that checks
// one can find that the app there does not work, or works.
func (s *Outages) MayReport(ctx context.Context, agency, member string, at onboarding.Platform) (bool, error) {
	var accounts int64
	err := s.db.QueryRowContext(ctx, `
		SELECT count(*)
		FROM   (SELECT agency, owner, CASE WHEN request = '' THEN 1 ELSE 0 END AS agency_owned
		        FROM items WHERE state IN ('connected', 'waiting') AND service = $3) AS o
		JOIN   agencies a ON a.id = o.agency JOIN members m ON m.agency = a.id
		WHERE  a.id = $1 AND m.id = $2 AND `+maySee, agency, member, at.Service()).Scan(&accounts)
	if err != nil {
		return false, fmt.Errorf("counting the accounts that a member sees: %w", err)
	}
	return accounts > 0, nil
}

// endUnneeded ends the outages of apps at which the agency has no account any more:
// nobody could find that they work again.
func endUnneeded(c *changeTx) error {
	lasting, err := c.texts(`
		SELECT subject FROM outages WHERE agency = $1 AND ended_ms = 0 AND subject LIKE 'app:%'`, c.agency)
	if err != nil || len(lasting) == 0 {
		return err
	}
	services, err := c.texts(`
		SELECT DISTINCT service FROM items WHERE agency = $1 AND state IN ('connected', 'waiting', 'sharing')`, c.agency)
	if err != nil {
		return err
	}
	for _, subject := range lasting {
		of := onboarding.Platform(strings.TrimPrefix(subject, onboarding.OutageApp))
		if slices.Contains(services, string(of.Service())) {
			continue
		}
		const end = `UPDATE outages SET ended_ms = $1 WHERE agency = $2 AND subject = $3`
		if err := c.exec(end, c.now, c.agency, subject); err != nil {
			return err
		}
		if err := bumpOutage(c, subject); err != nil {
			return err
		}
	}
	return nil
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

// colleaguesReplace selects the sign-ins that a colleague's later one as the same user
// replaces: whoever uses them gets that one's credential too.
const colleaguesReplace = `
	EXISTS (SELECT 1 FROM members o JOIN agencies a ON a.id = o.agency
	        WHERE o.id = former.member AND (o.role = 'main' OR a.share_requests = 1))`

func connectionByID(c *changeTx, id string) (onboarding.Connection, error) {
	x, err := scanConnection(c.row(`
		SELECT `+connectionColumns+` FROM connections WHERE agency = $1 AND id = $2`, c.agency, id))
	return x, wrapNotFound(err, "finding the connection")
}

// endOutagesBefore ends the outages of the earlier sign-ins as the same user that this one
// replaces.
func endOutagesBefore(c *changeTx, x onboarding.Connection) error {
	earlier, err := c.texts(`
		SELECT id FROM connections former WHERE agency = $1 AND platform = $2 AND user_id = $3 AND id <> $4
		  AND  (member = $5 OR `+colleaguesReplace+`)`,
		c.agency, x.Platform, x.User.ID, x.ID, x.Member)
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

// fillAppOutages reads which of the relay's apps do not work for an agency, as far as a
// member is told.
func fillAppOutages(ctx context.Context, db queryer, a *onboarding.Agency, member string) (err error) {
	a.Outages, err = read(ctx, db, `SELECT `+outageColumns+` FROM outages
		WHERE agency = $1 AND ended_ms = 0 AND subject LIKE 'app:%' AND reporter IN ('', $2) ORDER BY subject`,
		[]any{a.ID, member}, scanOutage)
	return err
}
