package pages

import (
	"github.com/a-h/templ"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// listTexts are what one list is called, and the names of its fields.
type listTexts struct{ title, one, many, search, find, field string }

func (r *Renderer) listTexts(kind onboarding.Kind) listTexts {
	w := listTexts{
		title: r.catalog.KindTitle(kind), one: r.catalog.KindSingular(kind), many: r.catalog.KindPlural(kind),
		search: r.Text("assets.search"),
		find:   FieldSearch(kind), field: FieldTicked(kind)}
	switch kind {
	case onboarding.Page:
		w.search = r.Text("assets.search_name")
	case onboarding.Dataset:
		w.title = r.Text("assets.datasets")
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
func (r *Renderer) guideLabel(failure *catalog.Failure, asset string) templ.Component {
	name := isolated("Asset", asset)
	switch {
	case failure.Code == catalog.OtherOwner:
		return r.message("assets.guide.ask_back", name)
	case failure.Code == catalog.ManualShare:
		return r.message("assets.guide.steps", name)
	case failure.FixedBy == catalog.Nobody:
		return r.message("assets.guide.read_more", name)
	case failure.Code == catalog.NotInBusinessManager:
		steps := r.print.Plural("assets.guide.count", int64(len(failure.Steps)))
		return r.message("assets.guide.add", plain("Steps", steps), name)
	case len(failure.Steps) > 0:
		return r.message("assets.guide.steps", name)
	case failure.Note != "":
		return r.message("assets.guide.note", name)
	}
	return r.message("assets.guide.what_to_do", name)
}
