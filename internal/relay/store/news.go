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
}

// newsRetention is how long news are stored. They are counted, and listed in
// summaries.
const newsRetention = 30 * day

const newsColumns = `id, agency, kind, request, item, connection, visit, owner, service, failure, platform_code,
	created_ms`

// recordNews stores news in the transaction of the change that causes them, and
// queues the emails about them and what is posted to webhooks. It is the one way in which news leave the relay.
func recordNews(c *changeTx, news News) error {
	news.ID, news.Agency, news.Created = NewID(), c.agency, c.now
	if err := insertNews(c.agencyTx, news); err != nil {
		return fmt.Errorf("recording the news %s: %w", news.Kind, err)
	}
	if err := queueDeliveries(c.agencyTx, news); err != nil {
		return err
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
	if news.Request != "" || news.Item != "" {
		return []string{news.Owner}, nil
	}
	return t.texts(`
		SELECT id FROM members WHERE agency = $1 AND removed_ms = 0 AND (id = $2 OR role = $3) ORDER BY id`,
		t.agency, news.Owner, onboarding.MainUser)
}

// attentionDelay is how long an email about accounts that stopped working waits for
// others of the same request: they often stop together.
const attentionDelay = 10 * minute

func emailMember(t *agencyTx, news News, member string) error {
	email := Email{
		Kind: emailOfNews(news), Request: news.Request, Item: news.Item, Connection: news.Connection, Member: member,
		Visit: news.Visit, Service: news.Service, Failure: news.Failure, Code: news.Code,
	}
	if email.Kind != EmailNeedsAttention {
		return enqueue(t, email)
	}
	var before int64 // waits to be sent with this one, or said that of the same account today
	if err := t.row(`
		SELECT (SELECT count(*) FROM emails
		        WHERE  agency = $1 AND kind = $2 AND request = $3 AND member = $4 AND state = 'queued' AND attempts = 0)
		     + (SELECT count(*) FROM news
		        WHERE  agency = $1 AND kind = $5 AND item = $6 AND created_ms > $7 AND id <> $8)`,
		t.agency, email.Kind, email.Request, member, news.Kind, news.Item, t.now-day, news.ID).Scan(&before); err != nil {
		return err
	}
	if before > 0 {
		return nil
	}
	email.NotBefore = t.now + attentionDelay
	return enqueue(t, email)
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
