package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Connections are an agency's own sign-ins at platforms.
type Connections struct{ *handle }

const connectionColumns = `id, member, platform, user_id, user_name, businesses, ends_ms, created_ms, ended_ms`

func scanConnection(row scanner) (onboarding.Connection, error) {
	var x onboarding.Connection
	var businesses string
	if err := row.Scan(
		&x.ID, &x.Member, &x.Platform, &x.User.ID, &x.User.Name, &businesses, &x.Ends, &x.Created, &x.Ended,
	); err != nil {
		return x, err
	}
	x.Businesses = []onboarding.Business{}
	if err := json.Unmarshal([]byte(businesses), &x.Businesses); err != nil {
		return x, fmt.Errorf("reading the businesses of a connection: %w", err)
	}
	return x, nil
}

// Get returns one Connection of the agency, ended ones too. ErrTampered: it is not as
// the relay wrote it.
func (s *Connections) Get(ctx context.Context, agency, id string) (onboarding.Connection, error) {
	var mac []byte
	row := s.db.QueryRowContext(ctx, `
		SELECT `+connectionColumns+`, mac FROM connections WHERE agency = $1 AND id = $2`, agency, id)
	x, err := scanConnection(also{row, []any{&mac}})
	if err := wrapNotFound(err, "reading connection "+id); err != nil {
		return onboarding.Connection{}, err
	}
	return x, verifyRow(s.signer, mac, "connections", id, connectionColumnsSigned(agency, x))
}

// PendingConnection is an agency's own sign-in under way.
type PendingConnection struct {
	ID         string // of the Connection to be
	Agency     string
	Member     string
	Device     string
	Platform   onboarding.Platform
	Challenge  string
	Loopback   string
	StartHash  []byte // keyed hash of the code in the start address
	CookieHash []byte // of the browser that pressed the button; empty: none has
	Result     PendingResult
	Expires    onboarding.Timestamp

	codeHash []byte // of the code that the hub gets when there is a result
	result   string // as it is stored
	mac      []byte
}

func (t PendingConnection) signed() []string {
	return []string{
		t.ID, t.Agency, t.Member, t.Device, string(t.Platform), t.Challenge, t.Loopback, string(t.StartHash),
		string(t.CookieHash), string(t.codeHash), t.result,
	}
}

// PendingResult is what the callback brought: the Connection, and its token sealed
// for each entitled device; or accounts with their credentials. It is released by
// Finish.
type PendingResult struct {
	Connection onboarding.Connection `json:"connection"`
	Deliveries []Delivery            `json:"deliveries"`
	Accounts   []SharedItem          `json:"accounts,omitempty"` // instead of both
	LeftOut    []onboarding.LeftOut  `json:"left_out,omitempty"` // picked, but not among Accounts
	Stored     bool                  `json:"stored,omitempty"`   // they are in Accounts, and no longer here
}

// FinishedConnection is the result of a sign-in of the agency's own: a Connection or
// accounts, with the deliveries that the calling device has not acknowledged yet.
type FinishedConnection struct {
	Connection onboarding.Connection // zero with Accounts
	Accounts   []onboarding.Item
	LeftOut    []onboarding.LeftOut
	Deliveries []Delivery
}

const pendingColumns = `id, agency, member, device, platform, challenge, loopback, start_hash, cookie_hash, code_hash,
	result, expires_ms, mac`

func scanPending(row scanner) (PendingConnection, error) {
	var t PendingConnection
	if err := row.Scan(
		&t.ID, &t.Agency, &t.Member, &t.Device, &t.Platform, &t.Challenge, &t.Loopback, &t.StartHash, &t.CookieHash,
		&t.codeHash, &t.result, &t.Expires, &t.mac,
	); err != nil {
		return t, err
	}
	if t.result == "" {
		return t, nil
	}
	if err := json.Unmarshal([]byte(t.result), &t.Result); err != nil {
		return t, fmt.Errorf("reading a sign-in's result: %w", err)
	}
	return t, nil
}

// Start stores a sign-in that a device begins, to connect a platform's user. The
// same id again, by the same device, starts over with a new address; an id that is
// connected already, or is another device's, is ErrConflict.
func (s *Connections) Start(ctx context.Context, t PendingConnection) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var taken int64
		err := tx.QueryRowContext(ctx, `
			SELECT (SELECT count(*) FROM connections WHERE id = $1) + (SELECT count(*) FROM pending_connections
			WHERE id = $1 AND device <> $2)`, t.ID, t.Device).Scan(&taken)
		if err != nil {
			return err
		}
		if taken > 0 {
			return onboarding.ErrConflict
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM pending_connections WHERE id = $1`, t.ID); err != nil {
			return err
		}
		return execNamed(ctx, tx, `
			INSERT INTO pending_connections (id, agency, member, device, platform, challenge, loopback, start_hash,
				cookie_hash, code_hash, result, expires_ms, mac)
			VALUES (@id, @agency, @member, @device, @platform, @challenge, @loopback, @start_hash, @none, @none, '',
				@expires, @mac)`, named{
			"id":         t.ID,
			"agency":     t.Agency,
			"member":     t.Member,
			"device":     t.Device,
			"platform":   t.Platform,
			"challenge":  t.Challenge,
			"loopback":   t.Loopback,
			"start_hash": t.StartHash,
			"none":       []byte{},
			"expires":    t.Expires,
			"mac":        s.signer.SignRow("pending_connections", t.signed()...),
		})
	})
	if err != nil {
		return fmt.Errorf("starting connection %s: %w", t.ID, err)
	}
	return nil
}

// PendingByCode returns a pending connection by the keyed hash of the code in its
// address, used ones too. An expired one is ErrNotFound.
func (s *Connections) PendingByCode(ctx context.Context, startHash []byte) (PendingConnection, error) {
	t, err := scanPending(s.db.QueryRowContext(ctx, `
		SELECT `+pendingColumns+` FROM pending_connections WHERE start_hash = $1 AND expires_ms > $2`,
		startHash, s.timestamp()))
	if err := wrapNotFound(err, "finding a start address"); err != nil {
		return PendingConnection{}, err
	}
	return t, s.verifyPending(t)
}

// verifyPending returns ErrTampered unless the relay wrote the row.
func (s *Connections) verifyPending(t PendingConnection) error {
	return verifyRow(s.signer, t.mac, "pending_connections", t.ID, t.signed())
}

// updatePending changes what is stored of a pending connection that has not expired.
func (s *Connections) updatePending(
	ctx context.Context, id string, edit func(t *PendingConnection) error,
) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		t, err := scanPending(tx.QueryRowContext(ctx, `
			SELECT `+pendingColumns+` FROM pending_connections WHERE id = $1 AND expires_ms > $2`, id, s.timestamp()))
		if err := wrapNotFound(err, "finding the start"); err != nil {
			return err
		}
		if err := s.verifyPending(t); err != nil {
			return err
		}
		if err := edit(&t); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE pending_connections SET cookie_hash = $1, code_hash = $2, result = $3, expires_ms = $4, mac = $5
			WHERE id = $6`, nonNil(t.CookieHash), nonNil(t.codeHash), t.result, t.Expires,
			s.signer.SignRow("pending_connections", t.signed()...), id)
		return err
	})
}

// PendingByID returns a pending connection by its id. An expired one is ErrNotFound.
func (s *Connections) PendingByID(ctx context.Context, id string) (PendingConnection, error) {
	t, err := scanPending(s.db.QueryRowContext(ctx, `
		SELECT `+pendingColumns+` FROM pending_connections WHERE id = $1 AND expires_ms > $2`, id, s.timestamp()))
	if err := wrapNotFound(err, "finding a start"); err != nil {
		return PendingConnection{}, err
	}
	return t, s.verifyPending(t)
}

// UsePending binds a pending connection to the browser that pressed the button, by
// the cookie's hash, and gives it until the timestamp. Any other browser after it
// is ErrConflict.
func (s *Connections) UsePending(ctx context.Context, id string, cookieHash []byte, until onboarding.Timestamp) error {
	err := s.updatePending(ctx, id, func(t *PendingConnection) error {
		if len(t.CookieHash) > 0 {
			return onboarding.ErrConflict
		}
		t.CookieHash, t.Expires = cookieHash, until
		return nil
	})
	if err != nil {
		return fmt.Errorf("using pending connection %s: %w", id, err)
	}
	return nil
}

// StoreResult stores what the callback brought, until Finish is called with the
// code.
func (s *Connections) StoreResult(
	ctx context.Context, id string, codeHash []byte, result PendingResult, until onboarding.Timestamp,
) error {
	text, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("writing a sign-in's result: %w", err)
	}
	err = s.updatePending(ctx, id, func(t *PendingConnection) error {
		if t.result != "" {
			return onboarding.ErrNotFound
		}
		t.codeHash, t.result, t.Expires = codeHash, string(text), until
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing a sign-in's result: %w", err)
	}
	return nil
}

// Finish releases what the callback brought to the device that started: the
// Connection, or the accounts, and the deliveries appear in one commit. A repeat
// with the same code returns the same, with the device's delivery if it was not
// acknowledged yet. ErrNotFound: the code is wrong, expired, or another device's.
// ErrConflict: the same account was connected or renewed in the meantime; it has to
// be connected again. A device that was revoked meanwhile, as its member's are who was
// removed, is ErrNotFound too.
func (s *Connections) Finish(
	ctx context.Context, agency, device, id string, codeHash []byte, challenge string,
) (FinishedConnection, error) {
	var f FinishedConnection
	err := s.change(ctx, agency, func(c *changeTx) error {
		f = FinishedConnection{}
		t, err := scanPending(c.row(`
			SELECT `+pendingColumns+` FROM pending_connections
			WHERE  id = $1 AND agency = $2 AND device = $3 AND code_hash = $4 AND challenge = $5 AND result <> ''
			AND    expires_ms > $6
			AND    NOT EXISTS (SELECT 1 FROM devices d WHERE d.id = $3 AND d.revoked_ms > 0)`,
			id, agency, device, codeHash, challenge, c.now))
		if err := wrapNotFound(err, "finding the sign-in's result"); err != nil {
			return err
		}
		if err := s.verifyPending(t); err != nil {
			return err
		}
		if len(t.Result.Accounts) > 0 {
			return finishAccounts(c, t, &f)
		}
		var exists int64
		if err := c.row(`SELECT count(*) FROM connections WHERE id = $1`, id).Scan(&exists); err != nil {
			return err
		}
		if exists == 0 {
			if err := insertConnection(c, t); err != nil {
				return err
			}
		}
		if f.Connection, err = scanConnection(c.row(`
			SELECT `+connectionColumns+` FROM connections WHERE id = $1`, id)); err != nil {
			return err
		}
		return appendDelivery(c, device, id, &f)
	})
	if err != nil {
		return FinishedConnection{}, fmt.Errorf("finishing connection %s: %w", id, err)
	}
	return f, nil
}

// insertConnection stores the Connection of a sign-in, and its deliveries.
func insertConnection(c *changeTx, t PendingConnection) error {
	x := t.Result.Connection
	x.ID, x.Member, x.Platform = t.ID, t.Member, t.Platform
	x.User.Name = onboarding.ClipName(x.User.Name)
	for i, b := range x.Businesses {
		x.Businesses[i].Name = onboarding.ClipName(b.Name)
	}
	businesses, err := json.Marshal(x.Businesses)
	if err != nil {
		return fmt.Errorf("writing businesses: %w", err)
	}
	if err := c.execNamed(`
		INSERT INTO connections (id, agency, member, platform, user_id, user_name, businesses, ends_ms, created_ms,
			ended_ms, mac)
		VALUES (@id, @agency, @member, @platform, @user_id, @user_name, @businesses, @ends, @now, 0, @mac)`, named{
		"id":         t.ID,
		"agency":     c.agency,
		"member":     t.Member,
		"platform":   t.Platform,
		"user_id":    x.User.ID,
		"user_name":  x.User.Name,
		"businesses": string(businesses),
		"ends":       x.Ends,
		"now":        c.now,
		"mac":        c.signer.SignRow("connections", connectionColumnsSigned(c.agency, x)...),
	}); err != nil {
		return err
	}
	if err := storeDeliveries(c, t.Result.Deliveries); err != nil {
		return err
	}
	if err := endOutagesBefore(c, x); err != nil {
		return err
	}
	if err := scheduleSignIn(c.agencyTx, x); err != nil {
		return err
	}
	return c.bump(kindConnection, t.ID, t.Member, audienceOwnerAndMains)
}

// finishAccounts adds the accounts of a sign-in to Accounts, once.
func finishAccounts(c *changeTx, t PendingConnection, f *FinishedConnection) error {
	result := PendingResult{Stored: true, LeftOut: t.Result.LeftOut}
	f.LeftOut = t.Result.LeftOut
	for _, shared := range t.Result.Accounts {
		item := shared.Item
		var err error
		if t.Result.Stored {
			if item, err = itemByID(c, item.ID); err != nil {
				return wrapNotFound(err, "finding the account")
			}
		} else if item, err = upsertOwnItem(c, shared); err != nil {
			return err
		}
		f.Accounts = append(f.Accounts, item)
		result.Accounts = append(result.Accounts, SharedItem{Item: onboarding.Item{ID: item.ID}})
		if err := appendDelivery(c, t.Device, item.ID, f); err != nil {
			return err
		}
	}
	if t.Result.Stored {
		return nil
	}
	text, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("writing a sign-in's result: %w", err)
	}
	t.result = string(text)
	return c.exec(`
		UPDATE pending_connections SET result = $1, mac = $2 WHERE id = $3`,
		t.result, c.signer.SignRow("pending_connections", t.signed()...), t.ID)
}

// appendDelivery adds the delivery that waits for the device. One that was
// acknowledged is in its keychain.
func appendDelivery(c *changeTx, device, subject string, f *FinishedConnection) error {
	const query = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE device = $1 AND subject = $2`
	delivery, err := scanDelivery(c.row(query, device, subject))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return fmt.Errorf("finding the device's delivery: %w", err)
	}
	f.Deliveries = append(f.Deliveries, delivery)
	return nil
}

// End ends a Connection, and the assets that were picked of it leave Accounts;
// requests that use it keep the names. A repeat changes nothing.
func (s *Connections) End(ctx context.Context, agency, id string) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		x, err := scanConnection(c.row(`
			SELECT `+connectionColumns+` FROM connections WHERE agency = $1 AND id = $2`, agency, id))
		if err := wrapNotFound(err, "finding the connection"); err != nil {
			return err
		}
		return endConnection(c, x)
	})
	if err != nil {
		return fmt.Errorf("ending connection %s: %w", id, err)
	}
	return nil
}

// endConnection ends a Connection, unless it has ended.
func endConnection(c *changeTx, x onboarding.Connection) error {
	if x.Ended != 0 {
		return nil
	}
	if err := c.exec(`UPDATE connections SET ended_ms = $1 WHERE id = $2`, c.now, x.ID); err != nil {
		return err
	}
	if err := releasePicks(c, x); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM deliveries WHERE subject = $1`,
		`DELETE FROM device_credentials WHERE subject = $1`,
		`DELETE FROM outages WHERE subject = '` + onboarding.OutageConnection + `' || $1`,
		`DELETE FROM jobs WHERE subject = $1`,
	} {
		if err := c.exec(query, x.ID); err != nil {
			return err
		}
	}
	if err := endWithoutUser(c, x); err != nil {
		return err
	}
	return c.bump(kindConnection, x.ID, x.Member, audienceOwnerAndMains)
}
