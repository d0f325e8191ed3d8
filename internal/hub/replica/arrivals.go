package replica

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// The lists of what the agency's Business Managers were given. Facebook tells no time of a
// share: what is new shows only by comparing a list with the one before.

// StoreArrivals stores a complete list of one kind, which was read at a timestamp.
func StoreArrivals(
	ctx context.Context, r *Replica, business string, kind onboarding.Kind, list []onboarding.Arrival,
	at onboarding.Timestamp,
) error {
	return r.Update(ctx, func(tx *Tx) error {
		before, err := ReadArrivalsRead(ctx, tx, business, kind)
		if err != nil {
			return err
		}
		known := map[string]onboarding.Timestamp{}
		stored, err := ReadArrivals(ctx, tx, business)
		if err != nil {
			return err
		}
		for _, a := range stored {
			if a.Kind == kind {
				known[a.Account] = a.Missing
			}
		}
		if _, err := tx.ExecContext(ctx, `
			DELETE FROM arrivals WHERE business = $1 AND kind = $2`, business, string(kind)); err != nil {
			return fmt.Errorf("storing what arrived: %w", err)
		}
		for _, a := range list {
			missing, isKnown := known[a.Account]
			if !isKnown {
				missing = before
			}
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO arrivals (business, kind, account, name, detail, owner, missing_ms)
				VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (business, kind, account) DO NOTHING`,
				business, string(kind), a.Account, a.Name, a.Detail, a.Owner, missing); err != nil {
				return fmt.Errorf("storing what arrived: %w", err)
			}
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO arrival_lists (business, kind, read_ms) VALUES ($1, $2, $3)
			ON CONFLICT (business, kind) DO UPDATE SET read_ms = excluded.read_ms`, business, string(kind), at)
		if err != nil {
			return fmt.Errorf("storing what arrived: %w", err)
		}
		return nil
	})
}

// ReadArrivals lists what a Business Manager was given when its lists were read last.
func ReadArrivals(ctx context.Context, q sqldb.Queryer, business string) ([]onboarding.Arrival, error) {
	return scanRows(ctx, q, func(rows *sql.Rows, a *onboarding.Arrival) error {
		return rows.Scan(&a.Kind, &a.Account, &a.Name, &a.Detail, &a.Owner, &a.Missing)
	}, `SELECT kind, account, name, detail, owner, missing_ms FROM arrivals WHERE business = $1
		ORDER BY missing_ms DESC, name, account`, business)
}

// ReadArrivalsRead reads when a list was read last; zero: never.
func ReadArrivalsRead(
	ctx context.Context, q sqldb.Queryer, business string, kind onboarding.Kind,
) (at onboarding.Timestamp, err error) {
	err = q.QueryRowContext(ctx, `
		SELECT read_ms FROM arrival_lists WHERE business = $1 AND kind = $2`, business, string(kind)).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("reading when a list was read: %w", err)
	}
	return at, nil
}

// ArrivalSet is what has to be known to find what clients named in one Business Manager.
type ArrivalSet struct {
	Named    []onboarding.NamedAsset
	Arrivals []onboarding.Arrival
	Taken    map[string]string // the request of an account that an item has; Own: the agency's
}

// Own is in ArrivalSet.Taken for an account of the agency itself.
const Own = "own"

// NoteByHand records since when this computer knows that clients share by hand: of the open
// requests that ask for it, and of these ones. A list that is read from now on is later.
func NoteByHand(ctx context.Context, r *Replica, requests ...string) error {
	unknown, err := readUnknown(ctx, r.DB(), requests)
	if err != nil || len(unknown) == 0 {
		return err
	}
	return r.Update(ctx, func(tx *Tx) error {
		if _, err := tx.ExecContext(ctx, `
			DELETE FROM arrival_requests WHERE request NOT IN (SELECT id FROM requests)`); err != nil {
			return fmt.Errorf("noting what is shared by hand: %w", err)
		}
		for _, request := range unknown {
			// The clock may have been set back since a list was read.
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO arrival_requests (request, business, known_ms)
				SELECT $1, $2, max($3, COALESCE((SELECT max(read_ms) FROM arrival_lists WHERE business = $2), 0)) + 1
				ON CONFLICT (request) DO NOTHING`, request.ID, request.Business.ID, tx.Now()); err != nil {
				return fmt.Errorf("noting what is shared by hand: %w", err)
			}
		}
		return nil
	})
}

// readUnknown reads the open requests by hand, and these ones, that were not noted.
func readUnknown(ctx context.Context, q sqldb.Queryer, requests []string) ([]onboarding.Request, error) {
	const isNew = `id NOT IN (SELECT request FROM arrival_requests)`
	unknown, err := readRows[onboarding.Request](ctx, q, `
		SELECT payload FROM requests JOIN request_payloads USING (seq)
		WHERE list_state IN (0, 1) AND status = 'pending' AND payload ->> 'by_hand' = 1
			AND payload ->> 'accepted' > 0 AND `+isNew)
	if err != nil {
		return nil, err
	}
	for _, id := range requests {
		one, err := readRows[onboarding.Request](ctx, q, `
			SELECT payload FROM requests JOIN request_payloads USING (seq) WHERE id = $1 AND `+isNew, id)
		if err != nil {
			return nil, err
		}
		unknown = append(unknown, one...)
	}
	return unknown, nil
}

// readKnown reads since when requests are known here as shared by hand.
func readKnown(ctx context.Context, q sqldb.Queryer, business string) (map[string]onboarding.Timestamp, error) {
	type row struct {
		request string
		known   onboarding.Timestamp
	}
	rows, err := scanRows(ctx, q, func(rows *sql.Rows, r *row) error { return rows.Scan(&r.request, &r.known) },
		`SELECT request, known_ms FROM arrival_requests WHERE business = $1`, business)
	known := map[string]onboarding.Timestamp{}
	for _, r := range rows {
		known[r.request] = r.known
	}
	return known, err
}

// ArrivalsTime is when a list is read that is about to be: never before what is known already,
// even if the clock was set back.
func ArrivalsTime(ctx context.Context, r *Replica, business string) (at onboarding.Timestamp, err error) {
	err = r.DB().QueryRowContext(ctx, `
		SELECT max($1, COALESCE((SELECT max(known_ms) FROM arrival_requests WHERE business = $2), 0))`,
		r.now(), business).Scan(&at)
	if err != nil {
		return 0, fmt.Errorf("reading the time of a list: %w", err)
	}
	return at, nil
}

// ReadArrivalSet reads the set of an item that a client named, and of all others that were
// named for the same Business Manager and are not found.
func ReadArrivalSet(ctx context.Context, q sqldb.Queryer, item onboarding.Item) (ArrivalSet, error) {
	var set ArrivalSet
	request, err := ReadRequest(ctx, q, item.Request)
	if err != nil {
		return set, err
	}
	if set.Arrivals, err = ReadArrivals(ctx, q, request.Business.ID); err != nil {
		return set, err
	}
	known, err := readKnown(ctx, q, request.Business.ID)
	if err != nil {
		return set, err
	}
	shared, err := readRows[onboarding.Item](ctx, q, `
		SELECT payload FROM items JOIN item_payloads USING (seq)
		WHERE listed IN (0, 1) AND platform = $1 AND kind IN ('ad_account', 'page', 'dataset', 'instagram_account',
			'catalogue')`, string(onboarding.Meta))
	if err != nil {
		return set, err
	}
	set.Taken = takenBy(item, shared)
	for _, each := range shared {
		switch {
		case each.State == onboarding.ItemEnded, each.Request == "", !each.IsNamed():
		case each.ID == item.ID || IsListed(each) && each.Withdrawn == 0:
			of, err := ReadRequest(ctx, q, each.Request)
			if errors.Is(err, onboarding.ErrNotFound) {
				continue // it comes with the next page of changes
			} else if err != nil {
				return set, err
			}
			if of.Business.ID == request.Business.ID {
				set.Named = append(set.Named, onboarding.NamedAsset{
					Item: each.ID, Request: of.ID, Kind: each.Kind, Name: each.Name, Since: known[of.ID],
					Not: each.NotAccounts,
				})
			}
		}
	}
	return set, nil
}

// takenBy is whose each account is. What an item's own request had can come anew.
func takenBy(item onboarding.Item, shared []onboarding.Item) map[string]string {
	taken := map[string]string{}
	for _, each := range shared {
		switch {
		case each.State == onboarding.ItemEnded, each.IsNamed():
		case each.Request == "":
			taken[each.Account] = Own
		case each.Request != item.Request || !isGone(each):
			taken[each.Account] = each.Request
		}
	}
	return taken
}

// isGone reports whether an item was withdrawn or has failed.
func isGone(i onboarding.Item) bool { return i.Withdrawn != 0 || i.State == onboarding.ItemFailed }

// Baseline is a list that has to be read before clients of a request share by hand: what
// is in it was there before.
type Baseline struct {
	Business string
	Kind     onboarding.Kind
}

// ReadBaselines lists what was not read since this computer knows an open request by hand.
func ReadBaselines(ctx context.Context, q sqldb.Queryer) ([]Baseline, error) {
	requests, err := readRows[onboarding.Request](ctx, q, `
		SELECT payload FROM requests JOIN request_payloads USING (seq)
		WHERE list_state IN (0, 1) AND status = 'pending' AND payload ->> 'by_hand' = 1`)
	if err != nil {
		return nil, err
	}
	var missing []Baseline
	seen := map[Baseline]bool{}
	for _, request := range requests {
		known, err := readKnown(ctx, q, request.Business.ID)
		if err != nil {
			return nil, err
		}
		for _, kind := range append([]onboarding.Kind{onboarding.AdAccount, onboarding.Page}, request.Kinds...) {
			of := Baseline{Business: request.Business.ID, Kind: kind}
			if seen[of] || known[request.ID] == 0 || request.Withdrawn != 0 {
				continue
			}
			read, err := ReadArrivalsRead(ctx, q, of.Business, of.Kind)
			if err != nil {
				return nil, err
			}
			if read < known[request.ID] {
				seen[of] = true
				missing = append(missing, of)
			}
		}
	}
	return missing, nil
}
