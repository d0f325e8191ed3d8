package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

type agencyCommand struct {
	Add     agencyAdd     `cmd:"" help:"Add an agency and print the code of its first main user."`
	List    agencyList    `cmd:"" help:"List the agencies with their members."`
	Rename  agencyRename  `cmd:"" help:"Give an agency another name, as clients see it in the footer."`
	Remove  agencyRemove  `cmd:"" help:"Delete an agency with all that is its, after saying what goes."`
	Suspend agencySuspend `cmd:"" help:"Stop an agency's hubs, links, emails and webhooks, or let them go on."`
	Confirm agencyConfirm `cmd:"" help:"Name the main user whose computer confirms what a backup brought back."`
	Verify  agencyVerify  `cmd:"" help:"Find rows that decide who gets a credential and that the relay did not write."`
	Accept  agencyAccept  `cmd:"" help:"Make such rows of an agency count as the relay's, after showing what they change."`
}

type agencyAdd struct {
	Name string `arg:"" help:"The agency's name as clients see it in the footer."`
	Main string `required:"" placeholder:"\"NAME <ADDRESS>\"" help:"The first main user."`
	New  bool   `help:"Begin a database and a key file where there are none, for a relay that was not started yet."`
}

func (c agencyAdd) Run(s *env) error {
	return s.operate(openMode(c.New), func(o *admin.Admin, set settings) error {
		added, err := o.AddAgency(s.ctx, c.Name, c.Main)
		if err != nil {
			return err
		}
		if err := s.printf("Added %s (%s).", added.Agency.Name, added.Agency.ID); err != nil {
			return err
		}
		return s.printCode(added.Member.Name, added.Code, set.url)
	})
}

type agencyList struct {
	JSON bool `name:"json" help:"Print a line of JSON for each agency."`
}

// agencyLine is an agency as JSON.
type agencyLine struct {
	ID        string              `json:"id"`
	Name      string              `json:"name"`
	State     string              `json:"state"` // active, suspended, restored, tampered
	Computers int                 `json:"computers"`
	Members   []onboarding.Member `json:"members"`
}

func (c agencyList) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		agencies, err := o.ListAgencies(s.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return s.printAgencies(agencies)
		}
		if len(agencies) == 0 {
			return s.printf("There is no agency yet. `latchkey-relay agency add` adds one.")
		}
		table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(table, "AGENCY\tID\tCOMPUTERS\tSTATE\tMEMBERS") // a tabwriter's error comes with Flush
		for _, agency := range agencies {
			state := "active"
			switch {
			case agency.Tampered:
				state = "stopped: see `latchkey-relay agency verify`"
			case agency.Suspended:
				state = "suspended"
			case agency.Restored != 0:
				state = "restored: waits for `latchkey-relay agency confirm`"
				if agency.Confirmer.Email != "" {
					state = "restored: waits for a computer of " + agency.Confirmer.Email
				}
			}
			var members []string
			for _, member := range agency.Members {
				members = append(members, fmt.Sprintf("%s <%s> (%s)", member.Name, member.Email, member.Role))
			}
			fmt.Fprintf(
				table, "%s\t%s\t%d\t%s\t%s\n", agency.Name, agency.ID, agency.Devices, state, strings.Join(members, ", "),
			)
		}
		return table.Flush()
	})
}

func (s *env) printAgencies(agencies []admin.ListedAgency) error {
	for _, a := range agencies {
		line := agencyLine{
			ID: a.ID, Name: a.Name, State: "active", Computers: a.Devices, Members: a.Members,
		}
		switch {
		case a.Tampered:
			line.State = "tampered"
		case a.Suspended:
			line.State = "suspended"
		case a.Restored != 0:
			line.State = "restored"
		}
		if err := s.printJSON(line); err != nil {
			return err
		}
	}
	return nil
}

type agencyConfirm struct {
	Agency string `arg:"" help:"The agency's name or id."`
	Email  string `arg:"" help:"The main user's address."`
}

func (c agencyConfirm) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		agency, main, err := o.ConfirmAgency(s.ctx, c.Agency, c.Email)
		switch {
		case errors.Is(err, onboarding.ErrNotFound):
			return onboarding.Invalid("agency", fmt.Sprintf(
				"There is no main user %s in an agency %q. `latchkey-relay agency list` shows them.", c.Email, c.Agency,
			))
		case errors.Is(err, onboarding.ErrConflict):
			return onboarding.Invalid("agency", fmt.Sprintf("%s does not wait for that: nothing was restored.", agency.Name))
		case err != nil:
			return err
		}
		return s.printf("%s goes on once a computer of %s has synced: it ends again what had ended.", agency.Name, main.Name)
	})
}

type agencySuspend struct {
	Agency string `arg:"" help:"The agency's name or id."`
	End    bool   `help:"Let the agency go on."`
}

func (c agencySuspend) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		agency, err := o.SuspendAgency(s.ctx, c.Agency, !c.End)
		if errors.Is(err, onboarding.ErrNotFound) {
			return noAgency(c.Agency)
		}
		if err != nil {
			return err
		}
		if c.End {
			return s.printf("%s goes on.", agency.Name)
		}
		return s.printf("%s is suspended: its hubs, links, emails and webhooks are paused. Nothing was deleted.", agency.Name)
	})
}

// noAgency explains that there is no agency of a name.
func noAgency(named string) error {
	return onboarding.Invalid(
		"agency", fmt.Sprintf("There is no agency %q. `latchkey-relay agency list` shows them.", named),
	)
}

type agencyRename struct {
	Agency string `arg:"" help:"The agency's name or id."`
	Name   string `arg:"" help:"The new name."`
}

func (c agencyRename) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		before, now, err := o.RenameAgency(s.ctx, c.Agency, c.Name)
		if errors.Is(err, onboarding.ErrNotFound) {
			return noAgency(c.Agency)
		}
		if err != nil {
			return err
		}
		if now == before.Name {
			return s.printf("%s has this name already.", now)
		}
		return s.printf(
			"%s is called %s now: on pages that clients open and in emails that are sent from now on. Its main users read of "+
				"it in the hub.", before.Name, now,
		)
	})
}

type agencyRemove struct {
	Agency string `arg:"" help:"The agency's name or id."`
	Yes    bool   `help:"Remove without a question, for scripts."`
}

func (c agencyRemove) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		agency, size, err := o.FindAgency(s.ctx, c.Agency)
		if errors.Is(err, onboarding.ErrNotFound) {
			return noAgency(c.Agency)
		}
		if err != nil {
			return err
		}
		if err := s.printAgencyRemoval(agency, size); err != nil {
			return err
		}
		if !c.Yes {
			if err := s.ask(fmt.Sprintf("Remove %s?", agency.Name)); err != nil {
				return err
			}
		}
		if err := o.RemoveAgency(s.ctx, agency.ID); err != nil {
			return err
		}
		return s.printf("%s was removed. Backups made before still have it.", agency.Name)
	})
}

// printAgencyRemoval says what a removal deletes, and what clients and the agency see then.
func (s *env) printAgencyRemoval(agency onboarding.Agency, size store.AgencySize) error {
	domain := ""
	if size.Domain != "" {
		domain = ", its domain " + size.Domain
	}
	return s.printf(`This deletes %s (%s) from this relay, for good:
  %s with %s, %s of which %s,
  %s, %s, %s%s, and its logo.
Clients whose link works read then that the link is not valid; so do those who open a receipt.
Its computers are signed out and keep what they have.
At the platforms nothing ends: the agency ends its clients in the hub first, if it still can.
To stop it and lose nothing, use `+"`latchkey-relay agency suspend`.", agency.Name, agency.ID,
		count(size.Members, "member", "members"), count(size.Computers, "computer", "computers"),
		count(size.Requests, "request", "requests"), countOpen(size.OpenRequests),
		count(size.Accounts, "account", "accounts"), count(size.EmailsWaiting, "email that waits", "emails that wait"),
		count(size.Webhooks, "webhook", "webhooks"), domain)
}

func countOpen(n int) string {
	if n == 1 {
		return "one is open"
	}
	return fmt.Sprintf("%d are open", n)
}
