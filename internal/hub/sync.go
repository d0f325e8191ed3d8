package hub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

const (
	// maxReconnectDelay is the longest back-off of the event stream, so that
	// changes arrive within two seconds of a network's return.
	maxReconnectDelay = 2 * time.Second
	minReconnectDelay = 100 * time.Millisecond

	// streamTimeout: reconnect if not even a heartbeat arrived for this long.
	streamTimeout = 75 * time.Second

	// minRoundRetry and maxRoundRetry are the pauses after rounds that failed.
	minRoundRetry = time.Second
	maxRoundRetry = 30 * time.Second

	// slowRetry is the pause after a refusal that will not change soon.
	slowRetry = time.Minute
)

// syncLoop runs a round after each signal and at each poll interval.
func (h *Hub) syncLoop() {
	ctx := h.ended
	stream := h.runStream(ctx)
	defer stream.end()
	retry := backoff.NewExponentialBackOff()
	retry.InitialInterval, retry.Multiplier, retry.MaxInterval = minRoundRetry, 2, maxRoundRetry
	for {
		err := h.syncOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			h.log.Info("a round with the relay was cut short", "error", err)
		}
		h.endRound(err)
		stream.setWanted(h.session.Connected())
		wait := untilNextRound(ctx, h)
		if err == nil {
			retry.Reset()
		} else {
			wait = untilRetry(h, err, retry)
		}
		if !h.pause(ctx, wait) {
			return
		}
	}
}

func (h *Hub) endRound(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.round++
	h.roundErr = err
	close(h.roundEnded)
	h.roundEnded = make(chan struct{})
}

// Sync runs a round now and waits until everything that existed at the time of
// the call is read, sent and fetched. It returns the error of that round.
func (h *Hub) Sync(ctx context.Context) error {
	h.mu.Lock()
	// A running round may have passed the caller's change already: wait for the
	// next one.
	until := h.round + 2
	h.mu.Unlock()
	for {
		h.mu.Lock()
		round, err, next := h.round, h.roundErr, h.roundEnded
		h.mu.Unlock()
		if round >= until {
			return err
		}
		signal(h.syncCh)
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the relay: %w", ctx.Err())
		case <-h.ended.Done():
			return fmt.Errorf("waiting for the relay: the hub was closed: %w", onboarding.ErrUnavailable)
		}
	}
}

// untilNextRound is how long to wait after a round: until the next entry is due, at most
// a poll interval.
func untilNextRound(ctx context.Context, h *Hub) time.Duration {
	wait := h.config.Poll
	if next, err := replica.NextSend(ctx, h.Replica.DB()); err == nil && next != 0 {
		wait = min(wait, max(time.Duration(next-h.now())*time.Millisecond, time.Second))
	}
	return wait
}

// untilRetry is how long to wait after a round that failed: longer each time. One relay of
// several may have ended while the event stream, at another, shows nothing of it. What the
// relay refuses for good is asked again at the poll interval.
func untilRetry(h *Hub, err error, retry *backoff.ExponentialBackOff) time.Duration {
	switch {
	case h.session.Info().State == session.KeychainAway:
		return min(h.config.Poll, 10*time.Second)
	case errors.Is(err, onboarding.ErrUpdateNeeded), errors.Is(err, onboarding.ErrSuspended):
		return h.config.Poll
	}
	return min(h.config.Poll, retry.NextBackOff())
}

// pause waits for a signal, or that long; false: the hub is closed.
func (h *Hub) pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-h.syncCh:
	case <-timer.C:
	}
	return true
}

// syncOnce reads, sends and fetches once. Each part continues where the last
// round stopped.
func (h *Hub) syncOnce(ctx context.Context) error {
	info := h.session.Info()
	if info.State == session.Revoked {
		return h.wipe(ctx)
	}
	if info.State == session.NotEnrolled || info.State == session.EnrolAgain || info.Identity.Device == "" {
		return nil
	}
	client, err := h.session.Connect(ctx)
	if err != nil {
		return err
	}
	err = h.readChanges(ctx, client)
	// A change may have ended an access.
	if err := h.Credentials.DeleteDiscarded(ctx); err != nil && ctx.Err() == nil {
		h.log.Warn("a credential could not be taken out of the keychain", "error", err)
	}
	if err != nil {
		return err
	}
	for _, send := range []func(context.Context, *wire.Client) error{
		h.Outbox.ReportEndings, h.Outbox.Flush, h.Outbox.ConfirmRestore, h.Credentials.Fetch,
	} {
		if err := send(ctx, client); err != nil {
			return err
		}
	}
	if h.relayInfoIsStale() {
		if err := h.readRelayInfo(ctx, client); err != nil {
			return err
		}
	}
	if err := h.News.sendOffset(ctx); err != nil && ctx.Err() == nil {
		h.log.Info("the relay was not told this computer's time", "error", err)
	}
	h.Checks.Signal()
	signal(h.Offboardings.due)
	return nil
}

// relayInfoIsStale reports whether the relay's description is older than an hour.
func (h *Hub) relayInfoIsStale() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.askedRelay == 0 || h.now().Add(-time.Hour) > h.askedRelay
}

// readChanges stores each page with its cursor in one transaction and fetches
// the next page only after the commit: an interruption costs one page.
func (h *Hub) readChanges(ctx context.Context, client *wire.Client) error {
	for {
		cursor, err := replica.ReadCursor(ctx, h.Replica.DB())
		if err != nil {
			return err
		}
		result, err := wire.Call(ctx, client, wire.ReadChanges, wire.ChangesParams{After: cursor})
		h.session.RecordOutcome(ctx, err)
		if err != nil {
			return err
		}
		if err := h.Replica.Apply(ctx, cursor, result); err != nil {
			return err
		}
		if !result.More {
			return nil
		}
		if result.Next == cursor {
			return fmt.Errorf("reading changes: the relay says there are more and does not go on: %w", onboarding.ErrUnavailable)
		}
	}
}

// eventStream keeps the stream of changes open while it is wanted.
type eventStream struct {
	wanted chan bool
	cancel context.CancelFunc
	done   chan struct{}
}

func (s *eventStream) setWanted(wanted bool) {
	select {
	case <-s.wanted:
	default:
	}
	s.wanted <- wanted
}

func (s *eventStream) end() {
	s.cancel()
	<-s.done
}

// runStream starts the goroutine that keeps the stream open and signals the
// sync loop on each change.
func (h *Hub) runStream(ctx context.Context) *eventStream {
	ctx, cancel := context.WithCancel(ctx)
	stream := &eventStream{wanted: make(chan bool, 1), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(stream.done)
		wait, wanted, obstacle := minReconnectDelay, false, wire.Obstacle("")
		for {
			if !wanted {
				select {
				case <-ctx.Done():
					return
				case wanted = <-stream.wanted:
					continue
				}
			}
			established, err := h.subscribe(ctx)
			if ctx.Err() != nil {
				return
			}
			if established {
				wait = minReconnectDelay
				signal(h.syncCh) // changes may have been missed
			}
			obstacle = recordStream(ctx, h, established, obstacle, err)
			h.log.Debug("the event stream broke", "error", err)
			var pause time.Duration
			pause, wait = reconnectPause(wait)
			if errors.Is(err, onboarding.ErrUpdateNeeded) || errors.Is(err, onboarding.ErrSuspended) {
				pause = slowRetry
			}
			select {
			case <-ctx.Done():
				return
			case wanted = <-stream.wanted:
			case <-time.After(pause):
			}
		}
	}()
	return stream
}

// recordStream records how the event stream ended, and returns its obstacle.
// Where something answers in place of the relay, that may refuse streams alone:
// a round shows whether it refuses calls too.
func recordStream(
	ctx context.Context, h *Hub, established bool, before wire.Obstacle, err error,
) (obstacle wire.Obstacle) {
	obstacle = wire.ObstacleOf(err)
	switch {
	case errors.Is(err, errStreamReset), established && obstacle == wire.ObstacleSilence:
		// The next attempt shows whether the relay answers.
	case obstacle == "", obstacle == wire.ObstacleSilence:
		h.session.RecordOutcome(ctx, err)
	case obstacle != before:
		signal(h.syncCh)
	}
	return obstacle
}

// reconnectPause returns the back-off with jitter, and the base of the next
// one.
func reconnectPause(wait time.Duration) (pause, next time.Duration) {
	return wait/2 + rand.N(wait/2), min(2*wait, maxReconnectDelay)
}

// detectResume compares the wall clock with a ticker, and calls resume after the
// computer has slept.
func detectResume(ctx context.Context, resume func()) {
	const resumePoll = 5 * time.Second
	ticker := time.NewTicker(resumePoll)
	defer ticker.Stop()
	last := time.Now().Round(0) // Round strips the monotonic reading, which stops during sleep
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := time.Now().Round(0)
		if now.Sub(last) > 4*resumePoll {
			resume()
		}
		last = now
	}
}

// subscribe reads the stream until it ends; established reports whether it ever was.
func (h *Hub) subscribe(ctx context.Context) (established bool, err error) {
	_, client, err := h.session.Client()
	if err != nil {
		return false, err
	}
	parent := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watchdog := time.AfterFunc(streamTimeout, cancel)
	defer watchdog.Stop()
	h.mu.Lock()
	h.cancelStream = cancel
	h.mu.Unlock()
	err = wire.Subscribe(ctx, client,
		func() {
			established = true
			h.session.RecordOutcome(ctx, nil)
			signal(h.syncCh)
		},
		func() { watchdog.Reset(streamTimeout) })
	if ctx.Err() != nil && parent.Err() == nil {
		return established, errStreamReset
	}
	return established, err
}

// errStreamReset is a stream that the hub itself closed: the relay's state is
// unchanged.
var errStreamReset = errors.New("the event stream was ended to make a new one")

// wipe deletes everything about the agency, here and in the keychain, but for
// the agency's name. It resumes after an interruption.
func (h *Hub) wipe(ctx context.Context) error {
	if done, err := replica.ReadMetadata(ctx, h.Replica.DB(), replica.MetaRevoked); err != nil || done != "" {
		return err
	}
	id := h.session.Identity()
	h.Credentials.Forget()
	agency, err := replica.ReadAgency(ctx, h.Replica.DB())
	if err != nil {
		return err
	}
	if id.Device == "" {
		if err := replica.ReadMetadataJSON(ctx, h.Replica.DB(), replica.MetaIdentity, &id); err != nil {
			return err
		}
	}
	name := agency.CompanyName()
	if name == "" {
		name = id.Address
	}
	// The list of keychain entries is kept until all are deleted: the keychain
	// may be locked.
	if wiping, err := replica.ReadMetadata(ctx, h.Replica.DB(), replica.MetaWiping); err != nil {
		return err
	} else if wiping != "" {
		name = wiping
	} else if err := h.Replica.Update(ctx, func(tx *replica.Tx) error {
		if err := tx.ClearCopy(ctx); err != nil {
			return err
		}
		return tx.WriteMetadata(ctx, replica.MetaWiping, name)
	}); err != nil {
		return err
	}
	h.Replica.Publish(replica.Change{All: true, Session: true})
	if err := h.Credentials.WipeKeychain(ctx, id); err != nil {
		return err
	}
	if err := h.Replica.Update(ctx, func(tx *replica.Tx) error {
		if err := tx.Clear(ctx); err != nil {
			return err
		}
		return tx.WriteMetadata(ctx, replica.MetaRevoked, name)
	}); err != nil {
		return err
	}
	if err := h.Replica.DB().Checkpoint(ctx); err != nil {
		h.log.Info("the log of the wiped data is not empty yet", "error", err)
	}
	h.session.Forget(name)
	h.log.Warn("this computer was removed from the agency and has wiped itself", "agency", name)
	h.config.Wiped()
	h.Replica.Publish(replica.Change{All: true, Session: true})
	return nil
}
