package store

import (
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// domainEmailDelay is how long an email about a domain waits: what works again within it is
// not written about.
const domainEmailDelay = 10 * minute

// isUsable reports whether links open at a domain that its agency has.
func (d Domain) isUsable() bool { return d.State == onboarding.DomainVerified && d.Ready != 0 }

// tellOfDomains writes to the main users when a domain that worked is lost, or has no
// certificate any more, and when it works again: once each, of one domain at most once a day.
// What the agency itself removed or a restore put back is no news.
func tellOfDomains(c *changeTx, before []Domain) error {
	after, err := listDomains(c.ctx, c, c.agency)
	if err != nil {
		return err
	}
	for _, d := range after {
		at := slices.IndexFunc(before, func(b Domain) bool { return b.Name == d.Name })
		if at < 0 {
			continue
		}
		fell := d.State == onboarding.DomainLost || d.State == onboarding.DomainVerified && d.Ready == 0
		switch {
		case before[at].isUsable() && fell:
			err = tellOfLoss(c, d)
		case !before[at].isUsable() && d.isUsable():
			err = tellOfReturn(c, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func tellOfLoss(c *changeTx, d Domain) error {
	var told int
	if err := c.row(`SELECT count(*) FROM emails WHERE agency = $1 AND kind = $2 AND about = $3 AND created_ms > $4`,
		c.agency, EmailDomainLost, d.Name, c.now-day).Scan(&told); err != nil || told > 0 {
		return err
	}
	if err := emailOfDomain(c, EmailDomainLost, d); err != nil {
		return err
	}
	return c.exec(`UPDATE domains SET told_ms = $1 WHERE agency = $2 AND name = $3`, c.now, c.agency, d.Name)
}

func tellOfReturn(c *changeTx, d Domain) error {
	var told onboarding.Timestamp
	if err := c.row(`SELECT told_ms FROM domains WHERE agency = $1 AND name = $2`, c.agency, d.Name).
		Scan(&told); err != nil || told == 0 {
		return err
	}
	if err := c.exec(`UPDATE domains SET told_ms = 0 WHERE agency = $1 AND name = $2`, c.agency, d.Name); err != nil {
		return err
	}
	if c.now-told < domainEmailDelay { // the email of the loss has not gone out, and does not
		return nil
	}
	return emailOfDomain(c, EmailDomainWorks, d)
}

func emailOfDomain(c *changeTx, kind EmailKind, d Domain) error {
	members, err := c.texts(`SELECT id FROM members WHERE agency = $1 AND removed_ms = 0 AND role = $2 ORDER BY id`,
		c.agency, onboarding.MainUser)
	if err != nil {
		return err
	}
	for _, member := range members {
		email := Email{Kind: kind, Member: member, About: d.Name}
		if kind == EmailDomainLost {
			email.NotBefore = c.now + domainEmailDelay
		}
		if err := enqueue(c.agencyTx, email); err != nil {
			return err
		}
	}
	return nil
}
