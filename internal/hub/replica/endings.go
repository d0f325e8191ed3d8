package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// EndingKind is what a restored relay has to end again.
type EndingKind string

// The kinds of endings.
const (
	EndingDevice     EndingKind = "device"     // it was revoked
	EndingMember     EndingKind = "member"     // they were removed
	EndingConnection EndingKind = "connection" // it was ended
	EndingItem       EndingKind = "item"       // its access was ended
	EndingWithdrawal EndingKind = "withdrawal" // its client had withdrawn it, and it has not ended
	EndingOwnItem    EndingKind = "own_item"   // it was removed from Accounts
	EndingRepair     EndingKind = "repair"     // the link to repair an item was closed
	EndingLink       EndingKind = "link"       // its request was withdrawn
	EndingRequest    EndingKind = "request"    // it was deleted with its client
	EndingShare      EndingKind = "share"      // every member saw every request
	EndingRole       EndingKind = "role"       // they were a main user
)

// Ending is something that ended after the backup that the relay was restored from.
type Ending struct {
	Kind      EndingKind `json:"kind"`
	ID        string     `json:"id"`
	Successor string     `json:"successor,omitempty"` // of a member; empty: unknown
	Name      string     `json:"name,omitempty"`      // of a main user, as the relay has it
	Proven    bool       `json:"proven,omitempty"`    // of an item: a call verified that the access is gone
	Remaining string     `json:"remaining,omitempty"` // of an item: a code of the catalog
}

// missingEndings are the endings that a page of a restored relay lacks.
type missingEndings struct {
	found      []Ending
	successors map[string]string // of members, by what they owned
}

func (e *missingEndings) add(found Ending) { e.found = append(e.found, found) }

// recordEndings notes what has ended here and not in a page of changes, if the relay was
// restored from a backup. It returns the page's requests without those that are
// resubmitted instead: this computer's copy is the newer one.
func (a applier) recordEndings(ctx context.Context, changes wire.ChangesResult) ([]onboarding.Request, error) {
	if a.endings == nil {
		return changes.Requests, nil
	}
	a.endings.successors = map[string]string{}
	requests, err := a.endedRequests(ctx, changes.Requests)
	if err != nil {
		return nil, err
	}
	for _, keep := range []func(context.Context, wire.ChangesResult) error{
		a.endedSharing, a.endedPeople, a.endedConnections, a.endedItems,
	} {
		if err := keep(ctx, changes); err != nil {
			return nil, err
		}
	}
	return requests, a.storeEndings(ctx)
}

// storeEndings adds what the page lacks to what is to be reported. Roles come last, this
// member's own behind the others': without it they may end little.
func (a applier) storeEndings(ctx context.Context) error {
	if len(a.endings.found) == 0 && len(a.endings.successors) == 0 {
		return nil
	}
	stored, err := ReadEndings(ctx, a.Tx)
	if err != nil {
		return err
	}
	stored = append(stored, a.endings.found...)
	for n, e := range stored {
		if e.Kind == EndingMember && e.Successor == "" {
			stored[n].Successor = a.endings.successors[e.ID]
		}
	}
	rank := func(e Ending) int {
		switch {
		case e.Kind != EndingRole:
			return 0
		case e.ID != a.Self.Member:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(stored, func(x, y Ending) int { return rank(x) - rank(y) })
	return a.WriteMetadataJSON(ctx, metaEndings, stored)
}

// known reads this computer's copy of a row into before; false: there is none.
func known[T any](before T, err error) (T, bool, error) {
	if errors.Is(err, onboarding.ErrNotFound) {
		return before, false, nil
	}
	return before, err == nil, err
}

// endedSharing notes that members were to see their own requests alone. Until the
// restore is confirmed nobody can share anew.
func (a applier) endedSharing(ctx context.Context, changes wire.ChangesResult) error {
	before, err := ReadAgency(ctx, a.Tx)
	if err == nil && changes.Restored != 0 && changes.Agency != nil && changes.Agency.ShareRequests &&
		!before.ShareRequests {
		a.endings.add(Ending{Kind: EndingShare})
	}
	return err
}

func (a applier) endedPeople(ctx context.Context, changes wire.ChangesResult) error {
	for _, m := range changes.Members {
		before, here, err := known(ReadMember(ctx, a.Tx, m.ID))
		if err != nil {
			return err
		}
		switch {
		case !here || m.Removed != 0:
		case before.Removed != 0:
			a.endings.add(Ending{Kind: EndingMember, ID: m.ID})
		case changes.Restored != 0 && before.Role == onboarding.SubUser && m.Role == onboarding.MainUser:
			// Until the restore is confirmed nobody can become a main user.
			a.endings.add(Ending{Kind: EndingRole, ID: m.ID, Name: m.Name})
		}
	}
	for _, d := range changes.Devices {
		before, here, err := known(ReadDevice(ctx, a.Tx, d.ID))
		if err != nil {
			return err
		}
		if here && before.Revoked != 0 && d.Revoked == 0 {
			a.endings.add(Ending{Kind: EndingDevice, ID: d.ID})
		}
	}
	return nil
}

func (a applier) endedConnections(ctx context.Context, changes wire.ChangesResult) error {
	for _, c := range changes.Connections {
		before, here, err := known(ReadConnection(ctx, a.Tx, c.ID))
		if err != nil {
			return err
		}
		if here && before.Ended != 0 && c.Ended == 0 {
			a.endings.add(Ending{Kind: EndingConnection, ID: c.ID})
		}
	}
	return nil
}

func (a applier) endedItems(ctx context.Context, changes wire.ChangesResult) error {
	for n, i := range changes.Items {
		deleted, err := a.isDeleted(ctx, "item", i.ID)
		if err != nil {
			return err
		}
		if deleted && i.Request == "" {
			a.endings.add(Ending{Kind: EndingOwnItem, ID: i.ID})
			continue
		}
		if err := a.endedRepair(ctx, &changes.Items[n]); err != nil {
			return err
		}
		before, here, err := known(ReadItem(ctx, a.Tx, i.ID))
		if err != nil {
			return err
		}
		if here {
			a.endedItem(before, &changes.Items[n])
		}
	}
	return nil
}

func (a applier) endedItem(before onboarding.Item, i *onboarding.Item) {
	if before.Withdrawn != 0 && i.Withdrawn == 0 && before.Withdrawn >= i.Changed {
		i.Withdrawn = before.Withdrawn // this computer still has to end it
		if before.Ended == 0 {
			a.endings.add(Ending{Kind: EndingWithdrawal, ID: i.ID})
		}
	}
	if before.Ended != 0 && i.Ended == 0 && before.Ended >= i.Changed {
		a.endings.add(Ending{
			Kind: EndingItem, ID: i.ID, Proven: before.EndedProven, Remaining: before.Failure,
		})
	}
}

// endedRepair takes the link that was closed from an item.
func (a applier) endedRepair(ctx context.Context, i *onboarding.Item) error {
	if i.Repair == nil {
		return nil
	}
	closed, err := a.isDeleted(ctx, tombstoneRepair, repairID(*i))
	if err != nil || !closed {
		return err
	}
	i.Repair = nil
	a.endings.add(Ending{Kind: EndingRepair, ID: i.ID})
	return nil
}

// tombstoneRepair is the kind of a repair that was closed, or that another took the place of.
const tombstoneRepair = "repair"

// repairID identifies the repair of an item: it has one at a time.
func repairID(i onboarding.Item) string { return fmt.Sprintf("%s %d", i.ID, i.Repair.Created) }

// storeClosedRepair remembers that an item's repair was closed, until the relay says that it is
// open: what was read before a call's reply may come after it. What a restored relay lacks was
// not closed, and what it has may have been.
func storeClosedRepair(ctx context.Context, s *Tx, before, i onboarding.Item) error {
	if s.restoring {
		return nil
	}
	if i.Repair != nil {
		if _, err := s.ExecContext(ctx, `DELETE FROM tombstones WHERE kind = $1 AND id = $2`,
			tombstoneRepair, repairID(i)); err != nil {
			return fmt.Errorf("remembering that the repair of %s is open: %w", i.ID, err)
		}
	}
	if before.Repair == nil || i.Repair != nil && i.Repair.Created == before.Repair.Created {
		return nil
	}
	return s.StoreDeleted(ctx, tombstoneRepair, repairID(before))
}

// endedRequests queues the requests of this member that lack an ending, and returns the
// others.
func (a applier) endedRequests(
	ctx context.Context, requests []onboarding.Request,
) (others []onboarding.Request, err error) {
	for _, r := range requests {
		deleted, err := a.isDeleted(ctx, "request", r.ID)
		if err != nil {
			return nil, err
		}
		before, here, err := known(ReadRequest(ctx, a.Tx, r.ID))
		if err != nil {
			return nil, err
		}
		if deleted {
			a.endings.add(Ending{Kind: EndingRequest, ID: r.ID})
		}
		if here && before.Owner != r.Owner {
			a.endings.successors[r.Owner] = before.Owner
		}
		if !here || deleted || !before.IsAheadOf(r) || !a.isResubmitted(before) {
			others = append(others, r)
			continue
		}
		if _, err := a.markSeen(ctx, []string{r.ID}); err != nil {
			return nil, err
		}
		if err := a.queueResubmit(ctx, before); err != nil {
			return nil, err
		}
	}
	return others, nil
}

// isResubmitted reports whether this computer's copy takes the place of the relay's,
// which lacks an ending. A withdrawn link is withdrawn again instead.
func (a applier) isResubmitted(before onboarding.Request) bool {
	if before.Withdrawn != 0 {
		a.endings.add(Ending{Kind: EndingLink, ID: before.ID})
		return false
	}
	return before.Owner == a.Self.Member && before.Link != ""
}

// isDeleted reports whether the relay has deleted something before it was restored.
func (a applier) isDeleted(ctx context.Context, kind, id string) (bool, error) {
	var n int
	err := a.QueryRowContext(ctx, `SELECT count(*) FROM tombstones WHERE kind = $1 AND id = $2`, kind, id).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("looking up whether %s %s was deleted: %w", kind, id, err)
	}
	return n > 0, nil
}

// StoreDeleted remembers that the relay has deleted a row: one that is restored from a
// backup has it again.
func (s *Tx) StoreDeleted(ctx context.Context, kind, id string) error {
	_, err := s.ExecContext(ctx, `
		INSERT INTO tombstones (kind, id, at_ms) VALUES ($1, $2, $3) ON CONFLICT (kind, id) DO NOTHING`,
		kind, id, s.Now())
	if err != nil {
		return fmt.Errorf("remembering that %s %s was deleted: %w", kind, id, err)
	}
	return nil
}

// noteRestore remembers the restore that waits for a main user's hub; zero: none does.
func (a applier) noteRestore(ctx context.Context, restored onboarding.Timestamp) error {
	before, err := ReadRestore(ctx, a.Tx)
	if err != nil || before == restored {
		return err
	}
	return a.writeMetadataNumber(ctx, metaRestored, int64(restored))
}

// ReadRestore reads the restore that is to be confirmed; zero: none.
func ReadRestore(ctx context.Context, q sqldb.Queryer) (onboarding.Timestamp, error) {
	return ReadMetadataTime(ctx, q, metaRestored)
}

// ReadEndings lists what the relay has to end again.
func ReadEndings(ctx context.Context, q sqldb.Queryer) ([]Ending, error) {
	text, err := ReadMetadata(ctx, q, metaEndings)
	if err != nil || text == "" {
		return nil, err
	}
	var endings []Ending
	if err := json.Unmarshal([]byte(text), &endings); err != nil {
		return nil, fmt.Errorf("reading what has ended: %w", err)
	}
	return endings, nil
}

// DropEnding forgets the first of the endings: the relay has it.
func (s *Tx) DropEnding(ctx context.Context) error {
	endings, err := ReadEndings(ctx, s.Tx)
	if err != nil || len(endings) == 0 {
		return err
	}
	if len(endings) == 1 {
		return s.DeleteMetadata(ctx, metaEndings)
	}
	return s.WriteMetadataJSON(ctx, metaEndings, endings[1:])
}

// DropRestore forgets the restore that was confirmed.
func (s *Tx) DropRestore(ctx context.Context) error { return s.DeleteMetadata(ctx, metaRestored) }

// HasResubmits reports whether requests wait to be resubmitted.
func HasResubmits(ctx context.Context, q sqldb.Queryer) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM outbox WHERE kind = 'resubmit' AND refused_ms = 0`).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("reading the outbox: %w", err)
	}
	return n > 0, nil
}
