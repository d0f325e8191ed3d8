package hub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

const (
	// reconnectMost bounds the wait before the line is tried again, so that news
	// flow two seconds after a network is back.
	reconnectMost  = 2 * time.Second
	reconnectFirst = 100 * time.Millisecond

	// lineDead is how long a line may be silent, heartbeats included, before it
	// counts as cut: a laptop that slept has one that will never speak again.
	lineDead = 75 * time.Second

	// rareTry is for a relay that will answer the same for some time.
	rareTry = time.Minute

	// markLife is how long the relay remembers what was deleted.
	markLife = 90 * 24 * time.Hour

	// lostAndFound is how long a credential stays in the keychain after a
	// reading of everything no longer had its item: a relay restored from a
	// backup may learn of it again.
	lostAndFound = 7 * 24 * time.Hour
)

// keepInTouch is the hub's one loop that calls the relay by itself: it reads,
// sends and fetches when there is news, when there is something to send, and
// once in a while.
func (h *Hub) keepInTouch() {
	defer h.loops.Done()
	ctx := h.ended
	line := h.keepListening(ctx)
	defer line.end()
	for {
		err := h.cycle(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			h.log.Info("a round with the relay was cut short", "error", err)
		}
		h.finishRound(err)
		line.want(h.session.Connected())
		if !h.pause(ctx, err == nil) {
			return
		}
	}
}

func (h *Hub) finishRound(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.round++
	h.roundErr = err
	close(h.rounds)
	h.rounds = make(chan struct{})
}

// Sync makes the hub call the relay now and waits until it has read, sent and
// fetched all there was at the time of the call. Its error is what cut that short.
func (h *Hub) Sync(ctx context.Context) error {
	h.mu.Lock()
	// A round that is under way may have passed what the caller waits for: the
	// one after it has not.
	until := h.round + 2
	h.mu.Unlock()
	for {
		h.mu.Lock()
		round, err, next := h.round, h.roundErr, h.rounds
		h.mu.Unlock()
		if round >= until {
			return err
		}
		wake(h.kick)
		select {
		case <-next:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the relay: %w", ctx.Err())
		case <-h.ended.Done():
			return fmt.Errorf("waiting for the relay: the hub was closed: %w", onboarding.ErrUnavailable)
		}
	}
}

// pause waits until there is something to do; false: the hub is closed. After
// a round that was cut short what is due waits with the rest: for the line that
// stands again, or for the next poll.
func (h *Hub) pause(ctx context.Context, whole bool) bool {
	wait := h.config.Poll
	if next, err := nextSend(ctx, h.db); whole && err == nil && next != 0 {
		wait = min(wait, max(time.Duration(next-h.now())*time.Millisecond, time.Second))
	}
	if h.session.Info().State == session.KeychainAway {
		wait = min(wait, 10*time.Second)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-h.kick:
	case <-timer.C:
	}
	return true
}

// cycle reads, sends and fetches once. Each part goes on where the last one
// was cut off.
func (h *Hub) cycle(ctx context.Context) error {
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
	// What was read may have ended an access.
	if err := h.throwAway(ctx); err != nil && ctx.Err() == nil {
		h.log.Warn("a credential could not be taken out of the keychain", "error", err)
	}
	if err != nil {
		return err
	}
	if err := h.sendOutbox(ctx, client); err != nil {
		return err
	}
	if err := h.fetchDeliveries(ctx, client); err != nil {
		return err
	}
	if h.relayIsOld() {
		if err := h.askRelay(ctx, client); err != nil {
			return err
		}
	}
	wake(h.kickCheck)
	return nil
}

// relayIsOld says that what the relay said about itself is an hour old.
func (h *Hub) relayIsOld() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.askedRelay == 0 || h.now().Add(-time.Hour) > h.askedRelay
}

// readChanges reads page after page, each stored in one transaction with the
// cursor behind it. The next is asked for when that is on the disk: whatever
// ends this program costs one page that is sent again.
func (h *Hub) readChanges(ctx context.Context, client *wire.Client) error {
	for {
		cursor, err := readCursor(ctx, h.db)
		if err != nil {
			return err
		}
		a, err := wire.Call(ctx, client, wire.ReadChanges, wire.ChangesQ{After: cursor})
		h.session.RecordOutcome(ctx, err)
		if err != nil {
			return err
		}
		if err := h.storePage(ctx, cursor, a); err != nil {
			return err
		}
		if !a.More {
			return nil
		}
		if a.Next == cursor {
			return fmt.Errorf("reading changes: the relay says there are more and does not go on: %w", onboarding.ErrUnavailable)
		}
	}
}

func (h *Hub) storePage(ctx context.Context, cursor wire.Cursor, a wire.ChangesA) error {
	if nothing := a.Agency == nil && len(a.Members)+len(a.Devices)+len(a.Connections)+len(a.Requests)+len(a.Items)+len(a.Gone) == 0; nothing && !a.Reset && a.Next == cursor && cursor != (wire.Cursor{}) {
		return h.markRead(ctx)
	}
	return h.store(ctx, func(s *storing) error {
		if now, err := readCursor(ctx, s.tx); err != nil {
			return err
		} else if now != cursor { // this computer has enrolled anew since it asked
			return fmt.Errorf("storing changes that are not the next: %w", onboarding.ErrBusy)
		}
		reading, err := readFact(ctx, s.tx, factReading)
		if err != nil {
			return err
		}
		if a.Reset || cursor == (wire.Cursor{}) {
			// All that is met from here on bears a new number; what does not at
			// the end is no longer there.
			reading = readingAll
			if cursor != (wire.Cursor{}) && a.Next.View <= cursor.View { // what this member may see is the same: the relay is another
				reading = readingRestored
			}
			s.seen++
			if err := writeNumberFact(ctx, s.tx, factSeen, s.seen); err != nil {
				return err
			}
			if err := writeFact(ctx, s.tx, factReading, reading); err != nil {
				return err
			}
		}
		s.quiet = reading != ""
		if err := s.page(ctx, a); err != nil {
			return err
		}
		if reading != "" && !a.More {
			if err := s.sweep(ctx, reading == readingRestored); err != nil {
				return err
			}
			if err := dropFact(ctx, s.tx, factReading); err != nil {
				return err
			}
			s.change.All = true
		}
		if !a.More {
			if err := writeNumberFact(ctx, s.tx, factReadUntil, int64(h.now())); err != nil {
				return err
			}
		}
		return writeJSONFact(ctx, s.tx, factCursor, a.Next)
	})
}

// markRead keeps, to the quarter of an hour, that the copy is complete.
func (h *Hub) markRead(ctx context.Context) error {
	until, err := readMomentFact(ctx, h.db, factReadUntil)
	if err != nil || until.Since(h.now()) < 15*time.Minute {
		return err
	}
	return h.db.InTx(ctx, func(tx *sqldb.Tx) error { return writeNumberFact(ctx, tx, factReadUntil, int64(h.now())) })
}

// Why everything is read: factReading's values.
const (
	readingAll      = "yes"
	readingRestored = "restored" // the relay goes on from a backup
)

// sweep ends a reading of everything: what was not met is dropped. A request
// of this member's own that the relay has lost is offered to it again with its
// link, and stays until the relay has answered; not so when this computer was
// away for longer than the relay remembers deletions, since then it cannot be
// told what was lost from what was deleted. What a restored relay has lost of this
// member's own users and accounts is noted: only they can connect it again.
func (s *storing) sweep(ctx context.Context, restored bool) error {
	until, err := readMomentFact(ctx, s.tx, factReadUntil)
	if err != nil {
		return err
	}
	offers := until.Since(s.h.now()) < markLife
	requests, err := readRows[onboarding.Request](ctx, s.tx, `SELECT truth FROM requests JOIN request_truths USING (seq) WHERE seen < $1`, s.seen)
	if err != nil {
		return err
	}
	for _, r := range requests {
		if offers && r.Owner == s.me.Member && r.Withdrawn == 0 && r.Link != "" {
			if err := s.offer(ctx, r); err != nil {
				return err
			}
			continue
		}
		if err := s.dropRequest(ctx, r.ID); err != nil {
			return err
		}
	}
	items, err := readRows[onboarding.Item](ctx, s.tx, `SELECT truth FROM items JOIN item_truths USING (seq) WHERE seen < $1 AND request NOT IN (SELECT subject FROM outbox WHERE kind = 'offer')`, s.seen)
	if err != nil {
		return err
	}
	if restored && offers {
		if err := s.noteLost(ctx, items); err != nil {
			return err
		}
	}
	for _, i := range items {
		if err := s.dropItem(ctx, i.ID, s.h.now().Add(lostAndFound)); err != nil {
			return err
		}
	}
	for _, table := range []string{"members", "devices", "connections"} {
		if _, err := s.tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE seen < $1`, s.seen); err != nil {
			return fmt.Errorf("dropping what the relay no longer has: %w", err)
		}
	}
	if _, err := s.tx.ExecContext(ctx, `UPDATE credentials SET discard_ms = $1 WHERE discard_ms = 0
		AND subject LIKE 'connection:%' AND substr(subject, 12) NOT IN (SELECT id FROM connections)`, s.h.now().Add(lostAndFound)); err != nil {
		return fmt.Errorf("dropping what the relay no longer has: %w", err)
	}
	return nil
}

// offer puts a lost request into the outbox, once.
func (s *storing) offer(ctx context.Context, r onboarding.Request) error {
	if _, err := readEntry(ctx, s.tx, `WHERE subject = $1 AND kind = 'offer' LIMIT 1`, r.ID); !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	items, err := readRows[onboarding.Item](ctx, s.tx, `SELECT truth FROM items JOIN item_truths USING (seq) WHERE request = $1`, r.ID)
	if err != nil {
		return err
	}
	return s.enqueue(ctx, r.ID, EntryOffer, r.Client, wire.OfferRequestQ{Request: r, Items: items})
}

// line keeps the stream of news standing while it is wanted.
type line struct {
	wanted chan bool
	cancel context.CancelFunc
	done   chan struct{}
}

func (l *line) want(yes bool) {
	select {
	case <-l.wanted:
	default:
	}
	l.wanted <- yes
}

func (l *line) end() {
	l.cancel()
	<-l.done
}

// keepListening begins a goroutine that listens whenever it is wanted, and
// wakes the loop with every piece of news.
func (h *Hub) keepListening(ctx context.Context) *line {
	ctx, cancel := context.WithCancel(ctx)
	l := &line{wanted: make(chan bool, 1), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(l.done)
		wait, wanted := reconnectFirst, false
		for {
			if !wanted {
				select {
				case <-ctx.Done():
					return
				case wanted = <-l.wanted:
					continue
				}
			}
			stood, err := h.listen(ctx)
			if ctx.Err() != nil {
				return
			}
			if stood {
				wait = reconnectFirst
				wake(h.kick) // something may have been missed
			}
			if !errors.Is(err, errLineCut) {
				h.session.RecordOutcome(ctx, err)
			}
			h.log.Debug("the line to the relay broke", "error", err)
			var pause time.Duration
			pause, wait = reconnectPause(wait)
			if errors.Is(err, onboarding.ErrUpdateNeeded) || errors.Is(err, onboarding.ErrSuspended) {
				pause = rareTry
			}
			select {
			case <-ctx.Done():
				return
			case wanted = <-l.wanted:
			case <-time.After(pause):
			}
		}
	}()
	return l
}

// reconnectPause is how long the line waits before it is tried again, spread so
// that not all hubs come at once, and what the next one is made of.
func reconnectPause(wait time.Duration) (pause, next time.Duration) {
	return wait/2 + rand.N(wait/2), min(2*wait, reconnectMost)
}

// noticeSleep sees by the wall clock that this computer was asleep: its timers
// stood still, and the line it had will never speak again.
func (h *Hub) noticeSleep() {
	defer h.loops.Done()
	const look = 5 * time.Second
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	last := time.Now().Round(0) // without the monotonic part, which sleeps, too
	for {
		select {
		case <-h.ended.Done():
			return
		case <-ticker.C:
		}
		now := time.Now().Round(0)
		if now.Sub(last) > 4*look {
			h.Wake()
		}
		last = now
	}
}

// listen holds the line until it breaks; stood says whether it ever stood.
func (h *Hub) listen(ctx context.Context) (stood bool, err error) {
	_, client, err := h.session.Client()
	if err != nil {
		return false, err
	}
	whole := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dead := time.AfterFunc(lineDead, cancel)
	defer dead.Stop()
	h.mu.Lock()
	h.cutLine = cancel
	h.mu.Unlock()
	err = wire.Listen(ctx, client,
		func() {
			stood = true
			h.session.RecordOutcome(ctx, nil)
			wake(h.kick)
		},
		func() { dead.Reset(lineDead) })
	if ctx.Err() != nil && whole.Err() == nil {
		return stood, errLineCut
	}
	return stood, err
}

// errLineCut is a line that the hub itself cut: it says nothing of the relay.
var errLineCut = errors.New("the line was cut to make a new one")

// wipe forgets everything about the agency, here and in the keychain. It goes
// on where it was cut off, and leaves one word: which agency it was.
func (h *Hub) wipe(ctx context.Context) error {
	if done, err := readFact(ctx, h.db, factRevoked); err != nil || done != "" {
		return err
	}
	id := h.session.Identity()
	h.mu.Lock()
	h.access = map[string]accessToken{}
	h.mu.Unlock()
	agency, err := readAgency(ctx, h.db)
	if err != nil {
		return err
	}
	if id.Device == "" {
		if id, err = readIdentity(ctx, h.db); err != nil {
			return err
		}
	}
	name := agency.CompanyName()
	if name == "" {
		name = id.Address
	}
	// The names of what is in the keychain stay until that is empty: it may be
	// locked at the moment.
	if wiping, err := readFact(ctx, h.db, factWiping); err != nil {
		return err
	} else if wiping != "" {
		name = wiping
	} else if err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := empty(ctx, tx, "members", "devices", "connections", "requests", "items", "checks", "outbox", "refusals", "campaigns"); err != nil {
			return err
		}
		for _, fact := range []string{factAgency, factRelay, factCursor} {
			if err := dropFact(ctx, tx, fact); err != nil {
				return err
			}
		}
		return writeFact(ctx, tx, factWiping, name)
	}); err != nil {
		return err
	}
	h.tell(Change{All: true, Standing: true})
	if err := h.emptyKeychain(ctx, id); err != nil {
		return err
	}
	if err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := clear(ctx, tx); err != nil {
			return err
		}
		return writeFact(ctx, tx, factRevoked, name)
	}); err != nil {
		return err
	}
	if err := h.db.Checkpoint(ctx); err != nil {
		h.log.Info("the log of the wiped data is not empty yet", "error", err)
	}
	h.session.Forget(name)
	h.log.Warn("this computer was removed from the agency and has wiped itself", "agency", name)
	h.tell(Change{All: true, Standing: true})
	return nil
}

// clear empties every table.
func clear(ctx context.Context, tx *sqldb.Tx) error {
	// An enrolment that has begun may go on after it.
	if _, err := tx.ExecContext(ctx, `DELETE FROM facts WHERE name <> $1`, factEnrolling); err != nil {
		return fmt.Errorf("emptying the facts: %w", err)
	}
	if err := empty(ctx, tx, "members", "devices", "connections", "requests", "items", "checks", "outbox", "credentials", "refusals", "campaigns"); err != nil {
		return err
	}
	return writeFact(ctx, tx, factShape, copyShape)
}

func empty(ctx context.Context, tx *sqldb.Tx, tables ...string) error {
	for _, table := range tables {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table); err != nil {
			return fmt.Errorf("emptying %s: %w", table, err)
		}
		index, indexed := map[string]string{"requests": "request_words", "items": "item_words"}[table]
		if !indexed {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO `+index+` (`+index+`) VALUES ('delete-all')`); err != nil {
			return fmt.Errorf("emptying %s: %w", index, err)
		}
	}
	return nil
}
