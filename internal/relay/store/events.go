package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// recordEvent records what happened in a request's timeline.
func recordEvent(c *changeTx, request string, kind onboarding.EventKind, who, detail string) error {
	return recordEventWith(c, request, onboarding.Event{Kind: kind, Who: who, Detail: detail})
}

// recordItemEvent records what happened to an item in its request's timeline.
func recordItemEvent(c *changeTx, i onboarding.Item, kind onboarding.EventKind, who string) error {
	return recordEventWith(c, i.Request, onboarding.Event{Kind: kind, Who: who, Detail: i.Name, Service: i.Service})
}

// recordEventWith records an event that has more than who and detail; without a time it
// happens now.
func recordEventWith(c *changeTx, request string, e onboarding.Event) error {
	if e.At == 0 {
		e.At = c.now
	}
	e.ID = NewID()
	if err := appendEvent(c, request, e); err != nil {
		return fmt.Errorf("recording %s: %w", e.Kind, err)
	}
	return nil
}

// maxChain bounds the entries of a request's chain that visitors can cause, and maxRoutine
// those of the routine kinds, so that these leave room.
const (
	maxChain   = 2000
	maxRoutine = maxChain / 2
)

// mayRecord reports whether a chain of a length takes one more entry of a kind.
func mayRecord(kind onboarding.EventKind, length int64) bool {
	switch kind.DropRank() {
	case 0:
		return length < maxRoutine
	case 1:
		return length < maxChain
	}
	return true
}

// inKinds is a list of kinds of events for a query.
func inKinds(kinds []onboarding.EventKind) string {
	list := make([]string, len(kinds))
	for n, kind := range kinds {
		list[n] = "'" + string(kind) + "'"
	}
	return "IN (" + strings.Join(list, ", ") + ")"
}

// appendEvent adds an entry to a request's chain and signs its new head. recordEventWith
// calls it, and resubmitEvents, whose events have ids and times already. The lock on the
// agency's row lets one caller at a time do so. A head that the relay has not written is
// not signed again: the chain stays without a signature for good. Only the transaction
// that inserts a request begins its chain.
func appendEvent(c *changeTx, request string, e onboarding.Event) error {
	chain, err := readChainHead(c.ctx, c, c.signer, request)
	if err != nil {
		return err
	}
	if chain.Head.Length == 0 && c.inserted == request {
		chain.Signed = true
	}
	if !mayRecord(e.Kind, chain.Head.Length) {
		return nil
	}
	entry := onboarding.AuditEntry{
		Number: chain.Head.Length + 1, ID: e.ID, At: e.At, Kind: e.Kind, Service: e.Service, Who: e.Who, Detail: e.Detail,
		WhoSalt: newSalt(), DetailSalt: newSalt(),
	}
	entry.WhoHash = onboarding.HashAuditText(entry.WhoSalt, "who", e.Who)
	entry.DetailHash = onboarding.HashAuditText(entry.DetailSalt, "detail", e.Detail)
	entry.Hash = entry.ChainHash(request, chain.Head.Hash)
	err = c.execNamed(`
		INSERT INTO events (id, request, at_ms, kind, who, detail, service, number, who_salt, who_hash, detail_salt,
			detail_hash, dropped, hash)
		VALUES (@id, @request, @at, @kind, @who, @detail, @service, @number, @who_salt, @who_hash, @detail_salt,
			@detail_hash, 0, @hash)`, named{
		"id":          entry.ID,
		"request":     request,
		"at":          entry.At,
		"kind":        entry.Kind,
		"who":         entry.Who,
		"detail":      entry.Detail,
		"service":     entry.Service,
		"number":      entry.Number,
		"who_salt":    entry.WhoSalt,
		"who_hash":    entry.WhoHash,
		"detail_salt": entry.DetailSalt,
		"detail_hash": entry.DetailHash,
		"hash":        entry.Hash,
	})
	if err != nil {
		return err
	}
	mac := []byte{}
	if chain.Signed {
		mac = signHead(c.signer, request, onboarding.AuditHead{Length: entry.Number, Hash: entry.Hash})
	}
	if err := c.exec(`
		INSERT INTO event_chains (request, length, hash, mac) VALUES ($1, $2, $3, $4)
		ON CONFLICT (request) DO UPDATE SET length = excluded.length, hash = excluded.hash, mac = excluded.mac`,
		request, entry.Number, entry.Hash, mac); err != nil {
		return err
	}
	return dropEvents(c, request, entry.Number)
}

// saltBytes of a text's salt make it impossible to guess a text that was forgotten.
const saltBytes = 16

func newSalt() []byte {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails
	return salt
}

func signHead(signer Signer, request string, head onboarding.AuditHead) []byte {
	return signer.SignRow("event_chains", request, fmt.Sprint(head.Length), string(head.Hash))
}

func verifyHead(signer Signer, request string, head onboarding.AuditHead, mac []byte) bool {
	return signer.VerifyRow(mac, "event_chains", request, fmt.Sprint(head.Length), string(head.Hash))
}

// readChainHead reads the head of a request's chain. Every request has one: where there is
// none it was deleted, and is not signed.
func readChainHead(
	ctx context.Context, q queryer, signer Signer, request string,
) (chain onboarding.AuditChain, err error) {
	chain.Request = request
	var mac []byte
	err = q.QueryRowContext(ctx, `SELECT length, hash, mac FROM event_chains WHERE request = $1`, request).
		Scan(&chain.Head.Length, &chain.Head.Hash, &mac)
	if errors.Is(err, sql.ErrNoRows) {
		return chain, nil
	}
	if err != nil {
		return chain, err
	}
	chain.Signed = verifyHead(signer, request, chain.Head, mac)
	return chain, nil
}

// dropEvents keeps the texts of the last onboarding.MaxEvents events of a request, and of
// the others their hashes. Routine ones go first, then what visitors can cause again and
// again: it must not push the agency's own out. onboarding.AuditChain.Verify drops the same.
func dropEvents(c *changeTx, request string, length int64) error {
	if length <= onboarding.MaxEvents {
		return nil
	}
	var count int
	if err := c.row(`SELECT count(*) FROM events WHERE request = $1 AND dropped = 0`, request).Scan(&count); err != nil {
		return err
	}
	if count <= onboarding.MaxEvents {
		return nil
	}
	return c.exec(`
		UPDATE events SET dropped = 1, who = '', who_salt = $2, detail = '', detail_salt = $2
		WHERE  id IN (
			SELECT id FROM events WHERE request = $1 AND dropped = 0
			ORDER BY CASE WHEN kind `+inKinds(onboarding.RoutineEvents())+` THEN 0
				WHEN kind `+inKinds(onboarding.VisitorEvents())+` THEN 1 ELSE 2 END, number LIMIT $3)`,
		request, []byte{}, count-onboarding.MaxEvents)
}

const auditColumns = `number, id, at_ms, kind, service, who, who_salt, who_hash, detail, detail_salt, detail_hash,
	dropped, hash`

func scanAuditEntry(row scanner) (onboarding.AuditEntry, error) {
	var e onboarding.AuditEntry
	var dropped int
	err := row.Scan(
		&e.Number, &e.ID, &e.At, &e.Kind, &e.Service, &e.Who, &e.WhoSalt, &e.WhoHash, &e.Detail, &e.DetailSalt,
		&e.DetailHash, &dropped, &e.Hash,
	)
	e.Dropped = dropped != 0
	return e, err
}

// Audit reads the chain of a request: its head and, after a number, at most limit links.
// From the beginning, one that is before the first comes with them: the relay has not
// written it.
func (s *Requests) Audit(
	ctx context.Context, request string, after int64, limit int,
) (chain onboarding.AuditChain, err error) {
	err = s.db.Read(ctx, func(q sqldb.Queryer) error {
		if chain, err = readChainHead(ctx, q, s.signer, request); err != nil {
			return err
		}
		chain.Entries, err = read(ctx, q, `
			SELECT `+auditColumns+` FROM events WHERE request = $1 AND number > $2 ORDER BY number LIMIT $3`,
			[]any{request, max(after, 0), limit}, scanAuditEntry)
		if err != nil || after != 0 {
			return err
		}
		before, err := read(ctx, q, `
			SELECT `+auditColumns+` FROM events WHERE request = $1 AND number < 1 ORDER BY number LIMIT 1`,
			[]any{request}, scanAuditEntry)
		chain.Entries = append(before, chain.Entries...)
		return err
	})
	if err != nil {
		return chain, fmt.Errorf("reading the history of request %s: %w", request, err)
	}
	return chain, nil
}

// maxAcceptedPerDay bounds how often a history's losses are accepted: each has an entry.
const maxAcceptedPerDay = 10

// AcceptHistory records that a member accepts that a restored relay has lost the entries up
// to the one with a code. Again it changes nothing. ErrConflict: the history is not as the
// relay recorded it, which nobody can accept.
func (s *Requests) AcceptHistory(ctx context.Context, agency, id, who, code string) (Request, error) {
	return s.requestChange(ctx, agency, id, "accepting the history of", func(c *changeTx, _ Request) error {
		chain, err := readChainHead(c.ctx, c, c.signer, id)
		if err != nil {
			return err
		}
		if chain.Entries, err = read(c.ctx, c, `
			SELECT `+auditColumns+` FROM events WHERE request = $1 ORDER BY number`, []any{id}, scanAuditEntry); err != nil {
			return err
		}
		if len(chain.Verify()) > 0 {
			return onboarding.ErrConflict
		}
		today := 0
		for _, e := range chain.Entries {
			isAccepted := e.Kind == onboarding.EventHistoryAccepted
			switch {
			case onboarding.AuditCode(e.Hash) == code, isAccepted && e.Detail == code:
				return errUnchanged
			case isAccepted && e.At > c.now-day:
				today++
			}
		}
		if today >= maxAcceptedPerDay {
			return onboarding.ErrRateLimited
		}
		return recordEvent(c, id, onboarding.EventHistoryAccepted, who, code)
	})
}

// AuditedRequest names a request whose history is verified.
type AuditedRequest struct {
	ID     string
	Agency string // its name
}

// AuditFilter selects requests; what is empty selects all. After is an id: those behind
// it.
type AuditFilter struct{ Agency, Request, After string }

// ListAudited lists requests by their ids, at most limit.
func (s *Requests) ListAudited(ctx context.Context, f AuditFilter, limit int) ([]AuditedRequest, error) {
	list, err := read(ctx, s.db, `
		SELECT r.id, a.name FROM requests r JOIN agencies a ON a.id = r.agency
		WHERE  ($1 = '' OR r.agency = $1) AND ($2 = '' OR r.id = $2) AND r.id > $3
		ORDER BY r.id LIMIT $4`,
		[]any{f.Agency, f.Request, f.After, limit}, func(row scanner) (r AuditedRequest, err error) {
			err = row.Scan(&r.ID, &r.Agency)
			return r, err
		})
	if err != nil {
		return nil, fmt.Errorf("listing requests: %w", err)
	}
	return list, nil
}
