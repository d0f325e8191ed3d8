// Package pubsub notifies hubs that wait on an open stream that their agency has
// changes to read, also those that other processes on the database wrote.
//
// It carries no content: what changed is read from the store.
package pubsub

import (
	"maps"
	"slices"
	"sync"
)

// Broker notifies the subscribers of an agency of changes.
type Broker struct {
	mu       sync.Mutex
	byAgency map[string]map[*Subscription]bool
	number   int // of the newest subscription
}

// Subscription is one open stream of a device.
type Subscription struct {
	broker *Broker
	agency string
	device string
	c      chan struct{} // of one: a value that waits is not doubled
	number int           // in the order of opening
	closed bool
}

// New makes a Broker without subscribers.
func New() *Broker { return &Broker{byAgency: map[string]map[*Subscription]bool{}} }

// C gets a value after a Publish, and is closed with the subscription. Several
// publications may be one value.
func (s *Subscription) C() <-chan struct{} { return s.c }

// Close ends the subscription. Closing twice is harmless.
func (s *Subscription) Close() {
	s.broker.mu.Lock()
	defer s.broker.mu.Unlock()
	s.broker.drop(s)
}

// maxPerDevice is how many subscriptions a device has. A hub needs one; a
// connection that was lost may be another, until its end is noticed.
const maxPerDevice = 5

// Subscribe opens a subscription of a device. One too many ends its oldest.
func (b *Broker) Subscribe(agency, device string) *Subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	sub := &Subscription{broker: b, agency: agency, device: device, c: make(chan struct{}, 1)}
	if b.byAgency[agency] == nil {
		b.byAgency[agency] = map[*Subscription]bool{}
	}
	b.byAgency[agency][sub] = true
	b.number++
	sub.number = b.number
	b.dropOldest(agency, device)
	return sub
}

// Publish wakes every subscriber of an agency.
func (b *Broker) Publish(agency string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for sub := range b.byAgency[agency] {
		select {
		case sub.c <- struct{}{}:
		default:
		}
	}
}

// PublishAll wakes every subscriber.
func (b *Broker) PublishAll() {
	b.mu.Lock()
	agencies := slices.Collect(maps.Keys(b.byAgency))
	b.mu.Unlock()
	for _, agency := range agencies {
		b.Publish(agency)
	}
}

// dropOldest ends the oldest subscription of a device that has too many.
func (b *Broker) dropOldest(agency, device string) {
	var oldest *Subscription
	count := 0
	for sub := range b.byAgency[agency] {
		if sub.device != device {
			continue
		}
		if count++; oldest == nil || sub.number < oldest.number {
			oldest = sub
		}
	}
	if count > maxPerDevice {
		b.drop(oldest)
	}
}

func (b *Broker) drop(sub *Subscription) {
	if sub.closed {
		return
	}
	sub.closed = true
	close(sub.c)
	delete(b.byAgency[sub.agency], sub)
	if len(b.byAgency[sub.agency]) == 0 {
		delete(b.byAgency, sub.agency)
	}
}

// CloseDevices ends every subscription of the devices.
func (b *Broker) CloseDevices(devices ...string) {
	gone := map[string]bool{}
	for _, id := range devices {
		gone[id] = true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, streams := range b.byAgency {
		for sub := range streams {
			if gone[sub.device] {
				b.drop(sub)
			}
		}
	}
}

// CloseAll ends every subscription.
func (b *Broker) CloseAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, streams := range b.byAgency {
		for sub := range streams {
			b.drop(sub)
		}
	}
}

// devices lists the devices that subscribe.
func (b *Broker) devices() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[string]bool{}
	var ids []string
	for _, streams := range b.byAgency {
		for sub := range streams {
			if !seen[sub.device] {
				seen[sub.device] = true
				ids = append(ids, sub.device)
			}
		}
	}
	return ids
}
