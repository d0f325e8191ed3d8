package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// withdrawBatch is how many items a transaction of Withdraw marks: others write between
// two of them.
const withdrawBatch = 100

// Withdraw records that the client who withdraws items of a request, and tells the agency:
// its hubs end the access. Nothing of them is renewed for anything else from now on. What
// has ended, or was withdrawn before, stays as it is.
func (s *Items) Withdraw(ctx context.Context, agency, request, who string, ids []string) error {
	known := map[onboarding.Service]bool{} // what the agency was told of by an earlier transaction
	for some := range slices.Chunk(ids, withdrawBatch) {
		told := map[onboarding.Service][]onboarding.Item{}
		err := s.plainChange(ctx, agency, request, "withdrawing what was shared by", func(c *changeTx, r Request) error {
			clear(told)
			for _, id := range some {
				withdrawn, err := withdrawItem(c, r, id, who)
				if err != nil {
					return err
				}
				if withdrawn.ID != "" {
					told[withdrawn.Service] = append(told[withdrawn.Service], withdrawn)
				}
			}
			if len(told) == 0 {
				return errUnchanged
			}
			return tellWithdrawn(c, r, told, known)
		})
		if err != nil {
			return err
		}
		for service := range told {
			known[service] = true
		}
	}
	return nil
}

// WithdrawAgain marks an item whose client had withdrawn it before the relay was restored
// from a backup. The agency has been told. It returns the item, also if there is nothing to
// withdraw.
func (s *Items) WithdrawAgain(ctx context.Context, agency, id string) (onboarding.Item, error) {
	err := s.change(ctx, agency, func(c *changeTx) error {
		i, err := itemByID(c, id)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		withdrawn, err := withdrawItem(c, Request{Request: onboarding.Request{ID: i.Request}}, id, "")
		if err != nil || withdrawn.ID == "" {
			return cmp.Or(err, errUnchanged)
		}
		return c.bump(kindRequest, i.Request, i.Owner, audienceOwner)
	})
	if err != nil {
		return onboarding.Item{}, fmt.Errorf("withdrawing item %s again: %w", id, err)
	}
	return s.Get(ctx, agency, id)
}

// withdrawItem marks an item; one without an id: there was nothing to withdraw.
func withdrawItem(c *changeTx, r Request, id, who string) (onboarding.Item, error) {
	old, err := itemByID(c, id)
	if err := wrapNotFound(err, "finding the item"); err != nil {
		return onboarding.Item{}, err
	}
	isShared := old.State == onboarding.ItemConnected || old.State == onboarding.ItemWaiting
	switch {
	case old.Request != r.ID:
		return onboarding.Item{}, onboarding.ErrNotFound
	case !isShared || old.Withdrawn != 0:
		return onboarding.Item{}, nil
	}
	if err := c.exec(`UPDATE items SET changed_ms = $1 WHERE id = $2`, c.now, id); err != nil {
		return onboarding.Item{}, err
	}
	if err := setWithdrawn(c, id, c.now); err != nil {
		return onboarding.Item{}, err
	}
	kept, err := itemByID(c, id)
	if err != nil {
		return onboarding.Item{}, err
	}
	if err := recordItemEvent(c, kept, onboarding.EventAccessWithdrawn, who); err != nil {
		return onboarding.Item{}, err
	}
	if err := closeRepair(c, kept, RepairEnded, who); err != nil {
		return onboarding.Item{}, err
	}
	if err := c.exec(`DELETE FROM jobs WHERE subject = $1`, id); err != nil {
		return onboarding.Item{}, err
	}
	if err := schedule(c.agencyTx, JobWithdrawn, id, c.now+withdrawnEnds); err != nil {
		return onboarding.Item{}, err
	}
	return kept, endOrLeave(c, kept)
}

// setWithdrawn writes when an item was withdrawn; zero: it is not. Hubs end what is, so it is
// under the row's MAC. A row that was tampered with gets no new one.
func setWithdrawn(c *changeTx, id string, at onboarding.Timestamp) error {
	var mac []byte
	i, err := scanItem(also{c.row(`SELECT `+itemColumns+`, mac FROM items WHERE id = $1`, id), []any{&mac}})
	if err != nil || i.Withdrawn == at {
		return err
	}
	if verifyRow(c.signer, mac, "items", id, itemColumnsSigned(c.agency, i)) == nil {
		i.Withdrawn = at
		mac = c.signer.SignRow("items", itemColumnsSigned(c.agency, i)...)
	}
	return c.exec(`UPDATE items SET withdrawn_ms = $1, mac = $2 WHERE id = $3`, at, mac, id)
}

// withdrawnEnds is how long the hubs have to end what a client has withdrawn. After that
// it ends without them.
const withdrawnEnds = 30 * day

// endOrLeave leaves the end of a withdrawn item to the hub that has its credential: that
// can ask the platform to end it, and prove it. No other computer gets it any more. Where
// none has it, nobody can: the access ends here, and the rest is left to the client.
func endOrLeave(c *changeTx, i onboarding.Item) error {
	if i.HasNotArrived() {
		_, err := endItemAccess(c, i, Ending{Remaining: neverArrived})
		return err
	}
	if i.Kind.IsShared() {
		return endOrLeaveShare(c, i)
	}
	var held, underWay int
	if err := c.row(`
		SELECT (SELECT count(*) FROM device_credentials w JOIN devices d ON d.id = w.device
		        WHERE w.subject = $1 AND d.revoked_ms = 0),
		       (SELECT count(*) FROM deliveries w JOIN devices d ON d.id = w.device
		        WHERE w.subject = $1 AND d.revoked_ms = 0)`, i.ID).Scan(&held, &underWay); err != nil {
		return err
	}
	switch {
	case held > 0:
		if err := c.exec(`
			DELETE FROM deliveries WHERE subject = $1
			AND device NOT IN (SELECT device FROM device_credentials WHERE subject = $1)`, i.ID); err != nil {
			return err
		}
	case i.Version > 0 && underWay == 0:
		_, err := endItemAccess(c, i, Ending{Remaining: withdrawByHand})
		return err
	}
	return bumpItem(c, i)
}

// endOrLeaveShare is endOrLeave for what is shared with a Business Manager: a computer
// with a sign-in of the request's Facebook user can end it, and that user can sign in again.
// Once they are removed, nobody can.
func endOrLeaveShare(c *changeTx, i onboarding.Item) error {
	users, err := usersWhoCanEnd(c.reads(), i.Request)
	if err != nil {
		return err
	}
	if users == 0 {
		_, err := endItemAccess(c, i, Ending{Remaining: withdrawByHand})
		return err
	}
	return bumpItem(c, i)
}

// CanEndShares reports whether anybody of an agency can have removed what a request shared
// with its Business Manager.
func (s *Items) CanEndShares(ctx context.Context, agency, request string) (can bool, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		users, err := usersWhoCanEnd(agencyRead{q: q, ctx: ctx, agency: agency, now: s.timestamp()}, request)
		can = users > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("looking up who can end what request %s shared: %w", request, err)
	}
	return can, nil
}

// usersWhoCanEnd counts the agency's sign-ins that can end what a request shared: those of
// its Facebook user. Where a member typed the Business Manager, those of its admins.
func usersWhoCanEnd(r agencyRead, request string) (users int, err error) {
	var user, business, connection string
	var byHand int
	if err := r.row(`SELECT user_id, business_id, connection, by_hand FROM requests WHERE id = $1`, request).
		Scan(&user, &business, &connection, &byHand); err != nil {
		return 0, err
	}
	open, err := read(r.ctx, r.q, `
		SELECT `+connectionColumns+` FROM connections WHERE agency = $1 AND platform = $2 AND ended_ms = 0`,
		[]any{r.agency, onboarding.Meta}, scanConnection)
	for _, x := range open {
		isTyped := byHand != 0 && connection == ""
		if isTyped && slices.Contains(adminOf(x), business) || !isTyped && x.User.ID == user {
			users++
		}
	}
	return users, err
}

// adminOf lists the Business Managers that a sign-in's user is an admin of.
func adminOf(x onboarding.Connection) (ids []string) {
	for _, b := range x.Businesses {
		if b.Admin {
			ids = append(ids, b.ID)
		}
	}
	return ids
}

// endWithoutUser ends what was withdrawn and left to a Facebook user whose sign-in has
// ended, unless another one can end it.
func endWithoutUser(c *changeTx, x onboarding.Connection) error {
	list, args := inClause(adminOf(x), x.User.ID, c.agency)
	items, err := c.texts(`
		SELECT i.id FROM items i JOIN requests r ON r.id = i.request
		WHERE  (r.user_id = $1 OR r.by_hand <> 0 AND r.connection = '' AND r.business_id `+list+`)
		AND    i.agency = $2 AND i.service = 'facebook' AND i.withdrawn_ms <> 0 AND i.state IN ('connected', 'waiting')
		ORDER  BY i.id`, args...)
	if err != nil {
		return err
	}
	return endOrLeaveAll(c, items)
}

// endLeftWithdrawn ends what was withdrawn a month ago and no hub has ended.
func endLeftWithdrawn(c *changeTx, job Job) error {
	i, exists, err := findItem(c, job.Subject)
	isShared := i.State == onboarding.ItemConnected || i.State == onboarding.ItemWaiting
	if err != nil || !exists || i.Withdrawn == 0 || !isShared {
		return err
	}
	_, err = endItemAccess(c, i, Ending{Remaining: withdrawByHand})
	return err
}

// endWhatNobodyHas ends what was withdrawn and left to a device that is revoked, unless
// another one has its credential.
func endWhatNobodyHas(c *changeTx, device string) error {
	items, err := c.texts(`
		SELECT i.id FROM items i JOIN device_credentials h ON h.subject = i.id
		WHERE  h.device = $1 AND i.agency = $2 AND i.withdrawn_ms <> 0 AND i.state IN ('connected', 'waiting')
		ORDER  BY i.id`, device, c.agency)
	if err != nil {
		return err
	}
	return endOrLeaveAll(c, items)
}

func endOrLeaveAll(c *changeTx, items []string) error {
	for _, id := range items {
		i, err := itemByID(c, id)
		if err != nil {
			return err
		}
		if err := endOrLeave(c, i); err != nil {
			return err
		}
	}
	return nil
}

// What is left at a platform, codes of the catalog.
const (
	withdrawByHand = "withdraw_by_hand" // a user there has to end it
	neverArrived   = "never_arrived"    // nobody has found what was named: nothing, as far as the agency sees
)

// tellWithdrawn makes one piece of news for each service that is not known yet.
func tellWithdrawn(
	c *changeTx, r Request, told map[onboarding.Service][]onboarding.Item, known map[onboarding.Service]bool,
) error {
	for _, service := range r.Services {
		items := told[service]
		if len(items) == 0 || known[service] {
			continue
		}
		news := News{Kind: onboarding.NewsWithdrawn, Request: r.ID, Owner: r.Owner, Service: service}
		if len(items) == 1 {
			news.Item = items[0].ID
		}
		if err := recordNews(c, news); err != nil {
			return err
		}
	}
	return nil
}
