package hub

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// The places of a request.
const (
	placeListed    = 0
	placeArchived  = 1
	placeWithdrawn = 2
)

// The ranks of an item in Accounts, worst first.
const (
	rankAttention = 0
	rankWaiting   = 1
	rankConnected = 2
)

// storing gathers what a transaction does to the copy, and refreshes at its end
// the rows that depend on others.
type storing struct {
	h      *Hub
	tx     *sqldb.Tx
	me     session.Identity
	seen   int64
	quiet  bool // a reading of everything: nothing of it is news
	change Change
	touch  map[string]bool               // requests whose columns are to be written anew
	truths map[string]onboarding.Request // of them, what this transaction stored
	fresh  map[string]int64              // of them, the numbers of those that have no row yet
	taken  map[int64]bool                // these numbers
	words  []reworded                    // what the indexes of words learn at the end, in this order
}

// reworded is a row whose words are others now. Nothing was there before, or
// is there after, where they are empty.
type reworded struct {
	index         string // request_words or item_words
	seq           int64
	before, after string
}

// reword has the index learn other words of a row. It waits until everything
// else is written: an index that was written to is put on the disk before each
// statement that could fail half way, and that takes longer than all the rest.
func (s *storing) reword(index string, seq int64, before, after string) {
	if before != after {
		s.words = append(s.words, reworded{index, seq, before, after})
	}
}

func (s *storing) writeWords(ctx context.Context) error {
	for _, w := range s.words {
		if w.before != "" {
			if _, err := s.tx.ExecContext(ctx, `INSERT INTO `+w.index+` (`+w.index+`, rowid, words) VALUES ('delete', $1, $2)`, w.seq, w.before); err != nil {
				return fmt.Errorf("forgetting words in %s: %w", w.index, err)
			}
		}
		if w.after != "" {
			if _, err := s.tx.ExecContext(ctx, `INSERT INTO `+w.index+` (rowid, words) VALUES ($1, $2)`, w.seq, w.after); err != nil {
				return fmt.Errorf("learning words in %s: %w", w.index, err)
			}
		}
	}
	s.words = nil
	return nil
}

func (h *Hub) storing(ctx context.Context, tx *sqldb.Tx) (*storing, error) {
	seen, err := readNumberFact(ctx, tx, factSeen)
	if err != nil {
		return nil, err
	}
	me := h.session.Identity()
	return newStoring(h, tx, me, seen), nil
}

func newStoring(h *Hub, tx *sqldb.Tx, me session.Identity, seen int64) *storing {
	return &storing{h: h, tx: tx, me: me, seen: seen,
		touch: map[string]bool{}, truths: map[string]onboarding.Request{}, fresh: map[string]int64{}, taken: map[int64]bool{}}
}

// finish writes anew what lists and searches see of the touched requests, and
// what the indexes have to learn. A request that neither the relay nor the
// outbox knows is dropped.
func (s *storing) finish(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(s.touch))
	for some := range slices.Chunk(ids, 200) {
		all, err := readHelds(ctx, s.tx, some, s.truths)
		if err != nil {
			return err
		}
		known := make(map[string]bool, len(all))
		for _, r := range all {
			known[r.ID] = true
			if err := s.refresh(ctx, r); err != nil {
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
	s.change.Requests = union(s.change.Requests, ids)
	return s.writeWords(ctx)
}

func (s *storing) page(ctx context.Context, a wire.ChangesA) error {
	if a.Agency != nil {
		if err := writeJSONFact(ctx, s.tx, factAgency, a.Agency); err != nil {
			return err
		}
		s.change.Agency = true
	}
	for _, m := range a.Members {
		if err := s.row(ctx, "members", m.ID, m); err != nil {
			return err
		}
		s.change.Members = append(s.change.Members, m.ID)
	}
	for _, d := range a.Devices {
		if err := s.device(ctx, d); err != nil {
			return err
		}
	}
	for _, c := range a.Connections {
		if err := s.row(ctx, "connections", c.ID, c); err != nil {
			return err
		}
		if c.Ended != 0 {
			if err := s.discard(ctx, subjectConnection+c.ID, s.h.now()); err != nil {
				return err
			}
		}
		s.change.Connections = append(s.change.Connections, c.ID)
	}
	if err := s.requests(ctx, a.Requests); err != nil {
		return err
	}
	for _, i := range a.Items {
		if err := s.item(ctx, i); err != nil {
			return err
		}
	}
	for _, g := range a.Gone {
		if err := s.gone(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// row stores one of the small tables' rows.
func (s *storing) row(ctx context.Context, table, id string, row any) error {
	truth, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("storing %s %s: %w", table, id, err)
	}
	_, err = s.tx.ExecContext(ctx, `INSERT INTO `+table+` (id, seen, truth) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, truth = excluded.truth`, id, s.seen, string(truth))
	if err != nil {
		return fmt.Errorf("storing %s %s: %w", table, id, err)
	}
	return nil
}

func (s *storing) device(ctx context.Context, d onboarding.Device) error {
	before, err := readDevice(ctx, s.tx, d.ID)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	if err := s.row(ctx, "devices", d.ID, d); err != nil {
		return err
	}
	if before.ID == "" && d.ID != s.me.Device && d.Member == s.me.Member && d.Approved == 0 && d.Revoked == 0 {
		// A person has to look at both screens while the other one is on.
		s.happened(Happened{What: DeviceWaits, Name: d.Name})
	}
	s.change.Devices = append(s.change.Devices, d.ID)
	s.change.Standing = s.change.Standing || d.ID == s.me.Device
	return nil
}

// request stores the relay's request. Its columns follow in finish.
// request stores one request as the relay has it.
func (s *storing) request(ctx context.Context, r onboarding.Request) error {
	return s.requests(ctx, []onboarding.Request{r})
}

// requests stores requests as the relay has them. Which of them have a row
// already is asked once for all.
func (s *storing) requests(ctx context.Context, list []onboarding.Request) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	for n, r := range list {
		ids[n] = r.ID
	}
	rows, err := s.met(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range list {
		seq, known := rows[r.ID]
		if !known {
			if seq, err = s.numberRequest(ctx, r.ID, r.Created); err != nil {
				return err
			}
			rows[r.ID] = seq
		}
		if err := s.truth(ctx, r, seq); err != nil {
			return err
		}
	}
	return nil
}

// met marks the requests that have a row as seen, and gives the rows' numbers.
func (s *storing) met(ctx context.Context, ids []string) (map[string]int64, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("storing requests: %w", err)
	}
	found, err := s.tx.QueryContext(ctx, `UPDATE requests SET seen = $1 WHERE id IN (SELECT value FROM json_each($2)) RETURNING id, seq`, s.seen, string(list))
	if err != nil {
		return nil, fmt.Errorf("storing requests: %w", err)
	}
	defer func() { _ = found.Close() }() // its error is found.Err
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

// truth stores what the relay says of a request, behind its row's number.
func (s *storing) truth(ctx context.Context, r onboarding.Request, seq int64) error {
	var before onboarding.Request
	if !s.quiet {
		var err error
		if before, err = readRequest(ctx, s.tx, r.ID); err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
	}
	truth, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("storing request %s: %w", r.ID, err)
	}
	_, err = s.tx.ExecContext(ctx, `INSERT INTO request_truths (seq, truth) VALUES ($1, $2) ON CONFLICT (seq) DO UPDATE SET truth = excluded.truth`, seq, string(truth))
	if err != nil {
		return fmt.Errorf("storing request %s: %w", r.ID, err)
	}
	if before.Status == onboarding.Pending && r.Status == onboarding.Connected {
		s.happened(Happened{What: RequestConnected, Request: r.ID, Client: r.Client})
	}
	s.truths[r.ID] = r
	s.touch[r.ID] = true
	return nil
}

// seqRoom is for the requests of one millisecond, before they spill into the next.
const seqRoom = 1024

// numberRequest gives a new request its number, which grows with its date, so
// that reading the newest first needs no sorting. finish makes the row.
func (s *storing) numberRequest(ctx context.Context, id string, created onboarding.Moment) (int64, error) {
	for base := min(max(int64(created), 0), 1<<50) * seqRoom; ; base += seqRoom {
		var next int64
		if err := s.tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq) + 1, $1) FROM requests WHERE seq >= $1 AND seq < $2`, base, base+seqRoom).Scan(&next); err != nil {
			return 0, fmt.Errorf("numbering request %s: %w", id, err)
		}
		for s.taken[next] {
			next++
		}
		if next < base+seqRoom {
			s.fresh[id], s.taken[next], s.touch[id] = next, true, true
			return next, nil
		}
	}
}

func (s *storing) item(ctx context.Context, i onboarding.Item) error {
	before, err := readItem(ctx, s.tx, i.ID)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	truth, err := json.Marshal(i)
	if err != nil {
		return fmt.Errorf("storing item %s: %w", i.ID, err)
	}
	var seq int64
	var client, old string
	err = s.tx.QueryRowContext(ctx, `SELECT seq, client, words FROM items WHERE id = $1`, i.ID).Scan(&seq, &client, &old)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if client, err = s.clientOf(ctx, i.Request); err != nil {
			return err
		}
		seq, err = s.insertItem(ctx, i, client)
	case err == nil:
		_, err = s.tx.ExecContext(ctx, `UPDATE items SET seen = $1, request = $2, owner = $3, platform = $4, kind = $5, listed = $6, rank = $7, name = $8, checked_ms = $9, words = $10
			WHERE seq = $11`, s.seen, i.Request, i.Owner, string(i.Service.Platform()), string(i.Kind), number(listed(i)), rank(i), strings.ToLower(i.Name), i.Access.Checked,
			itemWords(client, i), seq)
	}
	if err == nil {
		_, err = s.tx.ExecContext(ctx, `INSERT INTO item_truths (seq, truth) VALUES ($1, $2) ON CONFLICT (seq) DO UPDATE SET truth = excluded.truth`, seq, string(truth))
	}
	if err != nil {
		return fmt.Errorf("storing item %s: %w", i.ID, err)
	}
	s.reword("item_words", seq, old, itemWords(client, i))
	if err := s.keepOrDiscard(ctx, i); err != nil {
		return err
	}
	if err := s.schedule(ctx, before, i); err != nil {
		return err
	}
	if before.Access.State != onboarding.AccessBroken && i.Access.State == onboarding.AccessBroken && i.State != onboarding.ItemEnded {
		r, err := readRequest(ctx, s.tx, i.Request) // the agency's own have none
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		s.happened(Happened{What: ItemBroke, Request: i.Request, Client: r.Client, Item: i.ID, Name: i.Name})
	}
	s.change.Items = append(s.change.Items, i.ID)
	if i.Request != "" {
		s.touch[i.Request] = true
	}
	return nil
}

// keepOrDiscard keeps the credential of an item that is there again, and marks
// that of an ended one for leaving the keychain.
func (s *storing) keepOrDiscard(ctx context.Context, i onboarding.Item) error {
	if i.State == onboarding.ItemEnded {
		s.h.mu.Lock()
		delete(s.h.access, i.ID)
		s.h.mu.Unlock()
		return s.discard(ctx, subjectItem+i.ID, s.h.now())
	}
	_, err := s.tx.ExecContext(ctx, `UPDATE credentials SET discard_ms = 0 WHERE subject = $1 AND discard_ms > 0`, subjectItem+i.ID)
	if err != nil {
		return fmt.Errorf("storing item %s: %w", i.ID, err)
	}
	return nil
}

func (s *storing) insertItem(ctx context.Context, i onboarding.Item, client string) (seq int64, err error) {
	answer, err := s.tx.ExecContext(ctx, `
		INSERT INTO items (id, seen, request, owner, platform, kind, listed, rank, name, client, checked_ms, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		i.ID, s.seen, i.Request, i.Owner, string(i.Service.Platform()), string(i.Kind), number(listed(i)), rank(i), strings.ToLower(i.Name), client,
		i.Access.Checked, itemWords(client, i))
	if err != nil {
		return 0, err
	}
	return answer.LastInsertId()
}

// clientOf is the name, in lower case, of a request's client; empty: it is not
// known, and refresh will name it.
func (s *storing) clientOf(ctx context.Context, request string) (string, error) {
	if r, stored := s.truths[request]; stored {
		return strings.ToLower(r.Client), nil
	}
	var client string
	err := s.tx.QueryRowContext(ctx, `SELECT client FROM requests WHERE id = $1`, request).Scan(&client)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading the client of request %s: %w", request, err)
	}
	return client, nil
}

func (s *storing) happened(what Happened) {
	if !s.quiet {
		s.change.Happened = append(s.change.Happened, what)
	}
}

// gone drops what no longer exists, or what this member may no longer see.
func (s *storing) gone(ctx context.Context, g wire.Gone) error {
	switch g.Kind {
	case "request":
		return s.dropRequest(ctx, g.ID)
	case "item":
		return s.dropItem(ctx, g.ID, s.h.now())
	case "member", "device", "connection":
		if g.Kind == "connection" {
			if err := s.discard(ctx, subjectConnection+g.ID, s.h.now()); err != nil {
				return err
			}
			s.change.Connections = append(s.change.Connections, g.ID)
		}
		if _, err := s.tx.ExecContext(ctx, `DELETE FROM `+g.Kind+`s WHERE id = $1`, g.ID); err != nil {
			return fmt.Errorf("dropping %s %s: %w", g.Kind, g.ID, err)
		}
	}
	return nil // a newer relay may name kinds that this hub never had
}

// dropRequest forgets a request. Its items have their own marks: what a client
// shared may outlive the request in Accounts.
func (s *storing) dropRequest(ctx context.Context, id string) error {
	var gone int64
	var words string
	err := s.tx.QueryRowContext(ctx, `DELETE FROM requests WHERE id = $1 RETURNING seq, words`, id).Scan(&gone, &words)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("dropping request %s: %w", id, err)
	}
	s.reword("request_words", gone, words, "")
	if seq, fresh := s.fresh[id]; fresh {
		if _, err := s.tx.ExecContext(ctx, `DELETE FROM request_truths WHERE seq = $1`, seq); err != nil {
			return fmt.Errorf("dropping request %s: %w", id, err)
		}
	}
	delete(s.touch, id)
	delete(s.truths, id)
	delete(s.fresh, id)
	s.change.Requests = append(s.change.Requests, id)
	return nil
}

// dropItem forgets an item; its credential leaves the keychain at that time.
func (s *storing) dropItem(ctx context.Context, id string, when onboarding.Moment) error {
	var request, words string
	var seq int64
	err := s.tx.QueryRowContext(ctx, `DELETE FROM items WHERE id = $1 RETURNING request, seq, words`, id).Scan(&request, &seq, &words)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("dropping item %s: %w", id, err)
	}
	s.reword("item_words", seq, words, "")
	if _, err := s.tx.ExecContext(ctx, `DELETE FROM checks WHERE item = $1`, id); err != nil {
		return fmt.Errorf("dropping item %s: %w", id, err)
	}
	if err := s.discard(ctx, subjectItem+id, when); err != nil {
		return err
	}
	if request != "" {
		s.touch[request] = true
	}
	s.change.Items = append(s.change.Items, id)
	return nil
}

// discard marks a credential for leaving the keychain. The loop takes it out
// after the commit, so that a stop between the two is made good.
func (s *storing) discard(ctx context.Context, subject string, when onboarding.Moment) error {
	if _, err := s.tx.ExecContext(ctx, `UPDATE credentials SET discard_ms = $1 WHERE subject = $2 AND (discard_ms = 0 OR discard_ms > $1)`, when, subject); err != nil {
		return fmt.Errorf("marking the credential of %s: %w", subject, err)
	}
	return nil
}

// refresh writes what lists and searches see of a request: the relay's truth
// with the outbox laid over it, and the items that came by it.
func (s *storing) refresh(ctx context.Context, r held) error {
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
			recipient = strings.ToLower(to.Address)
		}
		words = append(words, to.Address)
	}
	words = append(words, r.CompletedBy.Name)
	client := strings.ToLower(r.Client)
	for _, i := range r.items {
		words = append(words, i.Name, i.Account)
		if err := s.nameClient(ctx, i, client); err != nil {
			return err
		}
	}
	services := ","
	for _, service := range r.Services {
		services += string(service) + ","
	}
	said := strings.ToLower(strings.Join(words, " "))
	values := []any{r.Owner, place, string(r.Status), client, recipient, r.Created, r.changed(), r.ends(), r.Completed, number(r.attention()), services, said}
	seq, fresh := s.fresh[r.ID]
	var old string
	statement := `INSERT INTO requests (owner, place, status, client, recipient, created_ms, changed_ms, ends_ms,
		completed_ms, attention, services, words, seq, seen, id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
	if fresh {
		values = append(values, seq, s.seen, r.ID)
	} else {
		err := s.tx.QueryRowContext(ctx, `SELECT seq, words FROM requests WHERE id = $1`, r.ID).Scan(&seq, &old)
		if err != nil {
			return fmt.Errorf("refreshing request %s: %w", r.ID, err)
		}
		statement = `UPDATE requests SET owner = $1, place = $2, status = $3, client = $4, recipient = $5, created_ms = $6, changed_ms = $7, ends_ms = $8,
			completed_ms = $9, attention = $10, services = $11, words = $12 WHERE seq = $13`
		values = append(values, seq)
	}
	if _, err := s.tx.ExecContext(ctx, statement, values...); err != nil {
		return fmt.Errorf("refreshing request %s: %w", r.ID, err)
	}
	s.reword("request_words", seq, old, said)
	return nil
}

// nameClient gives an item the name of the client by whose request it came.
func (s *storing) nameClient(ctx context.Context, i onboarding.Item, client string) error {
	var seq int64
	var old string
	err := s.tx.QueryRowContext(ctx, `SELECT seq, words FROM items WHERE id = $1 AND client <> $2`, i.ID, client).Scan(&seq, &old)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = s.tx.ExecContext(ctx, `UPDATE items SET client = $1, words = $2 WHERE seq = $3`, client, itemWords(client, i), seq)
	}
	if err != nil {
		return fmt.Errorf("naming the client of item %s: %w", i.ID, err)
	}
	s.reword("item_words", seq, old, itemWords(client, i))
	return nil
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func itemWords(client string, i onboarding.Item) string {
	return strings.ToLower(strings.Join([]string{client, i.Name, i.Account, i.Detail, i.By.Name, i.By.Email}, " "))
}

// listed says whether an item is in Accounts: what has arrived, or waits to.
func listed(i onboarding.Item) bool {
	return i.State == onboarding.ItemConnected || i.State == onboarding.ItemWaiting
}

// broken says whether an item gets the red dot.
func broken(i onboarding.Item) bool {
	return i.State == onboarding.ItemFailed || i.State != onboarding.ItemEnded && i.Access.State == onboarding.AccessBroken
}

func waiting(i onboarding.Item) bool {
	return i.State == onboarding.ItemWaiting || i.State == onboarding.ItemConnected && i.Access.State == onboarding.AccessWaiting
}

func rank(i onboarding.Item) int {
	switch {
	case broken(i):
		return rankAttention
	case waiting(i):
		return rankWaiting
	}
	return rankConnected
}

// held is a request as this computer has it: the relay's, with what waits in
// the outbox laid over it, and the items that came by it.
type held struct {
	onboarding.Request
	known   bool    // the relay has it
	entries []entry // of the outbox, in their order
	items   []onboarding.Item
}

func readHeld(ctx context.Context, q sqldb.Queryer, id string) (held, error) {
	all, err := readHelds(ctx, q, []string{id}, nil)
	if err != nil {
		return held{}, err
	}
	if len(all) == 0 {
		return held{}, fmt.Errorf("reading request %s: %w", id, onboarding.ErrNotFound)
	}
	return all[0], nil
}

// readHelds reads requests in the order of the ids, leaving out those that
// nobody knows. truths are those that the caller has just stored.
func readHelds(ctx context.Context, q sqldb.Queryer, ids []string, truths map[string]onboarding.Request) ([]held, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	const among = ` IN (SELECT value FROM json_each($1))` // one text for lists of any length: it is parsed once
	byID := make(map[string]*held, len(ids))
	for _, id := range ids {
		r, known := truths[id]
		byID[id] = &held{Request: r, known: known}
		byID[id].ID = id
	}
	rows, err := q.QueryContext(ctx, `SELECT id, truth FROM requests JOIN request_truths USING (seq) WHERE id`+among, string(list))
	if err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	for rows.Next() {
		var id, truth string
		if err := rows.Scan(&id, &truth); err != nil {
			return nil, fmt.Errorf("reading requests: %w", err)
		}
		r := byID[id]
		if r.known {
			continue
		}
		if err := json.Unmarshal([]byte(truth), &r.Request); err != nil {
			return nil, fmt.Errorf("reading request %s: %w", id, err)
		}
		r.known = true
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading requests: %w", err)
	}
	entries, err := readEntries(ctx, q, `WHERE subject`+among+` ORDER BY ahead, seq`, string(list))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if r := byID[e.Subject]; r != nil {
			r.entries = append(r.entries, e)
		}
	}
	items, err := readRows[onboarding.Item](ctx, q, `SELECT truth FROM items JOIN item_truths USING (seq) WHERE request`+among+` ORDER BY items.seq`, string(list))
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		if r := byID[i.Request]; r != nil {
			r.items = append(r.items, i)
		}
	}
	all := make([]held, 0, len(ids))
	for _, id := range ids {
		r := byID[id]
		if !r.known && len(r.entries) == 0 {
			continue
		}
		if err := r.lay(); err != nil {
			return nil, err
		}
		all = append(all, *r)
	}
	return all, nil
}

// changed is the newest thing that happened to the request.
func (r held) changed() onboarding.Moment {
	newest := r.Created
	for _, e := range r.Events {
		newest = max(newest, e.At)
	}
	for _, e := range r.entries {
		newest = max(newest, e.Made)
	}
	return newest
}

// ends is when the link ends by itself; zero when it is dead or does not end.
func (r held) ends() onboarding.Moment {
	if r.Withdrawn != 0 || r.Status == onboarding.Connected || r.Finished != 0 {
		return 0
	}
	return r.Expires
}

// attention says whether a person has to do something about the request.
func (r held) attention() bool {
	for _, i := range r.items {
		if broken(i) {
			return true
		}
	}
	for _, e := range r.entries {
		if e.Refused != 0 {
			return true
		}
	}
	if r.Status == onboarding.Connected {
		return false
	}
	for _, to := range r.Recipients {
		if to.Letter == onboarding.LetterRefused {
			return true
		}
	}
	return false
}
