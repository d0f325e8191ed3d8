package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// TamperedAgency is an agency with rows that are not as the relay wrote them.
type TamperedAgency struct {
	store.AgencyCheck
	Members []onboarding.Member // as they are; who was removed is left out
	Devices []store.Device      // as they are; those that were revoked are left out
}

// VerifyAgencies checks the rows that decide who gets a credential, of one agency or, with
// an empty name, of all. It returns how many agencies were checked and those that failed.
func (s *Admin) VerifyAgencies(ctx context.Context, named string) (checked int, failed []TamperedAgency, err error) {
	id := ""
	if named != "" {
		a, err := s.findAgency(ctx, named)
		if err != nil {
			return 0, nil, err
		}
		id = a.ID
	}
	checks, err := s.store.Integrity.Check(ctx, id)
	if err != nil {
		return 0, nil, err
	}
	for _, check := range checks {
		if check.Name != "" {
			checked++
		}
		if check.RosterTampered || len(check.Rows) > 0 {
			failed = append(failed, s.tampered(ctx, check))
		}
	}
	return checked, failed, nil
}

func (s *Admin) tampered(ctx context.Context, check store.AgencyCheck) TamperedAgency {
	t := TamperedAgency{AgencyCheck: check}
	// A list that cannot be read is among the rows that failed: they are named by their ids.
	members, _ := s.store.Members.List(ctx, check.ID)
	devices, _ := s.store.Devices.List(ctx, check.ID)
	t.Members = slices.DeleteFunc(members, func(m onboarding.Member) bool { return m.Removed != 0 })
	t.Devices = slices.DeleteFunc(devices, func(d store.Device) bool { return d.Revoked != 0 })
	return t
}

// AcceptAgency makes the rows of an agency count as the relay's, as VerifyAgencies found
// them. ErrConflict: they have changed again since; store.ErrTampered: one of them cannot
// be read.
func (s *Admin) AcceptAgency(ctx context.Context, t TamperedAgency) error {
	if err := s.store.Integrity.Accept(ctx, t.AgencyCheck); err != nil {
		return err
	}
	return s.record(ctx, "agency accept", t.ID, fmt.Sprintf("%d rows", len(t.Rows)))
}

// Explain says in plain words what a row that failed means. Values from the database are
// made printable: who wrote them may want to deceive the reader.
func (t TamperedAgency) Explain(row store.TamperedRow) string {
	switch row.State {
	case store.RowUnreadable:
		return "It has a value that the relay never writes, so it cannot be read or accepted."
	case store.RowMissing:
		return "It is missing: " + t.describe(row.Table, row.Recorded) + "."
	case store.RowAdded:
		return "The relay did not write it: " + t.describe(row.Table, row.Found) + "."
	case store.RowChanged:
		return t.compare(row)
	}
	if row.Found == nil {
		return "What the relay wrote last was changed too. All rows of who belongs to the agency follow, as they are."
	}
	return "What the relay wrote is not known. Now it is " + t.describe(row.Table, row.Found) + "."
}

// compare says what a changed row is and was, column by column, what matters most first.
func (t TamperedAgency) compare(row store.TamperedRow) string {
	var changes []string
	for _, column := range []string{
		"role", "approved_ms", "revoked_ms", "removed_ms", "member", "public_key", "token_hash", "email", "name",
		"share_requests", "suspended", "restored_ms", "restored_by", "withdrawn_ms", "expires_ms", "device", "created_ms",
		"id",
	} {
		if before, now := row.Recorded[column], row.Found[column]; before != now {
			changes = append(changes,
				fmt.Sprintf("now %s (the relay wrote: %s)", t.phrase(column, now), t.phrase(column, before)))
		}
	}
	return upperFirst(t.describe(row.Table, row.Recorded)) + ": " + strings.Join(changes, "; ") + "."
}

// phrase says what a value in a column means.
func (t TamperedAgency) phrase(column, value string) string {
	if words, isTime := timePhrases()[column]; isTime {
		return since(value, words[0], words[1])
	}
	switch column {
	case "member":
		return "of " + t.person(value)
	case "restored_by":
		return "waiting for " + t.person(value)
	case "share_requests":
		return either(value, "all members see all requests", "members see their own requests")
	case "suspended":
		return either(value, "suspended", "not suspended")
	case "device":
		return either(strconv.FormatBool(value != ""), "used", "not used")
	case "public_key":
		return "credentials are sealed for the key " + clip(value, keyPrinted)
	case "token_hash":
		return "it signs in with the token " + clip(value, keyPrinted)
	case "email":
		return "the address " + printable(value)
	}
	return "the " + column + " " + quoted(value)
}

// timePhrases are the words for a time that is zero, and before one that is not.
func timePhrases() map[string][2]string {
	return map[string][2]string{
		"approved_ms":  {"not approved", "approved on "},
		"revoked_ms":   {"not revoked", "revoked on "},
		"removed_ms":   {"not removed", "removed on "},
		"withdrawn_ms": {"not ended", "ended on "},
		"restored_ms":  {"not waiting since a restore", "waiting since the restore of "},
		"expires_ms":   {"working for ever", "working until "},
		"created_ms":   {"added at no time", "added on "},
	}
}

// since is a time for people to read, with what it is the time of.
func since(value, never, at string) string {
	ms, err := strconv.ParseInt(value, 10, 64)
	if err != nil || ms == 0 {
		return never
	}
	return at + onboarding.Timestamp(ms).Time().UTC().Format("2 January 2006, 15:04 UTC")
}

func either(value, yes, no string) string {
	if value == "true" {
		return yes
	}
	return no
}

// describe names a row by what it has.
func (t TamperedAgency) describe(table string, values map[string]string) string {
	of := func(column string) string { return quoted(values[column]) }
	switch table {
	case "agencies":
		return "the agency's own row"
	case "members":
		return fmt.Sprintf("the member %s <%s> (%s)", of("name"), printable(values["email"]), printable(values["role"]))
	case "devices":
		return fmt.Sprintf("the computer %s of %s (%s)", of("name"), t.person(values["member"]), deviceState(values))
	case "codes":
		return fmt.Sprintf("a code that adds a computer of %s", t.person(values["member"]))
	case "requests":
		return t.describeRequest(values)
	case "items":
		return fmt.Sprintf("the account %s (%s %s) of %s, to whom its next credential goes", of("name"),
			printable(values["service"]), printable(values["account"]), t.person(values["owner"]))
	case "connections":
		return fmt.Sprintf("the sign-in of %s (%s) at %s, of %s, for the Business Managers %s", of("user_name"),
			printable(values["user_id"]), printable(values["platform"]), t.person(values["member"]), of("businesses"))
	case "recipients":
		part := "all of it"
		if values["scoped"] == "true" {
			part = printable(values["services"])
		}
		return fmt.Sprintf("the link of the recipient %s of the request %s, which opens %s", printable(values["number"]),
			printable(values["request"]), part)
	case "visits":
		return fmt.Sprintf("the visit of the client %s <%s> at the request %s", of("name"), printable(values["email"]),
			printable(values["request"]))
	case "deliveries":
		return fmt.Sprintf("a credential of %s that waits for %s", printable(values["subject"]), t.computer(values["device"]))
	case "device_credentials":
		return fmt.Sprintf("that %s has had the credential of %s, and so gets the next one", t.computer(values["device"]),
			printable(values["subject"]))
	case "reviews":
		return fmt.Sprintf("that the agency is the review of %s at %s, until %s", of("app"), printable(values["service"]),
			since(values["ends_ms"], "no time", ""))
	case "domains":
		return fmt.Sprintf("that its links open at %s (%s)", printable(values["name"]), printable(values["state"]))
	}
	return fmt.Sprintf("a sign-in at %s under way: accepting ends it, and whoever began it begins again",
		printable(values["platform"]))
}

// deviceState is whether a computer may get credentials.
func deviceState(values map[string]string) string {
	switch {
	case values["revoked_ms"] != "0":
		return "revoked"
	case values["approved_ms"] != "0":
		return "approved"
	}
	return "not approved"
}

func (t TamperedAgency) describeRequest(values map[string]string) string {
	text := fmt.Sprintf("the request for the client %s, of %s, who gets what is shared: %s",
		quoted(values["client"]), t.person(values["owner"]), printable(values["services"]))
	if values["business_id"] != "" {
		text += fmt.Sprintf("; at Facebook it goes to the Business Manager %s (%s) and the user %s (%s)",
			quoted(values["business_name"]), printable(values["business_id"]),
			quoted(values["user_name"]), printable(values["user_id"]))
	}
	return text
}

// person names a member by the row as it is.
func (t TamperedAgency) person(id string) string {
	if id == "" {
		return "nobody"
	}
	at := slices.IndexFunc(t.Members, func(m onboarding.Member) bool { return m.ID == id })
	if at < 0 {
		return "somebody who is no member (" + printable(id) + ")"
	}
	return fmt.Sprintf("%s <%s>", quoted(t.Members[at].Name), printable(t.Members[at].Email))
}

func (t TamperedAgency) computer(id string) string {
	at := slices.IndexFunc(t.Devices, func(d store.Device) bool { return d.ID == id })
	if at < 0 {
		return "a computer that is revoked or not the agency's (" + printable(id) + ")"
	}
	return fmt.Sprintf("the computer %s of %s", quoted(t.Devices[at].Name), t.person(t.Devices[at].Member))
}

// Receivers lists who may get the agency's credentials once its rows are accepted: each
// member with a line, and the computers of theirs.
func (t TamperedAgency) Receivers() []string {
	var lines []string
	for _, m := range t.Members {
		var computers []string
		for _, d := range t.Devices {
			if d.Member != m.ID {
				continue
			}
			state := "not approved"
			if d.Approved != 0 {
				state = "approved"
			}
			computers = append(computers, fmt.Sprintf("%s (%s, %s)", quoted(d.Name), state,
				t.phrase("created_ms", strconv.FormatInt(int64(d.Created), 10))))
		}
		if len(computers) == 0 {
			computers = []string{"no computer"}
		}
		lines = append(lines, fmt.Sprintf("%s (%s): %s", t.person(m.ID), printable(string(m.Role)),
			strings.Join(computers, ", ")))
	}
	return lines
}

// How many characters of a value are printed, and of what tells one key from another.
const (
	maxPrinted = 100
	keyPrinted = 8
)

func clip(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}

// quoted writes a value in quotes: what a terminal would obey, and what cannot be seen,
// as escapes.
func quoted(text string) string { return strconv.Quote(clip(text, maxPrinted)) }

// printable is quoted without the quotes.
func printable(text string) string {
	text = quoted(text)
	return text[1 : len(text)-1]
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
