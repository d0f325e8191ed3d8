package pages

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// What follows are the texts that depend on what a page holds. Templates call
// them.

// Ahead is the text for which platforms follow.
func (p AboutYou) Ahead(r *Renderer) string {
	var names []string
	for _, service := range p.Services {
		names = append(names, r.catalog.Service(service).Name)
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1 || p.Services[0] != onboarding.Facebook:
		return r.Text("about_you.next", "Platforms", r.print.List(names))
	}
	return r.Text("about_you.next_then", "First", names[0], "Others", r.print.List(names[1:]))
}

// Status is the text for how much of Facebook is connected.
func (p FacebookStart) Status(r *Renderer) string {
	if len(p.Choices) == 0 {
		return r.Text("state.not_connected")
	}
	return adsAndPages(r, p.Choices)
}

func adsAndPages(r *Renderer, choices []Choice) string {
	of := map[onboarding.Kind]int{}
	for _, choice := range choices {
		of[choice.Kind]++
	}
	return counts(r, func(kind onboarding.Kind) int { return of[kind] })
}

// counts names how many there are of each kind, and leaves out what there is
// none of; empty: there is nothing.
func counts(r *Renderer, of func(kind onboarding.Kind) int) string {
	var parts []string
	for _, kind := range onboarding.FacebookKinds() {
		if n := of(kind); n > 0 {
			parts = append(parts, r.catalog.CountKind(n, kind))
		}
	}
	return r.catalog.List(parts)
}

// Chosen counts the rows that are ticked.
func (l AssetList) Chosen() int {
	n := 0
	for i := range l.Assets {
		if l.Assets[i].Chosen && l.Assets[i].canBeChosen() {
			n++
		}
	}
	return n
}

// inState counts the rows of a state.
func (l AssetList) inState(state onboarding.ItemState) int {
	n := 0
	for i := range l.Assets {
		if l.Assets[i].State == state {
			n++
		}
	}
	return n
}

// Count is what stands beside a list's title: how many are ticked, or, when
// none is, what became of those that were.
func (l AssetList) Count(r *Renderer) string {
	if n := l.Chosen(); n > 0 || l.inState(onboarding.ItemConnected)+l.inState(onboarding.ItemWaiting) == 0 {
		return r.Text("assets.chosen", "Number", strconv.Itoa(n), "Total", strconv.Itoa(len(l.Assets)))
	}
	return l.rest(r)
}

// rest is how much of a list is connected or waiting; empty: nothing.
func (l AssetList) rest(r *Renderer) string {
	connected, waiting := l.inState(onboarding.ItemConnected), l.inState(onboarding.ItemWaiting)
	total := strconv.Itoa(len(l.Assets))
	switch {
	case connected+waiting == 0:
		return ""
	case waiting == 0:
		return r.Text("assets.connected", "Number", strconv.Itoa(connected), "Total", total)
	case connected == 0:
		return r.Text("assets.waiting", "Number", strconv.Itoa(waiting), "Total", total)
	}
	return r.Text("assets.connected_waiting", "Connected", strconv.Itoa(connected), "Waiting", strconv.Itoa(waiting))
}

// lists are all lists of the page, each with its kind.
func (p FacebookAssets) lists() []AssetList {
	p.AdAccounts.Kind, p.Pages.Kind = onboarding.AdAccount, onboarding.Page
	return append([]AssetList{p.AdAccounts, p.Pages}, p.More...)
}

// count names by kind how many rows of each list something is true of.
func (p FacebookAssets) count(r *Renderer, rows func(AssetList) int) string {
	of := map[onboarding.Kind]int{}
	for _, list := range p.lists() {
		of[list.Kind] += rows(list)
	}
	return counts(r, func(kind onboarding.Kind) int { return of[kind] })
}

// total says of how many rows of all lists something is true.
func (p FacebookAssets) total(rows func(AssetList) int) int {
	n := 0
	for _, list := range p.lists() {
		n += rows(list)
	}
	return n
}

// assets is how many rows all lists have.
func (p FacebookAssets) assets() int {
	return p.total(func(list AssetList) int { return len(list.Assets) })
}

func (p FacebookAssets) chosen() int { return p.total(AssetList.Chosen) }

// Total is the text for what Connect Assets would share, or what it has shared.
func (p FacebookAssets) Total(r *Renderer) string {
	if chosen := p.count(r, AssetList.Chosen); chosen != "" {
		return chosen
	}
	return p.none(r)
}

// none stands for the sum when nothing is ticked.
func (p FacebookAssets) none(r *Renderer) string {
	connected := p.count(r, func(list AssetList) int { return list.inState(onboarding.ItemConnected) })
	waiting := p.waiting()
	switch {
	case connected == "" && waiting == 0:
		return r.Text("assets.sum.none")
	case waiting == 0:
		return r.Text("state.connected", "Things", connected)
	case connected == "":
		return r.print.Plural("assets.sum.waiting", int64(waiting))
	}
	return r.print.Plural("assets.sum.connected_waiting", int64(waiting), "Assets", connected)
}

func (p FacebookAssets) waiting() int {
	return p.total(func(list AssetList) int { return list.inState(onboarding.ItemWaiting) })
}

// Beside explains why Next Step is closed, or what may be done now.
func (p FacebookAssets) Beside(r *Renderer) string {
	switch {
	case p.Sharing:
		return r.Text("assets.beside.sharing")
	case p.NothingSelected:
		return p.TickFirst(r)
	case !p.choosable() && p.Next == "":
		return r.Text("assets.beside.nothing_choosable")
	case p.Next == "", p.chosen() > 0:
		return p.besideTicked(r)
	case p.waiting() > 0:
		return r.Text("assets.beside.next_shows")
	}
	if !p.choosable() {
		return r.Text("assets.beside.all_ticked")
	}
	return r.Text("assets.beside.tick_more")
}

// besideTicked explains it while something is ticked.
func (p FacebookAssets) besideTicked(r *Renderer) string {
	if p.Next == "" {
		return r.Text("assets.beside.opens_later")
	}
	return r.Text("assets.beside.connect_more")
}

// TickFirst asks for a tick: there was none.
func (p FacebookAssets) TickFirst(r *Renderer) string {
	if len(p.More) > 0 {
		return r.Text("assets.beside.tick_first_any")
	}
	return r.Text("assets.beside.tick_first")
}

// choosable reports whether any row can be ticked.
func (p FacebookAssets) choosable() bool {
	for _, list := range p.lists() {
		for i := range list.Assets {
			if list.Assets[i].canBeChosen() {
				return true
			}
		}
	}
	return false
}

// Done says that there is nothing left to press Connect Assets for.
func (p FacebookAssets) Done() bool {
	return p.Next != "" && p.chosen() == 0
}

// Lead is the text for what Facebook wants.
func (p ManualShare) Lead(r *Renderer) string {
	waiting := p.Waiting()
	switch {
	case len(waiting) == 0:
		return r.Text("manual_share.nothing_left")
	case len(p.toWait()) == len(waiting):
		return r.Text("manual_share.your_part_done")
	case len(p.toShare()) == len(waiting) && len(waiting) == 1:
		return r.Text("manual_share.share_one", "Name", waiting[0].Name)
	case len(p.toShare()) == len(waiting):
		return r.Text("manual_share.share_all")
	case len(p.toApprove()) == len(waiting):
		return r.Text("manual_share.approve_all")
	}
	return r.Text("manual_share.mixed")
}

// ShareGroup is one menu of Business settings with what to tick there.
type ShareGroup struct {
	Menu  string
	Names []string
}

// Share are the choices to share by hand, by the menu they are found in.
func (p ManualShare) Share(r *Renderer) []ShareGroup {
	var groups []ShareGroup
	for _, kind := range onboarding.FacebookKinds() {
		var names []string
		for _, choice := range p.toShare() {
			if choice.Kind == kind {
				names = append(names, choice.Name)
			}
		}
		if len(names) > 0 {
			groups = append(groups, ShareGroup{r.catalog.KindTitle(kind), names})
		}
	}
	return groups
}

// switchOn is the id of what names the rights to switch on when sharing by hand.
func (p ManualShare) switchOn() string {
	if p.Asked.Level == onboarding.LevelView {
		return "manual_share.step.switch_on_view"
	}
	return "manual_share.step.switch_on"
}

// Otherwise is the text for what to switch on for kinds that have no such rights; empty:
// all have.
func (p ManualShare) Otherwise(r *Renderer) string {
	for _, choice := range p.toShare() {
		if choice.Kind == onboarding.Dataset || choice.Kind == onboarding.Catalogue {
			if p.Asked.Level == onboarding.LevelView {
				return r.Text("manual_share.step.other_names_view")
			}
			return r.Text("manual_share.step.other_names")
		}
	}
	return ""
}

// Texts are the service's, as the request asks for it.
func (p Leaving) Texts(r *Renderer) catalog.Service { return r.catalog.ServiceFor(p.Asked, p.Service) }

// Things are what is asked for, as in a list.
func (p Leaving) Things(r *Renderer) string { return r.catalog.Things(p.Asked) }

// Purpose is what the access is for.
func (p FacebookAssets) Purpose(r *Renderer) string {
	return r.catalog.ServiceFor(p.Asked, onboarding.Facebook).Purpose
}

// Purpose is what the access is for.
func (p FacebookStart) Purpose(r *Renderer) string {
	return r.catalog.ServiceFor(p.Asked, onboarding.Facebook).Purpose
}

// Approve are the names of what an admin of the client has to approve.
func (p ManualShare) Approve() []string {
	var names []string
	for _, choice := range p.toApprove() {
		names = append(names, choice.Name)
	}
	return names
}

// Note asks a colleague for what is left: who reads the page may not be the one
// who can do it.
func (p ManualShare) Note(r *Renderer) string {
	account := r.Text("manual_share.account", "Business", p.Business, "ID", catalog.GroupDigits(p.BusinessID))
	var notes []string
	for _, left := range []struct {
		code    catalog.FailureCode
		choices []Choice
	}{{catalog.ManualShare, p.toShare()}, {catalog.ApproveInBusiness, p.toApprove()}} {
		var names []string
		for _, choice := range left.choices {
			names = append(names, choice.Name)
		}
		if len(names) > 0 {
			notes = append(notes, r.catalog.Describe(left.code, catalog.Args{
				Agency: p.Company, Asset: r.print.List(names), Other: p.ApproveIn(), Asked: p.Asked,
				Account: account, Service: onboarding.Facebook,
			}).Note)
		}
	}
	return strings.Join(notes, "\n\n")
}

// ApproveIn is the business in which to approve, when it is one and known.
func (p ManualShare) ApproveIn() string {
	in := ""
	for _, choice := range p.toApprove() {
		if in != "" && choice.Other != in {
			return ""
		}
		in = choice.Other
	}
	return in
}

// Others are the sentences about what only waits.
func (p ManualShare) Others(r *Renderer) []string {
	var described []string
	for _, choice := range p.toWait() {
		words := r.catalog.Describe(
			choice.Failure,
			catalog.Args{Agency: p.Company, Asset: choice.Name, Other: choice.Other, Service: onboarding.Facebook},
		)
		described = append(described, sentences(words.Message, words.NextStep))
	}
	return described
}

// StillWaiting is the notice after Look again found that something still
// waits for an approval (F21), or for being shared.
func (p ManualShare) StillWaiting(r *Renderer) *FailureView {
	waiting := p.Waiting()
	if !p.StillWaits || len(waiting) == 0 {
		return nil
	}
	name := waiting[0].Name
	if len(waiting) > 1 {
		name = r.print.Plural("manual_share.several", int64(len(waiting)-1), "Name", name)
	}
	described := r.catalog.Describe(
		catalog.ApprovedElsewhere,
		catalog.Args{Agency: p.Company, Asset: name, Other: p.ApproveIn(), Service: onboarding.Facebook},
	)
	switch {
	case len(p.toApprove()) > 0:
	case len(p.toShare()) > 0:
		described.Explanation = r.Text("manual_share.takes_a_minute")
		described.NextStep = r.Text("manual_share.check_id")
	default: // only time helps; the page says how much
		described.Explanation, described.NextStep = "", ""
	}
	described.Steps, described.Note = nil, ""
	return &FailureView{Failure: described}
}

// Deep is the address of Business settings.
func (p ManualShare) Deep(r *Renderer) string {
	if p.DeepLink != "" {
		return p.DeepLink
	}
	return r.catalog.Describe(catalog.ManualShare, catalog.Args{}).Link.URL
}

// Opens reports whether the row of the service is the open one.
func (p CRMList) Opens(service onboarding.Service) bool {
	return p.Open != nil && p.Open.Service == service
}

// Status is the text for how many accounts the row has.
func (row CRMRow) Status(r *Renderer) string { return accountsStatus(r, row.Accounts) }

// Status is the text for how many accounts there are already.
func (p KeyForm) Status(r *Renderer) string { return accountsStatus(r, p.Accounts) }

// Status is the text for how many accounts there are already.
func (p BeforeForm) Status(r *Renderer) string { return accountsStatus(r, p.Accounts) }

func accountsStatus(r *Renderer, accounts []CRMAccount) string {
	connected := 0
	for _, account := range accounts {
		if account.State == onboarding.ItemConnected {
			connected++
		}
	}
	if connected == 0 {
		return r.Text("state.not_connected")
	}
	kind := accounts[0].Kind
	return r.Text("state.connected", "Things", r.catalog.CountKind(connected, kind))
}

// AccountLabel names what was connected: "Account", "Sheets".
func (p CRMResult) AccountLabel(r *Renderer) string {
	if len(p.Also) > 0 {
		return r.catalog.KindTitle(p.Kind)
	}
	return r.catalog.Kind(p.Kind)
}

// PersonalKey is the advice about whose key it is (F46).
func (p KeyForm) PersonalKey(r *Renderer) string {
	described := r.catalog.Describe(catalog.KeyIsPersonal, catalog.Args{Agency: p.Company, Service: p.Service})
	return sentences(described.Message, described.NextStep)
}

// Hints are the lines below Close. The way out of the usual mistake stands there
// too, unless more is to be said of the account. The account is named above already.
func (p CRMResult) Hints(r *Renderer) []string {
	var hints []string
	mistake := p.Failed == nil
	for _, note := range p.Notes {
		if note.Code != catalog.WhichAccount {
			hints = append(hints, sentences(note.Message, note.Explanation, note.NextStep))
			mistake = mistake && note.Code == catalog.FeatureNotGiven
		}
	}
	if p.Less != "" {
		hints = append(hints, p.Less)
	}
	if mistake {
		service := r.catalog.Service(p.Service)
		hints = append(hints, r.Text("result.wrong_account", "Account", service.Account, "Service", service.Name))
	}
	return hints
}

// AllowedWord is what was allowed.
func (p CRMResult) AllowedWord(r *Renderer) string {
	if p.Allowed != "" {
		return grapheme.Capitalize(p.Allowed)
	}
	return grapheme.Capitalize(r.catalog.Service(p.Service).Level)
}

// Names are what would be skipped.
// Choices are what the page can have said, in the order in which they are offered.
func (p ErrorPage) Choices() []onboarding.PageSaid {
	return []onboarding.PageSaid{
		onboarding.PageSaidUnavailable, onboarding.PageSaidDenied, onboarding.PageSaidLater, onboarding.PageSaidOther,
	}
}

func (p Skip) Names(r *Renderer) string {
	var names []string
	for _, service := range p.Services {
		names = append(names, r.catalog.Service(service).Name)
	}
	return r.catalog.List(names)
}

// Name is the line's first line.
func (l Line) Name(r *Renderer) string {
	if l.Rest {
		return r.Text("skip.rest_of", "Name", l.Title)
	}
	return l.Title
}

// Text is the line's second line.
func (l Line) Text(r *Renderer) string {
	if l.Handed.Address != "" {
		return l.Handed.Text(r)
	}
	if l.Skipped != "" {
		return r.Text("state.skip_reason", "Reason", l.Skipped)
	}
	return l.Detail
}

// Shared reports whether there is access that can be taken back.
func (l Line) Shared() bool {
	return l.Skipped == "" && !l.Missing && l.Handed.Address == "" && l.State == onboarding.ItemConnected
}

// hasShared reports whether the client shared anything themselves: else all was handed over or
// left out.
func (p Done) hasShared() bool {
	return slices.ContainsFunc(p.Lines, func(l Line) bool {
		return l.Skipped == "" && !l.Missing && l.Handed.Address == ""
	})
}

// Title greets the client by name.
func (p Done) Title(r *Renderer) string {
	first := catalog.FirstName(p.Name)
	switch {
	case p.Part && first == "":
		return r.Text("receipt.title_part")
	case p.Part:
		return r.Text("receipt.title_part_named", "Name", first)
	case p.Empty && first == "":
		return r.Text("receipt.title_empty")
	case p.Empty:
		return r.Text("receipt.title_empty_named", "Name", first)
	case first == "":
		return r.Text("receipt.title")
	}
	return r.Text("receipt.title_named", "Name", first)
}

// Lead is the text for what happens now.
func (p Done) Lead(r *Renderer) string {
	if p.Empty {
		return sentences(p.told(r, "receipt.told_empty", "receipt.told_empty_unnamed"), r.Text("receipt.come_back"))
	}
	described := []string{p.told(r, "receipt.told", "receipt.told_unnamed")}
	if p.Part {
		described = []string{p.partLead(r)}
	}
	if p.Waiting {
		described = append(described, r.Text("receipt.waiting"))
	}
	if p.Email.IsOnItsWay() {
		return sentences(append(described, r.Text("receipt.close_inbox"))...)
	}
	return sentences(append(described, r.Text("receipt.close"))...)
}

// told prints a message about the agency, or the one for an agency without a name.
func (p Done) told(r *Renderer, id, unnamed string) string {
	if p.Company == "" {
		return r.Text(unnamed)
	}
	return r.Text(id, "Company", p.Company)
}

// TakeBack are the services that something was shared at.
func (p Done) TakeBack(r *Renderer) []catalog.Service {
	var shared []onboarding.Service
	for _, line := range p.Lines {
		if line.Shared() || line.State == onboarding.ItemWaiting {
			shared = append(shared, line.Service)
		}
	}
	return inOrder(r, shared)
}

// TakeBack are the services the page explains.
func (p Help) TakeBack(r *Renderer) []catalog.Service {
	if p.Services == nil {
		return r.catalog.Services()
	}
	return inOrder(r, p.Services)
}

func inOrder(r *Renderer, services []onboarding.Service) []catalog.Service {
	var found []catalog.Service
	for _, service := range r.catalog.Sort(services) {
		found = append(found, r.catalog.Service(service))
	}
	return found
}

// Question is one of the usual questions with its answer.
type Question struct{ Title, Text string }

// Questions are what clients usually ask.
func (p Help) Questions(r *Renderer) []Question {
	opened := r.catalog.Describe(catalog.LinkPreviewed, catalog.Args{Agency: p.Company})
	return []Question{
		{p.gets(r), r.Text("help.gets.answer")},
		{r.Text("help.who.question"), r.Text("help.who.answer")},
		{r.Text("help.pause.question"), r.Text("help.pause.answer")},
		{r.Text("help.opened.question"), sentences(opened.Message, opened.Explanation, opened.NextStep)},
		{r.Text("help.failing.question"), r.Text("help.failing.answer")},
		{r.Text("help.ask.question"), p.ask(r)},
	}
}

// gets asks what the agency gets.
func (p Help) gets(r *Renderer) string {
	if p.Company == "" {
		return r.Text("help.gets.question_unnamed")
	}
	return r.Text("help.gets.question", "Agency", p.Company)
}

// ask is the text for where to ask.
func (p Help) ask(r *Renderer) string {
	switch {
	case p.ReplyTo == "" && p.Company == "":
		return r.Text("help.ask.answer_unnamed")
	case p.ReplyTo == "":
		return r.Text("help.ask.answer", "Agency", p.Company)
	case p.Company == "":
		return r.Text("help.ask.answer_address_unnamed", "Address", p.ReplyTo)
	}
	return r.Text("help.ask.answer_address", "Address", p.ReplyTo, "Agency", p.Company)
}

// Lead explains why a phone is not enough.
func (p PhoneRefused) Lead(r *Renderer) string {
	described := r.catalog.Describe(catalog.OnAPhone, catalog.Args{When: p.Expires})
	return sentences(described.Message, described.NextStep)
}

// Address is the address as far as it is shown.
func (p Suppress) Address(r *Renderer) string {
	if p.Email == "" {
		return r.Text("neutral.your_address")
	}
	return onboarding.MaskAddress(p.Email)
}

// Read is what is read of an agency's own user.
func (p AgencySignIn) Read(r *Renderer) []string {
	if p.Service == onboarding.Facebook {
		return []string{
			r.Text("agency_sign_in.read_businesses"),
			r.Text("agency_sign_in.read_assets"),
			r.Text("agency_sign_in.read_shared"),
		}
	}
	return r.catalog.Service(p.Service).Read
}

// title names the service and, as far as it is known, the agency.
func (p AgencySignIn) title(r *Renderer, service string) string {
	if p.Agency == "" {
		return r.Text("agency_sign_in.title_unnamed", "Service", service)
	}
	return r.Text("agency_sign_in.title", "Service", service, "Agency", p.Agency)
}

// operator is who a report reaches.
func (p Report) operator(r *Renderer) string { return cmp.Or(p.Operator, r.Text("neutral.operator")) }
