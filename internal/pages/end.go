package pages

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// EndCard is the one card of an end page: one icon, a few lines, at most one
// button.
type EndCard struct {
	Icon      drawing
	Tone      string // class of the icon: "", toneGood or toneWait
	Title     string
	Lines     []string
	Note      string // to copy for somebody else
	Post      string // where the button posts; empty: see Link
	Link      string // where the button leads; empty as well: there is none
	Label     string
	LabelIcon drawing
	Main      bool         // the button is the main one
	Sent      string       // what the button has done, instead of it
	Receipt   ReceiptEmail // of the client's receipt, below the button
	Reference string
	Contact   string // id of the message with the reply-to address, below the card; empty: none
}

// The classes of an end card's icon.
const (
	toneGood = " end-icon--success"
	toneWait = " end-icon--waiting"
)

// failureCard makes a card of a failure's texts.
func failureCard(icon drawing, tone, contact string, f catalog.Failure) EndCard {
	card := EndCard{Icon: icon, Tone: tone, Title: f.Title, Note: f.Note, Contact: contact}
	for _, line := range []string{f.Message, f.Explanation, f.NextStep} {
		if line != "" {
			card.Lines = append(card.Lines, line)
		}
	}
	return card
}

// Card says that the link has expired.
func (p Expired) Card(r *Renderer) EndCard {
	f := r.catalog.Describe(catalog.LinkExpired, catalog.Args{Agency: p.Company, When: p.On})
	card := EndCard{
		Icon: iconExpired, Title: f.Title, Contact: "end.or_write", Lines: []string{sentences(f.Message, f.Explanation)},
		Receipt: p.Email,
	}
	switch {
	case p.Asked != 0:
		card.Sent = sentences(r.Text("end.asked", "When", r.catalog.DateTime(p.Asked)), r.Text("end.expired.asked"))
	case p.Ask != "":
		card.Lines = append(card.Lines, f.NextStep)
		card.Post, card.Label, card.Main = p.Ask, r.Text("end.expired.ask"), true
	default:
		card.Lines = append(card.Lines, r.Text("end.expired.gone"))
	}
	return card
}

// Card says that the request was withdrawn.
func (p Withdrawn) Card(r *Renderer) EndCard {
	card := failureCard(
		iconUndo,
		"",
		"end.unexpected",
		r.catalog.Describe(catalog.LinkWithdrawn, catalog.Args{Agency: p.Company}),
	)
	card.Receipt = p.Email
	if p.TakeBack != "" {
		card.Link, card.Label = p.TakeBack, r.Text("receipt.take_back")
	}
	return card
}

// Card says who has completed the request.
func (p Completed) Card(r *Renderer) EndCard {
	card := failureCard(
		iconDone,
		toneGood,
		"end.something_missing",
		r.catalog.Describe(catalog.LinkCompleted, catalog.Args{Agency: p.Company, Name: p.By, When: p.At}),
	)
	switch {
	case p.Show != "":
		card.Title, card.Link, card.Label = r.Text("end.completed.yours"), p.Show, r.Text("end.completed.show")
	case p.Email.Ask != "":
		card.Post, card.Label, card.LabelIcon = p.Email.Ask, p.Email.Label(r), iconMail
	case p.Email.IsOnItsWay():
		card.Sent = p.Email.Status(r)
	case p.Email.State == ReceiptLimited:
		card.Lines = append(card.Lines, sentences(p.Email.Status(r), r.Text("receipt.ask_tomorrow")))
	case p.Email.State != "":
		card.Lines = append(card.Lines, p.Email.Status(r))
	}
	return card
}

// Card says that there is a newer link.
func (p OlderLink) Card(r *Renderer) EndCard {
	f := r.catalog.Describe(catalog.LinkSuperseded, catalog.Args{Agency: p.Company, When: p.Newer})
	card := EndCard{
		Icon: iconOn, Title: f.Title, Contact: "end.or_write", Lines: []string{sentences(f.Message, f.Explanation)},
	}
	address := onboarding.MaskAddress(p.Email)
	switch {
	case p.Sent:
		card.Sent = sentences(r.Text("end.superseded.sent", "Address", address), r.Text("end.superseded.look"))
	case p.Limited:
		card.Lines = append(card.Lines, r.Text("end.superseded.limited", "Address", address))
	case p.Send != "":
		card.Lines = append(card.Lines, r.Text("end.superseded.next", "Agency", p.Company, "Address", address))
		card.Post, card.Label, card.LabelIcon, card.Main = p.Send, r.Text("end.superseded.send"), iconMail, true
	case p.Asked != 0:
		card.Sent = sentences(r.Text("end.asked", "When", r.catalog.DateTime(p.Asked)), r.Text("end.superseded.asked"))
	case p.Ask != "":
		card.Lines = append(card.Lines, r.Text("end.superseded.copied", "Agency", p.Company))
		card.Post, card.Label, card.Main = p.Ask, r.Text("end.superseded.ask"), true
	default:
		card.Lines = append(card.Lines, f.NextStep)
	}
	return card
}

// Card says that the agency's links are paused.
func (p Paused) Card(r *Renderer) EndCard {
	paused := r.catalog.Describe(catalog.RequestPaused, catalog.Args{Agency: p.Company})
	return failureCard(iconPause, "", "end.or_write", paused)
}

// Card says that there is nothing at this address.
func (p NotFound) Card(r *Renderer) EndCard {
	return EndCard{Icon: iconSearch, Title: r.Text("end.not_found.title"), Lines: []string{
		r.Text("end.not_found.copy"),
		r.Text("end.not_found.ask"),
	}}
}

// Card says that the relay is not available.
func (p TryLater) Card(r *Renderer) EndCard {
	card := EndCard{
		Icon:      iconClock,
		Tone:      toneWait,
		Title:     r.Text("end.try_later.title"),
		Reference: p.Reference,
		Contact:   "end.if_it_stays",
		Lines: []string{
			r.Text("end.try_later.lead"),
		},
	}
	if p.TooOften {
		card.Title, card.Lines = r.Text("end.try_later.title_too_often"), []string{
			r.Text("end.try_later.lead_too_often"),
		}
	}
	if p.Again != "" {
		card.Link, card.Label, card.Main = p.Again, r.Text("action.try_again"), true
	} else {
		card.Lines = append(card.Lines, r.Text("end.try_later.reload"))
	}
	return card
}

// Card explains why a form was refused.
func (p RefusedPost) Card(r *Renderer) EndCard {
	card := EndCard{
		Icon:    iconShield,
		Tone:    toneWait,
		Title:   r.Text("end.refused_post.title"),
		Contact: "end.or_write",
		Lines: []string{
			r.Text("end.refused_post.why"),
			r.Text("end.refused_post.open"),
		},
	}
	if p.Back != "" {
		card.Link, card.Label, card.Main = p.Back, r.Text("end.refused_post.button"), true
	}
	return card
}

// Card explains how the agency's own sign-in ended.
func (p AgencySignInEnd) Card(r *Renderer) EndCard {
	if p.Failure == nil {
		return EndCard{
			Icon:  iconDone,
			Tone:  toneGood,
			Title: r.Text("result.connected", "Service", r.catalog.Service(p.Service).Name),
			Lines: []string{
				r.Text("agency_sign_in.connected"),
			},
		}
	}
	card := failureCard(iconInfo, toneWait, "", p.Failure.Failure)
	card.Note, card.Reference = "", p.Failure.Reference
	card.Lines = []string{p.Failure.Message, r.Text("agency_sign_in.start_again")}
	return card
}
