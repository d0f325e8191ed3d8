package pages

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// FieldDone is in the form of Repair whose button says that it is done.
const FieldDone = "done"

// Repair is what the link to repair an item opens: what happened, and what to do about it.
type Repair struct {
	Frame
	Client    string
	Service   onboarding.Service
	Kind      onboarding.Kind
	Asset     string
	Detail    string               // its second line; empty: none
	Failure   catalog.Failure      // what happened
	Since     onboarding.Timestamp // when that was found; zero: not known
	Requester string               // who sent the link; empty: not shown
	Post      string               // where the button posts
	ByHand    bool                 // it is done at the platform: the button says that it is
	Partner   *ByHand              // how it is shared by hand; nil: Failure has the steps
}

// Repaired is shown once the client has done their part: the agency's check decides.
type Repaired struct {
	Frame
	Service onboarding.Service
	Kind    onboarding.Kind
	Asset   string
	Waiting bool   // it waits for an approval at the platform
	Again   string // address of this page
	Email   ReceiptEmail
}

// NotRepairable is what the link of a repair shows while something is wrong that the client
// does not mend by connecting or sharing the account again.
type NotRepairable struct {
	Frame
	Asset   string
	Failure catalog.Failure      // the client's; none: the agency has to fix something first
	Again   string               // address of this page
	Expires onboarding.Timestamp // of the link
}

// RepairState is why the link of a repair no longer works.
type RepairState string

// The reasons.
const (
	RepairWorks     RepairState = "works"     // a check has passed
	RepairWithdrawn RepairState = "withdrawn" // by the agency
	RepairExpired   RepairState = "expired"
	RepairOlder     RepairState = "older" // there is a newer one
)

// RepairEnd is what the link of a repair shows that no longer works, with 410.
type RepairEnd struct {
	Frame
	State   RepairState
	Service onboarding.Service
	Kind    onboarding.Kind
	Asset   string
	At      onboarding.Timestamp // when that happened, or when the newer one was made
	Ask     string               // where the client asks for a new link; empty: they cannot
	Asked   onboarding.Timestamp // when they have; zero: not yet
	Email   ReceiptEmail
}

// atPlatform is where the client does it by hand.
func (p Repair) atPlatform(r *Renderer) catalog.Link {
	if p.Partner != nil {
		return r.catalog.Describe(catalog.NamedByClient, catalog.Args{}).Link
	}
	return p.Failure.Link
}

func (p Repair) layout(*Renderer) layout {
	return layout{title: p.Failure.Title, class: "page--raised"}
}

func (p Repaired) layout(r *Renderer) layout {
	return layout{title: p.Card(r).Title, class: centre, refresh: 10, full: true}
}

func (p NotRepairable) layout(r *Renderer) layout {
	return layout{title: p.Card(r).Title, class: centre, full: true}
}

func (p RepairEnd) layout(r *Renderer) layout {
	return layout{title: p.Card(r).Title, class: centre, ends: true, full: true}
}

// Card says that the agency checks it now.
func (p Repaired) Card(r *Renderer) EndCard {
	card := EndCard{
		Icon: iconClock, Tone: toneWait, Title: r.Text("repaired.title", "Asset", p.Asset), Contact: "end.or_write",
		Lines: []string{r.Text("repaired.lead", "Company", p.Company)}, Link: p.Again, Label: r.Text("action.look_again"),
		Receipt: p.Email,
	}
	if p.Waiting {
		card.Title = r.Text("repaired.title_waiting", "Asset", p.Asset)
		card.Lines = []string{r.Text("repaired.lead_waiting", "Company", p.Company)}
	}
	return card
}

// Card says who has to do something first.
func (p NotRepairable) Card(r *Renderer) EndCard {
	if p.Failure.Title != "" {
		card := failureCard(iconInfo, toneWait, "end.or_write", p.Failure)
		card.Link, card.Label = p.Again, r.Text("action.look_again")
		return card
	}
	return EndCard{
		Icon: iconClock, Tone: toneWait, Title: r.Text("not_repairable.title"), Contact: "end.or_write",
		Lines: []string{
			r.Text("not_repairable.lead", "Company", p.Company, "Asset", p.Asset),
			r.Text("not_repairable.link", "Company", p.Company, "When", r.catalog.DateTime(p.Expires)),
		},
	}
}

// Card says why there is nothing to do.
func (p RepairEnd) Card(r *Renderer) EndCard {
	card, when := EndCard{Contact: "end.or_write", Receipt: p.Email}, r.catalog.DateTime(p.At)
	line := ""
	switch p.State {
	case RepairWorks:
		card.Icon, card.Tone, card.Title = iconDone, toneGood, r.Text("repair_end.works")
		line = r.Text("repair_end.works_lead", "Asset", p.Asset, "When", when)
	case RepairWithdrawn:
		card.Icon, card.Title = iconUndo, r.Text("repair_end.withdrawn")
		line = r.Text("repair_end.withdrawn_lead", "Asset", p.Asset, "Company", p.Company, "When", when)
	case RepairExpired:
		card.Icon, card.Title = iconExpired, r.Text("repair_end.expired")
		line = r.Text("repair_end.expired_lead", "Company", p.Company, "When", when)
	case RepairOlder:
		card.Icon, card.Title = iconOn, r.Text("repair_end.older")
		line = r.Text("repair_end.older_lead", "Asset", p.Asset, "Company", p.Company, "When", when)
	}
	card.Lines = []string{line}
	switch {
	case p.Asked != 0:
		card.Sent = sentences(r.Text("end.asked", "When", r.catalog.DateTime(p.Asked)), r.Text("repair_end.asked"))
	case p.Ask != "":
		card.Post, card.Label, card.Main = p.Ask, r.Text("end.expired.ask"), true
	}
	return card
}
