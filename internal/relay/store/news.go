package store

import (
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// News is something that the members of an agency want to hear of. It has ids only:
// what is written about it is read when that is sent.
type News struct {
	ID         string
	Agency     string
	Kind       onboarding.NewsKind
	Request    string             // empty: of the agency's own
	Item       string             // the account; empty: all of the request, or a sign-in
	Connection string             // the agency's own sign-in
	Visit      string             // that finished with nothing
	Owner      string             // the member whom it concerns first
	Service    onboarding.Service // empty: of the whole request
	Failure    string             // why, a code of the catalog
	Code       string             // the platform's own
	Created    onboarding.Timestamp

	email EmailKind // about it; empty: the usual one
	quiet bool      // another email says it already

	ownerOnly bool // nobody else is told, and no webhook
}

// newsRetention is how long news are stored. They are counted, and listed in
// summaries.
const newsRetention = 30 * day

const newsColumns = `id, agency, kind, request, item, connection, visit, owner, service, failure, platform_code,
	created_ms`

// recordNews stores news in the transaction of the change that causes them, and
// queues the emails about them and what is posted to webhooks. The emails to clients,
// and those to members that are about no news, are queued elsewhere.
func recordNews(c *changeTx, news News) error {
	news.ID, news.Agency, news.Created = NewID(), c.agency, c.now
	if err := insertNews(c.agencyTx, news); err != nil {
		return fmt.Errorf("recording the news %s: %w", news.Kind, err)
	}
	if !news.ownerOnly {
		if err := queueDeliveries(c.agencyTx, news); err != nil {
			return err
		}
	}
	return emailNews(c.agencyTx, news)
}

func insertNews(t *agencyTx, news News) error {
	return t.execNamed(`
		INSERT INTO news (`+newsColumns+`)
		VALUES (@id, @agency, @kind, @request, @item, @connection, @visit, @owner, @service, @failure, @code, @created)`,
		named{
			"id":         news.ID,
			"agency":     news.Agency,
			"kind":       news.Kind,
			"request":    news.Request,
			"item":       news.Item,
			"connection": news.Connection,
			"visit":      news.Visit,
			"owner":      news.Owner,
			"service":    news.Service,
			"failure":    news.Failure,
			"code":       news.Code,
			"created":    news.Created,
		})
}

// emailNews queues the emails about news to the members whom they concern, or puts
// them on the list of their next daily email, as each has chosen.
func emailNews(t *agencyTx, news News) error {
	if news.quiet {
		return nil
	}
	members, err := newsMembers(t, news)
	if err != nil {
		return err
	}
	for _, member := range members {
		settings, err := newsSettings(t.ctx, t.Tx, member)
		if err != nil {
			return err
		}
		switch settings.ModeOf(news.Kind) {
		case onboarding.NewsNow:
			err = emailMember(t, news, member)
		case onboarding.NewsDaily:
			err = addToSummary(t, news, member, settings)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newsMembers returns whom news concern: of a request or an account its owner; of a
// sign-in or an app whose it is, and the main users, who can all do something.
func newsMembers(t *agencyTx, news News) ([]string, error) {
	if news.Request != "" || news.Item != "" || news.ownerOnly {
		return []string{news.Owner}, nil
	}
	return t.texts(`
		SELECT id FROM members WHERE agency = $1 AND removed_ms = 0 AND (id = $2 OR role = $3) ORDER BY id`,
		t.agency, news.Owner, onboarding.MainUser)
}

// attentionDelay is how long an email about accounts that stopped working waits for
// others of the same request: they often stop together.
const attentionDelay = 10 * minute

// maxToldPerDay is how often members are written to within a day about one thing that
// stops and works again.
const maxToldPerDay = 3

func emailMember(t *agencyTx, news News, member string) error {
	email := Email{
		Kind: emailOfNews(news), Request: news.Request, Item: news.Item, Connection: news.Connection, Member: member,
		Visit: news.Visit, Service: news.Service, Failure: news.Failure, Code: news.Code,
	}
	switch email.Kind {
	case EmailSkipped, EmailAccessWithdrawn:
		return emailJoined(t, email)
	case EmailNeedsAttention:
	default:
		return enqueue(t, email)
	}
	told, err := toldOfAttention(t, news, email)
	if err != nil || told {
		return err
	}
	email.Item = "" // it stands for all of them, also when this one is deleted
	email.NotBefore = t.now + attentionDelay
	return enqueue(t, email)
}

// joinedDelay is how long an email about what a client skips, or withdraws, waits for what
// else they do in one go.
const joinedDelay = 2 * minute

// emailJoined queues an email about what a client skipped or withdrew, unless one that
// waits names it too.
func emailJoined(t *agencyTx, email Email) error {
	var waiting int64
	if err := t.row(`
		SELECT count(*) FROM emails
		WHERE  agency = $1 AND kind = $2 AND request = $3 AND state = 'queued' AND attempts = 0 AND not_before_ms > $4`,
		t.agency, email.Kind, email.Request, t.now).Scan(&waiting); err != nil || waiting > 0 {
		return err
	}
	email.Service, email.Item = "", "" // it stands for all of them
	email.NotBefore = t.now + joinedDelay
	return enqueue(t, email)
}

// toldOfAttention reports whether an email that waits will name the account of the news
// too, or whether it stops and works again so often that the member read of it enough
// today. An email that is due may be written already.
func toldOfAttention(t *agencyTx, news News, email Email) (bool, error) {
	var waiting, stopped, sent int64 // news of the same account, and emails, of a day
	err := t.row(`
		SELECT (SELECT count(*) FROM emails
		        WHERE  agency = $1 AND kind = $2 AND request = $3 AND member = $4 AND state = 'queued' AND attempts = 0
		          AND  not_before_ms > $5),
		       (SELECT count(*) FROM news
		        WHERE  request = $3 AND kind = $6 AND agency = $1 AND item = $7 AND created_ms > $8 AND id <> $9),
		       (SELECT count(*) FROM emails
		        WHERE  agency = $1 AND kind = $2 AND request = $3 AND member = $4 AND state <> 'cancelled'
		          AND  created_ms > $8)`,
		t.agency, email.Kind, email.Request, email.Member, t.now, news.Kind, news.Item, t.now-day, news.ID).
		Scan(&waiting, &stopped, &sent)
	return waiting > 0 || stopped >= maxToldPerDay && sent >= maxToldPerDay, err
}

// emailOfNews is the email about news.
func emailOfNews(news News) EmailKind {
	switch {
	case news.email != "":
		return news.email
	case news.Kind == onboarding.NewsCompleted:
		return EmailCompletion
	case news.Kind == onboarding.NewsNothing:
		return EmailNothingConnected
	case news.Kind == onboarding.NewsSkipped:
		return EmailSkipped
	case news.Kind == onboarding.NewsDeclined:
		return EmailDeclined
	case news.Kind == onboarding.NewsLinkAsked:
		return EmailLinkAsked
	case news.Kind == onboarding.NewsWithdrawn:
		return EmailAccessWithdrawn
	case news.Kind == onboarding.NewsExpiring && news.Item != "":
		return EmailCredentialExpiring
	case news.Kind == onboarding.NewsExpiring:
		return EmailRequestExpiring
	case news.Kind == onboarding.NewsSignIn:
		return EmailSignInEnds
	case news.Item == "":
		return EmailAppProblem
	}
	return EmailNeedsAttention
}
