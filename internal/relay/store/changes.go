package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// ChangeLog is what changed, in order, for the hubs' copies.
type ChangeLog struct{ *handle }

// Cursor is how far a hub has read. CommitID is that of the newest commit at that
// time: a database without it was restored from an older backup, or the hub was
// away for longer than commits and tombstones are stored.
type Cursor struct {
	Seq        int64
	CommitID   string
	Visibility int64
}

// Tombstone names a row that was deleted.
type Tombstone struct{ Kind, ID string }

// Changes is a page of what changed after a cursor, as it is now.
type Changes struct {
	Reset       bool // the cursor is invalid: this is the first page of everything
	Agency      *onboarding.Agency
	Members     []onboarding.Member
	Devices     []Device
	Connections []onboarding.Connection
	Requests    []Request
	Items       []onboarding.Item
	Repairs     map[string]Repair // the open ones, by the item
	Deleted     []Tombstone
	Next        Cursor
	More        bool
}

// pageOfChanges is about how many rows a page has: it ends with all rows of a number.
const pageOfChanges = 200

// After returns the changes after a cursor that a member may see.
func (s *ChangeLog) After(ctx context.Context, agency string, m onboarding.Member, after Cursor) (Changes, error) {
	var page Changes
	err := s.db.Read(ctx, func(db sqldb.Queryer) error {
		page = Changes{}
		return readChanges(ctx, db, agency, m, after, &page)
	})
	if err != nil {
		return Changes{}, fmt.Errorf("reading changes of agency %s: %w", agency, err)
	}
	return page, nil
}

// visible selects the changes of the agency $1 after the number $3 that its member
// $2 may see.
const visible = `
	FROM   agencies a
	JOIN   members m ON m.agency = a.id
	JOIN   (SELECT agency, kind, id, seq, owner, audience, deleted_ms,
	               CASE WHEN audience = 'owner_and_mains' THEN 1 ELSE 0 END AS agency_owned
	        FROM changes) AS o ON o.agency = a.id
	WHERE  a.id = $1 AND m.id = $2 AND o.seq > $3
	  AND  (o.audience = 'all'
	        OR o.audience IN ('owner', 'owner_and_mains') AND ` + maySee + `
	        OR o.audience = 'managers' AND ` + mayManage + `)`

func readChanges(
	ctx context.Context, db queryer, agency string, m onboarding.Member, after Cursor, page *Changes,
) error {
	var head Cursor
	err := db.QueryRowContext(ctx, `
		SELECT a.seq, a.commit_id, a.visibility + m.visibility
		FROM agencies a JOIN members m ON m.agency = a.id AND m.id = $2 WHERE a.id = $1`, agency, m.ID).
		Scan(&head.Seq, &head.CommitID, &head.Visibility)
	if err := wrapNotFound(err, "reading the newest number"); err != nil {
		return err
	}
	if after != (Cursor{}) {
		if page.Reset, err = needsReset(ctx, db, agency, after, head); err != nil {
			return err
		}
		if page.Reset {
			after = Cursor{}
		}
	}
	args := []any{agency, m.ID, after.Seq}
	page.Next = head
	err = db.QueryRowContext(ctx, `
		SELECT o.seq`+visible+fmt.Sprintf(` ORDER BY o.seq LIMIT 1 OFFSET %d`, pageOfChanges), args...).Scan(&page.Next.Seq)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	default:
		page.More = page.Next.Seq < head.Seq
	}
	rows, err := db.QueryContext(ctx, `
		SELECT o.kind, o.id, o.deleted_ms`+visible+` AND o.seq <= $4 ORDER BY o.seq`, append(args, page.Next.Seq)...)
	found := map[string][]string{}
	_, err = scanAll(rows, err, func(row scanner) (struct{}, error) {
		var kind, id string
		var deleted onboarding.Timestamp
		err := row.Scan(&kind, &id, &deleted)
		switch {
		case deleted == 0:
			found[kind] = append(found[kind], id)
		case after.Seq > 0:
			page.Deleted = append(page.Deleted, Tombstone{kind, id})
		}
		return struct{}{}, err
	})
	if err != nil {
		return err
	}
	return fillChanges(ctx, db, found, m, page)
}

// needsReset reports whether the cursor is unknown, so that the hub must read
// everything.
func needsReset(ctx context.Context, db queryer, agency string, after, head Cursor) (bool, error) {
	if after.Visibility != head.Visibility || after.Seq > head.Seq {
		return true, nil
	}
	var n int64
	err := db.QueryRowContext(ctx, `
		SELECT seq FROM commits WHERE agency = $1 AND commit_id = $2`, agency, after.CommitID).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return n < after.Seq, err
}

func fillChanges(
	ctx context.Context, db queryer, found map[string][]string, m onboarding.Member, page *Changes,
) error {
	for kind, ids := range found {
		list, args := inClause(ids)
		var err error
		switch kind {
		case kindAgency:
			page.Agency, err = agencyFor(ctx, db, m, list, args)
		case kindMember:
			page.Members, err = read(ctx, db, `SELECT `+memberColumns+` FROM members WHERE id `+list, args, scanMember)
		case kindDevice:
			page.Devices, err = read(ctx, db, `SELECT `+deviceColumns+` FROM devices WHERE id `+list, args, scanDevice)
		case kindConnection:
			page.Connections, err = read(ctx, db, `
				SELECT `+connectionColumns+` FROM connections WHERE id `+list, args, scanConnection)
			if err == nil {
				err = fillOutages(ctx, db, page.Connections)
			}
		case kindRequest:
			page.Requests, err = read(ctx, db, `SELECT `+requestColumns+` FROM requests WHERE id `+list, args, scanRequest)
			if err == nil {
				err = fillRequests(ctx, db, page.Requests)
			}
		case kindItem:
			page.Items, err = read(ctx, db, `SELECT `+itemColumns+` FROM items WHERE id `+list, args, scanItem)
			if err == nil {
				page.Repairs, err = readOpenRepairs(ctx, db, page.Items)
			}
		}
		if err != nil {
			return fmt.Errorf("reading changed rows of kind %s: %w", kind, err)
		}
	}
	return nil
}

// agencyFor reads the agency as a member's hubs get it.
func agencyFor(
	ctx context.Context, db queryer, m onboarding.Member, list string, args []any,
) (*onboarding.Agency, error) {
	agencies, err := read(ctx, db, `SELECT `+agencyColumns+` FROM agencies WHERE id `+list, args, scanAgency)
	if err != nil || len(agencies) == 0 {
		return nil, err
	}
	a := agencies[0].For(m)
	return &a, fillAppOutages(ctx, db, &a, m.ID)
}

// InvalidateCursors gives every agency a new commit id, so that each hub
// notices that the database is an older one, and gives back what it lacks.
func (s *ChangeLog) InvalidateCursors(ctx context.Context) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id FROM agencies`)
		agencies, err := scanAll(rows, err, scanText)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM commits`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO metadata (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			metadataRestored, fmt.Sprint(int64(s.timestamp()))); err != nil {
			return err
		}
		for _, agency := range agencies {
			commitID := rand.Text()
			var n int64
			if err := tx.QueryRowContext(ctx, `
				UPDATE agencies SET seq = seq + 1, commit_id = $1 WHERE id = $2 RETURNING seq`,
				commitID, agency).Scan(&n); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO commits (agency, commit_id, seq, created_ms)
				VALUES ($1, $2, $3, $4)`, agency, commitID, n, s.timestamp()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("marking a restored database: %w", err)
	}
	return nil
}
