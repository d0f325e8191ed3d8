package replica

import (
	"context"
	"fmt"
)

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

func (s *Tx) clearTables(ctx context.Context) error { return s.deleteRows(ctx, agencyTables()...) }

// agencyTables hold what is the agency's; the payloads go with their rows.
func agencyTables() []string {
	return []string{
		"members", "devices", "connections", "requests", "items", "checks", "causes", "outbox",
		"rejected_deliveries", "campaigns", "tombstones", "audit_heads", "lost_events", "offboardings",
		"arrivals", "arrival_lists", "arrival_requests",
	}
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
