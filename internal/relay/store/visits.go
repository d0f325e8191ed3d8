package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Visits are the browsers in the wizard.
type Visits struct{ *handle }

// Visit is a client in the wizard. Its only secret is the platform's token, which is
// sealed under the visitor's cookie.
type Visit struct {
	ID           string
	Request      string
	Agency       string
	CookieHash   []byte // hash of the cookie
	Version      int    // of the link it began with
	Recipient    int    // the number in that link; zero: a copied one
	Scoped       bool   // it has the services that were handed to its recipient, and no others
	Repair       string // the item that it repairs; empty: it is of the request's link
	Name         string
	Email        string
	State        string // JSON of the wizard
	Created      onboarding.Timestamp
	Seen         onboarding.Timestamp
	Ended        onboarding.Timestamp
	Part         onboarding.Timestamp // it finished its part, and colleagues have the rest; zero: it did not
	User         onboarding.Account   // at Facebook
	SealedToken  []byte               // the short-lived token
	TokenUsed    onboarding.Timestamp
	TokenExpires onboarding.Timestamp // tokenAppRemoved: the user removed the app

	mac []byte
}

const (
	visitByID       = `SELECT ` + visitColumns + ` FROM visits WHERE id = $1`
	visitsByRequest = `SELECT ` + visitColumns + ` FROM visits WHERE request = $1 AND ended_ms = 0 AND repair = ''
		ORDER BY created_ms DESC, id DESC LIMIT $2`
)

const visitColumns = `id, request, agency, cookie_hash, version, recipient, scoped, repair, name, email, state,
	created_ms, seen_ms, ended_ms, part_ms, user_id, user_name, sealed_token, token_used_ms, token_expires_ms, mac`

func scanVisit(row scanner) (Visit, error) {
	var v Visit
	err := row.Scan(
		&v.ID, &v.Request, &v.Agency, &v.CookieHash, &v.Version, &v.Recipient, &v.Scoped, &v.Repair, &v.Name, &v.Email,
		&v.State, &v.Created, &v.Seen, &v.Ended, &v.Part, &v.User.ID, &v.User.Name, &v.SealedToken, &v.TokenUsed,
		&v.TokenExpires, &v.mac,
	)
	return v, err
}

// maxVisits bounds how often a client with the link can start again: each visit is a
// row, and an event of the request. So many begin in a day, and so many are kept:
// each further one takes the place of the one that was seen longest ago.
const maxVisits = 1000

// listedVisits is how many visits ListByRequest returns.
const listedVisits = 50

// Start begins a visit in the name of a client, while the link works.
func (s *Visits) Start(ctx context.Context, visit Visit) error {
	return s.plainChange(ctx, visit.Agency, visit.Request, "starting a visit of", func(c *changeTx, r Request) error {
		if err := mayVisit(c, r, visit); err != nil {
			return err
		}
		if _, err := visitScope(c, r, visit); err != nil {
			return err
		}
		var today int
		const count = `SELECT count(*) FROM visits WHERE request = $1 AND created_ms > $2`
		if err := c.row(count, visit.Request, c.now-day).Scan(&today); err != nil {
			return err
		}
		if today >= maxVisits {
			return onboarding.ErrRateLimited
		}
		if err := deleteIdleVisits(c, visit.Request); err != nil {
			return err
		}
		if err := c.execNamed(`
			INSERT INTO visits (id, request, agency, cookie_hash, version, recipient, scoped, repair, name, email, state,
				created_ms, seen_ms, sealed_token, ended_ms, part_ms, user_id, user_name, token_used_ms, token_expires_ms, mac)
			VALUES (@id, @request, @agency, @cookie_hash, @version, @recipient, @scoped, @repair, @name, @email, @state,
				@now, @now, @no_token, 0, 0, '', '', 0, 0, @mac)`, named{
			"id":          visit.ID,
			"request":     visit.Request,
			"agency":      visit.Agency,
			"cookie_hash": visit.CookieHash,
			"version":     visit.Version,
			"recipient":   visit.Recipient,
			"scoped":      boolToInt(visit.Scoped),
			"repair":      visit.Repair,
			"name":        visit.Name,
			"email":       visit.Email,
			"state":       visit.State,
			"now":         c.now,
			"no_token":    []byte{},
			"mac":         c.signer.SignRow("visits", visitColumnsSigned(visit)...),
		}); err != nil {
			return err
		}
		if visit.Repair != "" {
			if err := remember(c, r); err != nil {
				return err
			}
		}
		return recordEvent(c, visit.Request, onboarding.EventStarted, visit.Name, visit.Email)
	})
}

// deleteIdleVisits deletes visits of a request beyond maxVisits, with room for one
// more. Those of today stay, for they are counted, and those with a receipt, whose
// link names the same person.
func deleteIdleVisits(c *changeTx, request string) error {
	var count int
	if err := c.row(`SELECT count(*) FROM visits WHERE request = $1`, request).Scan(&count); err != nil {
		return err
	}
	if count < maxVisits {
		return nil
	}
	idle, err := c.texts(`
		SELECT id FROM visits
		WHERE  request = $1 AND created_ms <= $2 AND id NOT IN (SELECT visit FROM receipts WHERE request = $1)
		ORDER BY seen_ms, id LIMIT $3`, request, c.now-day, count-maxVisits+1)
	if err != nil {
		return err
	}
	if len(idle) == 0 {
		return onboarding.ErrRateLimited
	}
	for _, id := range idle {
		for _, query := range []string{
			`DELETE FROM oauth_states WHERE visit = $1`,
			`DELETE FROM visits WHERE id = $1`,
		} {
			if err := c.exec(query, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// GetByCookie returns a visit by the hash of its cookie, ended ones too. ErrTampered:
// it is not as the relay wrote it.
func (s *Visits) GetByCookie(ctx context.Context, cookieHash []byte) (Visit, error) {
	return s.verified(scanVisit(s.db.QueryRowContext(ctx, `
		SELECT `+visitColumns+` FROM visits WHERE cookie_hash = $1`, cookieHash)))
}

// Get returns one visit. ErrTampered: it is not as the relay wrote it.
func (s *Visits) Get(ctx context.Context, id string) (Visit, error) {
	return s.verified(scanVisit(s.db.QueryRowContext(ctx, visitByID, id)))
}

func (s *Visits) verified(v Visit, err error) (Visit, error) {
	if err := wrapNotFound(err, "finding a visit"); err != nil {
		return Visit{}, err
	}
	return v, verifyRow(s.signer, v.mac, "visits", v.ID, visitColumnsSigned(v))
}

// ListByRequest lists the newest visits of a request that have not ended, oldest
// first, at most listedVisits.
func (s *Visits) ListByRequest(ctx context.Context, request string) ([]Visit, error) {
	list, err := read(ctx, s.db, visitsByRequest, []any{request, listedVisits}, scanVisit)
	if err != nil {
		return nil, fmt.Errorf("listing visits: %w", err)
	}
	slices.Reverse(list)
	return list, nil
}

// SaveState stores the wizard's state of a visit.
func (s *Visits) SaveState(ctx context.Context, visit, state string) error {
	return s.visitChange(ctx, "storing a visit's state", `
		UPDATE visits SET state = $1, seen_ms = $2 WHERE id = $3 AND ended_ms = 0`, state, s.timestamp(), visit)
}

// StoreToken stores a platform's token, sealed under the cookie, and its user.
func (s *Visits) StoreToken(
	ctx context.Context, visit string, user onboarding.Account, sealed []byte, until onboarding.Timestamp,
) error {
	now := s.timestamp()
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE visits SET user_id = $1, user_name = $2, sealed_token = $3, token_used_ms = $4, token_expires_ms = $5,
			seen_ms = $4 WHERE id = $6 AND ended_ms = 0`,
			user.ID, user.Name, sealed, now, until, visit)
		if err != nil {
			return err
		}
		if stored, err := result.RowsAffected(); err != nil || stored == 0 {
			return err
		}
		return recordVisitUser(ctx, tx, visit, s.signer.HashUsers(onboarding.Meta, user.ID)[0], now)
	})
	if err != nil {
		return fmt.Errorf("storing a sign-in: %w", err)
	}
	return nil
}

// UseToken records that the token was used: its idle hour starts again.
func (s *Visits) UseToken(ctx context.Context, visit string) error {
	return s.visitChange(ctx, "recording a sign-in's use", `
		UPDATE visits SET token_used_ms = $1, seen_ms = $1 WHERE id = $2`, s.timestamp(), visit)
}

// tokenAppRemoved is in place of a token's end, where its user removed the app.
const tokenAppRemoved onboarding.Timestamp = 1

// HasRemovedApp reports whether the person removed the app at Facebook after they signed in.
func (v Visit) HasRemovedApp() bool { return v.TokenExpires == tokenAppRemoved }

// DropToken deletes the token; names, choices and results stay.
func (s *Visits) DropToken(ctx context.Context, visit string) error {
	return s.visitChange(ctx, "dropping a sign-in", `
		UPDATE visits SET user_id = '', user_name = '', sealed_token = $1, token_used_ms = 0, token_expires_ms = 0
		WHERE id = $2`, []byte{}, visit)
}

// End ends one visit: I am someone else.
func (s *Visits) End(ctx context.Context, visit string) error {
	return s.visitChange(ctx, "ending a visit", `
		UPDATE visits SET ended_ms = $1, user_id = '', user_name = '', sealed_token = $2, token_used_ms = 0
		WHERE id = $3 AND ended_ms = 0`, s.timestamp(), []byte{}, visit)
}

func (s *Visits) visitChange(ctx context.Context, doing, query string, args ...any) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// endVisits ends all visits of a request's link with their tokens and sign-ins.
func endVisits(c *changeTx, request string) error {
	if err := c.exec(`
		DELETE FROM oauth_states
		WHERE visit IN (SELECT id FROM visits WHERE request = $1 AND repair = '')`, request); err != nil {
		return err
	}
	return c.exec(`
		UPDATE visits SET ended_ms = $1, sealed_token = $2, token_used_ms = 0
		WHERE request = $3 AND ended_ms = 0 AND repair = ''`, c.now, []byte{}, request)
}

// DropIdleTokens deletes the tokens that were not used since a timestamp, or that
// have expired.
func (s *Visits) DropIdleTokens(ctx context.Context, since onboarding.Timestamp) error {
	return s.visitChange(ctx, "dropping idle sign-ins", `
		UPDATE visits SET sealed_token = $1, token_used_ms = 0, token_expires_ms = 0
		WHERE token_used_ms > 0 AND (token_used_ms <= $2 OR (token_expires_ms > 0 AND token_expires_ms <= $3))`, []byte{},
		since, s.timestamp())
}
