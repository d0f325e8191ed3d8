package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

type agencyVerify struct {
	Agency string `arg:"" optional:"" help:"The agency's name or id; without one, all."`
	JSON   bool   `name:"json" help:"Print one JSON document."`
}

// verifiedRows is what agency verify found, as JSON.
type verifiedRows struct {
	Checked int              `json:"checked"` // agencies
	Failed  []unverifiedRows `json:"failed"`
}

// unverifiedRows are the rows of an agency that are not as the relay wrote them.
type unverifiedRows struct {
	ID            string               `json:"id"`
	Name          string               `json:"name"` // empty: there is no agency of this id
	RosterWritten onboarding.Timestamp `json:"roster_written_ms,omitzero"`
	Rows          []unverifiedRow      `json:"rows"`
}

type unverifiedRow struct {
	Table string         `json:"table"`
	ID    string         `json:"id"`
	State store.RowState `json:"state"`
	What  string         `json:"what"` // a sentence
}

func (s *env) printVerified(checked int, failed []admin.TamperedAgency) error {
	document := verifiedRows{Checked: checked, Failed: []unverifiedRows{}}
	for _, agency := range failed {
		of := unverifiedRows{ID: agency.ID, Name: agency.Name, Rows: []unverifiedRow{}}
		if agency.RosterTampered {
			of.RosterWritten = agency.RosterWritten
		}
		for _, row := range agency.Rows {
			of.Rows = append(of.Rows, unverifiedRow{
				Table: row.Table, ID: row.ID, State: row.State, What: agency.Explain(row),
			})
		}
		document.Failed = append(document.Failed, of)
	}
	return s.printJSON(document)
}

func (c agencyVerify) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		checked, failed, err := s.verify(o, c.Agency)
		if err != nil {
			return err
		}
		if c.JSON {
			if err := s.printVerified(checked, failed); err != nil || len(failed) == 0 {
				return err
			}
		}
		if len(failed) == 0 {
			return s.printf("All rows that decide who gets a credential are as the relay wrote them (%s).",
				count(checked, "agency", "agencies"))
		}
		rows := 0
		for _, agency := range failed {
			rows += len(agency.Rows)
			if c.JSON {
				continue
			}
			if err := s.printTampered(agency); err != nil {
				return err
			}
		}
		return userErrorf(
			"Not as the relay wrote them: %s of %s. Nothing is sealed on their word. Undo the change, restore a backup, or "+
				"accept them with `latchkey-relay agency accept AGENCY`.",
			count(rows, "row", "rows"), count(len(failed), "agency", "agencies"),
		)
	})
}

func (s *env) verify(o *admin.Admin, agency string) (int, []admin.TamperedAgency, error) {
	checked, failed, err := o.VerifyAgencies(s.ctx, agency)
	if errors.Is(err, onboarding.ErrNotFound) {
		err = onboarding.Invalid("agency", fmt.Sprintf(
			"There is no agency %q. `latchkey-relay agency list` shows them.", agency,
		))
	}
	return checked, failed, err
}

// printTampered lists the rows of an agency that do not verify.
func (s *env) printTampered(agency admin.TamperedAgency) error {
	title := fmt.Sprintf("%q (%s)", agency.Name, agency.ID)
	if agency.Name == "" {
		title = fmt.Sprintf("Rows of no agency (%q): nothing uses them; delete them", agency.ID)
	}
	if err := s.printf("%s", title); err != nil {
		return err
	}
	if agency.RosterTampered && agency.RosterWritten != 0 {
		written := dayAndTime(agency.RosterWritten)
		if err := s.printf("  Who belongs to it was last written by the relay on %s.", written); err != nil {
			return err
		}
	}
	for _, row := range agency.Rows {
		if err := s.printf("  %s %q\n    %s", row.Table, row.ID, agency.Explain(row)); err != nil {
			return err
		}
	}
	return s.printf("")
}

type agencyAccept struct {
	Agency string `arg:"" help:"The agency's name or id."`
	Yes    bool   `help:"Accept without a question, for scripts."`
}

func (c agencyAccept) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		_, failed, err := s.verify(o, c.Agency)
		if err != nil {
			return err
		}
		if len(failed) == 0 {
			return s.printf("There is nothing to accept: all rows are as the relay wrote them.")
		}
		agency := failed[0]
		if err := s.printTampered(agency); err != nil {
			return err
		}
		if agency.IsUnreadable() {
			return userErrorf("A row cannot be read, so nobody can tell what it decides. Undo the change, or restore a backup.")
		}
		if err := s.printReceivers(agency); err != nil {
			return err
		}
		if !c.Yes {
			if err := s.ask("Accept these rows of " + fmt.Sprintf("%q", agency.Name) + " as they are?"); err != nil {
				return err
			}
		}
		err = o.AcceptAgency(s.ctx, agency)
		if errors.Is(err, onboarding.ErrConflict) {
			return userErrorf("The rows have changed again in the meantime. Nothing was accepted; look at them again.")
		}
		if err != nil {
			return err
		}
		if !agency.RosterTampered {
			return s.printf("Accepted: %s goes on.", agency.Name)
		}
		return s.printf(
			"Accepted. All codes have ended, and nothing is sealed for %s until a computer of the main user that you name has "+
				"synced: it ends again what had ended. Ask the agency who is a main user and has all their computers, then run "+
				"`latchkey-relay agency confirm AGENCY ADDRESS`.", agency.Name,
		)
	})
}

// printReceivers lists who gets an agency's credentials once its rows are accepted.
func (s *env) printReceivers(agency admin.TamperedAgency) error {
	if err := s.printf("Who may get its credentials then:"); err != nil {
		return err
	}
	for _, line := range agency.Receivers() {
		if err := s.printf("  %s", line); err != nil {
			return err
		}
	}
	return s.printf("\nWhoever wrote into the database may have wanted this. Ask the agency before you accept it.\n")
}

// ask returns an error unless the operator types yes.
func (s *env) ask(question string) error {
	if _, err := fmt.Fprintf(s.stderr, "%s Type yes: ", question); err != nil {
		return err
	}
	answer, err := bufio.NewReader(s.in).ReadString('\n')
	if answer = strings.TrimSpace(answer); answer == "" && err != nil {
		return userErrorf("Nobody answered, and nothing was changed. In a script, give --yes.")
	}
	if !strings.EqualFold(answer, "yes") {
		return userErrorf("Nothing was changed.")
	}
	return nil
}

func count(n int, one, several string) string {
	if n == 1 {
		return "one " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}
