package admin

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// AuditedRequest is a request whose history was removed or changed in part.
type AuditedRequest struct {
	store.AuditedRequest
	Findings []onboarding.AuditFinding
}

// AuditReport is the result of verifying histories.
type AuditReport struct {
	Requests, Entries int64
	Found             []AuditedRequest
	Accepted          []AcceptedLoss // in order again, since a main user accepted it
}

// AcceptedLoss is that a main user accepted what a restored relay had lost of a history.
type AcceptedLoss struct {
	store.AuditedRequest
	Entry onboarding.AuditEntry
}

// auditBatch is how many requests are listed at once, and auditedEntries how many
// entries are read at once.
const (
	auditBatch     = 500
	auditedEntries = 5000
)

// VerifyAudit verifies the histories of all requests, of one agency by its name or id, or
// of one request. ErrNotFound: there is no such agency or request.
func (s *Admin) VerifyAudit(ctx context.Context, agency, request string) (AuditReport, error) {
	filter := store.AuditFilter{Request: request}
	if agency != "" {
		a, err := s.findAgency(ctx, agency)
		if err != nil {
			return AuditReport{}, err
		}
		filter.Agency = a.ID
	}
	var report AuditReport
	for {
		list, err := s.store.Requests.ListAudited(ctx, filter, auditBatch)
		if err != nil {
			return report, err
		}
		for _, r := range list {
			filter.After = r.ID
			if err := s.verifyAudit(ctx, r, &report); err != nil {
				return report, err
			}
		}
		if len(list) < auditBatch {
			break
		}
	}
	if request != "" && report.Requests == 0 {
		return report, onboarding.ErrNotFound
	}
	return report, nil
}

func (s *Admin) verifyAudit(ctx context.Context, r store.AuditedRequest, report *AuditReport) error {
	var chain onboarding.AuditChain
	for after := int64(0); ; {
		page, err := s.store.Requests.Audit(ctx, r.ID, after, auditedEntries)
		if err != nil {
			return err
		}
		if after != 0 && page.Head.Length != chain.Head.Length {
			after, chain = 0, onboarding.AuditChain{} // something happened meanwhile
			continue
		}
		page.Entries = append(chain.Entries, page.Entries...)
		read := len(page.Entries) - len(chain.Entries)
		chain = page
		if read < auditedEntries {
			break
		}
		after = chain.Entries[len(chain.Entries)-1].Number
	}
	report.Requests++
	report.Entries += int64(len(chain.Entries))
	for _, e := range chain.Entries {
		if e.Kind == onboarding.EventHistoryAccepted {
			report.Accepted = append(report.Accepted, AcceptedLoss{AuditedRequest: r, Entry: e})
		}
	}
	if findings := chain.Verify(); len(findings) > 0 {
		report.Found = append(report.Found, AuditedRequest{AuditedRequest: r, Findings: findings})
	}
	return nil
}
