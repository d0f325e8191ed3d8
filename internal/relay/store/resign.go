package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Resigning signs with the newest key what an older one signed, so that the older one can
// be retired. It may be interrupted and repeated at any point, beside a relay that runs.
type Resigning struct{ *handle }

// Sealer seals anew what is sealed under the key file. changed is false for what is under
// the newest key already.
type Sealer interface {
	Reseal(purpose string, sealed []byte) (again []byte, changed bool, err error)
}

// EndingLinks is how much of an agency ends with a key: what it signed is not stored, and
// is with clients.
type EndingLinks struct {
	Agency   string // its name
	Review   bool   // it exists for a review, whose link ends
	Requests int    // open, whose links it may have signed
	Repairs  int    // open, likewise
	Receipts int    // likewise
	Codes    int    // that enrol a computer
}

// Ending counts, by agency, what ends with a key. until is when no relay signed with it
// any more.
func (s *Resigning) Ending(ctx context.Context, until onboarding.Timestamp) ([]EndingLinks, error) {
	now := s.timestamp()
	receiptsFrom := onboarding.TimestampOf(now.Time().AddDate(-onboarding.ReceiptYears, 0, 0))
	list, err := read(ctx, s.db, `
		SELECT * FROM (
			SELECT a.name AS name,
				(SELECT count(*) FROM reviews w WHERE w.agency = a.id AND w.created_ms < $1 AND w.ends_ms > $2) AS reviews,
				(SELECT count(*) FROM requests r WHERE r.agency = a.id AND r.status = 'pending' AND r.withdrawn_ms = 0
					AND r.finished_ms = 0 AND r.expires_ms > $2
					AND CASE WHEN r.renewed_ms > 0 THEN r.renewed_ms ELSE r.accepted_ms END < $1) AS requests,
				(SELECT count(*) FROM repairs p JOIN requests r ON r.id = p.request WHERE r.agency = a.id
					AND p.closed_ms = 0 AND p.expires_ms > $2 AND p.created_ms < $1) AS repairs,
				(SELECT count(*) FROM receipts e JOIN requests r ON r.id = e.request WHERE r.agency = a.id
					AND e.created_ms < $1 AND e.created_ms > $4) AS receipts,
				(SELECT count(*) FROM codes c WHERE c.agency = a.id AND `+endingCodes+`) AS codes
			FROM agencies a) AS ending
		WHERE reviews + requests + repairs + receipts + codes > 0 ORDER BY name`,
		[]any{until, now, until.Add(CodeTTL), receiptsFrom}, func(row scanner) (e EndingLinks, err error) {
			var reviews int
			err = row.Scan(&e.Agency, &reviews, &e.Requests, &e.Repairs, &e.Receipts, &e.Codes)
			e.Review = reviews > 0
			return e, err
		})
	if err != nil {
		return nil, fmt.Errorf("counting what ends with a key: %w", err)
	}
	return list, nil
}

// endingCodes selects the codes c that nobody has used: of now, $2, those that may have been
// made before what $3 is CodeTTL after. A code for a computer of one's own, which lives for
// minutes, ends with them.
const endingCodes = `c.device = '' AND c.withdrawn_ms = 0 AND c.expires_ms > $2 AND c.expires_ms < $3`

// resignedAtOnce is how many rows are signed in a transaction.
const resignedAtOnce = 200

// Resign signs every row anew that verifies and that another key than the newest signed, and
// seals anew what another key sealed. Codes that were made before until end. It returns how
// many rows it wrote: none, when all are under the newest key. ErrTampered: a row does not
// verify.
func (s *Resigning) Resign(ctx context.Context, sealer Sealer, until onboarding.Timestamp) (int, error) {
	count := 0
	for _, rewrite := range []func(context.Context) ([]rewriting, error){
		s.oldRows, s.oldChains,
		func(ctx context.Context) ([]rewriting, error) { return s.oldWebhooks(ctx, sealer) },
		func(ctx context.Context) ([]rewriting, error) { return s.oldCertificates(ctx, sealer) },
	} {
		list, err := rewrite(ctx)
		if err != nil {
			return count, err
		}
		for batch := range slices.Chunk(list, resignedAtOnce) {
			if err := s.rewrite(ctx, batch); err != nil {
				return count, err
			}
		}
		count += len(list)
	}
	rosters, err := s.resignRosters(ctx, until)
	return count + rosters, err
}

// rewriting writes a MAC or a sealed text anew, unless a relay has written the row since.
type rewriting struct {
	query string
	args  []any
}

func (s *Resigning) rewrite(ctx context.Context, batch []rewriting) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, row := range batch {
			if _, err := tx.ExecContext(ctx, row.query, row.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("signing rows anew: %w", err)
	}
	return nil
}

// oldRows are the rows under a MAC of another key than the newest.
func (s *Resigning) oldRows(ctx context.Context) (list []rewriting, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		list = nil
		for _, table := range signedTables() {
			rows, err := table.list(ctx, q, "", func(row signedRow) bool {
				return !bytes.Equal(row.mac, s.signer.SignRow(row.signed, row.columns...))
			})
			if err != nil {
				return err
			}
			for _, row := range rows {
				if row.values == nil {
					return fmt.Errorf("reading %s from the table %s: %w", row.id, table.name, ErrTampered)
				}
				if err := verifyRow(s.signer, row.mac, row.signed, row.id, row.columns); err != nil {
					return err
				}
				n := len(row.key)
				list = append(list, rewriting{
					query: fmt.Sprintf(`UPDATE %s SET mac = $%d%s AND mac = $%d`, table.name, n+1, table.where(), n+2),
					args: append(slices.Clone(row.key),
						s.signer.SignRow(row.signed, row.columns...), row.mac),
				})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the signed rows: %w", err)
	}
	return list, nil
}

// oldChains are the heads of histories that another key than the newest signed. A history
// without a signature stays without one.
func (s *Resigning) oldChains(ctx context.Context) ([]rewriting, error) {
	type head struct {
		request string
		head    onboarding.AuditHead
		mac     []byte
	}
	heads, err := read(ctx, s.db, `SELECT request, length, hash, mac FROM event_chains`, nil,
		func(row scanner) (h head, err error) {
			return h, row.Scan(&h.request, &h.head.Length, &h.head.Hash, &h.mac)
		})
	if err != nil {
		return nil, fmt.Errorf("reading the heads of histories: %w", err)
	}
	var list []rewriting
	for _, h := range heads {
		mac := signHead(s.signer, h.request, h.head)
		if bytes.Equal(mac, h.mac) || !verifyHead(s.signer, h.request, h.head, h.mac) {
			continue
		}
		list = append(list, rewriting{
			query: `UPDATE event_chains SET mac = $1 WHERE request = $2 AND mac = $3`, args: []any{mac, h.request, h.mac},
		})
	}
	return list, nil
}

// resignRosters signs who belongs to each agency, and ends the codes of before until.
func (s *Resigning) resignRosters(ctx context.Context, until onboarding.Timestamp) (count int, err error) {
	agencies, err := read(ctx, s.db, `SELECT id FROM agencies ORDER BY id`, nil, scanText)
	if err != nil {
		return 0, fmt.Errorf("listing agencies: %w", err)
	}
	for _, agency := range agencies {
		changed := false
		err := s.changeRoster(ctx, agency, func(c *changeTx, r roster) error {
			changed = false
			codes, err := c.texts(`SELECT c.id FROM codes c WHERE c.agency = $1 AND `+endingCodes,
				agency, c.now, until.Add(CodeTTL))
			if err != nil {
				return err
			}
			isNew, err := s.isNewestRoster(c, r)
			if err != nil {
				return err
			}
			if isNew && len(codes) == 0 {
				return errUnchanged
			}
			changed = true
			for _, id := range codes {
				const end = `UPDATE codes SET withdrawn_ms = $1 WHERE agency = $2 AND id = $3`
				if err := c.exec(end, c.now, agency, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return count, fmt.Errorf("signing who belongs to agency %s: %w", agency, err)
		}
		if changed {
			count++
		}
	}
	return count, nil
}

// isNewestRoster reports whether the newest key signed a roster and the record of it.
func (s *Resigning) isNewestRoster(c *changeTx, r roster) (bool, error) {
	if !bytes.Equal(r.mac, s.signer.SignRow("roster", r.columns()...)) {
		return false, nil
	}
	records, err := read(c.ctx, c, `SELECT content, mac FROM rosters WHERE agency = $1`, []any{c.agency},
		func(row scanner) (bool, error) {
			var content string
			var mac []byte
			err := row.Scan(&content, &mac)
			return bytes.Equal(mac, s.signer.SignRow("rosters", content)), err
		})
	return len(records) == 1 && records[0], err
}

// oldWebhooks are the webhooks that another key than the newest sealed. One that no key
// opens stays as it is: it posts nowhere.
func (s *Resigning) oldWebhooks(ctx context.Context, sealer Sealer) ([]rewriting, error) {
	type webhook struct {
		id, agency string
		sealed     []byte
	}
	hooks, err := read(ctx, s.db, `SELECT id, agency, sealed FROM webhooks`, nil,
		func(row scanner) (w webhook, err error) { return w, row.Scan(&w.id, &w.agency, &w.sealed) })
	if err != nil {
		return nil, fmt.Errorf("reading webhooks: %w", err)
	}
	var list []rewriting
	for _, w := range hooks {
		again, changed, err := sealer.Reseal(WebhookPurpose(w.agency, w.id), w.sealed)
		if err == nil && changed {
			list = append(list, rewriting{
				query: `UPDATE webhooks SET sealed = $1 WHERE id = $2 AND sealed = $3`, args: []any{again, w.id, w.sealed},
			})
		}
	}
	return list, nil
}

// oldCertificates are the files of the relay's TLS that another key than the newest sealed.
// One that no key opens is fetched anew by itself.
func (s *Resigning) oldCertificates(ctx context.Context, sealer Sealer) ([]rewriting, error) {
	files, err := read(ctx, s.db, `SELECT name, sealed FROM certificate_files`, nil,
		func(row scanner) (f CertificateFile, err error) { return f, row.Scan(&f.Name, &f.Sealed) })
	if err != nil {
		return nil, fmt.Errorf("reading certificate files: %w", err)
	}
	var list []rewriting
	for _, f := range files {
		again, changed, err := sealer.Reseal(CertificatePurpose(f.Name), f.Sealed)
		if err == nil && changed {
			list = append(list, rewriting{
				query: `UPDATE certificate_files SET sealed = $1 WHERE name = $2 AND sealed = $3`,
				args:  []any{again, f.Name, f.Sealed},
			})
		}
	}
	return list, nil
}

// AnnounceLinks has hubs read every request and open repair again: their links and proofs
// are made with the newest key whenever they are read.
func (s *Resigning) AnnounceLinks(ctx context.Context) error {
	agencies, err := read(ctx, s.db, `SELECT id FROM agencies ORDER BY id`, nil, scanText)
	if err != nil {
		return fmt.Errorf("listing agencies: %w", err)
	}
	for _, agency := range agencies {
		if err := s.change(ctx, agency, announceLinks); err != nil {
			return fmt.Errorf("announcing the links of agency %s: %w", agency, err)
		}
	}
	return nil
}

func announceLinks(c *changeTx) error {
	type owned struct{ id, owner string }
	requests, err := read(c.ctx, c, `SELECT id, owner FROM requests WHERE agency = $1 ORDER BY id`, []any{c.agency},
		func(row scanner) (r owned, err error) { return r, row.Scan(&r.id, &r.owner) })
	if err != nil {
		return err
	}
	for _, r := range requests {
		if err := c.bump(kindRequest, r.id, r.owner, audienceOwner); err != nil {
			return err
		}
	}
	items, err := c.texts(`
		SELECT p.item FROM repairs p JOIN requests r ON r.id = p.request
		WHERE  r.agency = $1 AND p.closed_ms = 0 ORDER BY p.item`, c.agency)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := bumpRepaired(c, item); err != nil {
			return err
		}
	}
	return nil
}
