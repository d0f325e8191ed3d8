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
	if isEmpty(changes) && !changes.Reset && changes.Next == cursor && cursor != (wire.Cursor{}) {
		return r.markRead(ctx)
	}
	return r.Update(ctx, func(s *Tx) error { return s.apply(ctx, cursor, changes) })
}

func (s *Tx) apply(ctx context.Context, cursor wire.Cursor, changes wire.ChangesResult) error {
	if now, err := ReadCursor(ctx, s.Tx); err != nil {
		return err
	} else if now != cursor { // this computer has enrolled anew since the call
		return fmt.Errorf("storing changes that are not the next: %w", onboarding.ErrBusy)
	}
	if changes.Reset || cursor == (wire.Cursor{}) {
		// equal visibility: the relay was restored
		restored := cursor != (wire.Cursor{}) && changes.Next.Visibility <= cursor.Visibility
		if err := s.beginFullRead(ctx, restored); err != nil {
			return err
		}
	}
	fullRead, err := ReadMetadata(ctx, s.Tx, metaFullRead)
	if err != nil {
		return err
	}
	s.initialSync = fullRead != ""
	if err := s.applyPage(ctx, changes); err != nil {
		return err
	}
	if !changes.More {
		if err := s.endRead(ctx, fullRead); err != nil {
			return err
		}
	}
	return s.WriteMetadataJSON(ctx, MetaCursor, changes.Next)
}

func isEmpty(c wire.ChangesResult) bool {
	return c.Agency == nil &&
		len(c.Members)+len(c.Devices)+len(c.Connections)+len(c.Requests)+len(c.Items)+len(c.Deleted) == 0
}

// beginFullRead starts a new generation: every row of a full read gets it, and
// endRead deletes the rows without it.
func (s *Tx) beginFullRead(ctx context.Context, restored bool) error {
	reason := fullReadAll
	if restored {
		reason = fullReadRestored
	}
	s.generation++
	if err := s.writeMetadataNumber(ctx, metaGeneration, s.generation); err != nil {
		return err
	}
	return s.WriteMetadata(ctx, metaFullRead, reason)
}

// endRead notes that everything is read. fullRead is the reason for a full
// read; empty: it was none.
func (s *Tx) endRead(ctx context.Context, fullRead string) error {
	if fullRead != "" {
		if err := s.pruneMissing(ctx, fullRead == fullReadRestored); err != nil {
			return err
		}
		if err := s.DeleteMetadata(ctx, metaFullRead); err != nil {
			return err
		}
		s.Change.All = true
	}
	return s.writeMetadataNumber(ctx, MetaReadUntil, int64(s.Now()))
}

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
func (s *Tx) pruneMissing(ctx context.Context, restored bool) error {
	until, err := ReadMetadataTime(ctx, s.Tx, MetaReadUntil)
	if err != nil {
		return err
	}
	recent := until.Since(s.Now()) < onboarding.TombstoneTTL
	if err := s.pruneRequests(ctx, recent); err != nil {
		return err
	}
	if err := s.pruneItems(ctx, restored && recent); err != nil {
		return err
	}
	for _, table := range []string{"members", "devices", "connections"} {
		if _, err := s.ExecContext(ctx, `DELETE FROM `+table+` WHERE generation < $1`, s.generation); err != nil {
			return fmt.Errorf("dropping what the relay no longer has: %w", err)
		}
	}
	if _, err := s.ExecContext(ctx, `UPDATE credentials SET delete_after_ms = $1 WHERE delete_after_ms = 0
		AND subject LIKE 'connection:%' AND substr(subject, 12) NOT IN (SELECT id FROM connections)`,
		s.Now().Add(orphanGracePeriod)); err != nil {
		return fmt.Errorf("dropping what the relay no longer has: %w", err)
	}
	return nil
}

func (s *Tx) pruneRequests(ctx context.Context, resubmit bool) error {
	requests, err := ReadRows[onboarding.Request](ctx, s.Tx, `
		SELECT payload FROM requests JOIN request_payloads USING (seq) WHERE generation < $1`, s.generation)
	if err != nil {
		return err
	}
	for _, r := range requests {
		if resubmit && r.Owner == s.Self.Member && r.Withdrawn == 0 && r.Link != "" {
			err = s.queueResubmit(ctx, r)
		} else {
			err = s.dropRequest(ctx, r.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneItems keeps the items of requests that are resubmitted.
func (s *Tx) pruneItems(ctx context.Context, record bool) error {
	items, err := ReadRows[onboarding.Item](ctx, s.Tx, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE generation < $1 AND request NOT IN (SELECT subject
		FROM outbox WHERE kind = 'resubmit')`, s.generation)
	if err != nil {
		return err
	}
	if record {
		if err := s.recordLost(ctx, items); err != nil {
			return err
		}
	}
	for _, i := range items {
		if err := s.DropItem(ctx, i.ID, s.Now().Add(orphanGracePeriod)); err != nil {
			return err
		}
	}
	return nil
}

// queueResubmit queues a lost request, once.
func (s *Tx) queueResubmit(ctx context.Context, r onboarding.Request) error {
	if _, err := readEntry(ctx, s.Tx, `
		WHERE subject = $1 AND kind = 'resubmit' LIMIT 1`, r.ID); !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	items, err := ReadRows[onboarding.Item](ctx, s.Tx, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE request = $1`, r.ID)
	if err != nil {
		return err
	}
	return s.Enqueue(ctx, r.ID, EntryResubmit, r.Client, wire.ResubmitRequestParams{Request: r, Items: items})
}

// Clear empties every table but keeps an enrolment in progress.
func (s *Tx) Clear(ctx context.Context) error {
	if _, err := s.ExecContext(ctx, `DELETE FROM metadata WHERE name <> $1`, MetaEnrolling); err != nil {
		return fmt.Errorf("emptying the metadata: %w", err)
	}
	if err := s.deleteRows(ctx, "credentials"); err != nil {
		return err
	}
	if err := s.clearTables(ctx); err != nil {
		return err
	}
	s.generation = 0
	return s.WriteMetadata(ctx, metaProjection, projectionVersion)
}

// ClearCopy deletes the agency's data but keeps the list of keychain entries.
func (s *Tx) ClearCopy(ctx context.Context) error {
	for _, name := range []string{MetaAgency, MetaRelay, MetaCursor} {
		if err := s.DeleteMetadata(ctx, name); err != nil {
			return err
		}
	}
	return s.clearTables(ctx)
}

func (s *Tx) clearTables(ctx context.Context) error {
	return s.deleteRows(ctx, "members", "devices", "connections", "requests", "items", "checks", "outbox",
		"rejected_deliveries", "campaigns")
}

func (s *Tx) deleteRows(ctx context.Context, tables ...string) error {
	for _, table := range tables {
		if _, err := s.ExecContext(ctx, `DELETE FROM `+table); err != nil {
			return fmt.Errorf("emptying %s: %w", table, err)
		}
		index, indexed := map[string]string{"requests": "request_fts", "items": "item_fts"}[table]
		if !indexed {
			continue
		}
		if _, err := s.ExecContext(ctx, `INSERT INTO `+index+` (`+index+`) VALUES ('delete-all')`); err != nil {
			return fmt.Errorf("emptying %s: %w", index, err)
		}
	}
	return nil
}

func (s *Tx) applyPage(ctx context.Context, changes wire.ChangesResult) error {
	if changes.Agency != nil {
		if err := s.WriteMetadataJSON(ctx, MetaAgency, changes.Agency); err != nil {
			return err
		}
		s.Change.Agency = true
	}
	for _, m := range changes.Members {
		if err := s.StoreMember(ctx, m); err != nil {
			return err
		}
	}
	for _, d := range changes.Devices {
		if err := s.StoreDevice(ctx, d); err != nil {
			return err
		}
	}
	for _, c := range changes.Connections {
		if err := s.StoreConnection(ctx, c); err != nil {
			return err
		}
	}
	if err := s.storeRequests(ctx, changes.Requests); err != nil {
		return err
	}
	for _, i := range changes.Items {
		if err := s.StoreItem(ctx, i); err != nil {
			return err
		}
	}
	for _, tombstone := range changes.Deleted {
		if err := s.applyTombstone(ctx, tombstone); err != nil {
			return err
		}
	}
	return nil
}

// applyTombstone deletes a row that no longer exists, or that this member may
// no longer see.
func (s *Tx) applyTombstone(ctx context.Context, g wire.Tombstone) error {
	switch g.Kind {
	case "request":
		return s.dropRequest(ctx, g.ID)
	case "item":
		return s.DropItem(ctx, g.ID, s.Now())
	case "member", "device", "connection":
		if g.Kind == "connection" {
			if err := s.discard(ctx, SubjectConnection+g.ID, s.Now()); err != nil {
				return err
			}
			s.Change.Connections = append(s.Change.Connections, g.ID)
		}
		if _, err := s.ExecContext(ctx, `DELETE FROM `+g.Kind+`s WHERE id = $1`, g.ID); err != nil {
			return fmt.Errorf("dropping %s %s: %w", g.Kind, g.ID, err)
		}
	}
	return nil // a kind that this version does not store
}
