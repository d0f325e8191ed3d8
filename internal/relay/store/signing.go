package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// ErrTampered is a row that decides who gets a credential and that something else
// than this program has written, deleted or put back. Nothing is sealed on its word.
var ErrTampered = errors.New("the database was changed by something else than the relay: " +
	"undo it, restore a backup, or see `latchkey-relay agency verify`")

// Signer makes and verifies the MACs of rows, with keys that are not in the database.
type Signer interface {
	SignRow(table string, columns ...string) []byte
	VerifyRow(mac []byte, table string, columns ...string) bool
	// HashUsers are the keyed hashes of a user's number at a platform, under each key,
	// the newest first.
	HashUsers(at onboarding.Platform, number string) [][]byte
}

// verifyRow returns ErrTampered unless the MAC is that of the row.
func verifyRow(signer Signer, mac []byte, table, id string, columns []string) error {
	if signer.VerifyRow(mac, table, columns...) {
		return nil
	}
	return fmt.Errorf("reading %s from the table %s: %w", id, table, ErrTampered)
}

// The columns that a row's MAC covers, by table.

func requestColumnsSigned(r Request) []string {
	columns := []string{
		r.Agency, r.ID, r.Owner, r.Connection, r.FacebookUser.ID, r.FacebookUser.Name, r.Business.ID, r.Business.Name,
		joinList(r.Services), joinList(r.Kinds), string(r.Level.OrDefault()), string(r.LinkID),
	}
	if r.ByHand {
		columns = append(columns, "by hand")
	}
	return columns
}

func itemColumnsSigned(agency string, i onboarding.Item) []string {
	return []string{
		agency, i.ID, i.Request, i.Owner, string(i.Service), string(i.Kind), i.Account, formatTimestamp(i.Withdrawn),
	}
}

func connectionColumnsSigned(agency string, x onboarding.Connection) []string {
	columns := []string{agency, x.ID, x.Member, string(x.Platform), x.User.ID, x.User.Name}
	for _, b := range x.Businesses {
		columns = append(columns, b.ID, b.Name, strconv.FormatBool(b.Admin))
	}
	return columns
}

func visitColumnsSigned(v Visit) []string {
	return []string{
		v.ID, v.Request, v.Agency, string(v.CookieHash), strconv.Itoa(v.Version), strconv.Itoa(v.Recipient),
		strconv.FormatBool(v.Scoped), v.Repair,
	}
}

// recipientColumnsSigned are what decides which services a recipient's link opens.
func recipientColumnsSigned(request string, r onboarding.Recipient) []string {
	return []string{request, r.ID, strconv.Itoa(r.Number), joinList(r.Services), strconv.FormatBool(r.Scoped)}
}

func oauthStateColumnsSigned(s OAuthState) []string {
	return []string{string(s.StateHash), s.Visit, s.Connection, string(s.Platform), s.Purpose, formatTimestamp(s.Expires)}
}

// signReceiver makes the MAC of a credential's way to a device: of its delivery, and of
// the row that remembers it.
func signReceiver(signer Signer, device, subject string) []byte {
	return signer.SignRow("deliveries", device, subject)
}

func formatTimestamp(at onboarding.Timestamp) string { return strconv.FormatInt(int64(at), 10) }

// roster is everybody who may get an agency's credentials: its own row, its members,
// their devices, and the codes that add one. One MAC covers all of it with a version
// that rises, so that no single row can be changed, exchanged, deleted or put back.
type roster struct {
	agency   onboarding.Agency
	members  []onboarding.Member
	devices  []Device
	codes    []rosterCode
	version  int64
	restored onboarding.Timestamp // since when it waits for a main user's hub; zero: it does not
	// restoredBy is the member whose hub it waits for; empty: the operator has named none.
	restoredBy string
	mac        []byte
}

// rosterCode is a code with all of its row.
type rosterCode struct {
	Code
	hash      []byte
	withdrawn onboarding.Timestamp
	publicKey string
}

// columns are what the MAC covers.
func (r roster) columns() []string {
	columns := []string{
		r.agency.ID, strconv.FormatInt(r.version, 10), strconv.FormatBool(r.agency.ShareRequests),
		strconv.FormatBool(r.agency.Suspended), formatTimestamp(r.restored), r.restoredBy, strconv.Itoa(len(r.members)),
	}
	for _, m := range r.members {
		columns = append(columns, m.ID, m.Name, m.Email, string(m.Role), formatTimestamp(m.Removed))
	}
	columns = append(columns, strconv.Itoa(len(r.devices)))
	for _, d := range r.devices {
		columns = append(columns, d.ID, d.Member, d.Name, d.PublicKey, string(d.TokenHash), formatTimestamp(d.Created),
			formatTimestamp(d.Approved), formatTimestamp(d.Revoked))
	}
	for _, code := range r.codes {
		columns = append(columns, string(code.hash), code.ID, code.Member, formatTimestamp(code.Expires),
			formatTimestamp(code.withdrawn), code.Device, code.publicKey)
	}
	return columns
}

// member finds a member, removed ones too.
func (r roster) member(id string) (onboarding.Member, bool) {
	at := slices.IndexFunc(r.members, func(m onboarding.Member) bool { return m.ID == id })
	if at < 0 {
		return onboarding.Member{}, false
	}
	return r.members[at], true
}

// device finds a device, revoked ones too.
func (r roster) device(id string) (Device, bool) {
	at := slices.IndexFunc(r.devices, func(d Device) bool { return d.ID == id })
	if at < 0 {
		return Device{}, false
	}
	return r.devices[at], true
}

// openCodes counts the codes of a member that a device can use.
func (r roster) openCodes(member string, now onboarding.Timestamp) int {
	open := 0
	for _, code := range r.codes {
		if code.Member == member && code.Device == "" && code.withdrawn == 0 && code.Expires > now {
			open++
		}
	}
	return open
}

// The queries of a roster.
const (
	agencyOfRoster = `
		SELECT ` + agencyColumns + `, restored_ms, restored_by, roster_version, roster_mac FROM agencies WHERE id = $1`
	membersOfRoster = `SELECT ` + memberColumns + ` FROM members WHERE agency = $1`
	devicesOfRoster = `SELECT ` + deviceColumns + ` FROM devices WHERE agency = $1`
	codesOfRoster   = `SELECT ` + codeColumns + `, hash, withdrawn_ms, public_key FROM codes WHERE agency = $1`
)

// loadRoster reads an agency's roster as it is, without verifying its MAC.
func loadRoster(ctx context.Context, q queryer, agency string) (r roster, err error) {
	row := q.QueryRowContext(ctx, agencyOfRoster, agency)
	r.agency, err = scanAgency(also{row, []any{&r.restored, &r.restoredBy, &r.version, &r.mac}})
	if err := wrapNotFound(err, "reading agency "+agency); err != nil {
		return r, err
	}
	if r.members, err = read(ctx, q, membersOfRoster, []any{agency}, scanMember); err != nil {
		return r, fmt.Errorf("reading members: %w", err)
	}
	if r.devices, err = read(ctx, q, devicesOfRoster, []any{agency}, scanDevice); err != nil {
		return r, fmt.Errorf("reading devices: %w", err)
	}
	r.codes, err = read(ctx, q, codesOfRoster, []any{agency}, func(row scanner) (code rosterCode, err error) {
		code.Code, err = scanCode(also{row, []any{&code.hash, &code.withdrawn, &code.publicKey}})
		return code, err
	})
	if err != nil {
		return r, fmt.Errorf("reading codes: %w", err)
	}
	// Sorted here, not by the engines, which differ in how they sort texts.
	slices.SortFunc(r.members, func(a, b onboarding.Member) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(r.devices, func(a, b Device) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(r.codes, func(a, b rosterCode) int { return cmp.Compare(string(a.hash), string(b.hash)) })
	return r, nil
}

// also scans columns behind those that a scan function reads.
type also struct {
	scanner
	more []any
}

func (a also) Scan(dest ...any) error { return a.scanner.Scan(append(dest, a.more...)...) }

// verifyRoster returns ErrTampered unless the roster is as the relay wrote it last.
// since is the newest version that this process had met before the roster was read.
func verifyRoster(signer Signer, r roster, since int64) error {
	if r.version < since || !signer.VerifyRow(r.mac, "roster", r.columns()...) {
		return fmt.Errorf("reading who belongs to agency %s: %w", r.agency.ID, ErrTampered)
	}
	return nil
}

// rosterVersions are the newest versions that this process has met: an older roster
// was put back. It is safe for concurrent use.
type rosterVersions struct {
	mu     sync.Mutex
	newest map[string]int64
}

func (v *rosterVersions) of(agency string) int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.newest[agency]
}

func (v *rosterVersions) met(agency string, version int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.newest == nil {
		v.newest = map[string]int64{}
	}
	v.newest[agency] = max(v.newest[agency], version)
}

// roster reads an agency's roster. ErrTampered: it is not as the relay wrote it.
func (h *handle) roster(ctx context.Context, agency string) (roster, error) {
	since := h.rosters.of(agency) // before the read, which may begin before a newer one is met
	var r roster
	err := h.db.Read(ctx, func(q sqldb.Queryer) (err error) {
		r, err = loadRoster(ctx, q, agency)
		return err
	})
	if err == nil {
		err = verifyRoster(h.signer, r, since)
	}
	if err != nil {
		return roster{}, err
	}
	h.rosters.met(agency, r.version)
	return r, nil
}

// changeRoster is change for a transaction that changes an agency's roster: it begins
// only on one that is as the relay wrote it, and signs what it becomes.
func (h *handle) changeRoster(ctx context.Context, agency string, fn func(c *changeTx, r roster) error) error {
	since := h.rosters.of(agency)
	err := h.change(ctx, agency, func(c *changeTx) error {
		before, err := loadRoster(ctx, c, agency)
		if err != nil {
			return err
		}
		if err := verifyRoster(h.signer, before, since); err != nil {
			return err
		}
		if err := fn(c, before); err != nil {
			return err
		}
		return signRoster(c.agencyTx, before.version+1)
	})
	return err
}

// signRoster signs an agency's roster as it is in the transaction.
func signRoster(t *agencyTx, version int64) error {
	r, err := loadRoster(t.ctx, t, t.agency)
	if err != nil {
		return err
	}
	r.version = version
	mac := t.signer.SignRow("roster", r.columns()...)
	if err := t.exec(`UPDATE agencies SET roster_version = $1, roster_mac = $2 WHERE id = $3`,
		version, mac, t.agency); err != nil {
		return fmt.Errorf("signing who belongs to agency %s: %w", t.agency, err)
	}
	return recordRoster(t, r)
}
