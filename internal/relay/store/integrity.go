package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Integrity finds the rows that decide who gets a credential and that are not as the
// relay wrote them, and signs them anew where the operator accepts them.
type Integrity struct{ *handle }

// RowState is what became of a row since the relay wrote it.
type RowState string

// The states of rows that do not verify.
const (
	RowChanged    RowState = "changed"    // it has other values than the relay recorded
	RowAdded      RowState = "added"      // the relay recorded no such row
	RowMissing    RowState = "missing"    // the relay recorded it, and it is gone
	RowUnverified RowState = "unverified" // its MAC is of other values, which are not recorded
	RowUnreadable RowState = "unreadable" // it has a value that the relay never writes
)

// TamperedRow is a row that is not as the relay wrote it. Its values are texts by column:
// those that it decides by.
type TamperedRow struct {
	Table, ID string
	State     RowState
	Recorded  map[string]string // as the relay wrote them last; nil: that is not recorded
	Found     map[string]string // as they are; nil: it is missing or unreadable
}

// AgencyCheck is what a check found of one agency.
type AgencyCheck struct {
	ID   string
	Name string // empty: there is no agency with this id
	Rows []TamperedRow
	// RosterTampered: who belongs to the agency is not as the relay wrote it.
	RosterTampered bool
	// RosterWritten is when the relay wrote it last; zero: the record of that was changed too.
	RosterWritten onboarding.Timestamp

	digest [sha256.Size]byte // of all that does not verify
}

// IsUnreadable reports whether a row cannot be accepted as it is: nobody can tell what
// it decides.
func (a AgencyCheck) IsUnreadable() bool {
	return slices.ContainsFunc(a.Rows, func(row TamperedRow) bool {
		return row.State == RowUnreadable && !isSignIn(row.Table)
	})
}

// Check reads the rows that decide who gets a credential: of one agency, or with an
// empty id of all. The agencies come oldest first, those without a fault too, and after
// them rows whose agency there is not.
func (s *Integrity) Check(ctx context.Context, agency string) ([]AgencyCheck, error) {
	var checks []AgencyCheck
	err := s.db.Read(ctx, func(q sqldb.Queryer) error {
		found, err := s.check(ctx, q, agency)
		checks = nil
		for _, one := range found {
			checks = append(checks, one.AgencyCheck)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("verifying the rows that decide who gets a credential: %w", err)
	}
	return checks, nil
}

// Accept makes the rows of an agency count as the relay's, as they were when they were
// checked; rows that have changed again since are ErrConflict. Sign-ins under way that do
// not verify end. Where the roster does not verify, the agency waits as after a restore:
// codes end, nothing is sealed until the hub of a main user whom the operator names has
// synced, and hubs end again what had ended. ErrTampered: a row cannot be read.
func (s *Integrity) Accept(ctx context.Context, checked AgencyCheck) error {
	if checked.IsUnreadable() {
		return fmt.Errorf("accepting the rows of agency %s: %w", checked.ID, ErrTampered)
	}
	err := s.change(ctx, checked.ID, func(c *changeTx) error {
		found, err := s.check(ctx, c, checked.ID)
		if err != nil {
			return err
		}
		if len(found) != 1 || found[0].digest != checked.digest {
			return onboarding.ErrConflict
		}
		for _, row := range found[0].rows {
			if err := row.accept(c); err != nil {
				return err
			}
		}
		if found[0].RosterTampered {
			if err := acceptRoster(c, found[0].recorded.Version); err != nil {
				return err
			}
		}
		// Hubs have copies that were not numbered: they read everything again.
		if err := c.exec(`DELETE FROM commits WHERE agency = $1`, c.agency); err != nil {
			return err
		}
		return c.bump(kindAgency, c.agency, "", audienceAll)
	})
	if err != nil {
		return fmt.Errorf("accepting the rows of agency %s: %w", checked.ID, err)
	}
	return nil
}

// acceptRoster signs an agency's roster as it is. The number is above any that a running
// relay has met, whatever was written into the row.
func acceptRoster(c *changeTx, recorded int64) error {
	if err := c.exec(`UPDATE agencies SET restored_ms = $1, restored_by = '' WHERE id = $2`, c.now, c.agency); err != nil {
		return err
	}
	if err := c.exec(`UPDATE codes SET withdrawn_ms = $1 WHERE agency = $2 AND withdrawn_ms = 0 AND device = ''`,
		c.now, c.agency); err != nil {
		return err
	}
	return signRoster(c.agencyTx, max(recorded+1, int64(c.now)))
}

// foundAgency is an AgencyCheck with what Accept needs.
type foundAgency struct {
	AgencyCheck
	rows     []signedRow
	recorded rosterRecord
	decides  []string // what the digest is of
}

func (f *foundAgency) add(row TamperedRow, decides ...string) {
	f.Rows = append(f.Rows, row)
	f.decides = append(f.decides, row.Table, row.ID, string(row.State))
	f.decides = append(f.decides, decides...)
}

func (h *handle) check(ctx context.Context, q queryer, agency string) ([]foundAgency, error) {
	query, args := `SELECT id, name FROM agencies`, []any(nil)
	if agency != "" {
		query, args = query+` WHERE id = $1`, []any{agency}
	}
	agencies, err := read(ctx, q, query+` ORDER BY created_ms, id`, args, func(row scanner) (f foundAgency, err error) {
		return f, row.Scan(&f.ID, &f.Name)
	})
	if err != nil {
		return nil, fmt.Errorf("listing agencies: %w", err)
	}
	for i := range agencies {
		if err := h.checkRoster(ctx, q, &agencies[i]); err != nil {
			return nil, err
		}
	}
	for _, table := range signedTables() {
		tampered, err := table.tampered(ctx, q, h.signer, agency)
		if err != nil {
			return nil, err
		}
		for _, row := range tampered {
			at := slices.IndexFunc(agencies, func(f foundAgency) bool { return f.ID == row.agency })
			if at < 0 {
				at = len(agencies)
				agencies = append(agencies, foundAgency{AgencyCheck: AgencyCheck{ID: row.agency}})
			}
			agencies[at].add(row.found(), row.columns...)
			agencies[at].rows = append(agencies[at].rows, row)
		}
	}
	for i := range agencies {
		text, _ := json.Marshal(agencies[i].decides) // it cannot fail: they are texts
		agencies[i].digest = sha256.Sum256(text)
	}
	return agencies, nil
}

// checkRoster compares an agency's roster with its MAC, and, where that does not fit,
// with what the relay recorded when it wrote the roster last.
func (h *handle) checkRoster(ctx context.Context, q queryer, f *foundAgency) error {
	r, err := loadRoster(ctx, q, f.ID)
	if isUnreadableRow(err) {
		f.RosterTampered = true
		f.add(TamperedRow{Table: "agencies", ID: f.ID, State: RowUnreadable})
		return nil
	} else if err != nil {
		return err
	}
	if verifyRoster(h.signer, r, 0) == nil {
		return nil
	}
	f.RosterTampered = true
	f.decides = append(f.decides, r.columns()...)
	if f.recorded, err = h.recordedRoster(ctx, q, f.ID); err != nil {
		return err
	}
	f.RosterWritten = f.recorded.Written
	if f.recorded.Version == 0 {
		f.add(TamperedRow{Table: "rosters", ID: f.ID, State: RowUnverified})
		for _, row := range r.rows() {
			f.add(TamperedRow{Table: row.Table, ID: row.ID, State: RowUnverified, Found: row.Values})
		}
		return nil
	}
	for _, row := range compareRosters(f.recorded.Rows, r.rows()) {
		f.add(row)
	}
	if len(f.Rows) == 0 { // its number or its MAC alone
		f.add(TamperedRow{Table: "agencies", ID: f.ID, State: RowUnverified, Found: r.rows()[0].Values})
	}
	return nil
}

// rosterRow is a row of a roster: its values by column.
type rosterRow struct {
	Table  string            `json:"table"`
	ID     string            `json:"id"`
	Values map[string]string `json:"values"`
}

// rosterRecord is a roster as the relay wrote it last, to be compared with what is there
// after somebody else has written. It is under a MAC of its own.
type rosterRecord struct {
	Agency  string               `json:"agency"`
	Version int64                `json:"version"`
	Written onboarding.Timestamp `json:"written"`
	Rows    []rosterRow          `json:"rows"`
}

// rows are all that the MAC covers, by row and column. Keys and tokens are shortened to
// what tells one from another.
func (r roster) rows() []rosterRow {
	rows := []rosterRow{{Table: "agencies", ID: r.agency.ID, Values: map[string]string{
		"share_requests": strconv.FormatBool(r.agency.ShareRequests),
		"suspended":      strconv.FormatBool(r.agency.Suspended),
		"restored_ms":    formatTimestamp(r.restored),
		"restored_by":    r.restoredBy,
	}}}
	for _, m := range r.members {
		rows = append(rows, rosterRow{Table: "members", ID: m.ID, Values: map[string]string{
			"name": m.Name, "email": m.Email, "role": string(m.Role), "removed_ms": formatTimestamp(m.Removed),
		}})
	}
	for _, d := range r.devices {
		rows = append(rows, rosterRow{Table: "devices", ID: d.ID, Values: map[string]string{
			"member": d.Member, "name": d.Name, "public_key": fingerprint(d.PublicKey), "token_hash": fingerprint(d.TokenHash),
			"created_ms": formatTimestamp(d.Created), "approved_ms": formatTimestamp(d.Approved),
			"revoked_ms": formatTimestamp(d.Revoked),
		}})
	}
	for _, code := range r.codes {
		rows = append(rows, rosterRow{Table: "codes", ID: hex.EncodeToString(code.hash), Values: map[string]string{
			"id": code.ID, "member": code.Member, "expires_ms": formatTimestamp(code.Expires),
			"withdrawn_ms": formatTimestamp(code.withdrawn), "device": code.Device, "public_key": fingerprint(code.publicKey),
		}})
	}
	return rows
}

func fingerprint[T string | []byte](key T) string {
	digest := sha256.Sum256([]byte(key))
	return hex.EncodeToString(digest[:16])
}

// recordRoster stores a roster for later comparison.
func recordRoster(t *agencyTx, r roster) error {
	content, err := json.Marshal(rosterRecord{Agency: t.agency, Version: r.version, Written: t.now, Rows: r.rows()})
	if err != nil {
		return fmt.Errorf("writing a roster: %w", err)
	}
	return t.exec(`
		INSERT INTO rosters (agency, content, mac) VALUES ($1, $2, $3)
		ON CONFLICT (agency) DO UPDATE SET content = excluded.content, mac = excluded.mac`,
		t.agency, string(content), t.signer.SignRow("rosters", string(content)))
}

// recordedRoster reads what the relay recorded of an agency's roster. The zero value:
// that was changed too.
func (h *handle) recordedRoster(ctx context.Context, q queryer, agency string) (rosterRecord, error) {
	type row struct {
		content string
		mac     []byte
	}
	rows, err := read(ctx, q, `SELECT content, mac FROM rosters WHERE agency = $1`, []any{agency},
		func(scan scanner) (r row, err error) { return r, scan.Scan(&r.content, &r.mac) })
	if err != nil && !isUnreadableRow(err) {
		return rosterRecord{}, fmt.Errorf("reading the record of a roster: %w", err)
	}
	if len(rows) == 0 || !h.signer.VerifyRow(rows[0].mac, "rosters", rows[0].content) {
		return rosterRecord{}, nil
	}
	var record rosterRecord
	if err := json.Unmarshal([]byte(rows[0].content), &record); err != nil || record.Agency != agency {
		return rosterRecord{}, nil // another agency's
	}
	return record, nil
}

// compareRosters returns the rows in which a roster differs from the recorded one.
func compareRosters(recorded, found []rosterRow) []TamperedRow {
	type key struct{ table, id string }
	before := map[key]map[string]string{}
	for _, row := range recorded {
		before[key{row.Table, row.ID}] = row.Values
	}
	var rows []TamperedRow
	for _, row := range found {
		values, known := before[key{row.Table, row.ID}]
		delete(before, key{row.Table, row.ID})
		switch {
		case !known:
			rows = append(rows, TamperedRow{Table: row.Table, ID: row.ID, State: RowAdded, Found: row.Values})
		case !maps.Equal(values, row.Values):
			rows = append(rows, TamperedRow{
				Table: row.Table, ID: row.ID, State: RowChanged, Recorded: values, Found: row.Values,
			})
		}
	}
	for _, row := range recorded {
		if values, isMissing := before[key{row.Table, row.ID}]; isMissing {
			rows = append(rows, TamperedRow{Table: row.Table, ID: row.ID, State: RowMissing, Recorded: values})
		}
	}
	return rows
}
