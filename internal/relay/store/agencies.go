package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Agencies are the agencies and their brand.
type Agencies struct{ *handle }

const agencyColumns = `id, name, share_requests, suspended_ms, brand_on, company, logo, colour, reply_to,
	pending_reply_to, show_requester, webhooks_off, domain_lost, operator_acts`

func scanAgency(row scanner) (onboarding.Agency, error) {
	var a onboarding.Agency
	var suspended int64
	var webhooksOff, acts string
	err := row.Scan(
		&a.ID, &a.Name, &a.ShareRequests, &suspended, &a.Brand.On, &a.Brand.Company, &a.Brand.Logo, &a.Brand.Colour,
		&a.Brand.ReplyTo, &a.Brand.PendingReplyTo, &a.Brand.ShowRequester, &webhooksOff, &a.DomainLost,
		&acts,
	)
	if err == nil && webhooksOff != "[]" {
		a.WebhooksOff, err = splitList[string](webhooksOff)
	}
	if err == nil && acts != "[]" {
		a.OperatorActs, err = splitList[onboarding.OperatorAct](acts)
	}
	a.Suspended = suspended != 0
	if len(a.Brand.Logo) == 0 {
		a.Brand.Logo = nil
	}
	return a, err
}

// Add creates an agency with its first main user.
func (s *Agencies) Add(ctx context.Context, a onboarding.Agency, first onboarding.Member) error {
	return s.addAgency(ctx, a, func(c *changeTx) error { return insertMember(c, first) })
}

// addAgency creates an agency with what fn adds, in one transaction.
func (h *handle) addAgency(ctx context.Context, a onboarding.Agency, fn func(c *changeTx) error) error {
	err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO agencies (id, name, commit_id, created_ms, logo, seq, visibility, share_requests, suspended_ms,
				brand_on, company, logo_etag, colour, reply_to, pending_reply_to, show_requester, webhooks_off, domain_lost,
				operator_acts, restored_ms, restored_by, roster_version, roster_mac)
			VALUES ($1, $2, $3, $4, $5, 0, 1, 0, 0, 0, '', '', '', '', '', 0, '[]', '', '[]', 0, '', 0, $5)`,
			a.ID, a.Name, rand.Text(), h.timestamp(), []byte{})
		if err != nil {
			return err
		}
		c := h.changeTx(ctx, tx, a.ID)
		if err := c.lockAgency(h.db.Engine()); err != nil {
			return err
		}
		if err := c.bump(kindAgency, a.ID, "", audienceAll); err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
		if err := signRoster(c.agencyTx, 1); err != nil {
			return err
		}
		return c.commitNumber(h.db.Engine())
	})
	if err != nil {
		return fmt.Errorf("adding agency %s: %w", a.ID, err)
	}
	h.onChange(a.ID)
	return nil
}

// Get returns one agency.
func (s *Agencies) Get(ctx context.Context, id string) (onboarding.Agency, error) {
	return agencyByID(ctx, s.db, id)
}

func agencyByID(ctx context.Context, q sqldb.Queryer, id string) (onboarding.Agency, error) {
	a, err := scanAgency(q.QueryRowContext(ctx, `SELECT `+agencyColumns+` FROM agencies WHERE id = $1`, id))
	return a, wrapNotFound(err, "reading agency "+id)
}

// List returns all agencies, oldest first.
func (s *Agencies) List(ctx context.Context) ([]onboarding.Agency, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+agencyColumns+` FROM agencies ORDER BY created_ms, id`)
	list, err := scanAll(rows, err, scanAgency)
	if err != nil {
		return nil, fmt.Errorf("listing agencies: %w", err)
	}
	return list, nil
}

// Sequences returns each agency's newest number: it changes when another process
// writes.
func (s *Agencies) Sequences(ctx context.Context) (map[string]int64, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, seq FROM agencies`)
	numbers := map[string]int64{}
	_, err = scanAll(rows, err, func(row scanner) (struct{}, error) {
		var id string
		var n int64
		err := row.Scan(&id, &n)
		numbers[id] = n
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the newest numbers: %w", err)
	}
	return numbers, nil
}

// Update passes the current agency to edit and stores what edit changed; the name
// and the id stay. A change of ShareRequests raises the visibility number: each
// hub reads everything again.
func (s *Agencies) Update(
	ctx context.Context, id string, edit func(agency *onboarding.Agency) error,
) (onboarding.Agency, error) {
	var agency onboarding.Agency
	err := s.changeRoster(ctx, id, func(c *changeTx, r roster) error {
		agency = r.agency
		before := agency
		if err := edit(&agency); err != nil {
			return err
		}
		if reflect.DeepEqual(agency, before) {
			return errUnchanged
		}
		suspended := onboarding.Timestamp(0)
		if agency.Suspended {
			suspended = c.now
		}
		err := c.execNamed(`
			UPDATE agencies
			SET    share_requests = @share_requests, visibility = visibility + @more_visible, suspended_ms = @suspended,
			       brand_on = @brand_on, company = @company, logo = @logo, logo_etag = @logo_etag, colour = @colour,
			       reply_to = @reply_to, pending_reply_to = @pending_reply_to, show_requester = @show_requester
			WHERE  id = @id`, named{
			"id":               id,
			"share_requests":   boolToInt(agency.ShareRequests),
			"more_visible":     boolToInt(agency.ShareRequests != before.ShareRequests),
			"suspended":        suspended,
			"brand_on":         boolToInt(agency.Brand.On),
			"company":          agency.Brand.Company,
			"logo":             nonNil(agency.Brand.Logo),
			"logo_etag":        LogoETag(agency.Brand.Logo),
			"colour":           agency.Brand.Colour,
			"reply_to":         agency.Brand.ReplyTo,
			"pending_reply_to": agency.Brand.PendingReplyTo,
			"show_requester":   boolToInt(agency.Brand.ShowRequester),
		})
		if err != nil {
			return err
		}
		return c.bump(kindAgency, id, "", audienceAll)
	})
	if err != nil {
		return onboarding.Agency{}, fmt.Errorf("changing agency %s: %w", id, err)
	}
	return agency, nil
}

func currentAgency(c *changeTx) (onboarding.Agency, error) {
	return scanAgency(c.row(`SELECT `+agencyColumns+` FROM agencies WHERE id = $1`, c.agency))
}

// Logo returns an agency's logo if it is the one with this etag.
func (s *Agencies) Logo(ctx context.Context, agency, etag string) ([]byte, error) {
	var logo []byte
	var newest string
	err := s.db.QueryRowContext(ctx, `SELECT logo, logo_etag FROM agencies WHERE id = $1`, agency).Scan(&logo, &newest)
	if err := wrapNotFound(err, "reading a logo"); err != nil {
		return nil, err
	}
	if newest == "" || newest != etag {
		return nil, fmt.Errorf("reading a logo: %w", onboarding.ErrNotFound)
	}
	return logo, nil
}

// LogoETag tells one logo from another; it is empty without one. The end of a PNG
// has the checksums of its picture: with the length, that is enough.
func LogoETag(logo []byte) string {
	if len(logo) == 0 {
		return ""
	}
	digest := sha256.Sum256(fmt.Appendf(logo[max(0, len(logo)-48):len(logo):len(logo)], " %d", len(logo)))
	return hex.EncodeToString(digest[:logoETagBytes])
}

const logoETagBytes = 9
