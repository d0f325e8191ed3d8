package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// MaxHandOvers is how many emails the clients of a request can have it write to colleagues
// who have not opened theirs: in its whole life, whatever becomes of its link.
const MaxHandOvers = 3

// ErrHandOversUsed: MaxHandOvers emails went to colleagues.
var ErrHandOversUsed = errors.New("this request was handed over as often as it may be")

// ErrOwnAddress: a client hands over to the address that they have themselves.
var ErrOwnAddress = errors.New("a client cannot hand over to themselves")

// HandOver is what a client asks a colleague for.
type HandOver struct {
	To       NewRecipient
	Services []onboarding.Service
}

// HandOver asks a colleague to look after services of a request, by one email with a link to
// those alone. What is connected stays. Somebody whom the agency invited keeps their link to
// all of it. The same once more within a day of the email changes nothing. Further services
// widen what the colleague's link opens, and use none of MaxHandOvers: who has opened it is
// told by an email; who has not gets none while the email of that day opens them, too.
// ErrNotFound: the visit has not all of the services; ErrRateLimited: the address, or the
// agency, gets no more emails today. An address that asked for no emails gets none, and
// nobody is told.
func (s *Requests) HandOver(ctx context.Context, v Visit, h HandOver, limits onboarding.Limits) error {
	return s.plainChange(ctx, v.Agency, v.Request, "handing over", func(c *changeTx, r Request) error {
		if err := checkMayHandOver(c, r, v, h); err != nil {
			return err
		}
		a, err := askingOf(ctx, c, v, h)
		if err != nil {
			return err
		}
		if used, err := countHandOvers(ctx, c, r.ID); err != nil {
			return err
		} else if used >= MaxHandOvers && a.kind == onboarding.EventHandedOver {
			return ErrHandOversUsed
		}
		a.to.Ask(a.services, c.now)
		a.to.HandedBy = onboarding.Person{Name: v.Name, Email: v.Email}
		if !a.quiet {
			if a.to.EmailState, a.to.Stopped, err = emailStateOf(c, a.to, h.To.Hashes); err != nil {
				return err
			}
		}
		if err := writeColleague(c, r.ID, a.to, a.known); err != nil {
			return err
		}
		if err := recordHandOver(c, r, v, a); err != nil || a.quiet || a.to.Stopped != 0 {
			return err
		}
		return mailColleague(c, v, a.to, h.To.Hashes, limits)
	})
}

// asking is how a colleague is asked.
type asking struct {
	to       onboarding.Recipient
	services []onboarding.Service // of the hand-over, those that they are not asked for yet
	known    bool                 // the request has them already
	quiet    bool                 // without an email: the one of today opens this, too, and is unopened
	kind     onboarding.EventKind // EventHandedOver uses one of MaxHandOvers
}

// askingOf is how a hand-over reaches its colleague. errUnchanged: an email of today asks them
// for all of it, and they have not finished since.
func askingOf(ctx context.Context, c *changeTx, v Visit, h HandOver) (a asking, err error) {
	a.services, a.kind = h.Services, onboarding.EventHandedOver
	present, err := recipientsOf(ctx, c, v.Request)
	if err != nil {
		return a, err
	}
	if a.to, a.known, err = colleague(c, present, v, h); err != nil || !a.known {
		return a, err
	}
	goesOn, err := goOn(c, v.Request, a.to)
	if err != nil || a.to.Handed == 0 {
		return a, err
	}
	further := slices.DeleteFunc(slices.Clone(h.Services), func(service onboarding.Service) bool {
		return slices.Contains(a.to.Services, service)
	})
	hasOpened := HandedOver{Recipient: a.to}.HasOpened()
	isAskedToday, err := hasEmailOfToday(c, a.to, h.To.Hashes)
	if err != nil {
		return a, err
	}
	if isAskedToday && !goesOn {
		if len(further) == 0 {
			return a, errUnchanged
		}
		a.services, a.quiet = further, !hasOpened
	}
	if len(further) > 0 && (a.quiet || hasOpened) {
		a.kind = onboarding.EventHandedMore
	}
	return a, nil
}

// emailOfToday is an email to a recipient, of a hand-over since $2, whose link works: it was
// neither cancelled nor refused, and the request's link was not renewed since.
const emailOfToday = `
	SELECT 1 FROM emails e JOIN requests q ON q.id = e.request
	WHERE  e.recipient = recipients.id AND e.kind = 'hand_over' AND e.created_ms > $2 AND e.created_ms > q.renewed_ms
	AND    e.state IN ('queued', 'sending', 'handed_over', 'accepted') AND recipients.email_state <> 'refused'`

// toldToday reports whether a colleague has an email of today. Who wants no emails looks as
// if they had one since they were asked: nobody is told.
const toldToday = `CASE WHEN stopped_ms = 0 AND EXISTS (` + emailOfToday + `)
	OR stopped_ms > 0 AND handed_ms > $2
	   AND handed_ms > (SELECT renewed_ms FROM requests WHERE requests.id = recipients.request) THEN 1 ELSE 0 END`

// hasEmailOfToday reports whether a colleague needs no email: they have one of today, or want
// none. Who stopped them, and gets emails again, has none.
func hasEmailOfToday(c *changeTx, to onboarding.Recipient, hashes [][]byte) (told bool, err error) {
	if to.Stopped != 0 {
		if suppressed, err := isSuppressed(c, hashes); err != nil || !suppressed {
			return false, err
		}
	}
	err = c.row(`SELECT `+toldToday+` FROM recipients WHERE id = $1`, to.ID, c.now-day).Scan(&told)
	return told, err
}

// emailStateOf is what becomes of the email to a colleague: it is queued, or they want none.
func emailStateOf(
	c *changeTx, to onboarding.Recipient, hashes [][]byte,
) (state onboarding.EmailState, stopped onboarding.Timestamp, err error) {
	suppressed, err := isSuppressed(c, hashes)
	switch {
	case err != nil || suppressed && to.Stopped != 0:
		return to.EmailState, to.Stopped, err
	case suppressed:
		return onboarding.EmailCancelled, c.now, nil
	}
	return onboarding.EmailQueued, 0, nil
}

// checkMayHandOver reports why a visit cannot hand services over.
func checkMayHandOver(c *changeTx, r Request, v Visit, h HandOver) error {
	if err := r.LinkState(c.now); err != nil {
		return err
	}
	if v.Version != r.LinkVersion {
		return onboarding.ErrLinkSuperseded
	}
	scope, err := visitScope(c, r, v)
	if err != nil {
		return err
	}
	for _, service := range h.Services {
		if !slices.Contains(scope, service) {
			return onboarding.ErrNotFound
		}
	}
	if len(h.Services) == 0 {
		return onboarding.ErrNotFound
	}
	return nil
}

// visitScope lists the services of a request that a visit has.
func visitScope(c *changeTx, r Request, v Visit) ([]onboarding.Service, error) {
	if !v.Scoped {
		return r.Services, nil
	}
	to, err := numberedRecipient(c, r.ID, v.Recipient)
	if err != nil {
		return nil, err
	}
	if to.Handed == 0 {
		return nil, onboarding.ErrNotFound
	}
	return to.Part(r.Services), nil
}

// colleague is the recipient of a hand-over: one that the request has, or a new one.
func colleague(
	c *changeTx, present []onboarding.Recipient, v Visit, h HandOver,
) (to onboarding.Recipient, known bool, err error) {
	if onboarding.SameAddress(h.To.Address, v.Email) {
		return to, false, ErrOwnAddress
	}
	for _, r := range present {
		if !onboarding.SameAddress(r.Address, h.To.Address) {
			continue
		}
		if r.Number == v.Recipient {
			return to, false, ErrOwnAddress
		}
		signed, err := numberedRecipient(c, v.Request, r.Number)
		return signed, true, err
	}
	if len(present) >= maxRecipients {
		return to, false, ErrHandOversUsed
	}
	next, err := nextNumber(c, v.Request)
	return onboarding.Recipient{
		ID: h.To.ID, Address: h.To.Address, Number: next, Added: c.now, EmailState: onboarding.EmailQueued, Scoped: true,
	}, false, err
}

// goOn has somebody go on whose part was done, and reports whether it was.
func goOn(c *changeTx, request string, to onboarding.Recipient) (bool, error) {
	visits, err := c.texts(`
		UPDATE visits SET part_ms = 0 WHERE request = $1 AND recipient = $2 AND part_ms > 0 AND ended_ms = 0 RETURNING id`,
		request, to.Number)
	return len(visits) > 0, err
}

// countHandOvers counts those of a request's life: its history keeps them all.
func countHandOvers(ctx context.Context, q queryer, request string) (used int, err error) {
	err = q.QueryRowContext(ctx, eventsOfKind, request, onboarding.EventHandedOver).Scan(&used)
	return used, err
}

const eventsOfKind = `SELECT count(*) FROM events WHERE request = $1 AND kind = $2`

// writeColleague stores a recipient with what they were asked for.
func writeColleague(c *changeTx, request string, to onboarding.Recipient, known bool) error {
	if !known {
		return insertRecipient(c, request, to)
	}
	return c.execNamed(`
			UPDATE recipients
			SET    services = @services, handed_by_name = @name, handed_by_email = @email, handed_ms = @handed,
			       asked = @asked, email_state = @state, server_reply = '', stopped_ms = @stopped, mac = @mac
			WHERE  id = @id`, named{
		"id":       to.ID,
		"services": joinList(to.Services),
		"name":     to.HandedBy.Name,
		"email":    to.HandedBy.Email,
		"handed":   to.Handed,
		"asked":    joinAsked(to),
		"state":    to.EmailState,
		"stopped":  to.Stopped,
		"mac":      c.signer.SignRow("recipients", recipientColumnsSigned(request, to)...),
	})
}

// mailColleague queues the email to a colleague who was asked. It names the visit: who asked
// is in it where the agency entered their address.
func mailColleague(
	c *changeTx, v Visit, to onboarding.Recipient, hashes [][]byte, limits onboarding.Limits,
) error {
	until, err := checkAddressLimits(c.reads(), EmailHandOver, hashes, limits)
	if err != nil {
		return err
	}
	email := Email{Kind: EmailHandOver, Request: v.Request, Recipient: to.ID, Visit: v.ID, NotBefore: until}
	if err := enqueueCounted(c, email, hashes); err != nil {
		return err
	}
	return checkAgencyLimit(c.agencyTx, limits)
}

// recordHandOver records that a client asked a colleague. Who skipped or declined before
// has thought better of it.
func recordHandOver(c *changeTx, r Request, v Visit, a asking) error {
	for _, service := range a.services {
		if err := c.exec(`DELETE FROM skipped_services WHERE request = $1 AND service = $2`, r.ID, service); err != nil {
			return err
		}
	}
	if err := clearDeclined(c, r); err != nil {
		return err
	}
	event := onboarding.Event{
		Kind: a.kind, Who: v.Name, Detail: onboarding.HandedDetail(a.to.Address, a.services),
	}
	if len(a.services) == 1 {
		event.Service = a.services[0]
	}
	return recordEventWith(c, r.ID, event)
}

// remindColleague starts the reminders of a colleague who was asked by a client: once they
// have opened their link. Who only got an email from a client gets no further ones.
func remindColleague(c *changeTx, request string, number int) error {
	to, err := numberedRecipient(c, request, number)
	if err != nil || !to.Scoped || to.Invited != 0 {
		return err
	}
	return markInvited(c, request, to.ID)
}

// HandedOver is a colleague who was asked by a client.
type HandedOver struct {
	onboarding.Recipient
	Finished bool // they finished their part
	AtWork   bool // they are at it now
	Told     bool // an email of today has a link that works
}

// TakesMore reports whether asking them for services uses none of MaxHandOvers: one of those
// is new to them, and they have opened their link or have an email of today.
func (h HandedOver) TakesMore(services []onboarding.Service) bool {
	isNew := slices.ContainsFunc(services, func(service onboarding.Service) bool { return !h.HasService(service) })
	return isNew && !h.Declined() && !h.Undelivered() && (h.HasOpened() || h.Told && !h.Finished)
}

// Declined reports whether they said, when they were asked, that it was not meant for them.
// Who wants no emails at all looks like somebody who has not opened theirs.
func (h HandedOver) Declined() bool { return h.Stopped > h.Handed }

// HasOpened reports whether they opened their link since they were asked. Who was invited
// before may have opened it for another reason.
func (h HandedOver) HasOpened() bool { return h.Opened > h.Handed || h.Scoped && h.Opened != 0 }

// Undelivered reports whether the mail server refused the email to them.
func (h HandedOver) Undelivered() bool { return h.EmailState == onboarding.EmailRefused }

// HasService reports whether they were asked for a service.
func (h HandedOver) HasService(service onboarding.Service) bool {
	return slices.Contains(h.Services, service)
}

// Awaits reports whether a service still waits for them: they may get to it, and nothing of
// it came or was skipped since they were asked.
func (h HandedOver) Awaits(service onboarding.Service, items []onboarding.Item, skipped bool) bool {
	return h.mayDo(service) && !skipped && !slices.ContainsFunc(items, func(i onboarding.Item) bool {
		return i.Service == service && (i.State == onboarding.ItemConnected || i.State == onboarding.ItemWaiting) &&
			max(i.Created, i.Connected) > h.AskedFor(service)
	})
}

// Holds reports whether others who finish leave the request open for them: a service awaits
// them, or they are at it now and may add more to what came.
func (h HandedOver) Holds(service onboarding.Service, items []onboarding.Item, skipped bool) bool {
	return h.Awaits(service, items, skipped) || h.AtWork && h.mayDo(service) && !skipped
}

func (h HandedOver) mayDo(service onboarding.Service) bool {
	return h.HasService(service) && !h.Finished && !h.Declined() && !h.Undelivered()
}

// HandOvers are what clients of a request have handed over.
type HandOvers struct {
	To   []HandedOver // by their number
	Left int          // how often more it can be
}

// HandOvers reads what clients of a request have handed over.
func (s *Requests) HandOvers(ctx context.Context, request string) (h HandOvers, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		if h.To, err = handedOver(ctx, q, request, s.timestamp()); err != nil {
			return err
		}
		used, err := countHandOvers(ctx, q, request)
		h.Left = max(MaxHandOvers-used, 0)
		return err
	})
	if err != nil {
		return HandOvers{}, fmt.Errorf("reading what was handed over: %w", err)
	}
	return h, nil
}

func handedOver(ctx context.Context, q queryer, request string, now onboarding.Timestamp) ([]HandedOver, error) {
	colleagues, err := read(ctx, q, colleaguesByRequest, []any{request, now - day, now.Add(-atItNow)},
		func(row scanner) (h HandedOver, err error) {
			owned, err := scanRecipient(also{row, []any{&h.AtWork, &h.Told}})
			h.Recipient = owned.Recipient
			return h, err
		})
	if err != nil || len(colleagues) == 0 {
		return nil, err
	}
	finished, err := finishedVisits(ctx, q, request)
	for n, one := range colleagues {
		colleagues[n].Finished = finished.of(one.Recipient)
	}
	return colleagues, err
}

const colleaguesByRequest = `
	SELECT ` + recipientColumns + `, CASE WHEN EXISTS (` + visitAtWork + `) THEN 1 ELSE 0 END, ` + toldToday + `
	FROM   recipients WHERE request = $1 AND handed_ms > 0 ORDER BY number`

// finishes are the visits of a request that finished their part, with the link of today.
type finishes []Visit

const finishesByRequest = `
	SELECT recipient, email FROM visits WHERE request = $1 AND repair = '' AND part_ms > 0 AND ended_ms = 0`

func finishedVisits(ctx context.Context, q queryer, request string) (finishes, error) {
	return read(ctx, q, finishesByRequest, []any{request}, func(row scanner) (v Visit, err error) {
		return v, row.Scan(&v.Recipient, &v.Email)
	})
}

// of reports whether a recipient finished: by the link in their email or, if that opens all
// of it, in their name by the link that was copied. There the address is only claimed:
// whoever has that link can type it.
func (f finishes) of(r onboarding.Recipient) bool {
	return slices.ContainsFunc(f, func(v Visit) bool {
		return v.Recipient == r.Number ||
			v.Recipient == 0 && !r.Scoped && onboarding.SameAddress(v.Email, r.Address)
	})
}

// visitAtWork is a visit of a recipient that is under way.
const visitAtWork = `
	SELECT 1 FROM visits v
	WHERE  v.request = recipients.request AND v.recipient = recipients.number AND v.repair = ''
	AND    v.part_ms = 0 AND v.ended_ms = 0 AND v.seen_ms > $3`

// atItNow is for how long a visit counts as under way after it was seen last: nobody else
// who finishes closes it.
const atItNow = 30 * time.Minute

// waiting is why a visit that finishes leaves the request open.
type waiting struct {
	undone bool // something is not done
	atWork bool // somebody else is at it, and may add more
}

func (w *waiting) add(undone, atWork bool) {
	w.undone, w.atWork = w.undone || undone, w.atWork || atWork
}

// waitsForOthers reports whether a visit that finishes leaves something to others: what it
// handed over or, with the services that were handed to it, all others.
func waitsForOthers(c *changeTx, r Request, v Visit) (wait waiting, err error) {
	colleagues, err := handedOver(c.ctx, c, r.ID, c.now)
	if err != nil || len(colleagues) == 0 {
		return wait, err
	}
	items, err := read(c.ctx, c, `SELECT `+itemColumns+` FROM items WHERE request = $1`, []any{r.ID}, scanItem)
	if err != nil {
		return wait, err
	}
	skipped, err := c.texts(`SELECT service FROM skipped_services WHERE request = $1`, r.ID)
	if err != nil {
		return wait, err
	}
	own := false // whoever has all of the request has something left that nobody else was asked for
	for _, service := range r.Services {
		isSkipped := slices.Contains(skipped, string(service))
		for _, h := range colleagues {
			if h.Number != v.Recipient {
				wait.add(h.Awaits(service, items, isSkipped), h.Holds(service, items, isSkipped))
			}
		}
		if v.Scoped && !isSkipped {
			wait.add(!hasService(items, service), false)
			own = own || !isHanded(colleagues, service)
		}
	}
	if own && !wait.atWork {
		wait.atWork, err = isWholeAtWork(c, r)
	}
	return wait, err
}

// isWholeAtWork reports whether somebody who has all of a request is at it.
func isWholeAtWork(c *changeTx, r Request) (bool, error) {
	var visits int
	err := c.row(`
		SELECT count(*) FROM visits
		WHERE  request = $1 AND scoped = 0 AND repair = '' AND ended_ms = 0 AND part_ms = 0 AND seen_ms > $2`,
		r.ID, c.now.Add(-atItNow)).Scan(&visits)
	return visits > 0, err
}

// isHanded reports whether a colleague was asked for a service who may look after it.
func isHanded(colleagues []HandedOver, service onboarding.Service) bool {
	return slices.ContainsFunc(colleagues, func(h HandedOver) bool {
		return h.HasService(service) && !h.Declined() && !h.Undelivered()
	})
}

// finishIdle closes a request whose parts are all finished, in the name of who finished the
// last one: others were at it then, and have left without a finish.
func finishIdle(c *changeTx, job Job) error {
	r, exists, err := findRequest(c, job.Subject)
	if err != nil || !exists || r.LinkState(c.now) != nil {
		return err
	}
	parts, err := read(c.ctx, c, `
		SELECT `+visitColumns+` FROM visits WHERE request = $1 AND part_ms > 0 AND ended_ms = 0 AND repair = ''
		ORDER BY part_ms DESC, id LIMIT 1`, []any{r.ID}, scanVisit)
	if err != nil || len(parts) == 0 {
		return err
	}
	v := parts[0]
	wait, err := waitsForOthers(c, r, v)
	switch {
	case err != nil || wait.undone: // whoever does that finishes, too
		return err
	case wait.atWork:
		return schedule(c.agencyTx, JobFinish, r.ID, c.now.Add(atItNow))
	}
	if _, err := closeOrTell(c, r, v, giveReceipts); err != nil && !errors.Is(err, errUnchanged) {
		return err
	}
	return c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
}

func hasService(items []onboarding.Item, service onboarding.Service) bool {
	return slices.ContainsFunc(items, func(i onboarding.Item) bool {
		return i.Service == service && (i.State == onboarding.ItemConnected || i.State == onboarding.ItemWaiting)
	})
}

// finishPart records that a visit did its part, once, and drops its sign-ins at platforms.
// Its client gets the receipt of what they connected, and no more reminders. If nothing is
// undone, the request is closed once nobody else is at it.
func finishPart(c *changeTx, r Request, v Visit, wait waiting, box Mailbox) error {
	var first string
	err := c.row(`
		UPDATE visits SET part_ms = $1, sealed_token = $2, token_used_ms = 0, token_expires_ms = 0
		WHERE  id = $3 AND part_ms = 0 AND ended_ms = 0 RETURNING id`, c.now, []byte{}, v.ID).Scan(&first)
	if err := wrapNotFound(err, "finishing a part"); errors.Is(err, onboarding.ErrNotFound) {
		return errUnchanged
	} else if err != nil {
		return err
	}
	if err := c.exec(`DELETE FROM oauth_states WHERE visit = $1`, v.ID); err != nil {
		return err
	}
	if err := recordEvent(c, r.ID, onboarding.EventFinishedPart, v.Name, ""); err != nil {
		return err
	}
	if !wait.undone {
		if err := schedule(c.agencyTx, JobFinish, r.ID, c.now.Add(atItNow)); err != nil {
			return err
		}
	}
	if err := planReminders(c, r); err != nil {
		return err
	}
	if err := tellPart(c, r); err != nil {
		return err
	}
	state, err := receiptState(c.reads(), v, box)
	if err != nil || !state.Ask {
		return err
	}
	var parts int
	if err := c.row(`SELECT count(*) FROM receipts WHERE request = $1`, r.ID).Scan(&parts); err != nil ||
		parts > MaxHandOvers { // one for each who was asked, and for who asked: the rest once the request is finished
		return err
	}
	if err := insertReceipt(c, v, false); err != nil {
		return err
	}
	return enqueueReceipt(c, v, box)
}

// partDelay is how long after somebody finished their part its requester is told that
// nobody has opened the rest.
const partDelay = day

// tellPart has the requester told, once for each link, that a part is finished and the rest
// is with colleagues who have not opened it by then: they get no reminders.
func tellPart(c *changeTx, r Request) error {
	id := fmt.Sprintf("part-%s-%d", r.ID, r.LinkVersion)
	var told int
	if err := c.row(`SELECT count(*) FROM emails WHERE id = $1`, id).Scan(&told); err != nil || told > 0 {
		return err
	}
	settings, err := newsSettings(c.ctx, c.Tx, r.Owner)
	if err != nil || settings.ModeOf(onboarding.NewsCompleted) == onboarding.NewsOff {
		return err
	}
	return enqueue(c.agencyTx, Email{
		ID: id, Kind: EmailPartFinished, Request: r.ID, Member: r.Owner, NotBefore: c.now + partDelay,
	})
}
