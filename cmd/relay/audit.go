package main

import (
	"cmp"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Find out whether the history of a request was changed, or entries were removed."`
}

type auditVerify struct {
	Agency  string `help:"Only of this agency, by its name or id."`
	Request string `help:"Only of this request, by its id."`
	JSON    bool   `name:"json" help:"Print one JSON document."`
}

func (c auditVerify) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		report, err := o.VerifyAudit(s.ctx, c.Agency, c.Request)
		switch {
		case errors.Is(err, onboarding.ErrNotFound) && c.Request != "":
			return userErrorf("There is no such request. Requests of agencies are named by their ids, as findings name them.")
		case errors.Is(err, onboarding.ErrNotFound):
			return userErrorf("There is no agency %q. `latchkey-relay agency list` shows them.", c.Agency)
		case err != nil:
			return err
		}
		if err := s.printAudit(report, c.JSON); err != nil || len(report.Found) == 0 {
			return err
		}
		return userErrorf("The histories of %d of %s are not as the relay wrote them. Compare with a backup: its database "+
			"verifies with its own key file.", len(report.Found), counted(report.Requests, "request"))
	})
}

// auditDocument is what audit verify found, as JSON.
type auditDocument struct {
	Requests int64          `json:"requests"`
	Entries  int64          `json:"entries"`
	Accepted []acceptedLine `json:"accepted"`
	Found    []auditLine    `json:"found"`
}

// acceptedLine is that a main user accepted what a restore had lost.
type acceptedLine struct {
	Agency  string               `json:"agency"` // its name
	Request string               `json:"request"`
	Entry   int64                `json:"entry"`
	At      onboarding.Timestamp `json:"at_ms"`
	Who     string               `json:"who"` // empty: their name was deleted
}

// auditLine is a history that is not as the relay wrote it, from one entry to another.
type auditLine struct {
	Agency  string                      `json:"agency"` // its name
	Request string                      `json:"request"`
	From    int64                       `json:"from"`
	To      int64                       `json:"to"`
	What    onboarding.AuditFindingKind `json:"what"`
}

func (s *env) printAuditJSON(report admin.AuditReport) error {
	document := auditDocument{
		Requests: report.Requests, Entries: report.Entries, Accepted: []acceptedLine{}, Found: []auditLine{},
	}
	for _, loss := range report.Accepted {
		document.Accepted = append(document.Accepted, acceptedLine{
			Agency: loss.Agency, Request: loss.ID, Entry: loss.Entry.Number, At: loss.Entry.At, Who: loss.Entry.Who,
		})
	}
	for _, r := range report.Found {
		for _, finding := range r.Findings {
			document.Found = append(document.Found, auditLine{
				Agency: r.Agency, Request: r.ID, From: finding.From, To: finding.To, What: finding.Kind,
			})
		}
	}
	return s.printJSON(document)
}

func (s *env) printAudit(report admin.AuditReport, asJSON bool) error {
	if asJSON {
		return s.printAuditJSON(report)
	}
	for _, loss := range report.Accepted {
		if err := s.printf("Request %s of %s: what a restore had lost was accepted by %s on %s (entry %d).", loss.ID,
			loss.Agency, cmp.Or(loss.Entry.Who, "somebody whose name was deleted"),
			loss.Entry.At.Time().UTC().Format("2 Jan 2006, 15:04 UTC"), loss.Entry.Number); err != nil {
			return err
		}
	}
	if len(report.Found) == 0 {
		return s.printf("%s with %s: nothing was removed or changed.",
			counted(report.Requests, "request"), countedEntries(report.Entries))
	}
	table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "AGENCY\tREQUEST\tENTRIES\tWHAT") // a tabwriter's error comes with Flush
	for _, r := range report.Found {
		for _, finding := range r.Findings {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Agency, r.ID, entries(finding), explainFinding(finding.Kind))
		}
	}
	return table.Flush()
}

func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func countedEntries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func entries(f onboarding.AuditFinding) string {
	if f.From == f.To {
		return fmt.Sprint(f.From)
	}
	return fmt.Sprintf("%d to %d", f.From, f.To)
}

func explainFinding(kind onboarding.AuditFindingKind) string {
	switch kind {
	case onboarding.AuditRemoved:
		return "removed"
	case onboarding.AuditChanged:
		return "changed, or the entry before"
	case onboarding.AuditUnsigned:
		return "its end was not written by the relay"
	}
	return string(kind)
}
