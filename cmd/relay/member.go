package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
)

type memberCommand struct {
	List   memberList   `cmd:"" help:"List members with their computers."`
	Code   memberCode   `cmd:"" help:"Print a new code for a member who lost every computer."`
	Remove memberRemove `cmd:"" help:"Remove a member; another one takes over what is theirs."`
}

type memberList struct {
	Agency string `arg:"" optional:"" help:"The agency's name or id; without one, all."`
	JSON   bool   `name:"json" help:"Print a line of JSON for each member."`
}

// memberLine is a member as JSON.
type memberLine struct {
	Agency    string               `json:"agency"` // its name
	ID        string               `json:"id"`
	Name      string               `json:"name"`
	Email     string               `json:"email"`
	Role      onboarding.Role      `json:"role"`
	Computers []computerLine       `json:"computers"`
	OpenCodes int                  `json:"open_codes"`
	LastSeen  onboarding.Timestamp `json:"last_seen_ms"` // zero: never
}

// computerLine is a computer of a member as JSON.
type computerLine struct {
	ID       string               `json:"id"`
	Name     string               `json:"name"`
	Approved bool                 `json:"approved"` // it may receive credentials
	LastSeen onboarding.Timestamp `json:"last_seen_ms"`
}

func (c memberList) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		members, err := o.ListMembers(s.ctx, c.Agency)
		if errors.Is(err, onboarding.ErrNotFound) {
			return noAgency(c.Agency)
		}
		if err != nil {
			return err
		}
		if c.JSON {
			return s.printMembers(members)
		}
		if len(members) == 0 {
			return s.printf("There is no member yet. `latchkey-relay agency add` adds an agency with one.")
		}
		table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(table, "MEMBER\tADDRESS\tROLE\tCOMPUTERS\tLAST SEEN\tAGENCY") // its error comes with Flush
		for _, m := range members {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", m.Name, m.Email, m.Role, computersOf(m),
				timeOrNever(m.LastSeen()), m.Agency)
		}
		return table.Flush()
	})
}

// computersOf names a member's computers, and says what keeps one from joining.
func computersOf(m admin.ListedMember) string {
	var names []string
	for _, d := range m.Devices {
		name := d.Name
		if d.Approved == 0 {
			name += " (not approved)"
		}
		names = append(names, name)
	}
	switch {
	case len(names) > 0:
		return strings.Join(names, ", ")
	case len(m.Codes) > 0:
		return "none; a code waits"
	}
	return "none"
}

func (s *env) printMembers(members []admin.ListedMember) error {
	for _, m := range members {
		line := memberLine{
			Agency: m.Agency, ID: m.ID, Name: m.Name, Email: m.Email, Role: m.Role, Computers: []computerLine{},
			OpenCodes: len(m.Codes), LastSeen: m.LastSeen(),
		}
		for _, d := range m.Devices {
			line.Computers = append(line.Computers, computerLine{
				ID: d.ID, Name: d.Name, Approved: d.Approved != 0, LastSeen: d.LastSeen,
			})
		}
		if err := s.printJSON(line); err != nil {
			return err
		}
	}
	return nil
}

// noMember explains that there is no member with an address.
func noMember(agency, email string) error {
	return onboarding.Invalid("member", fmt.Sprintf(
		"There is no member %s in an agency %q. `latchkey-relay member list` shows them.", email, agency,
	))
}

type memberRemove struct {
	Agency    string `arg:"" help:"The agency's name or id."`
	Email     string `arg:"" help:"The member's address."`
	Successor string `placeholder:"ADDRESS" help:"Who takes over; without it, the agency's other main user."`
	Yes       bool   `help:"Remove without a question, for scripts."`
}

func (c memberRemove) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		removal, err := o.PrepareRemoval(s.ctx, c.Agency, c.Email, c.Successor)
		if errors.Is(err, onboarding.ErrNotFound) {
			return noMember(c.Agency, c.Email)
		}
		if err != nil {
			return err
		}
		m := removal.Member
		if err := s.printf(
			"%s <%s> (%s) leaves %s: signed out on %s, where credentials are deleted.\n%s <%s> takes over %s, %s, %s and %s.",
			m.Name, m.Email, m.Role, removal.Agency.Name, count(removal.Computers, "computer", "computers"),
			removal.Successor.Name, removal.Successor.Email, count(removal.Owned.Requests, "request", "requests"),
			count(removal.Owned.Accounts, "account", "accounts"), count(removal.Owned.SignIns, "sign-in", "sign-ins"),
			count(removal.Owned.Webhooks, "webhook", "webhooks"),
		); err != nil {
			return err
		}
		if !c.Yes {
			if err := s.ask(fmt.Sprintf("Remove %s?", m.Name)); err != nil {
				return err
			}
		}
		if err := o.RemoveMember(s.ctx, removal); err != nil {
			return err
		}
		return s.printf("%s was removed. The agency's main users read of it in the hub.", m.Name)
	})
}

type memberCode struct {
	Agency string `arg:"" help:"The agency's name or id."`
	Email  string `arg:"" help:"The member's address."`
}

func (c memberCode) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, set settings) error {
		member, code, err := o.MemberCode(s.ctx, c.Agency, c.Email)
		if errors.Is(err, onboarding.ErrNotFound) {
			return noMember(c.Agency, c.Email)
		}
		if err != nil {
			return err
		}
		return s.printCode(member.Name, code, set.url)
	})
}
