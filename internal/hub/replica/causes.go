package replica

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// The subjects of causes, beside SubjectConnection; an onboarding.Platform
// follows, but for SubjectRelay, SubjectKeychain and SubjectUnclear.
const (
	SubjectApp      = "app:"      // the relay's app at a platform
	SubjectPlatform = "platform:" // a platform that does not answer
	SubjectRelay    = "relay"     // the relay does not answer
	SubjectKeychain = "keychain"  // this computer's keychain is closed
	SubjectUnclear  = "unclear"   // an answer of the platform that a second check has to confirm
)

// Cause is why items could not be checked, although the platform has reported
// nothing against them. It is stored once for all of them; each keeps the result
// of its last check.
type Cause struct {
	Subject string               // where it belongs
	Service onboarding.Service   // at which it was met
	Failure catalog.FailureCode  // empty: the relay or the keychain
	Code    string               // the platform's own; may be empty
	Since   onboarding.Timestamp // when it was first met
	Items   int                  // how many items have it
	Checked onboarding.Timestamp // the oldest of their last results; zero: one has none
}

// StoreCause stores why the check of an item has no result, and when it is
// repeated. A check that became due meanwhile stays due and keeps its cause: see
// RescheduleCheck. It alerts once for each cause that somebody has to fix. The
// time at which an item first met a cause stays: from then on an unclear answer
// waits for the check that confirms it.
func (r *Replica) StoreCause(ctx context.Context, check ScheduledCheck, cause Cause, due onboarding.Timestamp) error {
	return r.Update(ctx, func(tx *Tx) error {
		if stored, err := setCause(ctx, tx, check, cause.Subject, due); err != nil || !stored {
			return err
		}
		if cause.Subject != SubjectUnclear {
			if err := storeCause(ctx, tx, cause); err != nil {
				return err
			}
		}
		return dropUnusedCauses(ctx, tx)
	})
}

func storeCause(ctx context.Context, s *Tx, cause Cause) error {
	var known int
	if err := s.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM causes WHERE subject = $1`, cause.Subject).Scan(&known); err != nil {
		return fmt.Errorf("storing the cause %s: %w", cause.Subject, err)
	}
	if _, err := s.ExecContext(ctx, `
		INSERT INTO causes (subject, service, failure, code, since_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (subject) DO UPDATE SET failure = excluded.failure, code = excluded.code`,
		cause.Subject, string(cause.Service), string(cause.Failure), cause.Code, s.Now()); err != nil {
		return fmt.Errorf("storing the cause %s: %w", cause.Subject, err)
	}
	if connection, ok := strings.CutPrefix(cause.Subject, SubjectConnection); ok {
		s.Change.Connections = append(s.Change.Connections, connection)
	}
	reported, err := ReadOutages(ctx, s.Tx)
	if err != nil {
		return err
	}
	if _, alerted := reported[cause.Subject]; alerted || known > 0 {
		return nil
	}
	return alertStopped(ctx, s, cause)
}

// alertStopped alerts to a cause that somebody has to fix.
func alertStopped(ctx context.Context, s *Tx, cause Cause) error {
	view, err := describeCause(ctx, s.Tx, s.texts, cause)
	if err != nil {
		return err
	}
	if view.NeedsUser() {
		s.Alert(Alert{Kind: ChecksStopped, Title: view.Title, Connection: view.Connection})
	}
	return nil
}

// alertOutages alerts to what other hubs of the agency have reported since before, unless
// this one has met it too and has alerted already.
func (a applier) alertOutages(ctx context.Context, before map[string]onboarding.Outage) error {
	reported, err := ReadOutages(ctx, a.Tx)
	if err != nil {
		return err
	}
	for _, subject := range slices.Sorted(maps.Keys(reported)) {
		if _, lasted := before[subject]; lasted {
			continue
		}
		var met int
		if err := a.QueryRowContext(ctx, `SELECT COUNT(*) FROM causes WHERE subject = $1`, subject).Scan(&met); err != nil {
			return fmt.Errorf("reading whether %s was met here: %w", subject, err)
		}
		if met > 0 {
			continue
		}
		if err := alertStopped(ctx, a.Tx, causeOf(reported[subject])); err != nil {
			return err
		}
	}
	return nil
}

// causeOf is an outage as a cause of which this hub knows no items.
func causeOf(o onboarding.Outage) Cause {
	return Cause{
		Subject: o.Subject, Service: o.Service, Failure: catalog.FailureCode(o.Failure), Code: o.Code, Since: o.Since,
	}
}

// setCause reports whether it stored the cause of an item.
func setCause(
	ctx context.Context, s *Tx, check ScheduledCheck, subject string, due onboarding.Timestamp,
) (stored bool, err error) {
	result, err := s.ExecContext(ctx, `
		UPDATE checks SET due_ms = $1, attempt = $2, cause = $3,
		       cause_ms = CASE WHEN cause = $3 THEN cause_ms ELSE $4 END
		WHERE  item = $5 AND due_ms = $6`, due, check.Attempt, subject, s.Now(), check.Item, check.Due)
	if err != nil {
		return false, fmt.Errorf("storing why item %s was not checked: %w", check.Item, err)
	}
	s.Change.Items = append(s.Change.Items, check.Item)
	n, err := result.RowsAffected()
	return n > 0, err
}

// ReadCauseTime reads since when an item has a cause, and its subject; zero: its
// last check has a result.
func ReadCauseTime(
	ctx context.Context, q sqldb.Queryer, item string,
) (subject string, since onboarding.Timestamp, err error) {
	err = q.QueryRowContext(ctx, `SELECT cause, cause_ms FROM checks WHERE item = $1 AND cause <> ''`, item).
		Scan(&subject, &since)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", 0, fmt.Errorf("reading why item %s was not checked: %w", item, err)
	}
	return subject, since, nil
}

// EndCause notes that the check of an item has a result again: its cause, if it
// had one, is over, and all others with the same one are due.
func (r *Replica) EndCause(ctx context.Context, item string) error {
	cause, _, err := ReadCauseTime(ctx, r.db, item)
	if err != nil || cause == "" {
		return err
	}
	return r.Update(ctx, func(tx *Tx) error {
		freed, err := readTexts(ctx, tx.Tx, `
			UPDATE checks SET cause = '', cause_ms = 0, due_ms = CASE WHEN item = $1 THEN due_ms ELSE $2 END
			WHERE  item = $1 OR cause = $3 AND cause <> $4 RETURNING item`, item, tx.Now(), cause, SubjectUnclear)
		if err != nil {
			return fmt.Errorf("ending why item %s was not checked: %w", item, err)
		}
		tx.Change.Items = append(tx.Change.Items, freed...)
		if connection, ok := strings.CutPrefix(cause, SubjectConnection); ok {
			tx.Change.Connections = append(tx.Change.Connections, connection)
		}
		return dropUnusedCauses(ctx, tx)
	})
}

func dropUnusedCauses(ctx context.Context, s *Tx) error {
	_, err := s.ExecContext(ctx, `DELETE FROM causes WHERE subject NOT IN (SELECT cause FROM checks)`)
	if err != nil {
		return fmt.Errorf("dropping causes that are over: %w", err)
	}
	return nil
}

const selectCauses = `
	SELECT subject, service, failure, code, since_ms, COUNT(*), MIN(items.checked_ms)
	FROM   causes JOIN checks ON cause = subject JOIN items ON items.id = checks.item`

func scanCause(rows *sql.Rows, c *Cause) error {
	return rows.Scan(&c.Subject, &c.Service, &c.Failure, &c.Code, &c.Since, &c.Items, &c.Checked)
}

// readCauseOf reads why an item could not be checked, by the subject of its cause;
// nil: its last check has a result.
func readCauseOf(
	ctx context.Context, q sqldb.Queryer, texts *catalog.Catalog, item, subject string,
) (*CauseView, error) {
	if subject == SubjectUnclear {
		return &CauseView{Subject: SubjectUnclear}, nil
	}
	var found []Cause
	var err error
	if subject != "" {
		found, err = scanRows(ctx, q, scanCause, selectCauses+` WHERE checks.item = $1 GROUP BY subject`, item)
	}
	if err != nil || len(found) == 0 {
		return nil, err
	}
	view, err := describeCause(ctx, q, texts, found[0])
	return &view, err
}

// CauseView is a cause as the screens show it. The texts of a cause of the relay,
// the keychain or an unclear answer are the screens' own.
type CauseView struct {
	Subject    string               `json:"subject"`
	Service    onboarding.Service   `json:"service"`
	Connection string               `json:"connection"` // of a sign-in that has ended; else empty
	User       string               `json:"user"`       // its platform user's name
	Failure    string               `json:"failure"`
	Code       string               `json:"code"` // the platform's own
	Title      string               `json:"title"`
	Message    string               `json:"message"`
	Who        string               `json:"who"`
	Next       string               `json:"next"`
	Fix        catalog.Fix          `json:"fix" ts:"empty"`
	Note       string               `json:"note"`
	Open       string               `json:"open"`
	Since      onboarding.Timestamp `json:"since"`
	Items      int                  `json:"items"`   // how many accounts were not checked
	Checked    onboarding.Timestamp `json:"checked"` // the oldest of their last results; zero: one has none
}

// NeedsUser reports whether somebody has to fix the cause. Of all others there is
// nothing to do but wait.
func (v CauseView) NeedsUser() bool {
	return v.Subject == SubjectKeychain || v.Fix != "" && v.Fix != catalog.FixCheck &&
		(v.Connection != "" || strings.HasPrefix(v.Subject, SubjectApp))
}

// Causes lists why items could not be checked, for the screens. A relay that
// does not answer is not among them: the session shows that.
func (r *Replica) Causes(ctx context.Context) ([]CauseView, error) {
	views := []CauseView{}
	all, err := scanRows(ctx, r.db, scanCause, selectCauses+` GROUP BY subject ORDER BY since_ms, subject`)
	if err != nil {
		return nil, err
	}
	reported, err := ReadOutages(ctx, r.db)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		delete(reported, c.Subject)
	}
	for _, subject := range slices.Sorted(maps.Keys(reported)) { // of the agency's other hubs alone
		all = append(all, causeOf(reported[subject]))
	}
	for _, c := range all {
		if c.Subject == SubjectRelay {
			continue
		}
		view, err := describeCause(ctx, r.db, r.config.Catalog, c)
		if err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

// ReadOutages returns the sign-ins of the agency's own and the apps that do not work, as
// its hubs have reported to the relay, by their subjects.
func ReadOutages(ctx context.Context, q sqldb.Queryer) (map[string]onboarding.Outage, error) {
	found := map[string]onboarding.Outage{}
	connections, err := ReadConnections(ctx, q)
	if err != nil {
		return nil, err
	}
	newer := map[string]bool{} // sign-ins of the same user, by the same member: the newest counts
	for _, c := range connections {
		if c.Ended != 0 {
			continue
		}
		of := c.Member + " " + string(c.Platform) + " " + c.User.ID
		if c.Outage != nil && !newer[of] {
			found[SubjectConnection+c.ID] = *c.Outage
		}
		newer[of] = true
	}
	agency, err := ReadAgency(ctx, q)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return nil, err
	}
	for _, o := range agency.Outages {
		found[o.Subject] = o
	}
	return found, nil
}

// ReadUnaffected counts the accounts at a platform that a cause stops, and lists the
// others whose last check had a good result.
func ReadUnaffected(
	ctx context.Context, q sqldb.Queryer, subject string, of onboarding.Platform,
) (stopped int, others []string, err error) {
	if err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM checks WHERE cause = $1`, subject).Scan(&stopped); err != nil {
		return 0, nil, fmt.Errorf("counting what %s stops: %w", subject, err)
	}
	others, err = readTexts(ctx, q, `
		SELECT id FROM items
		WHERE  listed = 1 AND platform = $1 AND rank = $2 AND checked_ms > 0
		  AND  id NOT IN (SELECT item FROM checks WHERE cause <> '')`, string(of), rankConnected)
	return stopped, others, err
}

func describeCause(ctx context.Context, q sqldb.Queryer, texts *catalog.Catalog, c Cause) (CauseView, error) {
	view := CauseView{
		Subject: c.Subject, Service: c.Service, Failure: string(c.Failure), Code: c.Code, Since: c.Since, Items: c.Items,
		Checked: c.Checked,
	}
	if id, ok := strings.CutPrefix(c.Subject, SubjectConnection); ok {
		connection, err := ReadConnection(ctx, q, id)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return view, err
		}
		view.Connection, view.User = id, connection.User.Name
	}
	if c.Failure == "" {
		return view, nil
	}
	said := texts.DescribeForAgency(c.Failure, catalog.Args{
		Service: c.Service, Code: c.Code, When: c.Since, Own: true, Name: view.User, Asset: view.User,
	})
	view.Title, view.Message, view.Who, view.Next = said.Title, said.Message, said.FixedBy, said.NextStep
	view.Fix, view.Note, view.Open = said.Fix, said.Note, said.Open.URL
	if view.Connection != "" && said.Fix == catalog.FixConnect {
		view.Fix = catalog.FixUsers
	}
	return view, nil
}
