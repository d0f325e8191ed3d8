package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Audit verifies the histories of requests: that the relay has removed or changed
// nothing since it recorded an event, and since this computer has seen it.
type Audit struct {
	session *session.Session
	replica *replica.Replica
	now     func() time.Time
}

// AuditView is what was found about a history.
type AuditView struct {
	Length   int64                `json:"length"` // how many entries it has
	Code     string               `json:"code"`   // of its last entry, to compare
	Since    onboarding.Timestamp `json:"since"`  // of its first entry
	Whole    bool                 `json:"whole"`  // nothing was removed or changed
	Findings []AuditFindingView   `json:"findings"`
	// Acceptable: all that is wrong is that the relay lacks what this computer has seen, as
	// after a restore. A main user can accept that.
	Acceptable bool               `json:"acceptable"`
	Lost       []onboarding.Event `json:"lost"` // what this computer knows of that, the newest first
}

// AuditFindingView is a finding with the times that its sentence names.
type AuditFindingView struct {
	onboarding.AuditFinding
	At  onboarding.Timestamp `json:"at"`  // when it was seen, given back, or accepted
	Who string               `json:"who"` // who gave it back, or accepted it
}

// Verify reads a history from the relay and verifies it. It stores that it is whole: from
// then on a later one has to go on from it.
func (a *Audit) Verify(ctx context.Context, request string) (AuditView, error) {
	chain, seen, err := a.read(ctx, request)
	if err != nil {
		return AuditView{}, err
	}
	view := viewOf(chain, seen)
	if view.Whole {
		err = a.replica.Update(ctx, func(tx *replica.Tx) error {
			return replica.StoreVerifiedHead(ctx, tx, request, chain.Head)
		})
		return view, err
	}
	if _, view.Acceptable = chain.Lost(seen...); !view.Acceptable {
		return view, nil
	}
	lost, err := replica.ReadLostEvents(ctx, a.replica.DB(), request)
	view.Lost = append(view.Lost, lost...)
	return view, err
}

// maxAccepted bounds the losses that one call accepts: one for each restore.
const maxAccepted = 5

// Accept records that the member accepts what a restored relay has lost of a history, and
// verifies it. ErrConflict: something else is wrong with it, or nothing.
func (a *Audit) Accept(ctx context.Context, request string) (AuditView, error) {
	for n := range maxAccepted {
		chain, seen, err := a.read(ctx, request)
		if err != nil {
			return AuditView{}, err
		}
		lost, found := chain.Lost(seen...)
		if !found {
			if n == 0 {
				return AuditView{}, fmt.Errorf("accepting the history of %s: %w", request, onboarding.ErrConflict)
			}
			break
		}
		if _, err := session.Call(ctx, a.session, wire.AcceptHistory, wire.AcceptHistoryParams{
			Request: request, Code: onboarding.AuditCode(lost.Hash),
		}); err != nil {
			return AuditView{}, err
		}
	}
	return a.Verify(ctx, request)
}

func viewOf(chain onboarding.AuditChain, seen []onboarding.SeenHead) AuditView {
	view := AuditView{
		Length: chain.Head.Length, Code: onboarding.AuditCode(chain.Head.Hash), Findings: []AuditFindingView{}, Whole: true,
		Lost: []onboarding.Event{},
	}
	if len(chain.Entries) > 0 {
		view.Since = chain.Entries[0].At
	}
	for _, finding := range chain.Verify(seen...) {
		view.Whole = view.Whole && !finding.IsFault()
		found := AuditFindingView{AuditFinding: finding}
		switch finding.Kind {
		case onboarding.AuditRewritten:
			for _, head := range seen {
				if head.Length == finding.From && head.Seen != 0 { // not the newest copy's
					found.At = head.Seen
				}
			}
		case onboarding.AuditResubmitted, onboarding.AuditAccepted:
			for _, e := range chain.Entries {
				if e.Number == finding.From {
					found.At, found.Who = e.At, e.Who
				}
			}
		}
		view.Findings = append(view.Findings, found)
	}
	return view
}

// maxAuditPages bounds what is read of one history.
const maxAuditPages = 100

// read reads a whole history, and what this computer has seen of it before.
func (a *Audit) read(ctx context.Context, request string) (onboarding.AuditChain, []onboarding.SeenHead, error) {
	// Before the call: what is synced meanwhile may be newer than its result.
	seen, err := replica.ReadSeenHeads(ctx, a.replica.DB(), request)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return onboarding.AuditChain{}, nil, err
	}
	chain := onboarding.AuditChain{Request: request}
	for range maxAuditPages {
		params := wire.ReadAuditParams{Request: request}
		if len(chain.Entries) > 0 {
			params.After = chain.Entries[len(chain.Entries)-1].Number
		}
		result, err := session.Call(ctx, a.session, wire.ReadAudit, params)
		if err != nil {
			return chain, nil, err
		}
		if len(chain.Entries) > 0 && result.Chain.Head.Length != chain.Head.Length {
			chain.Entries = nil // something happened meanwhile, and what was read may have been deleted
			continue
		}
		chain.Head, chain.Signed = result.Chain.Head, result.Chain.Signed
		chain.Entries = append(chain.Entries, result.Chain.Entries...)
		if len(result.Chain.Entries) < wire.MaxAuditEntries {
			return chain, seen, nil
		}
	}
	return chain, nil, fmt.Errorf("reading the history of %s: it does not end: %w", request, onboarding.ErrUnavailable)
}

// AuditExport is a history as a file; docs/audit.md describes it.
type AuditExport struct {
	Format   string                    `json:"format"`
	Relay    string                    `json:"relay"`
	Agency   string                    `json:"agency"`
	Client   string                    `json:"client"`
	Exported onboarding.Timestamp      `json:"exported"`
	Code     string                    `json:"code"`
	Findings []onboarding.AuditFinding `json:"findings"`
	onboarding.AuditChain
	Entries []AuditExportEntry `json:"entries"` // of the chain, with their codes
}

// AuditExportEntry is an entry with the code that a client may have of it.
type AuditExportEntry struct {
	onboarding.AuditEntry
	Code string `json:"code"`
}

// Export writes a history as JSON, with everything that verifying it takes.
func (a *Audit) Export(ctx context.Context, request string) ([]byte, error) {
	chain, seen, err := a.read(ctx, request)
	if err != nil {
		return nil, err
	}
	r, err := replica.ReadRequest(ctx, a.replica.DB(), request)
	if err != nil {
		return nil, err
	}
	agency, err := replica.ReadAgency(ctx, a.replica.DB())
	if err != nil {
		return nil, err
	}
	view := viewOf(chain, seen)
	export := AuditExport{
		Format: "latchkey-audit-1", Relay: a.session.Identity().Address, Agency: agency.Name, Client: r.Client,
		Exported: onboarding.TimestampOf(a.now()), Code: view.Code, Findings: []onboarding.AuditFinding{}, AuditChain: chain,
	}
	for _, finding := range view.Findings {
		export.Findings = append(export.Findings, finding.AuditFinding)
	}
	for _, e := range chain.Entries {
		export.Entries = append(export.Entries, AuditExportEntry{AuditEntry: e, Code: onboarding.AuditCode(e.Hash)})
	}
	return json.MarshalIndent(export, "", "  ")
}
