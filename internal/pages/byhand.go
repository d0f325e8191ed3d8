package pages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The fields of ByHand.
const (
	FieldNamed     = "named"
	FieldNamedKind = "kind"
	FieldNext      = "next" // Next Step was pressed: what is typed is added first
)

// ByHand has the client share at Facebook without a sign-in: they add the agency's Business
// Manager as a partner, and name here what they shared.
type ByHand struct {
	Frame
	Business   string // the agency's Business Manager
	BusinessID string // digits; shown in groups of four
	Asked      catalog.Asked
	Choices    []NamedChoice
	Failure    *FailureView    // why the sign-in did not work that led here; nil: none did
	Only       onboarding.Kind // what a repair is about; empty: all that the request asks for
	Kind       onboarding.Kind // as posted, or of what was added or removed last
	Again      bool            // back from Add or Remove: the field has the focus
	Added      bool            // back from Add
	Named      string          // as posted
	Error      string          // beside the field
	Full       bool            // no more can be named
	Post       string          // where Add posts
	SignIn     string          // address of the sign-in at Facebook; empty: the request is by hand
	Skip       string
	Skipped    string // the reason, when it was skipped
	HandOver   string // address of the HandOver page; empty: not offered
	Handed     HandedTo
	Next       string // empty: Next Step is disabled
}

// NamedChoice is one thing that was named or connected.
type NamedChoice struct {
	Choice
	Remove string // where Remove posts; empty: it was found, or is not the client's text
}

func (p ByHand) layout(r *Renderer) layout {
	return layout{title: r.Text("by_hand.title"), class: "page--compact", full: true}
}

// kinds are what the client can name.
func (p ByHand) kinds() []onboarding.Kind {
	if p.Only != "" {
		return []onboarding.Kind{p.Only}
	}
	return append([]onboarding.Kind{onboarding.AdAccount, onboarding.Page}, onboarding.SortKinds(p.Asked.Kinds)...)
}

// step is the id of what to switch on for a kind.
func (p ByHand) step(kind onboarding.Kind) string {
	view := p.Asked.Level == onboarding.LevelView
	switch {
	case kind == onboarding.AdAccount && view:
		return "by_hand.step.ad_account_view"
	case kind == onboarding.AdAccount:
		return "by_hand.step.ad_account"
	case kind == onboarding.Page && view:
		return "by_hand.step.page_view"
	case kind == onboarding.Page:
		return "by_hand.step.page"
	case view:
		return "by_hand.step.extra_view"
	}
	return "by_hand.step.extra"
}

// stepsToDo are the ids of what the client does in Business settings, in its order, each with
// the kind that it is about.
func (p ByHand) stepsToDo() []byHandStep {
	steps := []byHandStep{{id: "by_hand.step.partners"}, {id: "manual_share.step.add"}}
	for _, kind := range p.kinds() {
		steps = append(steps, byHandStep{id: p.step(kind), kind: kind})
	}
	return append(steps, byHandStep{id: "by_hand.step.save"})
}

type byHandStep struct {
	id   string
	kind onboarding.Kind // empty: of none
}

// menu is what Business settings calls the kind.
func (s byHandStep) menu(r *Renderer) string {
	if s.kind == "" {
		return ""
	}
	return r.catalog.KindTitle(s.kind)
}

// Note asks a colleague who has full control of the business portfolio, with all steps.
func (p ByHand) Note(r *Renderer) string {
	lines := []string{r.Text("by_hand.note", "Company", p.Company)}
	plain := strings.NewReplacer("<b>", "", "</b>", "")
	for n, step := range p.stepsToDo() {
		lines = append(lines, fmt.Sprintf("%d. %s", n+1, plain.Replace(r.Text(step.id, "Menu", step.menu(r)))))
	}
	id := r.Text("by_hand.note_id", "Business", p.Business, "ID", catalog.GroupDigits(p.BusinessID))
	return strings.Join(append(lines, id, r.Text("by_hand.note_end")), "\n")
}

// Link is where the client shares.
func (p ByHand) Link(r *Renderer) string {
	return r.catalog.Describe(catalog.NamedByClient, catalog.Args{}).Link.URL
}

// kindChosen is the kind that is ticked.
func (p ByHand) kindChosen() onboarding.Kind {
	if !slices.Contains(p.kinds(), p.Kind) {
		return onboarding.AdAccount
	}
	return p.Kind
}
