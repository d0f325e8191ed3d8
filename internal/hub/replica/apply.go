package replica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Apply stores a page of changes that was read from cursor. It is ErrBusy if the
// replica is no longer at that cursor.
func (r *Replica) Apply(ctx context.Context, cursor wire.Cursor, changes wire.ChangesResult) error {
	mailFails, err := ReadMetadataTime(ctx, r.db, MetaMailFails)
	if err != nil {
		return err
	}
	if isEmpty(changes) && !changes.Reset && changes.Restored == 0 && changes.Next == cursor &&
		changes.MailFails == mailFails && cursor != (wire.Cursor{}) {
		return r.markRead(ctx)
	}
	return r.Update(ctx, func(tx *Tx) error { return applier{Tx: tx}.apply(ctx, cursor, changes) })
}

// applier stores what was read from the relay.
type applier struct {
	*Tx
	endings *missingEndings // of a relay that was restored; nil: it was not
}

func (a applier) apply(ctx context.Context, cursor wire.Cursor, changes wire.ChangesResult) error {
	if now, err := ReadCursor(ctx, a.Tx); err != nil {
		return err
	} else if now != cursor { // this computer has enrolled anew since the call
		return fmt.Errorf("storing changes that are not the next: %w", onboarding.ErrBusy)
	}
	if changes.Reset || cursor == (wire.Cursor{}) {
		// equal visibility: the relay was restored
		restored := cursor != (wire.Cursor{}) && (changes.Restored != 0 || changes.Next.Visibility <= cursor.Visibility)
		if err := a.beginFullRead(ctx, restored); err != nil {
			return err
		}
	}
	fullRead, err := ReadMetadata(ctx, a.Tx, metaFullRead)
	if err != nil {
		return err
	}
	a.initialSync = fullRead != ""
	if fullRead == fullReadRestored {
		a.endings, a.restoring = &missingEndings{}, true
	}
	if err := a.applyPage(ctx, changes); err != nil {
		return err
	}
	if err := a.noteRestore(ctx, changes.Restored); err != nil {
		return err
	}
	if err := a.noteMail(ctx, changes.MailFails); err != nil {
		return err
	}
	if !changes.More {
		if err := a.endRead(ctx, fullRead); err != nil {
			return err
		}
	}
	return a.WriteMetadataJSON(ctx, MetaCursor, changes.Next)
}

// noteMail remembers since when the relay's mail server takes no emails; zero: it does.
func (a applier) noteMail(ctx context.Context, fails onboarding.Timestamp) error {
	before, err := ReadMetadataTime(ctx, a.Tx, MetaMailFails)
	if err != nil || before == fails {
		return err
	}
	a.Change.Agency = true // the session's description
	return a.writeMetadataNumber(ctx, MetaMailFails, int64(fails))
}

func isEmpty(c wire.ChangesResult) bool {
	return c.Agency == nil &&
		len(c.Members)+len(c.Devices)+len(c.Connections)+len(c.Requests)+len(c.Items)+len(c.Deleted) == 0
}

// beginFullRead starts a new generation: every row of a full read gets it, and
// endRead deletes the rows without it.
func (a applier) beginFullRead(ctx context.Context, restored bool) error {
	reason := fullReadAll
	if restored {
		reason = fullReadRestored
	}
	a.generation++
	if err := a.writeMetadataNumber(ctx, metaGeneration, a.generation); err != nil {
		return err
	}
	return a.WriteMetadata(ctx, metaFullRead, reason)
}

// endRead notes that everything is read. fullRead is the reason for a full
// read; empty: it was none.
func (a applier) endRead(ctx context.Context, fullRead string) error {
	if fullRead != "" {
		if err := a.pruneMissing(ctx, fullRead == fullReadRestored); err != nil {
			return err
		}
		if err := a.DeleteMetadata(ctx, metaFullRead); err != nil {
			return err
		}
		a.Change.All = true
	}
	if _, err := a.ExecContext(ctx, `
		DELETE FROM tombstones WHERE at_ms <= $1`, a.Now().Add(-oldestBackup)); err != nil {
		return fmt.Errorf("forgetting what was deleted: %w", err)
	}
	return a.writeMetadataNumber(ctx, MetaReadUntil, int64(a.Now()))
}

// oldestBackup is how old a backup may be for what was deleted since to be deleted again.
const oldestBackup = 400 * 24 * time.Hour

// markRead updates the time of the last complete sync, at most every 15
// minutes.
func (r *Replica) markRead(ctx context.Context) error {
	until, err := ReadMetadataTime(ctx, r.db, MetaReadUntil)
	if err != nil || until.Since(r.now()) < 15*time.Minute {
		return err
	}
	return r.Update(ctx, func(tx *Tx) error { return tx.writeMetadataNumber(ctx, MetaReadUntil, int64(r.now())) })
}

// orphanGracePeriod is how long a credential stays in the keychain after a full
// read without its item: a relay that was restored from a backup may get the
// item back.
const orphanGracePeriod = 7 * 24 * time.Hour

// The values of metaFullRead: the reason for a full read.
const (
	fullReadAll      = "yes"
	fullReadRestored = "restored" // the relay was restored from a backup
)

// pruneMissing deletes rows of earlier generations. A lost request of this
// member is resubmitted with its link, and stays until the relay has replied.
// That is skipped if this computer was offline for longer than the relay keeps
// tombstones: a lost request then looks like a deleted one. Connections and
// accounts of this member that a restored relay has lost are recorded: only the
// member can connect them again.
func (a applier) pruneMissing(ctx context.Context, restored bool) error {
	until, err := ReadMetadataTime(ctx, a.Tx, MetaReadUntil)
	if err != nil {
		return err
	}
	recent := until.Since(a.Now()) < onboarding.TombstoneTTL
	if err := a.pruneRequests(ctx, recent); err != nil {
		return err
	}
	if err := a.pruneItems(ctx, restored && recent); err != nil {
		return err
	}
	for _, table := range []string{"members", "devices", "connections"} {
		if _, err := a.ExecContext(ctx, `DELETE FROM `+table+` WHERE generation < $1`, a.generation); err != nil {
			return fmt.Errorf("dropping what the relay no longer has: %w", err)
		}
	}
	if _, err := a.ExecContext(ctx, `UPDATE credentials SET delete_after_ms = $1 WHERE delete_after_ms = 0
		AND subject LIKE 'connection:%' AND substr(subject, 12) NOT IN (SELECT id FROM connections)`,
		a.Now().Add(orphanGracePeriod)); err != nil {
		return fmt.Errorf("dropping what the relay no longer has: %w", err)
	}
	return nil
}

func (a applier) pruneRequests(ctx context.Context, resubmit bool) error {
	requests, err := readRows[onboarding.Request](ctx, a.Tx, `
		SELECT payload FROM requests JOIN request_payloads USING (seq) WHERE generation < $1`, a.generation)
	if err != nil {
		return err
	}
	for _, r := range requests {
		if resubmit && r.Owner == a.Self.Member && r.Withdrawn == 0 && r.Link != "" {
			err = a.queueResubmit(ctx, r)
		} else {
			err = a.dropRequest(ctx, r.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneItems keeps the items of requests that are resubmitted.
func (a applier) pruneItems(ctx context.Context, record bool) error {
	items, err := readRows[onboarding.Item](ctx, a.Tx, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE generation < $1 AND request NOT IN (SELECT subject
		FROM outbox WHERE kind = 'resubmit')`, a.generation)
	if err != nil {
		return err
	}
	if record {
		if err := a.recordLost(ctx, items); err != nil {
			return err
		}
	}
	for _, i := range items {
		if err := a.DropItem(ctx, i.ID, a.Now().Add(orphanGracePeriod)); err != nil {
			return err
		}
	}
	return nil
}

// queueResubmit queues a lost request, once.
func (a applier) queueResubmit(ctx context.Context, r onboarding.Request) error {
	if _, err := readEntry(ctx, a.Tx, `
		WHERE subject = $1 AND kind = 'resubmit' LIMIT 1`, r.ID); !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	items, err := readItemsOf(ctx, a.Tx, r.ID)
	if err != nil {
		return err
	}
	return a.Enqueue(ctx, r.ID, EntryResubmit, r.Client, wire.ResubmitRequestParams{Request: r, Items: items})
}

func (a applier) applyPage(ctx context.Context, changes wire.ChangesResult) error {
	requests, err := a.recordEndings(ctx, changes)
	if err != nil {
		return err
	}
	if err := a.storeOwn(ctx, changes); err != nil {
		return err
	}
	for _, m := range changes.Members {
		if err := a.StoreMember(ctx, m); err != nil {
			return err
		}
	}
	for _, d := range changes.Devices {
		if err := a.StoreDevice(ctx, d); err != nil {
			return err
		}
	}
	if err := a.storeRequests(ctx, requests); err != nil {
		return err
	}
	if err := forgetContacts(ctx, a.Tx, requests); err != nil {
		return err
	}
	for _, i := range changes.Items {
		if err := a.StoreItem(ctx, i); err != nil {
			return err
		}
	}
	for _, tombstone := range changes.Deleted {
		if err := a.applyTombstone(ctx, tombstone); err != nil {
			return err
		}
	}
	return nil
}

// storeOwn stores the agency and its Connections, and alerts to those that do not work
// as another hub has reported.
func (a applier) storeOwn(ctx context.Context, changes wire.ChangesResult) error {
	if changes.Agency == nil && len(changes.Connections) == 0 {
		return nil
	}
	outages, err := ReadOutages(ctx, a.Tx)
	if err != nil {
		return err
	}
	if changes.Agency != nil {
		if err := a.WriteMetadataJSON(ctx, MetaAgency, changes.Agency); err != nil {
			return err
		}
		a.Change.Agency = true
	}
	for _, c := range changes.Connections {
		if err := a.StoreConnection(ctx, c); err != nil {
			return err
		}
	}
	return a.alertOutages(ctx, outages)
}

// applyTombstone deletes a row that no longer exists, or that this member may
// no longer see.
func (a applier) applyTombstone(ctx context.Context, g wire.Tombstone) error {
	if err := a.StoreDeleted(ctx, g.Kind, g.ID); err != nil {
		return err
	}
	switch g.Kind {
	case "request":
		if err := a.dropRequest(ctx, g.ID); err != nil {
			return err
		}
		return ForgetOffboardings(ctx, a.Tx, g.ID)
	case "item":
		return a.DropItem(ctx, g.ID, a.Now())
	case "member", "device", "connection":
		if g.Kind == "connection" {
			if err := a.discard(ctx, SubjectConnection+g.ID, a.Now()); err != nil {
				return err
			}
			a.Change.Connections = append(a.Change.Connections, g.ID)
		}
		if _, err := a.ExecContext(ctx, `DELETE FROM `+g.Kind+`s WHERE id = $1`, g.ID); err != nil {
			return fmt.Errorf("dropping %s %s: %w", g.Kind, g.ID, err)
		}
	}
	return nil // a kind that this version does not store
}
