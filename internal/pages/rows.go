package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The asset page is written by hand, for what its lists hold: a template would
// look up every field of every row by reflection and escape each in turn. With
// forty assets that is most of the page's time, with five hundred nearly all.
// Every value passes through text, escape or address, as in the frame.
func (p FacebookAssets) write(s *Set, b *bytes.Buffer) error {
	b.WriteString(`<div class="ah"><div class="sp"><h1>Choose what to share</h1><p class="lead">It goes to `)
	if p.User != "" {
		put(b, `<bdi>`, text(p.User), `</bdi> in `)
	}
	put(b, `the Business Manager <b dir="auto">`, text(p.Business), `</b>, `, p.Asked.Of(onboarding.Facebook).Purpose, `.</p></div><form class="who" method="post" action="`, address(p.NotYou), `">`,
		string(s.tiles.of(onboarding.Facebook, 24)), `<span><bdi>`, text(p.SignedInAs), `</bdi> · <button class="lk">Not you?</button></span></form></div>`)
	if p.Trouble != nil {
		if err := s.tmpl.ExecuteTemplate(b, "trouble", p.Trouble); err != nil {
			return fmt.Errorf("writing what went wrong: %w", err)
		}
	}
	if p.assets() == 0 && p.Trouble != nil {
		s.nothingToChoose(b, p)
		return nil
	}
	put(b, `<form method="post" action="`, address(p.Connect), `"><div class="two">`)
	for _, list := range p.lists() {
		s.list(b, list, p.Search)
	}
	main, next := ` p">`, `<button class="b" disabled>Next Step</button>`
	skip := `<a class="b t" href="` + address(p.Skip) + `">Skip, I cannot do this</a>`
	again := ""
	if p.Sharing {
		again = `<noscript> Without script, load it again.</noscript>`
	}
	switch {
	case !p.choosable():
		main = `" disabled>`
	case p.Done():
		main = `">`
	}
	if p.Next != "" {
		next, skip = `<a class="b p" href="`+address(p.Next)+`">Next Step</a>`, ""
	}
	put(b, `</div><div class="card acts bar"><button class="b`, main, `Connect Assets</button><p><b id="sum" data-none="`, p.none(), `">`, p.Sum(), `</b><span>`, p.Beside(), again, `</span></p><span class="sp"></span>`,
		skip, next, `</div></form>`,
		`<form class="miss" method="post" action="`, address(p.Again), `">Something missing? <button class="lk t2">Open Facebook’s choice again and tick it there</button></form>`)
	return nil
}

// nothingToChoose ends the page of a user who sees no asset: what to do stands
// above, and two empty lists would only push it away.
func (s *Set) nothingToChoose(b *bytes.Buffer, p FacebookAssets) {
	next := `<a class="b t" href="` + address(p.Skip) + `">Skip, I cannot do this</a><button class="b" disabled>Next Step</button>`
	if p.Next != "" {
		next = `<a class="b p" href="` + address(p.Next) + `">Next Step</a>`
	}
	put(b, `<div class="acts end"><form class="miss" method="post" action="`, address(p.Again), `">Something missing? <button class="lk t2">Open Facebook’s choice again and tick it there</button></form><span class="sp"></span>`, next, `</div>`)
}

// listWords are what one list is called, and the names of its fields.
type listWords struct{ title, one, many, search, find, field string }

func wordsOf(kind onboarding.Kind) listWords {
	one, many := catalog.KindWords(kind)
	w := listWords{title: capitalised(many), one: one, many: many, search: "Search by name or id",
		find: FieldSearch(kind), field: FieldTicked(kind)}
	switch kind {
	case onboarding.Page:
		w.search = "Search by name"
	case onboarding.Dataset:
		w.title = "Datasets (pixels)"
	}
	return w
}

func (s *Set) list(b *bytes.Buffer, list AssetList, search string) {
	w := wordsOf(list.Kind)
	all := strconv.Itoa(len(list.Assets))
	put(b, `<section class="card lst" data-list="`, all, `" data-one="`, w.one, `" data-many="`, w.many, `" aria-label="`, w.title, `"><h2 class="lh">`, w.title,
		`<span data-count="`, list.rest(), `" aria-live="polite">`, list.Counted(), `</span></h2><div class="se"><input type="search" name="`, w.find,
		`" value="`, text(list.Query), `" placeholder="`, w.search, `" aria-label="`, w.search, `, `, w.many, `" autocomplete="off"`)
	if list.Query != "" {
		b.WriteString(` data-found`)
	}
	put(b, `><button formmethod="get" formaction="`, address(search), `" formnovalidate aria-label="Search `, w.many, `">`, string(s.icons[drawing{"search", 17}]),
		`</button></div><ul class="rows" tabindex="0" role="list" aria-label="`, w.title, `">`)
	s.rows(b, list, w.field)
	b.WriteString(`</ul></section>`)
}

// rows writes the rows of one list. With a query only what matches is shown;
// what is ticked besides is there, hidden, so that a search without script
// loses no choice.
func (s *Set) rows(b *bytes.Buffer, list AssetList, field string) {
	shown := 0
	for i := range list.Assets {
		asset := &list.Assets[i]
		if list.Query == "" || asset.matches(list.Query) {
			shown++
			b.WriteString("<li>")
			s.row(b, asset, field)
		} else if asset.Chosen && asset.canBeChosen() {
			b.WriteString("<li hidden>")
			s.row(b, asset, field)
		}
	}
	switch {
	case shown > 0:
	case list.Query != "":
		put(b, `<li class="none">Nothing matches “`, text(list.Query), `”. Clear the search to see all.</li>`)
	default:
		b.WriteString(`<li class="none">Facebook shows none for this user.</li>`)
	}
}

// row writes one row after its <li>.
func (s *Set) row(b *bytes.Buffer, asset *Asset, field string) {
	choosable, ends := asset.canBeChosen(), "</div>"
	switch {
	case choosable:
		put(b, `<label><input type="checkbox" name="`, field, `" value="`)
		escape(b, asset.ID)
		b.WriteByte('"')
		if asset.Chosen {
			b.WriteString(" checked")
		}
		b.WriteByte('>')
		ends = "</label>"
	case asset.State == onboarding.ItemConnected:
		put(b, `<div class="x kn"><span class="cb dn">`, string(s.icons[drawing{"check", 18}]), `</span>`)
	case asset.State != "":
		b.WriteString(`<div class="x kn"><span class="cb dn"></span>`)
	default:
		b.WriteString(`<div class="x"><span class="cb"></span>`)
	}
	b.WriteString(`<span class="nm" dir="auto">`)
	escape(b, asset.Name)
	b.WriteString(`</span>`)
	if asset.Detail != "" {
		b.WriteString(`<span class="su">`)
		escape(b, asset.Detail)
		b.WriteString(`</span>`)
	}
	if asset.State != "" {
		b.WriteString(s.states[asset.State])
	}
	b.WriteString(ends)
	if asset.Failure != nil {
		put(b, `<p class="wy`, toneClass(asset.Failure.Tone, choosable), `">`)
		escape(b, asset.Failure.Short)
		if asset.Guide != "" {
			put(b, ` <a href="`, address(asset.Guide), `">`, guideWord(asset.Failure), `<span class="sr"> for `)
			escape(b, asset.Name)
			b.WriteString(`</span></a>`)
		}
		b.WriteString(`</p>`)
	}
	b.WriteString(`</li>`)
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
	case failure.Code == catalog.ShareByHand:
		return "See the steps"
	case failure.Who == catalog.Nobody:
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

// askRow is a service on the landing page. The words for what is usually asked
// never change, so a Set makes each once.
func askRow(service onboarding.Service, asked catalog.Asked) string {
	words := asked.Of(service)
	return `<li>` + string(tile(service, 34)) + `<div><b>` + text(words.Name) + `</b><p>` + text(words.Short) + `</p></div></li>`
}
