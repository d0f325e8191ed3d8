package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// Keys seal and open what a webhook's row must not show.
type Keys interface {
	SealSecret(purpose string, secret onboarding.Secret) ([]byte, error)
	OpenSecret(purpose string, sealed []byte) (onboarding.Secret, error)
}

// Config is what a Deliverer needs.
type Config struct {
	Store  *store.Store
	Keys   Keys
	Sender *Sender
	Writer *Writer
	// Link is the address that opens a place of the hub.
	Link func(place string) string
}

// Deliverer writes, signs and posts deliveries. It is safe for concurrent use.
type Deliverer struct{ config Config }

// NewDeliverer makes a Deliverer.
func NewDeliverer(config Config) *Deliverer { return &Deliverer{config: config} }

// Sender is what it posts with.
func (s *Deliverer) Sender() *Sender { return s.config.Sender }

// sealedTarget is a Target in the database, before it is sealed.
type sealedTarget struct {
	Address string         `json:"address"`
	Secret  string         `json:"secret"`
	Former  []sealedFormer `json:"former,omitempty"`
}

type sealedFormer struct {
	Secret string               `json:"secret"`
	Until  onboarding.Timestamp `json:"until"`
}

// A secret that was replaced signs for another day; no more than so many do.
const (
	formerSigns = 24 * time.Hour
	maxFormer   = 8
)

// ReplaceSecret gives a target a new secret. All that have signed so far sign for another
// day: which of them the receiver has, only the receiver can say, as the answer to an
// earlier replacement may have been lost on its way.
func (s *Deliverer) ReplaceSecret(to *Target) {
	if !to.Secret.Empty() {
		to.Former = slices.Insert(to.Former, 0, FormerSecret{Secret: to.Secret})
		to.Former = to.Former[:min(len(to.Former), maxFormer)]
	}
	for n := range to.Former {
		to.Former[n].Until = s.config.Store.Now().Add(formerSigns)
	}
	to.Secret = NewSecret()
}

// Seal closes a webhook's target under the key file.
func (s *Deliverer) Seal(agency, id string, to Target) ([]byte, error) {
	inside := sealedTarget{Address: to.Address.Reveal(), Secret: to.Secret.Reveal()}
	for _, former := range to.Former {
		inside.Former = append(inside.Former, sealedFormer{former.Secret.Reveal(), former.Until})
	}
	text, err := json.Marshal(inside)
	if err != nil {
		return nil, errors.New("sealing a webhook: it cannot be encoded") // json's error may quote it
	}
	return s.config.Keys.SealSecret(store.WebhookPurpose(agency, id), onboarding.NewSecret(string(text)))
}

// Open opens what Seal closed.
func (s *Deliverer) Open(w store.Webhook) (Target, error) {
	text, err := s.config.Keys.OpenSecret(store.WebhookPurpose(w.Agency, w.ID), w.Sealed)
	if err != nil {
		return Target{}, err
	}
	var inside sealedTarget
	if err := json.Unmarshal([]byte(text.Reveal()), &inside); err != nil {
		return Target{}, errors.New("opening a webhook: it cannot be decoded")
	}
	to := Target{Address: onboarding.NewSecret(inside.Address), Secret: onboarding.NewSecret(inside.Secret)}
	for _, former := range inside.Former {
		if former.Until > s.config.Store.Now() {
			to.Former = append(to.Former, FormerSecret{onboarding.NewSecret(former.Secret), former.Until})
		}
	}
	return to, nil
}

// schedule is how long to wait after each attempt that failed. After the last one a
// delivery is not tried again by itself.
func schedule() []time.Duration {
	return []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
		10 * time.Hour}
}

// suspendedPause is after how long the news of a suspended agency may go out.
const suspendedPause = time.Hour

// proxyPause is after how long a delivery is tried again that the relay's own proxy stopped.
const proxyPause = 5 * time.Minute

// Deliver makes one attempt. An error is one of the relay's own: try again later.
func (s *Deliverer) Deliver(ctx context.Context, delivery store.WebhookDelivery) (store.DeliveryResult, error) {
	w, err := s.config.Store.Webhooks.Get(ctx, delivery.Agency, delivery.Webhook)
	if err != nil {
		return ended(err, onboarding.DeliverySwitched)
	}
	if !w.On && delivery.Kind != onboarding.WebhookTest {
		return failed(onboarding.DeliverySwitched), nil
	}
	news, err := s.news(ctx, delivery)
	switch {
	case err != nil:
		return ended(err, onboarding.DeliveryDeleted)
	case news.Agency.Suspended:
		return store.DeliveryResult{
			State: onboarding.DeliveryWaiting, Error: onboarding.DeliverySuspended, Blameless: true,
			NotBefore: s.config.Store.Now().Add(suspendedPause),
		}, nil
	case !s.config.Sender.Enabled():
		return failed(onboarding.DeliveryForbidden), nil
	}
	to, err := s.Open(w)
	if err != nil {
		return failed(onboarding.DeliveryUnreadable), nil
	}
	body, err := s.config.Writer.Body(w.Form, news)
	if err != nil {
		return store.DeliveryResult{}, fmt.Errorf("writing delivery %s: %w", delivery.ID, err)
	}
	answer := s.config.Sender.Post(ctx, to, delivery.ID, s.config.Store.Now().Time(), body)
	if errors.Is(ctx.Err(), context.Canceled) {
		return store.DeliveryResult{}, ctx.Err() // the relay ends
	}
	return resultOf(delivery, answer, s.config.Store.Now()), nil
}

// ended fails what is about something that no longer exists.
func ended(err error, why onboarding.DeliveryError) (store.DeliveryResult, error) {
	if errors.Is(err, onboarding.ErrNotFound) {
		return failed(why), nil
	}
	return store.DeliveryResult{}, err
}

// failed is a result that is not the receiver's fault.
func failed(why onboarding.DeliveryError) store.DeliveryResult {
	return store.DeliveryResult{State: onboarding.DeliveryFailed, Error: why, Blameless: true}
}

func resultOf(d store.WebhookDelivery, answer Answer, now onboarding.Timestamp) store.DeliveryResult {
	result := store.DeliveryResult{
		State: onboarding.DeliveryFailed, Status: answer.Status, Error: answer.Error, Reply: answer.Reply,
	}
	waits := schedule()
	switch {
	case answer.Error == "":
		result.State = onboarding.DeliveryDelivered
	case answer.Error == onboarding.DeliveryProxy:
		result.Blameless = true
		if d.Kind != onboarding.WebhookTest {
			result.State, result.NotBefore = onboarding.DeliveryWaiting, now.Add(proxyPause)
		}
	case d.Kind == onboarding.WebhookTest, answer.Error == onboarding.DeliveryGone, d.Attempts >= len(waits):
	default:
		result.State, result.NotBefore = onboarding.DeliveryWaiting, now.Add(waits[d.Attempts])
	}
	return result
}

// Places of the hub, as links name them.
const (
	placeAccounts = "accounts"
	placeFacebook = "facebook"
	placeRequest  = "request/"
)

// news reads what a delivery is about. ErrNotFound: it was deleted.
func (s *Deliverer) news(ctx context.Context, d store.WebhookDelivery) (News, error) {
	agency, err := s.config.Store.Agencies.Get(ctx, d.Agency)
	if err != nil {
		return News{}, err
	}
	news := News{
		Kind: onboarding.NewsKind(d.Kind), Agency: agency, Request: d.Request, Service: d.Service, Item: d.Item,
		Connection: d.Connection, Occurred: d.Created,
	}
	switch {
	case d.Kind == onboarding.WebhookTest:
		return news, nil
	case d.Connection != "":
		err = s.aboutConnection(ctx, &news)
	case d.Request != "":
		err = s.aboutRequest(ctx, &news)
	default:
		news.Link = s.config.Link(placeAccounts)
	}
	if err != nil {
		return News{}, err
	}
	if news.Kind == onboarding.NewsExpiring && d.Item != "" {
		known, err := s.config.Store.Credentials.Get(ctx, d.Item)
		if err != nil {
			return News{}, err
		}
		news.Ends = known.Renewed + known.IdleLimit
	}
	return news, nil
}

func (s *Deliverer) aboutConnection(ctx context.Context, news *News) error {
	x, err := s.config.Store.Connections.Get(ctx, news.Agency.ID, news.Connection)
	if err != nil {
		return err
	}
	news.User, news.Ends, news.Link = x.User.Name, x.Ends, s.config.Link(placeFacebook)
	news.Broken, err = s.config.Store.Outages.Lasts(ctx, news.Agency.ID, onboarding.OutageConnection+x.ID)
	return err
}

func (s *Deliverer) aboutRequest(ctx context.Context, news *News) error {
	r, err := s.config.Store.Requests.Get(ctx, news.Agency.ID, news.Request)
	news.Client, news.Link = r.Client, s.config.Link(placeRequest+news.Request)
	if err != nil {
		return err
	}
	switch news.Kind {
	case onboarding.NewsExpiring:
		news.Ends = r.Expires
	case onboarding.NewsCompleted:
		if r.Finished != 0 && r.Status != onboarding.Connected { // it was taken back, and waits again
			return onboarding.ErrNotFound
		}
		items, err := s.config.Store.Items.ListByRequest(ctx, r.ID)
		if err != nil {
			return err
		}
		news.ConfirmedBy = onboarding.ConfirmedBy(items)
		news.Received, news.Awaited = onboarding.CountArrived(items)
	}
	return nil
}
