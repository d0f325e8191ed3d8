// Package report writes the report of a client's end as a file that keeps: one page of
// HTML that loads nothing, to print or to send on.
package report

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Write writes the report of an offboarding that has ended. Times are in zone.
func Write(
	ctx context.Context, ended replica.Offboarding, texts *catalog.Catalog, zone *time.Location,
) ([]byte, error) {
	var out bytes.Buffer
	if err := page(printer{texts, zone}, ended).Render(ctx, &out); err != nil {
		return nil, fmt.Errorf("writing the report about %s: %w", ended.ID, err)
	}
	return out.Bytes(), nil
}

// The report's own words.
const (
	textTitle       = "End of access:"
	textAgency      = "Agency"
	textEndedBy     = "Ended by"
	textBegun       = "Begun"
	textFinished    = "Finished"
	textAccounts    = "Accounts"
	textCredentials = "Credentials"
	textNoComputer  = "No computer had a credential of these accounts."
	textNoOwn       = "None of the computers of"
	textNoOwnEnd    = "had a credential of these accounts."
	textOwnOnly     = "The agency’s other computers are not listed: only a main user sees them."
	textRequests    = "Requests"
	textRequestOf   = "Request of"
)

type printer struct {
	texts *catalog.Catalog
	zone  *time.Location
}

func (p printer) time(at onboarding.Timestamp) string {
	return at.Time().In(p.zone).Format("2 January 2006, 15:04 MST")
}

func (p printer) day(at onboarding.Timestamp) string {
	return at.Time().In(p.zone).Format("2 January 2006")
}

func (p printer) service(of onboarding.Service) string { return p.texts.Service(of).Name }

// about names an account at its platform by the service's name and the account's id.
func (p printer) about(item replica.OffboardedItem) string {
	about := p.service(item.Service)
	if !onboarding.IsNamedAccount(item.Account) && item.Account != "" && item.Account != item.Name {
		about += " · " + bidi.Isolate(item.Account)
	}
	return about
}

// result is what became of an access, in a few words.
func result(item replica.OffboardedItem) string {
	switch item.Outcome {
	case replica.OutcomeProven:
		return "Gone, confirmed"
	case replica.OutcomeKept:
		return "Kept"
	case replica.OutcomeLeft:
		return "Left as it is"
	case replica.OutcomeEndedBefore:
		return "Ended before"
	case replica.OutcomeNothing:
		return "Nothing to end"
	case replica.OutcomeUnknown:
		return "Not known"
	}
	return "To be ended there"
}

// Sentence says in one sentence how the accesses of a client ended.
func Sentence(ended replica.Offboarding) string {
	var proven, remain, kept, left, unknown, nothing int
	for _, item := range ended.Items {
		switch item.Outcome {
		case replica.OutcomeProven, replica.OutcomeEndedBefore:
			proven++
		case replica.OutcomeKept:
			kept++
		case replica.OutcomeLeft:
			left++
		case replica.OutcomeNothing:
			nothing++
		case replica.OutcomeUnknown:
			unknown++
		default:
			remain++
		}
	}
	all := len(ended.Items)
	switch {
	case all == 0:
		return "No account was connected."
	case proven == all:
		return fmt.Sprintf("The access to %s is gone.", accounts(all))
	}
	said := fmt.Sprintf("The access to %d of %s is gone.", proven, accounts(all))
	for _, part := range []struct {
		n         int
		one, many string
		rest      string
	}{
		{n: remain, one: "has", many: "have", rest: "to be ended by a user at the platform"},
		{n: nothing, one: "was", many: "were", rest: "only named, and had not arrived"},
		{n: kept, one: "stays", many: "stay", rest: "since something else uses it"},
		{n: left, one: "was", many: "were", rest: "left as before"},
		{n: unknown, one: "is", many: "are", rest: "not known: look at the platform whether anything of the access is left"},
	} {
		switch part.n {
		case 0:
		case 1:
			said += fmt.Sprintf(" 1 %s %s.", part.one, part.rest)
		default:
			said += fmt.Sprintf(" %d %s %s.", part.n, part.many, part.rest)
		}
	}
	return said
}

func accounts(n int) string {
	if n == 1 {
		return "1 account"
	}
	return fmt.Sprintf("%d accounts", n)
}

// endedBy says when an access had ended, and because of whom.
func (p printer) endedBy(item replica.OffboardedItem) string {
	switch {
	case item.Withdrawn != 0 && item.DoneBy == "":
		return "The client withdrew it on " + p.time(item.Withdrawn) + "."
	case item.Withdrawn != 0:
		return "The client withdrew it on " + p.time(item.Withdrawn) + ". Ended on " + p.time(item.Done) +
			" by the computer of " + bidi.Isolate(item.DoneBy) + "."
	case item.DoneBy != "":
		return "Ended on " + p.time(item.Done) + " by " + bidi.Isolate(item.DoneBy) + "."
	}
	return ""
}

// lines are what the report says about an access.
func (p printer) lines(item replica.OffboardedItem) (lines []string) {
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	add(p.endedBy(item))
	switch item.Outcome {
	case replica.OutcomeLeft:
		return nil
	case replica.OutcomeUnknown:
		why := "This computer no longer sees it."
		if item.Half {
			why = "Sharing it was begun and not finished."
		}
		add(why + " Look at " + p.service(item.Service) + " whether anything of the access is left.")
	case replica.OutcomeEndedBefore:
		add(item.Title)
	case replica.OutcomeProven:
		code := ""
		if item.Asked != nil && item.Asked.Code != "" {
			code = " It answered " + item.Asked.Code + "."
		}
		add(item.Message + " Confirmed on " + p.time(item.Done) + "." + code)
	default:
		add(item.Message)
	}
	if len(item.KeptFor) > 0 {
		add("Something else that the agency has uses it.") // its name may be another client's
	}
	add(item.Next)
	return lines
}

// device says what is left on a computer.
func (p printer) device(d replica.OffboardedDevice) string {
	switch {
	case !d.Erased:
		return "A credential is still there."
	case d.Here:
		return "Erased, and looked for in its keychain."
	}
	said := "Its copy is erased when it is next online, and it gets no other."
	if d.Seen != 0 {
		said += " It was last online on " + p.time(d.Seen) + "."
	}
	return said
}

// link says what became of a request.
func (p printer) link(l replica.OffboardedLink) string {
	said := "Its link had ended before."
	switch l.State {
	case replica.LinkWithdrawn:
		said = "Withdrawn on " + p.time(l.Done) + "."
	case replica.LinkUnknown:
		said = "This computer no longer sees it, and does not know whether its link has ended."
	case replica.LinkRefused:
		said = "The agency’s server has not withdrawn it: its link may still work."
	}
	switch {
	case l.Length == 0:
	case l.Whole:
		said += fmt.Sprintf(" Its history has %d entries, unchanged, with the code %s.", l.Length, l.Code)
	default:
		said += fmt.Sprintf(" Its history has %d entries and is not as it was recorded; code %s.", l.Length, l.Code)
	}
	return said
}
