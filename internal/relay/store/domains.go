package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Domains are the domains of agencies' own.
type Domains struct{ *handle }

// Domain is a row: what people read, and when it is checked.
type Domain struct {
	onboarding.Domain
	Agency string
	Due    onboarding.Timestamp // zero: it is not checked by itself

	mac []byte
}

// How often a domain is checked, and how long.
const (
	domainInterval = 6 * hour
	domainRetry    = 10 * minute // while something is wrong, or not ready
	domainGrace    = day         // an answer of the DNS may be wrong for a while
	domainLeaves   = 60 * day    // links that are out open at a domain that was removed
	domainEager    = 2 * day     // a new one is checked often
	domainPatience = 30 * day    // then it is checked where a member asks for it
)

// Of its own domains an agency may have so many verified in a week: each takes a
// certificate, of which an authority gives the relay only so many.
const (
	domainsPerWeek = 3
	week           = 7 * day
)

const domainColumns = `agency, name, token, state, proposed_ms, verified_ms, ready_ms, failing_ms, left_ms, checked_ms,
	problem, found, due_ms, mac`

func scanDomain(row scanner) (Domain, error) {
	var d Domain
	err := row.Scan(&d.Agency, &d.Name, &d.Token, &d.State, &d.Proposed, &d.Verified, &d.Ready, &d.Failing, &d.Left,
		&d.Checked, &d.Problem, &d.Found, &d.Due, &d.mac)
	return d, err
}

// domainColumnsSigned are what decides whose clients are served at a name.
func domainColumnsSigned(d Domain) []string {
	return []string{d.Agency, d.Name, d.Token, string(d.State)}
}

func signedDomain(row scanner) (signedRow, error) {
	r := signedRow{signed: "domains"}
	d, err := scanDomain(row)
	r.id, r.key, r.mac, r.columns = d.Agency+" "+d.Name, []any{d.Agency, d.Name}, d.mac, domainColumnsSigned(d)
	r.values = map[string]string{"name": d.Name, "token": d.Token, "state": string(d.State)}
	return r, err
}

// isGenuine reports whether a row is as the relay wrote it. Nothing is served on the word of
// another one.
func (h *handle) isGenuine(d Domain) bool {
	return h.signer.VerifyRow(d.mac, "domains", domainColumnsSigned(d)...)
}

func listDomains(ctx context.Context, q queryer, agency string) ([]Domain, error) {
	return read(ctx, q, `
		SELECT `+domainColumns+` FROM domains WHERE agency = $1 ORDER BY proposed_ms, name`, []any{agency}, scanDomain)
}

// living is the domain of an agency that it has not removed.
func living(list []Domain) (Domain, bool) {
	at := slices.IndexFunc(list, func(d Domain) bool { return d.State != onboarding.DomainLeaving })
	if at < 0 {
		return Domain{}, false
	}
	return list[at], true
}

// Get returns the agency's domain. ErrNotFound: it has none.
func (s *Domains) Get(ctx context.Context, agency string) (Domain, error) {
	list, err := listDomains(ctx, s.db, agency)
	if err != nil {
		return Domain{}, fmt.Errorf("reading an agency's domain: %w", err)
	}
	d, exists := living(list)
	if !exists {
		return Domain{}, fmt.Errorf("reading an agency's domain: %w", onboarding.ErrNotFound)
	}
	return d, nil
}

// Leaving are the domains that an agency has removed and at which its links still open.
func (s *Domains) Leaving(ctx context.Context, agency string) ([]Domain, error) {
	list, err := listDomains(ctx, s.db, agency)
	if err != nil {
		return nil, fmt.Errorf("reading an agency's former domains: %w", err)
	}
	return slices.DeleteFunc(list, func(d Domain) bool { return d.State != onboarding.DomainLeaving }), nil
}

// Served are the domains at which links open, of all agencies. A row that something else
// than the relay wrote is none.
func (s *Domains) Served(ctx context.Context) ([]Domain, error) {
	list, err := read(ctx, s.db, `
		SELECT `+domainColumns+` FROM domains WHERE state IN ('verified', 'leaving')`, nil, scanDomain)
	if err != nil {
		return nil, fmt.Errorf("listing the domains: %w", err)
	}
	return slices.DeleteFunc(list, func(d Domain) bool { return !s.isGenuine(d) }), nil
}

// ForLinks is the domain that an agency's new links and emails have; empty: the relay's
// own address.
func (s *Domains) ForLinks(ctx context.Context, agency string) (string, error) {
	name, err := s.forLinks(ctx, s.db, agency)
	if err != nil {
		return "", fmt.Errorf("reading the domain of links: %w", err)
	}
	return name, nil
}

func (h *handle) forLinks(ctx context.Context, q queryer, agency string) (string, error) {
	list, err := read(ctx, q, `
		SELECT `+domainColumns+` FROM domains
		WHERE  agency = $1 AND state = 'verified' AND ready_ms > 0 AND failing_ms = 0`, []any{agency}, scanDomain)
	for _, d := range list {
		if h.isGenuine(d) {
			return d.Name, nil
		}
	}
	return "", err
}

// changeDomains runs fn on an agency's domains. Where its links have another address
// afterwards, each hub reads all of them again.
func (s *Domains) changeDomains(ctx context.Context, agency string, fn func(c *changeTx, list []Domain) error) error {
	return s.change(ctx, agency, func(c *changeTx) error {
		before, err := s.forLinks(ctx, c, agency)
		if err != nil {
			return err
		}
		list, err := listDomains(ctx, c, agency)
		if err != nil {
			return err
		}
		if err := fn(c, list); err != nil {
			return err
		}
		after, err := s.forLinks(ctx, c, agency)
		if err != nil {
			return err
		}
		if after != before {
			if err := c.exec(`UPDATE agencies SET visibility = visibility + 1 WHERE id = $1`, agency); err != nil {
				return err
			}
			if err := c.bump(kindAgency, agency, "", audienceAll); err != nil {
				return err
			}
		}
		if err := tellOfDomains(c, list); err != nil {
			return err
		}
		return publishLostDomain(c)
	})
}

// publishLostDomain has the agency's row name the domain that is lost, so that hubs show it.
func publishLostDomain(c *changeTx) error {
	lost, err := c.texts(`SELECT name FROM domains WHERE agency = $1 AND state = 'lost'`, c.agency)
	if err != nil {
		return err
	}
	name := ""
	if len(lost) > 0 {
		name = lost[0]
	}
	var before string
	if err := c.row(`SELECT domain_lost FROM agencies WHERE id = $1`, c.agency).Scan(&before); err != nil {
		return err
	}
	if before == name {
		return nil
	}
	if err := c.exec(`UPDATE agencies SET domain_lost = $1 WHERE id = $2`, name, c.agency); err != nil {
		return err
	}
	return c.bump(kindAgency, c.agency, "", audienceAll)
}

// Propose stores the domain that an agency wants; it is due to be checked at once. The same
// again changes nothing. An InvalidError: the agency has another, or has had too many.
func (s *Domains) Propose(ctx context.Context, agency, name, token string) (Domain, error) {
	d := Domain{Domain: onboarding.Domain{Name: name, Token: token, State: onboarding.DomainProposed}, Agency: agency}
	err := s.changeDomains(ctx, agency, func(c *changeTx, list []Domain) error {
		if has, exists := living(list); exists && has.Name == name {
			d = has
			return errUnchanged
		} else if exists {
			return onboarding.Invalid("domain", "Remove "+has.Name+" first. Links that are out still open there.")
		}
		verified := 0
		for _, former := range list {
			if former.Verified > c.now-week {
				verified++
			}
			if former.Name == name {
				d.Token, d.Verified = former.Token, former.Verified
			}
		}
		if verified >= domainsPerWeek {
			return onboarding.Invalid("domain", fmt.Sprintf(
				"Your agency has used %d domains within a week. Wait until a week has passed.", domainsPerWeek))
		}
		d.Proposed, d.Due = c.now, c.now
		return s.put(c, d)
	})
	if err != nil {
		return Domain{}, fmt.Errorf("proposing a domain: %w", err)
	}
	return d, nil
}

func (s *Domains) put(c *changeTx, d Domain) error {
	return c.execNamed(`
		INSERT INTO domains (`+domainColumns+`)
		VALUES (@agency, @name, @token, @state, @proposed, @verified, @ready, @failing, @left, @checked, @problem, @found,
		        @due, @mac)
		ON CONFLICT (agency, name) DO UPDATE SET token = excluded.token, state = excluded.state,
		proposed_ms = excluded.proposed_ms, verified_ms = excluded.verified_ms, ready_ms = excluded.ready_ms,
		failing_ms = excluded.failing_ms, left_ms = excluded.left_ms, checked_ms = excluded.checked_ms,
		problem = excluded.problem, found = excluded.found, due_ms = excluded.due_ms, mac = excluded.mac`, named{
		"name":     d.Name,
		"token":    d.Token,
		"state":    d.State,
		"proposed": d.Proposed,
		"verified": d.Verified,
		"ready":    d.Ready,
		"failing":  d.Failing,
		"left":     d.Left,
		"checked":  d.Checked,
		"problem":  d.Problem,
		"found":    d.Found,
		"due":      d.Due,
		"agency":   d.Agency,
		"mac":      s.signer.SignRow("domains", domainColumnsSigned(d)...),
	})
}

func deleteDomain(c *changeTx, agency, name string) error {
	return c.exec(`DELETE FROM domains WHERE agency = $1 AND name = $2`, agency, name)
}

// Remove ends the use of an agency's domain. Where links may be out that have it, they open
// there for a while. Another name than it has changes nothing.
func (s *Domains) Remove(ctx context.Context, agency, name string) error {
	err := s.changeDomains(ctx, agency, func(c *changeTx, list []Domain) error {
		d, exists := living(list)
		switch {
		case !exists || d.Name != name:
			return errUnchanged
		case d.State != onboarding.DomainVerified || !s.isGenuine(d):
			return deleteDomain(c, agency, name)
		}
		d.State, d.Left, d.Due = onboarding.DomainLeaving, c.now, c.now+domainInterval
		return s.put(c, d)
	})
	if err != nil {
		return fmt.Errorf("removing a domain: %w", err)
	}
	return nil
}

// Claim returns a domain that is due to be checked; meanwhile no other relay gets it.
// ErrNotFound: none is due. One that something else than the relay wrote is not checked.
func (s *Domains) Claim(ctx context.Context) (Domain, error) {
	var d Domain
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) (err error) {
		now := s.timestamp()
		d, err = scanDomain(tx.QueryRowContext(ctx, `
			SELECT `+domainColumns+` FROM domains WHERE due_ms > 0 AND due_ms <= $1 ORDER BY due_ms, agency, name LIMIT 1`,
			now))
		if err != nil {
			return err
		}
		next := now + domainRetry
		if !s.isGenuine(d) {
			next = 0
		}
		_, err = tx.ExecContext(ctx, `UPDATE domains SET due_ms = $1 WHERE agency = $2 AND name = $3`,
			next, d.Agency, d.Name)
		return err
	})
	if err == nil && !s.isGenuine(d) {
		return d, fmt.Errorf("checking the domain %s: %w", d.Name, ErrTampered)
	}
	return d, wrapNotFound(err, "finding a domain to check")
}

// DomainCheck is what a check of a domain met.
type DomainCheck struct {
	Problem onboarding.DomainProblem // empty: its records are right
	Found   string                   // what the DNS has instead
	// Ready: with its records right, it can be served at once.
	Ready bool
}

// RecordCheck stores what a check of a domain met. A domain that changed meanwhile stays as
// it is. It returns the domain as it is then; ErrNotFound: it is gone.
func (s *Domains) RecordCheck(ctx context.Context, checked Domain, check DomainCheck) (d Domain, err error) {
	err = s.changeDomains(ctx, checked.Agency, func(c *changeTx, list []Domain) error {
		at := slices.IndexFunc(list, func(d Domain) bool { return d.Name == checked.Name })
		if at < 0 {
			return onboarding.ErrNotFound
		}
		d = list[at]
		switch {
		case !s.isGenuine(d):
			return ErrTampered
		case d.State != checked.State || d.Token != checked.Token || d.Proposed != checked.Proposed:
			return errUnchanged
		}
		return s.recordCheck(c, &d, check)
	})
	if err != nil {
		return d, fmt.Errorf("recording the check of the domain %s: %w", checked.Name, err)
	}
	return d, nil
}

func (s *Domains) recordCheck(c *changeTx, d *Domain, check DomainCheck) error {
	d.Checked, d.Problem, d.Found = c.now, check.Problem, check.Found
	served := d.Serves()
	if d.Problem == "" && !served {
		if err := s.claimName(c, d); err != nil {
			return err
		}
	}
	if d.isOver(c.now) {
		return deleteDomain(c, d.Agency, d.Name)
	}
	if check.Ready && d.Problem == "" && d.Serves() && d.Ready == 0 {
		d.Ready = c.now
	}
	if d.advance(c.now); d.Serves() && d.Ready == 0 && !served {
		d.Due = c.now // it is made ready
	}
	return s.put(c, *d)
}

// claimName makes a domain whose records are right the agency's, unless another has it. An
// agency that removed it, or that it was lost for, has it no more.
func (s *Domains) claimName(c *changeTx, d *Domain) error {
	others, err := read(c.ctx, c, `
		SELECT `+domainColumns+` FROM domains WHERE name = $1 AND agency <> $2`, []any{d.Name, d.Agency}, scanDomain)
	if err != nil {
		return err
	}
	for _, other := range others {
		switch {
		case other.State == onboarding.DomainVerified && s.isGenuine(other):
			d.Problem = onboarding.DomainTaken
			return nil
		case other.Serves():
			if err := deleteDomain(c, other.Agency, other.Name); err != nil {
				return err
			}
		}
	}
	d.State, d.Verified, d.Ready, d.Failing = onboarding.DomainVerified, c.now, 0, 0
	return nil
}

// advance is what a check makes of a domain. What the relay itself could not find out
// counts for nothing.
func (d *Domain) advance(now onboarding.Timestamp) {
	if d.Serves() {
		switch {
		case d.Problem == "":
			d.Failing = 0
		case d.Failing == 0 && d.Problem != onboarding.DomainUnknown:
			d.Failing = now
		}
		if d.State == onboarding.DomainVerified && d.hasFailedForLong(now) {
			d.State, d.Ready = onboarding.DomainLost, 0
		}
	}
	d.schedule(now)
}

// schedule sets when a domain is checked next.
func (d *Domain) schedule(now onboarding.Timestamp) {
	d.Due = now + domainInterval
	switch {
	case d.Serves() && (d.Problem != "" || d.Ready == 0),
		d.State == onboarding.DomainProposed && now-d.Proposed < domainEager:
		d.Due = now + domainRetry
	case d.State == onboarding.DomainProposed && now-d.Proposed > domainPatience,
		d.State == onboarding.DomainLost && now-d.Failing > domainPatience:
		d.Due = 0
	}
}

func (d *Domain) hasFailedForLong(now onboarding.Timestamp) bool {
	return d.Failing != 0 && d.Problem != "" && d.Problem != onboarding.DomainUnknown && now-d.Failing >= domainGrace
}

// isOver reports whether a domain that was removed is served no more.
func (d *Domain) isOver(now onboarding.Timestamp) bool {
	return d.State == onboarding.DomainLeaving && (now-d.Left >= domainLeaves || d.hasFailedForLong(now))
}

// RecordReady stores whether a verified domain can be served now: an empty problem, or what
// keeps it from that.
func (s *Domains) RecordReady(
	ctx context.Context, checked Domain, problem onboarding.DomainProblem, found string,
) (d Domain, err error) {
	err = s.changeDomains(ctx, checked.Agency, func(c *changeTx, list []Domain) error {
		at := slices.IndexFunc(list, func(d Domain) bool { return d.Name == checked.Name })
		if at < 0 {
			return onboarding.ErrNotFound
		}
		d = list[at]
		if !s.isGenuine(d) {
			return ErrTampered
		}
		if !d.Serves() || d.Failing != 0 || problem == "" && d.Ready != 0 && d.Problem == "" {
			return errUnchanged
		}
		d.Problem, d.Found = problem, found
		switch {
		case problem != "":
			d.Ready = 0
		case d.Ready == 0:
			d.Ready = c.now
		}
		d.schedule(c.now)
		return s.put(c, d)
	})
	if err != nil {
		return d, fmt.Errorf("recording that the domain %s is served: %w", checked.Name, err)
	}
	return d, nil
}

// proposeRestored makes the domains of a database that was restored proposals again: since
// the backup they may have become another agency's. All are checked at once.
func (s *Domains) proposeRestored(ctx context.Context, agency string) error {
	return s.changeDomains(ctx, agency, func(c *changeTx, list []Domain) error {
		for _, d := range list {
			switch {
			case !s.isGenuine(d):
				continue
			case d.State == onboarding.DomainLeaving:
				d.Due = c.now
			default:
				d.State, d.Ready, d.Failing, d.Proposed, d.Due = onboarding.DomainProposed, 0, 0, c.now, c.now
			}
			if err := s.put(c, d); err != nil {
				return err
			}
		}
		return nil
	})
}
