package replica

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// CheckRow is the result of one check of an item.
type CheckRow struct {
	At    onboarding.Timestamp   `json:"at"`
	State onboarding.AccessState `json:"state"`
	Title string                 `json:"title"` // what failed, or is pending; empty if it works
	Code  string                 `json:"code"`  // the platform's own
	Gives string                 `json:"gives"` // in one line; may be empty
}

// gives describes the access that an item gives. While it does not work, the
// last successful check counts.
func gives(texts *catalog.Catalog, i onboarding.Item) string {
	if words := texts.CapabilityText(i.Access.Capabilities); words != "" {
		return words
	}
	for _, check := range i.Checks {
		if check.State == onboarding.AccessWorks {
			return texts.CapabilityText(check.Capabilities)
		}
	}
	return ""
}

func checkRows(texts *catalog.Catalog, i onboarding.Item, facts catalog.Args) []CheckRow {
	rows := []CheckRow{}
	for _, check := range i.Checks {
		row := CheckRow{
			At:    check.Checked,
			State: check.State,
			Code:  check.Code,
			Gives: texts.CapabilityText(check.Capabilities),
		}
		if check.Failure != "" {
			facts.When = check.Checked
			row.Title = texts.DescribeForAgency(catalog.FailureCode(check.Failure), facts).Title
		}
		rows = append(rows, row)
	}
	return rows
}

// ItemFacts returns the arguments of the catalog's messages about an item.
func ItemFacts(ctx context.Context, q sqldb.Queryer, i onboarding.Item, row ItemRow, agency onboarding.Agency) (
	catalog.Args, error) {
	facts := catalog.Args{
		Agency:  agency.CompanyName(),
		Name:    i.PlatformBy,
		Asset:   i.Name,
		Service: i.Service,
		When:    cmp.Or(row.Since, i.Changed),
		Account: i.Name,
		Address: i.Detail,
		Client:  row.Client,
		By:      i.By.Name,
		Kind:    i.Kind,
		Own:     row.Managed,
		Code:    i.Access.Code,
	}
	failed := slices.ContainsFunc(i.Checks, func(c onboarding.CheckRecord) bool { return c.Failure != "" })
	if i.Service != onboarding.Facebook || i.Request == "" || !row.Attention && !row.Waiting && !failed {
		return facts, nil // the messages omit where it went
	}
	r, err := ReadRequest(ctx, q, i.Request)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return facts, err
	}
	facts.Asked = catalog.AskedBy(r)
	if r.Business.ID != "" {
		facts.Business = r.Business.Name + " (" + r.Business.ID + ")"
	}
	return facts, nil
}
