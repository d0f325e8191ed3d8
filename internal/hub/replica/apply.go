package replica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func (r *Replica) Apply(ctx context.Context, cursor wire.Cursor, a wire.ChangesResult) error {
	if nothing := a.Agency == nil &&
		len(a.Members)+len(a.Devices)+len(a.Connections)+len(a.Requests)+len(a.Items)+len(a.Deleted) == 0; nothing &&
		!a.Reset && a.Next == cursor && cursor != (wire.Cursor{}) {
		return r.markRead(ctx)
	}
	return r.Update(ctx, func(s *Tx) error {
		if now, err := ReadCursor(ctx, s.Tx); err != nil {
			return err
		} else if now != cursor { // this computer has enrolled anew since the call
			return fmt.Errorf("storing changes that are not the next: %w", onboarding.ErrBusy)
		}
		reading, err := ReadMetadata(ctx, s.Tx, metaFullRead)
		if err != nil {
			return err
		}
		if a.Reset || cursor == (wire.Cursor{}) {
			// A full read: every row that it contains gets the new generation;
			// rows without it are deleted at the end.
			reading = fullReadAll
			// equal visibility: the relay was restored
			if cursor != (wire.Cursor{}) && a.Next.Visibility <= cursor.Visibility {
				reading = fullReadRestored
			}
			s.generation++
			if err := s.writeMetadataNumber(ctx, metaGeneration, s.generation); err != nil {
				return err
			}
			if err := s.WriteMetadata(ctx, metaFullRead, reading); err != nil {
				return err
			}
		}
		s.initialSync = reading != ""
		if err := s.applyPage(ctx, a); err != nil {
			return err
		}
		if reading != "" && !a.More {
			if err := s.pruneMissing(ctx, reading == fullReadRestored); err != nil {
				return err
			}
			if err := s.DeleteMetadata(ctx, metaFullRead); err != nil {
				return err
			}
			s.Change.All = true
		}
		if !a.More {
			if err := s.writeMetadataNumber(ctx, MetaReadUntil, int64(r.now())); err != nil {
				return err
			}
		}
		return s.WriteMetadataJSON(ctx, MetaCursor, a.Next)
	})
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

// pruneMissing ends a full read: it deletes rows of earlier generations. A lost
// request of this member is resubmitted with its link, and stays until the
// relay has replied. That is skipped if this computer was offline for longer
// than the relay keeps tombstones: a lost request then looks like a deleted
// one. Connections and accounts of this member that a restored relay has lost
// are recorded: only the member can connect them again.
func (s *Tx) pruneMissing(ctx context.Context, restored bool) error {
	until, err := ReadMetadataTime(ctx, s.Tx, MetaReadUntil)
	if err != nil {
		return err
	}
	offers := until.Since(s.Now()) < onboarding.TombstoneTTL
	requests, err := ReadRows[onboarding.Request](ctx, s.Tx, `
		SELECT payload FROM requests JOIN request_payloads USING (seq) WHERE generation < $1`, s.generation)
	if err != nil {
		return err
	}
	for _, r := range requests {
		if offers && r.Owner == s.Self.Member && r.Withdrawn == 0 && r.Link != "" {
			if err := s.queueResubmit(ctx, r); err != nil {
				return err
			}
			continue
		}
		if err := s.dropRequest(ctx, r.ID); err != nil {
			return err
		}
	}
	items, err := ReadRows[onboarding.Item](ctx, s.Tx, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE generation < $1 AND request NOT IN (SELECT subject
		FROM outbox WHERE kind = 'resubmit')`, s.generation)
	if err != nil {
		return err
	}
	if restored && offers {
		if err := s.recordLost(ctx, items); err != nil {
			return err
		}
	}
	for _, i := range items {
		if err := s.DropItem(ctx, i.ID, s.Now().Add(orphanGracePeriod)); err != nil {
			return err
		}
	}
	for _, table := range []string{"members", "devices", "connections"} {
		if _, err := s.Tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE generation < $1`, s.generation); err != nil {
			return fmt.Errorf("dropping what the relay no longer has: %w", err)
		}
	}
	if _, err := s.Tx.ExecContext(ctx, `UPDATE credentials SET delete_after_ms = $1 WHERE delete_after_ms = 0
		AND subject LIKE 'connection:%' AND substr(subject, 12) NOT IN (SELECT id FROM connections)`,
		s.Now().Add(orphanGracePeriod)); err != nil {
		return fmt.Errorf("dropping what the relay no longer has: %w", err)
	}
	return nil
}

// queueResubmit queues a lost request, once.
func (s *Tx) queueResubmit(ctx context.Context, r onboarding.Request) error {
	if _, err := ReadEntry(ctx, s.Tx, `
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
	if _, err := s.Tx.ExecContext(ctx, `DELETE FROM metadata WHERE name <> $1`, MetaEnrolling); err != nil {
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
		if _, err := s.Tx.ExecContext(ctx, `DELETE FROM `+table); err != nil {
			return fmt.Errorf("emptying %s: %w", table, err)
		}
		index, indexed := map[string]string{"requests": "request_fts", "items": "item_fts"}[table]
		if !indexed {
			continue
		}
		if _, err := s.Tx.ExecContext(ctx, `INSERT INTO `+index+` (`+index+`) VALUES ('delete-all')`); err != nil {
			return fmt.Errorf("emptying %s: %w", index, err)
		}
	}
	return nil
}

func (s *Tx) applyPage(ctx context.Context, a wire.ChangesResult) error {
	if a.Agency != nil {
		if err := s.WriteMetadataJSON(ctx, MetaAgency, a.Agency); err != nil {
			return err
		}
		s.Change.Agency = true
	}
	for _, m := range a.Members {
		if err := s.StoreRow(ctx, "members", m.ID, m); err != nil {
			return err
		}
		s.Change.Members = append(s.Change.Members, m.ID)
	}
	for _, d := range a.Devices {
		if err := s.storeDevice(ctx, d); err != nil {
			return err
		}
	}
	for _, c := range a.Connections {
		if err := s.StoreRow(ctx, "connections", c.ID, c); err != nil {
			return err
		}
		if c.Ended != 0 {
			if err := s.discard(ctx, SubjectConnection+c.ID, s.Now()); err != nil {
				return err
			}
		}
		s.Change.Connections = append(s.Change.Connections, c.ID)
	}
	if err := s.storeRequests(ctx, a.Requests); err != nil {
		return err
	}
	for _, i := range a.Items {
		if err := s.StoreItem(ctx, i); err != nil {
			return err
		}
	}
	for _, g := range a.Deleted {
		if err := s.applyTombstone(ctx, g); err != nil {
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
		if _, err := s.Tx.ExecContext(ctx, `DELETE FROM `+g.Kind+`s WHERE id = $1`, g.ID); err != nil {
			return fmt.Errorf("dropping %s %s: %w", g.Kind, g.ID, err)
		}
	}
	return nil // a kind that this version does not store
}
