package pages

import (
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// listWords are what one list is called, and the names of its fields.
type listWords struct{ title, one, many, search, find, field string }

func (r *Renderer) listWords(kind onboarding.Kind) listWords {
	w := listWords{
		title: r.catalog.KindTitle(kind), one: r.catalog.KindSingular(kind), many: r.catalog.KindPlural(kind),
		search: "Search by name or id",
		find:   FieldSearch(kind), field: FieldTicked(kind)}
	switch kind {
	case onboarding.Page:
		w.search = "Search by name"
	case onboarding.Dataset:
		w.title = "Datasets (pixels)"
	}
	return w
}

// anyShown reports whether any row matches the query.
func (l AssetList) anyShown() bool {
	for i := range l.Assets {
		if l.Query == "" || l.Assets[i].matches(l.Query) {
			return true
		}
	}
	return false
}

// reasonClass colours the reason under a row: grey when the row is greyed out
// anyway, in the state's colour when it can still be chosen.
func reasonClass(tone catalog.Severity, choosable bool) string {
	switch {
	case tone == catalog.SeverityWarning:
		return " text-waiting"
	case tone == catalog.SeverityError && choosable:
		return " text-error"
	}
	return ""
}

// guideLabel is the label of the link behind a reason.
func guideLabel(failure *catalog.Failure) string {
	switch {
	case failure.Code == catalog.OtherOwner:
		return "Ask for it back"
	case failure.Code == catalog.ManualShare:
		return "See the steps"
	case failure.FixedBy == catalog.Nobody:
		return "Read more"
	case failure.Code == catalog.NotInBusinessManager:
		return "Add it, " + strconv.Itoa(len(failure.Steps)) + " steps"
	case len(failure.Steps) > 0:
		return "See the steps"
	case failure.Note != "":
		return "Copy a note"
	}
	return "What to do"
}
