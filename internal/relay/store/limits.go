package store

import (
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Limit is what bounds the emails of a kind. Each counts for the address that it goes
// to, once: when it is queued if a page shows what becomes of it, else when it is sent.
type Limit string

// The limits.
const (
	// LimitOutside bounds what goes to clients, and to an address that is to be the
	// agency's: all kinds together by onboarding.Limits.
	LimitOutside Limit = "outside"
	// LimitMembers bounds the notices about what clients do. The timeline has it too.
	LimitMembers Limit = "members"
	// LimitOperator bounds the reports. The log has them all.
	LimitOperator Limit = "operator"
)

// The emails in a day that are not for people outside the agency.
const (
	maxNoticesPerMember = 100
	maxReportsPerAgency = 20
)

// LimitOf is what bounds the emails of a kind; empty: nothing, and none is sent.
func LimitOf(kind EmailKind) Limit {
	switch kind {
	case EmailInvitation, EmailHandOver, EmailReminder, EmailPhoneLink, EmailLinkAgain, EmailRepair, EmailReceipt,
		EmailApproval, EmailAccessWorks, EmailReplyTo:
		return LimitOutside
	case EmailCompletion, EmailFinishedWaiting, EmailNothingConnected, EmailPartFinished, EmailSkipped, EmailDeclined,
		EmailLinkAsked, EmailAccessWithdrawn, EmailNoDevice, EmailStillWaiting,
		EmailCredentialExpiring, EmailAgencySideProblem, EmailNeedsAttention, EmailRequestExpiring, EmailSignInEnds,
		EmailAppProblem, EmailWebhooksOff, EmailDomainLost, EmailDomainWorks, EmailSummary:
		return LimitMembers
	case EmailReport:
		return LimitOperator
	}
	return ""
}

// checkRequestLimit counts the recipients that a request writes to in a day: the
// earlier ones and these, each once.
func checkRequestLimit(c *changeTx, request string, recipients []string, limits onboarding.Limits) error {
	var before int
	list, args := inClause(recipients, request, EmailInvitation, c.now-day)
	if err := c.row(`
		SELECT count(DISTINCT recipient) FROM emails
		WHERE request = $1 AND kind = $2 AND created_ms > $3 AND NOT recipient `+list, args...).Scan(&before); err != nil {
		return err
	}
	if before+len(recipients) > limits.OrDefault().RequestAddresses {
		return onboarding.ErrRateLimited
	}
	return nil
}

// countSending counts an email that is about to be sent, unless it is counted. until is
// when the address may get it; ErrRateLimited: not today.
func countSending(
	t *agencyTx, email Email, to NewRecipient, limits onboarding.Limits,
) (until onboarding.Timestamp, err error) {
	var counted int
	if err := t.row(`SELECT count(*) FROM send_log WHERE email = $1`, email.ID).Scan(&counted); err != nil || counted > 0 {
		return 0, err
	}
	limit := LimitOf(email.Kind)
	switch limit {
	case LimitOutside:
		if until, err = checkAddressLimits(t.reads(), email.Kind, to.Hashes, limits); err != nil || until != 0 {
			return until, err
		}
	case LimitMembers:
		err = checkNoticeLimits(t, to, limits)
	case LimitOperator:
		err = checkReportLimit(t)
	default:
		err = fmt.Errorf("counting an email: nothing limits the kind %q", email.Kind)
	}
	if err != nil {
		return 0, err
	}
	if err := countEmail(t, email, limit, to.Hashes); err != nil || limit != LimitOutside {
		return 0, err
	}
	return 0, checkAgencyLimit(t, limits)
}

// Mailbox is an address that a client typed, as the limits count it.
type Mailbox struct {
	Hashes [][]byte // as in NewRecipient
	Limits onboarding.Limits
}

// EmailBlock is why no email goes from an agency to an address; empty: one may.
type EmailBlock string

// The reasons.
const (
	BlockLimit      EmailBlock = "limit"      // enough went out in the last day
	BlockSuppressed EmailBlock = "suppressed" // the address asked for no emails of the agency
	BlockSuspended  EmailBlock = "suspended"  // the agency is
)

// emailBlockOf is why an email may not be sent, else when it may; zero: now.
func emailBlockOf(
	r agencyRead, kind EmailKind, box Mailbox,
) (block EmailBlock, until onboarding.Timestamp, err error) {
	var suspended int64
	if err := r.row(`SELECT suspended_ms FROM agencies WHERE id = $1`, r.agency).Scan(&suspended); err != nil {
		return "", 0, wrapNotFound(err, "reading agency "+r.agency)
	}
	if suspended != 0 {
		return BlockSuspended, 0, nil
	}
	suppressed, err := anySuppressed(r.ctx, r.q, r.agency, box.Hashes)
	if err != nil {
		return "", 0, err
	}
	if suppressed {
		return BlockSuppressed, 0, nil
	}
	if until, err = checkAddressLimits(r, kind, box.Hashes, box.Limits); err == nil {
		err = checkAgencyLimitBefore(r, box)
	}
	if errors.Is(err, onboarding.ErrRateLimited) {
		return BlockLimit, 0, nil
	}
	return "", until, err
}

// checkAgencyLimitBefore is checkAgencyLimit for an email that is not counted yet.
func checkAgencyLimitBefore(r agencyRead, box Mailbox) error {
	others := 0
	for n, hash := range box.Hashes {
		var addresses, known int
		if err := r.row(`
			SELECT count(DISTINCT address_hash), COALESCE(max(CASE WHEN address_hash = $1 THEN 1 ELSE 0 END), 0)
			FROM   send_log WHERE agency = $2 AND at_ms > $3 AND counted_by = $4`,
			hash, r.agency, r.now-day, LimitOutside).Scan(&addresses, &known); err != nil {
			return err
		}
		if n == 0 {
			others = addresses
		}
		others -= known
	}
	if others >= box.Limits.OrDefault().AgencyAddressesPerDay {
		return onboarding.ErrRateLimited
	}
	return nil
}

// countEmail counts an email under the newest of its address's hashes, at the time when
// it may be sent.
func countEmail(t *agencyTx, email Email, limit Limit, hashes [][]byte) error {
	if err := t.exec(`
		INSERT INTO send_log (email, agency, address_hash, kind, counted_by, at_ms)
		VALUES ($1, $2, $3, $4, $5, $6)`, email.ID, t.agency, hashes[0], email.Kind, limit,
		max(t.now, email.NotBefore)); err != nil {
		return fmt.Errorf("counting an email: %w", err)
	}
	return nil
}

// checkAgencyLimit counts the addresses outside that the agency's emails went to in a
// day, with those of this transaction and those of requests that were deleted.
func checkAgencyLimit(t *agencyTx, limits onboarding.Limits) error {
	var addresses int
	const count = `
		SELECT count(DISTINCT address_hash) FROM send_log
		WHERE agency = $1 AND at_ms > $2 AND counted_by = $3`
	if err := t.row(count, t.agency, t.now-day, LimitOutside).Scan(&addresses); err != nil {
		return err
	}
	if addresses > limits.OrDefault().AgencyAddressesPerDay {
		return onboarding.ErrRateLimited
	}
	return nil
}

// checkAddressLimits allows an address a number of emails a day from the whole agency,
// fewer of the links that clients ask for, and one a minute: until is when
// that has passed since one that a client caused. What clients cause takes nothing away
// from what the agency itself may send.
func checkAddressLimits(
	r agencyRead, kind EmailKind, hashes [][]byte, limits onboarding.Limits,
) (until onboarding.Timestamp, err error) {
	sent, err := readSentEmails(r, hashes)
	if err != nil {
		return 0, err
	}
	limits = limits.OrDefault()
	minuteAgo := r.now - minute
	tooMany := sent.total >= limits.AddressEmails
	switch kind {
	case EmailInvitation:
		tooMany = sent.byAgency >= limits.AddressEmails || sent.lastInvitation > minuteAgo
	case EmailReplyTo, EmailReminder, EmailRepair, EmailApproval:
		tooMany = sent.byAgency >= limits.AddressEmails
	case EmailPhoneLink, EmailLinkAgain:
		tooMany = tooMany || sent.askedLinks >= limits.LinkEmailsPerDay || sent.last > minuteAgo
	}
	switch {
	case tooMany:
		return 0, onboarding.ErrRateLimited
	case sent.lastByClient > minuteAgo:
		return sent.lastByClient + minute, nil
	}
	return 0, nil
}

// sentEmails are the emails that the agency's limits counted for an address in the last
// day. Invitations, reminders of both kinds, repairs and the codes of reply-to addresses
// are of the agency's own accord.
type sentEmails struct {
	total      int
	byAgency   int
	askedLinks int // that a client asked for

	lastInvitation onboarding.Timestamp
	lastByClient   onboarding.Timestamp // the newest that a client caused
	last           onboarding.Timestamp // the newest of all
}

// readSentEmails adds up what is counted under each of an address's hashes.
func readSentEmails(r agencyRead, hashes [][]byte) (sum sentEmails, err error) {
	for _, hash := range hashes {
		var one sentEmails
		err := r.row(`
			SELECT count(*),
			       COALESCE(sum(CASE WHEN kind IN ('invitation', 'reminder', 'repair', 'approval', 'reply_to')
			                    THEN 1 ELSE 0 END), 0),
			       COALESCE(sum(CASE WHEN kind IN ('phone_link', 'link_again') THEN 1 ELSE 0 END), 0),
			       COALESCE(max(CASE WHEN kind = 'invitation' THEN at_ms ELSE 0 END), 0),
			       COALESCE(max(CASE WHEN kind IN ('invitation', 'reminder', 'repair', 'approval') THEN 0 ELSE at_ms END), 0),
			       COALESCE(max(at_ms), 0)
			FROM   send_log WHERE agency = $1 AND at_ms > $2 AND address_hash = $3 AND counted_by = $4`,
			r.agency, r.now-day, hash, LimitOutside,
		).Scan(&one.total, &one.byAgency, &one.askedLinks, &one.lastInvitation, &one.lastByClient, &one.last)
		if err != nil {
			return sentEmails{}, err
		}
		sum.total += one.total
		sum.byAgency += one.byAgency
		sum.askedLinks += one.askedLinks
		sum.lastInvitation = max(sum.lastInvitation, one.lastInvitation)
		sum.lastByClient = max(sum.lastByClient, one.lastByClient)
		sum.last = max(sum.last, one.last)
	}
	return sum, nil
}

// checkNoticeLimits bounds the notices to a member, and those of the whole agency, as
// many as the addresses that it may write to. An address that somebody typed for a
// member, and at which nobody has enrolled, gets no more than a client's.
func checkNoticeLimits(t *agencyTx, to NewRecipient, limits onboarding.Limits) error {
	enrolled, err := t.texts(`
		SELECT DISTINCT m.email FROM devices d JOIN members m ON m.id = d.member AND m.agency = d.agency
		WHERE  m.agency = $1`, t.agency)
	if err != nil {
		return err
	}
	most := maxNoticesPerMember
	isTheirs := func(address string) bool { return onboarding.SameAddress(address, to.Address) }
	if !slices.ContainsFunc(enrolled, isTheirs) {
		most = min(most, limits.OrDefault().AddressEmails)
	}
	var ofMember, ofAgency int
	for n, hash := range to.Hashes {
		var toThem, all int
		if err := t.row(`
			SELECT COALESCE(sum(CASE WHEN address_hash = $1 THEN 1 ELSE 0 END), 0), count(*) FROM send_log
			WHERE  agency = $2 AND at_ms > $3 AND counted_by = $4`,
			hash, t.agency, t.now-day, LimitMembers).Scan(&toThem, &all); err != nil {
			return err
		}
		if ofMember += toThem; n == 0 {
			ofAgency = all
		}
	}
	if ofMember >= most || ofAgency >= limits.OrDefault().AgencyAddressesPerDay {
		return onboarding.ErrRateLimited
	}
	return nil
}

func checkReportLimit(t *agencyTx) error {
	var today int
	if err := t.row(`
		SELECT count(*) FROM send_log
		WHERE agency = $1 AND at_ms > $2 AND counted_by = $3`, t.agency, t.now-day, LimitOperator).Scan(&today); err != nil {
		return err
	}
	if today >= maxReportsPerAgency {
		return onboarding.ErrRateLimited
	}
	return nil
}
