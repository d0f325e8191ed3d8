package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// NewsLog is the news, and how the members get them by email.
type NewsLog struct{ *handle }

// newsSettings reads a member's settings; those of nobody are the usual ones.
func newsSettings(ctx context.Context, q queryer, member string) (onboarding.NewsSettings, error) {
	var s onboarding.NewsSettings
	var choices string
	err := q.QueryRowContext(ctx, `SELECT modes, utc_offset_min FROM news_settings WHERE member = $1`, member).
		Scan(&choices, &s.UTCOffset)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return s, nil
	case err != nil:
		return s, fmt.Errorf("reading the settings of news: %w", err)
	}
	if err := json.Unmarshal([]byte(choices), &s.Choices); err != nil {
		return s, fmt.Errorf("reading the settings of news: %w", err)
	}
	return s, nil
}

// Settings returns how a member gets news, with a choice for each kind.
func (s *NewsLog) Settings(ctx context.Context, member string) (onboarding.NewsSettings, error) {
	settings, err := newsSettings(ctx, s.db, member)
	return settings.Complete(), err
}

// SaveSettings stores how a member gets news. Without choices, those of before stay.
// A daily email that is due later moves to the member's new time.
func (s *NewsLog) SaveSettings(
	ctx context.Context, agency, member string, settings onboarding.NewsSettings,
) (onboarding.NewsSettings, error) {
	err := s.inAgencyTx(ctx, agency, func(t *agencyTx) error {
		stored, err := newsSettings(ctx, t.Tx, member)
		if err != nil {
			return err
		}
		if len(settings.Choices) == 0 {
			settings.Choices = stored.Choices
		}
		settings = settings.Complete()
		choices, err := json.Marshal(settings.Choices)
		if err != nil {
			return fmt.Errorf("writing the settings of news: %w", err)
		}
		if err := t.exec(`
			INSERT INTO news_settings (member, modes, utc_offset_min) VALUES ($1, $2, $3)
			ON CONFLICT (member) DO UPDATE SET modes = excluded.modes, utc_offset_min = excluded.utc_offset_min`,
			member, string(choices), settings.UTCOffset); err != nil {
			return err
		}
		return t.exec(`UPDATE jobs SET due_ms = $1 WHERE kind = $2 AND subject = $3 AND due_ms > $4`,
			settings.NextSummary(t.now), JobSummary, member, t.now)
	})
	if err != nil {
		return settings, fmt.Errorf("storing the settings of news: %w", err)
	}
	return settings, nil
}

// addToSummary puts news on the list of a member's next daily email. One that is due,
// but was not made yet, has them too.
func addToSummary(t *agencyTx, news News, member string, settings onboarding.NewsSettings) error {
	if err := t.exec(`
		INSERT INTO summary_news (news, member, email) VALUES ($1, $2, '')`, news.ID, member); err != nil {
		return err
	}
	return t.exec(`
		INSERT INTO jobs (kind, subject, agency, due_ms, lease_until_ms, lease_instance, lease_run)
		VALUES ($1, $2, $3, $4, 0, '', '') ON CONFLICT (kind, subject) DO NOTHING`,
		JobSummary, member, t.agency, settings.NextSummary(t.now))
}

// queueSummary queues a member's daily email with the news that no earlier one lists. That
// of a suspended agency's member waits for the next day.
func queueSummary(c *changeTx, job Job) error {
	agency, err := agencyByID(c.ctx, c.Tx, c.agency)
	if err != nil {
		return err
	}
	if agency.Suspended {
		settings, err := newsSettings(c.ctx, c.Tx, job.Subject)
		if err != nil {
			return err
		}
		return schedule(c.agencyTx, JobSummary, job.Subject, settings.NextSummary(c.now))
	}
	email := Email{ID: NewID(), Kind: EmailSummary, Member: job.Subject}
	listed, err := c.texts(`
		UPDATE summary_news SET email = $1 WHERE member = $2 AND email = '' RETURNING news`, email.ID, job.Subject)
	if err != nil || len(listed) == 0 {
		return err
	}
	return enqueue(c.agencyTx, email)
}

// CancelBefore takes the news of before a timestamp off the lists of daily emails: a
// restored backup must not list again what an email listed since.
func (s *NewsLog) CancelBefore(ctx context.Context, before onboarding.Timestamp) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			DELETE FROM summary_news
			WHERE  email = '' AND news IN (SELECT id FROM news WHERE created_ms <= $1)`, before)
		return err
	})
	if err != nil {
		return fmt.Errorf("clearing the lists of daily emails: %w", err)
	}
	return nil
}

func scanNews(row scanner) (News, error) {
	var n News
	err := row.Scan(
		&n.ID, &n.Agency, &n.Kind, &n.Request, &n.Item, &n.Connection, &n.Visit, &n.Owner, &n.Service, &n.Failure, &n.Code,
		&n.Created,
	)
	return n, err
}

// maxListed is how much an email about news names at most; it counts the rest.
const maxListed = 100

// OfSummary lists what a member's daily email is about, oldest first, and how much
// more there is.
func (s *NewsLog) OfSummary(ctx context.Context, member, email string) (list []News, more int, err error) {
	err = s.db.Read(ctx, func(db sqldb.Queryer) error {
		var total int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM summary_news WHERE member = $1 AND email = $2`,
			member, email).Scan(&total); err != nil {
			return err
		}
		list, err = read(ctx, db, `
			SELECT `+newsColumns+` FROM news
			WHERE  id IN (SELECT news FROM summary_news WHERE member = $1 AND email = $2)
			ORDER BY created_ms, id LIMIT $3`, []any{member, email, maxListed}, scanNews)
		more = total - len(list)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("reading the news of a day: %w", err)
	}
	return list, more, nil
}

// BrokenSince lists the accounts of a request, or of the agency's own that a member
// owns, that stopped working at a timestamp or later and do not work now, and how many
// more there are.
func (s *NewsLog) BrokenSince(
	ctx context.Context, agency, request, owner string, since onboarding.Timestamp,
) (items []onboarding.Item, more int, err error) {
	const broken = ` FROM items
		WHERE  agency = $1 AND request = $2 AND owner = $3 AND state <> 'ended' AND access_state = 'broken'
		  AND  id IN (SELECT item FROM news WHERE request = $2 AND kind = $4 AND agency = $1 AND created_ms >= $5)`
	args := []any{agency, request, owner, onboarding.NewsAttention, since}
	err = s.db.Read(ctx, func(db sqldb.Queryer) error {
		var total int
		if err := db.QueryRowContext(ctx, `SELECT count(*)`+broken, args...).Scan(&total); err != nil {
			return err
		}
		items, err = read(ctx, db, `SELECT `+itemColumns+broken+` ORDER BY service, name, id LIMIT $6`,
			append(args, maxListed), scanItem)
		more = total - len(items)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("reading what stopped working: %w", err)
	}
	return items, more, nil
}

// WithdrawnSince lists what the client of a request withdrew in one go from a timestamp on,
// and how many more there are: later ones are another email's. What has ended since is
// among it.
func (s *NewsLog) WithdrawnSince(
	ctx context.Context, agency, request string, since onboarding.Timestamp,
) (items []onboarding.Item, more int, err error) {
	const withdrawn = ` FROM items WHERE agency = $1 AND request = $2 AND withdrawn_ms >= $3
		AND withdrawn_ms < $4`
	args := []any{agency, request, max(since, 1), since + joinedDelay}
	err = s.db.Read(ctx, func(db sqldb.Queryer) error {
		var total int
		if err := db.QueryRowContext(ctx, `SELECT count(*)`+withdrawn, args...).Scan(&total); err != nil {
			return err
		}
		items, err = read(ctx, db, `SELECT `+itemColumns+withdrawn+` ORDER BY service, name, id LIMIT $5`,
			append(args, maxListed), scanItem)
		more = total - len(items)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("reading what was withdrawn: %w", err)
	}
	return items, more, nil
}

// IsReplaced reports whether a sign-in of the agency's own has a newer one as the same
// user, by the same member or by a colleague who shares it with them.
func (s *NewsLog) IsReplaced(ctx context.Context, x onboarding.Connection, agency string) (bool, error) {
	newer, err := countNewerSignIns(ctx, s.db, agency, x)
	if err != nil {
		return false, fmt.Errorf("reading the sign-ins of a user: %w", err)
	}
	return newer > 0, nil
}

func countNewerSignIns(
	ctx context.Context, q queryer, agency string, x onboarding.Connection,
) (newer int64, err error) {
	err = q.QueryRowContext(ctx, `
		SELECT count(*) FROM connections newer JOIN connections former ON former.id = $1 AND newer.id <> former.id
		WHERE  newer.agency = $2 AND newer.platform = former.platform AND newer.user_id = former.user_id
		  AND  newer.ended_ms = 0 AND newer.created_ms > former.created_ms
		  AND  (newer.member = former.member OR `+colleaguesReplace+`)`, x.ID, agency).Scan(&newer)
	return newer, err
}

// expiringBefore is how long before a request's link ends its owner is told.
const expiringBefore = 3 * day

// scheduleEnd writes the jobs of the end of a request's link.
func scheduleEnd(t *agencyTx, request string, ends onboarding.Timestamp) error {
	if ends-expiringBefore > t.now {
		if err := schedule(t, JobExpiring, request, ends-expiringBefore); err != nil {
			return err
		}
	}
	return schedule(t, JobExpire, request, ends)
}

// reportExpiring records that a request's link ends soon, and nobody has finished it.
func reportExpiring(c *changeTx, job Job) error {
	r, exists, err := findRequest(c, job.Subject)
	if err != nil || !exists || r.Finished != 0 || r.LinkState(c.now) != nil {
		return err
	}
	if due := r.Expires - expiringBefore; due > c.now {
		return schedule(c.agencyTx, JobExpiring, r.ID, due)
	}
	return recordNews(c, News{Kind: onboarding.NewsExpiring, Request: r.ID, Owner: r.Owner})
}

// nextSignInNotice is when members are next told that a sign-in ends: fourteen and
// three days before. Zero: not again.
func nextSignInNotice(ends, now onboarding.Timestamp) onboarding.Timestamp {
	for _, before := range []onboarding.Timestamp{14 * day, 3 * day} {
		if ends != 0 && ends-before > now {
			return ends - before
		}
	}
	return 0
}

func scheduleSignIn(t *agencyTx, x onboarding.Connection) error {
	if next := nextSignInNotice(x.Ends, t.now); next != 0 {
		return schedule(t, JobSignIn, x.ID, next)
	}
	return nil
}

// reportSignIn records that a sign-in of the agency's own ends soon, unless a newer
// one of the same user has replaced it.
func reportSignIn(c *changeTx, job Job) error {
	x, err := connectionByID(c, job.Subject)
	if errors.Is(err, onboarding.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	newer, err := countNewerSignIns(c.ctx, c, c.agency, x)
	if err != nil {
		return err
	}
	if x.Ended != 0 || newer > 0 {
		return nil
	}
	if err := scheduleSignIn(c.agencyTx, x); err != nil {
		return err
	}
	var outages int64
	if err := c.row(`SELECT count(*) FROM outages WHERE agency = $1 AND subject = $2 AND ended_ms = 0`,
		c.agency, onboarding.OutageConnection+x.ID).Scan(&outages); err != nil {
		return err
	}
	if outages > 0 {
		return nil // members were told of it
	}
	return recordNews(c, News{
		Kind: onboarding.NewsSignIn, Connection: x.ID, Owner: x.Member,
	})
}
