package pages

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// rows writes the rows of one list by hand. A template would look up every
// field of every row by reflection and escape each in turn: with forty assets
// that is most of the page's time, with five hundred nearly all of it. Every
// value passes through text or address, as in the frame.
//
// With a query only what matches is written, and what is ticked, so that a
// search without script loses no choice.
func (s *Set) rows(list AssetList, field string) template.HTML {
	var b strings.Builder
	b.Grow(256 * (len(list.Assets) + 1))
	shown := 0
	for i := range list.Assets {
		asset := &list.Assets[i]
		if list.Query != "" && !asset.Chosen && !asset.matches(list.Query) {
			continue
		}
		shown++
		s.row(&b, asset, field)
	}
	if shown == 0 {
		b.WriteString(`<li class="none">`)
		if list.Query != "" {
			b.WriteString("Nothing matches “" + text(list.Query) + "”. Clear the search to see all.")
		} else {
			b.WriteString("Facebook shows none for this user.")
		}
		b.WriteString("</li>")
	}
	return template.HTML(b.String())
}

func (s *Set) row(b *strings.Builder, asset *Asset, field string) {
	b.WriteString("<li>")
	choosable := asset.canBeChosen()
	switch {
	case choosable:
		b.WriteString(`<label><input type="checkbox" name="` + field + `" value="`)
		b.WriteString(text(asset.ID))
		b.WriteString(`"`)
		if asset.Chosen {
			b.WriteString(" checked")
		}
		b.WriteString(">")
	case asset.State != "":
		b.WriteString(`<div class="x kn"><span class="cb dn">`)
		if asset.State == onboarding.ItemConnected {
			b.WriteString(string(s.icons[drawing{"check", 18}]))
		}
		b.WriteString("</span>")
	default:
		b.WriteString(`<div class="x"><span class="cb"></span>`)
	}
	b.WriteString(`<span class="nm" dir="auto">`)
	b.WriteString(text(asset.Name))
	b.WriteString("</span>")
	if asset.Detail != "" {
		b.WriteString(`<span class="su">`)
		b.WriteString(text(asset.Detail))
		b.WriteString("</span>")
	}
	if asset.State != "" {
		b.WriteString(s.states[asset.State])
	}
	if choosable {
		b.WriteString("</label>")
	} else {
		b.WriteString("</div>")
	}
	if asset.Failure != nil {
		b.WriteString(`<p class="wy` + toneClass(asset.Failure.Tone, choosable) + `">`)
		b.WriteString(text(asset.Failure.Short))
		if asset.Guide != "" {
			b.WriteString(` <a href="` + address(asset.Guide) + `">` + guideWord(asset.Failure) + `<span class="sr"> for ` + text(asset.Name) + `</span></a>`)
		}
		b.WriteString("</p>")
	}
	b.WriteString("</li>")
}

// toneClass colours the reason under a row: grey when the row is greyed out
// anyway, in the state's colour when it can still be chosen.
func toneClass(tone catalog.Tone, choosable bool) string {
	switch {
	case tone == catalog.Wait:
		return " wt"
	case tone == catalog.Bad && choosable:
		return " er"
	}
	return ""
}

// guideWord is the label of the link behind a reason.
func guideWord(failure *catalog.Failure) string {
	switch {
	case failure.Code == catalog.OtherOwner:
		return "Ask for it back"
	case failure.Code == catalog.NotInBusinessManager:
		return "Add it, " + strconv.Itoa(len(failure.Steps)) + " steps"
	case len(failure.Steps) > 0:
		return "See the steps"
	case failure.Note != "":
		return "Copy a note"
	}
	return "What to do"
}

// stateWord is an item's state as glyph and word: never colour alone.
func (s *Set) stateWord(state onboarding.ItemState) template.HTML {
	class, icon := " no", ""
	switch state {
	case onboarding.ItemConnected:
		class, icon = " ok", string(s.icons[drawing{"ok", 17}])
	case onboarding.ItemWaiting:
		class, icon = " wt", string(s.icons[drawing{"wait", 17}])
	case onboarding.ItemFailed:
		class, icon = " er", string(s.icons[drawing{"bad", 17}])
	case onboarding.ItemSharing:
		icon = string(s.icons[drawing{"again", 17}])
	}
	return template.HTML(`<span class="st` + class + `">` + icon + catalog.State(state) + `</span>`)
}

// askRow is a service on the landing page. Its words never change, so a Set
// makes each once.
func askRow(service onboarding.Service) string {
	words := catalog.Of(service)
	return `<li>` + string(tile(service, 34)) + `<div><b>` + text(words.Name) + `</b><p>` + text(words.Short) + `</p></div></li>`
}
