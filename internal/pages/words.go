package pages

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// What follows are the sentences that depend on what a page holds. Templates
// call them; each says its thing once.

// Ahead says which platforms follow.
func (p AboutYou) Ahead(r *Renderer) string {
	var names []string
	for _, service := range p.Services {
		names = append(names, r.catalog.Service(service).Name)
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1 || p.Services[0] != onboarding.Facebook:
		return "Next: " + r.catalog.List(names) + "."
	}
	return "Next: " + names[0] + ". Then " + r.catalog.List(names[1:]) + "."
}

// SoFar says how much of Facebook is connected.
func (p FacebookStart) SoFar(r *Renderer) string {
	if len(p.Choices) == 0 {
		return "Not connected yet"
	}
	return capitalised(adsAndPages(r, p.Choices))
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

// Counted is what stands beside a list's title: how many are ticked, or, when
// none is, what became of those that were.
func (l AssetList) Counted(r *Renderer) string {
	if n := l.Chosen(); n > 0 || l.inState(onboarding.ItemConnected)+l.inState(onboarding.ItemWaiting) == 0 {
		return fmt.Sprintf("%d of %d chosen", n, len(l.Assets))
	}
	return l.rest(r)
}

// rest is how much of a list is connected or waiting; empty: nothing.
func (l AssetList) rest(r *Renderer) string {
	connected, waiting := l.inState(onboarding.ItemConnected), l.inState(onboarding.ItemWaiting)
	switch {
	case connected+waiting == 0:
		return ""
	case waiting == 0:
		return fmt.Sprintf("%d of %d connected", connected, len(l.Assets))
	case connected == 0:
		return fmt.Sprintf("%d of %d waiting", waiting, len(l.Assets))
	}
	return fmt.Sprintf("%d connected, %d waiting", connected, waiting)
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

// Sum says what Connect Assets would share, or what it has shared.
func (p FacebookAssets) Sum(r *Renderer) string {
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
		return "Nothing chosen"
	case waiting == 0:
		return capitalised(connected) + " connected"
	case connected == "":
		return r.print.Plural("assets.waiting", int64(waiting))
	}
	return capitalised(connected) + " connected, " + r.print.Plural("assets.waiting", int64(waiting))
}

func (p FacebookAssets) waiting() int {
	return p.total(func(list AssetList) int { return list.inState(onboarding.ItemWaiting) })
}

// Beside says why Next Step is closed, or what may be done now.
func (p FacebookAssets) Beside(r *Renderer) string {
	switch {
	case p.Sharing:
		return "Facebook is working. This page looks again by itself."
	case p.Nothing:
		return p.TickFirst(r)
	case !p.choosable() && p.Next == "":
		return "Nothing here can be ticked by this user"
	case p.Next == "":
		return "Next Step opens once something is connected"
	case p.chosen() > 0:
		return "Connect these too, or go on"
	case p.waiting() > 0:
		return "Next Step shows what is left to do at Facebook"
	}
	if !p.choosable() {
		return "Nothing is left to tick"
	}
	return "You can tick more, or go on"
}

// TickFirst asks for a tick: there was none.
func (p FacebookAssets) TickFirst(r *Renderer) string {
	if len(p.More) > 0 {
		return "Tick at least one thing to share first."
	}
	return "Tick at least one ad account or Page first."
}

// choosable says whether any row can be ticked.
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

// Lead says what Facebook wants.
func (p ByHand) Lead(r *Renderer) string {
	waiting := p.Waiting()
	switch {
	case len(waiting) == 0:
		return "Nothing is left to do here."
	case len(p.toWait()) == len(waiting):
		return "Your part is done. You can go on."
	case len(p.toShare()) == len(waiting) && len(waiting) == 1:
		return "Facebook wants you to share " + waiting[0].Name + " yourself. It takes two minutes."
	case len(p.toShare()) == len(waiting):
		return "Facebook wants you to share them yourself. It takes two minutes."
	case len(p.toApprove()) == len(waiting):
		return "It is shared. Facebook wants an admin of your Business Manager to approve it."
	}
	return "The rest is done. What is here waits for a hand, or for Facebook."
}

// ShareGroup is one menu of Business settings with what to tick there.
type ShareGroup struct {
	Menu  string
	Names []string
}

// Share are the choices to share by hand, by the menu they are found in.
func (p ByHand) Share(r *Renderer) []ShareGroup {
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

// Switch are the rights to switch on when sharing by hand.
func (p ByHand) Switch() []string {
	if p.Asked.Level == onboarding.LevelView {
		return []string{"Insights"}
	}
	return []string{"Ads", "Insights"}
}

// Otherwise says what to switch on for kinds that have no such rights; empty:
// all have.
func (p ByHand) Otherwise(r *Renderer) string {
	for _, choice := range p.toShare() {
		if choice.Kind == onboarding.Dataset || choice.Kind == onboarding.Catalogue {
			if p.Asked.Level == onboarding.LevelView {
				return "Where Facebook names it otherwise, only what lets a partner see it."
			}
			return "Where Facebook names it otherwise, only what lets a partner use it for ads and see its results."
		}
	}
	return ""
}

// Words are the service's, as the request asks for it.
func (p Leaving) Words(r *Renderer) catalog.Service { return r.catalog.ServiceFor(p.Asked, p.Service) }

// Things are what is asked for, as in a list.
func (p Leaving) Things(r *Renderer) string { return r.catalog.Things(p.Asked) }

// Purpose is what the access is for.
func (p FacebookStart) Purpose(r *Renderer) string {
	return r.catalog.ServiceFor(p.Asked, onboarding.Facebook).Purpose
}

// Approve are the names of what an admin of the client has to approve.
func (p ByHand) Approve() []string {
	var names []string
	for _, choice := range p.toApprove() {
		names = append(names, choice.Name)
	}
	return names
}

// Note asks a colleague for what is left: whoever reads the page may not be
// the one who can.
func (p ByHand) Note(r *Renderer) string {
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
			said := r.catalog.Describe(
				left.code,
				catalog.Args{Agency: p.Company, Asset: r.catalog.List(names), Other: p.ApproveIn(), Asked: p.Asked,
					Account: p.Business + ", id " + catalog.GroupDigits(p.BusinessID), Service: onboarding.Facebook},
			)
			notes = append(notes, said.Note)
		}
	}
	return strings.Join(notes, "\n\n")
}

// ApproveIn is the business in which to approve, when it is one and known.
func (p ByHand) ApproveIn() string {
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
func (p ByHand) Others(r *Renderer) []string {
	var said []string
	for _, choice := range p.toWait() {
		words := r.catalog.Describe(
			choice.Failure,
			catalog.Args{Agency: p.Company, Asset: choice.Name, Other: choice.Other, Service: onboarding.Facebook},
		)
		said = append(said, strings.TrimSpace(words.Message+" "+words.NextStep))
	}
	return said
}

// StillWaiting is the notice after Look again found that something still
// waits for an approval (F21), or for being shared.
func (p ByHand) StillWaiting(r *Renderer) *Trouble {
	waiting := p.Waiting()
	if !p.Stayed || len(waiting) == 0 {
		return nil
	}
	name := waiting[0].Name
	if len(waiting) > 1 {
		name = r.print.Plural("manual_share.several", int64(len(waiting)-1), "Name", name)
	}
	said := r.catalog.Describe(
		catalog.ApprovedElsewhere,
		catalog.Args{Agency: p.Company, Asset: name, Other: p.ApproveIn(), Service: onboarding.Facebook},
	)
	if len(p.toApprove()) == 0 {
		said.Explanation = "It can take a minute until it shows."
		said.NextStep = "Check that the id is right and that the change was saved."
	}
	said.Steps, said.Note = nil, ""
	return &Trouble{Failure: said}
}

// Deep is where Business settings are.
func (p ByHand) Deep(r *Renderer) string {
	if p.DeepLink != "" {
		return p.DeepLink
	}
	return r.catalog.Describe(catalog.ManualShare, catalog.Args{}).Link.URL
}

// Opens says whether the row of the service is the open one.
func (p CRMList) Opens(service onboarding.Service) bool {
	return p.Open != nil && p.Open.Service == service
}

// SoFar says how many accounts the row has.
func (row CRMRow) SoFar(r *Renderer) string { return accountsSoFar(r, row.Accounts) }

// SoFar says how many accounts there are already.
func (p KeyForm) SoFar(r *Renderer) string { return accountsSoFar(r, p.Accounts) }

// SoFar says how many accounts there are already.
func (p BeforeForm) SoFar(r *Renderer) string { return accountsSoFar(r, p.Accounts) }

func accountsSoFar(r *Renderer, accounts []CRMAccount) string {
	connected := 0
	for _, account := range accounts {
		if account.State == onboarding.ItemConnected {
			connected++
		}
	}
	if connected == 0 {
		return "Not connected yet"
	}
	kind := accounts[0].Kind
	return r.catalog.CountKind(connected, kind) + " connected"
}

// AccountLabel names what was connected: "Account", "Sheets".
func (p CRMResult) AccountLabel(r *Renderer) string {
	label := r.catalog.Kind(p.Kind)
	if len(p.Also) > 0 {
		label += "s"
	}
	return label
}

// PersonalKey is the advice about whose key it is (F46).
func (p KeyForm) PersonalKey(r *Renderer) string {
	said := r.catalog.Describe(catalog.KeyIsPersonal, catalog.Args{Agency: p.Company, Service: p.Service})
	return said.Message + " " + said.NextStep
}

// Hints are the lines below Close. The way out of the usual mistake stands there
// too, unless more is to be said of the account. The account is named above already.
func (p CRMResult) Hints(r *Renderer) []string {
	var hints []string
	mistake := p.Failed == nil
	for _, note := range p.Notes {
		if note.Code != catalog.WhichAccount {
			hints = append(hints, strings.Join(strings.Fields(note.Message+" "+note.Explanation+" "+note.NextStep), " "))
			mistake = mistake && note.Code == catalog.FeatureNotGiven
		}
	}
	if mistake {
		hints = append(hints, "Wrong "+r.catalog.Service(p.Service).Account+"? Close, then choose Add to pick another.")
	}
	return hints
}

// AllowedWord is what was allowed.
func (p CRMResult) AllowedWord(r *Renderer) string {
	if p.Allowed != "" {
		return capitalised(p.Allowed)
	}
	return capitalised(r.catalog.Service(p.Service).Level)
}

// Names are what would be skipped.
func (p Skip) Names(r *Renderer) string {
	var names []string
	for _, service := range p.Services {
		names = append(names, r.catalog.Service(service).Name)
	}
	return r.catalog.List(names)
}

// Verb agrees with Names.
func (p Skip) Verb(r *Renderer) string {
	if len(p.Services) == 1 {
		return "is"
	}
	return "are"
}

// Words are a line's second line.
func (l Line) Words(r *Renderer) string {
	if l.Skipped != "" {
		return "You said: “" + l.Skipped + "”"
	}
	return l.Detail
}

// Shared says whether there is access that can be taken back.
func (l Line) Shared() bool {
	return l.Skipped == "" && !l.Missing && l.State == onboarding.ItemConnected
}

// Title greets.
func (p Done) Title(r *Renderer) string {
	first := catalog.FirstName(p.Name)
	if first != "" {
		first = ", " + first
	}
	if p.Empty {
		return "Thank you" + first + ". The link stays open."
	}
	return "Thank you" + first + ". You are done."
}

// Lead says what happens now.
func (p Done) Lead(r *Renderer) string {
	who := p.Company
	if who == "" {
		who = "The agency"
	}
	inbox := " You can close this page."
	if p.Email != "" {
		inbox = " You can close this page; this receipt goes to your inbox too."
	}
	switch {
	case p.Empty:
		return who + " has been told that nothing is connected yet. Come back with the same link whenever you can."
	case p.Waiting:
		return who + " has been told. What waits is looked at again until it arrives." + inbox
	}
	return who + " has been told." + inbox
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
	agency := p.Company
	if agency == "" {
		agency = "the agency"
	}
	opened := r.catalog.Describe(catalog.LinkPreviewed, catalog.Args{Agency: agency})
	who := "Whoever has full control of your ad accounts and Pages at Facebook, and may connect apps at the other " +
		"platforms. Each person can do a part: everybody uses the same link."
	asked := "Answer the email you got. " + capitalised(agency) + " reads it."
	if p.ReplyTo != "" {
		asked = "Write to " + p.ReplyTo + ". " + capitalised(agency) + " reads it."
	}
	return []Question{
		{
			"What does " + agency + " get?",
			"Only what you choose, at the level each page names. Never a password, your billing, or ownership of anything.",
		},
		{"Who at our company should do this?", who},
		{
			"Can I stop and go on later?",
			"Yes. What you connected stays connected. Open the same link again, at the same computer, to go on " +
				"where you stopped.",
		},

		{"Does the link still work after somebody opened it?",
			opened.Message + " " + opened.Explanation + " " + opened.NextStep},
		{"Something does not work", "Each page says why, and who can help. You can always skip a part and say why."},
		{"I still have a question", asked},
	}
}

// Lead says why a phone is not enough.
func (p PhoneRefused) Lead(r *Renderer) string {
	said := r.catalog.Describe(catalog.OnAPhone, catalog.Args{When: p.Expires})
	return said.Message + " " + said.NextStep
}

// Address is the address as far as it is shown.
func (p NotForMe) Address(r *Renderer) string {
	if p.Email == "" {
		return "your address"
	}
	return onboarding.MaskAddress(p.Email)
}

// Read is what is read of an agency's own user.
func (p AgencySignIn) Read(r *Renderer) []string {
	if p.Service == onboarding.Facebook {
		return []string{
			"The Business Managers of this user, and the role in each",
			"The ad accounts and Pages in them",
			"What clients share with them",
		}
	}
	return r.catalog.Service(p.Service).Read
}

// title names the service and, as far as it is known, the agency.
func (p AgencySignIn) title(service string) string {
	return "Connect " + service + " for " + cmp.Or(p.Agency, "your agency")
}

// operator is who a report reaches.
func (p Report) operator(r *Renderer) string { return cmp.Or(p.Operator, "the operator") }

// fixLabel is the label of the link to where a line can still be done.
func (l Line) fixLabel(usual string) string { return cmp.Or(l.FixWord, usual) }
