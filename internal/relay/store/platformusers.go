package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// PlatformUsers are the people who signed in at a platform that tells the relay when one
// of them removes its app, or wants their data deleted. It names them by a number; rows
// that outlive a sign-in have its keyed hash.
type PlatformUsers struct{ *handle }

// DeletionRetention is how long the page of a deletion shows what became of it.
const DeletionRetention = 365 * day

// Deletion is that a user asked at the platform for the deletion of their data.
type Deletion struct {
	Platform    onboarding.Platform
	UserHash    []byte
	Asked       onboarding.Timestamp // at the platform
	Received    onboarding.Timestamp
	Done        onboarding.Timestamp // zero: it is under way
	SignIns     int                  // as a client
	Accounts    int                  // that were shared: without the name of who shared them
	Connections int                  // of an agency's user: they have ended

	codeHash []byte
	hashes   [][]byte // of the user, under each key that read when it was asked for
}

// RemovedApp drops what the relay has of a user who removed its app, up to then: a client's
// sign-in, and that an agency's sign-in still works. Hubs are told at once. A repeat changes
// nothing.
func (s *PlatformUsers) RemovedApp(
	ctx context.Context, at onboarding.Platform, number string, when onboarding.Timestamp, failure string,
) error {
	hashes := s.signer.HashUsers(at, number)
	in, args := inHashes(hashes, []byte{}, when, tokenAppRemoved)
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE visits SET user_id = '', user_name = '', sealed_token = $1, token_used_ms = 0, token_expires_ms = $3
			WHERE  id IN (SELECT visit FROM visit_users WHERE signed_in_ms <= $2 AND user_hash `+in+`)`, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("dropping the sign-ins of who removed the app: %w", err)
	}
	connected, err := s.connectionsOf(ctx, at, hashes, when)
	if err != nil {
		return err
	}
	outages, news := &Outages{s.handle}, &NewsLog{s.handle}
	for _, x := range connected {
		if x.Ended != 0 {
			continue
		}
		replaced, err := news.IsReplaced(ctx, x.Connection, x.agency)
		if err != nil {
			return err
		}
		if replaced { // a call that comes late, or once more
			continue
		}
		if err := outages.Begin(ctx, x.agency, onboarding.Member{}, onboarding.Outage{
			Subject: onboarding.OutageConnection + x.ID, Service: at.Service(), Failure: failure,
		}); err != nil {
			return err
		}
	}
	return nil
}

// userConnection is a Connection of a platform's user.
type userConnection struct {
	onboarding.Connection
	agency string
}

// connectionsOf lists the Connections of a user that were made until a time, ended ones
// too. They have the number itself: it is the same under any key.
func (s *PlatformUsers) connectionsOf(
	ctx context.Context, at onboarding.Platform, hashes [][]byte, until onboarding.Timestamp,
) ([]userConnection, error) {
	list, err := read(ctx, s.db, `
		SELECT `+connectionColumns+`, agency FROM connections
		WHERE  platform = $1 AND user_id <> '' AND created_ms <= $2 ORDER BY id`, []any{at, until},
		func(row scanner) (x userConnection, err error) {
			x.Connection, err = scanConnection(also{row, []any{&x.agency}})
			return x, err
		})
	if err != nil {
		return nil, fmt.Errorf("finding the connections of a platform's user: %w", err)
	}
	return slices.DeleteFunc(list, func(x userConnection) bool {
		return !isOneOf(s.signer, hashes, at, x.User.ID)
	}), nil
}

// isOneOf reports whether a user's number has one of the hashes.
func isOneOf(signer Signer, hashes [][]byte, at onboarding.Platform, number string) bool {
	return slices.ContainsFunc(signer.HashUsers(at, number), func(hash []byte) bool {
		return slices.ContainsFunc(hashes, func(one []byte) bool { return string(one) == string(hash) })
	})
}

// recordVisitUser stores by which hash a visit is found whose browser signed in as a user,
// and when it did.
func recordVisitUser(
	ctx context.Context, tx *sqldb.Tx, visit string, hash []byte, at onboarding.Timestamp,
) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO visit_users (visit, user_hash, signed_in_ms) VALUES ($1, $2, $3)
		ON CONFLICT (visit) DO UPDATE SET user_hash = excluded.user_hash, signed_in_ms = excluded.signed_in_ms`,
		visit, hash, at)
	return err
}

// recordItemUser stores by which hash an item is found that names a user as who shared it.
func recordItemUser(c *changeTx, item string, at onboarding.Platform, number string) error {
	if number == "" {
		return c.exec(`DELETE FROM item_users WHERE item = $1`, item)
	}
	return c.exec(`
		INSERT INTO item_users (item, user_hash) VALUES ($1, $2)
		ON CONFLICT (item) DO UPDATE SET user_hash = excluded.user_hash`, item, c.signer.HashUsers(at, number)[0])
}

// forgetItemUsers deletes the hashes of who shared the items of a request that name nobody.
func forgetItemUsers(c *changeTx, request string) error {
	return c.exec(`
		DELETE FROM item_users WHERE item IN (SELECT id FROM items WHERE request = $1 AND platform_by = '')`, request)
}

// StartDeletion stores that a user asked for the deletion of their data. Asked again within
// a day it is the same one. codeHash is the hash of the code under which it is found, by the
// user's hash and when it was received.
func (s *PlatformUsers) StartDeletion(
	ctx context.Context, at onboarding.Platform, number string, asked onboarding.Timestamp,
	codeHash func(userHash []byte, received onboarding.Timestamp) []byte,
) (Deletion, error) {
	hashes := s.signer.HashUsers(at, number)
	var d Deletion
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		now := s.timestamp()
		rows, err := tx.QueryContext(ctx, `
			SELECT `+deletionColumns+` FROM deletions WHERE user_hash = $1 AND received_ms > $2
			ORDER BY received_ms DESC LIMIT 1`, hashes[0], now-day)
		found, err := scanAll(rows, err, scanDeletion)
		if err != nil {
			return err
		}
		if len(found) > 0 { // what came since is deleted, too
			d = found[0]
			d.Asked, d.Done = max(d.Asked, asked), 0
			_, err = tx.ExecContext(ctx, `UPDATE deletions SET asked_ms = $1, done_ms = 0 WHERE code_hash = $2`,
				d.Asked, d.codeHash)
			return err
		}
		d = Deletion{
			Platform: at, UserHash: hashes[0], Asked: asked, Received: now, codeHash: codeHash(hashes[0], now), hashes: hashes,
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO deletions (`+deletionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0)`,
			d.codeHash, d.Platform, d.UserHash, joinHashes(d.hashes), d.Asked, d.Received)
		return err
	})
	if err != nil {
		return Deletion{}, fmt.Errorf("storing that a platform's user asked for deletion: %w", err)
	}
	return d, nil
}

const deletionColumns = `code_hash, platform, user_hash, user_hashes, asked_ms, received_ms, done_ms, sign_ins,
	accounts, connections`

func scanDeletion(row scanner) (Deletion, error) {
	var d Deletion
	var hashes string
	if err := row.Scan(
		&d.codeHash, &d.Platform, &d.UserHash, &hashes, &d.Asked, &d.Received, &d.Done, &d.SignIns, &d.Accounts,
		&d.Connections,
	); err != nil {
		return d, err
	}
	list, err := splitList[string](hashes)
	for _, one := range list {
		hash, bad := hex.DecodeString(one)
		err = errors.Join(err, bad)
		d.hashes = append(d.hashes, hash)
	}
	return d, err
}

func joinHashes(hashes [][]byte) string {
	var list []string
	for _, hash := range hashes {
		list = append(list, hex.EncodeToString(hash))
	}
	return joinList(list)
}

// inHashes is the condition that a column has one of the hashes, behind other arguments.
func inHashes(hashes [][]byte, before ...any) (string, []any) {
	in := "IN ("
	for n, hash := range hashes {
		if n > 0 {
			in += ", "
		}
		before = append(before, hash)
		in += fmt.Sprintf("$%d", len(before))
	}
	return in + ")", before
}

// Deletion finds a deletion by the hashes of its code. ErrNotFound: there is none, or not
// any more.
func (s *PlatformUsers) Deletion(ctx context.Context, codeHashes [][]byte) (Deletion, error) {
	in, args := inHashes(codeHashes)
	d, err := scanDeletion(s.db.QueryRowContext(ctx, `
		SELECT `+deletionColumns+` FROM deletions WHERE code_hash `+in, args...))
	return d, wrapNotFound(err, "finding a deletion")
}

// FinishDeletions finishes what is under way. One that fails is left for the next call, and
// keeps no other from being finished.
func (s *PlatformUsers) FinishDeletions(ctx context.Context) error {
	open, err := read(ctx, s.db, `
		SELECT `+deletionColumns+` FROM deletions WHERE done_ms = 0 ORDER BY received_ms`, nil, scanDeletion)
	if err != nil {
		return fmt.Errorf("listing deletions: %w", err)
	}
	var failed []error
	for _, d := range open {
		failed = append(failed, s.FinishDeletion(ctx, d))
	}
	return errors.Join(failed...)
}

// FinishDeletion deletes what the relay has of the user, as far as it can where one agency's
// rows fail. A repeat deletes what is left.
func (s *PlatformUsers) FinishDeletion(ctx context.Context, d Deletion) error {
	agencies, err := s.agenciesOf(ctx, d)
	if err != nil {
		return err
	}
	var failed []error
	for _, agency := range agencies {
		err := s.change(ctx, agency, func(c *changeTx) error { return deleteUser(c, d) })
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) { // that agency is gone, with all it had
			failed = append(failed, fmt.Errorf("deleting a platform's user in agency %s: %w", agency, err))
		}
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE deletions SET done_ms = $1 WHERE code_hash = $2 AND asked_ms = $3`,
			s.timestamp(), d.codeHash, d.Asked)
		return err
	})
}

// agenciesOf lists the agencies that have something of the user.
func (s *PlatformUsers) agenciesOf(ctx context.Context, d Deletion) ([]string, error) {
	in, args := inHashes(d.hashes)
	agencies, err := read(ctx, s.db, `
		SELECT v.agency FROM visit_users u JOIN visits v ON v.id = u.visit WHERE u.user_hash `+in+`
		UNION SELECT i.agency FROM item_users u JOIN items i ON i.id = u.item WHERE u.user_hash `+in, args, scanText)
	if err != nil {
		return nil, fmt.Errorf("finding the agencies of a platform's user: %w", err)
	}
	connected, err := s.connectionsOf(ctx, d.Platform, d.hashes, d.Asked)
	if err != nil {
		return nil, err
	}
	for _, x := range connected {
		agencies = append(agencies, x.agency)
	}
	pending, err := read(ctx, s.db, `
		SELECT `+pendingColumns+` FROM pending_connections WHERE platform = $1`, []any{d.Platform}, scanPending)
	if err != nil {
		return nil, fmt.Errorf("finding the sign-ins under way: %w", err)
	}
	for _, t := range pending {
		if isOneOf(s.signer, d.hashes, d.Platform, t.Result.Connection.User.ID) {
			agencies = append(agencies, t.Agency)
		}
	}
	slices.Sort(agencies)
	return slices.Compact(agencies), nil
}

// deleteUser deletes what one agency's rows have of the user, and counts it.
func deleteUser(c *changeTx, d Deletion) error {
	// An ended Connection takes the accounts that were picked of it out of Accounts.
	connections, err := deleteUserConnections(c, d)
	if err != nil {
		return err
	}
	visits, err := deleteUserVisits(c, d)
	if err != nil {
		return err
	}
	items, err := deleteUserItems(c, d)
	if err != nil {
		return err
	}
	return c.exec(`
		UPDATE deletions SET sign_ins = sign_ins + $1, accounts = accounts + $2, connections = connections + $3
		WHERE  code_hash = $4`, visits, items, connections, d.codeHash)
}

func deleteUserVisits(c *changeTx, d Deletion) (int, error) {
	in, args := inHashes(d.hashes, c.agency)
	visits, err := c.texts(`
		SELECT v.id FROM visit_users u JOIN visits v ON v.id = u.visit
		WHERE  v.agency = $1 AND u.user_hash `+in+` ORDER BY v.id`, args...)
	if err != nil {
		return 0, err
	}
	for _, id := range visits {
		var state string
		if err := c.row(`SELECT state FROM visits WHERE id = $1`, id).Scan(&state); err != nil {
			return 0, err
		}
		if err := c.exec(`
			UPDATE visits SET user_id = '', user_name = '', sealed_token = $1, token_used_ms = 0, token_expires_ms = 0,
			state = $2 WHERE id = $3`, []byte{}, withoutFailures(state), id); err != nil {
			return 0, err
		}
		for _, query := range []string{
			`DELETE FROM oauth_states WHERE visit = $1`,
			`DELETE FROM visit_users WHERE visit = $1`,
		} {
			if err := c.exec(query, id); err != nil {
				return 0, err
			}
		}
	}
	return len(visits), nil
}

// withoutFailures is the wizard's state of a visit without how its last tries ended: the
// name of who signed in can be among it.
func withoutFailures(state string) string {
	var parts map[string]json.RawMessage
	if json.Unmarshal([]byte(state), &parts) != nil {
		return state
	}
	delete(parts, "failures")
	text, err := json.Marshal(parts)
	if err != nil || len(parts) == 0 {
		return "{}"
	}
	return string(text)
}

func deleteUserItems(c *changeTx, d Deletion) (int, error) {
	in, args := inHashes(d.hashes, c.agency)
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+itemColumns+` FROM items
		WHERE  agency = $1 AND id IN (SELECT item FROM item_users WHERE user_hash `+in+`) ORDER BY id`, args...)
	items, err := scanAll(rows, err, scanItem)
	if err != nil {
		return 0, err
	}
	for _, i := range items {
		if err := c.exec(`UPDATE items SET platform_by = '' WHERE id = $1`, i.ID); err != nil {
			return 0, err
		}
		if err := c.exec(`DELETE FROM item_users WHERE item = $1`, i.ID); err != nil {
			return 0, err
		}
		if err := bumpItem(c, i); err != nil {
			return 0, err
		}
	}
	return len(items), nil
}

func deleteUserConnections(c *changeTx, d Deletion) (int, error) {
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+pendingColumns+` FROM pending_connections WHERE agency = $1 AND platform = $2`, c.agency, d.Platform)
	pending, err := scanAll(rows, err, scanPending)
	if err != nil {
		return 0, err
	}
	for _, t := range pending {
		if isOneOf(c.signer, d.hashes, d.Platform, t.Result.Connection.User.ID) {
			if err := c.exec(`DELETE FROM pending_connections WHERE id = $1`, t.ID); err != nil {
				return 0, err
			}
		}
	}
	rows, err = c.QueryContext(c.ctx, `
		SELECT `+connectionColumns+`, mac FROM connections
		WHERE  agency = $1 AND platform = $2 AND user_id <> '' AND created_ms <= $3 ORDER BY id`,
		c.agency, d.Platform, d.Asked)
	connected, err := scanAll(rows, err, func(row scanner) (x signedUser, err error) {
		x.Connection, err = scanConnection(also{row, []any{&x.mac}})
		return x, err
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, x := range connected {
		if !isOneOf(c.signer, d.hashes, d.Platform, x.User.ID) {
			continue
		}
		n++
		if err := deleteUserConnection(c, x); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// signedUser is a Connection with its MAC.
type signedUser struct {
	onboarding.Connection
	mac []byte
}

// deleteUserConnection ends a Connection and deletes whose it was. A row that the relay did
// not write is not signed.
func deleteUserConnection(c *changeTx, x signedUser) error {
	if err := endConnection(c, x.Connection); err != nil {
		return err
	}
	genuine := c.signer.VerifyRow(x.mac, "connections", connectionColumnsSigned(c.agency, x.Connection)...)
	x.User, x.Businesses = onboarding.Account{}, nil
	if genuine {
		x.mac = c.signer.SignRow("connections", connectionColumnsSigned(c.agency, x.Connection)...)
	}
	if err := c.exec(`
		UPDATE connections SET user_id = '', user_name = '', businesses = '[]', mac = $1 WHERE id = $2`,
		x.mac, x.ID); err != nil {
		return err
	}
	return c.bump(kindConnection, x.ID, x.Member, audienceOwnerAndMains)
}
