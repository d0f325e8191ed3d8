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

// emailNews queues the emails about news to the members whom they concern.
func emailNews(t *agencyTx, news News) error {
	var kind EmailKind
	switch news.Kind {
	case onboarding.NewsCompleted:
		kind = EmailCompletion
	case onboarding.NewsNothing:
		kind = EmailNothingConnected
	case onboarding.NewsExpiring:
		kind = EmailCredentialExpiring
	default:
		return nil
	}
	return enqueue(t, Email{
		Kind: kind, Request: news.Request, Item: news.Item, Member: news.Owner, Visit: news.Visit,
	})
}
