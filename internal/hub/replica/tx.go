package replica

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// The values of requests.list_state.
const (
	placeListed    = 0
	placeArchived  = 1
	placeWithdrawn = 2
)

// The ranks of items in Accounts, most urgent first.
const (
	rankAttention = 0
	rankWaiting   = 1
	rankConnected = 2
)

// Tx collects the changes of one transaction and updates dependent rows before
// the commit.
type Tx struct {
	*sqldb.Tx
	// Self identifies this computer.
	Self Self
	// Change is what is published after the commit.
	Change Change

	now         func() onboarding.Timestamp
	texts       *catalog.Catalog
	generation  int64
	initialSync bool                          // a full read produces no alerts
	touched     map[string]bool               // requests whose projection flush updates
	payloads    map[string]onboarding.Request // the touched ones that this transaction stored
	newRows     map[string]int64              // seqs of the touched ones without a row
	usedSeqs    map[int64]bool                // the seqs in newRows
	fts         ftsQueue                      // flushed last
	sortKey     func(text string) []byte
}

// Self is the part of this computer's identity that the replica depends on.
type Self struct {
	Member string `json:"member"`
	Device string `json:"device"`
}

func (r *Replica) newTx(ctx context.Context, tx *sqldb.Tx) (*Tx, error) {
	generation, err := readMetadataNumber(ctx, tx, metaGeneration)
	if err != nil {
		return nil, err
	}
	t := &Tx{
		Tx:         tx,
		now:        r.now,
		texts:      r.config.Catalog,
		generation: generation,
		touched:    map[string]bool{},
		payloads:   map[string]onboarding.Request{},
		newRows:    map[string]int64{},
		usedSeqs:   map[int64]bool{},
		sortKey:    r.config.SortKey,
	}
	return t, ReadMetadataJSON(ctx, tx, MetaIdentity, &t.Self)
}

func (s *Tx) Now() onboarding.Timestamp { return s.now() }

// flush updates the projections of the touched requests and then the full-text
// indexes. It deletes requests that are neither stored by the relay nor queued.
func (s *Tx) flush(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(s.touched))
	for some := range slices.Chunk(ids, 200) {
		all, err := loadRequests(ctx, s.Tx, some, s.payloads)
		if err != nil {
			return err
		}
		known := make(map[string]bool, len(all))
		for _, r := range all {
			known[r.ID] = true
			if err := s.updateProjection(ctx, r); err != nil {
				return err
			}
		}
		for _, id := range some {
			if !known[id] {
				if err := s.dropRequest(ctx, id); err != nil {
					return err
				}
			}
		}
	}
	s.Change.Requests = Union(s.Change.Requests, ids)
	return s.fts.flush(ctx, s.Tx)
}

// storeRow stores a row of a table that has only an id and a payload.
func (s *Tx) storeRow(ctx context.Context, table, id string, row any) error {
	payload, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("storing %s %s: %w", table, id, err)
	}
	_, err = s.ExecContext(ctx, `INSERT INTO `+table+` (id, generation, payload) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET generation = excluded.generation, payload = excluded.payload`, id, s.generation,
		string(payload))
	if err != nil {
		return fmt.Errorf("storing %s %s: %w", table, id, err)
	}
	return nil
}

// StoreMember stores the relay's copy of a member.
func (s *Tx) StoreMember(ctx context.Context, m onboarding.Member) error {
	s.Change.Members = append(s.Change.Members, m.ID)
	return s.storeRow(ctx, "members", m.ID, m)
}

// StoreConnection stores the relay's copy of a connection. It marks the
// credential of an ended one for deletion.
func (s *Tx) StoreConnection(ctx context.Context, c onboarding.Connection) error {
	if err := s.storeRow(ctx, "connections", c.ID, c); err != nil {
		return err
	}
	s.Change.Connections = append(s.Change.Connections, c.ID)
	if c.Ended == 0 {
		return nil
	}
	return s.discard(ctx, SubjectConnection+c.ID, s.Now())
}

// StoreDevice stores the relay's copy of a device.
func (s *Tx) StoreDevice(ctx context.Context, d onboarding.Device) error {
	before, err := ReadDevice(ctx, s.Tx, d.ID)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	if err := s.storeRow(ctx, "devices", d.ID, d); err != nil {
		return err
	}
	if before.ID == "" && d.ID != s.Self.Device && d.Member == s.Self.Member && d.Approved == 0 && d.Revoked == 0 {
		// Approval needs both screens: alert while the other device is in use.
		s.Alert(Alert{Kind: DeviceWaits, Name: d.Name})
	}
	s.Change.Devices = append(s.Change.Devices, d.ID)
	s.Change.Session = s.Change.Session || d.ID == s.Self.Device
	return nil
}

// StoreRequest stores the relay's copy of a request. flush updates its columns.
func (s *Tx) StoreRequest(ctx context.Context, r onboarding.Request) error {
	return s.storeRequests(ctx, []onboarding.Request{r})
}

// storeRequests stores the relay's copies of requests. It looks up existing
// rows once for all.
func (s *Tx) storeRequests(ctx context.Context, list []onboarding.Request) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	for n, r := range list {
		ids[n] = r.ID
	}
	rows, err := s.markSeen(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range list {
		seq, known := rows[r.ID]
		if !known {
			if seq, err = s.ReserveSeq(ctx, r.ID, r.Created); err != nil {
				return err
			}
			rows[r.ID] = seq
		}
		if err := s.storePayload(ctx, r, seq); err != nil {
			return err
		}
	}
	return nil
}

// markSeen sets the generation of existing rows and returns their seqs.
func (s *Tx) markSeen(ctx context.Context, ids []string) (map[string]int64, error) {
	found, err := s.QueryContext(ctx, `
		UPDATE requests SET generation = $1 WHERE id IN (SELECT value FROM json_each($2))
		RETURNING id, seq`, s.generation, idList(ids))
	if err != nil {
		return nil, fmt.Errorf("storing requests: %w", err)
	}
	defer func() { _ = found.Close() }()
	rows := make(map[string]int64, len(ids))
	for found.Next() {
		var id string
		var seq int64
		if err := found.Scan(&id, &seq); err != nil {
			return nil, fmt.Errorf("storing requests: %w", err)
		}
		rows[id] = seq
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("storing requests: %w", err)
	}
	return rows, nil
}

// storePayload stores the relay's copy of a request in the row seq.
func (s *Tx) storePayload(ctx context.Context, r onboarding.Request, seq int64) error {
	var before onboarding.Request
	if !s.initialSync {
		var err error
		if before, err = ReadRequest(ctx, s.Tx, r.ID); err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
	}
	payload, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("storing request %s: %w", r.ID, err)
	}
	_, err = s.ExecContext(ctx, `
		INSERT INTO request_payloads (seq, payload) VALUES ($1, $2)
		ON CONFLICT (seq) DO UPDATE SET payload = excluded.payload`, seq, string(payload))
	if err != nil {
		return fmt.Errorf("storing request %s: %w", r.ID, err)
	}
	if before.Status == onboarding.Pending && r.Status == onboarding.Connected {
		s.Alert(Alert{Kind: RequestConnected, Request: r.ID, Client: r.Client})
	}
	s.payloads[r.ID] = r
	s.touched[r.ID] = true
	return nil
}

// seqRoom is how many requests of one millisecond get a seq before they use
// those of the next.
const seqRoom = 1024

// ReserveSeq assigns a new request its seq, which grows with its date, so that
// newest-first reads need no sorting. flush creates the row.
func (s *Tx) ReserveSeq(ctx context.Context, id string, created onboarding.Timestamp) (int64, error) {
	for base := min(max(int64(created), 0), 1<<50) * seqRoom; ; base += seqRoom {
		var next int64
		if err := s.QueryRowContext(ctx, `
			SELECT COALESCE(MAX(seq) + 1, $1) FROM requests
			WHERE seq >= $1 AND seq < $2`, base, base+seqRoom).Scan(&next); err != nil {
			return 0, fmt.Errorf("numbering request %s: %w", id, err)
		}
		for s.usedSeqs[next] {
			next++
		}
		if next < base+seqRoom {
			s.newRows[id], s.usedSeqs[next], s.touched[id] = next, true, true
			return next, nil
		}
	}
}

// StoreItem stores the relay's copy of an item and schedules its check.
func (s *Tx) StoreItem(ctx context.Context, i onboarding.Item) error {
	before, err := ReadItem(ctx, s.Tx, i.ID)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	if err := s.writeItem(ctx, i); err != nil {
		return fmt.Errorf("storing item %s: %w", i.ID, err)
	}
	if err := s.keepOrDiscard(ctx, i); err != nil {
		return err
	}
	if err := s.scheduleCheck(ctx, before, i); err != nil {
		return err
	}
	if !needsSomebody(before) && needsSomebody(i) {
		r, err := ReadRequest(ctx, s.Tx, i.Request) // the agency's own items have none
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		s.Alert(Alert{Kind: ItemBroke, Request: i.Request, Client: r.Client, Item: i.ID, Name: i.Name})
	}
	s.Change.Items = append(s.Change.Items, i.ID)
	if i.Request != "" {
		s.touched[i.Request] = true
	}
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
		i.ID, s.generation, i.Request, i.Owner, string(i.Service.Platform()), string(i.Kind), number(IsListed(i)), rank(i),
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
		s.generation, i.Request, i.Owner, string(i.Service.Platform()), string(i.Kind), number(IsListed(i)), rank(i),
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

func (s *Tx) Alert(what Alert) {
	if !s.initialSync {
		s.Change.Alerts = append(s.Change.Alerts, what)
	}
}

// dropRequest deletes a request. Its items have their own tombstones: they may
// outlive the request in Accounts.
func (s *Tx) dropRequest(ctx context.Context, id string) error {
	var gone int64
	var words string
	err := s.QueryRowContext(ctx, `
		DELETE FROM requests WHERE id = $1 RETURNING seq, search_text`, id).Scan(&gone, &words)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("dropping request %s: %w", id, err)
	}
	s.fts.add("request_fts", gone, words, "")
	if seq, fresh := s.newRows[id]; fresh {
		if _, err := s.ExecContext(ctx, `DELETE FROM request_payloads WHERE seq = $1`, seq); err != nil {
			return fmt.Errorf("dropping request %s: %w", id, err)
		}
	}
	delete(s.touched, id)
	delete(s.payloads, id)
	delete(s.newRows, id)
	s.Change.Requests = append(s.Change.Requests, id)
	return nil
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

// updateProjection writes the columns that lists and searches read: from the
// relay's payload, the queued changes, and the request's items.
func (s *Tx) updateProjection(ctx context.Context, r RequestState) error {
	place := placeListed
	switch {
	case r.Withdrawn != 0:
		place = placeWithdrawn
	case r.Archived != 0:
		place = placeArchived
	}
	recipient := ""
	words := []string{r.Client}
	for n, to := range r.Recipients {
		if n == 0 {
			recipient = to.Address
		}
		words = append(words, to.Address)
	}
	words = append(words, r.CompletedBy.Name)
	for _, i := range r.Items {
		words = append(words, i.Name, i.Account)
		if err := s.updateItemClient(ctx, i, r.Client); err != nil {
			return err
		}
	}
	services := ","
	for _, service := range r.Services {
		services += string(service) + ","
	}
	said := searchText(words...)
	values := []any{
		r.Owner, place, string(r.Status), r.Client, s.sortKey(r.Client), s.sortKey(recipient), r.Created, r.changed(),
		r.ends(), r.Completed, number(r.attention()), services, said,
	}
	seq, fresh := s.newRows[r.ID]
	var old string
	statement := `INSERT INTO requests (owner, list_state, status, client, client_key, recipient_key, created_ms,
		changed_ms, link_ends_ms, completed_ms, attention, services, search_text, seq, generation, id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	if fresh {
		values = append(values, seq, s.generation, r.ID)
	} else {
		err := s.QueryRowContext(ctx, `SELECT seq, search_text FROM requests WHERE id = $1`, r.ID).Scan(&seq, &old)
		if err != nil {
			return fmt.Errorf("refreshing request %s: %w", r.ID, err)
		}
		statement = `
			UPDATE requests SET owner = $1, list_state = $2, status = $3, client = $4, client_key = $5, recipient_key = $6,
			created_ms = $7, changed_ms = $8, link_ends_ms = $9, completed_ms = $10, attention = $11, services = $12,
			search_text = $13 WHERE seq = $14`
		values = append(values, seq)
	}
	if _, err := s.ExecContext(ctx, statement, values...); err != nil {
		return fmt.Errorf("refreshing request %s: %w", r.ID, err)
	}
	s.fts.add("request_fts", seq, old, said)
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

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func itemSearchText(client string, i onboarding.Item) string {
	return searchText(client, i.Name, i.Account, i.Detail, i.By.Name, i.By.Email)
}

// searchText is what a search finds of these texts: folded, and a domain in both of its
// forms.
func searchText(parts ...string) string {
	text := strings.Join(parts, " ")
	for word := range strings.FieldsSeq(text) {
		if other := onboarding.OtherDomainForm(word); other != "" {
			text += " " + other
		}
	}
	return collation.Fold(text)
}

// IsListed reports whether an item is in Accounts: it has arrived, or is
// pending.
func IsListed(i onboarding.Item) bool {
	return i.State == onboarding.ItemConnected || i.State == onboarding.ItemWaiting
}

// IsBroken reports whether an item gets the red dot.
func IsBroken(i onboarding.Item) bool { return i.State == onboarding.ItemFailed || needsSomebody(i) }

// needsSomebody reports whether a check found that the access is broken, or that it
// works and the platform names what its asset lacks.
func needsSomebody(i onboarding.Item) bool {
	return i.State != onboarding.ItemEnded && (i.Access.State == onboarding.AccessBroken ||
		i.Access.State == onboarding.AccessWorks && i.Access.Failure != "")
}

// IsUsable reports whether a campaign can be created with an item. Ads run while a
// payment is overdue.
func IsUsable(i onboarding.Item) bool {
	return i.State == onboarding.ItemConnected && !IsWaiting(i) &&
		(!IsBroken(i) || i.Access.Failure == string(catalog.PaymentOverdue))
}

func IsWaiting(i onboarding.Item) bool {
	return i.State == onboarding.ItemWaiting || i.State == onboarding.ItemConnected &&
		i.Access.State == onboarding.AccessWaiting
}

func rank(i onboarding.Item) int {
	switch {
	case IsBroken(i):
		return rankAttention
	case IsWaiting(i):
		return rankWaiting
	}
	return rankConnected
}
