package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Tx collects the changes of one transaction and updates dependent rows before
// the commit.
type Tx struct {
	*sqldb.Tx
	// Self identifies this computer.
	Self Self
	// Change is what is published after the commit.
	Change Change

	now         func() onboarding.Timestamp
	texts       *catalog.Catalog
	generation  int64
	initialSync bool                          // a full read produces no alerts
	restoring   bool                          // it is of a relay that was restored from a backup
	touched     map[string]bool               // requests whose projection flush updates
	payloads    map[string]onboarding.Request // the touched ones that this transaction stored
	newRows     map[string]int64              // seqs of the touched ones without a row
	usedSeqs    map[int64]bool                // the seqs in newRows
	fts         ftsQueue                      // flushed last
	sortKey     func(text string) []byte
}

// Self is the part of this computer's identity that the replica depends on.
type Self struct {
	Member string `json:"member"`
	Device string `json:"device"`
}

func (r *Replica) newTx(ctx context.Context, tx *sqldb.Tx) (*Tx, error) {
	generation, err := readMetadataNumber(ctx, tx, metaGeneration)
	if err != nil {
		return nil, err
	}
	t := &Tx{
		Tx:         tx,
		now:        r.now,
		texts:      r.config.Catalog,
		generation: generation,
		touched:    map[string]bool{},
		payloads:   map[string]onboarding.Request{},
		newRows:    map[string]int64{},
		usedSeqs:   map[int64]bool{},
		sortKey:    r.config.SortKey,
	}
	return t, ReadMetadataJSON(ctx, tx, MetaIdentity, &t.Self)
}

func (s *Tx) Now() onboarding.Timestamp { return s.now() }

// flush updates the projections of the touched requests and then the full-text
// indexes. It deletes requests that are neither stored by the relay nor queued.
func (s *Tx) flush(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(s.touched))
	for some := range slices.Chunk(ids, 200) {
		all, err := loadRequests(ctx, s.Tx, some, s.payloads)
		if err != nil {
			return err
		}
		known := make(map[string]bool, len(all))
		for _, r := range all {
			known[r.ID] = true
			countArrived(s, r)
			if err := s.updateProjection(ctx, r); err != nil {
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
	s.Change.Requests = Union(s.Change.Requests, ids)
	return s.fts.flush(ctx, s.Tx)
}

// storeRow stores a row of a table that has only an id and a payload.
func (s *Tx) storeRow(ctx context.Context, table, id string, row any) error {
	payload, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("storing %s %s: %w", table, id, err)
	}
	_, err = s.ExecContext(ctx, `INSERT INTO `+table+` (id, generation, payload) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET generation = excluded.generation, payload = excluded.payload`, id, s.generation,
		string(payload))
	if err != nil {
		return fmt.Errorf("storing %s %s: %w", table, id, err)
	}
	return nil
}

// StoreAgency stores the agency as the answer to a change of it has it. The apps that do
// not work come with what is synced alone.
func StoreAgency(ctx context.Context, s *Tx, a onboarding.Agency) error {
	known, err := ReadAgency(ctx, s.Tx)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	a.Outages = known.Outages
	s.Change.Agency = true
	return s.WriteMetadataJSON(ctx, MetaAgency, a)
}

// StoreMember stores the relay's copy of a member.
func (s *Tx) StoreMember(ctx context.Context, m onboarding.Member) error {
	s.Change.Members = append(s.Change.Members, m.ID)
	return s.storeRow(ctx, "members", m.ID, m)
}

// StoreConnection stores the relay's copy of a connection. It marks the
// credential of an ended one for deletion.
func (s *Tx) StoreConnection(ctx context.Context, c onboarding.Connection) error {
	if err := s.storeRow(ctx, "connections", c.ID, c); err != nil {
		return err
	}
	s.Change.Connections = append(s.Change.Connections, c.ID)
	if c.Ended == 0 {
		return nil
	}
	return s.discard(ctx, SubjectConnection+c.ID, s.Now())
}

// StoreDevice stores the relay's copy of a device.
func (s *Tx) StoreDevice(ctx context.Context, d onboarding.Device) error {
	before, err := ReadDevice(ctx, s.Tx, d.ID)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	if err := s.storeRow(ctx, "devices", d.ID, d); err != nil {
		return err
	}
	if before.ID == "" && d.ID != s.Self.Device && d.Member == s.Self.Member && d.Approved == 0 && d.Revoked == 0 {
		// Approval needs both screens: alert while the other device is in use.
		s.Alert(Alert{Kind: DeviceWaits, Name: d.Name})
	}
	s.Change.Devices = append(s.Change.Devices, d.ID)
	s.Change.Session = s.Change.Session || d.ID == s.Self.Device
	return nil
}

// seqStride is how many requests of one millisecond get a seq before they use
// those of the next.
const seqStride = 1024

// Alert adds something that a notification tells of, but for a first synchronization.
func (s *Tx) Alert(what Alert) {
	if !s.initialSync {
		s.Change.Alerts = append(s.Change.Alerts, what)
	}
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// searchText is what a search finds of these texts: folded, and a domain in both of its
// forms.
func searchText(parts ...string) string {
	text := strings.Join(parts, " ")
	for word := range strings.FieldsSeq(text) {
		if other := onboarding.OtherDomainForm(word); other != "" {
			text += " " + other
		}
	}
	return collation.Fold(text)
}
