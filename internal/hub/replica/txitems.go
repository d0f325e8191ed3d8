package replica

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// The ranks of items in Accounts, most urgent first.
const (
	rankAttention = 0
	rankWaiting   = 1
	rankConnected = 2
	rankWithdrawn = 3 // by the client, and not ended yet
)

// StoreItem stores the relay's copy of an item and schedules its check.
func (s *Tx) StoreItem(ctx context.Context, i onboarding.Item) error {
	before, err := ReadItem(ctx, s.Tx, i.ID)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	if err := s.writeItem(ctx, i); err != nil {
		return fmt.Errorf("storing item %s: %w", i.ID, err)
	}
	if err := storeClosedRepair(ctx, s, before, i); err != nil {
		return err
	}
	if err := s.keepOrDiscard(ctx, i); err != nil {
		return err
	}
	if err := s.scheduleCheck(ctx, before, i); err != nil {
		return err
	}
	if err := alertItem(ctx, s, before, i); err != nil {
		return err
	}
	s.Change.Items = append(s.Change.Items, i.ID)
	if i.Request != "" {
		s.touched[i.Request] = true
	}
	return nil
}

// alertItem announces what became of an item.
func alertItem(ctx context.Context, s *Tx, before, i onboarding.Item) error {
	if before.ID != "" && before.Withdrawn == 0 && IsWithdrawn(i) { // and no other hub has ended it
		if err := alertWithdrawn(ctx, s, i); err != nil {
			return err
		}
	}
	if !needsSomebody(before) && needsSomebody(i) {
		r, err := ReadRequest(ctx, s.Tx, i.Request) // the agency's own items have none
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		s.Alert(Alert{Kind: ItemBroke, Request: i.Request, Client: r.Client, Item: i.ID, Name: i.Name})
	}
	return nil
}

// alertWithdrawn announces that a client withdrew something, once for all of a request
// that were withdrawn together.
func alertWithdrawn(ctx context.Context, s *Tx, i onboarding.Item) error {
	if slices.ContainsFunc(s.Change.Alerts, func(a Alert) bool {
		return a.Kind == ItemWithdrawn && a.Request == i.Request
	}) {
		return nil
	}
	r, err := ReadRequest(ctx, s.Tx, i.Request)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	s.Alert(Alert{Kind: ItemWithdrawn, Request: i.Request, Client: r.Client, Item: i.ID, Name: i.Name})
	return nil
}

// writeItem writes the row of an item, its payload and its search text. The row is
// updated, or inserted: for an upsert of it SQLite begins a savepoint.
func (s *Tx) writeItem(ctx context.Context, i onboarding.Item) error {
	payload, err := json.Marshal(i)
	if err != nil {
		return err
	}
	var seq int64
	var client, old string
	err = s.QueryRowContext(ctx, `SELECT seq, client, search_text FROM items WHERE id = $1`, i.ID).
		Scan(&seq, &client, &old)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if client, err = s.clientOf(ctx, i.Request); err != nil {
			return err
		}
		seq, err = s.insertItem(ctx, i, client)
	case err == nil:
		err = s.updateItem(ctx, i, client, seq)
	}
	if err != nil {
		return err
	}
	s.fts.add("item_fts", seq, old, itemSearchText(client, i))
	_, err = s.ExecContext(ctx, `
		INSERT INTO item_payloads (seq, payload) VALUES ($1, $2)
		ON CONFLICT (seq) DO UPDATE SET payload = excluded.payload`, seq, string(payload))
	return err
}

func (s *Tx) insertItem(ctx context.Context, i onboarding.Item, client string) (seq int64, err error) {
	inserted, err := s.ExecContext(ctx, `
		INSERT INTO items (id, generation, request, owner, platform, kind, listed, rank, name_key, client, client_key,
		checked_ms, search_text)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		i.ID, s.generation, i.Request, i.Owner, string(i.Service.Platform()), string(i.Kind), boolToInt(IsListed(i)), rank(i),
		s.sortKey(i.Name), client, s.sortKey(client), i.Access.Checked, itemSearchText(client, i))
	if err != nil {
		return 0, err
	}
	return inserted.LastInsertId()
}

func (s *Tx) updateItem(ctx context.Context, i onboarding.Item, client string, seq int64) error {
	_, err := s.ExecContext(ctx, `
		UPDATE items SET generation = $1, request = $2, owner = $3, platform = $4, kind = $5, listed = $6, rank = $7,
		name_key = $8, checked_ms = $9, search_text = $10
		WHERE seq = $11`,
		s.generation, i.Request, i.Owner, string(i.Service.Platform()), string(i.Kind), boolToInt(IsListed(i)), rank(i),
		s.sortKey(i.Name), i.Access.Checked, itemSearchText(client, i), seq)
	return err
}

// keepOrDiscard keeps the credential of a restored item, and marks that of an
// ended one for deletion.
func (s *Tx) keepOrDiscard(ctx context.Context, i onboarding.Item) error {
	if i.State == onboarding.ItemEnded {
		return s.discard(ctx, SubjectItem+i.ID, s.Now())
	}
	_, err := s.ExecContext(ctx, `
		UPDATE credentials SET delete_after_ms = 0 WHERE subject = $1 AND delete_after_ms > 0`, SubjectItem+i.ID)
	if err != nil {
		return fmt.Errorf("storing item %s: %w", i.ID, err)
	}
	return nil
}

// clientOf returns the name of a request's client; empty: unknown,
// updateProjection sets it later.
func (s *Tx) clientOf(ctx context.Context, request string) (string, error) {
	if r, stored := s.payloads[request]; stored {
		return r.Client, nil
	}
	var client string
	err := s.QueryRowContext(ctx, `SELECT client FROM requests WHERE id = $1`, request).Scan(&client)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading the client of request %s: %w", request, err)
	}
	return client, nil
}

// DropItem deletes an item; its credential is deleted from the keychain at the
// given time.
func (s *Tx) DropItem(ctx context.Context, id string, when onboarding.Timestamp) error {
	var request, words string
	var seq int64
	err := s.QueryRowContext(ctx, `
		DELETE FROM items WHERE id = $1 RETURNING request, seq, search_text`, id).Scan(&request, &seq, &words)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("dropping item %s: %w", id, err)
	}
	s.fts.add("item_fts", seq, words, "")
	if _, err := s.ExecContext(ctx, `DELETE FROM checks WHERE item = $1`, id); err != nil {
		return fmt.Errorf("dropping item %s: %w", id, err)
	}
	if err := s.discard(ctx, SubjectItem+id, when); err != nil {
		return err
	}
	if request != "" {
		s.touched[request] = true
	}
	s.Change.Items = append(s.Change.Items, id)
	return nil
}

// discard marks a credential for deletion. The sync loop deletes it after the
// commit, so that a crash in between is harmless.
func (s *Tx) discard(ctx context.Context, subject string, when onboarding.Timestamp) error {
	if _, err := s.ExecContext(ctx, `
		UPDATE credentials SET delete_after_ms = $1
		WHERE subject = $2 AND (delete_after_ms = 0 OR delete_after_ms > $1)`, when, subject); err != nil {
		return fmt.Errorf("marking the credential of %s: %w", subject, err)
	}
	return nil
}

// updateItemClient sets the name of the client on an item.
func (s *Tx) updateItemClient(ctx context.Context, i onboarding.Item, client string) error {
	var seq int64
	var old string
	err := s.QueryRowContext(ctx, `
		SELECT seq, search_text FROM items WHERE id = $1 AND client <> $2`, i.ID, client).Scan(&seq, &old)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = s.ExecContext(ctx, `
			UPDATE items SET client = $1, client_key = $2, search_text = $3 WHERE seq = $4`, client, s.sortKey(client),
			itemSearchText(client, i), seq)
	}
	if err != nil {
		return fmt.Errorf("naming the client of item %s: %w", i.ID, err)
	}
	s.fts.add("item_fts", seq, old, itemSearchText(client, i))
	return nil
}

func itemSearchText(client string, i onboarding.Item) string {
	return searchText(client, i.Name, i.Account, i.Detail, i.By.Name, i.By.Email)
}

// IsListed reports whether an item is in Accounts: it has arrived, or is
// pending.
func IsListed(i onboarding.Item) bool {
	return i.State == onboarding.ItemConnected || i.State == onboarding.ItemWaiting
}

// IsWithdrawn reports whether the client has withdrawn an item whose access has not ended
// yet.
func IsWithdrawn(i onboarding.Item) bool { return IsListed(i) && i.Withdrawn != 0 }

// IsBroken reports whether an item gets the red dot.
func IsBroken(i onboarding.Item) bool { return i.State == onboarding.ItemFailed || needsSomebody(i) }

// needsSomebody reports whether a check found that the access is broken, or that it
// works and the platform names what its asset lacks. What the client has withdrawn is to
// end anyway.
func needsSomebody(i onboarding.Item) bool {
	return i.State != onboarding.ItemEnded && i.Withdrawn == 0 && (i.Access.State == onboarding.AccessBroken ||
		i.Access.State == onboarding.AccessWorks && i.Access.Failure != "")
}

// IsUsable reports whether a campaign can be created with an item. Ads run while a
// payment is overdue. Of what a person confirmed, no check knows that it works.
func IsUsable(i onboarding.Item) bool {
	return i.State == onboarding.ItemConnected && !i.IsAwaited() && !IsWithdrawn(i) && !i.IsConfirmed() && !i.IsNamed() &&
		(!IsBroken(i) || i.Access.Failure == string(catalog.PaymentOverdue))
}

func rank(i onboarding.Item) int {
	switch {
	case IsWithdrawn(i):
		return rankWithdrawn
	case IsBroken(i):
		return rankAttention
	case i.IsAwaited():
		return rankWaiting
	}
	return rankConnected
}

// HasEndedTogether reports whether a call verified that the access to the same account, of
// another item, has ended since an item was connected: both may have hung on one grant.
func HasEndedTogether(ctx context.Context, q sqldb.Queryer, i onboarding.Item) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, `
		SELECT count(*) FROM items JOIN item_payloads USING (seq)
		WHERE  platform = $1 AND kind = $2 AND id <> $3 AND payload ->> 'account' = $4 AND payload ->> 'state' = 'ended'
		  AND  payload ->> 'ended_proven' = 1 AND payload ->> 'ended' > $5`,
		string(i.Service.Platform()), string(i.Kind), i.ID, i.Account, i.Connected).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("looking up what ended together with item %s: %w", i.ID, err)
	}
	return n > 0, nil
}
